//! Simulations as clients ask them. Most of the answers here are recorded ones of AWS, in a form that reads in one line.

use service::prelude::*;

use crate::tests::{Stage, allowing, stage, texts};

const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}"#;
const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const OTHER: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}"#;
const A: &str = "arn:aws:s3:::bucket/a";
const B: &str = "arn:aws:s3:::bucket/b";
const ANN: &str = "arn:aws:iam::123456789012:user/ann";

/// A custom simulation of one action.
fn custom(stage: &mut Stage, action: &str, more: &[(&str, &str)]) -> Result<String, ApiError> {
    // An empty list of policies is a list, as clients write it.
    let always = [("ActionNames.member.1", action), ("PolicyInputList", "")];
    let parameters: Vec<(&str, &str)> = always.iter().chain(more).copied().collect();
    stage.call("SimulateCustomPolicy", &parameters)
}

fn answered(action: &str, more: &[(&str, &str)]) -> String {
    custom(&mut stage(), action, more).unwrap_or_else(|error| panic!("{more:?}: {error}"))
}

fn refused(action: &str, more: &[(&str, &str)]) -> String {
    let error = custom(&mut stage(), action, more).expect_err("must fail");
    format!("{}: {}", error.code, error.message)
}

/// The decision, then each matched statement of the whole as `ID line:column-line:column`, then the missing keys.
fn brief(xml: &str) -> String {
    let whole = match xml.find("<ResourceSpecificResults>") {
        Some(at) => &xml[..at],
        None => xml,
    };
    let numbers = |element| texts(whole, element);
    let (lines, columns) = (numbers("Line"), numbers("Column"));
    let statements = numbers("SourcePolicyId").into_iter().enumerate().map(|(index, id)| {
        let (start, end) = (index * 2, index * 2 + 1);
        format!(" {id} {}:{}-{}:{}", lines[start], columns[start], lines[end], columns[end])
    });
    let missing = texts(whole, "MissingContextValues").concat();
    let missing = texts(&missing, "member").into_iter().map(|key| format!(" ?{key}"));
    let decision = texts(whole, "EvalDecision")[0].to_owned();
    [decision].into_iter().chain(statements).chain(missing).collect()
}

fn of_resources(xml: &str) -> Vec<(&str, &str)> {
    let names = xml.find("<ResourceSpecificResults>").map_or(Vec::new(), |at| texts(&xml[at..], "EvalResourceName"));
    names.into_iter().zip(texts(xml, "EvalResourceDecision")).collect()
}

const FIRST: (&str, &str) = ("PolicyInputList.member.1", ALLOW);

#[test]
fn statements_that_allow_are_named_with_their_places() {
    let xml = answered("s3:GetObject", &[FIRST]);
    assert_eq!(brief(&xml), "allowed PolicyInputList.1 1:38-1:95");
    assert_eq!(texts(&xml, "EvalResourceName"), ["*"]);
    assert_eq!(texts(&xml, "SourcePolicyType"), ["IAM Policy"]);
    assert_eq!(texts(&xml, "IsTruncated"), ["false"]);
    for absent in ["ResourceSpecificResults", "EvalDecisionDetails", "OrganizationsDecisionDetail"] {
        assert!(!xml.contains(absent), "{absent}");
    }
}

#[test]
fn an_explicit_deny_alone_is_named() {
    let xml = answered("s3:GetObject", &[FIRST, ("PolicyInputList.member.2", DENY)]);
    assert_eq!(brief(&xml), "explicitDeny PolicyInputList.2 1:38-1:94");
}

#[test]
fn one_result_per_action_with_a_decision_for_each_resource() {
    let policy = allowing("s3:GetObject", A);
    let xml = answered(
        "s3:GetObject",
        &[("PolicyInputList.member.1", &policy), ("ResourceArns.member.1", A), ("ResourceArns.member.2", B)],
    );
    assert!(brief(&xml).starts_with("implicitDeny PolicyInputList.1 "), "{}", brief(&xml));
    assert_eq!(texts(&xml, "EvalResourceName")[0], "arn:aws:s3:::${BucketName}/${KeyName}");
    assert_eq!(of_resources(&xml), [(A, "allowed"), (B, "implicitDeny")]);
    assert!(xml.contains("<EvalDecisionDetails></EvalDecisionDetails>"), "{xml}");
    let alone = answered("s3:GetObject", &[FIRST, ("ResourceArns.member.1", A)]);
    assert_eq!(texts(&alone, "EvalResourceName"), [A, A]);
}

