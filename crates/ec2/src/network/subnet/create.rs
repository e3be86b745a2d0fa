//! CreateSubnet, CreateDefaultSubnet and DeleteSubnet. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>

use std::sync::Arc;

use ipnet::Ipv4Net;
use service::prelude::*;
use service::regions::Zone;

use super::reservation::{self, Reservation};
use super::{Subnet, SubnetOut, out};
use crate::kind;
use crate::network::cidr::{self, overlap};
use crate::network::layout::{self, Place};
use crate::network::network_acl::{self, NetworkAcl};
use crate::network::route_table::{self, RouteTable, RouteTableAssociation};
use crate::network::vpc::{self, Vpc};
use crate::network::{block_public_access, interface, must_have_room};
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateSubnetRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateSubnet {
    pub vpc_id: String,
    pub cidr_block: Option<String>,
    pub ipv6_cidr_block: Option<String>,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateDefaultSubnetRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateDefaultSubnet {
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub subnet: SubnetOut,
}

/// `DeleteSubnetRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteSubnet {
    pub subnet_id: String,
    pub dry_run: Option<bool>,
}

/// CreateSubnet on a subnet to come and on its VPC, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateSubnet) -> Vec<Check> {
    let vpc = resource::check_on::<Vpc>(cx, world, &input.vpc_id);
    resource::checks_on_new(cx, &kind::SUBNET, input.tag_specifications.as_deref(), "CreateSubnet", Some(vpc))
}

/// Makes a subnet, behind the VPC's default ACL.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateSubnet) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::SUBNET.resource_type)?;
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let text = input.cidr_block.as_deref().ok_or_else(|| {
        ApiError::new("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
    })?;
    let block = cidr::ipv4(text, "cidrBlock")?;
    let zone = zone_of_new(cx, input.availability_zone.as_deref(), input.availability_zone_id.as_deref())?;
    must_fit(tx, &vpc, &block)?;
    let ipv6 = input.ipv6_cidr_block.as_deref();
    let ipv6_block = ipv6.map(|text| super::block::new_block(cx, tx, &vpc, text)).transpose()?;
    let count = || of_vpc(tx, &vpc).count();
    must_have_room(cx, count, 200, "SubnetLimitExceeded", "subnets")?;
    let subnet = Subnet { ipv6_block, tags, ..layout::new_subnet(&Place::of(cx), &vpc.id, zone, block) };
    Ok(put(cx, tx, subnet))
}

fn put(cx: &Cx, tx: &mut Tx, subnet: Subnet) -> Created {
    let subnet = Subnet { created_at: Some(cx.now), ..subnet };
    network_acl::admit(cx, tx, &subnet);
    tx.put(subnet.clone());
    Created { subnet: SubnetOut { block_public_access_states: None, ..out(cx, tx, &subnet) } }
}

/// The subnets of a VPC.
fn of_vpc<'w>(world: &'w World, vpc: &Vpc) -> impl Iterator<Item = &'w Arc<Subnet>> + use<'w> {
    world.by::<Subnet>(Subnet::BY_VPC, &[vpc.account.as_str(), &vpc.region, &vpc.id])
}

/// Within one of the VPC's blocks, and apart from its other subnets.
fn must_fit(world: &World, vpc: &Vpc, block: &Ipv4Net) -> Result<(), ApiError> {
    let inside = vpc.cidr_associations.iter().any(|held| held.cidr.contains(block));
    if !inside || !cidr::is_of_proper_size(block) {
        return Err(ApiError::new("InvalidSubnet.Range", format!("The CIDR '{block}' is invalid.")));
    }
    if of_vpc(world, vpc).any(|other| overlap(other.cidr, *block)) {
        let message = format!("The CIDR '{block}' conflicts with another subnet");
        return Err(ApiError::new("InvalidSubnet.Conflict", message));
    }
    Ok(())
}

/// The zone a request names, by name or by id.
fn wanted_zone(cx: &Cx, name: Option<&str>, id: Option<&str>) -> Result<Option<&'static Zone>, ApiError> {
    match (name, id) {
        (Some(_), Some(_)) => {
            let message = "Only one of availabilityZone and availabilityZoneId may be specified.";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
        (Some(name), None) => cx.region.zone(name).map(Some).ok_or_else(|| no_such_zone(cx, name, "availabilityZone")),
        (None, Some(id)) => {
            cx.region.zone_by_id(id).map(Some).ok_or_else(|| no_such_zone(cx, id, "availabilityZoneId"))
        }
        (None, None) => Ok(None),
    }
}

