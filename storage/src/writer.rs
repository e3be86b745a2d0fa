//! The writer: one thread that runs the closures one at a time, commits a batch of them at once, publishes the result and only then answers.
//!
//! Nothing waits for a batch to grow: what has come while one commit is on its way to the disk is the next batch. Its closures run meanwhile, on what
//! the commit will make the state; should it fail, they run again on what is. Later closures see the earlier ones, which is why even refusals wait
//! for the commit: they may be true only because of it.

mod batch;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::task::{Context, Poll, Wake, Waker};

use arc_swap::ArcSwap;
use futures_executor::block_on;
use jiff::Timestamp;
use tokio::sync::oneshot;

use self::batch::{Batch, discard_due};
use crate::error::StoreError;
use crate::journal::{Changes, Commit, Foreign, Journal};
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
    /// Runs the closure on the staged tables; `None` if it is to leave no trace, but may have changed them. `published` is shown to it as the state
    /// before.
    fn run(&mut self, published: &Arc<Tables>, staged: Arc<Tables>) -> Option<Staged>;
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
    /// The commit that is on its way has got further: what its future wakes.
    Progress,
}

/// Wakes the writer by a message to it.
struct Progress(Sender<Message>);

impl Wake for Progress {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // A writer that has ended waits for nothing.
        drop(self.0.send(Message::Progress));
    }
}

/// The state of the writer's thread.
pub(crate) struct Writer {
    journal: Box<dyn Journal>,
    published: Arc<ArcSwap<Tables>>,
    waker: Waker,
    /// What is on its way to the disk.
    under_way: Option<(Batch, Commit)>,
    /// What will be committed next; it has run.
    next: Option<Batch>,
    /// Kinds whose gone records are left alone because removing them broke a rule of the journal.
    unswept: HashSet<usize>,
}

impl Writer {
    /// `to_itself` ends at the writer's own queue.
    pub(crate) fn new(
        journal: Box<dyn Journal>,
        published: Arc<ArcSwap<Tables>>,
        to_itself: Sender<Message>,
    ) -> Writer {
        let waker = Waker::from(Arc::new(Progress(to_itself)));
        Writer { journal, published, waker, under_way: None, next: None, unswept: HashSet::new() }
    }

    /// Works until the store is closed, as it is when its last clone is dropped.
    pub(crate) fn serve(mut self, queue: &Receiver<Message>) {
        loop {
            let message = queue.try_recv().or_else(|_| {
                self.commit_next();
                queue.recv()
            });
            match message {
                Ok(Message::Write(job)) => self.take(job),
                Ok(Message::Progress) => self.go_on(),
                Ok(Message::Reset(job)) => self.reset(job),
                Ok(Message::Sweep(now, reply)) => drop(reply.send(self.sweep_all(now))),
                Ok(Message::CatchUp(reply)) => drop(reply.send(self.catch_up())),
                Ok(Message::Close(reply)) => {
                    self.settle();
                    // The lock on the file is released before the answer: whoever hears it may open the file again.
                    let closed = self.journal.close();
                    drop(self);
                    if let Err(error) = &closed {
                        tracing::error!(%error, "closing the journal failed; it is complete, and the next start will tidy it up");
                    }
                    drop(reply.send(closed));
                    return;
                }
                // It holds an end of the queue itself, so there is always another.
                Err(_) => return,
            }
        }
    }

    /// Runs a write as one of the next batch.
    fn take(&mut self, job: Box<dyn Job>) {
        let is_full = self.next.as_ref().is_some_and(|batch| batch.len() == BATCH);
        // Others may write as soon as what is on its way has ended, so nobody knows yet what the next batch will find.
        if is_full || (self.next.is_none() && self.journal.is_shared()) {
            self.settle();
        }
        if self.next.is_none()
            && self.under_way.is_none()
            && let Err(error) = self.catch_up_for_writing()
        {
            return job.answer(Some(error));
        }
        let before = match &self.under_way {
            Some((batch, _)) => batch.after().clone(),
            None => self.published.load_full(),
        };
        self.next.get_or_insert_with(|| Batch::on(before)).add(job);
    }

