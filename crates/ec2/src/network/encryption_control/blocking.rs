//! What keeps a VPC from being enforced: ways out of AWS's network, peers that are not enforced, Gateway Load Balancers, and interfaces of instances
//! whose type does not encrypt. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetVpcResourcesBlockingEncryptionEnforcement.html>
//!
//! An instance is told by its interfaces, with the type and description they have (as the Terraform provider's tests and AWS's announcement show it).

use service::paging;
use service::prelude::*;

use super::{Traffic, of};
use crate::catalogue::instance_types;
use crate::family::item;
use crate::family::peering::{self, Side};
use crate::instance::Instance;
use crate::kind;
use crate::network::interface::NetworkInterface;
use crate::network::internet_gateway::InternetGateway;
use crate::network::vpc::Vpc;
use crate::resource;

/// `GetVpcResourcesBlockingEncryptionEnforcementRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetBlocking {
    pub vpc_id: String,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetVpcResourcesBlockingEncryptionEnforcementResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Blocking {
    pub non_compliant_resources: Vec<ResourceOut>,
    pub next_token: Option<String>,
}

/// `VpcEncryptionNonCompliantResource`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ResourceOut {
    pub id: String,
    pub r#type: String,
    pub description: Option<String>,
    pub is_excludable: bool,
}

/// A resource, and what has to be excluded for it not to block; nothing does where it can't be.
pub struct Found {
    id: String,
    name: String,
    description: Option<String>,
    traffic: Option<Traffic>,
}

impl Found {
    fn gateway(id: &str, name: &str, traffic: Traffic) -> Found {
        Found { id: id.to_owned(), name: name.to_owned(), description: None, traffic: Some(traffic) }
    }
}

/// GetVpcResourcesBlockingEncryptionEnforcement on the VPC.
pub fn to_get(cx: &Cx, world: &World, input: &GetBlocking) -> Vec<Check> {
    vec![resource::check_on::<Vpc>(cx, world, &input.vpc_id)]
}

/// Lists them, in the order of their ids; what is excluded already blocks nothing.
pub fn get(cx: &Cx, world: &World, input: &GetBlocking) -> Result<Blocking, ApiError> {
    let vpc = resource::get::<Vpc>(world, cx, &input.vpc_id)?;
    let excluded = of(world, vpc.account, &vpc.region, &vpc.id).map(|held| held.excluded()).unwrap_or_default();
    let mut found: Vec<Found> = beside(cx, world, &vpc, &excluded).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let told = found.into_iter().map(|it| ResourceOut {
        id: it.id,
        r#type: it.name,
        description: it.description,
        is_excludable: it.traffic.is_some(),
    });
    let scope = format!("blocking {}", vpc.id);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, told, |it| it.id.clone())?;
    Ok(Blocking { non_compliant_resources: page.items, next_token: page.next })
}

/// What blocks although that traffic is excluded. An enforced peer does so too once anything is: it would rely on a VPC that no longer counts as
/// encrypted ([`is_enforced`]).
pub fn beside<'w>(cx: &'w Cx, world: &'w World, vpc: &'w Vpc, excluded: &'w [Traffic]) -> impl Iterator<Item = Found> {
    let peers =
        peers(cx, world, &vpc.id).filter(|(_, side)| !excluded.is_empty() || !is_enforced(world, &vpc.region, side));
    let peers = peers.map(|(id, _)| Found::gateway(&id, "vpc-peering-connection", Traffic::VpcPeering));
    let counts = |it: &Found| it.traffic.is_none_or(|traffic| !excluded.contains(&traffic));
    but_for_peers(cx, world, vpc).chain(peers).filter(counts)
}

/// Whether a VPC could be enforced if only its peers were.
pub fn only_by_peers(cx: &Cx, world: &World, vpc: &Vpc, excluded: &[Traffic]) -> bool {
    !but_for_peers(cx, world, vpc).any(|it| it.traffic.is_none_or(|traffic| !excluded.contains(&traffic)))
}

