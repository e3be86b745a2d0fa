//! Pools: blocks of addresses of one family, at the top of a scope or within another pool, and the rules by which they are given out.

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;
use service::regions;

use super::super::item::{self, Item};
use super::super::{Family, answers, verbs};
use super::{LIFE, OF_IPAM, allocation, changes, cidr, public};
use crate::kind;
use crate::refused::invalid;
use crate::resource;
use crate::share;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamPool.html>
pub static POOLS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamPoolArn"),
    life: Some(LIFE),
    within: &[("IpamScopeId", &kind::IPAM_SCOPE), ("SourceIpamPoolId", &kind::IPAM_POOL)],
    defaults: |_| json!({"Locale": "None", "AutoImport": false, "PoolDepth": 1}),
    filters: &[
        "owner-id",
        "ipam-pool-id",
        "source-ipam-pool-id",
        "ipam-scope-arn",
        "ipam-scope-type",
        "ipam-arn",
        "locale",
        "address-family",
        "state",
        "description",
    ],
    fill,
    shared: true,
    ..Family::of(&kind::IPAM_POOL, "IpamPoolId")
};

/// The member, shown nowhere, with the id of its scope.
const OF_SCOPE: &str = "OfScope";
/// <https://docs.aws.amazon.com/vpc/latest/ipam/quotas-ipam.html>
const DEEPEST: i64 = 10;

pub fn operations() -> Vec<Operation> {
    vec![
        POOLS.create("CreateIpamPool", &[]),
        POOLS.describe("DescribeIpamPools"),
        POOLS.modify(
            "ModifyIpamPool",
            &["ClearAllocationDefaultNetmaskLength", "AddAllocationResourceTags", "RemoveAllocationResourceTags"],
            change,
        ),
        POOLS.on_one(Operation::write(Service::Ec2, "DeleteIpamPool", delete), &["Cascade"]),
    ]
}

/// A pool of the account, or one shared with it, in whichever region its address manager is.
pub fn find(world: &World, cx: &Cx, id: &str) -> Result<Arc<Item>, ApiError> {
    let owners = std::iter::once(cx.account()).chain(share::owners(world, cx, id));
    let in_region = |account: AccountId, region: &str| world.get::<Item>(&[account.as_str(), region, id]).cloned();
    let mut found = owners.filter_map(|account| {
        let mut regions = std::iter::once(cx.region_name()).chain(regions::all().map(|region| region.name.as_str()));
        regions.find_map(|region| in_region(account, region))
    });
    let pool = found.find(|item| kind::IPAM_POOL.is_id(id) && !item.is_deleted());
    pool.ok_or_else(|| kind::IPAM_POOL.not_found(&[id]))
}

/// The operation's own action on a pool, in whichever region it is. The tags of another account's are its owner's alone.
pub fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    match find(world, cx, id) {
        Ok(pool) if pool.account == cx.account() => Check::on(kind::IPAM_POOL.arn(cx, id)).tagged(&pool.tags),
        Ok(pool) => Check::on(kind::IPAM_POOL.arn(&share::cx_of(cx, pool.account), id)).tagged(&[]),
        Err(_) => Check::on(kind::IPAM_POOL.arn(cx, id)),
    }
}

/// Whether a pool belongs to an address manager.
pub fn is_of(pool: &Item, ipam: &str) -> bool {
    pool.document.text("IpamArn").and_then(|arn| arn.rsplit('/').next()) == Some(ipam)
}

/// The scope that a pool is in.
pub fn scope_id(pool: &Item) -> Option<&str> {
    pool.document.text(OF_SCOPE)
}

/// Whether something has the tags that a pool asks of what takes its addresses.
pub fn has_tags(pool: &Item, tags: &[Tag]) -> bool {
    let wanted = pool.document.list("AllocationResourceTags").into_iter().map(Document::from);
    let mut wanted = wanted.map(|wanted| {
        let part = |name: &str| wanted.text(name).unwrap_or_default().to_owned();
        (part("Key"), part("Value"))
    });
    wanted.all(|(key, value)| tags.iter().any(|tag| tag.key == key && tag.value == value))
}

pub fn of_scope<'w>(cx: &Cx, world: &'w World, scope: &str) -> impl Iterator<Item = &'w Arc<Item>> {
    let all = item::all(world, cx, &kind::IPAM_POOL).filter(|it| !it.is_deleted());
    all.filter(move |pool| pool.document.text(OF_SCOPE) == Some(scope))
}

/// A pool shows its scope and address manager by their ARNs; one within another stands a step deeper.
fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let scope = item::alive(tx, cx, &kind::IPAM_SCOPE, input.text("IpamScopeId").unwrap_or_default())?;
    item.document.set(OF_SCOPE, scope.id.as_str());
    for member in ["IpamScopeArn", "IpamScopeType", "IpamArn", "IpamRegion"] {
        if let Some(value) = scope.document.at(member) {
            item.document.set(member, value.clone());
        }
    }
    public::check_new(item)?;
    let ipam = item::alive(tx, cx, &kind::IPAM, scope.document.text(OF_IPAM).unwrap_or_default())?;
    let locale = item.document.text("Locale").unwrap_or("None").to_owned();
    if locale != "None" && !ipam.document.found("OperatingRegions.RegionName").contains(&locale) {
        return Err(invalid(format!("The locale {locale} is not an operating Region of the IPAM {}.", ipam.id)));
    }
    if let Some(source) = input.text("SourceIpamPoolId") {
        inherit(&*item::alive(tx, cx, &kind::IPAM_POOL, source)?, &scope.id, item)?;
    }
    check_rules(&item.document)
}

