//! What is stored of a network interface.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use service::cx::States;
use service::prelude::*;

use super::hostname::HostnameType;
use super::managed::Managed;
use super::trunk::Association;
use crate::instance::view::{Detached, attached_word};

/// A network interface. What few have is boxed: of interfaces and volumes there may be a hundred thousand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    pub account: AccountId,
    pub region: String,
    /// `eni-…`
    pub id: String,
    pub vpc_id: String,
    pub subnet_id: String,
    pub zone: String,
    pub description: String,
    /// Ids of security groups.
    pub groups: Vec<String>,
    pub mac_address: String,
    pub private_ip: Ipv4Addr,
    #[serde(default)]
    pub secondary_ips: Vec<Ipv4Addr>,
    #[serde(default)]
    pub ipv4_prefixes: Vec<Ipv4Net>,
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Addr>,
    /// Whether the first IPv6 address is the primary one, which stays.
    #[serde(default)]
    pub primary_ipv6: bool,
    #[serde(default)]
    pub ipv6_prefixes: Vec<Ipv6Net>,
    pub public_ip: Option<Ipv4Addr>,
    pub source_dest_check: bool,
    pub attachment: Option<Attachment>,
    /// The attachment that ended last, which is seen for a moment longer.
    #[serde(default)]
    pub detached: Option<Box<Detached<Attachment>>>,
    /// Set where a service made it for a resource of its own.
    #[serde(default)]
    pub managed: Option<Box<Managed>>,
    /// What it was made as, if not as a usual one: `trunk`.
    #[serde(default)]
    pub interface_type: Option<String>,
    /// The trunk that a branch is on.
    #[serde(default)]
    pub trunk: Option<Box<Association>>,
    /// Who asked for it by CreateNetworkInterface: the caller's `aws:userid`.
    #[serde(default)]
    pub requester_id: Option<String>,
    pub created_at: Timestamp,
    /// When what holds it is gone, an instance that is shutting down or a gateway that is being deleted, and the interface with it.
    #[serde(default)]
    pub gone_at: Option<Timestamp>,
    /// The public host name that was chosen.
    #[serde(default)]
    pub public_hostname: Option<HostnameType>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// To which instance it is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// `eni-attach-…`
    pub id: String,
    pub instance_id: String,
    /// 0 is the primary interface.
    pub device_index: i64,
    pub network_card_index: i64,
    pub delete_on_termination: bool,
    pub attached_at: Timestamp,
    /// The instance's account, if it is another's.
    #[serde(default)]
    pub instance_account: Option<AccountId>,
}

impl NetworkInterface {
    /// (account, region, subnet, address or prefix) of every private and every IPv6 address: the addresses in use.
    pub const BY_ADDRESS: usize = 0;
    /// (account, region, instance).
    pub const BY_INSTANCE: usize = 1;
    /// (account, region, security group).
    pub const BY_GROUP: usize = 2;
    /// The public address, unique over all accounts.
    pub const BY_PUBLIC_ADDRESS: usize = 3;
    /// (account, region, VPC).
    pub const BY_VPC: usize = 4;
    /// (account, region, attachment).
    pub const BY_ATTACHMENT: usize = 5;
    /// (account, region, trunk interface or association): the branches.
    pub const BY_TRUNK: usize = 6;

    /// The primary IPv6 address.
    pub fn primary_ipv6_address(&self) -> Option<Ipv6Addr> {
        self.ipv6_addresses.first().copied().filter(|_| self.primary_ipv6)
    }

    /// The IPv6 addresses and prefixes.
    pub fn ipv6_in_use(&self) -> Vec<IpNet> {
        let addresses = self.ipv6_addresses.iter().map(|address| IpNet::from(std::net::IpAddr::V6(*address)));
        addresses.chain(self.ipv6_prefixes.iter().map(|prefix| IpNet::V6(*prefix))).collect()
    }

    /// All that the subnet has given it, as the index has it.
    fn held(&self) -> Vec<String> {
        let ipv4 = std::iter::once(&self.private_ip).chain(&self.secondary_ips).map(ToString::to_string);
        let ipv6 = self.ipv6_addresses.iter().map(ToString::to_string);
        let prefixes = self.ipv4_prefixes.iter().map(ToString::to_string);
        ipv4.chain(ipv6).chain(prefixes).chain(self.ipv6_prefixes.iter().map(ToString::to_string)).collect()
    }

    /// The attachment, until the instance is terminated.
    pub fn held_by(&self, now: Timestamp) -> Option<&Attachment> {
        let leaving = || self.detached.as_ref().filter(|ended| ended.until.is_some_and(|until| now < until));
        self.attachment.as_ref().or_else(|| Some(&leaving()?.attachment))
    }

    /// The attachment as it is seen with its state, the one that is about to be over included.
    pub fn attachment_at(&self, now: Timestamp, states: States) -> Option<(&Attachment, &'static str)> {
        match &self.attachment {
            Some(held) => Some((held, attached_word(held.attached_at, now, states))),
            None => self.detached.as_ref()?.seen(now, states),
        }
    }
}

impl Record for NetworkInterface {
    const TABLE: TableDef =
        TableDef::own("ec2_network_interface", &["account", "region", "id"], &["subnet_id", "instance_id"]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_address", unique: true },
        IndexDef { name: "by_instance", unique: false },
        IndexDef { name: "by_group", unique: false },
        IndexDef { name: "by_public_address", unique: true },
        IndexDef { name: "by_vpc", unique: false },
        IndexDef { name: "by_attachment", unique: true },
        IndexDef { name: "by_trunk", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.subnet_id.clone()), self.attachment.as_ref().map(|held| held.instance_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        for address in self.held() {
            entries.add(Self::BY_ADDRESS, &[account, region, &self.subnet_id, &address]);
        }
        if let Some(held) = self.held_by(Timestamp::MIN) {
            entries.add(Self::BY_INSTANCE, &[account, region, &held.instance_id]);
            entries.add(Self::BY_ATTACHMENT, &[account, region, &held.id]);
            // An instance of another account finds it, too.
            if let Some(other) = held.instance_account {
                entries.add(Self::BY_INSTANCE, &[other.as_str(), region, &held.instance_id]);
                entries.add(Self::BY_ATTACHMENT, &[other.as_str(), region, &held.id]);
            }
        }
        for group in &self.groups {
            entries.add(Self::BY_GROUP, &[account, region, group]);
        }
        if let Some(held) = &self.trunk {
            entries.add(Self::BY_TRUNK, &[account, region, &held.id]);
            entries.add(Self::BY_TRUNK, &[account, region, &held.trunk_id]);
        }
        if let Some(address) = self.public_ip {
            entries.add(Self::BY_PUBLIC_ADDRESS, &[&address.to_string()]);
        }
        entries.add(Self::BY_VPC, &[account, region, &self.vpc_id]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}
