//! CreateNetworkInterface and DeleteNetworkInterface.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>

use std::net::Ipv4Addr;

use service::cx::Quotas;
use service::prelude::*;

use super::assign::{how_many, parse, wish};
use super::describe::{InterfaceOut, OperatorOut, out};
use super::{More, NetworkInterface, NewInterface, trunk};
use crate::family::mirror;
use crate::instance::client_token;
use crate::instance::run::network::group_in;
use crate::kind;
use crate::network::must_have_room;
use crate::network::security_group;
use crate::network::subnet::{self, Subnet};
use crate::refused::invalid;
use crate::resource;
use crate::tags::{self, TagSpecification};

const SCOPE: &str = "CreateNetworkInterface";
/// How many groups an interface may be in: at first, and at most when the quota was raised.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups>
const GROUPS: usize = 5;
const MOST_GROUPS: usize = 16;

/// `CreateNetworkInterfaceRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateNetworkInterface {
    pub subnet_id: String,
    pub description: Option<String>,
    pub private_ip_address: Option<String>,
    #[serde(default)]
    pub private_ip_addresses: Vec<AddressWish>,
    pub secondary_private_ip_address_count: Option<i64>,
    #[serde(default)]
    pub ipv4_prefixes: Vec<Ipv4PrefixWish>,
    pub ipv4_prefix_count: Option<i64>,
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Wish>,
    pub ipv6_address_count: Option<i64>,
    #[serde(default)]
    pub ipv6_prefixes: Vec<Ipv6PrefixWish>,
    pub ipv6_prefix_count: Option<i64>,
    pub enable_primary_ipv6: Option<bool>,
    #[serde(default)]
    pub groups: Vec<String>,
    /// `branch`, `trunk`, `efa`; a usual one if nothing is said.
    pub interface_type: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub client_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `PrivateIpAddressSpecification`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AddressWish {
    pub primary: Option<bool>,
    pub private_ip_address: Option<String>,
}

/// `InstanceIpv6Address`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct Ipv6Wish {
    pub ipv6_address: Option<String>,
    pub is_primary_ipv6: Option<bool>,
}

/// `Ipv4PrefixSpecificationRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct Ipv4PrefixWish {
    pub ipv4_prefix: Option<String>,
}

/// `Ipv6PrefixSpecificationRequest`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct Ipv6PrefixWish {
    pub ipv6_prefix: Option<String>,
}

/// What a request can say of IPv6 addresses and prefixes, be it for a launch or for an interface alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct MoreWishes<'a> {
    pub ipv6_addresses: &'a [Ipv6Wish],
    pub ipv6_address_count: Option<i64>,
    pub primary_ipv6: Option<bool>,
    pub ipv4_prefixes: &'a [Ipv4PrefixWish],
    pub ipv4_prefix_count: Option<i64>,
    pub ipv6_prefixes: &'a [Ipv6PrefixWish],
    pub ipv6_prefix_count: Option<i64>,
}

impl MoreWishes<'_> {
    /// The same in types. The address that is to be the primary one comes first.
    pub fn read(&self) -> Result<More, ApiError> {
        let first = |one: &&Ipv6Wish| one.is_primary_ipv6 != Some(true);
        let mut addresses: Vec<&Ipv6Wish> = self.ipv6_addresses.iter().collect();
        addresses.sort_by_key(first);
        let addresses: Vec<String> = addresses.iter().filter_map(|one| one.ipv6_address.clone()).collect();
        let ipv4: Vec<String> = self.ipv4_prefixes.iter().filter_map(|one| one.ipv4_prefix.clone()).collect();
        let ipv6: Vec<String> = self.ipv6_prefixes.iter().filter_map(|one| one.ipv6_prefix.clone()).collect();
        let given = !addresses.is_empty() || self.ipv6_address_count.is_some();
        let names = ("ipv6Addresses", "ipv6AddressCount");
        let wanted = wish(&addresses, self.ipv6_address_count, names)?;
        let certain = self.ipv6_addresses.iter().any(|one| one.is_primary_ipv6 == Some(true));
        Ok(More {
            ipv6: given.then_some(wanted),
            primary_ipv6: certain || self.primary_ipv6 == Some(true),
            ipv4_prefixes: wish(&ipv4, self.ipv4_prefix_count, ("ipv4Prefix", "ipv4PrefixCount"))?,
            ipv6_prefixes: wish(&ipv6, self.ipv6_prefix_count, ("ipv6Prefix", "ipv6PrefixCount"))?,
        })
    }
}

