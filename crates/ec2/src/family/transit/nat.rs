//! NAT of attachments: rules by which a gateway translates the addresses of what comes from an attachment, and the routes to the addresses it gives
//! them. The gateway's own record holds it, since it is its owner's alone.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayAttachmentNatConfiguration.html>

use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::attachment::{self, ATTACHMENTS, ID};
use super::{incorrect_state, invalid, text};
use crate::family::Item;
use crate::family::item::{self, Stage};

/// A member of gateways, shown nowhere: the configurations of their attachments.
pub const CONFIGURATIONS: &str = "NatConfigurations";
const SUPPORT: &str = "NatGatewaySupport";
const SYSTEM_ROUTES: &str = "NatSystemRouteSupport";
const RULES: &str = "NatGatewayRules";
const RESET: &str = "ResetNatGatewayRules";
const NUMBER: &str = "RuleNumber";
const SOURCE: &str = "MatchSourceCidr";
const TRANSLATED: &str = "NatCidr";
/// What a rule that was replaced is at last; no answer shows it.
const GONE: &str = "deleted";
/// How many rules an attachment can have here; AWS writes of no number.
const MOST_RULES: usize = 1_000;
/// About how many seconds AWS takes.
const SECONDS: i64 = 30;

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ATTACHMENTS.on_one(Operation::read(Service::Ec2, "GetTransitGatewayAttachmentNatConfiguration", get), &[]),
        ATTACHMENTS.on_one(
            Operation::write(Service::Ec2, "ModifyTransitGatewayAttachmentNatConfiguration", modify),
            &[SUPPORT, SYSTEM_ROUTES, RULES, RESET],
        ),
    ]
}

/// An attachment, and the gateway with it, which has to be the caller's.
fn named(cx: &Cx, world: &World, input: &Document) -> Result<(Arc<Item>, Arc<Item>), ApiError> {
    let found = attachment::ready(cx, world, input.text(ID).unwrap_or_default())?;
    let sort = found.document.text("ResourceType").unwrap_or_default();
    if !matches!(sort, "vpc" | "vpn" | "vpn-concentrator") {
        let message = format!("NAT gateway support is not available for attachments of type {sort}.");
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    let gateway = found.document.text("TransitGatewayId").and_then(|id| item::look_up(world, cx, id));
    let gateway = gateway.ok_or_else(|| {
        let message = "Only the owner of the transit gateway can use the NAT configuration of an attachment.";
        ApiError::new("OperationNotPermitted", message)
    })?;
    Ok((found, gateway))
}

/// The configuration of an attachment, as it was left.
fn held(gateway: &Item, id: &str) -> Document {
    let all = gateway.document.at(CONFIGURATIONS).and_then(Value::as_array);
    let found = all.and_then(|all| all.iter().find(|part| text(part, ID) == id));
    found.cloned().map(Document::from).unwrap_or_default()
}

/// Takes an attachment's configuration from its gateway.
pub fn forget(gateway: &mut Item, id: &str) {
    if let Some(Value::Array(all)) = gateway.document.0.get_mut(CONFIGURATIONS) {
        all.retain(|part| text(part, ID) != id);
    }
}

fn support(cx: &Cx, configuration: &Document) -> String {
    let part = Value::Object(configuration.0.clone());
    Stage::of_part(cx, &part).unwrap_or_else(|| "disabled".to_owned())
}

/// Whether routes are dynamic, and so can be left out: "Direct Connect gateway attachments and Site-to-Site VPN attachments that use dynamic routing".
fn is_dynamic(cx: &Cx, world: &World, attachment: &Item) -> bool {
    let connection = attachment.document.text("ResourceId").and_then(|id| item::look_up(world, cx, id));
    let is_fixed = connection.is_some_and(|it| it.document.truth("Options.StaticRoutesOnly") == Some(true));
    attachment.document.text("ResourceType") != Some("vpc") && !is_fixed
}

/// Whether routes to the translated addresses are made: always for VPCs, else as was chosen.
fn system_routes<'c>(cx: &Cx, world: &World, attachment: &Item, configuration: &'c Document) -> &'c str {
    match attachment.document.text("ResourceType") {
        Some("vpc") => "enable",
        _ if !is_dynamic(cx, world, attachment) => "disable",
        _ => configuration.text(SYSTEM_ROUTES).unwrap_or("enable"),
    }
}

