//! Attributes, metadata options, credits and monitoring: what is changed is what is read afterwards.

use super::*;
use crate::instance::attribute::describe::{DescribeInstanceAttribute, Flag, InstanceAttribute, Text};
use crate::instance::attribute::modify::{Blob, DeviceChange, EbsChange, ModifyInstanceAttribute};
use crate::instance::credit::DescribeInstanceCreditSpecifications;
use crate::instance::lifecycle::StopInstances;
use crate::instance::metadata_options::ModifyInstanceMetadataOptions;
use crate::instance::monitoring::Monitor;

fn read(cx: &Cx, tx: &Tx, id: &str, attribute: &str) -> InstanceAttribute {
    let input = DescribeInstanceAttribute { instance_id: id.into(), attribute: attribute.into(), dry_run: None };
    attribute::describe::describe(cx, &at(cx, tx), &input).unwrap()
}

fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyInstanceAttribute) -> Result<(), ApiError> {
    attribute::modify::check(cx, tx, input)?;
    attribute::modify::modify(cx, tx, input).map(|_| ())
}

fn on(id: &str) -> ModifyInstanceAttribute {
    ModifyInstanceAttribute { instance_id: id.into(), ..ModifyInstanceAttribute::default() }
}

fn pair(id: &str, attribute: &str, value: &str) -> ModifyInstanceAttribute {
    ModifyInstanceAttribute { attribute: Some(attribute.into()), value: Some(value.into()), ..on(id) }
}

fn stopped(cx: &Cx, tx: &mut Tx, id: &str) -> Cx {
    let cx = later(cx, 10);
    lifecycle::stop(&cx, tx, &StopInstances { instance_ids: vec![id.into()], ..StopInstances::default() }).unwrap();
    later(&cx, 10)
}

#[test]
fn what_a_launch_shares_is_changed_of_one_instance_alone() {
    let (cx, mut tx) = start();
    let launched = launch(&cx, &mut tx, &RunInstances { min_count: 2, max_count: 2, ..wish(&cx) });
    let [one, other] = [0, 1].map(|at| launched.instances[at].instance_id.clone());
    let held = |tx: &Tx, id: &String| find(&cx, tx, id).unwrap().clone();
    assert!(std::sync::Arc::ptr_eq(&held(&tx, &one).attributes, &held(&tx, &other).attributes));
    assert!(std::sync::Arc::ptr_eq(&held(&tx, &one).image, &held(&tx, &other).image));
    modify(&cx, &mut tx, &ModifyInstanceAttribute { disable_api_stop: Some(Flag { value: Some(true) }), ..on(&one) })
        .unwrap();
    let protected = [&one, &other].map(|id| held(&tx, id).attributes.disable_api_stop);
    assert_eq!(protected, [true, false]);
}

#[test]
fn both_forms_change_the_same() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let flag = |value| Some(Flag { value: Some(value) });
    modify(&cx, &mut tx, &pair(&id, "disableApiTermination", "true")).unwrap();
    assert_eq!(read(&cx, &tx, &id, "disableApiTermination").disable_api_termination, flag(true));
    modify(&cx, &mut tx, &ModifyInstanceAttribute { disable_api_termination: flag(false), ..on(&id) }).unwrap();
    assert_eq!(read(&cx, &tx, &id, "disableApiTermination").disable_api_termination, flag(false));
    modify(&cx, &mut tx, &ModifyInstanceAttribute { source_dest_check: flag(false), ..on(&id) }).unwrap();
    assert_eq!(read(&cx, &tx, &id, "sourceDestCheck").source_dest_check, flag(false));
    assert_eq!(described(&cx, &tx, &id).source_dest_check, Some(false));
    modify(&cx, &mut tx, &pair(&id, "instanceInitiatedShutdownBehavior", "terminate")).unwrap();
    let behavior =
        read(&cx, &tx, &id, "instanceInitiatedShutdownBehavior").instance_initiated_shutdown_behavior.unwrap();
    assert_eq!(behavior.value.as_deref(), Some("terminate"));
}

#[test]
fn what_needs_a_stopped_instance() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let inputs = [
        pair(&id, "instanceType", "t3.small"),
        ModifyInstanceAttribute { user_data: Some(Blob { value: Some(b"#!/bin/sh\n".to_vec()) }), ..on(&id) },
        ModifyInstanceAttribute { ebs_optimized: Some(Flag { value: Some(true) }), ..on(&id) },
    ];
    for input in &inputs {
        let refused = refusal(modify(&later(&cx, 10), &mut tx, input));
        assert_eq!(
            refused,
            ("IncorrectInstanceState".into(), format!("The instance '{id}' is not in the 'stopped' state."))
        );
    }
    let cx = stopped(&cx, &mut tx, &id);
    for input in &inputs {
        modify(&cx, &mut tx, input).unwrap();
    }
    assert_eq!(described(&cx, &tx, &id).instance_type, "t3.small");
    assert_eq!(read(&cx, &tx, &id, "userData").user_data, Some(Text { value: Some("IyEvYmluL3NoCg==".into()) }));
    assert!(described(&cx, &tx, &id).ebs_optimized);
    let refused = refusal(modify(&cx, &mut tx, &pair(&id, "instanceType", "t4g.micro")));
    assert_eq!(refused.0, "InvalidParameterValue", "another architecture: {}", refused.1);
}

