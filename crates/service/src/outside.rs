//! Documents that an operation needs from outside, asked for as data: a place, limits, and what is to follow once it is read.
//!
//! Service crates do no I/O, so they say what they want and `server` reads it before the handler runs. The first place is one that
//! the state names (an issuer that somebody registered), those after it are where that one's documents point. What is read is no more than bytes
//! from a stranger: the handler decides what they prove. It may be some seconds old.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// One document to read, and what to do with it.
pub struct Reading {
    /// `https://…`, or `http://…` for a host of this machine.
    pub url: String,
    /// A longer document is a failure.
    pub most_bytes: usize,
    /// From the connection to the last byte.
    pub longest: Duration,
    /// SHA-1 of certificates, in small letters: a server whose chain the public authorities do not vouch for must come with one of these.
    pub thumbprints: Vec<String>,
    pub then: Box<Then>,
}

/// What follows from a document, or from the failure to read it: a pure function.
pub type Then = dyn FnOnce(Result<Vec<u8>, Failure>) -> Next + Send;

/// What follows.
pub enum Next {
    /// Another document, such as the one that the first told of.
    Read(Reading),
    /// This reaches the handler as [`crate::Cx::prepared`].
    Done(Arc<dyn Any + Send + Sync>),
    /// So does this, but what was read is no good and is not worth remembering.
    Failed(Arc<dyn Any + Send + Sync>),
}

/// Why a document was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The server's certificate is neither of a public authority nor one of the thumbprints.
    Certificate,
    /// Anything else, for the log: no answer, another status than 200, a document too long.
    Unreachable(String),
}
