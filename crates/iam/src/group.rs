//! Groups and who is in them.
//!
//! Membership is kept by the users; a group holds only its policies. Start with `create` and `add_user`.

use service::paging;
use service::prelude::*;

use crate::record::{Group, HeldPolicies, User, folded};
use crate::{entity, quota, user};

service::operations! { Iam;
    CreateGroup => write(create) authorize(to_create),
    GetGroup => read(get) authorize(to_get),
    ListGroups => read(list) authorize(to_list),
    UpdateGroup => write(update) authorize(to_update),
    DeleteGroup => write(delete) authorize(by_name),
    AddUserToGroup => write(add_user) authorize(membership),
    RemoveUserFromGroup => write(remove_user) authorize(membership),
    ListGroupsForUser => read(list_for_user) authorize(to_list_for_user),
}

#[derive(Debug, Deserialize, Shaped)]
struct CreateGroup {
    path: Option<String>,
    group_name: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct ByName {
    group_name: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct GetGroup {
    group_name: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListGroups {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateGroup {
    group_name: String,
    new_path: Option<String>,
    new_group_name: Option<String>,
}

#[derive(Debug, Deserialize, Shaped)]
struct Membership {
    group_name: String,
    user_name: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListForUser {
    user_name: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Serialize, Shaped)]
struct GroupOut {
    group: Shown,
}

#[derive(Debug, Serialize, Shaped)]
struct GroupWithUsers {
    group: Shown,
    users: Vec<user::Shown>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Groups {
    groups: Vec<Shown>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Shown {
    path: String,
    group_name: String,
    group_id: String,
    arn: String,
    create_date: Timestamp,
}

fn shown(cx: &Cx, group: &Group) -> Shown {
    Shown {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: entity::group_arn(cx.partition(), group),
        create_date: group.created_at,
    }
}

fn to_create(cx: &Cx, _: &World, input: &CreateGroup) -> Vec<Check> {
    vec![entity::check_new(cx, "group", input.path.as_deref(), &input.group_name, &[])]
}

fn by_name(cx: &Cx, world: &World, input: &ByName) -> Vec<Check> {
    vec![entity::check_group(cx, world, &input.group_name)]
}

fn to_get(cx: &Cx, world: &World, input: &GetGroup) -> Vec<Check> {
    vec![entity::check_group(cx, world, &input.group_name)]
}

fn to_list(cx: &Cx, _: &World, input: &ListGroups) -> Vec<Check> {
    vec![entity::check_list(cx, "group", input.path_prefix.as_deref())]
}

fn to_update(cx: &Cx, world: &World, input: &UpdateGroup) -> Vec<Check> {
    let mut checks = vec![entity::check_group(cx, world, &input.group_name)];
    if let Some(held) = entity::find_group(world, cx.account(), &input.group_name) {
        let new = (input.new_path.as_ref(), input.new_group_name.as_ref());
        checks.extend(entity::check_moved(cx, "group", (&held.path, &held.name), new, &[]));
    }
    checks
}

fn membership(cx: &Cx, world: &World, input: &Membership) -> Vec<Check> {
    vec![entity::check_group(cx, world, &input.group_name)]
}

fn to_list_for_user(cx: &Cx, world: &World, input: &ListForUser) -> Vec<Check> {
    vec![entity::check_user(cx, world, &input.user_name)]
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateGroup) -> Result<GroupOut, ApiError> {
    if entity::find_group(tx, cx.account(), &input.group_name).is_some() {
        return Err(taken(&input.group_name));
    }
    quota::GROUPS.check(cx, || tx.count::<Group>(&[cx.account().as_str()]))?;
    let group = Group {
        account: cx.account(),
        id: cx.ids.unique("AGPA", cx.account()),
        name: input.group_name.clone(),
        path: entity::path(input.path.as_ref()),
        created_at: cx.now_seconds(),
        policies: HeldPolicies::default(),
    };
    let out = GroupOut { group: shown(cx, &group) };
    tx.put(group);
    Ok(out)
}

fn taken(name: &str) -> ApiError {
    entity::exists(format!("Group with name {name} already exists."))
}

fn get(cx: &Cx, world: &World, input: &GetGroup) -> Result<GroupWithUsers, ApiError> {
    let group = entity::group(cx, world, &input.group_name)?;
    let mut users: Vec<_> = world.by::<User>(User::BY_GROUP, &[cx.account().as_str(), &group.id]).collect();
    users.sort_by_key(|user| folded(&user.name));
    let scope = format!("users in {}", group.id);
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, users, |user| folded(&user.name))?;
    Ok(GroupWithUsers {
        group: shown(cx, &group),
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        users: page.items.into_iter().map(|user| user::shown(cx, user).brief()).collect(),
    })
}

fn list(cx: &Cx, world: &World, input: &ListGroups) -> Result<Groups, ApiError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let groups =
        world.by::<Group>(Group::BY_NAME, &[cx.account().as_str()]).filter(|group| group.path.starts_with(prefix));
    let scope = format!("groups {} {prefix}", cx.account());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, groups, |group| folded(&group.name))?;
    Ok(Groups {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        groups: page.items.into_iter().map(|group| shown(cx, group)).collect(),
    })
}

fn update(cx: &Cx, tx: &mut Tx, input: &UpdateGroup) -> Result<Done, ApiError> {
    let group = entity::group(cx, tx, &input.group_name)?;
    let wanted = input.new_group_name.as_deref();
    let holder = wanted.and_then(|name| entity::find_group(tx, cx.account(), name));
    if let (Some(name), Some(_)) = (wanted, holder.filter(|holder| holder.id != group.id)) {
        return Err(taken(name));
    }
    let mut group = Group::clone(&group);
    group.name = input.new_group_name.clone().unwrap_or(group.name);
    group.path = input.new_path.clone().unwrap_or(group.path);
    tx.put(group);
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, input: &ByName) -> Result<Done, ApiError> {
    let group = entity::group(cx, tx, &input.group_name)?;
    let has_users = tx.one::<User>(User::BY_GROUP, &[cx.account().as_str(), &group.id]).is_some();
    let obstacles = [
        (has_users, "must remove users from group first"),
        (!group.policies.attached.is_empty(), "must detach all policies first"),
        (!group.policies.inline.is_empty(), "must delete policies first"),
    ];
    entity::none_in_the_way(&obstacles)?;
    tx.remove::<Group>(&[cx.account().as_str(), &group.id]);
    Ok(Done {})
}

/// Adding who is in already changes nothing and succeeds.
fn add_user(cx: &Cx, tx: &mut Tx, input: &Membership) -> Result<Done, ApiError> {
    let group = entity::group(cx, tx, &input.group_name)?;
    let user = entity::user(cx, tx, &input.user_name)?;
    if !user.groups.contains(&group.id) {
        quota::GROUPS_PER_USER.check(cx, || user.groups.len())?;
        tx.update::<User>(&[user.account.as_str(), &user.id], |user| _ = user.groups.insert(group.id.clone()));
    }
    Ok(Done {})
}

/// Removing who is not in changes nothing and succeeds (tried on AWS: cloud-custodian/cloud-custodian#4730).
fn remove_user(cx: &Cx, tx: &mut Tx, input: &Membership) -> Result<Done, ApiError> {
    let group = entity::group(cx, tx, &input.group_name)?;
    let user = entity::user(cx, tx, &input.user_name)?;
    if user.groups.contains(&group.id) {
        tx.update::<User>(&[user.account.as_str(), &user.id], |user| _ = user.groups.remove(&group.id));
    }
    Ok(Done {})
}

fn list_for_user(cx: &Cx, world: &World, input: &ListForUser) -> Result<Groups, ApiError> {
    let user = entity::user(cx, world, &input.user_name)?;
    let mut groups: Vec<_> =
        user.groups.iter().filter_map(|id| world.get::<Group>(&[user.account.as_str(), id])).collect();
    groups.sort_by_key(|group| folded(&group.name));
    let scope = format!("groups of {}", user.id);
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, groups, |group| folded(&group.name))?;
    Ok(Groups {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        groups: page.items.into_iter().map(|group| shown(cx, group)).collect(),
    })
}

#[cfg(test)]
mod tests;
