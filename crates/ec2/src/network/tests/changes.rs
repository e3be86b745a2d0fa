//! Networks being made, changed and removed.

use service::prelude::*;

use super::vpcs;
use crate::instance::attribute::describe::Flag;
use crate::network::*;
use crate::resource::{self, check_of};
use crate::tests::{in_region, later, refusal, refused, start, with_quotas};

fn new_vpc(cx: &Cx, tx: &mut Tx, cidr: &str) -> Result<String, ApiError> {
    let input = vpc::create::CreateVpc { cidr_block: Some(cidr.into()), ..Default::default() };
    vpc::create::create(cx, tx, &input).map(|made| made.vpc.vpc_id)
}

fn new_subnet(cx: &Cx, tx: &mut Tx, vpc_id: &str, cidr: &str) -> Result<String, ApiError> {
    let input = subnet::create::CreateSubnet {
        vpc_id: vpc_id.into(),
        cidr_block: Some(cidr.into()),
        availability_zone: Some("us-east-1a".into()),
        ..Default::default()
    };
    subnet::create::create(cx, tx, &input).map(|made| made.subnet.subnet_id)
}

fn new_table(cx: &Cx, tx: &mut Tx, vpc_id: &str) -> String {
    let input = route_table::create::CreateRouteTable { vpc_id: vpc_id.into(), ..Default::default() };
    route_table::create::create(cx, tx, &input).unwrap().route_table.route_table_id
}

fn delete_vpc(cx: &Cx, tx: &mut Tx, vpc_id: &str) -> Result<Done, ApiError> {
    vpc::create::delete(cx, tx, &vpc::create::DeleteVpc { vpc_id: vpc_id.into(), dry_run: None })
}

#[test]
fn blocks_that_vpcs_and_subnets_may_have() {
    let (cx, mut tx) = start();
    let vpc_id = new_vpc(&cx, &mut tx, "10.0.0.0/20").unwrap();
    new_subnet(&cx, &mut tx, &vpc_id, "10.0.0.0/24").unwrap();
    let range = |cidr: &str| refused("InvalidSubnet.Range", &format!("The CIDR '{cidr}' is invalid."));
    let conflict =
        |cidr: &str| refused("InvalidSubnet.Conflict", &format!("The CIDR '{cidr}' conflicts with another subnet"));
    let cases = [
        ("10.0.16.0/24", range("10.0.16.0/24")),
        ("10.0.0.0/19", range("10.0.0.0/19")),
        ("10.0.1.0/29", range("10.0.1.0/29")),
        ("10.0.0.0/24", conflict("10.0.0.0/24")),
        ("10.0.0.0/23", conflict("10.0.0.0/23")),
        ("10.0.0.16/28", conflict("10.0.0.16/28")),
    ];
    for (cidr, expected) in cases {
        assert_eq!(refusal(new_subnet(&cx, &mut tx, &vpc_id, cidr)), expected, "{cidr}");
    }
    new_subnet(&cx, &mut tx, &vpc_id, "10.0.1.0/28").unwrap();
    for cidr in ["10.0.0.0/15", "10.0.0.0/29"] {
        assert_eq!(refusal(new_vpc(&cx, &mut tx, cidr)).0, "InvalidVpc.Range", "{cidr}");
    }
}

#[test]
fn a_vpc_goes_with_what_it_came_with_alone() {
    let (cx, mut tx) = start();
    let before = count_all(&cx, &tx);
    let vpc_id = new_vpc(&cx, &mut tx, "10.0.0.0/16").unwrap();
    assert_ne!(count_all(&cx, &tx), before);
    let subnet_id = new_subnet(&cx, &mut tx, &vpc_id, "10.0.0.0/24").unwrap();
    assert_eq!(
        refusal(delete_vpc(&cx, &mut tx, &vpc_id)),
        refused("DependencyViolation", &format!("The vpc '{vpc_id}' has dependencies and cannot be deleted."))
    );
    subnet::create::delete(&cx, &mut tx, &subnet::create::DeleteSubnet { subnet_id, dry_run: None }).unwrap();
    delete_vpc(&cx, &mut tx, &vpc_id).unwrap();
    assert_eq!(count_all(&cx, &tx), before);
}

