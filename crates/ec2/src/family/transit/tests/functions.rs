//! Network functions of an endpoint service, and what the service's owner decides.

use serde_json::{Value, json};
use service::prelude::*;

use super::hub;
use super::sharing::spoke;
use crate::family::tests::{ask, element};
use crate::tests::{later, refusal, refused, start};

/// A service behind a Gateway Load Balancer that everybody may use: its name and its id.
fn service(cx: &Cx, tx: &mut Tx, is_accepting: bool) -> (String, String) {
    let account = cx.account();
    let balancer = format!("arn:aws:elasticloadbalancing:us-east-1:{account}:loadbalancer/gwy/web/0123456789abcdef");
    let input = json!({"GatewayLoadBalancerArns": [balancer], "AcceptanceRequired": is_accepting});
    let made = ask(cx, tx, "CreateVpcEndpointServiceConfiguration", input).unwrap();
    let id = element(&made, "serviceId").to_owned();
    let input = json!({"ServiceId": id, "AddAllowedPrincipals": ["*"]});
    ask(cx, tx, "ModifyVpcEndpointServicePermissions", input).unwrap();
    (element(&made, "serviceName").to_owned(), id)
}

fn state(cx: &Cx, tx: &mut Tx, attachment: &str) -> String {
    let named = json!({"TransitGatewayAttachmentIds": [attachment]});
    let shown = ask(cx, tx, "DescribeTransitGatewayNetworkFunctionAttachments", named).unwrap();
    element(&shown, "state").to_owned()
}

/// The endpoints of a service in a state, as its owner sees them.
fn endpoints(cx: &Cx, tx: &mut Tx, state: &str) -> Vec<String> {
    let by = json!({"Filters": [{"Name": "vpc-endpoint-state", "Values": [state]}]});
    let shown = ask(cx, tx, "DescribeVpcEndpointConnections", by).unwrap();
    let each = shown.split("<vpcEndpointId>").skip(1).filter_map(|rest| rest.split('<').next());
    each.map(str::to_owned).collect()
}

/// A gateway that is done, and who offers services to its owner.
fn start_with_hub() -> (Cx, Cx, Tx, String) {
    let (cx, mut tx) = start();
    let gateway = hub(&cx, &mut tx, json!({}));
    let cx = later(&cx, 300);
    let owner = later(&spoke(&cx), 0);
    (cx, owner, tx, gateway)
}

#[test]
fn zones_come_and_go() {
    let (cx, owner, mut tx, gateway) = start_with_hub();
    let (name, _) = service(&owner, &mut tx, false);
    let input = json!({"TransitGatewayId": gateway, "ServiceName": name, "AvailabilityZones": ["us-east-1a"],
        "AvailabilityZoneIds": ["use1-az6", "use1-az1"]});
    let made = ask(&cx, &mut tx, "CreateTransitGatewayNetworkFunctionAttachment", input.clone()).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "resourceId")), ("pending", name.as_str()));
    assert!(made.contains("<item>us-east-1a</item><item>us-east-1b</item>"), "{made}");
    let id = element(&made, "transitGatewayAttachmentId").to_owned();
    assert_eq!(endpoints(&owner, &mut tx, "*").len(), 2);
    let message = format!("{gateway} has non-deleted Transit Gateway Attachments with same service name.");
    let twice = refusal(ask(&cx, &mut tx, "CreateTransitGatewayNetworkFunctionAttachment", input));
    assert_eq!(twice, refused("DuplicateTransitGatewayAttachment", &message));
    let held = refusal(ask(&cx, &mut tx, "DeleteTransitGateway", json!({"TransitGatewayId": gateway})));
    assert_eq!(held.1, format!("{gateway} has non-deleted Network Function Attachments: {id}."));
    let change = |more: Value| {
        let mut input = Document::from(json!({"TransitGatewayAttachmentId": id}));
        input.merge(&Document::from(more));
        Value::Object(input.0)
    };
    let modify = "ModifyTransitGatewayNetworkFunctionAttachment";
    let early = refusal(ask(&cx, &mut tx, modify, change(json!({"AddAvailabilityZones": ["us-east-1c"]}))));
    assert_eq!(early, refused("IncorrectState", &format!("{id} is in invalid state")));
    let cx = later(&cx, 300);
    for (wrong, code) in [
        (json!({}), "MissingParameter"),
        (json!({"AddAvailabilityZones": ["us-east-1a"]}), "InvalidParameterValue"),
        (json!({"RemoveAvailabilityZones": ["us-east-1c"]}), "InvalidParameterValue"),
        (json!({"RemoveAvailabilityZones": ["us-east-1a", "us-east-1b"]}), "InvalidParameterValue"),
        (
            json!({"AddAvailabilityZones": ["us-east-1c"], "RemoveAvailabilityZones": ["us-east-1c"]}),
            "InvalidParameterCombination",
        ),
    ] {
        assert_eq!(refusal(ask(&cx, &mut tx, modify, change(wrong.clone()))).0, code, "{wrong}");
    }
    let wanted = json!({"AddAvailabilityZones": ["us-east-1c"], "RemoveAvailabilityZoneIds": ["use1-az6"]});
    let changed = ask(&cx, &mut tx, modify, change(wanted)).unwrap();
    assert!(
        changed.contains("<state>modifying<") && changed.contains("<item>us-east-1b</item><item>us-east-1c</item>")
    );
    let cx = later(&cx, 300);
    let owner = later(&owner, 600);
    let held = endpoints(&owner, &mut tx, "available");
    assert_eq!(held.len(), 2);
    let message = format!("Operation is not allowed for requester-managed VPC endpoints for the service {name}.");
    let by_hand = ask(&cx, &mut tx, "DeleteVpcEndpoints", json!({"VpcEndpointIds": [held[0]]})).unwrap();
    assert_eq!(element(&by_hand, "message"), message);
    let named = json!({"TransitGatewayAttachmentId": id});
    let gone = ask(&cx, &mut tx, "DeleteTransitGatewayNetworkFunctionAttachment", named).unwrap();
    assert_eq!(element(&gone, "state"), "deleting");
    assert_eq!(endpoints(&owner, &mut tx, "*"), Vec::<String>::new());
    assert_eq!(state(&later(&cx, 300), &mut tx, &id), "deleted");
}

