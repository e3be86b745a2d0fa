//! What is told of a decision, as JSON: who asked for what, every check in its order, and for each check every policy that was asked, with each
//! statement and the elements of it that did not match. The file, the admin API and the commands all have it from here.

use policy::{Effect, Layer, Mismatch, StatementTrace};
use serde_json::{Map, Value, json};
use service::check::Why;
use service::decide::{self, CallerPolicies, DecidingStatement, HeldKind, PolicyTrace, Ruling};
use service::{Caller, Check};

use super::{Decided, Decision, details};
use crate::clock;

/// The whole decision.
pub fn json(decision: &Decision) -> Value {
    let error = decision.error.as_ref();
    let decided = decision.decided.as_deref();
    json!({
        "number": decision.number,
        "requestId": &*decision.request_id,
        "time": clock::seconds(decision.at),
        "service": decision.service.as_str(),
        "operation": decision.operation,
        "principal": decision.principal(),
        "identity": decision.identity(),
        "account": decision.account(),
        "region": decision.region,
        "mode": decision.mode.as_str(),
        "verdict": decision.verdict().word(),
        "dryRun": decision.dry_run,
        "micros": decision.micros,
        "error": error.map(|error| json!({"code": error.code, "message": error.message, "cause": error.cause})),
        "open": decided.and_then(|decided| decided.open),
        "checks": decision.rulings().map(|one| ruling(decision.caller.as_deref(), decided, &one)).collect::<Vec<_>>(),
        "details": details::json(decision),
        "unreached": decided.map_or(&[][..], |decided| &decided.unreached).iter().map(unreached).collect::<Vec<_>>(),
    })
}

fn unreached(check: &Check) -> Value {
    json!({"action": check.action, "resource": check.resource})
}

fn ruling(caller: Option<&Caller>, decided: Option<&Decided>, ruling: &Ruling) -> Value {
    let check = &ruling.check;
    let held = decided.map(|decided| &*decided.held);
    let traces = match (caller, held) {
        (Some(caller), Some(held)) => decide::trace(caller, check, held, &ruling.context),
        _ => Vec::new(),
    };
    let layer = match &ruling.reason {
        policy::Reason::Allowed { by } => *by,
        policy::Reason::ExplicitDeny { layer, .. } | policy::Reason::ImplicitDeny { layer } => Some(*layer),
    };
    let context = ruling.context.iter().map(|(key, values)| {
        (key.to_owned(), values.as_slice().iter().map(ToString::to_string).collect::<Vec<_>>().into())
    });
    json!({
        "action": check.action,
        "resource": check.resource,
        "why": why(check),
        "allowed": ruling.allowed(),
        "explicitDeny": ruling.explicit_deny,
        "reason": ruling.reason.clause(&check.action),
        "layer": layer.map(Layer::name),
        "deciding": ruling.deciding.iter().map(|one| deciding(one, &traces)).collect::<Vec<_>>(),
        "policies": policies(&traces, held, &|layer, level| level_name(caller, check, held, layer, level)),
        "silentLevel": silent_level(&ruling.reason, &traces, &|layer, level| level_name(caller, check, held, layer, level)),
        "context": context.collect::<Map<String, Value>>(),
    })
}

fn why(check: &Check) -> &'static str {
    match check.why {
        Why::Primary => "operation",
        Why::TagOnCreate => "tags",
        Why::Dependent => "dependent",
    }
}

fn deciding(deciding: &DecidingStatement, traces: &[PolicyTrace]) -> Value {
    let statement = &deciding.statement;
    let asked = traces.iter().find(|trace| trace.layer == deciding.layer && trace.policy == deciding.policy);
    let place = asked.and_then(|trace| trace.statements.iter().find(|trace| trace.index == statement.index));
    json!({
        "layer": deciding.layer.name(),
        "policy": deciding.policy,
        "effect": effect(statement.effect),
        "statement": statement.index,
        "sid": statement.sid,
        "line": place.map(|place| place.start.line),
    })
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}

