//! AssociateAddress and DisassociateAddress. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html>

use std::net::Ipv4Addr;
use std::sync::Arc;

use service::prelude::*;

use super::{Address, Association, before, check_named, must_be_public, of_interface, own_by_ip};
use crate::instance::{self, Instance, State, state_at};
use crate::network::interface::managed::must_be_own;
use crate::network::interface::{self, NetworkInterface, hostname};
use crate::network::internet_gateway::InternetGateway;
use crate::refused::{no_such_association, several_interfaces};
use crate::resource;

/// `AssociateAddressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct AssociateAddress {
    pub allocation_id: Option<String>,
    pub instance_id: Option<String>,
    pub public_ip: Option<String>,
    pub network_interface_id: Option<String>,
    pub private_ip_address: Option<String>,
    pub allow_reassociation: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `AssociateAddressResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Associated {
    pub association_id: String,
}

/// `DisassociateAddressRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DisassociateAddress {
    pub association_id: Option<String>,
    pub public_ip: Option<String>,
    pub dry_run: Option<bool>,
}

/// AssociateAddress on the address, and on the instance and the interface that are named.
pub fn to_associate(cx: &Cx, world: &World, input: &AssociateAddress) -> Vec<Check> {
    let address = check_named(cx, world, input.allocation_id.as_deref(), input.public_ip.as_deref());
    let instance = input.instance_id.as_deref().map(|id| instance::check_on(cx, world, id));
    let interface = input.network_interface_id.as_deref().map(|id| interface::check_on(cx, world, id));
    std::iter::once(address).chain(instance).chain(interface).collect()
}

/// Puts an address before a private one; it leaves the one it stood before. The same once more changes nothing.
pub fn associate(cx: &Cx, tx: &mut Tx, input: &AssociateAddress) -> Result<Associated, ApiError> {
    let address = named(cx, tx, input)?;
    must_be_public(&address)?;
    let interface = target(cx, tx, input)?;
    must_be_own(&interface)?;
    if let Some(held) = address.held(cx.now) {
        interface::look_up(tx, cx, &held.interface_id).map_or(Ok(()), |it| must_be_own(&it))?;
    }
    let private = private_address(&interface, input.private_ip_address.as_deref())?;
    must_reach_the_internet(tx, &interface)?;
    if let Some(held) = address.held(cx.now) {
        if held.interface_id == interface.id && held.private_ip == private {
            return Ok(Associated { association_id: held.id.clone() });
        }
        must_be_free(input, &address.id, held)?;
        end(cx, tx, &address);
    }
    // An address that was there before goes, whatever the request allows (recorded of AWS, September 2026).
    if let Some(other) = before(tx, &interface, private) {
        end(cx, tx, &other);
    }
    Ok(Associated { association_id: tie(cx, tx, &interface, &address, private) })
}

/// Puts a free elastic address before a private one; gives the association.
pub fn tie(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface, address: &Address, private: Ipv4Addr) -> String {
    let association = Association {
        id: cx.ids.ec2("eipassoc"),
        interface_id: interface.id.clone(),
        private_ip: private,
        until: interface.gone_at,
    };
    let id = association.id.clone();
    resource::update::<Address>(tx, cx, &address.id, |it| it.association = Some(association));
    if private == interface.private_ip {
        resource::update::<NetworkInterface>(tx, cx, &interface.id, |it| it.public_ip = Some(address.public_ip));
    }
    id
}

fn named(cx: &Cx, world: &World, input: &AssociateAddress) -> Result<Arc<Address>, ApiError> {
    match (&input.allocation_id, &input.public_ip) {
        (Some(_), Some(_)) => Err(ApiError::new(
            "InvalidParameterCombination",
            "You may specify public IP or allocation id, but not both in the same call",
        )),
        (Some(id), None) => resource::get::<Address>(world, cx, id),
        (None, Some(_)) if input.network_interface_id.is_some() => Err(ApiError::new(
            "InvalidParameterCombination",
            "You must specify an allocation id when mapping an address to a network interface",
        )),
        (None, Some(ip)) => own_by_ip(world, cx, ip).ok_or_else(|| not_found(ip)),
        (None, None) => Err(neither("allocation")),
    }
}

