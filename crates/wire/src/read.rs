//! From decoded values into Rust structs: a serde deserializer. Fields are found by name ignoring case and underscores.

use std::fmt;

use serde::de::value::{MapDeserializer, StrDeserializer, U8Deserializer, U64Deserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::model::{Member, Model, Operation, Protocol};
use crate::value::{StructValue, Value};
use crate::violation::lower_camel;

/// A value that the model admits and a domain type does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainError {
    /// Where, the first letter small: for IAM and STS the path that their violations name (`tags.1.member.key`), for EC2 the parameter (`tag.1.Key`).
    pub path: String,
    /// What the domain type has to say.
    pub meaning: String,
    /// The value, if the domain type told it.
    pub value: String,
}

/// Marks the two parts of a domain type's message.
const MARK: char = '\u{1}';

/// The message for `serde::de::Error::custom` of a domain type that refuses a value: what is wrong with it, and the value.
pub fn invalid(meaning: impl fmt::Display, value: impl fmt::Display) -> String {
    format!("{MARK}{meaning}{MARK}{value}")
}

/// Reads a decoded request into its struct.
pub fn read<T: DeserializeOwned>(model: &Model, _: &Operation, value: &Value) -> Result<T, DomainError> {
    T::deserialize(Reader(value)).map_err(|problem| problem.told(model.protocol))
}

/// An error with the way to where it happened, innermost first. As small as a pointer, as each field of each input hands one on.
#[derive(Debug)]
struct Problem(Box<Place>);

#[derive(Debug)]
struct Place {
    text: String,
    path: Vec<Step>,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Member(&'static Member),
    /// Its number, from 1.
    Item(usize),
}

impl Problem {
    #[cold]
    fn inside(mut self, step: Step) -> Problem {
        self.0.path.push(step);
        self
    }

    /// As the domain type that refused the value tells it.
    fn told(self, protocol: Protocol) -> DomainError {
        let path = self.place(protocol);
        let mut parts = self.0.text.splitn(3, MARK);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(""), Some(meaning), Some(value)) => {
                DomainError { path, meaning: meaning.to_owned(), value: value.to_owned() }
            }
            _ => DomainError { path, meaning: self.0.text, value: String::new() },
        }
    }

    fn place(&self, protocol: Protocol) -> String {
        let steps = self.0.path.iter().rev().map(|step| match (step, protocol) {
            (Step::Member(member), Protocol::Query | Protocol::Json) => lower_camel(&member.name),
            (Step::Member(member), Protocol::Ec2) => member.input.clone(),
            (Step::Item(number), Protocol::Query | Protocol::Json) => format!("{number}.member"),
            (Step::Item(number), Protocol::Ec2) => number.to_string(),
        });
        lower_camel(&steps.collect::<Vec<_>>().join("."))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Problem(Box::new(Place { text: text.to_string(), path: Vec::new() }))
    }
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a Value);

impl<'de, 'a> de::Deserializer<'de> for Reader<'a> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Struct(value) => visitor.visit_map(Members { members: value.members.iter(), value, next: None }),
            Value::List(items) => visitor.visit_seq(Items(items.iter(), 0)),
            Value::Map(entries) => visitor
                .visit_map(MapDeserializer::new(entries.iter().map(|(key, value)| (key.as_str(), Reader(value))))),
            Value::String(text) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Double(number) => visitor.visit_f64(*number),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Timestamp(time) => visitor.visit_string(time.to_string()),
            Value::Blob(bytes) => visitor.visit_bytes(bytes),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Struct(value) => {
                visitor.visit_map(Fields { members: value.members.iter(), value, fields, next: None })
            }
            // The model made the value, so there is a structure where a struct stands; a test holds every struct against the model.
            _ => Err(de::Error::custom("no structure")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Value::String(text) => {
                let plain: StrDeserializer<'_, Problem> = text.as_str().into_deserializer();
                plain.deserialize_enum(name, variants, visitor)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Blob(bytes) => visitor.visit_seq(Bytes(bytes.iter())),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map identifier ignored_any
    }
}

impl<'de, 'a> IntoDeserializer<'de, Problem> for Reader<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

struct Bytes<'a>(std::slice::Iter<'a, u8>);

impl<'de> de::SeqAccess<'de> for Bytes<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let byte = self.0.next().map(|byte| -> U8Deserializer<Problem> { (*byte).into_deserializer() });
        byte.map(|byte| seed.deserialize(byte)).transpose()
    }
}

struct Items<'a>(std::slice::Iter<'a, Value>, usize);

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        self.1 += 1;
        let number = self.1;
        let item = self.0.next().map(|item| seed.deserialize(Reader(item)));
        item.transpose().map_err(|problem| problem.inside(Step::Item(number)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The members of a structure by their names.
struct Members<'a> {
    members: std::slice::Iter<'a, (usize, Value)>,
    value: &'a StructValue,
    next: Option<(&'a Value, &'static Member)>,
}

impl<'de> de::MapAccess<'de> for Members<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        for (position, value) in self.members.by_ref() {
            let Some(member) = self.value.structure.members.get(*position) else { continue };
            self.next = Some((value, member));
            let key: StrDeserializer<'_, Problem> = member.name.as_str().into_deserializer();
            return seed.deserialize(key).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        value_of(self.next.take(), seed)
    }
}

/// The members that the Rust struct declares, by the positions of its fields; the others are passed over.
struct Fields<'a> {
    members: std::slice::Iter<'a, (usize, Value)>,
    value: &'a StructValue,
    fields: &'static [&'static str],
    next: Option<(&'a Value, &'static Member)>,
}

impl Fields<'_> {
    /// Goes to the next member that has a field, and gives the field's position. One function for the structs of all operations.
    fn advance(&mut self) -> Option<usize> {
        for (position, value) in self.members.by_ref() {
            let Some(member) = self.value.structure.members.get(*position) else { continue };
            if let Some(field) = self.fields.iter().position(|field| same(&member.name, field)) {
                self.next = Some((value, member));
                return Some(field);
            }
        }
        None
    }
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Problem;

    /// What serde derives takes a field's position for its name; that costs a struct no comparison of texts.
    /// Serde counts an alias as one more name, so structs of inputs have none.
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some(field) = self.advance() else { return Ok(None) };
        let key: U64Deserializer<Problem> = (field as u64).into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        value_of(self.next.take(), seed)
    }
}

fn value_of<'de, V: DeserializeSeed<'de>>(
    next: Option<(&Value, &'static Member)>,
    seed: V,
) -> Result<V::Value, Problem> {
    match next {
        Some((value, member)) => {
            seed.deserialize(Reader(value)).map_err(|problem| problem.inside(Step::Member(member)))
        }
        None => Err(de::Error::custom("a value without its key")),
    }
}

/// Whether a Rust field stands for a member.
fn same(member: &str, field: &str) -> bool {
    significant_bytes(member).eq(significant_bytes(field))
}

fn significant_bytes(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
}
