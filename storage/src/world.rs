//! The World: everything that is stored, as it was at one moment, read without waiting.
//!
//! A World never changes; writing makes a new one that shares what stayed the same (see `tx.rs`). Its `now` decides which records are already gone.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::key::Key;
use crate::record::{Record, TableDef};
use crate::row;
use crate::schema::Schema;
use crate::table::{Kind, SharedTable, Table};

/// The tables of all kinds of records, in slot order.
#[derive(Clone)]
pub(crate) struct Tables {
    pub(crate) schema: Arc<Schema>,
    slots: Vec<SharedTable>,
}

impl Tables {
    pub(crate) fn empty(schema: Arc<Schema>) -> Tables {
        let slots = schema.kinds().iter().map(Kind::empty).collect();
        Tables { schema, slots }
    }

    /// Tables that were read from a journal, one per slot.
    pub(crate) fn loaded(schema: Arc<Schema>, slots: Vec<SharedTable>) -> Tables {
        Tables { schema, slots }
    }

    pub(crate) fn slots(&self) -> &[SharedTable] {
        &self.slots
    }

    /// The table in a slot, for changing: a copy, unless nobody else holds it.
    pub(crate) fn slot_mut(&mut self, slot: usize) -> Option<&mut Table> {
        self.slots.get_mut(slot).map(Arc::make_mut)
    }

    fn table<R: Record>(&self) -> &Table {
        let slot = self.schema.slot::<R>();
        slot.and_then(|slot| self.slots.get(slot)).unwrap_or_else(|| unlisted(R::TABLE))
    }

    pub(crate) fn table_mut<R: Record>(&mut self) -> (usize, &mut Table) {
        let slot = self.schema.slot::<R>().unwrap_or_else(|| unlisted(R::TABLE));
        (slot, self.slot_mut(slot).unwrap_or_else(|| unlisted(R::TABLE)))
    }
}

#[expect(
    clippy::panic,
    reason = "a bug that the first test of the record's crate meets; an empty answer would hide it"
)]
fn unlisted(table: TableDef) -> ! {
    panic!("the schema does not list the record of table {}", table.label())
}

/// Everything that is stored, as it was at one moment. Cloning costs nanoseconds.
#[derive(Clone)]
pub struct World {
    pub(crate) tables: Arc<Tables>,
    now: Timestamp,
}

impl World {
    pub(crate) fn new(tables: Arc<Tables>, now: Timestamp) -> World {
        World { tables, now }
    }

    /// A World without any record, for tests and for trying things out.
    pub fn empty(schema: Schema, now: Timestamp) -> World {
        World { tables: Arc::new(Tables::empty(Arc::new(schema))), now }
    }

    /// The time of the modelled world at which this World is seen.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The same state seen at another time: records gone by then are not in it.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> World {
        World { tables: self.tables.clone(), now }
    }

    /// This state with some of its tables as they are in another of the same store: those whose names `chosen` picks.
    #[must_use]
    pub fn with_tables_of(&self, other: &World, chosen: impl Fn(&str) -> bool) -> World {
        let mut tables = Tables::clone(&self.tables);
        for ((table, slot), other) in self.tables.schema.tables().zip(&mut tables.slots).zip(other.tables.slots()) {
            if chosen(table.name) {
                *slot = other.clone();
            }
        }
        World { tables: Arc::new(tables), now: self.now }
    }

    /// Whether nothing was written between the two in the tables whose names `chosen` picks. A write that changed nothing may count as one.
    pub fn has_tables_of(&self, other: &World, chosen: impl Fn(&str) -> bool) -> bool {
        let slots = self.tables.slots().iter().zip(other.tables.slots());
        self.tables
            .schema
            .tables()
            .zip(slots)
            .all(|(table, (ours, theirs))| !chosen(table.name) || Arc::ptr_eq(ours, theirs))
    }

    /// The record with this key.
    ///
    /// # Panics
    /// Here and below: if the schema does not list `R`.
    pub fn get<R: Record>(&self, parts: &[&str]) -> Option<&Arc<R>> {
        self.tables.table::<R>().get(parts, self.now).and_then(row::record)
    }

    /// The records whose key starts with these parts, ordered by key.
    pub fn scan<'w, R: Record>(&'w self, prefix: &[&str]) -> impl DoubleEndedIterator<Item = &'w Arc<R>> + use<'w, R> {
        self.tables.table::<R>().scan(prefix, None, self.now).filter_map(row::record)
    }

    /// The records whose key starts with these parts and lies behind `after`, ordered by key: the next page.
    pub fn scan_from<'w, R: Record>(
        &'w self,
        prefix: &[&str],
        after: &Key,
    ) -> impl DoubleEndedIterator<Item = &'w Arc<R>> + use<'w, R> {
        self.tables.table::<R>().scan(prefix, Some(after), self.now).filter_map(row::record)
    }

    /// The records found in index number `index` under a value that starts with these parts, ordered by value, then key. A record with several
    /// such values comes several times.
    pub fn by<'w, R: Record>(&'w self, index: usize, parts: &[&str]) -> impl Iterator<Item = &'w Arc<R>> + use<'w, R> {
        self.tables.table::<R>().by(index, parts, self.now).filter_map(row::record)
    }

    /// The first record found in index number `index` under these parts.
    pub fn one<R: Record>(&self, index: usize, parts: &[&str]) -> Option<&Arc<R>> {
        self.tables.table::<R>().one(index, parts, self.now).and_then(row::record)
    }

    /// How many records have a key that starts with these parts.
    pub fn count<R: Record>(&self, prefix: &[&str]) -> usize {
        self.tables.table::<R>().count(prefix, self.now)
    }

    /// How many rows there are of every kind, by table name; records that are gone but not yet removed are counted. For people and for bounds.
    pub fn sizes(&self) -> impl Iterator<Item = (String, usize)> {
        self.tables.schema.tables().zip(self.tables.slots()).map(|(table, rows)| (table.label(), rows.len()))
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now)
            .field("rows", &self.sizes().map(|(_, rows)| rows).sum::<usize>())
            .finish()
    }
}
