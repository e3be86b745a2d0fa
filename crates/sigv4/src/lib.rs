//! AWS Signature Version 4 from the service's side: what does a request claim, and does the signature prove it? Both
//! forms are known, the `Authorization` header and the presigned query. This crate knows no accounts, no HTTP library
//! and no clock: the caller looks the secret up between the two steps, and passes the time in. It does not know
//! SigV4a, nor the signed chunks of S3's streaming uploads. Start reading at [`claim`] (step one, no secret needed),
//! then [`Claim::verify`] (step two); `canonical` holds the text both sides hash.

mod authorization;
mod canonical;
mod claim;
mod date;
mod encoding;
mod key;
mod refusal;
mod scope;
mod sign;
mod verify;

pub use claim::{Claim, Clock, Expectations, PathRule, claim};
pub use key::{Secret, SigningKey, signing_key};
pub use refusal::{Computed, Refusal};
pub use scope::{Scope, peek_scope};
pub use sign::{Signer, presign, sign};

/// The only algorithm understood; it opens the header, is a parameter of the query and the first line that is signed.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The last element of every credential scope.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// What the verifier reads of a request, borrowed from wherever it was received.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method as received, such as `POST`.
    pub method: &'a str,
    /// The path as received, still percent-encoded and not normalised. Empty means `/`.
    pub path: &'a str,
    /// What follows the `?`, still percent-encoded.
    pub query: Option<&'a str>,
    /// Every header line in the order received: the name in any case, the value as raw text. A repeated header is
    /// repeated here. `:authority` of HTTP/2 may stand for `Host`. A value that is no UTF-8 may come with replacement
    /// characters: if it was signed, the signature does not match.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body as received, before any decoding.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The first header of that name, ignoring case, without the white space around its value.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}
