//! On-Demand Capacity Reservations: capacity that is held in a zone, and the instances that run in it.
//!
//! There is capacity without end here, so a reservation changes nothing but what can be counted: how much of it is used, and that a launch that is meant
//! for a reservation needs room in it. [`create`] and [`change`] make and change them, [`launch`] finds one for an instance,
//! [`transfer`] splits them and moves capacity between them, [`fleet`] reserves of several types, [`billing`] has another account pay.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html>

use service::operations;

use crate::resource::any;

pub mod billing;
pub mod change;
pub mod create;
pub mod describe;
pub mod fleet;
pub mod launch;
mod record;
#[cfg(test)]
mod tests;
pub mod transfer;

pub use billing::BillingRequest;
pub use fleet::CapacityFleet;
pub use record::CapacityReservation;

operations! { Ec2;
    AcceptCapacityReservationBillingOwnership => write(billing::accept) authorize(billing::to_answer),
    AssociateCapacityReservationBillingOwner => write(billing::associate) authorize(billing::to_change),
    CancelCapacityReservation => write(change::cancel) authorize(change::to_cancel),
    CancelCapacityReservationFleets => write(fleet::change::cancel) authorize(fleet::change::to_cancel),
    CreateCapacityReservation => write(create::create) authorize(create::to_create) check(create::check),
    CreateCapacityReservationBySplitting => write(transfer::split) authorize(transfer::to_split),
    CreateCapacityReservationFleet => write(fleet::create::create) authorize(fleet::create::to_create) check(fleet::create::check),
    DescribeCapacityReservationBillingRequests => read(billing::describe) authorize(any),
    DescribeCapacityReservationFleets => read(fleet::describe) authorize(any),
    DescribeCapacityReservations => read(describe::describe) authorize(any),
    DisassociateCapacityReservationBillingOwner => write(billing::disassociate) authorize(billing::to_change),
    GetCapacityReservationUsage => read(describe::usage) authorize(describe::to_use),
    ModifyCapacityReservation => write(change::modify) authorize(change::to_modify),
    ModifyCapacityReservationFleet => write(fleet::change::modify) authorize(fleet::change::to_modify) check(fleet::change::check),
    MoveCapacityReservationInstances => write(transfer::shift) authorize(transfer::to_shift),
    RejectCapacityReservationBillingOwnership => write(billing::reject) authorize(billing::to_answer),
}
