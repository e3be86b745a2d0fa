//! Volumes: today those that launches make; they are described, tagged, and go when their instance goes.
//!
//! Nothing is stored in them. [`describe`] answers, [`of_instance`] and [`release`] serve `crate::instance`.

use std::sync::Arc;

use service::operations;
use service::prelude::*;

pub mod describe;
mod record;

pub use record::{Volume, VolumeAttachment};

operations! { Ec2;
    DescribeVolumes => read(describe::describe) authorize(to_describe),
}

fn to_describe(_: &Cx, _: &World, _: &describe::DescribeVolumes) -> Vec<Check> {
    vec![Check::any()]
}

/// The volumes attached to an instance, in the order of their device names.
pub fn of_instance(world: &World, account: AccountId, region: &str, instance_id: &str) -> Vec<Arc<Volume>> {
    let mut found: Vec<_> =
        world.by::<Volume>(Volume::BY_INSTANCE, &[account.as_str(), region, instance_id]).cloned().collect();
    found.sort_by(|a, b| device(a).cmp(device(b)));
    found
}

fn device(volume: &Volume) -> &str {
    volume.attachment.as_ref().map(|attachment| attachment.device.as_str()).unwrap_or_default()
}

/// The volume's instance ends: the volume goes with it or becomes available, as its attachment says.
pub fn release(tx: &mut Tx, volume: &Volume) {
    let parts = [volume.account.as_str(), volume.region.as_str(), volume.id.as_str()];
    if volume.attachment.as_ref().is_some_and(|attachment| attachment.delete_on_termination) {
        tx.remove::<Volume>(&parts);
    } else {
        tx.update::<Volume>(&parts, |it| it.attachment = None);
    }
}

/// The operation's own action on that volume.
pub fn check_on(cx: &Cx, volume: &Volume) -> Check {
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
        .key("ec2:VolumeID", volume.id.as_str())
        .key_if("ec2:VolumeIops", volume.iops.map(|iops| iops.to_string()))
        .key("ec2:VolumeSize", volume.size.to_string())
        .key_if("ec2:VolumeThroughput", volume.throughput.map(|throughput| throughput.to_string()))
        .key("ec2:VolumeType", volume.volume_type.as_str())
}
