//! Making a state file, bringing it to the present migrations, and refusing files that are not ours or too new.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use super::statements::{key_columns, literal, view};
use super::{names, result_code};
use crate::error::OpenError;
use crate::record::TableDef;
use crate::schema::Schema;

/// The layout of records in tables that this program writes, and the highest it reads.
const FORMAT: u32 = 1;

/// One file of `migrations/sqlite`.
pub(super) struct Migration {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

// `MIGRATIONS`: what `build.rs` found.
include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// SQLITE_NOTADB
const NOT_A_DATABASE: u32 = 26;

/// Connects, and reads for the first time: that is when SQLite finds out what the file is.
pub(super) async fn connect(path: &Path, options: &SqliteConnectOptions) -> Result<SqliteConnection, OpenError> {
    options.connect().await.map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &sqlx::Error) -> OpenError {
    let path = path.to_owned();
    match result_code(error) {
        Some(NOT_A_DATABASE) => OpenError::Foreign { path, reason: "it is no SQLite file".to_owned() },
        _ => OpenError::Unusable { path, reason: error.to_string() },
    }
}

/// What was found where the state was to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing, or an empty file: all of it was made now, so that no table has a row.
    Nothing,
    State,
}

/// Applies what the file has not seen, as one transaction. In a file that is made now the kinds have their views by it, too.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
    migrations: &[Migration],
) -> Result<Found, OpenError> {
    let seen = seen(connection, path).await?;
    let found = if seen.is_empty() { Found::Nothing } else { Found::State };
    let known: BTreeSet<&str> = migrations.iter().map(|migration| migration.name).collect();
    if let Some(newer) = seen.iter().find(|name| !known.contains(name.as_str())) {
        return Err(OpenError::Newer { path: path.to_owned(), newer: format!("migration `{newer}`") });
    }
    if migrations.iter().all(|migration| seen.contains(migration.name)) {
        return Ok(found);
    }
    let mut transaction = connection.begin().await.map_err(|error| unusable(path, &error))?;
    let unseen = || migrations.iter().filter(|migration| !seen.contains(migration.name));
    // As one text: a new file has some forty to apply, and each turn of the connection's thread takes longer than SQLite takes for most of them.
    let mut sql: String = unseen().flat_map(|migration| [migration.sql.to_owned(), noting(migration.name)]).collect();
    if found == Found::Nothing {
        sql.extend(schema.tables().filter_map(view).map(|(_, view)| view));
    }
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await {
        // Within the transaction, what was noted is what went well; without the table, nothing was.
        let done = strings(&mut transaction, path, "SELECT name FROM migration").await.unwrap_or_default();
        let failed = unseen().find(|migration| !done.contains(migration.name));
        let name = failed.map_or("", |migration| migration.name);
        return Err(OpenError::Migration { name, reason: error.to_string() });
    }
    transaction.commit().await.map_err(|error| unusable(path, &error))?;
    Ok(found)
}

/// The statement that notes a migration, whose last statement need not have its semicolon.
fn noting(name: &str) -> String {
    format!("\n;INSERT INTO migration (name) VALUES ({});\n", literal(name))
}

/// The migrations the file has seen; none if it is empty.
async fn seen(connection: &mut SqliteConnection, path: &Path) -> Result<BTreeSet<String>, OpenError> {
    let names = strings(connection, path, "SELECT name FROM sqlite_schema WHERE type = 'table'").await?;
    if names.is_empty() {
        return Ok(names);
    }
    if !names.contains("meta") || !names.contains("migration") {
        let reason = "it is a SQLite file of something else".to_owned();
        return Err(OpenError::Foreign { path: path.to_owned(), reason });
    }
    let formats = strings(connection, path, "SELECT value FROM meta WHERE name = 'format'").await?;
    let format = formats.first().map(String::as_str).unwrap_or_default();
    match format.parse::<u32>() {
        Ok(format) if format <= FORMAT => strings(connection, path, "SELECT name FROM migration").await,
        Ok(format) => Err(OpenError::Newer { path: path.to_owned(), newer: format!("format {format}") }),
        Err(_) => Err(OpenError::Foreign { path: path.to_owned(), reason: format!("its format is `{format}`") }),
    }
}

async fn strings(connection: &mut SqliteConnection, path: &Path, sql: &str) -> Result<BTreeSet<String>, OpenError> {
    names(connection, sql).await.map_err(|error| unusable(path, &error))
}

/// Compares the records' declarations with the tables the migrations made, so that a mismatch is met at start and not by the first write.
pub(super) async fn check_tables(
    connection: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
) -> Result<(), OpenError> {
    let sql = "SELECT t.name, c.name, c.pk FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY c.pk";
    let rows = sqlx::query(sql).fetch_all(connection).await.map_err(|error| unusable(path, &error))?;
    let mut columns: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for row in &rows {
        let column = || -> Result<_, sqlx::Error> { Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?))) };
        let (table, column) = column().map_err(|error| unusable(path, &error))?;
        columns.entry(table).or_default().push(column);
    }
    let mut labels = BTreeSet::new();
    for table in schema.tables() {
        let reason = mismatch(table, columns.get(table.name).map(Vec::as_slice));
        let reason = if labels.insert(table.label()) { reason } else { Some("two records claim it".to_owned()) };
        if let Some(reason) = reason {
            return Err(OpenError::Table { table: table.label(), reason });
        }
    }
    Ok(())
}

/// What is wrong with a table, given its columns with their places in the primary key, in that order.
fn mismatch(table: &TableDef, columns: Option<&[(String, i64)]>) -> Option<String> {
    let Some(columns) = columns else { return Some("no migration makes it".to_owned()) };
    let key: Vec<String> =
        columns.iter().filter(|(_, place)| *place > 0).map(|(name, _)| format!("\"{name}\"")).collect();
    if key != key_columns(table) {
        return Some(format!("its primary key is ({}), not ({})", key.join(", "), key_columns(table).join(", ")));
    }
    let others: BTreeSet<&str> =
        columns.iter().filter(|(_, place)| *place == 0).map(|(name, _)| name.as_str()).collect();
    let wanted: BTreeSet<&str> = table.columns.iter().chain(&["version", "doc"]).copied().collect();
    (others != wanted).then(|| format!("its further columns are {others:?}, not {wanted:?}"))
}

/// Gives every kind that shares a table a view of its own, called like the kind, for the person who opens the file.
pub(super) async fn make_views(
    connection: &mut SqliteConnection,
    path: &Path,
    schema: &Schema,
) -> Result<(), OpenError> {
    let present = strings(connection, path, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").await?;
    let missing: String =
        schema.tables().filter_map(view).filter(|(name, _)| !present.contains(name)).map(|(_, sql)| sql).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut transaction = connection.begin().await.map_err(|error| unusable(path, &error))?;
    sqlx::raw_sql(AssertSqlSafe(missing)).execute(&mut *transaction).await.map_err(|error| unusable(path, &error))?;
    transaction.commit().await.map_err(|error| unusable(path, &error))
}
