//! What the packages with the reference lack yet: actions and condition keys of November 2026 that botocore's models have, and of which their
//! documentation tells. What a package has got since is an error, so that it goes from here.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

/// Condition keys of one service, or of every one (`global`).
pub fn condition_keys(service: &str) -> Value {
    match service {
        "iam" => json!({
            "iam:EnableIdentityCenterAssociation": "Bool",
            "iam:EnableIdentityPropagation": "Bool",
            "iam:RequestIdentityCenterInstanceArn": "ARN",
            "iam:RequestIdentityProviderIssuers": "ArrayOfString",
            "iam:ResourceIdentityCenterInstanceArn": "ARN",
            "iam:ResourceIdentityProviderIssuers": "ArrayOfString",
        }),
        "sts" => json!({
            "sts:IdentityTokenScope": "ArrayOfString",
            "sts:SubjectMode": "String",
        }),
        "global" => json!({
            "aws:IdentityCenterInstanceArn": "ARN",
            "aws:IdentityStoreArn": "ARN",
            "aws:OriginIdentity/FederatedProviderArn": "ARN",
            "aws:OriginIdentity/Issuer": "String",
            "aws:OriginIdentity/Subject": "String",
            "aws:OriginIdentity/SubjectType": "String",
            "aws:TransactionContext/IdentityProvider/${ContextKey}": "String",
        }),
        _ => json!({}),
    }
}

/// Actions of a service.
pub fn actions(service: &str) -> Value {
    match service {
        "iam" => json!({
            "UpdateOpenIDConnectProvider": {
                "access": "Write",
                "resources": [{"name": "oidc-provider", "required": true, "keys": []}],
            },
        }),
        "sts" => json!({
            "GetScopedCredentials": {"access": "Write"},
            "SetWebIdentityTokenScope": {"access": "Write"},
        }),
        _ => json!({}),
    }
}

/// Keys of actions that a package has without them.
const OF_ACTIONS: &[(&str, &str, &[&str])] = &[
    ("iam", "CreateOpenIDConnectProvider", ON_CREATION),
    ("iam", "CreateSAMLProvider", ON_CREATION),
    ("iam", "UpdateOpenIDConnectProvider", ON_UPDATE),
    ("iam", "UpdateSAMLProvider", ON_UPDATE_OF_SAML),
    ("sts", "GetWebIdentityToken", &["sts:IdentityTokenScope", "sts:SubjectMode"]),
    ("sts", "SetWebIdentityTokenScope", &["sts:IdentityTokenScope", "sts:SubjectMode"]),
];
const ON_CREATION: &[&str] = &[
    "iam:EnableIdentityCenterAssociation",
    "iam:EnableIdentityPropagation",
    "iam:RequestIdentityCenterInstanceArn",
    "iam:RequestIdentityProviderIssuers",
];
const ON_UPDATE: &[&str] = &[
    "iam:EnableIdentityCenterAssociation",
    "iam:EnableIdentityPropagation",
    "iam:RequestIdentityCenterInstanceArn",
    "iam:ResourceIdentityCenterInstanceArn",
    "iam:ResourceIdentityProviderIssuers",
];
const ON_UPDATE_OF_SAML: &[&str] = &[
    "iam:EnableIdentityCenterAssociation",
    "iam:EnableIdentityPropagation",
    "iam:RequestIdentityCenterInstanceArn",
    "iam:RequestIdentityProviderIssuers",
    "iam:ResourceIdentityCenterInstanceArn",
    "iam:ResourceIdentityProviderIssuers",
];

/// Services by the names that IAM's reports have for them, which are not always those of the reference (September 2026), and services that only
/// the reports know any more.
pub const SERVICE_NAMES: &[(&str, &str)] = &[
    ("apigateway", "Manage - Amazon API Gateway"),
    ("aws-marketplace", "AWS Marketplace"),
    ("cloudformation", "AWS CloudFormation"),
    ("codestar", "AWS CodeStar"),
    ("consoleapp", "AWS Console Mobile App"),
    ("elasticloadbalancing", "Elastic Load Balancing"),
    ("evidently", "Amazon CloudWatch Evidently"),
    ("greengrass", "AWS IoT Greengrass"),
    ("iam", "AWS Identity and Access Management"),
    ("importexport", "AWS Import Export"),
    ("iotevents", "AWS IoT Events"),
    ("kinesisanalytics", "Amazon Kinesis Analytics"),
    ("lex", "Amazon Lex"),
    ("ses", "Amazon SES"),
    ("sms-voice", "Amazon Pinpoint SMS and Voice Service"),
];

/// A package's entries with those added here, in order.
pub fn with(entries: Value, added: Value) -> Result<Value> {
    let (Value::Object(mut all), Value::Object(added)) = (entries, added) else { bail!("entries are no object") };
    for (name, value) in added {
        if all.insert(name.clone(), value).is_some() {
            bail!("`{name}` is in the package by now: take it out of authorization/added.rs");
        }
    }
    let mut sorted: Vec<(String, Value)> = all.into_iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(Value::Object(sorted.into_iter().collect()))
}

/// A service's actions with those added here, and their keys.
pub fn with_actions(service: &str, of_package: Value) -> Result<Value> {
    let mut all = with(of_package, actions(service))?;
    for (_, action, keys) in OF_ACTIONS.iter().filter(|(of, _, _)| *of == service) {
        let Some(Value::Object(action)) = all.get_mut(*action) else { bail!("there is no action {action}") };
        add_keys(action, keys)?;
    }
    Ok(all)
}

fn add_keys(action: &mut Map<String, Value>, keys: &[&str]) -> Result<()> {
    let held = action.entry("keys").or_insert_with(|| json!([]));
    let Value::Array(held) = held else { bail!("keys are no list") };
    for key in keys {
        if held.iter().any(|one| one == key) {
            bail!("`{key}` is with its action in the package by now: take it out of authorization/added.rs");
        }
        held.push(json!(key));
    }
    held.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    Ok(())
}
