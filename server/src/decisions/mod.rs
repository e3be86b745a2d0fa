//! The record of what was decided: one [`Decision`] per request, in a bounded ring in memory and, a moment later, in a second SQLite file.
//!
//! Recording keeps what decided (the request's context, the checks, pointers to the policies) and never waits for the disk. What is told of a
//! decision is made of them when somebody asks, or in the background for the file, by deciding once more: see `told`. The file is bounded too, and may lose its last second in
//! a crash: it explains, it holds no state. Start with [`Trail`], which a request fills in, then [`Decisions`].

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use service::cx::{Cx, Prepared};
use service::decide::{self, CallerPolicies, Ruling};
use service::ids::Ids;
use service::regions::Region;
use service::{ApiError, Caller, Check, Service};
use tokio::sync::Notify;

use crate::cli::AuthMode;
use crate::clock::Moment;
use crate::http::Stop;

mod details;
mod file;
mod kept;
pub mod needed;
mod query;
mod told;

use kept::kept;
use needed::Need;
pub use query::Query;

/// Decisions kept in memory.
const MOST_IN_MEMORY: usize = 10_000;
/// Decisions that go to the file at each turn. Under more load than that allowed ones are left to memory alone: the log must not cost more
/// than the requests. Denials and refusals are always written, up to what memory holds.
const MOST_AT_A_TURN: usize = 250;
const PERSIST_EVERY: Duration = Duration::from_millis(500);
/// Read out of the file at once, where all of it is gone through.
const TOLD_AT_ONCE: usize = 1_000;
/// Who follows the log under load gets what came together.
const GATHERED_FOR: Duration = Duration::from_millis(50);

/// A request's way through the pipeline, filled in as it goes.
pub struct Trail {
    decision: Decision,
}

/// What is remembered of a request.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Its place in the log; numbers only grow.
    pub number: u64,
    pub request_id: Arc<str>,
    pub at: Timestamp,
    wall: Timestamp,
    pub service: Service,
    /// Empty before it was known.
    pub operation: &'static str,
    pub caller: Option<Arc<Caller>>,
    pub region: &'static str,
    pub mode: AuthMode,
    pub dry_run: bool,
    /// Nothing if the request was refused before anything was decided.
    pub decided: Option<Box<Decided>>,
    pub error: Option<ApiError>,
    pub micros: i64,
}

/// How the checks of a request came out.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    /// The request's context: the same checks by the same policies in it come out the same. Nothing where none were made.
    by: Option<Box<Cx>>,
    pub checked: Vec<Checked>,
    /// The caller's policies as they were then.
    pub held: Arc<CallerPolicies>,
    /// Checks that were not made, since one before them failed.
    pub unreached: Vec<Check>,
    /// Why the operation needs no permission, where that is so.
    pub open: Option<&'static str>,
}

/// A check that was made, and whether it passed.
#[derive(Debug, Clone)]
pub struct Checked {
    pub check: Check,
    pub allowed: bool,
}

impl Decided {
    /// Nothing yet, of a request in that context by a caller with those policies.
    pub fn by(cx: &Cx, held: Arc<CallerPolicies>) -> Decided {
        // Without what no decision asks for: it may be large, or a secret.
        let by = Cx { arrived: None, prepared: Prepared::default(), ids: Ids::new([0; 32]), ..cx.again() };
        Decided { by: Some(Box::new(by)), held, ..Decided::default() }
    }

    /// An operation that needs no permission, for that reason.
    pub fn open(reason: &'static str) -> Decided {
        Decided { open: Some(reason), ..Decided::default() }
    }
}

impl Trail {
    /// A request came in.
    pub fn begin(request_id: Arc<str>, service: Service, moment: Moment, mode: AuthMode) -> Trail {
        let decision = Decision {
            number: 0,
            request_id,
            at: moment.now,
            wall: moment.wall,
            service,
            operation: "",
            caller: None,
            region: "",
            mode,
            dry_run: false,
            decided: None,
            error: None,
            micros: 0,
        };
        Trail { decision }
    }

    /// The id its answer carries.
    pub fn request_id(&self) -> Arc<str> {
        self.decision.request_id.clone()
    }

    /// What it asks for.
    pub fn operation(&mut self, name: &'static str) {
        self.decision.operation = name;
    }

    /// Who sent it.
    pub fn caller(&mut self, caller: &Arc<Caller>, region: &'static Region) {
        self.decision.caller = Some(caller.clone());
        self.decision.region = &region.name;
    }

    /// What was decided.
    pub fn decided(&mut self, decided: Option<Box<Decided>>, dry_run: bool) {
        self.decision.decided = decided;
        self.decision.dry_run = dry_run;
    }

    /// The answer is made.
    pub fn end(mut self, error: Option<&ApiError>, wall: Timestamp) -> Decision {
        self.decision.error = error.map(|error| {
            let told = ApiError::new(error.code.clone(), kept(&error.message));
            error.cause.iter().fold(told, |told, cause| told.because(kept(cause)))
        });
        self.decision.micros = i64::try_from(wall.duration_since(self.decision.wall).as_micros()).unwrap_or(i64::MAX);
        self.decision
    }
}

