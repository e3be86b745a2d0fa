//! From the form to typed values, led by the model: names, types and constraints. All violations are found, in the model's order.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use jiff::Timestamp;

use crate::form::{Node, Params};
use crate::model::{Kind, List, Map, Model, Operation, Protocol, ShapeId, Structure, Text};
use crate::value::{StructValue, Value};
use crate::violation::{Constraint, Violation, lower_camel, type_name};

/// The form's own parameters, which no operation declares.
const COMMON: &[&str] = &[
    "Action",
    "Version",
    "AWSAccessKeyId",
    "SignatureVersion",
    "SignatureMethod",
    "Signature",
    "Timestamp",
    "Expires",
    "SecurityToken",
];

/// Decodes a request's parameters. An operation without input gives an empty structure.
pub fn decode(model: &'static Model, operation: &Operation, params: &Params) -> Result<Value, Vec<Violation>> {
    static EMPTY: std::sync::OnceLock<Structure> = std::sync::OnceLock::new();
    let structure = operation
        .input
        .and_then(|input| model.structure(input))
        .unwrap_or_else(|| EMPTY.get_or_init(Structure::default));
    let tree = params.tree();
    let mut decoder = Decoder { model, violations: Vec::new() };
    let value = decoder.structure(structure, &tree, &Place::default());
    if model.protocol == Protocol::Ec2 {
        decoder.unknown(structure, &tree);
    }
    if decoder.violations.is_empty() { Ok(value) } else { Err(decoder.violations) }
}

/// Where a value stands, by both ways of naming it.
#[derive(Default, Clone)]
struct Place {
    path: String,
    parameter: String,
}

impl Place {
    fn step(&self, path: &str, parameter: &str) -> Place {
        let join =
            |before: &str, after: &str| if before.is_empty() { after.to_owned() } else { format!("{before}.{after}") };
        Place { path: join(&self.path, path), parameter: join(&self.parameter, parameter) }
    }
}

struct Decoder {
    model: &'static Model,
    violations: Vec<Violation>,
}

impl Decoder {
    fn violate(&mut self, place: &Place, value: Option<&str>, constraint: Constraint) {
        let (path, parameter) = (place.path.clone(), place.parameter.clone());
        self.violations.push(Violation { path, parameter, value: value.map(str::to_owned), constraint });
    }

    fn structure(&mut self, structure: &'static Structure, node: &Node<'_>, place: &Place) -> Value {
        let mut members = Vec::new();
        for (position, member) in structure.members.iter().enumerate() {
            let found = node.children.get(member.input.as_str());
            if found.is_none() && !member.required {
                continue;
            }
            let inner = place.step(&lower_camel(&member.name), &member.input);
            match found.and_then(|child| self.value(member.shape, child, &inner)) {
                Some(value) => members.push((position, value)),
                None if member.required
                    && !self.violations.iter().any(|violation| violation.path.starts_with(&inner.path)) =>
                {
                    self.violate(&inner, None, Constraint::Required);
                }
                None => {}
            }
        }
        Value::Struct(StructValue { structure, members })
    }

    /// `None` if nothing came, or if it was no good (then there is a violation).
    fn value(&mut self, shape: ShapeId, node: &Node<'_>, place: &Place) -> Option<Value> {
        match &self.model.shape(shape).kind {
            Kind::Structure(structure) => (!node.children.is_empty()).then(|| self.structure(structure, node, place)),
            Kind::List(list) => self.list(list, node, place),
            Kind::Map(map) => Some(self.map(map, node, place)),
            _ => self.scalar(shape, node.value?, place),
        }
    }

    fn list(&mut self, list: &'static List, node: &Node<'_>, place: &Place) -> Option<Value> {
        let (items, step) = match self.model.protocol {
            Protocol::Ec2 => (Some(node), ""),
            Protocol::Query if list.flattened => (Some(node), ""),
            Protocol::Query => (node.children.get(list.element.as_str()), list.element.as_str()),
        };
        let items = items.map(Node::numbered).unwrap_or_default();
        let mut values = Vec::with_capacity(items.len());
        for (number, item) in &items {
            let parameter = if step.is_empty() { number.to_string() } else { format!("{step}.{number}") };
            let inner = place.step(&format!("{number}.member"), &parameter);
            values.extend(self.value(list.member, item, &inner));
        }
        if items.is_empty() {
            match (self.model.protocol, node.value) {
                // `Tags=` says that the list is there and empty.
                (Protocol::Query, Some("")) => {}
                // Old clients leave the number of a single value out.
                (Protocol::Ec2, Some(text)) if !text.is_empty() => values.extend(self.scalar(list.member, text, place)),
                _ => return None,
            }
        }
        self.length(list.min, list.max, values.len(), None, place);
        Some(Value::List(values))
    }

