//! data/ec2/images.json: public images. A line is a product that is published again and again under a name with a version in it; the
//! program makes each region's images out of lines. Ids are real where a source lists them, else the program derives them.
//!
//! The lines and their versions stand in `lines`, since no package lists them; ids come from the package. A version of the package that is
//! newer than all of its line is an error, so that a refresh does not leave the newest images out.

mod lines;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::Packages;
use super::fetch::Package;
use super::text::{Part, items, string, write};
use lines::{LINES, Line};

/// AWS deprecates a public image two years after its creation at the latest. The newest of each line stays for ten, so that a search by
/// name finds something however old this file has become.
const YEARS_LISTED: u32 = 2;
const YEARS_LISTED_NEWEST: u32 = 10;

/// The accounts that publish in other partitions, for owners whose accounts are known there.
const OWNERS_ELSEWHERE: &[(&str, &str, &str)] = &[
    ("137112412989", "aws-cn", "141808717104"),
    ("137112412989", "aws-us-gov", "045324592363"),
    ("099720109477", "aws-cn", "837727238323"),
    ("099720109477", "aws-us-gov", "513442679011"),
];

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let moto = packages.get("moto")?;
    let lines: Vec<Value> = LINES.iter().map(written).collect::<Result<_>>()?;
    let mut owners = BTreeMap::<&str, Map<String, Value>>::new();
    for (owner, partition, elsewhere) in OWNERS_ELSEWHERE {
        owners.entry(owner).or_default().insert((*partition).into(), json!(elsewhere));
    }
    let parts = [
        ("source", Part::Value(json!([moto.source()]))),
        ("owners_elsewhere", Part::Lines(json!(owners))),
        ("lines", Part::Lines(Value::Array(lines))),
        ("ids", Part::Lines(json!(ids(moto)?))),
    ];
    write(&data.join("ec2/images.json"), &parts)
}

fn written(line: &Line) -> Result<Value> {
    let mut kept = Map::new();
    let members = [
        ("name", json!(line.name)),
        ("description", json!(line.description)),
        ("owner", json!(line.maker.owner)),
        ("alias", json!(line.maker.alias)),
        ("architecture", json!(line.architecture)),
        ("platform", json!(line.maker.platform)),
        ("root_device", json!(line.maker.root_device)),
        ("size", json!(line.size)),
        ("volume_type", json!(line.volume_type)),
        ("virtual_devices", json!(line.maker.virtual_devices)),
        ("boot_mode", json!(line.boot_mode)),
        ("imds_support", json!(line.imds_support)),
        ("tpm_support", json!(line.tpm_support)),
        ("free_tier", json!(line.maker.free_tier)),
        ("parameters", json!(line.parameters)),
    ];
    kept.extend(
        members.into_iter().filter(|(_, value)| says_something(value)).map(|(name, value)| (name.to_owned(), value)),
    );
    let mut versions = Vec::new();
    for version in line.versions {
        let created = day(version).with_context(|| format!("`{version}` of `{}` has no date", line.name))?;
        let newest = line.versions.last() == Some(version);
        versions.push(version_of(version, created, if newest { YEARS_LISTED_NEWEST } else { YEARS_LISTED }));
    }
    kept.insert("versions".into(), Value::Array(versions));
    Ok(Value::Object(kept))
}

fn says_something(value: &Value) -> bool {
    !value.is_null() && *value != json!("") && *value != json!([]) && *value != json!(false)
}

fn version_of(version: &str, (year, month, day): (u32, u32, u32), years: u32) -> Value {
    // Images appear some hours after the day in their name begins; the 29th of February has no counterpart in most years.
    let created = format!("{year:04}-{month:02}-{day:02}T21:00:00.000Z");
    let deprecated = format!("{:04}-{month:02}-{:02}T21:00:00.000Z", year + years, day.min(28));
    json!({"version": version, "created": created, "deprecated": deprecated})
}

/// The day in a version: `2023.9.20251014.0`, `20251006-2257` or `2025.10.15`.
fn day(version: &str) -> Option<(u32, u32, u32)> {
    let digits: Vec<&str> = version.split(|letter: char| !letter.is_ascii_digit()).collect();
    if let Some(date) = digits.iter().find(|part| part.len() == 8) {
        return Some((date.get(..4)?.parse().ok()?, date.get(4..6)?.parse().ok()?, date.get(6..)?.parse().ok()?));
    }
    match digits.as_slice() {
        [year, month, day] if year.len() == 4 => Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)),
        _ => None,
    }
}

/// Ids that earlier versions of the package listed (moto 5.2.1, Apache-2.0): whoever wrote one down must find the image again.
const EARLIER: &str = include_str!("images/earlier.json");

/// For each name that some line gives, its id in each region that a source lists or listed.
fn ids(moto: &Package) -> Result<BTreeMap<String, BTreeMap<String, String>>> {
    let names: Vec<String> = LINES
        .iter()
        .flat_map(|line| line.versions.iter().map(|version| line.name.replace("{version}", version)))
        .collect();
    let mut ids: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(EARLIER)?;
    for folder in ["moto/ec2/resources/latest_amis", "moto/ec2/resources/ecs/optimized_amis"] {
        for region in moto.stems(folder)? {
            let images = moto.json(&format!("{folder}/{region}.json.gz"))?;
            for image in items(&images) {
                let name = string(&image["name"]);
                must_not_be_newer(name)?;
                if names.iter().any(|known| known == name) {
                    ids.entry(name.to_owned()).or_default().insert(region.clone(), string(&image["ami_id"]).to_owned());
                }
            }
        }
    }
    Ok(ids)
}

fn must_not_be_newer(name: &str) -> Result<()> {
    for line in LINES {
        let version = line
            .name
            .split_once("{version}")
            .and_then(|(before, after)| name.strip_prefix(before)?.strip_suffix(after));
        let newest = line.versions.iter().filter_map(|version| day(version)).max();
        if version.and_then(day) > newest {
            bail!("`{name}` is newer than the newest of its line: add its version in images/lines.rs");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_in_versions() {
        for (version, expected) in [
            ("2023.9.20251014.0", Some((2025, 10, 14))),
            ("20251006-2257", Some((2025, 10, 6))),
            ("2025.10.15", Some((2025, 10, 15))),
            ("20260226", Some((2026, 2, 26))),
            ("2023.9", None),
        ] {
            assert_eq!(day(version), expected, "{version}");
        }
    }

    #[test]
    fn versions_of_a_line_go_from_old_to_new() {
        for line in LINES {
            assert!(line.versions.len() > 1 && line.versions.is_sorted_by_key(|version| day(version)), "{}", line.name);
            assert!(line.name.contains("{version}") && !line.parameters.is_empty(), "{}", line.name);
        }
    }

    #[test]
    fn a_newer_image_of_a_known_line_is_noticed() {
        assert!(must_not_be_newer("al2023-ami-2024.1.20300101.0-kernel-6.1-x86_64").is_err());
        assert!(must_not_be_newer("al2023-ami-2023.1.20230101.0-kernel-6.1-x86_64").is_ok());
        assert!(must_not_be_newer("something-20300101").is_ok());
    }
}
