//! SearchTransitGatewayRoutes: what is in a route table, set by hand, by prefix lists, or propagated by attachments. To one block there is one route,
//! and the first of these is it. <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html#tgw-route-evaluation-overview>

use std::collections::HashSet;

use ipnet::IpNet;
use serde_json::{Value, json};
use service::Service;
use service::paging::Page;
use service::prelude::*;

use super::attachment::ID;
use super::table::ROUTE_TABLES;
use super::{announcement, client_vpn, link, nat, reference, route, text, vpc};
use crate::family::Item;
use crate::family::answers;
use crate::family::describe::{self, Seen};
use crate::family::item;

const DESTINATION: &str = "DestinationCidrBlock";

/// The operation.
pub fn operations() -> Vec<Operation> {
    let row = Operation::read(Service::Ec2, "SearchTransitGatewayRoutes", search);
    vec![ROUTE_TABLES.on_one(row, answers::DESCRIBING)]
}

/// The routes of a table as answers show them, in the order of their blocks.
pub fn routes(cx: &Cx, world: &World, table: &Item) -> Vec<Value> {
    let mut found = own_routes(cx, world, table);
    found.extend(announced(cx, world, table));
    one_for_each(found)
}

/// The routes that a table takes over from announcements of peers.
fn announced(cx: &Cx, world: &World, table: &Item) -> Vec<Value> {
    let mut found = Vec::new();
    for (id, _) in link::ANNOUNCEMENTS.of_table(cx, table).into_iter().filter(|(_, state)| state == "enabled") {
        let Some(taken) = item::look_up(world, cx, &id) else { continue };
        let peering = announcement::peering(cx, world, &taken).filter(|it| !it.is_deleted());
        let Some(peering) = peering else { continue };
        for block in announcement::blocks(cx, world, &taken) {
            let mut route = Document::from(route::shown(cx, world, &block, &peering.id, "propagated"));
            route.set(announcement::ANNOUNCEMENTS.id, id.as_str());
            found.push(Value::Object(route.0));
        }
    }
    found
}

/// Those of them that are the table's own, not taken over from a peer.
pub fn own_routes(cx: &Cx, world: &World, table: &Item) -> Vec<Value> {
    let fixed = table.document.list(route::ROUTES);
    let fixed = fixed.iter().map(|it| route::shown(cx, world, text(it, DESTINATION), text(it, ID), "static"));
    let mut found: Vec<Value> = fixed.collect();
    found.extend(reference::routes(cx, world, table));
    for (id, state) in link::PROPAGATIONS.of_table(cx, table) {
        let attachment = item::look_up(world, cx, &id).filter(|it| state == "enabled" && !it.is_deleted());
        let blocks = attachment.map(|it| blocks(cx, world, &it)).unwrap_or_default();
        found.extend(blocks.iter().map(|block| route::shown(cx, world, block, &id, "propagated")));
    }
    one_for_each(found)
}

/// To one block there is one route, the first.
fn one_for_each(mut found: Vec<Value>) -> Vec<Value> {
    let mut known: HashSet<String> = HashSet::new();
    found.retain(|one| known.insert(text(one, DESTINATION).to_owned()));
    found.sort_by_cached_key(order);
    found
}

/// A text that sorts as the blocks do, those of IPv4 first; routes to prefix lists come last.
fn order(route: &Value) -> String {
    let Some(block) = block_of(route) else { return text(route, "DestinationPrefixListId").to_owned() };
    let bits = match block.network() {
        std::net::IpAddr::V4(address) => format!("4{:032x}", u32::from(address)),
        std::net::IpAddr::V6(address) => format!("6{:032x}", u128::from(address)),
    };
    format!("{bits}/{:03}", block.prefix_len())
}

/// What an attachment propagates: a VPC its blocks, a Client VPN endpoint its clients'; VPN connections and Connect peers nothing, since no device
/// tells them anything. Besides, what its addresses are translated to.
fn blocks(cx: &Cx, world: &World, attachment: &Item) -> Vec<String> {
    let mut blocks = match attachment.document.text("ResourceType") {
        Some("vpc") => vpc::blocks(world, attachment),
        Some("client-vpn") => client_vpn::blocks(world, attachment),
        _ => Vec::new(),
    };
    blocks.extend(nat::blocks(cx, world, attachment));
    blocks
}

