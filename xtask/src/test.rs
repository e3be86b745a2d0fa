//! `cargo xtask test`: everything that must hold, what fails fastest first. It installs what it needs under `target/`, and says what it skips
//! and why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use xtask::{environment, root, succeed, target};

/// How to run the tests.
#[derive(Debug, Args)]
pub struct Options {
    /// Only the steps of these names: format, lints, unit, build, python, wire, model, javascript, rust, terraform
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A step that must not be skipped, e.g. terraform
    #[arg(long, value_delimiter = ',')]
    require: Vec<String>,
    /// Give the clients the release binary, which takes minutes to build, instead of the debug one, which panics where a number overflows
    #[arg(long)]
    release: bool,
}

impl Options {
    fn wants(&self, step: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == step)
    }

    /// What the clients are tested against.
    fn binary(&self) -> PathBuf {
        target().join(if self.release { "release" } else { "debug" }).join("rolecall")
    }

    /// A step that must not be skipped fails instead.
    fn accept(&self, step: &str, outcome: Outcome) -> Result<Outcome> {
        match outcome {
            Outcome::Skipped(reason) if self.require.iter().any(|required| required == step) => {
                bail!("it is required but could not run: {reason}")
            }
            outcome => Ok(outcome),
        }
    }
}

/// What became of a step.
enum Outcome {
    Done,
    /// It could not run here, for this reason.
    Skipped(String),
}

type Step = (&'static str, fn(&Options) -> Result<Outcome>);

/// What runs beside each other: the compiler works for minutes on one core, and a client mostly waits for its server.
type Stage = &'static [&'static [Step]];

const STAGES: &[Stage] = &[
    &[&[("format", format), ("lints", lints)], &[("unit", unit), ("build", build)]],
    // Some of Python's tests run by the real clock: Terraform, which takes all the processor there is, waits for them.
    &[&[("python", python)], &[("wire", wire), ("model", model), ("javascript", javascript), ("rust", rust)]],
    &[&[("terraform", terraform)]],
];

/// Runs the steps.
pub fn run(options: &Options) -> Result<ExitCode> {
    let begun = Instant::now();
    let mut skipped = Vec::new();
    for stage in STAGES {
        let failed = AtomicBool::new(false);
        skipped.extend(beside(stage, |steps| lane(steps, options, &failed))?.into_iter().flatten());
    }
    let seconds = begun.elapsed().as_secs_f64();
    match skipped.as_slice() {
        [] => println!("everything passed in {seconds:.0} s"),
        skipped => println!("passed in {seconds:.0} s; skipped: {}", skipped.join("; ")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Does something with each of them, all at once, and waits for all; the first that failed is told.
fn beside<T: Sync, R: Send>(all: &[T], act: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let ends: Vec<Result<R>> = thread::scope(|scope| {
        let running: Vec<_> = all.iter().map(|one| scope.spawn(|| act(one))).collect();
        running.into_iter().map(|one| one.join().unwrap_or_else(|_| bail!("a step panicked"))).collect()
    });
    ends.into_iter().collect()
}

/// Runs steps one after the other, until one of any lane fails; returns what was skipped and why.
fn lane(steps: &[Step], options: &Options, failed: &AtomicBool) -> Result<Vec<String>> {
    let mut skipped = Vec::new();
    for (name, step) in steps.iter().filter(|(name, _)| options.wants(name)) {
        if failed.load(Ordering::Relaxed) {
            break;
        }
        println!("── {name} begins");
        let begun = Instant::now();
        let outcome = step(options).and_then(|outcome| options.accept(name, outcome));
        match outcome {
            Ok(Outcome::Done) => println!("── {name} passed: {:.0} s", begun.elapsed().as_secs_f64()),
            Ok(Outcome::Skipped(reason)) => {
                println!("── {name}: skipped, {reason}");
                skipped.push(format!("{name} ({reason})"));
            }
            Err(error) => {
                failed.store(true, Ordering::Relaxed);
                println!("── {name} FAILED; what runs beside it is awaited");
                return Err(error.context(format!("the step `{name}` failed")));
            }
        }
    }
    Ok(skipped)
}

fn cargo(arguments: &[&str]) -> Result<Outcome> {
    succeed(xtask::cargo().args(arguments))?;
    Ok(Outcome::Done)
}

fn format(_: &Options) -> Result<Outcome> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["fmt", "--check", "--manifest-path", RUST_CLIENT])
}

/// In a folder of its own, so that Cargo does not make it wait for the tests' compilation.
fn lints(_: &Options) -> Result<Outcome> {
    let clippy = |more: &[&str], folder: PathBuf| {
        let mut command = xtask::cargo();
        command.args(["clippy", "--quiet", "--all-targets"]).args(more).args(["--", "--deny", "warnings"]);
        succeed(command.env("CARGO_TARGET_DIR", folder))
    };
    clippy(&["--workspace"], target().join("lints"))?;
    if rust_client_is_fetched() {
        clippy(&["--locked", "--manifest-path", RUST_CLIENT], target().join("lints/rust-client"))?;
    }
    Ok(Outcome::Done)
}

/// Not those in documentation, of which there are none: to look for them in every crate takes longer than most tests.
fn unit(_: &Options) -> Result<Outcome> {
    cargo(&["test", "--quiet", "--workspace", "--tests"])
}

/// All targets at once, as the tests are built: another choice of packages has other features, and would compile everything anew. The Rust client is
/// built here, too, where nothing runs by the real clock.
fn build(options: &Options) -> Result<Outcome> {
    cargo(&["build", "--quiet", "--workspace", "--bins", "--tests", "--examples"])?;
    if rust_client_is_fetched() {
        succeed(rust_client().arg("--no-run"))?;
    }
    if options.release { cargo(&["build", "--quiet", "--release", "--package", "rolecall"]) } else { Ok(Outcome::Done) }
}

fn pytest(options: &Options, tests: &[impl AsRef<Path>]) -> Result<Outcome> {
    let (boto3, cli) = (environment("boto3")?, environment("aws-cli")?);
    let mut command = Command::new(boto3.join("bin/python"));
    command
        .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"])
        .args(tests.iter().map(AsRef::as_ref))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("ROLECALL_BIN", options.binary())
        .env("ROLECALL_DIFFERENTIAL", target().join("debug/examples/differential"))
        .env("ROLECALL_AWS_CLI", cli.join("bin/aws"));
    succeed(&mut command)?;
    Ok(Outcome::Done)
}

fn wire(options: &Options) -> Result<Outcome> {
    pytest(options, &["conformance-tests/wire"])
}

/// A few random sequences of EC2 operations against the model of the rules; the soak plays thousands.
fn model(options: &Options) -> Result<Outcome> {
    let mut command = Command::new(target().join("debug/workbench"));
    succeed(command.args(["soak", "--model", "100"]).env("ROLECALL_BIN", options.binary()))?;
    Ok(Outcome::Done)
}

/// EC2's tests, which are the half of them, and beside them all others: each run judges what it must have seen, of EC2 or of IAM and STS.
fn python(options: &Options) -> Result<Outcome> {
    let of_ec2 = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test_ec2_"));
    let (ec2, others): (Vec<_>, Vec<_>) = tests("conformance-tests/python")?.into_iter().partition(of_ec2);
    beside(&[ec2, others], |files| pytest(options, files)).map(|_| Outcome::Done)
}

/// The test files of a folder.
fn tests(folder: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(folder))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test_")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The JavaScript tests run out of a copy under `target/`, so that no node_modules appears in the repository.
fn javascript(options: &Options) -> Result<Outcome> {
    if Command::new("npm").arg("--version").output().is_err() {
        return Ok(Outcome::Skipped("npm is not installed".into()));
    }
    let (source, copy) = (root().join("conformance-tests/javascript"), target().join("javascript"));
    fs::create_dir_all(&copy)?;
    let mut tests = Vec::new();
    for entry in fs::read_dir(&source)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let copied = copy.join(entry.file_name());
            fs::copy(entry.path(), &copied)?;
            if copied.to_string_lossy().ends_with(".test.mjs") {
                tests.push(copied);
            }
        }
    }
    let stamp = copy.join("node_modules/installed.json");
    let wanted = fs::read_to_string(source.join("package-lock.json"))?;
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        succeed(Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&copy))?;
        fs::write(&stamp, wanted)?;
    }
    let mut command = Command::new("node");
    command.arg("--test").args(tests).env("ROLECALL_BIN", options.binary());
    succeed(&mut command)?;
    Ok(Outcome::Done)
}

