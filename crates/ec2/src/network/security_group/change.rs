//! AuthorizeSecurityGroup… and RevokeSecurityGroup…: adding rules to a group and taking them away, in either direction.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>

use std::sync::Arc;

use service::cx::Quotas;
use service::prelude::*;

use super::describe_rules::{RuleOut, rule_out};
use super::permission::{self, Flat, IpPermission};
use super::{Peer, SecurityGroup, SecurityGroupRule, check_named, named, peered, rules_of};
use crate::kind;
use crate::network::vpc;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// The adjustable quota of rules per group and direction. <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
const MOST_RULES: usize = 60;

/// `AuthorizeSecurityGroupIngressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AuthorizeIngress {
    pub group_id: Option<String>,
    pub group_name: Option<String>,
    #[serde(default)]
    pub ip_permissions: Vec<IpPermission>,
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub cidr_ip: Option<String>,
    pub source_security_group_name: Option<String>,
    pub source_security_group_owner_id: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `AuthorizeSecurityGroupEgressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AuthorizeEgress {
    pub group_id: String,
    #[serde(default)]
    pub ip_permissions: Vec<IpPermission>,
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub cidr_ip: Option<String>,
    pub source_security_group_name: Option<String>,
    pub source_security_group_owner_id: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `RevokeSecurityGroupIngressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RevokeIngress {
    pub group_id: Option<String>,
    pub group_name: Option<String>,
    #[serde(default)]
    pub ip_permissions: Vec<IpPermission>,
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub cidr_ip: Option<String>,
    pub source_security_group_name: Option<String>,
    pub source_security_group_owner_id: Option<String>,
    #[serde(default)]
    pub security_group_rule_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `RevokeSecurityGroupEgressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct RevokeEgress {
    pub group_id: String,
    #[serde(default)]
    pub ip_permissions: Vec<IpPermission>,
    pub ip_protocol: Option<String>,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub cidr_ip: Option<String>,
    pub source_security_group_name: Option<String>,
    pub source_security_group_owner_id: Option<String>,
    #[serde(default)]
    pub security_group_rule_ids: Vec<String>,
    pub dry_run: Option<bool>,
}

/// `AuthorizeSecurityGroupIngressResult` and its twin.
#[derive(Debug, Serialize, Shaped)]
pub struct Authorized {
    pub r#return: bool,
    pub security_group_rules: Vec<RuleOut>,
}

/// `RevokeSecurityGroupIngressResult` and its twin.
#[derive(Debug, Serialize, Shaped)]
pub struct Revoked {
    pub r#return: bool,
    pub revoked_security_group_rules: Vec<RevokedRule>,
    /// What was to be revoked but was not there; only in the default VPC, elsewhere that is an error.
    pub unknown_ip_permissions: Option<Vec<IpPermission>>,
}

/// `RevokedSecurityGroupRule`.
#[derive(Debug, PartialEq, Eq, Serialize, Shaped)]
pub struct RevokedRule {
    pub security_group_rule_id: String,
    pub group_id: String,
    pub is_egress: bool,
    pub ip_protocol: String,
    pub from_port: i64,
    pub to_port: i64,
    pub cidr_ipv4: Option<String>,
    pub cidr_ipv6: Option<String>,
    pub referenced_group_id: Option<String>,
    pub prefix_list_id: Option<String>,
    pub description: Option<String>,
}

/// What all four operations come down to.
struct Request<'a> {
    group_id: Option<&'a str>,
    group_name: Option<&'a str>,
    egress: bool,
    permissions: Vec<IpPermission>,
}

macro_rules! request {
    ($input:ident, $id:expr, $name:expr, $egress:expr) => {{
        let flat = Flat {
            ip_protocol: $input.ip_protocol.as_deref(),
            from_port: $input.from_port,
            to_port: $input.to_port,
            cidr_ip: $input.cidr_ip.as_deref(),
            source_group_name: $input.source_security_group_name.as_deref(),
            source_group_owner: $input.source_security_group_owner_id.as_deref(),
        };
        let permissions = [$input.ip_permissions.clone(), flat.permissions()].concat();
        Request { group_id: $id, group_name: $name, egress: $egress, permissions }
    }};
}

/// AuthorizeSecurityGroupIngress on the group, and on a rule to come if it gets tags.
pub fn to_authorize_ingress(cx: &Cx, world: &World, input: &AuthorizeIngress) -> Vec<Check> {
    let group = check_named(cx, world, input.group_id.as_deref(), input.group_name.as_deref());
    to_authorize(cx, group, input.tag_specifications.as_deref(), "AuthorizeSecurityGroupIngress")
}

/// AuthorizeSecurityGroupEgress, likewise.
pub fn to_authorize_egress(cx: &Cx, world: &World, input: &AuthorizeEgress) -> Vec<Check> {
    let group = check_named(cx, world, Some(&input.group_id), None);
    to_authorize(cx, group, input.tag_specifications.as_deref(), "AuthorizeSecurityGroupEgress")
}

fn to_authorize(cx: &Cx, group: Check, specifications: Option<&[TagSpecification]>, action: &str) -> Vec<Check> {
    let tags = tags::requested(specifications, kind::SECURITY_GROUP_RULE.resource_type);
    let rule = Check::on(kind::SECURITY_GROUP_RULE.arn_of_new(cx)).not_created().request_tags(&tags);
    let tagging = tags::tag_on_create_checks(cx, specifications.unwrap_or_default(), action);
    let rule = (!tags.is_empty()).then_some(rule);
    std::iter::once(group).chain(rule).chain(tagging).collect()
}

/// RevokeSecurityGroupIngress on the group.
pub fn to_revoke_ingress(cx: &Cx, world: &World, input: &RevokeIngress) -> Vec<Check> {
    vec![check_named(cx, world, input.group_id.as_deref(), input.group_name.as_deref())]
}

/// RevokeSecurityGroupEgress on the group.
pub fn to_revoke_egress(cx: &Cx, world: &World, input: &RevokeEgress) -> Vec<Check> {
    vec![check_named(cx, world, Some(&input.group_id), None)]
}

/// Lets something in.
pub fn authorize_ingress(cx: &Cx, tx: &mut Tx, input: &AuthorizeIngress) -> Result<Authorized, ApiError> {
    let request = request!(input, input.group_id.as_deref(), input.group_name.as_deref(), false);
    authorize(cx, tx, &request, input.tag_specifications.as_deref())
}

/// Lets something out.
pub fn authorize_egress(cx: &Cx, tx: &mut Tx, input: &AuthorizeEgress) -> Result<Authorized, ApiError> {
    let request = request!(input, Some(input.group_id.as_str()), None, true);
    authorize(cx, tx, &request, input.tag_specifications.as_deref())
}

/// No longer lets it in.
pub fn revoke_ingress(cx: &Cx, tx: &mut Tx, input: &RevokeIngress) -> Result<Revoked, ApiError> {
    let request = request!(input, input.group_id.as_deref(), input.group_name.as_deref(), false);
    revoke(cx, tx, &request, &input.security_group_rule_ids)
}

/// No longer lets it out.
pub fn revoke_egress(cx: &Cx, tx: &mut Tx, input: &RevokeEgress) -> Result<Revoked, ApiError> {
    let request = request!(input, Some(input.group_id.as_str()), None, true);
    revoke(cx, tx, &request, &input.security_group_rule_ids)
}

fn authorize(
    cx: &Cx,
    tx: &mut Tx,
    request: &Request<'_>,
    specifications: Option<&[TagSpecification]>,
) -> Result<Authorized, ApiError> {
    let tags = tags::of_new(specifications, kind::SECURITY_GROUP_RULE.resource_type)?;
    let group = named(tx, cx, request.group_id, request.group_name)?;
    let wanted = permission::rules(cx, tx, &group, request.egress, &request.permissions)?;
    wanted.iter().try_for_each(|rule| peered::must_lead(cx, tx, &rule.peer))?;
    let held = rules_of(tx, &group);
    if let Some(twice) = wanted.iter().find(|rule| held.iter().any(|other| other.same_as(rule))) {
        return Err(duplicate(twice));
    }
    let count = held.iter().filter(|rule| rule.egress == request.egress).count() + wanted.len();
    must_be_few(cx, count)?;
    let mut added = Vec::with_capacity(wanted.len());
    for rule in wanted {
        let rule = SecurityGroupRule { id: cx.ids.ec2(kind::SECURITY_GROUP_RULE.prefix), tags: tags.clone(), ..rule };
        added.push(rule_out(cx, tx, &rule));
        tx.put(rule);
    }
    Ok(Authorized { r#return: true, security_group_rules: added })
}

/// A group may not have more rules in one direction than that.
pub fn must_be_few(cx: &Cx, rules: usize) -> Result<(), ApiError> {
    if cx.settings.quotas == Quotas::Aws && rules > MOST_RULES {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(ApiError::new("RulesPerSecurityGroupLimitExceeded", message));
    }
    Ok(())
}

/// InvalidPermission.Duplicate, with the rule as AWS spells it out.
pub fn duplicate(rule: &SecurityGroupRule) -> ApiError {
    let ports = match (rule.protocol.as_str(), rule.from_port, rule.to_port) {
        ("-1", ..) => "ALL".to_owned(),
        (name @ ("tcp" | "udp"), Some(from), Some(to)) => {
            format!("{}, from port: {from}, to port: {to}", name.to_uppercase())
        }
        (name @ ("icmp" | "icmpv6"), Some(kind), Some(code)) => {
            format!("{}, type: {kind}, code: {code}", name.to_uppercase())
        }
        (number, ..) => format!("protocol: {number}"),
    };
    let message = format!("the specified rule \"peer: {}, {ports}, ALLOW\" already exists", rule.peer.text());
    ApiError::new("InvalidPermission.Duplicate", message)
}

/// Rules by id must all be there. A rule by its permission that is not there is an error, except in the default VPC, where the answer names it.
fn revoke(cx: &Cx, tx: &mut Tx, request: &Request<'_>, ids: &[String]) -> Result<Revoked, ApiError> {
    let group = named(tx, cx, request.group_id, request.group_name)?;
    let held = rules_of(tx, &group);
    let (found, unknown) = match ids {
        [] => by_permission(cx, tx, &group, request, &held)?,
        ids => (by_id(ids, &held, request.egress)?, Vec::new()),
    };
    let in_default_vpc =
        vpc::in_place(tx, group.account, &group.region, &group.vpc_id).is_some_and(|vpc| vpc.is_default);
    if !unknown.is_empty() && !in_default_vpc {
        let message = "The specified rule does not exist in this security group.";
        return Err(ApiError::new("InvalidPermission.NotFound", message));
    }
    for rule in &found {
        resource::remove::<SecurityGroupRule>(tx, cx, &rule.id);
    }
    let unknown = permission::permissions(unknown.iter());
    Ok(Revoked {
        r#return: true,
        revoked_security_group_rules: found.iter().map(|rule| revoked_out(rule)).collect(),
        unknown_ip_permissions: (!unknown.is_empty()).then_some(unknown),
    })
}

type Held = Arc<SecurityGroupRule>;

fn by_id(ids: &[String], held: &[Held], egress: bool) -> Result<Vec<Held>, ApiError> {
    let mut found: Vec<Held> = Vec::new();
    for id in ids {
        kind::SECURITY_GROUP_RULE.well_formed(id)?;
        let rule = held.iter().find(|rule| rule.id == *id && rule.egress == egress);
        let rule = rule.ok_or_else(|| kind::SECURITY_GROUP_RULE.not_found(&[id]))?;
        if !found.iter().any(|other| other.id == *id) {
            found.push(rule.clone());
        }
    }
    Ok(found)
}

fn by_permission(
    cx: &Cx,
    world: &World,
    group: &SecurityGroup,
    request: &Request<'_>,
    held: &[Held],
) -> Result<(Vec<Held>, Vec<SecurityGroupRule>), ApiError> {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for wanted in permission::rules(cx, world, group, request.egress, &request.permissions)? {
        match held.iter().find(|rule| rule.same_as(&wanted)) {
            Some(rule) => found.push(rule.clone()),
            None => unknown.push(wanted),
        }
    }
    Ok((found, unknown))
}

fn revoked_out(rule: &SecurityGroupRule) -> RevokedRule {
    let base = RevokedRule {
        security_group_rule_id: rule.id.clone(),
        group_id: rule.group_id.clone(),
        is_egress: rule.egress,
        ip_protocol: rule.protocol.clone(),
        from_port: rule.from_port.unwrap_or(-1),
        to_port: rule.to_port.unwrap_or(-1),
        cidr_ipv4: None,
        cidr_ipv6: None,
        referenced_group_id: None,
        prefix_list_id: None,
        description: rule.description.clone(),
    };
    match rule.peer.clone() {
        Peer::Ipv4(cidr) => RevokedRule { cidr_ipv4: Some(cidr), ..base },
        Peer::Ipv6(cidr) => RevokedRule { cidr_ipv6: Some(cidr), ..base },
        Peer::Group(id) => RevokedRule { referenced_group_id: Some(id), ..base },
        Peer::Peered(peered) => RevokedRule { referenced_group_id: Some(peered.group_id), ..base },
        Peer::PrefixList(id) => RevokedRule { prefix_list_id: Some(id), ..base },
    }
}
