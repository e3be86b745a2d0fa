//! Endpoint services of an account's own, behind load balancers. There are no load balancers here: one whose ARN is of the account and the region
//! counts as there. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpointServiceConfiguration.html>

use serde_json::{Value, json};
use service::Service;
use service::arn::Arn;
use service::prelude::*;

use super::{INTERFACE, Item, LOAD_BALANCER, connection};
use crate::family::flow_log::unsuccessful;
use crate::family::item::Stage;
use crate::family::{Family, Life, verbs};
use crate::kind;

/// The lists of load balancers, with what their ARNs hold and what errors call them.
const BALANCERS: [(&str, &str, &str); 2] = [
    ("NetworkLoadBalancerArns", "loadbalancer/net/", "Network"),
    ("GatewayLoadBalancerArns", "loadbalancer/gwy/", "Gateway"),
];
const ADDRESS_TYPES: &str = "SupportedIpAddressTypes";
/// The member with the record by which the owner of a private name shows whose it is.
const PROOF: &str = "PrivateDnsNameConfiguration";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceConfiguration.html>
pub static SERVICES: Family = Family {
    life: Some(Life {
        member: "ServiceState",
        words: ["Pending", "Available", "Deleting", "Deleted"],
        seconds: 10,
        shown_for: 0,
    }),
    keys_of_new: |cx, _, input| {
        let region = ("ec2:VpceServiceRegion", cx.region_name().to_owned());
        let name = input.text("PrivateDnsName").map(|name| ("ec2:VpceServicePrivateDnsName", name.to_owned()));
        std::iter::once(region).chain(name).collect()
    },
    defaults: |_| json!({"AcceptanceRequired": true, "ManagesVpcEndpoints": false}),
    filters: &["service-name", "service-id", "service-state", "supported-ip-address-types"],
    keys: &[("ec2:VpceServicePrivateDnsName", "PrivateDnsName"), ("ec2:VpceServiceRegion", "Region")],
    fill,
    see: |cx, _, item, shown| {
        shown.set("Region", cx.region_name());
        if item.document.at(PROOF).is_some() {
            shown.set("PrivateDnsNameConfiguration.State", verification(cx, item));
        }
    },
    release: must_have_no_connections,
    ..Family::of(&kind::VPC_ENDPOINT_SERVICE, "ServiceId")
};

/// The operations on endpoint services.
pub fn operations() -> Vec<Operation> {
    let changes: &[&str] = &[
        "RemovePrivateDnsName",
        "AddNetworkLoadBalancerArns",
        "RemoveNetworkLoadBalancerArns",
        "AddGatewayLoadBalancerArns",
        "RemoveGatewayLoadBalancerArns",
        "AddSupportedIpAddressTypes",
        "RemoveSupportedIpAddressTypes",
    ];
    vec![
        SERVICES.create("CreateVpcEndpointServiceConfiguration", &[]),
        SERVICES.describe("DescribeVpcEndpointServiceConfigurations"),
        SERVICES.modify("ModifyVpcEndpointServiceConfiguration", changes, modify),
        SERVICES.on_each(Operation::write(Service::Ec2, "DeleteVpcEndpointServiceConfigurations", delete), &[]),
        SERVICES.modify("ModifyVpcEndpointServicePayerResponsibility", &[], |_, _, _, _| Ok(())),
        SERVICES.modify("StartVpcEndpointServicePrivateDnsVerification", &[], verify),
    ]
}

fn fill(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let region = cx.region_name();
    item.document.set("ServiceName", format!("com.amazonaws.vpce.{region}.{}", item.id));
    item.document.set("BaseEndpointDnsNames", vec![format!("{}.{region}.vpce.{}", item.id, cx.region.dns_suffix)]);
    item.document.set("AvailabilityZones", cx.region.zones.iter().map(|it| it.name.clone()).collect::<Vec<_>>());
    item.document.set("AvailabilityZoneIds", cx.region.zones.iter().map(|it| it.id.clone()).collect::<Vec<_>>());
    if item.document.at(ADDRESS_TYPES).is_none() {
        item.document.set(ADDRESS_TYPES, vec!["ipv4"]);
    }
    settle(cx, input, item)
}

