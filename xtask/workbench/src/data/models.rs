//! `data/models`: the services' models out of the botocore package, without their documentation, one operation or shape a line so that
//! a refresh can be read as a diff.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

const SERVICES: &[(&str, &str)] =
    &[("iam", "2010-05-08"), ("sts", "2011-06-15"), ("ec2", "2016-11-15"), ("ssm", "2014-11-06")];

/// Reads the unpacked package and writes a file for each service.
pub fn build(package: &Path, out: &Path, version: &str) -> Result<()> {
    fs::create_dir_all(out)?;
    for (service, api_version) in SERVICES {
        let path = package.join(format!("botocore/data/{service}/{api_version}/service-2.json.gz"));
        let model = read(&path).with_context(|| path.display().to_string())?;
        fs::write(out.join(format!("{service}.json")), write(service, &model, version)?)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value> {
    let mut text = String::new();
    GzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

fn write(service: &str, model: &Value, version: &str) -> Result<String> {
    let metadata = &model["metadata"];
    let operations = entries(&model["operations"], |operation| operation_of(model, operation));
    let mut text = String::from("{\n");
    let source = json!({"package": "botocore", "version": version, "licence": "Apache-2.0"});
    for (name, value) in [
        ("source", source),
        ("service", json!(service)),
        ("apiVersion", metadata["apiVersion"].clone()),
        ("protocol", metadata["protocol"].clone()),
        ("xmlns", json!(namespace(service, metadata))),
        ("errors", errors(model)),
    ] {
        text.push_str(&format!("\"{name}\":{value},\n"));
    }
    text.push_str("\"operations\":{\n");
    text.push_str(&lines(&operations)?);
    text.push_str("\n},\n\"shapes\":{\n");
    text.push_str(&lines(&shapes(model, &operations))?);
    text.push_str("\n}\n}\n");
    Ok(text)
}

/// EC2 writes its namespace with a slash at the end, which its model lacks.
fn namespace(service: &str, metadata: &Value) -> String {
    let stated = metadata["xmlNamespace"].as_str().unwrap_or_default();
    if service == "ec2" && !stated.ends_with('/') { format!("{stated}/") } else { stated.to_owned() }
}

fn entries(object: &Value, make: impl Fn(&Value) -> Value) -> BTreeMap<String, Value> {
    let object = object.as_object().into_iter().flatten();
    object.map(|(name, value)| (name.clone(), make(value))).collect()
}

fn lines(entries: &BTreeMap<String, Value>) -> Result<String> {
    let lines: Result<Vec<String>> =
        entries.iter().map(|(name, value)| Ok(format!("{}:{value}", serde_json::to_string(name)?))).collect();
    Ok(lines?.join(",\n"))
}

fn operation_of(model: &Value, operation: &Value) -> Value {
    let mut kept = Map::new();
    for (from, to) in [("input", "input"), ("output", "output")] {
        if let Some(shape) = operation[from]["shape"].as_str() {
            kept.insert(to.into(), json!(shape));
        }
    }
    if let Some(wrapper) = operation["output"]["resultWrapper"].as_str() {
        kept.insert("wrapper".into(), json!(wrapper));
    }
    if operation["authtype"] == json!("none") {
        kept.insert("unsigned".into(), json!(true));
    }
    let raised = operation["errors"].as_array().into_iter().flatten();
    let codes: Vec<Value> =
        raised.filter_map(|error| error["shape"].as_str()).map(|shape| json!(code(model, shape))).collect();
    if !codes.is_empty() {
        kept.insert("errors".into(), Value::Array(codes));
    }
    Value::Object(kept)
}

/// The wire code of an exception: its own, else the shape's name.
fn code(model: &Value, shape: &str) -> String {
    model["shapes"][shape]["error"]["code"].as_str().unwrap_or(shape).to_owned()
}

fn errors(model: &Value) -> Value {
    let shapes = model["shapes"].as_object().into_iter().flatten();
    let exceptions = shapes.filter(|(_, shape)| shape["exception"] == json!(true) || !shape["error"].is_null());
    let codes: BTreeMap<String, u64> = exceptions
        .map(|(name, shape)| (code(model, name), shape["error"]["httpStatusCode"].as_u64().unwrap_or(400)))
        .collect();
    json!(codes)
}

/// The shapes that inputs and outputs reach; exceptions need none.
fn shapes(model: &Value, operations: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut kept = BTreeMap::new();
    let mut waiting: Vec<String> = operations
        .values()
        .flat_map(|operation| [&operation["input"], &operation["output"]])
        .filter_map(|shape| shape.as_str().map(str::to_owned))
        .collect();
    while let Some(name) = waiting.pop() {
        if kept.contains_key(&name) {
            continue;
        }
        let shape = &model["shapes"][&name];
        waiting.extend(reached(shape));
        let described = shape_of(&name, shape);
        kept.insert(name, described);
    }
    kept
}

fn reached(shape: &Value) -> Vec<String> {
    let members = shape["members"].as_object().into_iter().flatten().map(|(_, member)| member);
    let named = members.chain([&shape["member"], &shape["key"], &shape["value"]]);
    named.filter_map(|member| member["shape"].as_str().map(str::to_owned)).collect()
}

/// Patterns of the published model that AWS itself is known not to hold to, with the one its messages name.
const AS_RECORDED: &[(&str, &str)] = &[
    ("AttachmentName", r".*[\w+=,.@-]+.*"),
    ("policyDocumentType", r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]+"),
];

fn shape_of(name: &str, shape: &Value) -> Value {
    let mut kept = Map::new();
    for name in ["type", "enum", "min", "max", "pattern", "flattened", "timestampFormat"] {
        if !shape[name].is_null() {
            kept.insert(name.into(), shape[name].clone());
        }
    }
    if let Some(pattern) = shape["pattern"].as_str() {
        let recorded = AS_RECORDED.iter().find(|(shape, _)| *shape == name).map(|(_, pattern)| (*pattern).to_owned());
        kept.insert("pattern".into(), json!(recorded.unwrap_or_else(|| without_inner_starts(pattern))));
    }
    let required: Vec<&str> = shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(members) = shape["members"].as_object() {
        // In the model's own order: answers are written in it.
        let members: Map<String, Value> = members
            .iter()
            .map(|(name, member)| (name.clone(), member_of(member, required.contains(&name.as_str()))))
            .collect();
        kept.insert("members".into(), Value::Object(members));
    }
    for name in ["member", "key", "value"] {
        if !shape[name].is_null() {
            kept.insert(name.into(), member_of(&shape[name], false));
        }
    }
    Value::Object(kept)
}

fn member_of(member: &Value, required: bool) -> Value {
    let mut kept = Map::new();
    for (from, to) in [("shape", "shape"), ("locationName", "wire"), ("queryName", "query"), ("flattened", "flattened")]
    {
        if !member[from].is_null() {
            kept.insert(to.into(), member[from].clone());
        }
    }
    if required {
        kept.insert("required".into(), json!(true));
    }
    if member["idempotencyToken"] == json!(true) {
        kept.insert("idempotencyToken".into(), json!(true));
    }
    Value::Object(kept)
}

/// A start (`^`) in the middle of a pattern lets nothing match, and one of EC2's has one (`placement-group/^.{1,255}$`). AWS takes such
/// ARNs, so it is left out. At the beginning of the pattern, a group, an alternative or a class it stays.
fn without_inner_starts(pattern: &str) -> String {
    let mut kept = String::with_capacity(pattern.len());
    for letter in pattern.chars() {
        if letter != '^' || kept.is_empty() || kept.ends_with(['[', '(', '|', '\\']) {
            kept.push(letter);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_impossible_starts_go() {
        for (pattern, expected) in [
            ("^a$", "^a$"),
            ("[^a]|^b(^c)", "[^a]|^b(^c)"),
            (r"a\^b", r"a\^b"),
            ("^group/^.{1,255}$", "^group/.{1,255}$"),
        ] {
            assert_eq!(without_inner_starts(pattern), expected);
        }
    }
}
