//! Snapshots through their handlers: made, shared, copied, described; locked, archived and fast in `more`.

use std::sync::Arc;

use service::prelude::*;

use super::attribute::{ModifySnapshotAttribute, ResetSnapshotAttribute};
use super::copy::CopySnapshot;
use super::create::{CreateSnapshot, DeleteSnapshot};
use super::describe::DescribeSnapshots;
use super::*;
use crate::tests::{in_region, knows_filters, later, list, refusal, refused, start};
use crate::volume::create::CreateVolume;

mod more;

/// A completed snapshot of 3 GiB.
pub fn with_snapshot() -> (Cx, Tx, String) {
    let (cx, mut tx) = start();
    let volume = CreateVolume { availability_zone: Some("us-east-1a".into()), size: Some(3), ..Default::default() };
    let volume = crate::volume::create::create(&cx, &mut tx, &volume).unwrap().volume_id;
    let cx = later(&cx, 10);
    let made = create::create(&cx, &mut tx, &CreateSnapshot { volume_id: volume, ..Default::default() }).unwrap();
    assert_eq!((made.state, made.volume_size), ("pending", 3));
    (later(&cx, 10), tx, made.snapshot_id)
}

fn of_account(cx: &Cx, number: u64) -> Cx {
    let account = AccountId::from_number(number).unwrap();
    Cx { caller: Arc::new(service::Caller { account, ..(*cx.caller).clone() }), ..cx.clone() }
}

fn seen(cx: &Cx, tx: &Tx, input: DescribeSnapshots) -> Vec<String> {
    describe::describe(cx, tx, &input).unwrap().snapshots.into_iter().map(|it| it.snapshot_id).collect()
}

#[test]
fn a_snapshot_is_shared_and_no_longer() {
    let (cx, mut tx, id) = with_snapshot();
    let other = of_account(&cx, 222_222_222_222);
    let named = || DescribeSnapshots { snapshot_ids: list(&[&id]), ..Default::default() };
    assert_eq!(refusal(describe::describe(&other, &tx, &named())).0, "InvalidSnapshot.NotFound");
    let share = |user: &str| ModifySnapshotAttribute {
        snapshot_id: id.clone(),
        operation_type: Some("add".into()),
        user_ids: vec![user.into()],
        ..Default::default()
    };
    attribute::modify(&cx, &mut tx, &share("222222222222")).unwrap();
    assert_eq!(seen(&other, &tx, named()), std::slice::from_ref(&id));
    let restorable = DescribeSnapshots { restorable_by_user_ids: list(&["self"]), ..Default::default() };
    assert_eq!(seen(&other, &tx, restorable), std::slice::from_ref(&id));
    assert_eq!(
        seen(&of_account(&cx, 3), &tx, DescribeSnapshots { owner_ids: list(&["123456789012"]), ..Default::default() })
            .len(),
        0
    );
    let source = CreateVolume {
        availability_zone: Some("us-east-1a".into()),
        snapshot_id: Some(id.clone()),
        ..Default::default()
    };
    assert_eq!(crate::volume::create::create(&other, &mut tx, &source).unwrap().size, 3);
    assert_eq!(
        refusal(create::delete(&other, &mut tx, &DeleteSnapshot { snapshot_id: id.clone(), dry_run: None })).0,
        "InvalidSnapshot.NotFound"
    );
    let reset =
        ResetSnapshotAttribute { attribute: "createVolumePermission".into(), snapshot_id: id.clone(), dry_run: None };
    attribute::reset(&cx, &mut tx, &reset).unwrap();
    assert_eq!(refusal(describe::describe(&other, &tx, &named())).0, "InvalidSnapshot.NotFound");
    assert_eq!(
        refusal(attribute::modify(&cx, &mut tx, &share("me"))),
        refused("InvalidUserID.Malformed", "Invalid user id: \"me\"")
    );
}

#[test]
fn a_copy_stands_in_its_own_region() {
    let (cx, mut tx, id) = with_snapshot();
    let there = in_region(&later(&cx, 1), "eu-west-1");
    let input = CopySnapshot {
        source_region: "us-east-1".into(),
        source_snapshot_id: id.clone(),
        encrypted: Some(true),
        ..Default::default()
    };
    let copy = copy::copy(&there, &mut tx, &input).unwrap().snapshot_id;
    create::delete(&cx, &mut tx, &DeleteSnapshot { snapshot_id: id, dry_run: None }).unwrap();
    let own = || DescribeSnapshots { owner_ids: list(&["self"]), ..Default::default() };
    assert_eq!(seen(&there, &tx, own()), std::slice::from_ref(&copy));
    assert_eq!(seen(&cx, &tx, own()), Vec::<String>::new());
    let found = look(&there, &tx, &copy);
    assert_eq!((found.volume_size, found.encrypted, found.volume_id.as_str()), (3, true, "vol-ffffffff"));
}

fn look(cx: &Cx, tx: &Tx, id: &str) -> Arc<Snapshot> {
    resource::get(tx, cx, id).unwrap()
}

#[test]
fn snapshots_of_public_images_are_seen() {
    let (cx, tx, id) = with_snapshot();
    let amazon = DescribeSnapshots { owner_ids: list(&["amazon"]), ..Default::default() };
    let public = seen(&cx, &tx, amazon);
    assert!(!public.is_empty() && !public.contains(&id));
    let named = DescribeSnapshots { snapshot_ids: list(&[&public[0]]), ..Default::default() };
    assert_eq!(seen(&cx, &tx, named), [public[0].clone()]);
}

#[test]
fn documented_filters_are_known() {
    let (cx, tx, _) = with_snapshot();
    knows_filters("DescribeSnapshots", |filters| {
        describe::describe(&cx, &tx, &DescribeSnapshots { filters, ..Default::default() }).map(|it| it.snapshots.len())
    });
}
