//! From the form to typed values, led by the model: names, types and constraints. All violations are found, in the model's order.
//!
//! Here is the walk through structures, lists and maps; single values are in [`scalar`], names that no operation has in [`known`], empty values that
//! count as not given in [`empty`].

mod empty;
mod known;
mod lenient;
mod place;
mod scalar;

use std::ops::Range;

use self::known::{COMMON, known};
use self::place::Place;
use crate::Service;
use crate::form::{Node, Params};
use crate::model::{Kind, List, Map, Member, Model, Operation, Protocol, ShapeId, Structure};
use crate::value::{StructValue, Value};
use crate::violation::{Constraint, Violation, lower_camel};

/// Characters of a client token of EC2.
const LONGEST_TOKEN: usize = 64;
/// Items of one list.
const MOST_ITEMS: usize = 1_000;

/// Decodes a request's parameters. An operation without input gives an empty structure.
pub fn decode(model: &'static Model, operation: &Operation, params: &Params) -> Result<Value, Vec<Violation>> {
    static EMPTY: std::sync::OnceLock<Structure> = std::sync::OnceLock::new();
    let structure = operation
        .input
        .and_then(|input| model.structure(input))
        .unwrap_or_else(|| EMPTY.get_or_init(Structure::default));
    let tree = params.tree(|name, value| value.is_empty() && empty::is_absent(operation, name));
    let mut decoder = Decoder { model, violations: Vec::new(), taken: 0 };
    let value = decoder.structure(structure, &tree, Place::Root);
    if model.protocol == Protocol::Ec2 {
        decoder.unknown(structure, &tree, params);
    }
    decoder.violations.retain(|violation| !lenient::takes(operation, violation));
    if decoder.violations.is_empty() { Ok(value) } else { Err(decoder.violations) }
}

struct Decoder {
    model: &'static Model,
    violations: Vec<Violation>,
    /// How many of the form's values found their place, good or bad.
    taken: usize,
}

impl Decoder {
    fn violate(&mut self, place: Place<'_>, value: Option<&str>, constraint: Constraint) {
        let (path, parameter) = (place.path(), place.parameter());
        self.violations.push(Violation { path, parameter, value: value.map(str::to_owned), constraint });
    }

    fn structure(&mut self, structure: &'static Structure, node: &Node<'_>, place: Place<'_>) -> Value {
        let mut members = Vec::new();
        for (position, member) in structure.members.iter().enumerate() {
            let found = node.child(&member.input);
            if found.is_none() && !member.required {
                continue;
            }
            let inner = Place::Member(&place, member);
            let before = self.violations.len();
            match found.and_then(|child| self.value(member.shape, child, inner)) {
                Some(value) => {
                    self.client_token(member, &value, inner);
                    members.push((position, value));
                }
                // What came and was no good has its violation already.
                None if member.required
                    && self.violations.len() == before
                    && !lenient::is_optional(&inner.parameter()) =>
                {
                    self.violate(inner, None, Constraint::Required);
                }
                None => {}
            }
        }
        Value::Struct(StructValue { structure, members })
    }

    /// EC2's model bounds few of its client tokens; the others have up to 64 characters. That they are ASCII is documented, too, but a token is but compared:
    /// <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>.
    fn client_token(&mut self, member: &Member, value: &Value, place: Place<'_>) {
        let (Protocol::Ec2, "ClientToken", Value::String(token)) = (self.model.protocol, member.name.as_str(), value)
        else {
            return;
        };
        let is_bounded = matches!(&self.model.shape(member.shape).kind, Kind::Text(text) if text.max.is_some());
        if !is_bounded && token.chars().count() > LONGEST_TOKEN && !token.trim().is_empty() {
            self.violate(place, Some(token), Constraint::MaxLength(LONGEST_TOKEN as u64));
        }
    }

    /// `None` if nothing came, or if it was no good (then there is a violation).
    fn value(&mut self, shape: ShapeId, node: &Node<'_>, place: Place<'_>) -> Option<Value> {
        match &self.model.shape(shape).kind {
            Kind::Structure(structure) => node.is_branch().then(|| self.structure(structure, node, place)),
            Kind::List(list) => self.list(list, node, place),
            Kind::Map(map) => Some(self.map(map, node, place)),
            _ => {
                let text = node.value?;
                self.taken += 1;
                self.scalar(shape, text, place)
            }
        }
    }

