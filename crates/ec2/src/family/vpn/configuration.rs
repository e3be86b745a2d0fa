//! What a network administrator needs to set up the customer's device: the tunnels of a connection as an XML document, in the form AWS writes it.
//! <https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-static-routing-examples.html>

use std::io;

use ipnet::IpNet;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;
use service::prelude::*;

/// What both ends of the tunnels are.
pub struct Ends<'a> {
    pub connection_id: &'a str,
    pub customer_gateway_id: &'a str,
    /// Nothing where the connection ends at a transit gateway.
    pub vpn_gateway_id: &'a str,
    pub customer_address: &'a str,
    /// The numbers of the customer's autonomous system and of AWS's; none with static routes.
    pub asns: Option<(String, String)>,
    pub tunnels: &'a [Value],
}

type Xml = Writer<Vec<u8>>;

/// The document.
pub fn written(ends: &Ends<'_>) -> Result<String, ApiError> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut xml, ends).map_err(|error| ApiError::internal(format!("a VPN configuration: {error}")))?;
    String::from_utf8(xml.into_inner()).map_err(|error| ApiError::internal(format!("a VPN configuration: {error}")))
}

fn write(xml: &mut Xml, ends: &Ends<'_>) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = xml.create_element("vpn_connection").with_attribute(("id", ends.connection_id));
    root.write_inner_content(|xml| {
        text(xml, "customer_gateway_id", ends.customer_gateway_id)?;
        text(xml, "vpn_gateway_id", ends.vpn_gateway_id)?;
        text(xml, "vpn_connection_type", "ipsec.1")?;
        if ends.asns.is_none() {
            text(xml, "vpn_connection_attributes", "NoBGPVPNConnection")?;
        }
        for tunnel in ends.tunnels {
            let tunnel = Document::from(tunnel.clone());
            within(xml, "ipsec_tunnel", |xml| write_tunnel(xml, ends, &tunnel))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn text(xml: &mut Xml, name: &str, value: &str) -> io::Result<()> {
    let element = xml.create_element(name);
    let written =
        if value.is_empty() { element.write_empty() } else { element.write_text_content(BytesText::new(value)) };
    written.map(drop)
}

fn within(xml: &mut Xml, name: &str, inner: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(inner).map(drop)
}

fn write_tunnel(xml: &mut Xml, ends: &Ends<'_>, tunnel: &Document) -> io::Result<()> {
    let (customer_asn, own_asn) = ends.asns.as_ref().map_or((None, None), |(one, other)| (Some(one), Some(other)));
    let outside = tunnel.text("OutsideIpAddress").unwrap_or_default();
    within(xml, "customer_gateway", |xml| write_end(xml, ends.customer_address, tunnel, 2, customer_asn))?;
    within(xml, "vpn_gateway", |xml| write_end(xml, outside, tunnel, 1, own_asn))?;
    within(xml, "ike", |xml| write_ike(xml, tunnel))?;
    within(xml, "ipsec", |xml| write_ipsec(xml, tunnel))
}

/// One end: its address outside, and the one inside that stands at that place in the tunnel's block.
fn write_end(xml: &mut Xml, outside: &str, tunnel: &Document, place: usize, asn: Option<&String>) -> io::Result<()> {
    within(xml, "tunnel_outside_address", |xml| text(xml, "ip_address", outside))?;
    let block = |name: &str| tunnel.text(name).and_then(|text| text.parse::<IpNet>().ok());
    if let Some(IpNet::V4(block)) = block("TunnelInsideCidr") {
        within(xml, "tunnel_inside_address", |xml| {
            text(xml, "ip_address", &inside(IpNet::V4(block), place))?;
            text(xml, "network_mask", &block.netmask().to_string())?;
            text(xml, "network_cidr", &block.prefix_len().to_string())
        })?;
    }
    if let Some(IpNet::V6(block)) = block("TunnelInsideIpv6Cidr") {
        within(xml, "tunnel_inside_ipv6_address", |xml| {
            text(xml, "ip_address", &inside(IpNet::V6(block), place))?;
            text(xml, "prefix_length", &block.prefix_len().to_string())
        })?;
    }
    match asn {
        Some(asn) => within(xml, "bgp", |xml| {
            text(xml, "asn", asn)?;
            text(xml, "hold_time", "30")
        }),
        None => Ok(()),
    }
}

/// The address at a place in a tunnel's block: the first is AWS's, the second the customer's.
pub fn inside(block: IpNet, place: usize) -> String {
    let mut hosts = block.hosts().filter(|address| *address != block.network());
    hosts.nth(place.saturating_sub(1)).map(|address| address.to_string()).unwrap_or_default()
}

/// The first of the values that are permitted, or the default.
pub fn first(tunnel: &Document, option: &str, default: &str) -> String {
    tunnel.found(&format!("{option}.Value")).into_iter().next().unwrap_or_else(|| default.to_owned())
}

/// How a way to encrypt is called here.
pub fn cipher(name: &str) -> &'static str {
    match name {
        "AES256" => "aes-256-cbc",
        "AES128-GCM-16" => "aes-128-gcm-16",
        "AES256-GCM-16" => "aes-256-gcm-16",
        _ => "aes-128-cbc",
    }
}

/// The number of an option, or the default.
pub fn number(tunnel: &Document, option: &str, default: i64) -> String {
    tunnel.number(option).unwrap_or(default).to_string()
}

fn write_ike(xml: &mut Xml, tunnel: &Document) -> io::Result<()> {
    text(xml, "authentication_protocol", &first(tunnel, "Phase1IntegrityAlgorithms", "SHA1").to_lowercase())?;
    text(xml, "encryption_protocol", cipher(&first(tunnel, "Phase1EncryptionAlgorithms", "AES128")))?;
    text(xml, "lifetime", &number(tunnel, "Phase1LifetimeSeconds", 28_800))?;
    text(xml, "perfect_forward_secrecy", &format!("group{}", first(tunnel, "Phase1DHGroupNumbers", "2")))?;
    text(xml, "mode", "main")?;
    match tunnel.text("PreSharedKey") {
        Some(key) => text(xml, "pre_shared_key", key),
        None => Ok(()),
    }
}

/// How the hash of the second phase is called here.
pub fn hash(name: &str) -> String {
    match name {
        "SHA1" => "hmac-sha1-96".to_owned(),
        other => format!("hmac-{}", other.to_lowercase()),
    }
}

fn write_ipsec(xml: &mut Xml, tunnel: &Document) -> io::Result<()> {
    text(xml, "protocol", "esp")?;
    text(xml, "authentication_protocol", &hash(&first(tunnel, "Phase2IntegrityAlgorithms", "SHA1")))?;
    text(xml, "encryption_protocol", cipher(&first(tunnel, "Phase2EncryptionAlgorithms", "AES128")))?;
    text(xml, "lifetime", &number(tunnel, "Phase2LifetimeSeconds", 3_600))?;
    text(xml, "perfect_forward_secrecy", &format!("group{}", first(tunnel, "Phase2DHGroupNumbers", "2")))?;
    text(xml, "mode", "tunnel")?;
    text(xml, "clear_df_bit", "true")?;
    text(xml, "fragmentation_before_encryption", "true")?;
    text(xml, "tcp_mss_adjustment", "1379")?;
    within(xml, "dead_peer_detection", |xml| {
        let retries = tunnel.number("DpdTimeoutSeconds").unwrap_or(30) / 10;
        text(xml, "interval", "10")?;
        text(xml, "retries", &retries.to_string())
    })
}
