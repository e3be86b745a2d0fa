//! Subnets: a zone's part of a VPC, and which of its addresses are free.
//!
//! Which addresses are in use is what the index of interfaces by address holds; how many of IPv4 is kept in the subnet, because walking the index at
//! every launch would take longer the fuller a subnet is. [`addresses`] gives them out, [`reservation`] keeps some back, [`block`] has IPv6.

use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use service::filters::{Fields, Filter, exact};
use service::prelude::*;

use super::block::{FormerBlock, Ipv6Block, StateOut};
use super::block_public_access;
use super::vpc::BlockPublicAccessOut;
use crate::kind;
use crate::resource::{self, Wanted, resource};

pub mod addresses;
pub mod block;
pub mod create;
pub mod modify;
pub mod reservation;

pub use addresses::{
    IPV4_PREFIX, IPV6_PREFIX, available_addresses, count, give_back_at, is_reserved, take_address, take_ipv4_prefix,
    take_ipv6_address, take_ipv6_prefix,
};

/// A subnet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subnet {
    pub account: AccountId,
    pub region: String,
    /// `subnet-…`
    pub id: String,
    pub vpc_id: String,
    pub cidr: Ipv4Net,
    /// `us-east-1a`
    pub zone: String,
    /// `use1-az6`
    pub zone_id: String,
    pub default_for_az: bool,
    pub map_public_ip_on_launch: bool,
    /// `ip-name` or `resource-name`
    pub hostname_type: String,
    pub dns_a_record: bool,
    pub dns_aaaa_record: bool,
    /// INVARIANT: as many as interfaces of this subnet have IPv4 addresses, those of prefixes included, and as `leaving` had;
    /// [`count`] and [`give_back_at`] keep it so.
    #[serde(default)]
    pub addresses_in_use: u32,
    /// What is given back when interfaces that leave are gone; [`available_addresses`] knows by the time.
    #[serde(default)]
    pub leaving: Vec<Leaving>,
    /// There is one at most.
    #[serde(default)]
    pub ipv6_block: Option<Ipv6Block>,
    /// Blocks that were taken away.
    #[serde(default)]
    pub former_blocks: Vec<FormerBlock>,
    /// Whether interfaces get an IPv6 address unless they are told otherwise.
    #[serde(default)]
    pub assign_ipv6: bool,
    #[serde(default)]
    pub dns64: bool,
    /// None for those made before it was kept.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// How many addresses are given back at a time to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    pub at: Timestamp,
    pub addresses: u32,
}

impl Subnet {
    /// (account, region, VPC).
    pub const BY_VPC: usize = 0;
    /// (account, region, association) of the block of IPv6 addresses.
    pub const BY_ASSOCIATION: usize = 1;

    /// Whether it has exactly this block.
    pub fn has_block(&self, block: &IpNet) -> bool {
        match block {
            IpNet::V4(block) => self.cidr == *block,
            IpNet::V6(block) => self.ipv6_block.as_ref().is_some_and(|held| held.cidr == *block),
        }
    }
}

impl Record for Subnet {
    const TABLE: TableDef = TableDef::own("ec2_subnet", &["account", "region", "id"], &["vpc_id"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_vpc", unique: false }, IndexDef { name: "by_association", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.vpc_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_VPC, &[self.account.as_str(), &self.region, &self.vpc_id]);
        if let Some(block) = &self.ipv6_block {
            entries.add(Self::BY_ASSOCIATION, &[self.account.as_str(), &self.region, &block.id]);
        }
    }
}

resource!(Subnet, kind::SUBNET, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        check
            .key("ec2:AvailabilityZone", self.zone.as_str())
            .key("ec2:AvailabilityZoneId", self.zone_id.as_str())
            .key("ec2:SubnetID", self.id.as_str())
            .key("ec2:Vpc", kind::VPC.arn(cx, &self.vpc_id))
    }
});

/// The subnet of the caller's account and region with that id.
pub fn look_up(world: &World, cx: &Cx, id: &str) -> Option<Arc<Subnet>> {
    resource::look_up(world, cx, id)
}

