//! Roles: their verbs, and what other crates ask of a role.
//!
//! `trust` keeps the trust policy (validation, principals by unique id, display), `shown` says how answers show a role. What policies a role
//! holds is the business of inline policies and attachments, its sessions that of STS.

mod shown;
mod trust;

use std::sync::Arc;

use service::arn::{Arn, last_name};
use service::paging;
use service::prelude::*;

use crate::boundary;
use crate::entity::{self, BOUNDARY_KEY, exists};
use crate::record::{HeldPolicies, InstanceProfile, LastUsed, Role};
use crate::{last_accessed, quota, sign_in_session, tagging};

pub use crate::entity::{find_role as by_name, role_arn as arn};
pub(crate) use shown::created;
pub use shown::{RoleLastUsed, RoleOut, embedded, last_used};
pub(crate) use trust::validated as validated_trust;
pub use trust::{lets_in, shown as shown_trust, trust_document};

service::operations! { Iam;
    CreateRole => write(create) authorize(to_create),
    GetRole => read(get) authorize(on_role),
    ListRoles => read(list) authorize(to_list) scan(),
    UpdateRole => write(update) authorize(to_update),
    UpdateRoleDescription => write(update_description) authorize(to_describe),
    UpdateAssumeRolePolicy => write(update_trust) authorize(to_trust),
    DeleteRole => write(delete) authorize(on_role),
}

/// Seconds a session may last unless the role says otherwise.
const DEFAULT_SESSION: i64 = 3_600;
/// Where AWS keeps the roles it makes for its services.
pub(crate) const SERVICE_LINKED: &str = "/aws-service-role/";
/// Where AWS keeps the roles it makes for itself, such as IAM Identity Center's.
const RESERVED: &str = "/aws-reserved/";

/// CreateRole's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct CreateRole {
    path: Option<String>,
    role_name: String,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    max_signin_session_duration: Option<i64>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// A role's name.
#[derive(Debug, Deserialize, Shaped)]
pub struct Named {
    role_name: String,
}

/// ListRoles' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListRoles {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// UpdateRole's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct UpdateRole {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    max_signin_session_duration: Option<i64>,
    reset_max_signin_session_duration: Option<bool>,
}

/// UpdateRoleDescription's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct UpdateRoleDescription {
    role_name: String,
    description: String,
}

/// UpdateAssumeRolePolicy's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct UpdateAssumeRolePolicy {
    role_name: String,
    policy_document: String,
}

/// One role.
#[derive(Debug, Serialize, Shaped)]
pub struct OneRole {
    pub(crate) role: RoleOut,
}

/// A page of roles.
#[derive(Debug, Serialize, Shaped)]
pub struct Roles {
    roles: Vec<RoleOut>,
    is_truncated: bool,
    marker: Option<String>,
}

/// The account and the path-and-name of a role's ARN; `None` for the ARN of anything else.
pub fn parts_of_arn(text: &str) -> Option<(AccountId, &str)> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.region.is_empty())?;
    let (kind, name) = arn.typed_resource()?;
    (kind == "role" && !name.is_empty()).then_some((arn.account.parse().ok()?, name))
}

/// The role with exactly that ARN, in whatever account: partition, path and case must be right.
pub fn by_arn(partition: &str, world: &World, text: &str) -> Option<Arc<Role>> {
    let (account, full_name) = parts_of_arn(text)?;
    let role = by_name(world, account, last_name(full_name))?;
    (arn(partition, &role) == text).then_some(role)
}

/// The role of that name, if its owner may change it: AWS keeps service-linked and reserved roles to itself.
pub fn modifiable(cx: &Cx, world: &World, name: &str) -> Result<Arc<Role>, ApiError> {
    let role = entity::role(cx, world, name)?;
    if is_protected(&role) { Err(protected(&role)) } else { Ok(role) }
}

/// Whether only AWS changes the role.
pub fn is_protected(role: &Role) -> bool {
    is_reserved_path(&role.path)
}

