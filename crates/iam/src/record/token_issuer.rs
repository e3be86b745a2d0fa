//! The issuer of an account's web identity tokens, with its keys.

use super::*;

/// An account's issuer. It stays once it was made: tokens issued before the feature is disabled are still verified by its keys, and enabling the
/// feature again brings the same one back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenIssuer {
    pub account: AccountId,
    /// A UUID: the part of the issuer's URL that is the account's own.
    pub issuer_id: String,
    pub enabled: bool,
    pub keys: SigningKeys,
}

/// The private keys, PKCS #8 in base64. They never show.
#[derive(Clone, Serialize, Deserialize)]
pub struct SigningKeys {
    pub rsa: String,
    pub ec: String,
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl TokenIssuer {
    /// Unique: (issuer id).
    pub const BY_ISSUER: usize = 0;
}

impl Record for TokenIssuer {
    const TABLE: TableDef = TableDef::own("iam_token_issuer", &["account"], &["issuer_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_issuer", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str()])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.issuer_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_ISSUER, &[&self.issuer_id]);
    }
}
