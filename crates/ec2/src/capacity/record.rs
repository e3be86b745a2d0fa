//! What is stored of a capacity reservation, and how its state is seen.

use std::sync::Arc;

use jiff::SignedDuration;
use service::cx::States;
use service::prelude::*;

use crate::instance::{Instance, elapsed};
use crate::kind;
use crate::resource::resource;

/// A capacity reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityReservation {
    pub account: AccountId,
    pub region: String,
    /// `cr-…`
    pub id: String,
    pub instance_type: String,
    /// `Linux/UNIX`…
    pub platform: String,
    pub zone: String,
    pub zone_id: String,
    pub tenancy: String,
    /// How many instances it is for.
    pub count: i64,
    pub ebs_optimized: bool,
    pub ephemeral_storage: bool,
    pub end_date: Option<Timestamp>,
    /// Whether instances that name no reservation run in it.
    pub open: bool,
    /// ARN of the placement group it is in.
    pub placement_group: Option<String>,
    pub created_at: Timestamp,
    pub cancelled_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// About how many seconds AWS takes to hold the capacity.
const PENDING_SECONDS: i64 = 5;
/// How long one that is over is still described; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(24);

impl CapacityReservation {
    /// (account, region, instance type).
    pub const BY_TYPE: usize = 0;

    /// The state as it is seen.
    pub fn state(&self, now: Timestamp, states: States) -> &'static str {
        match (self.cancelled_at, self.end_date) {
            (Some(_), _) => "cancelled",
            (None, Some(end)) if end <= now => "expired",
            _ if elapsed(self.created_at, now) < states.lasting(PENDING_SECONDS) => "pending",
            _ => "active",
        }
    }

    /// Whether it holds capacity.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.cancelled_at.is_none() && self.end_date.is_none_or(|end| end > now)
    }

    /// The instances that run in it.
    pub fn instances<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w Arc<Instance>> {
        world.by::<Instance>(Instance::BY_CAPACITY_RESERVATION, &[self.account.as_str(), &self.region, &self.id])
    }

    /// How many more can run in it.
    pub fn available(&self, world: &World) -> i64 {
        let used = i64::try_from(self.instances(world).count()).unwrap_or(i64::MAX);
        self.count.saturating_sub(used).max(0)
    }
}

impl Record for CapacityReservation {
    const TABLE: TableDef = TableDef::own("ec2_capacity_reservation", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_type", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_TYPE, &[self.account.as_str(), &self.region, &self.instance_type]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        let over = self.cancelled_at.or(self.end_date)?;
        Some(over.saturating_add(VISIBLE).unwrap_or(over))
    }
}

resource!(CapacityReservation, kind::CAPACITY_RESERVATION);
