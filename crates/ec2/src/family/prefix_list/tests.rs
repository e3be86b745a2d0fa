//! Prefix lists: versions, who refers to them, and AWS's own.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::route_table::{self, RouteTable};
use crate::network::security_group::{self, SecurityGroup};
use crate::resource;
use crate::tests::{later, refusal, refused, start};

/// A list with one entry, made a moment ago.
fn one(cx: &Cx, tx: &mut Tx) -> (Cx, String) {
    let input = json!({"PrefixListName": "offices", "AddressFamily": "IPv4", "MaxEntries": 3,
        "Entries": [{"Cidr": "10.0.0.1/8", "Description": "here"}]});
    let made = ask(cx, tx, "CreateManagedPrefixList", input).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "version")), ("create-in-progress", "1"));
    (later(cx, 2), element(&made, "prefixListId").to_owned())
}

fn blocks(cx: &Cx, tx: &mut Tx, id: &str, version: Option<i64>) -> Vec<String> {
    let mut input = json!({"PrefixListId": id});
    if let Some(version) = version {
        input["TargetVersion"] = json!(version);
    }
    let xml = ask(cx, tx, "GetManagedPrefixListEntries", input).unwrap();
    xml.split("<cidr>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn the_last_thousand_versions_are_kept() {
    let (cx, mut tx) = start();
    let (cx, id) = one(&cx, &mut tx);
    let mut list = crate::family::Item::clone(&super::find(&tx, &cx, &id).unwrap());
    for number in 0..1_100 {
        super::change::replace(&cx, &mut list, &[format!("10.{}.{}.0/24", number / 256, number % 256)]).unwrap();
    }
    tx.put(list);
    assert_eq!(blocks(&cx, &mut tx, &id, None), ["10.4.75.0/24"]);
    assert_eq!(blocks(&cx, &mut tx, &id, Some(1_101)), ["10.4.75.0/24"]);
    assert_eq!(blocks(&cx, &mut tx, &id, Some(102)), ["10.0.100.0/24"]);
    for version in [0, 1, 101, 1_102] {
        let input = json!({"PrefixListId": id, "TargetVersion": version});
        let refused = refusal(ask(&cx, &mut tx, "GetManagedPrefixListEntries", input));
        assert_eq!(refused.0, "InvalidParameterValue", "{version}");
    }
}

#[test]
fn every_change_of_entries_is_a_version() {
    let (cx, mut tx) = start();
    let (cx, id) = one(&cx, &mut tx);
    assert_eq!(blocks(&cx, &mut tx, &id, None), ["10.0.0.0/8"]);
    let input = json!({"PrefixListId": id, "CurrentVersion": 1,
        "AddEntries": [{"Cidr": "172.16.0.0/12"}], "RemoveEntries": [{"Cidr": "10.0.0.0/8"}]});
    let changed = ask(&cx, &mut tx, "ModifyManagedPrefixList", input).unwrap();
    assert_eq!((element(&changed, "state"), element(&changed, "version")), ("modify-in-progress", "2"));
    let busy = ask(&cx, &mut tx, "ModifyManagedPrefixList", json!({"PrefixListId": id, "PrefixListName": "x"}));
    assert_eq!(refusal(busy).0, "IncorrectState");
    let cx = later(&cx, 2);
    assert_eq!(blocks(&cx, &mut tx, &id, None), ["172.16.0.0/12"]);
    assert_eq!(blocks(&cx, &mut tx, &id, Some(1)), ["10.0.0.0/8"]);
    let input = json!({"PrefixListId": id, "CurrentVersion": 2, "PreviousVersion": 1});
    let restored = ask(&cx, &mut tx, "RestoreManagedPrefixListVersion", input).unwrap();
    assert_eq!((element(&restored, "state"), element(&restored, "version")), ("restore-in-progress", "3"));
    let cx = later(&cx, 2);
    assert_eq!(blocks(&cx, &mut tx, &id, None), ["10.0.0.0/8"]);
    let renamed =
        ask(&cx, &mut tx, "ModifyManagedPrefixList", json!({"PrefixListId": id, "PrefixListName": "sites"})).unwrap();
    assert_eq!((element(&renamed, "prefixListName"), element(&renamed, "version")), ("sites", "3"));
    let gone = ask(&later(&cx, 2), &mut tx, "DeleteManagedPrefixList", json!({"PrefixListId": id})).unwrap();
    assert_eq!(element(&gone, "state"), "delete-in-progress");
}

#[test]
fn changes_that_cannot_be() {
    let (cx, mut tx) = start();
    let (cx, id) = one(&cx, &mut tx);
    let value = "InvalidParameterValue";
    let many: Vec<Value> = (1..5).map(|number| json!({"Cidr": format!("192.0.2.{number}/32")})).collect();
    let cases = [
        (
            json!({"CurrentVersion": 2, "AddEntries": [{"Cidr": "192.0.2.0/24"}]}),
            "PrefixListVersionMismatch",
            "The prefix list has the incorrect version number.",
        ),
        (
            json!({"CurrentVersion": 0, "AddEntries": [{"Cidr": "192.0.2.0/24"}]}),
            value,
            "The specified value for version is not valid. The value must be greater than (1).",
        ),
        (
            json!({"AddEntries": [{"Cidr": "192.0.2.0/24"}]}),
            "MissingParameter",
            "The request must contain the parameter CurrentVersion",
        ),
        (
            json!({"CurrentVersion": 1, "MaxEntries": 9, "AddEntries": [{"Cidr": "192.0.2.0/24"}]}),
            "InvalidParameterCombination",
            "You cannot modify the entries and the maximum entries for the prefix list in the same request.",
        ),
        (
            json!({"CurrentVersion": 1, "AddEntries": [{"Cidr": "10.0.0.0/8"}], "RemoveEntries": [{"Cidr": "10.0.0.0/8"}]}),
            value,
            "Request cannot contain Cidr 10.0.0.0/8 in both AddPrefixListEntries and RemovePrefixListEntries",
        ),
        (
            json!({"CurrentVersion": 1, "AddEntries": [{"Cidr": "2001:db8::/32"}]}),
            value,
            "The CIDR '2001:db8::/32' is not a valid IPv4 CIDR block.",
        ),
        (
            json!({"CurrentVersion": 1, "AddEntries": many}),
            "PrefixListMaxEntriesExceeded",
            "You have reached the maximum number of entries for the prefix list.",
        ),
        (
            json!({"PrefixListName": "com.amazonaws.mine"}),
            value,
            "The prefix list name cannot start with com.amazonaws",
        ),
    ];
    for (mut input, code, text) in cases {
        input["PrefixListId"] = json!(id);
        let answer = refusal(ask(&cx, &mut tx, "ModifyManagedPrefixList", input.clone()));
        assert_eq!(answer, refused(code, text), "{input}");
    }
    assert_eq!(blocks(&cx, &mut tx, &id, None), ["10.0.0.0/8"]);
}

#[test]
fn routes_and_rules_refer_to_lists() {
    let (cx, mut tx) = start();
    let (cx, id) = one(&cx, &mut tx);
    let table = resource::all::<RouteTable>(&cx, &tx).next().unwrap();
    let gateway = table.routes.iter().find_map(|route| route.gateway_id.clone().filter(|id| id.starts_with("igw-")));
    let route = route_table::route::CreateRoute {
        route_table_id: table.id.clone(),
        destination_prefix_list_id: Some(id.clone()),
        gateway_id: gateway,
        ..Default::default()
    };
    route_table::route::create(&cx, &mut tx, &route).unwrap();
    let shown = route_table::out(&cx, &tx, &resource::get::<RouteTable>(&tx, &cx, &table.id).unwrap());
    let route = shown.routes.iter().find(|route| route.destination_prefix_list_id.as_ref() == Some(&id)).unwrap();
    assert_eq!((route.destination_cidr_block.as_ref(), route.state), (None, "active"));

    let group = resource::all::<SecurityGroup>(&cx, &tx).next().unwrap().id.clone();
    let list = security_group::permission::PrefixList { prefix_list_id: Some(id.clone()), description: None };
    let permission = security_group::permission::IpPermission {
        ip_protocol: Some("tcp".into()),
        from_port: Some(443),
        to_port: Some(443),
        prefix_list_ids: vec![list],
        ..Default::default()
    };
    let allow = security_group::change::AuthorizeIngress {
        group_id: Some(group.clone()),
        ip_permissions: vec![permission],
        ..Default::default()
    };
    let added = security_group::change::authorize_ingress(&cx, &mut tx, &allow).unwrap();
    assert_eq!(added.security_group_rules[0].prefix_list_id, Some(id.clone()));

    let users = ask(&cx, &mut tx, "GetManagedPrefixListAssociations", json!({"PrefixListId": id})).unwrap();
    assert!(users.contains(&table.id) && users.contains(&group), "{users}");
    let kept = refusal(ask(&cx, &mut tx, "DeleteManagedPrefixList", json!({"PrefixListId": id})));
    assert_eq!(kept.0, "DependencyViolation");
}

#[test]
fn aws_has_lists_of_its_own() {
    let (cx, mut tx) = start();
    let by_name = json!({"Filters": [{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3"]}]});
    let found = ask(&cx, &mut tx, "DescribePrefixLists", by_name.clone()).unwrap();
    assert_eq!(element(&found, "prefixListId"), "pl-63a5400a");
    let managed = ask(&cx, &mut tx, "DescribeManagedPrefixLists", by_name).unwrap();
    assert_eq!((element(&managed, "prefixListId"), element(&managed, "ownerId")), ("pl-63a5400a", "AWS"));
    assert_eq!(element(&managed, "prefixListArn"), "arn:aws:ec2:us-east-1:aws:prefix-list/pl-63a5400a");
    assert!(!blocks(&cx, &mut tx, "pl-63a5400a", None).is_empty());
    let change = json!({"PrefixListId": "pl-63a5400a", "PrefixListName": "mine"});
    assert_eq!(refusal(ask(&cx, &mut tx, "ModifyManagedPrefixList", change)).0, "InvalidPrefixListID.NotFound");
    let unknown = json!({"PrefixListIds": ["pl-12345678"]});
    let message = "The prefix list ID 'pl-12345678' does not exist";
    let answer = refusal(ask(&cx, &mut tx, "DescribePrefixLists", unknown));
    assert_eq!(answer, refused("InvalidPrefixListID.NotFound", message));
}