/// How many records there are of each kind that a VPC consists of.
fn count_all(cx: &Cx, world: &World) -> Vec<usize> {
    let parts = [cx.account().to_string(), cx.region_name().to_owned()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    vec![
        world.count::<vpc::Vpc>(&parts),
        world.count::<subnet::Subnet>(&parts),
        world.count::<route_table::RouteTable>(&parts),
        world.count::<network_acl::NetworkAcl>(&parts),
        world.count::<security_group::SecurityGroup>(&parts),
        world.count::<security_group::SecurityGroupRule>(&parts),
    ]
}

#[test]
fn quotas_hold_where_they_are_set() {
    let (cx, mut tx) = start();
    let cx = with_quotas(&cx);
    for number in 0..4 {
        new_vpc(&later(&cx, number), &mut tx, "10.0.0.0/16").unwrap();
    }
    assert_eq!(
        refusal(new_vpc(&later(&cx, 9), &mut tx, "10.0.0.0/16")),
        refused("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
    );
    assert!(new_vpc(&in_region(&cx, "eu-west-1"), &mut tx, "10.0.0.0/16").is_ok());
}

#[test]
fn further_blocks_have_local_routes_in_every_table() {
    let (cx, mut tx) = start();
    let vpc_id = new_vpc(&cx, &mut tx, "10.0.0.0/16").unwrap();
    let table_id = new_table(&cx, &mut tx, &vpc_id);
    let add = |tx: &mut Tx, cidr: &str| {
        let input =
            vpc::cidr::Associate { vpc_id: vpc_id.clone(), cidr_block: Some(cidr.into()), ..Default::default() };
        vpc::cidr::associate(&cx, tx, &input)
    };
    let added = add(&mut tx, "10.1.0.0/16").unwrap().cidr_block_association.unwrap();
    let routes = |tx: &Tx| resource::look_up::<route_table::RouteTable>(tx, &cx, &table_id).unwrap().routes.len();
    assert_eq!(routes(&tx), 2);
    assert!(new_subnet(&cx, &mut tx, &vpc_id, "10.1.0.0/24").is_ok());
    assert_eq!(refusal(add(&mut tx, "10.1.0.0/24")).0, "CidrConflict");
    assert_eq!(refusal(add(&mut tx, "192.168.0.0/24")).0, "InvalidVpc.Range");
    assert!(add(&mut tx, "100.64.0.0/16").is_ok());
    let input = vpc::cidr::Disassociate { association_id: added.association_id };
    assert_eq!(
        refusal(vpc::cidr::disassociate(&cx, &mut tx, &input)),
        refused(
            "InvalidCidrBlock.InUse",
            &format!("The vpc {vpc_id} currently has a subnet within CIDR block 10.1.0.0/16")
        )
    );
}

#[test]
fn options_that_were_deleted_are_made_again_for_a_new_vpc() {
    let (cx, mut tx) = start();
    let default = vpcs(&cx, &tx).remove(0);
    let input = dhcp_options::create::AssociateDhcpOptions {
        dhcp_options_id: "default".into(),
        vpc_id: default.vpc_id.clone(),
        dry_run: None,
    };
    dhcp_options::create::associate(&cx, &mut tx, &input).unwrap();
    let input =
        dhcp_options::create::DeleteDhcpOptions { dhcp_options_id: default.dhcp_options_id.clone(), dry_run: None };
    dhcp_options::create::delete(&cx, &mut tx, &input).unwrap();
    let made = new_vpc(&cx, &mut tx, "10.0.0.0/16").unwrap();
    let options = resource::look_up::<vpc::Vpc>(&tx, &cx, &made).unwrap().dhcp_options_id.clone();
    assert_ne!(options, default.dhcp_options_id);
    assert!(resource::look_up::<dhcp_options::DhcpOptions>(&tx, &cx, &options).is_some());
}

#[test]
fn new_values_are_condition_keys() {
    let (cx, tx) = start();
    let default = vpcs(&cx, &tx).remove(0);
    let input = vpc::attribute::ModifyVpcAttribute {
        vpc_id: default.vpc_id,
        enable_dns_support: Some(Flag { value: Some(false) }),
        ..Default::default()
    };
    let checks = vpc::attribute::to_modify(&cx, &tx, &input);
    let [check] = checks.as_slice() else { panic!("{checks:?}") };
    for (key, value) in [("ec2:Attribute", "EnableDnsSupport"), ("ec2:Attribute/EnableDnsSupport", "false")] {
        assert!(check.keys.contains(&(key.into(), vec![value.into()])), "{key}");
    }
}

#[test]
fn an_association_is_checked_on_what_it_joins() {
    let (cx, mut tx) = start();
    let vpc_id = new_vpc(&cx, &mut tx, "10.0.0.0/16").unwrap();
    let subnet_id = new_subnet(&cx, &mut tx, &vpc_id, "10.0.0.0/24").unwrap();
    let table_id = new_table(&cx, &mut tx, &vpc_id);
    let input = route_table::association::AssociateRouteTable {
        route_table_id: table_id.clone(),
        subnet_id: Some(subnet_id.clone()),
        ..Default::default()
    };
    let association_id = route_table::association::associate(&cx, &mut tx, &input).unwrap().association_id;
    let again = route_table::association::associate(&later(&cx, 1), &mut tx, &input).unwrap();
    assert_eq!(again.association_id, association_id);
    let input = route_table::association::DisassociateRouteTable { association_id, dry_run: None };
    let checked: Vec<String> =
        route_table::association::to_disassociate(&cx, &tx, &input).into_iter().map(|check| check.resource).collect();
    let table = resource::look_up::<route_table::RouteTable>(&tx, &cx, &table_id).unwrap();
    let subnet = resource::look_up::<subnet::Subnet>(&tx, &cx, &subnet_id).unwrap();
    assert_eq!(checked, [check_of(&cx, &tx, &*table).resource, check_of(&cx, &tx, &*subnet).resource]);
}

/// Records that an earlier version wrote have a gateway for each route, and no ports in their ACLs.
#[test]
fn older_records_are_read() {
    let route = r#"{"destination": "0.0.0.0/0", "gateway_id": "igw-1", "origin": "CreateRoute"}"#;
    let route: route_table::Route = serde_json::from_str(route).unwrap();
    assert_eq!((route.gateway_id.as_deref(), route.network_interface_id), (Some("igw-1"), None));
    let entry = r#"{"number": 100, "egress": true, "allow": true, "protocol": "-1", "cidr": "0.0.0.0/0"}"#;
    let entry: network_acl::AclEntry = serde_json::from_str(entry).unwrap();
    assert_eq!((entry.ports, entry.icmp), (None, None));
}
