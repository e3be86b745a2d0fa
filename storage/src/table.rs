//! All records of one kind in memory: a persistent ordered map, its indexes, and the records that will be gone by themselves.
//!
//! A table is cheap to copy and shares structure with its copies. It does not know the type of its records (`row.rs`); [`crate::World`] asks for
//! them by their type, the writer turns touched keys into documents, and the journal reads them back.

use std::cmp::Ordering;
use std::sync::Arc;
use std::thread;

use equivalent::{Comparable, Equivalent};
use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;

use crate::error::StoreError;
use crate::key::{Key, Prefix, join, starts_with};
use crate::record::{IndexDef, Record, TableDef};
use crate::row::{Declared, Row, parse};

/// From how many rows on a second thread helps to build a table.
const WORTH_A_THREAD: usize = 4096;

/// What the crate knows of a kind of record without its type.
#[derive(Clone)]
pub(crate) struct Kind {
    pub(crate) declared: Declared,
    /// Reads a document; the error is a reason.
    parse: fn(Document<'_>) -> Result<Row, String>,
}

impl Kind {
    pub(crate) fn of<R: Record>() -> Kind {
        Kind { declared: Declared::by::<R>(), parse: parse::<R> }
    }

    pub(crate) fn table(&self) -> &TableDef {
        &self.declared.table
    }

    /// Reads documents, for [`Kind::build`]; the error is a reason.
    pub(crate) fn parse_all(&self, documents: &[Document<'_>]) -> Result<Vec<Parsed>, String> {
        let read = |document: &Document<'_>| (self.parse)(*document).map(Parsed::of);
        let mut parsed = documents.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        // A run that is in order, and in the processor's cache by now, makes the whole cheaper to sort.
        parsed.sort_unstable_by(|left, right| left.key.cmp(&right.key));
        Ok(parsed)
    }

    /// A table without any record.
    pub(crate) fn empty(&self) -> SharedTable {
        let indexes = vec![OrdSet::new(); self.declared.indexes.len()];
        Arc::new(Table { kind: self.clone(), rows: OrdMap::new(), indexes, due: OrdSet::new() })
    }

    /// Builds a table from all its records. Sorted first: filling a map in its order is several times as fast.
    pub(crate) fn build(&self, parts: Vec<Vec<Parsed>>) -> Result<SharedTable, String> {
        let mut parsed: Vec<Parsed> = parts.into_iter().flatten().collect();
        parsed.sort_by(|left, right| left.key.cmp(&right.key));
        let rows = || -> OrdMap<Key, Row> { parsed.iter().map(|one| (one.key.clone(), one.row.clone())).collect() };
        let beside = || (index_all(self.declared.indexes, &parsed), all_due(&parsed));
        if parsed.len() < WORTH_A_THREAD {
            let (indexes, due) = beside();
            return Ok(Arc::new(Table { kind: self.clone(), rows: rows(), indexes, due }));
        }
        let (rows, (indexes, due)) = thread::scope(|scope| {
            let rows = scope.spawn(rows);
            let beside = beside();
            (rows.join(), beside)
        });
        let rows = rows.map_err(|_| "building the table panicked".to_owned())?;
        Ok(Arc::new(Table { kind: self.clone(), rows, indexes, due }))
    }
}

/// A table that several Worlds may share.
pub(crate) type SharedTable = Arc<Table>;

/// A stored document and the version of its shape.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a> {
    pub(crate) version: u32,
    pub(crate) text: &'a str,
}

/// A record that was read, with what is needed to put it into its table.
pub(crate) struct Parsed {
    key: Key,
    entries: Vec<(usize, Arc<str>)>,
    row: Row,
}

impl Parsed {
    fn of(row: Row) -> Parsed {
        Parsed { key: row.key(), entries: row.entries(), row }
    }
}

/// An index entry: a value, and the key of a record found by it. Ordered by value, then key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    value: Arc<str>,
    key: Key,
}

/// The place in an index right before all entries of a value.
struct Before<'a>(&'a str);

impl Equivalent<Entry> for Before<'_> {
    fn equivalent(&self, _: &Entry) -> bool {
        false
    }
}

impl Comparable<Entry> for Before<'_> {
    fn compare(&self, entry: &Entry) -> Ordering {
        self.0.cmp(&entry.value).then(Ordering::Less)
    }
}

/// All records of one kind.
#[derive(Clone)]
pub(crate) struct Table {
    kind: Kind,
    rows: OrdMap<Key, Row>,
    indexes: Vec<OrdSet<Entry>>,
    due: OrdSet<(Timestamp, Key)>,
}

/// Whether a record is gone at `now`.
fn is_gone(row: &Row, now: Timestamp) -> bool {
    row.gone_at().is_some_and(|gone| gone <= now)
}

impl Table {
    /// Whether any record is gone at `now` though its row is still there.
    pub(crate) fn has_gone(&self, now: Timestamp) -> bool {
        self.due.get_min().is_some_and(|(gone, _)| *gone <= now)
    }

