//! VPCs: the record, and describing them. [`create`] makes and removes them, [`cidr`] gives them further blocks, [`attribute`] knows their DNS switches.

use std::sync::Arc;

use ipnet::Ipv4Net;
use service::filters::{Fields, Filter};
use service::prelude::*;

use crate::kind;
use crate::resource::{self, Wanted, resource};

pub mod attribute;
pub mod cidr;
pub mod create;

/// A virtual private cloud.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vpc {
    pub account: AccountId,
    pub region: String,
    /// `vpc-…`
    pub id: String,
    /// The first block.
    pub cidr: Ipv4Net,
    /// All blocks, the first included.
    pub cidr_associations: Vec<CidrAssociation>,
    pub is_default: bool,
    /// `default` or `dedicated`.
    pub tenancy: String,
    pub dhcp_options_id: String,
    pub dns_support: bool,
    pub dns_hostnames: bool,
    pub address_usage_metrics: bool,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A block of addresses of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CidrAssociation {
    /// `vpc-cidr-assoc-…`
    pub id: String,
    pub cidr: Ipv4Net,
}

impl Vpc {
    /// (account, region) of the default VPC: one each.
    pub const DEFAULT: usize = 0;
    /// (account, region, association) of every block.
    pub const BY_CIDR_ASSOCIATION: usize = 1;
    /// (account, region, set of DHCP options).
    pub const BY_DHCP_OPTIONS: usize = 2;
}

impl Record for Vpc {
    const TABLE: TableDef = TableDef::own("ec2_vpc", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "default", unique: true },
        IndexDef { name: "by_cidr_association", unique: true },
        IndexDef { name: "by_dhcp_options", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.is_default {
            entries.add(Self::DEFAULT, &[self.account.as_str(), &self.region]);
        }
        for block in &self.cidr_associations {
            entries.add(Self::BY_CIDR_ASSOCIATION, &[self.account.as_str(), &self.region, &block.id]);
        }
        entries.add(Self::BY_DHCP_OPTIONS, &[self.account.as_str(), &self.region, &self.dhcp_options_id]);
    }
}

resource!(Vpc, kind::VPC, {
    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:Tenancy", self.tenancy.as_str()).key("ec2:VpcID", self.id.as_str())
    }
});

/// The default VPC of an account in a region, unless it was deleted.
pub fn default_of(world: &World, account: AccountId, region: &str) -> Option<Arc<Vpc>> {
    world.one::<Vpc>(Vpc::DEFAULT, &[account.as_str(), region]).cloned()
}

/// The VPC with that id, whatever the caller.
pub fn in_place(world: &World, account: AccountId, region: &str, id: &str) -> Option<Arc<Vpc>> {
    world.get::<Vpc>(&[account.as_str(), region, id]).cloned()
}

/// `DescribeVpcsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeVpcs {
    pub vpc_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeVpcsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Vpcs {
    pub vpcs: Vec<VpcOut>,
    pub next_token: Option<String>,
}

/// `Vpc`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct VpcOut {
    pub vpc_id: String,
    pub owner_id: String,
    pub state: &'static str,
    pub cidr_block: String,
    pub cidr_block_association_set: Vec<CidrAssociationOut>,
    pub dhcp_options_id: String,
    pub instance_tenancy: String,
    pub is_default: bool,
    pub block_public_access_states: BlockPublicAccessOut,
    pub tags: Option<Vec<Tag>>,
}

/// `VpcCidrBlockAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct CidrAssociationOut {
    pub association_id: String,
    pub cidr_block: String,
    pub cidr_block_state: CidrStateOut,
}

/// `VpcCidrBlockState`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct CidrStateOut {
    pub state: &'static str,
}

/// `BlockPublicAccessStates`: nobody can block anything yet.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct BlockPublicAccessOut {
    pub internet_gateway_block_mode: &'static str,
}

static FIELDS: Fields<VpcOut> = Fields {
    fields: &[
        ("cidr", |it, values| values.push(it.cidr_block.as_str())),
        // Older spellings, which AWS's documentation of this filter still names.
        ("cidr-block", |it, values| values.push(it.cidr_block.as_str())),
        ("cidrBlock", |it, values| values.push(it.cidr_block.as_str())),
        ("cidr-block-association.association-id", |it, values| {
            it.cidr_block_association_set.iter().for_each(|one| values.push(one.association_id.as_str()));
        }),
        ("cidr-block-association.cidr-block", |it, values| {
            it.cidr_block_association_set.iter().for_each(|one| values.push(one.cidr_block.as_str()));
        }),
        ("cidr-block-association.state", |it, values| {
            it.cidr_block_association_set.iter().for_each(|one| values.push(one.cidr_block_state.state));
        }),
        ("dhcp-options-id", |it, values| values.push(it.dhcp_options_id.as_str())),
        ("ipv6-cidr-block-association.association-id", |_, _| {}),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |_, _| {}),
        ("ipv6-cidr-block-association.ipv6-pool", |_, _| {}),
        ("ipv6-cidr-block-association.state", |_, _| {}),
        ("is-default", |it, values| values.push_bool(it.is_default)),
        ("isDefault", |it, values| values.push_bool(it.is_default)),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("state", |it, values| values.push(it.state)),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// VPCs that pass the filters, or those named. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeVpcs) -> Result<Vpcs, ApiError> {
    let wanted = Wanted {
        ids: input.vpc_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, out)?;
    Ok(Vpcs { vpcs: page.items, next_token: page.next })
}

/// As answers show the VPC.
pub fn out(vpc: &Vpc) -> VpcOut {
    VpcOut {
        vpc_id: vpc.id.clone(),
        owner_id: vpc.account.to_string(),
        state: "available",
        cidr_block: vpc.cidr.to_string(),
        cidr_block_association_set: vpc
            .cidr_associations
            .iter()
            .map(|one| association_out(one, "associated"))
            .collect(),
        dhcp_options_id: vpc.dhcp_options_id.clone(),
        instance_tenancy: vpc.tenancy.clone(),
        is_default: vpc.is_default,
        block_public_access_states: BlockPublicAccessOut { internet_gateway_block_mode: "off" },
        tags: resource::tags_out(&vpc.tags),
    }
}

/// As answers show one of its blocks, in that state.
pub fn association_out(block: &CidrAssociation, state: &'static str) -> CidrAssociationOut {
    CidrAssociationOut {
        association_id: block.id.clone(),
        cidr_block: block.cidr.to_string(),
        cidr_block_state: CidrStateOut { state },
    }
}
