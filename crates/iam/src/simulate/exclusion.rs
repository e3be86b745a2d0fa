//! Policies that a simulation leaves out: by type, by ARN, or as an inline policy of somebody. What is named and not there is passed over; policies
//! that the request itself brings along are never left out.

use service::arn::Arn;
use service::filters::glob;
use service::prelude::*;

use super::invalid;
use super::source::{Attachment, Held, Source};

#[derive(Debug, Deserialize, Shaped)]
pub struct PolicyIdentifier {
    policy_type: Option<String>,
    policy_arn: Option<String>,
    inline_policy_identifier: Option<InlinePolicyIdentifier>,
}

#[derive(Debug, Deserialize, Shaped)]
pub struct InlinePolicyIdentifier {
    policy_name: String,
    attachment_type: String,
    attachment_name: String,
}

/// Takes out of a source what the identifiers name.
pub fn apply(source: &mut Source, identifiers: &[PolicyIdentifier]) -> Result<(), ApiError> {
    for identifier in identifiers {
        match identifier {
            PolicyIdentifier { policy_type: Some(kind), policy_arn: None, inline_policy_identifier: None } => {
                by_type(source, kind);
            }
            PolicyIdentifier { policy_type: None, policy_arn: Some(arn), inline_policy_identifier: None } => {
                by_arn(source, arn)?;
            }
            PolicyIdentifier { policy_type: None, policy_arn: None, inline_policy_identifier: Some(inline) } => {
                by_name(source, inline)?;
            }
            _ => {
                let text =
                    "A policy identifier must specify exactly one of PolicyType, PolicyArn, or InlinePolicyIdentifier.";
                return Err(invalid(text));
            }
        }
    }
    Ok(())
}

/// The boundary is of a type of its own, whoever manages it. Resource control policies take no part in simulations.
fn by_type(source: &mut Source, kind: &str) {
    let is = |held: &Held| match (&held.attachment, kind) {
        (Attachment::Inline { .. }, "inline") => true,
        (Attachment::Managed { arn }, "aws-managed") => is_of_aws(arn),
        (Attachment::Managed { arn }, "user-managed") => !is_of_aws(arn),
        _ => false,
    };
    source.identity.retain(|held| !is(held));
    match kind {
        "permission-boundary" => source.boundary = None,
        "scp" => source.scp.clear(),
        _ => {}
    }
}

fn is_of_aws(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.account == "aws")
}

/// The ARN that AWS compares is made of account and name alone: one with the policy's path leaves nothing out (recorded), nor does any the boundary.
fn by_arn(source: &mut Source, text: &str) -> Result<(), ApiError> {
    let wanted = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.region.is_empty());
    let wanted = wanted.filter(|arn| !arn.account.contains(['*', '?']) && !arn.partition.contains(['*', '?']));
    let pattern = wanted.and_then(|arn| Some((arn, arn.resource.strip_prefix("policy/")?)));
    let Some((arn, name)) = pattern.filter(|(_, name)| is_pattern(name)) else {
        return Err(invalid(format!("Invalid ARN provided in the request: {text}")));
    };
    source.identity.retain(|held| match &held.attachment {
        Attachment::Managed { arn: held_arn } => {
            let same_owner = Arn::parse(held_arn).is_some_and(|held| held.account == arn.account);
            !(same_owner && glob(name, &held.id))
        }
        Attachment::Inline { .. } => true,
    });
    Ok(())
}

fn by_name(source: &mut Source, wanted: &InlinePolicyIdentifier) -> Result<(), ApiError> {
    if !is_pattern(&wanted.attachment_name) {
        let text =
            format!("Invalid inline policy identifier: {} has more than one wildcard *.", wanted.attachment_name);
        return Err(invalid(text));
    }
    source.identity.retain(|held| match &held.attachment {
        Attachment::Inline { kind, owner, name } => {
            let same = *kind == wanted.attachment_type && *name == wanted.policy_name;
            !(same && glob(&wanted.attachment_name, owner))
        }
        Attachment::Managed { .. } => true,
    });
    Ok(())
}

/// At most one star, and something in it; a `?` stands for one character.
fn is_pattern(text: &str) -> bool {
    !text.is_empty() && text.matches('*').count() <= 1
}
