//! The names of a Rust struct's fields, and how they compare with a shape of the model.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::model::{Kind, Model, Operation, ShapeId};

/// A type that stands in an input or output. Structs derive it; a type that stands for one value (a domain type) implements it empty.
pub trait Shaped {
    /// The fields, for structs; `None` for values. Lists, options and the like give their inner type's.
    fn fields() -> Option<&'static [FieldDef]> {
        None
    }
}

/// One field of a struct.
#[derive(Debug)]
pub struct FieldDef {
    pub name: &'static str,
    pub fields: fn() -> Option<&'static [FieldDef]>,
}

macro_rules! values {
    ($($kind:ty),* $(,)?) => { $( impl Shaped for $kind {} )* };
}

values!(
    bool,
    i8,
    i16,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
    f32,
    f64,
    String,
    str,
    (),
    IpAddr,
    Ipv4Addr,
    Ipv6Addr,
    jiff::Timestamp,
    ipnet::IpNet,
    ipnet::Ipv4Net,
    ipnet::Ipv6Net,
);

macro_rules! transparent {
    ($($kind:ty),* $(,)?) => { $( impl<T: Shaped> Shaped for $kind { fn fields() -> Option<&'static [FieldDef]> { T::fields() } } )* };
}

transparent!(Option<T>, Vec<T>, Box<T>, Arc<T>, [T]);

impl<T: Shaped + ?Sized> Shaped for &T {
    fn fields() -> Option<&'static [FieldDef]> {
        T::fields()
    }
}

impl Shaped for Arc<str> {}

impl Shaped for Cow<'_, str> {}

impl<K, T: Shaped> Shaped for BTreeMap<K, T> {
    fn fields() -> Option<&'static [FieldDef]> {
        T::fields()
    }
}

/// How a struct and a shape differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShapeReport {
    /// Fields the model does not know: bugs.
    pub unknown: Vec<String>,
    /// Members nobody declared: not honoured.
    pub undeclared: Vec<String>,
}

/// Compares an operation's input struct with the model.
pub fn compare_input<T: Shaped>(model: &Model, operation: &Operation) -> ShapeReport {
    compare(model, operation.input, T::fields())
}

/// Compares an operation's output struct with the model.
pub fn compare_output<T: Shaped>(model: &Model, operation: &Operation) -> ShapeReport {
    compare(model, operation.output, T::fields())
}

fn compare(model: &Model, shape: Option<ShapeId>, fields: Option<&'static [FieldDef]>) -> ShapeReport {
    let mut report = ShapeReport::default();
    let fields = fields.unwrap_or_default();
    match shape {
        Some(shape) => visit(model, shape, fields, "", 0, &mut report),
        None => report.unknown.extend(fields.iter().map(|field| field.name.to_owned())),
    }
    report
}

/// Deep enough for every shape; a recursive one ends here.
const DEEPEST: usize = 12;

fn visit(
    model: &Model,
    shape: ShapeId,
    fields: &'static [FieldDef],
    path: &str,
    depth: usize,
    report: &mut ShapeReport,
) {
    let Some(structure) = model.structure(inner(model, shape)) else {
        report.unknown.extend(fields.iter().map(|field| format!("{path}{}", field.name)));
        return;
    };
    let mut declared = vec![false; structure.members.len()];
    for field in fields {
        let Some((position, member)) = structure.by_field(field.name) else {
            report.unknown.push(format!("{path}{}", field.name));
            continue;
        };
        if let Some(slot) = declared.get_mut(position) {
            *slot = true;
        }
        if let (Some(nested), true) = ((field.fields)(), depth < DEEPEST) {
            visit(model, member.shape, nested, &format!("{path}{}.", member.name), depth + 1, report);
        }
    }
    let missing = structure.members.iter().zip(declared).filter(|(_, declared)| !declared);
    report.undeclared.extend(missing.map(|(member, _)| format!("{path}{}", member.name)));
}

/// What lists and maps hold.
fn inner(model: &Model, shape: ShapeId) -> ShapeId {
    match &model.shape(shape).kind {
        Kind::List(list) => inner(model, list.member),
        Kind::Map(map) => inner(model, map.value),
        _ => shape,
    }
}