#[test]
fn one_attribute_at_a_time() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let combination = "InvalidParameterCombination".to_owned();
    assert_eq!(refusal(modify(&cx, &mut tx, &on(&id))), (combination.clone(), "No attributes specified.".into()));
    let flag = Some(Flag { value: Some(true) });
    let two = ModifyInstanceAttribute { disable_api_stop: flag, disable_api_termination: flag, ..on(&id) };
    let text = "Fields for multiple attribute types specified: disableApiStop, disableApiTermination";
    assert_eq!(refusal(modify(&cx, &mut tx, &two)), (combination, text.into()));
}

#[test]
fn unset_attributes_are_empty_elements() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    assert_eq!(read(&cx, &tx, &id, "userData").user_data, Some(Text { value: None }));
    assert_eq!(read(&cx, &tx, &id, "kernel").kernel_id, Some(Text { value: None }));
    assert_eq!(read(&cx, &tx, &id, "userData").instance_type, None, "only what was asked for");
    assert_eq!(read(&cx, &tx, &id, "groupSet").groups.unwrap().len(), 1);
}

#[test]
fn a_volume_may_stay_behind() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let change = |device: &str| DeviceChange {
        device_name: Some(device.into()),
        ebs: Some(EbsChange { delete_on_termination: Some(false), volume_id: None }),
    };
    let input = |device| ModifyInstanceAttribute { block_device_mappings: Some(vec![change(device)]), ..on(&id) };
    modify(&cx, &mut tx, &input("/dev/xvda")).unwrap();
    let refused = refusal(modify(&cx, &mut tx, &input("/dev/sdz")));
    assert_eq!(refused, ("InvalidInstanceAttributeValue".into(), "No device is currently mapped at /dev/sdz".into()));
    let list = lifecycle::TerminateInstances { instance_ids: vec![id], ..lifecycle::TerminateInstances::default() };
    lifecycle::terminate(&cx, &mut tx, &list).unwrap();
    let volumes =
        crate::volume::describe::describe(&later(&cx, 60), &tx, &crate::volume::describe::DescribeVolumes::default())
            .unwrap()
            .volumes;
    assert_eq!((volumes.len(), volumes[0].state), (1, "available"));
}

#[test]
fn metadata_options_change_at_once() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let input = ModifyInstanceMetadataOptions {
        instance_id: id.clone(),
        http_tokens: Some("optional".into()),
        http_put_response_hop_limit: Some(64),
        instance_metadata_tags: Some("enabled".into()),
        ..ModifyInstanceMetadataOptions::default()
    };
    let answer = metadata_options::modify(&cx, &mut tx, &input).unwrap().instance_metadata_options;
    assert_eq!((answer.state, answer.http_tokens, answer.http_put_response_hop_limit), ("pending", "optional", 64));
    assert_eq!(described(&later(&cx, 10), &tx, &id).metadata_options.unwrap().state, "applied");
    let held = find(&cx, &tx, &id).unwrap();
    assert!(held.metadata.instance_metadata_tags && held.metadata.http_tokens == Tokens::Optional);

    let checks = metadata_options::to_modify(&cx, &tx, &input);
    assert!(checks[0].keys.contains(&("ec2:Attribute/HttpTokens".into(), vec!["optional".into()])));
    let bad = ModifyInstanceMetadataOptions { http_put_response_hop_limit: Some(65), ..input };
    assert_eq!(refusal(metadata_options::check(&cx, &tx, &bad)).0, "InvalidParameterValue");
}

#[test]
fn credits_of_burstable_types() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let of =
        |id: &str| DescribeInstanceCreditSpecifications { instance_ids: Some(vec![id.into()]), ..Default::default() };
    let found = credit::describe(&cx, &tx, &of(&id)).unwrap().instance_credit_specifications;
    assert_eq!(found[0].cpu_credits, "unlimited");
    let input = RunInstances { instance_type: Some("m5.large".into()), ..wish(&cx) };
    let other = launch(&later(&cx, 1), &mut tx, &input).instances[0].instance_id.clone();
    assert_eq!(refusal(credit::describe(&cx, &tx, &of(&other))).0, "UnsupportedOperation");
}

#[test]
fn monitoring_takes_a_moment() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let input = Monitor { instance_ids: vec![id.clone()], ..Monitor::default() };
    let answer = monitoring::monitor(&cx, &mut tx, &input).unwrap();
    assert_eq!(answer.instance_monitorings[0].monitoring.state, "pending");
    let cx = later(&cx, 10);
    assert_eq!(described(&cx, &tx, &id).monitoring.state, "enabled");
    monitoring::unmonitor(&cx, &mut tx, &input).unwrap();
    assert_eq!(described(&cx, &tx, &id).monitoring.state, "disabling");
    assert_eq!(described(&later(&cx, 10), &tx, &id).monitoring.state, "disabled");
}
