//! Route servers: what appliances in a VPC tell them by BGP they write into route tables. No appliance speaks here, so no route is ever learned; what is
//! kept is which server serves which VPC, its endpoints in subnets and their peers, and which tables it may write to.
//!
//! [`link`] associates servers with VPCs and tables, [`endpoint`] has endpoints and peers.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/dynamic-routing-route-server.html>

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::item::{Item, Stage};
use super::{Family, Life, answers};
use crate::kind;
use crate::refused::invalid_value;

pub mod endpoint;
pub mod link;
#[cfg(test)]
mod tests;

/// A member, shown nowhere: the state of what keeps routes.
const PERSISTENCE: &str = "Persistence";
/// About how long a change takes.
const SECONDS: i64 = 30;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteServer.html>
pub static ROUTE_SERVERS: Family = Family {
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: SECONDS,
        shown_for: 3_600,
    }),
    defaults: |_| json!({"SnsNotificationsEnabled": false}),
    filters: &[],
    fill,
    see: |cx, _, item, shown| {
        let state = item.document.at(PERSISTENCE).and_then(|part| Stage::of_part(cx, part));
        shown.set("PersistRoutesState", state.unwrap_or_else(|| "disabled".to_owned()));
    },
    release: link::must_be_free,
    blocked: |item, inside| incorrect_state(format!("Route Server {} has endpoints: {}.", item.id, inside.join(", "))),
    ..Family::of(&kind::ROUTE_SERVER, "RouteServerId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        ROUTE_SERVERS.create("CreateRouteServer", &["PersistRoutes"]),
        ROUTE_SERVERS.describe("DescribeRouteServers"),
        ROUTE_SERVERS.modify("ModifyRouteServer", &["PersistRoutes"], modify),
        ROUTE_SERVERS.delete("DeleteRouteServer"),
        ROUTE_SERVERS
            .on_one(Operation::read(Service::Ec2, "GetRouteServerRoutingDatabase", routes), answers::DESCRIBING),
    ];
    operations.extend(link::operations());
    operations.extend(endpoint::operations());
    operations
}

fn incorrect_state(message: impl Into<String>) -> ApiError {
    ApiError::new("IncorrectState", message.into())
}

/// "Valid values are from 1 to 4294967295": CreateRouteServer's page.
fn must_be_asn(number: i64, parameter: &str) -> Result<(), ApiError> {
    if (1..=4_294_967_295).contains(&number) { Ok(()) } else { Err(invalid_value(number, parameter)) }
}

fn fill(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_be_asn(input.number("AmazonSideAsn").unwrap_or_default(), "AmazonSideAsn")?;
    persist(cx, input, item)?;
    if let Some(mut part) = item.document.at(PERSISTENCE).cloned() {
        // A new one has it at once: the Terraform provider, which is tested against AWS, reads it in the first answer.
        Stage::begin(cx, "enabled", "enabled", SECONDS).note(&mut part);
        item.document.set(PERSISTENCE, part);
    }
    Ok(())
}

/// What becomes of routes when all sessions are over: kept for so many minutes, or not.
fn persist(cx: &Cx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let minutes = input.number("PersistRoutesDuration");
    if let Some(minutes) = minutes.filter(|minutes| !(1..=5).contains(minutes)) {
        return Err(invalid_value(minutes, "PersistRoutesDuration"));
    }
    let held = item.document.at(PERSISTENCE).and_then(|part| Stage::of_part(cx, part));
    let is_on = matches!(held.as_deref(), Some("enabled" | "enabling" | "modifying"));
    let (first, then) = match (input.text("PersistRoutes"), is_on) {
        (Some("enable"), false) => ("enabling", "enabled"),
        (Some("enable"), true) => ("modifying", "enabled"),
        (Some("disable"), true) => ("disabling", "disabled"),
        (Some("disable"), false) => {
            item.document.0.remove("PersistRoutesDuration");
            return Ok(());
        }
        (Some("reset"), true) => ("resetting", "enabled"),
        (Some("reset"), false) => {
            return Err(incorrect_state(format!("Route persistence is not enabled on {}.", item.id)));
        }
        (None, true) if minutes.is_some() => ("modifying", "enabled"),
        (None, false) if minutes.is_some() => {
            let message = "PersistRoutesDuration cannot be specified unless PersistRoutes is enabled.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        _ => return Ok(()),
    };
    let mut part = json!({});
    Stage::begin(cx, first, then, SECONDS).note(&mut part);
    item.document.set(PERSISTENCE, part);
    match then {
        "enabled" if item.document.number("PersistRoutesDuration").is_none() => {
            item.document.set("PersistRoutesDuration", minutes.unwrap_or(1));
        }
        "enabled" => {}
        _ => drop(item.document.0.remove("PersistRoutesDuration")),
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyRouteServer.html>
fn modify(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_be_ready(cx, item)?;
    persist(cx, input, item)?;
    item.stage = Some(Stage::begin(cx, "modifying", "available", SECONDS));
    Ok(())
}

fn must_be_ready(cx: &Cx, item: &Item) -> Result<(), ApiError> {
    match item.state(cx) {
        Some("available" | "modifying") => Ok(()),
        Some(state) => Err(incorrect_state(format!("Route Server {} is in the state {state}.", item.id))),
        None => Ok(()),
    }
}

/// What the peers told: no peer ever speaks. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetRouteServerRoutingDatabase.html>
fn routes(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let server = ROUTE_SERVERS.alive(cx, world, input.text(ROUTE_SERVERS.id).unwrap_or_default())?;
    let none: Vec<super::describe::Seen> = Vec::new();
    let page = super::describe::choose(&format!("routes {}", server.id), input, &[], none.into_iter())?;
    let routes: Vec<Value> = page.items;
    Ok(Document::from(json!({"AreRoutesPersisted": false, "Routes": routes, "NextToken": page.next})))
}
