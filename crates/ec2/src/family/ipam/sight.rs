//! What there is to see of addresses in an account's region: blocks of VPCs and subnets, elastic addresses, public addresses of interfaces, pools of public
//! addresses. Address managers look at it through their resource discoveries ([`super::discovery`]); nothing is kept, so what is told is true now.

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use service::prelude::*;

use super::public;
use crate::network::elastic_ip::{Address, pool};
use crate::network::interface::NetworkInterface;
use crate::network::subnet::Subnet;
use crate::network::subnet::addresses;
use crate::network::vpc::Vpc;

/// A block of something.
pub struct Found {
    pub account: AccountId,
    pub region: String,
    /// `vpc`, `subnet`, `eip`, `eni`, `public-ipv4-pool`
    pub kind: &'static str,
    pub id: String,
    pub block: IpNet,
    /// The VPC it is, or is in.
    pub vpc: Option<Arc<Vpc>>,
    /// The subnet it is, or is in.
    pub subnet: Option<String>,
    pub zone_id: Option<String>,
    pub usage: f64,
    /// Who gave the addresses: `amazon`, `byoip`, or `none` where they are private.
    pub source: &'static str,
    /// Whether an interface is attached.
    pub attached: Option<bool>,
    pub tags: Vec<Tag>,
}

impl Found {
    pub fn is_public(&self) -> bool {
        !matches!((self.kind, self.block), ("vpc" | "subnet", IpNet::V4(_)))
    }

    /// What a block of a VPC is for its subnets.
    pub fn around(&self) -> Option<IpNet> {
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

fn source_of(vpc: &Vpc, block: &IpNet) -> &'static str {
    let held = vpc.ipv6_blocks.iter().find(|held| IpNet::V6(held.cidr).contains(block));
    match held {
        Some(held) if held.pool.is_some() => "byoip",
        Some(_) => "amazon",
        None => "none",
    }
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
    let of = |kind: &'static str, id: &str, block: IpNet, usage: f64, tags: &[Tag]| Found {
        account: vpc.account,
        region: vpc.region.clone(),
        kind,
        id: id.to_owned(),
        block,
        vpc: Some(vpc.clone()),
        subnet: None,
        zone_id: None,
        usage,
        source: source_of(vpc, &block),
        attached: None,
        tags: tags.to_vec(),
    };
    for block in vpc.blocks() {
        let used: f64 = inner.iter().filter(|(_, inner)| block.contains(inner)).map(|(_, inner)| size(inner)).sum();
        found.push(of("vpc", &vpc.id, block, share_of(used, size(&block)), &vpc.tags));
    }
    for (subnet, block) in inner {
        let usage = match block {
            IpNet::V4(_) => {
                let free = u32::try_from(addresses::available_addresses(world, subnet)).unwrap_or(u32::MAX);
                share_of(size(&block) - f64::from(free), size(&block))
            }
            IpNet::V6(_) => 0.0,
        };
        let (id, zone_id) = (Some(subnet.id.clone()), Some(subnet.zone_id.clone()));
        found.push(Found { subnet: id, zone_id, ..of("subnet", &subnet.id, block, usage, &subnet.tags) });
    }
}

/// All that is in an account's region.
pub fn of_region(world: &World, account: AccountId, region: &str) -> Vec<Found> {
    let key = [account.as_str(), region];
    let mut found = Vec::new();
    world.scan::<Vpc>(&key).for_each(|vpc| of_vpc(world, vpc, &mut found));
    let interface_of =
        |id: &str| world.get::<NetworkInterface>(&[account.as_str(), region, id]).map(|interface| &**interface);
    let public =
        |kind: &'static str, id: &str, block: Ipv4Net, holder: Option<&NetworkInterface>, tags: &[Tag]| Found {
            account,
            region: region.to_owned(),
            kind,
            id: id.to_owned(),
            block: block.into(),
            vpc: holder.and_then(|it| world.get::<Vpc>(&[account.as_str(), region, &it.vpc_id]).cloned()),
            subnet: holder.map(|it| it.subnet_id.clone()),
            zone_id: None,
            usage: 1.0,
            source: "amazon",
            attached: None,
            tags: tags.to_vec(),
        };
    let single = |address: Ipv4Addr| Ipv4Net::from(address);
    for address in world.scan::<Address>(&key).filter(|it| it.public().is_some()) {
        let held = address.held(world.now());
        let holder = held.and_then(|it| interface_of(&it.interface_id));
        let usage = if held.is_some() { 1.0 } else { 0.0 };
        let source = public::source_of(world, address);
        let seen = public("eip", &address.id, single(address.public_ip), holder, &address.tags);
        found.push(Found { usage, source, ..seen });
    }
    for interface in world.scan::<NetworkInterface>(&key) {
        if let Some(address) = interface.public_ip {
            let seen = public("eni", &interface.id, single(address), Some(interface), &interface.tags);
            found.push(Found { attached: Some(interface.attachment.is_some()), ..seen });
        }
    }
    for pool in world.scan::<pool::PublicIpv4Pool>(&key) {
        for range in pool.ranges() {
            let held = pool::addresses_of(world, &pool.id).filter(|it| range.contains(&it.public_ip)).count();
            let held = f64::from(u32::try_from(held).unwrap_or(u32::MAX));
            let seen = public("public-ipv4-pool", &pool.id, range, None, &pool.tags);
            found.push(Found { usage: share_of(held, size(&range.into())), source: "byoip", ..seen });
        }
    }
    found
}
