//! GetSessionToken: temporary credentials for a user or the root user themselves.

use jiff::SignedDuration;
use service::caller::SessionKind;
use service::prelude::*;

use crate::credentials::{self, Credentials};
use crate::mfa::Factor;
use crate::token::{self, Contents, Holder};

/// Twelve hours; for the root user one hour, whatever is asked for. GetFederationToken has the same.
pub(crate) const DEFAULT_SECONDS: i64 = 43_200;
pub(crate) const ROOT_SECONDS: i64 = 3_600;

/// GetSessionToken's input.
#[derive(Deserialize, Shaped)]
pub struct GetSessionToken {
    pub duration_seconds: Option<i64>,
    pub serial_number: Option<String>,
    pub token_code: Option<String>,
    pub minimum_session_token_size: Option<i64>,
}

/// Codes never show.
impl std::fmt::Debug for GetSessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GetSessionToken").field("duration_seconds", &self.duration_seconds).finish_non_exhaustive()
    }
}

impl GetSessionToken {
    fn factor(&self) -> Factor<'_> {
        Factor { serial: self.serial_number.as_deref(), code: self.token_code.as_deref() }
    }

    /// Whether a code is to be remembered as used.
    pub fn spends_code(&self) -> bool {
        self.factor().is_given()
    }
}

/// GetSessionToken's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct SessionToken {
    pub credentials: Credentials,
    pub session_token_utilization: i64,
    pub session_token_size: i64,
}

/// Only long-term credentials may ask; a code must be good.
pub fn precheck(cx: &Cx, world: &World, input: &GetSessionToken) -> Result<(), ApiError> {
    match cx.caller.session {
        Some(_) => Err(token::session_credentials("GetSessionToken")),
        None => input.factor().check(cx, world),
    }
}

/// GetSessionToken with a second factor.
pub fn get_with_code(cx: &Cx, tx: &mut Tx, input: &GetSessionToken) -> Result<SessionToken, ApiError> {
    input.factor().spend(cx, tx)?;
    get(cx, tx, input)
}

/// GetSessionToken.
pub fn get(cx: &Cx, world: &World, input: &GetSessionToken) -> Result<SessionToken, ApiError> {
    let (holder, most) = match &cx.caller.principal {
        Principal::Root => (Holder::Root, ROOT_SECONDS),
        Principal::User { id, .. } => (Holder::User { id: id.clone() }, i64::MAX),
        _ => return Err(token::session_credentials("GetSessionToken")),
    };
    let seconds = input.duration_seconds.unwrap_or(DEFAULT_SECONDS).min(most);
    let issued_at = cx.now_seconds();
    let contents = Contents {
        mfa_at: input.factor().time(cx),
        ..Contents::new(cx.account(), holder, SessionKind::SessionToken, issued_at, SignedDuration::from_secs(seconds))
    };
    let credentials = credentials::issue(cx, world, contents, input.minimum_session_token_size)?;
    Ok(SessionToken {
        session_token_utilization: credentials.token_utilization(),
        session_token_size: credentials.token_size(),
        credentials,
    })
}
