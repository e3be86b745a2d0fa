//! Who may assume a role: the trust policy, the caller's own policies, and both halves of a switch between two accounts.

use super::*;

const ANA: &str = "arn:aws:iam::123456789012:user/ana";
const ROLE: &str = "arn:aws:iam::999999999999:role/deploy";

/// The state after the role's account trusted whom it trusts, with user `ana` of the other account acting.
fn two_accounts(trusted: &str, actions: &[&str]) -> Stage {
    let mut stage = stage();
    stage.user("ana", actions);
    stage.user("ben", &[]);
    stage.act_as_root(THERE);
    stage.role("deploy", &trusting(trusted), &["iam:GetRole"]);
    stage.act_as_root(HERE);
    stage.act_as_user("ana");
    stage
}

#[test]
fn a_switch_between_accounts_takes_both_halves() {
    let all = &["sts:AssumeRole"][..];
    let cases = [
        (ANA, all, true),
        (HERE, all, true),
        ("arn:aws:iam::123456789012:root", all, true),
        ("*", all, true),
        // The caller's half is missing, however exactly the role's half names it.
        (ANA, &[][..], false),
        (HERE, &[][..], false),
        ("*", &["sts:TagSession"][..], false),
        // The role's half is missing.
        ("arn:aws:iam::123456789012:user/ben", all, false),
        (THERE, all, false),
        ("111111111111", all, false),
    ];
    for (trusted, actions, allowed) in cases {
        let mut stage = two_accounts(trusted, actions);
        let expected = if allowed { "allowed".into() } else { denied(ANA, "sts:AssumeRole", ROLE) };
        assert_eq!(stage.assume_outcome(ROLE, &[]), expected, "{trusted} {actions:?}");
    }
}

#[test]
fn a_session_in_the_other_account_is_of_that_account() {
    let mut stage = two_accounts(ANA, &["sts:AssumeRole"]);
    let keys = stage.assume(ROLE, &[]).unwrap();
    stage.act_with(&keys);
    assert_eq!(stage.cx.account().as_str(), THERE);
    let identity = stage.done("GetCallerIdentity", &[]);
    assert_eq!(texts(&identity, "Arn"), ["arn:aws:sts::999999999999:assumed-role/deploy/session"]);
    assert_eq!(stage.outcome("GetRole", &[("RoleName", "deploy")]), "allowed");
    assert_eq!(
        stage.outcome("ListUsers", &[]),
        "AccessDenied: User: arn:aws:sts::999999999999:assumed-role/deploy/session is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::999999999999:user/ because no identity-based policy allows the iam:ListUsers action"
    );
}

#[test]
fn in_one_account_a_trust_that_names_the_caller_is_enough() {
    let cases = [
        (ANA, &[][..], true),
        ("*", &[][..], true),
        (HERE, &[][..], false),
        (HERE, &["sts:AssumeRole"][..], true),
        ("arn:aws:iam::123456789012:user/ben", &["sts:*"][..], false),
    ];
    for (trusted, actions, allowed) in cases {
        let mut stage = stage();
        stage.user("ana", actions);
        stage.user("ben", &[]);
        stage.role("r", &trusting(trusted), &[]);
        stage.act_as_user("ana");
        let expected =
            if allowed { "allowed".into() } else { denied(ANA, "sts:AssumeRole", "arn:aws:iam::123456789012:role/r") };
        assert_eq!(stage.assume_outcome("r", &[]), expected, "{trusted} {actions:?}");
    }
}

#[test]
fn an_explicit_deny_wins_and_is_told_no_better() {
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}}"#;
    let mut stage = stage();
    stage.user("ana", &["sts:AssumeRole"]);
    stage.done("PutUserPolicy", &[("UserName", "ana"), ("PolicyName", "no"), ("PolicyDocument", deny)]);
    stage.role("r", &trusting(ANA), &[]);
    stage.act_as_user("ana");
    assert_eq!(stage.assume_outcome("r", &[]), denied(ANA, "sts:AssumeRole", "arn:aws:iam::123456789012:role/r"));
}

#[test]
fn a_role_that_is_not_there_looks_like_one_that_trusts_nobody() {
    let mut stage = stage();
    stage.user("ana", &["sts:*"]);
    let document = trusting(ANA);
    stage.done("CreateRole", &[("RoleName", "Known"), ("Path", "/a/b/"), ("AssumeRolePolicyDocument", &document)]);
    stage.act_as_user("ana");
    assert_eq!(stage.assume_outcome("a/b/Known", &[]), "allowed");
    for arn in [
        "arn:aws:iam::123456789012:role/Gone",
        // The path, the case, the account and the partition belong to the name.
        "arn:aws:iam::123456789012:role/Known",
        "arn:aws:iam::123456789012:role/a/Known",
        "arn:aws:iam::123456789012:role//a/b/Known",
        "arn:aws:iam::123456789012:role/a/b/known",
        "arn:aws:iam::999999999999:role/a/b/Known",
        "arn:aws-cn:iam::123456789012:role/a/b/Known",
        "arn:aws:iam:us-east-1:123456789012:role/a/b/Known",
        // Other things than roles have ARNs too.
        "arn:aws:iam::123456789012:user/a/b/Known",
        "arn:aws:sts::123456789012:role/a/b/Known",
        "arn:aws:s3:::a-bucket-of-somebody",
    ] {
        assert_eq!(stage.assume_outcome(arn, &[]), denied(ANA, "sts:AssumeRole", arn), "{arn}");
    }
}

