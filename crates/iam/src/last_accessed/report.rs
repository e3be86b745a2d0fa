//! Reports of what was last accessed: asked for, and fetched when they are ready. A report holds what it says from the moment it is asked for;
//! that it takes a while is computed from the clock.

use std::collections::BTreeMap;

use service::prelude::*;
use service::{facts, paging};

use super::subject::Subject;
use super::{Summary, granted, summed_up};
use crate::entity;
use crate::record::{AccessReport, Accessor, LastAccessed, Role, User};

service::operations! { Iam;
    GenerateServiceLastAccessedDetails => write(generate) authorize(to_generate) fresh_uses(),
    GetServiceLastAccessedDetails => read(details) authorize(to_fetch) scan(),
    GetServiceLastAccessedDetailsWithEntities => read(with_entities) authorize(to_fetch_entities) scan(),
}

/// About as long as AWS takes.
const SECONDS: i64 = 2;
/// The services on a page where no size is asked for: twice what AWS documents (as it was recorded in September 2026).
const SERVICES_ON_A_PAGE: i64 = 200;

#[derive(Debug, Deserialize, Shaped)]
struct Generate {
    arn: String,
    granularity: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Generating {
    job_id: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct Fetch {
    job_id: String,
    max_items: Option<i64>,
    marker: Option<String>,
}

#[derive(Debug, Default, Serialize, Shaped)]
struct Details {
    job_status: &'static str,
    job_type: Option<&'static str>,
    job_creation_date: Timestamp,
    services_last_accessed: Option<Vec<ServiceOut>>,
    job_completion_date: Option<Timestamp>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct ServiceOut {
    service_name: &'static str,
    last_authenticated: Option<Timestamp>,
    service_namespace: String,
    last_authenticated_entity: Option<String>,
    last_authenticated_region: Option<String>,
    total_authenticated_entities: i64,
    tracked_actions_last_accessed: Option<Vec<ActionOut>>,
}

#[derive(Debug, Serialize, Shaped)]
struct ActionOut {
    action_name: String,
    last_accessed_entity: Option<String>,
    last_accessed_time: Option<Timestamp>,
    last_accessed_region: Option<String>,
}

#[derive(Debug, Deserialize, Shaped)]
struct FetchEntities {
    job_id: String,
    service_namespace: String,
    max_items: Option<i64>,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Entities {
    job_status: &'static str,
    job_creation_date: Timestamp,
    job_completion_date: Option<Timestamp>,
    entity_details_list: Vec<EntityDetails>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct EntityDetails {
    entity_info: EntityInfo,
    last_authenticated: Option<Timestamp>,
}

#[derive(Debug, Serialize, Shaped)]
struct EntityInfo {
    arn: String,
    name: String,
    r#type: &'static str,
    id: String,
    path: String,
}

fn to_generate(cx: &Cx, world: &World, input: &Generate) -> Vec<Check> {
    vec![Subject::check(cx, world, &input.arn)]
}

fn to_fetch(_: &Cx, _: &World, _: &Fetch) -> Vec<Check> {
    vec![Check::any()]
}

fn to_fetch_entities(_: &Cx, _: &World, _: &FetchEntities) -> Vec<Check> {
    vec![Check::any()]
}

fn generate(cx: &Cx, tx: &mut Tx, input: &Generate) -> Result<Generating, ApiError> {
    let subject = Subject::find(cx, tx, &input.arn)?;
    let by_action = input.granularity.as_deref() == Some("ACTION_LEVEL");
    let documents = subject.documents(tx, cx.account());
    let documents: Vec<&policy::Document> = documents.iter().map(AsRef::as_ref).collect();
    let services = facts::services().filter(|(namespace, _)| granted::service(&documents, namespace));
    let actions = |namespace| if by_action { granted::tracked_actions(&documents, namespace) } else { Vec::new() };
    let report = AccessReport {
        account: cx.account(),
        id: cx.ids.uuid(),
        asked_by: cx.caller.user_id(),
        arn: input.arn.clone(),
        by_action,
        created_at: cx.now,
        completed_at: cx.now.checked_add(cx.settings.states.lasting(SECONDS)).unwrap_or(cx.now),
        services: services.map(|(namespace, _)| (namespace.to_owned(), actions(namespace))).collect(),
        accessors: subject.accessors(cx, tx),
    };
    let job_id = report.id.clone();
    tx.put(report);
    Ok(Generating { job_id })
}

/// The report with that id, which the same user may fetch, with any key, or the same session of a role.
fn find<'w>(cx: &Cx, world: &'w World, id: &str) -> Result<&'w AccessReport, ApiError> {
    let report = world.get::<AccessReport>(&[cx.account().as_str(), id]).map(AsRef::as_ref);
    report
        .filter(|report| report.asked_by == cx.caller.user_id())
        .ok_or_else(|| entity::missing(format!("Job {id} does not exist.")))
}

/// The refusal of a marker, which tells one of another report from a text that is no marker.
fn wrong_marker(marker: Option<&str>) -> ApiError {
    match marker.is_some_and(paging::is_token) {
        true => ApiError::new("InvalidInput", "The marker passed in the request was invalid."),
        false => ApiError::validation("Invalid Marker."),
    }
}

/// The status and, of a finished report, when it was finished.
fn status(cx: &Cx, report: &AccessReport) -> (&'static str, Option<Timestamp>) {
    match cx.now >= report.completed_at {
        true => ("COMPLETED", Some(report.completed_at)),
        false => ("IN_PROGRESS", None),
    }
}

fn details(cx: &Cx, world: &World, input: &Fetch) -> Result<Details, ApiError> {
    let report = find(cx, world, &input.job_id)?;
    let (job_status, job_completion_date) = status(cx, report);
    let is_done = job_completion_date.is_some();
    let services = report.services.iter().filter(|_| is_done);
    let scope = format!("services of report {}", report.id);
    let name = |(namespace, _): &(&String, &Vec<String>)| (*namespace).clone();
    let marker = input.marker.as_deref();
    let size = input.max_items.or(Some(SERVICES_ON_A_PAGE));
    let page = paging::iam(&scope, marker, size, services, name).map_err(|_| wrong_marker(marker))?;
    let job_type = if report.by_action { "ACTION_LEVEL" } else { "SERVICE_LEVEL" };
    Ok(Details {
        job_status,
        job_type: is_done.then_some(job_type),
        job_creation_date: report.created_at,
        job_completion_date,
        is_truncated: page.is_truncated(),
        marker: page.next,
        services_last_accessed: is_done.then(|| services_of(report, page.items)),
    })
}

/// What a report comes to, summed up once for all of its services.
struct Sums<'r> {
    services: BTreeMap<&'r str, Summary<'r>>,
    actions: BTreeMap<&'r str, Summary<'r>>,
    /// By unique id.
    arns: BTreeMap<&'r str, &'r str>,
}

fn services_of(report: &AccessReport, wanted: Vec<(&String, &Vec<String>)>) -> Vec<ServiceOut> {
    let uses = || report.accessors.iter().flat_map(|accessor| &accessor.uses);
    let sums = Sums {
        services: super::by_service(uses()),
        actions: summed_up(uses().filter(|_| report.by_action), |access| &access.action),
        arns: report.accessors.iter().map(|accessor| (accessor.id.as_str(), accessor.arn.as_str())).collect(),
    };
    wanted.into_iter().map(|(namespace, actions)| service(&sums, namespace, actions)).collect()
}

fn arn_of(sums: &Sums<'_>, access: &LastAccessed) -> Option<String> {
    sums.arns.get(access.entity.as_str()).map(|arn| (*arn).to_owned())
}

fn service(sums: &Sums<'_>, namespace: &str, actions: &[String]) -> ServiceOut {
    let sum = sums.services.get(namespace);
    let last = sum.map(|sum| sum.last);
    ServiceOut {
        service_name: facts::service_name(namespace).unwrap_or_default(),
        service_namespace: namespace.to_owned(),
        last_authenticated: last.map(|last| last.at),
        last_authenticated_entity: last.and_then(|last| arn_of(sums, last)),
        last_authenticated_region: last.map(|last| last.region.clone()),
        total_authenticated_entities: sum.map_or(0, |sum| i64::try_from(sum.entities.len()).unwrap_or(i64::MAX)),
        tracked_actions_last_accessed: (!actions.is_empty()).then(|| tracked(sums, namespace, actions)),
    }
}

/// Every tracked action that is allowed, used or not.
fn tracked(sums: &Sums<'_>, namespace: &str, actions: &[String]) -> Vec<ActionOut> {
    let shown = |name: &String| {
        let last = sums.actions.get(format!("{namespace}:{name}").as_str()).map(|sum| sum.last);
        ActionOut {
            action_name: name.clone(),
            last_accessed_entity: last.and_then(|last| arn_of(sums, last)),
            last_accessed_time: last.map(|last| last.at),
            last_accessed_region: last.map(|last| last.region.clone()),
        }
    };
    actions.iter().map(shown).collect()
}

fn with_entities(cx: &Cx, world: &World, input: &FetchEntities) -> Result<Entities, ApiError> {
    let namespace = input.service_namespace.as_str();
    let report = find(cx, world, &input.job_id)?;
    if facts::service_name(namespace).is_none() {
        // AWS's spelling.
        let message = format!("Service namepace {namespace} is either invalid or unsupported.");
        return Err(ApiError::new("InvalidInput", message));
    }
    let (job_status, job_completion_date) = status(cx, report);
    let is_shown = job_completion_date.is_some() && report.services.contains_key(namespace);
    let mut entities: Vec<(String, EntityDetails)> = report
        .accessors
        .iter()
        .filter(|_| is_shown)
        .filter_map(|accessor| {
            let uses = accessor.uses.iter().filter(|access| access.service() == namespace);
            let last_authenticated = uses.map(|access| access.at).max();
            let entity_info = entity_info(cx, world, accessor)?;
            Some((order(last_authenticated, &entity_info), EntityDetails { entity_info, last_authenticated }))
        })
        .collect();
    entities.sort_by(|one, other| one.0.cmp(&other.0));
    let scope = format!("{namespace} of report {}", report.id);
    let marker = input.marker.as_deref();
    let page = paging::iam(&scope, marker, input.max_items, entities, |(order, _)| order.clone())
        .map_err(|_| wrong_marker(marker))?;
    Ok(Entities {
        job_status,
        job_creation_date: report.created_at,
        job_completion_date,
        is_truncated: page.is_truncated(),
        marker: page.next,
        entity_details_list: page.items.into_iter().map(|(_, shown)| shown).collect(),
    })
}

/// The most recent comes first, who did nothing last; of those users before roles.
fn order(last: Option<Timestamp>, entity: &EntityInfo) -> String {
    let before_the_end = last.map_or(i64::MAX, |last| Timestamp::MAX.as_second() - last.as_second());
    let is_role = u8::from(entity.r#type == "ROLE");
    format!("{before_the_end:020} {is_role} {}", entity.arn)
}

/// Who is in the report is settled with it; the name and path are those of today, and who is deleted is not shown (as AWS was recorded in September
/// 2026).
fn entity_info(cx: &Cx, world: &World, accessor: &Accessor) -> Option<EntityInfo> {
    let account = cx.account();
    let key = [account.as_str(), accessor.id.as_str()];
    let info = |kind, arn, name: &str, path: &str| EntityInfo {
        arn,
        name: name.to_owned(),
        r#type: kind,
        id: accessor.id.clone(),
        path: path.to_owned(),
    };
    if accessor.is_role {
        let role = world.get::<Role>(&key).filter(|role| role.gone_at.is_none())?;
        return Some(info("ROLE", entity::role_arn(cx.partition(), role), &role.name, &role.path));
    }
    let user = world.get::<User>(&key)?;
    Some(info("USER", entity::user_arn(cx.partition(), user), &user.name, &user.path))
}
