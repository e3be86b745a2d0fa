//! Acting as a member account's root user: who may, for which tasks, and what the session may do.

use iam::organization::file;

use super::*;

const MANAGEMENT: &str = "111111111111";
const DELEGATED: &str = "222222222222";

/// An organisation of the management account, a delegated administrator and the stage's account; user `ana` of the management account acting.
fn ready(features: &[&str]) -> Stage {
    let mut stage = stage();
    let text = r#"{"id": "o-a1b2c3d4e5", "managementAccount": "111111111111", "trustedServices": ["iam.amazonaws.com"],
        "delegatedAdministrators": {"iam.amazonaws.com": ["222222222222"]},
        "root": {"id": "r-ab12", "accounts": [{"id": "111111111111"}, {"id": "222222222222"}, {"id": "123456789012"}]}}"#;
    let mut tx = Tx::on(stage.world.clone());
    tx.put(file::read(text).unwrap());
    stage.world = World::clone(&tx);
    stage.act_as_root(MANAGEMENT);
    for feature in features {
        stage.done(feature, &[]);
    }
    stage.user("ana", &["*"]);
    stage.act_as_user("ana");
    stage
}

const CREDENTIALS: &str = "EnableOrganizationsRootCredentialsManagement";
const SESSIONS: &str = "EnableOrganizationsRootSessions";

fn policy(task: &str) -> String {
    format!("arn:aws:iam::aws:policy/root-task/{task}")
}

fn assume(stage: &mut Stage, target: &str, task: &str) -> String {
    let policy = policy(task);
    stage.outcome("AssumeRoot", &[("TargetPrincipal", target), ("TaskPolicyArn.arn", &policy)])
}

fn denied_root(who: &str, account: &str) -> String {
    format!(
        "AccessDenied: User: {who} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::{account}:root"
    )
}

#[test]
fn each_task_needs_its_feature() {
    for (feature, task, allowed) in [
        (CREDENTIALS, "IAMAuditRootUserCredentials", true),
        (CREDENTIALS, "IAMDeleteRootUserCredentials", true),
        (CREDENTIALS, "S3UnlockBucketPolicy", false),
        (SESSIONS, "S3UnlockBucketPolicy", true),
        (SESSIONS, "SQSUnlockQueuePolicy", true),
        (SESSIONS, "IAMCreateRootUserPassword", false),
    ] {
        let missing = if feature == SESSIONS { "Root credentials management" } else { "Root sessions" };
        let refusal = format!("AccessDenied: {missing} feature is not enabled for your AWS Organization.");
        let expected = if allowed { "allowed" } else { refusal.as_str() };
        assert_eq!(assume(&mut ready(&[feature]), HERE, task), expected, "{feature} {task}");
    }
}

#[test]
fn only_members_of_ones_own_organization() {
    let mut stage = ready(&[CREDENTIALS]);
    let ana = "arn:aws:iam::111111111111:user/ana";
    let audit = "IAMAuditRootUserCredentials";
    assert_eq!(assume(&mut stage, "arn:aws:iam::123456789012:root", audit), "allowed");
    assert_eq!(assume(&mut stage, MANAGEMENT, audit), denied_root(ana, MANAGEMENT));
    assert_eq!(assume(&mut stage, THERE, audit), denied_root(ana, THERE));
    for (account, allowed) in [(DELEGATED, true), (HERE, false), (THERE, false)] {
        stage.act_as_root(account);
        assert_eq!(
            assume(&mut stage, DELEGATED, audit),
            denied_root(&format!("arn:aws:iam::{account}:root"), DELEGATED)
        );
        stage.user("ben", &["sts:AssumeRoot"]);
        stage.act_as_user("ben");
        assert_eq!(assume(&mut stage, HERE, audit) == "allowed", allowed, "{account}");
    }
}

