//! Route tables as files in buckets.

use serde_json::{Value, json};

use super::{default_table, start_attached};
use crate::family::tests::{ask, element};
use crate::s3_file::S3File;
use crate::tests::{later, refusal, refused};

const FOLDER: &str = "VPCTransitGateway/TransitGatewayRouteTables";

fn to(table: &str, filters: Value) -> Value {
    json!({"TransitGatewayRouteTableId": table, "S3Bucket": "routes", "Filters": filters})
}

#[test]
fn routes_are_written_as_the_guide_shows_them() {
    let (cx, mut tx, one, gateway, attachment) = start_attached();
    let table = default_table(&cx, &mut tx, &gateway);
    let route =
        json!({"TransitGatewayRouteTableId": table, "DestinationCidrBlock": "192.168.0.0/16", "Blackhole": true});
    ask(&cx, &mut tx, "CreateTransitGatewayRoute", route).unwrap();
    let all = ask(&cx, &mut tx, "ExportTransitGatewayRoutes", to(&table, json!([]))).unwrap();
    let key = format!("{FOLDER}/123456789012_us-east-1_{table}_{}.json", cx.now.as_millisecond());
    assert_eq!(element(&all, "s3Location"), format!("s3://routes/{key}"));
    let file = tx.get::<S3File>(&["routes", &key]).unwrap();
    assert_eq!((file.account, file.media_type.as_str(), file.written_at), (cx.account(), "application/json", cx.now));
    let own = format!(
        r#"{{"destinationCidrBlock":"10.1.0.0/16","transitGatewayAttachments":[{{"resourceId":"{}","transitGatewayAttachmentId":"{attachment}","resourceType":"vpc"}}],"type":"propagated","state":"active"}}"#,
        one.vpc
    );
    let hole = r#"{"destinationCidrBlock":"192.168.0.0/16","type":"static","state":"blackhole"}"#;
    let body: Value = serde_json::from_slice(&file.body).unwrap();
    assert_eq!(body.to_string(), format!(r#"{{"filter":[],"routes":[{own},{hole}]}}"#));

    let cx = later(&cx, 1);
    for (name, value, found) in [
        ("transit-gateway-route-destination-cidr-block", "10.1.0.0/16", "10.1.0.0/16"),
        ("route-search.supernet-of-match", "192.168.1.0/24", "192.168.0.0/16"),
        ("attachment.resource-id", one.vpc.as_str(), "10.1.0.0/16"),
        ("attachment.transit-gateway-attachment-id", attachment.as_str(), "10.1.0.0/16"),
        ("state", "blackhole", "192.168.0.0/16"),
        ("type", "propagated", "10.1.0.0/16"),
    ] {
        let filters = json!([{"Name": name, "Values": [value]}]);
        let made = ask(&cx, &mut tx, "ExportTransitGatewayRoutes", to(&table, filters)).unwrap();
        let key = element(&made, "s3Location").strip_prefix("s3://routes/").unwrap();
        let body: Value = serde_json::from_slice(&tx.get::<S3File>(&["routes", key]).unwrap().body).unwrap();
        assert_eq!(body["filter"], json!([{"name": name, "values": [value]}]));
        let blocks: Vec<&str> =
            body["routes"].as_array().unwrap().iter().map(|it| it["destinationCidrBlock"].as_str().unwrap()).collect();
        assert_eq!(blocks, [found], "{name}");
    }
    assert_eq!(tx.scan::<S3File>(&["routes"]).count(), 2, "a file of the same name takes another's place");
}

#[test]
fn exports_that_cannot_be() {
    let (cx, mut tx, _, gateway, _) = start_attached();
    let table = default_table(&cx, &mut tx, &gateway);
    let unknown = "tgw-rtb-0123456789abcdef0";
    let gone = format!("Transit Gateway Route Table {unknown} was deleted or does not exist.");
    let in_bucket = |name: &str| json!({"TransitGatewayRouteTableId": table, "S3Bucket": name});
    let by = |name: &str, value: &str| to(&table, json!([{"Name": name, "Values": [value]}]));
    for (input, code, message) in [
        (to(unknown, json!([])), "InvalidRouteTableID.NotFound", gone.as_str()),
        (in_bucket("Routes"), "InvalidParameterValue", "The bucket name 'Routes' is not valid."),
        (in_bucket("no"), "InvalidParameterValue", "The bucket name 'no' is not valid."),
        (by("colour", "red"), "InvalidParameterValue", "The filter 'colour' is invalid"),
        (by("prefix-list-id", "pl-1"), "InvalidParameterValue", "The filter 'prefix-list-id' is invalid"),
        (
            by("route-search.exact-match", "all"),
            "InvalidParameterValue",
            "Value (all) for parameter Filters is invalid. This is not a valid CIDR block.",
        ),
    ] {
        assert_eq!(refusal(ask(&cx, &mut tx, "ExportTransitGatewayRoutes", input)), refused(code, message));
    }
    assert_eq!(tx.scan::<S3File>(&[]).count(), 0);
}
