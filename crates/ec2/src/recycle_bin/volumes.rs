//! Volumes in the Recycle Bin.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreVolumeFromRecycleBin.html>

use service::prelude::*;

use super::{Content, Recycled, find, take};
use crate::kind;
use crate::volume::{self, Volume};

/// `ListVolumesInRecycleBinRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ListVolumesInRecycleBin {
    pub volume_ids: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ListVolumesInRecycleBinResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Volumes {
    pub volumes: Vec<VolumeOut>,
    pub next_token: Option<String>,
}

/// `VolumeRecycleBinInfo`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct VolumeOut {
    pub volume_id: String,
    pub volume_type: String,
    pub state: &'static str,
    pub size: i64,
    pub iops: Option<i64>,
    pub throughput: Option<i64>,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub source_volume_id: Option<String>,
    pub snapshot_id: Option<String>,
    pub create_time: Timestamp,
    pub recycle_bin_enter_time: Timestamp,
    pub recycle_bin_exit_time: Timestamp,
}

/// `RestoreVolumeFromRecycleBinRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RestoreVolumeFromRecycleBin {
    pub volume_id: String,
    pub dry_run: Option<bool>,
}

/// `RestoreVolumeFromRecycleBinResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Restored {
    pub r#return: bool,
}

/// `MaxResults` is 5 to 500.
pub fn check(_: &Cx, _: &World, input: &ListVolumesInRecycleBin) -> Result<(), ApiError> {
    match input.max_results {
        Some(size) if !(5..=500).contains(&size) => {
            let message =
                format!("Value ({size}) for parameter maxResults is invalid. Expecting a value between 5 and 500.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
        _ => Ok(()),
    }
}

/// Volumes in the caller's bin.
pub fn list(cx: &Cx, world: &World, input: &ListVolumesInRecycleBin) -> Result<Volumes, ApiError> {
    let asked = (input.volume_ids.as_deref(), input.max_results, input.next_token.as_deref());
    input.volume_ids.iter().flatten().try_for_each(|id| kind::VOLUME.well_formed(id))?;
    let page = super::list(cx, world, "volumes", asked, out, |ids| kind::VOLUME.not_found(ids))?;
    Ok(Volumes { volumes: page.items, next_token: page.next })
}

fn out(held: &Recycled) -> Option<VolumeOut> {
    let Content::Volume(volume) = &held.content else { return None };
    Some(VolumeOut {
        volume_id: volume.id.clone(),
        volume_type: volume.volume_type.clone(),
        state: "available",
        size: volume.size,
        iops: volume.iops,
        throughput: volume.throughput,
        availability_zone: volume.zone.clone(),
        availability_zone_id: volume.zone_id.clone(),
        source_volume_id: volume.source_volume_id.clone(),
        snapshot_id: volume.snapshot_id.clone(),
        create_time: volume.created_at,
        recycle_bin_enter_time: held.entered_at,
        recycle_bin_exit_time: held.exits_at,
    })
}

fn in_bin(cx: &Cx, world: &World, id: &str) -> Option<Volume> {
    match &find(cx, world, id)?.content {
        Content::Volume(volume) => Some((**volume).clone()),
        Content::Image(_) | Content::Snapshot(_) => None,
    }
}

/// RestoreVolumeFromRecycleBin on the volume.
pub fn to_restore(cx: &Cx, world: &World, input: &RestoreVolumeFromRecycleBin) -> Vec<Check> {
    vec![match in_bin(cx, world, &input.volume_id) {
        Some(volume) => volume::check_on(cx, world, &volume),
        None => Check::on(kind::VOLUME.arn(cx, &input.volume_id)),
    }]
}

/// The volume is there again, attached to nothing.
pub fn restore(cx: &Cx, tx: &mut Tx, input: &RestoreVolumeFromRecycleBin) -> Result<Restored, ApiError> {
    let id = &input.volume_id;
    kind::VOLUME.well_formed(id)?;
    let volume = in_bin(cx, tx, id).ok_or_else(|| kind::VOLUME.not_found(&[id]))?;
    take(cx, tx, id);
    tx.put(Volume { attachment: None, detached: None, ..volume });
    Ok(Restored { r#return: true })
}
