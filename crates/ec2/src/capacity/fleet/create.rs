//! CreateCapacityReservationFleet.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCapacityReservationFleet.html>

use std::collections::HashSet;
use std::sync::Arc;

use service::prelude::*;

use super::{CapacityFleet, FleetOut, MemberOut, Specification, is_of, out};
use crate::capacity::CapacityReservation;
use crate::capacity::create::{CreateCapacityReservation, with_keys};
use crate::capacity::launch;
use crate::capacity::manager::usage;
use crate::catalogue::instance_types;
use crate::instance::client_token;
use crate::instance::run::instance_type;
use crate::kind;
use crate::refused::missing;
use crate::region;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateCapacityReservationFleetRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateCapacityReservationFleet {
    pub allocation_strategy: Option<String>,
    pub client_token: Option<String>,
    pub instance_type_specifications: Option<Vec<SpecificationWish>>,
    pub tenancy: Option<String>,
    pub total_target_capacity: i64,
    pub end_date: Option<Timestamp>,
    /// The model admits `open` alone.
    pub instance_match_criteria: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `ReservationFleetInstanceSpecification`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Shaped)]
pub struct SpecificationWish {
    pub instance_type: Option<String>,
    pub instance_platform: Option<String>,
    pub weight: Option<f64>,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub ebs_optimized: Option<bool>,
    pub priority: Option<i64>,
}

/// `CreateCapacityReservationFleetResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub capacity_reservation_fleet_id: String,
    pub state: &'static str,
    pub total_target_capacity: i64,
    pub total_fulfilled_capacity: f64,
    pub instance_match_criteria: &'static str,
    pub allocation_strategy: &'static str,
    pub create_time: Timestamp,
    pub end_date: Option<Timestamp>,
    pub tenancy: String,
    pub fleet_capacity_reservations: Vec<MemberOut>,
    pub tags: Option<Vec<Tag>>,
}

/// CreateCapacityReservationFleet on a fleet to come, the tags, and what the fleet does on behalf of the caller.
pub fn to_create(cx: &Cx, _: &World, input: &CreateCapacityReservationFleet) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let mut checks = resource::checks_on_new(
        cx,
        &kind::CAPACITY_RESERVATION_FLEET,
        specifications,
        "CreateCapacityReservationFleet",
        [],
    );
    // [`check`] has told what is wrong with them.
    let wanted = self::specifications(cx, input).unwrap_or_default();
    let tags = tags::requested(specifications, kind::CAPACITY_RESERVATION_FLEET.resource_type);
    checks.extend(shares(cx, input.total_target_capacity, &wanted, |_| 0).into_iter().map(|(it, count)| {
        let arn = kind::CAPACITY_RESERVATION.arn_of_new(cx);
        let check = Check::dependent("ec2:CreateCapacityReservation", arn).not_created().request_tags(&tags);
        with_keys(cx, check, &alone(input, it, count))
    }));
    checks.extend(
        ["ec2:DescribeCapacityReservations", "ec2:DescribeInstances"].map(|action| Check::dependent(action, "*")),
    );
    checks
}

/// The request for a reservation of the fleet, had the caller made it.
fn alone(input: &CreateCapacityReservationFleet, it: &Specification, count: i64) -> CreateCapacityReservation {
    CreateCapacityReservation {
        instance_type: it.instance_type.clone(),
        instance_platform: it.platform.clone(),
        availability_zone: Some(it.zone.clone()),
        tenancy: input.tenancy.clone(),
        instance_count: count,
        ebs_optimized: Some(it.ebs_optimized),
        end_date: input.end_date,
        end_date_type: input.end_date.map(|_| "limited".to_owned()),
        ..CreateCapacityReservation::default()
    }
}

/// A fleet has no more units, so that its reservations can be counted.
const MOST_UNITS: i64 = 25_000;
/// What one reservation holds.
const MOST_INSTANCES: i64 = 1_000;

