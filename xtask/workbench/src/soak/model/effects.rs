//! What a step changes when it succeeds, and everything that is then to be seen, as sentences.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use super::super::answer::Element;
use super::rules::{Attachment, Group, Instance, Interface, Kind, Rules, Subnet, Table};
use super::step::{Id, Step, block};

/// The main route table and the default group of a new VPC, which no answer names.
pub struct Furniture {
    pub table: Id,
    pub group: Id,
}

impl Rules {
    /// A VPC came with its furniture.
    pub fn furnish(&mut self, vpc: &Id, furniture: Furniture) {
        for id in [vpc, &furniture.table, &furniture.group] {
            self.note_birth(id);
        }
        self.vpcs.insert(vpc.clone());
        self.tables.insert(furniture.table, Table { vpc: vpc.clone(), main: true, ..Table::default() });
        let group = Group { vpc: vpc.clone(), name: "default".into(), from: BTreeSet::new() };
        self.groups.insert(furniture.group, group);
    }

    /// Changes what a successful step changes; the answer names what was made. An answer that breaks a rule is an error.
    pub fn apply(&mut self, step: &Step, answer: &Element) -> Result<()> {
        match step {
            // The caller furnishes it.
            Step::CreateVpc => {}
            Step::DeleteVpc(vpc) => self.delete_vpc(vpc),
            Step::CreateSubnet { vpc, block } => {
                let id = self.made(answer.at("subnet").text("subnetId"))?;
                self.subnets.insert(id, Subnet { vpc: vpc.clone(), block: *block });
            }
            Step::DeleteSubnet(subnet) => self.delete_subnet(subnet),
            Step::CreateGroup { vpc, name } => {
                let id = self.made(answer.text("groupId"))?;
                let group = Group { vpc: vpc.clone(), name: format!("g{name}"), from: BTreeSet::new() };
                self.groups.insert(id, group);
            }
            Step::DeleteGroup(group) => {
                self.groups.remove(group);
                self.bury(Kind::Group, group);
            }
            Step::Allow { group, from } => _ = self.group(group)?.from.insert(from.clone()),
            Step::Revoke { group, from } => _ = self.group(group)?.from.remove(from),
            Step::CreateGateway => {
                let id = self.made(answer.at("internetGateway").text("internetGatewayId"))?;
                self.gateways.insert(id, None);
            }
            Step::AttachGateway { gateway, vpc } => _ = self.gateways.insert(gateway.clone(), Some(vpc.clone())),
            Step::DetachGateway { gateway, .. } => _ = self.gateways.insert(gateway.clone(), None),
            Step::DeleteGateway(gateway) => {
                self.gateways.remove(gateway);
                self.bury(Kind::Gateway, gateway);
            }
            Step::CreateTable(vpc) => {
                let id = self.made(answer.at("routeTable").text("routeTableId"))?;
                self.tables.insert(id, Table { vpc: vpc.clone(), ..Table::default() });
            }
            Step::DeleteTable(table) => {
                self.tables.remove(table);
                self.bury(Kind::Table, table);
            }
            Step::AssociateTable { table, subnet } => self.associate_table(table, subnet, answer)?,
            Step::DisassociateTable(id) => {
                self.tables.values_mut().for_each(|table| _ = table.subnets.remove(id));
                self.bury_association(id.clone());
            }
            Step::CreateRoute { table, gateway } => self.table(table)?.gateway = Some(gateway.clone()),
            Step::DeleteRoute(table) => self.table(table)?.gateway = None,
            Step::CreateInterface { subnet, group, .. } => {
                self.add_interface(answer.at("networkInterface"), subnet, group, None)?;
            }
            Step::DeleteInterface(interface) => self.delete_interface(interface),
            Step::AttachInterface { interface, instance } => {
                let id = self.made(answer.text("attachmentId"))?;
                let attachment = Attachment { id, instance: instance.clone(), primary: false };
                self.interfaces.get_mut(interface).context("no such interface")?.attachment = Some(attachment);
            }
            Step::DetachInterface(id) => {
                let held = |interface: &&mut Interface| interface.attachment.as_ref().is_some_and(|at| at.id == *id);
                self.interfaces.values_mut().filter(held).for_each(|interface| interface.attachment = None);
                self.bury_association(id.clone());
            }
            Step::AllocateAddress => {
                let id = self.made(answer.text("allocationId"))?;
                self.addresses.insert(id, None);
            }
            Step::AssociateAddress { address, interface } => {
                let id = self.made(answer.text("associationId"))?;
                let others = self.addresses.iter_mut().filter(|(other, _)| *other != address);
                let ended: Vec<_> = others.filter_map(|(_, held)| held.take_if(|(_, at)| at == interface)).collect();
                ended.into_iter().for_each(|(association, _)| self.bury_association(association));
                self.addresses.insert(address.clone(), Some((id, interface.clone())));
            }
            Step::DisassociateAddress(id) => {
                let held =
                    |held: &&mut Option<(Id, Id)>| held.as_ref().is_some_and(|(association, _)| association == id);
                self.addresses.values_mut().filter(held).for_each(|held| *held = None);
                self.bury_association(id.clone());
            }
            Step::ReleaseAddress(address) => {
                self.addresses.remove(address);
                self.bury(Kind::Address, address);
            }
            Step::Launch { subnet, group, count } => self.launch(subnet, group, *count, answer)?,
            Step::Stop(id) => self.instance(id)?.state = "stopped",
            Step::Start(id) => self.instance(id)?.state = "running",
            Step::Terminate(id) => self.terminate(id)?,
            Step::CreateVolume => {
                let id = self.made(answer.text("volumeId"))?;
                self.volumes.insert(id, None);
            }
            Step::AttachVolume { volume, instance } => {
                _ = self.volumes.insert(volume.clone(), Some(instance.clone()));
            }
            Step::DetachVolume(volume) => {
                self.volumes.insert(volume.clone(), None);
                let of_root = |instance: &&mut Instance| instance.root.as_ref() == Some(volume);
                self.instances.values_mut().filter(of_root).for_each(|instance| instance.root = None);
            }
            Step::DeleteVolume(volume) => {
                self.volumes.remove(volume);
                self.bury(Kind::Volume, volume);
            }
        }
        Ok(())
    }

