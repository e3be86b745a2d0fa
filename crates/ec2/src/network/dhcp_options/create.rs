//! CreateDhcpOptions, DeleteDhcpOptions and AssociateDhcpOptions. A set cannot be changed, only another one associated.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html>

use std::net::{IpAddr, Ipv4Addr};

use service::prelude::*;

use super::{DhcpOptions, DhcpOptionsOut, out};
use crate::kind;
use crate::network::Settled;
use crate::network::layout::{self, Place};
use crate::network::vpc::Vpc;
use crate::refused::{invalid, missing};
use crate::resource;
use crate::tags::{self, TagSpecification};

/// What AssociateDhcpOptions calls having no set.
pub const NONE: &str = "default";

/// The options there are.
const KNOWN: [&str; 6] = [
    "domain-name",
    "domain-name-servers",
    "ipv6-address-preferred-lease-time",
    "netbios-name-servers",
    "netbios-node-type",
    "ntp-servers",
];

/// Servers of one kind.
const MOST_SERVERS: usize = 4;
const LONGEST_DOMAIN: usize = 255;

/// `CreateDhcpOptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateDhcpOptions {
    pub dhcp_configurations: Vec<NewConfiguration>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `NewDhcpConfiguration`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct NewConfiguration {
    pub key: Option<String>,
    #[serde(default)]
    pub values: Vec<String>,
}

/// `CreateDhcpOptionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub dhcp_options: DhcpOptionsOut,
}

/// `DeleteDhcpOptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteDhcpOptions {
    pub dhcp_options_id: String,
    pub dry_run: Option<bool>,
}

/// `AssociateDhcpOptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AssociateDhcpOptions {
    pub dhcp_options_id: String,
    pub vpc_id: String,
    pub dry_run: Option<bool>,
}

/// CreateDhcpOptions on a set to come, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreateDhcpOptions) -> Vec<Check> {
    resource::checks_on_new(cx, &kind::DHCP_OPTIONS, input.tag_specifications.as_deref(), "CreateDhcpOptions", None)
}

/// Makes a set. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html>
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateDhcpOptions) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::DHCP_OPTIONS.resource_type)?;
    let configurations = merged(&input.dhcp_configurations)?;
    if configurations.is_empty() {
        return Err(missing("dhcpConfigurations"));
    }
    configurations.iter().try_for_each(|(key, values)| must_fit(key, values))?;
    let options = DhcpOptions {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::DHCP_OPTIONS.prefix),
        configurations,
        tags,
    };
    let created = Created { dhcp_options: out(&options) };
    tx.put(options);
    Ok(created)
}

/// The options with their values: those that come twice are one, and values with commas are several.
fn merged(given: &[NewConfiguration]) -> Result<Vec<(String, Vec<String>)>, ApiError> {
    let mut merged: Vec<(String, Vec<String>)> = Vec::new();
    for one in given {
        let key = one.key.as_deref().ok_or_else(|| missing("dhcpConfiguration.key"))?;
        if !KNOWN.contains(&key) {
            return Err(invalid(format!("Value ({key}) for parameter name is invalid. Unknown DHCP option")));
        }
        let values = one.values.iter().flat_map(|value| value.split(',')).map(str::to_owned);
        match merged.iter_mut().find(|(known, _)| known == key) {
            Some((_, held)) => held.extend(values),
            None => merged.push((key.to_owned(), values.collect())),
        }
    }
    Ok(merged)
}

