//! The policies that AWS manages: those every account sees under `arn:aws:iam::aws:policy/`.
//!
//! The list is read when first asked for; the document in force is unpacked when that policy is first used and kept from then on, those of
//! older versions are unpacked when asked for. Some old versions are known to nobody who publishes them, and so are not here. A customer's own
//! managed policies are records, not this. Start with [`by_arn`].

use std::sync::OnceLock;

use jiff::Timestamp;
use serde::Deserialize;
use service::PolicyText;
use service::facts::solid;
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
    #[serde(skip)]
    place: Place,
    #[serde(skip)]
    document: OnceLock<PolicyText>,
}

/// A version of a policy that AWS manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// `v3`.
    pub id: String,
    /// `None`: nobody knows when AWS made it.
    pub created_at: Option<Timestamp>,
    pub is_default: bool,
}

#[derive(Debug, Default, Deserialize)]
struct List {
    streams: Vec<Stream>,
    policies: Vec<ManagedPolicy>,
}

/// A stream of the file of documents: first a [`Line`] for each of its policies, then their older documents, policy by policy, the newer
/// first.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Stream {
    /// The byte at which it begins.
    at: usize,
    policies: usize,
}

/// Which policy of which stream.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    stream: usize,
    within: usize,
}

/// When each version was made, the newest first, and what the newest says.
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

    /// All versions that are known, the newest first.
    pub fn versions(&self) -> Vec<Version> {
        let dates = self.unpacked().map(|line| line.versions).unwrap_or_default();
        dates.iter().map(|(id, date)| self.version(id, date)).collect()
    }

    /// The text of one version's document; `None` for a version that is not known.
    pub fn document_of(&self, version: &str) -> Option<String> {
        if version == self.default_version {
            return Some(self.document().text().to_owned());
        }
        self.documents().into_iter().find(|(known, _)| known.id == version).map(|(_, text)| text)
    }

    /// All versions that are known with their texts, the newest first. The stream is unpacked once for all of them.
    pub fn documents(&self) -> Vec<(Version, String)> {
        let mut lines = self.lines();
        let policies = self.stream().map_or(0, |stream| stream.policies);
        let newest: Vec<String> = lines.by_ref().take(policies).collect();
        let read = |line: &String| serde_json::from_str::<Line>(line).ok();
        let older = |line: Line| line.versions.len().saturating_sub(1);
        let before: usize = newest.iter().take(self.place.within).filter_map(read).map(older).sum();
        let Some(own) = newest.get(self.place.within).and_then(read) else { return Vec::new() };
        let texts = std::iter::once(own.document.to_string()).chain(lines.skip(before));
        own.versions.iter().zip(texts).map(|((id, date), text)| (self.version(id, date), text)).collect()
    }

    fn version(&self, id: &str, date: &serde_json::Value) -> Version {
        let created_at = date.as_str().and_then(|date| date.parse().ok());
        Version { id: id.to_owned(), created_at, is_default: id == self.default_version }
    }

    fn unpacked(&self) -> Option<Line> {
        serde_json::from_str(&self.lines().nth(self.place.within)?).ok()
    }

    fn stream(&self) -> Option<Stream> {
        list().streams.get(self.place.stream).copied()
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        self.stream().into_iter().flat_map(|stream| solid::lines(DOCUMENTS, stream.at))
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

static DOCUMENTS: &[u8] = include_bytes!("../../../data/managed-policies.jsonl.lzma");

fn list() -> &'static List {
    static LIST: OnceLock<List> = OnceLock::new();
    LIST.get_or_init(|| {
        // A test holds that the file is whole.
        let mut list: List = serde_json::from_str(&data::json("managed-policies")).unwrap_or_default();
        // The streams hold the policies in the order of the list.
        let counts = list.streams.iter().map(|stream| stream.policies).enumerate();
        let places = counts.flat_map(|(stream, count)| (0..count).map(move |within| Place { stream, within }));
        list.policies.iter_mut().zip(places).for_each(|(policy, place)| policy.place = place);
        list
    })
}

#[cfg(test)]
mod tests;
