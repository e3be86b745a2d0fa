//! `rolecall why`: explains the decision on one request as a teacher would: who asked for what, which checks were made in which order, what
//! decided each and where that stands, and for a denial what would have allowed it. Sentences that never change are in [`sentences`].

use std::process::ExitCode;

use serde_json::Value;

use super::{Outcome, admin};
use crate::cli::Why;

mod sentences;
#[cfg(test)]
mod tests;

/// Runs the command.
pub async fn run(why: &Why) -> Outcome {
    if !why.request_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(format!("`{}` is not a request id", why.request_id));
    }
    let decision = admin(&why.endpoint, "GET", &format!("decisions/{}", why.request_id), None).await?;
    print!("{}", explain(&decision, why.full));
    Ok(ExitCode::SUCCESS)
}

/// The decision in words; `full` names every statement of every policy, too.
fn explain(decision: &Value, full: bool) -> String {
    let mut text = Text::default();
    heading(&mut text, decision);
    let mut number = 1;
    // What is allowed for the same reason is told once.
    for alike in list(decision, "checks").chunk_by(|one, next| !full && are_alike(one, next)) {
        explain_checks(&mut text, number, alike, full);
        number += alike.len();
    }
    let unreached = list(decision, "unreached");
    if !unreached.is_empty() {
        text.blank();
        text.line(0, "Not checked any more, since the first check that fails decides:");
        for check in unreached {
            text.line(1, format!("{} on {}", string(check, "action"), string(check, "resource")));
        }
    }
    text.0
}

fn heading(text: &mut Text, decision: &Value) {
    let who = or(string(decision, "principal"), "Somebody unknown");
    let what = format!("{}:{}", string(decision, "service"), or(string(decision, "operation"), "?"));
    let place = match string(decision, "region") {
        "" => String::new(),
        region => format!(" in {region}"),
    };
    let dry = if flag(decision, "dryRun") { ", as a dry run" } else { "" };
    let (time, verdict) = (string(decision, "time"), string(decision, "verdict"));
    text.line(0, format!("{who} asked for {what}{place} at {time}{dry}: {verdict}."));
    if let Some(error) = decision.get("error").filter(|error| !error.is_null()) {
        text.line(0, format!("The answer was {}: {}", string(error, "code"), string(error, "message")));
        if !string(error, "cause").is_empty() {
            text.line(0, format!("The cause: {}", string(error, "cause")));
        }
    }
    for sentence in sentences::of(decision) {
        text.line(0, sentence);
    }
}

fn are_alike(one: &Value, next: &Value) -> bool {
    let same = |key: &str| one.get(key) == next.get(key);
    flag(one, "allowed") && ["allowed", "action", "why", "deciding"].into_iter().all(same)
}

fn explain_checks(text: &mut Text, number: usize, alike: &[Value], full: bool) {
    let Some(check) = alike.first() else { return };
    let allowed = flag(check, "allowed");
    let verdict = if allowed { "allowed" } else { "denied" };
    text.blank();
    let action = string(check, "action");
    if alike.len() == 1 {
        text.line(0, format!("{number}. {action} on {}: {verdict}", string(check, "resource")));
    } else {
        let last = number + alike.len() - 1;
        text.line(0, format!("{number}-{last}. {action}: {verdict} on each of these"));
        alike.iter().for_each(|check| text.line(2, string(check, "resource")));
    }
    if let Some(sentence) = sentences::why_checked(string(check, "why")) {
        text.line(1, sentence);
    }
    match (allowed, flag(check, "explicitDeny")) {
        (true, _) => allowed_by(text, check),
        (false, true) => denied_by(text, check),
        (false, false) => not_allowed(text, check),
    }
    if full {
        everything(text, check);
    }
}

fn allowed_by(text: &mut Text, check: &Value) {
    let deciding = list(check, "deciding");
    if deciding.is_empty() {
        text.line(1, "The account's root user needs no policy for it.");
    }
    for statement in deciding {
        text.line(1, format!("Allowed by {}.", place(check, statement)));
    }
    layers(text, deciding);
}

