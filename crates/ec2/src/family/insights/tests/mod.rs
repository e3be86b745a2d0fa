//! What a path can lead between.

use serde_json::json;
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::internet_gateway::InternetGateway;
use crate::resource;
use crate::tests::{refusal, start};

mod accounts;
mod scopes;
mod walks;

#[test]
fn a_path_shows_its_ends_by_id_and_arn() {
    let (cx, mut tx) = start();
    let gateway = resource::all::<InternetGateway>(&cx, &tx).next().unwrap().id.clone();
    let arn = crate::kind::INTERNET_GATEWAY.arn(&cx, &gateway);
    let input = json!({"Source": arn, "DestinationIp": "10.0.0.1", "Protocol": "tcp", "DestinationPort": 22, "ClientToken": "one"});
    let made = ask(&cx, &mut tx, "CreateNetworkInsightsPath", input.clone()).unwrap();
    assert_eq!((element(&made, "source"), element(&made, "sourceArn")), (gateway.as_str(), arn.as_str()));
    let again = ask(&cx, &mut tx, "CreateNetworkInsightsPath", input).unwrap();
    let id = element(&made, "networkInsightsPathId");
    assert_eq!(element(&again, "networkInsightsPathId"), id);
    let by = json!({"Filters": [{"Name": "source", "Values": [gateway]}]});
    let found = ask(&cx, &mut tx, "DescribeNetworkInsightsPaths", by).unwrap();
    assert_eq!(element(&found, "networkInsightsPathId"), id);
    for (more, code) in [
        (json!({"Source": "igw-0123456789abcdef0", "DestinationIp": "10.0.0.1"}), "InvalidInternetGatewayID.NotFound"),
        (json!({"Source": "vpc-0123456789abcdef0", "DestinationIp": "10.0.0.1"}), "InvalidParameterValue"),
        (json!({"Source": gateway}), "MissingParameter"),
        (
            json!({"Source": gateway, "DestinationIp": "10.0.0.1", "SourceIp": "10.0.0.1", "FilterAtSource": {"SourceAddress": "10.0.0.1"}}),
            "InvalidParameterCombination",
        ),
    ] {
        let mut input = Document::from(json!({"Protocol": "tcp", "ClientToken": "two"}));
        input.merge(&Document::from(more.clone()));
        let refused = refusal(ask(&cx, &mut tx, "CreateNetworkInsightsPath", serde_json::Value::Object(input.0)));
        assert_eq!(refused.0, code, "{more}");
    }
}
