//! Starting, stopping, terminating, and what a reader sees in between.

use super::*;
use crate::instance::lifecycle::{
    RebootInstances, StartInstances, Starting, StateChange, StopInstances, Stopping, TerminateInstances, Terminating,
};
use crate::instance::run::input::{ProfileSpecification, RunInstances};
use crate::network::interface;
use crate::tests::refused;
use crate::volume::Volume;

fn stop(cx: &Cx, tx: &mut Tx, id: &str) -> Result<Stopping, ApiError> {
    lifecycle::stop(cx, tx, &StopInstances { instance_ids: vec![id.into()], ..StopInstances::default() })
}

fn start_again(cx: &Cx, tx: &mut Tx, id: &str) -> Result<Starting, ApiError> {
    lifecycle::start(cx, tx, &StartInstances { instance_ids: vec![id.into()], ..StartInstances::default() })
}

fn terminate(cx: &Cx, tx: &mut Tx, id: &str) -> Result<Terminating, ApiError> {
    lifecycle::terminate(cx, tx, &TerminateInstances { instance_ids: vec![id.into()], ..TerminateInstances::default() })
}

fn words(change: &StateChange) -> (&'static str, &'static str) {
    (change.previous_state.name, change.current_state.name)
}

#[test]
fn stop_and_start() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let refused = refusal(stop(&cx, &mut tx, &id));
    let text = format!("This instance '{id}' is not in a state from which it can be stopped.");
    assert_eq!(refused, ("IncorrectInstanceState".into(), text));

    let cx = later(&cx, 10);
    let running = described(&cx, &tx, &id);
    assert_eq!(words(&stop(&cx, &mut tx, &id).unwrap().stopping_instances[0]), ("running", "stopping"));
    let refused = refusal(start_again(&cx, &mut tx, &id));
    let text = format!("The instance '{id}' is not in a state from which it can be started.");
    assert_eq!(refused, ("IncorrectInstanceState".into(), text));

    let cx = later(&cx, 10);
    let stopped = described(&cx, &tx, &id);
    assert_eq!(stopped.state.unwrap().name, "stopped");
    assert_eq!(stopped.public_ip_address, None, "a public address is given back");
    assert_eq!(stopped.private_ip_address, running.private_ip_address, "a private address stays");
    assert_eq!(stopped.state_reason.unwrap().code, "Client.UserInitiatedShutdown");
    assert!(stopped.state_transition_reason.starts_with("User initiated ("), "{}", stopped.state_transition_reason);
    assert_eq!(words(&stop(&cx, &mut tx, &id).unwrap().stopping_instances[0]), ("stopped", "stopped"));

    assert_eq!(words(&start_again(&cx, &mut tx, &id).unwrap().starting_instances[0]), ("stopped", "pending"));
    let cx = later(&cx, 10);
    let again = described(&cx, &tx, &id);
    assert_eq!(again.state.unwrap().name, "running");
    assert!(again.public_ip_address.is_some());
    assert_ne!(again.launch_time, running.launch_time);
    assert_eq!(again.state_transition_reason, "");
    assert_eq!(words(&start_again(&cx, &mut tx, &id).unwrap().starting_instances[0]), ("running", "running"));
}

#[test]
fn how_long_changes_take() {
    let cases: &[(States, i64, &str)] = &[
        (States::Instant, 0, "running"),
        (States::Quick, 0, "pending"),
        (States::Quick, 1, "running"),
        (States::Aws, 5, "pending"),
        (States::Aws, 30, "running"),
        // A clock that was moved back makes nothing younger than new.
        (States::Quick, -100, "pending"),
        (States::Instant, -100, "running"),
    ];
    for (states, seconds, expected) in cases {
        let (cx, mut tx) = start();
        let cx = in_states(&cx, *states);
        let id = one(&cx, &mut tx);
        assert_eq!(state_name(&later(&cx, *seconds), &tx, &id), *expected, "{states:?} after {seconds} s");
    }
}

#[test]
fn termination_takes_everything_along() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let cx = later(&cx, 10);
    assert_eq!(words(&terminate(&cx, &mut tx, &id).unwrap().terminating_instances[0]), ("running", "shutting-down"));
    let held = |world: &World| {
        let interfaces = interface::of_instance(world, cx.account(), cx.region_name(), &id);
        (world.count::<Volume>(&[]), interfaces.len())
    };
    assert_eq!(held(&tx), (1, 1));
    let cx = later(&cx, 60);
    assert_eq!(held(&tx.at(cx.now)), (0, 0));
    let gone = described(&cx, &tx, &id);
    assert_eq!(gone.state.unwrap().name, "terminated");
    assert_eq!((gone.vpc_id, gone.subnet_id, gone.private_ip_address), (None, None, None));
    assert!(
        gone.network_interfaces.is_empty() && gone.block_device_mappings.is_empty() && gone.security_groups.is_empty()
    );
    assert_eq!(words(&terminate(&cx, &mut tx, &id).unwrap().terminating_instances[0]), ("terminated", "terminated"));
    assert_eq!(refusal(start_again(&cx, &mut tx, &id)).0, "IncorrectInstanceState");

    let cx = later(&cx, 3600);
    let world = at(&cx, &tx);
    let error = find(&cx, &world, &id).unwrap_err();
    assert_eq!(error.code, "InvalidInstanceID.NotFound");
    assert_eq!(error.message, format!("The instance ID '{id}' does not exist"));
}