fn denied_by(text: &mut Text, check: &Value) {
    let deciding = list(check, "deciding");
    for statement in deciding {
        text.line(1, format!("Denied by {}.", place(check, statement)));
    }
    text.line(1, "A statement that denies wins over any number that allow. It has to be changed or removed.");
    layers(text, deciding);
}

/// One sentence on each kind of policy that decided, beside the kind everybody knows.
fn layers(text: &mut Text, deciding: &[Value]) {
    let mut told: Vec<&str> = Vec::new();
    for layer in deciding.iter().map(|statement| string(statement, "layer")) {
        if layer != "identity-based policy" && !told.contains(&layer) {
            text.line(1, sentences::layer(layer));
            told.push(layer);
        }
    }
}

/// Nothing denies, but a kind of policy that must allow does not.
fn not_allowed(text: &mut Text, check: &Value) {
    let layer = string(check, "layer");
    text.line(1, format!("{} and what nothing allows is denied.", sentences::silent(layer)));
    text.line(1, sentences::layer(layer));
    if !string(check, "silentLevel").is_empty() {
        text.line(1, format!("What is missing is missing at {}.", string(check, "silentLevel")));
    }
    let asked: Vec<&Value> = list(check, "policies").iter().filter(|policy| string(policy, "layer") == layer).collect();
    let candidates = || {
        let allowing =
            |policy| list(policy, "statements").iter().filter(|statement| string(statement, "effect") == "Allow");
        asked.iter().flat_map(move |policy| allowing(*policy).map(move |statement| (*policy, statement)))
    };
    if asked.is_empty() {
        text.line(1, format!("There is no {layer} that bears on this request."));
    }
    let near: Vec<(&Value, &Value)> = candidates().filter(|(_, statement)| is_about_the_action(statement)).collect();
    for (policy, statement) in &near {
        came_near(text, policy, statement);
    }
    let others = candidates().count() - near.len();
    if others > 0 {
        text.line(1, format!("{} about other actions.", counted(others, near.is_empty())));
    }
    text.line(1, format!("{}:", sentences::remedy(layer)));
    text.line(2, remedy(check, layer));
    other_layers(text, check, layer);
}

/// Whether that would be enough: what the other kinds of policy say that must allow as well.
fn other_layers(text: &mut Text, check: &Value, layer: &str) {
    if !sentences::MUST_ALLOW.contains(&layer) {
        return;
    }
    for other in sentences::MUST_ALLOW.into_iter().filter(|other| *other != layer) {
        let mut asked = list(check, "policies").iter().filter(|policy| string(policy, "layer") == other).peekable();
        let is_there = asked.peek().is_some() || other == sentences::IDENTITY;
        let allows = |policy| list(policy, "statements").iter().find(|statement| allows(statement));
        match asked.find_map(|policy| Some((policy, allows(policy)?))) {
            Some((policy, statement)) if other == sentences::IDENTITY => {
                text.line(1, format!("The identity-based policies do allow it: {}.", place_in(policy, statement)));
            }
            None if is_there => text.line(1, format!("It would not be enough: no {other} allows it either.")),
            _ => {}
        }
    }
}

fn allows(statement: &Value) -> bool {
    string(statement, "effect") == "Allow" && list(statement, "mismatches").is_empty()
}

fn counted(others: usize, all: bool) -> String {
    match (others, all) {
        (1, true) => "The one statement that allows anything is".to_owned(),
        (1, false) => "One further statement is".to_owned(),
        (others, true) => format!("All {others} statements that allow anything are"),
        (others, false) => format!("{others} further statements are"),
    }
}

fn is_about_the_action(statement: &Value) -> bool {
    !list(statement, "mismatches").iter().any(|mismatch| string(mismatch, "element").ends_with("Action"))
}

fn came_near(text: &mut Text, policy: &Value, statement: &Value) {
    let mismatches = list(statement, "mismatches");
    // At a level of the organization another policy may have said yes.
    if mismatches.is_empty() {
        text.line(1, format!("{} allows it, but every level has to.", capital(&place_in(policy, statement))));
        return;
    }
    text.line(1, format!("{} is about the action, but does not fit:", capital(&place_in(policy, statement))));
    for mismatch in mismatches {
        text.line(2, unfit(mismatch));
    }
}

