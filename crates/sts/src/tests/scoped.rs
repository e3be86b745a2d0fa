//! GetScopedCredentials: the same session with less to it.

use super::*;

const R: &str = "arn:aws:sts::123456789012:assumed-role/r/session";

/// A session of a role that may read and write users, and ask for less.
fn ready() -> Stage {
    let mut stage = stage();
    stage.user("ana", &["sts:GetScopedCredentials"]);
    let actions = ["iam:*", "sts:GetScopedCredentials", "sts:AssumeRole"];
    stage.role("r", &trusting("arn:aws:iam::123456789012:user/ana"), &actions);
    stage.act_as_user("ana");
    let keys =
        stage.assume("r", &[("SourceIdentity", "ana"), ("Tags.member.1.Key", "t"), ("Tags.member.1.Value", "v")]);
    stage.act_with(&keys.unwrap());
    stage
}

fn narrow(stage: &mut Stage, actions: &[&str]) -> Result<String, ApiError> {
    stage.call("GetScopedCredentials", &[("Policy", &allowing(actions))])
}

#[test]
fn who_it_is_stays_and_what_it_may_is_less() {
    let mut stage = ready();
    let before = stage.cx.caller.clone();
    let xml = narrow(&mut stage, &["iam:ListUsers", "ec2:*"]).unwrap();
    assert_eq!(texts(&xml, "Arn"), [R]);
    assert_eq!(texts(&xml, "ScopedSessionId"), [before.user_id()]);
    assert_eq!(texts(&xml, "ScopedPoliciesCount"), ["1"]);
    assert_eq!(texts(&xml, "SourceIdentity"), ["ana"]);
    assert_eq!(texts(&xml, "SessionTokenSize"), [keys(&xml).token.len().to_string()]);
    stage.act_with(&keys(&xml));
    assert_eq!(stage.cx.caller.arn(), R);
    let (old, new) = (before.session.as_ref().unwrap(), stage.cx.caller.session.clone().unwrap());
    assert_eq!((&new.tags, new.expires_at, new.chain_depth), (&old.tags, old.expires_at, old.chain_depth));
    assert_eq!(stage.outcome("ListUsers", &[]), "allowed");
    assert_eq!(
        stage.outcome("CreateUser", &[("UserName", "x")]),
        format!(
            "AccessDenied: User: {R} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::123456789012:user/x because no session policy allows the iam:CreateUser action"
        )
    );
}

#[test]
fn a_policy_gives_nothing_that_the_session_had_not() {
    let mut stage = ready();
    let xml = narrow(&mut stage, &["*"]).unwrap();
    stage.act_with(&keys(&xml));
    assert!(stage.outcome("GetAccessKeyInfo", &[("AccessKeyId", "AKIATESTTESTTESTTEST")]).starts_with("AccessDenied"));
}

/// Each call is a layer of its own, three at most; a duration alone adds none.
#[test]
fn three_policies_and_no_more() {
    let mut stage = ready();
    let all = ["iam:*", "sts:GetScopedCredentials"];
    for (count, actions) in [("1", &all[..]), ("2", &["iam:ListUsers", "iam:ListRoles", "sts:*"]), ("3", &["*"])] {
        let xml = narrow(&mut stage, actions).unwrap();
        assert_eq!(texts(&xml, "ScopedPoliciesCount"), [count]);
        stage.act_with(&keys(&xml));
    }
    assert_eq!(stage.outcome("ListUsers", &[]), "allowed");
    assert!(stage.outcome("ListGroups", &[]).ends_with("because no session policy allows the iam:ListGroups action"));
    let fourth = narrow(&mut stage, &["*"]).unwrap_err();
    assert_eq!(
        (fourth.code.as_ref(), fourth.message.as_str()),
        ("AccessDenied", "The session already has 3 scope down policies")
    );
    let xml = stage.done("GetScopedCredentials", &[("DurationSeconds", "60")]);
    assert_eq!(texts(&xml, "ScopedPoliciesCount"), ["3"]);
}

