//! DescribeFleetHistory. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFleetHistory.html>

use service::paging;
use service::prelude::*;

use super::record::{Event, Fleet};
use crate::resource;

/// `DescribeFleetHistoryRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct DescribeFleetHistory {
    pub fleet_id: String,
    pub start_time: Timestamp,
    pub event_type: Option<String>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeFleetHistoryResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct FleetHistory {
    pub fleet_id: String,
    pub start_time: Timestamp,
    pub last_evaluated_time: Timestamp,
    pub history_records: Vec<HistoryRecord>,
    pub next_token: Option<String>,
}

/// `HistoryRecordEntry`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct HistoryRecord {
    pub event_type: String,
    pub timestamp: Timestamp,
    pub event_information: EventInformation,
}

/// `EventInformation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct EventInformation {
    pub event_sub_type: String,
    pub instance_id: Option<String>,
    pub event_description: Option<String>,
}

/// DescribeFleetHistory on the fleet.
pub fn to_describe(cx: &Cx, world: &World, input: &DescribeFleetHistory) -> Vec<Check> {
    vec![resource::check_on::<Fleet>(cx, world, &input.fleet_id)]
}

/// What happened since that time, the oldest first.
pub fn describe(cx: &Cx, world: &World, input: &DescribeFleetHistory) -> Result<FleetHistory, ApiError> {
    let fleet = resource::get::<Fleet>(world, cx, &input.fleet_id)?;
    let wanted = |(_, event): &(usize, &Event)| {
        event.at >= input.start_time && input.event_type.as_ref().is_none_or(|kind| *kind == event.kind)
    };
    let events = fleet.events.iter().enumerate().filter(wanted);
    let scope = format!("history of {} {} {:?}", fleet.id, input.start_time, input.event_type);
    let key = |(position, _): &(usize, &Event)| format!("{position:010}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, events, key)?;
    Ok(FleetHistory {
        fleet_id: fleet.id.clone(),
        start_time: input.start_time,
        last_evaluated_time: cx.now_seconds(),
        history_records: page.items.into_iter().map(|(_, event)| out(event)).collect(),
        next_token: page.next,
    })
}

/// As answers show what happened.
pub fn out(event: &Event) -> HistoryRecord {
    HistoryRecord {
        event_type: event.kind.clone(),
        timestamp: event.at,
        event_information: EventInformation {
            event_sub_type: event.what.clone(),
            instance_id: event.instance_id.clone(),
            event_description: event.description.clone(),
        },
    }
}
