//! Reading everything at start: one thread takes rows from SQLite, two others turn documents into records and records into tables.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use tokio::runtime::Runtime;

use super::statements::Statements;
use crate::error::OpenError;
use crate::schema::Schema;
use crate::table::{AnyParsed, Document, SharedTable};
use crate::world::Tables;

/// Documents handed over at once.
const CHUNK: usize = 1024;
/// Chunks that may wait to be parsed, which bounds the memory they take.
const WAITING: usize = 16;
const PARSERS: usize = 2;

/// Some documents of one slot.
struct Chunk {
    slot: usize,
    documents: Vec<Document>,
}

/// The parsed chunks of every slot.
type Parsed = Vec<Vec<AnyParsed>>;

type Built = Vec<(usize, Result<SharedTable, OpenError>)>;

/// Reads all tables.
pub(super) fn load(
    connection: &mut SqliteConnection,
    runtime: &Runtime,
    statements: &[Statements],
    schema: &Arc<Schema>,
) -> Result<Tables, OpenError> {
    let parsed = Mutex::new(schema.kinds().iter().map(|_| Vec::new()).collect::<Parsed>());
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let failure = Mutex::new(None);
    let read = thread::scope(|scope| {
        for _ in 0..PARSERS {
            scope.spawn(|| {
                if let Err(error) = parse(&receiver, &parsed, schema) {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            });
        }
        let outcome = runtime.block_on(read(connection, statements, &sender));
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

/// Sends the documents of all tables on.
async fn read(
    connection: &mut SqliteConnection,
    statements: &[Statements],
    sender: &SyncSender<Chunk>,
) -> Result<(), OpenError> {
    for (slot, statements) in statements.iter().enumerate() {
        let unreadable = |error: sqlx::Error| document_error(statements.table.label(), error.to_string());
        let mut query = sqlx::query(AssertSqlSafe(statements.load.clone()));
        if let Some(kind) = statements.table.kind {
            query = query.bind(kind);
        }
        let mut rows = query.fetch(&mut *connection);
        let mut documents = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(unreadable)? {
            let version = row.try_get(0).map_err(unreadable)?;
            let text = row.try_get(1).map_err(unreadable)?;
            documents.push(Document { version, text });
            if documents.len() == CHUNK
                && sender.send(Chunk { slot, documents: std::mem::take(&mut documents) }).is_err()
            {
                return Ok(());
            }
        }
        if !documents.is_empty() && sender.send(Chunk { slot, documents }).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Parses chunks until there are no more. On an error it goes on taking them, so that the reader never waits for nobody.
fn parse(receiver: &Mutex<Receiver<Chunk>>, parsed: &Mutex<Parsed>, schema: &Schema) -> Result<(), OpenError> {
    let mut result = Ok(());
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Chunk { slot, documents }) = next else { return result };
        let Some(kind) = schema.kind(slot).filter(|_| result.is_ok()) else { continue };
        match (kind.parse)(documents) {
            Ok(records) => {
                if let Some(chunks) = parsed.lock().unwrap_or_else(PoisonError::into_inner).get_mut(slot) {
                    chunks.push(records);
                }
            }
            Err(reason) => result = Err(document_error(kind.table.label(), reason)),
        }
    }
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
                    let table = (kind.build)(chunks).map_err(|reason| document_error(kind.table.label(), reason));
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
