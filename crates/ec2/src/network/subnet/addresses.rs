//! Which addresses of a subnet are free: single ones, and prefixes of many. Each `take_…` finds what is wanted or any that is free; the caller
//! keeps it by writing the interface that holds it. What is reserved is given out to those who name it only, and to prefixes where it is
//! reserved for these. <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use service::prelude::*;

use super::reservation::{self, Reservation};
use super::{Leaving, Subnet};
use crate::network::cidr::overlap;
use crate::network::interface::{self, NetworkInterface};

/// AWS keeps the first four addresses and the last. <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
const KEPT: usize = 5;

/// How many bits a prefix has. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html>
pub const IPV4_PREFIX: u8 = 28;
/// The same for IPv6.
pub const IPV6_PREFIX: u8 = 80;

/// How many IPv4 addresses are still free.
pub fn available_addresses(world: &World, subnet: &Subnet) -> usize {
    let all = 1_usize << (32 - u32::from(subnet.cidr.prefix_len()).min(32));
    // What the caller holds may be older than the world.
    let now = world.get::<Subnet>(&[subnet.account.as_str(), &subnet.region, &subnet.id]);
    let used = now.map_or(0, |now| usize::try_from(counted(now, world.now())).unwrap_or(usize::MAX));
    all.saturating_sub(KEPT.saturating_add(used))
}

/// Counts IPv4 addresses that were taken (or, below zero, given back).
pub fn count(tx: &mut Tx, account: AccountId, region: &str, id: &str, taken: i32) {
    tx.update::<Subnet>(&[account.as_str(), region, id], |it| {
        it.addresses_in_use = it.addresses_in_use.saturating_add_signed(taken);
    });
}

/// Counts addresses that an interface of the subnet gives back at a time to come.
pub fn give_back_at(tx: &mut Tx, interface: &NetworkInterface, addresses: i32, at: Timestamp) {
    let now = tx.now();
    tx.update::<Subnet>(&[interface.account.as_str(), &interface.region, &interface.subnet_id], |it| {
        it.addresses_in_use = counted(it, now);
        it.leaving.retain(|leaving| now < leaving.at);
        let addresses = addresses.unsigned_abs();
        // A thousand instances that are terminated together leave together.
        match it.leaving.last_mut().filter(|last| last.at == at) {
            Some(last) => last.addresses += addresses,
            None => it.leaving.push(Leaving { at, addresses }),
        }
    });
}

fn counted(subnet: &Subnet, now: Timestamp) -> u32 {
    let gone: u32 = subnet.leaving.iter().filter(|it| it.at <= now).map(|it| it.addresses).sum();
    subnet.addresses_in_use.saturating_sub(gone)
}

/// How many addresses are drawn before looking for a gap one by one.
const DRAWS: usize = 64;

