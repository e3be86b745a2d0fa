//! The exchange token: it names a finalized request and is sealed for the account that made it, so nothing of it is stored.

use service::keys::InstallationKeys;
use service::seal;

use super::*;

/// Binds the seal to its purpose: session tokens are sealed with the same key.
const PURPOSE: &[u8] = b"trade-in token";

/// What a token holds.
#[derive(Serialize, Deserialize)]
struct Contents {
    request: String,
    sent_at: Timestamp,
}

/// The token of a request, once it was released; `None` before that.
pub fn token(world: &World, request: &DelegationRequest) -> Option<String> {
    let keys = InstallationKeys::of(world)?;
    let contents = Contents { request: request.id.clone(), sent_at: request.entered_at };
    let released = request.state == DelegationState::Finalized;
    released.then(|| seal::seal(&keys, &keys.token, PURPOSE, &contents)).flatten()
}

/// The request that a token was released for.
pub fn open(world: &World, token: &str) -> Option<Arc<DelegationRequest>> {
    let keys = InstallationKeys::of(world)?;
    let contents: Contents = seal::open(&keys.token, PURPOSE, token)?;
    let request = world.get::<DelegationRequest>(&[&contents.request])?;
    let is_its = request.state == DelegationState::Finalized && request.entered_at == contents.sent_at;
    is_its.then(|| request.clone())
}

/// When the delegated session ends, and the token with it.
pub fn ends_at(request: &DelegationRequest) -> Timestamp {
    after(request.entered_at, SignedDuration::from_secs(request.session_duration))
}
