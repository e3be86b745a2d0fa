//! What an address manager sees: the blocks of the account's VPCs and subnets and its public addresses, in all regions where it works. A block is in the
//! default scope for such addresses, in the scope of the pool that it was taken from, or where it was moved to.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/monitor-cidr-compliance-ipam.html>

use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::super::answers;
use super::super::describe::{self, Seen};
use super::super::item::{self, Item};
use super::{SCOPES, allocation, pool};
use crate::kind;
use crate::network::cidr::overlap;
use crate::network::elastic_ip::Address;
use crate::network::interface::NetworkInterface;
use crate::network::subnet::Subnet;
use crate::network::subnet::addresses;
use crate::network::vpc::Vpc;

/// The member of an address manager, shown nowhere, with what was told of blocks: their scope, and whether they are looked after.
const TOLD: &str = "ToldOfResources";

const FILTERS: &[&str] = &[
    "availability-zone-id",
    "compliance-status",
    "ipam-pool-id",
    "management-state",
    "overlap-status",
    "resource-cidr",
    "resource-id",
    "resource-name",
    "resource-owner-id",
    "resource-region",
    "resource-type",
    "vpc-id",
];

const LISTING: &[&str] =
    &["IpamPoolId", "ResourceId", "ResourceType", "ResourceTag", "ResourceOwner", "Filters", "MaxResults", "NextToken"];

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(Service::Ec2, "GetIpamResourceCidrs", list)
            .authorize(|cx, world, input: &Document| {
                let scope = SCOPES.check_on(cx, world, input.text(SCOPES.id).unwrap_or_default());
                let pool = input.text("IpamPoolId").map(|id| pool::check_on(cx, world, id));
                std::iter::once(scope).chain(pool).collect()
            })
            .honours(|model, operation| answers::honoured(model, operation, &SCOPES, LISTING))
            .build(),
        Operation::write(Service::Ec2, "ModifyIpamResourceCidr", modify)
            .authorize(|cx, world, input: &Document| {
                let named = ["CurrentIpamScopeId", "DestinationIpamScopeId"].into_iter();
                named.filter_map(|member| input.text(member)).map(|id| SCOPES.check_on(cx, world, id)).collect()
            })
            .honours(|model, operation| {
                let uses = &[
                    "ResourceId",
                    "ResourceCidr",
                    "ResourceRegion",
                    "CurrentIpamScopeId",
                    "DestinationIpamScopeId",
                    "Monitored",
                ];
                answers::honoured(model, operation, &SCOPES, uses)
            })
            .build(),
    ]
}

/// A block of something, before it is told how it fares.
struct Found {
    region: String,
    kind: &'static str,
    id: String,
    block: IpNet,
    /// The VPC it is, or is in.
    vpc: Option<Arc<Vpc>>,
    zone_id: Option<String>,
    usage: f64,
    tags: Vec<Tag>,
}

impl Found {
    fn is_public(&self) -> bool {
        !matches!((self.kind, self.block), ("vpc" | "subnet", IpNet::V4(_)))
    }

    /// What a block of a VPC is for its subnets.
    fn around(&self) -> Option<IpNet> {
        self.vpc.as_ref()?.blocks().find(|block| block.contains(&self.block))
    }
}

fn share_of(part: f64, all: f64) -> f64 {
    // Four digits, as AWS tells it.
    if all > 0.0 { (part / all * 10_000.0).round() / 10_000.0 } else { 0.0 }
}

fn size(block: &IpNet) -> f64 {
    f64::from(block.max_prefix_len() - block.prefix_len()).exp2()
}

fn of_vpc(world: &World, vpc: &Arc<Vpc>, found: &mut Vec<Found>) {
    let parts = [vpc.account.as_str(), &vpc.region, &vpc.id];
    let subnets: Vec<&Arc<Subnet>> = world.by::<Subnet>(Subnet::BY_VPC, &parts).collect();
    let inner: Vec<(&Arc<Subnet>, IpNet)> = subnets
        .iter()
        .flat_map(|it| {
            let ipv6 = it.ipv6_block.iter().map(|block| IpNet::V6(block.cidr));
            std::iter::once(IpNet::V4(it.cidr)).chain(ipv6).map(|block| (*it, block))
        })
        .collect();
    for block in vpc.blocks() {
        let used: f64 = inner.iter().filter(|(_, inner)| block.contains(inner)).map(|(_, inner)| size(inner)).sum();
        found.push(Found {
            region: vpc.region.clone(),
            kind: "vpc",
            id: vpc.id.clone(),
            block,
            vpc: Some(vpc.clone()),
            zone_id: None,
            usage: share_of(used, size(&block)),
            tags: vpc.tags.clone(),
        });
    }
    for (subnet, block) in inner {
        let usage = match block {
            IpNet::V4(_) => {
                let free = u32::try_from(addresses::available_addresses(world, subnet)).unwrap_or(u32::MAX);
                share_of(size(&block) - f64::from(free), size(&block))
            }
            IpNet::V6(_) => 0.0,
        };
        found.push(Found {
            region: vpc.region.clone(),
            kind: "subnet",
            id: subnet.id.clone(),
            block,
            vpc: Some(vpc.clone()),
            zone_id: Some(subnet.zone_id.clone()),
            usage,
            tags: subnet.tags.clone(),
        });
    }
}

