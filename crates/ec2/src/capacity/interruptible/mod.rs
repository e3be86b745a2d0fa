//! Interruptible reservations: capacity that a reservation does not need for now, lent to whoever is content to lose it. When it is taken back, instances
//! that are too many are told two minutes before they end.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/interruptible-capacity-reservations.html>
//!
//! What is lent is counted, not moved: a source has so many fewer available as its interruptible reservation is for, or as still run in it. How the
//! counts of the source look at AWS, and the words of what is refused, are not recorded.

use jiff::SignedDuration;
use service::prelude::*;

use super::CapacityReservation;
use super::change::{active, must_have_lent_nothing};
use crate::capacity::manager::usage;
use crate::instance::notice::{self, Action, Interruption};
use crate::instance::{Instance, client_token, elapsed};
use crate::kind;
use crate::refused::invalid;
use crate::resource::{self, Resource};
use crate::tags::{self, TagSpecification};

#[cfg(test)]
mod tests;

/// What a reservation has lent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The interruptible reservation, `cr-…`.
    pub id: String,
    pub target: i64,
    /// Whether the interruptible one stays when nothing is lent any more.
    pub retain: bool,
    pub changed_at: Timestamp,
    /// Whether it has been changed since it was made.
    pub is_updated: bool,
}

/// Where an interruptible reservation's capacity comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `cr-…`
    pub id: String,
}

/// The only type of interruption: whenever the owner wants.
const INTERRUPTION: &str = "adhoc";
/// Between the notice and the end of an instance.
const NOTICE: SignedDuration = SignedDuration::from_mins(2);
const SECONDS: i64 = 5;

/// `CreateInterruptibleCapacityReservationAllocationRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateInterruptibleCapacityReservationAllocation {
    pub capacity_reservation_id: String,
    pub instance_count: i64,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub zero_size_preference: Option<String>,
    pub dry_run: Option<bool>,
}

/// `UpdateInterruptibleCapacityReservationAllocationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct UpdateInterruptibleCapacityReservationAllocation {
    pub capacity_reservation_id: String,
    pub target_instance_count: Option<i64>,
    pub zero_size_preference: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CreateInterruptibleCapacityReservationAllocationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub source_capacity_reservation_id: String,
    pub target_instance_count: i64,
    pub status: &'static str,
    pub interruption_type: &'static str,
}

/// `UpdateInterruptibleCapacityReservationAllocationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Updated {
    pub interruptible_capacity_reservation_id: String,
    pub source_capacity_reservation_id: String,
    pub instance_count: i64,
    pub target_instance_count: i64,
    pub status: &'static str,
    pub interruption_type: &'static str,
}

/// `InterruptibleCapacityAllocation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct LentOut {
    pub instance_count: i64,
    pub target_instance_count: i64,
    pub status: &'static str,
    pub interruptible_capacity_reservation_id: String,
    pub interruption_type: &'static str,
    pub zero_size_preference: &'static str,
}

/// `InterruptionInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct SourceOut {
    pub source_capacity_reservation_id: String,
    pub interruption_type: &'static str,
}

impl Allocation {
    /// So many are lent: those it is for or, while more are being taken back, those that still run.
    fn lent(&self, world: &World, source: &CapacityReservation) -> i64 {
        let parts = [source.account.as_str(), &source.region, &self.id];
        let running = world.by::<Instance>(Instance::BY_CAPACITY_RESERVATION, &parts).count();
        self.target.max(i64::try_from(running).unwrap_or(i64::MAX))
    }

    fn status(&self, cx: &Cx, lent: i64) -> &'static str {
        let is_new = elapsed(self.changed_at, cx.now) < cx.settings.states.lasting(SECONDS);
        match self {
            _ if self.is_ended() && (lent > 0 || is_new) => "canceling",
            _ if self.is_ended() => "canceled",
            _ if lent > self.target || (is_new && self.is_updated) => "updating",
            _ if is_new => "pending",
            _ => "active",
        }
    }

    fn is_ended(&self) -> bool {
        self.target == 0 && !self.retain
    }

    fn preference(&self) -> &'static str {
        if self.retain { "retain" } else { "default" }
    }
}

/// Whether it lends, or keeps an allocation that may lend again.
pub fn has_allocation(world: &World, held: &CapacityReservation) -> bool {
    held.allocation.as_ref().is_some_and(|it| !it.is_ended() || it.lent(world, held) > 0)
}

/// How many of a reservation's instances are lent.
pub fn lent(world: &World, held: &CapacityReservation) -> i64 {
    held.allocation.as_ref().map_or(0, |it| it.lent(world, held))
}

