//! DescribeInstanceTypes and DescribeInstanceTypeOfferings, out of the catalogue.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html>
//!
//! A filter of DescribeInstanceTypes is the path of a member of the answer, so filters are matched by that path and not by 56 functions: [`Path`].

use serde_json::Value;
use service::filters::{Fields, Filter, glob};
use service::paging;
use service::prelude::*;

use crate::catalogue::instance_types::{self, InstanceType};

/// `DescribeInstanceTypesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceTypes {
    pub instance_types: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    /// Types that other regions offer, too.
    pub include_unsupported_in_region: Option<bool>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceTypesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Types {
    pub instance_types: Vec<InstanceType>,
    pub next_token: Option<String>,
}

/// What EC2 answers at once when no size is asked for.
const PAGE: i64 = 100;

/// The types that the region offers and that pass the filters, or those named.
pub fn describe(cx: &Cx, _: &World, input: &DescribeInstanceTypes) -> Result<Types, ApiError> {
    let wanted = wanted(input.filters.as_deref().unwrap_or_default())?;
    let everywhere = input.include_unsupported_in_region == Some(true);
    let found = candidates(cx, input.instance_types.as_deref().unwrap_or_default(), everywhere)?;
    let found = found.into_iter().filter(|kind| admits(kind, &wanted));
    let scope = format!("instance-types {everywhere} {:?}", input.filters);
    let size = input.max_results.or(Some(PAGE));
    let page = paging::ec2(&scope, input.next_token.as_deref(), size, found, |kind| kind.instance_type.clone())?;
    Ok(Types { instance_types: page.items.into_iter().map(|kind| told(cx, kind)).collect(), next_token: page.next })
}

/// The type, and what the answer tells besides (recorded of AWS, September 2026). What may be on the cards of a type with EFA is not recorded, and
/// so not told.
fn told(cx: &Cx, kind: &InstanceType) -> InstanceType {
    let supported_in_region = Some(instance_types::offered_in(cx.region_name(), &kind.instance_type));
    let mut kind = InstanceType { supported_in_region, ..kind.clone() };
    let plain = kind.network_info.iter_mut().filter(|network| network.efa_supported == Some(false));
    for card in plain.filter_map(|network| network.network_cards.as_mut()).flatten() {
        card.interface_types = Some(vec!["interface".to_owned()]);
    }
    kind
}

fn candidates(cx: &Cx, names: &[String], everywhere: bool) -> Result<Vec<&'static InstanceType>, ApiError> {
    let offered = |name: &str| everywhere || instance_types::offered_in(cx.region_name(), name);
    if names.is_empty() {
        let mut all: Vec<_> = instance_types::all().iter().filter(|kind| offered(&kind.instance_type)).collect();
        all.sort_by(|a, b| a.instance_type.cmp(&b.instance_type));
        return Ok(all);
    }
    let missing: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| instance_types::get(name).is_none() || !offered(name)).collect();
    if !missing.is_empty() {
        return Err(unknown(&missing));
    }
    let mut found: Vec<_> = names.iter().filter_map(|name| instance_types::get(name)).collect();
    found.sort_by(|a, b| a.instance_type.cmp(&b.instance_type));
    found.dedup_by(|a, b| a.instance_type == b.instance_type);
    Ok(found)
}

/// The refusal of names that no instance type has.
pub fn unknown(names: &[&str]) -> ApiError {
    let message = format!("The following supplied instance types do not exist: [{}]", names.join(", "));
    ApiError::new("InvalidInstanceType", message)
}

/// The members that a filter names, outermost first.
type Path = Vec<&'static str>;

/// A filter's path and the values that suffice.
type Wanted<'a> = Vec<(Path, &'a [String])>;

/// The documented filters. A dot goes one level down, a dash is an underscore; where the member is a list its name has an `s` more.
const FILTERS: &[&str] = &[
    "auto-recovery-supported",
    "bare-metal",
    "burstable-performance-supported",
    "current-generation",
    "dedicated-hosts-supported",
    "ebs-info.attachment-limit-type",
    "ebs-info.maximum-ebs-attachments",
    "ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps",
    "ebs-info.ebs-optimized-info.baseline-iops",
    "ebs-info.ebs-optimized-info.baseline-throughput-in-mbps",
    "ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps",
    "ebs-info.ebs-optimized-info.maximum-iops",
    "ebs-info.ebs-optimized-info.maximum-throughput-in-mbps",
    "ebs-info.ebs-optimized-support",
    "ebs-info.encryption-support",
    "ebs-info.nvme-support",
    "free-tier-eligible",
    "hibernation-supported",
    "hypervisor",
    "instance-storage-info.disk.count",
    "instance-storage-info.disk.size-in-gb",
    "instance-storage-info.disk.type",
    "instance-storage-info.encryption-support",
    "instance-storage-info.nvme-support",
    "instance-storage-info.total-size-in-gb",
    "instance-storage-supported",
    "instance-type",
    "memory-info.size-in-mib",
    "network-info.bandwidth-weightings",
    "network-info.efa-info.maximum-efa-interfaces",
    "network-info.efa-supported",
    "network-info.ena-support",
    "network-info.flexible-ena-queues-support",
    "network-info.encryption-in-transit-supported",
    "network-info.ipv4-addresses-per-interface",
    "network-info.ipv6-addresses-per-interface",
    "network-info.ipv6-supported",
    "network-info.maximum-network-cards",
    "network-info.maximum-network-interfaces",
    "network-info.network-performance",
    "nitro-enclaves-support",
    "nitro-tpm-support",
    "nitro-tpm-info.supported-versions",
    "processor-info.supported-architecture",
    "processor-info.sustained-clock-speed-in-ghz",
    "processor-info.supported-features",
    "reboot-migration-support",
    "supported-boot-mode",
    "supported-root-device-type",
    "supported-usage-class",
    "supported-virtualization-type",
    "vcpu-info.default-cores",
    "vcpu-info.default-threads-per-core",
    "vcpu-info.default-vcpus",
    "vcpu-info.valid-cores",
    "vcpu-info.valid-threads-per-core",
];

