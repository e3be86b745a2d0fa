//! What an issuer publishes: its discovery document and its key set, in the form AWS's issuers give them. They need no credentials and stay when the
//! feature is disabled.

use serde_json::{Value, json};
use service::World;

use super::keys;
use crate::record::TokenIssuer;

/// The path of all issuers on this server.
pub const PATH: &str = "/_rolecall/oidc/";

/// The issuer's identifier: a URL under which its documents are.
pub fn url(base: &str, issuer: &TokenIssuer) -> String {
    format!("{base}{PATH}{}", issuer.issuer_id)
}

/// The document at that path below an issuer's URL.
pub fn document(world: &World, base: &str, issuer_id: &str, path: &str) -> Option<Value> {
    let issuer = world.one::<TokenIssuer>(TokenIssuer::BY_ISSUER, &[issuer_id])?;
    match path {
        ".well-known/openid-configuration" => Some(discovery(&url(base, issuer))),
        ".well-known/jwks.json" => keys::key_set(&issuer.keys),
        _ => None,
    }
}

fn discovery(issuer: &str) -> Value {
    json!({
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
    })
}
