//! The rules of a filter: which traffic is mirrored and which is not, in the order of their numbers, in either direction. A rule goes with its filter, and
//! whoever changes one must be allowed to on both.

use std::sync::Arc;

use ipnet::IpNet;
use serde_json::Value;
use service::Service;
use service::prelude::*;

use super::super::item::{self, Item};
use super::super::{Family, answers, verbs};
use super::{remove_fields, within};
use crate::instance::authorize;
use crate::kind;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TrafficMirrorFilterRule.html>
pub static RULES: Family = Family {
    within: &[("TrafficMirrorFilterId", &kind::TRAFFIC_MIRROR_FILTER)],
    filters: &[
        "description",
        "destination-cidr-block",
        "protocol",
        "rule-action",
        "rule-number",
        "source-cidr-block",
        "traffic-direction",
        "traffic-mirror-filter-id",
        "traffic-mirror-filter-rule-id",
    ],
    fill: |cx, tx, _, item| {
        // It goes with its filter, so it does not keep it.
        item.within.clear();
        check(cx, tx, item)
    },
    ..Family::of(&kind::TRAFFIC_MIRROR_FILTER_RULE, "TrafficMirrorFilterRuleId")
};

const DELETE: &str = "DeleteTrafficMirrorFilterRule";
const MODIFY: &str = "ModifyTrafficMirrorFilterRule";

pub fn operations() -> Vec<Operation> {
    let honours = |uses: &'static [&'static str]| {
        move |model: &wire::Model, operation: &wire::Operation| answers::honoured(model, operation, &RULES, uses)
    };
    vec![
        RULES.create("CreateTrafficMirrorFilterRule", &[]),
        RULES.describe("DescribeTrafficMirrorFilterRules"),
        Operation::write(Service::Ec2, MODIFY, modify).authorize(to_change).honours(honours(&["RemoveFields"])).build(),
        Operation::write(Service::Ec2, DELETE, delete).authorize(to_change).honours(honours(&[])).build(),
    ]
}

fn of_filter<'w>(world: &'w World, cx: &Cx, filter: &str) -> impl Iterator<Item = &'w Arc<Item>> {
    let rules = item::all(world, cx, &kind::TRAFFIC_MIRROR_FILTER_RULE);
    rules.filter(move |rule| rule.document.text("TrafficMirrorFilterId") == Some(filter))
}

/// A filter shows its rules by direction.
pub fn show_in_filter(cx: &Cx, world: &World, filter: &Item, shown: &mut Document) {
    for (member, direction) in [("IngressFilterRules", "ingress"), ("EgressFilterRules", "egress")] {
        let mut rules: Vec<Document> = of_filter(world, cx, &filter.id)
            .filter(|rule| rule.document.text("TrafficDirection") == Some(direction))
            .map(|rule| RULES.shown(cx, world, rule))
            .collect();
        rules.sort_by_key(|rule| rule.number("RuleNumber"));
        shown.set(member, rules.into_iter().map(|rule| Value::Object(rule.0)).collect::<Vec<_>>());
    }
}

/// What goes with a filter.
pub fn remove_all(cx: &Cx, tx: &mut Tx, filter: &Item) -> Result<(), ApiError> {
    let rules: Vec<String> = of_filter(tx, cx, &filter.id).map(|rule| rule.id.clone()).collect();
    rules.iter().for_each(|id| item::delete(tx, cx, &RULES, id));
    Ok(())
}

/// The operation's own action on the rule and on its filter.
fn to_change(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    let id = input.text(RULES.id).unwrap_or_default();
    let rule = item::look_up(world, cx, id);
    let filter = rule.as_ref().and_then(|rule| rule.document.text("TrafficMirrorFilterId"));
    let on_filter = match filter {
        Some(filter) => super::FILTERS.check_on(cx, world, filter),
        None => Check::on(kind::TRAFFIC_MIRROR_FILTER.arn_of_new(cx)),
    };
    let changed = input.0.keys().filter(|name| *name != RULES.id && !verbs::CONTROL.contains(&name.as_str()));
    let values: Vec<(&str, String)> = changed.map(|name| (name.as_str(), input.found(name).join(","))).collect();
    [RULES.check_on(cx, world, id), on_filter].map(|check| authorize::attributes(check, &values)).to_vec()
}

fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut answer = verbs::modify(&RULES, MODIFY, change, cx, tx, input)?;
    // "Tags are not returned for ModifyTrafficMirrorFilterRule."
    if let Some(rule) = answer.0.get_mut("TrafficMirrorFilterRule").and_then(Value::as_object_mut) {
        rule.remove(RULES.tags);
    }
    Ok(answer)
}

fn change(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let fields = [
        ("destination-port-range", "DestinationPortRange"),
        ("source-port-range", "SourcePortRange"),
        ("protocol", "Protocol"),
        ("description", "Description"),
    ];
    remove_fields(input, item, &fields);
    check(cx, tx, item)
}

fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let rule = verbs::remove(&RULES, cx, tx, input.text(RULES.id).unwrap_or_default())?;
    Ok(answers::about(&RULES, DELETE, cx, tx, input, &rule))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message.into())
}

/// Numbers in their bounds, blocks of one family of addresses, ports where the protocol has some, and a number no other rule of the direction has.
fn check(cx: &Cx, world: &World, item: &Item) -> Result<(), ApiError> {
    let rule = &item.document;
    within(rule, "RuleNumber", 1, 32_766)?;
    within(rule, "Protocol", 0, 255)?;
    let block = |member: &str| {
        let text = rule.text(member).unwrap_or_default();
        let message = || format!("Value ({text}) for parameter {member} is invalid. This is not a valid CIDR block.");
        text.parse::<IpNet>().map_err(|_| invalid(message()))
    };
    let (source, destination) = (block("SourceCidrBlock")?, block("DestinationCidrBlock")?);
    if source.addr().is_ipv4() != destination.addr().is_ipv4() {
        return Err(invalid("SourceCidrBlock and DestinationCidrBlock must both be an IPv4 range or an IPv6 range."));
    }
    for member in ["SourcePortRange", "DestinationPortRange"] {
        ports(rule, member)?;
    }
    let same = |other: &&Arc<Item>| {
        other.id != item.id
            && ["TrafficDirection", "RuleNumber"].iter().all(|member| other.document.at(member) == rule.at(member))
    };
    let filter = rule.text("TrafficMirrorFilterId").unwrap_or_default();
    if of_filter(world, cx, filter).any(|other| same(&other)) {
        let number = rule.number("RuleNumber").unwrap_or_default();
        let direction = rule.text("TrafficDirection").unwrap_or_default();
        let message = format!("A rule with number {number} already exists for {direction} traffic in {filter}.");
        return Err(ApiError::new("TrafficMirrorFilterRuleAlreadyExists", message));
    }
    Ok(())
}

fn ports(rule: &Document, member: &str) -> Result<(), ApiError> {
    let Some(range) = rule.at(member) else { return Ok(()) };
    let end = |name: &str| range.get(name).and_then(Value::as_i64).filter(|port| (0..=65_535).contains(port));
    match (end("FromPort"), end("ToPort")) {
        (Some(from), Some(to)) if from <= to => {}
        _ => return Err(invalid(format!("The value of {member} is not a valid port range."))),
    }
    match rule.number("Protocol") {
        Some(6 | 17) => Ok(()),
        _ => Err(ApiError::new(
            "InvalidParameterCombination",
            format!("{member} can only be specified with the protocols TCP (6) and UDP (17)."),
        )),
    }
}
