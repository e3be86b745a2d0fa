//! Route tables of local gateways. A mode says whether instances are known outside by their private addresses or by the customer's own.
//! <https://docs.aws.amazon.com/outposts/latest/userguide/routing.html>

use service::prelude::*;

use super::outpost::LOCAL_GATEWAYS;
use super::{life, route, take_over};
use crate::family::{Family, Item};
use crate::kind;

/// The mode in which pools of the customer's own addresses are used.
pub const COIP: &str = "coip";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGatewayRouteTable.html>
pub static ROUTE_TABLES: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("LocalGatewayRouteTableArn"),
    life: life("State"),
    within: &[("LocalGatewayId", &kind::LOCAL_GATEWAY)],
    // What a route leads to.
    besides: &[
        (route::GROUP, &kind::LOCAL_GATEWAY_VIRTUAL_INTERFACE_GROUP),
        (route::INTERFACE, &kind::NETWORK_INTERFACE),
        (route::LIST, &kind::PREFIX_LIST),
    ],
    hidden: &[route::ROUTES],
    filters: &[
        "local-gateway-id",
        "local-gateway-route-table-arn",
        "local-gateway-route-table-id",
        "outpost-arn",
        "owner-id",
        "state",
    ],
    fill,
    ..Family::of(&kind::LOCAL_GATEWAY_ROUTE_TABLE, "LocalGatewayRouteTableId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ROUTE_TABLES.create("CreateLocalGatewayRouteTable", &[]),
        ROUTE_TABLES.describe("DescribeLocalGatewayRouteTables"),
        ROUTE_TABLES.delete("DeleteLocalGatewayRouteTable"),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let gateway = LOCAL_GATEWAYS.alive(cx, tx, input.text(LOCAL_GATEWAYS.id).unwrap_or_default())?;
    take_over(&mut item.document, &gateway, &["OutpostArn"]);
    item.document.set("Mode", input.text("Mode").unwrap_or("direct-vpc-routing"));
    Ok(())
}
