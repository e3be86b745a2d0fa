//! Announcements: one gateway tells its peer what is in a route table of its own, and the peer lets a table of its own take that over. Both sides hold
//! a record, outgoing here and incoming there. What a table has taken over itself is not told on.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayRouteTableAnnouncement.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;
use service::regions;

use super::attachment::{self, ID, LIFE};
use super::{incorrect_state, link, search, table, text};
use crate::family::item;
use crate::family::{Family, Item, answers};
use crate::kind;
use crate::refused::invalid;
use crate::share;

const DIRECTION: &str = "AnnouncementDirection";
const PEERING: &str = "PeeringAttachmentId";
const TABLE: &str = "TransitGatewayRouteTableId";
/// Members, shown nowhere: where the other side's record is, and where the table is that is announced.
const OTHER: &str = "Other";
const ANNOUNCED: &str = "Announced";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRouteTableAnnouncement.html>
pub static ANNOUNCEMENTS: Family = Family {
    created: Some("CreationTime"),
    life: Some(LIFE),
    within: &[(TABLE, &kind::TRANSIT_GATEWAY_ROUTE_TABLE), (PEERING, &kind::TRANSIT_GATEWAY_ATTACHMENT)],
    filters: &[
        "announcement-direction",
        "peer-transit-gateway-id",
        "peering-attachment-id",
        "state",
        "transit-gateway-id",
        "transit-gateway-route-table-announcement-id",
        "transit-gateway-route-table-id",
    ],
    keys: &[("ec2:transitGatewayRouteTableAnnouncementId", "TransitGatewayRouteTableAnnouncementId")],
    fill,
    ..Family::of(&kind::TRANSIT_GATEWAY_ROUTE_TABLE_ANNOUNCEMENT, "TransitGatewayRouteTableAnnouncementId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ANNOUNCEMENTS.create("CreateTransitGatewayRouteTableAnnouncement", &[]),
        ANNOUNCEMENTS.describe("DescribeTransitGatewayRouteTableAnnouncements"),
        ANNOUNCEMENTS.on_one(Operation::write(Service::Ec2, "DeleteTransitGatewayRouteTableAnnouncement", delete), &[]),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let table = table::ready(cx, tx, input.text(TABLE).unwrap_or_default())?;
    let attachment = attachment::beside(cx, tx, &table, input.text(PEERING).unwrap_or_default())?;
    if attachment.document.text("ResourceType") != Some("peering") {
        return Err(invalid(format!("{} is not a Transit Gateway Peering Attachment.", attachment.id)));
    }
    if attachment.document.text("Options.DynamicRouting") != Some("enable") {
        return Err(incorrect_state(format!("Dynamic routing is not enabled for {}.", attachment.id)));
    }
    let is_twin = |it: &Arc<Item>| ANNOUNCEMENTS.kind.is_id(&it.id) && it.within == item.within;
    if item::inside(tx, cx, &table.id).iter().filter_map(|id| item::look_up(tx, cx, id)).any(|it| is_twin(&it)) {
        return Err(invalid(format!("{} is already announced through {}.", table.id, attachment.id)));
    }
    let told = |name: &str| attachment.document.text(name).unwrap_or_default();
    item.document.set("TransitGatewayId", told("TransitGatewayId"));
    item.document.set("PeerTransitGatewayId", told("ResourceId"));
    item.document.set(DIRECTION, "outgoing");
    item.document.set(ANNOUNCED, json!([cx.account().to_string(), cx.region_name(), table.id]));
    tell_peer(cx, tx, &attachment, item)
}

/// Puts the record of the other side, which is incoming there. It has the same id, but for two gateways in one region of one account.
fn tell_peer(cx: &Cx, tx: &mut Tx, attachment: &Item, item: &mut Item) -> Result<(), ApiError> {
    let [account, region, peering] = super::peering::other_side(attachment);
    let Some(theirs) = tx.get::<Item>(&[&account, &region, &peering]).cloned() else {
        return Err(super::invalid_state(&attachment.id));
    };
    let is_here = theirs.account == cx.account() && region == cx.region_name();
    let id = if is_here { cx.ids.ec2(ANNOUNCEMENTS.kind.prefix) } else { item.id.clone() };
    let mut other = Item {
        account: theirs.account,
        region: region.clone(),
        id: id.clone(),
        within: vec![peering.clone()],
        tags: Vec::new(),
        ..item.clone()
    };
    let told = |name: &str| attachment.document.text(name).unwrap_or_default();
    other.document.set("TransitGatewayId", told("ResourceId"));
    other.document.set("PeerTransitGatewayId", told("TransitGatewayId"));
    other.document.set(PEERING, peering);
    other.document.set(DIRECTION, "incoming");
    other.document.set(OTHER, json!([cx.account().to_string(), cx.region_name(), item.id]));
    item.document.set(OTHER, json!([account, region, id]));
    tx.put(other);
    Ok(())
}

/// Ends an announcement on both sides; the tables that have taken it over forget it.
fn end(cx: &Cx, tx: &mut Tx, item: &Item) {
    let [_, _, leaving, gone] = LIFE.words;
    let other = item.document.texts(OTHER);
    let other: Vec<&str> = other.iter().map(String::as_str).collect();
    for key in [other.as_slice(), &[item.account.as_str(), &item.region, &item.id]] {
        tx.update::<Item>(key, |it| item::go(it, cx, LIFE, leaving, gone));
        if let Some(ended) = tx.get::<Item>(key).cloned() {
            link::forget_in_all(tx, &ended);
        }
    }
}

/// The side that announces takes it back.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayRouteTableAnnouncement.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = ANNOUNCEMENTS.alive(cx, tx, input.text(ANNOUNCEMENTS.id).unwrap_or_default())?;
    if item.document.text(DIRECTION) == Some("incoming") {
        return Err(invalid(format!("Cannot delete {}, which the peer announces.", item.id)));
    }
    end(cx, tx, &item);
    let item = item::get(tx, cx, ANNOUNCEMENTS.kind, &item.id)?;
    Ok(answers::about(&ANNOUNCEMENTS, "DeleteTransitGatewayRouteTableAnnouncement", cx, tx, input, &item))
}

