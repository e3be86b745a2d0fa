//! Target networks: subnets that an endpoint has an interface in, one for each zone of one VPC; of an endpoint on a transit gateway, zones.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateClientVpnTargetNetwork.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;
use service::regions::Zone;

use super::endpoint::{ENDPOINTS, attachment_of, set_groups};
use super::{named, parts, route, status, text};
use crate::family::Item;
use crate::family::describe::{self, Seen};
use crate::family::item::Stage;
use crate::instance::client_token;
use crate::network::cidr::overlap;
use crate::network::interface::{self, NetworkInterface, NewInterface, managed};
use crate::network::subnet::{self, Subnet};
use crate::network::vpc::Vpc;
use crate::region::{no_such_zone, zone};
use crate::resource;

/// The member, shown nowhere, with the associations.
const NETWORKS: &str = "Networks";
pub const SUBNET: &str = "SubnetId";
/// What stands for a subnet in an association of an endpoint on a transit gateway.
pub const ZONE: &str = "AvailabilityZone";
pub const ZONE_ID: &str = "AvailabilityZoneId";
const ASSOCIATION: &str = "AssociationId";
const GONE: &str = "disassociated";
/// About how many seconds AWS takes.
const SECONDS: i64 = 300;

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS.on_one(
            Operation::write(Service::Ec2, "AssociateClientVpnTargetNetwork", associate),
            &[SUBNET, ZONE, ZONE_ID],
        ),
        ENDPOINTS
            .on_one(Operation::write(Service::Ec2, "DisassociateClientVpnTargetNetwork", disassociate), &[ASSOCIATION]),
        ENDPOINTS.on_one(
            Operation::write(Service::Ec2, "ApplySecurityGroupsToClientVpnTargetNetwork", apply_groups),
            &["VpcId", "SecurityGroupIds"],
        ),
        ENDPOINTS.on_one(
            Operation::read(Service::Ec2, "DescribeClientVpnTargetNetworks", list),
            &["AssociationIds", "Filters", "MaxResults", "NextToken"],
        ),
    ]
}

/// The associations of an endpoint that are not gone.
pub fn associated(cx: &Cx, item: &Item) -> Vec<Value> {
    parts(cx, item, NETWORKS, GONE)
}

/// Whether clients get into the subnet now.
pub fn is_there(cx: &Cx, part: &Value) -> bool {
    Stage::of_part(cx, part).as_deref() == Some("associated")
}

/// The association of a subnet that is there or soon will be.
pub fn of_subnet(cx: &Cx, item: &Item, subnet_id: &str) -> Option<Value> {
    let is_it = |part: &Value| text(part, SUBNET) == subnet_id && !Stage::ends_as(part, GONE);
    associated(cx, item).into_iter().find(is_it)
}

fn answer(cx: &Cx, part: &Value) -> Document {
    Document::from(json!({ASSOCIATION: text(part, ASSOCIATION), "Status": status(cx, part)}))
}

