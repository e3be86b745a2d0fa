//! `dynamic/`: the instance identity document and whether detailed monitoring is on. Its signatures are not built yet.

use crate::credentials::{document, seconds};
use crate::subject::Subject;
use crate::tree::{Entry, Node};

/// The directory `dynamic/`.
pub const DYNAMIC: &[Entry] = &[
    Entry { name: "fws", since: "2009-04-04", make: |_| Some(Node::Dir(FWS)) },
    Entry { name: "instance-identity", since: "2009-04-04", make: |_| Some(Node::Dir(IDENTITY)) },
];

const FWS: &[Entry] = &[Entry {
    name: "instance-monitoring",
    since: "2009-04-04",
    make: |subject| {
        let word = if subject.instance.attributes.monitoring { "enabled" } else { "disabled" };
        Some(Node::Text(word.to_owned()))
    },
}];

const IDENTITY: &[Entry] =
    &[Entry { name: "document", since: "2009-04-04", make: |subject| Some(Node::Text(identity_document(subject))) }];

/// The document, members in alphabetical order as AWS writes them.
fn identity_document(subject: &Subject<'_>) -> String {
    let instance = subject.instance;
    let text = |text: &str| Some(text.to_owned());
    document(&[
        ("accountId", text(instance.account.as_str())),
        ("architecture", text(&instance.image.architecture)),
        ("availabilityZone", text(&instance.placement.zone)),
        ("billingProducts", None),
        ("devpayProductCodes", None),
        ("imageId", text(&instance.image.id)),
        ("instanceId", text(&instance.id)),
        ("instanceType", text(&instance.instance_type)),
        ("kernelId", None),
        ("marketplaceProductCodes", None),
        ("pendingTime", Some(seconds(instance.started_at))),
        ("privateIp", subject.primary().map(|interface| interface.private_ip.to_string())),
        ("ramdiskId", None),
        ("region", text(&instance.region)),
        ("version", text("2017-09-30")),
    ])
}