/// What the source tells of it.
pub fn lent_out(cx: &Cx, world: &World, held: &CapacityReservation) -> Option<LentOut> {
    let it = held.allocation.as_ref()?;
    let lent = it.lent(world, held);
    Some(LentOut {
        instance_count: lent,
        target_instance_count: it.target,
        status: it.status(cx, lent),
        interruptible_capacity_reservation_id: it.id.clone(),
        interruption_type: INTERRUPTION,
        zero_size_preference: it.preference(),
    })
}

/// What the interruptible reservation tells of it.
pub fn source_out(source: &Source) -> SourceOut {
    SourceOut { source_capacity_reservation_id: source.id.clone(), interruption_type: INTERRUPTION }
}

/// What an interruptible reservation does when it has nothing left.
pub fn preference_of(cx: &Cx, world: &World, held: &CapacityReservation) -> Option<&'static str> {
    let source = resource::look_up::<CapacityReservation>(world, cx, &held.source.as_ref()?.id)?;
    source.allocation.as_ref().map(Allocation::preference)
}

/// What is lent, from where to where.
struct Loan<'a> {
    source: &'a str,
    /// It may not be there yet.
    interruptible: Option<&'a str>,
    target: Option<i64>,
}

/// The keys that tell of the loan, on its source or on the interruptible reservation.
fn with_keys(cx: &Cx, check: Check, is_interruptible: bool, loan: &Loan<'_>) -> Check {
    let arn = |id: &str| kind::CAPACITY_RESERVATION.arn(cx, id);
    check
        .key_if("ec2:InterruptibleCapacityReservationId", loan.interruptible.map(arn))
        .key("ec2:InterruptionType", INTERRUPTION)
        .key("ec2:IsInterruptible", is_interruptible.to_string())
        .key("ec2:SourceCapacityReservationId", arn(loan.source))
        .key_if("ec2:TargetInstanceCount", loan.target.map(|count| count.to_string()))
}

/// CreateInterruptibleCapacityReservationAllocation on the source and on the reservation to come, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateInterruptibleCapacityReservationAllocation) -> Vec<Check> {
    let id = &input.capacity_reservation_id;
    let specifications = input.tag_specifications.as_deref();
    let source = resource::check_on::<CapacityReservation>(cx, world, id);
    let mut own = resource::check_on_new(cx, &kind::CAPACITY_RESERVATION, specifications);
    if let Some(held) = resource::look_up::<CapacityReservation>(world, cx, id) {
        let made = CapacityReservation { open: false, ..made_of(cx, &held, String::new(), input.instance_count) };
        own = made.keys(cx, world, own).key("ec2:AvailabilityZoneId", held.zone_id.as_str());
    }
    let loan = Loan { source: id, interruptible: None, target: Some(input.instance_count) };
    let named = [with_keys(cx, source, false, &loan), with_keys(cx, own, true, &loan)];
    let tagging = tags::tag_on_create_checks(
        cx,
        specifications.unwrap_or_default(),
        "CreateInterruptibleCapacityReservationAllocation",
    );
    named.into_iter().chain(tagging).collect()
}

/// UpdateInterruptibleCapacityReservationAllocation on the source.
pub fn to_update(cx: &Cx, world: &World, input: &UpdateInterruptibleCapacityReservationAllocation) -> Vec<Check> {
    let id = &input.capacity_reservation_id;
    let held = resource::look_up::<CapacityReservation>(world, cx, id);
    let lent_to = held.as_ref().and_then(|it| it.allocation.as_ref()).map(|it| it.id.as_str());
    let own = resource::check_on::<CapacityReservation>(cx, world, id)
        .key_if("ec2:AvailabilityZoneId", held.as_ref().map(|it| it.zone_id.as_str()));
    let loan = Loan { source: id, interruptible: lent_to, target: input.target_instance_count };
    vec![with_keys(cx, own, false, &loan)]
}

/// The interruptible reservation of so many.
fn made_of(cx: &Cx, source: &CapacityReservation, id: String, count: i64) -> CapacityReservation {
    CapacityReservation {
        id,
        count,
        open: false,
        created_at: cx.now_seconds(),
        fleet_id: None,
        weight: None,
        billing_owner: None,
        starts_at: None,
        commitment: None,
        allocation: None,
        source: Some(Source { id: source.id.clone() }),
        tags: Vec::new(),
        ..source.clone()
    }
}

fn incorrect(message: String) -> ApiError {
    ApiError::new("IncorrectState", message)
}

/// So many are free, counting what is lent already.
fn must_be_free(id: &str, count: i64, least: i64, most: i64) -> Result<(), ApiError> {
    let most = most.min(1000);
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(invalid(format!(
        "Value ({count}) for parameter instanceCount is invalid. The Capacity Reservation '{id}' has {most} available instances for this request."
    )))
}

