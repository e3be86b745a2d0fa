//! The IAM policy language: parse, validate, evaluate, explain.
//!
//! [`Document::parse`] reads a policy and [`validate`] also applies AWS's rules for its kind; [`evaluate`] asks one document,
//! [`decide`] asks all that bear on a request, [`explain`] says what kept each statement from applying. Time, identities and
//! resources come in as condition keys and names: this crate knows no AWS service's state, and does no I/O.
//! Start reading at `document`, then `evaluate`, then `decide`.

mod condition;
mod context;
mod decide;
mod document;
mod evaluate;
mod explain;
mod json;
mod parse;
mod pattern;
mod principal;
mod reason;
mod validate;
mod values;

pub use condition::{Comparison, Condition, Family, Operator, Quantifier};
pub use context::{Context, Values};
pub use decide::{Deciding, Layers, Origin, Relation, ResourceKind, Sets, Source, Verdict, decide};
pub use document::{ActionElement, Document, Effect, Position, ResourceElement, Statement, Version};
pub use evaluate::{Answer, Outcome, Request, evaluate};
pub use explain::{Mismatch, StatementTrace, explain};
pub use parse::{Malformed, Resolve, with_principals_replaced, without_whitespace_len};
pub use principal::{Entity, Principal, PrincipalElement, PrincipalKind, PrincipalMatch};
pub use reason::{Layer, Reason};
pub use validate::{Kind, Resolved, validate, validate_in, validate_with};
pub use values::{is_address, is_base64, is_date, is_number};
