//! One request, from what was received to the answer. [`answer`] reads aloud; each step takes what only the step before makes.
//!
//! Reading operations run on a snapshot. Writing ones run inside the store, authorisation included, so nothing changes between the check and
//! the act. Every error leaves through [`crate::response`], every request leaves one `Decision`.

use std::sync::Arc;

use jiff::Timestamp;
use service::arn::Arn;
use service::cx::{ClientClock, Cx, Origin, Prepared};
use service::decide;
use service::ids::Ids;
use service::operation::{AnyInput, Output, Run};
use service::regions::{self, Region};
use service::{ApiError, Caller, Operation, Principal, Service, Tx, World};
use storage::WriteError;

use crate::authenticate::Authenticated;
use crate::cli::AuthMode;
use crate::clock::Moment;
use crate::decisions::{Checked, Decided, Trail};
use crate::propagation;
use crate::request::{self, Call, Raw, Route};
use crate::response::{self, Answer};
use crate::server::Server;
use crate::{access_troubleshooter, home, outside};

/// Answers one request to the API. It never fails: whatever goes wrong is an answer.
pub async fn answer(server: &Arc<Server>, raw: Raw) -> Answer {
    let moment = server.clock.read();
    let request_id: Arc<str> = uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string().into();
    let headers = raw.header_lines();
    match request::route(&raw, &headers) {
        Route::Troubleshooter => access_troubleshooter::answer(server, &raw, &headers, moment, request_id).await,
        Route::Foreign(foreign) => response::foreign(&foreign, &request_id).with_time(moment.now),
        Route::Ours(form) => {
            let mode = server.authenticator.mode;
            let mut trail = Trail::begin(request_id.clone(), form.service, moment, mode);
            let answer = match request::call(&raw, form.service) {
                Err(error) => response::unasked(form, &error, raw.parts.uri.query(), &request_id),
                Ok(call) => match serve(server, &raw, &headers, &call, moment, &mut trail).await {
                    Ok(output) => response::success(form, &call, output.as_ref(), &request_id),
                    Err(error) => response::error(form, &error, &request_id),
                },
            };
            server.decisions.record(trail.end(answer.error.as_ref(), crate::clock::wall()));
            answer.with_time(moment.now)
        }
    }
}

async fn serve(
    server: &Arc<Server>,
    raw: &Raw,
    headers: &[(&str, &str)],
    call: &Call,
    moment: Moment,
    trail: &mut Trail,
) -> Result<Box<dyn Output>, ApiError> {
    trail.operation(&call.operation.name);
    let (world, arrived) = state(server, &raw.signed(headers), moment.now).await;
    let sender = authenticate(server, &world, raw, headers, call, moment)?;
    let world = arrived.clone().unwrap_or(world);
    trail.caller(&sender.caller, sender.region);
    if sender.caller.principal != Principal::Anonymous {
        home::check(&world, sender.caller.account, sender.caller.partition, call.service)?;
    }
    server.last_uses.note(&sender.caller, (call.service, &call.operation.name), sender.region, moment.now);
    sts::token::may_call(&sender.caller, call.service, &call.operation.name)?;
    let cx = Cx { arrived, ..context(server, raw, sender, moment, trail.request_id()) };
    let value = wire::decode(call.model, call.operation, &call.params)
        .map_err(|violations| response::violations(call.service, &call.operation.name, &violations))?;
    let Some(row) = server.registry.find(call.service, &call.operation.name) else {
        return Err(ApiError::not_implemented(call.service, &call.operation.name));
    };
    let input =
        row.input(call.model, call.operation, &value).map_err(|error| response::domain(call.service, &error))?;
    let world = settle(server, world, &cx, call.service).await?;
    let world = with_fresh_uses(server, world, &cx, row).await;
    let dry_run = value.get("DryRun").and_then(wire::Value::as_bool).unwrap_or(false);
    let cx = if dry_run && !row.rehearsed { cx } else { prepare(server, cx, &world, row, &input).await };
    let cx = read_outside(cx, &world, row, &input).await;
    run(server, Arc::new(cx), world, call, input, dry_run, trail).await
}

