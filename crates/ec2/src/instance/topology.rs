//! DescribeInstanceTopology: how near to each other instances run. Which network nodes an instance hangs on is made up, but stays the same for a run,
//! and instances of one zone meet at its top node. Only types that AWS does this for have nodes, and only while they run.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-topology.html>

use service::filters::{Fields, Filter};
use service::ids::Ids;
use service::paging;
use service::prelude::*;

use super::Instance;
use super::describe::candidates;
use super::state::{State, state_at};

service::operations! { Ec2;
    DescribeInstanceTopology => read(describe) authorize(crate::resource::any),
}

/// `DescribeInstanceTopologyRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceTopology {
    pub instance_ids: Option<Vec<String>>,
    pub group_names: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceTopologyResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Topology {
    pub instances: Vec<PlaceOut>,
    pub next_token: Option<String>,
}

/// `InstanceTopology`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct PlaceOut {
    pub instance_id: String,
    pub instance_type: String,
    pub group_name: Option<String>,
    pub network_nodes: Vec<String>,
    pub availability_zone: String,
    pub zone_id: String,
}

static FIELDS: Fields<PlaceOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("instance-type", |it, values| values.push(it.instance_type.as_str())),
        ("zone-id", |it, values| values.push(it.zone_id.as_str())),
    ],
    tags: None,
};

/// What EC2 answers at once when no size is asked for.
const PAGE: i64 = 20;

/// The place of each instance named, or of all.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstanceTopology) -> Result<Topology, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(crate::refused::not_together("instancesSet", "maxResults"));
    }
    let groups = input.group_names.as_deref().unwrap_or_default();
    let is_in = |instance: &Instance| {
        groups.is_empty() || instance.placement.group_name.as_ref().is_some_and(|name| groups.contains(name))
    };
    let there = |instance: &Instance| !state_at(instance, cx.now, cx.settings.states).is_over();
    let found = candidates(cx, world, ids, None)?.filter(|instance| is_in(instance) && there(instance));
    let places = found.map(|instance| out(cx, &instance)).filter(|it| chosen.admit(it));
    let scope = format!("instance-topology {filters:?} {groups:?}");
    let size = if ids.is_empty() { input.max_results.or(Some(PAGE)) } else { None };
    let page = paging::ec2(&scope, input.next_token.as_deref(), size, places, |it| it.instance_id.clone())?;
    Ok(Topology { instances: page.items, next_token: page.next })
}

fn out(cx: &Cx, instance: &Instance) -> PlaceOut {
    let runs = state_at(instance, cx.now, cx.settings.states) == State::Running;
    PlaceOut {
        instance_id: instance.id.clone(),
        instance_type: instance.instance_type.clone(),
        group_name: instance.placement.group_name.clone(),
        network_nodes: if runs && is_supported(&instance.instance_type) { nodes(instance) } else { Vec::new() },
        availability_zone: instance.placement.zone.clone(),
        zone_id: instance.placement.zone_id.clone(),
    }
}

/// Families for which the user guide says that topology is described.
const FAMILIES: &[&str] = &[
    "g4dn",
    "g5",
    "g5g",
    "g6",
    "g6e",
    "gr6",
    "hpc6a",
    "hpc6id",
    "hpc7a",
    "hpc7g",
    "hpc8a",
    "p3dn",
    "p4d",
    "p4de",
    "p5",
    "p5e",
    "p5en",
    "p6-b200",
    "p6-b300",
    "p6e-gb200",
    "trn1",
    "trn1n",
    "trn2",
    "trn2u",
];

/// Whether AWS tells of the type where it is.
pub fn is_supported(type_name: &str) -> bool {
    type_name.split_once('.').is_some_and(|(family, _)| FAMILIES.contains(&family))
}

/// Where an instance hangs: a new run is a new place, but what runs in reserved capacity is where that is.
fn nodes(instance: &Instance) -> Vec<String> {
    let began = instance.started_at.as_second().to_be_bytes();
    let of_its_own: &[&[u8]] = &[instance.id.as_bytes(), &began];
    match &instance.capacity_reservation_id {
        Some(held) => nodes_of(instance.account, &instance.placement.zone_id, &[held.as_bytes()]),
        None => nodes_of(instance.account, &instance.placement.zone_id, of_its_own),
    }
}

/// From the top node of the zone down to the one that something hangs on. Each has up to eight below it; `facts` say what it is.
pub fn nodes_of(account: AccountId, zone_id: &str, facts: &[&[u8]]) -> Vec<String> {
    let mut drawn_from: Vec<&[u8]> = vec![b"network node"];
    drawn_from.extend(facts);
    let [first, second, ..] = Ids::derived(&drawn_from).bytes();
    let node = |path: &[u8]| Ids::derived(&[account.as_str().as_bytes(), zone_id.as_bytes(), path]).ec2("nn");
    vec![node(&[]), node(&[first % 8]), node(&[first % 8, second % 8])]
}
