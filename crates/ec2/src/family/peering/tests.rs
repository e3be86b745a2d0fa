//! Peering connections, within an account and between two, as both sides see them.

use jiff::SignedDuration;
use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::encryption_control::account::{self, ModifyAccountControl};
use crate::network::encryption_control::blocking::{self, GetBlocking};
use crate::network::encryption_control::change::{self, CreateControl, DeleteControl, ModifyControl};
use crate::network::encryption_control::{self, Configuration, ControlOut};
use crate::network::vpc::create::{CreateVpc, DeleteVpc};
use crate::network::{route_table, vpc};
use crate::resource;
use crate::tests::{in_region, later, refusal, refused, start};

fn new_vpc(cx: &Cx, tx: &mut Tx, block: &str) -> String {
    let input = CreateVpc { cidr_block: Some(block.into()), ..Default::default() };
    vpc::create::create(cx, tx, &input).unwrap().vpc.vpc_id
}

/// The root user of another account.
fn other_account(cx: &Cx) -> Cx {
    let caller = service::Caller { account: "210987654321".parse().unwrap(), ..(*cx.caller).clone() };
    Cx { caller: caller.into(), ..cx.clone() }
}

fn create(cx: &Cx, tx: &mut Tx, vpc: &str, peer: &str, more: Value) -> String {
    let mut input = json!({"VpcId": vpc, "PeerVpcId": peer});
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let made = ask(cx, tx, "CreateVpcPeeringConnection", input).unwrap();
    assert_eq!(element(&made, "code"), "initiating-request");
    element(&made, "vpcPeeringConnectionId").to_owned()
}

fn state(cx: &Cx, tx: &mut Tx, id: &str) -> String {
    let shown = ask(cx, tx, "DescribeVpcPeeringConnections", json!({"VpcPeeringConnectionIds": [id]})).unwrap();
    element(&shown, "code").to_owned()
}

fn act(cx: &Cx, tx: &mut Tx, operation: &str, id: &str) -> Result<String, ApiError> {
    ask(cx, tx, operation, json!({"VpcPeeringConnectionId": id}))
}

#[test]
fn within_an_account() {
    let (cx, mut tx) = start();
    let (one, two) = (new_vpc(&cx, &mut tx, "10.1.0.0/16"), new_vpc(&cx, &mut tx, "10.2.0.0/16"));
    let id = create(&cx, &mut tx, &one, &two, Value::Null);
    let cx = later(&cx, 2);
    assert_eq!(state(&cx, &mut tx, &id), "pending-acceptance");
    let accepted = act(&cx, &mut tx, "AcceptVpcPeeringConnection", &id).unwrap();
    assert_eq!(element(&accepted, "code"), "provisioning");
    let cx = later(&cx, 2);
    let found = ask(
        &cx,
        &mut tx,
        "DescribeVpcPeeringConnections",
        json!({"Filters": [{"Name": "accepter-vpc-info.cidr-block", "Values": ["10.2.0.0/16"]},
            {"Name": "status-code", "Values": ["active"]}]}),
    )
    .unwrap();
    assert_eq!(element(&found, "vpcPeeringConnectionId"), id);
    let again = ask(&cx, &mut tx, "CreateVpcPeeringConnection", json!({"VpcId": two, "PeerVpcId": one}));
    assert_eq!(refusal(again).0, "VpcPeeringConnectionAlreadyExists");
    let delete = DeleteVpc { vpc_id: two.clone(), ..Default::default() };
    assert_eq!(refusal(vpc::create::delete(&cx, &mut tx, &delete)).0, "DependencyViolation");

    let table = resource::all::<route_table::RouteTable>(&cx, &tx).find(|table| table.vpc_id == one).unwrap();
    let route = route_table::route::CreateRoute {
        route_table_id: table.id.clone(),
        destination_cidr_block: Some("10.2.0.0/16".into()),
        vpc_peering_connection_id: Some(id.clone()),
        ..Default::default()
    };
    route_table::route::create(&cx, &mut tx, &route).unwrap();
    let shown = |cx: &Cx, tx: &Tx| {
        let table = resource::get::<route_table::RouteTable>(tx, cx, &table.id).unwrap();
        route_table::out(cx, tx, &table)
            .routes
            .last()
            .map(|it| (it.vpc_peering_connection_id.clone(), it.state))
            .unwrap()
    };
    assert_eq!(shown(&cx, &tx), (Some(id.clone()), "active"));
    act(&cx, &mut tx, "DeleteVpcPeeringConnection", &id).unwrap();
    assert_eq!(shown(&cx, &tx).1, "blackhole");
    assert_eq!(state(&cx, &mut tx, &id), "deleting");
    let cx = later(&cx, 2);
    assert_eq!(state(&cx, &mut tx, &id), "deleted");
    let message = format!("Invalid state transition for {id}, attempted to transition from deleted to deleting");
    let twice = refusal(act(&cx, &mut tx, "DeleteVpcPeeringConnection", &id));
    assert_eq!(twice, refused("InvalidStateTransition", &message));
    vpc::create::delete(&cx, &mut tx, &delete).unwrap();
}

