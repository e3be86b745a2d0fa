//! Transit gateways with what is attached to them, their route tables, and peers in other accounts and regions.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::route_table::{self, RouteTable};
use crate::network::subnet::Subnet;
use crate::network::{interface, vpc};
use crate::resource;
use crate::tests::{in_region, later, refusal, refused, start};

mod export;
mod functions;
mod metering;
mod more;
mod sharing;
mod sorts;

struct Network {
    vpc: String,
    subnets: Vec<String>,
    table: String,
}

/// A VPC of that block with a subnet in each of two zones.
fn network(cx: &Cx, tx: &mut Tx, second: u8) -> Network {
    let input = vpc::create::CreateVpc { cidr_block: Some(format!("10.{second}.0.0/16")), ..Default::default() };
    let vpc = vpc::create::create(cx, tx, &input).unwrap().vpc.vpc_id;
    let mut subnets = Vec::new();
    for (third, zone) in [(0, "a"), (1, "b")] {
        let input = crate::network::subnet::create::CreateSubnet {
            vpc_id: vpc.clone(),
            cidr_block: Some(format!("10.{second}.{third}.0/24")),
            availability_zone: Some(format!("{}{zone}", cx.region_name())),
            ..Default::default()
        };
        subnets.push(crate::network::subnet::create::create(cx, tx, &input).unwrap().subnet.subnet_id);
    }
    let table = resource::all::<RouteTable>(cx, tx).find(|table| table.vpc_id == vpc).unwrap().id.clone();
    Network { vpc, subnets, table }
}

/// A gateway that is done.
fn hub(cx: &Cx, tx: &mut Tx, options: Value) -> String {
    let made = ask(cx, tx, "CreateTransitGateway", json!({"Description": "hub", "Options": options})).unwrap();
    assert_eq!(element(&made, "state"), "pending");
    element(&made, "transitGatewayId").to_owned()
}

fn default_table(cx: &Cx, tx: &mut Tx, gateway: &str) -> String {
    let by = json!({"Filters": [{"Name": "transit-gateway-id", "Values": [gateway]},
        {"Name": "default-association-route-table", "Values": ["true"]}]});
    let shown = ask(cx, tx, "DescribeTransitGatewayRouteTables", by).unwrap();
    element(&shown, "transitGatewayRouteTableId").to_owned()
}

fn attach(cx: &Cx, tx: &mut Tx, gateway: &str, network: &Network) -> Result<String, ApiError> {
    let input = json!({"TransitGatewayId": gateway, "VpcId": network.vpc, "SubnetIds": network.subnets});
    let made = ask(cx, tx, "CreateTransitGatewayVpcAttachment", input)?;
    Ok(element(&made, "transitGatewayAttachmentId").to_owned())
}

/// A VPC, a gateway, and the attachment of one to the other, when all are done.
fn start_attached() -> (Cx, Tx, Network, String, String) {
    let (cx, mut tx) = start();
    let one = network(&cx, &mut tx, 1);
    let gateway = hub(&cx, &mut tx, json!({}));
    let cx = later(&cx, 300);
    let attachment = attach(&cx, &mut tx, &gateway, &one).unwrap();
    (later(&cx, 300), tx, one, gateway, attachment)
}

fn search(cx: &Cx, tx: &mut Tx, table: &str, filter: &str, value: &str) -> Vec<(String, String, String)> {
    let input = json!({"TransitGatewayRouteTableId": table, "Filters": [{"Name": filter, "Values": [value]}]});
    let found = ask(cx, tx, "SearchTransitGatewayRoutes", input).unwrap();
    let items = found.split("<destinationCidrBlock>").skip(1);
    items
        .map(|item| {
            let block = item.split('<').next().unwrap().to_owned();
            (block, element(item, "type").to_owned(), element(item, "state").to_owned())
        })
        .collect()
}

fn row(block: &str, sort: &str, state: &str) -> (String, String, String) {
    (block.to_owned(), sort.to_owned(), state.to_owned())
}

