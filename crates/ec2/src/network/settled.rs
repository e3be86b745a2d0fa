//! The mark that an account's default network in a region was laid out. It stays when the network is deleted, so that nothing brings it back.

use service::prelude::*;

/// An account has used a region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settled {
    pub account: AccountId,
    pub region: String,
    pub since: Timestamp,
    /// The options that new VPCs of the region get.
    pub dhcp_options_id: String,
}

impl Record for Settled {
    const TABLE: TableDef = TableDef::own("ec2_settled", &["account", "region"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region])
    }
}