impl CreateNetworkInterface {
    fn more(&self) -> MoreWishes<'_> {
        MoreWishes {
            ipv6_addresses: &self.ipv6_addresses,
            ipv6_address_count: self.ipv6_address_count,
            primary_ipv6: self.enable_primary_ipv6,
            ipv4_prefixes: &self.ipv4_prefixes,
            ipv4_prefix_count: self.ipv4_prefix_count,
            ipv6_prefixes: &self.ipv6_prefixes,
            ipv6_prefix_count: self.ipv6_prefix_count,
        }
    }
}

/// `CreateNetworkInterfaceResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub network_interface: InterfaceOut,
    /// Never told, as was seen of AWS in September 2026.
    pub client_token: Option<String>,
}

/// `DeleteNetworkInterfaceRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteNetworkInterface {
    pub network_interface_id: String,
    pub dry_run: Option<bool>,
}

/// CreateNetworkInterface on an interface to come, its subnet and its groups, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateNetworkInterface) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    let subnet = subnet::check_on(cx, world, &input.subnet_id);
    let groups = input.groups.iter().map(|id| security_group::check_on(cx, world, id));
    let inside = std::iter::once(subnet).chain(groups);
    resource::checks_on_new(cx, &kind::NETWORK_INTERFACE, specifications, SCOPE, inside)
}

/// Makes an interface that is attached to nothing, or answers again what the same client token made before.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateNetworkInterface) -> Result<Created, ApiError> {
    let token = input.client_token.as_deref();
    let digest = client_token::digest(&CreateNetworkInterface { client_token: None, dry_run: None, ..input.clone() });
    if let Some(made) = client_token::again::<NetworkInterface>(cx, tx, SCOPE, token, &digest)? {
        return Ok(created(cx, tx, &made));
    }
    input.interface_type.as_deref().map_or(Ok(()), trunk::must_be_made)?;
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::NETWORK_INTERFACE.resource_type)?;
    let subnet = subnet::get(tx, cx, &input.subnet_id)?;
    let groups = groups(cx, tx, &input.groups, &subnet, elsewhere)?;
    let (address, secondary) = addresses(input)?;
    let more = input.more().read()?;
    let held = || tx.count::<NetworkInterface>(&[cx.account().as_str(), cx.region_name()]);
    must_have_room(cx, held, 5000, "NetworkInterfaceLimitExceeded", "network interfaces")?;
    let count = how_many(input.secondary_private_ip_address_count, "secondaryPrivateIpAddressCount")?;
    let new = NewInterface {
        subnet,
        groups,
        address,
        secondary,
        secondary_count: count,
        description: input.description.clone().unwrap_or_default(),
        attachment: None,
        public_address: false,
        tags,
    };
    let made = super::create_with(cx, tx, new, &more).map_err(in_use)?;
    let interface = NetworkInterface {
        interface_type: input.interface_type.clone().filter(|wanted| wanted != trunk::USUAL),
        requester_id: Some(cx.caller.user_id()),
        ..made
    };
    tx.put(interface.clone());
    client_token::remember(cx, tx, SCOPE, token, digest, vec![interface.id.clone()]);
    Ok(created(cx, tx, &interface))
}

fn created(cx: &Cx, world: &World, interface: &NetworkInterface) -> Created {
    let out = out(cx, world, interface);
    let operator = OperatorOut { hidden_by_default: None, ..out.operator };
    let public_dns_name = out.public_dns_name.filter(|name| !name.is_empty());
    let network_interface = InterfaceOut { status: "pending", operator, public_dns_name, ..out };
    Created { network_interface, client_token: None }
}

/// Recorded at AWS: a launch names the address, CreateNetworkInterface does not.
fn in_use(error: ApiError) -> ApiError {
    if error.code == "InvalidIPAddress.InUse" {
        return ApiError::new("InvalidIPAddress.InUse", "The specified address is already in use.");
    }
    error
}

