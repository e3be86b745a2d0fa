//! GetAccountAuthorizationDetails: users, roles, groups and managed policies with all that says what they may do.
//!
//! Pages run over all kinds in that order. A marker names the last item by kind and name, so it stays right while things come and go; it
//! belongs to the kinds that were asked for. What AWS leaves out here (descriptions of policies, tags of instance profiles) is left out.

use std::sync::Arc;

use service::paging;

use super::*;
use crate::attachment::AttachedPolicy;
use crate::boundary::{self, Attached};
use crate::document::encoded;
use crate::entity;
use crate::instance_profile::{self, InstanceProfileOut};
use crate::managed_policy::{self, Detail};
use crate::record::{Group, HeldPolicies, InstanceProfile, ManagedPolicy, Role, User, folded};
use crate::role::{self, RoleLastUsed};

use super::summary::policies_in_use;

service::operations! { Iam;
    GetAccountAuthorizationDetails => read(details) authorize(on_account) scan(),
}

#[derive(Debug, Deserialize, Shaped)]
struct Wanted {
    #[serde(default)]
    filter: Vec<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Default, Serialize, Shaped)]
struct Details {
    user_detail_list: Vec<UserDetail>,
    group_detail_list: Vec<GroupDetail>,
    role_detail_list: Vec<RoleDetail>,
    policies: Vec<Detail>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct UserDetail {
    path: String,
    user_name: String,
    user_id: String,
    arn: String,
    create_date: Timestamp,
    /// AWS leaves out an empty one, unlike those of groups and roles.
    user_policy_list: Option<Vec<InlinePolicy>>,
    group_list: Vec<String>,
    attached_managed_policies: Vec<AttachedPolicy>,
    permissions_boundary: Option<Attached>,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize, Shaped)]
struct GroupDetail {
    path: String,
    group_name: String,
    group_id: String,
    arn: String,
    create_date: Timestamp,
    group_policy_list: Vec<InlinePolicy>,
    attached_managed_policies: Vec<AttachedPolicy>,
}

#[derive(Debug, Serialize, Shaped)]
struct RoleDetail {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: Timestamp,
    assume_role_policy_document: String,
    instance_profile_list: Vec<InstanceProfileOut>,
    role_policy_list: Vec<InlinePolicy>,
    attached_managed_policies: Vec<AttachedPolicy>,
    permissions_boundary: Option<Attached>,
    tags: Vec<Tag>,
    role_last_used: RoleLastUsed,
}

#[derive(Debug, Serialize, Shaped)]
struct InlinePolicy {
    policy_name: String,
    policy_document: String,
}

/// The kinds in the order of the pages.
const KINDS: [&str; 5] = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];
const ALL: u8 = (1 << KINDS.len()) - 1;

