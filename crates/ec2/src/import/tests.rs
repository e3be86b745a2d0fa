//! Imports through their handlers.

use serde_json::json;
use service::cx::States;
use service::prelude::*;

use super::cancel::{CancelImportTask, Canceled, cancel};
use super::disk::{self, UserBucket};
use super::snapshot::{
    DescribeImportSnapshotTasks, DiskContainer, ImportSnapshot, TaskOut, describe, import, to_import,
};
use super::{ImportImageTask, image};
use crate::image::AccountImage;
use crate::s3_file::S3File;
use crate::snapshot::Snapshot;
use crate::tests::{filters, in_region, later, list, refusal, refused, start};

const GIB: u64 = 1 << 30;

/// States that last as long as AWS's.
fn slowly(cx: &Cx) -> Cx {
    let settings = service::cx::Settings { states: States::Aws, ..(*cx.settings).clone() };
    Cx { settings: settings.into(), ..cx.clone() }
}

fn role(cx: &Cx, tx: &mut Tx, name: &str, service: &str, actions: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:Externalid": "vmimport"}}}]});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::disks/*"}]});
    let role = json!({"account": cx.account(), "id": format!("AROA{}", name.to_uppercase()), "name": name, "path": "/", "trust": trust.to_string(),
        "created_at": cx.now, "max_session_duration": 3600, "policies": {"inline": {"files": policy.to_string()}}});
    tx.put(serde_json::from_value::<iam::record::Role>(role).unwrap());
}

fn file(cx: &Cx, key: &str, size: Option<u64>, body: &[u8]) -> S3File {
    S3File { body: body.to_vec(), stands_for: size, ..S3File::json(cx, "disks", key.to_owned(), &json!({})) }
}

/// A role that serves and the image of a disk.
fn stage() -> (Cx, Tx) {
    let (cx, mut tx) = start();
    let cx = slowly(&cx);
    role(&cx, &mut tx, "vmimport", "vmie.amazonaws.com", "s3:Get*");
    tx.put(file(&cx, "vms/server.raw", Some(5 * GIB + 1), b""));
    (cx, tx)
}

fn bucket(key: &str) -> Option<UserBucket> {
    Some(UserBucket { s3bucket: Some("disks".into()), s3key: Some(key.into()) })
}

fn wanted(key: &str) -> ImportSnapshot {
    let container = DiskContainer { format: Some("raw".into()), user_bucket: bucket(key), ..Default::default() };
    ImportSnapshot { description: Some("server".into()), disk_container: Some(container), ..Default::default() }
}

fn seen(cx: &Cx, tx: &mut Tx, id: &str) -> TaskOut {
    *tx = Tx::on(tx.at(cx.now));
    crate::settle(cx, tx).unwrap();
    let input = DescribeImportSnapshotTasks { import_task_ids: list(&[id]), ..Default::default() };
    describe(cx, tx, &input).unwrap().import_snapshot_tasks.remove(0)
}

fn shown(task: &TaskOut) -> (&str, Option<&str>, Option<&str>, f64) {
    let detail = &task.snapshot_task_detail;
    (detail.status, detail.progress.as_deref(), detail.status_message.as_deref(), detail.disk_image_size)
}

#[test]
fn a_snapshot_is_there_when_its_time_has_come() {
    let (cx, mut tx) = stage();
    let checks = to_import(&cx, &tx, &wanted("vms/server.raw"));
    assert!(checks.iter().any(|check| format!("{check:?}").contains("snapshot/*")));
    let made = import(&cx, &mut tx, &ImportSnapshot { encrypted: Some(true), ..wanted("vms/server.raw") }).unwrap();
    assert!(made.import_task_id.starts_with("import-snap-0"));
    assert_eq!(made.snapshot_task_detail.format.as_deref(), Some("RAW"));
    assert_eq!(shown(&made), ("active", Some("3"), Some("pending"), 0.0));
    let id = made.import_task_id;
    let bytes = 5_368_709_121.0;
    // 120 seconds, and 10 for each of 6 GiB.
    let halfway = shown(&seen(&later(&cx, 90), &mut tx, &id)).1.map(str::to_owned);
    assert_eq!(halfway.as_deref(), Some("50"));
    let reading = seen(&later(&cx, 179), &mut tx, &id);
    assert_eq!(shown(&reading), ("active", Some("99"), Some("downloading/converting"), bytes));
    assert_eq!(tx.scan::<Snapshot>(&[]).count(), 0);
    // Nobody looked for an hour.
    let cx = later(&cx, 3_600);
    let done = seen(&cx, &mut tx, &id);
    assert_eq!(shown(&done), ("completed", None, None, bytes));
    let snapshot = tx.scan::<Snapshot>(&[]).next().unwrap().clone();
    assert_eq!(done.snapshot_task_detail.snapshot_id.as_deref(), Some(snapshot.id.as_str()));
    assert_eq!((snapshot.volume_size, snapshot.encrypted), (6, true));
    assert_eq!(snapshot.description, format!("Created by AWS-VMImport service for {id}"));
    assert_eq!(snapshot.started_at, later(&cx, 180 - 5 - 3_600).now);
    let ask = |state: &str| {
        let input = DescribeImportSnapshotTasks { filters: filters(&[("task-state", &[state])]), ..Default::default() };
        describe(&cx, &tx, &input).unwrap().import_snapshot_tasks.len()
    };
    assert_eq!((ask("completed"), ask("active")), (1, 0));
    let ended = CancelImportTask { import_task_id: Some(id.clone()), ..Default::default() };
    assert_eq!(refusal(cancel(&cx, &mut tx, &ended)).0, "IncorrectState");
    let cx = later(&cx, 8 * 24 * 3_600);
    assert!(tx.at(cx.now).scan::<super::ImportSnapshotTask>(&[]).next().is_none(), "told of for seven days");
    assert_eq!(tx.scan::<Snapshot>(&[]).count(), 1);
}

