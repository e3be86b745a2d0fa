//! Network functions on a transit gateway: appliances behind a Gateway Load Balancer's endpoint service. An endpoint in each zone of the attachment, which
//! the transit gateway manages, leads to the service; whose owner accepts its connection, or the service takes all.
//!
//! What of this AWS shows the owner of the gateway is not documented: here the endpoints are among its VPC endpoints, managed by a requester and in no VPC.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayNetworkFunctionAttachment.html>

use std::sync::Arc;

use serde_json::json;
use service::prelude::*;
use service::regions::Zone;

use super::attachment::{self, ID, KEYS, LIFE, PENDING};
use super::{gateway, invalid, invalid_state};
use crate::family::endpoint::{self, ENDPOINTS, LOAD_BALANCER, services};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item};
use crate::kind;
use crate::refused::missing;

/// The members, shown nowhere: of an attachment its endpoints, in the order of its zones; of an endpoint its attachment.
const PLACES: &str = "Endpoints";
const OF_ATTACHMENT: &str = "OfAttachment";
const ZONES: &str = "AvailabilityZones";
const ZONE_IDS: &str = "AvailabilityZoneIds";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayNetworkFunctionAttachment.html>
pub static NETWORK_FUNCTIONS: Family = Family {
    created: Some("CreationTime"),
    life: Some(LIFE),
    variety: Some(("ResourceType", "network-function")),
    within: &[("TransitGatewayId", &kind::TRANSIT_GATEWAY)],
    filters: &["service-name=ResourceId", "state", "transit-gateway-attachment-id", "transit-gateway-id"],
    keys: KEYS,
    fill,
    release,
    ..Family::of(&kind::TRANSIT_GATEWAY_NETWORK_FUNCTION_ATTACHMENT, ID)
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let changes =
        &["AddAvailabilityZones", "AddAvailabilityZoneIds", "RemoveAvailabilityZones", "RemoveAvailabilityZoneIds"];
    vec![
        NETWORK_FUNCTIONS.create("CreateTransitGatewayNetworkFunctionAttachment", &["ServiceName"]),
        NETWORK_FUNCTIONS.describe("DescribeTransitGatewayNetworkFunctionAttachments"),
        NETWORK_FUNCTIONS.modify("ModifyTransitGatewayNetworkFunctionAttachment", changes, modify),
        NETWORK_FUNCTIONS.delete("DeleteTransitGatewayNetworkFunctionAttachment"),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let gateway = gateway::ready(cx, tx, input.text("TransitGatewayId").unwrap_or_default())?;
    let name = input.text("ServiceName").unwrap_or_default();
    let found = services::find(cx, tx, name).ok_or_else(|| services::no_such(name))?;
    endpoint::must_have_type(&found, LOAD_BALANCER)?;
    must_be_the_first(cx, tx, &gateway, name)?;
    let zones = named(cx, input, ZONES, ZONE_IDS)?;
    if zones.is_empty() {
        return Err(missing(ZONES));
    }
    attachment::tell(item, &gateway, name, cx.account());
    item.document.set(PLACES, Vec::<String>::new());
    zones.iter().for_each(|zone| join(cx, tx, item, zone, found.acceptance_required));
    put_zones(item, &zones);
    match found.acceptance_required {
        true => item.stage = Some(Stage::begin(cx, PENDING, PENDING, 0)),
        false => attachment::join_defaults(cx, tx, &gateway, &item.id),
    }
    Ok(())
}

/// "You can create one network function attachment for each combination of transit gateway and endpoint service." The code is that of a second attachment
/// of a VPC.
fn must_be_the_first(cx: &Cx, world: &World, gateway: &Item, name: &str) -> Result<(), ApiError> {
    let held = attachment::of_gateway(cx, world, &gateway.id);
    if held.iter().any(|it| NETWORK_FUNCTIONS.has(it) && it.document.text("ResourceId") == Some(name)) {
        let message = format!("{} has non-deleted Transit Gateway Attachments with same service name.", gateway.id);
        return Err(ApiError::new("DuplicateTransitGatewayAttachment", message));
    }
    Ok(())
}

/// The zones that a request names by their names and by their ids, each once.
fn named(cx: &Cx, input: &Document, names: &str, ids: &str) -> Result<Vec<&'static Zone>, ApiError> {
    let by_name = input.texts(names).into_iter().map(|name| cx.region.zone(&name).ok_or_else(|| invalid(name, names)));
    let by_id = input.texts(ids).into_iter().map(|id| cx.region.zone_by_id(&id).ok_or_else(|| invalid(id, ids)));
    let mut zones: Vec<&'static Zone> = Vec::new();
    for zone in by_name.chain(by_id) {
        let zone = zone?;
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    Ok(zones)
}

fn zones_of(cx: &Cx, item: &Item) -> Vec<&'static Zone> {
    item.document.texts(ZONES).iter().filter_map(|name| cx.region.zone(name)).collect()
}

fn put_zones(item: &mut Item, zones: &[&Zone]) {
    item.document.set(ZONES, zones.iter().map(|zone| zone.name.clone()).collect::<Vec<_>>());
    item.document.set(ZONE_IDS, zones.iter().map(|zone| zone.id.clone()).collect::<Vec<_>>());
}

