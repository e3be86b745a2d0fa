//! Why a document did or did not answer: for each statement, the elements that did not match, with what was expected and what was
//! there. It asks the same functions that decide, so it cannot disagree with them. Start reading at [`explain`].

use crate::context::Values;
use crate::document::{Document, Effect, Position, Statement};
use crate::evaluate::{Asked, Request};
use crate::principal::PrincipalMatch;

/// What became of one statement.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementTrace {
    /// Its place in the document, from 0.
    pub index: usize,
    pub sid: Option<String>,
    pub effect: Effect,
    pub start: Position,
    pub end: Position,
    /// By what the Principal element matched the caller, if there is one and it did.
    pub principal_match: Option<PrincipalMatch>,
    /// The elements that did not match; empty if the statement applies.
    pub mismatches: Vec<Mismatch>,
}

impl StatementTrace {
    /// Whether the statement applies to the request.
    pub fn matched(&self) -> bool {
        self.mismatches.is_empty()
    }
}

/// An element that kept a statement from applying.
#[derive(Debug, Clone, PartialEq)]
pub enum Mismatch {
    Action {
        negated: bool,
        expected: Vec<String>,
        actual: String,
    },
    Resource {
        negated: bool,
        expected: Vec<String>,
        actual: String,
    },
    /// Entries as (key, value); the caller by its ARN, provider or service name.
    Principal {
        negated: bool,
        expected: Vec<(String, String)>,
        actual: String,
    },
    /// `actual` is None if the request does not have the key.
    Condition {
        operator: String,
        key: String,
        expected: Vec<String>,
        actual: Option<Vec<String>>,
    },
}

/// Traces every statement of a document against a request.
pub fn explain(document: &Document, request: &Request<'_>) -> Vec<StatementTrace> {
    let asked = Asked::new(request);
    document.statements.iter().map(|statement| trace(statement, &asked)).collect()
}

fn trace(statement: &Statement, asked: &Asked<'_>) -> StatementTrace {
    let request = asked.request;
    let mut mismatches = Vec::new();
    if !statement.actions.as_ref().is_some_and(|actions| actions.covers(request.action)) {
        mismatches.push(Mismatch::Action {
            negated: statement.actions.as_ref().is_some_and(|actions| actions.is_negated()),
            expected: statement.actions.iter().flat_map(|actions| actions.texts()).map(str::to_owned).collect(),
            actual: request.action.to_owned(),
        });
    }
    if !asked.covers_resource(statement) {
        mismatches.push(Mismatch::Resource {
            negated: statement.resources.as_ref().is_some_and(|resources| resources.is_negated()),
            expected: statement.resources.iter().flat_map(|resources| resources.texts()).map(str::to_owned).collect(),
            actual: request.resource.to_owned(),
        });
    }
    let principal_match = statement.principal.as_ref().and_then(|element| element.matched_by(request.principal));
    if let (Some(element), None) = (&statement.principal, principal_match) {
        mismatches.push(Mismatch::Principal {
            negated: element.is_negated(),
            expected: element.entries().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            actual: caller_name(request),
        });
    }
    let unmet = statement.conditions.iter().filter(|condition| !condition.met(request.context, statement.effect));
    mismatches.extend(unmet.map(|condition| Mismatch::Condition {
        operator: condition.operator_text().to_owned(),
        key: condition.key().to_owned(),
        expected: condition.values().map(str::to_owned).collect(),
        actual: request.context.get(condition.key()).map(owned_values),
    }));
    StatementTrace {
        index: statement.index,
        sid: statement.sid.clone(),
        effect: statement.effect,
        start: statement.start,
        end: statement.end,
        principal_match,
        mismatches,
    }
}

fn owned_values(values: &Values) -> Vec<String> {
    values.as_slice().iter().map(|value| value.to_string()).collect()
}

fn caller_name(request: &Request<'_>) -> String {
    let principal = request.principal;
    let name = principal.provider.or_else(|| principal.services.first().copied());
    match name {
        Some(name) => name.to_owned(),
        None if principal.itself.arn.is_empty() => "anonymous".to_owned(),
        None => principal.itself.arn.to_owned(),
    }
}
