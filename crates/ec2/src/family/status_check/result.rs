//! How a check comes out on an instance, computed from the time. No program listens in an instance here, so what AWS sends is refused where the security
//! groups of the instance let it in, and is answered by nothing where they don't; a check has failed after as many requests as it tolerates.
//!
//! A request comes from the subnet of the instance with the instance's groups or, where the check names paths, from the subnet and the group of those
//! that lead to the instance. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/application-status-checks.html#asc-onboarding-modes>

use std::sync::Arc;

use ipnet::IpNet;
use service::prelude::*;

use super::association::{self, Association};
use super::{CREATED, MODIFIED, alive};
use crate::family::item::Item;
use crate::family::prefix_list;
use crate::instance::{Instance, Phase, STARTING_SECONDS, State, elapsed, state_at};
use crate::network::interface::{self, NetworkInterface};
use crate::network::security_group::{self, Peer, SecurityGroupRule};
use crate::network::subnet::{self, Subnet};

/// The time between two requests.
const INTERVAL: i64 = 60;

/// The status of a check on an instance. It would be `passed` if anything answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Failed,
    Initializing,
    InsufficientData,
    NotApplicable,
}

impl Status {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Status::Failed => "failed",
            Status::Initializing => "initializing",
            Status::InsufficientData => "insufficient-data",
            Status::NotApplicable => "not-applicable",
        }
    }
}

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub check_id: String,
    pub included: bool,
    /// When the check was changed last.
    pub updated_at: Option<Timestamp>,
    pub status: Status,
    pub since: Timestamp,
    /// The last request.
    pub at: Timestamp,
    /// Why it failed.
    pub reason: Option<&'static str>,
}

/// The checks of an account with what each is associated with, read once for all the instances that are looked at.
pub struct Checks<'w>(Vec<(&'w Item, Vec<Association>)>);