/// The same, or InvalidSubnetID.NotFound.
pub fn get(world: &World, cx: &Cx, id: &str) -> Result<Arc<Subnet>, ApiError> {
    resource::get(world, cx, id)
}

/// The check for using or changing that subnet.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    resource::check_on::<Subnet>(cx, world, id)
}

/// The default subnet of a zone; without a zone, that of the first zone that has one.
pub fn default_for(world: &World, account: AccountId, region: &str, zone: Option<&str>) -> Option<Arc<Subnet>> {
    let defaults = world.scan::<Subnet>(&[account.as_str(), region]).filter(|subnet| subnet.default_for_az);
    let wanted = defaults.filter(|subnet| zone.is_none_or(|zone| subnet.zone == zone));
    wanted.min_by(|a, b| a.zone.cmp(&b.zone)).cloned()
}

/// `DescribeSubnetsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSubnets {
    pub subnet_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSubnetsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Subnets {
    pub subnets: Vec<SubnetOut>,
    pub next_token: Option<String>,
}

/// `Subnet`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct SubnetOut {
    pub subnet_id: String,
    pub subnet_arn: String,
    pub owner_id: String,
    pub state: &'static str,
    pub vpc_id: String,
    pub cidr_block: String,
    pub available_ip_address_count: i64,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub default_for_az: bool,
    pub map_public_ip_on_launch: bool,
    pub map_customer_owned_ip_on_launch: bool,
    pub assign_ipv6_address_on_creation: bool,
    pub ipv6_cidr_block_association_set: Vec<Ipv6AssociationOut>,
    pub enable_dns64: bool,
    pub ipv6_native: bool,
    pub private_dns_name_options_on_launch: DnsOptionsOut,
    /// Not told of one that is new.
    pub block_public_access_states: Option<BlockPublicAccessOut>,
    pub tags: Option<Vec<Tag>>,
}

/// `SubnetIpv6CidrBlockAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Ipv6AssociationOut {
    pub association_id: String,
    pub ipv6_cidr_block: String,
    pub ipv6_cidr_block_state: StateOut,
    pub ipv6_address_attribute: &'static str,
    pub ip_source: &'static str,
}

/// `PrivateDnsNameOptionsOnLaunch`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct DnsOptionsOut {
    pub hostname_type: String,
    pub enable_resource_name_dns_a_record: bool,
    pub enable_resource_name_dns_aaaa_record: bool,
}

static FIELDS: Fields<SubnetOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        // The first spelling of each is documented, the others are older ones that the same page names.
        ("availabilityZone", |it, values| values.push(it.availability_zone.as_str())),
        ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
        ("availabilityZoneId", |it, values| values.push(it.availability_zone_id.as_str())),
        ("available-ip-address-count", |it, values| values.push(it.available_ip_address_count.to_string())),
        ("cidr-block", |it, values| values.push(it.cidr_block.as_str())),
        ("cidr", |it, values| values.push(it.cidr_block.as_str())),
        ("cidrBlock", |it, values| values.push(it.cidr_block.as_str())),
        ("customer-owned-ipv4-pool", |_, _| {}),
        ("default-for-az", |it, values| values.push_bool(it.default_for_az)),
        ("defaultForAz", |it, values| values.push_bool(it.default_for_az)),
        ("enable-dns64", |it, values| values.push_bool(it.enable_dns64)),
        ("enable-lni-at-device-index", |_, _| {}),
        ("ipv6-cidr-block-association.association-id", |it, values| {
            it.ipv6_cidr_block_association_set.iter().for_each(|one| values.push(one.association_id.as_str()));
        }),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |it, values| {
            it.ipv6_cidr_block_association_set.iter().for_each(|one| values.push(one.ipv6_cidr_block.as_str()));
        }),
        ("ipv6-cidr-block-association.state", |it, values| {
            it.ipv6_cidr_block_association_set.iter().for_each(|one| values.push(one.ipv6_cidr_block_state.state));
        }),
        ("ipv6-native", |it, values| values.push_bool(it.ipv6_native)),
        ("map-customer-owned-ip-on-launch", |it, values| values.push_bool(it.map_customer_owned_ip_on_launch)),
        ("map-public-ip-on-launch", |it, values| values.push_bool(it.map_public_ip_on_launch)),
        ("outpost-arn", |_, _| {}),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", |it, values| {
            values.push_bool(it.private_dns_name_options_on_launch.enable_resource_name_dns_a_record);
        }),
        ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", |it, values| {
            values.push_bool(it.private_dns_name_options_on_launch.enable_resource_name_dns_aaaa_record);
        }),
        ("private-dns-name-options-on-launch.hostname-type", |it, values| {
            values.push(it.private_dns_name_options_on_launch.hostname_type.as_str());
        }),
        ("state", |it, values| values.push(it.state)),
        ("subnet-arn", |it, values| values.push(it.subnet_arn.as_str())),
        ("subnet-id", |it, values| values.push(it.subnet_id.as_str())),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Ids and a page size exclude each other.
