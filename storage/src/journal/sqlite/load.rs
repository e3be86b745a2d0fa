//! Reading everything at start: this thread takes rows from SQLite, two others turn documents into records and records into tables.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use tokio::runtime::Runtime;

use super::names;
use super::statements::{self, FIELD_END, ROW_END};
use crate::error::OpenError;
use crate::schema::Schema;
use crate::table::{self, Document, SharedTable};
use crate::world::Tables;

/// Rows read and handed over at once.
const CHUNK: usize = 1024;
/// Chunks that may wait to be parsed, which bounds the memory they take.
const WAITING: usize = 16;
const PARSERS: usize = 2;

/// Some rows of a table, as `statements::load` returns them.
struct Chunk {
    table: &'static str,
    rows: String,
}

/// The parsed chunks of every slot.
type Parsed = Vec<Vec<Vec<table::Parsed>>>;

type Built = Vec<(usize, Result<SharedTable, OpenError>)>;

/// The slot of each table and kind; the kind is empty where a table has but one.
type Slots = HashMap<(&'static str, &'static str), usize>;

/// Reads all tables.
pub(super) fn load(
    connection: &mut SqliteConnection,
    runtime: &Runtime,
    schema: &Arc<Schema>,
    filled: &str,
) -> Result<Tables, OpenError> {
    let slots: Slots =
        schema.tables().enumerate().map(|(slot, table)| ((table.name, table.kind.unwrap_or_default()), slot)).collect();
    let parsed = Mutex::new(schema.kinds().iter().map(|_| Vec::new()).collect::<Parsed>());
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let failure = Mutex::new(None);
    let read = thread::scope(|scope| {
        for _ in 0..PARSERS {
            scope.spawn(|| {
                if let Err(error) = parse(&receiver, &parsed, schema, &slots) {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            });
        }
        let outcome = runtime.block_on(read(connection, schema, filled, &sender));
        // The parsers end when nobody can send any more.
        drop(sender);
        outcome
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    read?;
    let parsed = parsed.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Tables::loaded(schema.clone(), build(parsed, schema)?))
}

/// Sends the rows of all tables on.
async fn read(
    connection: &mut SqliteConnection,
    schema: &Schema,
    filled: &str,
    sender: &SyncSender<Chunk>,
) -> Result<(), OpenError> {
    let unlisted = |error: sqlx::Error| document_error("sqlite_schema".to_owned(), error.to_string());
    let filled = names(connection, filled).await.map_err(unlisted)?;
    let with_rowids = "SELECT name FROM pragma_table_list WHERE NOT wr";
    let with_rowids = names(connection, with_rowids).await.map_err(unlisted)?;
    for table in statements::names(schema.tables()).into_iter().filter(|table| filled.contains(*table)) {
        let unreadable = |error: sqlx::Error| document_error(table.to_owned(), error.to_string());
        let has_kinds = schema.tables().any(|other| other.name == table && other.kind.is_some());
        let has_rowids = with_rowids.contains(table);
        let sql: Arc<str> = statements::load(table, has_kinds, has_rowids, CHUNK).into();
        let mut position = Some(0_i64);
        while let Some(at) = position {
            let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(at);
            let row = query.fetch_one(&mut *connection).await.map_err(unreadable)?;
            position = row.try_get(0).map_err(unreadable)?;
            let rows: Option<String> = row.try_get(1).map_err(unreadable)?;
            if let Some(rows) = rows
                && sender.send(Chunk { table, rows }).is_err()
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Parses chunks until there are no more. On an error it goes on taking them, so that the reader never waits for nobody.
fn parse(
    receiver: &Mutex<Receiver<Chunk>>,
    parsed: &Mutex<Parsed>,
    schema: &Schema,
    slots: &Slots,
) -> Result<(), OpenError> {
    let mut result = Ok(());
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(chunk) = next else { return result };
        if result.is_ok() {
            result = parse_chunk(&chunk, parsed, schema, slots);
        }
    }
}

fn parse_chunk(chunk: &Chunk, parsed: &Mutex<Parsed>, schema: &Schema, slots: &Slots) -> Result<(), OpenError> {
    let mut documents: HashMap<usize, Vec<Document<'_>>> = HashMap::new();
    for row in chunk.rows.split(ROW_END) {
        let (kind, document) = split(row)
            .ok_or_else(|| document_error(chunk.table.to_owned(), "it holds control characters".to_owned()))?;
        // Rows of a kind that this program does not know stay where they are.
        if let Some(slot) = slots.get(&(chunk.table, kind)) {
            documents.entry(*slot).or_default().push(document);
        }
    }
    for (slot, documents) in documents {
        let Some(kind) = schema.kind(slot) else { continue };
        let records = kind.parse_all(&documents).map_err(|reason| document_error(kind.table().label(), reason))?;
        if let Some(chunks) = parsed.lock().unwrap_or_else(PoisonError::into_inner).get_mut(slot) {
            chunks.push(records);
        }
    }
    Ok(())
}

fn split(row: &str) -> Option<(&str, Document<'_>)> {
    let (kind, rest) = row.split_once(FIELD_END)?;
    let (version, text) = rest.split_once(FIELD_END)?;
    Some((kind, Document { version: version.parse().ok()?, text }))
}

/// Builds the tables, two at a time.
fn build(parsed: Parsed, schema: &Schema) -> Result<Vec<SharedTable>, OpenError> {
    let queue = Mutex::new(parsed.into_iter().enumerate());
    let built: Mutex<Built> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..PARSERS {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((slot, chunks)) = next else { return };
                    let Some(kind) = schema.kind(slot) else { continue };
                    let table = kind.build(chunks).map_err(|reason| document_error(kind.table().label(), reason));
                    built.lock().unwrap_or_else(PoisonError::into_inner).push((slot, table));
                }
            });
        }
    });
    let mut built = built.into_inner().unwrap_or_else(PoisonError::into_inner);
    built.sort_by_key(|(slot, _)| *slot);
    built.into_iter().map(|(_, table)| table).collect()
}

fn document_error(table: String, reason: String) -> OpenError {
    OpenError::Document { table, reason }
}
