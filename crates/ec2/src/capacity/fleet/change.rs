//! ModifyCapacityReservationFleet and CancelCapacityReservationFleets.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyCapacityReservationFleet.html>

use service::prelude::*;

use super::CapacityFleet;
use super::create::{check_end, check_target, fill};
use crate::capacity::change::must_have_lent_nothing;
use crate::capacity::manager::usage;
use crate::capacity::{CapacityReservation, launch};
use crate::instance::authorize;
use crate::refused::missing;
use crate::resource;

/// `ModifyCapacityReservationFleetRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyCapacityReservationFleet {
    pub capacity_reservation_fleet_id: String,
    pub total_target_capacity: Option<i64>,
    pub end_date: Option<Timestamp>,
    pub remove_end_date: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `ModifyCapacityReservationFleetResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub r#return: bool,
}

/// `CancelCapacityReservationFleetsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelCapacityReservationFleets {
    pub capacity_reservation_fleet_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `CancelCapacityReservationFleetsResult`.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct Cancelled {
    pub successful_fleet_cancellations: Vec<Cancellation>,
    pub failed_fleet_cancellations: Vec<FailedCancellation>,
}

/// `CapacityReservationFleetCancellationState`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Cancellation {
    pub capacity_reservation_fleet_id: String,
    pub current_fleet_state: &'static str,
    pub previous_fleet_state: &'static str,
}

/// `FailedCapacityReservationFleetCancellationResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct FailedCancellation {
    pub capacity_reservation_fleet_id: String,
    pub cancel_capacity_reservation_fleet_error: CancellationError,
}

/// `CancelCapacityReservationFleetError`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct CancellationError {
    pub code: String,
    pub message: String,
}

/// That action on each reservation of the fleet.
fn on_reservations(cx: &Cx, world: &World, fleet_id: &str, action: &str) -> Vec<Check> {
    let Some(fleet) = resource::look_up::<CapacityFleet>(world, cx, fleet_id) else { return Vec::new() };
    let held = fleet.reservations(world).filter(|it| it.holds(cx.now));
    let on = |it: &std::sync::Arc<CapacityReservation>| Check {
        action: action.to_owned(),
        why: service::check::Why::Dependent,
        ..resource::check_of(cx, world, &**it)
    };
    held.map(on).collect()
}

/// ModifyCapacityReservationFleet on the fleet with the new values, and ec2:ModifyCapacityReservation on its reservations.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyCapacityReservationFleet) -> Vec<Check> {
    let id = &input.capacity_reservation_fleet_id;
    let values = [
        ("EndDate", input.end_date.map(|end| end.to_string())),
        ("RemoveEndDate", input.remove_end_date.map(|remove| remove.to_string())),
        ("TotalTargetCapacity", input.total_target_capacity.map(|target| target.to_string())),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let own = authorize::attributes(resource::check_on::<CapacityFleet>(cx, world, id), &values);
    std::iter::once(own).chain(on_reservations(cx, world, id, "ec2:ModifyCapacityReservation")).collect()
}

/// There is something to change, and only one thing is said of the end.
pub fn check(cx: &Cx, _: &World, input: &ModifyCapacityReservationFleet) -> Result<(), ApiError> {
    if input.end_date.is_some() && input.remove_end_date == Some(true) {
        let message = "RemoveEndDate and EndDate cannot be specified in the same request.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if input.end_date.is_none() && input.remove_end_date != Some(true) && input.total_target_capacity.is_none() {
        return Err(missing("totalTargetCapacity, endDate or removeEndDate"));
    }
    input.total_target_capacity.map(check_target).transpose()?;
    check_end(cx, input.end_date)
}

/// Changes the fleet, and its reservations with it.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyCapacityReservationFleet) -> Result<Modified, ApiError> {
    let held = resource::get::<CapacityFleet>(tx, cx, &input.capacity_reservation_fleet_id)?;
    if held.is_over(cx.now) {
        let message = format!(
            "The Capacity Reservation Fleet '{}' is in the state '{}' and cannot be modified.",
            held.id,
            held.state(cx, tx)
        );
        return Err(ApiError::new("IncorrectState", message));
    }
    if input.end_date.is_some() || input.total_target_capacity.is_some_and(|target| target < held.target) {
        held.reservations(tx).filter(|it| it.holds(cx.now)).try_for_each(|it| must_have_lent_nothing(tx, it))?;
    }
    let mut fleet = CapacityFleet { changed_at: Some(cx.now), ..(*held).clone() };
    if let Some(target) = input.total_target_capacity {
        fleet.target = target;
    }
    if input.remove_end_date == Some(true) {
        fleet.end_date = None;
    } else if input.end_date.is_some() {
        fleet.end_date = input.end_date;
    }
    tx.put(fleet.clone());
    fill(cx, tx, &fleet);
    Ok(Modified { r#return: true })
}

/// CancelCapacityReservationFleets on each fleet, and ec2:CancelCapacityReservation on their reservations.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelCapacityReservationFleets) -> Vec<Check> {
    let ids = &input.capacity_reservation_fleet_ids;
    let own = ids.iter().map(|id| resource::check_on::<CapacityFleet>(cx, world, id));
    own.chain(ids.iter().flat_map(|id| on_reservations(cx, world, id, "ec2:CancelCapacityReservation"))).collect()
}

/// Cancels fleets with their reservations, and tells of those that cannot be why not.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelCapacityReservationFleets.html>
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelCapacityReservationFleets) -> Result<Cancelled, ApiError> {
    let mut answer = Cancelled::default();
    for id in &input.capacity_reservation_fleet_ids {
        let capacity_reservation_fleet_id = id.clone();
        match cancel_one(cx, tx, id) {
            Ok((previous_fleet_state, current_fleet_state)) => answer
                .successful_fleet_cancellations
                .push(Cancellation { capacity_reservation_fleet_id, current_fleet_state, previous_fleet_state }),
            Err(error) => answer.failed_fleet_cancellations.push(FailedCancellation {
                capacity_reservation_fleet_id,
                cancel_capacity_reservation_fleet_error: CancellationError {
                    code: error.code.to_string(),
                    message: error.message.clone(),
                },
            }),
        }
    }
    Ok(answer)
}

/// Its state before and after.
fn cancel_one(cx: &Cx, tx: &mut Tx, id: &str) -> Result<(&'static str, &'static str), ApiError> {
    let held = resource::get::<CapacityFleet>(tx, cx, id)?;
    let before = held.state(cx, tx);
    if held.is_over(cx.now) {
        let message =
            format!("The Capacity Reservation Fleet '{id}' is in the state '{before}' and cannot be cancelled.");
        return Err(ApiError::new("IncorrectState", message));
    }
    let reservations: Vec<_> = held.reservations(tx).filter(|it| it.holds(cx.now)).cloned().collect();
    reservations.iter().try_for_each(|one| must_have_lent_nothing(tx, one))?;
    for one in reservations {
        launch::leave(cx, tx, &one);
        usage::put(cx, tx, CapacityReservation { cancelled_at: Some(cx.now_seconds()), ..(*one).clone() });
    }
    let fleet = CapacityFleet { cancelled_at: Some(cx.now), ..(*held).clone() };
    let after = fleet.state(cx, tx);
    tx.put(fleet);
    Ok((before, after))
}
