//! What an account has at most one of: its password policy, its alias.

use super::*;

/// What passwords of the account's users must be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    pub account: AccountId,
    pub minimum_length: i64,
    pub require_symbols: bool,
    pub require_numbers: bool,
    pub require_uppercase: bool,
    pub require_lowercase: bool,
    /// Users may change their own password without a policy of their own that says so.
    pub users_may_change: bool,
    /// Days; `None` if passwords do not expire.
    pub max_age: Option<i64>,
    /// How many earlier passwords a new one must differ from.
    pub reuse_prevention: Option<i64>,
    /// What was asked for; answers leave it out if nothing was.
    pub hard_expiry: Option<bool>,
}

impl Record for PasswordPolicy {
    const TABLE: TableDef = TableDef::own("iam_password_policy", &["account"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str()])
    }
}

/// An account's name in its sign-in address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountAlias {
    pub account: AccountId,
    pub alias: String,
}

impl AccountAlias {
    /// Unique over all accounts: (alias).
    pub const BY_ALIAS: usize = 0;
}

impl Record for AccountAlias {
    const TABLE: TableDef = TableDef::own("iam_account_alias", &["account"], &["alias"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_alias", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str()])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.alias.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ALIAS, &[&self.alias]);
    }
}
