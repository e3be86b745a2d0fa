//! What can be changed of a VPN connection: its gateways, its options, each of its tunnels.
//! <https://docs.aws.amazon.com/vpn/latest/s2svpn/modify-vpn-target.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::connection::{
    CERTIFICATE, CHANGED_AT, CONCENTRATOR, TUNNELS, VPN_CONNECTIONS, address_of, draw_certificate, inside_blocks,
    keys_of, must_do_without_transit, set_networks,
};
use super::{route, tunnel};
use crate::family::item::{self, Stage};
use crate::family::{Item, answers, transit};
use crate::kind;
use crate::refused::missing;

/// A member, shown nowhere, of a tunnel: when it was replaced last.
const REPLACED_AT: &str = "ReplacedAt";
/// The member that names a tunnel.
const TUNNEL: &str = "VpnTunnelOutsideIpAddress";

/// The operations.
pub fn operations() -> Vec<Operation> {
    let networks = &[
        "LocalIpv4NetworkCidr",
        "RemoteIpv4NetworkCidr",
        "LocalIpv6NetworkCidr",
        "RemoteIpv6NetworkCidr",
        "TunnelBandwidth",
    ];
    let on_tunnel = |row| VPN_CONNECTIONS.on_one(row, &[TUNNEL]);
    vec![
        changing(Operation::write(Service::Ec2, "ModifyVpnConnection", modify), &[], true),
        changing(Operation::write(Service::Ec2, "ModifyVpnConnectionOptions", modify_options), networks, false),
        changing(
            Operation::write(Service::Ec2, "ModifyVpnTunnelOptions", modify_tunnel),
            &[TUNNEL, "TunnelOptions", "SkipTunnelReplacement"],
            true,
        ),
        changing(Operation::write(Service::Ec2, "ModifyVpnTunnelCertificate", modify_certificate), &[TUNNEL], false),
        VPN_CONNECTIONS
            .on_one(Operation::write(Service::Ec2, "ReplaceVpnTunnel", replace), &[TUNNEL, "ApplyPendingMaintenance"]),
        on_tunnel(Operation::read(Service::Ec2, "GetVpnTunnelReplacementStatus", replacement_status)),
        on_tunnel(Operation::read(Service::Ec2, "GetActiveVpnTunnelStatus", active_status)),
    ]
}

/// A row that must be allowed on the connection, with what it changes; AWS tells of some changes also what the connection is.
fn changing(row: Row<Document>, uses: &'static [&'static str], tells_all: bool) -> Operation {
    row.authorize(move |cx, world, input: &Document| {
        let id = input.text(VPN_CONNECTIONS.id).unwrap_or_default();
        let held = item::look_up(world, cx, id).filter(|_| tells_all);
        let own = held.map(|it| keys_of(cx, world, &it.document)).unwrap_or_default();
        let keys = tunnel::keys(input, "TunnelOptions");
        let with_keys = |check: Check| {
            let check = own.iter().fold(check, |check, (key, value)| check.key(*key, value.as_str()));
            keys.iter().fold(check, |check, (key, values)| check.keys(*key, values.clone()))
        };
        // The reference knows no gateway that a connection is moved to.
        VPN_CONNECTIONS.to_modify(cx, world, input).into_iter().take(1).map(with_keys).collect()
    })
    .honours(move |model, operation| answers::honoured(model, operation, &VPN_CONNECTIONS, uses))
    .build()
}

/// The connection, which nothing else is being changed of.
fn changeable(cx: &Cx, world: &World, input: &Document) -> Result<Item, ApiError> {
    let id = input.text(VPN_CONNECTIONS.id).unwrap_or_default();
    let found = item::alive(world, cx, &kind::VPN_CONNECTION, id)?;
    if found.state(cx) != Some("available") {
        let message = "The VPN connection must be in the available state to complete the request.";
        return Err(ApiError::new("InvalidVpnConnection.InvalidState", message));
    }
    Ok(Item::clone(&found))
}

