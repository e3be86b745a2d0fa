//! Networks: VPCs and what they are made of, interfaces, and security groups.
//!
//! [`settle`] lays out the default network of an account in a region when it is first used; [`layout`] says how it looks. Each kind of resource has a
//! module with its record, lookups and operations; [`address`] knows public addresses and DNS names.

use service::cx::Quotas;
use service::prelude::*;
use service::regions;

pub mod address;
pub mod block;
pub mod block_public_access;
pub mod byoip;
pub(crate) mod cidr;
pub mod classic_link;
pub mod dhcp_options;
pub mod elastic_ip;
pub mod encryption_control;
pub mod interface;
pub mod internet_gateway;
mod layout;
pub mod network_acl;
pub mod performance;
pub mod route_table;
pub mod security_group;
mod settled;
pub mod subnet;
#[cfg(test)]
mod tests;
pub mod vpc;

use crate::resource::any;
pub use layout::settle;
pub use settled::Settled;

service::operations! { Ec2;
    AssociateDhcpOptions => write(dhcp_options::create::associate) authorize(dhcp_options::create::to_associate),
    AssociateRouteTable => write(route_table::association::associate) authorize(route_table::association::to_associate),
    AssociateSubnetCidrBlock => write(subnet::block::associate) authorize(subnet::block::to_associate),
    AssociateVpcCidrBlock => write(vpc::cidr::associate) authorize(vpc::cidr::to_associate),
    AttachClassicLinkVpc => read(classic_link::refuse) authorize(classic_link::to_attach),
    AttachInternetGateway => write(internet_gateway::change::attach) authorize(internet_gateway::change::to_attach_or_detach),
    CreateDefaultSubnet => write(subnet::create::create_default) authorize(any),
    CreateDefaultVpc => write(vpc::create::create_default) authorize(any),
    CreateDhcpOptions => write(dhcp_options::create::create) authorize(dhcp_options::create::to_create),
    CreateInternetGateway => write(internet_gateway::change::create) authorize(internet_gateway::change::to_create),
    CreateNetworkAcl => write(network_acl::create::create) authorize(network_acl::create::to_create),
    CreateNetworkAclEntry => write(network_acl::entry::create) authorize(network_acl::entry::to_put),
    CreateRoute => write(route_table::route::create) authorize(route_table::route::to_create),
    CreateRouteTable => write(route_table::create::create) authorize(route_table::create::to_create),
    CreateSubnet => write(subnet::create::create) authorize(subnet::create::to_create),
    CreateSubnetCidrReservation => write(subnet::reservation::create) authorize(subnet::reservation::to_create),
    CreateVpcBlockPublicAccessExclusion => write(block_public_access::exclusion::create) authorize(block_public_access::exclusion::to_create),
    CreateVpcEncryptionControl => write(encryption_control::change::create) authorize(encryption_control::change::to_create),
    CreateVpc => write(vpc::create::create) authorize(vpc::create::to_create),
    DeleteDhcpOptions => write(dhcp_options::create::delete) authorize(dhcp_options::create::to_delete) rehearsed(),
    DeleteInternetGateway => write(internet_gateway::change::delete) authorize(internet_gateway::change::to_delete),
    DeleteNetworkAcl => write(network_acl::create::delete) authorize(network_acl::create::to_delete),
    DeleteNetworkAclEntry => write(network_acl::entry::delete) authorize(network_acl::entry::to_delete),
    DeleteRoute => write(route_table::route::delete) authorize(route_table::route::to_delete),
    DeleteRouteTable => write(route_table::create::delete) authorize(route_table::create::to_delete),
    DeleteSubnet => write(subnet::create::delete) authorize(subnet::create::to_delete),
    DeleteSubnetCidrReservation => write(subnet::reservation::delete) authorize(any),
    DeleteVpcBlockPublicAccessExclusion => write(block_public_access::exclusion::delete) authorize(block_public_access::exclusion::to_delete),
    DeleteVpcEncryptionControl => write(encryption_control::change::delete) authorize(encryption_control::change::to_delete),
    DeleteVpc => write(vpc::create::delete) authorize(vpc::create::to_delete),
    DescribeAccountVpcEncryptionControl => read(encryption_control::account::describe) authorize(any),
    DescribeClassicLinkInstances => read(classic_link::refuse) authorize(any::<classic_link::DescribeInstances>),
    DescribeDhcpOptions => read(dhcp_options::describe) authorize(any),
    DescribeInternetGateways => read(internet_gateway::describe) authorize(any),
    DescribeNetworkAcls => read(network_acl::describe) authorize(any),
    DescribeNetworkInterfaces => read(interface::describe::describe) authorize(any) check(interface::describe::check),
    DescribeRouteTables => read(route_table::describe) authorize(any),
    DescribeSubnets => read(subnet::describe) authorize(any) check(subnet::check),
    DescribeVpcAttribute => read(vpc::attribute::describe_attribute) authorize(vpc::attribute::to_describe_attribute),
    DescribeVpcBlockPublicAccessExclusions => read(block_public_access::exclusion::describe) authorize(any),
    DescribeVpcBlockPublicAccessOptions => read(block_public_access::describe) authorize(any),
    DescribeVpcClassicLink => read(classic_link::refuse) authorize(any::<classic_link::Describe>),
    DescribeVpcClassicLinkDnsSupport => read(classic_link::refuse) authorize(any::<classic_link::DescribeDns>),
    DescribeVpcEncryptionControls => read(encryption_control::describe) authorize(any),
    DescribeVpcs => read(vpc::describe) authorize(any),
    DetachClassicLinkVpc => read(classic_link::refuse) authorize(classic_link::to_detach),
    DetachInternetGateway => write(internet_gateway::change::detach) authorize(internet_gateway::change::to_attach_or_detach),
    DisableVpcClassicLink => read(classic_link::refuse) authorize(classic_link::to_switch),
    DisableVpcClassicLinkDnsSupport => read(classic_link::refuse) authorize(classic_link::to_switch),
    DisassociateRouteTable => write(route_table::association::disassociate) authorize(route_table::association::to_disassociate),
    DisassociateSubnetCidrBlock => write(subnet::block::disassociate) authorize(subnet::block::to_disassociate),
    DisassociateVpcCidrBlock => write(vpc::cidr::disassociate) authorize(vpc::cidr::to_disassociate),
    EnableVpcClassicLink => read(classic_link::refuse) authorize(classic_link::to_switch),
    EnableVpcClassicLinkDnsSupport => read(classic_link::refuse) authorize(classic_link::to_switch),
    GetSubnetCidrReservations => read(subnet::reservation::get_all) authorize(any),
    GetVpcResourcesBlockingEncryptionEnforcement => read(encryption_control::blocking::get) authorize(encryption_control::blocking::to_get) scan(),
    ModifyAccountVpcEncryptionControl => write(encryption_control::account::modify) authorize(any),
    ModifySubnetAttribute => write(subnet::modify::modify) authorize(subnet::modify::to_modify),
    ModifyVpcAttribute => write(vpc::attribute::modify) authorize(vpc::attribute::to_modify),
    ModifyVpcBlockPublicAccessExclusion => write(block_public_access::exclusion::modify) authorize(block_public_access::exclusion::to_modify),
    ModifyVpcBlockPublicAccessOptions => write(block_public_access::modify) authorize(any),
    ModifyVpcEncryptionControl => write(encryption_control::change::modify) authorize(encryption_control::change::to_modify),
    ModifyVpcTenancy => write(vpc::attribute::modify_tenancy) authorize(vpc::attribute::to_modify_tenancy),
    ReplaceNetworkAclAssociation => write(network_acl::association::replace) authorize(network_acl::association::to_replace),
    ReplaceNetworkAclEntry => write(network_acl::entry::replace) authorize(network_acl::entry::to_put),
    ReplaceRoute => write(route_table::route::replace) authorize(route_table::route::to_replace),
    ReplaceRouteTableAssociation => write(route_table::association::replace) authorize(route_table::association::to_replace),
}

/// With AWS's adjustable quotas, there can be so many of a kind and no more. <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub(crate) fn must_have_room(
    cx: &Cx,
    count: impl FnOnce() -> usize,
    most: usize,
    code: &'static str,
    kinds: &str,
) -> Result<(), ApiError> {
    if cx.settings.quotas == Quotas::Aws && count() >= most {
        return Err(ApiError::new(code, format!("The maximum number of {kinds} has been reached.")));
    }
    Ok(())
}

/// Whether this account's default network in that region was laid out once; a region nobody knows has none and counts as settled.
pub fn is_settled(world: &World, account: AccountId, region: &str) -> bool {
    regions::region(region).is_none_or(|known| known.zones.is_empty())
        || world.get::<Settled>(&[account.as_str(), region]).is_some()
}
