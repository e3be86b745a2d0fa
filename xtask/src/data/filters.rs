//! data/ec2/filters.json: the filter names each operation documents. The model has them in its text alone: items of a list that open with
//! a name in code type. Only the names are kept.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::Packages;
use super::text::{Part, entries, sorted, string, write};

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let botocore = packages.get("botocore")?;
    let model = botocore.json("botocore/data/ec2/2016-11-15/service-2.json.gz")?;
    let operations = entries(&model["operations"]).filter_map(|(name, operation)| {
        let input = &model["shapes"][string(&operation["input"]["shape"])]["members"];
        let filters = entries(input).find(|(_, member)| member["shape"] == json!("FilterList"))?.1;
        Some((name.clone(), json!(names(string(&filters["documentation"])))))
    });
    let operations = sorted(operations.collect::<Vec<(String, Value)>>());
    write(
        &data.join("ec2/filters.json"),
        &[("source", Part::Value(json!([botocore.source()]))), ("operations", Part::Lines(operations))],
    )
}

/// `tag:KEY` is written `tag:<key>`.
fn names(documentation: &str) -> Vec<String> {
    let mut names = Vec::new();
    for item in documentation.split("<li>").skip(1) {
        let item = item.trim_start().trim_start_matches("<p>").trim_start();
        let Some(name) =
            item.strip_prefix("<code>").and_then(|rest| rest.split_once("</code>")).map(|(name, _)| name.trim())
        else {
            continue;
        };
        let name = if name.starts_with("tag:") || name == "tag" { "tag:<key>" } else { name };
        let named = !name.is_empty() && (name == "tag:<key>" || name.chars().all(of_a_name));
        if named && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    names
}

fn of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '/')
}
