//! The admin API under `/_rolecall/`: JSON for our own commands, test suites and the console. It is no AWS API and takes no signature.
//!
//! A web page must not reach it: a foreign Host or Origin is refused, so DNS rebinding gains nothing. When the server listens beyond
//! loopback everything but `health` asks for the root secret as a bearer token.

mod log;

use std::sync::Arc;

use bytes::Bytes;
use ec2::s3_file::S3File;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Response, StatusCode};
use iam::outbound_federation::publish;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{Service, authorization_id};
use storage::Tx;

use crate::behind_the_scenes;
use crate::clock::{self, Offset};
use crate::identity_keys;
use crate::organization;
use crate::request::Raw;
use crate::server::{self, Server};
use crate::task_credentials;

mod instance_events;
mod oidc_keys;
mod outposts;
mod parameters;
mod resource_shares;
mod s3_files;

pub type Reply = Result<Value, Refusal>;

/// Why a call is refused: a status and one line.
pub struct Refusal(pub StatusCode, pub String);

pub fn bad(text: impl Into<String>) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, text.into())
}

fn missing(text: impl Into<String>) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, text.into())
}

/// Answers a request whose path begins with `/_rolecall/`.
pub async fn answer(server: &Arc<Server>, raw: &Raw) -> Response<Full<Bytes>> {
    if let Some(file) = file(server, raw).await {
        return with_type(Bytes::from(file.body.clone()), &file.media_type);
    }
    let (status, body) = match of_task(server, raw).await {
        Some(answer) => answer,
        None => match reply(server, raw).await {
            Ok(body) => (StatusCode::OK, body),
            Err(Refusal(status, text)) => (status, json!({"error": text})),
        },
    };
    let mut response = with_type(Bytes::from(format!("{body}\n")), "application/json");
    *response.status_mut() = status;
    response
}

