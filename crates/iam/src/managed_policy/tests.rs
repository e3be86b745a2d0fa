use super::*;
use crate::tests::{Stage, allowing, stage, texts};

/// A request's parameters.
type Parameters<'p> = &'p [(&'p str, &'p str)];

const ARN: &str = "arn:aws:iam::123456789012:policy/apps/P";
const P: (&str, &str) = ("PolicyArn", ARN);
const READ_ONLY: (&str, &str) = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");

/// The account has the policy `/apps/P`, which allows all of S3.
fn prepared() -> Stage {
    let mut stage = stage();
    create(&mut stage, "P", "/apps/");
    stage
}

fn create(stage: &mut Stage, name: &str, path: &str) -> String {
    let document = allowing("s3:*", "*");
    stage.done(
        "CreatePolicy",
        &[("PolicyName", name), ("Path", path), ("PolicyDocument", &document), ("Description", "d")],
    )
}

fn add_version(stage: &mut Stage, action: &str, default: &str) -> String {
    let document = allowing(action, "*");
    stage.done("CreatePolicyVersion", &[P, ("PolicyDocument", &document), ("SetAsDefault", default)])
}

fn in_force(stage: &Stage) -> String {
    let document = super::document(&stage.world, stage.cx.account(), ARN).unwrap();
    document.statements[0].actions.as_ref().unwrap().texts().collect()
}

#[test]
fn each_answer_shows_its_share() {
    let mut stage = stage();
    let document = allowing("s3:*", "*");
    let created = stage.done(
        "CreatePolicy",
        &[
            ("PolicyName", "P"),
            ("Path", "/apps/"),
            ("PolicyDocument", &document),
            ("Description", "d"),
            ("Tags.member.1.Key", "k"),
            ("Tags.member.1.Value", "v"),
        ],
    );
    let (got, listed) = (stage.done("GetPolicy", &[P]), stage.done("ListPolicies", &[("Scope", "Local")]));
    // element: in CreatePolicy, GetPolicy, ListPolicies
    let cases = [
        ("<PolicyName>P</PolicyName>", [true, true, true]),
        ("<Arn>arn:aws:iam::123456789012:policy/apps/P</Arn>", [true, true, true]),
        ("<Path>/apps/</Path>", [true, true, true]),
        ("<DefaultVersionId>v1</DefaultVersionId>", [true, true, true]),
        ("<AttachmentCount>0</AttachmentCount>", [true, true, true]),
        ("<PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount>", [true, true, true]),
        ("<IsAttachable>true</IsAttachable>", [true, true, true]),
        ("<CreateDate>2026-09-21T14:13:20Z</CreateDate>", [true, true, true]),
        ("<UpdateDate>2026-09-21T14:13:20Z</UpdateDate>", [true, true, true]),
        ("<Description>d</Description>", [false, true, false]),
        ("<Tags><member><Key>k</Key><Value>v</Value></member></Tags>", [true, true, false]),
        ("Document", [false, false, false]),
    ];
    for (element, expected) in cases {
        let found = [&created, &got, &listed].map(|answer| answer.contains(element));
        assert_eq!(found, expected, "{element}\n{created}\n{got}\n{listed}");
    }
}

