//! Snapshots in the Recycle Bin.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreSnapshotFromRecycleBin.html>

use service::prelude::*;

use super::{Content, Recycled, find, take};
use crate::kind;
use crate::resource;
use crate::setting::public_access;
use crate::snapshot::Snapshot;

/// `ListSnapshotsInRecycleBinRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ListSnapshotsInRecycleBin {
    pub snapshot_ids: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ListSnapshotsInRecycleBinResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Snapshots {
    pub snapshots: Vec<SnapshotOut>,
    pub next_token: Option<String>,
}

/// `SnapshotRecycleBinInfo`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct SnapshotOut {
    pub snapshot_id: String,
    pub description: String,
    pub volume_id: String,
    pub recycle_bin_enter_time: Timestamp,
    pub recycle_bin_exit_time: Timestamp,
}

/// `RestoreSnapshotFromRecycleBinRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RestoreSnapshotFromRecycleBin {
    pub snapshot_id: String,
    pub dry_run: Option<bool>,
}

/// `RestoreSnapshotFromRecycleBinResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Restored {
    pub snapshot_id: String,
    pub description: String,
    pub encrypted: bool,
    pub owner_id: String,
    pub progress: &'static str,
    pub start_time: Timestamp,
    pub state: &'static str,
    pub volume_id: String,
    pub volume_size: i64,
}

/// Snapshots in the caller's bin.
pub fn list(cx: &Cx, world: &World, input: &ListSnapshotsInRecycleBin) -> Result<Snapshots, ApiError> {
    let asked = (input.snapshot_ids.as_deref(), input.max_results, input.next_token.as_deref());
    input.snapshot_ids.iter().flatten().try_for_each(|id| kind::SNAPSHOT.well_formed(id))?;
    let page = super::list(cx, world, "snapshots", asked, out, |ids| kind::SNAPSHOT.not_found(ids))?;
    Ok(Snapshots { snapshots: page.items, next_token: page.next })
}

fn out(held: &Recycled) -> Option<SnapshotOut> {
    let Content::Snapshot(snapshot) = &held.content else { return None };
    Some(SnapshotOut {
        snapshot_id: snapshot.id.clone(),
        description: snapshot.description.clone(),
        volume_id: snapshot.volume_id.clone(),
        recycle_bin_enter_time: held.entered_at,
        recycle_bin_exit_time: held.exits_at,
    })
}

fn in_bin(cx: &Cx, world: &World, id: &str) -> Option<Snapshot> {
    match &find(cx, world, id)?.content {
        Content::Snapshot(snapshot) => Some((**snapshot).clone()),
        Content::Image(_) | Content::Volume(_) => None,
    }
}

/// RestoreSnapshotFromRecycleBin on the snapshot.
pub fn to_restore(cx: &Cx, world: &World, input: &RestoreSnapshotFromRecycleBin) -> Vec<Check> {
    vec![match in_bin(cx, world, &input.snapshot_id) {
        Some(snapshot) => resource::check_of(cx, world, &snapshot),
        None => Check::on(kind::SNAPSHOT.arn(cx, &input.snapshot_id)),
    }]
}

/// The snapshot is as it was, though not public where that is blocked meanwhile.
pub fn restore(cx: &Cx, tx: &mut Tx, input: &RestoreSnapshotFromRecycleBin) -> Result<Restored, ApiError> {
    let id = &input.snapshot_id;
    kind::SNAPSHOT.well_formed(id)?;
    let mut snapshot = in_bin(cx, tx, id).ok_or_else(|| kind::SNAPSHOT.not_found(&[id]))?;
    snapshot.public &= public_access::may_publish_snapshot(cx, tx).is_ok();
    take(cx, tx, id);
    let completed = snapshot.is_completed(cx);
    let restored = Restored {
        snapshot_id: snapshot.id.clone(),
        description: snapshot.description.clone(),
        encrypted: snapshot.encrypted,
        owner_id: snapshot.account.to_string(),
        progress: if completed { "100%" } else { "0%" },
        start_time: snapshot.started_at,
        state: if completed { "completed" } else { "pending" },
        volume_id: snapshot.volume_id.clone(),
        volume_size: snapshot.volume_size,
    };
    tx.put(snapshot);
    Ok(restored)
}
