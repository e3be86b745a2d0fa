//! The file of decisions: what is told of each as one JSON document, beside columns for what is asked most. Bounded by number and by size; the
//! oldest go first. Nothing depends on it: a file of another form is emptied.

use std::collections::VecDeque;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Pool, QueryBuilder, Row, Sqlite};

use super::{Decision, Query, Verdict, told};

/// Decisions kept in the file.
const MOST: i64 = 100_000;
/// The documents of all of them.
const MOST_BYTES: i64 = 256 * 1024 * 1024;
/// What is written at a turn. Traces of many long policies are long themselves.
const MOST_BYTES_AT_A_TURN: usize = 4 * 1024 * 1024;
/// The form of the tables below.
const FORM: i64 = 2;

const TABLES: &[&str] = &[
    "DROP TABLE IF EXISTS decision",
    "DROP TABLE IF EXISTS decision_check",
    "CREATE TABLE decision (
        number INTEGER PRIMARY KEY, request_id TEXT NOT NULL, at INTEGER NOT NULL, principal TEXT NOT NULL, identity TEXT NOT NULL,
        account TEXT NOT NULL, service TEXT NOT NULL, verdict TEXT NOT NULL, size INTEGER NOT NULL, doc TEXT NOT NULL) STRICT",
    "CREATE INDEX decision_request ON decision (request_id)",
    "CREATE INDEX decision_at ON decision (at)",
    "CREATE INDEX decision_principal ON decision (principal)",
    "CREATE INDEX decision_identity ON decision (identity)",
    "CREATE INDEX decision_account ON decision (account)",
    "CREATE INDEX decision_verdict ON decision (verdict)",
    // The operation itself is here too, with an empty resource: what it was decided on has rows of its own.
    "CREATE TABLE decision_check (number INTEGER NOT NULL, action TEXT NOT NULL, resource TEXT NOT NULL) STRICT",
    "CREATE INDEX decision_check_number ON decision_check (number)",
    "CREATE INDEX decision_check_action ON decision_check (action)",
    "CREATE INDEX decision_check_resource ON decision_check (resource)",
];

/// The open file.
pub struct File {
    pool: Pool<Sqlite>,
    latest: u64,
    bytes: AtomicI64,
}

/// Rows to be written, as JSON for SQLite to take apart.
pub struct Told {
    decisions: Vec<Value>,
    checks: Vec<Value>,
    bytes: usize,
}

impl File {
    /// Opens the file, and empties one of another form.
    pub async fn open(path: &Path) -> sqlx::Result<File> {
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
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let form: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await?;
        if form != FORM {
            // As one text, and so one turn of the connection's thread, and one transaction.
            let made = format!("BEGIN; {}; PRAGMA user_version = {FORM}; COMMIT", TABLES.join(";\n"));
            sqlx::raw_sql(sqlx::AssertSqlSafe(made)).execute(&pool).await?;
        }
        let row = sqlx::query("SELECT coalesce(max(number), 0), coalesce(sum(size), 0) FROM decision");
        let row = row.fetch_one(&pool).await?;
        let latest = u64::try_from(row.get::<i64, _>(0)).unwrap_or_default();
        Ok(File { pool, latest, bytes: AtomicI64::new(row.get(1)) })
    }

    /// The highest number in it when it was opened.
    pub fn latest(&self) -> u64 {
        self.latest
    }

