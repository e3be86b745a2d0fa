//! AcceptVpcPeeringConnection, RejectVpcPeeringConnection and DeleteVpcPeeringConnection: who may do it, from which states, and what both sides see
//! then. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptVpcPeeringConnection.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::Service;
use service::prelude::*;

use super::{
    ACCEPTER, PEERING_CONNECTIONS, PENDING, REQUESTER, SHOWN_FOR, Side, must_be_first, on_both, status, tell_blocks,
    waiting_with,
};
use crate::family::answers;
use crate::family::item::{self, Item, Stage};
use crate::kind;
use crate::network::encryption_control::enforce;
use crate::tags::registry;

/// How long a rejected request of another account is shown.
const REJECTED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::write(Service::Ec2, "AcceptVpcPeeringConnection", accept)
            .authorize(to_accept)
            .honours(|model, operation| answers::honoured(model, operation, &PEERING_CONNECTIONS, &[]))
            .build(),
        PEERING_CONNECTIONS.on_one(Operation::write(Service::Ec2, "RejectVpcPeeringConnection", reject), &[]),
        PEERING_CONNECTIONS.on_one(Operation::write(Service::Ec2, "DeleteVpcPeeringConnection", delete), &[]),
    ]
}

/// AcceptVpcPeeringConnection on the connection and on the VPC that accepts.
fn to_accept(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    let id = input.text(PEERING_CONNECTIONS.id).unwrap_or_default();
    let vpc = item::look_up(world, cx, id).and_then(|item| Side::of(&item, ACCEPTER)).map(|side| side.vpc_id);
    let vpc = registry::check_on(cx, world, &kind::VPC, vpc.as_deref().unwrap_or("*"));
    vec![PEERING_CONNECTIONS.check_on(cx, world, id), vpc]
}

fn named(cx: &Cx, world: &World, input: &Document) -> Result<Arc<Item>, ApiError> {
    item::get(world, cx, &kind::VPC_PEERING_CONNECTION, input.text(PEERING_CONNECTIONS.id).unwrap_or_default())
}

/// The side that accepts or rejects is the accepter, in its region; the texts were seen at AWS.
fn must_be_accepter(cx: &Cx, item: &Item, verb: &str, verbed: &str) -> Result<(), ApiError> {
    let Some(side) = Side::of(item, ACCEPTER) else { return Ok(()) };
    if side.account != cx.account() {
        let message = format!("User {} cannot {verb} peering {}", cx.account(), item.id);
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    if side.region != cx.region_name() {
        let message = format!(
            "Incorrect region ({}) specified for this request. VPC peering connection {} must be {verbed} in region {}",
            cx.region_name(),
            item.id,
            side.region
        );
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    Ok(())
}

fn must_be(cx: &Cx, item: &Item, from: &[&str], to: &str) -> Result<(), ApiError> {
    let state = status(cx, item);
    if from.contains(&state) && item.stage.as_ref().is_none_or(|stage| stage.then != "failed") {
        return Ok(());
    }
    let message = format!("Invalid state transition for {}, attempted to transition from {state} to {to}", item.id);
    Err(ApiError::new("InvalidStateTransition", message))
}

pub(super) const WAITING: [&str; 2] = ["initiating-request", PENDING];

/// Makes a connection of a request; both sides tell the accepter's blocks from now on. Either side may have come to be enforced since it was asked for.
fn accept(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = named(cx, tx, input)?;
    must_be_accepter(cx, &item, "accept", "accepted")?;
    must_be(cx, &item, &WAITING, "active")?;
    let side = Side::of(&item, ACCEPTER);
    let Some(vpc) = side.as_ref().and_then(|side| side.vpc(tx)).cloned() else {
        return Err(kind::VPC.not_found(&[&side.map(|side| side.vpc_id).unwrap_or_default()]));
    };
    if let (Some(accepter), Some(requester)) = (&side, Side::of(&item, REQUESTER)) {
        // Both may have asked each other.
        must_be_first(cx, tx, &requester, accepter)?;
        enforce::may_peer(cx, tx, accepter, &requester)?;
        enforce::may_peer(cx, tx, &requester, accepter)?;
    }
    on_both(tx, &item, |it, side| {
        it.stage = Some(Stage::begin(cx, "provisioning", "active", 2));
        it.forgotten_at = None;
        it.document.0.remove("ExpirationTime");
        tell_blocks(&mut it.document, ACCEPTER, &vpc);
        if !it.within.contains(&side.vpc_id) {
            it.within.push(side.vpc_id.clone());
        }
    });
    let accepted = named(cx, tx, input)?;
    Ok(answers::about(&PEERING_CONNECTIONS, "AcceptVpcPeeringConnection", cx, tx, input, &accepted))
}

/// Ends a connection or a request, on both sides.
fn end(cx: &Cx, tx: &mut Tx, item: &Item, first: &str, then: &str, shown_for: SignedDuration) {
    on_both(tx, item, |it, _| {
        it.stage = Some(Stage::begin(cx, first, then, 2));
        it.document.0.remove("ExpirationTime");
        it.document.set("By", cx.account().to_string());
        it.gone_at = cx.now.checked_add(shown_for).ok();
    });
}

/// A request that can't become a connection any more.
pub(super) fn fail(cx: &Cx, tx: &mut Tx, item: &Item) {
    end(cx, tx, item, "failed", "failed", SHOWN_FOR);
}

/// The requests that wait for an answer go with a VPC that is deleted; what AWS's guide says of requests to other accounts goes for one's own as well.
pub fn vpc_is_over(cx: &Cx, tx: &mut Tx, vpc_id: &str) {
    for item in waiting_with(cx, tx, vpc_id) {
        end(cx, tx, &item, "deleting", "deleted", SHOWN_FOR);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectVpcPeeringConnection.html>
fn reject(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = named(cx, tx, input)?;
    must_be_accepter(cx, &item, "reject", "rejected")?;
    must_be(cx, &item, &WAITING, "rejected")?;
    let is_own = Side::of(&item, REQUESTER).is_some_and(|side| side.account == cx.account());
    end(cx, tx, &item, "rejected", "rejected", if is_own { SHOWN_FOR } else { REJECTED_FOR });
    Ok(answers::about(&PEERING_CONNECTIONS, "RejectVpcPeeringConnection", cx, tx, input, &item))
}

/// Either side deletes what is active; a request only who made it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcPeeringConnection.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let item = named(cx, tx, input)?;
    must_be(cx, &item, &["active", "provisioning", "initiating-request", PENDING, "expired"], "deleting")?;
    let is_requester = Side::of(&item, REQUESTER).is_some_and(|side| side.account == cx.account());
    if WAITING.contains(&status(cx, &item)) && !is_requester {
        let message = format!("User {} cannot delete peering {}", cx.account(), item.id);
        return Err(ApiError::new("OperationNotPermitted", message));
    }
    end(cx, tx, &item, "deleting", "deleted", SHOWN_FOR);
    Ok(answers::about(&PEERING_CONNECTIONS, "DeleteVpcPeeringConnection", cx, tx, input, &item))
}
