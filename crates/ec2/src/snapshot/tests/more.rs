//! Locks, the archive, fast restores, and snapshots of all volumes of an instance.

use service::cx::States;

use super::super::create_many::{CreateSnapshots, InstanceSpecification};
use super::super::fast_restore::{ChangeFastRestores, DescribeFastSnapshotRestores};
use super::super::lock::{DescribeLockedSnapshots, LockSnapshot, UnlockSnapshot};
use super::super::tier::{DescribeSnapshotTierStatus, ModifySnapshotTier, RestoreSnapshotTier};
use super::*;
use crate::instance::tests::{in_states, one};
use crate::tests::filters;
use crate::volume::attach::AttachVolume;
use crate::volume::of_instance;

const DAY: i64 = 86_400;

fn deletion(id: &str) -> DeleteSnapshot {
    DeleteSnapshot { snapshot_id: id.to_owned(), dry_run: None }
}

fn governance(id: &str, days: i64) -> LockSnapshot {
    LockSnapshot {
        snapshot_id: id.to_owned(),
        lock_mode: "governance".into(),
        lock_duration: Some(days),
        ..Default::default()
    }
}

fn compliance(id: &str, days: i64, cool_off: Option<i64>) -> LockSnapshot {
    LockSnapshot { lock_mode: "compliance".into(), cool_off_period: cool_off, ..governance(id, days) }
}

fn unlocking(id: &str) -> UnlockSnapshot {
    UnlockSnapshot { snapshot_id: id.to_owned(), dry_run: None }
}

#[test]
fn a_locked_snapshot_cannot_be_deleted() {
    let (cx, mut tx, id) = with_snapshot();
    assert_eq!(refusal(lock::unlock(&cx, &mut tx, &unlocking(&id))).0, "IncorrectState");
    let held = lock::lock(&cx, &mut tx, &governance(&id, 2)).unwrap();
    assert_eq!((held.lock_state, held.lock_duration, held.cool_off_period), ("governance", 2, None));
    assert_eq!(refusal(create::delete(&cx, &mut tx, &deletion(&id))).0, "OperationNotPermitted");
    let told = |cx: &Cx, tx: &Tx| -> Vec<&'static str> {
        let input = DescribeLockedSnapshots::default();
        lock::describe(cx, tx, &input).unwrap().snapshots.into_iter().map(|it| it.lock_state).collect()
    };
    assert_eq!((told(&cx, &tx), told(&later(&cx, 2 * DAY), &tx)), (vec!["governance"], vec!["expired"]));
    lock::unlock(&cx, &mut tx, &unlocking(&id)).unwrap();
    assert!(told(&cx, &tx).is_empty());
    lock::lock(&cx, &mut tx, &governance(&id, 2)).unwrap();
    create::delete(&later(&cx, 2 * DAY), &mut tx, &deletion(&id)).unwrap();
}

#[test]
fn compliance_can_only_become_longer() {
    let (cx, mut tx, id) = with_snapshot();
    let held = lock::lock(&cx, &mut tx, &compliance(&id, 10, Some(24))).unwrap();
    assert_eq!(held.lock_state, "compliance-cooloff");
    lock::lock(&cx, &mut tx, &governance(&id, 1)).unwrap();
    lock::lock(&cx, &mut tx, &compliance(&id, 10, Some(24))).unwrap();
    let cool = later(&cx, DAY);
    assert_eq!(refusal(lock::unlock(&cool, &mut tx, &unlocking(&id))).0, "OperationNotPermitted");
    for shorter in [compliance(&id, 8, None), governance(&id, 20)] {
        assert_eq!(refusal(lock::lock(&cool, &mut tx, &shorter)).0, "OperationNotPermitted");
    }
    assert_eq!(lock::lock(&cool, &mut tx, &compliance(&id, 20, None)).unwrap().lock_state, "compliance");
}

#[test]
fn locks_that_are_refused() {
    let (cx, mut tx, id) = with_snapshot();
    let date = Some(later(&cx, DAY).now);
    let cases = [
        (LockSnapshot { cool_off_period: Some(1), ..governance(&id, 1) }, "InvalidParameterCombination"),
        (LockSnapshot { expiration_date: date, ..governance(&id, 1) }, "InvalidParameterCombination"),
        (LockSnapshot { lock_duration: None, ..governance(&id, 1) }, "MissingParameter"),
        (
            LockSnapshot { lock_duration: None, expiration_date: Some(cx.now), ..governance(&id, 1) },
            "InvalidParameterValue",
        ),
    ];
    for (input, code) in cases {
        assert_eq!(refusal(lock::lock(&cx, &mut tx, &input)).0, code);
    }
}

