//! Every documented filter is known, and Reserved Instances count once.

use super::*;
use crate::tests::{knows_filters, later, refusal, start};

/// Two of the first offering of a class, and the offering's id.
fn buy(cx: &Cx, tx: &mut Tx, class: &str) -> (String, String) {
    let mut offered = offering::all(cx, Some("m5.large"));
    let number =
        offered.find(|it| it.class == class && it.product == "Linux/UNIX" && it.zone.is_none()).unwrap().number;
    let offering = offering::id(cx, number);
    let input = bought::PurchaseReservedInstancesOffering {
        reserved_instances_offering_id: offering.clone(),
        instance_count: 2,
        purchase_time: None,
        dry_run: None,
    };
    (bought::purchase(cx, tx, &input).unwrap().reserved_instances_id, offering)
}

#[test]
fn what_is_named_twice_counts_once() {
    let (cx, mut tx) = start();
    let (id, _) = buy(&cx, &mut tx, "standard");
    let cx = later(&cx, 3600);
    let modify = |count| modification::ModifyReservedInstances {
        reserved_instances_ids: vec![id.clone(), id.clone()],
        target_configurations: vec![modification::Configuration { instance_count: Some(count), ..Default::default() }],
        ..Default::default()
    };
    assert_eq!(refusal(modification::modify(&cx, &mut tx, &modify(4))).0, "InvalidInput");
    modification::modify(&cx, &mut tx, &modify(2)).unwrap();
    let (id, offering_id) = buy(&cx, &mut tx, "convertible");
    let cx = later(&cx, 3600);
    let exchange = exchange::Exchange {
        reserved_instance_ids: vec![id.clone(), id],
        target_configurations: Some(vec![exchange::TargetWish { offering_id, instance_count: None }]),
        dry_run: None,
    };
    let quote = exchange::get(&cx, &tx, &exchange).unwrap();
    assert!(quote.is_valid_exchange, "{:?}", quote.validation_failure_reason);
    assert_eq!(quote.reserved_instance_value_set.len(), 1);
    assert_eq!(quote.target_configuration_value_set.unwrap()[0].target_configuration.instance_count, 2);
}

#[test]
fn filters() {
    let (cx, tx) = start();
    knows_filters("DescribeReservedInstances", |filters| {
        let input = bought::DescribeReservedInstances { filters, ..Default::default() };
        bought::describe(&cx, &tx, &input).map(|it| it.reserved_instances.len())
    });
    knows_filters("DescribeReservedInstancesModifications", |filters| {
        let input = modification::DescribeReservedInstancesModifications { filters, ..Default::default() };
        modification::describe(&cx, &tx, &input).map(|it| it.reserved_instances_modifications.len())
    });
    knows_filters("DescribeReservedInstancesListings", |filters| {
        let input = listing::DescribeReservedInstancesListings { filters, ..Default::default() };
        listing::describe(&cx, &tx, &input).map(|it| it.reserved_instances_listings.len())
    });
    knows_filters("DescribeReservedInstancesOfferings", |filters| {
        let instance_type = Some("m5.large".to_owned());
        let input = offerings::DescribeReservedInstancesOfferings { instance_type, filters, ..Default::default() };
        offerings::describe(&cx, &tx, &input).map(|it| it.reserved_instances_offerings.len())
    });
}
