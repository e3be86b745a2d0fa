//! The encoded authorization message of EC2's denials: the decision as JSON, sealed, so that only this installation reads it, and only
//! for the account it was made in.
//!
//! The JSON's form is that of sts:DecodeAuthorizationMessage's documentation, with the members and keys that AWS's messages of 2025 have.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::arn::Arn;
use crate::caller::Principal;
use crate::decide::{DecidingStatement, Ruling};
use crate::keys::InstallationKeys;
use crate::{AccountId, Cx, World, conditions, seal};

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
            "action": action(ruling),
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

/// EC2 names its own actions without itself before them, as in CloudTrail.
fn action(ruling: &Ruling) -> &str {
    let action = ruling.check.action.as_str();
    action.strip_prefix("ec2:").unwrap_or(action)
}

/// The keys of the resource and of what is asked for it. Of the caller, its session and its connection AWS's messages tell nothing here, and of
/// the resource they say once more what its ARN says.
fn conditions(ruling: &Ruling) -> Vec<Value> {
    let of_check = ruling.context.iter().filter(|(key, _)| is_of_resource(key));
    let mut conditions: Vec<Value> =
        of_check.map(|(key, values)| condition(key, values.as_slice().iter().map(AsRef::as_ref))).collect();
    if let Some(arn) = Arn::parse(&ruling.check.resource) {
        let kind = arn.typed_resource().map_or(arn.resource, |(kind, _)| kind);
        let told = [
            ("aws:Resource", arn.resource),
            ("aws:Account", arn.account),
            ("aws:Region", arn.region),
            ("aws:Service", arn.service),
            ("aws:Type", kind),
            ("aws:ARN", &ruling.check.resource),
        ];
        let told = told.into_iter().filter(|(_, value)| !value.is_empty());
        conditions.extend(told.map(|(key, value)| condition(key, [value])));
    }
    conditions
}

fn condition<'a>(key: &str, values: impl IntoIterator<Item = &'a str>) -> Value {
    json!({"key": key, "values": items(values)})
}

fn items<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    let values: Vec<Value> = texts.into_iter().map(|text| json!({"value": text})).collect();
    json!({"items": values})
}

fn is_of_resource(key: &str) -> bool {
    const OF_SESSIONS: [&str; 2] = ["ec2:SourceInstanceArn", "ec2:RoleDelivery"];
    let of_service = key.starts_with("ec2:") || key.starts_with("iam:");
    (of_service && !OF_SESSIONS.contains(&key)) || conditions::is_of_resource(key)
}

fn statement(cx: &Cx, deciding: &DecidingStatement) -> Value {
    let all = |texts: &[String]| items(texts.iter().map(String::as_str));
    let statement = &deciding.statement;
    // A policy that names no principals is about who holds it.
    let principals = match statement.principals.as_slice() {
        [] => items([holder_id(cx).as_str()]),
        named => all(named),
    };
    let conditions: Vec<Value> =
        statement.conditions.iter().map(|(_, key, texts)| condition(key, texts.iter().map(String::as_str))).collect();
    json!({
        "statementId": statement.sid.as_deref().unwrap_or_default(),
        "effect": if statement.effect == policy::Effect::Deny { "DENY" } else { "ALLOW" },
        "principals": principals,
        "principalGroups": {"items": []},
        "actions": all(&statement.actions),
        "resources": all(&statement.resources),
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
