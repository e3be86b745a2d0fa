//! GetFederationToken: whose sessions they are, and what they may do.

use super::*;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;

fn ready() -> Stage {
    let mut stage = stage();
    stage.user("ana", &["sts:*", "iam:*"]);
    stage.act_as_user("ana");
    stage
}

#[test]
fn the_answer_names_the_federated_user() {
    let mut stage = ready();
    let xml = stage.done("GetFederationToken", &[("Name", "bob"), ("Policy", POLICY)]);
    assert_eq!(texts(&xml, "Arn"), ["arn:aws:sts::123456789012:federated-user/bob"]);
    assert_eq!(texts(&xml, "FederatedUserId"), ["123456789012:bob"]);
    assert_eq!(texts(&xml, "Expiration"), ["2026-09-22T02:13:20Z"]);
    let packed: i64 = texts(&xml, "PackedPolicySize")[0].parse().unwrap();
    assert!((1..100).contains(&packed), "{packed}");
    let nothing = stage.done("GetFederationToken", &[("Name", "bob")]);
    assert_eq!(texts(&nothing, "PackedPolicySize"), ["0"]);
    stage.act_with(&keys(&xml));
    assert_eq!(
        stage.done("GetCallerIdentity", &[]),
        "<Arn>arn:aws:sts::123456789012:federated-user/bob</Arn><UserId>123456789012:bob</UserId><Account>123456789012</Account>"
    );
}

#[test]
fn how_long_it_lasts() {
    let mut stage = ready();
    let lasts = |stage: &mut Stage, seconds: &str| {
        let xml = stage.done("GetFederationToken", &[("Name", "bob"), ("DurationSeconds", seconds)]);
        texts(&xml, "Expiration")[0].to_owned()
    };
    assert_eq!(lasts(&mut stage, "900"), "2026-09-21T14:28:20Z");
    assert_eq!(lasts(&mut stage, "129600"), "2026-09-23T02:13:20Z");
    stage.act_as_root(HERE);
    assert_eq!(lasts(&mut stage, "129600"), "2026-09-21T15:13:20Z", "root's an hour at most");
}

#[test]
fn it_may_call_no_iam_and_of_sts_who_am_i_alone() {
    let mut stage = ready();
    let everything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let xml = stage.done("GetFederationToken", &[("Name", "bob"), ("Policy", everything)]);
    stage.act_with(&keys(&xml));
    assert_eq!(
        stage.outcome("ListUsers", &[]),
        "InvalidClientTokenId: The security token included in the request is invalid"
    );
    for operation in ["GetSessionToken", "GetFederationToken"] {
        assert_eq!(
            stage.outcome(operation, &[("Name", "eve")]),
            format!("AccessDenied: Cannot call {operation} with session credentials")
        );
    }
    let token = [("Audience.member.1", "a"), ("SigningAlgorithm", "RS256")];
    assert_eq!(
        stage.outcome("GetWebIdentityToken", &token),
        "AccessDenied: GetWebIdentityToken does not support federated user sessions"
    );
    assert!(stage.outcome("GetAccessKeyInfo", &[("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")]).starts_with("AccessDenied"));
}

#[test]
fn permission_is_asked_for_by_name_and_for_tags() {
    let mut stage = ready();
    stage.user("ben", &["sts:GetFederationToken"]);
    stage.act_as_user("ben");
    let tag = [("Name", "bob"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")];
    assert_eq!(stage.outcome("GetFederationToken", &[("Name", "bob")]), "allowed");
    assert_eq!(
        stage.outcome("GetFederationToken", &tag),
        "AccessDenied: User: arn:aws:iam::123456789012:user/ben is not authorized to perform: sts:TagSession on resource: arn:aws:sts::123456789012:federated-user/bob because no identity-based policy allows the sts:TagSession action"
    );
    stage.act_as_root(HERE);
    stage.user("cat", &[]);
    stage.act_as_user("cat");
    assert_eq!(
        stage.outcome("GetFederationToken", &[("Name", "bob")]),
        "AccessDenied: User: arn:aws:iam::123456789012:user/cat is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::123456789012:federated-user/bob because no identity-based policy allows the sts:GetFederationToken action"
    );
}

#[test]
fn policies_are_checked() {
    let mut stage = ready();
    assert_eq!(
        stage.outcome("GetFederationToken", &[("Name", "bob"), ("Policy", "{}")]).split(':').next(),
        Some("MalformedPolicyDocument")
    );
    let value = "v".repeat(250);
    let tags: Vec<(String, String)> = (1..=9)
        .flat_map(|number| {
            let key = (format!("Tags.member.{number}.Key"), format!("k{number}"));
            [key, (format!("Tags.member.{number}.Value"), value.clone())]
        })
        .collect();
    let mut parameters: Vec<(&str, &str)> = tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    parameters.push(("Name", "bob"));
    let refusal = stage.outcome("GetFederationToken", &parameters);
    assert!(refusal.starts_with("PackedPolicyTooLarge: Packed size of session tags consumes "), "{refusal}");
}