#[test]
fn an_organization_that_does_not_trust_iam_is_told_so() {
    let mut stage = ready(&[CREDENTIALS]);
    let text = r#"{"id": "o-a1b2c3d4e5", "managementAccount": "111111111111",
        "root": {"id": "r-ab12", "accounts": [{"id": "111111111111"}, {"id": "222222222222"}, {"id": "123456789012"}]}}"#;
    let mut tx = Tx::on(stage.world.clone());
    tx.put(file::read(text).unwrap());
    stage.world = World::clone(&tx);
    let task = "IAMAuditRootUserCredentials";
    assert_eq!(assume(&mut stage, HERE, task), "AccessDenied: Service not enabled for AWS Organizations.");
    let ana = "arn:aws:iam::111111111111:user/ana";
    assert_eq!(assume(&mut stage, MANAGEMENT, task), denied_root(ana, MANAGEMENT));
}

#[test]
fn requests_that_are_none() {
    let mut stage = ready(&[CREDENTIALS]);
    let task = policy("IAMAuditRootUserCredentials");
    let target = "ValidationError: Request must contain a valid target principal";
    for wrong in ["arn:aws:iam::123456789012:user/ana", "123456789012x", "arn:aws-cn:iam::123456789012:root"] {
        assert_eq!(stage.outcome("AssumeRoot", &[("TargetPrincipal", wrong), ("TaskPolicyArn.arn", &task)]), target);
    }
    for wrong in ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/root-task/Other"] {
        assert_eq!(
            stage.outcome("AssumeRoot", &[("TargetPrincipal", HERE), ("TaskPolicyArn.arn", wrong)]),
            "ValidationError: Request must contain valid AWS managed task policy ARN"
        );
    }
}

#[test]
fn permission_is_asked_for_with_the_task() {
    let mut stage = ready(&[CREDENTIALS]);
    let audit = policy("IAMAuditRootUserCredentials");
    let statement = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"arn:aws:iam::*:root","Condition":{{"StringEquals":{{"sts:TaskPolicyArn":"{audit}"}}}}}}}}"#
    );
    stage.user("ben", &[]);
    stage.done("PutUserPolicy", &[("UserName", "ben"), ("PolicyName", "p"), ("PolicyDocument", &statement)]);
    stage.act_as_user("ben");
    let ben = "arn:aws:iam::111111111111:user/ben";
    assert_eq!(assume(&mut stage, HERE, "IAMAuditRootUserCredentials"), "allowed");
    assert_eq!(assume(&mut stage, HERE, "IAMDeleteRootUserCredentials"), denied_root(ben, HERE));
}

#[test]
fn the_session_is_the_members_root_user_for_its_task() {
    let mut stage = ready(&[CREDENTIALS]);
    let audit = policy("IAMAuditRootUserCredentials");
    let parameters = [("TargetPrincipal", HERE), ("TaskPolicyArn.arn", audit.as_str())];
    let xml = stage.done("AssumeRoot", &parameters);
    let session = keys(&xml);
    assert_eq!(session.expiration, "2026-09-21T14:28:20Z", "a quarter of an hour");
    stage.act_with(&session);
    assert_eq!(
        stage.done("GetCallerIdentity", &[]),
        "<Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId><Account>123456789012</Account>"
    );
    stage.done("ListAccessKeys", &[]);
    let refusal = stage.outcome("CreateUser", &[("UserName", "eve")]);
    assert_eq!(
        refusal,
        "AccessDenied: User: arn:aws:iam::123456789012:root is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::123456789012:user/eve with an explicit deny in a session policy: arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
    );
    stage.pass(900);
    assert_eq!(stage.open(&session).map(|_| ()), Err(Refused::Expired));
}

#[test]
fn the_global_endpoint_does_not_know_it() {
    let mut stage = ready(&[CREDENTIALS]);
    stage.by_global_endpoint();
    assert_eq!(assume(&mut stage, HERE, "IAMAuditRootUserCredentials"), "InvalidAction: Unknown Operation");
}
