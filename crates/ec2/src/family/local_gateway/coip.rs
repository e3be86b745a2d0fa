//! Pools of customer-owned addresses (CoIP), out of which elastic addresses for instances on the Outpost are allocated. A pool is of one route table.
//! <https://docs.aws.amazon.com/outposts/latest/userguide/routing.html#ip-addressing>

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::inside;
use super::table::{COIP, ROUTE_TABLES};
use crate::family::describe::{self, Seen};
use crate::family::item::{self, Item};
use crate::family::{Family, answers, verbs};
use crate::kind;
use crate::network::cidr;
use crate::network::elastic_ip::pool::addresses_of;
use crate::refused::{invalid, invalid_value};
use crate::resource::has_dependencies;

const BLOCKS: &str = "PoolCidrs";
/// What requests call a pool's id that answers call `PoolId`.
const ID: &str = "CoipPoolId";

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CoipPool.html>
pub static POOLS: Family = Family {
    arn: Some("PoolArn"),
    within: &[("LocalGatewayRouteTableId", &kind::LOCAL_GATEWAY_ROUTE_TABLE)],
    filters: &["coip-pool.local-gateway-route-table-id=LocalGatewayRouteTableId", "coip-pool.pool-id=PoolId"],
    fill: |cx, tx, input, item| {
        let table = ROUTE_TABLES.alive(cx, tx, input.text(ROUTE_TABLES.id).unwrap_or_default())?;
        if table.document.text("Mode") != Some(COIP) {
            return Err(invalid(format!("The local gateway route table {} is not in the mode {COIP}.", table.id)));
        }
        item.document.set(BLOCKS, Vec::<Value>::new());
        Ok(())
    },
    release: |_, tx, item| match item.document.texts(BLOCKS).is_empty() && addresses_of(tx, &item.id).next().is_none() {
        true => Ok(()),
        false => Err(has_dependencies(kind::COIP_POOL.resource_type, &item.id)),
    },
    ..Family::of(&kind::COIP_POOL, "PoolId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    let usage = Operation::read(Service::Ec2, "GetCoipPoolUsage", usage);
    vec![
        POOLS.create("CreateCoipPool", &[]),
        POOLS.describe("DescribeCoipPools"),
        on_named("DeleteCoipPool", delete, &[ID]),
        on_named("CreateCoipCidr", add, &[ID, "Cidr"]),
        on_named("DeleteCoipCidr", take_out, &[ID, "Cidr"]),
        POOLS.on_one(usage, answers::DESCRIBING),
    ]
}

/// An operation that must be allowed on the pool that it names.
fn on_named(
    name: &'static str,
    handler: fn(&Cx, &mut Tx, &Document) -> Result<Document, ApiError>,
    uses: &'static [&'static str],
) -> Operation {
    Operation::write(Service::Ec2, name, handler)
        .authorize(|cx, world, input: &Document| vec![POOLS.check_on(cx, world, id_of(input))])
        .honours(move |model, operation| answers::honoured(model, operation, &POOLS, uses))
        .build()
}

fn id_of(input: &Document) -> &str {
    input.text(ID).unwrap_or_default()
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteCoipPool.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let pool = verbs::remove(&POOLS, cx, tx, id_of(input))?;
    Ok(answers::about(&POOLS, "DeleteCoipPool", cx, tx, input, &pool))
}

fn blocks(pool: &Item) -> Vec<Ipv4Net> {
    pool.document.texts(BLOCKS).iter().filter_map(|text| text.parse().ok()).collect()
}

fn set(cx: &Cx, tx: &mut Tx, pool: &Item, blocks: &[Ipv4Net]) {
    let texts: Vec<String> = blocks.iter().map(Ipv4Net::to_string).collect();
    item::update(tx, cx, &pool.id, |it| it.document.set(BLOCKS, texts));
}

fn about(pool: &Item, block: Ipv4Net) -> Document {
    let table = pool.document.text(ROUTE_TABLES.id);
    let told = json!({"Cidr": block.to_string(), ID: pool.id, "LocalGatewayRouteTableId": table});
    Document::from(json!({ "CoipCidr": told }))
}

