//! The journal in a SQLite file: one transaction per batch, in it one statement per table and kind of change, durable before it returns.
//!
//! `migrate.rs` makes and checks the file, `statements.rs` holds all SQL about records, `load.rs` reads everything at start. The rows of a statement
//! are one JSON parameter, which `json_each` unfolds: binding and stepping row by row costs several times as much.

mod load;
mod migrate;
mod statements;
mod swap;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::future::{Future, ready};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tokio::runtime::Runtime;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use self::migrate::{Found, Migration};
use self::statements::Statements;
use super::{Changes, Commit, Journal, Rows};
use crate::error::{OpenError, StoreError};
use crate::schema::Schema;
use crate::store::Durability;
use crate::world::Tables;

const BEGIN: &str = "BEGIN IMMEDIATE;";

/// The state may hold secrets: nobody but its owner reads it.
const MODE: u32 = 0o600;

/// A SQLite file in use by this process.
pub(crate) struct Sqlite {
    path: PathBuf,
    durability: Durability,
    migrations: &'static [Migration],
    /// From how many pages on a new file takes the place of this one, instead of its being emptied.
    many_pages: i64,
    /// A commit has a share in it, as it goes on while the journal does nothing.
    connection: Rc<Mutex<Option<SqliteConnection>>>,
    /// The journal's own: the writer's thread waits for the disk here, and no other task runs on it.
    runtime: Runtime,
    statements: Vec<Statements>,
    /// Which tables have rows.
    filled: String,
    /// When it was opened.
    found: Found,
    /// Held as long as the journal lives; declared last, so that it is released last.
    _lock: File,
}

impl Sqlite {
    /// Opens or makes the file, takes the lock beside it, and applies the migrations it has not seen.
    pub(crate) fn open(path: &Path, durability: Durability, schema: &Schema) -> Result<Sqlite, OpenError> {
        Sqlite::open_with(path, durability, schema, migrate::MIGRATIONS)
    }

