//! Flow logs: records of a VPC's, a subnet's or an interface's traffic, sent to a log group, a bucket or a stream. There is no traffic here, so none is
//! sent; what is kept is who asked for which, with which role. Resources that can't have one are listed as unsuccessful beside those that got theirs.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>

use std::sync::Arc;

use iam::role;
use serde_json::{Value, json};
use service::Service;
use service::arn::Arn;
use service::prelude::*;

use super::item::{self, Item};
use super::{Family, answers, verbs};
use crate::instance::client_token;
use crate::kind::{self, Kind};
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, registry};

mod integration;
mod template;
#[cfg(test)]
mod tests;

const CREATE: &str = "CreateFlowLogs";
/// <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>
const DEFAULT_FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html>
pub static FLOW_LOGS: Family = Family {
    filters: &[
        "deliver-log-status=DeliverLogsStatus",
        "log-destination-type",
        "flow-log-id",
        "log-group-name",
        "resource-id",
        "traffic-type",
    ],
    see: |cx, world, item, shown| {
        // Only a role that is there can be used to deliver.
        let role = item.document.text("DeliverLogsPermissionArn");
        let works = role.is_none_or(|arn| role_exists(cx, world, arn));
        shown.set("DeliverLogsStatus", if works { "SUCCESS" } else { "FAILED" });
        if !works {
            shown.set("DeliverLogsErrorMessage", "Access error");
        }
    },
    ..Family::of(&kind::FLOW_LOG, "FlowLogId")
};

/// The operations on flow logs.
pub fn operations() -> Vec<Operation> {
    let uses = &["ResourceIds", "ResourceType"];
    vec![
        Operation::write(Service::Ec2, CREATE, create)
            .authorize(to_create)
            .honours(move |model, operation| answers::honoured(model, operation, &FLOW_LOGS, uses))
            .build(),
        FLOW_LOGS.describe("DescribeFlowLogs"),
        FLOW_LOGS.on_each(Operation::write(Service::Ec2, "DeleteFlowLogs", delete), &[]),
        integration::operation(),
    ]
}

/// The kinds that can have flow logs here, by the word of the request.
fn kind_of(input: &Document) -> Option<&'static Kind> {
    match input.text("ResourceType")? {
        "VPC" => Some(&kind::VPC),
        "Subnet" => Some(&kind::SUBNET),
        "NetworkInterface" => Some(&kind::NETWORK_INTERFACE),
        _ => None,
    }
}

fn role_exists(cx: &Cx, world: &World, arn: &str) -> bool {
    role::by_arn(cx.partition(), cx.arrived(world), arn).is_some()
}

/// CreateFlowLogs on the flow logs to come and on what they are of, ec2:CreateTags, and iam:PassRole on the roles that deliver.
fn to_create(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    let kind = kind_of(input);
    let ids = input.texts("ResourceIds");
    let of = kind.into_iter().flat_map(|kind| ids.iter().map(move |id| registry::check_on(cx, world, kind, id)));
    let specifications = verbs::specifications(input);
    let mut checks = resource::checks_on_new(cx, &kind::FLOW_LOG, Some(&specifications), CREATE, of);
    let roles = ["DeliverLogsPermissionArn", "DeliverCrossAccountRole"].iter().filter_map(|name| input.text(name));
    checks.extend(roles.map(|arn| {
        Check::dependent("iam:PassRole", arn)
            .key("iam:PassedToService", cx.service_principal("vpc-flow-logs"))
            .key("iam:AssociatedResourceArn", kind::FLOW_LOG.arn_of_new(cx))
    }));
    checks
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameter", message.into())
}

fn destination_type(input: &Document) -> &str {
    input.text("LogDestinationType").unwrap_or("cloud-watch-logs")
}

/// What fails the whole request.
fn check(input: &Document) -> Result<&'static Kind, ApiError> {
    let kind = kind_of(input).ok_or_else(|| {
        let word = input.text("ResourceType").unwrap_or_default();
        ApiError::new("UnsupportedOperation", format!("Flow logs of the resource type {word} are not supported."))
    })?;
    let (group, destination) = (input.text("LogGroupName"), input.text("LogDestination"));
    if input.text("TrafficType").is_none() {
        return Err(missing("TrafficType"));
    }
    match (destination_type(input), group, destination) {
        (_, None, None) => return Err(invalid("LogDestination can't be empty if LogGroupName is not provided.")),
        (_, Some(_), Some(_)) => {
            return Err(invalid("Please only provide LogGroupName or only provide LogDestination."));
        }
        ("cloud-watch-logs", ..) if input.text("DeliverLogsPermissionArn").is_none() => {
            return Err(invalid("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."));
        }
        ("s3" | "kinesis-data-firehose", Some(_), _) => {
            return Err(invalid("LogDestination type must be cloud-watch-logs if LogGroupName is provided."));
        }
        _ => {}
    }
    let service = match destination_type(input) {
        "s3" => "s3",
        "kinesis-data-firehose" => "firehose",
        _ => "logs",
    };
    if destination.is_some_and(|arn| Arn::parse(arn).is_none_or(|arn| arn.service != service)) {
        return Err(invalid(format!("LogDestination: {} is not valid.", destination.unwrap_or_default())));
    }
    let roles = ["DeliverLogsPermissionArn", "DeliverCrossAccountRole"].iter().filter_map(|name| input.text(name));
    for role in roles {
        if Arn::parse(role).is_none_or(|arn| arn.service != "iam" || !arn.resource.starts_with("role/")) {
            return Err(ApiError::new("InvalidParameterValue", format!("Invalid IAM role ARN: {role}")));
        }
    }
    if input.number("MaxAggregationInterval").is_some_and(|seconds| !matches!(seconds, 60 | 600)) {
        return Err(invalid("Invalid Flow Log Max Aggregation Interval"));
    }
    Ok(kind)
}

