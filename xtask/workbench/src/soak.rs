//! `cargo xtask soak`: kills the server at random moments while it is written to, starts it on the same state, and looks for what is lost or
//! half done.
//!
//! Eight connections write through the API and note what was answered ([`writer`]); after each kill all that the server holds is read back
//! ([`look`]). What was answered must be there unless a later answered write removed it; what was under way must be there whole or not at all;
//! keys and sessions issued before must still open. A fresh state file comes every few rounds, so that reading back stays quick. With `--fuzz`
//! it hunts in the parsers instead ([`fuzz`]), with `--model` in the rules of EC2 ([`model`]).

mod answer;
mod fuzz;
mod look;
mod model;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeSet;
use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use self::look::Found;
use self::writer::{Fact, Random, Writer};
use crate::bench::process::{self, Running};
use crate::bench::rows::{self, EC2, IAM, Key, POLICY, STS, TRUST};
use xtask::target;

/// How long to go on.
#[derive(Debug, Args)]
pub struct Options {
    /// How often to kill the server
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// A number that decides what is written and when the server is killed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rounds on one state file
    #[arg(long, default_value_t = 10)]
    fresh: usize,
    /// Instead: feed mutated inputs to every parser, for so many minutes each
    #[arg(long, value_name = "MINUTES")]
    fuzz: Option<f64>,
    /// Instead: play so many random sequences of EC2 operations against a naive model of the rules
    #[arg(long, value_name = "SEQUENCES", conflicts_with = "fuzz")]
    model: Option<u64>,
    /// With --fuzz: only these parsers
    #[arg(long, value_delimiter = ',', requires = "fuzz")]
    only: Vec<String>,
}

const CONNECTIONS: usize = 8;
/// Of the keys and sessions issued, so many of each connection are tried, the oldest and the newest.
const TRIED: usize = 20;
/// So many findings are told in full.
const TOLD: usize = 20;

#[derive(Default)]
struct Tally {
    rounds: usize,
    answered: usize,
    under_way: usize,
    under_way_done: usize,
    credentials: usize,
    lost: Vec<String>,
    half_done: Vec<String>,
}