#[test]
fn a_snapshot_goes_to_the_archive_and_back() {
    let (cx, mut tx, id) = with_snapshot();
    let cx = in_states(&cx, States::Aws);
    let status = |cx: &Cx, tx: &Tx| {
        let found = tier::describe(cx, tx, &DescribeSnapshotTierStatus::default()).unwrap().snapshot_tier_statuses;
        let it = found.into_iter().find(|it| it.snapshot_id == id).unwrap();
        (it.storage_tier, it.last_tiering_operation_status, it.restore_expiry_time)
    };
    assert_eq!(status(&cx, &tx), ("standard", None, None));
    let archive = ModifySnapshotTier { snapshot_id: id.clone(), storage_tier: Some("archive".into()), dry_run: None };
    tier::modify(&cx, &mut tx, &archive).unwrap();
    assert_eq!(status(&cx, &tx), ("standard", Some("archival-in-progress"), None));
    let cx = later(&cx, 3600);
    assert_eq!(status(&cx, &tx), ("archive", Some("archival-completed"), None));
    let volume = CreateVolume {
        availability_zone: Some("us-east-1a".into()),
        snapshot_id: Some(id.clone()),
        ..Default::default()
    };
    assert_eq!(refusal(crate::volume::create::create(&cx, &mut tx, &volume)).0, "IncorrectState");
    let back = |days: Option<i64>| RestoreSnapshotTier {
        snapshot_id: id.clone(),
        temporary_restore_days: days,
        permanent_restore: Some(days.is_none()),
        dry_run: None,
    };
    assert_eq!(refusal(tier::restore(&cx, &mut tx, &back(Some(181)))).0, "InvalidParameterValue");
    tier::restore(&cx, &mut tx, &back(Some(3))).unwrap();
    assert_eq!(status(&cx, &tx).1, Some("temporary-restore-in-progress"));
    let cx = later(&cx, DAY);
    let expiry = later(&cx, 3 * DAY).now;
    assert_eq!(status(&cx, &tx), ("standard", Some("temporary-restore-completed"), Some(expiry)));
    crate::volume::create::create(&cx, &mut tx, &volume).unwrap();
    assert_eq!(status(&later(&cx, 3 * DAY), &tx), ("archive", Some("archival-completed"), None));
    tier::restore(&cx, &mut tx, &back(None)).unwrap();
    assert_eq!(status(&cx, &tx), ("standard", Some("permanent-restore-completed"), None));
    assert_eq!(refusal(tier::restore(&cx, &mut tx, &back(None))).0, "IncorrectState");
    tier::modify(&cx, &mut tx, &archive).unwrap();
}

#[test]
fn volumes_are_fast_where_that_is_enabled() {
    let (cx, mut tx, id) = with_snapshot();
    let zones = |zones: &[&str], ids: &[&str]| ChangeFastRestores {
        availability_zones: zones.iter().map(|zone| (*zone).to_owned()).collect(),
        source_snapshot_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..Default::default()
    };
    let none = "snap-0123456789abcdef0";
    let changed = fast_restore::enable(&cx, &mut tx, &zones(&["us-east-1a", "us-east-1b"], &[&id, none])).unwrap();
    assert_eq!(changed.successful.iter().map(|it| it.state).collect::<Vec<_>>(), ["enabling", "enabling"]);
    let failures = &changed.unsuccessful[0];
    assert_eq!((failures.snapshot_id.as_str(), failures.fast_snapshot_restore_state_errors.len()), (none, 2));
    assert_eq!(failures.fast_snapshot_restore_state_errors[0].error.code, "InvalidSnapshot.NotFound");
    let again = fast_restore::enable(&cx, &mut tx, &zones(&["us-east-1a"], &[&id])).unwrap().unsuccessful;
    let code = &again[0].fast_snapshot_restore_state_errors[0].error.code;
    assert_eq!(code, "InvalidFastSnapshotRestoreState.AlreadyEnabled");
    let cx = later(&cx, 2);
    let volume = |zone: &str| CreateVolume {
        availability_zone: Some(zone.into()),
        snapshot_id: Some(id.clone()),
        ..Default::default()
    };
    let mut fast = |zone: &str| crate::volume::create::create(&cx, &mut tx, &volume(zone)).unwrap().fast_restored;
    assert_eq!((fast("us-east-1a"), fast("us-east-1c")), (Some(true), None));
    fast_restore::disable(&cx, &mut tx, &zones(&["us-east-1a"], &[&id])).unwrap();
    create::delete(&cx, &mut tx, &deletion(&id)).unwrap();
    let cx = later(&cx, 2);
    let states = |wanted: &[&str]| -> Vec<&'static str> {
        let filters = filters(&[("state", wanted)]);
        let input = DescribeFastSnapshotRestores { filters, ..Default::default() };
        let found = fast_restore::describe(&cx, &tx, &input).unwrap().fast_snapshot_restores;
        found.into_iter().map(|it| it.state).collect()
    };
    assert_eq!((states(&["disabled"]), states(&["enabled"])), (vec!["disabled"; 2], Vec::new()));
}

