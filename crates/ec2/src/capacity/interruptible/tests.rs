//! Capacity that is lent, and what runs in it.

use service::prelude::*;

use super::{CreateInterruptibleCapacityReservationAllocation, UpdateInterruptibleCapacityReservationAllocation};
use crate::capacity::tests::{cancel, make, seen, targeted};
use crate::instance::notice;
use crate::instance::run::input::{CapacityTarget, CapacityWish, MarketWish, PlacementWish, RunInstances};
use crate::instance::run::{self, Launched};
use crate::instance::tests::{described, wish};
use crate::tests::{later, refusal, start};

fn launch(cx: &Cx, tx: &mut Tx, id: &str, market: Option<&str>, count: i64) -> Result<Launched, ApiError> {
    let target = CapacityTarget { capacity_reservation_id: Some(id.to_owned()) };
    let wanted = CapacityWish { capacity_reservation_target: Some(target), ..Default::default() };
    let market = market.map(|market| MarketWish { market_type: Some(market.to_owned()), ..Default::default() });
    let input = RunInstances {
        instance_type: Some("m5.large".into()),
        placement: Some(PlacementWish { availability_zone: Some("us-east-1a".into()), ..Default::default() }),
        capacity_reservation_specification: Some(wanted),
        instance_market_options: market,
        min_count: count,
        max_count: count,
        ..wish(cx)
    };
    run::run(cx, tx, &input)
}

const INTERRUPTIBLE: Option<&str> = Some("interruptible-capacity-reservation");

#[test]
fn capacity_is_lent_and_taken_back() {
    let (cx, mut tx) = start();
    let id = make(&cx, &mut tx, &targeted(5));
    let cx = later(&cx, 10);
    let lend = |count| CreateInterruptibleCapacityReservationAllocation {
        capacity_reservation_id: id.clone(),
        instance_count: count,
        ..Default::default()
    };
    assert_eq!(refusal(super::create(&cx, &mut tx, &lend(6))).0, "InvalidParameterValue");
    let made = super::create(&cx, &mut tx, &lend(3)).unwrap();
    assert_eq!((made.status, made.target_instance_count), ("pending", 3));
    assert_eq!(refusal(super::create(&cx, &mut tx, &lend(1))).0, "IncorrectState");
    let cx = later(&cx, 10);
    let source = seen(&cx, &tx, &id);
    assert_eq!((source.total_instance_count, source.available_instance_count), (5, 2));
    let lent = source.interruptible_capacity_allocation.unwrap();
    assert_eq!((lent.status, lent.instance_count), ("active", 3));
    let other = lent.interruptible_capacity_reservation_id;
    let held = seen(&cx, &tx, &other);
    assert_eq!(
        (held.interruptible, held.total_instance_count, held.instance_match_criteria),
        (Some(true), 3, "targeted")
    );
    assert_eq!(refusal(launch(&cx, &mut tx, &other, None, 1)).0, "InvalidParameterValue");
    let launched = launch(&cx, &mut tx, &other, INTERRUPTIBLE, 3).unwrap();
    assert_eq!(launched.instances[0].instance_lifecycle, INTERRUPTIBLE);
    assert_eq!(refusal(cancel(&cx, &mut tx, &other, None)).0, "UnsupportedOperation");
    assert_eq!(refusal(cancel(&cx, &mut tx, &id, None)).0, "IncorrectState");
    let take = |target| UpdateInterruptibleCapacityReservationAllocation {
        capacity_reservation_id: id.clone(),
        target_instance_count: Some(target),
        ..Default::default()
    };
    let cx = later(&cx, 10);
    let taken = super::update(&cx, &mut tx, &take(1)).unwrap();
    assert_eq!((taken.status, taken.instance_count, taken.target_instance_count), ("updating", 3, 1));
    assert_eq!(seen(&cx, &tx, &id).available_instance_count, 2, "it is not back yet");
    let cx = later(&cx, 121);
    notice::carry_out(&cx, &mut tx).unwrap();
    assert_eq!(seen(&cx, &tx, &id).available_instance_count, 4);
    let states: Vec<_> =
        launched.instances.iter().map(|it| described(&cx, &tx, &it.instance_id).state.unwrap().name).collect();
    assert_eq!(states.iter().filter(|state| **state == "running").count(), 1);
    let taken = super::update(&cx, &mut tx, &take(0)).unwrap();
    assert_eq!((taken.status, seen(&cx, &tx, &other).state), ("canceling", "cancelled"));
    let cx = later(&cx, 121);
    notice::carry_out(&cx, &mut tx).unwrap();
    let lent = seen(&cx, &tx, &id).interruptible_capacity_allocation.unwrap();
    assert_eq!((lent.status, lent.instance_count), ("canceled", 0));
    super::create(&cx, &mut tx, &lend(5)).unwrap();
}

#[test]
fn what_may_lend_again_stays() {
    let (cx, mut tx) = start();
    let id = make(&cx, &mut tx, &targeted(2));
    let cx = later(&cx, 10);
    let lend = CreateInterruptibleCapacityReservationAllocation {
        capacity_reservation_id: id.clone(),
        instance_count: 1,
        zero_size_preference: Some("retain".into()),
        ..Default::default()
    };
    super::create(&cx, &mut tx, &lend).unwrap();
    let none = UpdateInterruptibleCapacityReservationAllocation {
        capacity_reservation_id: id.clone(),
        target_instance_count: Some(0),
        ..Default::default()
    };
    super::update(&cx, &mut tx, &none).unwrap();
    assert_eq!(refusal(cancel(&later(&cx, 200), &mut tx, &id, None)).0, "IncorrectState");
}
