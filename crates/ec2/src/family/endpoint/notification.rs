//! Connection notifications: a topic that is told of what happens to an endpoint or to those of a service. There are no topics here; what was asked
//! for is kept with the endpoint or the service, and goes with it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpointConnectionNotification.html>

use serde_json::{Value, json};
use service::Service;
use service::arn::Arn;
use service::prelude::*;

use super::configuration::SERVICES;
use super::{ENDPOINTS, Item};
use crate::family::flow_log::unsuccessful;
use crate::family::{Family, answers, describe, item};
use crate::instance::client_token;
use crate::kind::{self, Kind};
use crate::resource;

/// The member, shown nowhere, with the notifications of an endpoint or a service.
const HELD: &str = "Notifications";
const ID: &str = "ConnectionNotificationId";
const CREATE: &str = "CreateVpcEndpointConnectionNotification";
const EVENTS: [&str; 4] = ["Accept", "Connect", "Delete", "Reject"];
const FILTERS: &[&str] = &[
    "connection-notification-arn",
    "connection-notification-id",
    "connection-notification-state",
    "connection-notification-type",
    "service-id",
    "vpc-endpoint-id",
];

/// The operations.
pub fn operations() -> Vec<Operation> {
    let known: &[&str] = &[ID, "ConnectionNotificationIds", "ConnectionNotificationArn", "ConnectionEvents"];
    let honours = move |model: &wire::Model, operation: &wire::Operation| {
        let mut report = answers::honoured(model, operation, &SERVICES, &[]);
        report.undeclared.retain(|name| {
            !known.contains(&name.as_str()) && name != ENDPOINTS.id && !answers::DESCRIBING.contains(&name.as_str())
        });
        report
    };
    vec![
        Operation::write(Service::Ec2, CREATE, create).authorize(to_create).honours(honours).build(),
        Operation::write(Service::Ec2, "ModifyVpcEndpointConnectionNotification", modify)
            .authorize(|cx, world, input: &Document| checks(cx, world, &ids(input)))
            .honours(honours)
            .build(),
        Operation::write(Service::Ec2, "DeleteVpcEndpointConnectionNotifications", delete)
            .authorize(|cx, world, input: &Document| checks(cx, world, &ids(input)))
            .honours(honours)
            .build(),
        Operation::read(Service::Ec2, "DescribeVpcEndpointConnectionNotifications", describe)
            .authorize(resource::any::<Document>)
            .honours(honours)
            .build(),
    ]
}

fn ids(input: &Document) -> Vec<String> {
    input.text(ID).map(str::to_owned).into_iter().chain(input.texts("ConnectionNotificationIds")).collect()
}

/// What a notification is about: the endpoint or the service that a request names.
fn subject(input: &Document) -> Option<(&'static Family, &'static Kind, &str)> {
    let service = input.text(SERVICES.id).map(|id| (&SERVICES, &kind::VPC_ENDPOINT_SERVICE, id));
    service.or_else(|| Some((&ENDPOINTS, &kind::VPC_ENDPOINT, input.text(ENDPOINTS.id)?)))
}

/// CreateVpcEndpointConnectionNotification on the endpoint or the service.
fn to_create(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    match subject(input) {
        Some((family, _, id)) => vec![family.check_on(cx, world, id)],
        None => vec![SERVICES.check_on(cx, world, "*")],
    }
}

/// Changes and deletions on what the notifications are about.
fn checks(cx: &Cx, world: &World, ids: &[String]) -> Vec<Check> {
    let about = ids.iter().filter_map(|id| holder(cx, world, id));
    let checks: Vec<Check> =
        about.filter_map(|item| Some(crate::family::of_id(&item.id)?.check_on(cx, world, &item.id))).collect();
    if checks.is_empty() { vec![SERVICES.check_on(cx, world, "*")] } else { checks }
}

fn notifications(item: &Item) -> Vec<Value> {
    item.document.list(HELD)
}

fn is(notification: &Value, id: &str) -> bool {
    notification.get(ID).and_then(Value::as_str) == Some(id)
}

/// Endpoints and services that are there.
fn holders<'w>(cx: &Cx, world: &'w World) -> impl Iterator<Item = &'w std::sync::Arc<Item>> {
    let services = item::all(world, cx, &kind::VPC_ENDPOINT_SERVICE);
    services.chain(item::all(world, cx, &kind::VPC_ENDPOINT)).filter(|item| !item.is_deleted())
}

