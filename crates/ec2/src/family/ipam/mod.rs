//! IPAM: address managers, their scopes, and pools of addresses that VPCs take their blocks from. An address manager is of one region, which its ARNs do not
//! name; a pool's locale says where its addresses can be used, so pools are looked up in all regions of the account.
//!
//! [`pool`] has the pools, [`public`] what is particular to public ones, [`cidr`] what is provisioned to them, [`allocation`] what is taken out of them,
//! [`space`] finds room, [`policy`] says where addresses come from unasked. [`sight`] looks at what there is, [`discovery`] says whose and where,
//! [`monitor`] tells what is in a scope. [`resolver`] selects blocks for prefix lists, which [`target`] keeps. [`rpki`] says who may announce what, [`history`] remembers.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/what-it-is-ipam.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::item::{self, Item, Stage};
use super::{Family, Life, answers, verbs};
use crate::kind;
use crate::network::byoip::asn;
use crate::refused::invalid;
use crate::resource;
use pool::InUse;

mod admin;
pub mod allocation;
mod cidr;
mod discovered;
pub mod discovery;
pub mod history;
mod monitor;
pub mod policy;
pub mod pool;
pub mod public;
pub mod resolver;
pub mod rpki;
mod sight;
pub mod space;
pub mod target;
#[cfg(test)]
mod tests;
pub mod token;

pub use allocation::ALLOCATIONS;
pub use pool::POOLS;

/// The states of all that belongs to an address manager.
const LIFE: Life = Life {
    member: "State",
    words: ["create-in-progress", "create-complete", "delete-in-progress", "delete-complete"],
    seconds: 10,
    shown_for: 0,
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipam.html>
pub static IPAMS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamArn"),
    life: Some(LIFE),
    defaults: |_| json!({"Tier": "advanced", "EnablePrivateGua": false, "MeteredAccount": "ipam-owner"}),
    filters: &["owner-id", "ipam-id", "ipam-region", "state", "tier", "description"],
    fill: fill_ipam,
    see: |cx, world, ipam, shown| {
        shown.set("ScopeCount", scopes_of(cx, world, &ipam.id).count());
        shown.set("ResourceDiscoveryAssociationCount", discovery::associations(world, ipam).count());
    },
    ..Family::of(&kind::IPAM, "IpamId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamScope.html>
pub static SCOPES: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamScopeArn"),
    life: Some(LIFE),
    within: &[("IpamId", &kind::IPAM)],
    defaults: |_| json!({"IpamScopeType": "private", "IsDefault": false}),
    filters: &["owner-id", "ipam-scope-id", "ipam-scope-type", "ipam-arn", "is-default", "state", "description"],
    fill: |cx, _, input, item| {
        settle_scope(cx, input.text("IpamId").unwrap_or_default(), item);
        Ok(())
    },
    see: |cx, world, scope, shown| shown.set("PoolCount", pool::of_scope(cx, world, &scope.id).count()),
    release: |_, _, scope| match scope.document.truth("IsDefault") {
        Some(true) => {
            let message = format!("The scope {} is a default scope and cannot be deleted.", scope.id);
            Err(ApiError::new("OperationNotPermitted", message))
        }
        _ => Ok(()),
    },
    ..Family::of(&kind::IPAM_SCOPE, "IpamScopeId")
};

/// The member of a scope, shown nowhere, with the id of its address manager.
const OF_IPAM: &str = "OfIpam";

/// The operations of IPAM.
pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        IPAMS.create("CreateIpam", &[]),
        IPAMS.describe("DescribeIpams"),
        IPAMS.modify("ModifyIpam", &["AddOperatingRegions", "RemoveOperatingRegions"], change_ipam),
        IPAMS.on_one(Operation::write(Service::Ec2, "DeleteIpam", delete_ipam), &["Cascade"]),
        SCOPES.create("CreateIpamScope", &[]),
        SCOPES.describe("DescribeIpamScopes"),
        SCOPES.modify("ModifyIpamScope", &[], |cx, _, _, item| {
            changes(cx, item);
            Ok(())
        }),
        SCOPES.delete("DeleteIpamScope"),
    ];
    operations.extend(pool::operations());
    operations.extend(cidr::operations());
    operations.extend(allocation::operations());
    operations.extend(monitor::operations());
    operations.extend(discovery::operations());
    operations.extend(discovered::operations());
    operations.extend(admin::operations());
    operations.extend(public::operations());
    operations.extend(policy::operations());
    operations.extend(resolver::operations());
    operations.extend(target::operations());
    operations.extend(token::operations());
    operations.extend(rpki::operations());
    operations.extend(history::operations());
    operations
}

/// A change takes its time, too.
fn changes(cx: &Cx, item: &mut Item) {
    item.stage = Some(Stage::begin(cx, "modify-in-progress", "modify-complete", 5));
}

/// How many there can be, whatever the installation's quotas are.
fn must_not_exceed(count: usize, most: usize, what: &str) -> Result<(), ApiError> {
    if count <= most {
        return Ok(());
    }
    let message = format!("The maximum number of {what} has been reached ({most}).");
    Err(ApiError::new("ResourceLimitExceeded", message))
}

