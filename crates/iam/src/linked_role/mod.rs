//! Service-linked roles: made for one service, with a name, trust and policies that AWS chooses, and deleted by a task that takes its time.
//!
//! `services` says which services have one. That nobody else changes such a role is guarded by [`role::modifiable`]. A deletion fails while
//! resources use the role: a service would say so by a [`LinkedRoleUse`], a test says it through the admin API. Services that make their role
//! by themselves do not do so here. Start with `create`.

mod services;

use jiff::{SignedDuration, Timestamp};
use service::arn;
use service::policy_text::PolicyText;
use service::prelude::*;

use crate::entity::{self, missing};
use crate::record::{HeldPolicies, LastUsed, LinkedRoleDeletion, LinkedRoleUse, Role, folded};
use crate::role::{self, OneRole};
use crate::{last_accessed, managed};

use services::LinkedService;

service::operations! { Iam;
    CreateServiceLinkedRole => write(create) authorize(to_create),
    DeleteServiceLinkedRole => write(delete) authorize(to_delete),
    GetServiceLinkedRoleDeletionStatus => read(status) authorize(on_task),
}

/// A service-linked role's sessions last an hour at most.
const SESSION: i64 = 3_600;
/// Characters of a role's name.
const LONGEST_NAME: usize = 64;
/// About what a deletion takes on AWS.
const DELETION_SECONDS: i64 = 8;
/// How long a task can be asked for; AWS does not say.
const TASK_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// CreateServiceLinkedRole's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct Create {
    aws_service_name: String,
    description: Option<String>,
    custom_suffix: Option<String>,
}

/// DeleteServiceLinkedRole's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct Delete {
    role_name: String,
}

/// A deletion task's id.
#[derive(Debug, Serialize, Deserialize, Shaped)]
pub struct Task {
    deletion_task_id: String,
}

/// How a deletion goes.
#[derive(Debug, Serialize, Shaped)]
pub struct Status {
    status: &'static str,
    reason: Option<Reason>,
}

/// Why a deletion failed.
#[derive(Debug, Serialize, Shaped)]
struct Reason {
    reason: &'static str,
    role_usage_list: Vec<Usage>,
}

/// Where a role is used.
#[derive(Debug, Serialize, Shaped)]
struct Usage {
    region: String,
    resources: Vec<String>,
}

pub(crate) fn path(service: &str) -> String {
    format!("{}{service}/", role::SERVICE_LINKED)
}

/// AWS joins the suffix with an underscore.
fn name(linked: &LinkedService, suffix: Option<&str>) -> String {
    suffix.map_or_else(|| linked.role.clone(), |suffix| format!("{}_{suffix}", linked.role))
}

fn create(cx: &Cx, tx: &mut Tx, input: &Create) -> Result<OneRole, ApiError> {
    let (account, service) = (cx.account(), &input.aws_service_name);
    let Some(linked) = services::by_principal(service) else {
        // The model has NoSuchEntity for this operation and nothing else that could be missing; the text is ours.
        return Err(missing(format!("Service-linked role for service {service} cannot be found.")));
    };
    if input.custom_suffix.is_some() && !linked.suffix {
        return Err(invalid(format!("Custom suffix is not allowed for {service}")));
    }
    let name = name(linked, input.custom_suffix.as_deref());
    if name.len() > LONGEST_NAME {
        return Err(invalid(format!("Service role name {name} is longer than {LONGEST_NAME} characters.")));
    }
    if entity::find_role(tx, account, &name).is_some() {
        let text = format!("Service role name {name} has been taken in this account, please try a different suffix.");
        return Err(invalid(text));
    }
    // No quota: AWS lets service-linked roles exceed it.
    let description = input.description.clone().filter(|text| !text.is_empty());
    let made = Role { description, ..made(cx, service, &name, &linked.policies) };
    let answer = OneRole { role: role::created(cx, &made, &trust_in_lists(service)) };
    tx.put(made);
    Ok(answer)
}

/// A new role of that service, with those of AWS's policies.
pub(crate) fn made(cx: &Cx, service: &str, name: &str, policies: &[String]) -> Role {
    let found = policies.iter().filter_map(|name| managed::by_arn(name));
    let attached = found.map(|policy| policy.arn(cx.partition())).collect();
    Role {
        account: cx.account(),
        id: cx.ids.unique("AROA", cx.account()),
        name: name.to_owned(),
        path: path(service),
        description: None,
        created_at: cx.now_seconds(),
        trust: PolicyText::new(trust(service)),
        trusted_ids: Default::default(),
        max_session_duration: SESSION,
        max_signin_session_duration: None,
        policies: HeldPolicies { attached, ..HeldPolicies::default() },
        boundary: None,
        tags: Vec::new(),
        gone_at: None,
        source: None,
    }
}

fn invalid(text: String) -> ApiError {
    ApiError::new("InvalidInput", text)
}

