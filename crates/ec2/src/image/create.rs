//! CreateImage: of an instance, with a snapshot of each of its volumes.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html>

use service::prelude::*;

use super::{AccountImage, Protection, devices, name};
use crate::catalogue::images::{BlockDevice, EbsDevice, Image};
use crate::instance::describe::time;
use crate::instance::run::input::DeviceMapping;
use crate::instance::{self, Instance, State, state_at};
use crate::kind;
use crate::resource;
use crate::snapshot::Snapshot;
use crate::tags::{self, TagSpecification};
use crate::volume::{self, Volume};

/// `CreateImageRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateImage {
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub boot_mode_override: Option<String>,
    pub dry_run: Option<bool>,
    pub instance_id: String,
    pub name: String,
    pub description: Option<String>,
    /// A reboot leaves no trace: instances have no operating system.
    pub no_reboot: Option<bool>,
    #[serde(default)]
    pub block_device_mappings: Vec<DeviceMapping>,
}

/// `CreateImageResult`, and those of RegisterImage and CopyImage.
#[derive(Debug, Serialize, Shaped)]
pub struct Made {
    pub image_id: String,
}

/// CreateImage on an image to come, the instance, the snapshots to come and those that mappings name, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateImage) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let image = resource::check_on_new(cx, &kind::IMAGE, specifications)
        .key("ec2:Owner", cx.account().as_str())
        .key_if("ec2:BootModeOverride", input.boot_mode_override.as_deref());
    let mut checks = vec![image, instance::check_on(cx, world, &input.instance_id)];
    let volumes = volume::of_instance(world, cx.account(), cx.region_name(), &input.instance_id);
    let snapshot = |volume: &Volume| {
        resource::check_on_new(cx, &kind::SNAPSHOT, specifications)
            .key("ec2:ParentVolume", kind::VOLUME.arn(cx, &volume.id))
            .key("ec2:VolumeSize", volume.size.to_string())
    };
    match volumes.is_empty() {
        true => checks.push(resource::check_on_new(cx, &kind::SNAPSHOT, specifications)),
        false => checks.extend(volumes.iter().map(|volume| snapshot(volume))),
    }
    checks.extend(devices::checks(cx, world, &input.block_device_mappings));
    checks.extend(tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateImage"));
    checks
}

/// Makes an image of an instance and its volumes.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateImage) -> Result<Made, ApiError> {
    let specifications = input.tag_specifications.as_deref().unwrap_or_default();
    tags::check_specifications(specifications, &devices::taggable())?;
    let tags = tags::specified(specifications);
    name::check(cx, tx, &input.name)?;
    let instance = instance::find(cx, tx, &input.instance_id)?.clone();
    must_have_a_disk(cx, &instance)?;
    let id = cx.ids.ec2(kind::IMAGE.prefix);
    let mut held = Vec::new();
    for volume in volume::root_first(tx, &instance) {
        let left_out = |mapping: &DeviceMapping| {
            mapping.no_device.is_some() && mapping.device_name.as_deref() == Some(device(&volume))
        };
        if input.block_device_mappings.iter().any(left_out) {
            continue;
        }
        let snapshot = Snapshot {
            description: format!("Created by CreateImage({}) for {id}", instance.id),
            tags: tags.of(kind::SNAPSHOT.resource_type).to_vec(),
            ..Snapshot::of_volume(cx, &volume)
        };
        held.push(mapped(cx, &volume, &snapshot));
        tx.put(snapshot);
    }
    let devices = devices::changed(cx, tx, held, &input.block_device_mappings)?;
    let image = Image { block_device_mappings: devices, ..facts(cx, tx, input, &instance, &id) };
    let uefi_data = instance.image.uefi_data.clone();
    tx.put(AccountImage { uefi_data, ..new(cx, image, tags.of(kind::IMAGE.resource_type).to_vec()) });
    Ok(Made { image_id: id })
}

