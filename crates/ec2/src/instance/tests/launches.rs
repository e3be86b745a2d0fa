//! What a launch makes.

use super::*;
use crate::instance::run::input::*;
use crate::network::interface;

#[test]
fn a_launch_with_defaults() {
    let (cx, mut tx) = start();
    let launched = launch(&cx, &mut tx, &wish(&cx));
    let first = &launched.instances[0];
    assert_eq!(first.state.unwrap().name, "pending");
    assert_eq!(first.state_reason.as_ref().unwrap().code, "pending");
    assert_eq!(first.public_ip_address, None);
    assert!(first.block_device_mappings.is_empty());
    assert!(first.private_ip_address.as_deref().unwrap().starts_with("172.31."));
    assert_eq!(first.network_interfaces[0].attachment.as_ref().unwrap().status, "attaching");

    let cx = later(&cx, 10);
    let seen = described(&cx, &tx, &first.instance_id);
    assert_eq!(seen.state.unwrap().name, "running");
    assert_eq!(seen.private_ip_address, first.private_ip_address);
    assert!(seen.public_ip_address.is_some(), "default subnets map public addresses");
    assert_eq!(seen.block_device_mappings.len(), 1);
    assert!(seen.block_device_mappings[0].ebs.delete_on_termination);
    assert_eq!(seen.security_groups[0].group_name, "default");
    assert_eq!(seen.tags, None, "an untagged instance has no tagSet");
    assert_eq!(seen.monitoring.state, "disabled");
    assert_eq!(seen.cpu_options.as_ref().unwrap().threads_per_core, 2);
    let options = seen.metadata_options.unwrap();
    // Amazon Linux 2023 asks for IMDSv2.
    assert_eq!((options.http_tokens, options.http_put_response_hop_limit, options.state), ("required", 2, "applied"));
}

#[test]
fn the_request_stands_over_the_image() {
    let (cx, mut tx) = start();
    let options = MetadataWish { http_tokens: Some("optional".into()), ..MetadataWish::default() };
    let input = RunInstances { metadata_options: Some(options), ..wish(&cx) };
    let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
    let options = described(&cx, &tx, &id).metadata_options.unwrap();
    assert_eq!((options.http_tokens, options.http_put_response_hop_limit, options.state), ("optional", 2, "pending"));

    let input = RunInstances { image_id: Some(image(&cx, "amzn2-ami-hvm", "x86_64")), ..wish(&cx) };
    let options = launch(&later(&cx, 1), &mut tx, &input).instances[0].metadata_options.clone().unwrap();
    assert_eq!((options.http_tokens, options.http_put_response_hop_limit), ("optional", 1));
}

#[test]
fn several_instances_of_one_reservation() {
    let (cx, mut tx) = start();
    let launched = launch(&cx, &mut tx, &RunInstances { max_count: 3, ..wish(&cx) });
    let indexes: Vec<_> = launched.instances.iter().map(|it| it.ami_launch_index).collect();
    assert_eq!(indexes, [0, 1, 2]);
    let found = describe::describe(&cx, &at(&cx, &tx), &DescribeInstances::default()).unwrap();
    assert_eq!(found.reservations.len(), 1);
    assert_eq!(found.reservations[0].reservation_id, launched.reservation_id);
    let mut addresses: Vec<_> = launched.instances.iter().filter_map(|it| it.private_ip_address.clone()).collect();
    addresses.dedup();
    assert_eq!(addresses.len(), 3);
}

#[test]
fn metadata_addresses_are_apart_and_found() {
    let (cx, mut tx) = start();
    let launched = launch(&cx, &mut tx, &RunInstances { max_count: 5, ..wish(&cx) });
    for instance in &launched.instances {
        let held = find(&cx, &tx, &instance.instance_id).unwrap().clone();
        let [first, second, third, fourth] = held.metadata_address.octets();
        assert_eq!(first, 127);
        assert!(second > 0, "127.0.0.0/16 is the machine's own: {second}.{third}.{fourth}");
        assert_eq!(by_metadata_address(&tx, held.metadata_address).unwrap().id, held.id);
    }
}

#[test]
fn tags_reach_what_they_are_for() {
    let (cx, mut tx) = start();
    let specification = |kind: &str| crate::tags::TagSpecification {
        resource_type: Some(kind.into()),
        tags: vec![Tag::new("for", kind)],
    };
    let kinds = ["instance", "volume", "network-interface"];
    let input = RunInstances { tag_specifications: kinds.map(specification).to_vec(), ..wish(&cx) };
    let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
    assert_eq!(described(&cx, &tx, &id).tags.unwrap(), [Tag::new("for", "instance")]);
    let volumes = crate::volume::of_instance(&tx, cx.account(), cx.region_name(), &id);
    assert_eq!(volumes[0].tags, [Tag::new("for", "volume")]);
    let interfaces = interface::of_instance(&tx, cx.account(), cx.region_name(), &id);
    assert_eq!(interfaces[0].tags, [Tag::new("for", "network-interface")]);
}

