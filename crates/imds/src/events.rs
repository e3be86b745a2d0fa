//! What an instance is told of its future: `spot/`, `events/` and `autoscaling/`. Times are in the client's clock, like the expiry of credentials.
//!
//! Nothing under `spot/` and `events/recommendations/` is there before it is announced: clients poll and take 404 for "nothing yet".
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>

use ec2::instance::notice::event::{self, EventState};
use ec2::instance::notice::{self, Action, InstanceEvent, Interruption};
use jiff::Timestamp;

use crate::credentials::{document, seconds};
use crate::subject::Subject;
use crate::tree::{Entry, Node};

/// The directory `events/`.
pub const EVENTS: &[Entry] = &[
    Entry { name: "maintenance", since: "2018-08-17", make: |_| Some(Node::Dir(MAINTENANCE)) },
    Entry {
        name: "recommendations",
        since: "2020-10-27",
        make: |subject| rebalance_since(subject).map(|_| Node::Dir(RECOMMENDATIONS)),
    },
];

const MAINTENANCE: &[Entry] = &[
    Entry {
        name: "history",
        since: "2018-08-17",
        make: |subject| Some(maintenance(subject, |state| state != EventState::Active)),
    },
    Entry {
        name: "scheduled",
        since: "2018-08-17",
        make: |subject| Some(maintenance(subject, |state| state == EventState::Active)),
    },
];

const RECOMMENDATIONS: &[Entry] = &[Entry {
    name: "rebalance",
    since: "2020-10-27",
    make: |subject| {
        let since = in_client_clock(subject, rebalance_since(subject)?);
        Some(Node::Text(format!("{{\"noticeTime\": \"{since}\"}}")))
    },
}];

/// The directory `spot/`, while an interruption is announced.
pub fn spot(subject: &Subject<'_>) -> Option<Node> {
    interruption(subject).map(|_| Node::Dir(SPOT))
}

const SPOT: &[Entry] = &[
    Entry {
        name: "instance-action",
        since: "2016-11-15",
        make: |subject| {
            let Interruption { action, at } = interruption(subject)?;
            let at = in_client_clock(subject, at);
            Some(Node::Text(format!("{{\"action\": \"{}\", \"time\": \"{at}\"}}", action.word())))
        },
    },
    // Only an instance that is marked for termination has this one.
    Entry {
        name: "termination-time",
        since: "2014-11-05",
        make: |subject| {
            let Interruption { at, .. } = interruption(subject).filter(|it| it.action == Action::Terminate)?;
            Some(Node::Text(in_client_clock(subject, at)))
        },
    },
];

/// The directory `autoscaling/`, on an instance of a group.
pub fn autoscaling(subject: &Subject<'_>) -> Option<Node> {
    lifecycle(subject).map(|_| Node::Dir(AUTOSCALING))
}

const AUTOSCALING: &[Entry] = &[Entry {
    name: "target-lifecycle-state",
    since: "2021-07-15",
    make: |subject| lifecycle(subject).map(Node::Text),
}];

fn interruption(subject: &Subject<'_>) -> Option<Interruption> {
    notice::of(subject.world, subject.instance)?.interruption
}

fn rebalance_since(subject: &Subject<'_>) -> Option<Timestamp> {
    notice::of(subject.world, subject.instance)?.rebalance
}

fn lifecycle(subject: &Subject<'_>) -> Option<String> {
    notice::of(subject.world, subject.instance)?.lifecycle.clone()
}

fn in_client_clock(subject: &Subject<'_>, at: Timestamp) -> String {
    seconds(subject.cx.expiry_for_client(at))
}

/// The events that stand so, as a list of documents.
fn maintenance(subject: &Subject<'_>, wanted: fn(EventState) -> bool) -> Node {
    let now = subject.cx.now;
    let events = event::of_instance(subject.world, subject.instance);
    let told: Vec<String> =
        events.iter().filter(|event| wanted(event.state_at(now))).map(|event| told(subject, event)).collect();
    Node::Text(if told.is_empty() { "[]".to_owned() } else { format!("[ {} ]", told.join(", ")) })
}

fn told(subject: &Subject<'_>, event: &InstanceEvent) -> String {
    let now = subject.cx.now;
    // `21 Jan 2019 09:00:43 GMT`
    let time = |at: Timestamp| subject.cx.expiry_for_client(at).strftime("%-d %b %Y %H:%M:%S GMT").to_string();
    document(&[
        ("NotBefore", Some(time(event.not_before))),
        ("Code", Some(event.code.word().to_owned())),
        ("Description", Some(event.description_at(now))),
        ("EventId", Some(event.id.clone())),
        ("NotAfter", Some(time(event.not_after))),
        ("State", Some(event.state_at(now).word().to_owned())),
    ])
}
