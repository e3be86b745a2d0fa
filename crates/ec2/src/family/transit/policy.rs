//! Policy tables: which route table the traffic of an attachment takes, by rules on the traffic.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-policy-tables.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::attachment::{self, ATTACHMENTS, ID, LIFE};
use super::table::{self, ROUTE_TABLES};
use super::{gateway, incorrect_state, invalid_state, text};
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Stage};
use crate::family::{Family, Item, Life, answers};
use crate::kind;

/// Members, shown nowhere: the attachments that use a table, and its rules.
const ASSOCIATIONS: &str = "Associations";
const ENTRIES: &str = "Entries";
const NUMBER: &str = "PolicyRuleNumber";
const RULE: &str = "PolicyRule";
const TARGET: &str = "TargetRouteTableId";
/// About how long an association takes to come or go.
const SECONDS: i64 = 10;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayPolicyTable.html>
pub static POLICY_TABLES: Family = Family {
    created: Some("CreationTime"),
    // One that is deleted is not listed any more: the real provider waits until it is gone.
    life: Some(Life { shown_for: 0, ..LIFE }),
    within: &[("TransitGatewayId", &kind::TRANSIT_GATEWAY)],
    filters: &["state", "transit-gateway-id", "transit-gateway-policy-table-id"],
    keys: &[("ec2:transitGatewayPolicyTableId", "TransitGatewayPolicyTableId")],
    fill: |cx, tx, input, _| gateway::ready(cx, tx, input.text("TransitGatewayId").unwrap_or_default()).map(drop),
    release: |cx, _, item| match associated(cx, item).as_slice() {
        [] => Ok(()),
        _ => Err(incorrect_state(format!("{} has non-deleted associations.", item.id))),
    },
    hidden: &[ASSOCIATIONS, ENTRIES],
    ..Family::of(&kind::TRANSIT_GATEWAY_POLICY_TABLE, "TransitGatewayPolicyTableId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let listing = |name, handler: fn(&Cx, &World, &Document) -> Result<Document, ApiError>| {
        POLICY_TABLES.on_one(Operation::read(Service::Ec2, name, handler), answers::DESCRIBING)
    };
    let entry: &[&str] = &[NUMBER, RULE, TARGET];
    vec![
        POLICY_TABLES.create("CreateTransitGatewayPolicyTable", &[]),
        POLICY_TABLES.describe("DescribeTransitGatewayPolicyTables"),
        POLICY_TABLES.delete("DeleteTransitGatewayPolicyTable"),
        with(Operation::write(Service::Ec2, "AssociateTransitGatewayPolicyTable", associate), &[ID]),
        with(Operation::write(Service::Ec2, "DisassociateTransitGatewayPolicyTable", disassociate), &[ID]),
        listing("GetTransitGatewayPolicyTableAssociations", associations),
        with(Operation::write(Service::Ec2, "CreateTransitGatewayPolicyTableEntry", create_entry), entry),
        with(Operation::write(Service::Ec2, "ModifyTransitGatewayPolicyTableEntry", modify_entry), entry),
        POLICY_TABLES
            .on_one(Operation::write(Service::Ec2, "DeleteTransitGatewayPolicyTableEntry", delete_entry), &[NUMBER]),
        listing("GetTransitGatewayPolicyTableEntries", entries),
    ]
}

/// A row that must be allowed on the policy table, and on the attachment or the route table that a request names.
fn with(row: Row<Document>, uses: &'static [&'static str]) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        let own = POLICY_TABLES.check_on(cx, world, input.text(POLICY_TABLES.id).unwrap_or_default());
        let attachment = input.text(ID).map(|id| ATTACHMENTS.check_on(cx, world, id));
        let target = input.text(TARGET).map(|id| ROUTE_TABLES.check_on(cx, world, id));
        std::iter::once(own).chain(attachment).chain(target).collect()
    })
    .honours(move |model, operation| answers::honoured(model, operation, &POLICY_TABLES, uses))
    .build()
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    let id = input.text(POLICY_TABLES.id).unwrap_or_default();
    let found = item::alive(world, cx, POLICY_TABLES.kind, id)?;
    if found.state(cx) == Some("available") { Ok(found) } else { Err(invalid_state(id)) }
}

/// The associations of a table that are not gone.
fn associated(cx: &Cx, table: &Item) -> Vec<Value> {
    let mut held = table.document.list(ASSOCIATIONS);
    held.retain(|part| Stage::of_part(cx, part).as_deref() != Some("disassociated"));
    held
}

fn shown(cx: &Cx, world: &World, table: &Item, part: &Value) -> Value {
    let attachment = item::look_up(world, cx, text(part, ID));
    let told = |name| attachment.as_ref().and_then(|it| it.document.text(name));
    json!({
        POLICY_TABLES.id: table.id,
        ID: text(part, ID),
        "ResourceId": told("ResourceId"),
        "ResourceType": told("ResourceType"),
        "State": Stage::of_part(cx, part),
    })
}