fn with_type(body: Bytes, media_type: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    if let Ok(value) = HeaderValue::from_str(media_type) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

/// The file of a bucket that is asked for, which is answered as it is. Where there is none, or the caller may not have it, [`reply`] says so.
async fn file(server: &Server, raw: &Raw) -> Option<Arc<S3File>> {
    let named = s3_files::read_by(raw)?;
    own_host(server, raw).and_then(|()| entitled(server, raw)).ok()?;
    s3_files::find(server, &named).await
}

/// A task's credentials have an authorization and a form of error of their own.
async fn of_task(server: &Server, raw: &Raw) -> Option<(StatusCode, Value)> {
    own_host(server, raw).ok()?;
    task_credentials::answer(server, raw).await
}

async fn reply(server: &Arc<Server>, raw: &Raw) -> Reply {
    if let Some(document) = issuer_document(server, raw).await {
        return Ok(document);
    }
    own_host(server, raw)?;
    let path = raw.parts.uri.path().trim_start_matches("/_rolecall/").trim_end_matches('/').to_owned();
    if path != "health" {
        entitled(server, raw)?;
    }
    let steps: Vec<&str> = path.split('/').collect();
    if let Some(reply) = behind_the_scenes::reply(server, &raw.parts.method, &steps, &raw.body).await {
        return reply;
    }
    if let Some(reply) = instance_events::reply(server, &raw.parts.method, &steps, &raw.body).await {
        return reply;
    }
    if let Some(reply) = s3_files::change(server, raw).await {
        return reply;
    }
    match (&raw.parts.method, steps.as_slice()) {
        (&Method::GET, ["health"]) => Ok(json!({"status": "ok"})),
        (&Method::GET, ["info"]) => Ok(info(server)),
        (&Method::POST, ["reset"]) => reset(server).await,
        (&Method::GET, ["clock"]) => Ok(show_clock(server)),
        (&Method::POST, ["clock"]) => move_clock(server, &raw.body).await,
        (&Method::GET, ["instances"]) => instances(server).await,
        (&Method::GET, ["instances", id]) => instance(server, id).await,
        (&Method::PUT, ["instances", id, "source"]) => register_source(server, id, raw).await,
        (&Method::GET, ["identity-certificates"]) => identity_certificates(server).await,
        (&Method::GET, ["oidc-keys"]) => oidc_keys::list(server).await,
        (&Method::PUT, ["oidc-keys"]) => oidc_keys::put(server, &raw.body).await,
        (&Method::DELETE, ["oidc-keys"]) => oidc_keys::remove(server, &raw.body).await,
        (&Method::GET, ["decisions"]) => log::decisions(server, raw.parts.uri.query().unwrap_or_default()).await,
        (&Method::GET, ["decisions", id]) => server
            .decisions
            .find(authorization_id::request_id(id).as_deref().unwrap_or(id))
            .await
            .ok_or_else(|| missing(format!("no decision with the request id `{id}` is known"))),
        (&Method::GET, ["organization"]) => organization(server).await,
        (&Method::PUT, ["organization"]) => put_organization(server, &raw.body).await,
        (&Method::DELETE, ["organization"]) => delete_organization(server).await,
        (&Method::PUT, ["outposts"]) => outposts::put(server, &raw.body).await,
        (&Method::DELETE, ["outposts"]) => outposts::remove(server, &raw.body).await,
        (&Method::GET, ["resource-shares"]) => resource_shares::list(server).await,
        (&Method::PUT, ["resource-shares"]) => resource_shares::put(server, &raw.body).await,
        (&Method::DELETE, ["resource-shares"]) => resource_shares::remove(server, &raw.body).await,
        (&Method::GET, ["s3-files"]) => Ok(s3_files::list(server).await),
        (&Method::GET, ["s3-files", ..]) => Err(missing("there is no such file")),
        (&Method::POST, ["tasks"]) => task_credentials::start(server, &raw.body).await,
        (&Method::GET, ["policy"]) => log::policy(server, raw.parts.uri.query().unwrap_or_default()).await,
        (
            _,
            [
                "health"
                | "info"
                | "reset"
                | "clock"
                | "instances"
                | "decisions"
                | "policy"
                | "oidc-keys"
                | "organization"
                | "identity-certificates"
                | "outposts"
                | "resource-shares"
                | "s3-files"
                | "tasks",
                ..,
            ],
        ) => Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, "that method is not for this path".into())),
        _ => Err(missing("no such path")),
    }
}

/// The documents of issuers of web identity tokens are for everybody, as on AWS: whoever verifies a token may come under any name.
async fn issuer_document(server: &Server, raw: &Raw) -> Option<Value> {
    let path = raw.parts.uri.path().strip_prefix(publish::PATH)?;
    let (issuer, document) = path.split_once('/')?;
    let world = server.store.snapshot(server.clock.read().now).await;
    let readable = matches!(raw.parts.method, Method::GET | Method::HEAD);
    publish::document(&world, &server.settings.issuer_base, issuer, document).filter(|_| readable)
}

/// Host and Origin must be ours: loopback, the address listened on, or an allowed name. A Host may be any IP address: a page that rebinds a name
/// of its own sends that name.
fn own_host(server: &Server, raw: &Raw) -> Result<(), Refusal> {
    let host = raw.header("host").unwrap_or_default();
    let origin = origin(raw);
    let is_address = name_of(host).parse::<std::net::IpAddr>().is_ok();
    let foreign =
        if is_address || is_ours(server, host) { origin.filter(|origin| !is_ours(server, origin)) } else { Some(host) };
    match foreign {
        Some(name) => Err(Refusal(
            StatusCode::FORBIDDEN,
            format!("`{name}` is not a name of this server (--allowed-host adds one)"),
        )),
        None => Ok(()),
    }
}

/// Whether a web page of somebody else's made the browser send this. The well-known root secret is no secret to such a page, and a presigned
/// request needs nothing but a link; clients that are no browsers send neither header.
pub fn is_foreign_page(server: &Server, raw: &Raw) -> bool {
    let origin = origin(raw);
    raw.header("sec-fetch-site").is_some_and(|site| site == "cross-site")
        || origin.is_some_and(|origin| !is_ours(server, origin))
}

