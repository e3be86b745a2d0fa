//! Routes of Client VPN endpoints: which subnet leads where. The one to the VPC comes with each subnet.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateClientVpnRoute.html>

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::endpoint::{ENDPOINTS, attachment_of};
use super::{named, network, parts, status, text};
use crate::family::Item;
use crate::family::answers;
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Stage};
use crate::network::cidr;

/// The member, shown nowhere, with the routes.
const ROUTES: &str = "Routes";
const DESTINATION: &str = "DestinationCidr";
const SUBNET: &str = "TargetSubnet";
/// What a route leads to instead, of an endpoint on a transit gateway.
const ATTACHMENT: &str = "TransitGatewayAttachmentId";
/// What a route is at last; no answer shows it.
const GONE: &str = "deleted";
/// About how many seconds AWS takes.
const SECONDS: i64 = 60;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let uses = &["DestinationCidrBlock", "TargetVpcSubnetId", "Description"];
    vec![
        ENDPOINTS.on_one(Operation::write(Service::Ec2, "CreateClientVpnRoute", create), uses),
        ENDPOINTS.on_one(
            Operation::write(Service::Ec2, "DeleteClientVpnRoute", delete),
            &["DestinationCidrBlock", "TargetVpcSubnetId"],
        ),
        ENDPOINTS.on_one(Operation::read(Service::Ec2, "DescribeClientVpnRoutes", list), answers::DESCRIBING),
    ]
}

/// The route to the VPC that comes with a subnet.
pub fn add_local(cx: &Cx, endpoint: &mut Item, block: &str, subnet_id: &str) {
    let mut route =
        json!({DESTINATION: block, SUBNET: subnet_id, "Origin": "associate", "Description": "Default Route"});
    Stage::begin(cx, "creating", "active", SECONDS).note(&mut route);
    let mut held = parts(cx, endpoint, ROUTES, GONE);
    held.push(route);
    endpoint.document.set(ROUTES, held);
}

/// Takes away the routes through a subnet.
pub fn forget(endpoint: &mut Item, subnet_id: &str) {
    let mut held = endpoint.document.list(ROUTES);
    held.retain(|route| text(route, SUBNET) != subnet_id);
    endpoint.document.set(ROUTES, held);
}

/// The endpoint, the destination and the subnet of a request.
fn wanted(cx: &Cx, world: &World, input: &Document) -> Result<(std::sync::Arc<Item>, String, String), ApiError> {
    let endpoint = named(cx, world, input)?;
    let block = cidr::ipv4(input.text("DestinationCidrBlock").unwrap_or_default(), "DestinationCidrBlock")?;
    // "For Transit Gateway-based endpoints, this parameter is not required": the route leads to the attachment.
    let subnet = match (input.text("TargetVpcSubnetId"), attachment_of(&endpoint)) {
        (Some(subnet), _) => subnet.to_owned(),
        (None, Some(_)) => String::new(),
        (None, None) => return Err(crate::refused::missing("TargetVpcSubnetId")),
    };
    Ok((endpoint, block.to_string(), subnet))
}

fn position(held: &[Value], block: &str, subnet: &str) -> Option<usize> {
    let is_it = |route: &Value| {
        text(route, DESTINATION) == block && text(route, SUBNET) == subnet && !Stage::ends_as(route, GONE)
    };
    held.iter().position(is_it)
}

/// What a route leads through, as refusals tell it.
fn through(subnet: &str) -> &str {
    if subnet.is_empty() { "the transit gateway" } else { subnet }
}

fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (endpoint, block, subnet) = wanted(cx, tx, input)?;
    let attachment = attachment_of(&endpoint).filter(|_| subnet.is_empty());
    if attachment.is_none() && subnet != "local" && network::of_subnet(cx, &endpoint, &subnet).is_none() {
        let message = format!("Subnet {subnet} is not associated with Client VPN endpoint {}.", endpoint.id);
        return Err(ApiError::new("InvalidClientVpnActiveAssociationNotFound", message));
    }
    let mut held = parts(cx, &endpoint, ROUTES, GONE);
    let token = input.text("ClientToken");
    if let Some(route) = position(&held, &block, &subnet).and_then(|at| held.get(at)) {
        if token.is_some() && route.get("Token").and_then(Value::as_str) == token {
            return Ok(Document::from(json!({"Status": status(cx, route)})));
        }
        let message = format!("Route {block} through {} already exists.", through(&subnet));
        return Err(ApiError::new("InvalidClientVpnDuplicateRoute", message));
    }
    let (member, target) = attachment.map_or((SUBNET, subnet), |id| (ATTACHMENT, id));
    let mut route = json!({DESTINATION: block, member: target, "Origin": "add-route",
        "Description": input.text("Description"), "Token": token});
    Stage::begin(cx, "creating", "active", SECONDS).note(&mut route);
    let answer = json!({"Status": status(cx, &route)});
    held.push(route);
    item::update(tx, cx, &endpoint.id, |it| it.document.set(ROUTES, held));
    Ok(Document::from(answer))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteClientVpnRoute.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (endpoint, block, subnet) = wanted(cx, tx, input)?;
    let mut held = parts(cx, &endpoint, ROUTES, GONE);
    let Some(route) = position(&held, &block, &subnet).and_then(|at| held.get_mut(at)) else {
        let message = format!("Route {block} through {} does not exist.", through(&subnet));
        return Err(ApiError::new("InvalidClientVpnRouteNotFound", message));
    };
    // "You cannot delete routes that were automatically added when associating a subnet", says the operation's page; code and text are ours.
    if text(route, "Origin") == "associate" {
        let message =
            format!("Route {block} through {} was added with its subnet and cannot be deleted.", through(&subnet));
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    Stage::begin(cx, "deleting", GONE, SECONDS).note(route);
    let answer = json!({"Status": status(cx, route)});
    item::update(tx, cx, &endpoint.id, |it| it.document.set(ROUTES, held));
    Ok(Document::from(answer))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeClientVpnRoutes.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, world, input)?;
    let mut seen: Vec<Seen> = parts(cx, &endpoint, ROUTES, GONE)
        .into_iter()
        .map(|route| {
            let id = format!("{} {}", text(&route, DESTINATION), text(&route, SUBNET));
            let mut shown = Document::from(route.clone());
            shown.set(ENDPOINTS.id, endpoint.id.as_str());
            if route.get(SUBNET).is_some() {
                shown.set("Type", "Nat");
            }
            shown.set("Status", status(cx, &route));
            Seen { id, shown, tags: Vec::new() }
        })
        .collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let known = &["destination-cidr", "origin", "target-subnet"];
    let page = describe::choose(&endpoint.id, input, known, seen.into_iter())?;
    Ok(Document::from(json!({"Routes": page.items, "NextToken": page.next})))
}
