//! What is stored of a capacity reservation, and how its state is seen.

use std::sync::Arc;

use jiff::SignedDuration;
use service::cx::States;
use service::prelude::*;

use super::interruptible::{self, Allocation, Source};
use crate::instance::{Instance, Market, elapsed};
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
    /// When its capacity comes, of one that was not made for immediate use.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// What a future-dated one was made with.
    #[serde(default)]
    pub commitment: Option<Commitment>,
    /// The Capacity Block that it is of, `cb-…`.
    #[serde(default)]
    pub block_id: Option<String>,
    /// What it has lent to an interruptible one.
    #[serde(default)]
    pub allocation: Option<Allocation>,
    /// Of an interruptible one, where its capacity comes from.
    #[serde(default)]
    pub source: Option<Source>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// What a future-dated reservation commits to.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-concepts.html#cr-commitment-duration>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// How many seconds it is kept for after its start.
    pub seconds: i64,
    /// How many instances that is for.
    pub count: i64,
    /// The start that it was made with.
    pub original_start: Timestamp,
    /// When its start was changed last.
    pub adjusted_at: Option<Timestamp>,
    /// Until when a cancelled one is charged for.
    pub charged_until: Option<Timestamp>,
}

/// About how many seconds AWS takes to hold the capacity.
const PENDING_SECONDS: i64 = 5;
/// How long AWS thinks about a future-dated one; the user guide says up to five days.
const ASSESSING_SECONDS: i64 = 3600;
/// How long one that is over is still described; AWS does not say.
const VISIBLE: SignedDuration = SignedDuration::from_hours(24);

impl CapacityReservation {
    /// (account, region, instance type).
    pub const BY_TYPE: usize = 0;
    /// (account, region, fleet).
    pub const BY_FLEET: usize = 1;

    /// The state as it is seen.
    pub fn state(&self, now: Timestamp, states: States) -> &'static str {
        let charged = self.commitment.and_then(|it| it.charged_until).is_some_and(|until| until > now);
        match (self.cancelled_at, self.end_date) {
            (Some(_), _) if charged => "cancelling",
            (Some(_), _) => "cancelled",
            (None, Some(end)) if end <= now => "expired",
            _ if self.block_id.is_some() && !is_paid(self.created_at, now, states) => "payment-pending",
            _ if self.commitment.is_some() && self.is_younger(ASSESSING_SECONDS, now, states) => "assessing",
            _ if !self.has_begun(now) => "scheduled",
            _ if self.starts_at.is_none() && self.is_younger(PENDING_SECONDS, now, states) => "pending",
            _ => "active",
        }
    }

    fn is_younger(&self, seconds: i64, now: Timestamp, states: States) -> bool {
        elapsed(self.created_at, now) < states.lasting(seconds)
    }

    fn has_begun(&self, now: Timestamp) -> bool {
        self.starts_at.is_none_or(|start| start <= now)
    }

    /// Whether it was cancelled or has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.cancelled_at.is_some() || self.end_date.is_some_and(|end| end <= now)
    }

    /// When it was cancelled, or expires.
    pub fn over_at(&self) -> Option<Timestamp> {
        self.cancelled_at.or(self.end_date)
    }

    /// Whether it holds capacity.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.is_over(now) && self.has_begun(now)
    }

    /// When capacity came or comes.
    pub fn start(&self) -> Timestamp {
        self.starts_at.unwrap_or(self.created_at)
    }

    /// Until when a future-dated one is committed to.
    pub fn committed_until(&self) -> Option<Timestamp> {
        let seconds = SignedDuration::from_secs(self.commitment?.seconds);
        self.start().saturating_add(seconds).ok()
    }

    /// The market that launches into it name.
    pub fn market(&self) -> Option<Market> {
        match (&self.block_id, &self.source) {
            (Some(_), _) => Some(Market::CapacityBlock),
            (None, Some(_)) => Some(Market::InterruptibleCapacityReservation),
            (None, None) => None,
        }
    }

    /// The instances that run in it.
    pub fn instances<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w Arc<Instance>> {
        world.by::<Instance>(Instance::BY_CAPACITY_RESERVATION, &[self.account.as_str(), &self.region, &self.id])
    }

    /// How many run in it.
    pub fn used(&self, world: &World) -> i64 {
        i64::try_from(self.instances(world).count()).unwrap_or(i64::MAX)
    }

    /// How many more can run in it; what it has lent can't.
    pub fn available(&self, world: &World) -> i64 {
        self.count.saturating_sub(self.used(world)).saturating_sub(interruptible::lent(world, self)).max(0)
    }
}

/// About how many seconds AWS takes to get its money; the user guide says up to twelve hours.
const PAYING_SECONDS: i64 = 300;

/// Whether what was bought then is paid.
pub fn is_paid(bought: Timestamp, now: Timestamp, states: States) -> bool {
    elapsed(bought, now) >= states.lasting(PAYING_SECONDS)
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
        let charged = self.commitment.and_then(|it| it.charged_until);
        let over = charged.max(self.cancelled_at).or(self.end_date)?;
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
            .key_if("ec2:CommitmentDuration", self.commitment.map(|it| it.seconds.to_string()))
    }
});
