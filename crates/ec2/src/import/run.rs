//! How a task that imports stands: it is active until its time has come and what it makes is made, unless it was canceled before.

use jiff::SignedDuration;
use service::prelude::*;

use crate::instance::elapsed;

/// How long tasks that ended are told of. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImportSnapshotTasks.html>
const TOLD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// About how many seconds AWS takes, whatever the size of the disks, and for each GiB of them.
const SECONDS: i64 = 120;
const SECONDS_PER_GIB: i64 = 10;
/// About how many seconds it takes until a canceled task is gone.
const DELETING_SECONDS: i64 = 30;
/// What is shown as progress before anything is read, which is seen to be 3.
const FIRST_PERCENT: i64 = 3;
/// From here on a task reads its disks.
const READING_PERCENT: i64 = 10;

/// When something began that takes so many seconds and is through now.
pub fn ago(cx: &Cx, seconds: i64) -> Timestamp {
    cx.now.checked_sub(cx.settings.states.lasting(seconds)).unwrap_or(cx.now)
}

/// The life of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub started_at: Timestamp,
    /// When what it makes is there.
    pub ends_at: Timestamp,
    /// What it makes is made.
    pub is_done: bool,
    pub canceled: Option<Canceled>,
}

/// How a task was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canceled {
    pub reason: Option<String>,
    /// When it is gone.
    pub deleted_at: Timestamp,
}

impl Run {
    /// A run for so many GiB that begins now.
    pub fn begin(cx: &Cx, gibibytes: i64) -> Run {
        let seconds = gibibytes.saturating_mul(SECONDS_PER_GIB).saturating_add(SECONDS);
        Run { started_at: cx.now, ends_at: cx.settings.states.over_at(cx.now, seconds), is_done: false, canceled: None }
    }

    /// Whether it goes on.
    pub fn is_active(&self) -> bool {
        !self.is_done && self.canceled.is_none()
    }

    /// `active`, `completed`, `deleting` or `deleted`
    pub fn word(&self, now: Timestamp) -> &'static str {
        match &self.canceled {
            Some(canceled) if canceled.deleted_at <= now => "deleted",
            Some(_) => "deleting",
            None if self.is_done => "completed",
            None => "active",
        }
    }

    /// The same of tasks that exports and conversions are: `active`, `completed`, `cancelling` or `cancelled`.
    pub fn cancel_word(&self, now: Timestamp) -> &'static str {
        match self.word(now) {
            "deleting" => "cancelling",
            "deleted" => "cancelled",
            other => other,
        }
    }

    /// Progress in percent while it is active, as imports tell it.
    pub fn percent(&self, now: Timestamp) -> Option<i64> {
        let percent = self.percent_gone(now)?;
        Some(if percent < READING_PERCENT { FIRST_PERCENT } else { percent })
    }

    /// How many percent of its time are gone while it is active.
    pub fn percent_gone(&self, now: Timestamp) -> Option<i64> {
        let whole = elapsed(self.started_at, self.ends_at).as_secs();
        let gone = elapsed(self.started_at, now).as_secs().saturating_mul(100);
        let percent = gone.checked_div(whole).unwrap_or(0).min(99);
        self.is_active().then_some(percent)
    }

    /// Whether it has read nothing yet.
    pub fn is_pending(&self, now: Timestamp) -> bool {
        self.percent(now) == Some(FIRST_PERCENT)
    }

    /// What it does while it is active, or why it was canceled.
    pub fn message(&self, now: Timestamp) -> Option<String> {
        match (self.percent(now), &self.canceled) {
            (Some(FIRST_PERCENT), _) => Some("pending".to_owned()),
            (Some(_), _) => Some("downloading/converting".to_owned()),
            (None, canceled) => canceled.as_ref().and_then(|it| it.reason.clone()),
        }
    }

    /// What it makes is made.
    pub fn complete(&mut self) {
        self.is_done = true;
    }

    /// Ends it before its time.
    pub fn cancel(&mut self, cx: &Cx, reason: Option<String>) {
        let deleted_at = cx.settings.states.over_at(cx.now, DELETING_SECONDS);
        self.canceled = Some(Canceled { reason, deleted_at });
    }

    /// When it is told of no longer. One that is active stays until what it makes is made, however long nobody looks.
    pub fn gone_at(&self) -> Option<Timestamp> {
        let ended_at = match &self.canceled {
            Some(canceled) => canceled.deleted_at,
            None => Some(self.ends_at).filter(|_| self.is_done)?,
        };
        Some(ended_at.saturating_add(TOLD).unwrap_or(ended_at))
    }
}
