//! ModifyVolume and DescribeVolumesModifications. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html>
//!
//! A volume keeps its last modification; how far that is follows from the time.

use std::sync::Arc;

use jiff::SignedDuration;
use service::cx::Quotas;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::record::{Modification, Progress, Shape};
use super::{Volume, limits};
use crate::instance::describe::time;
use crate::instance::out::OperatorOut;
use crate::instance::{authorize, elapsed};
use crate::resource;

/// `ModifyVolumeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyVolume {
    pub volume_id: String,
    pub size: Option<i64>,
    pub volume_type: Option<String>,
    pub iops: Option<i64>,
    pub throughput: Option<i64>,
    pub dry_run: Option<bool>,
}

/// `ModifyVolumeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub volume_modification: ModificationOut,
}

/// `DescribeVolumesModificationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeVolumesModifications {
    pub volume_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeVolumesModificationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modifications {
    pub volumes_modifications: Vec<ModificationOut>,
    pub next_token: Option<String>,
}

/// `VolumeModification`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ModificationOut {
    pub volume_id: String,
    pub modification_state: &'static str,
    pub target_size: i64,
    pub target_iops: Option<i64>,
    pub target_volume_type: String,
    pub target_throughput: Option<i64>,
    pub target_multi_attach_enabled: bool,
    pub original_size: i64,
    pub original_iops: Option<i64>,
    pub original_volume_type: String,
    pub original_throughput: Option<i64>,
    pub original_multi_attach_enabled: bool,
    pub progress: i64,
    pub start_time: Timestamp,
    pub end_time: Option<Timestamp>,
    pub operator: OperatorOut,
}

static FIELDS: Fields<ModificationOut> = Fields {
    fields: &[
        ("modification-state", |it, values| values.push(it.modification_state)),
        ("original-iops", |it, values| values.push_if(it.original_iops.map(|iops| iops.to_string()))),
        ("original-size", |it, values| values.push(it.original_size.to_string())),
        ("original-volume-type", |it, values| values.push(it.original_volume_type.as_str())),
        ("originalMultiAttachEnabled", |it, values| values.push_bool(it.original_multi_attach_enabled)),
        ("start-time", |it, values| values.push(time(it.start_time))),
        ("target-iops", |it, values| values.push_if(it.target_iops.map(|iops| iops.to_string()))),
        ("target-size", |it, values| values.push(it.target_size.to_string())),
        ("target-volume-type", |it, values| values.push(it.target_volume_type.as_str())),
        ("targetMultiAttachEnabled", |it, values| values.push_bool(it.target_multi_attach_enabled)),
        ("volume-id", |it, values| values.push(it.volume_id.as_str())),
    ],
    tags: None,
};

/// How many modifications a volume has within a day that rolls. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html>
const MOST: usize = 4;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// ModifyVolume on the volume, with the new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyVolume) -> Vec<Check> {
    let number = |name, value: Option<i64>| value.map(|value| (name, value.to_string()));
    let values = [
        number("Iops", input.iops),
        number("Size", input.size),
        number("Throughput", input.throughput),
        input.volume_type.clone().map(|value| ("VolumeType", value)),
    ];
    let values: Vec<_> = values.into_iter().flatten().collect();
    vec![authorize::attributes(resource::check_on::<Volume>(cx, world, &input.volume_id), &values)]
}

/// Starts a change of size, type or performance.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyVolume) -> Result<Modified, ApiError> {
    let volume = resource::get::<Volume>(tx, cx, &input.volume_id)?;
    may_be_modified(cx, &volume)?;
    if input.size.is_some_and(|size| size < volume.size) {
        return Err(ApiError::new("InvalidParameterValue", "New size cannot be smaller than existing size"));
    }
    let target = target(&volume, input);
    limits::check_asked(&target.volume_type, input.iops, input.throughput)?;
    limits::check(&target)?;
    let earlier = recent(cx, &volume);
    let modification = Modification { started_at: cx.now, original: volume.shape(), target: target.clone(), earlier };
    resource::update::<Volume>(tx, cx, &volume.id, |it| {
        it.size = target.size;
        it.volume_type = target.volume_type;
        it.iops = target.iops;
        it.throughput = target.throughput;
        it.modification = Some(Box::new(modification.clone()));
    });
    Ok(Modified { volume_modification: out(cx, &volume.id, &modification) })
}

