//! ModifyInstanceEventStartTime: a scheduled event may be put off, up to its deadline.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/reschedule-event.html>

use jiff::SignedDuration;
use service::prelude::*;

use super::InstanceEvent;
use super::event::EventState;
use crate::instance::status::EventOut;
use crate::instance::{authorize, find};

/// `ModifyInstanceEventStartTimeRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ModifyInstanceEventStartTime {
    pub instance_id: String,
    pub instance_event_id: String,
    pub not_before: Timestamp,
    pub dry_run: Option<bool>,
}

/// `ModifyInstanceEventStartTimeResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Rescheduled {
    pub event: EventOut,
}

/// An event cannot be put to a time nearer than this.
const NEAREST: SignedDuration = SignedDuration::from_mins(60);

/// What it must be allowed: the instance, with the new time.
pub fn to_reschedule(cx: &Cx, world: &World, input: &ModifyInstanceEventStartTime) -> Vec<Check> {
    let values = [("NotBefore", input.not_before.to_string())];
    vec![authorize::attributes(authorize::on_instance(cx, world, &input.instance_id), &values)]
}

/// Moves the event, with its end. The wording of the refusals is not recorded; the codes and rules are.
pub fn reschedule(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceEventStartTime) -> Result<Rescheduled, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    let key = [instance.account.as_str(), instance.region.as_str(), input.instance_event_id.as_str()];
    let held = tx.get::<InstanceEvent>(&key).filter(|event| event.instance_id == instance.id).cloned();
    let held = held.ok_or_else(|| {
        let message = format!("The instance event ID '{}' does not exist", input.instance_event_id);
        ApiError::new("InvalidInstanceEventIDNotFound", message)
    })?;
    may_be_moved(cx, &held, input.not_before)?;
    let by = input.not_before.duration_since(held.not_before);
    tx.update::<InstanceEvent>(&key, |it| {
        it.not_before = input.not_before;
        it.not_after = it.not_after.saturating_add(by).unwrap_or(it.not_after);
    });
    let moved = tx.get::<InstanceEvent>(&key).cloned().unwrap_or(held);
    Ok(Rescheduled { event: EventOut::of(&moved, cx.now) })
}

fn may_be_moved(cx: &Cx, event: &InstanceEvent, to: Timestamp) -> Result<(), ApiError> {
    let refused = |message: String| Err(ApiError::new("InvalidInstanceEventStartTime", message));
    let id = &event.id;
    if event.state_at(cx.now) != EventState::Active || event.not_before <= cx.now {
        return refused(format!("The event '{id}' has started already and cannot be rescheduled."));
    }
    let Some(deadline) = event.deadline else {
        return refused(format!("The event '{id}' has no deadline and cannot be rescheduled."));
    };
    if to > deadline {
        return refused(format!("The new start time of the event '{id}' is after its deadline."));
    }
    if to < cx.now.saturating_add(NEAREST).unwrap_or(cx.now) {
        return refused(format!("The new start time of the event '{id}' is less than 60 minutes from now."));
    }
    Ok(())
}
