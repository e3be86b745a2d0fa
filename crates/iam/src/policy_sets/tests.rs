//! What bears on a caller: each kind of caller, each way to come to a policy.

use service::Principal;
use service::caller::{FederatingUser, Session};

use super::*;
use crate::tests::{Stage, allowing, stage, texts};

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const BILLING: &str = "arn:aws:iam::aws:policy/job-function/Billing";

fn put(stage: &mut Stage, kind: &str, name: &str, policy: &str) {
    let document = allowing("s3:*", "*");
    let holder = format!("{kind}Name");
    let parameters = [(holder.as_str(), name), ("PolicyName", policy), ("PolicyDocument", &document)];
    stage.done(&format!("Put{kind}Policy"), &parameters);
}

fn attach(stage: &mut Stage, kind: &str, name: &str, arn: &str) {
    stage.done(&format!("Attach{kind}Policy"), &[(&format!("{kind}Name"), name), ("PolicyArn", arn)]);
}

/// User `u` in group `g`, and role `r`, each with an inline and an attached policy.
fn populated() -> Stage {
    let mut stage = stage();
    let tag = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "x")];
    stage.done("CreateUser", &[&[("UserName", "u")], &tag[..]].concat());
    stage.done("CreateGroup", &[("GroupName", "g")]);
    stage.done("AddUserToGroup", &[("UserName", "u"), ("GroupName", "g")]);
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    stage.done("CreateRole", &[&[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)], &tag[..]].concat());
    for (kind, name, policy, arn) in
        [("User", "u", "mine", READ_ONLY), ("Group", "g", "ours", BILLING), ("Role", "r", "its", READ_ONLY)]
    {
        put(&mut stage, kind, name, policy);
        attach(&mut stage, kind, name, arn);
    }
    stage
}

fn caller(stage: &Stage, principal: Principal) -> Caller {
    Caller { principal, ..Caller::clone(&stage.cx.caller) }
}

fn user(stage: &Stage) -> Caller {
    let user = stage.user("u");
    caller(stage, Principal::User { id: user.id, name: user.name, path: user.path })
}

fn role(stage: &Stage) -> Caller {
    let account = stage.cx.account();
    let role = stage.world.one::<Role>(Role::BY_NAME, &[account.as_str(), "r"]).unwrap();
    let (id, name, path) = (role.id.clone(), role.name.clone(), role.path.clone());
    caller(stage, Principal::Role { id, name, path, session_name: "s".into() })
}

/// A session of that kind.
pub(crate) fn session(kind: SessionKind, policies: Vec<SessionPolicies>) -> Option<Box<Session>> {
    let at = Timestamp::UNIX_EPOCH;
    Some(Box::new(Session {
        issued_at: at,
        expires_at: at,
        kind,
        policies,
        scope_down: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        mfa_at: None,
        chain_depth: 1,
        federation: None,
        instance: None,
        trusted_context: Vec::new(),
    }))
}

fn names(policies: &[HeldPolicy]) -> Vec<(HeldKind, &str)> {
    policies.iter().map(|policy| (policy.kind, policy.name.as_ref())).collect()
}

#[test]
fn a_user_has_its_own_and_its_groups() {
    let mut stage = populated();
    let held = policy_sets(&stage.world, &user(&stage));
    assert_eq!(
        names(&held.identity),
        [
            (HeldKind::InlineUser, "mine"),
            (HeldKind::Managed, READ_ONLY),
            (HeldKind::InlineGroup, "ours"),
            (HeldKind::GroupManaged, BILLING)
        ]
    );
    assert_eq!(held.principal_tags, [Tag::new("team", "x")]);
    assert!(held.boundary.is_none() && held.session.is_empty() && held.scp.is_empty() && held.rcp.is_none());

    stage.done("RemoveUserFromGroup", &[("UserName", "u"), ("GroupName", "g")]);
    assert_eq!(policy_sets(&stage.world, &user(&stage)).identity.len(), 2);
}

#[test]
fn a_session_has_what_its_role_has_now() {
    let mut stage = populated();
    let held = policy_sets(&stage.world, &role(&stage));
    assert_eq!(names(&held.identity), [(HeldKind::InlineRole, "its"), (HeldKind::Managed, READ_ONLY)]);
    assert_eq!(held.principal_tags, [Tag::new("team", "x")]);
    let earlier = role(&stage);
    stage.done("DeleteRolePolicy", &[("RoleName", "r"), ("PolicyName", "its")]);
    stage.done("PutRolePermissionsBoundary", &[("RoleName", "r"), ("PermissionsBoundary", BILLING)]);
    let held = policy_sets(&stage.world, &earlier);
    assert_eq!(names(&held.identity), [(HeldKind::Managed, READ_ONLY)]);
    assert_eq!(held.boundary.as_ref().map(|boundary| boundary.name.as_ref()), Some(BILLING));

    // A role of the same name made later is somebody else.
    stage.done("DetachRolePolicy", &[("RoleName", "r"), ("PolicyArn", READ_ONLY)]);
    stage.done("DeleteRole", &[("RoleName", "r")]);
    assert!(policy_sets(&stage.world, &earlier).identity.is_empty());
}

