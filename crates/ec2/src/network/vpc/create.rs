//! CreateVpc, CreateDefaultVpc and DeleteVpc. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>

use std::sync::Arc;

use ipnet::Ipv4Net;
use service::prelude::*;

use super::{Vpc, VpcOut, default_of, out};
use crate::family::ipam::{allocation, pool};
use crate::family::item::{self, Item};
use crate::family::peering;
use crate::kind;
use crate::network::block::{self, Ipv6Block};
use crate::network::byoip::ipv6_pool;
use crate::network::encryption_control::{self, Configuration};
use crate::network::interface::NetworkInterface;
use crate::network::internet_gateway::InternetGateway;
use crate::network::layout::{self, Place};
use crate::network::network_acl::NetworkAcl;
use crate::network::route_table::RouteTable;
use crate::network::security_group::{SecurityGroup, SecurityGroupRule, association};
use crate::network::subnet::Subnet;
use crate::network::{block_public_access, cidr, dhcp_options, elastic_ip, must_have_room};
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateVpcRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateVpc {
    pub cidr_block: Option<String>,
    pub ipv4_ipam_pool_id: Option<String>,
    pub ipv4_netmask_length: Option<i64>,
    pub instance_tenancy: Option<String>,
    pub amazon_provided_ipv6_cidr_block: Option<bool>,
    pub ipv6_pool: Option<String>,
    pub ipv6_cidr_block: Option<String>,
    pub ipv6_cidr_block_network_border_group: Option<String>,
    pub vpc_encryption_control: Option<Configuration>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateDefaultVpcRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateDefaultVpc {
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub vpc: VpcOut,
}

/// `DeleteVpcRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteVpc {
    pub vpc_id: String,
    pub dry_run: Option<bool>,
}

/// CreateVpc on a VPC to come and on the pool that its block is taken out of, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateVpc) -> Vec<Check> {
    let pool = input.ipv4_ipam_pool_id.as_deref();
    let ipv6 = input.ipv6_pool.as_deref().map(|id| ipv6_pool::POOLS.check_on(cx, world, id));
    let on_pool = pool.map(|id| pool::check_on(cx, world, id)).into_iter().chain(ipv6);
    let checks = resource::checks_on_new(cx, &kind::VPC, input.tag_specifications.as_deref(), "CreateVpc", on_pool);
    let of_vpc = |check: Check| match check.resource == kind::VPC.arn_of_new(cx) {
        true => check.key_if("ec2:Ipv4IpamPoolId", pool),
        false => check,
    };
    checks.into_iter().map(of_vpc).collect()
}

