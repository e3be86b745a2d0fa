//! `rolecall why`: explains the decision on one request, policy by policy and statement by statement.

use std::process::ExitCode;

use serde_json::Value;

use super::{Outcome, admin};
use crate::cli::Why;

/// Runs the command.
pub async fn run(why: &Why) -> Outcome {
    if !why.request_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(format!("`{}` is not a request id", why.request_id));
    }
    let decision = admin(&why.endpoint, "GET", &format!("decisions/{}", why.request_id), None).await?;
    print!("{}", explain(&decision));
    Ok(ExitCode::SUCCESS)
}

/// The decision in words.
fn explain(decision: &Value) -> String {
    let mut text = String::new();
    let (who, what) = (string(decision, "principal"), operation(decision));
    line(
        &mut text,
        0,
        &format!(
            "{} asked for {what} at {}: {}",
            or(who, "somebody unknown"),
            string(decision, "time"),
            string(decision, "verdict")
        ),
    );
    if let Some(error) = decision.get("error").filter(|error| !error.is_null()) {
        line(&mut text, 1, &format!("answered {}: {}", string(error, "code"), string(error, "message")));
        if !string(error, "cause").is_empty() {
            line(&mut text, 1, &format!("cause: {}", string(error, "cause")));
        }
    }
    for check in list(decision, "checks") {
        explain_check(&mut text, check);
    }
    text
}

fn explain_check(text: &mut String, check: &Value) {
    let allowed = check.get("allowed") == Some(&Value::Bool(true));
    let verdict = if allowed { "allowed" } else { "denied" };
    line(
        text,
        0,
        format!("{} on {}: {verdict} {}", string(check, "action"), string(check, "resource"), string(check, "reason"))
            .trim_end(),
    );
    for deciding in list(check, "deciding") {
        line(
            text,
            1,
            &format!("decided by {}, {}, {}", string(deciding, "layer"), string(deciding, "policy"), name(deciding)),
        );
    }
    for policy in list(check, "policies") {
        line(text, 1, &format!("{} {}", string(policy, "layer"), string(policy, "policy")));
        for statement in list(policy, "statements") {
            explain_statement(text, statement);
        }
    }
    if !allowed && list(check, "policies").is_empty() {
        line(text, 1, "no policy speaks of this caller");
    }
}

fn explain_statement(text: &mut String, statement: &Value) {
    let mismatches = list(statement, "mismatches");
    let outcome = if mismatches.is_empty() { "applies" } else { "does not apply" };
    line(text, 2, &format!("{} ({}) {outcome}", name(statement), string(statement, "effect")));
    for mismatch in mismatches {
        let element = match string(mismatch, "key") {
            "" => string(mismatch, "element").to_owned(),
            key => format!("{} {key}", string(mismatch, "operator")),
        };
        line(
            text,
            3,
            &format!(
                "{element} wants {}, the request has {}",
                values(mismatch, "expected"),
                values(mismatch, "actual")
            ),
        );
    }
}

fn name(statement: &Value) -> String {
    let number = statement.get("statement").and_then(Value::as_u64).unwrap_or_default() + 1;
    match string(statement, "sid") {
        "" => format!("statement {number}"),
        sid => format!("statement {number} `{sid}`"),
    }
}

fn operation(decision: &Value) -> String {
    format!("{}:{}", string(decision, "service"), or(string(decision, "operation"), "?"))
}

fn values(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => "no value".to_owned(),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| format!("`{}`", value.as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", "),
        Some(value) => format!("`{}`", value.as_str().unwrap_or_default()),
    }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn line(text: &mut String, depth: usize, words: &str) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(words);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::explain;

    #[test]
    fn a_denial_in_words() {
        let decision = json!({
            "principal": "arn:aws:iam::000000000000:user/alice", "service": "ec2", "operation": "RunInstances", "time": "2026-11-23T10:00:00Z",
            "verdict": "denied", "error": {"code": "UnauthorizedOperation", "message": "no", "cause": null},
            "checks": [{"action": "iam:PassRole", "resource": "arn:aws:iam::000000000000:role/Other", "allowed": false,
                "reason": "because no identity-based policy allows the iam:PassRole action", "deciding": [],
                "policies": [{"layer": "identity-based policy", "policy": "launch", "statements": [
                    {"statement": 1, "sid": "Pass", "effect": "Allow", "mismatches": [
                        {"element": "Resource", "expected": ["arn:aws:iam::000000000000:role/Get-pics"], "actual": "arn:aws:iam::000000000000:role/Other"},
                        {"element": "Condition", "operator": "StringEquals", "key": "iam:PassedToService", "expected": ["lambda.amazonaws.com"], "actual": null}
                    ]}]}]}]
        });
        let expected = "\
arn:aws:iam::000000000000:user/alice asked for ec2:RunInstances at 2026-11-23T10:00:00Z: denied
  answered UnauthorizedOperation: no
iam:PassRole on arn:aws:iam::000000000000:role/Other: denied because no identity-based policy allows the iam:PassRole action
  identity-based policy launch
    statement 2 `Pass` (Allow) does not apply
      Resource wants `arn:aws:iam::000000000000:role/Get-pics`, the request has `arn:aws:iam::000000000000:role/Other`
      StringEquals iam:PassedToService wants `lambda.amazonaws.com`, the request has no value
";
        assert_eq!(explain(&decision), expected);
    }
}
