//! Which policies of a user, group or role grant access to a service: each policy is asked by itself.

use std::sync::Arc;

use service::prelude::*;
use service::{facts, paging};

use super::granted;
use super::subject::{Subject, groups};
use crate::managed_policy;
use crate::record::HeldPolicies;

service::operations! { Iam;
    ListPoliciesGrantingServiceAccess => read(list) authorize(to_list),
}

#[derive(Debug, Deserialize, Shaped)]
struct Asked {
    marker: Option<String>,
    arn: String,
    #[serde(default)]
    service_namespaces: Vec<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Listed {
    policies_granting_service_access: Vec<Entry>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Entry {
    service_namespace: String,
    policies: Vec<Policy>,
}

#[derive(Debug, Clone, Serialize, Shaped)]
struct Policy {
    policy_name: String,
    policy_type: &'static str,
    policy_arn: Option<String>,
    entity_type: Option<&'static str>,
    entity_name: Option<String>,
}

/// `InvalidInput` with all the namespaces that no service has.
fn must_be_services(namespaces: &[&str]) -> Result<(), ApiError> {
    let unknown: Vec<&str> =
        namespaces.iter().filter(|namespace| facts::service_name(namespace).is_none()).copied().collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(ApiError::new("InvalidInput", format!("Invalid service namespace: [{}]", unknown.join(", ")))),
    }
}

/// As many as may be asked for: AWS was not seen to cut the list sooner.
const MOST: i64 = 200;

fn to_list(cx: &Cx, world: &World, input: &Asked) -> Vec<Check> {
    vec![Subject::check(cx, world, &input.arn)]
}

/// Every namespace asked for has an entry, in the order in which they were asked for, also where nothing grants access.
fn list(cx: &Cx, world: &World, input: &Asked) -> Result<Listed, ApiError> {
    let subject = Subject::entity(cx, world, &input.arn)?;
    let mut namespaces: Vec<&str> = Vec::new();
    for namespace in &input.service_namespaces {
        if !namespaces.contains(&namespace.as_str()) {
            namespaces.push(namespace);
        }
    }
    must_be_services(&namespaces)?;
    let policies = policies(cx, world, &subject);
    let scope = format!("policies of {} granting {namespaces:?}", input.arn);
    let numbered = namespaces.into_iter().enumerate();
    let page =
        paging::iam(&scope, input.marker.as_deref(), Some(MOST), numbered, |(number, _)| format!("{number:03}"))?;
    let entry = |(_, namespace): (usize, &str)| {
        let granting = policies.iter().filter(|(_, document)| granted::by_text(document, namespace));
        Entry {
            service_namespace: namespace.to_owned(),
            policies: granting.map(|(policy, _)| policy.clone()).collect(),
        }
    };
    Ok(Listed {
        is_truncated: page.is_truncated(),
        policies_granting_service_access: page.items.into_iter().map(entry).collect(),
        marker: page.next,
    })
}

type Found = (Policy, Arc<policy::Document>);

/// The entity's own policies and, for a user, those of its groups; a managed policy comes once.
fn policies(cx: &Cx, world: &World, subject: &Subject) -> Vec<Found> {
    let mut all = Vec::new();
    match subject {
        Subject::User(user) => {
            gather(cx, world, &user.policies, ("USER", &user.name), &mut all);
            groups(world, user).for_each(|group| gather(cx, world, &group.policies, ("GROUP", &group.name), &mut all));
        }
        Subject::Group(group) => gather(cx, world, &group.policies, ("GROUP", &group.name), &mut all),
        Subject::Role(role) => gather(cx, world, &role.policies, ("ROLE", &role.name), &mut all),
        Subject::Policy(_) => {}
    }
    all
}

fn gather(cx: &Cx, world: &World, held: &HeldPolicies, owner: (&'static str, &str), into: &mut Vec<Found>) {
    for (name, text) in &held.inline {
        let Some(document) = text.document() else { continue };
        let (kind, owner) = owner;
        let policy = Policy {
            policy_name: name.clone(),
            policy_type: "INLINE",
            policy_arn: None,
            entity_type: Some(kind),
            entity_name: Some(owner.to_owned()),
        };
        into.push((policy, document.clone()));
    }
    for arn in &held.attached {
        let is_listed = into.iter().any(|(policy, _)| policy.policy_arn.as_ref() == Some(arn));
        let found = managed_policy::summary(cx, world, arn).filter(|_| !is_listed);
        let Some((found, document)) = found.zip(managed_policy::document(world, cx.account(), arn)) else { continue };
        let policy = Policy {
            policy_name: found.policy_name,
            policy_type: "MANAGED",
            policy_arn: Some(found.arn),
            entity_type: None,
            entity_name: None,
        };
        into.push((policy, document));
    }
}
