//! Allocations: blocks that were taken out of a pool, by hand, for a VPC, or for a pool within it. An allocation is kept where its pool is.

use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use serde_json::json;
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::super::describe::{self, Seen};
use super::super::item::{self, Item};
use super::super::{Family, answers, verbs};
use super::pool::{self, POOLS};
use super::{cidr, space};
use crate::instance::client_token;
use crate::kind;
use crate::network::cidr::overlap;
use crate::refused::missing;
use crate::resource;
use crate::tags;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamPoolAllocation.html>
pub static ALLOCATIONS: Family =
    Family { filters: FILTERS, ..Family::of(&kind::IPAM_POOL_ALLOCATION, "IpamPoolAllocationId") };

const FILTERS: &[&str] = &[
    "cidr",
    "description",
    "ipam-pool-allocation-id",
    "resource-id",
    "resource-owner",
    "resource-region",
    "resource-type",
];
/// The member, shown nowhere, with the id of its pool.
const OF_POOL: &str = "OfPool";
const ALLOCATE: &str = "AllocateIpamPoolCidr";
const ALLOCATING: &[&str] =
    &["Cidr", "NetmaskLength", "Description", "PreviewNextCidr", "AllowedCidrs", "DisallowedCidrs"];

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::write(Service::Ec2, ALLOCATE, allocate)
            .authorize(to_allocate)
            .honours(|model, operation| answers::honoured(model, operation, &POOLS, ALLOCATING))
            .build(),
        on_pool(
            Operation::write(Service::Ec2, "ReleaseIpamPoolAllocation", release),
            &["Cidr", "IpamPoolAllocationId"],
        ),
        on_pool(
            Operation::read(Service::Ec2, "GetIpamPoolAllocations", list),
            &["IpamPoolAllocationId", "Filters", "MaxResults", "NextToken"],
        ),
        ALLOCATIONS.describe("DescribeIpamPoolAllocations"),
        ALLOCATIONS.modify("ModifyIpamPoolAllocation", &[], |_, _, _, _| Ok(())),
    ]
}

/// A row that must be allowed on the pool that its input names, in whichever region that is.
pub fn on_pool(row: Row<Document>, uses: &'static [&'static str]) -> Operation {
    row.authorize(|cx, world, input: &Document| {
        vec![pool::check_on(cx, world, input.text(POOLS.id).unwrap_or_default())]
    })
    .honours(move |model, operation| answers::honoured(model, operation, &POOLS, uses))
    .build()
}

/// AllocateIpamPoolCidr on the pool; on the allocation to come and with ec2:CreateTags where it is to have tags.
fn to_allocate(cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
    let on_pool = pool::check_on(cx, world, input.text(POOLS.id).unwrap_or_default());
    let specifications = verbs::specifications(input);
    if specifications.is_empty() {
        return vec![on_pool];
    }
    resource::checks_on_new(cx, &kind::IPAM_POOL_ALLOCATION, Some(&specifications), ALLOCATE, Some(on_pool))
}

/// For whom a block is taken, if not by hand.
pub struct Holder<'a> {
    pub id: &'a str,
    /// `vpc`, `ipam-pool`
    pub kind: &'static str,
    pub region: &'a str,
}

/// What is wanted of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Block(IpNet),
    Length(u8),
    /// What the pool gives without being told.
    Default,
}

/// All allocations of a pool.
pub fn of_pool(world: &World, pool: &Item) -> Vec<Arc<Item>> {
    world
        .by::<Item>(Item::BY_LINK, &[&pool.id])
        .filter(|it| it.document.text(OF_POOL) == Some(&pool.id))
        .cloned()
        .collect()
}

/// All allocations that a resource holds, out of whichever pools.
pub fn of_holder<'w>(world: &'w World, id: &'w str) -> impl Iterator<Item = &'w Arc<Item>> {
    let linked = world.by::<Item>(Item::BY_LINK, &[id]);
    linked.filter(move |it| it.document.text("ResourceId") == Some(id))
}

