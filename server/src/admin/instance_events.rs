//! What befalls instances from outside EC2's API: interruptions of spot instances, recommendations, maintenance, Auto Scaling. Each is one call on
//! `/_rolecall/instances/ID/…`; the instance's metadata tells of it, and what it announces happens by the clock.

use ec2::instance::event_window;
use ec2::instance::notice::event::{self, NewEvent};
use ec2::instance::notice::{self, Action, EventCode, InstanceEvent, Interruption};
use ec2::instance::{Instance, State, state_at};
use hyper::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::{Cx, World};
use storage::{Tx, WriteError};

use super::{Refusal, Reply, bad, missing, not_stored};
use crate::clock;
use crate::metadata;
use crate::server::Server;

/// Answers one of the paths of this module; `None` for any other.
pub async fn reply(server: &Server, method: &Method, steps: &[&str], body: &[u8]) -> Option<Reply> {
    let ["instances", id, what, rest @ ..] = steps else { return None };
    Some(match (method, *what, rest) {
        (&Method::GET, "events", []) => events(server, id).await,
        (&Method::POST, "interrupt", []) => with(server, id, body, interrupt).await,
        (&Method::POST, "rebalance", []) => with(server, id, body, rebalance).await,
        (&Method::POST, "lifecycle", []) => with(server, id, body, lifecycle).await,
        (&Method::POST, "maintain", []) => with(server, id, body, maintain).await,
        (&Method::DELETE, "events", [event]) => cancel(server, id, event).await,
        (_, "events" | "interrupt" | "rebalance" | "lifecycle" | "maintain", _) => {
            Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, "that method is not for this path".into()))
        }
        _ => return None,
    })
}

/// Does what was announced anywhere and is due, so that what is shown next is what there is.
pub async fn carry_out(server: &Server) {
    let moment = server.clock.read();
    for (account, region) in notice::due_places(&server.store.snapshot(moment.now).await) {
        metadata::carry_out(server, account, &region, moment).await;
    }
}

/// An interruption. Absent: terminated in two minutes, as AWS does by default; a hibernation begins at once.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Interrupt {
    action: Option<Action>,
    r#in: Option<String>,
}

fn interrupt(cx: &Cx, tx: &mut Tx, instance: &Instance, wanted: &Interrupt) -> Result<(), Refusal> {
    must_run(cx, instance)?;
    let action = wanted.action.unwrap_or(Action::Terminate);
    let usual = if action == Action::Hibernate { SignedDuration::ZERO } else { SignedDuration::from_mins(2) };
    let at = after(cx, wanted.r#in.as_deref(), usual)?;
    if action == Action::Hibernate && !instance.attributes.hibernation {
        return Err(conflict(format!("the instance `{}` is not configured for hibernation", instance.id)));
    }
    notice::interrupt(tx, instance, Interruption { action, at });
    Ok(())
}

/// A recommendation to replace the instance; `off` takes it back.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rebalance {
    #[serde(default)]
    off: bool,
}

fn rebalance(cx: &Cx, tx: &mut Tx, instance: &Instance, wanted: &Rebalance) -> Result<(), Refusal> {
    must_run(cx, instance)?;
    notice::rebalance(tx, instance, (!wanted.off).then_some(cx.now));
    Ok(())
}

/// Where an Auto Scaling group is taking the instance; without a state it belongs to none.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifecycle {
    state: Option<String>,
}

fn lifecycle(_: &Cx, tx: &mut Tx, instance: &Instance, wanted: &Lifecycle) -> Result<(), Refusal> {
    if let Some(state) = wanted.state.as_deref().filter(|state| !notice::LIFECYCLE_STATES.contains(state)) {
        let known = notice::LIFECYCLE_STATES.join(", ");
        return Err(bad(format!("`{state}` is no lifecycle state; there are {known}")));
    }
    if instance.terminated_at().is_some() {
        return Err(conflict(format!("the instance `{}` is terminated", instance.id)));
    }
    notice::lifecycle(tx, instance, wanted.state.clone());
    Ok(())
}

/// Maintenance. Absent: a reboot of the system in a week, two hours long, that may be put off by a week.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Maintain {
    code: Option<EventCode>,
    r#in: Option<String>,
    lasting: Option<String>,
    /// Counted from the start.
    deadline: Option<String>,
    description: Option<String>,
}

