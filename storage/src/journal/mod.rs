//! The journal: the seam between the World in memory and what survives.
//!
//! A journal is used by the writer's thread alone and may block it. It is told which keys changed and reads their rows from the tables, so it knows
//! no record type. SQLite is the one on disk; one that several servers share would answer `begin` and `catch_up` with what the others committed.

mod memory;
mod sqlite;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::{OpenError, StoreError};
use crate::key::Key;
use crate::schema::Schema;
use crate::store::{Options, Place};
use crate::world::Tables;

pub(crate) use memory::Memory;
pub(crate) use sqlite::Sqlite;

/// Opens the journal the options name.
pub(crate) fn open(options: &Options, schema: &Schema) -> Result<Box<dyn Journal>, OpenError> {
    match &options.place {
        Place::Memory => Ok(Box::new(Memory)),
        Place::File(path) => Ok(Box::new(Sqlite::open(path, options.durability, schema)?)),
    }
}

/// A commit on its way to the disk. Any executor may poll it, on the writer's thread.
pub(crate) type Commit = Pin<Box<dyn Future<Output = Result<(), StoreError>>>>;

/// Where committed changes go, and come from at start.
pub(crate) trait Journal {
    /// Everything that was committed.
    fn load(&mut self, schema: &Arc<Schema>) -> Result<Tables, OpenError>;

    /// Before a batch runs: takes the lock among writers, if there are several, and returns what the others have committed since.
    fn begin(&mut self) -> Result<Vec<Foreign>, StoreError> {
        Ok(Vec::new())
    }

    /// Makes the changes durable, all or none. After an error none of them is. Nothing else is asked of the journal before it has ended.
    fn commit(&mut self, changes: &Changes<'_>) -> Commit;

    /// Makes the changes all there is: whatever was there before is gone.
    fn replace(&mut self, changes: &Changes<'_>) -> Result<(), StoreError>;

    /// Before a read: what others have committed since the last time.
    fn catch_up(&mut self) -> Result<Vec<Foreign>, StoreError> {
        Ok(Vec::new())
    }

    /// Whether others write to it too, so that readers must ask for news first.
    fn is_shared(&self) -> bool {
        false
    }

    /// Leaves the journal complete and at rest, and releases it.
    fn close(&mut self) -> Result<(), StoreError>;
}

/// A change that another node committed: the new document, or none if the record was removed.
pub(crate) struct Foreign {
    pub(crate) slot: usize,
    pub(crate) key: Key,
    /// Version and text.
    pub(crate) document: Option<(u32, String)>,
}

/// What a batch changed: the tables before and after it, and the keys (slot, key) whose rows may differ.
pub(crate) struct Changes<'a> {
    pub(crate) before: &'a Arc<Tables>,
    pub(crate) after: &'a Arc<Tables>,
    pub(crate) touched: &'a BTreeSet<(usize, Key)>,
}

/// How long an array of rows grows before the next is begun. What reads them holds each several times over.
const LONG: usize = 256 * 1024;

/// The changed rows of one kind of record, as JSON arrays of rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) slot: usize,
    /// `[[key part…], …]`
    pub(crate) removed: Option<String>,
    /// `[[key part…, further column…, version, document], …]`
    pub(crate) put: Vec<String>,
}

impl Rows {
    /// How many statements write them.
    fn statements(&self) -> usize {
        usize::from(self.removed.is_some()) + self.put.len()
    }
}

impl Changes<'_> {
    /// The changed rows by slot. An error if a record can't be written as its table is declared.
    pub(crate) fn rows(&self) -> Result<Vec<Rows>, StoreError> {
        let mut rows: Vec<RowsInMaking> = Vec::new();
        for (slot, key) in self.touched {
            let (Some(before), Some(after)) = (self.before.slots().get(*slot), self.after.slots().get(*slot)) else {
                continue;
            };
            if rows.last().is_none_or(|last| last.slot != *slot) {
                rows.push(RowsInMaking { slot: *slot, removed: Vec::new(), put: Vec::new() });
            }
            let Some(last) = rows.last_mut() else { continue };
            if after.contains(key) {
                let mut json = last.put.pop_if(|json| json.len() < LONG).unwrap_or_default();
                open_or_continue(&mut json);
                after.write_row(key, &mut json)?;
                last.put.push(json);
            } else if before.contains(key) {
                open_or_continue(&mut last.removed);
                let parts: Vec<&str> = key.parts().collect();
                serde_json::to_writer(&mut last.removed, &parts)
                    .map_err(|error| StoreError::Declaration(error.to_string().into()))?;
            }
        }
        rows.into_iter()
            .filter(|rows| !rows.removed.is_empty() || !rows.put.is_empty())
            .map(RowsInMaking::closed)
            .collect()
    }
}

struct RowsInMaking {
    slot: usize,
    removed: Vec<u8>,
    put: Vec<Vec<u8>>,
}

impl RowsInMaking {
    fn closed(self) -> Result<Rows, StoreError> {
        let removed = if self.removed.is_empty() { None } else { Some(closed(self.removed)?) };
        let put = self.put.into_iter().map(closed).collect::<Result<_, _>>()?;
        Ok(Rows { slot: self.slot, removed, put })
    }
}

fn open_or_continue(json: &mut Vec<u8>) {
    json.push(if json.is_empty() { b'[' } else { b',' });
}

fn closed(mut json: Vec<u8>) -> Result<String, StoreError> {
    json.push(b']');
    String::from_utf8(json).map_err(|error| StoreError::Declaration(error.to_string().into()))
}
