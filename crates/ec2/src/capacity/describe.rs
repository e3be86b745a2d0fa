//! DescribeCapacityReservations and GetCapacityReservationUsage.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCapacityReservations.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::CapacityReservation;
use super::interruptible::{self, LentOut, SourceOut};
use crate::instance::describe::time;
use crate::kind;
use crate::resource::{self, Wanted};

/// `DescribeCapacityReservationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityReservations {
    pub capacity_reservation_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityReservationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Reservations {
    pub capacity_reservations: Vec<ReservationOut>,
    pub next_token: Option<String>,
}

/// `CapacityReservation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ReservationOut {
    pub capacity_reservation_id: String,
    pub owner_id: String,
    pub capacity_reservation_arn: String,
    pub capacity_reservation_fleet_id: Option<String>,
    pub unused_reservation_billing_owner_id: Option<String>,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub instance_type: String,
    pub instance_platform: String,
    pub tenancy: String,
    pub total_instance_count: i64,
    pub available_instance_count: i64,
    pub ebs_optimized: bool,
    pub ephemeral_storage: bool,
    pub state: &'static str,
    pub start_date: Timestamp,
    pub end_date: Option<Timestamp>,
    pub end_date_type: &'static str,
    pub instance_match_criteria: &'static str,
    pub create_date: Timestamp,
    pub tags: Vec<Tag>,
    pub placement_group_arn: Option<String>,
    pub capacity_allocations: Vec<AllocationOut>,
    pub reservation_type: &'static str,
    pub capacity_block_id: Option<String>,
    pub commitment_info: Option<CommitmentOut>,
    pub delivery_preference: Option<&'static str>,
    pub original_start_date: Option<Timestamp>,
    pub adjustment_status: Option<&'static str>,
    pub interruptible: Option<bool>,
    pub interruptible_capacity_allocation: Option<LentOut>,
    pub interruption_info: Option<SourceOut>,
    pub zero_size_preference: Option<&'static str>,
}

/// `CapacityReservationCommitmentInfo`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct CommitmentOut {
    pub committed_instance_count: i64,
    pub commitment_end_date: Option<Timestamp>,
    pub commitment_duration: i64,
}

/// `CapacityAllocation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AllocationOut {
    pub allocation_type: &'static str,
    pub count: i64,
}

/// `GetCapacityReservationUsageRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetCapacityReservationUsage {
    pub capacity_reservation_id: String,
    /// There is one account in the list: nothing here is shared.
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetCapacityReservationUsageResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Usage {
    pub capacity_reservation_id: String,
    pub instance_type: String,
    pub total_instance_count: i64,
    pub available_instance_count: i64,
    pub state: &'static str,
    pub instance_usages: Vec<InstanceUsage>,
}

/// `InstanceUsage`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct InstanceUsage {
    pub account_id: String,
    pub used_instance_count: i64,
}

static FIELDS: Fields<ReservationOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("end-date", |it, values| values.push_if(it.end_date.map(time))),
        ("end-date-type", |it, values| values.push(it.end_date_type)),
        ("instance-match-criteria", |it, values| values.push(it.instance_match_criteria)),
        ("instance-platform", |it, values| values.push(it.instance_platform.as_str())),
        ("instance-type", |it, values| values.push(it.instance_type.as_str())),
        ("outpost-arn", |_, _| {}),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("placement-group-arn", |it, values| values.push_if(it.placement_group_arn.as_deref())),
        ("start-date", |it, values| values.push(time(it.start_date))),
        ("state", |it, values| values.push(it.state)),
        ("tenancy", |it, values| values.push(it.tenancy.as_str())),
    ],
    tags: Some(|it| &it.tags),
};

/// Reservations that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeCapacityReservations) -> Result<Reservations, ApiError> {
    let wanted = Wanted {
        ids: input.capacity_reservation_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<CapacityReservation>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |held| out(cx, world, held))?;
    Ok(Reservations { capacity_reservations: page.items, next_token: page.next })
}

/// The reservation as it is seen now.
pub fn out(cx: &Cx, world: &World, held: &CapacityReservation) -> ReservationOut {
    let used = held.used(world);
    ReservationOut {
        capacity_reservation_id: held.id.clone(),
        owner_id: held.account.to_string(),
        capacity_reservation_arn: kind::CAPACITY_RESERVATION.arn(cx, &held.id),
        capacity_reservation_fleet_id: held.fleet_id.clone(),
        unused_reservation_billing_owner_id: held.billing_owner.map(|owner| owner.to_string()),
        availability_zone: held.zone.clone(),
        availability_zone_id: held.zone_id.clone(),
        instance_type: held.instance_type.clone(),
        instance_platform: held.platform.clone(),
        tenancy: held.tenancy.clone(),
        total_instance_count: total(cx, held),
        available_instance_count: if held.holds(cx.now) { held.available(world) } else { 0 },
        ebs_optimized: held.ebs_optimized,
        ephemeral_storage: held.ephemeral_storage,
        state: held.state(cx.now, cx.settings.states),
        start_date: held.start(),
        end_date: held.end_date,
        end_date_type: if held.end_date.is_some() { "limited" } else { "unlimited" },
        instance_match_criteria: if held.open { "open" } else { "targeted" },
        create_date: held.created_at,
        tags: held.tags.clone(),
        placement_group_arn: held.placement_group.clone(),
        capacity_allocations: (used > 0)
            .then_some(AllocationOut { allocation_type: "used", count: used })
            .into_iter()
            .collect(),
        reservation_type: if held.block_id.is_some() { "capacity-block" } else { "default" },
        capacity_block_id: held.block_id.clone(),
        commitment_info: held.commitment.map(|it| CommitmentOut {
            committed_instance_count: it.count,
            commitment_end_date: held.committed_until(),
            commitment_duration: it.seconds,
        }),
        delivery_preference: held.commitment.map(|_| "incremental"),
        original_start_date: held.commitment.map(|it| it.original_start),
        adjustment_status: held.commitment.and_then(|it| it.adjusted_at).map(|_| "applied"),
        interruptible: held.source.as_ref().map(|_| true),
        interruptible_capacity_allocation: interruptible::lent_out(cx, world, held),
        interruption_info: held.source.as_ref().map(interruptible::source_out),
        zero_size_preference: interruptible::preference_of(cx, world, held),
    }
}

/// One that is over holds nothing; of one that is to come it is what it will.
fn total(cx: &Cx, held: &CapacityReservation) -> i64 {
    if held.is_over(cx.now) { 0 } else { held.count }
}

/// GetCapacityReservationUsage on the reservation.
pub fn to_use(cx: &Cx, world: &World, input: &GetCapacityReservationUsage) -> Vec<Check> {
    vec![resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id)]
}

/// How much of it is used, by account.
pub fn usage(cx: &Cx, world: &World, input: &GetCapacityReservationUsage) -> Result<Usage, ApiError> {
    let held = resource::get::<CapacityReservation>(world, cx, &input.capacity_reservation_id)?;
    let seen = out(cx, world, &held);
    let used = if held.holds(cx.now) { held.used(world) } else { 0 };
    Ok(Usage {
        capacity_reservation_id: seen.capacity_reservation_id,
        instance_type: seen.instance_type,
        total_instance_count: seen.total_instance_count,
        available_instance_count: seen.available_instance_count,
        state: seen.state,
        instance_usages: vec![InstanceUsage { account_id: seen.owner_id, used_instance_count: used }],
    })
}
