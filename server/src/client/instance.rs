//! `rolecall instance`: lets befall an instance what on AWS comes from outside its API, and prints the certificate its identity is signed with.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::{Outcome, admin, imds, text};
use crate::cli::{self, InstanceAction};

/// Runs the command.
pub async fn run(instance: &cli::Instance) -> Outcome {
    let endpoint = &instance.endpoint;
    let answer = match &instance.action {
        InstanceAction::Certificate { form } => {
            let all = admin(endpoint, "GET", "identity-certificates", None).await?;
            print!("{}", text(&all, form)?);
            return Ok(ExitCode::SUCCESS);
        }
        InstanceAction::Events { instance } => call(endpoint, "GET", instance, "events", None).await?,
        InstanceAction::Interrupt { instance, action, r#in } => {
            let body = body([("action", action.clone()), ("in", r#in.clone())]);
            call(endpoint, "POST", instance, "interrupt", Some(body)).await?
        }
        InstanceAction::Rebalance { instance, off } => {
            call(endpoint, "POST", instance, "rebalance", Some(json!({"off": off}))).await?
        }
        InstanceAction::Lifecycle { instance, state } => {
            call(endpoint, "POST", instance, "lifecycle", Some(body([("state", state.clone())]))).await?
        }
        InstanceAction::Maintain { instance, code, r#in, lasting, deadline, description } => {
            let body = body([
                ("code", code.clone()),
                ("in", r#in.clone()),
                ("lasting", lasting.clone()),
                ("deadline", deadline.clone()),
                ("description", description.clone()),
            ]);
            call(endpoint, "POST", instance, "maintain", Some(body)).await?
        }
        InstanceAction::Cancel { instance, event } => {
            imds::must_be_id(event)?;
            call(endpoint, "DELETE", instance, &format!("events/{event}"), None).await?
        }
    };
    print!("{}", lines(&answer));
    Ok(ExitCode::SUCCESS)
}

async fn call(
    endpoint: &cli::Endpoint,
    method: &str,
    instance: &str,
    what: &str,
    body: Option<Value>,
) -> Result<Value, String> {
    imds::must_be_id(instance)?;
    admin(endpoint, method, &format!("instances/{instance}/{what}"), body).await
}

/// What was given, as JSON.
fn body<const N: usize>(given: [(&str, Option<String>); N]) -> Value {
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
    Value::Object(given.collect::<Map<_, _>>())
}

/// What the instance is told, one thing a line.
fn lines(answer: &Value) -> String {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut lines = String::new();
    if let Some(told) = answer.get("interruption").filter(|told| told.is_object()) {
        lines.push_str(&format!("interruption  {} at {}\n", text(told, "action"), text(told, "time")));
    }
    for (key, shown) in [("rebalance", "rebalance     since "), ("lifecycle", "lifecycle     ")] {
        if let Some(told) = answer.get(key).and_then(Value::as_str) {
            lines.push_str(&format!("{shown}{told}\n"));
        }
    }
    for event in answer.get("events").and_then(Value::as_array).into_iter().flatten() {
        let [id, code, from, until, state] =
            ["id", "code", "notBefore", "notAfter", "state"].map(|key| text(event, key));
        lines.push_str(&format!("event         {id} {code} {from} to {until} {state}\n"));
    }
    if lines.is_empty() { "nothing is announced\n".to_owned() } else { lines }
}
