//! DescribeInstances. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>
//!
//! A page counts instances, not reservations; the instances of a page are grouped by reservation. Filters for an id, VPC, subnet, tag, reservation or
//! state without wildcards use an index, so the answer's cost does not depend on how many instances there are.

use std::sync::Arc;

use service::filters::{Filter, exact};
use service::paging;
use service::prelude::*;

use super::filters::FIELDS;
use super::out::{GroupOut, InstanceOut};
use super::state::Phase;
use super::view::Seen;
use super::{Instance, find_all};

/// `DescribeInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstances {
    pub instance_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Reservations {
    pub reservations: Vec<ReservationOut>,
    pub next_token: Option<String>,
}

/// `Reservation`.
#[derive(Debug, Serialize, Shaped)]
pub struct ReservationOut {
    pub reservation_id: String,
    pub owner_id: String,
    /// Groups of the launch; only the network that AWS gave up in 2022 had any.
    pub groups: Vec<GroupOut>,
    pub instances: Vec<InstanceOut>,
}

/// Instances that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstances) -> Result<Reservations, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(crate::refused::not_together("instancesSet", "maxResults"));
    }
    paging::must_be_enough(input.max_results)?;
    let candidates = candidates(cx, world, ids, filters)?;
    let seen = candidates.map(|instance| Seen::new(cx, world, &instance)).filter(|seen| chosen.admit(seen));
    let scope = format!("instances {filters:?}");
    let page =
        paging::ec2(&scope, input.next_token.as_deref(), input.max_results, seen, |seen| seen.instance.id.clone())?;
    Ok(Reservations { reservations: group(page.items), next_token: page.next })
}

/// The instances to look at, in the order of their ids: those named, those an index finds for a filter, else all.
pub(super) fn candidates<'w>(
    cx: &Cx,
    world: &'w World,
    ids: &[String],
    filters: Option<&[Filter]>,
) -> Result<Box<dyn Iterator<Item = Arc<Instance>> + 'w>, ApiError> {
    if !ids.is_empty() {
        let mut found = find_all(cx, world, ids)?;
        found.sort_by(|a, b| a.id.cmp(&b.id));
        return Ok(Box::new(found.into_iter()));
    }
    let (account, region) = (cx.account(), cx.region_name());
    Ok(match by_index(account.as_str(), region, world, filters) {
        Some(found) => found,
        None => Box::new(world.scan::<Instance>(&[account.as_str(), region]).cloned()),
    })
}

type Found<'w> = Box<dyn Iterator<Item = Arc<Instance>> + 'w>;

/// The narrowest index that a filter allows.
fn by_index<'w>(account: &str, region: &str, world: &'w World, filters: Option<&[Filter]>) -> Option<Found<'w>> {
    if let Some(ids) = exact(filters, "instance-id") {
        let found = ids.iter().filter_map(|id| world.get::<Instance>(&[account, region, id])).cloned().collect();
        return Some(sorted(found));
    }
    let lists = [
        ("reservation-id", Instance::BY_RESERVATION),
        ("subnet-id", Instance::BY_SUBNET),
        ("vpc-id", Instance::BY_VPC),
    ];
    for (name, index) in lists {
        if let Some(values) = exact(filters, name) {
            return Some(under(
                account,
                region,
                world,
                index,
                values.iter().map(|value| vec![value.as_str()]).collect(),
            ));
        }
    }
    if let Some((key, values)) = tag_filter(filters) {
        let parts = values.iter().map(|value| vec![key, value.as_str()]).collect();
        return Some(under(account, region, world, Instance::BY_TAG, parts));
    }
    let states = exact(filters, "instance-state-name")?;
    let mut phases: Vec<_> = states.iter().filter_map(|state| Phase::word_for(state)).collect();
    phases.sort_unstable();
    phases.dedup();
    Some(under(account, region, world, Instance::BY_PHASE, phases.into_iter().map(|phase| vec![phase]).collect()))
}

/// The first filter on a tag's value that an index can answer.
fn tag_filter(filters: Option<&[Filter]>) -> Option<(&str, &[String])> {
    filters?.iter().find_map(|filter| {
        let name = filter.name.as_deref()?;
        Some((name.strip_prefix("tag:")?, exact(filters, name)?))
    })
}

/// All instances under those index values. One value's instances come in the order of their ids already and are not gathered first.
fn under<'w>(account: &str, region: &str, world: &'w World, index: usize, values: Vec<Vec<&str>>) -> Found<'w> {
    let list = |value: &Vec<&str>| {
        let parts: Vec<&str> = [account, region].into_iter().chain(value.iter().copied()).collect();
        world.by::<Instance>(index, &parts)
    };
    match values.as_slice() {
        [one] => Box::new(list(one).cloned()),
        many => sorted(many.iter().flat_map(list).cloned().collect()),
    }
}

fn sorted<'w>(mut found: Vec<Arc<Instance>>) -> Found<'w> {
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Box::new(found.into_iter())
}

/// Instances of one reservation together, reservations in the order of their first instance.
fn group(page: Vec<Seen>) -> Vec<ReservationOut> {
    let mut places = std::collections::HashMap::new();
    let mut reservations: Vec<ReservationOut> = Vec::new();
    for seen in page {
        let instance = seen.instance.clone();
        let place = *places.entry(instance.reservation_id.clone()).or_insert(reservations.len());
        if place == reservations.len() {
            reservations.push(empty(&instance));
        }
        if let Some(reservation) = reservations.get_mut(place) {
            reservation.instances.push(seen.into_out());
        }
    }
    for reservation in &mut reservations {
        reservation.instances.sort_by_key(|instance| instance.ami_launch_index);
    }
    reservations
}

fn empty(instance: &Instance) -> ReservationOut {
    ReservationOut {
        reservation_id: instance.reservation_id.clone(),
        owner_id: instance.account.to_string(),
        groups: Vec::new(),
        instances: Vec::new(),
    }
}

/// A time as filters spell it: `2026-11-23T10:00:00.000Z`.
pub fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}
