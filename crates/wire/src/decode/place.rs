//! Where a value stands. A place borrows the one around it and becomes text only when something is wrong there.

use crate::model::Member;
use crate::violation::lower_camel;

/// Where a value stands, by both ways of naming it.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a Member),
    /// An item of a list; its element's name comes before the number in forms (`member`), or is empty.
    Item(&'a Place<'a>, &'a str, u64),
    /// The `key` or `value` of a map's entry.
    Entry(&'a Place<'a>, u64, &'static str),
}

impl Place<'_> {
    /// `tags.1.member.key`.
    pub fn path(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(around, member) => joined(around.path(), &lower_camel(&member.name)),
            Place::Item(around, _, number) => joined(around.path(), &format!("{number}.member")),
            Place::Entry(around, number, part) => joined(around.path(), &format!("{number}.{part}")),
        }
    }

    /// `Tags.member.1.Key`.
    pub fn parameter(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(around, member) => joined(around.parameter(), &member.input),
            Place::Item(around, "", number) => joined(around.parameter(), &number.to_string()),
            Place::Item(around, element, number) => joined(around.parameter(), &format!("{element}.{number}")),
            Place::Entry(around, number, part) => joined(around.parameter(), &format!("entry.{number}.{part}")),
        }
    }
}

fn joined(before: String, step: &str) -> String {
    if before.is_empty() { step.to_owned() } else { before + "." + step }
}
