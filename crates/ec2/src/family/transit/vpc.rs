//! VPCs on a transit gateway: an interface of the gateway's in one subnet for each zone. The VPC of another account, which the gateway is shared with,
//! is attached when the gateway's owner accepts; then each of the two holds a record of the attachment under the same id, as [`sides`] tells.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachment.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::attachment::{self, GATEWAY_OWNER, ID, KEYS, LIFE, PENDING, RESOURCE_OWNER, on_both, owner, sides};
use super::{gateway, incorrect_state, invalid_state, text};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item, answers, verbs};
use crate::kind;
use crate::network::interface::{self, NewInterface, managed};
use crate::network::subnet::{self, Subnet};
use crate::share;

/// The member, shown nowhere, with the interfaces by subnet.
const PLACES: &str = "Places";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayVpcAttachment.html>
pub static VPC_ATTACHMENTS: Family = Family {
    created: Some("CreationTime"),
    life: Some(LIFE),
    variety: Some(("ResourceType", "vpc")),
    within: &[("TransitGatewayId", &kind::TRANSIT_GATEWAY), ("VpcId", &kind::VPC)],
    besides: &[("SubnetIds", &kind::SUBNET), ("AddSubnetIds", &kind::SUBNET), ("RemoveSubnetIds", &kind::SUBNET)],
    defaults: |_| {
        json!({"Options": {
            "DnsSupport": "enable",
            "SecurityGroupReferencingSupport": "enable",
            "Ipv6Support": "disable",
            "ApplianceModeSupport": "disable",
        }})
    },
    filters: &["state", "transit-gateway-attachment-id", "transit-gateway-id", "vpc-id"],
    keys: KEYS,
    fill,
    release,
    blocked: |item, inside| {
        incorrect_state(format!(
            "{} has non-deleted Transit Gateway Connect Attachments: {}.",
            item.id,
            inside.join(", ")
        ))
    },
    ..Family::of(&kind::TRANSIT_GATEWAY_VPC_ATTACHMENT, ID)
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let own = |row| VPC_ATTACHMENTS.on_one(row, &[]);
    vec![
        VPC_ATTACHMENTS.create("CreateTransitGatewayVpcAttachment", &[]),
        VPC_ATTACHMENTS.describe("DescribeTransitGatewayVpcAttachments"),
        VPC_ATTACHMENTS.modify("ModifyTransitGatewayVpcAttachment", &["AddSubnetIds", "RemoveSubnetIds"], modify),
        own(Operation::write(Service::Ec2, "DeleteTransitGatewayVpcAttachment", delete)),
        own(Operation::write(Service::Ec2, "AcceptTransitGatewayVpcAttachment", accept)),
        own(Operation::write(Service::Ec2, "RejectTransitGatewayVpcAttachment", reject)),
    ]
}

/// The record of the VPC's owner.
fn of_vpc_owner(tx: &Tx, item: &Item) -> Item {
    let owner = owner(item, RESOURCE_OWNER);
    tx.get::<Item>(&[owner.as_str(), &item.region, &item.id]).map_or_else(|| item.clone(), |held| Item::clone(held))
}

/// The attachment of a VPC to a gateway.
pub fn find(cx: &Cx, world: &World, gateway_id: &str, vpc_id: &str) -> Option<Arc<Item>> {
    let inside = item::inside(world, cx, vpc_id).into_iter().filter(|id| VPC_ATTACHMENTS.kind.is_id(id));
    let mut held = inside.filter_map(|id| item::look_up(world, cx, &id));
    held.find(|it| VPC_ATTACHMENTS.has(it) && it.document.text("TransitGatewayId") == Some(gateway_id))
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let gateway = gateway::usable(cx, tx, input.text("TransitGatewayId").unwrap_or_default())?;
    let vpc_id = input.text("VpcId").unwrap_or_default();
    if find(cx, tx, &gateway.id, vpc_id).is_some() {
        let message = format!("{} has non-deleted Transit Gateway Attachments with same VPC ID.", gateway.id);
        return Err(ApiError::new("DuplicateTransitGatewayAttachment", message));
    }
    attachment::tell(item, &gateway, vpc_id, cx.account());
    item.document.set("VpcOwnerId", cx.account().to_string());
    item.document.set("SubnetIds", Vec::<String>::new());
    input.texts("SubnetIds").iter().try_for_each(|id| join(cx, tx, item, id))?;
    if gateway.account == cx.account() {
        attach(cx, tx, item)?;
        attachment::join_defaults(cx, tx, &gateway, &item.id);
        return Ok(());
    }
    let accepted = gateway.document.text("Options.AutoAcceptSharedAttachments") == Some("enable");
    if accepted {
        attach(cx, tx, item)?;
        attachment::join_defaults(&share::cx_of(cx, gateway.account), tx, &gateway, &item.id);
    } else {
        item.stage = Some(Stage::begin(cx, PENDING, PENDING, 0));
    }
    let within = vec![gateway.id.clone()];
    tx.put(Item { account: gateway.account, within, tags: Vec::new(), ..item.clone() });
    Ok(())
}

