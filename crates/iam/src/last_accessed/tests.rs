//! Last accessed: what is kept, what reports say of it and when, and which policies grant access.

use service::cx::States;

use super::*;
use crate::record::AccessReport;
use crate::tests::{Stage, allowing, stage, texts};

const ACCOUNT: &str = "arn:aws:iam::123456789012";

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

impl Stage {
    fn accessed(&mut self, entity: &str, action: &str, region: &str, at: Timestamp) -> bool {
        let mut tx = Tx::on(self.world.clone());
        let access = LastAccessed {
            account: self.cx.account(),
            entity: entity.to_owned(),
            action: action.to_owned(),
            at,
            region: region.to_owned(),
        };
        let written = note(&mut tx, &access);
        self.world = World::clone(&tx);
        written
    }

    fn pass(&mut self, time: SignedDuration) {
        self.cx.now = self.cx.now.checked_add(time).unwrap();
        self.world = self.world.at(self.cx.now);
    }

    fn job(&mut self, arn: &str, granularity: &str) -> String {
        let answer = self.done("GenerateServiceLastAccessedDetails", &[("Arn", arn), ("Granularity", granularity)]);
        texts(&answer, "JobId")[0].to_owned()
    }

    fn report(&mut self, arn: &str) -> String {
        let job = self.job(arn, "SERVICE_LEVEL");
        self.pass(seconds(1));
        self.done("GetServiceLastAccessedDetails", &[("JobId", &job)])
    }
}

fn with_user(actions: &str) -> (Stage, String) {
    let mut stage = stage();
    stage.user_allowed("ann", actions, "*");
    let id = stage.user("ann").id;
    (stage, id)
}

/// A policy of one statement that allows a list of actions on everything.
fn allowing_all(actions: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":"*"}}}}"#)
}

#[test]
fn an_access_is_noted_every_quarter_of_an_hour_or_elsewhere() {
    let (mut stage, ann) = with_user("*");
    let start = stage.cx.now;
    let later = |minutes| start.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    for (action, region, at, written) in [
        ("ec2:RunInstances", "us-east-1", start, true),
        ("ec2:RunInstances", "us-east-1", later(14), false),
        ("ec2:RunInstances", "eu-west-1", later(14), true),
        ("ec2:RunInstances", "eu-west-1", later(13), false),
        ("ec2:RunInstances", "eu-west-1", later(29), true),
        ("ec2:StopInstances", "eu-west-1", later(1), true),
    ] {
        assert_eq!(stage.accessed(&ann, action, region, at), written, "{action} {region} {at}");
    }
    assert!(!stage.accessed("AIDANOBODY", "ec2:RunInstances", "us-east-1", start));
    assert!(stage.accessed("123456789012", "ec2:RunInstances", "us-east-1", start), "the root user");
    let all = of_account(&stage.world, stage.cx.account()).map(AsRef::as_ref);
    let sums = by_service(all);
    assert_eq!((sums["ec2"].last.at, sums["ec2"].entities.len()), (later(29), 2));
}

#[test]
fn accesses_vanish_with_their_entity_and_with_time() {
    let (mut stage, ann) = with_user("*");
    stage.accessed(&ann, "iam:GetUser", "us-east-1", stage.cx.now);
    stage.accessed("123456789012", "iam:GetUser", "us-east-1", stage.cx.now);
    let count = |stage: &Stage| of_account(&stage.world, stage.cx.account()).count();
    assert_eq!(count(&stage), 2);
    stage.done("DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")]);
    stage.done("DeleteUser", &[("UserName", "ann")]);
    assert_eq!(count(&stage), 1);
    assert_eq!(arn_of(&stage.world, "aws", stage.cx.account(), &ann), None);
    stage.pass(SignedDuration::from_hours(400 * 24));
    assert_eq!(count(&stage), 0);
}