/// The page that made a browser send this, as `host:port`; none for clients that are no browsers.
fn origin(raw: &Raw) -> Option<&str> {
    raw.header("origin").map(|origin| origin.split_once("://").map_or(origin, |(_, rest)| rest))
}

/// The name or address of `host:port`.
fn name_of(authority: &str) -> &str {
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    };
    name.trim_start_matches('[').trim_end_matches(']')
}

fn is_ours(server: &Server, authority: &str) -> bool {
    let name = name_of(authority);
    let address = name.parse::<std::net::IpAddr>();
    name == "localhost"
        || address.is_ok_and(|address| address.is_loopback() || address == server.serve.listen.ip())
        || server.serve.allowed_host.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
}

fn entitled(server: &Server, raw: &Raw) -> Result<(), Refusal> {
    if server.serve.listen.ip().is_loopback() {
        return Ok(());
    }
    let (_, secret, _) = server::root_key(&server.serve);
    let given = raw.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if server.equal_secrets(given, &secret) {
        return Ok(());
    }
    Err(Refusal(StatusCode::UNAUTHORIZED, "beyond loopback the root secret is asked for as a bearer token; our commands take it from --root-secret or ROLECALL_ROOT_SECRET".into()))
}

fn info(server: &Server) -> Value {
    let (id, secret, account) = server::root_key(&server.serve);
    let model = |service: Service| json!({"apiVersion": wire::model(service).api_version, "source": wire::model(service).source});
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "auth": server.serve.auth.as_str(),
        "account": account,
        "rootKey": id,
        "rootSecret": server.serve.root_secret.is_none().then_some(secret),
        "state": server.serve.state.to_string(),
        "relaxations": server::relaxations(&server.serve),
        "models": {"iam": model(Service::Iam), "sts": model(Service::Sts), "ec2": model(Service::Ec2), "ssm": model(Service::Ssm)},
    })
}

async fn reset(server: &Server) -> Reply {
    server.reset().await.map_err(|error| Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    server.decisions.clear().await;
    Ok(json!({"reset": true}))
}

fn show_clock(server: &Server) -> Value {
    let moment = server.clock.read();
    json!({
        "now": clock::seconds(moment.now),
        "wall": clock::seconds(moment.wall),
        "offsetSeconds": server.clock.offset().seconds,
        "clientsMoved": moment.clients_moved,
    })
}

/// What can be said of the clock.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoveClock {
    /// `6h`, `1h30m`, `-15m`
    advance: Option<String>,
    /// A time: `2030-01-01T00:00:00Z`
    set: Option<String>,
    reset: Option<bool>,
    clients_moved: Option<bool>,
}

/// A clock further away than this is surely a mistake; it also keeps arithmetic in range.
const FARTHEST_SECONDS: i64 = 200 * 366 * 24 * 3600;

