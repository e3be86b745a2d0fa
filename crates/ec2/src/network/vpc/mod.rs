//! VPCs: the record, and describing them. [`create`] makes and removes them, [`cidr`] gives them further blocks, [`attribute`] knows their DNS switches.

use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::block::{self, FormerBlock, Ipv6Block, StateOut};
use super::block_public_access;
use super::encryption_control::{self, ControlOut};
use crate::instance::view::is_settled;
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
    /// Blocks of IPv6 addresses.
    #[serde(default)]
    pub ipv6_blocks: Vec<Ipv6Block>,
    /// Blocks that were taken away.
    #[serde(default)]
    pub former_blocks: Vec<FormerBlock>,
    /// None for those made before it was kept.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A block of addresses of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CidrAssociation {
    /// `vpc-cidr-assoc-…`
    pub id: String,
    pub cidr: Ipv4Net,
    /// When it was added; None for the first.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

impl Vpc {
    /// (account, region) of the default VPC: one each.
    pub const DEFAULT: usize = 0;
    /// (account, region, association) of every block.
    pub const BY_CIDR_ASSOCIATION: usize = 1;
    /// (account, region, set of DHCP options).
    pub const BY_DHCP_OPTIONS: usize = 2;
    /// The block of IPv6 addresses, unique over all accounts and regions.
    pub const BY_IPV6_BLOCK: usize = 3;
}

impl Vpc {
    /// All blocks, of IPv4 and of IPv6 addresses.
    pub fn blocks(&self) -> impl Iterator<Item = IpNet> {
        let ipv4 = self.cidr_associations.iter().map(|block| IpNet::V4(block.cidr));
        ipv4.chain(self.ipv6_blocks.iter().map(|block| IpNet::V6(block.cidr)))
    }
}

impl Record for Vpc {
    const TABLE: TableDef = TableDef::own("ec2_vpc", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "default", unique: true },
        IndexDef { name: "by_cidr_association", unique: true },
        IndexDef { name: "by_dhcp_options", unique: false },
        IndexDef { name: "by_ipv6_block", unique: true },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.is_default {
            entries.add(Self::DEFAULT, &[self.account.as_str(), &self.region]);
        }
        let ids = self.cidr_associations.iter().map(|block| &block.id).chain(self.ipv6_blocks.iter().map(|it| &it.id));
        ids.for_each(|id| entries.add(Self::BY_CIDR_ASSOCIATION, &[self.account.as_str(), &self.region, id]));
        for block in &self.ipv6_blocks {
            entries.add(Self::BY_IPV6_BLOCK, &[&block.cidr.to_string()]);
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
    pub ipv6_cidr_block_association_set: Option<Vec<Ipv6AssociationOut>>,
    pub dhcp_options_id: String,
    pub instance_tenancy: String,
    pub is_default: bool,
    pub encryption_control: Option<ControlOut>,
    /// Not told of one that is new.
    pub block_public_access_states: Option<BlockPublicAccessOut>,
    pub tags: Option<Vec<Tag>>,
}

/// `VpcCidrBlockAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct CidrAssociationOut {
    pub association_id: String,
    pub cidr_block: String,
    pub cidr_block_state: StateOut,
}

/// `VpcIpv6CidrBlockAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Ipv6AssociationOut {
    pub association_id: String,
    /// Empty as long as it is associated: AWS's examples tell the block only then.
    pub ipv6_cidr_block: String,
    pub ipv6_cidr_block_state: StateOut,
    pub network_border_group: String,
    pub ipv6_pool: String,
    pub ipv6_address_attribute: &'static str,
    pub ip_source: &'static str,
}

/// `BlockPublicAccessStates`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct BlockPublicAccessOut {
    pub internet_gateway_block_mode: &'static str,
}

impl VpcOut {
    fn ipv6(&self) -> impl Iterator<Item = &Ipv6AssociationOut> {
        self.ipv6_cidr_block_association_set.iter().flatten()
    }
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
        ("ipv6-cidr-block-association.association-id", |it, values| {
            it.ipv6().for_each(|one| values.push(one.association_id.as_str()));
        }),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |it, values| {
            it.ipv6().for_each(|one| values.push(one.ipv6_cidr_block.as_str()));
        }),
        ("ipv6-cidr-block-association.ipv6-pool", |it, values| {
            it.ipv6().for_each(|one| values.push(one.ipv6_pool.as_str()));
        }),
        ("ipv6-cidr-block-association.state", |it, values| {
            it.ipv6().for_each(|one| values.push(one.ipv6_cidr_block_state.state));
        }),
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
    let see = |vpc: &Vpc| out(cx, world, vpc);
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, see)?;
    Ok(Vpcs { vpcs: page.items, next_token: page.next })
}

