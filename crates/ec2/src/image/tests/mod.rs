//! Images through their handlers, on a World with the default network. Each test asserts the state after the act.

use std::sync::Arc;

use service::prelude::*;

use super::ancestry::GetImageAncestry;
use super::attribute::{
    CancelImageLaunchPermission, DescribeImageAttribute, ModifyImageAttribute, ResetImageAttribute,
};
use super::copy::CopyImage;
use super::create::CreateImage;
use super::deregister::DeregisterImage;
use super::describe::DescribeImages;
use super::lifecycle::{ChangeImage, EnableImageDeprecation, EnableImageDeregistrationProtection};
use super::register::RegisterImage;
use super::*;
use crate::instance::run::input::{DeviceMapping, EbsSpecification, RunInstances};
use crate::instance::tests::{image as of_catalogue, launch, one, wish};
use crate::setting::public_access::{DisableImageBlockPublicAccess, disable_image};
use crate::snapshot::Snapshot;
use crate::snapshot::create::DeleteSnapshot;
use crate::tests::{filters, in_region, knows_filters, later, list, refusal, refused, start};

mod sharing;

pub fn of_account(cx: &Cx, number: u64) -> Cx {
    let account = AccountId::from_number(number).unwrap();
    Cx { caller: Arc::new(service::Caller { account, ..(*cx.caller).clone() }), ..cx.clone() }
}

fn made(cx: &Cx, tx: &mut Tx, instance: &str, name: &str) -> String {
    let input = CreateImage { instance_id: instance.into(), name: name.into(), ..Default::default() };
    create::create(cx, tx, &input).unwrap().image_id
}

/// An instance that runs, and an image of it that is available.
pub fn with_image() -> (Cx, Tx, String, String) {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let cx = later(&cx, 60);
    let image = made(&cx, &mut tx, &instance, "first");
    (later(&cx, 60), tx, instance, image)
}

fn seen(cx: &Cx, tx: &Tx, input: DescribeImages) -> Vec<String> {
    describe::describe(cx, tx, &input).unwrap().images.iter().map(|it| it.image_id.clone()).collect()
}

fn own(cx: &Cx, tx: &Tx) -> Vec<String> {
    seen(cx, tx, DescribeImages { owners: list(&["self"]), ..Default::default() })
}

fn named(id: &str) -> DescribeImages {
    DescribeImages { image_ids: list(&[id]), ..Default::default() }
}

fn look(cx: &Cx, tx: &Tx, id: &str) -> Found {
    describe::describe(cx, tx, &named(id)).unwrap().images.remove(0)
}

fn of_image(cx: &Cx, id: &str) -> RunInstances {
    RunInstances { image_id: Some(id.to_owned()), ..wish(cx) }
}

fn root_snapshot(image: &Image) -> String {
    image.block_device_mappings[0].ebs.as_ref().unwrap().snapshot_id.clone().unwrap()
}

fn the_image(id: &str) -> ChangeImage {
    ChangeImage { image_id: id.to_owned(), dry_run: None }
}

fn unmade(id: &str, snapshots: bool) -> DeregisterImage {
    DeregisterImage { image_id: id.to_owned(), delete_associated_snapshots: Some(snapshots), dry_run: None }
}

#[test]
fn an_image_of_an_instance_can_be_launched() {
    let (cx, mut tx, instance, id) = with_image();
    let image = look(&cx, &tx, &id);
    assert_eq!((image.state.as_str(), image.public, image.name.as_str()), ("available", false, "first"));
    assert_eq!(
        (image.source_instance_id.as_deref(), image.owner_id.as_str()),
        (Some(instance.as_str()), "123456789012")
    );
    assert_eq!(image.imds_support.as_deref(), Some("v2.0"), "as the image of the instance has it");
    let snapshot = resource::get::<Snapshot>(&tx, &cx, &root_snapshot(&image)).unwrap();
    assert_eq!(snapshot.description, format!("Created by CreateImage({instance}) for {id}"));
    let launched = launch(&cx, &mut tx, &of_image(&cx, &id)).instances.remove(0);
    let volumes = crate::volume::of_instance(&tx, cx.account(), cx.region_name(), &launched.instance_id);
    assert_eq!(volumes[0].snapshot_id.as_deref(), Some(snapshot.id.as_str()));
    assert_eq!(own(&cx, &tx), std::slice::from_ref(&id));
    let told = later(&cx, 60);
    assert!(look(&told, &tx, &id).last_launched_time.is_some());
}

