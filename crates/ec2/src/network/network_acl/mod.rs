//! Network ACLs: numbered rules in front of subnets. [`create`] makes and removes them, [`entry`] changes their rules, [`association`] moves subnets
//! behind another one.

use std::sync::Arc;

use service::filters::{Fields, Filter, exact};
use service::prelude::*;

use super::subnet::Subnet;
use super::vpc::Vpc;
use crate::kind;
use crate::resource::{self, Wanted, resource};

pub mod association;
pub mod create;
pub mod entry;

/// A network ACL.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NetworkAcl {
    pub account: AccountId,
    pub region: String,
    /// `acl-…`
    pub id: String,
    pub vpc_id: String,
    pub is_default: bool,
    pub entries: Vec<AclEntry>,
    pub associations: Vec<AclAssociation>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A rule of an ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    /// 1 to 32766; 32767 is the last word, which nobody can change.
    pub number: i64,
    pub egress: bool,
    pub allow: bool,
    /// A protocol's number; `-1` is all.
    pub protocol: String,
    /// A block of IPv4 or IPv6 addresses in its canonical form.
    pub cidr: String,
    /// The first and the last port, for TCP and UDP.
    #[serde(default)]
    pub ports: Option<(i64, i64)>,
    /// Type and code, for ICMP; -1 is any.
    #[serde(default)]
    pub icmp: Option<(i64, i64)>,
}

/// A subnet behind an ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclAssociation {
    /// `aclassoc-…`
    pub id: String,
    pub subnet_id: String,
}

impl NetworkAcl {
    /// (account, region, VPC).
    pub const BY_VPC: usize = 0;
    /// (account, region, association).
    pub const BY_ASSOCIATION: usize = 1;
    /// (account, region, subnet): each is behind one.
    pub const BY_SUBNET: usize = 2;
}

impl Record for NetworkAcl {
    const TABLE: TableDef = TableDef::own("ec2_network_acl", &["account", "region", "id"], &["vpc_id"]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_vpc", unique: false },
        IndexDef { name: "by_association", unique: true },
        IndexDef { name: "by_subnet", unique: true },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.vpc_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        entries.add(Self::BY_VPC, &[account, region, &self.vpc_id]);
        for one in &self.associations {
            entries.add(Self::BY_ASSOCIATION, &[account, region, &one.id]);
            entries.add(Self::BY_SUBNET, &[account, region, &one.subnet_id]);
        }
    }
}

resource!(NetworkAcl, kind::NETWORK_ACL, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:NetworkAclID", self.id.as_str()).key("ec2:Vpc", kind::VPC.arn(cx, &self.vpc_id))
    }
});

/// The last rule of each direction, which nobody can change: what no other rule lets pass is stopped.
const LAST: i64 = 32767;

/// The same for IPv6.
const LAST_IPV6: i64 = LAST + 1;

/// The rules of a default ACL: everything passes, in both directions. Those for IPv6 come with a block of such addresses.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html>
pub fn open_entries(vpc: &Vpc) -> Vec<AclEntry> {
    let ipv4 = |egress| [open_entry(egress), last_entry(egress)];
    let ipv6 = |egress| [open_ipv6_entry(egress), last_ipv6_entry(egress)];
    let mut entries: Vec<_> = [true, false].into_iter().flat_map(ipv4).collect();
    if !vpc.ipv6_blocks.is_empty() {
        entries.extend([true, false].into_iter().flat_map(ipv6));
    }
    entries
}

/// The rules of any other new one: nothing passes.
pub fn closed_entries(vpc: &Vpc) -> Vec<AclEntry> {
    let mut entries = vec![last_entry(true), last_entry(false)];
    if !vpc.ipv6_blocks.is_empty() {
        entries.extend([last_ipv6_entry(true), last_ipv6_entry(false)]);
    }
    entries
}

