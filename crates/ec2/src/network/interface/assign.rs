//! Addresses and prefixes that interfaces get and give back beside their primary one: AssignPrivateIpAddresses, AssignIpv6Addresses and what undoes
//! them. The `take_…` functions are what creation uses as well.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateIpAddresses.html>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use ipnet::{Ipv4Net, Ipv6Net};
use service::prelude::*;

use super::managed::must_be_own;
use super::{NetworkInterface, Wish, addresses};
use crate::catalogue::instance_types::{self, InstanceType};
use crate::instance::Instance;
use crate::network::elastic_ip;
use crate::network::subnet::{self, Subnet};
use crate::refused::{invalid, invalid_value};
use crate::resource;

/// `AssignPrivateIpAddressesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Assign {
    pub network_interface_id: String,
    #[serde(default)]
    pub private_ip_addresses: Vec<String>,
    pub secondary_private_ip_address_count: Option<i64>,
    #[serde(default)]
    pub ipv4_prefixes: Vec<String>,
    pub ipv4_prefix_count: Option<i64>,
    pub allow_reassignment: Option<bool>,
}

/// `AssignPrivateIpAddressesResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Assigned {
    pub network_interface_id: String,
    pub assigned_private_ip_addresses: Vec<AddressOut>,
    pub assigned_ipv4_prefixes: Vec<PrefixOut>,
}

/// `AssignedPrivateIpAddress`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct AddressOut {
    pub private_ip_address: String,
}

/// `Ipv4PrefixSpecification`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct PrefixOut {
    pub ipv4_prefix: String,
}

/// `UnassignPrivateIpAddressesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Unassign {
    pub network_interface_id: String,
    #[serde(default)]
    pub private_ip_addresses: Vec<String>,
    #[serde(default)]
    pub ipv4_prefixes: Vec<String>,
}

/// `AssignIpv6AddressesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AssignIpv6 {
    pub network_interface_id: String,
    #[serde(default)]
    pub ipv6_addresses: Vec<String>,
    pub ipv6_address_count: Option<i64>,
    #[serde(default)]
    pub ipv6_prefixes: Vec<String>,
    pub ipv6_prefix_count: Option<i64>,
}

/// `AssignIpv6AddressesResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct AssignedIpv6 {
    pub network_interface_id: String,
    pub assigned_ipv6_addresses: Vec<String>,
    pub assigned_ipv6_prefixes: Vec<String>,
}

/// `UnassignIpv6AddressesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct UnassignIpv6 {
    pub network_interface_id: String,
    #[serde(default)]
    pub ipv6_addresses: Vec<String>,
    #[serde(default)]
    pub ipv6_prefixes: Vec<String>,
}

/// `UnassignIpv6AddressesResult`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct UnassignedIpv6 {
    pub network_interface_id: String,
    pub unassigned_ipv6_addresses: Vec<String>,
    pub unassigned_ipv6_prefixes: Vec<String>,
}

/// AssignPrivateIpAddresses on the interface.
pub fn to_assign(cx: &Cx, world: &World, input: &Assign) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.network_interface_id)]
}

/// UnassignPrivateIpAddresses on the interface.
pub fn to_unassign(cx: &Cx, world: &World, input: &Unassign) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.network_interface_id)]
}

/// AssignIpv6Addresses on the interface.
pub fn to_assign_ipv6(cx: &Cx, world: &World, input: &AssignIpv6) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.network_interface_id)]
}

/// UnassignIpv6Addresses on the interface.
pub fn to_unassign_ipv6(cx: &Cx, world: &World, input: &UnassignIpv6) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.network_interface_id)]
}

/// A text as what it names, or InvalidParameterValue.
pub fn parse<T: FromStr>(text: &str, parameter: &str) -> Result<T, ApiError> {
    text.parse()
        .map_err(|_| ApiError::new("InvalidParameterValue", format!("invalid value for parameter {parameter}: {text}")))
}

