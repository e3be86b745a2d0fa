//! Infrastructure Performance: how long packets of AWS's own take between its regions and zones, and subscriptions to that. AWS sends what is subscribed
//! to CloudWatch, which is not here; the figures themselves are told to everybody ([`data`]).
//! <https://docs.aws.amazon.com/network-manager/latest/infrastructure-performance/what-is-infrastructure-performance.html>

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;
use service::regions::{self, Region, Zone};

use crate::refused::{invalid, missing};
use crate::resource::any;

pub mod data;
mod latency;
#[cfg(test)]
mod tests;

service::operations! { Ec2;
    DescribeAwsNetworkPerformanceMetricSubscriptions => read(describe) authorize(any),
    DisableAwsNetworkPerformanceMetricSubscription => write(disable) authorize(any),
    EnableAwsNetworkPerformanceMetricSubscription => write(enable) authorize(any),
    GetAwsNetworkPerformanceData => read(data::get) authorize(any) check(data::check),
}

/// A subscription. There is one metric, one statistic and one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub account: AccountId,
    pub region: String,
    pub source: String,
    pub destination: String,
}

impl Record for Subscription {
    const TABLE: TableDef =
        TableDef::own("ec2_performance_subscription", &["account", "region", "source", "destination"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.source, &self.destination])
    }
}

const METRIC: &str = "aggregate-latency";
const STATISTIC: &str = "p50";

/// `EnableAwsNetworkPerformanceMetricSubscriptionRequest` and its opposite.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Subscribe {
    pub source: Option<String>,
    pub destination: Option<String>,
    /// The model admits one value.
    pub metric: Option<String>,
    /// The model admits one value.
    pub statistic: Option<String>,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Subscribed {
    pub output: bool,
}

/// `DescribeAwsNetworkPerformanceMetricSubscriptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSubscriptions {
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeAwsNetworkPerformanceMetricSubscriptionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Subscriptions {
    pub subscriptions: Vec<SubscriptionOut>,
    pub next_token: Option<String>,
}

/// `Subscription`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct SubscriptionOut {
    pub source: String,
    pub destination: String,
    pub metric: &'static str,
    pub statistic: &'static str,
    pub period: &'static str,
}

/// The operation's page names no filters; these are what a subscription has.
static FIELDS: Fields<SubscriptionOut> = Fields {
    fields: &[
        ("destination", |it, values| values.push(it.destination.as_str())),
        ("metric", |it, values| values.push(it.metric)),
        ("period", |it, values| values.push(it.period)),
        ("source", |it, values| values.push(it.source.as_str())),
        ("statistic", |it, values| values.push(it.statistic)),
    ],
    tags: None,
};

/// Where packets are sent from or to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Region(&'static Region),
    Zone(&'static Region, &'static Zone),
}

impl Place {
    fn of(cx: &Cx, name: &str) -> Option<Place> {
        let mut all = regions::regions_in(cx.partition());
        all.find_map(|region| match region.zone_by_id(name) {
            Some(zone) => Some(Place::Zone(region, zone)),
            None => (region.name == name).then_some(Place::Region(region)),
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Place::Region(region) => &region.name,
            Place::Zone(_, zone) => &zone.id,
        }
    }
}

/// Two regions, or two zones of a region. The words of what is refused are not recorded.
fn pair(cx: &Cx, source: Option<&str>, destination: Option<&str>) -> Result<(Place, Place), ApiError> {
    let place = |name: Option<&str>, parameter: &str| {
        let name = name.ok_or_else(|| missing(parameter))?;
        let unknown = || {
            invalid(format!(
                "Value ({name}) for parameter {parameter} is invalid. Expecting a Region or an Availability Zone ID."
            ))
        };
        Place::of(cx, name).ok_or_else(unknown)
    };
    let (from, to) = (place(source, "Source")?, place(destination, "Destination")?);
    let fits = match (from, to) {
        (Place::Region(a), Place::Region(b)) => a.name != b.name,
        (Place::Zone(a, _), Place::Zone(b, _)) => a.name == b.name,
        _ => false,
    };
    if fits {
        return Ok((from, to));
    }
    Err(ApiError::new(
        "InvalidParameterCombination",
        format!(
            "The source '{}' and the destination '{}' must be two Regions, or Availability Zones in the same Region.",
            from.name(),
            to.name()
        ),
    ))
}

/// Subscribes; a second time changes nothing.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableAwsNetworkPerformanceMetricSubscription.html>
pub fn enable(cx: &Cx, tx: &mut Tx, input: &Subscribe) -> Result<Subscribed, ApiError> {
    let (from, to) = pair(cx, input.source.as_deref(), input.destination.as_deref())?;
    tx.put(Subscription {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        source: from.name().to_owned(),
        destination: to.name().to_owned(),
    });
    Ok(Subscribed { output: true })
}

/// Ends a subscription; `false` if there is none.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableAwsNetworkPerformanceMetricSubscription.html>
pub fn disable(cx: &Cx, tx: &mut Tx, input: &Subscribe) -> Result<Subscribed, ApiError> {
    let (from, to) = pair(cx, input.source.as_deref(), input.destination.as_deref())?;
    let removed = tx.remove::<Subscription>(&[cx.account().as_str(), cx.region_name(), from.name(), to.name()]);
    Ok(Subscribed { output: removed.is_some() })
}

/// What EC2 answers at once.
const PAGE: i64 = 100;

/// Subscriptions that pass the filters.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAwsNetworkPerformanceMetricSubscriptions.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeSubscriptions) -> Result<Subscriptions, ApiError> {
    let filters = input.filters.as_deref();
    let chosen = FIELDS.choose(filters)?;
    let out = |it: &Subscription| SubscriptionOut {
        source: it.source.clone(),
        destination: it.destination.clone(),
        metric: METRIC,
        statistic: STATISTIC,
        period: "five-minutes",
    };
    let all = world.scan::<Subscription>(&[cx.account().as_str(), cx.region_name()]);
    let outs = all.map(|it| out(it)).filter(|it| chosen.admit(it));
    let scope = format!("performance-subscriptions {filters:?}");
    let size = input.max_results.filter(|size| *size > 0).unwrap_or(PAGE);
    let key = |it: &SubscriptionOut| format!("{} {}", it.source, it.destination);
    let page = paging::ec2(&scope, input.next_token.as_deref(), Some(size), outs, key)?;
    Ok(Subscriptions { subscriptions: page.items, next_token: page.next })
}
