//! Subnets of secondary networks, each in one zone. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecondarySubnet.html>

use ipnet::Ipv4Net;
use service::prelude::*;

use super::super::Family;
use super::super::item::{self, Item};
use super::network::NETWORKS;
use super::{LIFE, associate, block, see, settled, wanted};
use crate::kind;
use crate::network::cidr::overlap;
use crate::network::must_have_room;
use crate::network::subnet::create::zone_of_new;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecondarySubnet.html>
pub static SUBNETS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("SecondarySubnetArn"),
    life: Some(LIFE),
    within: &[("SecondaryNetworkId", &kind::SECONDARY_NETWORK)],
    filters: &[
        "ipv4-cidr-block-association.association-id=Ipv4CidrBlockAssociations.AssociationId",
        "ipv4-cidr-block-association.cidr-block=Ipv4CidrBlockAssociations.CidrBlock",
        "ipv4-cidr-block-association.state=Ipv4CidrBlockAssociations.State",
        "owner-id",
        "secondary-network-id",
        "secondary-network-type",
        "secondary-subnet-arn",
        "secondary-subnet-id",
        "state",
    ],
    fill,
    see,
    ..Family::of(&kind::SECONDARY_SUBNET, "SecondarySubnetId")
};

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let network = settled(&NETWORKS, cx, tx, input.text(NETWORKS.id).unwrap_or_default())?;
    let wanted = wanted(input)?;
    let zone = zone_of_new(cx, input.text("AvailabilityZone"), input.text("AvailabilityZoneId"))?;
    must_fit(cx, tx, &network, &wanted)?;
    let held = || item::inside(tx, cx, &network.id).len();
    must_have_room(cx, held, 200, "SecondarySubnetLimitExceeded", "secondary subnets")?;
    item.document.set("AvailabilityZone", zone.name.as_str());
    item.document.set("AvailabilityZoneId", zone.id.as_str());
    item.document.set("SecondaryNetworkType", network.document.text("Type").unwrap_or_default());
    associate(cx, item, "ss-cidr-assoc", wanted);
    Ok(())
}

/// Within the network's block, and apart from its other subnets. What AWS calls the refusals is not recorded; these are those of a VPC's subnets.
fn must_fit(cx: &Cx, world: &World, network: &Item, wanted: &Ipv4Net) -> Result<(), ApiError> {
    if !block(network).is_some_and(|around| around.contains(wanted)) {
        return Err(ApiError::new("InvalidSubnet.Range", format!("The CIDR '{wanted}' is invalid.")));
    }
    let others = item::inside(world, cx, &network.id).into_iter().filter_map(|id| item::look_up(world, cx, &id));
    if others.filter_map(|it| block(&it)).any(|other| overlap(other, *wanted)) {
        let message = format!("The CIDR '{wanted}' conflicts with another subnet");
        return Err(ApiError::new("InvalidSubnet.Conflict", message));
    }
    Ok(())
}
