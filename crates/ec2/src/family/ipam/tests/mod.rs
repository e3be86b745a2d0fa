//! Pools give out what was provisioned to them, to VPCs too, and take it back.

mod discoveries;
mod history;
mod public;
mod resolvers;
mod rpki;

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::vpc::create::{CreateVpc, DeleteVpc, create, delete};
use crate::share::{self, ResourceShare};
use crate::tests::{later, refusal, start};

/// A pool for 10.0.0.0/16 in the private scope of a new address manager.
fn pool(cx: &Cx, tx: &mut Tx, more: Value) -> (String, String, String) {
    let ipam = ask(cx, tx, "CreateIpam", json!({})).unwrap();
    let scope = element(&ipam, "privateDefaultScopeId").to_owned();
    let mut input = Document::from(json!({"IpamScopeId": scope, "AddressFamily": "ipv4", "Locale": "us-east-1"}));
    input.merge(&Document::from(more));
    let made = ask(cx, tx, "CreateIpamPool", Value::Object(input.0)).unwrap();
    let id = element(&made, "ipamPoolId").to_owned();
    ask(cx, tx, "ProvisionIpamPoolCidr", json!({"IpamPoolId": id, "Cidr": "10.0.0.0/16"})).unwrap();
    (element(&ipam, "ipamId").to_owned(), scope, id)
}

#[test]
fn allocations_by_hand() {
    let (cx, mut tx) = start();
    let (_, _, id) =
        pool(&cx, &mut tx, json!({"AllocationMinNetmaskLength": 20, "AllocationDefaultNetmaskLength": 24}));
    let allocate = |tx: &mut Tx, cx: &Cx, more: Value| {
        let mut input = Document::from(json!({"IpamPoolId": id}));
        input.merge(&Document::from(more));
        ask(cx, tx, "AllocateIpamPoolCidr", Value::Object(input.0))
    };
    assert_eq!(refusal(allocate(&mut tx, &cx, json!({}))).0, "InsufficientCidrBlocks", "it is not provisioned yet");
    let cx = later(&cx, 60);
    for (more, cidr) in [
        (json!({}), "10.0.0.0/24"),
        (json!({"NetmaskLength": 20}), "10.0.16.0/20"),
        (json!({"Cidr": "10.0.8.0/24"}), "10.0.8.0/24"),
        (json!({"NetmaskLength": 22, "AllowedCidrs": ["10.0.128.0/17"]}), "10.0.128.0/22"),
        (json!({"NetmaskLength": 24, "DisallowedCidrs": ["10.0.0.0/22"]}), "10.0.4.0/24"),
    ] {
        assert_eq!(element(&allocate(&mut tx, &cx, more.clone()).unwrap(), "cidr"), cidr, "{more}");
    }
    let preview = allocate(&mut tx, &cx, json!({"PreviewNextCidr": true})).unwrap();
    assert!(element(&preview, "cidr") == "10.0.1.0/24" && !preview.contains("ipamPoolAllocationId"));
    assert_eq!(refusal(allocate(&mut tx, &cx, json!({"NetmaskLength": 19}))).0, "InvalidParameterValue");
    assert_eq!(refusal(allocate(&mut tx, &cx, json!({"Cidr": "10.0.8.0/25"}))).0, "InsufficientCidrBlocks");
    assert_eq!(refusal(allocate(&mut tx, &cx, json!({"Cidr": "10.1.0.0/24"}))).0, "InsufficientCidrBlocks");
    let deprovision = json!({"IpamPoolId": id, "Cidr": "10.0.0.0/16"});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeprovisionIpamPoolCidr", deprovision.clone())).0, "IncorrectState");
    loop {
        let shown = ask(&cx, &mut tx, "GetIpamPoolAllocations", json!({"IpamPoolId": id})).unwrap();
        if !shown.contains("ipamPoolAllocationId") {
            break;
        }
        let (name, cidr) = (element(&shown, "ipamPoolAllocationId"), element(&shown, "cidr"));
        let input = json!({"IpamPoolId": id, "IpamPoolAllocationId": name, "Cidr": cidr});
        ask(&cx, &mut tx, "ReleaseIpamPoolAllocation", input).unwrap();
    }
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamPool", json!({"IpamPoolId": id}))).0, "DependencyViolation");
    ask(&cx, &mut tx, "DeprovisionIpamPoolCidr", deprovision).unwrap();
    let cx = later(&cx, 60);
    let cidrs = ask(&cx, &mut tx, "GetIpamPoolCidrs", json!({"IpamPoolId": id})).unwrap();
    assert_eq!(element(&cidrs, "state"), "deprovisioned");
    ask(&cx, &mut tx, "DeleteIpamPool", json!({"IpamPoolId": id})).unwrap();
}