    fn list(&mut self, list: &'static List, node: &Node<'_>, place: Place<'_>) -> Option<Value> {
        let (items, element) = match self.model.protocol {
            Protocol::Query | Protocol::Json if !list.flattened => (node.child(&list.element), list.element.as_str()),
            Protocol::Query | Protocol::Json | Protocol::Ec2 => (Some(node), ""),
        };
        let of_structures = matches!(self.model.shape(list.member).kind, Kind::Structure(_));
        if self.model.protocol == Protocol::Query
            && let Some(fault) = items.and_then(|items| items.misnumbered(of_structures))
        {
            self.violate(place, None, Constraint::Numbering(fault));
            return None;
        }
        let (is_there, items) = (items.is_some_and(Node::is_branch), items.map(Node::numbered).unwrap_or_default());
        if items.len() > MOST_ITEMS {
            // No operation takes more; what is built from a list must not grow with hostile input.
            self.violate(place, Some("[]"), Constraint::MaxLength(MOST_ITEMS as u64));
            return None;
        }
        self.taken += usize::from(node.value.is_some());
        let (mut values, before) = (Vec::with_capacity(items.len()), self.violations.len());
        let mut due = 1;
        if is_there && items.is_empty() {
            self.left_out(list.member, 1..2, &place, element);
        }
        for (number, item) in &items {
            self.left_out(list.member, due..*number, &place, element);
            due = number.saturating_add(1);
            values.extend(self.value(list.member, item, Place::Item(&place, element, *number)));
        }
        if let (Protocol::Query, Kind::Text(text)) = (self.model.protocol, &self.model.shape(list.member).kind) {
            let has_gap = items.iter().zip(1..).any(|((number, _), at)| *number != at);
            if has_gap && !text.constraints().is_empty() || self.violations.len() > before {
                self.violations.truncate(before);
                let shown = self.listed(list.member, &items);
                self.violate(place, Some(&shown), Constraint::Each(text.constraints()));
                return None;
            }
        }
        if items.is_empty() {
            match (self.model.protocol, node.value) {
                // `Tags=` says that the list is there and empty; to STS, that it is not there (September 2026).
                (Protocol::Query | Protocol::Json, Some("")) if self.model.service != Service::Sts => {}
                // Old clients leave the number of a single value out.
                (Protocol::Ec2, Some(text)) if !text.is_empty() => values.extend(self.scalar(list.member, text, place)),
                _ => return None,
            }
        }
        let shown = |this: &Self| (this.model.protocol == Protocol::Query).then(|| this.listed(list.member, &items));
        self.length(list.min, list.max, values.len(), shown, place);
        Some(Value::List(values))
    }

    /// To IAM and STS, items that a list of structures leaves out are there, with nothing in them (September 2026). How many that can be is bounded.
    fn left_out(&mut self, shape: ShapeId, numbers: Range<u64>, place: &Place<'_>, element: &str) {
        let (Protocol::Query, Kind::Structure(structure)) = (self.model.protocol, &self.model.shape(shape).kind) else {
            return;
        };
        for number in numbers {
            let before = self.violations.len();
            self.structure(structure, &Node::default(), Place::Item(place, element, number));
            // It tells of a tag's value before its key.
            self.violations.get_mut(before..).unwrap_or_default().reverse();
        }
    }

    /// The items of a list, as STS tells them: `[a, b]`, and structures with their members (September 2026).
    fn listed(&self, shape: ShapeId, items: &[(u64, &Node<'_>)]) -> String {
        let shape = self.model.shape(shape);
        let texts: Vec<String> = match &shape.kind {
            Kind::Structure(structure) => items.iter().map(|(_, item)| told(&shape.name, structure, item)).collect(),
            _ => items.iter().filter_map(|(_, item)| item.value).map(str::to_owned).collect(),
        };
        format!("[{}]", texts.join(", "))
    }

    fn map(&mut self, map: &'static Map, node: &Node<'_>, place: Place<'_>) -> Value {
        let entries = node.child("entry").unwrap_or(node).numbered();
        let mut values = Vec::new();
        for (number, entry) in entries {
            let mut part = |shape, name| self.value(shape, entry.child(name)?, Place::Entry(&place, number, name));
            if let (Some(Value::String(key)), Some(value)) = (part(map.key, "key"), part(map.value, "value")) {
                values.push((key, value));
            }
        }
        self.length(map.min, map.max, values.len(), |_| None, place);
        Value::Map(values)
    }

    /// The first parameter that the operation does not have, in the order received.
    fn unknown(&mut self, structure: &Structure, tree: &Node<'_>, params: &Params) {
        let common = COMMON.iter().filter(|name| tree.child(name).is_some_and(|node| node.value.is_some()));
        if self.taken + common.count() == params.names().count() {
            return;
        }
        if let Some(name) = params.names().find(|name| !known(self.model, structure, name)) {
            let (path, parameter) = (name.to_owned(), name.to_owned());
            self.violations.push(Violation {
                path,
                parameter,
                value: Some(String::new()),
                constraint: Constraint::Unknown,
            });
        }
    }
}

/// `Tag(key=k, value=v)`.
fn told(name: &str, structure: &Structure, item: &Node<'_>) -> String {
    let members = structure.members.iter().map(|member| {
        let value = item.child(&member.input).and_then(|node| node.value).unwrap_or("null");
        format!("{}={value}", lower_camel(&member.name))
    });
    format!("{name}({})", members.collect::<Vec<_>>().join(", "))
}
