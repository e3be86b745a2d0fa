//! VPN gateways and connections, with what route tables and VPCs see of them.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::route_table::{self, RouteTable};
use crate::network::vpc;
use crate::resource;
use crate::tests::{later, refusal, refused, start};

fn new_vpc(cx: &Cx, tx: &mut Tx) -> String {
    let input = vpc::create::CreateVpc { cidr_block: Some("10.9.0.0/16".into()), ..Default::default() };
    vpc::create::create(cx, tx, &input).unwrap().vpc.vpc_id
}

fn table_of(cx: &Cx, tx: &Tx, vpc: &str) -> std::sync::Arc<RouteTable> {
    resource::all::<RouteTable>(cx, tx).find(|table| table.vpc_id == vpc).unwrap().clone()
}

fn gateway(cx: &Cx, tx: &mut Tx) -> String {
    let made = ask(cx, tx, "CreateVpnGateway", json!({"Type": "ipsec.1"})).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "amazonSideAsn")), ("available", "64512"));
    element(&made, "vpnGatewayId").to_owned()
}

fn customer(cx: &Cx, tx: &mut Tx, address: &str) -> String {
    let made = ask(cx, tx, "CreateCustomerGateway", json!({"Type": "ipsec.1", "IpAddress": address, "BgpAsn": 65010}));
    element(&made.unwrap(), "customerGatewayId").to_owned()
}

fn act(cx: &Cx, tx: &mut Tx, operation: &str, gateway: &str, vpc: &str) -> Result<String, ApiError> {
    ask(cx, tx, operation, json!({"VpnGatewayId": gateway, "VpcId": vpc}))
}

fn connect(cx: &Cx, tx: &mut Tx, gateway: &str, customer: &str, options: Value) -> Result<String, ApiError> {
    let input = json!({"Type": "ipsec.1", "VpnGatewayId": gateway, "CustomerGatewayId": customer, "Options": options});
    ask(cx, tx, "CreateVpnConnection", input)
}

#[test]
fn a_gateway_is_attached_to_one_vpc() {
    let (cx, mut tx) = start();
    let (one, two) = (new_vpc(&cx, &mut tx), new_vpc(&cx, &mut tx));
    let (id, other) = (gateway(&cx, &mut tx), gateway(&cx, &mut tx));
    let attached = act(&cx, &mut tx, "AttachVpnGateway", &id, &one).unwrap();
    assert_eq!((element(&attached, "vpcId"), element(&attached, "state")), (one.as_str(), "attaching"));
    let cx = later(&cx, 2);
    assert_eq!(element(&act(&cx, &mut tx, "AttachVpnGateway", &id, &one).unwrap(), "state"), "attached");
    assert_eq!(refusal(act(&cx, &mut tx, "AttachVpnGateway", &id, &two)).0, "VpnGatewayAttachmentLimitExceeded");
    let message = format!("VPC {one} is currently attached to the Virtual Private Gateway {id}");
    let second = refusal(act(&cx, &mut tx, "AttachVpnGateway", &other, &one));
    assert_eq!(second, refused("InvalidVpcState", &message));

    let delete = vpc::create::DeleteVpc { vpc_id: one.clone(), ..Default::default() };
    assert_eq!(refusal(vpc::create::delete(&cx, &mut tx, &delete)).0, "DependencyViolation");
    let held = refusal(ask(&cx, &mut tx, "DeleteVpnGateway", json!({"VpnGatewayId": id})));
    assert_eq!(held, refused("IncorrectState", "The VPN gateway is in use."));
    act(&cx, &mut tx, "DetachVpnGateway", &id, &one).unwrap();
    let message = format!("The attachment with vpn gateway ID '{id}' and vpc ID '{one}' does not exist");
    let twice = refusal(act(&cx, &mut tx, "DetachVpnGateway", &id, &one));
    assert_eq!(twice, refused("InvalidVpnGatewayAttachment.NotFound", &message));
    let by_state = json!({"Filters": [{"Name": "attachment.state", "Values": ["detached"]}]});
    let found = ask(&later(&cx, 2), &mut tx, "DescribeVpnGateways", by_state).unwrap();
    assert_eq!(element(&found, "vpnGatewayId"), id);
    vpc::create::delete(&cx, &mut tx, &delete).unwrap();
    ask(&cx, &mut tx, "DeleteVpnGateway", json!({"VpnGatewayId": id})).unwrap();
    let message = format!("The vpnGateway ID '{id}' does not exist");
    let gone = refusal(ask(&cx, &mut tx, "DeleteVpnGateway", json!({"VpnGatewayId": id})));
    assert_eq!(gone, refused("InvalidVpnGatewayID.NotFound", &message));
}

