//! What an address manager tells of what it sees through its resource discoveries. A block is in the default scope for such addresses, in the scope of the
//! pool that it was taken from, or where it was moved to.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/monitor-cidr-compliance-ipam.html>

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ipnet::IpNet;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::super::answers;
use super::super::describe::{self, Seen};
use super::super::item::{self, Item};
use super::sight::Found;
use super::{SCOPES, allocation, discovery, pool, tags_shown};
use crate::kind;
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

/// What was told of the blocks of an address manager.
struct Told {
    ipam: String,
    /// By resource and block.
    said: HashMap<(String, String), Value>,
    defaults: [String; 2],
}

impl Told {
    fn of(ipam: &Item) -> Told {
        let key = |said: &Value| {
            let text = |member: &str| said.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("ResourceId"), text("ResourceCidr"))
        };
        let default = |member: &str| ipam.document.text(member).unwrap_or_default().to_owned();
        Told {
            ipam: ipam.id.clone(),
            said: ipam.document.list(TOLD).into_iter().map(|said| (key(&said), said)).collect(),
            defaults: [default("PrivateDefaultScopeId"), default("PublicDefaultScopeId")],
        }
    }

    /// What was told of the VPC's block that something is.
    fn said_of(&self, found: &Found) -> Option<&Value> {
        self.said.get(&(found.vpc.as_ref()?.id.clone(), found.around()?.to_string()))
    }

    /// The pool, one of the address manager's, that a resource took a block out of.
    fn pool_of(&self, world: &World, holder: &str, block: &str) -> Option<Arc<Item>> {
        allocation::of_ipam(world, &self.ipam, holder, block).next().map(|(_, pool)| pool)
    }

    fn scope_of(&self, world: &World, found: &Found) -> String {
        let said = self.said_of(found).filter(|_| !found.is_public());
        let moved = said.and_then(|said| said.get("IpamScopeId")).and_then(Value::as_str).map(str::to_owned);
        let of_pool = || {
            let pool = match (&found.vpc, found.around()) {
                (Some(vpc), Some(around)) => self.pool_of(world, &vpc.id, &around.to_string()),
                _ => self.pool_of(world, &found.id, &found.block.to_string()),
            }?;
            pool::scope_id(&pool).map(str::to_owned)
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

/// The blocks of VPCs that are in one scope, and whose they are.
struct Others(BTreeMap<IpNet, BTreeSet<String>>);

impl Others {
    /// Whether another VPC has addresses of a block. Blocks hold one another or have nothing in common.
    fn meet(&self, vpc: Option<&str>, block: IpNet) -> bool {
        let is_other = |owners: &BTreeSet<String>| owners.iter().any(|owner| Some(owner.as_str()) != vpc);
        let mut above = std::iter::successors(Some(block), IpNet::supernet).filter_map(|around| self.0.get(&around));
        let mut within = self.0.range(block..).take_while(|(inner, _)| block.contains(*inner));
        above.any(is_other) || within.any(|(_, owners)| is_other(owners))
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
fn shown(world: &World, ipam: &Item, scope: &str, told: &Told, found: &Found, others: &Others) -> Document {
    let ignored = told.is_ignored(found);
    let pool = told.pool_of(world, &found.id, &found.block.to_string());
    let vpc = found.vpc.as_ref().map(|vpc| vpc.id.as_str());
    let (managed, complies) = match &pool {
        _ if ignored => ("ignored", "ignored"),
        Some(pool) if complies(pool, found) => ("managed", "compliant"),
        Some(_) => ("managed", "noncompliant"),
        None => ("unmanaged", "unmanaged"),
    };
    let overlaps = match matches!(found.kind, "vpc" | "subnet") && others.meet(vpc, found.block) {
        _ if ignored => "ignored",
        true => "overlapping",
        false => "nonoverlapping",
    };
    let name = found.tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.as_str());
    let mut shown = Document::from(json!({
        "IpamId": ipam.id,
        "IpamScopeId": scope,
        "ResourceRegion": found.region,
        "ResourceOwnerId": found.account,
        "ResourceId": found.id,
        "ResourceCidr": found.block.to_string(),
        "ResourceType": found.kind,
        "ResourceTags": tags_shown(&found.tags),
        "IpUsage": found.usage,
        "ComplianceStatus": complies,
        "ManagementState": managed,
        "OverlapStatus": overlaps,
    }));
    for (member, value) in [
        ("IpamPoolId", pool.as_ref().map(|pool| pool.id.as_str())),
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
    Ok(seen_in(world, &ipam, &scope.id))
}

/// The same, of an address manager at hand.
pub fn seen_in(world: &World, ipam: &Item, scope: &str) -> Vec<Seen> {
    let told = Told::of(ipam);
    let mut found = discovery::all(world, ipam);
    found.retain(|found| told.scope_of(world, found) == scope);
    seen_of(world, ipam, scope, &told, &found)
}

/// What is in each scope of an address manager that has anything in it.
pub fn seen_by_scope(world: &World, ipam: &Item) -> BTreeMap<String, Vec<Seen>> {
    let told = Told::of(ipam);
    let mut scopes: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for found in discovery::all(world, ipam) {
        scopes.entry(told.scope_of(world, &found)).or_default().push(found);
    }
    let see = |(scope, found): (String, Vec<Found>)| {
        let seen = seen_of(world, ipam, &scope, &told, &found);
        (scope, seen)
    };
    scopes.into_iter().map(see).collect()
}

fn seen_of(world: &World, ipam: &Item, scope: &str, told: &Told, found: &[Found]) -> Vec<Seen> {
    let mut blocks = Others(BTreeMap::new());
    for found in found.iter().filter(|found| found.kind == "vpc" && !told.is_ignored(found)) {
        blocks.0.entry(found.block).or_default().insert(found.id.clone());
    }
    let see = |found: &Found| Seen {
        id: format!("{} {}", found.id, found.block),
        shown: shown(world, ipam, scope, told, found, &blocks),
        tags: found.tags.clone(),
    };
    let mut seen: Vec<Seen> = found.iter().map(see).collect();
    seen.sort_by(|one, other| one.id.cmp(&other.id));
    seen
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
    let narrowed = ["IpamPoolId", "ResourceId", "ResourceType", "ResourceOwner", "ResourceTag"].map(|it| input.at(it));
    let which = format!("GetIpamResourceCidrs {} {narrowed:?}", scope.id);
    let page = describe::choose(&which, input, FILTERS, seen.into_iter())?;
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
        // Its own pools alone forget it: what another account's gave stays given, though a discovery that is shared shows it here.
        let taken: Vec<Arc<Item>> = allocation::of_ipam(tx, &ipam.id, id, block).map(|(it, _)| it.clone()).collect();
        taken.iter().for_each(|it| allocation::remove(tx, it));
    }
    let places = discovery::places(tx, &ipam);
    let mut told = ipam.document.list(TOLD);
    // Nothing is kept of blocks that are gone.
    told.retain(|said| {
        let id = said.get("ResourceId").and_then(Value::as_str).unwrap_or_default();
        let vpc = places.iter().find_map(|(account, region)| tx.get::<Vpc>(&[account.as_str(), region, id]));
        vpc.is_some_and(|vpc| vpc.blocks().any(|block| is_about(said, id, &block.to_string())))
    });
    told.retain(|said| !is_about(said, id, block));
    told.push(json!({"ResourceId": id, "ResourceCidr": block, "IpamScopeId": target, "Monitored": monitored}));
    item::update(tx, cx, &ipam.id, |it| it.document.set(TOLD, told));
    let scope = SCOPES.alive(cx, tx, &target)?;
    let now = of_scope(cx, tx, &scope)?.into_iter().find(is_it).map(|seen| Value::Object(seen.shown.0));
    Ok(Document::from(json!({"IpamResourceCidr": now})))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::cidr::overlap;

    #[test]
    fn others_meet_as_comparing_all_says() {
        let mut number = 1_u32;
        let mut draw = |below: u32| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (number >> 8) % below
        };
        let mut held: Vec<(String, IpNet)> = Vec::new();
        let mut others = Others(BTreeMap::new());
        for _ in 0..300 {
            let (owner, length) = (format!("vpc-{}", draw(9)), 20 + u8::try_from(draw(9)).unwrap());
            let address = std::net::Ipv4Addr::from((10 << 24) | draw(1 << 16));
            let block = IpNet::new(address.into(), length).unwrap().trunc();
            let naive = held.iter().any(|(other, taken)| *other != owner && overlap(*taken, block));
            assert_eq!(others.meet(Some(&owner), block), naive, "{owner} {block}");
            if draw(3) == 0 {
                others.0.entry(block).or_default().insert(owner.clone());
                held.push((owner, block));
            }
        }
        assert!(held.len() > 50);
    }
}
