//! GetCapacityManagerMetricData and GetCapacityManagerMetricDimensions: what was used and held, summed by dimensions and periods. It is gathered from all
//! regions, and with access to the organization from all its accounts, in the region where Capacity Manager is enabled. The words of refusals are not recorded.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetCapacityManagerMetricData.html>

use std::collections::BTreeMap;

use jiff::SignedDuration;
use service::organization::Organization;
use service::paging;
use service::prelude::*;

use super::dimension::{Condition, Dimension, must_be_known};
use super::metric::{self, Period};
use super::span::{Span, View};
use super::usage::TOLD;
use super::{Manager, enabled};
use crate::refused::{invalid, invalid_value, missing};

/// `GetCapacityManagerMetricDataRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct GetCapacityManagerMetricData {
    pub metric_names: Vec<String>,
    pub start_time: Timestamp,
    pub end_time: Timestamp,
    /// Seconds.
    pub period: i64,
    #[serde(default)]
    pub group_by: Vec<String>,
    #[serde(default)]
    pub filter_by: Vec<Condition>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetCapacityManagerMetricDataResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Data {
    pub metric_data_results: Vec<Point>,
    pub next_token: Option<String>,
}

/// `MetricDataResult`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct Point {
    pub dimension: Option<Dimension>,
    pub timestamp: Timestamp,
    pub metric_values: Vec<MetricValue>,
}

/// `MetricValue`.
#[derive(Debug, Clone, PartialEq, Serialize, Shaped)]
pub struct MetricValue {
    pub metric: &'static str,
    pub value: f64,
}

/// `GetCapacityManagerMetricDimensionsRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct GetCapacityManagerMetricDimensions {
    pub group_by: Vec<String>,
    #[serde(default)]
    pub filter_by: Vec<Condition>,
    pub start_time: Timestamp,
    pub end_time: Timestamp,
    pub metric_names: Vec<String>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetCapacityManagerMetricDimensionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Dimensions {
    pub metric_dimension_results: Vec<Dimension>,
    pub next_token: Option<String>,
}

pub const HOUR: i64 = 3600;
/// How many metrics a request for data may name, and one for dimensions.
const MOST_METRICS: usize = 10;
const MOST_METRICS_OF_DIMENSIONS: usize = 1;

/// The names that a request gives, each once.
fn metrics(given: &[String], most: usize) -> Result<Vec<&'static str>, ApiError> {
    let mut names = Vec::new();
    for name in given {
        let name = metric::known(name).ok_or_else(|| invalid_value(name, "MetricNames"))?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => Err(missing("MetricNames")),
        count if count > most => Err(invalid(format!("A request can name up to {most} metrics."))),
        _ => Ok(names),
    }
}

/// One hour to 90 days.
fn check_range(begin: Timestamp, end: Timestamp) -> Result<SignedDuration, ApiError> {
    let range = end.duration_since(begin);
    if range < SignedDuration::from_hours(1) || range > TOLD {
        return Err(invalid("The time range must be between 1 hour and 90 days."));
    }
    Ok(range)
}

/// The hour that the moment is in.
pub fn hour(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second().div_euclid(HOUR) * HOUR).unwrap_or(time)
}

/// What a request asks for, whole hours from `begin` to `end`.
pub struct Question<'a> {
    pub begin: Timestamp,
    pub end: Timestamp,
    /// Seconds.
    pub period: i64,
    pub group_by: &'a [String],
    pub filter_by: &'a [Condition],
}

/// A group by its dimensions, with the moment at which each of its periods begins.
pub type Groups = BTreeMap<String, (Dimension, Vec<(Timestamp, Period)>)>;

/// Everything that the account's Capacity Manager tells of.
fn spans(cx: &Cx, world: &World, manager: &Manager) -> Vec<Span> {
    let organization = Organization::of(world).filter(|_| manager.organizations_access);
    let members = organization.iter().flat_map(|held| held.entities.keys()).filter_map(|id| id.parse().ok());
    let mut accounts: Vec<AccountId> = members.chain([cx.account()]).collect();
    accounts.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    accounts.dedup();
    let view = View { world, now: cx.now, states: cx.settings.states, partition: cx.partition(), organization };
    accounts.into_iter().flat_map(|account| view.of(account)).collect()
}

