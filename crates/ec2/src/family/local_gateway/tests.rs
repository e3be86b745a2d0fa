//! Local gateways from the hardware up: an Outpost, its tables, routes and interfaces, and pools of customer-owned addresses.

use serde_json::{Value, json};
use service::prelude::*;

use super::outpost::{self, Refused};
use crate::family::tests::{ask, element};
use crate::network::elastic_ip::{self, AllocateAddress};
use crate::network::route_table::{self, RouteTable};
use crate::network::vpc::Vpc;
use crate::resource;
use crate::tests::{later, refusal, refused, start};

fn arn(cx: &Cx, number: u8) -> String {
    format!("arn:aws:outposts:us-east-1:{}:outpost/op-0{number:016x}", cx.account())
}

/// An Outpost with one LAG: its local gateway and the LAG.
fn outpost(cx: &Cx, tx: &mut Tx, number: u8) -> (String, String) {
    let told = json!({"outpostArn": arn(cx, number), "lags": [{"serviceLinkVirtualInterfaces": [
        {"vlan": 100, "localAddress": "169.254.1.1/30", "peerAddress": "169.254.1.2/30", "peerBgpAsn": 65000}]}]});
    let told = serde_json::from_value(told).unwrap();
    let made = outpost::install(tx, &told, &cx.apart().ids, cx.now).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["localGatewayId"]), text(&made["lags"][0]["outpostLagId"]))
}

fn make(cx: &Cx, tx: &mut Tx, operation: &str, member: &str, input: Value) -> String {
    element(&ask(&cx.apart(), tx, operation, input).unwrap(), member).to_owned()
}

fn table(cx: &Cx, tx: &mut Tx, gateway: &str, mode: &str) -> String {
    let input = json!({"LocalGatewayId": gateway, "Mode": mode});
    make(cx, tx, "CreateLocalGatewayRouteTable", "localGatewayRouteTableId", input)
}

fn group(cx: &Cx, tx: &mut Tx, gateway: &str) -> String {
    let input = json!({"LocalGatewayId": gateway, "LocalBgpAsn": 65024});
    make(cx, tx, "CreateLocalGatewayVirtualInterfaceGroup", "localGatewayVirtualInterfaceGroupId", input)
}

fn default_vpc(cx: &Cx, tx: &Tx) -> String {
    resource::all::<Vpc>(cx, tx).next().unwrap().id.clone()
}