/// All that an address manager sees.
fn all(cx: &Cx, world: &World, ipam: &Item) -> Vec<Found> {
    let account = cx.account();
    let mut found = Vec::new();
    for region in ipam.document.found("OperatingRegions.RegionName") {
        let key = [account.as_str(), region.as_str()];
        world.scan::<Vpc>(&key).for_each(|vpc| of_vpc(world, vpc, &mut found));
        let single =
            |kind: &'static str, id: &str, address: std::net::Ipv4Addr, vpc: Option<&str>, tags: &[Tag]| Found {
                region: region.clone(),
                kind,
                id: id.to_owned(),
                block: Ipv4Net::from(address).into(),
                vpc: vpc.and_then(|id| world.get::<Vpc>(&[account.as_str(), &region, id]).cloned()),
                zone_id: None,
                usage: 1.0,
                tags: tags.to_vec(),
            };
        for address in world.scan::<Address>(&key) {
            let held = address.association.as_ref().map(|it| it.interface_id.as_str());
            let interface =
                held.and_then(|id| world.get::<NetworkInterface>(&[account.as_str(), &region, id]).cloned());
            let vpc = interface.as_ref().map(|it| it.vpc_id.as_str());
            let usage = if held.is_some() { 1.0 } else { 0.0 };
            found.push(Found { usage, ..single("eip", &address.id, address.public_ip, vpc, &address.tags) });
        }
        for interface in world.scan::<NetworkInterface>(&key) {
            if let Some(address) = interface.public_ip {
                found.push(single("eni", &interface.id, address, Some(&interface.vpc_id), &interface.tags));
            }
        }
    }
    found
}

/// What was told of the blocks of an address manager, and where blocks were taken from.
struct Told {
    said: Vec<Value>,
    taken: Vec<(Arc<Item>, Arc<Item>)>,
    defaults: [String; 2],
}

impl Told {
    fn of(cx: &Cx, world: &World, ipam: &Item) -> Told {
        let scopes = super::scopes_of(cx, world, &ipam.id);
        let pools = scopes.flat_map(|scope| pool::of_scope(cx, world, &scope.id).cloned().collect::<Vec<_>>());
        let taken = pools.flat_map(|pool| {
            let used = allocation::of_pool(world, &pool).into_iter();
            used.map(move |allocation| (pool.clone(), allocation)).collect::<Vec<_>>()
        });
        let default = |member: &str| ipam.document.text(member).unwrap_or_default().to_owned();
        Told {
            said: ipam.document.list(TOLD),
            taken: taken.collect(),
            defaults: [default("PrivateDefaultScopeId"), default("PublicDefaultScopeId")],
        }
    }

    /// What was told of the VPC's block that something is.
    fn said_of(&self, found: &Found) -> Option<&Value> {
        let (vpc, block) = (&found.vpc.as_ref()?.id, found.around()?.to_string());
        self.said.iter().find(|said| is_about(said, vpc, &block))
    }

    /// The pool that a VPC's block, or an address, was taken from.
    fn pool_of(&self, found: &Found) -> Option<&Arc<Item>> {
        let block = found.block.to_string();
        let is_its = |allocation: &Item| {
            allocation.document.text("ResourceId") == Some(&found.id)
                && allocation.document.text("Cidr") == Some(&block)
        };
        self.taken.iter().find(|(_, allocation)| is_its(allocation)).map(|(pool, _)| pool)
    }