/// Runs the rounds; fails if anything was lost or half done.
pub fn run(options: &Options) -> Result<ExitCode> {
    if let Some(minutes) = options.fuzz {
        fuzz::run(Duration::try_from_secs_f64(minutes * 60.0)?, &options.only, options.seed)?;
        return Ok(ExitCode::SUCCESS);
    }
    process::build(&["rolecall"])?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if let Some(sequences) = options.model {
        runtime.block_on(model::run(sequences, options.seed))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut tally = Tally::default();
    let outcome = runtime.block_on(rounds(options, &mut tally));
    println!(
        "{} rounds, {} answered writes, {} under way when killed ({} of them done), {} keys and sessions tried",
        tally.rounds, tally.answered, tally.under_way, tally.under_way_done, tally.credentials
    );
    println!("lost: {}\nhalf done: {}", tally.lost.len(), tally.half_done.len());
    for finding in tally.lost.iter().chain(&tally.half_done).take(TOLD) {
        println!("  {finding}");
    }
    outcome?;
    Ok(if tally.lost.is_empty() && tally.half_done.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn rounds(options: &Options, tally: &mut Tally) -> Result<()> {
    let mut random = Random(options.seed);
    while tally.rounds < options.rounds {
        let rounds = options.fresh.max(1).min(options.rounds - tally.rounds);
        file(rounds, &mut random, tally).await?;
        let wrong = tally.lost.len() + tally.half_done.len();
        println!("{} rounds, {} answered writes so far, {wrong} findings", tally.rounds, tally.answered);
    }
    Ok(())
}

/// The rounds on one state file.
async fn file(rounds: usize, random: &mut Random, tally: &mut Tally) -> Result<()> {
    let folder = target().join("soak");
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let state = folder.join("state.db").display().to_string();
    let mut server = Running::ours_on(&state).await?;
    let (assumer, image) = prepare(&server).await?;
    let before: BTreeSet<Fact> = look::look(&server).await?.facts;
    let mut writers: Vec<Writer> =
        (0..CONNECTIONS).map(|number| Writer::new(number, random.below(u64::MAX), &image)).collect();
    for _ in 0..rounds {
        let time = Duration::from_millis(50 + random.below(750));
        writers = until_killed(server, writers, &assumer, time).await?;
        server = Running::ours_on(&state).await.context("the start after a kill")?;
        tally.rounds += 1;
        let found = look::look(&server).await?;
        let facts = tally.lost.len() + tally.half_done.len();
        compare(&found, &before, &mut writers, tally);
        credentials(&server, &writers, tally).await?;
        if tally.lost.len() + tally.half_done.len() > facts {
            println!("round {}: something is wrong, after {time:?}", tally.rounds);
        }
    }
    Ok(())
}

/// Who takes sessions, the role for them, and an image to launch.
async fn prepare(server: &Running) -> Result<(Key, String)> {
    let root = Key::root();
    let iam: [&[(&str, &str)]; 3] = [
        &[("Action", "CreateRole"), ("RoleName", "target"), ("AssumeRolePolicyDocument", TRUST)],
        &[("Action", "CreateUser"), ("UserName", "assumer")],
        &[("Action", "PutUserPolicy"), ("UserName", "assumer"), ("PolicyName", "p"), ("PolicyDocument", POLICY)],
    ];
    for parameters in iam {
        rows::call(server, &root, "iam", &[parameters, &[("Version", IAM)]].concat()).await?;
    }
    let create = [("Action", "CreateAccessKey"), ("Version", IAM), ("UserName", "assumer")];
    let made = rows::call(server, &root, "iam", &create).await?;
    let assumer = Key(rows::element(&made, "AccessKeyId")?, rows::element(&made, "SecretAccessKey")?, None);
    Ok((assumer, image(server).await?))
}

/// An image of the catalogue.
async fn image(server: &Running) -> Result<String> {
    let describe = [
        ("Action", "DescribeImages"),
        ("Version", EC2),
        ("Filter.1.Name", "name"),
        ("Filter.1.Value.1", "al2023-ami-2023.*-x86_64"),
        ("Owner.1", "amazon"),
    ];
    let images = rows::call(server, &Key::root(), "ec2", &describe).await?;
    rows::element(&images, "imageId")
}

/// Lets the writers write, and kills the server under them.
async fn until_killed(server: Running, writers: Vec<Writer>, assumer: &Key, time: Duration) -> Result<Vec<Writer>> {
    let address = server.address;
    let running = writers.into_iter().map(|writer| tokio::spawn(writer.run(address, assumer.clone())));
    let running: Vec<_> = running.collect();
    tokio::time::sleep(time).await;
    // SIGKILL, and waits for its end.
    drop(server);
    let mut writers = Vec::new();
    for writer in running {
        writers.push(writer.await??);
    }
    Ok(writers)
}

/// What was answered against what is there. Afterwards the writers expect what is there.
fn compare(found: &Found, before: &BTreeSet<Fact>, writers: &mut [Writer], tally: &mut Tally) {
    tally.half_done.extend(found.half_done.iter().cloned());
    let lost = before.difference(&found.facts).map(|fact| format!("`{fact}` is gone"));
    tally.lost.extend(lost);
    let mut owned = BTreeSet::new();
    for writer in writers {
        let facts: BTreeSet<Fact> = found.facts.iter().filter(|fact| writer.owns(fact)).cloned().collect();
        owned.extend(facts.iter().cloned());
        tally.answered += std::mem::take(&mut writer.answered);
        if let Some(write) = writer.pending.take() {
            tally.under_way += 1;
            let changes = !write.adds.is_empty() || !write.removes.is_empty();
            let after = apply(&writer.facts, &write.adds, &write.removes);
            let touched = |facts: &BTreeSet<Fact>| -> BTreeSet<Fact> {
                write.adds.iter().chain(&write.removes).filter(|fact| facts.contains(*fact)).cloned().collect()
            };
            let now = touched(&facts);
            if changes && now == touched(&after) {
                tally.under_way_done += 1;
                writer.facts = after;
            } else if now != touched(&writer.facts) {
                tally.half_done.push(format!("of {:?} and not {:?} there is {now:?}", write.adds, write.removes));
                let (now, all) = (Vec::from_iter(now), [write.adds, write.removes].concat());
                writer.facts = apply(&writer.facts, &now, &all);
            }
        }
        tally.lost.extend(writer.facts.difference(&facts).map(|fact| format!("`{fact}` is gone")));
        tally.lost.extend(facts.difference(&writer.facts).map(|fact| format!("`{fact}` is back, or from nobody")));
        let instances = found.instances.iter().filter(|(name, _)| facts.contains(&format!("instance {name}")));
        writer.instances = instances.map(|(name, id)| (name.clone(), id.clone())).collect();
        writer.facts = facts;
    }
    let strays = found.facts.iter().filter(|fact| !owned.contains(*fact) && !before.contains(*fact));
    tally.half_done.extend(strays.map(|fact| format!("`{fact}` is nobody's")));
}

fn apply(facts: &BTreeSet<Fact>, adds: &[Fact], removes: &[Fact]) -> BTreeSet<Fact> {
    let kept = facts.iter().filter(|fact| !removes.contains(fact));
    kept.chain(adds).cloned().collect()
}

/// Keys and sessions from before the kill sign on.
async fn credentials(server: &Running, writers: &[Writer], tally: &mut Tally) -> Result<()> {
    for writer in writers {
        let all = &writer.credentials;
        let newest = all.len().saturating_sub(TRIED);
        for key in all.iter().take(TRIED).chain(all.iter().skip(newest.max(TRIED))) {
            tally.credentials += 1;
            let who = [("Action", "GetCallerIdentity"), ("Version", STS)];
            if let Err(refusal) = rows::call(server, key, "sts", &who).await {
                tally.lost.push(format!("the key {} does not open: {refusal}", key.0));
            }
        }
    }
    Ok(())
}
