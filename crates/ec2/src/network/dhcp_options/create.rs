//! CreateDhcpOptions, DeleteDhcpOptions and AssociateDhcpOptions. A set cannot be changed, only another one associated.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html>

use service::prelude::*;

use super::{DhcpOptions, DhcpOptionsOut, out};
use crate::kind;
use crate::network::Settled;
use crate::network::layout::{self, Place};
use crate::network::vpc::Vpc;
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// What AssociateDhcpOptions calls having no set.
pub const NONE: &str = "default";

/// The options there are, and how many values each may have.
const KNOWN: [(&str, usize); 6] = [
    ("domain-name", 1),
    ("domain-name-servers", 4),
    ("ipv6-address-preferred-lease-time", 1),
    ("netbios-name-servers", 4),
    ("netbios-node-type", 1),
    ("ntp-servers", 4),
];

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
    let configurations = input.dhcp_configurations.iter().map(configuration).collect::<Result<Vec<_>, _>>()?;
    if configurations.is_empty() {
        return Err(missing("dhcpConfiguration"));
    }
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

/// One option, checked.
fn configuration(given: &NewConfiguration) -> Result<(String, Vec<String>), ApiError> {
    let key = given.key.as_deref().ok_or_else(|| missing("dhcpConfiguration.key"))?;
    let invalid = |value: &str, parameter: &str, reason: &str| {
        let message = format!("Value ({value}) for parameter {parameter} is invalid. {reason}");
        ApiError::new("InvalidParameterValue", message)
    };
    let Some((_, most)) = KNOWN.iter().find(|(known, _)| *known == key) else {
        return Err(invalid(key, "name", "Unknown DHCP option"));
    };
    if given.values.is_empty() {
        return Err(missing("dhcpConfiguration.value"));
    }
    if given.values.len() > *most {
        return Err(invalid(&given.values.join(", "), key, &format!("At most {most} values are allowed.")));
    }
    let is_proper = |value: &&String| match key {
        "netbios-node-type" => matches!(value.as_str(), "1" | "2" | "4" | "8"),
        "netbios-name-servers" => value.parse::<std::net::Ipv4Addr>().is_ok(),
        "ntp-servers" => value.parse::<std::net::IpAddr>().is_ok(),
        "domain-name-servers" => *value == "AmazonProvidedDNS" || value.parse::<std::net::IpAddr>().is_ok(),
        "ipv6-address-preferred-lease-time" => {
            value.parse::<u64>().is_ok_and(|seconds| (140..=2_147_483_647).contains(&seconds))
        }
        _ => !value.is_empty(),
    };
    match given.values.iter().find(|value| !is_proper(value)) {
        Some(value) if key == "netbios-node-type" => {
            Err(invalid(value, key, "NetBIOS node type must be 1, 2, 4, or 8."))
        }
        Some(value) => Err(invalid(value, key, "This is not a valid value.")),
        None => Ok((key.to_owned(), given.values.clone())),
    }
}

/// DeleteDhcpOptions on the set.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteDhcpOptions) -> Vec<Check> {
    vec![resource::check_on::<DhcpOptions>(cx, world, &input.dhcp_options_id)]
}

/// Removes a set that no VPC uses. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteDhcpOptions.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteDhcpOptions) -> Result<Done, ApiError> {
    let options = resource::get::<DhcpOptions>(tx, cx, &input.dhcp_options_id)?;
    let parts = [options.account.as_str(), &options.region, &options.id];
    if tx.one::<Vpc>(Vpc::BY_DHCP_OPTIONS, &parts).is_some() {
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
