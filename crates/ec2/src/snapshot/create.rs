//! CreateSnapshot and DeleteSnapshot. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html>

use service::prelude::*;

use super::Snapshot;
use super::describe::{SnapshotOut, out};
use crate::image;
use crate::kind;
use crate::resource;
use crate::tags::{self, TagSpecification};
use crate::volume::Volume;

/// `CreateSnapshotRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateSnapshot {
    pub description: Option<String>,
    pub volume_id: String,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `DeleteSnapshotRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteSnapshot {
    pub snapshot_id: String,
    pub dry_run: Option<bool>,
}

/// CreateSnapshot on a snapshot to come and on the volume, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateSnapshot) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let volume = resource::look_up::<Volume>(world, cx, &input.volume_id);
    let snapshot = resource::check_on_new(cx, &kind::SNAPSHOT, specifications)
        .key("ec2:ParentVolume", kind::VOLUME.arn(cx, &input.volume_id))
        .key_if("ec2:SourceAvailabilityZone", volume.as_ref().map(|volume| volume.zone.as_str()))
        .key_if("ec2:VolumeSize", volume.as_ref().map(|volume| volume.size.to_string()));
    let volume = resource::check_on::<Volume>(cx, world, &input.volume_id);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateSnapshot");
    [snapshot, volume].into_iter().chain(tagging).collect()
}

/// Makes a snapshot of a volume, attached or not.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateSnapshot) -> Result<SnapshotOut, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::SNAPSHOT.resource_type)?;
    check_description(input.description.as_deref())?;
    let volume = resource::get::<Volume>(tx, cx, &input.volume_id)?;
    if volume.state(cx.now, cx.settings.states) == "creating" {
        return Err(ApiError::new("IncorrectState", format!("{} is not 'available'.", volume.id)));
    }
    let description = input.description.clone().unwrap_or_default();
    let snapshot = Snapshot { description, tags, ..Snapshot::of_volume(cx, &volume) };
    tx.put(snapshot.clone());
    Ok(out(cx, &snapshot))
}

/// At most 255 characters.
pub(super) fn check_description(description: Option<&str>) -> Result<(), ApiError> {
    let length = description.map_or(0, |text| text.chars().count());
    if length > 255 {
        let message = "Character limit of 255 exceeded for parameter description.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(())
}

/// DeleteSnapshot on the snapshot.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteSnapshot) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.snapshot_id)]
}

/// Removes a snapshot of the caller's own that no image needs. Volumes made of it stay.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteSnapshot) -> Result<Done, ApiError> {
    let snapshot = super::own(tx, cx, &input.snapshot_id)?;
    let mut users: Vec<_> = image::made_of(tx, cx.region_name(), &snapshot.id).collect();
    if !users.is_empty() {
        // All are named, the newest first.
        users.sort_by_key(|image| std::cmp::Reverse(image.created_at));
        let users: Vec<&str> = users.iter().map(|image| image.id.as_str()).collect();
        let message = format!("The snapshot {} is currently in use by {}", snapshot.id, users.join(", "));
        return Err(ApiError::new("InvalidSnapshot.InUse", message));
    }
    super::may_be_deleted(cx, &snapshot)?;
    super::forget(cx, tx, &snapshot.id);
    Ok(Done {})
}
