//! Managed policies attached to users, groups and roles, and who has a policy attached.
//!
//! An attachment is the policy's ARN, kept by the holder. The inputs differ by kind in nothing but the name of the member that names the
//! holder, hence the macro. Start with `attach`.

use std::collections::BTreeMap;
use std::sync::Arc;

use service::paging;
use service::prelude::*;

use crate::entity::missing;
use crate::holder::Holder;
use crate::managed_policy;
use crate::record::{Group, Role, User, folded};

/// Declares attach, detach and list for one kind of holder and ties them to the generic verbs.
macro_rules! attachments {
    ($module:ident, $holder:expr, $name:ident) => {
        /// Attach, detach and list for this kind of holder.
        mod $module {
            use super::*;

            #[derive(Debug, Deserialize, Shaped)]
            pub struct One {
                pub $name: String,
                pub policy_arn: String,
            }

            #[derive(Debug, Deserialize, Shaped)]
            pub struct List {
                pub $name: String,
                pub path_prefix: Option<String>,
                pub marker: Option<String>,
                pub max_items: Option<i64>,
            }

            pub fn attach(cx: &Cx, tx: &mut Tx, input: &One) -> Result<Done, ApiError> {
                super::attach(cx, tx, $holder, &input.$name, &input.policy_arn)
            }

            pub fn detach(cx: &Cx, tx: &mut Tx, input: &One) -> Result<Done, ApiError> {
                super::detach(cx, tx, $holder, &input.$name, &input.policy_arn)
            }

            pub fn list(cx: &Cx, world: &World, input: &List) -> Result<Attached, ApiError> {
                let wanted = Wanted {
                    prefix: input.path_prefix.as_deref(),
                    marker: input.marker.as_deref(),
                    max_items: input.max_items,
                };
                super::list(cx, world, $holder, &input.$name, &wanted)
            }

            pub fn check_one(cx: &Cx, world: &World, input: &One) -> Vec<Check> {
                vec![$holder.check_change(cx, world, &input.$name).key("iam:PolicyARN", &input.policy_arn)]
            }

            pub fn check_list(cx: &Cx, world: &World, input: &List) -> Vec<Check> {
                vec![$holder.check(cx, world, &input.$name)]
            }
        }
    };
}

attachments!(of_user, Holder::User, user_name);
attachments!(of_group, Holder::Group, group_name);
attachments!(of_role, Holder::Role, role_name);

service::operations! { Iam;
    AttachUserPolicy => write(of_user::attach) authorize(of_user::check_one),
    DetachUserPolicy => write(of_user::detach) authorize(of_user::check_one),
    ListAttachedUserPolicies => read(of_user::list) authorize(of_user::check_list),
    AttachGroupPolicy => write(of_group::attach) authorize(of_group::check_one),
    DetachGroupPolicy => write(of_group::detach) authorize(of_group::check_one),
    ListAttachedGroupPolicies => read(of_group::list) authorize(of_group::check_list),
    AttachRolePolicy => write(of_role::attach) authorize(of_role::check_one),
    DetachRolePolicy => write(of_role::detach) authorize(of_role::check_one),
    ListAttachedRolePolicies => read(of_role::list) authorize(of_role::check_list),
    ListEntitiesForPolicy => read(entities) authorize(check_entities),
}

/// Attaching what is attached already changes nothing and succeeds.
fn attach(cx: &Cx, tx: &mut Tx, holder: Holder, name: &str, arn: &str) -> Result<Done, ApiError> {
    managed_policy::must_be_arn(cx, arn)?;
    let held = holder.find_to_change(cx, tx, name)?;
    let Some(policy) = managed_policy::summary(cx, tx, arn) else {
        return Err(missing(format!("Policy {arn} does not exist or is not attachable.")));
    };
    policy.must_be_attachable_to(holder.word())?;
    let attached = &held.policies().attached;
    if attached.contains(arn) {
        return Ok(Done {});
    }
    holder.attached_quota().check(cx, || attached.len())?;
    held.change(tx, |policies| _ = policies.attached.insert(arn.to_owned()));
    Ok(Done {})
}

fn detach(cx: &Cx, tx: &mut Tx, holder: Holder, name: &str, arn: &str) -> Result<Done, ApiError> {
    managed_policy::must_be_arn(cx, arn)?;
    let held = holder.find_to_change(cx, tx, name)?;
    if !held.policies().attached.contains(arn) {
        return Err(missing(format!("Policy {arn} was not found.")));
    }
    held.change(tx, |policies| _ = policies.attached.remove(arn));
    Ok(Done {})
}

/// Attached policies.
#[derive(Debug, Serialize, Shaped)]
pub struct Attached {
    attached_policies: Vec<AttachedPolicy>,
    is_truncated: bool,
    marker: Option<String>,
}

/// One attached policy.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AttachedPolicy {
    pub(crate) policy_name: String,
    pub(crate) policy_arn: String,
}