#[test]
fn between_accounts_and_regions() {
    let (cx, mut tx) = start();
    let other = in_region(&other_account(&cx), "eu-west-1");
    let (one, two) = (new_vpc(&cx, &mut tx, "10.1.0.0/16"), new_vpc(&other, &mut tx, "10.2.0.0/16"));
    let there = json!({"PeerOwnerId": "210987654321", "PeerRegion": "eu-west-1",
        "TagSpecifications": [{"ResourceType": "vpc-peering-connection", "Tags": [{"Key": "Name", "Value": "ours"}]}]});
    let id = create(&cx, &mut tx, &one, &two, there);
    let (cx, other) = (later(&cx, 2), later(&other, 2));
    let message = format!("User {} cannot accept peering {id}", cx.account());
    let own = refusal(act(&cx, &mut tx, "AcceptVpcPeeringConnection", &id));
    assert_eq!(own, refused("OperationNotPermitted", &message));
    let elsewhere = in_region(&other, "us-east-1");
    assert_eq!(
        refusal(act(&elsewhere, &mut tx, "AcceptVpcPeeringConnection", &id)).0,
        "InvalidVpcPeeringConnectionID.NotFound"
    );
    act(&other, &mut tx, "AcceptVpcPeeringConnection", &id).unwrap();
    let (cx, other) = (later(&cx, 2), later(&other, 2));
    assert_eq!((state(&cx, &mut tx, &id), state(&other, &mut tx, &id)), ("active".into(), "active".into()));
    let named = json!({"VpcPeeringConnectionIds": [id]});
    let ours = ask(&cx, &mut tx, "DescribeVpcPeeringConnections", named.clone()).unwrap();
    assert!(ours.contains("<value>ours</value>") && ours.contains("<region>eu-west-1</region>"));
    let theirs = ask(&other, &mut tx, "DescribeVpcPeeringConnections", named).unwrap();
    assert!(!theirs.contains("<value>ours</value>"));

    let options =
        |member: &str| json!({"VpcPeeringConnectionId": id, member: {"AllowDnsResolutionFromRemoteVpc": true}});
    let message =
        format!("User {} cannot modify accepter peering options on VPC Peering Connection {id}", cx.account());
    let foreign = ask(&cx, &mut tx, "ModifyVpcPeeringConnectionOptions", options("AccepterPeeringConnectionOptions"));
    assert_eq!(refusal(foreign), refused("OperationNotPermitted", &message));
    let own = options("RequesterPeeringConnectionOptions");
    let unnamed = refusal(ask(&cx, &mut tx, "ModifyVpcPeeringConnectionOptions", own.clone()));
    assert_eq!(unnamed.0, "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled");
    resource::update::<vpc::Vpc>(&mut tx, &cx, &one, |vpc| vpc.dns_hostnames = true);
    let set = ask(&cx, &mut tx, "ModifyVpcPeeringConnectionOptions", own).unwrap();
    assert_eq!(element(&set, "allowDnsResolutionFromRemoteVpc"), "true");
    let seen = ask(&other, &mut tx, "DescribeVpcPeeringConnections", json!({"VpcPeeringConnectionIds": [id]})).unwrap();
    assert!(seen.contains("<allowDnsResolutionFromRemoteVpc>true"));

    act(&other, &mut tx, "DeleteVpcPeeringConnection", &id).unwrap();
    assert_eq!(state(&later(&cx, 2), &mut tx, &id), "deleted");
}

