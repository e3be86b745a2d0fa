//! What other operations ask: a VPC whose encryption is enforced takes nothing that could carry traffic that is not encrypted, unless it is excluded.
//!
//! That these are refused AWS documents; its code and words are not recorded, the code is the one that Amazon RDS documents for the same.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>

use std::sync::Arc;

use service::prelude::*;

use super::{EncryptionControl, Traffic, blocking, of};
use crate::family::peering::Side;
use crate::network::interface::NetworkInterface;

/// The control of a VPC, if it enforces.
fn enforcing(world: &World, account: AccountId, region: &str, vpc_id: &str) -> Option<Arc<EncryptionControl>> {
    of(world, account, region, vpc_id).filter(|held| held.enforcing)
}

/// The id of another account's control is that account's alone.
fn violation(cx: &Cx, control: &EncryptionControl, what: &str) -> ApiError {
    let id = if control.account == cx.account() { format!(" '{}'", control.id) } else { String::new() };
    let message = format!(
        "The operation violates the VPC encryption control{id} of VPC '{}', which is in enforce mode: {what}.",
        control.vpc_id
    );
    ApiError::new("VpcEncryptionControlViolation", message)
}

/// The VPC of the caller may have traffic of that sort.
pub fn may_have(cx: &Cx, world: &World, vpc_id: &str, traffic: Traffic) -> Result<(), ApiError> {
    must_allow(cx, enforcing(world, cx.account(), cx.region_name(), vpc_id), traffic)
}

fn must_allow(cx: &Cx, enforcing: Option<Arc<EncryptionControl>>, traffic: Traffic) -> Result<(), ApiError> {
    match enforcing {
        Some(held) if !held.excluded().contains(&traffic) => {
            let what = match traffic {
                Traffic::InternetGateway => "internet gateways are not excluded",
                Traffic::EgressOnlyInternetGateway => "egress-only internet gateways are not excluded",
                Traffic::NatGateway => "NAT gateways are not excluded",
                Traffic::VirtualPrivateGateway => "virtual private gateways are not excluded",
                Traffic::VpcPeering => "VPC peering connections are not excluded",
                _ => "the resource is not excluded",
            };
            Err(violation(cx, &held, what))
        }
        _ => Ok(()),
    }
}

/// One side, whoever's it is, may be peered with the other: that one is enforced too, or peering is excluded.
pub fn may_peer(cx: &Cx, world: &World, own: &Side, other: &Side) -> Result<(), ApiError> {
    if blocking::is_enforced(world, &own.region, other) {
        return Ok(());
    }
    must_allow(cx, enforcing(world, own.account, &own.region, &own.vpc_id), Traffic::VpcPeering)
}

/// Instances of that type may have interfaces in the VPC of the caller.
pub fn may_run(cx: &Cx, world: &World, vpc_id: &str, type_name: &str) -> Result<(), ApiError> {
    must_encrypt(cx, enforcing(world, cx.account(), cx.region_name(), vpc_id), type_name)
}

/// The interface, whoever's it is, may belong to an instance of that type.
pub fn may_carry(cx: &Cx, world: &World, interface: &NetworkInterface, type_name: &str) -> Result<(), ApiError> {
    must_encrypt(cx, enforcing(world, interface.account, &interface.region, &interface.vpc_id), type_name)
}

fn must_encrypt(cx: &Cx, enforcing: Option<Arc<EncryptionControl>>, type_name: &str) -> Result<(), ApiError> {
    match enforcing {
        Some(held) if !blocking::type_encrypts(type_name) => {
            Err(violation(cx, &held, &format!("instance type '{type_name}' does not support encryption in transit")))
        }
        _ => Ok(()),
    }
}

/// The VPC may have what nothing can exclude.
pub fn may_have_balancer(cx: &Cx, world: &World, vpc_id: &str) -> Result<(), ApiError> {
    match enforcing(world, cx.account(), cx.region_name(), vpc_id) {
        Some(held) => Err(violation(cx, &held, "Gateway Load Balancer endpoints are not supported")),
        None => Ok(()),
    }
}