struct Wanted<'a> {
    prefix: Option<&'a str>,
    marker: Option<&'a str>,
    max_items: Option<i64>,
}

fn list(cx: &Cx, world: &World, holder: Holder, name: &str, wanted: &Wanted<'_>) -> Result<Attached, ApiError> {
    let held = holder.find(cx, world, name)?;
    let policies = held.policies().attached.iter().filter_map(|arn| {
        let found = managed_policy::summary(cx, world, arn)?;
        let kept = wanted.prefix.is_none_or(|prefix| found.path.starts_with(prefix));
        kept.then(|| AttachedPolicy { policy_name: found.policy_name, policy_arn: arn.clone() })
    });
    let scope = format!("attached policies of {} {} {name} {:?}", holder.word(), cx.account(), wanted.prefix);
    let page = paging::iam(&scope, wanted.marker, wanted.max_items, policies, |policy| policy.policy_arn.clone())?;
    Ok(Attached { is_truncated: page.is_truncated(), marker: page.next, attached_policies: page.items })
}

/// ListEntitiesForPolicy's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListEntities {
    policy_arn: String,
    entity_filter: Option<String>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// Who has a policy.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct Entities {
    policy_groups: Vec<PolicyGroup>,
    policy_users: Vec<PolicyUser>,
    policy_roles: Vec<PolicyRole>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct PolicyGroup {
    group_name: String,
    group_id: String,
}

#[derive(Debug, Serialize, Shaped)]
struct PolicyUser {
    user_name: String,
    user_id: String,
}

#[derive(Debug, Serialize, Shaped)]
struct PolicyRole {
    role_name: String,
    role_id: String,
}

/// One holder, before it goes into its list.
struct Found {
    holder: Holder,
    name: String,
    id: String,
    path: String,
}

fn check_entities(cx: &Cx, world: &World, input: &ListEntities) -> Vec<Check> {
    vec![managed_policy::check(cx, world, &input.policy_arn)]
}

fn entities(cx: &Cx, world: &World, input: &ListEntities) -> Result<Entities, ApiError> {
    let arn = input.policy_arn.as_str();
    managed_policy::must_be_arn(cx, arn)?;
    if managed_policy::summary(cx, world, arn).is_none() {
        return Err(missing(format!("Policy {arn} was not found.")));
    }
    let (kind, prefix) = (input.entity_filter.as_deref(), input.path_prefix.as_deref());
    let usage = input.policy_usage_filter.as_deref();
    let found = holders(world, cx.account(), arn, usage).into_iter().filter(|(_, found)| {
        kind.is_none_or(|kind| found.holder.title() == kind)
            && prefix.is_none_or(|prefix| found.path.starts_with(prefix))
    });
    let scope = format!("entities for {arn} {} {kind:?} {prefix:?} {usage:?}", cx.account());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, found, |(key, _)| key.clone())?;
    let mut answer = Entities { is_truncated: page.is_truncated(), marker: page.next, ..Entities::default() };
    for (_, Found { holder, name, id, .. }) in page.items {
        match holder {
            Holder::Group => answer.policy_groups.push(PolicyGroup { group_name: name, group_id: id }),
            Holder::User => answer.policy_users.push(PolicyUser { user_name: name, user_id: id }),
            Holder::Role => answer.policy_roles.push(PolicyRole { role_name: name, role_id: id }),
        }
    }
    Ok(answer)
}

/// Who has the policy, in the order of the pages; one that has it both attached and as boundary comes once.
fn holders(world: &World, account: AccountId, arn: &str, usage: Option<&str>) -> BTreeMap<String, Found> {
    let parts = [account.as_str(), arn];
    let mut all = BTreeMap::new();
    let mut add = |holder: Holder, name: &str, id: &str, path: &str| {
        let found = Found { holder, name: name.to_owned(), id: id.to_owned(), path: path.to_owned() };
        all.insert(format!("{}/{}", holder.word(), folded(name)), found);
    };
    let mut users = Vec::new();
    let mut roles = Vec::new();
    if usage != Some("PermissionsBoundary") {
        world
            .by(Group::BY_ATTACHED, &parts)
            .for_each(|group: &Arc<Group>| add(Holder::Group, &group.name, &group.id, &group.path));
        users.extend(world.by::<User>(User::BY_ATTACHED, &parts));
        roles.extend(world.by::<Role>(Role::BY_ATTACHED, &parts));
    }
    if usage != Some("PermissionsPolicy") {
        users.extend(world.by::<User>(User::BY_BOUNDARY, &parts));
        roles.extend(world.by::<Role>(Role::BY_BOUNDARY, &parts));
    }
    users.iter().for_each(|user| add(Holder::User, &user.name, &user.id, &user.path));
    roles.iter().for_each(|role| add(Holder::Role, &role.name, &role.id, &role.path));
    all
}

#[cfg(test)]
mod tests;
