//! Endpoints: an application behind a load balancer, an interface, a database or a block of addresses, that users of a group reach by a name.

use serde_json::Value;
use service::prelude::*;

use super::super::item::{self, Item};
use super::super::{Family, Life};
use super::{policy, stamp_change, stamp_new};
use crate::kind;
use crate::refused::missing;
use crate::tags::registry;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VerifiedAccessEndpoint.html>
pub static ENDPOINTS: Family = Family {
    life: Some(Life {
        member: "Status.Code",
        words: ["pending", "active", "deleting", "deleted"],
        seconds: 300,
        shown_for: 3_600,
    }),
    within: &[("VerifiedAccessGroupId", &kind::VERIFIED_ACCESS_GROUP)],
    besides: &[
        ("SecurityGroupIds", &kind::SECURITY_GROUP),
        ("NetworkInterfaceOptions.NetworkInterfaceId", &kind::NETWORK_INTERFACE),
        ("LoadBalancerOptions.SubnetIds", &kind::SUBNET),
        ("RdsOptions.SubnetIds", &kind::SUBNET),
        ("CidrOptions.SubnetIds", &kind::SUBNET),
    ],
    filters: &[],
    fill,
    ..Family::of(&kind::VERIFIED_ACCESS_ENDPOINT, "VerifiedAccessEndpointId")
};

pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS.create("CreateVerifiedAccessEndpoint", &["PolicyDocument", "EndpointDomainPrefix"]),
        ENDPOINTS.describe("DescribeVerifiedAccessEndpoints"),
        ENDPOINTS.modify("ModifyVerifiedAccessEndpoint", &[], change),
        ENDPOINTS.delete("DeleteVerifiedAccessEndpoint"),
    ]
}

/// The member with the options of a type of endpoint.
fn options_of(endpoint_type: &str) -> &'static str {
    match endpoint_type {
        "load-balancer" => "LoadBalancerOptions",
        "network-interface" => "NetworkInterfaceOptions",
        "rds" => "RdsOptions",
        _ => "CidrOptions",
    }
}

/// The options must be those of the type, and what they name must be there. The name users reach it by has a part drawn at random.
fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let options = options_of(input.text("EndpointType").unwrap_or_default());
    if input.at(options).is_none() {
        return Err(missing(options));
    }
    if input.text("AttachmentType") == Some("vpc") && input.texts("SecurityGroupIds").is_empty() {
        return Err(missing("SecurityGroupIds"));
    }
    must_exist(cx, tx, &item.document)?;
    settle(cx, tx, item)?;
    let instance = item.document.text("VerifiedAccessInstanceId").unwrap_or_default();
    let drawn = cx.ids.ec2("edge");
    let region = cx.region_name();
    let suffix = &cx.region.dns_suffix;
    let prefix = input.text("EndpointDomainPrefix").map(|prefix| format!("{prefix}.")).unwrap_or_default();
    let domain = format!("{prefix}{drawn}.{instance}.prod.verified-access.{region}.{suffix}");
    item.document.set("EndpointDomain", domain);
    policy::take(input, item);
    stamp_new(cx, item);
    Ok(())
}

fn must_exist(cx: &Cx, world: &World, named: &Document) -> Result<(), ApiError> {
    for (member, kind) in ENDPOINTS.besides {
        named.found(member).iter().try_for_each(|id| registry::must_exist(cx, world, kind, id))?;
    }
    Ok(())
}

/// It is in its group, and shows the group's instance.
fn settle(cx: &Cx, world: &World, item: &mut Item) -> Result<(), ApiError> {
    let group = item.document.text("VerifiedAccessGroupId").unwrap_or_default().to_owned();
    let held = item::alive(world, cx, &kind::VERIFIED_ACCESS_GROUP, &group)?;
    let instance = held.document.at("VerifiedAccessInstanceId").cloned().unwrap_or(Value::Null);
    item.document.set("VerifiedAccessInstanceId", instance);
    item.within = vec![group];
    Ok(())
}

fn change(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    must_exist(cx, tx, input)?;
    settle(cx, tx, item)?;
    stamp_change(cx, item);
    Ok(())
}