/// With a peering go its announcements.
pub fn leave(cx: &Cx, tx: &mut Tx, attachment: &Item) {
    let key = [attachment.account.as_str(), &attachment.region, &attachment.id];
    let inside: Vec<Arc<Item>> = tx.by::<Item>(Item::BY_WITHIN, &key).cloned().collect();
    inside.iter().filter(|it| ANNOUNCEMENTS.kind.is_id(&it.id)).for_each(|it| end(cx, tx, it));
}

/// An announcement that a table of the peer can take over.
pub fn incoming(cx: &Cx, world: &World, table: &Item, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = ANNOUNCEMENTS.alive(cx, world, id)?;
    if found.document.text("TransitGatewayId") != table.document.text("TransitGatewayId") {
        return Err(ANNOUNCEMENTS.kind.not_found(&[id]));
    }
    if found.document.text(DIRECTION) != Some("incoming") {
        return Err(invalid(format!("{id} is not an incoming announcement.")));
    }
    match found.state(cx) {
        Some("available") => Ok(found),
        _ => Err(super::invalid_state(id)),
    }
}

/// The peering through which an announcement comes.
pub fn peering(cx: &Cx, world: &World, announcement: &Item) -> Option<Arc<Item>> {
    item::look_up(world, cx, announcement.document.text(PEERING)?)
}

/// The blocks that are announced: those of the active routes of the peer's table, but for what leads back through the peering.
pub fn blocks(cx: &Cx, world: &World, announcement: &Item) -> Vec<String> {
    if announcement.is_deleted() || announcement.state(cx) != Some("available") {
        return Vec::new();
    }
    let [announced, back] = [ANNOUNCED, OTHER].map(|name| announcement.document.texts(name));
    let place = announced.first().and_then(|account| account.parse().ok());
    let region = announced.get(1).and_then(|name| regions::region(name));
    let (Some(account), Some(region), Some(table)) = (place, region, announced.get(2)) else { return Vec::new() };
    let there = Cx { region, ..share::cx_of(cx, account) };
    let outgoing = back.get(2).and_then(|id| item::look_up(world, &there, id));
    let peering = outgoing.and_then(|it| it.document.text(PEERING).map(str::to_owned)).unwrap_or_default();
    let Some(table) = item::look_up(world, &there, table) else { return Vec::new() };
    let leads_back = |route: &Value| {
        let attachments = route.get("TransitGatewayAttachments").and_then(Value::as_array);
        attachments.is_some_and(|all| all.iter().any(|it| text(it, ID) == peering))
    };
    let routes = search::own_routes(&there, world, &table).into_iter();
    let told = routes.filter(|route| text(route, "State") == "active" && !leads_back(route));
    told.map(|route| text(&route, "DestinationCidrBlock").to_owned()).collect()
}
