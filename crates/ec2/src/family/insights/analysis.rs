//! Analyses of paths. One is made of what the networks are when it starts, and told when it is through; it is not made again when they change.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartNetworkInsightsAnalysis.html>

use std::cell::Cell;
use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::arn::Arn;
use service::organization::Organization;
use service::prelude::*;

use super::component::Components;
use super::end::{End, NoEnd};
use super::packet::{Filter, Packet, Set};
use super::routing;
use super::walk::{MOST_BRANCHES, Trail, Walk};
use crate::family::describe::describe_those;
use crate::family::item::{self, Item, Stage};
use crate::family::{Family, answers};
use crate::kind;
use crate::network::vpc::Vpc;
use crate::resource;

/// Members that are told when the analysis is through.
const RESULTS: [&str; 5] =
    ["NetworkPathFound", "ForwardPathComponents", "ReturnPathComponents", "Explanations", "AlternatePathHints"];
/// About how long one takes.
const SECONDS: i64 = 30;
/// Reachability Analyzer, as organisations name it: <https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-ra.html>
pub const PRINCIPAL: &str = "reachabilityanalyzer.networkinsights.amazonaws.com";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInsightsAnalysis.html>
pub static ANALYSES: Family = Family {
    arn: Some("NetworkInsightsAnalysisArn"),
    created: Some("StartDate"),
    within: &[("NetworkInsightsPathId", &kind::NETWORK_INSIGHTS_PATH)],
    filters: &["path-found=NetworkPathFound", "status"],
    fill,
    see: |cx, _, item, shown| {
        let status = item.state(cx).unwrap_or_default();
        shown.set("Status", status);
        if status == "running" {
            RESULTS.iter().for_each(|member| drop(shown.0.remove(*member)));
        }
    },
    ..Family::of(&kind::NETWORK_INSIGHTS_ANALYSIS, "NetworkInsightsAnalysisId")
};

const DESCRIBE: &str = "DescribeNetworkInsightsAnalyses";

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses: &[&str] = &["AnalysisStartTime", "AnalysisEndTime", "MaxResults", "NextToken", "Filters"];
    vec![
        ANALYSES.create("StartNetworkInsightsAnalysis", &[]),
        Operation::read(Service::Ec2, DESCRIBE, describe)
            .authorize(resource::any::<Document>)
            .honours(move |model, operation| answers::honoured(model, operation, &ANALYSES, uses))
            .build(),
        ANALYSES.delete("DeleteNetworkInsightsAnalysis"),
    ]
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInsightsAnalyses.html>
fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let wanted = begun_between(input, "AnalysisStartTime", "AnalysisEndTime");
    describe_those(&ANALYSES, DESCRIBE, cx, world, input, wanted)
}

