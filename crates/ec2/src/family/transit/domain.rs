//! Multicast domains: subnets of attached VPCs, among whose interfaces packets to a group's address are copied. Accounts that a domain is shared with
//! ask for associations of their subnets, and its owner accepts them.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-multicast-overview.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::attachment::{self, ATTACHMENTS, ID, LIFE};
use super::{gateway, incorrect_state, invalid_state, text, vpc};
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item, answers};
use crate::kind;
use crate::network::subnet;
use crate::share;

/// The member, shown nowhere, with the subnets.
const ASSOCIATIONS: &str = "Associations";
const SUBNET: &str = "SubnetId";
const GONE: &str = "disassociated";
const PENDING: &str = "pendingAcceptance";
const REJECTED: &str = "rejected";
/// About how long an association takes to come or go.
const SECONDS: i64 = 10;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayMulticastDomain.html>
pub static DOMAINS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("TransitGatewayMulticastDomainArn"),
    created: Some("CreationTime"),
    life: Some(LIFE),
    within: &[("TransitGatewayId", &kind::TRANSIT_GATEWAY)],
    defaults: |_| {
        json!({"Options": {
            "Igmpv2Support": "disable",
            "StaticSourcesSupport": "disable",
            "AutoAcceptSharedAssociations": "disable",
        }})
    },
    filters: &["state", "transit-gateway-id", "transit-gateway-multicast-domain-id"],
    keys: &[("ec2:transitGatewayMulticastDomainId", "TransitGatewayMulticastDomainId")],
    shared: true,
    fill,
    release: |cx, _, item| match seen(cx, item).iter().any(|part| !is_in(cx, part, REJECTED)) {
        false => Ok(()),
        true => Err(incorrect_state(format!("{} has non-deleted associations.", item.id))),
    },
    ..Family::of(&kind::TRANSIT_GATEWAY_MULTICAST_DOMAIN, "TransitGatewayMulticastDomainId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        DOMAINS.create("CreateTransitGatewayMulticastDomain", &[]),
        DOMAINS.describe("DescribeTransitGatewayMulticastDomains"),
        DOMAINS.delete("DeleteTransitGatewayMulticastDomain"),
        on_all(Operation::write(Service::Ec2, "AssociateTransitGatewayMulticastDomain", associate)),
        on_all(Operation::write(Service::Ec2, "DisassociateTransitGatewayMulticastDomain", disassociate)),
        answering(Operation::write(Service::Ec2, "AcceptTransitGatewayMulticastDomainAssociations", accept)),
        answering(Operation::write(Service::Ec2, "RejectTransitGatewayMulticastDomainAssociations", reject)),
        DOMAINS.on_one(
            Operation::read(Service::Ec2, "GetTransitGatewayMulticastDomainAssociations", associations),
            answers::DESCRIBING,
        ),
    ]
}

/// A row that must be allowed on the domain, on the attachment and on each subnet.
fn on_all(row: Row<Document>) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        let domain = DOMAINS.check_on(cx, world, input.text(DOMAINS.id).unwrap_or_default());
        let attachment = ATTACHMENTS.check_on(cx, world, input.text(ID).unwrap_or_default());
        let subnets = input.texts("SubnetIds").into_iter().map(|id| subnet::check_on(cx, world, &id));
        [domain, attachment].into_iter().chain(subnets).collect()
    })
    .honours(|model, operation| answers::honoured(model, operation, &DOMAINS, &[ID, "SubnetIds"]))
    .build()
}

/// A row that must be allowed on the domain and on the attachment.
fn answering(row: Row<Document>) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        let domain = input.text(DOMAINS.id).map(|id| DOMAINS.check_on(cx, world, id));
        let attachment = input.text(ID).map(|id| ATTACHMENTS.check_on(cx, world, id));
        let checks: Vec<Check> = domain.into_iter().chain(attachment).collect();
        if checks.is_empty() { vec![DOMAINS.check_on(cx, world, "*")] } else { checks }
    })
    .honours(|model, operation| answers::honoured(model, operation, &DOMAINS, &[ID, "SubnetIds"]))
    .build()
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let gateway = gateway::ready(cx, tx, input.text("TransitGatewayId").unwrap_or_default())?;
    if gateway.document.text("Options.MulticastSupport") != Some("enable") {
        return Err(incorrect_state(format!("Multicast is not enabled on {}.", gateway.id)));
    }
    let is_on = |option: &str| item.document.text(&format!("Options.{option}")) == Some("enable");
    if is_on("Igmpv2Support") && is_on("StaticSourcesSupport") {
        let message = "Igmpv2Support and StaticSourcesSupport cannot both be enabled.";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    Ok(())
}

