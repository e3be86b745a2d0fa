//! NAT gateways: their interfaces and addresses, how they fail, and routes to them.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::elastic_ip::{self, Address};
use crate::network::encryption_control::blocking::{self, GetBlocking};
use crate::network::interface::describe::{DescribeNetworkInterfaces, InterfaceOut};
use crate::network::{internet_gateway, route_table, subnet};
use crate::resource;
use crate::tests::{filters, later, refusal, refused, start};

/// A public one in the first subnet of the default VPC: the context a moment later, its id, its allocation, the subnet.
fn public() -> (Cx, Tx, String, String, String) {
    let (cx, mut tx) = start();
    let subnet = subnet_of(&cx, &tx);
    let allocation = allocate(&cx, &mut tx);
    let made = ask(&cx, &mut tx, "CreateNatGateway", json!({"SubnetId": subnet, "AllocationId": allocation})).unwrap();
    let id = element(&made, "natGatewayId").to_owned();
    (later(&cx, 2), tx, id, allocation, subnet)
}

fn subnet_of(cx: &Cx, world: &World) -> String {
    resource::all::<subnet::Subnet>(cx, world).next().unwrap().id.clone()
}

fn allocate(cx: &Cx, tx: &mut Tx) -> String {
    elastic_ip::allocate(cx, tx, &elastic_ip::AllocateAddress::default()).unwrap().allocation_id
}

fn described(cx: &Cx, tx: &mut Tx, id: &str) -> String {
    ask(cx, tx, "DescribeNatGateways", json!({"NatGatewayIds": [id]})).unwrap()
}

fn interfaces(cx: &Cx, world: &World, subnet: &str) -> Vec<InterfaceOut> {
    let input = DescribeNetworkInterfaces { filters: filters(&[("subnet-id", &[subnet])]), ..Default::default() };
    crate::network::interface::describe::describe(cx, world, &input).unwrap().network_interfaces
}

fn is_free(cx: &Cx, world: &World, allocation: &str) -> bool {
    resource::look_up::<Address>(world, cx, allocation).unwrap().held(cx.now).is_none()
}

#[test]
fn a_public_one_stands_on_an_interface_of_its_own() {
    let (cx, mut tx, id, allocation, subnet) = public();
    let shown = described(&cx, &mut tx, &id);
    assert_eq!((element(&shown, "state"), element(&shown, "status")), ("available", "succeeded"));
    assert_eq!(element(&shown, "connectivityType"), "public");
    let held = interfaces(&cx, &tx, &subnet);
    let [interface] = held.as_slice() else { panic!("{held:?}") };
    assert_eq!((interface.interface_type.as_str(), interface.status), ("nat_gateway", "in-use"));
    assert!(interface.requester_managed && !interface.source_dest_check);
    assert_eq!(interface.description, format!("Interface for NAT Gateway {id}"));
    assert_eq!(interface.association.as_ref().unwrap().allocation_id, Some(allocation.clone()));
    let delete = crate::network::interface::change::DeleteNetworkInterface {
        network_interface_id: interface.network_interface_id.clone(),
        dry_run: None,
    };
    let message = format!("Network interface '{}' is currently in use.", interface.network_interface_id);
    let refusal_of_delete = refusal(crate::network::interface::change::delete(&cx, &mut tx, &delete));
    assert_eq!(refusal_of_delete, refused("InvalidParameterValue", &message));
    let association = interface.association.as_ref().unwrap().association_id.clone();
    let end = elastic_ip::associate::DisassociateAddress { association_id: association, ..Default::default() };
    assert_eq!(refusal(elastic_ip::associate::disassociate(&cx, &mut tx, &end)).0, "AuthFailure");

    ask(&cx, &mut tx, "DeleteNatGateway", json!({"NatGatewayId": id})).unwrap();
    assert_eq!(element(&described(&cx, &mut tx, &id), "state"), "deleting");
    assert!(!is_free(&cx, &tx, &allocation));
    let later = later(&cx, 2);
    assert!(is_free(&later, &tx, &allocation));
    assert_eq!(interfaces(&later, &tx.at(later.now), &subnet).len(), 0);
    let shown = described(&later, &mut tx, &id);
    assert_eq!(element(&shown, "state"), "deleted");
    assert!(shown.contains("<deleteTime>"));
    let twice = ask(&later, &mut tx, "DeleteNatGateway", json!({"NatGatewayId": id}));
    assert_eq!(refusal(twice), refused("NatGatewayNotFound", &format!("NatGateway {id} was not found")));
}

