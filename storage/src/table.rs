//! One kind of record in memory: a persistent ordered map, its indexes, and the records that will be gone by themselves.
//!
//! A table is cheap to copy and shares structure with its copies. [`AnyTable`] is the same table for code that does not know the record's type:
//! the writer, which turns touched keys into rows, and the journal, which reads them back.

use std::any::Any;
use std::sync::Arc;
use std::thread;

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;

use crate::error::StoreError;
use crate::key::{Key, Prefix, end_of, join};
use crate::record::{IndexDef, IndexEntries, Record, TableDef};

/// From how many rows on a second thread helps to build a table.
const WORTH_A_THREAD: usize = 4096;

/// What the crate knows of a kind of record without its type.
#[derive(Clone)]
pub(crate) struct Kind {
    pub(crate) table: TableDef,
    pub(crate) empty: fn() -> SharedTable,
    /// Reads documents, for `build`; the error is a reason.
    pub(crate) parse: fn(&[Document<'_>]) -> Result<AnyParsed, String>,
    pub(crate) build: fn(Vec<AnyParsed>) -> Result<SharedTable, String>,
}

/// A table whose record type is not known here.
pub(crate) type SharedTable = Arc<dyn AnyTable>;

/// A `Vec<Parsed<R>>` whose record type is not known here.
pub(crate) type AnyParsed = Box<dyn Any + Send>;

impl Kind {
    pub(crate) fn of<R: Record>() -> Kind {
        Kind { table: R::TABLE, empty: || Arc::new(Table::<R>::default()), parse: parse_all::<R>, build: build::<R> }
    }
}

/// A stored document and the version of its shape.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a> {
    pub(crate) version: u32,
    pub(crate) text: &'a str,
}

/// A record that was read, with what is needed to put it into its table.
struct Parsed<R> {
    key: Key,
    entries: Vec<(usize, Arc<str>)>,
    record: Arc<R>,
}

/// An index entry: a value, and the key of a record found by it. Ordered by value, then key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    value: Arc<str>,
    key: Option<Key>,
}

/// All records of one kind.
pub(crate) struct Table<R> {
    rows: OrdMap<Key, Arc<R>>,
    indexes: Vec<OrdSet<Entry>>,
    due: OrdSet<(Timestamp, Key)>,
}

impl<R: Record> Default for Table<R> {
    fn default() -> Self {
        Table { rows: OrdMap::new(), indexes: vec![OrdSet::new(); R::INDEXES.len()], due: OrdSet::new() }
    }
}

impl<R> Clone for Table<R> {
    fn clone(&self) -> Self {
        Table { rows: self.rows.clone(), indexes: self.indexes.clone(), due: self.due.clone() }
    }
}

/// Whether a record is gone at `now`.
fn is_gone<R: Record>(record: &R, now: Timestamp) -> bool {
    record.gone_at().is_some_and(|gone| gone <= now)
}

impl<R: Record> Table<R> {
    /// Whether any record is gone at `now` though its row is still there.
    fn has_gone(&self, now: Timestamp) -> bool {
        self.due.get_min().is_some_and(|(gone, _)| *gone <= now)
    }

    pub(crate) fn get(&self, joined: &str, now: Timestamp) -> Option<&Arc<R>> {
        self.rows.get(joined).filter(|record| !is_gone(record.as_ref(), now))
    }

