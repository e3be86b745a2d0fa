//! Finding users, groups, roles, instance profiles and server certificates by name, with AWS's words for those that are not there, and their ARNs.

use std::sync::Arc;

use service::arn;
use service::check::{ResourceTags, Why};
use service::prelude::*;

use crate::record::{Group, InstanceProfile, Role, ServerCertificate, User, folded};

/// The condition key of operations that set a boundary, or change the permissions of somebody who has one.
pub const BOUNDARY_KEY: &str = "iam:PermissionsBoundary";

/// The condition key of operations on a role that came, or comes, out of a template.
pub const TEMPLATE_KEY: &str = "iam:RoleTemplateARN";

/// `NoSuchEntity`.
pub fn missing(text: String) -> ApiError {
    ApiError::new("NoSuchEntity", text)
}

/// `EntityAlreadyExists`.
pub fn exists(text: String) -> ApiError {
    ApiError::new("EntityAlreadyExists", text)
}

/// `DeleteConflict`: what has to go first.
pub fn conflict(text: impl Into<String>) -> ApiError {
    ApiError::new("DeleteConflict", text)
}

/// Refuses a deletion by the first obstacle that is there, such as `must delete access keys first`.
pub fn none_in_the_way(obstacles: &[(bool, &str)]) -> Result<(), ApiError> {
    match obstacles.iter().find(|(is_there, _)| *is_there) {
        Some((_, what)) => Err(conflict(format!("Cannot delete entity, {what}."))),
        None => Ok(()),
    }
}

/// What an ARN of IAM names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    pub account: &'a str,
    /// `user`, `group` or `role`.
    pub kind: &'a str,
    pub name: &'a str,
}

/// The user, group or role that an ARN names; its path does not matter, as AWS finds them by their names.
pub fn kind_and_name(text: &str) -> Option<Named<'_>> {
    let parts = arn::Arn::parse(text).filter(|arn| arn.service == "iam" && arn.region.is_empty())?;
    parts.account.parse::<AccountId>().ok()?;
    let (kind, _) = parts.typed_resource()?;
    let name = arn::last_name(parts.resource);
    let known = matches!(kind, "user" | "group" | "role") && !name.is_empty();
    known.then_some(Named { account: parts.account, kind, name })
}

/// The user of that name.
pub fn user(cx: &Cx, world: &World, name: &str) -> Result<Arc<User>, ApiError> {
    find_user(world, cx.account(), name).ok_or_else(|| missing(format!("The user with name {name} cannot be found.")))
}

/// The user of that name, if there is one.
pub fn find_user(world: &World, account: AccountId, name: &str) -> Option<Arc<User>> {
    world.one::<User>(User::BY_NAME, &[account.as_str(), &folded(name)]).cloned()
}

/// The group of that name.
pub fn group(cx: &Cx, world: &World, name: &str) -> Result<Arc<Group>, ApiError> {
    find_group(world, cx.account(), name).ok_or_else(|| missing(format!("The group with name {name} cannot be found.")))
}

/// The group of that name, if there is one.
pub fn find_group(world: &World, account: AccountId, name: &str) -> Option<Arc<Group>> {
    world.one::<Group>(Group::BY_NAME, &[account.as_str(), &folded(name)]).cloned()
}

/// The role of that name.
pub fn role(cx: &Cx, world: &World, name: &str) -> Result<Arc<Role>, ApiError> {
    find_role(world, cx.account(), name).ok_or_else(|| missing(format!("The role with name {name} cannot be found.")))
}

/// The role of that name, if there is one.
pub fn find_role(world: &World, account: AccountId, name: &str) -> Option<Arc<Role>> {
    world.one::<Role>(Role::BY_NAME, &[account.as_str(), &folded(name)]).cloned()
}

/// The instance profile of that name.
pub fn profile(cx: &Cx, world: &World, name: &str) -> Result<Arc<InstanceProfile>, ApiError> {
    find_profile(world, cx.account(), name).ok_or_else(|| missing(format!("Instance Profile {name} cannot be found.")))
}

/// The instance profile of that name, if there is one.
pub fn find_profile(world: &World, account: AccountId, name: &str) -> Option<Arc<InstanceProfile>> {
    world.one::<InstanceProfile>(InstanceProfile::BY_NAME, &[account.as_str(), &folded(name)]).cloned()
}