/// What follows from the balancers and the private name.
fn settle(cx: &Cx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    for (member, holds, word) in BALANCERS {
        item.document.texts(member).iter().try_for_each(|arn| must_be_there(cx, arn, holds, word))?;
    }
    let held = BALANCERS.map(|(member, ..)| !item.document.texts(member).is_empty());
    let service_type = match held {
        [true, false] => INTERFACE,
        [false, true] => LOAD_BALANCER,
        [true, true] => {
            let message = "Network Load Balancers and Gateway Load Balancers cannot be specified together.";
            return Err(super::invalid(message));
        }
        [false, false] => {
            let message = "The request must contain at least one Network Load Balancer or Gateway Load Balancer.";
            return Err(ApiError::new("MissingParameter", message));
        }
    };
    item.document.set("ServiceType", json!([{"ServiceType": service_type}]));
    if input.text("PrivateDnsName").is_some() {
        let token = |what: &str| format!("{what}{}", cx.ids.secret().to_ascii_lowercase().replace(['/', '+'], "0"));
        let proof = json!({"State": "pendingVerification", "Type": "TXT", "Name": token("_"), "Value": token("vpce:")});
        item.document.set("PrivateDnsNameConfiguration", proof);
    }
    Ok(())
}

fn must_be_there(cx: &Cx, text: &str, holds: &str, word: &str) -> Result<(), ApiError> {
    let account = cx.account();
    let Some(arn) =
        Arn::parse(text).filter(|arn| arn.service == "elasticloadbalancing" && arn.resource.starts_with(holds))
    else {
        let code = format!("Invalid{word}LoadBalancerArn.Malformed");
        return Err(ApiError::new(code, format!("The {word} Load Balancer ARN '{text}' is malformed")));
    };
    if arn.account != account.as_str() || arn.region != cx.region_name() {
        let code = format!("Invalid{word}LoadBalancerArn.NotFound");
        return Err(ApiError::new(code, format!("The {word} Load Balancer ARN '{text}' does not exist")));
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpointServiceConfiguration.html>
fn modify(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    if input.truth("RemovePrivateDnsName") == Some(true) {
        if input.text("PrivateDnsName").is_some() {
            let message = "PrivateDnsName and RemovePrivateDnsName cannot be specified together.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        item.document.0.remove("PrivateDnsName");
        item.document.0.remove("PrivateDnsNameConfiguration");
    }
    for member in [BALANCERS[0].0, BALANCERS[1].0, ADDRESS_TYPES] {
        let mut held = item.document.texts(member);
        let removed = input.texts(&format!("Remove{member}"));
        held.retain(|it| !removed.contains(it));
        for added in input.texts(&format!("Add{member}")) {
            if !held.contains(&added) {
                held.push(added);
            }
        }
        item.document.set(member, held);
    }
    settle(cx, input, item)
}

/// How far the verification of a private name is.
pub fn verification(cx: &Cx, item: &Item) -> String {
    let proof = item.document.at(PROOF);
    proof.and_then(|proof| Stage::of_part(cx, proof)).unwrap_or_else(|| "pendingVerification".to_owned())
}

/// AWS looks for the record that it asked for. Nobody asks a name server here: the record counts as there.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartVpcEndpointServicePrivateDnsVerification.html>
fn verify(cx: &Cx, _: &mut Tx, _: &Document, item: &mut Item) -> Result<(), ApiError> {
    let Some(mut proof) = item.document.at(PROOF).cloned() else {
        return Err(super::invalid(format!("Service {} does not have a private DNS name.", item.id)));
    };
    if verification(cx, item) != "verified" {
        Stage::begin(cx, "pendingVerification", "verified", 600).note(&mut proof);
    }
    item.document.set(PROOF, proof);
    Ok(())
}

/// Services that endpoints are connected to stay. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpointServiceConfigurations.html>
fn must_have_no_connections(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    let ends = |state: Option<&str>| matches!(state, Some("rejected" | "failed"));
    if connection::of_service(tx, &item.id).any(|endpoint| !ends(endpoint.state(cx))) {
        let message = format!("Service {} has existing active VPC Endpoint connections!", item.id);
        return Err(ApiError::new("ExistingVpcEndpointConnections", message));
    }
    Ok(())
}

fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let ids = input.texts("ServiceIds");
    let removed = |id: &String| verbs::remove(&SERVICES, cx, tx, id).err().map(|error| unsuccessful(id, &error));
    let failed: Vec<Value> = ids.iter().filter_map(removed).collect();
    Ok(Document::from(json!({"Unsuccessful": failed})))
}
