//! Users, groups and roles as holders of policies: what is the same for all three is written once, over this.

use service::prelude::*;

use crate::entity;
use crate::record::{Group, HeldPolicies, Role, User};

/// The three kinds of entity that hold policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    User,
    Group,
    Role,
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

    /// `User`, as in quota names: `PoliciesPerUser`.
    pub fn title(self) -> &'static str {
        match self {
            Holder::User => "User",
            Holder::Group => "Group",
            Holder::Role => "Role",
        }
    }

    /// Characters of all inline policies together, white space aside.
    pub fn inline_quota(self) -> usize {
        match self {
            Holder::User => 2_048,
            Holder::Group => 5_120,
            Holder::Role => 10_240,
        }
    }

    /// The policies of the entity of that name.
    pub fn policies(self, cx: &Cx, world: &World, name: &str) -> Result<HeldPolicies, ApiError> {
        Ok(match self {
            Holder::User => entity::user(cx, world, name)?.policies.clone(),
            Holder::Group => entity::group(cx, world, name)?.policies.clone(),
            Holder::Role => entity::role(cx, world, name)?.policies.clone(),
        })
    }

    /// Changes the policies of the entity of that name.
    pub fn change(self, cx: &Cx, tx: &mut Tx, name: &str, change: impl FnOnce(&mut HeldPolicies)) -> Result<(), ApiError> {
        let account = cx.account();
        match self {
            Holder::User => {
                let id = entity::user(cx, tx, name)?.id.clone();
                tx.update::<User>(&[account.as_str(), &id], |user| change(&mut user.policies));
            }
            Holder::Group => {
                let id = entity::group(cx, tx, name)?.id.clone();
                tx.update::<Group>(&[account.as_str(), &id], |group| change(&mut group.policies));
            }
            Holder::Role => {
                let id = entity::role(cx, tx, name)?.id.clone();
                tx.update::<Role>(&[account.as_str(), &id], |role| change(&mut role.policies));
            }
        }
        Ok(())
    }

    /// The check of an operation on the entity of that name.
    pub fn check(self, cx: &Cx, world: &World, name: &str) -> Check {
        match self {
            Holder::User => entity::check_user(cx, world, name),
            Holder::Group => entity::check_group(cx, world, name),
            Holder::Role => entity::check_role(cx, world, name),
        }
    }
}
