//! Key pairs: drawn here or imported, looked up by name at launch.
//!
//! Drawing an RSA key takes long, so it happens outside the store: [`prepare`] asks for it, [`create`] takes what was drawn. [`material`] draws and
//! reads keys, `service::openssh` knows how they are written.

use std::sync::Arc;

use service::operations;
use service::prelude::*;

use crate::kind;
use crate::resource::{any, resource};

pub mod create;
pub mod describe;
pub mod material;
mod ppk;
#[cfg(test)]
mod tests;

operations! { Ec2;
    CreateKeyPair => write(create::create) authorize(create::to_create) prepare(create::prepare),
    DeleteKeyPair => write(create::delete) authorize(create::to_delete),
    DescribeKeyPairs => read(describe::describe) authorize(any),
    ImportKeyPair => write(create::import) authorize(create::to_import),
}

/// A key pair's public half; the private one is answered once and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    pub account: AccountId,
    pub region: String,
    /// `key-…`
    pub id: String,
    pub name: String,
    /// `rsa` or `ed25519`
    pub key_type: String,
    pub fingerprint: String,
    /// `ssh-rsa AAAA… NAME`
    pub public_key: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl KeyPair {
    /// (account, region, name): unique.
    pub const BY_NAME: usize = 0;
}

impl Record for KeyPair {
    const TABLE: TableDef = TableDef::own("ec2_key_pair", &["account", "region", "id"], &["name"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_name", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.name.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_NAME, &[self.account.as_str(), &self.region, &self.name]);
    }
}

resource!(KeyPair, kind::KEY_PAIR, {
    fn arn_id(&self) -> &str {
        &self.name
    }

    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:KeyPairName", self.name.as_str()).key("ec2:KeyPairType", self.key_type.as_str())
    }
});

/// The key pair of that name.
pub fn by_name(world: &World, account: AccountId, region: &str, name: &str) -> Option<Arc<KeyPair>> {
    world.one::<KeyPair>(KeyPair::BY_NAME, &[account.as_str(), region, name]).cloned()
}
