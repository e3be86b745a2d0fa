//! Public IPv4 pools: addresses that accounts brought. A pool comes with a range that is brought ([`crate::network::byoip`]); one that is made by itself
//! gets blocks out of IPAM pools ([`crate::family::ipam::public`]).
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/byoip-working-with-pools.html>

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{Address, check_border_group};
use crate::kind;
use crate::network::address::is_free;
use crate::network::byoip;
use crate::resource::{self, Wanted, resource};
use crate::tags::{self, TagSpecification};

/// A pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicIpv4Pool {
    pub account: AccountId,
    pub region: String,
    /// `ipv4pool-ec2-…`
    pub id: String,
    #[serde(default)]
    pub description: Option<String>,
    /// The range that was brought.
    #[serde(default)]
    pub range: Option<Ipv4Net>,
    /// Blocks out of IPAM pools.
    #[serde(default)]
    pub provisioned: Vec<Ipv4Net>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Record for PublicIpv4Pool {
    const TABLE: TableDef = TableDef::own("ec2_public_ipv4_pool", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }
}

impl PublicIpv4Pool {
    /// All that it has.
    pub fn ranges(&self) -> impl Iterator<Item = Ipv4Net> {
        self.range.into_iter().chain(self.provisioned.iter().copied())
    }
}

resource!(PublicIpv4Pool, kind::PUBLIC_IPV4_POOL);

/// `CreatePublicIpv4PoolRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct CreatePool {
    pub network_border_group: Option<String>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub dry_run: Option<bool>,
}

/// `CreatePublicIpv4PoolResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Created {
    pub pool_id: String,
}

/// `DeletePublicIpv4PoolRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DeletePool {
    pub pool_id: String,
    pub network_border_group: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DeletePublicIpv4PoolResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Deleted {
    pub return_value: bool,
}

/// `DescribePublicIpv4PoolsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribePools {
    pub pool_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribePublicIpv4PoolsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Pools {
    pub public_ipv4_pools: Vec<PoolOut>,
    pub next_token: Option<String>,
}

/// `PublicIpv4Pool`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct PoolOut {
    pub pool_id: String,
    pub description: String,
    pub pool_address_ranges: Vec<RangeOut>,
    pub total_address_count: i64,
    pub total_available_address_count: i64,
    pub network_border_group: String,
    pub tags: Option<Vec<Tag>>,
}

/// `PublicIpv4PoolRange`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct RangeOut {
    pub first_address: String,
    pub last_address: String,
    pub address_count: i64,
    pub available_address_count: i64,
}

static FIELDS: Fields<PoolOut> = Fields { fields: &[], tags: Some(|it| it.tags.as_deref().unwrap_or_default()) };

/// CreatePublicIpv4Pool on a pool to come, and the tags.
pub fn to_create(cx: &Cx, _: &World, input: &CreatePool) -> Vec<Check> {
    let specifications = input.tag_specifications.as_deref();
    resource::checks_on_new(cx, &kind::PUBLIC_IPV4_POOL, specifications, "CreatePublicIpv4Pool", None)
}

/// Makes an empty pool. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePublicIpv4Pool.html>
pub fn create(cx: &Cx, tx: &mut Tx, input: &CreatePool) -> Result<Created, ApiError> {
    let tags = tags::of_new(input.tag_specifications.as_deref(), kind::PUBLIC_IPV4_POOL.resource_type)?;
    check_border_group(cx, input.network_border_group.as_deref())?;
    let pool = PublicIpv4Pool {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: cx.ids.ec2(kind::PUBLIC_IPV4_POOL.prefix),
        description: None,
        range: None,
        provisioned: Vec::new(),
        tags,
    };
    let created = Created { pool_id: pool.id.clone() };
    tx.put(pool);
    Ok(created)
}

/// DeletePublicIpv4Pool on the pool.
pub fn to_delete(cx: &Cx, world: &World, input: &DeletePool) -> Vec<Check> {
    vec![resource::check_on::<PublicIpv4Pool>(cx, world, &input.pool_id)]
}

/// Removes a pool. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeletePublicIpv4Pool.html>
pub fn delete(cx: &Cx, tx: &mut Tx, input: &DeletePool) -> Result<Deleted, ApiError> {
    check_border_group(cx, input.network_border_group.as_deref())?;
    let pool = resource::get::<PublicIpv4Pool>(tx, cx, &input.pool_id)?;
    if let Some(range) = pool.ranges().next() {
        let message =
            format!("The pool '{}' has the address range {range}, which must be deprovisioned first.", pool.id);
        return Err(ApiError::new("IncorrectState", message));
    }
    resource::remove::<PublicIpv4Pool>(tx, cx, &pool.id);
    Ok(Deleted { return_value: true })
}

