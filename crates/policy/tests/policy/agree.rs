//! Random policies, callers and requests: the crate and the judge must say the same. The vocabulary is small, so that things match often
//! enough. `ROLECALL_POLICY_CASES` sets how many; a million takes some minutes.

use crate::judge::{self, Ask, Caller, Have, Policies};
use crate::{bridge, judge::Said};
use policy::{Answer, Outcome, PrincipalMatch};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Map, Value, json};

const ACTIONS: &[&str] = &["iam:GetRole", "ec2:RunInstances", "sts:AssumeRole", "IAM:getrole"];
const ACTION_PATTERNS: &[&str] = &[
    "*",
    "iam:GetRole",
    "iam:Get*",
    "IAM:*",
    "i?m:*Role",
    "ec2:Run*s",
    "sts:assumerole",
    "*:*",
    "ec2:?unInstances",
    "*Role",
    "iam:*e*R*",
    "nothing:At*",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:iam::111122223333:role/app/reader",
    "arn:aws:s3:::bucket/home/ann/x*y",
    "arn:aws:ec2:eu-west-1:111122223333:instance/*",
    "arn:aws:s3:::bucket/a:b/$c",
    "arn:aws:sqs:eu-west-1:444455556666:q",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:role/app/reader",
    "arn:aws:s3:::bucket/home/${aws:username}/*",
    "arn:aws:s3:::bucket/home/${aws:username, 'ann'}/x${*}y",
    "arn:aws:ec2",
    "arn:aws:s3*",
    "arn:*:*:*:*:*",
    "arn:aws:s3:::bucket/*:?/${$}c",
    "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q",
    "arn:aws:iam:*",
    "arn:aws:s3:::*${test:many}*",
    "arn:aws:s3:::${test:none}*",
    "arn:aws:ec2:eu-*:1*3:instance/?",
    "arn:aws:s3:::bucket/home/a*n/x?y",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];
const KEYS: &[&str] = &[
    "aws:username",
    "Test:Many",
    "test:one",
    "AWS:RequestTag/Team",
    "test:none",
    "test:list",
    "aws:PrincipalTag/Team",
];
const WANTED: &[&str] = &[
    "ann",
    "ANN",
    "a*",
    "*",
    "?nn",
    "true",
    "False",
    "10",
    "10.0",
    "-3",
    "9.5",
    "2024-02-29",
    "2024-02-29T12:00:00Z",
    "2024-02-29T14:00:00+02:00",
    "1709208000",
    "10.0.0.0/8",
    "10.1.2.3",
    "::1",
    "2001:db8::/32",
    "YW5u",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam:*:*:user/ann",
    "${aws:username}",
    "${test:many}",
    "${test:none, 'ann'}",
    "${*}",
    "arn:aws:iam::1*3:user/${aws:username}",
    "${test:one}",
    "a${?}n",
    "",
    "ä*",
    "${test:none}",
    "x${",
    "2001:db8::5/64",
    "2001:db8::8/125",
    "10.1.2.3/8",
    "::ffff:10.0.0.0/104",
    "ΟΣ",
    "ss",
    "yes",
    "-0",
    "+10",
    "1e1",
    "0.0",
    "10.0000000000000000001",
    "123456789012345678901234567890",
    "2024-02-29T12:00:00.5Z",
    "2024",
    "24-2-9T1Z",
    "${aws:username, 'd'}${test:list, 'e'}",
    "${aws:PrincipalTag/Team}-?",
    "arn:aws:iam::${test:one}:*",
    "${test:one, ''}",
    "arn:*",
    "*:*:*:*:*:*",
    "\u{10400}",
];
const HELD: &[&str] = &[
    "ann",
    "Ann",
    "ANN",
    "*",
    "true",
    "false",
    "TRUE",
    "10",
    "9.50",
    "-3.0",
    "2024-02-29",
    "2024-02-29T12:00:00Z",
    "2024-02",
    "1709208000",
    "10.1.2.3",
    "11.0.0.1",
    "::1",
    "2001:db8::9",
    "YW5u",
    "arn:aws:iam::111122223333:role/app/reader",
    "arn:aws:iam::111122223333:user/ann",
    "",
    "ä",
    "a?n",
    "x${",
    "::ffff:10.1.2.3",
    "2001:db8::5",
    "2001:db8::9/125",
    "10.0.0.0/9",
    "ος",
    "Σ",
    "yes",
    "0",
    "+10.",
    "10.0000000000000000001",
    "2024-02-29T12:00:00.500Z",
    "arn:aws:iam",
    "arn:aws:iam::111122223333:user/ann:x",
    "a:b:c:d:e:f",
    "111122223333",
    "d",
    "\u{10428}",
];
const USER: &str = "arn:aws:iam::111122223333:user/ann";
const ROLE: &str = "arn:aws:iam::111122223333:role/app/reader";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/reader/s1";
const FEDERATED_USER: &str = "arn:aws:sts::111122223333:federated-user/fred";
const FOREIGN_USER: &str = "arn:aws:iam::444455556666:user/ann";
const FOREIGN_SESSION: &str = "arn:aws:sts::444455556666:assumed-role/reader/s1";
const FOREIGN_ROLE: &str = "arn:aws:iam::444455556666:role/app/reader";
const OIDC: &str = "arn:aws:iam::111122223333:oidc-provider/accounts.example.com";

