//! Security groups used in further VPCs: AssociateSecurityGroupVpc and what undoes it, DescribeSecurityGroupVpcAssociations, GetSecurityGroupsForVpc, and
//! the rules that lead nowhere once an association is gone (DescribeStaleSecurityGroups).
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-assoc.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::filters::{Fields, Filter};
use service::paging;
use service::prelude::*;

use super::permission::{self, IpPermission};
use super::{Peer, SecurityGroup, check_on, get, look_up, peered, rules_of};
use crate::instance::view::is_settled;
use crate::network::interface::NetworkInterface;
use crate::network::vpc::Vpc;
use crate::resource;

/// A group that may be used in a VPC other than its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcAssociation {
    pub account: AccountId,
    pub region: String,
    pub group_id: String,
    pub vpc_id: String,
    pub since: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl VpcAssociation {
    /// (account, region, VPC).
    pub const BY_VPC: usize = 0;

    /// The state, as long as the association is seen.
    fn state(&self, cx: &Cx) -> Option<&'static str> {
        let settled = |at| is_settled(at, cx.now, cx.settings.states);
        match self.ended_at {
            Some(at) => (!settled(at)).then_some("disassociating"),
            None => Some(if settled(self.since) { "associated" } else { "associating" }),
        }
    }
}

/// How long the record of an association that ended is kept: longer than it is seen.
const KEPT: SignedDuration = SignedDuration::from_mins(1);

impl Record for VpcAssociation {
    const TABLE: TableDef =
        TableDef::own("ec2_security_group_vpc_association", &["account", "region", "group_id", "vpc_id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_vpc", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.group_id, &self.vpc_id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_VPC, &[self.account.as_str(), &self.region, &self.vpc_id]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.ended_at.map(|at| at.saturating_add(KEPT).unwrap_or(at))
    }
}

/// `AssociateSecurityGroupVpcRequest` and `DisassociateSecurityGroupVpcRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct Change {
    pub group_id: String,
    pub vpc_id: String,
    pub dry_run: Option<bool>,
}

/// The answer of both.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct Changed {
    pub state: &'static str,
}

/// `DescribeSecurityGroupVpcAssociationsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAssociations {
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSecurityGroupVpcAssociationsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Associations {
    pub security_group_vpc_associations: Vec<AssociationOut>,
    pub next_token: Option<String>,
}

/// `SecurityGroupVpcAssociation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct AssociationOut {
    pub group_id: String,
    pub group_owner_id: String,
    pub vpc_id: String,
    pub vpc_owner_id: String,
    pub state: &'static str,
}

/// `GetSecurityGroupsForVpcRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetGroups {
    pub vpc_id: String,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetSecurityGroupsForVpcResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Groups {
    pub security_group_for_vpcs: Vec<GroupOut>,
    pub next_token: Option<String>,
}

/// `SecurityGroupForVpc`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct GroupOut {
    pub group_id: String,
    pub group_name: String,
    pub description: String,
    pub owner_id: String,
    pub primary_vpc_id: String,
    pub tags: Option<Vec<Tag>>,
}

/// `DescribeStaleSecurityGroupsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeStale {
    pub vpc_id: String,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeStaleSecurityGroupsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Stale {
    pub stale_security_group_set: Vec<StaleOut>,
    pub next_token: Option<String>,
}

/// `StaleSecurityGroup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StaleOut {
    pub group_id: String,
    pub group_name: String,
    pub description: String,
    pub vpc_id: String,
    pub stale_ip_permissions: Vec<StalePermission>,
    pub stale_ip_permissions_egress: Vec<StalePermission>,
}

/// `StaleIpPermission`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StalePermission {
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub user_id_group_pairs: Vec<StalePair>,
}

/// `UserIdGroupPair`, with the VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct StalePair {
    pub description: Option<String>,
    pub user_id: Option<String>,
    pub group_id: Option<String>,
    pub vpc_id: Option<String>,
    pub vpc_peering_connection_id: Option<String>,
    pub peering_status: Option<String>,
}

fn held(world: &World, group: &SecurityGroup, vpc_id: &str) -> Option<Arc<VpcAssociation>> {
    let parts = [group.account.as_str(), &group.region, &group.id, vpc_id];
    world.get::<VpcAssociation>(&parts).filter(|one| one.ended_at.is_none()).cloned()
}

/// Whether the group can be used in the VPC: its own, or one it is associated with.
pub fn is_usable_in(world: &World, group: &SecurityGroup, vpc_id: &str) -> bool {
    group.vpc_id == vpc_id || held(world, group, vpc_id).is_some()
}

/// Whether there is a VPC in which both groups can be used, so that rules of one can name the other.
pub fn share_a_vpc(world: &World, one: &SecurityGroup, other: &SecurityGroup) -> bool {
    let of_one = further(world, one).any(|vpc| is_usable_in(world, other, &vpc));
    of_one || is_usable_in(world, other, &one.vpc_id)
}

