//! Instances that are enabled for the detection of standby SQL Servers, and what they were.

use service::prelude::*;

use super::*;
use crate::instance::lifecycle::{TerminateInstances, terminate};
use crate::instance::sql_ha::{self, DescribeHistory, DescribeStates, Disable, Enable};
use crate::tests::knows_filters;

fn with_sql_server() -> (Cx, Tx, String) {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    crate::resource::update::<Instance>(&mut tx, &cx, &id, |it| {
        std::sync::Arc::make_mut(&mut it.image).platform_details = Some("Windows with SQL Server Standard".into());
    });
    (later(&cx, 5), tx, id)
}

fn words(found: sql_ha::Described) -> Vec<&'static str> {
    found.instances.into_iter().map(|it| it.ha_status).collect()
}

#[test]
fn a_state_is_processed_and_then_unknown() {
    let (cx, mut tx, id) = with_sql_server();
    let enable = Enable { instance_ids: vec![id.clone()], ..Default::default() };
    assert_eq!(sql_ha::enable(&cx, &mut tx, &enable).unwrap().instances[0].ha_status, "processing");
    let all = DescribeStates::default();
    assert_eq!(words(sql_ha::describe(&cx, &tx, &all).unwrap()), ["processing"]);
    let soon = later(&cx, 2);
    assert_eq!(words(sql_ha::describe(&soon, &tx, &all).unwrap()), ["invalid"]);
    sql_ha::enable(&soon, &mut tx, &enable).unwrap();
    let history = DescribeHistory::default();
    assert_eq!(words(sql_ha::history(&soon, &tx, &history).unwrap()), ["processing", "invalid", "processing"]);
    sql_ha::disable(&soon, &mut tx, &Disable { instance_ids: vec![id.clone()], dry_run: None }).unwrap();
    let much_later = later(&soon, 100);
    assert_eq!(words(sql_ha::history(&much_later, &tx, &history).unwrap()), ["processing", "invalid", "processing"]);
    assert_eq!(words(sql_ha::describe(&soon, &tx, &all).unwrap()), [""; 0]);
    sql_ha::enable(&soon, &mut tx, &enable).unwrap();
    let over = TerminateInstances { instance_ids: vec![id], ..Default::default() };
    terminate(&soon, &mut tx, &over).unwrap();
    assert_eq!(words(sql_ha::describe(&soon, &tx, &all).unwrap()), [""; 0]);
    assert_eq!(refusal(sql_ha::enable(&soon, &mut tx, &enable)).0, "UnsupportedOperation");
}

#[test]
fn documented_filters_of_states_are_known() {
    let (cx, mut tx, id) = with_sql_server();
    sql_ha::enable(&cx, &mut tx, &Enable { instance_ids: vec![id], ..Default::default() }).unwrap();
    knows_filters("DescribeInstanceSqlHaStates", |filters| {
        sql_ha::describe(&cx, &tx, &DescribeStates { filters, ..Default::default() }).map(|it| it.instances.len())
    });
    knows_filters("DescribeInstanceSqlHaHistoryStates", |filters| {
        sql_ha::history(&cx, &tx, &DescribeHistory { filters, ..Default::default() }).map(|it| it.instances.len())
    });
}
