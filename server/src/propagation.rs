//! `--iam-propagation`: what changes in IAM reaches each reader some time later, as it does on AWS, and different readers at different times.
//!
//! The states between which IAM's tables changed are kept for as long as somebody may not have seen the newer one (a World is one pointer and
//! shares what stayed the same). Whoever reads or is authorised gets the newest of them that has reached him; writes act on the newest of all. A
//! delay follows from the installation's seed, the reader and the number of the change, so the same requests see the same. See
//! docs/adr/011-iam-propagation.md. Start with [`Propagation::arrived`].

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use service::World;
use service::ids::Ids;
use service::keys::InstallationKeys;
use storage::Store;
use tokio::sync::Mutex;

/// The states that some readers have not seen yet.
pub struct Propagation {
    /// The longest that a change travels.
    longest: SignedDuration,
    changes: Mutex<VecDeque<Change>>,
}

/// A state of IAM and since when it has been the newest.
struct Change {
    number: u64,
    since: Timestamp,
    world: World,
}

/// The tables that hold facts of IAM. Last uses are written whenever there is time, so they must not count as changes.
fn is_of_iam(table: &str) -> bool {
    table.starts_with("iam_") && table != "iam_last_used"
}

/// A state with IAM's facts as they are in another.
pub fn with_facts_of(world: &World, arrived: &World) -> World {
    world.with_tables_of(arrived, is_of_iam)
}

impl Propagation {
    /// Changes travel for at most that long. Everything that is there now has arrived.
    pub fn new(longest: SignedDuration) -> Propagation {
        Propagation { longest, changes: Mutex::default() }
    }

    /// The newest state, but with IAM's facts as they have reached this reader at `now`.
    pub async fn arrived(&self, store: &Store, reader: &str, now: Timestamp) -> World {
        let mut changes = self.changes.lock().await;
        let newest = store.snapshot(now).await;
        self.note_in(&mut changes, &newest);
        let seed = InstallationKeys::of(&newest).map(|keys| *keys.seed.bytes()).unwrap_or_default();
        let has_arrived = |change: &&Change| {
            let arrival = change.since.checked_add(self.delay(&seed, reader, change.number));
            arrival.is_ok_and(|arrival| arrival <= now)
        };
        let seen = changes.iter().rev().find(has_arrived).or(changes.front());
        seen.map_or(newest.clone(), |seen| with_facts_of(&newest, &seen.world))
    }

    /// Notes what a write may just have changed.
    pub async fn note(&self, store: &Store, now: Timestamp) {
        let mut changes = self.changes.lock().await;
        // Read while the list is held, so that no older state comes behind a newer one.
        let newest = store.snapshot(now).await;
        self.note_in(&mut changes, &newest);
    }

    /// Forgets everything: after a reset all is as new to everybody.
    pub async fn forget(&self) {
        self.changes.lock().await.clear();
    }

    fn note_in(&self, changes: &mut VecDeque<Change>, newest: &World) {
        let now = newest.now();
        // A clock that was moved back must not hold anything up for longer than its way takes.
        changes.iter_mut().for_each(|change| change.since = change.since.min(now));
        if changes.back().is_none_or(|last| !newest.has_tables_of(&last.world, is_of_iam)) {
            let number = changes.back().map_or(0, |last| last.number + 1);
            changes.push_back(Change { number, since: now, world: newest.clone() });
        }
        // What the second has reached everywhere, nobody reads the first for.
        while changes.get(1).is_some_and(|second| now.duration_since(second.since) >= self.longest) {
            changes.pop_front();
        }
    }

    /// How long a change travels to a reader: between half of the longest time and all of it, so that nothing is there at once.
    fn delay(&self, seed: &[u8; 32], reader: &str, number: u64) -> SignedDuration {
        let drawn = Ids::derived(&[b"propagation", seed, reader.as_bytes(), &number.to_be_bytes()]).bytes();
        let share = drawn.iter().take(2).fold(0, |share, byte| share * 256 + i64::from(*byte));
        let half = self.longest.as_millis() / 2;
        let part = i64::try_from(half * i128::from(share) / 0xffff).unwrap_or(0);
        self.longest - SignedDuration::from_millis(part)
    }
}

#[cfg(test)]
mod tests;
