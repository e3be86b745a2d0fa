//! The search for ways that a scope is about: between any two ends that a condition matches, for packets that no condition excludes. What is excluded is
//! taken away before the walk, so that a way for other packets between the same ends is still found.
//!
//! Each pair of ends is told by one way at most. The work has bounds ([`MOST_WORK`], [`MOST_WALKS`], [`MOST_FINDINGS`]); a search that meets one says so.
//! <https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/how-network-access-analyzer-works.html>

use std::cell::Cell;
use std::collections::HashSet;

use serde_json::Value;
use service::prelude::*;

use super::super::analysis::{disconnected, leaving, numbered};
use super::super::component::Components;
use super::super::end::End;
use super::super::packet::{Filter, Set};
use super::super::walk::{Trail, Walk};
use super::statement::{Condition, Resources};
use crate::family::item::{self, Item};
use crate::family::peering;
use crate::family::vpn::gateway;
use crate::kind::{self, Kind};
use crate::network::interface::NetworkInterface;
use crate::network::internet_gateway::InternetGateway;
use crate::resource;

/// What a search came to.
pub struct Found {
    /// The components of each way, numbered.
    pub ways: Vec<Vec<Value>>,
    /// How many interfaces there are.
    pub interfaces: usize,
    /// Whether a bound ended it.
    pub cut_short: bool,
}

/// How many walks a search makes, how many ways it tells, and how long they may be as JSON.
const MOST_WALKS: usize = 1_000;
const MOST_FINDINGS: usize = 100;
const MOST_BYTES: usize = 1024 * 1024;
/// How many branches all walks together look into.
const MOST_BRANCHES: u32 = 20_000;
/// What a search may look at beside that: pairs of ends, conditions and their names for each, and ranges of addresses and ports. A pair is as much work
/// as so many of these.
const MOST_WORK: usize = 1_000_000;
const A_PAIR: usize = 100;
/// In how many parts the packets between two ends are looked at, when conditions exclude some of them.
const MOST_PARTS: usize = 32;

/// Looks for the ways of a scope.
pub fn run(cx: &Cx, world: &World, scope: &Document) -> Found {
    let accounts = [cx.account()];
    let components = Components { cx, world, accounts: &accounts };
    let conditions = |member: &str| -> Vec<Condition> {
        scope.list(member).iter().map(|value| Condition::of(&components, value)).collect()
    };
    let (wanted, excluded) = (conditions("MatchPaths"), conditions("ExcludePaths"));
    let search = Search {
        components,
        excluded: &excluded,
        walks: Cell::new(MOST_WALKS),
        branches: Cell::new(MOST_BRANCHES),
        work: Cell::new(MOST_WORK),
        cut_short: Cell::new(false),
    };
    let ends = ends(cx, world);
    let names = excluded.iter().map(Condition::names).sum::<usize>();
    let a_pair = names.saturating_add(excluded.len()).saturating_add(A_PAIR);
    let (mut ways, mut told, mut bytes) = (Vec::new(), HashSet::new(), 0_usize);
    for condition in &wanted {
        if !search.spend(&search.work, ends.len().saturating_mul(condition.names())) {
            break;
        }
        let origins = ends.iter().filter(|end| condition.source.is_about(end));
        let goals: Vec<&End> = ends.iter().filter(|end| condition.destination.is_about(end)).collect();
        let pairs = origins.flat_map(|origin| goals.iter().map(move |goal| (origin, *goal)));
        for (origin, goal) in pairs {
            let is_full = ways.len() >= MOST_FINDINGS || bytes >= MOST_BYTES;
            if is_full || !search.spend(&search.work, a_pair) {
                search.cut_short.set(true);
                break;
            }
            let pair = (origin.id(), goal.id());
            if pair.0 != pair.1
                && !told.contains(&pair)
                && let Some(way) = search.between(origin, goal, condition)
            {
                told.insert(pair);
                bytes = bytes.saturating_add(way.iter().map(|step| step.to_string().len()).sum());
                ways.push(way);
            }
        }
    }
    let interfaces = world.count::<NetworkInterface>(&[cx.account().as_str(), cx.region_name()]);
    Found { ways, interfaces, cut_short: search.cut_short.get() }
}

/// Where ways can begin and end in the caller's account and region.
/// <https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/how-network-access-analyzer-works.html#supported-source-destination>
fn ends(cx: &Cx, world: &World) -> Vec<End> {
    let all = |kind: &'static Kind| item::all(world, cx, kind).filter(|it| !it.is_deleted()).cloned();
    let gateways = resource::all::<InternetGateway>(cx, world).filter(|it| it.vpc_id.is_some()).map(End::Internet);
    let peerings = all(&kind::VPC_PEERING_CONNECTION).filter(|it| peering::status(cx, it) == "active");
    let vpns = all(&kind::VPN_GATEWAY).filter(|it| gateway::vpc_of(it).is_some());
    let is_routed = |it: &std::sync::Arc<Item>| it.document.text("VpcEndpointType") != Some("Interface");
    let interfaces = resource::all::<NetworkInterface>(cx, world).map(End::Interface);
    gateways
        .chain(peerings.map(End::Peering))
        .chain(vpns.map(End::Vpn))
        .chain(all(&kind::TRANSIT_GATEWAY_ATTACHMENT).map(End::Transit))
        .chain(all(&kind::VPC_ENDPOINT).filter(is_routed).map(End::Endpoint))
        .chain(interfaces)
        .collect()
}

