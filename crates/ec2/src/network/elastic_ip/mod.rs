//! Elastic IP addresses: public addresses that belong to an account until it releases them, and their associations with private ones.
//!
//! An association with an interface's primary address stands in the interface's `public_ip` as well, where launches, names and the metadata
//! service look. [`associate`] ties and unties, [`public_side`] tells what stands before a private address.

use std::net::Ipv4Addr;
use std::sync::Arc;

use service::operations;
use service::prelude::*;

use super::interface::managed::must_be_own;
use super::interface::{self, NetworkInterface};
use super::{address, must_have_room};
use crate::family::ipam::{self, allocation};
use crate::family::local_gateway::coip;
use crate::kind;
use crate::refused::invalid;
use crate::resource::{self, any, resource};
use crate::tags::{self, TagSpecification};

pub mod associate;
pub mod attribute;
pub mod describe;
pub mod moving;
pub mod pool;
mod record;
pub mod released;
#[cfg(test)]
mod tests;
pub mod transfer;

pub use record::{Address, Association};

operations! { Ec2;
    AcceptAddressTransfer => write(transfer::accept) authorize(transfer::to_accept),
    AllocateAddress => write(allocate) authorize(to_allocate) check(check),
    AssociateAddress => write(associate::associate) authorize(associate::to_associate),
    CreatePublicIpv4Pool => write(pool::create) authorize(pool::to_create),
    DeletePublicIpv4Pool => write(pool::delete) authorize(pool::to_delete),
    DescribeAddressTransfers => read(transfer::describe) authorize(any),
    DescribeAddresses => read(describe::describe) authorize(any) check(describe::check),
    DescribeAddressesAttribute => read(attribute::describe) authorize(any),
    DescribeMovingAddresses => read(moving::describe) authorize(any),
    DescribePublicIpv4Pools => read(pool::describe) authorize(any),
    DisableAddressTransfer => write(transfer::disable) authorize(transfer::to_disable),
    DisassociateAddress => write(associate::disassociate) authorize(associate::to_disassociate),
    EnableAddressTransfer => write(transfer::enable) authorize(transfer::to_enable),
    ModifyAddressAttribute => write(attribute::modify) authorize(attribute::to_modify),
    MoveAddressToVpc => read(moving::refuse) authorize(any::<moving::Move>),
    ReleaseAddress => write(release) authorize(to_release),
    ResetAddressAttribute => write(attribute::reset) authorize(attribute::to_reset),
    RestoreAddressToClassic => read(moving::refuse) authorize(any::<moving::Move>),
}

resource!(Address, kind::ELASTIC_IP, {
    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        check
            .key("ec2:AllocationId", self.id.as_str())
            .key("ec2:Domain", "vpc")
            .key_if("ec2:PublicIpAddress", self.public().map(|it| it.to_string()))
    }
});

/// `AllocateAddressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AllocateAddress {
    /// Whatever it says: every address is for a VPC since EC2-Classic is gone.
    pub domain: Option<String>,
    pub network_border_group: Option<String>,
    pub public_ipv4_pool: Option<String>,
    /// `ipam-pool-…`
    pub ipam_pool_id: Option<String>,
    /// `ipv4pool-coip-…`
    pub customer_owned_ipv4_pool: Option<String>,
    /// One of a pool of the account's own, or one that the account released.
    pub address: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// What AWS was seen to refuse even as a dry run, September 2026.
pub fn check(cx: &Cx, _: &World, input: &AllocateAddress) -> Result<(), ApiError> {
    // AWS's message is the group (recorded in September 2026).
    if let Some(group) = other_group(cx, input.network_border_group.as_deref()) {
        return Err(ApiError::new("InvalidParameterValue", group));
    }
    match input.address.as_deref().filter(|address| address.parse::<Ipv4Addr>().is_err()) {
        Some(wrong) => Err(invalid(format!("Invalid value '{wrong}' for address."))),
        None => Ok(()),
    }
}

/// `AllocateAddressResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Allocated {
    pub allocation_id: String,
    pub public_ip: Option<String>,
    pub public_ipv4_pool: Option<String>,
    pub customer_owned_ip: Option<String>,
    pub customer_owned_ipv4_pool: Option<String>,
    pub network_border_group: String,
    pub domain: &'static str,
}

/// `ReleaseAddressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ReleaseAddress {
    pub allocation_id: Option<String>,
    pub public_ip: Option<String>,
    pub network_border_group: Option<String>,
    pub dry_run: Option<bool>,
}

/// AllocateAddress on an address to come, the tags, and the pool named.
pub fn to_allocate(cx: &Cx, world: &World, input: &AllocateAddress) -> Vec<Check> {
    let tags = input.tag_specifications.as_deref();
    let mut checks = resource::checks_on_new(cx, &kind::ELASTIC_IP, tags, "AllocateAddress", None);
    let pool = own_pool(input.public_ipv4_pool.as_deref());
    checks.extend(pool.map(|id| resource::check_on::<pool::PublicIpv4Pool>(cx, world, id)));
    checks.extend(input.ipam_pool_id.as_deref().map(|id| ipam::pool::check_on(cx, world, id)));
    checks
}

