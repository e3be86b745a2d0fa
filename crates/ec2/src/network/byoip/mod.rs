//! Address ranges that accounts bring: provisioned with a signed message, advertised to the internet, withdrawn and given back. Each has a pool of its
//! own, out of which elastic addresses ([`crate::network::elastic_ip::pool`]) or blocks of VPCs ([`ipv6_pool`]) are taken.
//!
//! Whose range it is nobody can verify here: a message that names the account and the range is believed, another fails.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-byoip.html>

use std::sync::Arc;

use ipnet::IpNet;
use jiff::SignedDuration;
use service::operations;
use service::prelude::*;

use self::asn::AsnAssociation;
use super::cidr::overlap;
use super::elastic_ip::{check_border_group, pool};
use crate::family::item::Stage;
use crate::resource::any;

pub mod asn;
pub mod change;
pub mod ipv6_pool;
#[cfg(test)]
mod tests;

operations! { Ec2;
    AdvertiseByoipCidr => write(change::advertise) authorize(any),
    DeprovisionByoipCidr => write(change::deprovision) authorize(any),
    DescribeByoipCidrs => read(describe) authorize(any),
    ProvisionByoipCidr => write(change::provision) authorize(change::to_provision),
    WithdrawByoipCidr => write(change::withdraw) authorize(any),
}

/// A range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByoipCidr {
    pub account: AccountId,
    pub region: String,
    pub cidr: IpNet,
    pub description: Option<String>,
    /// `ipv4pool-ec2-…` or `ipv6pool-ec2-…`
    pub pool_id: String,
    pub advertisable: bool,
    pub stage: Stage,
    /// Why it was not provisioned.
    pub failure: Option<String>,
    /// The IPAM pool that it is provisioned to; it has no pool of its own then.
    #[serde(default)]
    pub ipam_pool_id: Option<String>,
    /// Numbers of autonomous systems that it can be advertised with.
    #[serde(default)]
    pub asns: Vec<AsnAssociation>,
    /// The number that it was last advertised with, if not Amazon's.
    #[serde(default)]
    pub advertised_as: Option<String>,
    pub gone_at: Option<Timestamp>,
}

impl Record for ByoipCidr {
    const TABLE: TableDef = TableDef::own("ec2_byoip_cidr", &["account", "region", "cidr"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_pool", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.cidr.to_string()])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.gone_at.is_none() && !self.pool_id.is_empty() {
            entries.add(Self::BY_POOL, &[&self.pool_id]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.gone_at
    }
}

impl ByoipCidr {
    /// (pool) of a range that was not given back.
    pub const BY_POOL: usize = 0;

    /// Whether addresses can be taken out of it.
    pub fn is_there(&self, cx: &Cx) -> bool {
        !matches!(self.stage.at(cx), "pending-provision" | "failed-provision" | "pending-deprovision" | "deprovisioned")
    }
}

/// The range of a pool, if addresses can be taken out of it.
pub fn of_pool(cx: &Cx, world: &World, pool_id: &str) -> Option<Arc<ByoipCidr>> {
    world.one::<ByoipCidr>(ByoipCidr::BY_POOL, &[pool_id]).filter(|held| held.is_there(cx)).cloned()
}

/// `ByoipCidr`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ByoipCidrOut {
    pub cidr: String,
    pub description: Option<String>,
    pub status_message: Option<String>,
    pub state: String,
    pub network_border_group: String,
    pub advertisement_type: &'static str,
    pub pool_id: Option<String>,
    pub ipam_pool_id: Option<String>,
    pub asn_associations: Option<Vec<asn::AssociationOut>>,
}

pub fn out(cx: &Cx, held: &ByoipCidr) -> ByoipCidrOut {
    let state = held.stage.at(cx).to_owned();
    let pool_id = held.is_there(cx).then(|| held.pool_id.clone()).filter(|id| !id.is_empty());
    let ipam_pool_id = held.ipam_pool_id.clone().filter(|_| held.is_there(cx));
    let failure = held.failure.clone().filter(|_| state == "failed-provision");
    ByoipCidrOut {
        cidr: held.cidr.to_string(),
        description: held.description.clone(),
        status_message: pool_id.clone().or_else(|| ipam_pool_id.clone()).or(failure),
        state,
        network_border_group: held.region.clone(),
        advertisement_type: "unicast",
        pool_id,
        ipam_pool_id,
        asn_associations: Some(asn::associations(cx, held)).filter(|held| !held.is_empty()),
    }
}

/// `DescribeByoipCidrsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeByoipCidrs {
    pub max_results: i64,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeByoipCidrsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct ByoipCidrs {
    pub byoip_cidrs: Vec<ByoipCidrOut>,
    pub next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeByoipCidrs.html>
fn describe(cx: &Cx, world: &World, input: &DescribeByoipCidrs) -> Result<ByoipCidrs, ApiError> {
    let all = world.scan::<ByoipCidr>(&[cx.account().as_str(), cx.region_name()]).map(|held| out(cx, held));
    let (token, most) = (input.next_token.as_deref(), Some(input.max_results));
    let page = service::paging::ec2("DescribeByoipCidrs", token, most, all, |it| it.cidr.clone())?;
    Ok(ByoipCidrs { byoip_cidrs: page.items, next_token: page.next })
}
