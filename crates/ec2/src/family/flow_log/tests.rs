//! Flow logs: one for each resource, and why some get none.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;
use crate::resource;
use crate::tests::{refusal, refused, start};

const BUCKET: &str = "arn:aws:s3:::logs";

fn to_bucket(ids: &[&str]) -> Value {
    json!({"ResourceType": "VPC", "ResourceIds": ids, "TrafficType": "ALL", "LogDestinationType": "s3",
        "LogDestination": BUCKET, "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}]})
}

fn default_vpc(cx: &Cx, world: &World) -> String {
    resource::all::<Vpc>(cx, world).next().unwrap().id.clone()
}

#[test]
fn each_resource_gets_its_own() {
    let (cx, mut tx) = start();
    let vpc = default_vpc(&cx, &tx);
    let made = ask(&cx, &mut tx, "CreateFlowLogs", to_bucket(&[&vpc, "vpc-1"])).unwrap();
    let id = made
        .split("<item>fl-")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .map(|rest| format!("fl-{rest}"))
        .unwrap();
    assert_eq!((element(&made, "resourceId"), element(&made, "code")), ("vpc-1", "InvalidVpcID.NotFound"));
    let by = |name: &str, value: &str| json!({"Filter": [{"Name": name, "Values": [value]}]});
    for (name, value) in [
        ("resource-id", vpc.as_str()),
        ("tag:a", "b"),
        ("log-destination-type", "s3"),
        ("deliver-log-status", "SUCCESS"),
    ] {
        let found = ask(&cx, &mut tx, "DescribeFlowLogs", by(name, value)).unwrap();
        assert_eq!(element(&found, "flowLogId"), id, "{name}");
        assert_eq!((element(&found, "flowLogStatus"), element(&found, "maxAggregationInterval")), ("ACTIVE", "600"));
    }
    let again = ask(&cx, &mut tx, "CreateFlowLogs", to_bucket(&[&vpc])).unwrap();
    assert_eq!(element(&again, "code"), "FlowLogAlreadyExists");
    ask(&cx, &mut tx, "DeleteFlowLogs", json!({"FlowLogIds": [id]})).unwrap();
    let message = format!("These flow log ids in the input list are not found: [TotalCount: 1] {id}");
    let twice = refusal(ask(&cx, &mut tx, "DeleteFlowLogs", json!({"FlowLogIds": [id]})));
    assert_eq!(twice, refused("InvalidFlowLogId.NotFound", &message));
}

#[test]
fn a_role_that_is_not_there_delivers_nothing() {
    let (cx, mut tx) = start();
    let subnet = resource::all::<Subnet>(&cx, &tx).next().unwrap().id.clone();
    let input = json!({"ResourceType": "Subnet", "ResourceIds": [subnet], "TrafficType": "REJECT", "LogGroupName": "flows",
        "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flows"});
    ask(&cx, &mut tx, "CreateFlowLogs", input).unwrap();
    let shown = ask(&cx, &mut tx, "DescribeFlowLogs", json!({})).unwrap();
    let told = (element(&shown, "deliverLogsStatus"), element(&shown, "deliverLogsErrorMessage"));
    assert_eq!(told, ("FAILED", "Access error"));
}

#[test]
fn requests_that_cannot_be() {
    let (cx, mut tx) = start();
    let vpc = default_vpc(&cx, &tx);
    let base = |more: Value| {
        let mut input = json!({"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let role = "arn:aws:iam::123456789012:role/flows";
    let cases = [
        (base(json!({})), "LogDestination can't be empty if LogGroupName is not provided."),
        (
            base(json!({"LogGroupName": "flows"})),
            "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
        ),
        (
            base(json!({"LogGroupName": "flows", "LogDestination": BUCKET})),
            "Please only provide LogGroupName or only provide LogDestination.",
        ),
        (
            base(json!({"LogGroupName": "flows", "LogDestinationType": "s3"})),
            "LogDestination type must be cloud-watch-logs if LogGroupName is provided.",
        ),
        (base(json!({"LogDestinationType": "s3", "LogDestination": "logs"})), "LogDestination: logs is not valid."),
        (
            base(json!({"LogGroupName": "flows", "DeliverLogsPermissionArn": role, "MaxAggregationInterval": 61})),
            "Invalid Flow Log Max Aggregation Interval",
        ),
    ];
    for (input, text) in cases {
        assert_eq!(refusal(ask(&cx, &mut tx, "CreateFlowLogs", input)), refused("InvalidParameter", text));
    }
}

#[test]
fn nothing_else_is_deleted_as_a_flow_log() {
    let (cx, mut tx) = start();
    let vpc = default_vpc(&cx, &tx);
    let made = ask(&cx, &mut tx, "CreateCarrierGateway", json!({"VpcId": vpc})).unwrap();
    let gateway = element(&made, "carrierGatewayId");
    let deleted = ask(&cx, &mut tx, "DeleteFlowLogs", json!({"FlowLogIds": [gateway]}));
    assert_eq!(refusal(deleted).0, "InvalidFlowLogId.NotFound");
    ask(&cx, &mut tx, "DescribeCarrierGateways", json!({"CarrierGatewayIds": [gateway]})).unwrap();
}
