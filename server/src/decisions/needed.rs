//! The least policy for what was seen: which actions were needed on which resources, under which conditions, as few readable statements.
//!
//! Nothing is given that was not needed: actions share a statement only where they were needed on the same resources under the same
//! conditions. Only a log with more resources than ten managed policies hold is widened, and says so. Start with [`policies`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use service::decide::Ruling;
use service::facts;

use super::{Decision, Verdict};

/// Characters of a managed policy, white space aside.
const MOST_CHARACTERS: usize = 6_144;
/// Managed policies attached to one user or role.
const MOST_POLICIES: usize = 10;

/// Conditions: (operator, key) -> values.
type Conditions = BTreeMap<(&'static str, String), BTreeSet<String>>;

/// A permission that a request needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    action: String,
    resource: String,
    conditions: Conditions,
}

/// Keys that narrow an action further than its resource does: (action, key, operator).
const NARROWING: &[(&str, &str, &str)] = &[
    ("ec2:CreateTags", "ec2:CreateAction", "StringEquals"),
    ("ec2:RunInstances", "ec2:InstanceType", "StringEquals"),
    ("iam:AttachGroupPolicy", "iam:PolicyARN", "ArnEquals"),
    ("iam:AttachRolePolicy", "iam:PolicyARN", "ArnEquals"),
    ("iam:AttachUserPolicy", "iam:PolicyARN", "ArnEquals"),
    ("iam:CreateRole", "iam:PermissionsBoundary", "ArnEquals"),
    ("iam:CreateServiceLinkedRole", "iam:AWSServiceName", "StringEquals"),
    ("iam:CreateUser", "iam:PermissionsBoundary", "ArnEquals"),
    ("iam:DetachGroupPolicy", "iam:PolicyARN", "ArnEquals"),
    ("iam:DetachRolePolicy", "iam:PolicyARN", "ArnEquals"),
    ("iam:DetachUserPolicy", "iam:PolicyARN", "ArnEquals"),
    ("iam:PassRole", "iam:PassedToService", "StringEquals"),
    ("iam:PutRolePermissionsBoundary", "iam:PermissionsBoundary", "ArnEquals"),
    ("iam:PutUserPermissionsBoundary", "iam:PermissionsBoundary", "ArnEquals"),
];

/// An action that knows no resources is narrowed by the region.
const REGION: &str = "aws:RequestedRegion";

fn narrowing(action: &str, resource: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let listed = NARROWING.iter().filter(move |(of, ..)| *of == action).map(|(_, key, operator)| (*key, *operator));
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    let is_regional = service == "ec2" && facts::action(service, name).is_some_and(|facts| facts.wildcard_only());
    listed.chain((is_regional && resource == "*").then_some((REGION, "StringEquals")))
}

impl Need {
    /// What one request needed; nothing if it was denied.
    pub fn of(decision: &Decision) -> Vec<Need> {
        let passed = matches!(decision.verdict(), Verdict::Allowed | Verdict::WouldDeny);
        let rulings = decision.rulings().filter(|_| passed);
        rulings.map(|ruling| Need::of_ruling(&ruling)).collect()
    }

    fn of_ruling(ruling: &Ruling) -> Need {
        let values = |key: &str| {
            let values = ruling.context.get(key)?;
            Some(values.as_slice().iter().map(ToString::to_string).collect())
        };
        Need::new(&ruling.check.action, &ruling.check.resource, values)
    }

    /// The same out of what was told of a request.
    pub fn of_told(decision: &Value) -> Vec<Need> {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let verdict = text(decision, "verdict");
        let passed = [Verdict::Allowed, Verdict::WouldDeny].iter().any(|passed| passed.word() == verdict);
        let checks = decision.get("checks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let need = |check: &Value| {
            let values = |key: &str| {
                let values = check.get("context")?.get(key)?.as_array()?;
                Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            };
            Need::new(&text(check, "action"), &text(check, "resource"), values)
        };
        checks.iter().filter(|_| passed).map(need).collect()
    }

    fn new(action: &str, resource: &str, values: impl Fn(&str) -> Option<BTreeSet<String>>) -> Need {
        let conditions = narrowing(action, resource).filter_map(|(key, operator)| {
            let values: BTreeSet<String> = values(key)?;
            (!values.is_empty()).then(|| ((operator, key.to_owned()), values))
        });
        Need { action: action.to_owned(), resource: literal(resource), conditions: conditions.collect() }
    }
}

/// `${` would begin a variable.
fn literal(resource: &str) -> String {
    resource.replace("${", "${$}{")
}

