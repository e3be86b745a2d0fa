//! EnableFastSnapshotRestores, DisableFastSnapshotRestores and DescribeFastSnapshotRestores: in which zones volumes of a snapshot are fast from the
//! beginning. <https://docs.aws.amazon.com/ebs/latest/userguide/ebs-fast-snapshot-restore.html>
//!
//! Volumes hold no data here, so nothing gets faster; a volume tells whether it was made so ([`is_enabled`]).

use jiff::SignedDuration;
use service::cx::States;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;
use service::regions::Zone;

use super::{Snapshot, usable};
use crate::instance::elapsed;
use crate::kind;
use crate::refused::missing;

/// A snapshot that is fast in a zone, or was a while ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FastRestore {
    /// Who enabled it, and pays for it.
    pub account: AccountId,
    pub region: String,
    pub snapshot_id: String,
    pub zone: String,
    pub zone_id: String,
    pub enabled_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

/// About how many seconds AWS takes from `enabling` to `optimizing`, to `enabled`, and from `disabling` to `disabled`.
const ENABLING_SECONDS: i64 = 30;
const OPTIMIZING_SECONDS: i64 = 120;
const DISABLING_SECONDS: i64 = 30;
/// How long what was disabled is still told.
const VISIBLE_AFTER: SignedDuration = SignedDuration::from_hours(1);

impl FastRestore {
    /// (region, snapshot), whatever the account.
    pub const BY_SNAPSHOT: usize = 0;

    fn state(&self, now: Timestamp, states: States) -> &'static str {
        let over = |since, seconds| elapsed(since, now) >= states.lasting(seconds);
        match self.disabled_at {
            Some(at) if over(at, DISABLING_SECONDS) => "disabled",
            Some(_) => "disabling",
            None if over(self.enabled_at, OPTIMIZING_SECONDS) => "enabled",
            None if over(self.enabled_at, ENABLING_SECONDS) => "optimizing",
            None => "enabling",
        }
    }
}

impl Record for FastRestore {
    const TABLE: TableDef = TableDef::own("ec2_fast_snapshot_restore", &["account", "region", "snapshot", "zone"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_snapshot", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.snapshot_id, &self.zone])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_SNAPSHOT, &[&self.region, &self.snapshot_id]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.disabled_at.map(|at| at.saturating_add(VISIBLE_AFTER).unwrap_or(at))
    }
}

/// Whether a volume that the caller's account makes of that snapshot in that zone now is fast.
pub fn is_enabled(cx: &Cx, world: &World, snapshot_id: &str, zone: &str) -> bool {
    held(cx, world, snapshot_id, zone).is_some_and(|it| it.state(cx.now, cx.settings.states) == "enabled")
}

fn held<'w>(cx: &Cx, world: &'w World, snapshot_id: &str, zone: &str) -> Option<&'w FastRestore> {
    let account = cx.account();
    world.get::<FastRestore>(&[account.as_str(), cx.region_name(), snapshot_id, zone]).map(|it| &**it)
}

/// The snapshot is gone, and so is what was fast of it.
pub fn end(cx: &Cx, tx: &mut Tx, snapshot_id: &str) {
    let of_it = tx.by::<FastRestore>(FastRestore::BY_SNAPSHOT, &[cx.region_name(), snapshot_id]);
    let open: Vec<FastRestore> = of_it.filter(|it| it.disabled_at.is_none()).map(|it| (**it).clone()).collect();
    for restore in open {
        tx.put(FastRestore { disabled_at: Some(cx.now), ..restore });
    }
}

/// `EnableFastSnapshotRestoresRequest`, and that of Disable.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ChangeFastRestores {
    #[serde(default)]
    pub availability_zones: Vec<String>,
    #[serde(default)]
    pub availability_zone_ids: Vec<String>,
    pub source_snapshot_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `EnableFastSnapshotRestoresResult`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub successful: Vec<RestoreOut>,
    pub unsuccessful: Vec<FailureOut>,
}

