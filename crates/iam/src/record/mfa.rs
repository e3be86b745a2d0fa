//! Virtual MFA devices.

use data_encoding::BASE32_NOPAD;

use super::*;

/// A virtual MFA device, whether somebody uses it or not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MfaDevice {
    pub account: AccountId,
    /// `arn:aws:iam::ACCOUNT:mfa/PATHname`: what AWS calls its serial number.
    pub serial: String,
    pub seed: Seed,
    /// Who uses it and since when.
    #[serde(default)]
    pub enabled: Option<Enabled>,
    /// By how many steps of thirty seconds the device's clock was ahead when its codes were compared last.
    #[serde(default)]
    pub drift: i64,
    /// The step of the second of the two codes that were compared last.
    #[serde(default)]
    pub compared: Option<i64>,
    /// Steps whose codes were given to STS, the oldest first: a code is good once.
    #[serde(default)]
    pub spent: Vec<i64>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// An assignment of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enabled {
    pub owner: MfaOwner,
    pub at: Timestamp,
}

/// Whose second factor a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MfaOwner {
    Root,
    /// `AIDA…`
    User(String),
}

impl MfaOwner {
    /// The user's id; empty for root, as in [`AccessKey::BY_USER`].
    pub fn id(&self) -> &str {
        match self {
            MfaOwner::Root => "",
            MfaOwner::User(id) => id,
        }
    }
}

/// The secret that a device and AWS share. It never shows itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(String);

impl Seed {
    /// A seed of those bytes.
    pub fn new(bytes: &[u8]) -> Seed {
        Seed(BASE32_NOPAD.encode(bytes))
    }

    /// In base 32, as authenticators take it.
    pub fn base32(&self) -> &str {
        &self.0
    }

    /// The bytes; none if the stored text is damaged, which no code matches.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        BASE32_NOPAD.decode(self.0.as_bytes()).ok()
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl MfaDevice {
    /// (account, user id, or empty for root) of devices that are used.
    pub const BY_OWNER: usize = 0;
}

impl Record for MfaDevice {
    const TABLE: TableDef = TableDef::own("iam_mfa_device", &["account", "serial"], &["user_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_owner", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.serial])
    }

    fn columns(&self) -> Vec<Option<String>> {
        let user = self.enabled.as_ref().map(|enabled| enabled.owner.id().to_owned());
        vec![user.filter(|id| !id.is_empty())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        if let Some(enabled) = &self.enabled {
            entries.add(Self::BY_OWNER, &[self.account.as_str(), enabled.owner.id()]);
        }
    }
}
