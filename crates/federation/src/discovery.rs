//! Where an OpenID Connect provider's keys are: the discovery document at a place its issuer's URL tells.
//! See <https://openid.net/specs/openid-connect-discovery-1_0.html>.

use serde::Deserialize;

/// Where the discovery document of an issuer is.
pub fn url_of(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

/// Where the keys are, by a discovery document that is `issuer`'s own. A document that names another issuer is refused: it is somebody else's.
pub fn keys_of(issuer: &str, document: &[u8]) -> Option<String> {
    let document: Document = serde_json::from_slice(document).ok()?;
    (document.issuer == issuer).then_some(document.jwks_uri)
}
