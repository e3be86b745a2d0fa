//! The forms in which requests name rules: a list of permissions, each with many peers, or one rule in flat parameters. [`rules`] makes plain rules of
//! them; [`permissions`] writes rules back as permissions.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>

use ipnet::{Ipv4Net, Ipv6Net};
use service::prelude::*;

use super::association::share_a_vpc;
use super::peered::{self, Named};
use super::{Peer, SecurityGroup, SecurityGroupRule, by_name, get, look_up};
use crate::family;
use crate::kind;
use crate::refused::missing;

/// `IpPermission`, in requests and answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct IpPermission {
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    #[serde(default)]
    pub user_id_group_pairs: Vec<GroupPair>,
    #[serde(default)]
    pub ip_ranges: Vec<IpRange>,
    #[serde(default)]
    pub ipv6_ranges: Vec<Ipv6Range>,
    #[serde(default)]
    pub prefix_list_ids: Vec<PrefixList>,
}

/// `UserIdGroupPair`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct GroupPair {
    pub description: Option<String>,
    pub user_id: Option<String>,
    pub group_name: Option<String>,
    pub group_id: Option<String>,
    pub vpc_id: Option<String>,
    pub vpc_peering_connection_id: Option<String>,
    /// Told, never read.
    pub peering_status: Option<String>,
}

/// `IpRange`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct IpRange {
    pub description: Option<String>,
    pub cidr_ip: Option<String>,
}

/// `Ipv6Range`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Ipv6Range {
    pub description: Option<String>,
    pub cidr_ipv6: Option<String>,
}

/// `PrefixListId`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct PrefixList {
    pub description: Option<String>,
    pub prefix_list_id: Option<String>,
}

/// One rule in flat parameters, as the older forms of the operations have it.
#[derive(Debug, Clone, Default)]
pub struct Flat<'a> {
    pub ip_protocol: Option<&'a str>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub cidr_ip: Option<&'a str>,
    pub source_group_name: Option<&'a str>,
    pub source_group_owner: Option<&'a str>,
}

impl Flat<'_> {
    /// The same as permissions; none when nothing was given. A source group without a protocol stands for all of ICMP, TCP and UDP.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>
    pub fn permissions(&self) -> Vec<IpPermission> {
        let pair = self.source_group_name.map(|name| GroupPair {
            group_name: Some(name.to_owned()),
            user_id: self.source_group_owner.map(str::to_owned),
            ..GroupPair::default()
        });
        let range = self.cidr_ip.map(|cidr| IpRange { cidr_ip: Some(cidr.to_owned()), description: None });
        let base = IpPermission {
            ip_protocol: self.ip_protocol.map(str::to_owned),
            from_port: self.from_port,
            to_port: self.to_port,
            user_id_group_pairs: pair.into_iter().collect(),
            ip_ranges: range.into_iter().collect(),
            ..IpPermission::default()
        };
        match (self.ip_protocol, self.source_group_name, self.cidr_ip) {
            (None, None, None) => Vec::new(),
            (None, Some(_), _) => [("tcp", 0, 65535), ("udp", 0, 65535), ("icmp", -1, -1)]
                .map(|(protocol, from, to)| IpPermission {
                    ip_protocol: Some(protocol.to_owned()),
                    from_port: Some(from),
                    to_port: Some(to),
                    ..base.clone()
                })
                .into(),
            _ => vec![base],
        }
    }
}

/// The rules that permissions stand for. They have no ids yet; `group` is the one they are for.
pub fn rules(
    cx: &Cx,
    world: &World,
    group: &SecurityGroup,
    egress: bool,
    permissions: &[IpPermission],
) -> Result<Vec<SecurityGroupRule>, ApiError> {
    let mut rules: Vec<SecurityGroupRule> = Vec::new();
    for permission in permissions {
        let ports = ports(permission.ip_protocol.as_deref(), permission.from_port, permission.to_port)?;
        for (peer, description) in peers(cx, world, group, permission)? {
            let rule = rule(group, egress, ports.clone(), peer, description)?;
            if rules.iter().any(|other| other.same_as(&rule)) {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    "The same permission must not appear multiple times",
                ));
            }
            rules.push(rule);
        }
    }
    if rules.is_empty() {
        return Err(missing("ipPermissions"));
    }
    Ok(rules)
}

