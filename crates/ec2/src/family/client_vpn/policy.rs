//! The authorization policy of an endpoint: one document in the Cedar language, kept as it was given. No client ever connects, so it is never
//! evaluated; what is not Cedar is not refused.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyClientVpnEndpointAuthorizationPolicy.html>

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::endpoint::ENDPOINTS;
use super::named;
use crate::family::Item;
use crate::family::item::{self, Stage};
use crate::instance::client_token;

/// The member, shown nowhere, with the policy.
const POLICY: &str = "AuthorizationPolicy";
const TEXT: &str = "PolicyDocument";
const SHADOW: &str = "ShadowMode";
/// What a policy is while it goes.
const GOING: &str = "deleting";
/// What a policy is at last; no answer shows it.
const GONE: &str = "deleted";
/// About how many seconds AWS takes.
const SECONDS: i64 = 30;
const MODIFY: &str = "ModifyClientVpnEndpointAuthorizationPolicy";

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS.on_one(Operation::write(Service::Ec2, MODIFY, modify), &[TEXT, "Description", SHADOW]),
        ENDPOINTS.on_one(Operation::read(Service::Ec2, "GetClientVpnEndpointAuthorizationPolicy", get), &[]),
        ENDPOINTS.on_one(Operation::write(Service::Ec2, "DeleteClientVpnEndpointAuthorizationPolicy", delete), &[]),
    ]
}

/// The status of a policy. The answers have no word for one that is gone: it is told as going.
fn status(cx: &Cx, part: &Value) -> Option<String> {
    let state = Stage::of_part(cx, part)?;
    Some(if state == GONE { GOING.to_owned() } else { state })
}

/// Whether the policy of an endpoint is on its way out.
fn is_going(endpoint: &Item) -> bool {
    endpoint.document.at(POLICY).is_some_and(|part| Stage::ends_as(part, GONE))
}

/// The policy of an endpoint that has one.
fn held(cx: &Cx, endpoint: &Item) -> Option<Document> {
    let part = endpoint.document.at(POLICY)?;
    let is_gone = Stage::of_part(cx, part).as_deref() == Some(GONE);
    (!is_gone).then(|| Document::from(part.clone()))
}

fn none(endpoint: &Item) -> ApiError {
    let message = format!("Client VPN endpoint {} has no authorization policy.", endpoint.id);
    ApiError::new("InvalidClientVpnEndpointAuthorizationPolicyNotFound", message)
}

/// Puts the policy with what it is going to be; the answer.
fn put(cx: &Cx, tx: &mut Tx, endpoint: &Item, policy: Document, stage: Stage) -> Document {
    let mut part = Value::Object(policy.0);
    stage.note(&mut part);
    let status = status(cx, &part);
    item::update(tx, cx, &endpoint.id, |it| it.document.set(POLICY, part));
    Document::from(json!({"Status": status}))
}

/// "Values that you do not specify remain unchanged"; a first policy needs a document, and so does one after a policy that is going.
fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, tx, input)?;
    let before = held(cx, &endpoint).filter(|_| !is_going(&endpoint));
    let token = input.text("ClientToken");
    let given = [TEXT, "Description", SHADOW].map(|name| (name, input.text(name)));
    let digest = client_token::digest(&(&endpoint.id, given));
    let seen = client_token::seen(cx, tx, MODIFY, token, &digest)?;
    if seen.is_some() {
        held(cx, &endpoint).ok_or_else(|| none(&endpoint))?;
        let status = endpoint.document.at(POLICY).and_then(|part| status(cx, part));
        return Ok(Document::from(json!({"Status": status})));
    }
    if input.text(TEXT).is_some_and(|text| text.trim().is_empty()) {
        return Err(ApiError::new("InvalidParameterValue", "Value () for parameter PolicyDocument is invalid."));
    }
    if before.is_none() && input.text(TEXT).is_none() {
        return Err(crate::refused::missing(TEXT));
    }
    let first = if before.is_none() { "creating" } else { "updating" };
    let mut policy = before.unwrap_or_else(|| Document::from(json!({SHADOW: "disabled"})));
    for (name, value) in given {
        value.into_iter().for_each(|value| policy.set(name, value));
    }
    client_token::remember(cx, tx, MODIFY, token, digest, vec![endpoint.id.clone()]);
    Ok(put(cx, tx, &endpoint, policy, Stage::begin(cx, first, "active", SECONDS)))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetClientVpnEndpointAuthorizationPolicy.html>
fn get(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, world, input)?;
    let mut policy = held(cx, &endpoint).ok_or_else(|| none(&endpoint))?;
    policy.set("Status", endpoint.document.at(POLICY).and_then(|part| status(cx, part)));
    policy.set(ENDPOINTS.id, endpoint.id.as_str());
    Ok(policy)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteClientVpnEndpointAuthorizationPolicy.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, tx, input)?;
    let policy = held(cx, &endpoint).filter(|_| !is_going(&endpoint)).ok_or_else(|| none(&endpoint))?;
    Ok(put(cx, tx, &endpoint, policy, Stage::begin(cx, GOING, GONE, SECONDS)))
}