/// The state that proves who sends the request, and the one it reads where changes in IAM take their time: a new long-term key has its way to go,
/// too, but a session's token proves itself.
async fn state(server: &Server, request: &sigv4::Request<'_>, now: Timestamp) -> (World, Option<World>) {
    let newest = server.store.snapshot(now).await;
    if server.propagation.is_none() {
        return (newest, None);
    }
    let scope = sigv4::peek_scope(request);
    let reader = scope.map(|scope| format!("{} {} {}", scope.service, scope.region, scope.access_key_id));
    let arrived = server.arrived(&reader.unwrap_or_default(), now).await;
    let has_token = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-amz-security-token"))
        || request.query.is_some_and(|query| query.contains("X-Amz-Security-Token="));
    (if has_token { newest } else { arrived.clone() }, Some(arrived))
}

fn authenticate(
    server: &Server,
    world: &World,
    raw: &Raw,
    headers: &[(&str, &str)],
    call: &Call,
    moment: Moment,
) -> Result<Authenticated, ApiError> {
    let authenticated = server.authenticator.authenticate(world, raw, headers, call.service, moment);
    match authenticated {
        Err(error) if call.operation.unsigned && error.code == "MissingAuthenticationToken" => {
            let region = unsigned_region(world, call);
            let caller = Caller {
                account: server.settings.default_account,
                partition: &region.partition,
                principal: Principal::Anonymous,
                access_key_id: String::new(),
                session: None,
            };
            Ok(Authenticated { caller: Arc::new(caller), region, client_clock: ClientClock::Wall, global: false })
        }
        other => other,
    }
}

/// Where a request without signature plays: in the main region of the partition its role is of. The account's own partition comes first, so that
/// no role is found under the name it would have elsewhere.
fn unsigned_region(world: &World, call: &Call) -> &'static Region {
    let role = call.params.get("RoleArn").and_then(Arn::parse);
    let home = role.as_ref().and_then(|role| home::of(world, role.account.parse().ok()?));
    let partition = home.as_deref().or(role.map(|role| role.partition)).unwrap_or_default();
    regions::region(regions::global_region(partition)).unwrap_or_else(regions::fallback)
}

/// What is kept of the user agent and the referer.
const LONGEST_HEADER: usize = 2_048;

/// STS's one name for all regions; those of regions have the region in them.
fn is_global_host(host: &str) -> bool {
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("sts.amazonaws.com")
}

/// What a handler is told of the request.
pub fn context(server: &Server, raw: &Raw, sender: Authenticated, moment: Moment, request_id: Arc<str>) -> Cx {
    // Longer ones would only make the decision log grow.
    let text = |name: &str| raw.header(name).map(|text| text.chars().take(LONGEST_HEADER).collect());
    Cx {
        now: moment.now,
        wall: moment.wall,
        client_clock: sender.client_clock,
        request_id,
        caller: sender.caller,
        region: sender.region,
        ids: Ids::new(rand::random()),
        arrived: None,
        from: Arc::new(Origin {
            source_ip: Some(raw.peer.ip()),
            user_agent: text("user-agent"),
            referer: text("referer"),
            secure_transport: false,
            global_endpoint: sender.global || raw.header("host").is_some_and(is_global_host),
        }),
        settings: server.settings.clone(),
        prepared: Prepared::default(),
    }
}