#[test]
fn states_by_the_clock() {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let young = CreateImage { instance_id: instance.clone(), name: "young".into(), ..Default::default() };
    assert_eq!(
        refusal(create::create(&cx, &mut tx, &young)),
        refused(
            "InvalidParameterValue",
            &format!(
                "Invalid value '{instance}' for instanceId. Instance is not in state 'running' or 'stopping' or 'stopped'"
            )
        )
    );
    let cx = later(&cx, 60);
    let id = made(&cx, &mut tx, &instance, "first");
    assert_eq!(look(&cx, &tx, &id).state, "pending");
    assert_eq!(
        refusal(crate::instance::run::run(&cx, &mut tx, &of_image(&cx, &id))),
        refused("InvalidAMIID.Unavailable", &format!("AMI {id} is pending, and cannot be run"))
    );
    let cx = later(&cx, 2);
    assert_eq!(look(&cx, &tx, &id).state, "available");
    lifecycle::disable(&cx, &mut tx, &the_image(&id)).unwrap();
    assert_eq!(seen(&cx, &tx, named(&id)), Vec::<String>::new());
    let disabled = DescribeImages { include_disabled: Some(true), ..named(&id) };
    assert_eq!(describe::describe(&cx, &tx, &disabled).unwrap().images[0].state, "disabled");
    assert_eq!(
        refusal(crate::instance::run::run(&cx, &mut tx, &of_image(&cx, &id))),
        refused("InvalidAMIID.Unavailable", &format!("AMI {id} is disabled, and cannot be run"))
    );
    assert_eq!(refusal(lifecycle::disable(&cx, &mut tx, &the_image(&id))).0, "IncorrectState");
    lifecycle::enable(&cx, &mut tx, &the_image(&id)).unwrap();
    assert_eq!(own(&cx, &tx), [id]);
}

#[test]
fn devices_are_changed_by_the_request() {
    let (cx, mut tx, instance, _) = with_image();
    let mapping = |device: &str, ebs: Option<EbsSpecification>, no_device: Option<&str>| DeviceMapping {
        device_name: Some(device.into()),
        ebs,
        no_device: no_device.map(str::to_owned),
        ..Default::default()
    };
    let size = |size| Some(EbsSpecification { volume_size: Some(size), ..Default::default() });
    let kept = Some(EbsSpecification { delete_on_termination: Some(false), ..Default::default() });
    let mut ask = |name: &str, block_device_mappings: Vec<DeviceMapping>| {
        let input = CreateImage {
            instance_id: instance.clone(),
            name: name.into(),
            block_device_mappings,
            ..Default::default()
        };
        let id = create::create(&cx, &mut tx, &input)?.image_id;
        Ok::<_, ApiError>(look(&cx, &tx, &id).block_device_mappings.clone())
    };
    let devices = ask("changed", vec![mapping("/dev/xvda", kept, None), mapping("/dev/sdf", size(5), None)]).unwrap();
    let volumes: Vec<_> = devices
        .iter()
        .map(|it| (it.device_name.as_deref().unwrap(), it.ebs.as_ref().unwrap()))
        .map(|(name, ebs)| (name, ebs.volume_size, ebs.delete_on_termination, ebs.snapshot_id.is_some()))
        .collect();
    assert_eq!(volumes, [("/dev/xvda", Some(8), Some(false), true), ("/dev/sdf", Some(5), Some(true), false)]);
    assert!(ask("without", vec![mapping("/dev/xvda", None, Some(""))]).unwrap().is_empty());
    assert_eq!(refusal(ask("larger", vec![mapping("/dev/xvda", size(9), None)])).0, "InvalidBlockDeviceMapping");
}

#[test]
fn names_are_unique_and_well_formed() {
    let (cx, mut tx, instance, id) = with_image();
    let mut ask = |name: &str| {
        let input = CreateImage { instance_id: instance.clone(), name: name.into(), ..Default::default() };
        refusal(create::create(&cx, &mut tx, &input))
    };
    assert_eq!(
        ask("first"),
        refused("InvalidAMIName.Duplicate", &format!("AMI name first is already in use by AMI {id}"))
    );
    let malformed = "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'";
    for name in ["ab", "a+b", "näme"] {
        assert_eq!(ask(name), refused("InvalidAMIName.Malformed", malformed), "{name}");
    }
}