    fn made(&mut self, id: &str) -> Result<Id> {
        ensure!(!id.is_empty(), "the answer names nothing that was made");
        self.note_birth(id);
        Ok(id.to_owned())
    }

    fn group(&mut self, id: &Id) -> Result<&mut Group> {
        self.groups.get_mut(id).context("no such group")
    }

    fn table(&mut self, id: &Id) -> Result<&mut Table> {
        self.tables.get_mut(id).context("no such table")
    }

    fn instance(&mut self, id: &Id) -> Result<&mut Instance> {
        self.instances.get_mut(id).context("no such instance")
    }

    fn delete_vpc(&mut self, vpc: &Id) {
        self.vpcs.remove(vpc);
        self.tables.retain(|_, table| table.vpc != *vpc);
        self.groups.retain(|_, group| group.vpc != *vpc);
        self.bury(Kind::Vpc, vpc);
    }

    fn delete_subnet(&mut self, subnet: &Id) {
        self.subnets.remove(subnet);
        self.tables.values_mut().for_each(|table| table.subnets.retain(|_, held| held != subnet));
        self.bury(Kind::Subnet, subnet);
    }

    fn associate_table(&mut self, table: &Id, subnet: &Id, answer: &Element) -> Result<()> {
        let id = answer.text("associationId").to_owned();
        let held = self.tables.get(table).context("no such table")?;
        if let Some((same, _)) = held.subnets.iter().find(|(_, held)| *held == subnet) {
            ensure!(*same == id, "a subnet that is associated already is associated anew");
            return Ok(());
        }
        let id = self.made(&id)?;
        self.table(table)?.subnets.insert(id, subnet.clone());
        Ok(())
    }

    fn add_interface(&mut self, told: &Element, subnet: &Id, group: &Id, attachment: Option<Attachment>) -> Result<()> {
        let address = told.text("privateIpAddress").to_owned();
        let usable = (4..15).any(|host| self.address_in(subnet, host) == address);
        ensure!(usable, "{address} is no address of {subnet}");
        let taken = self.interfaces.values().any(|other| other.subnet == *subnet && other.address == address);
        ensure!(!taken, "{address} in {subnet} is given twice");
        let id = self.made(told.text("networkInterfaceId"))?;
        let interface = Interface { subnet: subnet.clone(), group: group.clone(), address, attachment };
        self.interfaces.insert(id, interface);
        Ok(())
    }

    fn delete_interface(&mut self, interface: &Id) {
        self.interfaces.remove(interface);
        let held = |held: &&mut Option<(Id, Id)>| held.as_ref().is_some_and(|(_, at)| at == interface);
        self.addresses.values_mut().filter(held).for_each(|held| *held = None);
        self.bury(Kind::Interface, interface);
    }

