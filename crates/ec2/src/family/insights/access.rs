//! What lets packets in and out: the rules of security groups, which only allow, and those of network ACLs, of which the first that fits decides.

use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::prelude::*;

use super::component::Components;
use super::packet::{Packet, Set, range_of};
use crate::family::prefix_list;
use crate::network::interface::NetworkInterface;
use crate::network::network_acl::{self, AclEntry};
use crate::network::security_group::{Peer, SecurityGroup, SecurityGroupRule, rules_of};
use crate::network::subnet::Subnet;

/// One way on: the component it goes through, and which packets do.
#[derive(Debug, Clone)]
pub struct Pass {
    pub component: Value,
    pub packet: Packet,
}

/// The directions, as answers name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    pub fn word(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }
}

/// The security groups of an interface.
pub fn groups_of(world: &World, interface: &NetworkInterface) -> Vec<Arc<SecurityGroup>> {
    let place = [interface.account.as_str(), interface.region.as_str()];
    let found = interface.groups.iter().filter_map(|id| world.get::<SecurityGroup>(&[place[0], place[1], id]).cloned());
    found.collect()
}

/// The ways through the groups of an interface; none if no rule lets any packet pass.
pub fn through_groups(
    components: &Components<'_>,
    interface: &NetworkInterface,
    packet: &Packet,
    direction: Direction,
) -> Vec<Pass> {
    let mut passes = Vec::new();
    for group in groups_of(components.world, interface) {
        let rules = rules_of(components.world, &group).into_iter();
        for rule in rules.filter(|rule| rule.egress == (direction == Direction::Egress)) {
            let passing = through_rule(components, &rule, packet, direction);
            if !passing.is_empty() {
                let mut component = components.own("security-group", &group.id, group.account);
                component.set("SecurityGroupRule", rule_shown(&rule, direction));
                passes.push(Pass { component: Value::Object(component.0), packet: passing });
            }
        }
    }
    passes
}

fn through_rule(
    components: &Components<'_>,
    rule: &SecurityGroupRule,
    packet: &Packet,
    direction: Direction,
) -> Packet {
    let peers = peers(components, rule, packet);
    let narrowed = match direction {
        Direction::Ingress => packet.from(&peers),
        Direction::Egress => packet.to(&peers),
    };
    match is_of_protocol(&rule.protocol, packet.protocol) {
        true => narrowed.to_ports(&ports(rule.protocol.as_str(), rule.from_port.zip(rule.to_port))),
        false => narrowed.to_ports(&Set::default()),
    }
}

/// The addresses that a rule is about. A group stands for the private addresses of its interfaces, as long as the packets' origin is known.
fn peers(components: &Components<'_>, rule: &SecurityGroupRule, packet: &Packet) -> Set {
    let members = |account: &str, group: &str| match packet.from_group {
        true => {
            let parts = [account, &rule.region, group];
            let found = components.world.by::<NetworkInterface>(NetworkInterface::BY_GROUP, &parts);
            Set::of(found.flat_map(|interface| own_ranges(interface)))
        }
        false => Set::default(),
    };
    match &rule.peer {
        Peer::Ipv4(block) => Set::blocks([block]),
        Peer::Ipv6(_) => Set::default(),
        Peer::Group(group) => members(rule.account.as_str(), group),
        Peer::Peered(peered) => members(peered.owner.as_str(), &peered.group_id),
        Peer::PrefixList(id) => list_addresses(components, rule.account, id),
    }
}

/// The addresses of a prefix list of an account.
pub fn list_addresses(components: &Components<'_>, account: AccountId, id: &str) -> Set {
    let found = prefix_list::find(components.world, &components.cx_of(account), id);
    found.map(|list| Set::blocks(prefix_list::blocks(&list))).unwrap_or_default()
}

/// The private addresses of an interface.
pub fn own_addresses(interface: &NetworkInterface) -> Set {
    Set::of(own_ranges(interface))
}

fn own_ranges(interface: &NetworkInterface) -> impl Iterator<Item = (u32, u32)> {
    let single = std::iter::once(interface.private_ip).chain(interface.secondary_ips.iter().copied());
    let prefixes = interface.ipv4_prefixes.iter().map(|block| range_of(*block));
    single.map(|one| (u32::from(one), u32::from(one))).chain(prefixes)
}

