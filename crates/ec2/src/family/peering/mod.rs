//! VPC peering connections: one thing that two VPCs have, of one account or of two, of one region or of two. Each side holds a record with tags of
//! its own; what they share is changed in both at once ([`on_both`]).
//!
//! A request expires after a week. [`change`] accepts, rejects and deletes, [`options`] changes what DNS answers.
//! <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>

use std::sync::Arc;

use ipnet::Ipv4Net;
use jiff::SignedDuration;
use serde_json::{Value, json};
use service::prelude::*;
use service::regions;

use super::Family;
use super::item::{self, Item, Stage};
use crate::kind;
use crate::network::cidr::overlap;
use crate::network::encryption_control::enforce;
use crate::network::vpc::Vpc;
use crate::refused::missing;

pub mod change;
pub mod options;
#[cfg(test)]
mod tests;

pub const ACCEPTER: &str = "AccepterVpcInfo";
pub const REQUESTER: &str = "RequesterVpcInfo";
const PENDING: &str = "pending-acceptance";
/// How long a request waits for an answer, and how long what came to nothing is shown.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(2);
/// How long a request is shown that nobody answered. <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>
const EXPIRED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnection.html>
pub static PEERING_CONNECTIONS: Family = Family {
    within: &[("VpcId", &kind::VPC)],
    filters: &[
        "accepter-vpc-info.cidr-block=AccepterVpcInfo.CidrBlock",
        "accepter-vpc-info.owner-id=AccepterVpcInfo.OwnerId",
        "accepter-vpc-info.vpc-id=AccepterVpcInfo.VpcId",
        "expiration-time",
        "requester-vpc-info.cidr-block=RequesterVpcInfo.CidrBlock",
        "requester-vpc-info.owner-id=RequesterVpcInfo.OwnerId",
        "requester-vpc-info.vpc-id=RequesterVpcInfo.VpcId",
        "status-code=Status.Code",
        "status-message=Status.Message",
        "vpc-peering-connection-id",
    ],
    keys: &[
        ("ec2:AccepterVpc", "AccepterVpcArn"),
        ("ec2:RequesterVpc", "RequesterVpcArn"),
        ("ec2:VpcPeeringConnectionID", "VpcPeeringConnectionId"),
    ],
    keys_of_new: |cx, _, input| {
        let own = input.text("VpcId").map(|id| ("ec2:RequesterVpc", kind::VPC.arn(cx, id)));
        let account = cx.account();
        let (owner, region) = (input.text("PeerOwnerId").unwrap_or(account.as_str()), input.text("PeerRegion"));
        let arn = |id| service::arn::ec2(cx.partition(), region.unwrap_or(cx.region_name()), owner, "vpc", id);
        let other = input.text("PeerVpcId").map(|id| ("ec2:AccepterVpc", arn(id)));
        own.into_iter().chain(other).collect()
    },
    fill,
    see,
    ..Family::of(&kind::VPC_PEERING_CONNECTION, "VpcPeeringConnectionId")
};

/// The operations on peering connections.
pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        PEERING_CONNECTIONS.create("CreateVpcPeeringConnection", &["PeerVpcId", "PeerOwnerId", "PeerRegion"]),
        PEERING_CONNECTIONS.describe("DescribeVpcPeeringConnections"),
    ];
    operations.extend(change::operations());
    operations.push(options::row());
    operations
}

/// One side: an account, a region and a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    pub account: AccountId,
    pub region: String,
    pub vpc_id: String,
}

impl Side {
    /// That side of a connection.
    pub fn of(item: &Item, member: &str) -> Option<Side> {
        let text = |name: &str| item.document.text(&format!("{member}.{name}"));
        Some(Side {
            account: text("OwnerId")?.parse().ok()?,
            region: text("Region")?.to_owned(),
            vpc_id: text("VpcId")?.to_owned(),
        })
    }

    /// Whether the caller, in the region of the request, is this side.
    pub fn is_callers(&self, cx: &Cx) -> bool {
        self.account == cx.account() && self.region == cx.region_name()
    }

    fn vpc<'w>(&self, world: &'w World) -> Option<&'w Vpc> {
        world.get::<Vpc>(&[self.account.as_str(), &self.region, &self.vpc_id]).map(AsRef::as_ref)
    }

    fn told(&self) -> Value {
        json!({"OwnerId": self.account.to_string(), "Region": self.region, "VpcId": self.vpc_id})
    }
}