/// Lays out the default network of an account and region on first use.
async fn settle(server: &Server, world: World, cx: &Cx, service: Service) -> Result<World, ApiError> {
    if service != Service::Ec2 || ec2::is_settled(&world, cx.account(), cx.region_name()) {
        return Ok(world);
    }
    let settling = cx.clone();
    let settled = server.store.write(cx.now, move |tx: &mut Tx| ec2::settle(&settling, tx)).await;
    settled.map_err(|error| from_write(error, |error| error))?;
    let world = server.store.snapshot(cx.now).await;
    Ok(cx.arrived.as_ref().map_or_else(|| world.clone(), |arrived| propagation::with_facts_of(&world, arrived)))
}

/// Writes down what is still in memory of uses, for an operation that reports them.
async fn with_fresh_uses(server: &Server, world: World, cx: &Cx, row: &Operation) -> World {
    if !row.fresh_uses {
        return world;
    }
    server.last_uses.flush(&server.store).await;
    let world = server.store.snapshot(cx.now).await;
    cx.arrived.as_ref().map_or_else(|| world.clone(), |arrived| propagation::with_facts_of(&world, arrived))
}

/// Does outside the store what the operation wants done there, if a first look says that the caller is allowed.
async fn prepare(server: &Server, cx: Cx, world: &World, row: &Operation, input: &AnyInput) -> Cx {
    let Some(preparation) = row.preparation(&cx, world, input) else { return cx };
    if server.authenticator.mode == AuthMode::Enforced && authorize(&cx, world, row, input, true).1.is_err() {
        return cx;
    }
    let seed = server.random_32();
    let prepared = tokio::task::spawn_blocking(move || preparation(seed)).await.ok();
    Cx { prepared: Prepared(prepared), ..cx }
}

/// Reads what the operation wants from outside. No first look asks who is allowed: the operations that want this prove their caller by it.
async fn read_outside(cx: Cx, world: &World, row: &Operation, input: &AnyInput) -> Cx {
    match row.reading(&cx, world, input) {
        Some(reading) => Cx { prepared: Prepared(outside::follow(reading).await), ..cx },
        None => cx,
    }
}

/// Everything that must see one consistent state: authorisation, then the handler.
async fn run(
    server: &Arc<Server>,
    cx: Arc<Cx>,
    world: World,
    call: &Call,
    input: AnyInput,
    dry_run: bool,
    trail: &mut Trail,
) -> Result<Box<dyn Output>, ApiError> {
    let enforced = server.authenticator.mode == AuthMode::Enforced;
    let (service, name) = (call.service, call.operation.name.clone());
    let now = cx.now;
    let row = server.registry.find(call.service, &call.operation.name);
    let writes = row.is_some_and(|row| row.writes(&input));
    let act = {
        let server = server.clone();
        move |state: State<'_>| match server.registry.find(service, &name) {
            Some(row) => act(&cx, state, row, &input, enforced, dry_run),
            None => Outcome { decided: None, result: Err(ApiError::not_implemented(service, &name)) },
        }
    };
    let outcome = if !writes {
        guarded(|| act(State::Snapshot(&world)))
    } else if dry_run {
        guarded(|| act(State::Staged(&mut Tx::on(world))))
    } else {
        let written = server.store.write(now, move |tx: &mut Tx| act(State::Staged(tx)).into_result()).await;
        if let Some(propagation) = &server.propagation {
            propagation.note(&server.store, now).await;
        }
        match written {
            Ok((decided, output)) => Outcome { decided, result: Ok(output) },
            Err(WriteError::Refused((decided, error))) => Outcome { decided, result: Err(error) },
            Err(other) => Outcome { decided: None, result: Err(from_write(other, |(_, error)| error)) },
        }
    };
    trail.decided(outcome.decided, dry_run);
    outcome.result
}

/// A panic outside the store, which has its own guard, is InternalFailure for that request alone.
fn guarded(act: impl FnOnce() -> Outcome) -> Outcome {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(act))
        .unwrap_or_else(|_| Outcome { decided: None, result: Err(ApiError::internal("a handler panicked")) })
}

