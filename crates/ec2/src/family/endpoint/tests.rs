//! Endpoints of each type, services of accounts, and what both sides see.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::route_table::{self, RouteTable};
use crate::network::subnet::Subnet;
use crate::network::vpc::Vpc;
use crate::resource;
use crate::tests::{later, refusal, refused, start};

const S3: &str = "com.amazonaws.us-east-1.s3";
const SQS: &str = "com.amazonaws.us-east-1.sqs";
const BALANCER: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/web/0123456789abcdef";

/// The default VPC, its main table and two of its subnets.
fn place(cx: &Cx, world: &World) -> (String, String, Vec<String>) {
    let vpc = resource::all::<Vpc>(cx, world).next().unwrap().id.clone();
    let table = resource::all::<RouteTable>(cx, world).next().unwrap().id.clone();
    let subnets = resource::all::<Subnet>(cx, world).take(2).map(|subnet| subnet.id.clone()).collect();
    (vpc, table, subnets)
}

fn create(cx: &Cx, tx: &mut Tx, input: Value) -> Result<String, ApiError> {
    // As in the store, what a refused request did is dropped.
    let mut attempt = Tx::on(tx.at(cx.now));
    let made = ask(cx, &mut attempt, "CreateVpcEndpoint", input)?;
    *tx = attempt;
    Ok(made)
}

fn routes(cx: &Cx, world: &World, table: &str) -> Vec<(Option<String>, Option<String>, &'static str)> {
    let table = resource::get::<RouteTable>(world, cx, table).unwrap();
    let shown = route_table::out(cx, world, &table).routes.into_iter();
    shown.map(|it| (it.destination_prefix_list_id, it.gateway_id, it.state)).filter(|it| it.0.is_some()).collect()
}

fn other_account(cx: &Cx) -> Cx {
    let caller = service::Caller { account: "210987654321".parse().unwrap(), ..(*cx.caller).clone() };
    let cx = Cx { caller: caller.into(), ..cx.clone() };
    later(&cx, 0)
}

#[test]
fn what_leads_to_a_service_has_no_associations() {
    let (cx, mut tx) = start();
    let (vpc, ..) = place(&cx, &tx);
    let made = create(&cx, &mut tx, json!({"VpcId": vpc, "ServiceName": S3})).unwrap();
    let id = element(&made, "vpcEndpointId").to_owned();
    let mut ask = |input: Value| ask(&cx, &mut tx, "DescribeVpcEndpointAssociations", input);
    assert!(ask(json!({"VpcEndpointIds": [id]})).unwrap().contains("<vpcEndpointAssociationSet/>"));
    for filter in service::facts::ec2_filters("DescribeVpcEndpointAssociations").unwrap() {
        let found = ask(json!({"Filters": [{"Name": filter, "Values": ["*"]}]})).unwrap();
        assert!(found.contains("<vpcEndpointAssociationSet/>"), "{filter}");
    }
    let message = "The Vpc Endpoint Id 'vpce-0123456789abcdef0' does not exist";
    let nowhere = refusal(ask(json!({"VpcEndpointIds": ["vpce-0123456789abcdef0"]})));
    assert_eq!(nowhere, refused("InvalidVpcEndpointId.NotFound", message));
}

