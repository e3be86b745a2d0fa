//! Checks on instances in the course of time, which instances they are for, and what their groups let in.

use serde_json::{Value, json};
use service::prelude::*;

use super::status::{self, DescribeApplicationStatus, InstanceOut};
use super::suppression::{self, Disable, Enable};
use crate::family::tests::{ask, element};
use crate::instance::lifecycle::{StopInstances, stop};
use crate::instance::status::{DescribeInstanceStatus, StatusOut};
use crate::instance::tests::{in_states, one};
use crate::tags::change::{CreateTags, DeleteTags};
use crate::tests::{filters, knows_filters, later, list, refusal, refused, start};

fn new_check(cx: &Cx, tx: &mut Tx, more: Value) -> String {
    let mut input = Document::from(json!({"Protocol": "http", "Port": 80}));
    input.merge(&Document::from(more));
    let made = ask(cx, tx, "CreateApplicationStatusCheck", Value::Object(input.0)).unwrap();
    element(&made, "applicationStatusCheckId").to_owned()
}

fn associate(cx: &Cx, tx: &mut Tx, check: &str, targets: Value) -> String {
    let mut input = Document::from(json!({"ApplicationStatusCheckId": check}));
    input.merge(&Document::from(targets));
    ask(cx, tx, "AssociateApplicationStatusCheck", Value::Object(input.0)).unwrap()
}

fn seen(cx: &Cx, tx: &Tx, instance: &str) -> InstanceOut {
    let input = DescribeApplicationStatus { instance_ids: list(&[instance]), ..Default::default() };
    status::describe(cx, &tx.at(cx.now), &input).unwrap().application_statuses.instances.remove(0)
}

fn in_short(cx: &Cx, tx: &Tx, instance: &str) -> StatusOut {
    let input = DescribeInstanceStatus {
        instance_ids: list(&[instance]),
        include_all_instances: Some(true),
        ..Default::default()
    };
    crate::instance::status::describe(cx, &tx.at(cx.now), &input).unwrap().instance_statuses.remove(0)
}

fn words(cx: &Cx, tx: &Tx, instance: &str) -> (&'static str, &'static str, Option<&'static str>) {
    let status = seen(cx, tx, instance).application_status;
    let detail = status.details.as_ref().map(|details| &details[0]);
    let reason = detail.and_then(|detail| detail.reason.as_ref()).map(|reason| reason.code);
    (status.status, detail.map_or("", |detail| detail.status), reason)
}

#[test]
fn nothing_answers_a_check() {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let check = new_check(&cx, &mut tx, json!({}));
    let up = later(&cx, 5);
    assert_eq!(words(&up, &tx, &instance), ("not-applicable", "", None));
    assert!(in_short(&up, &tx, &instance).application_status.is_none());
    let made = associate(&up, &mut tx, &check, json!({"InstanceIds": [instance]}));
    assert_eq!(
        (element(&made, "associationType"), element(&made, "associationValue")),
        ("INSTANCE_ID", instance.as_str())
    );
    assert_eq!(words(&up, &tx, &instance), ("initializing", "initializing", None));
    assert_eq!(in_short(&up, &tx, &instance).application_status.unwrap().status, "initializing");
    let failed = later(&up, 2);
    assert_eq!(words(&failed, &tx, &instance), ("impaired", "failed", Some("ConnectionRefused")));
    let short = in_short(&failed, &tx, &instance).application_status.unwrap();
    assert_eq!((short.status, short.impaired_since), ("impaired", Some(later(&up, 1).now)));
    let status = seen(&later(&up, 130), &tx, &instance).application_status;
    assert_eq!((status.status_since, status.status_time_stamp), (Some(later(&up, 1).now), Some(later(&up, 121).now)));

    ask(
        &failed,
        &mut tx,
        "ModifyApplicationStatusCheck",
        json!({"ApplicationStatusCheckId": check, "Aggregation": "excluded"}),
    )
    .unwrap();
    assert_eq!(words(&failed, &tx, &instance), ("not-applicable", "failed", Some("ConnectionRefused")));
    ask(&failed, &mut tx, "DeleteApplicationStatusCheck", json!({"ApplicationStatusCheckId": check})).unwrap();
    assert_eq!(words(&failed, &tx, &instance), ("not-applicable", "", None));
}

#[test]
fn a_check_gives_an_instance_time_to_start() {
    let (cx, mut tx) = start();
    let cx = in_states(&cx, service::cx::States::Aws);
    let instance = one(&cx, &mut tx);
    let check = new_check(&cx, &mut tx, json!({"InitializationGracePeriodSeconds": 600, "FailureThreshold": 3}));
    associate(&cx, &mut tx, &check, json!({"InstanceIds": [instance]}));
    assert_eq!(words(&cx, &tx, &instance).1, "initializing", "it is pending");
    // 15 seconds to run, the grace period, three requests.
    assert_eq!(words(&later(&cx, 15 + 600 + 179), &tx, &instance).1, "initializing");
    assert_eq!(words(&later(&cx, 15 + 600 + 180), &tx, &instance).1, "failed");
    let cx = later(&cx, 1_000);
    let input = StopInstances { instance_ids: vec![instance.clone()], ..Default::default() };
    stop(&cx, &mut tx, &input).unwrap();
    assert_eq!(words(&cx, &tx, &instance).0, "insufficient-data");
}

