//! `iam/`: which profile the instance has, and the credentials of its role.
//!
//! Failures are told as AWS tells them: in the document's `Code`, with HTTP status 200.

use service::caller::InstanceFacts;
use sts::instance::{Issued, NotTrusted, Wanted};

use crate::subject::{Profile, Subject};
use crate::tree::{Entry, Named, Node};

/// The directory `iam/`; without an association there is none.
pub const IAM: &[Entry] = &[
    Entry {
        name: "info",
        since: "2012-01-12",
        make: |subject| subject.profile().map(|profile| Node::Text(info(subject, profile))),
    },
    Entry { name: "security-credentials", since: "2012-01-12", make: |subject| role_names(subject, false) },
    // Asked first by newer SDKs, which go on with the other where there is none
    Entry { name: "security-credentials-extended", since: "2024-04-11", make: |subject| role_names(subject, true) },
];

/// The directory `identity-credentials/`, which every instance has.
pub const IDENTITY: &[Entry] = &[Entry { name: "ec2", since: "2018-03-28", make: |_| Some(Node::Dir(IDENTITY_EC2)) }];

const IDENTITY_EC2: &[Entry] = &[
    Entry { name: "info", since: "2018-03-28", make: |subject| Some(Node::Text(identity_info(subject))) },
    Entry { name: "security-credentials", since: "2018-03-28", make: |_| Some(Node::Dir(IDENTITY_CREDENTIALS)) },
];

const IDENTITY_CREDENTIALS: &[Entry] = &[Entry { name: "ec2-instance", since: "2018-03-28", make: identity }];

/// The documents' style: two spaces, a space on both sides of the colon.
pub fn document(members: &[(&str, Option<String>)]) -> String {
    let mut text = String::with_capacity(2048);
    text.push('{');
    for (position, (name, value)) in members.iter().enumerate() {
        text.push_str(if position == 0 { "\n  \"" } else { ",\n  \"" });
        text.push_str(name);
        text.push_str("\" : ");
        let value = value.as_ref().and_then(|value| serde_json::to_string(value).ok());
        text.push_str(value.as_deref().unwrap_or("null"));
    }
    text.push_str("\n}");
    text
}

fn info(subject: &Subject<'_>, held: &Profile) -> String {
    let updated = some(last_updated(subject, held));
    let Some(profile) = &held.profile else {
        return document(&[
            ("Code", some("InstanceProfileNotFound")),
            (
                "Message",
                some(format!(
                    "Instance Profile {} cannot be found. Please see documentation at http://docs.amazonwebservices.com/IAM/latest/UserGuide/RolesTroubleshooting.html.",
                    held.association.profile_arn
                )),
            ),
            ("LastUpdated", updated),
        ]);
    };
    let without_role = "Instance Profile does not contain a role. Please see documentation at http://docs.amazonwebservices.com/IAM/latest/UserGuide/RolesTroubleshooting.html.";
    let mut members = vec![("Code", some("Success"))];
    if held.role.is_none() {
        members.push(("Message", some(without_role)));
    }
    members.push(("LastUpdated", updated));
    members.push(("InstanceProfileArn", some(iam::instance_profile::arn(subject.cx.partition(), profile))));
    members.push(("InstanceProfileId", some(profile.id.as_str())));
    document(&members)
}

/// The role's name leads to its credentials.
fn role_names(subject: &Subject<'_>, extended: bool) -> Option<Node> {
    let role = subject.profile()?.role.as_ref()?;
    Some(Node::Names(vec![Named::text(role.name.clone(), credentials(subject, extended)?)]))
}

fn credentials(subject: &Subject<'_>, extended: bool) -> Option<String> {
    let held = subject.profile()?;
    let (profile, role) = (held.profile.as_ref()?, held.role.as_ref()?);
    let wanted = Wanted {
        instance_id: &subject.instance.id,
        association_id: &held.association.id,
        associated_at: held.association.associated_at,
        profile_id: &profile.id,
        role,
        facts: facts(subject),
    };
    let issued = match sts::instance::credentials(subject.cx, subject.world, &wanted) {
        Ok(Ok(issued)) => issued,
        Ok(Err(NotTrusted)) => return Some(not_trusted(subject, held, &role.name)),
        Err(_) => return None,
    };
    Some(shown(subject, issued, extended))
}

/// The extended form tells the account, too.
fn shown(subject: &Subject<'_>, issued: Issued, extended: bool) -> String {
    let keys = issued.credentials;
    let mut members = vec![
        ("Code", some("Success")),
        ("LastUpdated", some(in_client_clock(subject, issued.issued_at))),
        ("Type", some("AWS-HMAC")),
        ("AccessKeyId", some(keys.access_key_id)),
        ("SecretAccessKey", some(keys.secret_access_key)),
        ("Token", some(keys.session_token)),
        ("Expiration", some(seconds(keys.expiration))),
    ];
    if extended {
        members.push(("AccountId", some(subject.instance.account.as_str())));
    }
    document(&members)
}

fn identity(subject: &Subject<'_>) -> Option<Node> {
    let issued = sts::instance::identity(subject.cx, subject.world, &subject.instance.id, &facts(subject)).ok()?;
    Some(Node::Text(shown(subject, issued, false)))
}

fn identity_info(subject: &Subject<'_>) -> String {
    document(&[
        ("Code", some("Success")),
        ("LastUpdated", some(in_client_clock(subject, subject.instance.started_at))),
        ("AccountId", some(subject.instance.account.as_str())),
    ])
}

fn not_trusted(subject: &Subject<'_>, held: &Profile, role: &str) -> String {
    let message = format!(
        "EC2 cannot assume the role {role}. Please see documentation at http://docs.amazonwebservices.com/IAM/latest/UserGuide/RolesTroubleshooting.html."
    );
    document(&[
        ("Code", some("AssumeRoleUnauthorizedAccess")),
        ("Message", some(message)),
        ("LastUpdated", some(last_updated(subject, held))),
    ])
}

fn facts(subject: &Subject<'_>) -> InstanceFacts {
    InstanceFacts {
        instance_arn: subject.instance.arn(subject.cx.partition()),
        vpc_id: subject.instance.vpc_id.clone(),
        private_ipv4: subject.primary().map(|interface| interface.private_ip.to_string()),
        delivery: subject.delivery.to_owned(),
    }
}

fn last_updated(subject: &Subject<'_>, held: &Profile) -> String {
    in_client_clock(subject, held.association.associated_at)
}

fn in_client_clock(subject: &Subject<'_>, time: jiff::Timestamp) -> String {
    seconds(subject.cx.expiry_for_client(time))
}

/// `2026-11-23T10:00:00Z`: botocore takes no fraction here.
pub fn seconds(time: jiff::Timestamp) -> String {
    jiff::Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

fn some(text: impl Into<String>) -> Option<String> {
    Some(text.into())
}
