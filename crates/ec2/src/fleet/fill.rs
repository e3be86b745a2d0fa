//! A fleet launches what is missing, and ends what is too much.

use service::prelude::*;

use super::offer::{self, Offer, Order};
use super::record::{Deleted, Failure, Fleet, Member};
use crate::instance::lifecycle;
use crate::instance::run::{self, plan};
use crate::instance::{Instance, Phase, ReasonKind};
use crate::kind;
use crate::launch_template::launch;
use crate::resource;
use crate::spot;
use crate::spot_fleet::SpotFleet;
use crate::tags::TagSpecification;

/// What a fleet launches at once at most.
const MOST_INSTANCES: usize = 10_000;

/// The tags by which an instance says which fleet it is of, or which Spot fleet.
const TAG: &str = "aws:ec2:fleet-id";
const SPOT_TAG: &str = "aws:ec2spot:fleet-request-id";

/// Launches until the target is reached, as far as that is possible. What cannot be launched is written down.
pub fn fill(cx: &Cx, tx: &mut Tx, fleet: &mut Fleet) -> Result<(), ApiError> {
    fleet.failures.clear();
    for lifecycle in ["on-demand", "spot"] {
        let target = if lifecycle == "spot" { fleet.target.spot } else { fleet.target.on_demand };
        let missing = target as f64 - fleet.fulfilled(tx, Some(lifecycle));
        if missing > 0.0 {
            // A template may allow too many types by now; what ended an instance must not fail for that.
            if let Err(error) = fill_market(cx, tx, fleet, lifecycle, missing) {
                fleet.note(cx.now, "service-error", &error.code, None, Some(error.message.clone()));
            }
        }
    }
    Ok(())
}

fn fill_market(cx: &Cx, tx: &mut Tx, fleet: &mut Fleet, lifecycle: &str, mut missing: f64) -> Result<(), ApiError> {
    let spot = (lifecycle == "spot").then(|| fleet.spot.wish());
    let order = offer::order(fleet, lifecycle);
    let offers = offer::of(cx, tx, &fleet.configs, fleet.target.unit.as_deref(), spot.as_ref())?;
    let mut usable = ranked(cx, tx, fleet, offers, lifecycle, order);
    if let Order::Price(most) = order {
        usable.truncate(most);
    }
    let mut turn = 0;
    // However little an instance weighs.
    while missing > 0.0 && turn < MOST_INSTANCES && !usable.is_empty() {
        let position = if order == Order::Priority { 0 } else { turn % usable.len() };
        let Some(chosen) = usable.get(position).cloned() else { break };
        match start(cx, tx, fleet, &chosen) {
            Ok(instance_id) => {
                missing -= chosen.weight;
                turn += 1;
                joined(cx, fleet, lifecycle, &chosen, instance_id);
            }
            Err(error) => {
                failed(cx, fleet, lifecycle, &chosen, &error);
                usable.remove(position);
            }
        }
    }
    Ok(())
}

fn joined(cx: &Cx, fleet: &mut Fleet, lifecycle: &str, chosen: &Offer, instance_id: String) {
    fleet.note(cx.now, "instance-change", "launched", Some(&instance_id), None);
    let (lifecycle, weight, from) = (lifecycle.to_owned(), chosen.weight, chosen.from);
    fleet.members.push(Member { instance_id, lifecycle, weight, from });
}

fn failed(cx: &Cx, fleet: &mut Fleet, lifecycle: &str, chosen: &Offer, error: &ApiError) {
    fleet.note(cx.now, "service-error", &error.code, None, Some(error.message.clone()));
    fleet.failures.push(Failure {
        lifecycle: lifecycle.to_owned(),
        from: chosen.from,
        code: error.code.to_string(),
        message: error.message.clone(),
    });
}

/// The offers that can be launched, the best first; the others are written down.
fn ranked(cx: &Cx, world: &World, fleet: &mut Fleet, offers: Vec<Offer>, lifecycle: &str, order: Order) -> Vec<Offer> {
    let mut usable: Vec<(f64, Offer)> = Vec::new();
    for one in offers {
        match with_sound(cx, world, fleet, &one, |sound| Ok(offer::unit_price(cx, sound, one.weight))) {
            Ok(price) => usable.push((if order == Order::Priority { one.priority } else { price }, one)),
            Err(error) => failed(cx, fleet, lifecycle, &one, &error),
        }
    }
    if order != Order::Turns {
        usable.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    }
    usable.into_iter().map(|(_, offer)| offer).collect()
}

