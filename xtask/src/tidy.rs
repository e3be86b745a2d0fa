//! What keeps the house in order, as tests: who may import whom (ARCHITECTURE.md says it in words), what no crate of the services may reach
//! for, how large a file may grow, and that no field has a second name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use xtask::root;

/// What each crate may build on, of ours. A crate that is not here is not part of the house yet.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("data", &[]),
    ("wire-derive", &[]),
    ("wire", &["data", "wire-derive"]),
    ("sigv4", &[]),
    ("policy", &[]),
    ("federation", &[]),
    ("storage", &[]),
    ("service", &["data", "wire", "sigv4", "policy", "storage"]),
    ("iam", &["data", "wire", "policy", "storage", "service", "federation"]),
    ("sts", &["wire", "policy", "storage", "service", "federation", "iam"]),
    ("ec2", &["data", "wire", "policy", "storage", "service", "iam"]),
    ("ssm", &["wire", "service", "ec2"]),
    ("imds", &["storage", "service", "iam", "sts", "ec2"]),
];

/// Input and output, tasks and databases: for the server and the store alone.
const OUTSIDE: &[&str] =
    &["hyper", "hyper-util", "tokio", "tokio-rustls", "rustls", "socket2", "nix", "rtnetlink", "sqlx"];

const LONGEST_FILE: usize = 500;

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap()
}

/// The names of what each package depends on, tests aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata().packages;
    let of = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        normal.map(|dependency| dependency.name.clone()).collect()
    };
    packages.iter().map(|package| (package.name.to_string(), of(package))).collect()
}

#[test]
fn crates_import_what_they_may() {
    let all = dependencies();
    for (name, allowed) in MAY_IMPORT {
        let own = all.get(&format!("rolecall-{name}")).unwrap_or_else(|| panic!("there is no crate `{name}`"));
        let ours = own.iter().filter_map(|dependency| dependency.strip_prefix("rolecall-"));
        let forbidden: Vec<&str> = ours.filter(|dependency| !allowed.contains(dependency)).collect();
        assert!(forbidden.is_empty(), "`{name}` must not know {forbidden:?}");
    }
    let known: BTreeSet<String> = MAY_IMPORT.iter().map(|(name, _)| format!("rolecall-{name}")).collect();
    let strangers: Vec<&String> =
        all.keys().filter(|name| name.starts_with("rolecall-") && !known.contains(*name)).collect();
    assert!(strangers.is_empty(), "say what {strangers:?} may import");
}

#[test]
fn services_reach_for_nothing_outside() {
    let all = dependencies();
    for (name, _) in MAY_IMPORT.iter().filter(|(name, _)| *name != "storage") {
        for dependency in all.get(&format!("rolecall-{name}")).into_iter().flatten() {
            assert!(!OUTSIDE.contains(&dependency.as_str()), "`{name}` must not use `{dependency}`");
        }
    }
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    let mut faults = Vec::new();
    for file in sources(&root()) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            faults.push(format!("{}: {lines} lines", file.display()));
        }
        let is_test = file.components().any(|part| part.as_os_str().to_string_lossy().contains("test"));
        if !is_test && !text.starts_with("//!") {
            faults.push(format!("{}: no comment says what it is", file.display()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// `wire::read` finds an input's fields by their positions among the names that serde tells; an alias would be a name more than there are fields.
#[test]
fn no_field_has_an_alias() {
    let aliased = |line: &&str| line.trim_start().starts_with("#[serde(") && line.contains("alias");
    let mut faults = Vec::new();
    for file in sources(&root()) {
        let text = fs::read_to_string(&file).unwrap();
        faults.extend(text.lines().filter(aliased).map(|line| format!("{}: {}", file.display(), line.trim())));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Every Rust file of ours.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