#[test]
fn the_owner_of_the_service_decides() {
    let (cx, owner, mut tx, gateway) = start_with_hub();
    let (name, service_id) = service(&owner, &mut tx, true);
    let input = |zones: &[&str]| json!({"TransitGatewayId": gateway, "ServiceName": name, "AvailabilityZones": zones});
    let create = "CreateTransitGatewayNetworkFunctionAttachment";
    let made = ask(&cx, &mut tx, create, input(&["us-east-1a", "us-east-1b"])).unwrap();
    let id = element(&made, "transitGatewayAttachmentId").to_owned();
    assert_eq!(element(&made, "state"), "pendingAcceptance");
    let waiting = endpoints(&owner, &mut tx, "pendingAcceptance");
    let decide = |owner: &Cx, tx: &mut Tx, verb: &str, endpoint: &str| {
        let input = json!({"ServiceId": service_id, "VpcEndpointIds": [endpoint]});
        let done = ask(owner, tx, &format!("{verb}VpcEndpointConnections"), input).unwrap();
        assert!(!done.contains("<code>"), "{done}");
    };
    decide(&owner, &mut tx, "Accept", &waiting[0]);
    assert_eq!(state(&cx, &mut tx, &id), "pendingAcceptance");
    decide(&owner, &mut tx, "Accept", &waiting[1]);
    assert_eq!(state(&cx, &mut tx, &id), "pending");
    let cx = later(&cx, 300);
    assert_eq!(state(&cx, &mut tx, &id), "available");
    let by =
        json!({"Filters": [{"Name": "service-name", "Values": [name]}, {"Name": "state", "Values": ["available"]}]});
    let found = ask(&cx, &mut tx, "DescribeTransitGatewayNetworkFunctionAttachments", by).unwrap();
    assert_eq!(element(&found, "transitGatewayAttachmentId"), id);
    let shown = ask(&cx, &mut tx, "DescribeTransitGatewayAttachments", json!({})).unwrap();
    assert!(shown.contains("<resourceType>network-function<") && shown.contains("<association>"), "{shown}");
    let named = json!({"TransitGatewayAttachmentId": id});
    ask(&cx, &mut tx, "DeleteTransitGatewayNetworkFunctionAttachment", named).unwrap();

    let made = ask(&later(&cx, 1), &mut tx, create, input(&["us-east-1a"])).unwrap();
    let id = element(&made, "transitGatewayAttachmentId").to_owned();
    let waiting = endpoints(&owner, &mut tx, "pendingAcceptance");
    decide(&later(&owner, 301), &mut tx, "Reject", &waiting[0]);
    assert_eq!(state(&cx, &mut tx, &id), "rejecting");
    assert_eq!(state(&later(&cx, 300), &mut tx, &id), "rejected");
}

#[test]
fn what_cannot_be_attached() {
    let (cx, owner, mut tx, gateway) = start_with_hub();
    let (name, _) = service(&owner, &mut tx, false);
    let sqs = "com.amazonaws.us-east-1.sqs";
    let zones = json!(["us-east-1a"]);
    for (input, code) in [
        (json!({"TransitGatewayId": gateway, "ServiceName": name}), "MissingParameter"),
        (json!({"TransitGatewayId": gateway, "ServiceName": sqs, "AvailabilityZones": zones}), "InvalidParameter"),
        (json!({"TransitGatewayId": gateway, "ServiceName": "x", "AvailabilityZones": zones}), "InvalidServiceName"),
        (
            json!({"TransitGatewayId": gateway, "ServiceName": name, "AvailabilityZones": ["eu-west-1a"]}),
            "InvalidParameterValue",
        ),
        (
            json!({"TransitGatewayId": "tgw-0123456789abcdef0", "ServiceName": name, "AvailabilityZones": zones}),
            "InvalidTransitGatewayID.NotFound",
        ),
    ] {
        let made = ask(&cx, &mut tx, "CreateTransitGatewayNetworkFunctionAttachment", input.clone());
        assert_eq!(refusal(made).0, code, "{input}");
    }
}