/// Takes an address that nobody has.
pub fn allocate(cx: &Cx, tx: &mut Tx, input: &AllocateAddress) -> Result<Allocated, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::ELASTIC_IP.resource_type)?;
    must_have_room_for_one(cx, tx)?;
    let pool = one_pool(input)?;
    let coip = input.customer_owned_ipv4_pool.as_deref();
    let (from, public_ip) = match (pool, input.ipam_pool_id.as_deref(), &input.address) {
        (Some(id), _, wanted) if coip.is_some() => (None, coip::take(cx, tx, id, wanted.as_deref())?),
        (Some(id), _, wanted) => (None, pool::take(cx, tx, id, wanted.as_deref())?),
        (None, Some(id), wanted) => {
            let (pool, address) = ipam::public::take(cx, tx, id, wanted.as_deref())?;
            (Some(pool), address)
        }
        (None, None, Some(wanted)) => (None, released::take_back(cx, tx, wanted)?),
        (None, None, None) => match ipam::policy::address(cx, tx) {
            Some((pool, address)) => (Some(pool), address),
            None => (None, address::draw_public(cx, tx)?),
        },
    };
    let pool = pool.or(from.as_ref().map(|pool| pool.id.as_str()));
    let address = Address {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::ELASTIC_IP.prefix),
        public_ip,
        association: None,
        pointer: None,
        pool: pool.map(str::to_owned),
        tags,
    };
    let allocated = Allocated {
        allocation_id: address.id.clone(),
        public_ip: address.public().map(|it| it.to_string()),
        public_ipv4_pool: pool_out(&address),
        customer_owned_ip: coip.map(|_| address.public_ip.to_string()),
        customer_owned_ipv4_pool: coip.map(str::to_owned),
        network_border_group: address.region.clone(),
        domain: "vpc",
    };
    if let Some(pool) = &from {
        ipam::public::note(cx, tx, pool, address.public_ip, &address.id);
    }
    tx.put(address);
    Ok(allocated)
}

/// There can be five addresses, unless AWS allows more.
fn must_have_room_for_one(cx: &Cx, world: &World) -> Result<(), ApiError> {
    let count = || world.count::<Address>(&[cx.account().as_str(), cx.region_name()]);
    must_have_room(cx, count, 5, "AddressLimitExceeded", "addresses")
}

/// The pool of EC2's that a request names; it names one pool of any sort at most.
fn one_pool(input: &AllocateAddress) -> Result<Option<&str>, ApiError> {
    let pools = [
        ("PublicIpv4Pool", own_pool(input.public_ipv4_pool.as_deref())),
        ("IpamPoolId", input.ipam_pool_id.as_deref()),
        ("CustomerOwnedIpv4Pool", input.customer_owned_ipv4_pool.as_deref()),
    ];
    let given: Vec<&str> = pools.iter().filter(|(_, pool)| pool.is_some()).map(|(name, _)| *name).collect();
    if let [one, other, ..] = given.as_slice() {
        let message = format!("The parameters {one} and {other} cannot be used together");
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    Ok(own_pool(input.public_ipv4_pool.as_deref()).or(input.customer_owned_ipv4_pool.as_deref()))
}

/// `amazon`, or the pool of public addresses that an address is of; none where it is no public one.
fn pool_out(address: &Address) -> Option<String> {
    address.public().map(|_| address.pool.clone().unwrap_or_else(|| "amazon".to_owned()))
}

/// Addresses of a customer's own network are for instances on its Outpost, where no subnet is; nothing else can be done with them. The text is ours.
pub fn must_be_public(address: &Address) -> Result<(), ApiError> {
    match address.coip_pool() {
        Some(pool) => {
            let message = format!(
                "The address {} is customer-owned, of the pool {pool}, and for resources on its Outpost.",
                address.id
            );
            Err(invalid(message))
        }
        None => Ok(()),
    }
}

/// A pool that is not Amazon's.
fn own_pool(named: Option<&str>) -> Option<&str> {
    named.filter(|pool| *pool != "amazon")
}

/// There are no zones beside a region's own, so each region is one group.
fn other_group<'a>(cx: &Cx, group: Option<&'a str>) -> Option<&'a str> {
    group.filter(|group| *group != cx.region_name())
}

