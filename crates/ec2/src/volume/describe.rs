//! DescribeVolumes. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::{Volume, VolumeAttachment};
use crate::instance::out::OperatorOut;
use crate::kind;
use crate::setting::encryption;

/// `DescribeVolumesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeVolumes {
    pub volume_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeVolumesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Volumes {
    pub volumes: Vec<VolumeOut>,
    pub next_token: Option<String>,
}

/// `Volume`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct VolumeOut {
    pub volume_id: String,
    pub size: i64,
    pub snapshot_id: String,
    pub source_volume_id: Option<String>,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub state: &'static str,
    pub create_time: Timestamp,
    pub attachments: Vec<AttachmentOut>,
    pub encrypted: bool,
    pub kms_key_id: Option<String>,
    pub iops: Option<i64>,
    pub throughput: Option<i64>,
    pub volume_type: String,
    pub multi_attach_enabled: bool,
    /// Told of volumes of which it is so.
    pub fast_restored: Option<bool>,
    pub sse_type: Option<&'static str>,
    pub tags: Option<Vec<Tag>>,
    pub operator: OperatorOut,
    /// Whose it is and its ARN are told where it is described, as is that no operator hides it.
    pub owner_id: Option<String>,
    pub volume_arn: Option<String>,
}

/// `VolumeAttachment`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AttachmentOut {
    pub volume_id: String,
    pub instance_id: String,
    pub device: String,
    pub state: &'static str,
    pub attach_time: Timestamp,
    pub delete_on_termination: bool,
    /// There is one card.
    pub ebs_card_index: i64,
}

static FIELDS: Fields<VolumeOut> = Fields {
    fields: &[
        ("attachment.attach-time", |it, values| {
            it.attachments.iter().for_each(|a| values.push(crate::instance::describe::time(a.attach_time)))
        }),
        ("attachment.delete-on-termination", |it, values| {
            it.attachments.iter().for_each(|a| values.push_bool(a.delete_on_termination));
        }),
        ("attachment.device", |it, values| it.attachments.iter().for_each(|a| values.push(a.device.as_str()))),
        ("attachment.instance-id", |it, values| {
            it.attachments.iter().for_each(|a| values.push(a.instance_id.as_str()))
        }),
        ("attachment.status", |it, values| it.attachments.iter().for_each(|a| values.push(a.state))),
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
        ("create-time", |it, values| values.push(crate::instance::describe::time(it.create_time))),
        ("encrypted", |it, values| values.push_bool(it.encrypted)),
        ("fast-restored", |it, values| values.push_bool(it.fast_restored.unwrap_or(false))),
        ("multi-attach-enabled", |it, values| values.push_bool(it.multi_attach_enabled)),
        ("operator.managed", |it, values| values.push_bool(it.operator.managed)),
        ("operator.principal", |_, _| {}),
        ("size", |it, values| values.push(it.size.to_string())),
        ("snapshot-id", |it, values| values.push(it.snapshot_id.as_str())),
        ("status", |it, values| values.push(it.state)),
        ("volume-id", |it, values| values.push(it.volume_id.as_str())),
        ("volume-type", |it, values| values.push(it.volume_type.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// All volumes of the region that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeVolumes) -> Result<Volumes, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let ids = input.volume_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(crate::refused::not_together("volumeSet", "maxResults"));
    }
    paging::must_be_enough(input.max_results)?;
    let candidates = candidates(cx, world, ids, input.filters.as_deref())?;
    let outs = candidates.iter().map(|volume| described(cx, volume)).filter(|it| chosen.admit(it));
    let scope = format!("volumes {:?}", input.filters);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.volume_id.clone())?;
    Ok(Volumes { volumes: page.items, next_token: page.next })
}

/// The volumes to look at: those named, those of the instances a filter names, else all; in the order of their ids.
fn candidates(
    cx: &Cx,
    world: &World,
    ids: &[String],
    filters: Option<&[Filter]>,
) -> Result<Vec<Arc<Volume>>, ApiError> {
    let account = cx.account();
    if !ids.is_empty() {
        return find_all(cx, world, ids);
    }
    if let Some(instances) = service::filters::exact(filters, "attachment.instance-id") {
        let mut found: Vec<_> =
            instances.iter().flat_map(|id| super::of_instance(world, account, cx.region_name(), id)).collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup_by(|a, b| a.id == b.id);
        return Ok(found);
    }
    Ok(world.scan::<Volume>(&[account.as_str(), cx.region_name()]).cloned().collect())
}

fn find_all(cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<Volume>>, ApiError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        kind::VOLUME.expected_as(Some("volumes"), id)?;
        match world.get::<Volume>(&[cx.account().as_str(), cx.region_name(), id]) {
            Some(volume) => found.push(volume.clone()),
            None => missing.push(id.as_str()),
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    if missing.is_empty() { Ok(found) } else { Err(kind::VOLUME.not_found(&missing)) }
}

/// The volume as it is seen now.
pub fn out(cx: &Cx, volume: &Volume) -> VolumeOut {
    let (now, states) = (cx.now, cx.settings.states);
    let attachment =
        volume.attachment_at(now, states).map(|(attachment, state)| attachment_out(volume, attachment, state));
    let shape = volume.shape_at(now, states);
    VolumeOut {
        volume_id: volume.id.clone(),
        size: shape.size,
        snapshot_id: volume.snapshot_id.clone().unwrap_or_default(),
        source_volume_id: volume.source_volume_id.clone(),
        availability_zone: volume.zone.clone(),
        availability_zone_id: volume.zone_id.clone(),
        state: volume.state(now, states),
        create_time: volume.created_at,
        attachments: attachment.into_iter().collect(),
        encrypted: volume.encrypted,
        kms_key_id: encryption::key_shown(cx, volume.account, volume.encrypted, volume.kms_key_id.as_deref()),
        iops: shape.iops,
        throughput: shape.throughput,
        volume_type: shape.volume_type,
        multi_attach_enabled: false,
        fast_restored: volume.fast_restored.then_some(true),
        sse_type: volume.encrypted.then_some(if volume.kms_key_id.is_some() { "sse-kms" } else { "sse-ebs" }),
        tags: (!volume.tags.is_empty()).then(|| volume.tags.clone()),
        operator: OperatorOut::NONE,
        owner_id: None,
        volume_arn: None,
    }
}

/// The same with what only descriptions tell (seen of AWS, September 2026).
fn described(cx: &Cx, volume: &Volume) -> VolumeOut {
    VolumeOut {
        operator: OperatorOut { hidden_by_default: Some(false), ..OperatorOut::NONE },
        owner_id: Some(volume.account.to_string()),
        volume_arn: Some(kind::VOLUME.arn(cx, &volume.id)),
        ..out(cx, volume)
    }
}

/// An attachment of the volume, in that state.
pub fn attachment_out(volume: &Volume, attachment: &VolumeAttachment, state: &'static str) -> AttachmentOut {
    AttachmentOut {
        volume_id: volume.id.clone(),
        instance_id: attachment.instance_id.clone(),
        device: attachment.device.clone(),
        state,
        attach_time: attachment.attached_at,
        delete_on_termination: attachment.delete_on_termination,
        ebs_card_index: 0,
    }
}
