//! AWS's rules for each kind of policy, checked in AWS's order, refused in AWS's words. The order shows: a document has many faults and
//! AWS names the first it looks for, all statements through, before it looks for the next. Start reading at [`validate`].

mod identity;
mod organisation;
mod principals;
mod shared_providers;
mod trust;

use crate::document::Document;
use crate::parse::{self, Malformed};

/// What a policy is for, which decides the elements it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Attached to a user, group or role; also a permissions boundary.
    Identity,
    /// Who may assume a role.
    Trust,
    /// Given when a session is asked for.
    Session,
    /// Attached to a resource other than a role.
    Resource,
    ServiceControl,
    ResourceControl,
}

/// What a resolver knows of a principal named by ARN or unique id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The unique id to compare with from now on.
    Id(String),
    /// To be compared as written: accounts, sessions, principals of accounts that are not ours to look into.
    AsWritten,
    /// There is no such principal: the policy is refused.
    Unknown,
}

/// Parses a policy and checks it as AWS does when one of its kind is saved. The error carries AWS's text for MalformedPolicyDocument.
/// Principals are checked for their form only.
pub fn validate(text: &str, kind: Kind) -> Result<Document, Malformed> {
    validate_with(text, kind, &|_| Resolved::AsWritten)
}

/// As [`validate`], for an account of one partition (`aws-cn`): policies there can name no resources of another.
pub fn validate_in(text: &str, kind: Kind, partition: &str) -> Result<Document, Malformed> {
    match kind {
        Kind::Identity | Kind::Session => identity::check(text, kind, Some(partition)),
        _ => validate(text, kind),
    }
}

/// As [`validate`]; `resolve` is asked for each user, role or unique id that is named as `AWS` principal, and for each provider's ARN that is
/// named as `Federated`.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
pub fn validate_with(text: &str, kind: Kind, resolve: &dyn Fn(&str) -> Resolved) -> Result<Document, Malformed> {
    let to_id = |name: &str| match resolve(name) {
        Resolved::Id(id) => Some(id),
        Resolved::AsWritten | Resolved::Unknown => None,
    };
    match kind {
        Kind::Identity | Kind::Session => identity::check(text, kind, None),
        Kind::ServiceControl | Kind::ResourceControl => organisation::check(text, kind),
        Kind::Trust => {
            trust::check(text)?;
            let document = parse::build(text, &parse::read(text)?, &to_id).map_err(trust::reworded)?;
            principals::check(&document, resolve)?;
            shared_providers::check(&document)?;
            Ok(document)
        }
        Kind::Resource => {
            let document = Document::parse_with(text, &to_id)?;
            identity::check_resource_policy(&document)?;
            principals::check(&document, resolve)?;
            Ok(document)
        }
    }
}

pub(crate) fn refuse<T>(message: impl Into<String>, detail: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed { message: message.into(), detail: detail.into() })
}
