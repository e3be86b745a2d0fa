//! The block devices of a launch: the image's mapping, changed by the request's.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html>

use std::collections::HashSet;

use service::prelude::*;

use super::input::{DeviceMapping, EbsSpecification};
use crate::catalogue::images::Image;
use crate::refused::missing;
use crate::setting::encryption;
use crate::snapshot;
use crate::volume::{Shape, attach, limits};

/// One volume to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub name: String,
    /// GiB.
    pub size: i64,
    pub volume_type: String,
    pub iops: Option<i64>,
    pub throughput: Option<i64>,
    pub snapshot_id: Option<String>,
    /// GiB; a volume may not be smaller than its snapshot.
    snapshot_size: Option<i64>,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub delete_on_termination: bool,
}

/// The volumes of one instance, in the order of the image's mapping, then the request's. `snapshot_size` knows the GiB of a snapshot that exists.
pub fn plan(
    image: Option<&Image>,
    wanted: &[DeviceMapping],
    snapshot_size: impl Fn(&str) -> Option<i64>,
) -> Vec<Device> {
    let mut devices: Vec<Device> = image.map(of_image).unwrap_or_default();
    for mapping in wanted {
        let Some(name) = &mapping.device_name else { continue };
        let held = devices.iter().position(|device| device.name == *name);
        if mapping.no_device.is_some() {
            devices.retain(|device| device.name != *name);
        } else if let Some(ebs) = &mapping.ebs {
            let base = held.and_then(|at| devices.get(at)).cloned().unwrap_or_else(|| blank(name));
            let device = with(base, ebs, &snapshot_size);
            match held.and_then(|at| devices.get_mut(at)) {
                Some(slot) => *slot = device,
                None => devices.push(device),
            }
        }
        // What is left is a virtual name: an instance store volume, which is no volume of ours.
    }
    devices.into_iter().map(with_performance).collect()
}

/// The same, each encrypted as its snapshot and the account's settings have it.
pub fn encrypted(cx: &Cx, world: &World, devices: Vec<Device>) -> Vec<Device> {
    let encrypt = |device: Device| {
        let source = device.snapshot_id.as_deref().filter(|_| device.encrypted && device.kms_key_id.is_none());
        let key = source.and_then(|id| crate::snapshot::usable(world, cx, id)?.kms_key_id);
        let found = encryption::of_new(cx, world, device.encrypted, device.kms_key_id.clone().or(key));
        Device { encrypted: found.encrypted, kms_key_id: found.kms_key_id, ..device }
    };
    devices.into_iter().map(encrypt).collect()
}

fn of_image(image: &Image) -> Vec<Device> {
    let device = |mapping: &crate::catalogue::images::BlockDevice| {
        let ebs = mapping.ebs.as_ref()?;
        Some(Device {
            name: mapping.device_name.clone()?,
            size: ebs.volume_size.unwrap_or(8),
            volume_type: ebs.volume_type.clone().unwrap_or_else(|| "gp2".into()),
            iops: ebs.iops,
            throughput: ebs.throughput,
            snapshot_id: ebs.snapshot_id.clone(),
            snapshot_size: ebs.volume_size,
            encrypted: ebs.encrypted.unwrap_or(false),
            kms_key_id: None,
            delete_on_termination: ebs.delete_on_termination.unwrap_or(true),
        })
    };
    image.block_device_mappings.iter().filter_map(device).collect()
}

/// A device that only the request knows. What a launch makes goes with the instance unless told otherwise.
fn blank(name: &str) -> Device {
    Device {
        name: name.to_owned(),
        size: 0,
        volume_type: "gp2".into(),
        iops: None,
        throughput: None,
        snapshot_id: None,
        snapshot_size: None,
        encrypted: false,
        kms_key_id: None,
        delete_on_termination: true,
    }
}

fn with(base: Device, ebs: &EbsSpecification, known_size: &impl Fn(&str) -> Option<i64>) -> Device {
    let snapshot_size = ebs.snapshot_id.as_deref().map_or(base.snapshot_size, known_size);
    let least = if ebs.snapshot_id.is_some() { snapshot_size.unwrap_or(0) } else { base.size };
    let retyped = ebs.volume_type.as_ref().is_some_and(|wanted| *wanted != base.volume_type);
    Device {
        size: ebs.volume_size.unwrap_or(least),
        volume_type: ebs.volume_type.clone().unwrap_or(base.volume_type),
        // The image's figures are those of its volume type.
        iops: ebs.iops.or(if retyped { None } else { base.iops }),
        throughput: ebs.throughput.or(if retyped { None } else { base.throughput }),
        snapshot_size,
        snapshot_id: ebs.snapshot_id.clone().or(base.snapshot_id),
        encrypted: ebs.encrypted.unwrap_or(base.encrypted) || ebs.kms_key_id.is_some(),
        kms_key_id: ebs.kms_key_id.clone().or(base.kms_key_id),
        delete_on_termination: ebs.delete_on_termination.unwrap_or(base.delete_on_termination),
        name: base.name,
    }
}

