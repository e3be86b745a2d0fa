use crate::tests::{Stage, allowing, stage, texts};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const ARN: &str = "arn:aws:iam::123456789012:policy/bound";

fn prepared() -> Stage {
    let mut stage = stage();
    stage.done("CreatePolicy", &[("PolicyName", "bound"), ("PolicyDocument", &allowing("s3:*", "*"))]);
    stage.done("CreateUser", &[("UserName", "e")]);
    stage.done("CreateRole", &[("RoleName", "e"), ("AssumeRolePolicyDocument", TRUST)]);
    stage
}

#[test]
fn put_and_deleted() {
    for (kind, name) in [("User", "UserName"), ("Role", "RoleName")] {
        let mut stage = prepared();
        let (put, get) = (format!("Put{kind}PermissionsBoundary"), format!("Get{kind}"));
        stage.done(&put, &[(name, "e"), ("PermissionsBoundary", ARN)]);
        let answer = stage.done(&get, &[(name, "e")]);
        assert_eq!(texts(&answer, "PermissionsBoundaryArn"), [ARN]);
        assert_eq!(texts(&answer, "PermissionsBoundaryType"), ["Policy"]);
        let delete = format!("Delete{kind}PermissionsBoundary");
        stage.done(&delete, &[(name, "e")]);
        assert!(!stage.done(&get, &[(name, "e")]).contains("PermissionsBoundary"));
        assert!(stage.refused(&delete, &[(name, "e")]).starts_with("NoSuchEntity: "));
        let cases = [
            (
                "arn:aws:iam::123456789012:policy/none",
                "NoSuchEntity: Scope ARN: arn:aws:iam::123456789012:policy/none does not exist or is not attachable.",
            ),
            ("twenty characters and no ARN", "ValidationError: Invalid ARN:  Could not be parsed!"),
        ];
        for (arn, expected) in cases {
            assert_eq!(stage.refused(&put, &[(name, "e"), ("PermissionsBoundary", arn)]), expected);
        }
        let absent = format!("NoSuchEntity: The {} with name none cannot be found.", kind.to_lowercase());
        assert_eq!(stage.refused(&put, &[(name, "none"), ("PermissionsBoundary", ARN)]), absent);
        assert_eq!(stage.refused(&format!("Delete{kind}PermissionsBoundary"), &[(name, "none")]), absent);
    }
}

/// Service-linked roles' policies are attachable to nothing else.
#[test]
fn a_service_roles_policy_is_no_boundary() {
    let mut stage = prepared();
    let policy = crate::managed::all().iter().find(|policy| policy.path == "/aws-service-role/").unwrap();
    let arn = policy.arn("aws");
    let expected = "PolicyNotAttachable: Cannot attach AWS reserved policy to an IAM user.";
    assert_eq!(
        stage.refused("PutUserPermissionsBoundary", &[("UserName", "e"), ("PermissionsBoundary", &arn)]),
        expected
    );
}

/// The condition key is the boundary asked for, and for a deletion the one that is there.
#[test]
fn who_may() {
    let allowed = |action: &str| {
        let condition = format!(r#""Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{ARN}"}}}},"Effect""#);
        allowing(action, "*").replace("\"Effect\"", &condition)
    };
    for (kind, name) in [("User", "UserName"), ("Role", "RoleName")] {
        let mut stage = prepared();
        stage.done("CreateUser", &[("UserName", "u")]);
        let document = allowed("iam:*");
        stage.done("PutUserPolicy", &[("UserName", "u"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        stage.act_as_user("u");
        let (put, delete) = (format!("Put{kind}PermissionsBoundary"), format!("Delete{kind}PermissionsBoundary"));
        let other = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        assert!(stage.refused(&put, &[(name, "e"), ("PermissionsBoundary", other)]).starts_with("AccessDenied: "));
        assert!(stage.refused(&delete, &[(name, "e")]).starts_with("AccessDenied: "));
        stage.done(&put, &[(name, "e"), ("PermissionsBoundary", ARN)]);
        stage.done(&delete, &[(name, "e")]);
    }
}