    pub(crate) fn get(&self, parts: &[&str], now: Timestamp) -> Option<&Row> {
        // Most kinds have no record: nothing is joined for them, here and below.
        if self.rows.is_empty() {
            return None;
        }
        self.rows.get(join(parts).as_str()).filter(|row| !is_gone(row, now))
    }

    pub(crate) fn scan(
        &self,
        prefix: &[&str],
        after: Option<&Key>,
        now: Timestamp,
    ) -> impl DoubleEndedIterator<Item = &Row> + use<'_> {
        let prefix = Prefix::new(if self.rows.is_empty() { &[] } else { prefix });
        let filter = self.has_gone(now);
        let rows = self.rows.range::<_, str>(prefix.bounds(after)).map(|(_, row)| row);
        rows.filter(move |row| !filter || !is_gone(row, now))
    }

    pub(crate) fn count(&self, prefix: &[&str], now: Timestamp) -> usize {
        if prefix.is_empty() && !self.has_gone(now) { self.rows.len() } else { self.scan(prefix, None, now).count() }
    }

    /// The records found in an index under a value that starts with `parts`, ordered by value, then key.
    pub(crate) fn by(&self, index: usize, parts: &[&str], now: Timestamp) -> impl Iterator<Item = &Row> + use<'_> {
        debug_assert!(index < self.indexes.len(), "{} has no index number {index}", self.label());
        let entries = self.indexes.get(index).filter(|entries| !entries.is_empty()).map(|entries| {
            let start = (!parts.is_empty()).then(|| join(parts));
            let from = entries.range(Before(start.as_deref().unwrap_or_default())..);
            from.take_while(move |entry| start.as_ref().is_none_or(|start| starts_with(&entry.value, start)))
        });
        let found = entries.into_iter().flatten().filter_map(|entry| self.rows.get(&entry.key));
        found.filter(move |row| !is_gone(row, now))
    }

    /// The first record found so. Most often it is the first entry behind the value, which takes no walk of the index.
    pub(crate) fn one(&self, index: usize, parts: &[&str], now: Timestamp) -> Option<&Row> {
        debug_assert!(index < self.indexes.len(), "{} has no index number {index}", self.label());
        let entries = self.indexes.get(index).filter(|entries| !entries.is_empty())?;
        let start = join(parts);
        let first = entries.get_next(&Before(&start))?;
        if !parts.is_empty() && !starts_with(&first.value, &start) {
            return None;
        }
        let row = self.rows.get(&first.key)?;
        if is_gone(row, now) { self.by(index, parts, now).next() } else { Some(row) }
    }

    /// How many rows there are, gone ones included.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.rows.contains_key(key)
    }

    /// Up to `limit` keys of records that are gone at `now`.
    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<Key> {
        let gone = self.due.iter().take_while(|(gone, _)| *gone <= now);
        gone.take(limit).map(|(_, key)| key.clone()).collect()
    }

    /// Appends the row of `key` as a JSON array: key parts, further columns, version, document. An error if the record can't be written so.
    pub(crate) fn write_row(&self, key: &Key, json: &mut Vec<u8>) -> Result<(), StoreError> {
        let Some(row) = self.rows.get(key) else { return Ok(()) };
        let columns = row.columns();
        let wanted = self.kind.declared.table.columns;
        if columns.len() != wanted.len() {
            let wanted = wanted.join(", ");
            return Err(self.declaration(&format!("`{key}` should give values for the columns {wanted}")));
        }
        let unwritable =
            |error: serde_json::Error| self.declaration(&format!("`{key}` cannot be written as JSON: {error}"));
        json.push(b'[');
        for part in key.parts() {
            serde_json::to_writer(&mut *json, part).map_err(unwritable)?;
            json.push(b',');
        }
        for column in &columns {
            serde_json::to_writer(&mut *json, column).map_err(unwritable)?;
            json.push(b',');
        }
        json.extend_from_slice(self.kind.declared.version.to_string().as_bytes());
        json.push(b',');
        row.write(json).map_err(unwritable)?;
        json.push(b']');
        Ok(())
    }

    /// Puts a record in; returns its key and those of records it displaced because they are gone at `now` but still held a unique value.
    pub(crate) fn put(&mut self, row: Row, now: Timestamp) -> Result<(Key, Vec<Key>), StoreError> {
        let Parsed { key, entries, row } = Parsed::of(row);
        let wanted = self.kind.declared.table.key;
        if key.arity() != wanted.len() {
            let wanted = wanted.join(", ");
            return Err(self.declaration(&format!("key `{key}` should have the parts {wanted}")));
        }
        let displaced = self.displaced(&key, &entries, now)?;
        for other in &displaced {
            self.take(other);
        }
        self.replace(key.clone(), entries, row);
        Ok((key, displaced))
    }

    /// Puts in a record that another node wrote.
    pub(crate) fn adopt(&mut self, document: Document<'_>) -> Result<(), String> {
        let Parsed { key, entries, row } = Parsed::of((self.kind.parse)(document)?);
        self.replace(key, entries, row);
        Ok(())
    }

    /// Takes a record out, gone or not.
    pub(crate) fn take(&mut self, key: &Key) -> Option<Row> {
        let row = self.rows.remove(key)?;
        for entry in row.entries() {
            self.unindex(&entry, key);
        }
        if let Some(gone_at) = row.gone_at() {
            self.due.remove(&(gone_at, key.clone()));
        }
        Some(row)
    }

    /// The holders of unique values among `entries` that are gone. An error if one is not.
    fn displaced(&self, key: &Key, entries: &[(usize, Arc<str>)], now: Timestamp) -> Result<Vec<Key>, StoreError> {
        let mut displaced = Vec::new();
        for (index, value) in entries {
            let Some(definition) = self.kind.declared.indexes.get(*index) else {
                return Err(self.declaration(&format!("there is no index number {index}")));
            };
            if !definition.unique {
                continue;
            }
            for other in self.holders(*index, value).filter(|other| *other != key) {
                if self.rows.get(other).is_some_and(|row| !is_gone(row, now)) {
                    return Err(self.not_unique(definition, key, other));
                }
                displaced.push(other.clone());
            }
        }
        Ok(displaced)
    }

    /// The keys in an index under exactly this value.
    fn holders<'a>(&'a self, index: usize, value: &'a str) -> impl Iterator<Item = &'a Key> {
        let entries = self.indexes.get(index).map(|entries| entries.range(Before(value)..));
        entries.into_iter().flatten().take_while(move |entry| *entry.value == *value).map(|entry| &entry.key)
    }

    /// Puts a record under its key, and in the indexes touches only what differs from the one before.
    fn replace(&mut self, key: Key, entries: Vec<(usize, Arc<str>)>, row: Row) {
        let gone_at = row.gone_at();
        let old = self.rows.insert(key.clone(), row);
        let old_entries = old.as_ref().map(|row| row.entries()).unwrap_or_default();
        let old_gone_at = old.as_ref().and_then(|row| row.gone_at());
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
                let value = shared(index, entry.1);
                index.insert(Entry { value, key: key.clone() });
            }
        }
    }

    fn unindex(&mut self, entry: &(usize, Arc<str>), key: &Key) {
        if let Some(index) = self.indexes.get_mut(entry.0) {
            index.remove(&Entry { value: entry.1.clone(), key: key.clone() });
        }
    }

    fn label(&self) -> String {
        self.kind.declared.table.label()
    }

    fn declaration(&self, what: &str) -> StoreError {
        StoreError::Declaration(format!("{}: {what}", self.label()).into())
    }

    fn not_unique(&self, index: &IndexDef, key: &Key, other: &Key) -> StoreError {
        self.declaration(&format!("index `{}` is unique, but `{key}` and `{other}` have the same value", index.name))
    }
}

