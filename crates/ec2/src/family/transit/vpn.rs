//! VPN connections and concentrators on a transit gateway: the attachment comes and goes with what it is of.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpn-attachments.html>

use std::sync::Arc;

use service::prelude::*;

use super::attachment::{self, ATTACHMENTS, LIFE};
use super::gateway;
use crate::family::Item;
use crate::family::item::{self, Stage};

/// The attachment of a connection or a concentrator.
pub fn find(cx: &Cx, world: &World, resource_id: &str) -> Option<Arc<Item>> {
    let mut all = item::all(world, cx, ATTACHMENTS.kind).filter(|it| !it.is_deleted());
    all.find(|it| it.document.text("ResourceId") == Some(resource_id)).cloned()
}

/// Attaches a connection that is being made or moved, or a concentrator; the id of the attachment.
pub fn attach(cx: &Cx, tx: &mut Tx, gateway_id: &str, sort: &str, resource_id: &str) -> Result<String, ApiError> {
    let gateway = gateway::ready(cx, tx, gateway_id)?;
    let mut document = Document::default();
    document.set("ResourceType", sort);
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
