//! AssumeRole once it is allowed: what it refuses in which words, and what it answers.

use super::*;

/// User `ana` acting, who may assume role `r`.
fn ready() -> Stage {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.role("r", &trusting("arn:aws:iam::123456789012:user/ana"), &["iam:*", "sts:*"]);
    stage.act_as_user("ana");
    stage
}

#[test]
fn the_answer() {
    let mut stage = ready();
    let arn = stage.role_arn("r");
    let id = iam::role::by_name(&stage.world, stage.cx.account(), "r").unwrap().id.clone();
    let xml = stage.done("AssumeRole", &[("RoleArn", &arn), ("RoleSessionName", "me@x"), ("SourceIdentity", "ana")]);
    assert_eq!(texts(&xml, "AssumedRoleId"), [format!("{id}:me@x")]);
    assert_eq!(texts(&xml, "Arn"), ["arn:aws:sts::123456789012:assumed-role/r/me@x"]);
    assert_eq!(texts(&xml, "SourceIdentity"), ["ana"]);
    assert_eq!(texts(&xml, "PackedPolicySize"), Vec::<&str>::new());
    let keys = keys(&xml);
    assert_eq!((keys.id.len(), keys.id.starts_with("ASIA"), keys.secret.len()), (20, true, 40));
    assert_eq!(service::ids::account_of(&keys.id), Some(stage.cx.account()));
    assert_eq!(keys.expiration, "2026-09-21T15:13:20Z");
    assert_eq!(texts(&xml, "SessionTokenSize"), [keys.token.len().to_string()]);
    assert_eq!(texts(&xml, "SessionTokenUtilization"), [(keys.token.len() * 100).div_ceil(4096).to_string()]);
}

#[test]
fn the_path_of_a_role_is_in_no_name_of_its_sessions() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    let document = trusting("arn:aws:iam::123456789012:user/ana");
    stage.done("CreateRole", &[("RoleName", "p"), ("Path", "/a/b/"), ("AssumeRolePolicyDocument", &document)]);
    stage.act_as_user("ana");
    let keys = stage.assume("a/b/p", &[]).unwrap();
    let caller = stage.open(&keys).unwrap();
    assert_eq!(caller.arn(), "arn:aws:sts::123456789012:assumed-role/p/session");
    assert_eq!(caller.principal_arn(), "arn:aws:iam::123456789012:role/a/b/p");
}

#[test]
fn malformed_arns() {
    let mut stage = ready();
    for arn in [
        "not-an-arn-at-all-but-long-enough",
        "arn::iam::123456789012:role/r",
        "arn:aws:::123456789012:role/r",
        "arn:aws:iam:123456789012:role/r",
        "arn:aws:iam::123456789012:",
        "ARN:aws:iam::123456789012:role/r",
    ] {
        let expected = format!("ValidationError: {arn} is invalid");
        let parameters = [("RoleArn", arn), ("RoleSessionName", "session")];
        assert_eq!(stage.outcome("AssumeRole", &parameters), expected, "{arn}");
    }
}

#[test]
fn root_may_not_unless_the_server_was_told_so() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    let refusal = "AccessDenied: Roles may not be assumed by root accounts.";
    assert_eq!(stage.assume_outcome("r", &[]), refusal);
    // Temporary credentials of root are root's as well.
    let xml = stage.done("GetSessionToken", &[]);
    stage.act_with(&keys(&xml));
    assert_eq!(stage.assume_outcome("r", &[]), refusal);

    stage.act_as_root(HERE);
    stage.done("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &trusting(HERE))]);
    let settings = service::cx::Settings { root_may_assume_roles: true, ..(*stage.cx.settings).clone() };
    stage.cx.settings = settings.into();
    assert_eq!(stage.assume_outcome("r", &[]), "allowed");
}

