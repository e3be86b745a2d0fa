//! What a client needs to connect: the endpoint as an OpenVPN profile. Certificate Manager is not here, so the chain of the server's certificate, which
//! AWS puts in, is not known and left out.
//! <https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-endpoint-export.html>

use serde_json::json;
use service::Service;
use service::prelude::*;

use super::endpoint::ENDPOINTS;
use super::{named, text};
use crate::family::Item;

/// The operation.
pub fn operations() -> Vec<Operation> {
    vec![ENDPOINTS.on_one(Operation::read(Service::Ec2, "ExportClientVpnClientConfiguration", export), &[])]
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ExportClientVpnClientConfiguration.html>
fn export(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, world, input)?;
    Ok(Document::from(json!({"ClientConfiguration": profile(&endpoint)})))
}

fn profile(endpoint: &Item) -> String {
    let told = |member: &str| endpoint.document.text(member).unwrap_or_default();
    // The star of the name stands for what each client draws.
    let name = told("DnsName").trim_start_matches("*.");
    let port = endpoint.document.number("VpnPort").unwrap_or(443);
    let mut lines = vec![
        "client".to_owned(),
        "dev tun".to_owned(),
        format!("proto {}", told("TransportProtocol")),
        format!("remote {name} {port}"),
        "remote-random-hostname".to_owned(),
        "resolv-retry infinite".to_owned(),
        "nobind".to_owned(),
        "remote-cert-tls server".to_owned(),
        "cipher AES-256-GCM".to_owned(),
        "verb 3".to_owned(),
    ];
    for option in endpoint.document.list("AuthenticationOptions") {
        match text(&option, "Type") {
            "directory-service-authentication" => lines.push("auth-user-pass".to_owned()),
            "federated-authentication" => lines.push("auth-federate".to_owned()),
            _ => {}
        }
    }
    lines.push("reneg-sec 0".to_owned());
    lines.join("\n")
}
