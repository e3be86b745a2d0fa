//! VPN connections and concentrators on a transit gateway: the attachment comes and goes with what it is of.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpn-attachments.html>

use std::sync::Arc;

use service::prelude::*;

use super::attachment::{self, ATTACHMENTS};
use super::gateway;
use crate::family::Item;
use crate::family::item;

/// The attachment of a connection or a concentrator.
pub fn find(cx: &Cx, world: &World, resource_id: &str) -> Option<Arc<Item>> {
    let mut all = item::all(world, cx, ATTACHMENTS.kind).filter(|it| !it.is_deleted());
    all.find(|it| it.document.text("ResourceId") == Some(resource_id)).cloned()
}

/// Attaches a connection that is being made or moved, or a concentrator; the id of the attachment.
pub fn attach(cx: &Cx, tx: &mut Tx, gateway_id: &str, sort: &str, resource_id: &str) -> Result<String, ApiError> {
    let gateway = gateway::ready(cx, tx, gateway_id)?;
    let mut item = ATTACHMENTS.draw("CreateVpnConnection", cx, &Document::default(), Vec::new());
    item.within.push(gateway.id.clone());
    item.document.set("ResourceType", sort);
    attachment::tell(&mut item, &gateway, resource_id, cx.account());
    attachment::join_defaults(cx, tx, &gateway, &item.id);
    let id = item.id.clone();
    tx.put(item);
    Ok(id)
}

/// Takes a connection or a concentrator from the gateway that it is on, if it is on one.
pub fn detach(cx: &Cx, tx: &mut Tx, resource_id: &str) -> Result<(), ApiError> {
    if let Some(held) = find(cx, tx, resource_id) {
        attachment::leave_tables(tx, &held);
        item::delete(tx, cx, &ATTACHMENTS, &held.id);
    }
    Ok(())
}
