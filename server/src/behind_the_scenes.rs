//! What on AWS happens where no client sees it, for test suites, by the admin API: a service that uses its service-linked role.

use hyper::{Method, StatusCode};
use iam::record::{LinkedRoleUse, folded};
use serde::Deserialize;
use serde_json::json;
use service::AccountId;
use storage::{Key, Record, Tx};

use crate::admin::{Refusal, Reply, bad};
use crate::server::Server;

/// A resource that a service keeps with its service-linked role.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleUse {
    /// Absent: the default account.
    account: Option<AccountId>,
    role_name: String,
    region: String,
    resource: String,
}

/// `PUT` says that a resource uses the role, so that its deletion fails; `DELETE` that it does no more.
pub async fn role_use(server: &Server, method: &Method, body: &[u8]) -> Reply {
    let given: RoleUse = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let record = LinkedRoleUse {
        account: given.account.unwrap_or(server.settings.default_account),
        role: folded(&given.role_name),
        region: given.region,
        resource: given.resource,
    };
    put_or_remove(server, method, record).await
}

async fn put_or_remove<R: Record + Clone>(server: &Server, method: &Method, record: R) -> Reply {
    let key = record.key();
    let put = match *method {
        Method::PUT => true,
        Method::DELETE => false,
        _ => return Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, "that method is not for this path".into())),
    };
    let written = server.store.write(server.clock.read().now, move |tx: &mut Tx| {
        if put {
            tx.put(record.clone());
        } else {
            remove::<R>(tx, &key);
        }
        Ok::<(), std::convert::Infallible>(())
    });
    written.await.map_err(|_| Refusal(StatusCode::INTERNAL_SERVER_ERROR, "it could not be stored".into()))?;
    Ok(json!({ "stored": put }))
}

fn remove<R: Record>(tx: &mut Tx, key: &Key) {
    tx.remove::<R>(&key.parts().collect::<Vec<_>>());
}