fn rules(cx: &Cx, configuration: &Document) -> Vec<Value> {
    let mut rules = configuration.list(RULES);
    rules.retain(|rule| Stage::of_part(cx, rule).as_deref() != Some(GONE));
    rules
}

fn shown(cx: &Cx, world: &World, attachment: &Item, configuration: &Document) -> Document {
    let rule = |rule: Value| {
        let state = Stage::of_part(cx, &rule);
        let mut shown = Document::from(rule);
        shown.set("State", state);
        Value::Object(shown.0)
    };
    Document::from(json!({
        ID: attachment.id,
        SUPPORT: support(cx, configuration),
        SYSTEM_ROUTES: system_routes(cx, world, attachment, configuration),
        RULES: rules(cx, configuration).into_iter().map(rule).collect::<Vec<_>>(),
    }))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayAttachmentNatConfiguration.html>
fn get(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (attachment, gateway) = named(cx, world, input)?;
    Ok(shown(cx, world, &attachment, &held(&gateway, &attachment.id)))
}

/// The blocks that an attachment's addresses are translated to, where there are routes to them.
pub fn blocks(cx: &Cx, world: &World, attachment: &Item) -> Vec<String> {
    let gateway = attachment.document.text("TransitGatewayId").and_then(|id| item::look_up(world, cx, id));
    let configuration = gateway.map(|gateway| held(&gateway, &attachment.id)).unwrap_or_default();
    if configuration.0.is_empty() || system_routes(cx, world, attachment, &configuration) != "enable" {
        return Vec::new();
    }
    let active = |rule: &Value| Stage::of_part(cx, rule).as_deref() == Some("activated");
    rules(cx, &configuration).iter().filter(|rule| active(rule)).map(|rule| text(rule, TRANSLATED).to_owned()).collect()
}

fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(other) || other.contains(one)
}

/// A block that is one of those, or lies in one.
fn is_in(block: &Ipv4Net, among: &[&str]) -> bool {
    among.iter().filter_map(|text| text.parse::<Ipv4Net>().ok()).any(|held| held.contains(block))
}

/// The rules of a request; the page of the operation says what they may be.
fn wanted(given: &[Value]) -> Result<Vec<Value>, ApiError> {
    if given.len() > MOST_RULES {
        let message = format!("An attachment can have up to {MOST_RULES} NAT gateway rules.");
        return Err(ApiError::new("ResourceLimitExceeded", message));
    }
    let mut rules: Vec<(i64, Ipv4Net, Ipv4Net)> = Vec::new();
    for rule in given.iter().cloned().map(Document::from) {
        let number = rule.number(NUMBER).ok_or_else(|| crate::refused::missing(NUMBER))?;
        if !(1..=32_766).contains(&number) || rules.iter().any(|(held, ..)| *held == number) {
            return Err(invalid(number, NUMBER));
        }
        let block = |name: &str| {
            let text = rule.text(name).ok_or_else(|| crate::refused::missing(name))?;
            let block = text.parse::<Ipv4Net>().ok().filter(|block| block.network() == block.addr());
            block.ok_or_else(|| invalid(text, name))
        };
        let (source, translated) = (block(SOURCE)?, block(TRANSLATED)?);
        let reserved = ["224.0.0.0/4", "169.254.0.0/16"].iter().filter_map(|text| text.parse::<Ipv4Net>().ok());
        if reserved.into_iter().any(|held| overlap(&held, &source)) {
            return Err(invalid(source, SOURCE));
        }
        let is_private = is_in(&translated, &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]);
        if !is_private || translated.prefix_len() != source.prefix_len() {
            return Err(invalid(translated, TRANSLATED));
        }
        if rules.iter().any(|(_, held, _)| overlap(held, &source)) {
            return Err(invalid(source, SOURCE));
        }
        if rules.iter().any(|(.., held)| overlap(held, &translated)) {
            return Err(invalid(translated, TRANSLATED));
        }
        rules.push((number, source, translated));
    }
    let told = |(number, source, translated): (i64, Ipv4Net, Ipv4Net)| json!({NUMBER: number, SOURCE: source.to_string(), TRANSLATED: translated.to_string()});
    Ok(rules.into_iter().map(told).collect())
}

