//! What attachments of all sorts have in common: the resource that is attached, the states, and the route table that its traffic takes.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTransitGatewayAttachments.html>

use std::sync::Arc;

use serde_json::json;
use service::prelude::*;

use super::{domain, gateway, invalid_state, link, metering, nat};
use crate::family::item;
use crate::family::{Family, Item, Life};
use crate::kind;

/// The member with the id of an attachment.
pub const ID: &str = "TransitGatewayAttachmentId";
/// The states, of all sorts that need nobody's consent.
pub const LIFE: Life =
    Life { member: "State", words: ["pending", "available", "deleting", "deleted"], seconds: 60, shown_for: 3_600 };
/// The condition key of attachments.
pub const KEYS: &[(&str, &str)] = &[("ec2:transitGatewayAttachmentId", ID)];

/// The state of a request that waits for the gateway's owner.
pub const PENDING: &str = "pendingAcceptance";
/// The members that name the owners of both ends.
pub const RESOURCE_OWNER: &str = "ResourceOwnerId";
pub const GATEWAY_OWNER: &str = "TransitGatewayOwnerId";

/// Attachments of all sorts. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayAttachment.html>
pub static ATTACHMENTS: Family = Family {
    created: Some("CreationTime"),
    life: Some(LIFE),
    filters: &[
        "association.state=Association.State",
        "association.transit-gateway-route-table-id=Association.TransitGatewayRouteTableId",
        "resource-id",
        "resource-owner-id",
        "resource-type",
        "state",
        "transit-gateway-attachment-id",
        "transit-gateway-id",
        "transit-gateway-owner-id",
    ],
    keys: KEYS,
    see: |cx, world, item, shown| {
        if let Some((table, state)) = link::ASSOCIATIONS.of_attachment(cx, world, item).into_iter().next() {
            shown.set("Association", json!({"TransitGatewayRouteTableId": table, "State": state}));
        }
    },
    ..Family::of(&kind::TRANSIT_GATEWAY_ATTACHMENT, ID)
};

/// The operation.
pub fn operations() -> Vec<Operation> {
    vec![ATTACHMENTS.describe("DescribeTransitGatewayAttachments")]
}

/// The attachments of a gateway that are not deleted.
pub fn of_gateway(cx: &Cx, world: &World, gateway_id: &str) -> Vec<Arc<Item>> {
    let inside = item::inside(world, cx, gateway_id).into_iter();
    let attachments = inside.filter(|id| kind::TRANSIT_GATEWAY_ATTACHMENT.is_id(id));
    attachments.filter_map(|id| item::look_up(world, cx, &id)).collect()
}

/// An attachment that traffic can go through.
pub fn ready(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = item::alive(world, cx, &kind::TRANSIT_GATEWAY_ATTACHMENT, id)?;
    if carries(cx, &found) { Ok(found) } else { Err(invalid_state(id)) }
}

/// Whether traffic can go through an attachment.
pub fn carries(cx: &Cx, item: &Item) -> bool {
    !item.is_deleted() && matches!(item.state(cx), Some("available" | "modifying"))
}

/// The attachment of a request that names something else of a gateway, too: both are of the same gateway.
pub fn beside(cx: &Cx, world: &World, other: &Item, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = ready(cx, world, id)?;
    match found.document.text("TransitGatewayId") == other.document.text("TransitGatewayId") {
        true => Ok(found),
        false => Err(kind::TRANSIT_GATEWAY_ATTACHMENT.not_found(&[id])),
    }
}

/// The members that tell what is attached to what.
pub fn tell(item: &mut Item, gateway: &Item, resource_id: &str, resource_owner: AccountId) {
    item.document.set("TransitGatewayId", gateway.id.as_str());
    item.document.set(GATEWAY_OWNER, gateway.account.to_string());
    item.document.set("ResourceId", resource_id);
    item.document.set(RESOURCE_OWNER, resource_owner.to_string());
}

/// The accounts that hold a record of one: the owner of what is attached, and the gateway's where that is another.
pub fn sides(item: &Item) -> Vec<AccountId> {
    let mut sides = vec![owner(item, RESOURCE_OWNER), owner(item, GATEWAY_OWNER)];
    sides.dedup();
    sides
}

/// Changes the records of an attachment.
pub fn on_both(tx: &mut Tx, item: &Item, change: impl Fn(&mut Item)) {
    for side in sides(item) {
        tx.update::<Item>(&[side.as_str(), &item.region, &item.id], &change);
    }
}

/// The owner of an end.
pub fn owner(item: &Item, member: &str) -> AccountId {
    item.document.text(member).and_then(|text| text.parse().ok()).unwrap_or(item.account)
}

/// A new attachment uses the default table and propagates to it, where the gateway has these.
pub fn join_defaults(cx: &Cx, tx: &mut Tx, gateway: &Item, attachment_id: &str) {
    let (association, propagation) = gateway::default_tables(gateway);
    association.iter().for_each(|table| link::ASSOCIATIONS.begin(cx, tx, table, attachment_id));
    propagation.iter().for_each(|table| link::PROPAGATIONS.begin(cx, tx, table, attachment_id));
}

/// What goes with an attachment: its NAT rules, its places in route tables, policy tables, metering policies and multicast domains. Static routes to it
/// stay and lead nowhere.
pub fn leave_tables(tx: &mut Tx, item: &Item) {
    let gateway = item.document.text("TransitGatewayId").unwrap_or_default();
    let inside = tx.by::<Item>(Item::BY_WITHIN, &[item.account.as_str(), &item.region, gateway]);
    let held: Vec<String> = inside.map(|it| it.id.clone()).collect();
    tx.update::<Item>(&[item.account.as_str(), &item.region, gateway], |it| nat::forget(it, &item.id));
    let others = [&kind::TRANSIT_GATEWAY_POLICY_TABLE, &kind::TRANSIT_GATEWAY_MULTICAST_DOMAIN];
    for id in held {
        let key = [item.account.as_str(), &item.region, &id];
        if kind::TRANSIT_GATEWAY_ROUTE_TABLE.is_id(&id) {
            tx.update::<Item>(&key, |table| link::forget(table, &item.id));
        } else if kind::TRANSIT_GATEWAY_METERING_POLICY.is_id(&id) {
            tx.update::<Item>(&key, |policy| metering::forget(policy, &item.id));
        } else if others.iter().any(|kind| kind.is_id(&id)) {
            tx.update::<Item>(&key, |it| domain::forget(it, &item.id));
        }
    }
}
