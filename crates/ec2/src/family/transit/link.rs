//! How attachments and route tables of a transit gateway hang together: an attachment is associated with the one table that its traffic takes, and
//! propagates its routes to any number. <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html#tgw-routing-overview>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::attachment::{self, ATTACHMENTS, ID};
use super::table::{self, ROUTE_TABLES};
use super::{announcement, text};
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Stage};
use crate::family::{Item, answers};
use crate::resource;

/// One way in which they hang together. A table holds them as parts with states of their own.
pub struct Link {
    /// The member, shown nowhere, of the table.
    member: &'static str,
    /// While it comes to be, when it is, while it goes, and when it is gone.
    words: [&'static str; 4],
}

pub static ASSOCIATIONS: Link =
    Link { member: "Associations", words: ["associating", "associated", "disassociating", "disassociated"] };
pub static PROPAGATIONS: Link = Link { member: "Propagations", words: PROPAGATING };
/// Announcements of peers that a table takes over, as if they were attachments.
pub static ANNOUNCEMENTS: Link = Link { member: "AnnouncedPropagations", words: PROPAGATING };
const PROPAGATING: [&str; 4] = ["enabling", "enabled", "disabling", "disabled"];

/// The member that names an announcement.
const ANNOUNCEMENT: &str = "TransitGatewayRouteTableAnnouncementId";
/// About how long a change takes.
const SECONDS: i64 = 10;

impl Link {
    /// The state of a part that is not gone.
    fn state_of(&self, cx: &Cx, part: &Value) -> Option<String> {
        let [.., gone] = self.words;
        Some(Stage::of_part(cx, part).unwrap_or_default()).filter(|state| state != gone)
    }

    /// The state of an attachment in a table that it is not gone from.
    fn state_in(&self, cx: &Cx, table: &Item, attachment_id: &str) -> Option<String> {
        let mut parts = table.document.at(self.member)?.as_array()?.iter();
        self.state_of(cx, parts.find(|part| text(part, ID) == attachment_id)?)
    }

    /// The attachments of a table, with the states.
    pub fn of_table(&self, cx: &Cx, table: &Item) -> Vec<(String, String)> {
        let parts = table.document.at(self.member).and_then(Value::as_array).into_iter().flatten();
        parts.filter_map(|part| Some((text(part, ID).to_owned(), self.state_of(cx, part)?))).collect()
    }

    /// The tables of an attachment, with the states.
    pub fn of_attachment(&self, cx: &Cx, world: &World, item: &Item) -> Vec<(String, String)> {
        let tables = table::all_of(cx, world, item.document.text("TransitGatewayId").unwrap_or_default()).into_iter();
        tables.filter_map(|table| Some((table.id.clone(), self.state_in(cx, &table, &item.id)?))).collect()
    }

    /// Puts an attachment to a table.
    pub fn begin(&self, cx: &Cx, tx: &mut Tx, table_id: &str, attachment_id: &str) {
        let [first, then, ..] = self.words;
        let mut part = json!({ID: attachment_id});
        Stage::begin(cx, first, then, SECONDS).note(&mut part);
        self.change(cx, tx, table_id, |parts| {
            parts.retain(|part| text(part, ID) != attachment_id);
            parts.push(part);
        });
    }

    /// Takes an attachment from a table.
    fn end(&self, cx: &Cx, tx: &mut Tx, table_id: &str, attachment_id: &str) {
        let [_, _, leaving, gone] = self.words;
        self.change(cx, tx, table_id, |parts| {
            let held = parts.iter_mut().find(|part| text(part, ID) == attachment_id);
            held.into_iter().for_each(|part| Stage::begin(cx, leaving, gone, SECONDS).note(part));
        });
    }

    fn change(&self, cx: &Cx, tx: &mut Tx, table_id: &str, change: impl FnOnce(&mut Vec<Value>)) {
        item::update(tx, cx, table_id, |table| {
            let mut parts = table.document.list(self.member);
            change(&mut parts);
            table.document.set(self.member, parts);
        });
    }