#[test]
fn documents_are_parsed_once() {
    let stage = populated();
    let (first, second) = (policy_sets(&stage.world, &user(&stage)), policy_sets(&stage.world, &user(&stage)));
    assert_eq!(first.identity.len(), 4);
    for (one, other) in first.identity.iter().zip(&second.identity) {
        assert!(Arc::ptr_eq(&one.document, &other.document), "{}", one.name);
    }
}

#[test]
fn a_new_version_of_a_policy_counts_at_once() {
    let mut stage = populated();
    let made = stage.done("CreatePolicy", &[("PolicyName", "own"), ("PolicyDocument", &allowing("s3:*", "*"))]);
    let arn = texts(&made, "Arn")[0];
    attach(&mut stage, "User", "u", arn);
    let actions = |stage: &Stage| {
        let held = policy_sets(&stage.world, &user(stage));
        let own = held.identity.into_iter().find(|policy| policy.name.as_ref() == arn).unwrap();
        own.document.statements[0].actions.as_ref().unwrap().texts().collect::<Vec<_>>().join(",")
    };
    assert_eq!(actions(&stage), "s3:*");
    let document = allowing("ec2:*", "*");
    stage.done("CreatePolicyVersion", &[("PolicyArn", arn), ("PolicyDocument", &document), ("SetAsDefault", "true")]);
    assert_eq!(actions(&stage), "ec2:*");
}

#[test]
fn layers_of_session_policies() {
    let stage = populated();
    let inline = |text: &str| SessionPolicies { inline: Some(text.to_owned()), managed: Vec::new() };
    let cases = [
        (SessionKind::AssumeRole, vec![], vec![]),
        (SessionKind::SessionToken, vec![], vec![]),
        // Without any policy a federated session may do nothing.
        (SessionKind::Federation, vec![], vec![vec![]]),
        (
            SessionKind::AssumeRole,
            vec![
                SessionPolicies { managed: vec![BILLING.into()], ..inline(&allowing("s3:*", "*")) },
                inline(&allowing("ec2:*", "*")),
            ],
            vec![vec!["session policy", BILLING], vec!["session policy"]],
        ),
        // What cannot be read or is gone allows nothing, but its layer stays.
        (
            SessionKind::AssumeRole,
            vec![inline("{"), SessionPolicies { inline: None, managed: vec!["arn:aws:iam::aws:policy/Gone".into()] }],
            vec![vec![], vec![]],
        ),
    ];
    for (kind, policies, expected) in cases {
        let caller = Caller { session: session(kind, policies.clone()), ..role(&stage) };
        let held = policy_sets(&stage.world, &caller);
        let layers: Vec<Vec<&str>> =
            held.session.iter().map(|layer| layer.iter().map(|policy| policy.name.as_ref()).collect()).collect();
        assert_eq!(layers, expected, "{kind:?} {policies:?}");
    }
}

#[test]
fn federated_sessions_have_what_is_behind_them() {
    let stage = populated();
    let behind = stage.user("u");
    let user = Some(FederatingUser { id: behind.id, name: behind.name, path: behind.path });
    let held = policy_sets(&stage.world, &caller(&stage, Principal::Federated { name: "f".into(), user }));
    assert_eq!(held.identity.len(), 4);
    let of_root = policy_sets(&stage.world, &caller(&stage, Principal::Federated { name: "f".into(), user: None }));
    assert_eq!(names(&of_root.identity), [(HeldKind::InlineUser, "root")]);
}

#[test]
fn others_hold_nothing() {
    let stage = populated();
    for principal in [
        Principal::Root,
        Principal::Anonymous,
        Principal::Service { name: "ec2.amazonaws.com" },
        Principal::Instance { instance_id: "i-1".into() },
        Principal::User { id: "AIDAGONE".into(), name: "u".into(), path: "/".into() },
    ] {
        let held = policy_sets(&stage.world, &caller(&stage, principal.clone()));
        assert!(held.identity.is_empty() && held.boundary.is_none(), "{principal:?}");
    }
    // The same ids in another account are nobody's.
    let elsewhere = Caller { account: "999999999999".parse().unwrap(), ..user(&stage) };
    assert!(policy_sets(&stage.world, &elsewhere).identity.is_empty());
}

#[test]
fn a_boundary_whose_policy_is_gone_allows_nothing() {
    let stage = populated();
    let mut tx = service::Tx::on(stage.world.clone());
    let gone = "arn:aws:iam::aws:policy/Gone".to_owned();
    tx.put(User { boundary: Some(gone), ..stage.user("u") });
    let boundary = policy_sets(&tx, &user(&stage)).boundary.unwrap();
    assert!(boundary.document.statements.is_empty());
}
