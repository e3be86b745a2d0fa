//! Pools of public addresses: ranges that accounts bring, or contiguous blocks of Amazon's. Elastic addresses are taken out of them one by one, and public
//! IPv4 pools ([`crate::network::elastic_ip::pool`]) in blocks. Whose range it is nobody can verify here: as elsewhere a message that names the account and
//! the range is believed, another fails. Public pools of IPv6 addresses are not built.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/tutorials-byoip-ipam.html>

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use serde_json::json;
use service::Service;
use service::prelude::*;

use super::super::answers;
use super::super::item::Item;
use super::allocation::{self, Bounds, Holder, Wish};
use super::pool::{self, POOLS};
use super::{cidr, space};
use crate::kind;
use crate::network::address;
use crate::network::byoip::{self, ByoipCidr};
use crate::network::elastic_ip::check_border_group;
use crate::network::elastic_ip::pool::{PublicIpv4Pool, addresses_of, range_out};
use crate::network::must_have_room;
use crate::refused::invalid;
use crate::resource;
use crate::share;

/// The value of `PublicIpSource` for Amazon's own addresses, and the link under which such pools are found over all accounts.
pub const AMAZON: &str = "amazon";
/// What blocks of Amazon's are drawn of. <https://docs.aws.amazon.com/vpc/latest/ipam/tutorials-eip-pool.html>
pub const CONTIGUOUS: &str = "18.97.0.0/16";
/// Of what size they can be. <https://docs.aws.amazon.com/vpc/latest/ipam/quotas-ipam.html>
const SIZES: std::ops::RangeInclusive<u8> = 28..=30;
/// How many of them an account has. The same page.
const MOST: usize = 2;
/// The length of the smallest range that can be advertised, and of the largest block for a public IPv4 pool.
const SMALLEST: u8 = 24;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let on_both = |cx: &Cx, world: &World, input: &Document| {
        let pool = resource::check_on::<PublicIpv4Pool>(cx, world, input.text("PoolId").unwrap_or_default());
        let ipam_pool = input.text(POOLS.id).map(|id| pool::check_on(cx, world, id));
        ipam_pool.into_iter().chain([pool]).collect::<Vec<_>>()
    };
    vec![
        Operation::write(Service::Ec2, "ProvisionPublicIpv4PoolCidr", provision)
            .authorize(on_both)
            .honours(|model, operation| {
                answers::honoured(model, operation, &POOLS, &["PoolId", "NetmaskLength", "NetworkBorderGroup"])
            })
            .build(),
        Operation::write(Service::Ec2, "DeprovisionPublicIpv4PoolCidr", deprovision)
            .authorize(on_both)
            .honours(|model, operation| answers::honoured(model, operation, &POOLS, &["PoolId", "Cidr"]))
            .build(),
        allocation::on_pool(
            Operation::write(Service::Ec2, "MoveByoipCidrToIpam", move_range),
            &["Cidr", "IpamPoolOwner"],
        ),
    ]
}

/// Whether a pool has public addresses.
pub fn is_public(pool: &Item) -> bool {
    pool.document.text("IpamScopeType") == Some("public")
}

fn is_amazons(pool: &Item) -> bool {
    pool.document.text("PublicIpSource") == Some(AMAZON)
}