/// As answers show the VPC.
pub fn out(cx: &Cx, world: &World, vpc: &Vpc) -> VpcOut {
    let available = vpc.created_at.is_none_or(|at| is_settled(at, cx.now, cx.settings.states));
    let ipv6 = ipv6_blocks(cx, vpc);
    VpcOut {
        vpc_id: vpc.id.clone(),
        owner_id: vpc.account.to_string(),
        state: if available { "available" } else { "pending" },
        cidr_block: vpc.cidr.to_string(),
        cidr_block_association_set: ipv4_blocks(cx, vpc),
        ipv6_cidr_block_association_set: (!ipv6.is_empty()).then_some(ipv6),
        dhcp_options_id: vpc.dhcp_options_id.clone(),
        instance_tenancy: vpc.tenancy.clone(),
        is_default: vpc.is_default,
        encryption_control: encryption_control::of(world, vpc.account, &vpc.region, &vpc.id)
            .map(|held| encryption_control::out(cx, &held)),
        block_public_access_states: Some(BlockPublicAccessOut {
            internet_gateway_block_mode: block_public_access::of_vpc(world, vpc),
        }),
        tags: resource::tags_out(&vpc.tags),
    }
}

/// The blocks of IPv4 addresses, those that it had last after those that it has.
fn ipv4_blocks(cx: &Cx, vpc: &Vpc) -> Vec<CidrAssociationOut> {
    let former = vpc.former_blocks.iter().filter_map(|block| {
        let IpNet::V4(cidr) = block.cidr else { return None };
        Some(association_out(&block.id, cidr, block.state(cx.now, cx.settings.states)?))
    });
    vpc.cidr_associations.iter().map(|block| held_out(cx, block)).chain(former).collect()
}

/// The blocks of IPv6 addresses, likewise.
fn ipv6_blocks(cx: &Cx, vpc: &Vpc) -> Vec<Ipv6AssociationOut> {
    let former = vpc.former_blocks.iter().filter_map(|block| {
        let IpNet::V6(cidr) = block.cidr else { return None };
        Some(ipv6_out(cx, &block.id, cidr, block.state(cx.now, cx.settings.states)?, block.pool.as_deref()))
    });
    vpc.ipv6_blocks.iter().map(|block| held_ipv6_out(cx, block)).chain(former).collect()
}

/// As answers show one of its blocks.
pub fn held_out(cx: &Cx, block: &CidrAssociation) -> CidrAssociationOut {
    association_out(&block.id, block.cidr, block::state(block.since, cx.now, cx.settings.states))
}

/// As answers show one of its blocks of IPv6 addresses.
pub fn held_ipv6_out(cx: &Cx, block: &Ipv6Block) -> Ipv6AssociationOut {
    let state = block::state(Some(block.since), cx.now, cx.settings.states);
    ipv6_out(cx, &block.id, block.cidr, state, block.pool.as_deref())
}

/// The same in a state.
pub fn association_out(id: &str, cidr: Ipv4Net, cidr_block_state: StateOut) -> CidrAssociationOut {
    CidrAssociationOut { association_id: id.to_owned(), cidr_block: cidr.to_string(), cidr_block_state }
}

/// The same for IPv6.
pub fn ipv6_out(
    cx: &Cx,
    id: &str,
    cidr: Ipv6Net,
    ipv6_cidr_block_state: StateOut,
    pool: Option<&str>,
) -> Ipv6AssociationOut {
    let told = ipv6_cidr_block_state.state != "associating";
    Ipv6AssociationOut {
        association_id: id.to_owned(),
        ipv6_cidr_block: if told { cidr.to_string() } else { String::new() },
        ipv6_cidr_block_state,
        network_border_group: cx.region_name().to_owned(),
        ipv6_pool: pool.unwrap_or("Amazon").to_owned(),
        ipv6_address_attribute: "public",
        ip_source: if pool.is_some() { "byoip" } else { "amazon" },
    }
}
