//! What capacity was used and held, from one moment to another: the runs of instances and the sizes of reservations, each with its dimensions.

use std::collections::HashMap;
use std::sync::Arc;

use service::cx::States;
use service::organization::Organization;
use service::prelude::*;

use super::dimension::Dimension;
use super::usage::{CapacityHeld, CapacityUse, present};
use crate::capacity::CapacityReservation;
use crate::catalogue::instance_types;
use crate::host::family_of;
use crate::instance::Instance;
use crate::kind;
use crate::spot::price::{self, Offer};

/// What capacity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Of a reservation that holds it.
    Held,
    /// Of one that begins later.
    Future,
    /// What one commits to.
    Committed,
    /// A run in a reservation, and one outside.
    Reserved,
    Unreserved,
    Spot,
}

/// Capacity of one kind and size.
#[derive(Debug, Clone)]
pub struct Span {
    pub what: What,
    pub begin: Timestamp,
    pub end: Timestamp,
    pub instances: f64,
    pub vcpus: f64,
    /// Dollars of an hour.
    pub cost: f64,
    pub dimension: Arc<Dimension>,
    /// Of a run: whether it began with the span.
    pub is_first: bool,
    /// Of a run: when the instance was started that Spot's interruption ended.
    pub interrupted_since: Option<Timestamp>,
}

/// Who looks, and at what moment.
pub struct View<'a> {
    pub world: &'a World,
    pub now: Timestamp,
    pub states: States,
    pub partition: &'a str,
    /// Whether the accounts' names are told.
    pub organization: Option<Arc<Organization>>,
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer instances than a mantissa counts")]
fn number(count: i64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "prices are some millions of micros")]
fn dollars(micros: price::Micros) -> f64 {
    micros as f64 / 1e6
}

/// vCPUs of the type, and what its hour costs.
fn of_type(name: &str, platform: &str, spot: Option<(&str, Timestamp)>) -> (f64, f64) {
    let Some(kind) = instance_types::get(name) else { return (0.0, 0.0) };
    let product = price::product(platform);
    let price = match spot {
        Some((zone, time)) => Offer { type_name: name, zone, product }.at(kind, time),
        None => price::on_demand(kind, product),
    };
    (number(instance_types::vcpus(kind)), dollars(price))
}

