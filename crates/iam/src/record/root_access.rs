//! What an organisation's management account may do with the root users of member accounts.

use std::collections::BTreeSet;

use super::*;

/// The enabled features of an organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RootAccess {
    /// `o-a1b2c3d4e5`
    pub organization: String,
    pub features: BTreeSet<RootFeature>,
}

/// A feature of centralised root access, in the order in which AWS lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RootFeature {
    Sessions,
    CredentialsManagement,
}

impl RootFeature {
    /// As the API names it.
    pub fn name(self) -> &'static str {
        match self {
            RootFeature::CredentialsManagement => "RootCredentialsManagement",
            RootFeature::Sessions => "RootSessions",
        }
    }
}

impl Record for RootAccess {
    const TABLE: TableDef = TableDef::own("iam_root_access", &["organization"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.organization])
    }
}
