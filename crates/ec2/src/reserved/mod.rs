//! Reserved Instances: what can be bought, and what an account bought. They are about money and change nothing about instances.
//!
//! Offerings follow from the catalogue of types ([`offering`]) and are the same whenever they are asked for; prices are made up, in proportion to what a
//! type costs without them. [`modification`] and [`exchange`] put others in their place, [`listing`] offers them for sale. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-reserved-instances.html>

use service::prelude::*;

use crate::resource::any;

pub mod bought;
pub mod exchange;
pub mod listing;
pub mod modification;
mod offering;
pub mod offerings;
#[cfg(test)]
mod tests;

pub use bought::ReservedInstances;
pub use listing::ReservedListing;
pub use modification::ReservedModification;

service::operations! { Ec2;
    AcceptReservedInstancesExchangeQuote => write(exchange::accept) authorize(exchange::to_exchange) check(exchange::check),
    CancelReservedInstancesListing => write(listing::cancel) authorize(any),
    CreateReservedInstancesListing => write(listing::create) authorize(any),
    DeleteQueuedReservedInstances => write(bought::delete_queued) authorize(bought::to_delete_queued),
    DescribeReservedInstances => read(bought::describe) authorize(any),
    DescribeReservedInstancesListings => read(listing::describe) authorize(any),
    DescribeReservedInstancesModifications => read(modification::describe) authorize(any),
    DescribeReservedInstancesOfferings => read(offerings::describe) authorize(any) scan(),
    GetReservedInstancesExchangeQuote => read(exchange::get) authorize(exchange::to_exchange) check(exchange::check),
    ModifyReservedInstances => write(modification::modify) authorize(modification::to_modify) check(modification::check),
    PurchaseReservedInstancesOffering => write(bought::purchase) authorize(any),
}

/// `RecurringCharge`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RecurringCharge {
    pub amount: f64,
    pub frequency: &'static str,
}