impl View<'_> {
    /// Everything that an account used and held.
    pub fn of(&self, account: AccountId) -> Vec<Span> {
        let parts = [account.as_str()];
        let mut held: HashMap<(String, String), CapacityHeld> = HashMap::new();
        for it in self.world.scan::<CapacityReservation>(&parts) {
            held.insert((it.region.clone(), it.id.clone()), CapacityHeld::unchanged(it));
        }
        for it in self.world.scan::<CapacityHeld>(&parts) {
            let key = (it.last.region.clone(), it.last.id.clone());
            let last = held.get(&key).map_or_else(|| it.last.clone(), |present| present.last.clone());
            held.insert(key, CapacityHeld { last, sizes: it.sizes.clone() });
        }
        let mut spans: Vec<Span> = held.values().flat_map(|held| self.of_reservation(held)).collect();
        for it in self.world.scan::<CapacityUse>(&parts) {
            spans.extend(self.of_use(it, &held));
        }
        for instance in self.world.scan::<Instance>(&parts) {
            if let Some(it) = present(self.world, instance, self.now) {
                spans.extend(self.of_use(&it, &held));
            }
        }
        spans
    }

    fn account(&self, account: AccountId, region: &str) -> Dimension {
        let entity = self.organization.as_ref().and_then(|held| held.entities.get(account.as_str()));
        Dimension {
            resource_region: Some(region.to_owned()),
            account_id: Some(account.to_string()),
            account_name: entity.map(|entity| entity.name.clone()),
            ..Dimension::default()
        }
    }

    fn reservation(&self, held: &CapacityReservation) -> Dimension {
        Dimension {
            availability_zone_id: Some(held.zone_id.clone()),
            instance_family: Some(family_of(&held.instance_type).to_owned()),
            instance_type: Some(held.instance_type.clone()),
            instance_platform: Some(held.platform.clone()),
            reservation_arn: Some(self.arn(held)),
            reservation_id: Some(held.id.clone()),
            reservation_type: Some(if held.block_id.is_some() { "capacity-block" } else { "odcr" }),
            reservation_create_timestamp: Some(held.created_at),
            reservation_start_timestamp: Some(held.start()),
            reservation_end_timestamp: held.end_date,
            reservation_end_date_type: Some(if held.end_date.is_some() { "limited" } else { "unlimited" }),
            tenancy: Some(held.tenancy.clone()),
            reservation_state: Some(match held.state(self.now, self.states) {
                "assessing" => "pending",
                "cancelling" => "cancelled",
                other => other,
            }),
            reservation_instance_match_criteria: Some(if held.open { "open" } else { "targeted" }),
            reservation_unused_financial_owner: Some(held.billing_owner.unwrap_or(held.account).to_string()),
            ..self.account(held.account, &held.region)
        }
    }

    fn arn(&self, held: &CapacityReservation) -> String {
        let kind = kind::CAPACITY_RESERVATION.resource_type;
        service::arn::ec2(self.partition, &held.region, held.account.as_str(), kind, &held.id)
    }

    fn of_reservation(&self, held: &CapacityHeld) -> Vec<Span> {
        let last = &held.last;
        let dimension = Arc::new(self.reservation(last));
        let (vcpus, cost) = of_type(&last.instance_type, &last.platform, None);
        let over = last.over_at().unwrap_or(self.now).min(self.now);
        let span = |what, begin: Timestamp, end: Timestamp, count: i64| Span {
            what,
            begin,
            end,
            instances: number(count),
            vcpus: number(count) * vcpus,
            cost: number(count) * cost,
            dimension: dimension.clone(),
            is_first: false,
            interrupted_since: None,
        };
        let mut spans = Vec::new();
        for (at, (since, count)) in held.sizes.iter().enumerate() {
            let until = held.sizes.get(at + 1).map_or(over, |(next, _)| *next);
            spans.push(span(What::Held, (*since).max(last.start()), until.min(over), *count));
        }
        if last.starts_at.is_some() {
            let first = held.sizes.first().map_or(last.count, |(_, count)| *count);
            spans.push(span(What::Future, last.created_at, last.start().min(over), first));
        }
        if let (Some(commitment), Some(until)) = (last.commitment, last.committed_until()) {
            spans.push(span(What::Committed, last.created_at, until.min(over), commitment.count));
        }
        spans.retain(|span| span.begin < span.end);
        spans
    }

    fn of_use(&self, it: &CapacityUse, held: &HashMap<(String, String), CapacityHeld>) -> Vec<Span> {
        let of = |id: &String| held.get(&(it.region.clone(), id.clone())).map(|held| &held.last);
        let reservation = it.reservation_id.as_ref().and_then(of);
        let alone = Dimension {
            availability_zone_id: Some(it.zone_id.clone()),
            instance_family: Some(family_of(&it.instance_type).to_owned()),
            instance_type: Some(it.instance_type.clone()),
            instance_platform: Some(it.platform.clone()),
            tenancy: Some(it.tenancy.clone()),
            ..self.account(it.account, &it.region)
        };
        let zone = service::regions::region(&it.region)
            .and_then(|region| region.zones.iter().find(|zone| zone.id == it.zone_id));
        let spot = zone.map(|zone| (zone.name.as_str(), it.begin)).filter(|_| it.is_spot);
        let (vcpus, cost) = of_type(&it.instance_type, &it.platform, spot);
        let span = |what, begin, end, dimension| Span {
            what,
            begin,
            end,
            instances: 1.0,
            vcpus,
            cost,
            dimension: Arc::new(dimension),
            is_first: it.is_first && begin == it.begin,
            interrupted_since: (it.is_interrupted && end == it.end).then_some(it.begin),
        };
        let Some(reservation) = reservation.filter(|_| !it.is_spot) else {
            let what = if it.is_spot { What::Spot } else { What::Unreserved };
            return vec![span(what, it.begin, it.end, alone)];
        };
        // What runs on when its reservation has expired runs outside of it.
        let over = reservation.over_at().unwrap_or(it.end).clamp(it.begin, it.end);
        let mut spans = vec![span(What::Reserved, it.begin, over, self.reservation(reservation))];
        if over < it.end {
            spans.push(span(What::Unreserved, over, it.end, alone));
        }
        spans
    }
}