/// What became of a request, as far as permissions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    Denied,
    /// It passed, because policies are not enforced.
    WouldDeny,
    /// It never came to a decision: a bad signature, an unknown key, parameters that no operation takes.
    Refused,
}

impl Verdict {
    pub const ALL: [Verdict; 4] = [Verdict::Allowed, Verdict::Denied, Verdict::WouldDeny, Verdict::Refused];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Allowed => "allowed",
            Verdict::Denied => "denied",
            Verdict::WouldDeny => "would-deny",
            Verdict::Refused => "refused",
        }
    }
}

impl Decision {
    /// What became of it.
    pub fn verdict(&self) -> Verdict {
        match &self.decided {
            None => Verdict::Refused,
            Some(decided) if decided.checked.iter().all(|checked| checked.allowed) => Verdict::Allowed,
            Some(_) if self.mode == AuthMode::Enforced => Verdict::Denied,
            Some(_) => Verdict::WouldDeny,
        }
    }

    /// The ARN of who asked; empty if nobody knows.
    pub fn principal(&self) -> String {
        self.caller.as_ref().map(|caller| caller.arn()).unwrap_or_default()
    }

    /// The ARN of the user or role behind a session, else the same as [`Decision::principal`].
    pub fn identity(&self) -> String {
        self.caller.as_ref().map(|caller| caller.principal_arn()).unwrap_or_default()
    }

    /// The caller's account; empty if nobody knows.
    pub fn account(&self) -> &str {
        self.caller.as_ref().map_or("", |caller| caller.account.as_str())
    }

    /// `ec2:RunInstances`
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.as_str(), self.operation)
    }

    /// What was checked; nothing for a request that was refused.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.decided.iter().flat_map(|decided| &decided.checked).map(|checked| &checked.check)
    }

    /// The decision on each check, made again.
    pub fn rulings(&self) -> impl Iterator<Item = Ruling> {
        self.decided.iter().filter_map(|decided| Some((decided.by.as_deref()?, decided))).flat_map(|(cx, decided)| {
            decided.checked.iter().map(|checked| decide::decide(cx, &checked.check, &decided.held))
        })
    }
}

/// The ring, and the file behind it.
pub struct Decisions {
    ring: Mutex<Ring>,
    file: Option<file::File>,
    /// Rung for whoever follows the log.
    arrival: Notify,
    closing: AtomicBool,
}

#[derive(Default)]
struct Ring {
    held: VecDeque<Arc<Decision>>,
    /// Not yet in the file.
    fresh: VecDeque<Arc<Decision>>,
    /// The number of the latest decision.
    latest: u64,
}

impl Ring {
    /// The number of the oldest decision in memory, or of the next to come.
    fn oldest(&self) -> u64 {
        self.held.front().map_or(self.latest + 1, |decision| decision.number)
    }
}

/// A part of the log.
#[derive(Debug)]
pub struct Page {
    pub decisions: Vec<Value>,
    /// Where the next older page begins, or for who follows: up to where the log was looked through.
    pub next: Option<u64>,
}

/// What a number of requests needed.
#[derive(Debug, Default)]
pub struct Seen {
    pub needs: BTreeSet<Need>,
    /// How many needed anything.
    pub requests: usize,
}

impl Seen {
    fn add(&mut self, needs: Vec<Need>) {
        self.requests += usize::from(!needs.is_empty());
        self.needs.extend(needs);
    }
}

