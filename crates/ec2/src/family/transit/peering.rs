//! Peering of transit gateways, of one account or of two, of one region or of two. Each side holds an attachment of its own under the same id, but for
//! two gateways in one region of one account, where the accepter's has another.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-peering.html>

use std::sync::Arc;

use serde_json::json;
use service::Service;
use service::prelude::*;
use service::regions;

use super::attachment::{self, ID, KEYS, LIFE, PENDING};
use super::{announcement, gateway, invalid, invalid_state};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item, answers};
use crate::kind;

const ACCEPTER: &str = "AccepterTgwInfo";
const REQUESTER: &str = "RequesterTgwInfo";
/// A member, shown nowhere: whose record it is.
const SIDE: &str = "Side";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayPeeringAttachment.html>
pub static PEERING_ATTACHMENTS: Family = Family {
    created: Some("CreationTime"),
    life: Some(LIFE),
    variety: Some(("ResourceType", "peering")),
    within: &[("TransitGatewayId", &kind::TRANSIT_GATEWAY)],
    filters: &[
        "local-owner-id=_LocalOwnerId",
        "remote-owner-id=ResourceOwnerId",
        "state",
        "transit-gateway-attachment-id",
        "transit-gateway-id",
    ],
    keys: KEYS,
    fill,
    see: |cx, _, item, shown| {
        let code = item.state(cx).unwrap_or_default();
        let mut status = json!({"Code": code});
        if let (Some(status), "failed") = (status.as_object_mut(), code) {
            let message = "The peer transit gateway does not exist or cannot be peered with.";
            status.insert("Message".to_owned(), message.into());
        }
        shown.set("Status", status);
        shown.set("_LocalOwnerId", item.account.to_string());
    },
    ..Family::of(&kind::TRANSIT_GATEWAY_PEERING_ATTACHMENT, ID)
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses = &["PeerTransitGatewayId", "PeerAccountId", "PeerRegion", "Options"];
    let own = |row| PEERING_ATTACHMENTS.on_one(row, &[]);
    vec![
        PEERING_ATTACHMENTS.create("CreateTransitGatewayPeeringAttachment", uses),
        PEERING_ATTACHMENTS.describe("DescribeTransitGatewayPeeringAttachments"),
        PEERING_ATTACHMENTS.modify("ModifyTransitGatewayPeeringAttachment", &["Options"], modify),
        own(Operation::write(Service::Ec2, "AcceptTransitGatewayPeeringAttachment", accept)),
        own(Operation::write(Service::Ec2, "RejectTransitGatewayPeeringAttachment", reject)),
        own(Operation::write(Service::Ec2, "DeleteTransitGatewayPeeringAttachment", delete)),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let gateway = gateway::ready(cx, tx, input.text("TransitGatewayId").unwrap_or_default())?;
    let peer_id = input.text("PeerTransitGatewayId").unwrap_or_default();
    kind::TRANSIT_GATEWAY.well_formed(peer_id)?;
    let account = input.text("PeerAccountId").unwrap_or_default();
    let peer_account: AccountId = account.parse().map_err(|_| invalid(account, "PeerAccountId"))?;
    let region = input.text("PeerRegion").unwrap_or_default();
    let known = regions::region(region).filter(|known| known.partition == cx.region.partition);
    known.ok_or_else(|| invalid(region, "PeerRegion"))?;
    if peer_id == gateway.id {
        let message = "A Transit Gateway cannot be peered with itself.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    attachment::tell(item, &gateway, peer_id, peer_account);
    // The real provider would replace an attachment that shows options nobody asked for.
    item.document.0.remove("Options");
    if let Some(dynamic) = input.text("Options.DynamicRouting") {
        item.document.set("Options", json!({"DynamicRouting": dynamic}));
    }
    item.document.set(SIDE, REQUESTER);
    let side = |id: &str, account: AccountId, region: &str| json!({"TransitGatewayId": id, "OwnerId": account.to_string(), "Region": region});
    item.document.set(REQUESTER, side(&gateway.id, cx.account(), cx.region_name()));
    item.document.set(ACCEPTER, side(peer_id, peer_account, region));
    let peer = tx.get::<Item>(&[peer_account.as_str(), region, peer_id]).filter(|it| !it.is_deleted()).cloned();
    let Some(peer) = peer else {
        item.stage = Some(Stage::begin(cx, "failing", "failed", LIFE.seconds));
        item.within.clear();
        return Ok(());
    };
    item.stage = Some(Stage::begin(cx, "initiatingRequest", PENDING, 10));
    let id = match peer.account == cx.account() && peer.region == cx.region_name() {
        true => cx.ids.ec2(PEERING_ATTACHMENTS.kind.prefix),
        false => item.id.clone(),
    };
    item.document.set("AccepterTransitGatewayAttachmentId", id.as_str());
    item.document.set("RequesterAttachmentId", item.id.as_str());
    let mut other = Item {
        account: peer.account,
        region: peer.region.clone(),
        id,
        within: vec![peer.id.clone()],
        tags: Vec::new(),
        ..item.clone()
    };
    other.document.set(SIDE, ACCEPTER);
    attachment::tell(&mut other, &peer, &gateway.id, cx.account());
    tx.put(other);
    Ok(())
}

/// Whether this side allows several ways through the network at once, which holds when both do.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayPeeringAttachment.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    if item.state(cx) != Some("available") {
        return Err(invalid_state(&item.id));
    }
    let region = |side: &str| item.document.text(&format!("{side}.Region")).map(str::to_owned);
    if region(REQUESTER) == region(ACCEPTER) {
        let message = "Multipath resilience is not supported for peering attachments in the same Region.";
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    // The request's own members have no place among those of an attachment.
    let mut options = tx
        .get::<Item>(&[item.account.as_str(), &item.region, &item.id])
        .and_then(|it| it.document.at("Options").cloned().map(Document::from));
    let options = options.get_or_insert_default();
    let is_requester = item.document.text(SIDE) == Some(REQUESTER);
    let (own, other) = if is_requester { ("Requester", "Accepter") } else { ("Accepter", "Requester") };
    let allowed =
        |options: &Document, side: &str| options.truth(&format!("{side}AllowMultipathResilience")) == Some(true);
    let wanted = input.truth("Options.AllowMultipathResilience").unwrap_or_else(|| allowed(options, own));
    let mode = input.text("Options.MultipathResilienceMode");
    if let Some(mode) = mode.filter(|_| !wanted) {
        return Err(invalid(mode, "MultipathResilienceMode"));
    }
    let mode_member = format!("{own}MultipathResilienceMode");
    options.set(&format!("{own}AllowMultipathResilience"), wanted);
    match wanted {
        true => options.set(&mode_member, mode.unwrap_or("always-on")),
        false => drop(options.0.remove(&mode_member)),
    }
    let status = match (wanted, allowed(options, other)) {
        (true, true) => "enabled",
        (false, false) => "disabled",
        _ => "pending",
    };
    options.set("MultipathResilienceStatus", status);
    let options = serde_json::Value::Object(options.0.clone());
    on_both(tx, item, |it| it.document.set("Options", options.clone()));
    item.document.set("Options", options);
    Ok(())
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    PEERING_ATTACHMENTS.alive(cx, world, input.text(ID).unwrap_or_default())
}

/// The keys of both records.
fn sides(item: &Item) -> [[String; 3]; 2] {
    let text = |path: &str| item.document.text(path).unwrap_or_default().to_owned();
    let key = |side: &str, id: &str| [text(&format!("{side}.OwnerId")), text(&format!("{side}.Region")), text(id)];
    [key(REQUESTER, "RequesterAttachmentId"), key(ACCEPTER, "AccepterTransitGatewayAttachmentId")]
}

/// The key of the record on the other side than this one.
pub fn other_side(item: &Item) -> [String; 3] {
    let [requester, accepter] = sides(item);
    if item.document.text(SIDE) == Some(REQUESTER) { accepter } else { requester }
}

/// Changes both records.
fn on_both(tx: &mut Tx, item: &Item, change: impl Fn(&mut Item)) {
    for key in sides(item) {
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        tx.update::<Item>(&key, &change);
    }
}

/// The side that answers is the accepter; the text was seen at AWS.
fn must_be_accepter(cx: &Cx, item: &Item, verb: &str) -> Result<(), ApiError> {
    if item.document.text(SIDE) == Some(REQUESTER) {
        let message = format!("Cannot {verb} {} as the source of the peering request.", item.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    match item.state(cx) {
        Some("initiatingRequest" | PENDING) => Ok(()),
        _ => Err(invalid_state(&item.id)),
    }
}

fn about(cx: &Cx, world: &World, operation: &str, input: &Document, id: &str) -> Result<Document, ApiError> {
    let item = item::get(world, cx, PEERING_ATTACHMENTS.kind, id)?;
    Ok(answers::about(&PEERING_ATTACHMENTS, operation, cx, world, input, &item))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptTransitGatewayPeeringAttachment.html>
fn accept(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = named(cx, tx, input)?;
    must_be_accepter(cx, &item, "accept")?;
    on_both(tx, &item, |it| it.stage = Some(Stage::begin(cx, "pending", "available", LIFE.seconds)));
    about(cx, tx, "AcceptTransitGatewayPeeringAttachment", input, &item.id)
}

/// Ends a peering on both sides.
fn end(cx: &Cx, tx: &mut Tx, item: &Item, first: &str, then: &str) {
    on_both(tx, item, |it| item::go(it, cx, LIFE, first, then));
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectTransitGatewayPeeringAttachment.html>
fn reject(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = named(cx, tx, input)?;
    must_be_accepter(cx, &item, "reject")?;
    end(cx, tx, &item, "rejecting", "rejected");
    about(cx, tx, "RejectTransitGatewayPeeringAttachment", input, &item.id)
}

/// Either side deletes; its table forgets it, static routes to it lead nowhere.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayPeeringAttachment.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = named(cx, tx, input)?;
    if item.document.at("RequesterAttachmentId").is_none() {
        item::delete(tx, cx, &PEERING_ATTACHMENTS, &item.id);
        return about(cx, tx, "DeleteTransitGatewayPeeringAttachment", input, &item.id);
    }
    end(cx, tx, &item, "deleting", "deleted");
    for key in sides(&item) {
        let [account, region, id] = key;
        let held = tx.get::<Item>(&[&account, &region, &id]).cloned();
        if let Some(it) = &held {
            announcement::leave(cx, tx, it);
            attachment::leave_tables(tx, it);
        }
    }
    about(cx, tx, "DeleteTransitGatewayPeeringAttachment", input, &item.id)
}