/// A rule without an id.
pub fn rule(
    group: &SecurityGroup,
    egress: bool,
    (protocol, from_port, to_port): Ports,
    peer: Peer,
    description: Option<String>,
) -> Result<SecurityGroupRule, ApiError> {
    Ok(SecurityGroupRule {
        account: group.account,
        region: group.region.clone(),
        id: String::new(),
        group_id: group.id.clone(),
        egress,
        protocol,
        from_port,
        to_port,
        peer,
        description: check_description(description)?,
        tags: Vec::new(),
    })
}

/// A protocol with its ports, or ICMP type and code.
pub type Ports = (String, Option<i64>, Option<i64>);

/// Protocol and ports as they are stored. Protocols without ports keep none, whatever was sent.
pub fn ports(protocol: Option<&str>, from: Option<i64>, to: Option<i64>) -> Result<Ports, ApiError> {
    let protocol = protocol.ok_or_else(|| missing("ipProtocol"))?;
    let name = protocol_name(protocol)?;
    let (from, to) = match name.as_str() {
        "tcp" | "udp" => port_range(from, to)?,
        "icmp" | "icmpv6" => (Some(from.unwrap_or(-1)), Some(to.unwrap_or(-1))),
        _ => (None, None),
    };
    Ok((name, from, to))
}

