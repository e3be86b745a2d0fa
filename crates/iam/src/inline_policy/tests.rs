//! Inline policies: what goes in comes out, what is no policy stays out, and how much fits.

use crate::record::{Role, folded};
use crate::tests::{Stage, allowing, stage, texts};

const KINDS: [(&str, &str); 3] = [("User", "user"), ("Group", "group"), ("Role", "role")];

/// A user, a group and a role, all called `x`.
fn with_holders() -> Stage {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "x")]);
    stage.done("CreateGroup", &[("GroupName", "x")]);
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    stage.done("CreateRole", &[("RoleName", "x"), ("AssumeRolePolicyDocument", trust)]);
    stage
}

#[test]
fn what_goes_in_comes_out() {
    let text = "{\n\t\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"arn:aws:s3:::b/%3A~é\"}]}";
    let encoded = "%7B%0A%09%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A\
                   %22s3%3AGet%2A%22%2C%22Resource%22%3A%22arn%3Aaws%3As3%3A%3A%3Ab%2F%253A~%C3%A9%22%7D%5D%7D";
    let mut stage = with_holders();
    for (kind, word) in KINDS {
        let name = format!("{kind}Name");
        let (holder, policy) = ((name.as_str(), "x"), ("PolicyName", "p"));
        stage.done(&format!("Put{kind}Policy"), &[holder, policy, ("PolicyDocument", text)]);
        let got = stage.done(&format!("Get{kind}Policy"), &[holder, policy]);
        assert_eq!(texts(&got, "PolicyDocument"), [encoded], "{kind}");
        assert_eq!((texts(&got, &name), texts(&got, "PolicyName")), (vec!["x"], vec!["p"]));
        assert_eq!(texts(&stage.done(&format!("List{kind}Policies"), &[holder]), "member"), ["p"]);
        stage.done(&format!("Delete{kind}Policy"), &[holder, policy]);
        let gone = format!("NoSuchEntity: The {word} policy with name p cannot be found.");
        for operation in ["Get", "Delete"] {
            assert_eq!(stage.refused(&format!("{operation}{kind}Policy"), &[holder, policy]), gone);
        }
        let nobody = stage.refused(&format!("Put{kind}Policy"), &[(&name, "nobody"), policy, ("PolicyDocument", text)]);
        assert_eq!(nobody, format!("NoSuchEntity: The {word} with name nobody cannot be found."));
    }
}

#[test]
fn names_of_policies_ignore_case_and_keep_the_first() {
    let mut stage = with_holders();
    let user = ("UserName", "x");
    for (name, action) in [("P", "s3:A"), ("Q", "s3:B"), ("p", "s3:C")] {
        stage.done("PutUserPolicy", &[user, ("PolicyName", name), ("PolicyDocument", &allowing(action, "*"))]);
    }
    assert_eq!(texts(&stage.done("ListUserPolicies", &[user]), "member"), ["P", "Q"]);
    let kept = stage.user("x").policies.inline;
    assert_eq!(kept["P"].text(), allowing("s3:C", "*"));
    assert_eq!(texts(&stage.done("GetUserPolicy", &[user, ("PolicyName", "p")]), "PolicyName"), ["p"]);
    let first = stage.done("ListUserPolicies", &[user, ("MaxItems", "1")]);
    assert_eq!((texts(&first, "member"), texts(&first, "IsTruncated")), (vec!["P"], vec!["true"]));
    stage.done("DeleteUserPolicy", &[user, ("PolicyName", "p")]);
    assert_eq!(texts(&stage.done("ListUserPolicies", &[user]), "member"), ["Q"]);
}

#[test]
fn what_is_no_policy_stays_out() {
    let cases = [
        ("{", "Syntax errors in policy."),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}"#,
            "Policy statement must contain actions.",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}"#,
            "Policy document should not specify a principal.",
        ),
    ];
    let mut stage = with_holders();
    for (document, text) in cases {
        for (kind, _) in KINDS {
            let name = format!("{kind}Name");
            let parameters = [(name.as_str(), "x"), ("PolicyName", "p"), ("PolicyDocument", document)];
            assert_eq!(
                stage.refused(&format!("Put{kind}Policy"), &parameters),
                format!("MalformedPolicyDocument: {text}")
            );
        }
    }
    assert!(stage.user("x").policies.inline.is_empty());
}

