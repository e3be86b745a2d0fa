//! data/regions.json: partitions, their regions and zones.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::Packages;
use super::text::{Part, entries, items, string, write};

/// Regions of the partition `aws` that every account has without opting in (AWS Account Management: "Enable or disable AWS Regions").
const ENABLED_BY_DEFAULT: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

pub fn build(packages: &Packages, data: &Path) -> Result<()> {
    let botocore = packages.get("botocore")?;
    let moto = packages.get("moto")?;
    let partitions = botocore.json("botocore/data/partitions.json")?;
    let endpoints = botocore.json("botocore/data/endpoints.json")?;
    let zones = zones(&moto.text("moto/ec2/models/availability_zones_and_regions.py")?);
    let mut parts = vec![("source", Part::Value(json!([botocore.source(), moto.source()])))];
    let mut rows = Vec::new();
    let mut regions = Vec::new();
    for partition in items(&partitions["partitions"]) {
        rows.push(json!({
            "name": partition["id"],
            "dns_suffix": partition["outputs"]["dnsSuffix"],
            "global_region": global_region(partition, &endpoints),
        }));
        let of_partition = entries(&partition["regions"]).filter(|(name, _)| !name.ends_with("-global"));
        regions.extend(of_partition.map(|(name, region)| region_of(string(&partition["id"]), name, region, &zones)));
    }
    parts.push(("partitions", Part::Lines(Value::Array(rows))));
    parts.push(("regions", Part::Lines(Value::Array(regions))));
    write(&data.join("regions.json"), &parts)
}

fn region_of(partition: &str, name: &str, region: &Value, zones: &BTreeMap<String, Vec<(String, String)>>) -> Value {
    let zones = zones.get(name).cloned().unwrap_or_else(|| usual_zones(name));
    let zones: Vec<Value> = zones.iter().map(|(name, id)| json!({"name": name, "id": id})).collect();
    json!({
        "name": name,
        "partition": partition,
        "opt_in": partition == "aws" && !ENABLED_BY_DEFAULT.contains(&name),
        "description": region["description"],
        "zones": zones,
    })
}

/// Where requests to a partition's IAM count as made.
fn global_region(partition: &Value, endpoints: &Value) -> Value {
    let id = &partition["id"];
    let of_endpoints = items(&endpoints["partitions"]).find(|other| other["partition"] == *id);
    let iam = of_endpoints.map(|other| &other["services"]["iam"]);
    let scope = iam.map(|iam| &iam["endpoints"][string(&iam["partitionEndpoint"])]["credentialScope"]["region"]);
    scope.filter(|scope| scope.is_string()).unwrap_or(&partition["outputs"]["implicitGlobalRegion"]).clone()
}

/// The rows `Zone(region_name="…", name="…", zone_id="…")` of the package's table.
fn zones(script: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut zones: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    // Some rows run over several lines.
    let joined: String = script.split_whitespace().collect();
    for row in joined.split("Zone(").skip(1) {
        let value = |label: &str| Some(row.split_once(label)?.1.split('"').next()?.to_owned());
        let columns = (value("region_name=\""), value(",name=\""), value("zone_id=\""));
        if let (Some(region), Some(name), Some(id)) = columns {
            zones.entry(region).or_default().push((name, id));
        }
    }
    zones.values_mut().for_each(|zones| zones.sort());
    zones
}

/// `a`, `b`, `c` as `az1`, `az2`, `az3`: how regions have been laid out that came after the mapping of names to ids was given up.
fn usual_zones(region: &str) -> Vec<(String, String)> {
    let prefix = zone_prefix(region);
    ["a", "b", "c"]
        .iter()
        .zip(1..)
        .map(|(letter, number)| (format!("{region}{letter}"), format!("{prefix}-az{number}")))
        .collect()
}

/// `ap-southeast-6` -> `apse6`, `us-gov-east-1` -> `usge1`, `mx-central-1` -> `mxc1`.
fn zone_prefix(region: &str) -> String {
    let mut parts = region.split('-');
    let mut prefix = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part {
            "northeast" | "northwest" | "southeast" | "southwest" => {
                prefix.extend([part.chars().next(), part.chars().nth(5)].into_iter().flatten());
            }
            "iso" | "isob" | "isoe" | "isof" => prefix.push_str(part.replace("iso", "i").as_str()),
            part if part.len() == 2 => prefix.push_str(part),
            part => prefix.extend(part.chars().next()),
        }
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_zone_ids() {
        for (region, prefix) in [
            ("us-east-1", "use1"),
            ("ap-southeast-6", "apse6"),
            ("mx-central-1", "mxc1"),
            ("cn-northwest-1", "cnnw1"),
            ("us-gov-west-1", "usgw1"),
            ("us-isob-east-1", "usibe1"),
        ] {
            assert_eq!(zone_prefix(region), prefix);
        }
    }

    #[test]
    fn zones_stand_in_rows_over_any_number_of_lines() {
        let script = "x = { \"r\": [Zone(region_name=\"r\", name=\"rb\", zone_id=\"r-az1\"),\n Zone(\n region_name=\"r\",\n name=\"ra\",\n zone_id=\"r-az2\",\n)]}";
        let expected = vec![("ra".to_owned(), "r-az2".to_owned()), ("rb".to_owned(), "r-az1".to_owned())];
        assert_eq!(zones(script), BTreeMap::from([("r".to_owned(), expected)]));
    }
}
