//! The calls about the log of decisions: a page of it, what comes next in it, and the least policy for what it saw of somebody.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use service::Service;

use super::parameters::Parameters;
use super::{Refusal, Reply, StatusCode, bad, missing};
use crate::decisions::{Page, Query, Verdict, needed};
use crate::server::Server;

const MOST_AT_ONCE: usize = 1_000;
const USUAL: usize = 100;
/// The longest time a call waits for decisions to come.
const LONGEST_WAIT: u64 = 30;

/// The part of the parameters that says which decisions are meant.
fn query(parameters: &mut Parameters, now: Timestamp) -> Result<Query, Refusal> {
    let limit = parameters.number("limit")?.map_or(USUAL, |limit| usize::try_from(limit).unwrap_or(MOST_AT_ONCE));
    Ok(Query {
        principal: parameters.take("principal"),
        action: parameters.take("action"),
        resource: parameters.take("resource"),
        service: parameters.take("service").map(known_service).transpose()?,
        account: parameters.take("account"),
        verdict: parameters.take("verdict").map(|word| verdict(&word)).transpose()?,
        since: parameters.time("since", now)?,
        until: parameters.time("until", now)?,
        before: parameters.number("before")?,
        limit: limit.clamp(1, MOST_AT_ONCE),
    })
}

fn known_service(name: String) -> Result<String, Refusal> {
    let names: Vec<&str> = Service::ALL.into_iter().map(|service| service.as_str()).collect();
    if names.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(bad(format!("`{name}` is no service that is here; there are {}", names.join(", "))))
}

fn verdict(word: &str) -> Result<Verdict, Refusal> {
    let known = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word);
    known.ok_or_else(|| {
        let words: Vec<&str> = Verdict::ALL.into_iter().map(Verdict::word).collect();
        bad(format!("`{word}` is no verdict; there are {}", words.join(", ")))
    })
}

/// `principal`, `action`, `resource`, `service`, `account`, `verdict`, `since`, `until` and `limit` choose; `before` (the answer's `next`) gives
/// the next older page; `after` gives what came behind that number, waiting up to `wait` seconds for the first.
pub async fn decisions(server: &Server, parameters: &str) -> Reply {
    let mut parameters = Parameters::parse(parameters);
    let query = query(&mut parameters, server.clock.read().now)?;
    let (after, wait) = (parameters.number("after")?, parameters.number("wait")?);
    parameters.end()?;
    let page = match after {
        Some(after) => {
            let wait = Duration::from_secs(wait.unwrap_or_default().min(LONGEST_WAIT));
            server.decisions.follow(&query, after, wait).await
        }
        None => server.decisions.page(&query).await.map_err(unreadable)?,
    };
    let Page { decisions, next } = page;
    Ok(json!({"decisions": decisions, "next": next}))
}

fn unreadable(error: String) -> Refusal {
    Refusal(StatusCode::INTERNAL_SERVER_ERROR, format!("the decision file could not be read: {error}"))
}

/// The least policy that allows what the log saw allowed, or would have seen denied, of a principal.
pub async fn policy(server: &Server, parameters: &str) -> Reply {
    let mut parameters = Parameters::parse(parameters);
    let query = query(&mut parameters, server.clock.read().now)?;
    parameters.end()?;
    let Some(principal) = query.principal.clone() else { return Err(bad("`principal` is missing")) };
    let seen = server.decisions.needs(&query).await.map_err(unreadable)?;
    if seen.needs.is_empty() {
        return Err(missing(format!("the log knows no request of `{principal}` that needed a permission")));
    }
    let policies = needed::policies(seen.needs);
    Ok(json!({
        "principal": principal,
        "requests": seen.requests,
        "widened": policies.widened,
        "policies": policies.documents,
    }))
}
