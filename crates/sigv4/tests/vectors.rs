//! Signatures made by others: AWS's own test suite and requests recorded from botocore. Each must be accepted, our
//! texts must be theirs byte by byte, and our signer must make the same signature.
#![cfg(test)] // clippy.toml lets tests unwrap where it sees this

use jiff::Timestamp;
use serde_json::Value;
use sigv4::{Claim, Expectations, PathRule, Refusal, Request, Secret, Signer};

/// One case of a vector file, borrowed from it.
struct Case<'a> {
    name: String,
    path: PathRule,
    token_unsigned: bool,
    secret: Secret,
    at: Timestamp,
    request: Request<'a>,
    canonical_request: Option<&'a str>,
    string_to_sign: Option<&'a str>,
}

fn each_case(file: &str, check: impl Fn(&Case<'_>, &Claim<'_>)) -> usize {
    let document: Value = serde_json::from_str(file).unwrap();
    let cases = document["cases"].as_array().unwrap();
    for case in cases {
        let sent = &case["request"];
        let headers: Vec<(&str, &str)> = sent["headers"].as_array().unwrap().iter().map(header).collect();
        let case = Case {
            name: format!("{} ({})", case["name"].as_str().unwrap(), case["form"].as_str().unwrap()),
            path: if case["normalize"] == true { PathRule::Normalised } else { PathRule::AsSent },
            token_unsigned: case["token_unsigned"] == true,
            secret: Secret::new(case["secret"].as_str().unwrap()),
            at: case["at"].as_str().unwrap().parse().unwrap(),
            request: Request {
                method: sent["method"].as_str().unwrap(),
                path: sent["path"].as_str().unwrap(),
                query: sent["query"].as_str(),
                headers: &headers,
                body: sent["body"].as_str().unwrap().as_bytes(),
            },
            canonical_request: case["canonical_request"].as_str(),
            string_to_sign: case["string_to_sign"].as_str(),
        };
        let scope = sigv4::peek_scope(&case.request).unwrap();
        let expectations = Expectations { service: &scope.service, wall: case.at, now: case.at, path: case.path };
        let claim = sigv4::claim(&case.request, &expectations).unwrap();
        check(&case, &claim);
    }
    cases.len()
}

fn header(pair: &Value) -> (&str, &str) {
    (pair[0].as_str().unwrap(), pair[1].as_str().unwrap())
}

const SUITE: &str = include_str!("vectors.json");
const BOTOCORE: &str = include_str!("botocore.json");

#[test]
fn every_signature_is_accepted() {
    let accept = |case: &Case<'_>, claim: &Claim<'_>| {
        assert_eq!(claim.verify(&case.request, &case.secret), Ok(()), "{}", case.name);
    };
    assert_eq!(each_case(SUITE, accept), 78);
    assert_eq!(each_case(BOTOCORE, accept), 78);
}

#[test]
fn our_texts_are_theirs() {
    let compared = std::cell::Cell::new(0);
    each_case(SUITE, |case, claim| {
        let refused = claim.verify(&case.request, &Secret::new("another")).unwrap_err();
        let Refusal::WrongSignature(computed) = &refused else { panic!("{}: {refused}", case.name) };
        if is_not_comparable(case) {
            return;
        }
        assert_eq!(Some(computed.canonical_request.as_str()), case.canonical_request, "{}", case.name);
        assert_eq!(Some(computed.string_to_sign.as_str()), case.string_to_sign.map(str::trim_end), "{}", case.name);
        compared.set(compared.get() + 1);
    });
    assert_eq!(compared.get(), 76);
}

/// One case of the suite has the canonical request of another day and no string to sign; in another the session token
/// joined the query after signing, which the text shown to the client can't know.
fn is_not_comparable(case: &Case<'_>) -> bool {
    case.string_to_sign.is_none() || case.name == "post-sts-header-after (query)"
}

/// Our signer always sends `X-Amz-Date`, and never leaves the payload open unasked.
const NOT_OUR_WAY: [&str; 2] = ["dated by HTTP (header)", "presigned with an open payload (query)"];

#[test]
fn our_signer_makes_the_same_signature() {
    let same = |case: &Case<'_>, claim: &Claim<'_>| {
        if NOT_OUR_WAY.contains(&case.name.as_str()) {
            return;
        }
        let signer = Signer {
            access_key_id: &claim.access_key_id,
            secret: &case.secret,
            session_token: claim.session_token.as_deref().filter(|_| !case.token_unsigned),
            region: &claim.region,
            service: &claim.service,
            at: claim.signed_at,
            path: case.path,
        };
        assert_eq!(signature_of(&case.request, claim, &signer), claim.signature, "{}", case.name);
    };
    each_case(SUITE, same);
    each_case(BOTOCORE, same);
}

/// Signs anew what was there before the signer came, and returns the signature alone.
fn signature_of(signed: &Request<'_>, claim: &Claim<'_>, signer: &Signer<'_>) -> String {
    let added = ["authorization", "x-amz-date", "x-amz-security-token"];
    let mut headers = signed.headers.to_vec();
    headers.retain(|(name, _)| !added.contains(&name.to_ascii_lowercase().as_str()));
    headers.retain(|(name, _)| claim.signed_headers.split(';').any(|signed| name.eq_ignore_ascii_case(signed)));
    if !claim.presigned {
        let headers = sigv4::sign(&Request { headers: &headers, ..*signed }, signer);
        return headers.last().unwrap().1.rsplit_once('=').unwrap().1.to_owned();
    }
    let ours = |pair: &&str| !pair.starts_with("X-Amz-");
    let query = signed.query.unwrap().split('&').filter(ours).collect::<Vec<_>>().join("&");
    let unsigned = Request { headers: &headers, query: Some(&query), ..*signed };
    sigv4::presign(&unsigned, signer, 3600).rsplit_once('=').unwrap().1.to_owned()
}
