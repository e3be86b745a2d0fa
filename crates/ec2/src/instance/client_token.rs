//! Client tokens: the same token with the same parameters gives the first result again, and creates nothing.
//!
//! One mechanism for every EC2 operation: [`seen`] before the work, [`remember`] after it. What a result is (ids), and how it is answered again,
//! is the operation's business; for the usual one resource there is [`again`]. <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::ids::Ids;
use service::prelude::*;

use crate::refused::invalid;
use crate::resource::{self, Resource};

/// How long a token is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// A token that was used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClientToken {
    pub account: AccountId,
    pub region: String,
    /// The operation, with the zone where tokens count per zone: `RunInstances us-east-1a`.
    pub scope: String,
    pub token: String,
    /// A digest of the parameters.
    pub parameters: String,
    /// Ids of what was made.
    pub made: Vec<String>,
    pub gone_at: Timestamp,
}

impl Record for ClientToken {
    const TABLE: TableDef = TableDef::own("ec2_client_token", &["account", "region", "scope", "token"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.scope, &self.token])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.gone_at)
    }
}

/// A digest of an operation's parameters, by their debug text; leave out the token itself and what may differ.
pub fn digest(parameters: &impl std::fmt::Debug) -> String {
    let text = format!("{parameters:?}");
    Ids::derived(&[b"client token", text.as_bytes()]).bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What this token made before: `None` for a new one, IdempotentParameterMismatch when the parameters differ.
pub fn seen(
    cx: &Cx,
    world: &World,
    scope: &str,
    token: Option<&str>,
    digest: &str,
) -> Result<Option<Vec<String>>, ApiError> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    let Some(used) = world.get::<ClientToken>(&[cx.account().as_str(), cx.region_name(), scope, token]) else {
        return Ok(None);
    };
    if used.parameters != digest {
        return Err(ApiError::new("IdempotentParameterMismatch", mismatch(scope, token)));
    }
    Ok(Some(used.made.clone()))
}

/// That the parameters differ, as each operation was seen to say it (September 2026); RunInstances' sentence for all others.
fn mismatch(scope: &str, token: &str) -> String {
    match scope {
        "CreateNetworkAcl" | "CreateRouteTable" => format!("Wrong arguments for request with token {token}"),
        "CreateLaunchTemplate" => "Client token already used before.".to_owned(),
        "CreateLaunchTemplateVersion" => "Client token already used before".to_owned(),
        "ModifyLaunchTemplate" => "The specified client token has already been used before.".to_owned(),
        "CreateNetworkInterface" => format!("Wrong arguments for token: {token}"),
        _ => "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
            .to_owned(),
    }
}

/// A token as CreateRouteTable and CreateNetworkAcl were seen to read it, September 2026: without the blanks around it, which count for its length; one
/// of blanks alone is none, an empty one is refused, and so is one that is not ASCII.
pub fn trimmed(token: Option<&str>) -> Result<Option<&str>, ApiError> {
    let Some(given) = token else { return Ok(None) };
    let token = given.trim();
    if token.is_empty() && !given.is_empty() {
        return Ok(None);
    }
    if token.is_empty() || !token.is_ascii() {
        return Err(invalid(format!("Value ({given}) for parameter clientToken is invalid")));
    }
    Ok(Some(token))
}

/// The one resource that this token made before, as it is now: `None` for a new token.
///
/// Errors: that of [`seen`], and the kind's NotFound when the resource is gone. A token never makes anything anew: "the retry succeeds without
/// performing any further actions", says the page above, and RunInstances refuses the token of an instance that was terminated.
pub fn again<R: Resource>(
    cx: &Cx,
    world: &World,
    scope: &str,
    token: Option<&str>,
    digest: &str,
) -> Result<Option<Arc<R>>, ApiError> {
    let made = seen(cx, world, scope, token, digest)?;
    let first = made.as_deref().and_then(<[String]>::first);
    first.map(|id| resource::get::<R>(world, cx, id).map_err(|gone| deleted(scope).unwrap_or(gone))).transpose()
}

/// What CreateRouteTable was seen to say in September 2026 of a table that is gone, the client's sentence within the server's.
fn deleted(scope: &str) -> Option<ApiError> {
    let message = "An error occurred (IdempotentParameterMismatch) when calling this operation: The client token and arguments used in this request were used in a prior request that was associated with a resource which is now deleted.";
    (scope == "CreateRouteTable").then(|| ApiError::new("IdempotentParameterMismatch", message))
}

/// Whether this token did this before; from now on it did, unless what follows is refused. For operations that make nothing.
pub fn is_done(cx: &Cx, tx: &mut Tx, scope: &str, token: Option<&str>, digest: String) -> Result<bool, ApiError> {
    let again = seen(cx, tx, scope, token, &digest)?.is_some();
    if !again {
        remember(cx, tx, scope, token, digest, Vec::new());
    }
    Ok(again)
}

/// Remembers what a token made. Nothing without a token.
pub fn remember(cx: &Cx, tx: &mut Tx, scope: &str, token: Option<&str>, digest: String, made: Vec<String>) {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return };
    tx.put(ClientToken {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        scope: scope.to_owned(),
        token: token.to_owned(),
        parameters: digest,
        made,
        gone_at: cx.now.saturating_add(REMEMBERED).unwrap_or(cx.now),
    });
}
