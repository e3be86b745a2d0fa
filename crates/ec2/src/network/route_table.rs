//! Route tables: where the traffic of subnets goes.

use service::filters::{Fields, Filter, exact};
use service::prelude::*;

use crate::kind;
use crate::resource::{self, Wanted, resource};

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
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A route through a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// A block of IPv4 addresses.
    pub destination: String,
    /// `local` or `igw-…`
    pub gateway_id: String,
    pub origin: Origin,
}

/// What made a route, in the model's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    CreateRouteTable,
    CreateRoute,
}

/// What uses the table: a subnet, or as the main one every subnet without a table of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// `rtbassoc-…`
    pub id: String,
    pub main: bool,
    pub subnet_id: Option<String>,
}

impl RouteTable {
    /// (account, region, VPC).
    pub const BY_VPC: usize = 0;
}

impl Record for RouteTable {
    const TABLE: TableDef = TableDef::own("ec2_route_table", &["account", "region", "id"], &["vpc_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_vpc", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.vpc_id.clone())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_VPC, &[self.account.as_str(), &self.region, &self.vpc_id]);
    }
}

resource!(RouteTable, kind::ROUTE_TABLE, {
    fn keys(&self, cx: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:RouteTableID", self.id.as_str()).key("ec2:Vpc", kind::VPC.arn(cx, &self.vpc_id))
    }
});

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
    /// Nothing propagates routes yet.
    pub propagating_vgws: Vec<PropagatingOut>,
    pub tags: Vec<Tag>,
}

/// `Route`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct RouteOut {
    pub destination_cidr_block: String,
    pub gateway_id: String,
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
        ("association.gateway-id", |_, _| {}),
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
            it.routes.iter().for_each(|one| values.push(one.destination_cidr_block.as_str()));
        }),
        ("route.destination-ipv6-cidr-block", |_, _| {}),
        ("route.destination-prefix-list-id", |_, _| {}),
        ("route.egress-only-internet-gateway-id", |_, _| {}),
        ("route.gateway-id", |it, values| it.routes.iter().for_each(|one| values.push(one.gateway_id.as_str()))),
        ("route.instance-id", |_, _| {}),
        ("route.nat-gateway-id", |_, _| {}),
        ("route.origin", |it, values| it.routes.iter().for_each(|one| values.push(one.origin))),
        ("route.state", |it, values| it.routes.iter().for_each(|one| values.push(one.state))),
        ("route.transit-gateway-id", |_, _| {}),
        ("route.vpc-peering-connection-id", |_, _| {}),
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
    let page = resource::describe(cx, world, &wanted, candidates, &FIELDS, out)?;
    Ok(RouteTables { route_tables: page.items, next_token: page.next })
}

fn out(table: &RouteTable) -> RouteTableOut {
    let route = |one: &Route| RouteOut {
        destination_cidr_block: one.destination.clone(),
        gateway_id: one.gateway_id.clone(),
        origin: match one.origin {
            Origin::CreateRouteTable => "CreateRouteTable",
            Origin::CreateRoute => "CreateRoute",
        },
        state: "active",
    };
    let association = |one: &RouteTableAssociation| AssociationOut {
        route_table_association_id: one.id.clone(),
        route_table_id: table.id.clone(),
        main: one.main,
        subnet_id: one.subnet_id.clone(),
        association_state: AssociationStateOut { state: "associated" },
    };
    RouteTableOut {
        route_table_id: table.id.clone(),
        owner_id: table.account.to_string(),
        vpc_id: table.vpc_id.clone(),
        routes: table.routes.iter().map(route).collect(),
        associations: table.associations.iter().map(association).collect(),
        propagating_vgws: Vec::new(),
        tags: table.tags.clone(),
    }
}
