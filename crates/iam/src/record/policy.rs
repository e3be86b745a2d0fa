//! Customer managed policies and their versions.

use super::*;

/// A managed policy of the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub account: AccountId,
    /// `ANPA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub arn: String,
    pub description: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// `v1`…; the number of the next version, numbers are never given twice.
    pub next_version: u32,
    pub default_version: String,
    pub versions: Vec<PolicyVersion>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// One version of a managed policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub id: String,
    pub document: PolicyText,
    pub created_at: Timestamp,
}

impl ManagedPolicy {
    /// Unique: (ARN).
    pub const BY_ARN: usize = 0;
    /// Unique: (account, name in lower case).
    pub const BY_NAME: usize = 1;

    /// The version that is in force.
    pub fn default_document(&self) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id == self.default_version)
    }
}

impl Record for ManagedPolicy {
    const TABLE: TableDef = TableDef::own("iam_policy", &["account", "id"], &["name", "arn"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_arn", unique: true }, IndexDef { name: "by_name", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone()), Some(self.arn.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ARN, &[&self.arn]);
        entries.add(Self::BY_NAME, &[self.account.as_str(), &folded(&self.name)]);
    }
}