/// Claims that nothing deflates, more of them than one provider's configuration maps: no client has to carry such a token.
#[test]
fn what_adds_up_is_too_large() {
    let mut stage = ready();
    let mut caller = Caller::clone(&stage.cx.caller);
    let noise = |seed: u64| format!("{:016x}", seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let long = |seed: u64| (0..8).map(|part| noise(seed * 8 + part + 1)).collect::<String>();
    let claims = (0..40).map(|number| (format!("aws:TransactionContext/IdentityProvider/{number}"), long(number)));
    caller.session.as_mut().unwrap().trusted_context = claims.collect();
    stage.act_as(caller);
    let refused = stage.outcome("GetScopedCredentials", &[("DurationSeconds", "60")]);
    assert!(refused.starts_with("PackedPolicyTooLarge: The session token of "), "{refused}");
    assert!(refused.ends_with(" bytes exceeds the maximum allowed size of 4096 bytes."), "{refused}");
}

#[test]
fn it_ends_with_the_calling_session_or_before() {
    let mut stage = ready();
    stage.pass(600);
    let refused = "InsufficientSessionLifetime: The requested DurationSeconds exceeds the remaining lifetime of the calling session.";
    assert_eq!(stage.outcome("GetScopedCredentials", &[("DurationSeconds", "3001")]), refused);
    let longest = stage.done("GetScopedCredentials", &[("DurationSeconds", "3000")]);
    let inherited = narrow(&mut stage, &["*"]).unwrap();
    assert_eq!(keys(&longest).expiration, keys(&inherited).expiration);
    let one = keys(&stage.done("GetScopedCredentials", &[("DurationSeconds", "1")]));
    stage.pass(1);
    assert_eq!(stage.open(&one).unwrap_err(), Refused::Expired);
}

#[test]
fn faults() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[], "ValidationError: At least one of Policy or DurationSeconds must be specified"),
        (&[("Policy", "{")], "MalformedPolicyDocument: Syntax errors in policy."),
    ];
    let mut stage = ready();
    for (parameters, expected) in cases {
        assert_eq!(&stage.outcome("GetScopedCredentials", parameters), expected, "{parameters:?}");
    }
    let word = |number: u64| format!("ec2:{:016x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let actions: Vec<String> = (1..70).map(word).collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    assert_eq!(narrow(&mut stage, &actions).unwrap_err().code, "PackedPolicyTooLarge");
    stage.by_global_endpoint();
    let refused = "InvalidAction: Operation not supported on STS global endpoint";
    assert_eq!(stage.outcome("GetScopedCredentials", &[("DurationSeconds", "60")]), refused);
}

#[test]
fn long_term_credentials_cannot_be_narrowed() {
    let refused = "InvalidSubjectCredentials: GetScopedCredentials must be called with temporary security credentials";
    let mut stage = ready();
    stage.act_as_user("ana");
    assert_eq!(stage.outcome("GetScopedCredentials", &[("DurationSeconds", "60")]), refused);
    let session = keys(&stage.done("GetSessionToken", &[]));
    stage.act_with(&session);
    assert_eq!(stage.outcome("GetScopedCredentials", &[("DurationSeconds", "60")]), "allowed");
    stage.act_as_root(HERE);
    assert_eq!(stage.outcome("GetScopedCredentials", &[("DurationSeconds", "60")]), refused);
}

/// A trust policy that names the session lets it in past its session policies; not past these.
#[test]
fn no_resource_gets_around_it() {
    let mut stage = ready();
    let session = stage.cx.caller.clone();
    stage.act_as_root(HERE);
    stage.role("other", &trusting(R), &[]);
    stage.act_as(Caller::clone(&session));
    let asked = [("SourceIdentity", "ana")];
    let outcome = |stage: &mut Stage| stage.assume_outcome("arn:aws:iam::123456789012:role/other", &asked);
    assert_eq!(outcome(&mut stage), "allowed");
    let xml = narrow(&mut stage, &["iam:*"]).unwrap();
    stage.act_with(&keys(&xml));
    assert!(outcome(&mut stage).starts_with("AccessDenied"));
}

/// A federated user without session policies may do nothing, and gets nothing by asking for less.
#[test]
fn a_federated_user_gains_nothing() {
    let mut stage = stage();
    stage.user("ana", &["*"]);
    stage.act_as_user("ana");
    let nobody = keys(&stage.done("GetFederationToken", &[("Name", "bob")]));
    stage.act_with(&nobody);
    assert!(
        narrow(&mut stage, &["*"])
            .unwrap_err()
            .message
            .ends_with("because no session policy allows the sts:GetScopedCredentials action")
    );
    stage.act_as_user("ana");
    let somebody = keys(&stage.done("GetFederationToken", &[("Name", "bob"), ("Policy", &allowing(&["*"]))]));
    stage.act_with(&somebody);
    let xml = narrow(&mut stage, &["ec2:*"]).unwrap();
    assert_eq!(texts(&xml, "Arn"), ["arn:aws:sts::123456789012:federated-user/bob"]);
}