/// The blocks of a VPC, and the options that a side begins with, as a connection tells of them.
fn blocks(vpc: &Vpc) -> Value {
    let block = |held: &crate::network::vpc::CidrAssociation| json!({"CidrBlock": held.cidr.to_string()});
    let ipv6 = |held: &crate::network::block::Ipv6Block| json!({"Ipv6CidrBlock": held.cidr.to_string()});
    json!({
        "CidrBlock": vpc.cidr.to_string(),
        "CidrBlockSet": vpc.cidr_associations.iter().map(block).collect::<Vec<_>>(),
        "Ipv6CidrBlockSet": vpc.ipv6_blocks.iter().map(ipv6).collect::<Vec<_>>(),
        "PeeringOptions": {
            "AllowDnsResolutionFromRemoteVpc": false,
            "AllowEgressFromLocalClassicLinkToRemoteVpc": false,
            "AllowEgressFromLocalVpcToRemoteClassicLink": false,
        },
    })
}

/// Notes a side's blocks.
fn tell_blocks(document: &mut Document, member: &str, vpc: &Vpc) {
    document.merge(&Document::from(json!({member: blocks(vpc)})));
}

/// Asks the other side. What can't be peered fails a moment later, as at AWS.
fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let requester = Side {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        vpc_id: input.text("VpcId").ok_or_else(|| missing("VpcId"))?.to_owned(),
    };
    let accepter = accepter(cx, input)?;
    if requester == accepter {
        let message = "A VPC cannot be peered with itself.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if accepter.is_callers(cx) && accepter.vpc(tx).is_none() {
        return Err(kind::VPC.not_found(&[&accepter.vpc_id]));
    }
    must_be_first(cx, tx, &requester, &accepter)?;
    enforce::may_peer(cx, tx, &requester, &accepter)?;
    item.document = Document::from(json!({REQUESTER: requester.told(), ACCEPTER: accepter.told()}));
    let Some(own) = requester.vpc(tx) else { return Err(kind::VPC.not_found(&[&requester.vpc_id])) };
    tell_blocks(&mut item.document, REQUESTER, own);
    let can_be = accepter.vpc(tx).is_some_and(|other| !overlapping(own, other));
    item.stage = Some(Stage::begin(cx, "initiating-request", if can_be { PENDING } else { "failed" }, 2));
    if !can_be {
        item.gone_at = cx.now.checked_add(SHOWN_FOR).ok();
        return Ok(());
    }
    item.forgotten_at = cx.now.checked_add(WEEK + EXPIRED_FOR).ok();
    item.document.set("ExpirationTime", cx.now.saturating_add(WEEK).unwrap_or(cx.now).to_string());
    if !accepter.is_callers(cx) {
        let (account, region) = (accepter.account, accepter.region);
        tx.put(Item { account, region, within: Vec::new(), tags: Vec::new(), ..item.clone() });
    }
    Ok(())
}

fn accepter(cx: &Cx, input: &Document) -> Result<Side, ApiError> {
    let vpc_id = input.text("PeerVpcId").ok_or_else(|| missing("peerVpcId"))?.to_owned();
    let account = match input.text("PeerOwnerId") {
        Some(text) => text.parse().map_err(|_| {
            let message = format!("Value ({text}) for parameter peerOwnerId is invalid. Invalid account ID.");
            ApiError::new("InvalidParameterValue", message)
        })?,
        None => cx.account(),
    };
    let region = input.text("PeerRegion").unwrap_or(cx.region_name());
    if regions::region(region).is_none_or(|known| known.partition != cx.region.partition) {
        let message = format!("Value ({region}) for parameter peerRegion is invalid.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    Ok(Side { account, region: region.to_owned(), vpc_id })
}

fn must_be_first(cx: &Cx, world: &World, one: &Side, other: &Side) -> Result<(), ApiError> {
    let ends = |item: &Item| [Side::of(item, REQUESTER), Side::of(item, ACCEPTER)];
    let wanted = [Some(one.clone()), Some(other.clone())];
    let back = [Some(other.clone()), Some(one.clone())];
    let is_there = |item: &Item| matches!(status(cx, item), "active" | "provisioning");
    let mut held = item::all(world, cx, &kind::VPC_PEERING_CONNECTION);
    if held.any(|item| is_there(item) && (ends(item) == wanted || ends(item) == back)) {
        let message = "A VPC peering connection between the VPCs already exists.";
        return Err(ApiError::new("VpcPeeringConnectionAlreadyExists", message));
    }
    Ok(())
}

fn overlapping(one: &Vpc, other: &Vpc) -> bool {
    one.blocks().any(|block| other.blocks().any(|other| overlap(block, other)))
}

/// The state at this time: a request that nobody answered is `expired`.
pub fn status<'a>(cx: &Cx, item: &'a Item) -> &'a str {
    match item.state(cx).unwrap_or_default() {
        PENDING if cx.now.duration_since(item.created_at) >= WEEK => "expired",
        state => state,
    }
}

