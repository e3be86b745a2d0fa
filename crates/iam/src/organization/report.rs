//! Reports of what the accounts of an organisation last accessed, for the services that its service control policies allow. A report holds what it
//! says from the moment it is asked for; that it takes a while is computed from the clock. Texts are AWS's where a comment says so.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use service::organization::{ControlKind, FeatureSet, Organization};
use service::prelude::*;
use service::{facts, paging};

use crate::entity;
use crate::last_accessed::{self, Summary, granted};
use crate::managed_policy::count;
use crate::record::{OrganizationReport, ReportFailure, ServiceAccess};

service::operations! { Iam;
    GenerateOrganizationsAccessReport => write(generate) authorize(to_generate) fresh_uses(),
    GetOrganizationsAccessReport => read(get) authorize(to_get),
}

/// About as long as AWS takes.
const SECONDS: i64 = 10;
/// A caller who asks for the same again within this time gets the same job (seen on AWS).
const REUSED: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Deserialize, Shaped)]
struct Generate {
    entity_path: String,
    organizations_policy_id: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Generating {
    job_id: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct Get {
    job_id: String,
    max_items: Option<i64>,
    marker: Option<String>,
    sort_key: Option<String>,
}

#[derive(Debug, Default, Serialize, Shaped)]
struct Report {
    job_status: &'static str,
    job_creation_date: Timestamp,
    job_completion_date: Option<Timestamp>,
    number_of_services_accessible: Option<i64>,
    number_of_services_not_accessed: Option<i64>,
    access_details: Option<Vec<Detail>>,
    is_truncated: bool,
    marker: Option<String>,
    error_details: Option<ErrorDetails>,
}

#[derive(Debug, Serialize, Shaped)]
struct Detail {
    service_name: &'static str,
    service_namespace: String,
    region: Option<String>,
    entity_path: Option<String>,
    last_authenticated_time: Option<Timestamp>,
    total_authenticated_entities: i64,
}

#[derive(Debug, Serialize, Shaped)]
struct ErrorDetails {
    message: String,
    code: String,
}

fn to_generate(cx: &Cx, _: &World, input: &Generate) -> Vec<Check> {
    let arn = format!("arn:{}:iam::{}:access-report/{}", cx.partition(), cx.account(), input.entity_path);
    vec![Check::on(arn).key_if("iam:OrganizationsPolicyId", input.organizations_policy_id.as_ref())]
}

fn to_get(_: &Cx, _: &World, _: &Get) -> Vec<Check> {
    vec![Check::any()]
}

/// Only the management account has reports, and only where service control policies can be. No recording of AWS's words for others is known.
fn managed(cx: &Cx, world: &World) -> Result<Arc<Organization>, ApiError> {
    let denied = |text| ApiError::new("AccessDenied", text);
    let organization = Organization::of(world).filter(|organization| organization.management_account == cx.account());
    let organization = organization
        .ok_or_else(|| denied("You must use the management account of an organization to perform this operation."))?;
    match organization.feature_set {
        FeatureSet::All => Ok(organization),
        FeatureSet::ConsolidatedBilling => {
            Err(denied("Service control policies are not enabled for your organization."))
        }
    }
}

fn generate(cx: &Cx, tx: &mut Tx, input: &Generate) -> Result<Generating, ApiError> {
    let organization = managed(cx, tx)?;
    if input.entity_path.split('/').next() != Some(organization.id.as_str()) {
        // AWS's text.
        let text = "The organization ID in the specified entity path is different than your organization ID.";
        return Err(ApiError::new("AccessDenied", text));
    }
    if let Some(report) = same(cx, tx, input) {
        return Ok(Generating { job_id: report.id.clone() });
    }
    if held(cx, tx).any(|report| cx.now < report.completed_at) {
        // AWS's text.
        return Err(ApiError::new("ReportGenerationLimitExceeded", "Maximum number of concurrent jobs exceeded"));
    }
    let report = OrganizationReport {
        account: cx.account(),
        id: cx.ids.uuid(),
        asked_by: cx.caller.user_id(),
        entity_path: input.entity_path.clone(),
        policy_id: input.organizations_policy_id.clone(),
        created_at: cx.now,
        completed_at: cx.now.checked_add(cx.settings.states.lasting(SECONDS)).unwrap_or(cx.now),
        services: services(tx, &organization, input),
    };
    let job_id = report.id.clone();
    tx.put(report);
    Ok(Generating { job_id })
}

/// The reports of the caller's account.
fn held<'w>(cx: &Cx, world: &'w World) -> impl Iterator<Item = &'w Arc<OrganizationReport>> + use<'w> {
    world.scan(&[cx.account().as_str()])
}

/// The report that the caller asked for a moment ago in the same words.
fn same<'w>(cx: &Cx, world: &'w World, input: &Generate) -> Option<&'w OrganizationReport> {
    let asker = cx.caller.user_id();
    held(cx, world).map(AsRef::as_ref).find(|report: &&OrganizationReport| {
        report.asked_by == asker
            && (&report.entity_path, &report.policy_id) == (&input.entity_path, &input.organizations_policy_id)
            && cx.now.duration_since(report.created_at) < REUSED
    })
}

