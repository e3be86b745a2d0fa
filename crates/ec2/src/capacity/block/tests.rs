//! Capacity Blocks through their handlers, and the instances that run in them.

use service::prelude::*;

use super::describe::DescribeCapacityBlocks;
use super::extension::{
    DescribeCapacityBlockExtensionHistory, DescribeCapacityBlockExtensionOfferings, PurchaseCapacityBlockExtension,
};
use super::offerings::{DescribeCapacityBlockOfferings, OfferingOut};
use super::purchase::PurchaseCapacityBlock;
use crate::capacity::change::{self, CancelCapacityReservation, ModifyCapacityReservation};
use crate::capacity::describe::ReservationOut;
use crate::capacity::tests::seen;
use crate::instance::notice;
use crate::instance::run::input::{CapacityTarget, CapacityWish, MarketWish, PlacementWish, RunInstances};
use crate::instance::run::{self, Launched};
use crate::instance::tests::{described, wish};
use crate::tests::{in_region, knows_filters, later, refusal, refused, start};

const TYPE: &str = "p5.48xlarge";

fn search(hours: i64) -> DescribeCapacityBlockOfferings {
    DescribeCapacityBlockOfferings {
        instance_type: Some(TYPE.into()),
        instance_count: Some(2),
        capacity_duration_hours: hours,
        ..Default::default()
    }
}

fn offered(cx: &Cx, tx: &Tx, input: &DescribeCapacityBlockOfferings) -> Vec<OfferingOut> {
    super::offerings::check(cx, tx, input).unwrap();
    super::offerings::describe(cx, tx, input).unwrap().capacity_block_offerings
}

fn buy(cx: &Cx, tx: &mut Tx) -> ReservationOut {
    let offer = offered(cx, tx, &search(24)).remove(0);
    let input = PurchaseCapacityBlock {
        capacity_block_offering_id: offer.capacity_block_offering_id,
        instance_platform: "Linux/UNIX".into(),
        ..Default::default()
    };
    super::purchase::purchase(cx, tx, &input).unwrap().capacity_reservation
}

fn at(cx: &Cx, time: Timestamp) -> Cx {
    later(cx, time.as_second() - cx.now.as_second())
}

fn launch(cx: &Cx, tx: &mut Tx, held: &ReservationOut, market: Option<&str>) -> Result<Launched, ApiError> {
    let target = CapacityTarget { capacity_reservation_id: Some(held.capacity_reservation_id.clone()) };
    let wish = RunInstances {
        instance_type: Some(TYPE.into()),
        placement: Some(PlacementWish {
            availability_zone: Some(held.availability_zone.clone()),
            ..Default::default()
        }),
        capacity_reservation_specification: Some(CapacityWish {
            capacity_reservation_target: Some(target),
            ..Default::default()
        }),
        instance_market_options: market
            .map(|market| MarketWish { market_type: Some(market.to_owned()), ..Default::default() }),
        ..wish(cx)
    };
    crate::capacity::launch::check_market(&wish)?;
    run::run(cx, tx, &wish)
}

#[test]
fn offerings_are_repeatable_and_cost_by_size() {
    let (cx, tx) = start();
    let [one] = offered(&cx, &tx, &search(24)).try_into().unwrap();
    let [again] = offered(&later(&cx, 1), &tx, &search(24)).try_into().unwrap();
    assert_eq!(one.capacity_block_offering_id, again.capacity_block_offering_id);
    assert_eq!((one.end_date.as_second() - one.start_date.as_second(), one.instance_count), (86_400, 2));
    assert_eq!(one.start_date.as_second() % 86_400, 41_400, "at half past eleven");
    let fee = |it: &OfferingOut| it.upfront_fee.parse::<f64>().unwrap();
    let [week] = offered(&cx, &tx, &search(168)).try_into().unwrap();
    assert!((fee(&week) / fee(&one) - 7.0).abs() < 0.01);
    let short = DescribeCapacityBlockOfferings { end_date_range: Some(one.start_date), ..search(24) };
    assert!(offered(&cx, &tx, &short).is_empty());
    let by_server = DescribeCapacityBlockOfferings {
        instance_type: None,
        instance_count: None,
        ultraserver_type: Some("u-p6e-gb200x72".into()),
        ..search(24)
    };
    assert!(offered(&cx, &tx, &by_server).is_empty());
}

