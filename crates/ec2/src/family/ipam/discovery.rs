//! Resource discoveries: in which regions an address manager may look, and for whom. Each address manager has one of its own; further ones, of other accounts
//! too that share them, can be associated with it. That of an account which administers IPAM for its organisation finds all accounts there but those of
//! units that it excludes.
//!
//! [`super::discovered`] tells what is found, [`super::sight`] finds it.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/res-disc-work-with.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::organization::Organization;
use service::prelude::*;

use super::super::item::{self, Item};
use super::super::{Family, Life};
use super::sight::{self, Found};
use super::{LIFE, admin, change_regions, changes, must_not_exceed, set_first_regions};
use crate::kind;
use crate::network::must_have_room;
use crate::refused::invalid;
use crate::share;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamResourceDiscovery.html>
pub static DISCOVERIES: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamResourceDiscoveryArn"),
    life: Some(LIFE),
    defaults: |_| json!({"IsDefault": false}),
    filters: &[
        "owner-id",
        "ipam-resource-discovery-id",
        "ipam-resource-discovery-arn",
        "ipam-resource-discovery-region",
        "is-default",
        "state",
        "description",
    ],
    fill: |cx, tx, input, item| {
        must_have_room_for_one(cx, tx)?;
        item.document.set("IpamResourceDiscoveryRegion", cx.region_name());
        set_first_regions(cx, input, item)
    },
    shared: true,
    release: |_, _, item| must_not_be_default(item, "resource discovery", "deleted"),
    ..Family::of(&kind::IPAM_RESOURCE_DISCOVERY, "IpamResourceDiscoveryId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamResourceDiscoveryAssociation.html>
pub static ASSOCIATIONS: Family = Family {
    arn: Some("IpamResourceDiscoveryAssociationArn"),
    life: Some(Life {
        words: ["associate-in-progress", "associate-complete", "disassociate-in-progress", "disassociate-complete"],
        ..LIFE
    }),
    within: &[("IpamId", &kind::IPAM)],
    besides: &[("IpamResourceDiscoveryId", &kind::IPAM_RESOURCE_DISCOVERY)],
    defaults: |_| json!({"IsDefault": false}),
    filters: &[
        "owner-id",
        "ipam-resource-discovery-association-id",
        "ipam-resource-discovery-association-arn",
        "ipam-resource-discovery-id",
        "ipam-id",
        "ipam-arn",
        "ipam-region",
        "is-default",
        "resource-discovery-status",
        "state",
    ],
    fill: associate,
    see: |_, world, item, shown| {
        let is_there = discovery_of(world, item).is_some();
        shown.set("ResourceDiscoveryStatus", if is_there { "active" } else { "not-found" });
    },
    release: |_, _, item| must_not_be_default(item, "resource discovery association", "disassociated"),
    ..Family::of(&kind::IPAM_RESOURCE_DISCOVERY_ASSOCIATION, "IpamResourceDiscoveryAssociationId")
};

/// How many there are of both, with AWS's quotas; how many can be looked through at all.
/// <https://docs.aws.amazon.com/vpc/latest/ipam/quotas-ipam.html>
const QUOTA_OF_DISCOVERIES: usize = 1;
const QUOTA_OF_ASSOCIATIONS: usize = 5;
const MOST: usize = 100;
const EXCEEDED: &str = "ResourceLimitExceeded";

const EXCLUSIONS: &str = "OrganizationalUnitExclusions";
const MOST_EXCLUSIONS: usize = 10;

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        DISCOVERIES.create("CreateIpamResourceDiscovery", &[]),
        DISCOVERIES.describe("DescribeIpamResourceDiscoveries"),
        DISCOVERIES.modify(
            "ModifyIpamResourceDiscovery",
            &[
                "AddOperatingRegions",
                "RemoveOperatingRegions",
                "AddOrganizationalUnitExclusions",
                "RemoveOrganizationalUnitExclusions",
            ],
            change,
        ),
        DISCOVERIES.delete("DeleteIpamResourceDiscovery"),
        ASSOCIATIONS.create("AssociateIpamResourceDiscovery", &["IpamResourceDiscoveryId"]),
        ASSOCIATIONS.describe("DescribeIpamResourceDiscoveryAssociations"),
        ASSOCIATIONS.delete("DisassociateIpamResourceDiscovery"),
    ]
}

fn must_not_be_default(item: &Item, what: &str, done: &str) -> Result<(), ApiError> {
    if item.document.truth("IsDefault") != Some(true) {
        return Ok(());
    }
    let message = format!("The {what} {} is a default {what} and cannot be {done}.", item.id);
    Err(ApiError::new("OperationNotPermitted", message))
}