#[test]
fn what_is_refused() {
    let mut stage = prepared();
    let document = allowing("s3:*", "*");
    let long = allowing("s3:*", &format!("arn:aws:s3:::{}", "b".repeat(6_144)));
    let name = |name| ("PolicyName", name);
    let unknown = ("PolicyArn", "arn:aws:iam::123456789012:policy/none");
    let v9 = ("VersionId", "v9");
    let not_found = "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/none was not found.";
    let no_version =
        "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/apps/P version v9 does not exist or is not attachable.";
    let text = ("PolicyDocument", document.as_str());
    let cases: [(&str, Parameters, &str); 18] = [
        (
            "CreatePolicy",
            &[name("p"), text],
            "EntityAlreadyExists: A policy called p already exists. Duplicate names are not allowed.",
        ),
        ("CreatePolicy", &[name("Q"), ("PolicyDocument", "{}")], "MalformedPolicyDocument: Syntax errors in policy."),
        (
            "CreatePolicy",
            &[name("Q"), ("PolicyDocument", &long)],
            "LimitExceeded: Cannot exceed quota for PolicySize: 6144",
        ),
        (
            "CreatePolicyVersion",
            &[P, ("PolicyDocument", &long)],
            "LimitExceeded: Cannot exceed quota for PolicySize: 6144",
        ),
        ("CreatePolicyVersion", &[P, ("PolicyDocument", "{}")], "MalformedPolicyDocument: Syntax errors in policy."),
        ("CreatePolicyVersion", &[unknown, text], not_found),
        (
            "CreatePolicyVersion",
            &[READ_ONLY, text],
            "AccessDenied: Cannot create versions for policies outside your own account.",
        ),
        ("DeletePolicy", &[READ_ONLY], "AccessDenied: Cannot delete policies outside your own account."),
        (
            "DeletePolicyVersion",
            &[READ_ONLY, ("VersionId", "v1")],
            "AccessDenied: Cannot delete policy versions for policies outside your own account.",
        ),
        (
            "TagPolicy",
            &[READ_ONLY, ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")],
            "InvalidInput: Tags not supported for policies in this domain",
        ),
        ("DeletePolicy", &[unknown], not_found),
        ("GetPolicy", &[unknown], not_found),
        (
            "GetPolicy",
            &[("PolicyArn", "arn:aws:iam::aws:policy/x/ReadOnlyAccess")],
            "NoSuchEntity: Policy arn:aws:iam::aws:policy/x/ReadOnlyAccess was not found.",
        ),
        (
            "GetPolicy",
            &[("PolicyArn", "twenty characters and no ARN")],
            "ValidationError: Invalid ARN:  Could not be parsed!",
        ),
        ("GetPolicyVersion", &[P, v9], no_version),
        ("SetDefaultPolicyVersion", &[P, v9], no_version),
        ("DeletePolicyVersion", &[P, v9], no_version),
        (
            "DeletePolicyVersion",
            &[P, ("VersionId", "v1")],
            "DeleteConflict: Cannot delete the default version of a policy.",
        ),
    ];
    for (operation, parameters, expected) in cases {
        assert_eq!(stage.refused(operation, parameters), expected, "{operation} {parameters:?}");
    }
    assert_eq!(stage.world.count::<ManagedPolicy>(&[]), 1);
}

/// White space is not counted.
#[test]
fn a_spacious_policy_is_no_long_one() {
    let mut stage = stage();
    let document = allowing("s3:*", "*").replace(':', &format!(":{}", " ".repeat(2_000)));
    let document = document.replace(&format!("s3:{}*", " ".repeat(2_000)), "s3:*");
    stage.done("CreatePolicy", &[("PolicyName", "P"), ("PolicyDocument", &document)]);
}

#[test]
fn versions_come_and_go_but_numbers_do_not_return() {
    let mut stage = prepared();
    for number in 2..=5 {
        let answer = add_version(&mut stage, "ec2:*", if number == 3 { "true" } else { "false" });
        assert_eq!(texts(&answer, "VersionId"), [format!("v{number}")]);
        assert_eq!(texts(&answer, "IsDefaultVersion"), [(number == 3).to_string()]);
        assert!(!answer.contains("<Document"), "{answer}");
    }
    assert_eq!(in_force(&stage), "ec2:*");
    let sixth = stage.refused("CreatePolicyVersion", &[P, ("PolicyDocument", &allowing("s3:*", "*"))]);
    assert_eq!(
        sixth,
        "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
    );
    stage.done("DeletePolicyVersion", &[P, ("VersionId", "v5")]);
    assert_eq!(texts(&add_version(&mut stage, "sqs:*", "false"), "VersionId"), ["v6"]);
    let listed = stage.done("ListPolicyVersions", &[P]);
    assert_eq!(texts(&listed, "VersionId"), ["v6", "v4", "v3", "v2", "v1"]);
    assert_eq!(texts(&listed, "IsDefaultVersion"), ["false", "false", "true", "false", "false"]);
    let page = stage.done("ListPolicyVersions", &[P, ("MaxItems", "4")]);
    let marker = texts(&page, "Marker").concat();
    assert_eq!(texts(&stage.done("ListPolicyVersions", &[P, ("Marker", &marker)]), "VersionId"), ["v1"]);

    stage.done("SetDefaultPolicyVersion", &[P, ("VersionId", "v1")]);
    assert_eq!(in_force(&stage), "s3:*");
    let got = stage.done("GetPolicyVersion", &[P, ("VersionId", "v6")]);
    let document = percent_encoding::percent_decode_str(texts(&got, "Document")[0]).decode_utf8().unwrap();
    assert_eq!((&*document, texts(&got, "IsDefaultVersion")), (allowing("sqs:*", "*").as_str(), vec!["false"]));
}

#[test]
fn deletion_wants_a_lone_and_unused_version() {
    let mut stage = prepared();
    add_version(&mut stage, "ec2:*", "false");
    stage.done("CreateUser", &[("UserName", "u")]);
    let user = ("UserName", "u");
    let attached = "DeleteConflict: Cannot delete a policy attached to entities.";
    stage.done("AttachUserPolicy", &[user, P]);
    stage.done("PutUserPermissionsBoundary", &[user, ("PermissionsBoundary", ARN)]);
    let got = stage.done("GetPolicy", &[P]);
    assert_eq!((texts(&got, "AttachmentCount"), texts(&got, "PermissionsBoundaryUsageCount")), (vec!["1"], vec!["1"]));
    assert_eq!(stage.refused("DeletePolicy", &[P]), attached);
    stage.done("DetachUserPolicy", &[user, P]);
    assert_eq!(stage.refused("DeletePolicy", &[P]), attached);
    stage.done("DeleteUserPermissionsBoundary", &[user]);
    assert_eq!(
        stage.refused("DeletePolicy", &[P]),
        "DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."
    );
    stage.done("DeletePolicyVersion", &[P, ("VersionId", "v2")]);
    stage.done("DeletePolicy", &[P]);
    assert_eq!(stage.world.count::<ManagedPolicy>(&[]), 0);
}

#[test]
fn awss_policies_can_be_read() {
    let mut stage = stage();
    let got = stage.done("GetPolicy", &[READ_ONLY]);
    assert_eq!((texts(&got, "PolicyName"), texts(&got, "Path")), (vec!["ReadOnlyAccess"], vec!["/"]));
    let version = texts(&got, "DefaultVersionId").concat();
    let listed = stage.done("ListPolicyVersions", &[READ_ONLY]);
    let ids = texts(&listed, "VersionId");
    assert_eq!((ids.first(), texts(&listed, "IsDefaultVersion")[0]), (Some(&version.as_str()), "true"));
    assert!(ids.len() > 50 && texts(&listed, "IsDefaultVersion")[1..].iter().all(|is| *is == "false"), "{listed}");
    let answer = stage.done("GetPolicyVersion", &[READ_ONLY, ("VersionId", &version)]);
    let text = percent_encoding::percent_decode_str(texts(&answer, "Document")[0]).decode_utf8().unwrap();
    assert!(policy::Document::parse(&text).is_ok());
    let first = stage.done("GetPolicyVersion", &[READ_ONLY, ("VersionId", "v1")]);
    assert_eq!(texts(&first, "IsDefaultVersion"), ["false"]);
    assert_ne!(texts(&first, "Document"), texts(&answer, "Document"));
    let document = |arn| super::document(&stage.world, stage.cx.account(), arn);
    assert!(document(READ_ONLY.1).is_some());
    assert!(document("AmazonEC2ReadOnlyAccess").is_none(), "a name is no ARN");
}

#[test]
fn lists_by_scope_path_and_usage() {
    let mut stage = prepared();
    create(&mut stage, "Q", "/");
    stage.done("CreateUser", &[("UserName", "u")]);
    stage.done("AttachUserPolicy", &[("UserName", "u"), P]);
    stage.done("AttachUserPolicy", &[("UserName", "u"), READ_ONLY]);
    let bound = "arn:aws:iam::123456789012:policy/Q";
    stage.done("PutUserPermissionsBoundary", &[("UserName", "u"), ("PermissionsBoundary", bound)]);
    let (local, aws, used) = (("Scope", "Local"), ("Scope", "AWS"), ("OnlyAttached", "true"));
    let usage = |kind| ("PolicyUsageFilter", kind);
    let cases: [(Parameters, &[&str]); 8] = [
        (&[local], &["P", "Q"]),
        (&[local, ("PathPrefix", "/apps/")], &["P"]),
        (&[used], &["P", "Q", "ReadOnlyAccess"]),
        (&[used, aws], &["ReadOnlyAccess"]),
        (&[used, usage("PermissionsBoundary")], &["Q"]),
        (&[used, usage("PermissionsPolicy")], &["P", "ReadOnlyAccess"]),
        (&[local, usage("PermissionsBoundary")], &["P", "Q"]),
        (&[aws, ("PathPrefix", "/apps/")], &[]),
    ];
    for (parameters, expected) in cases {
        assert_eq!(texts(&stage.done("ListPolicies", parameters), "PolicyName"), expected, "{parameters:?}");
    }
}

#[test]
fn walking_the_list_meets_every_policy_once() {
    let mut stage = prepared();
    let (mut seen, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut parameters = vec![("MaxItems", "700")];
        if let Some(marker) = &marker {
            parameters.push(("Marker", marker.as_str()));
        }
        let page = stage.done("ListPolicies", &parameters);
        seen.extend(texts(&page, "Arn").into_iter().map(str::to_owned));
        if texts(&page, "IsTruncated") != ["true"] {
            break;
        }
        marker = Some(texts(&page, "Marker").concat());
    }
    let count = seen.len();
    assert_eq!(seen[0], ARN);
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), count), (count, crate::managed::all().len() + 1));
}