/// The pool that an allocation is out of.
pub fn pool_of(world: &World, allocation: &Item) -> Option<Arc<Item>> {
    let pool = allocation.document.text(OF_POOL)?;
    world.get::<Item>(&[allocation.account.as_str(), &allocation.region, pool]).cloned()
}

/// The allocations, and their pools, by which a resource has a block out of an address manager's pools.
pub fn of_ipam<'w>(
    world: &'w World,
    ipam: &'w str,
    holder: &'w str,
    block: &'w str,
) -> impl Iterator<Item = (&'w Arc<Item>, Arc<Item>)> {
    let taken = of_holder(world, holder).filter(move |it| it.document.text("Cidr") == Some(block));
    taken.filter_map(move |it| Some((it, pool_of(world, it).filter(|pool| pool::is_of(pool, ipam))?)))
}

/// The blocks that are taken out of a pool.
pub fn blocks_of(world: &World, pool: &Item) -> Vec<IpNet> {
    of_pool(world, pool).iter().filter_map(|it| it.document.text("Cidr")?.parse().ok()).collect()
}

/// A block of the pool's family of addresses.
pub fn block(pool: &Item, text: &str) -> Result<IpNet, ApiError> {
    let is_v4 = pool.document.text("AddressFamily") != Some("ipv6");
    let block = text.parse::<IpNet>().ok().filter(|block| block.addr().is_ipv4() == is_v4).map(|block| block.trunc());
    block.ok_or_else(|| {
        let message = format!("Value ({text}) for parameter cidr is invalid. This is not a valid CIDR block.");
        ApiError::new("InvalidParameterValue", message)
    })
}

/// What a request asks for: a block, or its length.
pub fn wish(pool: &Item, cidr: Option<&str>, length: Option<i64>) -> Result<Wish, ApiError> {
    match (cidr, length) {
        (Some(_), Some(_)) => {
            let message = "The parameters cidr and netmaskLength cannot be used together";
            Err(ApiError::new("InvalidParameterCombination", message))
        }
        (Some(text), None) => block(pool, text).map(Wish::Block),
        (None, Some(length)) => {
            let message = format!("Value ({length}) for parameter netmaskLength is invalid.");
            let length = u8::try_from(length).map_err(|_| ApiError::new("InvalidParameterValue", message))?;
            Ok(Wish::Length(length))
        }
        (None, None) => Ok(Wish::Default),
    }
}

