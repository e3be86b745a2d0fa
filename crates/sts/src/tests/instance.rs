//! Credentials of instances: the same set within the hour, another at once when anything about it changes, and trust asked at each issue.

use std::sync::Arc;

use iam::record::Role;
use service::caller::{InstanceFacts, SessionKind};

use super::*;
use crate::instance::{Issued, NotTrusted, Wanted, credentials};

const ID: &str = "i-0123456789abcdef0";
const EC2: &str = r#"{"Service":"ec2.amazonaws.com"}"#;

fn facts(delivery: &str) -> InstanceFacts {
    InstanceFacts {
        instance_arn: format!("arn:aws:ec2:us-east-1:123456789012:instance/{ID}"),
        vpc_id: Some("vpc-1".into()),
        private_ipv4: Some("10.0.0.4".into()),
        delivery: delivery.into(),
    }
}

/// A role `r` that trusts EC2 under a condition, at a full hour.
fn ready(condition: &str) -> Stage {
    let mut stage = stage();
    stage.role("r", &trust(EC2, &["sts:AssumeRole"], condition), &["iam:ListUsers"]);
    stage.pass(3_600 - stage.cx.now.as_second() % 3_600);
    stage
}

fn role(stage: &Stage) -> Arc<Role> {
    iam::role::by_name(&stage.world, stage.cx.account(), "r").unwrap()
}

struct Asked {
    association: &'static str,
    profile: &'static str,
    delivery: &'static str,
    associated_at: i64,
}

const ASKED: Asked = Asked { association: "iip-assoc-1", profile: "AIPA1", delivery: "2.0", associated_at: 0 };

fn issue(stage: &Stage, asked: &Asked) -> Result<Issued, NotTrusted> {
    let role = role(stage);
    let wanted = Wanted {
        instance_id: ID,
        association_id: asked.association,
        associated_at: Timestamp::from_second(asked.associated_at).unwrap(),
        profile_id: asked.profile,
        role: &role,
        facts: facts(asked.delivery),
    };
    credentials(&stage.cx, &stage.world, &wanted).unwrap()
}

fn set(stage: &Stage, asked: &Asked) -> Keys {
    let credentials = issue(stage, asked).unwrap().credentials;
    Keys {
        id: credentials.access_key_id,
        secret: credentials.secret_access_key,
        token: credentials.session_token,
        expiration: credentials.expiration.to_string(),
    }
}

#[test]
fn a_set_an_hour_and_six_hours_of_life() {
    let mut stage = ready("{}");
    let first = set(&stage, &ASKED);
    assert_eq!(first.expiration, "2026-09-21T21:00:00Z");
    for _ in 0..3 {
        stage.pass(1_199);
        assert_eq!(set(&stage, &ASKED), first);
    }
    stage.pass(3);
    let second = set(&stage, &ASKED);
    assert!(second.id != first.id && second.secret != first.secret && second.token != first.token);
    assert_eq!(second.expiration, "2026-09-21T22:00:00Z");
    // The old set goes on until its own end.
    assert!(stage.open(&first).is_ok());
    stage.pass(5 * 3_600 - 1);
    assert!(stage.open(&first).is_ok());
    stage.pass(1);
    assert_eq!(stage.open(&first).unwrap_err(), Refused::Expired);
    assert!(stage.open(&second).is_ok());
}

#[test]
fn any_change_begins_a_new_set_at_once() {
    let mut stage = ready("{}");
    let first = set(&stage, &ASKED);
    let changes = [
        Asked { association: "iip-assoc-2", ..ASKED },
        Asked { profile: "AIPA2", ..ASKED },
        Asked { delivery: "1.0", ..ASKED },
    ];
    for changed in &changes {
        assert_ne!(set(&stage, changed).id, first.id, "{} {}", changed.association, changed.profile);
    }
    // Another role, if of the same name.
    stage.done("DeleteRolePolicy", &[("RoleName", "r"), ("PolicyName", "p")]);
    stage.done("DeleteRole", &[("RoleName", "r")]);
    stage.role("r", &trust(EC2, &["sts:AssumeRole"], "{}"), &[]);
    assert_ne!(set(&stage, &ASKED).id, first.id);
    assert_eq!(stage.open(&first).unwrap_err(), Refused::Invalid);
}

#[test]
fn a_set_is_the_same_whether_it_is_remembered_or_made_anew() {
    let mut stage = ready("{}");
    stage.pass(100);
    let first = set(&stage, &ASKED);
    for second in 1..=40 {
        assert_ne!(set(&stage, &Asked { associated_at: stage.cx.now.as_second() - second, ..ASKED }), first);
    }
    assert_eq!(set(&stage, &ASKED), first);
    let mut tx = Tx::on(stage.world.clone());
    tx.put(InstallationKeys::from_random(&[[6; 32], [7; 32], [8; 32], [9; 32], [10; 32]]));
    stage.world = World::clone(&tx);
    assert_ne!(set(&stage, &ASKED).id, first.id, "another installation has other sets");
}

