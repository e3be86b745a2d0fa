//! Roles assumed with the session of another role: what is handed on, what may not change, and how long it may last.

use super::*;

const FIRST: &str = "arn:aws:sts::123456789012:assumed-role/first/session";

/// Roles `first` and `second`; user `ana` acting, who may assume the first, whose sessions may assume the second.
fn ready(second: &str) -> Stage {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.role("first", &trusting("arn:aws:iam::123456789012:user/ana"), &[]);
    for role in ["first", "second"] {
        if role == "second" {
            stage.role("second", second, &[]);
        }
        stage.done("UpdateRole", &[("RoleName", role), ("MaxSessionDuration", "43200")]);
    }
    stage.act_as_user("ana");
    stage
}

fn trusting_first() -> String {
    trusting("arn:aws:iam::123456789012:role/first")
}

#[test]
fn a_link_of_a_chain_lasts_an_hour_at_most() {
    let mut stage = ready(&trusting_first());
    let first = stage.assume("first", &[("DurationSeconds", "43200")]).unwrap();
    stage.act_with(&first);
    assert_eq!(stage.assume_outcome("second", &[("DurationSeconds", "3600")]), "allowed");
    assert_eq!(
        stage.assume_outcome("second", &[("DurationSeconds", "3601")]),
        "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    );
    // The role's own limit is looked at first.
    stage.act_as_root(HERE);
    stage.done("UpdateRole", &[("RoleName", "second"), ("MaxSessionDuration", "7200")]);
    stage.act_with(&first);
    assert_eq!(
        stage.assume_outcome("second", &[("DurationSeconds", "7201")]),
        "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    );
}

#[test]
fn what_counts_as_a_link() {
    use service::caller::SessionKind::{AssumeRole, InstanceProfile, SessionToken};
    for (kind, depth, allowed) in [(InstanceProfile, 0, true), (SessionToken, 0, true), (AssumeRole, 1, false)] {
        let mut stage = ready(&trusting_first());
        let first = stage.assume("first", &[]).unwrap();
        let mut caller = stage.open(&first).unwrap();
        let session = caller.session.as_mut().unwrap();
        (session.kind, session.chain_depth) = (kind, depth);
        stage.act_as(caller);
        let next = stage.assume("second", &[("DurationSeconds", "43200")]);
        assert_eq!(next.is_ok(), allowed, "{kind:?}");
        // What comes out of it is a link in any case.
        if let Ok(next) = next {
            assert_eq!(stage.open(&next).unwrap().session.unwrap().chain_depth, 1, "{kind:?}");
        }
    }
}

const TAGGED: [(&str, &str); 5] = [
    ("Tags.member.1.Key", "Team"),
    ("Tags.member.1.Value", "blue"),
    ("Tags.member.2.Key", "Cost"),
    ("Tags.member.2.Value", "7"),
    ("TransitiveTagKeys.member.1", "team"),
];

#[test]
fn transitive_tags_are_handed_on_and_others_are_not() {
    let mut stage = ready(&trusting_first());
    let first = stage.assume("first", &TAGGED).unwrap();
    assert_eq!(stage.open(&first).unwrap().session.unwrap().tags, [Tag::new("Team", "blue"), Tag::new("Cost", "7")]);
    stage.act_with(&first);
    let more = [("Tags.member.1.Key", "Cost"), ("Tags.member.1.Value", "8")];
    let second = stage.assume("second", &more).unwrap();
    let session = stage.open(&second).unwrap().session.unwrap();
    assert_eq!(session.tags, [Tag::new("Cost", "8"), Tag::new("Team", "blue")]);
    assert_eq!(session.transitive_tag_keys, ["Team"]);
    // A tag that was handed on stays as it is.
    let conflict = "InvalidParameterValue: One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    for key in ["Team", "TEAM"] {
        let parameters = [("Tags.member.1.Key", key), ("Tags.member.1.Value", "red")];
        assert_eq!(stage.assume_outcome("second", &parameters), conflict);
    }
}

/// Recorded on AWS: without sts:TagSession in the next trust policy not even a request without tags passes, if tags are inherited.
#[test]
fn inherited_tags_and_identity_are_asked_for_again() {
    let principal = r#"{"AWS":"arn:aws:iam::123456789012:role/first"}"#;
    let cases: &[(&[&str], &Parameters, Option<&str>)] = &[
        (&["sts:AssumeRole"], &TAGGED, Some("sts:TagSession")),
        (&["sts:AssumeRole"], &TAGGED[..4], None),
        (&["sts:AssumeRole", "sts:TagSession"], &TAGGED, None),
        (&["sts:AssumeRole"], &[("SourceIdentity", "ana")], Some("sts:SetSourceIdentity")),
        (&["sts:AssumeRole", "sts:SetSourceIdentity"], &[("SourceIdentity", "ana")], None),
        (&["sts:AssumeRole"], &[], None),
    ];
    for (actions, parameters, missing) in cases {
        let mut stage = ready(&trust(principal, actions, "{}"));
        // A trust policy that names the role is limited by nothing but session policies and a boundary.
        let first = stage.assume("first", parameters).unwrap();
        stage.act_with(&first);
        let expected = missing
            .map_or_else(|| "allowed".into(), |action| denied(FIRST, action, "arn:aws:iam::123456789012:role/second"));
        assert_eq!(stage.assume_outcome("second", &[]), expected, "{actions:?} {parameters:?}");
    }
}

/// Recorded on AWS: this condition lets inherited tags pass and no new key.
#[test]
fn new_keys_can_be_shut_out() {
    let condition = r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]}}"#;
    let mut stage = ready(&trusting_if("arn:aws:iam::123456789012:role/first", condition));
    let first = stage.assume("first", &TAGGED).unwrap();
    stage.act_with(&first);
    assert_eq!(stage.assume_outcome("second", &[]), "allowed");
    let new = [("Tags.member.1.Key", "Clearance"), ("Tags.member.1.Value", "top")];
    assert_eq!(
        stage.assume_outcome("second", &new),
        denied(FIRST, "sts:AssumeRole", "arn:aws:iam::123456789012:role/second")
    );
}

