//! DescribeAddresses: all at once, the model has no pages here.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html>

use std::net::Ipv4Addr;

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::associate::none_found;
use super::{Address, own_by_ip, pool_out};
use crate::network::interface;
use crate::refused::invalid;
use crate::resource;

/// `DescribeAddressesRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAddresses {
    pub allocation_ids: Option<Vec<String>>,
    pub public_ips: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub dry_run: Option<bool>,
}

/// What AWS was seen to refuse even as a dry run, September 2026.
pub fn check(_: &Cx, _: &World, input: &DescribeAddresses) -> Result<(), ApiError> {
    match input.public_ips.iter().flatten().find(|address| address.parse::<Ipv4Addr>().is_err()) {
        Some(wrong) => Err(invalid(format!("Invalid value '{wrong}' for PublicIp. Not a valid IPv4 address."))),
        None => Ok(()),
    }
}

/// `DescribeAddressesResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Addresses {
    pub addresses: Vec<AddressOut>,
}

/// `Address`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AddressOut {
    pub allocation_id: String,
    pub public_ip: Option<String>,
    pub public_ipv4_pool: Option<String>,
    pub customer_owned_ip: Option<String>,
    pub customer_owned_ipv4_pool: Option<String>,
    pub network_border_group: String,
    pub domain: &'static str,
    pub association_id: Option<String>,
    pub instance_id: Option<String>,
    pub network_interface_id: Option<String>,
    pub network_interface_owner_id: Option<String>,
    pub private_ip_address: Option<String>,
    pub tags: Option<Vec<Tag>>,
}

static FIELDS: Fields<AddressOut> = Fields {
    fields: &[
        ("allocation-id", |it, values| values.push(it.allocation_id.as_str())),
        ("association-id", |it, values| values.push_if(it.association_id.as_deref())),
        ("domain", |it, values| values.push(it.domain)),
        ("instance-id", |it, values| values.push_if(it.instance_id.as_deref())),
        ("network-border-group", |it, values| values.push(it.network_border_group.as_str())),
        ("network-interface-id", |it, values| values.push_if(it.network_interface_id.as_deref())),
        ("network-interface-owner-id", |it, values| values.push_if(it.network_interface_owner_id.as_deref())),
        ("private-ip-address", |it, values| values.push_if(it.private_ip_address.as_deref())),
        ("public-ip", |it, values| values.push_if(it.public_ip.as_deref())),
    ],
    tags: Some(|it| it.tags.as_deref().unwrap_or_default()),
};

/// Addresses that pass the filters, or those named by id or address.
pub fn describe(cx: &Cx, world: &World, input: &DescribeAddresses) -> Result<Addresses, ApiError> {
    let chosen = FIELDS.choose(input.filters.as_deref())?;
    let (ids, ips) =
        (input.allocation_ids.as_deref().unwrap_or_default(), input.public_ips.as_deref().unwrap_or_default());
    let missing: Vec<&str> = ips.iter().map(String::as_str).filter(|ip| own_by_ip(world, cx, ip).is_none()).collect();
    if !missing.is_empty() {
        return Err(none_found(&missing));
    }
    let found = if ids.is_empty() && ips.is_empty() {
        resource::all::<Address>(cx, world).collect()
    } else {
        let by_ip = ips.iter().filter_map(|ip| own_by_ip(world, cx, ip));
        resource::sorted(resource::named::<Address>(world, cx, ids)?.into_iter().chain(by_ip).collect())
    };
    let outs = found.iter().map(|address| out(world, cx, address)).filter(|it| chosen.admit(it));
    Ok(Addresses { addresses: outs.collect() })
}

fn out(world: &World, cx: &Cx, address: &Address) -> AddressOut {
    let held = address.held(cx.now);
    let interface = held.and_then(|held| interface::look_up(world, cx, &held.interface_id));
    let instance = interface.as_ref().and_then(|it| it.attachment.as_ref()).map(|it| it.instance_id.clone());
    AddressOut {
        allocation_id: address.id.clone(),
        public_ip: address.public().map(|it| it.to_string()),
        public_ipv4_pool: pool_out(address),
        customer_owned_ip: address.coip_pool().map(|_| address.public_ip.to_string()),
        customer_owned_ipv4_pool: address.coip_pool().map(str::to_owned),
        network_border_group: address.region.clone(),
        domain: "vpc",
        association_id: held.map(|held| held.id.clone()),
        instance_id: instance,
        network_interface_id: held.map(|held| held.interface_id.clone()),
        network_interface_owner_id: interface.map(|it| it.account.to_string()),
        private_ip_address: held.map(|held| held.private_ip.to_string()),
        tags: resource::tags_out(&address.tags),
    }
}
