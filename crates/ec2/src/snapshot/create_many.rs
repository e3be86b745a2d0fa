//! CreateSnapshots: of all volumes of an instance at one moment.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshots.html>

use std::sync::Arc;

use service::prelude::*;

use super::Snapshot;
use super::create::check_description;
use crate::instance::{self, Instance};
use crate::kind;
use crate::resource;
use crate::tags::{self, TagSpecification};
use crate::volume::{self, Volume};

/// `CreateSnapshotsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateSnapshots {
    pub description: Option<String>,
    pub instance_specification: InstanceSpecification,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
    /// `volume`.
    pub copy_tags_from_source: Option<String>,
}

/// `InstanceSpecification`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct InstanceSpecification {
    pub instance_id: String,
    pub exclude_boot_volume: Option<bool>,
    #[serde(default)]
    pub exclude_data_volume_ids: Vec<String>,
}

/// `CreateSnapshotsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub snapshots: Vec<InfoOut>,
}

/// `SnapshotInfo`.
#[derive(Debug, Serialize, Shaped)]
pub struct InfoOut {
    pub description: String,
    pub tags: Vec<Tag>,
    pub encrypted: bool,
    pub volume_id: String,
    pub state: &'static str,
    pub volume_size: i64,
    pub start_time: Timestamp,
    pub progress: &'static str,
    pub owner_id: String,
    pub snapshot_id: String,
}

/// CreateSnapshots on the instance, and for each of its volumes on the volume and on a snapshot to come; and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateSnapshots) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let id = &input.instance_specification.instance_id;
    let mut checks = vec![instance::check_on(cx, world, id)];
    let volumes = match instance::find(cx, world, id) {
        Ok(instance) => chosen(world, instance, &input.instance_specification),
        Err(_) => Vec::new(),
    };
    if volumes.is_empty() {
        checks.push(resource::check_on_new(cx, &kind::SNAPSHOT, specifications));
    }
    for volume in &volumes {
        let snapshot = resource::check_on_new(cx, &kind::SNAPSHOT, specifications)
            .key("ec2:ParentVolume", kind::VOLUME.arn(cx, &volume.id))
            .key("ec2:SourceAvailabilityZone", volume.zone.as_str())
            .key("ec2:VolumeSize", volume.size.to_string());
        checks.extend([snapshot, resource::check_of(cx, world, &**volume)]);
    }
    checks.extend(tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateSnapshots"));
    checks
}

/// Makes a snapshot of each volume that is not left out.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateSnapshots) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::SNAPSHOT.resource_type)?;
    check_description(input.description.as_deref())?;
    let specification = &input.instance_specification;
    let instance = instance::find(cx, tx, &specification.instance_id)?.clone();
    check_excluded(tx, &instance, specification)?;
    let mut snapshots = Vec::new();
    for volume in chosen(tx, &instance, specification) {
        let of_volume = volume.tags.iter().filter(|_| input.copy_tags_from_source.is_some());
        let of_volume = of_volume.filter(|tag| !tag.key.starts_with("aws:") && tags.iter().all(|it| it.key != tag.key));
        let snapshot = Snapshot {
            description: input.description.clone().unwrap_or_default(),
            tags: tags.iter().chain(of_volume).cloned().collect(),
            ..Snapshot::of_volume(cx, &volume)
        };
        snapshots.push(out(&snapshot));
        tx.put(snapshot);
    }
    if snapshots.is_empty() {
        let message = format!("The instance '{}' has no volumes to create snapshots of.", instance.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(Created { snapshots })
}

fn is_root(instance: &Instance, volume: &Volume) -> bool {
    let device = volume.attachment.as_ref().map(|held| held.device.as_str());
    device.is_some() && device == instance.image.root_device_name.as_deref()
}

/// The instance's volumes less those left out.
fn chosen(world: &World, instance: &Instance, wanted: &InstanceSpecification) -> Vec<Arc<Volume>> {
    let mut held = volume::of_instance(world, instance.account, &instance.region, &instance.id);
    held.retain(|volume| match is_root(instance, volume) {
        true => wanted.exclude_boot_volume != Some(true),
        false => !wanted.exclude_data_volume_ids.contains(&volume.id),
    });
    held
}

/// What is left out by its id must be a data volume of the instance.
fn check_excluded(world: &World, instance: &Instance, wanted: &InstanceSpecification) -> Result<(), ApiError> {
    let held = volume::of_instance(world, instance.account, &instance.region, &instance.id);
    for id in &wanted.exclude_data_volume_ids {
        kind::VOLUME.well_formed(id)?;
        let found = held.iter().find(|volume| volume.id == *id);
        if found.is_none_or(|volume| is_root(instance, volume)) {
            let message = format!("The volume '{id}' is not a data volume attached to instance '{}'.", instance.id);
            return Err(ApiError::new("InvalidParameterValue", message));
        }
    }
    Ok(())
}

fn out(snapshot: &Snapshot) -> InfoOut {
    InfoOut {
        description: snapshot.description.clone(),
        tags: snapshot.tags.clone(),
        encrypted: snapshot.encrypted,
        volume_id: snapshot.volume_id.clone(),
        state: "pending",
        volume_size: snapshot.volume_size,
        start_time: snapshot.started_at,
        // Nothing yet, not even a zero.
        progress: "",
        owner_id: snapshot.account.to_string(),
        snapshot_id: snapshot.id.clone(),
    }
}
