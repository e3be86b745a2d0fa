//! Reads the embedded files. Names are borrowed from the text until their places are known, so that even the largest takes milliseconds.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Number;

use super::{
    Kind, List, Map, Member, Model, Operation, Pattern, Protocol, Service, Shape, ShapeId, Source, Structure, Text,
};

/// The model of a service.
pub fn model(service: Service) -> &'static Model {
    static MODELS: [OnceLock<Model>; 4] = [const { OnceLock::new() }; 4];
    let [iam, sts, ec2, ssm] = &MODELS;
    let slot = match service {
        Service::Iam => iam,
        Service::Sts => sts,
        Service::Ec2 => ec2,
        Service::Ssm => ssm,
    };
    slot.get_or_init(|| parse(service, &data::json(&format!("models/{}", service.as_str()))))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    source: Source,
    api_version: &'a str,
    xmlns: &'a str,
    errors: HashMap<String, u16>,
    #[serde(borrow)]
    operations: Rows<'a, RawOperation<'a>>,
    #[serde(borrow)]
    shapes: Rows<'a, RawShape<'a>>,
}

#[derive(Deserialize)]
struct RawOperation<'a> {
    input: Option<&'a str>,
    output: Option<&'a str>,
    wrapper: Option<&'a str>,
    #[serde(default)]
    unsigned: bool,
    #[serde(default)]
    errors: Vec<String>,
}

#[derive(Deserialize)]
struct RawShape<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    members: Option<Rows<'a, RawMember<'a>>>,
    member: Option<RawMember<'a>>,
    key: Option<RawMember<'a>>,
    value: Option<RawMember<'a>>,
    #[serde(default)]
    flattened: bool,
    min: Option<Number>,
    max: Option<Number>,
    pattern: Option<String>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMember<'a> {
    shape: &'a str,
    wire: Option<&'a str>,
    query: Option<&'a str>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    idempotency_token: bool,
}

/// A JSON object in its order.
struct Rows<'a, T>(Vec<(&'a str, T)>);

impl<T> Default for Rows<'_, T> {
    fn default() -> Self {
        Rows(Vec::new())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Rows<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowsVisitor(PhantomData))
    }
}

struct RowsVisitor<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for RowsVisitor<'a, T> {
    type Value = Rows<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = entries.next_entry()? {
            rows.push(row);
        }
        Ok(Rows(rows))
    }
}

/// INVARIANT: the embedded files are made by `cargo xtask data` and a test parses all; an unreadable one gives an empty model.
fn parse(service: Service, text: &str) -> Model {
    let protocol = service.protocol();
    let file: File<'_> = serde_json::from_str(text).unwrap_or_default();
    let ids = file.shapes.0.iter().enumerate().map(|(id, (name, _))| (*name, ShapeId(id))).collect();
    let parser = Parser { protocol, ids };
    let operations: Vec<Operation> =
        file.operations.0.into_iter().map(|(name, operation)| parser.operation(name, operation)).collect();
    let by_name =
        operations.iter().enumerate().map(|(position, operation)| (operation.name.clone(), position)).collect();
    let shapes = file.shapes.0.into_iter();
    Model {
        service,
        source: file.source,
        api_version: file.api_version.to_owned(),
        protocol,
        xmlns: file.xmlns.to_owned(),
        operations,
        by_name,
        shapes: shapes.map(|(name, shape)| Shape { name: name.to_owned(), kind: parser.kind(shape) }).collect(),
        structures: OnceLock::new(),
        errors: file.errors,
    }
}

struct Parser<'a> {
    protocol: Protocol,
    ids: HashMap<&'a str, ShapeId>,
}

impl Parser<'_> {
    fn id(&self, name: &str) -> ShapeId {
        self.ids.get(name).copied().unwrap_or(ShapeId(usize::MAX))
    }

    fn member_id(&self, member: Option<&RawMember<'_>>) -> ShapeId {
        self.id(member.map_or("", |member| member.shape))
    }

    fn operation(&self, name: &str, operation: RawOperation<'_>) -> Operation {
        Operation {
            name: name.to_owned(),
            input: operation.input.map(|shape| self.id(shape)),
            output: operation.output.map(|shape| self.id(shape)),
            result_wrapper: operation.wrapper.map(str::to_owned),
            unsigned: operation.unsigned,
            errors: operation.errors,
        }
    }

    fn kind(&self, shape: RawShape<'_>) -> Kind {
        let signed = |number: &Option<Number>| number.as_ref().and_then(Number::as_i64);
        let float = |number: &Option<Number>| number.as_ref().and_then(Number::as_f64);
        let length = |number: &Option<Number>| number.as_ref().and_then(Number::as_u64);
        let (min, max) = (length(&shape.min), length(&shape.max));
        let integer = |bits| Kind::Integer { bits, min: signed(&shape.min), max: signed(&shape.max) };
        match shape.kind {
            "structure" => Kind::Structure(self.structure(shape.members.unwrap_or_default())),
            "list" => {
                let usual = if self.protocol == Protocol::Ec2 { "item" } else { "member" };
                let element = shape.member.as_ref().and_then(|member| member.wire).unwrap_or(usual).to_owned();
                let member = self.member_id(shape.member.as_ref());
                Kind::List(List { member, element, flattened: shape.flattened, min, max })
            }
            "map" => {
                let (key, value) = (self.member_id(shape.key.as_ref()), self.member_id(shape.value.as_ref()));
                Kind::Map(Map { key, value, min, max })
            }
            "integer" => integer(32),
            "long" => integer(64),
            "double" | "float" => Kind::Double { min: float(&shape.min), max: float(&shape.max) },
            "boolean" => Kind::Boolean,
            "timestamp" => Kind::Timestamp,
            "blob" => Kind::Blob { min, max },
            _ => Kind::Text(Text { min, max, pattern: shape.pattern.map(Pattern::new), values: shape.values }),
        }
    }

    fn structure(&self, members: Rows<'_, RawMember<'_>>) -> Structure {
        let members = members.0.into_iter().map(|(name, member)| self.member(name, &member)).collect();
        Structure::of(members)
    }

    fn member(&self, name: &str, member: &RawMember<'_>) -> Member {
        let output = member.wire.unwrap_or(name);
        let input = match (self.protocol, member.query) {
            (Protocol::Ec2, Some(query)) => query.to_owned(),
            (Protocol::Ec2, None) => capitalised(output),
            (Protocol::Query | Protocol::Json, _) => output.to_owned(),
        };
        Member {
            name: name.to_owned(),
            shape: self.id(member.shape),
            input,
            output: output.to_owned(),
            required: member.required,
            idempotency_token: member.idempotency_token,
        }
    }
}

fn capitalised(name: &str) -> String {
    let mut text = name.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
