//! All SQL about records, built once at start from the tables' declarations; values are always bound.

use std::collections::BTreeSet;

use sqlx::{Row, SqliteConnection};

use super::failure;
use crate::error::StoreError;
use crate::journal::Rows;
use crate::record::TableDef;

/// The statements for one kind of record.
pub(super) struct Statements {
    pub(super) table: TableDef,
    /// Takes rows as JSON; inserts them or replaces what has their key.
    put: String,
    /// Takes keys as JSON.
    remove: String,
    /// Returns (version, doc); takes the kind, if many share the table.
    pub(super) load: String,
}

impl Statements {
    pub(super) fn of(table: &TableDef) -> Statements {
        Statements { table: *table, put: put(table), remove: remove(table), load: load(table) }
    }

    #[cfg(test)]
    pub(super) fn changing(&self) -> [String; 2] {
        [self.put.clone(), self.remove.clone()]
    }
}

/// Text as an SQL literal: the kind, which is a constant of the program.
fn literal(text: &str) -> String {
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

fn load(table: &TableDef) -> String {
    let of_kind = if table.kind.is_some() { " WHERE kind=?" } else { "" };
    format!("SELECT version, doc FROM {}{of_kind}", quoted(table.name))
}

/// The columns of the primary key.
pub(super) fn key_columns(table: &TableDef) -> Vec<String> {
    table.kind.map(|_| "kind").iter().chain(table.key).map(|column| quoted(column)).collect()
}

/// Statements that empty every table.
pub(super) fn clear<'a>(tables: impl Iterator<Item = &'a TableDef>) -> String {
    let names: BTreeSet<&str> = tables.map(|table| table.name).collect();
    names.into_iter().map(|name| format!("DELETE FROM {};", quoted(name))).collect()
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
        if let Some(rows) = put {
            puts.push((&statements.put, rows));
        }
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
