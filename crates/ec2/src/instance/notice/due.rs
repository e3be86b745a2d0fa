//! What is due: announced interruptions and events, and moments at which Spot requests and fleets begin or end. Nothing is scheduled; whoever looks first
//! after such a moment has it [carried out](carry_out), as of that moment.

use std::sync::Arc;

use service::ids::Ids;
use service::prelude::*;

use super::{Action, InstanceEvent, Notice, event, run_is_over};
use crate::fleet::{self, Fleet};
use crate::instance::record::ReasonKind;
use crate::instance::{Instance, Phase, lifecycle};
use crate::spot::{self, SpotRequest};
use crate::spot_fleet::SpotFleet;

/// Something whose moment has come.
struct Due {
    at: Timestamp,
    account: AccountId,
    region: String,
    what: What,
}

enum What {
    Interruption(Arc<Notice>, Action),
    Event(Arc<InstanceEvent>),
    SpotRequest(Arc<SpotRequest>),
    /// Of either form, by its id.
    Fleet(String),
}

impl Due {
    fn of_notice(notice: &Arc<Notice>) -> Option<Due> {
        let interruption = notice.interruption?;
        let what = What::Interruption(notice.clone(), interruption.action);
        Some(Due { at: interruption.at, account: notice.account, region: notice.region.clone(), what })
    }

    fn of_event(event: &Arc<InstanceEvent>) -> Option<Due> {
        let what = What::Event(event.clone());
        Some(Due { at: event.not_before, account: event.account, region: event.region.clone(), what })
    }

    fn of_request(request: &Arc<SpotRequest>) -> Option<Due> {
        let what = What::SpotRequest(request.clone());
        Some(Due { at: request.ends_at()?, account: request.account, region: request.region.clone(), what })
    }

    fn of_fleet(fleet: &Fleet) -> Option<Due> {
        let what = What::Fleet(fleet.id.clone());
        Some(Due { at: fleet.next_moment()?, account: fleet.account, region: fleet.region.clone(), what })
    }
}

/// What is due under these parts: an account and a region, or everywhere.
fn due<'w>(world: &'w World, parts: &[&str]) -> impl Iterator<Item = Due> + use<'w> {
    let now = world.now();
    let interruptions = world.by::<Notice>(Notice::BY_INTERRUPTION, parts).filter_map(Due::of_notice);
    let events = world.by::<InstanceEvent>(InstanceEvent::BY_PENDING, parts).filter_map(Due::of_event);
    let requests = world.by::<SpotRequest>(SpotRequest::BY_END, parts).filter_map(Due::of_request);
    let fleets = world.by::<Fleet>(Fleet::BY_MOMENT, parts).filter_map(|fleet| Due::of_fleet(fleet));
    let spot = world.by::<SpotFleet>(SpotFleet::BY_MOMENT, parts).filter_map(|held| Due::of_fleet(&held.fleet));
    interruptions.chain(events).chain(requests).chain(fleets).chain(spot).filter(move |due| due.at <= now)
}

/// Whether something is to be carried out in that account and region.
pub fn is_due(world: &World, account: AccountId, region: &str) -> bool {
    due(world, &[account.as_str(), region]).next().is_some()
}

/// The accounts and regions in which something is due.
pub fn due_places(world: &World) -> Vec<(AccountId, String)> {
    let mut places: Vec<_> = due(world, &[]).map(|due| (due.account, due.region)).collect();
    places.sort_by(|a, b| (a.0.as_str(), &a.1).cmp(&(b.0.as_str(), &b.1)));
    places.dedup();
    places
}

/// Does what is due in the context's account and region, in order, each as of its own moment.
pub fn carry_out(cx: &Cx, tx: &mut Tx) -> Result<(), ApiError> {
    let mut list: Vec<Due> = due(&tx.at(cx.now), &[cx.account().as_str(), cx.region_name()]).collect();
    list.sort_by_key(|due| due.at);
    for due in list {
        // Each may launch, and draws ids of its own.
        let then = Cx { now: due.at, ids: Ids::new(cx.ids.bytes()), ..cx.clone() };
        match due.what {
            What::Interruption(notice, action) => carry_out_interruption(&then, tx, &notice, action)?,
            What::Event(event) => carry_out_event(&then, tx, &event)?,
            What::SpotRequest(request) => spot::follow::end_has_come(&then, tx, &request),
            What::Fleet(id) => fleet::fill::moment_has_come(&then, tx, &id)?,
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
            lifecycle::terminate_one(cx, tx, &instance, ReasonKind::SpotTermination)?;
            lifecycle::replace(cx, tx, std::slice::from_ref(&instance.id))
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
