//! Network ACLs: numbered rules in front of subnets.

use service::filters::{Fields, Filter, exact};
use service::prelude::*;

use crate::kind;
use crate::resource::{self, Wanted, resource};

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
    pub cidr: String,
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
}

impl Record for NetworkAcl {
    const TABLE: TableDef = TableDef::own("ec2_network_acl", &["account", "region", "id"], &["vpc_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_vpc", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.vpc_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_VPC, &[self.account.as_str(), &self.region, &self.vpc_id]);
    }
}

resource!(NetworkAcl, kind::NETWORK_ACL, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:NetworkAclID", self.id.as_str()).key("ec2:Vpc", kind::VPC.arn(cx, &self.vpc_id))
    }
});

/// The rules of a default ACL: everything passes, in both directions.
pub fn open_entries() -> Vec<AclEntry> {
    let entry = |number, egress, allow| AclEntry {
        number,
        egress,
        allow,
        protocol: "-1".to_owned(),
        cidr: "0.0.0.0/0".to_owned(),
    };
    vec![entry(100, true, true), entry(32767, true, false), entry(100, false, true), entry(32767, false, false)]
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
    pub cidr_block: String,
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
        ("entry.cidr", |it, values| it.entries.iter().for_each(|one| values.push(one.cidr_block.as_str()))),
        ("entry.egress", |it, values| it.entries.iter().for_each(|one| values.push_bool(one.egress))),
        ("entry.icmp.code", |_, _| {}),
        ("entry.icmp.type", |_, _| {}),
        ("entry.ipv6-cidr", |_, _| {}),
        ("entry.port-range.from", |_, _| {}),
        ("entry.port-range.to", |_, _| {}),
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

fn out(acl: &NetworkAcl) -> NetworkAclOut {
    let entry = |one: &AclEntry| EntryOut {
        rule_number: one.number,
        protocol: one.protocol.clone(),
        rule_action: if one.allow { "allow" } else { "deny" },
        egress: one.egress,
        cidr_block: one.cidr.clone(),
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
