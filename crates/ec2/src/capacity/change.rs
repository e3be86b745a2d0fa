//! Capacity reservations change their size and end, and are cancelled.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyCapacityReservation.html>

use service::prelude::*;

use super::CapacityReservation;
use super::create::{check_count, check_end};
use super::launch;
use crate::instance::authorize;
use crate::resource;

/// `ModifyCapacityReservationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyCapacityReservation {
    pub capacity_reservation_id: String,
    pub instance_count: Option<i64>,
    pub end_date: Option<Timestamp>,
    pub end_date_type: Option<String>,
    pub instance_match_criteria: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CancelCapacityReservationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelCapacityReservation {
    pub capacity_reservation_id: String,
    pub dry_run: Option<bool>,
}

/// `ModifyCapacityReservationResult` and `CancelCapacityReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub r#return: bool,
}

/// ModifyCapacityReservation on the reservation, with the new values.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyCapacityReservation) -> Vec<Check> {
    let values = [
        ("InstanceCount", input.instance_count.map(|count| count.to_string())),
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
    let held = active(cx, tx, &input.capacity_reservation_id)?;
    let mut changed = held.clone();
    if let Some(count) = input.instance_count {
        check_count(count)?;
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
        changed.end_date = input.end_date;
    }
    if let Some(criteria) = &input.instance_match_criteria {
        changed.open = criteria == "open";
    }
    tx.put(changed);
    Ok(Changed { r#return: true })
}

/// CancelCapacityReservation on the reservation.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelCapacityReservation) -> Vec<Check> {
    vec![resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id)]
}

/// Ends the reservation; instances that ran in it go on without.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelCapacityReservation) -> Result<Changed, ApiError> {
    let held = active(cx, tx, &input.capacity_reservation_id)?;
    launch::leave(tx, &held);
    tx.put(CapacityReservation { cancelled_at: Some(cx.now_seconds()), ..held });
    Ok(Changed { r#return: true })
}

/// A reservation that holds capacity.
pub fn active(cx: &Cx, world: &World, id: &str) -> Result<CapacityReservation, ApiError> {
    let held = resource::get::<CapacityReservation>(world, cx, id)?;
    must_hold(cx, &held)?;
    Ok((*held).clone())
}

/// One that is over does not change any more.
pub fn must_hold(cx: &Cx, held: &CapacityReservation) -> Result<(), ApiError> {
    if held.holds(cx.now) {
        return Ok(());
    }
    let (id, state) = (&held.id, held.state(cx.now, cx.settings.states));
    let message = format!("The capacity reservation '{id}' is in the state '{state}' and cannot be changed.");
    Err(ApiError::new("IncorrectState", message))
}