/// What runs or stands still can be copied.
fn must_have_a_disk(cx: &Cx, instance: &Instance) -> Result<(), ApiError> {
    match state_at(instance, cx.now, cx.settings.states) {
        State::Running | State::Stopping | State::Stopped => Ok(()),
        State::Pending | State::ShuttingDown | State::Terminated => {
            let id = &instance.id;
            let message = format!(
                "Invalid value '{id}' for instanceId. Instance is not in state 'running' or 'stopping' or 'stopped'"
            );
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

fn device(volume: &Volume) -> &str {
    volume.attachment.as_ref().map(|held| held.device.as_str()).unwrap_or_default()
}

/// The device of the image that a volume of the instance becomes.
fn mapped(cx: &Cx, volume: &Volume, snapshot: &Snapshot) -> BlockDevice {
    let shape = volume.shape_at(cx.now, cx.settings.states);
    let ebs = EbsDevice {
        delete_on_termination: volume.attachment.as_ref().map(|held| held.delete_on_termination),
        encrypted: Some(snapshot.encrypted),
        // IOPS of gp2 follow from the size and are not part of a mapping.
        iops: shape.iops.filter(|_| shape.volume_type != "gp2"),
        snapshot_id: Some(snapshot.id.clone()),
        throughput: shape.throughput,
        volume_size: Some(shape.size),
        volume_type: Some(shape.volume_type),
    };
    BlockDevice { device_name: Some(device(volume).to_owned()), virtual_name: None, ebs: Some(ebs) }
}

/// The instance's facts; what it does not keep of its own image is taken from there, while that exists.
fn facts(cx: &Cx, world: &World, input: &CreateImage, instance: &Instance, id: &str) -> Image {
    let launched = &instance.image;
    let source = super::find(cx, world, &launched.id);
    // The marks stay with what is made of an image, also when that is gone.
    let marks = super::known(cx, world, cx.region_name(), &launched.id).and_then(|source| source.image_watermarks);
    Image {
        image_id: id.to_owned(),
        name: input.name.clone(),
        description: input.description.clone().filter(|text| !text.is_empty()),
        architecture: launched.architecture.clone(),
        platform: launched.platform.clone(),
        platform_details: launched.platform_details.clone(),
        usage_operation: launched.usage_operation.clone(),
        hypervisor: launched.hypervisor.clone(),
        virtualization_type: launched.virtualization_type.clone(),
        boot_mode: input.boot_mode_override.clone().or_else(|| launched.boot_mode.clone()),
        tpm_support: launched.tpm_support.clone(),
        imds_support: source.and_then(|source| source.imds_support.clone()),
        ena_support: Some(instance.attributes.ena_support),
        root_device_name: launched.root_device_name.clone(),
        root_device_type: launched.root_device_type.clone(),
        source_instance_id: Some(instance.id.clone()),
        source_image_id: Some(launched.id.clone()),
        source_image_region: Some(instance.region.clone()),
        image_watermarks: marks,
        ..Image::default()
    }
}

/// The record of a new image of the caller's account.
pub fn new(cx: &Cx, facts: Image, tags: Vec<Tag>) -> AccountImage {
    let account = cx.account();
    // Of Linux without a licence this was seen in September 2026; what else is free is not known.
    let free = facts.usage_operation.as_deref() == Some("RunInstances");
    AccountImage {
        account,
        region: cx.region_name().to_owned(),
        id: facts.image_id.clone(),
        facts: Image {
            image_location: format!("{account}/{}", facts.name),
            owner_id: account.to_string(),
            image_owner_alias: None,
            creation_date: time(cx.now),
            free_tier_eligible: Some(free),
            ..facts
        },
        created_at: cx.now,
        registered: false,
        permissions: Vec::new(),
        disabled: false,
        deprecated_at: None,
        protection: Protection::Off,
        uefi_data: None,
        launched_at: [None, None],
        tags,
    }
}
