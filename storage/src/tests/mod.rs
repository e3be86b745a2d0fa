//! Tests of the World, the Tx and the writer, with two kinds of records that refer to each other.

mod keys;
mod model;
mod writing;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{IndexDef, IndexEntries, Key, Record, Schema, TableDef};

/// What things belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) id: String,
}

impl Record for Owner {
    const TABLE: TableDef = TableDef::own("owner", &["id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.id])
    }
}

/// A record with everything: two key parts, a foreign key, a unique index, one with many entries, and an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Thing {
    pub(crate) shelf: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) owner: Option<String>,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) gone_at: Option<Timestamp>,
}

pub(crate) const BY_NAME: usize = 0;
pub(crate) const BY_LABEL: usize = 1;

impl Record for Thing {
    const TABLE: TableDef = TableDef::own("thing", &["shelf", "id"], &["owner"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_name", unique: true }, IndexDef { name: "by_label", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[&self.shelf, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.owner.clone()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(BY_NAME, &[&self.name]);
        for (label, value) in &self.labels {
            entries.add(BY_LABEL, &[label, value]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}

/// A thing on shelf `s` whose name is its id.
pub(crate) fn thing(id: &str) -> Thing {
    let (id, name) = (id.to_owned(), id.to_owned());
    Thing { shelf: "s".to_owned(), id, name, owner: None, labels: Vec::new(), gone_at: None }
}

pub(crate) fn owned_thing(id: &str, owner: &str) -> Thing {
    Thing { owner: Some(owner.to_owned()), ..thing(id) }
}

pub(crate) fn thing_until(id: &str, second: i64) -> Thing {
    Thing { gone_at: Some(at(second)), ..thing(id) }
}

pub(crate) fn schema() -> Schema {
    Schema::new().with::<Owner>().with::<Thing>()
}

/// That many seconds after the epoch.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The ids of all things, in order.
pub(crate) fn ids(world: &crate::World) -> String {
    world.scan::<Thing>(&[]).map(|thing| thing.id.as_str()).collect::<Vec<_>>().join(" ")
}

/// A write that never refuses.
pub(crate) fn doing(
    change: impl Fn(&mut crate::Tx) + Send + 'static,
) -> impl Fn(&mut crate::Tx) -> Result<(), ()> + Send + 'static {
    move |tx| {
        change(tx);
        Ok(())
    }
}
