//! Routes of a local gateway's route table: those that are set, to the group of virtual interfaces or to a network interface, and in the mode of customer-owned
//! addresses one to each of the pools' blocks. What the customer's routers tell of is not here: there are none.
//! <https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::association::{self, OF_GROUPS, OF_VPCS};
use super::coip::POOLS;
use super::group::GROUPS;
use super::inside;
use super::table::ROUTE_TABLES;
use crate::family::item::{self, Item};
use crate::family::transit::search;
use crate::family::{answers, prefix_list};
use crate::instance::{Instance, State, state_at};
use crate::network::{cidr, interface, must_have_room};
use crate::refused::invalid;
use crate::resource;

/// The member, shown nowhere, with the routes that were set: a destination and a target.
pub const ROUTES: &str = "Routes";
pub const GROUP: &str = "LocalGatewayVirtualInterfaceGroupId";
pub const INTERFACE: &str = "NetworkInterfaceId";
pub const LIST: &str = "DestinationPrefixListId";
const BLOCK: &str = "DestinationCidrBlock";

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses: &[&str] = &[BLOCK, LIST, GROUP, INTERFACE];
    let modify = Operation::write(Service::Ec2, "ModifyLocalGatewayRoute", modify)
        .authorize(|cx, world, input: &Document| ROUTE_TABLES.to_modify(cx, world, input))
        .honours(move |model, operation| answers::honoured(model, operation, &ROUTE_TABLES, uses));
    vec![
        ROUTE_TABLES.on_one(Operation::write(Service::Ec2, "CreateLocalGatewayRoute", create), uses),
        modify.build(),
        ROUTE_TABLES.on_one(Operation::write(Service::Ec2, "DeleteLocalGatewayRoute", delete), &[BLOCK, LIST]),
        ROUTE_TABLES.on_one(Operation::read(Service::Ec2, "SearchLocalGatewayRoutes", find), answers::DESCRIBING),
    ]
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    ROUTE_TABLES.alive(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default())
}

