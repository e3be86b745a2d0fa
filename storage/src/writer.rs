//! The writer: one thread that runs the closures one at a time, commits a batch of them at once, publishes the result and only then answers.
//!
//! Nothing waits for a batch to grow: what has queued up while the last commit was on its way to the disk is the next batch. Later closures of a
//! batch see the earlier ones, which is why even refusals wait for the commit: they may be true only because of it.

use std::collections::{BTreeSet, HashSet};
use std::slice;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::journal::{Changes, Foreign, Journal};
use crate::key::Key;
use crate::table::Document;
use crate::world::Tables;

/// Closures per commit, at most: more would only make the first of them wait longer.
const BATCH: usize = 512;
/// Records that are gone and are removed along with a batch, at most.
const SWEEP_PER_BATCH: usize = 64;
/// Records that are gone and are removed per commit of a sweep.
const SWEEP_PER_COMMIT: usize = 8192;

/// Tables with a write's changes, and the keys it touched, by slot.
pub(crate) type Staged = (Arc<Tables>, Vec<(usize, Key)>);

/// A write that waits for its turn.
pub(crate) trait Job: Send {
    fn now(&self) -> Timestamp;
    /// Runs the closure on the staged tables; `None` if it is to leave no trace. `published` is shown to it as the state before.
    fn run(&mut self, published: &Arc<Tables>, staged: &Arc<Tables>) -> Option<Staged>;
    /// Sends the closure's own answer, or the failure of its commit.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer can be asked to do.
pub(crate) enum Message {
    Write(Box<dyn Job>),
    Reset(Box<dyn Job>),
    Sweep(Timestamp, Reply<usize>),
    CatchUp(Reply<()>),
    Close(Reply<()>),
}

/// The state of the writer's thread.
pub(crate) struct Writer {
    journal: Box<dyn Journal>,
    published: Arc<ArcSwap<Tables>>,
    /// Kinds whose gone records are left alone because removing them broke a rule of the journal.
    unswept: HashSet<usize>,
}

impl Writer {
    pub(crate) fn new(journal: Box<dyn Journal>, published: Arc<ArcSwap<Tables>>) -> Writer {
        Writer { journal, published, unswept: HashSet::new() }
    }

    /// Works until the store is closed or its last clone is dropped.
    pub(crate) fn serve(mut self, queue: &Receiver<Message>) {
        let mut next = queue.recv().ok();
        while let Some(message) = next.take() {
            match message {
                Message::Write(job) => {
                    let mut batch = vec![job];
                    while batch.len() < BATCH && next.is_none() {
                        match queue.try_recv() {
                            Ok(Message::Write(job)) => batch.push(job),
                            Ok(other) => next = Some(other),
                            Err(_) => break,
                        }
                    }
                    self.write(batch);
                }
                Message::Reset(job) => self.reset(job),
                Message::Sweep(now, reply) => drop(reply.send(self.sweep_all(now))),
                Message::CatchUp(reply) => drop(reply.send(self.catch_up())),
                Message::Close(reply) => {
                    // The lock on the file is released before the answer: whoever hears it may open the file again.
                    let closed = self.journal.close();
                    drop(self);
                    drop(reply.send(closed));
                    return;
                }
            }
            if next.is_none() {
                next = queue.recv().ok();
            }
        }
        if let Err(error) = self.journal.close() {
            tracing::error!(%error, "closing the journal failed; it is complete, and the next start will tidy it up");
        }
    }

    fn write(&mut self, mut batch: Vec<Box<dyn Job>>) {
        let (failure, swept) = match self.attempt(&mut batch, true) {
            Ok(()) => (None, false),
            Err((error, swept)) => (Some(error), swept),
        };
        match failure {
            Some(error) if error.has_a_culprit() && (batch.len() > 1 || swept) => self.write_one_by_one(batch, swept),
            failure => {
                log(failure.as_ref());
                for job in batch {
                    job.answer(failure.clone());
                }
            }
        }
    }

    /// After a batch broke a rule: everything that can be committed alone is, so that only the culprit fails.
    fn write_one_by_one(&mut self, batch: Vec<Box<dyn Job>>, swept: bool) {
        for mut job in batch {
            let failure = self.attempt(slice::from_mut(&mut job), false).err().map(|(error, _)| error);
            log(failure.as_ref());
            let now = job.now();
            job.answer(failure);
            if swept {
                self.find_unsweepable(now);
            }
        }
    }

    /// Runs a batch, commits it, publishes it. On an error, says whether it had also removed records that are gone.
    fn attempt(&mut self, batch: &mut [Box<dyn Job>], sweep: bool) -> Result<(), (StoreError, bool)> {
        self.catch_up_for_writing().map_err(|error| (error, false))?;
        let before = self.published.load_full();
        let mut staged = before.clone();
        let mut touched = BTreeSet::new();
        let mut now = Timestamp::MIN;
        for job in batch {
            now = job.now();
            if let Some((tables, keys)) = job.run(&before, &staged) {
                staged = tables;
                touched.extend(keys);
            }
        }
        if touched.is_empty() {
            return Ok(());
        }
        let swept = if sweep { discard_due(&mut staged, now, SWEEP_PER_BATCH, &self.unswept) } else { Vec::new() };
        let has_swept = !swept.is_empty();
        touched.extend(swept);
        self.commit(before, staged, &touched).map_err(|error| (error, has_swept))
    }

