//! What new networks look like: the default network of an account in a region, as AWS makes it (a VPC with one subnet per zone, a way to the
//! internet, and open rules), and what every VPC comes with.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html>

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use service::ids::Ids;
use service::keys::InstallationKeys;
use service::prelude::*;
use service::regions::Zone;

use super::dhcp_options::DhcpOptions;
use super::internet_gateway::InternetGateway;
use super::network_acl::{AclAssociation, NetworkAcl};
use super::route_table::{Origin, Route, RouteTable, RouteTableAssociation};
use super::security_group::{self, SecurityGroup};
use super::subnet::Subnet;
use super::vpc::{CidrAssociation, Vpc};
use super::{Settled, is_settled};

/// 172.31.0.0/16
const VPC_BLOCK: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(172, 31, 0, 0), 16);

/// Lays out the default network of the caller's account and region, once. Its ids depend on the installation, account and region alone, so whoever
/// comes first gets the same ones.
pub fn settle(cx: &Cx, tx: &mut Tx) {
    let (account, region) = (cx.account(), cx.region_name());
    if is_settled(tx, account, region) {
        return;
    }
    let seed = InstallationKeys::of(tx).map(|keys| *keys.seed.bytes()).unwrap_or_default();
    let ids = Ids::derived(&[b"default network", &seed, account.as_str().as_bytes(), region.as_bytes()]);
    let place = Place { account, region: region.to_owned(), ids };
    let options = dhcp_options(&place);
    tx.put(Settled { account, region: region.to_owned(), since: cx.now, dhcp_options_id: options.id.clone() });
    put_default_network(&place, tx, &options.id, &cx.region.zones);
    tx.put(options);
}

/// Where a network is, and its ids.
pub struct Place {
    pub account: AccountId,
    pub region: String,
    pub ids: Ids,
}

impl Place {
    /// The caller's account and region, with fresh ids.
    pub fn of(cx: &Cx) -> Place {
        Place { account: cx.account(), region: cx.region_name().to_owned(), ids: Ids::new(cx.ids.bytes()) }
    }
}

/// The default VPC with its subnets and its way to the internet.
pub fn put_default_network(place: &Place, tx: &mut Tx, dhcp_options_id: &str, zones: &[Zone]) -> Vpc {
    let vpc = Vpc { is_default: true, dns_hostnames: true, ..new_vpc(place, VPC_BLOCK, dhcp_options_id) };
    let subnets = subnets(place, &vpc.id, zones);
    let gateway = internet_gateway(place, &vpc.id);
    put_companions(place, tx, &vpc, Some(&gateway.id), &subnets);
    tx.put(vpc.clone());
    tx.put(gateway);
    subnets.into_iter().for_each(|subnet| tx.put(subnet));
    vpc
}

/// What every VPC comes with: a main route table, a default ACL and a default security group.
pub fn put_companions(place: &Place, tx: &mut Tx, vpc: &Vpc, gateway_id: Option<&str>, subnets: &[Subnet]) {
    tx.put(main_route_table(place, vpc, gateway_id));
    tx.put(default_acl(place, vpc, subnets));
    put_default_group(place, tx, vpc);
}

/// The options that new VPCs of a region get.
pub fn dhcp_options(place: &Place) -> DhcpOptions {
    let configurations = vec![
        ("domain-name".to_owned(), vec![super::address::private_domain(&place.region).into_owned()]),
        ("domain-name-servers".to_owned(), vec!["AmazonProvidedDNS".to_owned()]),
    ];
    DhcpOptions {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("dopt"),
        configurations,
        tags: Vec::new(),
    }
}

/// A VPC as requests make it.
pub fn new_vpc(place: &Place, cidr: Ipv4Net, dhcp_options_id: &str) -> Vpc {
    Vpc {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("vpc"),
        cidr,
        cidr_associations: vec![CidrAssociation { id: place.ids.ec2("vpc-cidr-assoc"), cidr, since: None }],
        is_default: false,
        tenancy: "default".to_owned(),
        dhcp_options_id: dhcp_options_id.to_owned(),
        dns_support: true,
        dns_hostnames: false,
        address_usage_metrics: false,
        ipv6_blocks: Vec::new(),
        former_blocks: Vec::new(),
        created_at: None,
        tags: Vec::new(),
    }
}

