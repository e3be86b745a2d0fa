//! The addresses of a NAT gateway: AssociateNatGatewayAddress and DisassociateNatGatewayAddress for public ones, AssignPrivateNatGatewayAddress and
//! UnassignPrivateNatGatewayAddress for private ones. An address is told with its status for the moment that a change takes; what is let go is
//! free at once, while AWS waits for its connections to end.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateNatGatewayAddress.html>

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::{ADDRESSES, MOST_ADDRESSES, NAT_GATEWAYS, interface_of};
use crate::family::answers;
use crate::family::item::{self, Item, Stage};
use crate::kind;
use crate::network::elastic_ip::{Address, associate, must_be_public};
use crate::network::interface::{NetworkInterface, managed};
use crate::refused::{missing, no_such_association};
use crate::resource;

/// The status of an address that is no longer there.
const GONE: &str = "gone";
/// How long connections have to end, unless the request says otherwise.
const DRAIN: i64 = 350;

/// The operations on addresses.
pub fn operations() -> Vec<Operation> {
    let own = |name, handler: fn(&Cx, &mut Tx, &Document) -> Result<Document, ApiError>, uses| {
        NAT_GATEWAYS.on_one(Operation::write(Service::Ec2, name, handler), uses)
    };
    let ending: Row<Document> = Operation::write(Service::Ec2, "DisassociateNatGatewayAddress", disassociate);
    vec![
        own("AssociateNatGatewayAddress", associate, &["AllocationIds", "PrivateIpAddresses"]),
        own("AssignPrivateNatGatewayAddress", assign, &["PrivateIpAddresses", "PrivateIpAddressCount"]),
        own("UnassignPrivateNatGatewayAddress", unassign, &["PrivateIpAddresses", "MaxDrainDurationSeconds"]),
        ending
            .authorize(to_disassociate)
            .honours(|model, operation| {
                answers::honoured(model, operation, &NAT_GATEWAYS, &["AssociationIds", "MaxDrainDurationSeconds"])
            })
            .build(),
    ]
}

/// The elastic addresses of a request, each named once.
pub fn all_elastic(world: &World, cx: &Cx, ids: &[String]) -> Result<Vec<Arc<Address>>, ApiError> {
    if let Some((_, id)) = ids.iter().enumerate().find(|(at, id)| ids.iter().take(*at).any(|before| before == *id)) {
        let message =
            format!("Value ({id}) for parameter allocationId is invalid. Duplicate allocation IDs are not allowed.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    ids.iter().map(|id| elastic(world, cx, id)).collect()
}

/// The elastic address of that id. NAT gateways have an error of their own for one that does not exist (seen at AWS).
pub fn elastic(world: &World, cx: &Cx, id: &str) -> Result<Arc<Address>, ApiError> {
    let found = resource::look_up(world, cx, id).ok_or_else(|| {
        ApiError::new("InvalidElasticIpID.NotFound", format!("The elasticIp ID '{id}' does not exist"))
    })?;
    must_be_public(&found)?;
    Ok(found)
}

/// A private address as a request writes it.
pub fn private(text: &str) -> Result<Ipv4Addr, ApiError> {
    text.parse().map_err(|_| {
        let message = format!("Value ({text}) for parameter privateIpAddress is invalid. Invalid IPv4 address.");
        ApiError::new("InvalidParameterValue", message)
    })
}

/// One can have eight private addresses.
pub fn must_not_be_too_many(count: usize) -> Result<(), ApiError> {
    if count > MOST_ADDRESSES {
        let message = format!("A NAT gateway can have at most {MOST_ADDRESSES} private IPv4 addresses.");
        return Err(ApiError::new("NatGatewayAddressLimitExceeded", message));
    }
    Ok(())
}

/// The part of the document that tells of one private address, with the elastic one put before it.
pub fn put(
    cx: &Cx,
    tx: &mut Tx,
    interface: &NetworkInterface,
    private: Ipv4Addr,
    elastic: Option<&Address>,
    verb: &str,
) -> Value {
    let mut part = json!({
        "NetworkInterfaceId": interface.id,
        "PrivateIp": private.to_string(),
        "IsPrimary": private == interface.private_ip,
        "AvailabilityZone": interface.zone,
    });
    if let Some(elastic) = elastic {
        let association = associate::tie(cx, tx, interface, elastic, private);
        let more = [
            ("AllocationId", &elastic.id),
            ("PublicIp", &elastic.public_ip.to_string()),
            ("AssociationId", &association),
        ];
        let part = part.as_object_mut().into_iter();
        part.for_each(|part| {
            part.extend(more.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))))
        });
    }
    Stage::begin(cx, verb, "succeeded", 10).note(&mut part);
    part
}

