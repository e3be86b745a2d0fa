//! DescribeSnapshots. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html>
//!
//! An account sees its own snapshots, those shared with it, and all public ones.

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::record::EVERYBODY;
use super::{Snapshot, catalogue, usable};
use crate::instance::describe::time;
use crate::kind;
use crate::resource;
use crate::setting::encryption;

/// `DescribeSnapshotsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSnapshots {
    pub snapshot_ids: Option<Vec<String>>,
    pub owner_ids: Option<Vec<String>>,
    pub restorable_by_user_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSnapshotsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Snapshots {
    pub snapshots: Vec<SnapshotOut>,
    pub next_token: Option<String>,
}

/// `Snapshot`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct SnapshotOut {
    pub snapshot_id: String,
    pub volume_id: String,
    pub state: &'static str,
    pub start_time: Timestamp,
    pub completion_time: Option<Timestamp>,
    pub progress: &'static str,
    pub owner_id: String,
    pub owner_alias: Option<String>,
    pub description: String,
    pub volume_size: i64,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub associated_kms_keys: Option<Vec<KeyOut>>,
    pub sse_type: Option<&'static str>,
    pub storage_tier: &'static str,
    /// How fast it was copied, told of every snapshot.
    pub transfer_type: &'static str,
    pub restore_expiry_time: Option<Timestamp>,
    pub tags: Option<Vec<Tag>>,
}

/// `AssociatedKmsKey`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct KeyOut {
    pub kms_key_id: String,
}