/// What a new pool says of public addresses.
pub fn check_new(pool: &mut Item) -> Result<(), ApiError> {
    if !is_public(pool) {
        return match ["PublicIpSource", "AwsService"].iter().find(|member| pool.document.at(member).is_some()) {
            Some(member) => Err(invalid(format!("{member} is for pools in public scopes only."))),
            None => Ok(()),
        };
    }
    if pool.document.text("AddressFamily") == Some("ipv6") {
        let message = "Pools of IPv6 addresses in public scopes are not built here.";
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    if pool.document.at("PublicIpSource").is_none() {
        pool.document.set("PublicIpSource", "byoip");
    }
    Ok(())
}

/// The block that a pool at the top of a public scope gets, or why it gets none.
pub fn at_top(
    cx: &Cx,
    tx: &mut Tx,
    pool: &Item,
    input: &Document,
    wanted: Option<IpNet>,
    length: Option<u8>,
) -> Result<Result<IpNet, &'static str>, ApiError> {
    match (is_amazons(pool), wanted, length) {
        (true, None, Some(length)) if SIZES.contains(&length) => {
            let around: Vec<IpNet> = CONTIGUOUS.parse().into_iter().collect();
            let pools = || tx.by::<Item>(Item::BY_LINK, &[AMAZON]);
            let is_top = |it: &&Arc<Item>| it.account == pool.account && it.document.at("SourceIpamPoolId").is_none();
            let count = || pools().filter(is_top).map(|it| cidr::claimed(it).len()).sum();
            must_have_room(cx, count, MOST, "ResourceLimitExceeded", "Amazon-provided contiguous IPv4 CIDR blocks")?;
            let taken: Vec<IpNet> = pools().flat_map(|pool| cidr::claimed(pool)).collect();
            Ok(space::first_free(&around, &taken, length).ok_or("There are no free addresses."))
        }
        (true, ..) => {
            let (least, most) = (SIZES.start(), SIZES.end());
            Err(invalid(format!("Amazon-provided IPv4 addresses come with a netmask length of {least} to {most}.")))
        }
        (false, Some(block), None) => {
            byoip::change::check_new(tx, cx.account(), &block, true)?;
            match is_proven(cx, tx, pool, input, &block)? {
                true => Ok(Ok(block)),
                false => Ok(Err("The authorization context does not prove that you own the address range.")),
            }
        }
        (false, ..) => Err(crate::refused::missing("Cidr")),
    }
}

/// By a signed message, or by a token in the range's DNS; what stands there we cannot look up, a valid token of the address manager is believed.
fn is_proven(cx: &Cx, world: &World, pool: &Item, input: &Document, block: &IpNet) -> Result<bool, ApiError> {
    if input.text("VerificationMethod") == Some("dns-token") {
        let token = input.text("IpamExternalResourceVerificationTokenId");
        let token = token.ok_or_else(|| crate::refused::missing("IpamExternalResourceVerificationTokenId"))?;
        return super::token::is_valid(cx, world, pool, token);
    }
    let text = |member: &str| input.text(&format!("CidrAuthorizationContext.{member}")).unwrap_or_default();
    Ok(byoip::change::is_proven(text("Message"), text("Signature"), cx.account(), block))
}

/// Where the ranges of a pool are known: in the region of its locale or, without one, in that of its address manager.
fn place_of(pool: &Item) -> &str {
    pool.document.text("Locale").filter(|locale| *locale != "None").unwrap_or(&pool.region)
}

/// A range that was brought is known where its pool's addresses can be used, to be advertised there.
pub fn note_range(cx: &Cx, tx: &mut Tx, pool: &Item, block: IpNet) {
    // A part of a range that is too small to be advertised is no range of its own.
    if !is_public(pool) || is_amazons(pool) || block.prefix_len() > SMALLEST {
        return;
    }
    let locale = place_of(pool);
    // A pool that it is within may have the same range, which is known by that one then.
    let known = tx.get::<ByoipCidr>(&[pool.account.as_str(), locale, &block.to_string()]);
    if known.is_none_or(|held| held.gone_at.is_some()) {
        tx.put(byoip::change::of_ipam(cx, pool.account, locale, block, &pool.id));
    }
}

/// What is deprovisioned is no longer advertised.
pub fn forget_range(tx: &mut Tx, pool: &Item, block: IpNet) -> Result<(), ApiError> {
    let key = [pool.account.as_str(), place_of(pool), &block.to_string()];
    let Some(held) = tx.get::<ByoipCidr>(&key).filter(|held| held.ipam_pool_id.as_ref() == Some(&pool.id)) else {
        return Ok(());
    };
    if held.stage.then == "advertised" {
        let message = format!("The CIDR {block} is advertised and must be withdrawn first.");
        return Err(ApiError::new("IncorrectState", message));
    }
    byoip::asn::must_be_free(held)?;
    let held = ByoipCidr::clone(held);
    tx.remove::<ByoipCidr>(&key);
    hand_up(tx, pool, held);
    Ok(())
}

/// A range that was moved to a pool is known by that one. While the pool that it is within still has it, nobody else can bring it.
fn hand_up(tx: &mut Tx, pool: &Item, held: ByoipCidr) {
    let source = pool.document.text("SourceIpamPoolId");
    let source = source.and_then(|id| tx.get::<Item>(&[pool.account.as_str(), &pool.region, id])).cloned();
    let Some(source) = source.filter(|source| cidr::claimed(source).contains(&held.cidr)) else { return };
    let place = place_of(&source).to_owned();
    let known = tx.get::<ByoipCidr>(&[held.account.as_str(), &place, &held.cidr.to_string()]);
    if known.is_none_or(|known| known.gone_at.is_some()) {
        tx.put(ByoipCidr { region: place, ipam_pool_id: Some(source.id.clone()), ..held });
    }
}

