//! Groups: what is kept, what is shown, what is refused.

use crate::tests::{stage, texts};

#[test]
fn groups_are_made_shown_renamed_and_deleted() {
    let mut stage = stage();
    let made = stage.done("CreateGroup", &[("GroupName", "Admins"), ("Path", "/a/")]);
    assert_eq!(texts(&made, "Arn"), ["arn:aws:iam::123456789012:group/a/Admins"]);
    assert!(texts(&made, "GroupId")[0].starts_with("AGPA"));
    assert_eq!(
        stage.refused("CreateGroup", &[("GroupName", "admins")]),
        "EntityAlreadyExists: Group with name admins already exists."
    );
    stage.done("CreateGroup", &[("GroupName", "b")]);
    assert_eq!(
        stage.refused("UpdateGroup", &[("GroupName", "b"), ("NewGroupName", "ADMINS")]),
        "EntityAlreadyExists: Group with name ADMINS already exists."
    );
    stage.done("UpdateGroup", &[("GroupName", "admins"), ("NewGroupName", "ops"), ("NewPath", "/")]);
    let got = stage.done("GetGroup", &[("GroupName", "ops")]);
    assert_eq!(texts(&got, "GroupId"), texts(&made, "GroupId"));
    assert_eq!(texts(&got, "Arn"), ["arn:aws:iam::123456789012:group/ops"]);
    assert!(got.contains("<Users></Users>") || got.contains("<Users/>"), "an empty list is there: {got}");
    assert_eq!(texts(&stage.done("ListGroups", &[]), "GroupName"), ["b", "ops"]);
    stage.done("DeleteGroup", &[("GroupName", "ops")]);
    assert_eq!(
        stage.refused("GetGroup", &[("GroupName", "ops")]),
        "NoSuchEntity: The group with name ops cannot be found."
    );
}

#[test]
fn members_come_and_go() {
    let mut stage = stage();
    for name in ["zoe", "Al", "bob"] {
        stage.done("CreateUser", &[("UserName", name)]);
    }
    for name in ["g2", "G1"] {
        stage.done("CreateGroup", &[("GroupName", name)]);
    }
    for (user, group) in [("zoe", "g1"), ("al", "g1"), ("zoe", "g2"), ("zoe", "g2")] {
        stage.done("AddUserToGroup", &[("UserName", user), ("GroupName", group)]);
    }
    let members = stage.done("GetGroup", &[("GroupName", "g1"), ("MaxItems", "1")]);
    assert_eq!(texts(&members, "UserName"), ["Al"]);
    let marker = texts(&members, "Marker")[0].to_owned();
    let rest = stage.done("GetGroup", &[("GroupName", "g1"), ("Marker", &marker)]);
    assert_eq!(texts(&rest, "UserName"), ["zoe"]);
    assert_eq!(texts(&stage.done("ListGroupsForUser", &[("UserName", "zoe")]), "GroupName"), ["G1", "g2"]);

    for _ in 0..2 {
        stage.done("RemoveUserFromGroup", &[("UserName", "zoe"), ("GroupName", "g1")]);
    }
    assert_eq!(texts(&stage.done("ListGroupsForUser", &[("UserName", "zoe")]), "GroupName"), ["g2"]);
    assert_eq!(texts(&stage.done("GetGroup", &[("GroupName", "g1")]), "UserName"), ["Al"]);
}

#[test]
fn members_must_exist() {
    let mut stage = stage();
    stage.done("CreateGroup", &[("GroupName", "g")]);
    stage.done("CreateUser", &[("UserName", "u")]);
    for operation in ["AddUserToGroup", "RemoveUserFromGroup"] {
        let cases = [
            ("x", "g", "NoSuchEntity: The user with name x cannot be found."),
            ("u", "x", "NoSuchEntity: The group with name x cannot be found."),
        ];
        for (user, group, text) in cases {
            assert_eq!(stage.refused(operation, &[("UserName", user), ("GroupName", group)]), text);
        }
    }
}

#[test]
fn a_user_is_in_ten_groups_at_most() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "u")]);
    for number in 0..11 {
        stage.done("CreateGroup", &[("GroupName", &format!("g{number}"))]);
    }
    for number in 0..10 {
        stage.done("AddUserToGroup", &[("UserName", "u"), ("GroupName", &format!("g{number}"))]);
    }
    assert_eq!(
        stage.refused("AddUserToGroup", &[("UserName", "u"), ("GroupName", "g10")]),
        "LimitExceeded: Cannot exceed quota for GroupsPerUser: 10"
    );
    stage.done("AddUserToGroup", &[("UserName", "u"), ("GroupName", "g3")]);
}

#[test]
fn deleting_waits_for_what_the_group_holds() {
    let mut stage = stage();
    let group = ("GroupName", "g");
    let arn = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let document = crate::tests::allowing("s3:*", "*");
    stage.done("CreateGroup", &[group]);
    stage.done("CreateUser", &[("UserName", "u")]);
    stage.done("AddUserToGroup", &[group, ("UserName", "u")]);
    stage.done("AttachGroupPolicy", &[group, arn]);
    stage.done("PutGroupPolicy", &[group, ("PolicyName", "p"), ("PolicyDocument", &document)]);
    for (text, operation, parameter) in [
        ("must remove users from group first.", "RemoveUserFromGroup", ("UserName", "u")),
        ("must detach all policies first.", "DetachGroupPolicy", arn),
        ("must delete policies first.", "DeleteGroupPolicy", ("PolicyName", "p")),
    ] {
        assert_eq!(stage.refused("DeleteGroup", &[group]), format!("DeleteConflict: Cannot delete entity, {text}"));
        stage.done(operation, &[group, parameter]);
    }
    stage.done("DeleteGroup", &[group]);
}

#[test]
fn membership_is_asked_of_the_group_alone() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:AddUserToGroup", "arn:aws:iam::123456789012:group/x/*");
    for (name, path) in [("in", "/x/"), ("out", "/y/")] {
        stage.done("CreateGroup", &[("GroupName", name), ("Path", path)]);
    }
    stage.act_as_user("bob");
    stage.done("AddUserToGroup", &[("UserName", "bob"), ("GroupName", "in")]);
    for (group, shown) in [("out", "group out"), ("none", "group none")] {
        let refusal = stage.refused("AddUserToGroup", &[("UserName", "bob"), ("GroupName", group)]);
        assert!(refusal.contains(&format!("on resource: {shown} because")), "{refusal}");
    }
}
