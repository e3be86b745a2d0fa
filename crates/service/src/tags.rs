//! Tags and the rules all three services share: at most fifty, key and value lengths, no `aws:` prefix.

use serde::{Deserialize, Serialize};

use crate::Shaped;

/// A key and its value, as on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Shaped)]
pub struct Tag {
    #[serde(default)]
    pub key: String,
    #[serde(default)]
    pub value: String,
}

impl Tag {
    /// A tag of those texts.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }
}

/// How many tags a resource may carry.
pub const MOST: usize = 50;

/// Whether two keys are the same for IAM, which ignores case (and keeps what was written first).
pub fn same_key_ignoring_case(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// Adds or replaces tags; `same` says when two keys are one.
pub fn merge(held: &mut Vec<Tag>, new: &[Tag], same: fn(&str, &str) -> bool) {
    for tag in new {
        match held.iter_mut().find(|held| same(&held.key, &tag.key)) {
            Some(slot) => *slot = tag.clone(),
            None => held.push(tag.clone()),
        }
    }
}

/// Exact comparison, for EC2.
pub fn same_key(a: &str, b: &str) -> bool {
    a == b
}

/// The value of that key, exactly written.
pub fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_replaces_by_key() {
        let mut held = vec![Tag::new("Name", "a"), Tag::new("x", "1")];
        merge(&mut held, &[Tag::new("name", "b")], same_key_ignoring_case);
        assert_eq!(held, [Tag::new("name", "b"), Tag::new("x", "1")]);
        merge(&mut held, &[Tag::new("Name", "c")], same_key);
        assert_eq!(held.len(), 3);
        assert_eq!(value(&held, "Name"), Some("c"));
    }
}
