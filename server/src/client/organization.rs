//! `rolecall organization`: shows the organisation, puts one from a file, or takes it away.

use std::process::ExitCode;

use serde_json::Value;

use super::{Outcome, admin, print};
use crate::cli::{Organization, OrganizationAction};

/// Runs the command.
pub async fn run(organization: &Organization) -> Outcome {
    let endpoint = &organization.endpoint;
    match &organization.action {
        None | Some(OrganizationAction::Show) => {
            let shown = admin(endpoint, "GET", "organization", None).await?;
            print(&tree(&shown))?;
        }
        Some(OrganizationAction::Put { file }) => {
            let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
            let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
            let body: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
            admin(endpoint, "PUT", "organization", Some(body)).await.map_err(|error| failed(&error))?;
            println!("the organization is as {} says", file.display());
        }
        Some(OrganizationAction::Delete) => {
            admin(endpoint, "DELETE", "organization", None).await?;
            println!("there is no organization any more");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The tree, a line for each root, unit and account.
fn tree(shown: &Value) -> String {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let management = text(shown, "managementAccount");
    let mut lines = format!("{} ({})\n", text(shown, "id"), text(shown, "featureSet"));
    if let Some(root) = shown.get("root") {
        node(&mut lines, root, 1, &management);
    }
    lines
}

fn node(lines: &mut String, value: &Value, depth: usize, management: &str) {
    line(lines, value, depth, "");
    for account in list(value, "accounts") {
        let is_management = account.get("id").and_then(Value::as_str) == Some(management);
        line(lines, account, depth + 1, if is_management { " (management account)" } else { "" });
    }
    for unit in list(value, "organizationalUnits") {
        node(lines, unit, depth + 1, management);
    }
}

fn line(lines: &mut String, value: &Value, depth: usize, more: &str) {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let own = list(value, "policies").iter().filter_map(Value::as_str);
    let full = value.get("fullAwsAccess") != Some(&Value::Bool(false));
    let policies: Vec<&str> = full.then_some("FullAWSAccess").into_iter().chain(own).collect();
    let indent = "  ".repeat(depth);
    let (id, name, policies) = (text("id"), text("name"), policies.join(", "));
    lines.push_str(&format!(
        "{indent}{id} {name}{more}: {}\n",
        if policies.is_empty() { "no policies" } else { &policies }
    ));
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
