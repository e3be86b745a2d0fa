//! Login profiles: who sets passwords, who changes them, and what stands in the way.

use jiff::SignedDuration;
use service::caller::SessionKind;

use super::*;
use crate::policy_sets::tests::session;
use crate::tests::{stage, texts};

const OLD: (&str, &str) = ("OldPassword", "Correct-1");
const POLICY: &str = "UpdateAccountPasswordPolicy";

#[test]
fn a_profile_is_made_shown_and_removed() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "Bob")]);
    let missing = "NoSuchEntity: Login Profile for User Bob cannot be found.";
    for operation in ["GetLoginProfile", "DeleteLoginProfile", "UpdateLoginProfile"] {
        assert_eq!(stage.refused(operation, &[("UserName", "bob")]), missing);
    }
    let made = stage.done("CreateLoginProfile", &[("UserName", "bob"), ("Password", "Correct-1")]);
    assert_eq!((texts(&made, "UserName"), texts(&made, "PasswordResetRequired")), (vec!["Bob"], vec!["false"]));
    let again = [("UserName", "bob"), ("Password", "Correct-1")];
    assert_eq!(
        stage.refused("CreateLoginProfile", &again),
        "EntityAlreadyExists: Login Profile for user Bob already exists."
    );
    stage.done("UpdateLoginProfile", &[("UserName", "bob"), ("PasswordResetRequired", "true")]);
    let shown = stage.done("GetLoginProfile", &[("UserName", "bob")]);
    assert_eq!(texts(&shown, "PasswordResetRequired"), ["true"]);
    assert_eq!(texts(&shown, "CreateDate"), ["2026-09-21T14:13:20Z"]);
    assert!(!format!("{:?}", of(&stage.world, stage.cx.account(), Some(&stage.user("bob").id))).contains("hash"));
    let conflict = "DeleteConflict: Cannot delete entity, must delete login profile first.";
    assert_eq!(stage.refused("DeleteUser", &[("UserName", "bob")]), conflict);
    stage.done("DeleteLoginProfile", &[("UserName", "bob")]);
    assert_eq!(stage.refused("GetLoginProfile", &[("UserName", "bob")]), missing);
    stage.done("DeleteUser", &[("UserName", "bob")]);
}

#[test]
fn passwords_must_be_given_and_good() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    assert_eq!(
        stage.refused("CreateLoginProfile", &[("UserName", "bob")]),
        "ValidationError: 1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null"
    );
    assert_eq!(
        stage.refused("CreateLoginProfile", &[("UserName", "bob"), ("Password", "short")]),
        "PasswordPolicyViolation: Password should have a minimum length of 8"
    );
    let lost = [("UserName", "lost"), ("Password", "short")];
    assert_eq!(stage.refused("CreateLoginProfile", &lost), "NoSuchEntity: The user with name lost cannot be found.");
    assert_eq!(
        stage.refused("GetLoginProfile", &[]),
        "ValidationError: Must specify userName when calling with non-User credentials"
    );
    stage.done(POLICY, &[]);
    stage.done("CreateLoginProfile", &[("UserName", "bob"), ("Password", "simple")]);
}

#[test]
fn users_change_their_own() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:ChangePassword", "arn:aws:iam::123456789012:user/${aws:username}");
    let change = |new: &'static str| [OLD, ("NewPassword", new)];
    assert_eq!(
        stage.refused("ChangePassword", &change("Better-22")),
        "InvalidUserType: Only IAM Users can change their own password"
    );
    stage.act_as_user("bob");
    assert_eq!(
        stage.refused("ChangePassword", &change("Better-22")),
        "NoSuchEntity: Login Profile for User bob cannot be found."
    );
    let root = service::cx::testing::root_cx().caller;
    let bob = std::mem::replace(&mut stage.cx.caller, root.clone());
    let made = [("UserName", "bob"), ("Password", "Correct-1"), ("PasswordResetRequired", "true")];
    stage.done("CreateLoginProfile", &made);
    stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_hours(1)).unwrap();
    stage.cx.caller = bob;
    let wrong = [("OldPassword", "wrong"), ("NewPassword", "Better-22")];
    assert_eq!(stage.refused("ChangePassword", &wrong), "AccessDenied: The old password was incorrect.");
    assert_eq!(
        stage.refused("ChangePassword", &change("short")),
        "PasswordPolicyViolation: Password should have a minimum length of 8"
    );
    stage.done("ChangePassword", &change("Better-22"));
    assert_eq!(stage.refused("ChangePassword", &change("Other-333")), "AccessDenied: The old password was incorrect.");
    let profile = of(&stage.world, stage.cx.account(), Some(&stage.user("bob").id)).unwrap();
    assert!(!profile.reset_required && profile.changed_at > profile.created_at);
}

