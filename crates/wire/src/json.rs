//! STS's answers as JSON, for who asks with `Accept: application/json` (aws-iam-authenticator's verifier does). Names are the model's, times
//! are epoch seconds. It is rare, so it goes through a tree.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map as JsonMap, Value as Json, json};

use crate::model::{Kind, Model, Operation, ShapeId};
use crate::write::EncodeError;

/// Writes an operation's answer as JSON.
pub fn write_json<T: Serialize + ?Sized>(
    model: &Model,
    operation: &Operation,
    answer: &T,
    request_id: &str,
) -> Result<Vec<u8>, EncodeError> {
    let plain = serde_json::to_value(answer).map_err(|error| EncodeError(error.to_string()))?;
    let mut body = JsonMap::new();
    if let (Some(output), Some(wrapper)) = (operation.output, &operation.result_wrapper) {
        body.insert(wrapper.clone(), named(model, output, &plain)?);
    }
    body.insert("ResponseMetadata".into(), json!({"RequestId": request_id}));
    Ok(json!({format!("{}Response", operation.name): body}).to_string().into_bytes())
}

/// The tree with the model's names.
fn named(model: &Model, shape: ShapeId, plain: &Json) -> Result<Json, EncodeError> {
    match (&model.shape(shape).kind, plain) {
        (Kind::Structure(structure), Json::Object(fields)) => {
            let mut members = JsonMap::new();
            for (field, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let (_, member) = structure
                    .by_field(field)
                    .ok_or_else(|| EncodeError(format!("the model has no member for the field `{field}`")))?;
                members.insert(member.name.clone(), named(model, member.shape, value)?);
            }
            Ok(Json::Object(members))
        }
        (Kind::List(list), Json::Array(items)) => items.iter().map(|item| named(model, list.member, item)).collect(),
        (Kind::Timestamp, Json::String(text)) => {
            let time: Timestamp = text.parse().map_err(|_| EncodeError(format!("`{text}` is no time")))?;
            Ok(json!(time.as_second() as f64))
        }
        (_, plain) => Ok(plain.clone()),
    }
}
