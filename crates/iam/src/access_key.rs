//! Long-term access keys: of users, and of the account's root user.
//!
//! Secrets leave only in the answer that made them. Signatures are verified elsewhere; what that needs to know of a key is asked of
//! [`access_key`] and [`caller_of`]. [`note_use`] is how the server tells that one was used.

use std::sync::Arc;

use service::paging;
use service::prelude::*;

use crate::owner::{Owner, name_users};
use crate::record::{AccessKey, KeyStatus, LastUsed, User};
use crate::{entity, last_accessed, quota, user};

service::operations! { Iam;
    CreateAccessKey => write(create) authorize(on_owner) check(user::must_name),
    ListAccessKeys => read(list) authorize(on_owner) check(user::must_name),
    UpdateAccessKey => write(update) authorize(on_owner) check(user::must_name),
    DeleteAccessKey => write(delete) authorize(on_owner) check(user::must_name),
    GetAccessKeyLastUsed => read(last_used) authorize(to_ask_last_used),
}

#[derive(Debug, Deserialize, Shaped)]
struct CreateAccessKey {
    user_name: Option<String>,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListAccessKeys {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateAccessKey {
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct DeleteAccessKey {
    user_name: Option<String>,
    access_key_id: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct AskLastUsed {
    access_key_id: String,
}

#[derive(Debug, Serialize, Shaped)]
struct Created {
    access_key: NewKey,
}

/// The one time a secret is told.
#[derive(Serialize, Shaped)]
struct NewKey {
    user_name: Option<String>,
    access_key_id: String,
    status: &'static str,
    secret_access_key: String,
    create_date: Timestamp,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

#[derive(Debug, Serialize, Shaped)]
struct Listed {
    access_key_metadata: Vec<Metadata>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Metadata {
    user_name: Option<String>,
    access_key_id: String,
    status: &'static str,
    create_date: Timestamp,
}

#[derive(Debug, Serialize, Shaped)]
struct LastUsedOut {
    user_name: Option<String>,
    access_key_last_used: Use,
}

#[derive(Debug, Serialize, Shaped)]
struct Use {
    last_used_date: Option<Timestamp>,
    service_name: String,
    region: String,
}

/// The key of that id, active or not.
pub fn access_key(world: &World, id: &str) -> Option<Arc<AccessKey>> {
    world.get::<AccessKey>(&[id]).cloned()
}

/// The caller a key stands for, as its user is now.
pub fn caller_of(world: &World, key: &AccessKey, partition: &'static str) -> Option<Caller> {
    let principal = match &key.user_id {
        None => Principal::Root,
        Some(id) => {
            let user = world.get::<User>(&[key.account.as_str(), id])?;
            Principal::User { id: user.id.clone(), name: user.name.clone(), path: user.path.clone() }
        }
    };
    Some(Caller { account: key.account, partition, principal, access_key_id: key.id.clone(), session: None })
}

/// The root user's keys.
pub fn of_root(world: &World, account: AccountId) -> impl Iterator<Item = &Arc<AccessKey>> {
    keys_of(world, account, "").into_iter()
}

/// Notes the use of an access key, or of a role of that account. Says whether anything was written: not if it is no news, or they are gone.
pub fn note_use(tx: &mut Tx, account: AccountId, used: LastUsed) -> bool {
    let exists = tx.get::<AccessKey>(&[&used.id]).is_some() || last_accessed::is_role(tx, account, &used.id);
    let is_news = tx.get::<LastUsed>(&[&used.id]).is_none_or(|noted| {
        last_accessed::is_news((noted.at, (&noted.service, &noted.region)), used.at, (&used.service, &used.region))
    });
    if exists && is_news {
        tx.put(used);
    }
    exists && is_news
}

impl KeyStatus {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            KeyStatus::Active => "Active",
            KeyStatus::Inactive => "Inactive",
        }
    }

    /// The status a request wants to give.
    pub fn to_set(word: &str) -> Result<KeyStatus, ApiError> {
        match word {
            "Active" => Ok(KeyStatus::Active),
            "Inactive" => Ok(KeyStatus::Inactive),
            // The model also knows `Expired`, which is AWS's to set.
            other => Err(ApiError::new("InvalidInput", format!("Operation does not support status {other}"))),
        }
    }
}

name_users!(CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey);

/// Asked of the user who is named, or of the caller, whom a denial then shows as `user nullNAME` (seen on AWS).
fn on_owner(cx: &Cx, world: &World, input: &impl user::NamesUser) -> Vec<Check> {
    let checks = user::named_or_self(cx, world, input).into_iter();
    match cx.caller.user_name().filter(|_| input.user_name().is_none()) {
        Some(name) => checks.map(|check| check.shown_as(format!("user null{name}"))).collect(),
        None => checks.collect(),
    }
}

/// Asked of the user the key belongs to; of one that is nobody's in this account, of all users.
fn to_ask_last_used(cx: &Cx, world: &World, input: &AskLastUsed) -> Vec<Check> {
    let owner = access_key(world, &input.access_key_id)
        .filter(|key| key.account == cx.account())
        .and_then(|key| world.get::<User>(&[key.account.as_str(), key.user_id.as_deref()?]).cloned());
    vec![match owner {
        Some(user) => Check::on(entity::user_arn(cx.partition(), &user)).tagged(&user.tags),
        None => Check::on(service::arn::iam(cx.partition(), cx.account(), "user", "/", "*"))
            .shown_as(format!("access key {}", input.access_key_id)),
    }]
}

/// The keys of that user, or of root for an empty id.
fn keys_of<'w>(world: &'w World, account: AccountId, user_id: &str) -> Vec<&'w Arc<AccessKey>> {
    world.by::<AccessKey>(AccessKey::BY_USER, &[account.as_str(), user_id]).collect()
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateAccessKey) -> Result<Created, ApiError> {
    let owner = Owner::of(cx, tx, input.user_name.as_deref())?;
    quota::ACCESS_KEYS.check(cx, || keys_of(tx, cx.account(), owner.id()).len())?;
    let key = AccessKey {
        id: cx.ids.access_key_id("AKIA", cx.account()),
        secret: cx.ids.secret(),
        account: cx.account(),
        user_id: owner.user_id().map(str::to_owned),
        status: KeyStatus::Active,
        created_at: cx.now_seconds(),
    };
    let access_key = NewKey {
        user_name: owner.name(),
        access_key_id: key.id.clone(),
        status: key.status.word(),
        secret_access_key: key.secret.clone(),
        create_date: key.created_at,
    };
    tx.put(key);
    Ok(Created { access_key })
}

/// The older key comes first: who renews keys deletes that one.
fn list(cx: &Cx, world: &World, input: &ListAccessKeys) -> Result<Listed, ApiError> {
    let owner = Owner::of(cx, world, input.user_name.as_deref())?;
    let by_age = |key: &Arc<AccessKey>| format!("{} {}", key.created_at, key.id);
    let mut keys = keys_of(world, cx.account(), owner.id());
    keys.sort_by_cached_key(|key| by_age(key));
    let scope = format!("access keys of {} {}", cx.account(), owner.id());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, keys, |key| by_age(key))?;
    let metadata = |key: &Arc<AccessKey>| Metadata {
        user_name: owner.name(),
        access_key_id: key.id.clone(),
        status: key.status.word(),
        create_date: key.created_at,
    };
    Ok(Listed {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        access_key_metadata: page.items.into_iter().map(metadata).collect(),
    })
}

/// The key of that id among the owner's.
fn find(cx: &Cx, world: &World, name: Option<&str>, id: &str) -> Result<Arc<AccessKey>, ApiError> {
    let owner = Owner::of(cx, world, name)?;
    keys_of(world, cx.account(), owner.id())
        .into_iter()
        .find(|key| key.id == id)
        .cloned()
        .ok_or_else(|| entity::missing(format!("The Access Key with id {id} cannot be found.")))
}

fn update(cx: &Cx, tx: &mut Tx, input: &UpdateAccessKey) -> Result<Done, ApiError> {
    let key = find(cx, tx, input.user_name.as_deref(), &input.access_key_id)?;
    let status = KeyStatus::to_set(&input.status)?;
    tx.update::<AccessKey>(&[&key.id], |key| key.status = status);
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteAccessKey) -> Result<Done, ApiError> {
    let key = find(cx, tx, input.user_name.as_deref(), &input.access_key_id)?;
    tx.remove::<AccessKey>(&[&key.id]);
    tx.remove::<LastUsed>(&[&key.id]);
    Ok(Done {})
}

fn last_used(cx: &Cx, world: &World, input: &AskLastUsed) -> Result<LastUsedOut, ApiError> {
    let id = input.access_key_id.as_str();
    let key = access_key(world, id)
        .filter(|key| key.account == cx.account())
        .ok_or_else(|| entity::missing(format!("The Access Key with id {id} cannot be found.")))?;
    let user = key.user_id.as_deref().and_then(|user| world.get::<User>(&[key.account.as_str(), user]));
    let used = world.get::<LastUsed>(&[id]);
    Ok(LastUsedOut {
        user_name: user.map(|user| user.name.clone()),
        access_key_last_used: Use {
            last_used_date: used.map(|used| used.at),
            service_name: used.map_or_else(|| "N/A".to_owned(), |used| used.service.clone()),
            region: used.map_or_else(|| "N/A".to_owned(), |used| used.region.clone()),
        },
    })
}

#[cfg(test)]
mod tests;
