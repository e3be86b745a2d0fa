//! VPN connections: two tunnels between a customer gateway and a gateway of AWS's side.
//!
//! Options that are not given are not shown, but for the addresses and keys that AWS draws. The same connection asked for again is answered again.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnConnection.html>

use serde_json::{Value, json};
use service::prelude::*;

use super::{concentrator, configuration, invalid, route, tunnel};
use crate::family::item;
use crate::family::{Family, Item, Life, transit};
use crate::instance::client_token;
use crate::kind;
use crate::network::{cidr, must_have_room};

/// The path to the tunnels.
pub const TUNNELS: &str = "Options.TunnelOptions";
/// The member that names a concentrator.
pub const CONCENTRATOR: &str = "VpnConcentratorId";
/// Hidden members: the options as they were asked for; of a tunnel, when it last changed, and its certificate.
const ASKED: &str = "Asked";
pub const CHANGED_AT: &str = "ChangedAt";
pub const CERTIFICATE: &str = "CertificateArn";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html>
pub static VPN_CONNECTIONS: Family = Family {
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 300,
        shown_for: 3_600,
    }),
    within: &[
        ("CustomerGatewayId", &kind::CUSTOMER_GATEWAY),
        ("VpnGatewayId", &kind::VPN_GATEWAY),
        ("TransitGatewayId", &kind::TRANSIT_GATEWAY),
        (CONCENTRATOR, &kind::VPN_CONCENTRATOR),
    ],
    besides: &[("Options.TransportTransitGatewayAttachmentId", &kind::TRANSIT_GATEWAY_ATTACHMENT)],
    defaults: |_| json!({"Category": "VPN", "GatewayAssociationState": "associated"}),
    filters: &[
        "bgp-asn=_BgpAsn",
        "customer-gateway-configuration",
        "customer-gateway-id",
        "option.static-routes-only=Options.StaticRoutesOnly",
        "route.destination-cidr-block=Routes.DestinationCidrBlock",
        "state",
        "transit-gateway-id",
        "type",
        "vpn-connection-id",
        "vpn-gateway-id",
    ],
    keys_of_new: |cx, world, input| {
        let mut keys = keys_of(cx, world, input);
        let tunnels = tunnel::keys(input, TUNNELS);
        keys.extend(tunnels.into_iter().flat_map(|(key, values)| values.into_iter().map(move |value| (key, value))));
        keys
    },
    fill,
    same,
    see,
    release: |cx, tx, item| transit::vpn::detach(cx, tx, &item.id),
    ..Family::of(&kind::VPN_CONNECTION, "VpnConnectionId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        VPN_CONNECTIONS.create("CreateVpnConnection", &["Options"]),
        VPN_CONNECTIONS.describe("DescribeVpnConnections"),
        VPN_CONNECTIONS.delete("DeleteVpnConnection"),
    ]
}

