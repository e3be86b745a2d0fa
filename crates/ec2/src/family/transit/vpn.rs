//! VPN connections on a transit gateway: the attachment comes and goes with the connection.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpn-attachments.html>

use std::sync::Arc;

use service::prelude::*;

use super::attachment::{self, ATTACHMENTS, LIFE};
use super::gateway;
use crate::family::Item;
use crate::family::item::{self, Stage};

/// The attachment of a connection.
pub fn find(cx: &Cx, world: &World, connection_id: &str) -> Option<Arc<Item>> {
    let mut all = item::all(world, cx, ATTACHMENTS.kind).filter(|it| !it.is_deleted());
    all.find(|it| it.document.text("ResourceId") == Some(connection_id)).cloned()
}

/// Attaches a connection that is being made or moved.
pub fn attach(cx: &Cx, tx: &mut Tx, gateway_id: &str, connection_id: &str) -> Result<(), ApiError> {
    let gateway = gateway::ready(cx, tx, gateway_id)?;
    let mut document = Document::default();
    document.set("ResourceType", "vpn");
    document.set("CreationTime", cx.now.to_string());
    let [first, then, ..] = LIFE.words;
    let mut item = Item {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(ATTACHMENTS.kind.prefix),
        document,
        within: vec![gateway.id.clone()],
        stage: Some(Stage::begin(cx, first, then, LIFE.seconds)),
        created_at: cx.now,
        gone_at: None,
        tags: Vec::new(),
    };
    attachment::tell(&mut item, &gateway, connection_id, cx.account());
    attachment::join_defaults(cx, tx, &gateway, &item.id);
    tx.put(item);
    Ok(())
}

/// Takes a connection from the gateway that it is on, if it is on one.
pub fn detach(cx: &Cx, tx: &mut Tx, connection_id: &str) -> Result<(), ApiError> {
    if let Some(held) = find(cx, tx, connection_id) {
        attachment::leave_tables(tx, &held);
        item::delete(tx, cx, &ATTACHMENTS, &held.id);
    }
    Ok(())
}