#[test]
fn a_report_of_a_user_by_service() {
    let (mut stage, ann) = with_user("s3:Get*");
    let more = allowing_all(r#"["iam:*", "lambda:Invoke*"]"#);
    stage.done("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "more"), ("PolicyDocument", &more)]);
    let at = stage.cx.now;
    stage.accessed(&ann, "iam:GetUser", "us-east-1", at);
    stage.accessed(&ann, "iam:ListUsers", "eu-west-1", at.checked_add(seconds(5)).unwrap());
    stage.accessed(&ann, "ec2:RunInstances", "us-east-1", at);
    stage.pass(seconds(10));
    let report = stage.report(&format!("{ACCOUNT}:user/ann"));
    assert_eq!(texts(&report, "ServiceNamespace"), ["iam", "lambda", "s3"], "ec2 was called, but is not allowed");
    assert_eq!(texts(&report, "ServiceName")[1..], ["AWS Lambda", "Amazon S3"]);
    assert_eq!(texts(&report, "TotalAuthenticatedEntities"), ["1", "0", "0"]);
    assert_eq!(texts(&report, "LastAuthenticatedRegion"), ["eu-west-1"]);
    assert_eq!(texts(&report, "LastAuthenticatedEntity"), [format!("{ACCOUNT}:user/ann")]);
    assert_eq!((texts(&report, "JobStatus"), texts(&report, "JobType")), (vec!["COMPLETED"], vec!["SERVICE_LEVEL"]));
    assert!(!report.contains("TrackedActions") && report.contains("<IsTruncated>false<"), "{report}");
}

#[test]
fn a_report_of_a_group_by_action() {
    let (mut stage, ann) = with_user("s3:*");
    stage.done("CreateUser", &[("UserName", "bob"), ("Path", "/x/")]);
    let bob = stage.user("bob").id;
    stage.done("CreateGroup", &[("GroupName", "g")]);
    let policy = allowing_all(r#"["iam:GetUser", "iam:GetRole", "s3:*"]"#);
    stage.done("PutGroupPolicy", &[("GroupName", "g"), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
    for user in ["ann", "bob"] {
        stage.done("AddUserToGroup", &[("GroupName", "g"), ("UserName", user)]);
    }
    let at = stage.cx.now;
    stage.accessed(&ann, "iam:GetUser", "us-east-1", at);
    stage.accessed(&bob, "iam:GetUser", "us-east-1", at.checked_add(seconds(1)).unwrap());
    stage.pass(seconds(2));
    let job = stage.job(&format!("{ACCOUNT}:group/g"), "ACTION_LEVEL");
    stage.pass(seconds(1));
    let report = stage.done("GetServiceLastAccessedDetails", &[("JobId", &job)]);
    assert_eq!(texts(&report, "ActionName"), ["GetRole", "GetUser"]);
    assert_eq!(texts(&report, "LastAccessedEntity"), [format!("{ACCOUNT}:user/x/bob")]);
    assert_eq!(texts(&report, "TotalAuthenticatedEntities"), ["2", "0"]);

    let ask = [("JobId", job.as_str()), ("ServiceNamespace", "iam"), ("MaxItems", "1")];
    let first = stage.done("GetServiceLastAccessedDetailsWithEntities", &ask);
    assert_eq!((texts(&first, "Name"), texts(&first, "Path")), (vec!["bob"], vec!["/x/"]), "the most recent first");
    let more = [ask.as_slice(), &[("Marker", texts(&first, "Marker")[0])]].concat();
    let second = stage.done("GetServiceLastAccessedDetailsWithEntities", &more);
    assert_eq!((texts(&second, "Name"), texts(&second, "Type")), (vec!["ann"], vec!["USER"]));
}

#[test]
fn a_report_of_a_policy_names_all_who_have_it() {
    let (mut stage, ann) = with_user("s3:*");
    stage.done("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &allowing("ec2:*", "*"))]);
    let policy = format!("{ACCOUNT}:policy/p");
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    stage.done("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)]);
    stage.done("CreateGroup", &[("GroupName", "g")]);
    stage.done("AddUserToGroup", &[("GroupName", "g"), ("UserName", "ann")]);
    stage.done("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", &policy)]);
    stage.done("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", &policy)]);
    stage.accessed(&ann, "ec2:DescribeVpcs", "eu-west-1", stage.cx.now);
    let job = stage.job(&policy, "SERVICE_LEVEL");
    stage.pass(seconds(1));
    let answer =
        stage.done("GetServiceLastAccessedDetailsWithEntities", &[("JobId", &job), ("ServiceNamespace", "ec2")]);
    assert_eq!((texts(&answer, "Name"), texts(&answer, "Type")), (vec!["ann", "r"], vec!["USER", "ROLE"]));
    assert_eq!(texts(&answer, "LastAuthenticated").len(), 1);
    let none = stage.done("GetServiceLastAccessedDetailsWithEntities", &[("JobId", &job), ("ServiceNamespace", "s3")]);
    assert!(texts(&none, "Name").is_empty());
}

#[test]
fn a_report_takes_a_while_and_stays_as_it_was() {
    for (states, lasts) in [(States::Instant, 0), (States::Quick, 1), (States::Aws, 2)] {
        let (mut stage, ann) = with_user("iam:*");
        stage.cx.settings = service::cx::Settings { states, ..(*stage.cx.settings).clone() }.into();
        let job = stage.job(&format!("{ACCOUNT}:user/ann"), "SERVICE_LEVEL");
        stage.accessed(&ann, "iam:GetUser", "us-east-1", stage.cx.now);
        let mut waited = 0;
        let report = loop {
            let report = stage.done("GetServiceLastAccessedDetails", &[("JobId", &job)]);
            if report.contains("COMPLETED") {
                break report;
            }
            assert!(report.contains("IN_PROGRESS") && !report.contains("JobCompletionDate"), "{report}");
            assert!(texts(&report, "ServiceNamespace").is_empty());
            stage.pass(seconds(1));
            waited += 1;
        };
        assert_eq!(waited, lasts);
        assert_eq!(texts(&report, "TotalAuthenticatedEntities"), ["0"], "what came later is not in it");
        stage.pass(SignedDuration::from_hours(7 * 24));
        let gone = stage.refused("GetServiceLastAccessedDetails", &[("JobId", &job)]);
        assert_eq!(gone, format!("NoSuchEntity: Job {job} does not exist."));
        assert_eq!(stage.world.scan::<AccessReport>(&[]).count(), 0);
    }
}

#[test]
fn only_who_asked_for_a_report_gets_it() {
    let (mut stage, _) = with_user("iam:*");
    let arn = format!("{ACCOUNT}:user/ann");
    let job = stage.job(&arn, "SERVICE_LEVEL");
    stage.act_as_user("ann");
    let refusal = stage.refused("GetServiceLastAccessedDetails", &[("JobId", &job)]);
    assert_eq!(refusal, format!("NoSuchEntity: Job {job} does not exist."));
    let own = stage.job(&arn, "SERVICE_LEVEL");
    stage.done("GetServiceLastAccessedDetails", &[("JobId", &own)]);
}

#[test]
fn pages_of_services() {
    let (mut stage, _) = with_user("*");
    let job = stage.job(&format!("{ACCOUNT}:user/ann"), "SERVICE_LEVEL");
    stage.pass(seconds(1));
    let (mut seen, mut marker) = (Vec::new(), None);
    loop {
        let mut ask = vec![("JobId", job.clone())];
        ask.extend(marker.map(|marker| ("Marker", marker)));
        let ask: Vec<(&str, &str)> = ask.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = stage.done("GetServiceLastAccessedDetails", &ask);
        seen.extend(texts(&page, "ServiceNamespace").into_iter().map(str::to_owned));
        marker = texts(&page, "Marker").first().map(|&marker| marker.to_owned());
        if marker.is_none() {
            break;
        }
    }
    let all: Vec<&str> = service::facts::services().map(|(namespace, _)| namespace).collect();
    assert_eq!(seen, all);
}

#[test]
fn policies_that_grant_access() {
    let (mut stage, _) = with_user("s3:Get*");
    stage.done("CreateGroup", &[("GroupName", "g")]);
    stage.done("AddUserToGroup", &[("GroupName", "g"), ("UserName", "ann")]);
    let of_group = allowing("iam:*", "*");
    stage.done("PutGroupPolicy", &[("GroupName", "g"), ("PolicyName", "of-group"), ("PolicyDocument", &of_group)]);
    let (read_only, admin) =
        ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess");
    stage.done("AttachUserPolicy", &[("UserName", "ann"), ("PolicyArn", read_only)]);
    stage.done("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", read_only)]);
    stage.done("PutUserPermissionsBoundary", &[("UserName", "ann"), ("PermissionsBoundary", admin)]);
    let ask = |arn| {
        [
            ("Arn", arn),
            ("ServiceNamespaces.member.1", "s3"),
            ("ServiceNamespaces.member.2", "iam"),
            ("ServiceNamespaces.member.3", "sts"),
        ]
    };
    let of_user = stage.done("ListPoliciesGrantingServiceAccess", &ask("arn:aws:iam::123456789012:user/ann"));
    assert_eq!(texts(&of_user, "ServiceNamespace"), ["s3", "iam", "sts"]);
    assert_eq!(texts(&of_user, "PolicyName"), ["p", "AmazonS3ReadOnlyAccess", "of-group"], "{of_user}");
    assert_eq!(texts(&of_user, "PolicyType"), ["INLINE", "MANAGED", "INLINE"]);
    assert_eq!(
        (texts(&of_user, "EntityType"), texts(&of_user, "EntityName")),
        (vec!["USER", "GROUP"], vec!["ann", "g"])
    );
    assert_eq!(texts(&of_user, "PolicyArn"), [read_only]);
    let of_group = stage.done("ListPoliciesGrantingServiceAccess", &ask("arn:aws:iam::123456789012:group/g"));
    assert_eq!(texts(&of_group, "PolicyName"), ["AmazonS3ReadOnlyAccess", "of-group"]);
}

#[test]
fn what_cannot_be_reported_on() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "ann"), ("Path", "/x/")]);
    let lost = "NoSuchEntity: ARN {} does not exist.";
    let unsupported = "InvalidInput: Invalid Entity Arn: {} is not supported.";
    for (arn, text) in [
        ("arn:aws:iam::123456789012:user/bob", lost),
        ("arn:aws:iam::123456789012:role/lost", lost),
        ("arn:aws:iam::123456789012:policy/lost", lost),
        ("arn:aws:iam::aws:policy/NoSuchPolicy", lost),
        ("arn:aws:iam::123456789012:instance-profile/x", unsupported),
        ("arn:aws:sts::123456789012:assumed-role/r/s", "ValidationError: Invalid service in ARN"),
        ("this is no ARN of anything", "InvalidInput: ARN {} is not valid."),
    ] {
        let expected = text.replace("{}", arn);
        assert_eq!(stage.refused("GenerateServiceLastAccessedDetails", &[("Arn", arn)]), expected);
        if arn.contains(":policy/") {
            continue;
        }
        let ask = [("Arn", arn), ("ServiceNamespaces.member.1", "s3")];
        assert_eq!(stage.refused("ListPoliciesGrantingServiceAccess", &ask), expected);
    }
    let job = "00000000-0000-4000-8000-000000000000";
    let ask = [("Arn", "arn:aws:iam::123456789012:user/ann"), ("ServiceNamespaces.member.1", "nothing")];
    let unknown = "InvalidInput: Invalid service namespace: [nothing]";
    assert_eq!(stage.refused("ListPoliciesGrantingServiceAccess", &ask), unknown);
    let ask = [("JobId", job), ("ServiceNamespace", "s3")];
    let no_job = format!("NoSuchEntity: Job {job} does not exist.");
    assert_eq!(stage.refused("GetServiceLastAccessedDetailsWithEntities", &ask), no_job);
    let odd = [("JobId", "this-has-thirty-six-characters-too-x")];
    let text = "NoSuchEntity: Job this-has-thirty-six-characters-too-x does not exist.";
    assert_eq!(stage.refused("GetServiceLastAccessedDetails", &odd), text);
}
