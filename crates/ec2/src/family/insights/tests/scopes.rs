//! Scopes and what analyses of them find.

use serde_json::{Value, json};
use service::prelude::*;

use super::walks::{interface_in, open};
use crate::family::tests::{ask, element};
use crate::kind;
use crate::network::interface::{NetworkInterface, managed};
use crate::network::internet_gateway::InternetGateway;
use crate::network::subnet::Subnet;
use crate::network::vpc;
use crate::resource;
use crate::tests::{later, refusal, start};

/// A new scope.
fn scope(cx: &Cx, tx: &mut Tx, conditions: Value) -> Result<String, ApiError> {
    let mut input = Document::from(json!({"ClientToken": cx.ids.ec2("t")}));
    input.merge(&Document::from(conditions));
    let made = ask(&cx.apart(), tx, "CreateNetworkInsightsAccessScope", Value::Object(input.0))?;
    Ok(element(&made, "networkInsightsAccessScopeId").to_owned())
}

/// The findings of an analysis of a scope: of each way where it begins and where it ends.
fn found(cx: &Cx, tx: &mut Tx, conditions: Value) -> Vec<(String, String)> {
    let id = scope(cx, tx, conditions).unwrap();
    let start = json!({"NetworkInsightsAccessScopeId": id, "ClientToken": cx.ids.ec2("t")});
    let begun = ask(&cx.apart(), tx, "StartNetworkInsightsAccessScopeAnalysis", start).unwrap();
    assert_eq!((element(&begun, "status"), element(&begun, "findingsFound")), ("running", "unknown"));
    let analysis =
        json!({"NetworkInsightsAccessScopeAnalysisId": element(&begun, "networkInsightsAccessScopeAnalysisId")});
    let done = later(cx, 60);
    let shown = ask(&done, tx, "GetNetworkInsightsAccessScopeAnalysisFindings", analysis).unwrap();
    assert_eq!(element(&shown, "analysisStatus"), "succeeded");
    let findings = shown.split("<findingComponentSet>").skip(1);
    let ways = findings.map(|finding| {
        let steps: Vec<&str> = finding.split("<component>").skip(1).collect();
        let id = |step: &&str| element(step, "id").to_owned();
        (steps.first().map(id).unwrap(), steps.last().map(id).unwrap())
    });
    ways.collect()
}

/// An interface with a public address, in the default VPC, and a gateway.
fn exposed(cx: &Cx, tx: &mut Tx) -> (String, String) {
    let subnet = resource::all::<Subnet>(cx, tx).next().unwrap().id.clone();
    let interface = interface_in(cx, tx, &subnet);
    let gateway = resource::all::<InternetGateway>(cx, tx).next().unwrap().id.clone();
    managed::hold(cx, tx, &interface, "vpc_endpoint", "vpce-0123456789abcdef0");
    resource::update::<NetworkInterface>(tx, cx, &interface, |it| it.public_ip = Some([3, 4, 5, 6].into()));
    (interface, gateway)
}

const FROM_INTERNET: &str = "AWS::EC2::InternetGateway";

