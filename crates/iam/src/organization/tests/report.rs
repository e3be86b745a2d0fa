//! Reports on the organisation's accounts: what is in them, who gets which job, and how a job ends.

use std::sync::Arc;

use jiff::SignedDuration;
use service::cx::States;

use super::*;
use crate::last_accessed::{self, LastAccessed};
use crate::tests::texts;

const MANAGEMENT: &str = "111111111111";
const WORK: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111";
const INNER: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222";

/// The management account's root user acts, by an organisation in which the root users of all accounts have used something.
fn reporting_stage() -> Stage {
    let mut stage = member_stage();
    act_as_root_of(&mut stage, MANAGEMENT);
    let mut tx = Tx::on(stage.world.clone());
    for (account, action, region, later) in [
        (MANAGEMENT, "s3:ListBuckets", "us-east-1", 5),
        ("222222222222", "ec2:RunInstances", "us-west-2", 4),
        ("123456789012", "iam:GetUser", "us-east-1", 1),
        ("333333333333", "iam:CreateUser", "us-east-1", 3),
        ("333333333333", "iam:GetUser", "us-east-1", 2),
    ] {
        let account = super::account(account);
        let at = stage.cx.now.checked_sub(SignedDuration::from_mins(60 - later)).unwrap();
        let (entity, action, region) = (account.to_string(), action.to_owned(), region.to_owned());
        assert!(last_accessed::note(&mut tx, &LastAccessed { account, entity, action, at, region }));
    }
    stage.world = World::clone(&tx);
    stage
}

fn pass(stage: &mut Stage, seconds: i64) {
    stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    stage.world = stage.world.at(stage.cx.now);
}

fn job(stage: &mut Stage, selection: &[(&str, &str)]) -> String {
    texts(&stage.done("GenerateOrganizationsAccessReport", selection), "JobId")[0].to_owned()
}

fn fetch(stage: &mut Stage, job: &str, more: &[(&str, &str)]) -> String {
    stage.done("GetOrganizationsAccessReport", &[&[("JobId", job)], more].concat())
}

/// A finished report; room for the next one is made.
fn report(stage: &mut Stage, selection: &[(&str, &str)]) -> String {
    let job = job(stage, selection);
    pass(stage, 1);
    fetch(stage, &job, &[("MaxItems", "1000")])
}

#[test]
fn a_unit_has_what_all_its_levels_allow() {
    let mut stage = reporting_stage();
    let inner = report(&mut stage, &[("EntityPath", INNER)]);
    assert_eq!(texts(&inner, "ServiceNamespace"), ["iam"]);
    assert_eq!(texts(&inner, "ServiceName"), ["AWS Identity and Access Management"]);
    assert_eq!(texts(&inner, "TotalAuthenticatedEntities"), ["2"]);
    assert_eq!(texts(&inner, "EntityPath"), [format!("{INNER}/333333333333")]);
    assert_eq!((texts(&inner, "Region"), texts(&inner, "LastAuthenticatedTime").len()), (vec!["us-east-1"], 1));
    assert_eq!(texts(&inner, "NumberOfServicesAccessible"), ["1"]);
    assert_eq!(texts(&inner, "NumberOfServicesNotAccessed"), ["0"]);
    let one = report(&mut stage, &[("EntityPath", &format!("{INNER}/123456789012"))]);
    assert_eq!(texts(&one, "TotalAuthenticatedEntities"), ["1"]);
    let work = report(&mut stage, &[("EntityPath", WORK)]);
    let (all, unused) = (texts(&work, "NumberOfServicesAccessible"), texts(&work, "NumberOfServicesNotAccessed"));
    assert_eq!(all[0].parse::<usize>().unwrap(), service::facts::services().count());
    assert_eq!(unused[0].parse::<usize>().unwrap(), service::facts::services().count() - 1);
}