#[test]
fn missing_keys_are_those_of_all_policies_if_the_denial_is_implicit() {
    let conditional = |effect: &str, action: &str, condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"*","Condition":{condition}}}]}}"#
        )
    };
    let equals = r#"{"StringEquals":{"stack:missing":"yes"}}"#;
    let relevant = conditional("Allow", "s3:GetObject", equals);
    let elsewhere = conditional("Allow", "s3:PutObject", equals);
    let deny = conditional("Deny", "s3:GetObject", equals);
    let negated = conditional("Allow", "s3:GetObject", r#"{"StringNotEquals":{"stack:missing":"yes"}}"#);
    let variable = allowing("s3:GetObject", "arn:aws:s3:::bucket/${aws:username}");
    for (policies, expected) in [
        (vec![&*relevant], "implicitDeny ?stack:missing"),
        (vec![&*elsewhere], "implicitDeny ?stack:missing"),
        (vec![&*deny], "implicitDeny ?stack:missing"),
        (vec![ALLOW, &*relevant], "allowed PolicyInputList.1 1:38-1:95"),
        (vec![DENY, &*relevant], "explicitDeny PolicyInputList.1 1:38-1:94"),
        (vec![&*negated], "allowed PolicyInputList.1 1:38-1:151"),
        (vec![&*variable], "implicitDeny ?aws:username"),
    ] {
        let names: Vec<String> =
            (1..=policies.len()).map(|number| format!("PolicyInputList.member.{number}")).collect();
        let parameters: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(policies).collect();
        assert_eq!(brief(&answered("s3:GetObject", &parameters)), expected, "{parameters:?}");
    }
    let given = [
        ("PolicyInputList.member.1", &*relevant),
        ("ContextEntries.member.1.ContextKeyName", "Stack:Missing"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "no"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
    ];
    assert_eq!(brief(&answered("s3:GetObject", &given)), "implicitDeny");
}

#[test]
fn a_boundary_limits_and_is_named_if_it_denies() {
    const BOUNDARY: &str = "PermissionsBoundaryPolicyInputList.member.1";
    for (boundary, expected, allowed) in [
        (ALLOW, "allowed PolicyInputList.1 1:38-1:95", "true"),
        (OTHER, "implicitDeny", "false"),
        (DENY, "explicitDeny PermissionsBoundaryPolicyInputList.1 1:38-1:94", "false"),
    ] {
        let xml = answered("s3:GetObject", &[FIRST, (BOUNDARY, boundary), ("ResourceArns.member.1", A)]);
        assert_eq!(brief(&xml), expected);
        assert_eq!(texts(&xml, "AllowedByPermissionsBoundary"), [allowed, allowed]);
    }
    let denied = answered("s3:GetObject", &[FIRST, (BOUNDARY, DENY)]);
    assert_eq!(texts(&denied, "SourcePolicyType"), ["Permissions Boundary Policy"]);
}

#[test]
fn organisations_end_a_simulation_and_are_not_named() {
    let level = |number: usize, policy: &'static str| {
        (format!("OrderedOrganizationPolicyInputList.member.{number}.ServiceControlPolicyInputList.member.1"), policy)
    };
    let missing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"stack:scp":"true"}}}]}"#;
    for (levels, expected, allowed) in [
        (vec![level(1, ALL), level(2, ALL)], "allowed PolicyInputList.1 1:38-1:95", "true"),
        (vec![level(1, ALL), level(2, DENY)], "explicitDeny", "false"),
        (vec![level(1, ALL), level(2, OTHER)], "implicitDeny", "false"),
        (vec![level(1, missing)], "implicitDeny", "false"),
    ] {
        let levels = levels.iter().map(|(name, policy)| (name.as_str(), *policy));
        let parameters: Vec<(&str, &str)> = [FIRST].into_iter().chain(levels).collect();
        let xml = answered("s3:GetObject", &parameters);
        assert_eq!(brief(&xml), expected, "{parameters:?}");
        assert_eq!(texts(&xml, "AllowedByOrganizations"), [allowed]);
    }
}

