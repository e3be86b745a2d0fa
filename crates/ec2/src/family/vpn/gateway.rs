//! VPN gateways (virtual private gateways): each is attached to one VPC at most, and tells the route tables that want it which routes its
//! connections have. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnGateway.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::route;
use crate::family::item::{self, Stage};
use crate::family::{Family, Item, Life, answers};
use crate::kind;
use crate::network::encryption_control::{Traffic, enforce};
use crate::network::must_have_room;
use crate::network::route_table::association::{different_networks, no_such_gateway};
use crate::network::route_table::{Origin, Route, RouteTable};
use crate::network::vpc::Vpc;
use crate::resource;

/// The member with the VPCs it is or was attached to.
const ATTACHMENTS: &str = "VpcAttachments";
/// About how long an attachment takes to come or go.
const SECONDS: i64 = 15;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnGateway.html>
pub static VPN_GATEWAYS: Family = Family {
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 0,
        shown_for: 3_600,
    }),
    besides: &[("VpcId", &kind::VPC)],
    filters: &[
        "amazon-side-asn",
        "attachment.state=VpcAttachments.State",
        "attachment.vpc-id=VpcAttachments.VpcId",
        "availability-zone",
        "state",
        "type",
        "vpn-gateway-id",
    ],
    fill,
    see: |cx, _, item, shown| shown.set(ATTACHMENTS, attachments(cx, item)),
    release: |_, _, item| match vpc_of(item) {
        Some(_) => Err(in_use()),
        None => Ok(()),
    },
    blocked: |_, _| in_use(),
    ..Family::of(&kind::VPN_GATEWAY, "VpnGatewayId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let on_both = |row| VPN_GATEWAYS.on_one(row, &["VpcId"]);
    vec![
        VPN_GATEWAYS.create("CreateVpnGateway", &[]),
        VPN_GATEWAYS.describe("DescribeVpnGateways"),
        VPN_GATEWAYS.delete("DeleteVpnGateway"),
        on_both(Operation::write(Service::Ec2, "AttachVpnGateway", attach)),
        on_both(Operation::write(Service::Ec2, "DetachVpnGateway", detach)),
        propagation(Operation::write(Service::Ec2, "EnableVgwRoutePropagation", enable)),
        propagation(Operation::write(Service::Ec2, "DisableVgwRoutePropagation", disable)),
    ]
}

/// A row that must be allowed on the route table and on the gateway.
fn propagation(row: service::operation::Row<Document>) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        vec![
            resource::check_on::<RouteTable>(cx, world, input.text("RouteTableId").unwrap_or_default()),
            VPN_GATEWAYS.check_on(cx, world, input.text("GatewayId").unwrap_or_default()),
        ]
    })
    .honours(|model, operation| answers::honoured(model, operation, &VPN_GATEWAYS, &["RouteTableId", "GatewayId"]))
    .build()
}

fn in_use() -> ApiError {
    ApiError::new("IncorrectState", "The VPN gateway is in use.")
}

