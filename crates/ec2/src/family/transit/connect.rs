//! Connect attachments: tunnels to an appliance that run through a VPC's attachment; and the peers at their ends.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-connect.html>

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use serde_json::json;
use service::prelude::*;

use super::attachment::{self, ID, KEYS, LIFE};
use super::{gateway, incorrect_state, invalid};
use crate::family::item;
use crate::family::{Family, Item, Life};
use crate::kind;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayConnect.html>
pub static CONNECTS: Family = Family {
    created: Some("CreationTime"),
    life: Some(LIFE),
    variety: Some(("ResourceType", "connect")),
    within: &[("TransportTransitGatewayAttachmentId", &kind::TRANSIT_GATEWAY_ATTACHMENT)],
    filters: &[
        "options.protocol=Options.Protocol",
        "state",
        "transit-gateway-attachment-id",
        "transit-gateway-id",
        "transport-transit-gateway-attachment-id",
    ],
    keys: KEYS,
    fill,
    release: |_, tx, item| {
        attachment::leave_tables(tx, item);
        Ok(())
    },
    blocked: |item, inside| {
        incorrect_state(format!("{} has non-deleted Connect Peers: {}.", item.id, inside.join(", ")))
    },
    ..Family::of(&kind::TRANSIT_GATEWAY_CONNECT, ID)
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayConnectPeer.html>
pub static CONNECT_PEERS: Family = Family {
    created: Some("CreationTime"),
    life: Some(Life { seconds: 60, ..LIFE }),
    within: &[(ID, &kind::TRANSIT_GATEWAY_ATTACHMENT)],
    filters: &["state", "transit-gateway-attachment-id", "transit-gateway-connect-peer-id"],
    keys: &[("ec2:transitGatewayConnectPeerId", "TransitGatewayConnectPeerId")],
    fill: fill_peer,
    ..Family::of(&kind::TRANSIT_GATEWAY_CONNECT_PEER, "TransitGatewayConnectPeerId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses = &["TransitGatewayAddress", "PeerAddress", "BgpOptions", "InsideCidrBlocks"];
    vec![
        CONNECTS.create("CreateTransitGatewayConnect", &[]),
        CONNECTS.describe("DescribeTransitGatewayConnects"),
        CONNECTS.delete("DeleteTransitGatewayConnect"),
        CONNECT_PEERS.create("CreateTransitGatewayConnectPeer", uses),
        CONNECT_PEERS.describe("DescribeTransitGatewayConnectPeers"),
        CONNECT_PEERS.delete("DeleteTransitGatewayConnectPeer"),
    ]
}

fn gateway_of(cx: &Cx, world: &World, attachment: &Item) -> Result<Arc<Item>, ApiError> {
    gateway::ready(cx, world, attachment.document.text("TransitGatewayId").unwrap_or_default())
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let transport = attachment::ready(cx, tx, input.text("TransportTransitGatewayAttachmentId").unwrap_or_default())?;
    if transport.document.text("ResourceType") != Some("vpc") {
        let message = format!("{} cannot carry a Connect attachment.", transport.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let gateway = gateway_of(cx, tx, &transport)?;
    attachment::tell(item, &gateway, &transport.id, cx.account());
    item.within.push(gateway.id.clone());
    attachment::join_defaults(cx, tx, &gateway, &item.id);
    Ok(())
}

/// A /29 of 169.254.0.0/16 and, if wanted, a /125 of fd00::/8: CreateTransitGatewayConnectPeer's page.
fn inside(texts: &[String], taken: &[String]) -> Result<Vec<IpNet>, ApiError> {
    let parse = |text: &String| {
        let block = text.parse::<IpNet>().ok().filter(|block| match block {
            IpNet::V4(block) => block.prefix_len() == 29 && block.network().octets().starts_with(&[169, 254]),
            IpNet::V6(block) => block.prefix_len() == 125 && block.network().octets().first() == Some(&0xfd),
        });
        let block = block.filter(|block| block.network() == block.addr());
        block.filter(|_| !taken.contains(text)).ok_or_else(|| invalid(text, "InsideCidrBlocks"))
    };
    let blocks: Vec<IpNet> = texts.iter().map(parse).collect::<Result<_, _>>()?;
    let of_v4 = blocks.iter().filter(|block| block.addr().is_ipv4()).count();
    if of_v4 != 1 || blocks.len() > 2 {
        return Err(invalid(texts.join(", "), "InsideCidrBlocks"));
    }
    Ok(blocks)
}

/// The peers of all Connect attachments of a gateway.
fn peers(cx: &Cx, world: &World, gateway: &Item) -> Vec<Arc<Item>> {
    let of_attachment = |held: Arc<Item>| item::inside(world, cx, &held.id).into_iter();
    let ids = attachment::of_gateway(cx, world, &gateway.id).into_iter().flat_map(of_attachment);
    ids.filter_map(|id| item::look_up(world, cx, &id)).filter(|it| CONNECT_PEERS.kind.is_id(&it.id)).collect()
}

fn fill_peer(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let id = input.text(ID).unwrap_or_default();
    let connect = attachment::ready(cx, tx, id)?;
    if !CONNECTS.has(&connect) {
        return Err(kind::TRANSIT_GATEWAY_ATTACHMENT.not_found(&[id]));
    }
    let gateway = gateway_of(cx, tx, &connect)?;
    let held = peers(cx, tx, &gateway);
    let path = "ConnectPeerConfiguration.InsideCidrBlocks";
    let taken: Vec<String> = held.iter().flat_map(|it| it.document.texts(path)).collect();
    let inside = inside(&input.texts("InsideCidrBlocks"), &taken)?;
    let peer = input.text("PeerAddress").unwrap_or_default();
    let peer: IpAddr = peer.parse().map_err(|_| invalid(peer, "PeerAddress"))?;
    let own = own_address(&gateway, &held, input.text("TransitGatewayAddress"), peer.is_ipv4())?;
    let asn = gateway.document.number("Options.AmazonSideAsn").unwrap_or(64_512);
    let peer_asn = input.number("BgpOptions.PeerAsn").unwrap_or(asn);
    // The appliance has the first address of a block, the gateway the second and the third.
    let sessions = inside.iter().flat_map(|block| {
        let hosts: Vec<IpAddr> = block.hosts().take(4).filter(|address| *address != block.network()).take(3).collect();
        let first = hosts.first().copied();
        hosts.into_iter().skip(1).map(move |address| {
            json!({"TransitGatewayAsn": asn, "PeerAsn": peer_asn, "TransitGatewayAddress": address.to_string(),
                "PeerAddress": first.map(|it| it.to_string()), "BgpStatus": "down"})
        })
    });
    item.document = Document::from(json!({
        "CreationTime": cx.now.to_string(),
        ID: id,
        "ConnectPeerConfiguration": {
            "TransitGatewayAddress": own.to_string(),
            "PeerAddress": peer.to_string(),
            "InsideCidrBlocks": inside.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "Protocol": "gre",
            "BgpConfigurations": sessions.collect::<Vec<_>>(),
        },
    }));
    Ok(())
}

/// The address outside on the gateway's side: the one asked for, or the first that is free of the gateway's blocks.
fn own_address(gateway: &Item, held: &[Arc<Item>], asked: Option<&str>, ipv4: bool) -> Result<IpAddr, ApiError> {
    let blocks = gateway.document.texts("Options.TransitGatewayCidrBlocks");
    let blocks: Vec<IpNet> = blocks.iter().filter_map(|text| text.parse().ok()).collect();
    if blocks.is_empty() {
        let message = format!("{} has no Transit Gateway CIDR blocks.", gateway.id);
        return Err(incorrect_state(message));
    }
    let path = "ConnectPeerConfiguration.TransitGatewayAddress";
    let is_taken = |address: &IpAddr| held.iter().any(|it| it.document.text(path) == Some(&address.to_string()));
    match asked {
        Some(text) => {
            let address = text.parse::<IpAddr>().ok().filter(|it| blocks.iter().any(|block| block.contains(it)));
            address.filter(|it| !is_taken(it)).ok_or_else(|| invalid(text, "TransitGatewayAddress"))
        }
        None => {
            let of_family = blocks.iter().filter(|block| block.addr().is_ipv4() == ipv4);
            let free = of_family.flat_map(|block| block.hosts().take(4_096)).find(|address| !is_taken(address));
            free.ok_or_else(|| incorrect_state(format!("{} has no free address.", gateway.id)))
        }
    }
}
