//! The list of all kinds of records. Each kind gets a slot, its place in every World's list of tables, which is fixed at start.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use crate::record::{Record, TableDef};
use crate::table::Kind;

/// Which kinds of records a store holds.
#[derive(Clone, Default)]
pub struct Schema {
    kinds: Vec<Kind>,
    slots: HashMap<TypeId, usize, BuildHasherDefault<TypeIdHasher>>,
}

impl Schema {
    /// A schema without any record.
    pub fn new() -> Self {
        Schema::default()
    }

    /// The same schema with one more kind of record; naming a kind twice changes nothing.
    #[must_use]
    pub fn with<R: Record>(mut self) -> Self {
        if !self.slots.contains_key(&TypeId::of::<R>()) {
            self.slots.insert(TypeId::of::<R>(), self.kinds.len());
            self.kinds.push(Kind::of::<R>());
        }
        self
    }

    pub(crate) fn slot<R: Record>(&self) -> Option<usize> {
        self.slots.get(&TypeId::of::<R>()).copied()
    }

    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    pub(crate) fn kind(&self, slot: usize) -> Option<&Kind> {
        self.kinds.get(slot)
    }

    pub(crate) fn label(&self, slot: usize) -> String {
        self.kind(slot).map(|kind| kind.table().label()).unwrap_or_default()
    }

    /// The declared tables, in slot order.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &TableDef> {
        self.kinds.iter().map(Kind::table)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tables().map(TableDef::label)).finish()
    }
}

/// A TypeId is a hash already; hashing it again would cost more than the look-up.
#[derive(Clone, Copy, Default)]
struct TypeIdHasher(u64);

impl Hasher for TypeIdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 ^= value;
    }
}
