//! What becomes of a Spot request: it follows its instance, ends by the clock, and, if it persists, launches again when its instance has ended.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html>

use std::sync::Arc;

use service::prelude::*;

use super::launch::prices;
use super::price::Micros;
use super::record::{Phase, SpotRequest};
use crate::instance::notice::Action;
use crate::instance::run::input::RunInstances;
use crate::instance::run::{self, plan};
use crate::instance::{self, Instance};
use crate::launch_template::launch::Asked;
use crate::resource;

/// The request that an instance fulfils.
pub fn of_instance(world: &World, instance: &Instance) -> Option<Arc<SpotRequest>> {
    let id = instance.spot_request_id.as_deref()?;
    world.get::<SpotRequest>(&[instance.account.as_str(), &instance.region, id]).cloned()
}

/// The same, if the instance is not one that a persistent request had before.
fn bound_to(world: &World, instance: &Instance) -> Option<Arc<SpotRequest>> {
    of_instance(world, instance).filter(|request| request.instance_id.as_deref() == Some(&instance.id))
}

/// A Spot instance can be stopped if its request is persistent. Recorded at AWS.
pub fn may_be_stopped(world: &World, instance: &Instance) -> Result<(), ApiError> {
    match of_instance(world, instance) {
        Some(request) if !request.persistent => Err(ApiError::new(
            "UnsupportedOperation",
            format!(
                "You can't stop the Spot Instance '{}' because it is associated with a one-time Spot Instance request. You can only stop \
                 Spot Instances associated with persistent Spot Instance requests.",
                instance.id
            ),
        )),
        _ => Ok(()),
    }
}

/// The request's side of what becomes of its instance: started, stopped, terminated. One that was cancelled stays so.
pub fn follow(cx: &Cx, tx: &mut Tx, instance: &Instance, phase: Phase) {
    let Some(request) = bound_to(tx, instance) else { return };
    let ends = matches!(phase, Phase::Terminated | Phase::TerminatedNoCapacity);
    let phase = match request.phase {
        Phase::CancelledRunning | Phase::ExpiredStopped if ends => Phase::Cancelled,
        Phase::CancelledRunning | Phase::ExpiredStopped | Phase::Cancelled => return,
        _ => phase,
    };
    tx.put(SpotRequest { phase, since: cx.now_seconds(), ..(*request).clone() });
}

/// EC2 is going to stop or terminate the instance. Of a termination the request tells at once.
pub fn interruption_announced(tx: &mut Tx, instance: &Instance, action: Action) {
    let Some(request) = bound_to(tx, instance).filter(|request| request.phase == Phase::Fulfilled) else { return };
    let phase = if action == Action::Terminate { Phase::TerminatedNoCapacity } else { Phase::MarkedForStop };
    let since = Timestamp::from_second(tx.now().as_second()).unwrap_or(tx.now());
    tx.put(SpotRequest { phase, since, ..(*request).clone() });
}

/// The time of a request is over; its instance goes on.
pub fn end_has_come(cx: &Cx, tx: &mut Tx, id: &str) {
    let ends = |request: &Arc<SpotRequest>| request.ends_at().is_some_and(|at| at <= cx.now);
    let Some(request) = resource::look_up::<SpotRequest>(tx, cx, id).filter(ends) else { return };
    let phase = match request.phase {
        Phase::PriceTooLow => Phase::Expired,
        Phase::Stopped | Phase::StoppedNoCapacity => Phase::ExpiredStopped,
        // EC2 ends its instance, which nothing will replace.
        Phase::TerminatedNoCapacity => Phase::Cancelled,
        _ => Phase::CancelledRunning,
    };
    tx.put(SpotRequest { phase, since: cx.now_seconds(), ..(*request).clone() });
}

/// A persistent request whose instance has ended launches again, as far as that is possible.
pub fn again(cx: &Cx, tx: &mut Tx, ended: &str) -> Result<(), ApiError> {
    let Some(request) = instance::find(cx, tx, ended).ok().and_then(|instance| bound_to(tx, instance)) else {
        return Ok(());
    };
    let over = matches!(request.phase, Phase::Terminated | Phase::TerminatedNoCapacity);
    let expired = request.valid_until.is_some_and(|until| until <= cx.now);
    let Some(launch) = request.launch.clone().filter(|_| over && !expired) else { return Ok(()) };
    let waiting = SpotRequest { since: cx.now_seconds(), instance_id: None, zone: None, ..(*request).clone() };
    let wish = serde_json::from_value::<RunInstances>(launch).map_err(|error| ApiError::internal(error.to_string()));
    let launched = wish.and_then(|wish| {
        // A launch can fail in the middle of it, so it is tried first on a state that is thrown away.
        launched(&cx.apart(), &mut Tx::on(World::clone(tx)), &wish)?;
        launched(cx, tx, &wish)
    });
    let request = match launched {
        Ok(Launched::Instance(instance)) => adopted(cx, tx, waiting, &instance),
        Ok(Launched::TooDear(asked)) => SpotRequest { phase: Phase::PriceTooLow, asked: Some(asked), ..waiting },
        Err(error) => SpotRequest { phase: Phase::Failed, fault: Some(error.into_message()), ..waiting },
    };
    tx.put(request);
    Ok(())
}

enum Launched {
    Instance(Arc<Instance>),
    TooDear(Micros),
}

fn launched(cx: &Cx, tx: &mut Tx, wish: &RunInstances) -> Result<Launched, ApiError> {
    let asked = Asked::alone(wish);
    let plan = plan::plan(cx, tx, &asked);
    let sound = plan.require(cx, tx)?;
    let (most, price) = prices(cx, &sound, &plan.spot().unwrap_or_default());
    if most < price {
        return Ok(Launched::TooDear(price));
    }
    let id = run::start(cx, tx, &sound)?.into_iter().next().unwrap_or_default();
    Ok(Launched::Instance(instance::find(cx, tx, &id)?.clone()))
}

/// The request with the new instance, in place of the request that the launch made.
fn adopted(cx: &Cx, tx: &mut Tx, request: SpotRequest, instance: &Instance) -> SpotRequest {
    if let Some(made) = &instance.spot_request_id {
        resource::remove::<SpotRequest>(tx, cx, made);
    }
    resource::update::<Instance>(tx, cx, &instance.id, |it| it.spot_request_id = Some(request.id.clone()));
    SpotRequest {
        phase: Phase::Fulfilled,
        instance_id: Some(instance.id.clone()),
        zone: Some((instance.placement.zone.clone(), instance.placement.zone_id.clone())),
        asked: None,
        ..request
    }
}
