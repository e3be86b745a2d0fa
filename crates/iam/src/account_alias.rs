//! Account aliases: an account has one at most, and no two accounts have the same.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html>

use service::paging;
use service::prelude::*;

use crate::entity::{exists, missing};
use crate::record::AccountAlias;

service::operations! { Iam;
    CreateAccountAlias => write(create) authorize(any),
    DeleteAccountAlias => write(delete) authorize(any),
    ListAccountAliases => read(list) authorize(any),
}

#[derive(Debug, Deserialize, Shaped)]
struct OneAlias {
    account_alias: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListAccountAliases {
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Serialize, Shaped)]
struct Aliases {
    account_aliases: Vec<String>,
    is_truncated: bool,
    marker: Option<String>,
}

/// The account's alias, if it has one.
pub fn of(world: &World, account: AccountId) -> Option<&str> {
    world.get::<AccountAlias>(&[account.as_str()]).map(|alias| alias.alias.as_str())
}

fn any<I>(_: &Cx, _: &World, _: &I) -> Vec<Check> {
    vec![Check::any()]
}

/// A new alias takes the place of the one before.
fn create(cx: &Cx, tx: &mut Tx, input: &OneAlias) -> Result<Done, ApiError> {
    let alias = input.account_alias.as_str();
    if alias.len() == 12 && alias.bytes().all(|byte| byte.is_ascii_digit()) {
        // IAM's guide rules out what looks like an account's id; no recording of the text is known.
        return Err(ApiError::validation("The account alias must not be a 12-digit number."));
    }
    if tx.one::<AccountAlias>(AccountAlias::BY_ALIAS, &[alias]).is_some() {
        return Err(exists(format!("The account alias {alias} already exists.")));
    }
    tx.put(AccountAlias { account: cx.account(), alias: alias.to_owned() });
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, input: &OneAlias) -> Result<Done, ApiError> {
    if of(tx, cx.account()) != Some(input.account_alias.as_str()) {
        return Err(missing(format!("The account alias with name {} cannot be found.", input.account_alias)));
    }
    tx.remove::<AccountAlias>(&[cx.account().as_str()]);
    Ok(Done {})
}

fn list(cx: &Cx, world: &World, input: &ListAccountAliases) -> Result<Aliases, ApiError> {
    let scope = format!("aliases of {}", cx.account());
    let aliases = of(world, cx.account()).map(str::to_owned);
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, aliases, Clone::clone)?;
    Ok(Aliases { is_truncated: page.is_truncated(), marker: page.next, account_aliases: page.items })
}

#[cfg(test)]
mod tests;
