//! The two tunnels of a VPN connection: what a request may say of one, and what is drawn where it says nothing.
//! <https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html>

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use serde_json::{Value, json};
use service::prelude::*;

use super::invalid;
use crate::network::address;

/// What a value may be.
enum Allowed {
    Number(i64, i64),
    Word(&'static [&'static str]),
    Words(&'static [&'static str]),
    Numbers(&'static [i64]),
    Any,
}

use Allowed::{Any, Number, Numbers, Word, Words};

const CIPHERS: &[&str] = &["AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"];
const HASHES: &[&str] = &["SHA1", "SHA2-256", "SHA2-384", "SHA2-512"];

/// Options as a request names them and as answers do, and what they may be.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnTunnelOptionsSpecification.html>
const OPTIONS: &[(&str, &str, Allowed)] = &[
    ("Phase1LifetimeSeconds", "Phase1LifetimeSeconds", Number(900, 28_800)),
    ("Phase2LifetimeSeconds", "Phase2LifetimeSeconds", Number(900, 3_600)),
    ("RekeyMarginTimeSeconds", "RekeyMarginTimeSeconds", Number(60, 1_800)),
    ("RekeyFuzzPercentage", "RekeyFuzzPercentage", Number(0, 100)),
    ("ReplayWindowSize", "ReplayWindowSize", Number(64, 2_048)),
    ("DPDTimeoutSeconds", "DpdTimeoutSeconds", Number(30, i64::MAX)),
    ("DPDTimeoutAction", "DpdTimeoutAction", Word(&["clear", "none", "restart"])),
    ("Phase1EncryptionAlgorithms", "Phase1EncryptionAlgorithms", Words(CIPHERS)),
    ("Phase2EncryptionAlgorithms", "Phase2EncryptionAlgorithms", Words(CIPHERS)),
    ("Phase1IntegrityAlgorithms", "Phase1IntegrityAlgorithms", Words(HASHES)),
    ("Phase2IntegrityAlgorithms", "Phase2IntegrityAlgorithms", Words(HASHES)),
    ("Phase1DHGroupNumbers", "Phase1DHGroupNumbers", Numbers(&[2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 35])),
    (
        "Phase2DHGroupNumbers",
        "Phase2DHGroupNumbers",
        Numbers(&[2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 35, 36, 37]),
    ),
    ("IKEVersions", "IkeVersions", Words(&["ikev1", "ikev2"])),
    ("StartupAction", "StartupAction", Word(&["add", "start"])),
    ("LogOptions", "LogOptions", Any),
    ("EnableTunnelLifecycleControl", "EnableTunnelLifecycleControl", Any),
    ("Phase1AdditionalKeyExchanges", "Phase1AdditionalKeyExchanges", Any),
    ("Phase2AdditionalKeyExchanges", "Phase2AdditionalKeyExchanges", Any),
];

/// Condition keys and the options they tell of.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>
const KEYS: &[(&str, &str)] = &[
    ("ec2:DPDTimeoutSeconds", "DPDTimeoutSeconds"),
    ("ec2:IKEVersions", "IKEVersions.Value"),
    ("ec2:InsideTunnelCidr", "TunnelInsideCidr"),
    ("ec2:InsideTunnelIpv6Cidr", "TunnelInsideIpv6Cidr"),
    ("ec2:Phase1DHGroup", "Phase1DHGroupNumbers.Value"),
    ("ec2:Phase1EncryptionAlgorithms", "Phase1EncryptionAlgorithms.Value"),
    ("ec2:Phase1IntegrityAlgorithms", "Phase1IntegrityAlgorithms.Value"),
    ("ec2:Phase1LifetimeSeconds", "Phase1LifetimeSeconds"),
    ("ec2:Phase2DHGroup", "Phase2DHGroupNumbers.Value"),
    ("ec2:Phase2EncryptionAlgorithms", "Phase2EncryptionAlgorithms.Value"),
    ("ec2:Phase2IntegrityAlgorithms", "Phase2IntegrityAlgorithms.Value"),
    ("ec2:Phase2LifetimeSeconds", "Phase2LifetimeSeconds"),
    ("ec2:RekeyFuzzPercentage", "RekeyFuzzPercentage"),
    ("ec2:RekeyMarginTimeSeconds", "RekeyMarginTimeSeconds"),
    ("ec2:ReplayWindowSizePackets", "ReplayWindowSize"),
];