/// Documents that together allow what was needed.
#[derive(Debug)]
pub struct Policies {
    pub documents: Vec<Value>,
    /// More is allowed than was needed, since that would not fit into ten policies.
    pub widened: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Statement {
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    conditions: Conditions,
}

/// The policies for a number of needs, always the same for the same needs.
pub fn policies(needs: BTreeSet<Need>) -> Policies {
    let mut statements = statements(needs);
    let mut widened = false;
    loop {
        let documents = packed(&statements);
        if documents.len() <= MOST_POLICIES || !widen(&mut statements) {
            return Policies { documents, widened };
        }
        widened = true;
    }
}

fn statements(needs: BTreeSet<Need>) -> Vec<Statement> {
    let mut by_target: BTreeMap<(String, String), Vec<Conditions>> = BTreeMap::new();
    for need in needs {
        by_target.entry((need.action, need.resource)).or_default().push(need.conditions);
    }
    let mut resources: BTreeMap<(String, Conditions), BTreeSet<String>> = BTreeMap::new();
    for ((action, resource), conditions) in by_target {
        for conditions in joined(conditions) {
            resources.entry((action.clone(), conditions)).or_default().insert(resource.clone());
        }
    }
    let mut actions: BTreeMap<(BTreeSet<String>, Conditions), BTreeSet<String>> = BTreeMap::new();
    for ((action, conditions), resources) in resources {
        actions.entry((resources, conditions)).or_default().insert(action);
    }
    let statement = |((resources, conditions), actions)| Statement { actions, resources, conditions };
    let mut statements: Vec<Statement> = actions.into_iter().map(statement).collect();
    statements.sort();
    statements
}

/// Alternatives of one action on one resource as few as they can be. One without conditions covers all others; two that differ in the values of
/// one key are one with both.
fn joined(mut alternatives: Vec<Conditions>) -> Vec<Conditions> {
    if alternatives.iter().any(BTreeMap::is_empty) {
        return vec![Conditions::new()];
    }
    let mut joined: Vec<Conditions> = Vec::new();
    while let Some(mut one) = alternatives.pop() {
        while let Some(at) = alternatives.iter().position(|other| differ_in_one(&one, other)) {
            let other = alternatives.swap_remove(at);
            for (key, values) in other {
                one.entry(key).or_default().extend(values);
            }
        }
        joined.push(one);
    }
    joined.sort();
    joined
}

fn differ_in_one(one: &Conditions, other: &Conditions) -> bool {
    one.keys().eq(other.keys()) && one.iter().filter(|(key, values)| other.get(*key) != Some(values)).count() <= 1
}

/// Statements in documents, as many in each as fit.
fn packed(statements: &[Statement]) -> Vec<Value> {
    let mut documents: Vec<Vec<Value>> = Vec::new();
    for statement in statements.iter().flat_map(divided) {
        let statement = written(&statement);
        match documents.last_mut() {
            Some(last) if size(&document(last.iter().chain([&statement]))) <= MOST_CHARACTERS => last.push(statement),
            _ => documents.push(vec![statement]),
        }
    }
    documents.iter().map(document).collect()
}

/// A statement that is too large for one document, as several.
fn divided(statement: &Statement) -> Vec<Statement> {
    if statement.resources.len() < 2 || size(&document([&written(statement)])) <= MOST_CHARACTERS {
        return vec![statement.clone()];
    }
    let half = statement.resources.len() / 2;
    let part = |resources: BTreeSet<String>| divided(&Statement { resources, ..statement.clone() });
    let mut parts = part(statement.resources.iter().take(half).cloned().collect());
    parts.extend(part(statement.resources.iter().skip(half).cloned().collect()));
    parts
}

fn document<'a>(statements: impl IntoIterator<Item = &'a Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements.into_iter().collect::<Vec<_>>()})
}

/// Characters that count: those outside of white space.
fn size(document: &Value) -> usize {
    policy::without_whitespace_len(&document.to_string())
}

fn written(statement: &Statement) -> Value {
    let mut written = Map::new();
    written.insert("Effect".into(), "Allow".into());
    written.insert("Action".into(), one_or_many(&statement.actions));
    written.insert("Resource".into(), one_or_many(&statement.resources));
    if !statement.conditions.is_empty() {
        let mut conditions: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for ((operator, key), values) in &statement.conditions {
            conditions.entry(operator).or_default().insert(key.clone(), one_or_many(values));
        }
        written.insert("Condition".into(), json!(conditions));
    }
    written.into()
}

fn one_or_many(texts: &BTreeSet<String>) -> Value {
    match texts.first() {
        Some(only) if texts.len() == 1 => only.as_str().into(),
        _ => json!(texts),
    }
}

/// Puts `type/*` in place of the kind of resource that has the most of them. Says whether there was anything to widen.
fn widen(statements: &mut [Statement]) -> bool {
    let kind =
        |resource: &str| resource.rsplit_once('/').filter(|(_, name)| *name != "*").map(|(kind, _)| kind.to_owned());
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for kind in statements.iter().flat_map(|statement| &statement.resources).filter_map(|resource| kind(resource)) {
        *kinds.entry(kind).or_default() += 1;
    }
    let Some((most, _)) = kinds.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 1) else {
        return false;
    };
    for statement in statements {
        let widened = |resource: &String| match kind(resource) {
            Some(of) if of == most => format!("{most}/*"),
            _ => resource.clone(),
        };
        statement.resources = statement.resources.iter().map(widened).collect();
    }
    true
}

#[cfg(test)]
mod tests;
