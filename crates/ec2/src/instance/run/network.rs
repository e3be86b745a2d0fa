//! The network side of a launch: subnet, groups and interfaces, found once for authorisation and handler alike.
//!
//! [`plan`] cannot fail: what it does not find it leaves as the id that was asked for. [`Interfaces::require`] then turns the first thing missing into
//! EC2's error.

use std::net::Ipv4Addr;
use std::sync::Arc;

use service::prelude::*;

use super::input::{InterfaceSpecification, RunInstances};
use super::instance_type;
use crate::kind;
use crate::network::interface::{self, More, NetworkInterface};
use crate::network::security_group::association::is_usable_in;
use crate::network::security_group::{self, SecurityGroup};
use crate::network::subnet::{self, Subnet};
use crate::network::vpc;

/// All interfaces of one instance, the primary one first.
pub struct Interfaces {
    pub list: Vec<Planned>,
    /// The subnet was named, not chosen.
    pub named_subnet: bool,
}

/// One interface.
pub struct Planned {
    pub device_index: i64,
    pub network_card_index: i64,
    /// An interface that exists, by the id that was asked for.
    pub existing: Option<(String, Option<Arc<NetworkInterface>>)>,
    pub subnet_id: Option<String>,
    pub subnet: Option<Arc<Subnet>>,
    pub groups: Vec<Group>,
    pub address: Option<String>,
    pub secondary: Vec<String>,
    pub secondary_count: usize,
    /// IPv6 addresses and prefixes, or what is wrong with them.
    pub more: Result<More, ApiError>,
    pub public: bool,
    pub delete_on_termination: bool,
    pub description: String,
}

/// A security group as it was asked for, and what was found.
pub struct Group {
    pub wanted: Wanted,
    pub found: Option<Arc<SecurityGroup>>,
}

/// How a group was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Id(String),
    Name(String),
    /// The default group of the VPC.
    Default,
}

/// Looks everything up. The placement group may have a zone already.
pub fn plan(cx: &Cx, world: &World, input: &RunInstances, zone: Option<&str>) -> Interfaces {
    let own = InterfaceSpecification {
        device_index: Some(0),
        subnet_id: input.subnet_id.clone(),
        groups: input.security_group_ids.clone(),
        private_ip_address: input.private_ip_address.clone(),
        ipv6_addresses: input.ipv6_addresses.clone(),
        ipv6_address_count: input.ipv6_address_count,
        primary_ipv6: input.enable_primary_ipv6,
        ..InterfaceSpecification::default()
    };
    let mut wanted: Vec<&InterfaceSpecification> = input.network_interfaces.iter().collect();
    if wanted.is_empty() {
        wanted.push(&own);
    }
    wanted.sort_by_key(|it| (it.network_card_index.unwrap_or(0), it.device_index));
    let named_subnet = wanted.iter().any(|it| it.subnet_id.is_some());
    let list = wanted.iter().map(|it| plan_one(cx, world, input, zone, it)).collect();
    Interfaces { list, named_subnet }
}

fn plan_one(
    cx: &Cx,
    world: &World,
    input: &RunInstances,
    zone: Option<&str>,
    wanted: &InterfaceSpecification,
) -> Planned {
    let existing = wanted.network_interface_id.as_ref().map(|id| (id.clone(), interface::look_up(world, cx, id)));
    let found = existing.as_ref().and_then(|(_, found)| found.clone());
    let subnet = match (&found, &wanted.subnet_id) {
        (Some(found), _) => subnet::look_up(world, cx, &found.subnet_id),
        (None, Some(id)) => subnet::look_up(world, cx, id),
        (None, None) => default_subnet(cx, world, input, zone),
    };
    let secondary = wanted.private_ip_addresses.iter().filter(|it| it.primary != Some(true));
    let primary = wanted.private_ip_addresses.iter().find(|it| it.primary == Some(true));
    let chosen = primary.and_then(|it| it.private_ip_address.clone());
    let by_default = subnet.as_ref().is_some_and(|subnet| subnet.map_public_ip_on_launch);
    let alone = input.network_interfaces.len() <= 1;
    Planned {
        device_index: wanted.device_index.unwrap_or(0),
        network_card_index: wanted.network_card_index.unwrap_or(0),
        groups: if existing.is_some() { Vec::new() } else { groups(cx, world, input, wanted, subnet.as_deref()) },
        subnet_id: wanted.subnet_id.clone(),
        subnet,
        address: wanted.private_ip_address.clone().or(chosen),
        secondary: secondary.filter_map(|it| it.private_ip_address.clone()).collect(),
        secondary_count: wanted
            .secondary_private_ip_address_count
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(0),
        more: wanted.more().read(),
        // Several interfaces: none gets a public address by itself.
        public: existing.is_none() && wanted.associate_public_ip_address.unwrap_or(by_default && alone),
        // An interface that was there before stays; a new one goes with the instance.
        delete_on_termination: wanted.delete_on_termination.unwrap_or(existing.is_none()),
        description: wanted.description.clone().unwrap_or_default(),
        existing,
    }
}

