//! Fleets of capacity reservations: so much capacity, out of instance types of which the first in the order of priority is reserved.
//!
//! Capacity is never short, so the first type that its zone offers is all that is reserved, up to what one reservation can hold; the next types serve when
//! it is not offered or full. [`create`] makes them, [`change`] changes and cancels them with their reservations.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-fleets.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::CapacityReservation;
use crate::instance::view::is_settled;
use crate::kind;
use crate::resource::{self, Wanted, resource, tags_out};

pub mod change;
pub mod create;

/// A fleet of capacity reservations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityFleet {
    pub account: AccountId,
    pub region: String,
    /// `crf-…`
    pub id: String,
    /// Units.
    pub target: i64,
    /// In the order of their priorities.
    pub specifications: Vec<Specification>,
    pub tenancy: String,
    pub end_date: Option<Timestamp>,
    pub created_at: Timestamp,
    /// The last change of its size or end.
    pub changed_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A type that it may reserve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Specification {
    pub instance_type: String,
    pub platform: String,
    /// Units of an instance.
    pub weight: f64,
    pub zone: String,
    pub zone_id: String,
    pub ebs_optimized: bool,
    pub priority: Option<i64>,
}

/// How long one that is over is still described; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(24);

impl CapacityFleet {
    /// Its reservations, those that are over included.
    pub fn reservations<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w Arc<CapacityReservation>> + use<'w> {
        let parts = [self.account.as_str(), &self.region, &self.id];
        world.by::<CapacityReservation>(CapacityReservation::BY_FLEET, &parts)
    }

    /// Units that its reservations hold.
    fn fulfilled(&self, cx: &Cx, world: &World) -> f64 {
        let held = self.reservations(world).filter(|it| it.holds(cx.now));
        held.fold(0.0, |sum, it| sum + fulfilled_by(it))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.cancelled_at.is_some() || self.end_date.is_some_and(|end| end <= now)
    }

    fn state(&self, cx: &Cx, world: &World) -> &'static str {
        let settled = |at| is_settled(at, cx.now, cx.settings.states);
        match (self.cancelled_at, self.changed_at) {
            (Some(at), _) if settled(at) => "cancelled",
            (Some(_), _) => "cancelling",
            _ if self.is_over(cx.now) => "expired",
            (None, Some(at)) if !settled(at) => "modifying",
            _ if !settled(self.created_at) => "submitted",
            _ => self.full(cx, world),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "targets are far below where it begins")]
    fn full(&self, cx: &Cx, world: &World) -> &'static str {
        match self.fulfilled(cx, world) {
            held if held >= self.target as f64 => "active",
            held if held > 0.0 => "partially_fulfilled",
            _ => "failed",
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a reservation has at most a thousand instances")]
fn fulfilled_by(held: &CapacityReservation) -> f64 {
    held.count as f64 * held.weight.unwrap_or(1.0)
}

impl Record for CapacityFleet {
    const TABLE: TableDef = TableDef::own("ec2_capacity_fleet", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        let over = self.cancelled_at.or(self.end_date)?;
        Some(over.saturating_add(VISIBLE).unwrap_or(over))
    }
}

resource!(CapacityFleet, kind::CAPACITY_RESERVATION_FLEET);

/// `DescribeCapacityReservationFleetsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityReservationFleets {
    pub capacity_reservation_fleet_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeCapacityReservationFleetsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Fleets {
    pub capacity_reservation_fleets: Vec<FleetOut>,
    pub next_token: Option<String>,
}

/// `CapacityReservationFleet`, and what CreateCapacityReservationFleet answers.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct FleetOut {
    pub capacity_reservation_fleet_id: String,
    pub capacity_reservation_fleet_arn: String,
    pub state: &'static str,
    pub total_target_capacity: i64,
    pub total_fulfilled_capacity: f64,
    pub tenancy: String,
    pub end_date: Option<Timestamp>,
    pub create_time: Timestamp,
    pub instance_match_criteria: &'static str,
    pub allocation_strategy: &'static str,
    pub instance_type_specifications: Vec<MemberOut>,
    pub tags: Option<Vec<Tag>>,
}

/// `FleetCapacityReservation`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct MemberOut {
    pub capacity_reservation_id: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub instance_type: String,
    pub instance_platform: String,
    pub total_instance_count: i64,
    pub fulfilled_capacity: f64,
    pub ebs_optimized: bool,
    pub create_date: Timestamp,
    pub weight: f64,
    pub priority: Option<i64>,
}

static FIELDS: Fields<FleetOut> = Fields {
    fields: &[
        ("allocation-strategy", |it, values| values.push(it.allocation_strategy)),
        ("instance-match-criteria", |it, values| values.push(it.instance_match_criteria)),
        ("state", |it, values| values.push(it.state)),
        ("tenancy", |it, values| values.push(it.tenancy.as_str())),
    ],
    tags: None,
};

/// Fleets that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeCapacityReservationFleets) -> Result<Fleets, ApiError> {
    let wanted = Wanted {
        ids: input.capacity_reservation_fleet_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let all = || resource::all::<CapacityFleet>(cx, world);
    let page = resource::describe(cx, world, &wanted, all, &FIELDS, |fleet| out(cx, world, fleet))?;
    Ok(Fleets { capacity_reservation_fleets: page.items, next_token: page.next })
}

/// The fleet as it is seen now.
fn out(cx: &Cx, world: &World, fleet: &CapacityFleet) -> FleetOut {
    let mut members: Vec<MemberOut> =
        fleet.reservations(world).filter(|it| it.holds(cx.now)).map(|it| member(fleet, it)).collect();
    members.sort_by_key(|it| it.priority);
    FleetOut {
        capacity_reservation_fleet_id: fleet.id.clone(),
        capacity_reservation_fleet_arn: kind::CAPACITY_RESERVATION_FLEET.arn(cx, &fleet.id),
        state: fleet.state(cx, world),
        total_target_capacity: fleet.target,
        total_fulfilled_capacity: fleet.fulfilled(cx, world),
        tenancy: fleet.tenancy.clone(),
        end_date: fleet.end_date,
        create_time: fleet.created_at,
        instance_match_criteria: "open",
        allocation_strategy: "prioritized",
        instance_type_specifications: members,
        tags: tags_out(&fleet.tags),
    }
}

fn member(fleet: &CapacityFleet, held: &CapacityReservation) -> MemberOut {
    let specification = fleet.specifications.iter().find(|it| is_of(held, it));
    MemberOut {
        capacity_reservation_id: held.id.clone(),
        availability_zone: held.zone.clone(),
        availability_zone_id: held.zone_id.clone(),
        instance_type: held.instance_type.clone(),
        instance_platform: held.platform.clone(),
        total_instance_count: held.count,
        fulfilled_capacity: fulfilled_by(held),
        ebs_optimized: held.ebs_optimized,
        create_date: held.created_at,
        weight: held.weight.unwrap_or(1.0),
        priority: specification.and_then(|it| it.priority),
    }
}

/// Whether the reservation was made for that specification.
fn is_of(held: &CapacityReservation, it: &Specification) -> bool {
    (&held.instance_type, &held.platform, &held.zone) == (&it.instance_type, &it.platform, &it.zone)
}
