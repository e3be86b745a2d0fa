//! CreateSecurityGroup and DeleteSecurityGroup. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>

use std::sync::Arc;

use service::prelude::*;

use super::{Peer, SecurityGroup, SecurityGroupRule, association, by_name, check_named, named, rules_of};
use crate::kind;
use crate::network::interface::NetworkInterface;
use crate::network::must_have_room;
use crate::network::vpc::{self, Vpc};
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// The adjustable quota of groups per region. <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
const MOST_GROUPS: usize = 2500;

/// `CreateSecurityGroupRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateSecurityGroup {
    pub group_name: String,
    pub description: String,
    pub vpc_id: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateSecurityGroupResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub group_id: String,
    pub security_group_arn: String,
    pub tags: Option<Vec<Tag>>,
}

/// CreateSecurityGroup on a group to come and on its VPC, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateSecurityGroup) -> Vec<Check> {
    let default = || vpc::default_of(world, cx.account(), cx.region_name()).map(|vpc| vpc.id.clone());
    let vpc = input.vpc_id.clone().or_else(default);
    let vpc = vpc.map(|id| resource::check_on::<Vpc>(cx, world, &id));
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::SECURITY_GROUP, specifications, "CreateSecurityGroup", vpc)
}

/// Makes a group; until it is told otherwise, it lets everything out.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateSecurityGroup) -> Result<Created, ApiError> {
    // "When the name contains trailing spaces, we trim the space": the user guide on security groups.
    let name = input.group_name.trim_end_matches(' ');
    check_name(name)?;
    check_text(&input.description, "GroupDescription")?;
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::SECURITY_GROUP.resource_type)?;
    let vpc = match &input.vpc_id {
        Some(id) => resource::get::<Vpc>(tx, cx, id)?,
        None => default_vpc(tx, cx)?,
    };
    if is_taken(tx, cx, &vpc.id, name) {
        let message = format!("The security group '{}' already exists for VPC '{}'", name, vpc.id);
        return Err(ApiError::new("InvalidGroup.Duplicate", message));
    }
    let count = || tx.count::<SecurityGroup>(&[cx.account().as_str(), cx.region_name()]);
    must_have_room(cx, count, MOST_GROUPS, "SecurityGroupLimitExceeded", "security groups")?;
    let group = SecurityGroup {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::SECURITY_GROUP.prefix),
        vpc_id: vpc.id.clone(),
        name: name.to_owned(),
        description: input.description.clone(),
        tags: tags.clone(),
    };
    let created = Created {
        group_id: group.id.clone(),
        security_group_arn: kind::SECURITY_GROUP.arn(cx, &group.id),
        tags: resource::tags_out(&tags),
    };
    tx.put(to_anywhere(&group, cx.ids.ec2(kind::SECURITY_GROUP_RULE.prefix)));
    if !vpc.ipv6_blocks.is_empty() {
        tx.put(to_anywhere_ipv6(&group, cx.ids.ec2(kind::SECURITY_GROUP_RULE.prefix)));
    }
    tx.put(group);
    Ok(created)
}

/// Names are unique in the VPC, whatever the case, as the documentation of `GroupName` says.
fn is_taken(world: &World, cx: &Cx, vpc_id: &str, name: &str) -> bool {
    let mut held = world.by::<SecurityGroup>(SecurityGroup::BY_VPC, &[cx.account().as_str(), cx.region_name(), vpc_id]);
    held.any(|group| group.name.eq_ignore_ascii_case(name))
}

/// The VPC of requests that name none.
pub fn default_vpc(world: &World, cx: &Cx) -> Result<Arc<Vpc>, ApiError> {
    vpc::default_of(world, cx.account(), cx.region_name()).ok_or_else(|| {
        let message = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.";
        ApiError::new("VPCIdNotSpecified", message)
    })
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name == "default" {
        return Err(ApiError::new("InvalidParameterValue", "Cannot use reserved security group name: default"));
    }
    if name.starts_with("sg-") {
        return Err(invalid(name, "GroupName", "Group names may not be in the format sg-*."));
    }
    check_text(name, "GroupName")
}

