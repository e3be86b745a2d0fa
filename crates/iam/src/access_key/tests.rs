//! Access keys: whose they are, what is told of them, and when they were used.

use jiff::SignedDuration;
use service::Tx;

use super::*;
use crate::tests::{Stage, stage, texts};

fn made(stage: &mut Stage, parameters: &[(&str, &str)]) -> String {
    let answer = stage.done("CreateAccessKey", parameters);
    texts(&answer, "AccessKeyId")[0].to_owned()
}

#[test]
fn a_key_is_told_once_and_stands_for_its_user() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "Bob"), ("Path", "/x/")]);
    let answer = stage.done("CreateAccessKey", &[("UserName", "bob")]);
    let (id, secret) = (texts(&answer, "AccessKeyId")[0], texts(&answer, "SecretAccessKey")[0]);
    assert!(id.starts_with("AKIA") && id.len() == 20 && secret.len() == 40, "{answer}");
    assert_eq!((texts(&answer, "UserName"), texts(&answer, "Status")), (vec!["Bob"], vec!["Active"]));
    let listed = stage.done("ListAccessKeys", &[("UserName", "bob")]);
    assert_eq!(texts(&listed, "AccessKeyId"), [id]);
    assert!(!listed.contains("Secret"), "{listed}");

    let key = access_key(&stage.world, id).unwrap();
    assert_eq!((key.secret.as_str(), service::ids::account_of(id)), (secret, Some(stage.cx.account())));
    let caller = caller_of(&stage.world, &key, "aws").unwrap();
    assert_eq!(caller.arn(), "arn:aws:iam::123456789012:user/x/Bob");
    assert_eq!(caller.user_id(), stage.user("bob").id);
    assert!(!format!("{key:?}").contains(secret));
}

#[test]
fn two_keys_each() {
    let mut stage = stage();
    let limit = "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2";
    stage.done("CreateUser", &[("UserName", "bob")]);
    for owner in [vec![], vec![("UserName", "bob")]] {
        made(&mut stage, &owner);
        let second = made(&mut stage, &owner);
        assert_eq!(stage.refused("CreateAccessKey", &owner), limit);
        let parameters = [&owner[..], &[("AccessKeyId", second.as_str())]].concat();
        stage.done("DeleteAccessKey", &parameters);
        made(&mut stage, &owner);
    }
}

#[test]
fn the_older_key_is_listed_first() {
    let mut stage = stage();
    let mut made_later = Vec::new();
    for _ in 0..2 {
        made_later.push(made(&mut stage, &[]));
        stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_mins(1)).unwrap();
    }
    for _ in 0..2 {
        let listed = stage.done("ListAccessKeys", &[]);
        assert_eq!(texts(&listed, "AccessKeyId"), made_later);
        stage.done("DeleteAccessKey", &[("AccessKeyId", &made_later.remove(0))]);
        made_later.push(made(&mut stage, &[]));
        stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_mins(1)).unwrap();
    }
    let first = stage.done("ListAccessKeys", &[("MaxItems", "1")]);
    let rest = stage.done("ListAccessKeys", &[("Marker", texts(&first, "Marker")[0])]);
    assert_eq!([texts(&first, "AccessKeyId"), texts(&rest, "AccessKeyId")].concat(), made_later);
}

#[test]
fn root_has_keys_of_its_own() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    let of_bob = made(&mut stage, &[("UserName", "bob")]);
    let of_root = made(&mut stage, &[]);
    let listed = stage.done("ListAccessKeys", &[]);
    assert_eq!(texts(&listed, "AccessKeyId"), [of_root.as_str()]);
    assert!(!listed.contains("UserName"), "{listed}");
    let caller = caller_of(&stage.world, &access_key(&stage.world, &of_root).unwrap(), "aws").unwrap();
    assert!(caller.is_root());
    for operation in ["DeleteAccessKey", "UpdateAccessKey"] {
        let parameters = [("AccessKeyId", of_bob.as_str()), ("Status", "Inactive")];
        assert_eq!(
            stage.refused(operation, &parameters),
            format!("NoSuchEntity: The Access Key with id {of_bob} cannot be found.")
        );
    }
}