/// The default subnet of the zone asked for, else of the first zone that offers the type and has room for all that must be launched.
///
/// INVARIANT: it depends on the state alone: authorisation and handler have to choose the same subnet.
fn default_subnet(cx: &Cx, world: &World, input: &RunInstances, zone: Option<&str>) -> Option<Arc<Subnet>> {
    let in_zone = |zone: Option<&str>| subnet::default_for(world, cx.account(), cx.region_name(), zone);
    if let Some(zone) = zone_wanted(cx, input).or(zone) {
        return in_zone(Some(zone));
    }
    let offering = instance_type::zones(cx, instance_type::name(input));
    let subnets: Vec<_> = offering.into_iter().filter_map(|zone| in_zone(Some(zone))).collect();
    let wanted = usize::try_from(input.min_count).unwrap_or(1);
    let with_room_for = |count| subnets.iter().find(|subnet| subnet::available_addresses(world, subnet) >= count);
    with_room_for(wanted).or_else(|| with_room_for(1)).or(subnets.first()).cloned().or_else(|| in_zone(None))
}

/// The zone the request names, by name or id.
pub fn zone_wanted<'a>(cx: &Cx, input: &'a RunInstances) -> Option<&'a str> {
    let placement = input.placement.as_ref()?;
    if let Some(name) = placement.availability_zone.as_deref() {
        return Some(name);
    }
    let id = placement.availability_zone_id.as_deref()?;
    cx.region.zones.iter().find(|zone| zone.id == id).map(|zone| zone.name.as_str())
}

fn groups(
    cx: &Cx,
    world: &World,
    input: &RunInstances,
    wanted: &InterfaceSpecification,
    subnet: Option<&Subnet>,
) -> Vec<Group> {
    let by_id = |id: &String| Group { wanted: Wanted::Id(id.clone()), found: security_group::look_up(world, cx, id) };
    let by_name = |name: &String| Group {
        wanted: Wanted::Name(name.clone()),
        found: subnet.and_then(|subnet| security_group::by_name(world, cx, &subnet.vpc_id, name)),
    };
    let mut groups: Vec<Group> = wanted.groups.iter().map(by_id).collect();
    groups.extend(input.security_groups.iter().map(by_name));
    if groups.is_empty() {
        let found = subnet.and_then(|subnet| security_group::default_of_vpc(world, cx, &subnet.vpc_id));
        groups.push(Group { wanted: Wanted::Default, found });
    }
    groups
}

impl Interfaces {
    /// The subnet the instance is in, that of its primary interface.
    pub fn subnet(&self) -> Option<&Arc<Subnet>> {
        self.list.first()?.subnet.as_ref()
    }

    /// Everything must be there and belong together; the answer is the instance's subnet.
    pub fn require(&self, cx: &Cx, world: &World, input: &RunInstances) -> Result<&Arc<Subnet>, ApiError> {
        zone_must_exist(cx, input)?;
        for planned in &self.list {
            planned.require(cx, world)?;
        }
        let subnet = self.subnet().ok_or_else(|| no_default_subnet(cx, world))?;
        if let Some(zone) = zone_wanted(cx, input)
            && zone != subnet.zone
        {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!(
                    "The availability zone of the specified subnet '{}' ({}) does not match the specified availability zone '{zone}'",
                    subnet.id, subnet.zone
                ),
            ));
        }
        for other in self.list.iter().filter_map(|planned| planned.subnet.as_ref()) {
            if other.zone != subnet.zone {
                let message = "All network interfaces of an instance must be in the same availability zone.";
                return Err(ApiError::new("InvalidParameterCombination", message));
            }
        }
        Ok(subnet)
    }
}

