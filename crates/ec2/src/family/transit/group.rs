//! Groups of a multicast domain: interfaces that get what is sent to a group's address, and those that send it.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/working-with-multicast.html>

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::attachment::ID;
use super::domain::{self, DOMAINS};
use super::{incorrect_state, text};
use crate::family::describe::{self, Seen};
use crate::family::item;
use crate::family::{Item, answers};
use crate::kind;
use crate::network::interface::{self, NetworkInterface};
use crate::share;
use crate::tags::registry;

/// The member, shown nowhere, of a domain: an interface, an address, and whether it is a member or a source.
const GROUPS: &str = "Groups";
const ADDRESS: &str = "GroupIpAddress";
const INTERFACE: &str = "NetworkInterfaceId";
const INTERFACES: &str = "NetworkInterfaceIds";
const MEMBER: &str = "GroupMember";
const SOURCE: &str = "GroupSource";
/// Shown nowhere: whose interface it is, where none is told the domain owner's.
const OWNER: &str = "Owner";

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        on_all(Operation::write(Service::Ec2, "RegisterTransitGatewayMulticastGroupMembers", register_members)),
        on_all(Operation::write(Service::Ec2, "RegisterTransitGatewayMulticastGroupSources", register_sources)),
        on_all(Operation::write(Service::Ec2, "DeregisterTransitGatewayMulticastGroupMembers", deregister_members)),
        on_all(Operation::write(Service::Ec2, "DeregisterTransitGatewayMulticastGroupSources", deregister_sources)),
        DOMAINS
            .on_one(Operation::read(Service::Ec2, "SearchTransitGatewayMulticastGroups", search), answers::DESCRIBING),
    ]
}

/// A row that must be allowed on the domain and on each interface.
fn on_all(row: Row<Document>) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        let domain = DOMAINS.check_on(cx, world, input.text(DOMAINS.id).unwrap_or_default());
        let interfaces = input.texts(INTERFACES).into_iter();
        let interfaces = interfaces.map(|id| registry::check_on(cx, world, &kind::NETWORK_INTERFACE, &id));
        std::iter::once(domain).chain(interfaces).collect()
    })
    .honours(|model, operation| answers::honoured(model, operation, &DOMAINS, &[ADDRESS, INTERFACES]))
    .build()
}

fn address(input: &Document) -> Result<String, ApiError> {
    let given = input.text(ADDRESS).ok_or_else(|| crate::refused::missing(ADDRESS))?;
    let parsed = given.parse::<IpAddr>().ok().filter(IpAddr::is_multicast);
    parsed.map(|address| address.to_string()).ok_or_else(|| {
        ApiError::new("InvalidParameterValue", format!("Value ({given}) for parameter {ADDRESS} is invalid."))
    })
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    let id = input.text(DOMAINS.id).ok_or_else(|| crate::refused::missing(DOMAINS.id))?;
    domain::usable(cx, world, id)
}

