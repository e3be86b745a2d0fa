//! Local gateways: each leads from one Outpost, AWS's hardware at a customer's place, into the network there.
//!
//! [`outpost`] is what comes with the hardware: the gateway, the groups of its links, and the interfaces by which the Outpost reaches its Region. The rest is
//! made: [`group`] and [`interface`] are where the gateway meets the customer's routers, [`table`] makes its route tables and [`route`] fills them,
//! [`association`] says which VPCs and which group use a table, [`coip`] are pools of the customer's own addresses.
//!
//! No subnet is on an Outpost here, so a network interface that a route leads to may be in any subnet of an associated VPC.
//! <https://docs.aws.amazon.com/outposts/latest/userguide/outposts-local-gateways.html>

use std::sync::Arc;

use service::prelude::*;

use super::Life;
use super::item::{self, Item};
use crate::kind::Kind;
use crate::refused::invalid_value;

pub mod association;
pub mod coip;
pub mod group;
pub mod interface;
pub mod outpost;
pub mod route;
pub mod table;
#[cfg(test)]
mod tests;

/// How long AWS takes is not known.
const SECONDS: i64 = 10;
const SHOWN_FOR: i64 = 3_600;

/// The states of what is made, in the member of that name.
const fn life(member: &'static str) -> Option<Life> {
    let words = ["pending", "available", "deleting", "deleted"];
    Some(Life { member, words, seconds: SECONDS, shown_for: SHOWN_FOR })
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    let modules = [
        association::operations(),
        coip::operations(),
        group::operations(),
        interface::operations(),
        outpost::operations(),
        route::operations(),
        table::operations(),
    ];
    modules.into_iter().flatten().collect()
}

/// Those of a kind that are in a resource.
fn inside(cx: &Cx, world: &World, id: &str, kind: &Kind) -> Vec<Arc<Item>> {
    let ids = item::inside(world, cx, id).into_iter().filter(|id| kind.is_id(id));
    ids.filter_map(|id| item::look_up(world, cx, &id)).collect()
}

fn ids(items: &[Arc<Item>]) -> Vec<String> {
    items.iter().map(|item| item.id.clone()).collect()
}

/// Copies members from another.
fn take_over(document: &mut Document, from: &Item, members: &[&str]) {
    for member in members {
        from.document.at(member).into_iter().for_each(|value| document.set(member, value.clone()));
    }
}

/// An autonomous system's number comes in one of two members, the second for the larger ones.
fn must_be_a_number(input: &Document, member: &str) -> Result<(), ApiError> {
    let extended = format!("{member}Extended");
    if input.at(member).is_some() && input.at(&extended).is_some() {
        let message = format!("The parameters {member} and {extended} cannot be used together");
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    for (name, most) in [(member, i64::from(i32::MAX)), (extended.as_str(), i64::from(u32::MAX) - 1)] {
        if let Some(number) = input.number(name).filter(|number| !(1..=most).contains(number)) {
            return Err(invalid_value(number, name));
        }
    }
    Ok(())
}
