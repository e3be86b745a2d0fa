//! Policies of identities and sessions. The order of the checks is that of recorded answers: syntax, version, principal, what AWS calls
//! legacy parsing, statement ids, presence of actions, form of resources, form of actions, presence of resources.

use super::{Kind, refuse};
use crate::condition::{Condition, Family};
use crate::document::{ActionElement, Document, ResourceElement, Statement, Version};
use crate::parse::{self, Malformed};
use crate::values;

const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// What the resource part of an IAM ARN may begin with, in the order in which AWS's message lists it.
const IAM_PATHS: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// Of one partition's resources, if one is given.
pub(super) fn check(text: &str, kind: Kind, partition: Option<&str>) -> Result<Document, Malformed> {
    let document = parse::build(text, &parse::read(text)?, &|_| None)?;
    if document.version != Version::V2012 {
        return refuse("Policy document must be version 2012-10-17 or greater.", "old or no version");
    }
    if let Some(statement) = document.statements.iter().find(|statement| statement.principal.is_some()) {
        return refuse("Policy document should not specify a principal.", place(statement));
    }
    check_statements(&document, kind, partition)?;
    Ok(document)
}

/// The checks that are the same for a resource's own policy, which must name principals.
pub(super) fn check_resource_policy(document: &Document) -> Result<(), Malformed> {
    if let Some(statement) = document.statements.iter().find(|statement| statement.principal.is_none()) {
        return refuse("Missing required field Principal", place(statement));
    }
    check_statements(document, Kind::Resource, None)
}

fn check_statements(document: &Document, kind: Kind, partition: Option<&str>) -> Result<(), Malformed> {
    let statements = &document.statements;
    statements.iter().try_for_each(|statement| check_legacy_statement(statement, kind))?;
    let resource_fault = check_resources(statements, partition)?;
    check_statement_ids(statements)?;
    if let Some(statement) = statements.iter().find(|s| no_entries(s.actions.as_ref().map(ActionElement::texts))) {
        return refuse("Policy statement must contain actions.", place(statement));
    }
    if let Some(fault) = resource_fault {
        return refuse(fault, "form of a resource");
    }
    let actions = statements.iter().filter_map(|statement| statement.actions.as_ref());
    actions.flat_map(ActionElement::texts).try_for_each(check_action)?;
    if let Some(statement) = statements.iter().find(|s| no_entries(s.resources.as_ref().map(ResourceElement::texts))) {
        return refuse("Policy statement must contain resources.", place(statement));
    }
    Ok(())
}

fn place(statement: &Statement) -> String {
    format!("statement {} at line {}, column {}", statement.index, statement.start.line, statement.start.column)
}

fn no_entries<'a>(texts: Option<impl Iterator<Item = &'a str>>) -> bool {
    texts.is_none_or(|mut texts| texts.next().is_none())
}

fn legacy<T>(detail: String) -> Result<T, Malformed> {
    refuse("The policy failed legacy parsing", detail)
}

/// A value that its operator cannot read is refused, but of a session's policy only the bytes are looked at (recorded).
fn check_legacy_statement(statement: &Statement, kind: Kind) -> Result<(), Malformed> {
    if statement.effect_misspelled {
        return legacy(format!("effect in wrong case, {}", place(statement)));
    }
    let looked_at = |condition: &&Condition| kind != Kind::Session || condition.operator().family == Family::Binary;
    let unreadable = |condition: &'_ Condition| {
        let mut values = condition.values();
        values.find(|value| !is_readable(value, condition.operator().family)).map(str::to_owned)
    };
    match statement.conditions.iter().filter(looked_at).find_map(unreadable) {
        Some(value) => legacy(format!("no value for its operator: `{value}`")),
        None => Ok(()),
    }
}

fn is_readable(value: &str, family: Family) -> bool {
    match family {
        Family::Date(_) => values::instant(value).is_some(),
        Family::Numeric(_) => values::decimal(value).is_some(),
        Family::IpAddress => values::network(value).is_some(),
        Family::Binary => values::bytes(value).is_some(),
        Family::Arn => value.starts_with("arn:") || value.contains(['*', '?', '$']),
        Family::StringEquals | Family::StringEqualsIgnoreCase | Family::StringLike | Family::Bool | Family::Null => {
            true
        }
    }
}

/// Goes through the resources. A resource that legacy parsing cannot read is refused at once; of the other faults the first is
/// returned, to be told later.
fn check_resources(statements: &[Statement], partition: Option<&str>) -> Result<Option<String>, Malformed> {
    let resources = statements.iter().filter_map(|statement| statement.resources.as_ref());
    let mut first_fault = None;
    for resource in resources.flat_map(ResourceElement::texts).filter(|resource| *resource != "*") {
        first_fault = first_fault.or_else(|| resource_fault(resource, partition));
        if first_fault.is_none() {
            check_legacy_resource(resource)?;
        }
    }
    Ok(first_fault)
}

