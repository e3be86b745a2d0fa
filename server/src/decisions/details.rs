//! What AWS's Access Troubleshooter tells of a denied request: its context, each evaluation with the requirements that were met and missed, and the
//! policies as they were then. Made when a denial is told, so that it outlives the policies, and is kept in the log with it.
//! <https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationDetails.html>

use std::collections::BTreeMap;

use policy::{Context, Document, Effect, Layer, Origin, Source, Values};
use ring::digest;
use serde_json::{Map, Value, json};
use service::decide::{self, CallerPolicies, PolicyTrace, Ruling};
use service::organization::Organization;
use service::{Caller, Check, Principal, conditions};

use super::{Decided, Decision};

/// Nothing for a request that passed, or that nobody signed: it is of no account whose business it could be.
pub fn json(decision: &Decision) -> Option<Value> {
    let (caller, decided) = (decision.caller.as_deref()?, decision.decided.as_deref()?);
    if caller.principal == Principal::Anonymous || decided.checked.iter().all(|checked| checked.allowed) {
        return None;
    }
    let mut policies = Policies::default();
    let (mut shared, mut evaluations) = (Map::new(), Vec::new());
    for ruling in decision.rulings() {
        let (of_request, mut own) = context(&ruling.context);
        if is_of_others(caller, &ruling.check, &decided.held) {
            own.retain(|name, _| !name.contains(":ResourceTag/"));
        }
        shared.extend(of_request);
        evaluations.push(evaluation(caller, decided, &ruling, own, &mut policies));
    }
    let organization = decided.held.organization.as_ref().filter(|organization| organization.has(caller.account));
    Some(json!({
        "organization": organization.map(|organization| organization.id.as_str()),
        "requestContext": shared,
        "evaluations": evaluations,
        "policies": policies.by_uri.into_values().collect::<Vec<_>>(),
    }))
}

fn evaluation(
    caller: &Caller,
    decided: &Decided,
    ruling: &Ruling,
    context: Map<String, Value>,
    policies: &mut Policies,
) -> Value {
    let (check, held) = (&ruling.check, &*decided.held);
    let mut asked = Vec::new();
    let hides_owners = is_of_others(caller, check, held);
    decide::asked(caller, check, held, &ruling.context, |trace, source| {
        if hides_owners && matches!(trace.layer, Layer::Resource | Layer::Trust | Layer::ResourceControl) {
            return;
        }
        let uri = policies.add(caller, check, held, &trace, source);
        asked.push(Asked { uri, trace });
    });
    let checks = requirements(caller, held, ruling, &asked);
    json!({
        "action": check.action,
        "resource": if check.resource == "*" { "" } else { check.resource.as_str() },
        "context": context,
        "evaluatedEffect": match (ruling.explicit_deny, ruling.allowed()) {
            (true, _) => "EXPLICIT_DENY",
            (false, true) => "ALLOW",
            (false, false) => "IMPLICIT_DENY",
        },
        "matchedPolicies": matched(asked.iter()),
        "checks": checks,
    })
}

/// Whether the resource is of an account that shares no organization with the caller's: its policies and tags are for its own people.
fn is_of_others(caller: &Caller, check: &Check, held: &CallerPolicies) -> bool {
    let owner = check.owner.unwrap_or(caller.account);
    let has_both = |it: &Organization| it.has(owner) && it.has(caller.account);
    owner != caller.account && !held.organization.as_deref().is_some_and(has_both)
}

/// A policy that was asked.
struct Asked {
    uri: String,
    trace: PolicyTrace,
}

impl Asked {
    fn says(&self, effect: Effect) -> bool {
        self.trace.statements.iter().any(|statement| statement.effect == effect && statement.matched())
    }
}