/// `EnableFastSnapshotRestoreSuccessItem`, and those of Disable and Describe.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RestoreOut {
    pub snapshot_id: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub state: &'static str,
    pub state_transition_reason: &'static str,
    pub owner_id: String,
    pub enabling_time: Timestamp,
    pub optimizing_time: Option<Timestamp>,
    pub enabled_time: Option<Timestamp>,
    pub disabling_time: Option<Timestamp>,
    pub disabled_time: Option<Timestamp>,
}

/// `EnableFastSnapshotRestoreErrorItem`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct FailureOut {
    pub snapshot_id: String,
    pub fast_snapshot_restore_state_errors: Vec<ZoneFailureOut>,
}

/// `EnableFastSnapshotRestoreStateErrorItem`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct ZoneFailureOut {
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub error: ErrorOut,
}

/// `EnableFastSnapshotRestoreStateError`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct ErrorOut {
    pub code: String,
    pub message: String,
}

/// `DescribeFastSnapshotRestoresRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeFastSnapshotRestores {
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeFastSnapshotRestoresResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct FastRestores {
    pub fast_snapshot_restores: Vec<RestoreOut>,
    pub next_token: Option<String>,
}

static FIELDS: Fields<RestoreOut> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("availability-zone-id", |it, values| values.push(it.availability_zone_id.as_str())),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("snapshot-id", |it, values| values.push(it.snapshot_id.as_str())),
        ("state", |it, values| values.push(it.state)),
    ],
    tags: None,
};

/// The operation on each snapshot, with the zones.
pub fn to_change(cx: &Cx, world: &World, input: &ChangeFastRestores) -> Vec<Check> {
    let names: Vec<String> = match zones(cx, input) {
        Ok(zones) => zones.iter().map(|zone| zone.name.clone()).collect(),
        Err(_) => input.availability_zones.clone(),
    };
    let check = |id: &String| super::check_on(cx, world, id).keys("ec2:AvailabilityZone", names.clone());
    input.source_snapshot_ids.iter().map(check).collect()
}

fn zones(cx: &Cx, input: &ChangeFastRestores) -> Result<Vec<&'static Zone>, ApiError> {
    let unknown = |zone: &str| ApiError::new("InvalidZone.NotFound", format!("The zone '{zone}' does not exist."));
    match (input.availability_zones.as_slice(), input.availability_zone_ids.as_slice()) {
        ([], []) => Err(missing("AvailabilityZone")),
        (names, []) => names.iter().map(|name| cx.region.zone(name).ok_or_else(|| unknown(name))).collect(),
        ([], ids) => ids.iter().map(|id| cx.region.zone_by_id(id).ok_or_else(|| unknown(id))).collect(),
        (_, _) => {
            let message = "The parameters AvailabilityZone and AvailabilityZoneId cannot be used together";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
    }
}

/// What becomes of a snapshot in a zone.
type Change = fn(&Cx, &mut Tx, &str, &Zone) -> Result<FastRestore, ApiError>;

/// Makes volumes of the snapshots fast in the zones.
pub fn enable(cx: &Cx, tx: &mut Tx, input: &ChangeFastRestores) -> Result<Changed, ApiError> {
    each(cx, tx, input, |cx, tx, id, zone| {
        let snapshot: Snapshot = usable(tx, cx, id).ok_or_else(|| kind::SNAPSHOT.not_found(&[id]))?;
        super::must_be_usable(cx, &snapshot)?;
        if held(cx, tx, id, &zone.name).is_some_and(|held| held.disabled_at.is_none()) {
            return Err(wrong_state("AlreadyEnabled", id, &zone.name, "already enabled"));
        }
        Ok(FastRestore {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            snapshot_id: id.to_owned(),
            zone: zone.name.clone(),
            zone_id: zone.id.clone(),
            enabled_at: cx.now,
            disabled_at: None,
        })
    })
}