/// Neither the address nor an id of that kind was named (recorded of AWS, September 2026).
pub fn neither(kind: &str) -> ApiError {
    ApiError::new("MissingParameter", format!("Either public IP or {kind} id must be specified"))
}

pub fn not_found(public_ip: &str) -> ApiError {
    ApiError::new("InvalidAddress.NotFound", format!("Address '{public_ip}' not found."))
}

/// The interface that is named, or the only one of the instance that is.
fn target(cx: &Cx, world: &World, input: &AssociateAddress) -> Result<Arc<NetworkInterface>, ApiError> {
    let named = input.network_interface_id.as_deref().map(|id| interface::get(world, cx, id)).transpose()?;
    let Some(instance_id) = &input.instance_id else {
        return named.ok_or_else(|| {
            let message = "Either instance ID or network interface id must be specified";
            ApiError::new("MissingParameter", message)
        });
    };
    let instance = instance::find(cx, world, instance_id)?;
    must_be_settled(cx, instance)?;
    let interfaces = interface::of_instance(world, instance.account, &instance.region, &instance.id);
    match (named, interfaces.as_slice()) {
        (Some(named), held) if held.iter().any(|it| it.id == named.id) => Ok(named),
        (Some(named), _) => {
            let message = format!("Interface: [{}] is not attached to instance '{}'.", named.id, instance.id);
            Err(ApiError::new("InvalidParameterCombination", message))
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(several_interfaces("InvalidInstanceID", &instance.id)),
    }
}

fn must_be_settled(cx: &Cx, instance: &Instance) -> Result<(), ApiError> {
    match state_at(instance, cx.now, cx.settings.states) {
        State::Running | State::Stopping | State::Stopped => Ok(()),
        other => {
            let message =
                format!("The {} instance '{}' is not in a valid state for this operation.", other.name(), instance.id);
            Err(ApiError::new("InvalidInstanceID", message))
        }
    }
}

fn private_address(interface: &NetworkInterface, wanted: Option<&str>) -> Result<Ipv4Addr, ApiError> {
    let Some(wanted) = wanted else { return Ok(interface.private_ip) };
    let parsed: Ipv4Addr = wanted.parse().map_err(|_| {
        let message = format!("invalid value for parameter private-address: {wanted}");
        ApiError::new("InvalidParameterValue", message)
    })?;
    let held = std::iter::once(&interface.private_ip).chain(&interface.secondary_ips);
    held.copied().find(|address| *address == parsed).ok_or_else(|| {
        let message = format!("{wanted} is not mapped to the interface {}", interface.id);
        ApiError::new("InvalidParameterValue", message)
    })
}

fn must_reach_the_internet(world: &World, interface: &NetworkInterface) -> Result<(), ApiError> {
    let parts = [interface.account.as_str(), &interface.region, &interface.vpc_id];
    if world.one::<InternetGateway>(InternetGateway::BY_VPC, &parts).is_none() {
        let message = format!("Network {} is not attached to any internet gateway", interface.vpc_id);
        return Err(ApiError::new("Gateway.NotAttached", message));
    }
    Ok(())
}

/// An association ends for another one unless the request forbids it.
fn must_be_free(input: &AssociateAddress, id: &str, held: &Association) -> Result<(), ApiError> {
    if input.allow_reassociation == Some(false) {
        let message = format!("resource {id} is already associated with associate-id {}", held.id);
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    Ok(())
}

/// DisassociateAddress on the address and on its interface.
pub fn to_disassociate(cx: &Cx, world: &World, input: &DisassociateAddress) -> Vec<Check> {
    let address = match &input.association_id {
        Some(id) => by_association(world, cx, id),
        None => input.public_ip.as_deref().and_then(|ip| own_by_ip(world, cx, ip)),
    };
    let Some(address) = address else { return vec![resource::check_on::<Address>(cx, world, "*")] };
    let interface = address.held(cx.now).map(|held| interface::check_on(cx, world, &held.interface_id));
    std::iter::once(resource::check_of(cx, world, &*address)).chain(interface).collect()
}

/// The address with that association.
pub fn by_association(world: &World, cx: &Cx, id: &str) -> Option<Arc<Address>> {
    let found = world.one::<Address>(Address::BY_ASSOCIATION, &[cx.account().as_str(), cx.region_name(), id]);
    found.filter(|address| address.held(cx.now).is_some()).cloned()
}

/// Takes an address away from before a private one. A running instance gets one of Amazon's again, as at its start.
pub fn disassociate(cx: &Cx, tx: &mut Tx, input: &DisassociateAddress) -> Result<Done, ApiError> {
    let address = match (&input.association_id, &input.public_ip) {
        (Some(id), _) => by_association(tx, cx, id).ok_or_else(|| no_such_association(id))?,
        (None, Some(ip)) => own_by_ip(tx, cx, ip).ok_or_else(|| not_found(ip))?,
        (None, None) => return Err(neither("association")),
    };
    let Some(held) = address.held(cx.now) else {
        let message = format!("Address {} is not associated.", address.public_ip);
        return Err(ApiError::new("InvalidParameterValue", message));
    };
    if let Some(interface) = interface::look_up(tx, cx, &held.interface_id) {
        must_be_own(&interface)?;
        hostname::may_be_taken(tx, &interface, address.public_ip)?;
    }
    end(cx, tx, &address);
    renew(cx, tx, &held.interface_id)?;
    Ok(Done {})
}

/// Ends the association of an address.
pub fn end(cx: &Cx, tx: &mut Tx, address: &Address) {
    let Some(held) = &address.association else { return };
    resource::update::<Address>(tx, cx, &address.id, |it| it.association = None);
    resource::update::<NetworkInterface>(tx, cx, &held.interface_id, |it| {
        if it.public_ip == Some(address.public_ip) {
            it.public_ip = None;
        }
    });
}

/// Ends all associations of an interface that goes.
pub fn end_all(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface) {
    for address in of_interface(tx, interface) {
        resource::update::<Address>(tx, cx, &address.id, |it| it.association = None);
    }
}

/// All associations of an interface that leaves end with it.
pub fn end_all_at(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface, at: Timestamp) {
    for address in of_interface(tx, interface) {
        resource::update::<Address>(tx, cx, &address.id, |it| {
            it.association.iter_mut().for_each(|held| held.until = Some(at));
        });
    }
}

/// The private address goes to another interface, and the elastic one before it goes along.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateIpAddresses.html>
pub fn follow(cx: &Cx, tx: &mut Tx, from: &NetworkInterface, to: &NetworkInterface, private: Ipv4Addr) {
    let Some(address) = before(tx, from, private) else { return };
    resource::update::<Address>(tx, cx, &address.id, |it| {
        if let Some(held) = &mut it.association {
            held.interface_id.clone_from(&to.id);
            held.until = to.gone_at;
        }
    });
}

/// The interface gives the private address back, and the elastic one before it is free again.
pub fn leave(cx: &Cx, tx: &mut Tx, interface: &NetworkInterface, private: Ipv4Addr) {
    if let Some(address) = before(tx, interface, private) {
        end(cx, tx, &address);
    }
}

/// The only interface of a running instance gets a public address if the instance was launched with one.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html>
fn renew(cx: &Cx, tx: &mut Tx, interface_id: &str) -> Result<(), ApiError> {
    let Some(interface) = interface::look_up(tx, cx, interface_id) else { return Ok(()) };
    let Some(held) = &interface.attachment else { return Ok(()) };
    let Ok(instance) = instance::find(cx, tx, &held.instance_id).cloned() else { return Ok(()) };
    let running = state_at(&instance, cx.now, cx.settings.states) == State::Running;
    let alone = interface::of_instance(tx, instance.account, &instance.region, &instance.id).len() == 1;
    if running && alone && instance.auto_public_address {
        interface::draw_public_address(cx, tx, &interface)?;
    }
    Ok(())
}

/// What InvalidAddress.NotFound says of several.
pub(super) fn none_found(public_ips: &[&str]) -> ApiError {
    match public_ips {
        [one] => not_found(one),
        many => ApiError::new("InvalidAddress.NotFound", format!("Addresses '{}' not found.", many.join(", "))),
    }
}
