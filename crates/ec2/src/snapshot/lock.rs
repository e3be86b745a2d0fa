//! LockSnapshot, UnlockSnapshot and DescribeLockedSnapshots: what is locked cannot be deleted.
//! <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-snapshot-lock.html>
//!
//! A lock in governance mode can be changed and taken away; one in compliance mode only while it cools off, later it can only be made longer.

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::Snapshot;
use crate::instance::view::settled_at;
use crate::refused::missing;
use crate::resource::{self, Wanted};

/// A lock, as it is stored with its snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    pub mode: Mode,
    pub created_at: Timestamp,
    /// Its days count from here: not before the snapshot is complete.
    pub starts_at: Timestamp,
    pub expires_at: Timestamp,
    /// Hours.
    pub cool_off: Option<i64>,
}

/// The two modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    Governance,
    Compliance,
}

const EXPIRED: &str = "expired";
const COOL_OFF: &str = "compliance-cooloff";
const COMPLIANCE: &str = "compliance";

impl Lock {
    /// The state on the wire.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self.mode {
            _ if self.expires_at <= now => EXPIRED,
            Mode::Governance => "governance",
            Mode::Compliance if self.cool_off_ends_at().is_some_and(|end| now < end) => COOL_OFF,
            Mode::Compliance => COMPLIANCE,
        }
    }

    /// Whether the snapshot cannot be deleted at that time.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.state(now) != EXPIRED
    }

    fn cool_off_ends_at(&self) -> Option<Timestamp> {
        self.created_at.saturating_add(SignedDuration::from_hours(self.cool_off?)).ok()
    }

    fn days(&self) -> i64 {
        self.expires_at.duration_since(self.starts_at).as_hours() / 24
    }
}

/// `LockSnapshotRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct LockSnapshot {
    pub snapshot_id: String,
    pub dry_run: Option<bool>,
    pub lock_mode: String,
    pub cool_off_period: Option<i64>,
    pub lock_duration: Option<i64>,
    pub expiration_date: Option<Timestamp>,
}

/// `UnlockSnapshotRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct UnlockSnapshot {
    pub snapshot_id: String,
    pub dry_run: Option<bool>,
}

/// `UnlockSnapshotResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Unlocked {
    pub snapshot_id: String,
}

/// `DescribeLockedSnapshotsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeLockedSnapshots {
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub snapshot_ids: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

/// `DescribeLockedSnapshotsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct LockedSnapshots {
    pub snapshots: Vec<LockedOut>,
    pub next_token: Option<String>,
}

/// `LockSnapshotResult`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct LockOut {
    pub snapshot_id: String,
    pub lock_state: &'static str,
    pub lock_duration: i64,
    pub cool_off_period: Option<i64>,
    pub cool_off_period_expires_on: Option<Timestamp>,
    pub lock_created_on: Timestamp,
    pub lock_expires_on: Timestamp,
    pub lock_duration_start_time: Timestamp,
}

/// `LockedSnapshotsInfo`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct LockedOut {
    pub owner_id: String,
    pub snapshot_id: String,
    pub lock_state: &'static str,
    pub lock_duration: i64,
    pub cool_off_period: Option<i64>,
    pub cool_off_period_expires_on: Option<Timestamp>,
    pub lock_created_on: Timestamp,
    pub lock_duration_start_time: Timestamp,
    pub lock_expires_on: Timestamp,
}

static FIELDS: Fields<Option<LockedOut>> =
    Fields { fields: &[("lock-state", |it, values| values.push_if(it.as_ref().map(|it| it.lock_state)))], tags: None };

/// LockSnapshot on the snapshot, with the duration and cool-off asked for.
pub fn to_lock(cx: &Cx, world: &World, input: &LockSnapshot) -> Vec<Check> {
    let check = super::check_on(cx, world, &input.snapshot_id)
        .key_if("ec2:SnapshotCoolOffPeriod", input.cool_off_period.map(|hours| hours.to_string()))
        .key_if("ec2:SnapshotLockDuration", input.lock_duration.map(|days| days.to_string()));
    vec![check]
}

/// Locks a snapshot of one's own, or changes its lock.
pub fn lock(cx: &Cx, tx: &mut Tx, input: &LockSnapshot) -> Result<LockOut, ApiError> {
    let snapshot = super::own(tx, cx, &input.snapshot_id)?;
    let lock = wanted(cx, &snapshot, input)?;
    if let Some(held) = &snapshot.lock {
        may_become(cx, &snapshot.id, held, &lock)?;
    }
    let out = out(cx, &snapshot.id, &lock);
    resource::update::<Snapshot>(tx, cx, &snapshot.id, |it| it.lock = Some(lock));
    Ok(out)
}

