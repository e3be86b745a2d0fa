//! Reachability Analyzer: paths between two resources, and analyses of whether packets get from one to the other; and Network Access Analyzer
//! ([`scope`]), which looks for such paths by itself. A path names its ends by their ids,
//! whatever they are; it keeps none of them from being deleted.
//!
//! [`analysis`] runs one; [`walk`] goes the way, [`hop`] and [`transit`] through gateways, [`access`] past rules; [`packet`] is what goes.
//! <https://docs.aws.amazon.com/vpc/latest/reachability/what-is-reachability-analyzer.html>

use service::Service;
use service::arn::Arn;
use service::prelude::*;

use super::item::Item;
use super::{Family, answers, verbs};
use crate::kind::{self, Kind};
use crate::resource;
use crate::tags::registry;

mod access;
pub mod analysis;
mod component;
mod end;
mod hop;
mod packet;
mod routing;
pub mod scope;
#[cfg(test)]
mod tests;
mod transit;
mod walk;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInsightsPath.html>
pub static PATHS: Family = Family {
    arn: Some("NetworkInsightsPathArn"),
    created: Some("CreatedDate"),
    filters: &[
        "destination",
        "filter-at-source.source-address=FilterAtSource.SourceAddress",
        "filter-at-source.source-port-range=FilterAtSource.SourcePortRange.FromPort",
        "filter-at-source.destination-address=FilterAtSource.DestinationAddress",
        "filter-at-source.destination-port-range=FilterAtSource.DestinationPortRange.FromPort",
        "filter-at-destination.source-address=FilterAtDestination.SourceAddress",
        "filter-at-destination.source-port-range=FilterAtDestination.SourcePortRange.FromPort",
        "filter-at-destination.destination-address=FilterAtDestination.DestinationAddress",
        "filter-at-destination.destination-port-range=FilterAtDestination.DestinationPortRange.FromPort",
        "protocol",
        "source",
    ],
    fill,
    blocked: |item, inside| {
        let message = format!("{} has analyses which must be deleted first: {}", item.id, inside.join(", "));
        ApiError::new("AnalysisExistsForNetworkInsightsPath", message)
    },
    ..Family::of(&kind::NETWORK_INSIGHTS_PATH, "NetworkInsightsPathId")
};

const CREATE: &str = "CreateNetworkInsightsPath";

/// The operations on paths and analyses.
pub fn operations() -> Vec<Operation> {
    let mut operations = analysis::operations();
    operations.extend(scope::operations());
    operations.extend([
        Operation::write(Service::Ec2, CREATE, |cx: &Cx, tx: &mut Tx, input: &Document| {
            verbs::create(&PATHS, CREATE, cx, tx, input)
        })
        .authorize(to_create)
        .honours(|model, operation| answers::honoured(model, operation, &PATHS, &[]))
        .build(),
        PATHS.describe("DescribeNetworkInsightsPaths"),
        PATHS.delete("DeleteNetworkInsightsPath"),
    ]);
    operations
}

/// Resource types that a path can begin or end at.
const ENDS: &[&str] = &[
    "instance",
    "internet-gateway",
    "network-interface",
    "transit-gateway",
    "transit-gateway-attachment",
    "vpc-endpoint",
    "vpc-endpoint-service",
    "vpc-peering-connection",
    "vpn-gateway",
];

/// The id of a resource that is named by its id or its ARN.
fn id_of(text: &str) -> &str {
    Arn::parse(text).and_then(|arn| arn.typed_resource()).map_or(text, |(_, id)| id)
}

/// What is at an end of a path: the kind, and the id.
fn end(text: &str) -> Option<(&'static Kind, &str)> {
    let id = id_of(text);
    kind::of_id(id).filter(|kind| ENDS.contains(&kind.resource_type)).map(|kind| (kind, id))
}

/// CreateNetworkInsightsPath on the path to come and on its ends, and the tags.
fn to_create(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    let named = ["Source", "Destination"].iter().filter_map(|member| end(input.text(member)?));
    let ends: Vec<Check> = named.map(|(kind, id)| registry::check_on(cx, world, kind, id)).collect();
    let specifications = verbs::specifications(input);
    resource::checks_on_new(cx, PATHS.kind, Some(&specifications), CREATE, ends)
}

/// Ends are shown by id and ARN. Filters take the place of addresses and the port.
fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    for (filter, others) in [
        ("FilterAtSource", ["SourceIp", "DestinationPort"]),
        ("FilterAtDestination", ["DestinationIp", "DestinationPort"]),
    ] {
        if let Some(other) = others.iter().find(|other| input.at(filter).is_some() && input.at(other).is_some()) {
            let message = format!("{filter} and {other} cannot be specified together.");
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
    }
    if input.text("Destination").is_none()
        && input.text("DestinationIp").is_none()
        && input.text("FilterAtSource.DestinationAddress").is_none()
    {
        let message = "A destination must be specified: a resource, or an IP address.";
        return Err(ApiError::new("MissingParameter", message));
    }
    for member in ["Source", "Destination"] {
        let Some(text) = input.text(member) else { continue };
        let (kind, id) = end(text).ok_or_else(|| {
            let message = format!(
                "Value ({text}) for parameter {member} is invalid. It is not a resource that a path can have as an end."
            );
            ApiError::new("InvalidParameterValue", message)
        })?;
        registry::must_exist(cx, tx, kind, id)?;
        item.document.set(member, id);
        item.document.set(&format!("{member}Arn"), kind.arn(cx, id));
    }
    Ok(())
}
