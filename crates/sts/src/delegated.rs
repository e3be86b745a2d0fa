//! GetDelegatedAccessToken: the account that asked for a delegation trades the token that was released to it for credentials.
//!
//! The session is the approver's own, as it was when it accepted, and limited to the policy of the request. It lasts until the delegation ends,
//! whose time began when the token was released. That AWS's sessions work so is documented, its error texts are not.

use iam::delegation::trade_in;
use iam::record::{Approver, ApproverIdentity, DelegationRequest};
use jiff::SignedDuration;
use service::caller::{SessionKind, SessionPolicies};
use service::prelude::*;

use crate::credentials::{self, Credentials};
use crate::packed;
use crate::token::{Contents, Holder};

/// GetDelegatedAccessToken's input.
#[derive(Deserialize, Shaped)]
pub struct GetDelegatedAccessToken {
    trade_in_token: String,
}

/// The token is as good as credentials.
impl std::fmt::Debug for GetDelegatedAccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GetDelegatedAccessToken").finish_non_exhaustive()
    }
}

/// GetDelegatedAccessToken's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct DelegatedAccessToken {
    credentials: Credentials,
    /// AWS stopped filling it in.
    packed_policy_size: Option<i64>,
    assumed_principal: String,
}

/// GetDelegatedAccessToken.
pub fn get(cx: &Cx, world: &World, input: &GetDelegatedAccessToken) -> Result<DelegatedAccessToken, ApiError> {
    let request = trade_in::open(world, &input.trade_in_token)
        .filter(|request| request.requestor == cx.account())
        .ok_or_else(|| ApiError::validation("The trade-in token is invalid."))?;
    let ends_at = trade_in::ends_at(&request);
    if cx.now >= ends_at {
        return Err(ApiError::new("ExpiredTradeInTokenException", "The trade-in token has expired."));
    }
    let (Some(approver), Some(owner)) = (&request.approver, request.owner_account) else {
        return Err(ApiError::internal("a finalized delegation request has no approver"));
    };
    let layer = SessionPolicies { inline: Some(request.policy.text().to_owned()), managed: Vec::new() };
    packed::percent(&layer, &approver.tags)?;
    let contents = Contents {
        expires_at: ends_at,
        policies: approver.policies.iter().cloned().chain([layer]).collect(),
        scope_down: approver.scope_down.clone(),
        tags: approver.tags.clone(),
        source_identity: approver.source_identity.clone(),
        mfa_at: approver.mfa_at,
        chain_depth: depth(&request),
        ..Contents::new(owner, holder(approver), SessionKind::Delegation, cx.now_seconds(), SignedDuration::ZERO)
    };
    let credentials = credentials::issue(cx, world, contents, None)?;
    Ok(DelegatedAccessToken { credentials, packed_policy_size: None, assumed_principal: approver.arn.clone() })
}

fn holder(approver: &Approver) -> Holder {
    match &approver.identity {
        ApproverIdentity::Root => Holder::Root,
        ApproverIdentity::User { id } => Holder::User { id: id.clone() },
        ApproverIdentity::Role { id, session_name } => {
            Holder::Role { id: id.clone(), session_name: session_name.clone() }
        }
    }
}

/// A role that the session of a role assumes is chained.
fn depth(request: &DelegationRequest) -> u8 {
    let identity = request.approver.as_ref().map(|approver| &approver.identity);
    u8::from(matches!(identity, Some(ApproverIdentity::Role { .. })))
}
