//! What a customer's device is set up with, as a text for people: of the devices that AWS writes samples for, the generic one, whose sample says
//! nothing but what the connection is.
//! <https://docs.aws.amazon.com/vpn/latest/s2svpn/example-configuration-files.html>

use std::sync::Arc;

use ipnet::IpNet;
use serde_json::json;
use service::Service;
use service::prelude::*;

use super::configuration::{self, cipher, first, hash, number};
use super::connection::{TUNNELS, VPN_CONNECTIONS, asn_of_customer, asn_of_gateway};
use super::invalid;
use crate::family::describe::{self, Seen};
use crate::family::item;
use crate::family::{Item, answers};
use crate::kind;
use crate::resource;

const DEVICE: &str = "VpnConnectionDeviceTypeId";
const IKE: &str = "InternetKeyExchangeVersion";
const SAMPLE: &str = "SampleType";
/// The generic device is the same in every region.
const GENERIC: &str = "9005b6c1";

/// What a sample says where the options of a tunnel leave the choice.
struct Defaults {
    cipher: &'static str,
    hash: &'static str,
    group: &'static str,
}

/// The minimum that AWS's samples ask of a device, and what they recommend instead.
const COMPATIBLE: Defaults = Defaults { cipher: "AES128", hash: "SHA1", group: "2" };
const RECOMMENDED: Defaults = Defaults { cipher: "AES256", hash: "SHA2-256", group: "14" };

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(Service::Ec2, "GetVpnConnectionDeviceTypes", types)
            .authorize(resource::any::<Document>)
            .honours(|model, operation| answers::honoured(model, operation, &VPN_CONNECTIONS, answers::DESCRIBING))
            .build(),
        Operation::read(Service::Ec2, "GetVpnConnectionDeviceSampleConfiguration", sample)
            .authorize(|cx, world, input: &Document| {
                let id = input.text(VPN_CONNECTIONS.id).unwrap_or_default();
                let device = input.text(DEVICE).unwrap_or_default();
                let arn = service::arn::ec2(
                    cx.partition(),
                    cx.region_name(),
                    cx.account().as_str(),
                    "vpn-connection-device-type",
                    device,
                );
                vec![VPN_CONNECTIONS.check_on(cx, world, id), Check::on(arn)]
            })
            .honours(|model, operation| answers::honoured(model, operation, &VPN_CONNECTIONS, &[DEVICE, IKE, SAMPLE]))
            .build(),
    ]
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetVpnConnectionDeviceTypes.html>
fn types(_: &Cx, _: &World, input: &Document) -> Result<Document, ApiError> {
    let generic = json!({DEVICE: GENERIC, "Vendor": "Generic", "Platform": "Generic", "Software": "Vendor Agnostic"});
    let seen = Seen { id: GENERIC.to_owned(), shown: Document::from(generic), tags: Vec::new() };
    let page = describe::choose("GetVpnConnectionDeviceTypes", input, &[], std::iter::once(seen))?;
    Ok(Document::from(json!({"VpnConnectionDeviceTypes": page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetVpnConnectionDeviceSampleConfiguration.html>
fn sample(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(VPN_CONNECTIONS.id).unwrap_or_default();
    let connection: Arc<Item> = item::alive(world, cx, &kind::VPN_CONNECTION, id)?;
    let device = input.text(DEVICE).unwrap_or_default();
    if device != GENERIC {
        let message = format!("The vpnConnectionDeviceType ID '{device}' does not exist");
        return Err(ApiError::new("InvalidVpnConnectionDeviceTypeID.NotFound", message));
    }
    let ike = input.text(IKE).unwrap_or("ikev1");
    if !matches!(ike, "ikev1" | "ikev2") {
        return Err(invalid(IKE));
    }
    let defaults = match input.text(SAMPLE) {
        None | Some("compatibility") => COMPATIBLE,
        Some("recommended") if ike == "ikev2" => RECOMMENDED,
        Some("recommended") => {
            let message = "The recommended sample configuration does not support ikev1.";
            return Err(ApiError::new("UnsupportedOperation", message));
        }
        Some(_) => return Err(invalid(SAMPLE)),
    };
    let text = written(cx, world, &connection, ike, &defaults);
    Ok(Document::from(json!({"VpnConnectionDeviceSampleConfiguration": text})))
}

/// A line of the sample: tools read them by their names.
fn line(name: &str, value: impl std::fmt::Display) -> String {
    format!("  - {name:<24} : {value}")
}

fn written(cx: &Cx, world: &World, connection: &Item, ike: &str, defaults: &Defaults) -> String {
    let told = |name: &str| connection.document.text(name).unwrap_or_default();
    let customer = item::look_up(world, cx, told("CustomerGatewayId"));
    let mut lines = vec![
        "Amazon Web Services".to_owned(),
        "Virtual Private Cloud".to_owned(),
        String::new(),
        "VPN Connection Configuration".to_owned(),
        "=".repeat(80),
        format!("Your VPN Connection ID           : {}", connection.id),
    ];
    // A connection of a transit gateway or a concentrator has none.
    let gateway = connection.document.text("VpnGatewayId").filter(|id| !id.is_empty());
    lines.extend(gateway.map(|id| format!("Your Virtual Private Gateway ID  : {id}")));
    lines.push(format!("Your Customer Gateway ID         : {}", told("CustomerGatewayId")));
    let is_static = connection.document.truth("Options.StaticRoutesOnly") == Some(true);
    let asns = customer.as_deref().and_then(asn_of_customer).zip(asn_of_gateway(cx, world, connection));
    let address = customer.as_ref().and_then(|it| it.document.text("IpAddress")).unwrap_or_default();
    for (position, tunnel) in connection.document.list(TUNNELS).into_iter().enumerate() {
        lines.extend([String::new(), format!("IPSec Tunnel #{}", position + 1), "=".repeat(80)]);
        let tunnel = Document::from(tunnel);
        lines.extend(exchange(&tunnel, ike, defaults));
        lines.extend(protection(&tunnel, defaults));
        lines.extend(interface(&tunnel, address));
        match asns.as_ref().filter(|_| !is_static) {
            Some((theirs, ours)) => lines.extend(dynamic(&tunnel, theirs, ours)),
            None => lines.extend(fixed(&tunnel)),
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The first phase: how the two sides come to know each other.
fn exchange(tunnel: &Document, ike: &str, defaults: &Defaults) -> Vec<String> {
    let key = tunnel.text("PreSharedKey");
    let version = if ike == "ikev2" { "IKEv2" } else { "IKEv1" };
    let method = if key.is_some() { "Pre-Shared Key" } else { "RSA Certificate" };
    let mut lines = vec![
        "#1: Internet Key Exchange Configuration".to_owned(),
        String::new(),
        line("IKE version", version),
        line("Authentication Method", method),
    ];
    lines.extend(key.map(|key| line("Pre-Shared Key", key)));
    lines.extend([
        line("Authentication Algorithm", first(tunnel, "Phase1IntegrityAlgorithms", defaults.hash).to_lowercase()),
        line("Encryption Algorithm", cipher(&first(tunnel, "Phase1EncryptionAlgorithms", defaults.cipher))),
        line("Lifetime", format!("{} seconds", number(tunnel, "Phase1LifetimeSeconds", 28_800))),
    ]);
    if ike == "ikev1" {
        lines.push(line("Phase 1 Negotiation Mode", "main"));
    }
    lines.push(line("Diffie-Hellman", format!("Group {}", first(tunnel, "Phase1DHGroupNumbers", defaults.group))));
    lines.push(String::new());
    lines
}

/// The second phase: how what they say is kept secret.
fn protection(tunnel: &Document, defaults: &Defaults) -> Vec<String> {
    let group = first(tunnel, "Phase2DHGroupNumbers", defaults.group);
    vec![
        "#2: IPSec Configuration".to_owned(),
        String::new(),
        line("Protocol", "esp"),
        line("Authentication Algorithm", hash(&first(tunnel, "Phase2IntegrityAlgorithms", defaults.hash))),
        line("Encryption Algorithm", cipher(&first(tunnel, "Phase2EncryptionAlgorithms", defaults.cipher))),
        line("Lifetime", format!("{} seconds", number(tunnel, "Phase2LifetimeSeconds", 3_600))),
        line("Mode", "tunnel"),
        line("Perfect Forward Secrecy", format!("Diffie-Hellman Group {group}")),
        line("DPD Interval", 10),
        line("DPD Retries", tunnel.number("DpdTimeoutSeconds").unwrap_or(30) / 10),
        line("TCP MSS Adjustment", "1379 bytes"),
        line("Clear Don't Fragment Bit", "enabled"),
        line("Fragmentation", "Before encryption"),
        String::new(),
    ]
}

/// The block inside, and in it the addresses of AWS's side and of the customer's.
fn inside(tunnel: &Document) -> Option<(IpNet, String, String)> {
    let found = tunnel.text("TunnelInsideCidr").or(tunnel.text("TunnelInsideIpv6Cidr"))?;
    let block: IpNet = found.parse().ok()?;
    Some((block, configuration::inside(block, 1), configuration::inside(block, 2)))
}

fn interface(tunnel: &Document, customer: &str) -> Vec<String> {
    let mut lines = vec![
        "#3: Tunnel Interface Configuration".to_owned(),
        String::new(),
        "Outside IP Addresses:".to_owned(),
        line("Customer Gateway", customer),
        line("Virtual Private Gateway", tunnel.text("OutsideIpAddress").unwrap_or_default()),
        String::new(),
        "Inside IP Addresses".to_owned(),
    ];
    if let Some((block, ours, theirs)) = inside(tunnel) {
        lines.push(line("Customer Gateway", format!("{theirs}/{}", block.prefix_len())));
        lines.push(line("Virtual Private Gateway", format!("{ours}/{}", block.prefix_len())));
    }
    lines.extend([String::new(), line("Tunnel interface MTU", "1436 bytes"), String::new()]);
    lines
}

fn dynamic(tunnel: &Document, theirs: &str, ours: &str) -> Vec<String> {
    let neighbour = inside(tunnel).map(|(_, ours, _)| ours).unwrap_or_default();
    vec![
        "#4: Border Gateway Protocol (BGP) Configuration".to_owned(),
        String::new(),
        line("Customer Gateway ASN", theirs),
        line("Virtual Private Gateway ASN", ours),
        line("Neighbor IP Address", neighbour),
        line("Neighbor Hold Time", 30),
    ]
}

fn fixed(tunnel: &Document) -> Vec<String> {
    let next = inside(tunnel).map(|(_, ours, _)| ours).unwrap_or_default();
    vec!["#4: Static Route Configuration".to_owned(), String::new(), line("Next hop", next)]
}