/// Where the addresses of a pool come from, as those that look at them call it.
pub fn source_of(world: &World, address: &crate::network::elastic_ip::Address) -> &'static str {
    let Some(id) = address.pool.as_deref() else { return AMAZON };
    let mut taken = allocation::of_holder(world, &address.id).filter_map(|it| allocation::pool_of(world, it));
    if taken.any(|pool| pool.id == id && is_amazons(&pool)) { AMAZON } else { "byoip" }
}

/// A pool of public IPv4 addresses that can be used in the request's region.
fn usable(cx: &Cx, world: &World, id: &str) -> Result<Arc<Item>, ApiError> {
    let pool = pool::find(world, cx, id)?;
    allocation::must_be_local(cx, &pool)?;
    let is_ec2s = pool.document.text("AwsService").is_none_or(|service| service == "ec2");
    if !is_public(&pool) || !is_ec2s || pool.document.text("AddressFamily") != Some("ipv4") {
        return Err(invalid(format!("The pool {id} has no public IPv4 addresses for Amazon EC2.")));
    }
    Ok(pool)
}

/// An address for an elastic one: the one wanted, or the first that is free.
pub fn take(cx: &Cx, world: &World, id: &str, wanted: Option<&str>) -> Result<(Arc<Item>, Ipv4Addr), ApiError> {
    let pool = usable(cx, world, id)?;
    let wish = match wanted {
        None => Wish::Length(32),
        Some(text) => {
            let address: Ipv4Addr = text.parse().map_err(|_| invalid(format!("Invalid address: '{text}'")))?;
            Wish::Block(Ipv4Net::from(address).into())
        }
    };
    match allocation::choose(cx, world, &pool, wish, &Bounds::default())? {
        IpNet::V4(block) if address::is_free(world, block.addr()) => Ok((pool, block.addr())),
        block => Err(invalid(format!("The address {} is in use.", block.addr()))),
    }
}