/// What is refused before permission is asked for.
pub fn check(cx: &Cx, _: &World, input: &CreateCapacityReservationFleet) -> Result<(), ApiError> {
    if input.instance_type_specifications.as_ref().is_none_or(Vec::is_empty) {
        return Err(missing("InstanceTypeSpecifications"));
    }
    if let Some(other) = input.allocation_strategy.as_deref().filter(|it| *it != "prioritized") {
        let message =
            format!("Value ({other}) for parameter allocationStrategy is invalid. Valid values are: prioritized.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    check_target(input.total_target_capacity)?;
    check_end(cx, input.end_date)?;
    specifications(cx, input).map(drop)
}

/// 1 and more.
pub fn check_target(target: i64) -> Result<(), ApiError> {
    if (1..=MOST_UNITS).contains(&target) {
        return Ok(());
    }
    let message = format!(
        "Value ({target}) for parameter totalTargetCapacity is invalid. Valid values are between 1 and {MOST_UNITS}."
    );
    Err(ApiError::new("InvalidParameterValue", message))
}

/// An end lies ahead.
pub fn check_end(cx: &Cx, end: Option<Timestamp>) -> Result<(), ApiError> {
    match end {
        Some(date) if date <= cx.now => Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({date}) for parameter endDate is invalid. The end date must be in the future."),
        )),
        _ => Ok(()),
    }
}

/// What the fleet may reserve, by priority.
fn specifications(cx: &Cx, input: &CreateCapacityReservationFleet) -> Result<Vec<Specification>, ApiError> {
    let wanted = input.instance_type_specifications.iter().flatten();
    let mut specifications = wanted.map(|wish| specification(cx, wish)).collect::<Result<Vec<_>, _>>()?;
    must_be_in_one_zone(&specifications)?;
    must_differ(&specifications)?;
    // What has no priority comes last.
    specifications.sort_by_key(|it| it.priority.unwrap_or(i64::MAX));
    Ok(specifications)
}

fn specification(cx: &Cx, wish: &SpecificationWish) -> Result<Specification, ApiError> {
    let (name, id) = (wish.availability_zone.as_deref(), wish.availability_zone_id.as_deref());
    let zone = region::zone(cx, name, id, region::no_such_zone)?;
    let instance_type = wish.instance_type.clone().ok_or_else(|| missing("InstanceType"))?;
    instance_type::known(&instance_type)?;
    Ok(Specification {
        instance_type,
        platform: wish.instance_platform.clone().ok_or_else(|| missing("InstancePlatform"))?,
        weight: wish.weight.unwrap_or(1.0),
        zone: zone.name.clone(),
        zone_id: zone.id.clone(),
        ebs_optimized: wish.ebs_optimized == Some(true),
        priority: wish.priority,
    })
}

/// Makes a fleet and its reservations, or answers again what the same client token made.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateCapacityReservationFleet) -> Result<Created, ApiError> {
    const SCOPE: &str = "CreateCapacityReservationFleet";
    let token = input.client_token.as_deref();
    let plain = CreateCapacityReservationFleet { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&plain);
    if let Some(held) = client_token::again::<CapacityFleet>(cx, tx, SCOPE, token, &digest)? {
        return Ok(answer(out(cx, tx, &held)));
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::CAPACITY_RESERVATION_FLEET.resource_type)?;
    let specifications = specifications(cx, input)?;
    let fleet = CapacityFleet {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::CAPACITY_RESERVATION_FLEET.prefix),
        target: input.total_target_capacity,
        specifications,
        tenancy: input.tenancy.clone().unwrap_or_else(|| "default".to_owned()),
        end_date: input.end_date,
        created_at: cx.now,
        changed_at: None,
        cancelled_at: None,
        tags,
    };
    tx.put(fleet.clone());
    fill(cx, tx, &fleet);
    client_token::remember(cx, tx, SCOPE, token, digest, vec![fleet.id.clone()]);
    Ok(answer(out(cx, tx, &fleet)))
}

fn must_be_in_one_zone(specifications: &[Specification]) -> Result<(), ApiError> {
    let mut zones = specifications.iter().map(|it| it.zone.as_str());
    let first = zones.next().unwrap_or_default();
    match zones.find(|zone| *zone != first) {
        Some(other) => Err(ApiError::new(
            "InvalidParameterValue",
            format!("All instance type specifications must use the same Availability Zone: {first}, {other}."),
        )),
        None => Ok(()),
    }
}

/// A reservation is known by what it is for, so there is one for a type and a platform. The wording is not recorded.
fn must_differ(specifications: &[Specification]) -> Result<(), ApiError> {
    let mut seen = HashSet::new();
    match specifications.iter().find(|it| !seen.insert((&it.instance_type, &it.platform))) {
        Some(Specification { instance_type, platform, .. }) => Err(ApiError::new(
            "InvalidParameterValue",
            format!(
                "Each instance type specification must have its own instance type or platform: {instance_type}, {platform}."
            ),
        )),
        None => Ok(()),
    }
}

