//! A policy in its parsed form, made for asking it often: action names sorted by service, patterns taken apart, condition values typed.
//! Elements keep their text as written, for traces and messages. The whole text is kept by whoever stores the policy.
//! Start reading at [`Document`]; it is made in `parse`.

use crate::condition::Condition;
use crate::context::Context;
use crate::pattern::{ArnParts, ArnPattern, Case, Pattern, Syntax};
use crate::principal::PrincipalElement;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the policy language a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// 2008-10-17, also when a document names none: it has no policy variables.
    #[default]
    V2008,
    /// 2012-10-17.
    V2012,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// A place in the text of a policy; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// One parsed policy. The default has no statements, so it allows and denies nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    pub version: Version,
    pub id: Option<String>,
    pub statements: Vec<Statement>,
    /// Whether any condition key can change what it says.
    pub(crate) reads_context: bool,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its place in the document, from 0.
    pub index: usize,
    pub sid: Option<String>,
    pub effect: Effect,
    /// Where its opening brace stands.
    pub start: Position,
    /// Where the first character after its closing brace stands.
    pub end: Position,
    /// What AWS's simulator gives for its start: right after the bracket that opens the list, or the end of the statement before (the comma is
    /// counted in); for a statement that is no list, right after its own brace. Recorded, as is [`Statement::end`].
    pub after: Position,
    /// The Principal or NotPrincipal element; identity policies have none.
    pub principal: Option<PrincipalElement>,
    /// The Action or NotAction element; None only in documents that no validation lets pass.
    pub actions: Option<ActionElement>,
    /// The Resource or NotResource element; trust policies have none.
    pub resources: Option<ResourceElement>,
    pub conditions: Vec<Condition>,
    /// `Effect` was not spelled exactly, which AWS tells only after other faults.
    pub(crate) effect_misspelled: bool,
}

/// An Action or NotAction element.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionElement {
    negated: bool,
    texts: Vec<Box<str>>,
    /// One of the entries is `*`.
    everything: bool,
    /// Patterns by the service before the colon (lower case), sorted: large policies name thousands of actions.
    by_service: Vec<(Box<str>, Vec<Pattern>)>,
    /// Patterns whose service has a wildcard, or that have no colon.
    others: Vec<Pattern>,
}

impl ActionElement {
    pub(crate) fn new(negated: bool, texts: Vec<String>) -> Self {
        let syntax = Syntax { wildcards: true, variables: false };
        let mut by_service: BTreeMap<String, Vec<Pattern>> = BTreeMap::new();
        let mut others = Vec::new();
        for text in &texts {
            match text.split_once(':') {
                Some((service, name)) if !service.contains(['*', '?']) => {
                    by_service.entry(service.to_ascii_lowercase()).or_default().push(Pattern::parse(name, syntax));
                }
                _ => others.push(Pattern::parse(text, syntax)),
            }
        }
        Self {
            negated,
            everything: texts.iter().any(|text| text == "*"),
            texts: texts.into_iter().map(String::into_boxed_str).collect(),
            by_service: by_service.into_iter().map(|(service, patterns)| (service.into(), patterns)).collect(),
            others,
        }
    }

    /// Whether this is NotAction.
    pub fn is_negated(&self) -> bool {
        self.negated
    }

    /// The entries as written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(AsRef::as_ref)
    }

    /// Whether the element covers an action (`service:Name`, in any case).
    pub fn covers(&self, action: &str) -> bool {
        self.lists(action) != self.negated
    }

    fn lists(&self, action: &str) -> bool {
        // Actions have no variables, so no context is looked at.
        let nothing = Context::new();
        let matches = |pattern: &Pattern, text: &str| pattern.matches(text, &nothing, Case::Ignored);
        let of_service = |service: &str, name: &str| {
            let found = self.by_service.binary_search_by(|(known, _)| compare_lower(known, service)).ok();
            let patterns = found.and_then(|at| self.by_service.get(at));
            patterns.is_some_and(|(_, patterns)| patterns.iter().any(|pattern| matches(pattern, name)))
        };
        self.everything
            || action.split_once(':').is_some_and(|(service, name)| of_service(service, name))
            || self.others.iter().any(|pattern| matches(pattern, action))
    }
}

/// Compares a lower-case text with one of any case.
fn compare_lower(lower: &str, other: &str) -> Ordering {
    lower.bytes().cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// A Resource or NotResource element.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceElement {
    negated: bool,
    texts: Vec<Box<str>>,
    patterns: Vec<ArnPattern>,
}

impl ResourceElement {
    pub(crate) fn new(negated: bool, texts: Vec<String>, variables: bool) -> Self {
        Self {
            negated,
            patterns: texts.iter().map(|text| ArnPattern::resource(text, variables)).collect(),
            texts: texts.into_iter().map(String::into_boxed_str).collect(),
        }
    }

    /// Whether this is NotResource.
    pub fn is_negated(&self) -> bool {
        self.negated
    }

    /// The entries as written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(AsRef::as_ref)
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().flat_map(ArnPattern::variables)
    }

    /// Whether the element covers a resource. `*`, the resource of actions that have none, is covered by the entry `*` alone.
    pub(crate) fn covers(&self, resource: &str, parts: &ArnParts<'_>, context: &Context) -> bool {
        let listed = if resource == "*" {
            self.patterns.contains(&ArnPattern::Anything)
        } else {
            self.patterns.iter().any(|pattern| pattern.matches(parts, context))
        };
        listed != self.negated
    }
}

impl Statement {
    /// Whether any condition key can change whether it applies.
    pub(crate) fn reads_context(&self) -> bool {
        let mut variables = self.resources.iter().flat_map(ResourceElement::variables);
        !self.conditions.is_empty() || variables.next().is_some()
    }
}

impl Document {
    /// Whether any condition key can change what the document says: if not, nobody need find out what the keys of a request are.
    pub fn reads_context(&self) -> bool {
        self.reads_context
    }

    /// The condition keys that the document depends on, as written: those of conditions, then those of policy variables. None twice, but two
    /// spellings of one key are two, as in AWS's lists.
    pub fn context_keys(&self) -> Vec<&str> {
        let conditions = || self.statements.iter().flat_map(|statement| &statement.conditions);
        let resources = self.statements.iter().filter_map(|statement| statement.resources.as_ref());
        let named = conditions().map(Condition::key);
        let all = named.chain(conditions().flat_map(Condition::variables)).chain(resources.flat_map(|r| r.variables()));
        let mut seen = BTreeSet::new();
        all.filter(|key| seen.insert(*key)).collect()
    }

    /// The entries of all Principal and NotPrincipal elements with their statement's index, as written: (index, key, value).
    pub fn principals(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        let elements = self.statements.iter().filter_map(|s| Some((s.index, s.principal.as_ref()?)));
        elements.flat_map(|(index, element)| element.entries().map(move |(key, value)| (index, key, value)))
    }
}
