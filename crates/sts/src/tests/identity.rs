//! GetCallerIdentity for every kind of caller, and GetAccessKeyInfo.

use service::caller::FederatingUser;

use super::*;

#[test]
fn who_they_are() {
    let role = Principal::Role {
        id: "AROAX".into(),
        name: "r".into(),
        path: "/a/b/".into(),
        session_name: "i-0123456789abcdef0".into(),
    };
    let behind = FederatingUser { id: "AIDAX".into(), name: "ana".into(), path: "/".into() };
    let cases = [
        (Principal::Root, "123456789012", "arn:aws:iam::123456789012:root"),
        (
            Principal::User { id: "AIDAX".into(), name: "ana".into(), path: "/a/b/".into() },
            "AIDAX",
            "arn:aws:iam::123456789012:user/a/b/ana",
        ),
        (role, "AROAX:i-0123456789abcdef0", "arn:aws:sts::123456789012:assumed-role/r/i-0123456789abcdef0"),
        (
            Principal::Federated { name: "web".into(), user: Some(behind) },
            "123456789012:web",
            "arn:aws:sts::123456789012:federated-user/web",
        ),
        (
            Principal::Instance { instance_id: "i-0123456789abcdef0".into() },
            "123456789012:aws:ec2-instance:i-0123456789abcdef0",
            "arn:aws:sts::123456789012:assumed-role/aws:ec2-instance/i-0123456789abcdef0",
        ),
    ];
    for (principal, user_id, arn) in cases {
        let mut stage = stage();
        let caller = Caller { principal, ..Caller::clone(&stage.cx.caller) };
        stage.act_as(caller);
        // In this order, as AWS writes it.
        let expected = format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>123456789012</Account>");
        let xml: String = stage.done("GetCallerIdentity", &[]).split_whitespace().collect();
        assert_eq!(xml, expected);
    }
}

#[test]
fn everybody_may_ask_who_they_are() {
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let mut stage = stage();
    stage.user("ana", &[]);
    stage.done("PutUserPolicy", &[("UserName", "ana"), ("PolicyName", "no"), ("PolicyDocument", deny)]);
    stage.act_as_user("ana");
    assert_eq!(stage.outcome("GetCallerIdentity", &[]), "allowed");
}

#[test]
fn the_account_is_read_out_of_the_key() {
    let mut stage = stage();
    stage.user("ana", &[]);
    let own = stage.done("CreateAccessKey", &[("UserName", "ana")]);
    let own = texts(&own, "AccessKeyId")[0].to_owned();
    // Published keys; nobody has them here, and the end may be anything.
    let cases = [
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
        ("ASIAY34FZKBOKMUTAAAA", "609629065308"),
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
        (own.as_str(), HERE),
    ];
    for (key, account) in cases {
        assert_eq!(texts(&stage.done("GetAccessKeyInfo", &[("AccessKeyId", key)]), "Account"), [account]);
    }
    let old = [("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")];
    assert_eq!(stage.outcome("GetAccessKeyInfo", &old), "ValidationError: Invalid Access Key ID");
    let short = stage.outcome("GetAccessKeyInfo", &[("AccessKeyId", "AKIA")]);
    assert!(short.contains("Member must have length greater than or equal to 16"), "{short}");

    stage.act_as_user("ana");
    assert_eq!(
        stage.outcome("GetAccessKeyInfo", &[("AccessKeyId", "ASIAY34FZKBOKMUTVV7A")]),
        "AccessDenied: User: arn:aws:iam::123456789012:user/ana is not authorized to perform: sts:GetAccessKeyInfo because no identity-based policy allows the sts:GetAccessKeyInfo action"
    );
}