/// Plans the launch, and refuses what cannot be launched.
fn with_sound<T>(
    cx: &Cx,
    world: &World,
    fleet: &Fleet,
    chosen: &Offer,
    then: impl FnOnce(&plan::Sound<'_, '_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let request = tagged(fleet, chosen);
    let asked = launch::asked(cx, world, &request)?;
    asked.must_be_resolved()?;
    if fleet.kind != "instant" {
        asked.must_name_its_image()?;
    }
    run::combinations::check(cx, world, &request)?;
    let plan = plan::plan(cx, world, &asked);
    let sound = plan.require(cx, world)?;
    if let Some(options) = sound.plan.spot() {
        spot::launch::require(cx, &sound, &options)?;
    }
    then(&sound)
}

/// The launch with the tags the fleet gives.
fn tagged(fleet: &Fleet, chosen: &Offer) -> run::input::RunInstances {
    let mut request = chosen.launch.clone();
    request.tag_specifications.extend(fleet.launch_tags.iter().cloned());
    request
}

/// Launches one, or tells why that is not possible and changes nothing: a launch can fail in the middle of it, so it is tried first on a state that is
/// thrown away.
fn start(cx: &Cx, tx: &mut Tx, fleet: &Fleet, chosen: &Offer) -> Result<String, ApiError> {
    launched(&cx.apart(), &mut Tx::on(World::clone(tx)), fleet, chosen)?;
    launched(cx, tx, fleet, chosen)
}

fn launched(cx: &Cx, tx: &mut Tx, fleet: &Fleet, chosen: &Offer) -> Result<String, ApiError> {
    let state = World::clone(tx);
    let id = with_sound(cx, &state, fleet, chosen, |sound| run::start(cx, tx, sound))?;
    let id = id.into_iter().next().unwrap_or_default();
    resource::update::<Instance>(tx, cx, &id, |it| it.tags.push(tag(fleet)));
    // The fleet replaces its instances itself.
    let request = crate::instance::find(cx, tx, &id)?.spot_request_id.clone().unwrap_or_default();
    resource::update::<spot::SpotRequest>(tx, cx, &request, |it| it.launch = None);
    Ok(id)
}

fn tag(fleet: &Fleet) -> Tag {
    Tag::new(if kind::SPOT_FLEET.is_id(&fleet.id) { SPOT_TAG } else { TAG }, fleet.id.as_str())
}

/// The fleet that launched the instance.
pub fn of_instance(instance: &Instance) -> Option<&str> {
    let tag = instance.tags.iter().find(|tag| [TAG, SPOT_TAG].contains(&tag.key.as_str()))?;
    Some(&tag.value)
}

/// Ends instances beyond the target, the youngest first.
pub fn shrink(cx: &Cx, tx: &mut Tx, fleet: &mut Fleet) -> Result<(), ApiError> {
    for lifecycle in ["on-demand", "spot"] {
        let target = if lifecycle == "spot" { fleet.target.spot } else { fleet.target.on_demand } as f64;
        let held: Vec<Member> =
            fleet.alive(tx).map(|(it, _)| it.clone()).filter(|it| it.lifecycle == lifecycle).collect();
        let mut units: f64 = held.iter().map(|it| it.weight).sum();
        for member in held.iter().rev() {
            if units - member.weight < target {
                break;
            }
            units -= member.weight;
            terminate(cx, tx, fleet, &member.instance_id)?;
        }
    }
    Ok(())
}

/// Ends one of its instances.
fn terminate(cx: &Cx, tx: &mut Tx, fleet: &mut Fleet, instance_id: &str) -> Result<(), ApiError> {
    let instance = crate::instance::find(cx, tx, instance_id)?.clone();
    lifecycle::terminate_one(cx, tx, &instance, ReasonKind::UserInitiated)?;
    fleet.note(cx.now, "instance-change", "terminated", Some(instance_id), None);
    Ok(())
}

/// After instances were terminated by somebody: the fleets that they were of and that maintain their size launch again.
pub fn follow(cx: &Cx, tx: &mut Tx, ended: &[String]) -> Result<(), ApiError> {
    let of = |id: &String| {
        let instance = crate::instance::find(cx, tx, id).ok()?;
        let over = matches!(instance.phase, Phase::Terminated { since, .. } if since == cx.now);
        of_instance(instance).filter(|_| over).map(str::to_owned)
    };
    let mut fleets: Vec<String> = ended.iter().filter_map(of).collect();
    fleets.sort();
    fleets.dedup();
    for id in fleets {
        change(cx, tx, &id, |cx, tx, fleet| {
            for id in ended {
                if fleet.members.iter().any(|member| member.instance_id == *id) {
                    fleet.note(cx.now, "instance-change", "terminated", Some(id), None);
                }
            }
            if fleet.maintains(cx.now) { fill(cx, tx, fleet) } else { Ok(()) }
        })?;
    }
    Ok(())
}

/// Changes the fleet of that id, of either form; nothing if there is none.
pub fn change(
    cx: &Cx,
    tx: &mut Tx,
    id: &str,
    change: impl FnOnce(&Cx, &mut Tx, &mut Fleet) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    if let Some(found) = resource::look_up::<Fleet>(tx, cx, id) {
        let mut fleet = Fleet::clone(&found);
        change(cx, tx, &mut fleet)?;
        tx.put(fleet);
    } else if let Some(found) = resource::look_up::<SpotFleet>(tx, cx, id) {
        let mut held = SpotFleet::clone(&found);
        change(cx, tx, &mut held.fleet)?;
        tx.put(held);
    }
    Ok(())
}

/// A fleet ends, with its instances or without.
pub fn close(cx: &Cx, tx: &mut Tx, fleet: &mut Fleet, terminated: bool) -> Result<(), ApiError> {
    fleet.deleted = Some(Deleted { at: cx.now, terminated });
    let alive: Vec<String> = fleet.alive(tx).map(|(member, _)| member.instance_id.clone()).collect();
    if terminated {
        alive.iter().try_for_each(|id| terminate(cx, tx, fleet, id))?;
    }
    Ok(())
}

/// The moment for which a fleet was told to begin or to end has come.
pub fn moment_has_come(cx: &Cx, tx: &mut Tx, id: &str) -> Result<(), ApiError> {
    change(cx, tx, id, |cx, tx, fleet| {
        if fleet.waits_until.take().is_some() {
            fleet.note(cx.now, "fleet-change", "active", None, None);
            return fill(cx, tx, fleet);
        }
        fleet.note(cx.now, "fleet-change", "expired", None, None);
        let terminated = fleet.ends_with_expiration;
        close(cx, tx, fleet, terminated)
    })
}

/// Tags for what the fleet launches: those for the fleet itself aside.
pub fn launch_tags(specifications: Option<&[TagSpecification]>) -> Vec<TagSpecification> {
    let others = specifications.unwrap_or_default().iter();
    others.filter(|it| it.resource_type.as_deref() != Some("fleet")).cloned().collect()
}
