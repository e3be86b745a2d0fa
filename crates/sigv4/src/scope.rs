//! The credential scope: who signs, for which day, region and service. [`peek_scope`] reads it without judging
//! anything, so that a server can route a request before it authenticates it.

use std::borrow::Cow;

use crate::{ALGORITHM, Expectations, Refusal, Request, TERMINATOR, encoding};

/// The elements of a credential, as claimed and not yet proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope<'a> {
    pub access_key_id: Cow<'a, str>,
    /// `YYYYMMDD`.
    pub date: Cow<'a, str>,
    pub region: Cow<'a, str>,
    pub service: Cow<'a, str>,
    pub(crate) terminator: Cow<'a, str>,
}

/// The credential scope that a request names, whichever form it is signed in. Nothing is verified: None means that no
/// readable scope is there, and [`crate::claim`] says what is wrong.
pub fn peek_scope<'a>(request: &Request<'a>) -> Option<Scope<'a>> {
    let credential = match request.header("authorization") {
        Some(header) => Cow::Borrowed(credential_of(header)?),
        None => {
            let mut pairs = encoding::pairs(request.query?);
            encoding::decode(pairs.find(|(name, _)| *name == "X-Amz-Credential")?.1)
        }
    };
    split(&credential)
}

fn credential_of(header: &str) -> Option<&str> {
    let parts = header.strip_prefix(ALGORITHM)?;
    parts.split(',').find_map(|part| part.trim().strip_prefix("Credential=")).map(str::trim)
}

/// Takes `keyid/date/region/service/term` apart.
pub(crate) fn split<'a>(credential: &Cow<'a, str>) -> Option<Scope<'a>> {
    match credential {
        Cow::Borrowed(text) => elements(text).map(|all| all.map(Cow::Borrowed)),
        Cow::Owned(text) => elements(text).map(|all| all.map(|element| Cow::Owned(element.to_owned()))),
    }
    .map(|[access_key_id, date, region, service, terminator]| Scope {
        access_key_id,
        date,
        region,
        service,
        terminator,
    })
}

fn elements(credential: &str) -> Option<[&str; 5]> {
    let mut elements = credential.split('/');
    let mut next = || elements.next();
    let all = [next()?, next()?, next()?, next()?, next()?];
    elements.next().is_none().then_some(all)
}

/// Reads the credential, or refuses what has not five elements.
pub(crate) fn parse<'a>(credential: &Cow<'a, str>) -> Result<Scope<'a>, Refusal> {
    split(credential).ok_or_else(|| {
        Refusal::IncompleteSignature(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
        ))
    })
}

/// Refuses a scope for another service, with another end or of another day than the request's own date (`signed`, in
/// the basic spelling), naming all the faults at once. Every region is accepted: clients of a custom endpoint sign
/// with their own, or with `aws-global`.
pub(crate) fn check(scope: &Scope<'_>, signed: &str, expectations: &Expectations<'_>) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    if scope.service != expectations.service {
        faults.push(format!("Credential should be scoped to correct service: '{}'.", expectations.service));
    }
    if scope.terminator != TERMINATOR {
        let given = &scope.terminator;
        faults.push(format!("Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{given}'."));
    }
    let day = signed.get(..8).unwrap_or(signed);
    if scope.date != day {
        faults.push(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '{}' != '{day}', from '{signed}'.",
            scope.date
        ));
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::SignatureDoesNotMatch(faults.join(" "))) }
}