    pub(crate) fn scan(
        &self,
        prefix: &Prefix,
        after: Option<&Key>,
        now: Timestamp,
    ) -> impl DoubleEndedIterator<Item = (&Key, &Arc<R>)> + use<'_, R> {
        let filter = self.has_gone(now);
        self.rows
            .range::<_, str>(prefix.bounds(after))
            .filter(move |(_, record)| !filter || !is_gone(record.as_ref(), now))
    }

    pub(crate) fn count(&self, prefix: &Prefix, now: Timestamp) -> usize {
        if prefix.is_all() && !self.has_gone(now) { self.rows.len() } else { self.scan(prefix, None, now).count() }
    }

    /// The records found in an index under a value that starts with `parts`, ordered by value, then key.
    pub(crate) fn by(
        &self,
        index: usize,
        parts: &[&str],
        now: Timestamp,
    ) -> impl Iterator<Item = &Arc<R>> + use<'_, R> {
        debug_assert!(index < R::INDEXES.len(), "{} has no index number {index}", R::TABLE.label());
        let range = (!parts.is_empty()).then(|| {
            let start = join(parts);
            let end = end_of(&start);
            Entry { value: start.into(), key: None }..Entry { value: end.into(), key: None }
        });
        let entries = self.indexes.get(index).map(|entries| match range {
            Some(range) => entries.range(range),
            None => entries.range::<_, Entry>(..),
        });
        let found = entries.into_iter().flatten().filter_map(|entry| self.rows.get(entry.key.as_ref()?));
        found.filter(move |record| !is_gone(record.as_ref(), now))
    }

    /// Puts a record in; returns its key and those of records it displaced because they are gone at `now` but still held a unique value.
    pub(crate) fn put(&mut self, record: R, now: Timestamp) -> Result<(Key, Vec<Key>), StoreError> {
        let key = record.key();
        if key.arity() != R::TABLE.key.len() {
            let wanted = R::TABLE.key.join(", ");
            return Err(declaration::<R>(&format!("key `{key}` should have the parts {wanted}")));
        }
        let entries = IndexEntries::of(&record);
        let displaced = self.displaced(&key, &entries, now)?;
        for other in &displaced {
            self.take(other);
        }
        self.replace(key.clone(), entries, Arc::new(record));
        Ok((key, displaced))
    }

    /// The holders of unique values among `entries` that are gone. An error if one is not.
    fn displaced(&self, key: &Key, entries: &[(usize, Arc<str>)], now: Timestamp) -> Result<Vec<Key>, StoreError> {
        let mut displaced = Vec::new();
        for (index, value) in entries {
            let Some(definition) = R::INDEXES.get(*index) else {
                return Err(declaration::<R>(&format!("there is no index number {index}")));
            };
            if !definition.unique {
                continue;
            }
            for other in self.holders(*index, value).filter(|other| *other != key) {
                if self.rows.get(other).is_some_and(|record| !is_gone(record.as_ref(), now)) {
                    return Err(not_unique::<R>(definition, key, other));
                }
                displaced.push(other.clone());
            }
        }
        Ok(displaced)
    }

    /// The keys in an index under exactly this value.
    fn holders<'a>(&'a self, index: usize, value: &'a Arc<str>) -> impl Iterator<Item = &'a Key> {
        let from = Entry { value: value.clone(), key: None };
        let entries = self.indexes.get(index).map(|entries| entries.range(from..));
        entries
            .into_iter()
            .flatten()
            .take_while(move |entry| entry.value == *value)
            .filter_map(|entry| entry.key.as_ref())
    }

    /// Puts a record under its key, and in the indexes touches only what differs from the one before.
    fn replace(&mut self, key: Key, entries: Vec<(usize, Arc<str>)>, record: Arc<R>) {
        let gone_at = record.gone_at();
        let old = self.rows.insert(key.clone(), record);
        let old_entries = old.as_deref().map(IndexEntries::of::<R>).unwrap_or_default();
        let old_gone_at = old.as_deref().and_then(Record::gone_at);
        for entry in &old_entries {
            if entries.binary_search(entry).is_err() {
                self.unindex(entry, &key);
            }
        }
        if old_gone_at != gone_at {
            if let Some(gone_at) = old_gone_at {
                self.due.remove(&(gone_at, key.clone()));
            }
            if let Some(gone_at) = gone_at {
                self.due.insert((gone_at, key.clone()));
            }
        }
        for entry in entries {
            if old_entries.binary_search(&entry).is_err()
                && let Some(index) = self.indexes.get_mut(entry.0)
            {
                index.insert(Entry { value: entry.1, key: Some(key.clone()) });
            }
        }
    }

    fn unindex(&mut self, entry: &(usize, Arc<str>), key: &Key) {
        if let Some(index) = self.indexes.get_mut(entry.0) {
            index.remove(&Entry { value: entry.1.clone(), key: Some(key.clone()) });
        }
    }

    /// Takes a record out, gone or not.
    pub(crate) fn take(&mut self, key: &Key) -> Option<Arc<R>> {
        let record = self.rows.remove(key)?;
        for entry in IndexEntries::of::<R>(&record) {
            self.unindex(&entry, key);
        }
        if let Some(gone_at) = record.gone_at() {
            self.due.remove(&(gone_at, key.clone()));
        }
        Some(record)
    }
}

fn declaration<R: Record>(what: &str) -> StoreError {
    StoreError::Declaration(format!("{}: {what}", R::TABLE.label()).into())
}

fn not_unique<R: Record>(index: &IndexDef, key: &Key, other: &Key) -> StoreError {
    declaration::<R>(&format!("index `{}` is unique, but `{key}` and `{other}` have the same value", index.name))
}

