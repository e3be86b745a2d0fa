//! Resource discoveries: whose addresses an address manager sees, where, and until when.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use service::organization::{Entity, EntityKind, FeatureSet, Organization};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::vpc::create::{CreateVpc, create};
use crate::share::{self, ResourceShare};
use crate::tests::{in_region, later, refusal, start, with_quotas};

fn ipam(cx: &Cx, tx: &mut Tx, regions: &[&str]) -> (String, String, String) {
    let regions: Vec<_> = regions.iter().map(|name| json!({"RegionName": name})).collect();
    let made = ask(cx, tx, "CreateIpam", json!({"OperatingRegions": regions})).unwrap();
    let text = |name: &str| element(&made, name).to_owned();
    (text("ipamId"), text("defaultResourceDiscoveryId"), text("privateDefaultScopeId"))
}

fn vpc(cx: &Cx, tx: &mut Tx, block: &str) -> String {
    crate::network::settle(cx, tx);
    let input = CreateVpc { cidr_block: Some(block.into()), ..Default::default() };
    create(cx, tx, &input).unwrap().vpc.vpc_id
}

#[test]
fn each_address_manager_has_one_of_its_own() {
    let (cx, mut tx) = start();
    let (id, own, _) = ipam(&cx, &mut tx, &["eu-west-1"]);
    let cx = later(&cx, 60);
    let shown = ask(&cx, &mut tx, "DescribeIpamResourceDiscoveries", json!({})).unwrap();
    assert_eq!((element(&shown, "ipamResourceDiscoveryId"), element(&shown, "isDefault")), (own.as_str(), "true"));
    let held = ask(&cx, &mut tx, "DescribeIpamResourceDiscoveryAssociations", json!({})).unwrap();
    assert_eq!((element(&held, "state"), element(&held, "resourceDiscoveryStatus")), ("associate-complete", "active"));
    let association = element(&held, "ipamResourceDiscoveryAssociationId").to_owned();
    let input = json!({"IpamResourceDiscoveryAssociationId": association});
    assert_eq!(refusal(ask(&cx, &mut tx, "DisassociateIpamResourceDiscovery", input)).0, "OperationNotPermitted");
    let input = json!({"IpamResourceDiscoveryId": own});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamResourceDiscovery", input)).0, "OperationNotPermitted");
    let change = json!({"IpamId": id, "RemoveOperatingRegions": [{"RegionName": "eu-west-1"}]});
    ask(&cx, &mut tx, "ModifyIpam", change).unwrap();
    let asked = json!({"IpamResourceDiscoveryId": own, "ResourceRegion": "eu-west-1"});
    assert_eq!(refusal(ask(&cx, &mut tx, "GetIpamDiscoveredResourceCidrs", asked)).0, "InvalidParameterValue");
    ask(&cx, &mut tx, "DeleteIpam", json!({"IpamId": id})).unwrap();
    let gone = ask(&cx, &mut tx, "DescribeIpamResourceDiscoveryAssociations", json!({})).unwrap();
    assert_eq!(element(&gone, "state"), "disassociate-in-progress");
    let gone = ask(&cx, &mut tx, "DescribeIpamResourceDiscoveries", json!({})).unwrap();
    assert_eq!(element(&gone, "state"), "delete-in-progress");
}

#[test]
fn there_are_not_many() {
    let (cx, mut tx) = start();
    let (id, _, _) = ipam(&cx, &mut tx, &[]);
    let new = |cx: &Cx, tx: &mut Tx| {
        let made = ask(cx, tx, "CreateIpamResourceDiscovery", json!({}))?;
        let discovery = element(&made, "ipamResourceDiscoveryId").to_owned();
        ask(cx, tx, "AssociateIpamResourceDiscovery", json!({"IpamId": id, "IpamResourceDiscoveryId": discovery}))
    };
    let limited = with_quotas(&cx);
    assert_eq!(refusal(new(&limited, &mut tx)).1, "The maximum number of resource discoveries has been reached.");
    (0..99).for_each(|_| drop(new(&cx, &mut tx).unwrap()));
    assert_eq!(refusal(new(&cx, &mut tx)).1, "The maximum number of resource discoveries has been reached (100).");
    let other = share::cx_of(&cx, "210987654321".parse().unwrap());
    let theirs = ask(&other, &mut tx, "CreateIpamResourceDiscovery", json!({})).unwrap();
    let discovery = element(&theirs, "ipamResourceDiscoveryId").to_owned();
    let arn = format!("arn:aws:ec2::{}:ipam-resource-discovery/{discovery}", other.account());
    let share = ResourceShare::new(other.account(), "one".into(), vec![arn], vec![cx.account().to_string()]);
    tx.put(share.unwrap());
    let input = json!({"IpamId": id, "IpamResourceDiscoveryId": discovery});
    let refused = refusal(ask(&cx, &mut tx, "AssociateIpamResourceDiscovery", input));
    assert_eq!(refused.0, "ResourceLimitExceeded");
}

