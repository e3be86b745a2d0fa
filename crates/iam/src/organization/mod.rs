//! Organisations: how one is described ([`file`]), and IAM's operations that act on one: the features for member accounts' root users
//! ([`features`]), and the reports of what its accounts last accessed ([`report`]). What decisions ask of an organisation is in `service::organization`.

pub mod features;
pub mod file;
pub mod report;

#[cfg(test)]
mod tests;

use service::prelude::*;

/// IAM's name in an organisation's lists of trusted services and delegated administrators.
pub const IAM_PRINCIPAL: &str = "iam.amazonaws.com";

/// The operations of this module.
pub fn operations() -> Vec<Operation> {
    features::operations().into_iter().chain(report::operations()).collect()
}