/// Whether AWS keeps that path for roles of its own.
pub(crate) fn is_reserved_path(path: &str) -> bool {
    path.starts_with(SERVICE_LINKED) || path.starts_with(RESERVED)
}

fn protected(role: &Role) -> ApiError {
    let text = format!(
        "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
        role.name
    );
    ApiError::new("UnmodifiableEntity", text)
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateRole) -> Result<OneRole, ApiError> {
    let account = cx.account();
    let path = entity::path(input.path.as_ref());
    if is_reserved_path(&path) {
        // That these paths are AWS's own is documented; the text is ours, no recording of it is known.
        return Err(ApiError::new("InvalidInput", format!("Path {path} is reserved for roles that AWS creates.")));
    }
    let tags = tagging::for_new(&input.tags)?;
    let trust = trust::validated(cx, tx, &input.assume_role_policy_document)?;
    if entity::find_role(tx, account, &input.role_name).is_some() {
        return Err(exists(format!("Role with name {} already exists.", input.role_name)));
    }
    let boundary = boundary::to_set(cx, tx, "role", input.permissions_boundary.as_ref())?;
    quota::ROLES.check(cx, || tx.count::<Role>(&[account.as_str()]))?;
    let role = Role {
        account,
        id: cx.ids.unique("AROA", account),
        name: input.role_name.clone(),
        path,
        description: description(input.description.as_ref()),
        created_at: cx.now_seconds(),
        trust: trust.text,
        trusted_ids: trust.ids,
        max_session_duration: input.max_session_duration.unwrap_or(DEFAULT_SESSION),
        max_signin_session_duration: input.max_signin_session_duration,
        policies: HeldPolicies::default(),
        boundary,
        tags,
        gone_at: None,
        source: None,
    };
    let answer = OneRole { role: shown::created(cx, &role, &input.assume_role_policy_document) };
    tx.put(role);
    Ok(answer)
}

fn get(cx: &Cx, world: &World, input: &Named) -> Result<OneRole, ApiError> {
    let role = entity::role(cx, world, &input.role_name)?;
    Ok(OneRole { role: shown::full(cx, world, &role) })
}

fn list(cx: &Cx, world: &World, input: &ListRoles) -> Result<Roles, ApiError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let mut roles: Vec<&Arc<Role>> =
        world.scan::<Role>(&[cx.account().as_str()]).filter(|role| role.path.starts_with(prefix)).collect();
    roles.sort_by(|a, b| a.name.cmp(&b.name));
    let scope = format!("roles of {} under {prefix}", cx.account());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, roles, |role| role.name.clone())?;
    let roles = page.items.iter().map(|role| shown::listed(cx, world, role)).collect();
    Ok(Roles { roles, is_truncated: page.next.is_some(), marker: page.next })
}

/// What is not given stays as it is. Of a service-linked role the account may change the description alone.
fn update(cx: &Cx, tx: &mut Tx, input: &UpdateRole) -> Result<Done, ApiError> {
    let mut role = Role::clone(&*describable(cx, tx, &input.role_name)?);
    if input.max_session_duration.is_some() && role.path.starts_with(SERVICE_LINKED) {
        let text = format!("{} is an AWS service linked role, max session duration cannot be changed.", role.name);
        return Err(ApiError::new("UnmodifiableEntity", text));
    }
    let resets = input.reset_max_signin_session_duration.unwrap_or_default();
    let changes_signin = input.max_signin_session_duration.is_some() || resets;
    if changes_signin && role.path.starts_with(SERVICE_LINKED) {
        // The rule is documented; the words are those about the other duration.
        let text =
            format!("{} is an AWS service linked role, max sign-in session duration cannot be changed.", role.name);
        return Err(ApiError::new("UnmodifiableEntity", text));
    }
    if (input.max_session_duration.is_some() || changes_signin) && is_protected(&role) {
        return Err(protected(&role));
    }
    role.max_signin_session_duration =
        sign_in_session::updated(role.max_signin_session_duration, input.max_signin_session_duration, resets)?;
    if input.description.is_some() {
        role.description = description(input.description.as_ref());
    }
    if let Some(seconds) = input.max_session_duration {
        role.max_session_duration = seconds;
    }
    tx.put(role);
    Ok(Done {})
}

