//! Permissions boundaries of users and roles: setting and removing them, and what a creation may name as one.
//!
//! A boundary is the ARN of a managed policy, held by the user or role; how it limits is decided elsewhere.

use service::prelude::*;

use crate::entity::{self, BOUNDARY_KEY, missing};
use crate::managed_policy;
use crate::record::{Role, User};
use crate::role;

service::operations! { Iam;
    PutUserPermissionsBoundary => write(put_user) authorize(check_put_user),
    DeleteUserPermissionsBoundary => write(delete_user) authorize(check_delete_user),
    PutRolePermissionsBoundary => write(put_role) authorize(check_put_role),
    DeleteRolePermissionsBoundary => write(delete_role) authorize(check_delete_role),
}

/// A boundary as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct Attached {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: String,
}

/// How answers show a user's or role's boundary.
pub fn shown(boundary: Option<&String>) -> Option<Attached> {
    // The model's enumeration says `PermissionsBoundaryPolicy`; AWS answers `Policy`.
    boundary.map(|arn| Attached { permissions_boundary_type: "Policy", permissions_boundary_arn: arn.clone() })
}

/// The boundary a creation names, if it names one.
pub fn to_set(cx: &Cx, world: &World, kind: &str, arn: Option<&String>) -> Result<Option<String>, ApiError> {
    arn.map(|arn| of_request(cx, world, kind, arn)).transpose()
}

/// The boundary a request names: a managed policy that exists and may be attached to users, or to roles.
fn of_request(cx: &Cx, world: &World, kind: &str, arn: &str) -> Result<String, ApiError> {
    managed_policy::must_be_arn(cx, arn)?;
    match managed_policy::summary(cx, world, arn) {
        Some(policy) => policy.must_be_attachable_to(kind).map(|()| arn.to_owned()),
        None => Err(missing(format!("Scope ARN: {arn} does not exist or is not attachable."))),
    }
}

/// PutUserPermissionsBoundary's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct PutUser {
    user_name: String,
    permissions_boundary: String,
}

/// DeleteUserPermissionsBoundary's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct DeleteUser {
    user_name: String,
}

/// PutRolePermissionsBoundary's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct PutRole {
    role_name: String,
    permissions_boundary: String,
}

/// DeleteRolePermissionsBoundary's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct DeleteRole {
    role_name: String,
}

fn put_user(cx: &Cx, tx: &mut Tx, input: &PutUser) -> Result<Done, ApiError> {
    let user = entity::user(cx, tx, &input.user_name)?;
    let boundary = of_request(cx, tx, "user", &input.permissions_boundary)?;
    tx.put(User { boundary: Some(boundary), ..User::clone(&user) });
    Ok(Done {})
}

/// AWS's code, recorded in September 2026; the text is ours.
fn no_boundary(kind: &str, name: &str) -> ApiError {
    entity::missing(format!("The {kind} with name {name} has no permissions boundary."))
}

fn delete_user(cx: &Cx, tx: &mut Tx, input: &DeleteUser) -> Result<Done, ApiError> {
    let user = entity::user(cx, tx, &input.user_name)?;
    user.boundary.as_ref().ok_or_else(|| no_boundary("user", &user.name))?;
    tx.put(User { boundary: None, ..User::clone(&user) });
    Ok(Done {})
}

fn put_role(cx: &Cx, tx: &mut Tx, input: &PutRole) -> Result<Done, ApiError> {
    let role = role::modifiable(cx, tx, &input.role_name)?;
    let boundary = of_request(cx, tx, "role", &input.permissions_boundary)?;
    tx.put(Role { boundary: Some(boundary), ..Role::clone(&role) });
    Ok(Done {})
}

fn delete_role(cx: &Cx, tx: &mut Tx, input: &DeleteRole) -> Result<Done, ApiError> {
    let role = role::modifiable(cx, tx, &input.role_name)?;
    role.boundary.as_ref().ok_or_else(|| no_boundary("role", &role.name))?;
    tx.put(Role { boundary: None, ..Role::clone(&role) });
    Ok(Done {})
}

fn check_put_user(cx: &Cx, world: &World, input: &PutUser) -> Vec<Check> {
    vec![
        entity::shown_by_arn(entity::check_user(cx, world, &input.user_name))
            .key(BOUNDARY_KEY, &input.permissions_boundary),
    ]
}

fn check_delete_user(cx: &Cx, world: &World, input: &DeleteUser) -> Vec<Check> {
    let held = entity::find_user(world, cx.account(), &input.user_name).and_then(|user| user.boundary.clone());
    vec![entity::shown_by_arn(entity::check_user(cx, world, &input.user_name)).key_if(BOUNDARY_KEY, held)]
}

fn check_put_role(cx: &Cx, world: &World, input: &PutRole) -> Vec<Check> {
    vec![
        entity::shown_by_arn(entity::check_role(cx, world, &input.role_name))
            .key(BOUNDARY_KEY, &input.permissions_boundary),
    ]
}

fn check_delete_role(cx: &Cx, world: &World, input: &DeleteRole) -> Vec<Check> {
    vec![entity::shown_by_arn(role::check_with_boundary(cx, world, &input.role_name))]
}

#[cfg(test)]
mod tests;
