//! The ends of a path: what its source and its destination are now, and the addresses that packets between them can have.

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::Value;
use service::prelude::*;

use super::access::{list_addresses, own_addresses};
use super::component::Components;
use super::packet::Set;
use crate::family::endpoint;
use crate::family::item::{self, Item};
use crate::family::peering::{ACCEPTER, REQUESTER, Side};
use crate::family::vpn::gateway;
use crate::instance::Instance;
use crate::kind;
use crate::network::elastic_ip::Address;
use crate::network::interface::{self, NetworkInterface};
use crate::network::internet_gateway::InternetGateway;
use crate::network::vpc::Vpc;
use crate::resource;

/// One end.
#[derive(Debug, Clone)]
pub enum End {
    Interface(Arc<NetworkInterface>),
    Internet(Arc<InternetGateway>),
    Peering(Arc<Item>),
    Vpn(Arc<Item>),
    /// A transit gateway, or one of its attachments.
    Transit(Arc<Item>),
    /// A gateway endpoint, or one for a Gateway Load Balancer.
    Endpoint(Arc<Item>),
    /// No more than an address is known of it.
    Address(Ipv4Addr),
}

/// Why an end is none.
pub struct NoEnd {
    pub code: &'static str,
    pub id: String,
}

impl End {
    /// What an id stands for: an instance for each of its interfaces.
    pub fn of(components: &Components<'_>, id: &str) -> Result<Vec<End>, NoEnd> {
        let (cx, world) = (components.cx, components.world);
        let no = |code| NoEnd { code, id: id.to_owned() };
        let missing = || no("NO_SOURCE_OR_DESTINATION");
        let all_of = |ends: Vec<End>| if ends.is_empty() { Err(no("UNASSOCIATED_COMPONENT")) } else { Ok(ends) };
        let kind = kind::of_id(id).ok_or_else(missing)?;
        let family_item = || item::alive(world, cx, kind, id).map_err(|_| missing());
        match kind.resource_type {
            "instance" => {
                resource::look_up::<Instance>(world, cx, id).ok_or_else(missing)?;
                let held = interface::of_instance(world, cx.account(), cx.region_name(), id);
                all_of(held.into_iter().map(End::Interface).collect())
            }
            "network-interface" => {
                interface::look_up(world, cx, id).map(|it| vec![End::Interface(it)]).ok_or_else(missing)
            }
            "internet-gateway" => {
                let found = resource::look_up::<InternetGateway>(world, cx, id).ok_or_else(missing)?;
                all_of(Some(found).filter(|it| it.vpc_id.is_some()).into_iter().map(End::Internet).collect())
            }
            "vpc-peering-connection" => Ok(vec![End::Peering(family_item()?)]),
            "transit-gateway" | "transit-gateway-attachment" => Ok(vec![End::Transit(family_item()?)]),
            "vpn-gateway" => {
                let found = family_item()?;
                all_of(Some(found).filter(|it| gateway::vpc_of(it).is_some()).into_iter().map(End::Vpn).collect())
            }
            "vpc-endpoint" => all_of(of_endpoint(cx, world, family_item()?)),
            "vpc-endpoint-service" => {
                let service = family_item()?;
                let held = item::all(world, cx, &kind::VPC_ENDPOINT).filter(|it| leads_to(it, &service.id));
                all_of(held.cloned().flat_map(|it| of_endpoint(cx, world, it)).collect())
            }
            _ => Err(no("UNSUPPORTED_COMPONENT")),
        }
    }

    /// The id of what is there; none of an address.
    pub fn id(&self) -> Option<&str> {
        match self {
            End::Interface(it) => Some(&it.id),
            End::Internet(it) => Some(&it.id),
            End::Peering(it) | End::Vpn(it) | End::Transit(it) | End::Endpoint(it) => Some(&it.id),
            End::Address(_) => None,
        }
    }

    /// The VPC it is in, with its account, if it is in one.
    pub fn vpc(&self, world: &World) -> Option<Arc<Vpc>> {
        let look_up = |account: &str, region: &str, id: &str| world.get::<Vpc>(&[account, region, id]).cloned();
        match self {
            End::Interface(it) => look_up(it.account.as_str(), &it.region, &it.vpc_id),
            End::Internet(it) => look_up(it.account.as_str(), &it.region, it.vpc_id.as_deref()?),
            End::Vpn(it) => look_up(it.account.as_str(), &it.region, gateway::vpc_of(it)?),
            End::Endpoint(it) => look_up(it.account.as_str(), &it.region, it.document.text("VpcId")?),
            End::Peering(_) | End::Transit(_) | End::Address(_) => None,
        }
    }