    fn scope_of(&self, found: &Found) -> String {
        let said = self.said_of(found).filter(|_| !found.is_public());
        let moved = said.and_then(|said| said.get("IpamScopeId")).and_then(Value::as_str).map(str::to_owned);
        let around = found.around().map(|block| block.to_string());
        let of_pool = || {
            let vpc = &found.vpc.as_ref()?.id;
            let is_its = |allocation: &Item| {
                allocation.document.text("ResourceId") == Some(vpc)
                    && allocation.document.text("Cidr") == around.as_deref()
            };
            let (pool, _) = self.taken.iter().find(|(_, allocation)| is_its(allocation))?;
            pool::scope_id(pool).map(str::to_owned)
        };
        let [private, public] = &self.defaults;
        let default = || if found.is_public() { public.clone() } else { private.clone() };
        moved.or_else(of_pool).unwrap_or_else(default)
    }

    fn is_ignored(&self, found: &Found) -> bool {
        let said = self.said_of(found).filter(|_| matches!(found.kind, "vpc" | "subnet"));
        said.is_some_and(|said| said.get("Monitored") == Some(&Value::Bool(false)))
    }
}

fn is_about(said: &Value, id: &str, block: &str) -> bool {
    let is = |member: &str, value: &str| said.get(member).and_then(Value::as_str) == Some(value);
    is("ResourceId", id) && is("ResourceCidr", block)
}

/// Whether a block keeps the rules of the pool it was taken from.
fn complies(pool: &Item, found: &Found) -> bool {
    let rule = |name: &str| pool.document.number(&format!("Allocation{name}NetmaskLength"));
    let length = i64::from(found.block.prefix_len());
    let fits = rule("Min").is_none_or(|least| length >= least) && rule("Max").is_none_or(|most| length <= most);
    let local = pool.document.text("Locale").is_none_or(|locale| locale == "None" || locale == found.region);
    fits && local && pool::has_tags(pool, &found.tags)
}

/// `IpamResourceCidr`, for those of one scope.
fn shown(ipam: &Item, scope: &str, told: &Told, found: &Found, others: &[(String, IpNet)]) -> Document {
    let ignored = told.is_ignored(found);
    let pool = told.pool_of(found);
    let vpc = found.vpc.as_ref().map(|vpc| vpc.id.as_str());
    let meets = |(id, block): &(String, IpNet)| Some(id.as_str()) != vpc && overlap(*block, found.block);
    let (managed, complies) = match pool {
        _ if ignored => ("ignored", "ignored"),
        Some(pool) if complies(pool, found) => ("managed", "compliant"),
        Some(_) => ("managed", "noncompliant"),
        None => ("unmanaged", "unmanaged"),
    };
    let overlaps = match matches!(found.kind, "vpc" | "subnet") && others.iter().any(meets) {
        _ if ignored => "ignored",
        true => "overlapping",
        false => "nonoverlapping",
    };
    let tags: Vec<Value> = found.tags.iter().map(|tag| json!({"Key": tag.key, "Value": tag.value})).collect();
    let name = found.tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.as_str());
    let mut shown = Document::from(json!({
        "IpamId": ipam.id,
        "IpamScopeId": scope,
        "ResourceRegion": found.region,
        "ResourceOwnerId": ipam.account,
        "ResourceId": found.id,
        "ResourceCidr": found.block.to_string(),
        "ResourceType": found.kind,
        "ResourceTags": tags,
        "IpUsage": found.usage,
        "ComplianceStatus": complies,
        "ManagementState": managed,
        "OverlapStatus": overlaps,
    }));
    for (member, value) in [
        ("IpamPoolId", pool.map(|pool| pool.id.as_str())),
        ("ResourceName", name),
        ("VpcId", vpc),
        ("AvailabilityZoneId", found.zone_id.as_deref()),
    ] {
        if let Some(value) = value {
            shown.set(member, value);
        }
    }
    shown
}