fn wanted(filters: &[Filter]) -> Result<Wanted<'_>, ApiError> {
    let path = |filter: &Filter| -> Result<Path, ApiError> {
        let name = filter.name.as_deref().unwrap_or_default();
        let known = FILTERS.iter().find(|known| **known == name);
        let known =
            known.ok_or_else(|| ApiError::new("InvalidParameterValue", format!("The filter '{name}' is invalid")))?;
        Ok(known.split('.').collect())
    };
    filters.iter().map(|filter| Ok((path(filter)?, filter.values.as_deref().unwrap_or_default()))).collect()
}

fn admits(kind: &InstanceType, wanted: &Wanted<'_>) -> bool {
    let mut rendered = None;
    wanted.iter().all(|(path, patterns)| {
        let admitted = |text: &str| patterns.iter().any(|pattern| glob(pattern, text));
        if path.as_slice() == ["instance-type"] {
            return admitted(&kind.instance_type);
        }
        let document = rendered.get_or_insert_with(|| serde_json::to_value(kind).unwrap_or_default());
        let mut found = Vec::new();
        collect(document, path, &mut found);
        found.iter().any(|text| admitted(text))
    })
}

/// The texts under a path; lists on the way are walked through.
fn collect(value: &Value, path: &[&str], found: &mut Vec<String>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| collect(item, path, found)),
        (Value::Object(members), [first, rest @ ..]) => {
            members
                .iter()
                .filter(|(name, _)| is_named(name, first))
                .for_each(|(_, member)| collect(member, rest, found));
        }
        (Value::String(text), []) => found.push(text.clone()),
        (Value::Bool(_) | Value::Number(_), []) => found.push(value.to_string()),
        _ => {}
    }
}

/// Whether a member is the one that the filter names: letters and digits decide, and a list may have an `s` more.
fn is_named(member: &str, filter: &str) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let (member, filter) = (letters(member), letters(filter));
    member == filter || member.strip_suffix('s') == Some(&filter) || member.strip_suffix("es") == Some(&filter)
}

/// `DescribeInstanceTypeOfferingsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInstanceTypeOfferings {
    pub location_type: Option<String>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInstanceTypeOfferingsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Offerings {
    pub instance_type_offerings: Vec<Offering>,
    pub next_token: Option<String>,
}

/// `InstanceTypeOffering`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct Offering {
    pub instance_type: &'static str,
    pub location_type: &'static str,
    pub location: &'static str,
}

static OFFERING_FIELDS: Fields<Offering> = Fields {
    fields: &[
        ("instance-type", |it, values| values.push(it.instance_type)),
        ("location", |it, values| values.push(it.location)),
    ],
    tags: None,
};

/// Which types there are where. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html>
pub fn offerings(cx: &Cx, _: &World, input: &DescribeInstanceTypeOfferings) -> Result<Offerings, ApiError> {
    let chosen = OFFERING_FIELDS.choose(input.filters.as_deref())?;
    let kind = input.location_type.as_deref().unwrap_or("region");
    let mut found: Vec<_> = instance_types::names().iter().flat_map(|name| offered(cx, kind, name)).collect();
    found.retain(|offering| chosen.admit(offering));
    found.sort_by_key(|offering| (offering.instance_type, offering.location));
    let scope = format!("offerings {kind} {:?}", input.filters);
    let size = input.max_results.or(Some(1000));
    let key = |it: &Offering| format!("{} {}", it.instance_type, it.location);
    let page = paging::ec2(&scope, input.next_token.as_deref(), size, found, key)?;
    Ok(Offerings { instance_type_offerings: page.items, next_token: page.next })
}

/// The places of that kind that offer a type. Nothing is offered in outposts: there are none.
fn offered(cx: &Cx, kind: &str, name: &'static str) -> Vec<Offering> {
    let in_zone =
        |zone: &&'static service::regions::Zone| instance_types::offered_in_zone(cx.region_name(), &zone.name, name);
    let zones = cx.region.zones.iter().filter(in_zone);
    let offering = |location_type, location| Offering { instance_type: name, location_type, location };
    match kind {
        "availability-zone" => zones.map(|zone| offering("availability-zone", zone.name.as_str())).collect(),
        "availability-zone-id" => zones.map(|zone| offering("availability-zone-id", zone.id.as_str())).collect(),
        "region" if instance_types::offered_in(cx.region_name(), name) => vec![offering("region", cx.region_name())],
        _ => Vec::new(),
    }
}
