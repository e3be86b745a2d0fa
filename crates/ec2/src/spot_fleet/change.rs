//! ModifySpotFleetRequest and CancelSpotFleetRequests.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySpotFleetRequest.html>

use serde_json::Value as Json;
use service::prelude::*;

use super::{SpotFleet, request};
use crate::fleet::create::{MOST_CAPACITY, check_configs, must_find_types, on_launches, templates_must_exist};
use crate::fleet::offer::{self, Offer};
use crate::fleet::record::Target;
use crate::fleet::{fill, requirements};
use crate::instance::authorize;
use crate::instance::run::checks;
use crate::kind;
use crate::launch_template::data::Data;
use crate::resource;

/// `ModifySpotFleetRequestRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ModifySpotFleetRequest {
    pub spot_fleet_request_id: String,
    pub target_capacity: Option<i64>,
    pub on_demand_target_capacity: Option<i64>,
    pub excess_capacity_termination_policy: Option<String>,
    /// `LaunchTemplateConfig`.
    pub launch_template_configs: Option<Vec<Data>>,
    pub context: Option<String>,
}

/// `ModifySpotFleetRequestResponse`.
#[derive(Debug, Serialize, Shaped)]
pub struct Modified {
    pub r#return: bool,
}

/// `CancelSpotFleetRequestsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CancelSpotFleetRequests {
    pub spot_fleet_request_ids: Vec<String>,
    pub terminate_instances: bool,
    pub dry_run: Option<bool>,
}

/// `CancelSpotFleetRequestsResponse`.
#[derive(Debug, Default, Serialize, Shaped)]
pub struct Cancelled {
    pub successful_fleet_requests: Vec<Success>,
    pub unsuccessful_fleet_requests: Vec<Refusal>,
}

/// `CancelSpotFleetRequestsSuccessItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Success {
    pub spot_fleet_request_id: String,
    pub current_spot_fleet_request_state: &'static str,
    pub previous_spot_fleet_request_state: &'static str,
}

/// `CancelSpotFleetRequestsErrorItem`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Refusal {
    pub spot_fleet_request_id: String,
    pub error: RefusalError,
}

/// `CancelSpotFleetRequestsError`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct RefusalError {
    pub code: &'static str,
    pub message: String,
}

/// The configuration with other templates.
fn with_templates(held: &Data, input: &ModifySpotFleetRequest) -> Option<Data> {
    let templates = input.launch_template_configs.as_ref()?;
    let mut config = held.clone();
    let templates = templates.iter().map(|it| Json::Object(it.0.clone())).collect();
    config.0.insert("LaunchTemplateConfigs".to_owned(), templates);
    Some(config)
}

/// ModifySpotFleetRequest on the request, with the new values, and on what its launches use from now on.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifySpotFleetRequest) -> Vec<Check> {
    let number = |value: Option<i64>| value.map(|value| value.to_string());
    let values = [
        ("ExcessCapacityTerminationPolicy", input.excess_capacity_termination_policy.clone()),
        ("OnDemandTargetCapacity", number(input.on_demand_target_capacity)),
        ("TargetCapacity", number(input.target_capacity)),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let own = resource::check_on::<SpotFleet>(cx, world, &input.spot_fleet_request_id);
    let offers = offers(cx, world, input).unwrap_or_default();
    let uses = on_launches(cx, world, &offers, checks::to_place);
    std::iter::once(authorize::attributes(own, &values)).chain(uses).collect()
}

/// What is refused before permission is asked for.
pub fn check(cx: &Cx, world: &World, input: &ModifySpotFleetRequest) -> Result<(), ApiError> {
    let Some(config) = with_templates(&Data::default(), input) else { return Ok(()) };
    request::must_be_small(&config)?;
    check_configs(&request::configs(&config), None)?;
    offers(cx, world, input).map(drop)
}

/// What the fleet would choose from by the new templates, in either market; [`check`] has told what is wrong with it.
fn offers(cx: &Cx, world: &World, input: &ModifySpotFleetRequest) -> Result<Vec<Offer>, ApiError> {
    let Some(config) = with_templates(&Data::default(), input) else { return Ok(Vec::new()) };
    let held = resource::look_up::<SpotFleet>(world, cx, &input.spot_fleet_request_id);
    let unit = held.as_deref().and_then(|held| held.fleet.target.unit.as_deref());
    offer::of_both(cx, world, &request::configs(&config), unit)
}

