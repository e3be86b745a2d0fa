//! GetScopedCredentials: the calling session once more, for somebody who is to do less with it. Who it is stays, with tags, source identity and
//! second factor; a policy narrows what it may do, or it ends earlier, or both.
//!
//! The policy is a layer of its own that must allow whatever else does (`policy::Sets`): neither a resource that names the session nor the next
//! call of this operation gets around it. AWS has had the operation since November 2026; of its errors the codes are known, the words are ours.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getscopedcredentials.html>.

use jiff::SignedDuration;
use service::caller::Session;
use service::prelude::*;

use crate::credentials::{self, Credentials};
use crate::token::{self, Contents, Holder};
use crate::{packed, session_policies};

/// How many policies can narrow one session.
const MOST_POLICIES: usize = 3;

/// GetScopedCredentials' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetScopedCredentials {
    pub policy: Option<String>,
    pub duration_seconds: Option<i64>,
    pub minimum_session_token_size: Option<i64>,
    /// For CloudTrail.
    pub scoped_session_description: Option<String>,
}

/// GetScopedCredentials' answer.
#[derive(Debug, Serialize, Shaped)]
pub struct ScopedCredentials {
    credentials: Credentials,
    session_info: ScopedSession,
    session_token_utilization: i64,
    session_token_size: i64,
    scoped_policies_count: i64,
    source_identity: Option<String>,
}

/// The session's two names, which are the caller's.
#[derive(Debug, Serialize, Shaped)]
pub struct ScopedSession {
    scoped_session_id: String,
    arn: String,
}

/// Something must become less.
pub fn precheck(cx: &Cx, _: &World, input: &GetScopedCredentials) -> Result<(), ApiError> {
    token::must_be_regional(cx)?;
    match (&input.policy, input.duration_seconds) {
        (None, None) => Err(ApiError::validation("At least one of Policy or DurationSeconds must be specified")),
        _ => Ok(()),
    }
}

/// GetScopedCredentials.
pub fn get(cx: &Cx, world: &World, input: &GetScopedCredentials) -> Result<ScopedCredentials, ApiError> {
    let (session, holder) = calling_session(cx)?;
    let expires_at = end(cx, session, input.duration_seconds)?;
    let mut scope_down = session.scope_down.clone();
    if let Some(text) = &input.policy {
        let policies = session_policies::checked(world, cx.account(), Some(text), &[])?;
        packed::percent(&policies, &[])?;
        if scope_down.len() >= MOST_POLICIES {
            let text = format!("The session already has {MOST_POLICIES} scope down policies");
            return Err(ApiError::new("AccessDenied", text));
        }
        scope_down.push(text.clone());
    }
    let scoped_policies_count = i64::try_from(scope_down.len()).unwrap_or(i64::MAX);
    let contents = Contents {
        expires_at,
        policies: session.policies.clone(),
        scope_down,
        tags: session.tags.clone(),
        transitive_tag_keys: session.transitive_tag_keys.clone(),
        source_identity: session.source_identity.clone(),
        mfa_at: session.mfa_at,
        chain_depth: session.chain_depth,
        instance: session.instance.clone(),
        federation: session.federation.clone(),
        trusted_context: session.trusted_context.clone(),
        ..Contents::new(cx.account(), holder, session.kind, cx.now_seconds(), SignedDuration::ZERO)
    };
    let credentials = credentials::issue(cx, world, contents, input.minimum_session_token_size)?;
    Ok(ScopedCredentials {
        session_info: ScopedSession { scoped_session_id: cx.caller.user_id(), arn: cx.caller.arn() },
        session_token_utilization: credentials.token_utilization(),
        session_token_size: credentials.token_size(),
        credentials,
        scoped_policies_count,
        source_identity: session.source_identity.clone(),
    })
}

fn calling_session(cx: &Cx) -> Result<(&Session, Holder), ApiError> {
    cx.caller.session.as_deref().zip(Holder::of(&cx.caller.principal)).ok_or_else(|| {
        let text = "GetScopedCredentials must be called with temporary security credentials";
        ApiError::new("InvalidSubjectCredentials", text)
    })
}

/// When the new credentials end: never after those of the caller.
fn end(cx: &Cx, session: &Session, seconds: Option<i64>) -> Result<Timestamp, ApiError> {
    let Some(seconds) = seconds else { return Ok(session.expires_at) };
    let end = cx.now_seconds().checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    if end > session.expires_at {
        let text = "The requested DurationSeconds exceeds the remaining lifetime of the calling session.";
        return Err(ApiError::new("InsufficientSessionLifetime", text));
    }
    Ok(end)
}
