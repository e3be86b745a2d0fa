//! Attached policies: attaching and detaching, limits, and who has one.

use crate::tests::{Stage, allowing, stage, texts};

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const KINDS: [&str; 3] = ["User", "Group", "Role"];

/// A user, a group and a role, all called `x`, below the path `/p/`.
fn with_holders() -> Stage {
    let mut stage = stage();
    let path = ("Path", "/p/");
    stage.done("CreateUser", &[("UserName", "x"), path]);
    stage.done("CreateGroup", &[("GroupName", "x"), path]);
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    stage.done("CreateRole", &[("RoleName", "x"), path, ("AssumeRolePolicyDocument", trust)]);
    stage
}

/// A managed policy of the account; its ARN.
fn policy(stage: &mut Stage, name: &str, path: &str) -> String {
    let document = allowing("s3:*", "*");
    let made = stage.done("CreatePolicy", &[("PolicyName", name), ("Path", path), ("PolicyDocument", &document)]);
    texts(&made, "Arn")[0].to_owned()
}

#[test]
fn policies_are_attached_and_detached() {
    let mut stage = with_holders();
    let own = policy(&mut stage, "Own", "/a/");
    for kind in KINDS {
        let name = format!("{kind}Name");
        let holder = (name.as_str(), "x");
        for arn in [READ_ONLY, own.as_str(), READ_ONLY] {
            stage.done(&format!("Attach{kind}Policy"), &[holder, ("PolicyArn", arn)]);
        }
        let list = format!("ListAttached{kind}Policies");
        let listed = stage.done(&list, &[holder]);
        assert_eq!(texts(&listed, "PolicyArn"), [own.as_str(), READ_ONLY]);
        assert_eq!(texts(&listed, "PolicyName"), ["Own", "ReadOnlyAccess"]);
        assert_eq!(texts(&stage.done(&list, &[holder, ("PathPrefix", "/a/")]), "PolicyName"), ["Own"]);

        let detach = format!("Detach{kind}Policy");
        stage.done(&detach, &[holder, ("PolicyArn", READ_ONLY)]);
        assert_eq!(
            stage.refused(&detach, &[holder, ("PolicyArn", READ_ONLY)]),
            format!("NoSuchEntity: Policy {READ_ONLY} was not found.")
        );
        assert_eq!(texts(&stage.done(&list, &[holder]), "PolicyName"), ["Own"]);
    }
}

#[test]
fn what_cannot_be_attached() {
    let cases = [
        ("this-is-not-an-arn-at-all", "ValidationError: Invalid ARN:  Could not be parsed!"),
        (
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            "NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.",
        ),
        ("arn:aws-cn:iam::aws:policy/ReadOnlyAccess", "ValidationError: Invalid ARN partition"),
        (
            "arn:aws:iam::123456789012:policy/ReadOnlyAccess",
            "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/ReadOnlyAccess does not exist or is not attachable.",
        ),
        (
            "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy",
            "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.",
        ),
    ];
    let mut stage = with_holders();
    for (arn, text) in cases {
        assert_eq!(stage.refused("AttachRolePolicy", &[("RoleName", "x"), ("PolicyArn", arn)]), text);
    }
    assert_eq!(
        stage.refused("AttachUserPolicy", &[("UserName", "nobody"), ("PolicyArn", READ_ONLY)]),
        "NoSuchEntity: The user with name nobody cannot be found."
    );
}

#[test]
fn policies_of_other_accounts_cannot_be_attached() {
    let mut stage = with_holders();
    let own = policy(&mut stage, "Own", "/");
    let other =
        service::Caller { account: "999999999999".parse().unwrap(), ..service::Caller::clone(&stage.cx.caller) };
    stage.act_as(other);
    stage.done("CreateUser", &[("UserName", "x")]);
    assert_eq!(
        stage.refused("AttachUserPolicy", &[("UserName", "x"), ("PolicyArn", &own)]),
        format!("NoSuchEntity: Policy {own} does not exist or is not attachable.")
    );
}

