//! Security groups and their rules. A group is one record, each of its rules another.
//!
//! [`record`] says what they are, [`permission`] reads the many forms in which requests name rules, [`change`] adds and takes rules,
//! [`modify`] alters them; [`describe`] answers. Launches look groups up with [`by_name`], [`default_of_vpc`] and [`look_up`].

use std::sync::Arc;

use service::operations;
use service::prelude::*;

use crate::kind;
use crate::refused::missing;
use crate::resource::{self, any, resource};

pub mod association;
pub mod change;
pub mod create;
pub mod describe;
pub mod describe_rules;
pub mod modify;
pub mod peered;
pub mod permission;
pub mod quota;
mod record;
#[cfg(test)]
mod tests;

pub use create::{admit_ipv6, from_itself, to_anywhere, to_anywhere_ipv6};
pub use record::{Peer, SecurityGroup, SecurityGroupRule};

operations! { Ec2;
    AssociateSecurityGroupVpc => write(association::associate) authorize(association::to_change),
    AuthorizeSecurityGroupEgress => write(change::authorize_egress) authorize(change::to_authorize_egress),
    AuthorizeSecurityGroupIngress => write(change::authorize_ingress) authorize(change::to_authorize_ingress),
    CreateSecurityGroup => write(create::create) authorize(create::to_create),
    DeleteSecurityGroup => write(create::delete) authorize(create::to_delete),
    DescribeSecurityGroupReferences => read(peered::describe_references) authorize(peered::to_describe_references),
    DescribeSecurityGroupRules => read(describe_rules::describe) authorize(any),
    DescribeSecurityGroupVpcAssociations => read(association::describe) authorize(any),
    DescribeSecurityGroups => read(describe::describe) authorize(any) check(describe::check),
    DescribeStaleSecurityGroups => read(association::describe_stale) authorize(any) scan(),
    DisassociateSecurityGroupVpc => write(association::disassociate) authorize(association::to_change),
    GetSecurityGroupsForVpc => read(association::get_groups) authorize(association::to_get_groups),
    ModifySecurityGroupRules => write(modify::modify) authorize(modify::to_modify),
    RevokeSecurityGroupEgress => write(change::revoke_egress) authorize(change::to_revoke_egress),
    RevokeSecurityGroupIngress => write(change::revoke_ingress) authorize(change::to_revoke_ingress),
    UpdateSecurityGroupRuleDescriptionsEgress => write(modify::update_egress_descriptions) authorize(modify::to_update_egress_descriptions),
    UpdateSecurityGroupRuleDescriptionsIngress => write(modify::update_ingress_descriptions) authorize(modify::to_update_ingress_descriptions),
    ValidateSecurityGroupQuotasForInterface => read(quota::validate) authorize(quota::to_validate),
}

resource!(SecurityGroup, kind::SECURITY_GROUP, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:SecurityGroupID", self.id.as_str()).key("ec2:Vpc", kind::VPC.arn(cx, &self.vpc_id))
    }
});

resource!(SecurityGroupRule, kind::SECURITY_GROUP_RULE);

/// The group of the caller's account and region with that id.
pub fn look_up(world: &World, cx: &Cx, id: &str) -> Option<Arc<SecurityGroup>> {
    resource::look_up(world, cx, id)
}

/// The same, or InvalidGroupId.Malformed or InvalidGroup.NotFound.
pub fn get(world: &World, cx: &Cx, id: &str) -> Result<Arc<SecurityGroup>, ApiError> {
    resource::get(world, cx, id)
}

/// The group of that name in a VPC; names are unique there.
pub fn by_name(world: &World, cx: &Cx, vpc_id: &str, name: &str) -> Option<Arc<SecurityGroup>> {
    world
        .one::<SecurityGroup>(SecurityGroup::BY_NAME, &[cx.account().as_str(), cx.region_name(), vpc_id, name])
        .cloned()
}

/// The VPC's default group.
pub fn default_of_vpc(world: &World, cx: &Cx, vpc_id: &str) -> Option<Arc<SecurityGroup>> {
    by_name(world, cx, vpc_id, "default")
}

/// The name of a group, whatever the caller.
pub fn name_of(world: &World, account: AccountId, region: &str, id: &str) -> Option<String> {
    world.get::<SecurityGroup>(&[account.as_str(), region, id]).map(|group| group.name.clone())
}

/// The check for using or changing that group.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    resource::check_on::<SecurityGroup>(cx, world, id)
}

/// The rules of a group, in a fixed order.
pub fn rules_of(world: &World, group: &SecurityGroup) -> Vec<Arc<SecurityGroupRule>> {
    let parts = [group.account.as_str(), &group.region, &group.id];
    let mut rules: Vec<_> = world.by::<SecurityGroupRule>(SecurityGroupRule::BY_GROUP, &parts).cloned().collect();
    rules.sort_by(|a, b| a.order().cmp(&b.order()));
    rules
}

/// A group that a request names by its id or, in the default VPC, by its name.
fn named(world: &World, cx: &Cx, id: Option<&str>, name: Option<&str>) -> Result<Arc<SecurityGroup>, ApiError> {
    match (id, name) {
        (Some(id), _) => get(world, cx, id),
        (None, Some(name)) => in_default_vpc(world, cx, name),
        (None, None) => Err(missing("groupName or groupId")),
    }
}

fn in_default_vpc(world: &World, cx: &Cx, name: &str) -> Result<Arc<SecurityGroup>, ApiError> {
    let vpc = create::default_vpc(world, cx)?;
    by_name(world, cx, &vpc.id, name).ok_or_else(|| {
        let message = format!("The security group '{name}' does not exist in default VPC '{}'", vpc.id);
        ApiError::new("InvalidGroup.NotFound", message)
    })
}

/// The check on a group named either way; one that is not found by its name has no id to be checked by.
fn check_named(cx: &Cx, world: &World, id: Option<&str>, name: Option<&str>) -> Check {
    match (id, named(world, cx, id, name)) {
        (Some(id), _) => check_on(cx, world, id),
        (None, Ok(group)) => check_on(cx, world, &group.id),
        (None, Err(_)) => check_on(cx, world, "*"),
    }
}
