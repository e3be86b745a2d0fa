//! DescribeCapacityBlockOfferings: for each type that is asked for the first block that can be had.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCapacityBlockOfferings.html>

use service::paging;
use service::prelude::*;

use super::offering::{self, MOST, Offering};
use crate::instance::run::instance_type;
use crate::refused::{invalid, missing};

/// `DescribeCapacityBlockOfferingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeCapacityBlockOfferings {
    pub instance_type: Option<String>,
    pub instance_type_preferences: Option<Vec<Preference>>,
    pub instance_count: Option<i64>,
    pub start_date_range: Option<Timestamp>,
    pub end_date_range: Option<Timestamp>,
    pub capacity_duration_hours: i64,
    /// There are none in the catalogue.
    pub ultraserver_type: Option<String>,
    pub ultraserver_count: Option<i64>,
    /// There are no Local Zones, so there is nothing to include.
    pub all_availability_zones: Option<bool>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `CapacityBlockInstanceTypePreference`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Preference {
    pub instance_type: Option<String>,
}

/// `DescribeCapacityBlockOfferingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Offerings {
    pub capacity_block_offerings: Vec<OfferingOut>,
    pub next_token: Option<String>,
}

/// `CapacityBlockOffering`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct OfferingOut {
    pub capacity_block_offering_id: String,
    pub instance_type: &'static str,
    pub availability_zone: &'static str,
    pub instance_count: i64,
    pub start_date: Timestamp,
    pub end_date: Timestamp,
    pub capacity_block_duration_hours: i64,
    pub capacity_block_duration_minutes: i64,
    pub upfront_fee: String,
    pub currency_code: &'static str,
    pub tenancy: &'static str,
    pub zone_type: &'static str,
    pub capacity_block_offering_segments: Vec<SegmentOut>,
}

/// `CapacityBlockOfferingSegment`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct SegmentOut {
    pub instance_type: &'static str,
    pub availability_zone: &'static str,
    pub availability_zone_id: &'static str,
    pub instance_count: i64,
    pub start_date: Timestamp,
    pub end_date: Timestamp,
    pub capacity_block_duration_hours: i64,
    pub capacity_block_duration_minutes: i64,
    pub upfront_fee: String,
    pub currency_code: &'static str,
    pub zone_type: &'static str,
}

/// The only type of zone that there is here.
pub const ZONE_TYPE: &str = "availability-zone";

impl DescribeCapacityBlockOfferings {
    fn types(&self) -> Vec<&str> {
        let preferred = self.instance_type_preferences.iter().flatten().filter_map(|it| it.instance_type.as_deref());
        self.instance_type.as_deref().into_iter().chain(preferred).collect()
    }
}

/// What is asked for can be on offer. The words are not recorded.
pub fn check(_: &Cx, _: &World, input: &DescribeCapacityBlockOfferings) -> Result<(), ApiError> {
    check_hours(input.capacity_duration_hours, "capacityDurationHours")?;
    let types = input.types();
    let ways =
        [input.instance_type.is_some(), input.instance_type_preferences.is_some(), input.ultraserver_type.is_some()];
    if ways.iter().filter(|way| **way).count() > 1 {
        let message =
            "Only one of the parameters InstanceType, InstanceTypePreferences and UltraserverType can be specified.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if types.is_empty() && input.ultraserver_type.is_none() {
        return Err(missing("InstanceType"));
    }
    for name in &types {
        if !offering::is_sold(instance_type::known(name)?) {
            return Err(invalid(format!("The instance type '{name}' is not supported for Capacity Blocks.")));
        }
    }
    if !types.is_empty() {
        let count = input.instance_count.ok_or_else(|| missing("InstanceCount"))?;
        if !(1..=MOST).contains(&count) {
            return Err(invalid(format!(
                "Value ({count}) for parameter instanceCount is invalid. Valid values are between 1 and {MOST}."
            )));
        }
    }
    match (input.start_date_range, input.end_date_range) {
        (Some(start), Some(end)) if end <= start => {
            Err(invalid(format!("The end date range {end} must be after the start date range {start}.")))
        }
        _ => Ok(()),
    }
}

/// A duration that is sold.
pub fn check_hours(hours: i64, parameter: &str) -> Result<i64, ApiError> {
    let sold = "Specify 24-hour increments up to 336 hours, or 168-hour increments up to 4368 hours.";
    offering::days(hours)
        .ok_or_else(|| invalid(format!("Value ({hours}) for parameter {parameter} is invalid. {sold}")))
}

/// The first block of each type that is asked for.
pub fn describe(cx: &Cx, _: &World, input: &DescribeCapacityBlockOfferings) -> Result<Offerings, ApiError> {
    let days = check_hours(input.capacity_duration_hours, "capacityDurationHours")?;
    let bounds = (input.start_date_range, input.end_date_range);
    let mut types = input.types();
    types.sort_unstable();
    types.dedup();
    let count = input.instance_count.unwrap_or(1);
    let found = types.iter().filter_map(|name| offering::find(cx, name, count, days, bounds));
    let outs = found.filter_map(|it| out(cx, &it));
    let scope = format!("capacity-block-offerings {types:?} {count} {days} {bounds:?}");
    let page =
        paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.instance_type.to_owned())?;
    Ok(Offerings { capacity_block_offerings: page.items, next_token: page.next })
}

fn out(cx: &Cx, it: &Offering) -> Option<OfferingOut> {
    let segment = SegmentOut {
        instance_type: it.instance_type,
        availability_zone: &it.zone.name,
        availability_zone_id: &it.zone.id,
        instance_count: it.count,
        start_date: it.start,
        end_date: it.end(),
        capacity_block_duration_hours: it.days * 24,
        capacity_block_duration_minutes: 0,
        upfront_fee: it.fee(),
        currency_code: "USD",
        zone_type: ZONE_TYPE,
    };
    Some(OfferingOut {
        capacity_block_offering_id: it.id(cx)?,
        instance_type: segment.instance_type,
        availability_zone: segment.availability_zone,
        instance_count: segment.instance_count,
        start_date: segment.start_date,
        end_date: segment.end_date,
        capacity_block_duration_hours: segment.capacity_block_duration_hours,
        capacity_block_duration_minutes: segment.capacity_block_duration_minutes,
        upfront_fee: segment.upfront_fee.clone(),
        currency_code: segment.currency_code,
        tenancy: "default",
        zone_type: segment.zone_type,
        capacity_block_offering_segments: vec![segment],
    })
}
