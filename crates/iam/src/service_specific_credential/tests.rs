//! Service-specific credentials: passwords and API keys, two for a service, told once.

use super::*;
use crate::tests::{Stage, stage, texts};

const CODECOMMIT: (&str, &str) = ("ServiceName", "codecommit.amazonaws.com");
const BEDROCK: (&str, &str) = ("ServiceName", "bedrock.amazonaws.com");
const BOB: (&str, &str) = ("UserName", "bob");

fn with_users() -> Stage {
    let mut stage = stage();
    stage.done("CreateUser", &[BOB]);
    stage.done("CreateUser", &[("UserName", "eve")]);
    stage
}

fn id_of(answer: &str) -> String {
    texts(answer, "ServiceSpecificCredentialId")[0].to_owned()
}

#[test]
fn a_password_is_told_once() {
    let mut stage = with_users();
    let made = stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]);
    assert_eq!(texts(&made, "ServiceUserName"), ["bob-at-123456789012"]);
    let password = texts(&made, "ServicePassword")[0].to_owned();
    assert!(password.len() == 60 && password.ends_with('='), "{password}");
    assert!(!made.contains("Secret") && !made.contains("Alias") && !made.contains("Expiration"), "{made}");
    let id = id_of(&made);
    assert!(id.starts_with("ACCA") && id.len() == 21, "{id}");
    let listed = stage.done("ListServiceSpecificCredentials", &[BOB]);
    assert_eq!(
        (texts(&listed, "ServiceSpecificCredentialId"), texts(&listed, "Status")),
        (vec![id.as_str()], vec!["Active"])
    );
    assert!(!listed.contains("Password"), "{listed}");
    let digest = |stage: &Stage| {
        let held = stage.world.get::<ServiceSpecificCredential>(&[stage.cx.account().as_str(), &id]);
        held.unwrap().digest.clone()
    };
    assert_eq!(digest(&stage), digest_of(&password));
    let reset = stage.done("ResetServiceSpecificCredential", &[BOB, ("ServiceSpecificCredentialId", &id)]);
    let fresh = texts(&reset, "ServicePassword")[0];
    assert_eq!(digest(&stage), digest_of(fresh));
    assert_ne!(fresh, password);
}

#[test]
fn an_api_key_holds_its_alias_and_may_expire() {
    let mut stage = with_users();
    let made = stage.done("CreateServiceSpecificCredential", &[BOB, BEDROCK, ("CredentialAgeDays", "30")]);
    assert_eq!(texts(&made, "ServiceCredentialAlias"), ["bob-at-123456789012"]);
    assert_eq!(texts(&made, "ExpirationDate"), ["2026-10-21T14:13:20Z"]);
    assert!(!made.contains("ServicePassword") && !made.contains("ServiceUserName"), "{made}");
    let inside = STANDARD.decode(texts(&made, "ServiceCredentialSecret")[0].strip_prefix("ABSK").unwrap()).unwrap();
    assert!(inside.starts_with(b"bob-at-123456789012:"));
    stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_hours(24 * 30)).unwrap();
    assert_eq!(texts(&stage.done("ListServiceSpecificCredentials", &[BOB]), "Status"), ["Expired"]);
}

#[test]
fn two_for_each_service() {
    let mut stage = with_users();
    let first = id_of(&stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]));
    let second = stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]);
    assert_eq!(texts(&second, "ServiceUserName"), ["bob+1-at-123456789012"]);
    assert_eq!(
        stage.refused("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]),
        "LimitExceeded: Cannot exceed quota for ContextSpecificCredentialsPerUserPerContext: 2"
    );
    stage.done("CreateServiceSpecificCredential", &[BOB, ("ServiceName", "cassandra.amazonaws.com")]);
    stage.done("DeleteServiceSpecificCredential", &[BOB, ("ServiceSpecificCredentialId", &first)]);
    let again = stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]);
    assert_eq!(texts(&again, "ServiceUserName"), ["bob-at-123456789012"]);
    assert_eq!(
        stage.refused("DeleteUser", &[BOB]),
        "DeleteConflict: Cannot delete entity, must remove referenced objects first."
    );
}

/// A name stays with its credential when the user is renamed; whoever is called so then gets another.
#[test]
fn a_name_is_of_one_credential() {
    let mut stage = with_users();
    stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]);
    stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]);
    stage.done("UpdateUser", &[BOB, ("NewUserName", "robert")]);
    stage.done("UpdateUser", &[("UserName", "eve"), ("NewUserName", "bob")]);
    let made = stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]);
    assert_eq!(texts(&made, "ServiceUserName"), ["bob+2-at-123456789012"]);
    let elsewhere = stage.done("CreateServiceSpecificCredential", &[BOB, ("ServiceName", "cassandra.amazonaws.com")]);
    assert_eq!(texts(&elsewhere, "ServiceUserName"), ["bob-at-123456789012"]);
}

type Parameters<'a> = &'a [(&'a str, &'a str)];

