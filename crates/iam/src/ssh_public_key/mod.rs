//! SSH public keys of users, which CodeCommit would know them by.
//!
//! Only the keys themselves are IAM's business; [`material`] reads and writes them. <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html>

use std::sync::Arc;

use service::paging;
use service::prelude::*;

use self::material::{Encoding, Key, Refusal};
use crate::entity::{self, missing};
use crate::owner::name_users;
use crate::record::{KeyStatus, SshPublicKey, User};
use crate::{quota, user};

mod material;

service::operations! { Iam;
    UploadSSHPublicKey => write(upload) authorize(to_upload),
    GetSSHPublicKey => read(get) authorize(to_get),
    ListSSHPublicKeys => read(list) authorize(user::named_or_self) check(must_name),
    UpdateSSHPublicKey => write(update) authorize(to_update),
    DeleteSSHPublicKey => write(delete) authorize(to_delete),
}

#[derive(Debug, Deserialize, Shaped)]
struct UploadSshPublicKey {
    user_name: String,
    ssh_public_key_body: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct GetSshPublicKey {
    user_name: String,
    ssh_public_key_id: String,
    encoding: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListSshPublicKeys {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateSshPublicKey {
    user_name: String,
    ssh_public_key_id: String,
    status: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct DeleteSshPublicKey {
    user_name: String,
    ssh_public_key_id: String,
}

name_users!(ListSshPublicKeys);

#[derive(Debug, Serialize, Shaped)]
struct One {
    ssh_public_key: Shown,
}

#[derive(Debug, Serialize, Shaped)]
struct Shown {
    user_name: String,
    ssh_public_key_id: String,
    fingerprint: String,
    ssh_public_key_body: String,
    status: &'static str,
    upload_date: Timestamp,
}

#[derive(Debug, Serialize, Shaped)]
struct Listed {
    ssh_public_keys: Vec<Metadata>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Metadata {
    user_name: String,
    ssh_public_key_id: String,
    status: &'static str,
    upload_date: Timestamp,
}

/// The keys of that user, the oldest first.
pub fn of<'w>(world: &'w World, user: &User) -> Vec<&'w Arc<SshPublicKey>> {
    let parts = [user.account.as_str(), &user.id];
    let mut found: Vec<_> = world.by::<SshPublicKey>(SshPublicKey::BY_USER, &parts).collect();
    found.sort_by(|a, b| (a.uploaded_at, &a.id).cmp(&(b.uploaded_at, &b.id)));
    found
}

/// Root has no SSH keys: it must name a user like anybody who is none.
fn must_name(cx: &Cx, _: &World, input: &ListSshPublicKeys) -> Result<(), ApiError> {
    user::named(cx, input.user_name.as_deref()).map(|_| ())
}

fn to_upload(cx: &Cx, world: &World, input: &UploadSshPublicKey) -> Vec<Check> {
    vec![entity::check_user(cx, world, &input.user_name)]
}

fn to_get(cx: &Cx, world: &World, input: &GetSshPublicKey) -> Vec<Check> {
    vec![entity::check_user(cx, world, &input.user_name)]
}

fn to_update(cx: &Cx, world: &World, input: &UpdateSshPublicKey) -> Vec<Check> {
    vec![entity::check_user(cx, world, &input.user_name)]
}

fn to_delete(cx: &Cx, world: &World, input: &DeleteSshPublicKey) -> Vec<Check> {
    vec![entity::check_user(cx, world, &input.user_name)]
}

/// AWS's codes and texts, recorded in September 2026.
fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Unrecognized => ApiError::new("UnrecognizedPublicKeyEncoding", "Invalid public key uploaded."),
        Refusal::Invalid => ApiError::new("InvalidPublicKey", "Invalid body for public key"),
    }
}

fn upload(cx: &Cx, tx: &mut Tx, input: &UploadSshPublicKey) -> Result<One, ApiError> {
    let user = entity::user(cx, tx, &input.user_name)?;
    let fingerprint = Key::read(&input.ssh_public_key_body).map_err(refused)?.fingerprint();
    let held = of(tx, &user);
    if held.iter().any(|key| key.fingerprint == fingerprint) {
        return Err(ApiError::new("DuplicateSSHPublicKey", "Duplicate SSH public key uploaded."));
    }
    quota::SSH_PUBLIC_KEYS.check(cx, || held.len())?;
    let key = SshPublicKey {
        account: cx.account(),
        id: cx.ids.access_key_id("APKA", cx.account()),
        user_id: user.id.clone(),
        body: input.ssh_public_key_body.clone(),
        fingerprint,
        status: KeyStatus::Active,
        uploaded_at: cx.now_seconds(),
    };
    let out = One { ssh_public_key: shown(&user, &key, key.body.clone()) };
    tx.put(key);
    Ok(out)
}

fn shown(user: &User, key: &SshPublicKey, body: String) -> Shown {
    Shown {
        user_name: user.name.clone(),
        ssh_public_key_id: key.id.clone(),
        fingerprint: key.fingerprint.clone(),
        ssh_public_key_body: body,
        status: key.status.word(),
        upload_date: key.uploaded_at,
    }
}

/// The key of that id among the user's.
fn find(cx: &Cx, world: &World, name: &str, id: &str) -> Result<(Arc<User>, Arc<SshPublicKey>), ApiError> {
    let user = entity::user(cx, world, name)?;
    let key = world.get::<SshPublicKey>(&[cx.account().as_str(), id]).filter(|key| key.user_id == user.id);
    let key = key.ok_or_else(|| missing(format!("User has no Public Key with id {id}.")))?;
    Ok((user, key.clone()))
}

/// In the encoding in which it was uploaded the key comes back as it was; in the other one it has no comment.
fn get(cx: &Cx, world: &World, input: &GetSshPublicKey) -> Result<One, ApiError> {
    let (user, key) = find(cx, world, &input.user_name, &input.ssh_public_key_id)?;
    let wanted = if input.encoding == "PEM" { Encoding::Pem } else { Encoding::Ssh };
    let body = if Encoding::of(&key.body) == Some(wanted) {
        key.body.clone()
    } else {
        let written = Key::read(&key.body).ok().and_then(|read| read.write(wanted));
        written.ok_or_else(|| ApiError::internal("a stored SSH public key is none"))?
    };
    Ok(One { ssh_public_key: shown(&user, &key, body) })
}

fn list(cx: &Cx, world: &World, input: &ListSshPublicKeys) -> Result<Listed, ApiError> {
    let user = entity::user(cx, world, user::named(cx, input.user_name.as_deref())?)?;
    let scope = format!("SSH public keys of {} {}", cx.account(), user.id);
    let by_age = |key: &&Arc<SshPublicKey>| format!("{} {}", key.uploaded_at, key.id);
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, of(world, &user), by_age)?;
    let metadata = |key: &Arc<SshPublicKey>| Metadata {
        user_name: user.name.clone(),
        ssh_public_key_id: key.id.clone(),
        status: key.status.word(),
        upload_date: key.uploaded_at,
    };
    Ok(Listed {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        ssh_public_keys: page.items.into_iter().map(metadata).collect(),
    })
}

fn update(cx: &Cx, tx: &mut Tx, input: &UpdateSshPublicKey) -> Result<Done, ApiError> {
    let (_, key) = find(cx, tx, &input.user_name, &input.ssh_public_key_id)?;
    let status = KeyStatus::to_set(&input.status)?;
    tx.put(SshPublicKey { status, ..SshPublicKey::clone(&key) });
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteSshPublicKey) -> Result<Done, ApiError> {
    let (_, key) = find(cx, tx, &input.user_name, &input.ssh_public_key_id)?;
    tx.remove::<SshPublicKey>(&[key.account.as_str(), &key.id]);
    Ok(Done {})
}

#[cfg(test)]
mod tests;