#[test]
fn the_management_account_is_in_no_report_but_its_own() {
    let mut stage = reporting_stage();
    let used = |report: &str| -> Vec<String> {
        let details = report.split("<member>").skip(1).filter(|detail| detail.contains("<LastAuthenticatedTime>"));
        details.map(|detail| texts(detail, "ServiceNamespace")[0].to_owned()).collect()
    };
    let root = report(&mut stage, &[("EntityPath", "o-a1b2c3d4e5/r-ab12")]);
    assert_eq!(used(&root), ["ec2", "iam"]);
    let path = format!("o-a1b2c3d4e5/r-ab12/{MANAGEMENT}");
    let own = report(&mut stage, &[("EntityPath", &path), ("OrganizationsPolicyId", "p-onlyusers1")]);
    assert_eq!(used(&own), ["s3"], "a policy does not matter to it");
    assert!(texts(&own, "ServiceNamespace").len() > 100);
    assert_eq!(texts(&own, "Region"), ["us-east-1", "us-east-1"], "IAM's is told though it was not used");
}

#[test]
fn a_policy_has_the_services_it_allows_and_the_accounts_it_is_on() {
    let mut stage = reporting_stage();
    let root = ("EntityPath", "o-a1b2c3d4e5/r-ab12");
    let on_two = report(&mut stage, &[root, ("OrganizationsPolicyId", "p-onlyusers1")]);
    assert_eq!(texts(&on_two, "ServiceNamespace"), ["iam"]);
    assert_eq!(texts(&on_two, "TotalAuthenticatedEntities"), ["2"]);
    let outside = ("EntityPath", "o-a1b2c3d4e5/r-ab12/222222222222");
    let on_none = report(&mut stage, &[outside, ("OrganizationsPolicyId", "p-onlyusers1")]);
    assert_eq!(texts(&on_none, "ServiceNamespace"), ["iam"]);
    assert_eq!(texts(&on_none, "TotalAuthenticatedEntities"), ["0"]);
    assert!(!on_none.contains("<EntityPath>") && on_none.contains("<Region>us-east-1</Region>"), "{on_none}");
}

#[test]
fn what_is_not_in_the_organization_fails_the_job() {
    let mut stage = reporting_stage();
    let (entity, policy) = ("INVALID_ORGANIZATIONS_ENTITY_PATH", "INVALID_ORGANIZATIONS_POLICY");
    for (path, id, code) in [
        ("o-a1b2c3d4e5/r-ab12/ou-ab12-22222222", "p-onlyusers1", entity),
        ("o-a1b2c3d4e5/r-ab12/", "p-onlyusers1", entity),
        ("o-a1b2c3d4e5/r-ab12/999999999999", "p-notthere11", entity),
        (WORK, "p-notthere11", policy),
        (WORK, "p-RCPFullAWSAccess", policy),
    ] {
        let failed = report(&mut stage, &[("EntityPath", path), ("OrganizationsPolicyId", id)]);
        assert_eq!((texts(&failed, "JobStatus"), texts(&failed, "Code")), (vec!["FAILED"], vec![code]), "{path} {id}");
        assert!(failed.contains("<JobCompletionDate>") && !failed.contains("<AccessDetails"), "{failed}");
    }
}

#[test]
fn one_job_at_a_time_and_the_same_one_for_the_same_question() {
    let mut stage = reporting_stage();
    Arc::make_mut(&mut stage.cx.settings).states = States::Aws;
    let first = job(&mut stage, &[("EntityPath", WORK)]);
    assert_eq!(job(&mut stage, &[("EntityPath", WORK)]), first);
    let early = fetch(&mut stage, &first, &[]);
    assert_eq!(texts(&early, "JobStatus"), ["IN_PROGRESS"]);
    assert!(!early.contains("JobCompletionDate") && !early.contains("AccessDetails"), "{early}");
    let refused = "ReportGenerationLimitExceeded: Maximum number of concurrent jobs exceeded";
    assert_eq!(stage.refused("GenerateOrganizationsAccessReport", &[("EntityPath", INNER)]), refused);
    stage.user_allowed("ann", "iam:*", "*");
    stage.act_as_user("ann");
    assert_eq!(stage.refused("GenerateOrganizationsAccessReport", &[("EntityPath", WORK)]), refused, "another caller");
    act_as_root_of(&mut stage, MANAGEMENT);
    pass(&mut stage, 59);
    assert_eq!(job(&mut stage, &[("EntityPath", WORK)]), first);
    pass(&mut stage, 1);
    assert_ne!(job(&mut stage, &[("EntityPath", WORK)]), first);
    assert!(fetch(&mut stage, &first, &[]).contains("<JobStatus>COMPLETED<"));
}

