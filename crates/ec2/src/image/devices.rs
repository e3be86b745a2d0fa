//! Block device mappings of images: those of an instance, and what a request makes of them.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html>

use service::prelude::*;

use crate::catalogue::images::{BlockDevice, EbsDevice};
use crate::instance::run::devices::must_be_named_once;
use crate::instance::run::input::{DeviceMapping, EbsSpecification};
use crate::kind;
use crate::refused::{invalid, missing};
use crate::resource;
use crate::snapshot::{self, Snapshot};

/// The device of a request's mapping: a volume of a snapshot or an empty one, or an instance store. Snapshots must be the caller's own and complete.
pub fn asked_for(cx: &Cx, world: &World, mapping: &DeviceMapping) -> Result<BlockDevice, ApiError> {
    let name = mapping.device_name.clone().ok_or_else(|| missing("deviceName"))?;
    let ebs = match &mapping.ebs {
        Some(ebs) => Some(volume(cx, world, ebs)?),
        None if mapping.virtual_name.is_none() => return Err(missing("ebs or virtualName")),
        None => None,
    };
    let virtual_name = mapping.virtual_name.clone().filter(|_| ebs.is_none());
    Ok(BlockDevice { device_name: Some(name), virtual_name, ebs })
}

fn volume(cx: &Cx, world: &World, ebs: &EbsSpecification) -> Result<EbsDevice, ApiError> {
    let source = ebs.snapshot_id.as_deref().map(|id| usable(cx, world, id)).transpose()?;
    if source.is_some() && ebs.encrypted.is_some() {
        // Seen in September 2026.
        let message = "Parameter encrypted is invalid. You cannot specify the encrypted flag if specifying a snapshot id in a block device mapping.";
        return Err(ApiError::new("InvalidParameter", message));
    }
    let least = source.as_ref().map(|snapshot| snapshot.volume_size);
    // Recorded at AWS, slash included.
    let size = ebs.volume_size.or(least).ok_or_else(|| missing("size/snapshot"))?;
    if let (Some(id), Some(least)) = (&ebs.snapshot_id, least.filter(|least| size < *least)) {
        let message = format!("Volume of size {size}GB is smaller than snapshot '{id}', expect size >= {least}GB");
        return Err(refused(message));
    }
    let encrypted = source.map_or(ebs.encrypted == Some(true), |snapshot| snapshot.encrypted);
    Ok(EbsDevice {
        delete_on_termination: Some(ebs.delete_on_termination.unwrap_or(true)),
        encrypted: Some(encrypted),
        // What was not given is not told, not even of gp3 (recorded of AWS, September 2026).
        iops: ebs.iops,
        snapshot_id: ebs.snapshot_id.clone(),
        throughput: ebs.throughput,
        volume_size: Some(size),
        volume_type: Some(ebs.volume_type.clone().unwrap_or_else(|| "gp2".to_owned())),
    })
}

fn usable(cx: &Cx, world: &World, id: &str) -> Result<std::sync::Arc<Snapshot>, ApiError> {
    let snapshot = resource::get::<Snapshot>(world, cx, id).map_err(|error| {
        match snapshot::usable_in(world, cx, cx.region_name(), id) {
            // Seen in September 2026 of a snapshot that is shared.
            Some(_) => {
                invalid(format!("Invalid value '{id}' for snapshotId. Snapshot does not belong to {}", cx.account()))
            }
            None => error,
        }
    })?;
    snapshot::must_be_usable(cx, &snapshot)?;
    Ok(snapshot)
}

/// The devices of an instance, changed by the request: `NoDevice` leaves one out, of one that is there only DeleteOnTermination can change, and new
/// ones come in.
pub fn changed(
    cx: &Cx,
    world: &World,
    mut devices: Vec<BlockDevice>,
    wanted: &[DeviceMapping],
) -> Result<Vec<BlockDevice>, ApiError> {
    must_be_named_once(wanted)?;
    for mapping in wanted {
        let name = mapping.device_name.as_ref().ok_or_else(|| missing("deviceName"))?;
        let held = devices.iter_mut().find(|device| device.device_name.as_ref() == Some(name));
        match (held, &mapping.ebs) {
            _ if mapping.no_device.is_some() => devices.retain(|device| device.device_name.as_ref() != Some(name)),
            (Some(held), Some(ebs)) => change(name, held, ebs)?,
            (Some(_), None) => {}
            (None, _) => devices.push(asked_for(cx, world, mapping)?),
        }
    }
    Ok(devices)
}

fn change(name: &str, held: &mut BlockDevice, wanted: &EbsSpecification) -> Result<(), ApiError> {
    let Some(ebs) = &mut held.ebs else { return Ok(()) };
    let differs = |wanted: Option<i64>, held: Option<i64>| wanted.is_some() && wanted != held;
    if differs(wanted.volume_size, ebs.volume_size) || wanted.snapshot_id.is_some() || wanted.encrypted.is_some() {
        let message = format!("Only DeleteOnTermination can be changed for device {name}, which the instance has.");
        return Err(refused(message));
    }
    ebs.delete_on_termination = wanted.delete_on_termination.or(ebs.delete_on_termination);
    Ok(())
}

fn refused(message: String) -> ApiError {
    ApiError::new("InvalidBlockDeviceMapping", message)
}

/// The checks on the snapshots that a mapping names.
pub fn checks(cx: &Cx, world: &World, wanted: &[DeviceMapping]) -> Vec<Check> {
    let ids = wanted.iter().filter_map(|mapping| mapping.ebs.as_ref()?.snapshot_id.as_deref());
    ids.map(|id| snapshot::check_on(cx, world, id)).collect()
}

/// Whether the root device is made of a snapshot.
pub fn has_root(devices: &[BlockDevice], root: &str) -> bool {
    let is_root = |device: &BlockDevice| device.device_name.as_deref() == Some(root);
    devices.iter().any(|device| is_root(device) && device.ebs.as_ref().is_some_and(|ebs| ebs.snapshot_id.is_some()))
}

/// The kind of resource that images and their snapshots are tagged as.
pub fn taggable() -> [&'static str; 2] {
    [kind::IMAGE.resource_type, kind::SNAPSHOT.resource_type]
}
