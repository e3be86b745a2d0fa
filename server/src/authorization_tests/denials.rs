//! Who may do nothing is refused everything but what AWS leaves open; who holds an operation's own actions is refused nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use service::{Operation, Service};

use super::stage::{BARE, STAGE, Stage, rows};
use super::{reference, samples};

/// Operations that ask for no permission. The list is AWS's, so it changes only when another such operation is built.
const OPEN: [&str; 2] = ["sts:GetCallerIdentity", "sts:GetSessionToken"];

/// Actions that operations need besides their own and that the reference does not list as theirs. Tags set while something is created are an
/// action of their own (seen on AWS); session tags, a source identity and contexts are too.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required>
const ALSO_NEEDED: &[(&str, &[&str])] = &[
    ("ec2:StartDeclarativePoliciesReport", &["ec2:CreateTags"]),
    (
        "iam:AcquireRole",
        &[
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:GetRole",
            "iam:GetRoleTemplateVersion",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:TagRole",
        ],
    ),
    ("iam:CreateInstanceProfile", &["iam:TagInstanceProfile"]),
    ("iam:CreateOpenIDConnectProvider", &["iam:TagOpenIDConnectProvider"]),
    ("iam:CreatePolicy", &["iam:TagPolicy"]),
    ("iam:CreateRole", &["iam:TagRole"]),
    ("iam:CreateSAMLProvider", &["iam:TagSAMLProvider"]),
    ("iam:CreateUser", &["iam:TagUser"]),
    ("iam:UploadServerCertificate", &["iam:TagServerCertificate"]),
    ("iam:CreateVirtualMFADevice", &["iam:TagMFADevice"]),
    ("ec2:AllocateIpamPoolCidr", &["ec2:CreateTags"]),
    ("ec2:CreateCapacityReservationCancellationQuote", &["ec2:CreateTags"]),
    ("ec2:CreateCapacityReservationDateChangeQuote", &["ec2:CreateTags"]),
    ("ec2:CreateApplicationStatusCheck", &["ec2:CreateTags"]),
    ("ec2:CreateMetricCategory", &["ec2:CreateTags"]),
    ("ec2:CreateNetworkingFlexCostAllocationPolicy", &["ec2:CreateTags"]),
    ("ec2:CreateIpamInternetRegistryAssociation", &["ec2:CreateTags"]),
    ("ec2:CreateFleet", &["iam:PassRole", "ssm:GetParameters"]),
    // The fleet's own role, which the reference leaves out and the user guide asks for.
    // <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-fleet-prerequisites.html>
    ("ec2:RequestSpotFleet", &["iam:PassRole"]),
    ("iam:PutAccountProperties", &["iam:CreateServiceLinkedRole"]),
    ("sts:AssumeRole", &["sts:SetContext", "sts:SetSourceIdentity", "sts:TagSession"]),
    ("sts:GetFederationToken", &["sts:TagSession"]),
    ("sts:GetWebIdentityToken", &["sts:TagGetWebIdentityToken"]),
];

/// Whom an identity provider vouches for: who has no valid token is told so before anything is checked, and the caller's policies take no part.
const VOUCHED: [&str; 2] = ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

fn is_vouched(row: &Operation) -> bool {
    VOUCHED.contains(&row.action().as_str())
}

fn gated() -> impl Iterator<Item = Operation> {
    rows().into_iter().filter(|row| row.open_reason().is_none())
}

#[test]
fn the_open_operations_are_known() {
    let open: Vec<String> = rows().iter().filter(|row| row.open_reason().is_some()).map(Operation::action).collect();
    assert_eq!(open, OPEN);
}

#[test]
fn without_permissions_every_check_of_every_operation_is_denied() {
    all_denied(&STAGE, |_| true);
}

/// Whether what a request names exists or not, it is refused alike: neither an error of the operation nor an answer tells.
#[test]
fn without_permissions_nobody_learns_what_exists() {
    all_denied(&BARE, |row| !is_vouched(row));
}

fn all_denied(stage: &Stage, among: fn(&Operation) -> bool) {
    for row in gated().filter(among) {
        for parameters in samples::of(&row) {
            let asked = stage.ask(&row, &parameters, None);
            assert!(!asked.checks.is_empty(), "{} {parameters:?} checks nothing", row.action());
            for ruling in asked.rulings() {
                let (action, resource) = (&ruling.check.action, &ruling.check.resource);
                assert!(!ruling.allowed(), "{}: {action} on {resource} is allowed", row.action());
                let error = asked.denial(row.service, &ruling);
                let code = match row.service {
                    // EC2 tells nothing of the parameter that it was to read.
                    Service::Ec2 if action.starts_with("ssm:") => "SsmAccessDenied",
                    Service::Ec2 => "UnauthorizedOperation",
                    _ => "AccessDenied",
                };
                assert_eq!(error.code, code, "{}: {action} on {resource}", row.action());
                let told = code == "SsmAccessDenied" || error.message.contains(action.as_str());
                assert!(told, "{}: {}", row.action(), error.message);
            }
        }
    }
}

#[test]
fn every_operation_is_allowed_by_its_own_actions() {
    for row in gated().filter(|row| !is_vouched(row)) {
        let actions = actions_of(&row);
        let quoted: Vec<String> = actions.iter().map(|action| format!("\"{action}\"")).collect();
        let statement = format!(r#"{{"Effect": "Allow", "Action": [{}], "Resource": "*"}}"#, quoted.join(", "));
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        for parameters in samples::of(&row) {
            for ruling in STAGE.ask(&row, &parameters, Some(&policy)).rulings() {
                let (action, resource) = (&ruling.check.action, &ruling.check.resource);
                assert!(
                    ruling.allowed(),
                    "{} {parameters:?}: {actions:?} do not allow {action} on {resource}",
                    row.action()
                );
            }
        }
    }
}

/// The operation's action as the reference spells it, and those it depends on.
fn actions_of(row: &Operation) -> BTreeSet<&'static str> {
    let own: &'static str = row.action().leak();
    let mut actions = BTreeSet::new();
    if !reference::WITHOUT_ACTION.contains(&own) {
        assert_spelled_as_in_the_reference(own);
        actions.extend(reference::facts_of(own).dependents.iter().map(String::as_str));
        actions.insert(own);
    }
    actions.extend(ALSO_NEEDED.iter().filter(|(action, _)| *action == own).flat_map(|(_, more)| *more));
    actions
}

#[test]
fn what_is_also_needed_is_asked_for_and_exists() {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in gated() {
        for parameters in samples::of(&row) {
            let checks = STAGE.ask(&row, &parameters, None).checks;
            asked.entry(row.action()).or_default().extend(checks.into_iter().map(|check| check.action));
        }
    }
    for (action, more) in ALSO_NEEDED {
        for needed in *more {
            assert!(asked[*action].contains(*needed), "{action} never asks for {needed}");
        }
    }
    for action in asked.values().flatten() {
        assert_spelled_as_in_the_reference(action);
    }
}

fn assert_spelled_as_in_the_reference(action: &str) {
    let facts = reference::facts_of(action);
    let listed =
        reference::UNLISTED.iter().find(|(unlisted, _)| *unlisted == action).map_or(action, |(_, listed)| listed);
    assert_eq!(listed.split_once(':').unwrap().1, facts.name, "spelled as in the reference");
}