/// What a statement has and what the request has instead.
fn unfit(mismatch: &Value) -> String {
    let (expected, actual) = (values(mismatch, "expected"), values(mismatch, "actual"));
    let negated = string(mismatch, "element").starts_with("Not");
    match (string(mismatch, "key"), negated) {
        ("", false) => format!("its {} is {expected}; the request has {actual}", string(mismatch, "element")),
        ("", true) => format!("its {} is {expected}, which the request has: {actual}", string(mismatch, "element")),
        (key, _) => format!("it asks for {} {key} {expected}; the request has {actual}", string(mismatch, "operator")),
    }
}

/// A statement that would have made the difference.
fn remedy(check: &Value, layer: &str) -> String {
    let (action, resource) = (string(check, "action"), string(check, "resource"));
    match layer {
        "role trust policy" => {
            let principal = check.get("context").and_then(|context| context.get("aws:PrincipalArn"));
            let principal = principal.and_then(|values| values.get(0)).and_then(Value::as_str).unwrap_or("…");
            format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "{action}"}}"#)
        }
        _ => format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}"#),
    }
}

/// Every policy and every statement.
fn everything(text: &mut Text, check: &Value) {
    text.line(1, "Every policy that was asked:");
    for policy in list(check, "policies") {
        text.line(2, policy_name(policy));
        for statement in list(policy, "statements") {
            let mismatches = list(statement, "mismatches");
            let outcome = if mismatches.is_empty() { "applies" } else { "does not apply" };
            text.line(3, format!("{} ({}) {outcome}", name(statement), string(statement, "effect")));
            mismatches.iter().for_each(|mismatch| text.line(4, unfit(mismatch)));
        }
    }
}

/// Where a deciding statement stands.
fn place(check: &Value, deciding: &Value) -> String {
    let same = |policy: &&Value| {
        (string(policy, "layer"), string(policy, "policy")) == (string(deciding, "layer"), string(deciding, "policy"))
    };
    place_in(list(check, "policies").iter().find(same).unwrap_or(deciding), deciding)
}

fn place_in(policy: &Value, statement: &Value) -> String {
    format!("{} of the {}", name(statement), policy_name(policy))
}

/// `identity-based policy `launch` (inline policy of the user)`
fn policy_name(policy: &Value) -> String {
    let held_by = match string(policy, "heldBy") {
        "" => String::new(),
        held_by => format!(" ({held_by})"),
    };
    let (layer, name) = (string(policy, "layer"), string(policy, "policy"));
    match name {
        // There is one of it, which has no name.
        "the resource's policy" | "session policy" => layer.to_owned(),
        name => format!("{layer} `{name}`{held_by}"),
    }
}

/// `statement 2 `Pass` (line 9)`
fn name(statement: &Value) -> String {
    let number = statement.get("statement").and_then(Value::as_u64).unwrap_or_default() + 1;
    let sid = match string(statement, "sid") {
        "" => String::new(),
        sid => format!(" `{sid}`"),
    };
    let line = statement.get("line").and_then(Value::as_u64);
    format!("statement {number}{sid}{}", line.map(|line| format!(" (line {line})")).unwrap_or_default())
}

fn values(value: &Value, key: &str) -> String {
    let quoted = |value: &Value| format!("`{}`", value.as_str().unwrap_or_default());
    match value.get(key) {
        None | Some(Value::Null) => "no such key".to_owned(),
        Some(Value::Array(values)) => values.iter().map(quoted).collect::<Vec<_>>().join(", "),
        Some(value) => quoted(value),
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The text, or the other if there is none.
pub fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// The text under a key; empty if there is none.
pub fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The list under a key; empty if there is none.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key) == Some(&Value::Bool(true))
}

/// Lines, indented by depth.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, depth: usize, words: impl AsRef<str>) {
        self.0.push_str(&"   ".repeat(depth));
        self.0.push_str(words.as_ref());
        self.0.push('\n');
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }
}
