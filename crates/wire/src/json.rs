//! Answers as JSON: STS's for who asks with `Accept: application/json` (aws-iam-authenticator's verifier does), and those of services that speak
//! nothing else. Names are the model's, times are epoch seconds. It is rare, so it is made out of the XML: a second serializer for every answer's
//! type would be a fortieth of the program.

use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde_json::{Map as JsonMap, Value as Json, json};

use crate::model::{Kind, Model, Operation, Protocol, ShapeId};
use crate::write::EncodeError;

/// An operation's answer, written as XML by [`crate::write`], as JSON.
pub fn as_json(model: &Model, operation: &Operation, xml: &[u8], request_id: &str) -> Result<Vec<u8>, EncodeError> {
    if model.protocol == Protocol::Json {
        return bare(model, operation, xml);
    }
    let mut body = JsonMap::new();
    if let (Some(output), Some(wrapper)) = (operation.output, &operation.result_wrapper) {
        let mut reader = inside(xml)?;
        // The wrapper in the response.
        opened(&mut reader)?;
        body.insert(wrapper.clone(), value(model, output, &mut reader)?);
    }
    body.insert("ResponseMetadata".into(), json!({"RequestId": request_id}));
    Ok(json!({format!("{}Response", operation.name): body}).to_string().into_bytes())
}

/// The members alone, without an element around them.
fn bare(model: &Model, operation: &Operation, xml: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let mut reader = inside(xml)?;
    let body = operation.output.map(|output| value(model, output, &mut reader)).transpose()?;
    Ok(body.unwrap_or_else(|| json!({})).to_string().into_bytes())
}

/// Reads on behind the response's element.
fn inside(xml: &[u8]) -> Result<Reader<&[u8]>, EncodeError> {
    let mut reader = Reader::from_str(std::str::from_utf8(xml).map_err(failed)?);
    reader.config_mut().expand_empty_elements = true;
    opened(&mut reader)?;
    Ok(reader)
}

fn failed(error: impl std::fmt::Display) -> EncodeError {
    EncodeError(error.to_string().into())
}

/// The name of the next element, if one opens before the present one ends.
fn opened(reader: &mut Reader<&[u8]>) -> Result<Option<String>, EncodeError> {
    loop {
        match reader.read_event().map_err(failed)? {
            Event::Start(start) => {
                return Ok(Some(start.name().as_ref().to_owned()));
            }
            Event::End(_) | Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// What stands in the element that was opened last, to its end.
fn value(model: &Model, shape: ShapeId, reader: &mut Reader<&[u8]>) -> Result<Json, EncodeError> {
    match &model.shape(shape).kind {
        Kind::Structure(structure) => {
            let mut members = JsonMap::new();
            while let Some(element) = opened(reader)? {
                let member = structure.members.iter().find(|member| member.output == element);
                let member = member.ok_or_else(|| failed(format!("no member is written as `{element}`")))?;
                members.insert(member.name.clone(), value(model, member.shape, reader)?);
            }
            Ok(Json::Object(members))
        }
        Kind::List(list) => {
            let mut items = Vec::new();
            while opened(reader)?.is_some() {
                items.push(value(model, list.member, reader)?);
            }
            Ok(Json::Array(items))
        }
        Kind::Map(map) => {
            let mut entries = JsonMap::new();
            while opened(reader)?.is_some() {
                opened(reader)?;
                let key = text(reader)?;
                opened(reader)?;
                entries.insert(key, value(model, map.value, reader)?);
                // The end of the entry.
                opened(reader)?;
            }
            Ok(Json::Object(entries))
        }
        kind => leaf(kind, &text(reader)?),
    }
}

fn leaf(kind: &Kind, text: &str) -> Result<Json, EncodeError> {
    Ok(match kind {
        Kind::Integer { .. } => json!(text.parse::<i64>().map_err(failed)?),
        Kind::Double { .. } => json!(text.parse::<f64>().map_err(failed)?),
        Kind::Boolean => json!(text == "true"),
        Kind::Timestamp => json!(text.parse::<Timestamp>().map_err(failed)?.as_millisecond() as f64 / 1_000.0),
        _ => json!(text),
    })
}

fn text(reader: &mut Reader<&[u8]>) -> Result<String, EncodeError> {
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(failed)? {
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(part) => match part.resolve_char_ref().map_err(failed)? {
                Some(character) => text.push(character),
                None => text.push_str(resolve_predefined_entity(&part).unwrap_or_default()),
            },
            Event::End(_) | Event::Eof => return Ok(text),
            _ => {}
        }
    }
}
