//! Volumes: made by launches and by CreateVolume, attached, modified, described, tagged.
//!
//! Nothing is stored in them. [`create`], [`attach`] and [`modify`] change them, [`limits`] knows what each type can be; [`of_instance`] and
//! [`release`] serve `crate::instance`.

use std::sync::Arc;

use service::operations;
use service::prelude::*;

use crate::instance::Instance;
use crate::instance::view::Detached;
use crate::recycle_bin::{self, Content};
use crate::resource::any;

pub mod attach;
pub mod attribute;
pub mod copy;
pub mod create;
pub mod describe;
pub mod limits;
pub mod modify;
mod record;
pub mod replace_root;
pub mod status;
#[cfg(test)]
mod tests;

pub use record::{Modification, Progress, Shape, Volume, VolumeAttachment};
pub use replace_root::ReplaceRootVolumeTask;

operations! { Ec2;
    AttachVolume => write(attach::attach) authorize(attach::to_attach),
    CopyVolumes => write(copy::copy) authorize(copy::to_copy),
    CreateReplaceRootVolumeTask => write(replace_root::create) authorize(replace_root::to_create),
    CreateVolume => write(create::create) authorize(create::to_create),
    DeleteVolume => write(create::delete) authorize(create::to_delete),
    DescribeReplaceRootVolumeTasks => read(replace_root::describe) authorize(any),
    DescribeVolumeAttribute => read(attribute::describe) authorize(attribute::to_describe),
    DescribeVolumeStatus => read(status::describe) authorize(any),
    DescribeVolumes => read(describe::describe) authorize(any),
    DescribeVolumesModifications => read(modify::describe) authorize(any),
    DetachVolume => write(attach::detach) authorize(attach::to_detach),
    EnableVolumeIO => read(attribute::enable_io) authorize(attribute::to_enable_io),
    ModifyVolume => write(modify::modify) authorize(modify::to_modify),
    ModifyVolumeAttribute => write(attribute::modify) authorize(attribute::to_modify),
}

/// The volumes attached to an instance, in the order of their device names.
pub fn of_instance(world: &World, account: AccountId, region: &str, instance_id: &str) -> Vec<Arc<Volume>> {
    let mut found: Vec<_> =
        world.by::<Volume>(Volume::BY_INSTANCE, &[account.as_str(), region, instance_id]).cloned().collect();
    found.sort_by(|a, b| device(a).cmp(device(b)));
    found
}

/// The same with the root device first, as an instance and an image of it tell them (recorded of AWS, September 2026).
pub fn root_first(world: &World, instance: &Instance) -> Vec<Arc<Volume>> {
    let mut found = of_instance(world, instance.account, &instance.region, &instance.id);
    found.sort_by_key(|volume| instance.image.root_device_name.as_deref() != Some(device(volume)));
    found
}

/// As which device it is attached.
pub fn device(volume: &Volume) -> &str {
    volume.attachment.as_ref().map(|attachment| attachment.device.as_str()).unwrap_or_default()
}

/// The volume's instance is terminated at that time: the volume goes with it or becomes available, as its attachment says.
pub fn release(cx: &Cx, tx: &mut Tx, volume: &Volume, at: Timestamp) {
    let parts = [volume.account.as_str(), volume.region.as_str(), volume.id.as_str()];
    match (volume.attachment.as_ref().is_some_and(|attachment| attachment.delete_on_termination), at <= cx.now) {
        (true, true) => forget(cx, tx, volume),
        (true, false) => {
            tx.update::<Volume>(&parts, |it| it.gone_at = Some(at));
            recycle_bin::keep(tx, Content::Volume(Box::new(volume.clone())), at);
        }
        (false, true) => drop(tx.update::<Volume>(&parts, |it| it.attachment = None)),
        (false, false) => drop(tx.update::<Volume>(&parts, |it| {
            it.detached =
                it.attachment.take().map(|attachment| Box::new(Detached { attachment, at: cx.now, until: Some(at) }));
        })),
    }
}

/// Removes a volume; what a rule covers goes into the Recycle Bin.
pub fn forget(cx: &Cx, tx: &mut Tx, volume: &Volume) {
    tx.remove::<Volume>(&[volume.account.as_str(), volume.region.as_str(), volume.id.as_str()]);
    recycle_bin::keep(tx, Content::Volume(Box::new(volume.clone())), cx.now);
}

/// The operation's own action on that volume.
pub fn check_on(cx: &Cx, world: &World, volume: &Volume) -> Check {
    let snapshot = volume.snapshot_id.as_deref().and_then(|id| crate::snapshot::usable(world, cx, id));
    Check::on(volume.arn(cx.partition()))
        .tagged(&volume.tags)
        .key("ec2:AvailabilityZone", volume.zone.as_str())
        .key("ec2:AvailabilityZoneId", volume.zone_id.as_str())
        .key("ec2:Encrypted", volume.encrypted.to_string())
        .key_if("ec2:KmsKeyId", volume.kms_key_id.as_deref())
        .key_if(
            "ec2:ParentSnapshot",
            volume
                .snapshot_id
                .as_deref()
                .map(|id| service::arn::ec2(cx.partition(), &volume.region, "", "snapshot", id)),
        )
        .key_if("ec2:ParentVolume", snapshot.map(|snapshot| snapshot.volume_arn(cx)))
        .key("ec2:VolumeID", volume.id.as_str())
        .key_if("ec2:VolumeIops", volume.iops.map(|iops| iops.to_string()))
        .key("ec2:VolumeSize", volume.size.to_string())
        .key_if("ec2:VolumeThroughput", volume.throughput.map(|throughput| throughput.to_string()))
        .key("ec2:VolumeType", volume.volume_type.as_str())
}
