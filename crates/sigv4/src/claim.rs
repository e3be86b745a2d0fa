//! Step one of authentication: what a request says of itself, checked in AWS's order as far as that goes without a
//! secret. What comes out is a [`Claim`]; only [`Claim::verify`] makes it true.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::authorization::{self, Dated};
use crate::{Refusal, Request, date, scope};

/// What a signature has to fit.
#[derive(Debug, Clone, Copy)]
pub struct Expectations<'a> {
    /// The signing name of the service that was called, such as `sts`.
    pub service: &'a str,
    /// The operating system's time. Texts about skew speak of this clock.
    pub wall: Timestamp,
    /// The time of the modelled world. A date near either clock is accepted, as a client may run under either.
    pub now: Timestamp,
    /// How the path became part of what was signed.
    pub path: PathRule,
}

/// How a service's signers write the path into the canonical request. The path is encoded a second time either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathRule {
    /// Without `.`, `..` and doubled slashes: IAM, STS, EC2 and nearly everybody.
    #[default]
    Normalised,
    /// As it was sent.
    AsSent,
}

/// The clock that a client signed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The operating system's.
    Wall,
    /// The moved one of the modelled world.
    Now,
}

/// A signature that is complete, timely and meant for this service. Nothing of it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    pub access_key_id: Cow<'a, str>,
    /// The day of the scope, `YYYYMMDD`; it is the day of `signed_at`.
    pub scope_date: Cow<'a, str>,
    /// The region of the scope: any text, `aws-global` among them.
    pub region: Cow<'a, str>,
    /// The service of the scope; it is the expected one.
    pub service: Cow<'a, str>,
    /// The session token, from header or query, signed or not. A token proves itself.
    pub session_token: Option<Cow<'a, str>>,
    pub signed_at: Timestamp,
    /// Which clock the signature date is near; the wall clock when both are as near.
    pub near: Clock,
    /// Whether the signature came in the query.
    pub presigned: bool,
    /// The names that the client says it signed, as sent, joined by `;`.
    pub signed_headers: Cow<'a, str>,
    /// The signature as sent: 64 lower-case hex digits if it is to match.
    pub signature: Cow<'a, str>,
    /// `signed_at` in the spelling that is signed.
    pub(crate) date: String,
    pub(crate) path: PathRule,
}

/// Reads the signature of a request and checks all that needs no secret, in the order in which AWS does: the query's
/// escapes, exactly one form of signature, its parts, a signed host, the date's format and age, and the scope. A
/// presigned request lives for 15 minutes too, whatever its `X-Amz-Expires` says: STS never reads it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
pub fn claim<'a>(request: &Request<'a>, expectations: &Expectations<'_>) -> Result<Claim<'a>, Refusal> {
    let parts = authorization::read(request)?;
    check_host_is_signed(&parts.signed_headers)?;
    let signed_at = signature_date(&parts.date)?;
    let near = date::near(signed_at, expectations)?;
    let scope = scope::parse(&parts.credential)?;
    let date = date::basic(signed_at);
    scope::check(&scope, &date, expectations)?;
    Ok(Claim {
        access_key_id: scope.access_key_id,
        scope_date: scope.date,
        region: scope.region,
        service: scope.service,
        session_token: parts.session_token,
        signed_at,
        near,
        presigned: parts.presigned,
        signed_headers: parts.signed_headers,
        signature: parts.signature,
        date,
        path: expectations.path,
    })
}

fn check_host_is_signed(signed_headers: &str) -> Result<(), Refusal> {
    let is_host = |name: &str| name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case(":authority");
    if signed_headers.split(';').any(is_host) {
        return Ok(());
    }
    let text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    Err(Refusal::SignatureDoesNotMatch(text.to_owned()))
}

fn signature_date(dated: &Dated<'_>) -> Result<Timestamp, Refusal> {
    let (parsed, given) = match dated {
        Dated::Amz(given) => (date::parse_iso(given), given.as_ref()),
        Dated::Http(given) => (date::parse_http(given), *given),
    };
    parsed.ok_or_else(|| {
        Refusal::IncompleteSignature(format!(
            "Date must be in ISO-8601 'basic format'. Got '{given}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ))
    })
}
