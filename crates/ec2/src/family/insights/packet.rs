//! Packets as an analysis sees them: not one, but all those that could still be under way at a point of a path. Addresses and ports are sets of
//! numbers; each rule and each route narrows them. <https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html>

use std::net::Ipv4Addr;

use ipnet::{Ipv4Net, Ipv4Subnets};
use serde_json::{Value, json};
use service::prelude::*;

/// A set of numbers, addresses or ports: ranges in order, apart from each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Set(Vec<(u32, u32)>);

/// The last port.
const LAST_PORT: u32 = 65_535;

impl Set {
    /// All from one number to another.
    pub fn range(first: u32, last: u32) -> Set {
        if first <= last { Set(vec![(first, last)]) } else { Set::default() }
    }

    /// All addresses.
    pub fn all() -> Set {
        Set::range(0, u32::MAX)
    }

    /// All ports.
    pub fn ports() -> Set {
        Set::range(0, LAST_PORT)
    }

    /// All of some ranges, which may overlap and come in any order; each begins no later than it ends.
    pub fn of(ranges: impl IntoIterator<Item = (u32, u32)>) -> Set {
        let mut ranges: Vec<(u32, u32)> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::new();
        for (first, last) in ranges {
            match joined.last_mut() {
                Some(held) if first <= held.1.saturating_add(1) => held.1 = held.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        Set(joined)
    }

    /// A block of addresses.
    pub fn block(block: Ipv4Net) -> Set {
        Set::of([range_of(block)])
    }

    /// Those addresses.
    pub fn addresses(addresses: impl IntoIterator<Item = Ipv4Addr>) -> Set {
        Set::of(addresses.into_iter().map(|one| (u32::from(one), u32::from(one))))
    }

    /// The addresses of blocks, of which those of IPv6 count for nothing.
    pub fn blocks<T: AsRef<str>>(blocks: impl IntoIterator<Item = T>) -> Set {
        let parsed = blocks.into_iter().filter_map(|text| text.as_ref().parse::<Ipv4Net>().ok());
        Set::of(parsed.map(range_of))
    }

    /// The addresses an internet gateway lets through: neither private (RFC 1918) nor shared (RFC 6598).
    pub fn internet() -> Set {
        Set::all().minus(&Set::private()).minus(&Set::shared())
    }

    /// RFC 1918.
    pub fn private() -> Set {
        Set::blocks(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
    }

    /// RFC 6598.
    pub fn shared() -> Set {
        Set::blocks(["100.64.0.0/10"])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Of how many ranges it is.
    pub fn ranges(&self) -> usize {
        self.0.len()
    }

    pub fn union(&self, other: &Set) -> Set {
        Set::of(self.0.iter().chain(&other.0).copied())
    }

    /// Whether any address of the block is among them.
    pub fn meets(&self, block: Ipv4Net) -> bool {
        let (first, last) = range_of(block);
        self.0.iter().any(|range| range.0 <= last && first <= range.1)
    }

    pub fn and(&self, other: &Set) -> Set {
        let shared = |one: &(u32, u32), other: &(u32, u32)| (one.0.max(other.0), one.1.min(other.1));
        let pairs = self.0.iter().flat_map(|one| other.0.iter().map(move |other| shared(one, other)));
        Set(pairs.filter(|(first, last)| first <= last).collect())
    }

    pub fn minus(&self, other: &Set) -> Set {
        let mut left = self.0.clone();
        for (first, last) in &other.0 {
            left = left.into_iter().flat_map(|range| without(range, (*first, *last))).collect();
        }
        Set(left)
    }

    /// The lowest of a set of addresses.
    pub fn first_address(&self) -> Option<Ipv4Addr> {
        self.0.first().map(|(first, _)| Ipv4Addr::from(*first))
    }

    /// As blocks, in the order of their texts, as AWS lists them.
    fn cidrs(&self) -> Vec<String> {
        let blocks =
            self.0.iter().flat_map(|(first, last)| Ipv4Subnets::new(Ipv4Addr::from(*first), Ipv4Addr::from(*last), 0));
        let mut texts: Vec<String> = blocks.map(|block| block.to_string()).collect();
        texts.sort_unstable();
        texts
    }

    fn port_ranges(&self) -> Vec<Value> {
        self.0.iter().map(|(first, last)| json!({"From": first, "To": last})).collect()
    }
}

/// The first and the last address of a block.
pub fn range_of(block: Ipv4Net) -> (u32, u32) {
    (block.network().into(), block.broadcast().into())
}

fn without(range: (u32, u32), taken: (u32, u32)) -> Vec<(u32, u32)> {
    if taken.1 < range.0 || taken.0 > range.1 {
        return vec![range];
    }
    let before = taken.0.checked_sub(1).filter(|end| *end >= range.0).map(|end| (range.0, end));
    let after = taken.1.checked_add(1).filter(|start| *start <= range.1).map(|start| (start, range.1));
    before.into_iter().chain(after).collect()
}

/// The packets that can be under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// 6 or 17.
    pub protocol: i64,
    pub source: Set,
    pub source_ports: Set,
    pub destination: Set,
    pub destination_ports: Set,
    /// Whether security groups still know from which interface they come.
    pub from_group: bool,
}

impl Packet {
    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        [&self.source, &self.source_ports, &self.destination, &self.destination_ports].iter().any(|set| set.is_empty())
    }

    /// The replies.
    pub fn back(&self) -> Packet {
        Packet {
            source: self.destination.clone(),
            source_ports: self.destination_ports.clone(),
            destination: self.source.clone(),
            destination_ports: self.source_ports.clone(),
            ..*self
        }
    }

    pub fn to(&self, destination: &Set) -> Packet {
        Packet { destination: self.destination.and(destination), ..self.clone() }
    }

    pub fn from(&self, source: &Set) -> Packet {
        Packet { source: self.source.and(source), ..self.clone() }
    }

    pub fn to_ports(&self, ports: &Set) -> Packet {
        Packet { destination_ports: self.destination_ports.and(ports), ..self.clone() }
    }

    /// What a filter lets pass, or the code of the member that lets none.
    pub fn filtered(&self, filter: &Filter, side: &str) -> Result<Packet, String> {
        let mut packet = self.clone();
        let narrow = |set: &mut Set, wanted: &Option<Set>, code: &str| match wanted {
            Some(wanted) => {
                *set = set.and(wanted);
                if set.is_empty() { Err(format!("FILTER_AT_{side}_{code}")) } else { Ok(()) }
            }
            None => Ok(()),
        };
        narrow(&mut packet.source, &filter.source, "SOURCE_ADDRESS")?;
        narrow(&mut packet.source_ports, &filter.source_ports, "SOURCE_PORT_RANGE")?;
        narrow(&mut packet.destination, &filter.destination, "DESTINATION_ADDRESS")?;
        narrow(&mut packet.destination_ports, &filter.destination_ports, "DESTINATION_PORT_RANGE")?;
        Ok(packet)
    }

    /// Those of the packets with a port that a filter at their goal lets pass: nothing on the way changes it.
    pub fn bound_for(&self, arrival: &Filter) -> Packet {
        arrival.destination_ports.as_ref().map_or_else(|| self.clone(), |ports| self.to_ports(ports))
    }

    /// As a component of a path shows it.
    pub fn header(&self) -> Value {
        json!({
            "DestinationAddresses": self.destination.cidrs(),
            "DestinationPortRanges": self.destination_ports.port_ranges(),
            "Protocol": self.protocol.to_string(),
            "SourceAddresses": self.source.cidrs(),
            "SourcePortRanges": self.source_ports.port_ranges(),
        })
    }

    /// The members of the header in which it differs from what came in.
    pub fn changes(&self, before: &Packet) -> Value {
        let (new, old) = (Document::from(self.header()), Document::from(before.header()));
        let changed = new.0.into_iter().filter(|(name, value)| old.at(name) != Some(value));
        Value::Object(changed.collect())
    }
}

/// What is asked of packets at one end of their way; a set that is not there asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub source: Option<Set>,
    pub source_ports: Option<Set>,
    pub destination: Option<Set>,
    pub destination_ports: Option<Set>,
}

impl Filter {
    /// Of how many ranges it is.
    pub fn ranges(&self) -> usize {
        let sets = [&self.source, &self.source_ports, &self.destination, &self.destination_ports];
        sets.into_iter().flatten().map(Set::ranges).sum()
    }

