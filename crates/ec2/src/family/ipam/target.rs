//! Targets of prefix list resolvers: each ties a managed prefix list, of whichever region, to a resolver. The list then has the blocks of the newest version,
//! or of the one that is wanted, and nobody else changes its entries.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/automate-prefix-list-updates.html>

use std::sync::Arc;

use service::prelude::*;
use service::regions;

use super::super::Family;
use super::super::item::{Item, Stage};
use super::super::prefix_list::change as list;
use super::LIFE;
use super::resolver::{self, RESOLVERS};
use crate::kind;
use crate::refused::{invalid, missing};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamPrefixListResolverTarget.html>
pub static TARGETS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamPrefixListResolverTargetArn"),
    life: Some(LIFE),
    within: &[("IpamPrefixListResolverId", &kind::IPAM_PREFIX_LIST_RESOLVER)],
    filters: &[
        "owner-id",
        "ipam-prefix-list-resolver-target-id",
        "ipam-prefix-list-resolver-target-arn",
        "ipam-prefix-list-resolver-id",
        "prefix-list-id",
        "prefix-list-region",
        "desired-version",
        "last-synced-version",
        "track-latest-version",
        "state",
    ],
    fill,
    release: |_, tx, target| {
        change_list(tx, target, |list| {
            list.document.0.remove(list::TARGET);
            list.document.0.remove(list::SYNC);
        });
        Ok(())
    },
    ..Family::of(&kind::IPAM_PREFIX_LIST_RESOLVER_TARGET, "IpamPrefixListResolverTargetId")
};

/// The member, shown nowhere, with what was last tried: another try would come to the same.
const TRIED: &str = "Tried";

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        TARGETS.create("CreateIpamPrefixListResolverTarget", &[]),
        TARGETS.describe("DescribeIpamPrefixListResolverTargets"),
        TARGETS.modify("ModifyIpamPrefixListResolverTarget", &[], change),
        TARGETS.delete("DeleteIpamPrefixListResolverTarget"),
    ]
}

/// The targets of a resolver.
pub fn of<'w>(world: &'w World, resolver: &Item) -> impl Iterator<Item = &'w Arc<Item>> + use<'w> {
    let inside = world.by::<Item>(Item::BY_WITHIN, &[resolver.account.as_str(), &resolver.region, &resolver.id]);
    inside.filter(|item| item.kind() == Some(&kind::IPAM_PREFIX_LIST_RESOLVER_TARGET))
}

/// Whether a target's list is in a region.
pub fn is_in(target: &Item, region: &str) -> bool {
    target.document.text("PrefixListRegion") == Some(region)
}

/// The key parts of a target's list, which is its account's own.
fn key_of_list(target: &Item) -> [&str; 3] {
    let text = |member: &str| target.document.text(member).unwrap_or_default();
    [target.account.as_str(), text("PrefixListRegion"), text("PrefixListId")]
}

fn list_of<'w>(world: &'w World, target: &Item) -> Option<&'w Arc<Item>> {
    let list = world.get::<Item>(&key_of_list(target));
    list.filter(|list| list.kind() == Some(&kind::PREFIX_LIST) && !list.is_deleted())
}

fn change_list(tx: &mut Tx, target: &Item, change: impl FnOnce(&mut Item)) {
    tx.update::<Item>(&key_of_list(target), change);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateIpamPrefixListResolverTarget.html>
fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let text = |member: &str| input.text(member).unwrap_or_default();
    let resolver = RESOLVERS.alive(cx, tx, text(RESOLVERS.id))?;
    let region = text("PrefixListRegion");
    if regions::region(region).is_none() {
        return Err(invalid(format!(
            "Value ({region}) for parameter prefixListRegion is invalid. It is not a region."
        )));
    }
    let list = list_of(tx, item).ok_or_else(|| kind::PREFIX_LIST.not_found(&[text("PrefixListId")]))?;
    let family = list.document.text("AddressFamily").unwrap_or_default();
    if !family.eq_ignore_ascii_case(resolver.document.text("AddressFamily").unwrap_or_default()) {
        return Err(invalid(format!("The prefix list {} has the address family {family}.", list.id)));
    }
    if let Some(other) = list.document.text(list::TARGET) {
        return Err(invalid(format!("The prefix list {} is managed by {other} already.", list.id)));
    }
    check_version(&resolver, item)?;
    let id = item.id.clone();
    change_list(tx, item, |list| {
        list.document.set(list::TARGET, id);
        list.document.set(list::SYNC, true);
    });
    synchronise(cx, tx, &resolver, item, "create-in-progress");
    Ok(())
}

