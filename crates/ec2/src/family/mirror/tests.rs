//! What a session holds on to, what a rule may say, and what goes with an interface.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::interface::change::{CreateNetworkInterface, DeleteNetworkInterface, create, delete};
use crate::network::subnet::Subnet;
use crate::resource;
use crate::tests::{refusal, refused, start};

fn interface(cx: &Cx, tx: &mut Tx) -> String {
    let subnet_id = resource::all::<Subnet>(cx, tx).next().unwrap().id.clone();
    let input = CreateNetworkInterface { subnet_id, ..CreateNetworkInterface::default() };
    create(cx, tx, &input).unwrap().network_interface.network_interface_id
}

fn made(cx: &Cx, tx: &mut Tx, operation: &str, input: Value, id: &str) -> String {
    element(&ask(cx, tx, operation, input).unwrap(), id).to_owned()
}

fn filter(cx: &Cx, tx: &mut Tx) -> String {
    made(cx, tx, "CreateTrafficMirrorFilter", json!({}), "trafficMirrorFilterId")
}

fn rule(filter: &str, more: Value) -> Value {
    let mut rule =
        Document::from(json!({"TrafficMirrorFilterId": filter, "TrafficDirection": "ingress", "RuleNumber": 10,
        "RuleAction": "accept", "SourceCidrBlock": "10.0.0.0/8", "DestinationCidrBlock": "0.0.0.0/0"}));
    rule.merge(&Document::from(more));
    Value::Object(rule.0)
}

#[test]
fn a_session_holds_on_to_its_filter_and_target() {
    let (cx, mut tx) = start();
    let (source, sink) = (interface(&cx, &mut tx), interface(&cx, &mut tx));
    let filter = filter(&cx, &mut tx);
    let target =
        made(&cx, &mut tx, "CreateTrafficMirrorTarget", json!({"NetworkInterfaceId": sink}), "trafficMirrorTargetId");
    let input = json!({"NetworkInterfaceId": source, "TrafficMirrorTargetId": target, "TrafficMirrorFilterId": filter, "SessionNumber": 1});
    let session = made(&cx, &mut tx, "CreateTrafficMirrorSession", input.clone(), "trafficMirrorSessionId");
    let shown = ask(&cx, &mut tx, "DescribeTrafficMirrorSessions", json!({})).unwrap();
    assert!((0..1 << 24).contains(&element(&shown, "virtualNetworkId").parse::<i64>().unwrap()));
    let again = refusal(ask(&cx, &mut tx, "CreateTrafficMirrorSession", input));
    assert_eq!(again.0, "InvalidParameterValue");
    for (operation, member, id, code, what) in [
        ("DeleteTrafficMirrorFilter", "TrafficMirrorFilterId", &filter, "TrafficMirrorFilterInUse", "Filter"),
        ("DeleteTrafficMirrorTarget", "TrafficMirrorTargetId", &target, "TrafficMirrorTargetInUse", "Target"),
    ] {
        let message = format!("Cannot delete {id}. {what} is in use by {session}");
        assert_eq!(refusal(ask(&cx, &mut tx, operation, json!({member: id}))), refused(code, &message));
    }
    let deletion =
        |id: &str| DeleteNetworkInterface { network_interface_id: id.to_owned(), ..DeleteNetworkInterface::default() };
    assert_eq!(refusal(delete(&cx, &mut tx, &deletion(&sink))).0, "InterfaceInUseByTrafficMirrorTarget");
    let as_target = refusal(ask(&cx, &mut tx, "CreateTrafficMirrorTarget", json!({"NetworkInterfaceId": source})));
    assert_eq!(as_target.0, "InterfaceInUseByTrafficMirrorSession");
    delete(&cx, &mut tx, &deletion(&source)).unwrap();
    let none = ask(&cx, &mut tx, "DescribeTrafficMirrorSessions", json!({})).unwrap();
    assert!(!none.contains(&session), "the session ended with its source");
    ask(&cx, &mut tx, "DeleteTrafficMirrorTarget", json!({"TrafficMirrorTargetId": target})).unwrap();
    delete(&cx, &mut tx, &deletion(&sink)).unwrap();
}

#[test]
fn rules_are_shown_in_their_filter_and_go_with_it() {
    let (cx, mut tx) = start();
    let filter = filter(&cx, &mut tx);
    for (number, direction) in [(20, "ingress"), (10, "ingress"), (10, "egress")] {
        let input = rule(&filter, json!({"RuleNumber": number, "TrafficDirection": direction}));
        ask(&cx, &mut tx, "CreateTrafficMirrorFilterRule", input).unwrap();
    }
    let shown = ask(&cx, &mut tx, "DescribeTrafficMirrorFilters", json!({"TrafficMirrorFilterIds": [filter]})).unwrap();
    let ingress = shown.split("ingressFilterRuleSet").nth(1).unwrap();
    let numbers: Vec<&str> = ingress.split("<ruleNumber>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert_eq!(numbers, ["10", "20"]);
    let taken = refusal(ask(&cx, &mut tx, "CreateTrafficMirrorFilterRule", rule(&filter, json!({}))));
    assert_eq!(taken.0, "TrafficMirrorFilterRuleAlreadyExists");
    ask(&cx, &mut tx, "DeleteTrafficMirrorFilter", json!({"TrafficMirrorFilterId": filter})).unwrap();
    let rules = ask(&cx, &mut tx, "DescribeTrafficMirrorFilterRules", json!({})).unwrap();
    assert!(!rules.contains("<item>"), "{rules}");
}

#[test]
fn what_a_rule_may_say() {
    let (cx, mut tx) = start();
    let filter = filter(&cx, &mut tx);
    let ports = json!({"FromPort": 80, "ToPort": 90});
    for (more, code) in [
        (json!({"RuleNumber": 0}), "InvalidParameterValue"),
        (json!({"SourceCidrBlock": "::/0"}), "InvalidParameterValue"),
        (json!({"SourceCidrBlock": "everywhere"}), "InvalidParameterValue"),
        (json!({"SourcePortRange": ports}), "InvalidParameterCombination"),
        (json!({"SourcePortRange": {"FromPort": 90, "ToPort": 80}, "Protocol": 6}), "InvalidParameterValue"),
        (json!({"TrafficMirrorFilterId": "tmf-0123456789abcdef0"}), "InvalidTrafficMirrorFilterId.NotFound"),
    ] {
        let refused = refusal(ask(&cx, &mut tx, "CreateTrafficMirrorFilterRule", rule(&filter, more.clone())));
        assert_eq!(refused.0, code, "{more}");
    }
    let input = rule(&filter, json!({"SourcePortRange": ports, "Protocol": 6, "Description": "web"}));
    let id = made(&cx, &mut tx, "CreateTrafficMirrorFilterRule", input, "trafficMirrorFilterRuleId");
    let change = json!({"TrafficMirrorFilterRuleId": id, "RuleNumber": 30, "RemoveFields": ["source-port-range", "description"]});
    let changed = ask(&cx, &mut tx, "ModifyTrafficMirrorFilterRule", change).unwrap();
    assert!(changed.contains("<ruleNumber>30<") && changed.contains("<protocol>6<"), "{changed}");
    assert!(!changed.contains("sourcePortRange") && !changed.contains("description"), "{changed}");
}
