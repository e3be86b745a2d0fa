//! The record of what was decided: one `Decision` per request, in a bounded ring in memory and, a moment later, in a second SQLite file.
//!
//! Recording never waits for the disk. The file is bounded too, and may lose its last second in a crash: it explains, it holds no state.

use std::collections::VecDeque;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use service::decide::{PolicyTrace, Ruling};
use service::regions::Region;
use service::{ApiError, Caller, Service};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Pool, Row, Sqlite};

use crate::clock::{self, Moment};
use crate::http::Stop;

/// Decisions kept in memory.
const MOST_IN_MEMORY: usize = 10_000;
/// Decisions kept in the file.
const MOST_IN_FILE: i64 = 100_000;
/// Decisions that go to the file at each turn. Under more load than that allowed ones are left to memory alone: the log must not cost more
/// than the requests. Denials and refusals are always written, up to what memory holds.
const MOST_AT_A_TURN: usize = 1_000;
const PERSIST_EVERY: Duration = Duration::from_millis(500);

/// A request's way through the pipeline, filled in as it goes.
pub struct Trail {
    decision: Decision,
}

/// What is remembered of a request.
#[derive(Debug, Clone)]
pub struct Decision {
    pub request_id: Arc<str>,
    pub at: Timestamp,
    wall: Timestamp,
    pub service: Service,
    pub operation: String,
    pub principal: String,
    pub account: String,
    pub region: String,
    pub rulings: Vec<Ruling>,
    pub error: Option<ApiError>,
    pub micros: i64,
}

impl Trail {
    /// A request came in.
    pub fn begin(request_id: Arc<str>, service: Service, moment: Moment) -> Trail {
        let empty = String::new;
        let decision = Decision {
            request_id,
            at: moment.now,
            wall: moment.wall,
            service,
            operation: empty(),
            principal: empty(),
            account: empty(),
            region: empty(),
            rulings: Vec::new(),
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
    pub fn operation(&mut self, name: &str) {
        self.decision.operation = name.to_owned();
    }

    /// Who sent it.
    pub fn caller(&mut self, caller: &Caller, region: &Region) {
        self.decision.principal = caller.arn();
        self.decision.account = caller.account.to_string();
        self.decision.region = region.name.to_string();
    }

    /// What was decided.
    pub fn rulings(&mut self, rulings: Vec<Ruling>) {
        self.decision.rulings = rulings;
    }

    /// The answer is made.
    pub fn end(mut self, error: Option<&ApiError>, wall: Timestamp) -> Decision {
        self.decision.error = error.map(|error| ApiError {
            code: error.code.clone(),
            message: cut(&error.message),
            cause: error.cause.as_deref().map(cut),
        });
        self.decision.micros = i64::try_from(wall.duration_since(self.decision.wall).as_micros()).unwrap_or(i64::MAX);
        self.decision
    }
}

/// What a client sends may come back in a text; the log must not grow by it.
const LONGEST_TEXT: usize = 4_096;

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl Decision {
    /// `allowed`, `denied`, or `refused` when it never came to a decision.
    pub fn verdict(&self) -> &'static str {
        match (&self.error, self.rulings.iter().any(|ruling| !ruling.allowed())) {
            (_, true) => "denied",
            (Some(error), false) if self.rulings.is_empty() && error.code != "DryRunOperation" => "refused",
            _ => "allowed",
        }
    }

    /// The decision as JSON, with its full trace.
    pub fn json(&self) -> Value {
        json!({
            "requestId": &*self.request_id,
            "time": clock::seconds(self.at),
            "service": self.service.as_str(),
            "operation": self.operation,
            "principal": self.principal,
            "account": self.account,
            "region": self.region,
            "verdict": self.verdict(),
            "micros": self.micros,
            "error": self.error.as_ref().map(|error| json!({"code": error.code, "message": error.message, "cause": error.cause})),
            "checks": self.rulings.iter().map(ruling).collect::<Vec<_>>(),
        })
    }
}

fn ruling(ruling: &Ruling) -> Value {
    let deciding = ruling.deciding.iter().map(|deciding| {
        let statement = &deciding.statement;
        json!({"layer": deciding.layer.name(), "policy": deciding.policy, "statement": statement.index, "sid": statement.sid})
    });
    let context = ruling
        .context
        .iter()
        .map(|(key, values)| (key.to_owned(), values.as_slice().iter().map(ToString::to_string).collect()));
    json!({
        "action": ruling.check.action,
        "resource": ruling.check.resource,
        "allowed": ruling.allowed(),
        "explicitDeny": ruling.explicit_deny,
        "reason": ruling.reason.clause(&ruling.check.action),
        "deciding": deciding.collect::<Vec<_>>(),
        "policies": ruling.traces.iter().map(policy_trace).collect::<Vec<_>>(),
        "context": context.collect::<serde_json::Map<String, Value>>(),
    })
}

fn policy_trace(trace: &PolicyTrace) -> Value {
    let statements = trace.statements.iter().map(|statement| {
        json!({
            "statement": statement.index,
            "sid": statement.sid,
            "effect": if statement.effect == policy::Effect::Deny { "Deny" } else { "Allow" },
            "line": statement.start.line,
            "matched": statement.matched(),
            "mismatches": statement.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
        })
    });
    json!({"layer": trace.layer.name(), "policy": trace.policy, "statements": statements.collect::<Vec<_>>()})
}

fn mismatch(mismatch: &policy::Mismatch) -> Value {
    use policy::Mismatch;
    match mismatch {
        Mismatch::Action { negated, expected, actual } => {
            json!({"element": if *negated { "NotAction" } else { "Action" }, "expected": expected, "actual": actual})
        }
        Mismatch::Resource { negated, expected, actual } => {
            json!({"element": if *negated { "NotResource" } else { "Resource" }, "expected": expected, "actual": actual})
        }
        Mismatch::Principal { negated, expected, actual } => {
            let expected: Vec<String> = expected.iter().map(|(key, value)| format!("{key}:{value}")).collect();
            json!({"element": if *negated { "NotPrincipal" } else { "Principal" }, "expected": expected, "actual": actual})
        }
        Mismatch::Condition { operator, key, expected, actual } => {
            json!({"element": "Condition", "operator": operator, "key": key, "expected": expected, "actual": actual})
        }
    }
}

/// The ring, and the file behind it.
pub struct Decisions {
    ring: Mutex<Ring>,
    file: Option<Pool<Sqlite>>,
}

#[derive(Default)]
struct Ring {
    held: VecDeque<Arc<Decision>>,
    /// Not yet in the file.
    fresh: Vec<Arc<Decision>>,
}

impl Decisions {
    /// Opens the file, if there is to be one.
    pub async fn open(path: Option<PathBuf>) -> Result<Decisions, String> {
        let file = match path {
            Some(path) => Some(open_file(&path).await.map_err(|error| format!("{}: {error}", path.display()))?),
            None => None,
        };
        Ok(Decisions { ring: Mutex::default(), file })
    }

