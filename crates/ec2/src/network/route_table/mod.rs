//! Route tables: where the traffic of subnets goes. [`create`] makes and removes them, [`route`] changes what is in them, [`association`] says who
//! uses them.

use std::cmp::Reverse;
use std::sync::Arc;

use ipnet::IpNet;
use service::filters::{Fields, Filter, exact};
use service::prelude::*;

use super::interface;
use super::internet_gateway::InternetGateway;
use super::subnet::Subnet;
use crate::family::target;
use crate::family::vpn::gateway;
use crate::instance::{Instance, State, state_at};
use crate::kind;
use crate::resource::{self, Wanted, resource};

pub mod association;
pub mod create;
pub mod route;

/// A route table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RouteTable {
    pub account: AccountId,
    pub region: String,
    /// `rtb-…`
    pub id: String,
    pub vpc_id: String,
    pub routes: Vec<Route>,
    pub associations: Vec<RouteTableAssociation>,
    /// The VPN gateways whose routes the table takes over.
    #[serde(default)]
    pub propagating: Vec<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A route, through a gateway or an interface, to a block of addresses or a prefix list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// A block of addresses in its canonical form, or `pl-…`
    pub destination: String,
    /// `local`, or the id of a gateway, an endpoint or a peering connection.
    pub gateway_id: Option<String>,
    #[serde(default)]
    pub network_interface_id: Option<String>,
    pub origin: Origin,
}

impl Route {
    /// The route within a VPC that comes with one of its blocks.
    pub fn local(block: &impl ToString) -> Route {
        Route {
            destination: block.to_string(),
            gateway_id: Some("local".to_owned()),
            network_interface_id: None,
            origin: Origin::CreateRouteTable,
        }
    }

    /// Where it comes among those of its table: the longest prefix first (seen of AWS in September 2026); prefix lists last.
    fn place(&self) -> (u8, Reverse<u8>) {
        match self.destination.parse::<IpNet>() {
            Ok(IpNet::V4(block)) => (4, Reverse(block.prefix_len())),
            Ok(IpNet::V6(block)) => (6, Reverse(block.prefix_len())),
            Err(_) => (u8::MAX, Reverse(0)),
        }
    }

    /// Whether it came with the VPC; its target may have been replaced since.
    pub fn is_local(&self) -> bool {
        self.origin == Origin::CreateRouteTable
    }
}

/// What made a route, in the model's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    CreateRouteTable,
    CreateRoute,
    EnableVgwRoutePropagation,
}

/// What uses the table: a subnet, or as the main one every subnet without a table of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// `rtbassoc-…`
    pub id: String,
    pub main: bool,
    pub subnet_id: Option<String>,
    /// A gateway whose incoming traffic takes these routes.
    #[serde(default)]
    pub gateway_id: Option<String>,
}

impl RouteTable {
    /// (account, region, VPC).
    pub const BY_VPC: usize = 0;
    /// (account, region, association).
    pub const BY_ASSOCIATION: usize = 1;
    /// (account, region, subnet or gateway): each has one table of its own at most.
    pub const BY_USER: usize = 2;

    /// Whether subnets without a table of their own use this one.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|one| one.main)
    }
}

impl Record for RouteTable {
    const TABLE: TableDef = TableDef::own("ec2_route_table", &["account", "region", "id"], &["vpc_id"]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_vpc", unique: false },
        IndexDef { name: "by_association", unique: true },
        IndexDef { name: "by_user", unique: true },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.vpc_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        entries.add(Self::BY_VPC, &[account, region, &self.vpc_id]);
        for one in &self.associations {
            entries.add(Self::BY_ASSOCIATION, &[account, region, &one.id]);
            if let Some(user) = one.subnet_id.as_deref().or(one.gateway_id.as_deref()) {
                entries.add(Self::BY_USER, &[account, region, user]);
            }
        }
    }
}

resource!(RouteTable, kind::ROUTE_TABLE, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:RouteTableID", self.id.as_str()).key("ec2:Vpc", kind::VPC.arn(cx, &self.vpc_id))
    }
});

/// The table of its own that a subnet has.
pub fn of_subnet<'w>(world: &'w World, subnet: &Subnet) -> Option<&'w Arc<RouteTable>> {
    world.one::<RouteTable>(RouteTable::BY_USER, &[subnet.account.as_str(), &subnet.region, &subnet.id])
}