/// The zone of a new subnet: the one a request names, else any.
pub fn zone_of_new(cx: &Cx, name: Option<&str>, id: Option<&str>) -> Result<&'static Zone, ApiError> {
    let wanted = wanted_zone(cx, name, id)?;
    wanted.or_else(|| any_zone(cx)).ok_or_else(|| no_such_zone(cx, "", "availabilityZone"))
}

/// AWS chooses when nobody else does.
fn any_zone(cx: &Cx) -> Option<&'static Zone> {
    let zones = &cx.region.zones;
    let drawn = usize::try_from(cx.ids.below(u64::try_from(zones.len()).unwrap_or(1).max(1))).unwrap_or(0);
    zones.get(drawn)
}

fn no_such_zone(cx: &Cx, wanted: &str, parameter: &str) -> ApiError {
    let shown = |zone: &Zone| if parameter == "availabilityZone" { zone.name.clone() } else { zone.id.clone() };
    let zones: Vec<String> = cx.region.zones.iter().map(shown).collect();
    let message = format!(
        "Value ({wanted}) for parameter {parameter} is invalid. Subnets can currently only be created in the following availability zones: {}.",
        zones.join(", ")
    );
    ApiError::new("InvalidParameterValue", message)
}

/// Makes the default subnet of a zone again, where it was deleted.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultSubnet.html>
pub fn create_default(cx: &Cx, tx: &mut Tx, input: &CreateDefaultSubnet) -> Result<Created, ApiError> {
    let zone = wanted_zone(cx, input.availability_zone.as_deref(), input.availability_zone_id.as_deref())?;
    let zone = zone.ok_or_else(|| missing("availabilityZone"))?;
    let vpc = vpc::default_of(tx, cx.account(), cx.region_name()).ok_or_else(|| {
        ApiError::new("DefaultVpcDoesNotExist", "No default VPC exists for this account in this region.")
    })?;
    if let Some(held) = super::default_for(tx, cx.account(), cx.region_name(), Some(&zone.name)) {
        let message = format!("'{}' is already the default subnet in {}.", held.id, zone.name);
        return Err(ApiError::new("DefaultSubnetAlreadyExistsInAvailabilityZone", message));
    }
    let taken: Vec<Ipv4Net> = of_vpc(tx, &vpc).map(|subnet| subnet.cidr).collect();
    let free = layout::blocks_for_subnets().find(|block| !taken.iter().any(|held| overlap(*held, *block)));
    let block = free.ok_or_else(|| {
        let message = format!("The CIDR '{}' conflicts with another subnet", vpc.cidr);
        ApiError::new("InvalidSubnet.Conflict", message)
    })?;
    let subnet = layout::default_subnet(&Place::of(cx), &vpc.id, zone, block);
    Ok(put(cx, tx, subnet))
}

/// DeleteSubnet on the subnet.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteSubnet) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.subnet_id)]
}

/// Removes a subnet without interfaces, and with it its associations with a route table and an ACL and its reservations.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteSubnet) -> Result<Done, ApiError> {
    let subnet = super::get(tx, cx, &input.subnet_id)?;
    if interface::addresses_in(tx, &subnet).next().is_some() {
        return Err(resource::has_dependencies("subnet", &subnet.id));
    }
    if let Some(table) = route_table::of_subnet(tx, &subnet).map(|table| table.id.clone()) {
        let is_other = |one: &RouteTableAssociation| one.subnet_id.as_deref() != Some(&subnet.id);
        resource::update::<RouteTable>(tx, cx, &table, |it| it.associations.retain(is_other));
    }
    if let Some(acl) = network_acl::of_subnet(tx, &subnet).map(|acl| acl.id.clone()) {
        resource::update::<NetworkAcl>(tx, cx, &acl, |it| it.associations.retain(|one| one.subnet_id != subnet.id));
    }
    for held in reservation::of_subnet(tx, &subnet) {
        resource::remove::<Reservation>(tx, cx, &held.id);
    }
    block_public_access::exclusion::forget(cx, tx, &subnet.id);
    resource::remove::<Subnet>(tx, cx, &subnet.id);
    Ok(Done {})
}