/// 172.31.0.0/20, 172.31.16.0/20…, one per zone.
fn subnets(place: &Place, vpc_id: &str, zones: &[Zone]) -> Vec<Subnet> {
    let subnet = |(zone, cidr): (&Zone, Ipv4Net)| default_subnet(place, vpc_id, zone, cidr);
    zones.iter().zip(blocks_for_subnets()).map(subnet).collect()
}

/// The blocks that default subnets take, in this order.
pub fn blocks_for_subnets() -> impl Iterator<Item = Ipv4Net> {
    VPC_BLOCK.subnets(20).into_iter().flatten()
}

/// A zone's subnet of the default VPC: its instances get public addresses.
pub fn default_subnet(place: &Place, vpc_id: &str, zone: &Zone, cidr: Ipv4Net) -> Subnet {
    Subnet { default_for_az: true, map_public_ip_on_launch: true, ..new_subnet(place, vpc_id, zone, cidr) }
}

/// A subnet as requests make it.
pub fn new_subnet(place: &Place, vpc_id: &str, zone: &Zone, cidr: Ipv4Net) -> Subnet {
    Subnet {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("subnet"),
        vpc_id: vpc_id.to_owned(),
        cidr,
        zone: zone.name.clone(),
        zone_id: zone.id.clone(),
        default_for_az: false,
        map_public_ip_on_launch: false,
        hostname_type: "ip-name".to_owned(),
        dns_a_record: false,
        dns_aaaa_record: false,
        addresses_in_use: 0,
        leaving: Vec::new(),
        ipv6_block: None,
        former_blocks: Vec::new(),
        assign_ipv6: false,
        dns64: false,
        created_at: None,
        tags: Vec::new(),
    }
}

fn internet_gateway(place: &Place, vpc_id: &str) -> InternetGateway {
    InternetGateway {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("igw"),
        vpc_id: Some(vpc_id.to_owned()),
        tags: Vec::new(),
    }
}

fn main_route_table(place: &Place, vpc: &Vpc, gateway_id: Option<&str>) -> RouteTable {
    let mut table = new_route_table(place, vpc);
    let id = place.ids.ec2("rtbassoc");
    table.associations.push(RouteTableAssociation { id, main: true, subnet_id: None, gateway_id: None });
    table.routes.extend(gateway_id.map(|gateway_id| Route {
        destination: "0.0.0.0/0".to_owned(),
        gateway_id: Some(gateway_id.to_owned()),
        network_interface_id: None,
        origin: Origin::CreateRoute,
    }));
    table
}

/// A route table as requests make it: a local route for each of the VPC's blocks.
pub fn new_route_table(place: &Place, vpc: &Vpc) -> RouteTable {
    RouteTable {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("rtb"),
        vpc_id: vpc.id.clone(),
        routes: local_routes(vpc),
        associations: Vec::new(),
        propagating: Vec::new(),
        tags: Vec::new(),
    }
}

fn local_routes(vpc: &Vpc) -> Vec<Route> {
    let ipv4 = vpc.cidr_associations.iter().map(|block| Route::local(&block.cidr));
    ipv4.chain(vpc.ipv6_blocks.iter().map(|block| Route::local(&block.cidr))).collect()
}

fn default_acl(place: &Place, vpc: &Vpc, subnets: &[Subnet]) -> NetworkAcl {
    let association = |subnet: &Subnet| AclAssociation { id: place.ids.ec2("aclassoc"), subnet_id: subnet.id.clone() };
    NetworkAcl {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("acl"),
        vpc_id: vpc.id.clone(),
        is_default: true,
        entries: super::network_acl::open_entries(vpc),
        associations: subnets.iter().map(association).collect(),
        tags: Vec::new(),
    }
}

fn put_default_group(place: &Place, tx: &mut Tx, vpc: &Vpc) {
    let group = SecurityGroup {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("sg"),
        vpc_id: vpc.id.clone(),
        name: "default".to_owned(),
        description: "default VPC security group".to_owned(),
        tags: Vec::new(),
    };
    tx.put(security_group::from_itself(&group, place.ids.ec2("sgr")));
    tx.put(security_group::to_anywhere(&group, place.ids.ec2("sgr")));
    if !vpc.ipv6_blocks.is_empty() {
        tx.put(security_group::to_anywhere_ipv6(&group, place.ids.ec2("sgr")));
    }
    tx.put(group);
}
