//! Kills a writing process again and again, and lets one run out of disk: what was acknowledged must be there afterwards, whole, and nothing by halves.
//!
//! The test starts itself as the writer: each of four tasks puts group after group of three records, removing the group five before, and prints a line
//! per acknowledged write. The parent kills it after a random number of lines, reads what was still acknowledged, and opens the file itself.
//! `CRASH_ROUNDS` sets the number of kills, `CRASH_SEED` repeats the random numbers of a failure.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is a test; without the harness clippy does not see that"
)]

use std::collections::BTreeMap;
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use storage::{Key, Options, Place, Record, Schema, Store, StoreError, TableDef, Tx, World, WriteError};

const TASKS: u64 = 4;
/// Groups a task leaves standing.
const KEPT: u64 = 5;
const PARTS: [&str; 3] = ["a", "b", "c"];

/// Part of a group: key (task, group number, part).
#[derive(Clone, Serialize, Deserialize)]
struct Part {
    task: u64,
    group: u64,
    part: String,
    text: String,
}

impl Record for Part {
    const TABLE: TableDef = TableDef::shared("ec2_resource", "part");

    fn key(&self) -> Key {
        Key::new(&[&self.task.to_string(), &number(self.group), &self.part])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.task.to_string())]
    }
}

/// Sorts as a number does.
fn number(group: u64) -> String {
    format!("{group:012}")
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    if let Some(path) = env::var_os("CRASH_WRITER") {
        return runtime.block_on(write_until_failure(Path::new(&path)));
    }
    // Cargo's test runner and others ask for the list of tests.
    if env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    runtime.block_on(async {
        survives_kills().await;
        survives_a_full_disk().await;
    });
    ExitCode::SUCCESS
}

async fn open(path: &Path) -> Store {
    let options = Options::new(Place::File(path.to_owned()));
    Store::open(options, Schema::new().with::<Part>()).await.unwrap()
}

