//! Scheduled events: maintenance of the hardware below an instance. DescribeInstanceStatus and the metadata service tell of them.
//!
//! An event that stops the instance does so at its start; the others leave no trace and are over at their end, or earlier where the user's own
//! reboot or restart does what was planned. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instances-status-check_sched.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::prelude::*;

use crate::instance::Instance;

/// An event that is scheduled for an instance, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceEvent {
    pub account: AccountId,
    pub region: String,
    /// `instance-event-…`
    pub id: String,
    pub instance_id: String,
    pub code: EventCode,
    pub description: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Until when its start may be put off.
    pub deadline: Option<Timestamp>,
    pub ended: Option<Ended>,
}

/// How an event ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub at: Timestamp,
    pub canceled: bool,
}

/// What will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventCode {
    InstanceReboot,
    SystemReboot,
    SystemMaintenance,
    InstanceRetirement,
    InstanceStop,
}

impl EventCode {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            EventCode::InstanceReboot => "instance-reboot",
            EventCode::SystemReboot => "system-reboot",
            EventCode::SystemMaintenance => "system-maintenance",
            EventCode::InstanceRetirement => "instance-retirement",
            EventCode::InstanceStop => "instance-stop",
        }
    }

    /// How AWS describes such an event.
    pub fn description(self) -> &'static str {
        match self {
            EventCode::InstanceReboot | EventCode::SystemReboot => "scheduled reboot",
            EventCode::SystemMaintenance => "scheduled maintenance",
            EventCode::InstanceRetirement | EventCode::InstanceStop => "The instance is running on degraded hardware",
        }
    }

    fn stops(self) -> bool {
        matches!(self, EventCode::InstanceRetirement | EventCode::InstanceStop)
    }

    /// Whether it is about the hardware, which a stop and start leaves behind.
    fn is_of_the_host(self) -> bool {
        self != EventCode::InstanceReboot
    }
}

/// An event as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventState {
    Active,
    Completed,
    Canceled,
}

impl EventState {
    /// The word in the metadata.
    pub fn word(self) -> &'static str {
        match self {
            EventState::Active => "active",
            EventState::Completed => "completed",
            EventState::Canceled => "canceled",
        }
    }
}

/// How long an event can still be described once it is over.
const VISIBLE: SignedDuration = SignedDuration::from_hours(7 * 24);

impl InstanceEvent {
    /// (account, region) of those that will stop their instance.
    pub(super) const BY_PENDING: usize = 0;
    /// (account, region, instance).
    const BY_INSTANCE: usize = 1;

    /// How it stands at that time.
    pub fn state_at(&self, now: Timestamp) -> EventState {
        match self.ended {
            Some(Ended { canceled: true, .. }) => EventState::Canceled,
            Some(Ended { canceled: false, .. }) => EventState::Completed,
            None if now >= self.not_after => EventState::Completed,
            None => EventState::Active,
        }
    }

    /// The description, which tells of the end as well.
    pub fn description_at(&self, now: Timestamp) -> String {
        match self.state_at(now) {
            EventState::Active => self.description.clone(),
            EventState::Completed => format!("[Completed] {}", self.description),
            EventState::Canceled => format!("[Canceled] {}", self.description),
        }
    }
}

impl Record for InstanceEvent {
    const TABLE: TableDef = TableDef::own("ec2_instance_event", &["account", "region", "id"], &["instance_id"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_pending", unique: false }, IndexDef { name: "by_instance", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.instance_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        if self.ended.is_none() && self.code.stops() {
            entries.add(Self::BY_PENDING, &[account, region]);
        }
        entries.add(Self::BY_INSTANCE, &[account, region, &self.instance_id]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        // One that will stop its instance waits until somebody looks.
        let over = match self.ended {
            Some(ended) => ended.at,
            None if self.code.stops() => return None,
            None => self.not_after,
        };
        Some(over.saturating_add(VISIBLE).unwrap_or(over))
    }
}

/// The events of an instance, the earliest first.
pub fn of_instance(world: &World, instance: &Instance) -> Vec<Arc<InstanceEvent>> {
    let parts = [instance.account.as_str(), instance.region.as_str(), instance.id.as_str()];
    let mut found: Vec<_> = world.by::<InstanceEvent>(InstanceEvent::BY_INSTANCE, &parts).cloned().collect();
    found.sort_by(|a, b| (a.not_before, &a.id).cmp(&(b.not_before, &b.id)));
    found
}

/// What is to be scheduled.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub code: EventCode,
    pub description: Option<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub deadline: Option<Timestamp>,
}

/// Schedules an event for an instance.
pub fn schedule(cx: &Cx, tx: &mut Tx, instance: &Instance, new: NewEvent) -> InstanceEvent {
    let event = InstanceEvent {
        account: instance.account,
        region: instance.region.clone(),
        id: cx.ids.ec2("instance-event"),
        instance_id: instance.id.clone(),
        code: new.code,
        description: new.description.unwrap_or_else(|| new.code.description().to_owned()),
        not_before: new.not_before,
        not_after: new.not_after,
        deadline: new.deadline,
        ended: None,
    };
    tx.put(event.clone());
    event
}

fn end(tx: &mut Tx, event: &InstanceEvent, ended: Ended) {
    tx.update::<InstanceEvent>(&[event.account.as_str(), &event.region, &event.id], |it| it.ended = Some(ended));
}

/// What was planned was done.
pub(super) fn complete(tx: &mut Tx, event: &InstanceEvent, at: Timestamp) {
    end(tx, event, Ended { at, canceled: false });
}

/// What was planned will not be done; `false` if it is over already.
pub fn cancel(tx: &mut Tx, event: &InstanceEvent, now: Timestamp) -> bool {
    let active = event.state_at(now) == EventState::Active;
    if active {
        end(tx, event, Ended { at: now, canceled: true });
    }
    active
}

/// The instance starts, on other hardware: what was planned for the old is done with.
pub(in crate::instance) fn host_changes(tx: &mut Tx, instance: &Instance, now: Timestamp) {
    complete_where(tx, instance, now, EventCode::is_of_the_host);
}

/// The user reboots the instance, which is what a scheduled reboot is about. A reboot of the system takes the instance to other hardware, unless
/// that is switched off. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/schedevents_actions_reboot.html>
pub(in crate::instance) fn user_reboots(tx: &mut Tx, instance: &Instance, now: Timestamp) {
    let migrates = instance.attributes.reboot_migration != Some(false);
    complete_where(tx, instance, now, |code| match code {
        EventCode::InstanceReboot => true,
        EventCode::SystemReboot => migrates,
        _ => false,
    });
}

fn complete_where(tx: &mut Tx, instance: &Instance, now: Timestamp, wanted: impl Fn(EventCode) -> bool) {
    for event in of_instance(tx, instance) {
        if wanted(event.code) && event.state_at(now) == EventState::Active {
            complete(tx, &event, now);
        }
    }
}
