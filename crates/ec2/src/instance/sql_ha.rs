//! Standby detection of SQL Server High Availability: AWS asks the instances that are enabled which of them only stand by, and waives their licence. There
//! is no SQL Server behind an instance, and no agent that could be asked, so a state can't be determined: after a moment it is `invalid`, and the licence
//! is paid in full. <https://docs.aws.amazon.com/sql-server-ec2/latest/userguide/sql-high-availability.html>

use std::cmp::Reverse;
use std::sync::Arc;

use service::filters::{Fields, Filter};
use service::operations;
use service::paging;
use service::prelude::*;

use super::{Instance, authorize, elapsed, find_all};
use crate::refused::invalid;
use crate::resource::{self, any, tags_out};

operations! { Ec2;
    DescribeInstanceSqlHaHistoryStates => read(history) authorize(any) scan(),
    DescribeInstanceSqlHaStates => read(describe) authorize(any) scan(),
    DisableInstanceSqlHaStandbyDetections => write(disable) authorize(to_disable),
    EnableInstanceSqlHaStandbyDetections => write(enable) authorize(to_enable),
}

/// About how many seconds AWS takes to find a state out.
const PROCESSING_SECONDS: i64 = 300;
/// How many times of an instance are kept, the last ones.
const KEPT: usize = 100;
/// In words of ours.
const UNKNOWN: &str = "The SQL Server High Availability status cannot be determined: SSM Agent is not online.";

/// A time for which an instance was enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub enabled_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
    /// The ARN of a secret.
    pub credentials: Option<String>,
}

