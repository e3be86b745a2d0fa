//! Which zone offers which instance type. One region's list is read when the region is first asked about. Regions that no source lists
//! share one: what at least half of the listed regions offer, in every zone.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use service::facts::lines::{self, Block};

const OFFERINGS: &[u8] = include_bytes!("../../../../data/ec2/offerings.jsonl.gz");

/// The list of unlisted regions, and the letter that stands for all zones.
const ELSEWHERE: &str = "*";

/// For each type the letters of the zones that offer it.
type Offerings = HashMap<String, String>;

#[derive(Debug, Default, Deserialize)]
struct Index {
    #[serde(default)]
    blocks: Vec<Block>,
    #[serde(default, borrow)]
    regions: Vec<&'static str>,
    #[serde(skip)]
    read: Vec<OnceLock<Offerings>>,
}

/// Whether some zone of the region offers the type.
pub(super) fn offered_in(region: &str, name: &str) -> bool {
    of_region(region).is_some_and(|types| types.contains_key(name))
}

/// Whether that zone offers the type.
pub(super) fn offered_in_zone(region: &str, zone: &str, name: &str) -> bool {
    let Some(letter) = zone.strip_prefix(region).filter(|letter| !letter.is_empty()) else { return false };
    let letters = of_region(region).and_then(|types| types.get(name));
    letters.is_some_and(|letters| letters == ELSEWHERE || letters.contains(letter))
}

fn of_region(region: &str) -> Option<&'static Offerings> {
    let index = index();
    let number = index.regions.binary_search(&region).or_else(|_| index.regions.binary_search(&ELSEWHERE)).ok()?;
    Some(index.read.get(number)?.get_or_init(|| index.blocks.get(number).map(|block| read(*block)).unwrap_or_default()))
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        // INVARIANT: the file is part of the program, and the tests below read all of it. What it unpacks to is kept.
        let mut index: Index = serde_json::from_str(data::json("ec2/offerings").leak()).unwrap_or_default();
        index.read.resize_with(index.blocks.len(), OnceLock::new);
        index
    })
}

/// A block holds the one line of its region.
fn read(block: Block) -> Offerings {
    lines::text(OFFERINGS, block).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::instance_types;

    #[test]
    fn zones_differ() {
        assert!(offered_in("us-east-1", "m5.large"));
        assert!(offered_in_zone("us-east-1", "us-east-1a", "m5.large"));
        assert!(!offered_in_zone("us-east-1", "us-east-1e", "m5.large"));
        assert!(!offered_in_zone("us-east-1", "us-east-1", "m5.large"));
        assert!(!offered_in_zone("us-east-1", "eu-west-1a", "m5.large"));
        assert!(!offered_in("us-east-1", "m5.enormous"));
    }

    #[test]
    fn regions_without_a_list_offer_the_usual() {
        assert!(offered_in("cn-north-1", "t3.micro"));
        assert!(offered_in_zone("mx-central-1", "mx-central-1c", "m5.large"));
        assert!(!offered_in("cn-north-1", "p4de.24xlarge"));
    }

    #[test]
    fn every_list_is_readable_and_names_known_types() {
        let index = index();
        assert_eq!(index.regions.len(), 31);
        for region in &index.regions {
            let types = of_region(region).expect(region);
            assert!(types.len() > 200, "{region}");
            assert!(types.keys().all(|name| instance_types::names().binary_search(&name.as_str()).is_ok()), "{region}");
        }
    }
}
