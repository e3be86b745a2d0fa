//! Whether the caller's own permissions cover what a request asks for. An approximation, as AWS's is: an action or resource with wildcards counts
//! as covered where one of the caller's patterns covers it whole.

use policy::{Effect, Mismatch, Statement};
use service::decide::{self, CallerPolicies, Ruling};

use super::*;
use crate::policy_sets;

/// `ALLOWED`, `DENIED`, or `UNSURE` where it depends on conditions.
pub(super) fn result(cx: &Cx, world: &World, request: &DelegationRequest) -> &'static str {
    let Some(document) = request.policy.document() else { return "UNSURE" };
    let held = policy_sets(world, &cx.caller);
    let allowing = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let answers: Vec<&str> = allowing.map(|statement| of_statement(cx, &held, statement)).collect();
    ["DENIED", "UNSURE"].into_iter().find(|answer| answers.contains(answer)).unwrap_or("ALLOWED")
}

fn of_statement(cx: &Cx, held: &CallerPolicies, statement: &Statement) -> &'static str {
    let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { return "UNSURE" };
    if actions.is_negated() || resources.is_negated() {
        return "UNSURE";
    }
    let mut answer = "ALLOWED";
    for action in actions.texts() {
        for resource in resources.texts() {
            let check = Check { action: action.to_owned(), ..Check::on(resource) };
            match of_ruling(cx, held, &decide::decide(cx, &check, held)) {
                "DENIED" => return "DENIED",
                "UNSURE" => answer = "UNSURE",
                _ => {}
            }
        }
    }
    answer
}

fn of_ruling(cx: &Cx, held: &CallerPolicies, ruling: &Ruling) -> &'static str {
    if ruling.allowed() {
        let conditional = ruling.deciding.iter().any(|deciding| !deciding.statement.conditions.is_empty());
        return if conditional { "UNSURE" } else { "ALLOWED" };
    }
    if !ruling.explicit_deny && could_be_allowed(cx, held, ruling) { "UNSURE" } else { "DENIED" }
}

/// Whether a statement of the caller's would allow it if its conditions were met.
fn could_be_allowed(cx: &Cx, held: &CallerPolicies, ruling: &Ruling) -> bool {
    let traces = decide::trace(&cx.caller, &ruling.check, held, &ruling.context);
    let own = traces.iter().filter(|trace| trace.layer == policy::Layer::Identity);
    own.flat_map(|trace| &trace.statements).any(|trace| {
        let conditions = trace.mismatches.iter().all(|mismatch| matches!(mismatch, Mismatch::Condition { .. }));
        trace.effect == Effect::Allow && conditions
    })
}
