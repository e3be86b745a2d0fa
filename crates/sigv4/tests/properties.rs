//! For any request: what our signer signs is accepted, any change to what was signed is refused, and no text whatever
//! makes the verifier panic.
#![cfg(test)] // clippy.toml lets tests unwrap where it sees this

use jiff::Timestamp;
use proptest::prelude::*;
use sigv4::{Expectations, PathRule, Refusal, Request, Secret, Signer};

/// A request that owns its parts, so that it can be changed.
#[derive(Debug, Clone)]
struct Sent {
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Sent {
    /// Hands the request to `see` in the borrowed form.
    fn seen<T>(&self, see: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let query = self.query.as_deref();
        see(&Request { method: &self.method, path: &self.path, query, headers: &headers, body: &self.body })
    }

    fn signed(mut self, token: Option<&str>, presigned: bool) -> Self {
        let secret = secret();
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            secret: &secret,
            session_token: token,
            region: "eu-west-1",
            service: "iam",
            at: at(),
            path: PathRule::Normalised,
        };
        if presigned {
            self.query = Some(self.seen(|request| sigv4::presign(request, &signer, 900)));
        } else {
            let added = self.seen(|request| sigv4::sign(request, &signer));
            self.headers.extend(added.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        self
    }

    fn answer(&self) -> Result<(), Refusal> {
        let expectations = Expectations { service: "iam", wall: at(), now: at(), path: PathRule::Normalised };
        self.seen(|request| sigv4::claim(request, &expectations)?.verify(request, &secret()))
    }
}

fn at() -> Timestamp {
    "2026-12-31T23:59:59Z".parse().unwrap()
}

fn secret() -> Secret {
    Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

prop_compose! {
    fn unsigned()(
        method in "GET|POST",
        path in "(/[a-zA-Z0-9._~ %é:@-]{0,6}){0,4}/?",
        query in proptest::option::of("([a-zA-Z.é+]{1,5}(=([a-z=/+*é ]|%2F|%e1|%C3%A9){0,5})?&?){0,4}"),
        own in proptest::collection::vec(("[Xx]-[a-cA-C]", "[ a-z\",;=é\t]{0,10}"), 0..5),
        body in proptest::collection::vec(any::<u8>(), 0..40),
    ) -> Sent {
        let mut headers = vec![("Host".to_owned(), "localhost:4566".to_owned())];
        headers.extend(own);
        Sent { method, path, query, headers, body }
    }
}

/// The ways in which a signed request is changed: each takes where, and returns None if there is nothing to change.
type Change = fn(&mut Sent, usize) -> Option<()>;

const CHANGES: [(&str, Change); 7] = [
    ("a byte of the body", |sent, place| {
        let place = place.checked_rem(sent.body.len())?;
        sent.body[place] ^= 1;
        Some(())
    }),
    ("one more byte in the body", |sent, _| {
        sent.body.push(b'&');
        Some(())
    }),
    ("the method", |sent, _| {
        sent.method = if sent.method == "GET" { "POST" } else { "GET" }.to_owned();
        Some(())
    }),
    ("the path", |sent, _| {
        sent.path.push_str("/x");
        Some(())
    }),
    ("the query", |sent, _| {
        sent.query = Some(format!("x=1&{}", sent.query.as_deref().unwrap_or_default()));
        Some(())
    }),
    ("a character of a signed header", |sent, place| {
        change_letter(&mut sent.headers, place, |name| name != "Authorization")
    }),
    ("a character of the signature", |sent, place| match &mut sent.query {
        Some(query) if query.contains("X-Amz-Signature=") => change_digit(query, place),
        _ => change_digit(&mut sent.headers.last_mut()?.1, place),
    }),
];

/// Changes a letter or digit of one of the header values into another letter.
fn change_letter(headers: &mut [(String, String)], place: usize, which: fn(&str) -> bool) -> Option<()> {
    let mut values: Vec<&mut String> =
        headers.iter_mut().filter(|(name, _)| which(name)).map(|(_, value)| value).collect();
    let chosen = place.checked_rem(values.len())?;
    let value = &mut values[chosen];
    let letters: Vec<usize> = value.match_indices(|c: char| c.is_ascii_alphanumeric()).map(|(at, _)| at).collect();
    let letter = letters[(place / 7).checked_rem(letters.len())?];
    let other = if &value[letter..=letter] == "q" { "z" } else { "q" };
    value.replace_range(letter..=letter, other);
    Some(())
}

/// Changes one of the 64 digits at the end, to another digit or to its other case.
fn change_digit(text: &mut String, place: usize) -> Option<()> {
    let digit = text.len() - 64 + place % 64;
    let old = text[digit..=digit].to_owned();
    let upper = old.to_uppercase();
    let other = if upper != old {
        upper
    } else if old == "0" {
        "1".to_owned()
    } else {
        "0".to_owned()
    };
    text.replace_range(digit..=digit, &other);
    Some(())
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted(sent in unsigned(), token in proptest::option::of("[a-zA-Z0-9/+=]{1,60}"), presigned: bool) {
        prop_assert_eq!(sent.signed(token.as_deref(), presigned).answer(), Ok(()));
    }

    #[test]
    fn what_was_changed_is_refused(sent in unsigned(), presigned: bool, which in 0..CHANGES.len(), place: usize) {
        let mut changed = sent.signed(Some("token"), presigned);
        let (name, change) = CHANGES[which];
        prop_assume!(change(&mut changed, place).is_some());
        prop_assert!(changed.answer().is_err(), "{} was changed: {:?}", name, changed);
    }

    #[test]
    fn no_text_panics(
        method in any::<String>(),
        path in any::<String>(),
        query in proptest::option::of("(X-Amz-(Algorithm=AWS4-HMAC-SHA256|Credential=.{0,9}|Date=.{0,9}|SignedHeaders=host|Signature=.{0,5}|Security-Token=)&|\\PC|%){0,9}"),
        authorization in proptest::option::of("(AWS4-HMAC-SHA256 )?(Credential=a/20261231/c/iam/aws4_request,|SignedHeaders=host;[a:;é]*,|Signature=[0-9a-fé]{0,64},|\\PC){0,5}"),
        date in proptest::option::of("20261231T235959Z|[0-9]{8}T[0-9]{6}Z|[0-9é]{8}T[0-9é]{6}Z|\\PC*"),
        others in proptest::collection::vec((any::<String>(), any::<String>()), 0..3),
        body in proptest::collection::vec(any::<u8>(), 0..10),
    ) {
        let mut headers = others;
        headers.extend(authorization.map(|value| ("Authorization".to_owned(), value)));
        headers.extend(date.map(|value| ("X-Amz-Date".to_owned(), value)));
        let sent = Sent { method, path, query, headers, body };
        sent.seen(|request| sigv4::peek_scope(request).is_some());
        prop_assert!(sent.answer().is_err());
    }
}