/// Refuses another group than the region's.
pub fn check_border_group(cx: &Cx, group: Option<&str>) -> Result<(), ApiError> {
    match other_group(cx, group) {
        Some(group) => {
            let message = format!("Value ({group}) for parameter networkBorderGroup is invalid.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
        None => Ok(()),
    }
}

/// ReleaseAddress on the address.
pub fn to_release(cx: &Cx, world: &World, input: &ReleaseAddress) -> Vec<Check> {
    vec![check_named(cx, world, input.allocation_id.as_deref(), input.public_ip.as_deref())]
}

/// Gives an address back that is associated with nothing.
pub fn release(cx: &Cx, tx: &mut Tx, input: &ReleaseAddress) -> Result<Done, ApiError> {
    let Some(id) = &input.allocation_id else {
        return Err(match &input.public_ip {
            Some(_) => {
                let message = "You must specify an allocation id when releasing a VPC elastic IP address";
                ApiError::new("InvalidParameterValue", message)
            }
            None => associate::neither("allocation"),
        });
    };
    if let Some(group) = other_group(cx, input.network_border_group.as_deref()) {
        let message = format!("invalid value for parameter network-border-group: {group}");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let address = resource::get::<Address>(tx, cx, id)?;
    if let Some(held) = address.held(cx.now) {
        // What a NAT gateway has, until it is deleted: <https://github.com/coreos/grafiti/issues/89>.
        interface::look_up(tx, cx, &held.interface_id).map_or(Ok(()), |it| must_be_own(&it))?;
        let message = format!("Address {} is in use.", address.public_ip);
        return Err(ApiError::new("InvalidIPAddress.InUse", message));
    }
    if attribute::is_named(cx, &address) {
        let message =
            format!("The address with allocation id {id} cannot be released because it has a PTR record set.");
        return Err(ApiError::new("InvalidAddress.PtrSet", message));
    }
    transfer::withdraw(tx, &address);
    allocation::give_back(tx, id, None);
    released::remember(cx, tx, &address);
    resource::remove::<Address>(tx, cx, id);
    Ok(Done {})
}

/// The check on an address named either way; one that is not found has no id to be checked by.
fn check_named(cx: &Cx, world: &World, id: Option<&str>, public_ip: Option<&str>) -> Check {
    let found = public_ip.and_then(|ip| own_by_ip(world, cx, ip));
    match (id, found) {
        (Some(id), _) => resource::check_on::<Address>(cx, world, id),
        (None, Some(address)) => resource::check_of(cx, world, &*address),
        (None, None) => resource::check_on::<Address>(cx, world, "*"),
    }
}

/// The caller's address of the region with that public address.
fn own_by_ip(world: &World, cx: &Cx, public_ip: &str) -> Option<Arc<Address>> {
    let held = world.one::<Address>(Address::BY_PUBLIC_ADDRESS, &[public_ip]).cloned();
    held.filter(|address| address.account == cx.account() && address.region == cx.region_name())
}

/// Whether an account holds that public address.
pub fn is_held(world: &World, public_ip: Ipv4Addr) -> bool {
    world.one::<Address>(Address::BY_PUBLIC_ADDRESS, &[&public_ip.to_string()]).is_some()
}

/// The addresses associated with an interface.
pub fn of_interface(world: &World, interface: &NetworkInterface) -> Vec<Arc<Address>> {
    let parts = [interface.account.as_str(), &interface.region, &interface.id];
    world.by::<Address>(Address::BY_INTERFACE, &parts).cloned().collect()
}

/// The address associated with one private address of an interface.
pub fn before(world: &World, interface: &NetworkInterface, private: Ipv4Addr) -> Option<Arc<Address>> {
    let mut held = of_interface(world, interface).into_iter();
    held.find(|address| address.association.as_ref().is_some_and(|it| it.private_ip == private))
}

/// What the world sees before a private address.
#[derive(Debug, Clone)]
pub struct PublicSide {
    pub address: Ipv4Addr,
    /// Empty where the VPC gives no such names.
    pub dns_name: String,
    /// The elastic address it is; the others are Amazon's and come and go with the instance.
    pub elastic: Option<Arc<Address>>,
}

impl PublicSide {
    /// `amazon`, or the account that holds the address.
    pub fn owner(&self) -> String {
        self.elastic.as_ref().map_or_else(|| "amazon".to_owned(), |address| address.account.to_string())
    }

    /// `eipalloc-…`
    pub fn allocation_id(&self) -> Option<String> {
        self.elastic.as_ref().map(|address| address.id.clone())
    }

    /// `eipassoc-…`
    pub fn association_id(&self) -> Option<String> {
        Some(self.elastic.as_ref()?.association.as_ref()?.id.clone())
    }
}

/// The public address of one private address of an interface, if it has one.
pub fn public_side(world: &World, interface: &NetworkInterface, private: Ipv4Addr) -> Option<PublicSide> {
    let elastic = before(world, interface, private);
    let own = interface.public_ip.filter(|_| private == interface.private_ip);
    let address = elastic.as_ref().map(|address| address.public_ip).or(own)?;
    let named = super::vpc::in_place(world, interface.account, &interface.region, &interface.vpc_id)
        .is_some_and(|vpc| vpc.dns_hostnames && vpc.dns_support);
    let dns_name = if named { address::public_dns_name(&interface.region, address) } else { String::new() };
    Some(PublicSide { address, dns_name, elastic })
}