/// Other accounts' policies are nobody's business, and do not exist for lookups.
#[test]
fn other_accounts_policies() {
    let mut stage = prepared();
    let other: AccountId = "210987654321".parse().unwrap();
    assert!(super::document(&stage.world, other, ARN).is_none());
    let caller = Caller { account: other, ..Caller::clone(&stage.cx.caller) };
    stage.act_as(caller);
    for operation in ["GetPolicy", "DeletePolicy"] {
        assert!(stage.refused(operation, &[P]).starts_with("AccessDenied: "), "{operation}");
    }
    assert!(stage.refused("AttachRolePolicy", &[("RoleName", "R"), P]).starts_with("NoSuchEntity: "));
    assert_eq!(texts(&stage.done("ListPolicies", &[("Scope", "Local")]), "Arn"), Vec::<&str>::new());
}

#[test]
fn denials_name_policies_as_aws_does() {
    let mut stage = prepared();
    stage.done("CreateUser", &[("UserName", "u")]);
    stage.act_as_user("u");
    let document = allowing("s3:*", "*");
    let cases: [(&str, Parameters, &str); 4] = [
        ("GetPolicy", &[P], "policy arn:aws:iam::123456789012:policy/apps/P"),
        ("GetPolicy", &[READ_ONLY], "policy arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("ListPolicies", &[], "policy path /"),
        ("CreatePolicy", &[("PolicyName", "N"), ("PolicyDocument", &document)], "policy N"),
    ];
    for (operation, parameters, what) in cases {
        let expected = format!(
            "AccessDenied: User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:{operation} on resource: {what} \
             because no identity-based policy allows the iam:{operation} action"
        );
        assert_eq!(stage.refused(operation, parameters), expected);
    }
}