/// Certain ones, or so many; one parameter excludes the other.
pub fn wish<T: FromStr>(certain: &[String], count: Option<i64>, parameters: (&str, &str)) -> Result<Wish<T>, ApiError> {
    if count.is_some() && !certain.is_empty() {
        let (list, number) = parameters;
        return Err(crate::refused::not_together(number, list));
    }
    let count = how_many(count, parameters.1)?;
    let certain = certain.iter().map(|text| parse(text, parameters.0)).collect::<Result<_, _>>()?;
    Ok(Wish { certain, count })
}

/// So many; none if it is not said.
pub fn how_many(count: Option<i64>, parameter: &str) -> Result<usize, ApiError> {
    let count = count.unwrap_or(0);
    usize::try_from(count).map_err(|_| {
        let message = format!("Value ({count}) for parameter {parameter} is invalid.");
        ApiError::new("InvalidParameterValue", message)
    })
}

fn must_want_one_kind(given: [bool; 4], names: &str) -> Result<(), ApiError> {
    match given.into_iter().filter(|given| *given).count() {
        0 => Err(ApiError::new("MissingParameter", format!("The request must contain exactly one of {names}"))),
        1 => Ok(()),
        _ => Err(must_be_one(names)),
    }
}

/// The same of IPv4 addresses. The texts, and those of the two functions below, were seen in September 2026.
fn must_want_one(given: [bool; 4]) -> Result<(), ApiError> {
    match given.into_iter().filter(|given| *given).count() {
        0 => {
            let message = "One of privateIpAddressSet or privateIpAddressCount or ipv4PrefixSet or ipv4PrefixCount must be specified.";
            Err(ApiError::new("InvalidParameter", message))
        }
        1 => Ok(()),
        _ => {
            let message = "You may specify one and only one of privateIpAddressSet or secondaryPrivateIpAddressCount or ipv4Prefixes or ipv4PrefixCount, but not more than one of them.";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
    }
}

fn must_be_positive(count: Option<i64>) -> Result<(), ApiError> {
    let Some(count) = count.filter(|count| *count < 1) else { return Ok(()) };
    let refused = invalid_value(count, "secondaryPrivateIpAddressCount");
    Err(invalid(format!("{} Value must be a positive number.", refused.message)))
}

/// Other than CreateNetworkInterface, this names the address.
fn must_not_be_reserved(subnet: &Subnet, wanted: &[Ipv4Addr]) -> Result<(), ApiError> {
    match wanted.iter().find(|address| subnet::is_reserved(subnet, **address)) {
        None => Ok(()),
        Some(address) => Err(invalid(format!("Address {address} is in subnet's reserved range."))),
    }
}

/// Several are given of which one can be.
fn must_be_one(names: &str) -> ApiError {
    ApiError::new("InvalidParameterCombination", format!("The request must contain exactly one of {names}"))
}

/// Gives an interface secondary private addresses or prefixes.
pub fn assign(cx: &Cx, tx: &mut Tx, input: &Assign) -> Result<Assigned, ApiError> {
    let held = super::get(tx, cx, &input.network_interface_id)?;
    must_be_own(&held)?;
    let given = [
        !input.private_ip_addresses.is_empty(),
        input.secondary_private_ip_address_count.is_some(),
        !input.ipv4_prefixes.is_empty(),
        input.ipv4_prefix_count.is_some(),
    ];
    must_want_one(given)?;
    must_be_positive(input.secondary_private_ip_address_count)?;
    let mut wanted = wish::<Ipv4Addr>(
        &input.private_ip_addresses,
        input.secondary_private_ip_address_count,
        ("privateIpAddress", "secondaryPrivateIpAddressCount"),
    )?;
    let prefixes = wish::<Ipv4Net>(&input.ipv4_prefixes, input.ipv4_prefix_count, ("ipv4Prefix", "ipv4PrefixCount"))?;
    // Those it has already it keeps, and they are told again.
    let own = |address: &Ipv4Addr| held.private_ip == *address || held.secondary_ips.contains(address);
    let mut assigned: Vec<Ipv4Addr> = wanted.certain.iter().copied().filter(own).collect();
    wanted.certain.retain(|address| !own(address));
    let subnet = subnet::get(tx, cx, &held.subnet_id)?;
    must_not_be_reserved(&subnet, &wanted.certain)?;
    let moved = must_be_movable(tx, &subnet, &wanted.certain, input.allow_reassignment == Some(true))?;
    let more = wanted.certain.len() + wanted.count + prefixes.certain.len() + prefixes.count;
    must_have_room(tx, &held, 1 + held.secondary_ips.len() + held.ipv4_prefixes.len() + more)?;
    let mut interface = NetworkInterface::clone(&held);
    for (from, address) in &moved {
        take_away(cx, tx, from, *address);
    }
    take_addresses(cx, tx, &subnet, &mut interface, &wanted)?;
    take_prefixes(cx, tx, &subnet, &mut interface, &prefixes)?;
    count(tx, &held, &interface);
    for (from, address) in &moved {
        elastic_ip::associate::follow(cx, tx, from, &interface, *address);
    }
    assigned.extend(interface.secondary_ips.iter().filter(|address| !held.secondary_ips.contains(address)));
    let new_prefixes = interface.ipv4_prefixes.iter().filter(|prefix| !held.ipv4_prefixes.contains(prefix));
    Ok(Assigned {
        network_interface_id: held.id.clone(),
        assigned_private_ip_addresses: assigned
            .iter()
            .map(|address| AddressOut { private_ip_address: address.to_string() })
            .collect(),
        assigned_ipv4_prefixes: new_prefixes.map(prefix_out).collect(),
    })
}

/// As answers show a prefix.
pub fn prefix_out(prefix: &Ipv4Net) -> PrefixOut {
    PrefixOut { ipv4_prefix: prefix.to_string() }
}

type Moved = Vec<(Arc<NetworkInterface>, Ipv4Addr)>;

/// Other interfaces' secondary addresses that are wanted, if they may be moved. The text is AWS's (seen in Ansible's ec2_eni and in Cilium).
fn must_be_movable(world: &World, subnet: &Subnet, wanted: &[Ipv4Addr], allowed: bool) -> Result<Moved, ApiError> {
    let holder = |address: &Ipv4Addr| {
        let held = super::holder(world, subnet, IpAddr::V4(*address))?;
        Some((held.clone(), *address))
    };
    let moved: Moved = wanted.iter().filter_map(holder).collect();
    if allowed && moved.iter().any(|(from, address)| from.private_ip == *address) {
        // All that AWS says of another interface's primary address (seen in September 2026).
        return Err(invalid("secondary-addresses"));
    }
    let is_fixed = |(from, address): &&(Arc<NetworkInterface>, Ipv4Addr)| {
        !allowed || from.managed.is_some() || !from.secondary_ips.contains(address)
    };
    let fixed: Vec<String> = moved.iter().filter(is_fixed).map(|(_, address)| address.to_string()).collect();
    if fixed.is_empty() {
        return Ok(moved);
    }
    let message = format!("[{}] assigned, but move is not allowed.", fixed.join(", "));
    Err(ApiError::new("InvalidParameterValue", message))
}

/// The type of the instance an interface is attached to says how many addresses it may have.
fn must_have_room(world: &World, interface: &NetworkInterface, count: usize) -> Result<(), ApiError> {
    let Some(held) = &interface.attachment else { return Ok(()) };
    let parts = [interface.account.as_str(), &interface.region, &held.instance_id];
    let kind = world.get::<Instance>(&parts).and_then(|it| instance_types::get(&it.instance_type));
    kind.map_or(Ok(()), |kind| must_fit(kind, count))
}

/// An instance of the type can have that many addresses, or prefixes in their place, on an interface.
pub fn must_fit(kind: &InstanceType, count: usize) -> Result<(), ApiError> {
    if i64::try_from(count).is_ok_and(|count| count <= instance_types::most_addresses_per_interface(kind)) {
        return Ok(());
    }
    Err(too_many_addresses())
}

/// More than an interface can have.
pub(super) fn too_many_addresses() -> ApiError {
    ApiError::new("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.")
}

/// Takes a secondary address away.
pub(super) fn take_away(cx: &Cx, tx: &mut Tx, from: &NetworkInterface, address: Ipv4Addr) {
    resource::update::<NetworkInterface>(tx, cx, &from.id, |it| it.secondary_ips.retain(|held| *held != address));
    super::count(tx, from, -1);
}

/// Counts what an interface has got or given back.
fn count(tx: &mut Tx, before: &NetworkInterface, after: &NetworkInterface) {
    let taken = addresses(after).saturating_sub(addresses(before));
    super::count(tx, after, taken);
}

/// Takes secondary private addresses. Each is taken before the next is chosen, so that none is chosen twice; so it is below.
pub(super) fn take_addresses(
    cx: &Cx,
    tx: &mut Tx,
    subnet: &Subnet,
    interface: &mut NetworkInterface,
    wanted: &Wish<Ipv4Addr>,
) -> Result<(), ApiError> {
    for address in wanted.each()? {
        interface.secondary_ips.push(subnet::take_address(cx, tx, subnet, address)?);
        tx.put(interface.clone());
    }
    Ok(())
}

/// Takes prefixes.
pub(super) fn take_prefixes(
    cx: &Cx,
    tx: &mut Tx,
    subnet: &Subnet,
    interface: &mut NetworkInterface,
    wanted: &Wish<Ipv4Net>,
) -> Result<(), ApiError> {
    for prefix in wanted.each()? {
        interface.ipv4_prefixes.push(subnet::take_ipv4_prefix(cx, tx, subnet, prefix)?);
        tx.put(interface.clone());
    }
    Ok(())
}

/// Takes IPv6 addresses.
pub(super) fn take_ipv6_addresses(
    cx: &Cx,
    tx: &mut Tx,
    subnet: &Subnet,
    interface: &mut NetworkInterface,
    wanted: &Wish<Ipv6Addr>,
) -> Result<(), ApiError> {
    for address in wanted.each()? {
        interface.ipv6_addresses.push(subnet::take_ipv6_address(cx, tx, subnet, address)?);
        tx.put(interface.clone());
    }
    Ok(())
}

/// Takes prefixes of IPv6 addresses.
pub(super) fn take_ipv6_prefixes(
    cx: &Cx,
    tx: &mut Tx,
    subnet: &Subnet,
    interface: &mut NetworkInterface,
    wanted: &Wish<Ipv6Net>,
) -> Result<(), ApiError> {
    for prefix in wanted.each()? {
        interface.ipv6_prefixes.push(subnet::take_ipv6_prefix(cx, tx, subnet, prefix)?);
        tx.put(interface.clone());
    }
    Ok(())
}

/// Gives secondary private addresses or prefixes back; an elastic address before one is free again.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnassignPrivateIpAddresses.html>
pub fn unassign(cx: &Cx, tx: &mut Tx, input: &Unassign) -> Result<Done, ApiError> {
    let held = super::get(tx, cx, &input.network_interface_id)?;
    must_be_own(&held)?;
    let gone = parsed::<Ipv4Addr>(&input.private_ip_addresses, "privateIpAddress")?;
    let prefixes = parsed::<Ipv4Net>(&input.ipv4_prefixes, "ipv4Prefix")?;
    if gone.is_empty() && prefixes.is_empty() {
        let message = "One of privateIpAddresses or ipv4Prefixes must be specified.";
        return Err(ApiError::new("MissingParameter", message));
    }
    if gone.contains(&held.private_ip) {
        let refused = invalid_value(held.private_ip, "privateIpAddress");
        return Err(invalid(format!(
            "{} The primary IP address of an interface cannot be unassigned.",
            refused.message
        )));
    }
    let all = gone.iter().all(|address| held.secondary_ips.contains(address))
        && prefixes.iter().all(|prefix| held.ipv4_prefixes.contains(prefix));
    if !all {
        return Err(not_assigned(&held));
    }
    for address in &gone {
        elastic_ip::associate::leave(cx, tx, &held, *address);
    }
    let mut interface = NetworkInterface::clone(&held);
    interface.secondary_ips.retain(|address| !gone.contains(address));
    interface.ipv4_prefixes.retain(|prefix| !prefixes.contains(prefix));
    tx.put(interface.clone());
    count(tx, &held, &interface);
    Ok(Done {})
}

fn parsed<T: FromStr>(texts: &[String], parameter: &str) -> Result<Vec<T>, ApiError> {
    texts.iter().map(|text| parse(text, parameter)).collect()
}

/// AWS's text (seen in many programs that look for it).
fn not_assigned(interface: &NetworkInterface) -> ApiError {
    let message = format!("Some of the specified addresses are not assigned to interface {}", interface.id);
    ApiError::new("InvalidParameterValue", message)
}

/// Gives an interface IPv6 addresses or prefixes. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignIpv6Addresses.html>
pub fn assign_ipv6(cx: &Cx, tx: &mut Tx, input: &AssignIpv6) -> Result<AssignedIpv6, ApiError> {
    let held = super::get(tx, cx, &input.network_interface_id)?;
    must_be_own(&held)?;
    let given = [
        !input.ipv6_addresses.is_empty(),
        input.ipv6_address_count.is_some(),
        !input.ipv6_prefixes.is_empty(),
        input.ipv6_prefix_count.is_some(),
    ];
    must_want_one_kind(given, "ipv6Addresses, ipv6AddressCount, ipv6Prefix, ipv6PrefixCount")?;
    let wanted =
        wish::<Ipv6Addr>(&input.ipv6_addresses, input.ipv6_address_count, ("ipv6Addresses", "ipv6AddressCount"))?;
    let prefixes = wish::<Ipv6Net>(&input.ipv6_prefixes, input.ipv6_prefix_count, ("ipv6Prefix", "ipv6PrefixCount"))?;
    let more = wanted.certain.len() + wanted.count + prefixes.certain.len() + prefixes.count;
    must_have_room(tx, &held, held.ipv6_addresses.len() + held.ipv6_prefixes.len() + more)?;
    let subnet = subnet::get(tx, cx, &held.subnet_id)?;
    let mut interface = NetworkInterface::clone(&held);
    take_ipv6_addresses(cx, tx, &subnet, &mut interface, &wanted)?;
    take_ipv6_prefixes(cx, tx, &subnet, &mut interface, &prefixes)?;
    let addresses = interface.ipv6_addresses.iter().filter(|address| !held.ipv6_addresses.contains(address));
    let new_prefixes = interface.ipv6_prefixes.iter().filter(|prefix| !held.ipv6_prefixes.contains(prefix));
    Ok(AssignedIpv6 {
        network_interface_id: held.id.clone(),
        assigned_ipv6_addresses: addresses.map(ToString::to_string).collect(),
        assigned_ipv6_prefixes: new_prefixes.map(ToString::to_string).collect(),
    })
}

/// Gives IPv6 addresses or prefixes back; the primary address stays.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnassignIpv6Addresses.html>
pub fn unassign_ipv6(cx: &Cx, tx: &mut Tx, input: &UnassignIpv6) -> Result<UnassignedIpv6, ApiError> {
    let held = super::get(tx, cx, &input.network_interface_id)?;
    must_be_own(&held)?;
    let gone = parsed::<Ipv6Addr>(&input.ipv6_addresses, "ipv6Addresses")?;
    let prefixes = parsed::<Ipv6Net>(&input.ipv6_prefixes, "ipv6Prefix")?;
    if gone.is_empty() && prefixes.is_empty() {
        let message = "The request must contain either ipv6Addresses or ipv6Prefix";
        return Err(ApiError::new("MissingParameter", message));
    }
    let all = gone.iter().all(|address| held.ipv6_addresses.contains(address))
        && prefixes.iter().all(|prefix| held.ipv6_prefixes.contains(prefix));
    if !all {
        return Err(not_assigned(&held));
    }
    if let Some(primary) = held.primary_ipv6_address().filter(|primary| gone.contains(primary)) {
        let message = format!("The primary IPv6 address {primary} cannot be unassigned.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    resource::update::<NetworkInterface>(tx, cx, &held.id, |it| {
        it.ipv6_addresses.retain(|address| !gone.contains(address));
        it.ipv6_prefixes.retain(|prefix| !prefixes.contains(prefix));
    });
    Ok(UnassignedIpv6 {
        network_interface_id: held.id.clone(),
        unassigned_ipv6_addresses: gone.iter().map(ToString::to_string).collect(),
        unassigned_ipv6_prefixes: prefixes.iter().map(ToString::to_string).collect(),
    })
}
