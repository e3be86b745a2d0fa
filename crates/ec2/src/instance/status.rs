//! DescribeInstanceStatus: the two status checks and the volumes' one, which pass some time after the instance runs, and never fail here; and what the
//! application status checks come to.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html>

use service::filters::{Field, Fields, Filter, Values};
use service::paging;
use service::prelude::*;

use super::describe::{candidates, time};
use super::notice::{InstanceEvent, event};
use super::out::OperatorOut;
use super::state::{CHECKING_SECONDS, STARTING_SECONDS, State, StateOut, elapsed, state_at};
use super::{Instance, Phase};
use crate::family::status_check::result::Checks;
use crate::family::status_check::{self, status::Summary as ApplicationSummary};

/// `DescribeInstanceStatusRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceStatus {
    pub instance_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub include_all_instances: Option<bool>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceStatusResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Statuses {
    pub instance_statuses: Vec<StatusOut>,
    pub next_token: Option<String>,
}

/// `InstanceStatus`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct StatusOut {
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub events: Option<Vec<EventOut>>,
    pub instance_id: String,
    pub instance_state: StateOut,
    pub instance_status: Summary,
    pub system_status: Summary,
    /// Told of once the checks are through, of instances that run (recorded of AWS, September 2026).
    pub attached_ebs_status: Option<Summary>,
    /// Told of where something is checked (recorded of AWS, September 2026).
    pub application_status: Option<ApplicationSummary>,
    pub operator: OperatorOut,
}

/// `InstanceStatusEvent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct EventOut {
    pub instance_event_id: String,
    pub code: &'static str,
    pub description: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub not_before_deadline: Option<Timestamp>,
}

impl EventOut {
    /// The event as it stands at that time.
    pub fn of(event: &InstanceEvent, now: Timestamp) -> EventOut {
        EventOut {
            instance_event_id: event.id.clone(),
            code: event.code.word(),
            description: event.description_at(now),
            not_before: event.not_before,
            not_after: event.not_after,
            not_before_deadline: event.deadline,
        }
    }
}

/// `InstanceStatusSummary` and `EbsStatusSummary`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Summary {
    pub status: &'static str,
    pub details: Option<Vec<Detail>>,
}

/// `InstanceStatusDetails` and `EbsStatusDetails`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Detail {
    pub name: &'static str,
    pub status: &'static str,
}

const NOT_APPLICABLE: &str = "not-applicable";

fn nothing(_: &StatusOut, _: &mut Values) {}

fn events(it: &StatusOut, values: &mut Values, push: fn(&EventOut, &mut Values)) {
    it.events.iter().flatten().for_each(|event| push(event, values));
}

fn reachability(summary: &Summary, values: &mut Values) {
    summary.details.iter().flatten().for_each(|detail| values.push(detail.status));
}

const TABLE: &[Field<StatusOut>] = &[
    ("application-status.status", |it, values| {
        values.push(it.application_status.as_ref().map_or(NOT_APPLICABLE, |it| it.status));
    }),
    ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
    ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
    ("event.code", |it, values| events(it, values, |event, values| values.push(event.code))),
    ("event.description", |it, values| events(it, values, |event, values| values.push(event.description.as_str()))),
    ("event.instance-event-id", |it, values| {
        events(it, values, |event, values| values.push(event.instance_event_id.as_str()));
    }),
    ("event.not-after", |it, values| events(it, values, |event, values| values.push(time(event.not_after)))),
    ("event.not-before", |it, values| events(it, values, |event, values| values.push(time(event.not_before)))),
    ("event.not-before-deadline", |it, values| {
        events(it, values, |event, values| values.push_if(event.not_before_deadline.map(time)));
    }),
    ("instance-state-code", |it, values| values.push(it.instance_state.code.to_string())),
    ("instance-state-name", |it, values| values.push(it.instance_state.name)),
    ("instance-status.reachability", |it, values| reachability(&it.instance_status, values)),
    ("instance-status.status", |it, values| values.push(it.instance_status.status)),
    ("operator.managed", |it, values| values.push_bool(it.operator.managed)),
    ("operator.principal", nothing),
    ("system-status.reachability", |it, values| reachability(&it.system_status, values)),
    ("system-status.status", |it, values| values.push(it.system_status.status)),
    // What is not told of is as the other checks are.
    ("attached-ebs-status.status", |it, values| {
        values.push(it.attached_ebs_status.as_ref().map_or(it.system_status.status, |it| it.status));
    }),
];

static FIELDS: Fields<StatusOut> = Fields { fields: TABLE, tags: None };

/// The status of running instances; of all with `IncludeAllInstances`.
pub fn describe(cx: &Cx, world: &World, input: &DescribeInstanceStatus) -> Result<Statuses, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let ids = input.instance_ids.as_deref().unwrap_or_default();
    if !ids.is_empty() && input.max_results.is_some() {
        return Err(crate::refused::not_together("instanceIdsSet", "maxResults"));
    }
    if !ids.is_empty() && input.next_token.is_some() {
        return Err(crate::refused::not_together("instanceIdsSet", "nextToken"));
    }
    paging::must_be_enough(input.max_results)?;
    let all = input.include_all_instances == Some(true);
    let wanted = |instance: &Instance| all || state_at(instance, cx.now, cx.settings.states) == State::Running;
    let found = candidates(cx, world, ids, filters)?.filter(|instance| wanted(instance));
    let checks = Checks::of(cx, world);
    let outs = found.map(|instance| out(cx, world, &checks, &instance)).filter(|it| chosen.admit(it));
    let scope = format!("instance-status {all} {filters:?}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.instance_id.clone())?;
    Ok(Statuses { instance_statuses: page.items, next_token: page.next })
}

fn out(cx: &Cx, world: &World, checks: &Checks<'_>, instance: &Instance) -> StatusOut {
    let state = state_at(instance, cx.now, cx.settings.states);
    let summary = summary(cx, instance, state);
    StatusOut {
        availability_zone: instance.placement.zone.clone(),
        availability_zone_id: instance.placement.zone_id.clone(),
        events: events_of(cx, world, instance),
        instance_id: instance.id.clone(),
        instance_state: state.out(),
        instance_status: summary.clone(),
        system_status: summary.clone(),
        attached_ebs_status: Some(summary).filter(|it| !matches!(it.status, NOT_APPLICABLE | "initializing")),
        application_status: status_check::status::summary(cx, world, checks, instance),
        operator: OperatorOut { hidden_by_default: Some(false), ..OperatorOut::NONE },
    }
}

fn events_of(cx: &Cx, world: &World, instance: &Instance) -> Option<Vec<EventOut>> {
    let events = event::of_instance(world, instance);
    (!events.is_empty()).then(|| events.iter().map(|event| EventOut::of(event, cx.now)).collect())
}

fn summary(cx: &Cx, instance: &Instance, state: State) -> Summary {
    let (Phase::Up { since }, State::Running) = (instance.phase, state) else {
        return Summary { status: NOT_APPLICABLE, details: None };
    };
    let states = cx.settings.states;
    let checking = states.lasting(STARTING_SECONDS).checked_add(states.lasting(CHECKING_SECONDS)).unwrap_or_default();
    let (status, detail) =
        if elapsed(since, cx.now) >= checking { ("ok", "passed") } else { ("initializing", "initializing") };
    Summary { status, details: Some(vec![Detail { name: "reachability", status: detail }]) }
}