#[test]
fn another_account_shares_what_it_discovers() {
    let (cx, mut tx) = start();
    let (id, _, scope) = ipam(&cx, &mut tx, &["eu-west-1"]);
    let other: AccountId = "210987654321".parse().unwrap();
    let theirs = share::cx_of(&cx, other);
    let made = ask(&theirs, &mut tx, "CreateIpamResourceDiscovery", json!({})).unwrap();
    let discovery = element(&made, "ipamResourceDiscoveryId").to_owned();
    let associate = json!({"IpamId": id, "IpamResourceDiscoveryId": discovery});
    let refused = refusal(ask(&cx, &mut tx, "AssociateIpamResourceDiscovery", associate.clone()));
    assert_eq!(refused.0, "InvalidIpamResourceDiscoveryId.NotFound");
    let arn = element(&made, "ipamResourceDiscoveryArn").to_owned();
    assert_eq!(arn, format!("arn:aws:ec2::{other}:ipam-resource-discovery/{discovery}"));
    let with = vec![cx.account().to_string()];
    tx.put(ResourceShare::new(other, "discovery".into(), vec![arn], with).unwrap());
    let associated = ask(&cx, &mut tx, "AssociateIpamResourceDiscovery", associate.clone()).unwrap();
    assert_eq!(element(&associated, "ownerId"), other.as_str());
    assert_eq!(refusal(ask(&cx, &mut tx, "AssociateIpamResourceDiscovery", associate)).0, "InvalidParameterValue");

    let (here, there) =
        (vpc(&theirs, &mut tx, "10.1.0.0/16"), vpc(&in_region(&theirs, "eu-west-1"), &mut tx, "10.2.0.0/16"));
    let cx = later(&cx, 60);
    let seen = ask(&cx, &mut tx, "GetIpamResourceCidrs", json!({"IpamScopeId": scope})).unwrap();
    assert!(seen.contains(&here) && !seen.contains(&there), "the discovery looks into one region");
    let accounts = json!({"IpamResourceDiscoveryId": discovery, "DiscoveryRegion": "us-east-1"});
    let found = ask(&cx, &mut tx, "GetIpamDiscoveredAccounts", accounts).unwrap();
    assert_eq!((element(&found, "accountId"), found.matches("<accountId>").count()), (other.as_str(), 1));
    let keeps = refusal(ask(&cx, &mut tx, "DeleteIpam", json!({"IpamId": id})));
    assert_eq!(keeps.0, "DependencyViolation");

    tx.remove::<ResourceShare>(&[other.as_str(), "discovery"]);
    let held = ask(&cx, &mut tx, "DescribeIpamResourceDiscoveryAssociations", json!({})).unwrap();
    assert_eq!(held.matches("<resourceDiscoveryStatus>not-found<").count(), 1, "{held}");
    let seen = ask(&cx, &mut tx, "GetIpamResourceCidrs", json!({"IpamScopeId": scope})).unwrap();
    assert!(!seen.contains(&here));
    let association = element(&associated, "ipamResourceDiscoveryAssociationId");
    let input = json!({"IpamResourceDiscoveryAssociationId": association});
    ask(&cx, &mut tx, "DisassociateIpamResourceDiscovery", input).unwrap();
    ask(&cx, &mut tx, "DeleteIpam", json!({"IpamId": id})).unwrap();
}

