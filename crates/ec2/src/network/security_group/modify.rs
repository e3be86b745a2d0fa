//! ModifySecurityGroupRules, which gives rules another content, and UpdateSecurityGroupRuleDescriptions….
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html>

use std::sync::Arc;

use service::prelude::*;

use super::change::duplicate;
use super::peered::{self, Named};
use super::permission::{self, IpPermission};
use super::{Peer, SecurityGroup, SecurityGroupRule, check_named, check_on, get, named, rules_of};
use crate::family::prefix_list::PREFIX_LISTS;
use crate::kind;
use crate::refused::missing;
use crate::resource;

/// `ModifySecurityGroupRulesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifySecurityGroupRules {
    pub group_id: String,
    pub security_group_rules: Vec<Update>,
    pub dry_run: Option<bool>,
}

/// `SecurityGroupRuleUpdate`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Update {
    pub security_group_rule_id: String,
    pub security_group_rule: Option<Content>,
}

/// `SecurityGroupRuleRequest`: the whole content, not only what changes.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Content {
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub cidr_ipv4: Option<String>,
    pub cidr_ipv6: Option<String>,
    pub prefix_list_id: Option<String>,
    pub referenced_group_id: Option<String>,
    pub description: Option<String>,
}

/// `UpdateSecurityGroupRuleDescriptionsIngressRequest` and its twin.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct UpdateDescriptions {
    pub group_id: Option<String>,
    pub group_name: Option<String>,
    #[serde(default)]
    pub ip_permissions: Vec<IpPermission>,
    #[serde(default)]
    pub security_group_rule_descriptions: Vec<RuleDescription>,
    pub dry_run: Option<bool>,
}

/// `SecurityGroupRuleDescription`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct RuleDescription {
    pub security_group_rule_id: Option<String>,
    pub description: Option<String>,
}

/// The answer of all three.
#[derive(Debug, Serialize, Shaped)]
pub struct Changed {
    pub r#return: bool,
}

/// ModifySecurityGroupRules on the group, the rules, and the prefix lists they are to name.
pub fn to_modify(cx: &Cx, world: &World, input: &ModifySecurityGroupRules) -> Vec<Check> {
    let mut checks = vec![check_on(cx, world, &input.group_id)];
    for update in &input.security_group_rules {
        checks.push(resource::check_on::<SecurityGroupRule>(cx, world, &update.security_group_rule_id));
        let content = update.security_group_rule.as_ref();
        if let Some(list) = content.and_then(|content| content.prefix_list_id.as_deref()) {
            checks.push(PREFIX_LISTS.check_on(cx, world, list));
        }
    }
    checks
}

/// UpdateSecurityGroupRuleDescriptionsIngress on the group.
pub fn to_update_ingress_descriptions(cx: &Cx, world: &World, input: &UpdateDescriptions) -> Vec<Check> {
    vec![check_named(cx, world, input.group_id.as_deref(), input.group_name.as_deref())]
}

/// UpdateSecurityGroupRuleDescriptionsEgress on the group.
pub fn to_update_egress_descriptions(cx: &Cx, world: &World, input: &UpdateDescriptions) -> Vec<Check> {
    to_update_ingress_descriptions(cx, world, input)
}

/// Gives each rule its new content; direction, id and tags stay.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifySecurityGroupRules) -> Result<Changed, ApiError> {
    let group = get(tx, cx, &input.group_id)?;
    for update in &input.security_group_rules {
        let held = rule_of(tx, cx, &group, &update.security_group_rule_id, None)?;
        let content = update.security_group_rule.as_ref().ok_or_else(|| missing("securityGroupRule"))?;
        let ports = permission::ports(content.ip_protocol.as_deref(), content.from_port, content.to_port)?;
        let peer = peer(cx, tx, &group, content)?;
        must_stay_of_its_type(&held, &peer)?;
        peered::must_lead(cx, tx, &peer)?;
        let wanted = permission::rule(&group, held.egress, ports, peer, content.description.clone())?;
        let rule = SecurityGroupRule { id: held.id.clone(), tags: held.tags.clone(), ..wanted };
        if rules_of(tx, &group).iter().any(|other| other.id != rule.id && other.same_as(&rule)) {
            return Err(duplicate(&rule));
        }
        tx.put(rule);
    }
    Ok(Changed { r#return: true })
}

/// A rule's type, which is the kind of its peer, cannot change, says
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleRequest.html>. The code and text are ours.
fn must_stay_of_its_type(held: &SecurityGroupRule, wanted: &Peer) -> Result<(), ApiError> {
    let (held_by, wanted_by) = (parameter(&held.peer), parameter(wanted));
    if held_by == wanted_by {
        return Ok(());
    }
    let id = &held.id;
    let message = format!("The type of the security group rule '{id}' cannot change from {held_by} to {wanted_by}.");
    Err(ApiError::new("InvalidParameterValue", message))
}

/// The parameter that names such a peer.
fn parameter(peer: &Peer) -> &'static str {
    match peer {
        Peer::Ipv4(_) => "CidrIpv4",
        Peer::Ipv6(_) => "CidrIpv6",
        Peer::PrefixList(_) => "PrefixListId",
        Peer::Group(_) | Peer::Peered(_) => "ReferencedGroupId",
    }
}