#[test]
fn vpcs_on_a_gateway() {
    let (cx, mut tx) = start();
    let (one, two) = (network(&cx, &mut tx, 1), network(&cx, &mut tx, 2));
    let gateway = hub(&cx, &mut tx, json!({"AmazonSideAsn": 64_520}));
    let early = refusal(attach(&cx, &mut tx, &gateway, &one));
    assert_eq!(early, refused("IncorrectState", &format!("{gateway} is in invalid state")));
    let cx = later(&cx, 2);
    let first = attach(&cx, &mut tx, &gateway, &one).unwrap();
    let message = format!("{gateway} has non-deleted Transit Gateway Attachments with same VPC ID.");
    let again = refusal(attach(&cx, &mut tx, &gateway, &one));
    assert_eq!(again, refused("DuplicateTransitGatewayAttachment", &message));
    let interfaces = resource::all::<interface::NetworkInterface>(&cx, &tx).filter(|it| it.vpc_id == one.vpc);
    let types: Vec<String> = interfaces.map(|it| it.managed.as_ref().unwrap().interface_type.clone()).collect();
    assert_eq!(types, ["transit_gateway", "transit_gateway"]);
    let table = default_table(&cx, &mut tx, &gateway);
    let cx = later(&cx, 2);
    attach(&cx, &mut tx, &gateway, &two).unwrap();
    let cx = later(&cx, 2);
    assert_eq!(
        search(&cx, &mut tx, &table, "type", "propagated"),
        [row("10.1.0.0/16", "propagated", "active"), row("10.2.0.0/16", "propagated", "active")]
    );
    let by = json!({"Filters": [{"Name": "resource-id", "Values": [one.vpc]}]});
    let shown = ask(&cx, &mut tx, "DescribeTransitGatewayAttachments", by).unwrap();
    assert!(shown.contains("<state>associated</state>") && shown.contains(&table), "{shown}");

    let route = |target: &str| route_table::route::CreateRoute {
        route_table_id: one.table.clone(),
        destination_cidr_block: Some("10.0.0.0/8".into()),
        transit_gateway_id: Some(target.to_owned()),
        ..Default::default()
    };
    route_table::route::create(&cx, &mut tx, &route(&gateway)).unwrap();
    let other = hub(&cx, &mut tx, json!({}));
    let message = format!("The transitGateway ID '{other}' does not exist");
    let foreign = refusal(route_table::route::create(&cx, &mut tx, &route(&other)));
    assert_eq!(foreign, refused("InvalidTransitGatewayID.NotFound", &message));
    let state = |cx: &Cx, tx: &Tx| {
        let table = resource::get::<RouteTable>(tx, cx, &one.table).unwrap();
        let shown = route_table::out(cx, tx, &table).routes.pop().unwrap();
        (shown.transit_gateway_id, shown.gateway_id, shown.state)
    };
    assert_eq!(state(&cx, &tx), (Some(gateway.clone()), None, "active"));

    let held = refusal(ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": gateway})));
    assert!(held.1.starts_with(&format!("{gateway} has non-deleted Transit Gateway Attachments: tgw-attach-")));
    let delete = vpc::create::DeleteVpc { vpc_id: one.vpc.clone(), ..Default::default() };
    assert_eq!(refusal(vpc::create::delete(&cx, &mut tx, &delete)).0, "DependencyViolation");
    let named = json!({"TransitGatewayAttachmentId": first});
    let gone = ask(&cx, &mut tx, "DeleteTransitGatewayVpcAttachment", named).unwrap();
    assert_eq!(element(&gone, "state"), "deleting");
    assert_eq!(state(&cx, &tx).2, "blackhole");
    let held = |cx: &Cx, world: &World| {
        resource::all::<interface::NetworkInterface>(cx, world).filter(|it| it.vpc_id == one.vpc).count()
    };
    let soon = later(&cx, 2);
    assert_eq!((held(&cx, &tx), held(&soon, &tx.at(soon.now))), (2, 0), "its interfaces go when it is deleted");
    assert_eq!(search(&cx, &mut tx, &table, "state", "active"), [row("10.2.0.0/16", "propagated", "active")]);
    let named = json!({"TransitGatewayAttachmentIds": [first]});
    let shown = ask(&later(&cx, 2), &mut tx, "DescribeTransitGatewayVpcAttachments", named).unwrap();
    assert_eq!(element(&shown, "state"), "deleted");
}

#[test]
fn subnets_of_an_attachment() {
    let (cx, mut tx) = start();
    let one = network(&cx, &mut tx, 1);
    let gateway = hub(&cx, &mut tx, json!({}));
    let cx = later(&cx, 2);
    let twin = Subnet::clone(&resource::get::<Subnet>(&tx, &cx, &one.subnets[0]).unwrap());
    tx.put(Subnet { id: "subnet-0123456789abcdef0".into(), cidr: "10.1.9.0/24".parse().unwrap(), ..twin });
    let input = |subnets: &[&str]| json!({"TransitGatewayId": gateway, "VpcId": one.vpc, "SubnetIds": subnets});
    let same = input(&[&one.subnets[0], "subnet-0123456789abcdef0"]);
    assert_eq!(
        refusal(ask(&cx, &mut tx, "CreateTransitGatewayVpcAttachment", same)),
        refused("DuplicateSubnetsInSameZone", "Duplicate Subnets for same AZ")
    );
    let made = ask(&cx, &mut tx, "CreateTransitGatewayVpcAttachment", input(&[&one.subnets[0]])).unwrap();
    assert_eq!((element(&made, "dnsSupport"), element(&made, "ipv6Support")), ("enable", "disable"));
    let id = element(&made, "transitGatewayAttachmentId").to_owned();
    let cx = later(&cx, 2);
    let change = json!({"TransitGatewayAttachmentId": id, "AddSubnetIds": [one.subnets[1]],
        "RemoveSubnetIds": [one.subnets[0]], "Options": {"ApplianceModeSupport": "enable"}});
    let changed = ask(&cx, &mut tx, "ModifyTransitGatewayVpcAttachment", change).unwrap();
    assert_eq!((element(&changed, "state"), element(&changed, "applianceModeSupport")), ("modifying", "enable"));
    assert!(changed.contains(&one.subnets[1]) && !changed.contains(&one.subnets[0]));
}

#[test]
fn associations_and_propagations() {
    let (cx, mut tx) = start();
    let one = network(&cx, &mut tx, 1);
    let gateway = hub(
        &cx,
        &mut tx,
        json!({"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}),
    );
    let cx = later(&cx, 2);
    let attachment = attach(&cx, &mut tx, &gateway, &one).unwrap();
    let table = ask(&cx, &mut tx, "CreateTransitGatewayRouteTable", json!({"TransitGatewayId": gateway})).unwrap();
    assert_eq!(element(&table, "defaultAssociationRouteTable"), "false");
    let table = element(&table, "transitGatewayRouteTableId").to_owned();
    let cx = later(&cx, 2);
    let both = json!({"TransitGatewayRouteTableId": table, "TransitGatewayAttachmentId": attachment});
    let named = json!({"TransitGatewayRouteTableId": table});
    let made = ask(&cx, &mut tx, "AssociateTransitGatewayRouteTable", both.clone()).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "resourceId")), ("associating", one.vpc.as_str()));
    let message = format!("Transit Gateway Attachment {attachment} is already associated to a route table.");
    let twice = refusal(ask(&cx, &mut tx, "AssociateTransitGatewayRouteTable", both.clone()));
    assert_eq!(twice, refused("Resource.AlreadyAssociated", &message));
    ask(&cx, &mut tx, "EnableTransitGatewayRouteTablePropagation", both.clone()).unwrap();
    let twice = refusal(ask(&cx, &mut tx, "EnableTransitGatewayRouteTablePropagation", both.clone()));
    assert_eq!(twice.0, "TransitGatewayRouteTablePropagation.Duplicate");
    let cx = later(&cx, 2);
    for (operation, state) in [
        ("GetTransitGatewayRouteTableAssociations", "associated"),
        ("GetTransitGatewayRouteTablePropagations", "enabled"),
    ] {
        let shown = ask(&cx, &mut tx, operation, named.clone()).unwrap();
        assert_eq!((element(&shown, "state"), element(&shown, "resourceType")), (state, "vpc"), "{operation}");
    }
    let of_attachment = json!({"TransitGatewayAttachmentId": attachment});
    let shown = ask(&cx, &mut tx, "GetTransitGatewayAttachmentPropagations", of_attachment).unwrap();
    assert_eq!(element(&shown, "transitGatewayRouteTableId"), table);
    let held = refusal(ask(&cx, &mut tx, "DeleteTransitGatewayRouteTable", named.clone()));
    assert_eq!(held.0, "IncorrectState");
    let end = ask(&cx, &mut tx, "DisassociateTransitGatewayRouteTable", both.clone()).unwrap();
    assert_eq!(element(&end, "state"), "disassociating");
    ask(&cx, &mut tx, "DisableTransitGatewayRouteTablePropagation", both.clone()).unwrap();
    let twice = refusal(ask(&cx, &mut tx, "DisableTransitGatewayRouteTablePropagation", both.clone()));
    assert_eq!(twice.0, "TransitGatewayRouteTablePropagation.NotFound");
    assert_eq!(
        refusal(ask(&cx, &mut tx, "DisassociateTransitGatewayRouteTable", both)).0,
        "InvalidAssociation.NotFound"
    );
    let cx = later(&cx, 2);
    ask(&cx, &mut tx, "DeleteTransitGatewayRouteTable", named).unwrap();
}