/// The block that is given, or one out of a pool.
fn first_block(cx: &Cx, world: &World, input: &CreateVpc) -> Result<(Ipv4Net, Option<Arc<Item>>), ApiError> {
    if let Some(id) = input.ipv4_ipam_pool_id.as_deref() {
        let tags = tags::of_new(input.tag_specifications.as_deref(), kind::VPC.resource_type)?;
        let wish = (input.cidr_block.as_deref(), input.ipv4_netmask_length);
        let (pool, block) = allocation::for_vpc(cx, world, id, wish, &tags)?;
        return Ok((block, Some(pool)));
    }
    let text = input.cidr_block.as_deref().ok_or_else(|| {
        ApiError::new("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
    })?;
    Ok((cidr::ipv4(text, "cidrBlock")?, None))
}

/// Makes a VPC with a main route table, a default ACL and a default security group.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateVpc) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::VPC.resource_type)?;
    let (block, pool) = first_block(cx, tx, input)?;
    if !cidr::is_for_vpcs(&block) {
        return Err(ApiError::new("InvalidVpc.Range", format!("The CIDR '{block}' is invalid.")));
    }
    let tenancy = input.instance_tenancy.as_deref().unwrap_or("default");
    if !matches!(tenancy, "default" | "dedicated") {
        let message = format!("The tenancy value {tenancy} is not supported.");
        return Err(ApiError::new("UnsupportedTenancy", message));
    }
    elastic_ip::check_border_group(cx, input.ipv6_cidr_block_network_border_group.as_deref())?;
    must_have_room_for_one(cx, tx)?;
    let place = Place::of(cx);
    let options = dhcp_options::default_of(cx, tx);
    let (pool_id, wanted) = (input.ipv6_pool.as_deref(), input.ipv6_cidr_block.as_deref());
    let ipv6_blocks = match pool_id.is_some() || wanted.is_some() || input.amazon_provided_ipv6_cidr_block == Some(true)
    {
        true => vec![new_ipv6_block(cx, tx, input.amazon_provided_ipv6_cidr_block, pool_id, wanted)?],
        false => Vec::new(),
    };
    let base = layout::new_vpc(&place, block, &options);
    let vpc = Vpc { tenancy: tenancy.to_owned(), ipv6_blocks, created_at: Some(cx.now), tags, ..base };
    layout::put_companions(&place, tx, &vpc, None, &[]);
    if let Some(pool) = pool {
        allocation::note_vpc(cx, tx, &pool, block, &vpc.id);
    }
    match &input.vpc_encryption_control {
        Some(wanted) => encryption_control::change::create_with_vpc(cx, tx, &vpc, wanted)?,
        None => encryption_control::account::apply_to_new(cx, tx, &vpc),
    }
    let created = created(cx, tx, &vpc);
    tx.put(vpc);
    Ok(created)
}

/// Other than descriptions, the answer that tells of a new VPC has an empty list where it has no blocks of IPv6 addresses, and not what of its traffic is blocked
/// (seen of AWS, September 2026).
fn created(cx: &Cx, world: &World, vpc: &Vpc) -> Created {
    let seen = out(cx, world, vpc);
    let ipv6 = seen.ipv6_cidr_block_association_set.clone().unwrap_or_default();
    Created { vpc: VpcOut { ipv6_cidr_block_association_set: Some(ipv6), block_public_access_states: None, ..seen } }
}

/// A block that is about to be associated: Amazon's, or one out of a pool of the account's own.
pub fn new_ipv6_block(
    cx: &Cx,
    world: &World,
    amazons: Option<bool>,
    pool_id: Option<&str>,
    wanted: Option<&str>,
) -> Result<Ipv6Block, ApiError> {
    let exclude = |one: &str, other: &str| {
        let message = format!("The parameters {one} and {other} cannot be used together");
        Err(ApiError::new("InvalidParameterCombination", message))
    };
    match (amazons == Some(true), pool_id, wanted) {
        (true, Some(_), _) => exclude("amazonProvidedIpv6CidrBlock", "ipv6Pool"),
        (true, None, Some(_)) => exclude("amazonProvidedIpv6CidrBlock", "ipv6CidrBlock"),
        (false, Some(id), wanted) => ipv6_pool::take(cx, world, id, wanted),
        // "You must also specify Ipv6Pool in the request": AssociateVpcCidrBlock's page.
        (false, None, Some(_)) => Err(crate::refused::missing("ipv6Pool")),
        (_, None, None) => {
            let cidr = block::draw_ipv6(cx, world)?;
            Ok(Ipv6Block { id: cx.ids.ec2("vpc-cidr-assoc"), cidr, since: cx.now, pool: None })
        }
    }
}

fn must_have_room_for_one(cx: &Cx, world: &World) -> Result<(), ApiError> {
    let count = || world.count::<Vpc>(&[cx.account().as_str(), cx.region_name()]);
    must_have_room(cx, count, 5, "VpcLimitExceeded", "VPCs")
}