    /// Remembers a decision.
    pub fn record(&self, decision: Decision) {
        let decision = Arc::new(decision);
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        if ring.held.len() >= MOST_IN_MEMORY {
            ring.held.pop_front();
        }
        ring.held.push_back(decision.clone());
        let room = if decision.verdict() == "allowed" { MOST_AT_A_TURN } else { MOST_IN_MEMORY };
        if self.file.is_some() && ring.fresh.len() < room {
            ring.fresh.push(decision);
        }
    }

    /// The newest decisions that pass, newest first.
    pub fn newest(&self, most: usize, pass: impl Fn(&Decision) -> bool) -> Vec<Arc<Decision>> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.held.iter().rev().filter(|decision| pass(decision)).take(most).cloned().collect()
    }

    /// The decision on one request: from memory, else from the file.
    pub async fn find(&self, request_id: &str) -> Option<Value> {
        let held = self.newest(1, |decision| &*decision.request_id == request_id);
        if let Some(decision) = held.first() {
            return Some(decision.json());
        }
        let query = sqlx::query("SELECT doc FROM decision WHERE request_id = ?1").bind(request_id);
        let row = query.fetch_optional(self.file.as_ref()?).await.ok()??;
        serde_json::from_str(row.get::<String, _>(0).as_str()).ok()
    }

    /// Forgets everything.
    pub async fn clear(&self) {
        *self.ring.lock().unwrap_or_else(PoisonError::into_inner) = Ring::default();
        if let Some(file) = &self.file
            && let Err(error) = sqlx::query("DELETE FROM decision").execute(file).await
        {
            tracing::warn!(%error, "the decision file could not be emptied");
        }
    }

    /// Writes fresh decisions to the file until told to stop, and once more then.
    pub async fn persist(&self, mut stop: Stop) {
        let Some(file) = &self.file else { return };
        let mut stopped = false;
        while !stopped {
            stopped = tokio::time::timeout(PERSIST_EVERY, stop.wait()).await.is_ok();
            let fresh = std::mem::take(&mut self.ring.lock().unwrap_or_else(PoisonError::into_inner).fresh);
            if fresh.is_empty() {
                continue;
            }
            if let Err(error) = append(file, &fresh).await {
                tracing::warn!(%error, "decisions could not be written");
            }
        }
        file.close().await;
    }
}

async fn open_file(path: &std::path::Path) -> sqlx::Result<Pool<Sqlite>> {
    // Who did what is nobody else's business: the file is there, private, before SQLite opens it.
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(sqlx::Error::Io)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off);
    let file = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let table = "CREATE TABLE IF NOT EXISTS decision (number INTEGER PRIMARY KEY, request_id TEXT NOT NULL, doc TEXT NOT NULL) STRICT";
    sqlx::query(table).execute(&file).await?;
    sqlx::query("CREATE INDEX IF NOT EXISTS decision_request ON decision (request_id)").execute(&file).await?;
    Ok(file)
}

async fn append(file: &Pool<Sqlite>, fresh: &[Arc<Decision>]) -> sqlx::Result<()> {
    let rows: Vec<Value> =
        fresh.iter().map(|decision| json!([&*decision.request_id, decision.json().to_string()])).collect();
    let insert = "INSERT INTO decision (request_id, doc) SELECT value ->> 0, value ->> 1 FROM json_each(?1)";
    sqlx::query(insert).bind(Value::from(rows).to_string()).execute(file).await?;
    let trim = "DELETE FROM decision WHERE number <= (SELECT max(number) FROM decision) - ?1";
    sqlx::query(trim).bind(MOST_IN_FILE).execute(file).await?;
    Ok(())
}