/// What the free tier does not have.
fn must_be_advanced(ipam: &Item) -> Result<(), ApiError> {
    if ipam.document.text("Tier") == Some("advanced") {
        return Ok(());
    }
    let message = format!("The IPAM {} must be in the Advanced Tier.", ipam.id);
    Err(ApiError::new("UnsupportedOperation", message))
}

/// Tags of what an address manager sees, as answers show them.
fn tags_shown(tags: &[Tag]) -> Vec<Value> {
    tags.iter().map(|tag| json!({"Key": tag.key, "Value": tag.value})).collect()
}

/// A new one has a scope for public addresses and one for private ones, and works in its own region at least.
fn fill_ipam(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    item.document.set("IpamRegion", cx.region_name());
    set_first_regions(cx, input, item)?;
    for (member, word) in [("PublicDefaultScopeId", "public"), ("PrivateDefaultScopeId", "private")] {
        let mut scope = SCOPES.draw("CreateIpamScope", cx, &Document::default(), Vec::new());
        scope.document.set("IpamScopeType", word);
        scope.document.set("IsDefault", true);
        settle_scope(cx, &item.id, &mut scope);
        item.document.set(member, scope.id.as_str());
        tx.put(scope);
    }
    discovery::settle(cx, tx, item);
    Ok(())
}

fn settle_scope(cx: &Cx, ipam: &str, scope: &mut Item) {
    scope.document.set(OF_IPAM, ipam);
    scope.document.set("IpamArn", kind::IPAM.arn(cx, ipam));
    scope.document.set("IpamRegion", cx.region_name());
}

fn region_names(input: &Document, member: &str) -> Vec<String> {
    input.found(&format!("{member}.RegionName"))
}

fn set_regions(item: &mut Item, mut regions: Vec<String>) -> Result<(), ApiError> {
    if let Some(unknown) = regions.iter().find(|name| service::regions::region(name).is_none()) {
        return Err(invalid(format!(
            "Value ({unknown}) for parameter operatingRegions is invalid. It is not a region."
        )));
    }
    regions.sort();
    regions.dedup();
    let shown: Vec<Value> = regions.iter().map(|name| json!({"RegionName": name})).collect();
    item.document.set("OperatingRegions", shown);
    Ok(())
}

/// The operating regions of a new one: those asked for, and its own.
fn set_first_regions(cx: &Cx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let mut regions = region_names(input, "OperatingRegions");
    regions.push(cx.region_name().to_owned());
    set_regions(item, regions)
}

/// Removes and adds operating regions; the home region stays.
fn change_regions(cx: &Cx, input: &Document, item: &mut Item, of: &str) -> Result<(), ApiError> {
    let removed = region_names(input, "RemoveOperatingRegions");
    if removed.iter().any(|name| name == cx.region_name()) {
        return Err(invalid(format!("The home Region of {of} cannot be removed from its operating Regions.")));
    }
    let mut regions = region_names(&item.document, "OperatingRegions");
    regions.retain(|name| !removed.contains(name));
    regions.extend(region_names(input, "AddOperatingRegions"));
    set_regions(item, regions)
}

fn change_ipam(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    change_regions(cx, input, item, "an IPAM")?;
    discovery::follow(cx, tx, item);
    changes(cx, item);
    Ok(())
}

fn scopes_of<'w>(cx: &Cx, world: &'w World, ipam: &str) -> impl Iterator<Item = &'w Arc<Item>> {
    let all = item::all(world, cx, &kind::IPAM_SCOPE).filter(|it| !it.is_deleted());
    all.filter(move |scope| scope.document.text(OF_IPAM) == Some(ipam))
}

/// Removes an address manager: with everything private in it if it is told to, else only if there is nothing but the default scopes.
/// VPCs keep their blocks then, which are allocated no longer.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteIpam.html>
fn delete_ipam(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let ipam = item::alive(tx, cx, &kind::IPAM, input.text("IpamId").unwrap_or_default())?;
    let scopes: Vec<Arc<Item>> = scopes_of(cx, tx, &ipam.id).cloned().collect();
    let cascade = input.truth("Cascade") == Some(true);
    for scope in &scopes {
        let pools: Vec<String> = pool::of_scope(cx, tx, &scope.id).map(|pool| pool.id.clone()).collect();
        let is_public = scope.document.text("IpamScopeType") == Some("public");
        if !pools.is_empty() && (!cascade || is_public) {
            return Err(resource::has_dependencies("ipam", &ipam.id));
        }
        for pool in pools {
            pool::remove_whole(cx, tx, &pool, InUse::Deallocated)?;
        }
        if !cascade && scope.document.truth("IsDefault") != Some(true) {
            return Err(resource::has_dependencies("ipam", &ipam.id));
        }
    }
    asn::leave(cx, tx, &ipam.id)?;
    discovery::leave(cx, tx, &ipam, cascade)?;
    history::forget(tx, &ipam);
    scopes.iter().for_each(|scope| item::delete(tx, cx, &SCOPES, &scope.id));
    let gone = verbs::remove(&IPAMS, cx, tx, &ipam.id)?;
    Ok(answers::about(&IPAMS, "DeleteIpam", cx, tx, input, &gone))
}
