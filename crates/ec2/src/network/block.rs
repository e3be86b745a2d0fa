//! Blocks of addresses that VPCs and subnets are associated with, and their states by the clock. A block that was taken away is seen for half an hour
//! more; nothing but descriptions knows of it then.

use ipnet::{IpNet, Ipv6Net};
use service::cx::States;
use service::prelude::*;

use super::vpc::Vpc;
use crate::instance::view::is_settled;

/// A block of IPv6 addresses of a VPC or of a subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv6Block {
    /// `vpc-cidr-assoc-…` or `subnet-cidr-assoc-…`
    pub id: String,
    pub cidr: Ipv6Net,
    pub since: Timestamp,
    /// `ipv6pool-ec2-…`, where it is out of a pool of the account's own.
    #[serde(default)]
    pub pool: Option<String>,
}

/// A block that is no longer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerBlock {
    pub id: String,
    pub cidr: IpNet,
    pub ended_at: Timestamp,
    /// `ipv6pool-ec2-…`, where it was out of a pool of the account's own.
    #[serde(default)]
    pub pool: Option<String>,
}

/// `SubnetCidrBlockState` and `VpcCidrBlockState`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct StateOut {
    pub state: &'static str,
}

/// How long former blocks are seen, as people observed (hashicorp/terraform-provider-aws issue 32967).
const SEEN: jiff::SignedDuration = jiff::SignedDuration::from_mins(30);

/// How a block that came at that time is associated; one whose time is not known came long ago.
pub fn state(since: Option<Timestamp>, now: Timestamp, states: States) -> StateOut {
    let settled = since.is_none_or(|since| is_settled(since, now, states));
    StateOut { state: if settled { "associated" } else { "associating" } }
}

impl FormerBlock {
    /// How the block is seen, as long as it is.
    pub fn state(&self, now: Timestamp, states: States) -> Option<StateOut> {
        let state = if is_settled(self.ended_at, now, states) { "disassociated" } else { "disassociating" };
        self.is_seen(now).then_some(StateOut { state })
    }

    fn is_seen(&self, now: Timestamp) -> bool {
        now.duration_since(self.ended_at) < SEEN
    }
}

/// Adds a block to the former ones, and forgets those that nobody sees any more.
pub fn end(former: &mut Vec<FormerBlock>, id: &str, cidr: impl Into<IpNet>, pool: Option<&str>, now: Timestamp) {
    former.retain(|block| block.is_seen(now));
    former.push(FormerBlock { id: id.to_owned(), cidr: cidr.into(), ended_at: now, pool: pool.map(str::to_owned) });
}

/// How often a draw is tried before giving up.
const TRIES: usize = 1000;

/// A block of 2⁷² addresses that no VPC has, out of those Amazon gives to VPCs. <https://ip-ranges.amazonaws.com/ip-ranges.json>
pub fn draw_ipv6(cx: &Cx, world: &World) -> Result<Ipv6Net, ApiError> {
    let (base, length) = match cx.region_name().split('-').next() {
        Some("eu" | "me" | "af" | "il" | "eusc") => (0x2a05_d000, 25),
        Some("ap" | "cn") => (0x2406_da00, 24),
        _ => (0x2600_1f00, 24),
    };
    for _ in 0..TRIES {
        let drawn = u128::from(cx.ids.below(1 << (56 - length)));
        let address = (u128::from(base as u32) << 96) | (drawn << 72);
        let block = Ipv6Net::new(address.into(), 56).map_err(|_| ApiError::internal("a prefix of 56 bits"))?;
        if world.one::<Vpc>(Vpc::BY_IPV6_BLOCK, &[&block.to_string()]).is_none() {
            return Ok(block);
        }
    }
    Err(ApiError::new("InsufficientAddressCapacity", "There are not enough free addresses to fulfil the request."))
}
