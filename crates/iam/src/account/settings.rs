//! What an account sets for itself as a whole: the version of the session tokens that STS's global endpoint issues, and account properties.
//!
//! The one property that AWS knows is `RoleManager/Enabled`. Turning it on makes the service-linked role with which role manager works;
//! turning it off leaves the role.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::record::AccountSettings;
use crate::{linked_role, role};

service::operations! { Iam;
    SetSecurityTokenServicePreferences => write(set_token_version) authorize(on_account),
    GetAccountProperties => read(get) authorize(to_get),
    PutAccountProperties => write(put) authorize(to_put),
}

#[derive(Debug, Deserialize, Shaped)]
struct TokenVersion {
    global_endpoint_token_version: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct Put {
    properties: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Properties {
    properties: BTreeMap<&'static str, &'static str>,
}

const NAMESPACE: &str = "RoleManager";
const ENABLED: &str = "RoleManager/Enabled";
const NAMESPACES_KEY: &str = "iam:AccountPropertyNamespaces";
const SERVICE: &str = "role-manager.iam.amazonaws.com";
const ROLE: &str = "AWSServiceRoleForIAMRoleManager";
const ROLE_POLICY: &str = "AWSIAMRoleManagerServiceRolePolicy";

/// What is issued by then stays as it is.
fn set_token_version(cx: &Cx, tx: &mut Tx, input: &TokenVersion) -> Result<Done, ApiError> {
    let version = if input.global_endpoint_token_version == "v2Token" { 2 } else { 1 };
    tx.put(AccountSettings { global_endpoint_token_version: version, ..AccountSettings::of(tx, cx.account()) });
    Ok(Done {})
}

fn get(cx: &Cx, world: &World, _: &Nothing) -> Result<Properties, ApiError> {
    let enabled = AccountSettings::of(world, cx.account()).role_manager;
    Ok(Properties { properties: BTreeMap::from([(ENABLED, if enabled { "true" } else { "false" })]) })
}

fn put(cx: &Cx, tx: &mut Tx, input: &Put) -> Result<Done, ApiError> {
    let role_manager = wanted(&input.properties)?;
    if role_manager {
        make_role(cx, tx)?;
    }
    tx.put(AccountSettings { role_manager, ..AccountSettings::of(tx, cx.account()) });
    Ok(Done {})
}

/// Whether role manager is to be on. Beside it AWS passes over what else is in its namespace.
fn wanted(properties: &BTreeMap<String, String>) -> Result<bool, ApiError> {
    let refused = |text: &str| Err(ApiError::new("InvalidInput", text));
    let mut namespace = None;
    for key in properties.keys() {
        let Some((this, _)) = key.split_once('/') else {
            return refused(&format!("Property key must be in format Namespace/PropertyName: {key}"));
        };
        if namespace.is_some_and(|other| other != this) {
            return refused("All properties must belong to the same namespace");
        }
        namespace = Some(this);
    }
    match (namespace, properties.get(ENABLED).map(String::as_str)) {
        (Some(NAMESPACE), Some("true")) => Ok(true),
        (Some(NAMESPACE), Some("false")) => Ok(false),
        (Some(NAMESPACE), Some(_)) => refused("Enabled must be 'true' or 'false'"),
        (Some(NAMESPACE), None) => refused("RoleManager namespace requires Enabled property"),
        (other, _) => refused(&format!("Unsupported namespace: {}", other.unwrap_or_default())),
    }
}

/// The role stays if it is there. One that is being deleted has the name until it is gone, as it has for CreateServiceLinkedRole.
fn make_role(cx: &Cx, tx: &mut Tx) -> Result<(), ApiError> {
    match role::by_name(tx, cx.account(), ROLE) {
        Some(role) if role.path == linked_role::path(SERVICE) && role.gone_at.is_none() => return Ok(()),
        Some(_) => {
            let text =
                format!("Service role name {ROLE} has been taken in this account, please try a different suffix.");
            return Err(ApiError::new("InvalidInput", text));
        }
        None => {}
    }
    tx.put(linked_role::made(cx, SERVICE, ROLE, &[ROLE_POLICY.to_owned()]));
    Ok(())
}

fn to_get(_: &Cx, _: &World, _: &Nothing) -> Vec<Check> {
    vec![Check::any().keys(NAMESPACES_KEY, vec![NAMESPACE.to_owned()])]
}

/// Turning role manager on needs the right to make its role, even if the role is there (seen on AWS).
fn to_put(cx: &Cx, _: &World, input: &Put) -> Vec<Check> {
    let namespaces = input.properties.keys().map(|key| key.split_once('/').map_or(key.as_str(), |(first, _)| first));
    let namespaces: BTreeSet<String> = namespaces.map(str::to_owned).collect();
    let mut checks = vec![Check::any().keys(NAMESPACES_KEY, namespaces.into_iter().collect())];
    if wanted(&input.properties) == Ok(true) {
        let role = service::arn::iam(cx.partition(), cx.account(), "role", &linked_role::path(SERVICE), ROLE);
        checks.push(Check::dependent("iam:CreateServiceLinkedRole", role).key("iam:AWSServiceName", SERVICE));
    }
    checks
}
