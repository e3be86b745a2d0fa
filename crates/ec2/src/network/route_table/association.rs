//! Which table the traffic of a subnet, of a gateway, or of a VPC's other subnets takes.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>

use std::sync::Arc;

use service::prelude::*;

use super::{AssociationStateOut, RouteTable, RouteTableAssociation};
use crate::family::target;
use crate::kind;
use crate::network::internet_gateway::InternetGateway;
use crate::network::subnet;
use crate::refused::{missing, no_such_association};
use crate::resource;
use crate::tags::registry;

/// `AssociateRouteTableRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AssociateRouteTable {
    pub route_table_id: String,
    pub subnet_id: Option<String>,
    pub gateway_id: Option<String>,
    pub dry_run: Option<bool>,
}

/// `AssociateRouteTableResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Associated {
    pub association_id: String,
    pub association_state: AssociationStateOut,
}

/// `DisassociateRouteTableRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DisassociateRouteTable {
    pub association_id: String,
    pub dry_run: Option<bool>,
}

/// `ReplaceRouteTableAssociationRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ReplaceRouteTableAssociation {
    pub association_id: String,
    pub route_table_id: String,
    pub dry_run: Option<bool>,
}

/// `ReplaceRouteTableAssociationResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Replaced {
    pub new_association_id: String,
    pub association_state: AssociationStateOut,
}

const ASSOCIATED: AssociationStateOut = AssociationStateOut { state: "associated" };

/// AssociateRouteTable on the table, and on the subnet or the gateway.
pub fn to_associate(cx: &Cx, world: &World, input: &AssociateRouteTable) -> Vec<Check> {
    let mut checks = vec![resource::check_on::<RouteTable>(cx, world, &input.route_table_id)];
    checks.extend(users(cx, world, input.subnet_id.as_deref(), input.gateway_id.as_deref()));
    checks
}

/// The checks on what uses a table.
fn users(cx: &Cx, world: &World, subnet_id: Option<&str>, gateway_id: Option<&str>) -> Vec<Check> {
    let subnet = subnet_id.map(|id| subnet::check_on(cx, world, id));
    let gateway = gateway_id.map(|id| match kind::VPN_GATEWAY.is_id(id) {
        true => registry::check_on(cx, world, &kind::VPN_GATEWAY, id),
        false => resource::check_on::<InternetGateway>(cx, world, id),
    });
    subnet.into_iter().chain(gateway).collect()
}

