//! Client VPN endpoints on a transit gateway: the attachment comes and goes with the endpoint. The owner of a gateway that is shared accepts or rejects
//! it, and can delete it. <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-client-vpn-attachments.html>

use std::sync::Arc;

use service::Service;
use service::prelude::*;

use super::attachment::{self, ID, KEYS, LIFE, PENDING};
use super::{gateway, incorrect_state, invalid_state};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item, answers};
use crate::kind;
use crate::share;

const ENDPOINT: &str = "ClientVpnEndpointId";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayClientVpnAttachment.html>
pub static CLIENT_VPN_ATTACHMENTS: Family = Family {
    created: Some("CreationTime"),
    life: Some(LIFE),
    variety: Some(("ResourceType", "client-vpn")),
    keys: KEYS,
    // The answers about this sort have words of their own for two states.
    see: |cx, _, item, shown| match item.state(cx) {
        Some(PENDING) => shown.set("State", "pending-acceptance"),
        Some("rejecting") => shown.set("State", "rejected"),
        _ => {}
    },
    ..Family::of(&kind::TRANSIT_GATEWAY_CLIENT_VPN_ATTACHMENT, ID)
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let own = |row| CLIENT_VPN_ATTACHMENTS.on_one(row, &[]);
    vec![
        own(Operation::write(Service::Ec2, "AcceptTransitGatewayClientVpnAttachment", accept)),
        own(Operation::write(Service::Ec2, "RejectTransitGatewayClientVpnAttachment", reject)),
        own(Operation::write(Service::Ec2, "DeleteTransitGatewayClientVpnAttachment", delete)),
    ]
}

/// Attaches an endpoint that is being made; the id of the attachment.
pub fn attach(cx: &Cx, tx: &mut Tx, gateway_id: &str, endpoint: &Item) -> Result<String, ApiError> {
    let gateway = gateway::usable(cx, tx, gateway_id)?;
    // "Your transit gateway must have an assigned IPv4 or IPv6 CIDR block before you can create a Client VPN attachment."
    if gateway.document.texts("Options.TransitGatewayCidrBlocks").is_empty() {
        return Err(incorrect_state(format!("{} has no Transit Gateway CIDR blocks.", gateway.id)));
    }
    let mut item = CLIENT_VPN_ATTACHMENTS.draw("CreateClientVpnEndpoint", cx, &Document::default(), Vec::new());
    item.within.push(gateway.id.clone());
    attachment::tell(&mut item, &gateway, &endpoint.id, cx.account());
    item.document.set(ENDPOINT, endpoint.id.as_str());
    item.document.set("ClientVpnOwnerId", cx.account().to_string());
    if gateway.account != cx.account() {
        if gateway.document.text("Options.AutoAcceptSharedAttachments") != Some("enable") {
            item.stage = Some(Stage::begin(cx, PENDING, PENDING, 0));
        }
        tx.put(Item { account: gateway.account, ..item.clone() });
    }
    if !is_pending(cx, &item) {
        attachment::join_defaults(&share::cx_of(cx, gateway.account), tx, &gateway, &item.id);
    }
    let id = item.id.clone();
    tx.put(item);
    Ok(id)
}

/// Whether it waits for the owner of the gateway.
pub fn is_pending(cx: &Cx, item: &Item) -> bool {
    item.state(cx) == Some(PENDING)
}

/// The end of an attachment: on both sides, and in the gateway's tables.
fn end(cx: &Cx, tx: &mut Tx, item: &Item) {
    let [_, _, leaving, gone] = LIFE.words;
    attachment::on_both(tx, item, |it| item::go(it, cx, LIFE, leaving, gone));
    attachment::leave_tables(tx, &Item { account: attachment::owner(item, attachment::GATEWAY_OWNER), ..item.clone() });
}

/// Takes an endpoint from the gateway that it is on.
pub fn detach(cx: &Cx, tx: &mut Tx, id: &str) {
    if let Some(held) = item::look_up(tx, cx, id).filter(|it| !it.is_deleted()) {
        end(cx, tx, &held);
    }
}

/// An attachment that its gateway's owner decides on, who asks.
fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    let item = CLIENT_VPN_ATTACHMENTS.alive(cx, world, input.text(ID).unwrap_or_default())?;
    match attachment::owner(&item, attachment::GATEWAY_OWNER) == cx.account() {
        true => Ok(item),
        false => Err(invalid_state(&item.id)),
    }
}

fn pending(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    let item = named(cx, world, input)?;
    if is_pending(cx, &item) { Ok(item) } else { Err(invalid_state(&item.id)) }
}

fn about(cx: &Cx, world: &World, operation: &str, input: &Document, id: &str) -> Result<Document, ApiError> {
    let item = item::get(world, cx, CLIENT_VPN_ATTACHMENTS.kind, id)?;
    Ok(answers::about(&CLIENT_VPN_ATTACHMENTS, operation, cx, world, input, &item))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptTransitGatewayClientVpnAttachment.html>
fn accept(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = pending(cx, tx, input)?;
    let gateway = gateway::ready(cx, tx, item.document.text("TransitGatewayId").unwrap_or_default())?;
    let [first, then, ..] = LIFE.words;
    attachment::on_both(tx, &item, |it| it.stage = Some(Stage::begin(cx, first, then, LIFE.seconds)));
    attachment::join_defaults(cx, tx, &gateway, &item.id);
    about(cx, tx, "AcceptTransitGatewayClientVpnAttachment", input, &item.id)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectTransitGatewayClientVpnAttachment.html>
fn reject(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = pending(cx, tx, input)?;
    attachment::on_both(tx, &item, |it| item::go(it, cx, LIFE, "rejecting", "rejected"));
    about(cx, tx, "RejectTransitGatewayClientVpnAttachment", input, &item.id)
}

/// "The Transit Gateway owner can delete the attachment": the endpoint stays, and leads nowhere.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayClientVpnAttachment.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = named(cx, tx, input)?;
    end(cx, tx, &item);
    about(cx, tx, "DeleteTransitGatewayClientVpnAttachment", input, &item.id)
}

/// What an attachment propagates: the block that the endpoint's clients have their addresses from.
pub fn blocks(world: &World, attachment: &Item) -> Vec<String> {
    let told = |name: &str| attachment.document.text(name).unwrap_or_default();
    let endpoint = world.get::<Item>(&[told("ClientVpnOwnerId"), &attachment.region, told(ENDPOINT)]);
    endpoint.and_then(|it| it.document.text("ClientCidrBlock").map(str::to_owned)).into_iter().collect()
}
