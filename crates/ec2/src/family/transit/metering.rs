//! Metering policies: whom the traffic through a gateway is charged to, by rules on the traffic. Nothing is charged here; rules and middleboxes are
//! kept, with the hour from which they count. <https://docs.aws.amazon.com/vpc/latest/tgw/metering-policy.html>

use std::sync::Arc;

use ipnet::IpNet;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::attachment::{self, LIFE};
use super::{gateway, invalid, invalid_state, text};
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item, answers};
use crate::kind;
use crate::refused;

/// The member with the attachments that traffic goes through on its way, as to a firewall.
const MIDDLEBOXES: &str = "MiddleboxAttachmentIds";
const ADDED: &str = "AddMiddleboxAttachmentIds";
const REMOVED: &str = "RemoveMiddleboxAttachmentIds";
/// How many a policy can have, and of which sorts.
/// <https://docs.aws.amazon.com/vpc/latest/tgw/metering-policy-middlebox.html>
const MOST_MIDDLEBOXES: usize = 10;
const MIDDLEBOX_SORTS: [&str; 3] = ["network-function", "vpc", "vpn"];
/// How many rules a policy can have here; AWS writes of no number.
const MOST_ENTRIES: usize = 1_000;
/// A member, shown nowhere: the rules.
const ENTRIES: &str = "Entries";
const NUMBER: &str = "PolicyRuleNumber";
const ACCOUNT: &str = "MeteredAccount";
const EFFECTIVE: &str = "UpdateEffectiveAt";
const ATTACHMENT_IDS: [&str; 2] = ["SourceTransitGatewayAttachmentId", "DestinationTransitGatewayAttachmentId"];
const ATTACHMENT_TYPES: [&str; 2] = ["SourceTransitGatewayAttachmentType", "DestinationTransitGatewayAttachmentType"];
const BLOCKS: [&str; 2] = ["SourceCidrBlock", "DestinationCidrBlock"];
const PORTS: [&str; 2] = ["SourcePortRange", "DestinationPortRange"];
const PROTOCOL: &str = "Protocol";
/// What a request says of an entry.
const ENTRY: &[&str] = &[
    NUMBER,
    ACCOUNT,
    "SourceTransitGatewayAttachmentId",
    "SourceTransitGatewayAttachmentType",
    "SourceCidrBlock",
    "SourcePortRange",
    "DestinationTransitGatewayAttachmentId",
    "DestinationTransitGatewayAttachmentType",
    "DestinationCidrBlock",
    "DestinationPortRange",
    PROTOCOL,
];

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayMeteringPolicy.html>
pub static METERING_POLICIES: Family = Family {
    life: Some(LIFE),
    within: &[("TransitGatewayId", &kind::TRANSIT_GATEWAY)],
    besides: &[
        (MIDDLEBOXES, &kind::TRANSIT_GATEWAY_ATTACHMENT),
        (ADDED, &kind::TRANSIT_GATEWAY_ATTACHMENT),
        (REMOVED, &kind::TRANSIT_GATEWAY_ATTACHMENT),
        ("SourceTransitGatewayAttachmentId", &kind::TRANSIT_GATEWAY_ATTACHMENT),
        ("DestinationTransitGatewayAttachmentId", &kind::TRANSIT_GATEWAY_ATTACHMENT),
    ],
    filters: &["state", "transit-gateway-id", "transit-gateway-metering-policy-id"],
    keys: &[("ec2:transitGatewayMeteringPolicyId", "TransitGatewayMeteringPolicyId")],
    fill: |cx, tx, _, item| {
        gateway::ready(cx, tx, item.document.text("TransitGatewayId").unwrap_or_default())?;
        let wanted = item.document.texts(MIDDLEBOXES);
        item.document.0.remove(MIDDLEBOXES);
        put_middleboxes(cx, tx, item, &wanted)
    },
    hidden: &[ENTRIES],
    ..Family::of(&kind::TRANSIT_GATEWAY_METERING_POLICY, "TransitGatewayMeteringPolicyId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let own = |row, uses| METERING_POLICIES.on_one(row, uses);
    vec![
        METERING_POLICIES.create("CreateTransitGatewayMeteringPolicy", &[]),
        METERING_POLICIES.describe("DescribeTransitGatewayMeteringPolicies"),
        METERING_POLICIES.modify("ModifyTransitGatewayMeteringPolicy", &[ADDED, REMOVED], modify),
        METERING_POLICIES.delete("DeleteTransitGatewayMeteringPolicy"),
        own(Operation::write(Service::Ec2, "CreateTransitGatewayMeteringPolicyEntry", create_entry), ENTRY),
        own(Operation::write(Service::Ec2, "DeleteTransitGatewayMeteringPolicyEntry", delete_entry), &[NUMBER]),
        own(Operation::read(Service::Ec2, "GetTransitGatewayMeteringPolicyEntries", entries), answers::DESCRIBING),
    ]
}

/// "The changes can take up to two billing hours to take effect."
/// <https://docs.aws.amazon.com/vpc/latest/tgw/metering-policy-edit.html>
pub fn effective(cx: &Cx) -> String {
    let hour = cx.now.as_second().div_euclid(3_600);
    let then = Timestamp::from_second((hour + 2) * 3_600).unwrap_or(cx.now);
    then.to_string()
}

/// Puts attachments of the policy's gateway to its middleboxes.
fn put_middleboxes(cx: &Cx, world: &World, item: &mut Item, wanted: &[String]) -> Result<(), ApiError> {
    let mut held = item.document.texts(MIDDLEBOXES);
    for id in wanted {
        let attachment = attachment::beside(cx, world, item, id)?;
        let sort = attachment.document.text("ResourceType").unwrap_or_default();
        if !MIDDLEBOX_SORTS.contains(&sort) {
            let message = format!("Attachments of type {sort} are not supported as middlebox attachments.");
            return Err(refused::invalid(message));
        }
        if !held.contains(id) {
            held.push(id.clone());
        }
    }
    if held.len() > MOST_MIDDLEBOXES {
        let message = format!("A metering policy can have up to {MOST_MIDDLEBOXES} middlebox attachments.");
        return Err(ApiError::new("ResourceLimitExceeded", message));
    }
    item.document.set(MIDDLEBOXES, held);
    item.document.set(EFFECTIVE, effective(cx));
    Ok(())
}

fn must_be_ready(cx: &Cx, item: &Item) -> Result<(), ApiError> {
    if item.state(cx) == Some("available") { Ok(()) } else { Err(invalid_state(&item.id)) }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayMeteringPolicy.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_be_ready(cx, item)?;
    let removed = input.texts(REMOVED);
    let mut held = item.document.texts(MIDDLEBOXES);
    if let Some(id) = removed.iter().find(|id| !held.contains(*id)) {
        return Err(refused::invalid(format!("{id} is not a middlebox attachment of {}.", item.id)));
    }
    held.retain(|id| !removed.contains(id));
    item.document.set(MIDDLEBOXES, held);
    put_middleboxes(cx, tx, item, &input.texts(ADDED))?;
    item.stage = Some(Stage::begin(cx, "modifying", "available", 10));
    Ok(())
}

/// An attachment that is deleted is no middlebox any more.
pub fn forget(policy: &mut Item, attachment_id: &str) {
    let mut held = policy.document.texts(MIDDLEBOXES);
    held.retain(|id| id != attachment_id);
    policy.document.set(MIDDLEBOXES, held);
}

/// The policy that a request changes the entries of.
fn changeable(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    let found = METERING_POLICIES.alive(cx, world, input.text(METERING_POLICIES.id).unwrap_or_default())?;
    must_be_ready(cx, &found)?;
    Ok(found)
}

/// What an entry asks of traffic, as answers show it.
fn rule(cx: &Cx, world: &World, policy: &Item, input: &Document) -> Result<Value, ApiError> {
    let given = |names: &[&'static str]| {
        names.iter().filter_map(|name| Some((*name, input.text(name)?.to_owned()))).collect::<Vec<_>>()
    };
    for (_, id) in given(&ATTACHMENT_IDS) {
        attachment::beside(cx, world, policy, &id)?;
    }
    // "To configure metering policies for Connect, use the transport attachment type."
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayMeteringPolicyEntry.html>
    if let Some((name, sort)) = given(&ATTACHMENT_TYPES).iter().find(|(_, sort)| sort == "connect") {
        return Err(invalid(sort, name));
    }
    for (name, block) in given(&BLOCKS) {
        block.parse::<IpNet>().map_err(|_| invalid(&block, name))?;
    }
    for (name, range) in given(&PORTS) {
        if !is_ports(&range) {
            return Err(invalid(range, name));
        }
    }
    for (name, number) in given(&[PROTOCOL]) {
        number.parse::<u8>().map_err(|_| invalid(&number, name))?;
    }
    let told = given(ENTRY).into_iter().filter(|(name, _)| *name != ACCOUNT);
    Ok(Value::Object(told.map(|(name, value)| (name.to_owned(), value.into())).collect()))
}

/// One port, or the first and the last.
fn is_ports(range: &str) -> bool {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    matches!((first.parse::<u16>(), last.parse::<u16>()), (Ok(first), Ok(last)) if first <= last)
}

fn number(input: &Document) -> String {
    input.number(NUMBER).unwrap_or_default().to_string()
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/create-metering-policy-entry.html>
fn create_entry(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let policy = changeable(cx, tx, input)?;
    let number = number(input);
    if !(1..=32_766).contains(&input.number(NUMBER).unwrap_or_default()) {
        return Err(invalid(number, NUMBER));
    }
    let held = policy.document.at(ENTRIES).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if held.iter().any(|entry| text(entry, NUMBER) == number) {
        return Err(refused::invalid("RuleNumber provided already exists"));
    }
    if held.len() >= MOST_ENTRIES {
        let message = format!("A metering policy can have up to {MOST_ENTRIES} entries.");
        return Err(ApiError::new("ResourceLimitExceeded", message));
    }
    let entry = json!({
        NUMBER: number,
        ACCOUNT: input.text(ACCOUNT),
        "State": "available",
        "UpdatedAt": cx.now.to_string(),
        EFFECTIVE: effective(cx),
        "MeteringPolicyRule": rule(cx, tx, &policy, input)?,
    });
    item::update(tx, cx, &policy.id, |it| match it.document.0.get_mut(ENTRIES) {
        Some(Value::Array(held)) => held.push(entry.clone()),
        _ => it.document.set(ENTRIES, json!([entry])),
    });
    Ok(Document::from(json!({"TransitGatewayMeteringPolicyEntry": entry})))
}

/// The text of the refusal was seen at AWS, in what the Terraform provider looks for.
/// <https://docs.aws.amazon.com/vpc/latest/tgw/delete-metering-policy-entry.html>
fn delete_entry(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let policy = changeable(cx, tx, input)?;
    let number = number(input);
    let (gone, kept): (Vec<Value>, Vec<Value>) =
        policy.document.list(ENTRIES).into_iter().partition(|entry| text(entry, NUMBER) == number);
    let gone = gone.into_iter().next().ok_or_else(|| refused::invalid("RuleNumber provided does not exists"))?;
    item::update(tx, cx, &policy.id, |it| it.document.set(ENTRIES, kept));
    let mut entry = Document::from(gone);
    entry.set("State", "deleted");
    entry.set("UpdatedAt", cx.now.to_string());
    entry.set(EFFECTIVE, effective(cx));
    Ok(Document::from(json!({"TransitGatewayMeteringPolicyEntry": entry.0})))
}

const FILTERS: &[&str] = &["metered-account", "policy-rule-number", "state"];

/// The entries in the order in which they are tried.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayMeteringPolicyEntries.html>
fn entries(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let policy = METERING_POLICIES.alive(cx, world, input.text(METERING_POLICIES.id).unwrap_or_default())?;
    let see = |entry: Value| Seen {
        id: format!("{:0>5}", text(&entry, NUMBER)),
        shown: Document::from(entry),
        tags: Vec::new(),
    };
    let mut seen: Vec<Seen> = policy.document.list(ENTRIES).into_iter().map(see).collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let page = describe::choose(&policy.id, input, FILTERS, seen.into_iter())?;
    Ok(Document::from(json!({"TransitGatewayMeteringPolicyEntries": page.items, "NextToken": page.next})))
}
