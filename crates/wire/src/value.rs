//! Decoded values: typed by the model, not yet by Rust.

use jiff::Timestamp;

use crate::model::Structure;

/// A value of a request.
#[derive(Debug, Clone)]
pub enum Value {
    Struct(StructValue),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    String(String),
    Integer(i64),
    Double(f64),
    Boolean(bool),
    Timestamp(Timestamp),
    Blob(Vec<u8>),
}

/// The members of a structure that came.
#[derive(Debug, Clone)]
pub struct StructValue {
    pub(crate) structure: &'static Structure,
    pub(crate) members: Vec<(usize, Value)>,
}

impl StructValue {
    /// The members by the model's names.
    pub fn members(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        let structure = self.structure;
        self.members
            .iter()
            .filter_map(move |(position, value)| Some((structure.members.get(*position)?.name.as_str(), value)))
    }
}

impl Value {
    /// The member of that (model) name, if this is a structure that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Struct(value) => value.members().find(|(member, _)| *member == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value as JSON with the model's names: for tests and fingerprints.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Value::Struct(value) => {
                Json::Object(value.members().map(|(name, value)| (name.to_owned(), value.to_json())).collect())
            }
            Value::List(items) => Json::Array(items.iter().map(Value::to_json).collect()),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect())
            }
            Value::String(text) => Json::String(text.clone()),
            Value::Integer(number) => Json::from(*number),
            Value::Double(number) => {
                serde_json::Number::from_f64(*number).map_or_else(|| Json::String(number.to_string()), Json::Number)
            }
            Value::Boolean(value) => Json::Bool(*value),
            Value::Timestamp(time) => Json::String(time.to_string()),
            Value::Blob(bytes) => Json::String(String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}