fn put(cx: &Cx, tx: &mut Tx, table: &Item, attachment_id: &str, stage: Stage) -> Document {
    let mut part = json!({ID: attachment_id});
    stage.note(&mut part);
    let mut held = associated(cx, table);
    held.retain(|part| text(part, ID) != attachment_id);
    held.push(part.clone());
    item::update(tx, cx, &table.id, |it| it.document.set(ASSOCIATIONS, held));
    Document::from(json!({"Association": shown(cx, tx, table, &part)}))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateTransitGatewayPolicyTable.html>
fn associate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let table = named(cx, tx, input)?;
    let attachment = attachment::beside(cx, tx, &table, input.text(ID).unwrap_or_default())?;
    let uses = |table: &Arc<Item>| associated(cx, table).iter().any(|part| text(part, ID) == attachment.id);
    if item::all(tx, cx, POLICY_TABLES.kind).any(|it| !it.is_deleted() && uses(it)) {
        let message = format!("Transit Gateway Attachment {} is already associated to a policy table.", attachment.id);
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    Ok(put(cx, tx, &table, &attachment.id, Stage::begin(cx, "associating", "associated", SECONDS)))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateTransitGatewayPolicyTable.html>
fn disassociate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let table = named(cx, tx, input)?;
    let id = input.text(ID).unwrap_or_default();
    let is_held = |part: &Value| text(part, ID) == id && !Stage::ends_as(part, "disassociated");
    if !associated(cx, &table).iter().any(is_held) {
        let message = format!(
            "Transit Gateway Attachment {id} is not associated with Transit Gateway Policy Table {}.",
            table.id
        );
        return Err(ApiError::new("InvalidTransitGatewayPolicyTableAssociation.NotFound", message));
    }
    Ok(put(cx, tx, &table, id, Stage::begin(cx, "disassociating", "disassociated", SECONDS)))
}

fn list(input: &Document, scope: &str, member: &str, key: &str, found: Vec<Value>) -> Result<Document, ApiError> {
    // A page goes on behind an id, as text: numbers are as long as each other.
    let see = |value: Value| Seen {
        id: format!("{:0>20}", text(&value, key)),
        shown: Document::from(value),
        tags: Vec::new(),
    };
    let known = &[
        "resource-id",
        "resource-type",
        "state",
        "transit-gateway-attachment-id",
        "policy-rule-number",
        "target-route-table-id",
    ];
    let page = describe::choose(&format!("{member} {scope}"), input, known, found.into_iter().map(see))?;
    Ok(Document::from(json!({member: page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayPolicyTableAssociations.html>
fn associations(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let table = item::alive(world, cx, POLICY_TABLES.kind, input.text(POLICY_TABLES.id).unwrap_or_default())?;
    let mut held = associated(cx, &table);
    held.sort_by(|a, b| text(a, ID).cmp(text(b, ID)));
    let found = held.iter().map(|part| shown(cx, world, &table, part)).collect();
    list(input, &table.id, ASSOCIATIONS, ID, found)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetTransitGatewayPolicyTableEntries.html>
fn entries(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let table = item::alive(world, cx, POLICY_TABLES.kind, input.text(POLICY_TABLES.id).unwrap_or_default())?;
    let mut held = table.document.list(ENTRIES);
    held.sort_by_key(|entry| text(entry, NUMBER).parse::<i64>().unwrap_or_default());
    list(input, &table.id, "TransitGatewayPolicyTableEntries", NUMBER, held)
}

/// Puts an entry into a table, and answers it.
fn put_entry(cx: &Cx, tx: &mut Tx, table: &Item, entry: Value) -> Document {
    let mut held = table.document.list(ENTRIES);
    held.retain(|one| text(one, NUMBER) != text(&entry, NUMBER));
    held.push(entry.clone());
    item::update(tx, cx, &table.id, |it| it.document.set(ENTRIES, held));
    Document::from(json!({"TransitGatewayPolicyTableEntry": entry}))
}

fn held_entry(table: &Item, number: &str) -> Result<Value, ApiError> {
    let found = table.document.list(ENTRIES).into_iter().find(|entry| text(entry, NUMBER) == number);
    found.ok_or_else(|| {
        let message = format!("Policy rule {number} does not exist in Transit Gateway Policy Table {}.", table.id);
        ApiError::new("InvalidParameterValue", message)
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayPolicyTableEntry.html>
fn create_entry(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let table = named(cx, tx, input)?;
    let number = input.text(NUMBER).unwrap_or_default();
    if held_entry(&table, number).is_ok() {
        let message = format!("Policy rule {number} already exists in Transit Gateway Policy Table {}.", table.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let gateway = table.document.text("TransitGatewayId").unwrap_or_default();
    let target = table::of_gateway(cx, tx, gateway, input.text(TARGET).unwrap_or_default())?;
    let entry = json!({NUMBER: number, RULE: input.at(RULE), TARGET: target.id, "State": "active"});
    Ok(put_entry(cx, tx, &table, entry))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyTransitGatewayPolicyTableEntry.html>
fn modify_entry(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let table = named(cx, tx, input)?;
    let mut entry = Document::from(held_entry(&table, input.text(NUMBER).unwrap_or_default())?);
    if let Some(id) = input.text(TARGET) {
        table::of_gateway(cx, tx, table.document.text("TransitGatewayId").unwrap_or_default(), id)?;
        entry.set(TARGET, id);
    }
    if let Some(rule) = input.at(RULE) {
        entry.set(RULE, rule.clone());
    }
    Ok(put_entry(cx, tx, &table, Value::Object(entry.0)))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayPolicyTableEntry.html>
fn delete_entry(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let table = named(cx, tx, input)?;
    let mut entry = Document::from(held_entry(&table, input.text(NUMBER).unwrap_or_default())?);
    entry.set("State", "deleted");
    let mut held = table.document.list(ENTRIES);
    held.retain(|one| Some(text(one, NUMBER)) != entry.text(NUMBER));
    item::update(tx, cx, &table.id, |it| it.document.set(ENTRIES, held));
    Ok(Document::from(json!({"TransitGatewayPolicyTableEntry": entry.0})))
}