#[test]
fn no_set_is_older_than_its_association() {
    let mut stage = ready("{}");
    stage.pass(600);
    let asked = Asked { associated_at: stage.cx.now.as_second(), ..ASKED };
    assert_eq!(issue(&stage, &asked).unwrap().issued_at, stage.cx.now_seconds());
    assert_eq!(set(&stage, &asked).expiration, "2026-09-21T21:10:00Z");
    stage.pass(3_600);
    assert_eq!(issue(&stage, &asked).unwrap().issued_at.to_string(), "2026-09-21T16:00:00Z");
    // Not even under a clock that was moved back is a set issued in the future.
    stage.pass(-7_000);
    assert_eq!(issue(&stage, &asked).unwrap().issued_at.to_string(), "2026-09-21T14:00:00Z");
}

#[test]
fn whose_session_it_is() {
    let mut stage = ready("{}");
    let keys = set(&stage, &ASKED);
    let caller = stage.open(&keys).unwrap();
    assert_eq!(caller.arn(), format!("arn:aws:sts::123456789012:assumed-role/r/{ID}"));
    let session = caller.session.as_ref().unwrap();
    assert_eq!((session.kind, session.chain_depth), (SessionKind::InstanceProfile, 0));
    assert_eq!(session.instance, Some(facts("2.0")));
    stage.act_with(&keys);
    assert_eq!(stage.outcome("ListUsers", &[]), "allowed");
    assert!(stage.outcome("ListRoles", &[]).starts_with("AccessDenied: "));
}

#[test]
fn policies_can_ask_where_credentials_were_handed_out() {
    for (condition, allowed) in [
        (r#"{"NumericGreaterThanEquals":{"ec2:RoleDelivery":"2.0"}}"#, true),
        (r#"{"NumericLessThan":{"ec2:RoleDelivery":"2.0"}}"#, false),
        (r#"{"StringEquals":{"aws:Ec2InstanceSourceVpc":"vpc-1"}}"#, true),
        (r#"{"StringEquals":{"aws:EC2InstanceSourcePrivateIPv4":"10.0.0.5"}}"#, false),
        (r#"{"ArnLike":{"ec2:SourceInstanceARN":"arn:aws:ec2:*:*:instance/i-0123456789abcdef0"}}"#, true),
    ] {
        let mut stage = ready("{}");
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*","Condition":{condition}}}}}"#
        );
        stage.done("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "q"), ("PolicyDocument", &document)]);
        let keys = set(&stage, &ASKED);
        stage.act_with(&keys);
        assert_eq!(stage.call("ListRoles", &[]).is_ok(), allowed, "{condition}");
    }
}

#[test]
fn trust_is_asked_at_each_issue() {
    let mut stage = ready("{}");
    let first = set(&stage, &ASKED);
    for document in [
        trust(r#"{"Service":"lambda.amazonaws.com"}"#, &["sts:AssumeRole"], "{}"),
        trust(EC2, &["sts:TagSession"], "{}"),
        trusting(HERE),
    ] {
        stage.done("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &document)]);
        assert_eq!(issue(&stage, &ASKED).unwrap_err(), NotTrusted, "{document}");
        // What was handed out stays good.
        assert!(stage.open(&first).is_ok());
    }
    let document = trust(EC2, &["sts:AssumeRole"], "{}");
    stage.done("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &document)]);
    assert_eq!(set(&stage, &ASKED), first);
}

#[test]
fn conditions_of_the_trust_policy_count() {
    for (condition, trusted) in [
        (r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#, true),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#, false),
        (r#"{"StringLike":{"sts:RoleSessionName":"i-*"}}"#, true),
        (r#"{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#, false),
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, true),
        (r#"{"StringEquals":{"sts:ExternalId":"77"}}"#, false),
        // EC2 asks, not the instance.
        (r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, false),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, true),
    ] {
        assert_eq!(issue(&ready(condition), &ASKED).is_ok(), trusted, "{condition}");
    }
}

#[test]
fn in_china_ec2_has_another_name() {
    for (region, principal, trusted) in [
        ("cn-north-1", "ec2.amazonaws.com.cn", true),
        ("cn-north-1", "ec2.amazonaws.com", false),
        ("us-gov-west-1", "ec2.amazonaws.com", true),
        ("us-east-1", "ec2.amazonaws.com.cn", false),
    ] {
        let mut stage = ready("{}");
        let document = trust(&format!(r#"{{"Service":"{principal}"}}"#), &["sts:AssumeRole"], "{}");
        stage.done("UpdateAssumeRolePolicy", &[("RoleName", "r"), ("PolicyDocument", &document)]);
        stage.cx.region = service::regions::region(region).unwrap();
        assert_eq!(stage.cx.service_principal("ec2") == principal, trusted, "{region} {principal}");
        assert_eq!(issue(&stage, &ASKED).is_ok(), trusted, "{region} {principal}");
    }
}

#[test]
fn the_roles_longest_session_does_not_matter() {
    let mut stage = ready("{}");
    stage.done("UpdateRole", &[("RoleName", "r"), ("MaxSessionDuration", "3600")]);
    let keys = set(&stage, &ASKED);
    stage.pass(5 * 3_600);
    assert!(stage.open(&keys).is_ok());
}
