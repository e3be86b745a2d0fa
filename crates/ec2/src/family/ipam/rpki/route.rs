//! What there is to tell of the routes that are announced: which those of a region are, and what the RPKI says of them. They are looked at when it is asked
//! for, so the time of the sample is that of the request.

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::super::super::describe::{self, Seen};
use super::super::discovery::{self, DISCOVERIES};
use super::super::{IPAMS, must_be_advanced};
use super::origin::{self, Roa, Route, validity};

const FILTERS: &[&str] = &[
    "advertisement-type",
    "asn",
    "cidr",
    "ipam-pool-id",
    "network-border-group",
    "pool-id",
    "resource-owner-id",
    "resource-region",
    "rpki-status",
    "state",
];

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        DISCOVERIES.on_one(
            Operation::read(Service::Ec2, "GetIpamDiscoveredRoutes", discovered),
            &["ResourceRegion", "Filters", "MaxResults", "NextToken"],
        ),
        IPAMS.on_one(
            Operation::read(Service::Ec2, "GetIpamRouteProtectionFindings", findings),
            &["Filters", "MaxResults", "NextToken"],
        ),
    ]
}

/// What both tell of a route.
fn shown(cx: &Cx, route: &Route) -> Document {
    let held = &route.held;
    let mut shown = Document::from(json!({
        "ResourceRegion": held.region,
        "ResourceOwnerId": held.account,
        "Cidr": held.cidr.to_string(),
        "Asn": route.asn,
        "State": held.stage.at(cx),
        "AdvertisementType": "regional",
        "NetworkBorderGroup": held.region,
        "SampleTime": cx.now,
    }));
    if let Some(pool) = &held.ipam_pool_id {
        shown.set("IpamPoolId", pool.as_str());
    }
    if !held.pool_id.is_empty() {
        shown.set("PoolId", held.pool_id.as_str());
    }
    shown
}

fn seen(route: &Route, shown: Document) -> Seen {
    Seen { id: format!("{} {} {}", route.held.cidr, route.held.account, route.held.region), shown, tags: Vec::new() }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamDiscoveredRoutes.html>
fn discovered(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let region = input.text("ResourceRegion").unwrap_or_default();
    let id = input.text(DISCOVERIES.id).unwrap_or_default();
    let discovery = discovery::looking_into(cx, world, id, region)?;
    let accounts = discovery::accounts(world, &discovery);
    let routes = accounts.into_iter().flat_map(|account| origin::routes_in(cx, world, account, region));
    let see = |route: Route| {
        let mut shown = shown(cx, &route);
        shown.set("IpamResourceDiscoveryId", discovery.id.as_str());
        seen(&route, shown)
    };
    let mut found: Vec<Seen> = routes.map(see).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let scope = format!("GetIpamDiscoveredRoutes {} {region}", discovery.id);
    let page = describe::choose(&scope, input, FILTERS, found.into_iter())?;
    Ok(Document::from(json!({"IpamDiscoveredRoutes": page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamRouteProtectionFindings.html>
fn findings(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let ipam = IPAMS.alive(cx, world, input.text(IPAMS.id).unwrap_or_default())?;
    must_be_advanced(&ipam)?;
    let all = origin::published(cx, world, None);
    let see = |route: Route| {
        let mut shown = shown(cx, &route);
        shown.set("RpkiStatus", validity(&route, &all).word());
        shown.set(
            "Roas",
            all.iter().filter(|roa| roa.covers(&route)).map(|roa| judged(roa, &route)).collect::<Vec<_>>(),
        );
        shown.set("RoaSampleTime", cx.now.to_string());
        seen(&route, shown)
    };
    let mut found: Vec<Seen> = origin::routes(cx, world, &ipam).into_iter().map(see).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let page =
        describe::choose(&format!("GetIpamRouteProtectionFindings {}", ipam.id), input, FILTERS, found.into_iter())?;
    Ok(Document::from(json!({"IpamId": ipam.id, "RouteProtectionFindings": page.items, "NextToken": page.next})))
}

/// `IpamRouteOriginAuthorization`.
fn judged(roa: &Roa, route: &Route) -> Value {
    json!({"Asn": roa.asn, "Prefix": roa.block.to_string(), "MaxLength": roa.most, "Match": roa.allows(route)})
}
