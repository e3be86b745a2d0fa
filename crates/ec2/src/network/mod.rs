//! Networks: VPCs and what they are made of, interfaces, and security groups.
//!
//! [`settle`] lays out the default network of an account in a region when it is first used; [`layout`] says how it looks. Each kind of resource has a
//! module with its record, lookups and operations; [`address`] knows public addresses and DNS names.

use service::prelude::*;
use service::regions;

pub mod address;
pub mod dhcp_options;
pub mod elastic_ip;
pub mod interface;
pub mod internet_gateway;
mod layout;
pub mod network_acl;
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
    DescribeDhcpOptions => read(dhcp_options::describe) authorize(any),
    DescribeInternetGateways => read(internet_gateway::describe) authorize(any),
    DescribeNetworkAcls => read(network_acl::describe) authorize(any),
    DescribeNetworkInterfaces => read(interface::describe::describe) authorize(any) check(interface::describe::check),
    DescribeRouteTables => read(route_table::describe) authorize(any),
    DescribeSubnets => read(subnet::describe) authorize(any),
    DescribeVpcAttribute => read(vpc::describe_attribute) authorize(vpc::to_describe_attribute),
    DescribeVpcs => read(vpc::describe) authorize(any),
}

/// Whether this account's default network in that region was laid out once; a region nobody knows has none and counts as settled.
pub fn is_settled(world: &World, account: AccountId, region: &str) -> bool {
    regions::region(region).is_none_or(|known| known.zones.is_empty())
        || world.get::<Settled>(&[account.as_str(), region]).is_some()
}
