use crate::tests::{Stage, allowing, stage, texts};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

/// Operation suffix, how the request names the entity, and whether keys ignore case.
const KINDS: [(&str, (&str, &str), bool); 4] = [
    ("User", ("UserName", "e"), true),
    ("Role", ("RoleName", "e"), true),
    ("Policy", ("PolicyArn", "arn:aws:iam::123456789012:policy/e"), false),
    ("InstanceProfile", ("InstanceProfileName", "e"), false),
];

/// One entity of each kind, all named `e`.
fn prepared() -> Stage {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "e")]);
    stage.done("CreateRole", &[("RoleName", "e"), ("AssumeRolePolicyDocument", TRUST)]);
    stage.done("CreatePolicy", &[("PolicyName", "e"), ("PolicyDocument", &allowing("s3:*", "*"))]);
    stage.done("CreateInstanceProfile", &[("InstanceProfileName", "e")]);
    stage
}

/// Request parameters for that entity and these tags.
fn tags(entity: (&str, &str), tags: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut parameters = vec![(entity.0.to_owned(), entity.1.to_owned())];
    for (number, (key, value)) in (1..).zip(tags) {
        parameters.push((format!("Tags.member.{number}.Key"), (*key).to_owned()));
        parameters.push((format!("Tags.member.{number}.Value"), (*value).to_owned()));
    }
    parameters
}

fn borrowed(parameters: &[(String, String)]) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn listed(stage: &mut Stage, kind: &str, entity: (&str, &str)) -> Vec<(String, String)> {
    let answer = stage.done(&format!("List{kind}Tags"), &[entity]);
    let (keys, values) = (texts(&answer, "Key"), texts(&answer, "Value"));
    keys.into_iter().map(str::to_owned).zip(values.into_iter().map(str::to_owned)).collect()
}

#[test]
fn set_listed_and_removed() {
    for (kind, entity, ignores_case) in KINDS {
        let mut stage = prepared();
        assert_eq!(listed(&mut stage, kind, entity), [], "{kind}");
        stage.done(&format!("Tag{kind}"), &borrowed(&tags(entity, &[("b", "1"), ("a", "2")])));
        stage.done(&format!("Tag{kind}"), &borrowed(&tags(entity, &[("B", "3")])));
        let expected: &[(&str, &str)] =
            if ignores_case { &[("B", "3"), ("a", "2")] } else { &[("B", "3"), ("a", "2"), ("b", "1")] };
        assert_eq!(borrowed(&listed(&mut stage, kind, entity)), expected, "{kind}");
        let first = stage.done(&format!("List{kind}Tags"), &[entity, ("MaxItems", "1")]);
        assert_eq!((texts(&first, "Key"), texts(&first, "IsTruncated")), (vec!["B"], vec!["true"]), "{kind}");
        stage.done(&format!("Untag{kind}"), &[entity, ("TagKeys.member.1", "A"), ("TagKeys.member.2", "none")]);
        let expected: &[(&str, &str)] = if ignores_case { &[("B", "3")] } else { expected };
        assert_eq!(borrowed(&listed(&mut stage, kind, entity)), expected, "{kind}");
    }
}

#[test]
fn what_is_refused() {
    for (kind, entity, ignores_case) in KINDS {
        let mut stage = prepared();
        let operation = format!("Tag{kind}");
        let duplicate = "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        assert_eq!(stage.refused(&operation, &borrowed(&tags(entity, &[("a", "1"), ("a", "2")]))), duplicate, "{kind}");
        let two_cases = prepared().call(&operation, &borrowed(&tags(entity, &[("a", "1"), ("A", "2")])));
        assert_eq!(two_cases.is_err(), ignores_case, "{kind}");
        let reserved = stage.refused(&operation, &borrowed(&tags(entity, &[("AWS:x", "1")])));
        assert_eq!(reserved, "InvalidInput: Tag keys beginning with aws: are reserved for system use.", "{kind}");

        let fifty: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
        let fifty: Vec<(&str, &str)> = fifty.iter().map(|key| (key.as_str(), "")).collect();
        stage.done(&operation, &borrowed(&tags(entity, &fifty)));
        let more = stage.refused(&operation, &borrowed(&tags(entity, &[("one more", "")])));
        assert_eq!(more, "LimitExceeded: The number of tags has reached the maximum limit.", "{kind}");
        stage.done(&operation, &borrowed(&tags(entity, &[("k1", "changed")])));
        assert_eq!(listed(&mut stage, kind, entity).len(), 50, "{kind}");
    }
}

#[test]
fn entities_that_are_not_there() {
    let mut stage = prepared();
    let cases = [
        ("User", ("UserName", "none"), "The user with name none cannot be found."),
        ("Role", ("RoleName", "none"), "The role with name none cannot be found."),
        (
            "Policy",
            ("PolicyArn", "arn:aws:iam::123456789012:policy/none"),
            "Policy arn:aws:iam::123456789012:policy/none was not found.",
        ),
        ("InstanceProfile", ("InstanceProfileName", "none"), "Instance Profile none cannot be found."),
    ];
    for (kind, entity, text) in cases {
        let expected = format!("NoSuchEntity: {text}");
        assert_eq!(stage.refused(&format!("Tag{kind}"), &borrowed(&tags(entity, &[("k", "v")]))), expected);
        assert_eq!(stage.refused(&format!("Untag{kind}"), &[entity, ("TagKeys.member.1", "k")]), expected);
        assert_eq!(stage.refused(&format!("List{kind}Tags"), &[entity]), expected);
    }
}

/// Tags asked for, keys to be removed, and tags already there are what conditions can ask for.
#[test]
fn who_may() {
    let conditioned = |condition: &str| {
        allowing("iam:*", "*").replace("\"Effect\"", &format!("\"Condition\":{condition},\"Effect\""))
    };
    let set = |value: &'static str| (vec![("team", value)], "");
    let cases = [
        (r#"{"StringEquals":{"aws:RequestTag/team":"x"}}"#, set("x"), true),
        (r#"{"StringEquals":{"aws:RequestTag/team":"x"}}"#, set("y"), false),
        (r#"{"StringEquals":{"aws:ResourceTag/owner":"me"}}"#, set("y"), true),
        (r#"{"StringEquals":{"aws:ResourceTag/owner":"you"}}"#, set("y"), false),
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"owner"}}"#, (vec![], "owner"), true),
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"owner"}}"#, (vec![], "team"), false),
        (r#"{"StringEquals":{"aws:RequestTag/owner":"me"}}"#, (vec![], "owner"), false),
    ];
    for (kind, entity, _) in KINDS {
        for (condition, (new, removed), allowed) in &cases {
            let mut stage = prepared();
            stage.done(&format!("Tag{kind}"), &borrowed(&tags(entity, &[("owner", "me")])));
            stage.done("CreateUser", &[("UserName", "u")]);
            let document = conditioned(condition);
            stage.done("PutUserPolicy", &[("UserName", "u"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
            stage.act_as_user("u");
            let answer = if removed.is_empty() {
                stage.call(&format!("Tag{kind}"), &borrowed(&tags(entity, new)))
            } else {
                stage.call(&format!("Untag{kind}"), &[entity, ("TagKeys.member.1", *removed)])
            };
            assert_eq!(answer.is_ok(), *allowed, "{kind} {condition}: {answer:?}");
        }
    }
}
