//! Groups of a local gateway's virtual interfaces, which speak for one autonomous system.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLocalGatewayVirtualInterfaceGroup.html>

use service::prelude::*;

use super::outpost::LOCAL_GATEWAYS;
use super::{ids, inside, life, must_be_a_number};
use crate::family::{Family, Item};
use crate::kind;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGatewayVirtualInterfaceGroup.html>
pub static GROUPS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("LocalGatewayVirtualInterfaceGroupArn"),
    life: life("ConfigurationState"),
    within: &[("LocalGatewayId", &kind::LOCAL_GATEWAY)],
    filters: &[
        "local-gateway-id",
        "local-gateway-virtual-interface-group-id",
        "local-gateway-virtual-interface-id=LocalGatewayVirtualInterfaceIds",
        "owner-id",
    ],
    fill,
    see,
    ..Family::of(&kind::LOCAL_GATEWAY_VIRTUAL_INTERFACE_GROUP, "LocalGatewayVirtualInterfaceGroupId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        GROUPS.create("CreateLocalGatewayVirtualInterfaceGroup", &[]),
        GROUPS.describe("DescribeLocalGatewayVirtualInterfaceGroups"),
        GROUPS.delete("DeleteLocalGatewayVirtualInterfaceGroup"),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, _: &mut Item) -> Result<(), ApiError> {
    LOCAL_GATEWAYS.alive(cx, tx, input.text(LOCAL_GATEWAYS.id).unwrap_or_default())?;
    must_be_a_number(input, "LocalBgpAsn")
}

/// A group without an interface is incomplete.
fn see(cx: &Cx, world: &World, item: &Item, shown: &mut Document) {
    let interfaces = inside(cx, world, &item.id, &kind::LOCAL_GATEWAY_VIRTUAL_INTERFACE);
    if interfaces.is_empty() && item.state(cx) == Some("available") {
        shown.set("ConfigurationState", "incomplete");
    }
    shown.set("LocalGatewayVirtualInterfaceIds", ids(&interfaces));
}
