//! The services' models as data, and the wire protocols led by them: decoding forms into values, writing answers and errors.
//!
//! Nothing here knows what an operation means. A request goes [`Params`] (or JSON through [`unfold()`]) → [`decode`] → [`read`] (into a Rust struct), an answer goes
//! through [`write()`]. A struct's field is the model's member equal to it ignoring case and underscores; [`Shaped`] lets a test hold
//! every struct against the model. Start with [`model`].

mod decode;
mod error;
mod form;
mod json;
mod model;
mod out;
mod page_size;
mod read;
mod shaped;
mod unfold;
mod value;
mod violation;
mod write;

// The derive names this crate as `::wire`, also inside of it.
extern crate self as wire;

pub use decode::decode;
pub use error::{ErrorBody, Fault, write_error, write_error_json};
pub use form::{FormError, Params};
pub use json::as_json;
pub use model::{
    Kind, List, Map, Member, Model, Operation, Protocol, Service, Shape, ShapeId, Source, Structure, Text, folded,
    model,
};
pub use read::{DomainError, invalid, read};
pub use shaped::{FieldDef, ShapeReport, Shaped, compare_input, compare_output};
pub use unfold::{NoJson, unfold};
pub use value::{StructValue, Value};
pub use violation::{Constraint, Violation, lower_camel};
pub use wire_derive::Shaped;
pub use write::{EncodeError, write};

#[cfg(test)]
mod tests;
