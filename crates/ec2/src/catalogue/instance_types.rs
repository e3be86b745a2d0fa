//! Instance types: what each is, and the few figures launches ask for. Where types are offered is in [`super::offerings`], reached
//! through [`offered_in`] and [`offered_in_zone`].
//!
//! The types stand in data/ec2/instance-types.jsonl.gz. [`get`] reads the block of some thirty types that holds the name; [`all`] reads
//! everything, once. Start with [`get`].

use std::sync::OnceLock;

use serde::Deserialize;
use service::facts::lines::{self, Block};

use super::offerings;

pub use super::instance_type::*;

const TYPES: &[u8] = include_bytes!("../../../../data/ec2/instance-types.jsonl.gz");

#[derive(Debug, Default, Deserialize)]
struct Index {
    #[serde(default)]
    blocks: Vec<Block>,
    #[serde(default, borrow)]
    types: Vec<&'static str>,
    /// What was read of each block.
    #[serde(skip)]
    read: Vec<OnceLock<Vec<InstanceType>>>,
}

/// The type of that name, `t3.micro`.
pub fn get(name: &str) -> Option<&'static InstanceType> {
    let index = index();
    let line = index.types.binary_search(&name).ok()?;
    let (number, line) = lines::find(&index.blocks, line)?;
    index
        .read
        .get(number)?
        .get_or_init(|| index.blocks.get(number).map(|block| read(*block)).unwrap_or_default())
        .get(line)
}

/// All types, by name.
pub fn all() -> &'static [InstanceType] {
    static ALL: OnceLock<Vec<InstanceType>> = OnceLock::new();
    ALL.get_or_init(|| index().blocks.iter().flat_map(|block| read(*block)).collect())
}

/// The names of all types, in order, without reading what they are.
pub fn names() -> &'static [&'static str] {
    &index().types
}

/// Whether some zone of the region offers the type.
pub fn offered_in(region: &str, name: &str) -> bool {
    offerings::offered_in(region, name)
}

/// Whether that zone (by name, `us-east-1a`) offers the type.
pub fn offered_in_zone(region: &str, zone: &str, name: &str) -> bool {
    offerings::offered_in_zone(region, zone, name)
}

/// Default number of vCPUs.
pub fn vcpus(kind: &InstanceType) -> i64 {
    kind.v_cpu_info.as_ref().and_then(|cpus| cpus.default_v_cpus).unwrap_or(1)
}

/// Memory in MiB.
pub fn memory_mib(kind: &InstanceType) -> i64 {
    kind.memory_info.as_ref().and_then(|memory| memory.size_in_mib).unwrap_or(0)
}

/// The processor architectures an image may have: `x86_64`, `arm64`, `i386`, `x86_64_mac`, `arm64_mac`.
pub fn architectures(kind: &InstanceType) -> &[String] {
    kind.processor_info.as_ref().and_then(|processor| processor.supported_architectures.as_deref()).unwrap_or_default()
}

/// Whether the type earns and spends CPU credits.
pub fn is_burstable(kind: &InstanceType) -> bool {
    kind.burstable_performance_supported.unwrap_or(false)
}

/// The most network interfaces an instance can have, on all cards together.
pub fn most_interfaces(kind: &InstanceType) -> i64 {
    kind.network_info.as_ref().and_then(|network| network.maximum_network_interfaces).unwrap_or(2)
}

/// The most private IPv4 addresses on one interface.
pub fn most_addresses_per_interface(kind: &InstanceType) -> i64 {
    kind.network_info.as_ref().and_then(|network| network.ipv4_addresses_per_interface).unwrap_or(2)
}

/// Whether it runs on Nitro: its hypervisor is, or it is bare metal of a later generation than Xen's.
pub fn is_nitro(kind: &InstanceType) -> bool {
    kind.hypervisor.as_deref() == Some("nitro") || kind.bare_metal.unwrap_or(false)
}

/// Whether it is optimised for EBS without being asked.
pub fn is_ebs_optimized_by_default(kind: &InstanceType) -> bool {
    kind.ebs_info.as_ref().is_some_and(|ebs| ebs.ebs_optimized_support.as_deref() == Some("default"))
}

/// Whether it can't be optimised for EBS.
pub fn is_never_ebs_optimized(kind: &InstanceType) -> bool {
    kind.ebs_info.as_ref().is_some_and(|ebs| ebs.ebs_optimized_support.as_deref() == Some("unsupported"))
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        // INVARIANT: the file is part of the program, and the tests below read all of it. What it unpacks to is kept.
        let mut index: Index = serde_json::from_str(data::json("ec2/instance-types").leak()).unwrap_or_default();
        index.read.resize_with(index.blocks.len(), OnceLock::new);
        index
    })
}

fn read(block: Block) -> Vec<InstanceType> {
    let text = lines::text(TYPES, block).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gives_its_type() {
        assert_eq!(names().len(), 1395);
        assert_eq!(all().len(), names().len());
        assert!(names().is_sorted());
        assert!(names().iter().zip(all()).all(|(name, kind)| kind.instance_type == *name));
        assert!(names().iter().all(|name| get(name).is_some_and(|kind| kind.instance_type == *name)));
        assert!(["", "t3", "t3.micro ", "T3.micro", "zz.large"].iter().all(|name| get(name).is_none()));
    }

    #[test]
    fn a_small_burstable_type_is_as_documented() {
        let kind = get("t3.micro").expect("documented");
        assert_eq!((vcpus(kind), memory_mib(kind)), (2, 1024));
        assert_eq!(architectures(kind), ["x86_64"]);
        assert_eq!((most_interfaces(kind), most_addresses_per_interface(kind)), (2, 2));
        assert!(is_burstable(kind) && is_nitro(kind) && is_ebs_optimized_by_default(kind));
        assert_eq!(kind.free_tier_eligible, Some(true));
    }

    #[test]
    fn types_differ_where_they_should() {
        let of = |name: &str| get(name).expect(name);
        assert!(!is_nitro(of("t2.micro")) && !is_ebs_optimized_by_default(of("t2.micro")));
        assert_eq!(architectures(of("t2.micro")), ["i386", "x86_64"]);
        assert_eq!(architectures(of("m6g.large")), ["arm64"]);
        assert!(is_nitro(of("m5.metal")) && !is_burstable(of("m5.metal")));
        assert_eq!(
            of("p4d.24xlarge").network_info.as_ref().and_then(|network| network.network_cards.as_ref()).map(Vec::len),
            Some(4)
        );
    }

    #[test]
    fn every_type_has_what_launches_ask_for() {
        for kind in all() {
            assert!(
                vcpus(kind) > 0 && memory_mib(kind) > 0 && !architectures(kind).is_empty(),
                "{}",
                kind.instance_type
            );
            assert!(most_interfaces(kind) > 0 && most_addresses_per_interface(kind) > 0, "{}", kind.instance_type);
        }
    }

    #[test]
    fn the_model_knows_every_field() {
        #[derive(wire::Shaped)]
        #[expect(dead_code, reason = "stands for its fields' names")]
        struct Types {
            instance_types: Vec<InstanceType>,
        }
        let model = wire::model(wire::Service::Ec2);
        let operation = model.operation("DescribeInstanceTypes").expect("modelled");
        assert_eq!(wire::compare_output::<Types>(model, operation).unknown, Vec::<String>::new());
    }
}