/// The condition keys of a connection as a whole, of what a request says or what it is; the words are those of the VPN guide.
/// <https://docs.aws.amazon.com/vpn/latest/s2svpn/security_iam_service-with-iam.html>
pub fn keys_of(cx: &Cx, world: &World, input: &Document) -> Vec<(&'static str, String)> {
    let customer = input.text("CustomerGatewayId").and_then(|id| item::look_up(world, cx, id));
    let certified = customer.is_some_and(|item| item.document.text("CertificateArn").is_some());
    let transit = input.text("TransitGatewayId").is_some() || input.text(CONCENTRATOR).is_some();
    let gateway = if transit { "TGW" } else { "VGW" };
    let is_static = input.truth("Options.StaticRoutesOnly") == Some(true);
    vec![
        ("ec2:AuthenticationType", if certified { "certificates" } else { "Pre-shared keys" }.to_owned()),
        ("ec2:GatewayType", gateway.to_owned()),
        ("ec2:RoutingType", if is_static { "Static" } else { "BGP" }.to_owned()),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    if input.text("Type") != Some("ipsec.1") {
        return Err(invalid("Type"));
    }
    let customer = item::alive(tx, cx, &kind::CUSTOMER_GATEWAY, input.text("CustomerGatewayId").unwrap_or_default())?;
    must_have_gateway(cx, tx, input, item)?;
    let given = input.at("Options").cloned().map(Document::from).unwrap_or_default();
    // Not the options themselves, in which keys are.
    item.document.set(ASKED, client_token::digest(&given));
    if same(cx, tx, item).is_some() {
        return Ok(());
    }
    let held = || item::all(tx, cx, &kind::VPN_CONNECTION).filter(|it| !it.is_deleted()).count();
    must_have_room(cx, held, 50, "VpnConnectionLimitExceeded", "VPN connections")?;
    let mut options = options(&given, input.text("VpnGatewayId").is_none())?;
    let certified = customer.document.text("CertificateArn").is_some();
    let ipv6 = options.text("TunnelInsideIpVersion") == Some("ipv6");
    let outside_ipv6 = options.text("OutsideIpAddressType") == Some("Ipv6");
    let wanted = tunnel::Wanted {
        taken: inside_blocks(cx, tx, item, ""),
        ipv6,
        shared_key: !certified,
        outside: &|_| tunnel::draw_outside(cx, tx, outside_ipv6),
    };
    let mut tunnels = tunnel::draw(cx, &given.list("TunnelOptions"), &wanted)?;
    for tunnel in tunnels.iter_mut().filter_map(Value::as_object_mut) {
        tunnel.insert(CHANGED_AT.to_owned(), cx.now.to_string().into());
        if certified {
            tunnel.insert(CERTIFICATE.to_owned(), draw_certificate(cx).into());
        }
    }
    options.set("TunnelOptions", tunnels);
    item.document.set("Options", Value::Object(options.0));
    item.document.set(route::ROUTES, Vec::<Value>::new());
    match input.text("TransitGatewayId") {
        Some(id) => transit::vpn::attach(cx, tx, id, "vpn", &item.id).map(drop),
        None => Ok(()),
    }
}

/// The certificate of AWS's end of a tunnel.
pub fn draw_certificate(cx: &Cx) -> String {
    let (partition, region, account) = (cx.partition(), cx.region_name(), cx.account());
    format!("arn:{partition}:acm:{region}:{account}:certificate/{}", cx.ids.uuid())
}

/// The gateway of AWS's side is there; a connection without one waits for it.
fn must_have_gateway(cx: &Cx, world: &World, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    if let Some(id) = input.text(CONCENTRATOR) {
        return must_have_concentrator(cx, world, input, id);
    }
    match (input.text("VpnGatewayId"), input.text("TransitGatewayId")) {
        (Some(id), None) => item::alive(world, cx, &kind::VPN_GATEWAY, id).map(drop),
        (None, Some(id)) => transit::gateway::ready(cx, world, id).map(drop),
        (None, None) => {
            item.document.set("GatewayAssociationState", "not-associated");
            Ok(())
        }
        (Some(_), Some(_)) => Err(one_gateway()),
    }
}

/// A concentrator is the only gateway of a connection, and "supports BGP (dynamic) routing only".
/// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpn-concentrator-attachments.html>
fn must_have_concentrator(cx: &Cx, world: &World, input: &Document, id: &str) -> Result<(), ApiError> {
    for other in ["VpnGatewayId", "TransitGatewayId"] {
        if input.text(other).is_some() {
            let message = format!("The parameters {CONCENTRATOR} and {other} cannot be used together.");
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
    }
    concentrator::ready(cx, world, id)?;
    if input.truth("Options.StaticRoutesOnly") == Some(true) {
        let message = "The option StaticRoutesOnly is not supported for VPN connections on a VPN concentrator.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    Ok(())
}

/// A connection has one gateway on AWS's side.
pub fn one_gateway() -> ApiError {
    let message = "The parameters VpnGatewayId and TransitGatewayId cannot be used together.";
    ApiError::new("InvalidParameterCombination", message)
}

/// Options that only a transit gateway has. <https://docs.aws.amazon.com/vpn/latest/s2svpn/ipv4-ipv6.html>
pub fn must_do_without_transit(options: &Document) -> Result<(), ApiError> {
    let ipv6 = options.text("TunnelInsideIpVersion") == Some("ipv6");
    let outside = options.text("OutsideIpAddressType") == Some("Ipv6");
    let acceleration = options.truth("EnableAcceleration") == Some(true);
    for (wanted, option) in
        [(ipv6, "TunnelInsideIpVersion"), (outside, "OutsideIpAddressType"), (acceleration, "EnableAcceleration")]
    {
        if wanted {
            let message = format!("The option {option} is only supported for VPN connections on a transit gateway.");
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
    }
    Ok(())
}

/// Options that both kinds of gateways have, with the defaults that answers show.
fn options(given: &Document, transit: bool) -> Result<Document, ApiError> {
    let ipv6 = given.text("TunnelInsideIpVersion") == Some("ipv6");
    let acceleration = given.truth("EnableAcceleration").unwrap_or(false);
    if !transit {
        must_do_without_transit(given)?;
    }
    // Private addresses outside need a Direct Connect gateway to carry the tunnels.
    let outside = given.text("OutsideIpAddressType").unwrap_or("PublicIpv4");
    if !matches!(outside, "PublicIpv4" | "Ipv6") {
        return Err(invalid("OutsideIpAddressType"));
    }
    let mut options = Document::from(json!({
        "EnableAcceleration": acceleration,
        "StaticRoutesOnly": given.truth("StaticRoutesOnly").unwrap_or(false),
        "OutsideIpAddressType": outside,
        "TunnelInsideIpVersion": if ipv6 { "ipv6" } else { "ipv4" },
    }));
    set_networks(given, &mut options, ipv6)?;
    if let Some(width) = given.text("TunnelBandwidth") {
        options.set("TunnelBandwidth", width);
    }
    Ok(options)
}

/// The blocks on both sides that may talk through the tunnels: all addresses, where nothing else is said.
pub fn set_networks(given: &Document, options: &mut Document, ipv6: bool) -> Result<(), ApiError> {
    let names = if ipv6 {
        ["LocalIpv6NetworkCidr", "RemoteIpv6NetworkCidr"]
    } else {
        ["LocalIpv4NetworkCidr", "RemoteIpv4NetworkCidr"]
    };
    for name in names {
        let block = match (given.text(name), ipv6) {
            (Some(text), true) => cidr::ipv6(text, name)?.to_string(),
            (Some(text), false) => cidr::ipv4(text, name)?.to_string(),
            (None, _) if options.text(name).is_some() => continue,
            (None, true) => "::/0".to_owned(),
            (None, false) => "0.0.0.0/0".to_owned(),
        };
        options.set(name, block);
    }
    Ok(())
}

/// The gateway on AWS's side.
fn gateway_of(cx: &Cx, world: &World, item: &Item) -> Option<String> {
    let of_vpc = item.document.text("VpnGatewayId").map(str::to_owned);
    of_vpc.or_else(|| concentrator::gateway_of(cx, world, &item.document))
}

/// The blocks inside the tunnels of the other connections of the same gateway, and of this one but for a tunnel.
pub fn inside_blocks(cx: &Cx, world: &World, item: &Item, but: &str) -> Vec<String> {
    let own = gateway_of(cx, world, item);
    let others = item::all(world, cx, &kind::VPN_CONNECTION).filter(|it| !it.is_deleted() && it.id != item.id);
    let others = others.filter(|it| gateway_of(cx, world, it) == own).flat_map(|it| it.document.list(TUNNELS));
    let of_this = item.document.list(TUNNELS).into_iter().filter(|tunnel| address_of(tunnel) != but);
    others.chain(of_this).flat_map(|tunnel| tunnel::inside_of(&Document::from(tunnel))).collect()
}

/// The address outside of a tunnel.
pub fn address_of(tunnel: &Value) -> &str {
    tunnel.get("OutsideIpAddress").and_then(Value::as_str).unwrap_or_default()
}

/// A connection of a VPN gateway that was asked for in the same words.
fn same(cx: &Cx, world: &World, new: &Item) -> Option<std::sync::Arc<Item>> {
    new.document.text("VpnGatewayId")?;
    let members = ["VpnGatewayId", "CustomerGatewayId", ASKED];
    let mut all = item::all(world, cx, &kind::VPN_CONNECTION).filter(|it| !it.is_deleted());
    all.find(|it| members.iter().all(|member| it.document.at(member) == new.document.at(member))).cloned()
}

fn see(cx: &Cx, world: &World, item: &Item, shown: &mut Document) {
    shown.set(route::ROUTES, route::shown(cx, item));
    shown.set("VgwTelemetry", item.document.list(TUNNELS).iter().map(telemetry).collect::<Vec<_>>());
    let customer = item.document.text("CustomerGatewayId").and_then(|id| item::look_up(world, cx, id));
    let asn = customer.as_ref().and_then(|it| asn_of_customer(it));
    if let Some(asn) = &asn {
        shown.set("_BgpAsn", asn.as_str());
    }
    if matches!(item.state(cx), Some("deleting" | "deleted")) {
        return;
    }
    let is_static = item.document.truth("Options.StaticRoutesOnly") == Some(true);
    let own = asn_of_gateway(cx, world, item);
    let tunnels = item.document.list(TUNNELS);
    let ends = configuration::Ends {
        connection_id: &item.id,
        customer_gateway_id: item.document.text("CustomerGatewayId").unwrap_or_default(),
        vpn_gateway_id: item.document.text("VpnGatewayId").unwrap_or_default(),
        customer_address: customer.as_ref().and_then(|it| it.document.text("IpAddress")).unwrap_or_default(),
        asns: asn.zip(own).filter(|_| !is_static),
        tunnels: &tunnels,
    };
    if let Ok(text) = configuration::written(&ends) {
        shown.set("CustomerGatewayConfiguration", text);
    }
}

/// No device answers.
fn telemetry(tunnel: &Value) -> Value {
    json!({
        "AcceptedRouteCount": 0,
        "LastStatusChange": tunnel.get(CHANGED_AT),
        "OutsideIpAddress": tunnel.get("OutsideIpAddress"),
        "Status": "DOWN",
        "StatusMessage": "IPSEC IS DOWN",
        "CertificateArn": tunnel.get(CERTIFICATE),
    })
}

/// The number of the customer's autonomous system.
pub fn asn_of_customer(customer: &Item) -> Option<String> {
    customer.document.text("BgpAsnExtended").or(customer.document.text("BgpAsn")).map(str::to_owned)
}

/// The number of AWS's autonomous system; a connection without a gateway has that of new gateways.
pub fn asn_of_gateway(cx: &Cx, world: &World, item: &Item) -> Option<String> {
    let id = gateway_of(cx, world, item);
    let gateway = id.and_then(|id| item::look_up(world, cx, &id));
    let number =
        |it: std::sync::Arc<Item>| it.document.number("AmazonSideAsn").or(it.document.number("Options.AmazonSideAsn"));
    Some(gateway.and_then(number).unwrap_or(64_512).to_string())
}
