//! The store: where the present World is taken from and where writes are handed in.
//!
//! It owns nothing but the pointer to the newest committed tables and the way to the writer's thread (`writer.rs`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::error::{OpenError, StoreError, WriteError};
use crate::journal::{self, Journal};
use crate::schema::Schema;
use crate::tx::Tx;
use crate::world::{Tables, World};
use crate::writer::{Job, Message, Staged, Writer};

/// Where the state lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In memory only: gone when the process ends.
    Memory,
    /// In this SQLite file; made if missing. `PATH.lock` beside it keeps a second server away.
    File(PathBuf),
}

/// What a committed write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The loss of power.
    #[default]
    Full,
    /// The death of the process; the loss of power may take the last writes, but leaves the file consistent.
    Process,
}

/// How to open a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub place: Place,
    pub durability: Durability,
}

impl Options {
    /// This place, with full durability.
    pub fn new(place: Place) -> Options {
        Options { place, durability: Durability::default() }
    }
}

/// The state of the installation. Clones are the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    published: Arc<ArcSwap<Tables>>,
    writer: Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    is_shared: bool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Whoever closed the store has ended the writer already; nobody waits for the answer.
        let (reply, _) = oneshot::channel();
        drop(self.writer.send(Message::Close(reply)));
    }
}

impl Store {
    /// Opens the state, makes or migrates its file, and loads all of it. Call [`Store::sweep`] next, when the clock is known.
    pub async fn open(options: Options, schema: Schema) -> Result<Store, OpenError> {
        Store::start(move |schema| journal::open(&options, schema), schema).await
    }

    /// Starts the writer's thread, which opens the journal there: a journal lives on one thread.
    pub(crate) async fn start<F>(open: F, schema: Schema) -> Result<Store, OpenError>
    where
        F: FnOnce(&Schema) -> Result<Box<dyn Journal>, OpenError> + Send + 'static,
    {
        let schema = Arc::new(schema);
        let published = Arc::new(ArcSwap::from_pointee(Tables::empty(schema.clone())));
        let (writer, queue) = channel();
        let to_itself = writer.clone();
        let (opened, when_opened) = oneshot::channel();
        let target = published.clone();
        let body = move || {
            let loaded = open(&schema).and_then(|mut journal| {
                target.store(Arc::new(journal.load(&schema)?));
                Ok(journal)
            });
            match loaded {
                Ok(journal) => {
                    let is_shared = journal.is_shared();
                    if opened.send(Ok(is_shared)).is_ok() {
                        Writer::new(journal, target, to_itself).serve(&queue);
                    }
                }
                Err(error) => drop(opened.send(Err(error))),
            }
        };
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(body);
        let thread = thread.map_err(|error| OpenError::Thread(error.to_string()))?;
        let is_shared = when_opened.await.map_err(|_| OpenError::Thread("it ended while loading".to_owned()))??;
        Ok(Store(Arc::new(Inner { published, writer, thread: Mutex::new(Some(thread)), is_shared })))
    }

    /// The newest committed World, seen at `now`.
    pub async fn snapshot(&self, now: Timestamp) -> World {
        if self.0.is_shared {
            // A journal that is down is met by the next write; a reader gets what this node knows.
            drop(self.ask(Message::CatchUp).await);
        }
        World::new(self.0.published.load_full(), now)
    }

    /// Runs `f` on the newest state at `now`, alone, and commits what it changed before this returns.
    ///
    /// If `f` returns an error or panics, it leaves no trace. It may be run more than once (when another write of the same batch fails), so it must
    /// give the same answer for the same state. Dropping the future does not take the write back.
    pub async fn write<T, E, F>(&self, now: Timestamp, f: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    {
        self.run(Message::Write, now, move |_, tx| f(tx)).await
    }

    /// Replaces everything with what `f` puts into an empty World; it is shown the old one, so that it can keep some of it. As durable and as
    /// undivided as a write.
    pub async fn reset<T, E, F>(&self, now: Timestamp, f: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: Fn(&World, &mut Tx) -> Result<T, E> + Send + 'static,
    {
        self.run(Message::Reset, now, f).await
    }

    /// Removes every record that is gone at `now` and returns how many there were. Meant for the start; later each write removes a few.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.ask(|reply| Message::Sweep(now, reply)).await
    }

    /// Waits for the writes handed in before, brings the file to its resting state and releases it. Writes after that fail.
    pub async fn close(self) -> Result<(), StoreError> {
        let closed = self.ask(Message::Close).await;
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // The answer was the thread's last act, so this does not wait.
            drop(thread.join());
        }
        closed
    }

    async fn run<T, E, F>(&self, message: fn(Box<dyn Job>) -> Message, now: Timestamp, f: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: Fn(&World, &mut Tx) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Task { now, f, outcome: None, reply };
        self.0.writer.send(message(Box::new(job))).map_err(|_| WriteError::Failed(StoreError::Closed))?;
        answer.await.unwrap_or(Err(WriteError::Failed(StoreError::Closed)))
    }

    async fn ask<T>(
        &self,
        message: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Message,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.writer.send(message(reply)).map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// A closure waiting for its turn, and where its answer goes.
struct Task<T, E, F> {
    now: Timestamp,
    f: F,
    outcome: Option<Result<T, WriteError<E>>>,
    reply: oneshot::Sender<Result<T, WriteError<E>>>,
}

impl<T, E, F> Job for Task<T, E, F>
where
    T: Send,
    E: Send,
    F: Fn(&World, &mut Tx) -> Result<T, E> + Send,
{
    fn now(&self) -> Timestamp {
        self.now
    }

    fn run(&mut self, published: &Arc<Tables>, staged: Arc<Tables>) -> Option<Staged> {
        let before = World::new(published.clone(), self.now);
        let mut tx = Tx::on(World::new(staged, self.now));
        // A panic can't leave anything half done: the tables it worked on are dropped, and the closure owns nothing that others see.
        let result = catch_unwind(AssertUnwindSafe(|| (self.f)(&before, &mut tx)));
        let (outcome, staged) = match result {
            Ok(Ok(value)) => match tx.finish() {
                Ok(staged) => (Ok(value), Some(staged)),
                Err(fault) => {
                    tracing::error!(error = %fault, "a write contradicts the declaration of its record; it is refused");
                    (Err(WriteError::Failed(fault)), None)
                }
            },
            Ok(Err(refusal)) => (Err(WriteError::Refused(refusal)), tx.unchanged()),
            Err(panic) => {
                tracing::error!(message = panic_text(panic.as_ref()), "a write panicked; it left no trace");
                (Err(WriteError::Panicked), None)
            }
        };
        self.outcome = Some(outcome);
        staged
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let answer = match (failure, self.outcome) {
            (None, Some(outcome)) => outcome,
            (Some(failure), _) => Err(WriteError::Failed(failure)),
            (None, None) => Err(WriteError::Failed(StoreError::Closed)),
        };
        // Whoever asked may have gone away; the write stays.
        drop(self.reply.send(answer));
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}
