//! Transit gateways themselves: their options, the route table they come with, and what has to go before them.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGateway.html>

use std::sync::Arc;

use ipnet::IpNet;
use serde_json::json;
use service::Service;
use service::prelude::*;

use super::{incorrect_state, invalid, invalid_state, nat, table};
use crate::family::item::{self, Stage};
use crate::family::vpn::gateway::is_private_asn;
use crate::family::{Family, Item, Life, answers};
use crate::kind;
use crate::network::must_have_room;

const ASSOCIATION: &str = "Options.AssociationDefaultRouteTableId";
const PROPAGATION: &str = "Options.PropagationDefaultRouteTableId";
const BLOCKS: &str = "Options.TransitGatewayCidrBlocks";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGateway.html>
pub static TRANSIT_GATEWAYS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("TransitGatewayArn"),
    created: Some("CreationTime"),
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 90,
        shown_for: 3_600,
    }),
    besides: &[
        ("Options.AssociationDefaultRouteTableId", &kind::TRANSIT_GATEWAY_ROUTE_TABLE),
        ("Options.PropagationDefaultRouteTableId", &kind::TRANSIT_GATEWAY_ROUTE_TABLE),
    ],
    defaults: |_| {
        json!({
            "Description": "",
            "Options": {
                "AmazonSideAsn": 64_512,
                "AutoAcceptSharedAttachments": "disable",
                "DefaultRouteTableAssociation": "enable",
                "DefaultRouteTablePropagation": "enable",
                "VpnEcmpSupport": "enable",
                "DnsSupport": "enable",
                "SecurityGroupReferencingSupport": "disable",
                "MulticastSupport": "disable",
            },
        })
    },
    filters: &[
        "options.amazon-side-asn=Options.AmazonSideAsn",
        "options.association-default-route-table-id=Options.AssociationDefaultRouteTableId",
        "options.auto-accept-shared-attachments=Options.AutoAcceptSharedAttachments",
        "options.default-route-table-association=Options.DefaultRouteTableAssociation",
        "options.default-route-table-propagation=Options.DefaultRouteTablePropagation",
        "options.dns-support=Options.DnsSupport",
        "options.propagation-default-route-table-id=Options.PropagationDefaultRouteTableId",
        "options.vpn-ecmp-support=Options.VpnEcmpSupport",
        "owner-id",
        "state",
        "transit-gateway-id",
    ],
    keys: &[("ec2:transitGatewayId", "TransitGatewayId")],
    shared: true,
    fill,
    hidden: &[nat::CONFIGURATIONS],
    ..Family::of(&kind::TRANSIT_GATEWAY, "TransitGatewayId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        TRANSIT_GATEWAYS.create("CreateTransitGateway", &[]),
        TRANSIT_GATEWAYS.describe("DescribeTransitGateways"),
        TRANSIT_GATEWAYS.modify("ModifyTransitGateway", &["Options"], modify),
        TRANSIT_GATEWAYS.on_one(Operation::write(Service::Ec2, "DeleteTransitGateway", delete), &[]),
    ]
}

/// A gateway that is there and done.
pub fn ready(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    must_be_ready(cx, item::alive(world, cx, &kind::TRANSIT_GATEWAY, id)?)
}

/// The same, or one that another account shares with the caller.
pub fn usable(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    must_be_ready(cx, item::usable(world, cx, &kind::TRANSIT_GATEWAY, id)?)
}

fn must_be_ready(cx: &Cx, found: Arc<Item>) -> Result<Arc<Item>, ApiError> {
    match found.state(cx) {
        Some("available" | "modifying") => Ok(found),
        _ => Err(invalid_state(&found.id)),
    }
}

fn must_be_private(number: i64) -> Result<(), ApiError> {
    if is_private_asn(number) { Ok(()) } else { Err(invalid(number, "AmazonSideAsn")) }
}

/// "Must be a size /24 CIDR block or larger for IPv4, or a size /64 CIDR block or larger for IPv6": the same page.
fn block(text: &str) -> Result<String, ApiError> {
    let parsed = text.parse::<IpNet>().ok().filter(|block| match block {
        IpNet::V4(block) => block.prefix_len() <= 24,
        IpNet::V6(block) => block.prefix_len() <= 64,
    });
    parsed.map(|block| block.trunc().to_string()).ok_or_else(|| invalid(text, "TransitGatewayCidrBlocks"))
}

fn is_enabled(item: &Item, option: &str) -> bool {
    item.document.text(&format!("Options.{option}")) == Some("enable")
}

fn fill(cx: &Cx, tx: &mut Tx, _: &Document, item: &mut Item) -> Result<(), ApiError> {
    let held = || item::all(tx, cx, &kind::TRANSIT_GATEWAY).filter(|it| !it.is_deleted()).count();
    must_have_room(cx, held, 5, "TransitGatewayLimitExceeded", "transit gateways")?;
    must_be_private(item.document.number("Options.AmazonSideAsn").unwrap_or_default())?;
    let blocks: Vec<String> = item.document.texts(BLOCKS).iter().map(|text| block(text)).collect::<Result<_, _>>()?;
    if !blocks.is_empty() {
        item.document.set(BLOCKS, blocks);
    }
    if is_enabled(item, "DefaultRouteTableAssociation") || is_enabled(item, "DefaultRouteTablePropagation") {
        let table = table::make(cx, tx, &item.id);
        set_default(item, "DefaultRouteTableAssociation", ASSOCIATION, &table);
        set_default(item, "DefaultRouteTablePropagation", PROPAGATION, &table);
    }
    Ok(())
}

