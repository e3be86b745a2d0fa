//! IPv6 in VPCs, subnets and interfaces, secondary addresses, prefixes and reservations.

use service::prelude::*;

use crate::instance::tests::{described, wish};
use crate::network::interface::assign::*;
use crate::network::interface::change::{CreateNetworkInterface, Ipv6Wish, create};
use crate::network::interface::describe::{DescribeNetworkInterfaces, InterfaceOut, describe};
use crate::network::subnet::reservation::{CreateReservation, create as reserve};
use crate::network::*;
use crate::resource;
use crate::tests::{later, list, refusal, refused, start};

/// A VPC with both kinds of addresses and a subnet in it, of the given block of IPv4 addresses.
fn dual_stack(cx: &Cx, tx: &mut Tx, cidr: &str) -> (String, String, String) {
    let input = vpc::create::CreateVpc {
        cidr_block: Some("10.0.0.0/16".into()),
        amazon_provided_ipv6_cidr_block: Some(true),
        ..Default::default()
    };
    let vpc_id = vpc::create::create(cx, tx, &input).unwrap().vpc.vpc_id;
    let held = resource::look_up::<vpc::Vpc>(tx, cx, &vpc_id).unwrap();
    let block = held.ipv6_blocks[0].cidr.subnets(64).unwrap().next().unwrap().to_string();
    let input = subnet::create::CreateSubnet {
        vpc_id: vpc_id.clone(),
        cidr_block: Some(cidr.into()),
        ipv6_cidr_block: Some(block.clone()),
        availability_zone: Some("us-east-1a".into()),
        ..Default::default()
    };
    let subnet_id = subnet::create::create(&later(cx, 1), tx, &input).unwrap().subnet.subnet_id;
    (vpc_id, subnet_id, block)
}