    fn open_with(
        path: &Path,
        durability: Durability,
        schema: &Schema,
        migrations: &'static [Migration],
    ) -> Result<Sqlite, OpenError> {
        let unusable = |reason: String| OpenError::Unusable { path: path.to_owned(), reason };
        let path = &real_path(path).map_err(|error| unusable(error.to_string()))?;
        let lock = lock(path)?;
        swap::remove(&swap::next(path));
        make_private(path).map_err(|error| unusable(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|error| unusable(error.to_string()))?;
        let mut connection = runtime.block_on(migrate::connect(path, &connect_options(path, durability)))?;
        let found = runtime.block_on(migrate::migrate(&mut connection, path, schema, migrations))?;
        // What this program's migrations make does not change from one new file to the next: the tests look at it.
        if found == Found::State || cfg!(any(test, debug_assertions)) {
            runtime.block_on(migrate::check_tables(&mut connection, path, schema))?;
        }
        if found == Found::State {
            runtime.block_on(migrate::make_views(&mut connection, path, schema))?;
        }
        let statements = schema.tables().map(Statements::of).collect();
        let filled = statements::filled(schema.tables());
        Ok(Sqlite {
            path: path.clone(),
            durability,
            migrations,
            many_pages: swap::MANY_PAGES,
            connection: Rc::new(Mutex::new(Some(connection))),
            runtime,
            statements,
            filled,
            found,
            _lock: lock,
        })
    }

    /// The connection, of which nobody else makes use: what is on its way has ended before anything else is asked.
    fn connection(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, StoreError> {
        let connection = self.connection.try_lock().map_err(|_| StoreError::Closed)?;
        MutexGuard::try_map(connection, Option::as_mut).map_err(|_| StoreError::Closed)
    }

    /// Runs these statements and those for the rows as one transaction; on an error nothing of it stays.
    fn transact(
        &self,
        before: &str,
        rows: Vec<Rows>,
        after: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        let mut sql = String::with_capacity(1024);
        sql.push_str(before);
        let parameters = statements::transaction(&self.statements, rows, &mut sql);
        sql.push_str(after);
        // One round trip to the connection's thread for all of it.
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for parameter in parameters {
            query = query.bind(parameter);
        }
        let connection = self.connection.clone();
        async move {
            let mut connection = connection.lock().await;
            let Some(connection) = connection.as_mut() else { return Err(StoreError::Closed) };
            if let Err(error) = query.execute(&mut *connection).await {
                rollback(connection).await;
                return Err(failure(&error));
            }
            Ok(())
        }
    }

    /// The rest of [`Journal::replace`]: within the open transaction, checks what foreign keys would have checked.
    fn finish_replacing(&mut self) -> Result<(), StoreError> {
        let connection = &mut *self.connection()?;
        self.runtime.block_on(async {
            let checked = statements::check_foreign_keys(connection).await;
            let result = match checked {
                Ok(()) => {
                    sqlx::query("COMMIT").execute(&mut *connection).await.map(drop).map_err(|error| failure(&error))
                }
                Err(error) => Err(error),
            };
            if result.is_err() {
                rollback(connection).await;
            }
            result
        })
    }

    /// The tables that have rows.
    fn filled(&mut self) -> Result<BTreeSet<String>, StoreError> {
        let connection = &mut *self.connection()?;
        self.runtime.block_on(names(connection, &self.filled)).map_err(|error| failure(&error))
    }

    fn execute(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let connection = &mut *self.connection()?;
        let result = self.runtime.block_on(sqlx::query(sql).execute(connection));
        result.map(drop).map_err(|error| failure(&error))
    }
}

impl Journal for Sqlite {
    fn load(&mut self, schema: &Arc<Schema>) -> Result<Tables, OpenError> {
        match self.connection() {
            Ok(mut connection) if self.found == Found::State => {
                load::load(&mut connection, &self.runtime, schema, &self.filled)
            }
            _ => Ok(Tables::empty(schema.clone())),
        }
    }

    fn commit(&mut self, changes: &Changes<'_>) -> Commit {
        match changes.rows() {
            Ok(rows) if rows.is_empty() => Box::pin(ready(Ok(()))),
            // One statement is a transaction by itself, and each of a text takes a turn of the connection's thread.
            Ok(rows) if rows.iter().map(Rows::statements).sum::<usize>() == 1 => Box::pin(self.transact("", rows, "")),
            Ok(rows) => Box::pin(self.transact(BEGIN, rows, "COMMIT")),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn replace(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        let rows = changes.rows()?;
        if self.is_large()? {
            match self.replace_file(changes) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if error.has_a_culprit() => return Err(error),
                // A file that a container has as a volume of its own, say, keeps its name.
                Err(error) => {
                    tracing::warn!(%error, "the state file cannot be replaced by a new one, so it is emptied")
                }
            }
        }
        // To empty a table rewrites its pages and those of its indexes, even if they are empty already.
        let clear = format!("{BEGIN}{}", statements::clear(&self.filled()?));
        // With foreign keys on, SQLite would look for the children of every row; without, it drops a table's pages at once.
        self.execute("PRAGMA foreign_keys = OFF")?;
        let transaction = self.transact(&clear, rows, "");
        let result = self.runtime.block_on(transaction).and_then(|()| self.finish_replacing());
        self.execute("PRAGMA foreign_keys = ON")?;
        result
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.runtime.block_on(async {
            let Some(mut connection) = self.connection.lock().await.take() else { return Ok(()) };
            let checkpointed = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await;
            let closed = connection.close().await;
            checkpointed.map(drop).and(closed).map_err(|error| failure(&error))
        })
    }
}

/// Ends a failed transaction. On some errors SQLite has done so itself, and then this fails, which is as good.
async fn rollback(connection: &mut SqliteConnection) {
    drop(sqlx::query("ROLLBACK").execute(connection).await);
}

/// The names that a query returns.
async fn names(connection: &mut SqliteConnection, sql: &str) -> sqlx::Result<BTreeSet<String>> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.map(BTreeSet::from_iter)
}

/// The path with symbolic links resolved, so that every way to the file leads to the same lock. Makes missing folders.
fn real_path(path: &Path) -> std::io::Result<PathBuf> {
    if path.exists() {
        return fs::canonicalize(path);
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    Ok(path.to_owned())
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let lock = swap::with_ending(path, ".lock");
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(MODE).open(&lock);
    let unusable = |error: std::io::Error| OpenError::Unusable { path: lock.clone(), reason: error.to_string() };
    let file = opened.map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned(), lock }),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Makes the file readable by its owner only, also one that is made now.
///
/// INVARIANT: this process has no other handle on the file while SQLite has one: closing it would drop SQLite's POSIX locks.
fn make_private(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        let mode = fs::metadata(path)?.permissions().mode();
        return if mode & 0o777 == MODE { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(MODE)) };
    }
    OpenOptions::new().create_new(true).write(true).mode(MODE).open(path).map(drop)
}

fn connect_options(path: &Path, durability: Durability) -> SqliteConnectOptions {
    let synchronous = match durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Process => SqliteSynchronous::Normal,
    };
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        // Of 4 KB: pages that are written again and again reach the file itself less often than with SQLite's thousand.
        .pragma("wal_autocheckpoint", "4000")
        // A combination of tables changed together is one statement text; there are more of those than the default keeps.
        .statement_cache_capacity(400)
        .disable_statement_logging()
}

/// Sorts SQLite's result codes (<https://www.sqlite.org/rescode.html>): those of the environment hit every write, the rest one that is to blame.
fn failure(error: &sqlx::Error) -> StoreError {
    const ENVIRONMENT: [u32; 11] = [5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26];
    let text: Arc<str> = error.to_string().into();
    match result_code(error) {
        Some(code) if !ENVIRONMENT.contains(&code) => StoreError::Constraint(text),
        _ => StoreError::Disk(text),
    }
}

/// SQLite's primary result code, if the error came from SQLite.
fn result_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
