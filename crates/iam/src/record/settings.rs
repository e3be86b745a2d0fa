//! What an account has set for itself as a whole, and its last credential report.

use super::*;

/// An account's own settings; none stored is all defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountSettings {
    pub account: AccountId,
    /// Of session tokens that STS's global endpoint issues: 1 or 2.
    pub global_endpoint_token_version: u8,
    /// The account property `RoleManager/Enabled`.
    #[serde(default)]
    pub role_manager: bool,
}

impl AccountSettings {
    /// The settings of that account.
    pub fn of(world: &World, account: AccountId) -> AccountSettings {
        world.get::<AccountSettings>(&[account.as_str()]).map_or_else(
            || AccountSettings { account, global_endpoint_token_version: 1, role_manager: false },
            |settings| AccountSettings::clone(settings),
        )
    }
}

impl Record for AccountSettings {
    const TABLE: TableDef = TableDef::own("iam_account_settings", &["account"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str()])
    }
}

/// A credential report: the credentials of an account as they were when it was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CredentialReport {
    pub account: AccountId,
    /// When it is, or was, ready.
    pub ready_at: Timestamp,
    /// Comma-separated values.
    pub content: String,
}

impl Record for CredentialReport {
    const TABLE: TableDef = TableDef::own("iam_credential_report", &["account"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str()])
    }
}
