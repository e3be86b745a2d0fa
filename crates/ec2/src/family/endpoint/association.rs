//! DescribeVpcEndpointAssociations: what endpoints of the types `Resource` and `ServiceNetwork` are associated with. Amazon VPC Lattice, whose resources and
//! networks these are, is no service here, so there are no such endpoints, and those of the other types have no associations.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointAssociations.html>

use serde_json::json;
use service::Service;
use service::prelude::*;

use super::ENDPOINTS;
use crate::family::{answers, describe, item};
use crate::resource;

const FILTERS: &[&str] = &[
    "associated-resource-accessibility",
    "associated-resource-id=AssociatedResourceArn",
    "association-id=Id",
    "resource-configuration-group-arn",
    "service-network-arn",
    "vpc-endpoint-id",
];

/// The operation.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(Service::Ec2, "DescribeVpcEndpointAssociations", describe)
            .authorize(resource::any::<Document>)
            .honours(|model, operation| answers::honoured(model, operation, &ENDPOINTS, answers::DESCRIBING))
            .build(),
    ]
}

fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let ids = answers::ids(&ENDPOINTS, input);
    ids.iter().try_for_each(|id| item::get(world, cx, ENDPOINTS.kind, id).map(drop))?;
    let page = describe::choose("DescribeVpcEndpointAssociations", input, FILTERS, std::iter::empty())?;
    Ok(Document::from(json!({"VpcEndpointAssociations": page.items, "NextToken": page.next})))
}
