//! From Rust structs to the answer's XML: a serde serializer led by the model, straight to bytes. An element opens only when a value comes:
//! `None` leaves nothing, an empty list an empty element.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::ser::{self, Impossible, Serialize};

use crate::model::{Kind, Member, Model, Operation, Protocol, ShapeId, Structure};
use crate::out::Out;

/// The answer does not fit the model: our bug. Small, as each field of each output hands one on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeError(pub Box<str>);

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EncodeError {}

impl ser::Error for EncodeError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        EncodeError(text.to_string().into())
    }
}

/// Writes an operation's answer.
pub fn write<T: Serialize + ?Sized>(
    model: &Model,
    operation: &Operation,
    answer: &T,
    request_id: &str,
) -> Result<Vec<u8>, EncodeError> {
    let (mut out, shape) = Out::begin(model, operation, request_id);
    if let Some(shape) = shape {
        answer.serialize(Node::new(model, shape, "", &mut out))?;
    }
    Ok(out.end(model, operation, request_id))
}

/// A value about to be written, and the place it has.
struct Node<'a> {
    model: &'a Model,
    place: Place<'a>,
    out: &'a mut Out,
}

/// Most fields hold nothing: their member is looked for only once a value comes.
enum Place<'a> {
    /// The shape, and the element it goes into.
    Element(ShapeId, &'a str),
    /// What the struct says of its field, and which of its fields it is.
    Field(&'a Structure, usize, &'static str),
}

impl<'a> Node<'a> {
    fn new(model: &'a Model, shape: ShapeId, tag: &'a str, out: &'a mut Out) -> Node<'a> {
        Node { model, place: Place::Element(shape, tag), out }
    }

    fn found(&self) -> Result<(ShapeId, &'a str), EncodeError> {
        match self.place {
            Place::Element(shape, tag) => Ok((shape, tag)),
            Place::Field(structure, at, field) => {
                let found = structure.by_written(at, field).map(|member| (member.shape, member.output.as_str()));
                found.ok_or_else(|| EncodeError(format!("the model has no member for the field `{field}`").into()))
            }
        }
    }

    /// Writes the text if the shape is of a kind that takes it.
    fn element(self, what: &str, fits: impl FnOnce(&Kind) -> bool, text: &str) -> Result<(), EncodeError> {
        let (shape, tag) = self.found()?;
        if !fits(&self.model.shape(shape).kind) {
            return Err(misfit(self.model, shape, tag, what));
        }
        self.out.element(tag, text);
        Ok(())
    }

    fn number(self, text: &str) -> Result<(), EncodeError> {
        self.element(
            "a number",
            |kind| matches!(kind, Kind::Integer { .. } | Kind::Double { .. } | Kind::Text(_)),
            text,
        )
    }

    fn misfit_of(&self, what: &str) -> EncodeError {
        self.found().map_or_else(|error| error, |(shape, tag)| misfit(self.model, shape, tag, what))
    }
}

fn misfit(model: &Model, shape: ShapeId, tag: &str, what: &str) -> EncodeError {
    EncodeError(format!("{what} for `{tag}`, which is a {}", model.shape(shape).name).into())
}

/// IAM and STS write seconds, the others milliseconds.
pub(crate) fn time(protocol: Protocol, text: &str) -> Option<String> {
    let Some((seconds, fraction)) = parts_of_time(text) else {
        // Another form, or a year before the first.
        let time: Timestamp = text.parse().ok()?;
        return Some(match protocol {
            Protocol::Query => Timestamp::from_second(time.as_second()).ok()?.to_string(),
            Protocol::Ec2 | Protocol::Json => time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        });
    };
    Some(match protocol {
        Protocol::Query => format!("{seconds}Z"),
        Protocol::Ec2 | Protocol::Json => format!("{seconds}.{fraction:0<3.3}Z"),
    })
}

/// Seconds and their fraction's digits of a time as [`Timestamp`] shows it, which is what a struct's field says; to read it and show it again takes
/// longer than the rest of writing it.
fn parts_of_time(text: &str) -> Option<(&str, &str)> {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let (seconds, rest) = text.strip_suffix('Z')?.split_at_checked(FORM.len())?;
    let fits = |(form, byte): (&u8, u8)| if *form == b'0' { byte.is_ascii_digit() } else { *form == byte };
    let fraction = if rest.is_empty() { rest } else { rest.strip_prefix('.')? };
    let is_one = FORM.iter().zip(seconds.bytes()).all(fits) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then_some((seconds, fraction))
}

impl<'a> ser::Serializer for Node<'a> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = Sequence<'a>;
    type SerializeTuple = Impossible<(), EncodeError>;
    type SerializeTupleStruct = Impossible<(), EncodeError>;
    type SerializeTupleVariant = Impossible<(), EncodeError>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Impossible<(), EncodeError>;

