//! Controls through their modes, what blocks and what is refused, and the mode of an account.

use service::prelude::*;

use super::account::{self, DescribeAccountControl, ModifyAccountControl};
use super::blocking::{self, GetBlocking};
use super::change::{self, CreateControl, DeleteControl, ModifyControl};
use super::*;
use crate::family::peering::Side;
use crate::network::internet_gateway::change::{Attachment, CreateInternetGateway, attach, create as new_gateway};
use crate::network::vpc;
use crate::tests::{later, list, refusal, refused, start};

fn new_vpc(cx: &Cx, tx: &mut Tx, cidr: &str, control: Option<Configuration>) -> String {
    let input =
        vpc::create::CreateVpc { cidr_block: Some(cidr.into()), vpc_encryption_control: control, ..Default::default() };
    vpc::create::create(cx, tx, &input).unwrap().vpc.vpc_id
}

fn new_control(cx: &Cx, tx: &mut Tx, vpc_id: &str) -> ControlOut {
    let input = CreateControl { vpc_id: vpc_id.into(), ..Default::default() };
    change::create(cx, tx, &input).unwrap().vpc_encryption_control
}

fn with_gateway(cx: &Cx, tx: &mut Tx, vpc_id: &str) -> Result<String, ApiError> {
    let made = new_gateway(cx, tx, &CreateInternetGateway::default())?.internet_gateway.internet_gateway_id;
    let input = Attachment { internet_gateway_id: made.clone(), vpc_id: vpc_id.into(), dry_run: None };
    attach(cx, tx, &input).map(|_| made)
}

