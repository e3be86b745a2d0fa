//! CreateRouteTable and DeleteRouteTable. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>

use service::prelude::*;

use super::{RouteTable, RouteTableOut, out};
use crate::instance::client_token;
use crate::kind;
use crate::network::layout::{self, Place};
use crate::network::must_have_room;
use crate::network::vpc::Vpc;
use crate::resource;
use crate::tags::{self, TagSpecification};

const SCOPE: &str = "CreateRouteTable";

/// `CreateRouteTableRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreateRouteTable {
    pub vpc_id: String,
    pub client_token: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreateRouteTableResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub route_table: RouteTableOut,
    pub client_token: Option<String>,
}

/// `DeleteRouteTableRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeleteRouteTable {
    pub route_table_id: String,
    pub dry_run: Option<bool>,
}

/// CreateRouteTable on a table to come and on its VPC, and the tags.
pub fn to_create(cx: &Cx, world: &World, input: &CreateRouteTable) -> Vec<Check> {
    let vpc = resource::check_on::<Vpc>(cx, world, &input.vpc_id);
    resource::checks_on_new(cx, &kind::ROUTE_TABLE, input.tag_specifications.as_deref(), SCOPE, Some(vpc))
}

/// Makes a table with the VPC's local routes.
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreateRouteTable) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::ROUTE_TABLE.resource_type)?;
    let token = client_token::trimmed(input.client_token.as_deref())?;
    let digest = client_token::digest(&(&input.vpc_id, &tags));
    if let Some(table) = client_token::again::<RouteTable>(cx, tx, SCOPE, token, &digest)? {
        // Its tags are told as they were asked for, whatever became of them (seen in September 2026).
        let shown = RouteTable { tags, ..RouteTable::clone(&table) };
        return Ok(Created { route_table: out(cx, tx, &shown), client_token: token.map(str::to_owned) });
    }
    let vpc = resource::get::<Vpc>(tx, cx, &input.vpc_id)?;
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let count = || tx.by::<RouteTable>(RouteTable::BY_VPC, &parts).count();
    must_have_room(cx, count, 200, "RouteTableLimitExceeded", "route tables")?;
    let table = RouteTable { tags, ..layout::new_route_table(&Place::of(cx), &vpc) };
    client_token::remember(cx, tx, SCOPE, token, digest, vec![table.id.clone()]);
    tx.put(table.clone());
    Ok(Created { route_table: out(cx, tx, &table), client_token: token.map(str::to_owned) })
}

/// DeleteRouteTable on the table.
pub fn to_delete(cx: &Cx, world: &World, input: &DeleteRouteTable) -> Vec<Check> {
    vec![resource::check_on::<RouteTable>(cx, world, &input.route_table_id)]
}

/// Removes a table that nothing uses. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteRouteTable) -> Result<Done, ApiError> {
    let table = resource::get::<RouteTable>(tx, cx, &input.route_table_id)?;
    if !table.associations.is_empty() {
        return Err(resource::has_dependencies("routeTable", &table.id));
    }
    resource::remove::<RouteTable>(tx, cx, &table.id);
    Ok(Done {})
}
