//! How long people stay signed in to AWS's console: a setting that login profiles and roles have alike. Signing in is not part of the API, so here it is
//! kept and told. The words of its refusal are ours.

use service::prelude::*;

/// The setting after an update: what is given, nothing after a reset, else what it was.
pub fn updated(held: Option<i64>, given: Option<i64>, reset: bool) -> Result<Option<i64>, ApiError> {
    match (given, reset) {
        (Some(_), true) => {
            let text =
                "MaxSigninSessionDuration and ResetMaxSigninSessionDuration cannot be specified in the same request.";
            Err(ApiError::new("InvalidInput", text))
        }
        (None, true) => Ok(None),
        (given, false) => Ok(given.or(held)),
    }
}