/// The addresses with their statuses at this time, without those that are gone.
pub fn now(cx: &Cx, item: &Item) -> Vec<Value> {
    item.document.list(ADDRESSES).into_iter().filter_map(|part| with_status(cx, part)).collect()
}

fn with_status(cx: &Cx, mut part: Value) -> Option<Value> {
    let Some(status) = Stage::of_part(cx, &part) else { return Some(part) };
    part.as_object_mut()?.insert("Status".to_owned(), Value::from(status.as_str()));
    (status != GONE).then_some(part)
}

/// One that has addresses to change, with its interface.
fn available(
    tx: &Tx,
    cx: &Cx,
    input: &Document,
    connectivity: &str,
) -> Result<(Arc<Item>, Arc<NetworkInterface>), ApiError> {
    let item = item::alive(tx, cx, &kind::NAT_GATEWAY, input.text(NAT_GATEWAYS.id).unwrap_or_default())?;
    if item.document.text("ConnectivityType") != Some(connectivity) {
        let message =
            format!("The operation is only supported on {connectivity} NAT gateways. {} is not one.", item.id);
        return Err(ApiError::new("InvalidParameter", message));
    }
    match interface_of(tx, cx, &item).filter(|_| item.state(cx) == Some("available")) {
        Some(interface) => Ok((item, interface)),
        None => {
            let message = format!("NatGateway {} is in state {}", item.id, item.state(cx).unwrap_or_default());
            Err(ApiError::new("IncorrectState", message))
        }
    }
}

/// Elastic addresses before further private ones, those wanted or any.
fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (item, interface) = available(tx, cx, input, "public")?;
    let elastic = all_elastic(tx, cx, &input.texts("AllocationIds"))?;
    if let Some(held) = elastic.iter().find(|address| address.held(cx.now).is_some()) {
        let message = format!("Elastic IP address [{}] is already associated", held.id);
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    let wanted: Vec<Ipv4Addr> =
        input.texts("PrivateIpAddresses").iter().map(|text| private(text)).collect::<Result<_, _>>()?;
    must_not_be_too_many(1 + interface.secondary_ips.len() + elastic.len())?;
    let wanted = wanted.into_iter().map(Some).chain(std::iter::repeat(None));
    let mut parts = Vec::new();
    for (address, wish) in elastic.iter().zip(wanted) {
        let private = managed::add_address(cx, tx, &interface.id, wish)?;
        parts.push(put(cx, tx, &interface, private, Some(address), "associating"));
    }
    Ok(added(cx, tx, &item, parts))
}