#[test]
fn static_routes_are_propagated() {
    let (cx, mut tx) = start();
    let vpc = new_vpc(&cx, &mut tx);
    let (id, customer) = (gateway(&cx, &mut tx), customer(&cx, &mut tx, "203.0.113.7"));
    let table = table_of(&cx, &tx, &vpc).id.clone();
    let propagation = json!({"GatewayId": id, "RouteTableId": table});
    let message = format!("resource {id} is not attached to network {vpc}");
    let early = refusal(ask(&cx, &mut tx, "EnableVgwRoutePropagation", propagation.clone()));
    assert_eq!(early, refused("Gateway.NotAttached", &message));
    act(&cx, &mut tx, "AttachVpnGateway", &id, &vpc).unwrap();
    ask(&cx, &mut tx, "EnableVgwRoutePropagation", propagation.clone()).unwrap();
    let connection = connect(&cx, &mut tx, &id, &customer, json!({"StaticRoutesOnly": true})).unwrap();
    let connection = element(&connection, "vpnConnectionId").to_owned();
    let route = json!({"VpnConnectionId": connection, "DestinationCidrBlock": "192.168.7.0/24"});
    ask(&cx, &mut tx, "CreateVpnConnectionRoute", route.clone()).unwrap();

    let routes = |cx: &Cx, tx: &Tx| {
        let shown = route_table::out(cx, tx, &table_of(cx, tx, &vpc));
        let seen = shown.routes.iter().map(|it| (it.destination_cidr_block.clone().unwrap(), it.origin, it.state));
        let other = |seen: &(String, &str, &str)| seen.1 != "CreateRouteTable";
        (seen.filter(other).collect::<Vec<_>>(), shown.propagating_vgws.len())
    };
    assert_eq!(routes(&cx, &tx), (vec![], 1));
    let cx = later(&cx, 2);
    let propagated = ("192.168.7.0/24".to_owned(), "EnableVgwRoutePropagation", "active");
    assert_eq!(routes(&cx, &tx), (vec![propagated], 1));
    let own = route_table::route::CreateRoute {
        route_table_id: table.clone(),
        destination_cidr_block: Some("192.168.7.0/24".into()),
        gateway_id: Some(id.clone()),
        ..Default::default()
    };
    route_table::route::create(&cx, &mut tx, &own).unwrap();
    assert_eq!(routes(&cx, &tx).0, [("192.168.7.0/24".to_owned(), "CreateRoute", "active")]);

    ask(&cx, &mut tx, "DeleteVpnConnectionRoute", route.clone()).unwrap();
    let twice = refusal(ask(&cx, &mut tx, "DeleteVpnConnectionRoute", route));
    assert_eq!(twice, refused("InvalidRoute.NotFound", "The specified route 192.168.7.0/24 does not exist"));
    ask(&cx, &mut tx, "DisableVgwRoutePropagation", propagation).unwrap();
    assert_eq!(routes(&cx, &tx).1, 0);
    act(&cx, &mut tx, "DetachVpnGateway", &id, &vpc).unwrap();
    assert_eq!(routes(&cx, &tx).0, [("192.168.7.0/24".to_owned(), "CreateRoute", "blackhole")]);
}

