//! Capacity reservations through their handlers, and the instances that run in them.

use service::prelude::*;

use super::change::{CancelCapacityReservation, ModifyCapacityReservation};
use super::create::CreateCapacityReservation;
use super::describe::{DescribeCapacityReservations, GetCapacityReservationUsage, ReservationOut};
use super::group::GetGroupsForCapacityReservation;
use super::*;
use crate::instance::lifecycle::{self, StartInstances, StopInstances};
use crate::instance::run::input::{CapacityTarget, CapacityWish, PlacementWish, RunInstances};
use crate::instance::run::{self, Launched};
use crate::instance::tests::{described, wish};
use crate::tests::{knows_filters, later, list, refusal, refused, start};

fn reserve(cx: &Cx, tx: &mut Tx, count: i64, open: bool) -> String {
    let input = CreateCapacityReservation {
        instance_type: "t3.micro".into(),
        instance_platform: "Linux/UNIX".into(),
        availability_zone: Some("us-east-1a".into()),
        instance_count: count,
        instance_match_criteria: Some(if open { "open" } else { "targeted" }.into()),
        ..Default::default()
    };
    create::check(cx, tx, &input).unwrap();
    create::create(cx, tx, &input).unwrap().capacity_reservation.capacity_reservation_id
}

/// Those who name it may run in it.
pub fn targeted(count: i64) -> CreateCapacityReservation {
    CreateCapacityReservation {
        instance_type: "m5.large".into(),
        instance_platform: "Linux/UNIX".into(),
        availability_zone: Some("us-east-1a".into()),
        instance_count: count,
        instance_match_criteria: Some("targeted".into()),
        ..Default::default()
    }
}

pub fn make(cx: &Cx, tx: &mut Tx, input: &CreateCapacityReservation) -> String {
    create::check(cx, tx, input).unwrap();
    create::create(cx, tx, input).unwrap().capacity_reservation.capacity_reservation_id
}

pub fn cancel(cx: &Cx, tx: &mut Tx, id: &str, quote: Option<&str>) -> Result<(), ApiError> {
    let input = CancelCapacityReservation {
        capacity_reservation_id: id.to_owned(),
        quote_id: quote.map(str::to_owned),
        apply_cancellation_charges: quote.map(|_| "commitment-wind-down".to_owned()),
        dry_run: None,
    };
    change::cancel(cx, tx, &input).map(drop)
}

pub fn seen(cx: &Cx, tx: &Tx, id: &str) -> ReservationOut {
    let input = DescribeCapacityReservations { capacity_reservation_ids: list(&[id]), ..Default::default() };
    describe::describe(cx, tx, &input).unwrap().capacity_reservations.remove(0)
}

fn launch(cx: &Cx, tx: &mut Tx, count: i64, wanted: Option<CapacityWish>) -> Result<Launched, ApiError> {
    let placement = PlacementWish { availability_zone: Some("us-east-1a".into()), ..Default::default() };
    let input = RunInstances {
        placement: Some(placement),
        capacity_reservation_specification: wanted,
        min_count: count,
        max_count: count,
        ..wish(cx)
    };
    run::run(cx, tx, &input)
}

fn meant_for(id: &str) -> Option<CapacityWish> {
    let target = CapacityTarget { capacity_reservation_id: Some(id.to_owned()) };
    Some(CapacityWish { capacity_reservation_target: Some(target), ..Default::default() })
}

fn preferring(word: &str) -> Option<CapacityWish> {
    Some(CapacityWish { capacity_reservation_preference: Some(word.to_owned()), ..Default::default() })
}

const EXCEEDED: &str =
    "The requested reservation does not have sufficient compatible and available capacity for this request.";

