//! Analyses over networks that are made here: what is on the way, what is in the way, and what a repair changes.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::kind;
use crate::network::interface::change::{CreateNetworkInterface, create};
use crate::network::internet_gateway::InternetGateway;
use crate::network::network_acl::{AclEntry, NetworkAcl};
use crate::network::route_table::{Route, RouteTable};
use crate::network::security_group::{self, SecurityGroup, change::AuthorizeIngress};
use crate::network::subnet::Subnet;
use crate::network::{elastic_ip, interface, vpc};
use crate::resource;
use crate::tests::{later, refusal, start};

/// What an analysis of a path between two ends came to: the ids of the components there, those back, and the codes of what is in the way.
pub fn analysis(cx: &Cx, tx: &mut Tx, path: Value) -> (Vec<String>, Vec<String>, Vec<String>) {
    let begun = begin(cx, tx, path, json!({})).unwrap();
    told(cx, tx, &begun)
}

/// Starts an analysis of a path between two ends.
pub fn begin(cx: &Cx, tx: &mut Tx, path: Value, more: Value) -> Result<String, ApiError> {
    let mut input = Document::from(json!({"Protocol": "tcp", "ClientToken": cx.ids.ec2("t")}));
    input.merge(&Document::from(path));
    let made = ask(cx, tx, "CreateNetworkInsightsPath", Value::Object(input.0)).unwrap();
    let path = element(&made, "networkInsightsPathId");
    let mut input = Document::from(json!({"NetworkInsightsPathId": path, "ClientToken": cx.ids.ec2("t")}));
    input.merge(&Document::from(more));
    ask(cx, tx, "StartNetworkInsightsAnalysis", Value::Object(input.0))
}