/// Exactly one of two members is given: that one, and its value.
fn one_of(input: &Document, names: [&'static str; 2]) -> Result<(&'static str, String), ApiError> {
    let mut given = names.into_iter().filter_map(|name| Some((name, input.text(name)?.to_owned())));
    match (given.next(), given.next()) {
        (Some(one), None) => Ok(one),
        (given, _) => {
            let code = if given.is_some() { "InvalidParameterCombination" } else { "MissingParameter" };
            let [one, other] = names;
            Err(ApiError::new(code, format!("The request must contain exactly one of {one} or {other}")))
        }
    }
}

/// Where a route goes: a block in its canonical form, or a prefix list.
fn destination(input: &Document) -> Result<(&'static str, String), ApiError> {
    match one_of(input, [BLOCK, LIST])? {
        (BLOCK, text) => Ok((BLOCK, cidr::ipv4(&text, "destinationCidrBlock")?.to_string())),
        list => Ok(list),
    }
}

/// What a route leads through, which is there and can be reached from the table.
fn target(cx: &Cx, world: &World, table: &Item, input: &Document) -> Result<(&'static str, String), ApiError> {
    let (member, id) = one_of(input, [GROUP, INTERFACE])?;
    if member == GROUP {
        association::must_be_of_one_gateway(table, &*GROUPS.alive(cx, world, &id)?)?;
        return Ok((member, id));
    }
    let interface = interface::get(world, cx, &id)?;
    if !association::is_of(cx, world, &table.id, OF_VPCS.kind, "VpcId", &interface.vpc_id) {
        let message = format!("The VPC of {id} is not associated with the local gateway route table {}.", table.id);
        return Err(invalid(message));
    }
    Ok((member, id))
}

/// The route of a table to that destination.
fn held(table: &Item, (member, to): &(&str, String)) -> Option<Value> {
    table.document.list(ROUTES).into_iter().find(|route| route.get(*member).and_then(Value::as_str) == Some(to))
}

/// Whether a route's target takes traffic: a group that the table is associated with, an interface of an instance that runs.
fn leads(cx: &Cx, world: &World, table: &Item, route: &Document) -> bool {
    if let Some(group) = route.text(GROUP) {
        return association::is_of(cx, world, &table.id, OF_GROUPS.kind, GROUP, group);
    }
    let interface = route.text(INTERFACE).and_then(|id| interface::look_up(world, cx, id));
    let near = interface.filter(|it| association::is_of(cx, world, &table.id, OF_VPCS.kind, "VpcId", &it.vpc_id));
    let instance = near.and_then(|it| it.attachment.as_ref().map(|held| held.instance_id.clone()));
    instance
        .and_then(|id| resource::look_up::<Instance>(world, cx, &id))
        .is_some_and(|it| state_at(&it, cx.now, cx.settings.states) == State::Running)
}

/// A route as answers show it.
fn shown(cx: &Cx, world: &World, table: &Item, route: Value, sort: &str, state: Option<&str>) -> Document {
    let mut route = Document::from(route);
    let leads = state.is_none() && leads(cx, world, table, &route);
    route.set("State", state.unwrap_or(if leads { "active" } else { "blackhole" }));
    route.set("Type", sort);
    route.set("LocalGatewayRouteTableId", table.id.as_str());
    super::take_over(&mut route, table, &["LocalGatewayRouteTableArn", "OwnerId"]);
    route
}

fn put(cx: &Cx, tx: &mut Tx, table: &Item, to: &(&str, String), through: &(&str, String)) -> Document {
    let route = json!({to.0: to.1, through.0: through.1});
    item::update(tx, cx, &table.id, |it| {
        let mut routes = it.document.list(ROUTES);
        routes.retain(|route| route.get(to.0).and_then(Value::as_str) != Some(&to.1));
        routes.push(route.clone());
        it.document.set(ROUTES, routes);
    });
    Document::from(json!({"Route": shown(cx, tx, table, route, "static", None).0}))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLocalGatewayRoute.html>
fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let to = destination(input)?;
    let table = named(cx, tx, input)?;
    must_be_a_list(cx, tx, &to)?;
    let through = target(cx, tx, &table, input)?;
    if held(&table, &to).is_some() {
        return Err(ApiError::new("RouteAlreadyExists", format!("The route identified by {} already exists.", to.1)));
    }
    if through.0 == INTERFACE {
        let routes = || table.document.list(ROUTES).iter().filter(|it| it.get(INTERFACE).is_some()).count();
        must_have_room(cx, routes, 100, "RouteLimitExceeded", "routes to network interfaces")?;
    }
    Ok(put(cx, tx, &table, &to, &through))
}

fn must_be_a_list(cx: &Cx, world: &World, to: &(&str, String)) -> Result<(), ApiError> {
    if to.0 == LIST { prefix_list::find(world, cx, &to.1).map(drop) } else { Ok(()) }
}

fn no_such_route((member, to): &(&str, String), table: &Item) -> ApiError {
    let kind = if *member == LIST { "destination-prefix-list-id" } else { "destination-cidr-block" };
    let message = format!("no route with {kind} {to} in local gateway route table {}", table.id);
    ApiError::new("InvalidRoute.NotFound", message)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLocalGatewayRoute.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let to = destination(input)?;
    let table = named(cx, tx, input)?;
    held(&table, &to).ok_or_else(|| no_such_route(&to, &table))?;
    let through = target(cx, tx, &table, input)?;
    Ok(put(cx, tx, &table, &to, &through))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLocalGatewayRoute.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let to = destination(input)?;
    let table = named(cx, tx, input)?;
    let route = held(&table, &to).ok_or_else(|| no_such_route(&to, &table))?;
    item::update(tx, cx, &table.id, |it| {
        let mut routes = it.document.list(ROUTES);
        routes.retain(|held| *held != route);
        it.document.set(ROUTES, routes);
    });
    Ok(Document::from(json!({"Route": shown(cx, tx, &table, route, "static", Some("deleted")).0})))
}

/// The routes of a table: to one block there is one, and those that were set come first.
fn all(cx: &Cx, world: &World, table: &Item) -> Vec<Value> {
    let set = table.document.list(ROUTES);
    let fixed = set.iter().map(|route| shown(cx, world, table, route.clone(), "static", None));
    let mut routes: Vec<Value> = fixed.map(|route| Value::Object(route.0)).collect();
    for pool in inside(cx, world, &table.id, POOLS.kind) {
        for block in pool.document.texts("PoolCidrs") {
            if held(table, &(BLOCK, block.clone())).is_none() {
                let route = json!({BLOCK: block, "CoipPoolId": pool.id});
                routes.push(Value::Object(shown(cx, world, table, route, "propagated", Some("active")).0));
            }
        }
    }
    routes
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SearchLocalGatewayRoutes.html>
fn find(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let table = named(cx, world, input)?;
    let filters = &["prefix-list-id=DestinationPrefixListId", "state", "type"];
    let page = search::among(all(cx, world, &table), "SearchLocalGatewayRoutes", &table.id, filters, input)?;
    Ok(Document::from(json!({"Routes": page.items, "NextToken": page.next})))
}

/// The tables with a route to a prefix list.
pub fn users(cx: &Cx, world: &World, list: &str) -> Vec<String> {
    let tables = item::all(world, cx, ROUTE_TABLES.kind).filter(|table| !table.is_deleted());
    tables.filter(|table| held(table, &(LIST, list.to_owned())).is_some()).map(|table| table.id.clone()).collect()
}