#[test]
fn a_canceled_task_makes_nothing() {
    let (cx, mut tx) = stage();
    let id = import(&cx, &mut tx, &wanted("vms/server.raw")).unwrap().import_task_id;
    let end = || CancelImportTask {
        import_task_id: Some(id.clone()),
        cancel_reason: Some("not needed".into()),
        dry_run: None,
    };
    let canceled = cancel(&cx, &mut tx, &end()).unwrap();
    assert_eq!(canceled, Canceled { import_task_id: id.clone(), previous_state: "active", state: "deleting" });
    assert_eq!(shown(&seen(&cx, &mut tx, &id)).0, "deleting");
    let cx = later(&cx, 3_600);
    let gone = seen(&cx, &mut tx, &id);
    assert_eq!((shown(&gone).0, shown(&gone).2), ("deleted", Some("not needed")));
    assert_eq!(tx.scan::<Snapshot>(&[]).count(), 0);
    assert_eq!(
        refusal(cancel(&cx, &mut tx, &end())),
        refused("IncorrectState", &format!("The task {id} is deleted and cannot be canceled."))
    );
    let unknown = CancelImportTask { import_task_id: Some("import-snap-0123456789abcdef0".into()), ..end() };
    assert_eq!(refusal(cancel(&cx, &mut tx, &unknown)).0, "InvalidConversionTaskId.Malformed");
    assert_eq!(
        refusal(cancel(&cx, &mut tx, &CancelImportTask::default())),
        refused("MissingParameter", "The request must contain the parameter ImportTaskId")
    );
}

#[test]
fn a_client_token_starts_one_task() {
    let (cx, mut tx) = stage();
    let once = ImportSnapshot { client_token: Some("once".into()), ..wanted("vms/server.raw") };
    let made = import(&cx, &mut tx, &once).unwrap().import_task_id;
    assert_eq!(import(&later(&cx, 1), &mut tx, &once).unwrap().import_task_id, made);
    let other = ImportSnapshot { description: None, ..once };
    assert_eq!(refusal(import(&cx, &mut tx, &other)).0, "IdempotentParameterMismatch");
}

