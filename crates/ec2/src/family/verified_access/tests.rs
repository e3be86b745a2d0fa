//! What holds on to what, policies, and secrets that are not kept.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::interface::NetworkInterface;
use crate::network::security_group::SecurityGroup;
use crate::resource;
use crate::tests::{later, refusal, refused, start};

fn made(cx: &Cx, tx: &mut Tx, operation: &str, input: Value, id: &str) -> String {
    element(&ask(cx, tx, operation, input).unwrap(), id).to_owned()
}

fn instance(cx: &Cx, tx: &mut Tx) -> String {
    made(cx, tx, "CreateVerifiedAccessInstance", json!({"FIPSEnabled": true}), "verifiedAccessInstanceId")
}

#[test]
fn a_provider_is_attached_and_its_secret_forgotten() {
    let (cx, mut tx) = start();
    let instance = instance(&cx, &mut tx);
    let input = json!({"TrustProviderType": "user", "UserTrustProviderType": "oidc", "PolicyReferenceName": "people", "Description": "d",
        "OidcOptions": {"Issuer": "https://issuer.example", "ClientId": "me", "ClientSecret": "hidden"}});
    let answer = ask(&cx, &mut tx, "CreateVerifiedAccessTrustProvider", input).unwrap();
    assert!(answer.contains("<clientId>me<") && !answer.contains("hidden"), "{answer}");
    let provider = element(&answer, "verifiedAccessTrustProviderId").to_owned();
    let both = json!({"VerifiedAccessInstanceId": instance, "VerifiedAccessTrustProviderId": provider});
    let early = refusal(ask(&cx, &mut tx, "DetachVerifiedAccessTrustProvider", both.clone()));
    let message = format!("Trust provider {provider} is not attached to instance {instance}");
    assert_eq!(early, refused("InvalidParameterValue", &message));
    ask(&cx, &mut tx, "AttachVerifiedAccessTrustProvider", both.clone()).unwrap();
    let shown = ask(&cx, &mut tx, "DescribeVerifiedAccessInstances", json!({})).unwrap();
    assert_eq!(
        (element(&shown, "verifiedAccessTrustProviderId"), element(&shown, "fipsEnabled")),
        (provider.as_str(), "true")
    );
    let deletion = json!({"VerifiedAccessTrustProviderId": provider});
    assert_eq!(
        refusal(ask(&cx, &mut tx, "DeleteVerifiedAccessTrustProvider", deletion.clone())).0,
        "DependencyViolation"
    );
    ask(&cx, &mut tx, "DetachVerifiedAccessTrustProvider", both).unwrap();
    ask(&cx, &mut tx, "DeleteVerifiedAccessTrustProvider", deletion).unwrap();
    let missing = refusal(ask(
        &cx,
        &mut tx,
        "CreateVerifiedAccessTrustProvider",
        json!({"TrustProviderType": "device", "PolicyReferenceName": "d"}),
    ));
    assert_eq!(missing.0, "MissingParameter");
}