/// What an organisation has at a level above the account whose policies of that kind are asked: the caller's, or the resource's.
fn level_name(
    caller: Option<&Caller>,
    check: &Check,
    held: Option<&CallerPolicies>,
    layer: Layer,
    level: usize,
) -> Option<String> {
    let own = caller?.account;
    let account = if layer == Layer::ResourceControl { check.owner.unwrap_or(own) } else { own };
    held?.organization.as_ref()?.level_name(account, level)
}

type LevelName<'a> = &'a dyn Fn(Layer, usize) -> Option<String>;

/// The first level of the organisation at which nothing allows, if that is why it is denied.
fn silent_level(reason: &policy::Reason, traces: &[PolicyTrace], name: LevelName<'_>) -> Option<String> {
    let policy::Reason::ImplicitDeny { layer } = reason else { return None };
    if !matches!(layer, Layer::ServiceControl | Layer::ResourceControl) {
        return None;
    }
    let allows = |trace: &PolicyTrace| trace.statements.iter().any(|one| one.effect == Effect::Allow && one.matched());
    let allowed =
        |level| traces.iter().any(|trace| trace.layer == *layer && trace.level == Some(level) && allows(trace));
    (0..)
        .map_while(|level| Some((level, name(*layer, level)?)))
        .find(|(level, _)| !allowed(*level))
        .map(|(_, name)| name)
}

/// Identity policies come in the order in which the caller holds them, which says how it came to each; an organisation's say where they are attached.
fn policies(traces: &[PolicyTrace], held: Option<&CallerPolicies>, name: LevelName<'_>) -> Vec<Value> {
    let mut kinds = held.into_iter().flat_map(|held| &held.identity).map(|policy| held_by(policy.kind));
    let told = traces.iter().map(|trace| {
        let held_by = match (trace.layer, trace.level) {
            (Layer::Identity, _) => kinds.next().map(str::to_owned),
            (layer, Some(level)) => name(layer, level).map(|name| format!("attached to {name}")),
            _ => None,
        };
        json!({
            "layer": trace.layer.name(),
            "policy": trace.policy,
            "heldBy": held_by,
            "statements": trace.statements.iter().map(statement).collect::<Vec<_>>(),
        })
    });
    told.collect()
}

fn held_by(kind: HeldKind) -> &'static str {
    match kind {
        HeldKind::InlineUser => "inline policy of the user",
        HeldKind::InlineGroup => "inline policy of a group",
        HeldKind::InlineRole => "inline policy of the role",
        HeldKind::Managed => "managed policy, attached",
        HeldKind::GroupManaged => "managed policy, attached to a group",
        HeldKind::Boundary => "permissions boundary",
        HeldKind::Session => "session policy",
        HeldKind::Organization => "policy of the organization",
    }
}

fn statement(trace: &StatementTrace) -> Value {
    json!({
        "statement": trace.index,
        "sid": trace.sid,
        "effect": effect(trace.effect),
        "line": trace.start.line,
        "matched": trace.matched(),
        "mismatches": trace.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
    })
}

fn mismatch(mismatch: &Mismatch) -> Value {
    let named = |name: &str, negated: bool| if negated { format!("Not{name}") } else { name.to_owned() };
    match mismatch {
        Mismatch::Action { negated, expected, actual } => {
            json!({"element": named("Action", *negated), "expected": expected, "actual": actual})
        }
        Mismatch::Resource { negated, expected, actual } => {
            json!({"element": named("Resource", *negated), "expected": expected, "actual": actual})
        }
        Mismatch::Principal { negated, expected, actual } => {
            let expected: Vec<String> = expected.iter().map(|(key, value)| format!("{key}:{value}")).collect();
            json!({"element": named("Principal", *negated), "expected": expected, "actual": actual})
        }
        Mismatch::Condition { operator, key, expected, actual } => {
            json!({"element": "Condition", "operator": operator, "key": key, "expected": expected, "actual": actual})
        }
    }
}
