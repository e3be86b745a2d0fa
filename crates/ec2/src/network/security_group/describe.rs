//! DescribeSecurityGroups. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html>

use service::filters::{Fields, Filter, Values, exact};
use service::prelude::*;

use super::permission::{self, GroupPair, IpPermission};
use super::{SecurityGroup, in_default_vpc, name_of, peered, rules_of};
use crate::kind;
use crate::resource::{self, Wanted};

/// `DescribeSecurityGroupsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeSecurityGroups {
    pub group_ids: Option<Vec<String>>,
    pub group_names: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeSecurityGroupsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct SecurityGroups {
    pub security_groups: Vec<GroupOut>,
    pub next_token: Option<String>,
}

/// `SecurityGroup`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct GroupOut {
    pub group_id: String,
    pub group_name: String,
    pub description: String,
    pub owner_id: String,
    pub vpc_id: String,
    pub security_group_arn: String,
    pub ip_permissions: Vec<IpPermission>,
    pub ip_permissions_egress: Vec<IpPermission>,
    pub tags: Option<Vec<Tag>>,
}

/// A group with the names of the groups its rules let in, which filters can ask for though the answer does not show them.
struct Seen {
    out: GroupOut,
    ingress: Vec<String>,
    egress: Vec<String>,
}

static FIELDS: Fields<Seen> = Fields {
    fields: &[
        ("description", |it, values| values.push(it.out.description.as_str())),
        ("egress.ip-permission.cidr", |it, values| cidrs(&it.out.ip_permissions_egress, values)),
        ("egress.ip-permission.from-port", |it, values| from_ports(&it.out.ip_permissions_egress, values)),
        ("egress.ip-permission.group-id", |it, values| group_ids(&it.out.ip_permissions_egress, values)),
        ("egress.ip-permission.group-name", |it, values| it.egress.iter().for_each(|name| values.push(name.as_str()))),
        ("egress.ip-permission.ipv6-cidr", |it, values| ipv6_cidrs(&it.out.ip_permissions_egress, values)),
        ("egress.ip-permission.prefix-list-id", |it, values| lists(&it.out.ip_permissions_egress, values)),
        ("egress.ip-permission.protocol", |it, values| protocols(&it.out.ip_permissions_egress, values)),
        ("egress.ip-permission.to-port", |it, values| to_ports(&it.out.ip_permissions_egress, values)),
        ("egress.ip-permission.user-id", |it, values| user_ids(&it.out.ip_permissions_egress, values)),
        ("group-id", |it, values| values.push(it.out.group_id.as_str())),
        ("group-name", |it, values| values.push(it.out.group_name.as_str())),
        ("ip-permission.cidr", |it, values| cidrs(&it.out.ip_permissions, values)),
        ("ip-permission.from-port", |it, values| from_ports(&it.out.ip_permissions, values)),
        ("ip-permission.group-id", |it, values| group_ids(&it.out.ip_permissions, values)),
        ("ip-permission.group-name", |it, values| it.ingress.iter().for_each(|name| values.push(name.as_str()))),
        ("ip-permission.ipv6-cidr", |it, values| ipv6_cidrs(&it.out.ip_permissions, values)),
        ("ip-permission.prefix-list-id", |it, values| lists(&it.out.ip_permissions, values)),
        ("ip-permission.protocol", |it, values| protocols(&it.out.ip_permissions, values)),
        ("ip-permission.to-port", |it, values| to_ports(&it.out.ip_permissions, values)),
        ("ip-permission.user-id", |it, values| user_ids(&it.out.ip_permissions, values)),
        ("owner-id", |it, values| values.push(it.out.owner_id.as_str())),
        ("vpc-id", |it, values| values.push(it.out.vpc_id.as_str())),
    ],
    tags: Some(|it| it.out.tags.as_deref().unwrap_or_default()),
};

