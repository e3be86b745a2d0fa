//! Interface endpoints and those of Gateway Load Balancers: an interface in each subnet, the groups these are in, and the names under which the
//! service is found. <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>

use serde_json::{Value, json};
use service::ids::Ids;
use service::prelude::*;

use super::services::Found;
use super::{INTERFACE, Item, LOAD_BALANCER, invalid, type_of, vpc_of};
use crate::family::item;
use crate::instance::run::network::group_in;
use crate::kind;
use crate::network::interface::{self as interfaces, NetworkInterface, NewInterface, managed};
use crate::network::security_group;
use crate::network::subnet::{self, Subnet};
use crate::resource;

/// Members, shown nowhere: the interfaces by subnet, the ids of groups, the name that the service itself goes by.
const PLACES: &str = "Places";
const GROUP_IDS: &str = "GroupIds";
const PRIVATE_NAME: &str = "PrivateName";
/// The zone of the names that AWS gives endpoints.
const ZONE: &str = "Z7HUB22UULQXV";

pub fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item, found: &Found) -> Result<(), ApiError> {
    must_not_have_tables(input, item)?;
    fill_names(cx, tx, input, item, found)?;
    let vpc_id = vpc_of(cx, tx, item)?.id.clone();
    let groups = match (type_of(item), input.texts("SecurityGroupIds")) {
        (LOAD_BALANCER, _) => Vec::new(),
        (_, given) if given.is_empty() => {
            security_group::default_of_vpc(tx, cx, &vpc_id).iter().map(|group| group.id.clone()).collect()
        }
        (_, given) => {
            given.iter().try_for_each(|id| group_in(cx, tx, id, &vpc_id, "").map(drop))?;
            given
        }
    };
    item.document.set(GROUP_IDS, groups);
    let subnets = input.texts("SubnetIds");
    item.document.set("SubnetIds", Vec::<String>::new());
    subnets.iter().try_for_each(|id| join(cx, tx, item, id))
}

fn must_not_have_tables(input: &Document, item: &Item) -> Result<(), ApiError> {
    let tables = ["RouteTableIds", "AddRouteTableIds"].iter().find(|member| !input.texts(member).is_empty());
    match tables {
        Some(member) => Err(invalid(format!("{member} is not supported for VPC endpoints of type {}.", type_of(item)))),
        None => Ok(()),
    }
}

/// The service's own name resolves to the endpoint within the VPC, unless that is not wanted or can't be.
fn fill_names(cx: &Cx, tx: &Tx, input: &Document, item: &mut Item, found: &Found) -> Result<(), ApiError> {
    item.document.set("IpAddressType", input.text("IpAddressType").unwrap_or("ipv4"));
    if type_of(item) == INTERFACE && item.document.at("DnsOptions").is_none() {
        item.document.set("DnsOptions.DnsRecordIpType", "ipv4");
    }
    let vpc = vpc_of(cx, tx, item)?;
    let possible = found.private_name.is_some() && vpc.dns_support && vpc.dns_hostnames;
    let wanted = input.truth("PrivateDnsEnabled").unwrap_or(possible && found.configuration.is_none());
    item.document.set("PrivateDnsEnabled", wanted);
    if let Some(name) = &found.private_name {
        item.document.set(PRIVATE_NAME, name.as_str());
    }
    if wanted { must_be_named_once(cx, tx, item) } else { Ok(()) }
}

/// Texts seen at AWS.
fn must_be_named_once(cx: &Cx, world: &World, item: &Item) -> Result<(), ApiError> {
    let vpc = vpc_of(cx, world, item)?;
    let Some(name) = item.document.text(PRIVATE_NAME) else {
        return Err(invalid("Private DNS can't be enabled because the service does not provide a private DNS name."));
    };
    if !vpc.dns_support || !vpc.dns_hostnames {
        return Err(invalid(format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {}",
            vpc.id
        )));
    }
    let conflicts = |other: &Item| {
        other.id != item.id
            && !other.is_deleted()
            && other.document.text("VpcId") == Some(&vpc.id)
            && other.document.truth("PrivateDnsEnabled") == Some(true)
            && other.document.text(PRIVATE_NAME) == Some(name)
    };
    if item::all(world, cx, &kind::VPC_ENDPOINT).any(|other| conflicts(other)) {
        return Err(invalid(format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the VPC {}",
            vpc.id
        )));
    }
    Ok(())
}

/// An interface in one more subnet; each zone can have one.
fn join(cx: &Cx, tx: &mut Tx, item: &mut Item, id: &str) -> Result<(), ApiError> {
    let subnet = subnet::get(tx, cx, id)?;
    if item.document.text("VpcId") != Some(&subnet.vpc_id) {
        return Err(invalid(format!("The subnet {id} does not belong to the VPC of the endpoint.")));
    }
    let held = item.document.texts("SubnetIds");
    let same_zone = |other: &String| subnet::look_up(tx, cx, other).is_some_and(|it| it.zone == subnet.zone);
    if held.iter().any(same_zone) {
        let message = format!("Found another VPC endpoint subnet in the availability zone of {id}");
        return Err(ApiError::new("DuplicateSubnetsInSameZone", message));
    }
    if type_of(item) == LOAD_BALANCER && !held.is_empty() {
        return Err(invalid("Only one subnet can be specified for VPC endpoints of type GatewayLoadBalancer."));
    }
    let made = interfaces::create(cx, tx, new_interface(item, subnet))?;
    let is_interface = type_of(item) == INTERFACE;
    let interface_type = if is_interface { "vpc_endpoint" } else { "gateway_load_balancer_endpoint" };
    managed::hold(cx, tx, &made.id, interface_type, &item.id);
    let mut places = places(item);
    places.push(json!({"Subnet": id, "Interface": made.id}));
    put(item, places);
    Ok(())
}

