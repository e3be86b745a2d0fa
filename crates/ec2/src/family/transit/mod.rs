//! Transit gateways: hubs that VPCs, VPN connections and other transit gateways are attached to, with route tables of their own.
//!
//! [`gateway`] makes hubs; [`attachment`] is what all attachments have in common, [`vpc`], [`peering`], [`vpn`], [`client_vpn`], [`connect`] and
//! [`network_function`] are sorts of them; [`table`] makes route tables, [`link`] says who uses and who fills one, [`route`] and [`reference`] what is in it, [`search`] and
//! [`export`] tell it, [`announcement`] what a peer tells of its own; [`nat`] translates addresses; [`policy`] chooses among tables, [`metering`] says whom traffic is charged to, [`domain`] and
//! [`group`] are multicast.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/what-is-transit-gateway.html>

use serde_json::Value;
use service::prelude::*;

pub mod announcement;
pub mod attachment;
pub mod client_vpn;
pub mod connect;
pub mod domain;
pub mod export;
pub mod gateway;
pub mod group;
pub mod link;
pub mod metering;
pub mod nat;
pub mod network_function;
pub mod peering;
pub mod policy;
pub mod reference;
pub mod route;
pub mod search;
pub mod table;
#[cfg(test)]
mod tests;
pub mod vpc;
pub mod vpn;

/// The operations on transit gateways.
pub fn operations() -> Vec<Operation> {
    let modules = [
        announcement::operations(),
        attachment::operations(),
        client_vpn::operations(),
        connect::operations(),
        domain::operations(),
        export::operations(),
        gateway::operations(),
        group::operations(),
        link::operations(),
        metering::operations(),
        nat::operations(),
        network_function::operations(),
        peering::operations(),
        policy::operations(),
        reference::operations(),
        route::operations(),
        search::operations(),
        table::operations(),
        vpc::operations(),
    ];
    modules.into_iter().flatten().collect()
}

/// How AWS refuses what is not ready, or not free.
fn incorrect_state(message: impl Into<String>) -> ApiError {
    ApiError::new("IncorrectState", message.into())
}

fn invalid_state(id: &str) -> ApiError {
    incorrect_state(format!("{id} is in invalid state"))
}

/// How AWS refuses a value.
fn invalid(value: impl std::fmt::Display, parameter: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Value ({value}) for parameter {parameter} is invalid."))
}

/// The text of a member of a part of a document.
fn text<'v>(part: &'v Value, name: &str) -> &'v str {
    part.get(name).and_then(Value::as_str).unwrap_or_default()
}
