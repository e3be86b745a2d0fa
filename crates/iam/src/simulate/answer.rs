//! One action's answer: a decision for each resource, by the function that decides real requests, and what they come to together.
//!
//! What AWS shows differs from what it decides by (recorded): statements of service control policies are never shown, a denial by them ends the
//! simulation, and keys count as missing only where the answer is an implicit denial.

use std::collections::{BTreeMap, BTreeSet};

use policy::{Answer, Document, Effect, Origin, Principal, Relation, Request, ResourceKind, Sets, Source};
use service::arn::Arn;
use service::prelude::*;

use super::question::{Asker, Case};
use super::resource;

#[derive(Debug, Serialize, Shaped)]
pub struct EvaluationResult {
    eval_action_name: String,
    eval_resource_name: String,
    eval_decision: &'static str,
    matched_statements: Vec<Matched>,
    missing_context_values: Vec<String>,
    organizations_decision_detail: Option<OrganizationsDetail>,
    permissions_boundary_decision_detail: Option<BoundaryDetail>,
    eval_decision_details: Option<Details>,
    resource_specific_results: Option<Vec<ResourceResult>>,
}

#[derive(Debug, Serialize, Shaped)]
struct ResourceResult {
    eval_resource_name: String,
    eval_resource_decision: &'static str,
    matched_statements: Option<Vec<Matched>>,
    missing_context_values: Option<Vec<String>>,
    eval_decision_details: Option<Details>,
    permissions_boundary_decision_detail: Option<BoundaryDetail>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Shaped)]
struct Matched {
    source_policy_id: String,
    source_policy_type: &'static str,
    start_position: Place,
    end_position: Place,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Shaped)]
struct Place {
    line: u64,
    column: u64,
}

#[derive(Debug, Serialize, Shaped)]
struct OrganizationsDetail {
    allowed_by_organizations: bool,
}

#[derive(Debug, Serialize, Shaped)]
struct BoundaryDetail {
    allowed_by_permissions_boundary: bool,
}

/// What each kind of policy says, where two accounts take part.
type Details = BTreeMap<&'static str, &'static str>;

const IDENTITY: &str = "IAM Policy";
const RESOURCE: &str = "Resource Policy";
const BOUNDARY: &str = "Permissions Boundary Policy";

/// The mildest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
}

impl Decision {
    fn of(answer: Option<Answer>) -> Decision {
        match answer {
            Some(Answer::Allow) => Decision::Allowed,
            Some(Answer::Deny) => Decision::ExplicitDeny,
            Some(Answer::NoMatch) | None => Decision::ImplicitDeny,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Decision::Allowed => "allowed",
            Decision::ImplicitDeny => "implicitDeny",
            Decision::ExplicitDeny => "explicitDeny",
        }
    }
}

/// What became of the action on one resource.
struct Outcome {
    decision: Decision,
    matched: Vec<(Decision, Matched)>,
    /// Whether the keys that are missing are of interest.
    lacks_keys: bool,
    boundary: Option<bool>,
    organizations: Option<bool>,
    details: Option<BTreeMap<&'static str, Decision>>,
}

/// The answer for one action.
pub fn of(case: &Case<'_>, action: &str) -> EvaluationResult {
    let named = case.resources != ["*"];
    let outcomes: Vec<Outcome> = case.resources.iter().map(|resource| on(case, action, resource)).collect();
    let decision = outcomes.iter().map(|outcome| outcome.decision).max().unwrap_or(Decision::ImplicitDeny);
    let all = |flag: fn(&Outcome) -> Option<bool>| outcomes.iter().filter_map(flag).reduce(|one, other| one && other);
    let organizations = all(|outcome| outcome.organizations);
    let boundary = all(|outcome| outcome.boundary);
    EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: resource::name(action, &case.resources),
        eval_decision: decision.name(),
        matched_statements: together(&outcomes, decision),
        missing_context_values: missing(case, outcomes.iter().any(|outcome| outcome.lacks_keys)),
        organizations_decision_detail: organizations
            .map(|allowed_by_organizations| OrganizationsDetail { allowed_by_organizations }),
        permissions_boundary_decision_detail: boundary.map(boundary_detail),
        eval_decision_details: named.then(|| strictest(&outcomes)),
        resource_specific_results: named.then(|| {
            case.resources.iter().zip(outcomes).map(|(resource, outcome)| outcome.of_resource(case, resource)).collect()
        }),
    }
}

