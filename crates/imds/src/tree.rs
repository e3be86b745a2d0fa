//! The tree and how it is walked: directories are tables of names with the version they appeared in, built along the asked path only.
//!
//! An entry that has no value on this instance is neither listed nor found. A trailing slash makes no difference, whichever way it is asked:
//! SDKs ask for values with one, people for directories without.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::meta_data;
use crate::subject::Subject;

/// Something with a path.
pub enum Node {
    Text(String),
    Bytes(Vec<u8>),
    /// Made only when it is asked for, not when it is listed: it costs something, or may fail.
    Made(fn(&Subject<'_>) -> Option<String>),
    Dir(&'static [Entry]),
    /// A directory whose names come from the instance's state.
    Names(Vec<Named>),
}

/// One name of a directory.
pub struct Entry {
    pub name: &'static str,
    /// The version of the service that brought it.
    pub since: &'static str,
    /// What stands there on this instance, if anything.
    pub make: fn(&Subject<'_>) -> Option<Node>,
}

/// One name of a directory built from state. `shown` is what the listing says.
pub struct Named {
    pub name: String,
    pub shown: String,
    pub node: Node,
}

impl Named {
    /// A value listed by its name.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Named {
        let name = name.into();
        Named { shown: name.clone(), name, node: Node::Text(text.into()) }
    }
}

/// All versions of the service.
pub const VERSIONS: &[&str] = &[
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "2016-06-30",
    "2016-09-02",
    "2018-03-28",
    "2018-08-17",
    "2018-09-24",
    "2019-10-01",
    "2020-10-27",
    "2021-01-03",
    "2021-03-23",
    "2021-07-15",
    "2022-09-24",
    "2024-04-11",
    "2025-10-04",
    "2026-04-15",
    "latest",
];

/// What stands at a path.
pub fn find(subject: &Subject<'_>, path: &str) -> Option<Node> {
    let path = decoded(path);
    let mut steps = steps(&path);
    let Some(version) = steps.next() else {
        return Some(Node::Text(VERSIONS.join("\n")));
    };
    let version = VERSIONS.iter().find(|known| **known == version)?;
    subject.set_version(version);
    let mut node = Node::Dir(meta_data::TOP);
    for step in steps {
        node = step_into(subject, node, step)?;
    }
    Some(node)
}

/// A path as it is meant.
pub fn decoded(path: &str) -> Cow<'_, str> {
    percent_decode_str(path).decode_utf8_lossy()
}

/// The names of a decoded path. Empty ones and single dots are passed over (recorded of AWS, September 2026).
pub fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !matches!(*step, "" | "."))
}

fn step_into(subject: &Subject<'_>, node: Node, step: &str) -> Option<Node> {
    match node {
        Node::Dir(entries) => {
            let entry = entries.iter().find(|entry| entry.name == step && subject.knows(entry.since))?;
            (entry.make)(subject)
        }
        Node::Names(names) => names.into_iter().find(|named| named.name == step).map(|named| named.node),
        Node::Text(_) | Node::Bytes(_) | Node::Made(_) => None,
    }
}

/// A directory's names, one a line, directories with a slash, without a newline at the end.
pub fn listing(subject: &Subject<'_>, node: &Node) -> String {
    let line = |name: &str, node: &Node| match node {
        Node::Dir(_) | Node::Names(_) => format!("{name}/"),
        Node::Text(_) | Node::Bytes(_) | Node::Made(_) => name.to_owned(),
    };
    let lines: Vec<String> = match node {
        Node::Dir(entries) => {
            let known = entries.iter().filter(|entry| subject.knows(entry.since));
            // Right below a version, and only there, directories are listed without their slash.
            let is_top = std::ptr::eq(*entries, meta_data::TOP);
            let line = |name: &str, node: &Node| if is_top { name.to_owned() } else { line(name, node) };
            known.filter_map(|entry| (entry.make)(subject).map(|node| line(entry.name, &node))).collect()
        }
        // `public-keys/` lists `0=name` for the directory `0`; everything else is listed as it is called.
        Node::Names(names) => names
            .iter()
            .map(|named| if named.shown == named.name { line(&named.name, &named.node) } else { named.shown.clone() })
            .collect(),
        Node::Text(_) | Node::Bytes(_) | Node::Made(_) => Vec::new(),
    };
    lines.join("\n")
}
