//! Values of the model's shapes that have no Rust struct of their own: members by the model's names, as JSON.
//!
//! What is regular is told by data (EC2's families) or only kept and shown again; a struct with two hundred fields would say nothing more. The
//! model types what comes in, and what goes out is written by it: members that a shape does not have are left out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Shaped;

/// The members that came, or that an answer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(pub Map<String, Value>);

/// Which members are honoured is said beside the row: [`crate::operation::Row::honours`].
impl Shaped for Document {}

impl Document {
    /// The value at a path of member names, `Status.Code`; nothing if a list is on the way.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        rest.into_iter().flat_map(|rest| rest.split('.')).try_fold(self.0.get(first)?, |value, name| value.get(name))
    }

    /// The text at a path.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The number at a path.
    pub fn number(&self, path: &str) -> Option<i64> {
        self.at(path)?.as_i64()
    }

    /// The truth value at a path.
    pub fn truth(&self, path: &str) -> Option<bool> {
        self.at(path)?.as_bool()
    }

    /// The texts of a list at a path.
    pub fn texts(&self, path: &str) -> Vec<String> {
        let items = self.at(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// The items of a list at a path; none if there is no list.
    pub fn list(&self, path: &str) -> Vec<Value> {
        self.at(path).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// Sets the value at a path, making the structures on the way.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) {
        match path.split_once('.') {
            None => {
                self.0.insert(path.to_owned(), value.into());
            }
            Some((first, rest)) => {
                let mut inner = match self.0.remove(first) {
                    Some(Value::Object(inner)) => Document(inner),
                    _ => Document::default(),
                };
                inner.set(rest, value);
                self.0.insert(first.to_owned(), Value::Object(inner.0));
            }
        }
    }

    /// Takes over the members of another; structures are merged, everything else is replaced.
    pub fn merge(&mut self, other: &Document) {
        merge(&mut self.0, &other.0);
    }

    /// All texts at a path, through lists, as filters see them: numbers and truth values too.
    pub fn found(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        if let Some((first, rest)) = path.split_once('.') {
            self.0.get(first).iter().for_each(|value| collect(value, rest, &mut found));
        } else {
            self.0.get(path).iter().for_each(|value| collect(value, "", &mut found));
        }
        found
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Document {
        match value {
            Value::Object(members) => Document(members),
            _ => Document::default(),
        }
    }
}

fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Object(held)), Value::Object(given)) => merge(held, given),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, found)),
        Value::Object(members) if !path.is_empty() => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            members.get(first).iter().for_each(|value| collect(value, rest, found));
        }
        Value::String(text) if path.is_empty() => found.push(text.clone()),
        Value::Number(number) if path.is_empty() => found.push(number.to_string()),
        Value::Bool(value) if path.is_empty() => found.push(value.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_reach_into_structures_and_lists() {
        let mut document = Document::from(json!({"A": {"B": {"C": "x"}}, "L": [{"N": 1}, {"N": 2}], "T": true}));
        assert_eq!(document.text("A.B.C"), Some("x"));
        assert_eq!(document.text("A.X.C"), None);
        assert_eq!(document.found("L.N"), ["1", "2"]);
        assert_eq!(document.found("T"), ["true"]);
        assert_eq!(document.found("A"), Vec::<String>::new());
        document.set("A.B.D", 5);
        document.set("New.Deep", "y");
        assert_eq!(document.number("A.B.D"), Some(5));
        assert_eq!(document.text("A.B.C"), Some("x"));
        assert_eq!(document.text("New.Deep"), Some("y"));
    }

    #[test]
    fn merging_replaces_all_but_structures() {
        let mut document = Document::from(json!({"A": {"B": 1, "C": 2}, "L": [1]}));
        document.merge(&Document::from(json!({"A": {"B": 3}, "L": [2, 3]})));
        assert_eq!(document, Document::from(json!({"A": {"B": 3, "C": 2}, "L": [2, 3]})));
    }
}
