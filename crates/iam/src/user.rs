//! Users.
//!
//! What hangs on a user (keys, policies, group memberships) has its own module; deleting one is refused while any is left.
//! Start with `create`.

use std::collections::BTreeSet;

use service::paging;
use service::prelude::*;

use crate::record::{AccessKey, HeldPolicies, MfaOwner, User, folded};
use crate::{
    access_key, boundary, entity, last_accessed, login_profile, mfa, quota, service_specific_credential,
    signing_certificate, ssh_public_key, tagging,
};

service::operations! { Iam;
    CreateUser => write(create) authorize(to_create),
    GetUser => read(get) authorize(named_or_self) check(must_name),
    ListUsers => read(list) authorize(to_list) scan(),
    UpdateUser => write(update) authorize(to_update),
    DeleteUser => write(delete) authorize(by_name),
}

/// CreateUser's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct CreateUser {
    path: Option<String>,
    user_name: String,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// A user, for operations that name one.
#[derive(Debug, Deserialize, Shaped)]
pub struct ByName {
    user_name: String,
}

/// A user, or the caller.
#[derive(Debug, Deserialize, Shaped)]
pub struct ByNameOrSelf {
    user_name: Option<String>,
}

/// ListUsers' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListUsers {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// UpdateUser's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct UpdateUser {
    user_name: String,
    new_path: Option<String>,
    new_user_name: Option<String>,
}

/// One user.
#[derive(Debug, Serialize, Shaped)]
pub struct UserOut {
    user: Shown,
}

/// Users.
#[derive(Debug, Serialize, Shaped)]
pub struct UsersOut {
    users: Vec<Shown>,
    is_truncated: bool,
    marker: Option<String>,
}

/// A user as answers show it.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Shown {
    path: Option<String>,
    user_name: Option<String>,
    user_id: String,
    arn: String,
    pub(crate) create_date: Timestamp,
    password_last_used: Option<Timestamp>,
    permissions_boundary: Option<boundary::Attached>,
    tags: Option<Vec<Tag>>,
}

/// A user with everything, as GetUser shows it; lists leave tags and boundary out ([`Shown::brief`]).
pub fn shown(cx: &Cx, user: &User) -> Shown {
    Shown {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: user.id.clone(),
        arn: entity::user_arn(cx.partition(), user),
        create_date: user.created_at,
        password_last_used: user.password_last_used,
        permissions_boundary: boundary::shown(user.boundary.as_ref()),
        tags: (!user.tags.is_empty()).then(|| user.tags.clone()),
    }
}

impl Shown {
    /// As in lists: without tags and boundary.
    pub fn brief(self) -> Shown {
        Shown { permissions_boundary: None, tags: None, ..self }
    }
}

fn to_create(cx: &Cx, _: &World, input: &CreateUser) -> Vec<Check> {
    let check = entity::check_new(cx, "user", input.path.as_deref(), &input.user_name, &input.tags);
    let check = check.key_if(entity::BOUNDARY_KEY, input.permissions_boundary.as_ref());
    entity::and_tags(check, "iam:TagUser", &input.tags)
}

fn by_name(cx: &Cx, world: &World, input: &ByName) -> Vec<Check> {
    vec![entity::check_user(cx, world, &input.user_name)]
}

/// The input of an operation that acts on the caller if no user is named.
pub trait NamesUser {
    /// The user that is named.
    fn user_name(&self) -> Option<&str>;
}

impl NamesUser for ByNameOrSelf {
    fn user_name(&self) -> Option<&str> {
        self.user_name.as_deref()
    }
}

/// The check of an operation that acts on the caller if no user is named.
pub fn named_or_self(cx: &Cx, world: &World, input: &impl NamesUser) -> Vec<Check> {
    vec![match input.user_name().or(cx.caller.user_name()) {
        Some(name) => entity::check_user(cx, world, name),
        None => Check::on(cx.caller.principal_arn()),
    }]
}

/// A session has no user to act on. AWS says so even to one that may do nothing.
pub fn must_name(cx: &Cx, _: &World, input: &impl NamesUser) -> Result<(), ApiError> {
    if cx.caller.is_root() { Ok(()) } else { named(cx, input.user_name()).map(|_| ()) }
}

fn to_list(cx: &Cx, _: &World, input: &ListUsers) -> Vec<Check> {
    vec![entity::check_list(cx, "user", input.path_prefix.as_deref())]
}

