//! The list of revoked client certificates that an endpoint holds, as it was imported.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportClientVpnClientCertificateRevocationList.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use service::Service;
use service::prelude::*;

use super::endpoint::ENDPOINTS;
use super::named;
use crate::family::item;

/// The member of requests and answers, and of the endpoint, where nothing shows it.
const LIST: &str = "CertificateRevocationList";

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        ENDPOINTS
            .on_one(Operation::write(Service::Ec2, "ImportClientVpnClientCertificateRevocationList", import), &[LIST]),
        ENDPOINTS.on_one(Operation::read(Service::Ec2, "ExportClientVpnClientCertificateRevocationList", export), &[]),
    ]
}

/// Whether the text is a list in PEM: what stands between its marks is base 64 of a DER sequence.
fn is_list(text: &str) -> bool {
    let inner = text.trim().strip_prefix("-----BEGIN X509 CRL-----");
    let inner = inner.and_then(|rest| rest.strip_suffix("-----END X509 CRL-----"));
    let packed: Option<String> = inner.map(|inner| inner.split_whitespace().collect());
    packed.and_then(|text| STANDARD.decode(text).ok()).is_some_and(|der| der.first() == Some(&0x30))
}

fn import(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, tx, input)?;
    let list = input.text(LIST).unwrap_or_default();
    if !is_list(list) {
        let message = "The certificate revocation list is not a valid PEM-encoded X.509 CRL.";
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    item::update(tx, cx, &endpoint.id, |it| it.document.set(LIST, list));
    Ok(Document::from(json!({"Return": true})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ExportClientVpnClientCertificateRevocationList.html>
fn export(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let endpoint = named(cx, world, input)?;
    let list = endpoint.document.text(LIST);
    Ok(Document::from(json!({LIST: list, "Status": list.map(|_| json!({"Code": "active"}))})))
}
