//! Snapshots: made of volumes, copied between regions, shared with other accounts, locked, archived. Those of the catalogue's public images are seen,
//! too.
//!
//! Nothing is stored in them but what their volumes were. [`usable`] is how others look a snapshot up, [`check_on`] how it is authorised.

use service::operations;
use service::prelude::*;

use crate::kind;
use crate::recycle_bin::{self, Content};
use crate::resource::{self, any, resource};

pub mod associated_key;
pub mod attribute;
mod catalogue;
pub mod copy;
pub mod create;
pub mod create_many;
pub mod describe;
pub mod fast_restore;
pub mod lock;
mod record;
#[cfg(test)]
mod tests;
pub mod tier;

pub use fast_restore::FastRestore;
pub use record::Snapshot;

operations! { Ec2;
    AssociateKmsKeyId => write(associated_key::associate) authorize(associated_key::to_associate),
    CopySnapshot => write(copy::copy) authorize(copy::to_copy),
    CreateSnapshot => write(create::create) authorize(create::to_create),
    CreateSnapshots => write(create_many::create) authorize(create_many::to_create),
    DeleteSnapshot => write(create::delete) authorize(create::to_delete),
    DescribeFastSnapshotRestores => read(fast_restore::describe) authorize(any),
    DescribeLockedSnapshots => read(lock::describe) authorize(any),
    DescribeSnapshotAttribute => read(attribute::describe) authorize(attribute::to_describe),
    DescribeSnapshotTierStatus => read(tier::describe) authorize(any),
    DescribeSnapshots => read(describe::describe) authorize(any) check(describe::check),
    DisableFastSnapshotRestores => write(fast_restore::disable) authorize(fast_restore::to_change),
    DisassociateKmsKeyId => write(associated_key::disassociate) authorize(associated_key::to_disassociate),
    EnableFastSnapshotRestores => write(fast_restore::enable) authorize(fast_restore::to_change),
    LockSnapshot => write(lock::lock) authorize(lock::to_lock),
    ModifySnapshotAttribute => write(attribute::modify) authorize(attribute::to_modify),
    ModifySnapshotTier => write(tier::modify) authorize(tier::to_modify),
    ResetSnapshotAttribute => write(attribute::reset) authorize(attribute::to_reset),
    RestoreSnapshotTier => write(tier::restore) authorize(tier::to_restore),
    UnlockSnapshot => write(lock::unlock) authorize(lock::to_unlock),
}

resource!(Snapshot, kind::SNAPSHOT, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        keys(cx, self, check)
    }
});

fn keys(cx: &Cx, snapshot: &Snapshot, check: Check) -> Check {
    check
        .key("ec2:Encrypted", snapshot.encrypted.to_string())
        .key("ec2:Owner", snapshot.owner_alias.as_deref().unwrap_or(snapshot.account.as_str()))
        .key("ec2:ParentVolume", snapshot.volume_arn(cx))
        .key("ec2:SnapshotID", snapshot.id.as_str())
        .key("ec2:SnapshotTime", snapshot.started_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .key("ec2:VolumeSize", snapshot.volume_size.to_string())
}

/// The snapshot of that region with that id which the caller's account may make volumes of: its own, a shared or a public one.
pub fn usable_in(world: &World, cx: &Cx, region: &str, id: &str) -> Option<Snapshot> {
    let stored = world.one::<Snapshot>(Snapshot::BY_ID, &[region, id]);
    match stored.filter(|snapshot| snapshot.is_usable_by(world, cx.account())) {
        Some(snapshot) => Some((**snapshot).clone()),
        None => catalogue::by_id(region, id),
    }
}

/// The same in the request's region.
pub fn usable(world: &World, cx: &Cx, id: &str) -> Option<Snapshot> {
    usable_in(world, cx, cx.region_name(), id)
}

/// The GiB of a snapshot that the caller may make volumes of.
pub fn size(world: &World, cx: &Cx, id: &str) -> Option<i64> {
    usable(world, cx, id).map(|snapshot| snapshot.volume_size)
}

/// The check for using that snapshot. What others own has no tags to see.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    check_in(cx, world, cx.region_name(), id)
}

/// The same for a snapshot of another region.
pub fn check_in(cx: &Cx, world: &World, region: &str, id: &str) -> Check {
    let check = Check::on(service::arn::ec2(cx.partition(), region, "", kind::SNAPSHOT.resource_type, id));
    match usable_in(world, cx, region, id) {
        Some(own) if own.account == cx.account() => keys(cx, &own, check.tagged(&own.tags)),
        Some(shared) => keys(cx, &shared, check.shared_by(shared.account)),
        None => check,
    }
}

/// A snapshot of the caller's own, or the kind's Malformed or NotFound error.
fn own(world: &World, cx: &Cx, id: &str) -> Result<std::sync::Arc<Snapshot>, ApiError> {
    resource::get::<Snapshot>(world, cx, id)
}

/// The snapshot is complete and not in the archive, so that volumes and copies can be made of it; or the refusal.
pub fn must_be_usable(cx: &Cx, snapshot: &Snapshot) -> Result<(), ApiError> {
    let id = &snapshot.id;
    if !snapshot.is_completed(cx) {
        return Err(ApiError::new("IncorrectState", format!("Snapshot '{id}' is not in 'completed' state.")));
    }
    if snapshot.is_archived(cx) {
        let message = format!("Snapshot '{id}' is in the archive tier. Restore it before you use it.");
        return Err(ApiError::new("IncorrectState", message));
    }
    Ok(())
}

/// The snapshot can be removed, or why not: it is locked. Whether an image needs it is not looked at.
pub fn may_be_deleted(cx: &Cx, snapshot: &Snapshot) -> Result<(), ApiError> {
    match &snapshot.lock {
        Some(lock) if lock.holds_at(cx.now) => {
            let message = format!("The snapshot '{}' is locked and cannot be deleted.", snapshot.id);
            Err(ApiError::new("OperationNotPermitted", message))
        }
        Some(_) | None => Ok(()),
    }
}

/// Removes a snapshot of the caller's own; what a rule covers goes into the Recycle Bin.
pub fn forget(cx: &Cx, tx: &mut Tx, id: &str) {
    if let Some(removed) = resource::remove::<Snapshot>(tx, cx, id) {
        recycle_bin::keep(tx, Content::Snapshot(Box::new((*removed).clone())), cx.now);
    }
    fast_restore::end(cx, tx, id);
}
