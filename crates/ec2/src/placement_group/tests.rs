//! Placement groups through their handlers, and the launches into them.

use service::prelude::*;

use super::create::{CreatePlacementGroup, DeletePlacementGroup};
use super::describe::DescribePlacementGroups;
use super::*;
use crate::instance::run::input::{PlacementWish, RunInstances};
use crate::instance::run::{self, Launched};
use crate::instance::tests::{described, wish};
use crate::tests::{knows_filters, later, refusal, refused, start};

fn group(cx: &Cx, tx: &mut Tx, name: &str, strategy: &str, partitions: Option<i64>) {
    let input = CreatePlacementGroup {
        group_name: Some(name.into()),
        strategy: Some(strategy.into()),
        partition_count: partitions,
        ..Default::default()
    };
    create::check(cx, tx, &input).unwrap();
    create::create(cx, tx, &input).unwrap();
}

fn launch(cx: &Cx, tx: &mut Tx, count: i64, placement: PlacementWish) -> Result<Launched, ApiError> {
    let input = RunInstances {
        instance_type: Some("m5.large".into()),
        placement: Some(placement),
        min_count: count,
        max_count: count,
        ..wish(cx)
    };
    run::run(cx, tx, &input)
}

fn into(name: &str) -> PlacementWish {
    PlacementWish { group_name: Some(name.into()), ..Default::default() }
}

#[test]
fn a_cluster_stays_in_one_zone() {
    let (cx, mut tx) = start();
    group(&cx, &mut tx, "near", "cluster", None);
    let zoned = PlacementWish { availability_zone: Some("us-east-1b".into()), ..into("near") };
    let first = launch(&cx, &mut tx, 1, zoned).unwrap().instances[0].instance_id.clone();
    let cx = later(&cx, 1);
    let second = launch(&cx, &mut tx, 1, into("near")).unwrap();
    assert_eq!(second.instances[0].placement.availability_zone, "us-east-1b", "where the others are");
    let cx = later(&cx, 1);
    let elsewhere = PlacementWish { availability_zone: Some("us-east-1c".into()), ..into("near") };
    let message = "The placement group 'near' is in use in another availability zone: us-east-1b";
    assert_eq!(refusal(launch(&cx, &mut tx, 1, elsewhere)), refused("InvalidPlacementGroup.InUse", message));
    let seen = described(&cx, &tx, &first).placement;
    assert_eq!(seen.group_name, "near");
    assert!(seen.group_id.unwrap().starts_with("pg-"));
    let delete = DeletePlacementGroup { group_name: "near".into(), dry_run: None };
    let message = "The placement group 'near' is in use and may not be deleted.";
    assert_eq!(refusal(create::delete(&cx, &mut tx, &delete)), refused("InvalidPlacementGroup.InUse", message));
    for id in [first, second.instances[0].instance_id.clone()] {
        let input = crate::instance::lifecycle::TerminateInstances { instance_ids: vec![id], ..Default::default() };
        crate::instance::lifecycle::terminate(&cx, &mut tx, &input).unwrap();
    }
    create::delete(&cx, &mut tx, &delete).unwrap();
    assert!(by_name(&cx, &tx, "near").is_none());
}

#[test]
fn partitions_fill_evenly() {
    let (cx, mut tx) = start();
    group(&cx, &mut tx, "parts", "partition", Some(3));
    let launched = launch(&cx, &mut tx, 4, into("parts")).unwrap();
    let numbers: Vec<_> = launched.instances.iter().map(|it| it.placement.partition_number.unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 1]);
    let cx = later(&cx, 1);
    let chosen = PlacementWish { partition_number: Some(2), ..into("parts") };
    assert_eq!(launch(&cx, &mut tx, 1, chosen).unwrap().instances[0].placement.partition_number, Some(2));
    let none = PlacementWish { partition_number: Some(4), ..into("parts") };
    assert_eq!(refusal(launch(&cx, &mut tx, 1, none)).0, "InvalidParameterValue");
}

#[test]
fn a_spread_group_has_seven_in_a_zone() {
    let (cx, mut tx) = start();
    group(&cx, &mut tx, "far", "spread", None);
    let here = PlacementWish { availability_zone: Some("us-east-1a".into()), ..into("far") };
    launch(&cx, &mut tx, 7, here.clone()).unwrap();
    let cx = later(&cx, 1);
    assert_eq!(refusal(launch(&cx, &mut tx, 1, here)).0, "InsufficientInstanceCapacity");
    let there = PlacementWish { availability_zone: Some("us-east-1b".into()), ..into("far") };
    launch(&cx, &mut tx, 1, there).unwrap();
}

#[test]
fn what_launches_cannot_name() {
    let (cx, mut tx) = start();
    group(&cx, &mut tx, "near", "cluster", None);
    let micro = RunInstances { placement: Some(into("near")), ..wish(&cx) };
    let message = "Placement groups may not be used with instances of type 't3.micro'.";
    assert_eq!(refusal(run::run(&cx, &mut tx, &micro)), refused("InvalidParameterCombination", message));
    let message = "The Placement Group 'none' is unknown.";
    assert_eq!(refusal(launch(&cx, &mut tx, 1, into("none"))), refused("InvalidPlacementGroup.Unknown", message));
}

#[test]
fn states_and_filters() {
    let (cx, mut tx) = start();
    group(&cx, &mut tx, "near", "cluster", None);
    let state = |cx: &Cx, tx: &Tx| {
        describe::describe(cx, tx, &DescribePlacementGroups::default()).unwrap().placement_groups[0].state
    };
    assert_eq!((state(&cx, &tx), state(&later(&cx, 2), &tx)), ("pending", "available"));
    knows_filters("DescribePlacementGroups", |filters| {
        describe::describe(&cx, &tx, &DescribePlacementGroups { filters, ..Default::default() })
            .map(|it| it.placement_groups.len())
    });
}
