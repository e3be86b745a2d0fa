//! The form and existence of the principals that a trust or resource policy names. Existence is the resolver's to know;
//! accounts and services are taken by their form.

use super::{Resolved, refuse};
use crate::document::Document;
use crate::parse::Malformed;
use crate::principal::account_named;

pub(super) fn check(document: &Document, resolve: &dyn Fn(&str) -> Resolved) -> Result<(), Malformed> {
    for (index, key, value) in document.principals() {
        if key == "Federated" && !is_provider_arn(value) && !is_domain(value) {
            let message = "Federated principals must be valid domain names or SAML metadata ARNs";
            return refuse(message, format!("statement {index}: `{value}`"));
        }
        let valid = match key {
            "AWS" => is_aws_principal(value, resolve),
            "Service" => is_service(value),
            "Federated" => !is_provider_arn(value) || resolve(value) != Resolved::Unknown,
            _ => !value.is_empty(),
        };
        if !valid {
            // AWS spells every key in capitals here.
            let message = format!("Invalid principal in policy: \"{}\":\"{value}\"", key.to_uppercase());
            return refuse(message, format!("statement {index}"));
        }
    }
    Ok(())
}

fn is_aws_principal(value: &str, resolve: &dyn Fn(&str) -> Resolved) -> bool {
    if value == "*" || account_named(value).is_some() {
        return true;
    }
    (is_entity_arn(value) || is_unique_id(value)) && resolve(value) != Resolved::Unknown
}

/// A user, role, session or federated user. Groups are no principals, and wildcards stand for nothing here.
fn is_entity_arn(value: &str) -> bool {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, path] = parts.as_slice() else { return false };
    let starts: &[&str] = match *service {
        "iam" => &["user/", "role/"],
        "sts" => &["assumed-role/", "federated-user/"],
        _ => return false,
    };
    let named = starts.iter().any(|start| path.strip_prefix(start).is_some_and(|name| !name.is_empty()));
    partition.starts_with("aws") && account_named(account).is_some() && named && !path.contains(['*', '?'])
}

/// As `AIDA…` and `AROA…`.
fn is_unique_id(value: &str) -> bool {
    let known_start = value.starts_with("AIDA") || value.starts_with("AROA");
    known_start && value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The ARN of a SAML or OpenID Connect provider.
fn is_provider_arn(value: &str) -> bool {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, path] = parts.as_slice() else { return false };
    let named = ["saml-provider/", "oidc-provider/"]
        .iter()
        .any(|start| path.strip_prefix(start).is_some_and(|name| !name.is_empty() && !name.contains(['*', '?'])));
    partition.starts_with("aws") && account_named(account).is_some() && named
}

/// What names of services end in: the domains of AWS's partitions, and two more. <https://github.com/aws-samples/aws-cdk-examples/issues/801> has `amazonaws.com` refused. IAM knows every name; which there
/// are is published nowhere.
const SERVICE_DOMAINS: [&str; 9] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".aws.internal",
    ".c2s.ic.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    ".sc2s.sgov.gov",
];

/// The name of a service: `ec2.amazonaws.com`.
fn is_service(value: &str) -> bool {
    let name = SERVICE_DOMAINS.iter().find_map(|domain| value.strip_suffix(domain));
    is_domain(value) && name.is_some_and(|name| !name.is_empty())
}

/// The name of an identity provider: `accounts.google.com`.
fn is_domain(value: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let (name, domain) = value.split_once('.').unwrap_or_default();
    !name.is_empty() && !domain.is_empty() && value.bytes().all(in_name)
}
