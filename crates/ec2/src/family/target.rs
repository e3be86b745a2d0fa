//! Families whose resources routes can lead to. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>

use std::sync::Arc;

use service::prelude::*;

use super::item::{self, Item};
use super::{local_gateway, transit};
use crate::kind;

/// The resource that a parameter of a route names, if it is there.
pub fn look_up(world: &World, cx: &Cx, parameter: &str, id: &str) -> Option<Arc<Item>> {
    let kind = match parameter {
        "carrierGatewayId" => &kind::CARRIER_GATEWAY,
        "gatewayId" => &kind::VPN_GATEWAY,
        "localGatewayId" => &kind::LOCAL_GATEWAY,
        "egressOnlyInternetGatewayId" => &kind::EGRESS_ONLY_INTERNET_GATEWAY,
        "transitGatewayId" => &kind::TRANSIT_GATEWAY,
        "natGatewayId" => &kind::NAT_GATEWAY,
        "vpcEndpointId" => &kind::VPC_ENDPOINT,
        "vpcPeeringConnectionId" => &kind::VPC_PEERING_CONNECTION,
        _ => return None,
    };
    // Of endpoints only those of Gateway Load Balancers; gateway endpoints make their own routes.
    let leads = |item: &Arc<Item>| {
        kind != &kind::VPC_ENDPOINT || item.document.text("VpcEndpointType") == Some("GatewayLoadBalancer")
    };
    if kind == &kind::TRANSIT_GATEWAY {
        return item::usable(world, cx, kind, id).ok();
    }
    item::alive(world, cx, kind, id).ok().filter(leads)
}

/// Whether it is in the VPC, attached to it, or one of its ends.
pub fn serves(cx: &Cx, world: &World, item: &Item, vpc_id: &str) -> bool {
    if kind::TRANSIT_GATEWAY.is_id(&item.id) {
        return transit::vpc::leads(cx, world, &item.id, vpc_id);
    }
    if kind::LOCAL_GATEWAY.is_id(&item.id) {
        return local_gateway::association::leads(cx, world, &item.id, vpc_id);
    }
    let members = ["VpcId", "AccepterVpcInfo.VpcId", "RequesterVpcInfo.VpcId"];
    item.within.iter().any(|id| id == vpc_id) || members.iter().any(|path| item.document.text(path) == Some(vpc_id))
}

/// Whether it takes traffic of the VPC now; a kind without states always does.
pub fn leads(cx: &Cx, world: &World, id: &str, vpc_id: &str) -> bool {
    // An attached VPC keeps its way through a gateway that is no longer shared.
    if kind::TRANSIT_GATEWAY.is_id(id) {
        return transit::vpc::leads(cx, world, id, vpc_id);
    }
    let item = item::look_up(world, cx, id).filter(|item| !item.is_deleted() && serves(cx, world, item, vpc_id));
    let works = |state: &str| matches!(state, "available" | "active" | "modifying");
    item.is_some_and(|item| item.state(cx).is_none_or(works))
}