/// A rule that must belong to the group and, where that matters, to the direction.
fn rule_of(
    world: &World,
    cx: &Cx,
    group: &SecurityGroup,
    id: &str,
    egress: Option<bool>,
) -> Result<Arc<SecurityGroupRule>, ApiError> {
    let rule = resource::get::<SecurityGroupRule>(world, cx, id)?;
    let fits = rule.group_id == group.id && egress.is_none_or(|egress| egress == rule.egress);
    if fits { Ok(rule) } else { Err(kind::SECURITY_GROUP_RULE.not_found(&[id])) }
}

/// Exactly one peer must be given.
fn peer(cx: &Cx, world: &World, group: &SecurityGroup, content: &Content) -> Result<Peer, ApiError> {
    let given = [&content.cidr_ipv4, &content.cidr_ipv6, &content.prefix_list_id, &content.referenced_group_id];
    match given.map(Option::as_deref) {
        [Some(cidr), None, None, None] => permission::ipv4(Some(cidr)),
        [None, Some(cidr), None, None] => permission::ipv6(Some(cidr)),
        [None, None, Some(list), None] => permission::prefix_list(cx, world, Some(list)),
        [None, None, None, Some(id)] => {
            permission::peer_group(cx, world, group, &Named { id, owner: None, peering_id: None })
        }
        _ => Err(ApiError::new(
            "InvalidParameterCombination",
            "Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be specified for a security group rule.",
        )),
    }
}

/// `UpdateSecurityGroupRuleDescriptionsIngress`.
pub fn update_ingress_descriptions(cx: &Cx, tx: &mut Tx, input: &UpdateDescriptions) -> Result<Changed, ApiError> {
    update_descriptions(cx, tx, input, false)
}

/// `UpdateSecurityGroupRuleDescriptionsEgress`.
pub fn update_egress_descriptions(cx: &Cx, tx: &mut Tx, input: &UpdateDescriptions) -> Result<Changed, ApiError> {
    update_descriptions(cx, tx, input, true)
}

/// Rules are named by what they say or by id; a description that is not given is removed.
fn update_descriptions(cx: &Cx, tx: &mut Tx, input: &UpdateDescriptions, egress: bool) -> Result<Changed, ApiError> {
    let group = named(tx, cx, input.group_id.as_deref(), input.group_name.as_deref())?;
    let changes = match (input.ip_permissions.as_slice(), input.security_group_rule_descriptions.as_slice()) {
        ([], []) => return Err(missing("ipPermissions or securityGroupRuleDescriptions")),
        (permissions, []) => by_permission(cx, tx, &group, permissions, egress)?,
        ([], descriptions) => by_id(cx, tx, &group, descriptions, egress)?,
        _ => {
            return Err(crate::refused::not_together("ipPermissions", "securityGroupRuleDescriptions"));
        }
    };
    for (id, description) in changes {
        resource::update::<SecurityGroupRule>(tx, cx, &id, |rule| rule.description = description);
    }
    Ok(Changed { r#return: true })
}

type Descriptions = Vec<(String, Option<String>)>;

fn by_permission(
    cx: &Cx,
    world: &World,
    group: &SecurityGroup,
    permissions: &[IpPermission],
    egress: bool,
) -> Result<Descriptions, ApiError> {
    let held = rules_of(world, group);
    let mut changes = Vec::new();
    for wanted in permission::rules(cx, world, group, egress, permissions)? {
        let rule = held.iter().find(|rule| rule.same_as(&wanted)).ok_or_else(|| {
            ApiError::new("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
        })?;
        changes.push((rule.id.clone(), wanted.description));
    }
    Ok(changes)
}

fn by_id(
    cx: &Cx,
    world: &World,
    group: &SecurityGroup,
    descriptions: &[RuleDescription],
    egress: bool,
) -> Result<Descriptions, ApiError> {
    let mut changes = Vec::new();
    for one in descriptions {
        let id = one.security_group_rule_id.as_deref().ok_or_else(|| missing("securityGroupRuleId"))?;
        let rule = rule_of(world, cx, group, id, Some(egress))?;
        changes.push((rule.id.clone(), permission::check_description(one.description.clone())?));
    }
    Ok(changes)
}