/// Stores what has changed; AWS takes some minutes for it.
fn changed(cx: &Cx, tx: &mut Tx, operation: &str, input: &Document, mut item: Item) -> Document {
    item.stage = Some(Stage::begin(cx, "modifying", "available", 300));
    tx.put(item.clone());
    answers::about(&VPN_CONNECTIONS, operation, cx, tx, input, &item)
}

fn modify(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut item = changeable(cx, tx, input)?;
    let (customer, gateway) = (input.text("CustomerGatewayId"), input.text("VpnGatewayId"));
    let transit_gateway = input.text("TransitGatewayId");
    if customer.is_none() && gateway.is_none() && transit_gateway.is_none() {
        return Err(missing("customerGatewayId, vpnGatewayId or transitGatewayId"));
    }
    if gateway.is_some() && transit_gateway.is_some() {
        return Err(super::connection::one_gateway());
    }
    // The ways to move that the page names are between gateways.
    if item.document.text(CONCENTRATOR).is_some() && (gateway.is_some() || transit_gateway.is_some()) {
        let message = "The target gateway of a VPN connection on a VPN concentrator cannot be modified.";
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    if let Some(id) = customer {
        item::alive(tx, cx, &kind::CUSTOMER_GATEWAY, id)?;
        item.document.set("CustomerGatewayId", id);
    }
    if let Some(id) = gateway {
        item::alive(tx, cx, &kind::VPN_GATEWAY, id)?;
        must_do_without_transit(&item.document.at("Options").cloned().map(Document::from).unwrap_or_default())?;
        move_to(cx, tx, &mut item, "VpnGatewayId", id)?;
    }
    if let Some(id) = transit_gateway {
        if !route::shown(cx, &item).is_empty() {
            let message =
                "The static routes of the VPN connection must be deleted before it is moved to a transit gateway.";
            return Err(ApiError::new("IncorrectState", message));
        }
        move_to(cx, tx, &mut item, "TransitGatewayId", id)?;
        transit::vpn::attach(cx, tx, id, "vpn", &item.id)?;
    }
    let ends = ["CustomerGatewayId", "VpnGatewayId", "TransitGatewayId", CONCENTRATOR];
    item.within = ends.iter().filter_map(|name| item.document.text(name).map(str::to_owned)).collect();
    Ok(changed(cx, tx, "ModifyVpnConnection", input, item))
}

/// Takes the connection from the gateway it is on.
fn move_to(cx: &Cx, tx: &mut Tx, item: &mut Item, member: &str, id: &str) -> Result<(), ApiError> {
    transit::vpn::detach(cx, tx, &item.id)?;
    item.document.0.retain(|name, _| name != "VpnGatewayId" && name != "TransitGatewayId");
    item.document.set(member, id);
    item.document.set("GatewayAssociationState", "associated");
    Ok(())
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpnConnectionOptions.html>
fn modify_options(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut item = changeable(cx, tx, input)?;
    let mut options = item.document.at("Options").cloned().map(Document::from).unwrap_or_default();
    let ipv6 = options.text("TunnelInsideIpVersion") == Some("ipv6");
    set_networks(input, &mut options, ipv6)?;
    if let Some(width) = input.text("TunnelBandwidth") {
        options.set("TunnelBandwidth", width);
    }
    item.document.set("Options", Value::Object(options.0));
    Ok(changed(cx, tx, "ModifyVpnConnectionOptions", input, item))
}

/// Changes the tunnel that a request names.
fn on_tunnel(
    item: &mut Item,
    input: &Document,
    change: impl FnOnce(&mut Document) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let address = input.text(TUNNEL).unwrap_or_default();
    let mut tunnels = item.document.list(TUNNELS);
    let Some(held) = tunnels.iter_mut().find(|tunnel| address_of(tunnel) == address) else {
        return Err(no_such_tunnel(address));
    };
    let mut tunnel = Document::from(held.clone());
    change(&mut tunnel)?;
    *held = Value::Object(tunnel.0);
    item.document.set(TUNNELS, tunnels);
    Ok(())
}

fn no_such_tunnel(address: &str) -> ApiError {
    let message = format!("Value ({address}) for parameter VpnTunnelOutsideIpAddress is invalid.");
    ApiError::new("InvalidParameterValue", message)
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpnTunnelOptions.html>
fn modify_tunnel(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut item = changeable(cx, tx, input)?;
    let given = input.at("TunnelOptions").cloned().map(Document::from).unwrap_or_default();
    let ipv6 = item.document.text("Options.TunnelInsideIpVersion") == Some("ipv6");
    let taken = inside_blocks(cx, tx, &item, input.text(TUNNEL).unwrap_or_default());
    let keeps = input.truth("SkipTunnelReplacement") == Some(true);
    on_tunnel(&mut item, input, |tunnel| {
        tunnel::set_inside(cx, &given, tunnel, &taken, ipv6)?;
        tunnel::apply(&given, tunnel)?;
        if !keeps {
            tunnel.set(CHANGED_AT, cx.now.to_string());
        }
        Ok(())
    })?;
    Ok(changed(cx, tx, "ModifyVpnTunnelOptions", input, item))
}

/// The end of a tunnel gets another certificate. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpnTunnelCertificate.html>
fn modify_certificate(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut item = changeable(cx, tx, input)?;
    on_tunnel(&mut item, input, |tunnel| {
        if tunnel.text(CERTIFICATE).is_none() {
            let message = "The VPN connection does not use certificate-based authentication.";
            return Err(ApiError::new("InvalidParameterValue", message));
        }
        tunnel.set(CERTIFICATE, draw_certificate(cx));
        tunnel.set(CHANGED_AT, cx.now.to_string());
        Ok(())
    })?;
    Ok(changed(cx, tx, "ModifyVpnTunnelCertificate", input, item))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceVpnTunnel.html>
fn replace(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let mut item = changeable(cx, tx, input)?;
    on_tunnel(&mut item, input, |tunnel| {
        tunnel.set(CHANGED_AT, cx.now.to_string());
        tunnel.set(REPLACED_AT, cx.now.to_string());
        Ok(())
    })?;
    tx.put(item);
    Ok(Document::from(json!({"Return": true})))
}

/// The connection and the tunnel of a request.
fn named_tunnel(cx: &Cx, world: &World, input: &Document) -> Result<(Arc<Item>, Value), ApiError> {
    let item = item::alive(world, cx, &kind::VPN_CONNECTION, input.text(VPN_CONNECTIONS.id).unwrap_or_default())?;
    let address = input.text(TUNNEL).unwrap_or_default();
    let tunnel = item.document.list(TUNNELS).into_iter().find(|tunnel| address_of(tunnel) == address);
    let tunnel = tunnel.ok_or_else(|| no_such_tunnel(address))?;
    Ok((item, tunnel))
}

/// Nothing waits to be maintained. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetVpnTunnelReplacementStatus.html>
fn replacement_status(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (item, tunnel) = named_tunnel(cx, world, input)?;
    let mut answer = item.document.clone();
    answer.set(VPN_CONNECTIONS.id, item.id.as_str());
    answer.set(TUNNEL, address_of(&tunnel));
    answer.set(
        "MaintenanceDetails",
        json!({"PendingMaintenance": "none", "LastMaintenanceApplied": tunnel.get(REPLACED_AT)}),
    );
    Ok(answer)
}

/// What the sides of a tunnel agreed on is nothing: no device answers. What AWS tells all the same is whether the tunnel is provisioned.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetActiveVpnTunnelStatus.html>
fn active_status(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let (item, _) = named_tunnel(cx, world, input)?;
    let status = if item.state(cx) == Some("available") { "available" } else { "pending" };
    Ok(Document::from(json!({"ActiveVpnTunnelStatus": {"ProvisioningStatus": status}})))
}
