//! Groups. Who is in a group is said by the users ([`super::User::groups`]).

use super::*;

/// An IAM group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    pub account: AccountId,
    /// `AGPA…`
    pub id: String,
    pub name: String,
    pub path: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub policies: HeldPolicies,
}

impl Group {
    /// Unique: (account, name in lower case).
    pub const BY_NAME: usize = 0;
    /// (account, policy ARN) of every attached policy.
    pub const BY_ATTACHED: usize = 1;
}

impl Record for Group {
    const TABLE: TableDef = TableDef::own("iam_group", &["account", "id"], &["name"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_name", unique: true }, IndexDef { name: "by_attached", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &folded(&self.name)]);
        index_attached(entries, Self::BY_ATTACHED, self.account, &self.policies);
    }
}
