//! The writes of one commit, and what they make of the tables.

use std::collections::{BTreeSet, HashSet};
use std::mem;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Job, SWEEP_PER_BATCH};
use crate::error::StoreError;
use crate::journal::Changes;
use crate::key::Key;
use crate::world::Tables;

/// Writes that have run and are to be committed together.
pub(super) struct Batch {
    jobs: Vec<Box<dyn Job>>,
    before: Arc<Tables>,
    after: Arc<Tables>,
    touched: BTreeSet<(usize, Key)>,
    has_swept: bool,
    /// Whether each write works on a copy of the tables. As long as none has to be taken back, each changes the very tables that the one before it
    /// has changed: what they share with the published ones is copied once, not once for each write.
    is_careful: bool,
}

impl Batch {
    /// No write yet, on these tables.
    pub(super) fn on(before: Arc<Tables>) -> Batch {
        let after = before.clone();
        Batch { jobs: Vec::new(), before, after, touched: BTreeSet::new(), has_swept: false, is_careful: false }
    }

    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// The tables with what the writes have changed.
    pub(super) fn after(&self) -> &Arc<Tables> {
        &self.after
    }

    pub(super) fn has_changed(&self) -> bool {
        !self.touched.is_empty()
    }

    /// Whether records that are gone are removed along with it.
    pub(super) fn has_swept(&self) -> bool {
        self.has_swept
    }

    pub(super) fn changes(&self) -> Changes<'_> {
        Changes { before: &self.before, after: &self.after, touched: &self.touched }
    }

    /// Runs one more write.
    pub(super) fn add(&mut self, mut job: Box<dyn Job>) {
        if !self.run(&mut job) {
            // It is to leave no trace, but may have left some in the tables of all.
            self.run_again(self.before.clone());
        }
        self.jobs.push(job);
    }

    /// Runs all writes once more, on other tables.
    pub(super) fn run_again(&mut self, before: Arc<Tables>) {
        self.after = before.clone();
        self.before = before;
        self.touched.clear();
        self.is_careful = true;
        let mut jobs = mem::take(&mut self.jobs);
        for job in &mut jobs {
            self.run(job);
        }
        self.jobs = jobs;
    }

    /// Runs a write; `false` if the tables are spoiled by it.
    fn run(&mut self, job: &mut Box<dyn Job>) -> bool {
        let kept = self.is_careful.then(|| self.after.clone());
        let staged = mem::replace(&mut self.after, self.before.clone());
        match (job.run(&self.before, staged), kept) {
            (Some((after, keys)), _) => {
                self.after = after;
                self.touched.extend(keys);
                true
            }
            (None, Some(kept)) => {
                self.after = kept;
                true
            }
            (None, None) => false,
        }
    }

    /// Removes some records that are gone, but for the kinds in `except`.
    pub(super) fn sweep(&mut self, except: &HashSet<usize>) {
        let Some(now) = self.jobs.last().map(|job| job.now()) else { return };
        let swept = discard_due(&mut self.after, now, SWEEP_PER_BATCH, except);
        self.has_swept = !swept.is_empty();
        self.touched.extend(swept);
    }

    /// Tells everybody: each write its own answer, or all of them the failure.
    pub(super) fn answer(self, failure: Option<&StoreError>) {
        for job in self.jobs {
            job.answer(failure.cloned());
        }
    }

    /// The writes alone, what they changed forgotten.
    pub(super) fn into_jobs(self) -> Vec<Box<dyn Job>> {
        self.jobs
    }
}

/// Takes up to `limit` records that are gone out of the staged tables, and returns their keys.
pub(super) fn discard_due(
    staged: &mut Arc<Tables>,
    now: Timestamp,
    limit: usize,
    except: &HashSet<usize>,
) -> Vec<(usize, Key)> {
    let mut due = Vec::new();
    for (slot, table) in staged.slots().iter().enumerate() {
        if table.has_gone(now) && !except.contains(&slot) {
            due.extend(table.due(now, limit - due.len()).into_iter().map(|key| (slot, key)));
        }
    }
    if !due.is_empty() {
        let tables = Arc::make_mut(staged);
        for (slot, key) in &due {
            if let Some(table) = tables.slot_mut(*slot) {
                table.take(key);
            }
        }
    }
    due
}