#[test]
fn groups_say_why_it_fails() {
    use crate::network::security_group::{self, change};
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let check = new_check(&cx, &mut tx, json!({"Port": 8080}));
    associate(&cx, &mut tx, &check, json!({"InstanceIds": [instance]}));
    let cx = later(&cx, 5);
    // The default group lets in what comes from itself.
    assert_eq!(words(&cx, &tx, &instance).2, Some("ConnectionRefused"));
    let group = crate::resource::all::<security_group::SecurityGroup>(&cx, &tx).next().unwrap().id.clone();
    let own = security_group::rules_of(&tx, &security_group::get(&tx, &cx, &group).unwrap());
    let own = own.iter().find(|rule| !rule.egress).unwrap().id.clone();
    let revoke = change::RevokeIngress {
        group_id: Some(group.clone()),
        security_group_rule_ids: vec![own],
        ..Default::default()
    };
    change::revoke_ingress(&cx, &mut tx, &revoke).unwrap();
    assert_eq!(words(&cx, &tx, &instance).2, Some("ConnectionTimeout"));
    for (block, reason) in [("10.0.0.0/8", "ConnectionTimeout"), ("172.31.0.0/16", "ConnectionRefused")] {
        let admit = change::AuthorizeIngress {
            group_id: Some(group.clone()),
            ip_protocol: Some("tcp".into()),
            from_port: Some(8000),
            to_port: Some(8080),
            cidr_ip: Some(block.into()),
            ..Default::default()
        };
        change::authorize_ingress(&later(&cx, 1), &mut tx, &admit).unwrap();
        assert_eq!(words(&cx, &tx, &instance).2, Some(reason), "{block}");
    }
    ask(&cx, &mut tx, "ModifyApplicationStatusCheck", json!({"ApplicationStatusCheckId": check, "Port": 80})).unwrap();
    assert_eq!(words(&cx, &tx, &instance).2, Some("ConnectionTimeout"));
}

#[test]
fn paths_say_which_instances_a_check_can_be_on() {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let interface = crate::resource::all::<crate::network::interface::NetworkInterface>(&cx, &tx).next().unwrap();
    let (subnet, group) = (interface.subnet_id.as_str(), interface.groups[0].as_str());
    let other =
        crate::resource::all::<crate::network::subnet::Subnet>(&cx, &tx).find(|it| it.id != subnet).unwrap().id.clone();
    let path = |destination: &str| json!({"HealthCheckPaths": [{"Source": {"SubnetId": other, "SecurityGroupId": group}, "Destinations": [{"SubnetId": destination, "SecurityGroupId": group}]}]});
    let check = new_check(&cx, &mut tx, path(&other));
    associate(&cx, &mut tx, &check, json!({"InstanceIds": [instance]}));
    let cx = later(&cx, 5);
    assert_eq!(words(&cx, &tx, &instance), ("not-applicable", "not-applicable", None));
    let mut change = Document::from(path(subnet));
    change.set("ApplicationStatusCheckId", check.as_str());
    ask(&cx, &mut tx, "ModifyApplicationStatusCheck", Value::Object(change.0)).unwrap();
    assert_eq!(words(&cx, &tx, &instance), ("impaired", "failed", Some("ConnectionRefused")));
    let unknown = json!({"Protocol": "http", "Port": 1, "HealthCheckPaths": [{"Source": {"SubnetId": "subnet-1", "SecurityGroupId": group}, "Destinations": []}]});
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateApplicationStatusCheck", unknown)).0, "MissingParameter");
}