#[test]
fn refusals() {
    let (cx, mut tx) = stage();
    let url = |url: &str| ImportSnapshot {
        disk_container: Some(DiskContainer { url: Some(url.into()), ..Default::default() }),
        ..Default::default()
    };
    let role_text =
        |name: &str| format!("The service role {name} provided does not exist or does not have sufficient permissions");
    role(&cx, &mut tx, "ec2", "ec2.amazonaws.com", "s3:*");
    role(&cx, &mut tx, "blind", "vmie.amazonaws.com", "s3:ListBucket");
    let with_role = |name: &str| ImportSnapshot { role_name: Some(name.into()), ..wanted("vms/server.raw") };
    let key = ImportSnapshot { kms_key_id: Some("alias/mine".into()), ..wanted("vms/server.raw") };
    let mut both = url("s3://disks/vms/server.raw");
    both.disk_container.as_mut().unwrap().user_bucket = bucket("vms/server.raw");
    let mut qcow = wanted("vms/server.raw");
    qcow.disk_container.as_mut().unwrap().format = Some("qcow2".into());
    for (input, code, message) in [
        (with_role("nobody"), "InvalidParameter", role_text("nobody")),
        (with_role("ec2"), "InvalidParameter", role_text("ec2")),
        (with_role("blind"), "InvalidParameter", role_text("blind")),
        (url("s3://elsewhere/vms/server.raw"), "InvalidParameter", role_text("vmimport")),
        (ImportSnapshot::default(), "MissingParameter", "The request must contain the parameter DiskContainer".into()),
        (url("ftp://disks/server.raw"), "InvalidParameter", "Invalid S3 source location".into()),
        (url("s3://disks"), "InvalidParameter", "Invalid S3 source location".into()),
        (wanted("none"), "InvalidParameter", "The given S3 object disks/none does not exist.".into()),
        (both, "InvalidParameterCombination", "The parameter Url cannot be used with the parameter UserBucket".into()),
        (qcow, "InvalidParameterValue", "Value (qcow2) for parameter Format is invalid.".into()),
        (
            key,
            "InvalidParameterDependency",
            "The parameter KmsKeyId requires the parameter Encrypted to be set.".into(),
        ),
    ] {
        assert_eq!(refusal(import(&cx, &mut tx, &input)), refused(code, &message));
    }
    assert_eq!(
        refusal(import(&in_region(&cx, "eu-west-1"), &mut tx, &wanted("vms/server.raw"))),
        refused(
            "InvalidParameter",
            "The given S3 object is not local to the region. The object must be located in eu-west-1."
        )
    );
    let presigned = "https://disks.s3.us-east-1.amazonaws.com/vms/server.raw?X-Amz-Signature=0";
    for place in ["s3://disks/vms/server.raw", presigned, "https://s3.us-east-1.amazonaws.com/disks/vms%2Fserver.raw"] {
        assert_eq!(import(&cx, &mut tx, &url(place)).unwrap().snapshot_task_detail.url.as_deref(), Some(place));
    }
}

#[test]
fn a_disk_is_as_large_as_its_image_says() {
    let (cx, _) = start();
    let mut sparse = [0; 1024];
    sparse[..4].copy_from_slice(b"KDMV");
    sparse[12..20].copy_from_slice(&(20 * GIB / 512).to_le_bytes());
    let mut vhd = [0; 1024];
    vhd[512..520].copy_from_slice(b"conectix");
    vhd[560..568].copy_from_slice(&(8 * GIB).to_be_bytes());
    for (size, body, gibibytes) in [
        (None, sparse.as_slice(), 20),
        (None, vhd.as_slice(), 8),
        (Some(3 * GIB), sparse.as_slice(), 3),
        (None, b"KDMV".as_slice(), 1),
        (None, b"".as_slice(), 1),
        (Some(2 * GIB + 1), b"".as_slice(), 3),
    ] {
        assert_eq!(disk::gibibytes(&file(&cx, "disk", size, body)), gibibytes);
    }
}

fn machine(more: impl FnOnce(&mut image::ImportImage)) -> image::ImportImage {
    let first = image::DiskContainer {
        description: Some("root".into()),
        format: Some("ova".into()),
        user_bucket: bucket("vms/server.raw"),
        ..Default::default()
    };
    let second = image::DiskContainer { user_bucket: bucket("vms/data.raw"), ..Default::default() };
    let mut wanted = image::ImportImage { disk_containers: vec![first, second], ..Default::default() };
    more(&mut wanted);
    wanted
}

fn seen_image(cx: &Cx, tx: &mut Tx, id: &str) -> image::TaskOut {
    *tx = Tx::on(tx.at(cx.now));
    crate::settle(cx, tx).unwrap();
    let input = image::DescribeImportImageTasks { import_task_ids: list(&[id]), ..Default::default() };
    image::describe(cx, tx, &input).unwrap().import_image_tasks.remove(0)
}