impl Decisions {
    /// Opens the file, if there is to be one.
    pub async fn open(path: Option<PathBuf>) -> Result<Decisions, String> {
        let file = match path {
            Some(path) => Some(file::File::open(&path).await.map_err(|error| format!("{}: {error}", path.display()))?),
            None => None,
        };
        let latest = file.as_ref().map_or(0, file::File::latest);
        let ring = Mutex::new(Ring { latest, ..Ring::default() });
        Ok(Decisions { ring, file, arrival: Notify::new(), closing: AtomicBool::new(false) })
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a decision.
    pub fn record(&self, mut decision: Decision) {
        let room = if decision.verdict() == Verdict::Allowed { MOST_AT_A_TURN } else { MOST_IN_MEMORY };
        let mut ring = self.ring();
        ring.latest += 1;
        decision.number = ring.latest;
        let decision = Arc::new(decision);
        // What leaves the ring is dropped after the lock.
        let _oldest = if ring.held.len() >= MOST_IN_MEMORY { ring.held.pop_front() } else { None };
        ring.held.push_back(decision.clone());
        if self.file.is_some() && ring.fresh.len() < room {
            ring.fresh.push_back(decision);
        }
        drop(ring);
        self.arrival.notify_waiters();
    }

    /// The decisions in memory with higher numbers that pass, newest first. They are looked at outside the lock.
    fn held(&self, after: u64, most: usize, pass: impl Fn(&Decision) -> bool) -> Vec<Arc<Decision>> {
        let newer = |decision: &&Arc<Decision>| decision.number > after;
        let all: Vec<Arc<Decision>> = self.ring().held.iter().rev().take_while(newer).cloned().collect();
        all.into_iter().filter(|decision| pass(decision)).take(most).collect()
    }

    /// A page of the log out of memory and file together, newest first.
    pub async fn page(&self, query: &Query) -> Result<Page, String> {
        let wanted = query.limit + 1;
        let before = query.before.unwrap_or(u64::MAX);
        let oldest = self.ring().oldest();
        let held = self.held(0, wanted, |decision| decision.number < before && query.wants(decision));
        let mut found: Vec<(u64, Value)> =
            held.iter().map(|decision| (decision.number, told::json(decision))).collect();
        if let Some(file) = &self.file
            && found.len() < wanted
        {
            found.extend(file.newest(query, before.min(oldest), wanted - found.len()).await?);
        }
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(|(number, _)| *number);
        Ok(Page { decisions: found.into_iter().map(|(_, told)| told).collect(), next })
    }

    /// What the wanted decisions needed, out of the whole log.
    pub async fn needs(&self, query: &Query) -> Result<Seen, String> {
        let mut before = self.ring().oldest();
        let held = self.held(0, MOST_IN_MEMORY, |decision| query.wants(decision));
        let mut seen = Seen::default();
        held.iter().for_each(|decision| seen.add(Need::of(decision)));
        while let Some(file) = &self.file {
            let told = file.newest(query, before, TOLD_AT_ONCE).await?;
            let Some((oldest, _)) = told.last() else { break };
            before = *oldest;
            told.iter().for_each(|(_, decision)| seen.add(Need::of_told(decision)));
        }
        Ok(seen)
    }

    /// The decisions behind a number, oldest first; if there are none, those that come within the time given, if any do.
    pub async fn follow(&self, query: &Query, after: u64, wait: Duration) -> Page {
        let end = tokio::time::Instant::now() + wait;
        let mut seen = after;
        loop {
            let mut arrival = std::pin::pin!(self.arrival.notified());
            arrival.as_mut().enable();
            let latest = self.ring().latest;
            let mut fresh =
                self.held(seen, MOST_IN_MEMORY, |decision| decision.number <= latest && query.wants(decision));
            // The oldest come first; what there is no room for comes with the next call.
            fresh.reverse();
            let is_cut = fresh.len() > query.limit;
            fresh.truncate(query.limit);
            seen = fresh.last().filter(|_| is_cut).map_or(latest, |decision| decision.number);
            let over = self.closing.load(Ordering::Relaxed) || tokio::time::Instant::now() >= end;
            if !fresh.is_empty() || over {
                return Page {
                    decisions: fresh.iter().map(|decision| told::json(decision)).collect(),
                    next: Some(seen),
                };
            }
            if tokio::time::timeout_at(end, arrival).await.is_ok() {
                tokio::time::sleep(GATHERED_FOR).await;
            }
        }
    }

    /// The decision on one request: from memory, else from the file.
    pub async fn find(&self, request_id: &str) -> Option<Value> {
        let held = self.held(0, 1, |decision| &*decision.request_id == request_id);
        match held.first() {
            Some(decision) => Some(told::json(decision)),
            None => self.file.as_ref()?.find(request_id).await,
        }
    }

    /// Forgets everything.
    pub async fn clear(&self) {
        {
            let mut ring = self.ring();
            let latest = ring.latest;
            *ring = Ring { latest, ..Ring::default() };
        }
        if let Some(file) = &self.file
            && let Err(error) = file.clear().await
        {
            tracing::warn!(%error, "the decision file could not be emptied");
        }
    }

    /// Writes fresh decisions to the file until told to stop, and once more then.
    pub async fn persist(&self, mut stop: Stop) {
        let mut stopped = false;
        while !stopped {
            stopped = tokio::time::timeout(PERSIST_EVERY, stop.wait()).await.is_ok();
            if stopped {
                self.closing.store(true, Ordering::Relaxed);
                self.arrival.notify_waiters();
            }
            if let Some(file) = &self.file {
                self.write_fresh(file, stopped).await;
            }
        }
        if let Some(file) = &self.file {
            file.close().await;
        }
    }

    /// Writes what one turn takes, or all of it. What is not told by then waits for the next turn.
    async fn write_fresh(&self, file: &file::File, all: bool) {
        loop {
            let fresh = std::mem::take(&mut self.ring().fresh);
            if fresh.is_empty() {
                return;
            }
            let told = tokio::task::spawn_blocking(move || file::tell(fresh)).await;
            let Ok((told, rest)) = told else { return };
            if let Err(error) = file.append(told).await {
                tracing::warn!(%error, "decisions could not be written");
            }
            if !rest.is_empty() {
                let mut ring = self.ring();
                let newer = std::mem::replace(&mut ring.fresh, rest);
                ring.fresh.extend(newer);
            }
            if !all {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
