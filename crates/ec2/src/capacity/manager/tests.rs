//! Capacity Manager through its handlers.

use service::prelude::*;

use super::tag_keys::{GetCapacityManagerMonitoredTagKeys, UpdateCapacityManagerMonitoredTagKeys};
use super::*;
use crate::tests::{in_region, later, list, refusal, start, with_quotas};

fn attributes(cx: &Cx, tx: &Tx) -> Attributes {
    get(cx, tx, &GetCapacityManagerAttributes::default()).unwrap()
}

fn keys(cx: &Cx, tx: &Tx) -> Vec<(String, &'static str)> {
    let told = tag_keys::get(cx, tx, &GetCapacityManagerMonitoredTagKeys::default()).unwrap();
    told.capacity_manager_tag_keys.into_iter().map(|it| (it.tag_key, it.status)).collect()
}

#[test]
fn it_is_enabled_in_a_region() {
    let (cx, mut tx) = start();
    assert_eq!(attributes(&cx, &tx).capacity_manager_status, "disabled");
    let enabled = enable(&cx, &mut tx, &EnableCapacityManager::default()).unwrap();
    assert_eq!(enabled, Changed { capacity_manager_status: "enabled", organizations_access: false });
    assert_eq!(attributes(&cx, &tx).ingestion_status, Some("initial-ingestion-in-progress"));
    let then = later(&cx, 7200);
    let seen = attributes(&then, &tx);
    assert_eq!(seen.ingestion_status, Some("ingestion-complete"));
    assert!(seen.earliest_datapoint_timestamp < seen.latest_datapoint_timestamp);
    assert_eq!(attributes(&in_region(&cx, "eu-west-1"), &tx).capacity_manager_status, "disabled");
    let others = UpdateCapacityManagerOrganizationsAccess { organizations_access: true, ..Default::default() };
    assert_eq!(refusal(update_access(&then, &mut tx, &others)).0, "OperationNotPermitted");
    disable(&then, &mut tx, &DisableCapacityManager::default()).unwrap();
    assert_eq!(attributes(&then, &tx).ingestion_status, None);
    assert_eq!(refusal(update_access(&then, &mut tx, &others)).0, "IncorrectState");
}

#[test]
fn keys_come_and_go() {
    let (cx, mut tx) = start();
    let watch =
        |keys: &[&str]| UpdateCapacityManagerMonitoredTagKeys { activate_tag_keys: list(keys), ..Default::default() };
    assert_eq!(refusal(tag_keys::update(&cx, &mut tx, &watch(&["team"]))).0, "IncorrectState");
    enable(&cx, &mut tx, &EnableCapacityManager::default()).unwrap();
    tag_keys::update(&cx, &mut tx, &watch(&["team", "cost"])).unwrap();
    assert_eq!(keys(&cx, &tx), [("cost".to_owned(), "activating"), ("team".to_owned(), "activating")]);
    let cx = later(&cx, 60);
    let forget = UpdateCapacityManagerMonitoredTagKeys { deactivate_tag_keys: list(&["cost"]), ..Default::default() };
    tag_keys::update(&cx, &mut tx, &forget).unwrap();
    assert_eq!(keys(&cx, &tx), [("cost".to_owned(), "deactivating"), ("team".to_owned(), "activated")]);
    assert_eq!(keys(&later(&cx, 60), &tx), [("team".to_owned(), "activated")]);
    assert_eq!(refusal(tag_keys::update(&cx, &mut tx, &forget)).0, "InvalidParameterValue");
    let twice = watch(&["a", "a"]);
    assert_eq!(refusal(tag_keys::check(&cx, &tx, &twice)).1, "Duplicate tag key 'a' specified.");
}

#[test]
fn five_keys_are_watched() {
    let (cx, mut tx) = start();
    let cx = with_quotas(&cx);
    enable(&cx, &mut tx, &EnableCapacityManager::default()).unwrap();
    let watch =
        |keys: &[&str]| UpdateCapacityManagerMonitoredTagKeys { activate_tag_keys: list(keys), ..Default::default() };
    tag_keys::update(&cx, &mut tx, &watch(&["a", "b", "c", "d", "e"])).unwrap();
    assert_eq!(refusal(tag_keys::update(&cx, &mut tx, &watch(&["f"]))).0, "LimitExceeded");
}
