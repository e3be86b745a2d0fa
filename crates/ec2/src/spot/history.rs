//! DescribeSpotPriceHistory: the changes of prices, the newest first, and of each price the last change before the time asked for.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html>
//!
//! Changes are worked out period by period and only as far as a page needs: all of them would be millions.

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;
use service::regions::Zone;

use super::price::{self, Offer, PERIOD, PRODUCTS, REMEMBERED};
use crate::catalogue::instance_types::{self, InstanceType};
use crate::instance::describe::time;

/// `DescribeSpotPriceHistoryRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSpotPriceHistory {
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub instance_types: Option<Vec<String>>,
    pub product_descriptions: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSpotPriceHistoryResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct History {
    pub spot_price_history: Vec<SpotPrice>,
    /// Empty at the end, as EC2 has it.
    pub next_token: String,
}

/// `SpotPrice`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct SpotPrice {
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub instance_type: String,
    pub product_description: String,
    pub spot_price: String,
    pub timestamp: Timestamp,
}

static FIELDS: Fields<SpotPrice> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
        ("instance-type", |it, values| values.push(it.instance_type.as_str())),
        ("product-description", |it, values| values.push(it.product_description.as_str())),
        ("spot-price", |it, values| values.push(it.spot_price.as_str())),
        ("timestamp", |it, values| values.push(time(it.timestamp))),
    ],
    tags: None,
};

/// A page when none is asked for.
const MOST: i64 = 1000;

/// What is sold, as the request limits it.
struct Sold {
    kinds: Vec<&'static InstanceType>,
    zones: Vec<&'static Zone>,
    /// What prices depend on, and how it was asked for.
    products: Vec<(&'static str, String)>,
}

/// The changes that pass the filters.
pub fn describe(cx: &Cx, _: &World, input: &DescribeSpotPriceHistory) -> Result<History, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let sold = sold(cx, input)?;
    let end = input.end_time.unwrap_or(cx.now).min(cx.now);
    let earliest = cx.now.saturating_sub(REMEMBERED).unwrap_or(cx.now);
    let start = input.start_time.unwrap_or(earliest).max(earliest).min(end);
    // The period before the start's has the last change before the start of whatever has none in its own.
    let periods = (price::period_of(start) - 1..=price::period_of(end)).rev();
    let changes = periods.flat_map(|period| changes_in(cx, &sold, period, start, end));
    let passing = changes.filter(|it| chosen.admit(it));
    let scope = format!(
        "spot prices {:?} {:?} {:?}",
        (input.start_time, input.end_time),
        (sold.names(), &sold.products),
        input.filters
    );
    let size = input.max_results.filter(|most| *most > 0).unwrap_or(MOST).min(MOST);
    let token = input.next_token.as_deref().filter(|token| !token.is_empty());
    let page = paging::ec2(&scope, token, Some(size), passing, key)?;
    Ok(History { spot_price_history: page.items, next_token: page.next.unwrap_or_default() })
}

impl Sold {
    fn names(&self) -> Vec<&str> {
        let zones = self.zones.iter().map(|zone| zone.name.as_str());
        self.kinds.iter().map(|kind| kind.instance_type.as_str()).chain(zones).collect()
    }
}

/// The newest first.
fn key(it: &SpotPrice) -> String {
    let SpotPrice { availability_zone, instance_type, product_description, timestamp, .. } = it;
    let backwards = 9_999_999_999 - timestamp.as_second();
    format!("{backwards:010} {instance_type} {availability_zone} {product_description}")
}

fn sold(cx: &Cx, input: &DescribeSpotPriceHistory) -> Result<Sold, ApiError> {
    if input.availability_zone.is_some() && input.availability_zone_id.is_some() {
        let message = "The parameters availabilityZone and availabilityZoneId cannot be used together";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    let filters = input.filters.as_deref();
    let named = |given: Option<&[String]>, filter: &str| -> Option<Vec<String>> {
        given.or_else(|| service::filters::exact(filters, filter)).map(<[String]>::to_vec)
    };
    let one = |text: &Option<String>| text.clone().map(|text| vec![text]);
    let zone = one(&input.availability_zone);
    let zone = named(zone.as_deref(), "availability-zone");
    let zone_id = one(&input.availability_zone_id);
    let zone_id = named(zone_id.as_deref(), "availability-zone-id");
    let is_wanted =
        |wanted: &Option<Vec<String>>, text: &str| wanted.as_ref().is_none_or(|it| it.iter().any(|one| one == text));
    let zones = cx.region.zones.iter().filter(|it| is_wanted(&zone, &it.name) && is_wanted(&zone_id, &it.id)).collect();
    let kinds: Vec<&InstanceType> = match named(input.instance_types.as_deref(), "instance-type") {
        Some(names) => names.iter().filter_map(|name| instance_types::get(name)).collect(),
        None => instance_types::all().iter().collect(),
    };
    let offered = |kind: &&'static InstanceType| {
        price::is_sold(kind) && instance_types::offered_in(cx.region_name(), &kind.instance_type)
    };
    let kinds = kinds.into_iter().filter(offered).collect();
    let products = match named(input.product_descriptions.as_deref(), "product-description") {
        Some(names) => names.into_iter().filter_map(|name| Some((product(&name)?, name))).collect(),
        None => PRODUCTS.iter().map(|name| (*name, (*name).to_owned())).collect(),
    };
    Ok(Sold { kinds, zones, products })
}

/// `(Amazon VPC)` told networks apart once; the price was the same.
fn product(name: &str) -> Option<&'static str> {
    let plain = name.trim_end_matches(" (Amazon VPC)");
    PRODUCTS.iter().copied().find(|known| *known == plain)
}

/// What changes in a period and is told: up to the end, and from the last change before the start on.
fn changes_in(cx: &Cx, sold: &Sold, period: i64, start: Timestamp, end: Timestamp) -> Vec<SpotPrice> {
    let mut changes = Vec::new();
    for kind in &sold.kinds {
        for zone in sold
            .zones
            .iter()
            .filter(|zone| instance_types::offered_in_zone(cx.region_name(), &zone.name, &kind.instance_type))
        {
            for (product, shown) in sold.products.iter().filter(|(product, _)| fits(kind, product)) {
                let offer = Offer { type_name: &kind.instance_type, zone: &zone.name, product };
                let timestamp = offer.change(period);
                let next = timestamp.as_second() + PERIOD * 3600;
                if timestamp > end || next <= start.as_second() {
                    continue;
                }
                changes.push(SpotPrice {
                    availability_zone: zone.name.clone(),
                    availability_zone_id: zone.id.clone(),
                    instance_type: kind.instance_type.clone(),
                    product_description: shown.clone(),
                    spot_price: price::text(offer.in_period(kind, period)),
                    timestamp,
                });
            }
        }
    }
    changes.sort_by_cached_key(key);
    changes
}

/// Windows and SUSE run on x86 alone.
fn fits(kind: &InstanceType, product: &str) -> bool {
    let x86 = instance_types::architectures(kind).iter().any(|architecture| architecture == "x86_64");
    x86 || !matches!(product, "Windows" | "SUSE Linux")
}
