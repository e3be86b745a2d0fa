//! What Capacity Manager remembers: runs of instances that are over, and sizes that reservations had. What goes on stands in the records of instances and
//! reservations themselves, so a launch writes nothing here; what ends or changes is kept, for as long as AWS tells of it, where somebody gathers.

use jiff::SignedDuration;
use service::organization::Organization;
use service::prelude::*;

use super::{Manager, PRINCIPAL};
use crate::capacity::CapacityReservation;
use crate::instance::{Instance, Phase};
use crate::setting::{self, Setting, Value};

/// How far back AWS tells.
pub const TOLD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A run of an instance, or a part of one in or outside of a reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityUse {
    pub account: AccountId,
    pub region: String,
    pub instance_id: String,
    pub begin: Timestamp,
    pub end: Timestamp,
    pub instance_type: String,
    pub zone_id: String,
    pub platform: String,
    pub tenancy: String,
    pub is_spot: bool,
    pub reservation_id: Option<String>,
    /// Whether the run began with it.
    pub is_first: bool,
    /// Whether Spot's interruption ended it.
    pub is_interrupted: bool,
}

impl Record for CapacityUse {
    const TABLE: TableDef = TableDef::own("ec2_capacity_use", &["account", "region", "instance_id", "began_at"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.instance_id, &self.begin.to_string()])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.end.saturating_add(TOLD).unwrap_or(self.end))
    }
}

/// A reservation as it is or was last, and what sizes it had since when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityHeld {
    pub last: CapacityReservation,
    pub sizes: Vec<(Timestamp, i64)>,
}

impl CapacityHeld {
    /// One whose changes nobody noted.
    pub fn unchanged(held: &CapacityReservation) -> CapacityHeld {
        CapacityHeld { sizes: vec![(held.start(), held.count)], last: held.clone() }
    }
}

impl Record for CapacityHeld {
    const TABLE: TableDef = TableDef::own("ec2_capacity_held", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.last.account.as_str(), &self.last.region, &self.last.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        let over = self.last.over_at()?;
        Some(over.saturating_add(TOLD).unwrap_or(over))
    }
}

/// Whether the use of an account's capacity is gathered: by itself in some region, or by who does it for its organization.
fn is_gathered(world: &World, account: AccountId) -> bool {
    let gathers = |by: AccountId, for_all: bool| {
        let settings = world.scan::<Setting>(&[by.as_str()]).filter(|held| held.name == Manager::NAME);
        let mut managers = settings.map(|held| setting::of::<Manager>(world, by, &held.region));
        managers.any(|it| it.enabled_at.is_some() && (it.organizations_access || !for_all))
    };
    if gathers(account, false) {
        return true;
    }
    let Some(organization) = Organization::of(world).filter(|held| held.has(account)) else { return false };
    let delegated = organization.delegated_administrators.get(PRINCIPAL).into_iter().flatten().copied();
    std::iter::once(organization.management_account).chain(delegated).any(|by| gathers(by, true))
}

/// The present run of an instance until now, or the part of it that nothing is kept of; `None` if it does not run.
pub fn present(world: &World, instance: &Instance, now: Timestamp) -> Option<CapacityUse> {
    let Phase::Up { since } = instance.phase else { return None };
    let kept = world.scan::<CapacityUse>(&[instance.account.as_str(), &instance.region, &instance.id]);
    let begin = kept.map(|it| it.end).fold(since, Timestamp::max);
    (begin <= now).then(|| CapacityUse {
        account: instance.account,
        region: instance.region.clone(),
        instance_id: instance.id.clone(),
        begin,
        end: now,
        instance_type: instance.instance_type.clone(),
        zone_id: instance.placement.zone_id.clone(),
        platform: instance.image.platform_details.clone().unwrap_or_default(),
        tenancy: instance.placement.tenancy.clone(),
        is_spot: instance.spot_request_id.is_some(),
        reservation_id: instance.capacity_reservation_id.clone(),
        is_first: begin == since,
        is_interrupted: false,
    })
}

/// The run of an instance ends, or goes on outside of its reservation.
pub fn ends(cx: &Cx, tx: &mut Tx, instance: &Instance, is_interrupted: bool) {
    if is_gathered(tx, instance.account)
        && let Some(present) = present(tx, instance, cx.now)
    {
        tx.put(CapacityUse { is_interrupted, ..present });
    }
}

/// Stores a reservation that is made, or whose size or end changes.
pub fn put(cx: &Cx, tx: &mut Tx, held: CapacityReservation) {
    if is_gathered(tx, held.account) {
        note(cx, tx, &held);
    }
    tx.put(held);
}

/// The record of the reservation is still what it was.
fn note(cx: &Cx, tx: &mut Tx, held: &CapacityReservation) {
    let key = [held.account.as_str(), &held.region, &held.id];
    let before = tx.get::<CapacityReservation>(&key).map(|it| CapacityHeld::unchanged(it));
    let kept = tx.get::<CapacityHeld>(&key).map(|kept| (**kept).clone()).or(before);
    let mut kept = kept.unwrap_or_else(|| CapacityHeld::unchanged(held));
    if kept.sizes.last().is_none_or(|(_, count)| *count != held.count) {
        kept.sizes.push((cx.now, held.count));
    }
    kept.last = held.clone();
    tx.put(kept);
}
