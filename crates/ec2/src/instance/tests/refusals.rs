//! What a launch is refused for: codes and texts. A refused launch leaves nothing.

use super::*;
use crate::instance::lifecycle::{self, StartInstances, StopInstances};
use crate::instance::run::input::*;
use crate::tests::refused;

fn check(change: impl FnOnce(&mut RunInstances), expected: (&str, &str)) {
    let (cx, mut tx) = start();
    let mut input = wish(&cx);
    change(&mut input);
    let before = tx.changed();
    let result = run::combinations::check(&cx, &tx, &input).and_then(|()| run::run(&cx, &mut tx, &input).map(|_| ()));
    let (code, message) = refusal(result);
    assert_eq!((code.as_str(), message.as_str()), expected);
    assert_eq!(tx.count::<Instance>(&[]), 0);
    assert_eq!(before, tx.changed());
}

#[test]
fn images() {
    check(|it| it.image_id = None, ("MissingParameter", "The request must contain the parameter ImageId"));
    check(
        |it| it.image_id = Some("ami-0123456789abcdef0".into()),
        ("InvalidAMIID.NotFound", "The image id '[ami-0123456789abcdef0]' does not exist"),
    );
    check(
        |it| it.image_id = Some("ami-nonsense".into()),
        ("InvalidAMIID.Malformed", "Invalid id: \"ami-nonsense\" (expecting \"ami-...\")"),
    );
}

#[test]
fn instance_types() {
    check(
        |it| it.instance_type = Some("m1_small".into()),
        ("InvalidParameterValue", "Invalid value 'm1_small' for InstanceType."),
    );
    // m1.small, unless another type is named.
    for name in [None, Some("t1.micro".to_owned())] {
        check(
            |it| it.instance_type = name,
            (
                "InvalidParameterCombination",
                "Non-Windows instances with a virtualization type of 'hvm' are currently not supported for this instance type.",
            ),
        );
    }
    let (cx, mut tx) = start();
    let input = RunInstances { instance_type: Some("t4g.micro".into()), ..wish(&cx) };
    let (code, message) = refusal(run::combinations::check(&cx, &tx, &input));
    assert_eq!(code, "InvalidParameterValue");
    assert!(
        message.starts_with(
            "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI."
        ),
        "{message}"
    );
    assert!(run::run(&cx, &mut tx, &input).is_err());
}

#[test]
fn networks() {
    check(
        |it| it.subnet_id = Some("subnet-0123456789abcdef0".into()),
        ("InvalidSubnetID.NotFound", "The subnet ID 'subnet-0123456789abcdef0' does not exist"),
    );
    check(
        |it| it.security_group_ids = vec!["sg-0123456789abcdef0".into()],
        ("InvalidGroup.NotFound", "The security group 'sg-0123456789abcdef0' does not exist"),
    );
    check(
        |it| {
            it.subnet_id = Some("subnet-0123456789abcdef0".into());
            it.network_interfaces =
                vec![InterfaceSpecification { device_index: Some(0), ..InterfaceSpecification::default() }];
        },
        (
            "InvalidParameterCombination",
            "Network interfaces and an instance-level subnet ID may not be specified on the same request",
        ),
    );
    check(
        |it| {
            it.subnet_id = Some("subnet-0123456789abcdef0".into());
            it.security_groups = vec!["default".into()];
        },
        ("InvalidParameterCombination", "The parameter groupName cannot be used with the parameter subnet"),
    );
    check(
        |it| {
            it.placement =
                Some(PlacementWish { availability_zone: Some("us-east-1z".into()), ..PlacementWish::default() })
        },
        ("InvalidParameterValue", "Invalid availability zone: [us-east-1z]"),
    );
}

