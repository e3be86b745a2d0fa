//! AssociateVpcCidrBlock and DisassociateVpcCidrBlock: further blocks of IPv4 addresses, with local routes in all of the VPC's tables.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>

use std::sync::Arc;

use ipnet::Ipv4Net;
use service::prelude::*;

use super::{CidrAssociation, CidrAssociationOut, Vpc, association_out};
use crate::kind;
use crate::network::cidr::{self, overlap};
use crate::network::route_table::{Route, RouteTable};
use crate::network::subnet::Subnet;
use crate::resource;

/// How many blocks a VPC has at most, unless AWS allows more.
const MOST: usize = 5;

/// `AssociateVpcCidrBlockRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Associate {
    pub vpc_id: String,
    pub cidr_block: Option<String>,
}

/// `DisassociateVpcCidrBlockRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Disassociate {
    pub association_id: String,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub vpc_id: String,
    pub cidr_block_association: CidrAssociationOut,
}

/// AssociateVpcCidrBlock on the VPC.
pub fn to_associate(cx: &Cx, world: &World, input: &Associate) -> Vec<Check> {
    vec![resource::check_on::<Vpc>(cx, world, &input.vpc_id)]
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
    let text = input.cidr_block.as_deref().ok_or_else(|| {
        ApiError::new("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
    })?;
    let block = cidr::ipv4(text, "cidrBlock")?;
    must_fit(&vpc, &block)?;
    if vpc.cidr_associations.len() >= MOST {
        let message = format!("This network '{}' has met its maximum number of allowed CIDRs: {MOST}", vpc.id);
        return Err(ApiError::new("CidrLimitExceeded", message));
    }
    let added = CidrAssociation { id: cx.ids.ec2("vpc-cidr-assoc"), cidr: block };
    let changed = Changed { vpc_id: vpc.id.clone(), cidr_block_association: association_out(&added, "associating") };
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| vpc.cidr_associations.push(added));
    for table in tables_of(tx, &vpc) {
        resource::update::<RouteTable>(tx, cx, &table, |table| table.routes.push(Route::local(&block)));
    }
    Ok(changed)
}

fn must_fit(vpc: &Vpc, block: &Ipv4Net) -> Result<(), ApiError> {
    if !cidr::is_of_proper_size(block) {
        return Err(ApiError::new("InvalidVpc.Range", format!("The CIDR '{block}' is invalid.")));
    }
    if vpc.cidr_associations.iter().any(|held| overlap(&held.cidr, block)) {
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

/// A VPC stays within one of the private ranges; 198.19.0.0/16 is AWS's own.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions>
fn is_restricted(first: &Ipv4Net, block: &Ipv4Net) -> bool {
    const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    let within = |range: &&&str, block: &Ipv4Net| range.parse::<Ipv4Net>().is_ok_and(|range| range.contains(block));
    let own = "198.19.0.0/16".parse::<Ipv4Net>().is_ok_and(|range| overlap(&range, block));
    own || PRIVATE.iter().any(|range| within(&range, block) && !within(&range, first))
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
    let gone: Vec<_> = vpc.cidr_associations.iter().filter(|held| held.id == *id).cloned().collect();
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let Some(block) = gone.first() else { return Err(kind::VPC.not_found(&[&vpc.id])) };
    if tx.by::<Subnet>(Subnet::BY_VPC, &parts).any(|subnet| block.cidr.contains(&subnet.cidr)) {
        return Err(ApiError::new("InvalidCidr.InUse", format!("The CIDR '{}' is currently in use", block.cidr)));
    }
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| vpc.cidr_associations.retain(|held| held.id != *id));
    let local = block.cidr.to_string();
    for table in tables_of(tx, &vpc) {
        resource::update::<RouteTable>(tx, cx, &table, |table| table.routes.retain(|route| route.destination != local));
    }
    Ok(Changed { vpc_id: vpc.id.clone(), cidr_block_association: association_out(block, "disassociating") })
}