fn must_have_room_for_one(cx: &Cx, world: &World) -> Result<(), ApiError> {
    let count = item::all(world, cx, &kind::IPAM_RESOURCE_DISCOVERY).filter(|it| !it.is_deleted()).count();
    must_have_room(cx, || count, QUOTA_OF_DISCOVERIES, EXCEEDED, "resource discoveries")?;
    must_not_exceed(count + 1, MOST, "resource discoveries")
}

/// Gives a new address manager the discovery that it has of its own.
pub fn settle(cx: &Cx, tx: &mut Tx, ipam: &mut Item) {
    let mut own = DISCOVERIES.draw("CreateIpamResourceDiscovery", cx, &Document::default(), Vec::new());
    own.document.set("IsDefault", true);
    own.document.set("IpamResourceDiscoveryRegion", cx.region_name());
    own.document.set("OperatingRegions", ipam.document.list("OperatingRegions"));
    let named = Document::from(json!({"IpamId": ipam.id, "IpamResourceDiscoveryId": own.id}));
    let mut association = ASSOCIATIONS.draw("AssociateIpamResourceDiscovery", cx, &named, Vec::new());
    association.document.set("IsDefault", true);
    lead(cx, &mut association, &ipam.id, &own);
    ipam.document.set("DefaultResourceDiscoveryId", own.id.as_str());
    ipam.document.set("DefaultResourceDiscoveryAssociationId", association.id.as_str());
    tx.put(own);
    tx.put(association);
}

/// The discovery of an address manager's own looks where that works.
pub fn follow(cx: &Cx, tx: &mut Tx, ipam: &Item) {
    let regions = ipam.document.list("OperatingRegions");
    if let Some(own) = ipam.document.text("DefaultResourceDiscoveryId") {
        item::update(tx, cx, own, |it| it.document.set("OperatingRegions", regions));
    }
}

/// What goes with an address manager. Associations that somebody made keep it, unless it goes with all that it has.
pub fn leave(cx: &Cx, tx: &mut Tx, ipam: &Item, cascade: bool) -> Result<(), ApiError> {
    let own = |held: &Item| held.document.truth("IsDefault") == Some(true);
    let held: Vec<Arc<Item>> = associations(tx, ipam).cloned().collect();
    if !cascade && held.iter().any(|association| !own(association)) {
        return Err(crate::resource::has_dependencies("ipam", &ipam.id));
    }
    held.iter().for_each(|association| item::delete(tx, cx, &ASSOCIATIONS, &association.id));
    if let Some(own) = ipam.document.text("DefaultResourceDiscoveryId") {
        item::delete(tx, cx, &DISCOVERIES, own);
    }
    Ok(())
}

/// The associations of an address manager.
pub fn associations<'w>(world: &'w World, ipam: &Item) -> impl Iterator<Item = &'w Arc<Item>> + use<'w> {
    let inside = world.by::<Item>(Item::BY_WITHIN, &[ipam.account.as_str(), &ipam.region, &ipam.id]);
    inside.filter(|item| item.kind() == Some(&kind::IPAM_RESOURCE_DISCOVERY_ASSOCIATION))
}

fn lead(cx: &Cx, association: &mut Item, ipam: &str, discovery: &Item) {
    association.document.set("OwnerId", discovery.account.as_str());
    association.document.set("IpamResourceDiscoveryId", discovery.id.as_str());
    association.document.set("IpamId", ipam);
    association.document.set("IpamArn", kind::IPAM.arn(cx, ipam));
    association.document.set("IpamRegion", cx.region_name());
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIpamResourceDiscovery.html>
fn associate(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let text = |member: &str| input.text(member).unwrap_or_default();
    let ipam = item::alive(tx, cx, &kind::IPAM, text("IpamId"))?;
    let discovery = item::usable(tx, cx, DISCOVERIES.kind, text("IpamResourceDiscoveryId"))?;
    let is_it = |held: &Item| held.document.text("IpamResourceDiscoveryId") == Some(&discovery.id);
    if associations(tx, &ipam).any(|held| is_it(held)) {
        let message = format!("The resource discovery {} is already associated with {}.", discovery.id, ipam.id);
        return Err(invalid(message));
    }
    let count = associations(tx, &ipam).count();
    must_have_room(cx, || count, QUOTA_OF_ASSOCIATIONS, EXCEEDED, "resource discovery associations")?;
    must_not_exceed(count + 1, MOST, "resource discovery associations of an IPAM")?;
    lead(cx, item, &ipam.id, &discovery);
    Ok(())
}

/// The discovery of an association, as long as its account can look through it.
fn discovery_of<'w>(world: &'w World, association: &Item) -> Option<&'w Arc<Item>> {
    let id = association.document.text("IpamResourceDiscoveryId")?;
    let mut owners = std::iter::once(association.account).chain(share::owners_for(world, association.account, id));
    let found = owners.find_map(|owner| world.get::<Item>(&[owner.as_str(), &association.region, id]));
    found.filter(|discovery| !discovery.is_deleted())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyIpamResourceDiscovery.html>
