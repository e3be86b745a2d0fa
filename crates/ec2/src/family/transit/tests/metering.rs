//! Metering policies, with their middleboxes and entries.

use serde_json::json;

use super::start_attached;
use crate::family::tests::{ask, element};
use crate::tests::{later, refusal, refused};

#[test]
fn a_metering_policy_and_its_entries() {
    let (cx, mut tx, _, gateway, attachment) = start_attached();
    let input = json!({"TransitGatewayId": gateway, "MiddleboxAttachmentIds": [attachment]});
    let made = ask(&cx, &mut tx, "CreateTransitGatewayMeteringPolicy", input).unwrap();
    let id = element(&made, "transitGatewayMeteringPolicyId").to_owned();
    assert!(id.starts_with("tgw-mp-") && made.contains(&attachment), "{made}");
    assert_eq!(element(&made, "state"), "pending");
    // The hour after the next begins one to two hours from now.
    assert!(element(&made, "updateEffectiveAt").contains(":00:00"), "{made}");

    let entry = |number: i64| {
        json!({"TransitGatewayMeteringPolicyId": id, "PolicyRuleNumber": number,
        "MeteredAccount": "transit-gateway-owner", "SourceTransitGatewayAttachmentId": attachment,
        "DestinationCidrBlock": "10.0.0.0/8", "DestinationPortRange": "443", "Protocol": "6"})
    };
    let create = "CreateTransitGatewayMeteringPolicyEntry";
    let early = refusal(ask(&cx, &mut tx, create, entry(20)));
    assert_eq!(early, refused("IncorrectState", &format!("{id} is in invalid state")));
    let cx = later(&cx, 300);
    let made = ask(&cx, &mut tx, create, entry(200)).unwrap();
    assert_eq!((element(&made, "policyRuleNumber"), element(&made, "state")), ("200", "available"));
    ask(&cx, &mut tx, create, entry(20)).unwrap();
    let again = refusal(ask(&cx, &mut tx, create, entry(20)));
    assert_eq!(again, refused("InvalidParameterValue", "RuleNumber provided already exists"));
    for (member, value) in [
        ("PolicyRuleNumber", json!(32_767)),
        ("SourceCidrBlock", json!("10.0.0.0")),
        ("SourcePortRange", json!("9-1")),
        ("Protocol", json!("tcp")),
        ("SourceTransitGatewayAttachmentType", json!("connect")),
    ] {
        let mut input = entry(30);
        input[member] = value.clone();
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let message = format!("Value ({value}) for parameter {member} is invalid.");
        assert_eq!(refusal(ask(&cx, &mut tx, create, input)), refused("InvalidParameterValue", &message));
    }
    let named = json!({"TransitGatewayMeteringPolicyId": id});
    let listed = ask(&cx, &mut tx, "GetTransitGatewayMeteringPolicyEntries", named.clone()).unwrap();
    let order: Vec<&str> =
        listed.split("<policyRuleNumber>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(order, ["20", "200"]);
    assert!(listed.contains("<destinationPortRange>443</destinationPortRange>"), "{listed}");
    let gone = json!({"TransitGatewayMeteringPolicyId": id, "PolicyRuleNumber": 20});
    let delete = "DeleteTransitGatewayMeteringPolicyEntry";
    assert_eq!(element(&ask(&cx, &mut tx, delete, gone.clone()).unwrap(), "state"), "deleted");
    let again = refusal(ask(&cx, &mut tx, delete, gone));
    assert_eq!(again, refused("InvalidParameterValue", "RuleNumber provided does not exists"));

    let change = json!({"TransitGatewayMeteringPolicyId": id, "RemoveMiddleboxAttachmentIds": [attachment]});
    let changed = ask(&cx, &mut tx, "ModifyTransitGatewayMeteringPolicy", change).unwrap();
    assert!(!changed.contains(&attachment) && element(&changed, "state") == "modifying", "{changed}");
    let cx = later(&cx, 300);
    let change = json!({"TransitGatewayMeteringPolicyId": id, "AddMiddleboxAttachmentIds": [attachment]});
    ask(&cx, &mut tx, "ModifyTransitGatewayMeteringPolicy", change).unwrap();
    // An attachment that goes is no middlebox any more.
    let attached = json!({"TransitGatewayAttachmentId": attachment});
    ask(&cx, &mut tx, "DeleteTransitGatewayVpcAttachment", attached).unwrap();
    let shown = ask(&cx, &mut tx, "DescribeTransitGatewayMeteringPolicies", json!({})).unwrap();
    assert!(shown.contains(&id) && !shown.contains(&attachment), "{shown}");
    ask(&cx, &mut tx, "DeleteTransitGatewayMeteringPolicy", named.clone()).unwrap();
    let message = format!("Transit Gateway Metering Policy {id} was deleted or does not exist.");
    let entries = refusal(ask(&cx, &mut tx, "GetTransitGatewayMeteringPolicyEntries", named));
    assert_eq!(entries, refused("InvalidTransitGatewayMeteringPolicyId.NotFound", &message));
}
