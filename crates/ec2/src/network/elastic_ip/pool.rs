//! Public IPv4 pools, into which accounts bring addresses of their own by means of IPAM. There is no IPAM here, so pools stay empty: they can be made,
//! described, tagged and removed, and no address can be allocated from one.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/tutorials-byoip-ipam-ipv4.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::check_border_group;
use crate::kind;
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
    pub tags: Vec<Tag>,
}

impl Record for PublicIpv4Pool {
    const TABLE: TableDef = TableDef::own("ec2_public_ipv4_pool", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
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
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, out)?;
    Ok(Pools { public_ipv4_pools: page.items, next_token: page.next })
}

fn out(pool: &PublicIpv4Pool) -> PoolOut {
    PoolOut {
        pool_id: pool.id.clone(),
        description: String::new(),
        pool_address_ranges: Vec::new(),
        total_address_count: 0,
        total_available_address_count: 0,
        network_border_group: pool.region.clone(),
        tags: resource::tags_out(&pool.tags),
    }
}
