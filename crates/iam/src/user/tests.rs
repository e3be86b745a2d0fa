//! Users: what is kept, what is shown, what is refused.

use crate::tests::{stage, texts};

#[test]
fn a_new_user_is_shown_with_what_it_was_given() {
    let mut stage = stage();
    let made = stage.done(
        "CreateUser",
        &[("UserName", "Bob"), ("Path", "/a/b/"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "x")],
    );
    let got = stage.done("GetUser", &[("UserName", "bob")]);
    assert_eq!(made, got, "names are looked up in any case");
    assert_eq!(texts(&got, "Arn"), ["arn:aws:iam::123456789012:user/a/b/Bob"]);
    assert_eq!(texts(&got, "CreateDate"), ["2026-09-21T14:13:20Z"]);
    assert_eq!((texts(&got, "Key"), texts(&got, "Value")), (vec!["team"], vec!["x"]));
    let id = texts(&got, "UserId")[0];
    assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
    assert!(!got.contains("PermissionsBoundary") && !got.contains("PasswordLastUsed"), "{got}");

    let plain = stage.done("CreateUser", &[("UserName", "eve")]);
    assert_eq!(texts(&plain, "Path"), ["/"]);
    assert!(!plain.contains("Tags"), "{plain}");
}

#[test]
fn names_are_taken_in_any_case() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "Bob")]);
    let taken = "EntityAlreadyExists: User with name BOB already exists.";
    assert_eq!(stage.refused("CreateUser", &[("UserName", "BOB")]), taken);
    stage.done("CreateUser", &[("UserName", "eve")]);
    assert_eq!(stage.refused("UpdateUser", &[("UserName", "eve"), ("NewUserName", "BOB")]), taken);
    stage.done("UpdateUser", &[("UserName", "Bob"), ("NewUserName", "BOB")]);
    assert_eq!(stage.user("bob").name, "BOB");
}

#[test]
fn what_is_no_name_or_path() {
    let long = "a".repeat(65);
    let cases = [
        ("", "/"),
        ("a b", "/"),
        ("a/b", "/"),
        (long.as_str(), "/"),
        ("a", ""),
        ("a", "x"),
        ("a", "/x"),
        ("a", "x/"),
        ("a", "/é/"),
    ];
    let mut stage = stage();
    for (name, path) in cases {
        let refusal = stage.refused("CreateUser", &[("UserName", name), ("Path", path)]);
        assert!(refusal.starts_with("ValidationError: "), "{name} {path}: {refusal}");
    }
    stage.done("CreateUser", &[("UserName", "a+=,.@-_9"), ("Path", "/!x~/y//")]);
}

#[test]
fn renaming_keeps_the_id_and_all_that_hangs_on_it() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:ListUsers", "*");
    let before = stage.user("bob");
    stage.done("UpdateUser", &[("UserName", "bob"), ("NewUserName", "rob"), ("NewPath", "/x/")]);
    let after = stage.user("rob");
    assert_eq!((&after.id, after.path.as_str()), (&before.id, "/x/"));
    assert_eq!(after.policies.inline, before.policies.inline);
    assert_eq!(
        stage.refused("GetUser", &[("UserName", "bob")]),
        "NoSuchEntity: The user with name bob cannot be found."
    );
}

#[test]
fn both_names_must_be_allowed_for_a_renaming() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:UpdateUser", "arn:aws:iam::123456789012:user/bob");
    stage.act_as_user("bob");
    let refusal = stage.refused("UpdateUser", &[("UserName", "bob"), ("NewUserName", "rob")]);
    assert!(refusal.contains("on resource: arn:aws:iam::123456789012:user/rob because"), "{refusal}");
    stage.done("UpdateUser", &[("UserName", "bob"), ("NewUserName", "bob")]);
}

