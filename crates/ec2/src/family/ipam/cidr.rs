//! What is provisioned to a pool. At the top of a private scope any block can be that no other pool there has; a pool within another takes its blocks out of
//! that one. What cannot be had shows as a failure of the block, some seconds later.

use ipnet::IpNet;
use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::super::answers;
use super::super::describe::{self, Seen};
use super::super::item::{self, Item, Stage};
use super::allocation::{self, Holder, on_pool};
use super::pool::{self, POOLS};
use super::token::TOKENS;
use super::{public, space};
use crate::instance::client_token;
use crate::network::cidr::overlap;
use crate::refused::missing;

/// The member of a pool, shown nowhere, with its blocks.
const CIDRS: &str = "Cidrs";
/// The member of a block with its id.
const ID: &str = "IpamPoolCidrId";
const PROVISION: &str = "ProvisionIpamPoolCidr";
const DEPROVISIONED: &str = "deprovisioned";
const PROVISIONING: &[&str] = &[
    "Cidr",
    "NetmaskLength",
    "CidrAuthorizationContext",
    "VerificationMethod",
    "IpamExternalResourceVerificationTokenId",
];
/// How many seconds AWS takes, about.
const SECONDS: i64 = 10;

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::write(Service::Ec2, PROVISION, provision)
            .authorize(|cx, world, input: &Document| {
                let on_pool = pool::check_on(cx, world, input.text(POOLS.id).unwrap_or_default());
                let token = input.text(TOKENS.id).map(|id| TOKENS.check_on(cx, world, id));
                std::iter::once(on_pool).chain(token).collect()
            })
            .honours(|model, operation| answers::honoured(model, operation, &POOLS, PROVISIONING))
            .build(),
        on_pool(Operation::write(Service::Ec2, "DeprovisionIpamPoolCidr", deprovision), &["Cidr"]),
        on_pool(Operation::read(Service::Ec2, "GetIpamPoolCidrs", list), &["Filters", "MaxResults", "NextToken"]),
    ]
}

/// Blocks that the pool gives out of now.
pub fn provisioned(cx: &Cx, pool: &Item) -> Vec<IpNet> {
    let held = pool.document.list(CIDRS);
    let usable = held.iter().filter(|part| Stage::of_part(cx, part).as_deref() == Some("provisioned"));
    usable.filter_map(|part| part.get("Cidr")?.as_str()?.parse().ok()).collect()
}

/// Blocks that the pool has, or is about to have.
pub fn claimed(pool: &Item) -> Vec<IpNet> {
    let held = pool.document.list(CIDRS);
    let claimed = held.iter().filter(|part| Stage::ends_as(part, "provisioned"));
    claimed.filter_map(|part| part.get("Cidr")?.as_str()?.parse().ok()).collect()
}

fn shown(cx: &Cx, part: &Value) -> Document {
    let mut shown = Document::from(part.clone());
    if let Some(state) = Stage::of_part(cx, part) {
        if !state.starts_with("failed") {
            shown.0.remove("FailureReason");
        }
        shown.set("State", state);
    }
    shown
}

fn provision(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    // In its own region, where the other pools of its scope are.
    let found = item::alive(tx, cx, POOLS.kind, input.text(POOLS.id).unwrap_or_default())?;
    let mut pool = Item::clone(&found);
    let (token, digest) = (input.text("ClientToken"), allocation::digest(PROVISION, input));
    if let Some(made) = client_token::seen(cx, tx, PROVISION, token, &digest)? {
        let is_it =
            |part: &&Value| part.get(ID).and_then(Value::as_str).is_some_and(|id| made.iter().any(|it| it == id));
        let again = pool.document.list(CIDRS).iter().find(is_it).map(|part| shown(cx, part));
        return Ok(Document::from(json!({"IpamPoolCidr": again.map(|shown| shown.0)})));
    }
    let source = pool.document.text("SourceIpamPoolId").map(str::to_owned);
    let length = input.number("NetmaskLength").and_then(|length| u8::try_from(length).ok());
    let wanted = match (input.text("Cidr"), length, &source) {
        (Some(text), None, _) => Some(allocation::block(&pool, text)?),
        (None, Some(_), _) if source.is_some() || public::is_public(&pool) => None,
        (Some(_), Some(_), _) => {
            let message = "The parameters Cidr and NetmaskLength cannot be used together";
            return Err(ApiError::new("InvalidParameterCombination", message));
        }
        _ => return Err(missing("Cidr")),
    };
    let none = "The CIDR is not available.";
    let got = match &source {
        Some(source) => from_source(cx, tx, source, &pool, wanted, length)?.ok_or(none),
        None if public::is_public(&pool) => public::at_top(cx, tx, &pool, input, wanted, length)?,
        None => wanted.filter(|block| is_free_in_scope(cx, tx, &pool, block)).ok_or(none),
    };
    let last = if got.is_ok() { "provisioned" } else { "failed-provision" };
    let id = cx.ids.ec2("ipam-pool-cidr");
    let mut part = match got.ok().or(wanted) {
        Some(block) => json!({"Cidr": block.to_string(), ID: id, "NetmaskLength": block.prefix_len()}),
        None => json!({ID: id}),
    };
    if let (Err(message), Some(part)) = (got, part.as_object_mut()) {
        part.insert("FailureReason".to_owned(), json!({"Code": "cidr-not-available", "Message": message}));
    }
    Stage::begin(cx, "pending-provision", last, SECONDS).note(&mut part);
    let answer = json!({"IpamPoolCidr": shown(cx, &part).0});
    push(&mut pool, part);
    if let Ok(block) = got {
        public::note_range(cx, tx, &pool, block);
    }
    tx.put(pool);
    client_token::remember(cx, tx, PROVISION, token, digest, vec![id]);
    Ok(Document::from(answer))
}