/// The condition keys of what a request says about tunnels, under that path.
pub fn keys(input: &Document, path: &str) -> Vec<(&'static str, Vec<String>)> {
    let found = |option: &str| input.found(&format!("{path}.{option}"));
    KEYS.iter().map(|(key, option)| (*key, found(option))).filter(|(_, values)| !values.is_empty()).collect()
}

/// What is the same for both tunnels.
pub struct Wanted<'a> {
    /// Inside blocks that other connections of the gateway have.
    pub taken: Vec<String>,
    /// Whether the inside is IPv6.
    pub ipv6: bool,
    /// Whether the sides know each other by a key they share.
    pub shared_key: bool,
    /// Draws the address outside.
    pub outside: &'a dyn Fn(usize) -> Result<String, ApiError>,
}

/// Two tunnels, as the options ask for.
pub fn draw(cx: &Cx, given: &[Value], wanted: &Wanted<'_>) -> Result<Vec<Value>, ApiError> {
    if given.len() > 2 {
        return Err(invalid("TunnelOptions"));
    }
    let mut outside = vec![(wanted.outside)(0)?, (wanted.outside)(1)?];
    outside.sort();
    let mut taken = wanted.taken.clone();
    let mut tunnels = Vec::new();
    for (position, address) in outside.into_iter().enumerate() {
        let given = given.get(position).cloned().map(Document::from).unwrap_or_default();
        let mut tunnel = Document::from(json!({"OutsideIpAddress": address}));
        set_inside(cx, &given, &mut tunnel, &taken, wanted.ipv6)?;
        if wanted.shared_key {
            tunnel.set("PreSharedKey", draw_key(cx));
        }
        apply(&given, &mut tunnel)?;
        taken.extend(inside_of(&tunnel));
        tunnels.push(Value::Object(tunnel.0));
    }
    Ok(tunnels)
}

/// The blocks inside a tunnel.
pub fn inside_of(tunnel: &Document) -> Vec<String> {
    ["TunnelInsideCidr", "TunnelInsideIpv6Cidr"]
        .iter()
        .filter_map(|name| tunnel.text(name).map(str::to_owned))
        .collect()
}

/// Takes over what a request says of a tunnel.
pub fn apply(given: &Document, tunnel: &mut Document) -> Result<(), ApiError> {
    if let Some(key) = given.text("PreSharedKey") {
        must_be_key(key)?;
        tunnel.set("PreSharedKey", key);
    }
    for (name, shown, allowed) in OPTIONS {
        if let Some(value) = given.at(name) {
            if !is_allowed(value, allowed) {
                return Err(invalid(name));
            }
            tunnel.set(shown, value.clone());
        }
    }
    let number = |name: &str, default: i64| tunnel.number(name).unwrap_or(default);
    let phase2 = number("Phase2LifetimeSeconds", 3_600);
    if phase2 > number("Phase1LifetimeSeconds", 28_800) {
        return Err(invalid("Phase2LifetimeSeconds"));
    }
    if number("RekeyMarginTimeSeconds", 270) > phase2 / 2 {
        return Err(invalid("RekeyMarginTimeSeconds"));
    }
    Ok(())
}

fn is_allowed(value: &Value, allowed: &Allowed) -> bool {
    let each = |is_good: &dyn Fn(&Value) -> bool| {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().all(|item| item.get("Value").is_some_and(is_good))
    };
    match allowed {
        Number(least, most) => value.as_i64().is_some_and(|number| (*least..=*most).contains(&number)),
        Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Words(words) => each(&|item| item.as_str().is_some_and(|word| words.contains(&word))),
        Numbers(numbers) => each(&|item| item.as_i64().is_some_and(|number| numbers.contains(&number))),
        Any => true,
    }
}