#[test]
fn ten_attached_policies_where_quotas_are_asked_for() {
    let mut stage = with_holders();
    let settings =
        service::cx::Settings { quotas: service::cx::Quotas::Aws, ..service::cx::Settings::clone(&stage.cx.settings) };
    stage.cx.settings = settings.into();
    let arns: Vec<String> = (0..11).map(|number| policy(&mut stage, &format!("p{number}"), "/")).collect();
    for kind in KINDS {
        let (name, operation) = (format!("{kind}Name"), format!("Attach{kind}Policy"));
        for arn in &arns[..10] {
            stage.done(&operation, &[(&name, "x"), ("PolicyArn", arn)]);
        }
        assert_eq!(
            stage.refused(&operation, &[(&name, "x"), ("PolicyArn", &arns[10])]),
            format!("LimitExceeded: Cannot exceed quota for PoliciesPer{kind}: 10")
        );
        stage.done(&operation, &[(&name, "x"), ("PolicyArn", &arns[0])]);
    }
}

#[test]
fn who_has_a_policy() {
    let mut stage = with_holders();
    for kind in KINDS {
        stage.done(&format!("Attach{kind}Policy"), &[(&format!("{kind}Name"), "x"), ("PolicyArn", READ_ONLY)]);
    }
    stage.done("CreateUser", &[("UserName", "bound"), ("PermissionsBoundary", READ_ONLY)]);
    stage.done("PutUserPermissionsBoundary", &[("UserName", "x"), ("PermissionsBoundary", READ_ONLY)]);
    let mut ask = |parameters: &[(&str, &str)]| {
        let answer = stage.done("ListEntitiesForPolicy", &[&[("PolicyArn", READ_ONLY)], parameters].concat());
        let kinds = ["GroupName", "UserName", "RoleName"].map(|element| texts(&answer, element).join(","));
        (kinds.join(" "), texts(&answer, "Marker").first().map(|marker| (*marker).to_owned()))
    };
    let usage = |usage| ("PolicyUsageFilter", usage);
    for (parameters, expected) in [
        (vec![], "x bound,x x"),
        (vec![("EntityFilter", "User")], " bound,x "),
        (vec![("EntityFilter", "Role")], "  x"),
        (vec![("PathPrefix", "/p/")], "x x x"),
        (vec![usage("PermissionsPolicy")], "x x x"),
        (vec![usage("PermissionsBoundary")], " bound,x "),
    ] {
        assert_eq!(ask(&parameters), (expected.to_owned(), None), "{parameters:?}");
    }
    let (mut seen, mut marker) = (Vec::new(), None::<String>);
    loop {
        let page = match &marker {
            Some(marker) => ask(&[("MaxItems", "1"), ("Marker", marker)]),
            None => ask(&[("MaxItems", "1")]),
        };
        seen.push(page.0);
        marker = page.1;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["x  ", "  x", " bound ", " x "]);
    assert_eq!(
        stage.refused("ListEntitiesForPolicy", &[("PolicyArn", "arn:aws:iam::aws:policy/NoSuchPolicy")]),
        "NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuchPolicy was not found."
    );
}

#[test]
fn attaching_can_be_bound_to_a_policy() {
    let mut stage = with_holders();
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["iam:Attach*","iam:Detach*"],"Resource":"*",
           "Condition":{{"ArnEquals":{{"iam:PolicyARN":"{READ_ONLY}"}}}}}}}}"#
    );
    stage.done("CreateUser", &[("UserName", "bob")]);
    stage.done("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    stage.act_as_user("bob");
    for kind in KINDS {
        let name = format!("{kind}Name");
        for verb in ["Attach", "Detach"] {
            let operation = format!("{verb}{kind}Policy");
            stage.done(&operation, &[(&name, "x"), ("PolicyArn", READ_ONLY)]);
            let other = ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess");
            assert!(stage.refused(&operation, &[(&name, "x"), other]).starts_with("AccessDenied"), "{operation}");
        }
    }
}