fn blockers(cx: &Cx, tx: &Tx, vpc_id: &str) -> Vec<(String, String, bool)> {
    let input = GetBlocking { vpc_id: vpc_id.into(), ..Default::default() };
    let found = blocking::get(cx, tx, &input).unwrap().non_compliant_resources;
    found.into_iter().map(|it| (it.id, it.r#type, it.is_excludable)).collect()
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> ControlOut {
    let input = DescribeControls { vpc_encryption_control_ids: list(&[id]), ..Default::default() };
    describe(cx, tx, &input).unwrap().vpc_encryption_controls.remove(0)
}

#[test]
fn a_vpc_is_watched_then_enforced() {
    let (cx, mut tx) = start();
    let vpc_id = new_vpc(&cx, &mut tx, "10.1.0.0/16", None);
    let made = new_control(&cx, &mut tx, &vpc_id);
    let id = made.vpc_encryption_control_id.as_str();
    assert_eq!((made.mode, made.state.as_str(), &made.resource_exclusions), ("monitor", "creating", &None));
    let enforce =
        ModifyControl { vpc_encryption_control_id: id.into(), mode: Some("enforce".into()), ..Default::default() };
    assert_eq!(refusal(change::modify(&cx, &mut tx, &enforce)).0, "IncorrectState");
    let cx = later(&cx, 60);
    assert_eq!((seen(&cx, &tx, id).state, seen(&cx, &tx, id).state_message), ("available".into(), Some("succeeded")));
    let gateway = with_gateway(&cx, &mut tx, &vpc_id).unwrap();
    assert_eq!(blockers(&cx, &tx, &vpc_id), [(gateway, "internet-gateway".into(), true)]);
    let message = format!(
        "The VPC encryption control '{id}' cannot transition to enforce mode: resources in VPC '{vpc_id}' block the enforcement of encryption."
    );
    assert_eq!(
        refusal(change::modify(&cx, &mut tx, &enforce)),
        refused("VpcEncryptionControlStateTransitionFailed", &message)
    );
    let enforce = ModifyControl { internet_gateway_exclusion: Some("enable".into()), ..enforce };
    let changed = change::modify(&cx, &mut tx, &enforce).unwrap().vpc_encryption_control;
    assert_eq!((changed.mode, changed.state.as_str()), ("enforce", "enforce-in-progress"));
    let begun = changed.resource_exclusions.unwrap();
    assert_eq!((begun.internet_gateway.state, begun.nat_gateway.state), ("enabling", "disabled"));
    let cx = later(&cx, 60);
    let now = seen(&cx, &tx, id).resource_exclusions.unwrap();
    assert_eq!((now.internet_gateway.state, now.nat_gateway.state), ("enabled", "disabled"));
    assert!(blockers(&cx, &tx, &vpc_id).is_empty());
    let include = ModifyControl {
        vpc_encryption_control_id: id.into(),
        internet_gateway_exclusion: Some("disable".into()),
        ..Default::default()
    };
    assert_eq!(refusal(change::modify(&cx, &mut tx, &include)).0, "VpcEncryptionControlStateTransitionFailed");
    let monitor = ModifyControl { mode: Some("monitor".into()), internet_gateway_exclusion: None, ..include };
    change::modify(&cx, &mut tx, &monitor).unwrap();
    let cx = later(&cx, 60);
    assert_eq!((seen(&cx, &tx, id).mode, seen(&cx, &tx, id).resource_exclusions), ("monitor", None));
    let delete = DeleteControl { vpc_encryption_control_id: id.into(), dry_run: None };
    assert_eq!(change::delete(&cx, &mut tx, &delete).unwrap().vpc_encryption_control.state, "deleting");
    let cx = later(&cx, 60);
    let tx = tx.at(cx.now);
    let input = DescribeControls { vpc_encryption_control_ids: list(&[id]), ..Default::default() };
    assert_eq!(
        refusal(describe(&cx, &tx, &input)),
        refused(
            "InvalidVpcEncryptionControlId.NotFound",
            &format!("The vpcEncryptionControl ID '{id}' does not exist")
        )
    );
}

#[test]
fn a_new_vpc_is_enforced_at_once() {
    let (cx, mut tx) = start();
    let wanted =
        Configuration { mode: "enforce".into(), nat_gateway_exclusion: Some("enable".into()), ..Default::default() };
    let vpc_id = new_vpc(&cx, &mut tx, "10.1.0.0/16", Some(wanted.clone()));
    let input = vpc::DescribeVpcs { vpc_ids: list(&[&vpc_id]), ..Default::default() };
    let shown = vpc::describe(&cx, &tx, &input).unwrap().vpcs.remove(0).encryption_control.unwrap();
    let id = shown.vpc_encryption_control_id;
    assert_eq!((shown.mode, shown.resource_exclusions.unwrap().nat_gateway.state), ("enforce", "enabling"));
    let message = format!(
        "The operation violates the VPC encryption control '{id}' of VPC '{vpc_id}', which is in enforce mode: internet gateways are not excluded."
    );
    assert_eq!(refusal(with_gateway(&cx, &mut tx, &vpc_id)), refused("VpcEncryptionControlViolation", &message));
    let message = format!(
        "The operation violates the VPC encryption control '{id}' of VPC '{vpc_id}', which is in enforce mode: instance type 't2.micro' does not support encryption in transit."
    );
    assert_eq!(
        refusal(enforce::may_run(&cx, &tx, &vpc_id, "t2.micro")),
        refused("VpcEncryptionControlViolation", &message)
    );
    assert_eq!(enforce::may_run(&cx, &tx, &vpc_id, "m7g.medium"), Ok(()));
    let theirs = crate::share::cx_of(&cx, "210987654321".parse().unwrap());
    let side = |cx: &Cx, vpc_id: &str| Side {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        vpc_id: vpc_id.to_owned(),
    };
    let refusal_there = refusal(enforce::may_peer(&theirs, &tx, &side(&cx, &vpc_id), &side(&theirs, "vpc-12345678")));
    let message = format!(
        "The operation violates the VPC encryption control of VPC '{vpc_id}', which is in enforce mode: VPC peering connections are not excluded."
    );
    assert_eq!(refusal_there.1, message, "its id is its account's alone");
    assert_eq!(refusal(enforce::may_have_balancer(&cx, &tx, &vpc_id)).0, "VpcEncryptionControlViolation");
    assert_eq!(enforce::may_have(&cx, &tx, &vpc_id, Traffic::NatGateway), Ok(()));
    let monitored = Configuration { mode: "monitor".into(), ..wanted };
    let input = vpc::create::CreateVpc {
        cidr_block: Some("10.2.0.0/16".into()),
        vpc_encryption_control: Some(monitored),
        ..Default::default()
    };
    assert_eq!(refusal(vpc::create::create(&cx, &mut tx, &input)).0, "InvalidParameterCombination");
    let gone = vpc::create::DeleteVpc { vpc_id, dry_run: None };
    vpc::create::delete(&cx, &mut tx, &gone).unwrap();
    assert!(describe(&cx, &tx, &DescribeControls::default()).unwrap().vpc_encryption_controls.is_empty());
}

#[test]
fn an_account_tries_all_its_vpcs() {
    let (cx, mut tx) = start();
    let vpc_id = new_vpc(&cx, &mut tx, "10.1.0.0/16", None);
    let shown = |cx: &Cx, tx: &Tx| account::describe(cx, tx, &DescribeAccountControl::default()).unwrap();
    assert_eq!(shown(&cx, &tx).account_vpc_encryption_control.state, "default-state");
    let enforce = ModifyAccountControl { mode: Some("attempt-enforce".into()), ..Default::default() };
    let changed = account::modify(&cx, &mut tx, &enforce).unwrap().account_vpc_encryption_control;
    assert_eq!((changed.state, changed.mode), ("transitions-in-progress", "attempt-enforce"));
    let cx = later(&cx, 60);
    assert_eq!(shown(&cx, &tx).account_vpc_encryption_control.state, "transitions-partially-successful");
    // The default VPC has an internet gateway.
    let default = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap();
    let of_vpc = |cx: &Cx, tx: &Tx, vpc_id: &str| out(cx, &of(tx, cx.account(), cx.region_name(), vpc_id).unwrap());
    assert_eq!(
        (of_vpc(&cx, &tx, &default.id).mode, of_vpc(&cx, &tx, &default.id).state.as_str()),
        ("monitor", "enforce-failed")
    );
    assert_eq!((of_vpc(&cx, &tx, &vpc_id).mode, of_vpc(&cx, &tx, &vpc_id).state.as_str()), ("enforce", "available"));
    let id = of_vpc(&cx, &tx, &vpc_id).vpc_encryption_control_id;
    let modify = ModifyControl { vpc_encryption_control_id: id, mode: Some("monitor".into()), ..Default::default() };
    assert_eq!(refusal(change::modify(&cx, &mut tx, &modify)).0, "OperationNotPermitted");
    let exclude = ModifyAccountControl { internet_gateway: Some("enable".into()), ..Default::default() };
    account::modify(&cx, &mut tx, &exclude).unwrap();
    let cx = later(&cx, 60);
    let now = shown(&cx, &tx).account_vpc_encryption_control;
    assert_eq!((now.state, now.exclusions.internet_gateway), ("transitions-successful", "enabled"));
    // An exclusion changes by itself.
    let change = |cx: &Cx, tx: &mut Tx, word: &str| {
        let input = ModifyAccountControl { nat_gateway: Some(word.into()), ..Default::default() };
        let now = account::modify(cx, tx, &input).unwrap().account_vpc_encryption_control.exclusions;
        (now.internet_gateway, now.nat_gateway, now.lambda)
    };
    assert_eq!(change(&cx, &mut tx, "enable"), ("enabled", "enabling", "disabled"));
    let cx = later(&cx, 60);
    assert_eq!(change(&cx, &mut tx, "disable"), ("enabled", "disabling", "disabled"));
    let cx = later(&cx, 60);
    let new = new_vpc(&cx, &mut tx, "10.9.0.0/16", None);
    assert_eq!(of_vpc(&cx, &tx, &new).mode, "enforce");
    let leave = ModifyAccountControl { mode: Some("unmanaged".into()), ..Default::default() };
    account::modify(&cx, &mut tx, &leave).unwrap();
    let cx = later(&cx, 60);
    assert_eq!(shown(&cx, &tx).account_vpc_encryption_control.state, "default-state");
    change::modify(&cx, &mut tx, &modify).unwrap();
    assert_eq!(refusal(account::modify(&cx, &mut tx, &ModifyAccountControl::default())).0, "MissingParameter");
}