/// What is enabled has a table; one that was chosen before stays.
fn set_default(item: &mut Item, option: &str, member: &str, table: &str) {
    if !is_enabled(item, option) {
        remove_option(item, member);
    } else if item.document.text(member).is_none() {
        item.document.set(member, table);
    }
}

fn remove_option(item: &mut Item, member: &str) {
    let name = member.rsplit('.').next().unwrap_or(member);
    if let Some(options) = item.document.0.get_mut("Options").and_then(serde_json::Value::as_object_mut) {
        options.remove(name);
    }
}

/// The tables that new attachments are associated with and propagate to.
pub fn default_tables(gateway: &Item) -> (Option<String>, Option<String>) {
    let text = |member| gateway.document.text(member).map(str::to_owned);
    (text(ASSOCIATION), text(PROPAGATION))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGateway.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    ready(cx, tx, &item.id)?;
    let given = input.at("Options").cloned().map(Document::from).unwrap_or_default();
    if let Some(number) = given.number("AmazonSideAsn") {
        must_be_private(number)?;
        if !super::attachment::of_gateway(cx, tx, &item.id).is_empty() {
            return Err(incorrect_state(format!("{} has non-deleted Transit Gateway Attachments", item.id)));
        }
    }
    for member in ["AssociationDefaultRouteTableId", "PropagationDefaultRouteTableId"] {
        given.text(member).map_or(Ok(()), |id| table::of_gateway(cx, tx, &item.id, id).map(drop))?;
    }
    let mut kept = given.clone();
    for member in ["AddTransitGatewayCidrBlocks", "RemoveTransitGatewayCidrBlocks", "EncryptionSupport"] {
        kept.0.remove(member);
    }
    item.document.merge(&Document::from(json!({"Options": kept.0})));
    modify_blocks(&given, item)?;
    let (association, propagation) = default_tables(item);
    let lacks_one = |option, held: &Option<String>| is_enabled(item, option) && held.is_none();
    let lacks = lacks_one("DefaultRouteTableAssociation", &association)
        || lacks_one("DefaultRouteTablePropagation", &propagation);
    let table = match association.or(propagation) {
        Some(table) => table,
        None if lacks => table::make(cx, tx, &item.id),
        None => String::new(),
    };
    set_default(item, "DefaultRouteTableAssociation", ASSOCIATION, &table);
    set_default(item, "DefaultRouteTablePropagation", PROPAGATION, &table);
    item.stage = Some(Stage::begin(cx, "modifying", "available", 10));
    Ok(())
}

fn modify_blocks(given: &Document, item: &mut Item) -> Result<(), ApiError> {
    let mut blocks = item.document.texts(BLOCKS);
    let removed = given.texts("RemoveTransitGatewayCidrBlocks");
    blocks.retain(|held| !removed.contains(held));
    for text in given.texts("AddTransitGatewayCidrBlocks") {
        let added = block(&text)?;
        if !blocks.contains(&added) {
            blocks.push(added);
        }
    }
    match blocks.is_empty() {
        true => remove_option(item, BLOCKS),
        false => item.document.set(BLOCKS, blocks),
    }
    Ok(())
}

/// Attachments by their sort, as the refusal to delete a gateway names them.
const SORTS: [(&str, &str); 7] = [
    ("peering", "Transit Gateway Cross Region Peering Attachments"),
    ("vpn", "VPN Attachments"),
    ("vpn-concentrator", "VPN Concentrator Attachments"),
    ("client-vpn", "Client VPN Attachments"),
    ("network-function", "Network Function Attachments"),
    ("connect", "Transit Gateway Connect Attachments"),
    ("vpc", "Transit Gateway Attachments"),
];

/// Deletes a gateway that nothing is attached to; its route tables go with it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGateway.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(TRANSIT_GATEWAYS.id).unwrap_or_default();
    ready(cx, tx, id)?;
    let held = super::attachment::of_gateway(cx, tx, id);
    for (sort, words) in SORTS {
        let of_sort = held.iter().filter(|it| it.document.text("ResourceType") == Some(sort));
        let ids: Vec<&str> = of_sort.map(|it| it.id.as_str()).collect();
        if !ids.is_empty() {
            return Err(incorrect_state(format!("{id} has non-deleted {words}: {}.", ids.join(", "))));
        }
    }
    for inside in item::inside(tx, cx, id) {
        if let Some(family) = crate::family::of_id(&inside) {
            item::delete(tx, cx, family, &inside);
        }
    }
    item::delete(tx, cx, &TRANSIT_GATEWAYS, id);
    let item = item::get(tx, cx, &kind::TRANSIT_GATEWAY, id)?;
    Ok(answers::about(&TRANSIT_GATEWAYS, "DeleteTransitGateway", cx, tx, input, &item))
}