/// Puts interfaces of the domain's subnets into a group.
fn register(cx: &Cx, tx: &mut Tx, input: &Document, role: &str, answer: [&str; 2]) -> Result<Document, ApiError> {
    let domain = named(cx, tx, input)?;
    let address = address(input)?;
    let subnets = domain::associated(cx, &domain);
    let mut groups = domain.document.list(GROUPS);
    let ids = input.texts(INTERFACES);
    for id in &ids {
        let found = interface::get(tx, cx, id)?;
        if !subnets.iter().any(|part| text(part, "SubnetId") == found.subnet_id) {
            let message = format!("Subnet {} of {id} is not associated with {}.", found.subnet_id, domain.id);
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        groups.retain(|part| !is_it(part, &address, id, role));
        groups.push(
            json!({ADDRESS: address, INTERFACE: id, "SubnetId": found.subnet_id, OWNER: found.account, role: true}),
        );
    }
    item::update(tx, &share::cx_of(cx, domain.account), &domain.id, |it| it.document.set(GROUPS, groups));
    let [member, listed] = answer;
    Ok(Document::from(json!({member: {DOMAINS.id: domain.id, ADDRESS: address, listed: ids}})))
}

/// The account whose interface it is.
fn owner_of<'v>(part: &'v Value, domain: &'v Item) -> &'v str {
    part.get(OWNER).and_then(Value::as_str).unwrap_or(domain.account.as_str())
}

/// Whether the caller sees and changes it: of a domain that is shared only its own, of a domain of its own all.
fn is_for_caller(cx: &Cx, part: &Value, domain: &Item) -> bool {
    domain.account == cx.account() || owner_of(part, domain) == cx.account().as_str()
}

fn is_it(part: &Value, address: &str, interface: &str, role: &str) -> bool {
    text(part, ADDRESS) == address && text(part, INTERFACE) == interface && part.get(role).is_some()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterTransitGatewayMulticastGroupMembers.html>
fn register_members(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    register(cx, tx, input, MEMBER, ["RegisteredMulticastGroupMembers", "RegisteredNetworkInterfaceIds"])
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterTransitGatewayMulticastGroupSources.html>
fn register_sources(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let domain = named(cx, tx, input)?;
    if domain.document.text("Options.StaticSourcesSupport") != Some("enable") {
        return Err(incorrect_state(format!("Static sources are not enabled on {}.", domain.id)));
    }
    register(cx, tx, input, SOURCE, ["RegisteredMulticastGroupSources", "RegisteredNetworkInterfaceIds"])
}

/// Takes interfaces out of a group; without an address, out of all.
fn deregister(cx: &Cx, tx: &mut Tx, input: &Document, role: &str, answer: [&str; 2]) -> Result<Document, ApiError> {
    let domain = named(cx, tx, input)?;
    let address = input.at(ADDRESS).map(|_| address(input)).transpose()?;
    let ids = input.texts(INTERFACES);
    let goes = |part: &Value| {
        part.get(role).is_some()
            && is_for_caller(cx, part, &domain)
            && address.as_ref().is_none_or(|address| text(part, ADDRESS) == address)
            && (ids.is_empty() || ids.iter().any(|id| id == text(part, INTERFACE)))
    };
    let (gone, kept): (Vec<Value>, Vec<Value>) = domain.document.list(GROUPS).into_iter().partition(goes);
    if gone.is_empty() {
        let message = format!("The interfaces are not registered with {}.", domain.id);
        return Err(ApiError::new(format!("TransitGatewayMulticast{role}.NotFound"), message));
    }
    item::update(tx, &share::cx_of(cx, domain.account), &domain.id, |it| it.document.set(GROUPS, kept));
    let [member, listed] = answer;
    let gone: Vec<&str> = gone.iter().map(|part| text(part, INTERFACE)).collect();
    Ok(Document::from(json!({member: {DOMAINS.id: domain.id, ADDRESS: address, listed: gone}})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterTransitGatewayMulticastGroupMembers.html>
fn deregister_members(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    deregister(cx, tx, input, MEMBER, ["DeregisteredMulticastGroupMembers", "DeregisteredNetworkInterfaceIds"])
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterTransitGatewayMulticastGroupSources.html>
fn deregister_sources(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    deregister(cx, tx, input, SOURCE, ["DeregisteredMulticastGroupSources", "DeregisteredNetworkInterfaceIds"])
}

/// Takes the interfaces of subnets out of all groups.
pub fn forget(cx: &Cx, tx: &mut Tx, domain_id: &str, subnets: &[String]) {
    item::update(tx, cx, domain_id, |it| leave(it, subnets));
}

/// The same in the domain at hand.
pub fn leave(domain: &mut Item, subnets: &[String]) {
    let mut groups = domain.document.list(GROUPS);
    if groups.is_empty() {
        return;
    }
    groups.retain(|part| !subnets.iter().any(|id| id == text(part, "SubnetId")));
    domain.document.set(GROUPS, groups);
}

const FILTERS: &[&str] = &[
    "group-ip-address",
    "is-group-member=GroupMember",
    "is-group-source=GroupSource",
    "member-type",
    "resource-id",
    "resource-type",
    "source-type",
    "subnet-id",
    "transit-gateway-attachment-id",
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SearchTransitGatewayMulticastGroups.html>
fn search(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let domain = domain::usable(cx, world, input.text(DOMAINS.id).unwrap_or_default())?;
    let subnets = domain::associated(cx, &domain);
    // An interface that was deleted is in no group any more.
    let there = |part: &Value| {
        let key = [owner_of(part, &domain), &domain.region, text(part, INTERFACE)];
        is_for_caller(cx, part, &domain) && world.get::<NetworkInterface>(&key).is_some()
    };
    let mut seen: Vec<Seen> = domain
        .document
        .list(GROUPS)
        .into_iter()
        .filter(there)
        .map(|part| {
            let subnet = subnets.iter().find(|held| text(held, "SubnetId") == text(&part, "SubnetId"));
            let attachment = subnet.and_then(|held| item::look_up(world, cx, text(held, ID)));
            let mut shown = Document::from(part);
            shown.0.remove(OWNER);
            let is_member = shown.at(MEMBER).is_some();
            shown.set(if is_member { SOURCE } else { MEMBER }, false);
            shown.set(if is_member { "MemberType" } else { "SourceType" }, "static");
            for name in ["ResourceId", "ResourceType", "ResourceOwnerId"] {
                let told = attachment.as_ref().and_then(|it| it.document.text(name));
                told.into_iter().for_each(|told| shown.set(name, told));
            }
            attachment.iter().for_each(|it| shown.set(ID, it.id.as_str()));
            let id = format!("{} {} {is_member}", text_of(&shown, ADDRESS), text_of(&shown, INTERFACE));
            Seen { id, shown, tags: Vec::new() }
        })
        .collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let page = describe::choose(&domain.id, input, FILTERS, seen.into_iter())?;
    Ok(Document::from(json!({"MulticastGroups": page.items, "NextToken": page.next})))
}

fn text_of<'d>(document: &'d Document, name: &str) -> &'d str {
    document.text(name).unwrap_or_default()
}
