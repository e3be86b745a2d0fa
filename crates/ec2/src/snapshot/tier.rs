//! ModifySnapshotTier, RestoreSnapshotTier and DescribeSnapshotTierStatus: snapshots in the archive, and back for good or for some days.
//! <https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive.html>
//!
//! [`Tiering::at`] says from the times of the last requests where a snapshot is; what is in the archive cannot be used.

use jiff::SignedDuration;
use service::cx::States;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::Snapshot;
use crate::image;
use crate::instance::authorize;
use crate::refused::missing;
use crate::resource::{self, Wanted};

/// The way of a snapshot through the tiers, as it is stored with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiering {
    pub archived_at: Timestamp,
    pub restore: Option<Restore>,
}

/// The last restoration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    pub started_at: Timestamp,
    /// `None` is for good.
    pub days: Option<i64>,
}

/// About how many seconds AWS needs.
const ARCHIVING_SECONDS: i64 = 3600;
const RESTORING_SECONDS: i64 = 24 * 3600;
const MOST_DAYS: i64 = 180;

/// Where a snapshot is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `archive` or `standard`.
    pub tier: &'static str,
    pub operation: &'static str,
    pub started_at: Timestamp,
    pub is_over: bool,
    pub archived_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

impl Tiering {
    /// Where the snapshot is at that time.
    pub fn at(&self, now: Timestamp, states: States) -> Place {
        let archived_at = states.over_at(self.archived_at, ARCHIVING_SECONDS);
        let place = |tier, operation, is_over| Place {
            tier,
            operation,
            started_at: self.archived_at,
            is_over,
            archived_at: (archived_at <= now).then_some(archived_at),
            expires_at: None,
        };
        let Some(restore) = &self.restore else {
            return match archived_at <= now {
                true => place("archive", "archival-completed", true),
                false => place("standard", "archival-in-progress", false),
            };
        };
        let restored_at = states.over_at(restore.started_at, RESTORING_SECONDS);
        let is_over = restored_at <= now;
        let expires_at = restore.days.map(|days| end_of_days(restored_at, days));
        let place = |tier, operation| Place { started_at: restore.started_at, ..place(tier, operation, is_over) };
        match (restore.days, is_over) {
            (None, false) => place("archive", "permanent-restore-in-progress"),
            (None, true) => place("standard", "permanent-restore-completed"),
            (Some(_), false) => place("archive", "temporary-restore-in-progress"),
            // Its days are over: it is as archived as before.
            (Some(_), true) if expires_at.is_some_and(|end| end <= now) => place("archive", "archival-completed"),
            (Some(_), true) => Place { expires_at, ..place("standard", "temporary-restore-completed") },
        }
    }
}

fn end_of_days(since: Timestamp, days: i64) -> Timestamp {
    since.saturating_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(since)
}

/// `ModifySnapshotTierRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifySnapshotTier {
    pub snapshot_id: String,
    pub storage_tier: Option<String>,
    pub dry_run: Option<bool>,
}

/// `ModifySnapshotTierResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Tiered {
    pub snapshot_id: String,
    pub tiering_start_time: Timestamp,
}

/// `RestoreSnapshotTierRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RestoreSnapshotTier {
    pub snapshot_id: String,
    pub temporary_restore_days: Option<i64>,
    pub permanent_restore: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `RestoreSnapshotTierResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Restored {
    pub snapshot_id: String,
    pub restore_start_time: Timestamp,
    pub restore_duration: Option<i64>,
    pub is_permanent_restore: bool,
}

/// `DescribeSnapshotTierStatusRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSnapshotTierStatus {
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
    pub next_token: Option<String>,
    pub max_results: Option<i64>,
}

/// `DescribeSnapshotTierStatusResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Statuses {
    pub snapshot_tier_statuses: Vec<StatusOut>,
    pub next_token: Option<String>,
}

/// `SnapshotTierStatus`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct StatusOut {
    pub snapshot_id: String,
    pub volume_id: String,
    pub status: &'static str,
    pub owner_id: String,
    pub tags: Vec<Tag>,
    pub storage_tier: &'static str,
    pub last_tiering_start_time: Option<Timestamp>,
    pub last_tiering_progress: Option<i64>,
    pub last_tiering_operation_status: Option<&'static str>,
    pub archival_complete_time: Option<Timestamp>,
    pub restore_expiry_time: Option<Timestamp>,
}

static FIELDS: Fields<StatusOut> = Fields {
    fields: &[
        ("last-tiering-operation", |it, values| values.push_if(it.last_tiering_operation_status)),
        ("snapshot-id", |it, values| values.push(it.snapshot_id.as_str())),
        ("volume-id", |it, values| values.push(it.volume_id.as_str())),
    ],
    tags: None,
};

const ARCHIVE: &str = "archive";

/// ModifySnapshotTier on the snapshot, with the tier it is to go to.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifySnapshotTier) -> Vec<Check> {
    let check = super::check_on(cx, world, &input.snapshot_id);
    let tier = input.storage_tier.clone().unwrap_or_else(|| ARCHIVE.to_owned());
    vec![authorize::attributes(check, &[("StorageTier", tier)])]
}

