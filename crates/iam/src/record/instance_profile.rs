//! Instance profiles: the containers through which an instance gets a role.

use super::*;

/// An instance profile; it holds one role at most.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstanceProfile {
    pub account: AccountId,
    /// `AIPA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub created_at: Timestamp,
    /// `AROA…` of the role inside.
    #[serde(default)]
    pub role_id: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl InstanceProfile {
    /// Unique: (account, name in lower case).
    pub const BY_NAME: usize = 0;
    /// (account, role id).
    pub const BY_ROLE: usize = 1;
}

impl Record for InstanceProfile {
    const TABLE: TableDef = TableDef::own("iam_instance_profile", &["account", "id"], &["name", "role_id"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_name", unique: true }, IndexDef { name: "by_role", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone()), self.role_id.clone()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &folded(&self.name)]);
        if let Some(role) = &self.role_id {
            entries.add(Self::BY_ROLE, &[self.account.as_str(), role]);
        }
    }
}
