//! IAM Toolbox, AWS's Access Troubleshooter: why a request was denied, asked for by the authorization id in its error. It speaks JSON over paths, is
//! signed as IAM, and answers from the log of decisions, so that what a policy said is told after the policy is gone.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>

use std::sync::Arc;

use hyper::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::organization::Organization;
use service::{ApiError, Check, Cx, Service, World, authorization_id, decide};

use crate::cli::AuthMode;
use crate::clock::Moment;
use crate::decisions::{Checked, Decided, Trail};
use crate::pipeline;
use crate::request::Raw;
use crate::response::Answer;
use crate::server::Server;

/// Where denials are.
pub const PATH: &str = "/authorization-details/";

/// How an id looks.
const PATTERN: &str = "[0123456789abcdefghijklmnopqrstuvwxyz]+";
const LONGEST_ID: usize = 256;
/// How long AWS keeps what it knows of a denial.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What is asked for.
enum Asked {
    Details,
    Policy,
}

impl Asked {
    fn operation(&self) -> &'static str {
        match self {
            Asked::Details => "GetRequestAuthorizationDetails",
            Asked::Policy => "GetRequestAuthorizationPolicy",
        }
    }
}

/// Answers a request below [`PATH`].
pub async fn answer(
    server: &Server,
    raw: &Raw,
    headers: &[(&str, &str)],
    moment: Moment,
    request_id: Arc<str>,
) -> Answer {
    let mut trail = Trail::begin(request_id.clone(), Service::Iam, moment, server.authenticator.mode);
    let answered = serve(server, raw, headers, moment, &mut trail).await;
    let answer = match answered {
        Ok(found) => written(StatusCode::OK, &found, None, &request_id),
        Err(error) => refused(&error, &request_id),
    };
    server.decisions.record(trail.end(answer.error.as_ref(), crate::clock::wall()));
    answer.with_time(moment.now)
}

async fn serve(
    server: &Server,
    raw: &Raw,
    headers: &[(&str, &str)],
    moment: Moment,
    trail: &mut Trail,
) -> Result<Value, ApiError> {
    let (id, asked) = target(raw)?;
    trail.operation(asked.operation());
    let world = server.store.snapshot(moment.now).await;
    let sender = server.authenticator.authenticate(&world, raw, headers, Service::Iam, moment)?;
    trail.caller(&sender.caller, sender.region);
    sts::token::may_call(&sender.caller, Service::Iam, asked.operation())?;
    let cx = pipeline::context(server, raw, sender, moment, trail.request_id());
    let policy = valid(raw, &id, &asked)?;
    permitted(server, &cx, &world, &asked, trail)?;
    let unknown = || ApiError::new("ResourceNotFoundException", NOT_FOUND);
    let request = authorization_id::request_id(&id).ok_or_else(unknown)?;
    let told = server.decisions.find(&request).await.ok_or_else(unknown)?;
    let mut details = of_reader(&cx, &world, &told).ok_or_else(unknown)?;
    let policies = details.get_mut("policies").and_then(Value::as_array_mut).ok_or_else(unknown)?;
    if let Some(uri) = policy {
        let found = policies.iter_mut().find(|policy| policy.get("uri").and_then(Value::as_str) == Some(uri.as_str()));
        let document = found.and_then(|policy| policy.get_mut("document")).ok_or_else(unknown)?;
        return Ok(json!({"policyDocument": document.take()}));
    }
    for policy in policies.iter_mut().filter_map(Value::as_object_mut) {
        policy.remove("document");
    }
    let member = |name: &str| details.get(name).cloned().unwrap_or_default();
    Ok(json!({
        "requestContext": member("requestContext"),
        "evaluations": member("evaluations"),
        "policies": member("policies"),
    }))
}

const NOT_FOUND: &str = "The requested authorization details do not exist in this region or have expired.";

