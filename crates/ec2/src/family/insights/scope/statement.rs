//! The conditions of a scope: where a way begins and ends, what it leads through, and what packets are like there. A condition without a resource
//! statement is for all ends, one without a packet header statement for all packets.
//! <https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/resource-statement.html>
//!
//! Load balancers, network firewalls and resource groups can be named, but there are none here, so nothing is ever one of them.

use ipnet::Ipv4Net;
use serde_json::Value;
use service::arn::Arn;
use service::prelude::*;

use super::super::access::list_addresses;
use super::super::component::Components;
use super::super::end::End;
use super::super::id_of;
use super::super::packet::{Filter, Set};
use crate::kind;
use crate::network::interface::NetworkInterface;

/// A condition: `AccessScopePath`.
pub struct Condition {
    pub source: Statement,
    pub destination: Statement,
    pub through: Vec<Resources>,
}

/// What holds at one end: `PathStatement`.
pub struct Statement {
    pub resources: Option<Resources>,
    pub header: Filter,
    /// Numbers of protocols; none for all.
    pub protocols: Vec<i64>,
}

/// `ResourceStatement`: ids, or what ids of some types begin with.
pub struct Resources {
    ids: Vec<String>,
    prefixes: Vec<&'static str>,
}

/// Types by which resources can be named, and how their ids begin; nothing here has the types without.
const TYPES: [(&str, &str); 12] = [
    ("AWS::EC2::InternetGateway", "igw-"),
    ("AWS::EC2::NatGateway", "nat-"),
    ("AWS::EC2::NetworkInterface", "eni-"),
    ("AWS::EC2::TransitGatewayAttachment", "tgw-attach-"),
    ("AWS::EC2::VPCEndpoint", "vpce-"),
    ("AWS::EC2::VPCEndpointService", "vpce-svc-"),
    ("AWS::EC2::VPCPeeringConnection", "pcx-"),
    ("AWS::EC2::VPNGateway", "vgw-"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", ""),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", ""),
    ("AWS::NetworkFirewall::NetworkFirewall", ""),
    ("AWS::ResourceGroups::Group", ""),
];

impl Condition {
    /// Reads one that was checked.
    pub fn of(components: &Components<'_>, value: &Value) -> Condition {
        let told = Document::from(value.clone());
        let through = told.list("ThroughResources").into_iter().map(Document::from);
        Condition {
            source: Statement::of(components, &told, "Source"),
            destination: Statement::of(components, &told, "Destination"),
            through: through.filter_map(|it| Resources::of(&it, "ResourceStatement")).collect(),
        }
    }

    /// Whether it is about ways from the one to the other.
    pub fn is_about(&self, origin: &End, goal: &End) -> bool {
        self.source.is_about(origin) && self.destination.is_about(goal)
    }

    /// By how many names it tells its ends.
    pub fn names(&self) -> usize {
        let told = [&self.source, &self.destination].into_iter().filter_map(|it| it.resources.as_ref());
        told.map(Resources::names).sum()
    }

    /// Whether it is about packets of the protocol.
    pub fn has_protocol(&self, protocol: i64) -> bool {
        let has = |held: &[i64]| held.is_empty() || held.contains(&protocol);
        has(&self.source.protocols) && has(&self.destination.protocols)
    }
}

impl Statement {
    /// Whether it is about ways that begin, or end, there.
    pub fn is_about(&self, end: &End) -> bool {
        self.resources.as_ref().is_none_or(|resources| resources.have_end(end))
    }

