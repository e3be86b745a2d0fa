//! Delegated sessions: whose they are, what they may do, when they end.

use iam::delegation::trade_in;
use iam::record::{DelegationRequest, PolicyTemplate};
use service::prelude::*;

use super::*;

const TEMPLATE: &str = "arn:aws:iam:::delegation-template/partner/users";
const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:GetUser","iam:GetDelegationRequest","sts:AssumeRole"],"Resource":"*"}}"#;

/// The token of a request that whoever acts now accepts and releases. The partner is the other account.
fn token(stage: &mut Stage) -> (String, String) {
    let approver = stage.cx.caller.clone();
    let mut tx = Tx::on(stage.world.clone());
    tx.put(PolicyTemplate {
        arn: TEMPLATE.into(),
        requestor: THERE.parse().unwrap(),
        requestor_name: "Partner".into(),
        document: DOCUMENT.into(),
    });
    stage.world = World::clone(&tx);
    stage.act_as_root(THERE);
    let asked = stage.done(
        "CreateDelegationRequest",
        &[
            ("Description", "users"),
            ("Permissions.PolicyTemplateArn", TEMPLATE),
            ("RequestorWorkflowId", "flow-1"),
            ("NotificationChannel", "arn:aws:sns:us-east-1:999999999999:t"),
            ("SessionDuration", "900"),
        ],
    );
    let id = texts(&asked, "DelegationRequestId")[0].to_owned();
    stage.cx.caller = approver;
    for step in ["AssociateDelegationRequest", "AcceptDelegationRequest", "SendDelegationToken"] {
        stage.done(step, &[("DelegationRequestId", &id)]);
    }
    let request = stage.world.get::<DelegationRequest>(&[&id]).unwrap();
    (trade_in::token(&stage.world, request).unwrap(), id)
}

fn traded(stage: &mut Stage, token: &str) -> Keys {
    stage.act_as_root(THERE);
    keys(&stage.done("GetDelegatedAccessToken", &[("TradeInToken", token)]))
}

#[test]
fn the_session_is_the_users_and_limited() {
    let mut stage = stage();
    stage.user("ann", &["iam:*", "sts:*"]);
    stage.act_as_user("ann");
    let (token, id) = token(&mut stage);
    let keys = traded(&mut stage, &token);
    stage.act_with(&keys);
    assert_eq!(stage.cx.caller.arn(), format!("arn:aws:iam::{HERE}:user/ann"));
    assert_eq!(stage.outcome("GetUser", &[("UserName", "ann")]), "allowed");
    assert!(stage.outcome("ListUsers", &[]).contains("no session policy allows the iam:ListUsers action"));
    // The owner's default permission is not handed on.
    let update = stage.outcome("UpdateDelegationRequest", &[("DelegationRequestId", &id)]);
    assert!(update.starts_with("AccessDenied"), "{update}");
    assert_eq!(keys.expiration, "2026-09-21T14:28:20Z");
}

#[test]
fn the_token_ends_with_the_session() {
    let mut stage = stage();
    let (token, _) = token(&mut stage);
    stage.pass(300);
    let keys = traded(&mut stage, &token);
    assert_eq!(keys.expiration, "2026-09-21T14:28:20Z", "the time began when the token was released");
    stage.act_as_root(HERE);
    let others = stage.outcome("GetDelegatedAccessToken", &[("TradeInToken", &token)]);
    assert_eq!(others, "ValidationError: The trade-in token is invalid.");
    stage.pass(600);
    stage.act_as_root(THERE);
    let late = stage.outcome("GetDelegatedAccessToken", &[("TradeInToken", &token)]);
    assert_eq!(late, "ExpiredTradeInTokenException: The trade-in token has expired.");
    assert_eq!(stage.open(&keys).err(), Some(Refused::Expired));
}

/// What limited the approver limits the delegate, and another role that it assumes is chained.
#[test]
fn a_roles_session_is_handed_on_with_its_policies() {
    let mut stage = stage();
    stage.user("ann", &["sts:*"]);
    stage.role("boss", &trusting(&format!("arn:aws:iam::{HERE}:user/ann")), &["iam:*", "sts:*"]);
    stage.act_as_user("ann");
    let policy = allowing(&["iam:*DelegationRequest", "iam:SendDelegationToken", "sts:AssumeRole"]);
    let boss = stage.assume("boss", &[("Policy", &policy)]).unwrap();
    stage.act_with(&boss);
    let (token, _) = token(&mut stage);
    let keys = traded(&mut stage, &token);
    stage.act_with(&keys);
    assert_eq!(stage.cx.caller.arn(), format!("arn:aws:sts::{HERE}:assumed-role/boss/session"));
    assert!(
        stage.outcome("GetUser", &[("UserName", "ann")]).contains("no session policy allows the iam:GetUser action")
    );
    let session = stage.cx.caller.session.as_ref().unwrap();
    assert_eq!((session.chain_depth, session.policies.len()), (1, 2));
}
