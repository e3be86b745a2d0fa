//! Route tables of transit gateways: made, described and deleted. [`super::link`] says who uses them, [`super::route`] what is in them.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayRouteTable.html>

use std::sync::Arc;

use serde_json::json;
use service::prelude::*;

use super::{gateway, incorrect_state, invalid_state, link, reference, route};
use crate::family::item;
use crate::family::{Family, Item, Life};
use crate::kind;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRouteTable.html>
pub static ROUTE_TABLES: Family = Family {
    created: Some("CreationTime"),
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 30,
        shown_for: 3_600,
    }),
    within: &[("TransitGatewayId", &kind::TRANSIT_GATEWAY)],
    hidden: &[route::ROUTES, reference::REFERENCES],
    filters: &[
        "default-association-route-table",
        "default-propagation-route-table",
        "state",
        "transit-gateway-id",
        "transit-gateway-route-table-id",
    ],
    keys: &[("ec2:transitGatewayRouteTableId", "TransitGatewayRouteTableId")],
    fill: |cx, tx, input, _| gateway::ready(cx, tx, input.text("TransitGatewayId").unwrap_or_default()).map(drop),
    see: |cx, world, item, shown| {
        let (association, propagation) = defaults(cx, world, item);
        shown.set("DefaultAssociationRouteTable", association);
        shown.set("DefaultPropagationRouteTable", propagation);
    },
    release,
    ..Family::of(&kind::TRANSIT_GATEWAY_ROUTE_TABLE, "TransitGatewayRouteTableId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ROUTE_TABLES.create("CreateTransitGatewayRouteTable", &[]),
        ROUTE_TABLES.describe("DescribeTransitGatewayRouteTables"),
        ROUTE_TABLES.delete("DeleteTransitGatewayRouteTable"),
    ]
}

/// Whether new attachments are associated with it, and propagate to it.
fn defaults(cx: &Cx, world: &World, item: &Item) -> (bool, bool) {
    let gateway = item.document.text("TransitGatewayId").and_then(|id| item::look_up(world, cx, id));
    let (association, propagation) = gateway.map(|it| gateway::default_tables(&it)).unwrap_or_default();
    let is_it = |held: Option<String>| held.as_deref() == Some(&item.id);
    (is_it(association), is_it(propagation))
}

/// The table that comes with a gateway.
pub fn make(cx: &Cx, tx: &mut Tx, gateway_id: &str) -> String {
    let named = Document::from(json!({"TransitGatewayId": gateway_id}));
    let table = ROUTE_TABLES.draw("CreateTransitGatewayRouteTable", cx, &named, Vec::new());
    let id = table.id.clone();
    tx.put(table);
    id
}

/// The tables of a gateway.
pub fn all_of(cx: &Cx, world: &World, gateway_id: &str) -> Vec<Arc<Item>> {
    let inside = item::inside(world, cx, gateway_id).into_iter().filter(|id| ROUTE_TABLES.kind.is_id(id));
    inside.filter_map(|id| item::look_up(world, cx, &id)).collect()
}

/// A table that is there and done.
pub fn ready(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = item::alive(world, cx, ROUTE_TABLES.kind, id)?;
    if found.state(cx) == Some("available") { Ok(found) } else { Err(invalid_state(id)) }
}

/// The same for one of that gateway.
pub fn of_gateway(cx: &Cx, world: &World, gateway_id: &str, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = ready(cx, world, id)?;
    match found.document.text("TransitGatewayId") == Some(gateway_id) {
        true => Ok(found),
        false => Err(ROUTE_TABLES.kind.not_found(&[id])),
    }
}

/// A table goes when nothing is associated with it, and not while it is a default one.
/// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html#delete-tgw-route-table>
fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    match defaults(cx, tx, item) {
        (true, _) => return Err(incorrect_state(format!("{} is the default association route table.", item.id))),
        (_, true) => return Err(incorrect_state(format!("{} is the default propagation route table.", item.id))),
        _ => {}
    }
    let associated: Vec<String> =
        link::ASSOCIATIONS.of_table(cx, item).into_iter().map(|(attachment, _)| attachment).collect();
    match associated.is_empty() {
        true => Ok(()),
        false => Err(incorrect_state(format!("{} has non-deleted associations: {}.", item.id, associated.join(", ")))),
    }
}
