//! What is announced to instances, and what becomes of it: nothing before its time, and everything as of its time, whenever somebody looks.

use super::*;
use crate::instance::notice::event::{self, EventState, NewEvent};
use crate::instance::notice::{self, Action, EventCode, Interruption};
use crate::network::interface;

fn held(tx: &Tx, cx: &Cx, id: &str) -> Instance {
    Instance::clone(find(cx, tx, id).unwrap())
}

/// What a request does first.
fn settled(cx: &Cx, tx: &mut Tx) {
    let world = at(cx, tx);
    if !crate::is_settled(&world, cx.account(), cx.region_name()) {
        crate::settle(cx, tx).unwrap();
    }
}

fn interrupted(cx: &Cx, tx: &mut Tx, action: Action) -> String {
    let id = one(cx, tx);
    let instance = held(tx, cx, &id);
    notice::interrupt(tx, &instance, Interruption { action, at: later(cx, 120).now });
    id
}

#[test]
fn an_interruption_waits_for_its_time() {
    let (cx, mut tx) = start();
    let id = interrupted(&cx, &mut tx, Action::Terminate);
    let before = later(&cx, 119);
    settled(&before, &mut tx);
    assert_eq!(state_name(&before, &tx, &id), "running");
    assert!(notice::of(&tx, &held(&tx, &cx, &id)).is_some());
    let after = later(&cx, 122);
    settled(&after, &mut tx);
    assert_eq!(state_name(&after, &tx, &id), "terminated");
    let instance = held(&tx, &cx, &id);
    assert_eq!(instance.terminated_at(), Some(later(&cx, 120).now), "as of its time");
    assert!(notice::of(&tx, &instance).is_none());
    assert!(interface::of_instance(&at(&after, &tx), cx.account(), cx.region_name(), &id).is_empty());
    assert!(notice::due_places(&at(&after, &tx)).is_empty());
}

#[test]
fn whoever_stopped_it_before_stopped_it() {
    let (cx, mut tx) = start();
    let id = interrupted(&cx, &mut tx, Action::Stop);
    let cx = later(&cx, 10);
    let list = lifecycle::StopInstances { instance_ids: vec![id.clone()], ..Default::default() };
    lifecycle::stop(&cx, &mut tx, &list).unwrap();
    let cx = later(&cx, 200);
    settled(&cx, &mut tx);
    let reason = described(&cx, &tx, &id).state_reason.unwrap();
    assert_eq!(reason.code, "Client.UserInitiatedShutdown");
}

#[test]
fn other_accounts_and_regions_are_not_touched() {
    let (cx, mut tx) = start();
    interrupted(&cx, &mut tx, Action::Stop);
    let elsewhere = crate::tests::in_region(&later(&cx, 300), "eu-west-1");
    assert!(!notice::is_due(&at(&elsewhere, &tx), elsewhere.account(), "eu-west-1"));
    assert_eq!(notice::due_places(&at(&elsewhere, &tx)), [(cx.account(), "us-east-1".to_owned())]);
}

fn scheduled(cx: &Cx, tx: &mut Tx, id: &str, code: EventCode) -> notice::InstanceEvent {
    let instance = held(tx, cx, id);
    let (not_before, not_after) = (later(cx, 3_600).now, later(cx, 7_200).now);
    event::schedule(cx, tx, &instance, NewEvent { code, description: None, not_before, not_after, deadline: None })
}

#[test]
fn events_end_in_their_own_ways() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let maintenance = scheduled(&cx, &mut tx, &id, EventCode::SystemMaintenance);
    assert_eq!(maintenance.state_at(cx.now), EventState::Active);
    assert_eq!(maintenance.state_at(later(&cx, 7_200).now), EventState::Completed);
    assert_eq!(maintenance.description_at(later(&cx, 7_200).now), "[Completed] scheduled maintenance");
    assert!(event::cancel(&mut tx, &maintenance, cx.now));
    let ended = event::of_instance(&tx, &held(&tx, &cx, &id)).remove(0);
    assert_eq!(ended.state_at(later(&cx, 7_200).now), EventState::Canceled);
    assert!(!event::cancel(&mut tx, &ended, cx.now), "it is over");
    assert!(event::of_instance(&at(&later(&cx, 8 * 24 * 3_600), &tx), &held(&tx, &cx, &id)).is_empty());
}

#[test]
fn a_retirement_stops_the_instance_once() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    scheduled(&cx, &mut tx, &id, EventCode::InstanceRetirement);
    let then = later(&cx, 3_700);
    settled(&then, &mut tx);
    assert_eq!(state_name(&then, &tx, &id), "stopped");
    assert_eq!(described(&then, &tx, &id).state_reason.unwrap().code, "Server.ScheduledStop");
    assert!(!notice::is_due(&at(&then, &tx), cx.account(), cx.region_name()));
    let list = lifecycle::StartInstances { instance_ids: vec![id.clone()], ..Default::default() };
    lifecycle::start(&then, &mut tx, &list).unwrap();
    let then = later(&then, 4_000);
    settled(&then, &mut tx);
    assert_eq!(state_name(&then, &tx, &id), "running");
}

#[test]
fn everything_goes_with_the_instance() {
    let (cx, mut tx) = start();
    let id = interrupted(&cx, &mut tx, Action::Stop);
    scheduled(&cx, &mut tx, &id, EventCode::InstanceStop);
    let list = lifecycle::TerminateInstances { instance_ids: vec![id.clone()], ..Default::default() };
    lifecycle::terminate(&cx, &mut tx, &list).unwrap();
    let instance = held(&tx, &cx, &id);
    assert!(notice::of(&tx, &instance).is_none() && event::of_instance(&tx, &instance).is_empty());
    assert!(!notice::is_due(&at(&later(&cx, 9_000), &tx), cx.account(), cx.region_name()));
}

#[test]
fn documented_filters_are_known() {
    use crate::instance::{connect_endpoint, event_window, image_metadata, topology};
    use crate::tests::knows_filters;

    let (cx, mut tx) = start();
    one(&cx, &mut tx);
    knows_filters("DescribeInstanceEventWindows", |filters| {
        let input = event_window::describe::DescribeInstanceEventWindows { filters, ..Default::default() };
        event_window::describe::describe(&cx, &tx, &input).map(|it| it.instance_event_windows.len())
    });
    knows_filters("DescribeInstanceConnectEndpoints", |filters| {
        let input = connect_endpoint::describe::DescribeInstanceConnectEndpoints { filters, ..Default::default() };
        connect_endpoint::describe::describe(&cx, &tx, &input).map(|it| it.instance_connect_endpoints.len())
    });
    knows_filters("DescribeInstanceTopology", |filters| {
        let input = topology::DescribeInstanceTopology { filters, ..Default::default() };
        topology::describe(&cx, &tx, &input).map(|it| it.instances.len())
    });
    knows_filters("DescribeInstanceImageMetadata", |filters| {
        let input = image_metadata::DescribeInstanceImageMetadata { filters, ..Default::default() };
        image_metadata::describe(&cx, &tx, &input).map(|it| it.instance_image_metadata.len())
    });
}
