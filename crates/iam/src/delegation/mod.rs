//! Temporary delegation: an account (a partner of AWS, say) asks for permissions in another for some hours, somebody there takes the request
//! over, approves it, and releases a token that the asking account trades for credentials (sts:GetDelegatedAccessToken).
//!
//! `create` makes a request out of a registered policy template, `steps` takes it through its states, `read` shows it, `summary` puts it in
//! words, [`trade_in`] makes and opens the token. AWS documents the operations, the states and how long each lasts; it does not publish what
//! partners register, so templates come through the admin API, and as there is no SNS here, so does the token. Error texts of this module are
//! ours. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html>.

mod create;
mod permission_check;
mod read;
mod steps;
mod summary;
pub mod trade_in;

use std::sync::Arc;

use jiff::SignedDuration;
use service::caller::SessionKind;
use service::check::ResourcePolicy;
use service::prelude::*;

use crate::entity::missing;
use crate::record::{DelegationRequest, DelegationState};

/// All operations on delegation requests.
pub fn operations() -> Vec<Operation> {
    [create::operations(), steps::operations(), read::operations(), summary::operations()]
        .into_iter()
        .flatten()
        .collect()
}

/// The condition key with the owner's ARN.
const OWNER_KEY: &str = "iam:DelegationRequestOwner";
/// How long a request can still be looked at once it has expired; AWS says "a retention period".
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A request's id.
#[derive(Debug, Deserialize, Shaped)]
pub struct ById {
    delegation_request_id: String,
}

/// How long a request stays in a state before it expires.
fn lasting(state: DelegationState) -> SignedDuration {
    match state {
        DelegationState::Unassigned => SignedDuration::from_hours(24),
        _ => SignedDuration::from_hours(7 * 24),
    }
}

/// When the request expires, unless something becomes of it.
pub fn expires_at(request: &DelegationRequest) -> Timestamp {
    after(request.entered_at, lasting(request.state))
}

/// Whether nothing can become of it any more.
pub fn has_expired(request: &DelegationRequest, now: Timestamp) -> bool {
    now >= expires_at(request)
}

fn after(moment: Timestamp, lasting: SignedDuration) -> Timestamp {
    moment.checked_add(lasting).unwrap_or(moment)
}

/// The state as answers name it.
pub fn state_at(request: &DelegationRequest, now: Timestamp) -> &'static str {
    if has_expired(request, now) {
        return "EXPIRED";
    }
    match request.state {
        DelegationState::Unassigned => "UNASSIGNED",
        DelegationState::Assigned => "ASSIGNED",
        DelegationState::PendingApproval => "PENDING_APPROVAL",
        DelegationState::Accepted => "ACCEPTED",
        DelegationState::Finalized => "FINALIZED",
        DelegationState::Rejected => "REJECTED",
    }
}

/// The request as the caller's account may know it: one without an owner account is anybody's, others are their owner account's.
fn visible(cx: &Cx, world: &World, id: &str) -> Option<Arc<DelegationRequest>> {
    let request = world.get::<DelegationRequest>(&[id])?;
    request.owner_account.is_none_or(|owner| owner == cx.account()).then(|| request.clone())
}

fn required(cx: &Cx, world: &World, id: &str) -> Result<Arc<DelegationRequest>, ApiError> {
    visible(cx, world, id).ok_or_else(|| missing(format!("The delegation request with id {id} cannot be found.")))
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", text)
}

/// `arn:aws:iam::ACCOUNT:delegation-request/ID`, in the caller's account.
fn arn(cx: &Cx, id: &str) -> String {
    service::arn::iam(cx.partition(), cx.account(), "delegation-request", "/", id)
}

/// What the owner of a request may do with it without any policy.
const OWNERS: [&str; 3] = ["iam:GetDelegationRequest", "iam:GetHumanReadableSummary", "iam:UpdateDelegationRequest"];

/// The check of an operation on a request; its owner has a default permission for some.
fn check(cx: &Cx, world: &World, id: &str) -> Check {
    let check = Check::on(arn(cx, id));
    // Who holds delegated credentials is not the owner, though the session is the owner's.
    let delegated = cx.caller.session.as_ref().is_some_and(|session| session.kind == SessionKind::Delegation);
    let visible = visible(cx, world, id);
    match visible.as_ref().and_then(|request| Some((request.owner.as_deref()?, request.owner_user_id.as_deref()))) {
        Some((owner, user_id)) => {
            let policy = if delegated { None } else { default_permission(owner, user_id) };
            let check = check.key(OWNER_KEY, owner);
            policy.into_iter().fold(check, Check::resource_policy)
        }
        None => check,
    }
}

/// For the ARN, as long as the one that took the request over has it.
fn default_permission(owner: &str, user_id: Option<&str>) -> Option<ResourcePolicy> {
    let same = user_id.map_or_else(|| serde_json::json!({}), |id| serde_json::json!({"aws:userid": id}));
    let condition = serde_json::json!({"StringEquals": same});
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": owner}, "Action": OWNERS, "Resource": "*", "Condition": condition},
    });
    let document = Arc::new(policy::Document::parse(&text.to_string()).ok()?);
    Some(ResourcePolicy { document, is_trust: false })
}

fn by_id(cx: &Cx, world: &World, input: &ById) -> Vec<Check> {
    vec![check(cx, world, &input.delegation_request_id)]
}

#[cfg(test)]
mod tests;