fn to_update(cx: &Cx, world: &World, input: &UpdateUser) -> Vec<Check> {
    let mut checks = vec![entity::check_user(cx, world, &input.user_name)];
    if let Some(held) = entity::find_user(world, cx.account(), &input.user_name) {
        let new = (input.new_path.as_ref(), input.new_user_name.as_ref());
        checks.extend(entity::check_moved(cx, "user", (&held.path, &held.name), new, &held.tags));
    }
    checks
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateUser) -> Result<UserOut, ApiError> {
    let tags = tagging::for_new(&input.tags)?;
    if entity::find_user(tx, cx.account(), &input.user_name).is_some() {
        return Err(taken(&input.user_name));
    }
    let boundary = boundary::to_set(cx, tx, "user", input.permissions_boundary.as_ref())?;
    quota::USERS.check(cx, || tx.count::<User>(&[cx.account().as_str()]))?;
    let user = User {
        account: cx.account(),
        id: cx.ids.unique("AIDA", cx.account()),
        name: input.user_name.clone(),
        path: entity::path(input.path.as_ref()),
        created_at: cx.now_seconds(),
        policies: HeldPolicies::default(),
        groups: BTreeSet::new(),
        boundary,
        tags,
        password_last_used: None,
    };
    let out = UserOut { user: shown(cx, &user) };
    tx.put(user);
    Ok(out)
}

fn taken(name: &str) -> ApiError {
    entity::exists(format!("User with name {name} already exists."))
}

/// Without a name it is the caller; the root user then shows itself, which has neither name nor path.
fn get(cx: &Cx, world: &World, input: &ByNameOrSelf) -> Result<UserOut, ApiError> {
    if cx.caller.is_root() && input.user_name.is_none() {
        return Ok(UserOut { user: root(cx, world) });
    }
    let name = named(cx, input.user_name.as_deref())?;
    Ok(UserOut { user: shown(cx, &*entity::user(cx, world, name)?) })
}

/// The root user, which has neither name nor path.
pub(crate) fn root(cx: &Cx, world: &World) -> Shown {
    Shown {
        path: None,
        user_name: None,
        user_id: cx.account().to_string(),
        arn: service::arn::root(cx.partition(), cx.account()),
        // An account's own date is not kept; its root user is as old as the oldest of root's keys.
        create_date: access_key::of_root(world, cx.account())
            .map(|key| key.created_at)
            .min()
            .unwrap_or(cx.now_seconds()),
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}

/// The refusal of a session that names no user where one is needed.
pub fn must_be_named() -> ApiError {
    ApiError::validation("Must specify userName when calling with non-User credentials")
}

/// The name of the user an operation acts on: the one given, else the caller.
pub fn named<'a>(cx: &'a Cx, given: Option<&'a str>) -> Result<&'a str, ApiError> {
    given.or(cx.caller.user_name()).ok_or_else(must_be_named)
}

fn list(cx: &Cx, world: &World, input: &ListUsers) -> Result<UsersOut, ApiError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let users = world.by::<User>(User::BY_NAME, &[cx.account().as_str()]).filter(|user| user.path.starts_with(prefix));
    let scope = format!("users {} {prefix}", cx.account());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, users, |user| folded(&user.name))?;
    Ok(UsersOut {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        users: page.items.into_iter().map(|user| shown(cx, user).brief()).collect(),
    })
}

fn update(cx: &Cx, tx: &mut Tx, input: &UpdateUser) -> Result<Done, ApiError> {
    let user = entity::user(cx, tx, &input.user_name)?;
    let wanted = input.new_user_name.as_deref();
    let holder = wanted.and_then(|name| entity::find_user(tx, cx.account(), name));
    if let (Some(name), Some(_)) = (wanted, holder.filter(|holder| holder.id != user.id)) {
        return Err(taken(name));
    }
    let mut user = User::clone(&user);
    user.name = input.new_user_name.clone().unwrap_or(user.name);
    user.path = input.new_path.clone().unwrap_or(user.path);
    tx.put(user);
    Ok(Done {})
}

/// What hangs on a user must go first. AWS documents what, not which of several it names.
fn delete(cx: &Cx, tx: &mut Tx, input: &ByName) -> Result<Done, ApiError> {
    let user = entity::user(cx, tx, &input.user_name)?;
    let has_keys = tx.one::<AccessKey>(AccessKey::BY_USER, &[user.account.as_str(), &user.id]).is_some();
    let has_for_services =
        service_specific_credential::of(tx, &user).next().is_some() || !ssh_public_key::of(tx, &user).is_empty();
    let has_devices = mfa::of_owner(tx, user.account, &MfaOwner::User(user.id.clone())).next().is_some();
    let obstacles = [
        // Older texts say `must delete MFA device first`; this is what AWS says since users may have several.
        (has_devices, "must remove tokens from principal first"),
        (has_keys, "must delete access keys first"),
        (login_profile::of(tx, user.account, Some(&user.id)).is_some(), "must delete login profile first"),
        (has_for_services, "must remove referenced objects first"),
        (!signing_certificate::of(tx, user.account, Some(&user.id)).is_empty(), "must delete certificates first"),
        (!user.policies.attached.is_empty(), "must detach all policies first"),
        (!user.policies.inline.is_empty(), "must delete policies first"),
        (!user.groups.is_empty(), "must remove users from group first"),
    ];
    entity::none_in_the_way(&obstacles)?;
    tx.remove::<User>(&[user.account.as_str(), &user.id]);
    last_accessed::forget(tx, user.account, &user.id);
    Ok(Done {})
}

#[cfg(test)]
mod tests;
