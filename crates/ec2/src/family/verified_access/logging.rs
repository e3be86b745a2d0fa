//! Where an instance's access logs go. There is no access, so nothing is delivered, and no status of a delivery is told.

use serde_json::{Value, json};
use service::Service;
use service::paging;
use service::prelude::*;

use super::super::answers;
use super::super::item::{self, Item};
use super::{INSTANCES, stamp_change};
use crate::instance::authorize;
use crate::resource;

/// The member of an instance, shown nowhere, with the options.
const LOGS: &str = "AccessLogs";
const DESCRIBE: &str = "DescribeVerifiedAccessInstanceLoggingConfigurations";

pub fn operations() -> Vec<Operation> {
    let modify = Operation::write(Service::Ec2, "ModifyVerifiedAccessInstanceLoggingConfiguration", modify)
        .authorize(|cx, world, input: &Document| {
            let own = INSTANCES.check_on(cx, world, input.text(INSTANCES.id).unwrap_or_default());
            vec![authorize::attributes(own, &[(LOGS, input.at(LOGS).map(Value::to_string).unwrap_or_default())])]
        })
        .honours(|model, operation| answers::honoured(model, operation, &INSTANCES, &[LOGS]))
        .build();
    let describe = Operation::read(Service::Ec2, DESCRIBE, describe)
        .authorize(resource::any::<Document>)
        .honours(|model, operation| answers::honoured(model, operation, &INSTANCES, &["MaxResults", "NextToken"]))
        .build();
    vec![describe, modify]
}

/// What is not set is off.
fn shown(item: &Item) -> Value {
    let off = json!({"Enabled": false});
    let mut logs = Document::from(json!({
        "S3": off, "CloudWatchLogs": off, "KinesisDataFirehose": off, "LogVersion": "ocsf-1.0.0-rc.2", "IncludeTrustContext": false,
    }));
    logs.merge(&item.document.at(LOGS).cloned().map(Document::from).unwrap_or_default());
    json!({"VerifiedAccessInstanceId": item.id, LOGS: logs.0})
}

fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let found = item::alive(tx, cx, INSTANCES.kind, input.text(INSTANCES.id).unwrap_or_default())?;
    let logs = input.at(LOGS).cloned().map(Document::from).unwrap_or_default();
    for (destination, member) in
        [("S3", "BucketName"), ("CloudWatchLogs", "LogGroup"), ("KinesisDataFirehose", "DeliveryStream")]
    {
        let path = format!("{destination}.{member}");
        if logs.truth(&format!("{destination}.Enabled")) == Some(true) && logs.text(&path).is_none() {
            return Err(crate::refused::missing(&format!("AccessLogs.{path}")));
        }
    }
    if let Some(version) = logs.text("LogVersion").filter(|it| !matches!(*it, "ocsf-0.1" | "ocsf-1.0.0-rc.2")) {
        let message = format!("Value ({version}) for parameter LogVersion is invalid.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let mut item = Item::clone(&found);
    item.document.set(LOGS, Value::Object(logs.0));
    stamp_change(cx, &mut item);
    let answer = json!({"LoggingConfiguration": shown(&item)});
    tx.put(item);
    Ok(Document::from(answer))
}

fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let named = answers::ids(&INSTANCES, input);
    let found = if named.is_empty() {
        item::all(world, cx, INSTANCES.kind).cloned().collect()
    } else {
        named.iter().map(|id| item::alive(world, cx, INSTANCES.kind, id)).collect::<Result<Vec<_>, _>>()?
    };
    let scope = format!("{DESCRIBE} {named:?}");
    let (token, most) = (input.text("NextToken"), input.number("MaxResults"));
    let page = paging::ec2(&scope, token, most, found, |item| item.id.clone())?;
    let mut answer = Document::default();
    answer.set("LoggingConfigurations", page.items.iter().map(|item| shown(item)).collect::<Vec<_>>());
    if let Some(next) = page.next {
        answer.set("NextToken", next);
    }
    Ok(answer)
}
