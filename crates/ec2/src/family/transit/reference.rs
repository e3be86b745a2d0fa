//! Prefix lists in a transit gateway's route table: each of a list's blocks becomes a route, and follows the list when that changes.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayPrefixListReference.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::attachment::{ATTACHMENTS, ID};
use super::table::{self, ROUTE_TABLES};
use super::{route, text};
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Stage};
use crate::family::{Item, answers, prefix_list};
use crate::instance::authorize;
use crate::kind;
use crate::resource;
use crate::tags::registry;

/// The member, shown nowhere, with the references: a list, and an attachment or none.
pub const REFERENCES: &str = "References";
const LIST: &str = "PrefixListId";
/// About how long a change takes.
const SECONDS: i64 = 10;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses: &[&str] = &[LIST, ID, "Blackhole"];
    vec![
        on_all(Operation::write(Service::Ec2, "CreateTransitGatewayPrefixListReference", create), uses, false),
        on_all(Operation::write(Service::Ec2, "ModifyTransitGatewayPrefixListReference", modify), uses, true),
        on_all(Operation::write(Service::Ec2, "DeleteTransitGatewayPrefixListReference", delete), &[LIST], false),
        Operation::read(Service::Ec2, "GetTransitGatewayPrefixListReferences", list)
            .authorize(resource::any::<Document>)
            .honours(|model, operation| answers::honoured(model, operation, &ROUTE_TABLES, answers::DESCRIBING))
            .build(),
    ]
}

/// A row that must be allowed on the table, on the list, and on the attachment; a change tells what it changes.
fn on_all(row: Row<Document>, uses: &'static [&'static str], changes: bool) -> Operation {
    row.authorize(move |cx, world, input: &Document| {
        let table = ROUTE_TABLES.check_on(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default());
        let list = registry::check_on(cx, world, &kind::PREFIX_LIST, input.text(LIST).unwrap_or_default());
        let values: Vec<(&str, String)> = [ID, "Blackhole"]
            .into_iter()
            .filter(|name| changes && input.at(name).is_some())
            .map(|name| (name, input.found(name).join(",")))
            .collect();
        let own = [table, list].map(|check| authorize::attributes(check, &values));
        own.into_iter().chain(input.text(ID).map(|id| ATTACHMENTS.check_on(cx, world, id))).collect()
    })
    .honours(move |model, operation| answers::honoured(model, operation, &ROUTE_TABLES, uses))
    .build()
}

/// The references of a table that are not gone.
fn of_table(cx: &Cx, table: &Item) -> Vec<Value> {
    let mut held = table.document.list(REFERENCES);
    held.retain(|part| Stage::of_part(cx, part).as_deref() != Some("deleted"));
    held
}

/// The routes that come of a table's references.
pub fn routes(cx: &Cx, world: &World, table: &Item) -> Vec<Value> {
    let of_reference = |reference: Value| {
        let list = prefix_list::find(world, cx, text(&reference, LIST)).ok();
        let blocks = list.map(|list| prefix_list::blocks(&list)).unwrap_or_default();
        let route = |block: String| {
            let mut route = route::shown(cx, world, &block, text(&reference, ID), "static");
            if let Some(route) = route.as_object_mut() {
                route.insert(LIST.to_owned(), text(&reference, LIST).into());
            }
            route
        };
        blocks.into_iter().map(route).collect::<Vec<_>>()
    };
    of_table(cx, table).into_iter().flat_map(of_reference).collect()
}