fn wanted(cx: &Cx, snapshot: &Snapshot, input: &LockSnapshot) -> Result<Lock, ApiError> {
    let mode = if input.lock_mode == COMPLIANCE { Mode::Compliance } else { Mode::Governance };
    if mode == Mode::Governance && input.cool_off_period.is_some() {
        return Err(combination("The parameter CoolOffPeriod cannot be used with the governance lock mode"));
    }
    let completed = settled_at(snapshot.started_at, cx.settings.states);
    let starts_at = completed.max(cx.now);
    let expires_at = match (input.lock_duration, input.expiration_date) {
        (Some(_), Some(_)) => {
            return Err(combination("The parameter LockDuration cannot be used with the parameter ExpirationDate"));
        }
        (None, None) => return Err(missing("LockDuration or ExpirationDate")),
        (Some(days), None) => starts_at.saturating_add(SignedDuration::from_hours(days.saturating_mul(24))).ok(),
        (None, Some(date)) => Some(date).filter(|date| *date > starts_at),
    };
    let expires_at = expires_at.ok_or_else(|| {
        let message = "Value for parameter ExpirationDate is invalid. The date must be in the future.";
        ApiError::new("InvalidParameterValue", message)
    })?;
    Ok(Lock { mode, created_at: cx.now, starts_at, expires_at, cool_off: input.cool_off_period })
}

fn combination(message: &str) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}

/// A lock in compliance mode that has cooled off can only be made longer.
fn may_become(cx: &Cx, id: &str, held: &Lock, wanted: &Lock) -> Result<(), ApiError> {
    let longer = wanted.mode == Mode::Compliance && wanted.cool_off.is_none() && wanted.expires_at >= held.expires_at;
    if held.state(cx.now) != COMPLIANCE || longer {
        return Ok(());
    }
    let message = format!("The snapshot '{id}' is locked in compliance mode. You can only increase its lock duration.");
    Err(ApiError::new("OperationNotPermitted", message))
}

/// UnlockSnapshot on the snapshot, with what its lock was set to.
pub fn to_unlock(cx: &Cx, world: &World, input: &UnlockSnapshot) -> Vec<Check> {
    let held = resource::look_up::<Snapshot>(world, cx, &input.snapshot_id);
    let lock = held.as_ref().and_then(|snapshot| snapshot.lock.as_ref());
    let check = super::check_on(cx, world, &input.snapshot_id)
        .key_if("ec2:SnapshotCoolOffPeriod", lock.and_then(|lock| lock.cool_off).map(|hours| hours.to_string()))
        .key_if("ec2:SnapshotLockDuration", lock.map(|lock| lock.days().to_string()));
    vec![check]
}

/// Takes the lock away while that can be.
pub fn unlock(cx: &Cx, tx: &mut Tx, input: &UnlockSnapshot) -> Result<Unlocked, ApiError> {
    let snapshot = super::own(tx, cx, &input.snapshot_id)?;
    let id = &snapshot.id;
    match &snapshot.lock {
        None => Err(ApiError::new("IncorrectState", format!("The snapshot '{id}' is not locked."))),
        Some(lock) if lock.state(cx.now) == COMPLIANCE => {
            let message = format!("The snapshot '{id}' is locked in compliance mode and cannot be unlocked.");
            Err(ApiError::new("OperationNotPermitted", message))
        }
        Some(_) => {
            resource::update::<Snapshot>(tx, cx, id, |it| it.lock = None);
            Ok(Unlocked { snapshot_id: id.clone() })
        }
    }
}

/// The locks of the account's snapshots, or of those named; expired ones, too.
pub fn describe(cx: &Cx, world: &World, input: &DescribeLockedSnapshots) -> Result<LockedSnapshots, ApiError> {
    let wanted = Wanted {
        ids: input.snapshot_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |snapshot: &Snapshot| locked_out(cx, snapshot);
    let page = resource::describe(cx, world, &wanted, || all_locked(cx, world), &FIELDS, see)?;
    Ok(LockedSnapshots { snapshots: page.items.into_iter().flatten().collect(), next_token: page.next })
}

fn all_locked<'w>(cx: &Cx, world: &'w World) -> Box<dyn Iterator<Item = Arc<Snapshot>> + 'w> {
    Box::new(resource::all::<Snapshot>(cx, world).filter(|snapshot| snapshot.lock.is_some()))
}

fn out(cx: &Cx, id: &str, lock: &Lock) -> LockOut {
    LockOut {
        snapshot_id: id.to_owned(),
        lock_state: lock.state(cx.now),
        lock_duration: lock.days(),
        cool_off_period: lock.cool_off,
        cool_off_period_expires_on: lock.cool_off_ends_at(),
        lock_created_on: lock.created_at,
        lock_expires_on: lock.expires_at,
        lock_duration_start_time: lock.starts_at,
    }
}

fn locked_out(cx: &Cx, snapshot: &Snapshot) -> Option<LockedOut> {
    let out = out(cx, &snapshot.id, snapshot.lock.as_ref()?);
    Some(LockedOut {
        owner_id: snapshot.account.to_string(),
        snapshot_id: out.snapshot_id,
        lock_state: out.lock_state,
        lock_duration: out.lock_duration,
        cool_off_period: out.cool_off_period,
        cool_off_period_expires_on: out.cool_off_period_expires_on,
        lock_created_on: out.lock_created_on,
        lock_duration_start_time: out.lock_duration_start_time,
        lock_expires_on: out.lock_expires_on,
    })
}
