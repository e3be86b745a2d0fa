//! Capacity reservations change their size and end, and are cancelled.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyCapacityReservation.html>

use service::prelude::*;

use super::create::{check_count, check_end};
use super::quote::{CancellationQuote, DateChangeQuote, cancellation, date_change};
use super::record::Commitment;
use super::{CapacityReservation, interruptible, launch};
use crate::capacity::manager::usage;
use crate::instance::{Market, authorize};
use crate::resource;

/// `ModifyCapacityReservationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyCapacityReservation {
    pub capacity_reservation_id: String,
    pub instance_count: Option<i64>,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
    pub end_date_type: Option<String>,
    pub instance_match_criteria: Option<String>,
    pub quote_id: Option<String>,
    pub accept_modification_terms: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `CancelCapacityReservationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelCapacityReservation {
    pub capacity_reservation_id: String,
    pub apply_cancellation_charges: Option<String>,
    pub quote_id: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ModifyCapacityReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub r#return: bool,
    pub adjustment_status: Option<&'static str>,
    pub adjustment_details: Option<AdjustmentOut>,
}

/// `CapacityReservationAdjustmentDetails`.
#[derive(Debug, Serialize, Shaped)]
pub struct AdjustmentOut {
    pub start_date: Timestamp,
    pub end_date: Option<Timestamp>,
    pub end_date_type: &'static str,
    pub commitment_end_date: Option<Timestamp>,
    pub commitment_duration: Option<i64>,
}

/// `CancelCapacityReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Cancelled {
    pub r#return: bool,
}

/// ModifyCapacityReservation on the reservation, with the new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyCapacityReservation) -> Vec<Check> {
    let values = [
        ("InstanceCount", input.instance_count.map(|count| count.to_string())),
        ("StartDate", input.start_date.map(|start| start.to_string())),
        ("EndDate", input.end_date.map(|end| end.to_string())),
        ("EndDateType", input.end_date_type.clone()),
        ("InstanceMatchCriteria", input.instance_match_criteria.clone()),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let own = resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id);
    vec![authorize::attributes(own, &values)]
}

/// Changes what is given; it may not become smaller than what runs in it.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyCapacityReservation) -> Result<Changed, ApiError> {
    if let Some(quote) = date_change::accepted(cx, tx, input)? {
        return push_out(cx, tx, &quote);
    }
    let held = active(cx, tx, &input.capacity_reservation_id)?;
    let mut changed = held.clone();
    if let Some(count) = input.instance_count {
        check_count(count)?;
        if held.commitment.is_some_and(|commitment| count < commitment.count) {
            must_not_be_committed(cx, &held, cx.now)?;
        }
        let used = held.count - held.available(tx);
        if count < used {
            let message = format!(
                "The instance count {count} is lower than the number of instances that run in the reservation ({used})."
            );
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        changed.count = count;
    }
    if input.end_date.is_some() || input.end_date_type.is_some() {
        let kind = input.end_date_type.as_deref().or(input.end_date.map(|_| "limited"));
        check_end(cx, kind, input.end_date)?;
        if let Some(end) = input.end_date {
            must_not_be_committed(cx, &held, end)?;
            must_have_lent_nothing(tx, &held)?;
        }
        changed.end_date = input.end_date;
    }
    if let Some(criteria) = &input.instance_match_criteria {
        changed.open = criteria == "open";
    }
    usage::put(cx, tx, changed);
    Ok(Changed { r#return: true, adjustment_status: None, adjustment_details: None })
}

/// A future-dated reservation starts later, as quoted.
fn push_out(cx: &Cx, tx: &mut Tx, quote: &DateChangeQuote) -> Result<Changed, ApiError> {
    let held = resource::get::<CapacityReservation>(tx, cx, &quote.reservation_id)?;
    let commitment = held.commitment.map(|it| Commitment { adjusted_at: Some(cx.now), ..it });
    let changed = CapacityReservation { starts_at: Some(quote.new_start), commitment, ..(*held).clone() };
    tx.put(DateChangeQuote { is_used: true, ..quote.clone() });
    usage::put(cx, tx, changed.clone());
    Ok(Changed {
        r#return: true,
        adjustment_status: Some("applied"),
        adjustment_details: Some(AdjustmentOut {
            start_date: quote.new_start,
            end_date: changed.end_date,
            end_date_type: if changed.end_date.is_some() { "limited" } else { "unlimited" },
            commitment_end_date: changed.committed_until(),
            commitment_duration: commitment.map(|it| it.seconds),
        }),
    })
}

/// CancelCapacityReservation on the reservation, and on the quote that is named.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelCapacityReservation) -> Vec<Check> {
    let own = resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id);
    let quote = input.quote_id.as_deref().map(|id| resource::check_on::<CancellationQuote>(cx, world, id));
    std::iter::once(own).chain(quote).collect()
}

