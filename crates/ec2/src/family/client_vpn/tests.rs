//! Client VPN endpoints with their subnets, routes and rules.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::interface::NetworkInterface;
use crate::network::subnet::Subnet;
use crate::network::vpc;
use crate::resource;
use crate::tests::{later, refusal, refused, start};

const SERVER: &str = "arn:aws:acm:us-east-1:123456789012:certificate/0c2e8f0b-0000-4000-8000-000000000000";

fn input(more: Value) -> Value {
    let mut input = json!({"ClientCidrBlock": "10.200.0.0/22", "ServerCertificateArn": SERVER,
        "AuthenticationOptions": [{"Type": "certificate-authentication",
            "MutualAuthentication": {"ClientRootCertificateChainArn": SERVER}}],
        "ConnectionLogOptions": {"Enabled": false}});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

fn endpoint(cx: &Cx, tx: &mut Tx, more: Value) -> String {
    let made = ask(cx, tx, "CreateClientVpnEndpoint", input(more)).unwrap();
    let id = element(&made, "clientVpnEndpointId").to_owned();
    assert!(element(&made, "dnsName").starts_with(&format!("*.{id}.prod.clientvpn.us-east-1.")), "{made}");
    assert_eq!(element(&made, "code"), "pending-associate");
    id
}

/// Two subnets of the default VPC, in different zones.
fn subnets(cx: &Cx, tx: &Tx) -> [String; 2] {
    let mut ids = resource::all::<Subnet>(cx, tx).map(|subnet| subnet.id.clone());
    [ids.next().unwrap(), ids.next().unwrap()]
}

fn status(cx: &Cx, tx: &mut Tx, id: &str) -> String {
    let shown = ask(cx, tx, "DescribeClientVpnEndpoints", json!({"ClientVpnEndpointIds": [id]})).unwrap();
    let (_, rest) = shown.split_once("<status>").unwrap();
    element(rest, "code").to_owned()
}

#[test]
fn subnets_routes_and_rules() {
    let (cx, mut tx) = start();
    let [one, two] = subnets(&cx, &tx);
    let id = endpoint(&cx, &mut tx, json!({"SplitTunnel": true, "ClientToken": "once"}));
    assert_eq!(endpoint(&cx, &mut tx, json!({"SplitTunnel": true, "ClientToken": "once"})), id);
    let to = |more: Value| {
        let mut input = json!({"ClientVpnEndpointId": id});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    for zone in [
        json!({"SubnetId": one, "AvailabilityZone": "us-east-1a"}),
        json!({"SubnetId": one, "AvailabilityZoneId": "use1-az1"}),
        json!({"AvailabilityZone": "us-east-1a"}),
    ] {
        let both = refusal(ask(&cx, &mut tx, "AssociateClientVpnTargetNetwork", to(zone)));
        assert_eq!(both.0, "InvalidParameterCombination");
    }
    let made = ask(&cx, &mut tx, "AssociateClientVpnTargetNetwork", to(json!({"SubnetId": one}))).unwrap();
    assert_eq!(element(&made, "code"), "associating");
    let association = element(&made, "associationId").to_owned();
    let twice = refusal(ask(&cx, &mut tx, "AssociateClientVpnTargetNetwork", to(json!({"SubnetId": one}))));
    assert_eq!(twice.0, "InvalidClientVpnDuplicateAssociation");
    let cx = later(&cx, 2);
    assert_eq!(status(&cx, &mut tx, &id), "available");
    let shown = ask(&cx, &mut tx, "DescribeClientVpnTargetNetworks", to(json!({}))).unwrap();
    assert_eq!((element(&shown, "targetNetworkId"), element(&shown, "code")), (one.as_str(), "associated"));
    let held = |cx: &Cx, tx: &Tx| {
        resource::all::<NetworkInterface>(cx, tx).find(|it| it.managed.is_some()).map(|it| it.groups.len())
    };
    assert_eq!(held(&cx, &tx), Some(1));

    let route = |subnet: &str| to(json!({"DestinationCidrBlock": "0.0.0.0/0", "TargetVpcSubnetId": subnet}));
    assert_eq!(
        refusal(ask(&cx, &mut tx, "CreateClientVpnRoute", route(&two))).0,
        "InvalidClientVpnActiveAssociationNotFound"
    );
    // An endpoint that is on no transit gateway has no route without a subnet, not even with an empty name of one.
    assert_eq!(
        refusal(ask(&cx, &mut tx, "CreateClientVpnRoute", route(""))).0,
        "InvalidClientVpnActiveAssociationNotFound"
    );
    let made = ask(&cx, &mut tx, "CreateClientVpnRoute", route(&one)).unwrap();
    assert_eq!(element(&made, "code"), "creating");
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateClientVpnRoute", route(&one))).0, "InvalidClientVpnDuplicateRoute");
    let by = |origin: &str| to(json!({"Filters": [{"Name": "origin", "Values": [origin]}]}));
    let shown = ask(&later(&cx, 2), &mut tx, "DescribeClientVpnRoutes", by("add-route")).unwrap();
    assert_eq!((element(&shown, "destinationCidr"), element(&shown, "code")), ("0.0.0.0/0", "active"));
    let shown = ask(&cx, &mut tx, "DescribeClientVpnRoutes", by("associate")).unwrap();
    assert_eq!((element(&shown, "destinationCidr"), element(&shown, "type")), ("172.31.0.0/16", "Nat"));
    ask(&cx, &mut tx, "DeleteClientVpnRoute", route(&one)).unwrap();
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteClientVpnRoute", route(&one))).0, "InvalidClientVpnRouteNotFound");

    let rule = to(json!({"TargetNetworkCidr": "172.31.0.0/16", "AuthorizeAllGroups": true}));
    let made = ask(&cx, &mut tx, "AuthorizeClientVpnIngress", rule.clone()).unwrap();
    assert_eq!(element(&made, "code"), "authorizing");
    let twice = refusal(ask(&cx, &mut tx, "AuthorizeClientVpnIngress", rule));
    assert_eq!(twice.0, "InvalidClientVpnDuplicateAuthorizationRule");
    let shown = ask(&later(&cx, 2), &mut tx, "DescribeClientVpnAuthorizationRules", to(json!({}))).unwrap();
    assert_eq!((element(&shown, "accessAll"), element(&shown, "code")), ("true", "active"));
    let all = to(json!({"TargetNetworkCidr": "172.31.0.0/16", "RevokeAllGroups": true}));
    ask(&cx, &mut tx, "RevokeClientVpnIngress", all.clone()).unwrap();
    let twice = refusal(ask(&cx, &mut tx, "RevokeClientVpnIngress", all));
    assert_eq!(twice.0, "InvalidClientVpnEndpointAuthorizationRuleNotFound");

    let kept = refusal(ask(&cx, &mut tx, "DeleteClientVpnEndpoint", to(json!({}))));
    assert_eq!(kept.0, "IncorrectState");
    let vpc = resource::get::<Subnet>(&tx, &cx, &one).unwrap().vpc_id.clone();
    let delete = vpc::create::DeleteVpc { vpc_id: vpc, ..Default::default() };
    assert_eq!(refusal(vpc::create::delete(&cx, &mut tx, &delete)).0, "DependencyViolation");
    ask(&cx, &mut tx, "DisassociateClientVpnTargetNetwork", to(json!({"AssociationId": association}))).unwrap();
    assert_eq!(held(&cx, &tx), None);
    let cx = later(&cx, 2);
    assert_eq!(status(&cx, &mut tx, &id), "pending-associate");
    let gone = ask(&cx, &mut tx, "DeleteClientVpnEndpoint", to(json!({}))).unwrap();
    assert_eq!(element(&gone, "code"), "deleting");
    let missing = refusal(ask(&cx, &mut tx, "DescribeClientVpnRoutes", to(json!({}))));
    assert_eq!(missing, refused("InvalidClientVpnEndpointId.NotFound", &format!("Endpoint {id} does not exist")));
}

#[test]
fn what_an_endpoint_is() {
    let (cx, mut tx) = start();
    let id = endpoint(&cx, &mut tx, json!({"DnsServers": ["10.0.0.2"], "SelfServicePortal": "disabled"}));
    let shown = ask(&cx, &mut tx, "DescribeClientVpnEndpoints", json!({"ClientVpnEndpointIds": [id]})).unwrap();
    assert_eq!(
        (
            element(&shown, "vpnPort"),
            element(&shown, "sessionTimeoutHours"),
            element(&shown, "clientRootCertificateChain")
        ),
        ("443", "24", SERVER)
    );
    assert!(!shown.contains("selfServicePortalUrl") && shown.contains("10.0.0.2"));
    let change = json!({"ClientVpnEndpointId": id, "DnsServers": {"Enabled": false}, "VpnPort": 1194,
        "Description": "office", "SelfServicePortal": "enabled"});
    let changed = ask(&cx, &mut tx, "ModifyClientVpnEndpoint", change).unwrap();
    assert_eq!(element(&changed, "return"), "true");
    let shown = ask(&cx, &mut tx, "DescribeClientVpnEndpoints", json!({})).unwrap();
    assert_eq!((element(&shown, "vpnPort"), element(&shown, "description")), ("1194", "office"));
    assert!(shown.contains("selfServicePortalUrl") && !shown.contains("10.0.0.2"));
    for (more, name) in [
        (json!({"ClientCidrBlock": "10.200.0.0/23"}), "ClientCidrBlock"),
        (json!({"ServerCertificateArn": "arn:aws:iam::123456789012:server-certificate/x"}), "ServerCertificateArn"),
        (json!({"VpnPort": 80}), "VpnPort"),
        (json!({"SessionTimeoutHours": 9}), "SessionTimeoutHours"),
    ] {
        let (code, message) = refusal(ask(&cx, &mut tx, "CreateClientVpnEndpoint", input(more)));
        assert!(code == "InvalidParameterValue" && message.contains(name), "{message}");
    }
    let named = json!({"ClientVpnEndpointId": id});
    let none = ask(&cx, &mut tx, "DescribeClientVpnConnections", named.clone()).unwrap();
    assert!(!none.contains("<connectionId>"));
    let end = json!({"ClientVpnEndpointId": id, "Username": "ann"});
    assert_eq!(
        refusal(ask(&cx, &mut tx, "TerminateClientVpnConnections", end)).0,
        "InvalidClientVpnConnection.UserNotFound"
    );
    let list = "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n";
    let import = |list: &str| json!({"ClientVpnEndpointId": id, "CertificateRevocationList": list});
    ask(&cx, &mut tx, "ImportClientVpnClientCertificateRevocationList", import(list)).unwrap();
    let bad = refusal(ask(&cx, &mut tx, "ImportClientVpnClientCertificateRevocationList", import("nobody")));
    assert_eq!(bad.0, "InvalidParameterValue");
    let back = ask(&cx, &mut tx, "ExportClientVpnClientCertificateRevocationList", named).unwrap();
    assert_eq!((element(&back, "certificateRevocationList"), element(&back, "code")), (list, "active"));
}

#[test]
fn an_authorization_policy() {
    let (cx, mut tx) = start();
    let id = endpoint(&cx, &mut tx, json!({}));
    let named = json!({"ClientVpnEndpointId": id});
    let to = |more: Value| {
        let mut input = named.clone();
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let (get, modify) = ("GetClientVpnEndpointAuthorizationPolicy", "ModifyClientVpnEndpointAuthorizationPolicy");
    let none = refused(
        "InvalidClientVpnEndpointAuthorizationPolicyNotFound",
        &format!("Client VPN endpoint {id} has no authorization policy."),
    );
    assert_eq!(refusal(ask(&cx, &mut tx, get, named.clone())), none);
    let lacking = refusal(ask(&cx, &mut tx, modify, to(json!({"Description": "office"}))));
    assert_eq!(lacking.0, "MissingParameter");
    let first = to(json!({"PolicyDocument": "permit(principal, action, resource);", "ClientToken": "once"}));
    assert_eq!(element(&ask(&cx, &mut tx, modify, first.clone()).unwrap(), "status"), "creating");
    assert_eq!(element(&ask(&cx, &mut tx, modify, first).unwrap(), "status"), "creating");
    let other = to(json!({"PolicyDocument": "forbid(principal, action, resource);", "ClientToken": "once"}));
    assert_eq!(refusal(ask(&cx, &mut tx, modify, other)).0, "IdempotentParameterMismatch");
    let cx = later(&cx, 300);
    let changed = to(json!({"Description": "office", "ShadowMode": "enabled"}));
    assert_eq!(element(&ask(&cx, &mut tx, modify, changed).unwrap(), "status"), "updating");
    let cx = later(&cx, 300);
    let shown = ask(&cx, &mut tx, get, named.clone()).unwrap();
    for (name, value) in [
        ("policyDocument", "permit(principal, action, resource);"),
        ("description", "office"),
        ("shadowMode", "enabled"),
        ("status", "active"),
        ("clientVpnEndpointId", &id),
    ] {
        assert_eq!(element(&shown, name), value);
    }
    let delete = "DeleteClientVpnEndpointAuthorizationPolicy";
    assert_eq!(element(&ask(&cx, &mut tx, delete, named.clone()).unwrap(), "status"), "deleting");
    assert_eq!(element(&ask(&cx, &mut tx, get, named.clone()).unwrap(), "status"), "deleting");
    // One that is going is none to change: what comes is a first policy.
    let lacking = refusal(ask(&cx, &mut tx, modify, to(json!({"Description": "late"}))));
    assert_eq!(lacking.0, "MissingParameter");
    let token = to(json!({"PolicyDocument": "permit(principal, action, resource);", "ClientToken": "again"}));
    assert_eq!(element(&ask(&cx, &mut tx, modify, token.clone()).unwrap(), "status"), "creating");
    let shown = ask(&cx, &mut tx, get, named.clone()).unwrap();
    assert!(element(&shown, "shadowMode") == "disabled" && !shown.contains("office"), "{shown}");
    assert_eq!(element(&ask(&cx, &mut tx, delete, named.clone()).unwrap(), "status"), "deleting");
    let cx = later(&cx, 300);
    assert_eq!(refusal(ask(&cx, &mut tx, get, named.clone())), none);
    assert_eq!(refusal(ask(&cx, &mut tx, modify, token)), none);
    assert_eq!(refusal(ask(&cx, &mut tx, delete, named)), none);
}
