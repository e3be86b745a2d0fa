//! Scheduled Instances, bought by the year before 2022. AWS sells none any more, so there are none here: nothing is on offer, no token buys, and whoever names one
//! is told that it is not there. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-scheduled-instances.html>

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use crate::refused::{invalid, invalid_value};
use crate::resource::any;

service::operations! { Ec2;
    DescribeScheduledInstanceAvailability => read(offers) authorize(any),
    DescribeScheduledInstances => read(describe) authorize(any),
    PurchaseScheduledInstances => write(purchase) authorize(any),
    RunScheduledInstances => write(run) authorize(any),
}

/// How far ahead a schedule may begin, in days: three months.
const FARTHEST: i64 = 92;
/// Hours a slot may have at most.
const LONGEST: i64 = 1_720;

/// `DescribeScheduledInstanceAvailabilityRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct DescribeScheduledInstanceAvailability {
    pub dry_run: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub first_slot_start_time_range: SlotRange,
    pub max_results: Option<i64>,
    pub max_slot_duration_in_hours: Option<i64>,
    pub min_slot_duration_in_hours: Option<i64>,
    pub next_token: Option<String>,
    pub recurrence: Recurrence,
}

/// `SlotDateTimeRangeRequest` and `SlotStartTimeRangeRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct SlotRange {
    pub earliest_time: Option<Timestamp>,
    pub latest_time: Option<Timestamp>,
}

/// `ScheduledInstanceRecurrenceRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct Recurrence {
    pub frequency: Option<String>,
    pub interval: Option<i64>,
    pub occurrence_days: Option<Vec<i64>>,
    pub occurrence_relative_to_end: Option<bool>,
    pub occurrence_unit: Option<String>,
}

/// `DescribeScheduledInstanceAvailabilityResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Offers {
    pub scheduled_instance_availability_set: Vec<Offer>,
}

/// `ScheduledInstanceAvailability`. There are none.
#[derive(Debug, Serialize, Shaped)]
pub struct Offer {
    pub purchase_token: String,
}

/// `DescribeScheduledInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeScheduledInstances {
    pub dry_run: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub scheduled_instance_ids: Option<Vec<String>>,
    pub slot_start_time_range: Option<SlotRange>,
}

/// `DescribeScheduledInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Described {
    pub scheduled_instance_set: Vec<ScheduledInstance>,
}

/// `ScheduledInstance`. There are none.
#[derive(Debug, Serialize, Shaped)]
pub struct ScheduledInstance {
    pub scheduled_instance_id: String,
}

/// `PurchaseScheduledInstancesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct PurchaseScheduledInstances {
    pub dry_run: Option<bool>,
    pub client_token: Option<String>,
    pub purchase_requests: Vec<PurchaseRequest>,
}

/// `PurchaseRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct PurchaseRequest {
    pub instance_count: i64,
    pub purchase_token: String,
}

/// `RunScheduledInstancesRequest`. What is to be launched is not looked at before the Scheduled Instance is found.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RunScheduledInstances {
    pub dry_run: Option<bool>,
    pub instance_count: Option<i64>,
    pub scheduled_instance_id: String,
}

/// `RunScheduledInstancesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Launched {
    pub instance_id_set: Vec<String>,
}

static OFFER_FIELDS: Fields<Offer> = Fields {
    fields: &[("availability-zone", |_, _| {}), ("instance-type", |_, _| {}), ("platform", |_, _| {})],
    tags: None,
};

static FIELDS: Fields<ScheduledInstance> = Fields {
    fields: &[("availability-zone", |_, _| {}), ("instance-type", |_, _| {}), ("platform", |_, _| {})],
    tags: None,
};