#[test]
fn a_token_gives_the_first_result_again() {
    let (cx, mut tx) = start();
    let input = RunInstances { client_token: Some("once".into()), ..wish(&cx) };
    let first = launch(&cx, &mut tx, &input);
    let cx = later(&cx, 60);
    let again = launch(&cx, &mut tx, &input);
    assert_eq!(again.reservation_id, first.reservation_id);
    assert_eq!(again.instances[0].instance_id, first.instances[0].instance_id);
    assert_eq!(again.instances[0].state.unwrap().name, "running");
    assert_eq!(tx.count::<Instance>(&[]), 1);

    let other = RunInstances { instance_type: Some("t3.small".into()), ..input.clone() };
    let (code, _) = refusal(run::run(&cx, &mut tx, &other));
    assert_eq!(code, "IdempotentParameterMismatch");
    // In another zone the same token starts another launch.
    let placement = PlacementWish { availability_zone: Some("us-east-1b".into()), ..PlacementWish::default() };
    let elsewhere = launch(&later(&cx, 1), &mut tx, &RunInstances { placement: Some(placement), ..input });
    assert_ne!(elsewhere.reservation_id, first.reservation_id);
}

#[test]
fn devices_are_merged_by_name() {
    let (cx, mut tx) = start();
    let ebs = |size| Some(EbsSpecification { volume_size: Some(size), ..EbsSpecification::default() });
    let mappings = vec![
        DeviceMapping { device_name: Some("/dev/xvda".into()), ebs: ebs(20), ..DeviceMapping::default() },
        DeviceMapping {
            device_name: Some("/dev/sdf".into()),
            ebs: Some(EbsSpecification {
                volume_size: Some(5),
                volume_type: Some("gp3".into()),
                delete_on_termination: Some(false),
                ..EbsSpecification::default()
            }),
            ..DeviceMapping::default()
        },
    ];
    let input = RunInstances { block_device_mappings: mappings, ..wish(&cx) };
    let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
    let volumes = crate::volume::of_instance(&tx, cx.account(), cx.region_name(), &id);
    let facts: Vec<_> = volumes
        .iter()
        .map(|it| {
            (
                it.attachment.as_ref().unwrap().device.as_str(),
                it.size,
                it.iops,
                it.attachment.as_ref().unwrap().delete_on_termination,
            )
        })
        .collect();
    assert_eq!(facts, [("/dev/sdf", 5, Some(3000), false), ("/dev/xvda", 20, Some(3000), true)]);
}

#[test]
fn without_a_public_address() {
    let (cx, mut tx) = start();
    let interface = InterfaceSpecification {
        device_index: Some(0),
        associate_public_ip_address: Some(false),
        ..InterfaceSpecification::default()
    };
    let input = RunInstances { network_interfaces: vec![interface], ..wish(&cx) };
    let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
    assert_eq!(described(&later(&cx, 10), &tx, &id).public_ip_address, None);
}

#[test]
fn the_zone_asked_for() {
    let (cx, mut tx) = start();
    for zone in ["us-east-1a", "us-east-1c"] {
        let placement = PlacementWish { availability_zone: Some(zone.into()), ..PlacementWish::default() };
        let launched = launch(&later(&cx, 1), &mut tx, &RunInstances { placement: Some(placement), ..wish(&cx) });
        assert_eq!(launched.instances[0].placement.availability_zone, zone);
        tx = Tx::on(at(&cx, &tx));
    }
}

#[test]
fn names_by_address_or_by_id() {
    let (cx, mut tx) = start();
    let first = one(&cx, &mut tx);
    let name = described(&cx, &tx, &first).private_dns_name;
    assert!(name.starts_with("ip-172-31-") && name.ends_with(".ec2.internal"), "{name}");
    let options = DnsWish { hostname_type: Some("resource-name".into()), ..DnsWish::default() };
    let input = RunInstances { private_dns_name_options: Some(options), ..wish(&cx) };
    let id = launch(&later(&cx, 1), &mut tx, &input).instances[0].instance_id.clone();
    assert_eq!(described(&cx, &tx, &id).private_dns_name, format!("{id}.ec2.internal"));
}

#[test]
fn a_full_zone_is_passed_over() {
    let (cx, mut tx) = start();
    let first = launch(&cx, &mut tx, &RunInstances { max_count: 5000, ..wish(&cx) });
    assert_eq!(first.instances.len(), 4091, "as many as one subnet takes");
    let id = one(&later(&cx, 1), &mut tx);
    let (full, next) =
        (&first.instances[0].placement.availability_zone, described(&cx, &tx, &id).placement.availability_zone);
    assert_ne!(*full, next);
    let input = RunInstances { subnet_id: first.instances[0].subnet_id.clone(), ..wish(&cx) };
    let (code, _) = refusal(run::run(&later(&cx, 2), &mut tx, &input));
    assert_eq!(code, "InsufficientFreeAddressesInSubnet");
    let input = RunInstances { min_count: 4092, max_count: 4092, ..wish(&cx) };
    assert_eq!(refusal(run::run(&later(&cx, 3), &mut tx, &input)).0, "InsufficientFreeAddressesInSubnet");
}