#[test]
fn a_machine_becomes_an_image() {
    let (cx, mut tx) = stage();
    tx.put(file(&cx, "vms/data.raw", Some(2 * GIB), b""));
    let wanted = machine(|it| {
        it.platform = Some("Windows".into());
        it.boot_mode = Some("uefi".into());
        it.client_token = Some("once".into());
    });
    let made = image::import(&cx, &mut tx, &wanted).unwrap();
    assert_eq!(image::import(&later(&cx, 1), &mut tx, &wanted).unwrap().import_task_id, made.import_task_id);
    let id = made.import_task_id;
    assert!(id.starts_with("import-ami-0"));
    assert_eq!((made.status, made.status_message.as_deref(), made.image_id), ("active", Some("pending"), None));
    assert_eq!((made.platform.as_deref(), made.architecture), (Some("Windows"), None));
    assert_eq!(made.snapshot_details[0].format.as_deref(), Some("OVA"));
    // 120 seconds, and 10 for each of 8 GiB.
    assert_eq!(seen_image(&later(&cx, 199), &mut tx, &id).status, "active");
    assert_eq!(tx.scan::<AccountImage>(&[]).count(), 0);
    let cx = later(&cx, 200);
    let done = seen_image(&cx, &mut tx, &id);
    assert_eq!((done.status, done.architecture.as_deref()), ("completed", Some("x86_64")));
    let image = tx.scan::<AccountImage>(&[]).next().unwrap().clone();
    assert_eq!(done.image_id.as_deref(), Some(image.id.as_str()));
    assert_eq!((image.facts.name.as_str(), image.state(cx.now, cx.settings.states)), (id.as_str(), "available"));
    assert_eq!((image.facts.platform.as_deref(), image.facts.boot_mode.as_deref()), (Some("windows"), Some("uefi")));
    let devices: Vec<_> = done.snapshot_details.iter().map(|it| it.device_name.as_deref().unwrap()).collect();
    assert_eq!(devices, ["/dev/sda1", "/dev/sdf"]);
    let held: Vec<_> = done.snapshot_details.iter().map(|it| it.snapshot_id.as_deref().unwrap()).collect();
    assert_eq!(image.snapshots().collect::<Vec<_>>(), held);
    let sizes: Vec<_> =
        image.facts.block_device_mappings.iter().map(|it| it.ebs.as_ref().unwrap().volume_size).collect();
    assert_eq!(sizes, [Some(6), Some(2)]);
    assert!(tx.scan::<Snapshot>(&[]).all(|it| it.is_completed(&cx)));
    // Its snapshots are of use for another.
    let again = machine(|it| {
        let root = image::DiskContainer { snapshot_id: Some(held[0].to_owned()), ..Default::default() };
        it.disk_containers = vec![root];
    });
    let task = image::import(&cx, &mut tx, &again).unwrap();
    assert_eq!(task.snapshot_details[0].snapshot_id.as_deref(), Some(held[0]));
    let end = CancelImportTask { import_task_id: Some(task.import_task_id.clone()), ..Default::default() };
    assert_eq!(cancel(&cx, &mut tx, &end).unwrap().state, "deleting");
    assert_eq!(seen_image(&later(&cx, 3_600), &mut tx, &task.import_task_id).status, "deleted");
    assert_eq!((tx.scan::<AccountImage>(&[]).count(), tx.scan::<ImportImageTask>(&[]).count()), (1, 2));
}

#[test]
fn a_machine_is_refused() {
    let (cx, mut tx) = stage();
    tx.put(file(&cx, "vms/data.raw", Some(2 * GIB), b""));
    let value = |value: &str, parameter: &str| format!("Value ({value}) for parameter {parameter} is invalid.");
    for (input, code, message) in [
        (
            machine(|it| it.disk_containers.clear()),
            "MissingParameter",
            "The request must contain the parameter DiskContainers".into(),
        ),
        (machine(|it| it.architecture = Some("ppc".into())), "InvalidParameterValue", value("ppc", "Architecture")),
        (machine(|it| it.platform = Some("OS/2".into())), "InvalidParameterValue", value("OS/2", "Platform")),
        (machine(|it| it.hypervisor = Some("kvm".into())), "InvalidParameterValue", value("kvm", "Hypervisor")),
        (machine(|it| it.license_type = Some("GPL".into())), "InvalidParameterValue", value("GPL", "LicenseType")),
        (
            machine(|it| it.boot_mode = Some("uefi-preferred".into())),
            "InvalidParameterValue",
            value("uefi-preferred", "BootMode"),
        ),
        (
            machine(|it| {
                it.license_type = Some("BYOL".into());
                it.usage_operation = Some("RunInstances".into());
            }),
            "InvalidParameterCombination",
            "The parameter LicenseType cannot be used with the parameter UsageOperation".into(),
        ),
        (
            machine(|it| it.disk_containers[1].format = Some("qcow2".into())),
            "InvalidParameterValue",
            value("qcow2", "Format"),
        ),
        (
            machine(|it| it.role_name = Some("nobody".into())),
            "InvalidParameter",
            "The service role nobody provided does not exist or does not have sufficient permissions".into(),
        ),
        (
            machine(|it| it.disk_containers[0].snapshot_id = Some("snap-0123456789abcdef0".into())),
            "InvalidSnapshot.NotFound",
            "The snapshot 'snap-0123456789abcdef0' does not exist.".into(),
        ),
    ] {
        assert_eq!(refusal(image::import(&cx, &mut tx, &input)), refused(code, &message));
    }
}
