//! EC2 fleets through their handlers: what they launch, and what becomes of them.

use serde_json::json;
use service::prelude::*;

use super::create::Created;
use super::delete::DeleteFleets;
use super::describe::{DescribeFleets, FleetOut};
use super::history::DescribeFleetHistory;
use super::input::{CreateFleet, ModifyFleet, TargetWish};
use super::instances::DescribeFleetInstances;
use super::*;
use crate::instance::lifecycle::{self, TerminateInstances};
use crate::instance::notice;
use crate::instance::tests::{described, image};
use crate::launch_template::create::CreateLaunchTemplate;
use crate::tests::{knows_filters, later, list, refusal, start};

fn template(cx: &Cx, tx: &mut Tx) {
    let data = json!({"ImageId": image(cx, "al2023-ami-2023", "x86_64"), "InstanceType": "m5.large"});
    let input = CreateLaunchTemplate {
        launch_template_name: "web".into(),
        launch_template_data: serde_json::from_value(data).unwrap(),
        ..Default::default()
    };
    crate::launch_template::create::create(cx, tx, &input).unwrap();
}

fn asked(kind: &str, total: i64, default: &str, overrides: serde_json::Value) -> CreateFleet {
    let configs = json!([{
        "launch_template_specification": {"launch_template_name": "web", "version": "$Latest"},
        "overrides": overrides,
    }]);
    CreateFleet {
        r#type: Some(kind.into()),
        launch_template_configs: serde_json::from_value(configs).unwrap(),
        target_capacity_specification: TargetWish {
            total_target_capacity: total,
            default_target_capacity_type: Some(default.into()),
            ..Default::default()
        },
        ..Default::default()
    }
}