#[test]
fn all_inline_policies_together_must_fit() {
    let mut stage = with_holders();
    for ((kind, word), most) in KINDS.into_iter().zip([2_048, 5_120, 10_240]) {
        let name = format!("{kind}Name");
        let operation = format!("Put{kind}Policy");
        let mut put = |policy: &str, size: usize, white_space: &str| {
            let around = allowing("s3:*", "").len();
            // Only the resource's length varies; white space outside of it does not count.
            let document = allowing("s3:*", &format!("arn:aws:s3:::{}", "a".repeat(size - around - 13)));
            let document = format!("{white_space}{document}");
            let parameters = [(name.as_str(), "x"), ("PolicyName", policy), ("PolicyDocument", &document)];
            stage.call(&operation, &parameters).map_err(|error| format!("{}: {}", error.code, error.message))
        };
        let refusal = Err(format!("LimitExceeded: Maximum policy size of {most} bytes exceeded for {word} x"));
        assert_eq!(put("p", most + 1, ""), refusal);
        assert_eq!(put("p", most, "  \n"), Ok(String::new()));
        assert_eq!(put("p", most, "\t"), Ok(String::new()), "it replaces itself");
        assert_eq!(put("q", 200, ""), refusal);
        assert_eq!(put("p", most - 200, ""), Ok(String::new()));
        assert_eq!(put("q", 200, ""), Ok(String::new()));
    }
}

#[test]
fn service_linked_roles_stay_as_they_are() {
    let mut stage = with_holders();
    let account = stage.cx.account();
    let role = stage.world.one::<Role>(Role::BY_NAME, &[account.as_str(), &folded("x")]).unwrap();
    let mut tx = service::Tx::on(stage.world.clone());
    tx.put(Role { path: "/aws-service-role/spot.amazonaws.com/".into(), ..Role::clone(role) });
    stage.world = service::World::clone(&tx);
    let text = "UnmodifiableEntity: Cannot perform the operation on the protected role 'x' - this role is only modifiable by AWS";
    let document = allowing("s3:*", "*");
    let role = ("RoleName", "x");
    let policy = ("PolicyName", "p");
    assert_eq!(stage.refused("PutRolePolicy", &[role, policy, ("PolicyDocument", &document)]), text);
    assert_eq!(stage.refused("DeleteRolePolicy", &[role, policy]), text);
    let arn = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    assert_eq!(stage.refused("AttachRolePolicy", &[role, arn]), text);
    assert_eq!(stage.refused("DetachRolePolicy", &[role, arn]), text);
    assert_eq!(texts(&stage.done("ListRolePolicies", &[role]), "member"), Vec::<&str>::new());
}

#[test]
fn changes_can_be_bound_to_a_boundary() {
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:*UserPolicy","Resource":"*",
           "Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}}}}}"#
    );
    let mut stage = with_holders();
    stage.done("CreateUser", &[("UserName", "bound"), ("PermissionsBoundary", boundary)]);
    stage.done("CreateUser", &[("UserName", "bob")]);
    stage.done("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    stage.act_as_user("bob");
    let policy = ("PolicyName", "p");
    let text = allowing("s3:*", "*");
    let put = [policy, ("PolicyDocument", text.as_str())];
    let attach = [("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")];
    for (operation, rest) in [
        ("PutUserPolicy", &put[..]),
        ("DeleteUserPolicy", &put[..1]),
        ("AttachUserPolicy", &attach[..]),
        ("DetachUserPolicy", &attach[..]),
    ] {
        stage.done(operation, &[&[("UserName", "bound")], rest].concat());
        let refusal = stage.refused(operation, &[&[("UserName", "x")], rest].concat());
        assert!(refusal.starts_with("AccessDenied"), "{operation}: {refusal}");
    }
}
