//! Runs the cases of `tests/cases`. Each file has one kind of case; a case that decides anything is also put to the judge, so that the
//! judge itself is held to AWS's rules.

use crate::judge::{self, Ask, Have, Policies};
use crate::{bridge, judge::Caller};
use policy::{Answer, Kind, PrincipalMatch};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn read<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{path}: {fault}"));
    serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// Runs all cases of a file and reports every one that failed.
fn check_all<T: std::fmt::Debug>(cases: Vec<T>, at_least: usize, check: impl Fn(&T) -> Result<(), String>) {
    assert!(cases.len() >= at_least, "only {} cases", cases.len());
    let failures: Vec<String> =
        cases.iter().filter_map(|case| check(case).err().map(|fault| format!("{fault}\n  in {case:?}"))).collect();
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

/// A pattern of an Action or Resource element against an action or a resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    /// The rule it shows, where one has a number.
    #[serde(default)]
    #[expect(dead_code, reason = "printed if the case fails, read by `rules`")]
    rule: String,
    #[serde(default)]
    context: BTreeMap<String, Have>,
    pattern: String,
    text: String,
    matches: bool,
    /// 2012-10-17 if not given.
    version: Option<String>,
}

fn check_match(case: &Match, resource: bool) -> Result<(), String> {
    let (action, patterns) = if resource { ("*", &*case.pattern) } else { (&*case.pattern, "*") };
    let version = case.version.as_deref().unwrap_or("2012-10-17");
    let ask = Ask {
        action: if resource { "s3:GetObject".to_owned() } else { case.text.clone() },
        resource: if resource { case.text.clone() } else { "*".to_owned() },
        context: case.context.clone(),
        ..Ask::default()
    };
    let positive =
        json!({"Version": version, "Statement": {"Effect": "Allow", "Action": action, "Resource": patterns}});
    let negative = if resource {
        json!({"Version": version, "Statement": {"Effect": "Allow", "Action": "*", "NotResource": patterns}})
    } else {
        json!({"Version": version, "Statement": {"Effect": "Allow", "NotAction": action, "Resource": "*"}})
    };
    for (policy, expected) in [(positive, case.matches), (negative, !case.matches)] {
        let answer = bridge::with_request(&ask, false, |request| policy::evaluate(&bridge::parse(&policy), request));
        expect("matched", answer.effect == Answer::Allow, expected)?;
        expect("the judge", judge::document(&policy, &ask, false).effect == "Allow", expected)?;
    }
    Ok(())
}

#[test]
fn actions() {
    check_all(read::<Match>("actions"), 20, |case| check_match(case, false));
}

#[test]
fn resources() {
    check_all(read::<Match>("resources"), 50, |case| check_match(case, true));
}

/// One operator with its values against the value of the key `test:key`; without `have` the key is absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    #[serde(default)]
    #[expect(dead_code, reason = "as in Match")]
    rule: String,
    operator: String,
    want: Value,
    have: Option<Have>,
    #[serde(default)]
    context: BTreeMap<String, Have>,
    met: bool,
    version: Option<String>,
}

fn check_operator(case: &Operator) -> Result<(), String> {
    let version = case.version.as_deref().unwrap_or("2012-10-17");
    let policy = json!({"Version": version, "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {&case.operator: {"test:key": &case.want}}}});
    let mut ask = Ask { action: "a:B".into(), resource: "*".into(), context: case.context.clone(), ..Ask::default() };
    if let Some(have) = &case.have {
        ask.context.insert("Test:KEY".to_owned(), have.clone());
    }
    let document = bridge::parse(&policy);
    let (answer, traces) = bridge::with_request(&ask, false, |request| {
        (policy::evaluate(&document, request).effect, policy::explain(&document, request))
    });
    expect("met", answer == Answer::Deny, case.met)?;
    expect("the trace", traces[0].matched(), case.met)?;
    expect("the judge", judge::document(&policy, &ask, false).effect == "Deny", case.met)
}

#[test]
fn operators() {
    check_all(read::<Operator>("operators"), 150, check_operator);
}

/// A Principal or NotPrincipal element against a caller, and by what it matches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(default)]
    #[expect(dead_code, reason = "as in Match")]
    rule: String,
    element: Value,
    caller: Caller,
    #[serde(default)]
    has_boundary: bool,
    /// Empty if it does not match.
    by: String,
}

fn check_named(case: &Named) -> Result<(), String> {
    let mut statement = json!({"Effect": "Deny", "Action": "*"});
    for (name, value) in case.element.as_object().unwrap() {
        statement[name] = value.clone();
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statement});
    let ask = Ask { action: "a:B".into(), resource: "*".into(), caller: case.caller.clone(), ..Ask::default() };
    let outcome =
        bridge::with_request(&ask, case.has_boundary, |request| policy::evaluate(&bridge::parse(&policy), request));
    let by = outcome.principal_match.map_or("", |by| match by {
        PrincipalMatch::Account => "account",
        PrincipalMatch::Behind => "behind",
        PrincipalMatch::Everyone => "everyone",
        PrincipalMatch::Service => "service",
        PrincipalMatch::Federated => "federated",
        PrincipalMatch::Itself => "itself",
    });
    expect("by", by, &case.by)?;
    expect("the judge", judge::document(&policy, &ask, case.has_boundary).by, &case.by)
}

#[test]
fn principals() {
    check_all(read::<Named>("principals"), 30, check_named);
}

/// A decision over all policies. `rule` names the rule it shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    rule: String,
    ask: Ask,
    #[serde(default)]
    cross_account: bool,
    policies: Policies,
    /// `allowed`, or the clause of AWS's message.
    expect: String,
}

fn check_decision(case: &Decision) -> Result<(), String> {
    let found = bridge::decide(&case.policies, &case.ask, case.cross_account);
    expect(&case.rule, found, case.expect.clone())?;
    expect("the judge", judge::decide(&case.policies, &case.ask, case.cross_account), case.expect.clone())
}

#[test]
fn decisions() {
    check_all(read::<Decision>("decisions"), 50, check_decision);
}

/// A policy as AWS takes or refuses it when it is saved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    kind: String,
    /// The policy as JSON, or as text where the text is the point.
    policy: Value,
    /// AWS's message; not given if the policy is fine.
    message: Option<String>,
}

fn check_saved(case: &Saved) -> Result<(), String> {
    let kind = match case.kind.as_str() {
        "identity" => Kind::Identity,
        "trust" => Kind::Trust,
        "session" => Kind::Session,
        "resource" => Kind::Resource,
        "scp" => Kind::ServiceControl,
        "rcp" => Kind::ResourceControl,
        other => return Err(format!("unknown kind {other}")),
    };
    let text = case.policy.as_str().map_or_else(|| case.policy.to_string(), str::to_owned);
    expect("message", policy::validate(&text, kind).err().map(|fault| fault.message), case.message.clone())
}

#[test]
fn validation() {
    check_all(read::<Saved>("validation"), 100, check_saved);
}