enum State<'a> {
    Snapshot(&'a World),
    Staged(&'a mut Tx),
}

struct Outcome {
    /// Nothing if it was refused before anything was decided.
    decided: Option<Box<Decided>>,
    result: Result<Box<dyn Output>, ApiError>,
}

/// What was decided and what came of it, for a write that is to be committed…
type Granted = (Option<Box<Decided>>, Box<dyn Output>);
/// …and for one that is not.
type Refused = (Option<Box<Decided>>, ApiError);

impl Outcome {
    fn into_result(self) -> Result<Granted, Refused> {
        match self.result {
            Ok(output) => Ok((self.decided, output)),
            Err(error) => Err((self.decided, error)),
        }
    }
}

fn act(cx: &Cx, state: State<'_>, row: &Operation, input: &AnyInput, enforced: bool, dry_run: bool) -> Outcome {
    let cx = cx.again();
    let world: &World = match &state {
        State::Snapshot(world) => world,
        State::Staged(tx) => tx,
    };
    // A write acts on the newest state, but what allows it must have arrived.
    let seen = cx.arrived.as_ref().map(|arrived| propagation::with_facts_of(world, arrived));
    let world = seen.as_ref().unwrap_or(world);
    if let Err(error) = row.precheck(&cx, world, input) {
        return Outcome { decided: None, result: Err(error) };
    }
    let (decided, allowed) = authorize(&cx, world, row, input, enforced);
    let decided = Some(Box::new(decided));
    if enforced && let Err(error) = allowed {
        return Outcome { decided, result: Err(error) };
    }
    if dry_run && !row.rehearsed {
        return Outcome { decided, result: Err(would_have_succeeded()) };
    }
    let result = match (row.handler(input), state) {
        (Run::Read(handler), State::Snapshot(world)) => handler(&cx, world, input),
        (Run::Read(handler), State::Staged(tx)) => handler(&cx, tx, input),
        (Run::Write(handler), State::Staged(tx)) => {
            home::note(tx, cx.account(), cx.partition());
            handler(&cx, tx, input)
        }
        (Run::Write(_), State::Snapshot(_)) => Err(ApiError::internal("a writing operation was run on a snapshot")),
    };
    let result = match result {
        Ok(_) if dry_run => Err(would_have_succeeded()),
        other => other,
    };
    Outcome { decided, result }
}

/// What AWS answers a dry run that is permitted: nearly always without a look at what the request would meet, so that a gateway that is attached, a
/// name that is taken or an address that is not there are no reason to fail.
fn would_have_succeeded() -> ApiError {
    ApiError::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
}

/// Decides every check in order. Where policies are enforced the first that fails ends it; else all are made, so that the log knows them.
fn authorize(
    cx: &Cx,
    world: &World,
    row: &Operation,
    input: &AnyInput,
    enforced: bool,
) -> (Decided, Result<(), ApiError>) {
    if let Some(reason) = row.open_reason() {
        return (Decided::open(reason), Ok(()));
    }
    let held = Arc::new(iam::policy_sets(world, &cx.caller));
    let mut decided = Decided::by(cx, held.clone());
    let mut outcome = Ok(());
    let mut checks = row.checks(cx, world, input).into_iter();
    for check in checks.by_ref() {
        let allowed = decide::allows(cx, &check, &held);
        if !allowed && outcome.is_ok() {
            outcome = Err(decide::denial(cx, world, row.service, &decide::decide(cx, &check, &held)));
        }
        decided.checked.push(Checked { check, allowed });
        if enforced && outcome.is_err() {
            break;
        }
    }
    decided.unreached = checks.collect();
    (decided, outcome)
}

fn from_write<E>(error: WriteError<E>, refused: impl Fn(E) -> ApiError) -> ApiError {
    match error {
        WriteError::Refused(error) => refused(error),
        WriteError::Failed(error) => ApiError::internal(format!("the store failed: {error}")),
        WriteError::Panicked => ApiError::internal("a handler panicked"),
    }
}