/// Changes the request; it grows or shrinks at once.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifySpotFleetRequest) -> Result<Modified, ApiError> {
    let mut held = (*resource::get::<SpotFleet>(tx, cx, &input.spot_fleet_request_id)?).clone();
    if held.fleet.kind != "maintain" || held.fleet.deleted.is_some() {
        let message = format!(
            "Spot Fleet request {} of type {} in the state {} cannot be modified.",
            held.id,
            held.fleet.kind,
            held.state(cx, tx)
        );
        return Err(ApiError::new("IncorrectState", message));
    }
    if let Some(config) = with_templates(&held.config, input) {
        // Only a request that was made of templates can be given others.
        if held.config.list("LaunchTemplateConfigs").is_empty() {
            return Err(request::invalid("LaunchTemplateConfigs"));
        }
        held.fleet.configs = request::configs(&config);
        templates_must_exist(cx, tx, &held.fleet.configs)?;
        held.config = config;
    }
    if let Some(policy) = &input.excess_capacity_termination_policy {
        held.fleet.ends_excess = !policy.eq_ignore_ascii_case("noTermination");
        held.config.0.insert("ExcessCapacityTerminationPolicy".to_owned(), policy.clone().into());
    }
    let total = input.target_capacity.unwrap_or(held.fleet.target.total);
    let on_demand = input.on_demand_target_capacity.unwrap_or(held.fleet.target.on_demand);
    if !(0..=MOST_CAPACITY).contains(&total) {
        return Err(request::invalid("TargetCapacity"));
    }
    if !(0..=total).contains(&on_demand) {
        return Err(request::invalid("OnDemandTargetCapacity"));
    }
    held.fleet.target = Target { total, on_demand, spot: total - on_demand, ..held.fleet.target.clone() };
    requirements::check(&held.fleet.configs, held.fleet.target.unit.as_deref())?;
    must_find_types(cx, tx, &held.fleet)?;
    held.config.0.insert("TargetCapacity".to_owned(), total.into());
    held.config.0.insert("OnDemandTargetCapacity".to_owned(), on_demand.into());
    if let Some(context) = &input.context {
        held.config.0.insert("Context".to_owned(), context.clone().into());
    }
    held.fleet.note(cx.now, "fleet-change", "modify_succeeded", None, None);
    if held.fleet.ends_excess {
        fill::shrink(cx, tx, &mut held.fleet)?;
    }
    if held.fleet.maintains(cx.now) {
        fill::fill(cx, tx, &mut held.fleet)?;
    }
    tx.put(held);
    Ok(Modified { r#return: true })
}

/// CancelSpotFleetRequests on each request.
pub fn to_cancel(cx: &Cx, world: &World, input: &CancelSpotFleetRequests) -> Vec<Check> {
    input.spot_fleet_request_ids.iter().map(|id| resource::check_on::<SpotFleet>(cx, world, id)).collect()
}

/// Cancels the requests that can be, with their instances or without, and tells of the others why not.
pub fn cancel(cx: &Cx, tx: &mut Tx, input: &CancelSpotFleetRequests) -> Result<Cancelled, ApiError> {
    let mut answer = Cancelled::default();
    for id in &input.spot_fleet_request_ids {
        let spot_fleet_request_id = id.clone();
        match cancellable(cx, tx, id) {
            Ok(mut held) => {
                let previous_spot_fleet_request_state = held.state(cx, tx);
                fill::close(cx, tx, &mut held.fleet, input.terminate_instances)?;
                let current_spot_fleet_request_state = held.state(cx, tx);
                held.fleet.note(cx.now, "fleet-change", current_spot_fleet_request_state, None, None);
                tx.put(held);
                answer.successful_fleet_requests.push(Success {
                    spot_fleet_request_id,
                    current_spot_fleet_request_state,
                    previous_spot_fleet_request_state,
                });
            }
            Err(error) => answer.unsuccessful_fleet_requests.push(Refusal { spot_fleet_request_id, error }),
        }
    }
    Ok(answer)
}

fn cancellable(cx: &Cx, world: &World, id: &str) -> Result<SpotFleet, RefusalError> {
    let refused = |code, message: String| Err(RefusalError { code, message });
    if let Err(error) = kind::SPOT_FLEET.well_formed(id) {
        return refused("fleetRequestIdMalformed", error.into_message());
    }
    let Some(held) = resource::look_up::<SpotFleet>(world, cx, id) else {
        return refused("fleetRequestIdDoesNotExist", kind::SPOT_FLEET.not_found(&[id]).into_message());
    };
    if held.fleet.deleted.is_some() {
        let message =
            format!("Spot Fleet request {id} is in the state {} and cannot be cancelled.", held.state(cx, world));
        return refused("fleetRequestNotInCancellableState", message);
    }
    Ok((*held).clone())
}
