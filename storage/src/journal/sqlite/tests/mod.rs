//! The SQLite file: what is committed comes back, rules hold, and files that are not to be used are refused with one clear line.

mod migrations;
mod opening;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};

use super::*;
use crate::tests::{Owner, Thing, at, doing, ids, owned_thing, schema, thing, thing_until};
use crate::{Key, Record, Store, TableDef, UpgradeError, World, WriteError};

/// The tables of the test's records, as a migration beside the real ones.
const THINGS: Migration = Migration {
    name: "9000_things",
    sql: "CREATE TABLE owner (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
          CREATE TABLE thing (shelf TEXT NOT NULL, id TEXT NOT NULL, owner TEXT, version INTEGER NOT NULL, doc TEXT NOT NULL,
            PRIMARY KEY (shelf, id), FOREIGN KEY (owner) REFERENCES owner (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
          CREATE INDEX thing_owner ON thing (owner);",
};
const META: Migration =
    Migration { name: "0001_meta", sql: include_str!("../../../../../migrations/sqlite/0001_meta.sql") };
const MIGRATIONS: &[Migration] = &[META, THINGS];

async fn open_with(path: &Path, schema: Schema, migrations: &'static [Migration]) -> Result<Store, OpenError> {
    let path = path.to_owned();
    Store::start(move |schema| Ok(Box::new(Sqlite::open_with(&path, Durability::Full, schema, migrations)?)), schema)
        .await
}

async fn open(path: &Path) -> Store {
    open_with(path, schema(), MIGRATIONS).await.unwrap()
}

/// A file that counts as large however small it is.
async fn open_as_large(path: &Path) -> Store {
    let path = path.to_owned();
    let open = move |schema: &Schema| -> Result<Box<dyn Journal>, OpenError> {
        let opened = Sqlite::open_with(&path, Durability::Full, schema, MIGRATIONS)?;
        Ok(Box::new(Sqlite { many_pages: 0, ..opened }))
    };
    Store::start(open, schema()).await.unwrap()
}

async fn refusal(path: &Path, schema: Schema, migrations: &'static [Migration]) -> String {
    let error = open_with(path, schema, migrations).await.unwrap_err().to_string();
    error.replace(path.to_str().unwrap(), "PATH")
}

fn owner(id: &str) -> Owner {
    Owner { id: id.to_owned() }
}

/// Runs SQL as a person would who opens the file.
async fn by_hand(path: &Path, sql: &str) -> Vec<String> {
    let mut connection: SqliteConnection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.try_get(0).unwrap()).collect()
}

#[tokio::test]
async fn what_is_committed_comes_back_and_can_be_read_by_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/state.db");
    let store = open(&path).await;
    let odd = Thing { labels: vec![("\"\\\n\u{1}é".into(), "\0'".into())], ..owned_thing("it's \"odd\" ☃", "o") };
    let expected = odd.clone();
    let write = move |tx: &mut crate::Tx| {
        // The child before its parent: within a transaction the order does not matter.
        tx.put(odd.clone());
        tx.put(owner("o"));
        ["a", "b", "c"].into_iter().for_each(|id| tx.put(thing(id)));
        Ok::<_, ()>(())
    };
    store.write(at(0), write).await.unwrap();
    let change = |tx: &mut crate::Tx| {
        tx.remove::<Thing>(&["s", "b"]);
        tx.update::<Thing>(&["s", "c"], |thing| thing.name = "new".to_owned());
        Ok::<_, ()>(())
    };
    store.write(at(0), change).await.unwrap();
    let seen = by_hand(&path, "SELECT doc->>'name' FROM thing WHERE id IN ('a', 'b', 'c') ORDER BY id").await;
    assert_eq!(seen, ["a", "new"], "while the server runs");
    store.close().await.unwrap();
    assert!(!folder.path().join("new/state.db-wal").exists(), "a closed state is one file");

    let store = open(&path).await;
    let world = store.snapshot(at(0)).await;
    assert_eq!(**world.get::<Thing>(&["s", &expected.id]).unwrap(), expected);
    assert_eq!(ids(&world), format!("a c {}", expected.id));
    assert_eq!(world.one::<Thing>(crate::tests::BY_NAME, &["new"]).unwrap().id, "c");
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_foreign_key_fails_its_own_write_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).await;
    let mut writes = Vec::new();
    for number in 0..40 {
        let store = store.clone();
        writes.push(tokio::spawn(async move {
            let put = move |tx: &mut crate::Tx| {
                let id = format!("{number:02}");
                tx.put(if number % 8 == 3 { owned_thing(&id, "nobody") } else { thing(&id) });
                Ok::<_, ()>(())
            };
            store.write(at(0), put).await
        }));
    }
    for (number, write) in writes.into_iter().enumerate() {
        let result = write.await.unwrap();
        assert_eq!(
            matches!(result, Err(WriteError::Failed(StoreError::Constraint(_)))),
            number % 8 == 3,
            "{number}: {result:?}"
        );
    }
    assert_eq!(store.snapshot(at(0)).await.count::<Thing>(&[]), 35);
    store.close().await.unwrap();
    assert_eq!(open(&path).await.snapshot(at(0)).await.count::<Thing>(&[]), 35);
}

