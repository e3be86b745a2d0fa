//! Prefix list resolvers: what their rules select, and the lists that follow them.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::vpc::create::{CreateVpc, DeleteVpc, create, delete};
use crate::tags::TagSpecification;
use crate::tests::{in_region, later, refusal, start};

fn vpc(cx: &Cx, tx: &mut Tx, block: &str, environment: &str) -> String {
    let tags = vec![Tag::new("env", environment)];
    let tags = TagSpecification { resource_type: Some("vpc".into()), tags };
    let input =
        CreateVpc { cidr_block: Some(block.into()), tag_specifications: Some(vec![tags]), ..Default::default() };
    create(&cx.apart(), tx, &input).unwrap().vpc.vpc_id
}

fn list(cx: &Cx, tx: &mut Tx, most: i64) -> String {
    let input = json!({"PrefixListName": "sites", "AddressFamily": "IPv4", "MaxEntries": most});
    element(&ask(cx, tx, "CreateManagedPrefixList", input).unwrap(), "prefixListId").to_owned()
}

fn blocks(cx: &Cx, tx: &mut Tx, list: &str) -> Vec<String> {
    crate::settle(cx, tx).unwrap();
    assert!(crate::is_settled(tx, cx.account(), cx.region_name()), "what is due is done");
    let xml = ask(cx, tx, "GetManagedPrefixListEntries", json!({"PrefixListId": list})).unwrap();
    xml.split("<cidr>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// A resolver for VPCs of production, with rules besides.
fn resolver(cx: &Cx, tx: &mut Tx, more: &[Value]) -> (String, String) {
    let ipam = ask(cx, tx, "CreateIpam", json!({})).unwrap();
    let (id, scope) = (element(&ipam, "ipamId"), element(&ipam, "privateDefaultScopeId").to_owned());
    let production = json!({"RuleType": "ipam-resource-cidr", "IpamScopeId": scope, "ResourceType": "vpc",
        "Conditions": [{"Operation": "equals", "ResourceTag": {"Key": "env", "Value": "prod"}}]});
    let rules: Vec<Value> = std::iter::once(production).chain(more.iter().cloned()).collect();
    let made =
        ask(cx, tx, "CreateIpamPrefixListResolver", json!({"IpamId": id, "AddressFamily": "ipv4", "Rules": rules}));
    (element(&made.unwrap(), "ipamPrefixListResolverId").to_owned(), scope)
}

fn target(resolver: &str, list: &str, region: &str) -> Value {
    json!({"IpamPrefixListResolverId": resolver, "PrefixListId": list, "PrefixListRegion": region,
        "TrackLatestVersion": true})
}

#[test]
fn lists_follow() {
    let (cx, mut tx) = start();
    vpc(&cx, &mut tx, "10.1.0.0/16", "prod");
    let (id, _) = resolver(&cx, &mut tx, &[json!({"RuleType": "static-cidr", "StaticCidr": "192.0.2.0/24"})]);
    let europe = in_region(&cx, "eu-west-1");
    crate::settle(&europe, &mut tx).unwrap();
    let (near, far) = (list(&cx, &mut tx, 3), list(&europe, &mut tx, 3));
    for (list, region) in [(&near, "us-east-1"), (&far, "eu-west-1")] {
        let made = ask(&cx, &mut tx, "CreateIpamPrefixListResolverTarget", target(&id, list, region)).unwrap();
        assert_eq!((element(&made, "state"), element(&made, "lastSyncedVersion")), ("create-in-progress", "1"));
    }
    assert_eq!(blocks(&cx, &mut tx, &near), ["10.1.0.0/16", "192.0.2.0/24"]);
    let again = refusal(ask(&cx, &mut tx, "CreateIpamPrefixListResolverTarget", target(&id, &near, "us-east-1")));
    assert_eq!(again.0, "InvalidParameterValue");
    vpc(&cx, &mut tx, "10.9.0.0/16", "test");
    let second = vpc(&cx, &mut tx, "10.2.0.0/16", "prod");
    let cx = later(&cx, 60);
    let europe = in_region(&cx, "eu-west-1");
    assert_eq!(blocks(&europe, &mut tx, &far), ["10.1.0.0/16", "10.2.0.0/16", "192.0.2.0/24"]);
    assert_eq!(blocks(&cx, &mut tx, &near), ["10.1.0.0/16", "10.2.0.0/16", "192.0.2.0/24"]);
    let third = vpc(&cx, &mut tx, "10.3.0.0/16", "prod");
    assert_eq!(blocks(&cx, &mut tx, &near), ["10.1.0.0/16", "10.2.0.0/16", "192.0.2.0/24"], "there is no room");
    let shown = ask(&later(&cx, 60), &mut tx, "DescribeIpamPrefixListResolverTargets", json!({})).unwrap();
    assert_eq!((element(&shown, "state"), element(&shown, "lastSyncedVersion")), ("sync-failed", "2"));
    let entries = json!({"IpamPrefixListResolverId": id, "IpamPrefixListResolverVersion": 3});
    let shown = ask(&cx, &mut tx, "GetIpamPrefixListResolverVersionEntries", entries).unwrap();
    assert_eq!(shown.matches("<cidr>").count(), 4);
    let cx = later(&cx, 60);
    ask(&cx, &mut tx, "ModifyManagedPrefixList", json!({"PrefixListId": near, "MaxEntries": 4})).unwrap();
    assert_eq!(blocks(&cx, &mut tx, &near).len(), 4);
    for vpc_id in [second, third] {
        delete(&cx, &mut tx, &DeleteVpc { vpc_id, ..Default::default() }).unwrap();
    }
    assert_eq!(blocks(&later(&cx, 60), &mut tx, &near), ["10.1.0.0/16", "192.0.2.0/24"]);
}

#[test]
fn a_list_that_is_kept() {
    let (cx, mut tx) = start();
    let (id, _) = resolver(&cx, &mut tx, &[json!({"RuleType": "static-cidr", "StaticCidr": "192.0.2.0/24"})]);
    let list = list(&cx, &mut tx, 5);
    let made = ask(&cx, &mut tx, "CreateIpamPrefixListResolverTarget", target(&id, &list, "us-east-1")).unwrap();
    let target = json!({"IpamPrefixListResolverTargetId": element(&made, "ipamPrefixListResolverTargetId")});
    let cx = later(&cx, 60);
    let add = json!({"PrefixListId": list, "CurrentVersion": 2, "AddEntries": [{"Cidr": "10.0.0.0/8"}]});
    assert_eq!(refusal(ask(&cx, &mut tx, "ModifyManagedPrefixList", add.clone())).0, "OperationNotPermitted");
    let name = json!({"PrefixListId": list});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteManagedPrefixList", name.clone())).0, "DependencyViolation");
    let resolver = json!({"IpamPrefixListResolverId": id});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamPrefixListResolver", resolver.clone())).0, "DependencyViolation");

    vpc(&cx, &mut tx, "10.1.0.0/16", "prod");
    assert_eq!(blocks(&cx, &mut tx, &list), ["10.1.0.0/16", "192.0.2.0/24"]);
    let mut pin = Document::from(target.clone());
    pin.set("DesiredVersion", 1);
    ask(&cx, &mut tx, "ModifyIpamPrefixListResolverTarget", Value::Object(pin.0.clone())).unwrap();
    assert_eq!(blocks(&cx, &mut tx, &list), ["192.0.2.0/24"]);
    pin.set("DesiredVersion", 7);
    let none = refusal(ask(&cx, &mut tx, "ModifyIpamPrefixListResolverTarget", Value::Object(pin.0)));
    assert_eq!(none.0, "InvalidParameterValue");

    let cx = later(&cx, 60);
    ask(&cx, &mut tx, "DeleteIpamPrefixListResolverTarget", target).unwrap();
    let mut add = Document::from(add);
    add.set("CurrentVersion", 4);
    ask(&cx, &mut tx, "ModifyManagedPrefixList", Value::Object(add.0)).unwrap();
    ask(&cx, &mut tx, "DeleteIpamPrefixListResolver", resolver).unwrap();
}

#[test]
fn a_list_that_was_let_go_follows_again() {
    let (cx, mut tx) = start();
    let (id, _) = resolver(&cx, &mut tx, &[json!({"RuleType": "static-cidr", "StaticCidr": "192.0.2.0/24"})]);
    let list = list(&cx, &mut tx, 5);
    let mut wish = Document::from(target(&id, &list, "us-east-1"));
    wish.set("TrackLatestVersion", false);
    let made = ask(&cx, &mut tx, "CreateIpamPrefixListResolverTarget", Value::Object(wish.0)).unwrap();
    assert_eq!(element(&made, "desiredVersion"), "1");
    let mut cx = cx;
    for (change, count) in [
        (json!({"IpamPrefixListResolverSyncEnabled": false}), 1),
        (json!({"CurrentVersion": 2, "AddEntries": [{"Cidr": "10.0.0.0/8"}]}), 2),
        (json!({"IpamPrefixListResolverSyncEnabled": true}), 1),
    ] {
        cx = later(&cx, 60);
        let mut input = Document::from(change);
        input.set("PrefixListId", list.as_str());
        ask(&cx, &mut tx, "ModifyManagedPrefixList", Value::Object(input.0)).unwrap();
        assert_eq!(blocks(&cx, &mut tx, &list).len(), count);
    }
}

#[test]
fn rules_are_checked_and_replaced() {
    let (cx, mut tx) = start();
    let (id, scope) = resolver(&cx, &mut tx, &[]);
    vpc(&cx, &mut tx, "10.1.0.0/16", "prod");
    vpc(&cx, &mut tx, "10.2.0.0/16", "test");
    let of_vpcs = |conditions: Value| json!({"RuleType": "ipam-resource-cidr", "IpamScopeId": scope, "ResourceType": "vpc", "Conditions": conditions});
    for (rule, code) in [
        (json!({"RuleType": "static-cidr"}), "MissingParameter"),
        (json!({"RuleType": "static-cidr", "StaticCidr": "2001:db8::/32"}), "InvalidParameterValue"),
        (json!({"RuleType": "ipam-pool-cidr"}), "MissingParameter"),
        (json!({"RuleType": "ipam-resource-cidr", "IpamScopeId": scope}), "MissingParameter"),
        (of_vpcs(json!([{"Operation": "equals"}])), "InvalidParameterValue"),
        (of_vpcs(json!([{"Operation": "equals", "ResourceTag": {"Value": "prod"}}])), "MissingParameter"),
        (of_vpcs(json!(vec![json!({"Operation": "equals", "ResourceRegion": "x"}); 11])), "ResourceLimitExceeded"),
        (
            json!({"RuleType": "static-cidr", "StaticCidr": "192.0.2.0/24", "IpamScopeId": scope}),
            "InvalidParameterValue",
        ),
        (
            json!({"RuleType": "ipam-pool-cidr", "IpamScopeId": scope, "StaticCidr": "10.0.0.0/8"}),
            "InvalidParameterValue",
        ),
        (of_vpcs(json!([{"Operation": "subnet-of", "ResourceRegion": "us-east-1"}])), "InvalidParameterValue"),
    ] {
        let input = json!({"IpamPrefixListResolverId": id, "Rules": [rule]});
        assert_eq!(refusal(ask(&cx, &mut tx, "ModifyIpamPrefixListResolver", input.clone())).0, code, "{input}");
    }
    for (number, (conditions, count)) in [
        (json!([]), 3),
        (json!([{"Operation": "subnet-of", "Cidr": "10.0.0.0/8"}]), 2),
        (json!([{"Operation": "equals", "Cidr": "10.1.0.0/16"}]), 1),
        (json!([{"Operation": "not-equals", "ResourceTag": {"Key": "env", "Value": "prod"}}]), 2),
        (json!([{"Operation": "equals", "ResourceRegion": "eu-west-1"}]), 0),
    ]
    .into_iter()
    .enumerate()
    {
        let input = json!({"IpamPrefixListResolverId": id, "Rules": [of_vpcs(conditions.clone())]});
        ask(&cx, &mut tx, "ModifyIpamPrefixListResolver", input).unwrap();
        let entries = json!({"IpamPrefixListResolverId": id, "IpamPrefixListResolverVersion": number + 2});
        let shown = ask(&cx, &mut tx, "GetIpamPrefixListResolverVersionEntries", entries).unwrap();
        assert_eq!(shown.matches("<cidr>").count(), count, "{conditions}");
    }
    let versions =
        ask(&cx, &mut tx, "GetIpamPrefixListResolverVersions", json!({"IpamPrefixListResolverId": id})).unwrap();
    assert_eq!(versions.matches("<version>").count(), 6);
    let rules = ask(&cx, &mut tx, "GetIpamPrefixListResolverRules", json!({"IpamPrefixListResolverId": id})).unwrap();
    assert_eq!(element(&rules, "resourceRegion"), "eu-west-1");
}
