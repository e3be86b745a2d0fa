//! DescribeSecurityGroupRules. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html>

use service::filters::{Fields, Filter, exact};
use service::prelude::*;

use super::{Peer, SecurityGroupRule, peered};
use crate::kind;
use crate::resource::{self, Wanted};

/// `DescribeSecurityGroupRulesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSecurityGroupRules {
    pub security_group_rule_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSecurityGroupRulesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Rules {
    pub security_group_rules: Vec<RuleOut>,
    pub next_token: Option<String>,
}

/// `SecurityGroupRule`. A protocol without ports shows -1 for both, other than in permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct RuleOut {
    pub security_group_rule_id: String,
    pub security_group_rule_arn: String,
    pub group_id: String,
    pub group_owner_id: String,
    pub is_egress: bool,
    pub ip_protocol: String,
    pub from_port: i64,
    pub to_port: i64,
    pub cidr_ipv4: Option<String>,
    pub cidr_ipv6: Option<String>,
    pub prefix_list_id: Option<String>,
    pub referenced_group_info: Option<ReferencedGroup>,
    pub description: Option<String>,
    pub tags: Vec<Tag>,
}

/// `ReferencedSecurityGroup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ReferencedGroup {
    pub group_id: String,
    pub user_id: String,
    pub vpc_id: Option<String>,
    pub vpc_peering_connection_id: Option<String>,
    pub peering_status: Option<String>,
}

static FIELDS: Fields<RuleOut> = Fields {
    fields: &[
        ("group-id", |it, values| values.push(it.group_id.as_str())),
        ("security-group-rule-id", |it, values| values.push(it.security_group_rule_id.as_str())),
    ],
    tags: Some(|it| &it.tags),
};

/// Rules that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeSecurityGroupRules) -> Result<Rules, ApiError> {
    let filters = input.filters.as_deref();
    let wanted = Wanted {
        ids: input.security_group_rule_ids.as_deref(),
        filters,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let candidates = || match exact(filters, "group-id") {
        Some(groups) => resource::under(cx, world, SecurityGroupRule::BY_GROUP, groups),
        None => resource::all(cx, world),
    };
    let see = |rule: &SecurityGroupRule| rule_out(cx, world, rule);
    let page = resource::describe(cx, world, &wanted, candidates, &FIELDS, see)?;
    Ok(Rules { security_group_rules: page.items, next_token: page.next })
}

/// A rule as it is answered.
pub fn rule_out(cx: &Cx, world: &World, rule: &SecurityGroupRule) -> RuleOut {
    let base = RuleOut {
        security_group_rule_id: rule.id.clone(),
        security_group_rule_arn: kind::SECURITY_GROUP_RULE.arn(cx, &rule.id),
        group_id: rule.group_id.clone(),
        group_owner_id: rule.account.to_string(),
        is_egress: rule.egress,
        ip_protocol: rule.protocol.clone(),
        from_port: rule.from_port.unwrap_or(-1),
        to_port: rule.to_port.unwrap_or(-1),
        cidr_ipv4: None,
        cidr_ipv6: None,
        referenced_group_info: None,
        prefix_list_id: None,
        description: rule.description.clone(),
        tags: rule.tags.clone(),
    };
    match rule.peer.clone() {
        Peer::Ipv4(cidr) => RuleOut { cidr_ipv4: Some(cidr), ..base },
        Peer::Ipv6(cidr) => RuleOut { cidr_ipv6: Some(cidr), ..base },
        Peer::Group(group_id) => {
            let user_id = rule.account.to_string();
            let (vpc_id, vpc_peering_connection_id, peering_status) = (None, None, None);
            let group = ReferencedGroup { group_id, user_id, vpc_id, vpc_peering_connection_id, peering_status };
            RuleOut { referenced_group_info: Some(group), ..base }
        }
        Peer::Peered(peered) => {
            let group = ReferencedGroup {
                user_id: peered.owner.to_string(),
                peering_status: Some(peered::status(cx, world, &peered.peering_id).to_owned()),
                group_id: peered.group_id,
                vpc_id: Some(peered.vpc_id),
                vpc_peering_connection_id: Some(peered.peering_id),
            };
            RuleOut { referenced_group_info: Some(group), ..base }
        }
        Peer::PrefixList(id) => RuleOut { prefix_list_id: Some(id), ..base },
    }
}
