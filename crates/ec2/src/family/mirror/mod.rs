//! Traffic mirroring: filters with their rules, targets, and the sessions that copy an interface's traffic to a target. There is no traffic here, so
//! nothing is copied; what is kept is who asked for which, and what can't be deleted while a session uses it.
//!
//! [`rule`] has the rules, [`session`] the sessions. <https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html>

use serde_json::json;
use service::arn::Arn;
use service::prelude::*;

use super::Family;
use super::item::{self, Item};
use crate::kind;
use crate::tags::registry;

mod rule;
mod session;
#[cfg(test)]
mod tests;

pub use rule::RULES;
pub use session::SESSIONS;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TrafficMirrorFilter.html>
pub static FILTERS: Family = Family {
    defaults: |_| json!({"NetworkServices": []}),
    filters: &["description", "traffic-mirror-filter-id"],
    see: rule::show_in_filter,
    release: rule::remove_all,
    blocked: |item, users| in_use("TrafficMirrorFilterInUse", "Filter", &item.id, users),
    ..Family::of(&kind::TRAFFIC_MIRROR_FILTER, "TrafficMirrorFilterId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TrafficMirrorTarget.html>
pub static TARGETS: Family = Family {
    owner: Some("OwnerId"),
    besides: &[
        ("NetworkInterfaceId", &kind::NETWORK_INTERFACE),
        ("GatewayLoadBalancerEndpointId", &kind::VPC_ENDPOINT),
    ],
    filters: &[
        "description",
        "network-interface-id",
        "network-load-balancer-arn",
        "owner-id",
        "traffic-mirror-target-id",
    ],
    fill: fill_target,
    blocked: |item, users| in_use("TrafficMirrorTargetInUse", "Target", &item.id, users),
    ..Family::of(&kind::TRAFFIC_MIRROR_TARGET, "TrafficMirrorTargetId")
};

/// The operations of traffic mirroring.
pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        FILTERS.create("CreateTrafficMirrorFilter", &[]),
        FILTERS.describe("DescribeTrafficMirrorFilters"),
        FILTERS.modify(
            "ModifyTrafficMirrorFilterNetworkServices",
            &["AddNetworkServices", "RemoveNetworkServices"],
            change_services,
        ),
        FILTERS.delete("DeleteTrafficMirrorFilter"),
        TARGETS.create("CreateTrafficMirrorTarget", &[]),
        TARGETS.describe("DescribeTrafficMirrorTargets"),
        TARGETS.delete("DeleteTrafficMirrorTarget"),
    ];
    operations.extend(rule::operations());
    operations.extend(session::operations());
    operations
}

/// Seen of targets in practice.
fn in_use(code: &'static str, what: &str, id: &str, users: &[String]) -> ApiError {
    ApiError::new(code, format!("Cannot delete {id}. {what} is in use by {}", users.join(", ")))
}

fn change_services(_: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let (added, removed) = (input.texts("AddNetworkServices"), input.texts("RemoveNetworkServices"));
    let mut services = item.document.texts("NetworkServices");
    services.retain(|service| !removed.contains(service) && !added.contains(service));
    services.extend(added);
    services.sort();
    services.dedup();
    item.document.set("NetworkServices", services);
    Ok(())
}

/// A target is one of three things, which no other target is yet.
fn fill_target(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let named = ["NetworkInterfaceId", "NetworkLoadBalancerArn", "GatewayLoadBalancerEndpointId"];
    let given: Vec<(&str, &str)> = named.iter().filter_map(|name| Some((*name, input.text(name)?))).collect();
    let [(member, value)] = given.as_slice() else {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "Exactly one of NetworkInterfaceId, NetworkLoadBalancerArn and GatewayLoadBalancerEndpointId must be specified.",
        ));
    };
    let held = || item::all(tx, cx, &kind::TRAFFIC_MIRROR_TARGET).find(|it| it.document.text(member) == Some(value));
    let kind = match *member {
        "NetworkInterfaceId" => {
            registry::must_exist(cx, tx, &kind::NETWORK_INTERFACE, value)?;
            if let Some(session) = session::of_interface(cx, tx, value).first() {
                let message = format!("{value} is already associated with {}", session.id);
                return Err(ApiError::new("InterfaceInUseByTrafficMirrorSession", message));
            }
            if let Some(other) = held() {
                let message = format!("{value} is already associated with {}", other.id);
                return Err(ApiError::new("InterfaceInUseByTrafficMirrorTarget", message));
            }
            "network-interface"
        }
        "NetworkLoadBalancerArn" => {
            let is_nlb =
                |arn: Arn<'_>| arn.service == "elasticloadbalancing" && arn.resource.starts_with("loadbalancer/net/");
            if !Arn::parse(value).is_some_and(is_nlb) {
                let message = format!("The Network Load Balancer ARN '{value}' is malformed");
                return Err(ApiError::new("InvalidNetworkLoadBalancerArn.Malformed", message));
            }
            if let Some(other) = held() {
                let message = format!("{value} is already associated with {}", other.id);
                return Err(ApiError::new("NlbInUseByTrafficMirrorTargetException", message));
            }
            "network-load-balancer"
        }
        _ => {
            let endpoint = item::alive(tx, cx, &kind::VPC_ENDPOINT, value)?;
            if endpoint.document.text("VpcEndpointType") != Some("GatewayLoadBalancer") {
                let message = format!("The Vpc Endpoint Id '{value}' is not of a Gateway Load Balancer");
                return Err(ApiError::new("InvalidParameterValue", message));
            }
            "gateway-load-balancer-endpoint"
        }
    };
    if kind != "network-load-balancer" {
        item.within.push((*value).to_owned());
    }
    item.document.set("Type", kind);
    Ok(())
}

/// What becomes of mirroring when an interface goes: sessions end with their source.
/// <https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html>
pub fn forget_interface(cx: &Cx, tx: &mut Tx, id: &str) {
    for session in session::of_interface(cx, tx, id) {
        item::delete(tx, cx, &SESSIONS, &session.id);
    }
}

/// An interface that is a target can't be deleted.
pub fn must_not_be_target(cx: &Cx, world: &World, id: &str) -> Result<(), ApiError> {
    let is_target = |user: &String| kind::TRAFFIC_MIRROR_TARGET.is_id(user);
    match item::inside(world, cx, id).iter().find(|user| is_target(user)) {
        Some(target) => {
            let message = format!("Network interface '{id}' is in use by traffic mirror target {target}.");
            Err(ApiError::new("InterfaceInUseByTrafficMirrorTarget", message))
        }
        None => Ok(()),
    }
}

/// A number between bounds, or the refusal that names it.
fn within(document: &Document, member: &str, least: i64, most: i64) -> Result<(), ApiError> {
    match document.number(member).filter(|number| !(least..=most).contains(number)) {
        Some(number) => Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({number}) for parameter {member} is invalid. {member} must be between {least} and {most}."),
        )),
        None => Ok(()),
    }
}

/// Takes away what `RemoveFields` names, in the words of each operation.
fn remove_fields(input: &Document, item: &mut Item, fields: &[(&str, &str)]) {
    for name in input.texts("RemoveFields") {
        if let Some((_, member)) = fields.iter().find(|(field, _)| *field == name) {
            item.document.0.remove(*member);
        }
    }
}
