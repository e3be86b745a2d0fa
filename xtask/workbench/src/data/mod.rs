//! `cargo xtask data`: the facts in data/, made from published packages whose versions stand in data/versions.json.
//!
//! Each module here writes one folder or file; the same packages always give the same bytes, so that a refresh is a diff one can read.
//! No documentation text of a package is carried over. Start with `STEPS`; `fetch` brings the packages, `text` is how files are laid out.

#![expect(clippy::indexing_slicing, reason = "what a JSON value does not have reads as null")]

mod authorization;
mod blocks;
mod check;
mod errors;
mod fetch;
mod filters;
mod images;
mod instance_types;
mod managed_policies;
mod models;
mod readme;
mod regions;
mod solid;
mod text;

use std::path::Path;

use anyhow::{Context, Result, bail};

pub use fetch::Packages;

#[derive(clap::Args)]
pub struct Arguments {
    /// Build these steps only (all when none is named)
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
    /// Write nothing to data/; fail if it is not what the packages give
    #[arg(long)]
    check: bool,
}

type Step = fn(&Packages, &Path) -> Result<()>;

const STEPS: &[(&str, Step)] = &[
    ("models", models),
    ("authorization", authorization::build),
    ("regions", regions::build),
    ("errors", errors::build),
    ("filters", filters::build),
    ("managed-policies", managed_policies::build),
    ("instance-types", instance_types::build),
    ("images", images::build),
    ("readme", readme::build),
];

/// Fetches what is pinned and writes data/. Needs `pip`, `npm`, `python3` and `tar` on the PATH.
pub fn run(arguments: &Arguments) -> Result<()> {
    let root = xtask::root();
    if let Some(name) = arguments.steps.iter().find(|name| !STEPS.iter().any(|(step, _)| step == name)) {
        bail!("there is no step `{name}`; there are {}", step_names());
    }
    let packages = fetch::all(&root)?;
    let committed = root.join("data");
    if !arguments.check {
        return build(&packages, &arguments.steps, &committed);
    }
    let built = tempfile::tempdir()?;
    build(&packages, &arguments.steps, built.path())?;
    check::compare(built.path(), &committed, arguments.steps.is_empty())
}

/// All steps when none is named.
fn build(packages: &Packages, steps: &[String], data: &Path) -> Result<()> {
    for (name, build) in STEPS {
        if steps.is_empty() || steps.iter().any(|step| step == name) {
            build(packages, data).with_context(|| format!("step `{name}`"))?;
        }
    }
    Ok(())
}

fn step_names() -> String {
    STEPS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn models(packages: &Packages, data: &Path) -> Result<()> {
    let package = packages.get("botocore")?;
    models::build(&package.folder, &data.join("models"), &package.version)
}
