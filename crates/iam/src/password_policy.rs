//! An account's password policy. There is one or none; an update replaces all of it.
//!
//! What it asks is enforced by [`crate::password`]. <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>

use std::sync::{Arc, LazyLock};

use service::check::ResourcePolicy;
use service::prelude::*;

use crate::entity::missing;
use crate::record::PasswordPolicy;

service::operations! { Iam;
    GetAccountPasswordPolicy => read(get) authorize(to_get),
    UpdateAccountPasswordPolicy => write(update) authorize(any),
    DeleteAccountPasswordPolicy => write(delete) authorize(any),
}

/// An input without members.
#[derive(Debug, Deserialize, Shaped)]
struct Nothing {}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateAccountPasswordPolicy {
    minimum_password_length: Option<i64>,
    #[serde(default)]
    require_symbols: bool,
    #[serde(default)]
    require_numbers: bool,
    #[serde(default)]
    require_uppercase_characters: bool,
    #[serde(default)]
    require_lowercase_characters: bool,
    #[serde(default)]
    allow_users_to_change_password: bool,
    max_password_age: Option<i64>,
    password_reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

#[derive(Debug, Serialize, Shaped)]
struct PolicyOut {
    password_policy: Shown,
}

#[derive(Debug, Serialize, Shaped)]
struct Shown {
    minimum_password_length: i64,
    require_symbols: bool,
    require_numbers: bool,
    require_uppercase_characters: bool,
    require_lowercase_characters: bool,
    allow_users_to_change_password: bool,
    expire_passwords: bool,
    max_password_age: Option<i64>,
    password_reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

/// The account's own policy, if it has one.
pub fn of(world: &World, account: AccountId) -> Option<&PasswordPolicy> {
    world.get::<PasswordPolicy>(&[account.as_str()]).map(|policy| &**policy)
}

/// What AllowUsersToChangePassword gives to users, without a policy that each of them would hold.
static FOR_USERS: LazyLock<Option<Arc<policy::Document>>> = LazyLock::new(|| {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Sid": "AllowUsersToChangePassword", "Effect": "Allow", "Principal": "*",
        "Action": ["iam:ChangePassword", "iam:GetAccountPasswordPolicy"], "Resource": "*"}}"#;
    policy::Document::parse(text).ok().map(Arc::new)
});

/// A check that passes for users, unless denied, if the account lets all its users change their password.
pub fn allowing_users(cx: &Cx, world: &World, check: Check) -> Check {
    let allowed = of(world, cx.account()).is_some_and(|policy| policy.users_may_change);
    match FOR_USERS.as_ref() {
        Some(document) if allowed && cx.caller.user_name().is_some() => {
            check.resource_policy(ResourcePolicy { document: document.clone(), is_trust: false })
        }
        _ => check,
    }
}

fn to_get(cx: &Cx, world: &World, _: &Nothing) -> Vec<Check> {
    vec![allowing_users(cx, world, Check::any())]
}

fn any<I>(_: &Cx, _: &World, _: &I) -> Vec<Check> {
    vec![Check::any()]
}

fn get(cx: &Cx, world: &World, _: &Nothing) -> Result<PolicyOut, ApiError> {
    let policy = of(world, cx.account())
        .ok_or_else(|| missing(format!("The Password Policy with domain name {} cannot be found.", cx.account())))?;
    Ok(PolicyOut {
        password_policy: Shown {
            minimum_password_length: policy.minimum_length,
            require_symbols: policy.require_symbols,
            require_numbers: policy.require_numbers,
            require_uppercase_characters: policy.require_uppercase,
            require_lowercase_characters: policy.require_lowercase,
            allow_users_to_change_password: policy.users_may_change,
            expire_passwords: policy.max_age.is_some(),
            max_password_age: policy.max_age,
            password_reuse_prevention: policy.reuse_prevention,
            hard_expiry: policy.hard_expiry,
        },
    })
}

/// What is not given gets its default, whatever it was before.
fn update(cx: &Cx, tx: &mut Tx, input: &UpdateAccountPasswordPolicy) -> Result<Done, ApiError> {
    tx.put(PasswordPolicy {
        account: cx.account(),
        minimum_length: input.minimum_password_length.unwrap_or(6),
        require_symbols: input.require_symbols,
        require_numbers: input.require_numbers,
        require_uppercase: input.require_uppercase_characters,
        require_lowercase: input.require_lowercase_characters,
        users_may_change: input.allow_users_to_change_password,
        max_age: input.max_password_age,
        reuse_prevention: input.password_reuse_prevention,
        hard_expiry: input.hard_expiry,
    });
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<Done, ApiError> {
    match tx.remove::<PasswordPolicy>(&[cx.account().as_str()]) {
        Some(_) => Ok(Done {}),
        // Seen on AWS: not the text with which it says that there is none to get.
        None => Err(missing("The account policy with name PasswordPolicy cannot be found.".to_owned())),
    }
}

#[cfg(test)]
mod tests;
