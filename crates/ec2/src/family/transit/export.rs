//! ExportTransitGatewayRoutes: a route table's routes as a file in a bucket. [`super::search`] finds them.
//! <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-export-route-tables.html>

use serde_json::{Map, Value, json};
use service::Service;
use service::prelude::*;
use wire::lower_camel;

use super::table::ROUTE_TABLES;
use super::{search, text};
use crate::family::answers;
use crate::resource;
use crate::s3_file::{self, S3File};

const EXPORT: &str = "ExportTransitGatewayRoutes";
const FOLDER: &str = "VPCTransitGateway/TransitGatewayRouteTables";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ExportTransitGatewayRoutes.html>
const FILTERS: &[&str] = &[
    "attachment.resource-id=TransitGatewayAttachments.ResourceId",
    "attachment.transit-gateway-attachment-id=TransitGatewayAttachments.TransitGatewayAttachmentId",
    "state",
    "transit-gateway-route-destination-cidr-block=DestinationCidrBlock",
    "type",
];

/// What the file tells of a route, in its order.
const TOLD: [&str; 6] = [
    "DestinationCidrBlock",
    "PrefixListId",
    "TransitGatewayRouteTableAnnouncementId",
    "TransitGatewayAttachments",
    "Type",
    "State",
];

/// The operation.
pub fn operations() -> Vec<Operation> {
    let row = Operation::write(Service::Ec2, EXPORT, export)
        .authorize(resource::any::<Document>)
        .honours(|model, operation| answers::honoured(model, operation, &ROUTE_TABLES, &["Filters", "S3Bucket"]));
    vec![row.build()]
}

fn export(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let bucket = input.text("S3Bucket").unwrap_or_default();
    s3_file::must_be_a_bucket(bucket)?;
    let found = search::chosen(cx, tx, EXPORT, FILTERS, input)?.items;
    let routes: Vec<Value> = found.iter().map(told).collect();
    let filters = input.list("Filters");
    let filters: Vec<Value> = filters
        .iter()
        .map(|filter| json!({"name": text(filter, "Name"), "values": filter.get("Values").unwrap_or(&json!([]))}))
        .collect();
    let key = key(cx, input.text(ROUTE_TABLES.id).unwrap_or_default());
    let location = format!("s3://{bucket}/{key}");
    tx.put(S3File::json(cx, bucket, key, &json!({"filter": filters, "routes": routes})));
    Ok(Document::from(json!({"S3Location": location})))
}

/// AWS documents that the account, the region, the table and a time make up the name; how they are put together is ours.
fn key(cx: &Cx, table_id: &str) -> String {
    let time = cx.now.as_millisecond();
    format!("{FOLDER}/{}_{}_{table_id}_{time}.json", cx.account(), cx.region_name())
}

fn told(route: &Value) -> Value {
    let members = TOLD.iter().filter_map(|name| Some((lower_camel(name), members_in_file(route.get(name)?))));
    Value::Object(members.collect())
}

/// The value with the names of its members as the file spells them: `ResourceId` is `resourceId` there.
fn members_in_file(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(members_in_file).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (lower_camel(name), members_in_file(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
