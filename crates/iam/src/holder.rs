//! Users, groups and roles as holders of policies: what is the same for all three is written once, over this.
//!
//! [`Holder`] is the kind an operation is about, [`Held`] the entity a request named. What the policies say is decided elsewhere.

use std::sync::Arc;

use service::prelude::*;

use crate::quota::{self, Quota};
use crate::record::{Group, HeldPolicies, Role, User};
use crate::{entity, role};

/// The three kinds of entity that hold policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    User,
    Group,
    Role,
}

/// One of them, found by its name.
#[derive(Debug)]
pub enum Held {
    User(Arc<User>),
    Group(Arc<Group>),
    Role(Arc<Role>),
}

impl Holder {
    /// `user`, as in texts.
    pub fn word(self) -> &'static str {
        match self {
            Holder::User => "user",
            Holder::Group => "group",
            Holder::Role => "role",
        }
    }

    /// `User`, as in filters.
    pub fn title(self) -> &'static str {
        match self {
            Holder::User => "User",
            Holder::Group => "Group",
            Holder::Role => "Role",
        }
    }

    /// Characters of all inline policies together, white space aside.
    pub fn inline_quota(self) -> Quota {
        match self {
            Holder::User => quota::USER_POLICY_SIZE,
            Holder::Group => quota::GROUP_POLICY_SIZE,
            Holder::Role => quota::ROLE_POLICY_SIZE,
        }
    }

    /// Managed policies one may have.
    pub fn attached_quota(self) -> Quota {
        match self {
            Holder::User => quota::POLICIES_PER_USER,
            Holder::Group => quota::POLICIES_PER_GROUP,
            Holder::Role => quota::POLICIES_PER_ROLE,
        }
    }

    /// The entity of that name; `NoSuchEntity` if there is none.
    pub fn find(self, cx: &Cx, world: &World, name: &str) -> Result<Held, ApiError> {
        Ok(match self {
            Holder::User => Held::User(entity::user(cx, world, name)?),
            Holder::Group => Held::Group(entity::group(cx, world, name)?),
            Holder::Role => Held::Role(entity::role(cx, world, name)?),
        })
    }

    /// The same for changing its policies, which AWS keeps to itself for service-linked roles.
    pub fn find_to_change(self, cx: &Cx, world: &World, name: &str) -> Result<Held, ApiError> {
        match self {
            Holder::Role => role::modifiable(cx, world, name).map(Held::Role),
            Holder::User | Holder::Group => self.find(cx, world, name),
        }
    }

    /// The check of an operation that reads the policies of the entity of that name.
    pub fn check(self, cx: &Cx, world: &World, name: &str) -> Check {
        match self {
            Holder::User => entity::check_user(cx, world, name),
            Holder::Group => entity::check_group(cx, world, name),
            Holder::Role => entity::check_role(cx, world, name),
        }
    }

    /// The check of an operation that changes them: policies may ask for the boundary the entity has (groups have none).
    pub fn check_change(self, cx: &Cx, world: &World, name: &str) -> Check {
        let held = self.find(cx, world, name).ok();
        self.check(cx, world, name).key_if(entity::BOUNDARY_KEY, held.as_ref().and_then(Held::boundary))
    }
}

impl Held {
    /// Its policies.
    pub fn policies(&self) -> &HeldPolicies {
        match self {
            Held::User(user) => &user.policies,
            Held::Group(group) => &group.policies,
            Held::Role(role) => &role.policies,
        }
    }

    /// Its permissions boundary.
    pub fn boundary(&self) -> Option<&String> {
        match self {
            Held::User(user) => user.boundary.as_ref(),
            Held::Group(_) => None,
            Held::Role(role) => role.boundary.as_ref(),
        }
    }

    /// Writes it back with changed policies.
    pub fn change(&self, tx: &mut Tx, change: impl FnOnce(&mut HeldPolicies)) {
        match self {
            Held::User(user) => {
                let mut user = User::clone(user);
                change(&mut user.policies);
                tx.put(user);
            }
            Held::Group(group) => {
                let mut group = Group::clone(group);
                change(&mut group.policies);
                tx.put(group);
            }
            Held::Role(role) => {
                let mut role = Role::clone(role);
                change(&mut role.policies);
                tx.put(role);
            }
        }
    }
}
