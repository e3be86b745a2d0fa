//! data/ec2/filters.json: the filter names each operation documents. The model has them in its text alone: items of a list that open with
//! a name in code type. Only the names are kept.

use std::collections::BTreeSet;
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

/// The names in the order of the alphabet; `tag:KEY` is written `tag:<key>`.
fn names(documentation: &str) -> Vec<String> {
    let names: BTreeSet<String> = outer_items(documentation).filter_map(name).collect();
    names.into_iter().collect()
}

/// What follows each `<li>` of the outer list: lists within are values of a filter.
fn outer_items(documentation: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    std::iter::successors(after_bracket(documentation), |rest| after_bracket(rest)).filter_map(move |rest| {
        if rest.starts_with("ul>") {
            depth += 1;
        } else if rest.starts_with("/ul>") {
            depth -= 1;
        }
        rest.strip_prefix("li>").filter(|_| depth == 1)
    })
}

fn after_bracket(text: &str) -> Option<&str> {
    text.split_once('<').map(|(_, rest)| rest)
}

fn name(item: &str) -> Option<String> {
    let item = item.trim_start().trim_start_matches("<p>").trim_start();
    let (name, _) = item.strip_prefix("<code>")?.split_once("</code>")?;
    let name = name.trim();
    if name == "tag" || name.starts_with("tag:") {
        return Some("tag:<key>".into());
    }
    let named = !name.is_empty() && name.chars().all(of_a_name);
    named.then(|| name.to_owned())
}

fn of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_outer_items() {
        let text = "<p>The filters.</p> <ul> <li> <p> <code>state</code> - One of:</p> <ul> <li> <p> <code>open</code> </p> </li> </ul> </li> \
                    <li><code>tag:&lt;key&gt;</code> - A tag.</li> <li> <p>Plain text</p> </li> <li> <code>attachment.id</code> </li> </ul>";
        assert_eq!(names(text), ["attachment.id", "state", "tag:<key>"]);
        assert!(names("<p>Not supported.</p>").is_empty());
    }
}
