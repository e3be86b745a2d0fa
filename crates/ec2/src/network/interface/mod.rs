//! Network interfaces: made and removed with instances, their addresses, attachments and DNS names.
//!
//! [`create`] is how an interface comes to be; [`describe`] answers. Which addresses of a subnet are in use is known from the index of this record.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use service::operations;
use service::prelude::*;

use super::subnet::{self, Subnet};
use super::vpc;
use super::{address, elastic_ip};
use crate::family::mirror;
use crate::instance::view::Detached;
use crate::kind;
use crate::resource::{self, any, resource};

pub mod assign;
pub mod attach;
pub mod attribute;
pub mod change;
pub mod describe;
mod filters;
pub mod hostname;
pub mod managed;
pub mod permission;
mod record;
#[cfg(test)]
mod tests;
pub mod trunk;

pub use address::private_dns_name;
pub use hostname::public_dns_name;
pub use record::{Attachment, NetworkInterface};

operations! { Ec2;
    AssignIpv6Addresses => write(assign::assign_ipv6) authorize(assign::to_assign_ipv6),
    AssignPrivateIpAddresses => write(assign::assign) authorize(assign::to_assign),
    AssociateTrunkInterface => write(trunk::associate) authorize(any),
    AttachNetworkInterface => write(attach::attach) authorize(attach::to_attach),
    CreateNetworkInterface => write(change::create) authorize(change::to_create),
    CreateNetworkInterfacePermission => write(permission::create) authorize(permission::to_create),
    DeleteNetworkInterface => write(change::delete) authorize(change::to_delete),
    DeleteNetworkInterfacePermission => write(permission::delete) authorize(permission::to_delete),
    DescribeNetworkInterfaceAttribute => read(attribute::describe) authorize(any),
    DescribeNetworkInterfacePermissions => read(permission::describe) authorize(any),
    DescribeTrunkInterfaceAssociations => read(trunk::describe) authorize(any) scan(),
    DetachNetworkInterface => write(attach::detach) authorize(attach::to_detach),
    DisassociateTrunkInterface => write(trunk::disassociate) authorize(any),
    ModifyNetworkInterfaceAttribute => write(attribute::modify) authorize(attribute::to_modify),
    ModifyPublicIpDnsNameOptions => write(hostname::modify) authorize(hostname::to_modify),
    ResetNetworkInterfaceAttribute => write(attribute::reset) authorize(attribute::to_reset),
    UnassignIpv6Addresses => write(assign::unassign_ipv6) authorize(assign::to_unassign_ipv6),
    UnassignPrivateIpAddresses => write(assign::unassign) authorize(assign::to_unassign),
}

resource!(NetworkInterface, kind::NETWORK_INTERFACE, {
    fn keys(&self, cx: &Cx, world: &World, check: Check) -> Check {
        let subnet = subnet::look_up(world, cx, &self.subnet_id);
        check
            .key("ec2:AvailabilityZone", self.zone.as_str())
            .key_if("ec2:AvailabilityZoneId", subnet.map(|subnet| subnet.zone_id.clone()))
            .key("ec2:NetworkInterfaceID", self.id.as_str())
            .key("ec2:Subnet", kind::SUBNET.arn(cx, &self.subnet_id))
            .key("ec2:Vpc", kind::VPC.arn(cx, &self.vpc_id))
    }
});

/// What a new interface shall be.
#[derive(Debug, Clone)]
pub struct NewInterface {
    pub subnet: Arc<Subnet>,
    /// Ids of groups of the subnet's VPC.
    pub groups: Vec<String>,
    /// The primary private address, if a certain one is wanted.
    pub address: Option<Ipv4Addr>,
    /// Secondary private addresses wanted.
    pub secondary: Vec<Ipv4Addr>,
    /// How many more secondary addresses are to be chosen.
    pub secondary_count: usize,
    pub description: String,
    pub attachment: Option<NewAttachment>,
    /// Whether it gets a public address.
    pub public_address: bool,
    pub tags: Vec<Tag>,
}

/// Addresses or prefixes an interface is to have: certain ones, and so many more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish<T> {
    pub certain: Vec<T>,
    pub count: usize,
}

