//! Addresses of Amazon's that an account released: it can have one back as long as no other account had it since.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eip-recovering.html>

use std::net::Ipv4Addr;

use jiff::SignedDuration;
use service::prelude::*;

use super::{Address, associate};
use crate::network::address;

/// An address that nobody has, in the account that had it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    pub account: AccountId,
    pub region: String,
    pub public_ip: Ipv4Addr,
    pub at: Timestamp,
}

/// How long an address is remembered. AWS names no time.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Released {
    /// The public address, unique over all accounts.
    pub const BY_PUBLIC_ADDRESS: usize = 0;
}

impl Record for Released {
    const TABLE: TableDef = TableDef::shared("ec2_resource", "released-address");
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_public_address", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.public_ip.to_string()])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![None]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_PUBLIC_ADDRESS, &[&self.public_ip.to_string()]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.at.saturating_add(KEPT).unwrap_or(self.at))
    }
}

/// Remembers an address that is being released. Those of pools go back to their pool, which says whom they are for.
pub fn remember(cx: &Cx, tx: &mut Tx, address: &Address) {
    address.public().into_iter().for_each(|public_ip| forget(tx, public_ip));
    if address.pool.is_none() {
        let (account, region) = (address.account, address.region.clone());
        tx.put(Released { account, region, public_ip: address.public_ip, at: cx.now });
    }
}

/// The address of that text, if the account can have it back.
pub fn take_back(cx: &Cx, tx: &mut Tx, text: &str) -> Result<Ipv4Addr, ApiError> {
    let held = tx.get::<Released>(&[cx.account().as_str(), cx.region_name(), text]).map(|held| held.public_ip);
    let free = held.filter(|public_ip| address::is_free(tx, *public_ip));
    let free = free.ok_or_else(|| associate::not_found(text))?;
    forget(tx, free);
    Ok(free)
}

fn forget(tx: &mut Tx, public_ip: Ipv4Addr) {
    let held = tx.one::<Released>(Released::BY_PUBLIC_ADDRESS, &[&public_ip.to_string()]).cloned();
    if let Some(held) = held {
        tx.remove::<Released>(&[held.account.as_str(), &held.region, &public_ip.to_string()]);
    }
}