/// Ends the reservation; instances that ran in it go on without. One that is committed to ends as quoted, and is charged for on.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelCapacityReservation) -> Result<Cancelled, ApiError> {
    let held = resource::get::<CapacityReservation>(tx, cx, &input.capacity_reservation_id)?;
    if held.is_over(cx.now) {
        return Err(unchangeable(cx, &held));
    }
    must_be_ordinary(&held)?;
    must_have_lent_nothing(tx, &held)?;
    let charged_until = cancellation::accepted(cx, tx, &held, input)?;
    let commitment = held.commitment.map(|it| Commitment { charged_until, ..it });
    launch::leave(cx, tx, &held);
    usage::put(cx, tx, CapacityReservation { cancelled_at: Some(cx.now_seconds()), commitment, ..(*held).clone() });
    Ok(Cancelled { r#return: true })
}

/// A reservation that holds capacity, and is neither a Capacity Block nor interruptible.
pub fn active(cx: &Cx, world: &World, id: &str) -> Result<CapacityReservation, ApiError> {
    let held = resource::get::<CapacityReservation>(world, cx, id)?;
    must_hold(cx, &held)?;
    must_be_ordinary(&held)?;
    Ok((*held).clone())
}

/// One that is over, or has not begun, does not change.
pub fn must_hold(cx: &Cx, held: &CapacityReservation) -> Result<(), ApiError> {
    if held.holds(cx.now) { Ok(()) } else { Err(unchangeable(cx, held)) }
}

fn unchangeable(cx: &Cx, held: &CapacityReservation) -> ApiError {
    let (id, state) = (&held.id, held.state(cx.now, cx.settings.states));
    let message = format!("The capacity reservation '{id}' is in the state '{state}' and cannot be changed.");
    ApiError::new("IncorrectState", message)
}

/// Capacity Blocks can't be modified or cancelled, says CancelCapacityReservation's page, and an interruptible reservation is its source's. The words are
/// not recorded.
fn must_be_ordinary(held: &CapacityReservation) -> Result<(), ApiError> {
    let what = match held.market() {
        None => return Ok(()),
        Some(Market::CapacityBlock) => "is a Capacity Block and cannot be changed.",
        Some(Market::InterruptibleCapacityReservation) => {
            "is interruptible. Change the interruptible allocation of its source Capacity Reservation instead."
        }
    };
    Err(ApiError::new("UnsupportedOperation", format!("The Capacity Reservation '{}' {what}", held.id)))
}

/// Nothing is given up before the commitment of a future-dated one is over. The words are not recorded.
pub fn must_not_be_committed(cx: &Cx, held: &CapacityReservation, at: Timestamp) -> Result<(), ApiError> {
    match held.committed_until() {
        Some(until) if until > at.max(cx.now) => Err(ApiError::new(
            "IncorrectState",
            format!("The Capacity Reservation '{}' is within its commitment duration, which ends at {until}.", held.id),
        )),
        _ => Ok(()),
    }
}

/// The words are not recorded.
pub fn must_have_lent_nothing(world: &World, held: &CapacityReservation) -> Result<(), ApiError> {
    if !interruptible::has_allocation(world, held) {
        return Ok(());
    }
    let message = format!("The Capacity Reservation '{}' has an interruptible allocation.", held.id);
    Err(ApiError::new("IncorrectState", message))
}