fn made(cx: &Cx, tx: &mut Tx, input: &CreateFleet) -> Created {
    create::check(cx, tx, input).unwrap();
    create::create(cx, tx, input).unwrap()
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> FleetOut {
    let input = DescribeFleets { fleet_ids: list(&[id]), ..Default::default() };
    describe::describe(cx, tx, &input).unwrap().fleets.remove(0)
}

fn running(cx: &Cx, tx: &Tx, id: &str) -> Vec<String> {
    let input = DescribeFleetInstances {
        fleet_id: id.to_owned(),
        filters: None,
        max_results: None,
        next_token: None,
        dry_run: None,
    };
    instances::describe(cx, tx, &input).unwrap().active_instances.into_iter().map(|it| it.instance_id).collect()
}

#[test]
fn an_instant_fleet_tells_what_it_launched() {
    let (cx, mut tx) = start();
    template(&cx, &mut tx);
    let overrides = json!([{"InstanceType": "m5.xlarge"}, {"InstanceType": "m5.large"}, {"InstanceType": "t4g.micro"}]);
    let created = made(&cx, &mut tx, &asked("instant", 2, "on-demand", overrides));
    let [group] = created.instances.unwrap().try_into().unwrap();
    assert_eq!(
        (group.instance_type.as_str(), group.instance_ids.len()),
        ("m5.large", 2),
        "the cheapest of those that fit"
    );
    let [error] = created.errors.unwrap().try_into().unwrap();
    assert_eq!((error.error_code.as_str(), error.lifecycle.as_str()), ("InvalidParameterValue", "on-demand"));
    let tags = described(&cx, &tx, &group.instance_ids[0]).tags.unwrap();
    assert!(tags.contains(&Tag::new("aws:ec2:fleet-id", created.fleet_id.as_str())), "{tags:?}");
    assert!(
        describe::describe(&cx, &tx, &DescribeFleets::default()).unwrap().fleets.is_empty(),
        "unnamed ones are not told"
    );
    assert_eq!(seen(&cx, &tx, &created.fleet_id).fulfilled_on_demand_capacity, 2.0);
    let kept = DeleteFleets { fleet_ids: vec![created.fleet_id], terminate_instances: false, dry_run: None };
    let refused = delete::delete(&cx, &mut tx, &kept).unwrap().unsuccessful_fleet_deletions;
    assert_eq!(refused[0].error.code, "NoTerminateInstancesNotSupported");
}

#[test]
fn permission_is_asked_for_the_market() {
    let (cx, mut tx) = start();
    template(&cx, &mut tx);
    for (default, on_demand, expected) in [
        ("spot", None, vec!["spot"]),
        ("on-demand", None, vec!["on-demand"]),
        ("spot", Some(1), vec!["on-demand", "spot"]),
    ] {
        let mut input = asked("instant", 2, default, json!([]));
        input.target_capacity_specification.on_demand_target_capacity = on_demand;
        let checks = create::to_create(&cx, &tx, &input);
        let keys = checks.iter().flat_map(|check| &check.keys);
        let markets: Vec<_> = keys.filter(|(name, _)| name == "ec2:InstanceMarketType").flat_map(|it| &it.1).collect();
        assert_eq!(markets, expected);
    }
}

#[test]
fn weights_priorities_and_turns() {
    let (cx, mut tx) = start();
    template(&cx, &mut tx);
    let weighed = json!([{"InstanceType": "m5.xlarge", "WeightedCapacity": 4.0}, {"InstanceType": "m5.large", "WeightedCapacity": 1.0}]);
    let created = made(&cx, &mut tx, &asked("instant", 6, "on-demand", weighed));
    let groups: Vec<_> =
        created.instances.unwrap().iter().map(|it| (it.instance_type.clone(), it.instance_ids.len())).collect();
    assert_eq!(groups, [("m5.xlarge".to_owned(), 2)], "the cheaper unit, and more than the target rather than less");
    let cx = later(&cx, 1);
    let priorities =
        json!([{"InstanceType": "m5.large", "Priority": 2.0}, {"InstanceType": "c5.large", "Priority": 1.0}]);
    let mut input = asked("instant", 1, "on-demand", priorities);
    input.on_demand_options = Some(input::OnDemandOptions { allocation_strategy: Some("prioritized".into()) });
    assert_eq!(made(&cx, &mut tx, &input).instances.unwrap()[0].instance_type, "c5.large");
    let cx = later(&cx, 1);
    let mut input = asked("instant", 4, "spot", json!([{"InstanceType": "m5.large"}, {"InstanceType": "c5.large"}]));
    input.spot_options =
        Some(input::SpotOptions { allocation_strategy: Some("diversified".into()), ..Default::default() });
    let groups = made(&cx, &mut tx, &input).instances.unwrap();
    assert!(groups.iter().all(|it| it.instance_ids.len() == 2 && it.lifecycle == "spot"), "{groups:?}");
}

#[test]
fn a_fleet_maintains_its_size() {
    let (cx, mut tx) = start();
    template(&cx, &mut tx);
    let created = made(&cx, &mut tx, &asked("maintain", 3, "spot", json!([])));
    let id = created.fleet_id;
    assert!(created.instances.is_none());
    assert_eq!(
        (seen(&cx, &tx, &id).fleet_state, seen(&cx, &tx, &id).activity_status),
        ("submitted", "pending_fulfillment")
    );
    let cx = later(&cx, 60);
    assert_eq!((seen(&cx, &tx, &id).fleet_state, seen(&cx, &tx, &id).activity_status), ("active", "fulfilled"));
    let before = running(&cx, &tx, &id);
    assert_eq!(before.len(), 3);
    let end = TerminateInstances { instance_ids: vec![before[0].clone()], ..Default::default() };
    lifecycle::terminate(&cx, &mut tx, &end).unwrap();
    let after = running(&cx, &tx, &id);
    assert!(after.len() == 3 && !after.contains(&before[0]), "{after:?}");
    let size = |total| ModifyFleet {
        fleet_id: id.clone(),
        target_capacity_specification: Some(TargetWish { total_target_capacity: total, ..Default::default() }),
        ..Default::default()
    };
    let cx = later(&cx, 60);
    modify::modify(&cx, &mut tx, &size(5)).unwrap();
    assert_eq!(running(&cx, &tx, &id).len(), 5);
    modify::modify(&cx, &mut tx, &size(1)).unwrap();
    assert_eq!(running(&cx, &tx, &id).len(), 1);
    let history = DescribeFleetHistory {
        fleet_id: id.clone(),
        start_time: cx.now,
        event_type: Some("instance-change".into()),
        max_results: None,
        next_token: None,
        dry_run: None,
    };
    let records = history::describe(&cx, &tx, &history).unwrap().history_records;
    let what: Vec<_> = records.iter().map(|it| it.event_information.event_sub_type.as_str()).collect();
    assert_eq!(what, ["launched", "launched", "terminated", "terminated", "terminated", "terminated"]);
    let delete = DeleteFleets { fleet_ids: vec![id.clone()], terminate_instances: true, dry_run: None };
    let deleted = delete::delete(&cx, &mut tx, &delete).unwrap();
    let [one] = deleted.successful_fleet_deletions.try_into().unwrap();
    assert_eq!((one.previous_fleet_state, one.current_fleet_state), ("active", "deleted_terminating"));
    assert!(running(&cx, &tx, &id).is_empty());
    let again = delete::delete(&cx, &mut tx, &delete).unwrap().unsuccessful_fleet_deletions;
    assert_eq!(again[0].error.code, "fleetNotInDeletableState");
    assert_eq!(refusal(modify::modify(&cx, &mut tx, &size(2))).0, "IncorrectState");
}

#[test]
fn an_interrupted_instance_is_replaced() {
    let (cx, mut tx) = start();
    template(&cx, &mut tx);
    let id = made(&cx, &mut tx, &asked("maintain", 2, "spot", json!([]))).fleet_id;
    let cx = later(&cx, 60);
    let before = running(&cx, &tx, &id);
    let instance = crate::instance::find(&cx, &tx, &before[0]).unwrap().clone();
    let at = later(&cx, 120).now;
    notice::interrupt(&mut tx, &instance, notice::Interruption { action: notice::Action::Terminate, at });
    let cx = later(&cx, 200);
    crate::settle(&cx, &mut tx).unwrap();
    let after = running(&cx, &tx, &id);
    assert!(after.len() == 2 && !after.contains(&before[0]) && after.contains(&before[1]), "{after:?}");
    let new = after.iter().find(|id| !before.contains(id)).unwrap();
    assert_eq!(crate::instance::find(&cx, &tx, new).unwrap().phase.since(), at, "as of that moment");
}

#[test]
fn a_fleet_expires() {
    let (cx, mut tx) = start();
    template(&cx, &mut tx);
    let until = Some(later(&cx, 100).now);
    let kept = CreateFleet { valid_until: until, ..asked("maintain", 1, "on-demand", json!([])) };
    let kept = made(&cx, &mut tx, &kept).fleet_id;
    let cx = later(&cx, 1);
    let ended = CreateFleet {
        valid_until: until,
        terminate_instances_with_expiration: Some(true),
        ..asked("request", 1, "on-demand", json!([]))
    };
    let ended = made(&cx, &mut tx, &ended).fleet_id;
    let cx = later(&cx, 200);
    crate::settle(&cx, &mut tx).unwrap();
    assert_eq!((seen(&cx, &tx, &kept).fleet_state, running(&cx, &tx, &kept).len()), ("deleted_running", 1));
    assert_eq!((seen(&cx, &tx, &ended).fleet_state, running(&cx, &tx, &ended).len()), ("deleted", 0));
}

#[test]
fn filters() {
    let (cx, mut tx) = start();
    template(&cx, &mut tx);
    let id = made(&cx, &mut tx, &asked("request", 1, "on-demand", json!([]))).fleet_id;
    knows_filters("DescribeFleets", |filters| {
        describe::describe(&cx, &tx, &DescribeFleets { filters, ..Default::default() }).map(|it| it.fleets.len())
    });
    knows_filters("DescribeFleetInstances", |filters| {
        let fleet_id = id.clone();
        let input = DescribeFleetInstances { fleet_id, filters, max_results: None, next_token: None, dry_run: None };
        instances::describe(&cx, &tx, &input).map(|it| it.active_instances.len())
    });
}