    fn commit(
        &mut self,
        before: Arc<Tables>,
        after: Arc<Tables>,
        touched: &BTreeSet<(usize, Key)>,
    ) -> Result<(), StoreError> {
        self.journal.commit(&Changes { before: &before, after: &after, touched })?;
        // INVARIANT: the state is published after it is on disk and before anyone is answered, so that a client reads its own write.
        self.published.store(after);
        Ok(())
    }

    fn reset(&mut self, mut job: Box<dyn Job>) {
        let failure = self.try_reset(&mut job).err();
        log(failure.as_ref());
        job.answer(failure);
    }

    fn try_reset(&mut self, job: &mut Box<dyn Job>) -> Result<(), StoreError> {
        self.catch_up_for_writing()?;
        let before = self.published.load_full();
        let empty = Arc::new(Tables::empty(before.schema.clone()));
        let Some((after, touched)) = job.run(&before, &empty) else { return Ok(()) };
        self.journal.replace(&Changes { before: &empty, after: &after, touched: &touched.into_iter().collect() })?;
        self.published.store(after);
        self.unswept.clear();
        // Freeing a hundred thousand records takes longer than all the rest of a reset.
        drop(std::thread::Builder::new().name("reset".to_owned()).spawn(move || drop(before)));
        Ok(())
    }

    /// Removes all records that are gone at `now`.
    fn sweep_all(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            self.catch_up_for_writing()?;
            let before = self.published.load_full();
            let mut staged = before.clone();
            let keys = discard_due(&mut staged, now, SWEEP_PER_COMMIT, &self.unswept);
            if keys.is_empty() {
                return Ok(total);
            }
            let count = keys.len();
            match self.commit(before, staged, &keys.into_iter().collect()) {
                Ok(()) => total += count,
                Err(error) if error.has_a_culprit() => self.find_unsweepable(now),
                Err(error) => {
                    log(Some(&error));
                    return Err(error);
                }
            }
        }
    }

    /// After removing gone records broke a rule: tries each kind alone, and leaves alone from now on those that can't be removed.
    fn find_unsweepable(&mut self, now: Timestamp) {
        let slots = self.published.load().slots().len();
        for slot in 0..slots {
            let others = (0..slots).filter(|other| *other != slot || self.unswept.contains(other)).collect();
            let before = self.published.load_full();
            let mut staged = before.clone();
            let keys = discard_due(&mut staged, now, SWEEP_PER_BATCH, &others);
            if keys.is_empty() {
                continue;
            }
            let table = before.schema.label(slot);
            if let Err(error) = self.commit(before, staged, &keys.into_iter().collect())
                && error.has_a_culprit()
            {
                tracing::error!(%table, %error, "a bug: records that are gone are still referred to; they stay in the file");
                self.unswept.insert(slot);
            }
        }
    }

    fn catch_up(&mut self) -> Result<(), StoreError> {
        let news = self.journal.catch_up()?;
        self.adopt(news)
    }

    fn catch_up_for_writing(&mut self) -> Result<(), StoreError> {
        let news = self.journal.begin()?;
        self.adopt(news)
    }

    /// Replays what other nodes have committed.
    fn adopt(&mut self, news: Vec<Foreign>) -> Result<(), StoreError> {
        if news.is_empty() {
            return Ok(());
        }
        let mut tables = Tables::clone(&self.published.load());
        for Foreign { slot, key, document } in news {
            let Some(table) = tables.slot_mut(slot) else { continue };
            match document {
                Some((version, text)) => {
                    table.adopt(Document { version, text: &text }).map_err(|reason| StoreError::Disk(reason.into()))?;
                }
                None => drop(table.take(&key)),
            }
        }
        self.published.store(Arc::new(tables));
        Ok(())
    }
}

/// Takes up to `limit` records that are gone out of the staged tables, and returns their keys.
fn discard_due(staged: &mut Arc<Tables>, now: Timestamp, limit: usize, except: &HashSet<usize>) -> Vec<(usize, Key)> {
    let mut due = Vec::new();
    for (slot, table) in staged.slots().iter().enumerate() {
        if !except.contains(&slot) {
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

fn log(failure: Option<&StoreError>) {
    match failure {
        None => {}
        Some(error) if error.has_a_culprit() => {
            tracing::error!(%error, "a bug: a write broke a rule of the journal; it left no trace")
        }
        Some(error) => tracing::error!(%error, "a commit failed; the state is as it was before"),
    }
}