/// Numbers of autonomous systems for private use. <https://www.rfc-editor.org/rfc/rfc6996>
pub fn is_private_asn(number: i64) -> bool {
    (64_512..=65_534).contains(&number) || (4_200_000_000..=4_294_967_294).contains(&number)
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let number = input.number("AmazonSideAsn").unwrap_or(64_512);
    if !is_private_asn(number) {
        let message = format!("Value ({number}) for parameter amazonSideAsn is invalid.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if let Some(zone) = input.text("AvailabilityZone").filter(|zone| cx.region.zone(zone).is_none()) {
        let message = format!("Value ({zone}) for parameter availabilityZone is invalid.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let held = || item::all(tx, cx, &kind::VPN_GATEWAY).filter(|it| !it.is_deleted()).count();
    must_have_room(cx, held, 5, "VpnGatewayLimitExceeded", "virtual private gateways")?;
    item.stage = Some(Stage::begin(cx, "available", "available", 0));
    item.document.set("AmazonSideAsn", number);
    item.document.set(ATTACHMENTS, Vec::<Value>::new());
    Ok(())
}

/// The VPC a gateway is attached to.
pub fn vpc_of(item: &Item) -> Option<&str> {
    item.within.first().map(String::as_str)
}

/// The gateway of a VPC.
fn of_vpc(cx: &Cx, world: &World, vpc_id: &str) -> Option<String> {
    item::inside(world, cx, vpc_id).into_iter().find(|id| kind::VPN_GATEWAY.is_id(id))
}

fn attachments(cx: &Cx, item: &Item) -> Vec<Value> {
    let shown = |part: &Value| json!({"VpcId": part.get("VpcId"), "State": Stage::of_part(cx, part)});
    item.document.list(ATTACHMENTS).iter().map(shown).collect()
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    item::alive(world, cx, &kind::VPN_GATEWAY, input.text(VPN_GATEWAYS.id).unwrap_or_default())
}

/// Attaches a gateway; one that is attached there already is answered again.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVpnGateway.html>
fn attach(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let gateway = named(cx, tx, input)?;
    let vpc = resource::get::<Vpc>(tx, cx, input.text("VpcId").unwrap_or_default())?;
    match vpc_of(&gateway) {
        Some(held) if held != vpc.id => {
            let message = "The maximum number of virtual private gateway attachments has been reached.";
            return Err(ApiError::new("VpnGatewayAttachmentLimitExceeded", message));
        }
        Some(_) => {}
        None => {
            if let Some(other) = of_vpc(cx, tx, &vpc.id) {
                let message = format!("VPC {} is currently attached to the Virtual Private Gateway {other}", vpc.id);
                return Err(ApiError::new("InvalidVpcState", message));
            }
            enforce::may_have(cx, tx, &vpc.id, Traffic::VirtualPrivateGateway)?;
            let stage = Stage::begin(cx, "attaching", "attached", SECONDS);
            item::update(tx, cx, &gateway.id, |it| {
                put(it, &vpc.id, stage);
                it.within = vec![vpc.id.clone()];
            });
        }
    }
    let attached = named(cx, tx, input)?;
    Ok(Document::from(json!({"VpcAttachment": attachments(cx, &attached).pop()})))
}

fn put(item: &mut Item, vpc_id: &str, stage: Stage) {
    let mut attachment = json!({"VpcId": vpc_id});
    stage.note(&mut attachment);
    item.document.set(ATTACHMENTS, vec![attachment]);
}

/// Detaches a gateway; no table propagates its routes any more, and routes to it lead nowhere.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVpnGateway.html>
fn detach(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let gateway = named(cx, tx, input)?;
    let vpc_id = input.text("VpcId").unwrap_or_default();
    if vpc_of(&gateway) != Some(vpc_id) {
        let message =
            format!("The attachment with vpn gateway ID '{}' and vpc ID '{vpc_id}' does not exist", gateway.id);
        return Err(ApiError::new("InvalidVpnGatewayAttachment.NotFound", message));
    }
    let stage = Stage::begin(cx, "detaching", "detached", SECONDS);
    item::update(tx, cx, &gateway.id, |it| {
        put(it, vpc_id, stage);
        it.within.clear();
    });
    let parts = [cx.account().as_str().to_owned(), cx.region_name().to_owned(), vpc_id.to_owned()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let tables: Vec<String> = tx.by::<RouteTable>(RouteTable::BY_VPC, &parts).map(|table| table.id.clone()).collect();
    for table in tables {
        resource::update::<RouteTable>(tx, cx, &table, |table| {
            table.propagating.retain(|id| *id != gateway.id);
            table.associations.retain(|one| one.gateway_id.as_deref() != Some(&gateway.id));
        });
    }
    Ok(Document::default())
}

/// The table and the gateway of a request about propagation.
fn ends(cx: &Cx, world: &World, input: &Document) -> Result<(Arc<RouteTable>, Arc<Item>), ApiError> {
    let table = resource::get::<RouteTable>(world, cx, input.text("RouteTableId").unwrap_or_default())?;
    let id = input.text("GatewayId").unwrap_or_default();
    let gateway = item::alive(world, cx, &kind::VPN_GATEWAY, id).map_err(|_| no_such_gateway(id))?;
    Ok((table, gateway))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableVgwRoutePropagation.html>
fn enable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (table, gateway) = ends(cx, tx, input)?;
    match vpc_of(&gateway) {
        None => {
            let message = format!("resource {} is not attached to network {}", gateway.id, table.vpc_id);
            return Err(ApiError::new("Gateway.NotAttached", message));
        }
        Some(vpc) if vpc != table.vpc_id => return Err(different_networks(&table.id, "network gateway", &gateway.id)),
        Some(_) => {}
    }
    resource::update::<RouteTable>(tx, cx, &table.id, |table| {
        if !table.propagating.contains(&gateway.id) {
            table.propagating.push(gateway.id.clone());
        }
    });
    Ok(Document::default())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableVgwRoutePropagation.html>
fn disable(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (table, gateway) = ends(cx, tx, input)?;
    resource::update::<RouteTable>(tx, cx, &table.id, |table| table.propagating.retain(|id| *id != gateway.id));
    Ok(Document::default())
}

/// The routes that a table has of the gateways it lets propagate: the table's own to the same block goes first.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html#route-tables-priority>
pub fn propagated(cx: &Cx, world: &World, table: &RouteTable) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for id in &table.propagating {
        for destination in route::of_gateway(cx, world, id) {
            let held = table.routes.iter().chain(&routes).any(|route| route.destination == destination);
            if !held {
                routes.push(Route {
                    destination,
                    gateway_id: Some(id.clone()),
                    network_interface_id: None,
                    origin: Origin::EnableVgwRoutePropagation,
                });
            }
        }
    }
    routes
}
