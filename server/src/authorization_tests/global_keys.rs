//! The condition keys that come with the caller, its session and its connection, against AWS's list of global keys; and the types of all keys, since
//! policies read a key by the type the reference gives it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use policy::{Context, Values};
use service::caller::{Caller, FederatingUser, Federation, InstanceFacts, Principal, Session, SessionKind};
use service::cx::Origin;
use service::tags::Tag;
use service::{Check, Cx, Organization, conditions, facts};

use super::federation;
use super::reference::{SEEN, is};
use super::stage::STAGE;

/// Contexts of one check as different callers make it, each with all that it can bring along.
fn contexts() -> Vec<Context> {
    let (name, path) = ("sample".to_owned(), "/".to_owned());
    let user = FederatingUser { id: "AIDAEXAMPLE".to_owned(), name: name.clone(), path: path.clone() };
    let role = Principal::Role {
        id: "AROAEXAMPLE".to_owned(),
        name: name.clone(),
        path: path.clone(),
        session_name: name.clone(),
    };
    let instance = Principal::Instance { instance_id: "i-0123456789abcdef0".to_owned() };
    let with_session = |kind, instance| Some(Box::new(session(kind, instance)));
    let callers = [
        (Principal::Root, None),
        (Principal::Root, with_session(SessionKind::AssumeRoot, None)),
        (Principal::User { id: user.id.clone(), name: name.clone(), path }, None),
        (
            Principal::User { id: user.id.clone(), name: name.clone(), path: "/".to_owned() },
            with_session(SessionKind::SessionToken, None),
        ),
        (role.clone(), with_session(SessionKind::AssumeRole, None)),
        (role, with_session(SessionKind::InstanceProfile, Some(place()))),
        (instance, with_session(SessionKind::InstanceIdentity, Some(place()))),
        (Principal::Federated { name, user: Some(user) }, with_session(SessionKind::Federation, None)),
        (Principal::Service { name: "ec2.amazonaws.com" }, None),
        (Principal::Anonymous, None),
    ];
    callers.into_iter().map(|(principal, session)| context(principal, session)).collect()
}

fn context(principal: Principal, session: Option<Box<Session>>) -> Context {
    let caller = Caller { principal, session, ..(*STAGE.cx.caller).clone() };
    let from = Origin {
        source_ip: Some([192, 0, 2, 1].into()),
        user_agent: Some("sample".to_owned()),
        referer: Some("http://example.com/".to_owned()),
        secure_transport: true,
        global_endpoint: false,
    };
    let cx = Cx { caller: Arc::new(caller), from: Arc::new(from), ..STAGE.cx.clone() };
    let check = Check::on("arn:aws:iam::123456789012:user/sample").tagged(&[tag()]).request_tags(&[tag()]);
    let check = Check { action: "iam:TagUser".to_owned(), ..check };
    let mut context = conditions::of(&cx, &check, &[tag()]);
    conditions::organization(&mut context, &cx, &check, &organization());
    context
}

/// One whose only account is the caller's.
fn organization() -> Organization {
    let text = r#"{"id": "o-a1b2c3d4e5", "managementAccount": "123456789012",
        "root": {"id": "r-ab12", "accounts": [{"id": "123456789012"}]}}"#;
    iam::organization::file::read(text).unwrap()
}

fn tag() -> Tag {
    Tag { key: "team".to_owned(), value: "red".to_owned() }
}

fn place() -> InstanceFacts {
    InstanceFacts {
        instance_arn: "arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0".to_owned(),
        vpc_id: Some("vpc-0123456789abcdef0".to_owned()),
        private_ipv4: Some("172.31.0.4".to_owned()),
        delivery: "2.0".to_owned(),
    }
}

