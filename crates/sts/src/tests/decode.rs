//! DecodeAuthorizationMessage: the text behind a denial of EC2's.

use serde_json::{Value, json};
use service::decide::{decide, denial};

use super::*;

const INSTANCE: &str = "arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0";

/// The encoded message of the acting caller's denial to terminate an instance.
fn encoded(stage: &Stage) -> String {
    let check = Check::dependent("ec2:TerminateInstances", INSTANCE).tagged(&[Tag::new("env", "prod")]);
    let ruling = decide(&stage.cx, &check, &iam::policy_sets(&stage.world, &stage.cx.caller));
    let error = denial(&stage.cx, &stage.world, Service::Ec2, &ruling);
    let (_, message) = error.message.split_once("Encoded authorization failure message: ").unwrap();
    message.to_owned()
}

fn decoded(stage: &mut Stage, message: &str) -> Value {
    let xml = stage.done("DecodeAuthorizationMessage", &[("EncodedMessage", message)]);
    let text = texts(&xml, "DecodedMessage")[0].replace("&quot;", "\"").replace("&amp;", "&");
    serde_json::from_str(&text).unwrap()
}

const DENYING: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"ec2:*","Resource":"*"},
    {"Sid":"KeepProd","Effect":"Deny","Action":["ec2:Terminate*","ec2:Stop*"],"Resource":"arn:aws:ec2:*:*:instance/*",
     "Condition":{"StringEquals":{"aws:ResourceTag/env":["prod","live"]}}}]}"#;

#[test]
fn the_statement_that_denied() {
    let mut stage = stage();
    stage.user("ana", &["sts:DecodeAuthorizationMessage"]);
    stage.done("PutUserPolicy", &[("UserName", "ana"), ("PolicyName", "no"), ("PolicyDocument", DENYING)]);
    stage.act_as_user("ana");
    let message = encoded(&stage);
    let Principal::User { id, .. } = &stage.cx.caller.principal else { panic!("ana is a user") };
    let id = id.clone();
    let all = decoded(&mut stage, &message);
    assert_eq!((&all["allowed"], &all["explicitDeny"]), (&json!(false), &json!(true)));
    assert_eq!(
        all["matchedStatements"],
        json!({"items": [{
            "statementId": "KeepProd",
            "effect": "DENY",
            "principals": {"items": [{"value": id}]},
            "principalGroups": {"items": []},
            "actions": {"items": [{"value": "ec2:Terminate*"}, {"value": "ec2:Stop*"}]},
            "resources": {"items": [{"value": "arn:aws:ec2:*:*:instance/*"}]},
            "conditions": {"items": [{
                "key": "aws:ResourceTag/env",
                "values": {"items": [{"value": "prod"}, {"value": "live"}]},
            }]},
        }]})
    );
    assert_eq!(all["failures"], json!({"items": []}));
    let context = &all["context"];
    assert_eq!(context["principal"], json!({"id": id, "name": "ana", "arn": "arn:aws:iam::123456789012:user/ana"}));
    assert_eq!((&context["action"], &context["resource"]), (&json!("TerminateInstances"), &json!(INSTANCE)));
    let id = INSTANCE.rsplit_once(':').unwrap().1;
    let told = [
        ("ec2:Region", "us-east-1"),
        ("aws:ResourceTag/env", "prod"),
        ("ec2:ResourceTag/env", "prod"),
        ("aws:Resource", id),
        ("aws:Account", "123456789012"),
        ("aws:Region", "us-east-1"),
        ("aws:Service", "ec2"),
        ("aws:Type", "instance"),
        ("aws:ARN", INSTANCE),
    ];
    let told: Vec<_> =
        told.map(|(key, value)| json!({"key": key, "values": {"items": [{"value": value}]}})).into_iter().collect();
    assert_eq!(context["conditions"], json!({"items": told}));
}

#[test]
fn a_session_that_nobody_allowed_anything() {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.role("r", &trusting("arn:aws:iam::123456789012:user/ana"), &["sts:DecodeAuthorizationMessage"]);
    stage.act_as_user("ana");
    let keys = stage.assume("r", &[]).unwrap();
    stage.act_with(&keys);
    let message = encoded(&stage);
    let id = stage.cx.caller.user_id();
    let all = decoded(&mut stage, &message);
    assert_eq!((&all["explicitDeny"], &all["matchedStatements"]), (&json!(false), &json!({"items": []})));
    assert_eq!(
        all["context"]["principal"],
        json!({"id": id, "arn": "arn:aws:sts::123456789012:assumed-role/r/session"})
    );
}

#[test]
fn who_may_read_it() {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.act_as_user("ana");
    let message = encoded(&stage);
    let invalid = "InvalidAuthorizationMessageException: Message is not valid";
    let read =
        |stage: &mut Stage, message: &str| stage.outcome("DecodeAuthorizationMessage", &[("EncodedMessage", message)]);
    assert_eq!(
        read(&mut stage, &message),
        "AccessDenied: User: arn:aws:iam::123456789012:user/ana is not authorized to perform: sts:DecodeAuthorizationMessage because no identity-based policy allows the sts:DecodeAuthorizationMessage action"
    );
    stage.act_as_root(HERE);
    assert_eq!(read(&mut stage, &message), "allowed");
    for changed in ["x", &message[1..], &format!("{message}A"), &message.replace(&message[9..12], "---")] {
        assert_eq!(read(&mut stage, changed), invalid, "{changed}");
    }
    stage.act_as_root(THERE);
    assert_eq!(read(&mut stage, &message), invalid);
}

/// Many long statements that deny: the message stays short enough to be decoded.
#[test]
fn a_message_can_always_be_decoded() {
    let mut stage = stage();
    stage.user("ana", &[]);
    for number in 0..9_u8 {
        let ids = Ids::new([number; 32]);
        let resources: Vec<String> =
            (0..30).map(|_| format!("\"arn:aws:s3:::{}\"", ids.secret().replace('/', "-"))).collect();
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":["*",{}]}}}}"#,
            resources.join(",")
        );
        let (group, name) = (format!("g{number}"), format!("p{number}"));
        stage.done("CreateGroup", &[("GroupName", &group)]);
        stage.done("PutGroupPolicy", &[("GroupName", &group), ("PolicyName", &name), ("PolicyDocument", &document)]);
        stage.done("AddUserToGroup", &[("GroupName", &group), ("UserName", "ana")]);
    }
    stage.act_as_user("ana");
    let message = encoded(&stage);
    assert!((1_000..=10_240).contains(&message.len()), "{}", message.len());
    stage.act_as_root(HERE);
    let all = decoded(&mut stage, &message);
    assert_eq!(all["explicitDeny"], json!(true));
    assert!((1..9).contains(&all["matchedStatements"]["items"].as_array().unwrap().len()));
}