#[test]
fn an_outpost_comes_and_goes() {
    let (cx, mut tx) = start();
    let (gateway, lag) = outpost(&cx, &mut tx, 1);
    let shown = ask(&cx, &mut tx, "DescribeLocalGateways", json!({"LocalGatewayIds": [gateway]})).unwrap();
    assert_eq!((element(&shown, "outpostArn"), element(&shown, "state")), (arn(&cx, 1).as_str(), "available"));
    for (filter, value) in
        [("vlan", "100"), ("peer-bgp-asn", "65000"), ("outpost-id", "op-0*1"), ("configuration-state", "available")]
    {
        let by = |value: &str| json!({"Filters": [{"Name": filter, "Values": [value]}]});
        let shown = ask(&cx, &mut tx, "DescribeOutpostLags", by(value)).unwrap();
        assert_eq!(element(&shown, "outpostLagId"), lag, "{filter}");
        assert!(!ask(&cx, &mut tx, "DescribeOutpostLags", by("else")).unwrap().contains(&lag), "{filter}");
    }
    let by = json!({"Filters": [{"Name": "outpost-lag-id", "Values": [lag]}]});
    let shown = ask(&cx, &mut tx, "DescribeServiceLinkVirtualInterfaces", by).unwrap();
    assert_eq!((element(&shown, "localAddress"), element(&shown, "vlan")), ("169.254.1.1/30", "100"));
    assert!(element(&shown, "serviceLinkVirtualInterfaceArn").contains(":service-link-virtual-interface/sl-vif-"));

    let again = serde_json::from_value(json!({"outpostArn": arn(&cx, 1)})).unwrap();
    assert!(matches!(outpost::install(&mut tx, &again, &cx.ids, cx.now), Err(Refused::Conflict(_))));
    for wrong in [
        json!({"outpostArn": "op-00000000000000001"}),
        json!({"outpostArn": "arn:aws:outposts:mars-1:123456789012:outpost/op-00000000000000002"}),
        json!({"outpostArn": "arn:aws-cn:outposts:us-east-1:123456789012:outpost/op-00000000000000002"}),
        json!({"outpostArn": arn(&cx, 2), "localGatewayId": "lgw-x"}),
        json!({"outpostArn": arn(&cx, 2), "lags": [{"serviceLinkVirtualInterfaces": [
            {"vlan": 5000, "localAddress": "169.254.1.1", "peerAddress": "169.254.1.2", "peerBgpAsn": 65000}]}]}),
        json!({"outpostArn": arn(&cx, 2), "lags": [{"serviceLinkVirtualInterfaces": [
            {"vlan": 5, "localAddress": "here", "peerAddress": "169.254.1.2", "peerBgpAsn": 65000}]}]}),
    ] {
        let told = serde_json::from_value(wrong.clone()).unwrap();
        assert!(matches!(outpost::install(&mut tx, &told, &cx.ids, cx.now), Err(Refused::Bad(_))), "{wrong}");
    }
    let taken = serde_json::from_value(json!({"outpostArn": arn(&cx, 2), "localGatewayId": gateway})).unwrap();
    assert!(matches!(outpost::install(&mut tx, &taken, &cx.ids, cx.now), Err(Refused::Conflict(_))));

    let table = table(&cx, &mut tx, &gateway, "coip");
    assert!(matches!(outpost::remove(&mut tx, &arn(&cx, 1)), Err(Refused::Conflict(_))));
    ask(&cx, &mut tx, "DeleteLocalGatewayRouteTable", json!({"LocalGatewayRouteTableId": table})).unwrap();
    outpost::remove(&mut tx, &arn(&cx, 1)).unwrap();
    assert!(matches!(outpost::remove(&mut tx, &arn(&cx, 1)), Err(Refused::Missing(_))));
    let gone = refusal(ask(&cx, &mut tx, "DescribeLocalGateways", json!({"LocalGatewayIds": [gateway]})));
    let message = format!("The localGateway ID '{gateway}' does not exist");
    assert_eq!(gone, refused("InvalidLocalGatewayID.NotFound", &message));
}

