//! CreateCapacityReservation. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCapacityReservation.html>

use service::prelude::*;
use service::regions::Zone;

use super::describe::{ReservationOut, out};
use super::{CapacityReservation, future};
use crate::capacity::manager::usage;
use crate::instance::client_token;
use crate::instance::run::instance_type;
use crate::kind;
use crate::region;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateCapacityReservationRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateCapacityReservation {
    pub client_token: Option<String>,
    pub instance_type: String,
    pub instance_platform: String,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub tenancy: Option<String>,
    pub instance_count: i64,
    pub ebs_optimized: Option<bool>,
    pub ephemeral_storage: Option<bool>,
    pub end_date: Option<Timestamp>,
    pub end_date_type: Option<String>,
    pub instance_match_criteria: Option<String>,
    pub placement_group_arn: Option<String>,
    pub start_date: Option<Timestamp>,
    pub commitment_duration: Option<i64>,
    pub delivery_preference: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateCapacityReservationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub capacity_reservation: ReservationOut,
}

/// CreateCapacityReservation on a reservation to come, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreateCapacityReservation) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let own = with_keys(cx, resource::check_on_new(cx, &kind::CAPACITY_RESERVATION, specifications), input);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "CreateCapacityReservation");
    std::iter::once(own).chain(tagging).collect()
}

/// The condition keys of a reservation to come, whether it is asked for alone or by a fleet.
pub fn with_keys(cx: &Cx, check: Check, input: &CreateCapacityReservation) -> Check {
    let zone = zone(cx, input).ok();
    check
        .key_if("ec2:AvailabilityZone", zone.map(|zone| zone.name.as_str()))
        .key_if("ec2:AvailabilityZoneId", zone.map(|zone| zone.id.as_str()))
        .key_if("ec2:CommitmentDuration", input.commitment_duration.map(|seconds| seconds.to_string()))
        .key("ec2:EbsOptimized", (input.ebs_optimized == Some(true)).to_string())
        .key_if("ec2:EndDate", input.end_date.map(|end| end.to_string()))
        .key("ec2:EndDateType", end_date_type(input))
        .key("ec2:EphemeralStorage", (input.ephemeral_storage == Some(true)).to_string())
        .key("ec2:InstanceCount", input.instance_count.to_string())
        .key("ec2:InstanceMatchCriteria", input.instance_match_criteria.as_deref().unwrap_or("open"))
        .key("ec2:InstancePlatform", input.instance_platform.as_str())
        .key("ec2:InstanceType", input.instance_type.as_str())
        .key_if("ec2:PlacementGroup", input.placement_group_arn.as_deref())
        .key("ec2:Tenancy", input.tenancy.as_deref().unwrap_or("default"))
}

fn end_date_type(input: &CreateCapacityReservation) -> &str {
    input.end_date_type.as_deref().unwrap_or("unlimited")
}

/// How many, from when and until when.
pub fn check(cx: &Cx, _: &World, input: &CreateCapacityReservation) -> Result<(), ApiError> {
    check_count(input.instance_count)?;
    future::check(cx, input)?;
    check_end(cx, input.end_date_type.as_deref(), input.end_date)
}

/// 1 to 1000.
pub fn check_count(count: i64) -> Result<(), ApiError> {
    if (1..=1000).contains(&count) {
        return Ok(());
    }
    let message =
        format!("Value ({count}) for parameter instanceCount is invalid. Valid values are between 1 and 1000.");
    Err(ApiError::new("InvalidParameterValue", message))
}

/// A date is given if, and only if, the reservation is limited, and lies ahead.
pub fn check_end(cx: &Cx, kind: Option<&str>, date: Option<Timestamp>) -> Result<(), ApiError> {
    let combined = |message: &str| Err(ApiError::new("InvalidParameterCombination", message));
    match (kind.unwrap_or("unlimited"), date) {
        ("limited", None) => combined("You must provide an EndDate value if EndDateType is limited."),
        ("unlimited", Some(_)) => combined("Do not provide an EndDate value if EndDateType is unlimited."),
        (_, Some(date)) if date <= cx.now => Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({date}) for parameter endDate is invalid. The end date must be in the future."),
        )),
        _ => Ok(()),
    }
}

fn zone(cx: &Cx, input: &CreateCapacityReservation) -> Result<&'static Zone, ApiError> {
    let (name, id) = (input.availability_zone.as_deref(), input.availability_zone_id.as_deref());
    region::zone(cx, name, id, region::no_such_zone)
}

/// Makes a reservation, or answers again what the same client token made.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateCapacityReservation) -> Result<Created, ApiError> {
    const SCOPE: &str = "CreateCapacityReservation";
    let token = input.client_token.as_deref();
    let plain = CreateCapacityReservation { client_token: None, dry_run: None, ..input.clone() };
    let digest = client_token::digest(&plain);
    if let Some(held) = client_token::again::<CapacityReservation>(cx, tx, SCOPE, token, &digest)? {
        return Ok(Created { capacity_reservation: out(cx, tx, &held) });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::CAPACITY_RESERVATION.resource_type)?;
    instance_type::known(&input.instance_type)?;
    let zone = zone(cx, input)?;
    instance_type::must_be_offered(cx, &input.instance_type, &zone.name)?;
    if let Some(arn) = &input.placement_group_arn {
        let name = service::arn::last_name(arn);
        crate::placement_group::by_name(cx, tx, name).ok_or_else(|| crate::placement_group::unknown(name))?;
    }
    let held = CapacityReservation {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::CAPACITY_RESERVATION.prefix),
        instance_type: input.instance_type.clone(),
        platform: input.instance_platform.clone(),
        zone: zone.name.clone(),
        zone_id: zone.id.clone(),
        tenancy: input.tenancy.clone().unwrap_or_else(|| "default".to_owned()),
        count: input.instance_count,
        ebs_optimized: input.ebs_optimized == Some(true),
        ephemeral_storage: input.ephemeral_storage == Some(true),
        end_date: input.end_date,
        open: input.instance_match_criteria.as_deref() != Some("targeted"),
        placement_group: input.placement_group_arn.clone(),
        created_at: cx.now_seconds(),
        cancelled_at: None,
        fleet_id: None,
        weight: None,
        billing_owner: None,
        starts_at: input.start_date,
        commitment: future::commitment(input),
        block_id: None,
        allocation: None,
        source: None,
        tags,
    };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![held.id.clone()]);
    usage::put(cx, tx, held.clone());
    Ok(Created { capacity_reservation: out(cx, tx, &held) })
}
