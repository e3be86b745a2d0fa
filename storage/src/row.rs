//! A record whose type is not known here. Tables hold rows, so that there is one table in the program, not one for every kind of record: their
//! maps and indexes would be most of it.

use std::any::Any;
use std::sync::Arc;

use jiff::Timestamp;

use crate::key::Key;
use crate::record::{IndexDef, IndexEntries, Record, TableDef};
use crate::table::Document;

/// A record, its type forgotten. Cheap to clone.
pub(crate) type Row = Arc<dyn Stored>;

/// What a kind of record declares, without its type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declared {
    pub(crate) table: TableDef,
    pub(crate) indexes: &'static [IndexDef],
    pub(crate) version: u32,
}

impl Declared {
    pub(crate) const fn by<R: Record>() -> Declared {
        Declared { table: R::TABLE, indexes: R::INDEXES, version: R::VERSION }
    }
}

/// What a table asks of a record.
pub(crate) trait Stored: Any + Send + Sync {
    fn key(&self) -> Key;
    fn gone_at(&self) -> Option<Timestamp>;
    /// Its index entries, sorted, each once.
    fn entries(&self) -> Vec<(usize, Arc<str>)>;
    fn columns(&self) -> Vec<Option<String>>;
    /// Appends its document.
    fn write(&self, json: &mut Vec<u8>) -> serde_json::Result<()>;
}

/// The record, shared in the form in which readers get it.
struct Held<R>(Arc<R>);

impl<R: Record> Stored for Held<R> {
    fn key(&self) -> Key {
        self.0.key()
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.0.gone_at()
    }

    fn entries(&self) -> Vec<(usize, Arc<str>)> {
        IndexEntries::of::<R>(&self.0)
    }

    fn columns(&self) -> Vec<Option<String>> {
        self.0.columns()
    }

    fn write(&self, json: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(json, self.0.as_ref())
    }
}

/// Forgets the record's type.
pub(crate) fn row<R: Record>(record: R) -> Row {
    Arc::new(Held(Arc::new(record)))
}

/// The record again. A row of another kind gives nothing: the schema gives every kind a table of its own.
pub(crate) fn record<R: Record>(row: &Row) -> Option<&Arc<R>> {
    let held = (row.as_ref() as &dyn Any).downcast_ref::<Held<R>>();
    held.map(|held| &held.0)
}

/// Reads a stored document; the error is a reason.
pub(crate) fn parse<R: Record>(document: Document<'_>) -> Result<Row, String> {
    if document.version == R::VERSION {
        let record: R =
            serde_json::from_str(document.text).map_err(|error| unreadable(&error.to_string(), document.text))?;
        return Ok(row(record));
    }
    upgraded::<R>(document).map(row)
}

/// Brings an old document to the present version, step by step.
fn upgraded<R: Record>(document: Document<'_>) -> Result<R, String> {
    if document.version > R::VERSION {
        return Err(format!("a newer rolecall wrote it (version {}, known is {})", document.version, R::VERSION));
    }
    let mut value = serde_json::from_str::<serde_json::Value>(document.text)
        .map_err(|error| unreadable(&error.to_string(), document.text))?;
    for version in document.version..R::VERSION {
        value = R::upgrade(version, value).map_err(|error| unreadable(&error.0, document.text))?;
    }
    // Through text again: a second way to read every kind of record would only make the program larger.
    serde_json::from_str(&value.to_string()).map_err(|error| unreadable(&error.to_string(), document.text))
}

/// Names the row by the start of its document, in which the identifiers stand. Secrets may stand further on, so only a little is shown.
fn unreadable(reason: &str, document: &str) -> String {
    let start: String = document.chars().take(60).collect();
    format!("{reason} (in the document that begins with `{start}`)")
}