static FIELDS: Fields<SnapshotOut> = Fields {
    fields: &[
        ("description", |it, values| values.push(it.description.as_str())),
        ("encrypted", |it, values| values.push_bool(it.encrypted)),
        ("owner-alias", |it, values| values.push_if(it.owner_alias.as_deref())),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("progress", |it, values| values.push(it.progress)),
        ("snapshot-id", |it, values| values.push(it.snapshot_id.as_str())),
        ("start-time", |it, values| values.push(time(it.start_time))),
        ("status", |it, values| values.push(it.state)),
        ("storage-tier", |it, values| values.push(it.storage_tier)),
        ("transfer-type", |it, values| values.push(it.transfer_type)),
        ("volume-id", |it, values| values.push(it.volume_id.as_str())),
        ("volume-size", |it, values| values.push(it.volume_size.to_string())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Ids and a page size exclude each other.
pub fn check(_: &Cx, _: &World, input: &DescribeSnapshots) -> Result<(), ApiError> {
    if input.max_results.is_some() && input.snapshot_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        return Err(crate::refused::not_together("snapshotSet", "maxResults"));
    }
    paging::must_be_enough(input.max_results)
}

/// Snapshots that pass owners, permissions and filters, of those the account may see.
pub fn describe(cx: &Cx, world: &World, input: &DescribeSnapshots) -> Result<Snapshots, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let owners = input.owner_ids.as_deref().unwrap_or_default();
    let users = input.restorable_by_user_ids.as_deref().unwrap_or_default();
    let mut found = match input.snapshot_ids.as_deref() {
        Some(ids) if !ids.is_empty() => named(cx, world, ids)?,
        _ => visible(cx, world, owners),
    };
    found.retain(|snapshot| is_owned(cx, snapshot, owners) && is_restorable(cx, world, snapshot, users));
    let outs = resource::sorted(found).into_iter().map(|snapshot| out(cx, &snapshot)).filter(|it| chosen.admit(it));
    let scope = format!("snapshots {filters:?} {owners:?} {users:?}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.snapshot_id.clone())?;
    Ok(Snapshots { snapshots: page.items, next_token: page.next })
}

fn named(cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<Snapshot>>, ApiError> {
    ids.iter().try_for_each(|id| kind::SNAPSHOT.well_formed(id))?;
    let missing: Vec<&str> = ids.iter().map(String::as_str).filter(|id| usable(world, cx, id).is_none()).collect();
    if !missing.is_empty() {
        return Err(kind::SNAPSHOT.not_found(&missing));
    }
    Ok(ids.iter().filter_map(|id| usable(world, cx, id)).map(Arc::new).collect())
}

/// The account's own are all that is looked at when nobody else's are asked for.
fn visible(cx: &Cx, world: &World, owners: &[String]) -> Vec<Arc<Snapshot>> {
    let account = cx.account();
    let own = world.scan::<Snapshot>(&[account.as_str(), cx.region_name()]).cloned();
    if !owners.is_empty() && owners.iter().all(|owner| owner == "self" || owner == account.as_str()) {
        return own.collect();
    }
    let granted = |grantee: &str| world.by::<Snapshot>(Snapshot::BY_GRANTEE, &[cx.region_name(), grantee]).cloned();
    let public = granted(EVERYBODY).filter(|snapshot| snapshot.is_public(world));
    let of_images = catalogue::all(cx.region_name()).map(Arc::new);
    own.chain(granted(account.as_str())).chain(public).chain(of_images).collect()
}

/// `Owner`: account ids, aliases, or `self`. No owners: anyone's.
fn is_owned(cx: &Cx, snapshot: &Snapshot, owners: &[String]) -> bool {
    owners.is_empty()
        || owners.iter().any(|owner| match owner.as_str() {
            "self" => snapshot.account == cx.account(),
            owner => snapshot.account.as_str() == owner || snapshot.owner_alias.as_deref() == Some(owner),
        })
}

/// `RestorableBy`: who may make volumes of it: `all`, `self`, or an account.
fn is_restorable(cx: &Cx, world: &World, snapshot: &Snapshot, users: &[String]) -> bool {
    users.is_empty()
        || users.iter().any(|user| {
            let account = if user == "self" { cx.account().to_string() } else { user.clone() };
            match user.as_str() {
                EVERYBODY => snapshot.is_public(world),
                _ => snapshot.account.as_str() == account || snapshot.shared_with.contains(&account),
            }
        })
}

/// The snapshot as it is seen now. Tags are the owner's alone.
pub(super) fn out(cx: &Cx, snapshot: &Snapshot) -> SnapshotOut {
    let completed = snapshot.is_completed(cx);
    let own = snapshot.account == cx.account();
    let sse = if snapshot.kms_key_id.is_some() { "sse-kms" } else { "sse-ebs" };
    SnapshotOut {
        snapshot_id: snapshot.id.clone(),
        volume_id: snapshot.volume_id.clone(),
        state: if completed { "completed" } else { "pending" },
        start_time: snapshot.started_at,
        completion_time: completed.then(|| crate::instance::view::settled_at(snapshot.started_at, cx.settings.states)),
        progress: if completed { "100%" } else { "0%" },
        owner_id: snapshot.account.to_string(),
        owner_alias: snapshot.owner_alias.clone(),
        description: snapshot.description.clone(),
        volume_size: snapshot.volume_size,
        encrypted: snapshot.encrypted,
        kms_key_id: encryption::key_shown(cx, snapshot.account, snapshot.encrypted, snapshot.kms_key_id.as_deref()),
        associated_kms_keys: (!snapshot.associated_keys.is_empty()).then(|| keys_out(&snapshot.associated_keys)),
        sse_type: snapshot.encrypted.then_some(sse),
        transfer_type: "standard",
        storage_tier: if snapshot.is_archived(cx) { "archive" } else { "standard" },
        restore_expiry_time: snapshot.tiering.as_ref().and_then(|it| it.at(cx.now, cx.settings.states).expires_at),
        tags: resource::tags_out(&snapshot.tags).filter(|_| own),
    }
}

fn keys_out(keys: &[String]) -> Vec<KeyOut> {
    keys.iter().map(|key| KeyOut { kms_key_id: key.clone() }).collect()
}