fn may_be_modified(cx: &Cx, volume: &Volume) -> Result<(), ApiError> {
    let (now, states) = (cx.now, cx.settings.states);
    if volume.state(now, states) == "creating" {
        return Err(ApiError::new("IncorrectState", format!("{} is not 'available'.", volume.id)));
    }
    let Some(last) = &volume.modification else { return Ok(()) };
    let progress = last.progress(now, states);
    if progress != Progress::Completed {
        let state = progress.word().to_uppercase();
        let message = format!("Volume {} cannot be modified in modification state {state}", volume.id);
        return Err(ApiError::new("IncorrectModificationState", message));
    }
    // With AWS's quotas alone: nobody has to wait for hours here. How AWS tells the time is not known.
    let recent = recent(cx, volume);
    if cx.settings.quotas == Quotas::Aws
        && let Some(first) = recent.first().filter(|_| recent.len() >= MOST)
    {
        let again = first.saturating_add(DAY).unwrap_or(*first);
        let message = format!(
            "You've reached the maximum modification rate per volume limit. The volume can be modified again at {}.",
            time(again)
        );
        return Err(ApiError::new("VolumeModificationRateExceeded", message));
    }
    Ok(())
}

/// When the modifications of the last day began, oldest first: no more than may be.
fn recent(cx: &Cx, volume: &Volume) -> Vec<Timestamp> {
    let last = volume.modification.iter();
    let all = last.flat_map(|last| last.earlier.iter().copied().chain([last.started_at]));
    let mut recent: Vec<Timestamp> = all.filter(|at| elapsed(*at, cx.now) < DAY).collect();
    recent.drain(..recent.len().saturating_sub(MOST));
    recent
}

/// What stays as it is and what is left to the new type.
fn target(volume: &Volume, input: &ModifyVolume) -> Shape {
    let size = input.size.unwrap_or(volume.size);
    let volume_type = input.volume_type.clone().unwrap_or_else(|| volume.volume_type.clone());
    let same = volume_type == volume.volume_type;
    let iops = match volume_type.as_str() {
        "gp2" => Some(limits::gp2_iops(size)),
        kind if limits::is_provisioned(kind) => input.iops.or(volume.iops.filter(|_| same)).or(Some(limits::GP3_IOPS)),
        _ => None,
    };
    let held = volume.throughput.filter(|_| same);
    let throughput = (volume_type == "gp3").then(|| input.throughput.or(held).unwrap_or(limits::GP3_THROUGHPUT));
    Shape { size, volume_type, iops, throughput }
}

/// The last modification of each volume that had one, or of those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeVolumesModifications) -> Result<Modifications, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let ids = input.volume_ids.as_deref().unwrap_or_default();
    let volumes: Box<dyn Iterator<Item = Arc<Volume>>> = match ids {
        [] => resource::all::<Volume>(cx, world),
        ids => Box::new(resource::named::<Volume>(world, cx, ids)?.into_iter()),
    };
    let mut outs = Vec::new();
    for volume in volumes {
        match &volume.modification {
            Some(modification) => outs.push(out(cx, &volume.id, modification)),
            None if ids.is_empty() => {}
            None => {
                let message = format!("Modification for volume '{}' does not exist.", volume.id);
                return Err(ApiError::new("InvalidVolumeModification.NotFound", message));
            }
        }
    }
    outs.retain(|it| chosen.admit(it));
    let scope = format!("volume modifications {filters:?}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.volume_id.clone())?;
    Ok(Modifications { volumes_modifications: page.items, next_token: page.next })
}

fn out(cx: &Cx, id: &str, modification: &Modification) -> ModificationOut {
    let (original, target) = (&modification.original, &modification.target);
    let progress = modification.progress(cx.now, cx.settings.states);
    let completed = progress == Progress::Completed;
    ModificationOut {
        volume_id: id.to_owned(),
        modification_state: progress.word(),
        target_size: target.size,
        target_iops: target.iops,
        target_volume_type: target.volume_type.clone(),
        target_throughput: target.throughput,
        target_multi_attach_enabled: false,
        original_size: original.size,
        original_iops: original.iops,
        original_volume_type: original.volume_type.clone(),
        original_throughput: original.throughput,
        original_multi_attach_enabled: false,
        progress: if completed { 100 } else { 0 },
        start_time: modification.started_at,
        end_time: completed.then(|| modification.completed_at(cx.settings.states)),
        operator: OperatorOut::NONE,
    }
}
