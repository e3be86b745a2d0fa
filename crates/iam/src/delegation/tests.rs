use service::keys::InstallationKeys;

use super::*;
use crate::record::PolicyTemplate;
use crate::tests::{Stage, allowing, stage, texts};

const PARTNER: &str = "999999999999";
const TEMPLATE: &str = "arn:aws:iam:::delegation-template/partner/buckets";
const TOPIC: &str = "arn:aws:sns:us-east-1:999999999999:requests";
const DOCUMENT: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Resource": "arn:aws:s3:::@{bucketName}/*"},
    {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PermissionsBoundary": "@{boundaries}"}}}
]}"#;

/// A request's parameters.
type Parameters<'p> = Vec<(&'p str, &'p str)>;

fn parameters() -> Parameters<'static> {
    vec![
        ("Description", "Sets up buckets."),
        ("Permissions.PolicyTemplateArn", TEMPLATE),
        ("Permissions.Parameters.member.1.Name", "bucketName"),
        ("Permissions.Parameters.member.1.Type", "string"),
        ("Permissions.Parameters.member.1.Values.member.1", "pics"),
        ("Permissions.Parameters.member.2.Name", "boundaries"),
        ("Permissions.Parameters.member.2.Type", "stringList"),
        ("Permissions.Parameters.member.2.Values.member.1", "arn:aws:iam::aws:policy/b"),
        ("Permissions.Parameters.member.2.Values.member.2", "arn:aws:iam::aws:policy/a"),
        ("RequestorWorkflowId", "flow-1"),
        ("NotificationChannel", TOPIC),
        ("SessionDuration", "3600"),
    ]
}

/// The parameters with some changed; an empty value takes one out.
fn but(changes: &[(&'static str, &'static str)]) -> Parameters<'static> {
    let kept = parameters().into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())).collect()
}

fn root_of(stage: &mut Stage, account: &str) {
    let root = service::cx::testing::root_cx().caller;
    stage.act_as(Caller { account: account.parse().unwrap(), ..Caller::clone(&root) });
}

/// A stage on which the partner acts and has a template.
fn partner() -> Stage {
    let mut stage = stage();
    let schema = crate::schema(storage::Schema::new()).with::<InstallationKeys>();
    let mut tx = Tx::on(World::empty(schema, stage.cx.now));
    tx.put(InstallationKeys::from_random(&[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]]));
    tx.put(PolicyTemplate {
        arn: TEMPLATE.into(),
        requestor: PARTNER.parse().unwrap(),
        requestor_name: "Partner".into(),
        document: DOCUMENT.into(),
    });
    stage.world = World::clone(&tx);
    root_of(&mut stage, PARTNER);
    stage
}

fn made(stage: &mut Stage, changes: &[(&'static str, &'static str)]) -> String {
    texts(&stage.done("CreateDelegationRequest", &but(changes)), "DelegationRequestId")[0].to_owned()
}

/// A request that user `ann` of the other account took over; she may do all that names no owner.
fn assigned(changes: &[(&'static str, &'static str)]) -> (Stage, String) {
    let mut stage = partner();
    let id = made(&mut stage, changes);
    root_of(&mut stage, "123456789012");
    stage.user_allowed("ann", "*", "*");
    stage.act_as_user("ann");
    stage.done("AssociateDelegationRequest", &[("DelegationRequestId", &id)]);
    (stage, id)
}

fn state(stage: &mut Stage, id: &str) -> String {
    texts(&stage.done("GetDelegationRequest", &[("DelegationRequestId", id)]), "State")[0].to_owned()
}

fn pass(stage: &mut Stage, hours: i64) {
    stage.cx.now = after(stage.cx.now, SignedDuration::from_hours(hours));
    stage.world = stage.world.at(stage.cx.now);
}

#[test]
fn a_request_shows_what_it_asks_for() {
    let mut stage = partner();
    let id = made(&mut stage, &[("RequestMessage", "for Ann"), ("OnlySendByOwner", "true")]);
    let got = stage.done("GetDelegationRequest", &[("DelegationRequestId", &id)]);
    for element in [
        "<Description>Sets up buckets.</Description>",
        "<RequestMessage>for Ann</RequestMessage>",
        "<PolicyTemplateArn>arn:aws:iam:::delegation-template/partner/buckets</PolicyTemplateArn>",
        "<Name>bucketName</Name><Values><member>pics</member></Values><Type>string</Type>",
        "<RolePermissionRestrictionArns><member>arn:aws:iam::aws:policy/a</member><member>arn:aws:iam::aws:policy/b</member></RolePermissionRestrictionArns>",
        "<State>UNASSIGNED</State><ExpirationTime>2026-09-22T14:13:20Z</ExpirationTime>",
        "<RequestorId>999999999999</RequestorId><RequestorName>Partner</RequestorName>",
        "<SessionDuration>3600</SessionDuration>",
        "<OnlySendByOwner>true</OnlySendByOwner>",
    ] {
        assert!(got.contains(element), "{element}\n{got}");
    }
    assert!(texts(&got, "PermissionPolicy")[0].contains("arn:aws:s3:::pics/*"), "{got}");
    assert!(!got.contains("OwnerId") && !got.contains("PermissionCheckStatus"));
}

#[test]
fn what_cannot_be_asked_for() {
    let mut stage = partner();
    made(&mut stage, &[]);
    let name = "Permissions.Parameters.member.1.Name";
    let cases: [(&[(&'static str, &'static str)], &str); 10] = [
        (&[], "EntityAlreadyExists: A delegation request with workflow id flow-1 already exists."),
        (&[("NotificationChannel", "here")], "InvalidInput: Notification channel here is not the ARN of an SNS topic."),
        (
            &[("NotificationChannel", "arn:aws:sns:af-south-1:999999999999:t")],
            "InvalidInput: Notification channel arn:aws:sns:af-south-1:999999999999:t is in a region that has to be opted into.",
        ),
        (
            &[("Permissions.PolicyTemplateArn", "arn:aws:iam:::delegation-template/other")],
            "InvalidInput: Policy template arn:aws:iam:::delegation-template/other is not registered for this account.",
        ),
        (&[("Permissions.PolicyTemplateArn", "")], "InvalidInput: Permissions must name a policy template."),
        (&[(name, "something")], "InvalidInput: The policy template has no parameter something."),
        (&[(name, "boundaries")], "InvalidInput: Policy parameter boundaries is given more than once."),
        (&[(name, "")], "InvalidInput: A policy parameter has no name."),
        (
            &[("Permissions.Parameters.member.2.Type", "string")],
            "InvalidInput: Policy parameter boundaries of type string has 2 values.",
        ),
        (
            &[
                ("Permissions.Parameters.member.2.Name", ""),
                ("Permissions.Parameters.member.2.Type", ""),
                ("Permissions.Parameters.member.2.Values.member.1", ""),
                ("Permissions.Parameters.member.2.Values.member.2", ""),
            ],
            "InvalidInput: The policy template needs a value for parameter boundaries.",
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(stage.refused("CreateDelegationRequest", &but(changes)), expected);
    }
    let long = "x".repeat(2_000).leak();
    assert_eq!(
        stage.refused("CreateDelegationRequest", &but(&[("Permissions.Parameters.member.1.Values.member.1", long)])),
        "LimitExceeded: Cannot exceed quota for DelegationPolicySize: 2048"
    );
}

#[test]
fn the_approval_path() {
    let (mut stage, id) = assigned(&[]);
    let by_id = ("DelegationRequestId", id.as_str());
    assert_eq!(state(&mut stage, &id), "ASSIGNED");
    stage.done("UpdateDelegationRequest", &[by_id, ("Notes", "please")]);
    let got = stage.done("GetDelegationRequest", &[by_id]);
    assert!(got.contains("<State>PENDING_APPROVAL</State>") && got.contains("<Notes>please</Notes>"), "{got}");
    stage.done("AcceptDelegationRequest", &[by_id]);
    let got = stage.done("GetDelegationRequest", &[by_id]);
    assert!(got.contains("<State>ACCEPTED</State>"), "{got}");
    assert_eq!(texts(&got, "ApproverId"), ["arn:aws:iam::123456789012:user/ann"]);
    let stored = stage.world.get::<DelegationRequest>(&[&id]).unwrap();
    assert_eq!(trade_in::token(&stage.world, stored), None);
    stage.done("SendDelegationToken", &[by_id]);
    assert_eq!(state(&mut stage, &id), "FINALIZED");
    let stored = stage.world.get::<DelegationRequest>(&[&id]).unwrap();
    let token = trade_in::token(&stage.world, stored).unwrap();
    assert_eq!(trade_in::open(&stage.world, &token).unwrap().id, id);
    assert!(trade_in::open(&stage.world, "nothing").is_none());
}

/// From each state only some steps lead on.
#[test]
fn steps_by_state() {
    let steps = ["Associate", "Update", "Accept", "Reject", "Send"];
    // What leads there, and the steps that are possible then.
    let cases: [(&str, &[&str], &[&str]); 6] = [
        ("UNASSIGNED", &[], &["Associate"]),
        ("ASSIGNED", &["Associate"], &["Update", "Accept", "Reject"]),
        ("PENDING_APPROVAL", &["Associate", "Update"], &["Update", "Accept", "Reject"]),
        ("ACCEPTED", &["Associate", "Accept"], &["Reject", "Send"]),
        ("FINALIZED", &["Associate", "Accept", "Send"], &[]),
        ("REJECTED", &["Associate", "Reject"], &[]),
    ];
    for (name, way, possible) in cases {
        for step in steps {
            let mut stage = partner();
            let id = made(&mut stage, &[]);
            root_of(&mut stage, "123456789012");
            let operation = |step: &str| match step {
                "Send" => "SendDelegationToken".to_owned(),
                step => format!("{step}DelegationRequest"),
            };
            for before in way {
                stage.done(&operation(before), &[("DelegationRequestId", &id)]);
            }
            assert_eq!(state(&mut stage, &id), name);
            let outcome = stage.call(&operation(step), &[("DelegationRequestId", &id)]);
            assert_eq!(outcome.is_ok(), possible.contains(&step), "{step} in {name}");
            if let Err(error) = outcome {
                let start = format!("The delegation request with id {id} is in state {name} and cannot be ");
                assert!(error.code == "InvalidInput" && error.message.starts_with(&start), "{error}");
            }
        }
    }
}

#[test]
fn states_end_with_time() {
    let mut stage = partner();
    let id = made(&mut stage, &[]);
    pass(&mut stage, 23);
    assert_eq!(state(&mut stage, &id), "UNASSIGNED");
    pass(&mut stage, 1);
    assert_eq!(state(&mut stage, &id), "EXPIRED");
    assert!(
        stage.refused("AssociateDelegationRequest", &[("DelegationRequestId", &id)]).contains("is in state EXPIRED")
    );
    let (mut stage, id) = assigned(&[]);
    pass(&mut stage, 7 * 24 - 1);
    stage.done("UpdateDelegationRequest", &[("DelegationRequestId", &id)]);
    pass(&mut stage, 7 * 24 - 1);
    assert_eq!(state(&mut stage, &id), "PENDING_APPROVAL");
    pass(&mut stage, 1);
    assert_eq!(state(&mut stage, &id), "EXPIRED");
    pass(&mut stage, 30 * 24);
    assert!(stage.refused("GetDelegationRequest", &[("DelegationRequestId", &id)]).starts_with("NoSuchEntity"));
}

/// A request with an owner account is nobody else's; its owner needs no policy to look at it and to pass it on, anybody else does.
#[test]
fn who_sees_a_request() {
    let mut stage = partner();
    let id = made(&mut stage, &[("OwnerAccountId", "123456789012")]);
    let by_id = ("DelegationRequestId", id.as_str());
    let lost = format!("NoSuchEntity: The delegation request with id {id} cannot be found.");
    assert_eq!(stage.refused("GetDelegationRequest", &[by_id]), lost, "the partner itself");
    root_of(&mut stage, "123456789012");
    stage.user_allowed("ann", "iam:AssociateDelegationRequest", "*");
    stage.user_allowed("bob", "s3:*", "*");
    stage.act_as_user("ann");
    stage.done("AssociateDelegationRequest", &[by_id]);
    stage.done("GetDelegationRequest", &[by_id]);
    stage.done("UpdateDelegationRequest", &[by_id]);
    let arn = format!("arn:aws:iam::123456789012:delegation-request/{id}");
    stage.done("GetHumanReadableSummary", &[("EntityArn", &arn)]);
    for operation in ["AcceptDelegationRequest", "RejectDelegationRequest", "SendDelegationToken"] {
        let refused = stage.refused(operation, &[by_id]);
        assert!(refused.starts_with("AccessDenied: User: arn:aws:iam::123456789012:user/ann"), "{refused}");
    }
    stage.act_as_user("bob");
    assert!(stage.refused("GetDelegationRequest", &[by_id]).starts_with("AccessDenied"));
}

/// Somebody who has the owner's name later is not the owner.
#[test]
fn a_name_is_no_owner() {
    let (mut stage, id) = assigned(&[("OnlySendByOwner", "true")]);
    let by_id = [("DelegationRequestId", id.as_str())];
    stage.done("AcceptDelegationRequest", &by_id);
    root_of(&mut stage, "123456789012");
    stage.done("DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")]);
    stage.done("DeleteUser", &[("UserName", "ann")]);
    stage.user_allowed("ann", "iam:SendDelegationToken", "*");
    stage.act_as_user("ann");
    assert!(stage.refused("GetDelegationRequest", &by_id).starts_with("AccessDenied: User"));
    assert_eq!(
        stage.refused("SendDelegationToken", &by_id),
        "AccessDenied: Only the owner of this delegation request can send its token."
    );
}

#[test]
fn the_owner_is_a_condition() {
    let (mut stage, id) = assigned(&[]);
    root_of(&mut stage, "123456789012");
    stage.done("CreateUser", &[("UserName", "boss")]);
    let document = |owner: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["iam:AcceptDelegationRequest","iam:ListDelegationRequests"],
            "Resource":"*","Condition":{{"ArnEquals":{{"iam:DelegationRequestOwner":"arn:aws:iam::123456789012:user/{owner}"}}}}}}}}"#
        )
    };
    let boss = [("UserName", "boss"), ("PolicyName", "p")];
    let put = |stage: &mut Stage, owner: &str| {
        root_of(stage, "123456789012");
        stage.done("PutUserPolicy", &[boss.as_slice(), &[("PolicyDocument", &document(owner))]].concat());
        stage.act_as_user("boss");
    };
    put(&mut stage, "bob");
    assert!(stage.refused("AcceptDelegationRequest", &[("DelegationRequestId", &id)]).starts_with("AccessDenied"));
    put(&mut stage, "ann");
    stage.done("AcceptDelegationRequest", &[("DelegationRequestId", &id)]);
    let owner = ("OwnerId", "arn:aws:iam::123456789012:user/ann");
    assert_eq!(texts(&stage.done("ListDelegationRequests", &[owner]), "DelegationRequestId"), [id]);
    assert!(stage.refused("ListDelegationRequests", &[]).starts_with("AccessDenied"));
}

#[test]
fn lists() {
    let mut stage = partner();
    let ids: Vec<String> =
        ["flow-1", "flow-2", "flow-3"].map(|flow| made(&mut stage, &[("RequestorWorkflowId", flow)])).into();
    root_of(&mut stage, "123456789012");
    for id in &ids[..2] {
        stage.done("AssociateDelegationRequest", &[("DelegationRequestId", id)]);
    }
    let mut all = texts(&stage.done("ListDelegationRequests", &[]), "DelegationRequestId").join(" ");
    assert!(all.contains(&ids[0]) && all.contains(&ids[1]) && !all.contains(&ids[2]), "{all}");
    let page = stage.done("ListDelegationRequests", &[("MaxItems", "1")]);
    let marker = texts(&page, "Marker")[0].to_owned();
    assert!(page.contains("<isTruncated>true</isTruncated>"), "{page}");
    let rest = stage.done("ListDelegationRequests", &[("MaxItems", "1"), ("Marker", &marker)]);
    all = [page, rest.clone()].concat();
    assert!(all.contains(&ids[0]) && all.contains(&ids[1]) && rest.contains("<isTruncated>false</isTruncated>"));
    assert_eq!(
        stage.refused("ListDelegationRequests", &[("OwnerId", "arn:aws:iam::123456789012:user/lost")]),
        "NoSuchEntity: The owner with id arn:aws:iam::123456789012:user/lost cannot be found."
    );
    assert_eq!(
        stage.refused("ListDelegationRequests", &[("OwnerId", "arn:aws:iam::999999999999:user/ann")]),
        "InvalidInput: Owner id arn:aws:iam::999999999999:user/ann is not the ARN of an identity in this account."
    );
}

#[test]
fn root_delegates_for_four_hours_and_owners_send_for_themselves() {
    let (mut stage, id) = assigned(&[("SessionDuration", "14401"), ("OnlySendByOwner", "true")]);
    root_of(&mut stage, "123456789012");
    assert_eq!(
        stage.refused("AcceptDelegationRequest", &[("DelegationRequestId", &id)]),
        "AccessDenied: The root user can accept delegation requests of up to 4 hours only."
    );
    stage.act_as_user("ann");
    stage.done("AcceptDelegationRequest", &[("DelegationRequestId", &id)]);
    root_of(&mut stage, "123456789012");
    assert_eq!(
        stage.refused("SendDelegationToken", &[("DelegationRequestId", &id)]),
        "AccessDenied: Only the owner of this delegation request can send its token."
    );
    stage.act_as_user("ann");
    stage.done("SendDelegationToken", &[("DelegationRequestId", &id)]);
}

/// Whether the caller could grant it: (its policy, the result).
#[test]
fn permission_checks() {
    let conditional = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
        {"Effect":"Allow","Action":"iam:GetDelegationRequest","Resource":"*"}]}"#;
    let denying = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}"#;
    for (document, expected) in [
        (allowing("*", "*").as_str(), "ALLOWED"),
        (allowing("iam:*", "*").as_str(), "DENIED"),
        (conditional, "UNSURE"),
        (denying, "DENIED"),
    ] {
        let (mut stage, id) = assigned(&[]);
        stage.done("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", document)]);
        let parameters = [("DelegationRequestId", id.as_str()), ("DelegationPermissionCheck", "true")];
        let got = stage.done("GetDelegationRequest", &parameters);
        assert!(got.contains("<PermissionCheckStatus>COMPLETE</PermissionCheckStatus>"), "{got}");
        assert_eq!(texts(&got, "PermissionCheckResult"), [expected], "{document}");
    }
}

#[test]
fn summaries() {
    let mut stage = partner();
    let id = made(&mut stage, &[]);
    let arn = format!("arn:aws:iam::{PARTNER}:delegation-request/{id}");
    let got = stage.done("GetHumanReadableSummary", &[("EntityArn", &arn)]);
    assert!(got.contains("It may use s3:Get*, s3:PutObject on arn:aws:s3:::pics/*."), "{got}");
    assert!(got.contains("<Locale>en</Locale><SummaryState>AVAILABLE</SummaryState>"), "{got}");
    let got = stage.done("GetHumanReadableSummary", &[("EntityArn", &arn), ("Locale", "ja")]);
    assert_eq!(got, "<Locale>ja</Locale><SummaryState>NOT_SUPPORTED</SummaryState>");
    assert_eq!(
        stage.refused("GetHumanReadableSummary", &[("EntityArn", "arn:aws:iam::999999999999:user/ann")]),
        "InvalidInput: arn:aws:iam::999999999999:user/ann is not the ARN of a delegation request."
    );
    assert!(
        stage
            .refused("GetHumanReadableSummary", &[("EntityArn", "arn:aws:iam::999999999999:delegation-request/lost")])
            .starts_with("NoSuchEntity")
    );
}