#[test]
fn bad_requests() {
    let mut stage = with_users();
    let id = id_of(&stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]));
    let id = ("ServiceSpecificCredentialId", id.as_str());
    let eves = format!("ValidationError: User eve does not have a service specific credential with id {}", id.1);
    let unknown = "NoSuchEntity: No such service lambda.amazonaws.com is supported for Service Specific Credentials";
    let lambda = ("ServiceName", "lambda.amazonaws.com");
    let unnamed = "ValidationError: Must specify userName when calling with non-User credentials";
    let cases: [(&str, Parameters<'_>, &str); 9] = [
        (
            "CreateServiceSpecificCredential",
            &[("UserName", "lost"), lambda],
            "NoSuchEntity: The user with name lost cannot be found.",
        ),
        ("CreateServiceSpecificCredential", &[BOB, lambda], unknown),
        ("ListServiceSpecificCredentials", &[BOB, lambda], unknown),
        (
            "ListServiceSpecificCredentials",
            &[BOB, ("ServiceName", "a_b")],
            "ValidationError: ServiceName must match [a-zA-Z0-9.-]*",
        ),
        (
            "ListServiceSpecificCredentials",
            &[BOB, ("AllUsers", "true")],
            "ValidationError: AllUsers cannot be specified together with UserName",
        ),
        ("ListServiceSpecificCredentials", &[], unnamed),
        ("DeleteServiceSpecificCredential", &[id], unnamed),
        ("ResetServiceSpecificCredential", &[("UserName", "eve"), id], &eves),
        ("UpdateServiceSpecificCredential", &[("UserName", "eve"), id, ("Status", "Inactive")], &eves),
    ];
    for (operation, parameters, expected) in cases {
        assert_eq!(stage.refused(operation, parameters), expected, "{operation} {parameters:?}");
    }
}

/// Seen of AWS, September 2026: passwords may expire too, and a service goes by its name in small letters.
#[test]
fn a_password_that_expires() {
    let mut stage = with_users();
    let loud = ("ServiceName", "CodeCommit.AMAZONAWS.com");
    let made = stage.done("CreateServiceSpecificCredential", &[BOB, loud, ("CredentialAgeDays", "1")]);
    assert_eq!(
        (texts(&made, "ServiceName"), texts(&made, "ExpirationDate")),
        (vec![CODECOMMIT.1], vec!["2026-09-22T14:13:20Z"])
    );
    assert_eq!(texts(&stage.done("ListServiceSpecificCredentials", &[BOB, ("ServiceName", "")]), "UserName"), ["bob"]);
}

#[test]
fn those_of_all_users_are_paged() {
    let mut stage = with_users();
    for (user, service) in [(BOB, CODECOMMIT), (("UserName", "eve"), CODECOMMIT), (BOB, BEDROCK)] {
        stage.done("CreateServiceSpecificCredential", &[user, service]);
        stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_secs(1)).unwrap();
    }
    let all = stage.done("ListServiceSpecificCredentials", &[("AllUsers", "true")]);
    assert_eq!(texts(&all, "UserName"), ["bob", "eve", "bob"]);
    let first = stage.done("ListServiceSpecificCredentials", &[("AllUsers", "true"), CODECOMMIT, ("MaxItems", "1")]);
    assert_eq!(texts(&first, "UserName"), ["bob"]);
    let marker = ("Marker", texts(&first, "Marker")[0]);
    let rest = stage.done("ListServiceSpecificCredentials", &[("AllUsers", "true"), CODECOMMIT, marker]);
    assert_eq!((texts(&rest, "UserName"), texts(&rest, "IsTruncated")), (vec!["eve"], vec!["false"]));
    stage.done("UpdateUser", &[BOB, ("NewUserName", "robert")]);
    let renamed = stage.done("ListServiceSpecificCredentials", &[("UserName", "robert"), CODECOMMIT]);
    assert_eq!(texts(&renamed, "ServiceUserName"), ["bob-at-123456789012"]);
    let id = id_of(&renamed);
    let update = [("UserName", "robert"), ("ServiceSpecificCredentialId", id.as_str()), ("Status", "Inactive")];
    stage.done("UpdateServiceSpecificCredential", &update);
    assert_eq!(texts(&stage.done("ListServiceSpecificCredentials", &update[..1]), "Status"), ["Inactive", "Active"]);
}

#[test]
fn policies_may_ask_for_the_service() {
    let mut stage = with_users();
    let id = id_of(&stage.done("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]));
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{
        "StringEquals":{"iam:ServiceSpecificCredentialServiceName":"bedrock.amazonaws.com"},
        "NumericLessThanEqualsIfExists":{"iam:ServiceSpecificCredentialAgeDays":"30"}}}}"#;
    stage.done("PutUserPolicy", &[("UserName", "eve"), ("PolicyName", "p"), ("PolicyDocument", policy)]);
    stage.act_as_user("eve");
    assert!(stage.refused("CreateServiceSpecificCredential", &[BOB, CODECOMMIT]).starts_with("AccessDenied"));
    let long = [BOB, BEDROCK, ("CredentialAgeDays", "31")];
    assert!(stage.refused("CreateServiceSpecificCredential", &long).starts_with("AccessDenied"));
    stage.done("CreateServiceSpecificCredential", &[BOB, BEDROCK, ("CredentialAgeDays", "30")]);
    let delete = [BOB, ("ServiceSpecificCredentialId", id.as_str())];
    assert!(stage.refused("DeleteServiceSpecificCredential", &delete).starts_with("AccessDenied"));
}
