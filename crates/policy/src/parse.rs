//! From a policy's text to a [`Document`]: the grammar alone, without the rules of any kind of policy (those are in `validate`).
//! Single values and lists mean the same everywhere; unknown elements, operators and value types are faults. Start at [`Document::parse`].

use crate::condition::{Condition, Operator};
use crate::document::{ActionElement, Document, Effect, Position, ResourceElement, Statement, Version};
use crate::json::{self, Node, Value};
use crate::principal::{Named, PrincipalElement};

/// What AWS says of a text that is no policy.
pub(crate) const SYNTAX_ERRORS: &str = "Syntax errors in policy.";

/// A policy that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// AWS's text for MalformedPolicyDocument.
    pub message: String,
    /// What exactly was wrong, for our log.
    pub detail: String,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.detail)
    }
}

impl std::error::Error for Malformed {}

/// Says which unique id stands for a principal of the document (a user's or role's ARN), if any.
pub type Resolve<'r> = dyn Fn(&str) -> Option<String> + 'r;

impl Document {
    /// Reads a policy by the grammar alone.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Self::parse_with(text, &|_| None)
    }

    /// As [`Document::parse`]; `resolve` gives the unique id of each user or role named as `AWS` principal. IAM resolves names
    /// when a policy is saved, and then compares ids: whoever bears the same name later is somebody else.
    pub fn parse_with(text: &str, resolve: &Resolve<'_>) -> Result<Self, Malformed> {
        let document = build(text, &read(text)?, resolve)?;
        match document.statements.iter().find(|statement| statement.effect_misspelled) {
            Some(statement) => Err(fault(text, None, &format!("statement {}: effect in wrong case", statement.index))),
            None => Ok(document),
        }
    }
}

pub(crate) fn read(text: &str) -> Result<Node, Malformed> {
    json::read(text).map_err(|found| fault(text, Some(found.at), found.what))
}

pub(crate) fn fault(text: &str, at: Option<usize>, what: &str) -> Malformed {
    let detail = match at.map(|at| position(text, at)) {
        Some(Position { line, column }) => format!("line {line}, column {column}: {what}"),
        None => what.to_owned(),
    };
    Malformed { message: SYNTAX_ERRORS.to_owned(), detail }
}

/// The line and column of a byte. A line ends with LF, CR, or both.
fn position(text: &str, at: usize) -> Position {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    let ends = before.matches(['\n', '\r']).count() - before.matches("\r\n").count();
    Position { line: ends + 1, column }
}

/// Builds a document. An Effect in the wrong case passes and is marked.
pub(crate) fn build(text: &str, root: &Node, resolve: &Resolve<'_>) -> Result<Document, Malformed> {
    let builder = Builder { text, resolve };
    builder.document(root)
}

struct Builder<'a> {
    text: &'a str,
    resolve: &'a Resolve<'a>,
}