/// Whether an analysis began in the time that two members of an input bound.
pub fn begun_between(input: &Document, first: &str, last: &str) -> impl Fn(&Item) -> bool + use<> {
    let bound = |member: &str| input.text(member).and_then(|text| text.parse::<Timestamp>().ok());
    let (from, to) = (bound(first), bound(last));
    move |item| from.is_none_or(|from| item.created_at >= from) && to.is_none_or(|to| item.created_at <= to)
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let path =
        item::alive(tx, cx, &kind::NETWORK_INSIGHTS_PATH, input.text("NetworkInsightsPathId").unwrap_or_default())?;
    for member in ["FilterInArns", "FilterOutArns"] {
        if let Some(text) = input.texts(member).into_iter().find(|text| Arn::parse(text).is_none()) {
            let message =
                format!("Value ({text}) for parameter {member} is invalid. It is not an Amazon Resource Name.");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
    }
    let accounts = accounts(cx, tx, &input.texts("AdditionalAccounts"))?;
    let trail = analyse(cx, tx, &path, input, &accounts);
    item.stage = Some(Stage::begin(cx, "running", "succeeded", SECONDS));
    item.document.set("NetworkPathFound", trail.faults.is_empty());
    if trail.faults.is_empty() {
        item.document.set("ForwardPathComponents", numbered(trail.forward));
        item.document.set("ReturnPathComponents", numbered(trail.back));
    } else {
        item.document.set("Explanations", trail.faults);
    }
    Ok(())
}

/// Whose networks are looked into: the caller's, and those of its organisation that are named by an account that administers the analyzer for it. The
/// texts were not seen on AWS.
/// <https://docs.aws.amazon.com/vpc/latest/reachability/multi-account.html>
fn accounts(cx: &Cx, world: &World, named: &[String]) -> Result<Vec<AccountId>, ApiError> {
    let organization = Organization::of(world).filter(|held| held.has(cx.account()));
    let is_trusted =
        |held: &Organization| held.administers(cx.account(), PRINCIPAL) && held.trusted_services.contains(PRINCIPAL);
    if !named.is_empty() && organization.as_ref().is_some_and(|held| !is_trusted(held)) {
        let message = "AdditionalAccounts can be specified only by the management account or a delegated administrator of an organization with trusted access for Reachability Analyzer.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let mut accounts = vec![cx.account()];
    for text in named {
        let refused = || {
            let message = format!(
                "Value ({text}) for parameter AdditionalAccounts is invalid. It is not an account of your organization."
            );
            ApiError::new("InvalidParameterValue", message)
        };
        let account: AccountId = text.parse().map_err(|_| refused())?;
        if !organization.as_ref().is_some_and(|held| held.has(account)) {
            return Err(refused());
        }
        accounts.push(account);
    }
    Ok(accounts)
}

pub fn numbered(components: Vec<Value>) -> Vec<Value> {
    let number = |(position, component): (usize, Value)| {
        let mut component = Document::from(component);
        component.set("SequenceNumber", position.saturating_add(1));
        Value::Object(component.0)
    };
    components.into_iter().enumerate().map(number).collect()
}

/// A trail that ends before it begins.
fn no_way(code: &str, more: Value) -> Trail {
    let mut fault = Document::from(more);
    fault.set("ExplanationCode", code);
    Trail { faults: vec![Value::Object(fault.0)], ..Trail::default() }
}

fn analyse(cx: &Cx, world: &World, path: &Item, input: &Document, accounts: &[AccountId]) -> Trail {
    let components = Components { cx, world, accounts };
    let ends = |member: &str| match path.document.text(member) {
        Some(id) => End::of(&components, id),
        None => Ok(goal_address(path).map(End::Address).into_iter().collect()),
    };
    let (origins, goals) = match (ends("Source"), ends("Destination")) {
        (Ok(origins), Ok(goals)) => (origins, goals),
        (Err(none), _) | (_, Err(none)) => return no_end(&components, &none),
    };
    let branches = Cell::new(MOST_BRANCHES);
    let left_out = input.texts("FilterOutArns");
    let arrival = path.document.at("FilterAtDestination").cloned().map(Document::from).unwrap_or_default();
    let arrival = Filter::of_path(&arrival);
    let mut best: Option<Trail> = None;
    for (origin, goal) in origins.iter().flat_map(|origin| goals.iter().map(move |goal| (origin, goal))) {
        let walk = Walk {
            components,
            origin,
            goal,
            arrival: &arrival,
            returning: false,
            left_out: &left_out,
            branches: &branches,
            accepts: &|_| true,
        };
        let trail = must_pass(attempt(&walk, path), &input.texts("FilterInArns"));
        if trail.faults.is_empty() {
            return trail;
        }
        best = best.filter(|held| held.faults.len() <= trail.faults.len()).or(Some(trail));
    }
    best.unwrap_or_else(|| no_way("NO_PATH", json!({})))
}

fn goal_address(path: &Item) -> Option<std::net::Ipv4Addr> {
    let members = ["DestinationIp", "FilterAtSource.DestinationAddress"];
    members.iter().find_map(|member| path.document.text(member)?.parse().ok())
}

fn no_end(components: &Components<'_>, none: &NoEnd) -> Trail {
    let resource_type = kind::of_id(&none.id).map(|kind| kind.resource_type).unwrap_or_default();
    let part = components.part(resource_type, &none.id, components.cx.account());
    match none.code {
        "NO_SOURCE_OR_DESTINATION" => no_way(none.code, json!({"MissingComponent": none.id})),
        code => no_way(code, json!({"Component": part})),
    }
}

/// One origin and one goal.
fn attempt(walk: &Walk<'_>, path: &Item) -> Trail {
    if let Some((from, to)) = disconnected(&walk.components, walk.origin, walk.goal) {
        let part = |vpc: &Vpc| walk.components.part("vpc", &vpc.id, vpc.account);
        return no_way("DISCONNECTED_VPCS", json!({"SourceVpc": part(&from), "DestinationVpc": part(&to)}));
    }
    let packet = leaving(walk, if path.document.text("Protocol") == Some("udp") { 17 } else { 6 });
    // An interface without a public address is told so by the gateway.
    let packet = match (walk.origin, walk.goal) {
        (End::Internet(_), End::Interface(_)) if packet.destination.is_empty() => {
            Packet { destination: Set::internet(), ..packet }
        }
        _ => packet,
    };
    match packet.filtered(&Filter::of_path(&wanted(path)), "SOURCE") {
        Ok(packet) => {
            let bound = packet.bound_for(walk.arrival);
            walk.begin(Trail::default(), if bound.is_empty() { packet } else { bound })
        }
        Err(code) => no_way(&code, json!({})),
    }
}

/// The VPCs of the two ends, if nothing leads from the one to the other.
pub fn disconnected(components: &Components<'_>, origin: &End, goal: &End) -> Option<(Arc<Vpc>, Arc<Vpc>)> {
    let world = components.world;
    let (from, to) = origin.vpc(world).zip(goal.vpc(world)).filter(|(from, to)| from.id != to.id)?;
    let ways = routing::connections(components, (from.account, &from.id), &to);
    ways.is_empty().then_some((from, to))
}

/// All packets of a protocol that could set out.
pub fn leaving(walk: &Walk<'_>, protocol: i64) -> Packet {
    Packet {
        protocol,
        source: walk.origin.addresses(&walk.components, walk.goal),
        source_ports: Set::ports(),
        destination: walk.goal.addresses_from(&walk.components, walk.origin),
        destination_ports: Set::ports(),
        from_group: true,
    }
}

/// What the path asks of packets at its source, its older members included.
fn wanted(path: &Item) -> Document {
    let mut filter = path.document.at("FilterAtSource").cloned().map(Document::from).unwrap_or_default();
    for (member, own) in [("SourceIp", "SourceAddress"), ("DestinationIp", "DestinationAddress")] {
        if let Some(text) = path.document.text(member) {
            filter.set(own, text);
        }
    }
    if let Some(port) = path.document.number("DestinationPort") {
        filter.set("DestinationPortRange", json!({"FromPort": port, "ToPort": port}));
    }
    filter
}

/// What the path was to go through has to be on it.
fn must_pass(mut trail: Trail, arns: &[String]) -> Trail {
    if !trail.faults.is_empty() {
        return trail;
    }
    let members = ["Component.Arn", "AttachedTo.Arn", "Subnet.Arn", "Vpc.Arn", "TransitGateway.Arn"];
    let on_the_way = |arn: &String| {
        let steps = trail.forward.iter().map(|step| Document::from(step.clone()));
        steps.into_iter().any(|step| members.iter().any(|member| step.text(member) == Some(arn)))
    };
    let missed = arns.iter().find(|arn| !on_the_way(arn)).cloned();
    if let Some(arn) = missed {
        let id = Arn::parse(&arn).and_then(|it| it.typed_resource()).map(|(_, id)| id.to_owned());
        trail = no_way("COMPONENT_FILTER_RESTRICTION", json!({"Component": {"Id": id, "Arn": arn}}));
    }
    trail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered() {
        let steps = numbered(vec![json!({"Component": {"Id": "a"}}), json!({"Component": {"Id": "b"}})]);
        assert_eq!(steps.iter().map(|step| step["SequenceNumber"].clone()).collect::<Vec<_>>(), [json!(1), json!(2)]);
    }
}
