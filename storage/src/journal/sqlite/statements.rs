//! All SQL about records, built once at start from the tables' declarations; values are always bound.

use std::collections::BTreeSet;

use sqlx::{Row, SqliteConnection};

use super::failure;
use crate::error::StoreError;
use crate::journal::Rows;
use crate::record::TableDef;

/// The statements for one kind of record.
pub(super) struct Statements {
    /// Takes rows as JSON; inserts them or replaces what has their key.
    put: String,
    /// Takes keys as JSON.
    remove: String,
}

impl Statements {
    pub(super) fn of(table: &TableDef) -> Statements {
        Statements { put: put(table), remove: remove(table) }
    }

    #[cfg(test)]
    pub(super) fn changing(&self) -> [String; 2] {
        [self.put.clone(), self.remove.clone()]
    }
}

/// Text as an SQL literal: always a constant of the program.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A column, a table: constants of the program too, quoted so that none is taken for a keyword.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn put(table: &TableDef) -> String {
    let mut columns: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    if let Some(kind) = table.kind {
        columns.push("kind".to_owned());
        values.push(literal(kind));
    }
    let fields = table.key.iter().chain(table.columns).chain(&["version"]);
    for (position, field) in fields.enumerate() {
        columns.push(quoted(field));
        values.push(format!("value->>{position}"));
    }
    columns.push("doc".to_owned());
    // `->` and not `->>`: the document stays JSON.
    values.push(format!("value->{}", table.key.len() + table.columns.len() + 1));
    let changed = table.columns.iter().chain(&["version", "doc"]).map(|column| quoted(column));
    let changed: Vec<String> = changed.map(|column| format!("{column}=excluded.{column}")).collect();
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM json_each(?) WHERE true ON CONFLICT ({}) DO UPDATE SET {};",
        quoted(table.name),
        columns.join(","),
        values.join(","),
        key_columns(table).join(","),
        changed.join(","),
    )
}

fn remove(table: &TableDef) -> String {
    let parts: Vec<String> = (0..table.key.len()).map(|position| format!("value->>{position}")).collect();
    let key: Vec<String> = table.key.iter().map(|column| quoted(column)).collect();
    let of_kind = table.kind.map(|kind| format!("kind={} AND ", literal(kind))).unwrap_or_default();
    format!(
        "DELETE FROM {} WHERE {of_kind}({}) IN (SELECT {} FROM json_each(?));",
        quoted(table.name),
        key.join(","),
        parts.join(","),
    )
}

/// The columns of the primary key.
pub(super) fn key_columns(table: &TableDef) -> Vec<String> {
    table.kind.map(|_| "kind").iter().chain(table.key).map(|column| quoted(column)).collect()
}

/// The names of the tables, each once, however many kinds share one.
pub(super) fn names<'a>(tables: impl Iterator<Item = &'a TableDef>) -> BTreeSet<&'static str> {
    tables.map(|table| table.name).collect()
}

/// Between the rows, and between the fields of a row, of what a [`load`] returns. JSON holds neither.
pub(super) const ROW_END: char = '\u{1e}';
pub(super) const FIELD_END: char = '\u{1f}';

/// Takes a position (0 at first); returns the position after up to `limit` rows, and these as one text of kind, version and document: a row of SQLite
/// that goes to another thread costs far more than its content.
pub(super) fn load(table: &str, has_kinds: bool, has_rowids: bool, limit: usize) -> String {
    let kind = if has_kinds { "kind" } else { "''" };
    let table = quoted(table);
    let rows = if has_rowids {
        format!(
            "SELECT rowid AS at, {kind} AS kind, version, doc FROM {table} WHERE rowid > ?1 ORDER BY rowid LIMIT {limit}"
        )
    } else {
        // Walks over what was read before, each time: another reason why tables should have rowids.
        format!("SELECT ?1 + {limit} AS at, {kind} AS kind, version, doc FROM {table} LIMIT {limit} OFFSET ?1")
    };
    format!("SELECT max(at), group_concat(kind || char(31) || version || char(31) || doc, char(30)) FROM ({rows})")
}

/// The name of the view of a kind that shares its table, and the statement that makes it: dashes become underscores, so that it needs no quotes.
pub(super) fn view(table: &TableDef) -> Option<(String, String)> {
    let kind = table.kind?;
    let name = kind.replace('-', "_");
    let columns: Vec<String> =
        table.key.iter().chain(table.columns).chain(&["version", "doc"]).map(|column| quoted(column)).collect();
    let (columns, from) = (columns.join(","), quoted(table.name));
    let sql = format!("CREATE VIEW {} AS SELECT {columns} FROM {from} WHERE kind={};", quoted(&name), literal(kind));
    Some((name, sql))
}

/// Asks which tables have rows: most have none, and one question is cheaper than one for each. SQLite takes up to 500 terms.
pub(super) fn filled<'a>(tables: impl Iterator<Item = &'a TableDef>) -> String {
    let asked = names(tables).into_iter();
    let asked: Vec<String> =
        asked.map(|name| format!("SELECT {} WHERE EXISTS (SELECT 1 FROM {})", literal(name), quoted(name))).collect();
    asked.join(" UNION ALL ")
}

/// Statements that empty these tables.
pub(super) fn clear(tables: &BTreeSet<String>) -> String {
    tables.iter().map(|name| format!("DELETE FROM {};", quoted(name))).collect()
}

/// Appends the statements for these rows to `sql`, and returns their parameters in order. Removals come first: a value that moves from one record to
/// another is free by then.
pub(super) fn transaction(statements: &[Statements], rows: Vec<Rows>, sql: &mut String) -> Vec<String> {
    let mut parameters = Vec::new();
    let mut puts = Vec::new();
    for Rows { slot, removed, put } in rows {
        let Some(statements) = statements.get(slot) else { continue };
        if let Some(keys) = removed {
            sql.push_str(&statements.remove);
            parameters.push(keys);
        }
        puts.extend(put.into_iter().map(|rows| (&statements.put, rows)));
    }
    for (statement, rows) in puts {
        sql.push_str(statement);
        parameters.push(rows);
    }
    parameters
}

/// Fails if any row refers to one that is not there.
pub(super) async fn check_foreign_keys(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let broken =
        sqlx::query("PRAGMA foreign_key_check").fetch_optional(connection).await.map_err(|error| failure(&error))?;
    match broken {
        None => Ok(()),
        Some(row) => {
            let table: String = row.try_get(0).unwrap_or_default();
            let parent: String = row.try_get(2).unwrap_or_default();
            Err(StoreError::Constraint(
                format!("a row of `{table}` refers to one of `{parent}` that is not there").into(),
            ))
        }
    }
}
