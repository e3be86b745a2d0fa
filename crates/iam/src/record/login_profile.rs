//! Login profiles: that a user has a password, as its hash, and which ones it had before.

use super::*;

/// The password of a user, or of an account's root user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoginProfile {
    pub account: AccountId,
    /// `AIDA…` of the user; `None` for the root user.
    pub user_id: Option<String>,
    pub created_at: Timestamp,
    /// When the password was set.
    pub changed_at: Timestamp,
    /// A new one must be set at the next sign-in.
    pub reset_required: bool,
    /// Seconds of a session in the console, if that is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_signin_session_duration: Option<i64>,
    /// `None` for a root user, whose first password is set by recovery.
    pub password: Option<Password>,
}

/// A password's hash, and those of the ones before it. All are made with the same salt, so that one hash tells whether a new password is an old one.
#[derive(Clone, Serialize, Deserialize)]
pub struct Password {
    pub salt: String,
    pub iterations: u32,
    pub hash: String,
    /// The latest first.
    #[serde(default)]
    pub earlier: Vec<String>,
}

/// Hashes never show.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl LoginProfile {
    /// The last part of the key, for that user or (`None`) root.
    pub fn holder(user_id: Option<&str>) -> &str {
        user_id.unwrap_or("root")
    }
}

impl Record for LoginProfile {
    const TABLE: TableDef = TableDef::own("iam_login_profile", &["account", "holder"], &["user_id"]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), Self::holder(self.user_id.as_deref())])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.user_id.clone()]
    }
}
