//! DescribeSpotFleetRequests, their instances and their history.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotFleetRequests.html>

use serde_json::{Value as Json, json};
use service::paging;
use service::prelude::*;

use super::SpotFleet;
use crate::fleet::describe::activity;
use crate::fleet::history::{HistoryRecord, out as event_out};
use crate::fleet::instances::{ActiveInstance, active};
use crate::fleet::record::Event;
use crate::launch_template::data::Data;
use crate::resource;

/// `DescribeSpotFleetRequestsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSpotFleetRequests {
    pub spot_fleet_request_ids: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSpotFleetRequestsResponse`.
#[derive(Debug, Serialize, Shaped)]
pub struct Requests {
    pub spot_fleet_request_configs: Vec<RequestOut>,
    pub next_token: Option<String>,
}

/// `SpotFleetRequestConfig`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RequestOut {
    pub spot_fleet_request_id: String,
    pub spot_fleet_request_state: &'static str,
    pub activity_status: &'static str,
    pub create_time: Timestamp,
    /// `SpotFleetRequestConfigData`.
    pub spot_fleet_request_config: Data,
    pub tags: Vec<Tag>,
}

/// `DescribeSpotFleetInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSpotFleetInstances {
    pub spot_fleet_request_id: String,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSpotFleetInstancesResponse`.
#[derive(Debug, Serialize, Shaped)]
pub struct Instances {
    pub spot_fleet_request_id: String,
    pub active_instances: Vec<ActiveInstance>,
    pub next_token: Option<String>,
}

/// `DescribeSpotFleetRequestHistoryRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct DescribeSpotFleetRequestHistory {
    pub spot_fleet_request_id: String,
    pub start_time: Timestamp,
    pub event_type: Option<String>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSpotFleetRequestHistoryResponse`.
#[derive(Debug, Serialize, Shaped)]
pub struct History {
    pub spot_fleet_request_id: String,
    pub start_time: Timestamp,
    pub last_evaluated_time: Timestamp,
    pub history_records: Vec<HistoryRecord>,
    pub next_token: Option<String>,
}

/// All requests, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeSpotFleetRequests) -> Result<Requests, ApiError> {
    let found = match input.spot_fleet_request_ids.as_deref().unwrap_or_default() {
        [] => resource::all::<SpotFleet>(cx, world).collect(),
        ids => resource::named::<SpotFleet>(world, cx, ids)?,
    };
    let seen = found.iter().map(|it| out(cx, world, it));
    let key = |it: &RequestOut| it.spot_fleet_request_id.clone();
    let page = paging::ec2("spot fleets", input.next_token.as_deref(), input.max_results, seen, key)?;
    Ok(Requests { spot_fleet_request_configs: page.items, next_token: page.next })
}

/// The request with what it has reached.
fn out(cx: &Cx, world: &World, held: &SpotFleet) -> RequestOut {
    let fleet = &held.fleet;
    let fulfilled = fleet.fulfilled(world, None);
    let mut config = held.config.clone();
    let defaults = [
        ("AllocationStrategy", json!("lowestPrice")),
        ("OnDemandAllocationStrategy", json!("lowestPrice")),
        ("ExcessCapacityTerminationPolicy", json!("default")),
        ("OnDemandTargetCapacity", json!(0)),
        ("TerminateInstancesWithExpiration", json!(false)),
        ("Type", json!("maintain")),
        ("ReplaceUnhealthyInstances", json!(false)),
        ("InstanceInterruptionBehavior", json!("terminate")),
    ];
    for (name, value) in defaults {
        config.0.entry(name).or_insert(value);
    }
    if config.text(&["AllocationStrategy"]) == Some("lowestPrice") {
        config.0.entry("InstancePoolsToUseCount").or_insert(json!(1));
    }
    config.0.insert("FulfilledCapacity".to_owned(), Json::from(fulfilled));
    config.0.insert("OnDemandFulfilledCapacity".to_owned(), Json::from(fleet.fulfilled(world, Some("on-demand"))));
    RequestOut {
        spot_fleet_request_id: held.id.clone(),
        spot_fleet_request_state: held.state(cx, world),
        activity_status: activity(fleet, fleet.state(world, cx.now, cx.settings.states), fulfilled),
        create_time: fleet.created_at,
        spot_fleet_request_config: config,
        tags: held.tags.clone(),
    }
}

/// DescribeSpotFleetInstances on the request.
pub fn on_one(cx: &Cx, world: &World, input: &DescribeSpotFleetInstances) -> Vec<Check> {
    vec![resource::check_on::<SpotFleet>(cx, world, &input.spot_fleet_request_id)]
}

/// What of the request runs.
pub fn instances(cx: &Cx, world: &World, input: &DescribeSpotFleetInstances) -> Result<Instances, ApiError> {
    let held = resource::get::<SpotFleet>(world, cx, &input.spot_fleet_request_id)?;
    let seen = active(world, &held.fleet);
    let scope = format!("instances of {}", held.id);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, seen, |it| it.instance_id.clone())?;
    Ok(Instances { spot_fleet_request_id: held.id.clone(), active_instances: page.items, next_token: page.next })
}

/// DescribeSpotFleetRequestHistory on the request.
pub fn on_one_of_history(cx: &Cx, world: &World, input: &DescribeSpotFleetRequestHistory) -> Vec<Check> {
    vec![resource::check_on::<SpotFleet>(cx, world, &input.spot_fleet_request_id)]
}

/// What happened since that time, in Spot fleets' words.
pub fn history(cx: &Cx, world: &World, input: &DescribeSpotFleetRequestHistory) -> Result<History, ApiError> {
    let held = resource::get::<SpotFleet>(world, cx, &input.spot_fleet_request_id)?;
    let records = held.fleet.events.iter().filter(|event| event.at >= input.start_time).map(told);
    let wanted = |it: &(usize, HistoryRecord)| input.event_type.as_ref().is_none_or(|kind| *kind == it.1.event_type);
    let records = records.enumerate().filter(wanted);
    let scope = format!("history of {} {} {:?}", held.id, input.start_time, input.event_type);
    let key = |(position, _): &(usize, HistoryRecord)| format!("{position:010}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, records, key)?;
    Ok(History {
        spot_fleet_request_id: held.id.clone(),
        start_time: input.start_time,
        last_evaluated_time: cx.now_seconds(),
        history_records: page.items.into_iter().map(|(_, record)| record).collect(),
        next_token: page.next,
    })
}

/// An event in Spot fleets' words. A launch that is refused for its price is no error, since the price may fall.
fn told(event: &Event) -> HistoryRecord {
    let mut record = event_out(event);
    let (kind, what) = match (event.kind.as_str(), event.what.as_str()) {
        ("instance-change", what) => ("instanceChange", what),
        ("fleet-change", what) => ("fleetRequestChange", what),
        (_, "SpotMaxPriceTooLow") => ("information", "launchSpecUnusable"),
        _ => ("error", "spotFleetRequestConfigurationInvalid"),
    };
    record.event_information.event_sub_type = what.to_owned();
    HistoryRecord { event_type: kind.to_owned(), ..record }
}