/// The statements of all resources, each once; if one denies explicitly, only those that deny.
fn together(outcomes: &[Outcome], decision: Decision) -> Vec<Matched> {
    let all = outcomes.iter().flat_map(|outcome| &outcome.matched);
    let counted = all.filter(|(effect, _)| decision != Decision::ExplicitDeny || *effect == decision);
    let mut seen = BTreeSet::new();
    counted.map(|(_, matched)| matched).filter(|matched| seen.insert(*matched)).cloned().collect()
}

fn missing(case: &Case<'_>, of_interest: bool) -> Vec<String> {
    if of_interest { case.missing.clone() } else { Vec::new() }
}

fn strictest(outcomes: &[Outcome]) -> Details {
    let mut strictest: BTreeMap<&'static str, Decision> = BTreeMap::new();
    for (kind, decision) in outcomes.iter().filter_map(|outcome| outcome.details.as_ref()).flatten() {
        let held = strictest.entry(kind).or_insert(*decision);
        *held = (*held).max(*decision);
    }
    strictest.into_iter().map(|(kind, decision)| (kind, decision.name())).collect()
}

fn boundary_detail(allowed_by_permissions_boundary: bool) -> BoundaryDetail {
    BoundaryDetail { allowed_by_permissions_boundary }
}

impl Outcome {
    fn of_resource(self, case: &Case<'_>, resource: &str) -> ResourceResult {
        let matched: Vec<Matched> = self.matched.into_iter().map(|(_, matched)| matched).collect();
        let details = self.details;
        ResourceResult {
            eval_resource_name: resource.to_owned(),
            eval_resource_decision: self.decision.name(),
            matched_statements: (!matched.is_empty()).then_some(matched),
            missing_context_values: Some(missing(case, self.lacks_keys)).filter(|missing| !missing.is_empty()),
            eval_decision_details: details
                .map(|details| details.into_iter().map(|(kind, decision)| (kind, decision.name())).collect()),
            permissions_boundary_decision_detail: self.boundary.map(boundary_detail),
        }
    }
}

fn on(case: &Case<'_>, action: &str, resource: &str) -> Outcome {
    let principal = Principal { has_boundary: case.boundary.is_some(), ..principal(&case.caller) };
    let request = Request { action, resource, principal: &principal, context: &case.context };
    let silent = Document::default();
    // A resource that the action cannot be about is one that no policy speaks of.
    let fits = resource::fits(action, resource);
    let said = |document| if fits { document } else { &silent };
    let source = |id, document| Source { document: said(document), id, origin: Origin::Inline };
    let resource_policy = case.resource_policy.as_ref().filter(|_| !ignores_resource_policies(action));
    let sets = Sets {
        identity: case.identity.iter().map(|given| source(&given.id, &given.document)).collect(),
        boundary: case.boundary.as_ref().map(|given| source(&given.id, &given.document)),
        resource: resource_policy.map(|document| (source("ResourcePolicy", document), ResourceKind::Other)),
        scp: levels(case),
        ..Sets::default()
    };
    let crosses = resource_policy.is_some() && owners(case, resource).any(|owner| owner != case.caller.account);
    let relation = if crosses { Relation::CrossAccount } else { Relation::SameAccount };
    let verdict = policy::decide(&request, &sets, relation);
    let organizations = verdict.layers.service_control.map(|answer| answer == Answer::Allow);
    if organizations == Some(false) {
        let decision = Decision::of(verdict.layers.service_control);
        return Outcome {
            decision,
            matched: Vec::new(),
            lacks_keys: false,
            boundary: None,
            organizations,
            details: None,
        };
    }
    let decision = match (verdict.allowed, verdict.explicit_deny) {
        (true, _) => Decision::Allowed,
        (false, true) => Decision::ExplicitDeny,
        (false, false) => Decision::ImplicitDeny,
    };
    let layers = verdict.layers;
    let details = crosses.then(|| {
        let of_boundary = layers.boundary.map(|answer| (BOUNDARY, Decision::of(Some(answer))));
        let others = [(IDENTITY, Decision::of(layers.identity)), (RESOURCE, Decision::of(layers.resource))];
        others.into_iter().chain(of_boundary).collect()
    });
    Outcome {
        decision,
        matched: matched(&sets, &request, decision),
        lacks_keys: decision == Decision::ImplicitDeny,
        boundary: layers.boundary.map(|answer| answer == Answer::Allow),
        organizations,
        details,
    }
}