/// The VPCs a group is associated with.
pub fn further(world: &World, group: &SecurityGroup) -> impl Iterator<Item = String> {
    let all = world.scan::<VpcAssociation>(&[group.account.as_str(), &group.region, &group.id]);
    all.filter(|one| one.ended_at.is_none()).map(|one| one.vpc_id.clone())
}

/// Both operations on the group and on the VPC.
pub fn to_change(cx: &Cx, world: &World, input: &Change) -> Vec<Check> {
    vec![check_on(cx, world, &input.group_id), resource::check_on::<Vpc>(cx, world, &input.vpc_id)]
}

/// Lets the group be used in another VPC; neither default groups nor the default VPC take part. The texts of refusals are not recorded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSecurityGroupVpc.html>
pub fn associate(cx: &Cx, tx: &mut Tx, input: &Change) -> Result<Changed, ApiError> {
    let group = get(tx, cx, &input.group_id)?;
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let refused = |message: String| Err(ApiError::new("InvalidParameterValue", message));
    if group.name == "default" {
        return refused(format!("The default security group '{}' cannot be associated with another VPC.", group.id));
    }
    if vpc.is_default {
        return refused(format!("Security groups cannot be associated with the default VPC '{}'.", vpc.id));
    }
    if group.vpc_id == vpc.id {
        return refused(format!("The security group '{}' was created in the VPC '{}'.", group.id, vpc.id));
    }
    if let Some(state) = held(tx, &group, &vpc.id).and_then(|one| one.state(cx)) {
        return Ok(Changed { state });
    }
    let association = VpcAssociation {
        account: group.account,
        region: group.region.clone(),
        group_id: group.id.clone(),
        vpc_id: vpc.id.clone(),
        since: cx.now,
        ended_at: None,
    };
    let state = association.state(cx).unwrap_or("associating");
    tx.put(association);
    Ok(Changed { state })
}

/// Ends the association, unless an interface of the VPC is in the group.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateSecurityGroupVpc.html>
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &Change) -> Result<Changed, ApiError> {
    let group = get(tx, cx, &input.group_id)?;
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let association = held(tx, &group, &vpc.id).ok_or_else(|| {
        let message = format!("The security group '{}' is not associated with the VPC '{}'", group.id, vpc.id);
        ApiError::new("InvalidParameterValue", message)
    })?;
    let parts = [group.account.as_str(), &group.region, &group.id];
    if tx.by::<NetworkInterface>(NetworkInterface::BY_GROUP, &parts).any(|it| it.vpc_id == vpc.id) {
        let message = format!("resource {} has a dependent object", group.id);
        return Err(ApiError::new("DependencyViolation", message));
    }
    tx.put(VpcAssociation { ended_at: Some(cx.now), ..VpcAssociation::clone(&association) });
    Ok(Changed { state: "disassociating" })
}

/// A group that goes is associated with nothing.
pub fn forget_group(tx: &mut Tx, group: &SecurityGroup) {
    let parts = [group.account.as_str(), &group.region, &group.id];
    let all: Vec<_> = tx.scan::<VpcAssociation>(&parts).cloned().collect();
    forget(tx, &all);
}

/// No group is associated with a VPC that goes.
pub fn forget_vpc(tx: &mut Tx, vpc: &Vpc) {
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let all: Vec<_> = tx.by::<VpcAssociation>(VpcAssociation::BY_VPC, &parts).cloned().collect();
    forget(tx, &all);
}

fn forget(tx: &mut Tx, all: &[Arc<VpcAssociation>]) {
    for one in all {
        tx.remove::<VpcAssociation>(&[one.account.as_str(), &one.region, &one.group_id, &one.vpc_id]);
    }
}

static FIELDS: Fields<AssociationOut> = Fields {
    fields: &[
        ("group-id", |it, values| values.push(it.group_id.as_str())),
        ("group-owner-id", |it, values| values.push(it.group_owner_id.as_str())),
        ("state", |it, values| values.push(it.state)),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
        ("vpc-owner-id", |it, values| values.push(it.vpc_owner_id.as_str())),
    ],
    tags: None,
};

/// Associations that pass the filters.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupVpcAssociations.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeAssociations) -> Result<Associations, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let account = cx.account();
    let all = world.scan::<VpcAssociation>(&[account.as_str(), cx.region_name()]);
    let found = all.filter_map(|one| out(cx, one)).filter(|one| chosen.admit(one));
    let scope = format!("security-group-vpc-associations {:?}", input.filters);
    let key = |one: &AssociationOut| format!("{} {}", one.group_id, one.vpc_id);
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, key)?;
    Ok(Associations { security_group_vpc_associations: page.items, next_token: page.next })
}

fn out(cx: &Cx, one: &VpcAssociation) -> Option<AssociationOut> {
    Some(AssociationOut {
        group_id: one.group_id.clone(),
        group_owner_id: one.account.to_string(),
        vpc_id: one.vpc_id.clone(),
        vpc_owner_id: one.account.to_string(),
        state: one.state(cx)?,
    })
}

