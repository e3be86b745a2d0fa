//! What a report or a list is about: the user, group, role or managed policy behind an ARN.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::Document;
use service::arn::{self, Arn};
use service::prelude::*;

use super::of_entity;
use crate::record::{Accessor, Group, HeldPolicies, LastAccessed, Role, User};
use crate::{entity, managed_policy};

/// An entity with policies, or a policy.
#[derive(Debug)]
pub enum Subject {
    User(Arc<User>),
    Group(Arc<Group>),
    Role(Arc<Role>),
    Policy(String),
}

/// The refusal of an ARN that nothing has; the text is AWS's.
fn gone(text: &str) -> ApiError {
    entity::missing(format!("ARN {text} does not exist."))
}

/// The refusal of an ARN of another kind; the text is AWS's.
fn unsupported(text: &str) -> ApiError {
    ApiError::new("InvalidInput", format!("Invalid Entity Arn: {text} is not supported."))
}

/// The parts of an ARN of IAM in this partition, in this account or AWS's. AWS's words, but for a text that is no ARN: of that no recording is known.
fn parts_of<'t>(cx: &Cx, text: &'t str) -> Result<Arn<'t>, ApiError> {
    let parts = Arn::parse(text).ok_or_else(|| ApiError::new("InvalidInput", format!("ARN {text} is not valid.")))?;
    if parts.partition != cx.partition() {
        return Err(ApiError::validation("Invalid ARN partition"));
    }
    if parts.service != "iam" {
        return Err(ApiError::validation("Invalid service in ARN"));
    }
    if ![cx.account().as_str(), "aws"].contains(&parts.account) {
        let caller = cx.caller.arn();
        let message = format!("User: {caller} is not authorized to perform the operation on {text}");
        return Err(ApiError::new("AccessDenied", message));
    }
    Ok(parts)
}

impl Subject {
    /// What is behind an ARN. Entities go by their names: whatever path stands before one, it is the same (as AWS was recorded in September 2026).
    pub fn find(cx: &Cx, world: &World, text: &str) -> Result<Subject, ApiError> {
        let parts = parts_of(cx, text)?;
        let (kind, _) = parts.typed_resource().ok_or_else(|| unsupported(text))?;
        let (account, name) = (cx.account(), arn::last_name(parts.resource));
        let found = match kind {
            "policy" => managed_policy::summary(cx, world, text).map(|found| Subject::Policy(found.arn)),
            "user" => entity::find_user(world, account, name).map(Subject::User),
            "group" => entity::find_group(world, account, name).map(Subject::Group),
            "role" => entity::find_role(world, account, name).map(Subject::Role),
            _ => return Err(unsupported(text)),
        };
        found.ok_or_else(|| gone(text))
    }

    /// The same where only an entity can be meant.
    pub fn entity(cx: &Cx, world: &World, text: &str) -> Result<Subject, ApiError> {
        if parts_of(cx, text)?.typed_resource().is_none() {
            return Err(ApiError::new("InvalidInput", format!("Could not extract entity from ARN : {text}")));
        }
        match Subject::find(cx, world, text)? {
            Subject::Policy(_) => Err(unsupported(text)),
            entity => Ok(entity),
        }
    }

    /// The check of an operation on it, whether it exists or not.
    pub fn check(cx: &Cx, world: &World, text: &str) -> Check {
        let partition = cx.partition();
        match Subject::find(cx, world, text) {
            Ok(Subject::User(user)) => Check::on(entity::user_arn(partition, &user)).tagged(&user.tags),
            Ok(Subject::Group(group)) => Check::on(entity::group_arn(partition, &group)).tagged(&[]),
            Ok(Subject::Role(role)) => Check::on(entity::role_arn(partition, &role)).tagged(&role.tags),
            Ok(Subject::Policy(_)) => managed_policy::check(cx, world, text),
            Err(_) => Check::on(text),
        }
    }

    /// The identity policies that count, with a user's groups.
    pub fn documents(&self, world: &World, account: AccountId) -> Vec<Arc<Document>> {
        let held = |policies: &HeldPolicies| documents(world, account, policies);
        match self {
            Subject::User(user) => {
                let of_groups = groups(world, user).flat_map(|group| held(&group.policies));
                held(&user.policies).into_iter().chain(of_groups).collect()
            }
            Subject::Group(group) => held(&group.policies),
            Subject::Role(role) => held(&role.policies),
            Subject::Policy(arn) => managed_policy::document(world, account, arn).into_iter().collect(),
        }
    }

    /// The users and roles that can use its policies, each with what it last accessed, in the order of their ids.
    pub fn accessors(&self, cx: &Cx, world: &World) -> Vec<Accessor> {
        let mut found = BTreeMap::new();
        let mut add = |accessor: Accessor| _ = found.insert(accessor.id.clone(), accessor);
        match self {
            Subject::User(user) => add(of_user(cx, world, user)),
            Subject::Role(role) => add(of_role(cx, world, role)),
            Subject::Group(group) => members(world, group).for_each(|user| add(of_user(cx, world, user))),
            Subject::Policy(arn) => {
                let account = cx.account();
                let key = [account.as_str(), arn.as_str()];
                let groups = world.by::<Group>(Group::BY_ATTACHED, &key);
                let users = world.by(User::BY_ATTACHED, &key).chain(groups.flat_map(|group| members(world, group)));
                users.for_each(|user| add(of_user(cx, world, user)));
                world.by(Role::BY_ATTACHED, &key).for_each(|role| add(of_role(cx, world, role)));
            }
        }
        found.into_values().collect()
    }
}

/// The groups a user is in.
pub fn groups<'w>(world: &'w World, user: &User) -> impl Iterator<Item = &'w Arc<Group>> {
    let account = user.account;
    user.groups.iter().filter_map(move |group| world.get::<Group>(&[account.as_str(), group]))
}

fn members<'w>(world: &'w World, group: &Group) -> impl Iterator<Item = &'w Arc<User>> + use<'w> {
    world.by(User::BY_GROUP, &[group.account.as_str(), &group.id])
}

fn documents(world: &World, account: AccountId, held: &HeldPolicies) -> Vec<Arc<Document>> {
    let inline = held.inline.values().filter_map(|text| text.document().cloned());
    inline.chain(held.attached.iter().filter_map(|arn| managed_policy::document(world, account, arn))).collect()
}

fn of_user(cx: &Cx, world: &World, user: &User) -> Accessor {
    Accessor {
        arn: entity::user_arn(cx.partition(), user),
        id: user.id.clone(),
        is_role: false,
        uses: uses(world, user.account, &user.id),
    }
}

fn of_role(cx: &Cx, world: &World, role: &Role) -> Accessor {
    Accessor {
        arn: entity::role_arn(cx.partition(), role),
        id: role.id.clone(),
        is_role: true,
        uses: uses(world, role.account, &role.id),
    }
}

fn uses(world: &World, account: AccountId, entity: &str) -> Vec<LastAccessed> {
    of_entity(world, account, entity).map(|access| LastAccessed::clone(access)).collect()
}
