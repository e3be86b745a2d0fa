//! Capacity Blocks for ML: accelerated instances that are bought for some days, begin on a day to come and end by the clock, and their instances with them.
//!
//! A block is a reservation of its own kind and the record here that goes with it. Offerings are worked out from the request and the clock
//! ([`offering`]); [`purchase`] buys one, [`extension`] prolongs a block, [`describe`] tells of them. UltraServers are not in the catalogue of types, so none
//! is on offer. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-blocks.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::cx::States;
use service::operations;
use service::prelude::*;

use super::CapacityReservation;
use super::record::is_paid;
use crate::instance::Instance;
use crate::kind;
use crate::resource::{any, resource};

pub mod describe;
pub mod extension;
pub mod offering;
pub mod offerings;
pub mod purchase;
#[cfg(test)]
mod tests;

pub use extension::Extension;

operations! { Ec2;
    DescribeCapacityBlockExtensionHistory => read(extension::history) authorize(any),
    DescribeCapacityBlockExtensionOfferings => read(extension::describe) authorize(extension::to_describe),
    DescribeCapacityBlockOfferings => read(offerings::describe) authorize(any) check(offerings::check),
    DescribeCapacityBlockStatus => read(describe::status) authorize(any),
    DescribeCapacityBlocks => read(describe::describe) authorize(any),
    PurchaseCapacityBlock => write(purchase::purchase) authorize(purchase::to_purchase),
    PurchaseCapacityBlockExtension => write(extension::purchase) authorize(extension::to_purchase),
}

/// A Capacity Block that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityBlock {
    pub account: AccountId,
    pub region: String,
    /// `cb-…`
    pub id: String,
    pub reservation_id: String,
    pub zone: String,
    pub zone_id: String,
    pub created_at: Timestamp,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Whether its instances have been ended.
    pub is_cleared: bool,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// So long before the end EC2 begins to terminate instances.
const BEFORE_END: SignedDuration = SignedDuration::from_mins(30);
/// How long one that is over is still described; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(24);

/// When the instances of a block that ends then are terminated.
pub fn instances_end_before(end: Timestamp) -> Timestamp {
    end.saturating_sub(BEFORE_END).unwrap_or(end)
}

impl CapacityBlock {
    /// (account, region) of those whose instances have not been ended.
    pub const BY_END: usize = 0;

    /// When its instances are terminated.
    pub fn instances_end_at(&self) -> Timestamp {
        instances_end_before(self.ends_at)
    }

    /// Its reservation.
    pub fn reservation(&self, world: &World) -> Option<Arc<CapacityReservation>> {
        world.get::<CapacityReservation>(&[self.account.as_str(), &self.region, &self.reservation_id]).cloned()
    }

    /// The instances that run in it.
    pub fn instances(&self, world: &World) -> Vec<Arc<Instance>> {
        let parts = [self.account.as_str(), &self.region, &self.reservation_id];
        world.by::<Instance>(Instance::BY_CAPACITY_RESERVATION, &parts).cloned().collect()
    }

    /// The state as it is seen, which is its reservation's.
    pub fn state(&self, now: Timestamp, states: States) -> &'static str {
        match self {
            _ if self.ends_at <= now => "expired",
            _ if !is_paid(self.created_at, now, states) => "payment-pending",
            _ if self.starts_at > now => "scheduled",
            _ => "active",
        }
    }
}

/// The instances have been ended.
pub fn is_cleared(tx: &mut Tx, block: &CapacityBlock) {
    tx.update::<CapacityBlock>(&[block.account.as_str(), &block.region, &block.id], |it| it.is_cleared = true);
}

impl Record for CapacityBlock {
    const TABLE: TableDef = TableDef::own("ec2_capacity_block", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_end", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if !self.is_cleared {
            entries.add(Self::BY_END, &[self.account.as_str(), &self.region]);
        }
    }

    // One whose instances have not been ended stays until they are, however long nobody looks.
    fn gone_at(&self) -> Option<Timestamp> {
        self.is_cleared.then(|| self.ends_at.saturating_add(VISIBLE).unwrap_or(self.ends_at))
    }
}

resource!(CapacityBlock, kind::CAPACITY_BLOCK);
