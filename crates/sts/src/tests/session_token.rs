//! GetSessionToken, and what its credentials may not do.

use super::*;

fn ready() -> Stage {
    let mut stage = stage();
    stage.user("ana", &["iam:*", "sts:*"]);
    stage.act_as_user("ana");
    stage
}

#[test]
fn how_long_it_lasts() {
    let (user, root) = (false, true);
    let cases: &[(bool, &Parameters, &str)] = &[
        (user, &[], "2026-09-22T02:13:20Z"),
        (user, &[("DurationSeconds", "900")], "2026-09-21T14:28:20Z"),
        (user, &[("DurationSeconds", "129600")], "2026-09-23T02:13:20Z"),
        (root, &[], "2026-09-21T15:13:20Z"),
        (root, &[("DurationSeconds", "900")], "2026-09-21T14:28:20Z"),
        // An hour at most, without a word.
        (root, &[("DurationSeconds", "129600")], "2026-09-21T15:13:20Z"),
    ];
    for (is_root, parameters, expected) in cases {
        let mut stage = ready();
        if *is_root {
            stage.act_as_root(HERE);
        }
        let xml = stage.done("GetSessionToken", parameters);
        assert_eq!(texts(&xml, "Expiration"), [*expected], "root: {is_root} {parameters:?}");
    }
    for seconds in ["899", "129601"] {
        assert!(ready().outcome("GetSessionToken", &[("DurationSeconds", seconds)]).starts_with("ValidationError: "));
    }
}

#[test]
fn it_is_the_same_user() {
    let mut stage = ready();
    let before = stage.done("GetCallerIdentity", &[]);
    let xml = stage.done("GetSessionToken", &[]);
    stage.act_with(&keys(&xml));
    assert_eq!(stage.done("GetCallerIdentity", &[]), before);
    let session = stage.cx.caller.session.as_ref().unwrap();
    assert_eq!((session.chain_depth, session.tags.len(), session.policies.len()), (0, 0, 0));
}

#[test]
fn no_permission_is_asked_for() {
    let mut stage = stage();
    stage.user("ben", &[]);
    stage.act_as_user("ben");
    assert_eq!(stage.outcome("GetSessionToken", &[]), "allowed");
}

#[test]
fn only_long_term_credentials_may_ask() {
    let refusal = "AccessDenied: Cannot call GetSessionToken with session credentials";
    let mut stage = ready();
    let xml = stage.done("GetSessionToken", &[]);
    stage.act_with(&keys(&xml));
    assert_eq!(stage.outcome("GetSessionToken", &[]), refusal);
    stage.act_as_root(HERE);
    stage.role("r", &trusting("arn:aws:iam::123456789012:user/ana"), &["sts:*"]);
    stage.act_as_user("ana");
    let keys = stage.assume("r", &[]).unwrap();
    stage.act_with(&keys);
    assert_eq!(stage.outcome("GetSessionToken", &[]), refusal);
}

#[test]
fn a_second_factor_that_nobody_has() {
    let text = "AccessDenied: MultiFactorAuthentication failed, ";
    let serial = ("SerialNumber", "arn:aws:iam::123456789012:mfa/ana");
    let code = ("TokenCode", "123456");
    let both =
        "unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
    let one = "must provide both MFA serial number and one time pass code.";
    for (parameters, expected) in [(&[serial, code][..], both), (&[serial][..], one), (&[code][..], one)] {
        assert_eq!(ready().outcome("GetSessionToken", parameters), format!("{text}{expected}"));
    }
}

#[test]
fn what_it_may_not_call() {
    let mut stage = ready();
    stage.act_as_root(HERE);
    stage.role("r", &trusting("arn:aws:iam::123456789012:user/ana"), &[]);
    stage.act_as_user("ana");
    let xml = stage.done("GetSessionToken", &[]);
    stage.act_with(&keys(&xml));
    let invalid = "InvalidClientTokenId: The security token included in the request is invalid";
    assert_eq!(stage.outcome("ListUsers", &[]), invalid);
    assert_eq!(stage.outcome("GetCallerIdentity", &[]), "allowed");
    assert_eq!(stage.assume_outcome("r", &[]), "allowed");
    assert_eq!(
        stage.outcome("GetAccessKeyInfo", &[("AccessKeyId", "ASIAY34FZKBOKMUTVV7A")]),
        "AccessDenied: Cannot call GetAccessKeyInfo with session credentials"
    );
    // With a second factor IAM is open.
    let mut caller = Caller::clone(&stage.cx.caller);
    caller.session.as_mut().unwrap().mfa_at = Some(stage.cx.now);
    stage.act_as(caller);
    assert_eq!(stage.outcome("ListUsers", &[]), "allowed");
    // Of STS no more than before.
    for (operation, parameters) in [
        ("GetAccessKeyInfo", ("AccessKeyId", "ASIAY34FZKBOKMUTVV7A")),
        ("DecodeAuthorizationMessage", ("EncodedMessage", "x")),
    ] {
        let expected = format!("AccessDenied: Cannot call {operation} with session credentials");
        assert_eq!(stage.outcome(operation, &[parameters]), expected);
    }
    assert_eq!(stage.assume_outcome("r", &[]), "allowed");
}

/// Which kind of session may call what, before any policy is asked.
#[test]
fn kinds_of_sessions() {
    use service::caller::SessionKind::*;
    let mut stage = ready();
    let xml = stage.done("GetSessionToken", &[]);
    let caller = stage.open(&keys(&xml)).unwrap();
    let cases = [
        (SessionToken, [false, true, true, false, true]),
        (Federation, [false, true, false, false, true]),
        (AssumeRole, [true; 5]),
        (InstanceProfile, [true; 5]),
        (InstanceIdentity, [true; 5]),
    ];
    let calls = [
        (Service::Iam, "ListUsers"),
        (Service::Sts, "GetCallerIdentity"),
        (Service::Sts, "AssumeRole"),
        (Service::Sts, "DecodeAuthorizationMessage"),
        (Service::Ec2, "DescribeInstances"),
    ];
    for (kind, expected) in cases {
        let mut caller = caller.clone();
        caller.session.as_mut().unwrap().kind = kind;
        let allowed = calls.map(|(service, operation)| crate::token::may_call(&caller, service, operation).is_ok());
        assert_eq!(allowed, expected, "{kind:?}");
    }
}
