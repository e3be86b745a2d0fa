//! Requests made from the models: of every operation one with what the model requires, and those `requests.txt` adds to it, which show options
//! that more resources and condition keys come with.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use service::Operation;
use wire::{Kind, Model, Protocol, ShapeId, Structure};

use super::stage::{Parameters, STAGE};

/// Lines `Operation Parameter=value …`, each a request beside the least one, or with `>` before it in its stead, where the model admits less than
/// the operation does. `{Name}` stands for the sample of that name; a value has no spaces.
const REQUESTS: &str = include_str!("requests.txt");

/// The requests of an operation: the least that it takes, then each line of `requests.txt`.
pub fn of(row: &Operation) -> Vec<Parameters> {
    let least = least(row);
    let lines: Vec<&Line> = LINES.iter().filter(|line| line.operation == row.name).collect();
    let alone = !lines.iter().any(|line| line.in_its_stead);
    let added = lines.iter().map(|line| {
        let mut all: BTreeMap<String, String> = least.iter().cloned().collect();
        all.extend(line.parameters.split_whitespace().map(parameter));
        all.into_iter().collect()
    });
    alone.then(|| least.clone()).into_iter().chain(added).collect()
}

/// A line of `requests.txt`.
struct Line {
    operation: &'static str,
    in_its_stead: bool,
    parameters: &'static str,
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let lines = REQUESTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let line = |line: &'static str| {
        let (operation, parameters) = line.split_once(' ').unwrap_or((line, ""));
        Line { operation: operation.trim_start_matches('>'), in_its_stead: operation.starts_with('>'), parameters }
    };
    lines.map(line).collect()
});

fn parameter(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or_else(|| panic!("requests.txt: `{text}` has no value"));
    let mut value = value.to_owned();
    while let Some((before, rest)) = value.split_once('{') {
        let (name, after) = rest.split_once('}').unwrap_or_else(|| panic!("requests.txt: `{text}` has no `}}`"));
        let sample = STAGE.names.get(name).unwrap_or_else(|| panic!("requests.txt: nothing is named `{name}`"));
        value = format!("{before}{sample}{after}");
    }
    (name.to_owned(), value)
}

fn least(row: &Operation) -> Parameters {
    let model = wire::model(row.service);
    let input = model.operation(row.name).unwrap_or_else(|| panic!("{} is in no model", row.action())).input;
    let mut made = Made { model, parameters: Vec::new() };
    if let Some(structure) = input.and_then(|input| model.structure(input)) {
        made.structure(structure, "", "");
    }
    made.parameters
}

struct Made {
    model: &'static Model,
    parameters: Parameters,
}

impl Made {
    /// What the structure requires; if that is nothing, a nested one gets the first member there is a sample for.
    fn structure(&mut self, structure: &Structure, wire: &str, name: &str) {
        let mut wanted: Vec<_> = structure.members.iter().filter(|member| member.required).collect();
        if wanted.is_empty() && !name.is_empty() {
            wanted.extend(structure.members.iter().find(|member| sample(&joined(name, &member.name)).is_some()));
        }
        for member in wanted {
            self.value(member.shape, &joined(wire, &member.input), &joined(name, &member.name));
        }
    }

    fn value(&mut self, shape: ShapeId, wire: &str, name: &str) {
        match &self.model.shape(shape).kind {
            Kind::Structure(structure) => self.structure(structure, wire, name),
            Kind::List(list) => {
                let path = match self.model.protocol {
                    Protocol::Query | Protocol::Json if !list.flattened => format!("{wire}.{}.1", list.element),
                    Protocol::Query | Protocol::Json | Protocol::Ec2 => format!("{wire}.1"),
                };
                self.value(list.member, &path, name);
            }
            kind => {
                let value = sample(name).map_or_else(|| by_constraints(kind), str::to_owned);
                self.parameters.push((wire.to_owned(), value));
            }
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The sample for that member, by its whole path or by its own name.
fn sample(path: &str) -> Option<&'static str> {
    let own = path.rsplit('.').next().unwrap_or(path);
    STAGE.names.get(path).or_else(|| STAGE.names.get(own)).map(String::as_str)
}

/// A value that fits length, range and enumeration; what has a pattern of its own needs a sample.
fn by_constraints(kind: &Kind) -> String {
    match kind {
        Kind::Text(text) => match text.values.first() {
            Some(value) => value.clone(),
            None => "a".repeat(text.min.unwrap_or(1).max(1) as usize),
        },
        Kind::Integer { min, .. } => min.unwrap_or(1).to_string(),
        Kind::Double { min, .. } => min.unwrap_or(1.0).to_string(),
        Kind::Boolean => "true".to_owned(),
        Kind::Timestamp => "2026-01-01T00:00:00Z".to_owned(),
        Kind::Blob { .. } => "c2FtcGxl".to_owned(),
        Kind::Structure(_) | Kind::List(_) | Kind::Map(_) => String::new(),
    }
}

#[test]
fn every_line_is_of_an_operation_that_is_built() {
    let built: Vec<&str> = super::stage::rows().iter().map(|row| row.name).collect();
    for Line { operation, .. } in LINES.iter() {
        assert!(built.contains(operation), "requests.txt: `{operation}` is not built");
    }
}