/// Gives a subnet, or the traffic that comes in through a gateway, a table of its own.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>
pub fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateRouteTable) -> Result<Associated, ApiError> {
    let table = resource::get::<RouteTable>(tx, cx, &input.route_table_id)?;
    let user = match (&input.subnet_id, &input.gateway_id) {
        (Some(id), None) => of_subnet(cx, tx, &table, id)?,
        (None, Some(id)) => of_gateway(cx, tx, &table, id)?,
        (None, None) => {
            return Err(missing("subnetId or gatewayId"));
        }
        (Some(_), Some(_)) => {
            let message = "The parameters subnetId and gatewayId cannot be used together";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
    };
    let id = user.subnet_id.as_deref().or(user.gateway_id.as_deref()).unwrap_or_default();
    let held = tx.one::<RouteTable>(RouteTable::BY_USER, &[cx.account().as_str(), cx.region_name(), id]);
    if held.is_some_and(|held| held.id == table.id) {
        // Asked for again, it is answered again.
        let same =
            table.associations.iter().find(|one| one.subnet_id == user.subnet_id && one.gateway_id == user.gateway_id);
        if let Some(same) = same {
            return Ok(Associated { association_id: same.id.clone(), association_state: ASSOCIATED });
        }
    }
    if held.is_some() {
        let message =
            format!("the specified association for route table {} conflicts with an existing association", table.id);
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    let association_id = user.id.clone();
    resource::update::<RouteTable>(tx, cx, &table.id, |table| table.associations.push(user));
    Ok(Associated { association_id, association_state: ASSOCIATED })
}

fn of_subnet(cx: &Cx, world: &World, table: &RouteTable, id: &str) -> Result<RouteTableAssociation, ApiError> {
    let subnet = subnet::get(world, cx, id)?;
    if subnet.vpc_id != table.vpc_id {
        return Err(different_networks(&table.id, "subnet", id));
    }
    Ok(RouteTableAssociation { subnet_id: Some(id.to_owned()), ..new_association(cx) })
}

fn of_gateway(cx: &Cx, world: &World, table: &RouteTable, id: &str) -> Result<RouteTableAssociation, ApiError> {
    must_be_gateway_of(cx, world, table, id)?;
    Ok(RouteTableAssociation { gateway_id: Some(id.to_owned()), ..new_association(cx) })
}

/// The internet gateway or VPN gateway is there and attached to the table's VPC.
pub fn must_be_gateway_of(cx: &Cx, world: &World, table: &RouteTable, id: &str) -> Result<(), ApiError> {
    let attached = match target::look_up(world, cx, "gatewayId", id) {
        Some(gateway) => target::serves(cx, world, &gateway, &table.vpc_id),
        None => {
            let gateway = resource::look_up::<InternetGateway>(world, cx, id).ok_or_else(|| no_such_gateway(id))?;
            gateway.vpc_id.as_deref() == Some(&table.vpc_id)
        }
    };
    if attached { Ok(()) } else { Err(different_networks(&table.id, "network gateway", id)) }
}

fn new_association(cx: &Cx) -> RouteTableAssociation {
    RouteTableAssociation { id: cx.ids.ec2("rtbassoc"), main: false, subnet_id: None, gateway_id: None }
}

/// What the operations on route tables say of a gateway that does not exist, whatever its kind.
pub fn no_such_gateway(id: &str) -> ApiError {
    ApiError::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"))
}

/// The table and the other are in different VPCs.
pub fn different_networks(table_id: &str, what: &str, id: &str) -> ApiError {
    let message = format!("route table {table_id} and {what} {id} belong to different networks");
    ApiError::new("InvalidParameterValue", message)
}

/// The table and the association of that id.
fn find(cx: &Cx, world: &World, id: &str) -> Option<(Arc<RouteTable>, RouteTableAssociation)> {
    let account = cx.account();
    let table = world.one::<RouteTable>(RouteTable::BY_ASSOCIATION, &[account.as_str(), cx.region_name(), id])?.clone();
    let association = table.associations.iter().find(|one| one.id == id)?.clone();
    Some((table, association))
}

fn get(cx: &Cx, world: &World, id: &str) -> Result<(Arc<RouteTable>, RouteTableAssociation), ApiError> {
    find(cx, world, id).ok_or_else(|| no_such_association(id))
}

/// DisassociateRouteTable on the table and on what uses it.
pub fn to_disassociate(cx: &Cx, world: &World, input: &DisassociateRouteTable) -> Vec<Check> {
    let Some((table, held)) = find(cx, world, &input.association_id) else {
        return vec![Check::on(kind::ROUTE_TABLE.arn(cx, "*"))];
    };
    let mut checks = vec![resource::check_of(cx, world, &*table)];
    checks.extend(users(cx, world, held.subnet_id.as_deref(), held.gateway_id.as_deref()));
    checks
}

/// The subnet uses the main table again. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html>
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &DisassociateRouteTable) -> Result<Done, ApiError> {
    let (table, held) = get(cx, tx, &input.association_id)?;
    if held.main {
        let message = format!("cannot disassociate the main route table association {}", held.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    take(cx, tx, &table, &held);
    Ok(Done {})
}

fn take(cx: &Cx, tx: &mut Tx, table: &RouteTable, held: &RouteTableAssociation) {
    resource::update::<RouteTable>(tx, cx, &table.id, |table| table.associations.retain(|one| one.id != held.id));
}

/// ReplaceRouteTableAssociation on the new table and on what uses it.
pub fn to_replace(cx: &Cx, world: &World, input: &ReplaceRouteTableAssociation) -> Vec<Check> {
    let mut checks = vec![resource::check_on::<RouteTable>(cx, world, &input.route_table_id)];
    if let Some((_, held)) = find(cx, world, &input.association_id) {
        checks.extend(users(cx, world, held.subnet_id.as_deref(), held.gateway_id.as_deref()));
    }
    checks
}

/// Another table takes the place; replacing the main association makes it the VPC's main one.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html>
pub fn replace(cx: &Cx, tx: &mut Tx, input: &ReplaceRouteTableAssociation) -> Result<Replaced, ApiError> {
    let (before, held) = get(cx, tx, &input.association_id)?;
    let table = resource::get::<RouteTable>(tx, cx, &input.route_table_id)?;
    if table.vpc_id != before.vpc_id {
        let message = format!("route table {} and route table {} belong to different networks", table.id, before.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let renewed = RouteTableAssociation { id: cx.ids.ec2("rtbassoc"), ..held.clone() };
    let new_association_id = renewed.id.clone();
    take(cx, tx, &before, &held);
    resource::update::<RouteTable>(tx, cx, &table.id, |table| table.associations.push(renewed));
    Ok(Replaced { new_association_id, association_state: ASSOCIATED })
}
