//! All operations that are built, by service and name.

use std::collections::HashMap;

use service::{Operation, Service};

/// Every row of every service.
pub struct Registry {
    rows: HashMap<Service, HashMap<&'static str, Operation>>,
}

impl Registry {
    /// Gathers the rows.
    pub fn new() -> Registry {
        let all = [iam::operations(), sts::operations(), ec2::operations(), ssm::operations()].into_iter().flatten();
        let mut rows: HashMap<Service, HashMap<&'static str, Operation>> = HashMap::new();
        for operation in all {
            rows.entry(operation.service).or_default().insert(operation.name, operation);
        }
        Registry { rows }
    }

    /// The row of an operation, if it is built.
    pub fn find(&self, service: Service, name: &str) -> Option<&Operation> {
        self.rows.get(&service)?.get(name)
    }
}

/// The kinds of record that the state file holds.
pub fn schema() -> storage::Schema {
    let schema = storage::Schema::new()
        .with::<service::keys::InstallationKeys>()
        .with::<crate::clock::Offset>()
        .with::<crate::home::Home>()
        .with::<crate::metadata::Source>()
        .with::<imds::IdentityKeys>();
    ec2::schema(iam::schema(schema))
}