#[test]
fn requests_that_come_to_nothing() {
    let (cx, mut tx) = start();
    let (one, two) = (new_vpc(&cx, &mut tx, "10.1.0.0/16"), new_vpc(&cx, &mut tx, "10.2.0.0/16"));
    let same = new_vpc(&cx, &mut tx, "10.1.0.0/16");
    let failed = create(&cx, &mut tx, &one, &same, Value::Null);
    let nowhere = create(&cx, &mut tx, &one, "vpc-0123456789abcdef0", json!({"PeerOwnerId": "210987654321"}));
    let rejected = create(&cx, &mut tx, &one, &two, Value::Null);
    let expired = create(&cx, &mut tx, &one, &two, Value::Null);
    let soon = later(&cx, 2);
    assert_eq!(state(&soon, &mut tx, &failed), "failed");
    assert_eq!(state(&soon, &mut tx, &nowhere), "failed");
    act(&soon, &mut tx, "RejectVpcPeeringConnection", &rejected).unwrap();
    assert_eq!(state(&soon, &mut tx, &rejected), "rejected");
    for (id, from) in [(&failed, "failed"), (&rejected, "rejected")] {
        let message = format!("Invalid state transition for {id}, attempted to transition from {from} to deleting");
        let refusal = refusal(act(&soon, &mut tx, "DeleteVpcPeeringConnection", id));
        assert_eq!(refusal, refused("InvalidStateTransition", &message));
    }
    let week = Cx { now: cx.now + SignedDuration::from_hours(7 * 24), ..later(&cx, 2) };
    assert_eq!(state(&week, &mut tx, &expired), "expired");
    assert_eq!(refusal(act(&week, &mut tx, "AcceptVpcPeeringConnection", &expired)).0, "InvalidStateTransition");
    let itself = ask(&cx, &mut tx, "CreateVpcPeeringConnection", json!({"VpcId": one, "PeerVpcId": one}));
    assert_eq!(refusal(itself).0, "InvalidParameterValue");
}

/// A VPC whose encryption is enforced from the start.
fn enforced(cx: &Cx, tx: &mut Tx, block: &str) -> String {
    let control = Configuration { mode: "enforce".into(), ..Default::default() };
    let input =
        CreateVpc { cidr_block: Some(block.into()), vpc_encryption_control: Some(control), ..Default::default() };
    vpc::create::create(cx, tx, &input).unwrap().vpc.vpc_id
}

fn control_of(cx: &Cx, tx: &Tx, vpc_id: &str) -> ControlOut {
    encryption_control::out(cx, &encryption_control::of(tx, cx.account(), cx.region_name(), vpc_id).unwrap())
}

fn enforce(cx: &Cx, tx: &mut Tx, id: &str) -> Result<ControlOut, ApiError> {
    let input =
        ModifyControl { vpc_encryption_control_id: id.into(), mode: Some("enforce".into()), ..Default::default() };
    change::modify(cx, tx, &input).map(|done| done.vpc_encryption_control)
}

#[test]
fn a_requester_that_came_to_be_enforced_is_not_accepted() {
    let (cx, mut tx) = start();
    let other = other_account(&cx).apart();
    let (one, two) = (new_vpc(&cx, &mut tx, "10.1.0.0/16"), new_vpc(&other, &mut tx, "10.2.0.0/16"));
    let id = create(&cx, &mut tx, &one, &two, json!({"PeerOwnerId": "210987654321"}));
    let input = CreateControl { vpc_id: one.clone(), ..Default::default() };
    let made = change::create(&cx, &mut tx, &input).unwrap().vpc_encryption_control.vpc_encryption_control_id;
    let (cx, other) = (later(&cx, 60), later(&other, 60));
    enforce(&cx, &mut tx, &made).unwrap();
    let refusal = refusal(act(&other, &mut tx, "AcceptVpcPeeringConnection", &id));
    let message = format!(
        "The operation violates the VPC encryption control of VPC '{one}', which is in enforce mode: VPC peering connections are not excluded."
    );
    assert_eq!(refusal, refused("VpcEncryptionControlViolation", &message));
    assert_eq!(state(&cx, &mut tx, &id), "pending-acceptance");
}

