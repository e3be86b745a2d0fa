//! The least policies: their text, and that the engine finds in them all that was needed and nothing beside it.

use policy::Kind;
use service::Check;
use service::cx::testing;

use super::super::tests::decision;
use super::*;
use crate::cli::AuthMode;

const EVERYTHING: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;

fn instance(id: &str) -> String {
    format!("arn:aws:ec2:us-east-1:123456789012:instance/{id}")
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}

fn needs(requests: Vec<(&'static str, Vec<Check>)>) -> BTreeSet<Need> {
    let decisions = requests
        .into_iter()
        .map(|(operation, checks)| decision("ann", operation, checks, EVERYTHING, AuthMode::Enforced));
    decisions.flat_map(|decision| Need::of(&decision)).collect()
}

fn pass(name: &str, service: &str) -> Check {
    Check::dependent("iam:PassRole", role(name)).key("iam:PassedToService", service)
}

fn launch(kind: &str) -> Check {
    Check::on(instance("*")).not_created().key("ec2:InstanceType", kind)
}

fn check(needs: BTreeSet<Need>, expected: &str) {
    let made = policies(needs);
    let texts: Vec<String> =
        made.documents.iter().map(|document| serde_json::to_string_pretty(document).unwrap()).collect();
    assert_eq!(texts.join("\n"), expected.trim(), "\n{}", texts.join("\n"));
}

#[test]
fn actions_on_the_same_resources_share_a_statement() {
    let needs = needs(vec![
        ("StopInstances", vec![Check::on(instance("i-1")), Check::on(instance("i-2"))]),
        ("StartInstances", vec![Check::on(instance("i-2")), Check::on(instance("i-1"))]),
        ("RebootInstances", vec![Check::on(instance("i-1"))]),
        ("DescribeVpcs", vec![Check::any()]),
    ]);
    let expected = r#"
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ec2:DescribeVpcs",
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "aws:RequestedRegion": "us-east-1"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": "ec2:RebootInstances",
      "Resource": "arn:aws:ec2:us-east-1:123456789012:instance/i-1"
    },
    {
      "Effect": "Allow",
      "Action": [
        "ec2:StartInstances",
        "ec2:StopInstances"
      ],
      "Resource": [
        "arn:aws:ec2:us-east-1:123456789012:instance/i-1",
        "arn:aws:ec2:us-east-1:123456789012:instance/i-2"
      ]
    }
  ]
}"#;
    check(needs, expected);
}

#[test]
fn conditions_narrow() {
    let needs = needs(vec![
        ("RunInstances", vec![launch("t3.micro"), pass("app", "ec2.amazonaws.com")]),
        ("RunInstances", vec![launch("t3.small"), pass("app", "ec2.amazonaws.com")]),
        ("RunInstances", vec![pass("other", "lambda.amazonaws.com")]),
    ]);
    let expected = r#"
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ec2:RunInstances",
      "Resource": "arn:aws:ec2:us-east-1:123456789012:instance/*",
      "Condition": {
        "StringEquals": {
          "ec2:InstanceType": [
            "t3.micro",
            "t3.small"
          ]
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::123456789012:role/app",
      "Condition": {
        "StringEquals": {
          "iam:PassedToService": "ec2.amazonaws.com"
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::123456789012:role/other",
      "Condition": {
        "StringEquals": {
          "iam:PassedToService": "lambda.amazonaws.com"
        }
      }
    }
  ]
}"#;
    check(needs, expected);
}

#[test]
fn what_was_denied_needs_nothing() {
    let on = || vec![Check::on(instance("i-1"))];
    let stop = r#"{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"}"#;
    let denied = decision("ann", "TerminateInstances", on(), stop, AuthMode::Enforced);
    assert!(Need::of(&denied).is_empty());
    let would = decision("ann", "TerminateInstances", on(), stop, AuthMode::Audit);
    assert_eq!(Need::of(&would).len(), 1);
}

/// Whether the policies allow a check.
fn allow(documents: &[Value], action: &str, check: &Check) -> bool {
    let mut check = check.clone();
    if check.action.is_empty() {
        check.action = action.to_owned();
    }
    let cx = testing::root_cx();
    let context = service::conditions::of(&cx, &check, &[]);
    let arn = "arn:aws:iam::123456789012:user/ann";
    let principal = policy::Principal::user("123456789012", arn, "AIDA");
    let request =
        policy::Request { action: &check.action, resource: &check.resource, principal: &principal, context: &context };
    let parsed = documents.iter().map(|document| policy::Document::parse(&document.to_string()).unwrap());
    parsed.into_iter().any(|document| policy::evaluate(&document, &request).effect == policy::Answer::Allow)
}

#[test]
fn nothing_missing_and_nothing_more() {
    let given = vec![
        ("RunInstances", launch("t3.micro")),
        ("RunInstances", pass("app", "ec2.amazonaws.com")),
        ("StopInstances", Check::on(instance("i-1"))),
        ("StartInstances", Check::on(instance("i-2"))),
        ("DescribeVpcs", Check::any()),
    ];
    let made = policies(needs(given.iter().map(|(operation, check)| (*operation, vec![check.clone()])).collect()));
    assert!(!made.widened && made.documents.len() == 1);
    for (operation, check) in &given {
        assert!(allow(&made.documents, &format!("ec2:{operation}"), check), "{operation} {check:?}");
    }
    for (operation, check) in [
        ("RunInstances", launch("m5.large")),
        ("RunInstances", pass("other", "ec2.amazonaws.com")),
        ("RunInstances", pass("app", "lambda.amazonaws.com")),
        ("StopInstances", Check::on(instance("i-2"))),
        ("StartInstances", Check::on(instance("i-1"))),
        ("TerminateInstances", Check::on(instance("i-1"))),
        ("DescribeInstances", Check::any()),
    ] {
        assert!(!allow(&made.documents, &format!("ec2:{operation}"), &check), "{operation} {check:?}");
    }
}

#[test]
fn many_resources_fill_several_policies_and_then_their_kind() {
    let stop = |count: usize| {
        needs(vec![("StopInstances", (0..count).map(|at| Check::on(instance(&format!("i-{at:017}")))).collect())])
    };
    for (count, policies_made, widened) in [(50, 1, false), (300, 4, false), (3_000, 1, true)] {
        let made = policies(stop(count));
        assert_eq!(made.widened, widened, "{count}");
        assert!((policies_made..=10).contains(&made.documents.len()), "{count}: {}", made.documents.len());
        for document in &made.documents {
            let text = document.to_string();
            assert!(policy::without_whitespace_len(&text) <= MOST_CHARACTERS);
            policy::validate(&text, Kind::Identity).unwrap();
        }
        for at in [0, count / 2, count - 1] {
            assert!(allow(&made.documents, "ec2:StopInstances", &Check::on(instance(&format!("i-{at:017}")))));
        }
        assert_eq!(allow(&made.documents, "ec2:StopInstances", &Check::on(instance("i-other"))), widened);
    }
}

#[test]
fn text_of_a_client_is_literal() {
    let needs = needs(vec![("StopInstances", vec![Check::on(instance("${aws:username}"))])]);
    let made = policies(needs);
    assert_eq!(made.documents[0]["Statement"][0]["Resource"], instance("${$}{aws:username}"));
}
