//! What the accounts of an organization have set, in each of their regions, and which value most of them have.

use std::collections::{BTreeMap, BTreeSet};

use service::organization::Organization;
use service::prelude::*;
use service::regions;

use crate::network::{self, block_public_access};
use crate::setting::{allowed_images, metadata_defaults, public_access, serial_console};

/// What an account has set in a region.
type Ask = fn(&World, AccountId, &str) -> String;

/// The attributes of declarative policies for EC2, as the policies call them.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html>
const ATTRIBUTES: [(&str, Ask); 6] = [
    ("allowed_images_settings", allowed_images::state_of),
    ("image_block_public_access", public_access::of_images),
    ("instance_metadata_defaults", metadata_defaults::told),
    ("serial_console_access", serial_console::told),
    ("snapshot_block_public_access", public_access::of_snapshots),
    ("vpc_block_public_access", block_public_access::mode),
];

/// `AttributeSummary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct AttributeSummary {
    pub attribute_name: String,
    pub most_frequent_value: String,
    pub number_of_matched_accounts: i64,
    pub number_of_unmatched_accounts: i64,
    pub regional_summaries: Vec<RegionalSummary>,
}

/// `RegionalSummary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct RegionalSummary {
    pub region_name: String,
    pub number_of_matched_accounts: i64,
    pub number_of_unmatched_accounts: i64,
}

/// A value that an account has in a region.
struct Found {
    account: AccountId,
    region: &'static str,
    attribute: &'static str,
    value: String,
}

/// All that was found.
pub struct Survey(Vec<Found>);

impl Survey {
    /// Asks every account that is the target or under it, in every region that it can use.
    pub fn of(world: &World, partition: &str, target: &str) -> Survey {
        let organization = Organization::of(world);
        let accounts = organization.iter().flat_map(|held| held.accounts_under(target));
        let places = accounts.flat_map(|account| {
            regions::regions_in(partition)
                .filter(move |region| !region.opt_in || network::is_settled(world, account, &region.name))
                .map(move |region| (account, region.name.as_str()))
        });
        let found = places.flat_map(|(account, region)| {
            ATTRIBUTES.into_iter().map(move |(attribute, ask)| Found {
                account,
                region,
                attribute,
                value: ask(world, account, region),
            })
        });
        Survey(found.collect())
    }

    /// How many accounts were asked.
    pub fn accounts(&self) -> i64 {
        distinct(self.0.iter())
    }

    /// A line for each value.
    pub fn table(&self) -> String {
        let quoted = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
        let line = |found: &Found| {
            format!("{},{},{},{}\n", found.account, found.region, found.attribute, quoted(&found.value))
        };
        let lines = self.0.iter().map(line);
        std::iter::once("account_id,region,attribute,value\n".to_owned()).chain(lines).collect()
    }

    /// For each attribute the value that is found most often, and how many accounts have it: in a region, and in all of theirs.
    pub fn summaries(&self) -> Vec<AttributeSummary> {
        ATTRIBUTES.into_iter().filter_map(|(attribute, _)| self.summary(attribute)).collect()
    }

    fn summary(&self, attribute: &str) -> Option<AttributeSummary> {
        let of_attribute = || self.0.iter().filter(move |found| found.attribute == attribute);
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        of_attribute().for_each(|found| *numbers.entry(&found.value).or_default() += 1);
        // Of those found equally often the first.
        let (most, _) = numbers.into_iter().rev().max_by_key(|(_, number)| *number)?;
        let divided = |found: Vec<&Found>| {
            let others = distinct(found.iter().copied().filter(|found| found.value != most));
            (distinct(found.iter().copied()) - others, others)
        };
        let mut regions: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
        of_attribute().for_each(|found| regions.entry(found.region).or_default().push(found));
        let (matched, unmatched) = divided(of_attribute().collect());
        let regional = regions.into_iter().map(|(region, found)| {
            let (matched, unmatched) = divided(found);
            RegionalSummary {
                region_name: region.to_owned(),
                number_of_matched_accounts: matched,
                number_of_unmatched_accounts: unmatched,
            }
        });
        Some(AttributeSummary {
            attribute_name: attribute.to_owned(),
            most_frequent_value: most.to_owned(),
            number_of_matched_accounts: matched,
            number_of_unmatched_accounts: unmatched,
            regional_summaries: regional.collect(),
        })
    }
}

/// How many accounts these are of.
fn distinct<'a>(found: impl Iterator<Item = &'a Found>) -> i64 {
    let accounts: BTreeSet<AccountId> = found.map(|found| found.account).collect();
    i64::try_from(accounts.len()).unwrap_or(i64::MAX)
}
