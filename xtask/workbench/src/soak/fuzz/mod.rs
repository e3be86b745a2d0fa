//! `cargo xtask soak --fuzz MINUTES`: feeds mutated inputs to every parser that reads what strangers send, for so long each.
//!
//! An input may be refused, but nothing may panic, take longer than [`LONGEST`], or make the process grow beyond [`MOST_MEGABYTES`]. What
//! fails is printed, whole and with the seed, and ends the run. [`mutate`] changes the inputs, [`targets`] says who reads them.

mod federation;
mod mutate;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use self::mutate::Mutator;
use self::targets::Target;
use super::writer::Random;

/// No input may take more of the processor: on a busy machine real time says nothing about an input.
const LONGEST: Duration = Duration::from_secs(2);
/// One that waits for something takes no processor; it ends here, by real time.
const LONGEST_STANDSTILL: Duration = Duration::from_secs(120);
/// A run's memory, the inputs kept aside included.
const MOST_MEGABYTES: u64 = 512;
/// Inputs that were accepted are mutated further; so many are kept.
const MOST_KEPT: usize = 2_000;

/// Runs every target, or those of these names, for that time each.
pub fn run(each: Duration, only: &[String], seed: u64) -> Result<()> {
    for target in targets::all().into_iter().filter(|target| only.is_empty() || only.contains(&target.name.to_owned()))
    {
        let told = one(&target, each, seed).with_context(|| format!("fuzzing `{}` with seed {seed}", target.name))?;
        println!("{told}");
    }
    Ok(())
}

/// What the watch looks at: the number of the input under way, 0 between two, and what it is.
struct Watched {
    number: AtomicU64,
    input: Mutex<Vec<u8>>,
}

fn one(target: &Target, each: Duration, seed: u64) -> Result<String> {
    let start = Instant::now();
    let watched = Arc::new(Watched { number: AtomicU64::new(0), input: Mutex::default() });
    watch(watched.clone(), target.name);
    let mut mutator = Mutator { random: Random(seed), words: target.words };
    let mut kept = target.seeds.clone();
    let (mut inputs, mut accepted) = (0_u64, 0_u64);
    while start.elapsed() < each {
        let input = mutator.next(&kept);
        watched.input.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&input);
        inputs += 1;
        watched.number.store(inputs, Relaxed);
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.read)(&input)));
        watched.number.store(0, Relaxed);
        match outcome {
            Err(_) => bail!("this input made it panic: {}", shown(&input)),
            Ok(false) => {}
            Ok(true) => {
                accepted += 1;
                if kept.len() < MOST_KEPT {
                    kept.push(input);
                }
            }
        }
    }
    let peak = peak_megabytes()?;
    if peak > MOST_MEGABYTES {
        bail!("the process grew to {peak} MB");
    }
    Ok(format!(
        "{}: {inputs} inputs in {:.0} s, {accepted} accepted, peak memory {peak} MB",
        target.name,
        start.elapsed().as_secs_f64()
    ))
}

/// Ends the process when an input takes too long: a hung thread cannot be stopped otherwise.
#[expect(clippy::disallowed_methods, reason = "the watch has to look at real time now and then")]
fn watch(watched: Arc<Watched>, name: &'static str) {
    std::thread::spawn(move || {
        let (mut number, mut seen, mut used) = (0, Instant::now(), Duration::ZERO);
        while Arc::strong_count(&watched) > 1 {
            std::thread::sleep(Duration::from_millis(100));
            let current = watched.number.load(Relaxed);
            if current == 0 || current != number {
                (number, seen, used) = (current, Instant::now(), processor_time());
            } else if processor_time().saturating_sub(used) > LONGEST || seen.elapsed() > LONGEST_STANDSTILL {
                let input = watched.input.lock().unwrap_or_else(PoisonError::into_inner);
                println!("`{name}` takes too long for this input: {}", shown(&input));
                std::process::exit(1);
            }
        }
    });
}

/// What this process has used of the processor. The kernel counts it in hundredths of a second.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, a name in brackets, may hold spaces; user and system time are the 14th and 15th.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let hundredths: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(hundredths * 10)
}

fn shown(input: &[u8]) -> String {
    format!("{} bytes, b\"{}\"", input.len(), input.escape_ascii())
}

/// The most this process ever held.
fn peak_megabytes() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM")).context("no VmHWM")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).context("no VmHWM")?.parse()?;
    Ok(kilobytes / 1024)
}
