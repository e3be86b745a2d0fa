//! What is stored of an image of an FPGA.

use service::prelude::*;

use super::design::Design;
use crate::image::Grantee;

/// An image that an account made or copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FpgaImage {
    pub account: AccountId,
    pub region: String,
    /// `afi-…`
    pub id: String,
    /// `agfi-…`; a copy has its source's, and none if there was none to copy.
    pub global_id: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub is_copy: bool,
    pub created_at: Timestamp,
    /// When it is built or copied, or has failed.
    pub ends_at: Timestamp,
    /// What it is then, or why it has failed.
    pub outcome: Outcome,
    /// When it was changed since.
    #[serde(default)]
    pub changed_at: Option<Timestamp>,
    /// Where logs of the building are to be left.
    #[serde(default)]
    pub logs: Option<Logs>,
    /// Who else may load it.
    #[serde(default)]
    pub permissions: Vec<Grantee>,
    #[serde(default)]
    pub product_codes: Vec<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// How the building ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Built(Design),
    /// `CODE: Why.`
    Failed(String),
}

/// A bucket, and how the keys of what is left there begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logs {
    pub bucket: String,
    pub prefix: String,
}

impl FpgaImage {
    /// (region, id), whatever the account.
    pub const BY_ID: usize = 0;
    /// (region, grantee's key): who else may load it.
    pub const BY_GRANTEE: usize = 1;
    /// (account, region): those whose logs are to be left.
    pub const BY_END: usize = 2;

    /// Whether everybody may load it.
    pub fn is_public(&self) -> bool {
        self.permissions.contains(&Grantee::All)
    }

    /// `pending`, `available` or `failed`, and why it has failed.
    pub fn state(&self, now: Timestamp) -> (&'static str, Option<&str>) {
        match &self.outcome {
            _ if now < self.ends_at => ("pending", None),
            Outcome::Built(_) => ("available", None),
            Outcome::Failed(why) => ("failed", Some(why)),
        }
    }

    /// What it is, once it is built.
    pub fn design(&self, now: Timestamp) -> Option<&Design> {
        match &self.outcome {
            Outcome::Built(design) if now >= self.ends_at => Some(design),
            _ => None,
        }
    }

    /// When its state or an attribute changed last.
    pub fn updated_at(&self, now: Timestamp) -> Timestamp {
        let ended = if now < self.ends_at { self.created_at } else { self.ends_at };
        self.changed_at.map_or(ended, |changed| changed.max(ended))
    }
}

impl Record for FpgaImage {
    const TABLE: TableDef = TableDef::own("ec2_fpga_image", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_id", unique: true },
        IndexDef { name: "by_grantee", unique: false },
        IndexDef { name: "by_end", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ID, &[&self.region, &self.id]);
        for grantee in &self.permissions {
            entries.add(Self::BY_GRANTEE, &[&self.region, grantee.key()]);
        }
        if self.logs.is_some() {
            entries.add(Self::BY_END, &[self.account.as_str(), &self.region]);
        }
    }
}