#[test]
fn a_routing_domain() {
    let (cx, mut tx) = start();
    let (gateway, lag) = outpost(&cx, &mut tx, 1);
    let (table, group) = (table(&cx, &mut tx, &gateway, "direct-vpc-routing"), group(&cx, &mut tx, &gateway));
    let cx = later(&cx, 30);
    let groups = json!({"LocalGatewayVirtualInterfaceGroupIds": [group]});
    let shown = ask(&cx, &mut tx, "DescribeLocalGatewayVirtualInterfaceGroups", groups.clone()).unwrap();
    assert_eq!((element(&shown, "configurationState"), element(&shown, "localBgpAsn")), ("incomplete", "65024"));
    let interface = |vlan: i64, more: Value| {
        let mut input = json!({"LocalGatewayVirtualInterfaceGroupId": group, "OutpostLagId": lag, "Vlan": vlan,
            "LocalAddress": "169.254.2.1/30", "PeerAddress": "169.254.2.2/30", "PeerBgpAsn": 65000});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let create = "CreateLocalGatewayVirtualInterface";
    let id = make(&cx, &mut tx, create, "localGatewayVirtualInterfaceId", interface(200, json!({})));
    for (vlan, more, code) in [
        (200, json!({}), "InvalidParameterValue"),
        (100, json!({}), "InvalidParameterValue"),
        (0, json!({}), "InvalidParameterValue"),
        (201, json!({"PeerAddress": "nowhere"}), "InvalidParameterValue"),
        (201, json!({"PeerAddress": "169.254.2.1"}), "InvalidParameterValue"),
        (201, json!({"PeerBgpAsn": 0}), "InvalidParameterValue"),
        (201, json!({"PeerBgpAsnExtended": 4_200_000_000_u32}), "InvalidParameterCombination"),
        (201, json!({"PeerBgpAsn": null}), "MissingParameter"),
        (201, json!({"OutpostLagId": "op-lag-0123456789abcdef0"}), "InvalidOutpostLagID.NotFound"),
    ] {
        let mut input = interface(vlan, more.clone());
        input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(refusal(ask(&cx, &mut tx, create, input)).0, code, "{vlan} {more}");
    }
    let shown = ask(&cx, &mut tx, "DescribeLocalGatewayVirtualInterfaceGroups", groups).unwrap();
    assert!(shown.contains(&id) && element(&shown, "configurationState") == "available");
    let by = json!({"Filters": [{"Name": "local-bgp-asn", "Values": ["65024"]}]});
    let shown = ask(&cx, &mut tx, "DescribeLocalGatewayVirtualInterfaces", by).unwrap();
    assert_eq!((element(&shown, "localGatewayId"), element(&shown, "outpostLagId")), (gateway.as_str(), lag.as_str()));
    let lags = ask(&cx, &mut tx, "DescribeOutpostLags", json!({})).unwrap();
    assert!(lags.contains(&id));

    let (other, _) = outpost(&cx, &mut tx, 2);
    let far = super::tests::group(&cx, &mut tx, &other);
    let pair = |group: &str| json!({"LocalGatewayRouteTableId": table, "LocalGatewayVirtualInterfaceGroupId": group});
    let create = "CreateLocalGatewayRouteTableVirtualInterfaceGroupAssociation";
    assert_eq!(refusal(ask(&cx, &mut tx, create, pair(&far))).0, "InvalidParameterValue");
    let made = ask(&cx, &mut tx, create, pair(&group)).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "localGatewayId")), ("associating", gateway.as_str()));
    let association = element(&made, "localGatewayRouteTableVirtualInterfaceGroupAssociationId").to_owned();
    assert!(association.starts_with("lgw-vif-grp-assoc-"));
    assert_eq!(refusal(ask(&cx, &mut tx, create, pair(&group))).0, "Resource.AlreadyAssociated");

    let vpc = default_vpc(&cx, &tx);
    let pair = json!({"LocalGatewayRouteTableId": table, "VpcId": vpc});
    let create = "CreateLocalGatewayRouteTableVpcAssociation";
    let of_vpc = make(&cx, &mut tx, create, "localGatewayRouteTableVpcAssociationId", pair.clone());
    assert_eq!(refusal(ask(&cx, &mut tx, create, pair)).0, "Resource.AlreadyAssociated");
    let nowhere = json!({"LocalGatewayRouteTableId": table, "VpcId": "vpc-0123456789abcdef0"});
    assert_eq!(refusal(ask(&cx, &mut tx, create, nowhere)).0, "InvalidVpcID.NotFound");

    let named = json!({"LocalGatewayRouteTableId": table});
    let message = format!("The local-gateway-route-table '{table}' has dependencies and cannot be deleted.");
    let held = refusal(ask(&cx, &mut tx, "DeleteLocalGatewayRouteTable", named.clone()));
    assert_eq!(held, refused("DependencyViolation", &message));
    let by_group = json!({"LocalGatewayVirtualInterfaceGroupId": group});
    let held = refusal(ask(&cx, &mut tx, "DeleteLocalGatewayVirtualInterfaceGroup", by_group.clone()));
    assert_eq!(held.0, "DependencyViolation");
    for (operation, member, id) in [
        ("DeleteLocalGatewayRouteTableVpcAssociation", "LocalGatewayRouteTableVpcAssociationId", &of_vpc),
        (
            "DeleteLocalGatewayRouteTableVirtualInterfaceGroupAssociation",
            "LocalGatewayRouteTableVirtualInterfaceGroupAssociationId",
            &association,
        ),
    ] {
        let gone = ask(&cx, &mut tx, operation, json!({member: id})).unwrap();
        assert_eq!(element(&gone, "state"), "disassociating");
    }
    let gone =
        ask(&cx, &mut tx, "DeleteLocalGatewayVirtualInterface", json!({"LocalGatewayVirtualInterfaceId": id})).unwrap();
    assert_eq!(element(&gone, "configurationState"), "deleting");
    ask(&cx, &mut tx, "DeleteLocalGatewayVirtualInterfaceGroup", by_group).unwrap();
    ask(&cx, &mut tx, "DeleteLocalGatewayRouteTable", named).unwrap();
}

