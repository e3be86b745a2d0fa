//! DescribeInstances, DescribeInstanceStatus and DescribeVolumes: filters and pages.

use super::*;
use crate::instance::run::input::*;
use crate::instance::status::DescribeInstanceStatus;

#[test]
fn every_filter_finds_what_the_answer_shows() {
    let (cx, mut tx) = start();
    super::associations::profile(&cx, &mut tx, "web", true);
    let input = RunInstances {
        client_token: Some("token-1".into()),
        iam_instance_profile: Some(ProfileSpecification { name: Some("web".into()), arn: None }),
        tag_specifications: vec![crate::tags::TagSpecification {
            resource_type: Some("instance".into()),
            tags: vec![Tag::new("Name", "web-1")],
        }],
        ..wish(&cx)
    };
    let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
    let cx = later(&cx, 10);
    one(&cx, &mut tx);
    let cx = later(&cx, 10);
    let seen = described(&cx, &tx, &id);
    let primary = &seen.network_interfaces[0];
    let only: &[(&str, &str)] = &[
        ("client-token", "token-1"),
        ("iam-instance-profile.arn", "arn:aws:iam::123456789012:instance-profile/web"),
        ("instance-id", &id),
        ("ip-address", seen.public_ip_address.as_deref().unwrap()),
        ("network-interface.addresses.association.public-ip", seen.public_ip_address.as_deref().unwrap()),
        ("network-interface.network-interface-id", &primary.network_interface_id),
        ("private-ip-address", &primary.private_ip_address),
        ("block-device-mapping.volume-id", &seen.block_device_mappings[0].ebs.volume_id),
        ("launch-time", "2026-09-21*"),
        ("tag:Name", "web-?"),
        ("tag:Name", "web-1"),
        ("tag-key", "Name"),
    ];
    for (name, value) in only {
        let found = filtered(&cx, &tx, &[(name, value)]);
        assert!(found.contains(&id), "{name} = {value}");
        assert!(*name == "launch-time" || found.len() == 1, "{name} = {value} finds {found:?}");
    }
    let both: &[(&str, &str)] = &[
        ("instance-state-name", "running"),
        ("instance-state-code", "16"),
        ("vpc-id", seen.vpc_id.as_deref().unwrap()),
        ("subnet-id", seen.subnet_id.as_deref().unwrap()),
        ("network-interface.attachment.device-index", "0"),
        ("metadata-options.http-tokens", "required"),
        ("root-device-type", "ebs"),
        ("owner-id", "123456789012"),
        ("instance.group-name", "default"),
    ];
    for (name, value) in both {
        assert_eq!(filtered(&cx, &tx, &[(name, value)]).len(), 2, "{name} = {value}");
    }
    assert!(filtered(&cx, &tx, &[("instance-state-name", "stopped")]).is_empty());
    assert!(filtered(&cx, &tx, &[("instance-id", "i-nothing")]).is_empty(), "an id in a filter is never NotFound");
    assert!(filtered(&cx, &tx, &[("vpc-id", "vpc-1"), ("instance-id", &id)]).is_empty());
}

#[test]
fn an_unknown_filter_is_refused() {
    let (cx, tx) = start();
    let filters = vec![Filter { name: Some("colour".into()), values: Some(vec!["red".into()]) }];
    let input = DescribeInstances { filters: Some(filters), ..DescribeInstances::default() };
    let refused = refusal(describe::describe(&cx, &tx, &input));
    assert_eq!(refused, ("InvalidParameterValue".into(), "The filter 'colour' is invalid".into()));
}

#[test]
fn pages_count_instances() {
    let (cx, mut tx) = start();
    launch(&cx, &mut tx, &RunInstances { max_count: 7, ..wish(&cx) });
    let (mut all, mut token, mut pages) = (Vec::new(), None, 0);
    loop {
        let input = DescribeInstances { max_results: Some(5), next_token: token, ..DescribeInstances::default() };
        let page = describe::describe(&cx, &tx, &input).unwrap();
        token = page.next_token.clone();
        all.extend(ids(page));
        pages += 1;
        if token.is_none() {
            break;
        }
    }
    all.sort();
    all.dedup();
    assert_eq!((all.len(), pages), (7, 2));
    let few = DescribeInstances { max_results: Some(4), ..DescribeInstances::default() };
    let text = "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.";
    assert_eq!(refusal(describe::describe(&cx, &tx, &few)), ("InvalidParameterValue".into(), text.into()));
    let both = DescribeInstances { max_results: Some(5), instance_ids: Some(all), ..DescribeInstances::default() };
    let refused = refusal(describe::describe(&cx, &tx, &both));
    let text = "The parameter instancesSet cannot be used with the parameter maxResults";
    assert_eq!(refused, ("InvalidParameterCombination".into(), text.into()));
}