#[tokio::test]
async fn a_reset_is_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    reset_twice(open(&path).await, &path).await;
    let path = folder.path().join("large.db");
    reset_twice(open_as_large(&path).await, &path).await;
}

/// Once in vain.
async fn reset_twice(store: Store, path: &Path) {
    let fill = |tx: &mut crate::Tx| {
        tx.put(owner("o"));
        (0..50).for_each(|number| tx.put(owned_thing(&number.to_string(), "o")));
        Ok::<_, ()>(())
    };
    store.write(at(0), fill).await.unwrap();
    let result = store
        .reset(at(0), |_, tx| {
            tx.put(owned_thing("a", "nobody"));
            Ok::<_, ()>(())
        })
        .await;
    assert!(matches!(result, Err(WriteError::Failed(StoreError::Constraint(_)))), "{result:?}");
    assert_eq!(store.snapshot(at(0)).await.count::<Thing>(&[]), 50);
    store
        .reset(at(0), |_, tx| {
            tx.put(thing("a"));
            Ok::<_, ()>(())
        })
        .await
        .unwrap();
    assert_eq!(ids(&store.snapshot(at(0)).await), "a");
    let result = store.write(at(0), doing(|tx| tx.put(owned_thing("b", "o")))).await;
    assert!(
        matches!(result, Err(WriteError::Failed(StoreError::Constraint(_)))),
        "foreign keys are on again: {result:?}"
    );
    store.close().await.unwrap();
    assert_eq!(by_hand(path, "SELECT id FROM thing UNION ALL SELECT id FROM owner").await, ["a"]);
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, MODE);
}

fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap())
}

#[tokio::test]
async fn a_large_file_is_replaced_unless_somebody_else_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(swap::next(&path), "left over").unwrap();
    let store = open_as_large(&path).await;
    store.write(at(0), doing(|tx| tx.put(thing("a")))).await.unwrap();
    let first = inode(&path);
    let put_b = |_: &World, tx: &mut crate::Tx| {
        tx.put(thing("b"));
        Ok::<_, ()>(())
    };
    store.reset(at(0), put_b).await.unwrap();
    let second = inode(&path);
    assert_ne!(second, first);
    store.write(at(0), doing(|tx| tx.put(thing("c")))).await.unwrap();
    let mut other: SqliteConnection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let read = "SELECT id FROM thing ORDER BY id";
    assert_eq!(names(&mut other, read).await.unwrap(), ["b", "c"].map(str::to_owned).into());
    store.reset(at(0), put_b).await.unwrap();
    assert_eq!(inode(&path), second, "it is emptied instead");
    assert_eq!(names(&mut other, read).await.unwrap(), ["b".to_owned()].into());
    other.close().await.unwrap();
    store.write(at(0), doing(|tx| tx.put(thing("d")))).await.unwrap();
    store.close().await.unwrap();
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["state.db", "state.db.lock"]);
    assert_eq!(ids(&open(&path).await.snapshot(at(0)).await), "b d");
}

#[tokio::test]
async fn what_is_gone_leaves_the_file_unless_something_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).await;
    let fill = doing(|tx| (0..20).for_each(|number| tx.put(thing_until(&number.to_string(), 5))));
    store.write(at(0), fill).await.unwrap();
    store.close().await.unwrap();
    let store = open(&path).await;
    assert_eq!(store.sweep(at(5)).await.unwrap(), 20);
    assert_eq!(by_hand(&path, "SELECT id FROM thing").await, [""; 0]);
}

/// A kind that lives in the families' table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Shared<const N: u8> {
    id: String,
}

