//! What can go wrong with the state: at start ([`OpenError`]), with the disk or our own rules ([`StoreError`]), and with one write ([`WriteError`]).

use std::path::PathBuf;
use std::sync::Arc;

/// Why a state could not be opened: one line that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    #[error("`{}` is in use by another server (it holds `{}`); stop it, or start with another state file", path.display(), lock.display())]
    InUse { path: PathBuf, lock: PathBuf },
    #[error("cannot use `{}`: {reason}", path.display())]
    Unusable { path: PathBuf, reason: String },
    #[error("`{}` is not a state file of rolecall: {reason}", path.display())]
    Foreign { path: PathBuf, reason: String },
    #[error("`{}` was written by a newer rolecall (it has {newer}); use that version, or another state file", path.display())]
    Newer { path: PathBuf, newer: String },
    #[error("migration `{name}` failed: {reason}")]
    Migration { name: &'static str, reason: String },
    #[error("table `{table}` is not as its record declares it: {reason}")]
    Table { table: String, reason: String },
    #[error("cannot read a row of `{table}`: {reason}")]
    Document { table: String, reason: String },
    #[error("cannot start the writer's thread: {0}")]
    Thread(String),
}

/// Why the store could not do its work. All but `Closed` are logged by the store itself.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The journal could not write, as on a full disk; the state is as it was before.
    #[error("the journal cannot be written: {0}")]
    Disk(Arc<str>),
    /// The change breaks a rule of the journal's tables (a foreign key, a document that is no JSON): a bug of the handler that made it.
    #[error("the journal refuses the change: {0}")]
    Constraint(Arc<str>),
    /// The change breaks a rule of its record's own declaration (a unique index, a key of the wrong length): a bug of the handler that made it.
    #[error("the change contradicts its record's declaration: {0}")]
    Declaration(Arc<str>),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether a single write of a batch is to blame, so that the others may be tried without it.
    pub(crate) fn has_a_culprit(&self) -> bool {
        matches!(self, StoreError::Constraint(_) | StoreError::Declaration(_))
    }
}

/// Why a write did not happen. In every case it left no trace.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The closure's own answer. It was computed on a state that is committed by the time it is heard.
    #[error("refused")]
    Refused(E),
    /// The store failed.
    #[error(transparent)]
    Failed(StoreError),
    /// The closure panicked; the message is in the log.
    #[error("the operation panicked")]
    Panicked,
}

/// A stored document whose shape can't be brought to the present one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct UpgradeError(pub String);
