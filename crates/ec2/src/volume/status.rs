//! DescribeVolumeStatus. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumeStatus.html>
//!
//! No volume here is ever impaired: the checks pass once it is created, and there are no events.

use service::filters::{Fields, Filter, Values};
use service::paging;
use service::prelude::*;

use super::Volume;
use crate::instance::out::OperatorOut;
use crate::resource::{self, Wanted};

/// `DescribeVolumeStatusRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeVolumeStatus {
    pub volume_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeVolumeStatusResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Statuses {
    pub volume_statuses: Vec<StatusItemOut>,
    pub next_token: Option<String>,
}

/// `VolumeStatusItem`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct StatusItemOut {
    pub volume_id: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub volume_status: StatusOut,
    pub actions: Vec<ActionOut>,
    pub events: Vec<EventOut>,
    pub attachment_statuses: Vec<AttachmentStatusOut>,
    pub operator: OperatorOut,
}

/// `VolumeStatusInfo`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct StatusOut {
    pub status: &'static str,
    pub details: Vec<DetailOut>,
}

/// `VolumeStatusDetails`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct DetailOut {
    pub name: &'static str,
    pub status: &'static str,
}

/// `VolumeStatusAction`. There are none.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ActionOut {
    pub code: String,
}

/// `VolumeStatusEvent`. There are none.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct EventOut {
    pub event_id: String,
}

/// `VolumeStatusAttachmentStatus`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AttachmentStatusOut {
    pub instance_id: String,
    pub io_performance: &'static str,
}

static FIELDS: Fields<StatusItemOut> = Fields {
    fields: &[
        ("action.code", nothing),
        ("action.description", nothing),
        ("action.event-id", nothing),
        ("attachment-status.instance-id", |it, values| {
            it.attachment_statuses.iter().for_each(|held| values.push(held.instance_id.as_str()));
        }),
        ("attachment-status.io-performance", |it, values| {
            it.attachment_statuses.iter().for_each(|held| values.push(held.io_performance));
        }),
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
        ("event.description", nothing),
        ("event.event-id", nothing),
        ("event.event-type", nothing),
        ("event.not-after", nothing),
        ("event.not-before", nothing),
        ("operator.managed", |it, values| values.push_bool(it.operator.managed)),
        ("operator.principal", nothing),
        ("volume-status.details-name", |it, values| {
            it.volume_status.details.iter().for_each(|detail| values.push(detail.name));
        }),
        ("volume-status.details-status", |it, values| {
            it.volume_status.details.iter().for_each(|detail| values.push(detail.status));
        }),
        ("volume-status.status", |it, values| values.push(it.volume_status.status)),
    ],
    tags: None,
};

fn nothing(_: &StatusItemOut, _: &mut Values) {}

/// The status of each volume that passes the filters, or of those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeVolumeStatus) -> Result<Statuses, ApiError> {
    let ids = input.volume_ids.as_deref();
    if input.max_results.is_some() && ids.is_some_and(|ids| !ids.is_empty()) {
        return Err(crate::refused::not_together("volumeSet", "maxResults"));
    }
    paging::must_be_enough(input.max_results)?;
    let wanted = Wanted {
        ids,
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |volume: &Volume| out(cx, volume);
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, see)?;
    Ok(Statuses { volume_statuses: page.items, next_token: page.next })
}

fn out(cx: &Cx, volume: &Volume) -> StatusItemOut {
    let created = volume.state(cx.now, cx.settings.states) != "creating";
    // Only volumes with provisioned performance are measured by it.
    let measured = matches!(volume.volume_type.as_str(), "io1" | "io2");
    let performance = if measured && volume.attachment.is_some() { "normal" } else { "not-applicable" };
    let io = DetailOut { name: "io-enabled", status: if created { "passed" } else { "insufficient-data" } };
    let attachments = volume.attachment.iter().filter(|_| measured);
    StatusItemOut {
        volume_id: volume.id.clone(),
        availability_zone: volume.zone.clone(),
        availability_zone_id: volume.zone_id.clone(),
        volume_status: StatusOut {
            status: if created { "ok" } else { "insufficient-data" },
            details: vec![io, DetailOut { name: "io-performance", status: performance }],
        },
        actions: Vec::new(),
        events: Vec::new(),
        attachment_statuses: attachments
            .map(|held| AttachmentStatusOut { instance_id: held.instance_id.clone(), io_performance: "normal" })
            .collect(),
        operator: OperatorOut::NONE,
    }
}
