//! The project's own tasks: `cargo xtask test` runs everything, `cargo xtask data` refreshes the facts in data/ from published packages. One
//! module per task; a new task is a module and a row in `Task`.

mod data;
mod test;

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
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Data(arguments) => data::run(&arguments).map(|()| ExitCode::SUCCESS),
    }
}