impl Builder<'_> {
    fn fault<T>(&self, node: &Node, what: &str) -> Result<T, Malformed> {
        Err(fault(self.text, Some(node.span.start), what))
    }

    fn document(&self, root: &Node) -> Result<Document, Malformed> {
        let Some(members) = root.object() else { return self.fault(root, "a policy is an object") };
        let mut version = Version::V2008;
        let mut id = None;
        for (name, node) in members {
            match name.as_str() {
                "Version" => version = self.version(node)?,
                "Id" => id = Some(self.string(node)?),
                "Statement" => {}
                _ => return self.fault(node, &format!("unknown element `{name}`")),
            }
        }
        let Some(node) = root.member("Statement") else { return self.fault(root, "`Statement` is missing") };
        let nodes = node.one_or_many();
        if nodes.is_empty() {
            return self.fault(node, "there is no statement");
        }
        let variables = version == Version::V2012;
        // Right after the bracket, or after the brace of a statement that stands alone.
        let mut after = node.span.start + 1;
        let mut statements = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let statement = self.statement(index, node, variables)?;
            statements.push(Statement { after: position(self.text, after), ..statement });
            after = node.span.end;
        }
        let reads_context = statements.iter().any(Statement::reads_context);
        Ok(Document { version, id, statements, reads_context })
    }

    fn version(&self, node: &Node) -> Result<Version, Malformed> {
        match node.text() {
            Some("2012-10-17") => Ok(Version::V2012),
            Some("2008-10-17") => Ok(Version::V2008),
            _ => self.fault(node, "unknown version"),
        }
    }

    fn string(&self, node: &Node) -> Result<String, Malformed> {
        match node.text() {
            Some(text) => Ok(text.to_owned()),
            None => self.fault(node, "expected a string"),
        }
    }

    fn strings(&self, node: &Node) -> Result<Vec<String>, Malformed> {
        node.one_or_many().iter().map(|node| self.string(node)).collect()
    }

    fn statement(&self, index: usize, node: &Node, variables: bool) -> Result<Statement, Malformed> {
        let Some(members) = node.object() else { return self.fault(node, "a statement is an object") };
        let Some(effect) = node.member("Effect") else { return self.fault(node, "`Effect` is missing") };
        let (effect, effect_misspelled) = self.effect(effect)?;
        let mut statement = Statement {
            index,
            sid: None,
            effect,
            start: position(self.text, node.span.start),
            end: position(self.text, node.span.end),
            after: position(self.text, node.span.start),
            principal: None,
            actions: None,
            resources: None,
            conditions: Vec::new(),
            effect_misspelled,
        };
        for (name, node) in members {
            let both = match name.as_str() {
                "Sid" => statement.sid.replace(self.string(node)?).is_some(),
                "Effect" => false,
                "Principal" | "NotPrincipal" => {
                    let element = self.principal(node, name == "NotPrincipal")?;
                    statement.principal.replace(element).is_some()
                }
                "Action" | "NotAction" => {
                    let element = ActionElement::new(name == "NotAction", self.strings(node)?);
                    statement.actions.replace(element).is_some()
                }
                "Resource" | "NotResource" => {
                    let element = ResourceElement::new(name == "NotResource", self.strings(node)?, variables);
                    statement.resources.replace(element).is_some()
                }
                "Condition" => {
                    statement.conditions = self.conditions(node, variables)?;
                    false
                }
                _ => return self.fault(node, &format!("unknown element `{name}`")),
            };
            if both {
                return self.fault(node, &format!("`{name}` beside its opposite"));
            }
        }
        Ok(statement)
    }

    fn effect(&self, node: &Node) -> Result<(Effect, bool), Malformed> {
        match node.text() {
            Some(text) if text.eq_ignore_ascii_case("Allow") => Ok((Effect::Allow, text != "Allow")),
            Some(text) if text.eq_ignore_ascii_case("Deny") => Ok((Effect::Deny, text != "Deny")),
            _ => self.fault(node, "unknown effect"),
        }
    }

    fn principal(&self, node: &Node, negated: bool) -> Result<PrincipalElement, Malformed> {
        let mut element = PrincipalElement { negated, named: Vec::new(), texts: Vec::new() };
        if node.text() == Some("*") {
            element.named.push(Named::Everyone);
            element.texts.push(("AWS".into(), "*".into()));
            return Ok(element);
        }
        let Some(members) = node.object() else { return self.fault(node, "expected `*` or an object") };
        for (key, node) in members {
            for value in self.strings(node)? {
                let Some(named) = Named::parse(key, &value) else {
                    return self.fault(node, &format!("unknown kind of principal `{key}`"));
                };
                element.named.push(self.resolved(named));
                element.texts.push((key.as_str().into(), value.into()));
            }
        }
        Ok(element)
    }

    fn resolved(&self, named: Named) -> Named {
        let id = match &named {
            Named::Arn(arn) => (self.resolve)(arn),
            _ => None,
        };
        id.map_or(named, |id| Named::Id(id.into()))
    }

    fn conditions(&self, node: &Node, variables: bool) -> Result<Vec<Condition>, Malformed> {
        let Some(operators) = node.object() else { return self.fault(node, "`Condition` is an object") };
        let mut conditions = Vec::new();
        for (name, node) in operators {
            let Some(keys) = node.object() else { return self.fault(node, "an operator takes an object") };
            match Operator::parse(name) {
                Some(operator) => {
                    for (key, node) in keys {
                        let values = self.condition_values(node)?;
                        conditions.push(Condition::new(operator, name, key, &values, variables));
                    }
                }
                // AWS lets an unknown operator pass as long as it holds nothing.
                None if keys.is_empty() => {}
                None => return self.fault(node, &format!("unknown operator `{name}`")),
            }
        }
        Ok(conditions)
    }

    fn condition_values(&self, node: &Node) -> Result<Vec<String>, Malformed> {
        let values = node.one_or_many().iter().map(|node| match &node.value {
            Value::Text(text) | Value::Number(text) => Ok(text.clone()),
            Value::Bool(truth) => Ok(truth.to_string()),
            Value::Null | Value::List(_) | Value::Object(_) => self.fault(node, "expected a string"),
        });
        values.collect()
    }
}

/// How many characters of a policy count toward its size quota: all but white space.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
pub fn without_whitespace_len(text: &str) -> usize {
    text.chars().filter(|character| !character.is_whitespace()).count()
}

/// The text with other names for `AWS` principals, its layout otherwise unchanged: IAM shows the unique id of a principal that was
/// deleted in place of its ARN. A text that is no policy comes back as it was.
pub fn with_principals_replaced(text: &str, replacement: impl Fn(&str) -> Option<String>) -> String {
    let Ok(root) = json::read(text) else { return text.to_owned() };
    let statements = root.member("Statement").map(Node::one_or_many).unwrap_or_default();
    let elements = statements.iter().flat_map(|node| [node.member("Principal"), node.member("NotPrincipal")]).flatten();
    let named = elements.filter_map(|node| node.member("AWS")).flat_map(Node::one_or_many);
    let mut replaced: Vec<_> = named.filter_map(|node| Some((node.span.clone(), replacement(node.text()?)?))).collect();
    replaced.sort_by_key(|(span, _)| span.start);
    let mut out = text.to_owned();
    for (span, name) in replaced.into_iter().rev() {
        let quoted = format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        out.replace_range(span, &quoted);
    }
    out
}
