//! Spot fleet requests through their handlers.

use serde_json::json;
use service::prelude::*;

use super::change::{CancelSpotFleetRequests, ModifySpotFleetRequest};
use super::describe::{
    DescribeSpotFleetInstances, DescribeSpotFleetRequestHistory, DescribeSpotFleetRequests, RequestOut,
};
use super::request::RequestSpotFleet;
use super::*;
use crate::instance::lifecycle::{self, TerminateInstances};
use crate::instance::tests::{described, image};
use crate::launch_template::create::CreateLaunchTemplate;
use crate::tests::{later, list, refusal, refused, start};

const ROLE: &str = "arn:aws:iam::123456789012:role/fleet";

fn role(cx: &Cx, tx: &mut Tx, service: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]});
    let role = json!({"account": cx.account(), "id": "AROAFLEET", "name": "fleet", "path": "/", "trust": trust.to_string(), "created_at": cx.now, "max_session_duration": 3600});
    tx.put(serde_json::from_value::<iam::record::Role>(role).unwrap());
}

fn config(cx: &Cx, more: serde_json::Value) -> RequestSpotFleet {
    let mut config = json!({
        "IamFleetRole": ROLE,
        "TargetCapacity": 2,
        "LaunchSpecifications": [{
            "ImageId": image(cx, "al2023-ami-2023", "x86_64"),
            "InstanceType": "m5.large",
            "Placement": {"AvailabilityZone": "us-east-1a, us-east-1b"},
        }],
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    RequestSpotFleet { spot_fleet_request_config: serde_json::from_value(config).unwrap(), dry_run: None }
}

fn requested(cx: &Cx, tx: &mut Tx, more: serde_json::Value) -> String {
    role(cx, tx, "spotfleet.amazonaws.com");
    let input = config(cx, more);
    request::check(cx, tx, &input).unwrap();
    request::request(cx, tx, &input).unwrap().spot_fleet_request_id
}

/// What members of a request that launches of a template say.
fn of_template(cx: &Cx, tx: &mut Tx) -> serde_json::Value {
    let data = json!({"ImageId": image(cx, "al2023-ami-2023", "x86_64"), "InstanceType": "m5.large"});
    let input = CreateLaunchTemplate {
        launch_template_name: "web".into(),
        launch_template_data: serde_json::from_value(data).unwrap(),
        ..Default::default()
    };
    crate::launch_template::create::create(cx, tx, &input).unwrap();
    let template = json!({"LaunchTemplateName": "web", "Version": "1"});
    json!({"LaunchSpecifications": [], "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": template}]})
}