#[test]
fn pools_of_others_keep_what_they_gave() {
    let (cx, mut tx) = start();
    let (id, _, scope) = ipam(&cx, &mut tx, &[]);
    let other: AccountId = "210987654321".parse().unwrap();
    let theirs = share::cx_of(&cx, other);
    crate::network::settle(&theirs, &mut tx);
    let (_, _, pool) = super::pool(&theirs, &mut tx, json!({}));
    let theirs = later(&theirs, 60);
    let wish = CreateVpc { ipv4_ipam_pool_id: Some(pool.clone()), ipv4_netmask_length: Some(20), ..Default::default() };
    let vpc = create(&theirs, &mut tx, &wish).unwrap().vpc.vpc_id;
    let made = ask(&theirs, &mut tx, "CreateIpamResourceDiscovery", json!({})).unwrap();
    let arn = element(&made, "ipamResourceDiscoveryArn").to_owned();
    tx.put(ResourceShare::new(other, "discovery".into(), vec![arn], vec![cx.account().to_string()]).unwrap());
    let cx = later(&cx, 60);
    let associate = json!({"IpamId": id, "IpamResourceDiscoveryId": element(&made, "ipamResourceDiscoveryId")});
    ask(&cx, &mut tx, "AssociateIpamResourceDiscovery", associate).unwrap();

    let ignore = json!({"ResourceId": vpc, "ResourceCidr": "10.0.0.0/20", "ResourceRegion": "us-east-1",
        "CurrentIpamScopeId": scope, "Monitored": false});
    let told = ask(&cx, &mut tx, "ModifyIpamResourceCidr", ignore).unwrap();
    assert_eq!(element(&told, "managementState"), "ignored");
    let held = ask(&theirs, &mut tx, "GetIpamPoolAllocations", json!({"IpamPoolId": pool})).unwrap();
    assert_eq!(element(&held, "resourceId"), vpc, "who only looks takes nothing away");
}

fn organize(tx: &mut Tx, management: AccountId, members: &[(AccountId, &str)]) {
    let entity = |kind, parent: Option<&str>| Entity {
        kind,
        parent: parent.map(str::to_owned),
        name: "x".into(),
        policies: BTreeSet::new(),
        tags: Vec::new(),
    };
    let mut entities = BTreeMap::from([
        ("r-ab12".to_owned(), entity(EntityKind::Root, None)),
        ("ou-ab12-11111111".to_owned(), entity(EntityKind::Unit, Some("r-ab12"))),
        (management.to_string(), entity(EntityKind::Account, Some("r-ab12"))),
    ]);
    entities.extend(members.iter().map(|(id, parent)| (id.to_string(), entity(EntityKind::Account, Some(parent)))));
    tx.put(Organization {
        id: "o-a1b2c3d4e5".into(),
        management_account: management,
        feature_set: FeatureSet::All,
        trusted_services: BTreeSet::new(),
        delegated_administrators: BTreeMap::new(),
        entities,
        policies: BTreeMap::new(),
    });
}

#[test]
fn the_administrator_of_an_organisation_sees_its_accounts() {
    let (cx, mut tx) = start();
    let management: AccountId = "210987654321".parse().unwrap();
    let member: AccountId = "310987654321".parse().unwrap();
    let manager = share::cx_of(&cx, management);
    let name = |account: AccountId| json!({"DelegatedAdminAccountId": account});
    let enable = "EnableIpamOrganizationAdminAccount";
    assert_eq!(refusal(ask(&manager, &mut tx, enable, name(cx.account()))).0, "OperationNotPermitted");
    organize(&mut tx, management, &[(cx.account(), "r-ab12"), (member, "ou-ab12-11111111")]);
    assert_eq!(refusal(ask(&cx, &mut tx, enable, name(cx.account()))).0, "OperationNotPermitted");
    assert_eq!(refusal(ask(&manager, &mut tx, enable, name(management))).0, "InvalidParameterValue");
    let (_, own, _) = ipam(&cx, &mut tx, &[]);
    let asked = json!({"IpamResourceDiscoveryId": own, "DiscoveryRegion": "us-east-1"});
    let count =
        |tx: &mut Tx| ask(&cx, tx, "GetIpamDiscoveredAccounts", asked.clone()).unwrap().matches("<accountId>").count();
    assert_eq!(count(&mut tx), 1);
    ask(&manager, &mut tx, enable, name(cx.account())).unwrap();
    assert_eq!(refusal(ask(&manager, &mut tx, enable, name(member))).0, "InvalidParameterValue");
    assert_eq!(count(&mut tx), 3);
    let exclude = json!({"IpamResourceDiscoveryId": own, "AddOrganizationalUnitExclusions":
        [{"OrganizationsEntityPath": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}]});
    ask(&cx, &mut tx, "ModifyIpamResourceDiscovery", exclude).unwrap();
    assert_eq!(count(&mut tx), 2);
    let over = json!({"IpamResourceDiscoveryId": own, "AddOrganizationalUnitExclusions":
        [{"OrganizationsEntityPath": "o-a1b2c3d4e5/r-ab12/*"}]});
    assert_eq!(refusal(ask(&cx, &mut tx, "ModifyIpamResourceDiscovery", over)).0, "InvalidParameterValue");
    ask(&manager, &mut tx, "DisableIpamOrganizationAdminAccount", name(cx.account())).unwrap();
    assert_eq!(count(&mut tx), 1);
}
