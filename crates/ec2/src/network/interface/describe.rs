//! DescribeNetworkInterfaces. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html>
//!
//! Filters for a subnet, VPC, group or instance without wildcards use an index.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::Ipv6Net;
use service::filters::{Filter, exact};
use service::prelude::*;

use super::assign::{PrefixOut, prefix_out};
use super::filters::FIELDS;
use super::managed::Managed;
use super::{Attachment, NetworkInterface, hostname};
use crate::network::elastic_ip::{self, PublicSide};
use crate::network::{security_group, subnet};
use crate::refused::{invalid, not_together};
use crate::resource::{self, Wanted};

/// `DescribeNetworkInterfacesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeNetworkInterfaces {
    pub network_interface_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    /// Nothing here is managed by another service, so there is nothing to leave out.
    pub include_managed_resources: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `DescribeNetworkInterfacesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct NetworkInterfaces {
    pub network_interfaces: Vec<InterfaceOut>,
    pub next_token: Option<String>,
}

/// `NetworkInterface`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct InterfaceOut {
    pub network_interface_id: String,
    pub owner_id: String,
    pub status: &'static str,
    pub vpc_id: String,
    pub subnet_id: String,
    pub availability_zone: String,
    pub availability_zone_id: Option<String>,
    pub description: String,
    pub interface_type: String,
    pub groups: Vec<GroupOut>,
    pub mac_address: String,
    pub private_ip_address: String,
    pub private_dns_name: Option<String>,
    pub public_dns_name: Option<String>,
    pub public_ip_dns_name_options: Option<hostname::OptionsOut>,
    pub private_ip_addresses: Vec<AddressOut>,
    pub ipv4_prefixes: Option<Vec<PrefixOut>>,
    pub ipv6_address: Option<String>,
    pub ipv6_addresses: Vec<Ipv6AddressOut>,
    pub ipv6_prefixes: Option<Vec<Ipv6PrefixOut>>,
    pub association: Option<AssociationOut>,
    pub attachment: Option<AttachmentOut>,
    pub requester_id: Option<String>,
    pub requester_managed: bool,
    pub source_dest_check: bool,
    pub operator: OperatorOut,
    pub tag_set: Vec<Tag>,
}

/// `GroupIdentifier`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct GroupOut {
    pub group_id: String,
    pub group_name: String,
}

/// `NetworkInterfacePrivateIpAddress`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AddressOut {
    pub private_ip_address: String,
    pub private_dns_name: Option<String>,
    pub primary: bool,
    pub association: Option<AssociationOut>,
}

/// `NetworkInterfaceIpv6Address`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Ipv6AddressOut {
    pub ipv6_address: String,
    pub is_primary_ipv6: bool,
}

/// `Ipv6PrefixSpecification`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct Ipv6PrefixOut {
    pub ipv6_prefix: String,
}

/// `NetworkInterfaceAssociation`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AssociationOut {
    pub allocation_id: Option<String>,
    pub association_id: Option<String>,
    pub ip_owner_id: String,
    pub public_dns_name: String,
    pub public_ip: String,
}

/// `NetworkInterfaceAttachment`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AttachmentOut {
    pub attachment_id: String,
    pub attach_time: Timestamp,
    pub instance_id: Option<String>,
    pub instance_owner_id: String,
    pub device_index: i64,
    pub network_card_index: i64,
    pub delete_on_termination: bool,
    pub status: &'static str,
}

/// `OperatorResponse`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct OperatorOut {
    pub managed: bool,
    /// Told by DescribeNetworkInterfaces only.
    pub hidden_by_default: Option<bool>,
}

/// Ids and a page size exclude each other.
pub fn check(_: &Cx, _: &World, input: &DescribeNetworkInterfaces) -> Result<(), ApiError> {
    if input.max_results.is_some() && input.network_interface_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        return Err(not_together("NetworkInterfaceIds", "MaxResults"));
    }
    Ok(())
}

/// Interfaces that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeNetworkInterfaces) -> Result<NetworkInterfaces, ApiError> {
    let filters = input.filters.as_deref();
    let wanted = Wanted {
        ids: input.network_interface_ids.as_deref(),
        filters,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let see = |interface: &NetworkInterface| out(cx, world, interface);
    let page = resource::describe(cx, world, &wanted, || candidates(cx, world, filters), &FIELDS, see);
    let page = page.map_err(|error| bad_token(error, wanted.next_token))?;
    Ok(NetworkInterfaces { network_interfaces: page.items, next_token: page.next })
}

/// A token that is none of ours, in the words that were seen in September 2026.
fn bad_token(error: ApiError, token: Option<&str>) -> ApiError {
    let Some(token) = token.filter(|_| error.code == "InvalidNextToken") else { return error };
    invalid(format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid."))
}

/// The narrowest index that a filter allows.
fn candidates<'w>(
    cx: &Cx,
    world: &'w World,
    filters: Option<&[Filter]>,
) -> Box<dyn Iterator<Item = std::sync::Arc<NetworkInterface>> + 'w> {
    // Values in the index of addresses end with the address, so one subnet's interfaces do not come in the order of their ids.
    if let Some(subnets) = exact(filters, "subnet-id") {
        let account = cx.account();
        let parts = |id| [account.as_str(), cx.region_name(), id];
        let found = subnets
            .iter()
            .flat_map(|id| world.by::<NetworkInterface>(NetworkInterface::BY_ADDRESS, &parts(id.as_str())));
        return Box::new(resource::sorted(found.cloned().collect()).into_iter());
    }
    let lists = [
        ("attachment.instance-id", NetworkInterface::BY_INSTANCE),
        ("group-id", NetworkInterface::BY_GROUP),
        ("vpc-id", NetworkInterface::BY_VPC),
    ];
    for (name, index) in lists {
        if let Some(values) = exact(filters, name) {
            let own = cx.account();
            return Box::new(
                resource::under::<NetworkInterface>(cx, world, index, values).filter(move |it| it.account == own),
            );
        }
    }
    resource::all(cx, world)
}

/// The interface as it is seen now.
pub fn out(cx: &Cx, world: &World, interface: &NetworkInterface) -> InterfaceOut {
    let public_dns_name = super::public_dns_name(world, interface).unwrap_or_default();
    let association = |private| elastic_ip::public_side(world, interface, private).map(association_out);
    let held = interface.attachment_at(cx.now, cx.settings.states);
    let managed = interface.managed.as_ref();
    // Without a name, that of a secondary address is empty and the other's is left out. Seen in September 2026.
    let name = |address: &Ipv4Addr, primary: bool| {
        super::shown_private_dns_name(world, interface, *address).or_else(|| (!primary).then(String::new))
    };
    let address = |address: &Ipv4Addr, primary: bool| AddressOut {
        private_ip_address: address.to_string(),
        private_dns_name: name(address, primary),
        primary,
        association: association(*address),
    };
    let secondary = interface.secondary_ips.iter().map(|it| address(it, false));
    InterfaceOut {
        network_interface_id: interface.id.clone(),
        owner_id: interface.account.to_string(),
        status: if held.is_some() || managed.is_some() || interface.trunk.is_some() { "in-use" } else { "available" },
        vpc_id: interface.vpc_id.clone(),
        subnet_id: interface.subnet_id.clone(),
        availability_zone: interface.zone.clone(),
        availability_zone_id: subnet::look_up(world, cx, &interface.subnet_id).map(|subnet| subnet.zone_id.clone()),
        description: interface.description.clone(),
        interface_type: managed
            .map(|held| &held.interface_type)
            .or(interface.interface_type.as_ref())
            .map_or_else(|| "interface".to_owned(), String::clone),
        groups: interface.groups.iter().map(|id| group(world, interface, id)).collect(),
        mac_address: interface.mac_address.clone(),
        private_ip_address: interface.private_ip.to_string(),
        private_dns_name: super::shown_private_dns_name(world, interface, interface.private_ip),
        public_dns_name: Some(public_dns_name),
        public_ip_dns_name_options: hostname::options(world, interface),
        private_ip_addresses: std::iter::once(address(&interface.private_ip, true)).chain(secondary).collect(),
        ipv4_prefixes: some(interface.ipv4_prefixes.iter().map(prefix_out).collect()),
        ipv6_address: interface.ipv6_addresses.first().map(ToString::to_string),
        ipv6_addresses: ipv6_addresses(interface),
        ipv6_prefixes: some(interface.ipv6_prefixes.iter().map(ipv6_prefix).collect()),
        attachment: held
            .map(|(held, status)| attachment(interface, held, status))
            .or_else(|| managed.map(|held| attachment_of_service(interface, held))),
        association: association(interface.private_ip),
        requester_id: interface.requester_id.clone(),
        requester_managed: managed.is_some(),
        source_dest_check: interface.source_dest_check,
        operator: OperatorOut { managed: false, hidden_by_default: Some(false) },
        tag_set: interface.tags.clone(),
    }
}

/// An empty list is left out.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn ipv6_addresses(interface: &NetworkInterface) -> Vec<Ipv6AddressOut> {
    let primary = interface.primary_ipv6_address();
    let one = |address: &Ipv6Addr| Ipv6AddressOut {
        ipv6_address: address.to_string(),
        is_primary_ipv6: primary == Some(*address),
    };
    interface.ipv6_addresses.iter().map(one).collect()
}

fn ipv6_prefix(prefix: &Ipv6Net) -> Ipv6PrefixOut {
    Ipv6PrefixOut { ipv6_prefix: prefix.to_string() }
}

fn group(world: &World, interface: &NetworkInterface, id: &str) -> GroupOut {
    let name = security_group::name_of(world, interface.account, &interface.region, id);
    GroupOut { group_id: id.to_owned(), group_name: name.unwrap_or_default() }
}

fn association_out(side: PublicSide) -> AssociationOut {
    AssociationOut {
        allocation_id: side.allocation_id(),
        association_id: side.association_id(),
        ip_owner_id: side.owner(),
        public_dns_name: side.dns_name,
        public_ip: side.address.to_string(),
    }
}

fn attachment(interface: &NetworkInterface, held: &Attachment, status: &'static str) -> AttachmentOut {
    AttachmentOut {
        attachment_id: held.id.clone(),
        attach_time: held.attached_at,
        instance_id: Some(held.instance_id.clone()),
        instance_owner_id: held.instance_account.unwrap_or(interface.account).to_string(),
        device_index: held.device_index,
        network_card_index: held.network_card_index,
        delete_on_termination: held.delete_on_termination,
        status,
    }
}

/// What Amazon's attachments show: no instance. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAttachment.html>
fn attachment_of_service(interface: &NetworkInterface, held: &Managed) -> AttachmentOut {
    AttachmentOut {
        attachment_id: held.attachment_id.clone(),
        attach_time: interface.created_at,
        instance_id: None,
        instance_owner_id: "amazon-aws".to_owned(),
        device_index: 1,
        network_card_index: 0,
        delete_on_termination: false,
        status: "attached",
    }
}
