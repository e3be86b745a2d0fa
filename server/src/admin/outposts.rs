//! Outposts, which are hardware that AWS brings: `PUT /_rolecall/outposts` tells of one, and its local gateway, LAGs and service link virtual interfaces are
//! there for EC2 to describe; `DELETE` takes it away again.

use ec2::family::local_gateway::outpost::{self, Outpost, Refused};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::json;
use service::ids::Ids;
use storage::{Tx, WriteError};

use super::{Refusal, Reply, bad, missing, not_stored};
use crate::server::Server;

/// Which Outpost to take away.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Removal {
    outpost_arn: String,
}

/// Tells of an Outpost; the answer tells the ids.
pub(super) async fn put(server: &Server, body: &[u8]) -> Reply {
    let told: Outpost = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let (now, seed) = (server.clock.read().now, server.random_32());
    let written = server.store.write(now, move |tx: &mut Tx| outpost::install(tx, &told, &Ids::new(seed), now));
    written.await.map_err(refusal)
}

/// Takes an Outpost away that nothing uses.
pub(super) async fn remove(server: &Server, body: &[u8]) -> Reply {
    let Removal { outpost_arn } = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let now = server.clock.read().now;
    server.store.write(now, move |tx: &mut Tx| outpost::remove(tx, &outpost_arn)).await.map_err(refusal)?;
    Ok(json!({"deleted": true}))
}

fn refusal(error: WriteError<Refused>) -> Refusal {
    match error {
        WriteError::Refused(Refused::Bad(text)) => bad(text),
        WriteError::Refused(Refused::Conflict(text)) => Refusal(StatusCode::CONFLICT, text),
        WriteError::Refused(Refused::Missing(text)) => missing(text),
        WriteError::Failed(_) | WriteError::Panicked => not_stored("it"),
    }
}
