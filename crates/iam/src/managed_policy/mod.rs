//! Managed policies: AWS's own, which everybody may read, and the account's, which have versions.
//!
//! `found` looks a policy up by its ARN whosever it is, `list` lists both kinds, `version` has the verbs of versions. Who has a policy attached stands with the
//! users, groups and roles; here it is only counted, through their indexes.

mod detail;
mod found;
mod list;
mod version;

use std::sync::Arc;

use service::prelude::*;
use service::{PolicyText, arn};

use crate::document;
use crate::entity::{self, conflict, exists};
use crate::record::{ManagedPolicy, PolicyVersion, folded};
use crate::{quota, tagging};

pub use detail::{Detail, aws_detail, is_aws, own_detail};
pub use found::{Summary, check, document, must_be_arn, own, summary};

use found::{Usage, required, usage};

/// The operations on managed policies and their versions.
pub fn operations() -> Vec<Operation> {
    let mut all = policies::operations();
    all.extend(list::operations());
    all.extend(version::operations());
    all
}

mod policies {
    use super::*;

    service::operations! { Iam;
        CreatePolicy => write(create) authorize(to_create),
        GetPolicy => read(get) authorize(on_policy),
        DeletePolicy => write(delete) authorize(on_policy),
    }
}

/// CreatePolicy's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct CreatePolicy {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// A policy's ARN.
#[derive(Debug, Deserialize, Shaped)]
pub struct Named {
    policy_arn: String,
}

/// A managed policy without its document; what is `None` is left out.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct PolicyOut {
    policy_name: String,
    policy_id: String,
    arn: String,
    path: String,
    default_version_id: String,
    attachment_count: i64,
    permissions_boundary_usage_count: i64,
    is_attachable: bool,
    description: Option<String>,
    create_date: Timestamp,
    update_date: Timestamp,
    tags: Option<Vec<Tag>>,
}

/// One managed policy.
#[derive(Debug, Serialize, Shaped)]
pub struct OnePolicy {
    policy: PolicyOut,
}

/// A document that may become a version: MalformedPolicyDocument for faults, LimitExceeded for one too long.
fn validated(cx: &Cx, text: &str) -> Result<PolicyText, ApiError> {
    let checked = document::identity(cx, text)?;
    quota::POLICY_SIZE.check_size(cx, text)?;
    Ok(checked)
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreatePolicy) -> Result<OnePolicy, ApiError> {
    let account = cx.account();
    let tags = tagging::tags_for_create::<ManagedPolicy>(&input.tags)?;
    let text = validated(cx, &input.policy_document)?;
    let name = &input.policy_name;
    if tx.one::<ManagedPolicy>(ManagedPolicy::BY_NAME, &[account.as_str(), &folded(name)]).is_some() {
        let text = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(exists(text));
    }
    quota::POLICIES.check(cx, || tx.count::<ManagedPolicy>(&[account.as_str()]))?;
    let (path, now) = (entity::path(input.path.as_ref()), cx.now_seconds());
    let policy = ManagedPolicy {
        account,
        id: cx.ids.unique("ANPA", account),
        arn: arn::iam(cx.partition(), account, "policy", &path, name),
        name: name.clone(),
        path,
        description: input.description.clone().filter(|text| !text.is_empty()),
        created_at: now,
        updated_at: now,
        next_version: 2,
        default_version: "v1".to_owned(),
        versions: vec![PolicyVersion { id: "v1".to_owned(), document: text, created_at: now }],
        tags,
    };
    // The answer leaves the description out (its documentation says that only GetPolicy shows it) and has tags only if there are any.
    let tags = (!policy.tags.is_empty()).then(|| policy.tags.clone());
    let answer = PolicyOut { tags, ..listed(Summary::of_own(&policy), Usage::default()) };
    tx.put(policy);
    Ok(OnePolicy { policy: answer })
}

fn get(cx: &Cx, world: &World, input: &Named) -> Result<OnePolicy, ApiError> {
    let mut found = required(cx, world, &input.policy_arn)?;
    let (description, tags) = (found.description.take(), Some(std::mem::take(&mut found.tags)));
    let usage = usage(world, cx.account(), &found.arn);
    Ok(OnePolicy { policy: PolicyOut { description, tags, ..listed(found, usage) } })
}

/// As lists show it: without description and tags.
fn listed(found: Summary, usage: Usage) -> PolicyOut {
    PolicyOut {
        policy_name: found.policy_name,
        policy_id: found.policy_id,
        arn: found.arn,
        path: found.path,
        default_version_id: found.default_version_id,
        attachment_count: count(usage.attached),
        permissions_boundary_usage_count: count(usage.as_boundary),
        is_attachable: true,
        description: None,
        create_date: found.created_at,
        update_date: found.updated_at,
        tags: None,
    }
}

/// A number as answers have it.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn delete(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Done, ApiError> {
    let policy = own(cx, tx, &input.policy_arn, "delete policies")?;
    let usage = usage(tx, policy.account, &policy.arn);
    if usage.attached + usage.as_boundary > 0 {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        ));
    }
    tx.remove::<ManagedPolicy>(&[policy.account.as_str(), &policy.id]);
    Ok(Done {})
}

/// Denials name a policy that is to be created by `policy NAME` (seen on AWS).
fn to_create(cx: &Cx, _: &World, input: &CreatePolicy) -> Vec<Check> {
    let check = entity::check_new(cx, "policy", input.path.as_deref(), &input.policy_name, &input.tags);
    entity::and_tags(check.shown_as(format!("policy {}", input.policy_name)), "iam:TagPolicy", &input.tags)
}

fn on_policy(cx: &Cx, world: &World, input: &Named) -> Vec<Check> {
    vec![check(cx, world, &input.policy_arn)]
}

#[cfg(test)]
mod tests;
