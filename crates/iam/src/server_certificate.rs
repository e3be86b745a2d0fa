//! Server certificates: an X.509 certificate with its private key, and the chain above it.
//!
//! Key, chain and dates are checked when it is uploaded; that takes long enough to be prepared outside the store ([`judge`]). Of the private
//! key nothing is kept. Tags are in [`crate::tagging`]. <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html>

use std::any::Any;
use std::sync::Arc;

use service::operation::Preparation;
use service::paging;
use service::prelude::*;

use crate::entity::{self, exists};
use crate::password::Secret;
use crate::record::{ServerCertificate, folded};
use crate::x509::Certificate;
use crate::{quota, tagging};

service::operations! { Iam;
    UploadServerCertificate => write(upload) authorize(to_upload) prepare(prepare_upload),
    GetServerCertificate => read(get) authorize(by_name),
    ListServerCertificates => read(list) authorize(to_list),
    UpdateServerCertificate => write(update) authorize(to_update),
    DeleteServerCertificate => write(delete) authorize(by_name),
}

#[derive(Debug, Deserialize, Shaped)]
struct UploadServerCertificate {
    path: Option<String>,
    server_certificate_name: String,
    certificate_body: String,
    private_key: Secret,
    certificate_chain: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize, Shaped)]
struct Named {
    server_certificate_name: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListServerCertificates {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateServerCertificate {
    server_certificate_name: String,
    new_path: Option<String>,
    new_server_certificate_name: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Uploaded {
    server_certificate_metadata: Metadata,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Shaped)]
struct Found {
    server_certificate: Whole,
}

#[derive(Debug, Serialize, Shaped)]
struct Whole {
    server_certificate_metadata: Metadata,
    certificate_body: String,
    certificate_chain: Option<String>,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize, Shaped)]
struct Listed {
    server_certificate_metadata_list: Vec<Metadata>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Metadata {
    path: String,
    server_certificate_name: String,
    server_certificate_id: String,
    arn: String,
    upload_date: Timestamp,
    expiration: Timestamp,
}

fn metadata(cx: &Cx, certificate: &ServerCertificate) -> Metadata {
    Metadata {
        path: certificate.path.clone(),
        server_certificate_name: certificate.name.clone(),
        server_certificate_id: certificate.id.clone(),
        arn: entity::server_certificate_arn(cx.partition(), certificate),
        upload_date: certificate.uploaded_at,
        expiration: certificate.expires_at,
    }
}

fn to_upload(cx: &Cx, _: &World, input: &UploadServerCertificate) -> Vec<Check> {
    let (path, name) = (input.path.as_deref(), input.server_certificate_name.as_str());
    let check = entity::check_new(cx, "server-certificate", path, name, &input.tags);
    entity::and_tags(check, "iam:TagServerCertificate", &input.tags)
}

fn by_name(cx: &Cx, world: &World, input: &Named) -> Vec<Check> {
    vec![entity::check_server_certificate(cx, world, &input.server_certificate_name)]
}

fn to_list(cx: &Cx, _: &World, input: &ListServerCertificates) -> Vec<Check> {
    vec![entity::check_list(cx, "server-certificate", input.path_prefix.as_deref())]
}

fn to_update(cx: &Cx, world: &World, input: &UpdateServerCertificate) -> Vec<Check> {
    let name = input.server_certificate_name.as_str();
    let mut checks = vec![entity::check_server_certificate(cx, world, name)];
    if let Some(held) = entity::find_server_certificate(world, cx.account(), name) {
        let new = (input.new_path.as_ref(), input.new_server_certificate_name.as_ref());
        checks.extend(entity::check_moved(cx, "server-certificate", (&held.path, &held.name), new, &held.tags));
    }
    checks
}

fn malformed(text: impl Into<String>) -> ApiError {
    ApiError::new("MalformedCertificate", text)
}

/// What becomes of an upload, names and quotas aside: when the certificate expires, or why it is refused.
fn judge(body: &str, key: &Secret, chain: Option<&str>, now: Timestamp) -> Result<Timestamp, ApiError> {
    let unreadable = || malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
    let certificate = Certificate::from_pem(body).ok_or_else(unreadable)?;
    let (from, to) = certificate.validity().ok_or_else(unreadable)?;
    // The rules on dates and keys are in IAM's guide; of what is not valid yet and of keys that are none no recording is known.
    match certificate.matches(key.expose()) {
        Some(true) => {}
        Some(false) => {
            let text =
                "The private key did not match the public key provided. Please verify the key material and try again.";
            return Err(ApiError::new("KeyPairMismatch", text));
        }
        None => return Err(malformed("Invalid Private Key.")),
    }
    if now < from {
        return Err(malformed("Certificate is not yet valid. The 'Not Before' date is in the future."));
    }
    if now > to {
        return Err(malformed(
            "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.",
        ));
    }
    if let Some(chain) = chain {
        // AWS finds no other word for what is no certificate (September 2026).
        let chain = Certificate::chain(chain).ok_or_else(|| malformed("Unknown"))?;
        check_chain(&certificate, &chain).map_err(|index| {
            malformed(format!(
                "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, \
                 followed by any intermediaries in order. The index within the chain of the invalid certificate is: {index}"
            ))
        })?;
    }
    Ok(to)
}

/// Each certificate must be signed by the next, and all but the first be a certificate authority's. The last is what the others are held against, so it has no index: as Java counts, which AWS's
/// text looks like, the lowest one that is faulty is 0 for the certificate itself, and -1 says that nothing hangs on the last.
fn check_chain(certificate: &Certificate, chain: &[Certificate]) -> Result<(), i64> {
    let links: Vec<_> = std::iter::once(certificate).chain(chain).zip(chain).collect();
    if links.last().is_none_or(|(below, last)| !below.names_as_issuer(last)) {
        return Err(-1);
    }
    let hangs = |below: &Certificate, above: &Certificate| below.names_as_issuer(above) && below.is_signed_by(above);
    let is_faulty = |(index, (below, above)): (usize, &(&Certificate, &Certificate))| {
        !hangs(below, above) || index > 0 && !below.is_authority()
    };
    let faulty = links.iter().enumerate().rposition(is_faulty);
    match faulty {
        Some(index) => Err(i64::try_from(index).unwrap_or(-1)),
        None => Ok(()),
    }
}

/// A judgement made outside the store.
#[derive(Clone)]
struct Judged(Result<Timestamp, ApiError>);

fn prepare_upload(cx: &Cx, world: &World, input: &UploadServerCertificate) -> Option<Preparation> {
    check_new(cx, world, input).ok()?;
    let (body, key, chain) =
        (input.certificate_body.clone(), input.private_key.clone(), input.certificate_chain.clone());
    let now = cx.now;
    Some(Box::new(move |_| Arc::new(Judged(judge(&body, &key, chain.as_deref(), now))) as Arc<dyn Any + Send + Sync>))
}

/// The name must be free; the answer is the tags.
fn check_new(cx: &Cx, world: &World, input: &UploadServerCertificate) -> Result<Vec<Tag>, ApiError> {
    let tags = tagging::tags_for_create::<ServerCertificate>(&input.tags)?;
    check_free(cx, world, &input.server_certificate_name)?;
    Ok(tags)
}

fn check_free(cx: &Cx, world: &World, name: &str) -> Result<(), ApiError> {
    match entity::find_server_certificate(world, cx.account(), name) {
        Some(_) => Err(exists(format!("The Server Certificate with name {name} already exists."))),
        None => Ok(()),
    }
}

fn upload(cx: &Cx, tx: &mut Tx, input: &UploadServerCertificate) -> Result<Uploaded, ApiError> {
    let mut tags = check_new(cx, tx, input)?;
    tags.sort();
    let chain = input.certificate_chain.as_deref();
    let expires_at = match cx.prepared::<Judged>() {
        Some(Judged(result)) => result.clone(),
        None => judge(&input.certificate_body, &input.private_key, chain, cx.now),
    }?;
    let account = cx.account();
    quota::SERVER_CERTIFICATES.check(cx, || tx.count::<ServerCertificate>(&[account.as_str()]))?;
    let certificate = ServerCertificate {
        account,
        id: cx.ids.unique("ASCA", account),
        name: input.server_certificate_name.clone(),
        path: entity::path(input.path.as_ref()),
        // Without the white space around it, as clients that compare it with a file expect (Terraform).
        body: input.certificate_body.trim().to_owned(),
        chain: chain.map(|chain| chain.trim().to_owned()),
        uploaded_at: cx.now_seconds(),
        expires_at,
        tags,
    };
    let tags = (!certificate.tags.is_empty()).then(|| certificate.tags.clone());
    let out = Uploaded { server_certificate_metadata: metadata(cx, &certificate), tags };
    tx.put(certificate);
    Ok(out)
}

fn get(cx: &Cx, world: &World, input: &Named) -> Result<Found, ApiError> {
    let certificate = entity::server_certificate(cx, world, &input.server_certificate_name)?;
    Ok(Found {
        server_certificate: Whole {
            server_certificate_metadata: metadata(cx, &certificate),
            certificate_body: certificate.body.clone(),
            certificate_chain: certificate.chain.clone(),
            tags: certificate.tags.clone(),
        },
    })
}

fn list(cx: &Cx, world: &World, input: &ListServerCertificates) -> Result<Listed, ApiError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let found = world
        .by::<ServerCertificate>(ServerCertificate::BY_NAME, &[cx.account().as_str()])
        .filter(|certificate| certificate.path.starts_with(prefix));
    let scope = format!("server certificates of {} under {prefix}", cx.account());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, found, |it| folded(&it.name))?;
    Ok(Listed {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        server_certificate_metadata_list: page.items.into_iter().map(|it| metadata(cx, it)).collect(),
    })
}

fn renamed(held: &ServerCertificate, input: &UpdateServerCertificate) -> ServerCertificate {
    let mut certificate = ServerCertificate::clone(held);
    certificate.path = input.new_path.clone().unwrap_or(certificate.path);
    certificate.name = input.new_server_certificate_name.clone().unwrap_or(certificate.name);
    certificate
}

fn update(cx: &Cx, tx: &mut Tx, input: &UpdateServerCertificate) -> Result<Done, ApiError> {
    let held = entity::server_certificate(cx, tx, &input.server_certificate_name)?;
    let renamed = renamed(&held, input);
    if folded(&renamed.name) != folded(&held.name) {
        check_free(cx, tx, &renamed.name)?;
    }
    tx.put(renamed);
    Ok(Done {})
}

/// No service here uses one, so nothing stands in the way.
fn delete(cx: &Cx, tx: &mut Tx, input: &Named) -> Result<Done, ApiError> {
    let certificate = entity::server_certificate(cx, tx, &input.server_certificate_name)?;
    tx.remove::<ServerCertificate>(&[certificate.account.as_str(), &certificate.id]);
    Ok(Done {})
}

#[cfg(test)]
mod tests;