#[test]
fn an_offering_is_bought_where_and_while_it_is_there() {
    let (cx, mut tx) = start();
    let [one] = offered(&cx, &tx, &search(24)).try_into().unwrap();
    let id = one.capacity_block_offering_id.clone();
    let input = PurchaseCapacityBlock { capacity_block_offering_id: id.clone(), ..Default::default() };
    let text = format!("The Capacity Block offering ID '{id}' does not exist or is no longer available.");
    let gone = refused("InvalidCapacityBlockOfferingId.NotFound", &text);
    assert_eq!(refusal(super::purchase::purchase(&in_region(&cx, "us-west-2"), &mut tx, &input)), gone);
    assert_eq!(refusal(super::purchase::purchase(&at(&cx, one.start_date), &mut tx, &input)), gone);
    for bad in ["", "cb-0", "cb-00000000000000000", "cb-0ffffffffffffffff"] {
        assert_eq!(super::offering::of_id(&cx, bad), None, "{bad}");
    }
    let found = super::offering::of_id(&cx, &id).unwrap();
    assert_eq!((found.instance_type, found.count, found.start, found.days), (TYPE, 2, one.start_date, 1));
}

#[test]
fn what_cannot_be_on_offer() {
    let (cx, tx) = start();
    let code = |input: DescribeCapacityBlockOfferings| refusal(super::offerings::check(&cx, &tx, &input)).0;
    for hours in [0, 12, 25, 360, 4400] {
        assert_eq!(code(search(hours)), "InvalidParameterValue", "{hours}");
    }
    assert_eq!(code(DescribeCapacityBlockOfferings { instance_type: None, ..search(24) }), "MissingParameter");
    assert_eq!(
        code(DescribeCapacityBlockOfferings { instance_count: Some(65), ..search(24) }),
        "InvalidParameterValue"
    );
    let plain = DescribeCapacityBlockOfferings { instance_type: Some("m5.large".into()), ..search(24) };
    assert_eq!(code(plain), "InvalidParameterValue");
}

#[test]
fn a_block_begins_and_ends_by_the_clock() {
    let (cx, mut tx) = start();
    let held = buy(&cx, &mut tx);
    let id = held.capacity_reservation_id.clone();
    assert_eq!((held.state, held.reservation_type), ("payment-pending", "capacity-block"));
    assert_eq!(
        (seen(&later(&cx, 5), &tx, &id).state, seen(&later(&cx, 5), &tx, &id).available_instance_count),
        ("scheduled", 0)
    );
    let early = refusal(launch(&later(&cx, 5), &mut tx, &held, Some("capacity-block")));
    assert_eq!(early.0, "ReservationCapacityExceeded");
    let cx = at(&cx, held.start_date);
    assert_eq!((seen(&cx, &tx, &id).state, seen(&cx, &tx, &id).available_instance_count), ("active", 2));
    let text = "The market type (purchasing) option is not valid. Choose a different market type and try again";
    assert_eq!(refusal(launch(&cx, &mut tx, &held, None)), refused("InvalidParameterValue", text));
    let made = launch(&cx, &mut tx, &held, Some("capacity-block")).unwrap().instances.remove(0);
    let inside = described(&cx, &tx, &made.instance_id);
    assert_eq!(
        (inside.instance_lifecycle, inside.capacity_reservation_id.as_ref()),
        (Some("capacity-block"), Some(&id))
    );
    assert_eq!(seen(&cx, &tx, &id).available_instance_count, 1);
    let status = super::describe::status(&cx, &tx, &DescribeCapacityBlocks::default()).unwrap();
    let told = &status.capacity_block_statuses[0];
    assert_eq!((told.interconnect_status, told.total_capacity, told.total_available_capacity), ("ok", 2, 1));
    let end = held.end_date.unwrap();
    let cx = at(&cx, super::instances_end_before(end));
    assert!(notice::is_due(&tx.at(cx.now), cx.account(), cx.region_name()));
    notice::carry_out(&cx, &mut tx).unwrap();
    assert!(!notice::is_due(&tx.at(cx.now), cx.account(), cx.region_name()));
    let ended = described(&cx, &tx, &made.instance_id);
    assert_eq!(ended.state.unwrap().name, "shutting-down");
    assert_eq!(ended.state_reason.unwrap().code, "Server.CapacityReservationTermination");
    assert_eq!(refusal(launch(&cx, &mut tx, &held, Some("capacity-block"))).0, "ReservationCapacityExceeded");
    assert_eq!(seen(&at(&cx, end), &tx, &id).state, "expired");
}