/// The VPC has got IPv6 addresses: its ACLs get their last rules for these, and the default one lets them pass in each direction in which it still
/// lets all of IPv4 pass.
pub fn admit_ipv6(cx: &Cx, tx: &mut Tx, vpc: &Vpc) {
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let acls: Vec<_> = tx.by::<NetworkAcl>(NetworkAcl::BY_VPC, &parts).cloned().collect();
    for acl in acls {
        let mut entries = acl.entries.clone();
        for egress in [true, false] {
            if acl.is_default && acl.entries.contains(&open_entry(egress)) {
                push_new(&mut entries, open_ipv6_entry(egress));
            }
            push_new(&mut entries, last_ipv6_entry(egress));
        }
        resource::update::<NetworkAcl>(tx, cx, &acl.id, |acl| acl.entries = entries);
    }
}

fn push_new(entries: &mut Vec<AclEntry>, entry: AclEntry) {
    if !entries.iter().any(|held| held.number == entry.number && held.egress == entry.egress) {
        entries.push(entry);
    }
}

fn open_entry(egress: bool) -> AclEntry {
    AclEntry { number: 100, allow: true, ..last_entry(egress) }
}

fn open_ipv6_entry(egress: bool) -> AclEntry {
    AclEntry { number: 101, allow: true, ..last_ipv6_entry(egress) }
}

fn last_ipv6_entry(egress: bool) -> AclEntry {
    AclEntry { number: LAST_IPV6, cidr: "::/0".to_owned(), ..last_entry(egress) }
}

fn last_entry(egress: bool) -> AclEntry {
    AclEntry {
        number: LAST,
        egress,
        allow: false,
        protocol: "-1".to_owned(),
        cidr: "0.0.0.0/0".to_owned(),
        ports: None,
        icmp: None,
    }
}

/// The ACL that a subnet is behind.
pub fn of_subnet<'w>(world: &'w World, subnet: &Subnet) -> Option<&'w Arc<NetworkAcl>> {
    world.one::<NetworkAcl>(NetworkAcl::BY_SUBNET, &[subnet.account.as_str(), &subnet.region, &subnet.id])
}

/// Puts a new subnet behind the default ACL of its VPC.
pub fn admit(cx: &Cx, tx: &mut Tx, subnet: &Subnet) {
    let parts = [subnet.account.as_str(), &subnet.region, &subnet.vpc_id];
    let default = tx.by::<NetworkAcl>(NetworkAcl::BY_VPC, &parts).find(|acl| acl.is_default).map(|acl| acl.id.clone());
    if let Some(acl) = default {
        let association = AclAssociation { id: cx.ids.ec2("aclassoc"), subnet_id: subnet.id.clone() };
        resource::update::<NetworkAcl>(tx, cx, &acl, |acl| acl.associations.push(association));
    }
}

/// `DescribeNetworkAclsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeNetworkAcls {
    pub network_acl_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeNetworkAclsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct NetworkAcls {
    pub network_acls: Vec<NetworkAclOut>,
    pub next_token: Option<String>,
}

/// `NetworkAcl`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct NetworkAclOut {
    pub network_acl_id: String,
    pub owner_id: String,
    pub vpc_id: String,
    pub is_default: bool,
    pub entries: Vec<EntryOut>,
    pub associations: Vec<AssociationOut>,
    pub tags: Vec<Tag>,
}

/// `NetworkAclEntry`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct EntryOut {
    pub rule_number: i64,
    pub protocol: String,
    pub rule_action: &'static str,
    pub egress: bool,
    pub cidr_block: Option<String>,
    pub ipv6_cidr_block: Option<String>,
    pub port_range: Option<PortRangeOut>,
    pub icmp_type_code: Option<IcmpOut>,
}

/// `PortRange`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct PortRangeOut {
    pub from: Option<i64>,
    pub to: Option<i64>,
}

/// `IcmpTypeCode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct IcmpOut {
    pub code: Option<i64>,
    pub r#type: Option<i64>,
}

/// `NetworkAclAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AssociationOut {
    pub network_acl_association_id: String,
    pub network_acl_id: String,
    pub subnet_id: String,
}