impl Planned {
    fn require(&self, cx: &Cx, world: &World) -> Result<(), ApiError> {
        if let Some((id, found)) = &self.existing {
            kind::NETWORK_INTERFACE.well_formed(id)?;
            let found = found.as_ref().ok_or_else(|| kind::NETWORK_INTERFACE.not_found(&[id]))?;
            if found.is_taken(cx.now, cx.settings.states) {
                let message = format!("Interface: [{id}] in use.");
                return Err(ApiError::new("InvalidNetworkInterface.InUse", message));
            }
            return Ok(());
        }
        if let Some(id) = &self.subnet_id {
            subnet::get(world, cx, id)?;
        }
        let subnet = self.subnet.as_deref().ok_or_else(|| no_default_subnet(cx, world))?;
        interface::change::must_be_in_few(cx, self.groups.len())?;
        for group in &self.groups {
            group.require(cx, world, subnet)?;
        }
        self.addresses()?;
        self.more.clone()?;
        Ok(())
    }

    /// The addresses asked for, primary and secondary.
    pub fn addresses(&self) -> Result<(Option<Ipv4Addr>, Vec<Ipv4Addr>), ApiError> {
        let primary = self.address.as_deref().map(address).transpose()?;
        let secondary = self.secondary.iter().map(|text| address(text)).collect::<Result<_, _>>()?;
        Ok((primary, secondary))
    }

    /// How many private IPv4 addresses, and prefixes in their place, a new interface is to have.
    pub fn places(&self) -> usize {
        let prefixes = self.more.as_ref().map_or(0, |more| more.ipv4_prefixes.certain.len() + more.ipv4_prefixes.count);
        1 + self.secondary.len() + self.secondary_count + prefixes
    }

    /// Ids of the groups that were found.
    pub fn group_ids(&self) -> Vec<String> {
        self.groups.iter().filter_map(|group| group.found.as_ref()).map(|group| group.id.clone()).collect()
    }
}

impl Group {
    fn require(&self, cx: &Cx, world: &World, subnet: &Subnet) -> Result<(), ApiError> {
        match (&self.found, &self.wanted) {
            (Some(found), Wanted::Id(id)) => same_network(world, found, id, &subnet.vpc_id, &subnet.id),
            (Some(_), _) => Ok(()),
            (None, Wanted::Id(id)) => Err(missing_group(cx, id)),
            (None, Wanted::Name(name)) => Err(ApiError::new(
                "InvalidGroup.NotFound",
                format!("The security group '{name}' does not exist in VPC '{}'", subnet.vpc_id),
            )),
            (None, Wanted::Default) => Err(ApiError::internal(format!("VPC {} has no default group", subnet.vpc_id))),
        }
    }
}

fn missing_group(_: &Cx, id: &str) -> ApiError {
    kind::SECURITY_GROUP.well_formed(id).err().unwrap_or_else(|| kind::SECURITY_GROUP.not_found(&[id]))
}

fn same_network(world: &World, group: &SecurityGroup, id: &str, vpc_id: &str, subnet_id: &str) -> Result<(), ApiError> {
    if is_usable_in(world, group, vpc_id) {
        return Ok(());
    }
    let message = format!("Security group {id} and subnet {subnet_id} belong to different networks.");
    Err(ApiError::new("InvalidParameter", message))
}

/// A group that must exist and belong to the network of that subnet.
pub fn group_in(
    cx: &Cx,
    world: &World,
    id: &str,
    vpc_id: &str,
    subnet_id: &str,
) -> Result<Arc<SecurityGroup>, ApiError> {
    let found = security_group::look_up(world, cx, id).ok_or_else(|| missing_group(cx, id))?;
    same_network(world, &found, id, vpc_id, subnet_id)?;
    Ok(found)
}

fn address(text: &str) -> Result<Ipv4Addr, ApiError> {
    text.parse().map_err(|_| {
        let message = format!("Value ({text}) for parameter privateIpAddress is invalid. Invalid IPv4 address.");
        ApiError::new("InvalidParameterValue", message)
    })
}

fn zone_must_exist(cx: &Cx, input: &RunInstances) -> Result<(), ApiError> {
    let Some(placement) = &input.placement else { return Ok(()) };
    let known = |name: &str| cx.region.zones.iter().any(|zone| zone.name == name || zone.id == name);
    let named = [&placement.availability_zone, &placement.availability_zone_id];
    match named.into_iter().flatten().find(|name| !name.is_empty() && !known(name)) {
        None => Ok(()),
        Some(name) => Err(ApiError::new("InvalidParameterValue", format!("Invalid availability zone: [{name}]"))),
    }
}

/// Nothing to choose from: no default VPC, or one without subnets (in the zone asked for).
fn no_default_subnet(cx: &Cx, world: &World) -> ApiError {
    match vpc::default_of(world, cx.account(), cx.region_name()) {
        Some(vpc) => ApiError::new(
            "MissingInput",
            format!("No subnets found for the default VPC '{}'. Please specify a subnet.", vpc.id),
        ),
        None => ApiError::new(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
        ),
    }
}
