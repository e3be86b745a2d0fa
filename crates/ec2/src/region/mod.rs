//! Regions, their zones, and what an account is told about itself. The facts are `service::regions`; an account opts in to a region by using it.

use service::filters::{Fields, Filter};
use service::operations;
use service::prelude::*;
use service::regions::{self, Region, Zone};

use crate::network::{self, vpc};
use crate::refused::missing;
use crate::resource::any;

#[cfg(test)]
mod tests;

operations! { Ec2;
    DescribeAccountAttributes => read(describe_account_attributes) authorize(any),
    DescribeAvailabilityZones => read(describe_zones) authorize(any),
    DescribeRegions => read(describe) authorize(any),
    ModifyAvailabilityZoneGroup => read(opt_in) authorize(any),
}

/// The zone that a request says by its name or its id; which error an unknown one has depends on the operation.
pub fn zone(
    cx: &Cx,
    name: Option<&str>,
    id: Option<&str>,
    unknown: impl Fn(&str) -> ApiError,
) -> Result<&'static Zone, ApiError> {
    match (name, id) {
        (Some(_), Some(_)) => Err(ApiError::new(
            "InvalidParameterCombination",
            "The parameters availabilityZone and availabilityZoneId cannot be used together",
        )),
        (Some(name), None) => cx.region.zone(name).ok_or_else(|| unknown(name)),
        (None, Some(id)) => cx.region.zone_by_id(id).ok_or_else(|| unknown(id)),
        (None, None) => Err(missing("availabilityZone")),
    }
}

/// The error of hosts and capacity reservations for a zone that is none.
pub fn no_such_zone(zone: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Invalid availability zone: [{zone}]"))
}

/// `DescribeRegionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeRegions {
    pub region_names: Option<Vec<String>>,
    pub all_regions: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
}

/// `DescribeRegionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Regions {
    pub regions: Vec<RegionOut>,
}

/// `Region`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct RegionOut {
    pub region_name: String,
    pub endpoint: String,
    pub opt_in_status: &'static str,
}

static REGION_FIELDS: Fields<RegionOut> = Fields {
    fields: &[
        ("endpoint", |it, values| values.push(it.endpoint.as_str())),
        ("opt-in-status", |it, values| values.push(it.opt_in_status)),
        ("region-name", |it, values| values.push(it.region_name.as_str())),
    ],
    tags: None,
};

const NOT_OPTED_IN: &str = "not-opted-in";

/// The regions an account can use; with `AllRegions`, or when they are named, the others, too.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeRegions) -> Result<Regions, ApiError> {
    let chosen = REGION_FIELDS.choose(input.filters.as_deref())?;
    let names = input.region_names.as_deref().unwrap_or_default();
    let known = |name: &&String| regions::regions_in(cx.partition()).any(|region| region.name == **name);
    let unknown: Vec<&str> = names.iter().filter(|name| !known(name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Invalid region provided: [{}]", unknown.join(", ")),
        ));
    }
    let all = input.all_regions == Some(true) || !names.is_empty();
    let found = regions::regions_in(cx.partition())
        .filter(|region| names.is_empty() || names.contains(&region.name))
        .map(|region| region_out(cx, world, region))
        .filter(|out| (all || out.opt_in_status != NOT_OPTED_IN) && chosen.admit(out));
    Ok(Regions { regions: found.collect() })
}

fn region_out(cx: &Cx, world: &World, region: &Region) -> RegionOut {
    RegionOut {
        region_name: region.name.clone(),
        endpoint: format!("ec2.{}.{}", region.name, region.dns_suffix),
        opt_in_status: opt_in_status(cx, world, region),
    }
}

/// Nobody has to ask for a region here, so using one is opting in.
fn opt_in_status(cx: &Cx, world: &World, region: &Region) -> &'static str {
    match region.opt_in {
        false => "opt-in-not-required",
        true if network::is_settled(world, cx.account(), &region.name) => "opted-in",
        true => NOT_OPTED_IN,
    }
}

/// `DescribeAvailabilityZonesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAvailabilityZones {
    pub zone_names: Option<Vec<String>>,
    pub zone_ids: Option<Vec<String>>,
    /// Local and Wavelength Zones are not offered, so there are no more.
    pub all_availability_zones: Option<bool>,
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
}

/// `DescribeAvailabilityZonesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Zones {
    pub availability_zones: Vec<ZoneOut>,
}

/// `AvailabilityZone`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ZoneOut {
    pub state: &'static str,
    pub opt_in_status: &'static str,
    pub messages: Vec<MessageOut>,
    pub region_name: String,
    pub zone_name: String,
    pub zone_id: String,
    pub group_name: String,
    pub group_long_name: String,
    pub network_border_group: String,
    pub zone_type: &'static str,
}

/// `AvailabilityZoneMessage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct MessageOut {
    pub message: String,
}

static ZONE_FIELDS: Fields<ZoneOut> = Fields {
    fields: &[
        ("group-long-name", |it, values| values.push(it.group_long_name.as_str())),
        ("group-name", |it, values| values.push(it.group_name.as_str())),
        ("message", |it, values| it.messages.iter().for_each(|one| values.push(one.message.as_str()))),
        ("opt-in-status", |it, values| values.push(it.opt_in_status)),
        ("parent-zone-id", |_, _| {}),
        ("parent-zone-name", |_, _| {}),
        ("region-name", |it, values| values.push(it.region_name.as_str())),
        ("state", |it, values| values.push(it.state)),
        ("zone-id", |it, values| values.push(it.zone_id.as_str())),
        ("zone-name", |it, values| values.push(it.zone_name.as_str())),
        ("zone-type", |it, values| values.push(it.zone_type)),
    ],
    tags: None,
};