#[test]
fn a_connection_and_its_tunnels() {
    let (cx, mut tx) = start();
    let (id, one) = (gateway(&cx, &mut tx), customer(&cx, &mut tx, "203.0.113.7"));
    let tunnels = json!([{"TunnelInsideCidr": "169.254.44.0/30", "PreSharedKey": "abcdefgh_1.2",
        "Phase1DHGroupNumbers": [{"Value": 14}], "IKEVersions": [{"Value": "ikev2"}]}]);
    let options = json!({"TunnelOptions": tunnels});
    let made = connect(&cx, &mut tx, &id, &one, options.clone()).unwrap();
    let again = connect(&cx, &mut tx, &id, &one, options).unwrap();
    let connection = element(&made, "vpnConnectionId").to_owned();
    assert_eq!(element(&again, "vpnConnectionId"), connection);
    assert_eq!((element(&made, "state"), element(&made, "staticRoutesOnly")), ("pending", "false"));
    assert_eq!(element(&made, "statusMessage"), "IPSEC IS DOWN");
    let written = element(&made, "customerGatewayConfiguration");
    for text in [
        format!("&lt;vpn_connection id=\"{connection}\"&gt;"),
        "&lt;ip_address&gt;203.0.113.7&lt;/ip_address&gt;".into(),
        "&lt;ip_address&gt;169.254.44.2&lt;/ip_address&gt;".into(),
        "&lt;asn&gt;65010&lt;/asn&gt;".into(),
        "&lt;pre_shared_key&gt;abcdefgh_1.2&lt;/pre_shared_key&gt;".into(),
        "&lt;perfect_forward_secrecy&gt;group14&lt;/perfect_forward_secrecy&gt;".into(),
    ] {
        assert!(written.replace("&quot;", "\"").contains(&text), "{text} in {written}");
    }
    let message = "The customer gateway is in use.";
    let held = refusal(ask(&cx, &mut tx, "DeleteCustomerGateway", json!({"CustomerGatewayId": one})));
    assert_eq!(held, refused("IncorrectState", message));

    let address = element(&made, "outsideIpAddress").to_owned();
    let modify = |options: Value| json!({"VpnConnectionId": connection, "VpnTunnelOutsideIpAddress": address, "TunnelOptions": options});
    let early = refusal(ask(&cx, &mut tx, "ModifyVpnTunnelOptions", modify(json!({"StartupAction": "start"}))));
    assert_eq!(early.0, "InvalidVpnConnection.InvalidState");
    let cx = later(&cx, 2);
    let changed = ask(&cx, &mut tx, "ModifyVpnTunnelOptions", modify(json!({"StartupAction": "start"}))).unwrap();
    assert_eq!((element(&changed, "state"), element(&changed, "startupAction")), ("modifying", "start"));
    let cx = later(&cx, 2);
    for (name, value) in [
        ("PreSharedKey", json!("0bcdefgh")),
        ("PreSharedKey", json!("short")),
        ("TunnelInsideCidr", json!("169.254.169.252/30")),
        ("TunnelInsideCidr", json!("10.0.0.0/30")),
        ("Phase1LifetimeSeconds", json!(899)),
        ("RekeyMarginTimeSeconds", json!(1_801)),
        ("DPDTimeoutAction", json!("stop")),
        ("Phase1DHGroupNumbers", json!([{"Value": 3}])),
        ("IKEVersions", json!([{"Value": "ikev3"}])),
    ] {
        let refusal = refusal(ask(&cx, &mut tx, "ModifyVpnTunnelOptions", modify(json!({name: value}))));
        assert_eq!(refusal, refused("InvalidParameterValue", &format!("Value for parameter {name} is invalid.")));
    }
    let route = json!({"VpnConnectionId": connection, "DestinationCidrBlock": "192.168.7.0/24"});
    let dynamic = refusal(ask(&cx, &mut tx, "CreateVpnConnectionRoute", route));
    assert_eq!(dynamic.0, "InvalidVpnConnection.InvalidType");
    let two = customer(&cx, &mut tx, "203.0.113.8");
    let moved = json!({"VpnConnectionId": connection, "CustomerGatewayId": two});
    let moved = ask(&cx, &mut tx, "ModifyVpnConnection", moved).unwrap();
    assert!(moved.contains("203.0.113.8"));
    ask(&cx, &mut tx, "DeleteCustomerGateway", json!({"CustomerGatewayId": one})).unwrap();

    ask(&cx, &mut tx, "DeleteVpnConnection", json!({"VpnConnectionId": connection})).unwrap();
    let cx = later(&cx, 2);
    let gone = ask(&cx, &mut tx, "DescribeVpnConnections", json!({"VpnConnectionIds": [connection]})).unwrap();
    assert_eq!(element(&gone, "state"), "deleted");
    assert!(!gone.contains("customerGatewayConfiguration"));
    ask(&cx, &mut tx, "DeleteVpnGateway", json!({"VpnGatewayId": id})).unwrap();
}

