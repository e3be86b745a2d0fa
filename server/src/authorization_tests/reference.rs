//! The checks of every operation against AWS's service authorization reference: resource types, condition keys, dependent actions.
//!
//! What the checks of all sample requests name is gathered by action ([`SEEN`]); the tests ask that, and [`gaps`] lists what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use service::facts::{self, ActionFacts, ActionResource};
use service::{Check, conditions};

use super::samples;
use super::stage::{STAGE, rows};

/// Lists of IAM's collections: the reference has them on `*` alone, but AWS evaluates, and reports, the collection with its path prefix
/// (`user/`, as denials on AWS say), so that a policy for `user/division/*` works.
const COLLECTIONS: [&str; 9] = [
    "iam:ListGroups",
    "iam:ListInstanceProfiles",
    "iam:ListOpenIDConnectProviders",
    "iam:ListPolicies",
    "iam:ListRoles",
    "iam:ListSAMLProviders",
    "iam:ListServerCertificates",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
];

/// Checks on resources that the reference does not list for their actions: AWS was seen to ask for a token on the caller itself, and the tags of a
/// federated user's session can be on nothing but that user. Quotes for another date are a type of resource that the reference does not list yet.
/// Tasks on Macs are given their tags at creation, which the reference says at the creating actions alone.
const ELSEWHERE: [(&str, &str); 6] = [
    (
        "ec2:CreateCapacityReservationDateChangeQuote",
        "arn:aws:ec2:us-east-1:123456789012:capacity-reservation-modification-quote/",
    ),
    ("ec2:CreateTags", "arn:aws:ec2:us-east-1:123456789012:capacity-reservation-modification-quote/"),
    ("ec2:CreateTags", "arn:aws:ec2:us-east-1:123456789012:mac-modification-task/"),
    ("sts:GetWebIdentityToken", "arn:aws:sts::123456789012:self"),
    ("sts:TagGetWebIdentityToken", "arn:aws:sts::123456789012:self"),
    ("sts:TagSession", "arn:aws:sts::123456789012:federated-user/"),
];

fn is_elsewhere(action: &str, resource: &str) -> bool {
    ELSEWHERE.iter().any(|(known, on)| *known == action && resource.starts_with(on))
}

/// A check of some sample request.
pub struct Seen {
    pub check: Check,
    pub context: policy::Context,
    /// The operation that made it.
    by: String,
}

/// All checks of all sample requests, by action.
pub static SEEN: LazyLock<BTreeMap<String, Vec<Seen>>> = LazyLock::new(|| {
    let mut seen: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    for row in rows() {
        for parameters in samples::of(&row) {
            let asked = STAGE.ask(&row, &parameters, None);
            for check in asked.checks {
                let context = conditions::of(&asked.cx, &check, &[]);
                seen.entry(check.action.clone()).or_default().push(Seen { check, context, by: row.action() });
            }
        }
    }
    seen
});

/// Actions that the reference does not list yet, each with one that it does and that is on the same resources and keys.
pub const UNLISTED: [(&str, &str); 29] = [
    ("iam:UpdateDelegationRequest", "iam:RejectDelegationRequest"),
    ("ec2:CreateCapacityReservationDateChangeQuote", "ec2:GetCapacityReservationUsage"),
    ("ec2:DescribeCapacityReservationDateChangeQuotes", "ec2:DescribeCapacityReservationCancellationQuotes"),
    ("ec2:DeleteClientVpnEndpointAuthorizationPolicy", "ec2:RevokeClientVpnIngress"),
    ("ec2:GetClientVpnEndpointAuthorizationPolicy", "ec2:ExportClientVpnClientConfiguration"),
    ("ec2:GetTransitGatewayAttachmentNatConfiguration", "ec2:AcceptTransitGatewayPeeringAttachment"),
    ("ec2:ModifyClientVpnEndpointAuthorizationPolicy", "ec2:AuthorizeClientVpnIngress"),
    ("ec2:ModifyTransitGatewayAttachmentNatConfiguration", "ec2:AcceptTransitGatewayPeeringAttachment"),
    ("ec2:ModifyTransitGatewayPeeringAttachment", "ec2:AcceptTransitGatewayPeeringAttachment"),
    ("ec2:CreateTransitGatewayNetworkFunctionAttachment", "ec2:CreateTransitGatewayPeeringAttachment"),
    ("ec2:DeleteTransitGatewayNetworkFunctionAttachment", "ec2:DeleteTransitGatewayPeeringAttachment"),
    ("ec2:DescribeTransitGatewayNetworkFunctionAttachments", "ec2:DescribeTransitGatewayPeeringAttachments"),
    ("ec2:ModifyTransitGatewayNetworkFunctionAttachment", "ec2:AcceptTransitGatewayPeeringAttachment"),
    ("ec2:GetCapacityManagerSupportabilityScores", "ec2:GetCapacityManagerMetricData"),
    ("ec2:GetImageFindings", "ec2:GetImageAncestry"),
    ("ec2:AssociateKmsKeyId", "ec2:RestoreSnapshotTier"),
    ("ec2:DisassociateKmsKeyId", "ec2:RestoreSnapshotTier"),
    // Those on types that it does not list either ([`UNLISTED_TYPES`]) stand with one that is on none.
    ("ec2:AssociateNetworkingFlexCostAllocationPolicy", "ec2:DescribeRegions"),
    ("ec2:CreateMetricCategory", "ec2:DescribeRegions"),
    ("ec2:CreateNetworkingFlexCostAllocationPolicy", "ec2:DescribeRegions"),
    ("ec2:DeleteMetricCategory", "ec2:DescribeRegions"),
    ("ec2:DeleteNetworkingFlexCostAllocationPolicies", "ec2:DescribeRegions"),
    ("ec2:DescribeMetricCategories", "ec2:DescribeRegions"),
    ("ec2:DescribeNetworkingFlexCostAllocationPolicies", "ec2:DescribeRegions"),
    ("ec2:DescribeNetworkingFlexCostAllocationPolicyAssociations", "ec2:DescribeRegions"),
    ("ec2:DisassociateNetworkingFlexCostAllocationPolicy", "ec2:DescribeRegions"),
    ("ec2:GetNetworkingFlexCostAllocationPolicyVersions", "ec2:DescribeRegions"),
    ("ec2:ModifyMetricCategory", "ec2:DescribeRegions"),
    ("ec2:ModifyNetworkingFlexCostAllocationPolicy", "ec2:DescribeRegions"),
];