    /// What a path of Reachability Analyzer asks (`PathFilter`).
    pub fn of_path(filter: &Document) -> Filter {
        let address =
            |member: &str| filter.text(member).and_then(|text| text.parse().ok()).map(|it| Set::addresses([it]));
        Filter {
            source: address("SourceAddress"),
            source_ports: ports_of(filter, "SourcePortRange"),
            destination: address("DestinationAddress"),
            destination_ports: ports_of(filter, "DestinationPortRange"),
        }
    }
}

/// A range of ports that a filter of a path names.
fn ports_of(filter: &Document, member: &str) -> Option<Set> {
    let bound = |name: &str| filter.number(&format!("{member}.{name}")).and_then(|it| u32::try_from(it).ok());
    let first = bound("FromPort")?;
    Some(Set::range(first, bound("ToPort").unwrap_or(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_addresses() {
        let internet = Set::internet().cidrs();
        // As AWS's own examples list them.
        for block in [
            "0.0.0.0/5",
            "11.0.0.0/8",
            "12.0.0.0/6",
            "128.0.0.0/3",
            "16.0.0.0/4",
            "172.0.0.0/12",
            "8.0.0.0/7",
            "100.0.0.0/10",
        ] {
            assert!(internet.iter().any(|held| held == block), "{block} in {internet:?}");
        }
        assert!(internet.is_sorted());
        let ten = Set::blocks(["10.0.0.0/8"]);
        assert_eq!(ten.minus(&Set::blocks(["10.0.0.0/9"])).cidrs(), ["10.128.0.0/9"]);
        assert_eq!(ten.and(&Set::blocks(["10.1.0.0/16", "11.0.0.0/8"])).cidrs(), ["10.1.0.0/16"]);
        assert_eq!(Set::blocks(["10.0.0.0/9"]).union(&Set::blocks(["10.128.0.0/9"])), ten);
        assert_eq!(Set::blocks(["10.128.0.0/9", "10.1.0.0/16", "10.0.0.0/9", "10.0.0.0/9"]), ten);
        for (block, expected) in [("10.255.255.255/32", true), ("0.0.0.0/0", true), ("11.0.0.0/8", false)] {
            assert_eq!(ten.meets(block.parse().unwrap()), expected, "{block}");
        }
        assert!(Set::all().minus(&Set::all()).is_empty());
        assert_eq!(
            Set::ports().minus(&Set::range(1, 65_534)).port_ranges(),
            [json!({"From": 0, "To": 0}), json!({"From": 65_535, "To": 65_535})]
        );
    }
}
