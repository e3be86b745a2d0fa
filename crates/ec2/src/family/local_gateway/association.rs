//! Who uses a local gateway's route table: VPCs, and the one group of virtual interfaces through which it leads. A table with its group is a routing domain;
//! a VPC and a group are in one domain of a local gateway at most.
//! <https://docs.aws.amazon.com/outposts/latest/network-userguide/routing-domains.html>

use std::sync::Arc;

use service::prelude::*;

use super::group::GROUPS;
use super::table::ROUTE_TABLES;
use super::{SECONDS, SHOWN_FOR, inside, take_over};
use crate::family::item::{self, Item};
use crate::family::{Family, Life};
use crate::kind::{self, Kind};
use crate::refused::invalid;

const GATEWAY: &str = "LocalGatewayId";

const LIFE: Life = Life {
    member: "State",
    words: ["associating", "associated", "disassociating", "disassociated"],
    seconds: SECONDS,
    shown_for: SHOWN_FOR,
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGatewayRouteTableVpcAssociation.html>
pub static OF_VPCS: Family = Family {
    owner: Some("OwnerId"),
    life: Some(LIFE),
    within: &[("LocalGatewayRouteTableId", &kind::LOCAL_GATEWAY_ROUTE_TABLE), ("VpcId", &kind::VPC)],
    filters: &[
        "local-gateway-id",
        "local-gateway-route-table-arn",
        "local-gateway-route-table-id",
        "local-gateway-route-table-vpc-association-id",
        "owner-id",
        "state",
        "vpc-id",
    ],
    fill: fill_of_vpc,
    ..Family::of(&kind::LOCAL_GATEWAY_ROUTE_TABLE_VPC_ASSOCIATION, "LocalGatewayRouteTableVpcAssociationId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGatewayRouteTableVirtualInterfaceGroupAssociation.html>
pub static OF_GROUPS: Family = Family {
    owner: Some("OwnerId"),
    life: Some(LIFE),
    within: &[
        ("LocalGatewayRouteTableId", &kind::LOCAL_GATEWAY_ROUTE_TABLE),
        ("LocalGatewayVirtualInterfaceGroupId", &kind::LOCAL_GATEWAY_VIRTUAL_INTERFACE_GROUP),
    ],
    filters: &[
        "local-gateway-id",
        "local-gateway-route-table-arn",
        "local-gateway-route-table-id",
        "local-gateway-route-table-virtual-interface-group-association-id",
        "local-gateway-route-table-virtual-interface-group-id=LocalGatewayVirtualInterfaceGroupId",
        "owner-id",
        "state",
    ],
    fill: fill_of_group,
    ..Family::of(
        &kind::LOCAL_GATEWAY_ROUTE_TABLE_VIRTUAL_INTERFACE_GROUP_ASSOCIATION,
        "LocalGatewayRouteTableVirtualInterfaceGroupAssociationId",
    )
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        OF_VPCS.create("CreateLocalGatewayRouteTableVpcAssociation", &[]),
        OF_VPCS.describe("DescribeLocalGatewayRouteTableVpcAssociations"),
        OF_VPCS.delete("DeleteLocalGatewayRouteTableVpcAssociation"),
        OF_GROUPS.create("CreateLocalGatewayRouteTableVirtualInterfaceGroupAssociation", &[]),
        OF_GROUPS.describe("DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations"),
        OF_GROUPS.delete("DeleteLocalGatewayRouteTableVirtualInterfaceGroupAssociation"),
    ]
}

/// The table that a request names, of which the association tells some members.
fn table(cx: &Cx, world: &World, input: &Document, item: &mut Item) -> Result<Arc<Item>, ApiError> {
    let table = ROUTE_TABLES.alive(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
    take_over(&mut item.document, &table, &[GATEWAY, "LocalGatewayRouteTableArn"]);
    Ok(table)
}

fn fill_of_vpc(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let table = table(cx, tx, input, item)?;
    let vpc = input.text("VpcId").unwrap_or_default();
    let mut held = inside(cx, tx, vpc, OF_VPCS.kind).into_iter();
    match held.find(|other| other.document.text(GATEWAY) == table.document.text(GATEWAY)) {
        Some(other) => Err(associated(vpc, &other)),
        None => Ok(()),
    }
}

fn fill_of_group(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let table = table(cx, tx, input, item)?;
    let group = GROUPS.alive(cx, tx, input.text(GROUPS.id).unwrap_or_default())?;
    must_be_of_one_gateway(&table, &group)?;
    for one in [&table, &group] {
        if let Some(other) = inside(cx, tx, &one.id, OF_GROUPS.kind).first() {
            return Err(associated(&one.id, other));
        }
    }
    Ok(())
}

/// The text is ours.
pub fn must_be_of_one_gateway(table: &Item, group: &Item) -> Result<(), ApiError> {
    if table.document.text(GATEWAY) == group.document.text(GATEWAY) {
        return Ok(());
    }
    let message = format!(
        "The virtual interface group {} and the local gateway route table {} are of different local gateways.",
        group.id, table.id
    );
    Err(invalid(message))
}

/// EC2's code for what is associated already; the text is ours.
fn associated(id: &str, held: &Item) -> ApiError {
    let table = held.document.text(ROUTE_TABLES.id).unwrap_or_default();
    let message = format!("{id} is already associated with the local gateway route table {table} by {}.", held.id);
    ApiError::new("Resource.AlreadyAssociated", message)
}

/// Whether a table is associated with a VPC or a group, which the kind of the association says.
pub fn is_of(cx: &Cx, world: &World, table: &str, kind: &Kind, member: &str, id: &str) -> bool {
    inside(cx, world, table, kind).iter().any(|held| held.document.text(member) == Some(id))
}

/// Whether a VPC has a way through a local gateway: it is associated with one of its tables.
pub fn leads(cx: &Cx, world: &World, gateway: &str, vpc: &str) -> bool {
    let alive = item::look_up(world, cx, gateway).is_some();
    let mut held = inside(cx, world, vpc, OF_VPCS.kind).into_iter();
    alive && held.any(|association| association.document.text(GATEWAY) == Some(gateway))
}
