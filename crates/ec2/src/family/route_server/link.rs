//! Which VPC a route server serves, and to which of its route tables it may write.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteServer.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::{ROUTE_SERVERS, incorrect_state, must_be_ready};
use crate::family::answers;
use crate::family::item::{self, Item, Stage};
use crate::kind::{self, Kind};
use crate::network::route_table::RouteTable;
use crate::network::vpc::Vpc;
use crate::resource;
use crate::tags::registry;

/// Members, shown nowhere, of a server.
const ASSOCIATIONS: &str = "Associations";
const PROPAGATIONS: &str = "Propagations";
const VPC: &str = "VpcId";
const TABLE: &str = "RouteTableId";
const GONE: &str = "gone";
/// About how long a change takes.
const SECONDS: i64 = 10;

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        on_both(Operation::write(Service::Ec2, "AssociateRouteServer", associate), VPC, &kind::VPC),
        on_both(Operation::write(Service::Ec2, "DisassociateRouteServer", disassociate), VPC, &kind::VPC),
        on_both(Operation::read(Service::Ec2, "GetRouteServerAssociations", associations), VPC, &kind::VPC),
        on_both(Operation::write(Service::Ec2, "EnableRouteServerPropagation", enable), TABLE, &kind::ROUTE_TABLE),
        on_both(Operation::write(Service::Ec2, "DisableRouteServerPropagation", disable), TABLE, &kind::ROUTE_TABLE),
        on_both(Operation::read(Service::Ec2, "GetRouteServerPropagations", propagations), TABLE, &kind::ROUTE_TABLE),
    ]
}

/// A row that must be allowed on the server and on what is named beside it.
fn on_both(row: Row<Document>, member: &'static str, other: &'static Kind) -> Operation {
    row.authorize(move |cx, world, input: &Document| {
        let server = ROUTE_SERVERS.check_on(cx, world, input.text(ROUTE_SERVERS.id).unwrap_or_default());
        let other = input.text(member).map(|id| registry::check_on(cx, world, other, id));
        std::iter::once(server).chain(other).collect()
    })
    .honours(move |model, operation| {
        let takes =
            operation.input.and_then(|input| model.structure(input)).is_some_and(|it| it.by_name(member).is_some());
        answers::honoured(model, operation, &ROUTE_SERVERS, if takes { std::slice::from_ref(&member) } else { &[] })
    })
    .build()
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    ROUTE_SERVERS.alive(cx, world, input.text(ROUTE_SERVERS.id).unwrap_or_default())
}

/// The parts of a server that are not gone.
fn parts(cx: &Cx, server: &Item, list: &str) -> Vec<Value> {
    let mut held = server.document.list(list);
    held.retain(|part| Stage::of_part(cx, part).as_deref() != Some(GONE));
    held
}

fn text<'v>(part: &'v Value, name: &str) -> &'v str {
    part.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn shown(cx: &Cx, server: &Item, part: &Value, member: &str) -> Value {
    json!({ROUTE_SERVERS.id: server.id, member: text(part, member), "State": Stage::of_part(cx, part)})
}

/// The VPC that a server serves, and will go on to.
pub fn vpc_of(cx: &Cx, server: &Item) -> Option<String> {
    let held = parts(cx, server, ASSOCIATIONS);
    held.iter().find(|part| !Stage::ends_as(part, GONE)).map(|part| text(part, VPC).to_owned())
}

/// Seen at AWS.
fn not_associated(server: &Item) -> ApiError {
    let message = format!("Route Server {} is not associated with a VPC.", server.id);
    ApiError::new("InvalidRouteServerId.NotAssociated", message)
}

fn put(cx: &Cx, tx: &mut Tx, server: &Item, list: &str, held: Vec<Value>) {
    item::update(tx, cx, &server.id, |it| it.document.set(list, held));
}

/// A server serves one VPC.
fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let server = named(cx, tx, input)?;
    must_be_ready(cx, &server)?;
    let vpc = resource::get::<Vpc>(tx, cx, input.text(VPC).unwrap_or_default())?;
    if let Some(held) = vpc_of(cx, &server) {
        return Err(incorrect_state(format!("Route Server {} is already associated with VPC {held}.", server.id)));
    }
    let mut part = json!({VPC: vpc.id});
    Stage::begin(cx, "associating", "associated", SECONDS).note(&mut part);
    let answer = shown(cx, &server, &part, VPC);
    item::update(tx, cx, &server.id, |it| {
        it.document.set(ASSOCIATIONS, vec![part]);
        it.within = vec![vpc.id.clone()];
    });
    Ok(Document::from(json!({"RouteServerAssociation": answer})))
}

