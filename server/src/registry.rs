//! All operations that are built, by service and name.

use std::collections::HashMap;

use service::{Operation, Service};

/// Every row of every service.
pub struct Registry {
    rows: HashMap<(&'static str, &'static str), Operation>,
}

impl Registry {
    /// Gathers the rows.
    pub fn new() -> Registry {
        let all = iam::operations().into_iter().chain(sts::operations()).chain(ec2::operations());
        Registry { rows: all.map(|operation| ((operation.service.as_str(), operation.name), operation)).collect() }
    }

    /// The row of an operation, if it is built.
    pub fn find(&self, service: Service, name: &str) -> Option<&Operation> {
        self.rows.get(&(service.as_str(), name))
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Operation> {
        self.rows.values()
    }
}

/// The kinds of record that the state file holds.
pub fn schema() -> storage::Schema {
    let schema = storage::Schema::new()
        .with::<service::keys::InstallationKeys>()
        .with::<crate::clock::Offset>()
        .with::<crate::metadata::Source>();
    ec2::schema(iam::schema(schema))
}