#[test]
fn resource_policies_take_part_for_a_caller() {
    let policy = |principal: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Principal":{{"AWS":"{principal}"}}}}]}}"#
        )
    };
    let everyone = policy("*");
    let asked = |more: &[(&str, &str)]| {
        let base = [("ResourceArns.member.1", A), ("ResourcePolicy", &*everyone), ("CallerArn", ANN)];
        answered("s3:GetObject", &base.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let xml = asked(&[]);
    assert_eq!(brief(&xml), "allowed ResourcePolicy 1:38-1:139");
    assert_eq!(texts(&xml, "SourcePolicyType")[0], "Resource Policy");
    let other = ("ResourceOwner", "arn:aws:iam::999999999999:root");
    let across = asked(&[other]);
    assert_eq!(brief(&across), "implicitDeny");
    let details = "<entry><key>IAM Policy</key><value>implicitDeny</value></entry><entry><key>Resource Policy</key><value>allowed</value></entry>";
    assert_eq!(texts(&across, "EvalDecisionDetails"), [details, details]);
    let own = ("ResourceOwner", "arn:aws:iam::123456789012:root");
    // What an ARN says of its owner stands over the parameter; a wildcard says nothing. The policy is the parameter's account's all the same.
    for (resource, owner, crosses) in [
        ("arn:aws:s3:us-east-1:999999999999:accesspoint/p", None, true),
        ("arn:aws:s3:us-east-1:999999999999:accesspoint/p", Some(own), true),
        ("arn:aws:s3:us-east-1:123456789012:accesspoint/p", Some(own), false),
        ("arn:aws:s3:us-east-1:123456789012:accesspoint/p", Some(other), true),
        ("arn:aws:s3:us-east-1:*:accesspoint/p", None, false),
        ("arn:aws:s3:us-east-1:*:accesspoint/p", Some(other), true),
        (A, Some(own), false),
    ] {
        let policy = everyone.replace("arn:aws:s3:::bucket/*", resource);
        let base = [("ResourceArns.member.1", resource), ("ResourcePolicy", &*policy), ("CallerArn", ANN)];
        let xml = answered("s3:GetObject", &base.into_iter().chain(owner).collect::<Vec<_>>());
        assert_eq!(brief(&xml) == "implicitDeny", crosses, "{resource} {owner:?}");
    }
    let both = asked(&[other, FIRST]);
    assert!(brief(&both).starts_with("allowed PolicyInputList.1 1:38-1:95 ResourcePolicy "), "{}", brief(&both));
}

#[test]
fn trust_policies_are_passed_over() {
    let role = "arn:aws:iam::123456789012:role/r";
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*"}]}"#;
    let xml = answered(
        "sts:AssumeRole",
        &[
            ("PolicyInputList.member.1", ALL),
            ("ResourceArns.member.1", role),
            ("ResourcePolicy", trust),
            ("CallerArn", ANN),
        ],
    );
    assert_eq!(brief(&xml), "allowed PolicyInputList.1 1:38-1:84");
}

#[test]
fn what_an_action_cannot_be_about_is_denied() {
    let asked = |action: &str, resource: &str| {
        brief(&answered(action, &[("PolicyInputList.member.1", ALL), ("ResourceArns.member.1", resource)]))
    };
    assert_eq!(asked("iam:GetUser", ANN), "allowed PolicyInputList.1 1:38-1:84");
    assert_eq!(asked("iam:GetUser", A), "implicitDeny");
    assert_eq!(asked("iam:ListUsers", ANN), "implicitDeny");
    assert_eq!(asked("sts:GetCallerIdentity", "arn:aws:iam::123456789012:role/r"), "implicitDeny");
}

#[test]
fn callers_bring_their_own_keys() {
    let policy = |key: &str, value: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{{"StringEquals":{{"{key}":"{value}"}}}}}}]}}"#
        )
    };
    let decision = |key: &str, value: &str, more: &[(&str, &str)]| {
        let policy = policy(key, value);
        let parameters: Vec<(&str, &str)> =
            [("PolicyInputList.member.1", &*policy)].iter().chain(more).copied().collect();
        texts(&answered("s3:GetObject", &parameters), "EvalDecision")[0].to_owned()
    };
    let ann = [("CallerArn", "arn:aws:iam::123456789012:user/a/ann")];
    for (key, value) in [
        ("aws:username", "ann"),
        ("aws:userid", "arn:aws:iam::123456789012:user/a/ann"),
        ("aws:PrincipalArn", "arn:aws:iam::123456789012:user/a/ann"),
        ("aws:PrincipalAccount", "123456789012"),
    ] {
        assert_eq!(decision(key, value, &ann), "allowed", "{key}");
    }
    assert_eq!(decision("aws:username", "r", &[("CallerArn", "arn:aws:iam::123456789012:role/r")]), "implicitDeny");
    assert_eq!(decision("aws:userid", "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR", &[]), "allowed");
    let given = [
        ann[0],
        ("ContextEntries.member.1.ContextKeyName", "aws:username"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "bob"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
    ];
    assert_eq!(decision("aws:username", "bob", &given), "allowed");
}