#[test]
fn a_deregistered_image_leaves_its_snapshots() {
    let (cx, mut tx, instance, id) = with_image();
    let snapshot = root_snapshot(&look(&cx, &tx, &id));
    let delete = DeleteSnapshot { snapshot_id: snapshot.clone(), dry_run: None };
    assert_eq!(
        refusal(crate::snapshot::create::delete(&cx, &mut tx, &delete)),
        refused("InvalidSnapshot.InUse", &format!("The snapshot {snapshot} is currently in use by {id}"))
    );
    deregister::deregister(&cx, &mut tx, &unmade(&id, false)).unwrap();
    assert_eq!(seen(&cx, &tx, named(&id)), Vec::<String>::new());
    assert_eq!(
        refusal(deregister::deregister(&cx, &mut tx, &unmade(&id, false))),
        refused("InvalidAMIID.Unavailable", &format!("The image ID '{id}' is no longer available"))
    );
    let gone = later(&cx, 2 * 3600);
    assert_eq!(refusal(describe::describe(&gone, &tx, &named(&id))).0, "InvalidAMIID.NotFound");
    assert_eq!(known(&gone, &tx, "us-east-1", &id).map(|image| (image.name, image.state)).unwrap().1, "deregistered");
    crate::snapshot::create::delete(&cx, &mut tx, &delete).unwrap();
    let next = made(&later(&cx, 1), &mut tx, &instance, "first");
    let cx = later(&cx, 10);
    let snapshot = root_snapshot(&look(&cx, &tx, &next));
    let results = deregister::deregister(&cx, &mut tx, &unmade(&next, true)).unwrap().delete_snapshot_results.unwrap();
    assert_eq!((results[0].snapshot_id.as_str(), results[0].return_code), (snapshot.as_str(), "success"));
    assert!(resource::look_up::<Snapshot>(&tx, &cx, &snapshot).is_none());
}

