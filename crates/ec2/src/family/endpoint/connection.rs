//! Endpoints as the account sees them that offers the service: which are connected, and whom it lets in.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointConnections.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::configuration::SERVICES;
use super::{Item, interface};
use crate::family::flow_log::unsuccessful;
use crate::family::item::{self, Stage};
use crate::family::transit::network_function;
use crate::family::{answers, describe};
use crate::kind;
use crate::resource;
use crate::share;

/// The member of an endpoint that tells who pays for what of it.
const PAYERS: &str = "PayerResponsibilities";

const FILTERS: &[&str] = &[
    "ip-address-type",
    "service-id",
    "vpc-endpoint-owner",
    "vpc-endpoint-region",
    "vpc-endpoint-state",
    "vpc-endpoint-id",
];

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses = &["VpcEndpointIds"];
    vec![
        SERVICES.on_one(Operation::write(Service::Ec2, "AcceptVpcEndpointConnections", accept), uses),
        SERVICES.on_one(Operation::write(Service::Ec2, "RejectVpcEndpointConnections", reject), uses),
        Operation::write(Service::Ec2, "ModifyVpcEndpointPayerResponsibility", change_payer)
            .authorize(|cx, world, input: &Document| {
                vec![SERVICES.check_on(cx, world, input.text(SERVICES.id).unwrap_or("*"))]
            })
            .honours(|model, operation| {
                let uses = &["VpcEndpointId", "PayerResponsibility", "Scope"];
                answers::honoured(model, operation, &SERVICES, uses)
            })
            .build(),
        Operation::read(Service::Ec2, "DescribeVpcEndpointConnections", describe)
            .authorize(resource::any::<Document>)
            .honours(|model, operation| answers::honoured(model, operation, &SERVICES, answers::DESCRIBING))
            .build(),
    ]
}

/// The endpoints of a service, of whatever accounts, that are not deleted.
pub fn of_service<'w>(world: &'w World, service_id: &'w str) -> impl Iterator<Item = &'w Arc<Item>> {
    let found = world.by::<Item>(Item::BY_SERVICE, &[service_id]);
    found.filter(move |item| item.id != service_id && !item.is_deleted())
}

fn accept(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    change(cx, tx, input, &["pendingAcceptance", "rejected"], Stage::begin(cx, "pending", "available", 30))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectVpcEndpointConnections.html>
fn reject(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let from = &["pendingAcceptance", "pending", "available"];
    change(cx, tx, input, from, Stage::begin(cx, "rejected", "rejected", 0))
}

/// Who pays for an endpoint: of the account's own, or one that is connected to its service.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpointPayerResponsibility.html>
fn change_payer(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text("VpcEndpointId").unwrap_or_default();
    kind::VPC_ENDPOINT.well_formed(id)?;
    let endpoint = match input.text(SERVICES.id) {
        Some(service) => {
            let service = item::alive(tx, cx, &kind::VPC_ENDPOINT_SERVICE, service)?;
            let found = of_service(tx, &service.id).find(|item| item.id == id).cloned();
            found.ok_or_else(|| kind::VPC_ENDPOINT.not_found(&[id]))?
        }
        None => item::alive(tx, cx, &kind::VPC_ENDPOINT, id)?,
    };
    let (scope, payer) = (input.text("Scope"), input.text("PayerResponsibility"));
    let mut payers = endpoint.document.list(PAYERS);
    payers.retain(|held| held.get("Scope").and_then(Value::as_str) != scope);
    payers.push(json!({"Scope": scope, "PayerResponsibilityType": payer}));
    tx.update::<Item>(&[endpoint.account.as_str(), &endpoint.region, id], |it| it.document.set(PAYERS, payers.clone()));
    Ok(Document::from(json!({"VpcEndpointId": id, PAYERS: payers})))
}

fn change(cx: &Cx, tx: &mut Tx, input: &Document, from: &[&str], stage: Stage) -> Result<Document, ApiError> {
    let service = item::alive(tx, cx, &kind::VPC_ENDPOINT_SERVICE, input.text(SERVICES.id).unwrap_or_default())?;
    let mut failed: Vec<Value> = Vec::new();
    for id in input.texts("VpcEndpointIds") {
        let found = of_service(tx, &service.id).find(|item| item.id == id).cloned();
        match found.filter(|item| item.state(cx).is_some_and(|state| from.contains(&state))) {
            Some(item) => {
                tx.update::<Item>(&[item.account.as_str(), &item.region, &id], |it| it.stage = Some(stage.clone()));
                network_function::follow(&share::cx_of(cx, item.account), tx, &item);
            }
            None => failed.push(unsuccessful(&id, &kind::VPC_ENDPOINT.not_found(&[&id]))),
        }
    }
    Ok(Document::from(json!({"Unsuccessful": failed})))
}

fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let services = item::all(world, cx, &kind::VPC_ENDPOINT_SERVICE).filter(|item| !item.is_deleted());
    let mut seen: Vec<describe::Seen> = services
        .flat_map(|service| of_service(world, &service.id).map(move |endpoint| (service, endpoint)))
        .map(|(service, endpoint)| shown(cx, world, service, endpoint))
        .collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let page = describe::choose("DescribeVpcEndpointConnections", input, FILTERS, seen.into_iter())?;
    Ok(Document::from(json!({"VpcEndpointConnections": page.items, "NextToken": page.next})))
}

fn shown(cx: &Cx, world: &World, service: &Item, endpoint: &Item) -> describe::Seen {
    let document = json!({
        "ServiceId": service.id,
        "VpcEndpointId": endpoint.id,
        "VpcEndpointOwner": endpoint.account.to_string(),
        "VpcEndpointState": endpoint.state(cx),
        "VpcEndpointRegion": endpoint.region,
        "CreationTimestamp": endpoint.created_at.to_string(),
        "DnsEntries": interface::names(cx, world, endpoint),
        "NetworkLoadBalancerArns": service.document.texts("NetworkLoadBalancerArns"),
        "GatewayLoadBalancerArns": service.document.texts("GatewayLoadBalancerArns"),
        "IpAddressType": endpoint.document.text("IpAddressType"),
        "VpcEndpointConnectionId": endpoint.document.text("ConnectionId"),
    });
    describe::Seen { id: endpoint.id.clone(), shown: Document::from(document), tags: Vec::new() }
}