#[test]
fn a_tag_brings_instances_in() {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let check = new_check(&cx, &mut tx, json!({}));
    let tag = json!({"TargetTagAssociations": [{"Key": "team", "Value": "red"}]});
    let made = associate(&cx, &mut tx, &check, tag.clone());
    assert_eq!((element(&made, "associationType"), element(&made, "associationValue")), ("EC2TAG", "team=red"));
    let twice = associate(&cx, &mut tx, &check, tag.clone());
    assert!(twice.contains("already associated"), "{twice}");
    let shown = ask(&cx, &mut tx, "DescribeApplicationStatusChecks", json!({})).unwrap();
    assert!(shown.contains("<key>team</key><value>red</value>"), "{shown}");
    let cx = later(&cx, 5);
    assert_eq!(words(&cx, &tx, &instance).0, "not-applicable");
    let tags = CreateTags { resources: vec![instance.clone()], tags: vec![Tag::new("team", "red")], dry_run: None };
    crate::tags::change::create(&cx, &mut tx, &tags).unwrap();
    assert_eq!(words(&cx, &tx, &instance).0, "impaired");
    crate::tags::change::delete(&cx, &mut tx, &DeleteTags { resources: vec![instance.clone()], ..Default::default() })
        .unwrap();
    assert_eq!(words(&cx, &tx, &instance).0, "not-applicable");
    associate(&cx, &mut tx, &check, json!({"InstanceIds": [instance, "i-0123456789abcdef0"]}));
    let by = |kind: &str| json!({"Filters": [{"Name": "association-type", "Values": [kind]}]});
    let ids = ask(&cx, &mut tx, "DescribeApplicationStatusCheckAssociations", by("instance-id")).unwrap();
    assert_eq!((element(&ids, "value"), ids.matches("<item>").count()), (instance.as_str(), 1));
    let mut input = Document::from(tag);
    input.set("ApplicationStatusCheckId", check.as_str());
    ask(&cx, &mut tx, "DisassociateApplicationStatusCheck", Value::Object(input.0)).unwrap();
    let tags = ask(&cx, &mut tx, "DescribeApplicationStatusCheckAssociations", by("tag")).unwrap();
    assert!(!tags.contains("<item>"), "{tags}");
}

#[test]
fn a_token_acts_once() {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let check = new_check(&cx, &mut tx, json!({}));
    let input = json!({"ApplicationStatusCheckId": check, "InstanceIds": [instance], "ClientToken": "one"});
    let first = ask(&cx, &mut tx, "AssociateApplicationStatusCheck", input.clone()).unwrap();
    assert_eq!(ask(&cx, &mut tx, "AssociateApplicationStatusCheck", input).unwrap(), first);
    let other =
        json!({"ApplicationStatusCheckId": check, "InstanceIds": ["i-0123456789abcdef0"], "ClientToken": "one"});
    assert_eq!(refusal(ask(&cx, &mut tx, "AssociateApplicationStatusCheck", other)).0, "IdempotentParameterMismatch");
    let input = json!({"ApplicationStatusCheckId": check, "ClientToken": "two"});
    let gone = ask(&cx, &mut tx, "DeleteApplicationStatusCheck", input.clone()).unwrap();
    assert_eq!(ask(&cx, &mut tx, "DeleteApplicationStatusCheck", input).unwrap(), gone);
    let named = json!({"ApplicationStatusCheckIds": [check]});
    let message = format!("The applicationStatusCheck ID '{check}' does not exist");
    let code = "InvalidApplicationStatusCheckId.NotFound";
    assert_eq!(refusal(ask(&cx, &mut tx, "DescribeApplicationStatusChecks", named)), refused(code, &message));
    let all = ask(&cx, &mut tx, "DescribeApplicationStatusChecks", json!({"IncludeAll": true})).unwrap();
    assert!(all.contains(&check) && all.contains("<deletionTime>"), "{all}");
}

#[test]
fn suppressed_checks_do_not_count() {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let check = new_check(&cx, &mut tx, json!({}));
    associate(&cx, &mut tx, &check, json!({"InstanceIds": [instance]}));
    let cx = later(&cx, 5);
    let enable = Enable {
        instance_ids: list(&[&instance, "i-0123456789abcdef0"]),
        duration_seconds: Some(60),
        ..Default::default()
    };
    suppression::check_enable(&cx, &tx, &enable).unwrap();
    let results = suppression::enable(&cx, &mut tx, &enable).unwrap();
    assert_eq!(results.successful_results[0].resume_at, Some(later(&cx, 60).now));
    assert_eq!(results.unsuccessful_results[0].reason, "The instance ID 'i-0123456789abcdef0' does not exist");
    assert_eq!(words(&cx, &tx, &instance), ("suppressed", "failed", Some("ConnectionRefused")));
    assert_eq!(in_short(&cx, &tx, &instance).application_status.unwrap().status, "not-applicable");
    assert_eq!(words(&later(&cx, 60), &tx, &instance).0, "impaired");
    let disable = Disable { instance_ids: list(&[&instance]), ..Default::default() };
    assert_eq!(suppression::disable(&cx, &mut tx, &disable).unwrap().successful_results[0].suppress_at, cx.now);
    assert_eq!(words(&cx, &tx, &instance).0, "impaired");
    assert_eq!(suppression::disable(&cx, &mut tx, &disable).unwrap().unsuccessful_results.len(), 1);
}

#[test]
fn documented_filters_are_known() {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    knows_filters("DescribeApplicationStatus", |filters| {
        let input = DescribeApplicationStatus { filters, ..Default::default() };
        status::describe(&cx, &tx, &input).map(|it| it.application_statuses.instances.len())
    });
    let by = DescribeApplicationStatus { filters: filters(&[("status", &["not-applicable"])]), ..Default::default() };
    let found = status::describe(&cx, &tx, &by).unwrap().application_statuses.instances;
    assert_eq!(found[0].instance_id, instance);
}
