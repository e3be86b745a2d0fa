//! Which names an operation has. Asked only of requests that hold more values than decoding took.

use crate::form::item_number;
use crate::model::{Kind, Member, Model, Protocol, ShapeId, Structure};

/// The form's own parameters, which no operation declares.
pub(super) const COMMON: &[&str] = &[
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

/// Whether the whole name leads through the model to a place that takes a value.
pub(super) fn known(model: &Model, structure: &Structure, name: &str) -> bool {
    let mut steps = name.split('.');
    let first = steps.next().unwrap_or_default();
    match member(structure, first) {
        Some(member) => leads(model, member.shape, steps),
        None => COMMON.contains(&name),
    }
}

fn member<'a>(structure: &'a Structure, step: &str) -> Option<&'a Member> {
    structure.members.iter().find(|member| member.input == step)
}

fn leads<'a>(model: &Model, mut shape: ShapeId, mut steps: impl Iterator<Item = &'a str>) -> bool {
    loop {
        let step = steps.next();
        shape = match (&model.shape(shape).kind, step) {
            (Kind::Structure(structure), Some(step)) => match member(structure, step) {
                Some(member) => member.shape,
                None => return false,
            },
            (Kind::Structure(_), None) => return false,
            (Kind::List(list), Some(step)) => {
                let named = model.protocol == Protocol::Query && !list.flattened;
                let number = if named && step == list.element { steps.next().unwrap_or_default() } else { step };
                if item_number(number).is_none() {
                    return false;
                }
                list.member
            }
            (Kind::Map(map), Some(step)) => {
                let number = if step == "entry" { steps.next().unwrap_or_default() } else { step };
                match (item_number(number), steps.next()) {
                    (Some(_), Some("key")) => map.key,
                    (Some(_), Some("value")) => map.value,
                    _ => return false,
                }
            }
            // A list may be given without numbers; a single value has nothing below it.
            (_, None) => return true,
            (_, Some(_)) => return false,
        };
    }
}
