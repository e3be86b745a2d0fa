use super::*;
use crate::tests::{Stage, allowing, stage, texts};

/// A request's parameters.
type Parameters<'p> = &'p [(&'p str, &'p str)];

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const P: (&str, &str) = ("InstanceProfileName", "P");
const R: (&str, &str) = ("RoleName", "R");

/// A profile `P` and roles `R` and `S`.
fn prepared() -> Stage {
    let mut stage = stage();
    stage.done("CreateInstanceProfile", &[P, ("Path", "/apps/")]);
    for name in ["R", "S"] {
        stage.done("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]);
    }
    stage
}

fn stored(stage: &Stage) -> Arc<InstanceProfile> {
    by_name(&stage.world, stage.cx.account(), "p").unwrap()
}

#[test]
fn a_profile_holds_one_role_and_shows_it() {
    let mut stage = prepared();
    let empty = stage.done("GetInstanceProfile", &[P]);
    assert!(empty.contains("<Roles></Roles>") || empty.contains("<Roles/>"), "{empty}");
    stage.done("AddRoleToInstanceProfile", &[P, R]);
    for name in ["R", "S"] {
        let refused = stage.refused("AddRoleToInstanceProfile", &[P, ("RoleName", name)]);
        assert_eq!(refused, "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    }
    let answers = [
        stage.done("GetInstanceProfile", &[P]),
        stage.done("ListInstanceProfiles", &[("PathPrefix", "/apps/")]),
        stage.done("ListInstanceProfilesForRole", &[R]),
    ];
    for answer in &answers {
        let expected = ["arn:aws:iam::123456789012:instance-profile/apps/P", "arn:aws:iam::123456789012:role/R"];
        let mut arns = texts(answer, "Arn");
        arns.sort_unstable();
        assert_eq!(arns, expected);
        assert_eq!(texts(answer, "RoleName"), ["R"]);
        assert_eq!(texts(answer, "AssumeRolePolicyDocument").len(), 1);
    }
    assert_eq!(answers.map(|answer| answer.contains("<Tags")), [true, false, false]);
    assert_eq!(texts(&stage.done("ListInstanceProfilesForRole", &[("RoleName", "S")]), "Arn"), Vec::<&str>::new());
    assert_eq!(texts(&stage.done("ListInstanceProfiles", &[("PathPrefix", "/other/")]), "Arn"), Vec::<&str>::new());
}

#[test]
fn what_is_refused() {
    let mut stage = prepared();
    stage.done("AddRoleToInstanceProfile", &[P, R]);
    let none = ("InstanceProfileName", "none");
    let cases: [(&str, Parameters, &str); 8] = [
        (
            "CreateInstanceProfile",
            &[("InstanceProfileName", "p")],
            "EntityAlreadyExists: Instance Profile p already exists.",
        ),
        ("GetInstanceProfile", &[none], "NoSuchEntity: Instance Profile none cannot be found."),
        ("DeleteInstanceProfile", &[none], "NoSuchEntity: Instance Profile none cannot be found."),
        ("AddRoleToInstanceProfile", &[none, R], "NoSuchEntity: Instance Profile none cannot be found."),
        (
            "AddRoleToInstanceProfile",
            &[P, ("RoleName", "none")],
            "NoSuchEntity: The role with name none cannot be found.",
        ),
        (
            "RemoveRoleFromInstanceProfile",
            &[P, ("RoleName", "S")],
            "NoSuchEntity: Role S in Instance Profile P cannot be found.",
        ),
        (
            "ListInstanceProfilesForRole",
            &[("RoleName", "none")],
            "NoSuchEntity: The role with name none cannot be found.",
        ),
        (
            "DeleteInstanceProfile",
            &[P],
            "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.",
        ),
    ];
    for (operation, parameters, expected) in cases {
        assert_eq!(stage.refused(operation, parameters), expected, "{operation}");
    }
    stage.done("RemoveRoleFromInstanceProfile", &[P, R]);
    stage.done("DeleteInstanceProfile", &[P]);
    assert_eq!(stage.world.count::<InstanceProfile>(&[]), 0);
}

#[test]
fn lookups_for_other_services() {
    let mut stage = prepared();
    assert_eq!(role_in(&stage.world, &stored(&stage)).map(|role| role.name.clone()), None);
    stage.done("AddRoleToInstanceProfile", &[P, R]);
    let profile = stored(&stage);
    assert_eq!(role_in(&stage.world, &profile).map(|role| role.name.clone()), Some("R".to_owned()));
    assert_eq!(
        by_id(&stage.world, profile.account, &profile.id).map(|found| found.id.clone()),
        Some(profile.id.clone())
    );
    let cases = [
        ("arn:aws:iam::123456789012:instance-profile/apps/P", true),
        ("arn:aws:iam::123456789012:instance-profile/P", false),
        ("arn:aws:iam::123456789012:instance-profile/apps/p", false),
        ("arn:aws:iam::210987654321:instance-profile/apps/P", false),
        ("arn:aws:iam::123456789012:role/apps/P", false),
        ("P", false),
    ];
    for (text, found) in cases {
        assert_eq!(by_arn(&stage.world, text).is_some(), found, "{text}");
    }
}

/// Putting a role into a profile hands it to EC2: iam:PassRole on the role, for that service and the account's instances.
#[test]
fn adding_a_role_needs_pass_role() {
    let pass = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Action":"iam:AddRoleToInstanceProfile","Resource":"*"}},
                {{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/R","Condition":{condition}}}]}}"#
        )
    };
    let denied = |resource: &str| {
        Some(format!(
            "AccessDenied: User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:PassRole on resource: {resource} \
             because no identity-based policy allows the iam:PassRole action"
        ))
    };
    let arn = "arn:aws:iam::123456789012:role/R";
    let cases = [
        (pass("{}"), "R", None),
        (pass(r#"{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}"#), "R", None),
        (pass(r#"{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}"#), "R", denied(arn)),
        (pass(r#"{"ArnLike":{"iam:AssociatedResourceARN":"arn:aws:ec2:*:123456789012:instance/*"}}"#), "R", None),
        (
            pass(r#"{"ArnLike":{"iam:AssociatedResourceARN":"arn:aws:ec2:*:123456789012:instance/i-1"}}"#),
            "R",
            denied(arn),
        ),
        (pass(r#"{"StringEquals":{"aws:ResourceTag/Team":"x"}}"#), "R", denied(arn)),
        (allowing("iam:AddRoleToInstanceProfile", "*"), "R", denied(arn)),
        (pass("{}"), "S", denied("arn:aws:iam::123456789012:role/S")),
        (pass("{}"), "none", denied("role none")),
    ];
    for (document, role, expected) in cases {
        let mut stage = prepared();
        stage.done("TagRole", &[R, ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "x")]);
        stage.done("CreateUser", &[("UserName", "u")]);
        stage.done("PutUserPolicy", &[("UserName", "u"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        stage.act_as_user("u");
        let answer = stage.call("AddRoleToInstanceProfile", &[P, ("RoleName", role)]);
        let refused = answer.err().map(|error| format!("{}: {}", error.code, error.message));
        assert_eq!(refused, expected, "{document}");
        assert_eq!(stored(&stage).role_id.is_some(), expected.is_none());
    }
}
