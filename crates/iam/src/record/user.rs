//! Users and their access keys.

use std::collections::BTreeSet;

use super::*;

/// An IAM user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    pub account: AccountId,
    /// `AIDA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub policies: HeldPolicies,
    /// Ids (`AGPA…`) of the groups the user is in.
    #[serde(default)]
    pub groups: BTreeSet<String>,
    /// ARN of the managed policy that bounds the user's permissions.
    #[serde(default)]
    pub boundary: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(default)]
    pub password_last_used: Option<Timestamp>,
}

impl User {
    /// Unique: (account, name in lower case).
    pub const BY_NAME: usize = 0;
    /// (account, policy ARN) of every attached policy.
    pub const BY_ATTACHED: usize = 1;
    /// (account, group id) of every group.
    pub const BY_GROUP: usize = 2;
    /// (account, policy ARN) of the permissions boundary.
    pub const BY_BOUNDARY: usize = 3;
}

impl Record for User {
    const TABLE: TableDef = TableDef::own("iam_user", &["account", "id"], &["name"]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_name", unique: true },
        IndexDef { name: "by_attached", unique: false },
        IndexDef { name: "by_group", unique: false },
        IndexDef { name: "by_boundary", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let account = self.account.as_str();
        entries.add(Self::BY_NAME, &[account, &folded(&self.name)]);
        index_attached(entries, Self::BY_ATTACHED, self.account, &self.policies);
        for group in &self.groups {
            entries.add(Self::BY_GROUP, &[account, group]);
        }
        if let Some(boundary) = &self.boundary {
            entries.add(Self::BY_BOUNDARY, &[account, boundary]);
        }
    }
}

/// A long-term access key of a user, or of the account's root user.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`, unique over all accounts; a root key given on the command line may have any name.
    pub id: String,
    pub secret: String,
    pub account: AccountId,
    /// `AIDA…` of the user; `None` for the root user.
    pub user_id: Option<String>,
    pub status: KeyStatus,
    pub created_at: Timestamp,
}

/// Whether a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    Active,
    Inactive,
}

impl AccessKey {
    /// (account, user id, or empty for root).
    pub const BY_USER: usize = 0;
}

/// The secret never shows.
impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("secret", &"…")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Record for AccessKey {
    const TABLE: TableDef = TableDef::own("iam_access_key", &["id"], &["account", "user_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_user", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[&self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.account.to_string()), self.user_id.clone()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_USER, &[self.account.as_str(), self.user_id.as_deref().unwrap_or_default()]);
    }
}