/// Several times what the largest instance types take on an interface, which is 50.
const MOST_AT_ONCE: usize = 256;

impl<T> Default for Wish<T> {
    fn default() -> Wish<T> {
        Wish { certain: Vec::new(), count: 0 }
    }
}

impl<T: Copy> Wish<T> {
    /// What is to be taken, one after the other: a certain one, or any. A request for more than any interface can have ends here, before it keeps
    /// the state busy.
    fn each(&self) -> Result<impl Iterator<Item = Option<T>> + use<T>, ApiError> {
        if self.certain.len().saturating_add(self.count) > MOST_AT_ONCE {
            return Err(assign::too_many_addresses());
        }
        let certain: Vec<_> = self.certain.iter().copied().map(Some).collect();
        Ok(certain.into_iter().chain(std::iter::repeat_n(None, self.count)))
    }
}

impl Wish<Ipv4Net> {
    /// How many addresses these prefixes take.
    pub fn addresses(&self) -> usize {
        self.certain.len().saturating_add(self.count).saturating_mul(1 << (32 - subnet::IPV4_PREFIX))
    }
}

/// What else an interface is to have.
#[derive(Debug, Clone, Default)]
pub struct More {
    /// IPv6 addresses; None leaves it to the subnet.
    pub ipv6: Option<Wish<Ipv6Addr>>,
    /// Whether the first IPv6 address is to be the primary one.
    pub primary_ipv6: bool,
    pub ipv4_prefixes: Wish<Ipv4Net>,
    pub ipv6_prefixes: Wish<Ipv6Net>,
}

/// How an interface is attached to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    pub instance_id: String,
    pub device_index: i64,
    pub network_card_index: i64,
    pub delete_on_termination: bool,
}

/// The interface of the caller's account and region with that id.
pub fn look_up(world: &World, cx: &Cx, id: &str) -> Option<Arc<NetworkInterface>> {
    resource::look_up(world, cx, id)
}

/// The same, or InvalidNetworkInterfaceID.NotFound.
pub fn get(world: &World, cx: &Cx, id: &str) -> Result<Arc<NetworkInterface>, ApiError> {
    resource::get(world, cx, id)
}

/// The check for using or changing that interface.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    resource::check_on::<NetworkInterface>(cx, world, id)
}

/// The interfaces of an instance, by network card and device index: the primary one first. One that is shutting down still has them.
pub fn of_instance(world: &World, account: AccountId, region: &str, instance_id: &str) -> Vec<Arc<NetworkInterface>> {
    let index = NetworkInterface::BY_INSTANCE;
    let now = world.now();
    let held = world.by::<NetworkInterface>(index, &[account.as_str(), region, instance_id]);
    let mut found: Vec<_> = held.filter(|it| it.held_by(now).is_some()).cloned().collect();
    found.sort_by_key(|it| it.held_by(now).map(|held| (held.network_card_index, held.device_index)));
    found
}

/// The interfaces in the subnet.
pub fn in_subnet<'w>(world: &'w World, subnet: &Subnet) -> impl Iterator<Item = &'w Arc<NetworkInterface>> + use<'w> {
    let id = subnet.id.clone();
    let parts = [subnet.account.as_str(), &subnet.region, &subnet.vpc_id];
    world.by::<NetworkInterface>(NetworkInterface::BY_VPC, &parts).filter(move |it| it.subnet_id == id)
}

/// The interfaces that hold an address of the subnet, once for each address.
pub fn addresses_in<'w>(
    world: &'w World,
    subnet: &Subnet,
) -> impl Iterator<Item = &'w Arc<NetworkInterface>> + use<'w> {
    world.by::<NetworkInterface>(NetworkInterface::BY_ADDRESS, &[subnet.account.as_str(), &subnet.region, &subnet.id])
}

/// Whether an interface holds that address of the subnet.
pub fn is_in_use(world: &World, subnet: &Subnet, address: IpAddr) -> bool {
    holder(world, subnet, address).is_some()
}