/// Further private addresses, those wanted or any.
fn assign(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (item, interface) = available(tx, cx, input, "private")?;
    let wanted = input.texts("PrivateIpAddresses");
    let count = input.number("PrivateIpAddressCount").and_then(|count| usize::try_from(count).ok());
    let wishes: Vec<Option<Ipv4Addr>> = match (wanted.is_empty(), count) {
        (false, Some(_)) => {
            let message = "PrivateIpAddresses and PrivateIpAddressCount cannot be specified together.";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        (true, None) => return Err(missing("PrivateIpAddressCount")),
        (true, Some(count)) => vec![None; count.min(MOST_ADDRESSES + 1)],
        (false, None) => wanted.iter().map(|text| private(text).map(Some)).collect::<Result<_, _>>()?,
    };
    must_not_be_too_many(1 + interface.secondary_ips.len() + wishes.len())?;
    let mut parts = Vec::new();
    for wish in wishes {
        let private = managed::add_address(cx, tx, &interface.id, wish)?;
        parts.push(put(cx, tx, &interface, private, None, "assigning"));
    }
    Ok(added(cx, tx, &item, parts))
}

fn added(cx: &Cx, tx: &mut Tx, item: &Item, parts: Vec<Value>) -> Document {
    change(cx, tx, item, |held| held.extend(parts.clone()));
    answer(cx, item, parts)
}

fn change(cx: &Cx, tx: &mut Tx, item: &Item, change: impl FnOnce(&mut Vec<Value>)) {
    let mut parts: Vec<Value> = item.document.at(ADDRESSES).and_then(Value::as_array).cloned().unwrap_or_default();
    parts.retain(|part| Stage::of_part(cx, part).as_deref() != Some(GONE));
    change(&mut parts);
    item::update(tx, cx, &item.id, |it| it.document.set(ADDRESSES, parts));
}

fn answer(cx: &Cx, item: &Item, parts: Vec<Value>) -> Document {
    let shown: Vec<Value> = parts.into_iter().filter_map(|part| with_status(cx, part)).collect();
    Document::from(json!({NAT_GATEWAYS.id: item.id, ADDRESSES: shown}))
}

/// DisassociateNatGatewayAddress on the gateway, on the elastic addresses and on the interface.
fn to_disassociate(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    let id = input.text(NAT_GATEWAYS.id).unwrap_or_default();
    let associations = input.texts("AssociationIds");
    let found = associations.iter().filter_map(|id| associate::by_association(world, cx, id));
    let mut elastic: Vec<Check> = found.map(|address| resource::check_of(cx, world, &*address)).collect();
    if elastic.is_empty() {
        elastic.push(resource::check_on::<Address>(cx, world, "*"));
    }
    let item = item::look_up(world, cx, id);
    let interface = item.and_then(|item| interface_of(world, cx, &item));
    let interface = interface.map(|interface| resource::check_of(cx, world, &*interface));
    std::iter::once(NAT_GATEWAYS.check_on(cx, world, id)).chain(elastic).chain(interface).collect()
}

/// Takes secondary elastic addresses away, with the private ones behind them.
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (item, interface) = available(tx, cx, input, "public")?;
    let mut ended = Vec::new();
    for id in input.texts("AssociationIds") {
        let part = part_with(&item, "AssociationId", &id).ok_or_else(|| no_such_association(&id))?;
        must_be_secondary(&part)?;
        ended.push(part);
    }
    end(cx, tx, &item, &interface, ended, input, "disassociating")
}

/// Takes secondary private addresses away.
fn unassign(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (item, interface) = available(tx, cx, input, "private")?;
    let mut ended = Vec::new();
    for text in input.texts("PrivateIpAddresses") {
        let part = part_with(&item, "PrivateIp", &text).ok_or_else(|| {
            let message = format!("The private IP address {text} is not assigned to NatGateway {}", item.id);
            ApiError::new("InvalidParameterValue", message)
        })?;
        must_be_secondary(&part)?;
        ended.push(part);
    }
    end(cx, tx, &item, &interface, ended, input, "unassigning")
}

fn must_be_secondary(part: &Value) -> Result<(), ApiError> {
    match part.get("IsPrimary") {
        Some(Value::Bool(true)) => {
            let message = "The primary IP address of a NAT gateway cannot be removed.";
            Err(ApiError::new("InvalidParameter", message))
        }
        _ => Ok(()),
    }
}

/// The part with that value; one that is let go already is none.
fn part_with(item: &Item, member: &str, value: &str) -> Option<Value> {
    let mut parts = item.document.list(ADDRESSES).into_iter().filter(|part| !Stage::ends_as(part, GONE));
    parts.find(|part| part.get(member).and_then(Value::as_str) == Some(value))
}

fn end(
    cx: &Cx,
    tx: &mut Tx,
    item: &Item,
    interface: &NetworkInterface,
    ended: Vec<Value>,
    input: &Document,
    verb: &str,
) -> Result<Document, ApiError> {
    let seconds = input.number("MaxDrainDurationSeconds").unwrap_or(DRAIN);
    let mut parts = ended.clone();
    for part in &mut parts {
        let address = part.get("PrivateIp").and_then(Value::as_str).map(private).transpose()?;
        if let Some(address) = address {
            managed::remove_address(cx, tx, &interface.id, address)?;
        }
        Stage::begin(cx, verb, GONE, seconds).note(part);
    }
    change(cx, tx, item, |held| {
        held.retain(|part| !ended.contains(part));
        held.extend(parts.clone());
    });
    Ok(answer(cx, item, parts))
}
