//! AssociateVpcCidrBlock and DisassociateVpcCidrBlock: further blocks of IPv4 addresses and Amazon's blocks of IPv6 addresses, with local routes in all
//! of the VPC's tables. <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>

use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use service::prelude::*;

use super::{CidrAssociation, CidrAssociationOut, Ipv6AssociationOut, Vpc};
use crate::family::ipam::{allocation, pool};
use crate::family::peering;
use crate::kind;
use crate::network::block::{self, StateOut};
use crate::network::byoip::ipv6_pool;
use crate::network::cidr::{self, overlap};
use crate::network::route_table::{Route, RouteTable};
use crate::network::subnet::Subnet;
use crate::network::{elastic_ip, network_acl, security_group};
use crate::resource;

/// How many blocks of either kind a VPC has at most, unless AWS allows more.
const MOST: usize = 5;

/// `AssociateVpcCidrBlockRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Associate {
    pub vpc_id: String,
    pub cidr_block: Option<String>,
    pub ipv4_ipam_pool_id: Option<String>,
    pub ipv4_netmask_length: Option<i64>,
    pub amazon_provided_ipv6_cidr_block: Option<bool>,
    pub ipv6_pool: Option<String>,
    pub ipv6_cidr_block: Option<String>,
    pub ipv6_cidr_block_network_border_group: Option<String>,
}

/// `DisassociateVpcCidrBlockRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Disassociate {
    pub association_id: String,
}

/// The answer of both: the one block.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct Changed {
    pub vpc_id: String,
    pub cidr_block_association: Option<CidrAssociationOut>,
    pub ipv6_cidr_block_association: Option<Ipv6AssociationOut>,
}

/// AssociateVpcCidrBlock on the VPC, and on the pool that the block is taken out of.
pub fn to_associate(cx: &Cx, world: &World, input: &Associate) -> Vec<Check> {
    let pool = input.ipv4_ipam_pool_id.as_deref();
    let on_vpc = resource::check_on::<Vpc>(cx, world, &input.vpc_id).key_if("ec2:Ipv4IpamPoolId", pool);
    let ipv6 = input.ipv6_pool.as_deref().map(|id| ipv6_pool::POOLS.check_on(cx, world, id));
    std::iter::once(on_vpc).chain(pool.map(|id| pool::check_on(cx, world, id))).chain(ipv6).collect()
}

/// DisassociateVpcCidrBlock on the VPC that has the block.
pub fn to_disassociate(cx: &Cx, world: &World, input: &Disassociate) -> Vec<Check> {
    let vpc = with_association(cx, world, &input.association_id);
    vec![vpc.map_or_else(|| Check::on(kind::VPC.arn(cx, "*")), |vpc| resource::check_of(cx, world, &*vpc))]
}

fn with_association(cx: &Cx, world: &World, id: &str) -> Option<Arc<Vpc>> {
    world.one::<Vpc>(Vpc::BY_CIDR_ASSOCIATION, &[cx.account().as_str(), cx.region_name(), id]).cloned()
}

/// Adds a block. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html>
pub fn associate(cx: &Cx, tx: &mut Tx, input: &Associate) -> Result<Changed, ApiError> {
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let asked = [
        ("amazonProvidedIpv6CidrBlock", input.amazon_provided_ipv6_cidr_block == Some(true)),
        ("ipv6Pool", input.ipv6_pool.is_some() || input.ipv6_cidr_block.is_some()),
    ];
    let ipv6 = asked.into_iter().find(|(_, is_asked)| *is_asked).map(|(parameter, _)| parameter);
    if let Some(id) = input.ipv4_ipam_pool_id.as_deref() {
        if let Some(other) = ipv6 {
            let message = format!("The parameters ipv4IpamPoolId and {other} cannot be used together");
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        let wish = (input.cidr_block.as_deref(), input.ipv4_netmask_length);
        let (pool, block) = allocation::for_vpc(cx, tx, id, wish, &vpc.tags)?;
        let changed = associate_ipv4(cx, tx, &vpc, &block.to_string())?;
        allocation::note_vpc(cx, tx, &pool, block, &vpc.id);
        return Ok(changed);
    }
    match (&input.cidr_block, ipv6) {
        (Some(text), None) => associate_ipv4(cx, tx, &vpc, text),
        (None, Some(_)) => {
            elastic_ip::check_border_group(cx, input.ipv6_cidr_block_network_border_group.as_deref())?;
            associate_ipv6(cx, tx, &vpc, input)
        }
        (None, None) => {
            let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.";
            Err(ApiError::new("MissingParameter", message))
        }
        (Some(_), Some(other)) => {
            let message = format!("The parameters cidrBlock and {other} cannot be used together");
            Err(ApiError::new("InvalidParameterCombination", message))
        }
    }
}

fn associate_ipv4(cx: &Cx, tx: &mut Tx, vpc: &Vpc, text: &str) -> Result<Changed, ApiError> {
    let block = cidr::ipv4(text, "cidrBlock")?;
    must_fit(vpc, &block)?;
    must_not_take_routes(tx, vpc, &block)?;
    peering::admit_block(cx, tx, vpc, &block)?;
    must_have_room(vpc, vpc.cidr_associations.len())?;
    let added = CidrAssociation { id: cx.ids.ec2("vpc-cidr-assoc"), cidr: block, since: Some(cx.now) };
    let shown = super::held_out(cx, &added);
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| vpc.cidr_associations.push(added));
    add_local_routes(cx, tx, vpc, &block.into());
    Ok(Changed { vpc_id: vpc.id.clone(), cidr_block_association: Some(shown), ..Default::default() })
}

