//! What is stored of an Elastic IP address.

use std::net::Ipv4Addr;

use service::prelude::*;

use super::attribute::PointerChange;
use crate::kind;

/// An Elastic IP address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub account: AccountId,
    pub region: String,
    /// `eipalloc-…`
    pub id: String,
    pub public_ip: Ipv4Addr,
    pub association: Option<Association>,
    /// The last change of its reverse DNS name.
    #[serde(default)]
    pub pointer: Option<PointerChange>,
    /// `ipv4pool-ec2-…`, where it is an address that the account brought; `ipv4pool-coip-…`, where it is one of the customer's own network.
    #[serde(default)]
    pub pool: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// Behind which private address it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// `eipassoc-…`
    pub id: String,
    pub interface_id: String,
    pub private_ip: Ipv4Addr,
    /// When the interface is gone, if it leaves.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl Address {
    /// The public address, unique over all accounts; those of a customer's own network are none.
    pub const BY_PUBLIC_ADDRESS: usize = 0;
    /// (account, region, interface).
    pub const BY_INTERFACE: usize = 1;
    /// (account, region, association).
    pub const BY_ASSOCIATION: usize = 2;
    /// (pool).
    pub const BY_POOL: usize = 3;

    /// The association at this time: it ends with the interface.
    pub fn held(&self, now: Timestamp) -> Option<&Association> {
        self.association.as_ref().filter(|held| held.until.is_none_or(|until| now < until))
    }
}

impl Address {
    /// The pool of customer-owned addresses that it is of: it is known in the customer's network alone.
    pub fn coip_pool(&self) -> Option<&str> {
        self.pool.as_deref().filter(|pool| kind::COIP_POOL.is_id(pool))
    }

    /// The address, if it is a public one.
    pub fn public(&self) -> Option<Ipv4Addr> {
        if self.coip_pool().is_some() { None } else { Some(self.public_ip) }
    }
}

impl Record for Address {
    const TABLE: TableDef = TableDef::own("ec2_address", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_public_address", unique: true },
        IndexDef { name: "by_interface", unique: false },
        IndexDef { name: "by_association", unique: true },
        IndexDef { name: "by_pool", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        if let Some(public) = self.public() {
            entries.add(Self::BY_PUBLIC_ADDRESS, &[&public.to_string()]);
        }
        if let Some(pool) = &self.pool {
            entries.add(Self::BY_POOL, &[pool]);
        }
        if let Some(association) = &self.association {
            entries.add(Self::BY_INTERFACE, &[account, region, &association.interface_id]);
            entries.add(Self::BY_ASSOCIATION, &[account, region, &association.id]);
        }
    }
}
