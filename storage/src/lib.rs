//! State: a [`World`] of records in memory, and a journal on disk that a crash cannot take back.
//!
//! Readers take a [`World`] (a snapshot, one pointer) from the [`Store`]; writers hand it a closure over a [`Tx`], which one thread runs on a staged
//! World and commits to the journal before anyone hears of it. This crate knows no kind of resource: others declare theirs as a [`Record`] and list
//! them in a [`Schema`]. Start reading at `record.rs` and `world.rs`, then `writer.rs` for what a commit means and `journal/` for the disk.

mod error;
mod journal;
mod key;
mod record;
mod row;
mod schema;
mod store;
mod table;
mod tx;
mod world;
mod writer;

pub use error::{OpenError, StoreError, UpgradeError, WriteError};
pub use key::Key;
pub use record::{IndexDef, IndexEntries, Record, TableDef};
pub use schema::Schema;
pub use store::{Durability, Options, Place, Store};
pub use tx::Tx;
pub use world::World;

#[cfg(test)]
mod tests;
