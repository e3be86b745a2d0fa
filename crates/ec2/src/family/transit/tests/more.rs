//! NAT of attachments, Client VPN attachments, and route tables that are announced to a peer.

use serde_json::{Value, json};
use service::prelude::*;

use super::sharing::{SPOKE, share, spoke};
use super::{attach, default_table, hub, network, row, search, start_attached};
use crate::family::tests::{ask, element};
use crate::kind;
use crate::tests::{in_region, later, refusal, refused, start};

#[test]
fn nat_of_an_attachment() {
    let (cx, mut tx, one, gateway, attachment) = start_attached();
    let table = default_table(&cx, &mut tx, &gateway);
    let to = |more: Value| {
        let mut input = json!({"TransitGatewayAttachmentId": attachment});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let (get, modify) =
        ("GetTransitGatewayAttachmentNatConfiguration", "ModifyTransitGatewayAttachmentNatConfiguration");
    let shown = ask(&cx, &mut tx, get, to(json!({}))).unwrap();
    assert_eq!(
        (element(&shown, "natGatewaySupport"), element(&shown, "natSystemRouteSupport")),
        ("disabled", "enable")
    );
    let rule =
        |number: i64, source: &str, nat: &str| json!({"RuleNumber": number, "MatchSourceCidr": source, "NatCidr": nat});
    let lacking = refusal(ask(&cx, &mut tx, modify, to(json!({"NatGatewaySupport": "enable"}))));
    let message = format!("{attachment} has no NAT gateway rules, which NAT gateway support needs.");
    assert_eq!(lacking, refused("IncorrectState", &message));
    for (rules, parameter, value) in [
        (json!([rule(0, "10.1.0.0/24", "100.64.0.0/24")]), "RuleNumber", "0"),
        (json!([rule(1, "10.1.0.0/24", "100.64.0.0/25")]), "NatCidr", "100.64.0.0/25"),
        (json!([rule(1, "10.1.0.0/24", "8.8.8.0/24")]), "NatCidr", "8.8.8.0/24"),
        (json!([rule(1, "169.254.7.0/24", "100.64.0.0/24")]), "MatchSourceCidr", "169.254.7.0/24"),
        (
            json!([rule(1, "10.1.0.0/24", "100.64.0.0/24"), rule(2, "10.1.0.0/24", "100.64.1.0/24")]),
            "MatchSourceCidr",
            "10.1.0.0/24",
        ),
    ] {
        let message = format!("Value ({value}) for parameter {parameter} is invalid.");
        let wrong = refusal(ask(&cx, &mut tx, modify, to(json!({"NatGatewayRules": rules}))));
        assert_eq!(wrong, refused("InvalidParameterValue", &message));
    }
    let fixed = refusal(ask(&cx, &mut tx, modify, to(json!({"NatSystemRouteSupport": "disable"}))));
    assert_eq!(fixed.0, "UnsupportedOperation");
    let rules = json!([rule(10, "10.1.0.0/24", "100.64.0.0/24")]);
    let changed = to(json!({"NatGatewaySupport": "enable", "NatGatewayRules": rules}));
    let made = ask(&cx, &mut tx, modify, changed.clone()).unwrap();
    assert_eq!((element(&made, "natGatewaySupport"), element(&made, "state")), ("enabling", "pending"));
    let message = format!("NAT gateway support of {attachment} is enabling.");
    assert_eq!(refusal(ask(&cx, &mut tx, modify, changed)), refused("IncorrectState", &message));
    let cx = later(&cx, 300);
    let shown = ask(&cx, &mut tx, get, to(json!({}))).unwrap();
    assert_eq!((element(&shown, "natGatewaySupport"), element(&shown, "state")), ("enabled", "activated"));
    let routes = search(&cx, &mut tx, &table, "type", "propagated");
    assert_eq!(routes, [row("10.1.0.0/16", "propagated", "active"), row("100.64.0.0/24", "propagated", "active")]);
    // A change of the VPC's side touches nothing of the gateway's.
    let subnets = json!({"TransitGatewayAttachmentId": attachment, "RemoveSubnetIds": [one.subnets[1]]});
    ask(&cx, &mut tx, "ModifyTransitGatewayVpcAttachment", subnets).unwrap();
    let cx = later(&cx, 300);
    let off = to(json!({"NatGatewaySupport": "disable", "ResetNatGatewayRules": true}));
    let made = ask(&cx, &mut tx, modify, off).unwrap();
    assert_eq!((element(&made, "natGatewaySupport"), element(&made, "state")), ("disabling", "deleting"));
    let cx = later(&cx, 300);
    let shown = ask(&cx, &mut tx, get, to(json!({}))).unwrap();
    assert!(element(&shown, "natGatewaySupport") == "disabled" && !shown.contains("<ruleNumber>"), "{shown}");
    // Rules that were replaced at the same instant leave no more than one set behind.
    for number in 1..=3 {
        let rules = json!([rule(number, "10.1.0.0/24", "100.64.0.0/24")]);
        ask(&cx, &mut tx, modify, to(json!({"NatGatewayRules": rules}))).unwrap();
    }
    let shown = ask(&cx, &mut tx, get, to(json!({}))).unwrap();
    let numbers: Vec<&str> = shown.split("<ruleNumber>").skip(1).map(|it| it.split('<').next().unwrap()).collect();
    assert_eq!(numbers, ["2", "3"], "{shown}");
    assert_eq!(search(&cx, &mut tx, &table, "type", "propagated"), [row("10.1.0.0/16", "propagated", "active")]);
}

fn endpoint(cx: &Cx, tx: &mut Tx, more: Value) -> Result<String, ApiError> {
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0c2e8f0b-0000-4000-8000-000000000000";
    let mut input = json!({"ClientCidrBlock": "10.200.0.0/22", "ServerCertificateArn": certificate,
        "AuthenticationOptions": [{"Type": "certificate-authentication",
            "MutualAuthentication": {"ClientRootCertificateChainArn": certificate}}],
        "ConnectionLogOptions": {"Enabled": false}});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Ok(element(&ask(cx, tx, "CreateClientVpnEndpoint", input)?, "clientVpnEndpointId").to_owned())
}

fn status(cx: &Cx, tx: &mut Tx, id: &str) -> (String, String) {
    let shown = ask(cx, tx, "DescribeClientVpnEndpoints", json!({"ClientVpnEndpointIds": [id]})).unwrap();
    let (_, rest) = shown.split_once("<status>").unwrap();
    (element(rest, "code").to_owned(), element(&shown, "transitGatewayAttachmentId").to_owned())
}

#[test]
fn client_vpn_on_a_gateway() {
    let (cx, mut tx) = start();
    let bare = hub(&cx, &mut tx, json!({}));
    let gateway = hub(&cx, &mut tx, json!({"TransitGatewayCidrBlocks": ["10.99.0.0/24"]}));
    let cx = later(&cx, 300);
    let on = |gateway: &str| json!({"TransitGatewayConfiguration": {"TransitGatewayId": gateway, "AvailabilityZones": ["us-east-1a"]}});
    let message = format!("{bare} has no Transit Gateway CIDR blocks.");
    assert_eq!(refusal(endpoint(&cx, &mut tx, on(&bare))), refused("IncorrectState", &message));
    let mut both = on(&gateway);
    both["VpcId"] = json!("vpc-0123456789abcdef0");
    assert_eq!(refusal(endpoint(&cx, &mut tx, both)).0, "InvalidParameterCombination");
    let id = endpoint(&cx, &mut tx, on(&gateway)).unwrap();
    assert_eq!(status(&cx, &mut tx, &id).0, "pending-associate");
    let cx = later(&cx, 600);
    let (state, attachment) = status(&cx, &mut tx, &id);
    assert_eq!(state, "available");
    let table = default_table(&cx, &mut tx, &gateway);
    assert_eq!(search(&cx, &mut tx, &table, "type", "propagated"), [row("10.200.0.0/22", "propagated", "active")]);

    let named = |more: Value| {
        let mut input = json!({"ClientVpnEndpointId": id});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let associate = "AssociateClientVpnTargetNetwork";
    let second = ask(&cx, &mut tx, associate, named(json!({"AvailabilityZone": "us-east-1b"}))).unwrap();
    let association = element(&second, "associationId").to_owned();
    let twice = refusal(ask(&cx, &mut tx, associate, named(json!({"AvailabilityZone": "us-east-1b"}))));
    assert_eq!(twice.0, "InvalidClientVpnDuplicateAssociation");
    let subnet = refusal(ask(&cx, &mut tx, associate, named(json!({"SubnetId": "subnet-0123456789abcdef0"}))));
    assert_eq!(subnet.0, "InvalidParameterCombination");
    let targets = ask(&cx, &mut tx, "DescribeClientVpnTargetNetworks", named(json!({}))).unwrap();
    assert!(
        targets.contains("us-east-1a") && targets.contains("us-east-1b") && !targets.contains("vpcId"),
        "{targets}"
    );
    ask(&cx, &mut tx, "CreateClientVpnRoute", named(json!({"DestinationCidrBlock": "10.0.0.0/8"}))).unwrap();
    let routes = ask(&cx, &mut tx, "DescribeClientVpnRoutes", named(json!({}))).unwrap();
    assert_eq!(element(&routes, "transitGatewayAttachmentId"), attachment);
    assert!(!routes.contains("targetSubnet"), "{routes}");
    ask(&cx, &mut tx, "DeleteClientVpnRoute", named(json!({"DestinationCidrBlock": "10.0.0.0/8"}))).unwrap();
    let held = refusal(ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": gateway})));
    let message = format!("{gateway} has non-deleted Client VPN Attachments: {attachment}.");
    assert_eq!(held, refused("IncorrectState", &message));
    let delete = |tx: &mut Tx, association: &str| {
        let input = named(json!({"AssociationId": association}));
        ask(&cx, tx, "DisassociateClientVpnTargetNetwork", input).unwrap();
    };
    delete(&mut tx, &association);
    let (_, first) = targets.split_once("<associationId>").unwrap();
    let all: Vec<&str> = targets.split("<associationId>").skip(1).map(|it| it.split('<').next().unwrap()).collect();
    let other = all.into_iter().find(|it| *it != association).unwrap_or(first);
    delete(&mut tx, other);
    let cx = later(&cx, 600);
    ask(&cx, &mut tx, "DeleteClientVpnEndpoint", named(json!({}))).unwrap();
    let cx = later(&cx, 600);
    ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": gateway})).unwrap();
}

#[test]
fn client_vpn_on_the_gateway_of_another() {
    let (cx, mut tx) = start();
    let other = spoke(&cx);
    let gateway = hub(&cx, &mut tx, json!({"TransitGatewayCidrBlocks": ["10.99.0.0/24"]}));
    share(&mut tx, "hub", vec![kind::TRANSIT_GATEWAY.arn(&cx, &gateway)]);
    let (cx, other) = (later(&cx, 300), later(&other, 300));
    let on = json!({"TransitGatewayConfiguration": {"TransitGatewayId": gateway, "AvailabilityZoneIds": ["use1-az1"]}});
    let id = endpoint(&other, &mut tx, on.clone()).unwrap();
    let (state, attachment) = status(&other, &mut tx, &id);
    assert_eq!(state, "pending");
    let named = json!({"TransitGatewayAttachmentId": attachment});
    let accept = "AcceptTransitGatewayClientVpnAttachment";
    let foreign = refusal(ask(&other, &mut tx, accept, named.clone()));
    assert_eq!(foreign, refused("IncorrectState", &format!("{attachment} is in invalid state")));
    let made = ask(&cx, &mut tx, accept, named.clone()).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "clientVpnOwnerId")), ("pending", SPOKE));
    let (cx, other) = (later(&cx, 600), later(&other, 600));
    assert_eq!(status(&other, &mut tx, &id).0, "available");
    let table = default_table(&cx, &mut tx, &gateway);
    assert_eq!(search(&cx, &mut tx, &table, "type", "propagated"), [row("10.200.0.0/22", "propagated", "active")]);
    let gone = ask(&cx, &mut tx, "DeleteTransitGatewayClientVpnAttachment", named).unwrap();
    assert_eq!(element(&gone, "state"), "deleting");
    let (cx, other) = (later(&cx, 600), later(&other, 600));
    assert_eq!(status(&other, &mut tx, &id).0, "pending-associate");
    assert!(search(&cx, &mut tx, &table, "type", "propagated").is_empty());

    let id = endpoint(&other, &mut tx, on).unwrap();
    let named = json!({"TransitGatewayAttachmentId": status(&other, &mut tx, &id).1});
    let made = ask(&cx, &mut tx, "RejectTransitGatewayClientVpnAttachment", named.clone()).unwrap();
    assert_eq!(element(&made, "state"), "rejected");
    let again = refusal(ask(&cx, &mut tx, accept, named));
    assert_eq!(again.0, "InvalidTransitGatewayAttachmentID.NotFound");
}