#[test]
fn what_is_accepted_keeps_a_vpc_from_being_enforced() {
    let (cx, mut tx) = start();
    let (one, two) = (new_vpc(&cx, &mut tx, "10.1.0.0/16"), new_vpc(&cx, &mut tx, "10.2.0.0/16"));
    let id = create(&cx, &mut tx, &one, &two, Value::Null);
    let cx = later(&cx, 2);
    let accepted = act(&cx, &mut tx, "AcceptVpcPeeringConnection", &id).unwrap();
    assert_eq!(element(&accepted, "code"), "provisioning");
    let input = GetBlocking { vpc_id: one, ..Default::default() };
    let found = blocking::get(&cx, &tx, &input).unwrap().non_compliant_resources;
    assert_eq!(found.into_iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
}

#[test]
fn enforced_peers_rely_on_each_other() {
    let (cx, mut tx) = start();
    let (one, two) = (enforced(&cx, &mut tx, "10.1.0.0/16"), enforced(&cx, &mut tx, "10.2.0.0/16"));
    let cx = later(&cx, 60);
    let id = create(&cx, &mut tx, &one, &two, Value::Null);
    let cx = later(&cx, 2);
    act(&cx, &mut tx, "AcceptVpcPeeringConnection", &id).unwrap();
    let cx = later(&cx, 2);
    let control = control_of(&cx, &tx, &one).vpc_encryption_control_id;
    let delete = DeleteControl { vpc_encryption_control_id: control.clone(), dry_run: None };
    let message = format!(
        "The VPC encryption control '{control}' cannot be deleted: VPC '{two}' is in enforce mode and peers with VPC '{one}'."
    );
    let kept = refusal(change::delete(&cx, &mut tx, &delete));
    assert_eq!(kept, refused("VpcEncryptionControlStateTransitionFailed", &message));
    let mode = |word: &str| ModifyAccountControl { mode: Some(word.into()), ..Default::default() };
    account::modify(&cx, &mut tx, &mode("attempt-monitor")).unwrap();
    let cx = later(&cx, 60);
    for vpc_id in [&one, &two] {
        let shown = control_of(&cx, &tx, vpc_id);
        assert_eq!((shown.mode, shown.state.as_str()), ("enforce", "monitor-failed"));
    }
    let shown = account::describe(&cx, &tx, &Default::default()).unwrap().account_vpc_encryption_control;
    assert_eq!(shown.state, "transitions-partially-successful", "the default VPC is only watched");
    // One that failed can be changed again.
    account::modify(&cx, &mut tx, &mode("unmanaged")).unwrap();
    assert_eq!(enforce(&cx, &mut tx, &control).unwrap().state, "enforce-in-progress");
}

#[test]
fn a_vpc_that_an_enforced_peer_relies_on_excludes_nothing_but_peering() {
    let (cx, mut tx) = start();
    let other = other_account(&cx).apart();
    let (one, two) = (enforced(&cx, &mut tx, "10.1.0.0/16"), enforced(&other, &mut tx, "10.2.0.0/16"));
    let (cx, other) = (later(&cx, 60), later(&other, 60));
    let id = create(&cx, &mut tx, &one, &two, json!({"PeerOwnerId": "210987654321"}));
    let (cx, other) = (later(&cx, 2), later(&other, 2));
    act(&other, &mut tx, "AcceptVpcPeeringConnection", &id).unwrap();
    let cx = later(&cx, 2);
    let failed = "VpcEncryptionControlStateTransitionFailed";
    let control = control_of(&cx, &tx, &one).vpc_encryption_control_id;
    let changed = || ModifyControl { vpc_encryption_control_id: control.clone(), ..Default::default() };
    let internet = || ModifyControl { internet_gateway_exclusion: Some("enable".into()), ..changed() };
    assert_eq!(refusal(change::modify(&cx, &mut tx, &internet())).0, failed);
    let mode = |word: &str| ModifyAccountControl { mode: Some(word.into()), ..Default::default() };
    let all = ModifyAccountControl { internet_gateway: Some("enable".into()), ..mode("attempt-enforce") };
    account::modify(&cx, &mut tx, &all).unwrap();
    let cx = later(&cx, 60);
    let shown = control_of(&cx, &tx, &one);
    assert_eq!((shown.mode, shown.state.as_str()), ("enforce", "enforce-failed"));
    assert_eq!(shown.resource_exclusions.unwrap().internet_gateway.state, "disabled");
    account::modify(&cx, &mut tx, &mode("unmanaged")).unwrap();
    // With peering it may be excluded, and peering can then not be included again.
    let both = ModifyControl { vpc_peering_exclusion: Some("enable".into()), ..internet() };
    change::modify(&cx, &mut tx, &both).unwrap();
    let cx = later(&cx, 60);
    let back = ModifyControl { vpc_peering_exclusion: Some("disable".into()), ..changed() };
    assert_eq!(refusal(change::modify(&cx, &mut tx, &back)).0, failed);
}
