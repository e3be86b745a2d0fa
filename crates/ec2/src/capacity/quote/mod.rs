//! Quotes for future-dated reservations: what it costs to cancel one, and when a start that is put off would be. A quote holds for a day and is used once.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCapacityReservationCancellationQuote.html>

use jiff::SignedDuration;
use service::prelude::*;

pub mod cancellation;
pub mod date_change;
#[cfg(test)]
mod tests;

pub use cancellation::CancellationQuote;
pub use date_change::DateChangeQuote;

/// How long a quote holds.
const VALID: SignedDuration = SignedDuration::from_hours(24);
/// How long one that expired is still described; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(24);

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(time)
}

fn incorrect(message: String) -> ApiError {
    ApiError::new("IncorrectState", message)
}

/// A quote that is named must be of the reservation and hold still. The words are not recorded.
fn must_be_of(quote_id: &str, is_of: bool, is_active: bool, reservation_id: &str) -> Result<(), ApiError> {
    if !is_of {
        let message = format!("The quote '{quote_id}' is not for the Capacity Reservation '{reservation_id}'.");
        return Err(crate::refused::invalid(message));
    }
    if !is_active {
        return Err(incorrect(format!("The quote '{quote_id}' is not in the state 'active'.")));
    }
    Ok(())
}