async fn move_clock(server: &Server, body: &[u8]) -> Reply {
    let wanted: MoveClock = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let held = server.clock.offset();
    let mut offset = Offset::clone(&held);
    if let Some(by) = &wanted.advance {
        let by = clock::duration(by).ok_or_else(|| bad(format!("`{by}` is not a duration such as 6h, 1h30m or 2d")))?;
        offset.seconds = offset.seconds.saturating_add(by.as_secs());
    }
    if let Some(to) = &wanted.set {
        let to: Timestamp =
            to.parse().map_err(|_| bad(format!("`{to}` is not a time such as 2030-01-01T00:00:00Z")))?;
        offset.seconds = to.as_second() - server.clock.read().wall.as_second();
    }
    if wanted.reset == Some(true) {
        offset = Offset::default();
    }
    if let Some(moved) = wanted.clients_moved {
        offset.clients_moved = moved;
    }
    if offset.seconds.abs() > FARTHEST_SECONDS {
        return Err(bad("the clock cannot be moved by more than two hundred years"));
    }
    let stored = offset.clone();
    // What happened until now happened before the move.
    server.last_uses.flush(&server.store).await;
    let written = server.store.write(clock::wall(), move |tx: &mut Tx| {
        tx.put(stored.clone());
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|_| not_stored("the clock"))?;
    server.clock.put(offset);
    Ok(show_clock(server))
}

/// The certificates of instance identity documents, by the form of signature they verify. All are the same here; on AWS they differ.
async fn identity_certificates(server: &Server) -> Reply {
    let keys = identity_keys::ready(server).await.ok_or_else(|| not_stored("the keys"))?;
    let certificate = keys.certificate();
    Ok(json!({"signature": certificate, "pkcs7": certificate, "rsa2048": certificate}))
}

async fn instances(server: &Server) -> Reply {
    instance_events::carry_out(server).await;
    let world = server.store.snapshot(server.clock.read().now).await;
    let list: Vec<Value> = ec2::instance::all(&world).map(|instance| describe(server, &world, instance)).collect();
    Ok(json!({"instances": list}))
}

async fn instance(server: &Server, id: &str) -> Reply {
    instance_events::carry_out(server).await;
    let world = server.store.snapshot(server.clock.read().now).await;
    let found =
        ec2::instance::by_id_anywhere(&world, id).ok_or_else(|| missing(format!("there is no instance `{id}`")))?;
    Ok(describe(server, &world, &found))
}

fn describe(server: &Server, world: &service::World, instance: &ec2::instance::Instance) -> Value {
    let state = ec2::instance::state_at(instance, world.now(), server.settings.states);
    json!({
        "instanceId": instance.id,
        "account": instance.account,
        "region": instance.region,
        "state": state.name(),
        "metadata": server.metadata.url(instance.metadata_address),
    })
}

/// A container tells from which address it will ask for its instance's metadata.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    /// Absent: the address this very request comes from.
    address: Option<std::net::IpAddr>,
    /// How many network hops away it is: a token's answer reaches it only if the instance's hop limit allows.
    #[serde(default = "one_hop")]
    hops: i64,
}

fn one_hop() -> i64 {
    1
}

async fn register_source(server: &Server, id: &str, raw: &Raw) -> Reply {
    let source: Source = match raw.body.is_empty() {
        true => Source { address: None, hops: 1 },
        false => serde_json::from_slice(&raw.body).map_err(|error| bad(error.to_string()))?,
    };
    let world = server.store.snapshot(server.clock.read().now).await;
    let found =
        ec2::instance::by_id_anywhere(&world, id).ok_or_else(|| missing(format!("there is no instance `{id}`")))?;
    let address = source.address.unwrap_or_else(|| raw.peer.ip()).to_canonical();
    let record = crate::metadata::Source {
        address: address.to_string(),
        account: found.account,
        region: found.region.to_string(),
        instance_id: found.id.clone(),
        hops: source.hops,
    };
    let written = server.store.write(clock::wall(), move |tx: &mut Tx| {
        tx.put(record.clone());
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|_| not_stored("the address"))?;
    Ok(json!({"instanceId": id, "address": address.to_string()}))
}

async fn organization(server: &Server) -> Reply {
    let world = server.store.snapshot(server.clock.read().now).await;
    service::Organization::of(&world).map(|held| organization::show(&held)).ok_or_else(no_organization)
}

fn no_organization() -> Refusal {
    missing("no account is in an organization")
}

async fn put_organization(server: &Server, body: &[u8]) -> Reply {
    let text = std::str::from_utf8(body).map_err(|_| bad("the body is not UTF-8"))?;
    let wanted = iam::organization::file::read(text).map_err(bad)?;
    let shown = organization::show(&wanted);
    organization::put(&server.store, wanted).await.map_err(|_| not_stored("the organization"))?;
    Ok(shown)
}

async fn delete_organization(server: &Server) -> Reply {
    match organization::remove(&server.store).await {
        Ok(true) => Ok(json!({"deleted": true})),
        Ok(false) => Err(no_organization()),
        Err(_) => Err(not_stored("the organization")),
    }
}

/// The refusal of a change that the store did not take.
pub fn not_stored(what: &str) -> Refusal {
    Refusal(StatusCode::INTERNAL_SERVER_ERROR, format!("{what} could not be stored"))
}
