//! GetSessionToken: temporary credentials for a user or the root user themselves.

use jiff::SignedDuration;
use service::caller::SessionKind;
use service::prelude::*;

use crate::credentials::{self, Credentials};
use crate::mfa;
use crate::token::{self, Contents, Holder};

/// Twelve hours; for the root user one hour, whatever is asked for.
const DEFAULT_SECONDS: i64 = 43_200;
const ROOT_SECONDS: i64 = 3_600;

/// GetSessionToken's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetSessionToken {
    pub duration_seconds: Option<i64>,
    pub serial_number: Option<String>,
    pub token_code: Option<String>,
    pub minimum_session_token_size: Option<i64>,
}

/// GetSessionToken's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct SessionToken {
    pub credentials: Credentials,
    pub session_token_utilization: i64,
    pub session_token_size: i64,
}

/// Only long-term credentials may ask.
pub fn precheck(cx: &Cx, _: &World, _: &GetSessionToken) -> Result<(), ApiError> {
    match cx.caller.session {
        Some(_) => Err(token::session_credentials("GetSessionToken")),
        None => Ok(()),
    }
}

/// GetSessionToken.
pub fn get(cx: &Cx, world: &World, input: &GetSessionToken) -> Result<SessionToken, ApiError> {
    mfa::refuse(input.serial_number.as_deref(), input.token_code.as_deref())?;
    let (holder, most) = match &cx.caller.principal {
        Principal::Root => (Holder::Root, ROOT_SECONDS),
        Principal::User { id, .. } => (Holder::User { id: id.clone() }, i64::MAX),
        _ => return Err(token::session_credentials("GetSessionToken")),
    };
    let seconds = input.duration_seconds.unwrap_or(DEFAULT_SECONDS).min(most);
    let issued_at = cx.now_seconds();
    let contents = Contents {
        account: cx.account(),
        holder,
        kind: SessionKind::SessionToken,
        issued_at,
        expires_at: issued_at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(issued_at),
        policies: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        mfa_at: None,
        chain_depth: 0,
        federation: None,
        instance: None,
        padding: String::new(),
    };
    let credentials = credentials::issue(cx, world, contents, input.minimum_session_token_size)?;
    Ok(SessionToken {
        session_token_utilization: credentials.token_utilization(),
        session_token_size: credentials.token_size(),
        credentials,
    })
}