/// The writer's side: ends when a write fails, which it reports.
async fn write_until_failure(path: &Path) -> ExitCode {
    let store = open(path).await;
    let groups = groups(&store.snapshot(Timestamp::UNIX_EPOCH).await);
    let tasks: Vec<_> =
        (0..TASKS).map(|task| tokio::spawn(write_groups(store.clone(), task, newest(&groups, task)))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    // What failed must not be visible here either.
    let world = store.snapshot(Timestamp::UNIX_EPOCH).await;
    for (task, groups) in self::groups(&world) {
        say(&format!("left {task} {}", groups.keys().max().unwrap()));
    }
    ExitCode::FAILURE
}

async fn write_groups(store: Store, task: u64, mut group: u64) {
    loop {
        group += 1;
        let write = move |tx: &mut Tx| {
            for part in PARTS {
                // Now and then a part that spreads over many pages.
                let text = "x".repeat(if group.is_multiple_of(7) { 20_000 } else { 200 });
                tx.put(Part { task, group, part: part.to_owned(), text });
                if group > KEPT {
                    tx.remove::<Part>(&[&task.to_string(), &number(group - KEPT), part]);
                }
            }
            Ok::<_, ()>(())
        };
        match store.write(Timestamp::UNIX_EPOCH, write).await {
            Ok(()) => say(&format!("done {task} {group}")),
            Err(WriteError::Failed(StoreError::Disk(_))) => return say(&format!("failed {task} {group}")),
            Err(other) => return say(&format!("unexpected {task} {group} {other:?}")),
        }
    }
}

/// One line, at once: a buffered acknowledgement would be lost with the process.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// The groups of every task with the parts found of each.
fn groups(world: &World) -> BTreeMap<u64, BTreeMap<u64, String>> {
    let mut groups: BTreeMap<u64, BTreeMap<u64, String>> = BTreeMap::new();
    for part in world.scan::<Part>(&[]) {
        groups.entry(part.task).or_default().entry(part.group).or_default().push_str(&part.part);
    }
    groups
}

fn newest(groups: &BTreeMap<u64, BTreeMap<u64, String>>, task: u64) -> u64 {
    groups.get(&task).and_then(|groups| groups.keys().max()).copied().unwrap_or_default()
}

/// What the parent has heard: the last acknowledged group of each task.
type Heard = BTreeMap<u64, u64>;

async fn survives_kills() {
    let rounds: u64 = env::var("CRASH_ROUNDS").map_or(6, |rounds| rounds.parse().unwrap());
    let seed = env::var("CRASH_SEED").map_or_else(|_| RandomState::new().hash_one(0), |seed| seed.parse().unwrap());
    println!("{rounds} kills, CRASH_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let mut heard = Heard::new();
    for round in 0..rounds {
        let (mut child, mut lines) = start(&mut Command::new(env::current_exe().unwrap()), &path);
        // Mostly early, where the file is made, the log is short or a checkpoint is near; sometimes late.
        let random = random(seed, round);
        let patience = random % [3, 50, 500, 2500][(random >> 32) as usize % 4];
        for line in lines.by_ref().take(patience as usize) {
            hear(&mut heard, &line.unwrap());
        }
        child.kill().unwrap();
        lines.for_each(|line| hear(&mut heard, &line.unwrap()));
        child.wait().unwrap();
        // The next writer goes on from what is there, heard of or not.
        heard = check(&path, &heard, true).await;
    }
    assert!(heard.values().sum::<u64>() > 0, "nothing was ever acknowledged");
}

/// Numbers without a pattern: SplitMix64.
fn random(seed: u64, round: u64) -> u64 {
    let mut z = seed.wrapping_add(round.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A limit on the size of files stands in for a full disk: SQLite meets the same failed writes, and no privilege is needed.
async fn survives_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let mut heard = Heard::new();
    // The tables alone take a megabyte.
    for blocks in [4_000, 8_000] {
        let mut shell = Command::new("sh");
        // Ignored, the signal becomes an error of the write; what is ignored stays so in the program that is started.
        shell.args([
            "-c",
            &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\""),
            env::current_exe().unwrap().to_str().unwrap(),
        ]);
        let (mut child, lines) = start(&mut shell, &path);
        let mut failed = 0;
        let mut left = Heard::new();
        for line in lines {
            let line = line.unwrap();
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["failed", ..] => failed += 1,
                ["left", task, group] => drop(left.insert(task.parse().unwrap(), group.parse().unwrap())),
                _ => hear(&mut heard, &line),
            }
        }
        child.wait().unwrap();
        assert_eq!(failed, TASKS, "every task should have met the full disk");
        assert_eq!(left, heard, "what failed must not be seen, what was acknowledged must");
        check(&path, &heard, false).await;
    }
}

fn start(command: &mut Command, path: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = command.env("CRASH_WRITER", path).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

fn hear(heard: &mut Heard, line: &str) {
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["done", task, group] => drop(heard.insert(task.parse().unwrap(), group.parse().unwrap())),
        _ => panic!("the writer says: {line}"),
    }
}

/// Opens the file, holds it against what was heard, and returns what it found. A kill may leave one write per task committed that nobody heard of.
async fn check(path: &Path, heard: &Heard, may_be_ahead: bool) -> Heard {
    let store = open(path).await;
    let groups = groups(&store.snapshot(Timestamp::UNIX_EPOCH).await);
    for task in 0..TASKS {
        let acknowledged = heard.get(&task).copied().unwrap_or_default();
        let newest = newest(&groups, task);
        let ahead = newest.checked_sub(acknowledged);
        assert!(
            ahead.is_some_and(|ahead| ahead <= u64::from(may_be_ahead)),
            "task {task}: {acknowledged} acknowledged, {newest} found"
        );
        let expected: BTreeMap<u64, String> =
            (1..=newest).rev().take(KEPT as usize).map(|group| (group, PARTS.concat())).collect();
        assert_eq!(groups.get(&task).cloned().unwrap_or_default(), expected, "task {task}");
    }
    store.close().await.unwrap();
    (0..TASKS).map(|task| (task, newest(&groups, task))).collect()
}
