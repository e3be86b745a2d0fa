//! What a kind of resource says about itself so that it can be stored: its table, key, indexes and the version of its shape.
//!
//! A record is a plain serde struct. Nothing here does anything; `table.rs` keeps records in memory and `journal/` on disk by what is declared here.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::UpgradeError;
use crate::key::{Key, join};

/// A kind of thing that is stored.
///
/// The struct is stored as one JSON document beside its key columns. To change its shape in a way serde's defaults can't bridge, raise
/// [`Record::VERSION`] and teach [`Record::upgrade`] to read the version before.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Where it lives on disk.
    const TABLE: TableDef;
    /// Its secondary indexes; an index is named by its position here.
    const INDEXES: &'static [IndexDef] = &[];
    /// The version of the struct's shape, written beside every document.
    const VERSION: u32 = 1;

    /// Its key, with as many parts as the table has key columns.
    fn key(&self) -> Key;

    /// The values of the table's further real columns, in their order; they exist for foreign keys and for people who read the file.
    fn columns(&self) -> Vec<Option<String>> {
        Vec::new()
    }

    /// Says by what else the record is found. Any number of entries per index.
    fn index(&self, _entries: &mut IndexEntries) {}

    /// The moment from which readers no longer see it; its row is removed some time later.
    fn gone_at(&self) -> Option<Timestamp> {
        None
    }

    /// Turns a document of `version` (below [`Record::VERSION`]) into one of `version + 1`; called until the document is current.
    fn upgrade(version: u32, _document: Value) -> Result<Value, UpgradeError> {
        Err(UpgradeError(format!("version {version} of {} is not known", Self::TABLE.name)))
    }
}

/// The table of a kind of record: names of SQL columns, all constants of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableDef {
    pub(crate) name: &'static str,
    pub(crate) kind: Option<&'static str>,
    pub(crate) key: &'static [&'static str],
    pub(crate) columns: &'static [&'static str],
}

impl TableDef {
    /// A table of its own, made by a migration with exactly: the `key` columns (TEXT, the primary key), the further `columns` (TEXT), `version`
    /// (INTEGER) and `doc` (TEXT).
    pub const fn own(name: &'static str, key: &'static [&'static str], columns: &'static [&'static str]) -> TableDef {
        TableDef { name, kind: None, key, columns }
    }

    /// A share of a table of many kinds, told apart by its column `kind`: key (account, region, id), further column `parent`. Such is
    /// `ec2_resource`; a new kind there needs no migration.
    pub const fn shared(name: &'static str, kind: &'static str) -> TableDef {
        TableDef { name, kind: Some(kind), key: &["account", "region", "id"], columns: &["parent"] }
    }

    /// The table's name, with the kind where many share it.
    pub(crate) fn label(&self) -> String {
        match self.kind {
            Some(kind) => format!("{}[{kind}]", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// One secondary index of a kind of record. It lives in memory only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexDef {
    /// For people, in messages.
    pub name: &'static str,
    /// At most one record per value. A write that breaks this fails as a bug of ours: check first, and answer as AWS does.
    pub unique: bool,
}

/// The index entries of one record, gathered by [`Record::index`].
#[derive(Debug, Default)]
pub struct IndexEntries(Vec<(usize, Arc<str>)>);

impl IndexEntries {
    /// The record is found in index number `index` (its position in [`Record::INDEXES`]) under these parts, and under every prefix of them.
    pub fn add(&mut self, index: usize, parts: &[&str]) {
        self.0.push((index, join(parts).into()));
    }

    /// The entries of a record, sorted, each once.
    pub(crate) fn of<R: Record>(record: &R) -> Vec<(usize, Arc<str>)> {
        if R::INDEXES.is_empty() {
            return Vec::new();
        }
        let mut entries = IndexEntries::default();
        record.index(&mut entries);
        entries.0.sort_unstable();
        entries.0.dedup();
        entries.0
    }
}