/// The value as another entry has it already, if there is one: a thousand instances of a subnet need not hold its value a thousand times.
fn shared(entries: &OrdSet<Entry>, value: Arc<str>) -> Arc<str> {
    match entries.get_next(&Before(&value)) {
        Some(first) if first.value == value => first.value.clone(),
        _ => value,
    }
}

fn index_all(definitions: &[IndexDef], parsed: &[Parsed]) -> Vec<OrdSet<Entry>> {
    let mut indexes: Vec<Vec<Entry>> = definitions.iter().map(|_| Vec::new()).collect();
    for one in parsed {
        for (index, value) in &one.entries {
            if let Some(index) = indexes.get_mut(*index) {
                index.push(Entry { value: value.clone(), key: one.key.clone() });
            }
        }
    }
    let sorted = indexes.into_iter().map(|mut entries| {
        entries.sort_unstable();
        share_values(&mut entries);
        entries.into_iter().collect()
    });
    sorted.collect()
}

/// What [`shared`] does, for all entries in their order.
fn share_values(entries: &mut [Entry]) {
    let mut last: Option<Arc<str>> = None;
    for entry in entries {
        match &last {
            Some(value) if *value == entry.value => entry.value = value.clone(),
            _ => last = Some(entry.value.clone()),
        }
    }
}

fn all_due(parsed: &[Parsed]) -> OrdSet<(Timestamp, Key)> {
    parsed.iter().filter_map(|one| Some((one.row.gone_at()?, one.key.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row;
    use crate::tests::{BY_LABEL, Thing, at, thing};

    fn labelled(id: &str) -> Row {
        row::row(Thing { labels: vec![("color".to_owned(), "red".to_owned())], ..thing(id) })
    }

    fn is_shared(table: &Table) -> bool {
        let values: Vec<&Arc<str>> = table.indexes[BY_LABEL].iter().map(|entry| &entry.value).collect();
        values.len() == 3 && values.iter().all(|value| Arc::ptr_eq(value, values[0]))
    }

    #[test]
    fn a_value_of_an_index_is_held_once() {
        let kind = Kind::of::<Thing>();
        let mut table = Table::clone(&kind.empty());
        for id in ["a", "b", "c"] {
            table.put(labelled(id), at(0)).unwrap();
        }
        assert!(is_shared(&table));
        let read = ["a", "b", "c"].map(|id| Parsed::of(labelled(id)));
        assert!(is_shared(&kind.build(vec![read.into()]).unwrap()));
    }
}
