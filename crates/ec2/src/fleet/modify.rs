//! ModifyFleet: another size, or other launches, for a fleet that maintains its size.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyFleet.html>

use service::prelude::*;

use super::create::{check_configs, must_find_types, on_launches, target};
use super::fill;
use super::input::ModifyFleet;
use super::offer::{self, Offer};
use super::record::Fleet;
use super::requirements;
use crate::instance::authorize;
use crate::instance::run::checks;
use crate::resource;

/// `ModifyFleetResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub r#return: bool,
}

/// ModifyFleet on the fleet, with the new values, and on what its launches use from now on.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifyFleet) -> Vec<Check> {
    let policy = input.excess_capacity_termination_policy.clone();
    let total = input.target_capacity_specification.as_ref().map(|wish| wish.total_target_capacity.to_string());
    let values = [("ExcessCapacityTerminationPolicy", policy), ("TotalTargetCapacity", total)];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let own = authorize::attributes(resource::check_on::<Fleet>(cx, world, &input.fleet_id), &values);
    let offers = offers(cx, world, input).unwrap_or_default();
    std::iter::once(own).chain(on_launches(cx, world, &offers, checks::to_name)).collect()
}

/// What is refused before permission is asked for.
pub fn check(cx: &Cx, world: &World, input: &ModifyFleet) -> Result<(), ApiError> {
    let Some(configs) = input.launch_template_configs.as_deref() else { return Ok(()) };
    check_configs(configs, unit(input))?;
    offers(cx, world, input).map(drop)
}

/// What the fleet would choose from by the new configuration, in either market; [`check`] has told what is wrong with it.
fn offers(cx: &Cx, world: &World, input: &ModifyFleet) -> Result<Vec<Offer>, ApiError> {
    let configs = input.launch_template_configs.as_deref().unwrap_or_default();
    let held = resource::look_up::<Fleet>(world, cx, &input.fleet_id);
    let held = held.as_deref().and_then(|fleet| fleet.target.unit.as_deref());
    offer::of_both(cx, world, configs, unit(input).or(held))
}

/// What the target is counted in from now on, if that is said.
fn unit(input: &ModifyFleet) -> Option<&str> {
    input.target_capacity_specification.as_ref()?.target_capacity_unit_type.as_deref()
}

/// Changes the fleet; it grows or shrinks at once.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyFleet) -> Result<Modified, ApiError> {
    let mut fleet = (*resource::get::<Fleet>(tx, cx, &input.fleet_id)?).clone();
    if fleet.kind != "maintain" {
        let message = format!("Fleet {} is of type {} and cannot be modified.", fleet.id, fleet.kind);
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    if fleet.deleted.is_some() {
        let state = fleet.state(tx, cx.now, cx.settings.states);
        let message = format!("Fleet {} is in the state {state} and cannot be modified.", fleet.id);
        return Err(ApiError::new("IncorrectState", message));
    }
    if let Some(configs) = &input.launch_template_configs {
        fleet.configs.clone_from(configs);
    }
    if let Some(policy) = &input.excess_capacity_termination_policy {
        fleet.ends_excess = policy != "no-termination";
    }
    if let Some(wish) = &input.target_capacity_specification {
        fleet.target = target(wish, Some(&fleet.target))?;
    }
    requirements::check(&fleet.configs, fleet.target.unit.as_deref())?;
    must_find_types(cx, tx, &fleet)?;
    if input.context.is_some() {
        fleet.context.clone_from(&input.context);
    }
    fleet.note(cx.now, "fleet-change", "modify_succeeded", None, None);
    if fleet.ends_excess {
        fill::shrink(cx, tx, &mut fleet)?;
    }
    if fleet.maintains(cx.now) {
        fill::fill(cx, tx, &mut fleet)?;
    }
    tx.put(fleet);
    Ok(Modified { r#return: true })
}
