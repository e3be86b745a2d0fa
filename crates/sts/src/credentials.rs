//! Credentials as STS answers them.

use std::sync::Arc;

use iam::record::AccountSettings;
use service::ids::Ids;
use service::keys::InstallationKeys;
use service::prelude::*;

use crate::token::{self, Contents, Reach};

/// The `Credentials` structure. Its secret and token never show in logs.
#[derive(Clone, Serialize, Shaped)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expiration: Timestamp,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Bytes of a session token that STS issues at most, and that a caller may ask for.
const MOST_TOKEN_BYTES: usize = 4_096;

impl Credentials {
    /// SessionTokenSize, in bytes.
    pub fn token_size(&self) -> i64 {
        i64::try_from(self.session_token.len()).unwrap_or(i64::MAX)
    }

    /// SessionTokenUtilization: the percentage of the largest token, rounded up.
    pub fn token_utilization(&self) -> i64 {
        i64::try_from((self.session_token.len() * 100).div_ceil(MOST_TOKEN_BYTES))
            .map_or(100, |percent| percent.min(100))
    }
}

/// Issues credentials with the request's next id; the expiration is written in the client's clock. The token has at least `minimum_size`
/// bytes, with padding if need be.
pub fn issue(
    cx: &Cx,
    world: &World,
    mut contents: Contents,
    minimum_size: Option<i64>,
) -> Result<Credentials, ApiError> {
    let keys = installation_keys(world)?;
    let access_key_id = cx.ids.access_key_id("ASIA", contents.account);
    let minimum = minimum_size.and_then(|size| usize::try_from(size).ok()).unwrap_or_default().min(MOST_TOKEN_BYTES);
    let expires_at = cx.expiry_for_client(contents.expires_at);
    let reach = reach(cx, world, contents.account);
    loop {
        let credentials = sealed(&keys, &access_key_id, &contents, expires_at, reach)?;
        if contents.padding.is_empty() {
            must_fit(&credentials)?;
        }
        let missing = minimum.saturating_sub(credentials.session_token.len());
        if missing == 0 {
            return Ok(credentials);
        }
        // A random letter makes one of token where the text is deflated, four thirds where it is not: seven tenths do not overshoot.
        let wanted = contents.padding.len() + (missing * 7 / 10).max(1);
        while contents.padding.len() < wanted {
            contents.padding.push_str(&cx.ids.secret());
        }
        contents.padding.truncate(wanted);
    }
}

/// What makes a token long is limited each by itself, but policies that narrow a session one after the other and the word of its provider add up. That the
/// refusal tells both sizes is documented; the words are ours.
fn must_fit(credentials: &Credentials) -> Result<(), ApiError> {
    match credentials.session_token.len() {
        0..=MOST_TOKEN_BYTES => Ok(()),
        size => {
            let text = format!(
                "The session token of {size} bytes exceeds the maximum allowed size of {MOST_TOKEN_BYTES} bytes."
            );
            Err(ApiError::new("PackedPolicyTooLarge", text))
        }
    }
}

/// Issues credentials with ids of the caller's choice; the expiration is the modelled world's.
pub fn issue_with(ids: &Ids, world: &World, contents: &Contents) -> Result<Credentials, ApiError> {
    let keys = installation_keys(world)?;
    let access_key_id = ids.access_key_id("ASIA", contents.account);
    sealed(&keys, &access_key_id, contents, contents.expires_at, Reach::EveryRegion)
}

/// How far a new token of that account reaches: its version is what the account says where the session will act.
fn reach(cx: &Cx, world: &World, account: AccountId) -> Reach {
    match AccountSettings::of(world, account).global_endpoint_token_version {
        1 if cx.from.global_endpoint => Reach::DefaultRegions,
        _ => Reach::EveryRegion,
    }
}

fn installation_keys(world: &World) -> Result<Arc<InstallationKeys>, ApiError> {
    InstallationKeys::of(world).ok_or_else(|| ApiError::internal("the installation has no keys"))
}

fn sealed(
    keys: &InstallationKeys,
    access_key_id: &str,
    contents: &Contents,
    expiration: Timestamp,
    reach: Reach,
) -> Result<Credentials, ApiError> {
    let sealed = token::seal(keys, access_key_id, contents, reach)
        .ok_or_else(|| ApiError::internal("a token did not serialise"))?;
    Ok(Credentials {
        access_key_id: access_key_id.to_owned(),
        secret_access_key: sealed.secret,
        session_token: sealed.token,
        expiration,
    })
}
