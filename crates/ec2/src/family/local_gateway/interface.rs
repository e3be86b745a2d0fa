//! Virtual interfaces of local gateways: each is a VLAN on one of the Outpost's LAGs, with a router of the customer's at its other end.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLocalGatewayVirtualInterface.html>

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use service::prelude::*;

use super::group::GROUPS;
use super::outpost::{LAGS, interfaces_on};
use super::{inside, life, must_be_a_number, take_over};
use crate::family::Family;
use crate::family::item::{self, Item};
use crate::kind;
use crate::refused::{invalid, invalid_value, missing};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGatewayVirtualInterface.html>
pub static INTERFACES: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("LocalGatewayVirtualInterfaceArn"),
    life: life("ConfigurationState"),
    within: &[("LocalGatewayVirtualInterfaceGroupId", &kind::LOCAL_GATEWAY_VIRTUAL_INTERFACE_GROUP)],
    besides: &[("OutpostLagId", &kind::OUTPOST_LAG)],
    filters: &[
        "local-address",
        "local-bgp-asn",
        "local-gateway-id",
        "local-gateway-virtual-interface-id",
        "owner-id",
        "peer-address",
        "peer-bgp-asn",
        "vlan",
    ],
    fill,
    ..Family::of(&kind::LOCAL_GATEWAY_VIRTUAL_INTERFACE, "LocalGatewayVirtualInterfaceId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        INTERFACES.create("CreateLocalGatewayVirtualInterface", &[]),
        INTERFACES.describe("DescribeLocalGatewayVirtualInterfaces"),
        INTERFACES.delete("DeleteLocalGatewayVirtualInterface"),
    ]
}

/// Whether a VLAN can have that number.
pub fn is_vlan(number: i64) -> bool {
    (1..=4_094).contains(&number)
}

/// The address of one end of a link, which its length may follow: `169.254.2.1/30`.
pub fn link_address(text: &str) -> Option<Ipv4Addr> {
    text.parse::<Ipv4Net>().map(|block| block.addr()).or_else(|_| text.parse()).ok()
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let group = GROUPS.alive(cx, tx, input.text(GROUPS.id).unwrap_or_default())?;
    let lag = LAGS.alive(cx, tx, input.text(LAGS.id).unwrap_or_default())?;
    let gateway = group.document.text("LocalGatewayId").and_then(|id| item::look_up(tx, cx, id));
    let outpost = gateway.as_ref().and_then(|it| it.document.text("OutpostArn"));
    if outpost != lag.document.text("OutpostArn") {
        let message =
            format!("The virtual interface group {} and the LAG {} are of different Outposts.", group.id, lag.id);
        return Err(invalid(message));
    }
    must_be_a_link(input)?;
    must_be_a_number(input, "PeerBgpAsn")?;
    if input.at("PeerBgpAsn").is_none() && input.at("PeerBgpAsnExtended").is_none() {
        return Err(missing("PeerBgpAsn"));
    }
    must_be_free(cx, tx, &lag, input)?;
    take_over(&mut item.document, &group, &["LocalGatewayId", "LocalBgpAsn"]);
    item.within.push(lag.id.clone());
    Ok(())
}

fn must_be_a_link(input: &Document) -> Result<(), ApiError> {
    if let Some(vlan) = input.number("Vlan").filter(|vlan| !is_vlan(*vlan)) {
        return Err(invalid_value(vlan, "Vlan"));
    }
    for member in ["LocalAddress", "PeerAddress"] {
        if let Some(text) = input.text(member).filter(|text| link_address(text).is_none()) {
            return Err(invalid_value(text, member));
        }
    }
    let ends = ["LocalAddress", "PeerAddress"].map(|member| input.text(member).and_then(link_address));
    match ends {
        [Some(one), Some(other)] if one == other => {
            Err(invalid("The local address and the peer address are the same."))
        }
        _ => Ok(()),
    }
}

/// A LAG has each VLAN once, whatever it is for. The text is ours.
fn must_be_free(cx: &Cx, world: &World, lag: &Item, input: &Document) -> Result<(), ApiError> {
    let links: Vec<Arc<Item>> = inside(cx, world, &lag.id, &kind::SERVICE_LINK_VIRTUAL_INTERFACE);
    let mut others = links.into_iter().chain(interfaces_on(cx, world, &lag.id));
    match others.find(|other| other.document.number("Vlan") == input.number("Vlan")) {
        Some(other) => {
            let vlan = input.number("Vlan").unwrap_or_default();
            Err(invalid(format!("The VLAN {vlan} of {} is used by {}.", lag.id, other.id)))
        }
        None => Ok(()),
    }
}