/// A server may run without enforcing; then the handler sees what authorisation would have stopped.
#[test]
fn a_missing_role_is_a_denial_even_if_nothing_is_enforced() {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.act_as_user("ana");
    let row = crate::operations().into_iter().find(|row| row.name == "AssumeRole").unwrap();
    let model = wire::model(Service::Sts);
    let described = model.operation("AssumeRole").unwrap();
    let pairs = [("RoleArn", "arn:aws:iam::123456789012:role/Gone"), ("RoleSessionName", "session")];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let value = wire::decode(model, described, &Params::from_pairs(pairs)).unwrap();
    let input = row.input(model, described, &value).unwrap();
    let Run::Read(handler) = row.handler(&input) else { panic!("without a code AssumeRole writes nothing") };
    let error = handler(&stage.cx, &stage.world, &input).err().unwrap();
    let expected = denied(ANA, "sts:AssumeRole", "arn:aws:iam::123456789012:role/Gone");
    assert_eq!(format!("{}: {}", error.code, error.message), expected);
}

#[test]
fn whoever_comes_later_by_the_same_name_is_somebody_else() {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.role("r", &trusting(ANA), &[]);
    stage.done("DeleteUser", &[("UserName", "ana")]);
    stage.user("ana", &["sts:AssumeRole"]);
    stage.act_as_user("ana");
    assert_eq!(stage.assume_outcome("r", &[]), denied(ANA, "sts:AssumeRole", "arn:aws:iam::123456789012:role/r"));
}

/// Each condition, what the request says besides, and whether the trust policy then lets it in.
#[test]
fn conditions_of_the_trust_policy() {
    let tag = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")];
    let other = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    let transitive = [tag[0], tag[1], ("TransitiveTagKeys.member.1", "Team")];
    let cases: &[(&str, &Parameters, bool)] = &[
        (r#"{"StringEquals":{"sts:ExternalId":"77"}}"#, &[("ExternalId", "77")], true),
        (r#"{"StringEquals":{"sts:ExternalId":"77"}}"#, &[("ExternalId", "78")], false),
        (r#"{"StringEquals":{"sts:ExternalId":"77"}}"#, &[], false),
        (r#"{"StringLike":{"sts:RoleSessionName":"sess*"}}"#, &[], true),
        (r#"{"StringLike":{"sts:RoleSessionName":"ana"}}"#, &[], false),
        (r#"{"StringEquals":{"sts:SourceIdentity":"ana"}}"#, &[("SourceIdentity", "ana")], true),
        (r#"{"StringEquals":{"sts:SourceIdentity":"ana"}}"#, &[("SourceIdentity", "ben")], false),
        (r#"{"StringEquals":{"sts:SourceIdentity":"ana"}}"#, &[], false),
        (r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#, &tag, true),
        (r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#, &other, false),
        (r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#, &[], false),
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]}}"#, &tag, true),
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["Cost"]}}"#, &tag, false),
        (r#"{"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":["Team"]}}"#, &transitive, true),
        (r#"{"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":["Team"]}}"#, &tag, false),
        (r#"{"StringEquals":{"iam:ResourceTag/env":"dev"}}"#, &[], true),
        (r#"{"StringEquals":{"aws:ResourceTag/env":"prod"}}"#, &[], false),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/ana"}}"#, &[], true),
        (r#"{"StringEquals":{"aws:PrincipalTag/team":"red"}}"#, &[], false),
        (r#"{"StringEquals":{"aws:username":"ana"}}"#, &[], true),
        // Long-term keys have no such key, and there is no device whose code could be shown.
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, &[], false),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, &[], true),
        // Not one of AssumeRole's keys.
        (r#"{"NumericLessThan":{"sts:DurationSeconds":"7200"}}"#, &[("DurationSeconds", "900")], false),
    ];
    for (condition, parameters, allowed) in cases {
        let mut stage = stage();
        stage.user("ana", &[]);
        let document = trusting_if(ANA, condition);
        let tags = [("Tags.member.1.Key", "env"), ("Tags.member.1.Value", "dev")];
        let role = [("RoleName", "r"), ("AssumeRolePolicyDocument", document.as_str()), tags[0], tags[1]];
        stage.done("CreateRole", &role);
        stage.act_as_user("ana");
        let expected =
            if *allowed { "allowed".into() } else { denied(ANA, "sts:AssumeRole", "arn:aws:iam::123456789012:role/r") };
        assert_eq!(stage.assume_outcome("r", parameters), expected, "{condition} {parameters:?}");
    }
}

/// Tags and a source identity are actions of their own, for the role's half and for the caller's.
#[test]
fn tags_and_source_identity_are_asked_for_by_their_own_actions() {
    let tags = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")];
    let identity = [("SourceIdentity", "ana")];
    let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    // How many of them the trust policy allows, how many the caller's.
    let cases: &[([usize; 2], &Parameters, Option<&str>)] = &[
        ([3, 3], &tags, None),
        ([3, 3], &identity, None),
        ([1, 3], &tags, Some("sts:TagSession")),
        ([3, 1], &tags, Some("sts:TagSession")),
        ([2, 3], &identity, Some("sts:SetSourceIdentity")),
        ([3, 2], &identity, Some("sts:SetSourceIdentity")),
        ([1, 1], &[], None),
    ];
    for ([trusted, held], parameters, missing) in cases {
        let (trusted, held) = (&actions[..*trusted], &actions[..*held]);
        let mut stage = stage();
        stage.user("ana", held);
        stage.act_as_root(THERE);
        stage.role("deploy", &trust(&format!(r#"{{"AWS":"{ANA}"}}"#), trusted, "{}"), &[]);
        stage.act_as_root(HERE);
        stage.act_as_user("ana");
        let expected = missing.map_or_else(|| "allowed".into(), |action| denied(ANA, action, ROLE));
        assert_eq!(stage.assume_outcome(ROLE, parameters), expected, "{trusted:?} {held:?} {parameters:?}");
    }
}
