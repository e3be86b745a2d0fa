//! Authorization rules: which clients an endpoint lets into which network.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeClientVpnIngress.html>

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::endpoint::ENDPOINTS;
use super::{named, parts, status, text};
use crate::family::answers;
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Stage};
use crate::network::cidr;

/// The member, shown nowhere, with the rules.
const RULES: &str = "Rules";
const DESTINATION: &str = "DestinationCidr";
const GROUP: &str = "GroupId";
/// What a rule is at last; no answer shows it.
const GONE: &str = "revoked";
/// About how many seconds AWS takes.
const SECONDS: i64 = 30;

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS.on_one(
            Operation::write(Service::Ec2, "AuthorizeClientVpnIngress", authorize),
            &["TargetNetworkCidr", "AccessGroupId", "AuthorizeAllGroups", "Description"],
        ),
        ENDPOINTS.on_one(
            Operation::write(Service::Ec2, "RevokeClientVpnIngress", revoke),
            &["TargetNetworkCidr", "AccessGroupId", "RevokeAllGroups"],
        ),
        ENDPOINTS
            .on_one(Operation::read(Service::Ec2, "DescribeClientVpnAuthorizationRules", list), answers::DESCRIBING),
    ]
}

/// The network and the group of a request; no group stands for all clients.
fn wanted(input: &Document, all: &str) -> Result<(String, String), ApiError> {
    let block = cidr::ipv4(input.text("TargetNetworkCidr").unwrap_or_default(), "TargetNetworkCidr")?.to_string();
    match (input.text("AccessGroupId"), input.truth(all)) {
        (Some(_), Some(true)) => {
            let message = format!("AccessGroupId and {all} cannot be specified together.");
            Err(ApiError::new("InvalidParameterCombination", message))
        }
        (Some(group), _) => Ok((block, group.to_owned())),
        (None, Some(true)) => Ok((block, String::new())),
        (None, _) => Err(crate::refused::missing("AccessGroupId")),
    }
}

fn position(held: &[Value], block: &str, group: &str) -> Option<usize> {
    let is_it =
        |rule: &Value| text(rule, DESTINATION) == block && text(rule, GROUP) == group && !Stage::ends_as(rule, GONE);
    held.iter().position(is_it)
}

fn authorize(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, tx, input)?;
    let (block, group) = wanted(input, "AuthorizeAllGroups")?;
    let mut held = parts(cx, &endpoint, RULES, GONE);
    let token = input.text("ClientToken");
    if let Some(rule) = position(&held, &block, &group).and_then(|at| held.get(at)) {
        if token.is_some() && rule.get("Token").and_then(Value::as_str) == token {
            return Ok(Document::from(json!({"Status": status(cx, rule)})));
        }
        let message = format!("Authorization rule for {block} already exists.");
        return Err(ApiError::new("InvalidClientVpnDuplicateAuthorizationRule", message));
    }
    let mut rule = json!({DESTINATION: block, GROUP: group, "AccessAll": group.is_empty(),
        "Description": input.text("Description"), "Token": token});
    Stage::begin(cx, "authorizing", "active", SECONDS).note(&mut rule);
    let answer = json!({"Status": status(cx, &rule)});
    held.push(rule);
    item::update(tx, cx, &endpoint.id, |it| it.document.set(RULES, held));
    Ok(Document::from(answer))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeClientVpnIngress.html>
fn revoke(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, tx, input)?;
    let (block, group) = wanted(input, "RevokeAllGroups")?;
    let mut held = parts(cx, &endpoint, RULES, GONE);
    let Some(rule) = position(&held, &block, &group).and_then(|at| held.get_mut(at)) else {
        let message = format!("Authorization rule for {block} does not exist.");
        return Err(ApiError::new("InvalidClientVpnEndpointAuthorizationRuleNotFound", message));
    };
    Stage::begin(cx, "revoking", GONE, SECONDS).note(rule);
    let answer = json!({"Status": status(cx, rule)});
    item::update(tx, cx, &endpoint.id, |it| it.document.set(RULES, held));
    Ok(Document::from(answer))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeClientVpnAuthorizationRules.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, world, input)?;
    let mut seen: Vec<Seen> = parts(cx, &endpoint, RULES, GONE)
        .into_iter()
        .map(|rule| {
            let id = format!("{} {}", text(&rule, DESTINATION), text(&rule, GROUP));
            let mut shown = Document::from(rule.clone());
            shown.set(ENDPOINTS.id, endpoint.id.as_str());
            shown.set("Status", status(cx, &rule));
            Seen { id, shown, tags: Vec::new() }
        })
        .collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let known = &["description", "destination-cidr", "group-id"];
    let page = describe::choose(&endpoint.id, input, known, seen.into_iter())?;
    Ok(Document::from(json!({"AuthorizationRules": page.items, "NextToken": page.next})))
}
