//! Reserved Instances: what can be bought, and what an account bought. They are about money and change nothing about instances.
//!
//! Offerings follow from the catalogue of types ([`offering`]) and are the same whenever they are asked for; prices are made up, in proportion to what a
//! type costs without them. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-reserved-instances.html>

use service::prelude::*;

use crate::resource::any;

pub mod bought;
mod offering;
pub mod offerings;
#[cfg(test)]
mod tests;

pub use bought::ReservedInstances;

service::operations! { Ec2;
    DeleteQueuedReservedInstances => write(bought::delete_queued) authorize(bought::to_delete_queued),
    DescribeReservedInstances => read(bought::describe) authorize(any),
    DescribeReservedInstancesOfferings => read(offerings::describe) authorize(any) scan(),
    PurchaseReservedInstancesOffering => write(bought::purchase) authorize(any),
}

/// `RecurringCharge`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RecurringCharge {
    pub amount: f64,
    pub frequency: &'static str,
}