#[test]
fn an_open_reservation_fills_by_itself() {
    let (cx, mut tx) = start();
    let id = reserve(&cx, &mut tx, 2, true);
    assert_eq!((seen(&cx, &tx, &id).state, seen(&later(&cx, 10), &tx, &id).state), ("pending", "active"));
    let launched = launch(&cx, &mut tx, 3, None).unwrap();
    let held: Vec<_> = launched.instances.iter().filter_map(|it| it.capacity_reservation_id.clone()).collect();
    assert_eq!(held, [id.clone(), id.clone()], "the third has no room in it");
    assert_eq!(seen(&cx, &tx, &id).available_instance_count, 0);
    let cx = later(&cx, 60);
    let first = launched.instances[0].instance_id.clone();
    let stop = StopInstances { instance_ids: vec![first.clone()], ..Default::default() };
    lifecycle::stop(&cx, &mut tx, &stop).unwrap();
    assert_eq!(seen(&cx, &tx, &id).available_instance_count, 1, "a stopped instance needs none");
    let never = launch(&cx, &mut tx, 1, preferring("none")).unwrap();
    assert_eq!(never.instances[0].capacity_reservation_id, None);
    let cx = later(&cx, 60);
    lifecycle::start(&cx, &mut tx, &StartInstances { instance_ids: vec![first.clone()], dry_run: None }).unwrap();
    assert_eq!(described(&cx, &tx, &first).capacity_reservation_id.as_ref(), Some(&id));
    let usage = GetCapacityReservationUsage { capacity_reservation_id: id.clone(), ..Default::default() };
    assert_eq!(describe::usage(&cx, &tx, &usage).unwrap().instance_usages[0].used_instance_count, 2);
    let groups = GetGroupsForCapacityReservation { capacity_reservation_id: id.clone(), ..Default::default() };
    assert_eq!(group::describe(&cx, &tx, &groups).unwrap().capacity_reservation_groups, []);
    let groups = GetGroupsForCapacityReservation { next_token: Some("x".into()), ..groups };
    assert_eq!(refusal(group::describe(&cx, &tx, &groups)).0, "InvalidNextToken");
    let less = ModifyCapacityReservation {
        capacity_reservation_id: id.clone(),
        instance_count: Some(1),
        ..Default::default()
    };
    assert_eq!(refusal(change::modify(&cx, &mut tx, &less)).0, "InvalidParameterValue");
    let cancel = CancelCapacityReservation { capacity_reservation_id: id.clone(), ..Default::default() };
    change::cancel(&cx, &mut tx, &cancel).unwrap();
    assert_eq!((seen(&cx, &tx, &id).state, described(&cx, &tx, &first).capacity_reservation_id), ("cancelled", None));
    assert_eq!(refusal(change::cancel(&cx, &mut tx, &cancel)).0, "IncorrectState");
}

#[test]
fn a_targeted_one_is_for_those_who_name_it() {
    let (cx, mut tx) = start();
    let id = reserve(&cx, &mut tx, 1, false);
    assert_eq!(launch(&cx, &mut tx, 1, None).unwrap().instances[0].capacity_reservation_id, None);
    let cx = later(&cx, 1);
    let launched = launch(&cx, &mut tx, 1, meant_for(&id)).unwrap();
    let specification = launched.instances[0].capacity_reservation_specification.clone().unwrap();
    assert_eq!(specification.capacity_reservation_target.unwrap().capacity_reservation_id, id);
    let cx = later(&cx, 1);
    assert_eq!(refusal(launch(&cx, &mut tx, 1, meant_for(&id))), refused("ReservationCapacityExceeded", EXCEEDED));
    assert_eq!(
        refusal(launch(&cx, &mut tx, 1, preferring("capacity-reservations-only"))).0,
        "ReservationCapacityExceeded"
    );
    let more = ModifyCapacityReservation {
        capacity_reservation_id: id.clone(),
        instance_count: Some(2),
        ..Default::default()
    };
    change::modify(&cx, &mut tx, &more).unwrap();
    launch(&cx, &mut tx, 1, meant_for(&id)).unwrap();
    let none = refusal(launch(&cx, &mut tx, 1, meant_for("cr-0123456789abcdef0")));
    assert_eq!(none.0, "InvalidCapacityReservationId.NotFound");
}

#[test]
fn a_limited_one_expires() {
    let (cx, mut tx) = start();
    let id = reserve(&cx, &mut tx, 1, true);
    let launched = launch(&cx, &mut tx, 1, None).unwrap().instances[0].instance_id.clone();
    let limited = ModifyCapacityReservation {
        capacity_reservation_id: id.clone(),
        end_date_type: Some("limited".into()),
        end_date: Some(later(&cx, 3600).now),
        ..Default::default()
    };
    change::modify(&cx, &mut tx, &limited).unwrap();
    let cx = later(&cx, 3601);
    assert_eq!((seen(&cx, &tx, &id).state, seen(&cx, &tx, &id).total_instance_count), ("expired", 0));
    assert_eq!(described(&cx, &tx, &launched).capacity_reservation_id, None);
}

