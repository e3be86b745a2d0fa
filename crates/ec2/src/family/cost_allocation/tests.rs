//! The limits of policies, and tokens; the rest is told through the real client.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::instance::tests::one;
use crate::tests::{later, refusal, refused, start};

fn new_policy(cx: &Cx, tx: &mut Tx) -> Result<String, ApiError> {
    let document = json!({"ReportingGranularity": ["eni"], "Dimensions": ["data-transfer"]});
    let input = json!({"NetworkResourceType": "ec2", "InstanceFcaPolicyDocument": document});
    let made = ask(cx, tx, "CreateNetworkingFlexCostAllocationPolicy", input)?;
    Ok(element(&made, "fcaPolicyId").to_owned())
}

fn modify(cx: &Cx, tx: &mut Tx, id: &str, more: Value) -> Result<String, ApiError> {
    let mut input = Document::from(json!({"FcaPolicyId": id}));
    input.merge(&Document::from(more));
    ask(cx, tx, "ModifyNetworkingFlexCostAllocationPolicy", Value::Object(input.0))
}

#[test]
fn there_are_a_hundred_policies_and_versions() {
    let (cx, mut tx) = start();
    let id = new_policy(&cx, &mut tx).unwrap();
    for number in 0..99 {
        modify(&cx, &mut tx, &id, json!({"ShowBackEnabled": number % 2 == 1})).unwrap();
        new_policy(&later(&cx, number + 1), &mut tx).unwrap();
    }
    let refused_policy = refusal(new_policy(&later(&cx, 500), &mut tx));
    assert_eq!(refused_policy, refused("ResourceLimitExceeded", "You can have up to 100 policies in a Region."));
    let one_more = refusal(modify(&cx, &mut tx, &id, json!({"ShowBackEnabled": true})));
    assert_eq!(one_more, refused("ResourceLimitExceeded", "A policy can have up to 100 versions."));
    modify(&cx, &mut tx, &id, json!({"Description": "words are no version"})).unwrap();
}

#[test]
fn a_token_acts_once() {
    let (cx, mut tx) = start();
    let id = new_policy(&cx, &mut tx).unwrap();
    let change = json!({"ShowBackEnabled": false, "ClientToken": "one"});
    modify(&cx, &mut tx, &id, change.clone()).unwrap();
    modify(&later(&cx, 1), &mut tx, &id, change).unwrap();
    let versions =
        ask(&cx, &mut tx, "GetNetworkingFlexCostAllocationPolicyVersions", json!({"FcaPolicyId": id})).unwrap();
    assert_eq!(versions.matches("<version>").count(), 2);
    let instance = one(&cx, &mut tx);
    let input = json!({"FcaPolicyId": id, "NetworkResourceIds": [instance], "ClientToken": "two"});
    let first = ask(&cx, &mut tx, "AssociateNetworkingFlexCostAllocationPolicy", input.clone()).unwrap();
    assert_eq!(ask(&cx, &mut tx, "AssociateNetworkingFlexCostAllocationPolicy", input).unwrap(), first);
}

#[test]
fn at_most_twenty_resources_at_once() {
    let (cx, mut tx) = start();
    let id = new_policy(&cx, &mut tx).unwrap();
    let many: Vec<String> = (0..20).map(|number| format!("i-{number:017x}")).collect();
    let input = json!({"FcaPolicyId": id, "NetworkResourceIds": many, "NetworkResourceScope": {"ResourceType": "vpc", "ResourceIds": ["vpc-1"]}});
    let answer = refusal(ask(&cx, &mut tx, "AssociateNetworkingFlexCostAllocationPolicy", input));
    assert_eq!(answer, refused("ResourceLimitExceeded", "A request can associate up to 20 resources."));
    let none = refusal(ask(&cx, &mut tx, "AssociateNetworkingFlexCostAllocationPolicy", json!({"FcaPolicyId": id})));
    assert_eq!(none.0, "MissingParameter");
}
