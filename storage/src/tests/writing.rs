//! What a commit means: batches, refusals, failures of the disk, culprits, panics, and records that go by themselves. The journal here is one whose
//! every commit waits for the test's verdict, so that batches form as the test wants them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use futures_executor::block_on;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, yield_now};

use super::{Thing, at, doing, ids, owned_thing, schema, thing, thing_until};
use crate::journal::{Changes, Commit, Journal};
use crate::schema::Schema;
use crate::world::Tables;
use crate::{OpenError, Store, StoreError, Tx, WriteError};

/// A journal that lets the test decide.
struct Judged {
    verdicts: Arc<Mutex<UnboundedReceiver<Result<(), StoreError>>>>,
    commits: Sender<Vec<String>>,
}

impl Journal for Judged {
    fn load(&mut self, schema: &Arc<Schema>) -> Result<Tables, OpenError> {
        Ok(Tables::empty(schema.clone()))
    }

    fn commit(&mut self, changes: &Changes<'_>) -> Commit {
        let rows = changes.rows().unwrap();
        drop(self.commits.send(rows.into_iter().flat_map(|rows| rows.removed.into_iter().chain(rows.put)).collect()));
        let verdicts = self.verdicts.clone();
        Box::pin(async move { verdicts.lock().await.recv().await.unwrap_or(Ok(())) })
    }

    fn replace(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        block_on(self.commit(changes))
    }

