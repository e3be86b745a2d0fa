//! The program `rolecall`: the server, and the commands that talk to one. Start with [`pipeline`], which is one request from socket to answer.

mod access_troubleshooter;
mod admin;
mod authenticate;
#[cfg(test)]
mod authorization_tests;
mod banner;
mod behind_the_scenes;
mod cli;
mod client;
mod clock;
mod decisions;
mod home;
mod http;
mod identity_keys;
mod last_used;
mod metadata;
mod organization;
mod outside;
mod pipeline;
mod propagation;
mod registry;
mod request;
mod response;
mod server;
mod task_credentials;
mod workers;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command, LogForm};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // `exec --isolate` enters its namespaces while the process has one thread only: before any runtime starts.
    let cli = Cli::parse();
    let done = match cli.command {
        None => serve(cli.serve),
        Some(Command::Serve(serve_with)) => serve(serve_with),
        Some(Command::Exec(exec)) => client::exec::run(&exec),
        Some(Command::Isolated(isolated)) => client::isolate::run_inside(&isolated),
        Some(Command::Env(env)) => client::on_runtime(client::env::run(&env)),
        Some(Command::Instance(instance)) => client::on_runtime(client::instance::run(&instance)),
        Some(Command::Imds(imds)) => client::on_runtime(client::imds::run(&imds)),
        Some(Command::Clock(clock)) => client::on_runtime(client::clock::run(&clock)),
        Some(Command::Organization(organization)) => client::on_runtime(client::organization::run(&organization)),
        Some(Command::Why(why)) => client::on_runtime(client::why::run(&why)),
        Some(Command::Decisions(decisions)) => client::on_runtime(client::decisions::run(&decisions)),
        Some(Command::Policy(policy)) => client::on_runtime(client::policy::run(&policy)),
        Some(Command::Reset(reset)) => client::on_runtime(client::reset::run(&reset)),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rolecall", &mut script);
            client::print(&String::from_utf8_lossy(&script)).map(|()| ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("rolecall: {error}");
        ExitCode::FAILURE
    })
}

fn serve(serve: cli::Serve) -> Result<ExitCode, String> {
    log(serve.log);
    // For the listeners and what is written beside requests; connections are the workers'.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(server::run(serve)).map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string())
}

fn log(form: LogForm) {
    let asked = std::env::var("ROLECALL_LOG_LEVEL").ok().and_then(|levels| levels.parse::<Targets>().ok());
    let levels = asked
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN).with_target("rolecall", LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry();
    match form {
        LogForm::Text => registry.with(lines.with_filter(levels)).init(),
        LogForm::Json => registry.with(lines.json().with_filter(levels)).init(),
    }
}
