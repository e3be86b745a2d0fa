//! ListPolicies: the account's own policies and AWS's, of which there are more than a thousand, so usage is counted only where it is needed.

use service::paging;

use super::*;
use crate::managed;

service::operations! { Iam;
    ListPolicies => read(list) authorize(to_list) scan(),
}

/// ListPolicies' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListPolicies {
    scope: Option<String>,
    only_attached: Option<bool>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// A page of managed policies.
#[derive(Debug, Serialize, Shaped)]
pub struct Policies {
    policies: Vec<PolicyOut>,
    is_truncated: bool,
    marker: Option<String>,
}

/// A policy that may be listed.
enum Candidate<'w> {
    Own(&'w ManagedPolicy),
    Aws(&'static managed::ManagedPolicy),
}

impl Candidate<'_> {
    fn path(&self) -> &str {
        match self {
            Candidate::Own(policy) => &policy.path,
            Candidate::Aws(policy) => &policy.path,
        }
    }

    fn arn(&self, partition: &str) -> String {
        match self {
            Candidate::Own(policy) => policy.arn.clone(),
            Candidate::Aws(policy) => policy.arn(partition),
        }
    }

    /// The account's own before AWS's; names are unique within each.
    fn sort_key(&self) -> String {
        match self {
            Candidate::Own(policy) => format!("0{}", policy.name),
            Candidate::Aws(policy) => format!("1{}", policy.name),
        }
    }

    fn summary(&self, partition: &str) -> Summary {
        match self {
            Candidate::Own(policy) => Summary::of_own(policy),
            Candidate::Aws(policy) => Summary::of_aws(partition, policy),
        }
    }
}

fn list(cx: &Cx, world: &World, input: &ListPolicies) -> Result<Policies, ApiError> {
    let (scope, prefix) = (input.scope.as_deref().unwrap_or("All"), input.path_prefix.as_deref().unwrap_or("/"));
    let (account, partition) = (cx.account(), cx.partition());
    let mut own: Vec<&Arc<ManagedPolicy>> = world.scan::<ManagedPolicy>(&[account.as_str()]).collect();
    own.sort_by(|a, b| a.name.cmp(&b.name));
    let own = own.into_iter().filter(|_| scope != "AWS").map(|policy| Candidate::Own(policy));
    let aws = if scope == "Local" { &[] } else { managed::all() };
    let candidates = own
        .chain(aws.iter().map(Candidate::Aws))
        .filter(|policy| policy.path().starts_with(prefix))
        .filter(|policy| is_used_as_asked(input, || usage(world, account, &policy.arn(partition))));
    let list =
        format!("policies of {account}: {scope} {prefix} {:?} {:?}", input.only_attached, input.policy_usage_filter);
    let page = paging::iam(&list, input.marker.as_deref(), input.max_items, candidates, Candidate::sort_key)?;
    let shown = |policy: &Candidate<'_>| {
        let found = policy.summary(partition);
        let usage = usage(world, account, &found.arn);
        listed(found, usage)
    };
    Ok(Policies {
        policies: page.items.iter().map(shown).collect(),
        is_truncated: page.next.is_some(),
        marker: page.next,
    })
}

/// How a policy is used counts only with `OnlyAttached`: seen on AWS in September 2026.
fn is_used_as_asked(input: &ListPolicies, usage: impl FnOnce() -> Usage) -> bool {
    if input.only_attached != Some(true) {
        return true;
    }
    let usage = usage();
    match input.policy_usage_filter.as_deref() {
        Some("PermissionsPolicy") => usage.attached > 0,
        Some("PermissionsBoundary") => usage.as_boundary > 0,
        _ => usage.attached + usage.as_boundary > 0,
    }
}

/// Denials name the list by its path (seen on AWS).
fn to_list(cx: &Cx, _: &World, input: &ListPolicies) -> Vec<Check> {
    let prefix = input.path_prefix.as_deref();
    vec![entity::check_list(cx, "policy", prefix).shown_as(format!("policy path {}", prefix.unwrap_or("/")))]
}
