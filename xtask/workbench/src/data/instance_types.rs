//! data/ec2/instance-types.*: every instance type as DescribeInstanceTypes tells of it; data/ec2/offerings.*: where each is offered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::fetch::Package;
use super::text::{Part, entries, items, sorted, string, write};
use super::{Packages, blocks};

/// Stands for the regions whose offerings no source lists: what is offered in at least half of the listed ones, in every zone.
const ELSEWHERE: &str = "*";

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let moto = packages.get("moto")?;
    let types = moto.json("moto/ec2/resources/instance_types.json.gz")?;
    let types: BTreeMap<&String, &Value> = entries(&types).collect();
    let lines: Vec<String> = types.values().map(|record| snake_case(record).to_string()).collect();
    let blocks = blocks::write(&data.join("ec2/instance-types.jsonl.gz"), &lines, None)?;
    let parts = [
        ("source", Part::Value(json!([moto.source()]))),
        ("blocks", Part::Value(blocks)),
        ("types", Part::Lines(json!(types.keys().collect::<Vec<_>>()))),
    ];
    write(&data.join("ec2/instance-types.json"), &parts)?;
    offerings(moto, data)
}

fn offerings(moto: &Package, data: &Path) -> Result<()> {
    let folder = "moto/ec2/resources/instance_type_offerings/availability-zone";
    let mut regions = BTreeMap::new();
    for region in moto.stems(folder)? {
        let rows = moto.json(&format!("{folder}/{region}.json.gz"))?;
        regions.insert(region.clone(), zones_by_type(&region, &rows));
    }
    regions.insert(ELSEWHERE.into(), usual(&regions));
    // A block for each region: nobody asks for several at once.
    let lines: Vec<String> = regions.values().map(|types| json!(types).to_string()).collect();
    let blocks = blocks::write(&data.join("ec2/offerings.jsonl.gz"), &lines, Some(1))?;
    let parts = [
        ("source", Part::Value(json!([moto.source()]))),
        ("blocks", Part::Value(blocks)),
        ("regions", Part::Lines(json!(regions.keys().collect::<Vec<_>>()))),
    ];
    write(&data.join("ec2/offerings.json"), &parts)
}

/// For each type the letters of the zones that offer it: `m5.large` -> `abcdf`.
fn zones_by_type(region: &str, rows: &Value) -> BTreeMap<String, String> {
    let mut types: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for row in items(rows) {
        if let Some(letter) = string(&row["Location"]).strip_prefix(region) {
            types.entry(string(&row["InstanceType"]).to_owned()).or_default().insert(letter);
        }
    }
    types.into_iter().map(|(name, letters)| (name, letters.into_iter().collect())).collect()
}

fn usual(regions: &BTreeMap<String, BTreeMap<String, String>>) -> BTreeMap<String, String> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for name in regions.values().flat_map(BTreeMap::keys) {
        *counts.entry(name).or_default() += 1;
    }
    let usual = counts.into_iter().filter(|(_, count)| count * 2 >= regions.len());
    usual.map(|(name, _)| (name.clone(), ELSEWHERE.to_owned())).collect()
}

/// The record with its names as the program's fields are called.
fn snake_case(value: &Value) -> Value {
    match value {
        Value::Object(members) => sorted(members.iter().map(|(name, value)| (snake_name(name), snake_case(value)))),
        Value::Array(items) => items.iter().map(snake_case).collect(),
        other => other.clone(),
    }
}

/// `VCpuInfo` -> `v_cpu_info`, `SizeInMiB` -> `size_in_mib`, `BaselineThroughputInMBps` -> `baseline_throughput_in_mbps`.
fn snake_name(name: &str) -> String {
    let name = name.replace("MiB", "Mib").replace("MBps", "Mbps").replace("GB", "Gb");
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