/// In the order in which AWS writes it.
fn trust(service: &str) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Statement<'s> {
        effect: &'static str,
        principal: Service<'s>,
        action: &'static str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Service<'s> {
        service: &'s str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Document<'s> {
        version: &'static str,
        statement: [Statement<'s>; 1],
    }
    let statement = Statement { effect: "Allow", principal: Service { service }, action: "sts:AssumeRole" };
    let document = Document { version: "2012-10-17", statement: [statement] };
    // Strings alone: this cannot fail.
    serde_json::to_string(&document).unwrap_or_default()
}

/// As the answer to its creation alone has it (September 2026): everything in lists, and the members by name.
fn trust_in_lists(service: &str) -> String {
    let statement =
        serde_json::json!({"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}});
    serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The role stays visible until the task has ended. Asking again before that gives the same task.
fn delete(cx: &Cx, tx: &mut Tx, input: &Delete) -> Result<Task, ApiError> {
    let role = entity::role(cx, tx, &input.role_name)?;
    let account = role.account;
    let Some(service) = service_of(&role) else {
        return Err(missing(format!("{} exists but is not a service role.", role.name)));
    };
    let running = tx.by::<LinkedRoleDeletion>(LinkedRoleDeletion::BY_ROLE, &[account.as_str(), &role.id]);
    if let Some(task) = running.into_iter().find(|task| cx.now < task.ended_at) {
        return Ok(Task { deletion_task_id: task.id.clone() });
    }
    let lasting = cx.settings.states.lasting(DELETION_SECONDS);
    let uses: Vec<LinkedRoleUse> = tx
        .scan::<LinkedRoleUse>(&[account.as_str(), &folded(&role.name)])
        .map(|used| LinkedRoleUse::clone(used))
        .collect();
    let ended_at = after(cx.now, lasting);
    let task = LinkedRoleDeletion {
        account,
        id: format!("task{}{service}/{}/{}", role::SERVICE_LINKED, role.name, cx.ids.uuid()),
        role_id: role.id.clone(),
        asked_at: cx.now,
        begun_at: after(cx.now, lasting / 4),
        ended_at,
        uses,
        gone_at: after(cx.now, TASK_KEPT),
    };
    if task.uses.is_empty() {
        tx.put(Role { gone_at: Some(ended_at), ..Role::clone(&role) });
        tx.remove::<LastUsed>(&[&role.id]);
        last_accessed::forget(tx, account, &role.id);
    }
    let answer = Task { deletion_task_id: task.id.clone() };
    tx.put(task);
    Ok(answer)
}

fn after(now: Timestamp, lasting: SignedDuration) -> Timestamp {
    now.checked_add(lasting).unwrap_or(now)
}

/// `autoscaling.amazonaws.com` of `/aws-service-role/autoscaling.amazonaws.com/`.
fn service_of(role: &Role) -> Option<&str> {
    role.path.strip_prefix(role::SERVICE_LINKED)?.strip_suffix('/')
}

/// Service and role name of a task's id.
fn parts(task: &str) -> Option<(&str, &str)> {
    let rest = task.strip_prefix("task")?.strip_prefix(role::SERVICE_LINKED)?;
    let mut parts = rest.split('/');
    let found = (parts.next()?, parts.next()?);
    let uuid = parts.next()?;
    let whole = parts.next().is_none() && ![found.0, found.1, uuid].contains(&"");
    whole.then_some(found)
}

fn status(cx: &Cx, world: &World, input: &Task) -> Result<Status, ApiError> {
    let id = &input.deletion_task_id;
    if parts(id).is_none() {
        return Err(invalid("Invalid task id".to_owned()));
    }
    let task = world
        .get::<LinkedRoleDeletion>(&[cx.account().as_str(), id])
        .ok_or_else(|| missing("Cannot find deletion status for given id.".to_owned()))?;
    let (status, reason) = if cx.now < task.begun_at {
        ("NOT_STARTED", None)
    } else if cx.now < task.ended_at {
        ("IN_PROGRESS", None)
    } else if task.uses.is_empty() {
        ("SUCCEEDED", None)
    } else {
        ("FAILED", Some(Reason { reason: IN_USE, role_usage_list: usages(&task.uses) }))
    };
    Ok(Status { status, reason })
}

/// Each service words it for itself; this is ours.
const IN_USE: &str =
    "The role is in use by resources of the linked service. Delete them and submit the deletion again.";

/// By region; the uses are sorted by it.
fn usages(uses: &[LinkedRoleUse]) -> Vec<Usage> {
    uses.chunk_by(|one, next| one.region == next.region)
        .filter_map(|chunk| {
            let region = chunk.first()?.region.clone();
            Some(Usage { region, resources: chunk.iter().map(|used| used.resource.clone()).collect() })
        })
        .collect()
}

fn to_create(cx: &Cx, _: &World, input: &Create) -> Vec<Check> {
    let service = &input.aws_service_name;
    let name = services::by_principal(service).map(|linked| name(linked, input.custom_suffix.as_deref()));
    let resource = arn::iam(cx.partition(), cx.account(), "role", &path(service), name.as_deref().unwrap_or("*"));
    vec![Check::on(resource).not_created().key("iam:AWSServiceName", service)]
}

fn to_delete(cx: &Cx, world: &World, input: &Delete) -> Vec<Check> {
    vec![entity::shown_by_arn(entity::check_role(cx, world, &input.role_name))]
}

/// On the role that the task's id names, whether it is still there or not.
fn on_task(cx: &Cx, world: &World, input: &Task) -> Vec<Check> {
    let Some((service, name)) = parts(&input.deletion_task_id) else {
        return vec![Check::on(arn::iam(cx.partition(), cx.account(), "role", "/", "*"))];
    };
    let check = Check::on(arn::iam(cx.partition(), cx.account(), "role", &path(service), name));
    match entity::find_role(world, cx.account(), name) {
        Some(role) if service_of(&role) == Some(service) => vec![check.tagged(&role.tags)],
        _ => vec![check],
    }
}

#[cfg(test)]
mod tests;