/// `EnableInstanceSqlHaStandbyDetectionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Enable {
    pub instance_ids: Vec<String>,
    pub sql_server_credentials: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DisableInstanceSqlHaStandbyDetectionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Disable {
    pub instance_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceSqlHaStatesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeStates {
    pub instance_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceSqlHaHistoryStatesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeHistory {
    pub instance_ids: Option<Vec<String>>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// The answer of those that change.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub instances: Vec<StateOut>,
}

/// The answer of those that describe.
#[derive(Debug, Serialize, Shaped)]
pub struct Described {
    pub instances: Vec<StateOut>,
    pub next_token: Option<String>,
}

/// `RegisteredInstance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StateOut {
    pub instance_id: String,
    pub sql_server_license_usage: &'static str,
    pub ha_status: &'static str,
    pub processing_status: Option<&'static str>,
    pub last_updated_time: Timestamp,
    pub sql_server_credentials: Option<String>,
    pub tags: Option<Vec<Tag>>,
}

static FIELDS: Fields<StateOut> = Fields {
    fields: &[
        ("haStatus", |it, values| values.push(it.ha_status)),
        ("sqlServerLicenseUsage", |it, values| values.push(it.sql_server_license_usage)),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// EnableInstanceSqlHaStandbyDetections on each instance.
pub fn to_enable(cx: &Cx, world: &World, input: &Enable) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// DisableInstanceSqlHaStandbyDetections on each instance.
pub fn to_disable(cx: &Cx, world: &World, input: &Disable) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instance_ids)
}

/// From now on the instances are asked; one that was enabled begins anew, with the credentials given now.
pub fn enable(cx: &Cx, tx: &mut Tx, input: &Enable) -> Result<Changed, ApiError> {
    let found = find_all(cx, tx, &input.instance_ids)?;
    found.iter().try_for_each(|instance| must_have_sql_server(instance))?;
    // To the millisecond, as answers tell it and as requests ask for it again.
    let enabled_at = Timestamp::from_millisecond(cx.now.as_millisecond()).unwrap_or(cx.now);
    let begun = Registration { enabled_at, disabled_at: None, credentials: input.sql_server_credentials.clone() };
    change(cx, tx, &found, |held| {
        end(cx, held);
        held.push(begun.clone());
        held.drain(..held.len().saturating_sub(KEPT));
    })
}

/// The instances are asked no longer.
pub fn disable(cx: &Cx, tx: &mut Tx, input: &Disable) -> Result<Changed, ApiError> {
    let found = find_all(cx, tx, &input.instance_ids)?;
    found.iter().try_for_each(|instance| current(instance).map(drop).ok_or_else(|| not_enabled(&instance.id)))?;
    change(cx, tx, &found, |held| end(cx, held))
}

fn end(cx: &Cx, held: &mut [Registration]) {
    held.iter_mut().filter(|it| it.disabled_at.is_none()).for_each(|it| it.disabled_at = Some(cx.now));
}

fn change(
    cx: &Cx,
    tx: &mut Tx,
    found: &[Arc<Instance>],
    change: impl Fn(&mut Vec<Registration>),
) -> Result<Changed, ApiError> {
    let mut instances = Vec::new();
    for instance in found {
        resource::update::<Instance>(tx, cx, &instance.id, |it| change(&mut it.sql_ha));
        let changed = super::find(cx, tx, &instance.id)?;
        let last = changed.sql_ha.last().and_then(|last| states(cx, changed, last).pop());
        instances.extend(last);
    }
    Ok(Changed { instances })
}

/// "It must be running a Windows SQL Server license-included AMI", of the editions Standard or Enterprise. AWS's refusal is not recorded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableInstanceSqlHaStandbyDetections.html>
fn must_have_sql_server(instance: &Instance) -> Result<(), ApiError> {
    let platform = instance.image.platform_details.as_deref().unwrap_or_default();
    let licensed = ["Windows with SQL Server Standard", "Windows with SQL Server Enterprise"].contains(&platform);
    if licensed && instance.terminated_at().is_none() {
        return Ok(());
    }
    let message =
        format!("The instance '{}' does not run a license-included SQL Server AMI that is supported.", instance.id);
    Err(ApiError::new("UnsupportedOperation", message))
}

fn not_enabled(id: &str) -> ApiError {
    invalid(format!("The instance '{id}' is not enabled for SQL Server High Availability standby detection."))
}

/// The time for which an instance is enabled now.
fn current(instance: &Instance) -> Option<&Registration> {
    let last = instance.sql_ha.last().filter(|last| last.disabled_at.is_none());
    last.filter(|_| instance.terminated_at().is_none())
}

/// The states that an instance was in during such a time, until now, the first one first.
fn states(cx: &Cx, instance: &Instance, held: &Registration) -> Vec<StateOut> {
    let taken = cx.settings.states.lasting(PROCESSING_SECONDS);
    let end = held.disabled_at.unwrap_or(cx.now);
    let out = |ha_status, processing_status, last_updated_time| StateOut {
        instance_id: instance.id.clone(),
        sql_server_license_usage: "full",
        ha_status,
        processing_status,
        last_updated_time,
        sql_server_credentials: held.credentials.clone(),
        tags: tags_out(&instance.tags),
    };
    let known_at = held.enabled_at.saturating_add(taken).unwrap_or(held.enabled_at);
    let known = (elapsed(held.enabled_at, end) >= taken).then(|| out("invalid", Some(UNKNOWN), known_at));
    std::iter::once(out("processing", None, held.enabled_at)).chain(known).collect()
}

fn instances(cx: &Cx, world: &World, ids: Option<&[String]>) -> Result<Vec<Arc<Instance>>, ApiError> {
    match ids.unwrap_or_default() {
        [] => Ok(resource::all::<Instance>(cx, world).filter(|it| !it.sql_ha.is_empty()).collect()),
        ids => find_all(cx, world, ids),
    }
}

/// The states of the instances that are enabled. "If any instance ID that you specify is not currently enabled, the entire request fails":
/// <https://docs.aws.amazon.com/sql-server-ec2/latest/userguide/sql-high-availability-view.html>.
pub fn describe(cx: &Cx, world: &World, input: &DescribeStates) -> Result<Described, ApiError> {
    let found = instances(cx, world, input.instance_ids.as_deref())?;
    let is_named = input.instance_ids.as_ref().is_some_and(|ids| !ids.is_empty());
    if let Some(other) = found.iter().find(|it| is_named && current(it).is_none()) {
        return Err(not_enabled(&other.id));
    }
    let mut outs: Vec<StateOut> = found.iter().filter_map(|it| states(cx, it, current(it)?).pop()).collect();
    outs.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    outs.retain(|it| chosen.admit(it));
    let scope = format!("sql-ha {:?}", input.filters);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.instance_id.clone())?;
    Ok(Described { instances: page.items, next_token: page.next })
}

/// What states instances were in, also those that are not enabled any more, the last one first.
pub fn history(cx: &Cx, world: &World, input: &DescribeHistory) -> Result<Described, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let is_wanted = |it: &StateOut| {
        input.start_time.is_none_or(|start| start <= it.last_updated_time)
            && input.end_time.is_none_or(|end| it.last_updated_time <= end)
            && chosen.admit(it)
    };
    let found = instances(cx, world, input.instance_ids.as_deref())?;
    let all = found.iter().flat_map(|it| it.sql_ha.iter().flat_map(|held| states(cx, it, held)));
    let mut outs: Vec<StateOut> = all.filter(is_wanted).collect();
    outs.sort_by_key(|it| (Reverse(it.last_updated_time), it.instance_id.clone(), it.ha_status));
    let scope = format!("sql-ha-history {:?} {:?} {:?}", input.filters, input.start_time, input.end_time);
    // Pages go up by their keys, and so this one goes down with the time.
    let key = |it: &StateOut| {
        let left = i64::MAX.saturating_sub(it.last_updated_time.as_microsecond());
        format!("{left:020} {} {}", it.instance_id, it.ha_status)
    };
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, key)?;
    Ok(Described { instances: page.items, next_token: page.next })
}