#[test]
fn pages_count_actions() {
    let mut stage = stage();
    let actions = [("ActionNames.member.2", "s3:PutObject"), ("ActionNames.member.3", "s3:DeleteObject")];
    let base = [FIRST, actions[0], actions[1], ("MaxItems", "2")];
    let first = custom(&mut stage, "s3:GetObject", &base).unwrap();
    assert_eq!(texts(&first, "EvalActionName"), ["s3:GetObject", "s3:PutObject"]);
    assert_eq!(texts(&first, "IsTruncated"), ["true"]);
    let marker = texts(&first, "Marker")[0].to_owned();
    let rest: Vec<(&str, &str)> = base.iter().chain(&[("Marker", &*marker)]).copied().collect();
    let second = custom(&mut stage, "s3:GetObject", &rest).unwrap();
    assert_eq!(texts(&second, "EvalActionName"), ["s3:DeleteObject"]);
    assert_eq!(texts(&second, "IsTruncated"), ["false"]);
    let changed = [("PolicyInputList.member.1", DENY), actions[0], actions[1], ("Marker", &*marker)];
    assert_eq!(texts(&custom(&mut stage, "s3:Other", &changed).unwrap(), "EvalActionName"), ["s3:DeleteObject"]);
}

#[test]
fn the_rules_of_the_input() {
    let owner = "arn:aws:iam::123456789012:root";
    let resource_policy = r#"{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Principal":"*"}]}"#;
    let any = r#"{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":"*"}]}"#;
    for (action, more, expected) in [
        ("GetObject", vec![FIRST], "The action is invalid since it is missing names"),
        (
            "s3:GetObject",
            vec![FIRST, ("ResourceArns.member.1", "not-an-arn")],
            "ResourceNames are not in a valid ARN format: not-an-arn.",
        ),
        (
            "s3:GetObject",
            vec![
                ("PermissionsBoundaryPolicyInputList.member.1", ALL),
                ("PermissionsBoundaryPolicyInputList.member.2", ALL),
            ],
            "The list of Permissions Boundary policies cannot exceed 1 items.",
        ),
        ("s3:GetObject", vec![("PolicyInputList.member.1", "{")], "Policy input list item 1 has invalid content"),
        (
            "s3:GetObject",
            vec![FIRST, ("PolicyInputList.member.2", any)],
            "Policy input list item 2 has invalid content",
        ),
        (
            "s3:GetObject",
            vec![("ResourceArns.member.1", A), ("ResourcePolicy", resource_policy)],
            "Invalid caller - Caller cannot be null or empty.",
        ),
        (
            "s3:GetObject",
            vec![("CallerArn", owner)],
            "Invalid caller - Caller must be an IAM user, role or group in this context.",
        ),
        (
            "s3:GetObject",
            vec![("CallerArn", ANN), ("ResourcePolicy", resource_policy)],
            "Invalid Entity Arn: * does not clearly define entity type and name.",
        ),
        (
            "s3:GetObject",
            vec![("CallerArn", ANN), ("ResourceArns.member.1", A), ("ResourcePolicy", any)],
            "ResourceNames are not in a valid ARN format: *.",
        ),
        ("s3:GetObject", vec![("ResourceOwner", "123456789012")], "'123456789012' is not a valid as a Resource Owner."),
        ("s3:GetObject", vec![("Marker", "not-a-simulation-marker")], "Invalid marker for pagination."),
        (
            "iam:GetUser",
            vec![("ActionNames.member.2", "iam:MadeUp"), ("ResourceArns.member.1", ANN)],
            "Invalid Input Actions: [iam:GetUser] and [iam:MadeUp] require different authorization information. Please refer to the \
             documentation for more details: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html",
        ),
        (
            "s3:GetObject",
            vec![("ResourceArns.member.1", A), ("ResourceHandlingOption", "EC2-VPC-EBS")],
            "Invalid input resource handling options. Action does not support resource handling options: s3:GetObject. Please refer to \
             the documentation for more details: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html",
        ),
    ] {
        assert_eq!(refused(action, &more), format!("InvalidInput: {expected}"));
    }
}

