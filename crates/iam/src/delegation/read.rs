//! Looking at requests.

use service::arn::Arn;
use service::paging;

use super::create::{Parameter, Permissions};
use super::*;
use crate::entity;

service::operations! { Iam;
    GetDelegationRequest => read(get) authorize(to_get),
    ListDelegationRequests => read(list) authorize(to_list) scan(),
}

/// GetDelegationRequest's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct Get {
    delegation_request_id: String,
    delegation_permission_check: Option<bool>,
}

/// One request, and whether the caller could grant what it asks for.
#[derive(Debug, Serialize, Shaped)]
pub struct Got {
    delegation_request: RequestOut,
    permission_check_status: Option<&'static str>,
    permission_check_result: Option<&'static str>,
}

/// ListDelegationRequests' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct List {
    owner_id: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// A page of requests.
#[derive(Debug, Serialize, Shaped)]
pub struct Listed {
    delegation_requests: Vec<RequestOut>,
    marker: Option<String>,
    is_truncated: bool,
}

/// A request as answers show it.
#[derive(Debug, Serialize, Shaped)]
pub struct RequestOut {
    delegation_request_id: String,
    owner_account_id: Option<AccountId>,
    description: String,
    request_message: Option<String>,
    permissions: Permissions,
    permission_policy: String,
    role_permission_restriction_arns: Vec<String>,
    owner_id: Option<String>,
    approver_id: Option<String>,
    state: &'static str,
    expiration_time: Timestamp,
    requestor_id: AccountId,
    requestor_name: String,
    create_date: Timestamp,
    session_duration: i64,
    redirect_url: Option<String>,
    notes: Option<String>,
    rejection_reason: Option<String>,
    only_send_by_owner: bool,
    updated_time: Timestamp,
}

fn shown(cx: &Cx, request: &DelegationRequest) -> RequestOut {
    let parameters = request.parameters.iter().map(|given| Parameter {
        name: Some(given.name.clone()),
        values: given.values.clone(),
        r#type: Some(given.kind.clone()),
    });
    RequestOut {
        delegation_request_id: request.id.clone(),
        owner_account_id: request.owner_account,
        description: request.description.clone(),
        request_message: request.message.clone(),
        permissions: Permissions {
            policy_template_arn: Some(request.template_arn.clone()),
            parameters: parameters.collect(),
        },
        permission_policy: request.policy.text().to_owned(),
        role_permission_restriction_arns: boundaries(request),
        owner_id: request.owner.clone(),
        approver_id: request.approver.as_ref().map(|approver| approver.arn.clone()),
        state: state_at(request, cx.now),
        expiration_time: expires_at(request),
        requestor_id: request.requestor,
        requestor_name: request.requestor_name.clone(),
        create_date: request.created_at,
        session_duration: request.session_duration,
        redirect_url: request.redirect_url.clone(),
        notes: request.notes.clone(),
        rejection_reason: request.rejection_reason.clone(),
        only_send_by_owner: request.only_send_by_owner,
        updated_time: request.updated_at,
    }
}

/// The boundaries that roles made with these permissions must have: the values of iam:PermissionsBoundary where roles may be created.
fn boundaries(request: &DelegationRequest) -> Vec<String> {
    let document = request.policy.document();
    let statements = document.iter().flat_map(|document| &document.statements);
    let creating = statements.filter(|statement| {
        statement.effect == policy::Effect::Allow
            && statement.actions.as_ref().is_some_and(|actions| actions.covers("iam:CreateRole"))
    });
    let conditions = creating.flat_map(|statement| &statement.conditions);
    let bounding = conditions.filter(|condition| condition.key().eq_ignore_ascii_case(entity::BOUNDARY_KEY));
    let arns: std::collections::BTreeSet<&str> = bounding.flat_map(|condition| condition.values()).collect();
    arns.into_iter().map(str::to_owned).collect()
}

fn get(cx: &Cx, world: &World, input: &Get) -> Result<Got, ApiError> {
    let request = required(cx, world, &input.delegation_request_id)?;
    let result = match input.delegation_permission_check {
        Some(true) => Some(permission_check::result(cx, world, &request)),
        Some(false) | None => None,
    };
    Ok(Got {
        delegation_request: shown(cx, &request),
        // It takes AWS a while; here it is done at once.
        permission_check_status: result.map(|_| "COMPLETE"),
        permission_check_result: result,
    })
}

/// Requests of the caller's account that have an owner, the newest last.
fn list(cx: &Cx, world: &World, input: &List) -> Result<Listed, ApiError> {
    let account = cx.account();
    if let Some(owner) = &input.owner_id {
        must_be_known(cx, world, owner)?;
    }
    let mut found: Vec<&Arc<DelegationRequest>> = world
        .by::<DelegationRequest>(DelegationRequest::BY_OWNER, &[account.as_str()])
        .filter(|request| match &input.owner_id {
            Some(owner) => request.owner.as_ref() == Some(owner),
            None => request.owner.is_some(),
        })
        .collect();
    let key = |request: &DelegationRequest| format!("{} {}", request.created_at, request.id);
    found.sort_by_key(|request| key(request));
    let scope = format!("delegation requests of {account} owned by {:?}", input.owner_id);
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, found, |request| key(request))?;
    Ok(Listed {
        is_truncated: page.is_truncated(),
        marker: page.next,
        delegation_requests: page.items.into_iter().map(|request| shown(cx, request)).collect(),
    })
}

/// An owner is an identity of the caller's account; a user or role must exist.
fn must_be_known(cx: &Cx, world: &World, owner: &str) -> Result<(), ApiError> {
    let account = cx.account();
    let Some(arn) = Arn::parse(owner).filter(|arn| arn.account == account.as_str()) else {
        return Err(invalid(format!("Owner id {owner} is not the ARN of an identity in this account.")));
    };
    let known = match (arn.service, arn.typed_resource()) {
        ("iam", Some(("user", name))) => entity::find_user(world, account, service::arn::last_name(name)).is_some(),
        ("iam", Some(("role", name))) => entity::find_role(world, account, service::arn::last_name(name)).is_some(),
        _ => true,
    };
    if known { Ok(()) } else { Err(missing(format!("The owner with id {owner} cannot be found."))) }
}

fn to_get(cx: &Cx, world: &World, input: &Get) -> Vec<Check> {
    vec![check(cx, world, &input.delegation_request_id)]
}

fn to_list(_: &Cx, _: &World, input: &List) -> Vec<Check> {
    vec![Check::any().key_if(OWNER_KEY, input.owner_id.as_ref())]
}