/// `DescribeRouteTablesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeRouteTables {
    pub route_table_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeRouteTablesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct RouteTables {
    pub route_tables: Vec<RouteTableOut>,
    pub next_token: Option<String>,
}

/// `RouteTable`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RouteTableOut {
    pub route_table_id: String,
    pub owner_id: String,
    pub vpc_id: String,
    pub routes: Vec<RouteOut>,
    pub associations: Vec<AssociationOut>,
    pub propagating_vgws: Vec<PropagatingOut>,
    pub tags: Vec<Tag>,
}

/// `Route`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RouteOut {
    pub destination_cidr_block: Option<String>,
    pub destination_ipv6_cidr_block: Option<String>,
    pub destination_prefix_list_id: Option<String>,
    pub gateway_id: Option<String>,
    pub nat_gateway_id: Option<String>,
    pub egress_only_internet_gateway_id: Option<String>,
    pub carrier_gateway_id: Option<String>,
    pub local_gateway_id: Option<String>,
    pub transit_gateway_id: Option<String>,
    pub vpc_peering_connection_id: Option<String>,
    pub instance_id: Option<String>,
    pub instance_owner_id: Option<String>,
    pub network_interface_id: Option<String>,
    pub origin: &'static str,
    pub state: &'static str,
}

/// `RouteTableAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AssociationOut {
    pub route_table_association_id: String,
    pub route_table_id: String,
    pub main: bool,
    pub subnet_id: Option<String>,
    pub gateway_id: Option<String>,
    pub association_state: AssociationStateOut,
}

/// `RouteTableAssociationState`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AssociationStateOut {
    pub state: &'static str,
}

/// `PropagatingVgw`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct PropagatingOut {
    pub gateway_id: String,
}

static FIELDS: Fields<RouteTableOut> = Fields {
    fields: &[
        ("association.gateway-id", |it, values| {
            it.associations.iter().for_each(|one| values.push_if(one.gateway_id.as_deref()));
        }),
        ("association.main", |it, values| it.associations.iter().for_each(|one| values.push_bool(one.main))),
        ("association.route-table-association-id", |it, values| {
            it.associations.iter().for_each(|one| values.push(one.route_table_association_id.as_str()));
        }),
        ("association.route-table-id", |it, values| {
            it.associations.iter().for_each(|one| values.push(one.route_table_id.as_str()));
        }),
        ("association.subnet-id", |it, values| {
            it.associations.iter().for_each(|one| values.push_if(one.subnet_id.as_deref()));
        }),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("route-table-id", |it, values| values.push(it.route_table_id.as_str())),
        ("route.destination-cidr-block", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.destination_cidr_block.as_deref()));
        }),
        ("route.destination-ipv6-cidr-block", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.destination_ipv6_cidr_block.as_deref()));
        }),
        ("route.destination-prefix-list-id", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.destination_prefix_list_id.as_deref()));
        }),
        ("route.egress-only-internet-gateway-id", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.egress_only_internet_gateway_id.as_deref()));
        }),
        ("route.gateway-id", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.gateway_id.as_deref()));
        }),
        ("route.instance-id", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.instance_id.as_deref()));
        }),
        ("route.nat-gateway-id", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.nat_gateway_id.as_deref()));
        }),
        ("route.origin", |it, values| it.routes.iter().for_each(|one| values.push(one.origin))),
        ("route.state", |it, values| it.routes.iter().for_each(|one| values.push(one.state))),
        ("route.transit-gateway-id", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.transit_gateway_id.as_deref()));
        }),
        ("route.vpc-peering-connection-id", |it, values| {
            it.routes.iter().for_each(|one| values.push_if(one.vpc_peering_connection_id.as_deref()));
        }),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
    ],
    tags: Some(|it| &it.tags),
};

/// Tables that pass the filters, or those named. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeRouteTables) -> Result<RouteTables, ApiError> {
    let filters = input.filters.as_deref();
    let wanted = Wanted {
        ids: input.route_table_ids.as_deref(),
        filters,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let candidates = || match exact(filters, "vpc-id") {
        Some(vpcs) => resource::under(cx, world, RouteTable::BY_VPC, vpcs),
        None => resource::all(cx, world),
    };
    let page = resource::describe(cx, world, &wanted, candidates, &FIELDS, |table| out(cx, world, table))?;
    Ok(RouteTables { route_tables: page.items, next_token: page.next })
}