/// Types of resources that the reference does not list yet. Their ARNs are as those of EC2's other resources.
const UNLISTED_TYPES: [&str; 2] = ["fca-policy", "metric-category"];

fn is_of_unlisted_type(resource: &str) -> bool {
    let kind = resource.splitn(6, ':').nth(5).and_then(|rest| rest.split('/').next());
    kind.is_some_and(|kind| UNLISTED_TYPES.contains(&kind))
}

/// Operations that have no action: AcquireRole is allowed by reading the template, and by reading the role or the actions it is put together by
/// (`iam:RoleTemplateARN` is a key of those).
pub const WITHOUT_ACTION: [&str; 1] = ["iam:AcquireRole"];

/// What the reference says of an action.
pub fn facts_of(action: &str) -> &'static ActionFacts {
    let listed = UNLISTED.iter().find(|(unlisted, _)| *unlisted == action).map_or(action, |(_, listed)| listed);
    let (service, name) = listed.split_once(':').unwrap();
    facts::action(service, name).unwrap_or_else(|| panic!("the reference knows no {action}"))
}

/// The ARN template of a resource type that an action names; those of another service stand in that service's own list.
fn template(action: &str, kind: &str) -> Option<&'static str> {
    let service = action.split_once(':')?.0;
    Some(facts::resource(service, kind)?.arn.as_str())
}

/// Whether the ARN is one of the template, `arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}`.
fn fits(template: &str, arn: &str) -> bool {
    let (start, rest) = template.split_once("${").unwrap_or((template, ""));
    let Some(mut arn) = arn.strip_prefix(start) else { return false };
    let mut rest = rest;
    while let Some((_, after)) = rest.split_once('}') {
        let (literal, next) = after.split_once("${").unwrap_or((after, ""));
        if literal.is_empty() {
            return true;
        }
        let Some((_, behind)) = arn.split_once(literal) else { return false };
        (arn, rest) = (behind, next);
    }
    arn.is_empty()
}

fn on<'a>(action: &str, seen: &'a [Seen], kind: &str) -> Vec<&'a Seen> {
    let template = template(action, kind);
    seen.iter().filter(|seen| template.is_some_and(|template| fits(template, &seen.check.resource))).collect()
}

/// Whether some check has the key; `${TagKey}` and the like stand for any name.
fn supplied<'a>(seen: impl IntoIterator<Item = &'a Seen>, key: &str) -> bool {
    seen.into_iter().any(|seen| seen.context.iter().any(|(held, _)| is(held, key)))
}

/// Whether a request's key is that of the reference.
pub fn is(held: &str, listed: &str) -> bool {
    match listed.split_once("${") {
        Some((prefix, _)) => held.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
        None => held.eq_ignore_ascii_case(listed),
    }
}

/// What the reference lists and no check has, as lines of `docs/authorization-exceptions.txt`.
pub fn gaps() -> BTreeSet<String> {
    SEEN.iter().flat_map(|(action, seen)| gaps_of(action, seen)).collect()
}