/// The role that delivers within the account is the account's own: whose roles exist elsewhere is not told.
fn must_be_own(cx: &Cx, input: &Document) -> Result<(), ApiError> {
    let role = input.text("DeliverLogsPermissionArn");
    match role.filter(|role| Arn::parse(role).is_none_or(|arn| arn.account != cx.account().as_str())) {
        Some(role) => Err(ApiError::new("InvalidParameterValue", format!("Invalid IAM role ARN: {role}"))),
        None => Ok(()),
    }
}

/// Makes one for each resource that is there and has none like it.
fn create(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let kind = check(input)?;
    must_be_own(cx, input)?;
    let tags = tags::of_new(Some(&verbs::specifications(input)), kind::FLOW_LOG.resource_type)?;
    let token = input.text("ClientToken");
    let digest = client_token::digest(input);
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    match client_token::seen(cx, tx, CREATE, token, &digest)? {
        Some(before) => made = before,
        None => {
            for id in input.texts("ResourceIds") {
                match create_one(cx, tx, input, kind, &id, &tags) {
                    Ok(flow_log) => made.push(flow_log),
                    Err(error) => failed.push(unsuccessful(&id, &error)),
                }
            }
            // Where nothing was made, the same request may be tried again.
            if !made.is_empty() {
                client_token::remember(cx, tx, CREATE, token, digest, made.clone());
            }
        }
    }
    let mut answer = Document::from(json!({"FlowLogIds": made, "Unsuccessful": failed}));
    if let Some(token) = token {
        answer.set("ClientToken", token);
    }
    Ok(answer)
}

/// An element of an `Unsuccessful` list.
pub fn unsuccessful(id: &str, error: &ApiError) -> Value {
    json!({"ResourceId": id, "Error": {"Code": error.code.as_ref(), "Message": error.message}})
}

fn create_one(cx: &Cx, tx: &mut Tx, input: &Document, kind: &Kind, id: &str, tags: &[Tag]) -> Result<String, ApiError> {
    registry::must_exist(cx, tx, kind, id)?;
    let mut document = answers::members_of(&kind::FLOW_LOG, "CreateFlowLogs", input, &verbs::CONTROL);
    document.set("ResourceId", id);
    document.set("LogDestinationType", destination_type(input));
    document.set("FlowLogStatus", "ACTIVE");
    for (member, value) in [("LogFormat", Value::from(DEFAULT_FORMAT)), ("MaxAggregationInterval", Value::from(600))] {
        if document.at(member).is_none() {
            document.set(member, value);
        }
    }
    let like = |item: &Item| {
        let same = |member: &&str| item.document.at(member) == document.at(member);
        ["ResourceId", "LogGroupName", "LogDestination"].iter().all(same)
    };
    if item::all(tx, cx, &kind::FLOW_LOG).any(|item| like(item)) {
        let message = "Error. There is an existing Flow Log with the same configuration and log destination.";
        return Err(ApiError::new("FlowLogAlreadyExists", message));
    }
    document.set("CreationTime", cx.now.to_string());
    let made = cx.ids.ec2(kind::FLOW_LOG.prefix);
    tx.put(Item {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: made.clone(),
        document,
        within: Vec::new(),
        stage: None,
        created_at: cx.now,
        gone_at: None,
        forgotten_at: None,
        tags: tags.to_vec(),
    });
    Ok(made)
}

/// The flow log of that id; ids of other kinds are none.
fn held(world: &World, cx: &Cx, id: &str) -> Option<Arc<Item>> {
    item::look_up(world, cx, id).filter(|_| kind::FLOW_LOG.is_id(id))
}

/// Removes those that are there; one that is not fails the request, as AWS was seen to do.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let ids = input.texts("FlowLogIds");
    let missing: Vec<&str> = ids.iter().map(String::as_str).filter(|id| held(tx, cx, id).is_none()).collect();
    if !missing.is_empty() {
        let message = format!(
            "These flow log ids in the input list are not found: [TotalCount: {}] {}",
            missing.len(),
            missing.join(" ")
        );
        return Err(ApiError::new("InvalidFlowLogId.NotFound", message));
    }
    ids.iter().for_each(|id| item::delete(tx, cx, &FLOW_LOGS, id));
    Ok(Document::from(json!({"Unsuccessful": []})))
}