/// What keeps the subnet's VPC from being enforced.
fn blocks(cx: &Cx, world: &World, subnet: &str) -> Vec<String> {
    let vpc_id = subnet::get(world, cx, subnet).unwrap().vpc_id.clone();
    let found = blocking::get(cx, world, &GetBlocking { vpc_id, ..Default::default() }).unwrap();
    found.non_compliant_resources.into_iter().map(|it| it.id).collect()
}

#[test]
fn what_speaks_against_it_makes_it_fail() {
    let (cx, mut tx, working, allocation, subnet) = public();
    assert!(blocks(&cx, &tx, &subnet).contains(&working));
    let made = ask(&cx, &mut tx, "CreateNatGateway", json!({"SubnetId": subnet, "AllocationId": allocation})).unwrap();
    assert_eq!(element(&made, "state"), "pending");
    assert!(!made.contains("failureCode"));
    let id = element(&made, "natGatewayId").to_owned();
    let soon = later(&cx, 2);
    let shown = described(&soon, &mut tx, &id);
    assert_eq!((element(&shown, "state"), element(&shown, "failureCode")), ("failed", "Resource.AlreadyAssociated"));
    assert_eq!(element(&shown, "failureMessage"), format!("Elastic IP address [{allocation}] is already associated"));
    assert!(!blocks(&soon, &tx, &subnet).contains(&id), "what carries nothing is no obstacle to encryption");
    ask(&soon, &mut tx, "DeleteNatGateway", json!({"NatGatewayId": id})).unwrap();
    assert_eq!(element(&described(&later(&soon, 2), &mut tx, &id), "state"), "deleted");
    assert!(!is_free(&soon, &tx, &allocation));

    let gateway = resource::all::<internet_gateway::InternetGateway>(&cx, &tx).next().unwrap().id.clone();
    resource::update::<internet_gateway::InternetGateway>(&mut tx, &cx, &gateway, |it| it.vpc_id = None);
    let free = allocate(&cx, &mut tx);
    let made = ask(&cx, &mut tx, "CreateNatGateway", json!({"SubnetId": subnet, "AllocationId": free})).unwrap();
    let shown = described(&soon, &mut tx, element(&made, "natGatewayId"));
    assert_eq!(element(&shown, "failureCode"), "Gateway.NotAttached");
}

#[test]
fn combinations_that_cannot_be() {
    let (cx, mut tx) = start();
    let subnet = subnet_of(&cx, &tx);
    let missing =
        "The request must include the AllocationId parameter. Add the required parameter and retry the request.";
    let unknown = "eipalloc-0123456789abcdef0";
    let cases: [(Value, &str, &str); 6] = [
        (json!({"SubnetId": subnet}), "MissingParameter", missing),
        (
            json!({"SubnetId": subnet, "AllocationId": unknown}),
            "InvalidElasticIpID.NotFound",
            "The elasticIp ID 'eipalloc-0123456789abcdef0' does not exist",
        ),
        (
            json!({"SubnetId": "subnet-1", "AllocationId": unknown}),
            "InvalidSubnetID.NotFound",
            "The subnet ID 'subnet-1' does not exist",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": unknown, "ConnectivityType": "private"}),
            "InvalidParameterCombination",
            "AllocationId cannot be specified for a private NAT gateway.",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": unknown, "SecondaryPrivateIpAddressCount": 2}),
            "InvalidParameterCombination",
            "SecondaryPrivateIpAddressCount cannot be specified for a public NAT gateway.",
        ),
        (
            json!({"SubnetId": subnet, "ConnectivityType": "private", "SecondaryPrivateIpAddressCount": 8}),
            "NatGatewayAddressLimitExceeded",
            "A NAT gateway can have at most 8 private IPv4 addresses.",
        ),
    ];
    for (input, code, text) in cases {
        assert_eq!(refusal(ask(&cx, &mut tx, "CreateNatGateway", input.clone())), refused(code, text), "{input}");
    }
    assert!(interfaces(&cx, &tx, &subnet).is_empty());
}

