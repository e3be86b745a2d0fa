//! What a service of ours is made of: operations and how they are declared, the context of one request, who calls, what a request must be
//! allowed (`Check`) and what became of it (`Decision`), errors, sealed values, paging, filters and tags.
//!
//! This crate knows no resource kind and no HTTP. Start with [`operation`] (how an operation is declared), then [`cx`] and [`check`];
//! [`decide`] is the one place where checks meet policies.

pub mod account;
pub mod arn;
pub mod authorization_id;
pub mod authorization_message;
pub mod caller;
pub mod check;
pub mod conditions;
pub mod cx;
pub mod decide;
pub mod document;
pub mod error;
pub mod facts;
pub mod filters;
pub mod ids;
pub mod keys;
pub mod openssh;
pub mod operation;
pub mod organization;
pub mod outside;
pub mod paging;
pub mod policy_text;
pub mod regions;
pub mod rsa_key;
pub mod seal;
pub mod tags;

pub use account::AccountId;
pub use caller::{Caller, Principal};
pub use check::Check;
pub use cx::Cx;
pub use document::Document;
pub use error::ApiError;
pub use operation::{Done, Operation};
pub use organization::Organization;
pub use policy_text::PolicyText;
pub use storage::{Tx, World};
pub use wire::{Service, Shaped};

/// Everything a module of operations needs: `use service::prelude::*;`.
pub mod prelude {
    pub use crate::{
        AccountId, ApiError, Caller, Check, Cx, Document, Done, Operation, Principal, Tx, World, tags::Tag,
    };
    pub use jiff::Timestamp;
    pub use serde::{Deserialize, Serialize};
    pub use storage::{IndexDef, IndexEntries, Key, Record, TableDef};
    pub use wire::Shaped;
}