/// What the report says. The failures' codes and texts are AWS's.
fn services(world: &World, organization: &Organization, input: &Generate) -> Result<Vec<ServiceAccess>, ReportFailure> {
    let id = input.entity_path.rsplit('/').next().unwrap_or_default();
    if organization.entity_path(id).as_ref() != Some(&input.entity_path) {
        return Err(failure("INVALID_ORGANIZATIONS_ENTITY_PATH", "entity with the specified path"));
    }
    let is_management = id == organization.management_account.as_str();
    // No policy limits the management account, so one that is named does not matter.
    let policy = input.organizations_policy_id.as_deref().filter(|_| !is_management);
    let levels = match policy {
        Some(policy) => vec![one(organization, policy)?],
        None if is_management => Vec::new(),
        None => all_above(organization, id),
    };
    let accounts = organization
        .accounts_under(id)
        .filter(|account| is_management || *account != organization.management_account)
        .filter(|account| policy.is_none_or(|policy| organization.limits(policy, *account)));
    let uses = uses(world, accounts);
    let allowed = |namespace: &str| levels.iter().all(|level| allows(level, namespace));
    let names = facts::services().map(|(namespace, _)| namespace).filter(|namespace| allowed(namespace));
    Ok(names.map(|namespace| access(organization, &uses, namespace)).collect())
}

fn failure(code: &str, what: &str) -> ReportFailure {
    let message = format!("The {what} does not exist in your organization.");
    ReportFailure { code: code.to_owned(), message }
}

/// The documents that hold at one level.
type Level = Vec<Arc<policy::Document>>;

fn allows(level: &Level, namespace: &str) -> bool {
    let documents: Vec<&policy::Document> = level.iter().map(AsRef::as_ref).collect();
    granted::service(&documents, namespace)
}

/// One policy as if it were a level of its own.
fn one(organization: &Organization, policy: &str) -> Result<Level, ReportFailure> {
    let found = organization.policies.get(policy).filter(|policy| policy.kind == ControlKind::ServiceControlPolicy);
    let found = found.ok_or_else(|| failure("INVALID_ORGANIZATIONS_POLICY", "policy with the specified ID"))?;
    Ok(found.document.document().cloned().into_iter().collect())
}

fn all_above(organization: &Organization, id: &str) -> Vec<Level> {
    let levels = organization.levels_above(id, ControlKind::ServiceControlPolicy).into_iter();
    levels.map(|level| level.into_iter().map(|held| held.document).collect()).collect()
}

/// The uses of these accounts by the namespace of the service.
fn uses(world: &World, accounts: impl Iterator<Item = AccountId>) -> BTreeMap<&str, Summary<'_>> {
    let all = accounts.flat_map(|account| last_accessed::of_account(world, account));
    last_accessed::by_service(all.map(AsRef::as_ref))
}