fn change(cx: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    change_regions(cx, input, item, "a resource discovery")?;
    exclude(input, item)?;
    changes(cx, item);
    Ok(())
}

/// Units are named by their paths: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`, with those under them where it ends with `*`.
fn exclude(input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let member = |which: &str| input.found(&format!("{which}{EXCLUSIONS}.OrganizationsEntityPath"));
    let removed = member("Remove");
    let mut paths = item.document.found(&format!("{EXCLUSIONS}.OrganizationsEntityPath"));
    paths.retain(|path| !removed.contains(path));
    for path in member("Add") {
        let is_path = path.starts_with("o-") && path.contains("/r-") && (path.ends_with('/') || path.ends_with("/*"));
        if !is_path {
            return Err(invalid(format!("Value ({path}) for parameter organizationsEntityPath is invalid.")));
        }
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    must_be_apart(&paths)?;
    let shown: Vec<Value> = paths.iter().map(|path| json!({"OrganizationsEntityPath": path})).collect();
    match shown.is_empty() {
        true => drop(item.document.0.remove(EXCLUSIONS)),
        false => item.document.set(EXCLUSIONS, shown),
    }
    Ok(())
}

/// "Two or more OU exclusions must not exclude the same OU", and there are not many.
/// <https://docs.aws.amazon.com/vpc/latest/ipam/exclude-ous.html>, <https://docs.aws.amazon.com/vpc/latest/ipam/quotas-ipam.html>
fn must_be_apart(paths: &[String]) -> Result<(), ApiError> {
    must_not_exceed(paths.len(), MOST_EXCLUSIONS, "organizational unit exclusions")?;
    let is_over = |above: &str, path: &str| above.strip_suffix('*').is_some_and(|above| path.starts_with(above));
    let inner = |path: &&String| paths.iter().any(|other| other != *path && is_over(other, path));
    match paths.iter().find(inner) {
        None => Ok(()),
        Some(path) => Err(invalid(format!("The organizational unit exclusion {path} overlaps with another."))),
    }
}

/// The accounts that a discovery finds.
/// <https://docs.aws.amazon.com/vpc/latest/ipam/enable-integ-ipam.html>
pub fn accounts(world: &World, discovery: &Item) -> Vec<AccountId> {
    let administered = admin::organization_of(world, discovery.account);
    let Some(organization) = administered else { return vec![discovery.account] };
    let excluded = discovery.document.found(&format!("{EXCLUSIONS}.OrganizationsEntityPath"));
    let mut found: Vec<AccountId> = organization
        .accounts_under(root_of(&organization))
        .filter(|account| *account == discovery.account || !is_excluded(&organization, &excluded, *account))
        .collect();
    found.sort_unstable();
    found
}

fn root_of(organization: &Organization) -> &str {
    let mut entities = organization.entities.iter();
    entities.find(|(_, entity)| entity.parent.is_none()).map(|(id, _)| id.as_str()).unwrap_or_default()
}

fn is_excluded(organization: &Organization, excluded: &[String], account: AccountId) -> bool {
    let Some(path) = organization.path(account) else { return false };
    excluded.iter().any(|unit| match unit.strip_suffix('*') {
        Some(above) => path.starts_with(above),
        None => path == *unit,
    })
}

/// Accounts and regions in which an address manager looks.
pub fn places(world: &World, ipam: &Item) -> Vec<(AccountId, String)> {
    let own = ipam.document.found("OperatingRegions.RegionName");
    let mut places: Vec<(AccountId, String)> = Vec::new();
    for discovery in associations(world, ipam).filter_map(|held| discovery_of(world, held)) {
        let regions = discovery.document.found("OperatingRegions.RegionName");
        let both = regions.iter().filter(|region| own.contains(region));
        let there = accounts(world, discovery);
        places.extend(both.flat_map(|region| there.iter().map(|account| (*account, region.clone()))));
    }
    // One that was made before there were discoveries looks into its own account.
    if ipam.document.text("DefaultResourceDiscoveryId").is_none() {
        places.extend(own.into_iter().map(|region| (ipam.account, region)));
    }
    places.sort();
    places.dedup();
    places
}

/// All that an address manager sees.
pub fn all(world: &World, ipam: &Item) -> Vec<Found> {
    places(world, ipam).iter().flat_map(|(account, region)| sight::of_region(world, *account, region)).collect()
}

/// The discovery with that id, the caller's own or one shared with it, that looks into a region.
pub fn looking_into(cx: &Cx, world: &World, id: &str, region: &str) -> Result<Arc<Item>, ApiError> {
    let discovery = item::usable(world, cx, DISCOVERIES.kind, id)?;
    if discovery.document.found("OperatingRegions.RegionName").iter().any(|name| name == region) {
        return Ok(discovery);
    }
    Err(invalid(format!("The Region {region} is not an operating Region of the resource discovery {id}.")))
}
