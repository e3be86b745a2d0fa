//! Dedicated hosts through their handlers, and the instances on them.

use service::prelude::*;

use super::allocate::AllocateHosts;
use super::change::{ModifyHosts, ReleaseHosts};
use super::describe::{DescribeHosts, HostOut};
use super::*;
use crate::instance::lifecycle::{self, StartInstances, StopInstances, TerminateInstances};
use crate::instance::placement::{self, ModifyInstancePlacement};
use crate::instance::run::input::{PlacementWish, RunInstances};
use crate::instance::run::{self, Launched};
use crate::instance::tests::{described, wish};
use crate::placement_group::create::CreatePlacementGroup;
use crate::tests::{knows_filters, later, list, refusal, refused, start};

fn allocate(cx: &Cx, tx: &mut Tx, input: AllocateHosts) -> String {
    let input = AllocateHosts { availability_zone: Some("us-east-1a".into()), ..input };
    allocate::check(cx, tx, &input).unwrap();
    allocate::allocate(cx, tx, &input).unwrap().host_ids.remove(0)
}

fn of_type(name: &str) -> AllocateHosts {
    AllocateHosts { instance_type: Some(name.into()), ..Default::default() }
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> HostOut {
    describe::describe(cx, tx, &DescribeHosts { host_ids: list(&[id]), ..Default::default() }).unwrap().hosts.remove(0)
}

fn launch(cx: &Cx, tx: &mut Tx, kind: &str, placement: PlacementWish) -> Result<Launched, ApiError> {
    run::run(cx, tx, &on_a_host(cx, kind, placement))
}

fn on_a_host(cx: &Cx, kind: &str, placement: PlacementWish) -> RunInstances {
    let placement = PlacementWish { tenancy: Some("host".into()), ..placement };
    RunInstances { instance_type: Some(kind.into()), placement: Some(placement), ..wish(cx) }
}

fn on(id: &str) -> PlacementWish {
    PlacementWish { host_id: Some(id.to_owned()), ..Default::default() }
}

#[test]
fn instances_use_up_a_host() {
    let (cx, mut tx) = start();
    let open = AllocateHosts { auto_placement: Some("on".into()), ..of_type("m5.12xlarge") };
    let host = allocate(&cx, &mut tx, open);
    let before = seen(&cx, &tx, &host);
    assert_eq!((before.host_properties.total_v_cpus, before.host_properties.cores), (96, 48));
    assert_eq!(before.available_capacity.available_instance_capacity[0].total_capacity, 2);
    let first = launch(&cx, &mut tx, "m5.12xlarge", on(&host)).unwrap().instances[0].clone();
    assert_eq!(
        (first.placement.host_id.as_deref(), first.placement.affinity.as_deref()),
        (Some(host.as_str()), Some("default"))
    );
    assert_eq!(first.placement.availability_zone, "us-east-1a");
    let cx = later(&cx, 1);
    let second = launch(&cx, &mut tx, "m5.12xlarge", PlacementWish::default());
    let second = second.map(|it| it.instances[0].placement.host_id.clone());
    assert_eq!(second, Ok(Some(host.clone())), "a host that takes what names none");
    assert_eq!(seen(&cx, &tx, &host).available_capacity.available_v_cpus, 0);
    let cx = later(&cx, 1);
    assert_eq!(refusal(launch(&cx, &mut tx, "m5.12xlarge", on(&host))).0, "InsufficientCapacityOnHost");
    assert_eq!(refusal(launch(&cx, &mut tx, "m5.12xlarge", PlacementWish::default())).0, "InsufficientHostCapacity");
    assert_eq!(refusal(launch(&cx, &mut tx, "m5.large", on(&host))).0, "UnsupportedInstanceTypeOnHost");
    let many = RunInstances { min_count: 1, max_count: 5, ..on_a_host(&cx, "m5.12xlarge", PlacementWish::default()) };
    assert_eq!(refusal(run::run(&cx, &mut tx, &many)).0, "InsufficientHostCapacity");
    let release = ReleaseHosts { host_ids: vec![host.clone()] };
    let refused = change::release(&cx, &mut tx, &release).unwrap().unsuccessful;
    assert_eq!(refused[0].error.code, "Client.InvalidHost.Occupied");
    let ids: Vec<String> = seen(&cx, &tx, &host).instances.into_iter().map(|it| it.instance_id).collect();
    lifecycle::terminate(&cx, &mut tx, &TerminateInstances { instance_ids: ids, ..Default::default() }).unwrap();
    assert_eq!(change::release(&cx, &mut tx, &release).unwrap().successful, std::slice::from_ref(&host));
    assert_eq!(seen(&cx, &tx, &host).state, "released");
    assert_eq!(
        change::release(&cx, &mut tx, &release).unwrap().unsuccessful[0].error.code,
        "Client.InvalidHostID.NotFound"
    );
}

#[test]
fn a_host_of_a_family_and_its_settings() {
    let (cx, mut tx) = start();
    let family = AllocateHosts {
        instance_family: Some("m5".into()),
        auto_placement: Some("off".into()),
        host_recovery: Some("on".into()),
        ..Default::default()
    };
    let host = allocate(&cx, &mut tx, family);
    let shown = seen(&cx, &tx, &host);
    assert_eq!((shown.auto_placement, shown.host_recovery, shown.allows_multiple_instance_types), ("off", "on", "on"));
    assert!(shown.available_capacity.available_instance_capacity.len() > 3);
    assert_eq!(refusal(launch(&cx, &mut tx, "m5.large", PlacementWish::default())).0, "InsufficientHostCapacity");
    let launched = launch(&cx, &mut tx, "m5.large", on(&host)).unwrap().instances[0].instance_id.clone();
    assert_eq!(described(&cx, &tx, &launched).placement.tenancy, "host");
    let modify = |auto: Option<&str>, kind: Option<&str>| ModifyHosts {
        host_ids: vec![host.clone()],
        auto_placement: auto.map(str::to_owned),
        instance_type: kind.map(str::to_owned),
        ..Default::default()
    };
    let changed = change::modify(&cx, &mut tx, &modify(Some("on"), Some("m5.large"))).unwrap();
    assert_eq!(changed.successful, std::slice::from_ref(&host));
    assert_eq!(seen(&cx, &tx, &host).host_properties.instance_type.as_deref(), Some("m5.large"));
    let refused = change::modify(&cx, &mut tx, &modify(None, Some("c5.large"))).unwrap().unsuccessful;
    assert_eq!(refused[0].error.code, "Client.InvalidHostConfiguration");
    knows_filters("DescribeHosts", |filter| {
        describe::describe(&cx, &tx, &DescribeHosts { filter, ..Default::default() }).map(|it| it.hosts.len())
    });
}

fn placed(cx: &Cx, tx: &Tx, id: &str) -> (Option<String>, Option<String>) {
    let placement = described(cx, tx, id).placement;
    (placement.host_id, placement.affinity)
}

fn stop(cx: &Cx, tx: &mut Tx, id: &str) {
    lifecycle::stop(cx, tx, &StopInstances { instance_ids: vec![id.to_owned()], ..Default::default() }).unwrap();
}

fn again(cx: &Cx, tx: &mut Tx, id: &str) -> Result<(), ApiError> {
    lifecycle::start(cx, tx, &StartInstances { instance_ids: vec![id.to_owned()], dry_run: None }).map(drop)
}

#[test]
fn a_stopped_instance_finds_a_host_again() {
    let (cx, mut tx) = start();
    let open = || AllocateHosts { auto_placement: Some("on".into()), ..of_type("m5.24xlarge") };
    let first = allocate(&cx, &mut tx, open());
    let cx = later(&cx, 1);
    let free = launch(&cx, &mut tx, "m5.24xlarge", on(&first)).unwrap().instances[0].instance_id.clone();
    let cx = later(&cx, 60);
    stop(&cx, &mut tx, &free);
    assert_eq!(placed(&cx, &tx, &free), (None, Some("default".into())));
    assert_eq!(seen(&cx, &tx, &first).available_capacity.available_v_cpus, 96);
    let cx = later(&cx, 60);
    let bound = PlacementWish { affinity: Some("host".into()), ..on(&first) };
    let bound = launch(&cx, &mut tx, "m5.24xlarge", bound).unwrap().instances[0].instance_id.clone();
    let cx = later(&cx, 60);
    assert_eq!(refusal(again(&cx, &mut tx, &free)).0, "InsufficientHostCapacity");
    let second = allocate(&cx, &mut tx, open());
    again(&cx, &mut tx, &free).unwrap();
    assert_eq!(placed(&cx, &tx, &free), (Some(second.clone()), Some("default".into())));
    stop(&cx, &mut tx, &bound);
    assert_eq!(placed(&cx, &tx, &bound), (Some(first.clone()), Some("host".into())), "it stays bound");
    let cx = later(&cx, 60);
    let release = ReleaseHosts { host_ids: vec![first] };
    assert_eq!(change::release(&cx, &mut tx, &release).unwrap().unsuccessful, [], "nothing runs on it");
    assert_eq!(refusal(again(&cx, &mut tx, &bound)).0, "IncompatibleHostRequirements");
    let move_it = |host: &str| ModifyInstancePlacement {
        instance_id: bound.clone(),
        host_id: Some(host.to_owned()),
        ..Default::default()
    };
    placement::modify(&cx, &mut tx, &move_it(&second)).unwrap();
    assert_eq!(refusal(again(&cx, &mut tx, &bound)).0, "InsufficientCapacityOnHost");
    let third = allocate(&later(&cx, 1), &mut tx, of_type("m5.24xlarge"));
    placement::modify(&cx, &mut tx, &move_it(&third)).unwrap();
    again(&cx, &mut tx, &bound).unwrap();
    assert_eq!(placed(&cx, &tx, &bound), (Some(third), Some("host".into())));
}

#[test]
fn placements_change() {
    let (cx, mut tx) = start();
    let dedicated = PlacementWish { tenancy: Some("dedicated".into()), ..Default::default() };
    let launched = RunInstances { instance_type: Some("m5.large".into()), placement: Some(dedicated), ..wish(&cx) };
    let id = run::run(&cx, &mut tx, &launched).unwrap().instances[0].instance_id.clone();
    let change = |change: ModifyInstancePlacement| ModifyInstancePlacement { instance_id: id.clone(), ..change };
    let tenancy = |to: &str| change(ModifyInstancePlacement { tenancy: Some(to.into()), ..Default::default() });
    let cx = later(&cx, 60);
    assert_eq!(refusal(placement::modify(&cx, &mut tx, &tenancy("host"))).0, "InvalidInstanceState");
    let nothing = change(ModifyInstancePlacement::default());
    assert_eq!(refusal(placement::modify(&cx, &mut tx, &nothing)).0, "MissingParameter");
    stop(&cx, &mut tx, &id);
    let cx = later(&cx, 60);
    assert_eq!(refusal(placement::modify(&cx, &mut tx, &tenancy("default"))).0, "InvalidTenancy");
    let affinity = change(ModifyInstancePlacement { affinity: Some("host".into()), ..Default::default() });
    assert_eq!(refusal(placement::modify(&cx, &mut tx, &affinity)).0, "InvalidParameterCombination");
    placement::modify(&cx, &mut tx, &tenancy("host")).unwrap();
    placement::modify(&cx, &mut tx, &affinity).unwrap();
    assert_eq!(refusal(again(&cx, &mut tx, &id)).0, "InsufficientHostCapacity");
    let zone = described(&cx, &tx, &id).placement.availability_zone;
    let open =
        AllocateHosts { auto_placement: Some("on".into()), availability_zone: Some(zone), ..of_type("m5.large") };
    let host = allocate::allocate(&cx, &mut tx, &open).unwrap().host_ids.remove(0);
    again(&cx, &mut tx, &id).unwrap();
    assert_eq!(placed(&cx, &tx, &id), (Some(host), Some("host".into())), "it is bound to where it lands");
}

#[test]
fn an_instance_moves_between_placement_groups() {
    let (cx, mut tx) = start();
    let id = launch_of(&cx, &mut tx, "m5.large");
    let group = CreatePlacementGroup {
        group_name: Some("parts".into()),
        strategy: Some("partition".into()),
        partition_count: Some(3),
        ..Default::default()
    };
    crate::placement_group::create::create(&cx, &mut tx, &group).unwrap();
    let cx = later(&cx, 60);
    stop(&cx, &mut tx, &id);
    let cx = later(&cx, 60);
    let into = |name: &str, partition_number: Option<i64>| ModifyInstancePlacement {
        instance_id: id.clone(),
        group_name: Some(name.to_owned()),
        partition_number,
        ..Default::default()
    };
    assert_eq!(refusal(placement::modify(&cx, &mut tx, &into("nowhere", None))).0, "InvalidPlacementGroup.Unknown");
    assert_eq!(refusal(placement::modify(&cx, &mut tx, &into("parts", Some(4)))).0, "InvalidParameterValue");
    placement::modify(&cx, &mut tx, &into("parts", Some(2))).unwrap();
    let held = described(&cx, &tx, &id).placement;
    assert_eq!((held.group_name.as_str(), held.partition_number), ("parts", Some(2)));
    placement::modify(&cx, &mut tx, &into("", None)).unwrap();
    let held = described(&cx, &tx, &id).placement;
    assert_eq!((held.group_name.as_str(), held.partition_number), ("", None));
}

fn launch_of(cx: &Cx, tx: &mut Tx, kind: &str) -> String {
    let input = RunInstances { instance_type: Some(kind.into()), ..wish(cx) };
    run::run(cx, tx, &input).unwrap().instances[0].instance_id.clone()
}

#[test]
fn combinations_that_cannot_be() {
    let affinity = |tenancy: Option<&str>| PlacementWish {
        affinity: Some("default".into()),
        tenancy: tenancy.map(str::to_owned),
        ..Default::default()
    };
    let combined = |message: &str| refused("InvalidParameterCombination", message);
    let affine = "The parameter affinity cannot be used without specifying a tenancy of 'host'";
    for wish in [affinity(None), affinity(Some("default"))] {
        assert_eq!(refusal(launch::check(Some(&wish))), combined(affine));
    }
    let named = PlacementWish { tenancy: Some("dedicated".into()), ..on("h-1") };
    let on_host = "The parameter hostId cannot be used without specifying a tenancy of 'host'";
    assert_eq!(refusal(launch::check(Some(&named))), combined(on_host));
    assert!(launch::check(Some(&on("h-1"))).is_ok(), "a host alone says the tenancy");
    let grouped = PlacementWish { group_name: Some("web".into()), ..on("h-1") };
    assert!(
        refusal(launch::check(Some(&grouped))).1.starts_with("You cannot launch an instance with a tenancy of 'host'")
    );
}

#[test]
fn macs_are_told_apart() {
    use super::mac::{self, DescribeMacHosts};
    let (cx, mut tx) = start();
    let host = allocate(&cx, &mut tx, of_type("mac2.metal"));
    let other = allocate(&later(&cx, 1), &mut tx, of_type("m5.large"));
    knows_filters("DescribeMacHosts", |filters| {
        let input = DescribeMacHosts { filters, ..Default::default() };
        mac::describe(&cx, &tx, &input).map(|it| it.mac_hosts.len())
    });
    let found = mac::describe(&cx, &tx, &DescribeMacHosts::default()).unwrap().mac_hosts;
    assert_eq!(found.iter().map(|it| it.host_id.as_str()).collect::<Vec<_>>(), [host.as_str()]);
    let named = DescribeMacHosts { host_ids: list(&[&other]), ..Default::default() };
    assert_eq!(refusal(mac::describe(&cx, &tx, &named)).0, "InvalidHostID.NotFound");
}