/// A block goes into a pool. Those of one local gateway must not overlap; the text is ours.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCoipCidr.html>
fn add(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let block = cidr::ipv4(input.text("Cidr").unwrap_or_default(), "cidr")?;
    let pool = POOLS.alive(cx, tx, id_of(input))?;
    for other in beside(cx, tx, &pool) {
        if let Some(held) = blocks(&other).into_iter().find(|held| cidr::overlap(*held, block)) {
            let message = format!("The CIDR {block} conflicts with the CIDR {held} of the pool {}.", other.id);
            return Err(invalid(message));
        }
    }
    let mut all = blocks(&pool);
    all.push(block);
    set(cx, tx, &pool, &all);
    Ok(about(&pool, block))
}

/// All pools of a pool's local gateway.
fn beside(cx: &Cx, world: &World, pool: &Item) -> Vec<Arc<Item>> {
    let table = pool.document.text(ROUTE_TABLES.id).and_then(|id| item::look_up(world, cx, id));
    let gateway = table.as_ref().and_then(|table| table.document.text("LocalGatewayId")).unwrap_or_default();
    let tables = inside(cx, world, gateway, ROUTE_TABLES.kind);
    tables.iter().flat_map(|table| inside(cx, world, &table.id, POOLS.kind)).collect()
}

/// A block leaves a pool if none of its addresses is allocated.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteCoipCidr.html>
fn take_out(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let block = cidr::ipv4(input.text("Cidr").unwrap_or_default(), "cidr")?;
    let pool = POOLS.alive(cx, tx, id_of(input))?;
    let mut all = blocks(&pool);
    if !all.contains(&block) {
        return Err(invalid_value(block, "cidr"));
    }
    if addresses_of(tx, &pool.id).any(|address| block.contains(&address.public_ip)) {
        return Err(ApiError::new(
            "DependencyViolation",
            format!("The CIDR '{block}' has dependencies and cannot be deleted."),
        ));
    }
    all.retain(|held| *held != block);
    set(cx, tx, &pool, &all);
    Ok(about(&pool, block))
}

const USAGE_FILTERS: &[&str] = &[
    "coip-address-usage.allocation-id=AllocationId",
    "coip-address-usage.aws-account-id=AwsAccountId",
    "coip-address-usage.aws-service=AwsService",
    "coip-address-usage.co-ip=CoIp",
];

/// The addresses of a pool that are allocated. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetCoipPoolUsage.html>
fn usage(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let pool = POOLS.alive(cx, world, input.text(POOLS.id).unwrap_or_default())?;
    let mut seen: Vec<Seen> = addresses_of(world, &pool.id)
        .map(|it| {
            let (id, account, address) = (it.id.clone(), it.account.to_string(), it.public_ip.to_string());
            let shown = json!({"AllocationId": id, "AwsAccountId": account, "CoIp": address});
            Seen { id, shown: Document::from(shown), tags: Vec::new() }
        })
        .collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let page = describe::choose(&format!("GetCoipPoolUsage {}", pool.id), input, USAGE_FILTERS, seen.into_iter())?;
    Ok(Document::from(json!({
        ID: pool.id,
        "CoipAddressUsages": page.items,
        "LocalGatewayRouteTableId": pool.document.text(ROUTE_TABLES.id),
        "NextToken": page.next,
    })))
}

/// An address of a pool that nobody has: the one wanted, or the first.
pub fn take(cx: &Cx, world: &World, id: &str, wanted: Option<&str>) -> Result<Ipv4Addr, ApiError> {
    let pool = POOLS.alive(cx, world, id)?;
    let taken: HashSet<Ipv4Addr> = addresses_of(world, &pool.id).map(|held| held.public_ip).collect();
    let blocks = blocks(&pool);
    if let Some(text) = wanted {
        let address =
            text.parse().ok().filter(|it| blocks.iter().any(|block| block.contains(it)) && !taken.contains(it));
        return address.ok_or_else(|| {
            let message = format!("The address '{text}' is not available in the pool '{}'.", pool.id);
            ApiError::new("InvalidAddress.NotFound", message)
        });
    }
    let all = blocks.iter().flat_map(|block| u32::from(block.network())..=u32::from(block.broadcast()));
    all.map(Ipv4Addr::from).find(|address| !taken.contains(address)).ok_or_else(|| {
        let message = format!("The pool '{}' does not have any available addresses.", pool.id);
        ApiError::new("InsufficientAddressCapacity", message)
    })
}
