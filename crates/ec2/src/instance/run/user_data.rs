//! What may be given as user data: base64 of at most 16 KB. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html>

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use service::prelude::*;

/// Bytes, before base64.
const MOST: usize = 16_384;

/// As lenient as EC2: padding may be missing.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// InvalidParameterValue for what is no base64 or too long.
pub fn check(user_data: Option<&str>) -> Result<(), ApiError> {
    let Some(sent) = user_data else { return Ok(()) };
    // Command line tools wrap base64 at 76 characters.
    let text: Vec<u8> = sent.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = ENGINE
        .decode(text)
        .map_err(|_| ApiError::new("InvalidParameterValue", "Invalid BASE64 encoding of user data."))?;
    if bytes.len() > MOST {
        return Err(ApiError::new("InvalidParameterValue", format!("User data is limited to {MOST} bytes")));
    }
    Ok(())
}