fn access(organization: &Organization, uses: &BTreeMap<&str, Summary<'_>>, namespace: &str) -> ServiceAccess {
    let used = uses.get(namespace);
    let last = used.and_then(|used| {
        let path = organization.entity_path(used.last.account.as_str())?;
        Some((used.last.region.clone(), used.last.at, path))
    });
    ServiceAccess { namespace: namespace.to_owned(), accounts: used.map_or(0, |used| used.accounts.len()), last }
}

fn get(cx: &Cx, world: &World, input: &Get) -> Result<Report, ApiError> {
    managed(cx, world)?;
    let found = world.get::<OrganizationReport>(&[cx.account().as_str(), &input.job_id]);
    let report = found.ok_or_else(|| entity::missing(format!("Job {} does not exist.", input.job_id)))?;
    let out = Report { job_creation_date: report.created_at, ..Report::default() };
    if cx.now < report.completed_at {
        return Ok(Report { job_status: "IN_PROGRESS", ..out });
    }
    let out = Report { job_completion_date: Some(report.completed_at), ..out };
    match &report.services {
        Ok(services) => completed(report, services, input, out),
        Err(ReportFailure { code, message }) => {
            let error_details = ErrorDetails { message: message.clone(), code: code.clone() };
            Ok(Report { job_status: "FAILED", error_details: Some(error_details), ..out })
        }
    }
}

fn completed(
    report: &OrganizationReport,
    services: &[ServiceAccess],
    input: &Get,
    out: Report,
) -> Result<Report, ApiError> {
    let key = input.sort_key.as_deref().unwrap_or("SERVICE_NAMESPACE_ASCENDING");
    // A page's token names a place in this order.
    let places = sorted(services, key).into_iter().enumerate().map(|(place, service)| (format!("{place:08}"), service));
    let scope = format!("services of organization report {} {key}", report.id);
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, places, |(place, _)| place.clone())?;
    let unused = services.iter().filter(|service| service.accounts == 0).count();
    Ok(Report {
        job_status: "COMPLETED",
        number_of_services_accessible: Some(count(services.len())),
        number_of_services_not_accessed: Some(count(unused)),
        is_truncated: page.is_truncated(),
        marker: page.next,
        access_details: Some(page.items.into_iter().map(|(_, service)| detail(service)).collect()),
        ..out
    })
}

/// By namespace, or by the last use: of times the unused ones have the least. Those of the same time go by namespace.
fn sorted<'r>(services: &'r [ServiceAccess], key: &str) -> Vec<&'r ServiceAccess> {
    let mut sorted: Vec<&ServiceAccess> = services.iter().collect();
    let at = |service: &&ServiceAccess| service.last.as_ref().map(|(_, at, _)| *at);
    sorted.sort_by(|one, other| one.namespace.cmp(&other.namespace));
    match key {
        "SERVICE_NAMESPACE_DESCENDING" => sorted.reverse(),
        "LAST_AUTHENTICATED_TIME_ASCENDING" => sorted.sort_by_key(at),
        "LAST_AUTHENTICATED_TIME_DESCENDING" => sorted.sort_by_key(|service| std::cmp::Reverse(at(service))),
        _ => {}
    }
    sorted
}

/// IAM has one region for all, which AWS shows even where it was not used.
fn detail(service: &ServiceAccess) -> Detail {
    let last = service.last.as_ref();
    let unused = (service.namespace == "iam").then(|| "us-east-1".to_owned());
    Detail {
        service_name: facts::service_name(&service.namespace).unwrap_or_default(),
        service_namespace: service.namespace.clone(),
        region: last.map(|(region, _, _)| region.clone()).or(unused),
        entity_path: last.map(|(_, _, path)| path.clone()),
        last_authenticated_time: last.map(|(_, at, _)| *at),
        total_authenticated_entities: count(service.accounts),
    }
}
