//! The application status of instances: what their checks come to, with each of them (DescribeApplicationStatus), and in short (DescribeInstanceStatus).
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeApplicationStatus.html>

use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::operations;
use service::paging;
use service::prelude::*;

use super::result::{Checks, Outcome, Status};
use super::suppression::Suppression;
use crate::instance::{Instance, find_all, state_at};
use crate::resource::{any, tags_out};

operations! { Ec2;
    DescribeApplicationStatus => read(describe) authorize(any) scan(),
}

/// `DescribeApplicationStatusRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeApplicationStatus {
    pub instance_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeApplicationStatusResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Described {
    pub application_statuses: Statuses,
    pub next_token: Option<String>,
}

/// `ApplicationStatusesResponseType`.
#[derive(Debug, Serialize, Shaped)]
pub struct Statuses {
    pub instances: Vec<InstanceOut>,
}

/// `InstanceApplicationStatus`.
#[derive(Debug, Serialize, Shaped)]
pub struct InstanceOut {
    pub instance_id: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub application_status: StatusOut,
    pub tags: Option<Vec<Tag>>,
}

/// `ApplicationStatus`.
#[derive(Debug, Serialize, Shaped)]
pub struct StatusOut {
    pub status: &'static str,
    pub status_time_stamp: Option<Timestamp>,
    pub status_since: Option<Timestamp>,
    pub resume_at: Option<Timestamp>,
    pub details: Option<Vec<DetailOut>>,
}

/// `ApplicationStatusDetail`.
#[derive(Debug, Serialize, Shaped)]
pub struct DetailOut {
    pub application_status_check_id: String,
    pub check_update_time: Option<Timestamp>,
    pub aggregation: &'static str,
    pub status: &'static str,
    pub status_time_stamp: Timestamp,
    pub status_since: Timestamp,
    pub reason: Option<ReasonOut>,
}

/// `ApplicationStatusReason`. Requests that nothing answers have neither a status code nor a protocol.
#[derive(Debug, Serialize, Shaped)]
pub struct ReasonOut {
    pub code: &'static str,
}

/// `ApplicationStatusSummary`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Summary {
    pub status: &'static str,
    pub impaired_since: Option<Timestamp>,
}

static FIELDS: Fields<InstanceOut> = Fields {
    fields: &[
        ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
        ("status", |it, values| values.push(it.application_status.status)),
    ],
    tags: None,
};

/// The status of the instances named, or of all that are not terminated.
pub fn describe(cx: &Cx, world: &World, input: &DescribeApplicationStatus) -> Result<Described, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let checks = Checks::of(cx, world);
    let outs = instances(cx, world, input.instance_ids.as_deref().unwrap_or_default())?
        .into_iter()
        .map(|instance| out(cx, world, &checks, &instance))
        .filter(|it| chosen.admit(it));
    let scope = format!("application-status {filters:?}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.instance_id.clone())?;
    Ok(Described { application_statuses: Statuses { instances: page.items }, next_token: page.next })
}

fn instances(cx: &Cx, world: &World, ids: &[String]) -> Result<Vec<Arc<Instance>>, ApiError> {
    if ids.is_empty() {
        let all = world.scan::<Instance>(&[cx.account().as_str(), cx.region_name()]);
        let is_there = |it: &&Arc<Instance>| !state_at(it, cx.now, cx.settings.states).is_over();
        return Ok(all.filter(is_there).cloned().collect());
    }
    let mut found = find_all(cx, world, ids)?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

fn out(cx: &Cx, world: &World, checks: &Checks<'_>, instance: &Instance) -> InstanceOut {
    let outcomes = checks.on(cx, world, instance);
    let total = Total::of(&outcomes);
    let suppressed = Suppression::of(instance, cx.now);
    let details: Vec<DetailOut> = outcomes.iter().map(detail).collect();
    let application_status = StatusOut {
        status: if suppressed.is_some() { "suppressed" } else { total.status },
        status_time_stamp: total.at.or(suppressed.map(|held| held.from)),
        status_since: suppressed.map(|held| held.from).or(total.since),
        resume_at: suppressed.and_then(|held| held.until),
        details: (!details.is_empty()).then_some(details),
    };
    InstanceOut {
        instance_id: instance.id.clone(),
        availability_zone: instance.placement.zone.clone(),
        availability_zone_id: instance.placement.zone_id.clone(),
        application_status,
        tags: tags_out(&instance.tags),
    }
}

fn detail(outcome: &Outcome) -> DetailOut {
    DetailOut {
        application_status_check_id: outcome.check_id.clone(),
        check_update_time: outcome.updated_at,
        aggregation: if outcome.included { "included" } else { "excluded" },
        status: outcome.status.word(),
        status_time_stamp: outcome.at,
        status_since: outcome.since,
        reason: outcome.reason.map(|code| ReasonOut { code }),
    }
}

/// What the included checks that apply come to.
struct Total {
    status: &'static str,
    since: Option<Timestamp>,
    at: Option<Timestamp>,
}

/// The worst first: the word for an instance of which a check is so.
const ORDER: [(Status, &str); 3] = [
    (Status::Failed, "impaired"),
    (Status::Initializing, "initializing"),
    (Status::InsufficientData, "insufficient-data"),
];

impl Total {
    fn of(outcomes: &[Outcome]) -> Total {
        let counting = || outcomes.iter().filter(|outcome| outcome.included);
        for (status, word) in ORDER {
            let same = || counting().filter(|outcome| outcome.status == status);
            if let Some(since) = same().map(|outcome| outcome.since).min() {
                return Total { status: word, since: Some(since), at: same().map(|outcome| outcome.at).max() };
            }
        }
        Total { status: "not-applicable", since: None, at: None }
    }
}

/// The status in short, where something is checked (recorded of AWS, September 2026). It has no word for a suppressed one, whose checks do
/// not count.
pub fn summary(cx: &Cx, world: &World, checks: &Checks<'_>, instance: &Instance) -> Option<Summary> {
    let outcomes = checks.on(cx, world, instance);
    if outcomes.is_empty() {
        return None;
    }
    let total = match Suppression::of(instance, cx.now) {
        Some(_) => Total::of(&[]),
        None => Total::of(&outcomes),
    };
    let impaired_since = total.since.filter(|_| total.status == "impaired");
    Some(Summary { status: total.status, impaired_since })
}
