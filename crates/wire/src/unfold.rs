//! A JSON request as the parameters a form would bring (`Names.member.1`), so that names, constraints and violations are decoded by one decoder for
//! all services. Only what JSON knows and a form does not is looked at here: that a value has the type of its member.

use std::fmt;

use serde_json::Value as Json;

use crate::form::Params;
use crate::model::{Kind, Model, Operation, ShapeId};

/// More than any request has; what is built from parameters must not grow with hostile input.
const MOST_VALUES: usize = 10_000;

/// The body is no JSON object, or not one of the operation's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoJson(String);

impl fmt::Display for NoJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parameters in a request's body; nothing at all counts as an empty object. Members that the model does not know are passed over, as AWS does.
pub fn unfold(model: &Model, operation: &Operation, body: &[u8]) -> Result<Params, NoJson> {
    let mut unfolding = Unfolding { model, pairs: Vec::new() };
    if !body.is_empty() {
        let value: Json = serde_json::from_slice(body).map_err(|_| NoJson(String::new()))?;
        if !value.is_object() {
            return Err(NoJson(String::new()));
        }
        operation.input.map_or(Ok(()), |input| unfolding.value(input, String::new(), &value))?;
    }
    Ok(Params::from_pairs(unfolding.pairs))
}

struct Unfolding<'m> {
    model: &'m Model,
    pairs: Vec<(String, String)>,
}

impl Unfolding<'_> {
    fn value(&mut self, shape: ShapeId, name: String, value: &Json) -> Result<(), NoJson> {
        match (&self.model.shape(shape).kind, value) {
            (_, Json::Null) => Ok(()),
            (Kind::Structure(structure), Json::Object(members)) => {
                let came = structure.members.iter().filter_map(|member| Some((member, members.get(&member.output)?)));
                came.into_iter().try_for_each(|(member, value)| {
                    let step = if name.is_empty() { member.input.clone() } else { format!("{name}.{}", member.input) };
                    self.value(member.shape, step, value)
                })
            }
            // As a form says that a list is there and empty.
            (Kind::List(_), Json::Array(items)) if items.is_empty() => self.push(name, String::new()),
            (Kind::List(list), Json::Array(items)) => (1..).zip(items).try_for_each(|(number, item)| {
                self.value(list.member, format!("{name}.{}.{number}", list.element), item)
            }),
            (Kind::Map(map), Json::Object(entries)) => (1..).zip(entries).try_for_each(|(number, (key, value))| {
                self.push(format!("{name}.entry.{number}.key"), key.clone())?;
                self.value(map.value, format!("{name}.entry.{number}.value"), value)
            }),
            (Kind::Text(_) | Kind::Blob { .. } | Kind::Timestamp, Json::String(text)) => self.push(name, text.clone()),
            (Kind::Boolean, Json::Bool(truth)) => self.push(name, truth.to_string()),
            (Kind::Integer { .. } | Kind::Double { .. } | Kind::Timestamp, Json::Number(number)) => {
                self.push(name, number.to_string())
            }
            (kind, value) => Err(NoJson(misfit(kind, value))),
        }
    }

    fn push(&mut self, name: String, value: String) -> Result<(), NoJson> {
        if self.pairs.len() >= MOST_VALUES {
            return Err(NoJson(String::new()));
        }
        self.pairs.push((name, value));
        Ok(())
    }
}

/// AWS's words for a value of the wrong type (as they are known of other services that speak JSON).
fn misfit(kind: &Kind, value: &Json) -> String {
    let wanted = match kind {
        Kind::List(_) => return "Expected list or null".to_owned(),
        Kind::Structure(_) | Kind::Map(_) => return "Expected null".to_owned(),
        Kind::Text(_) => "a String",
        Kind::Boolean => "a Boolean",
        Kind::Integer { bits: 64, .. } => "a Long",
        Kind::Integer { .. } => "an Integer",
        Kind::Double { .. } => "a Double",
        Kind::Timestamp => "a Timestamp",
        Kind::Blob { .. } => "a Blob",
    };
    match value {
        Json::Object(_) => "Start of structure or map found where not expected.".to_owned(),
        Json::Array(_) => "Start of list found where not expected".to_owned(),
        Json::Number(_) => format!("NUMBER_VALUE can not be converted to {wanted}"),
        Json::Bool(truth) => {
            format!("{}_VALUE can not be converted to {wanted}", if *truth { "TRUE" } else { "FALSE" })
        }
        Json::String(_) | Json::Null => format!("STRING_VALUE can not be converted to {wanted}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Service, model};

    fn unfolded(operation: &str, body: &str) -> Result<Json, String> {
        let model = model(Service::Ssm);
        let operation = model.operation(operation).unwrap();
        let params = unfold(model, operation, body.as_bytes()).map_err(|error| error.to_string())?;
        let value = crate::decode(model, operation, &params);
        value.map(|value| value.to_json()).map_err(|found| found[0].item(true))
    }

    #[test]
    fn a_body_is_what_a_form_would_say() {
        let cases = [
            (
                "GetParameter",
                r#"{"Name": "/a b&c", "WithDecryption": true}"#,
                json!({"Name": "/a b&c", "WithDecryption": true}),
            ),
            ("GetParameter", r#"{"Name": "a", "WithDecryption": null, "Colour": [1]}"#, json!({"Name": "a"})),
            ("GetParameters", r#"{"Names": ["a", "b.c"]}"#, json!({"Names": ["a", "b.c"]})),
            (
                "GetParametersByPath",
                r#"{"Path": "/a", "MaxResults": 5, "ParameterFilters": [{"Key": "Type", "Values": ["String"]}]}"#,
                json!({"Path": "/a", "ParameterFilters": [{"Key": "Type", "Values": ["String"]}], "MaxResults": 5}),
            ),
        ];
        for (operation, body, expected) in cases {
            assert_eq!(unfolded(operation, body), Ok(expected), "{body}");
        }
    }

    #[test]
    fn types_and_constraints_are_looked_at() {
        let at_names =
            "Value '[]' at 'names' failed to satisfy constraint: Member must have length greater than or equal to 1";
        for (operation, body, expected) in [
            ("GetParameter", "[]", ""),
            ("GetParameter", "{", ""),
            ("GetParameter", "", "Value null at 'name' failed to satisfy constraint: Member must not be null"),
            ("GetParameter", r#"{"Name": 5}"#, "NUMBER_VALUE can not be converted to a String"),
            (
                "GetParameter",
                r#"{"Name": "a", "WithDecryption": "yes"}"#,
                "STRING_VALUE can not be converted to a Boolean",
            ),
            ("GetParameters", r#"{"Names": "a"}"#, "Expected list or null"),
            ("GetParameters", r#"{"Names": []}"#, at_names),
            ("GetParameters", r#"{"Names": [["a"]]}"#, "Start of list found where not expected"),
        ] {
            assert_eq!(unfolded(operation, body), Err(expected.to_owned()), "{body}");
        }
    }
}