    fn serialize_bool(self, value: bool) -> Result<(), EncodeError> {
        let text = if value { "true" } else { "false" };
        self.element("a truth value", |kind| matches!(kind, Kind::Boolean | Kind::Text(_)), text)
    }

    fn serialize_i8(self, value: i8) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_i16(self, value: i16) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_i32(self, value: i32) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_i64(self, value: i64) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_u8(self, value: u8) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_u16(self, value: u16) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_u32(self, value: u32) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_u64(self, value: u64) -> Result<(), EncodeError> {
        self.number(&value.to_string())
    }

    fn serialize_f32(self, value: f32) -> Result<(), EncodeError> {
        if value.is_finite() { self.number(&value.to_string()) } else { self.serialize_f64(f64::from(value)) }
    }

    fn serialize_f64(self, value: f64) -> Result<(), EncodeError> {
        match value {
            f64::INFINITY => self.number("Infinity"),
            f64::NEG_INFINITY => self.number("-Infinity"),
            _ => self.number(&value.to_string()),
        }
    }

    fn serialize_char(self, value: char) -> Result<(), EncodeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), EncodeError> {
        let (shape, tag) = self.found()?;
        match self.model.shape(shape).kind {
            Kind::Text(_) => self.out.element(tag, value),
            Kind::Timestamp => {
                let text = time(self.model.protocol, value);
                self.out.element(tag, &text.ok_or_else(|| misfit(self.model, shape, tag, "no time"))?);
            }
            Kind::Blob { .. } => self.out.element(tag, &STANDARD.encode(value)),
            _ => return Err(misfit(self.model, shape, tag, "a text")),
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), EncodeError> {
        self.element("bytes", |kind| matches!(kind, Kind::Blob { .. }), &STANDARD.encode(value))
    }

    fn serialize_none(self) -> Result<(), EncodeError> {
        Ok(())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), EncodeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), EncodeError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), EncodeError> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), EncodeError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result<(), EncodeError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Sequence<'a>, EncodeError> {
        let (shape, tag) = self.found()?;
        let Node { model, out, .. } = self;
        match &model.shape(shape).kind {
            Kind::Blob { .. } => {
                Ok(Sequence { model, tag, out, as_what: As::Blob(Vec::with_capacity(length.unwrap_or_default())) })
            }
            Kind::List(list) => {
                let flat = list.flattened && model.protocol == Protocol::Query;
                let (outer, element) = if flat { ("", tag) } else { (tag, list.element.as_str()) };
                Ok(Sequence {
                    model,
                    tag: outer,
                    out,
                    as_what: As::List { member: list.member, element, opened: false },
                })
            }
            _ => Err(misfit(model, shape, tag, "a list")),
        }
    }

    fn serialize_tuple(self, _: usize) -> Result<Impossible<(), EncodeError>, EncodeError> {
        Err(self.misfit_of("a tuple"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Impossible<(), EncodeError>, EncodeError> {
        Err(self.misfit_of("a tuple"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), EncodeError>, EncodeError> {
        Err(self.misfit_of("a tuple"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a>, EncodeError> {
        let (shape, tag) = self.found()?;
        let Node { model, out, .. } = self;
        match &model.shape(shape).kind {
            Kind::Map(map) => {
                out.open(tag);
                Ok(Entries { model, tag, out, of: Of::Map { key: map.key, value: map.value } })
            }
            Kind::Structure(structure) => {
                out.open(tag);
                Ok(Entries { model, tag, out, of: Of::Structure { structure, next: None } })
            }
            _ => Err(misfit(model, shape, tag, "a map")),
        }
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'a>, EncodeError> {
        let (shape, tag) = self.found()?;
        let Node { model, out, .. } = self;
        match &model.shape(shape).kind {
            Kind::Structure(structure) => {
                out.open(tag);
                Ok(Fields { model, structure, tag, out, at: 0 })
            }
            _ => Err(misfit(model, shape, tag, &format!("the struct {name}"))),
        }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), EncodeError>, EncodeError> {
        Err(self.misfit_of("an enum with fields"))
    }
}

/// A list, or bytes that serde shows as one.
pub struct Sequence<'a> {
    model: &'a Model,
    tag: &'a str,
    out: &'a mut Out,
    as_what: As<'a>,
}

enum As<'a> {
    Blob(Vec<u8>),
    List { member: ShapeId, element: &'a str, opened: bool },
}

impl ser::SerializeSeq for Sequence<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        match &mut self.as_what {
            As::Blob(bytes) => {
                let byte = serde_json::to_value(value)
                    .ok()
                    .and_then(|byte| byte.as_u64())
                    .and_then(|byte| u8::try_from(byte).ok());
                bytes.push(byte.ok_or_else(|| EncodeError(format!("`{}` wants bytes", self.tag).into()))?);
                Ok(())
            }
            As::List { member, element, opened } => {
                if !*opened {
                    self.out.open(self.tag);
                    *opened = true;
                }
                value.serialize(Node::new(self.model, *member, element, self.out))
            }
        }
    }

    fn end(self) -> Result<(), EncodeError> {
        match self.as_what {
            As::Blob(bytes) => self.out.element(self.tag, &STANDARD.encode(bytes)),
            As::List { opened: true, .. } => self.out.close(self.tag),
            As::List { opened: false, .. } => self.out.empty(self.tag),
        }
        Ok(())
    }
}

/// The entries of a map, or the members of a structure that has no Rust struct: by the model's names, those it does not have are passed over.
pub struct Entries<'a> {
    model: &'a Model,
    tag: &'a str,
    out: &'a mut Out,
    of: Of<'a>,
}

enum Of<'a> {
    Map { key: ShapeId, value: ShapeId },
    Structure { structure: &'a Structure, next: Option<&'a Member> },
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), EncodeError> {
        match &mut self.of {
            Of::Map { key: shape, .. } => {
                self.out.open("entry");
                key.serialize(Node::new(self.model, *shape, "key", self.out))
            }
            Of::Structure { structure, next } => {
                let key = serde_json::to_value(key).map_err(ser::Error::custom)?;
                *next = key.as_str().and_then(|name| structure.by_field(name)).map(|(_, member)| member);
                Ok(())
            }
        }
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        match &mut self.of {
            Of::Map { value: shape, .. } => {
                value.serialize(Node::new(self.model, *shape, "value", self.out))?;
                self.out.close("entry");
                Ok(())
            }
            Of::Structure { next, .. } => match next.take() {
                Some(member) => value.serialize(Node::new(self.model, member.shape, &member.output, self.out)),
                None => Ok(()),
            },
        }
    }

    fn end(self) -> Result<(), EncodeError> {
        self.out.close(self.tag);
        Ok(())
    }
}

/// The fields of a struct.
pub struct Fields<'a> {
    model: &'a Model,
    structure: &'a Structure,
    tag: &'a str,
    out: &'a mut Out,
    /// How many were written.
    at: usize,
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, field: &'static str, value: &T) -> Result<(), EncodeError> {
        let place = Place::Field(self.structure, self.at, field);
        self.at += 1;
        value.serialize(Node { model: self.model, place, out: self.out })
    }

    fn skip_field(&mut self, _: &'static str) -> Result<(), EncodeError> {
        self.at += 1;
        Ok(())
    }

    fn end(self) -> Result<(), EncodeError> {
        self.out.close(self.tag);
        Ok(())
    }
}