static FIELDS: Fields<NetworkAclOut> = Fields {
    fields: &[
        ("association.association-id", |it, values| {
            it.associations.iter().for_each(|one| values.push(one.network_acl_association_id.as_str()));
        }),
        ("association.network-acl-id", |it, values| {
            it.associations.iter().for_each(|one| values.push(one.network_acl_id.as_str()));
        }),
        ("association.subnet-id", |it, values| {
            it.associations.iter().for_each(|one| values.push(one.subnet_id.as_str()))
        }),
        ("default", |it, values| values.push_bool(it.is_default)),
        ("entry.cidr", |it, values| it.entries.iter().for_each(|one| values.push_if(one.cidr_block.as_deref()))),
        ("entry.egress", |it, values| it.entries.iter().for_each(|one| values.push_bool(one.egress))),
        ("entry.icmp.code", |it, values| {
            it.entries.iter().for_each(|one| {
                values.push_if(one.icmp_type_code.as_ref().and_then(|it| it.code).map(|number| number.to_string()))
            });
        }),
        ("entry.icmp.type", |it, values| {
            it.entries.iter().for_each(|one| {
                values.push_if(one.icmp_type_code.as_ref().and_then(|it| it.r#type).map(|number| number.to_string()))
            });
        }),
        ("entry.ipv6-cidr", |it, values| {
            it.entries.iter().for_each(|one| values.push_if(one.ipv6_cidr_block.as_deref()));
        }),
        ("entry.port-range.from", |it, values| {
            it.entries.iter().for_each(|one| {
                values.push_if(one.port_range.as_ref().and_then(|it| it.from).map(|port| port.to_string()))
            });
        }),
        ("entry.port-range.to", |it, values| {
            it.entries.iter().for_each(|one| {
                values.push_if(one.port_range.as_ref().and_then(|it| it.to).map(|port| port.to_string()))
            });
        }),
        ("entry.protocol", |it, values| it.entries.iter().for_each(|one| values.push(one.protocol.as_str()))),
        ("entry.rule-action", |it, values| it.entries.iter().for_each(|one| values.push(one.rule_action))),
        ("entry.rule-number", |it, values| it.entries.iter().for_each(|one| values.push(one.rule_number.to_string()))),
        ("network-acl-id", |it, values| values.push(it.network_acl_id.as_str())),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
    ],
    tags: Some(|it| &it.tags),
};

/// ACLs that pass the filters, or those named. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeNetworkAcls) -> Result<NetworkAcls, ApiError> {
    let filters = input.filters.as_deref();
    let wanted = Wanted {
        ids: input.network_acl_ids.as_deref(),
        filters,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let candidates = || match exact(filters, "vpc-id") {
        Some(vpcs) => resource::under(cx, world, NetworkAcl::BY_VPC, vpcs),
        None => resource::all(cx, world),
    };
    let page = resource::describe(cx, world, &wanted, candidates, &FIELDS, out)?;
    Ok(NetworkAcls { network_acls: page.items, next_token: page.next })
}

/// As answers show the ACL.
pub fn out(acl: &NetworkAcl) -> NetworkAclOut {
    let cidr = |one: &AclEntry, ipv6| (one.cidr.contains(':') == ipv6).then(|| one.cidr.clone());
    let entry = |one: &AclEntry| EntryOut {
        rule_number: one.number,
        protocol: one.protocol.clone(),
        rule_action: if one.allow { "allow" } else { "deny" },
        egress: one.egress,
        cidr_block: cidr(one, false),
        ipv6_cidr_block: cidr(one, true),
        port_range: one.ports.map(|(from, to)| PortRangeOut { from: Some(from), to: Some(to) }),
        icmp_type_code: one.icmp.map(|(of_type, code)| IcmpOut { code: Some(code), r#type: Some(of_type) }),
    };
    let association = |one: &AclAssociation| AssociationOut {
        network_acl_association_id: one.id.clone(),
        network_acl_id: acl.id.clone(),
        subnet_id: one.subnet_id.clone(),
    };
    NetworkAclOut {
        network_acl_id: acl.id.clone(),
        owner_id: acl.account.to_string(),
        vpc_id: acl.vpc_id.clone(),
        is_default: acl.is_default,
        entries: acl.entries.iter().map(entry).collect(),
        associations: acl.associations.iter().map(association).collect(),
        tags: acl.tags.clone(),
    }
}