#[test]
fn earlier_passwords_do_not_come_back() {
    let mut stage = stage();
    stage.done(POLICY, &[("PasswordReusePrevention", "2")]);
    stage.user_allowed("bob", "iam:ChangePassword", "*");
    stage.done("CreateLoginProfile", &[("UserName", "bob"), ("Password", "first-1")]);
    stage.done("UpdateLoginProfile", &[("UserName", "bob"), ("Password", "second-2")]);
    let reused = "PasswordPolicyViolation: Password does not conform to the account password policy.";
    for password in ["first-1", "second-2"] {
        assert_eq!(stage.refused("UpdateLoginProfile", &[("UserName", "bob"), ("Password", password)]), reused);
    }
    stage.act_as_user("bob");
    let back = [("OldPassword", "second-2"), ("NewPassword", "first-1")];
    assert_eq!(stage.refused("ChangePassword", &back), reused);
    stage.done("ChangePassword", &[("OldPassword", "second-2"), ("NewPassword", "third-3")]);
    stage.done("ChangePassword", &[("OldPassword", "third-3"), ("NewPassword", "first-1")]);
}

#[test]
fn an_account_may_let_all_users_change_theirs() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:GetUser", "*");
    stage.done("CreateLoginProfile", &[("UserName", "bob"), ("Password", "Correct-1")]);
    let root = stage.cx.caller.clone();
    stage.act_as_user("bob");
    let change = [OLD, ("NewPassword", "Better-22")];
    assert_eq!(
        stage.refused("ChangePassword", &change),
        "AccessDenied: User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:ChangePassword on resource: \
         arn:aws:iam::123456789012:user/bob because no identity-based policy allows the iam:ChangePassword action"
    );
    let bob = std::mem::replace(&mut stage.cx.caller, root);
    stage.done(POLICY, &[("AllowUsersToChangePassword", "true")]);
    stage.cx.caller = bob;
    stage.done("GetAccountPasswordPolicy", &[]);
    stage.done("ChangePassword", &change);
    assert!(stage.refused("DeleteAccountPasswordPolicy", &[]).starts_with("AccessDenied"));
}

#[test]
fn a_root_users_profile_is_for_sessions_of_assume_root() {
    let mut stage = stage();
    let session = session(SessionKind::AssumeRole, Vec::new());
    let root = Caller { session, ..Caller::clone(&stage.cx.caller) };
    stage.act_as(root);
    assert_eq!(stage.refused("GetLoginProfile", &[]), "NoSuchEntity: Login Profile for User null cannot be found.");
    assert!(stage.refused("CreateLoginProfile", &[("Password", "Correct-1")]).starts_with("ValidationError"));
    let made = stage.done("CreateLoginProfile", &[]);
    assert!(!made.contains("UserName"), "{made}");
    assert_eq!(
        stage.refused("CreateLoginProfile", &[]),
        "EntityAlreadyExists: Login Profile for account 123456789012 already exists."
    );
    assert_eq!(stage.done("GetLoginProfile", &[]), made);
    stage.done("DeleteLoginProfile", &[]);
    assert!(of(&stage.world, stage.cx.account(), None).is_none());
}

#[test]
fn what_was_prepared_is_used_for_its_profile_only() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    stage.done("CreateLoginProfile", &[("UserName", "bob"), ("Password", "Correct-1")]);
    let id = stage.user("bob").id;
    let held = of(&stage.world, stage.cx.account(), Some(&id)).unwrap().password.clone().unwrap();
    let input: UpdateLoginProfile =
        serde_json::from_str(r#"{"user_name": "bob", "password": "Better-22", "password_reset_required": null}"#)
            .unwrap();
    let prepared = prepare_update(&stage.cx, &stage.world, &input).unwrap()([9; 32]);
    let trial = prepared.downcast_ref::<Trial>().unwrap();
    assert_eq!(trial.new, held.hash_of(input.password.as_ref().unwrap()));
    let other = Password { salt: "other".into(), ..held };
    let cx = Cx { prepared: service::cx::Prepared(Some(prepared.clone())), ..stage.cx.clone() };
    let new = input.password.as_ref().unwrap();
    assert_eq!(Trial::prepared(&cx, &other, None, new).new, other.hash_of(new));
}
