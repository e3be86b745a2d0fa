//! The steps of a request: taken over by an identity, passed on for approval, accepted or rejected, and its token released.

use super::*;
use crate::record::{Approver, ApproverIdentity};

service::operations! { Iam;
    AssociateDelegationRequest => write(associate) authorize(by_id),
    UpdateDelegationRequest => write(update) authorize(on_noted),
    AcceptDelegationRequest => write(accept) authorize(by_id),
    RejectDelegationRequest => write(reject) authorize(on_noted),
    SendDelegationToken => write(send) authorize(by_id),
}

/// Seconds that the root user may delegate at most.
const ROOT_SECONDS: i64 = 4 * 3_600;

/// A request's id and notes on it.
#[derive(Debug, Deserialize, Shaped)]
pub struct Noted {
    delegation_request_id: String,
    notes: Option<String>,
}

use DelegationState::{Accepted, Assigned, Finalized, PendingApproval, Rejected, Unassigned};

fn associate(cx: &Cx, tx: &mut Tx, input: &ById) -> Result<Done, ApiError> {
    let mut request = in_state(cx, tx, &input.delegation_request_id, &[Unassigned], "associated")?;
    request.owner = Some(cx.caller.arn());
    request.owner_user_id = Some(cx.caller.user_id());
    request.owner_account = Some(cx.account());
    enter(cx, tx, request, Assigned)
}

fn update(cx: &Cx, tx: &mut Tx, input: &Noted) -> Result<Done, ApiError> {
    let mut request = in_state(cx, tx, &input.delegation_request_id, &[Assigned, PendingApproval], "updated")?;
    if input.notes.is_some() {
        request.notes.clone_from(&input.notes);
    }
    enter(cx, tx, request, PendingApproval)
}

fn accept(cx: &Cx, tx: &mut Tx, input: &ById) -> Result<Done, ApiError> {
    let mut request = in_state(cx, tx, &input.delegation_request_id, &[Assigned, PendingApproval], "accepted")?;
    if cx.caller.is_root() && request.session_duration > ROOT_SECONDS {
        return Err(denied("The root user can accept delegation requests of up to 4 hours only."));
    }
    request.approver = Some(approver(cx)?);
    enter(cx, tx, request, Accepted)
}

fn reject(cx: &Cx, tx: &mut Tx, input: &Noted) -> Result<Done, ApiError> {
    let from = [Assigned, PendingApproval, Accepted];
    let mut request = in_state(cx, tx, &input.delegation_request_id, &from, "rejected")?;
    request.rejection_reason.clone_from(&input.notes);
    enter(cx, tx, request, Rejected)
}

/// The session's time begins now.
fn send(cx: &Cx, tx: &mut Tx, input: &ById) -> Result<Done, ApiError> {
    let request = in_state(cx, tx, &input.delegation_request_id, &[Accepted], "sent")?;
    if request.only_send_by_owner && !is_owner(cx, &request) {
        return Err(denied("Only the owner of this delegation request can send its token."));
    }
    enter(cx, tx, request, Finalized)
}

/// Whether the caller is the one that took the request over, not somebody who has its name now.
fn is_owner(cx: &Cx, request: &DelegationRequest) -> bool {
    match &request.owner_user_id {
        Some(id) => *id == cx.caller.user_id(),
        None => request.owner.as_deref() == Some(&cx.caller.arn()),
    }
}

fn denied(text: &str) -> ApiError {
    ApiError::new("AccessDenied", text)
}

/// A copy of the request, if it is in one of these states.
fn in_state(
    cx: &Cx,
    world: &World,
    id: &str,
    states: &[DelegationState],
    done: &str,
) -> Result<DelegationRequest, ApiError> {
    let request = required(cx, world, id)?;
    if has_expired(&request, cx.now) || !states.contains(&request.state) {
        let state = state_at(&request, cx.now);
        return Err(invalid(format!("The delegation request with id {id} is in state {state} and cannot be {done}.")));
    }
    Ok(DelegationRequest::clone(&request))
}

fn enter(cx: &Cx, tx: &mut Tx, mut request: DelegationRequest, state: DelegationState) -> Result<Done, ApiError> {
    request.updated_at = cx.now_seconds();
    if request.state != state {
        request.state = state;
        request.entered_at = cx.now_seconds();
    }
    request.gone_at = after(expires_at(&request), KEPT);
    tx.put(request);
    Ok(Done {})
}

/// The caller as it is now.
fn approver(cx: &Cx) -> Result<Approver, ApiError> {
    let identity = match &cx.caller.principal {
        Principal::Root => ApproverIdentity::Root,
        Principal::User { id, .. } => ApproverIdentity::User { id: id.clone() },
        Principal::Role { id, session_name, .. } => {
            ApproverIdentity::Role { id: id.clone(), session_name: session_name.clone() }
        }
        _ => return Err(denied("Only the root user, a user or a role can accept a delegation request.")),
    };
    let session = cx.caller.session.as_deref();
    Ok(Approver {
        arn: cx.caller.arn(),
        identity,
        policies: session.map(|session| session.policies.clone()).unwrap_or_default(),
        scope_down: session.map(|session| session.scope_down.clone()).unwrap_or_default(),
        tags: session.map(|session| session.tags.clone()).unwrap_or_default(),
        source_identity: session.and_then(|session| session.source_identity.clone()),
        mfa_at: session.and_then(|session| session.mfa_at),
    })
}

fn on_noted(cx: &Cx, world: &World, input: &Noted) -> Vec<Check> {
    vec![check(cx, world, &input.delegation_request_id)]
}
