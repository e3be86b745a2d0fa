//! VPC endpoints: private ways from a VPC to a service. A gateway endpoint is a route to the service's prefix list; an interface endpoint has
//! interfaces in subnets and names; one for a Gateway Load Balancer has an interface that routes lead to.
//!
//! [`services`] knows what there is to connect to, [`configuration`] makes services of an account's own, [`connection`] is their view of endpoints.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::item::Stage;
use super::{Family, Item, Life, verbs};
use crate::family::flow_log::unsuccessful;
use crate::family::transit::network_function;
use crate::kind;
use crate::network::encryption_control::enforce;
use crate::network::vpc::Vpc;
use crate::resource;

pub mod association;
pub mod configuration;
pub mod connection;
mod gateway;
mod interface;
pub mod notification;
pub mod permission;
pub mod services;
#[cfg(test)]
mod tests;

const GATEWAY: &str = "Gateway";
const INTERFACE: &str = "Interface";
pub const LOAD_BALANCER: &str = "GatewayLoadBalancer";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html>
pub static ENDPOINTS: Family = Family {
    owner: Some("OwnerId"),
    created: Some("CreationTimestamp"),
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 60,
        shown_for: 0,
    }),
    within: &[("VpcId", &kind::VPC)],
    besides: &[
        ("RouteTableIds", &kind::ROUTE_TABLE),
        ("AddRouteTableIds", &kind::ROUTE_TABLE),
        ("RemoveRouteTableIds", &kind::ROUTE_TABLE),
        ("SubnetIds", &kind::SUBNET),
        ("AddSubnetIds", &kind::SUBNET),
        ("RemoveSubnetIds", &kind::SUBNET),
        ("SecurityGroupIds", &kind::SECURITY_GROUP),
        ("AddSecurityGroupIds", &kind::SECURITY_GROUP),
        ("RemoveSecurityGroupIds", &kind::SECURITY_GROUP),
    ],
    keys_of_new: |cx, world, input| {
        let name = input.text("ServiceName").unwrap_or_default();
        let mut keys =
            vec![("ec2:VpceServiceName", name.to_owned()), ("ec2:VpceServiceRegion", cx.region_name().to_owned())];
        keys.extend(services::find(cx, world, name).map(|found| ("ec2:VpceServiceOwner", found.owner)));
        keys
    },
    defaults: |_| json!({"VpcEndpointType": GATEWAY, "RequesterManaged": false}),
    filters: &[
        "ip-address-type",
        "service-name",
        "service-region",
        "vpc-id",
        "vpc-endpoint-id",
        "vpc-endpoint-state=State",
        "vpc-endpoint-type",
    ],
    keys: &[
        ("ec2:VpceServiceName", "ServiceName"),
        ("ec2:VpceServiceOwner", "ServiceOwner"),
        ("ec2:VpceServiceRegion", "ServiceRegion"),
    ],
    fill,
    see,
    release,
    ..Family::of(&kind::VPC_ENDPOINT, "VpcEndpointId")
};

/// The operations on endpoints and endpoint services.
pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        ENDPOINTS.create("CreateVpcEndpoint", &["SecurityGroupIds"]),
        ENDPOINTS.describe("DescribeVpcEndpoints"),
        ENDPOINTS.modify(
            "ModifyVpcEndpoint",
            &[
                "ResetPolicy",
                "AddRouteTableIds",
                "RemoveRouteTableIds",
                "AddSubnetIds",
                "RemoveSubnetIds",
                "AddSecurityGroupIds",
                "RemoveSecurityGroupIds",
            ],
            modify,
        ),
        ENDPOINTS.on_each(Operation::write(Service::Ec2, "DeleteVpcEndpoints", delete), &[]),
        services::describe_row(),
    ];
    operations.extend(association::operations());
    operations.extend(configuration::operations());
    operations.extend(permission::operations());
    operations.extend(connection::operations());
    operations.extend(notification::operations());
    operations
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameter", message.into())
}

fn type_of(item: &Item) -> &str {
    item.document.text("VpcEndpointType").unwrap_or(GATEWAY)
}

/// The interfaces of an interface endpoint.
pub fn interface_ids(item: &Item) -> Vec<String> {
    if type_of(item) == INTERFACE { item.document.texts("NetworkInterfaceIds") } else { Vec::new() }
}