/// What a pool has of the one it is in.
fn inherit(source: &Item, scope: &str, item: &mut Item) -> Result<(), ApiError> {
    if source.document.text(OF_SCOPE) != Some(scope) {
        return Err(invalid(format!("The source pool {} is not in the scope {scope}.", source.id)));
    }
    if source.document.at("PublicIpSource") != item.document.at("PublicIpSource") {
        return Err(invalid(format!("The source pool {} has addresses of another source.", source.id)));
    }
    if source.document.at("AddressFamily") != item.document.at("AddressFamily") {
        return Err(invalid(format!("The source pool {} has addresses of another family.", source.id)));
    }
    let locale = source.document.text("Locale").unwrap_or("None");
    if locale != "None" && item.document.text("Locale") != Some(locale) {
        return Err(invalid(format!("The locale of the pool must be that of its source pool, {locale}.")));
    }
    let depth = source.document.number("PoolDepth").unwrap_or(1) + 1;
    if depth > DEEPEST {
        let message = format!("The maximum depth of pools has been reached ({DEEPEST}).");
        return Err(ApiError::new("ResourceLimitExceeded", message));
    }
    item.document.set("PoolDepth", depth);
    Ok(())
}

fn check_rules(pool: &Document) -> Result<(), ApiError> {
    let most = if pool.text("AddressFamily") == Some("ipv6") { 128 } else { 32 };
    let rule = |name: &str| pool.number(&format!("Allocation{name}NetmaskLength"));
    let (least, longest, default) = (rule("Min"), rule("Max"), rule("Default"));
    let wrong = [least, longest, default].into_iter().flatten().any(|length| length > most);
    let crossed = least.zip(longest).is_some_and(|(least, longest)| least > longest);
    let outside = default.is_some_and(|default| {
        least.is_some_and(|least| default < least) || longest.is_some_and(|longest| default > longest)
    });
    if wrong || crossed || outside {
        return Err(invalid(
            "The netmask lengths of the allocation rules do not fit the address family or one another.",
        ));
    }
    Ok(())
}

fn change(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    if input.truth("ClearAllocationDefaultNetmaskLength") == Some(true) {
        item.document.0.remove("AllocationDefaultNetmaskLength");
    }
    let removed = input.list("RemoveAllocationResourceTags");
    let added = input.list("AddAllocationResourceTags");
    let mut tags = item.document.list("AllocationResourceTags");
    tags.retain(|tag| !removed.contains(tag) && !added.contains(tag));
    tags.extend(added);
    if tags.is_empty() {
        item.document.0.remove("AllocationResourceTags");
    } else {
        item.document.set("AllocationResourceTags", Value::Array(tags));
    }
    check_rules(&item.document)?;
    changes(cx, item);
    Ok(())
}

/// Removes a pool that nothing is in, or with all that is in it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteIpamPool.html>
fn delete(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let pool = item::alive(tx, cx, &kind::IPAM_POOL, input.text("IpamPoolId").unwrap_or_default())?;
    if input.truth("Cascade") == Some(true) {
        must_have_source(&pool)?;
        remove_whole(cx, tx, &pool.id, InUse::Refused)?;
    } else {
        let is_empty = cidr::claimed(&pool).is_empty() && allocation::of_pool(tx, &pool).is_empty();
        if !is_empty {
            return Err(resource::has_dependencies("ipam-pool", &pool.id));
        }
        verbs::remove(&POOLS, cx, tx, &pool.id)?;
    }
    let gone = item::look_up(tx, cx, &pool.id).unwrap_or(pool);
    Ok(answers::about(&POOLS, "DeleteIpamPool", cx, tx, input, &gone))
}

/// "You can only use this option to delete pools in the private scope or pools in the public scope with a source": the same page.
fn must_have_source(pool: &Item) -> Result<(), ApiError> {
    let has_source = ["SourceIpamPoolId", "SourceResource"].iter().any(|member| pool.document.at(member).is_some());
    if has_source || !public::is_public(pool) {
        return Ok(());
    }
    let message = format!(
        "The ipam-pool '{}' is in a public scope and has no source; it cannot be deleted with cascade.",
        pool.id
    );
    Err(ApiError::new("OperationNotPermitted", message))
}

/// What becomes of allocations to VPCs and the like when their pool goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// They keep the pool.
    Refused,
    /// Their holders keep the addresses, which no pool knows of any more.
    Deallocated,
}

/// Removes a pool with those within it, what was taken out of it, and what it took out of its source.
pub fn remove_whole(cx: &Cx, tx: &mut Tx, id: &str, in_use: InUse) -> Result<(), ApiError> {
    let Ok(pool) = item::alive(tx, cx, &kind::IPAM_POOL, id) else { return Ok(()) };
    let within: Vec<String> = item::inside(tx, cx, id).into_iter().filter(|id| kind::IPAM_POOL.is_id(id)).collect();
    for inner in within {
        remove_whole(cx, tx, &inner, in_use)?;
    }
    let allocations = allocation::of_pool(tx, &pool);
    let is_in_use = |it: &&Arc<Item>| {
        in_use == InUse::Refused && !matches!(it.document.text("ResourceType"), Some("custom" | "ipam-pool"))
    };
    if let Some(used) = allocations.iter().find(is_in_use) {
        let holder = used.document.text("ResourceId").unwrap_or_default();
        let message = format!("The ipam-pool '{id}' has an allocation to '{holder}' and cannot be deleted.");
        return Err(ApiError::new("DependencyViolation", message));
    }
    for block in cidr::claimed(&pool) {
        public::forget_range(tx, &pool, block)?;
    }
    allocations.iter().for_each(|it| allocation::remove(tx, it));
    allocation::give_back(tx, id, None);
    verbs::remove(&POOLS, cx, tx, id).map(drop)
}
