//! What users show to single services: SSH public keys, and generated passwords and API keys.

use super::*;

/// A user's SSH public key, for CodeCommit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SshPublicKey {
    pub account: AccountId,
    /// `APKA…`
    pub id: String,
    pub user_id: String,
    /// As it was uploaded.
    pub body: String,
    /// `1f:51:ae:…`
    pub fingerprint: String,
    pub status: KeyStatus,
    pub uploaded_at: Timestamp,
}

impl SshPublicKey {
    /// (account, user id).
    pub const BY_USER: usize = 0;
}

impl Record for SshPublicKey {
    const TABLE: TableDef = TableDef::own("iam_ssh_public_key", &["account", "id"], &["user_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_user", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.user_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_USER, &[self.account.as_str(), &self.user_id]);
    }
}

/// A user's credential for one service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceSpecificCredential {
    pub account: AccountId,
    /// `ACCA…`
    pub id: String,
    pub user_id: String,
    /// `codecommit.amazonaws.com`
    pub service: String,
    /// `jane-at-123456789012`: a user name or, for API keys, an alias. It stays when the user is renamed.
    pub name: String,
    /// SHA-256 of the password or secret, in hexadecimal; it is random and long, so no more is needed.
    pub digest: String,
    pub status: KeyStatus,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl ServiceSpecificCredential {
    /// (account, user id).
    pub const BY_USER: usize = 0;
}

impl Record for ServiceSpecificCredential {
    const TABLE: TableDef =
        TableDef::own("iam_service_specific_credential", &["account", "id"], &["user_id", "service"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_user", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.user_id.clone()), Some(self.service.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_USER, &[self.account.as_str(), &self.user_id]);
    }
}
