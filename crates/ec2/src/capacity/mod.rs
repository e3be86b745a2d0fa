//! On-Demand Capacity Reservations: capacity that is held in a zone, and the instances that run in it.
//!
//! There is capacity without end here, so a reservation changes nothing but what can be counted: how much of it is used, and that a launch that is meant
//! for a reservation needs room in it. [`create`] and [`change`] make and change them, [`launch`] finds one for an instance,
//! [`transfer`] splits them and moves capacity between them, [`fleet`] reserves of several types, [`billing`] has another account pay. Some are for a day
//! to come ([`future`], [`quote`]) or lent for a while ([`interruptible`]); a [`block`] is bought for some days.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html>

use service::operations;

use crate::resource::any;

pub mod billing;
pub mod block;
pub mod change;
pub mod create;
pub mod describe;
pub mod fleet;
mod future;
pub mod group;
pub mod interruptible;
pub mod launch;
pub mod manager;
pub mod quote;
mod record;
#[cfg(test)]
mod tests;
pub mod topology;
pub mod transfer;

pub use billing::BillingRequest;
pub use block::CapacityBlock;
pub use fleet::CapacityFleet;
pub use record::CapacityReservation;

operations! { Ec2;
    AcceptCapacityReservationBillingOwnership => write(billing::accept) authorize(billing::to_answer),
    AssociateCapacityReservationBillingOwner => write(billing::associate) authorize(billing::to_change),
    CancelCapacityReservation => write(change::cancel) authorize(change::to_cancel),
    CancelCapacityReservationFleets => write(fleet::change::cancel) authorize(fleet::change::to_cancel),
    CreateCapacityReservation => write(create::create) authorize(create::to_create) check(create::check),
    CreateCapacityReservationBySplitting => write(transfer::split) authorize(transfer::to_split),
    CreateCapacityReservationCancellationQuote => write(quote::cancellation::create) authorize(quote::cancellation::to_create),
    CreateCapacityReservationDateChangeQuote => write(quote::date_change::create) authorize(quote::date_change::to_create),
    CreateCapacityReservationFleet => write(fleet::create::create) authorize(fleet::create::to_create) check(fleet::create::check),
    CreateInterruptibleCapacityReservationAllocation => write(interruptible::create) authorize(interruptible::to_create),
    DescribeCapacityReservationBillingRequests => read(billing::describe) authorize(any),
    DescribeCapacityReservationCancellationQuotes => read(quote::cancellation::describe) authorize(any),
    DescribeCapacityReservationDateChangeQuotes => read(quote::date_change::describe) authorize(any),
    DescribeCapacityReservationFleets => read(fleet::describe) authorize(any),
    DescribeCapacityReservationTopology => read(topology::describe) authorize(any),
    DescribeCapacityReservations => read(describe::describe) authorize(any),
    DisassociateCapacityReservationBillingOwner => write(billing::disassociate) authorize(billing::to_change),
    GetCapacityReservationUsage => read(describe::usage) authorize(describe::to_use),
    GetGroupsForCapacityReservation => read(group::describe) authorize(group::to_describe),
    ModifyCapacityReservation => write(change::modify) authorize(change::to_modify),
    ModifyCapacityReservationFleet => write(fleet::change::modify) authorize(fleet::change::to_modify) check(fleet::change::check),
    MoveCapacityReservationInstances => write(transfer::shift) authorize(transfer::to_shift),
    RejectCapacityReservationBillingOwnership => write(billing::reject) authorize(billing::to_answer),
    UpdateInterruptibleCapacityReservationAllocation => write(interruptible::update) authorize(interruptible::to_update),
}