fn check_legacy_resource(resource: &str) -> Result<(), Malformed> {
    let cut_short = resource.matches(':').count() < 5 && resource.contains("::");
    let no_service = resource.split(':').nth(2).is_none_or(str::is_empty);
    if cut_short || no_service {
        return legacy(format!("no complete ARN: `{resource}`"));
    }
    Ok(())
}

fn resource_fault(resource: &str, own: Option<&str>) -> Option<String> {
    let mut parts = resource.splitn(6, ':').skip(1);
    let Some(partition) = parts.next() else {
        return Some(format!("Resource {resource} must be in ARN format or \"*\"."));
    };
    let rest: Vec<&str> = parts.collect();
    // In an account in China, `arn:aws:…` is no valid resource (seen on AWS).
    let is_valid = own.map_or(PARTITIONS.contains(&partition), |own| own == partition);
    if !is_valid && !partition.contains(['*', '?']) {
        return Some(partition_fault(partition, &rest));
    }
    let service = rest.first().copied();
    if service.is_none_or(|service| service.contains(['*', '?'])) {
        return Some("Resource vendor must be fully qualified and cannot contain regexes.".to_owned());
    }
    let region = rest.get(1).copied().unwrap_or_default();
    let account = rest.get(2).copied().unwrap_or_default();
    match service {
        Some("iam") if !region.is_empty() => {
            return Some(format!("IAM resource {resource} cannot contain region information."));
        }
        // Access points have region and account, buckets and objects neither.
        Some("s3") if !region.is_empty() && account.is_empty() => {
            return Some(format!("Resource {resource} can not contain region information."));
        }
        // Seen on AWS; route53 is as global as iam, and its zones belong to no account.
        Some("route53") if !region.is_empty() => {
            return Some(format!("Resource {resource} can not contain region information."));
        }
        Some("route53") if !account.is_empty() => {
            return Some(format!("Resource {resource} cannot contain an account id."));
        }
        _ => {}
    }
    let path = rest.get(3).copied().unwrap_or("*");
    // The message does not say so, but the root user may be named (seen on AWS, whose policies for root users' tasks do it too).
    let known_path = matches!(path, "*" | "root") || IAM_PATHS.iter().any(|start| path.starts_with(start));
    let unsaid = ["delegation-request/", "role-template/"].iter().any(|start| path.starts_with(start));
    if service == Some("iam") && !known_path && !unsaid {
        let paths = IAM_PATHS.join(", ");
        return Some(format!("IAM resource path must either be \"*\", root, or start with {paths}."));
    }
    None
}

/// The message shows the ARN as AWS completed it.
fn partition_fault(partition: &str, rest: &[&str]) -> String {
    let mut parts = rest.iter();
    let mut next = || parts.next().copied().unwrap_or("*");
    let (service, region, account, path) = (next(), next(), next(), next());
    let service = if service.is_empty() && rest.len() == 1 { "*" } else { service };
    format!(
        "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{service}:{region}:{account}:{path}\"."
    )
}

fn check_statement_ids(statements: &[Statement]) -> Result<(), Malformed> {
    let ids: Vec<&str> = statements.iter().filter_map(|s| s.sid.as_deref()).filter(|sid| !sid.is_empty()).collect();
    if let Some(sid) = ids.iter().find(|sid| !sid.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
        return refuse(message, format!("`{sid}`"));
    }
    let repeated = ids.iter().enumerate().find(|(at, sid)| ids.iter().take(*at).any(|before| before == *sid));
    match repeated {
        Some((_, sid)) => refuse("Statement IDs (SID) in a single policy must be unique.", format!("`{sid}`")),
        None => Ok(()),
    }
}

fn check_action(action: &str) -> Result<(), Malformed> {
    let (vendor, name) = match action.split_once(':') {
        Some(parts) => parts,
        None if action == "*" => return Ok(()),
        None => {
            let message = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            return refuse(message, format!("`{action}`"));
        }
    };
    if name.contains(':') {
        return refuse("Actions/Condition can contain only one colon.", format!("`{action}`"));
    }
    let in_vendor = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if vendor != "*" && (vendor.is_empty() || !vendor.bytes().all(in_vendor)) {
        return refuse(format!("Vendor {vendor} is not valid"), format!("`{action}`"));
    }
    Ok(())
}