    fn of(components: &Components<'_>, told: &Document, member: &str) -> Statement {
        let header = told.at(&format!("{member}.PacketHeaderStatement")).cloned().map(Document::from);
        let header = header.unwrap_or_default();
        let protocols = header.texts("Protocols");
        Statement {
            resources: Resources::of(told, &format!("{member}.ResourceStatement")),
            header: Filter {
                source: addresses(components, &header, "SourceAddresses", "SourcePrefixLists"),
                source_ports: ports(&header, "SourcePorts"),
                destination: addresses(components, &header, "DestinationAddresses", "DestinationPrefixLists"),
                destination_ports: ports(&header, "DestinationPorts"),
            },
            protocols: protocols.iter().map(|name| if name == "udp" { 17 } else { 6 }).collect(),
        }
    }
}

fn addresses(components: &Components<'_>, header: &Document, blocks: &str, lists: &str) -> Option<Set> {
    let (blocks, lists) = (header.texts(blocks), header.texts(lists));
    if blocks.is_empty() && lists.is_empty() {
        return None;
    }
    let blocks = Set::of(blocks.iter().filter_map(|text| block(text)).map(super::super::packet::range_of));
    let own = components.cx.account();
    Some(lists.iter().fold(blocks, |set, list| set.union(&list_addresses(components, own, id_of(list)))))
}

fn ports(header: &Document, member: &str) -> Option<Set> {
    let texts = header.texts(member);
    (!texts.is_empty()).then(|| Set::of(texts.iter().filter_map(|text| port_range(text))))
}

/// A block, or an address alone.
fn block(text: &str) -> Option<Ipv4Net> {
    text.parse().ok().or_else(|| Ipv4Net::new(text.parse().ok()?, 32).ok())
}

/// `443`, or `1024-65535`.
fn port_range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.parse::<u16>().ok().map(u32::from);
    port(first).zip(port(last)).filter(|(first, last)| first <= last)
}

impl Resources {
    fn of(told: &Document, member: &str) -> Option<Resources> {
        let statement = Document::from(told.at(member)?.clone());
        let of_type = |name: &String| TYPES.iter().find(|(known, _)| known == name).map(|(_, prefix)| *prefix);
        let prefixes =
            statement.texts("ResourceTypes").iter().filter_map(of_type).filter(|it| !it.is_empty()).collect();
        let ids = statement.texts("Resources").iter().map(|text| id_of(text).to_owned()).collect();
        Some(Resources { ids, prefixes })
    }

    fn have(&self, id: &str) -> bool {
        let of_type = |prefix: &&str| id.starts_with(prefix) && (**prefix != *"vpce-" || !id.starts_with("vpce-svc-"));
        self.ids.iter().any(|held| held == id) || self.prefixes.iter().any(of_type)
    }

    /// Whether a way that begins or ends there is one of theirs: an interface stands for its instance, and is in groups, a subnet and a VPC.
    fn have_end(&self, end: &End) -> bool {
        match end {
            End::Interface(interface) => names_of(interface).iter().any(|name| self.have(name)),
            _ => end.id().is_some_and(|id| self.have(id)),
        }
    }

    /// Whether a way through what has these ids leads through one of them.
    pub fn are_on(&self, ids: &[&str]) -> bool {
        ids.iter().any(|id| self.have(id))
    }

    /// How many names they are told by: so much is looked at for one id.
    pub fn names(&self) -> usize {
        self.ids.len().saturating_add(self.prefixes.len())
    }
}

/// By what an interface can be named: itself, what it is attached to or made for, and what it is in.
fn names_of(interface: &NetworkInterface) -> Vec<&str> {
    let mut names = vec![interface.id.as_str(), &interface.subnet_id, &interface.vpc_id];
    names.extend(interface.groups.iter().map(String::as_str));
    names.extend(interface.attachment.as_ref().map(|held| held.instance_id.as_str()));
    names.extend(interface.managed.as_ref().map(|held| held.owner_id.as_str()));
    names
}