/// What had to be met, in AWS's order: resource control policies and service control policies from the root down, then resource, principal, boundary
/// and session.
fn requirements(caller: &Caller, held: &CallerPolicies, ruling: &Ruling, asked: &[Asked]) -> Vec<Value> {
    let check = &ruling.check;
    let mut checks = Vec::new();
    let of = |layer: Layer| asked.iter().filter(move |asked| asked.trace.layer == layer);
    let of_resource = of(Layer::ResourceControl).filter_map(|asked| asked.trace.level).max().map_or(0, |most| most + 1);
    for (layer, kind, levels) in [
        (Layer::ResourceControl, "RESOURCE_CONTROL_POLICY", of_resource),
        // A level with nothing attached lets nothing through.
        (Layer::ServiceControl, "SERVICE_CONTROL_POLICY", held.scp.len()),
    ] {
        for level in 0..levels {
            let here: Vec<&Asked> = of(layer).filter(|asked| asked.trace.level == Some(level)).collect();
            let target = level_arn(caller, check, held, layer, level);
            checks.push(requirement(kind, target, effect(&here, "IMPLICIT_DENY"), &here));
        }
    }
    // Where something else lets the caller in, a policy that says nothing takes nothing away.
    let silent = if ruling.allowed() { "NO_IMPACT" } else { "IMPLICIT_DENY" };
    let resource: Vec<&Asked> = of(Layer::Resource).chain(of(Layer::Trust)).collect();
    if check.resource_policy.is_some() && !is_of_others(caller, check, held) {
        checks.push(requirement("RESOURCE", None, effect(&resource, silent), &resource));
    }
    if matches!(caller.principal, Principal::User { .. } | Principal::Role { .. } | Principal::Federated { .. }) {
        let identity: Vec<&Asked> = of(Layer::Identity).collect();
        checks.push(requirement("PRINCIPAL", None, effect(&identity, silent), &identity));
    }
    if held.boundary.is_some() {
        let boundary: Vec<&Asked> = of(Layer::Boundary).collect();
        checks.push(requirement("PERMISSIONS_BOUNDARY", None, effect(&boundary, silent), &boundary));
    }
    if !held.session.is_empty() || !held.scope_down.is_empty() {
        let session: Vec<&Asked> = of(Layer::Session).chain(of(Layer::ScopeDown)).collect();
        let mut rest = session.as_slice();
        let mut layers = held.session.iter().chain(&held.scope_down).map(|layer| {
            let (of_layer, behind) = rest.split_at_checked(layer.len()).unwrap_or((rest, &[]));
            rest = behind;
            effect(of_layer, silent)
        });
        let worst = layers.by_ref().fold("ALLOW", |worst, next| match (worst, next) {
            ("EXPLICIT_DENY", _) | (_, "EXPLICIT_DENY") => "EXPLICIT_DENY",
            ("ALLOW", next) => next,
            (worst, _) => worst,
        });
        checks.push(requirement("SESSION", None, worst, &session));
    }
    checks
}

fn effect(asked: &[&Asked], silent: &'static str) -> &'static str {
    if asked.iter().any(|asked| asked.says(Effect::Deny)) {
        "EXPLICIT_DENY"
    } else if asked.iter().any(|asked| asked.says(Effect::Allow)) {
        "ALLOW"
    } else {
        silent
    }
}

fn requirement(kind: &str, target: Option<String>, effect: &str, asked: &[&Asked]) -> Value {
    let mut requirement = json!({
        "checkType": kind,
        "evaluatedEffect": effect,
        "relevantPolicyTypes": [policy_type_of(kind)],
        "matchedPolicies": matched(asked.iter().copied()),
    });
    if let (Some(target), Some(members)) = (target, requirement.as_object_mut()) {
        members.insert("targetArn".to_owned(), target.into());
    }
    requirement
}

fn policy_type_of(kind: &str) -> &str {
    match kind {
        "RESOURCE" => "RESOURCE_BASED_POLICY",
        "PRINCIPAL" => "IDENTITY_BASED_POLICY",
        "SESSION" => "SESSION_POLICY",
        other => other,
    }
}

/// The statements that applied, by their policies.
fn matched<'a>(asked: impl Iterator<Item = &'a Asked>) -> Vec<Value> {
    let matched = asked.filter_map(|asked| {
        let statements = asked.trace.statements.iter().filter(|statement| statement.matched());
        let statements: Vec<Value> = statements
            .map(|statement| {
                let sid = statement.sid.clone().unwrap_or_else(|| format!("Statement{}", statement.index + 1));
                let effect = if statement.effect == Effect::Deny { "DENY" } else { "ALLOW" };
                json!({"sid": sid, "evaluatedEffect": effect})
            })
            .collect();
        (!statements.is_empty()).then(|| json!({"uri": asked.uri, "matchedStatements": statements}))
    });
    matched.collect()
}

/// The policies that were asked, each once.
#[derive(Default)]
struct Policies {
    by_uri: BTreeMap<String, Value>,
}

impl Policies {
    /// Notes a policy, and gives the name by which evaluations refer to it.
    fn add(
        &mut self,
        caller: &Caller,
        check: &Check,
        held: &CallerPolicies,
        trace: &PolicyTrace,
        source: &Source<'_>,
    ) -> String {
        let kind = match trace.layer {
            Layer::Identity => "IDENTITY_BASED_POLICY",
            Layer::Boundary => "PERMISSIONS_BOUNDARY",
            Layer::Resource | Layer::Trust => "RESOURCE_BASED_POLICY",
            Layer::ResourceControl => "RESOURCE_CONTROL_POLICY",
            Layer::ServiceControl => "SERVICE_CONTROL_POLICY",
            Layer::Session | Layer::ScopeDown => "SESSION_POLICY",
        };
        let attached_to = match (trace.layer, trace.level) {
            (layer, Some(level)) => level_arn(caller, check, held, layer, level).unwrap_or_default(),
            (Layer::Resource | Layer::Trust, None) => check.resource.clone(),
            _ => caller.principal_arn(),
        };
        let inline = matches!(source.origin, Origin::Inline | Origin::GroupInline);
        let document = document(source.document);
        let uri = match inline {
            true => inline_uri(&format!("{kind} {attached_to} {} {document}", trace.policy)),
            false => trace.policy.clone(),
        };
        // A managed policy may be attached and be the boundary; the two are told apart by their type.
        let entry = self.by_uri.entry(format!("{uri} {kind}")).or_insert_with(
            || json!({"uri": uri, "type": kind, "inline": inline, "attachedTo": [], "document": document}),
        );
        let attached = json!({"arn": attached_to});
        if let Some(all) = entry.get_mut("attachedTo").and_then(Value::as_array_mut)
            && !all.contains(&attached)
        {
            all.push(attached);
        }
        uri
    }
}