#[test]
fn a_gateway_endpoint_is_a_route() {
    let (cx, mut tx) = start();
    let (vpc, table, _) = place(&cx, &tx);
    let input = json!({"VpcId": vpc, "ServiceName": S3, "RouteTableIds": [table]});
    let made = create(&cx, &mut tx, input.clone()).unwrap();
    let id = element(&made, "vpcEndpointId").to_owned();
    assert_eq!((element(&made, "state"), element(&made, "vpcEndpointType")), ("available", "Gateway"));
    assert!(element(&made, "policyDocument").contains("2008-10-17"));
    assert_eq!(routes(&cx, &tx, &table), [(Some("pl-63a5400a".into()), Some(id.clone()), "active")]);
    let message = format!("route table {table} already has a route with destination-prefix-list-id pl-63a5400a");
    assert_eq!(refusal(create(&cx, &mut tx, input)), refused("RouteAlreadyExists", &message));
    let by_hand = route_table::route::DeleteRoute {
        route_table_id: table.clone(),
        destination_prefix_list_id: Some("pl-63a5400a".into()),
        ..Default::default()
    };
    assert_eq!(refusal(route_table::route::delete(&cx, &mut tx, &by_hand)).0, "InvalidParameterValue");
    let change = json!({"VpcEndpointId": id, "RemoveRouteTableIds": [table]});
    ask(&cx, &mut tx, "ModifyVpcEndpoint", change).unwrap();
    assert!(routes(&cx, &tx, &table).is_empty());
    ask(&cx, &mut tx, "ModifyVpcEndpoint", json!({"VpcEndpointId": id, "AddRouteTableIds": [table]})).unwrap();
    let gone =
        ask(&cx, &mut tx, "DeleteVpcEndpoints", json!({"VpcEndpointIds": [id, "vpce-0123456789abcdef0"]})).unwrap();
    assert_eq!(element(&gone, "code"), "InvalidVpcEndpointId.NotFound");
    assert!(routes(&cx, &tx, &table).is_empty());
}