#[test]
fn protected_instances_stay() {
    for (field, act) in [("disableApiTermination", "terminated"), ("disableApiStop", "stopped")] {
        let (cx, mut tx) = start();
        let input = RunInstances {
            disable_api_termination: Some(act == "terminated"),
            disable_api_stop: Some(act == "stopped"),
            ..wish(&cx)
        };
        let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
        let cx = later(&cx, 10);
        let other = one(&cx, &mut tx);
        let cx = later(&cx, 10);
        let both = vec![other.clone(), id.clone()];
        let refused = if act == "terminated" {
            refusal(lifecycle::terminate(
                &cx,
                &mut tx,
                &TerminateInstances { instance_ids: both, ..TerminateInstances::default() },
            ))
        } else {
            refusal(lifecycle::stop(&cx, &mut tx, &StopInstances { instance_ids: both, ..StopInstances::default() }))
        };
        let text =
            format!("The instance '{id}' may not be {act}. Modify its '{field}' instance attribute and try again.");
        assert_eq!(refused, ("OperationNotPermitted".into(), text));
        assert_eq!(state_name(&cx, &tx, &other), "running", "all or none");
    }
}

#[test]
fn one_unknown_id_fails_the_whole_list() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let cx = later(&cx, 10);
    let missing = "i-0123456789abcdef0";
    let cases: &[(&[&str], &str, &str)] = &[
        (&[&id, missing], "InvalidInstanceID.NotFound", "The instance ID 'i-0123456789abcdef0' does not exist"),
        (
            &[missing, "i-0123456789abcdef1"],
            "InvalidInstanceID.NotFound",
            "The instance IDs 'i-0123456789abcdef0, i-0123456789abcdef1' do not exist",
        ),
        (&[&id, "i-xyz"], "InvalidInstanceID.Malformed", "Invalid id: \"i-xyz\""),
    ];
    for (ids, code, message) in cases {
        let instance_ids = ids.iter().map(|id| (*id).to_owned()).collect();
        let refused =
            refusal(lifecycle::stop(&cx, &mut tx, &StopInstances { instance_ids, ..StopInstances::default() }));
        assert_eq!((refused.0.as_str(), refused.1.as_str()), (*code, *message));
        assert_eq!(state_name(&cx, &tx, &id), "running");
    }
}

#[test]
fn reboots() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let input = RebootInstances { instance_ids: vec![id.clone()], dry_run: None };
    let cx = later(&cx, 10);
    assert!(lifecycle::reboot(&cx, &mut tx, &input).is_ok());
    stop(&cx, &mut tx, &id).unwrap();
    let cx = later(&cx, 10);
    let text = format!("Cannot reboot instance {id} that is currently in stopped state.");
    assert_eq!(refusal(lifecycle::reboot(&cx, &mut tx, &input)), refused("IncorrectState", &text));
    terminate(&cx, &mut tx, &id).unwrap();
    assert!(lifecycle::reboot(&later(&cx, 10), &mut tx, &input).is_ok(), "AWS reboots what has ended");
}

#[test]
fn what_is_stopped_is_terminated_at_once() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let cx = later(&cx, 10);
    stop(&cx, &mut tx, &id).unwrap();
    let cx = later(&cx, 10);
    let reason = described(&cx, &tx, &id).state_transition_reason;
    assert_eq!(words(&terminate(&cx, &mut tx, &id).unwrap().terminating_instances[0]), ("stopped", "terminated"));
    let gone = described(&cx, &tx, &id);
    assert_eq!((gone.state.unwrap().name, gone.state_transition_reason), ("terminated", reason));
    assert_eq!(gone.state_reason.unwrap().code, "Client.UserInitiatedShutdown");
}

#[test]
fn a_retried_launch_after_the_end() {
    let (cx, mut tx) = start();
    let input = RunInstances { client_token: Some("t".into()), ..wish(&cx) };
    let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
    let cx = later(&cx, 10);
    assert_eq!(launch(&cx, &mut tx, &input).instances[0].instance_id, id);
    terminate(&cx, &mut tx, &id).unwrap();
    let text = "The client token you have provided is associated with a terminated instance. Please use a different client token.";
    assert_eq!(refusal(run::run(&cx, &mut tx, &input)), refused("IdempotentInstanceTerminated", text));
    let cx = later(&cx, 7200);
    let mut tx = Tx::on(at(&cx, &tx));
    assert_eq!(refusal(run::run(&cx, &mut tx, &input)).0, "IdempotentInstanceTerminated");
}

/// Named here so that the helper's type is used where profiles matter.
#[test]
fn a_profile_is_given_back_at_the_end() {
    let (cx, mut tx) = start();
    super::associations::profile(&cx, &mut tx, "web", true);
    let wanted = ProfileSpecification { name: Some("web".into()), arn: None };
    let input = RunInstances { iam_instance_profile: Some(wanted), ..wish(&cx) };
    let id = launch(&cx, &mut tx, &input).instances[0].instance_id.clone();
    let held = find(&cx, &tx, &id).unwrap().clone();
    assert!(association_of(&tx, &held).is_some());
    terminate(&later(&cx, 10), &mut tx, &id).unwrap();
    assert!(association_of(&tx, &held).is_none());
}
