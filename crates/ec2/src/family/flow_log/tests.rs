//! Flow logs: one for each resource, and why some get none.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;
use crate::resource;
use crate::s3_file::S3File;
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

/// A flow log of the default VPC.
fn logged(cx: &Cx, tx: &mut Tx, more: Value) -> String {
    let vpc = default_vpc(cx, tx);
    let mut input = json!({"ResourceType": "VPC", "ResourceIds": [vpc], "TrafficType": "ALL"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = ask(cx, tx, "CreateFlowLogs", input).unwrap();
    let (_, id) = made.split_once("<item>").unwrap();
    id.split_once('<').unwrap().0.to_owned()
}

fn to_integrate(id: &str, destination: &str, integrations: Value) -> Value {
    json!({"FlowLogId": id, "ConfigDeliveryS3DestinationArn": destination,
        "IntegrateServices": {"AthenaIntegrations": integrations}})
}

/// The template that the one integration leaves, and its file.
fn template(cx: &Cx, tx: &mut Tx, id: &str, integration: Value) -> Value {
    ask(cx, tx, "GetFlowLogsIntegrationTemplate", to_integrate(id, "arn:aws:s3:::templates", json!([integration])))
        .unwrap();
    let file = tx.scan::<S3File>(&["templates"]).find(|file| file.object_key.contains(id)).unwrap();
    serde_json::from_slice(&file.body).unwrap()
}

#[test]
fn a_template_is_left_where_it_is_asked_for() {
    let (cx, mut tx) = start();
    let id = logged(&cx, &mut tx, json!({"LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs/flow/"}));
    let daily =
        json!({"IntegrationResultS3DestinationArn": "arn:aws:s3:::results/athena/", "PartitionLoadFrequency": "daily"});
    let input = to_integrate(&id, "arn:aws:s3:::templates/of/flows", json!([daily, daily]));
    let answer = ask(&cx, &mut tx, "GetFlowLogsIntegrationTemplate", input).unwrap();
    let file = tx.scan::<S3File>(&[]).next().unwrap().clone();
    let time = cx.now.strftime("%a %b %d %H:%M:%S UTC %Y").to_string();
    assert_eq!(file.object_key, format!("of/flows/VPCFlowLogsIntegrationTemplate_{id}_{time}.yml"));
    let quoted = time.replace(' ', "%20").replace(':', "%3A");
    let url = format!(
        "https://templates.s3.us-east-1.amazonaws.com/of/flows/VPCFlowLogsIntegrationTemplate_{id}_{quoted}.yml"
    );
    assert_eq!(element(&answer, "result"), url);
    let made: Value = serde_json::from_slice(&file.body).unwrap();
    let resources = &made["Resources"];
    let stem = format!("{}daily", id.replace('-', ""));
    assert_eq!(resources["Integration1Table"]["Properties"]["TableInput"]["Name"], stem);
    assert_eq!(resources["Integration2Table"]["Properties"]["TableInput"]["Name"], format!("{stem}_2"));
    let group = &resources["Integration1WorkGroup"]["Properties"];
    assert_eq!(group["Name"], format!("{stem}workgroup"));
    let results = &group["WorkGroupConfiguration"]["ResultConfiguration"]["OutputLocation"];
    assert_eq!(results, "s3://results/athena/");
    let variables = &resources["Integration1Function"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["LOCATION"], "s3://logs/flow/AWSLogs/123456789012/vpcflowlogs/us-east-1/");
    assert_eq!(resources["Integration1Schedule"]["Properties"]["ScheduleExpression"], "cron(0 0 * * ? *)");
    assert_eq!(resources["Integration1QueryTopTalkers"]["Properties"]["Database"], json!({"Ref": "Database"}));
    assert_eq!(resources.get("Integration1QueryInstanceTraffic"), None, "its field is not in the format");
}

#[test]
fn tables_are_as_the_files_are() {
    let (cx, mut tx) = start();
    let columns = |made: &Value, part: &str| {
        let table = &made["Resources"]["Integration1Table"]["Properties"]["TableInput"];
        let columns = table.pointer(part).unwrap().as_array().unwrap();
        let told =
            columns.iter().map(|it| format!("{} {}", it["Name"].as_str().unwrap(), it["Type"].as_str().unwrap()));
        told.collect::<Vec<_>>().join(", ")
    };
    let library = "/Resources/Integration1Table/Properties/TableInput/StorageDescriptor/SerdeInfo/SerializationLibrary";
    let id = logged(
        &cx,
        &mut tx,
        json!({"LogDestinationType": "s3", "LogDestination": BUCKET,
        "LogFormat": "${instance-id} ${bytes} ${tcp-flags}", "DestinationOptions":
            {"FileFormat": "parquet", "HiveCompatiblePartitions": true, "PerHourPartition": true}}),
    );
    let july = json!({"IntegrationResultS3DestinationArn": "arn:aws:s3:::results", "PartitionLoadFrequency": "none",
        "PartitionStartDate": "2021-07-21T00:40:00Z", "PartitionEndDate": "2021-07-21T00:42:00Z"});
    let made = template(&cx, &mut tx, &id, july);
    assert_eq!(columns(&made, "/StorageDescriptor/Columns"), "instance_id string, bytes bigint, tcp_flags int");
    assert_eq!(columns(&made, "/PartitionKeys"), "year string, month string, day string, hour string");
    assert_eq!(made.pointer(library).unwrap(), "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe");
    let variables = &made["Resources"]["Integration1Function"]["Properties"]["Environment"]["Variables"];
    assert_eq!(
        *variables,
        json!({"DATABASE": format!("vpcflowlogsathenadatabase{}", id.replace('-', "")),
            "TABLE": format!("{}none202107210040202107210042", id.replace('-', "")),
            "WORKGROUP": format!("{}none202107210040202107210042workgroup", id.replace('-', "")),
            "LOCATION": "s3://logs/AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/",
            "HIVE": "true", "HOURLY": "true", "DAYS": "0", "FIRST": "2021-07-21T00:40:00", "LAST": "2021-07-21T00:42:00"})
    );
    assert_eq!(made["Resources"].get("Integration1Schedule"), None);
    let queries = made["Resources"].as_object().unwrap().keys().filter(|name| name.contains("Query"));
    assert_eq!(queries.collect::<Vec<_>>(), ["Integration1QueryInstanceTraffic"]);

    let plain = logged(&cx, &mut tx, json!({"LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::others"}));
    let monthly =
        json!({"IntegrationResultS3DestinationArn": "arn:aws:s3:::results", "PartitionLoadFrequency": "monthly"});
    let made = template(&cx, &mut tx, &plain, monthly);
    assert_eq!(columns(&made, "/PartitionKeys"), "year string, month string, day string");
    assert_eq!(made.pointer(library).unwrap(), "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
    assert!(
        columns(&made, "/StorageDescriptor/Columns").starts_with("version int, account_id string, interface_id string")
    );
}

#[test]
fn templates_that_cannot_be() {
    let (cx, mut tx) = start();
    let id = logged(&cx, &mut tx, json!({"LogDestinationType": "s3", "LogDestination": BUCKET}));
    let role = "arn:aws:iam::123456789012:role/flows";
    let elsewhere = logged(&cx, &mut tx, json!({"LogGroupName": "flows", "DeliverLogsPermissionArn": role}));
    let asked = |frequency: &str, first: Option<&str>, last: Option<&str>| {
        let mut one = json!({"IntegrationResultS3DestinationArn": BUCKET, "PartitionLoadFrequency": frequency});
        first.into_iter().for_each(|first| one["PartitionStartDate"] = first.into());
        last.into_iter().for_each(|last| one["PartitionEndDate"] = last.into());
        json!([one])
    };
    let daily = asked("daily", None, None);
    let (early, late, never) = ("2021-07-21T00:00:00Z", "2021-07-22T00:00:00Z", "2999-01-01T00:00:00Z");
    let gone = "These flow log ids in the input list are not found: [TotalCount: 1] fl-0123456789abcdef0";
    let not_s3 =
        format!("Value ({elsewhere}) for parameter FlowLogId is invalid. The flow log does not publish to Amazon S3.");
    let value =
        |value: &str, member: &str, why: &str| format!("Value ({value}) for parameter {member} is invalid.{why}");
    let cases = [
        (to_integrate("fl-0123456789abcdef0", BUCKET, daily.clone()), "InvalidFlowLogId.NotFound", gone.to_owned()),
        (to_integrate(&elsewhere, BUCKET, daily.clone()), "InvalidParameterValue", not_s3),
        (
            to_integrate(&id, "templates", daily.clone()),
            "InvalidParameterValue",
            value("templates", "ConfigDeliveryS3DestinationArn", ""),
        ),
        (
            to_integrate(&id, "arn:aws:sns:us-east-1:123456789012:t", daily),
            "InvalidParameterValue",
            value("arn:aws:sns:us-east-1:123456789012:t", "ConfigDeliveryS3DestinationArn", ""),
        ),
        (
            to_integrate(
                &id,
                BUCKET,
                json!([{"IntegrationResultS3DestinationArn": "x", "PartitionLoadFrequency": "daily"}]),
            ),
            "InvalidParameterValue",
            value("x", "IntegrationResultS3DestinationArn", ""),
        ),
        (
            to_integrate(&id, BUCKET, json!([])),
            "MissingParameter",
            "The request must contain the parameter IntegrateService.AthenaIntegration".to_owned(),
        ),
        (
            to_integrate(&id, BUCKET, asked("none", None, Some(late))),
            "MissingParameter",
            "The request must contain the parameter PartitionStartDate".to_owned(),
        ),
        (
            to_integrate(&id, BUCKET, asked("none", Some(early), None)),
            "MissingParameter",
            "The request must contain the parameter PartitionEndDate".to_owned(),
        ),
        (
            to_integrate(&id, BUCKET, asked("none", Some(early), Some(never))),
            "InvalidParameterValue",
            value(never, "PartitionEndDate", " It is not in the past."),
        ),
        (
            to_integrate(&id, BUCKET, asked("weekly", Some(late), Some(early))),
            "InvalidParameterValue",
            value(early, "PartitionEndDate", " It is not after the start."),
        ),
    ];
    for (input, code, message) in cases {
        assert_eq!(refusal(ask(&cx, &mut tx, "GetFlowLogsIntegrationTemplate", input)), refused(code, &message));
    }
    assert_eq!(tx.scan::<S3File>(&[]).count(), 0);
}
