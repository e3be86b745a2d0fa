//! Signing certificates: X.509 certificates of users, and of the account's root user.
//!
//! No request here is signed with one; they are kept, listed and counted. <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSigningCertificate.html>

use std::sync::Arc;

use ring::digest;
use service::paging;
use service::prelude::*;

use crate::entity::missing;
use crate::owner::{Owner, name_users};
use crate::record::{KeyStatus, SigningCertificate};
use crate::x509::Certificate;
use crate::{quota, user};

service::operations! { Iam;
    UploadSigningCertificate => write(upload) authorize(user::named_or_self) check(user::must_name),
    ListSigningCertificates => read(list) authorize(user::named_or_self) check(user::must_name),
    UpdateSigningCertificate => write(update) authorize(user::named_or_self) check(user::must_name),
    DeleteSigningCertificate => write(delete) authorize(user::named_or_self) check(user::must_name),
}

#[derive(Debug, Deserialize, Shaped)]
struct UploadSigningCertificate {
    user_name: Option<String>,
    certificate_body: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct ListSigningCertificates {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

#[derive(Debug, Deserialize, Shaped)]
struct UpdateSigningCertificate {
    user_name: Option<String>,
    certificate_id: String,
    status: String,
}

#[derive(Debug, Deserialize, Shaped)]
struct DeleteSigningCertificate {
    user_name: Option<String>,
    certificate_id: String,
}

name_users!(UploadSigningCertificate, ListSigningCertificates, UpdateSigningCertificate, DeleteSigningCertificate);

#[derive(Debug, Serialize, Shaped)]
struct Uploaded {
    certificate: Shown,
}

#[derive(Debug, Serialize, Shaped)]
struct Listed {
    certificates: Vec<Shown>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Shaped)]
struct Shown {
    user_name: Option<String>,
    certificate_id: String,
    certificate_body: String,
    status: &'static str,
    upload_date: Timestamp,
}

/// The certificates of that user, or (`None`) of root; the oldest first.
pub fn of<'w>(world: &'w World, account: AccountId, user_id: Option<&str>) -> Vec<&'w Arc<SigningCertificate>> {
    let parts = [account.as_str(), user_id.unwrap_or_default()];
    let mut found: Vec<_> = world.by::<SigningCertificate>(SigningCertificate::BY_USER, &parts).collect();
    found.sort_by(|a, b| (a.uploaded_at, &a.id).cmp(&(b.uploaded_at, &b.id)));
    found
}

fn shown(owner: &Owner, certificate: &SigningCertificate) -> Shown {
    Shown {
        user_name: owner.name(),
        certificate_id: certificate.id.clone(),
        certificate_body: certificate.body.clone(),
        status: certificate.status.word(),
        upload_date: certificate.uploaded_at,
    }
}

/// AWS's ids of signing certificates are 32 characters of base 32, as much as a SHA-1 fingerprint. That they are one is not documented.
fn id_of(certificate: &Certificate) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let fingerprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
    let five_bytes = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let character = |value: u64| char::from(ALPHABET.get((value & 31) as usize).copied().unwrap_or(b'A'));
    let groups = fingerprint.as_ref().chunks(5).map(five_bytes);
    groups.flat_map(|group| (0..8).rev().map(move |place| character(group >> (5 * place)))).collect()
}

/// Reads the certificate, which must be valid now.
fn parsed(cx: &Cx, body: &str) -> Result<Certificate, ApiError> {
    let malformed = || ApiError::new("MalformedCertificate", format!("Certificate {body} is malformed."));
    let certificate = Certificate::from_pem(body).ok_or_else(malformed)?;
    let (from, to) = certificate.validity().ok_or_else(malformed)?;
    if cx.now < from || cx.now > to {
        return Err(malformed());
    }
    Ok(certificate)
}

/// A certificate is one user's, who may upload it again. Recorded at AWS in September 2026, as what an expired one is refused with.
fn check_unused(cx: &Cx, world: &World, owner: &Owner, id: &str) -> Result<(), ApiError> {
    match world.get::<SigningCertificate>(&[cx.account().as_str(), id]) {
        Some(held) if held.user_id.as_deref() != owner.user_id() => {
            Err(ApiError::new("DuplicateCertificate", "Duplicate certificate uploaded."))
        }
        _ => Ok(()),
    }
}

fn upload(cx: &Cx, tx: &mut Tx, input: &UploadSigningCertificate) -> Result<Uploaded, ApiError> {
    let owner = Owner::of(cx, tx, input.user_name.as_deref())?;
    let certificate = parsed(cx, &input.certificate_body)?;
    let id = id_of(&certificate);
    check_unused(cx, tx, &owner, &id)?;
    let others = || of(tx, cx.account(), owner.user_id()).iter().filter(|held| held.id != id).count();
    quota::SIGNING_CERTIFICATES.check(cx, others)?;
    let certificate = SigningCertificate {
        account: cx.account(),
        id,
        user_id: owner.user_id().map(str::to_owned),
        body: input.certificate_body.clone(),
        status: KeyStatus::Active,
        uploaded_at: cx.now_seconds(),
    };
    // Seen of AWS, September 2026: one that is there stays as it is, though the answer says that it is active.
    if let Some(held) = tx.get::<SigningCertificate>(&[certificate.account.as_str(), &certificate.id]).cloned() {
        let again = SigningCertificate { uploaded_at: held.uploaded_at, ..certificate };
        return Ok(Uploaded { certificate: shown(&owner, &again) });
    }
    let out = Uploaded { certificate: shown(&owner, &certificate) };
    tx.put(certificate);
    Ok(out)
}

fn list(cx: &Cx, world: &World, input: &ListSigningCertificates) -> Result<Listed, ApiError> {
    let owner = Owner::of(cx, world, input.user_name.as_deref())?;
    let scope = format!("signing certificates of {} {}", cx.account(), owner.id());
    let by_age = |it: &&Arc<SigningCertificate>| format!("{} {}", it.uploaded_at, it.id);
    let found = of(world, cx.account(), owner.user_id());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, found, by_age)?;
    Ok(Listed {
        is_truncated: page.is_truncated(),
        marker: page.next.clone(),
        certificates: page.items.into_iter().map(|certificate| shown(&owner, certificate)).collect(),
    })
}

/// The certificate of that id among the owner's.
fn find(cx: &Cx, world: &World, name: Option<&str>, id: &str) -> Result<Arc<SigningCertificate>, ApiError> {
    let owner = Owner::of(cx, world, name)?;
    world
        .get::<SigningCertificate>(&[cx.account().as_str(), id])
        .filter(|certificate| certificate.user_id.as_deref() == owner.user_id())
        .cloned()
        .ok_or_else(|| missing(format!("The Certificate with id {id} cannot be found.")))
}

fn update(cx: &Cx, tx: &mut Tx, input: &UpdateSigningCertificate) -> Result<Done, ApiError> {
    let certificate = find(cx, tx, input.user_name.as_deref(), &input.certificate_id)?;
    let status = KeyStatus::to_set(&input.status)?;
    tx.put(SigningCertificate { status, ..SigningCertificate::clone(&certificate) });
    Ok(Done {})
}

fn delete(cx: &Cx, tx: &mut Tx, input: &DeleteSigningCertificate) -> Result<Done, ApiError> {
    let certificate = find(cx, tx, input.user_name.as_deref(), &input.certificate_id)?;
    tx.remove::<SigningCertificate>(&[certificate.account.as_str(), &certificate.id]);
    Ok(Done {})
}

#[cfg(test)]
mod tests;
