//! Interfaces that a service made for a resource of its own, a NAT gateway or an endpoint of either kind: their account sees them, and cannot attach, change or
//! remove them. They come and go with their owner.

use std::net::Ipv4Addr;

use service::prelude::*;

use super::{NetworkInterface, assign};
use crate::network::elastic_ip::associate;
use crate::network::subnet;
use crate::resource;

/// For what a service holds an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Managed {
    /// `nat_gateway`, `vpc_endpoint`, `gateway_load_balancer_endpoint`, `ec2_instance_connect_endpoint`
    pub interface_type: String,
    /// `ela-attach-…`, as Amazon's own attachments are called.
    pub attachment_id: String,
    /// The resource it belongs to.
    pub owner_id: String,
}

/// Hands an interface over to a service.
pub fn hold(cx: &Cx, tx: &mut Tx, id: &str, interface_type: &str, owner_id: &str) {
    let attachment_id = cx.ids.ec2("ela-attach");
    let managed = Managed { interface_type: interface_type.to_owned(), attachment_id, owner_id: owner_id.to_owned() };
    resource::update::<NetworkInterface>(tx, cx, id, |it| {
        it.source_dest_check = it.source_dest_check && managed.interface_type != "nat_gateway";
        it.managed = Some(Box::new(managed));
    });
}

/// What its account asks of a service's interface is refused.
pub fn must_be_own(interface: &NetworkInterface) -> Result<(), ApiError> {
    match &interface.managed {
        Some(_) => {
            let message = "You do not have permission to access the specified resource.";
            Err(ApiError::new("AuthFailure", message))
        }
        None => Ok(()),
    }
}

/// Gives an interface one more private address: the one wanted, or any.
pub fn add_address(cx: &Cx, tx: &mut Tx, id: &str, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, ApiError> {
    let interface = super::get(tx, cx, id)?;
    let subnet = subnet::get(tx, cx, &interface.subnet_id)?;
    let address = subnet::take_address(cx, tx, &subnet, wanted)?;
    resource::update::<NetworkInterface>(tx, cx, id, |it| it.secondary_ips.push(address));
    subnet::count(tx, interface.account, &interface.region, &interface.subnet_id, 1);
    Ok(address)
}

/// Takes a secondary private address away; an elastic address before it is free again.
pub fn remove_address(cx: &Cx, tx: &mut Tx, id: &str, address: Ipv4Addr) -> Result<(), ApiError> {
    let interface = super::get(tx, cx, id)?;
    associate::leave(cx, tx, &interface, address);
    if interface.secondary_ips.contains(&address) {
        assign::take_away(cx, tx, &interface, address);
    }
    Ok(())
}