#[test]
fn lists_are_brief_ordered_and_paged() {
    let mut stage = stage();
    for (name, path) in [("carl", "/x/"), ("Bob", "/x/y/"), ("al", "/z/")] {
        let tag = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
        stage.done("CreateUser", &[&[("UserName", name), ("Path", path)][..], &tag].concat());
    }
    let all = stage.done("ListUsers", &[]);
    assert_eq!(texts(&all, "UserName"), ["al", "Bob", "carl"]);
    assert!(!all.contains("Tags") && !all.contains("Marker"), "{all}");
    assert_eq!(texts(&all, "IsTruncated"), ["false"]);
    let below_x = stage.done("ListUsers", &[("PathPrefix", "/x/")]);
    assert_eq!(texts(&below_x, "UserName"), ["Bob", "carl"]);

    let first = stage.done("ListUsers", &[("MaxItems", "2")]);
    assert_eq!((texts(&first, "UserName"), texts(&first, "IsTruncated")), (vec!["al", "Bob"], vec!["true"]));
    let marker = texts(&first, "Marker")[0].to_owned();
    let second = stage.done("ListUsers", &[("MaxItems", "2"), ("Marker", &marker)]);
    assert_eq!((texts(&second, "UserName"), texts(&second, "IsTruncated")), (vec!["carl"], vec!["false"]));
    let foreign = stage.refused("ListGroups", &[("Marker", &marker)]);
    assert_eq!(foreign, "ValidationError: Invalid Marker.");
}

#[test]
fn deleting_waits_for_what_hangs_on_the_user() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:ListUsers", "*");
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let bob = ("UserName", "bob");
    stage.done("AttachUserPolicy", &[bob, policy]);
    stage.done("CreateGroup", &[("GroupName", "g")]);
    stage.done("AddUserToGroup", &[bob, ("GroupName", "g")]);
    let key = stage.done("CreateAccessKey", &[bob]);
    let key = ("AccessKeyId", texts(&key, "AccessKeyId")[0]);

    type Step<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);
    let steps: [Step<'_>; 4] = [
        ("must delete access keys first.", "DeleteAccessKey", vec![bob, key]),
        ("must detach all policies first.", "DetachUserPolicy", vec![bob, policy]),
        ("must delete policies first.", "DeleteUserPolicy", vec![bob, ("PolicyName", "p")]),
        ("must remove users from group first.", "RemoveUserFromGroup", vec![bob, ("GroupName", "g")]),
    ];
    for (text, operation, parameters) in steps {
        assert_eq!(stage.refused("DeleteUser", &[bob]), format!("DeleteConflict: Cannot delete entity, {text}"));
        stage.done(operation, &parameters);
    }
    stage.done("DeleteUser", &[bob]);
    assert_eq!(stage.refused("DeleteUser", &[bob]), "NoSuchEntity: The user with name bob cannot be found.");
}

#[test]
fn without_a_name_it_is_the_caller() {
    let mut stage = stage();
    let root = stage.done("GetUser", &[]);
    assert_eq!(texts(&root, "Arn"), ["arn:aws:iam::123456789012:root"]);
    assert_eq!(texts(&root, "UserId"), ["123456789012"]);
    assert!(!root.contains("UserName") && !root.contains("Path"), "{root}");

    stage.user_allowed("bob", "iam:GetUser", "arn:aws:iam::123456789012:user/bob");
    stage.act_as_user("bob");
    assert_eq!(texts(&stage.done("GetUser", &[]), "UserName"), ["bob"]);

    // A role's session has no user; AWS says so even to one that has no permission.
    let role =
        service::Principal::Role { id: "AROA".into(), name: "r".into(), path: "/".into(), session_name: "s".into() };
    stage.act_as(service::Caller { principal: role, ..service::Caller::clone(&stage.cx.caller) });
    let text = "ValidationError: Must specify userName when calling with non-User credentials";
    for operation in ["GetUser", "ListAccessKeys", "CreateAccessKey"] {
        assert_eq!(stage.refused(operation, &[]), text, "{operation}");
    }
}

