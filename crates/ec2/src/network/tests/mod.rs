//! The default network, and describing it.

use std::collections::BTreeSet;

use service::keys::InstallationKeys;
use service::prelude::*;

mod changes;
mod ipv6;
mod public_access;

use super::*;
use crate::tests::{empty, filters, in_region, knows_filters, later, list, refusal, refused, start};

fn vpcs(cx: &Cx, world: &World) -> Vec<vpc::VpcOut> {
    vpc::describe(cx, world, &vpc::DescribeVpcs::default()).unwrap().vpcs
}

fn subnets(cx: &Cx, world: &World) -> Vec<subnet::SubnetOut> {
    subnet::describe(cx, world, &subnet::DescribeSubnets::default()).unwrap().subnets
}

#[test]
fn the_default_network() {
    let (cx, tx) = start();
    let vpcs = vpcs(&cx, &tx);
    let [vpc] = vpcs.as_slice() else { panic!("{vpcs:?}") };
    assert_eq!(
        (vpc.cidr_block.as_str(), vpc.is_default, vpc.instance_tenancy.as_str()),
        ("172.31.0.0/16", true, "default")
    );
    assert_eq!(vpc.cidr_block_association_set[0].cidr_block, "172.31.0.0/16");
    assert_eq!(vpc.tags, None);

    let subnets = subnets(&cx, &tx);
    let blocks: BTreeSet<_> = subnets.iter().map(|subnet| subnet.cidr_block.as_str()).collect();
    let expected =
        ["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20", "172.31.48.0/20", "172.31.64.0/20", "172.31.80.0/20"];
    assert_eq!(blocks, BTreeSet::from(expected));
    let zones: BTreeSet<_> = subnets.iter().map(|subnet| subnet.availability_zone.as_str()).collect();
    assert_eq!(zones.len(), 6);
    for subnet in &subnets {
        assert!(subnet.default_for_az && subnet.map_public_ip_on_launch, "{subnet:?}");
        assert_eq!((subnet.available_ip_address_count, subnet.vpc_id.as_str()), (4091, vpc.vpc_id.as_str()));
        assert_eq!(subnet.subnet_arn, format!("arn:aws:ec2:us-east-1:123456789012:subnet/{}", subnet.subnet_id));
    }

    let tables = route_table::describe(&cx, &tx, &route_table::DescribeRouteTables::default()).unwrap().route_tables;
    let gateways =
        internet_gateway::describe(&cx, &tx, &internet_gateway::DescribeInternetGateways::default()).unwrap();
    let gateway = &gateways.internet_gateways[0];
    assert_eq!(
        (gateway.attachments[0].vpc_id.as_str(), gateway.attachments[0].state),
        (vpc.vpc_id.as_str(), "available")
    );
    let routes: Vec<_> = tables[0]
        .routes
        .iter()
        .map(|route| {
            (route.destination_cidr_block.as_deref().unwrap(), route.gateway_id.as_deref().unwrap(), route.origin)
        })
        .collect();
    assert_eq!(
        routes,
        [
            ("172.31.0.0/16", "local", "CreateRouteTable"),
            ("0.0.0.0/0", gateway.internet_gateway_id.as_str(), "CreateRoute"),
        ]
    );
    assert!(tables[0].associations[0].main);

    let acls = network_acl::describe(&cx, &tx, &network_acl::DescribeNetworkAcls::default()).unwrap().network_acls;
    assert!(acls[0].is_default);
    assert_eq!(acls[0].associations.len(), 6);
    let entries: Vec<_> =
        acls[0].entries.iter().map(|entry| (entry.rule_number, entry.egress, entry.rule_action)).collect();
    assert_eq!(entries, [(100, true, "allow"), (32767, true, "deny"), (100, false, "allow"), (32767, false, "deny")]);

    let options = dhcp_options::describe(&cx, &tx, &dhcp_options::DescribeDhcpOptions::default()).unwrap().dhcp_options;
    assert_eq!(options[0].dhcp_options_id, vpc.dhcp_options_id);
    let configurations: Vec<_> =
        options[0].dhcp_configurations.iter().map(|one| (one.key.as_str(), one.values[0].value.as_str())).collect();
    assert_eq!(configurations, [("domain-name", "ec2.internal"), ("domain-name-servers", "AmazonProvidedDNS")]);
}

