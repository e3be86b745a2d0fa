use super::*;
use crate::record::{InlineTemplate, ParameterDefinition, Role};
use crate::tests::{Stage, allowing, stage, texts};

const ARN: &str = "arn:aws:iam::aws:role-template/lambda.amazonaws.com/Reader:1";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const INLINE: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::@{Buckets}/*"}}"#;

fn parameter(name: &str, kind: &str, is_required: bool, default: Option<&str>) -> ParameterDefinition {
    ParameterDefinition {
        name: name.into(),
        kind: kind.into(),
        sub_type: None,
        description: None,
        is_required,
        default_value: default.map(str::to_owned),
        immutable: false,
    }
}

fn version(minor: i64) -> RoleTemplateVersion {
    RoleTemplateVersion {
        minor_version: minor,
        enabled: minor != 3,
        role_name_pattern: "Reader-@{Name}".into(),
        role_path_pattern: "/readers/@{Team}/".into(),
        role_description_pattern: Some("Reads for @{Team}".into()),
        assume_role_policy_document_template: TRUST.into(),
        inline_policy_templates: vec![InlineTemplate { policy_name: "read".into(), policy_document: INLINE.into() }],
        managed_policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
        permission_boundary_arn: Some("arn:aws:iam::aws:policy/PowerUserAccess".into()),
        parameters: vec![
            parameter("Name", "String", true, None),
            parameter("Team", "String", false, Some("all")),
            parameter("Buckets", "StringList", true, None),
            parameter("Size", "Number", false, None),
            parameter("Key", "Arn", false, None),
        ],
        tags: vec![Tag { key: "team".into(), value: "@{Team}".into() }],
        max_session_duration: 7_200,
        created_at: Timestamp::constant(1_780_000_000, 0),
        updated_at: Timestamp::constant(1_780_000_000, 0),
    }
}

fn template(enabled: bool) -> RoleTemplate {
    RoleTemplate {
        arn: ARN.into(),
        name: "Reader".into(),
        description: Some("Reads buckets".into()),
        major_version: 1,
        default_minor_version: 2,
        managed_by: "lambda.amazonaws.com".into(),
        enabled,
        versions: vec![version(2), version(3)],
    }
}

fn with(template: RoleTemplate) -> Stage {
    let mut stage = stage();
    let mut tx = Tx::on(stage.world.clone());
    tx.put(template);
    stage.world = World::clone(&tx);
    stage
}

/// The parameters of AcquireRole with these replacement values, each of one or several values separated by commas.
fn acquiring(values: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = vec![("TemplateArn".to_owned(), ARN.to_owned())];
    for (entry, (name, values)) in values.iter().enumerate() {
        let path = format!("ReplacementValues.entry.{}", entry + 1);
        all.push((format!("{path}.key"), (*name).to_owned()));
        for (at, value) in values.split(',').enumerate() {
            all.push((format!("{path}.value.Values.member.{}", at + 1), value.to_owned()));
        }
    }
    all
}

fn borrowed(parameters: &[(String, String)]) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn a_version_is_shown_whole() {
    let mut stage = with(template(true));
    let got = stage.done("GetRoleTemplateVersion", &[("TemplateArn", ARN)]);
    for element in [
        "<TemplateName>Reader</TemplateName>",
        "<ManagedByType>Service</ManagedByType><ManagedByValue>lambda.amazonaws.com</ManagedByValue>",
        "<DefaultMinorVersion>2</DefaultMinorVersion>",
        "<MinorVersion>2</MinorVersion>",
        "<RoleNamePattern>Reader-@{Name}</RoleNamePattern>",
        "<Name>Team</Name><Type>String</Type><IsRequired>false</IsRequired><DefaultValue>all</DefaultValue><Immutable>false</Immutable>",
        "<VersionEnabled>true</VersionEnabled>",
        "<CreateTimestamp>2026-05-28T20:26:40Z</CreateTimestamp>",
    ] {
        assert!(got.contains(element), "{element}\n{got}");
    }
    let other = stage.done("GetRoleTemplateVersion", &[("TemplateArn", ARN), ("MinorVersion", "3")]);
    assert!(other.contains("<VersionEnabled>false</VersionEnabled>"), "{other}");
    assert_ne!(texts(&got, "TemplateVersionId"), texts(&other, "TemplateVersionId"));
    let lost = "arn:aws:iam::aws:role-template/lambda.amazonaws.com/Lost:1";
    for (parameters, expected) in [
        (vec![("TemplateArn", lost)], lost),
        (vec![("TemplateArn", ARN), ("MinorVersion", "7")], ARN),
        (vec![("TemplateArn", ARN), ("MinorVersion", "-1")], ARN),
    ] {
        let expected = format!("NoSuchEntity: Role template not found in repository: {expected}");
        assert_eq!(stage.refused("GetRoleTemplateVersion", &parameters), expected);
    }
}

#[test]
fn a_role_is_made_of_it() {
    let mut stage = with(template(true));
    let made = stage.done("AcquireRole", &borrowed(&acquiring(&[("Name", "one"), ("Buckets", "a,b")])));
    let role = [("RoleName", "Reader-one")];
    let got = stage.done("GetRole", &role);
    for element in [
        "<Arn>arn:aws:iam::123456789012:role/readers/all/Reader-one</Arn>",
        "<PermissionsBoundaryArn>arn:aws:iam::aws:policy/PowerUserAccess</PermissionsBoundaryArn>",
        "<Tags><member><Key>team</Key><Value>all</Value></member></Tags>",
        "<SourceRoleTemplate><TemplateArn>arn:aws:iam::aws:role-template/lambda.amazonaws.com/Reader:1</TemplateArn><TemplateMinorVersion>2</TemplateMinorVersion></SourceRoleTemplate>",
    ] {
        assert!(made.contains(element) && got.contains(element), "{element}\n{made}\n{got}");
    }
    for element in ["<Description>Reads for all</Description>", "<MaxSessionDuration>7200</MaxSessionDuration>"] {
        assert!(got.contains(element) && !made.contains(element), "{element}\n{made}\n{got}");
    }
    let inline = stage.done("GetRolePolicy", &[role[0], ("PolicyName", "read")]);
    let document = percent_encoding::percent_decode_str(texts(&inline, "PolicyDocument")[0]).decode_utf8().unwrap();
    assert!(document.contains(r#"["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]"#), "{document}");
    let attached = stage.done("ListAttachedRolePolicies", &role);
    assert_eq!(texts(&attached, "PolicyName"), ["ReadOnlyAccess"]);
}

const OTHERWISE: &str = "NameConflict: A role with this name exists but was created with different parameters. Pass a unique roleName to create a new role.";
const NOT_OF_IT: &str = "NameConflict: A role with this name already exists in the account but was not created from this template. Choose a different role name, or remove the existing role if it is no longer needed.";

#[test]
fn a_role_is_given_again_as_long_as_it_is_the_templates() {
    let mut stage = with(template(true));
    let asked = acquiring(&[("Name", "one"), ("Buckets", "a")]);
    let first = texts(&stage.done("AcquireRole", &borrowed(&asked)), "RoleId")[0].to_owned();
    let role = ("RoleName", "Reader-one");
    let other = TRUST.replace("lambda", "ec2");
    let boundary = ("PermissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess");
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/PowerUserAccess");
    let (key, tag) = (("TagKeys.member.1", "more"), [("Tags.member.1.Key", "more"), ("Tags.member.1.Value", "")]);
    stage.done("UpdateRole", &[role, ("Description", "mine"), ("MaxSessionDuration", "3600")]);
    let trust = "UpdateAssumeRolePolicy";
    let changes = [
        (("TagRole", tag.to_vec()), ("UntagRole", vec![key])),
        (("AttachRolePolicy", vec![policy]), ("DetachRolePolicy", vec![policy])),
        ((trust, vec![("PolicyDocument", other.as_str())]), (trust, vec![("PolicyDocument", TRUST)])),
        (("DeleteRolePermissionsBoundary", vec![]), ("PutRolePermissionsBoundary", vec![boundary])),
    ];
    for ((change, with), (back, back_with)) in changes {
        stage.done(change, &[vec![role], with].concat());
        assert_eq!(
            stage.refused("AcquireRole", &borrowed(&asked)),
            "RoleModified: Role Reader-one has been modified since it was created and is no longer managed.",
            "{change}"
        );
        stage.done(back, &[vec![role], back_with].concat());
        assert_eq!(texts(&stage.done("AcquireRole", &borrowed(&asked)), "RoleId"), [&first], "{back}");
    }
    let other_case = acquiring(&[("Name", "ONE"), ("Buckets", "a")]);
    assert_eq!(stage.refused("AcquireRole", &borrowed(&other_case)), OTHERWISE);
}

#[test]
fn what_cannot_be_acquired() {
    let mut stage = with(template(true));
    let good = [("Name", "one"), ("Buckets", "a")];
    stage.done("AcquireRole", &borrowed(&acquiring(&good)));
    stage.done("CreateRole", &[("RoleName", "Reader-mine"), ("AssumeRolePolicyDocument", TRUST)]);
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[("Name", "one"), ("Buckets", "b")], OTHERWISE),
        (&[("Name", "mine"), ("Buckets", "a")], NOT_OF_IT),
        (&[("Name", "two")], "InvalidInput: Failed to render template: Parameter 'Buckets' not found."),
        (
            &[("Name", "two"), ("Buckets", "a"), ("Lost", "x")],
            "InvalidInput: Failed to render template: Unrecognized parameter: Lost",
        ),
        (
            &[("Name", "two,three"), ("Buckets", "a")],
            "ValidationError: Name replacement value must contain exactly one value, got 2",
        ),
        (
            &[("Name", "two"), ("Buckets", "a"), ("Size", "big")],
            "InvalidInput: The values of parameter Size are not of type Number.",
        ),
        (
            &[("Name", "two"), ("Buckets", "a"), ("Key", "no")],
            "InvalidInput: The values of parameter Key are not of type Arn.",
        ),
        (&[("Name", "a b"), ("Buckets", "a")], "InvalidInput: The role name Reader-a b is invalid."),
        (
            &[("Name", "two"), ("Buckets", "a"), ("Team", "a b")],
            "InvalidInput: The role path /readers/a b/ is invalid.",
        ),
    ];
    for (values, expected) in cases {
        assert_eq!(stage.refused("AcquireRole", &borrowed(&acquiring(values))), expected);
    }
    let third = [acquiring(&good), vec![("TemplateMinorVersion".into(), "3".into())]].concat();
    let disabled = format!("RoleTemplateDisabled: The role template with ARN {ARN} is disabled.");
    assert_eq!(stage.refused("AcquireRole", &borrowed(&third)), disabled);
    assert_eq!(with(template(false)).refused("AcquireRole", &borrowed(&acquiring(&good))), disabled);
}

#[test]
fn templates_with_faults() {
    let values = [("Name", "one"), ("Buckets", "a")];
    let refused = |change: fn(&mut RoleTemplateVersion)| {
        let mut faulty = template(true);
        change(&mut faulty.versions[0]);
        let mut stage = with(faulty);
        let text = stage.refused("AcquireRole", &borrowed(&acquiring(&values)));
        assert_eq!(stage.world.count::<Role>(&[]), 0);
        text
    };
    let malformed = "MalformedPolicyDocument: This policy contains invalid Json";
    assert_eq!(refused(|version| version.assume_role_policy_document_template = "no".into()), malformed);
    assert_eq!(refused(|version| version.inline_policy_templates[0].policy_document = "{".into()), malformed);
    assert!(
        refused(|version| version.inline_policy_templates[0].policy_document = TRUST.into())
            .starts_with("MalformedPolicyDocument")
    );
    assert_eq!(
        refused(|version| version.managed_policy_arns = vec!["arn:aws:iam::aws:policy/Lost".into()]),
        "NoSuchEntity: Policy arn:aws:iam::aws:policy/Lost does not exist or is not attachable."
    );
    let long = |version: &mut RoleTemplateVersion| {
        let resource = format!("arn:aws:s3:::{}", "x".repeat(10_300));
        version.inline_policy_templates[0].policy_document = allowing("s3:*", &resource);
    };
    assert_eq!(refused(long), "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role Reader-one");
}

/// The actions a role is put together by, each only for this template.
#[test]
fn permission_by_template() {
    let mut stage = with(template(true));
    stage.done("CreateUser", &[("UserName", "ann")]);
    let read = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:GetRoleTemplateVersion","Resource":"{ARN}"}}}}"#
    );
    stage.done("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "read"), ("PolicyDocument", &read)]);
    let actions = [
        "iam:CreateRole",
        "iam:TagRole",
        "iam:AttachRolePolicy",
        "iam:PutRolePolicy",
        "iam:PutRolePermissionsBoundary",
    ];
    let asked = acquiring(&[("Name", "one"), ("Buckets", "a")]);
    for missing in 0..=actions.len() {
        let mut held = actions.to_vec();
        let left_out = (missing < actions.len()).then(|| held.remove(missing));
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["{}"],"Resource":"arn:aws:iam::*:role/readers/*",
            "Condition":{{"ArnEquals":{{"iam:RoleTemplateARN":"{ARN}"}}}}}}}}"#,
            held.join("\",\"")
        );
        let root = service::cx::testing::root_cx().caller;
        stage.act_as(Caller::clone(&root));
        stage.done("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        stage.act_as_user("ann");
        match left_out {
            Some(action) => {
                let refused = stage.refused("AcquireRole", &borrowed(&asked));
                let resource = "arn:aws:iam::123456789012:role/readers/all/Reader-one";
                let expected = format!("is not authorized to perform: {action} on resource: {resource}");
                assert!(refused.contains(&expected), "{refused}");
            }
            None => drop(stage.done("AcquireRole", &borrowed(&asked))),
        }
    }
}
