//! Credentials as STS answers them.

use service::ids::Ids;
use service::keys::InstallationKeys;
use service::prelude::*;

use crate::token::{self, Contents};

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

/// Issues credentials with the request's next id; the expiration is written in the client's clock.
pub fn issue(cx: &Cx, world: &World, contents: &Contents) -> Result<Credentials, ApiError> {
    let mut credentials = issue_with(&cx.ids, world, contents)?;
    credentials.expiration = cx.expiry_for_client(contents.expires_at);
    Ok(credentials)
}

/// Issues credentials with ids of the caller's choice; the expiration is the modelled world's.
pub fn issue_with(ids: &Ids, world: &World, contents: &Contents) -> Result<Credentials, ApiError> {
    let keys = InstallationKeys::of(world).ok_or_else(|| ApiError::internal("the installation has no keys"))?;
    let access_key_id = ids.access_key_id("ASIA", contents.account);
    let sealed =
        token::seal(&keys, &access_key_id, contents).ok_or_else(|| ApiError::internal("a token did not serialise"))?;
    Ok(Credentials {
        access_key_id,
        secret_access_key: sealed.secret,
        session_token: sealed.token,
        expiration: contents.expires_at,
    })
}
