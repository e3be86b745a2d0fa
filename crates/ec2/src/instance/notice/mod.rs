//! What an instance is told of its future: that it will be interrupted as a spot instance, that it should be replaced soon, that maintenance is
//! scheduled, and where its Auto Scaling group is taking it. Its metadata service shows all of these.
//!
//! Nothing of this comes by an operation of EC2; AWS, its fault injection or an Auto Scaling group causes it, here the admin API does. What such a
//! notice announces happens by the clock: whoever looks first after that moment has it [carried out](carry_out), as of that moment.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>

use std::sync::Arc;

use service::prelude::*;

use super::lifecycle;
use super::record::ReasonKind;
use super::{Instance, Phase};

pub mod event;
pub mod reschedule;

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

/// Announces an interruption.
pub fn interrupt(tx: &mut Tx, instance: &Instance, interruption: Interruption) {
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

/// Something announced whose moment has come.
enum Due {
    Interruption(Arc<Notice>, Interruption),
    Event(Arc<InstanceEvent>),
}

impl Due {
    fn at(&self) -> Timestamp {
        match self {
            Due::Interruption(_, interruption) => interruption.at,
            Due::Event(event) => event.not_before,
        }
    }
}

/// What is due under these parts: an account and a region, or everywhere.
fn due<'w>(world: &'w World, parts: &[&str]) -> impl Iterator<Item = Due> + use<'w> {
    let now = world.now();
    let interruptions = world.by::<Notice>(Notice::BY_INTERRUPTION, parts).filter_map(|notice| {
        let interruption = notice.interruption?;
        Some(Due::Interruption(notice.clone(), interruption))
    });
    let events = world.by::<InstanceEvent>(InstanceEvent::BY_PENDING, parts).cloned().map(Due::Event);
    interruptions.chain(events).filter(move |due| due.at() <= now)
}

/// Whether something announced is to be carried out in that account and region.
pub fn is_due(world: &World, account: AccountId, region: &str) -> bool {
    let (parts, now) = ([account.as_str(), region], world.now());
    let ends = |notice: &Arc<Notice>| notice.interruption.is_some_and(|interruption| interruption.at <= now);
    world.by::<Notice>(Notice::BY_INTERRUPTION, &parts).any(ends)
        || world.by::<InstanceEvent>(InstanceEvent::BY_PENDING, &parts).any(|event| event.not_before <= now)
}

/// The accounts and regions in which something is due.
pub fn due_places(world: &World) -> Vec<(AccountId, String)> {
    let place = |due: Due| match due {
        Due::Interruption(notice, _) => (notice.account, notice.region.clone()),
        Due::Event(event) => (event.account, event.region.clone()),
    };
    let mut places: Vec<_> = due(world, &[]).map(place).collect();
    places.sort_by(|a, b| (a.0.as_str(), &a.1).cmp(&(b.0.as_str(), &b.1)));
    places.dedup();
    places
}

/// Does what is due in the context's account and region, in order, each as of its own moment.
pub fn carry_out(cx: &Cx, tx: &mut Tx) -> Result<(), ApiError> {
    let mut list: Vec<Due> = due(&tx.at(cx.now), &[cx.account().as_str(), cx.region_name()]).collect();
    list.sort_by_key(Due::at);
    for due in list {
        let then = Cx { now: due.at(), ..cx.clone() };
        match due {
            Due::Interruption(notice, interruption) => carry_out_interruption(&then, tx, &notice, interruption.action)?,
            Due::Event(event) => carry_out_event(&then, tx, &event)?,
        }
    }
    Ok(())
}

fn carry_out_interruption(cx: &Cx, tx: &mut Tx, notice: &Notice, action: Action) -> Result<(), ApiError> {
    let key = [notice.account.as_str(), &notice.region, &notice.id];
    let Some(instance) = tx.get::<Instance>(&key).cloned() else {
        tx.remove::<Notice>(&key);
        return Ok(());
    };
    run_is_over(tx, &instance);
    match (instance.phase, action) {
        (Phase::Up { .. }, Action::Terminate) => {
            lifecycle::terminate_one(cx, tx, &instance, ReasonKind::SpotTermination)
        }
        (Phase::Up { .. }, Action::Stop | Action::Hibernate) => {
            lifecycle::stop_one(cx, tx, &instance, ReasonKind::SpotShutdown)
        }
        _ => Ok(()),
    }
}

/// A retired instance stops, since all of ours have their root device on EBS.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/schedevents_actions_retire.html>
fn carry_out_event(cx: &Cx, tx: &mut Tx, event: &InstanceEvent) -> Result<(), ApiError> {
    event::complete(tx, event, cx.now);
    let instance = tx.get::<Instance>(&[event.account.as_str(), &event.region, &event.instance_id]).cloned();
    match instance {
        Some(instance) if matches!(instance.phase, Phase::Up { .. }) => {
            lifecycle::stop_one(cx, tx, &instance, ReasonKind::ScheduledStop)
        }
        _ => Ok(()),
    }
}
