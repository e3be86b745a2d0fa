//! The models, out of `data/models`: operations and shapes with their wire names and constraints. Parsed once per service, on first use.
//!
//! Here is what a model is and how it is asked; [`load`] reads the files, [`pattern`] knows Java's regular expressions.

mod load;
mod pattern;

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

pub use load::model;
pub use pattern::Pattern;

/// A service that we have a model of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    Iam,
    Sts,
    Ec2,
    /// Systems Manager, for its public parameters alone.
    Ssm,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 4] = [Service::Iam, Service::Sts, Service::Ec2, Service::Ssm];

    /// The name in credential scopes and action prefixes.
    pub fn as_str(self) -> &'static str {
        match self {
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::Ec2 => "ec2",
            Service::Ssm => "ssm",
        }
    }

    /// How it writes.
    pub fn protocol(self) -> Protocol {
        match self {
            Service::Iam | Service::Sts => Protocol::Query,
            Service::Ec2 => Protocol::Ec2,
            Service::Ssm => Protocol::Json,
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
    /// awsJson: an object each way, the operation in a header. Inside, requests are parameters as in Query, and answers elements without a wrapper.
    Json,
}

/// Where a model comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
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
    /// Structures by name; made on first use.
    structures: OnceLock<HashMap<String, usize>>,
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
    /// Of 32 bits (`integer`) or 64 (`long`).
    Integer {
        bits: u8,
        min: Option<i64>,
        max: Option<i64>,
    },
    Double {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean,
    Timestamp,
    Blob {
        min: Option<u64>,
        max: Option<u64>,
    },
}

/// Members by name.
#[derive(Debug, Default)]
pub struct Structure {
    pub members: Vec<Member>,
    /// Folded name -> position, sorted; made on first use, since most structures never are.
    by_folded: OnceLock<Vec<(String, usize)>>,
    /// The field that a struct wrote first at each place, with its member: the next struct of that kind has the same there.
    written: OnceLock<Vec<OnceLock<(&'static str, usize)>>>,
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
    pub min: Option<u64>,
    pub max: Option<u64>,
}

/// A text.
#[derive(Debug)]
pub struct Text {
    pub min: Option<u64>,
    pub max: Option<u64>,
    pub pattern: Option<Pattern>,
    pub values: Vec<String>,
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
    pub(super) fn of(members: Vec<Member>) -> Structure {
        Structure { members, by_folded: OnceLock::new(), written: OnceLock::new() }
    }

    fn by_folded(&self) -> &[(String, usize)] {
        self.by_folded.get_or_init(|| {
            let members = self.members.iter().enumerate();
            let mut names: Vec<_> = members.map(|(position, member)| (folded(&member.name), position)).collect();
            names.sort();
            names
        })
    }

    /// The member a Rust field stands for.
    pub fn by_field(&self, field: &str) -> Option<(usize, &Member)> {
        let names = self.by_folded();
        let found = names.binary_search_by(|(folded, _)| folded_order(folded, field)).ok()?;
        let position = names.get(found)?.1;
        Some((position, self.members.get(position)?))
    }

    /// The member that the field stands for which a struct writes at this place, counted from 0. Answers consist of fields by the hundred, so
    /// a name is looked for once.
    pub fn by_written(&self, place: usize, field: &'static str) -> Option<&Member> {
        let written = self.written.get_or_init(|| self.members.iter().map(|_| OnceLock::new()).collect());
        let first = written.get(place);
        if let Some((known, position)) = first.and_then(OnceLock::get)
            && (std::ptr::eq(*known, field) || *known == field)
        {
            return self.members.get(*position);
        }
        let (position, member) = self.by_field(field)?;
        if let Some(first) = first {
            first.get_or_init(|| (field, position));
        }
        Some(member)
    }

    /// The member of exactly that name.
    pub fn by_name(&self, name: &str) -> Option<(usize, &Member)> {
        self.members.iter().enumerate().find(|(_, member)| member.name == name)
    }

    /// Pairs of members that a Rust field could not tell apart.
    pub fn collisions(&self) -> Vec<&str> {
        self.by_folded()
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

    /// The structure of that name.
    pub fn structure_named(&self, name: &str) -> Option<&Structure> {
        let names = self.structures.get_or_init(|| {
            let structures = self.shapes.iter().enumerate();
            structures
                .filter(|(_, it)| matches!(it.kind, Kind::Structure(_)))
                .map(|(at, it)| (it.name.clone(), at))
                .collect()
        });
        self.structure(ShapeId(*names.get(name)?))
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