fn but_for_peers<'w>(cx: &'w Cx, world: &'w World, vpc: &'w Vpc) -> impl Iterator<Item = Found> {
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let gateway = world.one::<InternetGateway>(InternetGateway::BY_VPC, &parts);
    let gateway = gateway.map(|it| Found::gateway(&it.id, "internet-gateway", Traffic::InternetGateway));
    // One that failed is shown until it is deleted, but carries nothing.
    let nats = item::all(world, cx, &kind::NAT_GATEWAY)
        .filter(|it| !it.is_deleted() && it.state(cx) != Some("failed"))
        .filter(|it| it.document.text("VpcId") == Some(vpc.id.as_str()))
        .map(|it| Found::gateway(&it.id, "nat-gateway", Traffic::NatGateway));
    let inside = item::inside(world, cx, &vpc.id).into_iter().filter_map(|id| of_gateway(cx, world, &id));
    let interfaces = world.by::<NetworkInterface>(NetworkInterface::BY_VPC, &parts);
    let interfaces = interfaces.filter(|it| !encrypts(world, it)).map(|it| Found {
        id: it.id.clone(),
        name: "interface".to_owned(),
        description: Some(it.description.clone()),
        traffic: None,
    });
    gateway.into_iter().chain(nats).chain(inside).chain(interfaces)
}

fn of_gateway(cx: &Cx, world: &World, id: &str) -> Option<Found> {
    if kind::EGRESS_ONLY_INTERNET_GATEWAY.is_id(id) {
        return Some(Found::gateway(id, "egress-only-internet-gateway", Traffic::EgressOnlyInternetGateway));
    }
    if kind::VPN_GATEWAY.is_id(id) {
        return Some(Found::gateway(id, "virtual-private-gateway", Traffic::VirtualPrivateGateway));
    }
    let endpoint = item::look_up(world, cx, id).filter(|_| kind::VPC_ENDPOINT.is_id(id))?;
    // "Gateway Load Balancer and AWS Network Firewall are not supported with VPCs in enforce mode": the user guide.
    let balancer = endpoint.document.text("VpcEndpointType") == Some("GatewayLoadBalancer");
    balancer.then(|| Found {
        id: id.to_owned(),
        name: "vpc-endpoint".to_owned(),
        description: endpoint.document.text("ServiceName").map(str::to_owned),
        traffic: None,
    })
}

/// Whether what passes an interface is encrypted, as far as the instance that it is attached to is concerned.
fn encrypts(world: &World, interface: &NetworkInterface) -> bool {
    let Some(held) = &interface.attachment else { return true };
    let account = held.instance_account.unwrap_or(interface.account);
    let instance = world.get::<Instance>(&[account.as_str(), &interface.region, &held.instance_id]);
    instance.is_none_or(|instance| type_encrypts(&instance.instance_type))
}

/// Whether traffic of instances of the type is encrypted in transit.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/data-protection.html#encryption-transit>
pub fn type_encrypts(name: &str) -> bool {
    let network = instance_types::get(name).and_then(|kind| kind.network_info.as_ref());
    network.and_then(|network| network.encryption_in_transit_supported) == Some(true)
}

/// The connections of a VPC, with their other sides: what is accepted counts before it is active, what is only asked for is looked at when it is
/// accepted.
pub fn peers(cx: &Cx, world: &World, vpc_id: &str) -> impl Iterator<Item = (String, Side)> {
    peering::accepted_with(cx, world, vpc_id).into_iter()
}

/// A peer counts as encrypted if it is in the same region and enforced without exclusions.
pub fn is_enforced(world: &World, region: &str, side: &Side) -> bool {
    let control = of(world, side.account, &side.region, &side.vpc_id);
    side.region == region && control.is_some_and(|it| it.enforcing && it.excluded().is_empty())
}
