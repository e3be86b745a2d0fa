//! The rules of networks and instances once more, as naively as they can be written: lists that are searched from end to end, and for each step
//! the codes of all refusals that could come. It shares nothing with the server but what AWS documents.

use std::collections::{BTreeMap, BTreeSet};

use super::super::writer::Random;
use super::step::{Id, Step};

/// What ids are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Vpc,
    Subnet,
    Group,
    Gateway,
    Table,
    Interface,
    Address,
    Instance,
    Volume,
}

impl Kind {
    /// An id that nobody has.
    fn nobody(self) -> Id {
        let prefix = match self {
            Kind::Vpc => "vpc",
            Kind::Subnet => "subnet",
            Kind::Group => "sg",
            Kind::Gateway => "igw",
            Kind::Table => "rtb",
            Kind::Interface => "eni",
            Kind::Address => "eipalloc",
            Kind::Instance => "i",
            Kind::Volume => "vol",
        };
        format!("{prefix}-0123456789abcdef0")
    }
}

#[derive(Debug, Clone)]
pub struct Subnet {
    pub vpc: Id,
    pub block: u64,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub vpc: Id,
    pub name: String,
    pub from: BTreeSet<Id>,
}

#[derive(Debug, Clone, Default)]
pub struct Table {
    pub vpc: Id,
    pub main: bool,
    /// Association -> subnet.
    pub subnets: BTreeMap<Id, Id>,
    pub gateway: Option<Id>,
}

#[derive(Debug, Clone)]
pub struct Interface {
    pub subnet: Id,
    pub group: Id,
    pub address: String,
    pub attachment: Option<Attachment>,
}

#[derive(Debug, Clone)]
pub struct Attachment {
    pub id: Id,
    pub instance: Id,
    pub primary: bool,
}

#[derive(Debug, Clone)]
pub struct Instance {
    pub state: &'static str,
    /// None once it was detached; it is never attached at the root device again.
    pub root: Option<Id>,
}

/// What one account holds; its default VPC aside.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub vpcs: BTreeSet<Id>,
    pub subnets: BTreeMap<Id, Subnet>,
    pub groups: BTreeMap<Id, Group>,
    /// The VPC it is attached to.
    pub gateways: BTreeMap<Id, Option<Id>>,
    pub tables: BTreeMap<Id, Table>,
    pub interfaces: BTreeMap<Id, Interface>,
    /// Association and interface.
    pub addresses: BTreeMap<Id, Option<(Id, Id)>>,
    pub instances: BTreeMap<Id, Instance>,
    /// The instance it is attached to.
    pub volumes: BTreeMap<Id, Option<Id>>,
    /// Every id in the order of its making, by which one is chosen: so a seed plays the same sequence again, whatever the ids are.
    born: Vec<Id>,
    /// Ids that are gone.
    gone: Vec<(Kind, Id)>,
    gone_associations: Vec<Id>,
}

/// Addresses of a /28 that AWS does not keep for itself.
pub const USABLE: usize = 11;

impl Rules {
    fn ids(&self, kind: Kind) -> Vec<&Id> {
        match kind {
            Kind::Vpc => self.vpcs.iter().collect(),
            Kind::Subnet => self.subnets.keys().collect(),
            Kind::Group => self.groups.keys().collect(),
            Kind::Gateway => self.gateways.keys().collect(),
            Kind::Table => self.tables.keys().collect(),
            Kind::Interface => self.interfaces.keys().collect(),
            Kind::Address => self.addresses.keys().collect(),
            Kind::Instance => self.instances.keys().collect(),
            Kind::Volume => self.volumes.keys().collect(),
        }
    }