#[test]
fn a_source_identity_stays() {
    let mut stage = ready(&trusting_first());
    let first = stage.assume("first", &[("SourceIdentity", "ana")]).unwrap();
    stage.act_with(&first);
    let arn = stage.role_arn("second");
    for parameters in [&[][..], &[("SourceIdentity", "ana")][..]] {
        let all = [&[("RoleArn", arn.as_str()), ("RoleSessionName", "x2")], parameters].concat();
        let xml = stage.done("AssumeRole", &all);
        assert_eq!(texts(&xml, "SourceIdentity"), ["ana"]);
        let session = stage.open(&keys(&xml)).unwrap().session.unwrap();
        assert_eq!(session.source_identity.as_deref(), Some("ana"));
    }
    assert_eq!(
        stage.assume_outcome("second", &[("SourceIdentity", "ben")]),
        "ValidationError: The source identity is already set for this assume role session"
    );
}

#[test]
fn session_tags_stand_over_the_roles_own() {
    let condition = r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#;
    for (parameters, allowed) in [(&TAGGED[..4], true), (&[][..], false)] {
        let mut stage = ready(&trusting_if("arn:aws:iam::123456789012:role/first", condition));
        stage.act_as_root(HERE);
        let tag = [("RoleName", "first"), ("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "red")];
        stage.done("TagRole", &tag);
        stage.act_as_user("ana");
        let first = stage.assume("first", parameters).unwrap();
        stage.act_with(&first);
        assert_eq!(stage.assume("second", &[]).is_ok(), allowed, "{parameters:?}");
    }
}

/// A trust policy of the same account that names the session is enough by itself; one that names its role is limited by session policies and
/// a boundary. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.
#[test]
fn what_limits_a_session_that_is_trusted() {
    let other = allowing(&["s3:*"]);
    let role = "arn:aws:iam::123456789012:role/first";
    for (trusted, with_session_policy, with_boundary, allowed) in [
        (role, false, false, true),
        (role, true, false, false),
        (role, false, true, false),
        (FIRST, true, false, true),
        (FIRST, false, true, true),
        ("arn:aws:sts::123456789012:assumed-role/first/another", false, false, false),
    ] {
        let mut stage = ready(&trusting(trusted));
        if with_boundary {
            stage.act_as_root(HERE);
            let boundary = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
            stage.done("PutRolePermissionsBoundary", &[("RoleName", "first"), ("PermissionsBoundary", boundary)]);
            stage.act_as_user("ana");
        }
        let parameters = [("Policy", other.as_str())];
        let first = stage.assume("first", &parameters[..usize::from(with_session_policy)]).unwrap();
        stage.act_with(&first);
        let outcome = stage.assume("second", &[]).is_ok();
        assert_eq!(outcome, allowed, "{trusted} session policy: {with_session_policy} boundary: {with_boundary}");
    }
}

/// How AWS revokes a role's sessions: a policy that denies those whose token was issued before.
#[test]
fn sessions_can_be_revoked() {
    let mut stage = ready(&trusting_first());
    stage.act_as_root(HERE);
    stage.done(
        "UpdateAssumeRolePolicy",
        &[("RoleName", "second"), ("PolicyDocument", &trusting("arn:aws:iam::123456789012:user/ana"))],
    );
    let document = allowing(&["iam:ListUsers"]);
    stage.done("PutRolePolicy", &[("RoleName", "second"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    stage.act_as_user("ana");
    let old = stage.assume("second", &[]).unwrap();
    stage.pass(60);
    let revoked = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{}"}}}}}}}}"#,
        stage.cx.now
    );
    stage.act_as_root(HERE);
    stage.done("PutRolePolicy", &[("RoleName", "second"), ("PolicyName", "revoked"), ("PolicyDocument", &revoked)]);
    stage.act_as_user("ana");
    let new = stage.assume("second", &[]).unwrap();
    for (keys, allowed) in [(old, false), (new, true)] {
        stage.act_with(&keys);
        assert_eq!(stage.call("ListUsers", &[]).is_ok(), allowed);
    }
}

/// What a session carries is there for every policy that is asked afterwards.
#[test]
fn later_requests_carry_the_sessions_facts() {
    for (condition, allowed) in [
        (r#"{"StringEquals":{"aws:SourceIdentity":"ana"}}"#, true),
        (r#"{"StringEquals":{"aws:SourceIdentity":"ben"}}"#, false),
        (r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#, true),
        (r#"{"StringLike":{"aws:userid":"AROA*:session"}}"#, true),
        (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/first"}}"#, true),
        (r#"{"Null":{"aws:username":"true"}}"#, true),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, true),
        // Keys of the request that began the session are gone.
        (r#"{"Null":{"sts:RoleSessionName":"false"}}"#, false),
        (r#"{"Null":{"aws:RequestTag/Team":"false"}}"#, false),
    ] {
        let mut stage = ready(&trusting_first());
        stage.act_as_root(HERE);
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{condition}}}}}"#
        );
        stage.done("PutRolePolicy", &[("RoleName", "first"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        stage.act_as_user("ana");
        let first = stage.assume("first", &[&TAGGED[..], &[("SourceIdentity", "ana")]].concat()).unwrap();
        stage.act_with(&first);
        assert_eq!(stage.call("ListUsers", &[]).is_ok(), allowed, "{condition}");
    }
}
