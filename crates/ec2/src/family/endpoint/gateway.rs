//! Gateway endpoints: in each route table that is named, a route from the service's prefix list to the endpoint.
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>

use service::prelude::*;

use super::{Item, invalid};
use crate::family::prefix_list::aws;
use crate::network::route_table::{Origin, Route, RouteTable};
use crate::resource;

/// What only interface endpoints have.
const OF_INTERFACES: [&str; 4] = ["SubnetIds", "SecurityGroupIds", "AddSubnetIds", "AddSecurityGroupIds"];

pub fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_not_have_interfaces(input)?;
    item.document.set("PrivateDnsEnabled", false);
    let tables = input.texts("RouteTableIds");
    for table in &tables {
        join(cx, tx, item, table)?;
    }
    item.document.set("RouteTableIds", tables);
    Ok(())
}

fn must_not_have_interfaces(input: &Document) -> Result<(), ApiError> {
    match OF_INTERFACES.iter().find(|member| !input.texts(member).is_empty()) {
        Some(member) => Err(invalid(format!("{member} is not supported for VPC endpoints of type Gateway."))),
        None if input.truth("PrivateDnsEnabled") == Some(true) => {
            Err(invalid("Private DNS can't be enabled because the service does not provide a private DNS name."))
        }
        None => Ok(()),
    }
}

/// The prefix list of the endpoint's service.
pub fn list_of(cx: &Cx, item: &Item) -> String {
    let service = item.document.text("ServiceName").and_then(|name| name.rsplit('.').next()).unwrap_or_default();
    aws::id_of(cx, service)
}

fn join(cx: &Cx, tx: &mut Tx, item: &Item, id: &str) -> Result<(), ApiError> {
    let table = resource::get::<RouteTable>(tx, cx, id)?;
    if item.document.text("VpcId") != Some(&table.vpc_id) {
        return Err(invalid(format!("Route table {id} does not belong to the VPC of the endpoint.")));
    }
    let destination = list_of(cx, item);
    if table.routes.iter().any(|route| route.destination == destination) {
        let message = format!("route table {id} already has a route with destination-prefix-list-id {destination}");
        return Err(ApiError::new("RouteAlreadyExists", message));
    }
    let route = Route {
        destination,
        gateway_id: Some(item.id.clone()),
        network_interface_id: None,
        origin: Origin::CreateRoute,
    };
    resource::update::<RouteTable>(tx, cx, id, |table| table.routes.push(route));
    Ok(())
}

/// Takes the endpoint's route out of a table.
pub fn leave(cx: &Cx, tx: &mut Tx, item: &Item, table: &str) {
    resource::update::<RouteTable>(tx, cx, table, |table| {
        table.routes.retain(|route| route.gateway_id.as_deref() != Some(&item.id));
    });
}

pub fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_not_have_interfaces(input)?;
    let mut tables = item.document.texts("RouteTableIds");
    for table in input.texts("RemoveRouteTableIds") {
        leave(cx, tx, item, &table);
        tables.retain(|held| *held != table);
    }
    for table in input.texts("AddRouteTableIds") {
        if !tables.contains(&table) {
            join(cx, tx, item, &table)?;
            tables.push(table);
        }
    }
    item.document.set("RouteTableIds", tables);
    Ok(())
}

/// Route tables that were deleted are not shown.
pub fn see(cx: &Cx, world: &World, item: &Item, shown: &mut Document) {
    let mut tables = item.document.texts("RouteTableIds");
    tables.retain(|id| resource::look_up::<RouteTable>(world, cx, id).is_some());
    shown.set("RouteTableIds", tables);
}