fn associate_ipv6(cx: &Cx, tx: &mut Tx, vpc: &Vpc, input: &Associate) -> Result<Changed, ApiError> {
    must_have_room(vpc, vpc.ipv6_blocks.len())?;
    let (pool, wanted) = (input.ipv6_pool.as_deref(), input.ipv6_cidr_block.as_deref());
    let added = super::create::new_ipv6_block(cx, tx, input.amazon_provided_ipv6_cidr_block, pool, wanted)?;
    let shown = super::held_ipv6_out(cx, &added);
    add_local_routes(cx, tx, vpc, &added.cidr.into());
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| vpc.ipv6_blocks.push(added));
    network_acl::admit_ipv6(cx, tx, vpc);
    security_group::admit_ipv6(cx, tx, vpc);
    Ok(Changed { vpc_id: vpc.id.clone(), ipv6_cidr_block_association: Some(shown), ..Default::default() })
}

fn must_have_room(vpc: &Vpc, held: usize) -> Result<(), ApiError> {
    if held < MOST {
        return Ok(());
    }
    let message = format!("This network '{}' has met its maximum number of allowed CIDRs: {MOST}", vpc.id);
    Err(ApiError::new("CidrLimitExceeded", message))
}

fn add_local_routes(cx: &Cx, tx: &mut Tx, vpc: &Vpc, block: &IpNet) {
    for table in tables_of(tx, vpc) {
        resource::update::<RouteTable>(tx, cx, &table, |table| table.routes.push(Route::local(block)));
    }
}

fn must_fit(vpc: &Vpc, block: &Ipv4Net) -> Result<(), ApiError> {
    if !cidr::is_for_vpcs(block) {
        return Err(ApiError::new("InvalidVpc.Range", format!("The CIDR '{block}' is invalid.")));
    }
    if vpc.cidr_associations.iter().any(|held| overlap(held.cidr, *block)) {
        let message = format!("The CIDR '{block}' conflicts with another CIDR block in the VPC");
        return Err(ApiError::new("CidrConflict", message));
    }
    if is_restricted(&vpc.cidr, block) {
        let message = format!(
            "The CIDR '{block}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable \
             CIDR. For additional restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html"
        );
        return Err(ApiError::new("InvalidVpc.Range", message));
    }
    Ok(())
}

/// A block can't be the same as a destination of one of the VPC's routes, or larger. The rule is the guide's
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>), the code that of other conflicts, the text ours.
fn must_not_take_routes(world: &World, vpc: &Vpc, block: &Ipv4Net) -> Result<(), ApiError> {
    let is_inside = |route: &Route| route.destination.parse::<Ipv4Net>().is_ok_and(|route| block.contains(&route));
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let mut tables = world.by::<RouteTable>(RouteTable::BY_VPC, &parts);
    let taken = tables.find_map(|table| Some((table, table.routes.iter().find(|route| is_inside(route))?)));
    let Some((table, route)) = taken else { return Ok(()) };
    let (table, route) = (&table.id, &route.destination);
    let message = format!("The CIDR '{block}' conflicts with the route to '{route}' in route table '{table}'");
    Err(ApiError::new("CidrConflict", message))
}

