//! The models, out of `data/models`: operations and shapes with their wire names and constraints. Parsed once per service, on first use.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use fancy_regex::Regex;
use serde::Deserialize;
use serde_json::Value as Json;

/// A service that we have a model of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    Iam,
    Sts,
    Ec2,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 3] = [Service::Iam, Service::Sts, Service::Ec2];

    /// The name in credential scopes and action prefixes.
    pub fn as_str(self) -> &'static str {
        match self {
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::Ec2 => "ec2",
        }
    }
}

/// How a service writes its requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// awsQuery: `Name.member.1`, a result wrapper in the answer.
    Query,
    /// ec2Query: `Name.1`, no wrapper.
    Ec2,
}

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Source {
    pub package: String,
    pub version: String,
    pub licence: String,
}

/// The model of one service.
#[derive(Debug)]
pub struct Model {
    pub service: Service,
    pub source: Source,
    pub api_version: String,
    pub protocol: Protocol,
    pub xmlns: String,
    operations: Vec<Operation>,
    by_name: HashMap<String, usize>,
    shapes: Vec<Shape>,
    errors: HashMap<String, u16>,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub name: String,
    pub input: Option<ShapeId>,
    pub output: Option<ShapeId>,
    /// The element around the answer's members (Query only).
    pub result_wrapper: Option<String>,
    /// Takes requests without a signature.
    pub unsigned: bool,
    /// Codes of the errors the model lists for it.
    pub errors: Vec<String>,
}

/// Names a shape of one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShapeId(usize);

/// One shape.
#[derive(Debug)]
pub struct Shape {
    pub name: String,
    pub kind: Kind,
}

/// What a shape is, with its constraints.
#[derive(Debug)]
pub enum Kind {
    Structure(Structure),
    List(List),
    Map(Map),
    Text(Text),
    Integer { min: Option<i64>, max: Option<i64> },
    Double { min: Option<f64>, max: Option<f64> },
    Boolean,
    Timestamp,
    Blob { min: Option<u64>, max: Option<u64> },
}

/// Members by name.
#[derive(Debug, Default)]
pub struct Structure {
    pub members: Vec<Member>,
    /// Folded name -> position, sorted.
    by_folded: Vec<(String, usize)>,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    pub name: String,
    pub shape: ShapeId,
    /// Its part of a form key.
    pub input: String,
    /// Its element in an answer.
    pub output: String,
    pub required: bool,
    pub idempotency_token: bool,
}

/// A list; its elements are called `element` in answers.
#[derive(Debug)]
pub struct List {
    pub member: ShapeId,
    pub element: String,
    pub flattened: bool,
    pub min: Option<u64>,
    pub max: Option<u64>,
}

/// A map.
#[derive(Debug)]
pub struct Map {
    pub key: ShapeId,
    pub value: ShapeId,
}

/// A text.
#[derive(Debug)]
pub struct Text {
    pub min: Option<u64>,
    pub max: Option<u64>,
    pub pattern: Option<Pattern>,
    pub values: Vec<String>,
}

/// A pattern the whole text must match; compiled on first use.
pub struct Pattern {
    pub text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Whether the whole text matches. A pattern that this engine cannot compile admits everything; a test keeps the list of those empty.
    pub fn admits(&self, text: &str) -> bool {
        self.regex().is_none_or(|regex| regex.is_match(text).unwrap_or(false))
    }

    /// The compiled pattern.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", translated(&self.text))).ok()).as_ref()
    }
}

/// The models' patterns are Java's, which writes `\uXXXX` where this engine wants `\x{XXXX}`.
fn translated(pattern: &str) -> String {
    let mut pieces = pattern.split("\\u");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_at_checked(4) {
            Some((digits, rest)) => text.push_str(&format!("\\x{{{digits}}}{rest}")),
            None => text.push_str(piece),
        }
    }
    text
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// A name without case and underscores: what a Rust field and a member have in common.
pub fn folded(name: &str) -> String {
    name.chars().filter(|character| *character != '_').map(|character| character.to_ascii_lowercase()).collect()
}