fn cidrs(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().flat_map(|it| &it.ip_ranges).for_each(|range| values.push_if(range.cidr_ip.as_deref()));
}

fn ipv6_cidrs(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().flat_map(|it| &it.ipv6_ranges).for_each(|range| values.push_if(range.cidr_ipv6.as_deref()));
}

fn lists(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().flat_map(|it| &it.prefix_list_ids).for_each(|it| values.push_if(it.prefix_list_id.as_deref()));
}

fn from_ports(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().for_each(|it| values.push_if(it.from_port.map(|port| port.to_string())));
}

fn to_ports(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().for_each(|it| values.push_if(it.to_port.map(|port| port.to_string())));
}

fn protocols(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().for_each(|it| values.push_if(it.ip_protocol.as_deref()));
}

fn group_ids(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().flat_map(|it| &it.user_id_group_pairs).for_each(|pair| values.push_if(pair.group_id.as_deref()));
}

fn user_ids(permissions: &[IpPermission], values: &mut Values) {
    permissions.iter().flat_map(|it| &it.user_id_group_pairs).for_each(|pair| values.push_if(pair.user_id.as_deref()));
}

/// Ids and a page size exclude each other.
pub fn check(_: &Cx, _: &World, input: &DescribeSecurityGroups) -> Result<(), ApiError> {
    match (input.group_ids.as_deref(), input.max_results) {
        (Some([_, ..]), Some(_)) => Err(crate::refused::not_together("securityGroupIdSet", "maxResults")),
        _ => Ok(()),
    }
}

/// Groups that pass the filters, or those named; names count in the default VPC.
pub fn describe(cx: &Cx, world: &World, input: &DescribeSecurityGroups) -> Result<SecurityGroups, ApiError> {
    let filters = input.filters.as_deref();
    let mut ids = input.group_ids.clone().unwrap_or_default();
    for name in input.group_names.iter().flatten() {
        ids.push(in_default_vpc(world, cx, name)?.id.clone());
    }
    let wanted =
        Wanted { ids: Some(&ids), filters, max_results: input.max_results, next_token: input.next_token.as_deref() };
    let candidates = || match exact(filters, "vpc-id") {
        Some(vpcs) => resource::under(cx, world, SecurityGroup::BY_VPC, vpcs),
        None => resource::all(cx, world),
    };
    let page = resource::describe(cx, world, &wanted, candidates, &FIELDS, |group| see(cx, world, group))?;
    Ok(SecurityGroups { security_groups: page.items.into_iter().map(|seen| seen.out).collect(), next_token: page.next })
}

fn see(cx: &Cx, world: &World, group: &SecurityGroup) -> Seen {
    let rules = rules_of(world, group);
    let permissions = |egress| {
        let of_direction = rules.iter().filter(|rule| rule.egress == egress).map(AsRef::as_ref);
        let mut permissions = permission::permissions(of_direction);
        let pairs = permissions.iter_mut().flat_map(|it| &mut it.user_id_group_pairs);
        pairs.for_each(|pair| peered::tell(cx, world, pair));
        permissions
    };
    let names = |permissions: &[IpPermission]| {
        let pairs = permissions.iter().flat_map(|it| &it.user_id_group_pairs);
        let name = |pair: &GroupPair| name_of(world, group.account, &group.region, pair.group_id.as_deref()?);
        pairs.filter_map(name).collect()
    };
    let (ingress, egress) = (permissions(false), permissions(true));
    Seen {
        ingress: names(&ingress),
        egress: names(&egress),
        out: GroupOut {
            group_id: group.id.clone(),
            group_name: group.name.clone(),
            description: group.description.clone(),
            owner_id: group.account.to_string(),
            vpc_id: group.vpc_id.clone(),
            security_group_arn: kind::SECURITY_GROUP.arn(cx, &group.id),
            ip_permissions: ingress,
            ip_permissions_egress: egress,
            tags: resource::tags_out(&group.tags),
        },
    }
}
