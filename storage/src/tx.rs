//! A Tx: a World with changes on top, which nobody else sees.
//!
//! Inside [`crate::Store::write`] the changes become part of the state if the closure returns `Ok`. A Tx made with [`Tx::on`] is never committed:
//! that is how a dry run and a simulation use the real handlers.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::error::StoreError;
use crate::key::Key;
use crate::record::Record;
use crate::row;
use crate::world::World;
use crate::writer::Staged;

/// A World with staged changes; reading it (it derefs to [`World`]) sees them.
pub struct Tx {
    world: World,
    touched: Vec<(usize, Key)>,
    fault: Option<StoreError>,
}

impl Tx {
    /// Staged changes over this World that will never be committed.
    pub fn on(world: World) -> Tx {
        Tx { world, touched: Vec::new(), fault: None }
    }

    /// Inserts a record, or replaces the one with its key.
    ///
    /// A record that contradicts its own declaration (a unique value another record has, a key of the wrong length) makes the whole write fail.
    pub fn put<R: Record>(&mut self, record: R) {
        let now = self.world.now();
        let (slot, table) = Arc::make_mut(&mut self.world.tables).table_mut::<R>();
        match table.put(row::row(record), now) {
            Ok((key, displaced)) => {
                self.touched.push((slot, key));
                self.touched.extend(displaced.into_iter().map(|key| (slot, key)));
            }
            Err(fault) => self.fault = self.fault.take().or(Some(fault)),
        }
    }

    /// Removes the record with this key and returns it; `None` if there is none.
    pub fn remove<R: Record>(&mut self, parts: &[&str]) -> Option<Arc<R>> {
        self.world.get::<R>(parts)?;
        let key = Key::new(parts);
        let (slot, table) = Arc::make_mut(&mut self.world.tables).table_mut::<R>();
        let removed = table.take(&key);
        self.touched.push((slot, key));
        row::record(&removed?).cloned()
    }

    /// Changes the record with this key, even its key; `false` if there is none.
    pub fn update<R: Record + Clone>(&mut self, parts: &[&str], change: impl FnOnce(&mut R)) -> bool {
        let Some(record) = self.world.get::<R>(parts) else { return false };
        let mut record = R::clone(record);
        change(&mut record);
        if record.key() != Key::new(parts) {
            self.remove::<R>(parts);
        }
        self.put(record);
        true
    }

    /// Whether anything was put or removed.
    pub fn changed(&self) -> bool {
        !self.touched.is_empty()
    }

    /// The tables with the changes, and which keys they touched; or why they can't be.
    pub(crate) fn finish(self) -> Result<Staged, StoreError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok((self.world.tables, self.touched)),
        }
    }

    /// The tables as they were given, if nothing in them was changed.
    pub(crate) fn unchanged(self) -> Option<Staged> {
        (!self.changed()).then(|| (self.world.tables, Vec::new()))
    }
}

impl Deref for Tx {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("world", &self.world).field("touched", &self.touched.len()).finish()
    }
}