/// A table whose record type is not known here.
pub(crate) trait AnyTable: Any + Send + Sync {
    /// A copy that shares all structure.
    fn copy(&self) -> SharedTable;
    /// How many rows there are, gone ones included.
    fn len(&self) -> usize;
    fn contains(&self, key: &Key) -> bool;
    /// Appends the row of `key` as a JSON array: key parts, further columns, version, document. An error if the record can't be written so.
    fn write_row(&self, key: &Key, json: &mut Vec<u8>) -> Result<(), StoreError>;
    /// Up to `limit` keys of records that are gone at `now`.
    fn due(&self, now: Timestamp, limit: usize) -> Vec<Key>;
    /// Takes a record out.
    fn discard(&mut self, key: &Key);
    /// Puts in a record that another node wrote.
    fn adopt(&mut self, document: Document<'_>) -> Result<(), String>;
}

impl<R: Record> AnyTable for Table<R> {
    fn copy(&self) -> SharedTable {
        Arc::new(self.clone())
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn contains(&self, key: &Key) -> bool {
        self.rows.contains_key(key)
    }

    fn write_row(&self, key: &Key, json: &mut Vec<u8>) -> Result<(), StoreError> {
        let Some(record) = self.rows.get(key) else { return Ok(()) };
        let columns = record.columns();
        if columns.len() != R::TABLE.columns.len() {
            let wanted = R::TABLE.columns.join(", ");
            return Err(declaration::<R>(&format!("`{key}` should give values for the columns {wanted}")));
        }
        let unwritable =
            |error: serde_json::Error| declaration::<R>(&format!("`{key}` cannot be written as JSON: {error}"));
        json.push(b'[');
        for part in key.parts() {
            serde_json::to_writer(&mut *json, part).map_err(unwritable)?;
            json.push(b',');
        }
        for column in &columns {
            serde_json::to_writer(&mut *json, column).map_err(unwritable)?;
            json.push(b',');
        }
        json.extend_from_slice(R::VERSION.to_string().as_bytes());
        json.push(b',');
        serde_json::to_writer(&mut *json, record.as_ref()).map_err(unwritable)?;
        json.push(b']');
        Ok(())
    }

    fn due(&self, now: Timestamp, limit: usize) -> Vec<Key> {
        let gone = self.due.iter().take_while(|(gone, _)| *gone <= now);
        gone.take(limit).map(|(_, key)| key.clone()).collect()
    }

    fn discard(&mut self, key: &Key) {
        self.take(key);
    }

    fn adopt(&mut self, document: Document<'_>) -> Result<(), String> {
        let Parsed { key, entries, record } = parse::<R>(document)?;
        self.replace(key, entries, record);
        Ok(())
    }
}

fn parse_all<R: Record>(documents: &[Document<'_>]) -> Result<AnyParsed, String> {
    let mut parsed = documents.iter().map(|document| parse::<R>(*document)).collect::<Result<Vec<_>, _>>()?;
    // A run that is in order, and in the processor's cache by now, makes the whole cheaper to sort.
    parsed.sort_unstable_by(|left, right| left.key.cmp(&right.key));
    Ok(Box::new(parsed))
}

fn parse<R: Record>(document: Document<'_>) -> Result<Parsed<R>, String> {
    let record = if document.version == R::VERSION {
        serde_json::from_str(document.text).map_err(|error| unreadable(&error.to_string(), document.text))?
    } else {
        upgraded::<R>(document)?
    };
    Ok(Parsed { key: Record::key(&record), entries: IndexEntries::of::<R>(&record), record: Arc::new(record) })
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

/// Builds a table from all its records. Sorted first: filling a map in its order is several times as fast.
fn build<R: Record>(parts: Vec<AnyParsed>) -> Result<SharedTable, String> {
    let mut parsed: Vec<Parsed<R>> = Vec::new();
    for part in parts {
        let part = part.downcast::<Vec<Parsed<R>>>().map_err(|_| "rows of another kind of record".to_owned())?;
        parsed.extend(*part);
    }
    let parsed = in_order(&parsed);
    let rows = || -> OrdMap<Key, Arc<R>> { parsed.iter().map(|row| (row.key.clone(), row.record.clone())).collect() };
    if parsed.len() < WORTH_A_THREAD {
        return Ok(Arc::new(Table::<R> { rows: rows(), indexes: index_all(&parsed), due: all_due(&parsed) }));
    }
    let (rows, indexes, due) = thread::scope(|scope| {
        let rows = scope.spawn(rows);
        let (indexes, due) = (index_all(&parsed), all_due(&parsed));
        (rows.join(), indexes, due)
    });
    let rows = rows.map_err(|_| "building the table panicked".to_owned())?;
    Ok(Arc::new(Table { rows, indexes, due }))
}

/// The rows by key. What is sorted has one type for all records, so that there is one sort in the program.
fn in_order<R: Record>(parsed: &[Parsed<R>]) -> Vec<&Parsed<R>> {
    let mut order: Vec<(&Key, usize)> = parsed.iter().enumerate().map(|(at, row)| (&row.key, at)).collect();
    order.sort();
    order.into_iter().filter_map(|(_, at)| parsed.get(at)).collect()
}

fn index_all<R: Record>(parsed: &[&Parsed<R>]) -> Vec<OrdSet<Entry>> {
    let mut indexes: Vec<Vec<Entry>> = R::INDEXES.iter().map(|_| Vec::new()).collect();
    for row in parsed {
        for (index, value) in &row.entries {
            if let Some(index) = indexes.get_mut(*index) {
                index.push(Entry { value: value.clone(), key: Some(row.key.clone()) });
            }
        }
    }
    let sorted = indexes.into_iter().map(|mut entries| {
        entries.sort_unstable();
        entries.into_iter().collect()
    });
    sorted.collect()
}

fn all_due<R: Record>(parsed: &[&Parsed<R>]) -> OrdSet<(Timestamp, Key)> {
    parsed.iter().filter_map(|row| Some((row.record.gone_at()?, row.key.clone()))).collect()
}
