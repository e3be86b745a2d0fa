//! What is said of an account as a whole: its summary, everything in it with who may do what, its credential report, and its settings.
//!
//! All of it is gathered from the records of users, groups, roles and what hangs on them; only the settings and the last report are stored.
//! Start with [`summary`].

mod details;
mod report;
mod settings;
mod summary;

use service::prelude::*;

/// The operations on an account as a whole.
pub fn operations() -> Vec<Operation> {
    let mut all = summary::operations();
    all.extend(details::operations());
    all.extend(report::operations());
    all.extend(settings::operations());
    all
}

/// The input of operations that take nothing.
#[derive(Debug, Deserialize, Shaped)]
struct Nothing {}

/// These operations know no resource.
fn on_account<I>(_: &Cx, _: &World, _: &I) -> Vec<Check> {
    vec![Check::any()]
}

#[cfg(test)]
mod tests;