/// The interface that holds that address of the subnet, by itself or in a prefix.
pub fn holder<'w>(world: &'w World, subnet: &Subnet, address: IpAddr) -> Option<&'w Arc<NetworkInterface>> {
    let (place, region) = (subnet.account.as_str(), subnet.region.as_str());
    let held =
        |text: &str| world.one::<NetworkInterface>(NetworkInterface::BY_ADDRESS, &[place, region, &subnet.id, text]);
    let length = if address.is_ipv4() { subnet::IPV4_PREFIX } else { subnet::IPV6_PREFIX };
    let prefix = IpNet::new(address, length).ok().map(|prefix| prefix.trunc().to_string());
    held(&address.to_string()).or_else(|| held(&prefix?))
}

/// Makes an interface, with addresses of its own. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>
///
/// Errors: those of [`subnet::take_address`]; an address wanted twice counts as in use.
pub fn create(cx: &Cx, tx: &mut Tx, new: NewInterface) -> Result<NetworkInterface, ApiError> {
    create_with(cx, tx, new, &More::default())
}

/// The same with IPv6 addresses and prefixes.
pub fn create_with(cx: &Cx, tx: &mut Tx, new: NewInterface, more: &More) -> Result<NetworkInterface, ApiError> {
    let subnet = &new.subnet;
    let mut interface = NetworkInterface {
        account: subnet.account,
        region: subnet.region.clone(),
        id: cx.ids.ec2("eni"),
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet.id.clone(),
        zone: subnet.zone.clone(),
        description: new.description,
        groups: new.groups,
        mac_address: mac_address(cx),
        private_ip: subnet::take_address(cx, tx, subnet, new.address)?,
        secondary_ips: Vec::new(),
        ipv4_prefixes: Vec::new(),
        ipv6_addresses: Vec::new(),
        primary_ipv6: more.primary_ipv6,
        ipv6_prefixes: Vec::new(),
        public_ip: if new.public_address { Some(address::draw_public(cx, tx)?) } else { None },
        source_dest_check: true,
        attachment: new.attachment.map(|wanted| attachment(cx, wanted)),
        detached: None,
        managed: None,
        interface_type: None,
        trunk: None,
        requester_id: None,
        created_at: cx.now,
        gone_at: None,
        public_hostname: None,
        tags: new.tags,
    };
    // Each address is taken before the next is chosen, so that none is chosen twice.
    tx.put(interface.clone());
    let secondary = Wish { certain: new.secondary, count: new.secondary_count };
    assign::take_addresses(cx, tx, subnet, &mut interface, &secondary)?;
    assign::take_prefixes(cx, tx, subnet, &mut interface, &more.ipv4_prefixes)?;
    let by_itself = Wish { certain: Vec::new(), count: usize::from(subnet.assign_ipv6 || more.primary_ipv6) };
    assign::take_ipv6_addresses(cx, tx, subnet, &mut interface, more.ipv6.as_ref().unwrap_or(&by_itself))?;
    assign::take_ipv6_prefixes(cx, tx, subnet, &mut interface, &more.ipv6_prefixes)?;
    subnet::count(tx, subnet.account, &subnet.region, &subnet.id, addresses(&interface));
    Ok(interface)
}

/// How many private IPv4 addresses it has, those of its prefixes included.
fn addresses(interface: &NetworkInterface) -> i32 {
    let in_prefixes = interface.ipv4_prefixes.len() << (32 - subnet::IPV4_PREFIX);
    i32::try_from(1 + interface.secondary_ips.len() + in_prefixes).unwrap_or(i32::MAX)
}

/// Counts addresses that it has got or given back. What leaves gives back as many as it had when that began.
fn count(tx: &mut Tx, interface: &NetworkInterface, taken: i32) {
    if interface.gone_at.is_none() {
        subnet::count(tx, interface.account, &interface.region, &interface.subnet_id, taken);
    }
}

fn attachment(cx: &Cx, wanted: NewAttachment) -> Attachment {
    Attachment {
        id: cx.ids.ec2("eni-attach"),
        instance_id: wanted.instance_id,
        device_index: wanted.device_index,
        network_card_index: wanted.network_card_index,
        delete_on_termination: wanted.delete_on_termination,
        attached_at: cx.now_seconds(),
        instance_account: None,
    }
}