    /// How many there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.ids(kind).len()
    }

    /// One of that kind: mostly one that is there, now and then one that is gone or never was.
    pub fn pick(&self, random: &mut Random, kind: Kind) -> Id {
        let gone = || self.gone.iter().filter(|(of, _)| *of == kind).map(|(_, id)| id).collect::<Vec<_>>();
        let from = if random.below(12) == 0 { gone() } else { self.ids(kind) };
        self.choose(random, from).unwrap_or_else(|| kind.nobody())
    }

    /// An association of a route table.
    pub fn pick_table_association(&self, random: &mut Random) -> Id {
        let all: Vec<&Id> = self.tables.values().flat_map(|table| table.subnets.keys()).collect();
        self.association(random, all, "rtbassoc")
    }

    /// An association of an address.
    pub fn pick_address_association(&self, random: &mut Random) -> Id {
        let all: Vec<&Id> = self.addresses.values().flatten().map(|(association, _)| association).collect();
        self.association(random, all, "eipassoc")
    }

    /// An attachment of an interface.
    pub fn pick_attachment(&self, random: &mut Random) -> Id {
        let all: Vec<&Id> =
            self.interfaces.values().filter_map(|interface| Some(&interface.attachment.as_ref()?.id)).collect();
        self.association(random, all, "eni-attach")
    }

    fn association(&self, random: &mut Random, all: Vec<&Id>, prefix: &str) -> Id {
        let gone = || self.gone_associations.iter().filter(|id| id.starts_with(prefix)).collect();
        let from = if random.below(12) == 0 { gone() } else { all };
        self.choose(random, from).unwrap_or_else(|| format!("{prefix}-0123456789abcdef0"))
    }

    fn choose(&self, random: &mut Random, mut from: Vec<&Id>) -> Option<Id> {
        from.sort_by_key(|id| self.born.iter().position(|born| born == *id));
        let place = random.below(u64::try_from(from.len()).ok().filter(|length| *length > 0)?);
        from.get(usize::try_from(place).ok()?).map(|id| (*id).clone())
    }

    /// An address of the subnet, or of the first block if there is no such subnet.
    pub fn address_in(&self, subnet: &Id, host: u64) -> String {
        let number = self.subnets.get(subnet).map_or(0, |subnet| subnet.block);
        format!("10.0.{number}.{host}")
    }

    /// How many addresses of the subnet are free.
    pub fn free(&self, subnet: &Id) -> usize {
        USABLE - self.interfaces.values().filter(|interface| interface.subnet == *subnet).count()
    }

    fn vpc_of(&self, subnet: &Id) -> Option<&Id> {
        self.subnets.get(subnet).map(|subnet| &subnet.vpc)
    }

    fn interfaces_in<'a>(&'a self, vpc: &'a Id) -> impl Iterator<Item = &'a Id> {
        let within = |interface: &Interface| self.vpc_of(&interface.subnet) == Some(vpc);
        self.interfaces.iter().filter(move |(_, interface)| within(interface)).map(|(id, _)| id)
    }

    /// The codes with which the step may be refused; it succeeds if there are none.
    pub fn refusals(&self, step: &Step) -> BTreeSet<&'static str> {
        let mut codes = BTreeSet::new();
        let mut refuse = |when: bool, code: &'static str| {
            if when {
                codes.insert(code);
            }
        };
        match step {
            Step::CreateVpc | Step::CreateGateway | Step::AllocateAddress | Step::CreateVolume => {}
            Step::DeleteVpc(vpc) => {
                refuse(!self.vpcs.contains(vpc), NO_VPC);
                let held = self.subnets.values().any(|subnet| subnet.vpc == *vpc)
                    || self.groups.values().any(|group| group.vpc == *vpc && group.name != "default")
                    || self.tables.values().any(|table| table.vpc == *vpc && !table.main)
                    || self.gateways.values().any(|held| held.as_ref() == Some(vpc));
                refuse(held, HELD);
            }
            Step::CreateSubnet { vpc, block } => {
                refuse(!self.vpcs.contains(vpc), NO_VPC);
                let taken = self.subnets.values().any(|subnet| subnet.vpc == *vpc && subnet.block == *block);
                refuse(taken, "InvalidSubnet.Conflict");
            }
            Step::DeleteSubnet(subnet) => {
                refuse(!self.subnets.contains_key(subnet), NO_SUBNET);
                refuse(self.interfaces.values().any(|interface| interface.subnet == *subnet), HELD);
            }
            Step::CreateGroup { vpc, name } => {
                refuse(!self.vpcs.contains(vpc), NO_VPC);
                let name = format!("g{name}");
                let taken = self.groups.values().any(|group| group.vpc == *vpc && group.name == name);
                refuse(taken, "InvalidGroup.Duplicate");
            }
            Step::DeleteGroup(id) => {
                let group = self.groups.get(id);
                refuse(group.is_none(), NO_GROUP);
                refuse(group.is_some_and(|group| group.name == "default"), "CannotDelete");
                let named = self.groups.iter().any(|(other, group)| other != id && group.from.contains(id));
                refuse(named || self.interfaces.values().any(|interface| interface.group == *id), HELD);
            }
            Step::Allow { group, from } | Step::Revoke { group, from } => {
                let (held, other) = (self.groups.get(group), self.groups.get(from));
                let allowed = held.is_some_and(|held| held.from.contains(from));
                let allows = matches!(step, Step::Allow { .. });
                let apart = held.zip(other).is_some_and(|(held, other)| held.vpc != other.vpc);
                refuse(held.is_none() || other.is_none() || apart, NO_GROUP);
                refuse(allows && allowed, "InvalidPermission.Duplicate");
                refuse(!allows && !allowed, "InvalidPermission.NotFound");
            }
            Step::AttachGateway { gateway, vpc } => {
                refuse(!self.gateways.contains_key(gateway), NO_GATEWAY);
                refuse(!self.vpcs.contains(vpc), NO_VPC);
                refuse(self.gateways.get(gateway).is_some_and(Option::is_some), "Resource.AlreadyAssociated");
                refuse(self.has_gateway(vpc), "InvalidParameterValue");
            }
            Step::DetachGateway { gateway, vpc } => {
                refuse(!self.gateways.contains_key(gateway), NO_GATEWAY);
                let attached = self.gateways.get(gateway).and_then(Option::as_ref) == Some(vpc);
                refuse(!attached, "Gateway.NotAttached");
                refuse(self.interfaces_in(vpc).any(|interface| self.has_address(interface)), HELD);
            }
            Step::DeleteGateway(gateway) => {
                refuse(!self.gateways.contains_key(gateway), NO_GATEWAY);
                refuse(self.gateways.get(gateway).is_some_and(Option::is_some), HELD);
            }
            Step::CreateTable(vpc) => refuse(!self.vpcs.contains(vpc), NO_VPC),
            Step::DeleteTable(table) => {
                let held = self.tables.get(table);
                refuse(held.is_none(), NO_TABLE);
                refuse(held.is_some_and(|table| table.main || !table.subnets.is_empty()), HELD);
            }
            Step::AssociateTable { table, subnet } => {
                refuse(!self.tables.contains_key(table), NO_TABLE);
                refuse(!self.subnets.contains_key(subnet), NO_SUBNET);
                let own = self.tables.get(table).map(|table| &table.vpc);
                refuse(
                    own.is_some() && self.vpc_of(subnet).is_some_and(|vpc| Some(vpc) != own),
                    "InvalidParameterValue",
                );
                let others = self.tables.iter().filter(|(id, _)| *id != table);
                let elsewhere = others.flat_map(|(_, table)| table.subnets.values()).any(|held| held == subnet);
                refuse(elsewhere, "Resource.AlreadyAssociated");
            }
            Step::DisassociateTable(id) => {
                let there = self.tables.values().any(|table| table.subnets.contains_key(id));
                refuse(!there, "InvalidAssociationID.NotFound");
            }
            Step::CreateRoute { table, gateway } => {
                let held = self.tables.get(table);
                refuse(held.is_none(), NO_TABLE);
                let known = self.gateways.get(gateway);
                refuse(known.is_none(), "InvalidGatewayID.NotFound");
                refuse(known.is_none(), NO_GATEWAY);
                let apart = known.is_some_and(|vpc| vpc.as_ref() != held.map(|table| &table.vpc));
                refuse(apart, "InvalidParameterValue");
                // The same route once more is no error.
                let other = held.and_then(|table| table.gateway.as_ref()).is_some_and(|held| held != gateway);
                refuse(other, "RouteAlreadyExists");
            }
            Step::DeleteRoute(table) => {
                refuse(!self.tables.contains_key(table), NO_TABLE);
                let none = self.tables.get(table).is_some_and(|table| table.gateway.is_none());
                refuse(none, "InvalidRoute.NotFound");
            }
            Step::CreateInterface { subnet, group, address } => {
                self.refuse_placing(subnet, group, None, &mut refuse);
                let taken = address.as_ref().is_some_and(|address| {
                    let mut others = self.interfaces.values().filter(|interface| interface.subnet == *subnet);
                    others.any(|interface| interface.address == *address)
                });
                refuse(taken, "InvalidIPAddress.InUse");
            }
            Step::DeleteInterface(id) => {
                let interface = self.interfaces.get(id);
                refuse(interface.is_none(), NO_INTERFACE);
                refuse(interface.is_some_and(|interface| interface.attachment.is_some()), "InvalidParameterValue");
            }
            Step::AttachInterface { interface, instance } => self.refuse_joining(interface, instance, &mut refuse),
            Step::DetachInterface(id) => {
                let attachment = self.interfaces.values().filter_map(|interface| interface.attachment.as_ref());
                let attachment = attachment.into_iter().find(|attachment| attachment.id == *id);
                refuse(attachment.is_none(), "InvalidAttachmentID.NotFound");
                refuse(attachment.is_some_and(|attachment| attachment.primary), "OperationNotPermitted");
            }
            Step::AssociateAddress { address, interface } => {
                refuse(!self.addresses.contains_key(address), "InvalidAllocationID.NotFound");
                refuse(!self.interfaces.contains_key(interface), NO_INTERFACE);
                let vpc = self.interfaces.get(interface).and_then(|interface| self.vpc_of(&interface.subnet));
                refuse(vpc.is_some_and(|vpc| !self.has_gateway(vpc)), "Gateway.NotAttached");
                let taken = self.addresses.get(address).and_then(Option::as_ref).is_some_and(|(_, at)| at != interface);
                refuse(taken, "Resource.AlreadyAssociated");
            }
            Step::DisassociateAddress(id) => {
                let there = self.addresses.values().flatten().any(|(association, _)| association == id);
                refuse(!there, "InvalidAssociationID.NotFound");
            }
            Step::ReleaseAddress(address) => {
                refuse(!self.addresses.contains_key(address), "InvalidAllocationID.NotFound");
                refuse(self.addresses.get(address).is_some_and(Option::is_some), "InvalidIPAddress.InUse");
            }
            Step::Launch { subnet, group, count } => {
                self.refuse_placing(subnet, group, Some(usize::try_from(*count).unwrap_or_default()), &mut refuse);
            }
            Step::Stop(id) | Step::Start(id) => {
                let instance = self.instances.get(id);
                refuse(instance.is_none(), NO_INSTANCE);
                refuse(instance.is_some_and(|instance| instance.state == "terminated"), "IncorrectInstanceState");
                let rootless = instance.is_some_and(|instance| instance.state == "stopped" && instance.root.is_none());
                refuse(rootless && matches!(step, Step::Start(_)), "InvalidParameterValue");
            }
            Step::Terminate(id) => refuse(!self.instances.contains_key(id), NO_INSTANCE),
            Step::AttachVolume { volume, instance } => {
                refuse(!self.volumes.contains_key(volume), NO_VOLUME);
                refuse(self.volumes.get(volume).is_some_and(Option::is_some), "VolumeInUse");
                let on = self.instances.get(instance);
                refuse(on.is_none(), NO_INSTANCE);
                refuse(on.is_some_and(|instance| instance.state == "terminated"), "IncorrectState");
                refuse(self.data_volume_of(instance).is_some(), "InvalidParameterValue");
            }
            Step::DetachVolume(volume) => {
                refuse(!self.volumes.contains_key(volume), NO_VOLUME);
                let at = self.volumes.get(volume).and_then(Option::as_ref);
                refuse(self.volumes.get(volume).is_some_and(Option::is_none), "IncorrectState");
                let of = at.and_then(|instance| self.instances.get(instance));
                let is_running_root = of.is_some_and(|of| of.root.as_ref() == Some(volume) && of.state == "running");
                refuse(is_running_root, "OperationNotPermitted");
            }
            Step::DeleteVolume(volume) => {
                refuse(!self.volumes.contains_key(volume), NO_VOLUME);
                refuse(self.volumes.get(volume).is_some_and(Option::is_some), "VolumeInUse");
            }
        }
        codes
    }

    /// A launch calls a group of another network by another code than the creation of an interface does.
    fn refuse_placing(
        &self,
        subnet: &Id,
        group: &Id,
        launched: Option<usize>,
        refuse: &mut impl FnMut(bool, &'static str),
    ) {
        let (is_launch, count) = (launched.is_some(), launched.unwrap_or(1));
        let (place, guard) = (self.vpc_of(subnet), self.groups.get(group));
        refuse(place.is_none(), NO_SUBNET);
        refuse(guard.is_none(), NO_GROUP);
        let apart = place.zip(guard).is_some_and(|(vpc, group)| group.vpc != *vpc);
        refuse(apart, if is_launch { "InvalidParameter" } else { "InvalidParameterValue" });
        refuse(place.is_some() && self.free(subnet) < count, "InsufficientFreeAddressesInSubnet");
    }

    fn refuse_joining(&self, interface: &Id, instance: &Id, refuse: &mut impl FnMut(bool, &'static str)) {
        let (held, on) = (self.interfaces.get(interface), self.instances.get(instance));
        refuse(held.is_none(), NO_INTERFACE);
        refuse(held.is_some_and(|held| held.attachment.is_some()), "InvalidNetworkInterface.InUse");
        refuse(on.is_none(), NO_INSTANCE);
        refuse(on.is_some_and(|on| on.state == "terminated"), "IncorrectInstanceState");
        let full = self.interfaces.values().filter(|other| other.is_at(instance)).count() > 1;
        refuse(full, "InvalidParameterValue");
        refuse(full, "AttachmentLimitExceeded");
        // An interface of another VPC may be attached, in the same zone.
        // https://aws.amazon.com/about-aws/whats-new/2023/10/multi-vpc-eni-attachments/
    }

    fn has_gateway(&self, vpc: &Id) -> bool {
        self.gateways.values().any(|held| held.as_ref() == Some(vpc))
    }

    fn has_address(&self, interface: &Id) -> bool {
        self.addresses.values().flatten().any(|(_, at)| at == interface)
    }

    /// What is attached to the instance beside its root volume.
    pub fn data_volume_of(&self, instance: &Id) -> Option<&Id> {
        let root = self.instances.get(instance).and_then(|instance| instance.root.as_ref());
        let mut held = self.volumes.iter().filter(|(id, at)| at.as_ref() == Some(instance) && Some(*id) != root);
        held.next().map(|(id, _)| id)
    }

    /// Takes note that something is there.
    pub fn note_birth(&mut self, id: &str) {
        self.born.push(id.to_owned());
    }

    /// Takes note that something is gone.
    pub fn bury(&mut self, kind: Kind, id: &Id) {
        self.gone.push((kind, id.clone()));
    }

    /// Takes note that an association or an attachment is gone.
    pub fn bury_association(&mut self, id: Id) {
        self.gone_associations.push(id);
    }
}

impl Interface {
    /// Whether it is attached to that instance.
    pub fn is_at(&self, instance: &Id) -> bool {
        self.attachment.as_ref().is_some_and(|attachment| attachment.instance == *instance)
    }
}

const NO_VPC: &str = "InvalidVpcID.NotFound";
const NO_SUBNET: &str = "InvalidSubnetID.NotFound";
const NO_GROUP: &str = "InvalidGroup.NotFound";
const NO_GATEWAY: &str = "InvalidInternetGatewayID.NotFound";
const NO_TABLE: &str = "InvalidRouteTableID.NotFound";
const NO_INTERFACE: &str = "InvalidNetworkInterfaceID.NotFound";
const NO_INSTANCE: &str = "InvalidInstanceID.NotFound";
const NO_VOLUME: &str = "InvalidVolume.NotFound";
const HELD: &str = "DependencyViolation";
