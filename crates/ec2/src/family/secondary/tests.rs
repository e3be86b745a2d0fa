//! A secondary network's life with its subnets.

use serde_json::json;
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::tests::{later, refusal, refused, start, with_quotas};

#[test]
fn a_network_and_its_subnets() {
    let (cx, mut tx) = start();
    let input = json!({"Ipv4CidrBlock": "172.31.0.5/16", "NetworkType": "rdma", "ClientToken": "one"});
    let made = ask(&cx, &mut tx, "CreateSecondaryNetwork", input.clone()).unwrap();
    let network = element(&made, "secondaryNetworkId").to_owned();
    assert_eq!((element(&made, "type"), element(&made, "cidrBlock")), ("rdma", "172.31.0.0/16"));
    assert!(made.contains("<state>create-in-progress</state>") && made.contains("<state>associating</state>"));
    assert!(element(&made, "associationId").starts_with("sn-cidr-assoc-"));
    let again = ask(&cx, &mut tx, "CreateSecondaryNetwork", input).unwrap();
    assert_eq!((element(&again, "secondaryNetworkId"), element(&again, "clientToken")), (network.as_str(), "one"));
    let subnet =
        |block: &str| json!({"SecondaryNetworkId": network, "Ipv4CidrBlock": block, "AvailabilityZoneId": "use1-az1"});
    let early = refusal(ask(&cx, &mut tx, "CreateSecondarySubnet", subnet("172.31.24.0/24")));
    let message = format!("The secondary network '{network}' is not in a modifiable state.");
    assert_eq!(early, refused("InvalidState", &message));
    let cx = later(&cx, 30);
    for (block, code) in [
        ("172.32.0.0/24", "InvalidSubnet.Range"),
        ("172.31.0.0/29", "InvalidParameterValue"),
        ("172.31.0.0/33", "InvalidParameterValue"),
    ] {
        assert_eq!(refusal(ask(&cx, &mut tx, "CreateSecondarySubnet", subnet(block))).0, code, "{block}");
    }
    let made = ask(&cx, &mut tx, "CreateSecondarySubnet", subnet("172.31.24.0/24")).unwrap();
    let id = element(&made, "secondarySubnetId").to_owned();
    let zone = cx.region.zone_by_id("use1-az1").unwrap();
    assert_eq!(
        (element(&made, "availabilityZone"), element(&made, "secondaryNetworkType")),
        (zone.name.as_str(), "rdma")
    );
    let overlapping = refusal(ask(&cx, &mut tx, "CreateSecondarySubnet", subnet("172.31.16.0/20")));
    assert_eq!(
        overlapping,
        refused("InvalidSubnet.Conflict", "The CIDR '172.31.16.0/20' conflicts with another subnet")
    );
    let named = json!({"SecondaryNetworkId": network});
    let message = format!("The secondary-network '{network}' has dependencies and cannot be deleted.");
    assert_eq!(
        refusal(ask(&cx, &mut tx, "DeleteSecondaryNetwork", named.clone())),
        refused("DependencyViolation", &message)
    );
    let cx = later(&cx, 30);
    let deletion = json!({"SecondarySubnetId": id, "ClientToken": "gone"});
    let gone = ask(&cx, &mut tx, "DeleteSecondarySubnet", deletion.clone()).unwrap();
    assert!(gone.contains("<state>delete-in-progress</state>") && gone.contains("<state>disassociating</state>"));
    ask(&cx, &mut tx, "DeleteSecondarySubnet", deletion).unwrap();
    let twice = refusal(ask(&cx, &mut tx, "DeleteSecondarySubnet", json!({"SecondarySubnetId": id})));
    assert_eq!(twice.0, "InvalidState");
    ask(&cx, &mut tx, "DeleteSecondaryNetwork", named.clone()).unwrap();
    let cx = later(&cx, 30);
    let shown = ask(&cx, &mut tx, "DescribeSecondarySubnets", json!({})).unwrap();
    assert!(shown.contains("<state>delete-complete</state>") && shown.contains("<state>disassociated</state>"));
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteSecondaryNetwork", named)).0, "InvalidSecondaryNetworkId.NotFound");
}

#[test]
fn no_interface_is_in_one() {
    let (cx, mut tx) = start();
    let mut ask = |input| ask(&cx, &mut tx, "DescribeSecondaryInterfaces", input);
    for filter in service::facts::ec2_filters("DescribeSecondaryInterfaces").unwrap() {
        let filter = filter.replace("<key>", "Name");
        let found = ask(json!({"Filters": [{"Name": filter, "Values": ["*"]}]})).unwrap();
        assert!(found.contains("<secondaryInterfaceSet/>"), "{filter}");
    }
    let message = "The secondaryInterface ID 'si-0123456789abcdef0' does not exist";
    let nowhere = refusal(ask(json!({"SecondaryInterfaceIds": ["si-0123456789abcdef0"]})));
    assert_eq!(nowhere, refused("InvalidSecondaryInterfaceId.NotFound", message));
}

#[test]
fn there_are_five_in_a_region() {
    let (cx, mut tx) = start();
    let cx = with_quotas(&cx);
    let make = |tx: &mut Tx, number: u8| {
        let block = format!("10.{number}.0.0/16");
        ask(&cx, tx, "CreateSecondaryNetwork", json!({"Ipv4CidrBlock": block, "NetworkType": "rdma"}))
    };
    (0..5).for_each(|number| drop(make(&mut tx, number).unwrap()));
    assert_eq!(refusal(make(&mut tx, 5)).0, "SecondaryNetworkLimitExceeded");
}