#[test]
fn an_interface_endpoint_has_interfaces_and_names() {
    let (cx, mut tx) = start();
    let (vpc, _, subnets) = place(&cx, &tx);
    let input = json!({"VpcId": vpc, "ServiceName": SQS, "VpcEndpointType": "Interface", "SubnetIds": [subnets[0]]});
    let made = create(&cx, &mut tx, input.clone()).unwrap();
    let id = element(&made, "vpcEndpointId").to_owned();
    assert_eq!((element(&made, "state"), element(&made, "groupName")), ("pending", "default"));
    assert!(made.contains("<dnsName>sqs.us-east-1.amazonaws.com</dnsName>"), "{made}");
    let twice = refusal(create(&cx, &mut tx, input));
    let message = format!(
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for sqs.us-east-1.amazonaws.com in the VPC {vpc}"
    );
    assert_eq!(twice, refused("InvalidParameter", &message));
    let cx = later(&cx, 2);
    ask(&cx, &mut tx, "ModifyVpcEndpoint", json!({"VpcEndpointId": id, "AddSubnetIds": [subnets[1]]})).unwrap();
    let shown = ask(&cx, &mut tx, "DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]})).unwrap();
    assert_eq!((element(&shown, "state"), shown.matches("<item>eni-").count()), ("available", 2));
    let held = resource::all::<crate::network::interface::NetworkInterface>(&cx, &tx);
    assert!(held.into_iter().all(|it| it.managed.as_ref().is_some_and(|held| held.owner_id == id)));
    ask(&cx, &mut tx, "DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]})).unwrap();
    let cx = later(&cx, 2);
    assert!(resource::all::<crate::network::interface::NetworkInterface>(&cx, &tx.at(cx.now)).next().is_none());
    let gone = ask(&cx, &mut tx, "DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    let message = format!("The Vpc Endpoint Id '{id}' does not exist");
    assert!(gone.is_err() || element(&gone.unwrap(), "state") == "deleted", "{message}");
}

#[test]
fn requests_that_cannot_be() {
    let (cx, mut tx) = start();
    let (vpc, table, subnets) = place(&cx, &tx);
    let nowhere = "com.amazonaws.us-east-1.nowhere";
    let cases = [
        (
            json!({"ServiceName": nowhere}),
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{nowhere}' does not exist"),
        ),
        (
            json!({"ServiceName": SQS}),
            "InvalidParameter",
            "Endpoint type (Gateway) does not match available service types ([Interface]).".into(),
        ),
        (
            json!({"ServiceName": S3, "PolicyDocument": "{"}),
            "InvalidPolicyDocument",
            "The specified policy document is not a valid JSON policy document.".into(),
        ),
        (
            json!({"ServiceName": S3, "SubnetIds": [subnets[0]]}),
            "InvalidParameter",
            "SubnetIds is not supported for VPC endpoints of type Gateway.".into(),
        ),
        (
            json!({"ServiceName": SQS, "VpcEndpointType": "Interface", "RouteTableIds": [table]}),
            "InvalidParameter",
            "RouteTableIds is not supported for VPC endpoints of type Interface.".into(),
        ),
        (
            json!({"ServiceName": SQS, "VpcEndpointType": "Interface", "SubnetIds": [subnets[0], subnets[0]]}),
            "DuplicateSubnetsInSameZone",
            format!("Found another VPC endpoint subnet in the availability zone of {}", subnets[0]),
        ),
        (
            json!({"ServiceName": S3, "RouteTableIds": ["rtb-1"]}),
            "InvalidRouteTableID.NotFound",
            "The routeTable ID 'rtb-1' does not exist".into(),
        ),
    ];
    for (mut input, code, text) in cases {
        input["VpcId"] = json!(vpc);
        assert_eq!(refusal(create(&cx, &mut tx, input.clone())), refused(code, &text), "{input}");
    }
}

#[test]
fn services_of_aws() {
    let (cx, mut tx) = start();
    let filter = |name: &str, value: &str| json!({"Filters": [{"Name": name, "Values": [value]}]});
    let gateways = ask(&cx, &mut tx, "DescribeVpcEndpointServices", filter("service-type", "Gateway")).unwrap();
    assert_eq!(gateways.matches("<owner>amazon</owner>").count(), 2);
    let s3 = ask(&cx, &mut tx, "DescribeVpcEndpointServices", json!({"ServiceNames": [S3]})).unwrap();
    assert_eq!((s3.matches("<serviceId>").count(), s3.matches(&format!("<item>{S3}</item>")).count()), (2, 1));
    let unknown = refusal(ask(&cx, &mut tx, "DescribeVpcEndpointServices", json!({"ServiceNames": ["x"]})));
    assert_eq!(unknown, refused("InvalidServiceName", "The Vpc Endpoint Service 'x' does not exist"));
}

#[test]
fn a_service_lets_others_in() {
    let (cx, mut tx) = start();
    let other = other_account(&cx);
    crate::network::settle(&other, &mut tx);
    let input = json!({"NetworkLoadBalancerArns": [BALANCER], "PrivateDnsName": "api.example.com"});
    let made = ask(&cx, &mut tx, "CreateVpcEndpointServiceConfiguration", input).unwrap();
    let (service, name) = (element(&made, "serviceId").to_owned(), element(&made, "serviceName").to_owned());
    assert_eq!(name, format!("com.amazonaws.vpce.us-east-1.{service}"));
    assert_eq!(element(&made, "type"), "TXT");
    let (vpc, _, subnets) = place(&other, &tx);
    let wanted = json!({"VpcId": vpc, "ServiceName": name, "VpcEndpointType": "Interface", "SubnetIds": [subnets[0]]});
    assert_eq!(refusal(create(&other, &mut tx, wanted.clone())).0, "InvalidServiceName");

    let root = "arn:aws:iam::210987654321:root";
    let allow = json!({"ServiceId": service, "AddAllowedPrincipals": [root]});
    let added = ask(&cx, &mut tx, "ModifyVpcEndpointServicePermissions", allow).unwrap();
    assert_eq!(element(&added, "principalType"), "Account");
    let listed = ask(&cx, &mut tx, "DescribeVpcEndpointServicePermissions", json!({"ServiceId": service})).unwrap();
    assert_eq!(element(&listed, "principal"), root);
    let endpoint = create(&other, &mut tx, wanted).unwrap();
    let id = element(&endpoint, "vpcEndpointId").to_owned();
    assert_eq!(element(&endpoint, "state"), "pendingAcceptance");

    let seen = ask(&cx, &mut tx, "DescribeVpcEndpointConnections", json!({})).unwrap();
    assert_eq!((element(&seen, "vpcEndpointId"), element(&seen, "vpcEndpointOwner")), (id.as_str(), "210987654321"));
    let kept = ask(&cx, &mut tx, "DeleteVpcEndpointServiceConfigurations", json!({"ServiceIds": [service]})).unwrap();
    assert_eq!(element(&kept, "code"), "ExistingVpcEndpointConnections");
    let both = json!({"ServiceId": service, "VpcEndpointIds": [id, "vpce-0123456789abcdef0"]});
    let accepted = ask(&cx, &mut tx, "AcceptVpcEndpointConnections", both).unwrap();
    assert_eq!(element(&accepted, "resourceId"), "vpce-0123456789abcdef0");
    let state = |cx: &Cx, tx: &mut Tx| {
        let shown = ask(cx, tx, "DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]})).unwrap();
        element(&shown, "state").to_owned()
    };
    assert_eq!(state(&later(&other, 2), &mut tx), "available");
    ask(&cx, &mut tx, "RejectVpcEndpointConnections", json!({"ServiceId": service, "VpcEndpointIds": [id]})).unwrap();
    assert_eq!(state(&other, &mut tx), "rejected");
    let gone = ask(&cx, &mut tx, "DeleteVpcEndpointServiceConfigurations", json!({"ServiceIds": [service]})).unwrap();
    assert!(!gone.contains("<code>"), "{gone}");
}

#[test]
fn services_change_and_tell() {
    let (cx, mut tx) = start();
    let none = refusal(ask(&cx, &mut tx, "CreateVpcEndpointServiceConfiguration", json!({})));
    assert_eq!(none.0, "MissingParameter");
    let foreign = BALANCER.replace("123456789012", "210987654321");
    let input = json!({"NetworkLoadBalancerArns": [foreign]});
    let refusal_of_foreign = refusal(ask(&cx, &mut tx, "CreateVpcEndpointServiceConfiguration", input));
    assert_eq!(refusal_of_foreign.0, "InvalidNetworkLoadBalancerArn.NotFound");
    let input = json!({"NetworkLoadBalancerArns": [BALANCER], "AcceptanceRequired": false});
    let made = ask(&cx, &mut tx, "CreateVpcEndpointServiceConfiguration", input).unwrap();
    let id = element(&made, "serviceId").to_owned();
    let change = json!({"ServiceId": id, "AcceptanceRequired": true, "AddSupportedIpAddressTypes": ["ipv6"]});
    ask(&cx, &mut tx, "ModifyVpcEndpointServiceConfiguration", change).unwrap();
    let named = json!({"ServiceIds": [id]});
    let shown = ask(&cx, &mut tx, "DescribeVpcEndpointServiceConfigurations", named).unwrap();
    assert_eq!((element(&shown, "acceptanceRequired"), shown.contains("<item>ipv6</item>")), ("true", true));

    let topic = "arn:aws:sns:us-east-1:123456789012:topic";
    let input = json!({"ServiceId": id, "ConnectionNotificationArn": topic, "ConnectionEvents": ["Accept"], "ClientToken": "t"});
    let told = ask(&cx, &mut tx, "CreateVpcEndpointConnectionNotification", input.clone()).unwrap();
    let again = ask(&cx, &mut tx, "CreateVpcEndpointConnectionNotification", input).unwrap();
    assert_eq!(told, again);
    let notification = element(&told, "connectionNotificationId").to_owned();
    let change = json!({"ConnectionNotificationId": notification, "ConnectionEvents": ["Connect", "Delete"]});
    ask(&cx, &mut tx, "ModifyVpcEndpointConnectionNotification", change).unwrap();
    let by_service = json!({"Filters": [{"Name": "service-id", "Values": [id]}]});
    let shown = ask(&cx, &mut tx, "DescribeVpcEndpointConnectionNotifications", by_service.clone()).unwrap();
    assert!(shown.contains("<item>Connect</item>") && !shown.contains("<item>Accept</item>"), "{shown}");
    let gone = json!({"ConnectionNotificationIds": [notification]});
    ask(&cx, &mut tx, "DeleteVpcEndpointConnectionNotifications", gone.clone()).unwrap();
    let shown = ask(&cx, &mut tx, "DescribeVpcEndpointConnectionNotifications", by_service).unwrap();
    assert!(!shown.contains(&notification));
    let twice = ask(&cx, &mut tx, "DeleteVpcEndpointConnectionNotifications", gone).unwrap();
    assert_eq!(element(&twice, "code"), "InvalidConnectionNotification");
}