/// Writes down that an elastic address of the request's region was taken.
pub fn note(cx: &Cx, tx: &mut Tx, pool: &Item, address: Ipv4Addr, holder: &str) {
    let holder = Holder { id: holder, kind: "eip", region: cx.region_name() };
    allocation::note(cx, tx, pool, Ipv4Net::from(address).into(), Some(holder), None);
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ProvisionPublicIpv4PoolCidr.html>
fn provision(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    check_border_group(cx, input.text("NetworkBorderGroup"))?;
    let to = resource::get::<PublicIpv4Pool>(tx, cx, input.text("PoolId").unwrap_or_default())?;
    let pool = usable(cx, tx, input.text(POOLS.id).unwrap_or_default())?;
    let length = input.number("NetmaskLength").unwrap_or_default();
    // "The least specific netmask length you can define is 24": the same page.
    let length = u8::try_from(length).ok().filter(|length| (SMALLEST..=32).contains(length)).ok_or_else(|| {
        invalid(format!("Value ({length}) for parameter netmaskLength is invalid. It must be between 24 and 32."))
    })?;
    let IpNet::V4(block) = allocation::choose(cx, tx, &pool, Wish::Length(length), &Bounds::default())? else {
        return Err(ApiError::internal("a pool of IPv4 addresses gave others"));
    };
    let holder = Holder { id: &to.id, kind: "ec2-public-ipv4-pool", region: cx.region_name() };
    allocation::note(cx, tx, &pool, block.into(), Some(holder), None);
    resource::update::<PublicIpv4Pool>(tx, cx, &to.id, |to| to.provisioned.push(block));
    let range = range_out(tx, &to.id, block);
    Ok(Document::from(json!({"PoolId": to.id, "PoolAddressRange": {
        "FirstAddress": range.first_address,
        "LastAddress": range.last_address,
        "AddressCount": range.address_count,
        "AvailableAddressCount": range.available_address_count,
    }})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeprovisionPublicIpv4PoolCidr.html>
fn deprovision(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let pool = resource::get::<PublicIpv4Pool>(tx, cx, input.text("PoolId").unwrap_or_default())?;
    let text = input.text("Cidr").unwrap_or_default();
    let named: Option<Ipv4Net> = text.parse().ok().filter(|block| pool.provisioned.contains(block));
    let block = named.ok_or_else(|| invalid(format!("The CIDR {text} is not provisioned to the pool {}.", pool.id)))?;
    if addresses_of(tx, &pool.id).any(|held| block.contains(&held.public_ip)) {
        let message = format!("The CIDR {block} has addresses that are allocated.");
        return Err(ApiError::new("IncorrectState", message));
    }
    allocation::give_back(tx, &pool.id, Some(block.into()));
    resource::update::<PublicIpv4Pool>(tx, cx, &pool.id, |pool| pool.provisioned.retain(|held| *held != block));
    // A block that was moved here can be large: only its text then.
    let addresses: Vec<String> = match block.prefix_len() {
        ..SMALLEST => vec![block.to_string()],
        _ => (u32::from(block.network())..=u32::from(block.broadcast()))
            .map(|it| Ipv4Addr::from(it).to_string())
            .collect(),
    };
    Ok(Document::from(json!({"PoolId": pool.id, "DeprovisionedAddresses": addresses})))
}

/// Gives a block to a pool of the caller's and to all that it is within.
fn add_up(cx: &Cx, tx: &mut Tx, id: &str, block: IpNet) {
    let mut next = Some(id.to_owned());
    while let Some(pool) = next.take().and_then(|id| pool::find(tx, cx, &id).ok()) {
        let mut changed = Item::clone(&pool);
        cidr::add(cx, &mut changed, block);
        tx.put(changed);
        if let Some(source) = pool.document.text("SourceIpamPoolId").and_then(|id| pool::find(tx, cx, id).ok()) {
            let holder = Holder { id: &pool.id, kind: "ipam-pool", region: &pool.region };
            allocation::note(cx, tx, &source, block, Some(holder), None);
            next = Some(source.id.clone());
        }
    }
}

/// Hands a range that was brought over to a pool, and to those it is within; its public IPv4 pool keeps it as a block out of that.
/// <https://docs.aws.amazon.com/vpc/latest/ipam/tutorials-byoip-ipam-transfer-ipv4.html>
fn move_range(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let id = input.text(POOLS.id).unwrap_or_default();
    let pool = usable(cx, tx, id)?;
    if input.text("IpamPoolOwner") != Some(pool.account.as_str()) {
        return Err(kind::IPAM_POOL.not_found(&[id]));
    }
    let held = byoip::change::named(cx, tx, input.text("Cidr").unwrap_or_default())?;
    byoip::change::must_be(cx, &held, &["provisioned", "advertised"])?;
    byoip::asn::must_be_free(&held)?;
    let IpNet::V4(block) = held.cidr else { return Err(invalid("An IPv6 CIDR cannot be moved to IPAM.")) };
    if is_amazons(&pool) || held.ipam_pool_id.is_some() {
        return Err(invalid(format!("The CIDR {block} cannot be moved to the pool {id}.")));
    }
    let holder = Holder { id: &held.pool_id, kind: "ec2-public-ipv4-pool", region: cx.region_name() };
    allocation::note(cx, tx, &pool, block.into(), Some(holder), None);
    add_up(&share::cx_of(cx, pool.account), tx, &pool.id, block.into());
    resource::update::<PublicIpv4Pool>(tx, cx, &held.pool_id, |to| {
        to.range = None;
        to.provisioned.push(block);
    });
    // It is the address manager's from now on.
    tx.remove::<ByoipCidr>(&[held.account.as_str(), &held.region, &held.cidr.to_string()]);
    let (account, pool_id) = (pool.account, String::new());
    let moved = ByoipCidr { account, pool_id, ipam_pool_id: Some(pool.id.clone()), ..ByoipCidr::clone(&held) };
    let shown = byoip::out(cx, &moved);
    tx.put(moved);
    let shown = json!({"Cidr": shown.cidr, "Description": shown.description, "State": shown.state,
        "StatusMessage": shown.status_message, "NetworkBorderGroup": shown.network_border_group,
        "AdvertisementType": shown.advertisement_type, "IpamPoolId": shown.ipam_pool_id});
    Ok(Document::from(json!({"ByoipCidr": shown})))
}