#[test]
fn each_account_and_region_has_its_own() {
    let (cx, mut tx) = start();
    let there = in_region(&cx, "eu-west-1");
    assert!(vpcs(&there, &tx).is_empty());
    assert!(!is_settled(&tx, cx.account(), "eu-west-1"));
    settle(&there, &mut tx);
    assert!(is_settled(&tx, cx.account(), "eu-west-1"));
    assert_eq!(subnets(&there, &tx).len(), 3);
    assert_ne!(vpcs(&there, &tx)[0].vpc_id, vpcs(&cx, &tx)[0].vpc_id);
    let options =
        dhcp_options::describe(&there, &tx, &dhcp_options::DescribeDhcpOptions::default()).unwrap().dhcp_options;
    assert_eq!(options[0].dhcp_configurations[0].values[0].value, "eu-west-1.compute.internal");
    assert!(is_settled(&tx, cx.account(), "nowhere-1"), "a region nobody knows has nothing to settle");
}

#[test]
fn ids_follow_from_installation_account_and_region() {
    let (cx, first) = start();
    let mut second = empty(&cx);
    settle(&later(&cx, 60), &mut second);
    assert_eq!(vpcs(&cx, &first)[0].vpc_id, vpcs(&cx, &second)[0].vpc_id);
    let mut other = empty(&cx);
    other.put(InstallationKeys::from_random(&[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]]));
    settle(&cx, &mut other);
    assert_ne!(vpcs(&cx, &first)[0].vpc_id, vpcs(&cx, &other)[0].vpc_id);
}

#[test]
fn what_was_deleted_does_not_come_back() {
    let (cx, mut tx) = start();
    let id = vpcs(&cx, &tx)[0].vpc_id.clone();
    crate::resource::remove::<vpc::Vpc>(&mut tx, &cx, &id);
    settle(&cx, &mut tx);
    assert!(vpcs(&cx, &tx).is_empty());
    assert!(vpc::default_of(&tx, cx.account(), cx.region_name()).is_none());
}

#[test]
fn ids_that_do_not_exist() {
    let (cx, tx) = start();
    let cases: [(&str, (String, String)); 5] = [
        ("DescribeVpcs", {
            let vpc_ids = list(&["vpc-0123456789abcdef0", "vpc-1"]);
            refusal(vpc::describe(&cx, &tx, &vpc::DescribeVpcs { vpc_ids, ..Default::default() }))
        }),
        ("DescribeSubnets", {
            let subnet_ids = list(&["example"]);
            refusal(subnet::describe(&cx, &tx, &subnet::DescribeSubnets { subnet_ids, ..Default::default() }))
        }),
        ("DescribeRouteTables", {
            let route_table_ids = list(&["rtb-1"]);
            refusal(route_table::describe(
                &cx,
                &tx,
                &route_table::DescribeRouteTables { route_table_ids, ..Default::default() },
            ))
        }),
        ("DescribeNetworkInterfaces", {
            let network_interface_ids = list(&["eni-1"]);
            let input = interface::describe::DescribeNetworkInterfaces { network_interface_ids, ..Default::default() };
            refusal(interface::describe::describe(&cx, &tx, &input))
        }),
        ("DescribeInternetGateways", {
            let internet_gateway_ids = list(&["igw-12345678"]);
            let input = internet_gateway::DescribeInternetGateways { internet_gateway_ids, ..Default::default() };
            refusal(internet_gateway::describe(&cx, &tx, &input))
        }),
    ];
    let expected = [
        refused("InvalidVpcID.NotFound", "The vpc IDs 'vpc-0123456789abcdef0, vpc-1' do not exist"),
        refused("InvalidSubnetID.NotFound", "The subnet ID 'example' does not exist"),
        refused("InvalidRouteTableID.NotFound", "The routeTable ID 'rtb-1' does not exist"),
        refused("InvalidNetworkInterfaceId.Malformed", "Invalid id: \"eni-1\" (expecting \"eni-...\")"),
        refused("InvalidInternetGatewayID.NotFound", "The internetGateway ID 'igw-12345678' does not exist"),
    ];
    for ((operation, seen), expected) in cases.into_iter().zip(expected) {
        assert_eq!(seen, expected, "{operation}");
    }
}

