//! Simulations of users, groups and roles with their own policies, what is left out of them, and the keys their policies ask for.

use super::*;
use crate::policy_sets;
use crate::simulate::source;

const GROUP: &str = "arn:aws:iam::123456789012:group/g";
const ROLE: &str = "arn:aws:iam::123456789012:role/r";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const MANAGED: &str = "arn:aws:iam::123456789012:policy/Managed";

/// A user in a group, and a role, each with an inline policy and the same managed one.
fn peopled() -> Stage {
    let mut stage = stage();
    let managed = allowing("s3:DeleteObject", "*");
    stage.done("CreatePolicy", &[("PolicyName", "Managed"), ("PolicyDocument", &managed)]);
    stage.done("CreateUser", &[("UserName", "ann")]);
    stage.done("CreateGroup", &[("GroupName", "g")]);
    stage.done("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]);
    stage.done("AddUserToGroup", &[("UserName", "ann"), ("GroupName", "g")]);
    for (kind, name, action) in
        [("User", "ann", "s3:GetObject"), ("Group", "g", "s3:PutObject"), ("Role", "r", "s3:GetObject")]
    {
        let owner = format!("{kind}Name");
        let document = allowing(action, "*");
        stage.done(
            &format!("Put{kind}Policy"),
            &[(&owner, name), ("PolicyName", "Inline"), ("PolicyDocument", &document)],
        );
        stage.done(&format!("Attach{kind}Policy"), &[(&owner, name), ("PolicyArn", MANAGED)]);
    }
    stage
}

const ACTIONS: [(&str, &str); 3] = [
    ("ActionNames.member.1", "s3:GetObject"),
    ("ActionNames.member.2", "s3:PutObject"),
    ("ActionNames.member.3", "s3:DeleteObject"),
];

/// The decision on each of the three actions with the policies that brought it about.
fn decided(stage: &mut Stage, arn: &str, more: &[(&str, &str)]) -> Vec<String> {
    let parameters: Vec<(&str, &str)> =
        [("PolicySourceArn", arn)].iter().chain(&ACTIONS).chain(more).copied().collect();
    let xml = stage.done("SimulatePrincipalPolicy", &parameters);
    let results = xml.split("<EvalActionName>").skip(1);
    let brief = |result: &str| {
        let ids = texts(result, "SourcePolicyId").join(" ");
        format!("{} {ids}", texts(result, "EvalDecision")[0]).trim().to_owned()
    };
    results.map(brief).collect()
}

#[test]
fn policies_have_the_names_that_aws_gives_them() {
    let mut stage = peopled();
    assert_eq!(decided(&mut stage, ANN, &[]), ["allowed user_ann_Inline", "allowed group_g_Inline", "allowed Managed"]);
    assert_eq!(decided(&mut stage, GROUP, &[]), ["implicitDeny", "allowed group_g_Inline", "allowed Managed"]);
    assert_eq!(decided(&mut stage, ROLE, &[]), ["allowed role_r_Inline", "implicitDeny", "allowed Managed"]);
    let elsewhere = "arn:aws:iam::123456789012:user/wrong/path/ann";
    assert_eq!(decided(&mut stage, elsewhere, &[])[0], "allowed user_ann_Inline");
    let more = [("PolicyInputList.member.1", ALL)];
    assert_eq!(decided(&mut stage, ROLE, &more)[1], "allowed PolicyInputList.1");
}

#[test]
fn they_are_the_policies_that_requests_meet() {
    let mut stage = peopled();
    stage.done("PutUserPermissionsBoundary", &[("UserName", "ann"), ("PermissionsBoundary", MANAGED)]);
    let source = source::of(&stage.cx, &stage.world, ANN).unwrap();
    stage.act_as_user("ann");
    let sets = policy_sets(&stage.world, &stage.cx.caller);
    let simulated: Vec<_> = source.identity.iter().map(|held| std::sync::Arc::as_ptr(&held.document)).collect();
    // The policy that comes by two ways counts once.
    let mut enforced: Vec<_> = sets.identity.iter().map(|held| std::sync::Arc::as_ptr(&held.document)).collect();
    enforced.pop();
    assert_eq!(simulated, enforced);
    assert_eq!(source.boundary.unwrap().document, sets.boundary.unwrap().document);
}

#[test]
fn a_boundary_of_ones_own_or_another_in_its_place() {
    let mut stage = peopled();
    let boundary = allowing("s3:GetObject", "*");
    stage.done("CreatePolicy", &[("PolicyName", "Boundary"), ("PolicyDocument", &boundary)]);
    let arn = "arn:aws:iam::123456789012:policy/Boundary";
    stage.done("PutUserPermissionsBoundary", &[("UserName", "ann"), ("PermissionsBoundary", arn)]);
    assert_eq!(decided(&mut stage, ANN, &[]), ["allowed user_ann_Inline", "implicitDeny", "implicitDeny"]);
    let given = [("PermissionsBoundaryPolicyInputList.member.1", ALL)];
    assert_eq!(decided(&mut stage, ANN, &given)[1], "allowed group_g_Inline");
    let without = [("PolicyExclusionList.member.1.PolicyType", "permission-boundary")];
    assert_eq!(decided(&mut stage, ANN, &without)[2], "allowed Managed");
    let by_arn = [("PolicyExclusionList.member.1.PolicyArn", arn)];
    assert_eq!(decided(&mut stage, ANN, &by_arn)[1], "implicitDeny");
    let denying = [("PermissionsBoundaryPolicyInputList.member.1", DENY)];
    assert_eq!(decided(&mut stage, ANN, &denying)[0], "explicitDeny PermissionsBoundaryPolicyInputList.1");
}

#[test]
fn policies_are_left_out_by_type_arn_or_name() {
    let mut stage = peopled();
    let aws = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
    stage.done("AttachUserPolicy", &[("UserName", "ann"), ("PolicyArn", aws)]);
    let mut left = |identifier: &[(&str, &str)]| {
        let named: Vec<(String, &str)> =
            identifier.iter().map(|(name, value)| (format!("PolicyExclusionList.member.1.{name}"), *value)).collect();
        let named: Vec<(&str, &str)> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        decided(&mut stage, ANN, &named)
    };
    let s3 = "AmazonS3FullAccess";
    let get = format!("allowed user_ann_Inline {s3}");
    let put = format!("allowed {s3} group_g_Inline");
    let delete = format!("allowed {s3} Managed");
    let sorted = |answers: Vec<String>| -> Vec<String> {
        let words = |answer: String| {
            let mut words: Vec<&str> = answer.split(' ').collect();
            words[1..].sort_unstable();
            words.join(" ")
        };
        answers.into_iter().map(words).collect()
    };
    let all = sorted(vec![get.clone(), put.clone(), delete.clone()]);
    let without = |index: usize, answer: &str| {
        let mut answers = all.clone();
        answers[index] = answer.to_owned();
        answers
    };
    let only = format!("allowed {s3}");
    assert_eq!(sorted(left(&[("PolicyType", "scp")])), all);
    assert_eq!(sorted(left(&[("PolicyType", "rcp")])), all);
    assert_eq!(
        sorted(left(&[("PolicyType", "inline")])),
        [only.clone(), only.clone(), sorted(vec![delete.clone()])[0].clone()]
    );
    assert_eq!(
        left(&[("PolicyType", "aws-managed")]),
        ["allowed user_ann_Inline", "allowed group_g_Inline", "allowed Managed"]
    );
    assert_eq!(sorted(left(&[("PolicyType", "user-managed")])), without(2, &only));
    assert_eq!(sorted(left(&[("PolicyArn", MANAGED)])), without(2, &only));
    assert_eq!(sorted(left(&[("PolicyArn", "arn:aws:iam::123456789012:policy/Man?g*")])), without(2, &only));
    assert_eq!(sorted(left(&[("PolicyArn", "arn:aws:iam::123456789012:policy/other")])), all);
    let mut inline = |kind: &str, name: &str| {
        sorted(left(&[
            ("InlinePolicyIdentifier.PolicyName", "Inline"),
            ("InlinePolicyIdentifier.AttachmentType", kind),
            ("InlinePolicyIdentifier.AttachmentName", name),
        ]))
    };
    assert_eq!(inline("user", "ann"), without(0, &only));
    assert_eq!(inline("user", "a*"), without(0, &only));
    assert_eq!(inline("user", "an?"), without(0, &only));
    assert_eq!(inline("group", "g"), without(1, &only));
    assert_eq!(inline("group", "ann"), all);
}

#[test]
fn faults_of_exclusions() {
    let mut stage = peopled();
    let mut fault = |identifier: &[(&str, &str)]| {
        let parameters = [("PolicySourceArn", ANN), ("ActionNames.member.1", "s3:GetObject")];
        let parameters: Vec<(&str, &str)> = parameters.iter().chain(identifier).copied().collect();
        stage.refused("SimulatePrincipalPolicy", &parameters)
    };
    const ARN: &str = "PolicyExclusionList.member.1.PolicyArn";
    let text = "InvalidInput: Invalid ARN provided in the request: ";
    for arn in
        ["arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:policy/a*b*", "arn:aws:iam::*:policy/managed"]
    {
        assert_eq!(fault(&[(ARN, arn)]), format!("{text}{arn}"));
    }
    let both = fault(&[(ARN, MANAGED), ("PolicyExclusionList.member.1.PolicyType", "inline")]);
    assert!(both.starts_with("InvalidInput: A policy identifier must specify exactly one"), "{both}");
}

#[test]
fn sources_that_are_none() {
    let mut stage = peopled();
    for (arn, expected) in [
        ("arn:aws:iam::123456789012:user/nobody", "NoSuchEntity: Unable to retrieve specified IAM entity."),
        ("arn:aws:iam::123456789012:group/nobody", "NoSuchEntity: Unable to retrieve specified IAM entity."),
        ("arn:aws:iam::123456789012:role/nobody", "NoSuchEntity: Unable to retrieve specified IAM entity."),
        (
            "arn:aws:iam::999999999999:user/ann",
            "InvalidInput: Invalid Policy Source Arn: caller's account 123456789012 does not have access to policies in account 999999999999.",
        ),
        (
            "arn:aws:iam::123456789012:root",
            "InvalidInput: Invalid ARN provided in the request: arn:aws:iam::123456789012:root",
        ),
        ("not-an-arn-but-long-enough", "InvalidInput: Invalid ARN provided in the request: not-an-arn-but-long-enough"),
    ] {
        let parameters = [("PolicySourceArn", arn), ("ActionNames.member.1", "s3:GetObject")];
        assert_eq!(stage.refused("SimulatePrincipalPolicy", &parameters), expected);
        assert_eq!(stage.refused("GetContextKeysForPrincipalPolicy", &[("PolicySourceArn", arn)]), expected);
    }
}

#[test]
fn permission_is_asked_on_the_source() {
    let mut stage = peopled();
    stage.user_allowed("bob", "iam:SimulatePrincipalPolicy", ANN);
    stage.act_as_user("bob");
    let asked = |stage: &mut Stage, arn: &str| {
        stage.call("SimulatePrincipalPolicy", &[("PolicySourceArn", arn), ("ActionNames.member.1", "s3:GetObject")])
    };
    assert!(asked(&mut stage, ANN).is_ok());
    let denied = asked(&mut stage, ROLE).unwrap_err();
    assert_eq!(
        denied.message,
        format!(
            "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:SimulatePrincipalPolicy on resource: {ROLE} \
             because no identity-based policy allows the iam:SimulatePrincipalPolicy action"
        )
    );
    let denied = custom(&mut stage, "s3:GetObject", &[FIRST]).unwrap_err();
    assert_eq!(
        denied.message,
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:SimulateCustomPolicy on resource: * because no \
         identity-based policy allows the iam:SimulateCustomPolicy action"
    );
}

#[test]
fn keys_are_listed_policy_by_policy() {
    let mut stage = peopled();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/${*}",
        "Condition":{"StringEquals":{"aws:PrincipalTag/Team":"${aws:PrincipalTag/Team}"},"Bool":{"aws:SecureTransport":"true"}}}]}"#;
    let listed = |xml: &str| -> Vec<String> {
        let mut keys: Vec<String> = texts(xml, "member").into_iter().map(str::to_owned).collect();
        keys.sort_unstable();
        keys
    };
    let custom = stage.done("GetContextKeysForCustomPolicy", &[("PolicyInputList.member.1", policy)]);
    assert_eq!(listed(&custom), ["*", "aws:PrincipalTag/Team", "aws:SecureTransport", "aws:username"]);
    stage.done("PutGroupPolicy", &[("GroupName", "g"), ("PolicyName", "Keys"), ("PolicyDocument", policy)]);
    let of_user = stage.done("GetContextKeysForPrincipalPolicy", &[("PolicySourceArn", ANN)]);
    assert_eq!(listed(&of_user), listed(&custom));
    let more = allowing("s3:*", "arn:aws:s3:::${aws:userid}");
    let with_more = [("PolicySourceArn", ANN), ("PolicyInputList.member.1", &*more)];
    let with_more = stage.done("GetContextKeysForPrincipalPolicy", &with_more);
    assert_eq!(listed(&with_more).len(), 5);
    let number = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Condition":{"NumericEquals":{"aws:MultiFactorAuthAge":"${aws:PrincipalTag/Age}"}}}}"#;
    for (policy, expected) in [
        (number, vec!["aws:MultiFactorAuthAge", "aws:PrincipalTag/Age"]),
        (r#"{"Version":"2012-10-17"}"#, vec![]),
        (r#"{"Statement":[]}"#, vec![]),
    ] {
        let custom = stage.done("GetContextKeysForCustomPolicy", &[("PolicyInputList.member.1", policy)]);
        assert_eq!(listed(&custom), expected, "{policy}");
    }
    let fault = stage.refused("GetContextKeysForCustomPolicy", &[("PolicyInputList.member.1", "{")]);
    assert_eq!(fault, "InvalidInput: Policy input list item 1 has invalid content");
}