fn fleet(cx: &Cx, tx: &mut Tx, target: i64, weights: &[(&str, f64)]) -> String {
    let wish = |(position, (kind, weight)): (usize, &(&str, f64))| fleet::create::SpecificationWish {
        instance_type: Some((*kind).to_owned()),
        instance_platform: Some("Linux/UNIX".into()),
        availability_zone: Some("us-east-1a".into()),
        weight: Some(*weight),
        priority: i64::try_from(position).ok(),
        ..Default::default()
    };
    let input = fleet::create::CreateCapacityReservationFleet {
        total_target_capacity: target,
        instance_type_specifications: Some(weights.iter().enumerate().map(wish).collect()),
        ..Default::default()
    };
    fleet::create::check(cx, tx, &input).unwrap();
    fleet::create::create(cx, tx, &input).unwrap().capacity_reservation_fleet_id
}

fn held_by(cx: &Cx, tx: &Tx, id: &str) -> Vec<(String, i64)> {
    let input =
        fleet::DescribeCapacityReservationFleets { capacity_reservation_fleet_ids: list(&[id]), ..Default::default() };
    let found = fleet::describe(cx, tx, &input).unwrap().capacity_reservation_fleets.remove(0);
    found.instance_type_specifications.into_iter().map(|it| (it.instance_type, it.total_instance_count)).collect()
}

#[test]
fn a_fleet_reserves_by_priority_and_weight() {
    let (cx, mut tx) = start();
    let id = fleet(&cx, &mut tx, 7, &[("m5.xlarge", 2.0), ("m5.large", 1.0)]);
    assert_eq!(held_by(&cx, &tx, &id), [("m5.xlarge".to_owned(), 4)]);
    let large = fleet(&later(&cx, 1), &mut tx, 2_500, &[("m5.xlarge", 2.0), ("m5.large", 1.0)]);
    assert_eq!(held_by(&cx, &tx, &large), [("m5.xlarge".to_owned(), 1_000), ("m5.large".to_owned(), 500)]);
    let less = fleet::change::ModifyCapacityReservationFleet {
        capacity_reservation_fleet_id: large.clone(),
        total_target_capacity: Some(10),
        ..Default::default()
    };
    fleet::change::modify(&later(&cx, 2), &mut tx, &less).unwrap();
    assert_eq!(held_by(&later(&cx, 3), &tx, &large), [("m5.xlarge".to_owned(), 5)]);
}

#[test]
fn specifications_of_a_fleet_differ() {
    let (cx, tx) = start();
    let wish = |platform: &str, weight| fleet::create::SpecificationWish {
        instance_type: Some("m5.large".into()),
        instance_platform: Some(platform.to_owned()),
        availability_zone: Some("us-east-1a".into()),
        weight: Some(weight),
        ..Default::default()
    };
    let check = |wishes| {
        let input = fleet::create::CreateCapacityReservationFleet {
            total_target_capacity: 1,
            instance_type_specifications: Some(wishes),
            ..Default::default()
        };
        fleet::create::check(&cx, &tx, &input)
    };
    assert_eq!(check(vec![wish("Linux/UNIX", 1.0), wish("Windows", 1.0)]), Ok(()));
    let same = "Each instance type specification must have its own instance type or platform: m5.large, Linux/UNIX.";
    assert_eq!(
        refusal(check(vec![wish("Linux/UNIX", 1.0), wish("Linux/UNIX", 2.0)])),
        refused("InvalidParameterValue", same)
    );
}

#[test]
fn capacity_that_is_used_stays_where_it_is() {
    let (cx, mut tx) = start();
    let id = reserve(&cx, &mut tx, 3, true);
    launch(&cx, &mut tx, 2, None).unwrap();
    let split = transfer::CreateCapacityReservationBySplitting {
        source_capacity_reservation_id: id.clone(),
        instance_count: 2,
        ..Default::default()
    };
    let cx = later(&cx, 60);
    assert_eq!(refusal(transfer::split(&cx, &mut tx, &split)).0, "InvalidParameterValue");
    let one = transfer::CreateCapacityReservationBySplitting { instance_count: 1, ..split };
    let made = transfer::split(&cx, &mut tx, &one).unwrap().destination_capacity_reservation;
    assert_eq!((seen(&cx, &tx, &id).total_instance_count, made.available_instance_count), (2, 1));
}

#[test]
fn filters() {
    let (cx, mut tx) = start();
    reserve(&cx, &mut tx, 1, true);
    fleet(&cx, &mut tx, 1, &[("m5.large", 1.0)]);
    knows_filters("DescribeCapacityReservationFleets", |filters| {
        fleet::describe(&cx, &tx, &fleet::DescribeCapacityReservationFleets { filters, ..Default::default() })
            .map(|it| it.capacity_reservation_fleets.len())
    });
    knows_filters("DescribeCapacityReservations", |filters| {
        describe::describe(&cx, &tx, &DescribeCapacityReservations { filters, ..Default::default() })
            .map(|it| it.capacity_reservations.len())
    });
}