#[test]
fn interfaces_hold_as_much_as_the_type_allows() {
    check(
        |it| {
            it.network_interfaces = vec![InterfaceSpecification {
                device_index: Some(0),
                secondary_private_ip_address_count: Some(2),
                ..InterfaceSpecification::default()
            }];
        },
        ("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit."),
    );
    check(
        |it| it.security_group_ids = vec!["sg-0123456789abcdef0".into(); 17],
        (
            "SecurityGroupsPerInterfaceLimitExceeded",
            "You have exceeded the maximum number of security groups allowed per network interface.",
        ),
    );
}

#[test]
fn names_of_other_things() {
    check(|it| it.key_name = Some("nokey".into()), ("InvalidKeyPair.NotFound", "The key pair 'nokey' does not exist"));
    check(
        |it| it.iam_instance_profile = Some(ProfileSpecification { name: Some("nobody".into()), arn: None }),
        (
            "InvalidParameterValue",
            "Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        ),
    );
    check(
        |it| {
            it.launch_template = Some(LaunchTemplateSpecification {
                launch_template_id: Some("lt-0123456789abcdef0".into()),
                ..LaunchTemplateSpecification::default()
            });
        },
        (
            "InvalidLaunchTemplateId.NotFound",
            "The specified launch template, with template ID lt-0123456789abcdef0, does not exist.",
        ),
    );
}

#[test]
fn user_data() {
    check(|it| it.user_data = Some("{}".into()), ("InvalidParameterValue", "Invalid BASE64 encoding of user data."));
    check(
        |it| it.user_data = Some("AAAA".repeat(5462)),
        ("InvalidParameterValue", "User data is limited to 16384 bytes"),
    );
}

#[test]
fn options() {
    check(
        |it| {
            it.metadata_options = Some(MetadataWish {
                http_endpoint: Some("disabled".into()),
                http_tokens: Some("required".into()),
                ..MetadataWish::default()
            });
        },
        (
            "InvalidParameterCombination",
            "Your request must not contain other metadata options when HttpEndpoint is disabled.",
        ),
    );
    check(
        |it| {
            it.block_device_mappings = vec![DeviceMapping {
                device_name: Some("/dev/xvda".into()),
                ebs: Some(EbsSpecification { volume_size: Some(1), ..EbsSpecification::default() }),
                ..DeviceMapping::default()
            }];
        },
        ("InvalidBlockDeviceMapping", &small_volume()),
    );
}

const UNSUPPORTED: (&str, &str) = (
    "Unsupported",
    "The requested configuration is currently not supported. Please check the documentation for supported configurations.",
);

#[test]
fn cores_and_threads_the_type_can_have() {
    let cpus = |core_count, threads_per_core| {
        move |it: &mut RunInstances| {
            it.instance_type = Some("m5.large".into());
            it.cpu_options = Some(CpuWish { core_count, threads_per_core, amd_sev_snp: None });
        }
    };
    let text = "When specifying CpuOptions you must specify both CoreCount and ThreadsPerCore.";
    check(cpus(Some(1), None), ("MissingParameter", text));
    check(cpus(None, Some(1)), ("MissingParameter", text));
    let text = "Value (7) for parameter coreCount is invalid for the instance type m5.large.";
    check(cpus(Some(7), Some(1)), ("InvalidParameterValue", text));
}

#[test]
fn traffic_to_volumes_is_optimised_where_the_type_can_do_it() {
    check(
        |it| {
            it.instance_type = Some("t2.micro".into());
            it.ebs_optimized = Some(true);
        },
        UNSUPPORTED,
    );
    let (cx, mut tx) = start();
    let id =
        launch(&cx, &mut tx, &RunInstances { ebs_optimized: Some(true), ..wish(&cx) }).instances[0].instance_id.clone();
    tx.update::<Instance>(&[cx.account().as_str(), cx.region_name(), &id], |it| it.instance_type = "t2.micro".into());
    let ids = vec![id];
    let cx = later(&cx, 60);
    lifecycle::stop(&cx, &mut tx, &StopInstances { instance_ids: ids.clone(), ..Default::default() }).unwrap();
    let started = lifecycle::start(&later(&cx, 60), &mut tx, &StartInstances { instance_ids: ids, dry_run: None });
    assert_eq!(refusal(started), refused(UNSUPPORTED.0, UNSUPPORTED.1));
}

#[test]
fn enclaves_need_a_type_that_supports_them() {
    let with = |it: &mut RunInstances, name: &str| {
        it.instance_type = Some(name.to_owned());
        it.enclave_options = Some(EnclaveWish { enabled: Some(true) });
    };
    check(|it| with(it, "m5.large"), UNSUPPORTED);
    let (cx, mut tx) = start();
    let mut input = wish(&cx);
    with(&mut input, "m5.xlarge");
    launch(&cx, &mut tx, &input);
}

#[test]
fn hibernation_needs_an_encrypted_root() {
    let hibernating = |it: &mut RunInstances| it.hibernation_options = Some(HibernationWish { configured: Some(true) });
    let text = "For hibernation, the root device volume must be encrypted.";
    check(hibernating, ("UnsupportedHibernationConfiguration", text));
    let (cx, mut tx) = start();
    let mut input = wish(&cx);
    hibernating(&mut input);
    input.block_device_mappings = vec![DeviceMapping {
        device_name: Some("/dev/xvda".into()),
        ebs: Some(EbsSpecification { encrypted: Some(true), ..EbsSpecification::default() }),
        ..DeviceMapping::default()
    }];
    assert!(run::run(&cx, &mut tx, &input).is_ok());
}

#[test]
fn devices_have_names_and_the_root_boots() {
    let at = |name: &str, volume_type: &str| {
        let ebs = EbsSpecification {
            volume_type: Some(volume_type.into()),
            volume_size: Some(200),
            ..EbsSpecification::default()
        };
        let mapping = DeviceMapping { device_name: Some(name.into()), ebs: Some(ebs), ..DeviceMapping::default() };
        move |it: &mut RunInstances| it.block_device_mappings = vec![mapping]
    };
    check(at("disk", "gp3"), ("InvalidBlockDeviceMapping", "Invalid device name disk"));
    let text = "The parameter iops is not supported for st1 volumes.";
    check(at("/dev/xvda", "st1"), ("InvalidParameterCombination", text));
}

#[test]
fn volumes_have_the_bounds_of_their_types() {
    let with = |ebs: EbsSpecification| {
        move |it: &mut RunInstances| {
            it.block_device_mappings = vec![DeviceMapping {
                device_name: Some("/dev/sdf".into()),
                ebs: Some(ebs),
                ..DeviceMapping::default()
            }];
        }
    };
    let of = |volume_type: &str, size, iops, throughput| {
        let volume_type = Some(volume_type.to_owned());
        with(EbsSpecification { volume_type, volume_size: Some(size), iops, throughput, ..EbsSpecification::default() })
    };
    let value = "InvalidParameterValue";
    check(of("gp2", -1, None, None), (value, "Volume of -1GiB is too small; minimum is 1GiB."));
    check(of("st1", 10, None, None), (value, "Volume of 10GiB is too small; minimum is 125GiB."));
    let text = "Iops to volume size ratio of 750.000000 is too high; maximum is 500";
    check(of("gp3", 20, Some(15_000), None), (value, text));
    let text = "Throughput (MiBps) to iops ratio of 0.333333 is too high; maximum is 0.250000 MiBps per iops";
    check(of("gp3", 20, None, Some(1000)), (value, text));
    check(
        of("io1", 10, None, None),
        ("MissingParameter", "The request must contain the parameter iops for io1 volumes"),
    );
}

fn small_volume() -> String {
    let cx = testing::root_cx();
    let id = image(&cx, "al2023-ami-2023", "x86_64");
    let image = crate::catalogue::images::by_id(cx.region_name(), &id).unwrap();
    let ebs = image.block_device_mappings[0].ebs.as_ref().unwrap();
    let (snapshot, least) = (ebs.snapshot_id.as_deref().unwrap(), ebs.volume_size.unwrap());
    format!("Volume of size 1GB is smaller than snapshot '{snapshot}', expect size >= {least}GB")
}