/// The zones of the request's region. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>
pub fn describe_zones(cx: &Cx, _: &World, input: &DescribeAvailabilityZones) -> Result<Zones, ApiError> {
    let chosen = ZONE_FIELDS.choose(input.filters.as_deref())?;
    let names = input.zone_names.as_deref().unwrap_or_default();
    let ids = input.zone_ids.as_deref().unwrap_or_default();
    let unknown_name = names.iter().find(|name| cx.region.zone(name).is_none());
    let unknown_id = ids.iter().find(|id| cx.region.zone_by_id(id).is_none());
    if let Some(unknown) = unknown_name {
        return Err(ApiError::new("InvalidParameterValue", format!("Invalid availability zone: [{unknown}]")));
    }
    if let Some(unknown) = unknown_id {
        return Err(ApiError::new("InvalidParameterValue", format!("Invalid availability zone-id: [{unknown}]")));
    }
    let named =
        |zone: &&Zone| (names.is_empty() && ids.is_empty()) || names.contains(&zone.name) || ids.contains(&zone.id);
    let found =
        cx.region.zones.iter().filter(named).map(|zone| zone_out(cx.region, zone)).filter(|out| chosen.admit(out));
    Ok(Zones { availability_zones: found.collect() })
}

fn zone_out(region: &Region, zone: &Zone) -> ZoneOut {
    ZoneOut {
        state: "available",
        // Zones of a region that was opted in to need no further opting in.
        opt_in_status: "opt-in-not-required",
        messages: Vec::new(),
        region_name: region.name.clone(),
        zone_name: zone.name.clone(),
        zone_id: zone.id.clone(),
        group_name: region.zone_group(),
        group_long_name: format!("{} 1", region.description),
        network_border_group: region.name.clone(),
        zone_type: "availability-zone",
    }
}

/// `ModifyAvailabilityZoneGroupRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyAvailabilityZoneGroup {
    pub group_name: String,
    pub opt_in_status: String,
    pub dry_run: Option<bool>,
}

/// `ModifyAvailabilityZoneGroupResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct OptedIn {
    pub r#return: bool,
}

/// Opting in to a zone group. The one of a region's availability zones needs none, and Local and Wavelength Zones, which do, are not offered: what can be
/// asked for is there already. How AWS refuses a group that is none is not known; the refusal of opting out is quoted in the Terraform provider's tests.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyAvailabilityZoneGroup.html>
pub fn opt_in(cx: &Cx, _: &World, input: &ModifyAvailabilityZoneGroup) -> Result<OptedIn, ApiError> {
    if cx.region.zones.is_empty() || input.group_name != cx.region.zone_group() {
        let message = format!("Invalid availability zone group: [{}]", input.group_name);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if input.opt_in_status != "opted-in" {
        return Err(ApiError::new(
            "InvalidOptInStatus",
            "Opting out of Local Zones is not currently supported. Contact AWS Support for additional assistance.",
        ));
    }
    Ok(OptedIn { r#return: true })
}

/// `DescribeAccountAttributesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAccountAttributes {
    pub attribute_names: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

/// `DescribeAccountAttributesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct AccountAttributes {
    pub account_attributes: Vec<AttributeOut>,
}

/// `AccountAttribute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AttributeOut {
    pub attribute_name: String,
    pub attribute_values: Vec<AttributeValueOut>,
}

/// `AccountAttributeValue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AttributeValueOut {
    pub attribute_value: String,
}

/// Attributes with a value that is the same for every account: what AWS answers for a new one.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html>
const FIXED: [(&str, &str); 5] = [
    ("supported-platforms", "VPC"),
    ("vpc-max-security-groups-per-interface", "5"),
    ("max-elastic-ips", "5"),
    ("max-instances", "20"),
    ("vpc-max-elastic-ips", "5"),
];

/// All attributes, or those named.
pub fn describe_account_attributes(
    cx: &Cx,
    world: &World,
    input: &DescribeAccountAttributes,
) -> Result<AccountAttributes, ApiError> {
    let default_vpc =
        vpc::default_of(world, cx.account(), cx.region_name()).map_or("none".to_owned(), |vpc| vpc.id.clone());
    let fixed = FIXED.map(|(name, value)| (name, value.to_owned()));
    let names = input.attribute_names.as_deref().unwrap_or_default();
    if let Some(unknown) =
        names.iter().find(|name| *name != "default-vpc" && FIXED.iter().all(|(known, _)| known != name))
    {
        let message = format!("Value ({unknown}) for parameter attributeName is invalid. Unknown attribute.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let attributes = fixed.into_iter().chain([("default-vpc", default_vpc)]);
    let wanted = attributes.filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name));
    let out = |(name, value): (&str, String)| AttributeOut {
        attribute_name: name.to_owned(),
        attribute_values: vec![AttributeValueOut { attribute_value: value }],
    };
    Ok(AccountAttributes { account_attributes: wanted.map(out).collect() })
}
