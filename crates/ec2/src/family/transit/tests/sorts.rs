//! Connect attachments with their peers, policy tables, multicast domains.

use serde_json::{Value, json};

use super::{attach, default_table, hub, network};
use crate::family::tests::{ask, element};
use crate::network::interface;
use crate::resource;
use crate::tests::{later, refusal, start};

#[test]
fn connect_peers() {
    let (cx, mut tx) = start();
    let one = network(&cx, &mut tx, 1);
    let gateway = hub(&cx, &mut tx, json!({"TransitGatewayCidrBlocks": ["10.99.0.0/24"], "AmazonSideAsn": 64_520}));
    let cx = later(&cx, 2);
    let transport = attach(&cx, &mut tx, &gateway, &one).unwrap();
    let cx = later(&cx, 2);
    let input = json!({"TransportTransitGatewayAttachmentId": transport, "Options": {"Protocol": "gre"}});
    let made = ask(&cx, &mut tx, "CreateTransitGatewayConnect", input).unwrap();
    assert_eq!((element(&made, "protocol"), element(&made, "transitGatewayId")), ("gre", gateway.as_str()));
    let connect = element(&made, "transitGatewayAttachmentId").to_owned();
    let cx = later(&cx, 2);
    let input = |block: &str| {
        json!({"TransitGatewayAttachmentId": connect, "PeerAddress": "10.1.0.9", "InsideCidrBlocks": [block],
            "BgpOptions": {"PeerAsn": 65_010}})
    };
    let made = ask(&cx, &mut tx, "CreateTransitGatewayConnectPeer", input("169.254.100.0/29")).unwrap();
    assert!(made.contains("<transitGatewayAddress>10.99.0.1<") && made.contains("<peerAsn>65010<"), "{made}");
    assert!(made.contains("<transitGatewayAddress>169.254.100.2<") && made.contains("<peerAddress>169.254.100.1<"));
    let peer = element(&made, "transitGatewayConnectPeerId").to_owned();
    for block in ["169.254.100.0/29", "10.0.0.0/29", "169.254.101.0/30"] {
        let refusal = refusal(ask(&cx, &mut tx, "CreateTransitGatewayConnectPeer", input(block)));
        assert_eq!(refusal.1, format!("Value ({block}) for parameter InsideCidrBlocks is invalid."));
    }
    let held = refusal(ask(
        &cx,
        &mut tx,
        "DeleteTransitGatewayVpcAttachment",
        json!({"TransitGatewayAttachmentId": transport}),
    ));
    assert!(held.1.contains("Connect Attachments"), "{}", held.1);
    let named = json!({"TransitGatewayAttachmentId": connect});
    assert!(refusal(ask(&cx, &mut tx, "DeleteTransitGatewayConnect", named.clone())).1.contains("Connect Peers"));
    ask(&cx, &mut tx, "DeleteTransitGatewayConnectPeer", json!({"TransitGatewayConnectPeerId": peer})).unwrap();
    ask(&cx, &mut tx, "DeleteTransitGatewayConnect", named).unwrap();
    ask(&cx, &mut tx, "DeleteTransitGatewayVpcAttachment", json!({"TransitGatewayAttachmentId": transport})).unwrap();
}

#[test]
fn policy_tables() {
    let (cx, mut tx) = start();
    let one = network(&cx, &mut tx, 1);
    let gateway = hub(&cx, &mut tx, json!({}));
    let cx = later(&cx, 2);
    let attachment = attach(&cx, &mut tx, &gateway, &one).unwrap();
    let route_table = default_table(&cx, &mut tx, &gateway);
    let made = ask(&cx, &mut tx, "CreateTransitGatewayPolicyTable", json!({"TransitGatewayId": gateway})).unwrap();
    let table = element(&made, "transitGatewayPolicyTableId").to_owned();
    let cx = later(&cx, 2);
    let both = json!({"TransitGatewayPolicyTableId": table, "TransitGatewayAttachmentId": attachment});
    let named = json!({"TransitGatewayPolicyTableId": table});
    let made = ask(&cx, &mut tx, "AssociateTransitGatewayPolicyTable", both.clone()).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "resourceId")), ("associating", one.vpc.as_str()));
    let rule = json!({"TransitGatewayPolicyTableId": table, "PolicyRuleNumber": "10",
        "PolicyRule": {"Protocol": "6", "DestinationPortRange": "443"}, "TargetRouteTableId": route_table});
    ask(&cx, &mut tx, "CreateTransitGatewayPolicyTableEntry", rule.clone()).unwrap();
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateTransitGatewayPolicyTableEntry", rule)).0, "InvalidParameterValue");
    let change =
        json!({"TransitGatewayPolicyTableId": table, "PolicyRuleNumber": "10", "PolicyRule": {"Protocol": "17"}});
    ask(&cx, &mut tx, "ModifyTransitGatewayPolicyTableEntry", change).unwrap();
    let shown = ask(&cx, &mut tx, "GetTransitGatewayPolicyTableEntries", named.clone()).unwrap();
    assert_eq!((element(&shown, "protocol"), element(&shown, "targetRouteTableId")), ("17", route_table.as_str()));
    let shown = ask(&later(&cx, 2), &mut tx, "GetTransitGatewayPolicyTableAssociations", named.clone()).unwrap();
    assert_eq!(element(&shown, "state"), "associated");
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteTransitGatewayPolicyTable", named.clone())).0, "IncorrectState");
    ask(&cx, &mut tx, "DisassociateTransitGatewayPolicyTable", both.clone()).unwrap();
    let twice = ask(&cx, &mut tx, "DisassociateTransitGatewayPolicyTable", both);
    assert_eq!(refusal(twice).0, "InvalidTransitGatewayPolicyTableAssociation.NotFound");
    let number = json!({"TransitGatewayPolicyTableId": table, "PolicyRuleNumber": "10"});
    let gone = ask(&cx, &mut tx, "DeleteTransitGatewayPolicyTableEntry", number).unwrap();
    assert_eq!(element(&gone, "state"), "deleted");
    ask(&later(&cx, 2), &mut tx, "DeleteTransitGatewayPolicyTable", named).unwrap();
}