fn one_or_many(texts: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![select(texts).prop_map(Value::from), prop::collection::vec(select(texts), 1..4).prop_map(Value::from),]
}

fn element(name: &'static str, texts: &'static [&'static str]) -> impl Strategy<Value = (String, Value)> {
    let name = prop_oneof![4 => Just(name.to_owned()), 1 => Just(format!("Not{name}"))];
    (name, one_or_many(texts))
}

fn condition() -> impl Strategy<Value = (String, Value)> {
    let set = select(&["", "", "", "ForAllValues:", "ForAnyValue:"][..]);
    let if_exists = prop_oneof![3 => Just(""), 1 => Just("IfExists")];
    let operator = (set, select(OPERATORS), if_exists).prop_map(|(set, base, if_exists)| {
        let if_exists = if base == "Null" { "" } else { if_exists };
        format!("{set}{base}{if_exists}")
    });
    // Numbers and truth values may stand without quotes; a list may be empty.
    let bare =
        select(vec![json!(10), json!(9.5), json!(-3), json!(true), json!(false), json!([]), json!([true, "x", 10])]);
    let wanted = prop_oneof![8 => one_or_many(WANTED).boxed(), 1 => bare.boxed()];
    let keys = prop::collection::btree_map(select(KEYS), wanted, 1..3);
    (operator, keys).prop_map(|(operator, keys)| {
        (operator, Value::Object(keys.into_iter().map(|(key, wanted)| (key.to_owned(), wanted)).collect()))
    })
}

fn principal() -> impl Strategy<Value = (String, Value)> {
    let aws = &[
        "*",
        "111122223333",
        "arn:aws:iam::111122223333:root",
        USER,
        ROLE,
        SESSION,
        FEDERATED_USER,
        "AIDAANN",
        "AROAREADER",
        "444455556666",
        FOREIGN_USER,
        FOREIGN_ROLE,
        "arn:aws:iam::444455556666:root",
        "AROAFOREIGN",
    ][..];
    let kinds = prop_oneof![
        6 => one_or_many(aws).prop_map(|values| json!({"AWS": values})),
        1 => Just(json!("*")),
        1 => Just(json!({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"], "AWS": USER})),
        1 => Just(json!({"Federated": ["accounts.example.com", OIDC]})),
        1 => Just(json!({"Federated": "*"})),
        1 => Just(json!({"Service": "*"})),
        1 => Just(json!({"AWS": [FOREIGN_USER, "444455556666"], "Federated": OIDC})),
        1 => Just(json!({"AWS": [USER, "111122223333", ROLE, SESSION]})),
    ];
    let name = prop_oneof![5 => Just("Principal"), 1 => Just("NotPrincipal")];
    (name, kinds).prop_map(|(name, kinds)| (name.to_owned(), kinds))
}

fn statement(principals: bool) -> impl Strategy<Value = Value> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let conditions = prop_oneof![2 => Just(Vec::new()).boxed(), 1 => prop::collection::vec(condition(), 1..3).boxed()];
    let principal = if principals {
        prop_oneof![8 => principal().prop_map(Some), 1 => Just(None)].boxed()
    } else {
        Just(None).boxed()
    };
    let resource = element("Resource", RESOURCE_PATTERNS);
    let resource = if principals {
        prop_oneof![resource.prop_map(Some), Just(None)].boxed()
    } else {
        resource.prop_map(Some).boxed()
    };
    let parts = (effect, element("Action", ACTION_PATTERNS), resource, principal, conditions);
    parts.prop_map(|(effect, action, resource, principal, conditions)| {
        let mut members: Map<String, Value> = [Some(action), resource, principal].into_iter().flatten().collect();
        members.insert("Effect".to_owned(), effect.into());
        members.insert("Condition".to_owned(), Value::Object(conditions.into_iter().collect()));
        Value::Object(members)
    })
}

fn policy(principals: bool) -> impl Strategy<Value = Value> {
    let version = prop_oneof![4 => Just("2012-10-17"), 1 => Just("2008-10-17")];
    let statements = prop::collection::vec(statement(principals), 1..4);
    (version, statements).prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

fn caller() -> impl Strategy<Value = Caller> {
    let of = |kind: &str, arn: &str, id: &str, behind: (&str, &str)| Caller {
        kind: kind.into(),
        account: "111122223333".into(),
        arn: arn.into(),
        id: id.into(),
        behind_arn: behind.0.into(),
        behind_id: behind.1.into(),
        provider: String::new(),
    };
    let outside =
        |kind: &str, provider: &str| Caller { kind: kind.into(), provider: provider.into(), ..Caller::default() };
    select(vec![
        of("user", USER, "AIDAANN", ("", "")),
        of("role", SESSION, "", (ROLE, "AROAREADER")),
        of("federated-user", FEDERATED_USER, "", (USER, "AIDAANN")),
        of("root", "arn:aws:iam::111122223333:root", "", ("", "")),
        Caller { account: "444455556666".into(), ..of("user", FOREIGN_USER, "AIDAFOREIGN", ("", "")) },
        Caller { account: "444455556666".into(), ..of("role", FOREIGN_SESSION, "", (FOREIGN_ROLE, "AROAFOREIGN")) },
        Caller { account: "444455556666".into(), ..of("root", "arn:aws:iam::444455556666:root", "", ("", "")) },
        outside("service", "ec2.amazonaws.com"),
        outside("service", "sns.amazonaws.com"),
        outside("federated", "accounts.example.com"),
        outside("federated", OIDC),
        outside("anonymous", ""),
    ])
}

fn ask() -> impl Strategy<Value = Ask> {
    let single = || prop::option::weighted(0.8, select(HELD).prop_map(|held| Have::Single(held.to_owned())));
    let many = || prop::collection::vec(select(HELD).prop_map(str::to_owned), 0..4).prop_map(Have::Multi);
    let keys = (single(), prop::option::of(many()), single(), single(), prop::option::of(many()), single());
    let keys = keys.prop_map(|(name, many, one, tag, list, team)| {
        let keys = [
            ("aws:userName", name),
            ("test:many", many),
            ("TEST:one", one),
            ("aws:requesttag/team", tag),
            ("test:LIST", list),
            ("aws:principaltag/TEAM", team),
        ];
        keys.into_iter().filter_map(|(key, have)| Some((key.to_owned(), have?))).collect()
    });
    (select(ACTIONS), select(RESOURCES), caller(), keys).prop_map(|(action, resource, caller, context)| Ask {
        action: action.to_owned(),
        resource: resource.to_owned(),
        caller,
        context,
    })
}

fn policies() -> impl Strategy<Value = Policies> {
    let some = |principals| prop::collection::vec(policy(principals), 1..3);
    let levels = || prop_oneof![3 => Just(Vec::new()).boxed(), 1 => prop::collection::vec(prop::collection::vec(policy(false), 0..3), 1..5).boxed()];
    let attached = prop_oneof![
        1 => Just((None, None)).boxed(),
        2 => policy(true).prop_map(|policy| (Some(policy), None)).boxed(),
        2 => policy(true).prop_map(|policy| (None, Some(policy))).boxed(),
    ];
    let identity = prop_oneof![1 => Just(Vec::new()).boxed(), 4 => some(false).boxed()];
    let boundary = prop::option::weighted(0.25, policy(false));
    let rcp = prop_oneof![4 => Just(Vec::new()).boxed(), 1 => prop::collection::vec(some(true), 1..4).boxed()];
    (identity, boundary, (levels(), levels()), attached, levels(), rcp).prop_map(
        |(identity, boundary, (session, scope_down), (resource, trust), scp, rcp)| Policies {
            identity,
            boundary,
            session,
            scope_down,
            resource,
            trust,
            scp,
            rcp,
        },
    )
}

/// As many random cases as asked for; if none are, 10,000 that are the same on every run, so that what failed fails again.
fn config() -> ProptestConfig {
    let asked = std::env::var("ROLECALL_POLICY_CASES").ok().and_then(|cases| cases.parse().ok());
    let (cases, rng_seed) = asked.map_or((10_000, RngSeed::Fixed(34)), |cases| (cases, RngSeed::Random));
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

fn run<S: Strategy>(strategy: &S, check: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    TestRunner::new(config()).run(strategy, check).unwrap_or_else(|fault| panic!("{fault}"));
}

fn said(outcome: &Outcome) -> Said {
    let effect = match outcome.effect {
        Answer::Allow => "Allow",
        Answer::Deny => "Deny",
        Answer::NoMatch => "NoMatch",
    };
    let by = outcome.principal_match.map_or("", |by| match by {
        PrincipalMatch::Account => "account",
        PrincipalMatch::Behind => "behind",
        PrincipalMatch::Everyone => "everyone",
        PrincipalMatch::Service => "service",
        PrincipalMatch::Federated => "federated",
        PrincipalMatch::Itself => "itself",
    });
    Said { effect, statements: outcome.matched.clone(), by }
}

#[test]
fn on_one_document() {
    run(&(policy(true), ask(), any::<bool>()), |(policy, ask, has_boundary)| {
        let document = bridge::parse(&policy);
        let (outcome, traces) = bridge::with_request(&ask, has_boundary, |request| {
            (policy::evaluate(&document, request), policy::explain(&document, request))
        });
        prop_assert_eq!(said(&outcome), judge::document(&policy, &ask, has_boundary));
        for (trace, statement) in traces.iter().zip(&document.statements) {
            let as_effect = (outcome.effect == Answer::Deny) == (statement.effect == policy::Effect::Deny);
            prop_assert_eq!(trace.matched() && as_effect, outcome.matched.contains(&trace.index));
        }
        Ok(())
    });
}

#[test]
fn on_all_policies() {
    run(&(policies(), ask(), any::<bool>()), |(policies, ask, cross_account)| {
        let found = bridge::decide(&policies, &ask, cross_account);
        prop_assert_eq!(&found, &judge::decide(&policies, &ask, cross_account));
        // Every statement that denies is told, and nothing else.
        let told = bridge::with_verdict(&policies, &ask, cross_account, |verdict| {
            verdict.explicit_deny.then_some(verdict.deciding.len())
        });
        prop_assert_eq!(told.unwrap_or_default(), judge::denying(&policies, &ask));
        Ok(())
    });
}