/// What each option may be, as was seen of AWS in September 2026: nearly any domain, node types of one byte.
fn must_fit(key: &str, values: &[String]) -> Result<(), ApiError> {
    if values.is_empty() || values.iter().any(String::is_empty) {
        return Err(bad_value(&format!("empty string for '{key}' is not allowed")));
    }
    let are_proper = |most: usize, is_proper: fn(&str) -> bool| match values.iter().find(|value| !is_proper(value)) {
        Some(wrong) if values.len() <= most => Err(bad_value(wrong)),
        None if values.len() <= most => Ok(()),
        _ => Err(bad_value(&values.join(","))),
    };
    match key {
        "netbios-node-type" => are_proper(1, |value| value.parse::<i8>().is_ok()),
        "netbios-name-servers" => are_proper(MOST_SERVERS, |value| value.parse::<Ipv4Addr>().is_ok()),
        "ntp-servers" => are_proper(MOST_SERVERS, |value| value.parse::<IpAddr>().is_ok()),
        "domain-name-servers" => {
            are_proper(MOST_SERVERS, |value| value == "AmazonProvidedDNS" || value.parse::<IpAddr>().is_ok())
        }
        "ipv6-address-preferred-lease-time" => {
            are_proper(1, |_| true)?;
            values.iter().try_for_each(|value| lease_must_fit(key, value))
        }
        _ => are_proper(usize::MAX, |value| value.len() <= LONGEST_DOMAIN),
    }
}

fn lease_must_fit(key: &str, value: &str) -> Result<(), ApiError> {
    match value.parse::<i64>() {
        Ok(140..=2_147_483_647) => Ok(()),
        Ok(_) => Err(bad_value(&format!("'{value}' for '{key}' is out of bounds"))),
        Err(_) => Err(bad_value(&format!("'{value}' for '{key}' is not allowed"))),
    }
}

fn bad_value(what: &str) -> ApiError {
    invalid(format!("Value ({what}) for parameter value is invalid. Invalid DHCP option value."))
}

/// DeleteDhcpOptions on the set.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteDhcpOptions) -> Vec<Check> {
    vec![resource::check_on::<DhcpOptions>(cx, world, &input.dhcp_options_id)]
}

/// Removes a set that no VPC uses, which a dry run does not look for; that there is such a set it does. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteDhcpOptions.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteDhcpOptions) -> Result<Done, ApiError> {
    let id = &input.dhcp_options_id;
    kind::DHCP_OPTIONS.must_be_id(id)?;
    // Other operations call it by another name.
    let unknown =
        || ApiError::new("InvalidDhcpOptionsID.NotFound", format!("The dhcpOptions ID '{id}' does not exist"));
    let options = resource::look_up::<DhcpOptions>(tx, cx, id).ok_or_else(unknown)?;
    let parts = [options.account.as_str(), &options.region, &options.id];
    let is_dry = input.dry_run == Some(true);
    if !is_dry && tx.one::<Vpc>(Vpc::BY_DHCP_OPTIONS, &parts).is_some() {
        return Err(resource::has_dependencies("dhcpOptions", &options.id));
    }
    resource::remove::<DhcpOptions>(tx, cx, &options.id);
    Ok(Done {})
}

/// AssociateDhcpOptions on the set and the VPC; that there is to be no set is checked as a set called `default`.
pub fn to_associate(cx: &Cx, world: &World, input: &AssociateDhcpOptions) -> Vec<Check> {
    vec![
        resource::check_on::<DhcpOptions>(cx, world, &input.dhcp_options_id),
        resource::check_on::<Vpc>(cx, world, &input.vpc_id),
    ]
}

/// From now on the VPC's instances are told these options.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html>
pub fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateDhcpOptions) -> Result<Done, ApiError> {
    let id = &input.dhcp_options_id;
    if id != NONE {
        resource::get::<DhcpOptions>(tx, cx, id)?;
    }
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    resource::update::<Vpc>(tx, cx, &vpc.id, |vpc| vpc.dhcp_options_id.clone_from(id));
    Ok(Done {})
}

/// The id of the set that new VPCs of the region get; it is made anew where somebody deleted it.
pub fn default_of(cx: &Cx, tx: &mut Tx) -> String {
    let (account, region) = (cx.account(), cx.region_name());
    let known = tx.get::<Settled>(&[account.as_str(), region]).map(|settled| settled.dhcp_options_id.clone());
    if let Some(known) = known.filter(|id| resource::look_up::<DhcpOptions>(tx, cx, id).is_some()) {
        return known;
    }
    let options = layout::dhcp_options(&Place::of(cx));
    let id = options.id.clone();
    tx.update::<Settled>(&[account.as_str(), region], |settled| settled.dhcp_options_id.clone_from(&id));
    tx.put(options);
    id
}
