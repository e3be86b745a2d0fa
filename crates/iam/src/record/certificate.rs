//! X.509 certificates: those that users sign requests with, and those that servers show.

use super::*;

/// A signing certificate of a user, or of the account's root user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SigningCertificate {
    pub account: AccountId,
    /// Made of the certificate itself, so the account has each only once.
    pub id: String,
    /// `AIDA…` of the user; `None` for the root user.
    pub user_id: Option<String>,
    /// As it was uploaded.
    pub body: String,
    pub status: KeyStatus,
    pub uploaded_at: Timestamp,
}

impl SigningCertificate {
    /// (account, user id, or empty for root).
    pub const BY_USER: usize = 0;
}

impl Record for SigningCertificate {
    const TABLE: TableDef = TableDef::own("iam_signing_certificate", &["account", "id"], &["user_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_user", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.user_id.clone()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_USER, &[self.account.as_str(), self.user_id.as_deref().unwrap_or_default()]);
    }
}

/// A server certificate. Its private key is checked when it is uploaded and not kept: no operation tells it, and no service here uses it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerCertificate {
    pub account: AccountId,
    /// `ASCA…`
    pub id: String,
    pub name: String,
    pub path: String,
    /// As it was uploaded.
    pub body: String,
    pub chain: Option<String>,
    pub uploaded_at: Timestamp,
    pub expires_at: Timestamp,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl ServerCertificate {
    /// Unique: (account, name in lower case).
    pub const BY_NAME: usize = 0;
}

impl Record for ServerCertificate {
    const TABLE: TableDef = TableDef::own("iam_server_certificate", &["account", "id"], &["name"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_name", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &folded(&self.name)]);
    }
}