/// The client that is written in Rust, a package of its own.
const RUST_CLIENT: &str = "conformance-tests/rust/Cargo.toml";

/// Whether all crates of the Rust client are here, after an attempt to fetch them.
fn rust_client_is_fetched() -> bool {
    static FETCHED: OnceLock<bool> = OnceLock::new();
    *FETCHED.get_or_init(|| {
        let mut command = xtask::cargo();
        command.args(["fetch", "--quiet", "--locked", "--target", "host-tuple", "--manifest-path", RUST_CLIENT]);
        succeed(&mut command).is_ok()
    })
}

/// The command that builds and runs its tests.
fn rust_client() -> Command {
    let mut command = xtask::cargo();
    command.args(["test", "--quiet", "--locked", "--manifest-path", RUST_CLIENT, "--target-dir"]);
    command.arg(target().join("rust-client"));
    command
}

/// The SDK reads its environment in the tests' process: nothing in it may steer AWS clients.
fn rust(options: &Options) -> Result<Outcome> {
    if !rust_client_is_fetched() {
        return Ok(Outcome::Skipped("the crates of the AWS SDK for Rust could not be fetched".into()));
    }
    let mut command = rust_client();
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    succeed(command.env("ROLECALL_BIN", options.binary()))?;
    Ok(Outcome::Done)
}

/// Each configuration waits for its resources most of the time, so some are applied beside each other, the largest first.
fn terraform(options: &Options) -> Result<Outcome> {
    const LANES: usize = 7;
    if Command::new("terraform").arg("version").output().is_err() {
        return Ok(Outcome::Skipped("terraform is not on the PATH".into()));
    }
    let mut files = tests("conformance-tests/terraform")?;
    files.sort_by_cached_key(|file| size_of_configuration(file));
    let left = Mutex::new(files);
    let next = || left.lock().ok().and_then(|mut files| files.pop());
    let lane = |_: &()| std::iter::from_fn(next).try_for_each(|file| pytest(options, &[file]).map(|_| ()));
    beside(&[(); LANES], lane).map(|_| Outcome::Done)
}

/// About how much work a test of Terraform is: the bytes of the configuration that it is named after.
fn size_of_configuration(test: &Path) -> u64 {
    let name = test.file_stem().unwrap_or_default().to_string_lossy();
    let folder = test.with_file_name(name.trim_start_matches("test_terraform_"));
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum::<u64>()
}