#[test]
fn a_protected_image_stays() {
    let (cx, mut tx, _, id) = with_image();
    let protect = |with_cooldown| EnableImageDeregistrationProtection {
        image_id: id.clone(),
        with_cooldown: Some(with_cooldown),
        dry_run: None,
    };
    let word = lifecycle::enable_protection(&cx, &mut tx, &protect(false)).unwrap().r#return;
    assert_eq!(
        (word.as_str(), look(&cx, &tx, &id).deregistration_protection.as_deref()),
        (word.as_str(), Some(word.as_str()))
    );
    assert_eq!(word, "enabled-without-cooldown");
    assert_eq!(refusal(deregister::deregister(&cx, &mut tx, &unmade(&id, false))).0, "OperationNotPermitted");
    lifecycle::enable_protection(&cx, &mut tx, &protect(true)).unwrap();
    assert_eq!(lifecycle::disable_protection(&cx, &mut tx, &the_image(&id)).unwrap().r#return, "disabled");
    let soon = later(&cx, 23 * 3600);
    assert_eq!(refusal(deregister::deregister(&soon, &mut tx, &unmade(&id, false))).0, "OperationNotPermitted");
    deregister::deregister(&later(&cx, 24 * 3600), &mut tx, &unmade(&id, false)).unwrap();
}

#[test]
fn a_deprecated_image_is_seen_by_its_owner() {
    let (cx, mut tx, _, id) = with_image();
    let at =
        |seconds| EnableImageDeprecation { image_id: id.clone(), deprecate_at: later(&cx, seconds).now, dry_run: None };
    assert_eq!(refusal(lifecycle::enable_deprecation(&cx, &mut tx, &at(-1))).0, "InvalidParameterValue");
    assert_eq!(refusal(lifecycle::enable_deprecation(&cx, &mut tx, &at(11 * 366 * 86_400))).0, "InvalidParameterValue");
    lifecycle::enable_deprecation(&cx, &mut tx, &at(3600)).unwrap();
    assert!(look(&cx, &tx, &id).deprecation_time.is_some());
    assert_eq!(own(&later(&cx, 7200), &tx), std::slice::from_ref(&id));
    lifecycle::disable_deprecation(&cx, &mut tx, &the_image(&id)).unwrap();
    assert_eq!(look(&cx, &tx, &id).deprecation_time, None);
}

#[test]
fn an_image_is_registered_from_a_snapshot() {
    let (cx, mut tx, _, id) = with_image();
    let snapshot = root_snapshot(&look(&cx, &tx, &id));
    let device = |snapshot: &str, encrypted| DeviceMapping {
        device_name: Some("/dev/xvda".into()),
        ebs: Some(EbsSpecification { snapshot_id: Some(snapshot.into()), encrypted, ..Default::default() }),
        ..Default::default()
    };
    let mut ask = |name: &str, root: &str, device: DeviceMapping| {
        let input = RegisterImage {
            name: name.into(),
            root_device_name: Some(root.into()),
            architecture: Some("x86_64".into()),
            virtualization_type: Some("hvm".into()),
            ena_support: Some(true),
            block_device_mappings: vec![device],
            ..Default::default()
        };
        register::register(&cx, &mut tx, &input).map(|made| made.image_id)
    };
    assert_eq!(
        refusal(ask("no root", "/dev/sda1", device(&snapshot, None))),
        refused("InvalidBlockDeviceMapping", "No root snapshot specified in device mapping.")
    );
    assert_eq!(
        refusal(ask("encrypted", "/dev/xvda", device(&snapshot, Some(true)))),
        refused(
            "InvalidParameter",
            "Parameter encrypted is invalid. You cannot specify the encrypted flag if specifying a snapshot id in a block device mapping."
        )
    );
    assert_eq!(refusal(ask("none", "/dev/xvda", device("snap-0123456789abcdef0", None))).0, "InvalidSnapshot.NotFound");
    let registered = ask("registered", "/dev/xvda", device(&snapshot, None)).unwrap();
    let cx = later(&cx, 2);
    launch(&cx, &mut tx, &of_image(&cx, &registered));
    let results = deregister::deregister(&cx, &mut tx, &unmade(&id, true)).unwrap().delete_snapshot_results.unwrap();
    assert_eq!(results[0].return_code, "skipped", "the other image needs it");
}

#[test]
fn a_copy_stands_in_its_own_region() {
    let (cx, mut tx, _, id) = with_image();
    let there = in_region(&later(&cx, 1), "eu-west-1");
    let input = CopyImage {
        name: "copy".into(),
        source_image_id: id.clone(),
        source_region: "us-east-1".into(),
        encrypted: Some(true),
        client_token: Some("once".into()),
        ..Default::default()
    };
    let copy = copy::copy(&there, &mut tx, &input).unwrap().image_id;
    assert_eq!(copy::copy(&later(&there, 1), &mut tx, &input).unwrap().image_id, copy);
    deregister::deregister(&cx, &mut tx, &unmade(&id, true)).unwrap();
    assert_eq!((own(&there, &tx), own(&cx, &tx)), (vec![copy.clone()], Vec::new()));
    let image = look(&there, &tx, &copy);
    assert_eq!(
        (image.source_image_id.as_deref(), image.source_image_region.as_deref(), image.name.as_str()),
        (Some(id.as_str()), Some("us-east-1"), "copy")
    );
    let snapshot = resource::get::<Snapshot>(&tx, &there, &root_snapshot(&image)).unwrap();
    assert!(
        snapshot.encrypted
            && snapshot
                .description
                .starts_with(&format!("Copied for DestinationAmi {copy} from SourceAmi {id} for SourceSnapshot snap-"))
    );
    let line = ancestry::get(&there, &tx, &GetImageAncestry { image_id: copy.clone(), dry_run: None }).unwrap();
    let line: Vec<_> = line.image_ancestry_entries.into_iter().map(|entry| entry.image_id).collect();
    assert_eq!(line, [copy.clone(), id.clone(), of_catalogue(&cx, "al2023-ami-2023", "x86_64")]);
    let public = CopyImage {
        name: "linux".into(),
        source_image_id: of_catalogue(&cx, "al2023-ami-2023", "x86_64"),
        source_region: "us-east-1".into(),
        ..Default::default()
    };
    let linux = copy::copy(&later(&there, 2), &mut tx, &public).unwrap().image_id;
    assert_eq!((look(&there, &tx, &linux).public, own(&there, &tx).len()), (false, 2));
}

#[test]
fn documented_filters_are_known() {
    let (cx, tx, instance, id) = with_image();
    knows_filters("DescribeImages", |filters| {
        describe::describe(&cx, &tx, &DescribeImages { filters, ..Default::default() }).map(|it| it.images.len())
    });
    let input = DescribeImages { filters: filters(&[("source-instance-id", &[&instance])]), ..Default::default() };
    assert_eq!(seen(&cx, &tx, input), [id]);
}
