//! How answers show a role. AWS shows less of it in creations and lists than in GetRole, and clients notice what is absent.

use service::prelude::*;

use crate::boundary::{self, Attached};
use crate::document::encoded;
use crate::entity;
use crate::record::{LastUsed, Role};

use super::trust;

/// A role; what is `None` is left out.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RoleOut {
    pub(crate) path: String,
    pub(crate) role_name: String,
    pub(crate) role_id: String,
    pub(crate) arn: String,
    pub(crate) create_date: Timestamp,
    pub(crate) assume_role_policy_document: String,
    pub(crate) description: Option<String>,
    pub(crate) max_session_duration: Option<i64>,
    pub(crate) max_signin_session_duration: Option<i64>,
    pub(crate) permissions_boundary: Option<Attached>,
    pub(crate) tags: Option<Vec<Tag>>,
    pub(crate) role_last_used: Option<RoleLastUsed>,
    pub(crate) source_role_template: Option<SourceRoleTemplate>,
}

/// The role template that a role was acquired from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct SourceRoleTemplate {
    template_arn: String,
    template_minor_version: i64,
}

/// When and where a role was used last; empty if it never was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Shaped)]
pub struct RoleLastUsed {
    pub(crate) last_used_date: Option<Timestamp>,
    pub(crate) region: Option<String>,
}

/// Inside an instance profile: the role's names and its trust policy.
pub fn embedded(cx: &Cx, world: &World, role: &Role) -> RoleOut {
    named(cx, role, &trust::shown(cx.partition(), world, role))
}

fn named(cx: &Cx, role: &Role, trust: &str) -> RoleOut {
    RoleOut {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: entity::role_arn(cx.partition(), role),
        create_date: role.created_at,
        assume_role_policy_document: encoded(trust),
        description: None,
        max_session_duration: None,
        max_signin_session_duration: None,
        permissions_boundary: None,
        tags: None,
        role_last_used: None,
        source_role_template: None,
    }
}

/// In CreateRole's answer: what was asked for, without description and the session's length, and the trust policy as it was given.
pub(crate) fn created(cx: &Cx, role: &Role, trust: &str) -> RoleOut {
    RoleOut {
        permissions_boundary: boundary::shown(role.boundary.as_ref()),
        tags: tags(role),
        source_role_template: role.source.as_ref().map(|source| SourceRoleTemplate {
            template_arn: source.arn.clone(),
            template_minor_version: source.minor_version,
        }),
        ..named(cx, role, trust)
    }
}

/// In UpdateRoleDescription's answer.
pub(super) fn described(cx: &Cx, world: &World, role: &Role) -> RoleOut {
    RoleOut { description: role.description.clone(), ..embedded(cx, world, role) }
}

/// In lists: without tags, boundary and last use.
pub(super) fn listed(cx: &Cx, world: &World, role: &Role) -> RoleOut {
    RoleOut {
        max_session_duration: Some(role.max_session_duration),
        max_signin_session_duration: role.max_signin_session_duration,
        ..described(cx, world, role)
    }
}

/// Everything, as GetRole shows it.
pub(super) fn full(cx: &Cx, world: &World, role: &Role) -> RoleOut {
    RoleOut {
        max_session_duration: Some(role.max_session_duration),
        max_signin_session_duration: role.max_signin_session_duration,
        role_last_used: Some(last_used(world, role)),
        description: role.description.clone(),
        ..created(cx, role, &trust::shown(cx.partition(), world, role))
    }
}

/// No tags are no element.
fn tags(role: &Role) -> Option<Vec<Tag>> {
    (!role.tags.is_empty()).then(|| role.tags.clone())
}

/// When it was used last, as far as is known.
pub fn last_used(world: &World, role: &Role) -> RoleLastUsed {
    world.get::<LastUsed>(&[&role.id]).map_or_else(RoleLastUsed::default, |used| RoleLastUsed {
        last_used_date: Some(used.at),
        region: Some(used.region.clone()),
    })
}
