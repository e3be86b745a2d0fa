//! AWS's partitions, regions and zones, read once from data/regions.json.
//!
//! All of it is fixed for the life of the process and handed out as `'static`. What an account has enabled is not known here. Start with
//! [`region`].

use std::sync::OnceLock;

use serde::Deserialize;

/// A region. <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// `eu-west-1`.
    pub name: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, …: the second part of every ARN.
    pub partition: String,
    /// What host names of the region end in: `amazonaws.com`.
    #[serde(default)]
    pub dns_suffix: String,
    /// `Europe (Ireland)`.
    pub description: String,
    /// Whether an account must opt in before it can use the region.
    pub opt_in: bool,
    /// In the order of their names.
    pub zones: Vec<Zone>,
}

/// An availability zone.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Zone {
    /// `eu-west-1a`: AWS draws it per account in old regions; ours is the same for all accounts.
    pub name: String,
    /// `euw1-az3`: the same place for every account.
    pub id: String,
}

/// A set of regions with an identity world of its own.
#[derive(Debug, Deserialize)]
struct Partition {
    name: String,
    dns_suffix: String,
    global_region: String,
}

#[derive(Debug, Deserialize)]
struct Table {
    partitions: Vec<Partition>,
    regions: Vec<Region>,
}

impl Region {
    /// The zone with that name.
    pub fn zone(&self, name: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.name == name)
    }

    /// The zone with that id.
    pub fn zone_by_id(&self, id: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == id)
    }

    /// The group that all availability zones of the region are in (DescribeAvailabilityZones' GroupName).
    pub fn zone_group(&self) -> String {
        format!("{}-zg-1", self.name)
    }
}

/// The region with that name, in any partition.
pub fn region(name: &str) -> Option<&'static Region> {
    let regions = &table().regions;
    regions.binary_search_by(|region| region.name.as_str().cmp(name)).ok().and_then(|at| regions.get(at))
}

/// The region of a request that names none: us-east-1.
pub fn fallback() -> &'static Region {
    static NOWHERE: Region = Region {
        name: String::new(),
        partition: String::new(),
        dns_suffix: String::new(),
        description: String::new(),
        opt_in: false,
        zones: Vec::new(),
    };
    // A test holds that the file has it.
    region("us-east-1").unwrap_or(&NOWHERE)
}

/// Every region of every partition, by name.
pub fn all() -> impl Iterator<Item = &'static Region> {
    table().regions.iter()
}

/// The regions of a partition, by name.
pub fn regions_in(partition: &str) -> impl Iterator<Item = &'static Region> + use<'_> {
    all().filter(move |region| region.partition == partition)
}

/// The partition of the region with that name.
pub fn partition_of(region_name: &str) -> Option<&'static str> {
    region(region_name).map(|region| region.partition.as_str())
}

/// The region that a partition's IAM counts as: us-east-1, cn-north-1, us-gov-west-1, …; us-east-1 for a partition we don't know.
pub fn global_region(partition: &str) -> &'static str {
    let known = table().partitions.iter().find(|row| row.name == partition);
    known.map_or("us-east-1", |row| &row.global_region)
}

/// What follows the service in a service principal's name: `amazonaws.com`, and for EC2 in China `amazonaws.com.cn`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
pub fn service_principal_suffix(service: &str, partition: &str) -> &'static str {
    if service == "ec2" && partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        // A test holds that the file is whole.
        read(&data::json("regions")).unwrap_or_else(|_| Table { partitions: Vec::new(), regions: Vec::new() })
    })
}

fn read(text: &str) -> serde_json::Result<Table> {
    let mut table: Table = serde_json::from_str(text)?;
    let suffix_of = |partition: &str| {
        let row = table.partitions.iter().find(|row| row.name == partition);
        row.map(|row| row.dns_suffix.clone()).unwrap_or_default()
    };
    for region in &mut table.regions {
        region.dns_suffix = suffix_of(&region.partition);
    }
    table.regions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole() {
        let table = read(&data::json("regions")).unwrap();
        assert!(table.regions.len() >= 40, "{}", table.regions.len());
        for region in &table.regions {
            assert!(table.partitions.iter().any(|row| row.name == region.partition), "{}", region.name);
            assert!(region.zones.len() >= 2, "{}", region.name);
            assert!(!region.description.is_empty() && !region.dns_suffix.is_empty(), "{}", region.name);
            assert!(region.zones.iter().all(|zone| zone.name.starts_with(&region.name)), "{}", region.name);
            assert!(region.zones.is_sorted_by(|a, b| a.name < b.name), "{}", region.name);
        }
    }

    #[test]
    fn zone_ids_are_unique() {
        let mut ids: Vec<&str> = all().flat_map(|region| &region.zones).map(|zone| zone.id.as_str()).collect();
        ids.sort_unstable();
        let before = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), before);
    }

    #[test]
    fn spot_values() {
        let ireland = region("eu-west-1").unwrap();
        assert_eq!((ireland.partition.as_str(), ireland.dns_suffix.as_str()), ("aws", "amazonaws.com"));
        assert_eq!(ireland.description, "Europe (Ireland)");
        assert!(!ireland.opt_in && region("af-south-1").unwrap().opt_in);
        let zones: Vec<&str> = ireland.zones.iter().map(|zone| zone.name.as_str()).collect();
        assert_eq!(zones, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
        assert!(ireland.zones.iter().all(|zone| zone.id.starts_with("euw1-az")));
        assert_eq!(fallback().name, "us-east-1");
        assert_eq!(fallback().zones.len(), 6);
        assert_eq!(partition_of("cn-north-1"), Some("aws-cn"));
        assert_eq!(partition_of("moon-1"), None);
        assert!(region("aws-global").is_none());
    }

    #[test]
    fn iam_counts_as_one_region_of_its_partition() {
        let expected =
            [("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1"), ("unknown", "us-east-1")];
        for (partition, region) in expected {
            assert_eq!(global_region(partition), region);
        }
        for row in &table().partitions {
            assert_eq!(partition_of(&row.global_region), Some(row.name.as_str()), "{}", row.name);
        }
    }

    #[test]
    fn service_principals() {
        assert_eq!(service_principal_suffix("ec2", "aws"), "amazonaws.com");
        assert_eq!(service_principal_suffix("ec2", "aws-cn"), "amazonaws.com.cn");
        assert_eq!(service_principal_suffix("lambda", "aws-cn"), "amazonaws.com");
    }
}