#[test]
fn who_may_not_learns_nothing() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:GetUser", "arn:aws:iam::123456789012:user/bob");
    stage.act_as_user("bob");
    let denied = |operation: &str, resource: &str| {
        format!(
            "AccessDenied: User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:{operation} on resource: {resource} \
             because no identity-based policy allows the iam:{operation} action"
        )
    };
    assert_eq!(stage.refused("GetUser", &[("UserName", "nobody")]), denied("GetUser", "user nobody"));
    assert_eq!(stage.refused("ListUsers", &[]), denied("ListUsers", "arn:aws:iam::123456789012:user/"));
    assert_eq!(
        stage.refused("ListUsers", &[("PathPrefix", "/x/")]),
        denied("ListUsers", "arn:aws:iam::123456789012:user/x/")
    );
    assert_eq!(
        stage.refused("CreateUser", &[("UserName", "new"), ("Path", "/x/")]),
        denied("CreateUser", "arn:aws:iam::123456789012:user/x/new")
    );
}

#[test]
fn tags_and_boundaries_are_asked_at_creation() {
    let mut stage = stage();
    let document = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*", "Condition":
        {"StringEquals": {"aws:RequestTag/team": "x", "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}},
        {"Effect": "Allow", "Action": "iam:TagUser", "Resource": "*"}]}"#;
    stage.done("CreateUser", &[("UserName", "bob")]);
    stage.done("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", document)]);
    stage.act_as_user("bob");
    let name = ("UserName", "new");
    let boundary = ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "x")];
    for lacking in [vec![name], vec![name, boundary], vec![name, tags[0], tags[1]]] {
        assert!(stage.refused("CreateUser", &lacking).starts_with("AccessDenied"), "{lacking:?}");
    }
    let made = stage.done("CreateUser", &[name, boundary, tags[0], tags[1]]);
    assert_eq!(texts(&made, "PermissionsBoundaryType"), ["Policy"]);
    assert_eq!(stage.user("new").boundary.as_deref(), Some(boundary.1));
}

#[test]
fn tagging_at_creation_is_a_permission_of_its_own() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:CreateUser", "*");
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "x")];
    stage.act_as_user("bob");
    stage.done("CreateUser", &[("UserName", "plain")]);
    let refusal = stage.refused("CreateUser", &[&[("UserName", "new")], &tags[..]].concat());
    assert_eq!(
        refusal,
        "AccessDenied: User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:TagUser on resource: \
         arn:aws:iam::123456789012:user/new because no identity-based policy allows the iam:TagUser action"
    );
}

#[test]
fn a_refused_creation_leaves_nothing() {
    let mut stage = stage();
    let boundary = ("PermissionsBoundary", "arn:aws:iam::aws:policy/NoSuchPolicy");
    assert_eq!(
        stage.refused("CreateUser", &[("UserName", "bob"), boundary]),
        "NoSuchEntity: Scope ARN: arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable."
    );
    stage.done("CreateUser", &[("UserName", "bob")]);
}

#[test]
fn accounts_do_not_see_each_other() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    let other =
        service::Caller { account: "999999999999".parse().unwrap(), ..service::Caller::clone(&stage.cx.caller) };
    stage.act_as(other);
    assert_eq!(
        stage.refused("GetUser", &[("UserName", "bob")]),
        "NoSuchEntity: The user with name bob cannot be found."
    );
    assert_eq!(texts(&stage.done("ListUsers", &[]), "UserName"), Vec::<&str>::new());
    stage.done("CreateUser", &[("UserName", "bob")]);
}

#[test]
fn the_number_of_users_is_limited_only_on_demand() {
    let mut stage = stage();
    let prototype = {
        stage.done("CreateUser", &[("UserName", "u")]);
        stage.user("u")
    };
    let mut tx = service::Tx::on(stage.world.clone());
    for number in 1..5_000 {
        let (id, name) = (format!("AIDA{number}"), format!("u{number}"));
        tx.put(crate::record::User { id, name, ..prototype.clone() });
    }
    stage.world = service::World::clone(&tx);
    let settings =
        service::cx::Settings { quotas: service::cx::Quotas::Aws, ..service::cx::Settings::clone(&stage.cx.settings) };
    let lenient = std::mem::replace(&mut stage.cx.settings, settings.into());
    assert_eq!(
        stage.refused("CreateUser", &[("UserName", "more")]),
        "LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000"
    );
    stage.cx.settings = lenient;
    stage.done("CreateUser", &[("UserName", "more")]);
}