fn shown(cx: &Cx, world: &World, table: &Item, part: &Value) -> Value {
    let list = prefix_list::find(world, cx, text(part, LIST)).ok();
    let attachment = item::look_up(world, cx, text(part, ID));
    let told = |it: &Arc<Item>| json!({ID: it.id, "ResourceType": it.document.text("ResourceType"), "ResourceId": it.document.text("ResourceId")});
    json!({
        "TransitGatewayRouteTableId": table.id,
        LIST: text(part, LIST),
        "PrefixListOwnerId": list.as_ref().and_then(|it| it.document.text("OwnerId")),
        "State": Stage::of_part(cx, part),
        "Blackhole": text(part, ID).is_empty(),
        "TransitGatewayAttachment": attachment.as_ref().map(told),
    })
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<(Arc<Item>, String), ApiError> {
    let table = table::ready(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
    let list = prefix_list::find(world, cx, input.text(LIST).unwrap_or_default())?;
    Ok((table, list.id.clone()))
}

fn put(cx: &Cx, tx: &mut Tx, table: &Item, list: &str, attachment: &str, stage: Stage) -> Document {
    let mut part = json!({LIST: list, ID: attachment});
    stage.note(&mut part);
    let mut held = of_table(cx, table);
    held.retain(|part| text(part, LIST) != list);
    held.push(part.clone());
    item::update(tx, cx, &table.id, |it| it.document.set(REFERENCES, held));
    Document::from(json!({"TransitGatewayPrefixListReference": shown(cx, tx, table, &part)}))
}

fn held(cx: &Cx, table: &Item, list: &str) -> Option<Value> {
    let mut held = of_table(cx, table).into_iter();
    held.find(|part| text(part, LIST) == list && !Stage::ends_as(part, "deleted"))
}

fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (table, list) = named(cx, tx, input)?;
    let target = route::target(cx, tx, &table, input)?;
    if held(cx, &table, &list).is_some() {
        let message = format!("Prefix List {list} is already referenced in Transit Gateway Route Table {}.", table.id);
        return Err(ApiError::new("InvalidPrefixListReference.Duplicate", message));
    }
    let id = target.map(|it| it.id.clone()).unwrap_or_default();
    Ok(put(cx, tx, &table, &list, &id, Stage::begin(cx, "pending", "available", SECONDS)))
}

fn no_such_reference(list: &str, table: &Item) -> ApiError {
    let message = format!("Prefix List {list} is not referenced in Transit Gateway Route Table {}.", table.id);
    ApiError::new("InvalidPrefixListReference.NotFound", message)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayPrefixListReference.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (table, list) = named(cx, tx, input)?;
    held(cx, &table, &list).ok_or_else(|| no_such_reference(&list, &table))?;
    let id = route::target(cx, tx, &table, input)?.map(|it| it.id.clone()).unwrap_or_default();
    Ok(put(cx, tx, &table, &list, &id, Stage::begin(cx, "modifying", "available", SECONDS)))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayPrefixListReference.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (table, list) = named(cx, tx, input)?;
    let part = held(cx, &table, &list).ok_or_else(|| no_such_reference(&list, &table))?;
    Ok(put(cx, tx, &table, &list, text(&part, ID), Stage::begin(cx, "deleting", "deleted", SECONDS)))
}

const FILTERS: &[&str] = &[
    "attachment.resource-id=TransitGatewayAttachment.ResourceId",
    "attachment.resource-type=TransitGatewayAttachment.ResourceType",
    "attachment.transit-gateway-attachment-id=TransitGatewayAttachment.TransitGatewayAttachmentId",
    "is-blackhole=Blackhole",
    "prefix-list-id",
    "prefix-list-owner-id",
    "state",
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayPrefixListReferences.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let table = item::alive(world, cx, ROUTE_TABLES.kind, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
    let mut held = of_table(cx, &table);
    held.sort_by(|a, b| text(a, LIST).cmp(text(b, LIST)));
    let seen = held.iter().map(|part| Seen {
        id: text(part, LIST).to_owned(),
        shown: Document::from(shown(cx, world, &table, part)),
        tags: Vec::new(),
    });
    let page = describe::choose(&table.id, input, FILTERS, seen)?;
    Ok(Document::from(json!({"TransitGatewayPrefixListReferences": page.items, "NextToken": page.next})))
}

/// The tables that refer to a list.
pub fn users(cx: &Cx, world: &World, list: &str) -> Vec<String> {
    let tables = item::all(world, cx, ROUTE_TABLES.kind).filter(|table| !table.is_deleted());
    tables.filter(|table| held(cx, table, list).is_some()).map(|table| table.id.clone()).collect()
}