impl<'w> Checks<'w> {
    /// Those of the caller's account and region.
    pub fn of(cx: &Cx, world: &'w World) -> Checks<'w> {
        Checks(alive(cx, world).map(|check| (check.as_ref(), association::of(check))).collect())
    }

    /// How they came out on an instance, in the order of their ids.
    pub fn on(&self, cx: &Cx, world: &World, instance: &Instance) -> Vec<Outcome> {
        self.0.iter().filter_map(|(check, held)| outcome(cx, world, check, held, instance)).collect()
    }
}

fn outcome(cx: &Cx, world: &World, check: &Item, held: &[Association], instance: &Instance) -> Option<Outcome> {
    let associated_at = held.iter().filter(|held| held.is_for(instance)).map(|held| held.since).min()?;
    let document = &check.document;
    let time = |member: &str| document.text(member)?.parse().ok();
    let begun = associated_at.max(instance.phase.since());
    let outcome = |status, since, at, reason| Outcome {
        check_id: check.id.clone(),
        included: document.text("Aggregation") != Some("excluded"),
        updated_at: time(MODIFIED).or_else(|| time(CREATED)),
        status,
        since,
        at,
        reason,
    };
    let state = state_at(instance, cx.now, cx.settings.states);
    let interface = match state {
        State::Pending => return Some(outcome(Status::Initializing, begun, begun, None)),
        State::Running => target(world, document, instance),
        State::ShuttingDown | State::Terminated | State::Stopping | State::Stopped => None,
    };
    let Some(interface) = interface else {
        return Some(outcome(Status::InsufficientData, begun, begun, None));
    };
    let sources = sources(cx, world, document, &interface);
    if sources.is_empty() {
        return Some(outcome(Status::NotApplicable, begun, begun, None));
    }
    let failing = failing_at(cx, document, instance, associated_at);
    if cx.now < failing {
        return Some(outcome(Status::Initializing, begun, begun, None));
    }
    let requests = elapsed(failing, cx.now).as_secs() / INTERVAL;
    let last = failing.saturating_add(jiff::SignedDuration::from_secs(requests * INTERVAL)).unwrap_or(failing);
    let admitted = sources.iter().any(|source| source.is_let_in(cx, world, document, &interface));
    let reason = if admitted { "ConnectionRefused" } else { "ConnectionTimeout" };
    Some(outcome(Status::Failed, failing, last, Some(reason)))
}

/// When the requests that a check tolerates will have failed: the first is sent when the instance had its time to start.
fn failing_at(cx: &Cx, document: &Document, instance: &Instance, associated_at: Timestamp) -> Timestamp {
    let after = |from, seconds| cx.settings.states.over_at(from, seconds);
    let grace = document.number("InitializationGracePeriodSeconds").unwrap_or_default();
    let up = match instance.phase {
        Phase::Up { since } => after(since, STARTING_SECONDS.saturating_add(grace)),
        Phase::Stopped { since } | Phase::Terminated { since, .. } => since,
    };
    let tolerated = document.number("FailureThreshold").unwrap_or(1);
    after(up.max(associated_at), tolerated.saturating_mul(INTERVAL))
}

/// The interface that requests go to, if it has an address of the check's sort.
fn target(world: &World, document: &Document, instance: &Instance) -> Option<Arc<NetworkInterface>> {
    let index = document.number("DeviceIndex").unwrap_or_default();
    let found = interface::of_instance(world, instance.account, &instance.region, &instance.id);
    let there = |it: &Arc<NetworkInterface>| {
        it.attachment.as_ref().is_some_and(|held| held.device_index == index)
            && (!is_ipv6(document) || !it.ipv6_addresses.is_empty())
    };
    found.into_iter().find(there)
}

fn is_ipv6(document: &Document) -> bool {
    document.text("IpVersion") == Some("ipv6")
}

/// Where requests come from.
struct Source {
    subnet: Arc<Subnet>,
    groups: Vec<String>,
}

/// From where an interface gets requests; from nowhere if the check names paths of which none leads to it.
fn sources(cx: &Cx, world: &World, document: &Document, interface: &NetworkInterface) -> Vec<Source> {
    let source = |subnet_id: &str, groups: Vec<String>| {
        subnet::look_up(world, cx, subnet_id).map(|subnet| Source { subnet, groups })
    };
    let paths = document.list("HealthCheckPaths");
    if paths.is_empty() {
        return source(&interface.subnet_id, interface.groups.clone()).into_iter().collect();
    }
    let paths = paths.into_iter().map(Document::from);
    let leading =
        paths.filter(|path| path.list("Destinations").into_iter().any(|end| is_at(&Document::from(end), interface)));
    leading
        .filter_map(|path| source(path.text("Source.SubnetId")?, vec![path.text("Source.SecurityGroupId")?.to_owned()]))
        .collect()
}

fn is_at(end: &Document, interface: &NetworkInterface) -> bool {
    end.text("SubnetId") == Some(&interface.subnet_id)
        && end.text("SecurityGroupId").is_some_and(|group| interface.groups.iter().any(|held| held == group))
}

impl Source {
    /// Whether a group of the interface lets requests to the check's port in.
    fn is_let_in(&self, cx: &Cx, world: &World, document: &Document, interface: &NetworkInterface) -> bool {
        let groups = interface.groups.iter().filter_map(|id| security_group::look_up(world, cx, id));
        let mut rules = groups.flat_map(|group| security_group::rules_of(world, &group));
        rules.any(|rule| !rule.egress && has_port(&rule, document) && self.is_peer(cx, world, document, &rule.peer))
    }

    fn is_peer(&self, cx: &Cx, world: &World, document: &Document, peer: &Peer) -> bool {
        let own: Option<IpNet> = match is_ipv6(document) {
            true => self.subnet.ipv6_block.as_ref().map(|block| block.cidr.into()),
            false => Some(self.subnet.cidr.into()),
        };
        let holds =
            |block: &str| matches!((block.parse::<IpNet>(), own), (Ok(block), Some(own)) if block.contains(&own));
        match peer {
            Peer::Ipv4(block) | Peer::Ipv6(block) => holds(block),
            Peer::Group(group) => self.groups.contains(group),
            Peer::PrefixList(id) => {
                let list = prefix_list::find(world, cx, id);
                list.is_ok_and(|list| prefix_list::blocks(&list).iter().any(|block| holds(block)))
            }
            Peer::Peered(_) => false,
        }
    }
}

fn has_port(rule: &SecurityGroupRule, document: &Document) -> bool {
    let port = document.number("Port").unwrap_or_default();
    match rule.protocol.as_str() {
        "-1" => true,
        "tcp" => rule.from_port.zip(rule.to_port).is_none_or(|(first, last)| (first..=last).contains(&port)),
        _ => false,
    }
}
