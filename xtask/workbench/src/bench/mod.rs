//! `cargo xtask bench`: what requests cost, as ratios to a bare hyper server under the same load, side by side with a peer, in one run.
//!
//! The load comes from this process, sixteen connections, every request signed beforehand, so the client costs the same for all. Absolute
//! numbers depend on the machine; the ratios are what the bounds are about. Start with [`run`]; the rows are in [`rows`].

mod bare;
mod large;
mod load;
pub(crate) mod process;
pub(crate) mod rows;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use self::load::Rate;
use self::process::Running;

pub use bare::serve as serve_bare;

/// How to measure.
#[derive(Debug, Args)]
pub struct Options {
    /// Seconds for each measurement
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Leave the peer out
    #[arg(long)]
    no_peer: bool,
    /// Only the table of rates
    #[arg(long)]
    rates: bool,
    /// Of that table only the rows whose name contains this
    #[arg(long, default_value = "")]
    row: String,
    /// Also with 100,000 instances; takes minutes
    #[arg(long)]
    large: bool,
}

/// Where the bare server listens, for the hidden command.
#[derive(Debug, Args)]
pub struct BareOptions {
    /// The port of 127.0.0.1
    port: u16,
}

/// Serves as the bare server until it is killed.
pub fn run_bare(options: &BareOptions) -> Result<ExitCode> {
    serve_bare(options.port)
}

/// Measures everything and prints the tables.
pub fn run(options: &Options) -> Result<ExitCode> {
    process::build(&["rolecall", "workbench"])?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(options))?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(options: &Options) -> Result<()> {
    let time = Duration::from_secs(options.seconds);
    if !options.rates {
        println!("start and memory");
        for line in process::start_and_memory().await? {
            println!("  {line}");
        }
        print!("\na decision with 10 attached policies of 20 statements (bound 20 µs)\n{}", large::decisions()?);
        println!("\nlists and reset");
        for line in large::roles().await? {
            println!("  {line}");
        }
    }
    let bare = Running::bare().await?;
    let ours = Running::ours().await?;
    let peer = if options.no_peer { None } else { Some(Running::moto().await?) };
    let mut rows = rows::prepare(&ours, options.large).await?;
    let peer_rows = match &peer {
        Some(peer) => rows::prepare_peer(peer).await?,
        None => Vec::new(),
    };
    println!(
        "\n| what | bound | ratio | requests/s | bare hyper/s | moto ratio |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    );
    for row in rows.iter_mut().filter(|row| row.name.contains(&options.row)) {
        let reference = load::run(bare.address, &row.requests, time, false).await?;
        let held = load::run(row.address, &row.requests, time, true).await?;
        let other = match (peer_rows.iter().find(|peer| peer.name == row.name), &peer) {
            (Some(requests), Some(peer)) => match load::run(peer.address, &requests.requests, time, true).await {
                Ok(rate) => Some(rate),
                Err(error) => {
                    println!("the peer failed at {}: {error:#}", row.name);
                    None
                }
            },
            _ => None,
        };
        println!("{}", line(row, held, reference, other));
    }
    if options.large {
        println!("\namong 100,000 instances");
        for line in large::among_many(ours, &process::state()).await? {
            println!("  {line}");
        }
    }
    Ok(())
}

fn line(row: &rows::Row, held: Rate, reference: Rate, other: Option<Rate>) -> String {
    let ratio = |rate: Rate| rate.per_second / reference.per_second;
    let verdict = if ratio(held) >= row.bound { "" } else { " (below)" };
    let other = other.map_or_else(|| "–".to_owned(), |rate| format!("{:.3}", ratio(rate)));
    format!(
        "| {} | {:.2} | {:.2}{verdict} | {:.0} | {:.0} | {other} |",
        row.name,
        row.bound,
        ratio(held),
        held.per_second,
        reference.per_second
    )
}
