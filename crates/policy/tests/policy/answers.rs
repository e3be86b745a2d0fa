//! What an answer carries beside yes or no: the deciding statements, the traces, and the words of a denial.

use crate::judge::{Ask, Caller, Have, Policies};
use crate::{bridge, bridge::with_verdict};
use policy::{Answer, Document, Layer, Layers, Mismatch, Origin, Principal, Reason, Relation, Request, Sets, Source};
use serde_json::json;

const USER: &str = "arn:aws:iam::111122223333:user/ann";

fn ann() -> Caller {
    Caller {
        kind: "user".into(),
        account: "111122223333".into(),
        arn: USER.into(),
        id: "AIDAANN".into(),
        ..Caller::default()
    }
}

fn get_object() -> Ask {
    Ask { action: "s3:GetObject".into(), resource: "arn:aws:s3:::b/k".into(), caller: ann(), ..Ask::default() }
}

#[test]
fn denials_in_aws_words() {
    let denied = |layer, policy_arn: Option<&str>| {
        Reason::ExplicitDeny { layer, policy_arn: policy_arn.map(str::to_owned) }.clause("iam:GetRole")
    };
    let arn = "arn:aws:iam::111122223333:policy/p";
    let cases = [
        (
            Reason::ImplicitDeny { layer: Layer::Identity }.clause("iam:GetRole"),
            "because no identity-based policy allows the iam:GetRole action",
        ),
        (
            Reason::ImplicitDeny { layer: Layer::Boundary }.clause("iam:GetRole"),
            "because no permissions boundary allows the iam:GetRole action",
        ),
        (
            Reason::ImplicitDeny { layer: Layer::Trust }.clause("sts:AssumeRole"),
            "because no role trust policy allows the sts:AssumeRole action",
        ),
        (denied(Layer::Identity, None), "with an explicit deny in an identity-based policy"),
        (
            denied(Layer::Identity, Some(arn)),
            "with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/p",
        ),
        (denied(Layer::Trust, None), "with an explicit deny in the role trust policy"),
        (denied(Layer::ServiceControl, None), "with an explicit deny in a service control policy"),
        (denied(Layer::ResourceControl, None), "with an explicit deny in a resource control policy"),
        (denied(Layer::Resource, None), "with an explicit deny in a resource-based policy"),
        (denied(Layer::Session, None), "with an explicit deny in a session policy"),
        (denied(Layer::ScopeDown, None), "with an explicit deny in a session policy"),
        (Reason::Allowed { by: None }.clause("iam:GetRole"), ""),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_denying_managed_policy_is_named() {
    let deny =
        json!({"Version": "2012-10-17", "Statement": {"Sid": "No", "Effect": "Deny", "Action": "*", "Resource": "*"}});
    let document = bridge::parse(&deny);
    let of = |origin| Source { document: &document, id: "arn:aws:iam::111122223333:policy/p", origin };
    let principal = Principal::user("111122223333", USER, "AIDAANN");
    let context = policy::Context::new();
    let request = Request { action: "a:B", resource: "*", principal: &principal, context: &context };
    for (origin, arn) in [
        (Origin::Inline, None),
        (Origin::GroupInline, None),
        (Origin::Managed, Some("arn:aws:iam::111122223333:policy/p")),
        (Origin::GroupManaged, Some("arn:aws:iam::111122223333:policy/p")),
    ] {
        let sets = Sets { identity: vec![of(origin)], ..Sets::default() };
        let verdict = policy::decide(&request, &sets, Relation::SameAccount);
        let policy_arn = arn.map(str::to_owned);
        assert_eq!(verdict.reason, Reason::ExplicitDeny { layer: Layer::Identity, policy_arn });
        assert!(verdict.explicit_deny && !verdict.allowed);
        assert_eq!(verdict.deciding[0].statement.sid.as_deref(), Some("No"));
    }
}

fn statement(sid: &str, effect: &str, action: &str) -> serde_json::Value {
    json!({"Sid": sid, "Effect": effect, "Action": action, "Resource": "*"})
}

fn policy(statements: &[serde_json::Value]) -> serde_json::Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn deciding(policies: &Policies, cross_account: bool) -> Vec<(Layer, String)> {
    with_verdict(policies, &get_object(), cross_account, |verdict| {
        let named = |one: &policy::Deciding<'_>| (one.layer, one.statement.sid.clone().unwrap_or_default());
        verdict.deciding.iter().map(named).collect()
    })
}

#[test]
fn deciding_statements() {
    let allow = policy(&[
        statement("Other", "Allow", "s3:PutObject"),
        statement("Get", "Allow", "s3:GetObject"),
        statement("All", "Allow", "*"),
    ]);
    let deny = policy(&[statement("Deny", "Deny", "s3:*")]);
    let boundary = policy(&[statement("Limit", "Allow", "s3:*")]);
    let mut by_name = statement("Named", "Allow", "s3:*");
    by_name["Principal"] = json!({"AWS": USER});
    let resource = policy(&[by_name]);
    let expect = |policies: &Policies, cross_account, expected: &[(Layer, &str)]| {
        let expected: Vec<_> = expected.iter().map(|(layer, sid)| (*layer, (*sid).to_owned())).collect();
        assert_eq!(deciding(policies, cross_account), expected);
    };
    let identity = Policies { identity: vec![allow.clone()], ..Policies::default() };
    expect(&identity, false, &[(Layer::Identity, "Get"), (Layer::Identity, "All")]);
    let denied = Policies { identity: vec![allow.clone(), deny.clone()], boundary: Some(deny), ..Policies::default() };
    expect(&denied, false, &[(Layer::Identity, "Deny"), (Layer::Boundary, "Deny")]);
    let silent = Policies { boundary: Some(boundary.clone()), ..Policies::default() };
    expect(&silent, false, &[]);
    let bounded = Policies { identity: vec![allow.clone()], boundary: Some(boundary), ..Policies::default() };
    expect(&bounded, false, &[(Layer::Identity, "Get"), (Layer::Identity, "All"), (Layer::Boundary, "Limit")]);
    let named = Policies { identity: vec![allow], resource: Some(resource), ..Policies::default() };
    expect(&named, false, &[(Layer::Resource, "Named")]);
    expect(&named, true, &[(Layer::Resource, "Named"), (Layer::Identity, "Get"), (Layer::Identity, "All")]);
}

#[test]
fn each_layer_tells_what_it_said() {
    let allow = policy(&[statement("", "Allow", "*")]);
    let other = policy(&[statement("", "Allow", "ec2:*")]);
    let deny = policy(&[statement("", "Deny", "*")]);
    let policies = Policies {
        identity: vec![allow.clone(), deny],
        boundary: Some(other.clone()),
        session: vec![vec![allow.clone()], vec![other]],
        scp: vec![vec![allow]],
        ..Policies::default()
    };
    with_verdict(&policies, &get_object(), false, |verdict| {
        assert_eq!(
            verdict.layers,
            Layers {
                resource_control: None,
                service_control: Some(Answer::Allow),
                resource: None,
                identity: Some(Answer::Deny),
                boundary: Some(Answer::NoMatch),
                session: Some(Answer::NoMatch),
                scope_down: None,
            }
        );
    });
}

#[test]
fn traces_name_what_did_not_match() {
    let document = bridge::parse(&json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:Put*"], "NotResource": "arn:aws:s3:::b/*", "Principal": {"Service": "ec2.amazonaws.com"},
         "Condition": {"StringEquals": {"aws:RequestTag/Team": ["red", "blue"]}, "NumericLessThan": {"n": 5}, "Bool": {"met": true}}},
        {"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"},
    ]}));
    let mut ask = get_object();
    ask.context = [("AWS:requesttag/team", "green"), ("MET", "true")]
        .map(|(key, value)| (key.to_owned(), Have::Single(value.to_owned())))
        .into();
    let traces = bridge::with_request(&ask, false, |request| policy::explain(&document, request));
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let expected = vec![
        Mismatch::Action { negated: false, expected: texts(&["s3:Put*"]), actual: "s3:GetObject".into() },
        Mismatch::Resource { negated: true, expected: texts(&["arn:aws:s3:::b/*"]), actual: "arn:aws:s3:::b/k".into() },
        Mismatch::Principal {
            negated: false,
            expected: vec![("Service".into(), "ec2.amazonaws.com".into())],
            actual: USER.into(),
        },
        Mismatch::Condition {
            operator: "StringEquals".into(),
            key: "aws:RequestTag/Team".into(),
            expected: texts(&["red", "blue"]),
            actual: Some(texts(&["green"])),
        },
        Mismatch::Condition {
            operator: "NumericLessThan".into(),
            key: "n".into(),
            expected: texts(&["5"]),
            actual: None,
        },
    ];
    assert_eq!(traces[0].mismatches, expected);
    assert_eq!(
        traces[1].mismatches,
        [Mismatch::Action { negated: true, expected: texts(&["s3:GetObject"]), actual: "s3:GetObject".into() }]
    );
    assert!(traces[2].matched());
    assert_eq!(traces[2].principal_match, Some(policy::PrincipalMatch::Everyone));
}

#[test]
fn an_empty_document_says_nothing() {
    let outcome = bridge::with_request(&get_object(), false, |request| policy::evaluate(&Document::default(), request));
    assert_eq!((outcome.effect, outcome.matched), (Answer::NoMatch, Vec::new()));
}
