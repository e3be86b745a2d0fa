//! Compares what the packages give with what is committed: a difference is a file edited by hand, or a build that depends on more than the
//! packages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The files of data/ that people write: what is pinned, and facts that no package has.
const BY_HAND: [&str; 2] = ["versions.json", "iam/service-linked-roles.json"];

/// Fails naming each file that is not the same in both folders; `whole` says that all files were built, so that one too many counts too.
pub fn compare(built: &Path, committed: &Path, whole: bool) -> Result<()> {
    let names = files(built)?;
    let changed = |name: &&PathBuf| fs::read(built.join(name)).ok() != fs::read(committed.join(name)).ok();
    let mut wrong: Vec<String> =
        names.iter().filter(changed).map(|name| format!("{} differs", name.display())).collect();
    if whole {
        let known = |name: &&PathBuf| {
            names.contains(*name) || BY_HAND.iter().any(|by_hand| name.as_path() == Path::new(by_hand))
        };
        let committed = files(committed)?;
        wrong.extend(
            committed.iter().filter(|name| !known(name)).map(|name| format!("{} comes from nowhere", name.display())),
        );
    }
    if !wrong.is_empty() {
        bail!("data/ is not what the packages give:\n{}", wrong.join("\n"));
    }
    Ok(())
}

/// All files below a folder, by their path within it.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.insert(path.strip_prefix(folder)?.to_owned());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            super::super::text::write_text(&folder.path().join(name), text).expect("a file in it");
        }
        folder
    }

    #[test]
    fn differences_are_named() {
        let built = folder(&[("a.json", "1"), ("ec2/b.json", "2")]);
        let check = |files: &[(&str, &str)], whole| {
            let outcome = compare(built.path(), folder(files).path(), whole);
            outcome.err().map(|error| error.to_string()).unwrap_or_default()
        };
        let same = [("a.json", "1"), ("ec2/b.json", "2"), ("versions.json", "[]")];
        assert_eq!(check(&same, true), "");
        assert!(check(&[("a.json", "1"), ("ec2/b.json", "3")], true).contains("ec2/b.json differs"));
        assert!(check(&[("a.json", "1")], true).contains("ec2/b.json differs"));
        let more = [same.as_slice(), &[("ec2/old.json", "")]].concat();
        assert!(check(&more, true).contains("ec2/old.json comes from nowhere"));
        assert_eq!(check(&more, false), "");
    }
}
