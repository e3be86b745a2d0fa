//! Facts of AWS that many crates ask for: what each action can be allowed on and which condition keys come with it (the service
//! authorisation reference), the statuses of EC2's error codes, and the filters its operations document.
//!
//! Read from data/ when first asked for, kept for the life of the process. The simulator and the tests use the authorisation facts; what a
//! request is really checked for is said by its operation. Start with [`action`].

pub mod lines;
pub mod solid;

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

/// An action of a service. <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionFacts {
    /// `RunInstances`, as AWS spells it.
    #[serde(skip)]
    pub name: String,
    /// `List`, `Read`, `Write`, `Tagging`, `Permissions management`; two of them with a comma between.
    pub access: String,
    /// Empty: the action can be allowed on `*` alone.
    #[serde(default)]
    pub resources: Vec<ActionResource>,
    /// Condition keys that come whatever the resource is.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Actions that the caller may need beside this one: `iam:PassRole`.
    #[serde(default)]
    pub dependents: Vec<String>,
    /// What the policy simulator calls by name: `EC2-VPC-EBS-Subnet`.
    #[serde(default)]
    pub scenarios: Vec<Scenario>,
}

/// A resource type of an action.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionResource {
    /// A name for [`resource`].
    pub name: String,
    /// Whether every call has one.
    pub required: bool,
    /// Condition keys that come with it; `aws:ResourceTag/${TagKey}` stands for any tag.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// A way to call an action, and the resource types it needs then.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    pub required: Vec<String>,
}

/// A resource type of a service.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceFacts {
    /// `arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}`.
    pub arn: String,
    pub keys: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceFacts {
    condition_keys: HashMap<String, String>,
    resources: HashMap<String, ResourceFacts>,
    actions: HashMap<String, ActionFacts>,
}

impl ActionFacts {
    /// Whether no resource can be named, so that only `*` allows the action.
    pub fn wildcard_only(&self) -> bool {
        self.resources.is_empty()
    }
}

/// What the reference says of an action (`ec2`, `RunInstances`; the name in any case), if it lists it.
pub fn action(service: &str, name: &str) -> Option<&'static ActionFacts> {
    facts_of(service)?.actions.get(&name.to_ascii_lowercase())
}

/// All actions of `iam`, `sts`, `ec2` or `ssm`, in no order; none for another service.
pub fn actions(service: &str) -> impl Iterator<Item = &'static ActionFacts> {
    facts_of(service).into_iter().flat_map(|facts| facts.actions.values())
}

/// What the reference says of a resource type (`ec2`, `instance`).
pub fn resource(service: &str, kind: &str) -> Option<&'static ResourceFacts> {
    facts_of(service)?.resources.get(kind)
}

/// The type of a condition key of a service (`String`, `ARN`, `Bool`, `ArrayOfString`, …), also of the global keys; both as the reference
/// spells them, with `${TagKey}` for a tag's name.
pub fn key_type(service: &str, key: &str) -> Option<&'static str> {
    let own = facts_of(service).and_then(|facts| facts.condition_keys.get(key));
    own.or_else(|| global().condition_keys.get(key)).map(String::as_str)
}

/// The condition keys that any request can have, with their types, in the order of their names.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub fn global_keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut keys: Vec<(&str, &str)> =
        global().condition_keys.iter().map(|(key, kind)| (key.as_str(), kind.as_str())).collect();
    keys.sort_unstable();
    keys.into_iter()
}

/// Whether resource control policies reach that service.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
pub fn has_resource_control_policies(service: &str) -> bool {
    global().resource_control_policy_services.iter().any(|name| name == service)
}

/// The namespaces of all services of AWS (`lambda`) with their names (`AWS Lambda`), in the order of the namespaces.
pub fn services() -> impl Iterator<Item = (&'static str, &'static str)> {
    service_names().iter().map(|(namespace, name)| (namespace.as_str(), name.as_str()))
}

/// The name of a service by its namespace, if there is such a service.
pub fn service_name(namespace: &str) -> Option<&'static str> {
    service_names().get(namespace).map(String::as_str)
}

fn service_names() -> &'static BTreeMap<String, String> {
    #[derive(Default, Deserialize)]
    struct Services {
        names: BTreeMap<String, String>,
    }
    static SERVICES: OnceLock<Services> = OnceLock::new();
    &SERVICES.get_or_init(|| parse(&data::json("authorization/services"))).names
}

/// The HTTP status of an EC2 error code; nothing for a code that EC2 does not document.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
pub fn ec2_error_status(code: &str) -> Option<u16> {
    #[derive(Default, Deserialize)]
    struct Errors {
        statuses: HashMap<String, u16>,
    }
    static ERRORS: OnceLock<Errors> = OnceLock::new();
    ERRORS.get_or_init(|| parse(&data::json("ec2/errors"))).statuses.get(code).copied()
}

/// The names of the filters that an EC2 operation documents, in the order of the alphabet, `tag:<key>` among them; empty where it documents
/// none by name, `None` for an operation without filters.
pub fn ec2_filters(operation: &str) -> Option<&'static [String]> {
    #[derive(Default, Deserialize)]
    struct Filters {
        operations: HashMap<String, Vec<String>>,
    }
    static FILTERS: OnceLock<Filters> = OnceLock::new();
    let filters = FILTERS.get_or_init(|| parse(&data::json("ec2/filters")));
    filters.operations.get(operation).map(Vec::as_slice)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GlobalFacts {
    condition_keys: HashMap<String, String>,
    resource_control_policy_services: Vec<String>,
}

fn global() -> &'static GlobalFacts {
    static GLOBAL: OnceLock<GlobalFacts> = OnceLock::new();
    GLOBAL.get_or_init(|| parse(&data::json("authorization/global")))
}

fn facts_of(service: &str) -> Option<&'static ServiceFacts> {
    static IAM: OnceLock<ServiceFacts> = OnceLock::new();
    static STS: OnceLock<ServiceFacts> = OnceLock::new();
    static EC2: OnceLock<ServiceFacts> = OnceLock::new();
    static SSM: OnceLock<ServiceFacts> = OnceLock::new();
    match service {
        "iam" => Some(IAM.get_or_init(|| read(&data::json("authorization/iam")))),
        "sts" => Some(STS.get_or_init(|| read(&data::json("authorization/sts")))),
        "ec2" => Some(EC2.get_or_init(|| read(&data::json("authorization/ec2")))),
        "ssm" => Some(SSM.get_or_init(|| read(&data::json("authorization/ssm")))),
        _ => None,
    }
}

/// Action names match ignoring case, so their lower case is the key.
fn read(text: &str) -> ServiceFacts {
    let mut facts: ServiceFacts = parse(text);
    let named = facts.actions.drain().map(|(name, action)| (name.to_ascii_lowercase(), ActionFacts { name, ..action }));
    facts.actions = named.collect();
    facts
}

/// Our own files, held whole by the tests: a damaged one reads as empty.
fn parse<'a, T: Default + Deserialize<'a>>(text: &'a str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
