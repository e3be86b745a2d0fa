//! Texts that nobody meant as policies. The parser must refuse or accept them, and whatever it accepts must be fit to be asked.

use crate::bridge;
use crate::judge::Ask;
use policy::{Document, Kind};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const KINDS: [Kind; 6] =
    [Kind::Identity, Kind::Trust, Kind::Session, Kind::Resource, Kind::ServiceControl, Kind::ResourceControl];

/// Exercises everything that takes a policy's text.
fn exercise(text: &str) {
    for kind in KINDS {
        let _ = policy::validate(text, kind);
    }
    policy::without_whitespace_len(text);
    let replaced = policy::with_principals_replaced(text, |name| Some(format!("{name}\"\\")));
    let Ok(document) = Document::parse(text) else { return };
    assert!(Document::parse(&replaced).is_ok(), "{replaced}");
    document.context_keys();
    let ask = Ask { action: "s3:GetObject".into(), resource: "arn:aws:s3:::b/k".into(), ..Ask::default() };
    bridge::with_request(&ask, false, |request| {
        let matched = policy::evaluate(&document, request).matched;
        let traces = policy::explain(&document, request);
        assert_eq!(traces.len(), document.statements.len());
        assert!(matched.iter().all(|index| traces[*index].matched()));
    });
}

fn json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Version",
        "2012-10-17",
        "2008-10-17",
        "Id",
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "allow",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "AWS",
        "Service",
        "Federated",
        "Condition",
        "StringLike",
        "ForAllValues:ArnLike",
        "DateLessThan",
        "IpAddress",
        "Sid",
        "*",
        "${aws:username}",
        "${",
        "arn:aws:s3:::b/${*}",
        "s3:*",
        "é😀",
        "arn:",
        "sts:AssumeRole",
        "::::::",
        "10.0.0.0/8",
        "-",
        "T",
        "1.",
        "\u{0}",
    ]);
    let leaf = prop_oneof![
        4 => word.clone().prop_map(serde_json::Value::from),
        1 => any::<i64>().prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    let tree = leaf.prop_recursive(5, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    });
    tree.prop_map(|tree| tree.to_string())
}

fn run(cases: u32, texts: impl Strategy<Value = String>) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&texts, |text| {
        exercise(&text);
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
fn any_text() {
    run(2_000, any::<String>());
}

#[test]
fn text_like_json() {
    run(2_000, "[{}\\[\\]\",:\\\\0-9truefalsn.eE+\\- u]{0,40}");
}

#[test]
fn any_json_of_a_policys_words() {
    run(5_000, json());
}

#[test]
fn deep_nesting_is_refused() {
    exercise(&"[".repeat(100_000));
    exercise(&"{\"Statement\":".repeat(100_000));
    let nested = |depth: usize| format!("{{\"Id\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(Document::parse(&nested(65)).unwrap_err().detail.contains("nested too deep"));
    assert!(Document::parse(&nested(20)).unwrap_err().detail.contains("expected a string"));
}

#[test]
fn many_stars_do_not_take_forever() {
    let stars = "*a".repeat(200);
    let text = serde_json::json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*",
        "Resource": format!("arn:aws:s3:::{stars}b")}});
    let document = Document::parse(&text.to_string()).unwrap();
    let ask = Ask {
        action: "s3:GetObject".into(),
        resource: format!("arn:aws:s3:::{}", "a".repeat(2_000)),
        ..Ask::default()
    };
    let outcome = bridge::with_request(&ask, false, |request| policy::evaluate(&document, request));
    assert!(outcome.matched.is_empty());
}
