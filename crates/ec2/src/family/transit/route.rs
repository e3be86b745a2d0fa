//! Routes of a transit gateway's route table: those that are set by hand, to an attachment or into a black hole. [`super::search`] shows them together
//! with what is propagated. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayRoute.html>

use std::sync::Arc;

use ipnet::IpNet;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::attachment::{self, ID};
use super::link::on_both;
use super::table::{self, ROUTE_TABLES};
use super::text;
use crate::family::Item;
use crate::family::item;
use crate::refused::missing;

/// The member, shown nowhere, with the routes that were set: a destination, and an attachment or none.
pub const ROUTES: &str = "StaticRoutes";
/// All routes of a gateway together; here, those of one table. <https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-quotas.html>
const MOST_ROUTES: usize = 10_000;
const DESTINATION: &str = "DestinationCidrBlock";

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses: &[&str] = &[DESTINATION, ID, "Blackhole"];
    vec![
        on_both(Operation::write(Service::Ec2, "CreateTransitGatewayRoute", create), uses),
        on_both(Operation::write(Service::Ec2, "ReplaceTransitGatewayRoute", replace), uses),
        ROUTE_TABLES.on_one(Operation::write(Service::Ec2, "DeleteTransitGatewayRoute", delete), &[DESTINATION]),
    ]
}

/// The attachment that a request leads to, none for a black hole; it is on the table's gateway.
pub fn target(cx: &Cx, world: &World, table: &Item, input: &Document) -> Result<Option<Arc<Item>>, ApiError> {
    match (input.text(ID), input.truth("Blackhole")) {
        (Some(_), Some(true)) => {
            let message = "You cannot specify both a Transit Gateway Attachment and a blackhole route.";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
        (None, Some(true)) => Ok(None),
        (None, _) => Err(missing(ID)),
        (Some(id), _) => attachment::beside(cx, world, table, id).map(Some),
    }
}

fn destination(input: &Document) -> Result<String, ApiError> {
    let given = input.text(DESTINATION).unwrap_or_default();
    given.parse::<IpNet>().map(|block| block.trunc().to_string()).map_err(|_| {
        let message =
            format!("Value ({given}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.");
        ApiError::new("InvalidParameterValue", message)
    })
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    table::ready(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default())
}

/// A route as answers show it.
pub fn shown(cx: &Cx, world: &World, block: &str, attachment_id: &str, sort: &str) -> Value {
    let found = item::look_up(world, cx, attachment_id);
    let works = found
        .as_ref()
        .is_some_and(|it| !it.is_deleted() && matches!(it.state(cx), Some("available" | "modifying" | "pending")));
    let seen = |it: &Arc<Item>| json!({"ResourceId": it.document.text("ResourceId"), ID: it.id, "ResourceType": it.document.text("ResourceType")});
    let attachments: Vec<Value> = found.iter().filter(|it| !it.is_deleted()).map(seen).collect();
    let mut route = json!({DESTINATION: block, "Type": sort, "State": if works { "active" } else { "blackhole" }});
    if let Some(route) = route.as_object_mut().filter(|_| !attachments.is_empty()) {
        route.insert("TransitGatewayAttachments".to_owned(), attachments.into());
    }
    route
}

fn put(cx: &Cx, tx: &mut Tx, table: &Item, block: &str, attachment: Option<&Item>) -> Document {
    let id = attachment.map(|it| it.id.clone()).unwrap_or_default();
    item::update(tx, cx, &table.id, |it| {
        let mut routes = it.document.list(ROUTES);
        routes.retain(|route| text(route, DESTINATION) != block);
        routes.push(json!({DESTINATION: block, ID: id}));
        it.document.set(ROUTES, routes);
    });
    Document::from(json!({"Route": shown(cx, tx, block, &id, "static")}))
}

/// The static route of a table to a block.
fn held(table: &Item, block: &str) -> Option<Value> {
    table.document.list(ROUTES).into_iter().find(|route| text(route, DESTINATION) == block)
}

fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let block = destination(input)?;
    let table = named(cx, tx, input)?;
    let target = target(cx, tx, &table, input)?;
    if held(&table, &block).is_some() {
        let message = format!("Route {block} already exists in Transit Gateway Route Table {}.", table.id);
        return Err(ApiError::new("RouteAlreadyExists", message));
    }
    if table.document.list(ROUTES).len() >= MOST_ROUTES {
        let message = format!("The maximum number of static routes has been reached for {}.", table.id);
        return Err(ApiError::new("ResourceLimitExceeded", message));
    }
    Ok(put(cx, tx, &table, &block, target.as_deref()))
}

fn no_such_route(block: &str, table: &Item) -> ApiError {
    let message = format!("Route {block} does not exist in Transit Gateway Route Table {}.", table.id);
    ApiError::new("InvalidRoute.NotFound", message)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceTransitGatewayRoute.html>
fn replace(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let block = destination(input)?;
    let table = named(cx, tx, input)?;
    let target = target(cx, tx, &table, input)?;
    held(&table, &block).ok_or_else(|| no_such_route(&block, &table))?;
    Ok(put(cx, tx, &table, &block, target.as_deref()))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayRoute.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let block = destination(input)?;
    let table = named(cx, tx, input)?;
    let route = held(&table, &block).ok_or_else(|| no_such_route(&block, &table))?;
    let mut answer = shown(cx, tx, &block, text(&route, ID), "static");
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("State".to_owned(), "deleted".into());
    }
    item::update(tx, cx, &table.id, |it| {
        let mut routes = it.document.list(ROUTES);
        routes.retain(|route| text(route, DESTINATION) != block);
        it.document.set(ROUTES, routes);
    });
    Ok(Document::from(json!({"Route": answer})))
}
