//! Measures the store on this machine: `cargo run --release -p rolecall-storage --example measure -- FOLDER`.
//!
//! Prints what the design gives bounds for: commits alone and by sixteen writers, loading, resetting, and single operations in memory. The state files
//! go to a new folder inside FOLDER, which decides what disk is measured.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use storage::{IndexDef, IndexEntries, Key, Options, Place, Record, Schema, Store, TableDef, Tx, World};

#[derive(Clone, Serialize, Deserialize)]
struct Sample {
    account: String,
    id: String,
    name: String,
    group: String,
    text: String,
}

impl Record for Sample {
    const TABLE: TableDef = TableDef::shared("ec2_resource", "sample");
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_name", unique: true }, IndexDef { name: "by_group", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[&self.account, "us-east-1", &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![None]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(0, &[&self.account, &self.name]);
        entries.add(1, &[&self.account, &self.group]);
    }
}

fn sample(number: usize, length: usize) -> Sample {
    // Spread like random ids, so that neighbours in time are not neighbours in the tables.
    let id = format!("x-{:016x}", (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let text = r#"{"Effect":"Allow","Action":"*"}"#.repeat(length / 31);
    Sample {
        account: "000000000000".into(),
        name: format!("name-{number}"),
        group: format!("g-{}", number % 1000),
        id,
        text,
    }
}

async fn open(path: &Path) -> Result<Store, Box<dyn Error>> {
    Ok(Store::open(Options::new(Place::File(path.to_owned())), Schema::new().with::<Sample>()).await?)
}

async fn put(
    store: &Store,
    numbers: std::ops::Range<usize>,
    length: usize,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let write = move |tx: &mut Tx| {
        numbers.clone().for_each(|number| tx.put(sample(number, length)));
        Ok::<_, std::convert::Infallible>(())
    };
    Ok(store.write(Timestamp::UNIX_EPOCH, write).await?)
}

fn report(what: &str, count: usize, time: Duration) {
    let each = time.as_secs_f64() * 1e6 / count as f64;
    println!("{what:<50} {count:>7} in {time:>9.1?}: {each:>9.2} µs each, {:>9.0}/s", 1e6 / each);
}

async fn writers(path: &Path, writers: usize, each: usize) -> Result<(), Box<dyn Error>> {
    let store = open(path).await?;
    let start = Instant::now();
    let mut tasks = Vec::new();
    for writer in 0..writers {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            for number in 0..each {
                let number = writer * each + number;
                if let Err(error) = put(&store, number..number + 1, 900).await {
                    eprintln!("{error}");
                }
            }
        }));
    }
    for task in tasks {
        task.await?;
    }
    report(&format!("commits of one 1 KB record by {writers} writers"), writers * each, start.elapsed());
    Ok(store.close().await?)
}

async fn life(path: &Path, count: usize) -> Result<(), Box<dyn Error + Send + Sync>> {
    let start = Instant::now();
    let store = open(path).await.map_err(|error| error.to_string())?;
    report("opening an empty state", 1, start.elapsed());
    let start = Instant::now();
    for first in (0..count).step_by(1000) {
        put(&store, first..(first + 1000).min(count), 200).await?;
    }
    report("records written by the thousand", count, start.elapsed());
    store.close().await?;
    let start = Instant::now();
    let store = open(path).await.map_err(|error| error.to_string())?;
    report("records loaded", count, start.elapsed());
    println!("resident now: {}", resident());
    let start = Instant::now();
    store.reset(Timestamp::UNIX_EPOCH, |_, _| Ok::<_, std::convert::Infallible>(())).await?;
    report("records reset", count, start.elapsed());
    Ok(store.close().await?)
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("unknown").to_owned()
}

fn in_memory() {
    let mut world = World::empty(Schema::new().with::<Sample>(), Timestamp::UNIX_EPOCH);
    for first in (0..120_000).step_by(1000) {
        let mut tx = Tx::on(world.clone());
        (first..first + 1000).for_each(|number| tx.put(sample(number, 200)));
        world = World::clone(&tx);
    }
    let samples: Vec<Sample> = (200_000..210_000).map(|number| sample(number, 200)).collect();
    let count = samples.len();
    let start = Instant::now();
    for sample in samples {
        let mut tx = Tx::on(world.clone());
        tx.put(sample);
        black_box(&tx);
    }
    report("copy-on-write put, two indexes, among 120,000", count, start.elapsed());
    let ids: Vec<String> = (0..120_000).step_by(7).map(|number| sample(number, 0).id).collect();
    let start = Instant::now();
    for id in &ids {
        black_box(world.get::<Sample>(&["000000000000", "us-east-1", id]));
    }
    report("get among 120,000", ids.len(), start.elapsed());
    let names: Vec<String> = (0..120_000).step_by(7).map(|number| format!("name-{number}")).collect();
    let start = Instant::now();
    for name in &names {
        black_box(world.one::<Sample>(0, &["000000000000", name]));
    }
    report("one by index among 120,000", names.len(), start.elapsed());
    let start = Instant::now();
    let found = (0..1000).map(|group| world.by::<Sample>(1, &["000000000000", &format!("g-{group}")]).count()).sum();
    report("walked by index", found, start.elapsed());
    let start = Instant::now();
    let count = world.scan::<Sample>(&["000000000000"]).count();
    report("scanned", count, start.elapsed());
    println!("resident now: {}", resident());
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder for the state files")?;
    let folder = tempfile::tempdir_in(folder)?;
    let path = |name: &str| folder.path().join(name);
    writers(&path("one"), 1, 3000).await?;
    writers(&path("sixteen"), 16, 2500).await?;
    writers(&path("sixty-four"), 64, 1000).await?;
    for count in [1_000, 100_000, 300_000] {
        life(&path(&format!("life-{count}")), count).await.map_err(|error| error.to_string())?;
    }
    in_memory();
    Ok(())
}