fn block_of(route: &Value) -> Option<IpNet> {
    text(route, DESTINATION).parse().ok()
}

const FILTERS: &[&str] = &[
    "attachment.resource-id=TransitGatewayAttachments.ResourceId",
    "attachment.resource-type=TransitGatewayAttachments.ResourceType",
    "attachment.transit-gateway-attachment-id=TransitGatewayAttachments.TransitGatewayAttachmentId",
    "prefix-list-id",
    "state",
    "type",
];

fn search(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let page = chosen(cx, world, "SearchTransitGatewayRoutes", FILTERS, input)?;
    let more = page.next.is_some();
    Ok(Document::from(json!({"Routes": page.items, "AdditionalRoutesAvailable": more, "NextToken": page.next})))
}

/// The routes of the table that a request names which its filters find, those of `known` and searches by blocks, and of these a page.
pub fn chosen(
    cx: &Cx,
    world: &World,
    operation: &str,
    known: &'static [&'static str],
    input: &Document,
) -> Result<Page<Value>, ApiError> {
    let table = item::alive(world, cx, ROUTE_TABLES.kind, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
    among(routes(cx, world, &table), operation, &table.id, known, input)
}

/// The same among routes of any table.
pub fn among(
    mut found: Vec<Value>,
    operation: &str,
    table: &str,
    known: &'static [&'static str],
    input: &Document,
) -> Result<Page<Value>, ApiError> {
    let (searches, filters): (Vec<Value>, Vec<Value>) =
        input.list("Filters").into_iter().partition(|filter| text(filter, "Name").starts_with("route-search."));
    found.sort_by_cached_key(order);
    for filter in &searches {
        let filter = Document::from(filter.clone());
        found = matching(found, filter.text("Name").unwrap_or_default(), &filter.texts("Values"))?;
    }
    let mut rest = input.clone();
    rest.set("Filters", filters);
    let seen =
        found.into_iter().map(|route| Seen { id: order(&route), shown: Document::from(route), tags: Vec::new() });
    describe::choose(&format!("{operation} {table} {searches:?}"), &rest, known, seen)
}

/// The routes that one of the values finds.
fn matching(routes: Vec<Value>, search: &str, values: &[String]) -> Result<Vec<Value>, ApiError> {
    let wanted: Vec<IpNet> = values.iter().map(|text| wanted(text)).collect::<Result<_, _>>()?;
    let with_blocks = routes.into_iter().filter_map(|route| Some((block_of(&route)?, route)));
    let with_blocks: Vec<(IpNet, Value)> = with_blocks.collect();
    let longest = |value: &IpNet| {
        let holding = with_blocks.iter().map(|(block, _)| block).filter(|block| block.contains(value));
        holding.max_by_key(|block| block.prefix_len()).copied()
    };
    let longest: Vec<IpNet> = wanted.iter().filter_map(longest).collect();
    let is_found: Box<dyn Fn(&IpNet) -> bool> = match search {
        "route-search.exact-match" => Box::new(|block| wanted.contains(block)),
        "route-search.longest-prefix-match" => Box::new(|block| longest.contains(block)),
        "route-search.subnet-of-match" => Box::new(|block| wanted.iter().any(|value| value.contains(block))),
        "route-search.supernet-of-match" => Box::new(|block| wanted.iter().any(|value| block.contains(value))),
        _ => {
            let message = format!("The filter '{search}' is invalid");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
    };
    Ok(with_blocks.iter().filter(|(block, _)| is_found(block)).map(|(_, route)| route.clone()).collect())
}

/// A block, or an address.
fn wanted(text: &str) -> Result<IpNet, ApiError> {
    let address = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().map(|block| block.trunc()).or_else(address).ok_or_else(|| {
        let message = format!("Value ({text}) for parameter Filters is invalid. This is not a valid CIDR block.");
        ApiError::new("InvalidParameterValue", message)
    })
}
