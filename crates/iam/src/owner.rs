//! Whose a credential is: a user's, or the account's root user's own.
//!
//! Operations on credentials that do not name a user act on the caller. This says who that is, for access keys and whatever else root can
//! have; the checks that go before are in [`crate::user`].

use std::sync::Arc;

use service::caller::SessionKind;
use service::prelude::*;

use crate::record::User;
use crate::{entity, user};

/// The user an operation names, or the caller.
pub(crate) enum Owner {
    User(Arc<User>),
    Root,
}

impl Owner {
    /// Root when root names nobody, else the user named, else the caller.
    pub fn of(cx: &Cx, world: &World, name: Option<&str>) -> Result<Owner, ApiError> {
        match (name, cx.caller.is_root()) {
            (None, true) => Ok(Owner::Root),
            (name, _) => Ok(Owner::User(entity::user(cx, world, user::named(cx, name)?)?)),
        }
    }

    /// The user's id; `None` for root.
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Owner::User(user) => Some(&user.id),
            Owner::Root => None,
        }
    }

    /// The user's id; empty for root, as indexes have it.
    pub fn id(&self) -> &str {
        self.user_id().unwrap_or_default()
    }

    /// The user's name; root has none.
    pub fn name(&self) -> Option<String> {
        match self {
            Owner::User(user) => Some(user.name.clone()),
            Owner::Root => None,
        }
    }
}

/// Whether the caller is a root session that another account's management opened (AssumeRoot), not the root user itself.
pub(crate) fn is_assumed_root(caller: &Caller) -> bool {
    let session = caller.session.as_ref();
    caller.is_root() && session.is_some_and(|session| session.kind != SessionKind::SessionToken)
}

/// Inputs with a `user_name` that may be left out.
macro_rules! name_users {
    ($($input:ty),* $(,)?) => { $(
        impl $crate::user::NamesUser for $input {
            fn user_name(&self) -> Option<&str> {
                self.user_name.as_deref()
            }
        }
    )* };
}

pub(crate) use name_users;