#[test]
fn a_vpc_takes_its_block_and_gives_it_back() {
    let (cx, mut tx) = start();
    let (ipam, _, id) = pool(&cx, &mut tx, json!({}));
    let cx = later(&cx, 60);
    let wish =
        |length| CreateVpc { ipv4_ipam_pool_id: Some(id.clone()), ipv4_netmask_length: length, ..Default::default() };
    let vpc = create(&cx, &mut tx, &wish(Some(20))).unwrap().vpc;
    assert_eq!(vpc.cidr_block, "10.0.0.0/20");
    let shown = ask(&cx, &mut tx, "GetIpamPoolAllocations", json!({"IpamPoolId": id})).unwrap();
    assert_eq!((element(&shown, "resourceId"), element(&shown, "resourceType")), (vpc.vpc_id.as_str(), "vpc"));
    let second = create(&cx, &mut tx, &wish(Some(20))).unwrap().vpc;
    assert_eq!(second.cidr_block, "10.0.16.0/20");
    let cascade = json!({"IpamPoolId": id, "Cascade": true});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamPool", cascade)).0, "DependencyViolation");
    delete(&cx, &mut tx, &DeleteVpc { vpc_id: second.vpc_id.clone(), ..Default::default() }).unwrap();
    let shown = ask(&cx, &mut tx, "GetIpamPoolAllocations", json!({"IpamPoolId": id})).unwrap();
    assert!(shown.contains(&vpc.vpc_id) && !shown.contains(&second.vpc_id), "{shown}");
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpam", json!({"IpamId": ipam}))).0, "DependencyViolation");
    // "Deallocates any CIDRs allocated to VPC resources"
    ask(&cx, &mut tx, "DeleteIpam", json!({"IpamId": ipam, "Cascade": true})).unwrap();
    delete(&cx, &mut tx, &DeleteVpc { vpc_id: vpc.vpc_id, ..Default::default() }).unwrap();
    assert_eq!(refusal(create(&cx, &mut tx, &wish(Some(20)))).0, "InvalidIpamPoolId.NotFound");
}

#[test]
fn tags_of_allocations_are_seen_by_whose_they_are() {
    let (cx, mut tx) = start();
    let (_, _, id) = pool(&cx, &mut tx, json!({}));
    let cx = later(&cx, 60);
    let other: AccountId = "210987654321".parse().unwrap();
    let theirs = share::cx_of(&cx, other);
    let arn = format!("arn:aws:ec2::{}:ipam-pool/{id}", cx.account());
    tx.put(ResourceShare::new(cx.account(), "pool".into(), vec![arn], vec![other.to_string()]).unwrap());
    for (cx, team) in [(&cx, "owners"), (&theirs, "guests")] {
        let tags = json!([{"ResourceType": "ipam-pool-allocation", "Tags": [{"Key": "team", "Value": team}]}]);
        let input = json!({"IpamPoolId": id, "NetmaskLength": 24, "TagSpecifications": tags});
        ask(cx, &mut tx, "AllocateIpamPoolCidr", input).unwrap();
    }
    let input = json!({"IpamPoolId": id});
    let all = ask(&cx, &mut tx, "GetIpamPoolAllocations", input.clone()).unwrap();
    assert!(all.contains("owners") && all.contains("guests"));
    let all = ask(&theirs, &mut tx, "GetIpamPoolAllocations", input).unwrap();
    assert!(!all.contains("owners") && all.contains("guests") && all.contains("10.0.0.0/24"));
    let tagged = json!({"IpamPoolId": id, "Filters": [{"Name": "tag:team", "Values": ["owners"]}]});
    let none = ask(&theirs, &mut tx, "GetIpamPoolAllocations", tagged).unwrap();
    assert!(!none.contains("10.0.0.0/24"));
}