impl<const N: u8> Record for Shared<N> {
    const TABLE: TableDef = TableDef::shared("ec2_resource", if N == 0 { "it's" } else { "other" });

    fn key(&self) -> Key {
        Key::new(&["a", "r", &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![(N == 0).then(|| "parent".to_owned())]
    }
}

#[tokio::test]
async fn kinds_that_share_a_table_do_not_meet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let schema = || Schema::new().with::<Shared<0>>().with::<Shared<1>>();
    let store = open_with(&path, schema(), MIGRATIONS).await.unwrap();
    let fill = |tx: &mut crate::Tx| {
        ["1", "2"].into_iter().for_each(|id| tx.put(Shared::<0> { id: id.to_owned() }));
        ["1", "2"].into_iter().for_each(|id| tx.put(Shared::<1> { id: id.to_owned() }));
        Ok::<_, ()>(())
    };
    store.write(at(0), fill).await.unwrap();
    store.write(at(0), doing(|tx| drop(tx.remove::<Shared<0>>(&["a", "r", "2"])))).await.unwrap();
    let rows = by_hand(&path, "SELECT concat_ws(' ', kind, id, parent) FROM ec2_resource ORDER BY 1").await;
    assert_eq!(rows, ["it's 1 parent", "other 1", "other 2"]);
    assert_eq!(by_hand(&path, "SELECT id FROM other").await, ["1", "2"], "there is a view for each kind");
    store.close().await.unwrap();
    let world = open_with(&path, schema(), MIGRATIONS).await.unwrap().snapshot(at(0)).await;
    assert_eq!((world.count::<Shared<0>>(&[]), world.count::<Shared<1>>(&["a", "r"])), (1, 2));
}

#[test]
fn statements_find_rows_by_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let path = folder.path().join("state.db");
    let schema = schema().with::<Shared<0>>();
    let journal = Sqlite::open_with(&path, Durability::Full, &schema, MIGRATIONS).unwrap();
    let statements: Vec<String> = journal.statements.iter().flat_map(Statements::changing).collect();
    for statement in statements {
        let explain = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")));
        let mut connection = journal.connection().unwrap();
        let plan = runtime.block_on(explain.bind("[]").fetch_all(&mut *connection)).unwrap();
        for step in plan {
            let step: String = step.try_get(3).unwrap();
            assert!(
                !step.starts_with("SCAN") || step.starts_with("SCAN json_each"),
                "{statement} would walk a table: {step}"
            );
        }
    }
}

/// Random writes to a file, and the same to a World that never was on disk.
#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8),
    Remove(u8),
    Reset(u8),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..12_u8, 0..5_u8).prop_map(|(id, label)| Step::Put(id, label)),
        3 => (0..12_u8).prop_map(Step::Remove),
        1 => (0..12_u8).prop_map(Step::Reset),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..20)
}

fn labelled(id: u8, label: u8) -> Thing {
    Thing { labels: vec![("l".to_owned(), label.to_string())], ..thing(&id.to_string()) }
}

fn apply(step: &Step, tx: &mut crate::Tx) {
    match step {
        Step::Put(id, label) => tx.put(labelled(*id, *label)),
        Step::Remove(id) => drop(tx.remove::<Thing>(&["s", &id.to_string()])),
        Step::Reset(id) => tx.put(labelled(*id, 0)),
        Step::Reopen => {}
    }
}

fn everything(world: &World) -> Vec<Arc<Thing>> {
    world.by::<Thing>(crate::tests::BY_LABEL, &["l"]).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_file_holds_what_the_world_says(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut expected = World::empty(schema(), at(0));
            let mut store = open(&path).await;
            for step in steps.into_iter().chain([Step::Reopen]) {
                let staged = if matches!(step, Step::Reset(_)) { World::empty(schema(), at(0)) } else { expected };
                let mut tx = crate::Tx::on(staged);
                apply(&step, &mut tx);
                expected = World::clone(&tx);
                match step.clone() {
                    Step::Reopen => {
                        store.close().await.unwrap();
                        store = open(&path).await;
                    }
                    Step::Reset(_) => store.reset(at(0), move |_, tx| { apply(&step, tx); Ok::<_, ()>(()) }).await.unwrap(),
                    _ => store.write(at(0), doing(move |tx| apply(&step, tx))).await.unwrap(),
                }
                prop_assert_eq!(everything(&store.snapshot(at(0)).await), everything(&expected));
            }
            Ok(())
        })?;
    }
}