/// AWS's simulator does not look at a role's trust policy (aws/aws-cli#10314).
fn ignores_resource_policies(action: &str) -> bool {
    action.get(.."sts:Assume".len()).is_some_and(|start| start.eq_ignore_ascii_case("sts:Assume"))
}

fn levels<'c>(case: &'c Case<'_>) -> Vec<Vec<Source<'c>>> {
    let source = |document| Source { document, id: "", origin: Origin::Inline };
    case.scp.iter().map(|level| level.iter().map(|document| source(document)).collect()).collect()
}

fn principal<'c>(caller: &'c Asker<'_>) -> Principal<'c> {
    let arn = caller.arn.unwrap_or_default();
    match caller.is_role {
        true => Principal::assumed_role(caller.account, "", arn, ""),
        false => Principal::user(caller.account, arn, ""),
    }
}

/// The accounts of a resource and of its policy. The resource's is the one in its ARN, if an account stands there and not a wildcard. The policy's, and
/// that of a resource without one, is `ResourceOwner`, else the caller's (as the parameter is documented).
fn owners<'c>(case: &'c Case<'_>, resource: &'c str) -> impl Iterator<Item = &'c str> {
    let written = Arn::parse(resource).map(|arn| arn.account).filter(|account| account.parse::<AccountId>().is_ok());
    written.into_iter().chain([case.owner.unwrap_or(case.caller.account)])
}

/// The statements that brought the decision about, as AWS counts: all that allow, or all that deny, whether or not one of them would do.
fn matched(sets: &Sets<'_>, request: &Request<'_>, decision: Decision) -> Vec<(Decision, Matched)> {
    let identity = sets.identity.iter().map(|source| (IDENTITY, source));
    let resource = sets.resource.iter().map(|(source, _)| (RESOURCE, source));
    let boundary = sets.boundary.iter().map(|source| (BOUNDARY, source));
    let boundary = boundary.filter(|_| decision == Decision::ExplicitDeny);
    let wanted = match decision {
        Decision::Allowed => Effect::Allow,
        Decision::ExplicitDeny => Effect::Deny,
        Decision::ImplicitDeny => return Vec::new(),
    };
    let mut found = Vec::new();
    for (kind, source) in identity.chain(resource).chain(boundary) {
        let applying = policy::evaluate(source.document, request).matched;
        let statements = applying.into_iter().filter_map(|index| source.document.statements.get(index));
        let counted = statements.filter(|statement| statement.effect == wanted);
        let counted = counted.filter(|statement| kind != RESOURCE || statement.principal.is_some());
        found.extend(counted.map(|statement| (decision, shown(source.id, kind, statement))));
    }
    found
}

fn shown(id: &str, kind: &'static str, statement: &policy::Statement) -> Matched {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let place = |position: policy::Position| Place { line: count(position.line), column: count(position.column) };
    Matched {
        source_policy_id: id.to_owned(),
        source_policy_type: kind,
        start_position: place(statement.after),
        end_position: place(statement.end),
    }
}
