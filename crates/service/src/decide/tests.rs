//! The words of denials: each kind of policy that can be silent or deny, in each service's form, as rules 24 and 25 have them.

use policy::{Document, Layer};
use storage::{Schema, Tx};

use super::*;
use crate::Caller;
use crate::check::ResourcePolicy;
use crate::cx::testing;
use crate::keys::InstallationKeys;

const ALLOWING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const SILENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}"#;
const DENYING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Sid":"No","Effect":"Deny","Action":"*","Resource":"*"}}"#;
const EVERYBODY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
const NOBODY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
const MANAGED: &str = "arn:aws:iam::123456789012:policy/p";
const CONTROL: &str = "arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/service_control_policy/p-abcd1234";
const ROLE: &str = "arn:aws:iam::123456789012:role/r";

fn held(name: &str, kind: HeldKind, text: &str) -> HeldPolicy {
    HeldPolicy { name: name.into(), kind, document: document(text) }
}

fn document(text: &str) -> Arc<Document> {
    Arc::new(Document::parse(text).unwrap())
}

fn ann() -> Cx {
    let principal = Principal::User { id: "AIDAANN".to_owned(), name: "ann".to_owned(), path: "/".to_owned() };
    testing::cx_of(Caller { principal, ..(*testing::root_cx().caller).clone() })
}

/// A user who may do everything, whatever else is asked.
fn allowed() -> CallerPolicies {
    CallerPolicies { identity: vec![held("all", HeldKind::InlineUser, ALLOWING)], ..CallerPolicies::default() }
}

/// What one kind of policy of that text makes of a user who is allowed everything otherwise.
fn with(layer: Layer, name: &str, text: &str) -> (CallerPolicies, Option<ResourcePolicy>) {
    let mut policies = allowed();
    let levels = |kind| vec![vec![held(name, kind, text)]];
    match layer {
        Layer::Identity => policies.identity = vec![held(name, managed_if(name, HeldKind::InlineUser), text)],
        Layer::Boundary => policies.boundary = Some(held(name, HeldKind::Boundary, text)),
        Layer::Session => policies.session = levels(HeldKind::Session),
        Layer::ScopeDown => policies.scope_down = levels(HeldKind::Session),
        // Resource control policies come with an organisation and are tested there.
        Layer::ServiceControl | Layer::ResourceControl => policies.scp = levels(HeldKind::Organization),
        Layer::Resource | Layer::Trust => {
            let is_trust = layer == Layer::Trust;
            return (policies, Some(ResourcePolicy { document: document(text), is_trust }));
        }
    }
    (policies, None)
}

fn managed_if(name: &str, otherwise: HeldKind) -> HeldKind {
    if name.starts_with("arn:") { HeldKind::Managed } else { otherwise }
}

fn world() -> World {
    let schema = Schema::new().with::<InstallationKeys>();
    let mut tx = Tx::on(World::empty(schema, testing::root_cx().now));
    tx.put(InstallationKeys::from_random(&[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]]));
    World::clone(&tx)
}

/// The code and the text of the denial of an action on a resource.
fn denied(
    service: Service,
    action: &str,
    resource: &str,
    (held, policy): (CallerPolicies, Option<ResourcePolicy>),
) -> (String, String) {
    let check = Check { action: action.to_owned(), resource_policy: policy, ..Check::on(resource) };
    let ruling = decide(&ann(), &check, &held);
    assert!(!ruling.allowed());
    let error = denial(&ann(), &world(), service, &ruling);
    (error.code.to_string(), error.message.clone())
}

#[test]
fn access_denied_names_the_policy_that_decided() {
    let (silent, denies) = ("because no", "with an explicit deny in");
    for (layer, name, text, clause) in [
        (Layer::Identity, "p", SILENT, format!("{silent} identity-based policy allows the iam:GetRole action")),
        (Layer::Boundary, MANAGED, SILENT, format!("{silent} permissions boundary allows the iam:GetRole action")),
        (Layer::Session, "", SILENT, format!("{silent} session policy allows the iam:GetRole action")),
        (Layer::ScopeDown, "", SILENT, format!("{silent} session policy allows the iam:GetRole action")),
        (
            Layer::ServiceControl,
            CONTROL,
            SILENT,
            format!("{silent} service control policy allows the iam:GetRole action"),
        ),
        (Layer::Identity, "p", DENYING, format!("{denies} an identity-based policy")),
        (Layer::Identity, MANAGED, DENYING, format!("{denies} an identity-based policy: {MANAGED}")),
        (Layer::Boundary, MANAGED, DENYING, format!("{denies} a permissions boundary: {MANAGED}")),
        (Layer::Session, "", DENYING, format!("{denies} a session policy")),
        (Layer::Session, MANAGED, DENYING, format!("{denies} a session policy: {MANAGED}")),
        (Layer::ServiceControl, CONTROL, DENYING, format!("{denies} a service control policy: {CONTROL}")),
        (Layer::Resource, "", NOBODY, format!("{denies} a resource-based policy")),
    ] {
        let (code, message) = denied(Service::Iam, "iam:GetRole", ROLE, with(layer, name, text));
        assert_eq!(code, "AccessDenied");
        let who = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:GetRole";
        assert_eq!(message, format!("{who} on resource: {ROLE} {clause}"), "{layer:?}");
    }
}