/// In which range the first block lies, and which ranges are restricted then. 198.19.0.0/16 is AWS's own.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions>
const RESTRICTED: [(&str, &[&str]); 5] = [
    ("10.0.0.0/15", &["172.16.0.0/12", "192.168.0.0/16", "198.19.0.0/16", "10.0.0.0/16"]),
    ("10.0.0.0/8", &["172.16.0.0/12", "192.168.0.0/16", "198.19.0.0/16"]),
    ("172.16.0.0/12", &["10.0.0.0/8", "192.168.0.0/16", "198.19.0.0/16", "172.31.0.0/16"]),
    ("192.168.0.0/16", &["10.0.0.0/8", "172.16.0.0/12", "198.19.0.0/16"]),
    ("198.19.0.0/16", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]),
];
const RESTRICTED_ELSEWHERE: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.19.0.0/16"];

fn is_restricted(first: &Ipv4Net, block: &Ipv4Net) -> bool {
    let is_in = |range: &str, block: &Ipv4Net| range.parse::<Ipv4Net>().is_ok_and(|range| range.contains(block));
    let row = RESTRICTED.iter().find(|(range, _)| is_in(range, first));
    row.map_or(RESTRICTED_ELSEWHERE, |(_, restricted)| restricted).iter().any(|range| is_in(range, block))
}

fn tables_of(world: &World, vpc: &Vpc) -> Vec<String> {
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    world.by::<RouteTable>(RouteTable::BY_VPC, &parts).map(|table| table.id.clone()).collect()
}

/// Takes a block away that no subnet is in.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateVpcCidrBlock.html>
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &Disassociate) -> Result<Changed, ApiError> {
    let id = &input.association_id;
    let vpc = with_association(cx, tx, id).ok_or_else(|| {
        let message = format!("The vpc CIDR block association ID '{id}' does not exist");
        ApiError::new("InvalidVpcCidrBlockAssociationID.NotFound", message)
    })?;
    if vpc.cidr_associations.first().is_some_and(|first| first.id == *id) {
        let message = format!(
            "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
        );
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    let ipv4 = vpc.cidr_associations.iter().find(|held| held.id == *id).map(|held| IpNet::V4(held.cidr));
    let ipv6 = vpc.ipv6_blocks.iter().find(|held| held.id == *id).map(|held| IpNet::V6(held.cidr));
    let pool = vpc.ipv6_blocks.iter().find(|held| held.id == *id).and_then(|held| held.pool.clone());
    let Some(block) = ipv4.or(ipv6) else { return Err(kind::VPC.not_found(&[&vpc.id])) };
    must_be_free(tx, &vpc, &block)?;
    allocation::give_back(tx, &vpc.id, Some(block));
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| {
        vpc.cidr_associations.retain(|held| held.id != *id);
        vpc.ipv6_blocks.retain(|held| held.id != *id);
        block::end(&mut vpc.former_blocks, id, block, pool.as_deref(), cx.now);
    });
    let local = block.to_string();
    for table in tables_of(tx, &vpc) {
        resource::update::<RouteTable>(tx, cx, &table, |table| table.routes.retain(|route| route.destination != local));
    }
    let (vpc_id, ending) = (vpc.id.clone(), StateOut { state: "disassociating" });
    Ok(match block {
        IpNet::V4(cidr) => {
            let shown = super::association_out(id, cidr, ending);
            Changed { vpc_id, cidr_block_association: Some(shown), ..Default::default() }
        }
        IpNet::V6(cidr) => {
            let shown = super::ipv6_out(cx, id, cidr, ending, pool.as_deref());
            Changed { vpc_id, ipv6_cidr_block_association: Some(shown), ..Default::default() }
        }
    })
}

/// The text is AWS's (seen in hashicorp/terraform-provider-aws issue 29077).
fn must_be_free(world: &World, vpc: &Vpc, block: &IpNet) -> Result<(), ApiError> {
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let is_inside = |subnet: &Arc<Subnet>| match block {
        IpNet::V4(block) => block.contains(&subnet.cidr),
        IpNet::V6(block) => subnet.ipv6_block.as_ref().is_some_and(|held| block.contains(&held.cidr)),
    };
    if world.by::<Subnet>(Subnet::BY_VPC, &parts).any(is_inside) {
        let message = format!("The vpc {} currently has a subnet within CIDR block {block}", vpc.id);
        return Err(ApiError::new("InvalidCidrBlock.InUse", message));
    }
    Ok(())
}