#[test]
fn tunnels_with_certificates() {
    let (cx, mut tx) = start();
    let id = gateway(&cx, &mut tx);
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/0c2e8f0b-0000-4000-8000-000000000000";
    let made = ask(&cx, &mut tx, "CreateCustomerGateway", json!({"Type": "ipsec.1", "CertificateArn": arn})).unwrap();
    let customer = element(&made, "customerGatewayId").to_owned();
    let made = connect(&cx, &mut tx, &id, &customer, json!({})).unwrap();
    assert!(!made.contains("<preSharedKey>"));
    let before = element(&made, "certificateArn").to_owned();
    let tunnel = json!({"VpnConnectionId": element(&made, "vpnConnectionId"),
        "VpnTunnelOutsideIpAddress": element(&made, "outsideIpAddress")});
    let cx = later(&cx, 2);
    let changed = ask(&cx, &mut tx, "ModifyVpnTunnelCertificate", tunnel.clone()).unwrap();
    assert_ne!(element(&changed, "certificateArn"), before);
    let cx = later(&cx, 2);
    ask(&cx, &mut tx, "ReplaceVpnTunnel", tunnel.clone()).unwrap();
    let status = ask(&cx, &mut tx, "GetVpnTunnelReplacementStatus", tunnel).unwrap();
    assert!(element(&status, "lastMaintenanceApplied").starts_with("20"));
}

fn hub(cx: &Cx, tx: &mut Tx) -> String {
    element(&ask(cx, tx, "CreateTransitGateway", json!({})).unwrap(), "transitGatewayId").to_owned()
}