/// A free address of the subnet: the one wanted, or any. Costs the same however many are in use, unless the subnet is nearly full.
///
/// Errors: InvalidParameterValue for one outside the subnet or kept by AWS, InvalidIPAddress.InUse, InsufficientFreeAddressesInSubnet.
pub fn take_address(cx: &Cx, world: &World, subnet: &Subnet, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, ApiError> {
    if let Some(wanted) = wanted {
        must_be_inside(IpNet::V4(subnet.cidr), IpAddr::V4(wanted))?;
        must_be_free(world, subnet, IpAddr::V4(wanted))?;
        return Ok(wanted);
    }
    if available_addresses(world, subnet) > 0 {
        let (first, last) = usable(subnet.cidr);
        let reserved = reservation::of_subnet(world, subnet);
        let size = u64::from(last.saturating_sub(first)) + 1;
        let draw = |_| Ipv4Addr::from(first + u32::try_from(cx.ids.below(size)).unwrap_or_default());
        let is_free = |address: &Ipv4Addr| {
            let address = IpAddr::V4(*address);
            !is_within(&reserved, address) && !interface::is_in_use(world, subnet, address)
        };
        let drawn = (0..DRAWS).map(draw).find(is_free);
        if let Some(free) = drawn.or_else(|| (first..=last).map(Ipv4Addr::from).find(is_free)) {
            return Ok(free);
        }
    }
    Err(ApiError::new(
        "InsufficientFreeAddressesInSubnet",
        format!(
            "There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
            subnet.id
        ),
    ))
}

/// The first and the last address that may be given out.
fn usable(block: Ipv4Net) -> (u32, u32) {
    (u32::from(block.network()) + 4, u32::from(block.broadcast()).saturating_sub(1))
}

fn is_within(reserved: &[Reservation], address: IpAddr) -> bool {
    reserved.iter().any(|one| one.cidr.contains(&address))
}

fn must_be_inside(block: IpNet, wanted: IpAddr) -> Result<(), ApiError> {
    if !block.contains(&wanted) {
        return Err(ApiError::new("InvalidParameterValue", "Address does not fall within the subnet's address range"));
    }
    if is_kept(block, wanted) {
        return Err(ApiError::new("InvalidParameterValue", "Address is in subnet's reserved address range"));
    }
    Ok(())
}

/// Whether the subnet has the address and AWS keeps it.
pub fn is_reserved(subnet: &Subnet, address: Ipv4Addr) -> bool {
    subnet.cidr.contains(&address) && is_kept(IpNet::V4(subnet.cidr), IpAddr::V4(address))
}

/// Whether the address is one that AWS keeps.
fn is_kept(block: IpNet, address: IpAddr) -> bool {
    match (block, address) {
        (IpNet::V4(block), IpAddr::V4(address)) => {
            let (first, last) = usable(block);
            !(first..=last).contains(&u32::from(address))
        }
        (IpNet::V6(block), IpAddr::V6(address)) => {
            let first = u128::from(block.network());
            u128::from(address) < first + 4 || address == block.broadcast()
        }
        _ => false,
    }
}

fn must_be_free(world: &World, subnet: &Subnet, address: IpAddr) -> Result<(), ApiError> {
    if interface::is_in_use(world, subnet, address) {
        return Err(in_use(address));
    }
    Ok(())
}

fn in_use(what: impl std::fmt::Display) -> ApiError {
    ApiError::new("InvalidIPAddress.InUse", format!("Address {what} is in use."))
}

/// A free IPv6 address: the one wanted, or any.
///
/// Errors: those of [`take_address`], and InvalidParameterValue where the subnet has no such addresses.
pub fn take_ipv6_address(
    cx: &Cx,
    world: &World,
    subnet: &Subnet,
    wanted: Option<Ipv6Addr>,
) -> Result<Ipv6Addr, ApiError> {
    let block = ipv6_block(subnet)?;
    if let Some(wanted) = wanted {
        must_be_inside(IpNet::V6(block), IpAddr::V6(wanted))?;
        must_be_free(world, subnet, IpAddr::V6(wanted))?;
        return Ok(wanted);
    }
    let reserved = reservation::of_subnet(world, subnet);
    let draw = |_| Ipv6Addr::from(u128::from(block.network()) | (random(cx) & u128::from(block.hostmask())));
    let is_free = |address: &Ipv6Addr| {
        let address = IpAddr::V6(*address);
        let kept = is_kept(IpNet::V6(block), address) || is_within(&reserved, address);
        !kept && !interface::is_in_use(world, subnet, address)
    };
    (0..DRAWS).map(draw).find(is_free).ok_or_else(no_free_blocks)
}

fn random(cx: &Cx) -> u128 {
    let bytes = cx.ids.bytes();
    u128::from_be_bytes(*bytes.first_chunk::<16>().unwrap_or(&[0; 16]))
}

/// The subnet's block of IPv6 addresses.
fn ipv6_block(subnet: &Subnet) -> Result<Ipv6Net, ApiError> {
    subnet.ipv6_block.as_ref().map(|block| block.cidr).ok_or_else(|| {
        let message = format!("The subnet '{}' does not have an IPv6 CIDR block associated with it.", subnet.id);
        ApiError::new("InvalidParameterValue", message)
    })
}

/// A free prefix of 16 addresses: the one wanted, or one out of what is reserved for prefixes, or any.
///
/// Errors: InvalidParameterValue for one that is no prefix of the subnet, InvalidIPAddress.InUse, InsufficientCidrBlocks.
pub fn take_ipv4_prefix(cx: &Cx, world: &World, subnet: &Subnet, wanted: Option<Ipv4Net>) -> Result<Ipv4Net, ApiError> {
    let whole = subnet.cidr;
    let is_usable = |prefix: &Ipv4Net| {
        whole.contains(prefix)
            && !is_kept(IpNet::V4(whole), IpAddr::V4(prefix.network()))
            && !is_kept(IpNet::V4(whole), IpAddr::V4(prefix.broadcast()))
    };
    let is_free = |prefix: &Ipv4Net| {
        prefix
            .hosts()
            .chain([prefix.network(), prefix.broadcast()])
            .all(|address| !interface::is_in_use(world, subnet, IpAddr::V4(address)))
    };
    if let Some(wanted) = wanted {
        if wanted.prefix_len() != IPV4_PREFIX || wanted.trunc() != wanted || !is_usable(&wanted) {
            return Err(bad_prefix(wanted));
        }
        return if is_free(&wanted) { Ok(wanted) } else { Err(in_use(wanted)) };
    }
    let reserved = reservation::of_subnet(world, subnet);
    let prefixes = |block: Ipv4Net| block.subnets(IPV4_PREFIX.max(block.prefix_len())).into_iter().flatten();
    let own = reserved.iter().filter(|one| one.is_for_prefixes()).filter_map(Reservation::ipv4);
    let fits = |prefix: &Ipv4Net| prefix.prefix_len() == IPV4_PREFIX && is_usable(prefix) && is_free(prefix);
    if let Some(free) = own.flat_map(prefixes).find(fits) {
        return Ok(free);
    }
    let elsewhere = |prefix: &Ipv4Net| fits(prefix) && !reserved.iter().any(|one| overlap(one.cidr, *prefix));
    let count = 1_u64 << IPV4_PREFIX.saturating_sub(whole.prefix_len());
    let draw = |_| {
        let offset = u32::try_from(cx.ids.below(count)).unwrap_or_default() << (32 - IPV4_PREFIX);
        Ipv4Net::new(Ipv4Addr::from(u32::from(whole.network()) | offset), IPV4_PREFIX).ok()
    };
    let drawn = (0..DRAWS).filter_map(draw).find(elsewhere);
    drawn.or_else(|| prefixes(whole).find(elsewhere)).ok_or_else(no_free_blocks)
}

/// The same for IPv6: a prefix of 2⁴⁸ addresses.
pub fn take_ipv6_prefix(cx: &Cx, world: &World, subnet: &Subnet, wanted: Option<Ipv6Net>) -> Result<Ipv6Net, ApiError> {
    let whole = ipv6_block(subnet)?;
    let taken: Vec<IpNet> = interface::in_subnet(world, subnet).flat_map(|it| it.ipv6_in_use()).collect();
    let is_free = |prefix: &Ipv6Net| !taken.iter().any(|held| overlap(*held, *prefix));
    if let Some(wanted) = wanted {
        if wanted.prefix_len() != IPV6_PREFIX || wanted.trunc() != wanted || !whole.contains(&wanted) {
            return Err(bad_prefix(wanted));
        }
        return if is_free(&wanted) { Ok(wanted) } else { Err(in_use(wanted)) };
    }
    let reserved = reservation::of_subnet(world, subnet);
    let within = |block: Ipv6Net| {
        let address = u128::from(block.network()) | (random(cx) & u128::from(block.hostmask()));
        Ipv6Net::new(Ipv6Addr::from(address), IPV6_PREFIX).ok().map(|prefix| prefix.trunc())
    };
    let own = reserved.iter().filter(|one| one.is_for_prefixes()).filter_map(Reservation::ipv6);
    let mut own = own
        .filter(|block| block.prefix_len() <= IPV6_PREFIX && whole.contains(block))
        .flat_map(|block| (0..DRAWS).filter_map(move |_| within(block)));
    if let Some(free) = own.find(is_free) {
        return Ok(free);
    }
    let elsewhere = |prefix: &Ipv6Net| {
        let is_reserved = reserved.iter().any(|one| overlap(one.cidr, *prefix));
        prefix.network() != whole.network() && is_free(prefix) && !is_reserved
    };
    (0..DRAWS).filter_map(|_| within(whole)).find(elsewhere).ok_or_else(no_free_blocks)
}

fn bad_prefix(prefix: impl std::fmt::Display) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("invalid value for parameter prefix: {prefix}"))
}

/// AWS's text (seen in many reports of the VPC CNI plugin).
fn no_free_blocks() -> ApiError {
    let message = "The specified subnet does not have enough free cidr blocks to satisfy the request.";
    ApiError::new("InsufficientCidrBlocks", message)
}
