//! The user, group or role whose policies are simulated: its policies under the names that AWS's simulator gives them, its boundary, and what
//! its organisation allows.
//!
//! They are the policies that `policy_sets` gathers for a request (a test compares); here each also knows whose it is, for its name
//! (`user_ann_Reader`) and for the exclusions.

use std::collections::BTreeSet;
use std::sync::Arc;

use policy::Document;
use service::prelude::*;

use super::invalid;
use crate::record::{Group, HeldPolicies};
use crate::{entity, managed_policy, policy_sets};

/// Whose policies are simulated, and which.
#[derive(Debug)]
pub struct Source {
    pub arn: String,
    pub identity: Vec<Held>,
    pub boundary: Option<Held>,
    /// Service control policies by level; empty where the account is in no organisation.
    pub scp: Vec<Vec<Arc<Document>>>,
}

/// A policy with what AWS calls it.
#[derive(Debug)]
pub struct Held {
    /// `user_NAME_POLICY`, `group_…` or `role_…` for an inline policy, else the managed policy's name.
    pub id: String,
    pub document: Arc<Document>,
    pub attachment: Attachment,
}

/// How the entity comes to a policy.
#[derive(Debug, PartialEq, Eq)]
pub enum Attachment {
    Inline {
        /// `user`, `group` or `role`.
        kind: &'static str,
        owner: String,
        name: String,
    },
    Managed {
        arn: String,
    },
}

/// The entity of that ARN with its policies.
pub fn of(cx: &Cx, world: &World, text: &str) -> Result<Source, ApiError> {
    let Some(found) = entity::kind_and_name(text) else {
        return Err(invalid(format!("Invalid ARN provided in the request: {text}")));
    };
    let account = cx.account();
    if found.account != account.as_str() {
        let text = format!(
            "Invalid Policy Source Arn: caller's account {account} does not have access to policies in account {}.",
            found.account
        );
        return Err(invalid(text));
    }
    let source = match found.kind {
        "user" => of_user(cx, world, found.name),
        "group" => of_group(cx, world, found.name),
        _ => of_role(cx, world, found.name),
    };
    source.ok_or_else(|| entity::missing("Unable to retrieve specified IAM entity.".to_owned()))
}

fn of_user(cx: &Cx, world: &World, name: &str) -> Option<Source> {
    let user = entity::find_user(world, cx.account(), name)?;
    let mut identity = Gathered::new(cx, world);
    identity.take("user", &user.name, &user.policies);
    for group in user.groups.iter().filter_map(|id| world.get::<Group>(&[user.account.as_str(), id])) {
        identity.take("group", &group.name, &group.policies);
    }
    let principal = Principal::User { id: user.id.clone(), name: user.name.clone(), path: user.path.clone() };
    Some(identity.with(entity::user_arn(cx.partition(), &user), principal))
}

fn of_group(cx: &Cx, world: &World, name: &str) -> Option<Source> {
    let group = entity::find_group(world, cx.account(), name)?;
    let mut identity = Gathered::new(cx, world);
    identity.take("group", &group.name, &group.policies);
    // A group is no caller; what its account's organisation allows is what it allows the account's root user.
    Some(identity.with(entity::group_arn(cx.partition(), &group), Principal::Root))
}

fn of_role(cx: &Cx, world: &World, name: &str) -> Option<Source> {
    let role = entity::find_role(world, cx.account(), name)?;
    let mut identity = Gathered::new(cx, world);
    identity.take("role", &role.name, &role.policies);
    let (id, name, path) = (role.id.clone(), role.name.clone(), role.path.clone());
    let principal = Principal::Role { id, name, path, session_name: String::new() };
    Some(identity.with(entity::role_arn(cx.partition(), &role), principal))
}

struct Gathered<'a> {
    cx: &'a Cx,
    world: &'a World,
    held: Vec<Held>,
    /// A managed policy that comes by several ways counts once.
    attached: BTreeSet<String>,
}

impl<'a> Gathered<'a> {
    fn new(cx: &'a Cx, world: &'a World) -> Self {
        Gathered { cx, world, held: Vec::new(), attached: BTreeSet::new() }
    }

    fn take(&mut self, kind: &'static str, owner: &str, policies: &HeldPolicies) {
        for (name, text) in &policies.inline {
            let Some(document) = text.document().cloned() else { continue };
            let attachment = Attachment::Inline { kind, owner: owner.to_owned(), name: name.clone() };
            self.held.push(Held { id: format!("{kind}_{owner}_{name}"), document, attachment });
        }
        for arn in &policies.attached {
            if self.attached.insert(arn.clone())
                && let Some(document) = managed_policy::document(self.world, self.cx.account(), arn)
            {
                self.held.push(managed(arn, document));
            }
        }
    }

    fn with(self, arn: String, principal: Principal) -> Source {
        let caller = Caller { principal, session: None, ..(*self.cx.caller).clone() };
        let sets = policy_sets(self.world, &caller);
        let scp = sets.scp.iter().map(|level| level.iter().map(|held| held.document.clone()).collect()).collect();
        let boundary = sets.boundary.map(|held| managed(&held.name, held.document));
        Source { arn, identity: self.held, boundary, scp }
    }
}

fn managed(arn: &str, document: Arc<Document>) -> Held {
    let id = service::arn::last_name(arn).to_owned();
    Held { id, document, attachment: Attachment::Managed { arn: arn.to_owned() } }
}