/// As answers show the table.
pub fn out(cx: &Cx, world: &World, table: &RouteTable) -> RouteTableOut {
    let association = |one: &RouteTableAssociation| AssociationOut {
        route_table_association_id: one.id.clone(),
        route_table_id: table.id.clone(),
        main: one.main,
        subnet_id: one.subnet_id.clone(),
        gateway_id: one.gateway_id.clone(),
        association_state: AssociationStateOut { state: "associated" },
    };
    let propagated = gateway::propagated(cx, world, table);
    let mut routes: Vec<&Route> = table.routes.iter().chain(&propagated).collect();
    routes.sort_by_key(|route| route.place());
    RouteTableOut {
        route_table_id: table.id.clone(),
        owner_id: table.account.to_string(),
        vpc_id: table.vpc_id.clone(),
        routes: routes.into_iter().map(|one| route_out(cx, world, table, one)).collect(),
        associations: table.associations.iter().map(association).collect(),
        propagating_vgws: table.propagating.iter().map(|id| PropagatingOut { gateway_id: id.clone() }).collect(),
        tags: table.tags.clone(),
    }
}

/// Targets that have members of their own in an answer; all others are gateways.
const SHOWN_BY_NAME: [&str; 6] = ["nat-", "eigw-", "cagw-", "lgw-", "pcx-", "tgw-"];

fn route_out(cx: &Cx, world: &World, table: &RouteTable, route: &Route) -> RouteOut {
    let destination = |is_it: bool| is_it.then(|| route.destination.clone());
    let (is_list, is_ipv6) = (route.destination.starts_with("pl-"), route.destination.contains(':'));
    let target = |prefix: &str| route.gateway_id.clone().filter(|id| id.starts_with(prefix));
    let named = SHOWN_BY_NAME.iter().any(|prefix| target(prefix).is_some());
    let interface = route.network_interface_id.as_deref().and_then(|id| interface::look_up(world, cx, id));
    let instance_id = interface.and_then(|it| it.attachment.as_ref().map(|held| held.instance_id.clone()));
    RouteOut {
        destination_cidr_block: destination(!is_list && !is_ipv6),
        destination_ipv6_cidr_block: destination(is_ipv6),
        destination_prefix_list_id: destination(is_list),
        gateway_id: route.gateway_id.clone().filter(|_| !named),
        nat_gateway_id: target("nat-"),
        egress_only_internet_gateway_id: target("eigw-"),
        carrier_gateway_id: target("cagw-"),
        local_gateway_id: target("lgw-"),
        transit_gateway_id: target("tgw-"),
        vpc_peering_connection_id: target("pcx-"),
        instance_owner_id: instance_id.as_ref().map(|_| table.account.to_string()),
        network_interface_id: route.network_interface_id.clone(),
        origin: match route.origin {
            Origin::CreateRouteTable => "CreateRouteTable",
            Origin::CreateRoute => "CreateRoute",
            Origin::EnableVgwRoutePropagation => "EnableVgwRoutePropagation",
        },
        state: if leads_somewhere(cx, world, table, route, instance_id.as_deref()) { "active" } else { "blackhole" },
        instance_id,
    }
}

/// Whether the target is there: the gateway attached to the VPC, the interface to an instance that runs.
fn leads_somewhere(cx: &Cx, world: &World, table: &RouteTable, route: &Route, instance_id: Option<&str>) -> bool {
    match route.gateway_id.as_deref() {
        Some("local") => true,
        Some(id) if !id.starts_with("igw-") => target::leads(cx, world, id, &table.vpc_id),
        Some(id) => resource::look_up::<InternetGateway>(world, cx, id)
            .is_some_and(|gateway| gateway.vpc_id.as_deref() == Some(&table.vpc_id)),
        None => instance_id.and_then(|id| resource::look_up::<Instance>(world, cx, id)).is_some_and(|instance| {
            matches!(state_at(&instance, cx.now, cx.settings.states), State::Pending | State::Running)
        }),
    }
}
