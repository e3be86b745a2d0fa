//! Future-dated reservations: capacity that comes on a day and is kept for some time. EC2 assesses the request first; here it always agrees, since
//! there is capacity without end. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-concepts.html>
//!
//! The codes and words of what is refused are not recorded.

use jiff::SignedDuration;
use service::prelude::*;

use super::create::CreateCapacityReservation;
use super::record::Commitment;
use crate::refused::{invalid, missing};

/// Days ahead that a start may be.
const AHEAD: (i64, i64) = (5, 120);
/// Families of types that can be asked for.
const FAMILIES: &[char] = &['c', 'm', 'r', 'i', 't', 'g'];

fn combined(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message.into())
}

/// What belongs together, and what such a reservation can't have.
pub fn check(cx: &Cx, input: &CreateCapacityReservation) -> Result<(), ApiError> {
    let Some(start) = input.start_date else {
        return match input.commitment_duration.is_some() || input.delivery_preference.is_some() {
            true => Err(missing("StartDate")),
            false => Ok(()),
        };
    };
    let seconds = input.commitment_duration.ok_or_else(|| missing("CommitmentDuration"))?;
    if input.delivery_preference.as_deref() == Some("fixed") {
        return Err(invalid(
            "Value (fixed) for parameter deliveryPreference is invalid. Valid values are: incremental.",
        ));
    }
    if !is_ahead(cx, start) {
        let (least, most) = AHEAD;
        return Err(invalid(format!(
            "Value ({start}) for parameter startDate is invalid. The start date must be between {least} and {most} days in the future."
        )));
    }
    if input.instance_match_criteria.as_deref() != Some("targeted") {
        return Err(combined("A future-dated Capacity Reservation must have the instance match criteria 'targeted'."));
    }
    if input.placement_group_arn.is_some() {
        return Err(combined("PlacementGroupArn is not supported for future-dated Capacity Reservations."));
    }
    if !input.instance_type.starts_with(FAMILIES) {
        let name = &input.instance_type;
        return Err(invalid(format!(
            "The instance type '{name}' is not supported for future-dated Capacity Reservations."
        )));
    }
    let committed = start.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(start);
    if input.end_date.is_some_and(|end| end < committed) {
        return Err(invalid("The end date must not be within the commitment duration."));
    }
    Ok(())
}

fn is_ahead(cx: &Cx, start: Timestamp) -> bool {
    let (least, most) = AHEAD;
    let ahead = start.duration_since(cx.now);
    ahead >= SignedDuration::from_hours(24 * least) && ahead <= SignedDuration::from_hours(24 * most)
}

/// What the reservation is made with.
pub fn commitment(input: &CreateCapacityReservation) -> Option<Commitment> {
    Some(Commitment {
        seconds: input.commitment_duration?,
        count: input.instance_count,
        original_start: input.start_date?,
        adjusted_at: None,
        charged_until: None,
    })
}