fn with(mut config: serde_json::Value, more: serde_json::Value) -> serde_json::Value {
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> RequestOut {
    let input = DescribeSpotFleetRequests { spot_fleet_request_ids: list(&[id]), ..Default::default() };
    describe::describe(cx, tx, &input).unwrap().spot_fleet_request_configs.remove(0)
}

fn running(cx: &Cx, tx: &Tx, id: &str) -> Vec<String> {
    let input = DescribeSpotFleetInstances { spot_fleet_request_id: id.to_owned(), ..Default::default() };
    describe::instances(cx, tx, &input).unwrap().active_instances.into_iter().map(|it| it.instance_id).collect()
}

/// What happened, as type and sub-type.
fn history(cx: &Cx, tx: &Tx, id: &str) -> Vec<String> {
    let input = DescribeSpotFleetRequestHistory {
        spot_fleet_request_id: id.to_owned(),
        start_time: Timestamp::UNIX_EPOCH,
        event_type: None,
        max_results: None,
        next_token: None,
        dry_run: None,
    };
    let records = describe::history(cx, tx, &input).unwrap().history_records;
    records.into_iter().map(|it| format!("{} {}", it.event_type, it.event_information.event_sub_type)).collect()
}

#[test]
fn a_request_keeps_its_size() {
    let (cx, mut tx) = start();
    let template = of_template(&cx, &mut tx);
    let cx = later(&cx, 1);
    let more = json!({"AllocationStrategy": "diversified", "OnDemandTargetCapacity": 1});
    let id = requested(&cx, &mut tx, with(template, more));
    let cx = later(&cx, 60);
    let shown = seen(&cx, &tx, &id);
    assert_eq!((shown.spot_fleet_request_state, shown.activity_status), ("active", "fulfilled"));
    assert_eq!(shown.spot_fleet_request_config.get(&["OnDemandFulfilledCapacity"]), Some(&json!(1.0)));
    let before = running(&cx, &tx, &id);
    assert_eq!(before.len(), 2);
    let tags = described(&cx, &tx, &before[0]).tags.unwrap();
    assert!(tags.contains(&Tag::new("aws:ec2spot:fleet-request-id", id.as_str())), "{tags:?}");
    let end = TerminateInstances { instance_ids: vec![before[0].clone()], ..Default::default() };
    lifecycle::terminate(&cx, &mut tx, &end).unwrap();
    let after = running(&cx, &tx, &id);
    assert!(after.len() == 2 && !after.contains(&before[0]), "{after:?}");
    let cx = later(&cx, 60);
    let size =
        ModifySpotFleetRequest { spot_fleet_request_id: id.clone(), target_capacity: Some(4), ..Default::default() };
    change::modify(&cx, &mut tx, &size).unwrap();
    assert_eq!(running(&cx, &tx, &id).len(), 4);
    let cancel =
        CancelSpotFleetRequests { spot_fleet_request_ids: vec![id.clone()], terminate_instances: true, dry_run: None };
    let done = change::cancel(&cx, &mut tx, &cancel).unwrap();
    assert_eq!(done.successful_fleet_requests[0].current_spot_fleet_request_state, "cancelled_terminating");
    assert!(running(&cx, &tx, &id).is_empty());
    assert_eq!(seen(&later(&cx, 60), &tx, &id).spot_fleet_request_state, "cancelled");
    let again = change::cancel(&cx, &mut tx, &cancel).unwrap().unsuccessful_fleet_requests;
    assert_eq!(again[0].error.code, "fleetRequestNotInCancellableState");
    assert_eq!(refusal(change::modify(&cx, &mut tx, &size)).0, "IncorrectState");
    let told = history(&cx, &tx, &id);
    assert_eq!(told[..2], ["fleetRequestChange submitted", "fleetRequestChange active"]);
    assert_eq!(told.last().unwrap(), "fleetRequestChange cancelled_terminating");
}

#[test]
fn zones_and_subnets_may_be_several() {
    let (cx, mut tx) = start();
    let id = requested(&cx, &mut tx, json!({"AllocationStrategy": "diversified"}));
    let mut zones: Vec<String> =
        running(&cx, &tx, &id).iter().map(|id| described(&cx, &tx, id).placement.availability_zone).collect();
    zones.sort();
    assert_eq!(zones, ["us-east-1a", "us-east-1b"]);
}

#[test]
fn a_request_begins_and_ends_by_the_clock() {
    let (cx, mut tx) = start();
    let times = json!({"ValidFrom": later(&cx, 100).now, "ValidUntil": later(&cx, 200).now,
        "TerminateInstancesWithExpiration": true});
    let id = requested(&cx, &mut tx, times);
    assert_eq!(seen(&later(&cx, 50), &tx, &id).spot_fleet_request_state, "submitted");
    assert!(running(&cx, &tx, &id).is_empty());
    let place = (cx.account(), cx.region_name());
    assert!(!crate::is_settled(&tx.at(later(&cx, 150).now), place.0, place.1));
    crate::settle(&later(&cx, 150), &mut tx).unwrap();
    assert_eq!(running(&cx, &tx, &id).len(), 2);
    let after = later(&cx, 300);
    crate::settle(&after, &mut tx).unwrap();
    assert!(crate::is_settled(&tx.at(after.now), place.0, place.1));
    assert!(running(&cx, &tx, &id).is_empty());
    assert_eq!(seen(&after, &tx, &id).spot_fleet_request_state, "cancelled");
    let told = history(&after, &tx, &id);
    assert_eq!(told[1..4], ["fleetRequestChange active", "instanceChange launched", "instanceChange launched"]);
    assert_eq!(told[4..], ["fleetRequestChange expired", "instanceChange terminated", "instanceChange terminated"]);
}

#[test]
fn configurations_that_cannot_be() {
    let (cx, mut tx) = start();
    let template = of_template(&cx, &mut tx);
    let cases = [
        (json!({"Type": "instant"}), "Type"),
        (json!({"TargetCapacity": -1}), "TargetCapacity"),
        (json!({"TargetCapacity": 0, "Type": "request"}), "TargetCapacity"),
        (json!({"TargetCapacity": 10_001}), "TargetCapacity"),
        (json!({"OnDemandTargetCapacity": 1}), "OnDemandTargetCapacity"),
        (with(template.clone(), json!({"OnDemandTargetCapacity": 3})), "OnDemandTargetCapacity"),
        (json!({"AllocationStrategy": "diversified", "InstancePoolsToUseCount": 2}), "InstancePoolsToUseCount"),
        (json!({"SpotPrice": "cheap"}), "SpotPrice"),
        (json!({"ValidUntil": cx.now}), "ValidUntil"),
        (json!({"LaunchTemplateConfigs": template["LaunchTemplateConfigs"]}), "LaunchTemplateConfigs"),
    ];
    for (more, member) in cases {
        let message = format!("Parameter: SpotFleetRequestConfig.{member} is invalid.");
        let answer = request::check(&cx, &tx, &config(&cx, more.clone()));
        assert_eq!(refusal(answer), refused("InvalidSpotFleetRequestConfig", &message), "{more}");
    }
    let wrong_role =
        refused("InvalidSpotFleetRequestConfig", "Parameter: SpotFleetRequestConfig.IamFleetRole is invalid.");
    let asked = config(&cx, json!({}));
    assert_eq!(refusal(request::request(&cx, &mut tx, &asked)), wrong_role);
    role(&cx, &mut tx, "ec2.amazonaws.com");
    assert_eq!(refusal(request::request(&cx, &mut tx, &asked)), wrong_role, "it does not trust Spot fleets");
}

#[test]
fn other_templates_are_bounded_before_they_are_spread() {
    let (cx, tx) = start();
    let asked = |subnets: usize| {
        let over = json!({"SubnetId": vec!["subnet-1"; subnets].join(",")});
        let template = json!({"LaunchTemplateName": "web", "Version": "1"});
        let configs = json!([{"LaunchTemplateSpecification": template, "Overrides": [over]}]);
        ModifySpotFleetRequest {
            spot_fleet_request_id: "sfr-01234567-89ab-cdef-0123-456789abcdef".into(),
            launch_template_configs: Some(serde_json::from_value(configs).unwrap()),
            ..Default::default()
        }
    };
    assert_eq!(change::check(&cx, &tx, &asked(300)), Ok(()));
    let many = "The number of launch specifications 301 exceeds the maximum of 300.";
    assert_eq!(refusal(change::check(&cx, &tx, &asked(301))), refused("InvalidParameterValue", many));
    let large = "Parameter: SpotFleetRequestConfig.LaunchTemplateConfigs is invalid.";
    assert_eq!(refusal(change::check(&cx, &tx, &asked(10_000))), refused("InvalidSpotFleetRequestConfig", large));
}