#[test]
fn routes() {
    let (cx, mut tx) = start();
    let (gateway, _) = outpost(&cx, &mut tx, 1);
    let (table, group) = (table(&cx, &mut tx, &gateway, "direct-vpc-routing"), group(&cx, &mut tx, &gateway));
    let route = |more: Value| {
        let mut input = json!({"LocalGatewayRouteTableId": table});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let to_group =
        |block: &str| route(json!({"DestinationCidrBlock": block, "LocalGatewayVirtualInterfaceGroupId": group}));
    let made = ask(&cx, &mut tx, "CreateLocalGatewayRoute", to_group("10.0.0.1/8")).unwrap();
    assert_eq!((element(&made, "destinationCidrBlock"), element(&made, "state")), ("10.0.0.0/8", "blackhole"));
    assert_eq!((element(&made, "type"), element(&made, "localGatewayRouteTableId")), ("static", table.as_str()));
    let again = refusal(ask(&cx, &mut tx, "CreateLocalGatewayRoute", to_group("10.0.0.0/8")));
    assert_eq!(again, refused("RouteAlreadyExists", "The route identified by 10.0.0.0/8 already exists."));
    let pair = json!({"LocalGatewayRouteTableId": table, "LocalGatewayVirtualInterfaceGroupId": group});
    ask(&cx.apart(), &mut tx, "CreateLocalGatewayRouteTableVirtualInterfaceGroupAssociation", pair).unwrap();
    let made = ask(&cx, &mut tx, "CreateLocalGatewayRoute", to_group("0.0.0.0/0")).unwrap();
    assert_eq!(element(&made, "state"), "active");
    for (more, code) in [
        (json!({"DestinationCidrBlock": "10.1.0.0/16"}), "MissingParameter"),
        (json!({"LocalGatewayVirtualInterfaceGroupId": group}), "MissingParameter"),
        (
            json!({"DestinationCidrBlock": "10.1.0.0/16", "DestinationPrefixListId": "pl-0123456789abcdef0",
                "LocalGatewayVirtualInterfaceGroupId": group}),
            "InvalidParameterCombination",
        ),
        (json!({"DestinationCidrBlock": "x", "LocalGatewayVirtualInterfaceGroupId": group}), "InvalidParameterValue"),
        (
            json!({"DestinationPrefixListId": "pl-0123456789abcdef0", "LocalGatewayVirtualInterfaceGroupId": group}),
            "InvalidPrefixListID.NotFound",
        ),
        (
            json!({"DestinationCidrBlock": "10.1.0.0/16", "NetworkInterfaceId": "eni-0123456789abcdef0"}),
            "InvalidNetworkInterfaceID.NotFound",
        ),
        (
            json!({"DestinationCidrBlock": "10.1.0.0/16", "LocalGatewayVirtualInterfaceGroupId": "lgw-vif-grp-0123456789abcdef0"}),
            "InvalidLocalGatewayVirtualInterfaceGroupID.NotFound",
        ),
    ] {
        assert_eq!(refusal(ask(&cx, &mut tx, "CreateLocalGatewayRoute", route(more.clone()))).0, code, "{more}");
    }
    let list = json!({"PrefixListName": "office", "AddressFamily": "IPv4", "MaxEntries": 5});
    let list = make(&cx, &mut tx, "CreateManagedPrefixList", "prefixListId", list);
    let to_list = route(json!({"DestinationPrefixListId": list, "LocalGatewayVirtualInterfaceGroupId": group}));
    ask(&cx, &mut tx, "CreateLocalGatewayRoute", to_list).unwrap();
    let users = ask(&cx, &mut tx, "GetManagedPrefixListAssociations", json!({"PrefixListId": list})).unwrap();
    assert_eq!(element(&users, "resourceId"), table);

    let mut search = |filter: &str, value: &str| {
        let filters = json!({"Filters": [{"Name": filter, "Values": [value]}]});
        ask(&cx, &mut tx, "SearchLocalGatewayRoutes", route(filters)).unwrap().matches("<state>").count()
    };
    for (filter, value, count) in [
        ("type", "static", 3),
        ("type", "propagated", 0),
        ("state", "active", 3),
        ("prefix-list-id", list.as_str(), 1),
        ("route-search.exact-match", "10.0.0.0/8", 1),
        ("route-search.longest-prefix-match", "10.1.2.3", 1),
        ("route-search.supernet-of-match", "10.1.0.0/16", 2),
        ("route-search.subnet-of-match", "10.0.0.0/7", 1),
    ] {
        assert_eq!(search(filter, value), count, "{filter} {value}");
    }
    let gone =
        ask(&cx, &mut tx, "DeleteLocalGatewayRoute", route(json!({"DestinationCidrBlock": "10.0.0.0/8"}))).unwrap();
    assert_eq!(element(&gone, "state"), "deleted");
    let message = format!("no route with destination-cidr-block 10.0.0.0/8 in local gateway route table {table}");
    for operation in ["DeleteLocalGatewayRoute", "ModifyLocalGatewayRoute"] {
        let twice = refusal(ask(&cx, &mut tx, operation, to_group("10.0.0.0/8")));
        assert_eq!(twice, refused("InvalidRoute.NotFound", &message));
    }
}

#[test]
fn customer_owned_addresses() {
    let (cx, mut tx) = start();
    let (gateway, _) = outpost(&cx, &mut tx, 1);
    let direct = table(&cx, &mut tx, &gateway, "direct-vpc-routing");
    let coip = table(&cx, &mut tx, &gateway, "coip");
    let refusal_of_mode = refusal(ask(&cx, &mut tx, "CreateCoipPool", json!({"LocalGatewayRouteTableId": direct})));
    assert_eq!(refusal_of_mode.0, "InvalidParameterValue");
    let pool = make(&cx, &mut tx, "CreateCoipPool", "poolId", json!({"LocalGatewayRouteTableId": coip}));
    assert!(pool.starts_with("ipv4pool-coip-0"));
    let allocate = |tx: &mut Tx, address: Option<&str>| {
        let (pool, address) = (Some(pool.clone()), address.map(str::to_owned));
        let input = AllocateAddress { customer_owned_ipv4_pool: pool, address, ..Default::default() };
        elastic_ip::allocate(&cx.apart(), tx, &input)
    };
    assert_eq!(refusal(allocate(&mut tx, None)).0, "InsufficientAddressCapacity");
    let block = |cidr: &str| json!({"CoipPoolId": pool, "Cidr": cidr});
    let made = ask(&cx, &mut tx, "CreateCoipCidr", block("192.0.2.0/30")).unwrap();
    assert_eq!((element(&made, "cidr"), element(&made, "coipPoolId")), ("192.0.2.0/30", pool.as_str()));
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateCoipCidr", block("192.0.2.0/24"))).0, "InvalidParameterValue");
    let shown = ask(&cx, &mut tx, "SearchLocalGatewayRoutes", json!({"LocalGatewayRouteTableId": coip})).unwrap();
    assert_eq!((element(&shown, "coipPoolId"), element(&shown, "type")), (pool.as_str(), "propagated"));

    let one = allocate(&mut tx, None).unwrap();
    assert_eq!(
        (one.customer_owned_ip.as_deref(), one.public_ip.clone(), one.public_ipv4_pool.clone()),
        (Some("192.0.2.0"), None, None)
    );
    let two = allocate(&mut tx, Some("192.0.2.3")).unwrap();
    assert_eq!(two.customer_owned_ipv4_pool.as_deref(), Some(pool.as_str()));
    assert_eq!(refusal(allocate(&mut tx, Some("192.0.2.3"))).0, "InvalidAddress.NotFound");
    let usage = ask(&cx, &mut tx, "GetCoipPoolUsage", json!({"PoolId": pool})).unwrap();
    assert!(usage.contains(&one.allocation_id) && usage.contains("<coIp>192.0.2.3</coIp>"));
    let both = AllocateAddress {
        customer_owned_ipv4_pool: Some(pool.clone()),
        ipam_pool_id: Some("ipam-pool-0123456789abcdef0".to_owned()),
        ..Default::default()
    };
    assert_eq!(refusal(elastic_ip::allocate(&cx, &mut tx, &both)).0, "InvalidParameterCombination");
    let associate = elastic_ip::associate::AssociateAddress {
        allocation_id: Some(one.allocation_id.clone()),
        network_interface_id: Some("eni-0123456789abcdef0".to_owned()),
        ..Default::default()
    };
    assert_eq!(refusal(elastic_ip::associate::associate(&cx, &mut tx, &associate)).0, "InvalidParameterValue");

    let named = json!({"CoipPoolId": pool});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteCoipCidr", block("192.0.2.0/30"))).0, "DependencyViolation");
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteCoipPool", named.clone())).0, "DependencyViolation");
    for held in [one, two] {
        let input = elastic_ip::ReleaseAddress { allocation_id: Some(held.allocation_id), ..Default::default() };
        elastic_ip::release(&cx, &mut tx, &input).unwrap();
    }
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteCoipPool", named.clone())).0, "DependencyViolation");
    ask(&cx, &mut tx, "DeleteCoipCidr", block("192.0.2.0/30")).unwrap();
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteCoipCidr", block("192.0.2.0/30"))).0, "InvalidParameterValue");
    ask(&cx, &mut tx, "DeleteCoipPool", named.clone()).unwrap();
    let message = format!("The pool ID '{pool}' does not exist");
    let gone = refusal(ask(&cx, &mut tx, "DeleteCoipPool", named));
    assert_eq!(gone, refused("InvalidPoolID.NotFound", &message));
}

#[test]
fn a_vpc_leads_through_a_local_gateway() {
    let (cx, mut tx) = start();
    let (gateway, _) = outpost(&cx, &mut tx, 1);
    let vpc = default_vpc(&cx, &tx);
    let own = resource::all::<RouteTable>(&cx, &tx).find(|table| table.vpc_id == vpc).unwrap().id.clone();
    let input = route_table::route::CreateRoute {
        route_table_id: own.clone(),
        destination_cidr_block: Some("10.0.0.0/8".to_owned()),
        local_gateway_id: Some(gateway.clone()),
        ..Default::default()
    };
    let far = refusal(route_table::route::create(&cx, &mut tx, &input));
    let message = format!("route table {own} and network gateway {gateway} belong to different networks");
    assert_eq!(far, refused("InvalidParameterValue", &message));
    let table = table(&cx, &mut tx, &gateway, "direct-vpc-routing");
    let pair = json!({"LocalGatewayRouteTableId": table, "VpcId": vpc});
    let create = "CreateLocalGatewayRouteTableVpcAssociation";
    let association = make(&cx, &mut tx, create, "localGatewayRouteTableVpcAssociationId", pair);
    route_table::route::create(&cx, &mut tx, &input).unwrap();
    let seen = |tx: &Tx| {
        let held = resource::look_up::<RouteTable>(tx, &cx, &own).unwrap();
        let shown = route_table::out(&cx, tx, &held).routes;
        shown.into_iter().find(|route| route.local_gateway_id.is_some()).unwrap()
    };
    assert_eq!((seen(&tx).local_gateway_id.as_deref(), seen(&tx).state), (Some(gateway.as_str()), "active"));
    let named = json!({"LocalGatewayRouteTableVpcAssociationId": association});
    ask(&cx, &mut tx, "DeleteLocalGatewayRouteTableVpcAssociation", named).unwrap();
    assert_eq!(seen(&tx).state, "blackhole");
    let nowhere =
        route_table::route::CreateRoute { local_gateway_id: Some("lgw-0123456789abcdef0".to_owned()), ..input };
    assert_eq!(refusal(route_table::route::create(&cx, &mut tx, &nowhere)).0, "InvalidLocalGatewayID.NotFound");
}

#[test]
fn all_filters_are_known() {
    let (cx, mut tx) = start();
    for operation in [
        "DescribeCoipPools",
        "DescribeElasticGpus",
        "DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations",
        "DescribeLocalGatewayRouteTableVpcAssociations",
        "DescribeLocalGatewayRouteTables",
        "DescribeLocalGatewayVirtualInterfaceGroups",
        "DescribeLocalGatewayVirtualInterfaces",
        "DescribeLocalGateways",
        "DescribeOutpostLags",
        "DescribeServiceLinkVirtualInterfaces",
    ] {
        for filter in service::facts::ec2_filters(operation).unwrap() {
            let filter = filter.replace("<key>", "Name");
            ask(&cx, &mut tx, operation, json!({"Filters": [{"Name": filter, "Values": ["*"]}]})).unwrap();
        }
    }
    let gpus = refusal(ask(&cx, &mut tx, "DescribeElasticGpus", json!({"ElasticGpuIds": ["egpu-0123456789abcdef0"]})));
    assert_eq!(gpus.0, "InvalidElasticGpuID.NotFound");
}
