//! `docs/authorization-exceptions.txt`: where the checks fall short of AWS's reference, and why. It may only shrink: a gap that is not in it fails
//! the test, and so does one in it that is no more. `UPDATE_LISTS=1` rewrites it, keeping the reasons; what is new stands under [`NO_REASON`],
//! which the test does not accept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use super::{global_keys, reference};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/authorization-exceptions.txt");
const NO_REASON: &str = "No reason yet: supply it, or say why not";
const HEAD: &str = "\
# What AWS's service authorization reference (data/authorization) lists for the operations that are built and Rolecall's checks do not have, by reason.
# A test compares this list with the checks (server/src/authorization_tests); it may only shrink, unless an operation is added.
# After a change UPDATE_LISTS=1 rewrites it and keeps the reasons.
#
#   ACTION key KEY              no check of the action has the condition key (`ec2:*`: no check of any action has it)
#   ACTION on TYPE key KEY      those on that type of resource do not
#   ACTION resource TYPE        no check is on an optional type of resource
#   ACTION needs ACTION         no check is for an action it may depend on
#   * key KEY                   no request has the global condition key
";

#[test]
fn checks_fall_short_of_the_reference_only_where_a_reason_is_given() {
    let gaps: BTreeSet<String> = reference::gaps().into_iter().chain(global_keys::gaps()).collect();
    let reasons = read();
    if std::env::var_os("UPDATE_LISTS").is_some() {
        std::fs::write(FILE, written(&gaps, &reasons)).unwrap();
        return;
    }
    let unexplained = |gap: &&String| reasons.get(*gap).is_none_or(|reason| reason == NO_REASON);
    let new: Vec<&String> = gaps.iter().filter(unexplained).collect();
    let closed: Vec<&String> = reasons.keys().filter(|listed| !gaps.contains(*listed)).collect();
    assert!(new.is_empty(), "the checks lack what the reference lists; supply it, or give a reason: {new:#?}");
    assert!(
        closed.is_empty(),
        "docs/authorization-exceptions.txt lists what is no gap (any more); run with UPDATE_LISTS=1: {closed:#?}"
    );
}

/// Every gap of the file with its reason, the heading it stands under.
fn read() -> BTreeMap<String, String> {
    let text = if Path::new(FILE).exists() { std::fs::read_to_string(FILE).unwrap() } else { String::new() };
    let mut reason = NO_REASON;
    let mut reasons = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("## ") {
            Some(heading) => reason = heading,
            None if line.starts_with('#') => {}
            None => {
                let before = reasons.insert(line.to_owned(), reason.to_owned());
                assert!(before.is_none(), "docs/authorization-exceptions.txt has `{line}` twice");
            }
        }
    }
    reasons
}

fn written(gaps: &BTreeSet<String>, reasons: &BTreeMap<String, String>) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for gap in gaps {
        by_reason.entry(reasons.get(gap).map_or(NO_REASON, String::as_str)).or_default().push(gap);
    }
    let mut text = HEAD.to_owned();
    for (reason, gaps) in by_reason {
        write!(text, "\n## {reason}\n").unwrap();
        gaps.iter().for_each(|gap| writeln!(text, "{gap}").unwrap());
    }
    text
}
