//! Service-linked roles on their way out, and what still uses them.

use super::*;

/// A deletion of a service-linked role that was asked for. Its states follow from the clock.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinkedRoleDeletion {
    pub account: AccountId,
    /// `task/aws-service-role/SERVICE/ROLE/UUID`.
    pub id: String,
    /// `AROA…`
    pub role_id: String,
    pub asked_at: Timestamp,
    pub begun_at: Timestamp,
    pub ended_at: Timestamp,
    /// What used the role when the deletion was asked for; the deletion fails if anything did.
    #[serde(default)]
    pub uses: Vec<LinkedRoleUse>,
    pub gone_at: Timestamp,
}

impl LinkedRoleDeletion {
    /// (account, role id).
    pub const BY_ROLE: usize = 0;
}

impl Record for LinkedRoleDeletion {
    const TABLE: TableDef = TableDef::own("iam_linked_role_deletion", &["account", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_role", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ROLE, &[self.account.as_str(), &self.role_id]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.gone_at)
    }
}

/// A resource that a service keeps with its service-linked role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LinkedRoleUse {
    pub account: AccountId,
    /// The role's name in lower case.
    pub role: String,
    pub region: String,
    /// An ARN.
    pub resource: String,
}

impl Record for LinkedRoleUse {
    const TABLE: TableDef = TableDef::own("iam_linked_role_use", &["account", "role", "region", "resource"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.role, &self.region, &self.resource])
    }
}
