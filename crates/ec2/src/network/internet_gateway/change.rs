//! Internet gateways come to be, are attached to a VPC, detached and removed.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>

use service::prelude::*;

use super::{InternetGateway, InternetGatewayOut, out};
use crate::kind;
use crate::network::encryption_control::{Traffic, enforce};
use crate::network::interface::NetworkInterface;
use crate::network::must_have_room;
use crate::network::route_table::{RouteTable, RouteTableAssociation};
use crate::network::vpc::Vpc;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `CreateInternetGatewayRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateInternetGateway {
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateInternetGatewayResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub internet_gateway: InternetGatewayOut,
}

/// `AttachInternetGatewayRequest` and `DetachInternetGatewayRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Attachment {
    pub internet_gateway_id: String,
    pub vpc_id: String,
    pub dry_run: Option<bool>,
}

/// `DeleteInternetGatewayRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteInternetGateway {
    pub internet_gateway_id: String,
    pub dry_run: Option<bool>,
}

/// CreateInternetGateway on a gateway to come, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreateInternetGateway) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::INTERNET_GATEWAY, specifications, "CreateInternetGateway", None)
}

/// Makes a gateway that is attached to nothing.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateInternetGateway) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::INTERNET_GATEWAY.resource_type)?;
    let count = || tx.count::<InternetGateway>(&[cx.account().as_str(), cx.region_name()]);
    must_have_room(cx, count, 5, "InternetGatewayLimitExceeded", "internet gateways")?;
    let gateway = InternetGateway {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::INTERNET_GATEWAY.prefix),
        vpc_id: None,
        tags,
    };
    let created = Created { internet_gateway: out(&gateway) };
    tx.put(gateway);
    Ok(created)
}

/// AttachInternetGateway and DetachInternetGateway on the gateway and the VPC.
pub fn to_attach_or_detach(cx: &Cx, world: &World, input: &Attachment) -> Vec<Check> {
    vec![
        resource::check_on::<InternetGateway>(cx, world, &input.internet_gateway_id),
        resource::check_on::<Vpc>(cx, world, &input.vpc_id),
    ]
}

/// Attaches a gateway that is free to a VPC without one.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html>
pub fn attach(cx: &Cx, tx: &mut Tx, input: &Attachment) -> Result<Done, ApiError> {
    let gateway = resource::get::<InternetGateway>(tx, cx, &input.internet_gateway_id)?;
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    if let Some(held) = &gateway.vpc_id {
        let message = format!("resource {} is already attached to network {held}", gateway.id);
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    if tx.one::<InternetGateway>(InternetGateway::BY_VPC, &parts).is_some() {
        let message = format!("Network {} already has an internet gateway attached", vpc.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    enforce::may_have(cx, tx, &vpc.id, Traffic::InternetGateway)?;
    resource::update::<InternetGateway>(tx, cx, &gateway.id, |gateway| gateway.vpc_id = Some(vpc.id.clone()));
    Ok(Done {})
}

/// Detaches the gateway; routes to it stay and lead nowhere.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html>
pub fn detach(cx: &Cx, tx: &mut Tx, input: &Attachment) -> Result<Done, ApiError> {
    let gateway = resource::get::<InternetGateway>(tx, cx, &input.internet_gateway_id)?;
    // Whether the VPC exists is not asked before: Terraform detaches from one that it has just deleted, and takes only this error for done.
    if gateway.vpc_id.as_deref() != Some(&input.vpc_id) {
        let message = format!("resource {} is not attached to network {}", gateway.id, input.vpc_id);
        return Err(ApiError::new("Gateway.NotAttached", message));
    }
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    if tx.by::<NetworkInterface>(NetworkInterface::BY_VPC, &parts).any(|interface| interface.public_ip.is_some()) {
        let message = format!(
            "Network {} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.",
            vpc.id
        );
        return Err(ApiError::new("DependencyViolation", message));
    }
    resource::update::<InternetGateway>(tx, cx, &gateway.id, |gateway| gateway.vpc_id = None);
    let tables = tx.by::<RouteTable>(RouteTable::BY_VPC, &parts);
    let is_other = |one: &RouteTableAssociation| one.gateway_id.as_deref() != Some(&gateway.id);
    let edge: Vec<String> = tables.filter(|it| !it.associations.iter().all(is_other)).map(|it| it.id.clone()).collect();
    for table in edge {
        resource::update::<RouteTable>(tx, cx, &table, |it| it.associations.retain(is_other));
    }
    Ok(Done {})
}

/// DeleteInternetGateway on the gateway.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteInternetGateway) -> Vec<Check> {
    vec![resource::check_on::<InternetGateway>(cx, world, &input.internet_gateway_id)]
}

/// Removes a gateway that is attached to nothing.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteInternetGateway) -> Result<Done, ApiError> {
    let gateway = resource::get::<InternetGateway>(tx, cx, &input.internet_gateway_id)?;
    if gateway.vpc_id.is_some() {
        return Err(resource::has_dependencies("internetGateway", &gateway.id));
    }
    resource::remove::<InternetGateway>(tx, cx, &gateway.id);
    Ok(Done {})
}