#[test]
fn routes_by_hand_and_by_prefix_lists() {
    let (cx, mut tx) = start();
    let one = network(&cx, &mut tx, 1);
    let gateway = hub(&cx, &mut tx, json!({}));
    let cx = later(&cx, 2);
    let attachment = attach(&cx, &mut tx, &gateway, &one).unwrap();
    let table = default_table(&cx, &mut tx, &gateway);
    let cx = later(&cx, 2);
    let to = |block: &str, more: Value| {
        let mut input = json!({"TransitGatewayRouteTableId": table, "DestinationCidrBlock": block});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let here = json!({"TransitGatewayAttachmentId": attachment});
    ask(&cx, &mut tx, "CreateTransitGatewayRoute", to("192.168.0.0/16", here.clone())).unwrap();
    let hole =
        ask(&cx, &mut tx, "CreateTransitGatewayRoute", to("192.168.7.0/24", json!({"Blackhole": true}))).unwrap();
    assert_eq!((element(&hole, "state"), element(&hole, "type")), ("blackhole", "static"));
    let twice = refusal(ask(&cx, &mut tx, "CreateTransitGatewayRoute", to("192.168.7.0/24", here.clone())));
    assert_eq!(twice.0, "RouteAlreadyExists");
    let both = to("192.168.8.0/24", json!({"Blackhole": true, "TransitGatewayAttachmentId": attachment}));
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateTransitGatewayRoute", both)).0, "InvalidParameterCombination");
    for (filter, value, found) in [
        ("route-search.exact-match", "192.168.0.0/16", vec!["192.168.0.0/16"]),
        ("route-search.longest-prefix-match", "192.168.7.9", vec!["192.168.7.0/24"]),
        ("route-search.longest-prefix-match", "192.168.8.9", vec!["192.168.0.0/16"]),
        ("route-search.subnet-of-match", "192.0.0.0/8", vec!["192.168.0.0/16", "192.168.7.0/24"]),
        ("route-search.supernet-of-match", "192.168.7.0/25", vec!["192.168.0.0/16", "192.168.7.0/24"]),
        ("type", "propagated", vec!["10.1.0.0/16"]),
        ("attachment.resource-id", one.vpc.as_str(), vec!["10.1.0.0/16", "192.168.0.0/16"]),
    ] {
        let blocks: Vec<String> = search(&cx, &mut tx, &table, filter, value).into_iter().map(|it| it.0).collect();
        assert_eq!(blocks, found, "{filter} {value}");
    }
    let replaced = ask(&cx, &mut tx, "ReplaceTransitGatewayRoute", to("192.168.7.0/24", here.clone())).unwrap();
    assert_eq!(element(&replaced, "state"), "active");
    let gone = ask(&cx, &mut tx, "DeleteTransitGatewayRoute", to("192.168.7.0/24", json!({}))).unwrap();
    assert_eq!(element(&gone, "state"), "deleted");
    let twice = refusal(ask(&cx, &mut tx, "DeleteTransitGatewayRoute", to("192.168.7.0/24", json!({}))));
    assert_eq!(twice.0, "InvalidRoute.NotFound");

    let list = json!({"PrefixListName": "sites", "AddressFamily": "IPv4", "MaxEntries": 5,
        "Entries": [{"Cidr": "172.16.1.0/24"}, {"Cidr": "172.16.2.0/24"}]});
    let list = element(&ask(&cx, &mut tx, "CreateManagedPrefixList", list).unwrap(), "prefixListId").to_owned();
    let reference = json!({"TransitGatewayRouteTableId": table, "PrefixListId": list,
        "TransitGatewayAttachmentId": attachment});
    let made = ask(&cx, &mut tx, "CreateTransitGatewayPrefixListReference", reference).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "blackhole")), ("pending", "false"));
    let cx = later(&cx, 2);
    let blocks = search(&cx, &mut tx, &table, "prefix-list-id", &list);
    assert_eq!(blocks, [row("172.16.1.0/24", "static", "active"), row("172.16.2.0/24", "static", "active")]);
    let kept = refusal(ask(&cx, &mut tx, "DeleteManagedPrefixList", json!({"PrefixListId": list})));
    assert_eq!(kept.0, "DependencyViolation");
    let hole = json!({"TransitGatewayRouteTableId": table, "PrefixListId": list, "Blackhole": true});
    let changed = ask(&cx, &mut tx, "ModifyTransitGatewayPrefixListReference", hole).unwrap();
    assert_eq!(element(&changed, "blackhole"), "true");
    let named = json!({"TransitGatewayRouteTableId": table, "Filters": [{"Name": "is-blackhole", "Values": ["true"]}]});
    let shown = ask(&cx, &mut tx, "GetTransitGatewayPrefixListReferences", named).unwrap();
    assert_eq!(element(&shown, "prefixListId"), list);
    let named = json!({"TransitGatewayRouteTableId": table, "PrefixListId": list});
    ask(&cx, &mut tx, "DeleteTransitGatewayPrefixListReference", named).unwrap();
    ask(&later(&cx, 2), &mut tx, "DeleteManagedPrefixList", json!({"PrefixListId": list})).unwrap();
}