#[test]
fn all_volumes_of_an_instance_at_once() {
    let (cx, mut tx, _) = with_snapshot();
    let instance = one(&cx, &mut tx);
    let cx = later(&cx, 60);
    let zone = crate::instance::find(&cx, &tx, &instance).unwrap().placement.zone.clone();
    let data = CreateVolume { availability_zone: Some(zone), size: Some(2), ..Default::default() };
    let data = crate::volume::create::create(&cx, &mut tx, &data).unwrap().volume_id;
    let cx = later(&cx, 2);
    let attachment = AttachVolume {
        device: "/dev/sdf".into(),
        instance_id: instance.clone(),
        volume_id: data.clone(),
        dry_run: None,
    };
    crate::volume::attach::attach(&cx, &mut tx, &attachment).unwrap();
    resource::update::<crate::volume::Volume>(&mut tx, &cx, &data, |it| it.tags = vec![Tag::new("team", "red")]);
    let root = of_instance(&tx, cx.account(), cx.region_name(), &instance);
    let root = root.iter().find(|volume| volume.id != data).unwrap().id.clone();
    let ask = |exclude_boot_volume: bool, excluded: &[&str]| CreateSnapshots {
        description: Some("all".into()),
        copy_tags_from_source: Some("volume".into()),
        instance_specification: InstanceSpecification {
            instance_id: instance.clone(),
            exclude_boot_volume: Some(exclude_boot_volume),
            exclude_data_volume_ids: excluded.iter().map(|id| (*id).to_owned()).collect(),
        },
        ..Default::default()
    };
    let mut volumes = |input: &CreateSnapshots| -> Result<Vec<(String, usize)>, ApiError> {
        let made = create_many::create(&cx, &mut tx, input)?.snapshots;
        Ok(made.into_iter().map(|it| (it.volume_id, it.tags.len())).collect())
    };
    assert_eq!(volumes(&ask(false, &[])), Ok(vec![(data.clone(), 1), (root.clone(), 0)]));
    assert_eq!(volumes(&ask(true, &[])), Ok(vec![(data.clone(), 1)]));
    assert_eq!(volumes(&ask(false, &[&data])), Ok(vec![(root.clone(), 0)]));
    assert_eq!(refusal(volumes(&ask(false, &[&root]))).0, "InvalidParameterValue");
    assert_eq!(refusal(volumes(&ask(true, &[&data]))).0, "InvalidParameterValue");
}

#[test]
fn documented_filters_of_these_are_known() {
    let (cx, mut tx, id) = with_snapshot();
    lock::lock(&cx, &mut tx, &governance(&id, 1)).unwrap();
    knows_filters("DescribeLockedSnapshots", |filters| {
        lock::describe(&cx, &tx, &DescribeLockedSnapshots { filters, ..Default::default() })
            .map(|it| it.snapshots.len())
    });
    knows_filters("DescribeSnapshotTierStatus", |filters| {
        tier::describe(&cx, &tx, &DescribeSnapshotTierStatus { filters, ..Default::default() })
            .map(|it| it.snapshot_tier_statuses.len())
    });
    knows_filters("DescribeFastSnapshotRestores", |filters| {
        fast_restore::describe(&cx, &tx, &DescribeFastSnapshotRestores { filters, ..Default::default() })
            .map(|it| it.fast_snapshot_restores.len())
    });
}
