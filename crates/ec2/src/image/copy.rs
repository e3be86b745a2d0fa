//! CopyImage: into the request's region, of the same or another one.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html>

use service::prelude::*;
use service::regions;

use super::create::{Made, new};
use super::{AccountImage, Found, devices, name};
use crate::catalogue::images::{EbsDevice, Image};
use crate::instance::client_token;
use crate::kind;
use crate::resource;
use crate::setting::encryption;
use crate::snapshot::{self, Snapshot};
use crate::tags::{self, TagSpecification};

/// `CopyImageRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CopyImage {
    pub client_token: Option<String>,
    pub description: Option<String>,
    pub encrypted: Option<bool>,
    pub kms_key_id: Option<String>,
    pub name: String,
    pub source_image_id: String,
    pub source_region: String,
    pub copy_image_tags: Option<bool>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// CopyImage on an image to come, on the source and on snapshots to come, and the tags.
pub fn to_copy(cx: &Cx, world: &World, input: &CopyImage) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let image = resource::check_on_new(cx, &kind::IMAGE, specifications).key("ec2:Owner", cx.account().as_str());
    let snapshot = resource::check_on_new(cx, &kind::SNAPSHOT, specifications);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CopyImage");
    [image, source_check(cx, world, input), snapshot].into_iter().chain(tagging).collect()
}

fn source_check(cx: &Cx, world: &World, input: &CopyImage) -> Check {
    let found = super::find_in(cx, world, &input.source_region, &input.source_image_id);
    let check = super::check_of(cx, &input.source_image_id, found.as_deref());
    let kind = kind::IMAGE.resource_type;
    Check {
        resource: service::arn::ec2(cx.partition(), &input.source_region, "", kind, &input.source_image_id),
        ..check
    }
}

/// Makes an image of its own of one that may be launched and whose snapshots may be used.
pub fn copy(cx: &Cx, tx: &mut Tx, input: &CopyImage) -> Result<Made, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CopyImage { client_token: None, dry_run: None, ..input.clone() });
    if let Some(made) = client_token::again::<AccountImage>(cx, tx, "CopyImage", token, &digest)? {
        return Ok(Made { image_id: made.id.clone() });
    }
    let specifications = input.tag_specifications.as_deref().unwrap_or_default();
    tags::check_specifications(specifications, &devices::taggable())?;
    let wanted = tags::specified(specifications);
    name::check(cx, tx, &input.name)?;
    encryption::key_needs_encryption(input.kms_key_id.as_deref(), input.encrypted)?;
    let source = source(cx, tx, input)?;
    let id = cx.ids.ec2(kind::IMAGE.prefix);
    let mut mappings = source.block_device_mappings.clone();
    for ebs in mappings.iter_mut().filter_map(|device| device.ebs.as_mut()) {
        if let Some(copy) = copied(cx, tx, input, ebs, &id)? {
            *ebs = EbsDevice { encrypted: Some(copy.encrypted), snapshot_id: Some(copy.id.clone()), ..ebs.clone() };
            tx.put(Snapshot { tags: wanted.of(kind::SNAPSHOT.resource_type).to_vec(), ..copy });
        }
    }
    let facts = Image {
        image_id: id.clone(),
        name: input.name.clone(),
        description: input.description.clone().filter(|text| !text.is_empty()),
        block_device_mappings: mappings,
        source_instance_id: None,
        source_image_id: Some(input.source_image_id.clone()),
        source_image_region: Some(input.source_region.clone()),
        instance_type_specification: None,
        tags: None,
        ..(*source).clone()
    };
    let tags = merged(input, &source, wanted.of(kind::IMAGE.resource_type));
    tx.put(new(cx, facts, tags));
    client_token::remember(cx, tx, "CopyImage", token, digest, vec![id.clone()]);
    Ok(Made { image_id: id })
}

/// The image to copy, which must be available.
fn source(cx: &Cx, world: &World, input: &CopyImage) -> Result<Found, ApiError> {
    let (region, id) = (&input.source_region, &input.source_image_id);
    if regions::region(region).is_none_or(|known| known.partition != cx.region.partition) {
        let message = format!("Value ({region}) for parameter sourceRegion is invalid. Invalid region.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    kind::IMAGE.well_formed(id)?;
    let source = super::find_in(cx, world, region, id).ok_or_else(|| kind::IMAGE.not_found(&[id]))?;
    if source.state != "available" {
        let message = format!("Image '{id}' is not in 'available' state.");
        return Err(ApiError::new("IncorrectState", message));
    }
    Ok(source)
}

/// The copy of a device's snapshot; nothing for devices without one.
fn copied(
    cx: &Cx,
    world: &World,
    input: &CopyImage,
    ebs: &EbsDevice,
    image_id: &str,
) -> Result<Option<Snapshot>, ApiError> {
    let Some(id) = &ebs.snapshot_id else { return Ok(None) };
    let source = snapshot::usable_in(world, cx, &input.source_region, id).ok_or_else(|| {
        ApiError::new("InvalidRequest", "You do not have permission to access the storage of this ami")
    })?;
    snapshot::must_be_usable(cx, &source)?;
    let encrypted = source.encrypted || input.encrypted == Some(true);
    let encryption = encryption::of_new(cx, world, encrypted, input.kms_key_id.clone());
    let description = format!(
        "Copied for DestinationAmi {image_id} from SourceAmi {} for SourceSnapshot {id}. Task created on {}.",
        input.source_image_id,
        grouped(cx.now.as_millisecond())
    );
    Ok(Some(Snapshot { description, ..source.copied(cx, encryption) }))
}

/// A number with commas between its groups of three digits, as AWS writes the time there.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let length = digits.len();
    let comma = |at: usize| at > 0 && (length - at).is_multiple_of(3);
    digits.chars().enumerate().flat_map(|(at, digit)| comma(at).then_some(',').into_iter().chain([digit])).collect()
}

/// The tags of the request, and with CopyImageTags those of the source that the caller sees.
fn merged(input: &CopyImage, source: &Image, wanted: &[Tag]) -> Vec<Tag> {
    let theirs = source.tags.iter().flatten().filter(|tag| !tag.key.starts_with("aws:"));
    let theirs = theirs.filter(|tag| input.copy_image_tags == Some(true) && wanted.iter().all(|it| it.key != tag.key));
    wanted.iter().chain(theirs).cloned().collect()
}