    /// The newest decisions before a number that are wanted, newest first.
    pub async fn newest(&self, query: &Query, before: u64, most: usize) -> Result<Vec<(u64, Value)>, String> {
        let mut sql = select(query, before, most);
        let rows = sql.build().fetch_all(&self.pool).await.map_err(|error| error.to_string())?;
        let read = |row: sqlx::sqlite::SqliteRow| {
            let told = serde_json::from_str(row.get::<&str, _>(1)).ok()?;
            Some((u64::try_from(row.get::<i64, _>(0)).ok()?, told))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// The decision on one request.
    pub async fn find(&self, request_id: &str) -> Option<Value> {
        let query = sqlx::query("SELECT doc FROM decision WHERE request_id = ?1").bind(request_id);
        let row = query.fetch_optional(&self.pool).await.ok()??;
        serde_json::from_str(row.get::<&str, _>(0)).ok()
    }

    /// Forgets everything.
    pub async fn clear(&self) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM decision").execute(&self.pool).await?;
        sqlx::query("DELETE FROM decision_check").execute(&self.pool).await?;
        self.bytes.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Writes rows, and removes the oldest beyond the bounds.
    pub async fn append(&self, told: Told) -> sqlx::Result<()> {
        let mut tx = self.pool.begin().await?;
        let insert = "INSERT OR REPLACE INTO decision (number, request_id, at, principal, identity, account, service, verdict, size, doc)
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
                length(value ->> 8), value ->> 8 FROM json_each(?1)";
        sqlx::query(insert).bind(Value::from(told.decisions).to_string()).execute(&mut *tx).await?;
        let insert = "INSERT INTO decision_check (number, action, resource)
            SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)";
        sqlx::query(insert).bind(Value::from(told.checks).to_string()).execute(&mut *tx).await?;
        tx.commit().await?;
        self.bytes.fetch_add(i64::try_from(told.bytes).unwrap_or_default(), Ordering::Relaxed);
        self.trim().await
    }

    async fn trim(&self) -> sqlx::Result<()> {
        let bound: Option<i64> =
            sqlx::query_scalar("SELECT max(number) - ?1 FROM decision").bind(MOST).fetch_one(&self.pool).await?;
        let mut gone = self.remove_up_to(bound.unwrap_or_default()).await?;
        while self.bytes.load(Ordering::Relaxed) > MOST_BYTES && gone >= 0 {
            let some = "SELECT max(number) FROM (SELECT number FROM decision ORDER BY number LIMIT 1000)";
            let bound: Option<i64> = sqlx::query_scalar(some).fetch_one(&self.pool).await?;
            let Some(bound) = bound else { break };
            gone = self.remove_up_to(bound).await?;
        }
        Ok(())
    }

    async fn remove_up_to(&self, number: i64) -> sqlx::Result<i64> {
        let delete = "DELETE FROM decision WHERE number <= ?1 RETURNING size";
        let sizes: Vec<i64> = sqlx::query_scalar(delete).bind(number).fetch_all(&self.pool).await?;
        let gone = sizes.iter().sum();
        self.bytes.fetch_sub(gone, Ordering::Relaxed);
        if !sizes.is_empty() {
            sqlx::query("DELETE FROM decision_check WHERE number <= ?1").bind(number).execute(&self.pool).await?;
        }
        Ok(gone)
    }

    /// Ends the use of the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Tells decisions for the file, as many as one turn takes; the rest comes back.
pub fn tell(mut fresh: VecDeque<Arc<Decision>>) -> (Told, VecDeque<Arc<Decision>>) {
    let mut told = Told { decisions: Vec::new(), checks: Vec::new(), bytes: 0 };
    while told.bytes < MOST_BYTES_AT_A_TURN {
        let Some(decision) = fresh.pop_front() else { break };
        let doc = told::json(&decision).to_string();
        told.bytes += doc.chars().count();
        let number = decision.number;
        told.checks.push(json!([number, decision.action().to_ascii_lowercase(), ""]));
        told.checks
            .extend(decision.checks().map(|check| json!([number, check.action.to_ascii_lowercase(), check.resource])));
        told.decisions.push(json!([
            number,
            &*decision.request_id,
            decision.at.as_microsecond(),
            decision.principal(),
            decision.identity(),
            decision.account(),
            decision.service.as_str(),
            decision.verdict().word(),
            doc,
        ]));
    }
    // Allowed ones that found no room go under: the log must not fall behind for good.
    fresh.retain(|decision| decision.verdict() != Verdict::Allowed);
    (told, fresh)
}

fn select(query: &Query, before: u64, most: usize) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("SELECT number, doc FROM decision WHERE number < ");
    sql.push_bind(i64::try_from(before).unwrap_or(i64::MAX));
    if let Some(since) = query.since {
        sql.push(" AND at >= ").push_bind(since.as_microsecond());
    }
    if let Some(until) = query.until {
        sql.push(" AND at < ").push_bind(until.as_microsecond());
    }
    let plain = [
        (" AND verdict = ", query.verdict.map(|verdict| verdict.word().to_owned())),
        (" AND service = ", query.service.clone()),
        (" AND account = ", query.account.clone()),
    ];
    for (condition, value) in plain {
        if let Some(value) = value {
            sql.push(condition).push_bind(value);
        }
    }
    if let Some(principal) = &query.principal {
        fits(sql.push(" AND (principal"), principal);
        fits(sql.push(" OR identity"), principal).push(")");
    }
    if let Some(action) = &query.action {
        sql.push(" AND number IN (SELECT number FROM decision_check WHERE action");
        fits(&mut sql, &action.to_ascii_lowercase()).push(")");
    }
    if let Some(resource) = &query.resource {
        sql.push(" AND number IN (SELECT number FROM decision_check WHERE resource");
        fits(&mut sql, resource).push(" AND resource <> '')");
    }
    sql.push(" ORDER BY number DESC LIMIT ").push_bind(i64::try_from(most).unwrap_or(i64::MAX));
    sql
}

/// An index helps only where the text has no wildcard.
fn fits<'q>(sql: &'q mut QueryBuilder<Sqlite>, wanted: &str) -> &'q mut QueryBuilder<Sqlite> {
    match wanted.contains(['*', '?']) {
        true => sql.push(" GLOB ").push_bind(wanted.replace('[', "[[]")),
        false => sql.push(" = ").push_bind(wanted.to_owned()),
    }
}
