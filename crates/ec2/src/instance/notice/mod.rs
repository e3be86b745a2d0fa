//! What an instance is told of its future: that it will be interrupted as a spot instance, that it should be replaced soon, that maintenance is
//! scheduled, and where its Auto Scaling group is taking it. Its metadata service shows all of these.
//!
//! Nothing of this comes by an operation of EC2; AWS, its fault injection or an Auto Scaling group causes it, here the admin API does. What such a
//! notice announces happens by the clock: whoever looks first after that moment has it [carried out](carry_out), as of that moment.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>

use std::sync::Arc;

use service::prelude::*;

use super::Instance;
use crate::spot::follow as spot;

mod due;
pub mod event;
pub mod reschedule;

pub use due::{carry_out, due_places, is_due};
pub use event::{EventCode, InstanceEvent};

/// What one instance was told. There is no record where that is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub account: AccountId,
    pub region: String,
    /// The instance's.
    pub id: String,
    pub interruption: Option<Interruption>,
    /// Since when its replacement is recommended.
    pub rebalance: Option<Timestamp>,
    /// The lifecycle state in which its Auto Scaling group wants it.
    pub lifecycle: Option<String>,
}

/// A spot interruption to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    pub action: Action,
    pub at: Timestamp,
}

/// What an interruption does to the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Terminate,
    Stop,
    Hibernate,
}

impl Action {
    /// The word in the metadata.
    pub fn word(self) -> &'static str {
        match self {
            Action::Terminate => "terminate",
            Action::Stop => "stop",
            Action::Hibernate => "hibernate",
        }
    }
}

/// The states an Auto Scaling group can be taking an instance to.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html>
pub const LIFECYCLE_STATES: &[&str] = &[
    "Detached",
    "InService",
    "Standby",
    "Terminated",
    "Warmed:Hibernated",
    "Warmed:Running",
    "Warmed:Stopped",
    "Warmed:Terminated",
];

impl Notice {
    /// (account, region) of those that an interruption is announced to.
    const BY_INTERRUPTION: usize = 0;

    fn is_empty(&self) -> bool {
        self.interruption.is_none() && self.rebalance.is_none() && self.lifecycle.is_none()
    }
}

impl Record for Notice {
    const TABLE: TableDef = TableDef::own("ec2_instance_notice", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_interruption", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.interruption.is_some() {
            entries.add(Self::BY_INTERRUPTION, &[self.account.as_str(), &self.region]);
        }
    }
}

/// What the instance was told, if anything.
pub fn of(world: &World, instance: &Instance) -> Option<Arc<Notice>> {
    world.get::<Notice>(&[instance.account.as_str(), &instance.region, &instance.id]).cloned()
}

/// Changes what the instance was told.
fn change(tx: &mut Tx, instance: &Instance, change: impl FnOnce(&mut Notice)) {
    let mut notice = of(tx, instance).map_or_else(
        || Notice {
            account: instance.account,
            region: instance.region.clone(),
            id: instance.id.clone(),
            interruption: None,
            rebalance: None,
            lifecycle: None,
        },
        |held| Notice::clone(&held),
    );
    change(&mut notice);
    if notice.is_empty() {
        tx.remove::<Notice>(&[instance.account.as_str(), &instance.region, &instance.id]);
    } else {
        tx.put(notice);
    }
}

/// Announces an interruption; the instance's Spot request tells of it at once.
pub fn interrupt(tx: &mut Tx, instance: &Instance, interruption: Interruption) {
    spot::interruption_announced(tx, instance, interruption.action);
    change(tx, instance, |it| it.interruption = Some(interruption));
}

/// Recommends a replacement from now on, or takes that back.
pub fn rebalance(tx: &mut Tx, instance: &Instance, since: Option<Timestamp>) {
    change(tx, instance, |it| it.rebalance = since);
}

/// Tells where the Auto Scaling group is taking the instance; `None` once it belongs to none.
pub fn lifecycle(tx: &mut Tx, instance: &Instance, state: Option<String>) {
    change(tx, instance, |it| it.lifecycle = state);
}

/// A run is over: what was announced for it is, too. A stopped instance may still belong to a warm pool.
pub(super) fn run_is_over(tx: &mut Tx, instance: &Instance) {
    if of(tx, instance).is_some() {
        change(tx, instance, |it| {
            it.interruption = None;
            it.rebalance = None;
        });
    }
}

/// The instance ends, and with it all notices and events.
pub(super) fn instance_is_over(tx: &mut Tx, instance: &Instance) {
    tx.remove::<Notice>(&[instance.account.as_str(), &instance.region, &instance.id]);
    for held in event::of_instance(tx, instance) {
        tx.remove::<InstanceEvent>(&[held.account.as_str(), &held.region, &held.id]);
    }
}