/// What is not to follow the newest version stays with one that there is: the one it names, or the newest now.
fn check_version(resolver: &Item, target: &mut Item) -> Result<(), ApiError> {
    if target.document.truth("TrackLatestVersion") == Some(true) {
        target.document.0.remove("DesiredVersion");
        return Ok(());
    }
    // "If not specified, the resolver will target the latest version."
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateIpamPrefixListResolverTarget.html>
    let wanted = target.document.number("DesiredVersion").or_else(|| resolver::latest(resolver));
    let number = wanted.ok_or_else(|| missing("DesiredVersion"))?;
    target.document.set("DesiredVersion", number);
    resolver::version(resolver, number).map(drop).ok_or_else(|| resolver::no_such_version(number))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyIpamPrefixListResolverTarget.html>
fn change(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let resolver = RESOLVERS.alive(cx, tx, item.document.text(RESOLVERS.id).unwrap_or_default())?;
    if input.truth("TrackLatestVersion") == Some(true) && input.at("DesiredVersion").is_some() {
        let message = "The parameters DesiredVersion and TrackLatestVersion cannot be used together";
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if input.at("DesiredVersion").is_some() {
        item.document.set("TrackLatestVersion", false);
    }
    check_version(&resolver, item)?;
    synchronise(cx, tx, &resolver, item, "modify-in-progress");
    Ok(())
}

/// The version that a target is to have, and what a try at it depends on.
fn wanted(world: &World, resolver: &Item, target: &Item) -> Option<(i64, String)> {
    let list = list_of(world, target).filter(|list| list.document.truth(list::SYNC) == Some(true))?;
    let number = match target.document.truth("TrackLatestVersion") {
        Some(true) => resolver::latest(resolver)?,
        _ => target.document.number("DesiredVersion")?,
    };
    let held = |member: &str| list.document.number(member).unwrap_or_default();
    // The list's version, too: it may have been changed by hand while it did not follow.
    Some((number, format!("{number} of {} into {}", held("MaxEntries"), held("Version"))))
}

/// Whether a list has not been tried to be brought to what it is to have.
pub fn is_behind(world: &World, resolver: &Item, target: &Item) -> bool {
    wanted(world, resolver, target).is_some_and(|(_, tried)| target.document.text(TRIED) != Some(&tried))
}

/// Writes the version that a target is to have into its list.
fn synchronise(cx: &Cx, tx: &mut Tx, resolver: &Item, target: &mut Item, first: &str) {
    let Some((number, _)) = wanted(tx, resolver, target) else { return };
    // Old versions are not kept for ever.
    let mut outcome = Err(resolver::no_such_version(number));
    if let Some(blocks) = resolver::version(resolver, number) {
        change_list(tx, target, |list| outcome = list::replace(cx, list, &blocks));
    }
    if let Some((_, tried)) = wanted(tx, resolver, target) {
        target.document.set(TRIED, tried);
    }
    match outcome {
        Ok(()) => {
            target.document.set("LastSyncedVersion", number);
            target.document.0.remove("StateMessage");
            target.stage = Some(Stage::begin(cx, first, "sync-complete", LIFE.seconds));
        }
        Err(error) => {
            target.document.set("StateMessage", error.into_message());
            target.stage = Some(Stage::begin(cx, first, "sync-failed", LIFE.seconds));
        }
    }
}

/// Brings the lists of a resolver to the versions that they are to have.
pub fn follow(cx: &Cx, tx: &mut Tx, resolver: &Item) {
    let targets: Vec<Arc<Item>> = of(tx, resolver).cloned().collect();
    for target in targets {
        if is_behind(tx, resolver, &target) {
            let mut target = Item::clone(&target);
            synchronise(cx, tx, resolver, &mut target, "sync-in-progress");
            tx.put(target);
        }
    }
}
