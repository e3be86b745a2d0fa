//! Which services have a service-linked role, what it is called, and which of AWS's policies it carries (`data/iam/service-linked-roles.json`).

use std::sync::OnceLock;

use serde::Deserialize;

/// A service with a role of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedService {
    /// `autoscaling.amazonaws.com`
    pub service: String,
    /// `AWSServiceRoleForAutoScaling`
    pub role: String,
    /// Names of AWS's policies below `/aws-service-role/`.
    pub policies: Vec<String>,
    /// Whether an account may have several, told apart by a suffix.
    #[serde(default)]
    pub suffix: bool,
}

#[derive(Debug, Default, Deserialize)]
struct List {
    roles: Vec<LinkedService>,
}

/// The service of that principal. The list is sorted; names are compared with their case, as AWS does.
pub fn by_principal(principal: &str) -> Option<&'static LinkedService> {
    let all = all();
    all.binary_search_by(|linked| linked.service.as_str().cmp(principal)).ok().and_then(|at| all.get(at))
}

fn all() -> &'static [LinkedService] {
    static LIST: OnceLock<List> = OnceLock::new();
    let read = || serde_json::from_str(&data::json("iam/service-linked-roles"));
    // A test holds that the file is whole.
    &LIST.get_or_init(|| read().unwrap_or_default()).roles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed;

    #[test]
    fn the_list_is_sorted_and_its_policies_exist() {
        assert!(all().len() >= 70);
        assert!(all().is_sorted_by(|a, b| a.service < b.service));
        for linked in all() {
            assert_eq!(by_principal(&linked.service).unwrap().role, linked.role);
            assert!(linked.role.starts_with("AWSServiceRoleFor") && linked.role.len() <= 64, "{}", linked.role);
            for name in &linked.policies {
                let policy = managed::by_arn(name).unwrap_or_else(|| panic!("there is no policy {name}"));
                assert_eq!(policy.path, "/aws-service-role/", "{name}");
            }
        }
    }
}
