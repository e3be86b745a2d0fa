//! On-Demand Capacity Reservations: capacity that is held in a zone, and the instances that run in it.
//!
//! There is capacity without end here, so a reservation changes nothing but what can be counted: how much of it is used, and that a launch that is meant
//! for a reservation needs room in it. [`create`] and [`change`] make and change them, [`launch`] finds one for an instance.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html>

use service::operations;

use crate::resource::any;

pub mod change;
pub mod create;
pub mod describe;
pub mod launch;
mod record;
#[cfg(test)]
mod tests;

pub use record::CapacityReservation;

operations! { Ec2;
    CancelCapacityReservation => write(change::cancel) authorize(change::to_cancel),
    CreateCapacityReservation => write(create::create) authorize(create::to_create) check(create::check),
    DescribeCapacityReservations => read(describe::describe) authorize(any),
    GetCapacityReservationUsage => read(describe::usage) authorize(describe::to_use),
    ModifyCapacityReservation => write(change::modify) authorize(change::to_modify),
}