/// The role of that name, if its owner may describe it: the one thing an account may change about a service-linked role, too.
fn describable(cx: &Cx, world: &World, name: &str) -> Result<Arc<Role>, ApiError> {
    let role = entity::role(cx, world, name)?;
    if role.path.starts_with(RESERVED) { Err(protected(&role)) } else { Ok(role) }
}

fn update_description(cx: &Cx, tx: &mut Tx, input: &UpdateRoleDescription) -> Result<OneRole, ApiError> {
    let mut role = Role::clone(&*describable(cx, tx, &input.role_name)?);
    role.description = description(Some(&input.description));
    let answer = OneRole { role: shown::described(cx, tx, &role) };
    tx.put(role);
    Ok(answer)
}

fn update_trust(cx: &Cx, tx: &mut Tx, input: &UpdateAssumeRolePolicy) -> Result<Done, ApiError> {
    let role = modifiable(cx, tx, &input.role_name)?;
    let trust = trust::validated(cx, tx, &input.policy_document)?;
    tx.put(Role { trust: trust.text, trusted_ids: trust.ids, ..Role::clone(&role) });
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Done, ApiError> {
    let role = modifiable(cx, tx, &input.role_name)?;
    let (account, id) = (role.account, role.id.as_str());
    let in_profile = tx.by::<InstanceProfile>(InstanceProfile::BY_ROLE, &[account.as_str(), id]).next().is_some();
    entity::none_in_the_way(&[
        (in_profile, "must remove roles from instance profile first"),
        (!role.policies.attached.is_empty(), "must detach all policies first"),
        (!role.policies.inline.is_empty(), "must delete policies first"),
    ])?;
    tx.remove::<Role>(&[account.as_str(), id]);
    tx.remove::<LastUsed>(&[id]);
    last_accessed::forget(tx, account, id);
    Ok(Done {})
}

/// An empty description is none.
fn description(given: Option<&String>) -> Option<String> {
    given.filter(|text| !text.is_empty()).cloned()
}

/// The check of an operation on a role, with the boundary it has.
pub fn check_with_boundary(cx: &Cx, world: &World, name: &str) -> Check {
    let held = by_name(world, cx.account(), name).and_then(|role| role.boundary.clone());
    entity::check_role(cx, world, name).key_if(BOUNDARY_KEY, held)
}

fn to_create(cx: &Cx, _: &World, input: &CreateRole) -> Vec<Check> {
    let check = entity::check_new(cx, "role", input.path.as_deref(), &input.role_name, &input.tags);
    entity::and_tags(check.key_if(BOUNDARY_KEY, input.permissions_boundary.as_ref()), "iam:TagRole", &input.tags)
}

fn on_role(cx: &Cx, world: &World, input: &Named) -> Vec<Check> {
    vec![check_with_boundary(cx, world, &input.role_name)]
}

fn to_list(cx: &Cx, _: &World, input: &ListRoles) -> Vec<Check> {
    vec![entity::check_list(cx, "role", input.path_prefix.as_deref())]
}

fn to_update(cx: &Cx, world: &World, input: &UpdateRole) -> Vec<Check> {
    vec![check_with_boundary(cx, world, &input.role_name)]
}

fn to_describe(cx: &Cx, world: &World, input: &UpdateRoleDescription) -> Vec<Check> {
    vec![check_with_boundary(cx, world, &input.role_name)]
}

fn to_trust(cx: &Cx, world: &World, input: &UpdateAssumeRolePolicy) -> Vec<Check> {
    vec![check_with_boundary(cx, world, &input.role_name)]
}

#[cfg(test)]
mod tests;