    /// Whether they hang together now, or soon will.
    fn holds(&self, cx: &Cx, table: &Item, attachment_id: &str) -> bool {
        let [first, then, ..] = self.words;
        self.state_in(cx, table, attachment_id).is_some_and(|state| state == first || state == then)
    }

    /// The answer about one.
    fn about(&self, cx: &Cx, world: &World, ends: &Ends) -> Value {
        let table = item::look_up(world, cx, &ends.table.id);
        json!({
            "TransitGatewayRouteTableId": ends.table.id,
            ID: ends.attachment.id,
            "ResourceId": ends.attachment.document.text("ResourceId"),
            "ResourceType": ends.attachment.document.text("ResourceType"),
            "State": table.and_then(|table| self.state_in(cx, &table, &ends.attachment.id)),
        })
    }
}

/// Takes an attachment, or an announcement, out of a table in every way, at once.
pub fn forget(table: &mut Item, id: &str) {
    for link in [&ASSOCIATIONS, &PROPAGATIONS, &ANNOUNCEMENTS] {
        if let Some(Value::Array(parts)) = table.document.0.get_mut(link.member) {
            parts.retain(|part| text(part, ID) != id);
        }
    }
}

/// The same in all tables of its gateway.
pub fn forget_in_all(tx: &mut Tx, item: &Item) {
    let gateway = item.document.text("TransitGatewayId").unwrap_or_default();
    let inside = tx.by::<Item>(Item::BY_WITHIN, &[item.account.as_str(), &item.region, gateway]);
    let tables: Vec<String> = inside.map(|it| it.id.clone()).filter(|id| ROUTE_TABLES.kind.is_id(id)).collect();
    for table in tables {
        tx.update::<Item>(&[item.account.as_str(), &item.region, &table], |table| forget(table, &item.id));
    }
}

/// The table and the attachment of a request.
struct Ends {
    table: Arc<Item>,
    attachment: Arc<Item>,
}

impl Ends {
    fn named(cx: &Cx, world: &World, input: &Document) -> Result<Ends, ApiError> {
        let table = table::ready(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
        let id = input.text(ID).ok_or_else(|| crate::refused::missing("TransitGatewayAttachmentId"))?;
        let attachment = attachment::beside(cx, world, &table, id)?;
        Ok(Ends { table, attachment })
    }
}

/// The table of a request, and the announcement of a peer that it takes over.
struct Taken {
    table: Arc<Item>,
    announcement: Arc<Item>,
}

impl Taken {
    /// Nothing where the request names an attachment.
    fn named(cx: &Cx, world: &World, input: &Document) -> Result<Option<Taken>, ApiError> {
        let Some(id) = input.text(ANNOUNCEMENT) else { return Ok(None) };
        if input.text(ID).is_some() {
            let message = format!("The parameters {ID} and {ANNOUNCEMENT} cannot be used together.");
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        let table = table::ready(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
        let announcement = announcement::incoming(cx, world, &table, id)?;
        Ok(Some(Taken { table, announcement }))
    }

    fn about(&self, cx: &Cx, world: &World) -> Value {
        let table = item::look_up(world, cx, &self.table.id);
        let state = table.and_then(|table| ANNOUNCEMENTS.state_in(cx, &table, &self.announcement.id));
        let mut shown = of_announcement(cx, world, &self.announcement.id, state);
        shown.set("TransitGatewayRouteTableId", self.table.id.as_str());
        Value::Object(shown.0)
    }
}

/// How a propagation from an announcement is shown: as one of the peering it comes through.
fn of_announcement(cx: &Cx, world: &World, id: &str, state: Option<String>) -> Document {
    let peering = item::look_up(world, cx, id).and_then(|it| announcement::peering(cx, world, &it));
    let told = |name| peering.as_ref().and_then(|it| it.document.text(name));
    Document::from(json!({
        ID: peering.as_ref().map(|it| &it.id), "ResourceId": told("ResourceId"), "ResourceType": told("ResourceType"),
        "State": state, ANNOUNCEMENT: id,
    }))
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        on_both(Operation::write(Service::Ec2, "AssociateTransitGatewayRouteTable", associate), &[ID]),
        on_both(Operation::write(Service::Ec2, "DisassociateTransitGatewayRouteTable", disassociate), &[ID]),
        on_all(Operation::write(Service::Ec2, "EnableTransitGatewayRouteTablePropagation", enable)),
        on_all(Operation::write(Service::Ec2, "DisableTransitGatewayRouteTablePropagation", disable)),
        listing(Operation::read(Service::Ec2, "GetTransitGatewayRouteTableAssociations", associations)),
        listing(Operation::read(Service::Ec2, "GetTransitGatewayRouteTablePropagations", propagations)),
        listing(Operation::read(Service::Ec2, "GetTransitGatewayAttachmentPropagations", propagations_of_attachment)),
    ]
}

/// A row that must be allowed on the table and on the attachment.
pub fn on_both(row: Row<Document>, uses: &'static [&'static str]) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        let table = ROUTE_TABLES.check_on(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default());
        let attachment = input.text(ID).map(|id| ATTACHMENTS.check_on(cx, world, id));
        std::iter::once(table).chain(attachment).collect()
    })
    .honours(move |model, operation| answers::honoured(model, operation, &ROUTE_TABLES, uses))
    .build()
}

