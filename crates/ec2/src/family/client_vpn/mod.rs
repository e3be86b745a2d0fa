//! Client VPN endpoints: what clients connect to, the subnets they get into, the routes they take, and the rules that let them.
//!
//! [`endpoint`] declares endpoints, [`network`] their subnets, [`route`] their routes, [`rule`] and [`policy`] who may go where, [`revocation`] which certificates
//! are revoked; [`connection`] lists the clients, of which there never are any. <https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/what-is.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::prelude::*;

use super::Item;
use super::item::{self, Stage};
use crate::kind;

pub mod connection;
pub mod endpoint;
pub mod network;
pub mod policy;
mod profile;
pub mod revocation;
pub mod route;
pub mod rule;
#[cfg(test)]
mod tests;

/// The operations on Client VPN endpoints.
pub fn operations() -> Vec<Operation> {
    let modules = [
        connection::operations(),
        endpoint::operations(),
        network::operations(),
        policy::operations(),
        profile::operations(),
        revocation::operations(),
        route::operations(),
        rule::operations(),
    ];
    modules.into_iter().flatten().collect()
}

/// The endpoint that a request names.
fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    item::alive(world, cx, &kind::CLIENT_VPN_ENDPOINT, input.text(endpoint::ENDPOINTS.id).unwrap_or_default())
}

/// The text of a member of a part of a document.
fn text<'v>(part: &'v Value, name: &str) -> &'v str {
    part.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The status of a part, as answers show it.
fn status(cx: &Cx, part: &Value) -> Value {
    json!({"Code": Stage::of_part(cx, part)})
}

/// The parts of an endpoint under a member that have not come to that last state.
fn parts(cx: &Cx, item: &Item, member: &str, gone: &str) -> Vec<Value> {
    let mut held = item.document.list(member);
    held.retain(|part| Stage::of_part(cx, part).as_deref() != Some(gone));
    held
}