#[test]
fn a_token_provisions_once() {
    let (cx, mut tx) = start();
    let (_, _, id) = pool(&cx, &mut tx, json!({}));
    let ask_for = |block: &str| json!({"IpamPoolId": id, "Cidr": block, "ClientToken": "one"});
    let ids: Vec<String> = (0..2)
        .map(|_| ask(&cx, &mut tx, "ProvisionIpamPoolCidr", ask_for("10.7.0.0/16")).unwrap())
        .map(|made| element(&made, "ipamPoolCidrId").to_owned())
        .collect();
    assert_eq!(ids[0], ids[1]);
    let other = refusal(ask(&cx, &mut tx, "ProvisionIpamPoolCidr", ask_for("10.8.0.0/16")));
    assert_eq!(other.0, "IdempotentParameterMismatch");
}

#[test]
fn a_pool_within_a_pool() {
    let (cx, mut tx) = start();
    let (_, scope, top) = pool(&cx, &mut tx, json!({}));
    let cx = later(&cx, 60);
    let wish = json!({"IpamScopeId": scope, "AddressFamily": "ipv4", "Locale": "us-east-1", "SourceIpamPoolId": top});
    let made = ask(&cx, &mut tx, "CreateIpamPool", wish).unwrap();
    let inner = element(&made, "ipamPoolId").to_owned();
    assert_eq!(element(&made, "poolDepth"), "2");
    ask(&cx, &mut tx, "ProvisionIpamPoolCidr", json!({"IpamPoolId": inner, "NetmaskLength": 20})).unwrap();
    let shown = ask(&cx, &mut tx, "GetIpamPoolAllocations", json!({"IpamPoolId": top})).unwrap();
    assert_eq!((element(&shown, "resourceId"), element(&shown, "cidr")), (inner.as_str(), "10.0.0.0/20"));
    let failing =
        ask(&cx, &mut tx, "ProvisionIpamPoolCidr", json!({"IpamPoolId": inner, "Cidr": "10.9.0.0/24"})).unwrap();
    assert_eq!(element(&failing, "state"), "pending-provision");
    let other = json!({"IpamScopeId": scope, "AddressFamily": "ipv4"});
    let other = element(&ask(&cx, &mut tx, "CreateIpamPool", other).unwrap(), "ipamPoolId").to_owned();
    ask(&cx, &mut tx, "ProvisionIpamPoolCidr", json!({"IpamPoolId": other, "Cidr": "10.0.128.0/17"})).unwrap();
    let cx = later(&cx, 60);
    for (id, count) in [(&inner, 1), (&other, 1)] {
        let cidrs = ask(&cx, &mut tx, "GetIpamPoolCidrs", json!({"IpamPoolId": id})).unwrap();
        assert_eq!(cidrs.matches("<state>failed-provision<").count(), count, "{cidrs}");
        assert!(cidrs.contains("cidr-not-available"));
    }
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamPool", json!({"IpamPoolId": top}))).0, "DependencyViolation");
    ask(&cx, &mut tx, "DeleteIpamPool", json!({"IpamPoolId": top, "Cascade": true})).unwrap();
    let gone = json!({"IpamPoolIds": [inner]});
    let state = ask(&cx, &mut tx, "DescribeIpamPools", gone);
    assert!(state.is_err() || element(&state.unwrap(), "state") == "delete-in-progress");
}