fn is_of_protocol(named: &str, number: i64) -> bool {
    match named {
        "-1" => true,
        "tcp" => number == 6,
        "udp" => number == 17,
        other => other.parse() == Ok(number),
    }
}

/// The ports that a rule names; all where its protocol or the rule has none.
fn ports(protocol: &str, range: Option<(i64, i64)>) -> Set {
    let bound = |port: i64| u32::try_from(port).ok();
    match range.filter(|_| protocol != "-1").and_then(|(first, last)| Some((bound(first)?, bound(last)?))) {
        Some((first, last)) => Set::range(first, last),
        None => Set::ports(),
    }
}

fn protocol_shown(protocol: &str) -> &str {
    match protocol {
        "-1" => "all",
        "6" => "tcp",
        "17" => "udp",
        other => other,
    }
}

fn rule_shown(rule: &SecurityGroupRule, direction: Direction) -> Value {
    let mut shown = Document::from(json!({"Direction": direction.word(), "Protocol": protocol_shown(&rule.protocol)}));
    match &rule.peer {
        Peer::Ipv4(block) | Peer::Ipv6(block) => shown.set("Cidr", block.as_str()),
        Peer::PrefixList(id) => shown.set("PrefixListId", id.as_str()),
        Peer::Group(id) => shown.set("SecurityGroupId", id.as_str()),
        Peer::Peered(peered) => shown.set("SecurityGroupId", peered.group_id.as_str()),
    }
    if let Some((first, last)) = rule.from_port.zip(rule.to_port).filter(|_| rule.protocol != "-1") {
        shown.set("PortRange", json!({"From": first, "To": last}));
    }
    Value::Object(shown.0)
}

/// The ways through the ACL of a subnet: each allowing rule with what no rule before it has decided.
pub fn through_acl(components: &Components<'_>, subnet: &Subnet, packet: &Packet, direction: Direction) -> Vec<Pass> {
    let Some(acl) = network_acl::of_subnet(components.world, subnet) else { return Vec::new() };
    let egress = direction == Direction::Egress;
    let mut entries: Vec<&AclEntry> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.number);
    let (mut passes, mut left) = (Vec::new(), vec![packet.clone()]);
    for entry in entries.into_iter().filter(|entry| is_of_protocol(&entry.protocol, packet.protocol)) {
        let Ok(block) = entry.cidr.parse::<Ipv4Net>() else { continue };
        let (block, ports) = (Set::block(block), ports(&entry.protocol, entry.ports));
        for part in std::mem::take(&mut left) {
            let fitting = at(&part, &block, egress).to_ports(&ports);
            if !fitting.is_empty() && entry.allow {
                let mut component = components.own("network-acl", &acl.id, acl.account);
                component.set("AclRule", entry_shown(entry));
                passes.push(Pass { component: Value::Object(component.0), packet: fitting });
            }
            // What the rule does not decide: packets of other addresses, and those of its addresses to other ports.
            let elsewhere = at(&part, &Set::all().minus(&block), egress);
            let other_ports = at(&part, &block, egress).to_ports(&Set::ports().minus(&ports));
            left.extend([elsewhere, other_ports].into_iter().filter(|rest| !rest.is_empty()));
        }
    }
    passes
}

/// The packets from those addresses, or to them.
fn at(packet: &Packet, addresses: &Set, egress: bool) -> Packet {
    if egress { packet.to(addresses) } else { packet.from(addresses) }
}

fn entry_shown(entry: &AclEntry) -> Value {
    let mut shown = Document::from(json!({
        "Cidr": entry.cidr,
        "Egress": entry.egress,
        "Protocol": protocol_shown(&entry.protocol),
        "RuleAction": if entry.allow { "allow" } else { "deny" },
        "RuleNumber": entry.number,
    }));
    if let Some((first, last)) = entry.ports {
        shown.set("PortRange", json!({"From": first, "To": last}));
    }
    Value::Object(shown.0)
}