#[test]
fn a_key_can_be_put_to_rest() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    let id = made(&mut stage, &[("UserName", "bob")]);
    for (word, status) in [("Inactive", KeyStatus::Inactive), ("Active", KeyStatus::Active)] {
        stage.done("UpdateAccessKey", &[("UserName", "bob"), ("AccessKeyId", &id), ("Status", word)]);
        assert_eq!(access_key(&stage.world, &id).unwrap().status, status);
        assert_eq!(texts(&stage.done("ListAccessKeys", &[("UserName", "bob")]), "Status"), [word]);
    }
    let expired = [("UserName", "bob"), ("AccessKeyId", id.as_str()), ("Status", "Expired")];
    assert!(stage.refused("UpdateAccessKey", &expired).starts_with("InvalidInput"));
    assert_eq!(access_key(&stage.world, &id).unwrap().status, KeyStatus::Active);
}

#[test]
fn users_manage_their_own_without_naming_themselves() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:*AccessKey*", "arn:aws:iam::123456789012:user/${aws:username}");
    stage.done("CreateUser", &[("UserName", "eve")]);
    stage.act_as_user("bob");
    let id = made(&mut stage, &[]);
    assert_eq!(texts(&stage.done("ListAccessKeys", &[]), "AccessKeyId"), [id.as_str()]);
    assert!(stage.refused("ListAccessKeys", &[("UserName", "eve")]).starts_with("AccessDenied"));
    stage.done("DeleteAccessKey", &[("AccessKeyId", &id)]);
    assert!(access_key(&stage.world, &id).is_none());
}

#[test]
fn last_use_is_told_when_there_was_one() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    let id = made(&mut stage, &[("UserName", "bob")]);
    let never = stage.done("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]);
    assert_eq!((texts(&never, "ServiceName"), texts(&never, "Region")), (vec!["N/A"], vec!["N/A"]));
    assert!(!never.contains("LastUsedDate") && never.contains("<UserName>bob</UserName>"), "{never}");

    let mut tx = Tx::on(stage.world.clone());
    let used = LastUsed { id: id.clone(), at: stage.cx.now, service: "ec2".into(), region: "eu-west-1".into() };
    assert!(note_use(&mut tx, stage.cx.account(), used));
    stage.world = World::clone(&tx);
    let once = stage.done("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]);
    assert_eq!(texts(&once, "LastUsedDate"), ["2026-09-21T14:13:20Z"]);
    assert_eq!((texts(&once, "ServiceName"), texts(&once, "Region")), (vec!["ec2"], vec!["eu-west-1"]));

    stage.done("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &id)]);
    assert!(stage.world.get::<LastUsed>(&[&id]).is_none());
    assert_eq!(
        stage.refused("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]),
        format!("NoSuchEntity: The Access Key with id {id} cannot be found.")
    );
}

#[test]
fn only_news_of_a_use_is_written() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "bob")]);
    let id = made(&mut stage, &[("UserName", "bob")]);
    let used = |minutes: i64, service: &str, id: &str| LastUsed {
        id: id.to_owned(),
        at: stage.cx.now.checked_add(SignedDuration::from_mins(minutes)).unwrap(),
        service: service.into(),
        region: "us-east-1".into(),
    };
    let cases = [
        (0, "ec2", id.as_str(), true),
        (14, "ec2", &id, false),
        (14, "iam", &id, true),
        (13, "ec2", &id, false),
        (30, "iam", &id, true),
        (0, "ec2", "AKIAGONEGONEGONEGONE", false),
    ];
    let mut tx = Tx::on(stage.world.clone());
    for (minutes, service, id, expected) in cases {
        let written = note_use(&mut tx, stage.cx.account(), used(minutes, service, id));
        assert_eq!(written, expected, "{minutes} {service} {id}");
    }
}

#[test]
fn a_key_of_nobody_here_is_asked_of_all_users() {
    let mut stage = stage();
    stage.user_allowed("bob", "iam:GetAccessKeyLastUsed", "arn:aws:iam::123456789012:user/bob");
    let id = made(&mut stage, &[("UserName", "bob")]);
    stage.act_as_user("bob");
    stage.done("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]);
    let refusal = stage.refused("GetAccessKeyLastUsed", &[("AccessKeyId", "AKIAGONEGONEGONEGONE")]);
    assert!(refusal.contains("on resource: access key AKIAGONEGONEGONEGONE because"), "{refusal}");
}