/// Ends that.
pub fn disable(cx: &Cx, tx: &mut Tx, input: &ChangeFastRestores) -> Result<Changed, ApiError> {
    each(cx, tx, input, |cx, tx, id, zone| match held(cx, tx, id, &zone.name) {
        Some(held) if held.disabled_at.is_none() => Ok(FastRestore { disabled_at: Some(cx.now), ..held.clone() }),
        Some(_) | None => Err(wrong_state("NotEnabled", id, &zone.name, "not enabled")),
    })
}

fn wrong_state(code: &str, id: &str, zone: &str, what: &str) -> ApiError {
    let message = format!("Fast snapshot restore is {what} for snapshot '{id}' in zone '{zone}'.");
    ApiError::new(format!("InvalidFastSnapshotRestoreState.{code}"), message)
}

/// One zone's failure does not stop the others.
fn each(cx: &Cx, tx: &mut Tx, input: &ChangeFastRestores, change: Change) -> Result<Changed, ApiError> {
    let zones = zones(cx, input)?;
    input.source_snapshot_ids.iter().try_for_each(|id| kind::SNAPSHOT.well_formed(id))?;
    let mut changed = Changed { successful: Vec::new(), unsuccessful: Vec::new() };
    for id in &input.source_snapshot_ids {
        let mut failures = Vec::new();
        for zone in &zones {
            match change(cx, tx, id, zone) {
                Ok(restore) => {
                    changed.successful.push(out(cx, &restore));
                    tx.put(restore);
                }
                Err(error) => failures.push(failure(zone, &error)),
            }
        }
        if !failures.is_empty() {
            let failure = FailureOut { snapshot_id: id.clone(), fast_snapshot_restore_state_errors: failures };
            changed.unsuccessful.push(failure);
        }
    }
    Ok(changed)
}

fn failure(zone: &Zone, error: &ApiError) -> ZoneFailureOut {
    ZoneFailureOut {
        availability_zone: zone.name.clone(),
        availability_zone_id: zone.id.clone(),
        error: ErrorOut { code: error.code.to_string(), message: error.message.clone() },
    }
}

/// What the account enabled, and what it disabled a while ago.
pub fn describe(cx: &Cx, world: &World, input: &DescribeFastSnapshotRestores) -> Result<FastRestores, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let held = world.scan::<FastRestore>(&[cx.account().as_str(), cx.region_name()]);
    let outs = held.map(|restore| out(cx, restore)).filter(|it| chosen.admit(it));
    let scope = format!("fast snapshot restores {:?}", input.filters);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| {
        format!("{} {}", it.snapshot_id, it.availability_zone)
    })?;
    Ok(FastRestores { fast_snapshot_restores: page.items, next_token: page.next })
}

fn out(cx: &Cx, restore: &FastRestore) -> RestoreOut {
    let states = cx.settings.states;
    // A time is told once it was reached, and reached only before it was disabled.
    let reached = |at: Timestamp| (at <= restore.disabled_at.unwrap_or(cx.now)).then_some(at);
    let state = restore.state(cx.now, states);
    RestoreOut {
        snapshot_id: restore.snapshot_id.clone(),
        availability_zone: restore.zone.clone(),
        availability_zone_id: restore.zone_id.clone(),
        state,
        state_transition_reason: match state {
            "enabling" | "disabling" => "Client.UserInitiated",
            _ => "Client.UserInitiated - Lifecycle state transition",
        },
        owner_id: restore.account.to_string(),
        enabling_time: restore.enabled_at,
        optimizing_time: reached(states.over_at(restore.enabled_at, ENABLING_SECONDS)),
        enabled_time: reached(states.over_at(restore.enabled_at, OPTIMIZING_SECONDS)),
        disabling_time: restore.disabled_at,
        disabled_time: restore.disabled_at.map(|at| states.over_at(at, DISABLING_SECONDS)).filter(|at| *at <= cx.now),
    }
}