/// The id in the path, and which of the two operations it is.
fn target(raw: &Raw) -> Result<(String, Asked), ApiError> {
    let unknown = || ApiError::new("UnknownOperationException", "");
    let path =
        raw.parts.uri.path().strip_prefix(PATH).filter(|_| raw.parts.method == Method::GET).ok_or_else(unknown)?;
    let (id, asked) = match path.split_once('/') {
        None => (path, Asked::Details),
        Some((id, "policy")) => (id, Asked::Policy),
        Some(_) => return Err(unknown()),
    };
    Ok((percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned(), asked))
}

/// Holds the input against the model, and gives the policy that is wanted, if one is.
fn valid(raw: &Raw, id: &str, asked: &Asked) -> Result<Option<String>, ApiError> {
    let violated = |member: &str, value: &str, constraint: &str| {
        let text =
            format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}");
        Err(ApiError::new("ValidationException", text).because(value.to_owned()))
    };
    if id.len() > LONGEST_ID {
        return violated("authorizationId", id, &format!("Member must have length less than or equal to {LONGEST_ID}"));
    }
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()) {
        return violated("authorizationId", id, &format!("Member must satisfy regular expression pattern: {PATTERN}"));
    }
    let query = raw.parts.uri.query().unwrap_or_default();
    let given = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    match asked {
        // Everything is told on the first page, so no page has a token.
        Asked::Details if given("nextToken").is_some() => {
            Err(ApiError::new("ValidationException", "The pagination token is not valid."))
        }
        Asked::Details => Ok(None),
        Asked::Policy => match given("policyUri") {
            Some(uri) => Ok(Some(uri)),
            None => violated("policyUri", "", "Member must not be null"),
        },
    }
}

/// Decides whether the caller may ask.
fn permitted(server: &Server, cx: &Cx, world: &World, asked: &Asked, trail: &mut Trail) -> Result<(), ApiError> {
    let held = Arc::new(iam::policy_sets(world, &cx.caller));
    let check = Check { action: format!("iam:{}", asked.operation()), ..Check::any() };
    let allowed = decide::allows(cx, &check, &held);
    let denial = (!allowed).then(|| decide::denial(cx, world, Service::Iam, &decide::decide(cx, &check, &held)));
    let mut decided = Decided::by(cx, held);
    decided.checked.push(Checked { check, allowed });
    trail.decided(Some(Box::new(decided)), false);
    match denial {
        Some(denial) if server.authenticator.mode == AuthMode::Enforced => Err(denial),
        _ => Ok(()),
    }
}

/// The details of a denial, for whoever is of the account or the organisation of who was denied, in the region where it was, for a day.
fn of_reader(cx: &Cx, world: &World, told: &Value) -> Option<Value> {
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    let details = told.get("details").filter(|details| details.is_object())?;
    let at: Timestamp = text("time")?.parse().ok()?;
    let organization = details.get("organization").and_then(Value::as_str);
    let is_of_organization = organization
        .is_some_and(|id| Organization::of(world).is_some_and(|held| held.id == id && held.has(cx.account())));
    let may_read = text("account") == Some(cx.account().as_str()) || is_of_organization;
    let is_here = text("region") == Some(cx.region_name()) && cx.now.duration_since(at) <= KEPT_FOR;
    (may_read && is_here).then(|| details.clone())
}

fn refused(error: &ApiError, request_id: &str) -> Answer {
    let status = match error.code.as_ref() {
        "ResourceNotFoundException" | "UnknownOperationException" => StatusCode::NOT_FOUND,
        "ValidationException" => StatusCode::BAD_REQUEST,
        _ => StatusCode::from_u16(error.status(Service::Iam)).unwrap_or(StatusCode::BAD_REQUEST),
    };
    let error = crate::response::called_in_json(error);
    let body = json!({"__type": error.code, "message": error.message});
    written(status, &body, Some(error), request_id)
}

fn written(status: StatusCode, body: &Value, error: Option<ApiError>, request_id: &str) -> Answer {
    Answer {
        status,
        content_type: "application/json",
        body: body.to_string().into_bytes(),
        request_id: request_id.to_owned(),
        error,
        time: None,
        location: None,
    }
}
