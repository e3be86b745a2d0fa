//! Inline policies of users, groups and roles: one set of verbs for all three.
//!
//! A policy is kept as the text that came and given back URL-encoded. The inputs differ by kind in nothing but the name of the member that
//! names the holder, hence the macro. Start with `put`.

use service::paging;
use service::prelude::*;

use crate::document;
use crate::entity::missing;
use crate::holder::Holder;
use crate::quota;
use crate::record::HeldPolicies;

/// Declares the four operations' inputs and outputs for one kind of holder and ties them to the generic verbs.
macro_rules! inline_policies {
    ($module:ident, $holder:expr, $name:ident) => {
        /// Put, get, delete and list for this kind of holder.
        mod $module {
            use super::*;

            #[derive(Debug, Deserialize, Shaped)]
            pub struct Put {
                pub $name: String,
                pub policy_name: String,
                pub policy_document: String,
            }

            #[derive(Debug, Deserialize, Shaped)]
            pub struct One {
                pub $name: String,
                pub policy_name: String,
            }

            #[derive(Debug, Serialize, Shaped)]
            pub struct Got {
                pub $name: String,
                pub policy_name: String,
                pub policy_document: String,
            }

            #[derive(Debug, Deserialize, Shaped)]
            pub struct List {
                pub $name: String,
                pub marker: Option<String>,
                pub max_items: Option<i64>,
            }

            pub fn put(cx: &Cx, tx: &mut Tx, input: &Put) -> Result<Done, ApiError> {
                super::put(cx, tx, $holder, &input.$name, &input.policy_name, &input.policy_document)
            }

            pub fn get(cx: &Cx, world: &World, input: &One) -> Result<Got, ApiError> {
                let (policy_name, policy_document) = super::get(cx, world, $holder, &input.$name, &input.policy_name)?;
                Ok(Got { $name: input.$name.clone(), policy_name, policy_document })
            }

            pub fn delete(cx: &Cx, tx: &mut Tx, input: &One) -> Result<Done, ApiError> {
                super::delete(cx, tx, $holder, &input.$name, &input.policy_name)
            }

            pub fn list(cx: &Cx, world: &World, input: &List) -> Result<Names, ApiError> {
                super::list(cx, world, $holder, &input.$name, input.marker.as_deref(), input.max_items)
            }

            pub fn check_put(cx: &Cx, world: &World, input: &Put) -> Vec<Check> {
                vec![$holder.check_change(cx, world, &input.$name)]
            }

            pub fn check_get(cx: &Cx, world: &World, input: &One) -> Vec<Check> {
                vec![$holder.check(cx, world, &input.$name)]
            }

            pub fn check_delete(cx: &Cx, world: &World, input: &One) -> Vec<Check> {
                vec![$holder.check_change(cx, world, &input.$name)]
            }

            pub fn check_list(cx: &Cx, world: &World, input: &List) -> Vec<Check> {
                vec![$holder.check(cx, world, &input.$name)]
            }
        }
    };
}

inline_policies!(of_user, Holder::User, user_name);
inline_policies!(of_group, Holder::Group, group_name);
inline_policies!(of_role, Holder::Role, role_name);

service::operations! { Iam;
    PutUserPolicy => write(of_user::put) authorize(of_user::check_put),
    GetUserPolicy => read(of_user::get) authorize(of_user::check_get),
    DeleteUserPolicy => write(of_user::delete) authorize(of_user::check_delete),
    ListUserPolicies => read(of_user::list) authorize(of_user::check_list),
    PutGroupPolicy => write(of_group::put) authorize(of_group::check_put),
    GetGroupPolicy => read(of_group::get) authorize(of_group::check_get),
    DeleteGroupPolicy => write(of_group::delete) authorize(of_group::check_delete),
    ListGroupPolicies => read(of_group::list) authorize(of_group::check_list),
    PutRolePolicy => write(of_role::put) authorize(of_role::check_put),
    GetRolePolicy => read(of_role::get) authorize(of_role::check_get),
    DeleteRolePolicy => write(of_role::delete) authorize(of_role::check_delete),
    ListRolePolicies => read(of_role::list) authorize(of_role::check_list),
}

/// Names of inline policies.
#[derive(Debug, Serialize, Shaped)]
pub struct Names {
    policy_names: Vec<String>,
    is_truncated: bool,
    marker: Option<String>,
}

/// The holder's policy of that name, whatever its case: a name keeps the letters with which it came first (as AWS was seen to do in September 2026).
fn held_as<'h>(held: &'h HeldPolicies, name: &str) -> Option<&'h String> {
    // States of before may hold names that differ in their case alone.
    let exact = held.inline.get_key_value(name).map(|(held, _)| held);
    exact.or_else(|| held.inline.keys().find(|held| held.eq_ignore_ascii_case(name)))
}

/// All inline policies together must stay below a size; white space is free.
fn put(cx: &Cx, tx: &mut Tx, holder: Holder, name: &str, policy_name: &str, text: &str) -> Result<Done, ApiError> {
    let held = holder.find_to_change(cx, tx, name)?;
    let document = document::identity(cx, text)?;
    let replaced = held_as(held.policies(), policy_name);
    let others = held.policies().inline.iter().filter(|(other, _)| Some(*other) != replaced);
    let size: usize = others.map(|(_, other)| policy::without_whitespace_len(other.text())).sum();
    let size = size + policy::without_whitespace_len(text);
    if let Some(most) = holder.inline_quota().enforced(cx).filter(|most| size > *most) {
        let text = format!("Maximum policy size of {most} bytes exceeded for {} {name}", holder.word());
        return Err(quota::exceeded(&text));
    }
    held.change(tx, |policies| {
        let first = held_as(policies, policy_name).cloned();
        policies.inline.insert(first.unwrap_or_else(|| policy_name.to_owned()), document);
    });
    Ok(Done {})
}

fn get(cx: &Cx, world: &World, holder: Holder, name: &str, policy_name: &str) -> Result<(String, String), ApiError> {
    let held = holder.find(cx, world, name)?;
    let policies = held.policies();
    let text = held_as(policies, policy_name).and_then(|name| policies.inline.get(name));
    let text = text.ok_or_else(|| no_such(holder, policy_name))?;
    Ok((policy_name.to_owned(), document::encoded(text.text())))
}

fn delete(cx: &Cx, tx: &mut Tx, holder: Holder, name: &str, policy_name: &str) -> Result<Done, ApiError> {
    let held = holder.find_to_change(cx, tx, name)?;
    let name = held_as(held.policies(), policy_name).cloned().ok_or_else(|| no_such(holder, policy_name))?;
    held.change(tx, |policies| _ = policies.inline.remove(&name));
    Ok(Done {})
}

fn no_such(holder: Holder, policy_name: &str) -> ApiError {
    missing(format!("The {} policy with name {policy_name} cannot be found.", holder.word()))
}

fn list(
    cx: &Cx,
    world: &World,
    holder: Holder,
    name: &str,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> Result<Names, ApiError> {
    let held = holder.find(cx, world, name)?;
    let scope = format!("inline policies of {} {} {name}", holder.word(), cx.account());
    let page = paging::iam(&scope, marker, max_items, held.policies().inline.keys().cloned(), Clone::clone)?;
    Ok(Names { is_truncated: page.is_truncated(), marker: page.next, policy_names: page.items })
}

#[cfg(test)]
mod tests;