#[test]
fn another_accounts_resource_names_its_policy() {
    let other = "444455556666".parse().unwrap();
    let check =
        Check { action: "sts:GetSessionToken".to_owned(), ..Check::on("arn:aws:x::444455556666:y") }.owned_by(other);
    let ruling = decide(&ann(), &check, &allowed());
    assert!(
        denial(&ann(), &world(), Service::Sts, &ruling)
            .message
            .ends_with("because no resource-based policy allows the sts:GetSessionToken action")
    );
}

#[test]
fn a_role_that_is_not_handed_out_gives_no_reason() {
    let text = format!(
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    );
    for policies in [
        with(Layer::Trust, "", SILENT),
        with(Layer::Trust, "", NOBODY),
        (
            CallerPolicies { identity: vec![held("no", HeldKind::InlineUser, DENYING)], ..allowed() },
            with(Layer::Trust, "", EVERYBODY).1,
        ),
    ] {
        assert_eq!(denied(Service::Sts, "sts:AssumeRole", ROLE, policies), ("AccessDenied".to_owned(), text.clone()));
    }
}

#[test]
fn the_star_is_named_by_iam_alone() {
    let who = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform:";
    let silent = || with(Layer::Identity, "p", SILENT);
    let because = |action: &str| format!("because no identity-based policy allows the {action} action");
    let (action, other) = ("iam:GetAccountSummary", "sts:DecodeAuthorizationMessage");
    let (_, message) = denied(Service::Iam, action, "*", silent());
    assert_eq!(message, format!("{who} {action} on resource: * {}", because(action)));
    let (_, message) = denied(Service::Sts, other, "*", silent());
    assert_eq!(message, format!("{who} {other} {}", because(other)));
    let (code, message) = denied(Service::Ec2, "ec2:DescribeVpcs", "*", silent());
    let clause = because("ec2:DescribeVpcs");
    assert_eq!(code, "UnauthorizedOperation");
    assert_eq!(message, format!("You are not authorized to perform this operation. {who} ec2:DescribeVpcs {clause}"));
}

#[test]
fn unauthorized_operation_brings_a_message_to_decode() {
    let group = "arn:aws:ec2:us-east-1:123456789012:security-group/*";
    let action = "ec2:CreateSecurityGroup";
    for (layer, name, text, clause) in [
        (Layer::Identity, "p", SILENT, format!("because no identity-based policy allows the {action} action")),
        (
            Layer::ServiceControl,
            CONTROL,
            SILENT,
            format!("because no service control policy allows the {action} action"),
        ),
        (Layer::Boundary, MANAGED, DENYING, format!("with an explicit deny in a permissions boundary: {MANAGED}")),
        (Layer::Identity, MANAGED, DENYING, format!("with an explicit deny in an identity-based policy: {MANAGED}")),
        (Layer::Session, "", DENYING, "with an explicit deny in a session policy".to_owned()),
    ] {
        let (code, message) = denied(Service::Ec2, action, group, with(layer, name, text));
        assert_eq!(code, "UnauthorizedOperation");
        let start = format!(
            "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ann is not authorized to perform: {action} on resource: {group} {clause}. Encoded authorization failure message: "
        );
        let encoded = message.strip_prefix(&start).unwrap_or_else(|| panic!("{message}"));
        let account = "123456789012".parse().unwrap();
        let decoded = authorization_message::decode(&world(), account, encoded).unwrap();
        let decoded: serde_json::Value = serde_json::from_str(&decoded).unwrap();
        assert_eq!(decoded["explicitDeny"], text == DENYING, "{layer:?}");
        let matched = decoded["matchedStatements"]["items"].as_array().unwrap();
        let expected: &[&str] = if text == DENYING { &["No"] } else { &[] };
        assert_eq!(matched.iter().map(|one| one["statementId"].as_str().unwrap()).collect::<Vec<_>>(), expected);
        assert_eq!(decoded["context"]["action"], "CreateSecurityGroup");
        assert_eq!(decoded["context"]["resource"], group);
    }
}
