//! Static routes of VPN connections, and what of them a gateway tells to route tables.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnConnectionRoute.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::connection::VPN_CONNECTIONS;
use crate::family::Item;
use crate::family::item::{self, Stage};
use crate::kind;
use crate::network::cidr;

/// The member with the routes.
pub const ROUTES: &str = "Routes";
/// Of a connection. <https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-limits.html>
const MOST_ROUTES: usize = 100;
/// About how long a route takes to come or go.
const SECONDS: i64 = 30;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let own = |row| VPN_CONNECTIONS.on_one(row, &["DestinationCidrBlock"]);
    vec![
        own(Operation::write(Service::Ec2, "CreateVpnConnectionRoute", create)),
        own(Operation::write(Service::Ec2, "DeleteVpnConnectionRoute", delete)),
    ]
}

/// The routes of a connection that are not gone, with their states.
pub fn shown(cx: &Cx, item: &Item) -> Vec<Value> {
    let state = |route: &Value| Stage::of_part(cx, route).unwrap_or_default();
    let seen =
        |route: &Value| json!({"DestinationCidrBlock": destination(route), "Source": "Static", "State": state(route)});
    item.document.list(ROUTES).iter().filter(|route| state(route) != "deleted").map(seen).collect()
}

fn destination(route: &Value) -> &str {
    route.get("DestinationCidrBlock").and_then(Value::as_str).unwrap_or_default()
}

/// Where the connections of a gateway lead now. AWS tells it to route tables while a tunnel is up; ours never are, and count as if they were.
pub fn of_gateway(cx: &Cx, world: &World, gateway_id: &str) -> Vec<String> {
    let connections = item::inside(world, cx, gateway_id).into_iter().filter_map(|id| item::look_up(world, cx, &id));
    let working = connections.filter(|it| matches!(it.state(cx), Some("available" | "modifying")));
    let routes = working.flat_map(|it| it.document.list(ROUTES));
    let there = routes.filter(|route| Stage::of_part(cx, route).as_deref() == Some("available"));
    there.map(|route| destination(&route).to_owned()).collect()
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    item::alive(world, cx, &kind::VPN_CONNECTION, input.text(VPN_CONNECTIONS.id).unwrap_or_default())
}

fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let connection = named(cx, tx, input)?;
    let is_static = connection.document.truth("Options.StaticRoutesOnly") == Some(true);
    if !is_static || connection.document.text("VpnGatewayId").is_none() {
        let message = "The specified VPN connection does not support static routes.";
        return Err(ApiError::new("InvalidVpnConnection.InvalidType", message));
    }
    let block = cidr::ipv4(input.text("DestinationCidrBlock").unwrap_or_default(), "destinationCidrBlock")?.to_string();
    let mut routes = connection.document.list(ROUTES);
    let is_going = |route: &Value| Stage::ends_as(route, "deleted");
    if !routes.iter().any(|route| destination(route) == block && !is_going(route)) {
        routes.retain(|route| destination(route) != block);
        if routes.iter().filter(|route| !is_going(route)).count() >= MOST_ROUTES {
            let message = format!("The maximum number of static routes has been reached for {}.", connection.id);
            return Err(ApiError::new("ResourceLimitExceeded", message));
        }
        let mut route = json!({"DestinationCidrBlock": block});
        Stage::begin(cx, "pending", "available", SECONDS).note(&mut route);
        routes.push(route);
    }
    item::update(tx, cx, &connection.id, |it| it.document.set(ROUTES, routes));
    Ok(Document::default())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpnConnectionRoute.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let connection = named(cx, tx, input)?;
    let block = cidr::ipv4(input.text("DestinationCidrBlock").unwrap_or_default(), "destinationCidrBlock")?.to_string();
    let mut routes = connection.document.list(ROUTES);
    routes.retain(|route| Stage::of_part(cx, route).as_deref() != Some("deleted"));
    let held = routes.iter_mut().find(|route| destination(route) == block && !Stage::ends_as(route, "deleted"));
    let Some(held) = held else {
        let message = format!("The specified route {block} does not exist");
        return Err(ApiError::new("InvalidRoute.NotFound", message));
    };
    Stage::begin(cx, "deleting", "deleted", SECONDS).note(held);
    item::update(tx, cx, &connection.id, |it| it.document.set(ROUTES, routes));
    Ok(Document::default())
}