/// One more endpoint, after the others.
fn join(cx: &Cx, tx: &mut Tx, item: &mut Item, zone: &Zone, is_to_be_accepted: bool) {
    let name = item.document.text("ResourceId").unwrap_or_default();
    let wanted = json!({"ServiceName": name, "VpcEndpointType": LOAD_BALANCER});
    let mut made = ENDPOINTS.draw("CreateVpcEndpoint", cx, &Document::from(wanted), Vec::new());
    made.document.set("RequesterManaged", true);
    made.document.set("ServiceRegion", cx.region_name());
    made.document.set("ConnectionId", cx.ids.ec2("vpce-con"));
    made.document.set("IpAddressType", "ipv4");
    made.document.set(OF_ATTACHMENT, item.id.as_str());
    made.document.set("Zone", zone.name.as_str());
    if is_to_be_accepted {
        made.stage = Some(Stage::begin(cx, PENDING, PENDING, 0));
    }
    let mut held = item.document.texts(PLACES);
    held.push(made.id.clone());
    item.document.set(PLACES, held);
    tx.put(made);
}

/// Adds zones and takes others away; the attachment keeps one.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayNetworkFunctionAttachment.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    if item.state(cx) != Some("available") {
        return Err(invalid_state(&item.id));
    }
    let added = named(cx, input, "AddAvailabilityZones", "AddAvailabilityZoneIds")?;
    let removed = named(cx, input, "RemoveAvailabilityZones", "RemoveAvailabilityZoneIds")?;
    let mut zones = zones_of(cx, item);
    must_be_possible(&zones, &added, &removed)?;
    for zone in removed {
        leave(cx, tx, item, zone);
        zones.retain(|held| *held != zone);
    }
    let name = item.document.text("ResourceId").unwrap_or_default();
    let is_to_be_accepted = services::find(cx, tx, name).is_some_and(|found| found.acceptance_required);
    for zone in added {
        join(cx, tx, item, zone, is_to_be_accepted);
        zones.push(zone);
    }
    put_zones(item, &zones);
    item.stage = Some(Stage::begin(cx, "modifying", "available", 30));
    Ok(())
}

/// The rules are those of the operation's page; AWS's texts are not known.
fn must_be_possible(held: &[&Zone], added: &[&Zone], removed: &[&Zone]) -> Result<(), ApiError> {
    if added.is_empty() && removed.is_empty() {
        return Err(missing("AddAvailabilityZones or RemoveAvailabilityZones"));
    }
    if let Some(both) = added.iter().find(|zone| removed.contains(zone)) {
        let message = format!("The Availability Zone {} cannot be added and removed in one request.", both.name);
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if let Some(zone) = added.iter().find(|zone| held.contains(zone)) {
        return Err(invalid(&zone.name, "AddAvailabilityZones"));
    }
    if let Some(zone) = removed.iter().find(|zone| !held.contains(zone)) {
        return Err(invalid(&zone.name, "RemoveAvailabilityZones"));
    }
    if held.len() + added.len() == removed.len() {
        let message = "A network function attachment must have at least one Availability Zone.";
        return Err(crate::refused::invalid(message));
    }
    Ok(())
}

/// The endpoint of a zone goes.
fn leave(cx: &Cx, tx: &mut Tx, item: &mut Item, zone: &Zone) {
    let is_there = |id: &String| {
        item::look_up(tx, cx, id).is_some_and(|endpoint| endpoint.document.text("Zone") == Some(&zone.name))
    };
    let (gone, kept): (Vec<String>, Vec<String>) = item.document.texts(PLACES).into_iter().partition(is_there);
    gone.iter().for_each(|id| item::delete(tx, cx, &ENDPOINTS, id));
    item.document.set(PLACES, kept);
}

/// "The attachment must be in the available or pendingAcceptance state." Its endpoints go with it.
fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    if !matches!(item.state(cx), Some("available" | PENDING)) {
        return Err(invalid_state(&item.id));
    }
    end(cx, tx, item);
    Ok(())
}

fn end(cx: &Cx, tx: &mut Tx, item: &Item) {
    item.document.texts(PLACES).iter().for_each(|id| item::delete(tx, cx, &ENDPOINTS, id));
    attachment::leave_tables(tx, item);
}

/// The attachment that waits for an endpoint's connection.
fn waiting_for(cx: &Cx, world: &World, endpoint: &Item) -> Option<Arc<Item>> {
    item::look_up(world, cx, endpoint.document.text(OF_ATTACHMENT)?).filter(|it| it.state(cx) == Some(PENDING))
}

/// The owner of the service decided on an endpoint, in whose account this is: an attachment that waits is there when all its endpoints are accepted, and
/// rejected when one is.
pub fn follow(cx: &Cx, tx: &mut Tx, endpoint: &Item) {
    let Some(held) = waiting_for(cx, tx, endpoint) else { return };
    let endpoints = held.document.texts(PLACES).into_iter().filter_map(|id| item::look_up(tx, cx, &id));
    let states: Vec<String> = endpoints.filter_map(|it| it.state(cx).map(str::to_owned)).collect();
    if states.iter().any(|state| state == "rejected") {
        end(cx, tx, &held);
        item::update(tx, cx, &held.id, |it| item::go(it, cx, LIFE, "rejecting", "rejected"));
    } else if states.iter().all(|state| state != PENDING) {
        let [first, then, ..] = LIFE.words;
        item::update(tx, cx, &held.id, |it| it.stage = Some(Stage::begin(cx, first, then, LIFE.seconds)));
        let gateway = held.document.text("TransitGatewayId").and_then(|id| item::look_up(tx, cx, id));
        gateway.iter().for_each(|gateway| attachment::join_defaults(cx, tx, gateway, &held.id));
    }
}

/// What the transit gateway manages its account can't change. The text is AWS's, quoted by users who met it.
pub fn must_not_manage(endpoint: &Item) -> Result<(), ApiError> {
    if endpoint.document.text(OF_ATTACHMENT).is_none() {
        return Ok(());
    }
    let service = endpoint.document.text("ServiceName").unwrap_or_default();
    let message = format!("Operation is not allowed for requester-managed VPC endpoints for the service {service}.");
    Err(ApiError::new("InvalidParameter", message))
}