/// The subnet can be a target: of the endpoint's VPC, the first in its zone, apart from the addresses of clients.
fn must_fit(cx: &Cx, world: &World, endpoint: &Item, subnet: &Subnet) -> Result<(), ApiError> {
    if endpoint.document.text("VpcId").is_some_and(|vpc| vpc != subnet.vpc_id) {
        let message = format!("Subnet {} is not in the VPC of Client VPN endpoint {}.", subnet.id, endpoint.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if of_subnet(cx, endpoint, &subnet.id).is_some() {
        let message = format!("Subnet {} is already associated with Client VPN endpoint {}.", subnet.id, endpoint.id);
        return Err(ApiError::new("InvalidClientVpnDuplicateAssociation", message));
    }
    let held = associated(cx, endpoint);
    let zone = |part: &Value| subnet::look_up(world, cx, text(part, SUBNET)).map(|it: Arc<Subnet>| it.zone.clone());
    let others = held.iter().filter(|part| !Stage::ends_as(part, GONE));
    if others.filter_map(zone).any(|zone| zone == subnet.zone) {
        let message = format!("A subnet in Availability Zone {} is already associated.", subnet.zone);
        return Err(ApiError::new("InvalidClientVpnSubnetId.DuplicateAz", message));
    }
    let clients = endpoint.document.text("ClientCidrBlock").and_then(|text| text.parse::<ipnet::IpNet>().ok());
    let vpc = resource::get::<Vpc>(world, cx, &subnet.vpc_id)?;
    if clients.is_some_and(|clients| vpc.blocks().any(|block| overlap(block, clients))) {
        let message = format!("The CIDR of VPC {} overlaps with the client CIDR block.", vpc.id);
        return Err(ApiError::new("InvalidClientVpnSubnetId.OverlappingCidr", message));
    }
    Ok(())
}

fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let found = named(cx, tx, input)?;
    let token = input.text("ClientToken");
    let digest = client_token::digest(&(&found.id, [SUBNET, ZONE, ZONE_ID].map(|name| input.text(name))));
    let made = client_token::seen(cx, tx, "AssociateClientVpnTargetNetwork", token, &digest)?;
    if let Some(made) = made.as_deref().and_then(<[String]>::first) {
        let held = associated(cx, &found).into_iter().find(|part| text(part, ASSOCIATION) == made);
        // One that is gone is still what the request made.
        let gone = || Document::from(json!({ASSOCIATION: made, "Status": {"Code": GONE}}));
        return Ok(held.map_or_else(gone, |part| answer(cx, &part)));
    }
    let mut endpoint = Item::clone(&found);
    let part = match attachment_of(&found) {
        Some(_) => {
            let [subnet, name, id] = [SUBNET, ZONE, ZONE_ID].map(|name| input.text(name));
            if subnet.is_some() {
                let message =
                    "Endpoints on a transit gateway have no subnets: use AvailabilityZone or AvailabilityZoneId.";
                return Err(ApiError::new("InvalidParameterCombination", message));
            }
            associate_zone(cx, &mut endpoint, zone(cx, name, id, no_such_zone)?)?
        }
        None => {
            if input.text(ZONE).or(input.text(ZONE_ID)).is_some() {
                let message = "Only endpoints on a transit gateway have zones of their own: use SubnetId.";
                return Err(ApiError::new("InvalidParameterCombination", message));
            }
            let id = input.text(SUBNET).ok_or_else(|| crate::refused::missing(SUBNET))?;
            associate_subnet(cx, tx, &mut endpoint, id)?
        }
    };
    let id = text(&part, ASSOCIATION).to_owned();
    client_token::remember(cx, tx, "AssociateClientVpnTargetNetwork", token, digest, vec![id]);
    tx.put(endpoint);
    Ok(answer(cx, &part))
}

/// Puts an association to an endpoint.
fn put(cx: &Cx, endpoint: &mut Item, mut part: Value) -> Value {
    Stage::begin(cx, "associating", "associated", SECONDS).note(&mut part);
    let mut held = associated(cx, endpoint);
    held.push(part.clone());
    endpoint.document.set(NETWORKS, held);
    part
}

/// Lets clients in through a zone of the transit gateway that the endpoint is on.
pub fn associate_zone(cx: &Cx, endpoint: &mut Item, zone: &Zone) -> Result<Value, ApiError> {
    let is_it = |part: &Value| text(part, ZONE) == zone.name && !Stage::ends_as(part, GONE);
    if associated(cx, endpoint).iter().any(is_it) {
        let message =
            format!("Availability Zone {} is already associated with Client VPN endpoint {}.", zone.name, endpoint.id);
        return Err(ApiError::new("InvalidClientVpnDuplicateAssociation", message));
    }
    let part = json!({ASSOCIATION: cx.ids.ec2("cvpn-assoc"), ZONE: zone.name, ZONE_ID: zone.id});
    Ok(put(cx, endpoint, part))
}

/// The endpoint gets an interface in the subnet, and a route to its VPC.
fn associate_subnet(cx: &Cx, tx: &mut Tx, endpoint: &mut Item, id: &str) -> Result<Value, ApiError> {
    let subnet = subnet::get(tx, cx, id)?;
    must_fit(cx, tx, endpoint, &subnet)?;
    if endpoint.document.text("VpcId").is_none() {
        endpoint.document.set("VpcId", subnet.vpc_id.as_str());
        set_groups(cx, tx, &Document::default(), endpoint)?;
    }
    let vpc = resource::get::<Vpc>(tx, cx, &subnet.vpc_id)?;
    let made = interface::create(cx, tx, new_interface(endpoint, subnet))?;
    managed::hold(cx, tx, &made.id, "interface", &endpoint.id);
    let part = json!({ASSOCIATION: cx.ids.ec2("cvpn-assoc"), SUBNET: id, "VpcId": vpc.id, "Interface": made.id});
    let part = put(cx, endpoint, part);
    route::add_local(cx, endpoint, &vpc.cidr.to_string(), id);
    endpoint.within = vec![vpc.id.clone()];
    Ok(part)
}

fn new_interface(endpoint: &Item, subnet: Arc<Subnet>) -> NewInterface {
    NewInterface {
        subnet,
        groups: endpoint.document.texts("SecurityGroupIds"),
        address: None,
        secondary: Vec::new(),
        secondary_count: 0,
        description: format!("ClientVPN Endpoint resource for {}", endpoint.id),
        attachment: None,
        public_address: false,
        tags: Vec::new(),
    }
}

/// The interface goes, and the routes through the subnet.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateClientVpnTargetNetwork.html>
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let found = named(cx, tx, input)?;
    let id = input.text(ASSOCIATION).unwrap_or_default();
    let mut endpoint = Item::clone(&found);
    let mut held = associated(cx, &endpoint);
    let is_it = |part: &&mut Value| text(part, ASSOCIATION) == id && !Stage::ends_as(part, GONE);
    let Some(part) = held.iter_mut().find(is_it) else {
        let message = format!("Association {id} does not exist");
        return Err(ApiError::new("InvalidClientVpnAssociationIdNotFound", message));
    };
    Stage::begin(cx, "disassociating", GONE, SECONDS).note(part);
    let answer = answer(cx, part);
    let (subnet, interface) = (text(part, SUBNET).to_owned(), text(part, "Interface").to_owned());
    let last = held.iter().all(|part| Stage::ends_as(part, GONE));
    endpoint.document.set(NETWORKS, held);
    if !subnet.is_empty() {
        route::forget(&mut endpoint, &subnet);
    }
    if last {
        endpoint.within.clear();
    }
    tx.put(endpoint);
    if !interface.is_empty() {
        interface::delete(cx, tx, &interface)?;
    }
    Ok(answer)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ApplySecurityGroupsToClientVpnTargetNetwork.html>
fn apply_groups(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let found = named(cx, tx, input)?;
    let vpc = input.text("VpcId").unwrap_or_default();
    resource::get::<Vpc>(tx, cx, vpc)?;
    if found.document.text("VpcId") != Some(vpc) {
        let message = format!("VPC {vpc} has no target network of Client VPN endpoint {}.", found.id);
        return Err(ApiError::new("InvalidClientVpnActiveAssociationNotFound", message));
    }
    let mut endpoint = Item::clone(&found);
    set_groups(cx, tx, input, &mut endpoint)?;
    regroup(cx, tx, &endpoint);
    let groups = endpoint.document.texts("SecurityGroupIds");
    tx.put(endpoint);
    Ok(Document::from(json!({"SecurityGroupIds": groups})))
}

/// Puts the interfaces into the endpoint's groups.
pub fn regroup(cx: &Cx, tx: &mut Tx, endpoint: &Item) {
    let groups = endpoint.document.texts("SecurityGroupIds");
    for part in associated(cx, endpoint) {
        resource::update::<NetworkInterface>(tx, cx, text(&part, "Interface"), |it| it.groups.clone_from(&groups));
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeClientVpnTargetNetworks.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, world, input)?;
    let wanted = input.texts("AssociationIds");
    let mut held = associated(cx, &endpoint);
    held.retain(|part| wanted.is_empty() || wanted.iter().any(|id| id == text(part, ASSOCIATION)));
    if let Some(id) = wanted.iter().find(|id| !held.iter().any(|part| text(part, ASSOCIATION) == *id)) {
        let message = format!("Association {id} does not exist");
        return Err(ApiError::new("InvalidClientVpnAssociationIdNotFound", message));
    }
    held.sort_by(|a, b| text(a, ASSOCIATION).cmp(text(b, ASSOCIATION)));
    let seen = held.iter().map(|part| {
        let several = |name: &str| part.get(name).map(|value| vec![value.clone()]);
        let shown = json!({
            ASSOCIATION: text(part, ASSOCIATION),
            "VpcId": part.get("VpcId"),
            "TargetNetworkId": part.get(SUBNET),
            "AvailabilityZones": several(ZONE),
            "AvailabilityZoneIds": several(ZONE_ID),
            ENDPOINTS.id: endpoint.id,
            "Status": status(cx, part),
            "SecurityGroups": endpoint.document.texts("SecurityGroupIds"),
        });
        Seen { id: text(part, ASSOCIATION).to_owned(), shown: Document::from(shown), tags: Vec::new() }
    });
    let page = describe::choose(&endpoint.id, input, &["association-id", "target-network-id", "vpc-id"], seen)?;
    Ok(Document::from(json!({"ClientVpnTargetNetworks": page.items, "NextToken": page.next})))
}
