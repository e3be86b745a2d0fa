//! The project's own tasks. `cargo xtask test` runs everything that must hold; the other tasks are the workbench's, a program of its own: this
//! one has none of the project's crates in it, so that a test run need not build them twice.

mod test;
#[cfg(test)]
mod tidy;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::root;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "rolecall's own tasks", after_help = WORKBENCH)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

const WORKBENCH: &str = "\
The workbench's tasks, each with --help:
  data      Fetch the packages pinned in data/versions.json and write data/ from them
  coverage  Which operations are built, and what of them is not honoured
  bench     What requests cost, beside a bare server and a peer
  soak      Kill the server at random moments under load, and look for what is lost
  view      Print the structs a handler of an operation may declare";

#[derive(Subcommand)]
enum Task {
    /// Format, lints, unit and property tests, and conformance tests with real clients
    Test(test::Options),
    #[command(external_subcommand)]
    Workbench(Vec<OsString>),
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Workbench(arguments) => workbench(&arguments),
    }
}

fn workbench(arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let mut command = xtask::cargo();
    command.args(["run", "--quiet", "--package", "workbench", "--"]).args(arguments).current_dir(root());
    let ended_well = command.status()?.success();
    Ok(if ended_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