/// How many actions of a hundred a page has, with that many resources and statements. The actions cannot be about the resources, which is soon
/// decided.
fn actions_in_a_page(resources: usize, statements: usize) -> usize {
    let statement = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, vec![statement; statements].join(","));
    let member = |list: &str, number: usize| format!("{list}.member.{number}");
    let mut parameters = vec![("PolicyInputList.member.1".to_owned(), policy)];
    parameters.extend((1..=100).map(|number| (member("ActionNames", number), "iam:GetUser".to_owned())));
    parameters.extend((1..=resources).map(|number| (member("ResourceArns", number), format!("{A}{number}"))));
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let xml = stage().call("SimulateCustomPolicy", &parameters).unwrap();
    assert_eq!(texts(&xml, "Marker").len(), usize::from(texts(&xml, "IsTruncated") == ["true"]));
    texts(&xml, "EvalActionName").len()
}

#[test]
fn a_page_is_bounded_by_its_decisions() {
    for (resources, statements, expected) in [(10, 1, 100), (100, 900, 20)] {
        assert_eq!(actions_in_a_page(resources, statements), expected, "{resources} {statements}");
    }
}

#[test]
fn the_six_ways_to_launch_are_known() {
    let instance = "arn:aws:ec2:us-east-1:123456789012:instance/*";
    let asked = |option| {
        let more = [
            ("PolicyInputList.member.1", ALL),
            ("ResourceArns.member.1", instance),
            ("ResourceHandlingOption", option),
        ];
        custom(&mut stage(), "ec2:RunInstances", &more).map(|xml| brief(&xml))
    };
    for option in [
        "EC2-Classic-EBS",
        "EC2-Classic-InstanceStore",
        "EC2-VPC-EBS",
        "EC2-VPC-EBS-Subnet",
        "EC2-VPC-InstanceStore",
        "EC2-VPC-InstanceStore-Subnet",
    ] {
        assert_eq!(asked(option).unwrap(), "allowed PolicyInputList.1 1:38-1:84", "{option}");
    }
    assert!(asked("fictional").is_err());
}

mod of_principals;

/// Recorded in September 2026.
#[test]
fn numbers_and_addresses_that_are_none_fit_nothing() {
    let decided = |operator: &str, wanted: &str, value: &str| {
        let condition = format!(r#""Condition":{{"{operator}":{{"test:key":{wanted}}}}}"#);
        let policy = ALLOW.replace(r#""Resource":"*""#, &format!(r#""Resource":"*",{condition}"#));
        let entry = "ContextEntries.member.1.";
        let (name, kind, only) = (
            format!("{entry}ContextKeyName"),
            format!("{entry}ContextKeyType"),
            format!("{entry}ContextKeyValues.member.1"),
        );
        let given =
            [("PolicyInputList.member.1", policy.as_str()), (&name, "test:key"), (&kind, "string"), (&only, value)];
        texts(&answered("s3:GetObject", &given), "EvalDecision")[0] == "allowed"
    };
    assert!(!decided("NumericNotEquals", r#""1""#, "no-number"));
    assert!(decided("NumericNotEquals", r#""1""#, "2"));
    assert!(decided("DateNotEquals", r#""2030-01-01T00:00:00Z""#, "not-a-date"));
    let (first, last) = (r#"["no-address", "192.0.2.0/24"]"#, r#"["192.0.2.0/24", "no-address"]"#);
    for operator in ["IpAddress", "NotIpAddress"] {
        assert!(!decided(operator, first, "192.0.2.1") && !decided(operator, first, "192.0.3.1"), "{operator}");
        assert!(!decided(operator, last, "192.0.3.1"), "{operator}");
    }
    assert!(decided("IpAddress", last, "192.0.2.1"));
    assert!(!decided("NotIpAddress", last, "192.0.2.1"));
}
