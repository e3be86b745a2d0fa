//! Which policies bear on a caller: its own, its groups', its boundary, its session's. Gathered for every request, so nothing is parsed here:
//! records keep their parsed policies, and only a session's inline policies are read anew.

use std::sync::{Arc, OnceLock};

use service::caller::{Session, SessionKind, SessionPolicies};
use service::decide::{CallerPolicies, HeldKind, HeldPolicy};
use service::organization::{ControlKind, Organization, SERVICE_LINKED_PATH};
use service::prelude::*;

use crate::managed_policy;
use crate::record::{Group, HeldPolicies, Role, User};

/// Every policy that bears on what this caller may do.
pub fn policy_sets(world: &World, caller: &Caller) -> CallerPolicies {
    let mut sets = match &caller.principal {
        Principal::User { id, .. } => of_user(world, caller.account, id),
        Principal::Role { id, .. } => of_role(world, caller.account, id),
        Principal::Federated { user: Some(user), .. } => of_user(world, caller.account, &user.id),
        Principal::Federated { user: None, .. } => of_root(),
        Principal::Root | Principal::Instance { .. } | Principal::Service { .. } | Principal::Anonymous => {
            CallerPolicies::default()
        }
    };
    if let Some(session) = &caller.session {
        sets.session = session_layers(world, caller.account, session);
        sets.scope_down = session.scope_down.iter().map(|text| given(text).into_iter().collect()).collect();
    }
    add_organization(world, caller, &mut sets);
    sets
}

/// Service control policies limit the users, roles and root users of member accounts, resource control policies whoever comes to a member's
/// resources; neither limits service-linked roles.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_authorization_policies.html>
fn add_organization(world: &World, caller: &Caller, sets: &mut CallerPolicies) {
    let Some(organization) = Organization::of(world) else { return };
    let is_service_linked =
        matches!(&caller.principal, Principal::Role { path, .. } if path.starts_with(SERVICE_LINKED_PATH));
    let is_of_account = !matches!(caller.principal, Principal::Service { .. } | Principal::Anonymous);
    if is_of_account && !is_service_linked {
        sets.scp = organization.levels(caller.account, ControlKind::ServiceControlPolicy);
    }
    sets.rcp = (!is_service_linked).then(|| organization.clone());
    sets.organization = Some(organization);
}

fn of_user(world: &World, account: AccountId, id: &str) -> CallerPolicies {
    let Some(user) = world.get::<User>(&[account.as_str(), id]) else { return CallerPolicies::default() };
    let mut identity = Vec::new();
    gather(world, account, &user.policies, HeldKind::InlineUser, HeldKind::Managed, &mut identity);
    for group in user.groups.iter().filter_map(|group| world.get::<Group>(&[account.as_str(), group])) {
        gather(world, account, &group.policies, HeldKind::InlineGroup, HeldKind::GroupManaged, &mut identity);
    }
    CallerPolicies {
        identity,
        boundary: user.boundary.as_deref().and_then(|arn| boundary(world, account, arn)),
        principal_tags: user.tags.clone(),
        ..CallerPolicies::default()
    }
}

/// A session that the root user federated has what root has, which is everything, and then only what its session policies allow.
fn of_root() -> CallerPolicies {
    static EVERYTHING: OnceLock<Option<Arc<policy::Document>>> = OnceLock::new();
    const TEXT: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let everything = EVERYTHING.get_or_init(|| policy::Document::parse(TEXT).ok().map(Arc::new)).clone();
    let held = everything.map(|document| HeldPolicy { name: "root".into(), kind: HeldKind::InlineUser, document });
    CallerPolicies { identity: held.into_iter().collect(), ..CallerPolicies::default() }
}

fn of_role(world: &World, account: AccountId, id: &str) -> CallerPolicies {
    let Some(role) = world.get::<Role>(&[account.as_str(), id]) else { return CallerPolicies::default() };
    let mut identity = Vec::new();
    gather(world, account, &role.policies, HeldKind::InlineRole, HeldKind::Managed, &mut identity);
    CallerPolicies {
        identity,
        boundary: role.boundary.as_deref().and_then(|arn| boundary(world, account, arn)),
        principal_tags: role.tags.clone(),
        ..CallerPolicies::default()
    }
}

fn gather(
    world: &World,
    account: AccountId,
    held: &HeldPolicies,
    inline: HeldKind,
    managed: HeldKind,
    into: &mut Vec<HeldPolicy>,
) {
    for (name, text) in &held.inline {
        if let Some(document) = text.document() {
            into.push(HeldPolicy { name: name.as_str().into(), kind: inline, document: document.clone() });
        }
    }
    for arn in &held.attached {
        if let Some(document) = managed_policy::document(world, account, arn) {
            into.push(HeldPolicy { name: arn.as_str().into(), kind: managed, document });
        }
    }
}

/// A boundary whose policy is gone must not open everything: it becomes one that says nothing.
fn boundary(world: &World, account: AccountId, arn: &str) -> Option<HeldPolicy> {
    let document =
        managed_policy::document(world, account, arn).unwrap_or_else(|| Arc::new(policy::Document::default()));
    Some(HeldPolicy { name: arn.into(), kind: HeldKind::Boundary, document })
}

/// A federated session without a policy may do nothing; other sessions without one are not limited.
fn session_layers(world: &World, account: AccountId, session: &Session) -> Vec<Vec<HeldPolicy>> {
    if session.policies.is_empty() && session.kind == SessionKind::Federation {
        return vec![Vec::new()];
    }
    let layers = session.policies.iter().map(|layer| session_layer(world, account, layer));
    // The policies of a root user's tasks only deny: what they leave is all that a root user may do.
    let beside = if session.kind == SessionKind::AssumeRoot { of_root().identity } else { Vec::new() };
    layers.map(|layer| layer.into_iter().chain(beside.clone()).collect()).collect()
}

fn session_layer(world: &World, account: AccountId, layer: &SessionPolicies) -> Vec<HeldPolicy> {
    let inline = layer.inline.as_deref().and_then(given);
    let managed = layer.managed.iter().filter_map(|arn| {
        let document = managed_policy::document(world, account, arn)?;
        Some(HeldPolicy { name: arn.as_str().into(), kind: HeldKind::Session, document })
    });
    inline.into_iter().chain(managed).collect()
}

/// A policy that was given with the request for the session. One that does not parse, which none does, leaves a layer that allows nothing.
fn given(text: &str) -> Option<HeldPolicy> {
    let document = policy::Document::parse(text).ok().map(Arc::new)?;
    Some(HeldPolicy { name: "session policy".into(), kind: HeldKind::Session, document })
}

#[cfg(test)]
pub(crate) mod tests;
