//! Keys: tuples of strings, flattened so that one comparison orders them and one prefix finds a range.
//!
//! The parts are joined with NUL, the smallest character, so joined keys sort like the tuples and every key that starts with the parts `p` lies
//! between `p` and `p` followed by U+0001. A NUL inside a part would break that; it becomes U+FFFD (no AWS name can hold either).

use std::borrow::Borrow;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

const SEPARATOR: char = '\0';
const AFTER_SEPARATOR: char = '\u{1}';

/// The key of a record: its parts in order, such as account, region and id. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// A key of these parts. A NUL inside a part becomes U+FFFD.
    pub fn new(parts: &[&str]) -> Key {
        Key(join(parts).into())
    }

    /// The parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split(SEPARATOR)
    }

    /// How many parts there are.
    pub fn arity(&self) -> usize {
        self.parts().count()
    }
}

/// What [`join`] made is the key's own spelling.
impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// `123456789012/us-east-1/vpc-1`: for people, ambiguous where a part holds a slash.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.parts().enumerate() {
            if position > 0 {
                f.write_str("/")?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// The parts as one string that sorts like the tuple.
pub(crate) fn join(parts: &[&str]) -> String {
    let length = parts.iter().map(|part| part.len() + 1).sum();
    let mut joined = String::with_capacity(length);
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            joined.push(SEPARATOR);
        }
        if part.contains(SEPARATOR) {
            joined.push_str(&part.replace(SEPARATOR, "\u{FFFD}"));
        } else {
            joined.push_str(part);
        }
    }
    joined
}

/// Whether the first parts of what was joined are those of `joined`.
pub(crate) fn starts_with(whole: &str, joined: &str) -> bool {
    whole.strip_prefix(joined).is_some_and(|rest| rest.is_empty() || rest.starts_with(SEPARATOR))
}

/// The first string after all that start with the parts of `joined`.
fn end_of(joined: &str) -> String {
    let mut end = String::with_capacity(joined.len() + 1);
    end.push_str(joined);
    end.push(AFTER_SEPARATOR);
    end
}

/// The range of all keys that start with some parts; no parts means every key.
pub(crate) struct Prefix(Option<(String, String)>);

impl Prefix {
    pub(crate) fn new(parts: &[&str]) -> Prefix {
        Prefix((!parts.is_empty()).then(|| {
            let start = join(parts);
            let end = end_of(&start);
            (start, end)
        }))
    }

    /// The keys of the range; only those behind `after`, if given.
    pub(crate) fn bounds<'a>(&'a self, after: Option<&'a Key>) -> (Bound<&'a str>, Bound<&'a str>) {
        let (start, end) = match &self.0 {
            Some((start, end)) => (Bound::Included(start.as_str()), Bound::Excluded(end.as_str())),
            None => (Bound::Unbounded, Bound::Unbounded),
        };
        let Some(after) = after.map(Borrow::<str>::borrow) else { return (start, end) };
        match (start, end) {
            // A range that begins behind its end is no range to the map: it must be an empty one.
            (_, Bound::Excluded(limit)) if after >= limit => (Bound::Included(limit), Bound::Excluded(limit)),
            (Bound::Included(first), end) if after < first => (Bound::Included(first), end),
            (_, end) => (Bound::Excluded(after), end),
        }
    }
}