/// Notes a block that a pool has at once.
pub fn add(cx: &Cx, pool: &mut Item, block: IpNet) {
    let id = cx.ids.ec2("ipam-pool-cidr");
    let mut part = json!({"Cidr": block.to_string(), ID: id, "NetmaskLength": block.prefix_len()});
    Stage::begin(cx, "pending-import", "provisioned", SECONDS).note(&mut part);
    push(pool, part);
}

fn push(pool: &mut Item, part: Value) {
    let mut held = pool.document.list(CIDRS);
    held.push(part);
    pool.document.set(CIDRS, held);
}

/// Takes the block out of the pool this one is within.
fn from_source(
    cx: &Cx,
    tx: &mut Tx,
    source: &str,
    pool: &Item,
    wanted: Option<IpNet>,
    length: Option<u8>,
) -> Result<Option<IpNet>, ApiError> {
    let source = pool::find(tx, cx, source)?;
    let around = provisioned(cx, &source);
    let taken = allocation::blocks_of(tx, &source);
    let free = match wanted {
        Some(block) => around.iter().any(|around| around.contains(&block)).then_some(block),
        None => length.and_then(|length| space::first_free(&around, &taken, length)),
    };
    let free = free.filter(|block| !taken.iter().any(|held| overlap(*held, *block)));
    if let Some(block) = free {
        let holder = Holder { id: &pool.id, kind: "ipam-pool", region: pool.region.as_str() };
        allocation::note(cx, tx, &source, block, Some(holder), None);
    }
    Ok(free)
}

/// Whether no other pool at the top of the scope has some of the block.
fn is_free_in_scope(cx: &Cx, world: &World, pool: &Item, block: &IpNet) -> bool {
    let scope = pool.within.first().map(String::as_str).unwrap_or_default();
    let top = pool::of_scope(cx, world, scope).filter(|it| it.document.text("SourceIpamPoolId").is_none());
    !top.flat_map(|it| claimed(it)).any(|held| overlap(held, *block))
}

fn deprovision(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let found = item::alive(tx, cx, POOLS.kind, input.text(POOLS.id).unwrap_or_default())?;
    let mut pool = Item::clone(&found);
    let block = allocation::block(&pool, input.text("Cidr").ok_or_else(|| missing("Cidr"))?)?;
    let mut held = pool.document.list(CIDRS);
    let text = block.to_string();
    let is_it =
        |part: &Value| part.get("Cidr").and_then(Value::as_str) == Some(&text) && Stage::ends_as(part, "provisioned");
    let at = held.iter().position(is_it).ok_or_else(|| {
        let message = format!("The CIDR {text} is not provisioned to the pool {}.", pool.id);
        ApiError::new("InvalidParameterValue", message)
    })?;
    if allocation::blocks_of(tx, &pool).iter().any(|taken| overlap(*taken, block)) {
        let message = format!("The CIDR {text} has allocations and cannot be deprovisioned.");
        return Err(ApiError::new("IncorrectState", message));
    }
    public::forget_range(tx, &pool, block)?;
    let mut part = held.remove(at);
    Stage::begin(cx, "pending-deprovision", DEPROVISIONED, SECONDS).note(&mut part);
    let answer = json!({"IpamPoolCidr": shown(cx, &part).0});
    held.push(part);
    pool.document.set(CIDRS, held);
    allocation::give_back(tx, &pool.id, Some(block));
    tx.put(pool);
    Ok(Document::from(answer))
}

fn list(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let pool = pool::find(world, cx, input.text(POOLS.id).unwrap_or_default())?;
    let held = pool.document.list(CIDRS);
    let mut seen: Vec<Seen> = held
        .iter()
        .map(|part| shown(cx, part))
        .map(|shown| Seen { id: shown.text(ID).unwrap_or_default().to_owned(), shown, tags: Vec::new() })
        .collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let page = describe::choose(&format!("GetIpamPoolCidrs {}", pool.id), input, &["cidr", "state"], seen.into_iter())?;
    let mut answer = Document::from(json!({"IpamPoolCidrs": page.items}));
    if let Some(next) = page.next {
        answer.set("NextToken", next);
    }
    Ok(answer)
}
