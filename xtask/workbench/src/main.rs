//! The tasks that need the project's crates, begun by `cargo xtask NAME`: one module per task; a new task is a module, a row in `Task` and its
//! name in xtask's help.

mod bench;
mod coverage;
mod data;
mod soak;
mod view;
mod without_effect;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "rolecall's own tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch the packages pinned in data/versions.json and write data/ from them
    Data(data::Arguments),
    /// Which operations are built, and what of them is not honoured
    Coverage(coverage::Options),
    /// What requests cost, beside a bare server and a peer
    Bench(bench::Options),
    /// The bare server of the benchmark
    #[command(hide = true)]
    BenchBare(bench::BareOptions),
    /// Kill the server at random moments under load, and look for what is lost
    Soak(soak::Options),
    /// Print the structs a handler of an operation may declare
    View(view::Options),
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().task {
        Task::Data(arguments) => data::run(&arguments).map(|()| ExitCode::SUCCESS),
        Task::Coverage(options) => coverage::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::BenchBare(options) => bench::run_bare(&options),
        Task::Soak(options) => soak::run(&options),
        Task::View(options) => view::run(&options),
    }
}
