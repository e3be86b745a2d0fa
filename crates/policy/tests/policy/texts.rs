//! What is done with the text of a policy: positions of statements, names put in place of others, sizes, keys listed.

use policy::{Context, Document, Kind, Position, Principal, Relation, Request, Resolved, ResourceKind, Sets, Source};
use serde_json::json;

#[test]
fn statements_know_their_place() {
    let places = |text: &str| -> Vec<[usize; 4]> {
        let document = Document::parse(text).unwrap();
        let numbers = |start: Position, end: Position| [start.line, start.column, end.line, end.column];
        document.statements.iter().map(|statement| numbers(statement.start, statement.end)).collect()
    };
    let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(places(one), [[1, 37, 1, 83]]);
    let two = "{\n \"Id\": \"äö😀\", \"Statement\": [ {\"Effect\": \"Allow\"},\r\n  {\n\"Effect\":\"Deny\"\n  } ]\n}";
    assert_eq!(places(two), [[2, 30, 2, 49], [3, 3, 5, 4]]);
}

#[test]
fn statements_know_where_aws_says_they_begin() {
    // As the policy simulator answered for these texts.
    let places = |text: &str| -> Vec<[usize; 4]> {
        let document = Document::parse(text).unwrap();
        let numbers = |after: Position, end: Position| [after.line, after.column, end.line, end.column];
        document.statements.iter().map(|statement| numbers(statement.after, statement.end)).collect()
    };
    let one = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    assert_eq!(places(one), [[1, 38, 1, 95]]);
    let alone = r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#;
    assert_eq!(places(alone), [[1, 16, 1, 77]]);
    let two = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\"\n    },\n    {\n      \"Effect\": \"Deny\"\n    }\n  ]\n}";
    assert_eq!(places(two), [[3, 17, 6, 6], [6, 6, 9, 6]]);
    assert_eq!(places(&two.replace('\n', "\r\n")), places(two));
    assert_eq!(places(&two.replace('\n', "\r")), places(two));
}

#[test]
fn faults_say_where() {
    let fault = Document::parse("{\n  \"Statement\": [\n    7\n  ]\n}").unwrap_err();
    assert_eq!(fault.message, "Syntax errors in policy.");
    assert_eq!(fault.detail, "line 3, column 5: a statement is an object");
}

#[test]
fn white_space_does_not_count() {
    for (text, expected) in [("", 0), (" \t\r\n", 0), ("{ \"a\" : \"b c\" }\n", 10), ("ä ä", 2)] {
        assert_eq!(policy::without_whitespace_len(text), expected, "{text}");
    }
}

#[test]
fn strings_are_unescaped() {
    let parsed = Document::parse(r#"{"Statement":{"Effect":"\u0041llow","Sid":"\ud83d\ude00\n\/\"\\"}}"#).unwrap();
    assert_eq!(parsed.statements[0].sid.as_deref(), Some("😀\n/\"\\"));
    for text in [
        r#"{"Id":"\ud83d","Statement":{}}"#,
        r#"{"Id":"\x","Statement":{}}"#,
        "{\"Id\":\"\n\",\"Statement\":{}}",
        r#"{"Id":"\u12","Statement":{}}"#,
    ] {
        assert!(Document::parse(text).is_err(), "{text}");
    }
}

#[test]
fn principals_are_listed_and_replaced() {
    let text = r#"{ "Version": "2012-10-17",
  "Statement": [ {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:user/ann", "444455556666"], "Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/r"}, "Action": "sts:AssumeRole"} ] }"#;
    let document = Document::parse(text).unwrap();
    let listed: Vec<_> = document.principals().collect();
    let expected = [
        (0, "AWS", "arn:aws:iam::111122223333:user/ann"),
        (0, "AWS", "444455556666"),
        (0, "Service", "ec2.amazonaws.com"),
        (1, "AWS", "arn:aws:iam::111122223333:role/r"),
    ];
    assert_eq!(listed, expected);
    let replaced = policy::with_principals_replaced(text, |name| match name {
        "arn:aws:iam::111122223333:user/ann" => Some("AIDAANN".to_owned()),
        "arn:aws:iam::111122223333:role/r" => Some("AROAR".to_owned()),
        _ => None,
    });
    let by_hand = text
        .replace("arn:aws:iam::111122223333:user/ann", "AIDAANN")
        .replace("arn:aws:iam::111122223333:role/r", "AROAR");
    assert_eq!(replaced, by_hand);
    assert_eq!(policy::with_principals_replaced("no policy", |_| Some(String::new())), "no policy");
}

const ANN: &str = "arn:aws:iam::111122223333:user/ann";

fn trust(principal: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}}).to_string()
}