/// What is in a scope, in the order of the ids.
fn of_scope(cx: &Cx, world: &World, scope: &Item) -> Result<Vec<Seen>, ApiError> {
    let ipam = item::alive(world, cx, &kind::IPAM, scope.document.text(super::OF_IPAM).unwrap_or_default())?;
    let told = Told::of(cx, world, &ipam);
    let mut found = all(cx, world, &ipam);
    found.retain(|found| told.scope_of(found) == scope.id);
    let counted = found.iter().filter(|found| found.kind == "vpc" && !told.is_ignored(found));
    let blocks: Vec<(String, IpNet)> = counted.map(|found| (found.id.clone(), found.block)).collect();
    let see = |found: &Found| Seen {
        id: format!("{} {}", found.id, found.block),
        shown: shown(&ipam, &scope.id, &told, found, &blocks),
        tags: found.tags.clone(),
    };
    let mut seen: Vec<Seen> = found.iter().map(see).collect();
    seen.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(seen)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamResourceCidrs.html>
fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let scope = SCOPES.alive(cx, world, input.text(SCOPES.id).unwrap_or_default())?;
    if let Some(id) = input.text("IpamPoolId") {
        pool::find(world, cx, id)?;
    }
    let mut seen = of_scope(cx, world, &scope)?;
    for (member, of_shown) in [
        ("IpamPoolId", "IpamPoolId"),
        ("ResourceId", "ResourceId"),
        ("ResourceType", "ResourceType"),
        ("ResourceOwner", "ResourceOwnerId"),
    ] {
        if let Some(wanted) = input.text(member) {
            seen.retain(|seen| seen.shown.text(of_shown) == Some(wanted));
        }
    }
    if let Some(key) = input.text("ResourceTag.Key") {
        let value = input.text("ResourceTag.Value");
        let fits = |tag: &Tag| tag.key == key && value.is_none_or(|value| tag.value == value);
        seen.retain(|seen| seen.tags.iter().any(fits));
    }
    let page = describe::choose("GetIpamResourceCidrs", input, FILTERS, seen.into_iter())?;
    let mut answer = Document::from(json!({"IpamResourceCidrs": page.items}));
    if let Some(next) = page.next {
        answer.set("NextToken", next);
    }
    Ok(answer)
}

/// Moves a VPC's block to another scope, or lets it alone: what is let alone, or moved, belongs to no pool any more.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyIpamResourceCidr.html>
fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let text = |member: &str| input.text(member).unwrap_or_default();
    let scope = SCOPES.alive(cx, tx, text("CurrentIpamScopeId"))?;
    let ipam = item::alive(tx, cx, &kind::IPAM, scope.document.text(super::OF_IPAM).unwrap_or_default())?;
    let (id, block, region) = (text("ResourceId"), text("ResourceCidr"), text("ResourceRegion"));
    let invalid = |message: String| Err(ApiError::new("InvalidParameterValue", message));
    let is_it = |seen: &Seen| {
        [("ResourceId", id), ("ResourceCidr", block), ("ResourceRegion", region)]
            .iter()
            .all(|(member, wanted)| seen.shown.text(member) == Some(*wanted))
    };
    let Some(held) = of_scope(cx, tx, &scope)?.into_iter().find(is_it) else {
        return invalid(format!("The resource {id} with the CIDR {block} is not in the scope {}.", scope.id));
    };
    if held.shown.text("ResourceType") != Some("vpc") {
        return invalid(format!("The resource {id} is not a VPC."));
    }
    let monitored = input.truth("Monitored") == Some(true);
    let target = match input.text("DestinationIpamScopeId").filter(|target| *target != scope.id) {
        Some(target) => {
            let target = SCOPES.alive(cx, tx, target)?;
            let is_private = |scope: &Item| scope.document.text("IpamScopeType") == Some("private");
            let same = target.document.text(super::OF_IPAM) == Some(&ipam.id);
            if !(same && is_private(&scope) && is_private(&target)) {
                return invalid(format!("The resource {id} cannot be moved to the scope {}.", target.id));
            }
            target.id.clone()
        }
        None => scope.id.clone(),
    };
    if !monitored || target != scope.id {
        allocation::give_back(tx, id, block.parse().ok());
    }
    let vpcs = ipam.document.found("OperatingRegions.RegionName");
    let mut told = ipam.document.list(TOLD);
    // Nothing is kept of blocks that are gone.
    told.retain(|said| {
        let id = said.get("ResourceId").and_then(Value::as_str).unwrap_or_default();
        let vpc = vpcs.iter().find_map(|region| tx.get::<Vpc>(&[ipam.account.as_str(), region, id]));
        vpc.is_some_and(|vpc| vpc.blocks().any(|block| is_about(said, id, &block.to_string())))
    });
    told.retain(|said| !is_about(said, id, block));
    told.push(json!({"ResourceId": id, "ResourceCidr": block, "IpamScopeId": target, "Monitored": monitored}));
    item::update(tx, cx, &ipam.id, |it| it.document.set(TOLD, told));
    let scope = SCOPES.alive(cx, tx, &target)?;
    let now = of_scope(cx, tx, &scope)?.into_iter().find(is_it).map(|seen| Value::Object(seen.shown.0));
    Ok(Document::from(json!({"IpamResourceCidr": now})))
}
