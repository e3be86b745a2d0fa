//! CopyVolumes: a volume like another of the same zone, as that is at the moment.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyVolumes.html>

use service::prelude::*;

use super::describe::{VolumeOut, out};
use super::record::Shape;
use super::{Volume, limits};
use crate::instance::client_token;
use crate::kind;
use crate::refused::missing;
use crate::resource;
use crate::setting::encryption::{self, Encryption};
use crate::tags::{self, TagSpecification};

/// `CopyVolumesRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CopyVolumes {
    pub source_volume_id: String,
    pub iops: Option<i64>,
    pub size: Option<i64>,
    pub volume_type: Option<String>,
    pub dry_run: Option<bool>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub throughput: Option<i64>,
    pub client_token: Option<String>,
    pub encrypted: Option<bool>,
    pub kms_key_id: Option<String>,
}

/// `CopyVolumesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Copied {
    pub volumes: Vec<VolumeOut>,
}

/// CopyVolumes on a volume to come and on the source, and the tags.
pub fn to_copy(cx: &Cx, world: &World, input: &CopyVolumes) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let source = resource::look_up::<Volume>(world, cx, &input.source_volume_id);
    let mut copy = resource::check_on_new(cx, &kind::VOLUME, specifications)
        .key("ec2:ParentVolume", kind::VOLUME.arn(cx, &input.source_volume_id));
    if let Some(source) = &source {
        let shape = shape(input, source);
        copy = copy
            .key("ec2:AvailabilityZone", source.zone.as_str())
            .key("ec2:AvailabilityZoneId", source.zone_id.as_str())
            .key("ec2:Encrypted", encryption_of(cx, world, input, source).encrypted.to_string())
            .key_if("ec2:VolumeIops", shape.iops.map(|iops| iops.to_string()))
            .key("ec2:VolumeSize", shape.size.to_string())
            .key_if("ec2:VolumeThroughput", shape.throughput.map(|throughput| throughput.to_string()))
            .key("ec2:VolumeType", shape.volume_type);
    }
    let source = resource::check_on::<Volume>(cx, world, &input.source_volume_id);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CopyVolumes");
    [copy, source].into_iter().chain(tagging).collect()
}

/// Makes the copy, or answers again what the same client token made before.
pub fn copy(cx: &Cx, tx: &mut Tx, input: &CopyVolumes) -> Result<Copied, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CopyVolumes { client_token: None, dry_run: None, ..input.clone() });
    if let Some(made) = client_token::again::<Volume>(cx, tx, "CopyVolumes", token, &digest)? {
        return Ok(Copied { volumes: vec![out(cx, &made)] });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::VOLUME.resource_type)?;
    let source = resource::get::<Volume>(tx, cx, &input.source_volume_id)?;
    let shape = shape(input, &source);
    check(cx, input, &source, &shape)?;
    let encryption = encryption_of(cx, tx, input, &source);
    let copy = Volume {
        id: cx.ids.ec2(kind::VOLUME.prefix),
        size: shape.size,
        volume_type: shape.volume_type,
        iops: shape.iops,
        throughput: shape.throughput,
        snapshot_id: None,
        encrypted: encryption.encrypted,
        kms_key_id: encryption.kms_key_id,
        created_at: cx.now,
        attachment: None,
        detached: None,
        gone_at: None,
        modification: None,
        auto_enable_io: false,
        fast_restored: false,
        source_volume_id: Some(source.id.clone()),
        tags,
        ..(*source).clone()
    };
    client_token::remember(cx, tx, "CopyVolumes", token, digest, vec![copy.id.clone()]);
    tx.put(copy.clone());
    Ok(Copied { volumes: vec![out(cx, &copy)] })
}

/// As asked for, else of the source's size and gp2.
fn shape(input: &CopyVolumes, source: &Volume) -> Shape {
    let size = input.size.unwrap_or(source.size);
    let volume_type = input.volume_type.clone().unwrap_or_else(|| "gp2".to_owned());
    limits::with_defaults(size, volume_type, input.iops, input.throughput)
}

fn encryption_of(cx: &Cx, world: &World, input: &CopyVolumes, source: &Volume) -> Encryption {
    let key = input.kms_key_id.clone().or_else(|| source.kms_key_id.clone());
    encryption::of_new(cx, world, source.encrypted || input.encrypted == Some(true), key)
}

fn check(cx: &Cx, input: &CopyVolumes, source: &Volume, shape: &Shape) -> Result<(), ApiError> {
    if source.state(cx.now, cx.settings.states) == "creating" {
        return Err(ApiError::new("IncorrectState", format!("{} is not 'available'.", source.id)));
    }
    if input.kms_key_id.is_some() && input.encrypted != Some(true) && !source.encrypted {
        let message = "The parameter KmsKeyId requires the parameter Encrypted to be set.";
        return Err(ApiError::new("InvalidParameterDependency", message));
    }
    if shape.size < source.size {
        let (size, id, least) = (shape.size, &source.id, source.size);
        let message = format!("Volume of size {size}GB is smaller than volume '{id}', expect size >= {least}GB");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    limits::check_asked(&shape.volume_type, input.iops, input.throughput)?;
    if matches!(shape.volume_type.as_str(), "io1" | "io2") && input.iops.is_none() {
        return Err(missing(&format!("iops for {} volumes", shape.volume_type)));
    }
    limits::check(shape)
}