fn must_be_key(key: &str) -> Result<(), ApiError> {
    let is_good = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_');
    match (8..=64).contains(&key.len()) && !key.starts_with('0') && key.chars().all(is_good) {
        true => Ok(()),
        false => Err(invalid("PreSharedKey")),
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.0123456789";

/// A key of 32 characters, as AWS draws them.
fn draw_key(cx: &Cx) -> String {
    let letter = |byte: &u8| char::from(LETTERS.get(usize::from(byte & 63)).copied().unwrap_or(b'A'));
    let key: String = cx.ids.bytes().iter().map(letter).collect();
    if key.starts_with('0') { key.replacen('0', "A", 1) } else { key }
}

/// Sets the block inside: the one asked for, if it may be, or one that is free.
pub fn set_inside(
    cx: &Cx,
    given: &Document,
    tunnel: &mut Document,
    taken: &[String],
    ipv6: bool,
) -> Result<(), ApiError> {
    let is_free = |block: &String| !taken.contains(block);
    let v4 = match given.text("TunnelInsideCidr") {
        Some(text) => {
            let block = text.parse::<Ipv4Net>().ok().filter(is_inside).map(|block| block.to_string());
            Some(block.filter(is_free).ok_or_else(|| invalid("TunnelInsideCidr"))?)
        }
        None if tunnel.text("TunnelInsideCidr").is_some() || ipv6 => None,
        None => std::iter::repeat_with(|| draw_inside(cx)).take(1000).find(is_free),
    };
    let v6 = match given.text("TunnelInsideIpv6Cidr") {
        Some(text) => {
            let block = text.parse::<Ipv6Net>().ok().filter(is_inside_ipv6).map(|block| block.to_string());
            Some(block.filter(is_free).ok_or_else(|| invalid("TunnelInsideIpv6Cidr"))?)
        }
        None if tunnel.text("TunnelInsideIpv6Cidr").is_some() || !ipv6 => None,
        None => std::iter::repeat_with(|| draw_inside_ipv6(cx)).take(1000).find(is_free),
    };
    v4.into_iter().for_each(|block| tunnel.set("TunnelInsideCidr", block));
    v6.into_iter().for_each(|block| tunnel.set("TunnelInsideIpv6Cidr", block));
    Ok(())
}

/// Blocks that AWS keeps, by their last two bytes.
const RESERVED: [(u8, u8); 7] = [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (169, 252)];

fn is_inside(block: &Ipv4Net) -> bool {
    let [a, b, c, d] = block.network().octets();
    block.prefix_len() == 30 && block.network() == block.addr() && (a, b) == (169, 254) && !RESERVED.contains(&(c, d))
}

fn is_inside_ipv6(block: &Ipv6Net) -> bool {
    block.prefix_len() == 126 && block.network() == block.addr() && block.network().octets().first() == Some(&0xfd)
}

fn draw_inside(cx: &Cx) -> String {
    let [a, b, ..] = cx.ids.bytes();
    // Above the reserved blocks: 169.254.6.0 and more, and none of 169.254.169.0.
    let third = match a.max(6) {
        169 => 170,
        third => third,
    };
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, third, b & 0xfc), 30).to_string()
}

fn draw_inside_ipv6(cx: &Cx) -> String {
    let mut bytes = *cx.ids.bytes().first_chunk::<16>().unwrap_or(&[0; 16]);
    bytes[0] = 0xfd;
    bytes[15] &= 0xfc;
    Ipv6Net::new_assert(Ipv6Addr::from(bytes), 126).to_string()
}

/// An address of AWS's end of a tunnel.
pub fn draw_outside(cx: &Cx, world: &World, ipv6: bool) -> Result<String, ApiError> {
    if !ipv6 {
        return Ok(address::draw_public(cx, world)?.to_string());
    }
    // 2600:1f00::/24 is Amazon's. <https://ip-ranges.amazonaws.com/ip-ranges.json>
    let mut bytes = *cx.ids.bytes().first_chunk::<16>().unwrap_or(&[0; 16]);
    bytes[0] = 0x26;
    bytes[1] = 0x00;
    bytes[2] = 0x1f;
    Ok(Ipv6Addr::from(bytes).to_string())
}