/// Compares a folded name with a field's name without allocating.
fn folded_order(folded: &str, field: &str) -> std::cmp::Ordering {
    let field = field.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase());
    folded.bytes().cmp(field)
}

impl Structure {
    /// The member a Rust field stands for.
    pub fn by_field(&self, field: &str) -> Option<(usize, &Member)> {
        let found = self.by_folded.binary_search_by(|(folded, _)| folded_order(folded, field)).ok()?;
        let position = self.by_folded.get(found)?.1;
        Some((position, self.members.get(position)?))
    }

    /// The member of exactly that name.
    pub fn by_name(&self, name: &str) -> Option<(usize, &Member)> {
        self.members.iter().enumerate().find(|(_, member)| member.name == name)
    }

    /// Pairs of members that a Rust field could not tell apart.
    pub fn collisions(&self) -> Vec<&str> {
        self.by_folded
            .windows(2)
            .filter(|pair| pair.first().map(|one| &one.0) == pair.last().map(|one| &one.0))
            .filter_map(|pair| pair.first().map(|one| one.0.as_str()))
            .collect()
    }
}

impl Model {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(*self.by_name.get(name)?)
    }

    /// All operations, by name.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    /// All shapes.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.iter()
    }

    /// A shape of this model.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        static NOTHING: Shape = Shape { name: String::new(), kind: Kind::Boolean };
        // INVARIANT: ids are made with the model they belong to.
        self.shapes.get(id.0).unwrap_or(&NOTHING)
    }

    /// The structure behind an id, if it is one.
    pub fn structure(&self, id: ShapeId) -> Option<&Structure> {
        match &self.shape(id).kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// The HTTP status that the model gives an error code.
    pub fn error_status(&self, code: &str) -> Option<u16> {
        self.errors.get(code).copied()
    }
}

/// The model of a service.
pub fn model(service: Service) -> &'static Model {
    static MODELS: [OnceLock<Model>; 3] = [const { OnceLock::new() }; 3];
    let text = match service {
        Service::Iam => include_str!("../../../data/models/iam.json"),
        Service::Sts => include_str!("../../../data/models/sts.json"),
        Service::Ec2 => include_str!("../../../data/models/ec2.json"),
    };
    let [iam, sts, ec2] = &MODELS;
    let slot = match service {
        Service::Iam => iam,
        Service::Sts => sts,
        Service::Ec2 => ec2,
    };
    slot.get_or_init(|| parse(service, text))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    source: Source,
    api_version: String,
    xmlns: String,
    errors: HashMap<String, u16>,
    operations: serde_json::Map<String, Json>,
    shapes: serde_json::Map<String, Json>,
}

/// INVARIANT: the embedded files are made by `cargo xtask data` and a test parses all three; an unreadable one gives an empty model.
fn parse(service: Service, text: &str) -> Model {
    let protocol = if service == Service::Ec2 { Protocol::Ec2 } else { Protocol::Query };
    let file: File = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(_) => File {
            source: Source { package: String::new(), version: String::new(), licence: String::new() },
            api_version: String::new(),
            xmlns: String::new(),
            errors: HashMap::new(),
            operations: serde_json::Map::new(),
            shapes: serde_json::Map::new(),
        },
    };
    let ids: HashMap<&str, ShapeId> =
        file.shapes.keys().enumerate().map(|(id, name)| (name.as_str(), ShapeId(id))).collect();
    let parser = Parser { protocol, ids: &ids };
    let shapes =
        file.shapes.iter().map(|(name, shape)| Shape { name: name.clone(), kind: parser.kind(shape) }).collect();
    let operations: Vec<Operation> =
        file.operations.iter().map(|(name, operation)| parser.operation(name, operation)).collect();
    let by_name =
        operations.iter().enumerate().map(|(position, operation)| (operation.name.clone(), position)).collect();
    Model {
        service,
        source: file.source,
        api_version: file.api_version,
        protocol,
        xmlns: file.xmlns,
        operations,
        by_name,
        shapes,
        errors: file.errors,
    }
}

