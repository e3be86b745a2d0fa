//! `dynamic/`: the instance identity document, its signatures, and whether detailed monitoring is on.
//!
//! `signature` is the bare signature, `pkcs7` and `rsa2048` hold the document as well. AWS makes the first two with older keys than the third; here
//! all three are of one RSA key, and verify in the ways AWS documents for `signature` and `rsa2048`.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-signature.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::credentials::{document, seconds};
use crate::identity_keys::IdentityKeys;
use crate::signed_data;
use crate::subject::Subject;
use crate::tree::{Entry, Node};

/// The directory `dynamic/`.
pub const DYNAMIC: &[Entry] = &[
    // Not there without detailed monitoring (recorded of AWS, September 2026).
    Entry {
        name: "fws",
        since: "2009-04-04",
        make: |subject| subject.instance.attributes.monitoring.then_some(Node::Dir(FWS)),
    },
    Entry { name: "instance-identity", since: "2009-04-04", make: |_| Some(Node::Dir(IDENTITY)) },
];

const FWS: &[Entry] =
    &[Entry { name: "instance-monitoring", since: "2009-04-04", make: |_| Some(Node::Text("enabled".to_owned())) }];

/// The names that are signatures.
pub const SIGNATURES: &[&str] = &["pkcs7", "rsa2048", "signature"];

const IDENTITY: &[Entry] = &[
    Entry { name: "document", since: "2009-04-04", make: |subject| Some(Node::Text(identity_document(subject))) },
    Entry { name: "pkcs7", since: "2009-04-04", make: |_| Some(Node::Made(signed_data)) },
    Entry { name: "rsa2048", since: "2009-04-04", make: |_| Some(Node::Made(signed_data)) },
    Entry { name: "signature", since: "2009-04-04", make: |_| Some(Node::Made(signature)) },
];

fn signature(subject: &Subject<'_>) -> Option<String> {
    let signature = IdentityKeys::of(subject.world)?.sign(identity_document(subject).as_bytes())?;
    Some(lines(&signature))
}

fn signed_data(subject: &Subject<'_>) -> Option<String> {
    let keys = IdentityKeys::of(subject.world)?;
    let signed = signed_data::of(&keys, identity_document(subject).as_bytes(), subject.instance.started_at)?;
    Some(lines(&signed))
}

/// Base64 in lines of 76, as the lengths of AWS's say (recorded in September 2026), without the armour that tools ask for.
fn lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<String> =
        text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    lines.join("\n")
}

/// The document, members in the order in which AWS writes them: the alphabet's, but for the products (recorded in September 2026).
fn identity_document(subject: &Subject<'_>) -> String {
    let instance = subject.instance;
    let text = |text: &str| Some(text.to_owned());
    document(&[
        ("accountId", text(instance.account.as_str())),
        ("architecture", text(&instance.image.architecture)),
        ("availabilityZone", text(&instance.placement.zone)),
        ("billingProducts", None),
        ("devpayProductCodes", None),
        ("marketplaceProductCodes", None),
        ("imageId", text(&instance.image.id)),
        ("instanceId", text(&instance.id)),
        ("instanceType", text(&instance.instance_type)),
        ("kernelId", None),
        ("pendingTime", Some(seconds(instance.started_at))),
        ("privateIp", subject.primary().map(|interface| interface.private_ip.to_string())),
        ("ramdiskId", None),
        ("region", text(&instance.region)),
        ("version", text("2017-09-30")),
    ])
}
