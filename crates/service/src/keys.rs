//! The installation's own keys: what seals session tokens, metadata tokens and authorization messages. They are a record like any other,
//! so tokens outlive a restart and a reset ends them all.

use std::fmt;

use serde::{Deserialize, Serialize};
use storage::{IndexDef, Key, Record, TableDef, World};

/// Thirty-two bytes that never show themselves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A key of those bytes.
    pub fn new(bytes: [u8; 32]) -> SecretKey {
        SecretKey(bytes)
    }

    /// The bytes, for the functions of `seal`.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// All keys of an installation. There is one such record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallationKeys {
    /// Seals session tokens and gives their secret keys.
    pub token: SecretKey,
    /// Gives the nonces of everything sealed.
    pub nonce: SecretKey,
    /// Seals encoded authorization messages.
    pub message: SecretKey,
    /// Seals metadata (IMDSv2) tokens.
    pub metadata: SecretKey,
    /// Not secret by itself: what the ids of default networks are derived from.
    pub seed: SecretKey,
}

const ONLY: &str = "installation";

impl InstallationKeys {
    /// Keys out of 160 bytes of true randomness.
    pub fn from_random(random: &[[u8; 32]; 5]) -> InstallationKeys {
        let [token, nonce, message, metadata, seed] = *random;
        InstallationKeys {
            token: SecretKey(token),
            nonce: SecretKey(nonce),
            message: SecretKey(message),
            metadata: SecretKey(metadata),
            seed: SecretKey(seed),
        }
    }

    /// The keys of this installation; the server makes them before it answers the first request.
    pub fn of(world: &World) -> Option<std::sync::Arc<InstallationKeys>> {
        world.get::<InstallationKeys>(&[ONLY]).cloned()
    }
}

impl Record for InstallationKeys {
    const TABLE: TableDef = TableDef::own("installation_keys", &["id"], &[]);
    const INDEXES: &'static [IndexDef] = &[];

    fn key(&self) -> Key {
        Key::new(&[ONLY])
    }
}