/// What an analysis that has begun came to, as [`analysis`] tells it.
pub fn told(cx: &Cx, tx: &mut Tx, begun: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    assert_eq!(element(begun, "status"), "running");
    assert!(!begun.contains("networkPathFound"), "{begun}");
    let id = element(begun, "networkInsightsAnalysisId").to_owned();
    let done = later(cx, 60);
    let shown = ask(&done, tx, "DescribeNetworkInsightsAnalyses", json!({"NetworkInsightsAnalysisIds": [id]})).unwrap();
    assert_eq!(element(&shown, "status"), "succeeded");
    let part = |from: &str, to: &str| {
        let start = shown.find(&format!("<{from}>")).map_or(shown.len(), |at| at);
        let end = shown.find(&format!("</{to}>")).map_or(shown.len(), |at| at);
        shown.get(start..end).unwrap_or_default().to_owned()
    };
    let ids = |text: String| {
        let ids = text.split("<component><arn>").skip(1).chain(text.split("<component><id>").skip(1));
        ids.filter_map(|rest| rest.split("<id>").nth(usize::from(rest.starts_with("arn:"))))
            .filter_map(|rest| rest.split('<').next().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let forward = ids(part("forwardPathComponentSet", "forwardPathComponentSet"));
    let back = ids(part("returnPathComponentSet", "returnPathComponentSet"));
    let codes = shown.split("<explanationCode>").skip(1).filter_map(|rest| rest.split('<').next());
    let mut codes: Vec<String> = codes.map(str::to_owned).collect();
    codes.sort();
    assert_eq!(element(&shown, "networkPathFound"), codes.is_empty().to_string(), "{shown}");
    (forward, back, codes)
}

/// The kinds of the components, by their prefixes.
pub fn kinds(ids: &[String]) -> Vec<&str> {
    ids.iter().filter_map(|id| id.split_once('-')).map(|(prefix, _)| prefix).collect()
}

pub fn interface_in(cx: &Cx, tx: &mut Tx, subnet_id: &str) -> String {
    let input = CreateNetworkInterface { subnet_id: subnet_id.to_owned(), ..CreateNetworkInterface::default() };
    create(&cx.apart(), tx, &input).unwrap().network_interface.network_interface_id
}

fn subnets(cx: &Cx, tx: &Tx) -> Vec<String> {
    resource::all::<Subnet>(cx, tx).map(|subnet| subnet.id.clone()).collect()
}

pub fn main_table(cx: &Cx, tx: &Tx, vpc: &str) -> String {
    resource::all::<RouteTable>(cx, tx).find(|table| table.vpc_id == vpc && table.is_main()).unwrap().id.clone()
}

pub fn put_route(cx: &Cx, tx: &mut Tx, table: &str, destination: &str, gateway: &str) {
    let origin = crate::network::route_table::Origin::CreateRoute;
    let (destination, gateway_id) = (destination.to_owned(), Some(gateway.to_owned()));
    let route = Route { destination, gateway_id, network_interface_id: None, origin };
    resource::update::<RouteTable>(tx, cx, table, |it| it.routes.push(route));
}

/// A table of a subnet's own.
fn own_table(cx: &Cx, tx: &mut Tx, vpc: &str, subnet: &str) -> String {
    let input = crate::network::route_table::create::CreateRouteTable { vpc_id: vpc.to_owned(), ..Default::default() };
    let table = crate::network::route_table::create::create(&cx.apart(), tx, &input).unwrap();
    let table = table.route_table.route_table_id;
    let association = crate::network::route_table::association::AssociateRouteTable {
        route_table_id: table.clone(),
        subnet_id: Some(subnet.to_owned()),
        ..Default::default()
    };
    crate::network::route_table::association::associate(&cx.apart(), tx, &association).unwrap();
    table
}

/// Whatever comes may come in.
pub fn open(cx: &Cx, tx: &mut Tx, interface: &str, protocol: &str, port: i64) {
    let group = interface::look_up(tx, cx, interface).unwrap().groups[0].clone();
    let input = AuthorizeIngress {
        group_id: Some(group),
        ip_protocol: Some(protocol.to_owned()),
        from_port: Some(port),
        to_port: Some(port),
        cidr_ip: Some("0.0.0.0/0".to_owned()),
        ..AuthorizeIngress::default()
    };
    security_group::change::authorize_ingress(cx, tx, &input).unwrap();
}

#[test]
fn within_a_vpc() {
    let (cx, mut tx) = start();
    let all = subnets(&cx, &tx);
    let (one, same, other) =
        (interface_in(&cx, &mut tx, &all[0]), interface_in(&cx, &mut tx, &all[0]), interface_in(&cx, &mut tx, &all[1]));
    // All are in the default group, which lets its own in.
    let (forward, back, codes) =
        analysis(&cx, &mut tx, json!({"Source": one, "Destination": same, "DestinationPort": 22}));
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!((kinds(&forward), kinds(&back)), (vec!["eni", "sg", "sg", "eni"], vec!["eni", "sg", "sg", "eni"]));
    let (forward, _, codes) = analysis(&later(&cx, 1), &mut tx, json!({"Source": one, "Destination": other}));
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(kinds(&forward), ["eni", "sg", "acl", "rtb", "acl", "sg", "eni"]);
    // A rule of the ACL before the one that allows all; and no way back for the replies.
    let acl = resource::all::<NetworkAcl>(&cx, &tx).next().unwrap().id.clone();
    let deny = AclEntry {
        number: 50,
        egress: false,
        allow: false,
        protocol: "6".to_owned(),
        cidr: "172.31.0.0/16".to_owned(),
        ports: Some((22, 22)),
        icmp: None,
    };
    resource::update::<NetworkAcl>(&mut tx, &cx, &acl, |acl| acl.entries.push(deny));
    let to_port = |port: i64| json!({"Source": one, "Destination": other, "DestinationPort": port});
    assert_eq!(analysis(&later(&cx, 2), &mut tx, to_port(22)).2, ["SUBNET_ACL_RESTRICTION"]);
    assert_eq!(analysis(&later(&cx, 3), &mut tx, to_port(23)).2, Vec::<String>::new());
    let missed = json!({"Source": one, "Destination": other, "FilterAtDestination": {"DestinationPortRange": {"FromPort": 22, "ToPort": 22}}});
    assert_eq!(analysis(&later(&cx, 4), &mut tx, missed).2, ["SUBNET_ACL_RESTRICTION"]);
}

#[test]
fn from_and_to_the_internet() {
    let (cx, mut tx) = start();
    let gateway = resource::all::<InternetGateway>(&cx, &tx).next().unwrap();
    let all = subnets(&cx, &tx);
    let one = interface_in(&cx, &mut tx, &all[0]);
    let inward = json!({"Source": gateway.id, "Destination": one, "DestinationPort": 80});
    let blocked = analysis(&cx, &mut tx, inward.clone()).2;
    assert_eq!(blocked, ["ENI_SG_RULES_MISMATCH", "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"]);
    open(&cx, &mut tx, &one, "tcp", 80);
    assert_eq!(analysis(&later(&cx, 1), &mut tx, inward.clone()).2, ["IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"]);
    // An interface of an instance, with a public address.
    let allocated = elastic_ip::allocate(&cx.apart(), &mut tx, &Default::default()).unwrap();
    let address = resource::look_up::<elastic_ip::Address>(&tx, &cx, &allocated.allocation_id).unwrap();
    let attachment = interface::NewAttachment {
        instance_id: "i-0123456789abcdef0".to_owned(),
        device_index: 0,
        network_card_index: 0,
        delete_on_termination: true,
    };
    interface::attach(&cx, &mut tx, &one, attachment).unwrap();
    let held = interface::look_up(&tx, &cx, &one).unwrap();
    elastic_ip::associate::tie(&cx, &mut tx, &held, &address, held.private_ip);
    let (forward, back, codes) = analysis(&later(&cx, 2), &mut tx, inward.clone());
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(kinds(&forward), ["igw", "acl", "sg", "eni", "i"]);
    assert_eq!(kinds(&back), ["i", "eni", "sg", "acl", "rtb", "igw"]);
    let outward = json!({"Source": one, "Destination": gateway.id, "DestinationPort": 443});
    let (forward, back, codes) = analysis(&later(&cx, 3), &mut tx, outward);
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(kinds(&forward), ["i", "eni", "sg", "acl", "rtb", "igw"]);
    assert_eq!(kinds(&back), ["igw", "acl", "sg", "eni", "i"]);
    // Without the route the replies go nowhere.
    let table = main_table(&cx, &tx, gateway.vpc_id.as_deref().unwrap());
    resource::update::<RouteTable>(&mut tx, &cx, &table, |table| table.routes.retain(|it| it.is_local()));
    assert_eq!(analysis(&later(&cx, 4), &mut tx, inward).2, ["NO_ROUTE_TO_DESTINATION"]);
}

#[test]
fn through_a_nat_gateway() {
    let (cx, mut tx) = start();
    let gateway = resource::all::<InternetGateway>(&cx, &tx).next().unwrap();
    let all = subnets(&cx, &tx);
    let allocated = elastic_ip::allocate(&cx.apart(), &mut tx, &Default::default()).unwrap();
    let input = json!({"SubnetId": all[0], "AllocationId": allocated.allocation_id});
    let made = ask(&cx, &mut tx, "CreateNatGateway", input).unwrap();
    let nat = element(&made, "natGatewayId").to_owned();
    let cx = later(&cx, 300);
    let private = interface_in(&cx, &mut tx, &all[1]);
    let table = own_table(&cx, &mut tx, gateway.vpc_id.as_deref().unwrap(), &all[1]);
    put_route(&cx, &mut tx, &table, "0.0.0.0/0", &nat);
    let outward = json!({"Source": private, "DestinationIp": "198.51.100.7", "DestinationPort": 443});
    let (forward, back, codes) = analysis(&later(&cx, 1), &mut tx, outward);
    assert_eq!(codes, Vec::<String>::new());
    assert_eq!(kinds(&forward), ["eni", "sg", "acl", "rtb", "acl", "eni", "nat", "acl", "rtb", "igw"]);
    assert_eq!(kinds(&back), ["igw", "acl", "eni", "nat", "acl", "rtb", "acl", "sg", "eni"]);
    let inward = json!({"Source": gateway.id, "Destination": private});
    assert!(analysis(&later(&cx, 2), &mut tx, inward).2.contains(&"IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS".to_owned()));
}

/// A VPC of that block with a subnet; its ids.
pub fn network(cx: &Cx, tx: &mut Tx, second: u8) -> (String, String) {
    let input = vpc::create::CreateVpc { cidr_block: Some(format!("10.{second}.0.0/16")), ..Default::default() };
    let vpc = vpc::create::create(&cx.apart(), tx, &input).unwrap().vpc.vpc_id;
    let subnet = subnet_in(cx, tx, &vpc, &format!("10.{second}.0.0/24"));
    (vpc, subnet)
}

fn subnet_in(cx: &Cx, tx: &mut Tx, vpc: &str, block: &str) -> String {
    let input = crate::network::subnet::create::CreateSubnet {
        vpc_id: vpc.to_owned(),
        cidr_block: Some(block.to_owned()),
        availability_zone: Some(format!("{}a", cx.region_name())),
        ..Default::default()
    };
    crate::network::subnet::create::create(&cx.apart(), tx, &input).unwrap().subnet.subnet_id
}

/// What an analysis finds in the way behind appliances that stand one behind the other, each in a subnet whose table leads to the next.
fn behind_appliances(count: u8) -> Vec<String> {
    let (cx, mut tx) = start();
    let instance = crate::instance::tests::one(&cx.apart(), &mut tx);
    let (vpc, first) = network(&cx, &mut tx, 41);
    let mut subnets = vec![first];
    for third in 1..=count {
        subnets.push(subnet_in(&cx, &mut tx, &vpc, &format!("10.41.{third}.0/24")));
    }
    let mut interfaces = Vec::new();
    for (device_index, subnet) in (1..).zip(&subnets) {
        let id = interface_in(&cx, &mut tx, subnet);
        let attachment = interface::NewAttachment {
            instance_id: instance.clone(),
            device_index,
            network_card_index: 0,
            delete_on_termination: true,
        };
        interface::attach(&cx.apart(), &mut tx, &id, attachment).unwrap();
        resource::update::<interface::NetworkInterface>(&mut tx, &cx, &id, |it| it.source_dest_check = false);
        interfaces.push(id);
    }
    for (subnet, next) in subnets.iter().zip(interfaces.iter().skip(1)) {
        let table = own_table(&cx, &mut tx, &vpc, subnet);
        let route = Route {
            destination: "8.8.8.8/32".to_owned(),
            gateway_id: None,
            network_interface_id: Some(next.clone()),
            origin: crate::network::route_table::Origin::CreateRoute,
        };
        resource::update::<RouteTable>(&mut tx, &cx, &table, |it| it.routes.push(route));
    }
    let path = json!({"Source": interfaces[0], "DestinationIp": "8.8.8.8", "DestinationPort": 443});
    analysis(&later(&cx, 60), &mut tx, path).2
}

#[test]
fn a_long_row_of_appliances_ends_the_way() {
    let rows = || {
        assert_eq!(behind_appliances(20), ["NO_ROUTE_TO_DESTINATION"]);
        assert_eq!(behind_appliances(40), ["NO_POSSIBLE_DESTINATION"]);
    };
    // As much as the threads have that answer requests.
    std::thread::Builder::new().stack_size(2 << 20).spawn(rows).unwrap().join().unwrap();
}

#[test]
fn between_vpcs() {
    let (cx, mut tx) = start();
    let ((one, one_subnet), (two, two_subnet)) = (network(&cx, &mut tx, 21), network(&cx, &mut tx, 22));
    let (here, there) = (interface_in(&cx, &mut tx, &one_subnet), interface_in(&cx, &mut tx, &two_subnet));
    let path = json!({"Source": here, "Destination": there, "DestinationPort": 22});
    assert_eq!(analysis(&cx, &mut tx, path.clone()).2, ["DISCONNECTED_VPCS"]);
    let made = ask(&cx, &mut tx, "CreateVpcPeeringConnection", json!({"VpcId": one, "PeerVpcId": two})).unwrap();
    let peering = element(&made, "vpcPeeringConnectionId").to_owned();
    let cx = later(&cx, 5);
    ask(&cx, &mut tx, "AcceptVpcPeeringConnection", json!({"VpcPeeringConnectionId": peering})).unwrap();
    let cx = later(&cx, 5);
    open(&cx, &mut tx, &there, "tcp", 22);
    assert_eq!(analysis(&later(&cx, 1), &mut tx, path.clone()).2, ["NO_ROUTE_TO_DESTINATION"]);
    let (of_one, of_two) = (main_table(&cx, &tx, &one), main_table(&cx, &tx, &two));
    put_route(&cx, &mut tx, &of_one, "10.22.0.0/16", &peering);
    // The replies need a route, too.
    assert_eq!(analysis(&later(&cx, 2), &mut tx, path.clone()).2, ["NO_ROUTE_TO_DESTINATION"]);
    put_route(&cx, &mut tx, &of_two, "10.21.0.0/16", &peering);
    let (forward, back, codes) = analysis(&later(&cx, 3), &mut tx, path);
    assert_eq!(codes, Vec::<String>::new());
    let way = ["eni", "sg", "acl", "rtb", "pcx", "acl", "sg", "eni"];
    assert_eq!((kinds(&forward), kinds(&back)), (way.to_vec(), way.to_vec()));
    let to_peering = json!({"Source": here, "Destination": peering});
    assert_eq!(kinds(&analysis(&later(&cx, 4), &mut tx, to_peering).0), ["eni", "sg", "acl", "rtb", "pcx"]);
}

#[test]
fn through_a_transit_gateway() {
    let (cx, mut tx) = start();
    let ((one, one_subnet), (two, two_subnet)) = (network(&cx, &mut tx, 31), network(&cx, &mut tx, 32));
    let (here, there) = (interface_in(&cx, &mut tx, &one_subnet), interface_in(&cx, &mut tx, &two_subnet));
    open(&cx, &mut tx, &there, "tcp", 22);
    let hub = ask(&cx, &mut tx, "CreateTransitGateway", json!({})).unwrap();
    let hub = element(&hub, "transitGatewayId").to_owned();
    let cx = later(&cx, 300);
    for (vpc, subnet) in [(&one, &one_subnet), (&two, &two_subnet)] {
        let input = json!({"TransitGatewayId": hub, "VpcId": vpc, "SubnetIds": [subnet]});
        ask(&cx.apart(), &mut tx, "CreateTransitGatewayVpcAttachment", input).unwrap();
    }
    let cx = later(&cx, 300);
    for (vpc, block) in [(&one, "10.32.0.0/16"), (&two, "10.31.0.0/16")] {
        let table = main_table(&cx, &tx, vpc);
        put_route(&cx, &mut tx, &table, block, &hub);
    }
    let path = json!({"Source": here, "Destination": there, "DestinationPort": 22});
    let (forward, back, codes) = analysis(&later(&cx, 1), &mut tx, path);
    assert_eq!(codes, Vec::<String>::new());
    // The gateway's own interface is in the same subnet as the destination.
    let way = ["eni", "sg", "acl", "rtb", "tgw", "tgw", "tgw", "sg", "eni"];
    assert_eq!((kinds(&forward), kinds(&back)), (way.to_vec(), way.to_vec()));
    assert!(forward.iter().any(|id| kind::TRANSIT_GATEWAY_ROUTE_TABLE.is_id(id)));
}

#[test]
fn analyses_keep_their_path() {
    let (cx, mut tx) = start();
    let all = subnets(&cx, &tx);
    let (one, other) = (interface_in(&cx, &mut tx, &all[0]), interface_in(&cx, &mut tx, &all[1]));
    let input = json!({"Source": one, "Destination": other, "Protocol": "udp", "ClientToken": "path"});
    let made = ask(&cx, &mut tx, "CreateNetworkInsightsPath", input).unwrap();
    let path = element(&made, "networkInsightsPathId").to_owned();
    let group = resource::all::<SecurityGroup>(&cx, &tx).next().unwrap();
    let by = |more: Value| {
        let mut input = Document::from(json!({"NetworkInsightsPathId": path, "ClientToken": more.to_string()}));
        input.merge(&Document::from(more));
        Value::Object(input.0)
    };
    let begun = ask(&cx, &mut tx, "StartNetworkInsightsAnalysis", by(json!({}))).unwrap();
    let again = ask(&cx, &mut tx, "StartNetworkInsightsAnalysis", by(json!({}))).unwrap();
    let id = element(&begun, "networkInsightsAnalysisId").to_owned();
    assert_eq!(element(&again, "networkInsightsAnalysisId"), id);
    let kept = refusal(ask(&cx, &mut tx, "DeleteNetworkInsightsPath", json!({"NetworkInsightsPathId": path})));
    assert_eq!(kept.0, "AnalysisExistsForNetworkInsightsPath");
    let table = kind::ROUTE_TABLE.arn(&cx, "rtb-0123456789abcdef0");
    let group = kind::SECURITY_GROUP.arn(&cx, &group.id);
    let done = later(&cx, 60);
    for (more, code) in [
        (json!({"FilterInArns": [table]}), "COMPONENT_FILTER_RESTRICTION"),
        (json!({"FilterOutArns": [group]}), "COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT"),
    ] {
        let begun = ask(&later(&cx, 1), &mut tx, "StartNetworkInsightsAnalysis", by(more)).unwrap();
        let other = element(&begun, "networkInsightsAnalysisId").to_owned();
        let shown =
            ask(&done, &mut tx, "DescribeNetworkInsightsAnalyses", json!({"NetworkInsightsAnalysisIds": [other]}));
        assert_eq!(element(&shown.unwrap(), "explanationCode"), code);
        ask(&done, &mut tx, "DeleteNetworkInsightsAnalysis", json!({"NetworkInsightsAnalysisId": other})).unwrap();
    }
    let found = |tx: &mut Tx, value: &str| {
        let by = json!({"Filters": [{"Name": "path-found", "Values": [value]}], "NetworkInsightsPathId": path});
        ask(&done, tx, "DescribeNetworkInsightsAnalyses", by).unwrap().contains(&id)
    };
    assert!(found(&mut tx, "true") && !found(&mut tx, "false"));
    let before = json!({"AnalysisEndTime": "2000-01-01T00:00:00Z"});
    assert!(!ask(&done, &mut tx, "DescribeNetworkInsightsAnalyses", before).unwrap().contains(&id));
    let outside = by(json!({"AdditionalAccounts": ["210987654321"]}));
    assert_eq!(refusal(ask(&cx, &mut tx, "StartNetworkInsightsAnalysis", outside)).0, "InvalidParameterValue");
    ask(&done, &mut tx, "DeleteNetworkInsightsAnalysis", json!({"NetworkInsightsAnalysisId": id})).unwrap();
    ask(&done, &mut tx, "DeleteNetworkInsightsPath", json!({"NetworkInsightsPathId": path})).unwrap();
}