    /// The addresses that packets from that origin to it have as their destination: to the internet, interfaces are known by public ones.
    pub fn addresses_from(&self, components: &Components<'_>, origin: &End) -> Set {
        match (self, origin) {
            (End::Interface(it), End::Internet(_)) => {
                Set::addresses(public_addresses(components.world, it).into_iter().map(|(_, public)| public))
            }
            _ => self.addresses(components, origin),
        }
    }

    /// The addresses that packets from it to the other end have as their source.
    pub fn addresses(&self, components: &Components<'_>, other: &End) -> Set {
        let world = components.world;
        let outside = || match other.vpc(world) {
            Some(vpc) => Set::all().minus(&blocks_of(&vpc)),
            None => Set::all(),
        };
        match self {
            End::Interface(it) => own_addresses(it),
            End::Internet(_) => Set::internet(),
            End::Address(address) => Set::addresses([*address]),
            End::Peering(it) => {
                let sides =
                    [REQUESTER, ACCEPTER].iter().filter_map(|member| vpc_of_side(world, &Side::of(it, member)?));
                sides.fold(Set::default(), |set, vpc| set.union(&blocks_of(&vpc))).and(&outside())
            }
            End::Vpn(_) | End::Transit(_) => outside(),
            End::Endpoint(it) => {
                let list = endpoint::prefix_list_of(components.cx, it);
                list.map(|list| list_addresses(components, it.account, &list)).unwrap_or_else(outside)
            }
        }
    }

    /// As explanations and paths name it.
    pub fn shown(&self, components: &Components<'_>) -> Option<Value> {
        let of_item = |it: &Item| it.kind().map(|kind| components.part(kind.resource_type, &it.id, it.account));
        match self {
            End::Interface(it) => Some(components.part("network-interface", &it.id, it.account)),
            End::Internet(it) => Some(components.part("internet-gateway", &it.id, it.account)),
            End::Peering(it) | End::Vpn(it) | End::Transit(it) | End::Endpoint(it) => of_item(it),
            End::Address(_) => None,
        }
    }
}

/// The interfaces of an endpoint, or the endpoint itself where routes lead to it.
fn of_endpoint(cx: &Cx, world: &World, endpoint: Arc<Item>) -> Vec<End> {
    match endpoint::interface_ids(&endpoint) {
        held if held.is_empty() => vec![End::Endpoint(endpoint)],
        held => held.iter().filter_map(|id| interface::look_up(world, cx, id)).map(End::Interface).collect(),
    }
}

fn leads_to(endpoint: &Item, service_id: &str) -> bool {
    !endpoint.is_deleted() && endpoint.document.text("ServiceName").is_some_and(|name| name.ends_with(service_id))
}

/// The VPC of a side of a peering connection.
pub fn vpc_of_side(world: &World, side: &Side) -> Option<Arc<Vpc>> {
    world.get::<Vpc>(&[side.account.as_str(), &side.region, &side.vpc_id]).cloned()
}

/// The IPv4 blocks of a VPC.
pub fn blocks_of(vpc: &Vpc) -> Set {
    vpc.cidr_associations.iter().fold(Set::default(), |set, held| set.union(&Set::block(held.cidr)))
}

/// The private addresses of an interface that have a public one, with it. What is attached to nothing has none that works.
pub fn public_addresses(world: &World, interface: &NetworkInterface) -> Vec<(Ipv4Addr, Ipv4Addr)> {
    if interface.attachment.is_none() && interface.managed.is_none() {
        return Vec::new();
    }
    let parts = [interface.account.as_str(), &interface.region, &interface.id];
    let elastic = world.by::<Address>(Address::BY_INTERFACE, &parts);
    let pairs = elastic.filter_map(|it| Some((it.association.as_ref()?.private_ip, it.public_ip)));
    let mut found: Vec<(Ipv4Addr, Ipv4Addr)> = pairs.collect();
    let own = interface.public_ip.map(|public| (interface.private_ip, public));
    found.extend(own.filter(|pair| !found.iter().any(|held| held.1 == pair.1)));
    found
}