#[test]
fn ways_from_the_internet() {
    let (cx, mut tx) = start();
    let (interface, gateway) = exposed(&cx, &mut tx);
    let from = || json!({"Source": {"ResourceStatement": {"ResourceTypes": [FROM_INTERNET]}}});
    assert!(found(&cx, &mut tx, json!({"MatchPaths": [from()]})).is_empty());
    open(&cx, &mut tx, &interface, "tcp", 443);
    let way = [(gateway.clone(), interface.clone())];
    assert_eq!(found(&cx, &mut tx, json!({"MatchPaths": [from()]})), way);
    assert_eq!(found(&cx, &mut tx, json!({"MatchPaths": [from(), from()]})), way);
    let vpc = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap().id.clone();
    let into = |resource: &str, more: Value| {
        let mut condition = Document::from(json!({
            "Source": {"ResourceStatement": {"Resources": [gateway]}},
            "Destination": {"ResourceStatement": {"Resources": [resource]}},
        }));
        condition.merge(&Document::from(more));
        Value::Object(condition.0)
    };
    assert_eq!(found(&cx, &mut tx, json!({"MatchPaths": [into(&vpc, json!({}))]})), way);
    assert_eq!(found(&cx, &mut tx, json!({"MatchPaths": [into(&kind::VPC.arn(&cx, &vpc), json!({}))]})), way);
    assert!(found(&cx, &mut tx, json!({"MatchPaths": [into("vpc-0123456789abcdef0", json!({}))]})).is_empty());
    let port = |port: &str| json!({"Destination": {"PacketHeaderStatement": {"DestinationPorts": [port]}}});
    // By the port alone the way out to the internet is found, too.
    assert_eq!(found(&cx, &mut tx, json!({"MatchPaths": [port("443")]})).len(), 2);
    assert_eq!(found(&cx, &mut tx, json!({"MatchPaths": [port("80")]})), [(interface.clone(), gateway.clone())]);
    let udp = json!({"Source": {"ResourceStatement": {"ResourceTypes": [FROM_INTERNET]}, "PacketHeaderStatement": {"Protocols": ["udp"]}}});
    assert!(found(&cx, &mut tx, json!({"MatchPaths": [udp]})).is_empty());

    // What is excluded is no finding; what else is open still is one.
    let without_443 = json!({"MatchPaths": [from()], "ExcludePaths": [port("443")]});
    assert!(found(&cx, &mut tx, without_443.clone()).is_empty());
    open(&cx, &mut tx, &interface, "tcp", 22);
    assert_eq!(found(&cx, &mut tx, without_443), way);
    let all = json!({"MatchPaths": [from()], "ExcludePaths": [into(&interface, json!({}))]});
    assert!(found(&cx, &mut tx, all).is_empty());
    let trusted = json!({"Source": {"PacketHeaderStatement": {"SourceAddresses": ["0.0.0.0/1", "128.0.0.0/1"]}}});
    assert!(found(&cx, &mut tx, json!({"MatchPaths": [from()], "ExcludePaths": [trusted]})).is_empty());
    let through = |resource: &str| json!({"ThroughResources": [{"ResourceStatement": {"ResourceTypes": [resource]}}]});
    assert!(found(&cx, &mut tx, json!({"MatchPaths": [into(&vpc, through("AWS::EC2::NatGateway"))]})).is_empty());
    let around = json!({"MatchPaths": [from()], "ExcludePaths": [through("AWS::EC2::NatGateway")]});
    assert_eq!(found(&cx, &mut tx, around), way);
}

#[test]
fn a_scope_and_its_analyses() {
    let (cx, mut tx) = start();
    let to_port = json!({"Destination": {"PacketHeaderStatement": {"DestinationPorts": ["22", "3000-4000"]}}});
    let id = scope(&cx, &mut tx, json!({"MatchPaths": [to_port]})).unwrap();
    let about = json!({"NetworkInsightsAccessScopeId": id});
    let content = ask(&cx, &mut tx, "GetNetworkInsightsAccessScopeContent", about.clone()).unwrap();
    assert!(
        content.contains("<destinationPortSet><item>22</item><item>3000-4000</item></destinationPortSet>"),
        "{content}"
    );
    let mut start = Document::from(about.clone());
    start.set("ClientToken", "one");
    let begun = ask(&cx, &mut tx, "StartNetworkInsightsAccessScopeAnalysis", Value::Object(start.0.clone())).unwrap();
    let again = ask(&cx, &mut tx, "StartNetworkInsightsAccessScopeAnalysis", Value::Object(start.0)).unwrap();
    let analysis = element(&begun, "networkInsightsAccessScopeAnalysisId").to_owned();
    assert_eq!(element(&again, "networkInsightsAccessScopeAnalysisId"), analysis);
    let cx = later(&cx, 60);
    let shown = ask(&cx, &mut tx, "DescribeNetworkInsightsAccessScopeAnalyses", about.clone()).unwrap();
    assert_eq!((element(&shown, "status"), element(&shown, "findingsFound")), ("succeeded", "false"));
    assert!(shown.contains("<endDate>") && shown.contains("<analyzedEniCount>0<"), "{shown}");
    assert_eq!(
        refusal(ask(&cx, &mut tx, "DeleteNetworkInsightsAccessScope", about.clone())),
        (
            "AnalysisExistsForNetworkInsightsAccessScope".to_owned(),
            format!("{id} has analyses which must be deleted first: {analysis}")
        )
    );
    let gone = json!({"NetworkInsightsAccessScopeAnalysisId": analysis});
    ask(&cx, &mut tx, "DeleteNetworkInsightsAccessScopeAnalysis", gone).unwrap();
    ask(&cx, &mut tx, "DeleteNetworkInsightsAccessScope", about.clone()).unwrap();
    let refused = refusal(ask(&cx, &mut tx, "GetNetworkInsightsAccessScopeContent", about));
    assert_eq!(refused.0, "InvalidNetworkInsightsAccessScopeId.NotFound");
}

