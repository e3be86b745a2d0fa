//! Pools of IPv6 addresses that accounts brought, and the blocks of VPCs that were taken out of them.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIpv6Pools.html>

use ipnet::{IpNet, Ipv6Net};
use serde_json::json;
use service::Service;
use service::paging;
use service::prelude::*;

use super::of_pool;
use crate::family::ipam::space;
use crate::family::item::{self, Item};
use crate::family::{Family, answers};
use crate::kind;
use crate::network::block::Ipv6Block;
use crate::network::vpc::Vpc;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv6Pool.html>
pub static POOLS: Family = Family { filters: &[], ..Family::of(&kind::IPV6_POOL, "PoolId") };

/// How many bits blocks of VPCs have in common.
const OF_VPCS: u8 = 56;

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        POOLS.describe("DescribeIpv6Pools"),
        POOLS.on_one(Operation::read(Service::Ec2, "GetAssociatedIpv6PoolCidrs", associated), answers::DESCRIBING),
    ]
}

/// The pool of a range that is being brought.
pub fn brought(cx: &Cx, tx: &mut Tx, block: Ipv6Net, description: Option<&str>, tags: Vec<Tag>) -> String {
    let mut pool = POOLS.draw("ProvisionByoipCidr", cx, &Document::default(), tags);
    pool.document =
        Document::from(json!({"Description": description, "PoolCidrBlocks": [{"Cidr": block.to_string()}]}));
    let id = pool.id.clone();
    tx.put(pool);
    id
}

pub fn give_back(cx: &Cx, tx: &mut Tx, id: &str) {
    item::delete(tx, cx, &POOLS, id);
}

/// The VPCs with blocks of a pool, and these.
pub fn blocks_of<'w>(cx: &Cx, world: &'w World, id: &'w str) -> impl Iterator<Item = (&'w str, &'w Ipv6Block)> {
    let vpcs = world.scan::<Vpc>(&[cx.account().as_str(), cx.region_name()]);
    let blocks = vpcs.flat_map(|vpc| vpc.ipv6_blocks.iter().map(|block| (vpc.id.as_str(), block)));
    blocks.filter(move |(_, block)| block.pool.as_deref() == Some(id))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetAssociatedIpv6PoolCidrs.html>
fn associated(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let pool: std::sync::Arc<Item> = POOLS.alive(cx, world, input.text(POOLS.id).unwrap_or_default())?;
    let mut found: Vec<(String, String)> =
        blocks_of(cx, world, &pool.id).map(|(vpc, block)| (block.cidr.to_string(), vpc.to_owned())).collect();
    found.sort();
    let scope = format!("GetAssociatedIpv6PoolCidrs {}", pool.id);
    let page = paging::ec2(&scope, input.text("NextToken"), input.number("MaxResults"), found, |it| it.0.clone())?;
    let shown: Vec<_> =
        page.items.iter().map(|(block, vpc)| json!({"Ipv6Cidr": block, "AssociatedResource": vpc})).collect();
    Ok(Document::from(json!({"Ipv6CidrAssociations": shown, "NextToken": page.next})))
}

/// A block for a VPC: the one wanted, or the first that is free.
pub fn take(cx: &Cx, world: &World, id: &str, wanted: Option<&str>) -> Result<Ipv6Block, ApiError> {
    let pool = POOLS.alive(cx, world, id)?;
    let there = of_pool(cx, world, &pool.id).and_then(|held| match held.cidr {
        IpNet::V6(block) => Some(block),
        IpNet::V4(_) => None,
    });
    let none = || {
        let message = format!("The pool '{}' does not have any available addresses.", pool.id);
        ApiError::new("InsufficientAddressCapacity", message)
    };
    let range = there.ok_or_else(none)?;
    let taken = |block: &Ipv6Net| world.one::<Vpc>(Vpc::BY_IPV6_BLOCK, &[&block.to_string()]).is_some();
    let cidr = match wanted {
        Some(text) => {
            let block = crate::network::cidr::ipv6(text, "ipv6CidrBlock")?;
            let fits = block.prefix_len() == OF_VPCS && range.contains(&block) && !taken(&block);
            if !fits {
                let message = format!("The CIDR '{block}' is not available in the pool '{}'.", pool.id);
                return Err(ApiError::new("InvalidParameterValue", message));
            }
            block
        }
        None => {
            let held: Vec<IpNet> = blocks_of(cx, world, &pool.id).map(|(_, block)| block.cidr.into()).collect();
            match space::first_free(&[range.into()], &held, OF_VPCS) {
                Some(IpNet::V6(block)) => block,
                _ => return Err(none()),
            }
        }
    };
    Ok(Ipv6Block { id: cx.ids.ec2("vpc-cidr-assoc"), cidr, since: cx.now, pool: Some(pool.id.clone()) })
}