#[test]
fn filters_as_terraform_asks() {
    let (cx, tx) = start();
    let vpc_id = vpcs(&cx, &tx)[0].vpc_id.clone();
    let ids: &[&str] = &[&vpc_id];
    let acls = |wanted: &[(&str, &[&str])]| {
        let input = network_acl::DescribeNetworkAcls { filters: filters(wanted), ..Default::default() };
        network_acl::describe(&cx, &tx, &input).unwrap().network_acls.len()
    };
    assert_eq!(acls(&[("default", &["true"]), ("vpc-id", ids)]), 1);
    assert_eq!(acls(&[("default", &["false"]), ("vpc-id", ids)]), 0);
    assert_eq!(acls(&[("vpc-id", &["vpc-other"])]), 0);
    let input = route_table::DescribeRouteTables {
        filters: filters(&[("association.main", &["true"]), ("vpc-id", ids)]),
        ..Default::default()
    };
    assert_eq!(route_table::describe(&cx, &tx, &input).unwrap().route_tables.len(), 1);
    let input = vpc::DescribeVpcs { filters: filters(&[("is-default", &["true"])]), ..Default::default() };
    assert_eq!(vpc::describe(&cx, &tx, &input).unwrap().vpcs.len(), 1);
    let input =
        subnet::DescribeSubnets { filters: filters(&[("availability-zone", &["us-east-1?"])]), ..Default::default() };
    assert_eq!(subnet::describe(&cx, &tx, &input).unwrap().subnets.len(), 6);
}

#[test]
fn subnets_in_pages() {
    let (cx, tx) = start();
    let (mut seen, mut next_token) = (Vec::new(), None);
    loop {
        let input = subnet::DescribeSubnets { max_results: Some(5), next_token, ..Default::default() };
        let page = subnet::describe(&cx, &tx, &input).unwrap();
        seen.extend(page.subnets.into_iter().map(|subnet| subnet.subnet_id));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    assert_eq!(seen, subnets(&cx, &tx).into_iter().map(|subnet| subnet.subnet_id).collect::<Vec<_>>());
}

#[test]
fn documented_filters_are_known() {
    let (cx, tx) = start();
    knows_filters("DescribeVpcs", |filters| {
        vpc::describe(&cx, &tx, &vpc::DescribeVpcs { filters, ..Default::default() }).map(|it| it.vpcs.len())
    });
    knows_filters("DescribeSubnets", |filters| {
        subnet::describe(&cx, &tx, &subnet::DescribeSubnets { filters, ..Default::default() })
            .map(|it| it.subnets.len())
    });
    knows_filters("DescribeRouteTables", |filters| {
        let input = route_table::DescribeRouteTables { filters, ..Default::default() };
        route_table::describe(&cx, &tx, &input).map(|it| it.route_tables.len())
    });
    knows_filters("DescribeNetworkAcls", |filters| {
        let input = network_acl::DescribeNetworkAcls { filters, ..Default::default() };
        network_acl::describe(&cx, &tx, &input).map(|it| it.network_acls.len())
    });
    knows_filters("DescribeInternetGateways", |filters| {
        let input = internet_gateway::DescribeInternetGateways { filters, ..Default::default() };
        internet_gateway::describe(&cx, &tx, &input).map(|it| it.internet_gateways.len())
    });
    knows_filters("DescribeDhcpOptions", |filters| {
        let input = dhcp_options::DescribeDhcpOptions { filters, ..Default::default() };
        dhcp_options::describe(&cx, &tx, &input).map(|it| it.dhcp_options.len())
    });
    knows_filters("DescribeNetworkInterfaces", |filters| {
        let input = interface::describe::DescribeNetworkInterfaces { filters, ..Default::default() };
        interface::describe::describe(&cx, &tx, &input).map(|it| it.network_interfaces.len())
    });
}

#[test]
fn one_attribute_of_a_vpc() {
    let (cx, tx) = start();
    let vpc_id = vpcs(&cx, &tx)[0].vpc_id.clone();
    let ask = |attribute: &str| {
        let input = vpc::attribute::DescribeVpcAttribute {
            vpc_id: vpc_id.clone(),
            attribute: attribute.to_owned(),
            dry_run: None,
        };
        vpc::attribute::describe_attribute(&cx, &tx, &input).unwrap()
    };
    assert!(ask("enableDnsSupport").enable_dns_support.unwrap().value);
    assert!(ask("enableDnsHostnames").enable_dns_hostnames.unwrap().value);
    let metrics = ask("enableNetworkAddressUsageMetrics");
    assert!(!metrics.enable_network_address_usage_metrics.unwrap().value);
    assert_eq!(metrics.enable_dns_support, None);
}