/// The prefix list that routes to a gateway endpoint have as their destination.
pub fn prefix_list_of(cx: &Cx, item: &Item) -> Option<String> {
    (type_of(item) == GATEWAY).then(|| gateway::list_of(cx, item))
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let name = input.text("ServiceName").ok_or_else(|| crate::refused::missing("ServiceName"))?;
    let wanted = type_of(item).to_owned();
    let found = services::find(cx, tx, name).ok_or_else(|| services::no_such(name))?;
    let here = |region: &str| region == cx.region_name();
    if !input.text("ServiceRegion").is_none_or(here) {
        return Err(services::no_such(name));
    }
    must_have_type(&found, &wanted)?;
    item.document.set("ServiceRegion", cx.region_name());
    item.document.set("ServiceOwner", found.owner.as_str());
    if wanted == LOAD_BALANCER {
        enforce::may_have_balancer(cx, tx, input.text("VpcId").unwrap_or_default())?;
    }
    fill_policy(input, item, &found)?;
    match wanted.as_str() {
        GATEWAY => {
            item.stage = Some(Stage::begin(cx, "available", "available", 0));
            gateway::fill(cx, tx, input, item)
        }
        _ => {
            if found.acceptance_required {
                item.stage = Some(Stage::begin(cx, "pendingAcceptance", "pendingAcceptance", 0));
            }
            if found.configuration.is_some() {
                item.document.set("ConnectionId", cx.ids.ec2("vpce-con"));
            }
            interface::fill(cx, tx, input, item, &found)
        }
    }
}

/// A service has endpoints of some types.
pub fn must_have_type(found: &services::Found, wanted: &str) -> Result<(), ApiError> {
    if found.types.contains(&wanted) {
        return Ok(());
    }
    let types = found.types.join(", ");
    Err(invalid(format!("Endpoint type ({wanted}) does not match available service types ([{types}]).")))
}

/// The policy given, or one that allows all.
fn fill_policy(input: &Document, item: &mut Item, found: &services::Found) -> Result<(), ApiError> {
    check_policy(input)?;
    if input.text("PolicyDocument").is_none() && found.has_policy {
        item.document.set("PolicyDocument", default_policy(type_of(item)));
    }
    Ok(())
}

fn default_policy(endpoint_type: &str) -> &'static str {
    match endpoint_type {
        GATEWAY => {
            r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#
        }
        _ => r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#,
    }
}

fn check_policy(input: &Document) -> Result<(), ApiError> {
    match input.text("PolicyDocument").map(policy::Document::parse) {
        Some(Err(_)) => {
            let message = "The specified policy document is not a valid JSON policy document.";
            Err(ApiError::new("InvalidPolicyDocument", message))
        }
        _ => Ok(()),
    }
}

/// The VPC of an endpoint.
fn vpc_of(cx: &Cx, world: &World, item: &Item) -> Result<std::sync::Arc<Vpc>, ApiError> {
    resource::get::<Vpc>(world, cx, item.document.text("VpcId").unwrap_or_default())
}

fn see(cx: &Cx, world: &World, item: &Item, shown: &mut Document) {
    match type_of(item) {
        GATEWAY => gateway::see(cx, world, item, shown),
        _ => interface::see(cx, world, item, shown),
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    network_function::must_not_manage(item)?;
    check_policy(input)?;
    if input.truth("ResetPolicy") == Some(true) {
        let policy = default_policy(type_of(item));
        item.document.set("PolicyDocument", policy);
    }
    match type_of(item) {
        GATEWAY => gateway::modify(cx, tx, input, item),
        _ => interface::modify(cx, tx, input, item),
    }
}

fn release(cx: &Cx, tx: &mut Tx, item: &Item) -> Result<(), ApiError> {
    network_function::must_not_manage(item)?;
    match type_of(item) {
        GATEWAY => {
            item.document.texts("RouteTableIds").iter().for_each(|table| gateway::leave(cx, tx, item, table));
            Ok(())
        }
        _ => interface::release(cx, tx, item),
    }
}

/// Deletes those that it can, and lists the others. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let ids = input.texts("VpcEndpointIds");
    ids.iter().try_for_each(|id| kind::VPC_ENDPOINT.well_formed(id))?;
    let removed = |id: &String| verbs::remove(&ENDPOINTS, cx, tx, id).err().map(|error| unsuccessful(id, &error));
    let failed: Vec<Value> = ids.iter().filter_map(removed).collect();
    Ok(Document::from(json!({"Unsuccessful": failed})))
}