#[test]
fn connections_on_a_concentrator() {
    let (cx, mut tx) = start();
    let (hub, customer) = (hub(&cx, &mut tx), customer(&cx, &mut tx, "203.0.113.70"));
    let cx = later(&cx, 600);
    let made = ask(&cx, &mut tx, "CreateVpnConcentrator", json!({"Type": "ipsec.1", "TransitGatewayId": hub})).unwrap();
    let id = element(&made, "vpnConcentratorId").to_owned();
    let attachment = element(&made, "transitGatewayAttachmentId").to_owned();
    assert!(id.starts_with("vcn-") && element(&made, "state") == "pending", "{made}");
    let with = |more: Value| {
        let mut input = json!({"Type": "ipsec.1", "CustomerGatewayId": customer, "VpnConcentratorId": id});
        more.as_object().unwrap().iter().for_each(|(name, value)| input[name] = value.clone());
        input
    };
    let early = refusal(ask(&cx, &mut tx, "CreateVpnConnection", with(json!({}))));
    assert_eq!(early, refused("IncorrectState", &format!("The VPN concentrator '{id}' is not available.")));
    let cx = later(&cx, 600);
    let both = refusal(ask(&cx, &mut tx, "CreateVpnConnection", with(json!({"TransitGatewayId": hub}))));
    let message = "The parameters VpnConcentratorId and TransitGatewayId cannot be used together.";
    assert_eq!(both, refused("InvalidParameterCombination", message));
    let fixed = with(json!({"Options": {"StaticRoutesOnly": true}}));
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateVpnConnection", fixed)).0, "InvalidParameterCombination");
    let connection = ask(&cx, &mut tx, "CreateVpnConnection", with(json!({}))).unwrap();
    assert_eq!(element(&connection, "vpnConcentratorId"), id);
    let connection = element(&connection, "vpnConnectionId").to_owned();
    let asked = json!({"VpnConnectionId": connection, "VpnConnectionDeviceTypeId": "9005b6c1"});
    let text = ask(&cx, &mut tx, "GetVpnConnectionDeviceSampleConfiguration", asked).unwrap();
    assert!(text.contains("Your Customer Gateway ID") && !text.contains("Your Virtual Private Gateway ID"), "{text}");
    let by = json!({"Filters": [{"Name": "resource-type", "Values": ["vpn-concentrator"]}]});
    let shown = ask(&cx, &mut tx, "DescribeTransitGatewayAttachments", by.clone()).unwrap();
    assert_eq!((element(&shown, "transitGatewayAttachmentId"), element(&shown, "resourceId")), (&*attachment, &*id));
    let held = refusal(ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": hub})));
    let message = format!("{hub} has non-deleted VPN Concentrator Attachments: {attachment}.");
    assert_eq!(held, refused("IncorrectState", &message));
    let cx = later(&cx, 600);
    let moved = json!({"VpnConnectionId": connection, "TransitGatewayId": hub});
    assert_eq!(refusal(ask(&cx, &mut tx, "ModifyVpnConnection", moved)).0, "UnsupportedOperation");
    let named = json!({"VpnConcentratorId": id});
    let message = format!("The vpn-concentrator '{id}' has dependencies and cannot be deleted.");
    let busy = refusal(ask(&cx, &mut tx, "DeleteVpnConcentrator", named.clone()));
    assert_eq!(busy, refused("DependencyViolation", &message));
    ask(&cx, &mut tx, "DeleteVpnConnection", json!({"VpnConnectionId": connection})).unwrap();
    assert_eq!(element(&ask(&cx, &mut tx, "DeleteVpnConcentrator", named).unwrap(), "return"), "true");
    let cx = later(&cx, 600);
    assert_eq!(element(&ask(&cx, &mut tx, "DescribeTransitGatewayAttachments", by).unwrap(), "state"), "deleted");
    ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": hub})).unwrap();
}

#[test]
fn what_only_a_transit_gateway_has_stays_there() {
    let (cx, mut tx) = start();
    let (hub, vgw, customer) = (hub(&cx, &mut tx), gateway(&cx, &mut tx), customer(&cx, &mut tx, "203.0.113.71"));
    let cx = later(&cx, 600);
    for (option, value) in [
        ("TunnelInsideIpVersion", json!("ipv6")),
        ("OutsideIpAddressType", json!("Ipv6")),
        ("EnableAcceleration", json!(true)),
    ] {
        let options = json!({option: value});
        let message = format!("The option {option} is only supported for VPN connections on a transit gateway.");
        let expected = refused("InvalidParameterCombination", &message);
        assert_eq!(refusal(connect(&cx, &mut tx, &vgw, &customer, options.clone())), expected);
        let input =
            json!({"Type": "ipsec.1", "TransitGatewayId": hub, "CustomerGatewayId": customer, "Options": options});
        let made = ask(&cx, &mut tx, "CreateVpnConnection", input).unwrap();
        let cx = later(&cx, 600);
        let moved = json!({"VpnConnectionId": element(&made, "vpnConnectionId"), "VpnGatewayId": vgw});
        assert_eq!(refusal(ask(&cx, &mut tx, "ModifyVpnConnection", moved)), expected);
    }
}

#[test]
fn a_sample_for_the_generic_device() {
    let (cx, mut tx) = start();
    let (vgw, customer) = (gateway(&cx, &mut tx), customer(&cx, &mut tx, "203.0.113.72"));
    let options = json!({"TunnelOptions": [{"PreSharedKey": "first_key.1", "TunnelInsideCidr": "169.254.44.0/30"}]});
    let made = connect(&cx, &mut tx, &vgw, &customer, options).unwrap();
    let (id, outside) = (element(&made, "vpnConnectionId").to_owned(), element(&made, "outsideIpAddress").to_owned());
    let types = ask(&cx, &mut tx, "GetVpnConnectionDeviceTypes", json!({})).unwrap();
    let device = element(&types, "vpnConnectionDeviceTypeId").to_owned();
    let asked = |more: Value| {
        let mut input = json!({"VpnConnectionId": id, "VpnConnectionDeviceTypeId": device});
        more.as_object().unwrap().iter().for_each(|(name, value)| input[name] = value.clone());
        input
    };
    let sample = "GetVpnConnectionDeviceSampleConfiguration";
    let text = ask(&cx, &mut tx, sample, asked(json!({"InternetKeyExchangeVersion": "ikev2"}))).unwrap();
    for line in [
        "  - Pre-Shared Key           : first_key.1".to_owned(),
        "  - IKE version              : IKEv2".to_owned(),
        "  - Customer Gateway         : 203.0.113.72".to_owned(),
        format!("  - Virtual Private Gateway  : {outside}"),
        "  - Customer Gateway         : 169.254.44.2/30".to_owned(),
        "  - Customer Gateway ASN     : 65010".to_owned(),
        "  - Neighbor IP Address      : 169.254.44.1".to_owned(),
    ] {
        assert!(text.lines().any(|held| held == line), "{line} is not in {text}");
    }
    let stronger = asked(json!({"InternetKeyExchangeVersion": "ikev2", "SampleType": "recommended"}));
    let stronger = ask(&cx, &mut tx, sample, stronger).unwrap();
    for line in [
        "  - Authentication Algorithm : sha2-256",
        "  - Authentication Algorithm : hmac-sha2-256",
        "  - Encryption Algorithm     : aes-256-cbc",
        "  - Diffie-Hellman           : Group 14",
        "  - Perfect Forward Secrecy  : Diffie-Hellman Group 14",
    ] {
        let is_it = |text: &str| text.lines().any(|held| held == line);
        assert!(is_it(&stronger) && !is_it(&text), "{line} in {stronger}, not in {text}");
    }
    let recommended = asked(json!({"SampleType": "recommended"}));
    assert_eq!(refusal(ask(&cx, &mut tx, sample, recommended)).0, "UnsupportedOperation");
    let other = asked(json!({"VpnConnectionDeviceTypeId": "00000000"}));
    let message = "The vpnConnectionDeviceType ID '00000000' does not exist";
    let unknown = refusal(ask(&cx, &mut tx, sample, other));
    assert_eq!(unknown, refused("InvalidVpnConnectionDeviceTypeID.NotFound", message));

    let tunnel = |address: &str| json!({"VpnConnectionId": id, "VpnTunnelOutsideIpAddress": address});
    let status = ask(&cx, &mut tx, "GetActiveVpnTunnelStatus", tunnel(&outside)).unwrap();
    assert_eq!(element(&status, "provisioningStatus"), "pending");
    let cx = later(&cx, 600);
    let status = ask(&cx, &mut tx, "GetActiveVpnTunnelStatus", tunnel(&outside)).unwrap();
    assert_eq!(element(&status, "provisioningStatus"), "available");
    let message = "Value (192.0.2.1) for parameter VpnTunnelOutsideIpAddress is invalid.";
    let unknown = refusal(ask(&cx, &mut tx, "GetActiveVpnTunnelStatus", tunnel("192.0.2.1")));
    assert_eq!(unknown, refused("InvalidParameterValue", message));
}