/// An item of a page.
enum Item<'w> {
    User(&'w User),
    Role(&'w Role),
    Group(&'w Group),
    Own(&'w ManagedPolicy),
    /// The ARN of one of AWS's.
    Aws(&'w str),
}

impl Item<'_> {
    fn sort_key(&self) -> String {
        match self {
            Item::User(user) => format!("0{}", folded(&user.name)),
            Item::Role(role) => format!("1{}", folded(&role.name)),
            Item::Group(group) => format!("2{}", folded(&group.name)),
            Item::Own(policy) => format!("3{}", policy.arn),
            Item::Aws(arn) => format!("4{arn}"),
        }
    }
}

/// The kinds that are asked for, one bit each; none named is all.
fn kinds(filter: &[String]) -> u8 {
    let named = KINDS.iter().enumerate().filter(|(_, kind)| filter.iter().any(|wanted| wanted == *kind));
    match named.fold(0, |bits, (position, _)| bits | (1 << position)) {
        0 => ALL,
        bits => bits,
    }
}

fn scope(account: AccountId, kinds: u8) -> String {
    format!("authorization details of {account} {kinds}")
}

fn details(cx: &Cx, world: &World, input: &Wanted) -> Result<Details, ApiError> {
    let (account, kinds) = (cx.account(), kinds(&input.filter));
    let size = input.max_items.and_then(|size| usize::try_from(size).ok()).unwrap_or(paging::IAM_DEFAULT);
    let mut items = items(world, account, kinds);
    items.sort_by_cached_key(Item::sort_key);
    let page = paging::page(&scope(account, kinds), input.marker.as_deref(), size, items, Item::sort_key)
        .map_err(|_| wrong_marker(account, input.marker.as_deref()))?;
    let mut answer = Details { is_truncated: page.is_truncated(), marker: page.next, ..Details::default() };
    for item in page.items {
        match item {
            Item::User(user) => answer.user_detail_list.push(user_detail(cx, world, user)),
            Item::Role(role) => answer.role_detail_list.push(role_detail(cx, world, role)),
            Item::Group(group) => answer.group_detail_list.push(group_detail(cx, world, group)),
            Item::Own(policy) => answer.policies.extend(managed_policy::own_detail(cx, world, policy)),
            Item::Aws(arn) => answer.policies.extend(managed_policy::aws_detail(cx, world, arn)),
        }
    }
    Ok(answer)
}

fn items(world: &World, account: AccountId, kinds: u8) -> Vec<Item<'_>> {
    let parts = [account.as_str()];
    let mut items = Vec::new();
    let wants = |position: usize| kinds & (1 << position) != 0;
    if wants(0) {
        items.extend(world.scan::<User>(&parts).map(|user| Item::User(user)));
    }
    if wants(1) {
        items.extend(world.scan::<Role>(&parts).map(|role| Item::Role(role)));
    }
    if wants(2) {
        items.extend(world.scan::<Group>(&parts).map(|group| Item::Group(group)));
    }
    if wants(3) {
        items.extend(world.scan::<ManagedPolicy>(&parts).map(|policy| Item::Own(policy)));
    }
    if wants(4) {
        // Of AWS's policies only those that somebody has.
        let used = policies_in_use(world, account).into_iter();
        items.extend(used.filter(|arn| managed_policy::is_aws(arn)).map(Item::Aws));
    }
    items
}

/// AWS tells a marker of other kinds from a text that is no marker of this list at all.
fn wrong_marker(account: AccountId, marker: Option<&str>) -> ApiError {
    let fits = |kinds: u8| {
        let none = std::iter::empty::<String>();
        paging::page(&scope(account, kinds), marker, 1, none, String::clone).is_ok()
    };
    ApiError::validation(match (1..=ALL).any(fits) {
        true => "Invalid Marker.",
        false => "Marker and Filter do not match",
    })
}

fn user_detail(cx: &Cx, world: &World, user: &User) -> UserDetail {
    let inline = inline(&user.policies);
    let groups = user.groups.iter().filter_map(|id| world.get::<Group>(&[user.account.as_str(), id]));
    UserDetail {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: entity::user_arn(cx.partition(), user),
        create_date: user.created_at,
        user_policy_list: (!inline.is_empty()).then_some(inline),
        group_list: sorted(groups.map(|group| group.name.clone())),
        attached_managed_policies: attached(cx, world, &user.policies),
        permissions_boundary: boundary::shown(user.boundary.as_ref()),
        tags: user.tags.clone(),
    }
}

fn group_detail(cx: &Cx, world: &World, group: &Group) -> GroupDetail {
    GroupDetail {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: entity::group_arn(cx.partition(), group),
        create_date: group.created_at,
        group_policy_list: inline(&group.policies),
        attached_managed_policies: attached(cx, world, &group.policies),
    }
}

fn role_detail(cx: &Cx, world: &World, role: &Role) -> RoleDetail {
    let mut profiles: Vec<&Arc<InstanceProfile>> =
        world.by::<InstanceProfile>(InstanceProfile::BY_ROLE, &[role.account.as_str(), &role.id]).collect();
    profiles.sort_by(|a, b| a.name.cmp(&b.name));
    RoleDetail {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: entity::role_arn(cx.partition(), role),
        create_date: role.created_at,
        assume_role_policy_document: encoded(&role::shown_trust(cx.partition(), world, role)),
        instance_profile_list: profiles.iter().map(|profile| instance_profile::listed(cx, world, profile)).collect(),
        role_policy_list: inline(&role.policies),
        attached_managed_policies: attached(cx, world, &role.policies),
        permissions_boundary: boundary::shown(role.boundary.as_ref()),
        tags: role.tags.clone(),
        role_last_used: role::last_used(world, role),
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn inline(held: &HeldPolicies) -> Vec<InlinePolicy> {
    let shown = |(name, text): (&String, &service::PolicyText)| InlinePolicy {
        policy_name: name.clone(),
        policy_document: encoded(text.text()),
    };
    held.inline.iter().map(shown).collect()
}

fn attached(cx: &Cx, world: &World, held: &HeldPolicies) -> Vec<AttachedPolicy> {
    let policies = held.attached.iter().filter_map(|arn| managed_policy::summary(cx, world, arn));
    policies.map(|found| AttachedPolicy { policy_name: found.policy_name, policy_arn: found.arn }).collect()
}