/// A locally administered address, as Amazon's are.
fn mac_address(cx: &Cx) -> String {
    let [a, b, c, d, e, ..] = cx.ids.bytes();
    format!("02:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
}

fn update(cx: &Cx, tx: &mut Tx, id: &str, change: impl FnOnce(&mut NetworkInterface)) -> Result<(), ApiError> {
    if resource::update(tx, cx, id, change) { Ok(()) } else { Err(kind::NETWORK_INTERFACE.not_found(&[id])) }
}

/// Attaches an interface that is attached to nothing.
pub fn attach(cx: &Cx, tx: &mut Tx, id: &str, wanted: NewAttachment) -> Result<(), ApiError> {
    let attachment = attachment(cx, wanted);
    update(cx, tx, id, |it| {
        it.attachment = Some(attachment);
        it.detached = None;
    })
}

/// Sets an interface free when the instance it is attached to is terminated.
pub fn detach_at(cx: &Cx, tx: &mut Tx, id: &str, at: Timestamp) -> Result<(), ApiError> {
    let ended = |attachment| Detached { attachment, at: cx.now, until: Some(at) };
    set_free(cx, tx, id, |held| (cx.now < at).then(|| ended(held)))
}

/// Ends an attachment, which is seen from now on as `seen` says. The public address goes, for it belonged to the running instance; an elastic one stays.
fn set_free(
    cx: &Cx,
    tx: &mut Tx,
    id: &str,
    seen: impl FnOnce(Attachment) -> Option<Detached<Attachment>>,
) -> Result<(), ApiError> {
    let kept = get(tx, cx, id)?.public_ip.filter(|address| elastic_ip::is_held(tx, *address));
    update(cx, tx, id, |it| {
        it.public_ip = kept;
        it.detached = it.attachment.take().and_then(seen).map(Box::new);
    })
}

/// Removes an interface with its addresses; elastic ones are free again.
pub fn delete(cx: &Cx, tx: &mut Tx, id: &str) -> Result<(), ApiError> {
    if let Some(interface) = look_up(tx, cx, id) {
        elastic_ip::associate::end_all(cx, tx, &interface);
    }
    let removed =
        resource::remove::<NetworkInterface>(tx, cx, id).ok_or_else(|| kind::NETWORK_INTERFACE.not_found(&[id]))?;
    count(tx, &removed, -addresses(&removed));
    is_over(cx, tx, &removed);
    Ok(())
}

/// Removes an interface when what holds it is gone. Until then it keeps its addresses and groups, and elastic addresses stay before it.
pub fn delete_at(cx: &Cx, tx: &mut Tx, id: &str, at: Timestamp) -> Result<(), ApiError> {
    if at <= cx.now {
        return delete(cx, tx, id);
    }
    let leaving = get(tx, cx, id)?;
    if leaving.gone_at.is_some() {
        return Ok(());
    }
    elastic_ip::associate::end_all_at(cx, tx, &leaving, at);
    subnet::give_back_at(tx, &leaving, addresses(&leaving), at);
    update(cx, tx, id, |it| it.gone_at = Some(at))?;
    is_over(cx, tx, &leaving);
    Ok(())
}

fn is_over(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface) {
    permission::interface_is_over(tx, interface);
    trunk::interface_is_over(cx, tx, interface);
    mirror::forget_interface(cx, tx, &interface.id);
}

/// Gives the interface a public address, unless it has one.
pub fn draw_public_address(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface) -> Result<(), ApiError> {
    if interface.public_ip.is_some() {
        return Ok(());
    }
    let address = address::draw_public(cx, tx)?;
    update(cx, tx, &interface.id, |it| it.public_ip = Some(address))
}

/// Takes the interface's public address away, unless it is an elastic one. Nothing is written when it has none.
pub fn release_public_address(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface) -> Result<(), ApiError> {
    if interface.public_ip.is_none_or(|address| elastic_ip::is_held(tx, address)) {
        return Ok(());
    }
    update(cx, tx, &interface.id, |it| it.public_ip = None)
}

/// The name of the primary private address. Other than for instances, an interface shows none where the VPC has no DNS host names.
pub fn shown_private_dns_name(world: &World, interface: &NetworkInterface, address: Ipv4Addr) -> Option<String> {
    let vpc = vpc::in_place(world, interface.account, &interface.region, &interface.vpc_id)?;
    vpc.dns_hostnames.then(|| private_dns_name(&interface.region, address))
}
