//! AllocateHosts. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateHosts.html>

use service::cx::Quotas;
use service::prelude::*;
use service::regions::Zone;

use super::{Host, family_of, family_types};
use crate::catalogue::instance_types;
use crate::instance::client_token;
use crate::kind;
use crate::refused::missing;
use crate::region;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `AllocateHostsRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AllocateHosts {
    pub instance_family: Option<String>,
    pub instance_type: Option<String>,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub quantity: Option<i64>,
    pub auto_placement: Option<String>,
    pub host_recovery: Option<String>,
    pub host_maintenance: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub client_token: Option<String>,
}

/// `AllocateHostsResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Allocated {
    pub host_ids: Vec<String>,
}

/// AllocateHosts on hosts to come, and the tags.
pub fn to_allocate(cx: &Cx, _: &World, input: &AllocateHosts) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let own = resource::check_on_new(cx, &kind::DEDICATED_HOST, specifications)
        .key("ec2:AutoPlacement", input.auto_placement.as_deref().unwrap_or("off"))
        .key_if("ec2:AvailabilityZone", zone(cx, input).ok().map(|zone| zone.name.as_str()))
        .key("ec2:HostRecovery", input.host_recovery.as_deref().unwrap_or("off"))
        .key_if("ec2:InstanceType", input.instance_type.as_deref())
        .key("ec2:Quantity", input.quantity.unwrap_or(1).to_string());
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), "AllocateHosts");
    std::iter::once(own).chain(tagging).collect()
}

/// A type or a family, and how many.
pub fn check(cx: &Cx, _: &World, input: &AllocateHosts) -> Result<(), ApiError> {
    match (&input.instance_type, &input.instance_family) {
        (Some(_), Some(_)) => {
            let message = "You can specify either an instance type or an instance family, but not both.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        (None, None) => return Err(missing("instanceType or instanceFamily")),
        _ => {}
    }
    let quantity = input.quantity.unwrap_or(1);
    if quantity < 1 {
        return Err(ApiError::new("InvalidQuantity", "The specified quantity of Dedicated Hosts is not valid."));
    }
    if quantity > MOST_AT_ONCE {
        let message = format!("Dedicated host limit exceeded: {quantity} were requested, {MOST_AT_ONCE} are possible.");
        return Err(ApiError::new("HostLimitExceeded", message));
    }
    zone(cx, input).map(drop)
}

fn zone(cx: &Cx, input: &AllocateHosts) -> Result<&'static Zone, ApiError> {
    let (name, id) = (input.availability_zone.as_deref(), input.availability_zone_id.as_deref());
    region::zone(cx, name, id, region::no_such_zone)
}

/// The family that a type or family names, which must run on hosts. Both refusals are recorded at AWS.
pub fn family(instance_type: Option<&str>, family: Option<&str>) -> Result<String, ApiError> {
    let named = family.or(instance_type).unwrap_or_default();
    let hosted = match instance_type {
        Some(name) => instance_types::get(name).is_some_and(|kind| kind.dedicated_hosts_supported == Some(true)),
        None => family_types(named).next().is_some(),
    };
    if hosted {
        return Ok(family_of(named).to_owned());
    }
    if instance_type.is_none() {
        let message = format!("The instance family '{named}' is not supported.");
        return Err(ApiError::new("InvalidHostConfiguration", message));
    }
    let message = "The requested configuration is currently not supported. Please check the documentation for supported configurations.";
    Err(ApiError::new("UnsupportedHostConfiguration", message))
}

/// The zone must have the type, or one of the family.
fn must_be_offered(cx: &Cx, input: &AllocateHosts, family: &str, zone: &str) -> Result<(), ApiError> {
    let offered = |name: &str| instance_types::offered_in_zone(cx.region_name(), zone, name);
    let has = match &input.instance_type {
        Some(name) => offered(name),
        None => family_types(family).any(|kind| offered(&kind.instance_type)),
    };
    if has {
        return Ok(());
    }
    let what = input.instance_type.as_deref().unwrap_or(family);
    let message =
        format!("Your requested instance type ({what}) is not supported in your requested Availability Zone ({zone}).");
    Err(ApiError::new("UnsupportedHostConfiguration", message))
}

/// AWS lets an account have two hosts of a family in a region, until it asks for more.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-hosts-overview.html>
const QUOTA: i64 = 2;

fn must_be_within_quota(cx: &Cx, world: &World, family: &str, more: i64) -> Result<(), ApiError> {
    let held = || super::of_family(cx, world, family).filter(|host| host.released_at.is_none()).count();
    if cx.settings.quotas == Quotas::None || i64::try_from(held()).unwrap_or(QUOTA) + more <= QUOTA {
        return Ok(());
    }
    let message = format!(
        "Dedicated host limit exceeded: {more} more of the family {family} were requested, {QUOTA} are possible in all."
    );
    Err(ApiError::new("HostLimitExceeded", message))
}

/// More in one request would keep the state busy.
const MOST_AT_ONCE: i64 = 1_000;

/// Allocates hosts, or answers again what the same client token allocated.
pub fn allocate(cx: &Cx, tx: &mut Tx, input: &AllocateHosts) -> Result<Allocated, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&AllocateHosts { client_token: None, ..input.clone() });
    if let Some(host_ids) = client_token::seen(cx, tx, "AllocateHosts", token, &digest)? {
        return Ok(Allocated { host_ids });
    }
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::DEDICATED_HOST.resource_type)?;
    let family = family(input.instance_type.as_deref(), input.instance_family.as_deref())?;
    let zone = zone(cx, input)?;
    must_be_offered(cx, input, &family, &zone.name)?;
    must_be_within_quota(cx, tx, &family, input.quantity.unwrap_or(1))?;
    let mut host_ids = Vec::new();
    for _ in 0..input.quantity.unwrap_or(1) {
        let host = Host {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            id: cx.ids.ec2(kind::DEDICATED_HOST.prefix),
            instance_type: input.instance_type.clone(),
            family: family.clone(),
            zone: zone.name.clone(),
            zone_id: zone.id.clone(),
            auto_placement: input.auto_placement.as_deref() == Some("on"),
            recovery: input.host_recovery.as_deref() == Some("on"),
            maintenance: input.host_maintenance.as_deref() == Some("on"),
            client_token: input.client_token.clone(),
            allocated_at: cx.now_seconds(),
            released_at: None,
            tags: tags.clone(),
        };
        host_ids.push(host.id.clone());
        tx.put(host);
    }
    client_token::remember(cx, tx, "AllocateHosts", token, digest, host_ids.clone());
    Ok(Allocated { host_ids })
}