fn places(item: &Item) -> Vec<Value> {
    item.document.list(PLACES)
}

fn put(item: &mut Item, places: Vec<Value>) {
    item.document.set("SubnetIds", places.iter().map(|place| text(place, "Subnet").to_owned()).collect::<Vec<_>>());
    item.document.set(PLACES, places);
}

/// One more subnet; each zone can have one.
fn join(cx: &Cx, tx: &mut Tx, item: &mut Item, id: &str) -> Result<(), ApiError> {
    let subnet = subnet::get(tx, cx, id)?;
    if item.document.text("VpcId") != Some(&subnet.vpc_id) {
        let message = format!("Subnet {id} does not belong to VPC {}", item.document.text("VpcId").unwrap_or_default());
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let mut held = places(item);
    let same_zone = |place: &Value| {
        subnet::look_up(tx, cx, text(place, "Subnet")).is_some_and(|it: Arc<Subnet>| it.zone == subnet.zone)
    };
    if held.iter().any(same_zone) {
        return Err(ApiError::new("DuplicateSubnetsInSameZone", "Duplicate Subnets for same AZ"));
    }
    held.push(json!({"Subnet": id}));
    put(item, held);
    Ok(())
}

/// The gateway gets an interface in each subnet where it has none yet.
fn attach(cx: &Cx, tx: &mut Tx, item: &mut Item) -> Result<(), ApiError> {
    let mut held = places(item);
    for place in held.iter_mut().filter(|place| place.get("Interface").is_none()) {
        let id = text(place, "Subnet").to_owned();
        let made = interface::create(
            cx,
            tx,
            NewInterface {
                subnet: subnet::get(tx, cx, &id)?,
                groups: Vec::new(),
                address: None,
                secondary: Vec::new(),
                secondary_count: 0,
                description: format!("Network Interface for Transit Gateway Attachment {}", item.id),
                attachment: None,
                public_address: false,
                tags: Vec::new(),
            },
        )?;
        managed::hold(cx, tx, &made.id, "transit_gateway", &item.id);
        *place = json!({"Subnet": id, "Interface": made.id});
    }
    put(item, held);
    Ok(())
}

fn leave(cx: &Cx, tx: &mut Tx, item: &mut Item, id: &str) -> Result<(), ApiError> {
    let (gone, kept): (Vec<Value>, Vec<Value>) =
        places(item).into_iter().partition(|place| text(place, "Subnet") == id);
    if gone.is_empty() {
        return Err(kind::SUBNET.not_found(&[id]));
    }
    give_back(cx, tx, &gone, cx.now)?;
    put(item, kept);
    Ok(())
}

/// Takes the gateway's interfaces from subnets at that time.
fn give_back(cx: &Cx, tx: &mut Tx, places: &[Value], at: Timestamp) -> Result<(), ApiError> {
    let mut held = places.iter().map(|place| text(place, "Interface")).filter(|id| !id.is_empty());
    held.try_for_each(|id| interface::delete_at(cx, tx, id, at))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayVpcAttachment.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    attachment::ready(cx, tx, &item.id)?;
    if owner(item, RESOURCE_OWNER) != cx.account() {
        let message = "You do not have permission to access the specified resource.";
        return Err(ApiError::new("AuthFailure", message));
    }
    for id in input.texts("RemoveSubnetIds") {
        leave(cx, tx, item, &id)?;
    }
    for id in input.texts("AddSubnetIds") {
        join(cx, tx, item, &id)?;
    }
    attach(cx, tx, item)?;
    if places(item).is_empty() {
        let message = "A Transit Gateway VPC Attachment must have at least one subnet.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    item.stage = Some(Stage::begin(cx, "modifying", "available", 30));
    let (document, stage) = (item.document.clone(), item.stage.clone());
    on_both(tx, item, |it| {
        it.document = document.clone();
        it.stage = stage.clone();
    });
    Ok(())
}

/// Its places in route tables go, and the interfaces when it is deleted.
fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    let at = VPC_ATTACHMENTS.gone_from(cx);
    give_back(&share::cx_of(cx, owner(item, RESOURCE_OWNER)), tx, &places(item), at)?;
    attachment::leave_tables(tx, &Item { account: owner(item, GATEWAY_OWNER), ..item.clone() });
    Ok(())
}

fn about(cx: &Cx, world: &World, operation: &str, input: &Document, id: &str) -> Result<Document, ApiError> {
    let item = item::get(world, cx, VPC_ATTACHMENTS.kind, id)?;
    Ok(answers::about(&VPC_ATTACHMENTS, operation, cx, world, input, &item))
}

/// What the other side has on the attachment keeps it, too; its ids are nobody else's business.
fn must_be_free(cx: &Cx, world: &World, id: &str) -> Result<(), ApiError> {
    let held = VPC_ATTACHMENTS.alive(cx, world, id)?;
    let mut others = sides(&held).into_iter().filter(|side| *side != cx.account());
    match others.all(|side| item::inside(world, &share::cx_of(cx, side), id).is_empty()) {
        true => Ok(()),
        false => Err(incorrect_state(format!("{id} has non-deleted Transit Gateway Connect Attachments."))),
    }
}

/// Either side deletes. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayVpcAttachment.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(ID).unwrap_or_default();
    must_be_free(cx, tx, id)?;
    let item = verbs::remove(&VPC_ATTACHMENTS, cx, tx, id)?;
    let (stage, gone_at) = (item.stage.clone(), item.gone_at);
    on_both(tx, &item, |it| {
        it.stage = stage.clone();
        it.gone_at = gone_at;
    });
    about(cx, tx, "DeleteTransitGatewayVpcAttachment", input, id)
}