#[test]
fn faults_in_parameters() {
    let invalid = |text: &str| format!("InvalidParameterValue: {text}");
    let tags = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "blue")];
    let twice = [tags[0], tags[1], ("Tags.member.2.Key", "team"), ("Tags.member.2.Value", "red")];
    let cases: &[(&Parameters, String)] = &[
        (&twice, invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")),
        (
            &[tags[0], tags[1], ("TransitiveTagKeys.member.1", "Cost")],
            invalid("The specified transitive tag key must be included in the requested tags."),
        ),
        (&[tags[0], tags[1], ("TransitiveTagKeys.member.1", "TEAM")], "allowed".into()),
        (
            &[("Tags.member.1.Key", "AWS:x"), ("Tags.member.1.Value", "")],
            invalid("Tag keys starting with 'aws:' are reserved for internal use"),
        ),
        (
            &[("SerialNumber", "arn:aws:iam::123456789012:mfa/ana"), ("TokenCode", "123456")],
            "AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.".into(),
        ),
        (
            &[("SerialNumber", "arn:aws:iam::123456789012:mfa/ana")],
            "AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.".into(),
        ),
        (
            &[("TokenCode", "123456")],
            "AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.".into(),
        ),
        (
            &[("DurationSeconds", "3601")],
            "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".into(),
        ),
        (&[("DurationSeconds", "900")], "allowed".into()),
    ];
    for (parameters, expected) in cases {
        assert_eq!(&ready().assume_outcome("r", parameters), expected, "{parameters:?}");
    }
}

#[test]
fn what_the_model_refuses_is_refused_before_anybody_is_asked() {
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.act_as_user("ana");
    for parameter in
        [("DurationSeconds", "899"), ("DurationSeconds", "43201"), ("ExternalId", "x"), ("SourceIdentity", "a b")]
    {
        let outcome = stage.assume_outcome("nobodys", &[parameter]);
        assert!(outcome.starts_with("ValidationError: "), "{parameter:?}: {outcome}");
    }
}

/// A wrong code is told as such, also where the trust policy wants a second factor and would not let the caller in without.
#[test]
fn the_second_factor_is_looked_at_before_the_trust_policy() {
    let mut stage = stage();
    stage.user("ana", &[]);
    let condition = r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
    stage.role("r", &trusting_if("arn:aws:iam::123456789012:user/ana", condition), &[]);
    stage.act_as_user("ana");
    let code = [("SerialNumber", "arn:aws:iam::123456789012:mfa/ana"), ("TokenCode", "123456")];
    assert!(stage.assume_outcome("r", &code).starts_with("AccessDenied: MultiFactorAuthentication failed"));
    assert!(stage.assume_outcome("r", &[]).contains("is not authorized to perform: sts:AssumeRole"));
}

#[test]
fn contexts_need_a_permission_and_are_not_believed() {
    let arn = "arn:aws:iam::aws:contextProvider/IdentityCenter";
    let context =
        [("ProvidedContexts.member.1.ProviderArn", arn), ("ProvidedContexts.member.1.ContextAssertion", "made up")];
    let mut stage = ready();
    let ana = "arn:aws:iam::123456789012:user/ana";
    assert_eq!(stage.assume_outcome("r", &context), denied(ana, "sts:SetContext", "arn:aws:iam::123456789012:role/r"));
    stage.act_as_root(HERE);
    let document = trust(&format!(r#"{{"AWS":"{ana}"}}"#), &["sts:AssumeRole", "sts:SetContext"], "{}");
    stage.done("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &document)]);
    stage.act_as_user("ana");
    assert_eq!(
        stage.assume_outcome("r", &context),
        format!("InvalidContextAssertion: The context assertion is not one of provider `{arn}`")
    );
}

#[test]
fn a_token_is_as_long_as_asked_for() {
    let mut stage = ready();
    let plain = stage.assume("r", &[]).unwrap().token.len();
    for wanted in ["0", "1", "1000", "2049", "4096"] {
        let keys = stage.assume("r", &[("MinimumSessionTokenSize", wanted)]).unwrap();
        let least = wanted.parse::<usize>().unwrap().max(plain);
        assert!((least..=least + 8).contains(&keys.token.len()), "{wanted}: {}", keys.token.len());
        assert!(stage.open(&keys).is_ok(), "{wanted}");
    }
    assert!(stage.assume_outcome("r", &[("MinimumSessionTokenSize", "4097")]).starts_with("ValidationError: "));
}