/// The server certificate of that name.
pub fn server_certificate(cx: &Cx, world: &World, name: &str) -> Result<Arc<ServerCertificate>, ApiError> {
    find_server_certificate(world, cx.account(), name)
        .ok_or_else(|| missing(format!("The Server Certificate with name {name} cannot be found.")))
}

/// The server certificate of that name, if there is one.
pub fn find_server_certificate(world: &World, account: AccountId, name: &str) -> Option<Arc<ServerCertificate>> {
    world.one::<ServerCertificate>(ServerCertificate::BY_NAME, &[account.as_str(), &folded(name)]).cloned()
}

/// `arn:aws:iam::ACCOUNT:user/PATHname`.
pub fn user_arn(partition: &str, user: &User) -> String {
    arn::iam(partition, user.account, "user", &user.path, &user.name)
}

/// `arn:aws:iam::ACCOUNT:group/PATHname`.
pub fn group_arn(partition: &str, group: &Group) -> String {
    arn::iam(partition, group.account, "group", &group.path, &group.name)
}

/// `arn:aws:iam::ACCOUNT:role/PATHname`.
pub fn role_arn(partition: &str, role: &Role) -> String {
    arn::iam(partition, role.account, "role", &role.path, &role.name)
}

/// `arn:aws:iam::ACCOUNT:instance-profile/PATHname`.
pub fn profile_arn(partition: &str, profile: &InstanceProfile) -> String {
    arn::iam(partition, profile.account, "instance-profile", &profile.path, &profile.name)
}

/// `arn:aws:iam::ACCOUNT:server-certificate/PATHname`.
pub fn server_certificate_arn(partition: &str, certificate: &ServerCertificate) -> String {
    arn::iam(partition, certificate.account, "server-certificate", &certificate.path, &certificate.name)
}

/// The check of an operation on a user. A denial shows it as `user NAME`, by the name that was asked for, whether it exists or not; likewise
/// groups, roles, instance profiles and server certificates (seen on AWS).
pub fn check_user(cx: &Cx, world: &World, name: &str) -> Check {
    match find_user(world, cx.account(), name) {
        Some(user) => Check::on(user_arn(cx.partition(), &user)).tagged(&user.tags),
        None => absent(cx, "user", name),
    }
    .shown_as(format!("user {name}"))
}

/// The check of an operation on a group.
pub fn check_group(cx: &Cx, world: &World, name: &str) -> Check {
    match find_group(world, cx.account(), name) {
        Some(group) => Check::on(group_arn(cx.partition(), &group)).tagged(&[]),
        None => absent(cx, "group", name),
    }
    .shown_as(format!("group {name}"))
}

/// The check of an operation on a role.
pub fn check_role(cx: &Cx, world: &World, name: &str) -> Check {
    match find_role(world, cx.account(), name) {
        Some(role) => {
            let source = role.source.as_ref().map(|source| &source.arn);
            Check::on(role_arn(cx.partition(), &role)).tagged(&role.tags).key_if(TEMPLATE_KEY, source)
        }
        None => absent(cx, "role", name),
    }
    .shown_as(format!("role {name}"))
}

/// The check of an operation on an instance profile.
pub fn check_profile(cx: &Cx, world: &World, name: &str) -> Check {
    match find_profile(world, cx.account(), name) {
        Some(profile) => Check::on(profile_arn(cx.partition(), &profile)).tagged(&profile.tags),
        None => absent(cx, "instance-profile", name),
    }
    .shown_as(format!("instance profile {name}"))
}

/// The check of an operation on a server certificate.
pub fn check_server_certificate(cx: &Cx, world: &World, name: &str) -> Check {
    match find_server_certificate(world, cx.account(), name) {
        Some(held) => Check::on(server_certificate_arn(cx.partition(), &held)).tagged(&held.tags),
        None => absent(cx, "server-certificate", name),
    }
    .shown_as(format!("server certificate {name}"))
}

/// What does not exist is authorised on the ARN without a path (seen on AWS).
fn absent(cx: &Cx, kind: &str, name: &str) -> Check {
    Check::on(arn::iam(cx.partition(), cx.account(), kind, "/", name))
}

