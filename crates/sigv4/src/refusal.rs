//! Why a request was not believed, with the code and the exact text AWS answers. HTTP statuses and the flattening of
//! all this by EC2 (`AuthFailure`) belong to the table of error codes at the edge.

/// What this side computed for a request whose signature did not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// The canonical request, as the service sees it.
    pub canonical_request: String,
    /// The text whose HMAC the signature should have been.
    pub string_to_sign: String,
}

/// Why a request was refused before anybody asked what it wants.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.code(), self.message(false))]
pub enum Refusal {
    /// Neither an `Authorization` header nor a presigned query.
    MissingAuthenticationToken,
    /// A part of the signature is missing or can't be read; the text says which.
    IncompleteSignature(String),
    /// A percent escape in the query is broken; the text says how.
    MalformedQueryString(String),
    /// Both forms of signature at once; AWS answers this without a text.
    HeaderAndQuery,
    /// The signature is complete, but is not for this service, day or host; the text names every fault.
    SignatureDoesNotMatch(String),
    /// The signature date is more than 15 minutes away from both clocks; the text speaks of the wall clock.
    OutsideTimeWindow(String),
    /// The signature is not the one that the secret makes of this request.
    WrongSignature(Box<Computed>),
}

impl Refusal {
    /// The error code of IAM and STS.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationToken",
            Self::IncompleteSignature(_) => "IncompleteSignature",
            Self::MalformedQueryString(_) => "MalformedQueryString",
            Self::HeaderAndQuery
            | Self::SignatureDoesNotMatch(_)
            | Self::OutsideTimeWindow(_)
            | Self::WrongSignature(_) => "SignatureDoesNotMatch",
        }
    }

    /// AWS's text. With `verbose`, a wrong signature also shows the canonical request and the string to sign, as IAM
    /// and STS once did and other services still do; it helps whoever writes a signer.
    pub fn message(&self, verbose: bool) -> String {
        match self {
            Self::MissingAuthenticationToken => "Request is missing Authentication Token".to_owned(),
            Self::IncompleteSignature(text)
            | Self::MalformedQueryString(text)
            | Self::SignatureDoesNotMatch(text)
            | Self::OutsideTimeWindow(text) => text.clone(),
            Self::HeaderAndQuery => String::new(),
            Self::WrongSignature(computed) if verbose => format!(
                "{WRONG_SIGNATURE}\n\nThe Canonical String for this request should have been\n'{}'\n\n\
                 The String-to-Sign should have been\n'{}'\n",
                computed.canonical_request, computed.string_to_sign
            ),
            Self::WrongSignature(_) => WRONG_SIGNATURE.to_owned(),
        }
    }
}

const WRONG_SIGNATURE: &str = "The request signature we calculated does not match the signature you provided. \
     Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