fn answer(seen: FleetOut) -> Created {
    Created {
        capacity_reservation_fleet_id: seen.capacity_reservation_fleet_id,
        state: seen.state,
        total_target_capacity: seen.total_target_capacity,
        total_fulfilled_capacity: seen.total_fulfilled_capacity,
        instance_match_criteria: seen.instance_match_criteria,
        allocation_strategy: seen.allocation_strategy,
        create_time: seen.create_time,
        end_date: seen.end_date,
        tenancy: seen.tenancy,
        fleet_capacity_reservations: seen.instance_type_specifications,
        tags: seen.tags,
    }
}

/// How many instances of each type make up the target: as many of the first as are needed, and of the next what one reservation can't hold; no fewer than
/// are in use.
fn shares<'a>(
    cx: &Cx,
    target: i64,
    specifications: &'a [Specification],
    used: impl Fn(&Specification) -> i64,
) -> Vec<(&'a Specification, i64)> {
    #[expect(clippy::cast_precision_loss, reason = "targets are far below where it begins")]
    let mut missing = target as f64;
    let mut shares = Vec::new();
    for specification in specifications {
        let count = needed(cx, specification, missing).max(used(specification));
        #[expect(clippy::cast_precision_loss, reason = "a reservation has at most a thousand instances")]
        let units = count as f64 * specification.weight;
        missing -= units;
        shares.push((specification, count));
    }
    shares
}

/// The fleet's reservation of that type.
fn held_of(cx: &Cx, world: &World, fleet: &CapacityFleet, it: &Specification) -> Option<Arc<CapacityReservation>> {
    fleet.reservations(world).find(|held| held.holds(cx.now) && is_of(held, it)).cloned()
}

/// Makes, changes and cancels reservations until they hold the target. What instances use stays.
pub fn fill(cx: &Cx, tx: &mut Tx, fleet: &CapacityFleet) {
    let world: &World = tx;
    let used = |it: &Specification| held_of(cx, world, fleet, it).map_or(0, |held| held.count - held.available(world));
    for (specification, count) in shares(cx, fleet.target, &fleet.specifications, used) {
        match held_of(cx, tx, fleet, specification) {
            Some(held) if count == 0 => {
                launch::leave(cx, tx, &held);
                usage::put(cx, tx, CapacityReservation { cancelled_at: Some(cx.now_seconds()), ..(*held).clone() });
            }
            Some(held) => {
                usage::put(cx, tx, CapacityReservation { count, end_date: fleet.end_date, ..(*held).clone() })
            }
            None if count > 0 => usage::put(cx, tx, reservation(cx, fleet, specification, count)),
            None => {}
        }
    }
}

/// How many instances of the type make up so many units.
#[expect(clippy::cast_possible_truncation, reason = "it is clamped to a thousand")]
fn needed(cx: &Cx, specification: &Specification, missing: f64) -> i64 {
    let offered = instance_types::offered_in_zone(cx.region_name(), &specification.zone, &specification.instance_type);
    if !offered || missing <= 0.0 {
        return 0;
    }
    ((missing / specification.weight).ceil() as i64).clamp(1, MOST_INSTANCES)
}

fn reservation(cx: &Cx, fleet: &CapacityFleet, it: &Specification, count: i64) -> CapacityReservation {
    CapacityReservation {
        account: fleet.account,
        region: fleet.region.clone(),
        id: cx.ids.ec2(kind::CAPACITY_RESERVATION.prefix),
        instance_type: it.instance_type.clone(),
        platform: it.platform.clone(),
        zone: it.zone.clone(),
        zone_id: it.zone_id.clone(),
        tenancy: fleet.tenancy.clone(),
        count,
        ebs_optimized: it.ebs_optimized,
        ephemeral_storage: false,
        end_date: fleet.end_date,
        open: true,
        placement_group: None,
        created_at: cx.now_seconds(),
        cancelled_at: None,
        fleet_id: Some(fleet.id.clone()),
        weight: Some(it.weight),
        billing_owner: None,
        starts_at: None,
        commitment: None,
        block_id: None,
        allocation: None,
        source: None,
        tags: fleet.tags.clone(),
    }
}
