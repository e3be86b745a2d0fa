//! ModifyVpcPeeringConnectionOptions: whether names of instances in one VPC resolve to private addresses in the other. Each account sets the options
//! of its own side. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html>

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::{ACCEPTER, PEERING_CONNECTIONS, REQUESTER, Side, on_both, status};
use crate::family::answers;
use crate::family::item::{self, Item};
use crate::kind;

/// The members of a request and an answer, with the side each is about and what errors call it.
const SIDES: [(&str, &str, &str); 2] = [
    ("AccepterPeeringConnectionOptions", ACCEPTER, "accepter"),
    ("RequesterPeeringConnectionOptions", REQUESTER, "requester"),
];
const DNS: &str = "AllowDnsResolutionFromRemoteVpc";
const OPTIONS: [&str; 3] =
    [DNS, "AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalVpcToRemoteClassicLink"];

/// The operation.
pub fn row() -> Operation {
    let uses = &["AccepterPeeringConnectionOptions", "RequesterPeeringConnectionOptions"];
    Operation::write(Service::Ec2, "ModifyVpcPeeringConnectionOptions", modify)
        .authorize(|cx, world, input: &Document| PEERING_CONNECTIONS.to_modify(cx, world, input))
        .honours(move |model, operation| answers::honoured(model, operation, &PEERING_CONNECTIONS, uses))
        .build()
}

fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(PEERING_CONNECTIONS.id).unwrap_or_default();
    let item = item::get(tx, cx, &kind::VPC_PEERING_CONNECTION, id)?;
    let given: Vec<_> = SIDES.iter().filter(|(member, ..)| input.at(member).is_some()).collect();
    if given.is_empty() {
        let message =
            "At least one of accepterPeeringConnectionOptions and requesterPeeringConnectionOptions must be specified.";
        return Err(ApiError::new("MissingParameter", message));
    }
    if !matches!(status(cx, &item), "active" | "provisioning") {
        let message = format!("Peering {id} is not active. Peering options can be added only to active peerings.");
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    let mut answer = Document::default();
    for (member, side_member, word) in given {
        must_be_own(cx, tx, &item, side_member, word, input.truth(&format!("{member}.{DNS}")))?;
        let asked = |name: &&str| input.truth(&format!("{member}.{name}")).map(|value| ((*name).to_owned(), value));
        let asked: serde_json::Map<String, Value> =
            OPTIONS.iter().filter_map(asked).map(|(name, value)| (name, Value::from(value))).collect();
        answer.set(member, asked.clone());
        let change = Document::from(json!({*side_member: {"PeeringOptions": asked}}));
        on_both(tx, &item, |it, _| it.document.merge(&change));
    }
    Ok(answer)
}

/// The side is one of the caller's, in its region, and its VPC gives names where DNS is asked for.
fn must_be_own(
    cx: &Cx,
    world: &World,
    item: &Item,
    member: &str,
    word: &str,
    dns: Option<bool>,
) -> Result<(), ApiError> {
    let Some(side) = Side::of(item, member) else { return Ok(()) };
    if !side.is_callers(cx) {
        let message =
            format!("User {} cannot modify {word} peering options on VPC Peering Connection {}", cx.account(), item.id);
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    if dns == Some(true) && side.vpc(world).is_some_and(|vpc| !vpc.dns_hostnames) {
        let message = "To enable DNS hostname resolution for the VPC peering connection, DNS hostname support must be enabled for the VPCs.";
        return Err(ApiError::new("InvalidVpcPeeringConnectionState.DnsHostnamesDisabled", message));
    }
    Ok(())
}
