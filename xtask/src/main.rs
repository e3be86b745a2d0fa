//! The project's own tasks: `cargo xtask test` runs everything, `cargo xtask data` refreshes the facts in data/ from published packages. One
//! module per task; a new task is a module and a row in `Task`.

mod bench;
mod coverage;
mod data;
mod soak;
mod test;
#[cfg(test)]
mod tidy;
mod view;

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
    /// Format, lints, unit and property tests, and conformance tests with real clients
    Test(test::Options),
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
        Task::Test(options) => test::run(&options),
        Task::Data(arguments) => data::run(&arguments).map(|()| ExitCode::SUCCESS),
        Task::Coverage(options) => coverage::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::BenchBare(options) => bench::run_bare(&options),
        Task::Soak(options) => soak::run(&options),
        Task::View(options) => view::run(&options),
    }
}