struct Parser<'a> {
    protocol: Protocol,
    ids: &'a HashMap<&'a str, ShapeId>,
}

impl Parser<'_> {
    fn id(&self, name: &Json) -> Option<ShapeId> {
        self.ids.get(name.as_str()?).copied()
    }

    fn member_id(&self, member: &Json) -> ShapeId {
        member.get("shape").and_then(|name| self.id(name)).unwrap_or(ShapeId(usize::MAX))
    }

    fn operation(&self, name: &str, operation: &Json) -> Operation {
        let text = |key: &str| operation.get(key).and_then(Json::as_str).map(str::to_owned);
        let codes = operation.get("errors").and_then(Json::as_array).into_iter().flatten();
        Operation {
            name: name.to_owned(),
            input: operation.get("input").and_then(|shape| self.id(shape)),
            output: operation.get("output").and_then(|shape| self.id(shape)),
            result_wrapper: text("wrapper"),
            unsigned: operation.get("unsigned").is_some(),
            errors: codes.filter_map(Json::as_str).map(str::to_owned).collect(),
        }
    }

    fn kind(&self, shape: &Json) -> Kind {
        let number = |key: &str| shape.get(key).and_then(Json::as_u64);
        let signed = |key: &str| shape.get(key).and_then(Json::as_i64);
        let float = |key: &str| shape.get(key).and_then(Json::as_f64);
        match shape.get("type").and_then(Json::as_str).unwrap_or_default() {
            "structure" => Kind::Structure(self.structure(shape)),
            "list" => {
                let member = shape.get("member").unwrap_or(&Json::Null);
                let element = if self.protocol == Protocol::Ec2 { "item" } else { "member" };
                Kind::List(List {
                    member: self.member_id(member),
                    element: member.get("wire").and_then(Json::as_str).unwrap_or(element).to_owned(),
                    flattened: shape.get("flattened") == Some(&Json::Bool(true)),
                    min: number("min"),
                    max: number("max"),
                })
            }
            "map" => Kind::Map(Map {
                key: self.member_id(shape.get("key").unwrap_or(&Json::Null)),
                value: self.member_id(shape.get("value").unwrap_or(&Json::Null)),
            }),
            "integer" | "long" => Kind::Integer { min: signed("min"), max: signed("max") },
            "double" | "float" => Kind::Double { min: float("min"), max: float("max") },
            "boolean" => Kind::Boolean,
            "timestamp" => Kind::Timestamp,
            "blob" => Kind::Blob { min: number("min"), max: number("max") },
            _ => Kind::Text(Text {
                min: number("min"),
                max: number("max"),
                pattern: shape
                    .get("pattern")
                    .and_then(Json::as_str)
                    .map(|text| Pattern { text: text.to_owned(), compiled: OnceLock::new() }),
                values: shape
                    .get("enum")
                    .and_then(Json::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Json::as_str)
                    .map(str::to_owned)
                    .collect(),
            }),
        }
    }

    fn structure(&self, shape: &Json) -> Structure {
        let members = shape.get("members").and_then(Json::as_object).into_iter().flatten();
        let members: Vec<Member> = members.map(|(name, member)| self.member(name, member)).collect();
        let mut by_folded: Vec<(String, usize)> =
            members.iter().enumerate().map(|(position, member)| (folded(&member.name), position)).collect();
        by_folded.sort();
        Structure { members, by_folded }
    }

    fn member(&self, name: &str, member: &Json) -> Member {
        let wire = member.get("wire").and_then(Json::as_str);
        let query = member.get("query").and_then(Json::as_str);
        let input = match self.protocol {
            Protocol::Ec2 => query.map_or_else(|| capitalised(wire.unwrap_or(name)), str::to_owned),
            Protocol::Query => wire.unwrap_or(name).to_owned(),
        };
        Member {
            name: name.to_owned(),
            shape: self.member_id(member),
            input,
            output: wire.unwrap_or(name).to_owned(),
            required: member.get("required").is_some(),
            idempotency_token: member.get("idempotencyToken").is_some(),
        }
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}