/// The block that fulfils a wish, by the pool's rules.
pub fn choose(cx: &Cx, world: &World, pool: &Item, wish: Wish, but: &Bounds) -> Result<IpNet, ApiError> {
    let rule = |name: &str| {
        let length = pool.document.number(&format!("Allocation{name}NetmaskLength"));
        length.and_then(|length| u8::try_from(length).ok())
    };
    let length = match wish {
        Wish::Block(block) => block.prefix_len(),
        Wish::Length(length) => length,
        Wish::Default => rule("Default").ok_or_else(|| missing("netmaskLength"))?,
    };
    if rule("Min").is_some_and(|least| length < least) {
        let message = "The allocation size is too big for the pool.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if rule("Max").is_some_and(|most| length > most) {
        let message = "The allocation size is too small for the pool.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let around = cidr::provisioned(cx, pool);
    // Each once: a request may name a thousand, and each is looked at for each.
    let taken = IpNet::aggregate(&[blocks_of(world, pool), but.without.clone()].concat());
    let free = match wish {
        Wish::Block(block) => {
            let inside = around.iter().any(|around| around.contains(&block));
            Some(block).filter(|block| inside && !taken.iter().any(|held| overlap(*held, *block)))
        }
        _ if but.within.is_empty() => space::first_free(&around, &taken, length),
        _ => space::first_free(&space::common(&around, &but.within), &taken, length),
    };
    free.ok_or_else(|| {
        let message = format!("The pool {} does not have enough free addresses for the requested CIDR.", pool.id);
        ApiError::new("InsufficientCidrBlocks", message)
    })
}

/// Where a block may be, and where not.
#[derive(Debug, Default)]
pub struct Bounds {
    pub within: Vec<IpNet>,
    pub without: Vec<IpNet>,
}

/// A pool gives addresses to resources of its locale alone.
pub fn must_be_local(cx: &Cx, pool: &Item) -> Result<(), ApiError> {
    let locale = pool.document.text("Locale").unwrap_or("None");
    if locale == cx.region_name() {
        return Ok(());
    }
    let message = format!("The locale of the pool {} is {locale}, not {}.", pool.id, cx.region_name());
    Err(ApiError::new("InvalidParameterValue", message))
}

/// The block that a VPC of the request's region, with those tags, takes out of a pool.
pub fn for_vpc(
    cx: &Cx,
    world: &World,
    id: &str,
    (cidr, length): (Option<&str>, Option<i64>),
    tags: &[Tag],
) -> Result<(Arc<Item>, Ipv4Net), ApiError> {
    let pool = pool::find(world, cx, id)?;
    must_be_local(cx, &pool)?;
    if !pool::has_tags(&pool, tags) {
        let message = format!("The resource does not have the tags that the pool {id} requires.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    match choose(cx, world, &pool, wish(&pool, cidr, length)?, &Bounds::default())? {
        IpNet::V4(block) => Ok((pool, block)),
        IpNet::V6(_) => {
            let message = format!("The pool {id} has no IPv4 addresses.");
            Err(ApiError::new("InvalidParameterValue", message))
        }
    }
}

/// Writes down that a VPC of the request's region took a block.
pub fn note_vpc(cx: &Cx, tx: &mut Tx, pool: &Item, block: Ipv4Net, vpc: &str) {
    let holder = Holder { id: vpc, kind: "vpc", region: cx.region_name() };
    note(cx, tx, pool, block.into(), Some(holder), None);
}

/// Writes down that a block is taken.
pub fn note(
    cx: &Cx,
    tx: &mut Tx,
    pool: &Item,
    block: IpNet,
    holder: Option<Holder<'_>>,
    description: Option<&str>,
) -> Item {
    let mut document = Document::from(json!({"Cidr": block.to_string(), OF_POOL: pool.id, "ResourceType": "custom",
        "ResourceOwner": cx.account(), "ResourceRegion": cx.region_name()}));
    if let Some(holder) = &holder {
        document.merge(&Document::from(
            json!({"ResourceId": holder.id, "ResourceType": holder.kind, "ResourceRegion": holder.region}),
        ));
    }
    if let Some(description) = description {
        document.set("Description", description);
    }
    let item = Item {
        account: pool.account,
        region: pool.region.clone(),
        id: cx.ids.ec2(kind::IPAM_POOL_ALLOCATION.prefix),
        document,
        within: Vec::new(),
        stage: None,
        created_at: cx.now,
        gone_at: None,
        forgotten_at: None,
        tags: Vec::new(),
    };
    tx.put(item.clone());
    item
}

/// Takes an allocation away.
pub fn remove(tx: &mut Tx, allocation: &Item) {
    tx.remove::<Item>(&[allocation.account.as_str(), &allocation.region, &allocation.id]);
}

/// Gives back what a resource had taken out of pools, or one block of it.
pub fn give_back(tx: &mut Tx, holder: &str, block: Option<IpNet>) {
    let block = block.map(|block| block.to_string());
    let is_it = |it: &&Arc<Item>| block.as_deref().is_none_or(|block| it.document.text("Cidr") == Some(block));
    let held: Vec<Arc<Item>> = of_holder(tx, holder).filter(is_it).cloned().collect();
    held.iter().for_each(|it| remove(tx, it));
}

/// What a client token stands for: the input without it.
pub fn digest(operation: &str, input: &Document) -> String {
    client_token::digest(&(operation, input.0.iter().filter(|(name, _)| *name != "ClientToken").collect::<Vec<_>>()))
}

fn allocate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let pool = pool::find(tx, cx, input.text(POOLS.id).unwrap_or_default())?;
    let token = input.text("ClientToken");
    let digest = digest(ALLOCATE, input);
    if let Some(made) = client_token::seen(cx, tx, ALLOCATE, token, &digest)? {
        let again = of_pool(tx, &pool).into_iter().find(|it| made.contains(&it.id));
        return again.map(|it| answer(cx, tx, &it)).ok_or_else(|| kind::IPAM_POOL_ALLOCATION.not_found(&[""]));
    }
    if pool.document.text("Locale") != Some("None") {
        must_be_local(cx, &pool)?;
    }
    let wish = wish(&pool, input.text("Cidr"), input.number("NetmaskLength"))?;
    let blocks =
        |member: &str| input.texts(member).iter().map(|text| block(&pool, text)).collect::<Result<Vec<_>, _>>();
    let mut within = Vec::new();
    for block in blocks("AllowedCidrs")? {
        if !within.contains(&block) {
            within.push(block);
        }
    }
    let bounds = Bounds { within, without: blocks("DisallowedCidrs")? };
    let free = choose(cx, tx, &pool, wish, &bounds)?;
    if input.truth("PreviewNextCidr") == Some(true) {
        return Ok(Document::from(json!({"IpamPoolAllocation": {"Cidr": free.to_string()}})));
    }
    let tags = tags::of_new(Some(&verbs::specifications(input)), kind::IPAM_POOL_ALLOCATION.resource_type)?;
    let made = Item { tags, ..note(cx, tx, &pool, free, None, input.text("Description")) };
    tx.put(made.clone());
    client_token::remember(cx, tx, ALLOCATE, token, digest, vec![made.id.clone()]);
    Ok(answer(cx, tx, &made))
}

fn answer(cx: &Cx, world: &World, allocation: &Item) -> Document {
    Document::from(json!({"IpamPoolAllocation": ALLOCATIONS.shown(cx, world, allocation).0}))
}

/// What was taken by hand is given back by hand; a VPC gives its block back when it goes.
fn release(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let pool = pool::find(tx, cx, input.text(POOLS.id).unwrap_or_default())?;
    let id = input.text("IpamPoolAllocationId").unwrap_or_default();
    let may =
        |it: &Item| pool.account == cx.account() || it.document.text("ResourceOwner") == Some(cx.account().as_str());
    let found = of_pool(tx, &pool).into_iter().find(|it| it.id == id && may(it));
    let found = found.ok_or_else(|| kind::IPAM_POOL_ALLOCATION.not_found(&[id]))?;
    if found.document.text("Cidr") != input.text("Cidr") {
        let message = format!("The CIDR of the allocation {id} is another one.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    if found.document.text("ResourceType") != Some("custom") {
        let message = format!("The allocation {id} was not made manually and cannot be released.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    remove(tx, &found);
    Ok(Document::from(json!({"Success": true})))
}

/// Tags are seen by the account that the allocation belongs to, and by the one that took it and gave it some.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>
fn has_tags_of(cx: &Cx, allocation: &Item) -> bool {
    allocation.account == cx.account() || allocation.document.text("ResourceOwner") == Some(cx.account().as_str())
}

fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let pool = pool::find(world, cx, input.text(POOLS.id).unwrap_or_default())?;
    let mut found = of_pool(world, &pool);
    if let Some(id) = input.text("IpamPoolAllocationId") {
        found.retain(|it| it.id == id);
        if found.is_empty() {
            return Err(kind::IPAM_POOL_ALLOCATION.not_found(&[id]));
        }
    }
    let seen = found.into_iter().map(|it| {
        let it = if has_tags_of(cx, &it) { it } else { item::foreign(&it) };
        Seen { id: it.id.clone(), shown: ALLOCATIONS.shown(cx, world, &it), tags: it.tags.clone() }
    });
    let page = describe::choose(&format!("GetIpamPoolAllocations {}", pool.id), input, FILTERS, seen)?;
    let mut answer = Document::from(json!({"IpamPoolAllocations": page.items}));
    if let Some(next) = page.next {
        answer.set("NextToken", next);
    }
    Ok(answer)
}
