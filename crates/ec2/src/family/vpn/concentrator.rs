//! VPN concentrators: one attachment of a transit gateway that many connections share. Connections on one are the usual ones, with dynamic routes only.
//! <https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-concentrator.html>

use std::sync::Arc;

use service::prelude::*;

use crate::family::item;
use crate::family::transit;
use crate::family::{Family, Item, Life};
use crate::kind;
use crate::network::must_have_room;
use crate::refused::missing;

const GATEWAY: &str = "TransitGatewayId";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConcentrator.html>
pub static CONCENTRATORS: Family = Family {
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 300,
        shown_for: 3_600,
    }),
    within: &[(GATEWAY, &kind::TRANSIT_GATEWAY)],
    filters: &["state", "transit-gateway-attachment-id", "transit-gateway-id", "type", "vpn-concentrator-id"],
    fill,
    release: |cx, tx, item| transit::vpn::detach(cx, tx, &item.id),
    ..Family::of(&kind::VPN_CONCENTRATOR, "VpnConcentratorId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        CONCENTRATORS.create("CreateVpnConcentrator", &[]),
        CONCENTRATORS.describe("DescribeVpnConcentrators"),
        CONCENTRATORS.delete("DeleteVpnConcentrator"),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let gateway = input.text(GATEWAY).ok_or_else(|| missing("transitGatewayId"))?;
    let held = || item::inside(tx, cx, gateway).iter().filter(|id| CONCENTRATORS.kind.is_id(id)).count();
    must_have_room(cx, held, 5, "VpnConcentratorLimitExceeded", "VPN concentrators")?;
    let attachment = transit::vpn::attach(cx, tx, gateway, "vpn-concentrator", &item.id)?;
    item.document.set("TransitGatewayAttachmentId", attachment);
    Ok(())
}

/// One that connections can be made on.
pub fn ready(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = CONCENTRATORS.alive(cx, world, id)?;
    match found.state(cx) {
        Some("available") => Ok(found),
        _ => Err(ApiError::new("IncorrectState", format!("The VPN concentrator '{id}' is not available."))),
    }
}

/// The transit gateway that a connection is on, itself or through a concentrator.
pub fn gateway_of(cx: &Cx, world: &World, connection: &Document) -> Option<String> {
    let through = || {
        let concentrator = item::look_up(world, cx, connection.text("VpnConcentratorId")?)?;
        concentrator.document.text(GATEWAY).map(str::to_owned)
    };
    connection.text(GATEWAY).map(str::to_owned).or_else(through)
}