/// GetSecurityGroupsForVpc on the VPC.
pub fn to_get_groups(cx: &Cx, world: &World, input: &GetGroups) -> Vec<Check> {
    vec![resource::check_on::<Vpc>(cx, world, &input.vpc_id)]
}

static GROUP_FIELDS: Fields<GroupOut> = Fields {
    fields: &[
        ("description", |it, values| values.push(it.description.as_str())),
        ("group-id", |it, values| values.push(it.group_id.as_str())),
        ("group-name", |it, values| values.push(it.group_name.as_str())),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("primary-vpc-id", |it, values| values.push(it.primary_vpc_id.as_str())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// The groups that interfaces of a VPC can be in: its own and those associated with it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSecurityGroupsForVpc.html>
pub fn get_groups(cx: &Cx, world: &World, input: &GetGroups) -> Result<Groups, ApiError> {
    let chosen = GROUP_FIELDS.choose(input.filters.as_deref())?;
    let vpc = resource::get::<Vpc>(world, cx, &input.vpc_id)?;
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let own = world.by::<SecurityGroup>(SecurityGroup::BY_VPC, &parts).cloned();
    let associated = world.by::<VpcAssociation>(VpcAssociation::BY_VPC, &parts).filter(|one| one.ended_at.is_none());
    let associated = associated.filter_map(|one| look_up(world, cx, &one.group_id));
    let all = resource::sorted(own.chain(associated).collect());
    let found = all.iter().map(|group| group_out(group)).filter(|one| chosen.admit(one));
    let scope = format!("security-groups-for-vpc {} {:?}", vpc.id, input.filters);
    let key = |one: &GroupOut| one.group_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, key)?;
    Ok(Groups { security_group_for_vpcs: page.items, next_token: page.next })
}

fn group_out(group: &SecurityGroup) -> GroupOut {
    GroupOut {
        group_id: group.id.clone(),
        group_name: group.name.clone(),
        description: group.description.clone(),
        owner_id: group.account.to_string(),
        primary_vpc_id: group.vpc_id.clone(),
        tags: resource::tags_out(&group.tags),
    }
}

/// The groups of a VPC with rules that name a group which is gone or no longer shares a VPC with them.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStaleSecurityGroups.html>
pub fn describe_stale(cx: &Cx, world: &World, input: &DescribeStale) -> Result<Stale, ApiError> {
    let vpc = resource::get::<Vpc>(world, cx, &input.vpc_id)?;
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let groups = world.by::<SecurityGroup>(SecurityGroup::BY_VPC, &parts);
    let found = groups.filter_map(|group| stale_out(cx, world, group));
    let scope = format!("stale-security-groups {}", vpc.id);
    let key = |one: &StaleOut| one.group_id.clone();
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, found, key)?;
    Ok(Stale { stale_security_group_set: page.items, next_token: page.next })
}

fn stale_out(cx: &Cx, world: &World, group: &SecurityGroup) -> Option<StaleOut> {
    let leads_nowhere = |peer: &Peer| match peer {
        Peer::Group(id) => look_up(world, cx, id).is_none_or(|other| !share_a_vpc(world, group, &other)),
        Peer::Peered(other) => peered::is_stale(cx, world, other),
        Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::PrefixList(_) => false,
    };
    let rules: Vec<_> = rules_of(world, group).into_iter().filter(|rule| leads_nowhere(&rule.peer)).collect();
    let permissions = |egress| {
        let chosen = rules.iter().filter(|rule| rule.egress == egress).map(AsRef::as_ref);
        permission::permissions(chosen).into_iter().map(|one| stale_permission(cx, world, one)).collect()
    };
    (!rules.is_empty()).then(|| StaleOut {
        group_id: group.id.clone(),
        group_name: group.name.clone(),
        description: group.description.clone(),
        vpc_id: group.vpc_id.clone(),
        stale_ip_permissions: permissions(false),
        stale_ip_permissions_egress: permissions(true),
    })
}

/// Of a group that is gone, neither owner nor VPC are told.
fn stale_permission(cx: &Cx, world: &World, permission: IpPermission) -> StalePermission {
    let pairs = permission.user_id_group_pairs.into_iter().map(|mut pair| {
        peered::tell(cx, world, &mut pair);
        let other = pair.group_id.as_deref().and_then(|id| look_up(world, cx, id));
        StalePair {
            description: pair.description,
            user_id: pair.user_id.filter(|_| other.is_some() || pair.vpc_peering_connection_id.is_some()),
            group_id: pair.group_id,
            vpc_id: pair.vpc_id.or_else(|| other.map(|other| other.vpc_id.clone())),
            vpc_peering_connection_id: pair.vpc_peering_connection_id,
            peering_status: pair.peering_status,
        }
    });
    StalePermission {
        ip_protocol: permission.ip_protocol,
        from_port: permission.from_port,
        to_port: permission.to_port,
        user_id_group_pairs: pairs.collect(),
    }
}
