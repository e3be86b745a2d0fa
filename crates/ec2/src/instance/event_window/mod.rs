//! Event windows: the hours of the week in which scheduled events of their instances may run.
//!
//! [`change`] makes, modifies and deletes them, [`target`] ties them to instances by id or tag, [`hours`] reads when they are open. An event that is
//! scheduled for an instance without a time of its own begins when its window opens ([`opening_for`]).
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/event-windows.html>

use service::operations;
use service::prelude::*;

use super::Instance;
use crate::kind;
use crate::resource::{any, resource};

pub mod change;
pub mod describe;
mod hours;
mod record;
pub mod target;

pub use record::{EventWindow, TimeRange};

operations! { Ec2;
    AssociateInstanceEventWindow => write(target::associate) authorize(target::to_associate),
    CreateInstanceEventWindow => write(change::create) authorize(change::to_create),
    DeleteInstanceEventWindow => write(change::delete) authorize(change::to_delete),
    DescribeInstanceEventWindows => read(describe::describe) authorize(any),
    DisassociateInstanceEventWindow => write(target::disassociate) authorize(target::to_disassociate),
    ModifyInstanceEventWindow => write(change::modify) authorize(change::to_modify),
}

resource!(EventWindow, kind::INSTANCE_EVENT_WINDOW);

/// When the window of an instance opens next, or `from` while it is open; `None` for an instance without one.
pub fn opening_for(world: &World, instance: &Instance, from: Timestamp) -> Option<Timestamp> {
    let mut windows = world.scan::<EventWindow>(&[instance.account.as_str(), &instance.region]);
    let window = windows.find(|window| window.is_for(instance))?;
    hours::opening(window, from)
}