/// Pools that pass the filters, or those named.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePublicIpv4Pools.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribePools) -> Result<Pools, ApiError> {
    let wanted = Wanted {
        ids: input.pool_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, |pool| out(world, pool))?;
    Ok(Pools { public_ipv4_pools: page.items, next_token: page.next })
}

/// The pool of a range that is being brought.
pub fn brought(cx: &Cx, tx: &mut Tx, range: Ipv4Net, description: Option<String>, tags: Vec<Tag>) -> String {
    let id = cx.ids.ec2(kind::PUBLIC_IPV4_POOL.prefix);
    let (account, region) = (cx.account(), cx.region_name().to_owned());
    let (range, provisioned) = (Some(range), Vec::new());
    tx.put(PublicIpv4Pool { account, region, id: id.clone(), description, range, provisioned, tags });
    id
}

/// The range goes, and the pool with it unless it has blocks out of IPAM pools.
pub fn give_back(cx: &Cx, tx: &mut Tx, id: &str) {
    match resource::get::<PublicIpv4Pool>(tx, cx, id) {
        Ok(pool) if !pool.provisioned.is_empty() => {
            resource::update::<PublicIpv4Pool>(tx, cx, id, |pool| pool.range = None);
        }
        _ => {
            resource::remove::<PublicIpv4Pool>(tx, cx, id);
        }
    }
}

/// The elastic addresses that were allocated out of a pool.
pub fn addresses_of<'w>(world: &'w World, id: &str) -> impl Iterator<Item = &'w Arc<Address>> + use<'w> {
    world.by::<Address>(Address::BY_POOL, &[id])
}

/// An address out of a pool that nobody has: the one wanted, or the first.
pub fn take(cx: &Cx, world: &World, id: &str, wanted: Option<&str>) -> Result<Ipv4Addr, ApiError> {
    let pool = resource::get::<PublicIpv4Pool>(world, cx, id)?;
    let brought = pool.range.filter(|_| byoip::of_pool(cx, world, &pool.id).is_some());
    let ranges: Vec<Ipv4Net> = brought.into_iter().chain(pool.provisioned.iter().copied()).collect();
    let none = || {
        let message = format!("The pool '{}' does not have any available addresses.", pool.id);
        ApiError::new("InsufficientAddressCapacity", message)
    };
    if ranges.is_empty() {
        return Err(none());
    }
    let free = |address: &Ipv4Addr| is_free(world, *address);
    match wanted {
        Some(text) => {
            let address =
                text.parse().ok().filter(|address| ranges.iter().any(|it| it.contains(address)) && free(address));
            address.ok_or_else(|| {
                let message = format!("The address '{text}' is not available in the pool '{}'.", pool.id);
                ApiError::new("InvalidAddress.NotFound", message)
            })
        }
        None => {
            let taken: HashSet<Ipv4Addr> = addresses_of(world, &pool.id).map(|held| held.public_ip).collect();
            let all = ranges.iter().flat_map(|range| u32::from(range.network())..=u32::from(range.broadcast()));
            let mut left = all.map(Ipv4Addr::from).filter(|address| !taken.contains(address));
            left.find(free).ok_or_else(none)
        }
    }
}

/// As answers show a range of a pool.
pub fn range_out(world: &World, pool: &str, range: Ipv4Net) -> RangeOut {
    let taken = addresses_of(world, pool).filter(|held| range.contains(&held.public_ip)).count();
    let count = 1_i64 << (32 - range.prefix_len());
    RangeOut {
        first_address: range.network().to_string(),
        last_address: range.broadcast().to_string(),
        address_count: count,
        available_address_count: count - i64::try_from(taken).unwrap_or_default(),
    }
}

fn out(world: &World, pool: &PublicIpv4Pool) -> PoolOut {
    let ranges: Vec<RangeOut> = pool.ranges().map(|range| range_out(world, &pool.id, range)).collect();
    PoolOut {
        pool_id: pool.id.clone(),
        description: pool.description.clone().unwrap_or_default(),
        total_address_count: ranges.iter().map(|it| it.address_count).sum(),
        total_available_address_count: ranges.iter().map(|it| it.available_address_count).sum(),
        pool_address_ranges: ranges,
        network_border_group: pool.region.clone(),
        tags: resource::tags_out(&pool.tags),
    }
}
