//! The encoded authorization message of EC2's denials: the decision as JSON, sealed, so that only this installation reads it, and only
//! for the account it was made in.
//!
//! The JSON's form is that of sts:DecodeAuthorizationMessage's documentation.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::caller::Principal;
use crate::decide::{DecidingStatement, Ruling};
use crate::keys::InstallationKeys;
use crate::{AccountId, Cx, World, seal};

#[derive(Serialize, Deserialize)]
struct Message {
    account: AccountId,
    text: String,
}

/// Binds a message to what it is.
const PURPOSE: &[u8] = b"authorization message";

/// What sts:DecodeAuthorizationMessage takes at most.
const MOST_BYTES: usize = 10_240;

/// Seals what decided; of very many or very long statements that deny, as many as can be decoded again. `None` only before the installation
/// has keys.
pub fn encode(world: &World, cx: &Cx, ruling: &Ruling) -> Option<String> {
    let keys = InstallationKeys::of(world)?;
    let mut statements = ruling.deciding.len();
    loop {
        let message = Message { account: cx.account(), text: decision(cx, ruling, statements).to_string() };
        let encoded = seal::seal_url_safe(&keys, &keys.message, PURPOSE, &message)?;
        if encoded.len() <= MOST_BYTES || statements == 0 {
            return Some(encoded);
        }
        statements /= 2;
    }
}

/// The JSON text behind an encoded message of that account; `None` for anything else.
pub fn decode(world: &World, account: AccountId, encoded: &str) -> Option<String> {
    let keys = InstallationKeys::of(world)?;
    let message: Message = seal::open_url_safe(&keys.message, PURPOSE, encoded)?;
    (message.account == account).then_some(message.text)
}

fn decision(cx: &Cx, ruling: &Ruling, most_statements: usize) -> Value {
    let matched: Vec<Value> = match ruling.explicit_deny {
        true => ruling.deciding.iter().take(most_statements).map(|deciding| statement(cx, deciding)).collect(),
        false => Vec::new(),
    };
    json!({
        "allowed": ruling.allowed(),
        "explicitDeny": ruling.explicit_deny,
        "matchedStatements": {"items": matched},
        "failures": {"items": []},
        "context": {
            "principal": principal(cx),
            "action": ruling.check.action,
            "resource": ruling.check.resource,
            "conditions": {"items": conditions(ruling)},
        },
    })
}

fn principal(cx: &Cx) -> Value {
    let mut principal = json!({"id": cx.caller.user_id(), "arn": cx.caller.arn()});
    if let (Principal::User { name, .. }, Some(fields)) = (&cx.caller.principal, principal.as_object_mut()) {
        fields.insert("name".into(), name.clone().into());
    }
    principal
}

fn conditions(ruling: &Ruling) -> Vec<Value> {
    let item = |(key, values): (&str, &policy::Values)| {
        let values: Vec<Value> = values.as_slice().iter().map(|value| json!({"value": value})).collect();
        json!({"key": key, "values": {"items": values}})
    };
    ruling.context.iter().map(item).collect()
}

fn statement(cx: &Cx, deciding: &DecidingStatement) -> Value {
    let values = |texts: &[String]| texts.iter().map(|text| json!({"value": text})).collect::<Vec<_>>();
    let statement = &deciding.statement;
    // A policy that names no principals is about who holds it.
    let principals = match statement.principals.as_slice() {
        [] => values(&[holder_id(cx)]),
        named => values(named),
    };
    let conditions: Vec<Value> = statement
        .conditions
        .iter()
        .map(|(operator, key, texts)| json!({"key": key, "operator": operator, "values": {"items": values(texts)}}))
        .collect();
    json!({
        "statementId": statement.sid.as_deref().unwrap_or_default(),
        "effect": if statement.effect == policy::Effect::Deny { "DENY" } else { "ALLOW" },
        "principals": {"items": principals},
        "principalGroups": {"items": []},
        "actions": {"items": values(&statement.actions)},
        "resources": {"items": values(&statement.resources)},
        "conditions": {"items": conditions},
    })
}

/// The unique id of the user or role whose policies were asked.
fn holder_id(cx: &Cx) -> String {
    match &cx.caller.principal {
        Principal::User { id, .. } | Principal::Role { id, .. } => id.clone(),
        Principal::Federated { user: Some(user), .. } => user.id.clone(),
        _ => cx.caller.user_id(),
    }
}