/// The groups, as far as there are data of their time.
pub fn groups(cx: &Cx, world: &World, manager: &Manager, question: &Question<'_>) -> Groups {
    let Some((earliest, latest)) = manager.gathered(cx) else { return Groups::new() };
    let (begin, end) = (hour(question.begin), question.end.min(latest));
    let spans = spans(cx, world, manager);
    let mut grouped: BTreeMap<String, (Dimension, Vec<Span>)> = BTreeMap::new();
    for span in spans {
        if !question.filter_by.iter().all(|condition| condition.admits(&span.dimension)) {
            continue;
        }
        // Of what was before there are no data.
        let span = Span { begin: span.begin.max(earliest), is_first: span.is_first && span.begin >= earliest, ..span };
        let dimension = span.dimension.of(question.group_by);
        grouped.entry(dimension.key()).or_insert_with(|| (dimension, Vec::new())).1.push(span);
    }
    let periods = |spans: &[Span]| {
        let spans: Vec<&Span> = spans.iter().collect();
        let millis = question.period.saturating_mul(1000);
        let swept = metric::sweep(&spans, begin.as_millisecond(), end.as_millisecond(), millis);
        let starts = std::iter::successors(Some(begin.as_millisecond()), |at| at.checked_add(millis));
        let starts = starts.map(|at| Timestamp::from_millisecond(at).unwrap_or(begin));
        starts.zip(swept).collect()
    };
    grouped.into_iter().map(|(key, (dimension, spans))| (key, (dimension, periods(&spans)))).collect()
}

/// The metrics of a period that have a value.
fn values(period: &Period, names: &[&'static str]) -> Vec<MetricValue> {
    let value = |metric: &&'static str| Some(MetricValue { metric, value: period.value(metric)? });
    names.iter().filter_map(value).collect()
}

/// Data points by time; each has its group's dimensions, if the request names any.
pub fn get_data(cx: &Cx, world: &World, input: &GetCapacityManagerMetricData) -> Result<Data, ApiError> {
    let manager = enabled(cx, world)?;
    let names = metrics(&input.metric_names, MOST_METRICS)?;
    must_be_known(&input.group_by, "GroupBy")?;
    input.filter_by.iter().try_for_each(Condition::check)?;
    let range = check_range(input.start_time, input.end_time)?;
    if input.period < HOUR || input.period % HOUR != 0 {
        return Err(invalid("The period must be a multiple of 3600 seconds."));
    }
    if range.as_secs() % input.period != 0 || range.subsec_nanos() != 0 {
        return Err(invalid("The time range must be a multiple of the period."));
    }
    let question = Question {
        begin: input.start_time,
        end: input.end_time,
        period: input.period,
        group_by: &input.group_by,
        filter_by: &input.filter_by,
    };
    let mut points = Vec::new();
    for (key, (dimension, periods)) in groups(cx, world, &manager, &question) {
        for (timestamp, period) in periods {
            let metric_values = values(&period, &names);
            if !metric_values.is_empty() {
                let dimension = (!input.group_by.is_empty()).then(|| dimension.clone());
                points.push((format!("{timestamp} {key}"), Point { dimension, timestamp, metric_values }));
            }
        }
    }
    points.sort_by(|a, b| a.0.cmp(&b.0));
    let scope = format!("capacity-manager-data {:?} {:?} {}", input.metric_names, input.group_by, input.period);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, points, |(key, _)| key.clone())?;
    let metric_data_results = page.items.into_iter().map(|(_, point)| point).collect();
    Ok(Data { metric_data_results, next_token: page.next })
}

/// The combinations of dimensions of which there are data.
pub fn get_dimensions(
    cx: &Cx,
    world: &World,
    input: &GetCapacityManagerMetricDimensions,
) -> Result<Dimensions, ApiError> {
    let manager = enabled(cx, world)?;
    let names = metrics(&input.metric_names, MOST_METRICS_OF_DIMENSIONS)?;
    if input.group_by.is_empty() {
        return Err(missing("GroupBy"));
    }
    must_be_known(&input.group_by, "GroupBy")?;
    input.filter_by.iter().try_for_each(Condition::check)?;
    let range = check_range(input.start_time, input.end_time)?;
    let question = Question {
        begin: input.start_time,
        end: input.end_time,
        period: range.as_secs() + HOUR,
        group_by: &input.group_by,
        filter_by: &input.filter_by,
    };
    let told = |periods: &[(Timestamp, Period)]| periods.iter().any(|(_, period)| !values(period, &names).is_empty());
    let groups = groups(cx, world, &manager, &question).into_iter().filter(|(_, (_, periods))| told(periods));
    let scope = format!("capacity-manager-dimensions {:?} {:?}", input.metric_names, input.group_by);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, groups, |(key, _)| key.clone())?;
    let metric_dimension_results = page.items.into_iter().map(|(_, (dimension, _))| dimension).collect();
    Ok(Dimensions { metric_dimension_results, next_token: page.next })
}