    /// Sends the next batch on its way to the disk, unless one is on it already.
    fn commit_next(&mut self) {
        if self.under_way.is_some() {
            return;
        }
        let Some(mut batch) = self.next.take() else { return };
        if batch.has_changed() {
            batch.sweep(&self.unswept);
            let commit = self.journal.commit(&batch.changes());
            self.under_way = Some((batch, commit));
            self.go_on();
        } else {
            batch.answer(None);
        }
    }

    /// Looks how far the commit is that is on its way.
    fn go_on(&mut self) {
        let Some((batch, mut commit)) = self.under_way.take() else { return };
        match commit.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Pending => self.under_way = Some((batch, commit)),
            Poll::Ready(result) => self.finish(batch, result),
        }
    }

    /// Waits until everything that was taken is committed and answered.
    fn settle(&mut self) {
        loop {
            self.commit_next();
            let Some((batch, commit)) = self.under_way.take() else { return };
            let result = block_on(commit);
            self.finish(batch, result);
        }
    }

    /// Publishes what is on the disk, sends the next batch there, and answers.
    fn finish(&mut self, batch: Batch, result: Result<(), StoreError>) {
        match result {
            Ok(()) => {
                // INVARIANT: the state is published after it is on disk and before anyone is answered, so that a client reads its own write.
                self.published.store(batch.after().clone());
                self.commit_next();
                batch.answer(None);
            }
            Err(error) => {
                if error.has_a_culprit() && (batch.len() > 1 || batch.has_swept()) {
                    self.write_one_by_one(batch);
                } else {
                    log(&error);
                    batch.answer(Some(&error));
                }
                if let Some(next) = &mut self.next {
                    next.run_again(self.published.load_full());
                }
            }
        }
    }

    /// After a batch broke a rule: everything that can be committed alone is, so that only the culprit fails.
    fn write_one_by_one(&mut self, batch: Batch) {
        let swept = batch.has_swept();
        for job in batch.into_jobs() {
            let now = job.now();
            self.write_alone(job);
            if swept {
                self.find_unsweepable(now);
            }
        }
    }

    fn write_alone(&mut self, job: Box<dyn Job>) {
        let mut batch = Batch::on(self.published.load_full());
        batch.add(job);
        let committed = if batch.has_changed() { self.commit(&batch.changes()) } else { Ok(()) };
        let failure = committed.err();
        failure.iter().for_each(log);
        batch.answer(failure.as_ref());
    }

    /// Commits and publishes, and waits for it.
    fn commit(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        block_on(self.journal.commit(changes))?;
        self.published.store(changes.after.clone());
        Ok(())
    }

    fn reset(&mut self, mut job: Box<dyn Job>) {
        self.settle();
        let failure = self.try_reset(&mut job).err();
        failure.iter().for_each(log);
        job.answer(failure);
    }

    fn try_reset(&mut self, job: &mut Box<dyn Job>) -> Result<(), StoreError> {
        self.catch_up_for_writing()?;
        let before = self.published.load_full();
        let empty = Arc::new(Tables::empty(before.schema.clone()));
        let Some((after, touched)) = job.run(&before, empty.clone()) else { return Ok(()) };
        self.journal.replace(&Changes { before: &empty, after: &after, touched: &touched.into_iter().collect() })?;
        self.published.store(after);
        self.unswept.clear();
        // Freeing a hundred thousand records takes longer than all the rest of a reset.
        drop(std::thread::Builder::new().name("reset".to_owned()).spawn(move || drop(before)));
        Ok(())
    }

    /// Removes all records that are gone at `now`.
    fn sweep_all(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        self.settle();
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
            match self.commit(&Changes { before: &before, after: &staged, touched: &keys.into_iter().collect() }) {
                Ok(()) => total += count,
                Err(error) if error.has_a_culprit() => self.find_unsweepable(now),
                Err(error) => {
                    log(&error);
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
            if let Err(error) =
                self.commit(&Changes { before: &before, after: &staged, touched: &keys.into_iter().collect() })
                && error.has_a_culprit()
            {
                tracing::error!(%table, %error, "a bug: records that are gone are still referred to; they stay in the file");
                self.unswept.insert(slot);
            }
        }
    }

    fn catch_up(&mut self) -> Result<(), StoreError> {
        self.settle();
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

fn log(failure: &StoreError) {
    if failure.has_a_culprit() {
        tracing::error!(error = %failure, "a bug: a write broke a rule of the journal; it left no trace");
    } else {
        tracing::error!(error = %failure, "a commit failed; the state is as it was before");
    }
}
