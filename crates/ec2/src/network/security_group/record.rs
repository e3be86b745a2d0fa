//! What is stored of security groups and rules.

use service::prelude::*;

use super::peered::PeeredGroup;

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    pub account: AccountId,
    pub region: String,
    /// `sg-…`
    pub id: String,
    pub vpc_id: String,
    pub name: String,
    pub description: String,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// One rule: one peer, one protocol, one range of ports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    pub account: AccountId,
    pub region: String,
    /// `sgr-…`
    pub id: String,
    pub group_id: String,
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1` for all.
    pub protocol: String,
    /// The first port, or the ICMP type; -1 is any. None where the protocol has no ports.
    pub from_port: Option<i64>,
    /// The last port, or the ICMP code.
    pub to_port: Option<i64>,
    pub peer: Peer,
    pub description: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Whom a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Peer {
    /// A block of addresses in its canonical form.
    Ipv4(String),
    Ipv6(String),
    /// Another group of the same account, or the same group.
    Group(String),
    /// `pl-…`
    PrefixList(String),
    /// A group of a peered VPC, of the same account or another.
    Peered(PeeredGroup),
}

impl Peer {
    /// As messages and lists name it.
    pub fn text(&self) -> &str {
        match self {
            Peer::Ipv4(text) | Peer::Ipv6(text) | Peer::Group(text) | Peer::PrefixList(text) => text,
            Peer::Peered(peered) => &peered.group_id,
        }
    }
}

impl SecurityGroup {
    /// (account, region, VPC, name): unique.
    pub const BY_NAME: usize = 0;
    /// (account, region, VPC).
    pub const BY_VPC: usize = 1;
}

impl Record for SecurityGroup {
    const TABLE: TableDef = TableDef::own("ec2_security_group", &["account", "region", "id"], &["vpc_id", "name"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_name", unique: true }, IndexDef { name: "by_vpc", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.vpc_id.clone()), Some(self.name.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &self.region, &self.vpc_id, &self.name]);
        entries.add(Self::BY_VPC, &[self.account.as_str(), &self.region, &self.vpc_id]);
    }
}

impl SecurityGroupRule {
    /// (account, region, group).
    pub const BY_GROUP: usize = 0;
    /// (account, region, group or prefix list it lets in or out).
    pub const BY_PEER_GROUP: usize = 1;
    /// (account and region of the group of a peered VPC, its id).
    pub const BY_PEERED_GROUP: usize = 2;

    /// Whether both say the same, descriptions and tags aside.
    pub fn same_as(&self, other: &SecurityGroupRule) -> bool {
        self.order() == other.order() && self.group_id == other.group_id
    }

    /// What tells a group's rules apart, and the order in which they are shown.
    pub fn order(&self) -> impl Ord + '_ {
        (self.egress, self.protocol.as_str(), self.from_port, self.to_port, &self.peer)
    }
}

impl Record for SecurityGroupRule {
    const TABLE: TableDef = TableDef::own("ec2_security_group_rule", &["account", "region", "id"], &["group_id"]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_group", unique: false },
        IndexDef { name: "by_peer_group", unique: false },
        IndexDef { name: "by_peered_group", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.group_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        entries.add(Self::BY_GROUP, &[account, region, &self.group_id]);
        match &self.peer {
            Peer::Group(peer) | Peer::PrefixList(peer) => entries.add(Self::BY_PEER_GROUP, &[account, region, peer]),
            Peer::Peered(peered) => {
                entries.add(Self::BY_PEERED_GROUP, &[peered.owner.as_str(), region, &peered.group_id]);
            }
            Peer::Ipv4(_) | Peer::Ipv6(_) => {}
        }
    }
}
