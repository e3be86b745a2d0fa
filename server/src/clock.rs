//! The two clocks: the operating system's, and that of the modelled world, which is the first plus an offset.
//!
//! This is the only place that reads the operating system's clock. The offset is a record, so a moved clock stays moved over a restart.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, TableDef, World};

/// How the modelled clock stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offset {
    /// Seconds that the modelled clock is ahead (or behind, if negative).
    pub seconds: i64,
    /// Clients' clocks move along (`clock --clients moved`).
    #[serde(default)]
    pub clients_moved: bool,
}

const ONLY: &str = "clock";

impl Record for Offset {
    const TABLE: TableDef = TableDef::own("clock", &["id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[ONLY])
    }
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub wall: Timestamp,
    pub now: Timestamp,
    pub clients_moved: bool,
}

/// The clock of a running server.
#[derive(Debug, Default)]
pub struct Clock {
    offset: ArcSwap<Offset>,
}

impl Clock {
    /// The clock as the state file has it.
    pub fn of(world: &World) -> Clock {
        let offset = world.get::<Offset>(&[ONLY]).cloned().unwrap_or_default();
        Clock { offset: ArcSwap::new(offset) }
    }

    /// Both times, now.
    pub fn read(&self) -> Moment {
        let offset = self.offset.load();
        let wall = wall();
        let now = wall.checked_add(SignedDuration::from_secs(offset.seconds)).unwrap_or(wall);
        Moment { wall, now, clients_moved: offset.clients_moved }
    }

    /// The offset in force.
    pub fn offset(&self) -> Arc<Offset> {
        self.offset.load_full()
    }

    /// Puts an offset in force that was stored before.
    pub fn put(&self, offset: Offset) {
        self.offset.store(Arc::new(offset));
    }
}

/// The operating system's time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the operating system's clock")]
pub fn wall() -> Timestamp {
    Timestamp::now()
}

/// A duration such as `6h`, `1h30m`, `-15m` or `2d`, of days that have 24 hours.
pub fn duration(text: &str) -> Option<SignedDuration> {
    text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// A time as clients read it, whole seconds: `2026-11-23T10:00:00Z`.
pub fn seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}