/// The VPC goes when no endpoint is in it any more, and no table is written to.
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let server = named(cx, tx, input)?;
    let vpc = resource::get::<Vpc>(tx, cx, input.text(VPC).unwrap_or_default())?;
    if vpc_of(cx, &server).as_deref() != Some(&vpc.id) {
        return Err(not_associated(&server));
    }
    let inside = item::inside(tx, cx, &server.id);
    if !inside.is_empty() {
        return Err(incorrect_state(format!("Route Server {} has endpoints: {}.", server.id, inside.join(", "))));
    }
    if propagated(cx, tx, &server).iter().any(|part| !Stage::ends_as(part, GONE)) {
        return Err(incorrect_state(format!(
            "Route Server {} propagates to route tables of VPC {}.",
            server.id, vpc.id
        )));
    }
    let mut part = json!({VPC: vpc.id});
    Stage::begin(cx, "disassociating", GONE, SECONDS).note(&mut part);
    let answer = shown(cx, &server, &part, VPC);
    item::update(tx, cx, &server.id, |it| {
        it.document.set(ASSOCIATIONS, vec![part]);
        it.within.clear();
    });
    Ok(Document::from(json!({"RouteServerAssociation": answer})))
}

/// A server goes when it serves no VPC.
pub fn must_be_free(cx: &Cx, _: &mut Tx, server: &Item) -> Result<(), ApiError> {
    match vpc_of(cx, server) {
        Some(vpc) => Err(incorrect_state(format!("Route Server {} is associated with VPC {vpc}.", server.id))),
        None => Ok(()),
    }
}

/// That there is none AWS tells by an error. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetRouteServerAssociations.html>
fn associations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let server = named(cx, world, input)?;
    let held = parts(cx, &server, ASSOCIATIONS);
    if held.is_empty() {
        return Err(not_associated(&server));
    }
    let all: Vec<Value> = held.iter().map(|part| shown(cx, &server, part, VPC)).collect();
    Ok(Document::from(json!({"RouteServerAssociations": all})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableRouteServerPropagation.html>
fn enable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let server = named(cx, tx, input)?;
    must_be_ready(cx, &server)?;
    let table = resource::get::<RouteTable>(tx, cx, input.text(TABLE).unwrap_or_default())?;
    if vpc_of(cx, &server).as_deref() != Some(&table.vpc_id) {
        return Err(not_associated(&server));
    }
    let mut held = propagated(cx, tx, &server);
    let is_it = |part: &Value| text(part, TABLE) == table.id;
    let part = match held.iter().find(|part| is_it(part) && !Stage::ends_as(part, GONE)) {
        Some(part) => part.clone(),
        None => {
            let mut part = json!({TABLE: table.id});
            Stage::begin(cx, "pending", "available", SECONDS).note(&mut part);
            held.retain(|part| !is_it(part));
            held.push(part.clone());
            part
        }
    };
    put(cx, tx, &server, PROPAGATIONS, held);
    Ok(Document::from(json!({"RouteServerPropagation": shown(cx, &server, &part, TABLE)})))
}

fn not_propagated(server: &Item, table: &str) -> ApiError {
    let message = format!("Route Server {} does not propagate to Route Table {table}.", server.id);
    ApiError::new("InvalidRouteServerId.NotPropagated", message)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableRouteServerPropagation.html>
fn disable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let server = named(cx, tx, input)?;
    let id = input.text(TABLE).unwrap_or_default();
    let mut held = parts(cx, &server, PROPAGATIONS);
    let is_it = |part: &&mut Value| text(part, TABLE) == id && !Stage::ends_as(part, GONE);
    let Some(part) = held.iter_mut().find(is_it) else { return Err(not_propagated(&server, id)) };
    Stage::begin(cx, "deleting", GONE, SECONDS).note(part);
    let answer = shown(cx, &server, part, TABLE);
    put(cx, tx, &server, PROPAGATIONS, held);
    Ok(Document::from(json!({"RouteServerPropagation": answer})))
}

/// The propagations to tables that are there: one ends with its table.
fn propagated(cx: &Cx, world: &World, server: &Item) -> Vec<Value> {
    let mut held = parts(cx, server, PROPAGATIONS);
    held.retain(|part| resource::look_up::<RouteTable>(world, cx, text(part, TABLE)).is_some());
    held
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetRouteServerPropagations.html>
fn propagations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let server = named(cx, world, input)?;
    let wanted = input.text(TABLE);
    let mut held = propagated(cx, world, &server);
    held.retain(|part| wanted.is_none_or(|id| text(part, TABLE) == id));
    if let Some(id) = wanted.filter(|_| held.is_empty()) {
        return Err(not_propagated(&server, id));
    }
    let all: Vec<Value> = held.iter().map(|part| shown(cx, &server, part, TABLE)).collect();
    Ok(Document::from(json!({"RouteServerPropagations": all})))
}