/// Lends so many to a new reservation, or answers again what the same client token made.
pub fn create(
    cx: &Cx,
    tx: &mut Tx,
    input: &CreateInterruptibleCapacityReservationAllocation,
) -> Result<Created, ApiError> {
    const SCOPE: &str = "CreateInterruptibleCapacityReservationAllocation";
    let token = input.client_token.as_deref();
    let plain = CreateInterruptibleCapacityReservationAllocation { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&plain);
    if let Some(source) = client_token::again::<CapacityReservation>(cx, tx, SCOPE, token, &digest)? {
        return Ok(answer(cx, tx, &source));
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::CAPACITY_RESERVATION.resource_type)?;
    let held = active(cx, tx, &input.capacity_reservation_id)?;
    let state = held.state(cx.now, cx.settings.states);
    if state != "active" {
        return Err(incorrect(format!("The capacity reservation '{}' is in the state '{state}'.", held.id)));
    }
    if held.end_date.is_some() {
        return Err(incorrect(format!("The Capacity Reservation '{}' has an end date.", held.id)));
    }
    must_have_lent_nothing(tx, &held)?;
    must_be_free(&held.id, input.instance_count, 1, held.available(tx))?;
    let made = made_of(cx, &held, cx.ids.ec2(kind::CAPACITY_RESERVATION.prefix), input.instance_count);
    let allocation = Allocation {
        id: made.id.clone(),
        target: made.count,
        retain: input.zero_size_preference.as_deref() == Some("retain"),
        changed_at: cx.now,
        is_updated: false,
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![held.id.clone()]);
    usage::put(cx, tx, CapacityReservation { tags, ..made });
    let source = CapacityReservation { allocation: Some(allocation), ..held };
    tx.put(source.clone());
    Ok(answer(cx, tx, &source))
}

fn answer(cx: &Cx, world: &World, source: &CapacityReservation) -> Created {
    let lent = lent_out(cx, world, source);
    Created {
        source_capacity_reservation_id: source.id.clone(),
        target_instance_count: lent.as_ref().map_or(0, |it| it.target_instance_count),
        status: lent.map_or("canceled", |it| it.status),
        interruption_type: INTERRUPTION,
    }
}

/// Lends more or fewer. Of fewer, instances that are too many are told that they end.
pub fn update(
    cx: &Cx,
    tx: &mut Tx,
    input: &UpdateInterruptibleCapacityReservationAllocation,
) -> Result<Updated, ApiError> {
    let held = active(cx, tx, &input.capacity_reservation_id)?;
    let none = || incorrect(format!("The Capacity Reservation '{}' has no interruptible allocation.", held.id));
    let before = held.allocation.clone().filter(|it| !it.is_ended()).ok_or_else(none)?;
    let target = input.target_instance_count.unwrap_or(before.target);
    must_be_free(&held.id, target, 0, held.available(tx) + before.lent(tx, &held))?;
    let retain = input.zero_size_preference.as_deref().map_or(before.retain, |it| it == "retain");
    let allocation = Allocation { target, retain, changed_at: cx.now, is_updated: true, ..before };
    let ended = allocation.is_ended();
    let interruptible = allocation.id.clone();
    tx.put(CapacityReservation { allocation: Some(allocation), ..held.clone() });
    if let Some(lent) = resource::look_up::<CapacityReservation>(tx, cx, &interruptible) {
        let cancelled_at = ended.then(|| cx.now_seconds());
        usage::put(cx, tx, CapacityReservation { count: target, cancelled_at, ..(*lent).clone() });
    }
    reclaim(cx, tx, &interruptible, target);
    let source = resource::get::<CapacityReservation>(tx, cx, &held.id)?;
    let seen = lent_out(cx, tx, &source).ok_or_else(none)?;
    Ok(Updated {
        interruptible_capacity_reservation_id: interruptible,
        source_capacity_reservation_id: held.id,
        instance_count: seen.instance_count,
        target_instance_count: seen.target_instance_count,
        status: seen.status,
        interruption_type: INTERRUPTION,
    })
}

/// Announces to those that are too many that they end; the youngest go first.
fn reclaim(cx: &Cx, tx: &mut Tx, id: &str, target: i64) {
    let Some(held) = resource::look_up::<CapacityReservation>(tx, cx, id) else { return };
    let mut running: Vec<_> = held.instances(tx).cloned().collect();
    running.sort_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)));
    let at = cx.now.saturating_add(NOTICE).unwrap_or(cx.now);
    for instance in running.iter().skip(usize::try_from(target).unwrap_or(0)) {
        if notice::of(tx, instance).is_none_or(|told| told.interruption.is_none()) {
            notice::interrupt(tx, instance, Interruption { action: Action::Terminate, at });
        }
    }
}