#[test]
fn pages_in_every_order() {
    let mut stage = reporting_stage();
    let root = job(&mut stage, &[("EntityPath", "o-a1b2c3d4e5/r-ab12")]);
    pass(&mut stage, 1);
    let mut first = |key: &str| -> Vec<String> {
        let page = fetch(&mut stage, &root, &[("SortKey", key), ("MaxItems", "2")]);
        assert!(page.contains("<IsTruncated>true<"), "{page}");
        let more = [("SortKey", key), ("MaxItems", "1"), ("Marker", texts(&page, "Marker")[0])];
        let next = fetch(&mut stage, &root, &more);
        texts(&page, "ServiceNamespace")
            .into_iter()
            .chain(texts(&next, "ServiceNamespace"))
            .map(str::to_owned)
            .collect()
    };
    let mut names: Vec<&str> = service::facts::services().map(|(namespace, _)| namespace).collect();
    names.sort_unstable();
    assert_eq!(first("SERVICE_NAMESPACE_ASCENDING"), names[..3]);
    assert_eq!(first("LAST_AUTHENTICATED_TIME_ASCENDING"), names[..3], "the unused come first");
    assert_eq!(first("LAST_AUTHENTICATED_TIME_DESCENDING"), ["ec2", "iam", names[0]]);
    names.reverse();
    assert_eq!(first("SERVICE_NAMESPACE_DESCENDING"), names[..3]);
    let foreign = fetch(&mut stage, &root, &[("MaxItems", "1")]);
    let mixed = [("JobId", root.as_str()), ("Marker", texts(&foreign, "Marker")[0])];
    let mixed = [&mixed[..], &[("SortKey", "SERVICE_NAMESPACE_DESCENDING")]].concat();
    assert_eq!(stage.refused("GetOrganizationsAccessReport", &mixed), "ValidationError: Invalid Marker.");
}

#[test]
fn who_has_no_reports() {
    let mut stage = reporting_stage();
    let lost = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        stage.refused("GetOrganizationsAccessReport", &[("JobId", lost)]),
        format!("NoSuchEntity: Job {lost} does not exist.")
    );
    assert_eq!(
        stage.refused("GenerateOrganizationsAccessReport", &[("EntityPath", "o-zzzzzzzzzz/r-ab12")]),
        "AccessDenied: The organization ID in the specified entity path is different than your organization ID."
    );
    let elsewhere = "AccessDenied: You must use the management account of an organization to perform this operation.";
    act_as_root_of(&mut stage, "222222222222");
    assert_eq!(stage.refused("GenerateOrganizationsAccessReport", &[("EntityPath", WORK)]), elsewhere);
    assert_eq!(stage.refused("GetOrganizationsAccessReport", &[("JobId", lost)]), elsewhere);
    let bill = TREE.replacen("\"trusted", "\"featureSet\": \"CONSOLIDATED_BILLING\", \"trusted", 1);
    put(&mut stage, file::read(&bill).unwrap());
    act_as_root_of(&mut stage, MANAGEMENT);
    assert_eq!(
        stage.refused("GenerateOrganizationsAccessReport", &[("EntityPath", WORK)]),
        "AccessDenied: Service control policies are not enabled for your organization."
    );
}

#[test]
fn permission_is_on_the_entity_and_may_ask_for_the_policy() {
    let mut stage = reporting_stage();
    let arn = format!("arn:aws:iam::{MANAGEMENT}:access-report/{INNER}");
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:GenerateOrganizationsAccessReport","Resource":"{arn}","Condition":{{"StringEquals":{{"iam:OrganizationsPolicyId":"p-onlyusers1"}}}}}}}}"#
    );
    stage.done("CreateUser", &[("UserName", "ann")]);
    stage.done("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    stage.act_as_user("ann");
    for (path, policy, allowed) in
        [(INNER, "p-onlyusers1", true), (INNER, "p-noleaving", false), (WORK, "p-onlyusers1", false)]
    {
        let selection = [("EntityPath", path), ("OrganizationsPolicyId", policy)];
        assert_eq!(stage.call("GenerateOrganizationsAccessReport", &selection).is_ok(), allowed, "{path} {policy}");
    }
}
