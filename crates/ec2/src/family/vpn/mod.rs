//! Site-to-Site VPN: the gateways on AWS's side, connections from them to customer gateways, and what routes these bring into route tables.
//!
//! [`gateway`] attaches gateways to VPCs and lets them propagate routes; [`connection`] declares connections, [`tunnel`] their tunnels, [`route`]
//! their static routes, [`change`] what can be changed; [`concentrator`] joins many of them, [`device`] tells how to set up the other end. No packet is ever sent: a tunnel is down, as at AWS before the customer's device answers.
//! <https://docs.aws.amazon.com/vpn/latest/s2svpn/how_it_works.html>

use service::prelude::*;

pub mod change;
pub mod concentrator;
mod configuration;
pub mod connection;
mod device;
pub mod gateway;
pub mod route;
#[cfg(test)]
mod tests;
mod tunnel;

/// The operations on VPN gateways and connections.
pub fn operations() -> Vec<Operation> {
    let modules = [
        change::operations(),
        concentrator::operations(),
        connection::operations(),
        device::operations(),
        gateway::operations(),
        route::operations(),
    ];
    modules.into_iter().flatten().collect()
}

/// How AWS refuses a value of a connection's options.
fn invalid(parameter: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Value for parameter {parameter} is invalid."))
}