/// A request that waits for the owner of the gateway, who asks.
fn pending(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    let item = VPC_ATTACHMENTS.alive(cx, world, input.text(ID).unwrap_or_default())?;
    match item.state(cx) {
        Some(PENDING) if owner(&item, GATEWAY_OWNER) == cx.account() => Ok(item),
        _ => Err(invalid_state(&item.id)),
    }
}

/// The owner of the gateway lets a VPC of another account on it: now the gateway gets its interfaces there.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptTransitGatewayVpcAttachment.html>
fn accept(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = pending(cx, tx, input)?;
    let gateway = gateway::ready(cx, tx, item.document.text("TransitGatewayId").unwrap_or_default())?;
    let mut theirs = of_vpc_owner(tx, &item);
    attach(&share::cx_of(cx, theirs.account), tx, &mut theirs)?;
    let [first, then, ..] = LIFE.words;
    on_both(tx, &item, |it| {
        it.document = theirs.document.clone();
        it.stage = Some(Stage::begin(cx, first, then, LIFE.seconds));
    });
    attachment::join_defaults(cx, tx, &gateway, &item.id);
    about(cx, tx, "AcceptTransitGatewayVpcAttachment", input, &item.id)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectTransitGatewayVpcAttachment.html>
fn reject(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = pending(cx, tx, input)?;
    on_both(tx, &item, |it| item::go(it, cx, LIFE, "rejecting", "rejected"));
    about(cx, tx, "RejectTransitGatewayVpcAttachment", input, &item.id)
}

/// The blocks of the VPC, as they are propagated: those of IPv6 where the attachment has it.
pub fn blocks(world: &World, item: &Item) -> Vec<String> {
    let vpc_id = item.document.text("VpcId").unwrap_or_default();
    let owner = item.document.text("VpcOwnerId").unwrap_or_default();
    let Some(vpc) = world.get::<crate::network::vpc::Vpc>(&[owner, &item.region, vpc_id]) else { return Vec::new() };
    let ipv6 = item.document.text("Options.Ipv6Support") == Some("enable");
    let v4 = vpc.cidr_associations.iter().map(|held| held.cidr.to_string());
    let v6 = vpc.ipv6_blocks.iter().filter(|_| ipv6).map(|held| held.cidr.to_string());
    v4.chain(v6).collect()
}

/// Whether traffic of the VPC can go to the gateway now.
pub fn leads(cx: &Cx, world: &World, gateway_id: &str, vpc_id: &str) -> bool {
    find(cx, world, gateway_id, vpc_id).is_some_and(|it| attachment::carries(cx, &it))
}
