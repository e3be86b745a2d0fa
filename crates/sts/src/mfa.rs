//! The second factor of AssumeRole and GetSessionToken: the code of a device that the caller, a user or the root user, has enabled.
//!
//! AWS looks at it before it asks who is trusted: a wrong code is told as such even when the trust policy wants a second factor. When a code
//! is good is said by [`iam::mfa::verify`]; here are AWS's words, and what a session gets from it.

use iam::mfa::verify::{self, Refused};
use service::caller::SessionKind;
use service::prelude::*;

/// The two parameters, as they came.
#[derive(Clone, Copy)]
pub struct Factor<'a> {
    pub serial: Option<&'a str>,
    pub code: Option<&'a str>,
}

impl Factor<'_> {
    /// Whether a code is given and so will be spent.
    pub fn is_given(self) -> bool {
        self.serial.is_some() && self.code.is_some()
    }

    /// Refuses a code that is not good now.
    pub fn check(self, cx: &Cx, world: &World) -> Result<(), ApiError> {
        match (self.serial, self.code) {
            (None, None) => Ok(()),
            (Some(serial), Some(code)) => verify::check(cx, world, serial, code).map_err(refusal),
            _ => Err(denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            )),
        }
    }

    /// The same, and the code is not good again.
    pub fn spend(self, cx: &Cx, tx: &mut Tx) -> Result<(), ApiError> {
        match (self.serial, self.code) {
            (Some(serial), Some(code)) => verify::spend(cx, tx, serial, code).map_err(refusal),
            _ => Ok(()),
        }
    }

    /// When the session that is issued was authenticated so: now, by a code, or when the user's own session was. Role chaining loses it.
    pub fn time(self, cx: &Cx) -> Option<Timestamp> {
        if self.is_given() {
            return Some(cx.now_seconds());
        }
        let session = cx.caller.session.as_ref().filter(|session| session.kind == SessionKind::SessionToken)?;
        session.mfa_at
    }
}

fn refusal(refused: Refused) -> ApiError {
    denied(match refused {
        Refused::NoDevice => {
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
        }
        // AWS's text ends in a space.
        Refused::WrongCode => "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    })
}

fn denied(message: &str) -> ApiError {
    ApiError::new("AccessDenied", message)
}
