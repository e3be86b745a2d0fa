//! Keys of issuers of web identity tokens, for tests whose issuer nobody can ask: `PUT /_rolecall/oidc-keys` with the issuer and its JSON web
//! key set. They are a record like any other, so a restart keeps them and a reset ends them. They stand before what an issuer would answer.

use federation::jwks::KeySet;
use iam::record::OidcKeySet;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Reply, bad, missing, not_stored};
use crate::clock;
use crate::server::Server;

/// An issuer and its keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// As tokens name it: `https://issuer.example.com`.
    issuer: String,
    /// A JSON web key set: `{"keys": […]}`.
    keys: Value,
}

/// Which issuer's keys to forget.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    issuer: String,
}

/// What issuers have keys here.
pub(super) async fn list(server: &Server) -> Reply {
    let world = server.store.snapshot(server.clock.read().now).await;
    let issuers: Vec<String> = world.scan::<OidcKeySet>(&[]).map(|held| held.issuer.clone()).collect();
    Ok(json!({"issuers": issuers}))
}

/// Registers an issuer's keys in place of those it has.
pub(super) async fn put(server: &Server, body: &[u8]) -> Reply {
    let given: Registration = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    if given.issuer.is_empty() || given.issuer.len() > 2_048 {
        return Err(bad("`issuer` has 1 to 2048 bytes"));
    }
    let keys = given.keys.to_string();
    KeySet::parse(keys.as_bytes()).map_err(|error| bad(format!("`keys` is no key set: {error}")))?;
    let record = OidcKeySet { issuer: given.issuer.clone(), keys };
    let written = server.store.write(clock::wall(), move |tx: &mut storage::Tx| {
        tx.put(record.clone());
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|_| not_stored("the keys"))?;
    Ok(json!({"issuer": given.issuer}))
}

/// Forgets an issuer's keys.
pub(super) async fn remove(server: &Server, body: &[u8]) -> Reply {
    let Removal { issuer } = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let world = server.store.snapshot(server.clock.read().now).await;
    if world.get::<OidcKeySet>(&[&issuer]).is_none() {
        return Err(missing(format!("no keys of `{issuer}` are registered")));
    }
    let gone = issuer.clone();
    let written = server.store.write(clock::wall(), move |tx: &mut storage::Tx| {
        tx.remove::<OidcKeySet>(&[&gone]);
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|_| not_stored("the keys"))?;
    Ok(json!({"issuer": issuer}))
}