#[test]
fn other_accounts_and_regions_see_nothing() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let caller = Caller { account: "999999999999".parse().unwrap(), ..(*cx.caller).clone() };
    let stranger = Cx { caller: caller.into(), ..cx.clone() };
    let elsewhere = Cx { region: service::regions::region("eu-west-1").unwrap(), ..cx.clone() };
    for other in [stranger, elsewhere] {
        assert!(ids(describe::describe(&other, &tx, &DescribeInstances::default()).unwrap()).is_empty());
        assert_eq!(find(&other, &tx, &id).unwrap_err().code, "InvalidInstanceID.NotFound");
    }
}

#[test]
fn statuses_follow_the_state() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let all =
        |include| DescribeInstanceStatus { include_all_instances: Some(include), ..DescribeInstanceStatus::default() };
    assert!(status::describe(&cx, &tx, &all(false)).unwrap().instance_statuses.is_empty(), "running ones only");
    let found = status::describe(&cx, &tx, &all(true)).unwrap().instance_statuses;
    assert_eq!((found[0].instance_id.as_str(), found[0].instance_status.status), (id.as_str(), "not-applicable"));
    let soon = later(&cx, 1);
    assert_eq!(
        status::describe(&soon, &tx, &all(false)).unwrap().instance_statuses[0].system_status.status,
        "initializing"
    );
    let cx = later(&cx, 10);
    let found = status::describe(&cx, &tx, &all(false)).unwrap().instance_statuses;
    assert_eq!(found[0].system_status.status, "ok");
    assert_eq!(found[0].instance_status.details.as_ref().unwrap()[0].status, "passed");
}

#[test]
fn volumes_of_an_instance() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    one(&later(&cx, 1), &mut tx);
    let filters = vec![Filter { name: Some("attachment.instance-id".into()), values: Some(vec![id.clone()]) }];
    let input = crate::volume::describe::DescribeVolumes { filters: Some(filters), ..Default::default() };
    let volumes = crate::volume::describe::describe(&cx, &tx, &input).unwrap().volumes;
    assert_eq!(volumes.len(), 1);
    assert_eq!((volumes[0].state, volumes[0].attachments[0].instance_id.as_str()), ("in-use", id.as_str()));
    let missing = crate::volume::describe::DescribeVolumes {
        volume_ids: Some(vec!["vol-0123456789abcdef0".into()]),
        ..Default::default()
    };
    assert_eq!(refusal(crate::volume::describe::describe(&cx, &tx, &missing)).0, "InvalidVolume.NotFound");
}

/// Every name of AWS's documentation is known, for every operation here that filters.
#[test]
fn documented_filters_are_known() {
    let (cx, mut tx) = start();
    one(&cx, &mut tx);
    let mut count = 0;
    for (operation, ask) in FILTERED {
        for name in service::facts::ec2_filters(operation).unwrap() {
            let name = name.replace("<key>", "Name");
            let name = if name == "tag" { "tag:Name".to_owned() } else { name };
            let filters = Some(vec![Filter { name: Some(name.clone()), values: Some(vec!["no such value".into()]) }]);
            assert_eq!(ask(&cx, &tx, filters).map_err(service::ApiError::into_message), Ok(0), "{operation} by {name}");
            count += 1;
        }
        let unknown = Some(vec![Filter { name: Some("colour".into()), values: Some(vec!["red".into()]) }]);
        let expected = match *operation {
            "DescribeInstanceCreditSpecifications" => {
                "The value ( colour ) for the parameter Filter is invalid. Change the value and try again."
            }
            _ => "The filter 'colour' is invalid",
        };
        assert_eq!(ask(&cx, &tx, unknown).unwrap_err().message, expected, "{operation}");
    }
    assert!(count > 260, "{count} filters");
}

/// Asks an operation and counts what it finds.
type Ask = fn(&Cx, &World, Option<Vec<Filter>>) -> Result<usize, ApiError>;

