//! VPCs on a transit gateway: an interface of the gateway's in one subnet for each zone.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachment.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::prelude::*;

use super::attachment::{self, ID, KEYS, LIFE};
use super::{gateway, incorrect_state, text};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item};
use crate::kind;
use crate::network::interface::{self, NewInterface, managed};
use crate::network::subnet::{self, Subnet};

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
    vec![
        VPC_ATTACHMENTS.create("CreateTransitGatewayVpcAttachment", &[]),
        VPC_ATTACHMENTS.describe("DescribeTransitGatewayVpcAttachments"),
        VPC_ATTACHMENTS.modify("ModifyTransitGatewayVpcAttachment", &["AddSubnetIds", "RemoveSubnetIds"], modify),
        VPC_ATTACHMENTS.delete("DeleteTransitGatewayVpcAttachment"),
    ]
}

/// The attachment of a VPC to a gateway.
pub fn find(cx: &Cx, world: &World, gateway_id: &str, vpc_id: &str) -> Option<Arc<Item>> {
    let inside = item::inside(world, cx, vpc_id).into_iter().filter(|id| VPC_ATTACHMENTS.kind.is_id(id));
    let mut held = inside.filter_map(|id| item::look_up(world, cx, &id));
    held.find(|it| VPC_ATTACHMENTS.has(it) && it.document.text("TransitGatewayId") == Some(gateway_id))
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let gateway = gateway::ready(cx, tx, input.text("TransitGatewayId").unwrap_or_default())?;
    let vpc_id = input.text("VpcId").unwrap_or_default();
    if find(cx, tx, &gateway.id, vpc_id).is_some() {
        let message = format!("{} has non-deleted Transit Gateway Attachments with same VPC ID.", gateway.id);
        return Err(ApiError::new("DuplicateTransitGatewayAttachment", message));
    }
    attachment::tell(item, &gateway, vpc_id, cx.account());
    item.document.set("VpcOwnerId", cx.account().to_string());
    item.document.set("SubnetIds", Vec::<String>::new());
    input.texts("SubnetIds").iter().try_for_each(|id| join(cx, tx, item, id))?;
    attachment::join_defaults(cx, tx, &gateway, &item.id);
    Ok(())
}

fn places(item: &Item) -> Vec<Value> {
    item.document.list(PLACES)
}

fn put(item: &mut Item, places: Vec<Value>) {
    item.document.set("SubnetIds", places.iter().map(|place| text(place, "Subnet").to_owned()).collect::<Vec<_>>());
    item.document.set(PLACES, places);
}

/// An interface in one more subnet; each zone can have one.
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
    let made = interface::create(
        cx,
        tx,
        NewInterface {
            subnet,
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
    held.push(json!({"Subnet": id, "Interface": made.id}));
    put(item, held);
    Ok(())
}

fn leave(cx: &Cx, tx: &mut Tx, item: &mut Item, id: &str) -> Result<(), ApiError> {
    let (gone, kept): (Vec<Value>, Vec<Value>) =
        places(item).into_iter().partition(|place| text(place, "Subnet") == id);
    if gone.is_empty() {
        return Err(kind::SUBNET.not_found(&[id]));
    }
    gone.iter().try_for_each(|place| interface::delete(cx, tx, text(place, "Interface")))?;
    put(item, kept);
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayVpcAttachment.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    attachment::ready(cx, tx, &item.id)?;
    for id in input.texts("RemoveSubnetIds") {
        leave(cx, tx, item, &id)?;
    }
    for id in input.texts("AddSubnetIds") {
        join(cx, tx, item, &id)?;
    }
    if places(item).is_empty() {
        let message = "A Transit Gateway VPC Attachment must have at least one subnet.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    item.stage = Some(Stage::begin(cx, "modifying", "available", 30));
    Ok(())
}

/// The interfaces go, and its places in route tables.
fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    places(item).iter().try_for_each(|place| interface::delete(cx, tx, text(place, "Interface")))?;
    attachment::leave_tables(tx, item);
    Ok(())
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
    let held = find(cx, world, gateway_id, vpc_id);
    held.is_some_and(|it| matches!(it.state(cx), Some("available" | "modifying")))
}