/// Makes the default network again, where the default VPC was deleted.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultVpc.html>
pub fn create_default(cx: &Cx, tx: &mut Tx, _: &CreateDefaultVpc) -> Result<Created, ApiError> {
    if default_of(tx, cx.account(), cx.region_name()).is_some() {
        let message = "A Default VPC already exists for this account in this region.";
        return Err(ApiError::new("DefaultVpcAlreadyExists", message));
    }
    must_have_room_for_one(cx, tx)?;
    let options = dhcp_options::default_of(cx, tx);
    let vpc = layout::put_default_network(&Place::of(cx), tx, &options, &cx.region.zones);
    let vpc = Vpc { created_at: Some(cx.now), ..vpc };
    tx.put(vpc.clone());
    encryption_control::account::apply_to_new(cx, tx, &vpc);
    Ok(created(cx, tx, &vpc))
}

/// DeleteVpc on the VPC.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteVpc) -> Vec<Check> {
    vec![resource::check_on::<Vpc>(cx, world, &input.vpc_id)]
}

/// Removes a VPC that nothing is in but what it came with.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteVpc) -> Result<Done, ApiError> {
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let held = Held::of(cx, tx, &vpc);
    if held.others {
        return Err(resource::has_dependencies("vpc", &vpc.id));
    }
    held.rules.iter().for_each(|id| drop(resource::remove::<SecurityGroupRule>(tx, cx, id)));
    held.groups.iter().for_each(|id| drop(resource::remove::<SecurityGroup>(tx, cx, id)));
    held.tables.iter().for_each(|id| drop(resource::remove::<RouteTable>(tx, cx, id)));
    held.acls.iter().for_each(|id| drop(resource::remove::<NetworkAcl>(tx, cx, id)));
    peering::change::vpc_is_over(cx, tx, &vpc.id);
    association::forget_vpc(tx, &vpc);
    block_public_access::exclusion::forget(cx, tx, &vpc.id);
    encryption_control::forget(cx, tx, &vpc.id);
    allocation::give_back(tx, &vpc.id, None);
    resource::remove::<Vpc>(tx, cx, &vpc.id);
    Ok(Done {})
}

/// What a VPC holds.
struct Held {
    /// Something that keeps it from being deleted.
    others: bool,
    /// What it came with, which goes with it.
    groups: Vec<String>,
    rules: Vec<String>,
    tables: Vec<String>,
    acls: Vec<String>,
}

impl Held {
    fn of(cx: &Cx, world: &World, vpc: &Vpc) -> Held {
        let parts = [cx.account().to_string(), vpc.region.clone(), vpc.id.clone()];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let tables: Vec<_> = world.by::<RouteTable>(RouteTable::BY_VPC, &parts).collect();
        let acls: Vec<_> = world.by::<NetworkAcl>(NetworkAcl::BY_VPC, &parts).collect();
        let groups: Vec<_> = world.by::<SecurityGroup>(SecurityGroup::BY_NAME, &parts).collect();
        let rules = groups.iter().flat_map(|group| {
            let group = [group.account.as_str(), &group.region, &group.id];
            world.by::<SecurityGroupRule>(SecurityGroupRule::BY_GROUP, &group)
        });
        Held {
            others: world.one::<Subnet>(Subnet::BY_VPC, &parts).is_some()
                || world.one::<InternetGateway>(InternetGateway::BY_VPC, &parts).is_some()
                || world.one::<NetworkInterface>(NetworkInterface::BY_VPC, &parts).is_some()
                || item::inside(world, cx, &vpc.id).iter().any(|id| !kind::VPC_PEERING_CONNECTION.is_id(id))
                || peering::keeps(cx, world, &vpc.id)
                || tables.iter().any(|table| !table.is_main())
                || acls.iter().any(|acl| !acl.is_default)
                || groups.iter().any(|group| group.name != "default"),
            rules: rules.map(|rule| rule.id.clone()).collect(),
            groups: groups.iter().map(|group| group.id.clone()).collect(),
            tables: tables.iter().map(|table| table.id.clone()).collect(),
            acls: acls.iter().map(|acl| acl.id.clone()).collect(),
        }
    }
}
