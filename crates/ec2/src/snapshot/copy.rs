//! CopySnapshot: into the request's region, of the same or another one.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopySnapshot.html>

use service::prelude::*;
use service::regions;

use super::Snapshot;
use super::create::check_description;
use crate::kind;
use crate::resource;
use crate::setting::encryption;
use crate::tags::{self, TagSpecification};

/// `CopySnapshotRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CopySnapshot {
    pub description: Option<String>,
    pub encrypted: Option<bool>,
    pub kms_key_id: Option<String>,
    pub source_region: String,
    pub source_snapshot_id: String,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    /// Clients add it together with the URL; the copy goes to the region of the request.
    pub destination_region: Option<String>,
    /// What AWS asks the source's region with, in the caller's name. One process knows all regions.
    pub presigned_url: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CopySnapshotResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Copied {
    pub snapshot_id: String,
    pub tags: Option<Vec<Tag>>,
}

/// CopySnapshot on a snapshot to come and on the source, and the tags.
pub fn to_copy(cx: &Cx, world: &World, input: &CopySnapshot) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let source = super::usable_in(world, cx, &input.source_region, &input.source_snapshot_id);
    let encrypted = input.encrypted == Some(true) || source.as_ref().is_some_and(|source| source.encrypted);
    let parent = service::arn::ec2(
        cx.partition(),
        &input.source_region,
        "",
        kind::SNAPSHOT.resource_type,
        &input.source_snapshot_id,
    );
    let copy = resource::check_on_new(cx, &kind::SNAPSHOT, specifications)
        .key("ec2:Encrypted", encryption::of_new(cx, world, encrypted, None).encrypted.to_string())
        .key("ec2:ParentSnapshot", parent)
        .key_if("ec2:VolumeSize", source.map(|source| source.volume_size.to_string()));
    let source = super::check_in(cx, world, &input.source_region, &input.source_snapshot_id);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CopySnapshot");
    [copy, source].into_iter().chain(tagging).collect()
}

/// Makes a snapshot of its own of one that may be used.
pub fn copy(cx: &Cx, tx: &mut Tx, input: &CopySnapshot) -> Result<Copied, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::SNAPSHOT.resource_type)?;
    check_description(input.description.as_deref())?;
    let (region, id) = (&input.source_region, &input.source_snapshot_id);
    if regions::region(region).is_none_or(|known| known.partition != cx.region.partition) {
        let message = format!("Value ({region}) for parameter sourceRegion is invalid. Invalid region.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    encryption::key_needs_encryption(input.kms_key_id.as_deref(), input.encrypted)?;
    kind::SNAPSHOT.well_formed(id)?;
    let source = super::usable_in(tx, cx, region, id).ok_or_else(|| kind::SNAPSHOT.not_found(&[id]))?;
    super::must_be_usable(cx, &source)?;
    let key = input.kms_key_id.clone().or_else(|| source.kms_key_id.clone().filter(|_| region == cx.region_name()));
    let encryption = encryption::of_new(cx, tx, source.encrypted || input.encrypted == Some(true), key);
    let description = input.description.clone().unwrap_or_default();
    let snapshot = Snapshot { description, tags: tags.clone(), ..source.copied(cx, encryption) };
    let copied = Copied { snapshot_id: snapshot.id.clone(), tags: resource::tags_out(&tags) };
    tx.put(snapshot);
    Ok(copied)
}
