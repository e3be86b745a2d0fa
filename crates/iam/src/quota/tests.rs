use std::collections::HashSet;

use super::*;
use crate::tests::{Stage, allowing, stage};

/// With those quotas set, as `--quota` does.
fn with(set: &[(&str, usize)]) -> Stage {
    let mut stage = stage();
    let set_quotas = set.iter().map(|(name, most)| ((*name).to_owned(), *most)).collect();
    stage.cx.settings = service::cx::Settings { set_quotas, ..(*stage.cx.settings).clone() }.into();
    stage
}

#[test]
fn each_is_listed_once() {
    let names: HashSet<&str> = ALL.iter().map(|quota| quota.name).collect();
    assert_eq!(names.len(), ALL.len());
}

#[test]
fn a_set_quota_holds_whatever_it_was() {
    let mut stage = with(&[("UsersPerAccount", 1), ("AccessKeysPerUser", 3)]);
    let user = [("UserName", "u")];
    stage.done("CreateUser", &user);
    let refused = stage.refused("CreateUser", &[("UserName", "v")]);
    assert_eq!(refused, "LimitExceeded: Cannot exceed quota for UsersPerAccount: 1");
    for _ in 0..3 {
        stage.done("CreateAccessKey", &user);
    }
    let refused = stage.refused("CreateAccessKey", &user);
    assert_eq!(refused, "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 3");
}

#[test]
fn texts_carry_the_number_in_force() {
    let mut stage = with(&[("UserPolicySize", 20), ("VersionsPerPolicy", 1), ("PolicySize", 90)]);
    let document = allowing("s3:*", "*");
    stage.done("CreateUser", &[("UserName", "u")]);
    let refused =
        stage.refused("PutUserPolicy", &[("UserName", "u"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    assert_eq!(refused, "LimitExceeded: Maximum policy size of 20 bytes exceeded for user u");
    stage.done("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &document)]);
    let arn = ("PolicyArn", "arn:aws:iam::123456789012:policy/p");
    let refused = stage.refused("CreatePolicyVersion", &[arn, ("PolicyDocument", &document)]);
    assert_eq!(
        refused,
        "LimitExceeded: A managed policy can have up to 1 versions. Before you create a new version, you must delete an existing version."
    );
    let long = allowing("s3:*", "arn:aws:s3:::a-long-name");
    let refused = stage.refused("CreatePolicy", &[("PolicyName", "q"), ("PolicyDocument", &long)]);
    assert_eq!(refused, "LimitExceeded: Cannot exceed quota for PolicySize: 90");
}
