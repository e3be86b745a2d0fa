//! DescribeReservedInstancesOfferings.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeReservedInstancesOfferings.html>

use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::RecurringCharge;
use super::offering::{self, Offering};

/// `DescribeReservedInstancesOfferingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeReservedInstancesOfferings {
    pub reserved_instances_offering_ids: Option<Vec<String>>,
    pub instance_type: Option<String>,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub product_description: Option<String>,
    pub instance_tenancy: Option<String>,
    pub offering_class: Option<String>,
    pub offering_type: Option<String>,
    pub min_duration: Option<i64>,
    pub max_duration: Option<i64>,
    /// There is no marketplace, so there is nothing to include.
    pub include_marketplace: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeReservedInstancesOfferingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Offerings {
    pub reserved_instances_offerings: Vec<OfferingOut>,
    pub next_token: Option<String>,
}

/// `ReservedInstancesOffering`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct OfferingOut {
    pub reserved_instances_offering_id: String,
    pub instance_type: &'static str,
    pub availability_zone: Option<&'static str>,
    pub availability_zone_id: Option<&'static str>,
    pub scope: &'static str,
    pub duration: i64,
    pub fixed_price: f64,
    pub usage_price: f64,
    pub product_description: &'static str,
    pub instance_tenancy: &'static str,
    pub currency_code: &'static str,
    pub offering_class: &'static str,
    pub offering_type: &'static str,
    pub marketplace: bool,
    pub recurring_charges: Vec<RecurringCharge>,
}

static FIELDS: Fields<OfferingOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push_if(it.availability_zone)),
        ("availability-zone-id", |it, values| values.push_if(it.availability_zone_id)),
        ("duration", |it, values| values.push(it.duration.to_string())),
        ("fixed-price", |it, values| values.push(format!("{:?}", it.fixed_price))),
        ("instance-type", |it, values| values.push(it.instance_type)),
        ("marketplace", |it, values| values.push_bool(it.marketplace)),
        ("product-description", |it, values| values.push(it.product_description)),
        ("reserved-instances-offering-id", |it, values| values.push(it.reserved_instances_offering_id.as_str())),
        ("scope", |it, values| values.push(it.scope)),
        ("usage-price", |it, values| values.push(format!("{:?}", it.usage_price))),
    ],
    tags: None,
};

/// What EC2 answers at once, whatever is asked for.
const PAGE: i64 = 100;
/// A month and three years, the bounds that are assumed.
const DURATIONS: (i64, i64) = (2_592_000, 94_608_000);

/// Offerings of the region that are as asked for, or those named.
pub fn describe(cx: &Cx, _: &World, input: &DescribeReservedInstancesOfferings) -> Result<Offerings, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    if input.availability_zone.is_some() && input.availability_zone_id.is_some() {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "Either AvailabilityZone or AvailabilityZoneId can be specified, but not both.",
        ));
    }
    let found: Box<dyn Iterator<Item = Offering>> = match input.reserved_instances_offering_ids.as_deref() {
        Some(ids) if !ids.is_empty() => Box::new(named(cx, ids)?.into_iter()),
        _ => Box::new(offering::all(cx, input.instance_type.as_deref())),
    };
    let outs = found.filter(|it| is_wanted(it, input)).map(|it| (it.number, out(cx, &it)));
    let outs = outs.filter(|(_, it)| chosen.admit(it));
    let scope = format!("reserved-instances-offerings {:?} {:?}", input.instance_type, input.filters);
    let size = input.max_results.unwrap_or(PAGE).clamp(1, PAGE);
    let page =
        paging::ec2(&scope, input.next_token.as_deref(), Some(size), outs, |(number, _)| format!("{number:010}"))?;
    let reserved_instances_offerings = page.items.into_iter().map(|(_, it)| it).collect();
    Ok(Offerings { reserved_instances_offerings, next_token: page.next })
}

/// The offerings of those ids, in the order of their numbers.
fn named(cx: &Cx, ids: &[String]) -> Result<Vec<Offering>, ApiError> {
    let found = ids.iter().map(|id| offering::of_id(cx, id).ok_or_else(|| unknown(id)));
    let mut found = found.collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|it| it.number);
    found.dedup_by_key(|it| it.number);
    Ok(found)
}

/// The wording is not recorded.
pub(super) fn unknown(id: &str) -> ApiError {
    let message = format!("The reserved instances offering ID '{id}' does not exist");
    ApiError::new("InvalidReservedInstancesOfferingId", message)
}

fn is_wanted(it: &Offering, input: &DescribeReservedInstancesOfferings) -> bool {
    let is = |wanted: &Option<String>, have: Option<&str>| wanted.is_none() || wanted.as_deref() == have;
    let by_id = input.reserved_instances_offering_ids.as_ref().is_some_and(|ids| !ids.is_empty());
    let tenancy = input.instance_tenancy.as_deref().unwrap_or(if by_id { it.tenancy } else { "default" });
    is(&input.instance_type, Some(it.instance_type))
        && is(&input.availability_zone, it.zone.map(|(name, _)| name))
        && is(&input.availability_zone_id, it.zone.map(|(_, id)| id))
        && is(&input.product_description, Some(it.product))
        && is(&input.offering_class, Some(it.class))
        && is(&input.offering_type, Some(it.payment))
        && it.tenancy == tenancy
        && it.duration >= input.min_duration.unwrap_or(DURATIONS.0)
        && it.duration <= input.max_duration.unwrap_or(DURATIONS.1)
}

fn out(cx: &Cx, it: &Offering) -> OfferingOut {
    OfferingOut {
        reserved_instances_offering_id: offering::id(cx, it.number),
        instance_type: it.instance_type,
        availability_zone: it.zone.map(|(name, _)| name),
        availability_zone_id: it.zone.map(|(_, id)| id),
        scope: scope(it.zone.is_some()),
        duration: it.duration,
        fixed_price: it.fixed_price,
        usage_price: 0.0,
        product_description: it.product,
        instance_tenancy: it.tenancy,
        currency_code: "USD",
        offering_class: it.class,
        offering_type: it.payment,
        marketplace: false,
        recurring_charges: charges(it.hourly),
    }
}

/// For a zone or for the whole region.
pub(super) fn scope(has_zone: bool) -> &'static str {
    if has_zone { "Availability Zone" } else { "Region" }
}

/// What is paid every hour, if anything is.
pub(super) fn charges(hourly: f64) -> Vec<RecurringCharge> {
    let charge = RecurringCharge { amount: hourly, frequency: "Hourly" };
    if hourly > 0.0 { vec![charge] } else { Vec::new() }
}
