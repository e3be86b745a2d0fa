//! The project's own tasks: `cargo xtask data` refreshes the facts in data/ from published packages. One module per task; a new task is
//! a module and a row in `Task`.

mod data;

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
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Data(arguments) => data::run(&arguments),
    }
}
