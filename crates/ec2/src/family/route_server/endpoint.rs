//! Endpoints of route servers, each with an interface in a subnet, and the peers that speak BGP with them.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteServerEndpoint.html>

use std::net::Ipv4Addr;

use serde_json::json;
use service::prelude::*;

use super::{ROUTE_SERVERS, incorrect_state, link, must_be_asn, must_be_ready};
use crate::family::item;
use crate::family::{Family, Item, Life};
use crate::kind;
use crate::network::interface::{self, NewInterface, managed};
use crate::network::subnet;
use crate::refused::invalid_value;

const LIFE: Life =
    Life { member: "State", words: ["pending", "available", "deleting", "deleted"], seconds: 60, shown_for: 3_600 };

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteServerEndpoint.html>
pub static ENDPOINTS: Family = Family {
    life: Some(LIFE),
    within: &[("RouteServerId", &kind::ROUTE_SERVER), ("SubnetId", &kind::SUBNET)],
    keys_of_new: |cx, world, input| {
        let subnet = input.text("SubnetId").and_then(|id| subnet::look_up(world, cx, id));
        subnet.map(|subnet| ("ec2:AvailabilityZone", subnet.zone.clone())).into_iter().collect()
    },
    filters: &[],
    keys: &[("ec2:AvailabilityZone", "_Zone")],
    fill,
    see: |cx, world, item, shown| zone_of(cx, world, item).into_iter().for_each(|zone| shown.set("_Zone", zone)),
    release,
    blocked: |item, inside| {
        incorrect_state(format!("Route Server Endpoint {} has peers: {}.", item.id, inside.join(", ")))
    },
    ..Family::of(&kind::ROUTE_SERVER_ENDPOINT, "RouteServerEndpointId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteServerPeer.html>
pub static PEERS: Family = Family {
    life: Some(LIFE),
    within: &[("RouteServerEndpointId", &kind::ROUTE_SERVER_ENDPOINT)],
    keys_of_new: |cx, world, input| {
        let endpoint = input.text("RouteServerEndpointId").and_then(|id| item::look_up(world, cx, id));
        let zone = endpoint.and_then(|it| zone_of(cx, world, &it));
        zone.map(|zone| ("ec2:AvailabilityZone", zone)).into_iter().collect()
    },
    filters: &[],
    keys: &[("ec2:AvailabilityZone", "_Zone")],
    fill: fill_peer,
    see: |cx, world, item, shown| zone_of(cx, world, item).into_iter().for_each(|zone| shown.set("_Zone", zone)),
    ..Family::of(&kind::ROUTE_SERVER_PEER, "RouteServerPeerId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS.create("CreateRouteServerEndpoint", &[]),
        ENDPOINTS.describe("DescribeRouteServerEndpoints"),
        ENDPOINTS.delete("DeleteRouteServerEndpoint"),
        PEERS.create("CreateRouteServerPeer", &[]),
        PEERS.describe("DescribeRouteServerPeers"),
        PEERS.delete("DeleteRouteServerPeer"),
    ]
}

fn zone_of(cx: &Cx, world: &World, item: &Item) -> Option<String> {
    let subnet = subnet::look_up(world, cx, item.document.text("SubnetId")?)?;
    Some(subnet.zone.clone())
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let server = ROUTE_SERVERS.alive(cx, tx, input.text("RouteServerId").unwrap_or_default())?;
    must_be_ready(cx, &server)?;
    let subnet = subnet::get(tx, cx, input.text("SubnetId").unwrap_or_default())?;
    if link::vpc_of(cx, &server).as_deref() != Some(&subnet.vpc_id) {
        let message = format!("Route Server {} is not associated with VPC {}.", server.id, subnet.vpc_id);
        return Err(ApiError::new("InvalidRouteServerId.NotAssociated", message));
    }
    item.document.set("VpcId", subnet.vpc_id.as_str());
    let made = interface::create(
        cx,
        tx,
        NewInterface {
            subnet,
            groups: Vec::new(),
            address: None,
            secondary: Vec::new(),
            secondary_count: 0,
            description: format!("Interface for Route Server Endpoint {}", item.id),
            attachment: None,
            public_address: false,
            tags: Vec::new(),
        },
    )?;
    managed::hold(cx, tx, &made.id, "interface", &item.id);
    item.document.set("EniId", made.id.as_str());
    item.document.set("EniAddress", made.private_ip.to_string());
    Ok(())
}

fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    item.document.text("EniId").map_or(Ok(()), |id| interface::delete_at(cx, tx, id, ENDPOINTS.gone_from(cx)))
}

fn fill_peer(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let id = input.text("RouteServerEndpointId").unwrap_or_default();
    let endpoint = ENDPOINTS.alive(cx, tx, id)?;
    if endpoint.state(cx) != Some("available") {
        let state = endpoint.state(cx).unwrap_or_default();
        return Err(incorrect_state(format!("Route Server Endpoint {id} is in the state {state}.")));
    }
    must_be_asn(input.number("BgpOptions.PeerAsn").unwrap_or_default(), "PeerAsn")?;
    let address = input.text("PeerAddress").unwrap_or_default();
    address.parse::<Ipv4Addr>().map_err(|_| invalid_value(address, "PeerAddress"))?;
    let taken = item::inside(tx, cx, id).into_iter().filter_map(|id| item::look_up(tx, cx, &id));
    if taken.into_iter().any(|it| it.document.text("PeerAddress") == Some(address)) {
        return Err(incorrect_state(format!(
            "Route Server Endpoint {id} already has a peer with the address {address}."
        )));
    }
    if item.document.text("BgpOptions.PeerLivenessDetection").is_none() {
        item.document.set("BgpOptions.PeerLivenessDetection", "bgp-keepalive");
    }
    for (member, of_endpoint) in [
        ("RouteServerId", "RouteServerId"),
        ("VpcId", "VpcId"),
        ("SubnetId", "SubnetId"),
        ("EndpointEniId", "EniId"),
        ("EndpointEniAddress", "EniAddress"),
    ] {
        let value = endpoint.document.text(of_endpoint).unwrap_or_default();
        item.document.set(member, value);
    }
    // No device answers.
    item.document.set("BgpStatus", json!({"Status": "down"}));
    item.document.set("BfdStatus", json!({"Status": "down"}));
    Ok(())
}