#[test]
fn a_block_is_extended_but_not_changed() {
    let (cx, mut tx) = start();
    let held = buy(&cx, &mut tx);
    let id = held.capacity_reservation_id.clone();
    let cx = later(&cx, 10);
    let cancel = CancelCapacityReservation { capacity_reservation_id: id.clone(), ..Default::default() };
    assert_eq!(refusal(change::cancel(&cx, &mut tx, &cancel)).0, "UnsupportedOperation");
    let more = ModifyCapacityReservation {
        capacity_reservation_id: id.clone(),
        instance_count: Some(3),
        ..Default::default()
    };
    assert_eq!(refusal(change::modify(&cx, &mut tx, &more)).0, "IncorrectState");
    let ask = DescribeCapacityBlockExtensionOfferings {
        capacity_block_extension_duration_hours: 48,
        capacity_reservation_id: id.clone(),
        ..Default::default()
    };
    let [offer] =
        super::extension::describe(&cx, &tx, &ask).unwrap().capacity_block_extension_offerings.try_into().unwrap();
    assert_eq!(Some(offer.capacity_block_extension_start_date), held.end_date);
    let input = PurchaseCapacityBlockExtension {
        capacity_block_extension_offering_id: offer.capacity_block_extension_offering_id,
        capacity_reservation_id: id.clone(),
        dry_run: None,
    };
    super::extension::purchase(&cx, &mut tx, &input).unwrap();
    assert_eq!(seen(&cx, &tx, &id).end_date, Some(offer.capacity_block_extension_end_date));
    assert_eq!(refusal(super::extension::describe(&cx, &tx, &ask)).0, "IncorrectState", "it is not paid yet");
    let cx = later(&cx, 10);
    assert_eq!(refusal(super::extension::purchase(&cx, &mut tx, &input)).0, "InvalidCapacityBlockOfferingId.NotFound");
    let history = DescribeCapacityBlockExtensionHistory::default();
    let [told] = super::extension::history(&cx, &tx, &history).unwrap().capacity_block_extensions.try_into().unwrap();
    assert_eq!(told.capacity_block_extension_status, "payment-succeeded");
    let blocks = super::describe::describe(&cx, &tx, &DescribeCapacityBlocks::default()).unwrap().capacity_blocks;
    assert_eq!(Some(blocks[0].end_date), seen(&cx, &tx, &id).end_date);
    let long = DescribeCapacityBlockExtensionOfferings { capacity_block_extension_duration_hours: 182 * 24, ..ask };
    assert!(super::extension::describe(&cx, &tx, &long).unwrap().capacity_block_extension_offerings.is_empty());
}

#[test]
fn filters() {
    let (cx, mut tx) = start();
    buy(&cx, &mut tx);
    knows_filters("DescribeCapacityBlocks", |filters| {
        super::describe::describe(&cx, &tx, &DescribeCapacityBlocks { filters, ..Default::default() })
            .map(|it| it.capacity_blocks.len())
    });
    knows_filters("DescribeCapacityBlockStatus", |filters| {
        super::describe::status(&cx, &tx, &DescribeCapacityBlocks { filters, ..Default::default() })
            .map(|it| it.capacity_block_statuses.len())
    });
    knows_filters("DescribeCapacityBlockExtensionHistory", |filters| {
        let input = DescribeCapacityBlockExtensionHistory { filters, ..Default::default() };
        super::extension::history(&cx, &tx, &input).map(|it| it.capacity_block_extensions.len())
    });
}