/// What gp3 has when nothing is asked for. <https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html>
fn with_performance(device: Device) -> Device {
    if device.volume_type == "gp3" {
        return Device { iops: device.iops.or(Some(3000)), throughput: device.throughput.or(Some(125)), ..device };
    }
    device
}

impl Device {
    /// The volume's figure: what was asked for, or what gp2 has for its size.
    pub fn effective_iops(&self) -> Option<i64> {
        if self.volume_type == "gp2" { Some((self.size * 3).clamp(100, 16_000)) } else { self.iops }
    }
}

/// Snapshots that are not complete, or in the archive, give no volumes.
pub fn snapshots_must_be_usable(cx: &Cx, world: &World, devices: &[Device]) -> Result<(), ApiError> {
    let ids = devices.iter().filter_map(|device| device.snapshot_id.as_deref());
    let mut found = ids.filter_map(|id| snapshot::usable(world, cx, id));
    found.try_for_each(|found| snapshot::must_be_usable(cx, &found))
}

/// What is wrong with the request's mapping, if anything; `root` is the name of the image's root device.
pub fn check(devices: &[Device], wanted: &[DeviceMapping], root: Option<&str>) -> Result<(), ApiError> {
    wanted.iter().try_for_each(|mapping| check_name(mapping.device_name.as_deref(), root))?;
    devices.iter().try_for_each(check_one)?;
    devices.iter().filter(|device| Some(device.name.as_str()) == root).try_for_each(must_boot)
}

/// A request names each device once. The text is AWS's, quoted where Spot.io's documentation tells what its users met.
pub fn must_be_named_once(wanted: &[DeviceMapping]) -> Result<(), ApiError> {
    let mut names = HashSet::new();
    let twice = wanted.iter().filter_map(|mapping| mapping.device_name.as_deref()).find(|name| !names.insert(*name));
    twice.map_or(Ok(()), |name| {
        let message = format!("The device '{name}' is used in more than one block-device mapping");
        Err(ApiError::new("InvalidBlockDeviceMapping", message))
    })
}

/// A name is that of a device, and not that of the disk whose partition is the root device. Quoted in
/// <https://github.com/hashicorp/packer/issues/1266>.
fn check_name(name: Option<&str>, root: Option<&str>) -> Result<(), ApiError> {
    let name = name.ok_or_else(|| missing("deviceName"))?;
    let rest = root.and_then(|root| root.strip_prefix(name)).unwrap_or_default();
    let is_disk_of_root = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    if attach::is_device(name) && !is_disk_of_root {
        return Ok(());
    }
    Err(ApiError::new("InvalidBlockDeviceMapping", format!("Invalid device name {name}")))
}

/// Nothing boots from st1 and sc1. AWS says so in these words, which it keeps: <https://github.com/aws/aws-sdk/issues/542>.
fn must_boot(root: &Device) -> Result<(), ApiError> {
    match root.volume_type.as_str() {
        "st1" | "sc1" => limits::check_asked(&root.volume_type, Some(0), None),
        _ => Ok(()),
    }
}

fn check_one(device: &Device) -> Result<(), ApiError> {
    // Recorded at AWS, slash included.
    if device.size == 0 && device.snapshot_id.is_none() {
        return Err(missing("size/snapshot"));
    }
    if let Some(snapshot) = &device.snapshot_id {
        let least = device.snapshot_size.ok_or_else(|| {
            ApiError::new("InvalidSnapshot.NotFound", format!("The snapshot '{snapshot}' does not exist."))
        })?;
        if device.size < least {
            let size = device.size;
            return Err(ApiError::new(
                "InvalidBlockDeviceMapping",
                format!("Volume of size {size}GB is smaller than snapshot '{snapshot}', expect size >= {least}GB"),
            ));
        }
    }
    if matches!(device.volume_type.as_str(), "io1" | "io2") && device.iops.is_none() {
        return Err(missing(&format!("iops for {} volumes", device.volume_type)));
    }
    limits::check_asked(&device.volume_type, device.iops, device.throughput)?;
    limits::check(&Shape {
        size: device.size,
        volume_type: device.volume_type.clone(),
        iops: device.iops,
        throughput: device.throughput,
    })
}
