//! Dedicated hosts: machines of one's own, the instances on them, and how much room is left.
//!
//! What a machine is like is derived from its family: as large as the family's largest type. Capacity is counted in vCPUs. [`launch`] finds a host for an
//! instance of the tenancy `host`, [`reservation`] sells hosts for a year or three. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-hosts-overview.html>

use std::sync::Arc;

use jiff::SignedDuration;
use service::operations;
use service::prelude::*;

use crate::catalogue::instance_types::{self, InstanceType};
use crate::instance::Instance;
use crate::kind;
use crate::resource::{any, resource};

pub mod allocate;
pub mod change;
pub mod describe;
pub mod launch;
pub mod mac;
pub mod reservation;
#[cfg(test)]
mod tests;

operations! { Ec2;
    AllocateHosts => write(allocate::allocate) authorize(allocate::to_allocate) check(allocate::check),
    DescribeMacHosts => read(mac::describe) authorize(any),
    DescribeHosts => read(describe::describe) authorize(any),
    ModifyHosts => write(change::modify) authorize(change::to_modify) check(change::check),
    ReleaseHosts => write(change::release) authorize(change::to_release),
}

/// A dedicated host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    pub account: AccountId,
    pub region: String,
    /// `h-…`
    pub id: String,
    /// The one type it takes; none if it takes all of its family.
    pub instance_type: Option<String>,
    /// `m5`
    pub family: String,
    pub zone: String,
    pub zone_id: String,
    pub auto_placement: bool,
    pub recovery: bool,
    pub maintenance: bool,
    pub client_token: Option<String>,
    pub allocated_at: Timestamp,
    pub released_at: Option<Timestamp>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// How long a released host is still described; AWS says "recently".
const VISIBLE: SignedDuration = SignedDuration::from_hours(1);

/// What a machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    pub cores: i64,
    pub sockets: i64,
    pub vcpus: i64,
}

impl Record for Host {
    const TABLE: TableDef = TableDef::own("ec2_host", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_family", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_FAMILY, &[self.account.as_str(), &self.region, &self.family]);
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.released_at.map(|at| at.saturating_add(VISIBLE).unwrap_or(at))
    }
}

resource!(Host, kind::DEDICATED_HOST, {
    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        let word = |on: bool| if on { "on" } else { "off" };
        check
            .key("ec2:AutoPlacement", word(self.auto_placement))
            .key("ec2:AvailabilityZone", self.zone.as_str())
            .key("ec2:HostRecovery", word(self.recovery))
            .key_if("ec2:InstanceType", self.instance_type.as_deref())
    }
});

/// The hosts of that family in the caller's account and region.
pub fn of_family<'w>(cx: &Cx, world: &'w World, family: &str) -> impl Iterator<Item = &'w Arc<Host>> + use<'w> {
    world.by::<Host>(Host::BY_FAMILY, &[cx.account().as_str(), cx.region_name(), family])
}

impl Host {
    /// (account, region, family).
    pub const BY_FAMILY: usize = 0;

    /// The instances that run on it.
    pub fn instances<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w Arc<Instance>> {
        world.by::<Instance>(Instance::BY_HOST, &[self.account.as_str(), &self.region, &self.id])
    }

    /// What it is like.
    pub fn machine(&self) -> Machine {
        let largest = family_types(&self.family).max_by_key(|kind| instance_types::vcpus(kind));
        let vcpus = largest.map_or(0, instance_types::vcpus);
        let threads = largest.and_then(|kind| kind.v_cpu_info.as_ref()?.default_threads_per_core).unwrap_or(1).max(1);
        Machine { cores: vcpus / threads, sockets: if vcpus > 64 { 2 } else { 1 }, vcpus }
    }

    /// vCPUs that no instance has.
    pub fn free_vcpus(&self, world: &World) -> i64 {
        let of =
            |instance: &Arc<Instance>| instance_types::get(&instance.instance_type).map_or(0, instance_types::vcpus);
        (self.machine().vcpus - self.instances(world).map(of).sum::<i64>()).max(0)
    }

    /// How many more instances of a type it has room for.
    pub fn room(&self, world: &World, kind: &InstanceType) -> i64 {
        self.free_vcpus(world) / instance_types::vcpus(kind).max(1)
    }

    /// Whether it takes instances of the type at all.
    pub fn takes(&self, type_name: &str) -> bool {
        match &self.instance_type {
            Some(only) => only == type_name,
            None => family_of(type_name) == self.family,
        }
    }
}

/// `m5` of `m5.large`.
pub fn family_of(type_name: &str) -> &str {
    type_name.split_once('.').map_or(type_name, |(family, _)| family)
}

/// Whether a type, or a family of types, is of Macs: `mac2.metal`, `mac-m4`.
pub fn is_mac(name: &str) -> bool {
    name.starts_with("mac")
}

/// The types of a family that run on hosts.
pub fn family_types(family: &str) -> impl Iterator<Item = &'static InstanceType> {
    let hosted = |kind: &&InstanceType| kind.dedicated_hosts_supported == Some(true);
    names_of(family).iter().filter_map(|name| instance_types::get(name)).filter(hosted)
}

/// The names of a family's types. All names are in order, so those of a family stand together.
fn names_of(family: &str) -> &'static [&'static str] {
    let names = instance_types::names();
    let begin = format!("{family}.");
    let first = names.partition_point(|name| *name < begin.as_str());
    let rest = names.get(first..).unwrap_or_default();
    let count = rest.iter().take_while(|name| name.starts_with(&begin)).count();
    rest.get(..count).unwrap_or_default()
}
