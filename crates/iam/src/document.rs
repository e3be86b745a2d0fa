//! Policy documents on their way in: AWS's checks and texts; and on their way out: URL-encoded.

use service::PolicyText;
use service::prelude::*;

/// Everything but the unreserved characters of RFC 3986 is encoded, as IAM does.
const ENCODED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `MalformedPolicyDocument`.
pub fn malformed(malformed: policy::Malformed) -> ApiError {
    ApiError::new("MalformedPolicyDocument", malformed.message).because(malformed.detail)
}

/// An identity policy, checked and parsed.
pub fn identity(cx: &Cx, text: &str) -> Result<PolicyText, ApiError> {
    policy::validate_in(text, policy::Kind::Identity, cx.partition())
        .map(|document| PolicyText::parsed(text, document))
        .map_err(malformed)
}

/// The text as answers carry it.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, ENCODED).to_string()
}