pub fn check(_: &Cx, _: &World, input: &DescribeSubnets) -> Result<(), ApiError> {
    match (input.subnet_ids.as_deref(), input.max_results) {
        (Some([_, ..]), Some(_)) => Err(crate::refused::not_together("SubnetIds", "MaxResults")),
        _ => Ok(()),
    }
}

/// Subnets that pass the filters, or those named. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeSubnets) -> Result<Subnets, ApiError> {
    let filters = input.filters.as_deref();
    let wanted = Wanted {
        ids: input.subnet_ids.as_deref(),
        filters,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let candidates = || match exact(filters, "vpc-id") {
        Some(vpcs) => resource::under(cx, world, Subnet::BY_VPC, vpcs),
        None => resource::all(cx, world),
    };
    let see = |subnet: &Subnet| out(cx, world, subnet);
    let page = resource::describe(cx, world, &wanted, candidates, &FIELDS, see)?;
    Ok(Subnets { subnets: page.items, next_token: page.next })
}

/// As answers show the subnet.
pub fn out(cx: &Cx, world: &World, subnet: &Subnet) -> SubnetOut {
    SubnetOut {
        subnet_id: subnet.id.clone(),
        subnet_arn: kind::SUBNET.arn(cx, &subnet.id),
        owner_id: subnet.account.to_string(),
        // At once, as was seen of AWS in September 2026.
        state: "available",
        vpc_id: subnet.vpc_id.clone(),
        cidr_block: subnet.cidr.to_string(),
        available_ip_address_count: i64::try_from(available_addresses(world, subnet)).unwrap_or(i64::MAX),
        availability_zone: subnet.zone.clone(),
        availability_zone_id: subnet.zone_id.clone(),
        default_for_az: subnet.default_for_az,
        map_public_ip_on_launch: subnet.map_public_ip_on_launch,
        map_customer_owned_ip_on_launch: false,
        assign_ipv6_address_on_creation: subnet.assign_ipv6,
        ipv6_cidr_block_association_set: ipv6_blocks(cx, subnet),
        enable_dns64: subnet.dns64,
        ipv6_native: false,
        private_dns_name_options_on_launch: DnsOptionsOut {
            hostname_type: subnet.hostname_type.clone(),
            enable_resource_name_dns_a_record: subnet.dns_a_record,
            enable_resource_name_dns_aaaa_record: subnet.dns_aaaa_record,
        },
        block_public_access_states: Some(BlockPublicAccessOut {
            internet_gateway_block_mode: block_public_access::of_subnet(world, subnet),
        }),
        tags: resource::tags_out(&subnet.tags),
    }
}

/// The block of IPv6 addresses, and those that it had last.
fn ipv6_blocks(cx: &Cx, subnet: &Subnet) -> Vec<Ipv6AssociationOut> {
    let former = subnet.former_blocks.iter().filter_map(|former| {
        let IpNet::V6(cidr) = former.cidr else { return None };
        Some(block::out(&former.id, cidr, former.state(cx.now, cx.settings.states)?))
    });
    subnet.ipv6_block.iter().map(|held| block::held_out(cx, held)).chain(former).collect()
}
