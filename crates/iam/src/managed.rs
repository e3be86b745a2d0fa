//! The policies that AWS manages: those every account sees under `arn:aws:iam::aws:policy/`.
//!
//! The list is read when first asked for; a document is unpacked when that policy is first used and kept from then on. Only the newest
//! version of each policy has a document here. A customer's own managed policies are records, not this. Start with [`by_arn`].

use std::sync::OnceLock;

use jiff::Timestamp;
use serde::Deserialize;
use service::PolicyText;
use service::facts::lines::{self, Block};
use service::ids::Ids;

/// A policy that AWS manages.
#[derive(Debug, Deserialize)]
pub struct ManagedPolicy {
    pub name: String,
    /// `/`, `/service-role/`, `/aws-service-role/`, `/job-function/`, `/root-task/`.
    pub path: String,
    /// `v12`: the newest version and the one in force.
    pub default_version: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Where its document lies: a line of the file beside the list.
    #[serde(skip)]
    line: usize,
    #[serde(skip)]
    document: OnceLock<PolicyText>,
}

/// A version of a policy that AWS manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// `v3`.
    pub id: String,
    pub created_at: Timestamp,
    pub is_default: bool,
}

#[derive(Debug, Default, Deserialize)]
struct List {
    blocks: Vec<Block>,
    policies: Vec<ManagedPolicy>,
}

/// A line of the file of documents.
#[derive(Debug, Deserialize)]
struct Line {
    versions: serde_json::Map<String, serde_json::Value>,
    document: serde_json::Value,
}

impl ManagedPolicy {
    /// Its ARN in that partition.
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// `ANPA…`: always the same for a name, but not AWS's, which nobody publishes.
    pub fn id(&self) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let drawn = Ids::derived(&[b"policy of AWS", self.name.as_bytes()]).bytes();
        let letters = drawn.iter().take(16).filter_map(|byte| LETTERS.get(usize::from(byte & 31)));
        // AWS's own begin so: they come from before accounts were packed into ids.
        "ANPAI".chars().chain(letters.map(|letter| char::from(*letter))).collect()
    }

    /// The document of the default version.
    pub fn document(&self) -> &PolicyText {
        self.document.get_or_init(|| {
            let text = self.unpacked().map(|line| line.document.to_string());
            // A test unpacks every one; a text that is no policy would allow nothing.
            PolicyText::new(text.unwrap_or_default())
        })
    }

    /// All versions with known dates, the newest first.
    pub fn versions(&self) -> Vec<Version> {
        let dates = self.unpacked().map(|line| line.versions).unwrap_or_default();
        let mut versions: Vec<Version> = dates.iter().filter_map(|(id, date)| self.version(id, date)).collect();
        versions.sort_by_key(|version| std::cmp::Reverse(number(&version.id)));
        versions
    }

    fn version(&self, id: &str, date: &serde_json::Value) -> Option<Version> {
        let created_at = date.as_str()?.parse().ok()?;
        Some(Version { id: id.to_owned(), created_at, is_default: id == self.default_version })
    }

    fn unpacked(&self) -> Option<Line> {
        let line = lines::line(DOCUMENTS, &list().blocks, self.line)?;
        serde_json::from_str(&line).ok()
    }
}

/// The policy with that ARN, in any partition, or with that name.
pub fn by_arn(arn_or_name: &str) -> Option<&'static ManagedPolicy> {
    let (path, name) = match path_and_name(arn_or_name) {
        Some((path, name)) => (Some(path), name),
        None => (None, arn_or_name),
    };
    let policies = all();
    let at = policies.binary_search_by(|policy| policy.name.as_str().cmp(name)).ok()?;
    policies.get(at).filter(|policy| path.is_none_or(|path| policy.path == path))
}

/// All of them, by name.
pub fn all() -> &'static [ManagedPolicy] {
    &list().policies
}

/// `arn:aws:iam::aws:policy/job-function/Billing` -> (`/job-function/`, `Billing`).
fn path_and_name(arn: &str) -> Option<(&str, &str)> {
    let (_partition, rest) = arn.strip_prefix("arn:")?.split_once(':')?;
    let resource = rest.strip_prefix("iam::aws:policy")?;
    resource.rfind('/').and_then(|slash| resource.split_at_checked(slash + 1))
}

/// `v12` -> 12.
fn number(version: &str) -> u32 {
    version.trim_start_matches('v').parse().unwrap_or(0)
}

static DOCUMENTS: &[u8] = include_bytes!("../../../data/managed-policies.jsonl.gz");

fn list() -> &'static List {
    static LIST: OnceLock<List> = OnceLock::new();
    LIST.get_or_init(|| {
        // A test holds that the file is whole.
        let mut list: List =
            serde_json::from_str(include_str!("../../../data/managed-policies.json")).unwrap_or_default();
        // The lines are in the order of the list.
        list.policies.iter_mut().enumerate().for_each(|(line, policy)| policy.line = line);
        list
    })
}

#[cfg(test)]
mod tests;