/// A domain that is there and done.
pub fn ready(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = item::alive(world, cx, DOMAINS.kind, id)?;
    if found.state(cx) == Some("available") { Ok(found) } else { Err(invalid_state(id)) }
}

/// The same, or one that another account shares with the caller.
pub fn usable(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = item::usable(world, cx, DOMAINS.kind, id)?;
    if found.state(cx) == Some("available") { Ok(found) } else { Err(invalid_state(id)) }
}

fn is_in(cx: &Cx, part: &Value, state: &str) -> bool {
    Stage::of_part(cx, part).as_deref() == Some(state)
}

/// The subnets of a domain that are not gone, each with its attachment; those of attachments that are deleted are.
fn seen(cx: &Cx, domain: &Item) -> Vec<Value> {
    let mut held = domain.document.list(ASSOCIATIONS);
    held.retain(|part| !is_in(cx, part, GONE));
    held
}

/// Those of them whose interfaces can be in groups.
pub fn associated(cx: &Cx, domain: &Item) -> Vec<Value> {
    let mut held = seen(cx, domain);
    held.retain(|part| !is_in(cx, part, PENDING) && !is_in(cx, part, REJECTED));
    held
}

fn put(cx: &Cx, tx: &mut Tx, domain: &Item, parts: Vec<Value>) {
    let owner = share::cx_of(cx, domain.account);
    item::update(tx, &owner, &domain.id, |it| it.document.set(ASSOCIATIONS, parts));
}

/// Takes an attachment out of a domain, or a policy table, which holds its own likewise; the interfaces of its subnets leave the groups.
pub fn forget(item: &mut Item, attachment_id: &str) {
    let (gone, kept): (Vec<Value>, Vec<Value>) =
        item.document.list(ASSOCIATIONS).into_iter().partition(|part| text(part, ID) == attachment_id);
    let subnets: Vec<String> = gone.iter().map(|part| text(part, SUBNET).to_owned()).collect();
    item.document.set(ASSOCIATIONS, kept);
    super::group::leave(item, &subnets);
}

fn about(cx: &Cx, world: &World, domain: &Item, attachment: &Item, subnets: &[String]) -> Document {
    let held = item::visible(world, cx, &domain.id).map(|it| seen(cx, &it)).unwrap_or_default();
    let of_request = held.iter().filter(|part| subnets.iter().any(|id| id == text(part, SUBNET)));
    let shown: Vec<Value> =
        of_request.map(|part| json!({SUBNET: text(part, SUBNET), "State": Stage::of_part(cx, part)})).collect();
    Document::from(json!({"Associations": {
        DOMAINS.id: domain.id,
        ID: attachment.id,
        "ResourceId": attachment.document.text("ResourceId"),
        "ResourceType": attachment.document.text("ResourceType"),
        "ResourceOwnerId": attachment.document.text("ResourceOwnerId"),
        "Subnets": shown,
    }}))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateTransitGatewayMulticastDomain.html>
fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let domain = usable(cx, tx, input.text(DOMAINS.id).unwrap_or_default())?;
    let id = input.text(ID).unwrap_or_default();
    let attachment = attachment::beside(cx, tx, &domain, id)?;
    if !vpc::VPC_ATTACHMENTS.has(&attachment) {
        return Err(ApiError::new("InvalidParameterValue", format!("{id} is not a VPC attachment.")));
    }
    let subnets = input.texts("SubnetIds");
    let mut held = seen(cx, &domain);
    held.retain(|part| !is_in(cx, part, REJECTED) || !subnets.iter().any(|id| id == text(part, SUBNET)));
    let accepted = domain.account == cx.account()
        || domain.document.text("Options.AutoAcceptSharedAssociations") == Some("enable");
    for id in &subnets {
        let subnet = subnet::get(tx, cx, id)?;
        if attachment.document.text("VpcId") != Some(&subnet.vpc_id) {
            return Err(kind::SUBNET.not_found(&[id]));
        }
        if held.iter().any(|part| text(part, SUBNET) == id) {
            let message = format!("Subnet {id} is already associated with {}.", domain.id);
            return Err(ApiError::new("Resource.AlreadyAssociated", message));
        }
        let mut part = json!({SUBNET: id, ID: attachment.id});
        match accepted {
            true => Stage::begin(cx, "associating", "associated", SECONDS).note(&mut part),
            false => Stage::begin(cx, PENDING, PENDING, 0).note(&mut part),
        }
        held.push(part);
    }
    put(cx, tx, &domain, held);
    Ok(about(cx, tx, &domain, &attachment, &subnets))
}