/// Rule 22: a principal is resolved when the policy is saved; a later user of the same name is somebody else.
#[test]
fn a_resolved_principal_is_compared_by_id() {
    let resolve = |name: &str| if name == ANN { Resolved::Id("AIDAFIRST".to_owned()) } else { Resolved::Unknown };
    let document = policy::validate_with(&trust(ANN), Kind::Trust, &resolve).unwrap();
    let reloaded = Document::parse_with(&trust(ANN), &|name| (name == ANN).then(|| "AIDAFIRST".to_owned())).unwrap();
    for document in [&document, &reloaded] {
        assert_eq!(document.principals().next(), Some((0, "AWS", ANN)));
        assert!(may_assume(document, "AIDAFIRST"));
        assert!(!may_assume(document, "AIDASECOND"));
    }
    let as_written = policy::validate(&trust(ANN), Kind::Trust).unwrap();
    assert!(may_assume(&as_written, "AIDASECOND"));
    let unknown =
        policy::validate_with(&trust("arn:aws:iam::111122223333:user/bob"), Kind::Trust, &resolve).unwrap_err();
    assert_eq!(unknown.message, "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/bob\"");
    assert!(policy::validate_with(&trust("111122223333"), Kind::Trust, &resolve).is_ok(), "accounts are not looked up");
    assert!(policy::validate_with(&trust("AROACKCEVSQ6C2EXAMPLE"), Kind::Trust, &resolve).is_err(), "the id of nobody");
}

fn may_assume(trust: &Document, id: &str) -> bool {
    let principal = Principal::user("111122223333", ANN, id);
    let context = Context::new();
    let role = "arn:aws:iam::111122223333:role/r";
    let request = Request { action: "sts:AssumeRole", resource: role, principal: &principal, context: &context };
    let source = Source { document: trust, id: "trust", origin: policy::Origin::Inline };
    let sets = Sets { resource: Some((source, ResourceKind::Trust)), ..Sets::default() };
    policy::decide(&request, &sets, Relation::SameAccount).allowed
}

#[test]
fn context_keys_are_those_of_conditions_and_variables() {
    let text = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": ["arn:aws:s3:::b/${aws:username}/${aws:userid, 'x'}", "arn:aws:s3:::${*}"],
         "Condition": {"StringEquals": {"aws:RequestTag/Team": "${aws:PrincipalTag/Team}"}, "ArnLike": {"AWS:requesttag/team": "${s}"}}},
        {"Effect": "Deny", "Action": "*", "NotResource": "*", "Condition": {"Null": {"aws:USERNAME": "true"}}},
    ]});
    let document = Document::parse(&text.to_string()).unwrap();
    // Two spellings of one key are two.
    let expected = [
        "aws:RequestTag/Team",
        "AWS:requesttag/team",
        "aws:USERNAME",
        "aws:username",
        "aws:PrincipalTag/Team",
        "s",
        "aws:userid",
    ];
    assert_eq!(sorted(document.context_keys()), sorted(expected.to_vec()));
}

fn sorted(mut keys: Vec<&str>) -> Vec<&str> {
    keys.sort_unstable();
    keys
}

#[test]
fn a_context_holds_each_key_once() {
    let mut context = Context::new();
    context.push("aws:RequestTag/Team", "red");
    context.push("AWS:REQUESTTAG/TEAM", "blue");
    context.push_many("aws:TagKeys", ["Team"]);
    assert_eq!(context.iter().count(), 2);
    assert_eq!(context.variable("aws:requesttag/team"), Some("blue"));
    assert_eq!(context.variable("aws:TagKeys"), None);
    context.remove("AWS:tagkeys");
    assert!(context.get("aws:TagKeys").is_none());
}

/// An account's policies name resources of its own partition.
#[test]
fn partitions_do_not_mix() {
    let document = |partition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:{partition}:s3:::b"}}}}"#
        )
    };
    let message = |partition: &str, own| {
        policy::validate_in(&document(partition), policy::Kind::Identity, own).err().map(|fault| fault.message)
    };
    let invalid =
        |partition| Some(format!("Partition \"{partition}\" is not valid for resource \"arn:{partition}:s3:::b\"."));
    assert_eq!(message("aws", "aws"), None);
    assert_eq!(message("*", "aws"), None);
    assert_eq!(message("aws-cn", "aws-cn"), None);
    assert_eq!(message("aws", "aws-cn"), invalid("aws"));
    assert_eq!(message("aws-us-gov", "aws"), invalid("aws-us-gov"));
    assert_eq!(message("nowhere", "aws"), invalid("nowhere"));
}