#[test]
fn addresses_come_and_go() {
    let (cx, mut tx, id, _, subnet) = public();
    let second = allocate(&cx, &mut tx);
    let input = json!({"NatGatewayId": id, "AllocationIds": [second]});
    let added = ask(&cx, &mut tx, "AssociateNatGatewayAddress", input.clone()).unwrap();
    assert_eq!((element(&added, "status"), element(&added, "isPrimary")), ("associating", "false"));
    let held = refusal(ask(&cx, &mut tx, "AssociateNatGatewayAddress", input));
    let message = format!("Elastic IP address [{second}] is already associated");
    assert_eq!(held, refused("Resource.AlreadyAssociated", &message));
    let soon = later(&cx, 2);
    assert_eq!(described(&soon, &mut tx, &id).matches("<status>succeeded").count(), 2);
    assert_eq!(interfaces(&soon, &tx, &subnet)[0].private_ip_addresses.len(), 2);

    let primary = element(&described(&soon, &mut tx, &id), "associationId").to_owned();
    let kept =
        ask(&soon, &mut tx, "DisassociateNatGatewayAddress", json!({"NatGatewayId": id, "AssociationIds": [primary]}));
    assert_eq!(refusal(kept).0, "InvalidParameter");
    let association = element(&added, "associationId").to_owned();
    let input = json!({"NatGatewayId": id, "AssociationIds": [association]});
    let ended = ask(&soon, &mut tx, "DisassociateNatGatewayAddress", input.clone()).unwrap();
    assert_eq!(element(&ended, "status"), "disassociating");
    assert!(is_free(&soon, &tx, &second));
    let then = later(&soon, 2);
    assert_eq!(described(&then, &mut tx, &id).matches("<privateIp>").count(), 1);
    assert_eq!(interfaces(&then, &tx, &subnet)[0].private_ip_addresses.len(), 1);
    let unknown = ask(&then, &mut tx, "AssignPrivateNatGatewayAddress", json!({"NatGatewayId": id}));
    assert_eq!(refusal(unknown).0, "InvalidParameter");
}

#[test]
fn private_addresses_come_and_go() {
    let (cx, mut tx) = start();
    let subnet = subnet_of(&cx, &tx);
    let input = json!({"SubnetId": subnet, "ConnectivityType": "private", "SecondaryPrivateIpAddressCount": 1});
    let made = ask(&cx, &mut tx, "CreateNatGateway", input).unwrap();
    let id = element(&made, "natGatewayId").to_owned();
    assert_eq!(made.matches("<status>assigning").count(), 2);
    let cx = later(&cx, 2);
    let input = json!({"NatGatewayId": id, "PrivateIpAddressCount": 2});
    let added = ask(&cx, &mut tx, "AssignPrivateNatGatewayAddress", input).unwrap();
    let address = element(&added, "privateIp").to_owned();
    assert_eq!(interfaces(&cx, &tx, &subnet)[0].private_ip_addresses.len(), 4);
    let input = json!({"NatGatewayId": id, "PrivateIpAddresses": [address]});
    let ended = ask(&cx, &mut tx, "UnassignPrivateNatGatewayAddress", input.clone()).unwrap();
    assert_eq!(element(&ended, "status"), "unassigning");
    assert_eq!(interfaces(&cx, &tx, &subnet)[0].private_ip_addresses.len(), 3);
    assert_eq!(described(&later(&cx, 2), &mut tx, &id).matches("<privateIp>").count(), 3);
}

#[test]
fn routes_lead_to_it_until_it_goes() {
    let (cx, mut tx, id, _, _) = public();
    let table = resource::all::<route_table::RouteTable>(&cx, &tx).next().unwrap().id.clone();
    let route = route_table::route::CreateRoute {
        route_table_id: table.clone(),
        destination_cidr_block: Some("192.0.2.0/24".into()),
        nat_gateway_id: Some(id.clone()),
        ..Default::default()
    };
    route_table::route::create(&cx, &mut tx, &route).unwrap();
    let shown = |cx: &Cx, tx: &Tx| {
        let input = route_table::DescribeRouteTables {
            filters: filters(&[("route.nat-gateway-id", &[&id])]),
            ..Default::default()
        };
        let found = route_table::describe(cx, tx, &input).unwrap().route_tables;
        let route = found[0].routes.iter().find(|route| route.nat_gateway_id.is_some()).unwrap().clone();
        (route.nat_gateway_id, route.gateway_id, route.state)
    };
    assert_eq!(shown(&cx, &tx), (Some(id.clone()), None, "active"));
    ask(&cx, &mut tx, "DeleteNatGateway", json!({"NatGatewayId": id})).unwrap();
    assert_eq!(shown(&cx, &tx).2, "blackhole");
    let again = route_table::route::CreateRoute { destination_cidr_block: Some("198.51.100.0/24".into()), ..route };
    let message = format!("The natGateway ID '{id}' does not exist");
    let refused_route = refusal(route_table::route::create(&cx, &mut tx, &again));
    assert_eq!(refused_route, refused("InvalidNatGatewayID.NotFound", &message));
}
