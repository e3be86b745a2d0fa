//! What is stored of a capacity reservation, and how its state is seen.

use std::sync::Arc;

use jiff::SignedDuration;
use service::cx::States;
use service::prelude::*;

use crate::instance::{Instance, elapsed};
use crate::kind;
use crate::resource::resource;

/// A capacity reservation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// The fleet of reservations that it is of, `crf-…`.
    #[serde(default)]
    pub fleet_id: Option<String>,
    /// Units of its fleet's target that an instance counts.
    #[serde(default)]
    pub weight: Option<f64>,
    /// Who pays for what is not used, if that is another account.
    #[serde(default)]
    pub billing_owner: Option<AccountId>,
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
    /// (account, region, fleet).
    pub const BY_FLEET: usize = 1;

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
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_type", unique: false }, IndexDef { name: "by_fleet", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_TYPE, &[self.account.as_str(), &self.region, &self.instance_type]);
        if let Some(fleet) = &self.fleet_id {
            entries.add(Self::BY_FLEET, &[self.account.as_str(), &self.region, fleet]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        let over = self.cancelled_at.or(self.end_date)?;
        Some(over.saturating_add(VISIBLE).unwrap_or(over))
    }
}

resource!(CapacityReservation, kind::CAPACITY_RESERVATION, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        check
            .key("ec2:AvailabilityZone", self.zone.as_str())
            .key_if(
                "ec2:CapacityReservationFleet",
                self.fleet_id.as_deref().map(|id| kind::CAPACITY_RESERVATION_FLEET.arn(cx, id)),
            )
            .key("ec2:CreateDate", self.created_at.to_string())
            .key("ec2:EbsOptimized", self.ebs_optimized.to_string())
            .key_if("ec2:EndDate", self.end_date.map(|end| end.to_string()))
            .key("ec2:EndDateType", if self.end_date.is_some() { "limited" } else { "unlimited" })
            .key("ec2:InstanceCount", self.count.to_string())
            .key("ec2:InstanceMatchCriteria", if self.open { "open" } else { "targeted" })
            .key("ec2:InstancePlatform", self.platform.as_str())
            .key("ec2:InstanceType", self.instance_type.as_str())
            .key_if("ec2:PlacementGroup", self.placement_group.as_deref())
            .key("ec2:Tenancy", self.tenancy.as_str())
    }
});