fn protocol_name(protocol: &str) -> Result<String, ApiError> {
    let lower = protocol.to_ascii_lowercase();
    let name = match lower.as_str() {
        "-1" | "all" => "-1",
        "tcp" | "6" => "tcp",
        "udp" | "17" => "udp",
        "icmp" | "1" => "icmp",
        "icmpv6" | "58" => "icmpv6",
        number if number.parse::<u8>().is_ok() => number,
        _ => {
            let message = format!("Invalid value '{protocol}' for IP protocol. Unknown protocol.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
    };
    Ok(name.to_owned())
}

fn port_range(from: Option<i64>, to: Option<i64>) -> Result<(Option<i64>, Option<i64>), ApiError> {
    let invalid = |message: String| ApiError::new("InvalidParameterValue", message);
    match (from, to) {
        // -1 to -1 is an older way to say all ports.
        (Some(-1), Some(-1)) => Ok((Some(0), Some(65535))),
        (Some(from), Some(to)) if (0..=65535).contains(&from) && (0..=65535).contains(&to) && from <= to => {
            Ok((Some(from), Some(to)))
        }
        (Some(from), Some(to)) => Err(invalid(format!("Invalid TCP/UDP port range ({from}:{to})"))),
        _ => {
            Err(invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.".to_owned()))
        }
    }
}

type Described = (Peer, Option<String>);

fn peers(cx: &Cx, world: &World, group: &SecurityGroup, permission: &IpPermission) -> Result<Vec<Described>, ApiError> {
    let mut peers = Vec::new();
    for range in &permission.ip_ranges {
        peers.push((ipv4(range.cidr_ip.as_deref())?, range.description.clone()));
    }
    for range in &permission.ipv6_ranges {
        peers.push((ipv6(range.cidr_ipv6.as_deref())?, range.description.clone()));
    }
    for list in &permission.prefix_list_ids {
        peers.push((prefix_list(cx, world, list.prefix_list_id.as_deref())?, list.description.clone()));
    }
    for pair in &permission.user_id_group_pairs {
        peers.push((source(cx, world, group, pair)?, pair.description.clone()));
    }
    Ok(peers)
}

/// A prefix list, of the account's own or AWS's.
pub fn prefix_list(cx: &Cx, world: &World, id: Option<&str>) -> Result<Peer, ApiError> {
    family::prefix_list::find(world, cx, id.unwrap_or_default()).map(|list| Peer::PrefixList(list.id.clone()))
}

/// A block of addresses in its canonical form: 10.1.2.3/8 is 10.0.0.0/8.
pub fn ipv4(text: Option<&str>) -> Result<Peer, ApiError> {
    let text = text.unwrap_or_default();
    let block: Ipv4Net = text.parse().map_err(|_| malformed(text))?;
    Ok(Peer::Ipv4(block.trunc().to_string()))
}

/// The same for IPv6.
pub fn ipv6(text: Option<&str>) -> Result<Peer, ApiError> {
    let text = text.unwrap_or_default();
    let block: Ipv6Net = text.parse().map_err(|_| malformed(text))?;
    Ok(Peer::Ipv6(block.trunc().to_string()))
}

fn malformed(text: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("CIDR block {text} is malformed"))
}

/// The other group, by id, or by name within the same VPC.
fn source(cx: &Cx, world: &World, group: &SecurityGroup, pair: &GroupPair) -> Result<Peer, ApiError> {
    let foreign = pair.user_id.as_deref().is_some_and(|user| user != cx.account().as_str());
    match (&pair.group_id, &pair.group_name) {
        (Some(id), _) if foreign => {
            let found = peered::find(cx, world, group, &Named::of(pair, id));
            found.ok_or_else(|| kind::SECURITY_GROUP.not_found(&[id]))
        }
        (Some(id), _) => peer_group(cx, world, group, &Named::of(pair, id)),
        (None, Some(name)) => {
            let found = by_name(world, cx, &group.vpc_id, name).filter(|_| !foreign);
            let found = found.ok_or_else(|| kind::SECURITY_GROUP.not_found(&[name]))?;
            Ok(Peer::Group(found.id.clone()))
        }
        (None, None) => Err(ApiError::new("MissingParameter", "Source group ID missing.")),
    }
}

/// A group of the account as peer: there must be a VPC in which both can be used, or a peering connection between theirs. What a rule names already
/// may be gone.
pub fn peer_group(cx: &Cx, world: &World, group: &SecurityGroup, named: &Named<'_>) -> Result<Peer, ApiError> {
    let found = look_up(world, cx, named.id);
    if let Some(found) = found.as_ref().filter(|found| share_a_vpc(world, group, found)) {
        return Ok(Peer::Group(found.id.clone()));
    }
    if let Some(peer) = peered::find(cx, world, group, named) {
        return Ok(peer);
    }
    if found.is_none() {
        get(world, cx, named.id)?;
    }
    let message = "You have specified two resources that belong to different networks.";
    Err(ApiError::new("InvalidGroup.NotFound", message))
}

/// At most 255 characters of `a-z`, `A-Z`, `0-9`, space and `._-:/()#,@[]+=;{}!$*`.
pub fn check_description(description: Option<String>) -> Result<Option<String>, ApiError> {
    const PUNCTUATION: &str = " ._-:/()#,@[]+=&;{}!$*";
    let Some(text) = description.filter(|text| !text.is_empty()) else { return Ok(None) };
    let allowed = |character: char| character.is_ascii_alphanumeric() || PUNCTUATION.contains(character);
    if text.chars().count() > 255 || !text.chars().all(allowed) {
        let message = "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  \
                       a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(Some(text))
}

/// Rules as permissions: rules of the same protocol and ports are one.
pub fn permissions<'a>(rules: impl Iterator<Item = &'a SecurityGroupRule>) -> Vec<IpPermission> {
    let mut permissions: Vec<IpPermission> = Vec::new();
    for rule in rules {
        let same = |it: &&mut IpPermission| {
            (it.ip_protocol.as_deref(), it.from_port, it.to_port)
                == (Some(rule.protocol.as_str()), rule.from_port, rule.to_port)
        };
        match permissions.iter_mut().find(same) {
            Some(permission) => add(permission, rule),
            None => {
                let mut permission = IpPermission {
                    ip_protocol: Some(rule.protocol.clone()),
                    from_port: rule.from_port,
                    to_port: rule.to_port,
                    ..IpPermission::default()
                };
                add(&mut permission, rule);
                permissions.push(permission);
            }
        }
    }
    permissions
}

fn add(permission: &mut IpPermission, rule: &SecurityGroupRule) {
    let description = rule.description.clone();
    match &rule.peer {
        Peer::Ipv4(cidr) => permission.ip_ranges.push(IpRange { description, cidr_ip: Some(cidr.clone()) }),
        Peer::Ipv6(cidr) => permission.ipv6_ranges.push(Ipv6Range { description, cidr_ipv6: Some(cidr.clone()) }),
        Peer::Group(id) => permission.user_id_group_pairs.push(GroupPair {
            description,
            user_id: Some(rule.account.to_string()),
            group_id: Some(id.clone()),
            ..GroupPair::default()
        }),
        Peer::Peered(peered) => permission.user_id_group_pairs.push(GroupPair {
            description,
            user_id: Some(peered.owner.to_string()),
            group_id: Some(peered.group_id.clone()),
            vpc_id: Some(peered.vpc_id.clone()),
            vpc_peering_connection_id: Some(peered.peering_id.clone()),
            ..GroupPair::default()
        }),
        Peer::PrefixList(id) => {
            permission.prefix_list_ids.push(PrefixList { description, prefix_list_id: Some(id.clone()) });
        }
    }
}
