//! Volumes through their handlers, on a World with the default network. Each test asserts the state after the act.

use service::prelude::*;

use super::attach::{AttachVolume, DetachVolume};
use super::copy::CopyVolumes;
use super::create::{CreateVolume, DeleteVolume};
use super::describe::{DescribeVolumes, VolumeOut};
use super::modify::{DescribeVolumesModifications, ModifyVolume};
use super::replace_root::{CreateReplaceRootVolumeTask, DescribeReplaceRootVolumeTasks};
use super::status::DescribeVolumeStatus;
use super::*;
use crate::instance::tests::one;
use crate::resource;
use crate::tests::{filters, knows_filters, later, list, refusal, refused, start};

fn made(cx: &Cx, tx: &mut Tx, input: CreateVolume) -> String {
    create::create(cx, tx, &input).unwrap().volume_id
}

fn of_size(size: i64) -> CreateVolume {
    CreateVolume { availability_zone: Some("us-east-1a".into()), size: Some(size), ..Default::default() }
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> VolumeOut {
    let input = DescribeVolumes { volume_ids: list(&[id]), ..Default::default() };
    describe::describe(cx, tx, &input).unwrap().volumes.remove(0)
}

/// An instance that runs, and a volume of its zone.
fn pair() -> (Cx, Tx, String, String) {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let zone = crate::instance::find(&cx, &tx, &instance).unwrap().placement.zone.clone();
    let volume = made(&cx, &mut tx, CreateVolume { availability_zone: Some(zone), ..of_size(1) });
    (later(&cx, 60), tx, instance, volume)
}

fn attachment(instance: &str, volume: &str, device: &str) -> AttachVolume {
    AttachVolume { device: device.into(), instance_id: instance.into(), volume_id: volume.into(), dry_run: None }
}

#[test]
fn states_of_a_volume_by_the_clock() {
    let (cx, mut tx, instance, id) = pair();
    let created = in_the_past(&cx);
    assert_eq!(seen(&created, &tx, &id).state, "creating");
    assert_eq!(seen(&cx, &tx, &id).state, "available");
    attach::attach(&cx, &mut tx, &attachment(&instance, &id, "/dev/sdf")).unwrap();
    assert_eq!((seen(&cx, &tx, &id).state, seen(&cx, &tx, &id).attachments[0].state), ("in-use", "attaching"));
    let cx = later(&cx, 2);
    assert_eq!(seen(&cx, &tx, &id).attachments[0].state, "attached");
    let input = DetachVolume { volume_id: id.clone(), ..Default::default() };
    assert_eq!(attach::detach(&cx, &mut tx, &input).unwrap().state, "detaching");
    assert_eq!((seen(&cx, &tx, &id).state, seen(&cx, &tx, &id).attachments[0].state), ("in-use", "detaching"));
    assert_eq!(seen(&later(&cx, 2), &tx, &id).state, "available");
    create::delete(&later(&cx, 2), &mut tx, &DeleteVolume { volume_id: id.clone(), dry_run: None }).unwrap();
    assert!(resource::look_up::<Volume>(&tx, &cx, &id).is_none());
}

/// A minute before.
fn in_the_past(cx: &Cx) -> Cx {
    later(cx, -60)
}

#[test]
fn an_attached_volume_outlives_its_instance() {
    let (cx, mut tx, instance, id) = pair();
    attach::attach(&cx, &mut tx, &attachment(&instance, &id, "/dev/sdf")).unwrap();
    let input = crate::instance::lifecycle::TerminateInstances { instance_ids: vec![instance], ..Default::default() };
    crate::instance::lifecycle::terminate(&cx, &mut tx, &input).unwrap();
    let states = |cx: &Cx| {
        let all = describe::describe(cx, &tx.at(cx.now), &DescribeVolumes::default()).unwrap().volumes;
        all.into_iter().map(|it| (it.volume_id, it.state)).collect::<Vec<_>>()
    };
    assert!(states(&cx).contains(&(id.clone(), "in-use")));
    assert_eq!(states(&later(&cx, 2)), [(id, "available")]);
}

#[test]
fn attachments_that_are_refused() {
    let (cx, mut tx, instance, id) = pair();
    let mut refused_at = |instance: &str, volume: &str, device: &str| {
        refusal(attach::attach(&cx, &mut tx, &attachment(instance, volume, device)))
    };
    assert_eq!(
        refused_at(&instance, "vol-0123456789abcdef0", "/dev/sdf"),
        refused("InvalidVolume.NotFound", "The volume 'vol-0123456789abcdef0' does not exist.")
    );
    assert_eq!(
        refused_at(&instance, &id, "sideways"),
        refused(
            "InvalidParameterValue",
            "Value (sideways) for parameter device is invalid. sideways is not a valid EBS device name."
        )
    );
    assert_eq!(
        refused_at(&instance, &id, "/dev/xvda"),
        refused(
            "InvalidParameterValue",
            "Invalid value '/dev/xvda' for unixDevice. Attachment point /dev/xvda is already in use"
        )
    );
    let elsewhere = CreateVolume { availability_zone: Some("us-east-1f".into()), ..of_size(1) };
    let elsewhere = made(&in_the_past(&cx), &mut tx, elsewhere);
    assert_eq!(
        refusal(attach::attach(&cx, &mut tx, &attachment(&instance, &elsewhere, "/dev/sdf"))),
        refused(
            "InvalidVolume.ZoneMismatch",
            &format!("The volume '{elsewhere}' is not in the same availability zone as instance '{instance}'")
        )
    );
    let root = of_instance(&tx, cx.account(), cx.region_name(), &instance)[0].id.clone();
    let input = DetachVolume { volume_id: root.clone(), ..Default::default() };
    assert_eq!(
        refusal(attach::detach(&cx, &mut tx, &input)),
        refused("OperationNotPermitted", &format!("Unable to detach root volume '{root}' from instance '{instance}'"))
    );
}

#[test]
fn bounds_of_each_type() {
    let (cx, mut tx) = start();
    let mut ask = |volume_type: &str, size: i64, iops: Option<i64>, throughput: Option<i64>| {
        let input = CreateVolume { volume_type: Some(volume_type.into()), iops, throughput, ..of_size(size) };
        create::create(&cx, &mut tx, &input).map(|_| ()).map_err(service::ApiError::into_message)
    };
    let no = |text: &str| Err(text.to_owned());
    assert_eq!(ask("st1", 10, None, None), no("Volume of 10GiB is too small; minimum is 125GiB."));
    assert_eq!(
        ask("gp2", 17_000, None, None),
        no("Volume of 17000GiB is too large for volume type gp2; maximum is 16384GiB.")
    );
    assert_eq!(
        ask("gp3", 20, Some(15_000), None),
        no("Iops to volume size ratio of 750.000000 is too high; maximum is 500")
    );
    assert_eq!(ask("gp3", 1, Some(3000), None), Ok(()));
    assert_eq!(ask("gp3", 1, Some(2999), None), no("Volume iops of 2999 is too low; minimum is 3000."));
    assert_eq!(
        ask("gp3", 100, Some(3000), Some(1000)),
        no("Throughput (MiBps) to iops ratio of 0.333333 is too high; maximum is 0.250000 MiBps per iops")
    );
    assert_eq!(ask("io1", 10, None, None), no("The request must contain the parameter iops for io1 volumes"));
    assert_eq!(ask("gp2", 10, Some(100), None), no("The parameter iops is not supported for gp2 volumes."));
    assert_eq!(ask("io2", 10, Some(100), Some(200)), no("The parameter throughput is not supported for io2 volumes."));
}

#[test]
fn a_modification_goes_through_its_states() {
    let (cx, mut tx) = start();
    let cx = crate::instance::tests::in_states(&cx, service::cx::States::Aws);
    let id = made(&cx, &mut tx, of_size(10));
    let cx = later(&cx, 60);
    let input =
        ModifyVolume { volume_id: id.clone(), size: Some(20), volume_type: Some("gp3".into()), ..Default::default() };
    modify::modify(&cx, &mut tx, &input).unwrap();
    let state = |seconds| {
        let cx = later(&cx, seconds);
        let input = DescribeVolumesModifications { volume_ids: list(&[&id]), ..Default::default() };
        let state = modify::describe(&cx, &tx, &input).unwrap().volumes_modifications[0].modification_state;
        (state, seen(&cx, &tx, &id).size, seen(&cx, &tx, &id).iops)
    };
    assert_eq!(state(0), ("modifying", 10, Some(100)));
    assert_eq!(state(30), ("optimizing", 20, Some(3000)));
    assert_eq!(state(600), ("completed", 20, Some(3000)));
    assert_eq!(
        refusal(modify::modify(&later(&cx, 30), &mut tx, &input)),
        refused(
            "IncorrectModificationState",
            &format!("Volume {id} cannot be modified in modification state OPTIMIZING")
        )
    );
    let smaller = ModifyVolume { volume_id: id.clone(), size: Some(5), ..Default::default() };
    assert_eq!(
        refusal(modify::modify(&later(&cx, 600), &mut tx, &smaller)).1,
        "New size cannot be smaller than existing size"
    );
    let strict = |seconds| crate::tests::with_quotas(&later(&cx, seconds));
    for hours in 1..4 {
        assert!(modify::modify(&strict(hours * 3600), &mut tx, &input).is_ok(), "{hours}");
    }
    assert_eq!(refusal(modify::modify(&strict(4 * 3600), &mut tx, &input)).0, "VolumeModificationRateExceeded");
    assert!(modify::modify(&strict(24 * 3600), &mut tx, &input).is_ok(), "the first is a day ago");
    assert_eq!(refusal(modify::modify(&strict(24 * 3600 + 900), &mut tx, &input)).0, "VolumeModificationRateExceeded");
}

#[test]
fn the_same_token_makes_one_volume() {
    let (cx, mut tx) = start();
    let input = CreateVolume { client_token: Some("once".into()), ..of_size(1) };
    let first = made(&cx, &mut tx, input.clone());
    assert_eq!(made(&later(&cx, 5), &mut tx, input.clone()), first);
    let other = CreateVolume { size: Some(2), ..input };
    assert_eq!(refusal(create::create(&cx, &mut tx, &other)).0, "IdempotentParameterMismatch");
    assert_eq!(describe::describe(&cx, &tx, &DescribeVolumes::default()).unwrap().volumes.len(), 1);
}

#[test]
fn documented_filters_are_known() {
    let (cx, mut tx) = start();
    let id = made(&cx, &mut tx, of_size(1));
    modify::modify(&later(&cx, 5), &mut tx, &ModifyVolume { volume_id: id, size: Some(2), ..Default::default() })
        .unwrap();
    knows_filters("DescribeVolumeStatus", |filters| {
        status::describe(&cx, &tx, &DescribeVolumeStatus { filters, ..Default::default() })
            .map(|it| it.volume_statuses.len())
    });
    knows_filters("DescribeReplaceRootVolumeTasks", |filters| {
        replace_root::describe(&cx, &tx, &DescribeReplaceRootVolumeTasks { filters, ..Default::default() })
            .map(|it| it.replace_root_volume_tasks.len())
    });
    let input = DescribeVolumesModifications {
        filters: filters(&[("target-size", &["2"]), ("original-size", &["1"])]),
        ..Default::default()
    };
    assert_eq!(modify::describe(&cx, &tx, &input).unwrap().volumes_modifications.len(), 1);
}

#[test]
fn a_copy_is_a_volume_of_its_own() {
    let (cx, mut tx) = start();
    let source = made(&cx, &mut tx, of_size(4));
    let input = |more: CopyVolumes| CopyVolumes { source_volume_id: source.clone(), ..more };
    let young = refusal(copy::copy(&cx, &mut tx, &input(CopyVolumes::default())));
    assert_eq!(young.0, "IncorrectState");
    let cx = later(&cx, 10);
    let gp3 = input(CopyVolumes {
        volume_type: Some("gp3".into()),
        size: Some(8),
        encrypted: Some(true),
        client_token: Some("once".into()),
        ..Default::default()
    });
    let made = copy::copy(&cx, &mut tx, &gp3).unwrap().volumes.remove(0);
    assert_eq!((made.size, made.iops, made.encrypted, made.state), (8, Some(3000), true, "creating"));
    assert_eq!(made.source_volume_id.as_deref(), Some(source.as_str()));
    assert_eq!(copy::copy(&later(&cx, 1), &mut tx, &gp3).unwrap().volumes[0].volume_id, made.volume_id);
    let smaller = input(CopyVolumes { size: Some(2), ..Default::default() });
    assert_eq!(
        refusal(copy::copy(&cx, &mut tx, &smaller)),
        refused(
            "InvalidParameterValue",
            &format!("Volume of size 2GB is smaller than volume '{source}', expect size >= 4GB")
        )
    );
}

fn root(cx: &Cx, tx: &Tx, instance: &str) -> String {
    of_instance(tx, cx.account(), cx.region_name(), instance)[0].id.clone()
}

#[test]
fn a_root_volume_is_replaced() {
    let (cx, mut tx, instance, other) = pair();
    let first = root(&cx, &tx, &instance);
    let snapshot = crate::snapshot::create::CreateSnapshot { volume_id: first.clone(), ..Default::default() };
    let snapshot = crate::snapshot::create::create(&cx, &mut tx, &snapshot).unwrap().snapshot_id;
    let cx = later(&cx, 10);
    let task =
        |more: CreateReplaceRootVolumeTask| CreateReplaceRootVolumeTask { instance_id: instance.clone(), ..more };
    let made = replace_root::create(&cx, &mut tx, &task(Default::default())).unwrap().replace_root_volume_task;
    assert_eq!((made.task_state, made.complete_time), ("pending", None));
    let second = root(&cx, &tx, &instance);
    assert!(second != first && seen(&later(&cx, 2), &tx, &first).state == "available");
    let state = |cx: &Cx, tx: &Tx| {
        let input = DescribeReplaceRootVolumeTasks::default();
        replace_root::describe(cx, tx, &input).unwrap().replace_root_volume_tasks[0].task_state
    };
    assert_eq!(state(&later(&cx, 2), &tx), "succeeded");
    let of_first = CreateReplaceRootVolumeTask {
        snapshot_id: Some(snapshot.clone()),
        delete_replaced_root_volume: Some(true),
        ..Default::default()
    };
    replace_root::create(&later(&cx, 3), &mut tx, &task(of_first)).unwrap();
    let cx = later(&cx, 10);
    let third = seen(&cx, &tx, &root(&cx, &tx, &instance));
    assert_eq!((third.snapshot_id.as_str(), third.attachments[0].device.as_str()), (snapshot.as_str(), "/dev/xvda"));
    assert!(resource::look_up::<Volume>(&tx, &cx, &second).is_none(), "it was to be deleted");
    let of_other = crate::snapshot::create::CreateSnapshot { volume_id: other.clone(), ..Default::default() };
    let of_other = crate::snapshot::create::create(&cx, &mut tx, &of_other).unwrap().snapshot_id;
    let cx = later(&cx, 10);
    let wrong = CreateReplaceRootVolumeTask { snapshot_id: Some(of_other), ..Default::default() };
    assert_eq!(
        refusal(replace_root::create(&cx, &mut tx, &task(wrong))).1,
        format!(
            "Invalid snapshot for root volume for virt {instance}. The snapshot should be of one of the root volumes attached to the instance in the past"
        )
    );
    let free = CreateReplaceRootVolumeTask { volume_id: Some(other.clone()), ..Default::default() };
    replace_root::create(&cx, &mut tx, &task(free)).unwrap();
    assert_eq!(root(&cx, &tx, &instance), other);
    let both =
        CreateReplaceRootVolumeTask { volume_id: Some(other), snapshot_id: Some(snapshot), ..Default::default() };
    assert_eq!(refusal(replace_root::create(&cx, &mut tx, &task(both))).0, "InvalidParameterCombination");
}
