//! Sessions: an interface whose traffic is copied, by a filter, to a target. An interface has at most three, in the order of their numbers.

use std::sync::Arc;

use service::prelude::*;

use super::super::Family;
use super::super::item::{self, Item};
use super::{remove_fields, within};
use crate::kind;
use crate::tags::registry;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TrafficMirrorSession.html>
pub static SESSIONS: Family = Family {
    owner: Some("OwnerId"),
    within: &[("NetworkInterfaceId", &kind::NETWORK_INTERFACE)],
    besides: &[
        ("TrafficMirrorTargetId", &kind::TRAFFIC_MIRROR_TARGET),
        ("TrafficMirrorFilterId", &kind::TRAFFIC_MIRROR_FILTER),
    ],
    filters: &[
        "description",
        "network-interface-id",
        "owner-id",
        "packet-length",
        "session-number",
        "traffic-mirror-filter-id",
        "traffic-mirror-session-id",
        "traffic-mirror-target-id",
        "virtual-network-id",
    ],
    fill,
    ..Family::of(&kind::TRAFFIC_MIRROR_SESSION, "TrafficMirrorSessionId")
};

/// How many one interface can be the source of. <https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-limits.html>
const MOST_OF_INTERFACE: usize = 3;
/// Identifiers of VXLAN networks have 24 bits.
const MOST_NETWORKS: i64 = 1 << 24;

pub fn operations() -> Vec<Operation> {
    vec![
        SESSIONS.create("CreateTrafficMirrorSession", &[]),
        SESSIONS.describe("DescribeTrafficMirrorSessions"),
        SESSIONS.modify("ModifyTrafficMirrorSession", &["RemoveFields"], change),
        SESSIONS.delete("DeleteTrafficMirrorSession"),
    ]
}

/// The sessions that copy an interface's traffic.
pub fn of_interface(cx: &Cx, world: &World, interface: &str) -> Vec<Arc<Item>> {
    let all = item::all(world, cx, &kind::TRAFFIC_MIRROR_SESSION);
    all.filter(|it| it.document.text("NetworkInterfaceId") == Some(interface)).cloned().collect()
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let source = input.text("NetworkInterfaceId").unwrap_or_default();
    let targets = item::inside(tx, cx, source);
    if let Some(target) = targets.iter().find(|user| kind::TRAFFIC_MIRROR_TARGET.is_id(user)) {
        let message = format!("{source} is already associated with {target}");
        return Err(ApiError::new("InterfaceInUseByTrafficMirrorTarget", message));
    }
    if of_interface(cx, tx, source).len() >= MOST_OF_INTERFACE {
        return Err(ApiError::new(
            "TrafficMirrorSessionsPerInterfaceLimitExceeded",
            format!(
                "The maximum number of Traffic Mirror sessions for {source} has been reached ({MOST_OF_INTERFACE})."
            ),
        ));
    }
    settle(cx, tx, item)
}

fn change(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let fields =
        [("packet-length", "PacketLength"), ("description", "Description"), ("virtual-network-id", "VirtualNetworkId")];
    remove_fields(input, item, &fields);
    settle(cx, tx, item)
}

/// Checks what it names and its numbers, and holds on to what it uses. A network that is not given is drawn.
fn settle(cx: &Cx, tx: &Tx, item: &mut Item) -> Result<(), ApiError> {
    item.within.clear();
    for (member, kind) in SESSIONS.within.iter().chain(SESSIONS.besides) {
        let id = item.document.text(member).unwrap_or_default().to_owned();
        registry::must_exist(cx, tx, kind, &id)?;
        item.within.push(id);
    }
    within(&item.document, "SessionNumber", 1, 32_766)?;
    within(&item.document, "PacketLength", 1, 8_500)?;
    within(&item.document, "VirtualNetworkId", 0, MOST_NETWORKS - 1)?;
    let source = item.document.text("NetworkInterfaceId").unwrap_or_default();
    let number = item.document.number("SessionNumber");
    let others = of_interface(cx, tx, source);
    if others.iter().any(|other| other.id != item.id && other.document.number("SessionNumber") == number) {
        let number = number.unwrap_or_default();
        let message = format!("The session number {number} is already in use for the network interface {source}.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if item.document.number("VirtualNetworkId").is_none() {
        item.document.set("VirtualNetworkId", draw_network(cx, tx));
    }
    Ok(())
}

/// One that no other session of the account has.
fn draw_network(cx: &Cx, world: &World) -> i64 {
    let used: Vec<i64> = item::all(world, cx, &kind::TRAFFIC_MIRROR_SESSION)
        .filter_map(|it| it.document.number("VirtualNetworkId"))
        .collect();
    let draw = || i64::try_from(cx.ids.below(MOST_NETWORKS.unsigned_abs())).unwrap_or_default();
    std::iter::repeat_with(draw).find(|drawn| !used.contains(drawn)).unwrap_or_default()
}