/// The limits are those of DescribeScheduledInstanceAvailability's page; the words are ours.
fn check(cx: &Cx, input: &DescribeScheduledInstanceAvailability) -> Result<(), ApiError> {
    check_range(&input.first_slot_start_time_range)?;
    let farthest = cx.now.saturating_add(SignedDuration::from_hours(24 * FARTHEST)).unwrap_or(cx.now);
    if input.first_slot_start_time_range.latest_time.is_some_and(|latest| latest > farthest) {
        return Err(invalid("The latest time of the first slot must be at most three months in the future."));
    }
    let recurrence = &input.recurrence;
    let daily = match recurrence.frequency.as_deref() {
        Some("Daily") => true,
        Some("Weekly" | "Monthly") => false,
        other => return Err(invalid_value(other.unwrap_or_default(), "Recurrence.Frequency")),
    };
    if let Some(interval) = recurrence.interval.filter(|interval| *interval < 1) {
        return Err(invalid_value(interval, "Recurrence.Interval"));
    }
    let has_days = recurrence.occurrence_days.as_ref().is_some_and(|days| !days.is_empty());
    if daily && (has_days || recurrence.occurrence_unit.is_some() || recurrence.occurrence_relative_to_end.is_some()) {
        let message = "Occurrence days can't be specified with a daily schedule.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if !daily && !has_days {
        return Err(crate::refused::missing("Recurrence.OccurrenceDays"));
    }
    let most = if recurrence.frequency.as_deref() == Some("Weekly") { 7 } else { 31 };
    let days = recurrence.occurrence_days.as_deref().unwrap_or_default();
    if let Some(day) = days.iter().find(|day| !(1..=most).contains(*day)) {
        return Err(invalid_value(day, "Recurrence.OccurrenceDays"));
    }
    let (least, longest) = (input.min_slot_duration_in_hours.unwrap_or(0), input.max_slot_duration_in_hours);
    if longest.is_some_and(|longest| longest <= least || longest >= LONGEST) {
        return Err(invalid_value(longest.unwrap_or_default(), "MaxSlotDurationInHours"));
    }
    Ok(())
}

fn check_range(range: &SlotRange) -> Result<(), ApiError> {
    match (range.earliest_time, range.latest_time) {
        (Some(earliest), Some(latest)) if latest < earliest => {
            Err(invalid("The latest time must be later than or equal to the earliest time."))
        }
        _ => Ok(()),
    }
}

/// Nothing is on offer.
fn offers(cx: &Cx, _: &World, input: &DescribeScheduledInstanceAvailability) -> Result<Offers, ApiError> {
    check(cx, input)?;
    OFFER_FIELDS.choose(input.filters.as_deref())?;
    let page = paging::ec2("offers", input.next_token.as_deref(), input.max_results, [], |offer: &Offer| {
        offer.purchase_token.clone()
    })?;
    Ok(Offers { scheduled_instance_availability_set: page.items })
}

/// Nobody has any, so none that is named is there.
fn describe(_: &Cx, _: &World, input: &DescribeScheduledInstances) -> Result<Described, ApiError> {
    input.slot_start_time_range.as_ref().map_or(Ok(()), check_range)?;
    FIELDS.choose(input.filters.as_deref())?;
    if let Some(id) = input.scheduled_instance_ids.as_deref().and_then(<[_]>::first) {
        return Err(no_such_instance(id));
    }
    let page =
        paging::ec2("scheduled", input.next_token.as_deref(), input.max_results, [], |it: &ScheduledInstance| {
            it.scheduled_instance_id.clone()
        })?;
    Ok(Described { scheduled_instance_set: page.items })
}

fn no_such_instance(id: &str) -> ApiError {
    ApiError::new("InvalidScheduledInstance", format!("The Scheduled Instance '{id}' does not exist"))
}

/// A token that buys is given out by no one.
fn purchase(_: &Cx, _: &mut Tx, input: &PurchaseScheduledInstances) -> Result<Described, ApiError> {
    let Some(first) = input.purchase_requests.first() else {
        return Err(crate::refused::missing("PurchaseRequests"));
    };
    if let Some(wrong) = input.purchase_requests.iter().find(|request| request.instance_count < 1) {
        return Err(invalid_value(wrong.instance_count, "InstanceCount"));
    }
    let message = format!("The purchase token '{}' is not valid.", first.purchase_token);
    Err(ApiError::new("InvalidPurchaseToken.Malformed", message))
}

fn run(_: &Cx, _: &mut Tx, input: &RunScheduledInstances) -> Result<Launched, ApiError> {
    if let Some(count) = input.instance_count.filter(|count| *count < 1) {
        return Err(invalid_value(count, "InstanceCount"));
    }
    Err(no_such_instance(&input.scheduled_instance_id))
}
