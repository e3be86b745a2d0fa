//! One document against one request: which statements apply, and what they say together. It knows nothing of other policies
//! (see `decide`) and gives no reasons (see `explain`). Start reading at [`evaluate`].

use crate::context::Context;
use crate::document::{Document, Effect, Statement};
use crate::pattern::ArnParts;
use crate::principal::{Principal, PrincipalMatch};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `service:Name`, in any case.
    pub action: &'a str,
    /// The resource's ARN, or `*` for an action that has no resource.
    pub resource: &'a str,
    pub principal: &'a Principal<'a>,
    pub context: &'a Context,
}

/// What a document says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Allow,
    Deny,
    NoMatch,
}

/// The answer of one document and the statements it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub effect: Answer,
    /// The indexes of the statements with that effect that apply, in order.
    pub matched: Vec<usize>,
    /// The strongest way in which the Principal elements of those statements named the caller; None without such elements.
    pub principal_match: Option<PrincipalMatch>,
}

/// Evaluates one document. One Deny that applies outweighs all that allow.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.
pub fn evaluate(document: &Document, request: &Request<'_>) -> Outcome {
    let asked = Asked::new(request);
    let mut outcome = Outcome { effect: Answer::NoMatch, matched: Vec::new(), principal_match: None };
    for statement in &document.statements {
        let Some(principal_match) = asked.applies(statement) else { continue };
        let effect = match statement.effect {
            Effect::Allow if outcome.effect == Answer::Deny => continue,
            Effect::Allow => Answer::Allow,
            Effect::Deny => Answer::Deny,
        };
        if effect != outcome.effect {
            outcome = Outcome { effect, matched: Vec::new(), principal_match: None };
        }
        outcome.matched.push(statement.index);
        outcome.principal_match = outcome.principal_match.max(principal_match);
    }
    outcome
}

/// A request with what is needed again for each statement.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) parts: ArnParts<'a>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(request: &'a Request<'a>) -> Self {
        Self { request, parts: ArnParts::split(request.resource) }
    }

    /// Whether a statement applies: None if not, else by what its Principal element matched, if it has one.
    pub(crate) fn applies(&self, statement: &Statement) -> Option<Option<PrincipalMatch>> {
        let request = self.request;
        if !statement.actions.as_ref().is_some_and(|actions| actions.covers(request.action)) {
            return None;
        }
        if !self.covers_resource(statement) {
            return None;
        }
        let principal_match = match &statement.principal {
            Some(element) => Some(element.matched_by(request.principal)?),
            None => None,
        };
        let mut conditions = statement.conditions.iter();
        conditions.all(|condition| condition.met(request.context, statement.effect)).then_some(principal_match)
    }

    /// A statement without resources is about the resource it is attached to, which only policies with principals are.
    pub(crate) fn covers_resource(&self, statement: &Statement) -> bool {
        match &statement.resources {
            Some(resources) => resources.covers(self.request.resource, &self.parts, self.request.context),
            None => statement.principal.is_some(),
        }
    }
}