/// The interfaces of the subnets leave the groups. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateTransitGatewayMulticastDomain.html>
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let domain = usable(cx, tx, input.text(DOMAINS.id).unwrap_or_default())?;
    let attachment = attachment::ready(cx, tx, input.text(ID).unwrap_or_default())?;
    let subnets = input.texts("SubnetIds");
    let mut held = seen(cx, &domain);
    for id in &subnets {
        let is_held = |part: &Value| text(part, ID) == attachment.id && !Stage::ends_as(part, GONE);
        let is_it = |part: &&mut Value| text(part, SUBNET) == id && is_held(part);
        let Some(part) = held.iter_mut().find(is_it) else {
            let message = format!("Subnet {id} is not associated with {}.", domain.id);
            return Err(ApiError::new("InvalidTransitGatewayMulticastDomainAssociation.NotFound", message));
        };
        Stage::begin(cx, "disassociating", GONE, SECONDS).note(part);
    }
    put(cx, tx, &domain, held);
    super::group::forget(&share::cx_of(cx, domain.account), tx, &domain.id, &subnets);
    Ok(about(cx, tx, &domain, &attachment, &subnets))
}

/// The owner of a domain answers what other accounts asked for their subnets.
fn answer(cx: &Cx, tx: &mut Tx, input: &Document, stage: Stage) -> Result<Document, ApiError> {
    let named = |member: &'static str| input.text(member).ok_or_else(|| crate::refused::missing(member));
    let domain = ready(cx, tx, named(DOMAINS.id)?)?;
    let attachment = attachment::ready(cx, tx, named(ID)?)?;
    let subnets = input.texts("SubnetIds");
    if subnets.is_empty() {
        return Err(crate::refused::missing("SubnetIds"));
    }
    let mut held = seen(cx, &domain);
    for id in &subnets {
        let is_it = |part: &&mut Value| text(part, SUBNET) == id && text(part, ID) == attachment.id;
        let Some(part) = held.iter_mut().find(is_it) else {
            let message = format!("Subnet {id} is not associated with {}.", domain.id);
            return Err(ApiError::new("InvalidAssociation.NotFound", message));
        };
        if !is_in(cx, part, PENDING) {
            return Err(incorrect_state(format!(
                "The association of {id} with {} is not pending acceptance.",
                domain.id
            )));
        }
        stage.clone().note(part);
    }
    put(cx, tx, &domain, held);
    Ok(about(cx, tx, &domain, &attachment, &subnets))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptTransitGatewayMulticastDomainAssociations.html>
fn accept(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    answer(cx, tx, input, Stage::begin(cx, "associating", "associated", SECONDS))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectTransitGatewayMulticastDomainAssociations.html>
fn reject(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    answer(cx, tx, input, Stage::begin(cx, REJECTED, REJECTED, 0))
}

const FILTERS: &[&str] = &[
    "resource-id",
    "resource-type",
    "state=Subnet.State",
    "subnet-id=Subnet.SubnetId",
    "transit-gateway-attachment-id",
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayMulticastDomainAssociations.html>
fn associations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let domain = usable(cx, world, input.text(DOMAINS.id).unwrap_or_default())?;
    let mut held = seen(cx, &domain);
    // Whoever the domain is shared with sees its own.
    held.retain(|part| item::look_up(world, cx, text(part, ID)).is_some());
    held.sort_by(|a, b| text(a, SUBNET).cmp(text(b, SUBNET)));
    let shown = held.iter().map(|part| {
        let attachment = item::look_up(world, cx, text(part, ID));
        let told = |name| attachment.as_ref().and_then(|it| it.document.text(name));
        let shown = json!({
            ID: text(part, ID),
            "ResourceId": told("ResourceId"),
            "ResourceType": told("ResourceType"),
            "ResourceOwnerId": told("ResourceOwnerId"),
            "Subnet": {SUBNET: text(part, SUBNET), "State": Stage::of_part(cx, part)},
        });
        Seen { id: text(part, SUBNET).to_owned(), shown: Document::from(shown), tags: Vec::new() }
    });
    let page = describe::choose(&domain.id, input, FILTERS, shown)?;
    Ok(Document::from(json!({"MulticastDomainAssociations": page.items, "NextToken": page.next})))
}