fn see(cx: &Cx, _: &World, item: &Item, shown: &mut Document) {
    let code = status(cx, item);
    let by = |member: &str| item.document.text(&format!("{member}.OwnerId")).unwrap_or_default();
    let who = item.document.text("By").unwrap_or_default();
    let message = match code {
        "initiating-request" => format!("Initiating Request to {}", by(ACCEPTER)),
        PENDING => format!("Pending Acceptance by {}", by(ACCEPTER)),
        "provisioning" => "Provisioning".to_owned(),
        "active" => "Active".to_owned(),
        "failed" => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        "rejected" => format!("Rejected by {who}"),
        "deleting" => format!("Deleting by {who}"),
        "deleted" => format!("Deleted by {who}"),
        _ => "Expired".to_owned(),
    };
    shown.set("Status", json!({"Code": code, "Message": message}));
    for (member, arn) in [(ACCEPTER, "AccepterVpcArn"), (REQUESTER, "RequesterVpcArn")] {
        if let Some(side) = Side::of(item, member) {
            let account = side.account.to_string();
            shown.set(arn, service::arn::ec2(cx.partition(), &side.region, &account, "vpc", &side.vpc_id));
        }
    }
}

/// The active connections of one of the caller's VPCs, each with its other side.
pub fn active_with(cx: &Cx, world: &World, vpc_id: &str) -> Vec<(String, Side)> {
    with_in(cx, world, vpc_id, &["active"])
}

/// The same with those that were accepted and are about to be active.
pub fn accepted_with(cx: &Cx, world: &World, vpc_id: &str) -> Vec<(String, Side)> {
    with_in(cx, world, vpc_id, &["provisioning", "active"])
}

/// Whether a connection keeps one of the caller's VPCs from being deleted: an accepted one, or another account's request that waits for an answer.
/// <https://docs.aws.amazon.com/vpc/latest/peering/delete-vpc-peering-connection.html>
pub fn keeps(cx: &Cx, world: &World, vpc_id: &str) -> bool {
    let is_others = |item: &Arc<Item>| Side::of(item, REQUESTER).is_some_and(|side| side.account != cx.account());
    !accepted_with(cx, world, vpc_id).is_empty() || waiting_with(cx, world, vpc_id).iter().any(is_others)
}

/// The requests of one of the caller's VPCs, or to it, that wait for an answer.
fn waiting_with(cx: &Cx, world: &World, vpc_id: &str) -> Vec<Arc<Item>> {
    let ids = with_in(cx, world, vpc_id, &change::WAITING);
    let found = ids.iter().filter_map(|(id, _)| item::look_up(world, cx, id));
    found.filter(|item| item.stage.as_ref().is_some_and(|stage| stage.then == PENDING)).collect()
}

/// A VPC gets one more block. Where it asked for a connection it can't, until that is answered; where it is asked, the request fails if the block
/// overlaps; and with a peer of an accepted connection it must not overlap. The rules are the guide's
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>), the codes those of similar refusals, the texts ours.
pub fn admit_block(cx: &Cx, tx: &mut Tx, vpc: &Vpc, block: &Ipv4Net) -> Result<(), ApiError> {
    let overlaps = |world: &World, side: &Side| {
        side.vpc(world).is_some_and(|other| other.blocks().any(|held| overlap(held, *block)))
    };
    if let Some((id, side)) = accepted_with(cx, tx, &vpc.id).iter().find(|(_, side)| overlaps(tx, side)) {
        let message = format!("The CIDR '{block}' conflicts with a CIDR block of the peer VPC {} of {id}", side.vpc_id);
        return Err(ApiError::new("CidrConflict", message));
    }
    for item in waiting_with(cx, tx, &vpc.id) {
        let Some(requester) = Side::of(&item, REQUESTER) else { continue };
        if requester.is_callers(cx) && requester.vpc_id == vpc.id {
            let message = format!("The VPC {} has the pending VPC peering connection request {}", vpc.id, item.id);
            return Err(ApiError::new("OperationNotPermitted", message));
        }
        if overlaps(tx, &requester) {
            change::fail(cx, tx, &item);
        }
    }
    Ok(())
}

fn with_in(cx: &Cx, world: &World, vpc_id: &str, states: &[&str]) -> Vec<(String, Side)> {
    let own = |side: &Side| side.is_callers(cx) && side.vpc_id == vpc_id;
    let held = item::all(world, cx, &kind::VPC_PEERING_CONNECTION).filter(|item| states.contains(&status(cx, item)));
    let other = held.filter_map(|item| match (Side::of(item, REQUESTER)?, Side::of(item, ACCEPTER)?) {
        (requester, accepter) if own(&requester) => Some((item.id.clone(), accepter)),
        (requester, accepter) if own(&accepter) => Some((item.id.clone(), requester)),
        _ => None,
    });
    other.collect()
}

/// Changes both records of a connection, of which there is one where both sides are one account in one region.
pub fn on_both(tx: &mut Tx, item: &Item, change: impl Fn(&mut Item, &Side)) {
    let sides: Vec<Side> = [REQUESTER, ACCEPTER].iter().filter_map(|member| Side::of(item, member)).collect();
    for side in &sides {
        tx.update::<Item>(&[side.account.as_str(), &side.region, &item.id], |it| change(it, side));
    }
}
