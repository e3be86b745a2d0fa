//! The default network of an account in a region, as AWS makes it: a VPC with one subnet per zone, a way to the internet, and open rules.
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
    let vpc = vpc(&place, &options.id);
    let subnets = subnets(&place, &vpc.id, &cx.region.zones);
    let gateway = internet_gateway(&place, &vpc.id);
    tx.put(Settled { account, region: region.to_owned(), since: cx.now, dhcp_options_id: options.id.clone() });
    tx.put(main_route_table(&place, &vpc, &gateway.id));
    tx.put(default_acl(&place, &vpc.id, &subnets));
    put_default_group(&place, tx, &vpc.id);
    tx.put(options);
    tx.put(vpc);
    tx.put(gateway);
    subnets.into_iter().for_each(|subnet| tx.put(subnet));
}

/// Where the network is, and its ids.
struct Place {
    account: AccountId,
    region: String,
    ids: Ids,
}

fn dhcp_options(place: &Place) -> DhcpOptions {
    let configurations = vec![
        ("domain-name".to_owned(), vec![super::address::private_domain(&place.region)]),
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

fn vpc(place: &Place, dhcp_options_id: &str) -> Vpc {
    Vpc {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("vpc"),
        cidr: VPC_BLOCK,
        cidr_associations: vec![CidrAssociation { id: place.ids.ec2("vpc-cidr-assoc"), cidr: VPC_BLOCK }],
        is_default: true,
        tenancy: "default".to_owned(),
        dhcp_options_id: dhcp_options_id.to_owned(),
        dns_support: true,
        dns_hostnames: true,
        address_usage_metrics: false,
        tags: Vec::new(),
    }
}

/// 172.31.0.0/20, 172.31.16.0/20…, one per zone.
fn subnets(place: &Place, vpc_id: &str, zones: &[Zone]) -> Vec<Subnet> {
    let subnet = |(zone, cidr): (&Zone, Ipv4Net)| Subnet {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("subnet"),
        vpc_id: vpc_id.to_owned(),
        cidr,
        zone: zone.name.clone(),
        zone_id: zone.id.clone(),
        default_for_az: true,
        map_public_ip_on_launch: true,
        hostname_type: "ip-name".to_owned(),
        dns_a_record: false,
        dns_aaaa_record: false,
        addresses_in_use: 0,
        tags: Vec::new(),
    };
    zones.iter().zip(VPC_BLOCK.subnets(20).into_iter().flatten()).map(subnet).collect()
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

fn main_route_table(place: &Place, vpc: &Vpc, gateway_id: &str) -> RouteTable {
    let route = |destination: String, gateway_id: &str, origin| Route {
        destination,
        gateway_id: gateway_id.to_owned(),
        origin,
    };
    RouteTable {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("rtb"),
        vpc_id: vpc.id.clone(),
        routes: vec![
            route(vpc.cidr.to_string(), "local", Origin::CreateRouteTable),
            route("0.0.0.0/0".to_owned(), gateway_id, Origin::CreateRoute),
        ],
        associations: vec![RouteTableAssociation { id: place.ids.ec2("rtbassoc"), main: true, subnet_id: None }],
        tags: Vec::new(),
    }
}

fn default_acl(place: &Place, vpc_id: &str, subnets: &[Subnet]) -> NetworkAcl {
    let association = |subnet: &Subnet| AclAssociation { id: place.ids.ec2("aclassoc"), subnet_id: subnet.id.clone() };
    NetworkAcl {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("acl"),
        vpc_id: vpc_id.to_owned(),
        is_default: true,
        entries: super::network_acl::open_entries(),
        associations: subnets.iter().map(association).collect(),
        tags: Vec::new(),
    }
}

fn put_default_group(place: &Place, tx: &mut Tx, vpc_id: &str) {
    let group = SecurityGroup {
        account: place.account,
        region: place.region.clone(),
        id: place.ids.ec2("sg"),
        vpc_id: vpc_id.to_owned(),
        name: "default".to_owned(),
        description: "default VPC security group".to_owned(),
        tags: Vec::new(),
    };
    tx.put(security_group::from_itself(&group, place.ids.ec2("sgr")));
    tx.put(security_group::to_anywhere(&group, place.ids.ec2("sgr")));
    tx.put(group);
}
