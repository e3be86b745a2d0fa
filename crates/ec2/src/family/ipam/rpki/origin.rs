//! Which systems may originate which blocks, and whether the routes that are announced keep to it.
//! <https://www.rfc-editor.org/rfc/rfc6811>

use std::sync::Arc;

use ipnet::IpNet;
use service::prelude::*;

use super::super::super::item::Item;
use super::super::discovery;
use super::{everybodys, registration};
use crate::network::byoip::ByoipCidr;

/// The number that Amazon announces ranges with unless it is told another.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/prepare-for-byoip.html>
const AMAZON: &str = "16509";

/// A route origin authorization: one system may originate a block, and parts of it up to a length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roa {
    pub block: IpNet,
    pub asn: String,
    pub most: u8,
}

/// A range that is announced.
pub struct Route {
    pub held: Arc<ByoipCidr>,
    pub asn: String,
}

/// What the authorizations say of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    Valid,
    Invalid,
    /// No authorization is about it.
    Unknown,
}

impl Validity {
    pub fn word(self) -> &'static str {
        match self {
            Validity::Valid => "valid",
            Validity::Invalid => "invalid",
            Validity::Unknown => "unknown",
        }
    }
}

impl Roa {
    /// Whether it is about the route.
    pub fn covers(&self, route: &Route) -> bool {
        self.block.contains(&route.held.cidr)
    }

    /// Whether it allows the route, which it is about.
    pub fn allows(&self, route: &Route) -> bool {
        self.covers(route) && self.asn == route.asn && route.held.cidr.prefix_len() <= self.most
    }
}

/// Judges a route by all authorizations.
pub fn validity(route: &Route, all: &[Roa]) -> Validity {
    if all.iter().any(|roa| roa.allows(route)) {
        return Validity::Valid;
    }
    if all.iter().any(|roa| roa.covers(route)) { Validity::Invalid } else { Validity::Unknown }
}

/// The ranges of an account that are announced in a region.
pub fn routes_in(cx: &Cx, world: &World, account: AccountId, region: &str) -> Vec<Route> {
    let held = world.scan::<ByoipCidr>(&[account.as_str(), region]);
    // What is about to be withdrawn is announced still.
    let announced = held.filter(|it| matches!(it.stage.at(cx), "advertised" | "pending-withdrawal"));
    let route = |held: &Arc<ByoipCidr>| Route {
        held: held.clone(),
        asn: held.advertised_as.clone().unwrap_or_else(|| AMAZON.to_owned()),
    };
    announced.map(route).collect()
}

/// All that an address manager sees announced.
pub fn routes(cx: &Cx, world: &World, ipam: &Item) -> Vec<Route> {
    let places = discovery::places(world, ipam);
    places.iter().flat_map(|(account, region)| routes_in(cx, world, *account, region)).collect()
}

/// All authorizations that are published, of whichever account, but for those of one association.
pub fn published(cx: &Cx, world: &World, but: Option<&str>) -> Vec<Roa> {
    let others = everybodys(world).filter(|association| but != Some(association.id.as_str()));
    others.flat_map(|association| registration::published(cx, association)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::item::Stage;

    #[test]
    fn routes_are_judged_as_the_rfc_says() {
        let cx = service::cx::testing::root_cx();
        let route = |block: &str, asn: &str| Route {
            held: Arc::new(ByoipCidr {
                account: cx.account(),
                region: "us-east-1".into(),
                cidr: block.parse().unwrap(),
                description: None,
                pool_id: String::new(),
                advertisable: true,
                stage: Stage::begin(&cx, "advertised", "advertised", 0),
                failure: None,
                ipam_pool_id: None,
                asns: Vec::new(),
                advertised_as: None,
                gone_at: None,
            }),
            asn: asn.into(),
        };
        let roa = |block: &str, asn: &str, most| Roa { block: block.parse().unwrap(), asn: asn.into(), most };
        let all =
            [roa("198.51.0.0/16", "64496", 24), roa("198.51.100.0/24", "16509", 24), roa("203.0.113.0/24", "0", 24)];
        for (block, asn, expected) in [
            ("198.51.7.0/24", "64496", Validity::Valid),
            ("198.51.7.0/25", "64496", Validity::Invalid),
            ("198.51.7.0/24", "16509", Validity::Invalid),
            ("198.51.100.0/24", "16509", Validity::Valid),
            ("198.50.0.0/15", "64496", Validity::Unknown),
            ("203.0.113.0/24", "16509", Validity::Invalid),
            ("2001:db8::/32", "16509", Validity::Unknown),
        ] {
            assert_eq!(validity(&route(block, asn), &all), expected, "{block} {asn}");
        }
    }
}