/// The check of an operation whose denials show the ARN of what exists: setting boundaries, passing roles and simulating (seen on AWS).
pub fn shown_by_arn(check: Check) -> Check {
    match check.tags {
        ResourceTags::Known(_) => Check { shown_as: None, ..check },
        _ => check,
    }
}

/// The second check of an operation that gives a path or a name: what changes either makes a new ARN, which must be allowed too.
pub fn check_moved(
    cx: &Cx,
    kind: &str,
    held: (&String, &String),
    new: (Option<&String>, Option<&String>),
    tags: &[Tag],
) -> Option<Check> {
    let (path, name) = (new.0.unwrap_or(held.0), new.1.unwrap_or(held.1));
    let moved = || Check::on(arn::iam(cx.partition(), cx.account(), kind, path, name)).tagged(tags);
    ((path, name) != held).then(moved)
}

/// The check of a list: AWS reports, and evaluates, the collection with its path prefix.
pub fn check_list(cx: &Cx, kind: &str, prefix: Option<&str>) -> Check {
    Check::on(arn::iam(cx.partition(), cx.account(), kind, prefix.unwrap_or("/"), ""))
}

/// The check of a list of identity providers, which have no paths (seen on AWS for OIDC).
pub fn check_list_of_providers(cx: &Cx, kind: &str) -> Check {
    Check::on(arn::iam(cx.partition(), cx.account(), kind, "/", "*"))
}

/// The check of a creation, with the tags it wants to set.
pub fn check_new(cx: &Cx, kind: &str, path: Option<&str>, name: &str, tags: &[Tag]) -> Check {
    Check::on(arn::iam(cx.partition(), cx.account(), kind, path.unwrap_or("/"), name)).not_created().request_tags(tags)
}

/// The checks of a creation that sets tags: setting them is an action of its own, `iam:TagRole`, on what is to be created (seen on AWS:
/// CreateRole denied for lack of iam:TagRole).
pub fn and_tags(creation: Check, action: &str, tags: &[Tag]) -> Vec<Check> {
    let tagging = (!tags.is_empty()).then(|| {
        let check = Check::dependent(action, &creation.resource).not_created().request_tags(tags);
        Check { why: Why::TagOnCreate, shown_as: creation.shown_as.clone(), ..check }
    });
    std::iter::once(creation).chain(tagging).collect()
}

/// The name in the ARN of an identity provider of the caller's account, of that kind; `InvalidInput` for any other text. The code is
/// documented, of the text no recording is known.
pub fn name_of_provider<'a>(cx: &Cx, text: &'a str, kind: &str) -> Result<&'a str, ApiError> {
    let read = || {
        let parts = arn::Arn::parse(text).filter(|parts| parts.service == "iam" && parts.region.is_empty())?;
        let (held, name) = parts.typed_resource()?;
        let is_ours = parts.partition == cx.partition() && parts.account == cx.account().as_str();
        (is_ours && held == kind && !name.is_empty()).then_some(name)
    };
    read().ok_or_else(|| ApiError::new("InvalidInput", format!("Invalid ARN: {text}")))
}

/// The check of an operation on an identity provider that does not exist: on the ARN, if it is one of that kind, else on what has no name.
pub fn check_absent_provider(cx: &Cx, text: &str, kind: &str) -> Check {
    match name_of_provider(cx, text, kind) {
        Ok(_) => Check::on(text),
        Err(_) => Check::on(arn::iam(cx.partition(), cx.account(), kind, "/", "")).shown_as(text),
    }
}

/// The account behind AWS's own policies and role templates, which `aws:ResourceAccount` has (recorded in September 2026); of other partitions none is
/// known.
const OF_AWS: u64 = 639_982_225_848;

/// The check of something that the account in its ARN owns. What is AWS's own is everybody's.
pub fn of_its_account(cx: &Cx, check: Check) -> Check {
    match arn::Arn::parse(&check.resource).map(|parts| parts.account) {
        Some("aws") if cx.partition() == "aws" => match AccountId::from_number(OF_AWS) {
            Some(account) => check.shared_by(account),
            None => check,
        },
        Some(account) => match account.parse() {
            Ok(account) => check.owned_by(account),
            Err(_) => check,
        },
        None => check,
    }
}

/// A path, `/` if none is given. Its form was checked by the model's pattern.
pub fn path(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(|| "/".to_owned())
}