/// Puts a complete snapshot that no image needs into the archive.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifySnapshotTier) -> Result<Tiered, ApiError> {
    let snapshot = super::own(tx, cx, &input.snapshot_id)?;
    let id = &snapshot.id;
    super::must_be_usable(cx, &snapshot)?;
    let restored =
        |tiering: &Tiering| tiering.at(cx.now, cx.settings.states).operation == "permanent-restore-completed";
    if !snapshot.tiering.as_ref().is_none_or(restored) {
        let message = format!("Snapshot '{id}' is being archived or restored, or is restored temporarily.");
        return Err(ApiError::new("IncorrectState", message));
    }
    let needed = image::made_of(tx, cx.region_name(), id).find(|image| !image.disabled);
    if let Some(image) = needed {
        let message = format!("The snapshot {id} is currently in use by {}", image.id);
        return Err(ApiError::new("InvalidSnapshot.InUse", message));
    }
    let tiering = Tiering { archived_at: cx.now, restore: None };
    resource::update::<Snapshot>(tx, cx, id, |it| it.tiering = Some(tiering));
    Ok(Tiered { snapshot_id: id.clone(), tiering_start_time: cx.now })
}

/// RestoreSnapshotTier on the snapshot.
pub fn to_restore(cx: &Cx, world: &World, input: &RestoreSnapshotTier) -> Vec<Check> {
    vec![super::check_on(cx, world, &input.snapshot_id)]
}

/// Takes a snapshot out of the archive; one that is out for some days can be given others, or stay out.
pub fn restore(cx: &Cx, tx: &mut Tx, input: &RestoreSnapshotTier) -> Result<Restored, ApiError> {
    let snapshot = super::own(tx, cx, &input.snapshot_id)?;
    let days = days(input)?;
    let place = snapshot.tiering.as_ref().map(|tiering| tiering.at(cx.now, cx.settings.states));
    let started_at = match place.as_ref().map(|place| place.operation) {
        Some("archival-completed") => cx.now,
        // It is out already: the days count from when it came out.
        Some("temporary-restore-completed") => place.map_or(cx.now, |place| place.started_at),
        Some(_) | None => {
            let message = format!("Snapshot '{}' is not in the archive tier.", snapshot.id);
            return Err(ApiError::new("IncorrectState", message));
        }
    };
    resource::update::<Snapshot>(tx, cx, &snapshot.id, |it| {
        if let Some(tiering) = &mut it.tiering {
            tiering.restore = Some(Restore { started_at, days });
        }
    });
    Ok(Restored {
        snapshot_id: snapshot.id.clone(),
        restore_start_time: started_at,
        restore_duration: days,
        is_permanent_restore: days.is_none(),
    })
}

fn days(input: &RestoreSnapshotTier) -> Result<Option<i64>, ApiError> {
    match (input.temporary_restore_days, input.permanent_restore == Some(true)) {
        (Some(_), true) => {
            let message = "The parameter TemporaryRestoreDays cannot be used with the parameter PermanentRestore";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
        (None, true) => Ok(None),
        (Some(days), false) if (1..=MOST_DAYS).contains(&days) => Ok(Some(days)),
        (Some(days), false) => {
            let message = format!(
                "Value ({days}) for parameter TemporaryRestoreDays is invalid. Value must be between 1 and {MOST_DAYS}."
            );
            Err(ApiError::new("InvalidParameterValue", message))
        }
        (None, false) => Err(missing("TemporaryRestoreDays or PermanentRestore")),
    }
}

/// Where the account's snapshots are.
pub fn describe(cx: &Cx, world: &World, input: &DescribeSnapshotTierStatus) -> Result<Statuses, ApiError> {
    let wanted = Wanted {
        ids: None,
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |snapshot: &Snapshot| status_out(cx, snapshot);
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, see)?;
    Ok(Statuses { snapshot_tier_statuses: page.items, next_token: page.next })
}

fn status_out(cx: &Cx, snapshot: &Snapshot) -> StatusOut {
    let place = snapshot.tiering.as_ref().map(|tiering| tiering.at(cx.now, cx.settings.states));
    StatusOut {
        snapshot_id: snapshot.id.clone(),
        volume_id: snapshot.volume_id.clone(),
        status: if snapshot.is_completed(cx) { "completed" } else { "pending" },
        owner_id: snapshot.account.to_string(),
        tags: snapshot.tags.clone(),
        storage_tier: place.as_ref().map_or("standard", |place| place.tier),
        last_tiering_start_time: place.as_ref().map(|place| place.started_at),
        last_tiering_progress: place.as_ref().map(|place| if place.is_over { 100 } else { 0 }),
        last_tiering_operation_status: place.as_ref().map(|place| place.operation),
        archival_complete_time: place.as_ref().and_then(|place| place.archived_at),
        restore_expiry_time: place.and_then(|place| place.expires_at),
    }
}