#[test]
fn a_table_is_announced_to_a_peer() {
    let (cx, mut tx) = start();
    let there = in_region(&later(&cx, 0), "eu-west-1");
    crate::network::settle(&there, &mut tx);
    let (ours, theirs) = (hub(&cx, &mut tx, json!({})), hub(&there, &mut tx, json!({})));
    let (cx, there) = (later(&cx, 300), later(&there, 300));
    let one = network(&cx, &mut tx, 1);
    attach(&cx, &mut tx, &ours, &one).unwrap();
    let peer = |cx: &Cx, tx: &mut Tx, options: Value| {
        let input = json!({"TransitGatewayId": ours, "PeerTransitGatewayId": theirs, "PeerRegion": "eu-west-1",
            "PeerAccountId": cx.account().to_string(), "Options": options});
        let made = ask(cx, tx, "CreateTransitGatewayPeeringAttachment", input).unwrap();
        let id = element(&made, "transitGatewayAttachmentId").to_owned();
        let named = json!({"TransitGatewayAttachmentId": id});
        ask(&there, tx, "AcceptTransitGatewayPeeringAttachment", named).unwrap();
        id
    };
    let (plain, peering) = (peer(&cx, &mut tx, json!({})), peer(&cx, &mut tx, json!({"DynamicRouting": "enable"})));
    let (cx, there) = (later(&cx, 300), later(&there, 300));
    let (table, taker) = (default_table(&cx, &mut tx, &ours), default_table(&there, &mut tx, &theirs));
    let create = "CreateTransitGatewayRouteTableAnnouncement";
    let by = |peering: &str| json!({"TransitGatewayRouteTableId": table, "PeeringAttachmentId": peering});
    let fixed = refusal(ask(&cx, &mut tx, create, by(&plain)));
    assert_eq!(fixed, refused("IncorrectState", &format!("Dynamic routing is not enabled for {plain}.")));
    let made = ask(&cx, &mut tx, create, by(&peering)).unwrap();
    let id = element(&made, "transitGatewayRouteTableAnnouncementId").to_owned();
    for (name, value) in
        [("announcementDirection", "outgoing"), ("peerTransitGatewayId", &theirs), ("state", "pending")]
    {
        assert_eq!(element(&made, name), value);
    }
    assert_eq!(refusal(ask(&cx, &mut tx, create, by(&peering))).0, "InvalidParameterValue");
    let (cx, there) = (later(&cx, 300), later(&there, 300));
    let shown = ask(&there, &mut tx, "DescribeTransitGatewayRouteTableAnnouncements", json!({})).unwrap();
    for (name, value) in
        [("announcementDirection", "incoming"), ("peerTransitGatewayId", &ours), ("state", "available")]
    {
        assert_eq!(element(&shown, name), value);
    }
    let both = json!({"TransitGatewayRouteTableId": taker, "TransitGatewayRouteTableAnnouncementId": id});
    let (enable, disable) = ("EnableTransitGatewayRouteTablePropagation", "DisableTransitGatewayRouteTablePropagation");
    let made = ask(&there, &mut tx, enable, both.clone()).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "transitGatewayRouteTableAnnouncementId")), ("enabling", &*id));
    assert_eq!(refusal(ask(&there, &mut tx, enable, both.clone())).0, "TransitGatewayRouteTablePropagation.Duplicate");
    let (cx, there) = (later(&cx, 300), later(&there, 300));
    assert_eq!(search(&there, &mut tx, &taker, "type", "propagated"), [row("10.1.0.0/16", "propagated", "active")]);
    let listed = json!({"TransitGatewayRouteTableId": taker});
    let listed = ask(&there, &mut tx, "GetTransitGatewayRouteTablePropagations", listed).unwrap();
    assert!(listed.contains(&id) && listed.contains(&peering), "{listed}");
    // What is added later is told too, but not what leads back to the peer.
    for (block, target) in [("192.168.0.0/16", "Blackhole"), ("172.16.0.0/12", "TransitGatewayAttachmentId")] {
        let value = if target == "Blackhole" { json!(true) } else { json!(peering) };
        let input = json!({"TransitGatewayRouteTableId": table, "DestinationCidrBlock": block, target: value});
        ask(&cx, &mut tx, "CreateTransitGatewayRoute", input).unwrap();
    }
    assert_eq!(search(&there, &mut tx, &taker, "type", "propagated"), [row("10.1.0.0/16", "propagated", "active")]);
    let delete = "DeleteTransitGatewayRouteTableAnnouncement";
    let named = json!({"TransitGatewayRouteTableAnnouncementId": id});
    assert_eq!(refusal(ask(&there, &mut tx, delete, named.clone())).0, "InvalidParameterValue");
    ask(&there, &mut tx, disable, both.clone()).unwrap();
    let (cx, there) = (later(&cx, 300), later(&there, 300));
    assert!(search(&there, &mut tx, &taker, "type", "propagated").is_empty());
    ask(&there, &mut tx, enable, both.clone()).unwrap();
    ask(&cx, &mut tx, "DeleteTransitGatewayPeeringAttachment", json!({"TransitGatewayAttachmentId": peering})).unwrap();
    let listed = json!({"TransitGatewayRouteTableId": taker});
    let listed = ask(&there, &mut tx, "GetTransitGatewayRouteTablePropagations", listed).unwrap();
    assert!(!listed.contains(&id), "{listed}");
    let gone = refusal(ask(&cx, &mut tx, delete, named));
    assert_eq!(gone.0, "InvalidTransitGatewayRouteTableAnnouncementId.NotFound");
    let there = later(&there, 300);
    assert!(search(&there, &mut tx, &taker, "type", "propagated").is_empty());
}