fn interface(cx: &Cx, tx: &mut Tx, subnet_id: &str) -> String {
    let input = CreateNetworkInterface { subnet_id: subnet_id.into(), ..Default::default() };
    create(cx, tx, &input).unwrap().network_interface.network_interface_id
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> InterfaceOut {
    let input = DescribeNetworkInterfaces { network_interface_ids: list(&[id]), ..Default::default() };
    describe(cx, tx, &input).unwrap().network_interfaces.remove(0)
}

fn free(cx: &Cx, tx: &Tx, subnet_id: &str) -> i64 {
    let input = subnet::DescribeSubnets { subnet_ids: list(&[subnet_id]), ..Default::default() };
    subnet::describe(cx, tx, &input).unwrap().subnets[0].available_ip_address_count
}

#[test]
fn states_follow_the_clock() {
    let (cx, mut tx) = start();
    let (vpc_id, subnet_id, block) = dual_stack(&cx, &mut tx, "10.0.0.0/24");
    let vpc = |cx: &Cx, tx: &Tx| {
        let input = vpc::DescribeVpcs { vpc_ids: list(&[&vpc_id]), ..Default::default() };
        vpc::describe(cx, tx, &input).unwrap().vpcs.remove(0)
    };
    let first = vpc(&cx, &tx);
    let associating = &first.ipv6_cidr_block_association_set.unwrap()[0];
    assert_eq!((first.state, associating.ipv6_cidr_block_state.state), ("pending", "associating"));
    assert_eq!(associating.ipv6_cidr_block, "");
    let cx = later(&cx, 10);
    let then = vpc(&cx, &tx);
    let associated = &then.ipv6_cidr_block_association_set.unwrap()[0];
    assert_eq!((then.state, associated.ipv6_cidr_block_state.state), ("available", "associated"));
    let input = subnet::DescribeSubnets { subnet_ids: list(&[&subnet_id]), ..Default::default() };
    let subnet = subnet::describe(&cx, &tx, &input).unwrap().subnets.remove(0);
    assert_eq!((subnet.state, &subnet.ipv6_cidr_block_association_set[0].ipv6_cidr_block), ("available", &block));

    let input = vpc::cidr::Disassociate { association_id: associated.association_id.clone() };
    assert_eq!(refusal(vpc::cidr::disassociate(&cx, &mut tx, &input)).0, "InvalidCidrBlock.InUse");
    let association_id = subnet.ipv6_cidr_block_association_set[0].association_id.clone();
    subnet::block::disassociate(&cx, &mut tx, &subnet::block::Disassociate { association_id }).unwrap();
    vpc::cidr::disassociate(&cx, &mut tx, &input).unwrap();
    for (after, state) in [(0, Some("disassociating")), (10, Some("disassociated")), (1801, None)] {
        let shown = vpc(&later(&cx, after), &tx).ipv6_cidr_block_association_set;
        assert_eq!(shown.map(|all| all[0].ipv6_cidr_block_state.state), state, "{after}");
    }
}

#[test]
fn a_block_brings_routes_rules_and_entries() {
    let (cx, mut tx) = start();
    let input = vpc::create::CreateVpc { cidr_block: Some("10.0.0.0/16".into()), ..Default::default() };
    let vpc_id = vpc::create::create(&cx, &mut tx, &input).unwrap().vpc.vpc_id;
    let input = vpc::cidr::Associate {
        vpc_id: vpc_id.clone(),
        amazon_provided_ipv6_cidr_block: Some(true),
        ..Default::default()
    };
    let cx = later(&cx, 10);
    vpc::cidr::associate(&cx, &mut tx, &input).unwrap();
    let parts = [cx.account().to_string(), cx.region_name().to_owned(), vpc_id.clone()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let block = resource::look_up::<vpc::Vpc>(&tx, &cx, &vpc_id).unwrap().ipv6_blocks[0].cidr;
    let table = tx.one::<route_table::RouteTable>(route_table::RouteTable::BY_VPC, &parts).unwrap().clone();
    assert!(table.routes.iter().any(|route| route.destination == block.to_string() && route.is_local()));
    let acl = tx.one::<network_acl::NetworkAcl>(network_acl::NetworkAcl::BY_VPC, &parts).unwrap();
    let ipv6: Vec<_> =
        acl.entries.iter().filter(|it| it.cidr == "::/0").map(|it| (it.number, it.egress, it.allow)).collect();
    assert_eq!(ipv6, [(101, true, true), (32768, true, false), (101, false, true), (32768, false, false)]);
    let group = security_group::default_of_vpc(&tx, &cx, &vpc_id).unwrap();
    let input =
        security_group::describe::DescribeSecurityGroups { group_ids: list(&[&group.id]), ..Default::default() };
    let out = security_group::describe::describe(&cx, &tx, &input).unwrap().security_groups.remove(0);
    assert_eq!(out.ip_permissions_egress[0].ipv6_ranges[0].cidr_ipv6.as_deref(), Some("::/0"));
    let input = route_table::route::CreateRoute {
        route_table_id: table.id.clone(),
        destination_ipv6_cidr_block: Some(block.subnets(64).unwrap().next().unwrap().to_string()),
        gateway_id: Some("igw-12345678".into()),
        ..Default::default()
    };
    assert_eq!(refusal(route_table::route::create(&cx, &mut tx, &input)).0, "InvalidGatewayID.NotFound");
}

#[test]
fn interfaces_get_and_give_back_ipv6_addresses() {
    let (cx, mut tx) = start();
    let (_, subnet_id, block) = dual_stack(&cx, &mut tx, "10.0.0.0/24");
    let cx = later(&cx, 10);
    let own = block.replace("::/64", "::d");
    let input = CreateNetworkInterface {
        subnet_id: subnet_id.clone(),
        ipv6_addresses: vec![Ipv6Wish { ipv6_address: Some(own.clone()), is_primary_ipv6: Some(true) }],
        ..Default::default()
    };
    let id = create(&cx, &mut tx, &input).unwrap().network_interface.network_interface_id;
    let shown = seen(&cx, &tx, &id);
    assert!(shown.ipv6_addresses[0].is_primary_ipv6);
    let mut wanted = AssignIpv6 { network_interface_id: id.clone(), ipv6_address_count: Some(2), ..Default::default() };
    let more = assign_ipv6(&later(&cx, 1), &mut tx, &wanted).unwrap().assigned_ipv6_addresses;
    assert_eq!((more.len(), seen(&cx, &tx, &id).ipv6_addresses.len()), (2, 3));
    wanted =
        AssignIpv6 { network_interface_id: id.clone(), ipv6_addresses: vec![more[0].clone()], ..Default::default() };
    assert_eq!(
        refusal(assign_ipv6(&cx, &mut tx, &wanted)),
        refused("InvalidIPAddress.InUse", &format!("Address {} is in use.", more[0]))
    );
    let mut gone = UnassignIpv6 { network_interface_id: id.clone(), ipv6_addresses: more, ..Default::default() };
    unassign_ipv6(&cx, &mut tx, &gone).unwrap();
    assert_eq!(seen(&cx, &tx, &id).ipv6_addresses.len(), 1);
    let text = format!("Some of the specified addresses are not assigned to interface {id}");
    assert_eq!(refusal(unassign_ipv6(&cx, &mut tx, &gone)), refused("InvalidParameterValue", &text));
    gone.ipv6_addresses = vec![seen(&cx, &tx, &id).ipv6_address.unwrap()];
    assert_eq!(refusal(unassign_ipv6(&cx, &mut tx, &gone)).0, "InvalidParameterValue", "the primary one stays");
}

#[test]
fn a_subnet_may_give_every_interface_an_ipv6_address() {
    let (cx, mut tx) = start();
    let (_, subnet_id, _) = dual_stack(&cx, &mut tx, "10.0.0.0/24");
    let cx = later(&cx, 10);
    let on = crate::instance::attribute::describe::Flag { value: Some(true) };
    let modify = subnet::modify::ModifySubnetAttribute {
        subnet_id: subnet_id.clone(),
        assign_ipv6_address_on_creation: Some(on),
        ..Default::default()
    };
    subnet::modify::modify(&cx, &mut tx, &modify).unwrap();
    let launch = crate::instance::run::input::RunInstances { subnet_id: Some(subnet_id.clone()), ..wish(&cx) };
    let id = crate::instance::run::run(&cx, &mut tx, &launch).unwrap().instances[0].instance_id.clone();
    assert!(described(&cx, &tx, &id).ipv6_address.is_some());
    let without = CreateNetworkInterface { subnet_id, ipv6_address_count: Some(0), ..Default::default() };
    let made = create(&later(&cx, 1), &mut tx, &without).unwrap().network_interface;
    assert!(made.ipv6_addresses.is_empty());
}

#[test]
fn secondary_addresses_move_when_they_may() {
    let (cx, mut tx) = start();
    let (_, subnet_id, _) = dual_stack(&cx, &mut tx, "10.0.0.0/24");
    let (one, other) = (interface(&cx, &mut tx, &subnet_id), interface(&later(&cx, 1), &mut tx, &subnet_id));
    let before = free(&cx, &tx, &subnet_id);
    let mut wanted = Assign {
        network_interface_id: one.clone(),
        private_ip_addresses: vec!["10.0.0.77".into()],
        ..Default::default()
    };
    assign(&cx, &mut tx, &wanted).unwrap();
    assert_eq!(free(&cx, &tx, &subnet_id), before - 1);
    wanted.network_interface_id = other.clone();
    assert_eq!(
        refusal(assign(&cx, &mut tx, &wanted)),
        refused("InvalidParameterValue", "[10.0.0.77] assigned, but move is not allowed.")
    );
    wanted.allow_reassignment = Some(true);
    let moved = assign(&cx, &mut tx, &wanted).unwrap();
    assert_eq!(moved.assigned_private_ip_addresses[0].private_ip_address, "10.0.0.77");
    let count = |id: &str| seen(&cx, &tx, id).private_ip_addresses.len();
    assert_eq!((count(&one), count(&other), free(&cx, &tx, &subnet_id)), (1, 2, before - 1));
    let gone =
        Unassign { network_interface_id: other, private_ip_addresses: vec!["10.0.0.77".into()], ..Default::default() };
    unassign(&cx, &mut tx, &gone).unwrap();
    assert_eq!(free(&cx, &tx, &subnet_id), before);
}

#[test]
fn prefixes_hold_all_their_addresses() {
    let (cx, mut tx) = start();
    let (_, subnet_id, _) = dual_stack(&cx, &mut tx, "10.0.0.0/26");
    let id = interface(&cx, &mut tx, &subnet_id);
    let wanted = Assign { network_interface_id: id.clone(), ipv4_prefix_count: Some(1), ..Default::default() };
    let first = assign(&later(&cx, 1), &mut tx, &wanted).unwrap().assigned_ipv4_prefixes.remove(0).ipv4_prefix;
    assert!(["10.0.0.16/28", "10.0.0.32/28"].contains(&first.as_str()), "{first}");
    assert_eq!(free(&cx, &tx, &subnet_id), 64 - 5 - 1 - 16);
    let inside = first.replace(".16/28", ".20").replace(".32/28", ".40");
    let taken = Assign { network_interface_id: id.clone(), private_ip_addresses: vec![inside], ..Default::default() };
    assert_eq!(refusal(assign(&cx, &mut tx, &taken)).0, "InvalidParameterValue");
    let ipv6 = AssignIpv6 { network_interface_id: id.clone(), ipv6_prefix_count: Some(1), ..Default::default() };
    let prefix = assign_ipv6(&later(&cx, 2), &mut tx, &ipv6).unwrap().assigned_ipv6_prefixes.remove(0);
    assert!(prefix.ends_with("/80"), "{prefix}");
    let gone = Unassign { network_interface_id: id, ipv4_prefixes: vec![first], ..Default::default() };
    unassign(&cx, &mut tx, &gone).unwrap();
    assert_eq!(free(&cx, &tx, &subnet_id), 64 - 5 - 1);
}

#[test]
fn what_is_reserved_is_for_those_who_name_it() {
    let (cx, mut tx) = start();
    let (_, subnet_id, _) = dual_stack(&cx, &mut tx, "10.0.0.0/27");
    let wish = |cidr: &str, kind: &str| CreateReservation {
        subnet_id: subnet_id.clone(),
        cidr: cidr.into(),
        reservation_type: kind.into(),
        ..Default::default()
    };
    reserve(&cx, &mut tx, &wish("10.0.0.16/28", "explicit")).unwrap();
    assert_eq!(
        refusal(reserve(&cx, &mut tx, &wish("10.0.0.16/30", "prefix"))),
        refused("InvalidParameterValue", "Reservation CIDR 10.0.0.16/30 has overlap with existing reserved CIDR block")
    );
    assert_eq!(
        refusal(reserve(&cx, &mut tx, &wish("10.9.0.0/28", "prefix"))),
        refused("InvalidParameterValue", "Reservation CIDR should be within subnet CIDR block (10.0.0.0/27)")
    );
    // Twelve addresses are left to chance: 16 without the four that AWS keeps.
    let id = interface(&cx, &mut tx, &subnet_id);
    let eleven =
        Assign { network_interface_id: id.clone(), secondary_private_ip_address_count: Some(11), ..Default::default() };
    assign(&cx, &mut tx, &eleven).unwrap();
    let one = Assign { secondary_private_ip_address_count: Some(1), ..eleven };
    assert_eq!(refusal(assign(&cx, &mut tx, &one)).0, "InsufficientFreeAddressesInSubnet");
    let named =
        Assign { network_interface_id: id, private_ip_addresses: vec!["10.0.0.20".into()], ..Default::default() };
    assert!(assign(&cx, &mut tx, &named).is_ok());
}

#[test]
fn a_token_never_makes_anything_anew() {
    let (cx, mut tx) = start();
    let vpc_id = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap().id.clone();
    let input = route_table::create::CreateRouteTable {
        vpc_id: vpc_id.clone(),
        client_token: Some("once".into()),
        ..Default::default()
    };
    let make = |tx: &mut Tx| route_table::create::create(&cx, tx, &input).map(|it| it.route_table.route_table_id);
    let id = make(&mut tx).unwrap();
    assert_eq!(make(&mut tx).unwrap(), id);
    let gone = route_table::create::DeleteRouteTable { route_table_id: id.clone(), dry_run: None };
    route_table::create::delete(&cx, &mut tx, &gone).unwrap();
    let (code, text) = refusal(make(&mut tx));
    assert_eq!(code, "IdempotentParameterMismatch");
    assert!(text.ends_with("associated with a resource which is now deleted."), "{text}");
}

#[test]
fn no_interface_takes_addresses_without_end() {
    let (cx, mut tx) = start();
    let (_, subnet_id, _) = dual_stack(&cx, &mut tx, "10.0.0.0/24");
    let cx = later(&cx, 2);
    let id = interface(&cx, &mut tx, &subnet_id);
    let text = "Number of private addresses will exceed limit.";
    let wanted = AssignIpv6 { network_interface_id: id, ipv6_address_count: Some(2_000_000_000), ..Default::default() };
    assert_eq!(refusal(assign_ipv6(&cx, &mut tx, &wanted)), refused("PrivateIpAddressLimitExceeded", text));
    let wanted = CreateNetworkInterface { subnet_id, ipv6_address_count: Some(2_000_000_000), ..Default::default() };
    assert_eq!(refusal(create(&cx, &mut tx, &wanted)), refused("PrivateIpAddressLimitExceeded", text));
}
