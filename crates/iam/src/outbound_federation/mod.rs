//! Outbound web identity federation: whether an account's identities may have tokens made that other parties verify, and who issues them.
//!
//! Each account has an issuer of its own, whose URL is one of this server's, so that tokens are verified without any network beyond it. Its
//! documents are in [`publish`], its keys in [`keys`]; the tokens themselves are STS's. The texts were seen on AWS.

use std::any::Any;
use std::sync::Arc;

use service::operation::Preparation;
use service::prelude::*;

use crate::record::{SigningKeys, TokenIssuer};

pub mod keys;
pub mod publish;

#[cfg(test)]
mod tests;

service::operations! { Iam;
    EnableOutboundWebIdentityFederation => write(enable) authorize(any) prepare(draw_keys),
    DisableOutboundWebIdentityFederation => write(disable) authorize(any),
    GetOutboundWebIdentityFederationInfo => read(info) authorize(any),
}

/// None of these operations takes anything.
#[derive(Debug, Deserialize, Shaped)]
pub struct Nothing {}

/// EnableOutboundWebIdentityFederation's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct Enabled {
    issuer_identifier: String,
}

/// GetOutboundWebIdentityFederationInfo's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct Info {
    issuer_identifier: String,
    jwt_vending_enabled: bool,
}

fn any(_: &Cx, _: &World, _: &Nothing) -> Vec<Check> {
    vec![Check::any()]
}

/// The account's issuer, if the feature was ever enabled.
pub fn issuer(world: &World, account: AccountId) -> Option<Arc<TokenIssuer>> {
    world.get::<TokenIssuer>(&[account.as_str()]).cloned()
}

/// The account's issuer while tokens are to be had from it.
pub fn active_issuer(world: &World, account: AccountId) -> Option<Arc<TokenIssuer>> {
    issuer(world, account).filter(|issuer| issuer.enabled)
}

/// An account that was never enabled needs keys.
fn draw_keys(cx: &Cx, world: &World, _: &Nothing) -> Option<Preparation> {
    if issuer(world, cx.account()).is_some() {
        return None;
    }
    Some(Box::new(|random| Arc::new(keys::draw(random)) as Arc<dyn Any + Send + Sync>))
}

fn enable(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<Enabled, ApiError> {
    let issuer = match issuer(tx, cx.account()) {
        Some(held) if held.enabled => {
            let text = format!("Outbound identity federation is already enabled for account {}", cx.account());
            return Err(ApiError::new("FeatureEnabled", text));
        }
        Some(held) => TokenIssuer { enabled: true, ..TokenIssuer::clone(&held) },
        None => first(cx)?,
    };
    let issuer_identifier = publish::url(&cx.settings.issuer_base, &issuer);
    tx.put(issuer);
    Ok(Enabled { issuer_identifier })
}

fn first(cx: &Cx) -> Result<TokenIssuer, ApiError> {
    let drawn = cx.prepared::<Option<SigningKeys>>().and_then(Option::as_ref);
    let keys = drawn.ok_or_else(|| ApiError::internal("no signing keys were drawn"))?;
    Ok(TokenIssuer { account: cx.account(), issuer_id: cx.ids.uuid(), enabled: true, keys: keys.clone() })
}

fn disable(cx: &Cx, tx: &mut Tx, _: &Nothing) -> Result<Done, ApiError> {
    let held = active_issuer(tx, cx.account()).ok_or_else(|| disabled(cx, "already disabled"))?;
    tx.put(TokenIssuer { enabled: false, ..TokenIssuer::clone(&held) });
    Ok(Done {})
}

fn info(cx: &Cx, world: &World, _: &Nothing) -> Result<Info, ApiError> {
    let held = active_issuer(world, cx.account()).ok_or_else(|| disabled(cx, "disabled"))?;
    Ok(Info { issuer_identifier: publish::url(&cx.settings.issuer_base, &held), jwt_vending_enabled: true })
}

fn disabled(cx: &Cx, how: &str) -> ApiError {
    let text = format!("Outbound identity federation is {how} for account {}", cx.account());
    ApiError::new("FeatureDisabled", text)
}