#[test]
fn a_search_that_meets_its_bounds_says_so() {
    let (cx, mut tx) = start();
    let (interface, gateway) = exposed(&cx, &mut tx);
    open(&cx, &mut tx, &interface, "tcp", 443);
    let subnet = resource::all::<Subnet>(&cx, &tx).next().unwrap().id.clone();
    (0..40).for_each(|_| drop(interface_in(&cx, &mut tx, &subnet)));
    // All pairs are more than it walks, and none of these ways is asked for.
    let nowhere = json!({"ThroughResources": [{"ResourceStatement": {"ResourceTypes": ["AWS::EC2::NatGateway"]}}]});
    let started = |tx: &mut Tx, conditions: Value| {
        let about = json!({"NetworkInsightsAccessScopeId": scope(&cx, tx, conditions).unwrap(), "ClientToken": "one"});
        ask(&cx, tx, "StartNetworkInsightsAccessScopeAnalysis", about).unwrap();
        let about = json!({});
        ask(&later(&cx, 60), tx, "DescribeNetworkInsightsAccessScopeAnalyses", about).unwrap()
    };
    let shown = started(&mut tx, json!({"MatchPaths": [nowhere]}));
    assert_eq!(element(&shown, "findingsFound"), "unknown");
    assert_eq!(element(&shown, "warningMessage"), "Not all network paths were analyzed.");
    // Scattered addresses that are excluded leave the others.
    let block = |number: u32| format!("10.0.{number}.1/32");
    let excluded = |number: u32| json!({"Source": {"PacketHeaderStatement": {"SourceAddresses": [block(number)]}}});
    let many: Vec<Value> = (0..100).map(excluded).collect();
    let from = json!({"Source": {"ResourceStatement": {"Resources": [gateway]}}});
    let ways = found(&cx, &mut tx, json!({"MatchPaths": [from], "ExcludePaths": many}));
    assert_eq!(ways, [(gateway, interface)]);
}

#[test]
fn what_is_excluded_by_many_names_is_more_work() {
    let (cx, mut tx) = start();
    let (_, gateway) = exposed(&cx, &mut tx);
    let subnet = resource::all::<Subnet>(&cx, &tx).next().unwrap().id.clone();
    (0..40).for_each(|_| drop(interface_in(&cx, &mut tx, &subnet)));
    let names = vec!["igw-0123456789abcdef0"; 30_000];
    let conditions = json!({
        "MatchPaths": [{"Source": {"ResourceStatement": {"Resources": [gateway]}}}],
        "ExcludePaths": [{"Source": {"ResourceStatement": {"Resources": names}}}],
    });
    let about = json!({"NetworkInsightsAccessScopeId": scope(&cx, &mut tx, conditions).unwrap(), "ClientToken": "one"});
    ask(&cx, &mut tx, "StartNetworkInsightsAccessScopeAnalysis", about).unwrap();
    let shown = ask(&later(&cx, 60), &mut tx, "DescribeNetworkInsightsAccessScopeAnalyses", json!({})).unwrap();
    assert_eq!(element(&shown, "warningMessage"), "Not all network paths were analyzed.");
}

#[test]
fn what_no_scope_can_say() {
    let (cx, mut tx) = start();
    let source = |statement: Value| json!({"MatchPaths": [{"Source": statement}]});
    let resources = |statement: Value| source(json!({"ResourceStatement": statement}));
    let header = |statement: Value| source(json!({"PacketHeaderStatement": statement}));
    for (conditions, code, message) in [
        (json!({}), "MissingParameter", "The request must contain the parameter MatchPaths"),
        (
            resources(json!({"Resources": ["igw-0123456789abcdef0"], "ResourceTypes": [FROM_INTERNET]})),
            "InvalidParameterCombination",
            "Resources and ResourceTypes cannot be specified together.",
        ),
        (
            resources(json!({"ResourceTypes": ["AWS::EC2::Volume"]})),
            "InvalidParameterValue",
            "Value (AWS::EC2::Volume) for parameter ResourceTypes is invalid.",
        ),
        (
            resources(json!({"Resources": ["gateway"]})),
            "InvalidParameterValue",
            "Value (gateway) for parameter Resources is invalid.",
        ),
        (
            header(json!({"SourceAddresses": ["10.0.0.0/33"]})),
            "InvalidParameterValue",
            "Value (10.0.0.0/33) for parameter SourceAddresses is invalid.",
        ),
        (
            header(json!({"DestinationPorts": ["99999"]})),
            "InvalidParameterValue",
            "Value (99999) for parameter DestinationPorts is invalid.",
        ),
        (
            header(json!({"SourcePrefixLists": ["list"]})),
            "InvalidParameterValue",
            "Value (list) for parameter SourcePrefixLists is invalid.",
        ),
    ] {
        assert_eq!(refusal(scope(&cx, &mut tx, conditions)), (code.to_owned(), message.to_owned()));
    }
}