/// A row that must be allowed on the table, and on the attachment or the announcement that a request names.
fn on_all(row: Row<Document>) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        let table = ROUTE_TABLES.check_on(cx, world, input.text(ROUTE_TABLES.id).unwrap_or_default());
        let attachment = input.text(ID).map(|id| ATTACHMENTS.check_on(cx, world, id));
        let announcement = input.text(ANNOUNCEMENT).map(|id| announcement::ANNOUNCEMENTS.check_on(cx, world, id));
        std::iter::once(table).chain(attachment).chain(announcement).collect()
    })
    .honours(|model, operation| answers::honoured(model, operation, &ROUTE_TABLES, &[ID, ANNOUNCEMENT]))
    .build()
}

fn listing(row: Row<Document>) -> Operation {
    row.authorize(resource::any::<Document>)
        .honours(|model, operation| {
            let report = answers::honoured(model, operation, &ROUTE_TABLES, answers::DESCRIBING);
            let undeclared = report.undeclared.into_iter().filter(|name| name != ID).collect();
            wire::ShapeReport { undeclared, ..report }
        })
        .build()
}

fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let ends = Ends::named(cx, tx, input)?;
    if !ASSOCIATIONS.of_attachment(cx, tx, &ends.attachment).is_empty() {
        let message =
            format!("Transit Gateway Attachment {} is already associated to a route table.", ends.attachment.id);
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    ASSOCIATIONS.begin(cx, tx, &ends.table.id, &ends.attachment.id);
    Ok(Document::from(json!({"Association": ASSOCIATIONS.about(cx, tx, &ends)})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateTransitGatewayRouteTable.html>
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let ends = Ends::named(cx, tx, input)?;
    if !ASSOCIATIONS.holds(cx, &ends.table, &ends.attachment.id) {
        let message = format!(
            "Transit Gateway Attachment {} is not associated with Transit Gateway Route Table {}.",
            ends.attachment.id, ends.table.id
        );
        return Err(ApiError::new("InvalidAssociation.NotFound", message));
    }
    ASSOCIATIONS.end(cx, tx, &ends.table.id, &ends.attachment.id);
    Ok(Document::from(json!({"Association": ASSOCIATIONS.about(cx, tx, &ends)})))
}

fn already_propagated(id: &str, table: &Item) -> ApiError {
    let message = format!("Propagation of {id} to {} already exists.", table.id);
    ApiError::new("TransitGatewayRouteTablePropagation.Duplicate", message)
}

fn not_propagated(id: &str, table: &Item) -> ApiError {
    let message = format!("Propagation of {id} to {} does not exist.", table.id);
    ApiError::new("TransitGatewayRouteTablePropagation.NotFound", message)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableTransitGatewayRouteTablePropagation.html>
fn enable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    if let Some(taken) = Taken::named(cx, tx, input)? {
        if ANNOUNCEMENTS.holds(cx, &taken.table, &taken.announcement.id) {
            return Err(already_propagated(&taken.announcement.id, &taken.table));
        }
        ANNOUNCEMENTS.begin(cx, tx, &taken.table.id, &taken.announcement.id);
        return Ok(Document::from(json!({"Propagation": taken.about(cx, tx)})));
    }
    let ends = Ends::named(cx, tx, input)?;
    if ends.attachment.document.text("ResourceType") == Some("peering") {
        let message = "Propagation is not supported for Transit Gateway Peering Attachments.";
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    if PROPAGATIONS.holds(cx, &ends.table, &ends.attachment.id) {
        return Err(already_propagated(&ends.attachment.id, &ends.table));
    }
    PROPAGATIONS.begin(cx, tx, &ends.table.id, &ends.attachment.id);
    Ok(Document::from(json!({"Propagation": PROPAGATIONS.about(cx, tx, &ends)})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableTransitGatewayRouteTablePropagation.html>
fn disable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    if let Some(taken) = Taken::named(cx, tx, input)? {
        if !ANNOUNCEMENTS.holds(cx, &taken.table, &taken.announcement.id) {
            return Err(not_propagated(&taken.announcement.id, &taken.table));
        }
        ANNOUNCEMENTS.end(cx, tx, &taken.table.id, &taken.announcement.id);
        return Ok(Document::from(json!({"Propagation": taken.about(cx, tx)})));
    }
    let ends = Ends::named(cx, tx, input)?;
    if !PROPAGATIONS.holds(cx, &ends.table, &ends.attachment.id) {
        return Err(not_propagated(&ends.attachment.id, &ends.table));
    }
    PROPAGATIONS.end(cx, tx, &ends.table.id, &ends.attachment.id);
    Ok(Document::from(json!({"Propagation": PROPAGATIONS.about(cx, tx, &ends)})))
}

const FILTERS: &[&str] = &["resource-id", "resource-type", "transit-gateway-attachment-id"];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayRouteTableAssociations.html>
fn associations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    list(cx, world, input, &ASSOCIATIONS, "Associations")
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayRouteTablePropagations.html>
fn propagations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    list(cx, world, input, &PROPAGATIONS, "TransitGatewayRouteTablePropagations")
}

/// The attachments of a table, as answers show them.
fn list(cx: &Cx, world: &World, input: &Document, link: &Link, member: &str) -> Result<Document, ApiError> {
    let table = item::alive(world, cx, ROUTE_TABLES.kind, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
    let taken = if std::ptr::eq(link, &PROPAGATIONS) { ANNOUNCEMENTS.of_table(cx, &table) } else { Vec::new() };
    let taken = taken.into_iter().map(|(id, state)| Seen {
        shown: of_announcement(cx, world, &id, Some(state)),
        id,
        tags: Vec::new(),
    });
    let mut seen: Vec<Seen> = link
        .of_table(cx, &table)
        .into_iter()
        .map(|(id, state)| {
            let attachment = item::look_up(world, cx, &id);
            let text = |name| attachment.as_ref().and_then(|it| it.document.text(name));
            let shown = json!({
                ID: id, "ResourceId": text("ResourceId"), "ResourceType": text("ResourceType"), "State": state,
            });
            Seen { shown: Document::from(shown), id, tags: Vec::new() }
        })
        .chain(taken)
        .collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let page = describe::choose(&format!("{member} {}", table.id), input, FILTERS, seen.into_iter())?;
    Ok(Document::from(json!({member: page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayAttachmentPropagations.html>
fn propagations_of_attachment(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let attachment = ATTACHMENTS.alive(cx, world, input.text(ID).unwrap_or_default())?;
    let mut found = PROPAGATIONS.of_attachment(cx, world, &attachment);
    found.sort();
    let seen = found.into_iter().map(|(table, state)| Seen {
        shown: Document::from(json!({"TransitGatewayRouteTableId": table, "State": state})),
        id: table,
        tags: Vec::new(),
    });
    let page = describe::choose(&attachment.id, input, &["transit-gateway-route-table-id"], seen)?;
    Ok(Document::from(json!({"TransitGatewayAttachmentPropagations": page.items, "NextToken": page.next})))
}
