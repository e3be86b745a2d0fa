//! Identity providers outside AWS: OpenID Connect and SAML, and the keys of issuers that cannot be asked for them.

use super::*;
use crate::propagation::Propagation;

/// An OpenID Connect provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OidcProvider {
    pub account: AccountId,
    /// What its ARN ends in: the URL without its scheme.
    pub name: String,
    /// The issuer's URL, as tokens name it.
    pub url: String,
    pub created_at: Timestamp,
    /// Audiences of tokens that are taken, in the order they came.
    #[serde(default)]
    pub client_ids: Vec<String>,
    /// SHA-1 of certificates, in small letters.
    #[serde(default)]
    pub thumbprints: Vec<String>,
    #[serde(default)]
    pub propagation: Propagation,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Record for OidcProvider {
    const TABLE: TableDef = TableDef::own("iam_oidc_provider", &["account", "name"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.name])
    }
}

/// A SAML provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SamlProvider {
    pub account: AccountId,
    pub name: String,
    /// `SAMLSP…`: the SAMLProviderUUID, which its sign-in URL ends in.
    pub id: String,
    pub created_at: Timestamp,
    pub metadata: String,
    pub valid_until: Timestamp,
    /// `Allowed` or `Required`.
    pub encryption: String,
    #[serde(default)]
    pub private_keys: Vec<SamlPrivateKey>,
    #[serde(default)]
    pub propagation: Propagation,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A key that opens encrypted assertions.
#[derive(Clone, Serialize, Deserialize)]
pub struct SamlPrivateKey {
    pub id: String,
    pub added_at: Timestamp,
    pub pem: String,
}

/// The key itself never shows.
impl std::fmt::Debug for SamlPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SamlPrivateKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SamlProvider {
    /// Unique: (account, name in lower case).
    pub const BY_NAME: usize = 0;
}

impl Record for SamlProvider {
    const TABLE: TableDef = TableDef::own("iam_saml_provider", &["account", "name"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_name", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.name])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &folded(&self.name)]);
    }
}

/// An instance of IAM Identity Center, as the admin API tells of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdentityCenterInstance {
    pub arn: String,
    /// Whose it is.
    pub account: AccountId,
    /// `d-1234567890`: its directory.
    pub identity_store_id: String,
}

impl Record for IdentityCenterInstance {
    const TABLE: TableDef = TableDef::own("identity_center_instance", &["arn"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.arn])
    }
}

/// The keys of an issuer of web identity tokens, for all accounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OidcKeySet {
    /// As tokens name it.
    pub issuer: String,
    /// A JSON web key set.
    pub keys: String,
}

impl Record for OidcKeySet {
    const TABLE: TableDef = TableDef::own("oidc_key_set", &["issuer"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.issuer])
    }
}