    fn close(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The store under test and the test's two ends of the journal.
struct Bench {
    store: Store,
    verdicts: UnboundedSender<Result<(), StoreError>>,
    commits: Receiver<Vec<String>>,
}

type Answer = Result<String, WriteError<String>>;

impl Bench {
    async fn new() -> Bench {
        let (verdicts, when_judged) = unbounded_channel();
        let when_judged = Arc::new(Mutex::new(when_judged));
        let (committed, commits) = channel();
        let open =
            move |_: &Schema| Ok(Box::new(Judged { verdicts: when_judged, commits: committed }) as Box<dyn Journal>);
        Bench { store: Store::start(open, schema()).await.unwrap(), verdicts, commits }
    }

    fn write(&self, f: impl Fn(&mut Tx) -> Result<String, String> + Send + 'static) -> JoinHandle<Answer> {
        self.write_at(0, f)
    }

    fn write_at(
        &self,
        second: i64,
        f: impl Fn(&mut Tx) -> Result<String, String> + Send + 'static,
    ) -> JoinHandle<Answer> {
        let store = self.store.clone();
        tokio::spawn(async move { store.write(at(second), f).await })
    }

    fn put(&self, id: &'static str) -> JoinHandle<Answer> {
        self.write(move |tx| {
            tx.put(thing(id));
            Ok(ids(tx))
        })
    }

    /// Lets the journal wait in a first commit, of thing `0`, while the test hands in what will be the next batch.
    async fn hold(&self) -> JoinHandle<Answer> {
        let first = self.put("0");
        yield_now().await;
        self.commits.recv().unwrap();
        first
    }

    /// Everything handed in so far reaches the queue: the runtime has one thread, so yielding lets the other tasks run up to their wait.
    async fn release(&self, verdicts: impl IntoIterator<Item = Result<(), StoreError>>) {
        yield_now().await;
        verdicts.into_iter().for_each(|verdict| self.verdicts.send(verdict).unwrap());
    }

    async fn ids(&self) -> String {
        ids(&self.store.snapshot(at(0)).await)
    }
}

fn text(answer: Answer) -> String {
    match answer {
        Ok(text) => text,
        Err(WriteError::Refused(text)) => format!("refused: {text}"),
        Err(WriteError::Failed(error)) => format!("failed: {error}"),
        Err(WriteError::Panicked) => "panicked".to_owned(),
    }
}

fn disk_full() -> StoreError {
    StoreError::Disk("full".into())
}

fn broken() -> StoreError {
    StoreError::Constraint("broken".into())
}

#[tokio::test]
async fn a_batch_is_one_commit_and_nobody_hears_of_it_before() {
    let bench = Bench::new().await;
    let first = bench.hold().await;
    let put = bench.put("1");
    let refused = bench.write(|tx| {
        tx.put(thing("2"));
        Err(ids(tx))
    });
    let read = bench.write(|tx| Ok(ids(tx)));
    bench.release([Ok(())]).await;
    assert_eq!(text(first.await.unwrap()), "0");
    let commit = bench.commits.recv().unwrap();
    assert_eq!(
        commit,
        [r#"[["s","1",null,1,{"shelf":"s","id":"1","name":"1","owner":null,"labels":[],"gone_at":null}]]"#]
    );
    assert_eq!(bench.ids().await, "0", "not committed, so not to be seen");
    yield_now().await;
    assert!(
        !put.is_finished() && !refused.is_finished() && !read.is_finished(),
        "what they say may depend on the commit"
    );
    bench.release([Ok(())]).await;
    assert_eq!(text(put.await.unwrap()), "0 1");
    assert_eq!(text(refused.await.unwrap()), "refused: 0 1 2");
    assert_eq!(text(read.await.unwrap()), "0 1", "a refused write leaves no trace");
    assert_eq!(bench.ids().await, "0 1");
}

#[tokio::test]
async fn a_full_disk_fails_the_batch_and_changes_nothing() {
    let bench = Bench::new().await;
    let first = bench.hold().await;
    let batch = [bench.put("1"), bench.put("2"), bench.write(|_| Err("no".to_owned()))];
    bench.release([Ok(()), Err(disk_full())]).await;
    first.await.unwrap().unwrap();
    for write in batch {
        assert_eq!(text(write.await.unwrap()), "failed: the journal cannot be written: full");
    }
    assert_eq!(bench.ids().await, "0");
    let next = bench.put("3");
    bench.release([Ok(())]).await;
    assert_eq!(text(next.await.unwrap()), "0 3", "the store goes on when the disk does");
}

#[tokio::test]
async fn what_comes_during_a_commit_runs_ahead_of_its_end() {
    let bench = Bench::new().await;
    let first = bench.hold().await;
    let (ran, runs) = channel();
    let ahead = |id: &'static str, ran: Sender<String>| {
        bench.write(move |tx| {
            tx.put(thing(id));
            ran.send(ids(tx)).unwrap();
            Ok(ids(tx))
        })
    };
    let second = ahead("1", ran.clone());
    yield_now().await;
    assert_eq!(runs.recv().unwrap(), "0 1", "it does not wait for the disk");
    assert_eq!(bench.ids().await, "");
    bench.release([Err(disk_full())]).await;
    assert_eq!(text(first.await.unwrap()), "failed: the journal cannot be written: full");
    assert_eq!(runs.recv().unwrap(), "1", "what it was based on never came to be");
    bench.release([Ok(())]).await;
    assert_eq!(text(second.await.unwrap()), "1");
    assert_eq!(bench.commits.try_iter().last().unwrap().len(), 1);
    assert_eq!(bench.ids().await, "1");
}

#[tokio::test]
async fn refusals_that_changed_something_take_back_nothing_of_others() {
    let bench = Bench::new().await;
    let first = bench.hold().await;
    let refuse = |id: &'static str| {
        bench.write(move |tx| {
            tx.remove::<Thing>(&["s", "1"]);
            tx.put(thing(id));
            Err(ids(tx))
        })
    };
    let writes = [bench.put("1"), refuse("x"), bench.put("2"), refuse("y"), bench.put("3")];
    bench.release([Ok(()), Ok(())]).await;
    first.await.unwrap().unwrap();
    let mut answers = Vec::new();
    for write in writes {
        answers.push(text(write.await.unwrap()));
    }
    assert_eq!(answers, ["0 1", "refused: 0 x", "0 1 2", "refused: 0 2 y", "0 1 2 3"]);
    assert_eq!(bench.ids().await, "0 1 2 3");
}

#[tokio::test]
async fn a_broken_rule_fails_the_culprit_only() {
    let bench = Bench::new().await;
    let first = bench.hold().await;
    let batch = [bench.put("1"), bench.put("2"), bench.put("3")];
    bench.release([Ok(()), Err(broken()), Ok(()), Err(broken()), Ok(())]).await;
    first.await.unwrap().unwrap();
    let mut answers = Vec::new();
    for write in batch {
        answers.push(text(write.await.unwrap()));
    }
    assert_eq!(answers, ["0 1", "failed: the journal refuses the change: broken", "0 1 3"]);
    assert_eq!(bench.ids().await, "0 1 3");
}

#[tokio::test]
async fn a_panic_and_a_contradiction_fail_alone() {
    let bench = Bench::new().await;
    let first = bench.hold().await;
    let panicking = bench.write(|tx| {
        tx.put(thing("1"));
        panic!("on purpose")
    });
    let contradicting = bench.write(|tx| {
        tx.put(thing("2"));
        tx.put(Thing { name: "0".to_owned(), ..thing("3") });
        Ok("not checked".to_owned())
    });
    let sound = bench.put("4");
    bench.release([Ok(()), Ok(())]).await;
    first.await.unwrap().unwrap();
    assert_eq!(text(panicking.await.unwrap()), "panicked");
    let text_of_contradiction = text(contradicting.await.unwrap());
    let expected = "failed: the change contradicts its record's declaration: thing: index `by_name` is unique, but `s/3` and `s/0` have the same value";
    assert_eq!(text_of_contradiction, expected);
    assert_eq!(text(sound.await.unwrap()), "0 4");
}

#[tokio::test]
async fn what_is_gone_is_removed_along_with_later_writes() {
    let bench = Bench::new().await;
    drop(bench.verdicts);
    let put = |tx: &mut Tx| {
        (0..100).for_each(|number| tx.put(thing_until(&format!("{number:03}"), 10)));
        Ok::<_, ()>(())
    };
    bench.store.write(at(0), put).await.unwrap();
    let rows = |world: crate::World| world.sizes().map(|(_, rows)| rows).sum::<usize>();
    assert_eq!(bench.store.snapshot(at(9)).await.count::<Thing>(&[]), 100);
    assert_eq!(bench.store.snapshot(at(10)).await.count::<Thing>(&[]), 0);
    for (write, left) in [("x", 36), ("y", 0), ("z", 0)] {
        bench.store.write(at(10), doing(move |tx| tx.put(thing(write)))).await.unwrap();
        let world = bench.store.snapshot(at(10)).await;
        let kept = world.count::<Thing>(&[]);
        assert_eq!(rows(world), kept + left);
    }
    bench
        .store
        .write(at(10), doing(move |tx| (0..9).for_each(|n| tx.put(thing_until(&n.to_string(), 11)))))
        .await
        .unwrap();
    assert_eq!(bench.store.sweep(at(11)).await.unwrap(), 9);
    assert_eq!(ids(&bench.store.snapshot(at(0)).await), "x y z");
}

#[tokio::test]
async fn what_is_gone_but_cannot_be_removed_harms_no_write() {
    let bench = Bench::new().await;
    let put = bench.write(|tx| {
        tx.put(thing_until("gone", 10));
        Ok(String::new())
    });
    bench.release([Ok(())]).await;
    put.await.unwrap().unwrap();
    let next = bench.write_at(10, |tx| {
        tx.put(thing("1"));
        Ok(String::new())
    });
    // The write with the removal breaks a rule, the write alone does not, the removal alone does.
    bench.release([Err(broken()), Ok(()), Err(broken())]).await;
    assert_eq!(text(next.await.unwrap()), "");
    let last = bench.write_at(10, |tx| {
        tx.put(thing("2"));
        Ok(String::new())
    });
    bench.release([Ok(())]).await;
    last.await.unwrap().unwrap();
    let commits: Vec<usize> = bench.commits.try_iter().map(|rows| rows.len()).collect();
    assert_eq!(commits, [1, 2, 1, 1, 1], "the removal is not tried again");
    assert_eq!(ids(&bench.store.snapshot(at(0)).await), "1 2 gone");
}

#[tokio::test]
async fn a_reset_keeps_what_it_is_told_to() {
    let bench = Bench::new().await;
    bench.release([Ok(()), Err(disk_full()), Ok(())]).await;
    bench.store.write(at(0), |tx| Ok::<_, ()>(["a", "b"].map(|id| tx.put(thing(id))))).await.unwrap();
    let keep_a = |old: &crate::World, tx: &mut Tx| {
        old.get::<Thing>(&["s", "a"]).into_iter().for_each(|a| tx.put(Thing::clone(a)));
        tx.put(owned_thing("c", "nobody"));
        Ok::<_, ()>(ids(old))
    };
    assert!(matches!(bench.store.reset(at(0), keep_a).await, Err(WriteError::Failed(StoreError::Disk(_)))));
    assert_eq!(bench.ids().await, "a b");
    assert_eq!(bench.store.reset(at(0), keep_a).await.unwrap(), "a b");
    assert_eq!(bench.ids().await, "a c");
}

#[tokio::test]
async fn a_closed_store_fails_writes_and_finishes_earlier_ones() {
    let bench = Bench::new().await;
    let first = bench.hold().await;
    let second = bench.put("1");
    yield_now().await;
    let other = bench.store.clone();
    let closing = tokio::spawn(bench.store.clone().close());
    bench.release([Ok(()), Ok(())]).await;
    assert_eq!(text(first.await.unwrap()), "0");
    assert_eq!(text(second.await.unwrap()), "0 1");
    closing.await.unwrap().unwrap();
    assert!(matches!(other.write(at(0), |_| Ok::<_, ()>(())).await, Err(WriteError::Failed(StoreError::Closed))));
    assert_eq!(ids(&other.snapshot(at(0)).await), "0 1");
}
