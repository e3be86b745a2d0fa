//! What the model says of a family's operations: which member of an answer is the resource, which lists them, which of an input's members the
//! resource has too.

use serde_json::Value;
use service::Service;
use service::prelude::*;
use wire::{Kind as Of, Model, ShapeId, ShapeReport, Structure};

use super::{Family, Item};
use crate::kind::Kind;

/// What all describing operations honour.
pub const DESCRIBING: &[&str] = &["Filters", "Filter", "MaxResults", "NextToken"];

fn model() -> &'static Model {
    wire::model(Service::Ec2)
}

fn output(operation: &str) -> Option<&'static Structure> {
    model().structure(model().operation(operation)?.output?)
}

/// The structure that describes the kind.
pub fn shape(kind: &Kind) -> Option<&'static Structure> {
    model().structure_named(kind.shape)
}

/// What a list holds, or the shape itself.
fn inner(shape: ShapeId) -> ShapeId {
    match &model().shape(shape).kind {
        Of::List(list) => list.member,
        _ => shape,
    }
}

fn holds(shape: ShapeId, kind: &Kind) -> bool {
    model().shape(inner(shape)).name == kind.shape
}

/// The members of an operation's input that the kind's shape has too.
pub fn members_of(kind: &Kind, operation: &str, input: &Document, but: &[&str]) -> Document {
    let operation = model().operation(operation);
    let kept = input.0.iter().filter(|(name, _)| !but.contains(&name.as_str()) && is_shared(kind, operation, name));
    Document(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Whether an operation's input and the kind's shape have a member of that name in the same form.
fn is_shared(kind: &Kind, operation: Option<&wire::Operation>, name: &str) -> bool {
    let input = operation.and_then(|operation| model().structure(operation.input?));
    let given = input.and_then(|input| input.by_name(name));
    let held = shape(kind).and_then(|shape| shape.by_name(name));
    matches!((given, held), (Some((_, given)), Some((_, held))) if is_writable_as(given.shape, held.shape))
}

/// Whether values of one shape can be written as another; what a structure does not have is left out.
pub fn is_writable_as(one: ShapeId, other: ShapeId) -> bool {
    match (&model().shape(one).kind, &model().shape(other).kind) {
        (Of::Structure(one), Of::Structure(other)) => one
            .members
            .iter()
            .all(|member| other.by_name(&member.name).is_none_or(|(_, held)| is_writable_as(member.shape, held.shape))),
        (Of::List(one), Of::List(other)) => is_writable_as(one.member, other.member),
        // Numbers and truth values can be written as texts.
        (Of::Integer { .. } | Of::Boolean | Of::Double { .. }, Of::Text(_)) => true,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// The answer about one: the resource, its id, `Return` or the client token, or members of the resource, whatever the operation's output has.
pub fn about(family: &Family, operation: &str, cx: &Cx, world: &World, input: &Document, item: &Item) -> Document {
    let mut answer = Document::default();
    let shown = family.shown(cx, world, item);
    for member in output(operation).map(|output| output.members.as_slice()).unwrap_or_default() {
        let name = member.name.as_str();
        if holds(member.shape, family.kind) {
            answer.set(name, Value::Object(shown.0.clone()));
        } else if name == family.id {
            answer.set(name, item.id.as_str());
        } else if matches!(name, "Return" | "ReturnCode" | "ReturnValue") {
            answer.set(name, true);
        } else if let ("ClientToken", Some(token)) = (name, input.text("ClientToken")) {
            answer.set(name, token);
        } else if let Some(value) =
            shown.at(name).filter(|_| shape(family.kind).is_some_and(|it| it.by_name(name).is_some()))
        {
            answer.set(name, value.clone());
        }
    }
    answer
}

/// The answer that lists them.
pub fn list(family: &Family, operation: &str, shown: Vec<Value>, next: Option<String>) -> Document {
    let mut answer = Document::default();
    let members = output(operation).map(|output| output.members.as_slice()).unwrap_or_default();
    if let Some(member) = members.iter().find(|member| holds(member.shape, family.kind)) {
        answer.set(&member.name, shown);
    }
    if let Some(next) = next {
        answer.set("NextToken", next);
    }
    answer
}

/// The ids a describing operation names: its member is the id's, in the plural.
pub fn ids(family: &Family, input: &Document) -> Vec<String> {
    input.texts(&format!("{}s", family.id))
}

/// Which members of an input are honoured: those of the machinery, those the resource has too, and those that the family's functions use.
pub fn honoured(model: &Model, operation: &wire::Operation, family: &Family, uses: &[&str]) -> ShapeReport {
    let input = operation.input.and_then(|input| model.structure(input));
    let names: Vec<&str> =
        input.into_iter().flat_map(|input| &input.members).map(|member| member.name.as_str()).collect();
    let ids = format!("{}s", family.id);
    let within = |name: &&str| family.within.iter().any(|(member, _)| member == name);
    let known = |name: &&str| {
        super::verbs::CONTROL.contains(name)
            || *name == family.id
            || *name == ids
            || uses.contains(name)
            || within(name)
            || is_shared(family.kind, Some(operation), name)
    };
    let undeclared = names.iter().filter(|name| !known(name)).map(|name| (*name).to_owned()).collect();
    let optional = |name: &&&str| !DESCRIBING.contains(*name);
    let unknown =
        uses.iter().filter(optional).filter(|name| !names.contains(*name)).map(|name| (*name).to_owned()).collect();
    ShapeReport { unknown, undeclared }
}
