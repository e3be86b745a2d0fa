//! Groups of peered VPCs as peers of rules: who can be named, whether it still leads somewhere, and DescribeSecurityGroupReferences, which tells
//! the other direction. A rule outlives its peering connection and the other group; it is stale then.
//! <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html>

use std::collections::BTreeSet;

use service::prelude::*;

use super::permission::GroupPair;
use super::{Peer, SecurityGroup, SecurityGroupRule, check_on, rules_of};
use crate::family::item::Item;
use crate::family::peering;
use crate::kind;
use crate::resource;

/// A group of a VPC that a peering connection joins to the VPC of the rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PeeredGroup {
    pub group_id: String,
    /// Whose group it is.
    pub owner: AccountId,
    pub vpc_id: String,
    /// `pcx-…`
    pub peering_id: String,
}

/// How a request names it. Without an owner it is the account's own.
pub struct Named<'a> {
    pub id: &'a str,
    pub owner: Option<&'a str>,
    pub peering_id: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// The group of a pair.
    pub fn of(pair: &'a GroupPair, id: &'a str) -> Named<'a> {
        Named { id, owner: pair.user_id.as_deref(), peering_id: pair.vpc_peering_connection_id.as_deref() }
    }

    fn fits(&self, cx: &Cx, peered: &PeeredGroup) -> bool {
        peered.group_id == self.id
            && peered.owner.as_str() == self.owner.unwrap_or(cx.account().as_str())
            && self.peering_id.is_none_or(|id| id == peered.peering_id)
    }
}

/// The group as a peer: one that a rule names already, stale or not, or one across an active peering connection within the region.
pub fn find(cx: &Cx, world: &World, group: &SecurityGroup, named: &Named<'_>) -> Option<Peer> {
    let held = rules_of(world, group).into_iter().find_map(|rule| match &rule.peer {
        Peer::Peered(peered) if named.fits(cx, peered) => Some(peered.clone()),
        _ => None,
    });
    held.or_else(|| across(cx, world, group, named)).map(Peer::Peered)
}

fn across(cx: &Cx, world: &World, group: &SecurityGroup, named: &Named<'_>) -> Option<PeeredGroup> {
    let sides = peering::active_with(cx, world, &group.vpc_id);
    let found = sides.into_iter().filter(|(_, side)| side.region == group.region).map(|(peering_id, side)| {
        let other = at(world, side.account, &side.region, named.id).filter(|other| other.vpc_id == side.vpc_id)?;
        Some(PeeredGroup { group_id: other.id.clone(), owner: side.account, vpc_id: side.vpc_id, peering_id })
    });
    found.flatten().find(|peered| named.fits(cx, peered))
}

fn at<'w>(world: &'w World, account: AccountId, region: &str, id: &str) -> Option<&'w SecurityGroup> {
    world.get::<SecurityGroup>(&[account.as_str(), region, id]).map(AsRef::as_ref)
}

/// The state of the connection, as the account of the rule sees it. One that is no longer shown was deleted.
pub fn status<'w>(cx: &Cx, world: &'w World, peering_id: &str) -> &'w str {
    let item = world.get::<Item>(&[cx.account().as_str(), cx.region_name(), peering_id]);
    item.map_or("deleted", |item| peering::status(cx, item))
}

/// Whether the rule leads nowhere any more.
pub fn is_stale(cx: &Cx, world: &World, peered: &PeeredGroup) -> bool {
    status(cx, world, &peered.peering_id) != "active"
        || at(world, peered.owner, cx.region_name(), &peered.group_id).is_none()
}

/// A new rule must lead somewhere; one that is there is named, stale or not.
pub fn must_lead(cx: &Cx, world: &World, peer: &Peer) -> Result<(), ApiError> {
    match peer {
        Peer::Peered(peered) if is_stale(cx, world, peered) => Err(kind::SECURITY_GROUP.not_found(&[&peered.group_id])),
        _ => Ok(()),
    }
}

/// Tells a pair how its connection is.
pub fn tell(cx: &Cx, world: &World, pair: &mut GroupPair) {
    let peering_id = pair.vpc_peering_connection_id.as_deref();
    pair.peering_status = peering_id.map(|id| status(cx, world, id).to_owned());
}

/// `DescribeSecurityGroupReferencesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeReferences {
    #[serde(default)]
    pub group_id: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSecurityGroupReferencesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct References {
    pub security_group_reference_set: Vec<Reference>,
}

/// `SecurityGroupReference`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Shaped)]
pub struct Reference {
    pub group_id: String,
    pub referencing_vpc_id: String,
    pub vpc_peering_connection_id: String,
}

/// DescribeSecurityGroupReferences is allowed on each of the groups.
pub fn to_describe_references(cx: &Cx, world: &World, input: &DescribeReferences) -> Vec<Check> {
    input.group_id.iter().map(|id| check_on(cx, world, id)).collect()
}

/// The VPCs across a peering connection whose groups name these.
pub fn describe_references(cx: &Cx, world: &World, input: &DescribeReferences) -> Result<References, ApiError> {
    let mut found = BTreeSet::new();
    for group in resource::named::<SecurityGroup>(world, cx, &input.group_id)? {
        let parts = [group.account.as_str(), &group.region, &group.id];
        for rule in world.by::<SecurityGroupRule>(SecurityGroupRule::BY_PEERED_GROUP, &parts) {
            let by = at(world, rule.account, &rule.region, &rule.group_id);
            if let (Some(by), Peer::Peered(peered)) = (by, &rule.peer) {
                found.insert(Reference {
                    group_id: group.id.clone(),
                    referencing_vpc_id: by.vpc_id.clone(),
                    vpc_peering_connection_id: peered.peering_id.clone(),
                });
            }
        }
    }
    Ok(References { security_group_reference_set: found.into_iter().collect() })
}
