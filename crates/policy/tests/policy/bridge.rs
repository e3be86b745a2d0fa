//! From the words of the case files to the crate's own types.

use crate::judge::{Ask, Caller, Have, Policies};
use policy::{Context, Document, Origin, Principal, Relation, Request, ResourceKind, Sets, Source, Verdict};
use serde_json::Value;

pub fn parse(policy: &Value) -> Document {
    Document::parse(&policy.to_string()).unwrap_or_else(|fault| panic!("{fault}: {policy}"))
}

pub fn context(ask: &Ask) -> Context {
    let mut context = Context::new();
    for (key, have) in &ask.context {
        match have {
            Have::Single(value) => context.push(key.clone(), value.clone()),
            Have::Multi(values) => context.push_many(key.clone(), values.iter().cloned()),
        }
    }
    context
}

/// Calls `f` with the request that `ask` describes.
pub fn with_request<T>(ask: &Ask, has_boundary: bool, f: impl FnOnce(&Request<'_>) -> T) -> T {
    let context = context(ask);
    let services = [ask.caller.provider.as_str()];
    let principal = Principal { has_boundary, ..principal(&ask.caller, &services) };
    f(&Request { action: &ask.action, resource: &ask.resource, principal: &principal, context: &context })
}

fn principal<'a>(caller: &'a Caller, services: &'a [&'a str]) -> Principal<'a> {
    let Caller { kind, account, arn, id, behind_arn, behind_id, provider } = caller;
    match kind.as_str() {
        "root" => Principal::root(account, arn),
        "user" => Principal::user(account, arn, id),
        "role" => Principal::assumed_role(account, arn, behind_arn, behind_id),
        "federated-user" => Principal::federated_user(account, arn, behind_arn, behind_id),
        "federated" => Principal::federated(provider),
        "service" => Principal::service(services),
        "anonymous" | "" => Principal::anonymous(),
        other => panic!("unknown kind of caller {other}"),
    }
}

/// The verdict on a case as text: `allowed` or the clause of AWS's message.
pub fn decide(policies: &Policies, ask: &Ask, cross_account: bool) -> String {
    with_verdict(policies, ask, cross_account, |verdict| {
        assert_eq!(verdict.allowed, verdict.reason.clause("x:Y").is_empty(), "{verdict:?}");
        if verdict.allowed { "allowed".to_owned() } else { verdict.reason.clause(&ask.action) }
    })
}

pub fn with_verdict<T>(policies: &Policies, ask: &Ask, cross_account: bool, f: impl FnOnce(&Verdict<'_>) -> T) -> T {
    let parse_all = |policies: &[Value]| policies.iter().map(parse).collect::<Vec<_>>();
    let levels = |levels: &[Vec<Value>]| levels.iter().map(|level| parse_all(level)).collect::<Vec<_>>();
    let (identity, session) = (parse_all(&policies.identity), levels(&policies.session));
    let scope_down = levels(&policies.scope_down);
    let (scp, rcp) = (levels(&policies.scp), levels(&policies.rcp));
    let boundary = policies.boundary.as_ref().map(parse);
    let trust = policies.trust.as_ref().map(|policy| (parse(policy), ResourceKind::Trust));
    let resource = trust.or_else(|| policies.resource.as_ref().map(|policy| (parse(policy), ResourceKind::Other)));
    let sets = Sets {
        identity: sources(&identity),
        boundary: boundary.as_ref().map(source),
        session: session.iter().map(|layer| sources(layer)).collect(),
        scope_down: scope_down.iter().map(|layer| sources(layer)).collect(),
        resource: resource.as_ref().map(|(document, kind)| (source(document), *kind)),
        scp: scp.iter().map(|level| sources(level)).collect(),
        rcp: rcp.iter().map(|level| sources(level)).collect(),
    };
    let relation = if cross_account { Relation::CrossAccount } else { Relation::SameAccount };
    with_request(ask, false, |request| f(&policy::decide(request, &sets, relation)))
}

fn source(document: &Document) -> Source<'_> {
    Source { document, id: "a", origin: Origin::Inline }
}

fn sources(documents: &[Document]) -> Vec<Source<'_>> {
    documents.iter().map(source).collect()
}
