//! `cargo xtask test`: everything that must hold, in the order of what fails fastest. It installs what it needs under `target/`, and says what
//! it skips and why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

/// How to run the tests.
#[derive(Debug, Args)]
pub struct Options {
    /// Only the steps of these names (see the list printed at the start)
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A step that must not be skipped, e.g. terraform
    #[arg(long, value_delimiter = ',')]
    require: Vec<String>,
}

/// What became of a step.
enum Outcome {
    Done,
    /// It could not run here, for this reason.
    Skipped(String),
}

type Step = (&'static str, fn() -> Result<Outcome>);

const STEPS: &[Step] = &[
    ("format", format),
    ("lints", lints),
    ("unit", unit),
    ("build", build),
    ("wire", wire),
    ("python", python),
    ("javascript", javascript),
    ("terraform", terraform),
];

/// Runs the steps.
pub fn run(options: &Options) -> Result<ExitCode> {
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let mut skipped = Vec::new();
    for (name, step) in STEPS.iter().filter(|(name, _)| wanted(name)) {
        println!("── {name}");
        let begun = Instant::now();
        match step().with_context(|| format!("the step `{name}` failed"))? {
            Outcome::Done => println!("── {name}: {:.0} s\n", begun.elapsed().as_secs_f64()),
            Outcome::Skipped(reason) if options.require.iter().any(|required| required == name) => {
                bail!("the step `{name}` is required but could not run: {reason}");
            }
            Outcome::Skipped(reason) => {
                println!("── {name}: skipped, {reason}\n");
                skipped.push(format!("{name} ({reason})"));
            }
        }
    }
    match skipped.as_slice() {
        [] => println!("everything passed"),
        skipped => println!("passed; skipped: {}", skipped.join("; ")),
    }
    Ok(ExitCode::SUCCESS)
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// Cargo's target folder, where everything that is installed goes.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a command in the repository; an unsuccessful one is an error.
pub fn succeed(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.current_dir(root()).status().with_context(|| shown.clone())?;
    if status.success() { Ok(()) } else { bail!("{shown} ended with {status}") }
}

fn cargo(arguments: &[&str]) -> Result<Outcome> {
    succeed(Command::new(env!("CARGO")).args(arguments))?;
    Ok(Outcome::Done)
}

fn format() -> Result<Outcome> {
    cargo(&["fmt", "--all", "--check"])
}

fn lints() -> Result<Outcome> {
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])
}

fn unit() -> Result<Outcome> {
    cargo(&["test", "--quiet", "--workspace"])
}

fn build() -> Result<Outcome> {
    cargo(&["build", "--quiet", "--release", "--package", "rolecall"])?;
    cargo(&["build", "--quiet", "--package", "rolecall-wire", "--example", "differential"])
}

/// A virtual environment with one requirements file installed; kept as long as the file does not change.
pub fn environment(name: &str) -> Result<PathBuf> {
    let requirements = root().join("conformance-tests/requirements").join(format!("{name}.txt"));
    let folder = target().join("environments").join(name);
    let stamp = folder.join("installed.txt");
    let wanted = fs::read_to_string(&requirements)?;
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let pip = folder.join("bin/pip");
        succeed(
            Command::new(pip)
                .args(["install", "--quiet", "--disable-pip-version-check", "--requirement"])
                .arg(&requirements),
        )?;
        fs::write(&stamp, wanted)?;
    }
    Ok(folder)
}

fn pytest(folder: &str) -> Result<Outcome> {
    let (boto3, cli) = (environment("boto3")?, environment("aws-cli")?);
    let mut command = Command::new(boto3.join("bin/python"));
    command
        .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider", folder])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("ROLECALL_BIN", target().join("release/rolecall"))
        .env("ROLECALL_DIFFERENTIAL", target().join("debug/examples/differential"))
        .env("ROLECALL_AWS_CLI", cli.join("bin/aws"));
    succeed(&mut command)?;
    Ok(Outcome::Done)
}

fn wire() -> Result<Outcome> {
    pytest("conformance-tests/wire")
}

fn python() -> Result<Outcome> {
    pytest("conformance-tests/python")
}

/// The JavaScript tests run out of a copy under `target/`, so that no node_modules appears in the repository.
fn javascript() -> Result<Outcome> {
    if Command::new("npm").arg("--version").output().is_err() {
        return Ok(Outcome::Skipped("npm is not installed".into()));
    }
    let (source, copy) = (root().join("conformance-tests/javascript"), target().join("javascript"));
    fs::create_dir_all(&copy)?;
    for entry in fs::read_dir(&source)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), copy.join(entry.file_name()))?;
        }
    }
    let stamp = copy.join("node_modules/installed.json");
    let wanted = fs::read_to_string(source.join("package-lock.json"))?;
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        succeed(Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&copy))?;
        fs::write(&stamp, wanted)?;
    }
    let mut command = Command::new("node");
    command.arg("--test").arg(copy.join("story.test.mjs")).env("ROLECALL_BIN", target().join("release/rolecall"));
    succeed(&mut command)?;
    Ok(Outcome::Done)
}

fn terraform() -> Result<Outcome> {
    if Command::new("terraform").arg("version").output().is_err() {
        return Ok(Outcome::Skipped("terraform is not on the PATH".into()));
    }
    pytest("conformance-tests/terraform")
}
