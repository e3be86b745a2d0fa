//! GetAwsNetworkPerformanceData: medians of periods that are over.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetAwsNetworkPerformanceData.html>

use jiff::SignedDuration;
use service::paging;
use service::prelude::*;

use super::{METRIC, Place, STATISTIC, latency, pair};
use crate::refused::{invalid, missing};

/// `GetAwsNetworkPerformanceDataRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetAwsNetworkPerformanceData {
    pub data_queries: Option<Vec<Query>>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DataQuery`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Query {
    pub id: Option<String>,
    pub source: Option<String>,
    pub destination: Option<String>,
    /// The model admits one value.
    pub metric: Option<String>,
    /// The model admits one value.
    pub statistic: Option<String>,
    pub period: Option<String>,
}

/// `GetAwsNetworkPerformanceDataResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Data {
    pub data_responses: Vec<Response>,
    pub next_token: Option<String>,
}

/// `DataResponse`.
#[derive(Debug, Serialize, Shaped)]
pub struct Response {
    pub id: Option<String>,
    pub source: &'static str,
    pub destination: &'static str,
    pub metric: &'static str,
    pub statistic: &'static str,
    pub period: String,
    pub metric_points: Vec<Point>,
}

/// `MetricPoint`.
#[derive(Debug, PartialEq, Serialize, Shaped)]
pub struct Point {
    pub start_date: Timestamp,
    pub end_date: Timestamp,
    pub value: f64,
    pub status: &'static str,
}

/// How far back figures go. AWS does not say.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(45 * 24);
/// What is told when no start is given. AWS does not say.
const USUAL: SignedDuration = SignedDuration::from_hours(3);

/// How many points are told at once, in whole responses. AWS does not say.
const MOST_POINTS: i64 = 50_000;

/// Its seconds.
fn seconds(period: &str) -> i64 {
    match period {
        "fifteen-minutes" => 900,
        "one-hour" => 3600,
        "three-hours" => 10_800,
        "one-day" => 86_400,
        "one-week" => 604_800,
        _ => 300,
    }
}

/// There is a query, and a time that passed. The words are not recorded.
pub fn check(_: &Cx, _: &World, input: &GetAwsNetworkPerformanceData) -> Result<(), ApiError> {
    if input.data_queries.as_deref().unwrap_or_default().is_empty() {
        return Err(missing("DataQueries"));
    }
    match (input.start_time, input.end_time) {
        (Some(start), Some(end)) if end < start => {
            Err(invalid(format!("The end time {end} must not be before the start time {start}.")))
        }
        _ => Ok(()),
    }
}

/// A response for each query, in their order.
pub fn get(cx: &Cx, _: &World, input: &GetAwsNetworkPerformanceData) -> Result<Data, ApiError> {
    let queries = input.data_queries.as_deref().unwrap_or_default();
    let pairs = queries.iter().map(|it| pair(cx, it.source.as_deref(), it.destination.as_deref()));
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
    let end = input.end_time.unwrap_or(cx.now).min(cx.now);
    let earliest = cx.now.saturating_sub(REMEMBERED).unwrap_or(cx.now);
    let start = input.start_time.unwrap_or_else(|| end.saturating_sub(USUAL).unwrap_or(end)).max(earliest);
    let shortest = end.as_second().saturating_sub(start.as_second()).max(0) / seconds("five-minutes") + 2;
    let most = (MOST_POINTS / shortest).max(1);
    let size = input.max_results.map_or(most, |size| size.clamp(1, most));
    let numbered = queries.iter().zip(&pairs).enumerate();
    let scope = format!("performance-data {queries:?} {:?}", (input.start_time, input.end_time));
    let key = |(number, _): &(usize, _)| format!("{number:06}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), Some(size), numbered, key)?;
    let responses = page.items.into_iter().map(|(_, (query, pair))| response(cx, query, *pair, (start, end)));
    Ok(Data { data_responses: responses.collect(), next_token: page.next })
}

fn response(cx: &Cx, query: &Query, (from, to): (Place, Place), (start, end): (Timestamp, Timestamp)) -> Response {
    let period = query.period.clone().unwrap_or_else(|| "five-minutes".to_owned());
    let length = seconds(&period);
    // Periods begin at multiples of their length; the one in which the end lies is told as soon as it is over.
    let first = start.as_second().div_euclid(length);
    let last = end.as_second().div_euclid(length);
    let time = |second| Timestamp::from_second(second).unwrap_or(start);
    let usual = latency::usual(from, to);
    let points = (first..=last).filter(|it| (it + 1) * length <= cx.now.as_second()).map(|it| Point {
        start_date: time(it * length),
        end_date: time((it + 1) * length),
        value: latency::median((from, to), usual, it * length, length),
        status: "OK",
    });
    Response {
        id: query.id.clone(),
        source: from.name(),
        destination: to.name(),
        metric: METRIC,
        statistic: STATISTIC,
        metric_points: points.collect(),
        period,
    }
}