fn maintain(cx: &Cx, tx: &mut Tx, instance: &Instance, wanted: &Maintain) -> Result<(), Refusal> {
    if instance.terminated_at().is_some() {
        return Err(conflict(format!("the instance `{}` is terminated", instance.id)));
    }
    const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
    let planned = after(cx, wanted.r#in.as_deref(), WEEK)?;
    // Without a time of its own the event waits for the instance's window to open.
    let opening = event_window::opening_for(tx, instance, planned).filter(|_| wanted.r#in.is_none());
    let not_before = opening.unwrap_or(planned);
    let beginning = Cx { now: not_before, ..cx.clone() };
    let new = NewEvent {
        code: wanted.code.unwrap_or(EventCode::SystemReboot),
        description: wanted.description.clone(),
        not_before,
        not_after: after(&beginning, wanted.lasting.as_deref(), SignedDuration::from_hours(2))?,
        deadline: Some(after(&beginning, wanted.deadline.as_deref(), WEEK)?),
    };
    event::schedule(cx, tx, instance, new);
    Ok(())
}

fn must_run(cx: &Cx, instance: &Instance) -> Result<(), Refusal> {
    match state_at(instance, cx.now, cx.settings.states) {
        State::Pending | State::Running => Ok(()),
        other => Err(conflict(format!(
            "the instance `{}` is {}: only one that runs is told this",
            instance.id,
            other.name()
        ))),
    }
}

fn conflict(text: String) -> Refusal {
    Refusal(StatusCode::CONFLICT, text)
}

/// The whole second so long from now.
fn after(cx: &Cx, text: Option<&str>, usual: SignedDuration) -> Result<Timestamp, Refusal> {
    let by = match text {
        None => usual,
        Some(text) => {
            clock::duration(text).ok_or_else(|| bad(format!("`{text}` is not a duration such as 2m, 1h30m or 2d")))?
        }
    };
    let at = cx.now_seconds().checked_add(by).ok().filter(|_| !by.is_negative());
    at.ok_or_else(|| bad("the time lies before now or too far ahead"))
}

/// Does it to the instance, and answers what it is told from now on.
async fn with<B: DeserializeOwned + Default + Send + Sync + 'static>(
    server: &Server,
    id: &str,
    body: &[u8],
    act: fn(&Cx, &mut Tx, &Instance, &B) -> Result<(), Refusal>,
) -> Reply {
    let wanted = match body {
        [] => B::default(),
        body => serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?,
    };
    change(server, id, move |cx, tx, instance| act(cx, tx, instance, &wanted)).await?;
    events(server, id).await
}

async fn cancel(server: &Server, id: &str, event: &str) -> Reply {
    let wanted = event.to_owned();
    change(server, id, move |cx, tx, instance| {
        let held = event::of_instance(tx, instance).into_iter().find(|event| event.id == wanted);
        let held = held.ok_or_else(|| missing(format!("there is no event `{wanted}`")))?;
        if event::cancel(tx, &held, cx.now) { Ok(()) } else { Err(conflict(format!("the event `{wanted}` is over"))) }
    })
    .await?;
    events(server, id).await
}

async fn change(
    server: &Server,
    id: &str,
    act: impl Fn(&Cx, &mut Tx, &Instance) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Result<(), Refusal> {
    carry_out(server).await;
    let moment = server.clock.read();
    let found = find(&server.store.snapshot(moment.now).await, id)?;
    let cx = metadata::context(server, found.account, &found.region, moment);
    let written = server.store.write(moment.now, move |tx: &mut Tx| {
        let key = [found.account.as_str(), found.region.as_str(), found.id.as_str()];
        let Some(instance) = tx.get::<Instance>(&key).cloned() else { return Err(no_instance(&found.id)) };
        act(&cx.again(), tx, &instance)
    });
    written.await.map_err(|error| match error {
        WriteError::Refused(refusal) => refusal,
        WriteError::Failed(_) | WriteError::Panicked => not_stored("it"),
    })
}

fn find(world: &World, id: &str) -> Result<std::sync::Arc<Instance>, Refusal> {
    ec2::instance::by_id_anywhere(world, id).ok_or_else(|| no_instance(id))
}

fn no_instance(id: &str) -> Refusal {
    missing(format!("there is no instance `{id}`"))
}

async fn events(server: &Server, id: &str) -> Reply {
    carry_out(server).await;
    let world = server.store.snapshot(server.clock.read().now).await;
    let instance = find(&world, id)?;
    let told = notice::of(&world, &instance);
    let told = told.as_deref();
    let interruption = told.and_then(|told| told.interruption);
    let list: Vec<Value> =
        event::of_instance(&world, &instance).iter().map(|event| shown(event, world.now())).collect();
    Ok(json!({
        "instanceId": instance.id,
        "interruption": interruption.map(|it| json!({"action": it.action.word(), "time": clock::seconds(it.at)})),
        "rebalance": told.and_then(|told| told.rebalance).map(clock::seconds),
        "lifecycle": told.and_then(|told| told.lifecycle.clone()),
        "events": list,
    }))
}

fn shown(event: &InstanceEvent, now: Timestamp) -> Value {
    json!({
        "id": event.id,
        "code": event.code.word(),
        "description": event.description_at(now),
        "notBefore": clock::seconds(event.not_before),
        "notAfter": clock::seconds(event.not_after),
        "deadline": event.deadline.map(clock::seconds),
        "state": event.state_at(now).word(),
    })
}
