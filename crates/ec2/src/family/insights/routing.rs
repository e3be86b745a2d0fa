//! Which routes of a route table packets take: of several that fit, the one with the longest prefix, and static ones before those that are propagated.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html#route-tables-priority>

use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::prelude::*;

use super::component::Components;
use super::packet::{Packet, Set};
use crate::family::vpn::gateway;
use crate::family::{item, peering, prefix_list, transit};
use crate::kind;
use crate::network::route_table::{self, Route, RouteOut, RouteTable};
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;

/// A route, with the packets that take it.
#[derive(Debug, Clone)]
pub struct Choice {
    pub route: Route,
    /// As the path shows it.
    pub shown: Value,
    pub works: bool,
    pub packet: Packet,
}

impl Choice {
    pub fn leads_to(&self, id: &str) -> bool {
        self.route.gateway_id.as_deref() == Some(id)
    }
}

/// The table of a subnet, its own or the main one.
pub fn table_of(world: &World, subnet: &Subnet) -> Option<Arc<RouteTable>> {
    let parts = [subnet.account.as_str(), &subnet.region, &subnet.vpc_id];
    let main = || world.by::<RouteTable>(RouteTable::BY_VPC, &parts).find(|table| table.is_main());
    route_table::of_subnet(world, subnet).or_else(main).cloned()
}

/// The table that what comes in through a gateway takes, if there is one.
pub fn table_of_gateway(world: &World, vpc: &Vpc, gateway_id: &str) -> Option<Arc<RouteTable>> {
    world.one::<RouteTable>(RouteTable::BY_USER, &[vpc.account.as_str(), &vpc.region, gateway_id]).cloned()
}

/// The routes that packets can take, each with its share of them.
pub fn choices(components: &Components<'_>, table: &RouteTable, packet: &Packet) -> Vec<Choice> {
    let cx = components.cx_of(table.account);
    let world = components.world;
    let propagated = gateway::propagated(&cx, world, table);
    let routes: Vec<&Route> = table.routes.iter().chain(&propagated).collect();
    let shown = route_table::out(&cx, world, table).routes;
    let blocks = |route: &Route| -> Vec<Ipv4Net> {
        let texts = match route.destination.starts_with("pl-") {
            true => prefix_list::find(world, &cx, &route.destination).map(|list| prefix_list::blocks(&list)),
            false => Ok(vec![route.destination.clone()]),
        };
        let parsed = texts.iter().flatten().filter_map(|text| text.parse::<Ipv4Net>().ok());
        parsed.filter(|block| packet.destination.meets(*block)).collect()
    };
    let pairs = routes.into_iter().zip(&shown);
    let mut all: Vec<(Ipv4Net, &Route, &RouteOut)> =
        pairs.flat_map(|(route, out)| blocks(route).into_iter().map(move |block| (block, route, out))).collect();
    all.sort_by_key(|(block, ..)| std::cmp::Reverse(block.prefix_len()));
    let mut left = packet.destination.clone();
    let mut chosen = Vec::new();
    for (block, route, out) in all {
        let fitting = packet.to(&left).to(&Set::block(block));
        if !fitting.is_empty() {
            left = left.minus(&Set::block(block));
            let works = out.state == "active";
            chosen.push(Choice { route: route.clone(), shown: shown_route(out), works, packet: fitting });
        }
    }
    chosen
}

fn shown_route(out: &RouteOut) -> Value {
    let mut shown = Document::from(json!({"Origin": out.origin.to_lowercase(), "State": out.state}));
    for (member, value) in [
        ("DestinationCidr", &out.destination_cidr_block),
        ("DestinationPrefixListId", &out.destination_prefix_list_id),
        ("EgressOnlyInternetGatewayId", &out.egress_only_internet_gateway_id),
        ("GatewayId", &out.gateway_id),
        ("InstanceId", &out.instance_id),
        ("NatGatewayId", &out.nat_gateway_id),
        ("NetworkInterfaceId", &out.network_interface_id),
        ("TransitGatewayId", &out.transit_gateway_id),
        ("VpcPeeringConnectionId", &out.vpc_peering_connection_id),
        ("CarrierGatewayId", &out.carrier_gateway_id),
        ("LocalGatewayId", &out.local_gateway_id),
    ] {
        if let Some(value) = value {
            shown.set(member, value.as_str());
        }
    }
    Value::Object(shown.0)
}

/// What connects two VPCs: peering connections, and transit gateways that both are attached to.
pub fn connections(components: &Components<'_>, from: (AccountId, &str), to: &Vpc) -> Vec<String> {
    let (account, vpc_id) = from;
    let (cx, world) = (components.cx_of(account), components.world);
    let peered = peering::active_with(&cx, world, vpc_id).into_iter();
    let is_to = |side: &peering::Side| side.vpc_id == to.id && side.account == to.account && side.region == to.region;
    let mut found: Vec<String> = peered.filter(|(_, side)| is_to(side)).map(|(id, _)| id).collect();
    let gateways = |account: AccountId, vpc_id: &str| {
        let cx = components.cx_of(account);
        let inside = item::inside(world, &cx, vpc_id).into_iter();
        let attachments = inside.filter(|id| kind::TRANSIT_GATEWAY_ATTACHMENT.is_id(id));
        let items = attachments.filter_map(|id| item::look_up(world, &cx, &id));
        let ready = items.filter(|it| transit::attachment::carries(&cx, it));
        ready.filter_map(|it| it.document.text("TransitGatewayId").map(str::to_owned)).collect::<Vec<_>>()
    };
    let others = gateways(to.account, &to.id);
    found.extend(gateways(account, vpc_id).into_iter().filter(|id| others.contains(id)));
    found
}
