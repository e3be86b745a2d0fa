//! Analyses that look into other accounts' networks, and what is told of those that they do not look into.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use service::organization::{Entity, EntityKind, FeatureSet, Organization};
use service::prelude::*;

use super::super::component::Components;
use super::walks::{analysis, begin, interface_in, kinds, main_table, network, open, put_route, told};
use crate::family::tests::{ask, element};
use crate::kind;
use crate::network::internet_gateway::InternetGateway;
use crate::share::ResourceShare;
use crate::tests::{later, refusal, start};

const ANALYZER: &str = "reachabilityanalyzer.networkinsights.amazonaws.com";
const OTHER: &str = "210987654321";

/// An organisation of two accounts, the first of which manages it.
fn organize(tx: &mut Tx, accounts: [AccountId; 2], trusted: &[&str], delegated: &[AccountId]) {
    let entity = |account: AccountId| {
        let kind = EntityKind::Account;
        let policies = BTreeSet::new();
        (account.to_string(), Entity { kind, parent: None, name: account.to_string(), policies, tags: Vec::new() })
    };
    tx.put(Organization {
        id: "o-a1b2c3d4e5".to_owned(),
        management_account: accounts[0],
        feature_set: FeatureSet::All,
        trusted_services: trusted.iter().map(|name| (*name).to_owned()).collect(),
        delegated_administrators: BTreeMap::from([(ANALYZER.to_owned(), delegated.iter().copied().collect())]),
        entities: BTreeMap::from(accounts.map(entity)),
        policies: BTreeMap::new(),
    });
}

#[test]
fn through_the_gateway_of_another_account() {
    let (cx, mut tx) = start();
    let caller = service::Caller { account: OTHER.parse().unwrap(), ..(*cx.caller).clone() };
    let other = Cx { caller: caller.into(), ..later(&cx, 0) };
    let tags = json!([{"ResourceType": "transit-gateway", "Tags": [{"Key": "Name", "Value": "hub"}]}]);
    let input = json!({"Options": {"AutoAcceptSharedAttachments": "enable"}, "TagSpecifications": tags});
    let hub = ask(&other, &mut tx, "CreateTransitGateway", input).unwrap();
    let hub = element(&hub, "transitGatewayId").to_owned();
    let arns = vec![kind::TRANSIT_GATEWAY.arn(&other, &hub)];
    let share = ResourceShare::new(other.account(), "hub".to_owned(), arns, vec![cx.account().to_string()]);
    tx.put(share.unwrap());
    let cx = later(&cx, 300);
    let ((one, one_subnet), (two, two_subnet)) = (network(&cx, &mut tx, 51), network(&cx, &mut tx, 52));
    let (here, there) = (interface_in(&cx, &mut tx, &one_subnet), interface_in(&cx, &mut tx, &two_subnet));
    open(&cx, &mut tx, &there, "tcp", 22);
    for (vpc, subnet) in [(&one, &one_subnet), (&two, &two_subnet)] {
        let input = json!({"TransitGatewayId": hub, "VpcId": vpc, "SubnetIds": [subnet]});
        ask(&cx.apart(), &mut tx, "CreateTransitGatewayVpcAttachment", input).unwrap();
    }
    let cx = later(&cx, 300);
    for (vpc, block) in [(&one, "10.52.0.0/16"), (&two, "10.51.0.0/16")] {
        let table = main_table(&cx, &tx, vpc);
        put_route(&cx, &mut tx, &table, block, &hub);
    }
    let path = || json!({"Source": here, "Destination": there, "DestinationPort": 22});
    assert_eq!(analysis(&later(&cx, 1), &mut tx, path()).2, ["NO_POSSIBLE_DESTINATION"]);
    let name = |accounts: &[AccountId]| {
        let part = Components { cx: &cx, world: &tx, accounts }.part("transit-gateway", &hub, other.account());
        Document::from(part).text("Name").map(str::to_owned)
    };
    assert_eq!(name(&[cx.account()]), None);
    assert_eq!(name(&[cx.account(), other.account()]).as_deref(), Some("hub"));

    let (own, foreign) = (cx.account(), other.account());
    let more = || json!({"AdditionalAccounts": [OTHER]});
    for (accounts, trusted) in [([own, foreign], [].as_slice()), ([foreign, own], [ANALYZER].as_slice())] {
        organize(&mut tx, accounts, trusted, &[]);
        let (code, text) = refusal(begin(&later(&cx, 1), &mut tx, path(), more()));
        assert_eq!(code, "InvalidParameterValue");
        assert!(text.contains("delegated administrator"), "{text}");
    }
    for (accounts, delegated) in [([own, foreign], [].as_slice()), ([foreign, own], [own].as_slice())] {
        organize(&mut tx, accounts, &[ANALYZER], delegated);
        let cx = later(&cx, 2);
        let begun = begin(&cx, &mut tx, path(), more()).unwrap();
        let (forward, back, codes) = told(&cx, &mut tx, &begun);
        assert_eq!(codes, Vec::<String>::new());
        let way = ["eni", "sg", "acl", "rtb", "tgw", "tgw", "tgw", "sg", "eni"];
        assert_eq!((kinds(&forward), kinds(&back)), (way.to_vec(), way.to_vec()));
    }
}

#[test]
fn sharing_is_enabled_by_the_management_account() {
    let (cx, mut tx) = start();
    let other: AccountId = OTHER.parse().unwrap();
    let enable = "EnableReachabilityAnalyzerOrganizationSharing";
    let text = "Organization sharing can be enabled only by the management account of an organization.";
    let refused = ("OperationNotPermitted".to_owned(), text.to_owned());
    assert_eq!(refusal(ask(&cx, &mut tx, enable, json!({}))), refused);
    organize(&mut tx, [other, cx.account()], &[], &[]);
    assert_eq!(refusal(ask(&cx, &mut tx, enable, json!({}))), refused);
    organize(&mut tx, [cx.account(), other], &[], &[]);
    let gateway = crate::resource::all::<InternetGateway>(&cx, &tx).next().unwrap().id.clone();
    let path = |cx: &Cx, tx: &mut Tx| {
        let ends = json!({"Source": gateway, "DestinationIp": "172.31.0.9"});
        begin(&cx.apart(), tx, ends, json!({"AdditionalAccounts": [OTHER]}))
    };
    assert_eq!(refusal(path(&cx, &mut tx)).0, "InvalidParameterValue");
    let answer = ask(&cx, &mut tx, enable, json!({})).unwrap();
    assert_eq!(element(&answer, "returnValue"), "true");
    assert!(path(&cx, &mut tx).is_ok());
}
