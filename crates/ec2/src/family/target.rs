//! Families whose resources routes can lead to. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>

use std::sync::Arc;

use service::prelude::*;

use super::item::{self, Item};
use crate::kind;

/// The resource that a parameter of a route names, if it is there.
pub fn look_up(world: &World, cx: &Cx, parameter: &str, id: &str) -> Option<Arc<Item>> {
    let kind = match parameter {
        "carrierGatewayId" => &kind::CARRIER_GATEWAY,
        "egressOnlyInternetGatewayId" => &kind::EGRESS_ONLY_INTERNET_GATEWAY,
        "natGatewayId" => &kind::NAT_GATEWAY,
        "vpcEndpointId" => &kind::VPC_ENDPOINT,
        "vpcPeeringConnectionId" => &kind::VPC_PEERING_CONNECTION,
        _ => return None,
    };
    item::alive(world, cx, kind, id).ok()
}

/// Whether it is in the VPC, or one of its ends.
pub fn serves(item: &Item, vpc_id: &str) -> bool {
    let members = ["VpcId", "AccepterVpcInfo.VpcId", "RequesterVpcInfo.VpcId"];
    item.within.iter().any(|id| id == vpc_id) || members.iter().any(|path| item.document.text(path) == Some(vpc_id))
}

/// Whether it takes traffic now; a kind without states always does.
pub fn works(cx: &Cx, world: &World, id: &str) -> bool {
    let Some(item) = item::look_up(world, cx, id).filter(|item| !item.is_deleted()) else { return false };
    let Some(family) = super::of_id(id) else { return false };
    let shown = family.shown(cx, world, &item);
    let state = shown.text("State").or_else(|| shown.text("Status.Code"));
    state.is_none_or(|state| matches!(state.to_ascii_lowercase().as_str(), "available" | "active"))
}