/// What a request may not say together, or not of this attachment.
fn must_fit(cx: &Cx, world: &World, input: &Document, attachment: &Item) -> Result<(), ApiError> {
    if input.truth(RESET) == Some(true) && input.at(RULES).is_some() {
        let message = format!("The parameters {RULES} and {RESET} cannot be used together.");
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if input.at(SYSTEM_ROUTES).is_some() && !is_dynamic(cx, world, attachment) {
        let message = format!("{SYSTEM_ROUTES} can only be set for attachments that use dynamic routing.");
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    Ok(())
}

fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (attachment, gateway) = named(cx, tx, input)?;
    let mut configuration = held(&gateway, &attachment.id);
    let before = support(cx, &configuration);
    if matches!(before.as_str(), "enabling" | "disabling") {
        return Err(incorrect_state(format!("NAT gateway support of {} is {before}.", attachment.id)));
    }
    must_fit(cx, tx, input, &attachment)?;
    if let Some(choice) = input.text(SYSTEM_ROUTES) {
        configuration.set(SYSTEM_ROUTES, choice);
    }
    let enabled = input.text(SUPPORT).map_or(before == "enabled", |wanted| wanted == "enable");
    let rules = changed_rules(cx, input, &configuration, enabled)?;
    if enabled && rules.iter().all(|rule| Stage::ends_as(rule, GONE)) {
        let message = format!("{} has no NAT gateway rules, which NAT gateway support needs.", attachment.id);
        return Err(incorrect_state(message));
    }
    configuration.set(RULES, rules);
    configuration.set(ID, attachment.id.as_str());
    let mut part = Value::Object(configuration.0);
    match (before.as_str(), enabled) {
        ("enabled", false) => Stage::begin(cx, "disabling", "disabled", SECONDS).note(&mut part),
        ("disabled", true) => Stage::begin(cx, "enabling", "enabled", SECONDS).note(&mut part),
        _ => {}
    }
    let answer = shown(cx, tx, &attachment, &Document::from(part.clone()));
    item::update(tx, cx, &gateway.id, |it| {
        forget(it, &attachment.id);
        match it.document.0.get_mut(CONFIGURATIONS) {
            Some(Value::Array(all)) => all.push(part),
            _ => it.document.set(CONFIGURATIONS, vec![part]),
        }
    });
    Ok(answer)
}

/// The rules as they will be, and those that go; each is on its way from now on. Those that were going already are dropped, so that there are never more
/// than the rules before and the new ones.
fn changed_rules(cx: &Cx, input: &Document, configuration: &Document, enabled: bool) -> Result<Vec<Value>, ApiError> {
    let then = if enabled { "activated" } else { "deactivated" };
    let mut before = rules(cx, configuration);
    let mut new = Vec::new();
    if input.truth(RESET) == Some(true) || input.at(RULES).is_some() {
        before.retain(|rule| !Stage::ends_as(rule, GONE));
        before.iter_mut().for_each(|rule| Stage::begin(cx, "deleting", GONE, SECONDS).note(rule));
        new = wanted(&input.list(RULES))?;
    }
    let mut all: Vec<Value> = before.into_iter().chain(new).collect();
    for rule in all.iter_mut().filter(|rule| !Stage::ends_as(rule, GONE) && !Stage::ends_as(rule, then)) {
        Stage::begin(cx, "pending", then, SECONDS).note(rule);
    }
    Ok(all)
}
