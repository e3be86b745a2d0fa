//! The World against the plainest thing that could do the same: a BTreeMap that is filtered for every question.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{BY_LABEL, BY_NAME, Thing, at, schema};
use crate::{Key, Tx, World};

type Model = BTreeMap<(String, String), Thing>;

/// One write: some changes at a time, and whether they are kept.
#[derive(Debug, Clone)]
struct Write {
    now: i64,
    changes: Vec<Change>,
    keep: bool,
}

#[derive(Debug, Clone)]
enum Change {
    Put(Thing),
    Remove(String, String),
    Update(String, String, String),
}

fn short() -> impl Strategy<Value = String> {
    "[abc]"
}

fn things() -> impl Strategy<Value = Thing> {
    let labels = proptest::collection::vec((short(), short()), 0..3);
    let gone = proptest::option::of(0..20_i64);
    (short(), short(), "[a-h]", labels, gone).prop_map(|(shelf, id, name, labels, gone)| Thing {
        shelf,
        id,
        name,
        owner: None,
        labels,
        gone_at: gone.map(at),
    })
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => things().prop_map(Change::Put),
        1 => (short(), short()).prop_map(|(shelf, id)| Change::Remove(shelf, id)),
        1 => (short(), short(), short()).prop_map(|(shelf, id, new)| Change::Update(shelf, id, new)),
    ]
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let write = (0..20_i64, proptest::collection::vec(changes(), 1..5), proptest::bool::weighted(0.8));
    proptest::collection::vec(write.prop_map(|(now, changes, keep)| Write { now, changes, keep }), 1..25)
}

fn is_there(thing: &Thing, now: i64) -> bool {
    thing.gone_at.is_none_or(|gone| gone > at(now))
}

/// What the change does to the model; false if it breaks the unique name.
fn apply(model: &mut Model, change: &Change, now: i64) -> bool {
    match change {
        Change::Put(thing) => put(model, thing.clone(), now),
        Change::Remove(shelf, id) => {
            let key = (shelf.clone(), id.clone());
            if model.get(&key).is_some_and(|thing| is_there(thing, now)) {
                model.remove(&key);
            }
            true
        }
        Change::Update(shelf, id, new) => {
            let key = (shelf.clone(), id.clone());
            let Some(thing) = model.get(&key).filter(|thing| is_there(thing, now)).cloned() else { return true };
            if *new != *id {
                model.remove(&key);
            }
            put(model, Thing { id: new.clone(), ..thing }, now)
        }
    }
}

fn put(model: &mut Model, thing: Thing, now: i64) -> bool {
    let key = (thing.shelf.clone(), thing.id.clone());
    let same_name = |other: (&(String, String), &Thing)| *other.0 != key && other.1.name == thing.name;
    let holders: Vec<_> = model.iter().filter(|other| same_name(*other)).map(|(key, _)| key.clone()).collect();
    for holder in holders {
        if is_there(&model[&holder], now) {
            return false;
        }
        model.remove(&holder);
    }
    model.insert(key, thing);
    true
}

fn stage(tx: &mut Tx, change: &Change) {
    match change {
        Change::Put(thing) => tx.put(thing.clone()),
        Change::Remove(shelf, id) => drop(tx.remove::<Thing>(&[shelf, id])),
        Change::Update(shelf, id, new) => drop(tx.update::<Thing>(&[shelf, id], |thing| thing.id.clone_from(new))),
    }
}

/// Asks both everything that can be asked.
fn compare(world: &World, model: &Model, now: i64) -> Result<(), TestCaseError> {
    let there: Vec<&Thing> = model.values().filter(|thing| is_there(thing, now)).collect();
    let all: Vec<&Thing> = world.scan::<Thing>(&[]).map(AsRef::as_ref).collect();
    prop_assert_eq!(&all, &there);
    prop_assert_eq!(world.count::<Thing>(&[]), there.len());
    for first in ["a", "b", "c"] {
        let expected: Vec<&Thing> = there.iter().filter(|thing| thing.shelf == first).copied().collect();
        prop_assert_eq!(world.scan::<Thing>(&[first]).map(AsRef::as_ref).collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(world.count::<Thing>(&[first]), expected.len());
        let mut labelled = labelled(&there, |label| label.0 == first);
        prop_assert_eq!(world.by::<Thing>(BY_LABEL, &[first]).map(AsRef::as_ref).collect::<Vec<_>>(), labelled);
        for second in ["a", "b", "c"] {
            let found = there.iter().find(|thing| thing.shelf == first && thing.id == second);
            prop_assert_eq!(world.get::<Thing>(&[first, second]).map(AsRef::as_ref), found.copied());
            let after = Key::new(&["b", second]);
            let page: Vec<&Thing> =
                expected.iter().filter(|thing| (&*thing.shelf, &*thing.id) > ("b", second)).copied().collect();
            prop_assert_eq!(world.scan_from::<Thing>(&[first], &after).map(AsRef::as_ref).collect::<Vec<_>>(), page);
            labelled = self::labelled(&there, |label| label.0 == first && label.1 == second);
            prop_assert_eq!(
                world.by::<Thing>(BY_LABEL, &[first, second]).map(AsRef::as_ref).collect::<Vec<_>>(),
                labelled
            );
        }
    }
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let found = there.iter().find(|thing| thing.name == name).copied();
        prop_assert_eq!(world.one::<Thing>(BY_NAME, &[name]).map(AsRef::as_ref), found);
    }
    Ok(())
}

/// The things with such labels, ordered by label, then key; once per label.
fn labelled<'a>(things: &[&'a Thing], wanted: impl Fn(&(String, String)) -> bool) -> Vec<&'a Thing> {
    let mut found: Vec<(&(String, String), &Thing)> = Vec::new();
    for thing in things {
        found.extend(thing.labels.iter().filter(|label| wanted(label)).map(|label| (label, *thing)));
    }
    found.sort_by_key(|(label, thing)| (*label, &thing.shelf, &thing.id));
    found.dedup();
    found.into_iter().map(|(_, thing)| thing).collect()
}

proptest! {
    #[test]
    fn a_world_is_what_a_plain_map_says(writes in writes()) {
        let mut world = World::empty(schema(), at(0));
        let mut model = Model::new();
        for write in writes {
            world = world.at(at(write.now));
            let (mut tx, mut changed) = (Tx::on(world.clone()), model.clone());
            let mut is_sound = true;
            for change in &write.changes {
                stage(&mut tx, change);
                is_sound = is_sound && apply(&mut changed, change, write.now);
            }
            if is_sound {
                compare(&tx, &changed, write.now)?;
            }
            // What was staged is invisible outside.
            compare(&world, &model, write.now)?;
            let finished = tx.finish();
            prop_assert_eq!(finished.is_ok(), is_sound);
            if let (Ok((after, _)), true) = (finished, write.keep) {
                (world, model) = (World::new(after, at(write.now)), changed);
            }
            for now in [0, 7, 19] {
                compare(&world.at(at(now)), &model, now)?;
            }
        }
    }
}