    fn map(&mut self, map: &'static Map, node: &Node<'_>, place: &Place) -> Value {
        let entries = node.children.get("entry").unwrap_or(node).numbered();
        let mut values = Vec::new();
        for (number, entry) in entries {
            let inner = place.step(&format!("{number}.value"), &format!("entry.{number}.value"));
            let key = entry.children.get("key").and_then(|key| key.value);
            let value = entry.children.get("value").and_then(|value| self.value(map.value, value, &inner));
            if let (Some(key), Some(value)) = (key, value) {
                values.push((key.to_owned(), value));
            }
        }
        Value::Map(values)
    }

    fn scalar(&mut self, shape: ShapeId, text: &str, place: &Place) -> Option<Value> {
        let found = self.model.shape(shape);
        let value = match &found.kind {
            Kind::Text(constraints) => return self.text(&found.name, constraints, text, place),
            Kind::Integer { min, max } => {
                let number = text.trim_start_matches('+').parse::<i64>().ok();
                number
                    .map(|number| self.range(number as f64, min.map(|n| n as f64), max.map(|n| n as f64), text, place));
                number.map(Value::Integer)
            }
            Kind::Double { min, max } => {
                let number = float(text);
                number.map(|number| self.range(number, *min, *max, text, place));
                number.map(Value::Double)
            }
            Kind::Boolean => match text {
                "true" => Some(Value::Boolean(true)),
                "false" => Some(Value::Boolean(false)),
                // EC2 takes other cases and numbers from old clients.
                _ if text.eq_ignore_ascii_case("true") || text == "1" => Some(Value::Boolean(true)),
                _ if text.eq_ignore_ascii_case("false") || text == "0" => Some(Value::Boolean(false)),
                _ => None,
            },
            Kind::Timestamp => timestamp(text).map(Value::Timestamp),
            Kind::Blob { min, max } => {
                let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok();
                if let Some(bytes) = &bytes {
                    self.length(*min, *max, bytes.len(), None, place);
                }
                bytes.map(Value::Blob)
            }
            Kind::Structure(_) | Kind::List(_) | Kind::Map(_) => None,
        };
        if value.is_none() {
            self.violate(place, Some(text), Constraint::Type(type_name(found)));
        }
        value
    }

    fn text(&mut self, name: &str, constraints: &Text, text: &str, place: &Place) -> Option<Value> {
        let before = self.violations.len();
        if constraints.min.is_some() || constraints.max.is_some() {
            self.length(constraints.min, constraints.max, text.chars().count(), Some(text), place);
        }
        if let Some(pattern) = constraints.pattern.as_ref().filter(|pattern| !pattern.admits(text)) {
            self.violate(place, Some(text), Constraint::Pattern(pattern.text.clone()));
        }
        if !constraints.values.is_empty() && !constraints.values.iter().any(|value| value == text) {
            self.violate(place, Some(text), Constraint::Enum(name.to_owned(), constraints.values.clone()));
        }
        (self.violations.len() == before).then(|| Value::String(text.to_owned()))
    }

    fn length(&mut self, min: Option<u64>, max: Option<u64>, length: usize, text: Option<&str>, place: &Place) {
        let length = length as u64;
        if let Some(least) = min.filter(|least| length < *least) {
            self.violate(place, text.or(Some("[]")), Constraint::MinLength(least));
        }
        if let Some(most) = max.filter(|most| length > *most) {
            self.violate(place, text.or(Some("[]")), Constraint::MaxLength(most));
        }
    }

    fn range(&mut self, number: f64, min: Option<f64>, max: Option<f64>, text: &str, place: &Place) {
        if let Some(least) = min.filter(|least| number < *least) {
            self.violate(place, Some(text), Constraint::MinValue(least));
        }
        if let Some(most) = max.filter(|most| number > *most) {
            self.violate(place, Some(text), Constraint::MaxValue(most));
        }
    }

    /// The first parameter that the operation does not have.
    fn unknown(&mut self, structure: &Structure, tree: &Node<'_>) {
        let known = |name: &str| COMMON.contains(&name) || structure.members.iter().any(|member| member.input == name);
        let stray = tree.children.keys().find(|name| !known(name)).copied().or(tree.too_deep);
        if let Some(name) = stray {
            let place = Place { path: name.to_owned(), parameter: name.to_owned() };
            self.violate(&place, Some(""), Constraint::Unknown);
        }
    }
}

fn float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok(),
    }
}

/// ISO 8601, with or without offset and fraction; a bare date is its midnight; a number is epoch seconds.
fn timestamp(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let completed = [format!("{text}Z"), format!("{text}T00:00:00Z")];
    if let Some(time) = completed.iter().find_map(|text| text.parse::<Timestamp>().ok()) {
        return Some(time);
    }
    text.parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok())
}
