//! The organisation a server was given: read from the file of `--organization` at every start, or put by the admin API. It is a record, so it stays
//! until another takes its place.

use std::convert::Infallible;
use std::path::Path;

use iam::organization::file;
use serde_json::Value;
use service::Organization;
use storage::{Store, Tx};

use crate::clock;
use crate::server::StartError;

/// Reads the file.
pub fn read(path: &Path) -> Result<Organization, StartError> {
    let failed = |error: String| StartError(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    file::read(&text).map_err(failed)
}

/// Puts an organisation in the place of whatever there was.
pub async fn put(store: &Store, organization: Organization) -> Result<(), storage::WriteError<Infallible>> {
    let written = store.write(clock::wall(), move |tx: &mut Tx| {
        tx.put(organization.clone());
        Ok(())
    });
    written.await
}

/// From now on no account is in an organisation. Whether there was one.
pub async fn remove(store: &Store) -> Result<bool, storage::WriteError<Infallible>> {
    store.write(clock::wall(), move |tx: &mut Tx| Ok(tx.remove::<Organization>(Organization::KEY).is_some())).await
}

/// The organisation in the form of its file.
pub fn show(organization: &Organization) -> Value {
    serde_json::to_value(file::show(organization)).unwrap_or_default()
}