#[test]
fn options_and_default_tables() {
    let (cx, mut tx) = start();
    let gateway = hub(&cx, &mut tx, json!({}));
    let cx = later(&cx, 2);
    let table = default_table(&cx, &mut tx, &gateway);
    let change = |options: Value| json!({"TransitGatewayId": gateway, "Options": options});
    let changed = ask(
        &cx,
        &mut tx,
        "ModifyTransitGateway",
        change(json!({"DefaultRouteTableAssociation": "disable",
        "AddTransitGatewayCidrBlocks": ["10.99.0.0/24"]})),
    )
    .unwrap();
    assert_eq!(
        (element(&changed, "state"), element(&changed, "defaultRouteTableAssociation")),
        ("modifying", "disable")
    );
    assert!(!changed.contains("associationDefaultRouteTableId") && changed.contains("10.99.0.0/24"));
    let held =
        refusal(ask(&cx, &mut tx, "DeleteTransitGatewayRouteTable", json!({"TransitGatewayRouteTableId": table})));
    assert_eq!(held, refused("IncorrectState", &format!("{table} is the default propagation route table.")));
    let small =
        ask(&cx, &mut tx, "ModifyTransitGateway", change(json!({"AddTransitGatewayCidrBlocks": ["10.98.0.0/25"]})));
    assert_eq!(refusal(small).0, "InvalidParameterValue");
    let asn = refusal(ask(&cx, &mut tx, "CreateTransitGateway", json!({"Options": {"AmazonSideAsn": 7_224}})));
    assert_eq!(asn, refused("InvalidParameterValue", "Value (7224) for parameter AmazonSideAsn is invalid."));
    let gone = ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": gateway})).unwrap();
    assert_eq!(element(&gone, "state"), "deleting");
    let message = format!("Transit Gateway {gateway} was deleted or does not exist.");
    let twice = refusal(ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": gateway})));
    assert_eq!(twice, refused("InvalidTransitGatewayID.NotFound", &message));
    let shown = ask(&later(&cx, 2), &mut tx, "DescribeTransitGatewayRouteTables", json!({})).unwrap();
    assert_eq!(element(&shown, "state"), "deleted");
}

#[test]
fn peers_in_another_account_and_region() {
    let (cx, mut tx) = start();
    let caller = service::Caller { account: "210987654321".parse().unwrap(), ..(*cx.caller).clone() };
    let other = in_region(&Cx { caller: caller.into(), ..later(&cx, 0) }, "eu-west-1");
    let (ours, theirs) = (hub(&cx, &mut tx, json!({})), hub(&other, &mut tx, json!({})));
    let (cx, other) = (later(&cx, 2), later(&other, 2));
    let input = |peer: &str| {
        json!({"TransitGatewayId": ours, "PeerTransitGatewayId": peer, "PeerAccountId": "210987654321",
            "PeerRegion": "eu-west-1", "TagSpecifications": [{"ResourceType": "transit-gateway-attachment",
            "Tags": [{"Key": "Name", "Value": "ours"}]}]})
    };
    let made = ask(&cx, &mut tx, "CreateTransitGatewayPeeringAttachment", input(&theirs)).unwrap();
    assert_eq!(element(&made, "state"), "initiatingRequest");
    let id = element(&made, "transitGatewayAttachmentId").to_owned();
    let nowhere = ask(&cx, &mut tx, "CreateTransitGatewayPeeringAttachment", input("tgw-0123456789abcdef0")).unwrap();
    let nowhere = element(&nowhere, "transitGatewayAttachmentId").to_owned();
    let (cx, other) = (later(&cx, 2), later(&other, 2));
    let named = json!({"TransitGatewayAttachmentId": id});
    let message = format!("Cannot accept {id} as the source of the peering request.");
    let own = refusal(ask(&cx, &mut tx, "AcceptTransitGatewayPeeringAttachment", named.clone()));
    assert_eq!(own, refused("InvalidParameterValue", &message));
    let state = |cx: &Cx, tx: &mut Tx, id: &str| {
        let shown =
            ask(cx, tx, "DescribeTransitGatewayPeeringAttachments", json!({"TransitGatewayAttachmentIds": [id]}));
        element(&shown.unwrap(), "code").to_owned()
    };
    assert_eq!(
        (state(&cx, &mut tx, &id), state(&cx, &mut tx, &nowhere)),
        ("pendingAcceptance".into(), "failed".into())
    );
    let accepted = ask(&other, &mut tx, "AcceptTransitGatewayPeeringAttachment", named.clone()).unwrap();
    assert!(element(&accepted, "state") == "pending" && !accepted.contains("<value>ours</value>"));
    let (cx, other) = (later(&cx, 2), later(&other, 2));
    assert_eq!((state(&cx, &mut tx, &id), state(&other, &mut tx, &id)), ("available".into(), "available".into()));
    let table = default_table(&cx, &mut tx, &ours);
    let both = json!({"TransitGatewayRouteTableId": table, "TransitGatewayAttachmentId": id});
    ask(&cx, &mut tx, "AssociateTransitGatewayRouteTable", both.clone()).unwrap();
    let never = refusal(ask(&cx, &mut tx, "EnableTransitGatewayRouteTablePropagation", both));
    assert_eq!(never.0, "UnsupportedOperation");
    let route = json!({"TransitGatewayRouteTableId": table, "DestinationCidrBlock": "10.7.0.0/16",
        "TransitGatewayAttachmentId": id});
    ask(&cx, &mut tx, "CreateTransitGatewayRoute", route).unwrap();
    let held = refusal(ask(&other, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": theirs})));
    assert_eq!(held.1, format!("{theirs} has non-deleted Transit Gateway Cross Region Peering Attachments: {id}."));
    ask(&other, &mut tx, "DeleteTransitGatewayPeeringAttachment", named).unwrap();
    assert_eq!(search(&cx, &mut tx, &table, "state", "blackhole"), [row("10.7.0.0/16", "static", "blackhole")]);
    assert_eq!(state(&later(&cx, 2), &mut tx, &id), "deleted");
}

#[test]
fn vpn_connections_on_a_gateway() {
    let (cx, mut tx) = start();
    let gateway = hub(&cx, &mut tx, json!({"AmazonSideAsn": 64_520}));
    let cx = later(&cx, 2);
    let customer = ask(&cx, &mut tx, "CreateCustomerGateway", json!({"Type": "ipsec.1", "IpAddress": "203.0.113.7"}));
    let customer = element(&customer.unwrap(), "customerGatewayId").to_owned();
    let input = json!({"Type": "ipsec.1", "TransitGatewayId": gateway, "CustomerGatewayId": customer,
        "Options": {"TunnelInsideIpVersion": "ipv6", "EnableAcceleration": true}});
    let made = ask(&cx, &mut tx, "CreateVpnConnection", input).unwrap();
    assert!(made.contains("&lt;asn&gt;64520&lt;/asn&gt;") && made.contains("<localIpv6NetworkCidr>::/0<"), "{made}");
    assert!(element(&made, "tunnelInsideIpv6Cidr").starts_with("fd"));
    let ipv6 = json!({"VpnConnectionId": element(&made, "vpnConnectionId")});
    ask(&cx, &mut tx, "DeleteVpnConnection", ipv6).unwrap();
    let input = json!({"Type": "ipsec.1", "TransitGatewayId": gateway, "CustomerGatewayId": customer});
    let made = ask(&cx, &mut tx, "CreateVpnConnection", input).unwrap();
    let id = element(&made, "vpnConnectionId").to_owned();
    let by = |state: &str| json!({"Filters": [{"Name": "resource-id", "Values": [id]}, {"Name": "state", "Values": [state]}]});
    let cx = later(&cx, 2);
    let shown = ask(&cx, &mut tx, "DescribeTransitGatewayAttachments", by("available")).unwrap();
    assert_eq!(element(&shown, "resourceType"), "vpn");
    let vgw = ask(&cx, &mut tx, "CreateVpnGateway", json!({"Type": "ipsec.1"})).unwrap();
    let vgw = element(&vgw, "vpnGatewayId").to_owned();
    ask(&cx, &mut tx, "ModifyVpnConnection", json!({"VpnConnectionId": id, "VpnGatewayId": vgw})).unwrap();
    let cx = later(&cx, 2);
    let shown = ask(&cx, &mut tx, "DescribeTransitGatewayAttachments", by("deleted")).unwrap();
    assert_eq!(element(&shown, "resourceId"), id);
    ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": gateway})).unwrap();
}
