//! What accounts share with others, which AWS keeps in Resource Access Manager: `PUT /_rolecall/resource-shares` with the ARNs of resources of one
//! account and who may use them. A share is a record like any other, and another of its name takes its place.

use ec2::share::ResourceShare;
use serde::Deserialize;
use serde_json::{Value, json};
use service::AccountId;
use storage::WriteError;

use super::{Reply, bad, missing, not_stored};
use crate::clock;
use crate::server::Server;

/// A share.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Share {
    /// Absent: the default account.
    account: Option<AccountId>,
    name: String,
    resource_arns: Vec<String>,
    /// Account ids, and ARNs of an organisation or its units.
    principals: Vec<String>,
}

/// Which share to end.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Removal {
    account: Option<AccountId>,
    name: String,
}

/// All shares.
pub(super) async fn list(server: &Server) -> Reply {
    let world = server.store.snapshot(server.clock.read().now).await;
    let shares: Vec<Value> = world.scan::<ResourceShare>(&[]).map(|share| show(share)).collect();
    Ok(json!({"resourceShares": shares}))
}

fn show(share: &ResourceShare) -> Value {
    json!({
        "account": share.account,
        "name": share.name,
        "resourceArns": share.resources,
        "principals": share.principals,
    })
}

/// Shares resources; what a share of that name held before is shared by it no more.
pub(super) async fn put(server: &Server, body: &[u8]) -> Reply {
    let given: Share = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let account = given.account.unwrap_or(server.settings.default_account);
    let share = ResourceShare::new(account, given.name, given.resource_arns, given.principals).map_err(bad)?;
    let shown = show(&share);
    let written = server.store.write(clock::wall(), move |tx: &mut storage::Tx| {
        tx.put(share.clone());
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|_| not_stored("the share"))?;
    Ok(shown)
}

/// Ends a share. What was made by means of it stays.
pub(super) async fn remove(server: &Server, body: &[u8]) -> Reply {
    let Removal { account, name } = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let account = account.unwrap_or(server.settings.default_account);
    let gone = name.clone();
    let written = server.store.write(clock::wall(), move |tx: &mut storage::Tx| {
        let key = [account.as_str(), gone.as_str()];
        if tx.get::<ResourceShare>(&key).is_none() {
            return Err(missing(format!("the account {account} has no share `{gone}`")));
        }
        tx.remove::<ResourceShare>(&key);
        Ok(())
    });
    written.await.map_err(|error| match error {
        WriteError::Refused(refusal) => refusal,
        WriteError::Failed(_) | WriteError::Panicked => not_stored("the share"),
    })?;
    Ok(json!({"account": account, "name": name}))
}
