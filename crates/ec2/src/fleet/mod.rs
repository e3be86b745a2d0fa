//! EC2 fleets: so much capacity, out of launch templates and what overrides them, On-Demand and Spot.
//!
//! [`crate::spot_fleet`] is the older form of the same.
//!
//! [`offer`] makes of a fleet's configuration the launches that are possible, and puts them in the order of its strategy; [`fill`] launches what is
//! missing and ends what is too much. Capacity is never short, so a fleet is full at once; one that maintains its size launches again when an instance
//! of it ends. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet.html>

use service::operations;

use crate::resource::any;

pub mod create;
pub mod delete;
pub mod describe;
pub mod fill;
pub mod history;
pub mod input;
pub mod instances;
pub mod modify;
pub mod offer;
pub mod record;
pub mod requirements;
#[cfg(test)]
mod tests;

pub use fill::follow;
pub use record::Fleet;

operations! { Ec2;
    CreateFleet => write(create::create) authorize(create::to_create) check(create::check),
    DeleteFleets => write(delete::delete) authorize(delete::to_delete),
    DescribeFleetHistory => read(history::describe) authorize(history::to_describe),
    DescribeFleetInstances => read(instances::describe) authorize(instances::to_describe),
    DescribeFleets => read(describe::describe) authorize(any),
    ModifyFleet => write(modify::modify) authorize(modify::to_modify) check(modify::check),
}
