//! Service and resource control policies. AWS Organizations has one text for every fault, so the order does not show.
//! See <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html>.

use super::{Kind, refuse};
use crate::document::{ActionElement, Document, Effect, ResourceElement, Statement, Version};
use crate::parse::Malformed;

const REFUSED: &str = "The provided policy document does not meet the requirements of the specified policy type.";

pub(super) fn check(text: &str, kind: Kind) -> Result<Document, Malformed> {
    let document = Document::parse(text).map_err(|fault| Malformed { message: REFUSED.to_owned(), ..fault })?;
    // Resource control policies may have the old version or none (recorded in September 2026).
    if document.version != Version::V2012 && kind != Kind::ResourceControl {
        return refuse(REFUSED, "old or no version");
    }
    let fault = document.statements.iter().find_map(|statement| match kind {
        Kind::ResourceControl => resource_control_fault(statement),
        _ => service_control_fault(statement),
    });
    match fault {
        Some(detail) => refuse(REFUSED, detail),
        None => Ok(document),
    }
}

fn common_fault(statement: &Statement) -> Option<&'static str> {
    if statement.actions.as_ref().is_none_or(|actions| actions.texts().next().is_none()) {
        return Some("no actions");
    }
    if statement.resources.as_ref().is_none_or(|resources| resources.texts().next().is_none()) {
        return Some("no resources");
    }
    None
}

fn service_control_fault(statement: &Statement) -> Option<&'static str> {
    statement.principal.is_some().then_some("a principal").or_else(|| common_fault(statement))
}

/// Only AWS's own RCPFullAWSAccess allows; customers' policies deny, to everyone, and name the services.
fn resource_control_fault(statement: &Statement) -> Option<&'static str> {
    let everyone = statement
        .principal
        .as_ref()
        .is_some_and(|element| !element.is_negated() && element.entries().eq([("AWS", "*")]));
    let all_resources = |element: &ResourceElement| element.texts().eq(["*"]);
    let all_actions = |element: &ActionElement| element.texts().any(|action| action == "*");
    let allows_all = statement.actions.as_ref().is_some_and(all_actions)
        && statement.resources.as_ref().is_some_and(all_resources)
        && statement.conditions.is_empty();
    if !everyone {
        return Some("the principal is not `*`");
    }
    if statement.actions.as_ref().is_some_and(ActionElement::is_negated) {
        return Some("NotAction");
    }
    match statement.effect {
        Effect::Allow if !allows_all => Some("a statement that allows"),
        Effect::Deny if statement.actions.as_ref().is_some_and(all_actions) => Some("an action without a service"),
        _ => common_fault(statement),
    }
}