/// A group of another network has one code in a launch and another here (recorded at AWS).
fn elsewhere(error: ApiError) -> ApiError {
    if error.code == "InvalidParameter" { invalid(error.message.as_str()) } else { error }
}

/// A change names neither the group of another network nor the subnet (recorded of AWS, September 2026).
pub(super) fn changed_elsewhere(error: ApiError) -> ApiError {
    match error.code.as_ref() {
        "InvalidParameter" => ApiError::new(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ),
        _ => error,
    }
}

/// An interface may not be in more groups than that.
pub fn must_be_in_few(cx: &Cx, groups: usize) -> Result<(), ApiError> {
    let most = if cx.settings.quotas == Quotas::None { MOST_GROUPS } else { GROUPS };
    if groups <= most {
        return Ok(());
    }
    let message = "You have exceeded the maximum number of security groups allowed per network interface.";
    Err(ApiError::new("SecurityGroupsPerInterfaceLimitExceeded", message))
}

/// The groups named, which belong to the subnet's VPC; none named: its default group.
pub(super) fn groups(
    cx: &Cx,
    world: &World,
    wanted: &[String],
    subnet: &Subnet,
    elsewhere: fn(ApiError) -> ApiError,
) -> Result<Vec<String>, ApiError> {
    must_be_in_few(cx, wanted.len())?;
    if wanted.is_empty() {
        let default = security_group::default_of_vpc(world, cx, &subnet.vpc_id);
        return Ok(default.iter().map(|group| group.id.clone()).collect());
    }
    let group = |id: &String| {
        let held = group_in(cx, world, id, &subnet.vpc_id, &subnet.id).map_err(elsewhere)?;
        Ok(held.id.clone())
    };
    wanted.iter().map(group).collect()
}

/// The primary address wanted, and the secondary ones.
fn addresses(input: &CreateNetworkInterface) -> Result<(Option<Ipv4Addr>, Vec<Ipv4Addr>), ApiError> {
    let primary = |wish: &&AddressWish| wish.primary == Some(true);
    let prefixes = input.ipv4_prefix_count.is_some() || !input.ipv4_prefixes.is_empty();
    let others = input.private_ip_addresses.iter().any(|wish| !primary(&wish));
    let kinds = [prefixes, others, input.secondary_private_ip_address_count.is_some()];
    if kinds.into_iter().filter(|given| *given).count() > 1 {
        // Seen in September 2026, the one name twice.
        let message = "You can specify one and only one secondaryPrivateIpAddressCount or secondaryPrivateIpAddressCount or ipv4Prefixes or ipv4PrefixCount.";
        return Err(invalid(message));
    }
    if input.private_ip_addresses.iter().filter(primary).count() + usize::from(input.private_ip_address.is_some()) > 1 {
        return Err(invalid("Only one primary private IP address can be specified."));
    }
    let listed = input.private_ip_addresses.iter().find(primary).and_then(|wish| wish.private_ip_address.as_deref());
    let address = input.private_ip_address.as_deref().or(listed).map(address_of).transpose()?;
    let secondary = input.private_ip_addresses.iter().filter(|wish| wish.primary != Some(true));
    let secondary = secondary.filter_map(|wish| wish.private_ip_address.as_deref()).map(address_of);
    let secondary: Vec<Ipv4Addr> = secondary.collect::<Result<_, _>>()?;
    match address {
        Some(address) if secondary.contains(&address) => {
            Err(invalid("address value can't be both primary and secondary"))
        }
        address => Ok((address, secondary)),
    }
}

fn address_of(text: &str) -> Result<Ipv4Addr, ApiError> {
    parse(text, "address")
}

/// DeleteNetworkInterface on the interface.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteNetworkInterface) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.network_interface_id)]
}

/// Removes an interface that is attached to nothing; an elastic address is free again.
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteNetworkInterface) -> Result<Done, ApiError> {
    let interface = resource::get::<NetworkInterface>(tx, cx, &input.network_interface_id)?;
    if interface.is_taken(cx.now, cx.settings.states) || trunk::has_branches(cx, tx, &interface) {
        let message = format!("Network interface '{}' is currently in use.", interface.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    mirror::must_not_be_target(cx, tx, &interface.id)?;
    super::delete(cx, tx, &interface.id)?;
    Ok(Done {})
}
