//! CreateVolume and DeleteVolume. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html>

use service::prelude::*;
use service::regions::Zone;

use super::describe::{VolumeOut, out};
use super::record::Shape;
use super::{Volume, limits};
use crate::instance::client_token;
use crate::kind;
use crate::refused::missing;
use crate::region;
use crate::resource;
use crate::setting::encryption::{self, Encryption};
use crate::snapshot::{self, Snapshot, fast_restore};
use crate::tags::{self, TagSpecification};

/// `CreateVolumeRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateVolume {
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub encrypted: Option<bool>,
    pub iops: Option<i64>,
    pub kms_key_id: Option<String>,
    pub size: Option<i64>,
    pub snapshot_id: Option<String>,
    pub volume_type: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub throughput: Option<i64>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DeleteVolumeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteVolume {
    pub volume_id: String,
    pub dry_run: Option<bool>,
}

/// CreateVolume on a volume to come and on the snapshot it is made of, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateVolume) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let source = source(cx, world, input);
    let zone = zone(cx, input).ok();
    let shape = shape(input, source.as_ref());
    let encryption = encryption_of(cx, world, input, source.as_ref());
    let parent = input.snapshot_id.as_deref();
    let volume = resource::check_on_new(cx, &kind::VOLUME, specifications)
        .key_if("ec2:AvailabilityZone", zone.map(|zone| zone.name.as_str()))
        .key_if("ec2:AvailabilityZoneId", zone.map(|zone| zone.id.as_str()))
        .key("ec2:Encrypted", encryption.encrypted.to_string())
        .key_if("ec2:KmsKeyId", encryption.kms_key_id)
        .key_if("ec2:ParentSnapshot", parent.map(|id| kind::SNAPSHOT.arn(cx, id)))
        .key_if("ec2:VolumeIops", shape.iops.map(|iops| iops.to_string()))
        .key("ec2:VolumeSize", shape.size.to_string())
        .key_if("ec2:VolumeThroughput", shape.throughput.map(|throughput| throughput.to_string()))
        .key("ec2:VolumeType", shape.volume_type);
    let parent = parent.map(|id| snapshot::check_on(cx, world, id));
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateVolume");
    std::iter::once(volume).chain(parent).chain(tagging).collect()
}

/// Makes a volume, or answers again what the same client token made before.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateVolume) -> Result<VolumeOut, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateVolume { client_token: None, dry_run: None, ..input.clone() });
    if let Some(made) = client_token::again::<Volume>(cx, tx, "CreateVolume", token, &digest)? {
        return Ok(out(cx, &made));
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::VOLUME.resource_type)?;
    let zone = zone(cx, input)?;
    let source = source(cx, tx, input);
    check_source(cx, input, source.as_ref())?;
    let shape = shape(input, source.as_ref());
    check_shape(input, &shape)?;
    let encryption = encryption_of(cx, tx, input, source.as_ref());
    let fast = |id: &String| fast_restore::is_enabled(cx, tx, id, &zone.name);
    let fast_restored = input.snapshot_id.as_ref().is_some_and(fast);
    let volume = Volume {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::VOLUME.prefix),
        size: shape.size,
        volume_type: shape.volume_type,
        iops: shape.iops,
        throughput: shape.throughput,
        snapshot_id: input.snapshot_id.clone(),
        encrypted: encryption.encrypted,
        kms_key_id: encryption.kms_key_id,
        zone: zone.name.clone(),
        zone_id: zone.id.clone(),
        created_at: cx.now,
        attachment: None,
        detached: None,
        gone_at: None,
        modification: None,
        auto_enable_io: false,
        fast_restored,
        source_volume_id: None,
        tags,
    };
    client_token::remember(cx, tx, "CreateVolume", token, digest, vec![volume.id.clone()]);
    tx.put(volume.clone());
    Ok(out(cx, &volume))
}

/// Whether there can be a volume of that shape, of no snapshot.
pub fn check(input: &CreateVolume) -> Result<(), ApiError> {
    check_shape(input, &shape(input, None))
}

/// The snapshot it is made of.
fn source(cx: &Cx, world: &World, input: &CreateVolume) -> Option<Snapshot> {
    snapshot::usable(world, cx, input.snapshot_id.as_deref()?)
}

/// A volume of an encrypted snapshot is encrypted whatever was asked for, with the snapshot's key unless another was.
fn encryption_of(cx: &Cx, world: &World, input: &CreateVolume, source: Option<&Snapshot>) -> Encryption {
    let encrypted = input.encrypted == Some(true) || source.is_some_and(|snapshot| snapshot.encrypted);
    let key = input.kms_key_id.clone().or_else(|| source?.kms_key_id.clone());
    encryption::of_new(cx, world, encrypted, key)
}

/// The zone that the request names.
pub fn zone(cx: &Cx, input: &CreateVolume) -> Result<&'static Zone, ApiError> {
    let unknown = |zone: &str| ApiError::new("InvalidZone.NotFound", format!("The zone '{zone}' does not exist."));
    region::zone(cx, input.availability_zone.as_deref(), input.availability_zone_id.as_deref(), unknown)
}

/// What the volume will be: as asked for, else as the snapshot and the type have it.
fn shape(input: &CreateVolume, source: Option<&Snapshot>) -> Shape {
    let size = input.size.or_else(|| source.map(|snapshot| snapshot.volume_size)).unwrap_or(0);
    let volume_type = input.volume_type.clone().unwrap_or_else(|| "gp2".to_owned());
    limits::with_defaults(size, volume_type, input.iops, input.throughput)
}

fn check_source(cx: &Cx, input: &CreateVolume, source: Option<&Snapshot>) -> Result<(), ApiError> {
    if input.kms_key_id.is_some() && input.encrypted != Some(true) {
        let message = "The parameter KmsKeyId requires the parameter Encrypted to be set.";
        return Err(ApiError::new("InvalidParameterDependency", message));
    }
    let Some(id) = &input.snapshot_id else {
        // Recorded at AWS, slash included.
        return if input.size.is_some() { Ok(()) } else { Err(missing("size/snapshot")) };
    };
    kind::SNAPSHOT.well_formed(id)?;
    let source = source.ok_or_else(|| kind::SNAPSHOT.not_found(&[id]))?;
    snapshot::must_be_usable(cx, source)?;
    match input.size {
        Some(size) if size < source.volume_size => {
            let least = source.volume_size;
            let message = format!("Volume of size {size}GB is smaller than snapshot '{id}', expect size >= {least}GB");
            Err(ApiError::new("InvalidParameterValue", message))
        }
        _ => Ok(()),
    }
}

fn check_shape(input: &CreateVolume, shape: &Shape) -> Result<(), ApiError> {
    limits::check_asked(&shape.volume_type, input.iops, input.throughput)?;
    if matches!(shape.volume_type.as_str(), "io1" | "io2") && input.iops.is_none() {
        return Err(missing(&format!("iops for {} volumes", shape.volume_type)));
    }
    limits::check(shape)
}

/// DeleteVolume on the volume.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteVolume) -> Vec<Check> {
    vec![resource::check_on::<Volume>(cx, world, &input.volume_id)]
}

/// Removes a volume that is attached to nothing.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteVolume) -> Result<Done, ApiError> {
    let volume = resource::get::<Volume>(tx, cx, &input.volume_id)?;
    if let Some((attachment, _)) = volume.attachment_at(cx.now, cx.settings.states) {
        let message = format!("Volume {} is currently attached to {}", volume.id, attachment.instance_id);
        return Err(ApiError::new("VolumeInUse", message));
    }
    super::forget(cx, tx, &volume);
    Ok(Done {})
}