/// The request of a scope: its texts are not recorded at AWS.
pub fn check(input: &Document) -> Result<(), ApiError> {
    // "A Network Access Scope must specify at least one match condition."
    // <https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/match-paths.html>
    if input.list("MatchPaths").is_empty() {
        return Err(crate::refused::missing("MatchPaths"));
    }
    for condition in input.list("MatchPaths").into_iter().chain(input.list("ExcludePaths")).map(Document::from) {
        for member in ["Source", "Destination"] {
            check_header(&condition, member)?;
            check_resources(&condition, &format!("{member}.ResourceStatement"))?;
        }
        let through = condition.list("ThroughResources").into_iter().map(Document::from);
        through.into_iter().try_for_each(|it| {
            check_resources(&it, "ResourceStatement")?;
            check_through(&it)
        })?;
    }
    Ok(())
}

fn invalid(text: &str, member: &str) -> ApiError {
    crate::refused::invalid(format!("Value ({text}) for parameter {member} is invalid."))
}

fn check_header(condition: &Document, member: &str) -> Result<(), ApiError> {
    let texts = |name: &str| condition.texts(&format!("{member}.PacketHeaderStatement.{name}"));
    let all = |name: &str, is_fine: fn(&str) -> bool| match texts(name).iter().find(|text| !is_fine(text)) {
        Some(text) => Err(invalid(text, name)),
        None => Ok(()),
    };
    for name in ["SourceAddresses", "DestinationAddresses"] {
        all(name, |text| block(text).is_some())?;
    }
    for name in ["SourcePorts", "DestinationPorts"] {
        all(name, |text| port_range(text).is_some())?;
    }
    for name in ["SourcePrefixLists", "DestinationPrefixLists"] {
        all(name, |text| kind::PREFIX_LIST.is_id(id_of(text)))?;
    }
    Ok(())
}

/// "A single resource statement can include either resource IDs or resource types, but not both."
fn check_resources(told: &Document, member: &str) -> Result<(), ApiError> {
    let texts = |name: &str| told.texts(&format!("{member}.{name}"));
    let (ids, types) = (texts("Resources"), texts("ResourceTypes"));
    if !ids.is_empty() && !types.is_empty() {
        let message = "Resources and ResourceTypes cannot be specified together.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if let Some(text) = types.iter().find(|text| TYPES.iter().all(|(known, _)| known != text)) {
        return Err(invalid(text, "ResourceTypes"));
    }
    let is_known = |text: &&String| kind::of_id(id_of(text)).is_some() || Arn::parse(text).is_some();
    match ids.iter().find(|text| !is_known(text)) {
        Some(text) => Err(invalid(text, "Resources")),
        None => Ok(()),
    }
}

/// Types and kinds of resources that stand "in source and destination fields only".
/// <https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/working-with-vaa.html>
const ENDS: [&str; 2] = ["AWS::EC2::InternetGateway", "AWS::EC2::NetworkInterface"];
const ENDS_IDS: [&str; 6] = ["eni-", "i-", "igw-", "sg-", "subnet-", "vpc-"];

fn check_through(told: &Document) -> Result<(), ApiError> {
    let texts = |name: &str| told.texts(&format!("ResourceStatement.{name}"));
    if let Some(text) = texts("ResourceTypes").iter().find(|text| ENDS.contains(&text.as_str())) {
        return Err(invalid(text, "ResourceTypes"));
    }
    let is_end = |text: &&String| ENDS_IDS.iter().any(|prefix| id_of(text).starts_with(prefix));
    texts("Resources").iter().find(is_end).map_or(Ok(()), |text| Err(invalid(text, "Resources")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_blocks() {
        for (text, expected) in [
            ("443", Some((443, 443))),
            ("1024-65535", Some((1024, 65_535))),
            ("9-8", None),
            ("65536", None),
            ("http", None),
            ("", None),
        ] {
            assert_eq!(port_range(text), expected, "{text}");
        }
        assert_eq!(block("10.0.0.1"), "10.0.0.1/32".parse().ok());
        assert_eq!(block("10.0.0.0/8"), "10.0.0.0/8".parse().ok());
        assert_eq!(block("2600::/16"), None);
    }
}
