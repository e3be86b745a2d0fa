//! What a policy may say. Which members go together AWS documents; its words for the others are not recorded.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatFlexCostAllocationPolicyDocument.html>

use ipnet::IpNet;
use service::prelude::*;

use super::{DESCRIPTION, TYPE, not_valid};
use crate::refused::missing;

/// The member with the document, by the type of the resources.
pub const DOCUMENTS: [(&str, &str); 3] =
    [("natgw", "NatFcaPolicyDocument"), ("ec2", "InstanceFcaPolicyDocument"), ("pcx", "PcxFcaPolicyDocument")];
const LONGEST_DESCRIPTION: usize = 1_024;

/// The policy, new or changed, keeps the rules.
pub fn check(policy: &Document) -> Result<(), ApiError> {
    let kind = policy.text(TYPE).unwrap_or_default();
    for (of, member) in DOCUMENTS {
        match policy.at(member) {
            Some(document) if of == kind => document_of(kind, &Document::from(document.clone()))?,
            None if of == kind => return Err(missing(member)),
            Some(_) => {
                let message = format!("The parameter {member} cannot be used with the network resource type {kind}");
                return Err(ApiError::new("InvalidParameterCombination", message));
            }
            None => {}
        }
    }
    match policy.text(DESCRIPTION) {
        Some(text) if text.chars().count() > LONGEST_DESCRIPTION => Err(not_valid(
            text,
            "description",
            &format!("The description can be up to {LONGEST_DESCRIPTION} characters long."),
        )),
        _ => Ok(()),
    }
}

fn document_of(kind: &str, document: &Document) -> Result<(), ApiError> {
    let granularity = document.texts("ReportingGranularity").into_iter().next().unwrap_or_default();
    if granularity == "peering-id" && kind != "pcx" {
        return Err(not_valid(&granularity, "reportingGranularity", "It is only valid for VPC peering connections."));
    }
    let dimensions = document.texts("Dimensions");
    if kind != "natgw" && dimensions.iter().any(|it| it == "data-processing") {
        return Err(not_valid("data-processing", "dimensions", "The only valid value is data-transfer."));
    }
    if let [first, second] = dimensions.as_slice()
        && first == second
    {
        return Err(not_valid(first, "dimensions", "The value is specified more than once."));
    }
    match (granularity == "cidr", document.at("CidrRangeSpecifications")) {
        (true, None) => Err(missing("CidrRangeSpecifications")),
        (false, Some(_)) => Err(ApiError::new(
            "InvalidParameterCombination",
            "CidrRangeSpecifications can be specified only if the reporting granularity is cidr.",
        )),
        (true, Some(ranges)) => ranges_of(&Document::from(ranges.clone())),
        (false, None) => Ok(()),
    }
}

fn ranges_of(ranges: &Document) -> Result<(), ApiError> {
    let prefixes = ranges.text("PrefixesType").unwrap_or_default();
    if !["source-prefixes", "destination-prefixes"].contains(&prefixes) {
        let why = "Valid values are source-prefixes and destination-prefixes.";
        return Err(not_valid(prefixes, "prefixesType", why));
    }
    let blocks = ranges.found("Prefixes.CidrRange");
    for (position, block) in blocks.iter().enumerate() {
        if block.parse::<IpNet>().is_err() {
            return Err(not_valid(block, "cidrRange", "This is not a valid CIDR block."));
        }
        if blocks.iter().take(position).any(|before| before == block) {
            return Err(not_valid(block, "cidrRange", "The CIDR range is specified more than once."));
        }
    }
    Ok(())
}
