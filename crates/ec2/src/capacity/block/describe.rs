//! DescribeCapacityBlocks and DescribeCapacityBlockStatus.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCapacityBlocks.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::CapacityBlock;
use crate::instance::describe::time;
use crate::resource::{self, Wanted};

/// `DescribeCapacityBlocksRequest` and `DescribeCapacityBlockStatusRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityBlocks {
    pub capacity_block_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityBlocksResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Blocks {
    pub capacity_blocks: Vec<BlockOut>,
    pub next_token: Option<String>,
}

/// `CapacityBlock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct BlockOut {
    pub capacity_block_id: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub capacity_reservation_ids: Vec<String>,
    pub start_date: Timestamp,
    pub end_date: Timestamp,
    pub create_date: Timestamp,
    pub state: &'static str,
    pub tags: Vec<Tag>,
}

/// `DescribeCapacityBlockStatusResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Statuses {
    pub capacity_block_statuses: Vec<StatusOut>,
    pub next_token: Option<String>,
}

/// `CapacityBlockStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StatusOut {
    pub capacity_block_id: String,
    pub interconnect_status: &'static str,
    pub total_capacity: i64,
    pub total_available_capacity: i64,
    pub total_unavailable_capacity: i64,
    pub capacity_reservation_statuses: Vec<ReservationStatus>,
}

/// `CapacityReservationStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ReservationStatus {
    pub capacity_reservation_id: String,
    pub total_capacity: i64,
    pub total_available_capacity: i64,
    /// Of a reservation it is what is in use.
    pub total_unavailable_capacity: i64,
}

static FIELDS: Fields<BlockOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("capacity-block-id", |it, values| values.push(it.capacity_block_id.as_str())),
        ("create-date", |it, values| values.push(time(it.create_date))),
        ("end-date", |it, values| values.push(time(it.end_date))),
        ("start-date", |it, values| values.push(time(it.start_date))),
        ("state", |it, values| values.push(it.state)),
        ("tags", |it, values| it.tags.iter().for_each(|tag| values.push(tag.key.as_str()))),
        ("ultraserver-type", |_, values| values.push("instances")),
    ],
    tags: Some(|it| &it.tags),
};

static STATUS_FIELDS: Fields<StatusOut> =
    Fields { fields: &[("interconnect-status", |it, values| values.push(it.interconnect_status))], tags: None };

fn wanted(input: &DescribeCapacityBlocks) -> Wanted<'_> {
    Wanted {
        ids: input.capacity_block_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    }
}

/// Blocks that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeCapacityBlocks) -> Result<Blocks, ApiError> {
    let all = || resource::all::<CapacityBlock>(cx, world);
    let page = resource::describe(cx, world, &wanted(input), all, &FIELDS, |block| block_out(cx, block))?;
    Ok(Blocks { capacity_blocks: page.items, next_token: page.next })
}

/// The block as it is seen now.
pub fn block_out(cx: &Cx, block: &CapacityBlock) -> BlockOut {
    BlockOut {
        capacity_block_id: block.id.clone(),
        availability_zone: block.zone.clone(),
        availability_zone_id: block.zone_id.clone(),
        capacity_reservation_ids: vec![block.reservation_id.clone()],
        start_date: block.starts_at,
        end_date: block.ends_at,
        create_date: block.created_at,
        state: block.state(cx.now, cx.settings.states),
        tags: block.tags.clone(),
    }
}

/// How much of each block can be used.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCapacityBlockStatus.html>
pub fn status(cx: &Cx, world: &World, input: &DescribeCapacityBlocks) -> Result<Statuses, ApiError> {
    let all = || resource::all::<CapacityBlock>(cx, world);
    let see = |block: &CapacityBlock| status_out(cx, world, block);
    let page = resource::describe(cx, world, &wanted(input), all, &STATUS_FIELDS, see)?;
    Ok(Statuses { capacity_block_statuses: page.items, next_token: page.next })
}

/// Nothing breaks here: the interconnect is well as soon as there is something to connect.
fn status_out(cx: &Cx, world: &World, block: &CapacityBlock) -> StatusOut {
    let held = block.reservation(world);
    let runs = held.as_ref().is_some_and(|held| held.holds(cx.now));
    let count = held.as_ref().filter(|held| !held.is_over(cx.now)).map_or(0, |held| held.count);
    let used = held.as_ref().filter(|_| runs).map_or(0, |held| held.used(world));
    let available = held.as_ref().filter(|_| runs).map_or(0, |held| held.available(world));
    StatusOut {
        capacity_block_id: block.id.clone(),
        interconnect_status: if runs { "ok" } else { "insufficient-data" },
        total_capacity: count,
        total_available_capacity: available,
        total_unavailable_capacity: 0,
        capacity_reservation_statuses: vec![ReservationStatus {
            capacity_reservation_id: block.reservation_id.clone(),
            total_capacity: count,
            total_available_capacity: available,
            total_unavailable_capacity: used,
        }],
    }
}
