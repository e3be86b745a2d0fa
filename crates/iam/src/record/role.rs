//! Roles.

use super::*;

/// An IAM role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Role {
    pub account: AccountId,
    /// `AROA…`; sessions are bound to it, so a new role of the same name does not revive them.
    pub id: String,
    pub name: String,
    pub path: String,
    pub description: Option<String>,
    pub created_at: Timestamp,
    /// The trust policy. Principals that name users or roles are held as unique ids in `trusted_ids`.
    pub trust: PolicyText,
    /// ARN -> unique id, for the users and roles the trust policy names, as they were when it was saved.
    #[serde(default)]
    pub trusted_ids: BTreeMap<String, String>,
    /// Seconds, 3600 to 43200.
    pub max_session_duration: i64,
    /// Seconds of a session in the console, if that is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_signin_session_duration: Option<i64>,
    #[serde(default)]
    pub policies: HeldPolicies,
    #[serde(default)]
    pub boundary: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// When a service-linked role that is being deleted is no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_at: Option<Timestamp>,
    /// The role template it was acquired from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceTemplate>,
}

/// A version of a role template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceTemplate {
    pub arn: String,
    pub minor_version: i64,
    /// The values of its parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, Vec<String>>,
}

impl Role {
    /// Unique: (account, name in lower case).
    pub const BY_NAME: usize = 0;
    /// (account, policy ARN) of every attached policy.
    pub const BY_ATTACHED: usize = 1;
    /// (account, policy ARN) of the permissions boundary.
    pub const BY_BOUNDARY: usize = 2;
}

impl Record for Role {
    const TABLE: TableDef = TableDef::own("iam_role", &["account", "id"], &["name"]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_name", unique: true },
        IndexDef { name: "by_attached", unique: false },
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
        if let Some(boundary) = &self.boundary {
            entries.add(Self::BY_BOUNDARY, &[account, boundary]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}