fn holder<'w>(cx: &Cx, world: &'w World, id: &str) -> Option<&'w std::sync::Arc<Item>> {
    holders(cx, world).find(|item| notifications(item).iter().any(|held| is(held, id)))
}

fn not_found(id: &str) -> ApiError {
    ApiError::new("InvalidConnectionNotification", format!("The connection notification {id} does not exist"))
}

fn check(input: &Document) -> Result<(), ApiError> {
    if let Some(text) = input.text("ConnectionNotificationArn")
        && Arn::parse(text).is_none_or(|arn| arn.service != "sns")
    {
        let message = format!("The ARN {text} is not that of an SNS topic.");
        return Err(ApiError::new("InvalidParameter", message));
    }
    match input.texts("ConnectionEvents").iter().find(|event| !EVENTS.contains(&event.as_str())) {
        Some(event) => Err(ApiError::new("InvalidParameter", format!("The connection event {event} is not valid."))),
        None => Ok(()),
    }
}

fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    check(input)?;
    let token = input.text("ClientToken");
    let digest = client_token::digest(input);
    let before = client_token::seen(cx, tx, CREATE, token, &digest)?.and_then(|made| made.into_iter().next());
    let made = match before {
        Some(id) => id,
        None => {
            let (_, kind, about) = subject(input).ok_or_else(|| crate::refused::missing("ServiceId"))?;
            item::alive(tx, cx, kind, about)?;
            let id = cx.ids.ec2("vpce-nfn");
            let mut told = Document::from(json!({
                ID: id,
                "ConnectionNotificationType": "Topic",
                "ConnectionNotificationState": "Enabled",
                "ServiceRegion": cx.region_name(),
            }));
            for member in ["ServiceId", "VpcEndpointId", "ConnectionNotificationArn", "ConnectionEvents"] {
                if let Some(value) = input.at(member) {
                    told.set(member, value.clone());
                }
            }
            item::update(tx, cx, about, |it| {
                let mut held = notifications(it);
                held.push(Value::Object(told.0));
                it.document.set(HELD, held);
            });
            client_token::remember(cx, tx, CREATE, token, digest, vec![id.clone()]);
            id
        }
    };
    let found = holder(cx, tx, &made).and_then(|item| notifications(item).into_iter().find(|held| is(held, &made)));
    Ok(Document::from(json!({"ConnectionNotification": found, "ClientToken": token})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpointConnectionNotification.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    check(input)?;
    let id = input.text(ID).unwrap_or_default();
    let about = holder(cx, tx, id).ok_or_else(|| not_found(id))?.id.clone();
    item::update(tx, cx, &about, |it| {
        let mut held = notifications(it);
        for told in held.iter_mut().filter(|told| is(told, id)).filter_map(Value::as_object_mut) {
            for member in ["ConnectionNotificationArn", "ConnectionEvents"] {
                if let Some(value) = input.at(member) {
                    told.insert(member.to_owned(), value.clone());
                }
            }
        }
        it.document.set(HELD, held);
    });
    Ok(Document::from(json!({"ReturnValue": true})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpointConnectionNotifications.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut failed: Vec<Value> = Vec::new();
    for id in input.texts("ConnectionNotificationIds") {
        let Some(about) = holder(cx, tx, &id).map(|item| item.id.clone()) else {
            failed.push(unsuccessful(&id, &not_found(&id)));
            continue;
        };
        item::update(tx, cx, &about, |it| {
            let mut held = notifications(it);
            held.retain(|told| !is(told, &id));
            it.document.set(HELD, held);
        });
    }
    Ok(Document::from(json!({"Unsuccessful": failed})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointConnectionNotifications.html>
fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let mut held: Vec<Value> = holders(cx, world).flat_map(|item| notifications(item)).collect();
    if let Some(id) = input.text(ID) {
        held.retain(|told| is(told, id));
        if held.is_empty() {
            return Err(not_found(id));
        }
    }
    let see = |told: Value| {
        let shown = Document::from(told);
        describe::Seen { id: shown.text(ID).unwrap_or_default().to_owned(), shown, tags: Vec::new() }
    };
    let mut seen: Vec<describe::Seen> = held.into_iter().map(see).collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let page = describe::choose("DescribeVpcEndpointConnectionNotifications", input, FILTERS, seen.into_iter())?;
    Ok(Document::from(json!({"ConnectionNotificationSet": page.items, "NextToken": page.next})))
}