struct Search<'w> {
    components: Components<'w>,
    excluded: &'w [Condition],
    /// How many more walks are made.
    walks: Cell<usize>,
    /// How many more branches all walks together look into.
    branches: Cell<u32>,
    /// How much more is looked at.
    work: Cell<usize>,
    cut_short: Cell<bool>,
}

/// Some of the packets between two ends: what is asked of them at each, and what they must not pass.
#[derive(Clone, Default)]
struct Part<'c> {
    at_source: Filter,
    at_goal: Filter,
    not_through: Vec<&'c Resources>,
}

impl Search<'_> {
    /// Takes so much of a bound, if it is left.
    fn spend(&self, bound: &Cell<usize>, amount: usize) -> bool {
        let left = bound.get().checked_sub(amount);
        bound.set(left.unwrap_or_default());
        self.cut_short.set(self.cut_short.get() || left.is_none());
        left.is_some()
    }

    /// A way for packets that the condition matches and none excludes.
    fn between(&self, origin: &End, goal: &End, condition: &Condition) -> Option<Vec<Value>> {
        if disconnected(&self.components, origin, goal).is_some() {
            return None;
        }
        let protocols = [6, 17].into_iter().filter(|protocol| condition.has_protocol(*protocol));
        protocols.into_iter().find_map(|protocol| {
            let first = Part {
                at_source: condition.source.header.clone(),
                at_goal: condition.destination.header.clone(),
                not_through: Vec::new(),
            };
            let excluding = self.excluded.iter().filter(|it| it.has_protocol(protocol) && it.is_about(origin, goal));
            let parts = excluding.fold(vec![first], |parts, it| self.beside(parts, it));
            parts.iter().find_map(|part| self.walk(origin, goal, protocol, part, condition))
        })
    }

    /// The parts of the packets that are left when those of a condition are taken away.
    fn beside<'c>(&self, parts: Vec<Part<'c>>, excluded: &'c Condition) -> Vec<Part<'c>> {
        let mut left: Vec<Part<'c>> = Vec::new();
        for part in &parts {
            let ranges = [&part.at_source, &part.at_goal, &excluded.source.header, &excluded.destination.header];
            let ranges = ranges.into_iter().map(Filter::ranges).sum::<usize>();
            if left.len() > MOST_PARTS || !self.spend(&self.work, ranges.saturating_add(1)) {
                break;
            }
            let at_source = apart(&part.at_source, &excluded.source.header);
            left.extend(at_source.into_iter().map(|at_source| Part { at_source, ..part.clone() }));
            let at_goal = apart(&part.at_goal, &excluded.destination.header);
            left.extend(at_goal.into_iter().map(|at_goal| Part { at_goal, ..part.clone() }));
            left.extend(excluded.through.iter().take(MOST_PARTS).map(|resources| {
                let mut part = part.clone();
                part.not_through.push(resources);
                part
            }));
        }
        if left.len() > MOST_PARTS {
            self.cut_short.set(true);
            left.truncate(MOST_PARTS);
        }
        left
    }

    fn walk(
        &self,
        origin: &End,
        goal: &End,
        protocol: i64,
        part: &Part<'_>,
        condition: &Condition,
    ) -> Option<Vec<Value>> {
        let through = condition.through.iter().chain(part.not_through.iter().copied());
        let names = through.map(Resources::names).sum::<usize>();
        let passes = |trail: &[Value]| {
            let ids: Vec<&str> = trail.iter().filter_map(|step| step.get("Component")?.get("Id")?.as_str()).collect();
            self.spend(&self.work, names)
                && condition.through.iter().all(|resources| resources.are_on(&ids))
                && !part.not_through.iter().any(|resources| resources.are_on(&ids))
        };
        let walk = Walk {
            components: self.components,
            origin,
            goal,
            arrival: &part.at_goal,
            returning: false,
            left_out: &[],
            branches: &self.branches,
            accepts: &passes,
        };
        let packet = leaving(&walk, protocol);
        let packet = packet.filtered(&part.at_source, "SOURCE").ok()?.bound_for(&part.at_goal);
        if packet.is_empty() {
            return None;
        }
        if self.branches.get() == 0 || !self.spend(&self.walks, 1) {
            self.cut_short.set(true);
            return None;
        }
        let trail = walk.begin(Trail::default(), packet);
        trail.faults.is_empty().then(|| numbered(trail.forward))
    }
}

/// What passes a filter but not another, by each of the other's sets; nothing if the other has none.
fn apart(filter: &Filter, other: &Filter) -> Vec<Filter> {
    let beside = |held: &Option<Set>, taken: &Option<Set>, all: fn() -> Set| {
        let left = held.clone().unwrap_or_else(all).minus(taken.as_ref()?);
        (!left.is_empty()).then_some(Some(left))
    };
    let source = beside(&filter.source, &other.source, Set::all);
    let source_ports = beside(&filter.source_ports, &other.source_ports, Set::ports);
    let destination = beside(&filter.destination, &other.destination, Set::all);
    let destination_ports = beside(&filter.destination_ports, &other.destination_ports, Set::ports);
    let narrowed = [
        source.map(|source| Filter { source, ..filter.clone() }),
        source_ports.map(|source_ports| Filter { source_ports, ..filter.clone() }),
        destination.map(|destination| Filter { destination, ..filter.clone() }),
        destination_ports.map(|destination_ports| Filter { destination_ports, ..filter.clone() }),
    ];
    narrowed.into_iter().flatten().collect()
}
