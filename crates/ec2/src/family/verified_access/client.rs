//! What the connectivity client of Verified Access needs: its configuration for an instance, and the targets of an endpoint that stands for a block of
//! addresses. The configuration of OpenVPN that belongs to such endpoints is published nowhere, so none is exported; and AWS does not say which addresses of
//! the block are targets and what their names are: here they are those of the network interfaces in it, with the private names of these.
//! <https://docs.aws.amazon.com/verified-access/latest/ug/connectivity-client.html>

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Value, json};
use service::Service;
use service::paging;
use service::prelude::*;

use super::super::item::{self, Item};
use super::trust::attached;
use super::{ENDPOINTS, INSTANCES};
use crate::network::interface::{NetworkInterface, private_dns_name};
use crate::network::subnet;
use crate::refused::invalid;

const EXPORT: &str = "ExportVerifiedAccessInstanceClientConfiguration";
const TARGETS: &str = "GetVerifiedAccessEndpointTargets";
/// The version of the configuration, and what a client asks IAM Identity Center for: as we remember AWS's user guide, which was not found again.
const VERSION: &str = "1.0";
const SCOPES: &str = "verified_access:application:connect";

pub fn operations() -> Vec<Operation> {
    vec![
        INSTANCES.on_one(Operation::read(Service::Ec2, EXPORT, export), &[]),
        ENDPOINTS.on_one(Operation::read(Service::Ec2, TARGETS, targets), &["MaxResults", "NextToken"]),
    ]
}

/// The configuration for an instance, of which the trust providers are the most.
fn export(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let instance = item::alive(world, cx, INSTANCES.kind, input.text(INSTANCES.id).unwrap_or_default())?;
    let providers = attached(cx, world, &instance);
    let devices = providers.iter().filter_map(|it| it.document.text("DeviceTrustProviderType"));
    let user = providers.iter().find_map(|it| user(&it.document));
    Ok(Document::from(json!({
        "Version": VERSION,
        "VerifiedAccessInstanceId": instance.id,
        "Region": cx.region_name(),
        "DeviceTrustProviders": devices.collect::<Vec<_>>(),
        "UserTrustProvider": user,
        "OpenVpnConfigurations": [],
    })))
}

/// The provider of users as a client must know it. Its secret is kept nowhere, so none is told.
fn user(provider: &Document) -> Option<Value> {
    let kind = provider.text("UserTrustProviderType")?;
    if kind != "oidc" {
        return Some(json!({"Type": kind, "Scopes": SCOPES, "PkceEnabled": true}));
    }
    let options = ["NativeApplicationOidcOptions", "OidcOptions"].into_iter().find_map(|name| provider.at(name))?;
    let mut told = Document::from(json!({"Type": kind}));
    let members = [
        ("Scopes", "Scope"),
        ("Issuer", "Issuer"),
        ("AuthorizationEndpoint", "AuthorizationEndpoint"),
        ("PublicSigningKeyEndpoint", "PublicSigningKeyEndpoint"),
        ("TokenEndpoint", "TokenEndpoint"),
        ("UserInfoEndpoint", "UserInfoEndpoint"),
        ("ClientId", "ClientId"),
    ];
    for (member, held) in members {
        if let Some(value) = options.get(held) {
            told.set(member, value.clone());
        }
    }
    Some(Value::Object(told.0))
}

/// The network that the endpoint is in, by its subnets, and its block.
fn place(cx: &Cx, world: &World, endpoint: &Item) -> Option<(String, Ipv4Net)> {
    let block = endpoint.document.text("CidrOptions.Cidr")?.parse().ok()?;
    let subnets = endpoint.document.texts("CidrOptions.SubnetIds");
    let vpc = subnets.iter().find_map(|id| subnet::look_up(world, cx, id))?.vpc_id.clone();
    Some((vpc, block))
}

fn targets(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = item::alive(world, cx, ENDPOINTS.kind, input.text(ENDPOINTS.id).unwrap_or_default())?;
    if endpoint.document.text("EndpointType") != Some("cidr") {
        // The words are not recorded.
        return Err(invalid(format!("The Verified Access endpoint '{}' is not a network CIDR endpoint.", endpoint.id)));
    }
    let mut found: Vec<Ipv4Addr> = Vec::new();
    if let Some((vpc, block)) = place(cx, world, &endpoint) {
        let account = cx.account();
        let key = [account.as_str(), cx.region_name(), &vpc];
        let interfaces = world.by::<NetworkInterface>(NetworkInterface::BY_VPC, &key);
        let addresses =
            interfaces.flat_map(|it| std::iter::once(it.private_ip).chain(it.secondary_ips.iter().copied()));
        found = addresses.filter(|address| block.contains(address)).collect();
        found.sort_unstable();
    }
    let target = |address: Ipv4Addr| {
        json!({
            "VerifiedAccessEndpointId": endpoint.id,
            "VerifiedAccessEndpointTargetIpAddress": address.to_string(),
            "VerifiedAccessEndpointTargetDns": private_dns_name(cx.region_name(), address),
        })
    };
    let token = input.text("NextToken");
    let key = |address: &Ipv4Addr| format!("{:010}", u32::from(*address));
    let page = paging::ec2(&format!("{TARGETS} {}", endpoint.id), token, input.number("MaxResults"), found, key)?;
    let targets: Vec<Value> = page.items.into_iter().map(target).collect();
    Ok(Document::from(json!({"VerifiedAccessEndpointTargets": targets, "NextToken": page.next})))
}