fn new_interface(item: &Item, subnet: std::sync::Arc<Subnet>) -> NewInterface {
    NewInterface {
        subnet,
        groups: item.document.texts(GROUP_IDS),
        address: None,
        secondary: Vec::new(),
        secondary_count: 0,
        description: format!("VPC Endpoint Interface {}", item.id),
        attachment: None,
        public_address: false,
        tags: Vec::new(),
    }
}

fn places(item: &Item) -> Vec<Value> {
    item.document.list(PLACES)
}

fn put(item: &mut Item, places: Vec<Value>) {
    let of = |name: &str| places.iter().filter_map(|it| it.get(name)).cloned().collect::<Vec<_>>();
    item.document.set("SubnetIds", of("Subnet"));
    item.document.set("NetworkInterfaceIds", of("Interface"));
    item.document.set(PLACES, places);
}

pub fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_not_have_tables(input, item)?;
    if input.truth("PrivateDnsEnabled") == Some(true) {
        must_be_named_once(cx, tx, item)?;
    }
    let vpc_id = item.document.text("VpcId").unwrap_or_default().to_owned();
    let mut groups = item.document.texts(GROUP_IDS);
    let removed = input.texts("RemoveSecurityGroupIds");
    groups.retain(|id| !removed.contains(id));
    for id in input.texts("AddSecurityGroupIds") {
        group_in(cx, tx, &id, &vpc_id, "")?;
        if !groups.contains(&id) {
            groups.push(id);
        }
    }
    if groups.is_empty() && type_of(item) == INTERFACE {
        return Err(invalid("You must specify at least one security group for the endpoint."));
    }
    item.document.set(GROUP_IDS, groups.clone());
    for id in input.texts("RemoveSubnetIds") {
        leave(cx, tx, item, &id)?;
    }
    for id in input.texts("AddSubnetIds") {
        join(cx, tx, item, &id)?;
    }
    for id in item.document.texts("NetworkInterfaceIds") {
        resource::update::<NetworkInterface>(tx, cx, &id, |it| it.groups.clone_from(&groups));
    }
    Ok(())
}

fn leave(cx: &Cx, tx: &mut Tx, item: &mut Item, subnet: &str) -> Result<(), ApiError> {
    let is_it = |place: &Value| place.get("Subnet").and_then(Value::as_str) == Some(subnet);
    let (gone, kept): (Vec<Value>, Vec<Value>) = places(item).into_iter().partition(is_it);
    for place in gone {
        let id = place.get("Interface").and_then(Value::as_str).unwrap_or_default().to_owned();
        interfaces::delete(cx, tx, &id)?;
    }
    put(item, kept);
    Ok(())
}

pub fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    let at = super::ENDPOINTS.gone_from(cx);
    item.document.texts("NetworkInterfaceIds").iter().try_for_each(|id| interfaces::delete_at(cx, tx, id, at))
}

pub fn see(cx: &Cx, world: &World, item: &Item, shown: &mut Document) {
    let name = |id: &String| security_group::name_of(world, item.account, &item.region, id).unwrap_or_default();
    let group = |id: &String| json!({"GroupId": id, "GroupName": name(id)});
    shown.set("Groups", item.document.texts(GROUP_IDS).iter().map(group).collect::<Vec<_>>());
    if item.state(cx) == Some("deleted") {
        shown.set("NetworkInterfaceIds", Vec::<String>::new());
    }
    if type_of(item) == INTERFACE {
        shown.set("DnsEntries", names(cx, world, item));
    }
}

/// The names AWS gives it, one for all zones and one each, and the service's own where that leads here.
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html>
pub fn names(cx: &Cx, world: &World, item: &Item) -> Vec<Value> {
    let [a, b, c, d, ..] = Ids::derived(&[b"endpoint name", item.id.as_bytes()]).bytes();
    let first = format!("{}-{a:02x}{b:02x}{c:02x}{d:02x}", item.id);
    let name = item.document.text("ServiceName").unwrap_or_default();
    let service = name.strip_prefix("com.amazonaws.vpce.").and_then(|rest| rest.split_once('.')).map(|(_, id)| id);
    let of_aws = || name.split('.').skip(3).collect::<Vec<_>>().join(".");
    let service = service.map_or_else(of_aws, str::to_owned);
    let suffix = format!("{service}.{}.vpce.{}", item.region, cx.region.dns_suffix);
    let zones: Vec<String> = item
        .document
        .texts("SubnetIds")
        .iter()
        .filter_map(|id| world.get::<Subnet>(&[item.account.as_str(), &item.region, id]))
        .map(|subnet| subnet.zone.clone())
        .map(|zone| format!("{first}-{zone}.{suffix}"))
        .collect();
    let given = std::iter::once(format!("{first}.{suffix}")).chain(zones);
    let mut entries: Vec<Value> = given.map(|name| json!({"DnsName": name, "HostedZoneId": ZONE})).collect();
    let own = item.document.text(PRIVATE_NAME);
    if let Some(own) = own.filter(|_| item.document.truth("PrivateDnsEnabled") == Some(true)) {
        let [a, b, c, d, e, f, g, ..] = Ids::derived(&[b"private zone", item.id.as_bytes()]).bytes();
        let zone = format!("Z0{a:02X}{b:02X}{c:02X}{d:02X}{e:02X}{f:02X}{g:02X}");
        entries.push(json!({"DnsName": own, "HostedZoneId": zone}));
    }
    entries
}
