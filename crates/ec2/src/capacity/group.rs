//! GetGroupsForCapacityReservation: the resource groups that a reservation was added to. AWS Resource Groups, which adds them, is no service here, so a
//! reservation is in none. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetGroupsForCapacityReservation.html>

use service::paging;
use service::prelude::*;

use super::CapacityReservation;
use crate::resource;

/// `GetGroupsForCapacityReservationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetGroupsForCapacityReservation {
    pub capacity_reservation_id: String,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetGroupsForCapacityReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Groups {
    pub capacity_reservation_groups: Vec<GroupOut>,
    pub next_token: Option<String>,
}

/// `CapacityReservationGroup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct GroupOut {
    pub group_arn: String,
    pub owner_id: String,
}

/// GetGroupsForCapacityReservation on the reservation.
pub fn to_describe(cx: &Cx, world: &World, input: &GetGroupsForCapacityReservation) -> Vec<Check> {
    vec![resource::check_on::<CapacityReservation>(cx, world, &input.capacity_reservation_id)]
}

/// The groups of a reservation, of which there are none.
pub fn describe(cx: &Cx, world: &World, input: &GetGroupsForCapacityReservation) -> Result<Groups, ApiError> {
    let held = resource::get::<CapacityReservation>(world, cx, &input.capacity_reservation_id)?;
    let scope = format!("GetGroupsForCapacityReservation {}", held.id);
    let none: [GroupOut; 0] = [];
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, none, |it| it.group_arn.clone())?;
    Ok(Groups { capacity_reservation_groups: page.items, next_token: page.next })
}