#[test]
fn an_endpoint_in_a_group_in_an_instance() {
    let (cx, mut tx) = start();
    let instance = instance(&cx, &mut tx);
    let input = json!({"VerifiedAccessInstanceId": instance, "PolicyDocument": "permit(principal, action, resource);"});
    let group = made(&cx, &mut tx, "CreateVerifiedAccessGroup", input, "verifiedAccessGroupId");
    let named = json!({"VerifiedAccessGroupId": group});
    let policy = ask(&cx, &mut tx, "GetVerifiedAccessGroupPolicy", named.clone()).unwrap();
    assert_eq!(
        (element(&policy, "policyEnabled"), element(&policy, "policyDocument")),
        ("true", "permit(principal, action, resource);")
    );
    let off = json!({"VerifiedAccessGroupId": group, "PolicyEnabled": false});
    assert_eq!(element(&ask(&cx, &mut tx, "ModifyVerifiedAccessGroupPolicy", off).unwrap(), "policyEnabled"), "false");

    let sg = resource::all::<SecurityGroup>(&cx, &tx).next().unwrap().id.clone();
    let subnet = resource::all::<crate::network::subnet::Subnet>(&cx, &tx).next().unwrap().id.clone();
    let create = crate::network::interface::change::CreateNetworkInterface { subnet_id: subnet, ..Default::default() };
    crate::network::interface::change::create(&cx, &mut tx, &create).unwrap();
    let eni = resource::all::<NetworkInterface>(&cx, &tx).next().unwrap().id.clone();
    let mut wish = json!({"VerifiedAccessGroupId": group, "EndpointType": "network-interface", "AttachmentType": "vpc",
        "EndpointDomainPrefix": "app", "SecurityGroupIds": [sg]});
    assert_eq!(refusal(ask(&cx, &mut tx, "CreateVerifiedAccessEndpoint", wish.clone())).0, "MissingParameter");
    wish["NetworkInterfaceOptions"] = json!({"NetworkInterfaceId": eni, "Protocol": "https", "Port": 443});
    let answer = ask(&cx, &mut tx, "CreateVerifiedAccessEndpoint", wish).unwrap();
    let endpoint = element(&answer, "verifiedAccessEndpointId").to_owned();
    assert_eq!(
        (element(&answer, "code"), element(&answer, "verifiedAccessInstanceId")),
        ("pending", instance.as_str())
    );
    let domain = element(&answer, "endpointDomain");
    let end = format!(".{instance}.prod.verified-access.us-east-1.amazonaws.com");
    assert!(domain.starts_with("app.edge-") && domain.ends_with(&end), "{domain}");
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteVerifiedAccessGroup", named.clone())).0, "DependencyViolation");
    let of_instance = json!({"VerifiedAccessInstanceId": instance});
    assert_eq!(
        refusal(ask(&cx, &mut tx, "DeleteVerifiedAccessInstance", of_instance.clone())).0,
        "DependencyViolation"
    );
    let soon = later(&cx, 600);
    let found = ask(&soon, &mut tx, "DescribeVerifiedAccessEndpoints", of_instance.clone()).unwrap();
    assert_eq!((element(&found, "verifiedAccessEndpointId"), element(&found, "code")), (endpoint.as_str(), "active"));
    let none = json!({"VerifiedAccessInstanceId": "vai-0123456789abcdef0"});
    assert!(!ask(&soon, &mut tx, "DescribeVerifiedAccessEndpoints", none).unwrap().contains(&endpoint));
    ask(&soon, &mut tx, "DeleteVerifiedAccessEndpoint", json!({"VerifiedAccessEndpointId": endpoint})).unwrap();
    ask(&soon, &mut tx, "DeleteVerifiedAccessGroup", named).unwrap();
    ask(&soon, &mut tx, "DeleteVerifiedAccessInstance", of_instance).unwrap();
}

#[test]
fn where_logs_go() {
    let (cx, mut tx) = start();
    let instance = instance(&cx, &mut tx);
    let set = |logs: Value| json!({"VerifiedAccessInstanceId": instance, "AccessLogs": logs});
    let shown = ask(&cx, &mut tx, "DescribeVerifiedAccessInstanceLoggingConfigurations", json!({})).unwrap();
    assert_eq!(element(&shown, "verifiedAccessInstanceId"), instance);
    assert!(!shown.contains("<enabled>true<"), "{shown}");
    let without = refusal(ask(
        &cx,
        &mut tx,
        "ModifyVerifiedAccessInstanceLoggingConfiguration",
        set(json!({"S3": {"Enabled": true}})),
    ));
    assert_eq!(without, refused("MissingParameter", "The request must contain the parameter AccessLogs.S3.BucketName"));
    let to_bucket = set(json!({"S3": {"Enabled": true, "BucketName": "logs"}, "IncludeTrustContext": true}));
    ask(&cx, &mut tx, "ModifyVerifiedAccessInstanceLoggingConfiguration", to_bucket).unwrap();
    let shown = ask(&cx, &mut tx, "DescribeVerifiedAccessInstanceLoggingConfigurations", json!({})).unwrap();
    assert_eq!((element(&shown, "bucketName"), element(&shown, "includeTrustContext")), ("logs", "true"));
}