/// At most 255 characters of `a-z`, `A-Z`, `0-9`, space and `._-:/()#,@[]+=&;{}!$*`.
fn check_text(text: &str, parameter: &str) -> Result<(), ApiError> {
    const PUNCTUATION: &str = " ._-:/()#,@[]+=&;{}!$*";
    if text.is_empty() {
        let name = if parameter == "GroupName" { "groupName" } else { "GroupDescription" };
        return Err(missing(name));
    }
    if text.chars().count() > 255 {
        return Err(invalid(text, parameter, "Character limit of 255 exceeded."));
    }
    if !text.is_ascii() {
        return Err(invalid(text, parameter, "Character sets beyond ASCII are not supported."));
    }
    if !text.chars().all(|character| character.is_ascii_alphanumeric() || PUNCTUATION.contains(character)) {
        let allowed = "a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*";
        return Err(invalid(text, parameter, &format!("Valid characters are {allowed}.")));
    }
    Ok(())
}

fn invalid(value: &str, parameter: &str, reason: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("Value ({value}) for parameter {parameter} is invalid. {reason}"))
}

fn rule(group: &SecurityGroup, id: String, egress: bool, peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule {
        account: group.account,
        region: group.region.clone(),
        id,
        group_id: group.id.clone(),
        egress,
        protocol: "-1".to_owned(),
        from_port: None,
        to_port: None,
        peer,
        description: None,
        tags: Vec::new(),
    }
}

/// The rule of a new group: everything may leave.
pub fn to_anywhere(group: &SecurityGroup, id: String) -> SecurityGroupRule {
    rule(group, id, true, Peer::Ipv4("0.0.0.0/0".to_owned()))
}

/// The same for IPv6, in a VPC with such addresses.
pub fn to_anywhere_ipv6(group: &SecurityGroup, id: String) -> SecurityGroupRule {
    rule(group, id, true, Peer::Ipv6("::/0".to_owned()))
}

/// The VPC has got IPv6 addresses: its default group lets them out, unless it no longer lets everything out.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>
pub fn admit_ipv6(cx: &Cx, tx: &mut Tx, vpc: &Vpc) {
    let Some(group) = by_name(tx, cx, &vpc.id, "default") else { return };
    let (open, added) =
        (to_anywhere(&group, String::new()), to_anywhere_ipv6(&group, cx.ids.ec2(kind::SECURITY_GROUP_RULE.prefix)));
    let held = rules_of(tx, &group);
    if held.iter().any(|rule| rule.same_as(&open)) && !held.iter().any(|rule| rule.same_as(&added)) {
        tx.put(added);
    }
}

/// The other rule of a default group: its members may reach each other.
pub fn from_itself(group: &SecurityGroup, id: String) -> SecurityGroupRule {
    rule(group, id, false, Peer::Group(group.id.clone()))
}

/// `DeleteSecurityGroupRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteSecurityGroup {
    pub group_id: Option<String>,
    pub group_name: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DeleteSecurityGroupResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub r#return: bool,
    pub group_id: String,
}

/// DeleteSecurityGroup on the group.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteSecurityGroup) -> Vec<Check> {
    vec![check_named(cx, world, input.group_id.as_deref(), input.group_name.as_deref())]
}

/// Removes a group that nothing uses. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteSecurityGroup) -> Result<Deleted, ApiError> {
    let group = named(tx, cx, input.group_id.as_deref(), input.group_name.as_deref())?;
    if group.name == "default" {
        let message = format!("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", group.id);
        return Err(ApiError::new("CannotDelete", message));
    }
    if is_in_use(tx, &group) {
        return Err(ApiError::new("DependencyViolation", format!("resource {} has a dependent object", group.id)));
    }
    for rule in rules_of(tx, &group) {
        resource::remove::<SecurityGroupRule>(tx, cx, &rule.id);
    }
    association::forget_group(tx, &group);
    resource::remove::<SecurityGroup>(tx, cx, &group.id);
    Ok(Deleted { r#return: true, group_id: group.id.clone() })
}

/// An interface is in the group, or a rule of another group names it.
fn is_in_use(world: &World, group: &SecurityGroup) -> bool {
    let parts = [group.account.as_str(), &group.region, &group.id];
    let mut naming = world.by::<SecurityGroupRule>(SecurityGroupRule::BY_PEER_GROUP, &parts);
    world.one::<NetworkInterface>(NetworkInterface::BY_GROUP, &parts).is_some()
        || naming.any(|rule| rule.group_id != group.id)
}