#[test]
fn multicast() {
    let (cx, mut tx) = start();
    let one = network(&cx, &mut tx, 1);
    let (plain, gateway) = (hub(&cx, &mut tx, json!({})), hub(&cx, &mut tx, json!({"MulticastSupport": "enable"})));
    let cx = later(&cx, 2);
    let never = refusal(ask(&cx, &mut tx, "CreateTransitGatewayMulticastDomain", json!({"TransitGatewayId": plain})));
    assert_eq!(never.0, "IncorrectState");
    let attachment = attach(&cx, &mut tx, &gateway, &one).unwrap();
    let input = json!({"TransitGatewayId": gateway, "Options": {"StaticSourcesSupport": "enable"}});
    let made = ask(&cx, &mut tx, "CreateTransitGatewayMulticastDomain", input).unwrap();
    let domain = element(&made, "transitGatewayMulticastDomainId").to_owned();
    let cx = later(&cx, 2);
    let to = |more: Value| {
        let mut input = json!({"TransitGatewayMulticastDomainId": domain});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let subnets = to(json!({"TransitGatewayAttachmentId": attachment, "SubnetIds": [one.subnets[0]]}));
    let made = ask(&cx, &mut tx, "AssociateTransitGatewayMulticastDomain", subnets.clone()).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "subnetId")), ("associating", one.subnets[0].as_str()));
    let interface = resource::all::<interface::NetworkInterface>(&cx, &tx).find(|it| it.subnet_id == one.subnets[0]);
    let interface = interface.unwrap().id.clone();
    let group = to(json!({"GroupIpAddress": "224.0.0.9", "NetworkInterfaceIds": [interface]}));
    ask(&cx, &mut tx, "RegisterTransitGatewayMulticastGroupMembers", group.clone()).unwrap();
    ask(&cx, &mut tx, "RegisterTransitGatewayMulticastGroupSources", group.clone()).unwrap();
    let unicast = to(json!({"GroupIpAddress": "10.0.0.9", "NetworkInterfaceIds": [interface]}));
    let unicast = refusal(ask(&cx, &mut tx, "RegisterTransitGatewayMulticastGroupMembers", unicast));
    assert_eq!(unicast.1, "Value (10.0.0.9) for parameter GroupIpAddress is invalid.");
    let by = |filter: &str| to(json!({"Filters": [{"Name": filter, "Values": ["true"]}]}));
    for (filter, sort) in [("is-group-member", "memberType"), ("is-group-source", "sourceType")] {
        let found = ask(&cx, &mut tx, "SearchTransitGatewayMulticastGroups", by(filter)).unwrap();
        assert_eq!((element(&found, sort), found.matches("<groupIpAddress>").count()), ("static", 1), "{filter}");
    }
    ask(&cx, &mut tx, "DeregisterTransitGatewayMulticastGroupSources", group.clone()).unwrap();
    let twice = ask(&cx, &mut tx, "DeregisterTransitGatewayMulticastGroupSources", group);
    assert_eq!(refusal(twice).0, "TransitGatewayMulticastGroupSource.NotFound");
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteTransitGatewayMulticastDomain", to(json!({})))).0, "IncorrectState");
    ask(&cx, &mut tx, "DisassociateTransitGatewayMulticastDomain", subnets.clone()).unwrap();
    let twice = ask(&cx, &mut tx, "DisassociateTransitGatewayMulticastDomain", subnets);
    assert_eq!(refusal(twice).0, "InvalidTransitGatewayMulticastDomainAssociation.NotFound");
    let found = ask(&cx, &mut tx, "SearchTransitGatewayMulticastGroups", to(json!({}))).unwrap();
    assert!(!found.contains("<groupIpAddress>"));
    ask(&later(&cx, 2), &mut tx, "DeleteTransitGatewayMulticastDomain", to(json!({}))).unwrap();
}