/// `inline:b6cf943c21a1966b`: a policy without an ARN is called by what it is.
fn inline_uri(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().take(8).fold("inline:".to_owned(), |uri, byte| format!("{uri}{byte:02x}"))
}

fn level_arn(caller: &Caller, check: &Check, held: &CallerPolicies, layer: Layer, level: usize) -> Option<String> {
    let account = match layer {
        Layer::ResourceControl => check.owner.unwrap_or(caller.account),
        _ => caller.account,
    };
    held.organization.as_ref()?.level_arn(account, level)
}

/// The keys of the whole request, and those of one evaluation: of its resource, and what is asked for it.
fn context(context: &Context) -> (Map<String, Value>, Map<String, Value>) {
    let told = context.iter().map(|(key, values)| {
        let (is_list, values) = (matches!(values, Values::Multi(_)), values.as_slice());
        let text = match (key, values) {
            ("aws:SourceIp", [address]) if address.contains(':') => format!("{address}/128"),
            ("aws:SourceIp", [address]) => format!("{address}/32"),
            ("aws:EpochTime", _) => match context.get("aws:CurrentTime") {
                Some(time) => time.as_slice().concat(),
                None => values.concat(),
            },
            _ if is_list => format!("[{}]", values.join(", ")),
            _ => values.concat(),
        };
        let name = match key {
            "aws:userid" => "aws:UserId",
            "aws:PrincipalArn" => "aws:PrincipalARN",
            other => other,
        };
        (name.to_owned(), Value::from(text))
    });
    let is_shared = |name: &str| name.starts_with("aws:") && !conditions::is_of_resource(name);
    told.partition(|(name, _)| is_shared(name))
}

/// A policy as it was evaluated, as JSON again.
fn document(document: &Document) -> Value {
    let version = match document.version {
        policy::Version::V2008 => "2008-10-17",
        policy::Version::V2012 => "2012-10-17",
    };
    let mut written = Map::from_iter([("Version".to_owned(), Value::from(version))]);
    if let Some(id) = &document.id {
        written.insert("Id".to_owned(), id.as_str().into());
    }
    written.insert("Statement".to_owned(), document.statements.iter().map(statement).collect());
    Value::Object(written)
}

fn statement(statement: &policy::Statement) -> Value {
    let mut written = Map::new();
    let mut put = |name: &str, value: Value| _ = written.insert(name.to_owned(), value);
    let named = |name: &str, negated: bool| if negated { format!("Not{name}") } else { name.to_owned() };
    if let Some(sid) = &statement.sid {
        put("Sid", sid.as_str().into());
    }
    put("Effect", if statement.effect == Effect::Deny { "Deny" } else { "Allow" }.into());
    if let Some(principal) = &statement.principal {
        let mut by_key: Map<String, Value> = Map::new();
        for (key, value) in principal.entries() {
            let values = by_key.entry(key).or_insert_with(|| json!([]));
            if let Some(values) = values.as_array_mut() {
                values.push(value.into());
            }
        }
        put(&named("Principal", principal.is_negated()), by_key.into());
    }
    if let Some(actions) = &statement.actions {
        put(&named("Action", actions.is_negated()), one_or_many(actions.texts()));
    }
    if let Some(resources) = &statement.resources {
        put(&named("Resource", resources.is_negated()), one_or_many(resources.texts()));
    }
    if !statement.conditions.is_empty() {
        let mut by_operator: Map<String, Value> = Map::new();
        for condition in &statement.conditions {
            let keys = by_operator.entry(condition.operator_text()).or_insert_with(|| json!({}));
            if let Some(keys) = keys.as_object_mut() {
                keys.insert(condition.key().to_owned(), one_or_many(condition.values()));
            }
        }
        put("Condition", by_operator.into());
    }
    Value::Object(written)
}

fn one_or_many<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let texts: Vec<&str> = texts.collect();
    match texts.as_slice() {
        [one] => (*one).into(),
        _ => texts.into(),
    }
}