const FILTERED: &[(&str, Ask)] = &[
    ("DescribeInstances", |cx, world, filters| {
        let input = DescribeInstances { filters, ..Default::default() };
        describe::describe(cx, world, &input).map(|found| found.reservations.len())
    }),
    ("DescribeInstanceStatus", |cx, world, filters| {
        let input = DescribeInstanceStatus { filters, include_all_instances: Some(true), ..Default::default() };
        status::describe(cx, world, &input).map(|found| found.instance_statuses.len())
    }),
    ("DescribeInstanceCreditSpecifications", |cx, world, filters| {
        let input = credit::DescribeInstanceCreditSpecifications { filters, ..Default::default() };
        credit::describe(cx, world, &input).map(|found| found.instance_credit_specifications.len())
    }),
    ("DescribeInstanceTypes", |cx, world, filters| {
        let instance_types = Some(vec!["t3.micro".to_owned()]);
        let input = types::DescribeInstanceTypes { filters, instance_types, ..Default::default() };
        types::describe(cx, world, &input).map(|found| found.instance_types.len())
    }),
    ("DescribeInstanceTypeOfferings", |cx, world, filters| {
        let input = types::DescribeInstanceTypeOfferings { filters, ..Default::default() };
        types::offerings(cx, world, &input).map(|found| found.instance_type_offerings.len())
    }),
    ("DescribeVolumes", |cx, world, filters| {
        let input = crate::volume::describe::DescribeVolumes { filters, ..Default::default() };
        crate::volume::describe::describe(cx, world, &input).map(|found| found.volumes.len())
    }),
    ("DescribeImages", |cx, world, filters| {
        let input = crate::image::describe::DescribeImages { filters, ..Default::default() };
        crate::image::describe::describe(cx, world, &input).map(|found| found.images.len())
    }),
];

/// Whatever index answers a filter, it finds what looking at every instance finds.
#[test]
fn indexes_find_what_a_look_at_all_finds() {
    let (cx, mut tx) = start();
    let mut made = Vec::new();
    for number in 0..12_i64 {
        let cx = later(&cx, number);
        let zone = if number % 2 == 0 { "us-east-1a" } else { "us-east-1b" };
        let tags = vec![Tag::new("Name", format!("n{}", number % 3)), Tag::new("parity", (number % 2).to_string())];
        let input = RunInstances {
            placement: Some(PlacementWish { availability_zone: Some(zone.into()), ..Default::default() }),
            tag_specifications: vec![crate::tags::TagSpecification { resource_type: Some("instance".into()), tags }],
            ..wish(&cx)
        };
        made.push(launch(&cx, &mut tx, &input).instances.remove(0));
    }
    let cx = later(&cx, 30);
    let some = |at: &[usize]| at.iter().map(|at| made[*at].instance_id.clone()).collect::<Vec<_>>();
    lifecycle::stop(&cx, &mut tx, &lifecycle::StopInstances { instance_ids: some(&[1, 2, 3]), ..Default::default() })
        .unwrap();
    lifecycle::terminate(
        &cx,
        &mut tx,
        &lifecycle::TerminateInstances { instance_ids: some(&[4, 5]), ..Default::default() },
    )
    .unwrap();
    let text = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let (subnet, vpc) = (made[0].subnet_id.clone().unwrap(), made[0].vpc_id.clone().unwrap());
    let other_subnet = made[1].subnet_id.clone().unwrap();
    let mut filters: Vec<(&str, Vec<String>)> = vec![
        ("instance-id", some(&[0, 4, 7, 7])),
        ("tag:Name", text(&["n1"])),
        ("tag:Name", text(&["n0", "n2", "n9"])),
        ("tag:Name", text(&["n?"])),
        ("tag:parity", text(&["1"])),
        ("tag-key", text(&["parity"])),
        ("instance-state-name", text(&["running"])),
        ("instance-state-name", text(&["running", "pending", "stopping", "shutting-down"])),
        ("instance-state-name", text(&["st*"])),
        ("instance-state-name", text(&["nonsense"])),
        ("subnet-id", vec![subnet, other_subnet.clone()]),
        ("subnet-id", vec![other_subnet]),
        ("vpc-id", vec![vpc, "vpc-0".to_owned()]),
        ("availability-zone", text(&["us-east-1b"])),
    ];
    let reservations = made.iter().skip(9).filter_map(|it| find(&cx, &tx, &it.instance_id).ok());
    filters.push(("reservation-id", reservations.map(|it| it.reservation_id.clone()).collect()));
    let filter =
        |(name, values): &(&str, Vec<String>)| Filter { name: Some((*name).into()), values: Some(values.clone()) };
    for cx in [cx.clone(), later(&cx, 60)] {
        let world = at(&cx, &tx);
        for first in &filters {
            for second in &filters {
                let both = vec![filter(first), filter(second)];
                let chosen = super::filters::FIELDS.choose(Some(&both)).unwrap();
                let all = world.scan::<Instance>(&[cx.account().as_str(), cx.region_name()]);
                let expected: Vec<_> =
                    all.map(|it| view::Seen::new(&cx, &world, it)).filter(|seen| chosen.admit(seen)).collect();
                let mut expected: Vec<_> = expected.iter().map(|seen| seen.instance.id.clone()).collect();
                let input = DescribeInstances { filters: Some(both), ..Default::default() };
                let mut found = ids(describe::describe(&cx, &world, &input).unwrap());
                expected.sort();
                found.sort();
                assert_eq!(found, expected, "{first:?} and {second:?}");
            }
        }
    }
}
