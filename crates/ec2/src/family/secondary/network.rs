//! Secondary networks themselves. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecondaryNetwork.html>

use service::prelude::*;

use super::super::Family;
use super::super::item::{self, Item};
use super::{LIFE, associate, see, wanted};
use crate::kind;
use crate::network::must_have_room;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecondaryNetwork.html>
pub static NETWORKS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("SecondaryNetworkArn"),
    life: Some(LIFE),
    filters: &[
        "ipv4-cidr-block-association.association-id=Ipv4CidrBlockAssociations.AssociationId",
        "ipv4-cidr-block-association.cidr-block=Ipv4CidrBlockAssociations.CidrBlock",
        "ipv4-cidr-block-association.state=Ipv4CidrBlockAssociations.State",
        "owner-id",
        "secondary-network-arn",
        "secondary-network-id",
        "state",
        "type",
    ],
    fill,
    see,
    ..Family::of(&kind::SECONDARY_NETWORK, "SecondaryNetworkId")
};

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let block = wanted(input)?;
    let held = || item::all(tx, cx, &kind::SECONDARY_NETWORK).filter(|it| !it.is_deleted()).count();
    must_have_room(cx, held, 5, "SecondaryNetworkLimitExceeded", "secondary networks")?;
    item.document.set("Type", input.text("NetworkType").unwrap_or_default());
    associate(cx, item, "sn-cidr-assoc", block);
    Ok(())
}