    fn launch(&mut self, subnet: &Id, group: &Id, count: u64, answer: &Element) -> Result<()> {
        let launched = &answer.at("instancesSet").children;
        ensure!(u64::try_from(launched.len())? == count, "{} instances instead of {count}", launched.len());
        for told in launched {
            let id = self.made(told.text("instanceId"))?;
            let interface = told.at("networkInterfaceSet").at("item");
            let attachment = self.made(interface.at("attachment").text("attachmentId"))?;
            let attachment = Attachment { id: attachment, instance: id.clone(), primary: true };
            self.add_interface(interface, subnet, group, Some(attachment))?;
            let root = self.made(told.at("blockDeviceMapping").at("item").at("ebs").text("volumeId"))?;
            self.volumes.insert(root.clone(), Some(id.clone()));
            self.instances.insert(id, Instance { state: "running", root: Some(root) });
        }
        Ok(())
    }

    /// The first interface and the root volume go with the instance; what was attached later stays.
    fn terminate(&mut self, id: &Id) -> Result<()> {
        self.instance(id)?.state = "terminated";
        if let Some(root) = self.instance(id)?.root.take() {
            self.volumes.remove(&root);
            self.bury(Kind::Volume, &root);
        }
        self.volumes.values_mut().filter(|at| at.as_ref() == Some(id)).for_each(|at| *at = None);
        let (first, later): (Vec<_>, Vec<_>) = self
            .interfaces
            .iter()
            .filter(|(_, interface)| interface.is_at(id))
            .partition(|(_, interface)| interface.attachment.as_ref().is_some_and(|attachment| attachment.primary));
        let first: Vec<Id> = first.into_iter().map(|(id, _)| id.clone()).collect();
        let later: Vec<Id> = later.into_iter().map(|(id, _)| id.clone()).collect();
        first.iter().for_each(|interface| self.delete_interface(interface));
        for interface in later {
            self.interfaces.get_mut(&interface).context("no such interface")?.attachment = None;
        }
        Ok(())
    }

    /// All that is to be seen.
    pub fn facts(&self) -> BTreeSet<String> {
        let none = || "-".to_owned();
        let mut facts: BTreeSet<String> = self.vpcs.iter().map(|vpc| format!("vpc {vpc}")).collect();
        for (id, subnet) in &self.subnets {
            facts.insert(format!("subnet {id} {} {} free {}", subnet.vpc, block(subnet.block), self.free(id)));
        }
        for (id, group) in &self.groups {
            let from: Vec<&str> = group.from.iter().map(String::as_str).collect();
            facts.insert(format!("group {id} {} {} from [{}]", group.vpc, group.name, from.join(" ")));
        }
        for (id, vpc) in &self.gateways {
            facts.insert(format!("gateway {id} at {}", vpc.clone().unwrap_or_else(none)));
        }
        for (id, table) in &self.tables {
            let subnets: Vec<String> =
                table.subnets.iter().map(|(association, subnet)| format!("{association}={subnet}")).collect();
            let route = table.gateway.as_ref().map(|gateway| {
                let active = self.gateways.get(gateway).and_then(Option::as_ref) == Some(&table.vpc);
                format!("{gateway} {}", if active { "active" } else { "blackhole" })
            });
            let route = route.unwrap_or_else(none);
            let main = table.main;
            facts.insert(format!("table {id} {} main {main} subnets [{}] route {route}", table.vpc, subnets.join(" ")));
        }
        for (id, interface) in &self.interfaces {
            let (at, status) = match &interface.attachment {
                Some(attachment) => (attachment.instance.clone(), "in-use"),
                None => (none(), "available"),
            };
            let Interface { subnet, group, address, .. } = interface;
            facts.insert(format!("interface {id} {subnet} {address} {group} {status} at {at}"));
        }
        for (id, held) in &self.addresses {
            let at = held.as_ref().map(|(association, interface)| format!("{interface} by {association}"));
            facts.insert(format!("address {id} at {}", at.unwrap_or_else(none)));
        }
        for (id, instance) in &self.instances {
            facts.insert(format!("instance {id} {}", instance.state));
        }
        for (id, at) in &self.volumes {
            let state = if at.is_some() { "in-use" } else { "available" };
            facts.insert(format!("volume {id} {state} at {}", at.clone().unwrap_or_else(none)));
        }
        facts
    }
}