fn gaps_of(action: &str, seen: &[Seen]) -> Vec<String> {
    let facts = facts_of(action);
    let service = action.split_once(':').unwrap().0;
    let asked = |needed: &str| SEEN.get(needed).is_some_and(|seen| seen.iter().any(|seen| seen.by == action));
    let mut gaps = Vec::new();
    gaps.extend(
        facts.dependents.iter().filter(|needed| !asked(needed)).map(|needed| format!("{action} needs {needed}")),
    );
    for key in facts.keys.iter().filter(|key| !supplied(seen, key)) {
        gaps.push(missing_key(service, action, "", key));
    }
    for resource in &facts.resources {
        let kind = &resource.name;
        let on_kind = on(action, seen, kind);
        if on_kind.is_empty() {
            let named =
                SEEN.iter().any(|(other, seen)| !on(other, seen, kind).is_empty() && other.starts_with(service));
            gaps.push(if named { format!("{action} resource {kind}") } else { format!("{service}:* resource {kind}") });
            continue;
        }
        for key in keys_of(action, resource).iter().filter(|key| !supplied(on_kind.iter().copied(), key)) {
            gaps.push(missing_key(service, action, &format!(" on {kind}"), key));
        }
    }
    gaps
}

/// The condition keys of an action on a resource type. Where the reference says none at the action (IAM, STS), those of the type hold.
fn keys_of(action: &str, resource: &'static ActionResource) -> &'static [String] {
    let of_type = || facts::resource(action.split_once(':')?.0, &resource.name).map(|kind| kind.keys.as_slice());
    if resource.keys.is_empty() { of_type().unwrap_or_default() } else { &resource.keys }
}

fn missing_key(service: &str, action: &str, on: &str, key: &str) -> String {
    if !supplied(SEEN.values().flatten(), key) {
        format!("{service}:* key {key}")
    } else if !supplied(&SEEN[action], key) {
        format!("{action} key {key}")
    } else {
        format!("{action}{on} key {key}")
    }
}

#[test]
fn every_required_resource_type_is_checked() {
    for (action, seen) in SEEN.iter() {
        for resource in facts_of(action).resources.iter().filter(|resource| resource.required) {
            assert!(!on(action, seen, &resource.name).is_empty(), "{action} requires a check on {}", resource.name);
        }
    }
}

#[test]
fn every_check_is_on_a_resource_that_its_action_knows() {
    for (action, seen) in SEEN.iter() {
        let facts = facts_of(action);
        let elsewhere = |it: &str| is_elsewhere(action, it) || is_of_unlisted_type(it);
        for Seen { check, by, .. } in seen.iter().filter(|seen| !elsewhere(&seen.check.resource)) {
            let known = facts.resources.iter().any(|resource| {
                template(action, &resource.name).is_some_and(|template| fits(template, &check.resource))
            });
            if facts.wildcard_only() && !COLLECTIONS.contains(&action.as_str()) {
                assert_eq!(check.resource, "*", "{action} of {by} can be allowed on `*` alone");
            } else if !facts.wildcard_only() {
                assert!(known, "{action} of {by} is checked on {}, a resource it does not know", check.resource);
            }
        }
    }
}

#[test]
fn lists_of_collections_are_on_the_collection() {
    for action in COLLECTIONS {
        assert!(facts_of(action).wildcard_only(), "{action} is not an exception any more");
        for seen in &SEEN[action] {
            let resource = &seen.check.resource;
            assert!(
                resource.starts_with("arn:aws:iam::123456789012:")
                    && (resource.ends_with('/') || resource.ends_with("/*")),
                "{action}: {resource}"
            );
        }
    }
}

#[test]
fn templates_fit_their_arns_alone() {
    let vpc = "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}";
    assert!(fits(vpc, "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"));
    assert!(!fits(vpc, "arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/vpce-1"));
    assert!(!fits(vpc, "*"));
    let image = "arn:${Partition}:ec2:${Region}::image/${ImageId}";
    assert!(fits(image, "arn:aws:ec2:us-east-1::image/ami-1"));
    assert!(!fits(image, "arn:aws:ec2:us-east-1:123456789012:image/ami-1"));
}

#[test]
fn what_is_unlisted_is_not_listed() {
    for action in UNLISTED.map(|(action, _)| action).into_iter().chain(WITHOUT_ACTION) {
        let (service, name) = action.split_once(':').unwrap();
        assert!(facts::action(service, name).is_none(), "{action} is no exception any more");
    }
    for kind in UNLISTED_TYPES {
        assert!(facts::resource("ec2", kind).is_none(), "{kind} is no exception any more");
    }
}
