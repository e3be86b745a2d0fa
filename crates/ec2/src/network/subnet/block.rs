//! AssociateSubnetCidrBlock and DisassociateSubnetCidrBlock: the one block of IPv6 addresses of a subnet.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-associate-ipv6-cidr.html>

use std::sync::Arc;

use ipnet::Ipv6Net;
use service::prelude::*;

use super::reservation::{self, Reservation};
use super::{Ipv6AssociationOut, Subnet};
use crate::kind;
use crate::network::block::{self, Ipv6Block, StateOut};
use crate::network::cidr::overlap;
use crate::network::interface;
use crate::network::vpc::Vpc;
use crate::resource;

/// `AssociateSubnetCidrBlockRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Associate {
    pub subnet_id: String,
    pub ipv6_cidr_block: Option<String>,
}

/// `DisassociateSubnetCidrBlockRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Disassociate {
    pub association_id: String,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub subnet_id: String,
    pub ipv6_cidr_block_association: Ipv6AssociationOut,
}

/// AssociateSubnetCidrBlock on the subnet.
pub fn to_associate(cx: &Cx, world: &World, input: &Associate) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.subnet_id)]
}

/// DisassociateSubnetCidrBlock on the subnet that has the block.
pub fn to_disassociate(cx: &Cx, world: &World, input: &Disassociate) -> Vec<Check> {
    let subnet = with_association(cx, world, &input.association_id);
    vec![subnet.map_or_else(|| Check::on(kind::SUBNET.arn(cx, "*")), |it| resource::check_of(cx, world, &*it))]
}

fn with_association(cx: &Cx, world: &World, id: &str) -> Option<Arc<Subnet>> {
    world.one::<Subnet>(Subnet::BY_ASSOCIATION, &[cx.account().as_str(), cx.region_name(), id]).cloned()
}

/// Gives the subnet its block. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSubnetCidrBlock.html>
pub fn associate(cx: &Cx, tx: &mut Tx, input: &Associate) -> Result<Changed, ApiError> {
    let subnet = super::get(tx, cx, &input.subnet_id)?;
    let text = input.ipv6_cidr_block.as_deref().ok_or_else(|| {
        ApiError::new("MissingParameter", "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.")
    })?;
    if subnet.ipv6_block.is_some() {
        let message = format!("This network '{}' has met its maximum number of allowed CIDRs: 1", subnet.id);
        return Err(ApiError::new("CidrLimitExceeded", message));
    }
    let vpc = resource::get::<Vpc>(tx, cx, &subnet.vpc_id)?;
    let added = new_block(cx, tx, &vpc, text)?;
    let shown = held_out(cx, &added);
    resource::update::<Subnet>(tx, cx, &subnet.id, |subnet| subnet.ipv6_block = Some(added));
    Ok(Changed { subnet_id: subnet.id.clone(), ipv6_cidr_block_association: shown })
}

/// A block that a subnet of the VPC is about to get: within one of the VPC's, and apart from those of its other subnets. The texts are AWS's
/// (seen in hashicorp/terraform-provider-aws issues 28775 and 31913, telia-oss/terraform-aws-vpc pull request 33).
pub fn new_block(cx: &Cx, world: &World, vpc: &Vpc, text: &str) -> Result<Ipv6Block, ApiError> {
    let parsed = text.parse::<Ipv6Net>().ok().map(|block| block.trunc());
    // <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
    let sized = parsed.filter(|block| (44..=64).contains(&block.prefix_len()) && block.prefix_len().is_multiple_of(4));
    let cidr = sized.ok_or_else(|| {
        ApiError::new("InvalidParameterValue", format!("invalid value for parameter ipv6-cidr-block: {text}"))
    })?;
    if !vpc.ipv6_blocks.iter().any(|held| held.cidr.contains(&cidr)) {
        return Err(ApiError::new("InvalidSubnet.Range", format!("The IPv6 CIDR '{cidr}' is invalid.")));
    }
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let overlaps = |held: &Ipv6Block| overlap(held.cidr, cidr);
    if world.by::<Subnet>(Subnet::BY_VPC, &parts).any(|other| other.ipv6_block.as_ref().is_some_and(overlaps)) {
        let message = format!("The IPv6 CIDR '{cidr}' conflicts with another subnet");
        return Err(ApiError::new("InvalidSubnet.Conflict", message));
    }
    Ok(Ipv6Block { id: cx.ids.ec2("subnet-cidr-assoc"), cidr, since: cx.now, pool: None })
}

/// Takes the block away, unless addresses of it are in use or are to be given out.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateSubnetCidrBlock.html>
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &Disassociate) -> Result<Changed, ApiError> {
    let id = &input.association_id;
    if !id.starts_with("subnet-cidr-assoc-") {
        let message = format!("Invalid id: \"{id}\" (expecting \"subnet-cidr-assoc-...\")");
        return Err(ApiError::new("InvalidSubnetCidrBlockAssociationId.Malformed", message));
    }
    let subnet = with_association(cx, tx, id).ok_or_else(|| not_found(id))?;
    let block = subnet.ipv6_block.clone().ok_or_else(|| not_found(id))?;
    must_be_free(tx, &subnet, id)?;
    resource::update::<Subnet>(tx, cx, &subnet.id, |subnet| {
        subnet.ipv6_block = None;
        subnet.dns64 = false;
        block::end(&mut subnet.former_blocks, id, block.cidr, None, cx.now);
    });
    for held in reservation::of_subnet(tx, &subnet).iter().filter(|held| held.ipv6().is_some()) {
        resource::remove::<Reservation>(tx, cx, &held.id);
    }
    let shown = out(id, block.cidr, StateOut { state: "disassociating" });
    Ok(Changed { subnet_id: subnet.id.clone(), ipv6_cidr_block_association: shown })
}

/// The first text is AWS's (seen in hashicorp/terraform-provider-aws issue 1519), the second like it.
fn must_be_free(world: &World, subnet: &Subnet, id: &str) -> Result<(), ApiError> {
    let in_use = |it: &interface::NetworkInterface| !it.ipv6_addresses.is_empty() || !it.ipv6_prefixes.is_empty();
    let why = if subnet.assign_ipv6 {
        "its subnet has assign-ipv6-address-on-creation set to true"
    } else if interface::addresses_in(world, subnet).any(|it| in_use(it)) {
        "its subnet has network interfaces with IPv6 addresses"
    } else {
        return Ok(());
    };
    let message =
        format!("The subnet IPv6 CIDR block with association ID {id} may not be disassociated, because {why}.");
    Err(ApiError::new("InvalidCidrBlock.InUse", message))
}

fn not_found(id: &str) -> ApiError {
    let message = format!("The subnet CIDR block with association ID '{id}' does not exist");
    ApiError::new("InvalidSubnetCidrBlockAssociationID.NotFound", message)
}

/// As answers show the block of a subnet.
pub fn held_out(cx: &Cx, held: &Ipv6Block) -> Ipv6AssociationOut {
    out(&held.id, held.cidr, block::state(Some(held.since), cx.now, cx.settings.states))
}

/// The same in a state.
pub fn out(id: &str, cidr: Ipv6Net, ipv6_cidr_block_state: StateOut) -> Ipv6AssociationOut {
    Ipv6AssociationOut {
        association_id: id.to_owned(),
        ipv6_cidr_block: cidr.to_string(),
        ipv6_cidr_block_state,
        ipv6_address_attribute: "public",
        ip_source: "amazon",
    }
}
