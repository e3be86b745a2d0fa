//! The second factor of AssumeRole and GetSessionToken. There are no MFA devices yet, so every code is wrong.

use service::prelude::*;

/// Refuses a serial number and code in AWS's words. AWS looks at them before it asks who is trusted: a wrong code is told as such even when
/// the trust policy wants a second factor.
pub fn refuse(serial: Option<&str>, code: Option<&str>) -> Result<(), ApiError> {
    let message = match (serial, code) {
        (None, None) => return Ok(()),
        (Some(_), Some(_)) => {
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
        }
        _ => "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
    };
    Err(ApiError::new("AccessDenied", message))
}