fn session(kind: SessionKind, instance: Option<InstanceFacts>) -> Session {
    let at = STAGE.cx.now;
    Session {
        issued_at: at,
        expires_at: at,
        kind,
        policies: Vec::new(),
        scope_down: Vec::new(),
        tags: vec![tag()],
        transitive_tag_keys: Vec::new(),
        source_identity: Some("ann".to_owned()),
        mfa_at: Some(at),
        chain_depth: 0,
        instance,
        federation: Some(Federation { provider: "cognito-identity.amazonaws.com".to_owned(), keys: Vec::new() }),
        trusted_context: [
            ("aws:OriginIdentity/Subject", "ann@example.com"),
            ("aws:OriginIdentity/SubjectType", "user"),
            ("aws:OriginIdentity/Issuer", "login.example.com"),
            ("aws:OriginIdentity/FederatedProviderArn", "arn:aws:iam::123456789012:oidc-provider/login.example.com"),
            ("aws:TransactionContext/IdentityProvider/department", "red"),
            ("aws:IdentityCenterInstanceArn", "arn:aws:sso:::instance/ssoins-1234567890abcdef"),
            ("aws:IdentityStoreArn", "arn:aws:identitystore::123456789012:identitystore/d-1234567890"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into(),
    }
}

/// The global keys that no request has, as lines of `docs/authorization-exceptions.txt`.
pub fn gaps() -> BTreeSet<String> {
    let contexts = contexts();
    let supplied = |key: &str| contexts.iter().any(|context| context.iter().any(|(held, _)| is(held, key)));
    facts::global_keys().filter(|(key, _)| !supplied(key)).map(|(key, _)| format!("* key {key}")).collect()
}

/// The names of the attributes a request changes: one text by the reference, but ModifyInstanceMetadataOptions changes several at once.
const SEVERAL: &str = "ec2:Attribute";

/// An ARN by the reference; what requests give under that name are platforms such as `Linux/UNIX`.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCapacityReservation.html>
const PLATFORM: &str = "ec2:InstancePlatform";

#[test]
fn every_key_has_the_type_that_the_reference_gives_it() {
    let of_checks = SEEN.values().flatten().map(|seen| &seen.context);
    let of_callers = contexts();
    for (key, values) in of_checks.chain(&of_callers).flat_map(Context::iter) {
        let kind = type_of(key).unwrap_or_else(|| panic!("the reference knows no key {key}"));
        let (many, kind) = kind.strip_prefix("ArrayOf").map_or((false, kind), |kind| (true, kind));
        assert_eq!(
            many || key == SEVERAL && values.as_slice().len() > 1,
            matches!(values, Values::Multi(_)),
            "{key} is one of {kind}: {values:?}"
        );
        for value in values.as_slice() {
            assert!(is_a(kind, value) || key.contains("Tag/") || key == PLATFORM, "{key} is {kind}, not `{value}`");
        }
    }
}

/// The reference's type of a request's key, from the lists of its own service, of the others, and of the global keys.
fn type_of(key: &str) -> Option<&'static str> {
    match key {
        // In the user guide's list, not in the data.
        "aws:EpochTime" => return Some("Date"),
        // In no list, but in EC2's messages about denials.
        "aws:ResourceBeingCreated" => return Some("Bool"),
        _ => {}
    }
    let services = ["iam", "sts", "ec2", "ssm"];
    let listed = facts::global_keys().find(|(listed, _)| is(key, listed)).map(|(_, kind)| kind);
    let prefix = key.split_once('/').map_or(key, |(prefix, _)| prefix);
    let names = [key.to_owned(), format!("{prefix}/${{TagKey}}"), format!("{prefix}/${{AttributeName}}")];
    let listed = listed.or_else(|| federation::type_of_claim(key));
    listed.or_else(|| services.iter().find_map(|service| names.iter().find_map(|name| facts::key_type(service, name))))
}

fn is_a(kind: &str, value: &str) -> bool {
    match kind {
        "Bool" => matches!(value, "true" | "false"),
        "Numeric" => value.parse::<f64>().is_ok(),
        "Date" => value.parse::<Timestamp>().is_ok() || value.parse::<i64>().is_ok(),
        "ARN" => value.starts_with("arn:"),
        "IPAddress" => value.parse::<std::net::IpAddr>().is_ok(),
        _ => !value.is_empty(),
    }
}
